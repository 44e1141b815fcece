"""The register of every chart: what it is called, which question it answers, and its typed parameters."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lagesbild.comparison.benchmark import NotFoundError
from lagesbild.comparison.characteristics import ChoiceError, Weights
from lagesbild.comparison.groups import own_list
from lagesbild.comparison.panel import Panel
from lagesbild.data import municipality
from lagesbild.data.crimes import Tree
from lagesbild.figures.model import Chart, ChartError

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse

#: Parameters of the comparison groups themselves; every chart takes them.
GROUP_SETTINGS = ("weights", "own")
_Build = TypeVar("_Build", bound=Callable[..., Chart])


class Context:
    """What charts are drawn from: a vintage, and all municipalities with the reader's own weights and list.

    Parameters
    ----------
    panel
        Made from the same vintage; default a new one.
    weights, own
        As they stand in the address: ``unga:2,tathet:0`` and ``1880,1881``.
    """

    def __init__(
        self, store: Warehouse, panel: Panel | None = None, weights: str = "", own: str = ""
    ) -> None:
        self.store = store
        self.panel = panel or Panel(store)
        self.weights, self.own = weights, own

    @classmethod
    def of(cls, store: Warehouse, parameters: Mapping[str, str | int]) -> Context:
        """Return what a chart with these parameters is drawn from."""
        weights, own = (str(parameters.get(name, "")) for name in GROUP_SETTINGS)
        home = str(parameters.get("home", ""))
        try:
            codes = own_list(own, municipality.names_of(store), home)
            panel = Panel(store, Weights.parse(weights).chosen, {home: codes} if codes else None)
        except ChoiceError as error:
            raise ChartError(str(error)) from error
        return cls(store, panel, weights, own)

    @cached_property
    def tree(self) -> Tree:
        """The tree of crime types."""
        return Tree.of(self.store)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the municipalities by code."""
        return self.panel.names

    def name(self, home: str) -> str:
        """Return a municipality's name, or raise `ChartError`."""
        if home not in self.names:
            raise ChartError(f"Det finns ingen kommun med koden {home}.")
        return self.names[home]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chart: its name, whether it is a whole number, and whether it must be given."""

    name: str
    whole: bool
    needed: bool


@dataclass(frozen=True)
class Definition:
    """An entry of the register."""

    id: str
    name: str
    question: str
    build: Callable[..., Chart]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The typed parameters, read from the function that draws the chart."""
        hints = typing.get_type_hints(self.build)
        return tuple(
            Parameter(name, _is_whole(hints[name]), item.default is inspect.Parameter.empty)
            for name, item in list(inspect.signature(self.build).parameters.items())[1:]
        )


def _is_whole(hint: object) -> bool:
    return hint is int or (isinstance(hint, types.UnionType) and int in typing.get_args(hint))


REGISTER: dict[str, Definition] = {}


def registered(id_: str, name: str, question: str) -> Callable[[_Build], _Build]:
    """Enter a function that draws a chart in the register."""

    def enter(build: _Build) -> _Build:
        REGISTER[id_] = Definition(id_, name, question, build)
        return build

    return enter


def definition(chart_id: str) -> Definition:
    """Return an entry of the register, or raise `ChartError`."""
    from lagesbild.figures import comparing, counted, places  # noqa: F401, PLC0415 - they enter themselves

    if chart_id not in REGISTER:
        raise ChartError(f"Det finns inget diagram som heter {chart_id}. Välj bland {', '.join(REGISTER)}.")
    return REGISTER[chart_id]


def all_definitions() -> list[Definition]:
    """Return the whole register."""
    definition("group")
    return list(REGISTER.values())


def build(context: Context, chart_id: str, parameters: Mapping[str, str | int]) -> Chart:
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
        chart = entry.build(context, **values)
    except NotFoundError as error:
        raise ChartError(str(error)) from error
    settings = {key: text for key, text in (("weights", context.weights), ("own", context.own)) if text}
    return replace(
        chart,
        id=chart_id,
        parameters=values | settings,
        pinned=values | dict(chart.pinned) | settings,
        vintage=context.store.vintage,
    )


def _whole(name: str, value: str | int) -> int:
    try:
        return int(value)
    except ValueError:
        raise ChartError(f"{name} måste vara ett heltal, inte {value!r}.") from None
