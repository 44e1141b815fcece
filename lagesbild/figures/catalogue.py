"""Every chart there is, and how to draw one by its name and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.comparison.benchmark import NotFoundError

# These enter their charts in the register when they are imported.
from lagesbild.comparison.groups import CUSTOM, NEAREST_KEY
from lagesbild.data.warehouse import queries
from lagesbild.figures import counted, paired, places, promised, yearly  # noqa: F401
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.register import GROUP_SETTINGS, HORIZON, REGISTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.figures.register import ChartContext, Definition


def definition(chart_id: str) -> Definition:
    """Return an entry of the register, or raise `ChartError`."""
    if chart_id not in REGISTER:
        raise ChartError(f"Det finns inget diagram som heter {chart_id}. Välj bland {', '.join(REGISTER)}.")
    return REGISTER[chart_id]


def all_definitions() -> list[Definition]:
    """Return the whole register."""
    return list(REGISTER.values())


def build(context: ChartContext, chart_id: str, parameters: Mapping[str, str | int]) -> Chart:
    """Draw a chart of the register.

    Parameters
    ----------
    parameters
        By name; whole numbers may be text. ``weights`` and ``own`` belong to the context.

    Raises
    ------
    ChartError
        For a chart or parameter that does not exist, a missing or impossible value, or figures that are not there.
    """
    entry = definition(chart_id)
    given = {key: value for key, value in parameters.items() if key not in GROUP_SETTINGS and value != ""}
    known = {parameter.name: parameter for parameter in entry.parameters}
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ChartError(
            f"Diagrammet {chart_id} har ingen uppgift {', '.join(unknown)}. Den har {', '.join(known)}."
        )
    missing = [name for name, parameter in known.items() if parameter.needed and name not in given]
    if missing:
        raise ChartError(f"Diagrammet {chart_id} behöver också {', '.join(missing)}.")
    values = {key: _whole(key, value) if known[key].whole else str(value) for key, value in given.items()}
    try:
        drawn = entry.build(context, **values)
    except NotFoundError as error:
        raise ChartError(str(error)) from error
    settings = _settings(context, str(drawn.pinned.get("group", "")))
    seen = {HORIZON: str(queries.horizon(context.warehouse))}
    return Chart(
        id=chart_id,
        parameters=values | settings,
        vintage=context.warehouse.vintage,
        **{**vars(drawn), "pinned": values | dict(drawn.pinned) | settings | seen},
    )


def _settings(context: ChartContext, group: str) -> dict[str, str]:
    """Return the reader's own weights or list where the chart's group is made by them: else they belong to no figure."""
    by_group = {NEAREST_KEY: ("weights", context.weights), CUSTOM: ("own", context.own)}
    name, text = by_group.get(group, ("", ""))
    return {name: text} if text else {}


def _whole(name: str, value: str | int) -> int:
    try:
        return int(value)
    except ValueError:
        raise ChartError(f"{name} måste vara ett heltal, inte {value!r}.") from None
