"""What an indicator is: a measure that every municipality can have a value of, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.data.crimes import KOLADA_TOTAL, SOL_TOTAL
from lagesbild.data.warehouse import queries

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse

#: The category of crime types that are not compared unless somebody asks for them.
EXTRA = "brottstyp"
_TOTALS = frozenset({KOLADA_TOTAL, SOL_TOTAL})


class IndicatorKind(StrEnum):
    """What a value rests on: crimes that were reported, or answers of a sample."""

    REPORTED = "reported"
    SURVEY = "survey"


class Unit(StrEnum):
    """What a value is counted in."""

    PER_100K = "per_100k"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """A measure that is compared. ``short`` and ``title`` are Swedish; ``source_key`` is the source's own name of it."""

    id: str
    short: str
    title: str
    kind: IndicatorKind
    unit: Unit
    category: str
    source_id: str
    source_key: str

    @property
    def is_survey(self) -> bool:
        """Whether its values are shares of a sample, with margins of their own."""
        return self.kind is IndicatorKind.SURVEY

    @property
    def is_total(self) -> bool:
        """Whether it is all reported crimes together."""
        return self.id in _TOTALS

    @property
    def is_standard(self) -> bool:
        """Whether it is compared without being asked for."""
        return self.category != EXTRA


def of_warehouse(warehouse: Warehouse) -> dict[str, Indicator]:
    """Return the indicators that can be compared, by id, in the order they are shown."""
    return {
        row["id"]: Indicator(
            id=row["id"],
            short=row["short_sv"],
            title=row["title_sv"],
            kind=IndicatorKind(row["kind"]),
            unit=Unit(row["unit"]),
            category=row["category"],
            source_id=row["source_id"],
            source_key=row["source_key"],
        )
        for row in queries.indicators(warehouse).iter_rows(named=True)
        if row["kind"] in set(IndicatorKind)
    }
