"""Every municipality on one measure against its own group of a kind: a map and a list of all, from stored answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lagesbild.comparison import benchmark, verdicts
from lagesbild.comparison.benchmark import UNUSUAL, Change, NotFoundError, Value
from lagesbild.data.warehouse import queries
from lagesbild.statistics.comparison import rank_from_top
from lagesbild.statistics.rule import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lagesbild.comparison.panel import Panel


@dataclass(frozen=True, kw_only=True)
class One:
    """A municipality's answer: all None but code, name and county where it has no value of the year.

    ``rank`` is among all with a value, 1 the highest. ``ratio``, ``level`` and ``p_value`` are None where its group
    has no value; ``p_value`` and ``ratio`` also where they cannot be worked out.
    """

    code: str
    name: str
    county: str
    value: Value | None = None
    rank: int | None = None
    ratio: float | None = None
    level: Level | None = None
    p_value: float | None = None
    change: Change | None = None

    @property
    def unusual(self) -> bool:
        """Whether at most one municipality in twenty lies as far from its own group."""
        return self.p_value is not None and self.p_value <= UNUSUAL

    @property
    def stands_out(self) -> bool:
        """Whether it is higher or lower, and unusually far."""
        return self.level in {Level.HIGHER, Level.LOWER} and self.unusual


@dataclass(frozen=True, kw_only=True)
class Everyone:
    """Everybody's answers on a measure in its newest year, in Swedish order of names."""

    indicator: str
    kind: str
    year: int
    ones: tuple[One, ...]

    @property
    def ranked(self) -> int:
        """How many have a value."""
        return sum(one.value is not None for one in self.ones)


def of_measure(panel: Panel, indicator: str, kind: str) -> Everyone:
    """Return everybody's answers on a measure, in the newest year that many have; made once.

    Raises
    ------
    NotFoundError
        For an unknown measure or kind of group, one that not everybody has, or a measure without values.
    """
    if indicator not in panel.indicators:
        raise NotFoundError(f"Okänt nyckeltal: {indicator}.")
    if kind not in panel.kinds or not panel.kinds[kind].counted:
        raise NotFoundError("Gruppen finns inte för alla kommuner. Välj en annan grupp.")
    return panel.kept(("everyone", indicator, kind), lambda: _of_measure(panel, indicator, kind))


def _of_measure(panel: Panel, indicator: str, kind: str) -> Everyone:
    answers = verdicts.newest_of(panel, indicator, kind)
    if answers.is_empty():
        raise NotFoundError("Nyckeltalet har inga värden för tillräckligt många kommuner.")
    year = int(answers["year"][0])
    by_code = {row["code"]: row for row in answers.iter_rows(named=True)}
    counties = dict(queries.municipalities(panel.warehouse).select("code", "county").iter_rows())
    known = panel.measure(indicator, year).values
    known = known[np.isfinite(known)]
    blank = (One(code=code, name=panel.names[code], county=counties[code]) for code in panel.codes)
    ones = tuple(_one(panel, indicator, year, one, by_code.get(one.code, {}), known) for one in blank)
    return Everyone(indicator=indicator, kind=kind, year=year, ones=ones)


def _one(
    panel: Panel,
    indicator: str,
    year: int,
    one: One,
    answer: Mapping[str, Any],
    known: NDArray[np.float64],
) -> One:
    values = {value.year: value for value in benchmark.values_of(panel, indicator, one.code)}
    if year not in values:
        return one
    level = answer.get("level")
    return replace(
        one,
        value=values[year],
        rank=rank_from_top(values[year].rate, known),
        ratio=answer.get("ratio"),
        level=Level(level) if level is not None else None,
        p_value=answer.get("p_value"),
        change=benchmark.change_between(panel, one.code, indicator, values.get(year - 1), values[year]),
    )
