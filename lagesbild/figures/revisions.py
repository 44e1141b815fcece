"""What has been revised since a figure was frozen: row by row, column by column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from lagesbild.swedish import spelled

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Cell, Chart, Column, Table


@dataclass(frozen=True)
class Changed:
    """One cell that has another value now: which row, which column, then and now."""

    row: str
    column: Column
    then: Cell
    now: Cell


@dataclass(frozen=True)
class Revisions:
    """Cells with another value, rows that have come, and rows that have gone, each named by its keys."""

    changed: tuple[Changed, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def revised(self) -> bool:
        """Whether a value that was shown is another now: what has only come since is no revision."""
        return bool(self.changed or self.gone)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed or self.added or self.gone)


def revisions(then: Table, now: Table) -> Revisions:
    """Compare two tables of the same chart; columns that only one of them has are not compared."""
    before, after = _by_key(then), _by_key(now)
    places = {column.name: n for n, column in enumerate(now.columns)}
    changed = [
        Changed(key, column, row[n], after[key][places[column.name]])
        for key, row in before.items()
        if key in after
        for n, column in enumerate(then.columns)
        if column.name in places and not _same(row[n], after[key][places[column.name]])
    ]
    return Revisions(
        tuple(changed),
        tuple(key for key in after if key not in before),
        tuple(key for key in before if key not in after),
    )


def _by_key(table: Table) -> dict[str, tuple[Cell, ...]]:
    return {", ".join(str(cell) for cell in row[: table.keys]): row for row in table.rows}


def _same(then: Cell, now: Cell) -> bool:
    if isinstance(then, int | float) and isinstance(now, int | float):
        return math.isclose(then, now, rel_tol=1e-9, abs_tol=1e-12)
    return then == now


def drawn_now(frozen: Frozen, warehouse: Warehouse) -> Chart:
    """Return the same chart, of the same period, from today's figures.

    Raises
    ------
    ChartError
        Where it cannot be drawn any more.
    """
    return build(ChartContext.of(warehouse, frozen.pinned), frozen.chart, frozen.pinned)


def revision_text(found: Revisions) -> str:
    """Say whether the figures have been revised, and apart from that whether there are new ones."""
    if not found:
        return "Ingenting har ändrats: dagens uppgifter ger samma tal."
    come = len(found.added)
    new = "Nya uppgifter har tillkommit: " + ("en rad." if come == 1 else f"{spelled(come)} rader.")
    if not found.revised:
        return f"Inget värde har ändrats. {new}"
    parts = []
    if found.changed:
        one = len(found.changed) == 1
        parts.append("ett värde har ändrats" if one else f"{spelled(len(found.changed))} värden har ändrats")
    if found.gone:
        one = len(found.gone) == 1
        parts.append("en rad har försvunnit" if one else f"{spelled(len(found.gone))} rader har försvunnit")
    return f"Uppgifterna har reviderats sedan dess: {', '.join(parts)}.{f' {new}' if come else ''}"
