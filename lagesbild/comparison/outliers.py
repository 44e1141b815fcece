"""What stands out when one looks through many measures, or through everybody: corrected for how much is looked at.

A list of many tests always has some that look rare. Benjamini and Hochberg's correction (`statistics.multiplicity`) is
taken over exactly what the list shows: at most one in twenty of what stands out in it is expected to do so by chance.
It never touches the answer about a measure that a reader has chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from lagesbild.comparison import verdicts
from lagesbild.statistics.multiplicity import q_values
from lagesbild.statistics.rule import Level

if TYPE_CHECKING:
    from lagesbild.comparison.panel import Panel

#: So large a share of what stands out in a list may be expected to do so by chance.
FALSE_SHARE = 0.05
_APART = frozenset({Level.HIGHER, Level.LOWER})


@dataclass(frozen=True, kw_only=True)
class CountryCell:
    """One municipality's newest answer on one measure, in a list: ``q_value`` is corrected for the whole list.

    ``p_value`` and ``q_value`` are None where no rarity can be worked out.
    """

    indicator_id: str
    code: str
    year: int
    level: Level
    ratio: float | None
    p_value: float | None
    q_value: float | None

    @property
    def stands_out(self) -> bool:
        """Whether it is higher or lower, and rare also among all that the list shows."""
        return self.level in _APART and self.q_value is not None and self.q_value <= FALSE_SHARE


def of_home(panel: Panel, kind: str, home: str) -> list[CountryCell]:
    """Return a municipality's newest answers on all standard measures against a kind of group, in the usual order."""
    rows = verdicts.newest(panel, kind)
    return _list(panel, rows.filter(pl.col("code") == home))


def of_country(panel: Panel, kind: str) -> list[CountryCell]:
    """Return everybody's newest answers on the measures that at least half of the municipalities have.

    Every cell shown takes part in the correction.
    """
    return panel.kept(("country", kind), lambda: _of_country(panel, kind))


def _of_country(panel: Panel, kind: str) -> list[CountryCell]:
    rows = verdicts.newest(panel, kind)
    common = rows.group_by("indicator_id").len().filter(pl.col("len") >= len(panel.codes) / 2)
    return _list(panel, rows.filter(pl.col("indicator_id").is_in(common["indicator_id"].implode())))


def _list(panel: Panel, rows: pl.DataFrame) -> list[CountryCell]:
    tested = rows.filter(pl.col("p_value").is_not_null())
    corrected = tested.select("indicator_id", "code", q_value=q_values(tested["p_value"].to_numpy()))
    order = {key: n for n, key in enumerate(panel.standard)}
    found = [
        CountryCell(
            indicator_id=row["indicator_id"],
            code=row["code"],
            year=row["year"],
            level=Level(row["level"]),
            ratio=row["ratio"],
            p_value=row["p_value"],
            q_value=row["q_value"],
        )
        for row in rows.join(corrected, ["indicator_id", "code"], how="left").iter_rows(named=True)
    ]
    return sorted(found, key=lambda answer: (order[answer.indicator_id], answer.code))
