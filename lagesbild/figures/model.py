"""What a registered chart is: its figure, the numbers behind it, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go

    from lagesbild.data.warehouse import Warehouse

    Cell = str | int | float | None


_OURS = "Egen bearbetning av uppgifter från "


class ChartError(ExplainedError):
    """A chart that does not exist or cannot be drawn with these parameters; the message is Swedish."""


@dataclass(frozen=True)
class Column:
    """A column of a chart's table; ``places`` decimals are shown, None for text, years and dates."""

    name: str
    places: int | None = None
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """The rows behind a chart. The first ``keys`` columns tell a row from the others."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: int = 1

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The rows as a reader sees them."""
        return tuple(
            tuple(self.shown(cell, column) for cell, column in zip(row, self.columns, strict=True))
            for row in self.rows
        )

    def shown(self, value: Cell, column: Column) -> str:
        """Return a cell as a reader sees it."""
        if value is None:
            return "–"
        return str(value) if column.places is None or isinstance(value, str) else number(value, column.places)


@dataclass(frozen=True)
class Fact:
    """A number that the chart's text states and its table does not hold, as a share or a rank."""

    name: str
    value: float
    places: int = 0


@dataclass(frozen=True, kw_only=True)
class FigureSource:
    """Where rows come from: the source line's attribution, the day they were fetched, and the licence."""

    title: str
    attribution: str
    fetched_on: str
    shipped: bool
    licence: str
    url: str

    @property
    def line(self) -> str:
        """The source line under a chart."""
        when = "sammanställning" if self.shipped else "uttag"
        return f"{self.attribution}, {when} {self.fetched_on}."


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A chart as a function of the register draws it.

    ``pinned`` is what holds it to its period; ``said`` are whole Swedish sentences that state what the figures say,
    and every number in them is in the table or in ``facts``.
    """

    pinned: Mapping[str, str | int]
    title: str
    subtitle: str
    figure: go.Figure
    table: Table
    sources: tuple[FigureSource, ...]
    method: str
    alt: str
    said: tuple[str, ...] = ()
    limits: str = ""
    facts: tuple[Fact, ...] = ()

    @property
    def source_line(self) -> str:
        """All sources, and that the calculations are ours."""
        return "Källa: " + " ".join(source.line for source in self.sources) + " Egen bearbetning."


@dataclass(frozen=True, kw_only=True)
class Chart(Drawn):
    """A chart as it is shown and cited: what was drawn, which chart of the register it is, what was asked, of what.

    ``parameters`` are those asked for; ``pinned`` has them too.
    """

    id: str
    parameters: Mapping[str, str | int]
    vintage: str


def source_of_indicator(warehouse: Warehouse, indicator: str) -> FigureSource:
    """Return where an indicator's figures come from."""
    found = queries.provenance(warehouse, indicator)
    return _source(found.source_id, str(found.fetched_on), found.shipped)


def sources_of_indicators(warehouse: Warehouse, indicators: Sequence[str]) -> tuple[FigureSource, ...]:
    """Return where several indicators' figures come from, each source once, in order."""
    found = queries.provenance_of(warehouse, indicators)
    sources = [
        _source(one.source_id, str(one.fetched_on), one.shipped) for one in map(found.__getitem__, indicators)
    ]
    return tuple({source.line: source for source in sources}.values())


def source_of_notices(warehouse: Warehouse) -> FigureSource:
    """Return where the police's notices come from."""
    through = queries.notices_through(warehouse)
    return _source("polisen", str(through) if through else "okänt datum", shipped=False)


def _source(source_id: str, fetched_on: str, shipped: bool) -> FigureSource:
    info = reference.sources()[source_id]
    attribution = (info.processed_attribution or info.attribution).removeprefix(_OURS).removeprefix("Källa: ")
    return FigureSource(
        title=info.title,
        attribution=attribution,
        fetched_on=fetched_on,
        shipped=shipped,
        licence=info.licence,
        url=info.page,
    )
