"""Covers a selection with as few queries as SOL's limit of cells allows.

A query is a box: some types x some areas x some periods, each with one or two measures. Types whose
rows could not be told apart never share a query.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pipelines.sources.sol.menu import labels_above

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.sources.sol.menu import Area, SolCrimeType, SolPeriod

MAX_CELLS = 10_000
#: A box is cut in two only where an even division wastes more than this share.
_WASTE = 0.03


@dataclass(frozen=True)
class Query:
    """One question to SOL."""

    types: tuple[SolCrimeType, ...]
    areas: tuple[Area, ...]
    periods: tuple[SolPeriod, ...]
    rates: bool

    @property
    def cells(self) -> int:
        """Cells as SOL counts them: crimes x areas x periods x measures."""
        return len(self.types) * len(self.areas) * len(self.periods) * (2 if self.rates else 1)


def plan(
    types: Sequence[SolCrimeType],
    areas: Sequence[Area],
    periods: Sequence[SolPeriod],
    *,
    rates: bool,
    max_cells: int = MAX_CELLS,
) -> list[Query]:
    """Return the queries that cover every type, area and period once, the newest periods first."""
    newest = sorted(periods, key=lambda period: (period.start, period.kind), reverse=True)
    queries = [
        Query(tuple(group[i:j]), tuple(areas[k:m]), tuple(newest[n:p]), rates)
        for group in separate(types)
        for (i, j), (k, m), (n, p) in _boxes(
            len(group), len(areas), len(newest), 2 if rates else 1, max_cells
        )
    ]
    return sorted(queries, key=lambda query: max(period.start for period in query.periods), reverse=True)


def separate(types: Sequence[SolCrimeType]) -> list[list[SolCrimeType]]:
    """Divide types into groups in which every row of a result belongs to one type only.

    Results name a type by its label alone, and repeat the names of its ancestors.
    """
    groups: list[_Group] = []
    for chosen in types:
        above = set(labels_above(chosen.path))
        group = next((group for group in groups if not group.confuses(chosen, above)), None)
        if group is None:
            groups.append(group := _Group())
        group.add(chosen, above)
    return [group.types for group in groups]


class _Group:
    """Types whose rows can be told apart: paths by label, and the labels above them by path."""

    def __init__(self) -> None:
        self.types: list[SolCrimeType] = []
        self._path_of: dict[str, str] = {}
        self._above: dict[str, set[str]] = {}

    def add(self, chosen: SolCrimeType, above: set[str]) -> None:
        self.types.append(chosen)
        self._path_of[chosen.label] = chosen.path
        self._above[chosen.path] = above

    def confuses(self, chosen: SolCrimeType, above: set[str]) -> bool:
        """Tell whether a type has the label of a member, or of something above one, or the other way round."""
        if chosen.label in self._path_of:
            return True
        if any(not _lies_under(chosen.path, self._path_of[label]) for label in above & self._path_of.keys()):
            return True
        return any(
            chosen.label in labels and not _lies_under(path, chosen.path)
            for path, labels in self._above.items()
        )


def _lies_under(path: str, other: str) -> bool:
    return path.startswith(other + ", ")


Span = tuple[int, int]


def _boxes(
    types: int, areas: int, periods: int, measures: int, max_cells: int
) -> list[tuple[Span, Span, Span]]:
    if not types * areas * periods:
        return []
    _, parts = _best(types, areas, periods, max_cells // measures, 2)
    return list(_laid_out(parts, (0, 0, 0)))


@dataclass(frozen=True)
class _Even:
    """An even division of a box: sizes, and into how many parts along each side."""

    sizes: tuple[int, int, int]
    cuts: tuple[int, int, int]


@dataclass(frozen=True)
class _Cut:
    """Two boxes side by side along one side."""

    side: int
    at: int
    first: _Even | _Cut
    second: _Even | _Cut


def _laid_out(part: _Even | _Cut, at: tuple[int, int, int]) -> Iterator[tuple[Span, Span, Span]]:
    if isinstance(part, _Cut):
        yield from _laid_out(part.first, at)
        moved = list(at)
        moved[part.side] += part.at
        yield from _laid_out(part.second, (moved[0], moved[1], moved[2]))
        return
    # Periods outermost: the newest figures come first.
    for period in _spans(part.sizes[2], part.cuts[2], at[2]):
        for crime in _spans(part.sizes[0], part.cuts[0], at[0]):
            for area in _spans(part.sizes[1], part.cuts[1], at[1]):
                yield crime, area, period


def _spans(size: int, parts: int, start: int) -> list[Span]:
    marks = [start + size * n // parts for n in range(parts + 1)]
    return list(pairwise(marks))


@lru_cache(maxsize=4096)
def _best(types: int, areas: int, periods: int, room: int, depth: int) -> tuple[int, _Even | _Cut]:
    """Return how few queries a box can be covered with, and how: evenly, or cut in two first."""
    count, even = _even(types, areas, periods, room)
    found: tuple[int, _Even | _Cut] = (count, even)
    bound = math.ceil(types * areas * periods / room)
    if depth == 0 or count <= bound * (1 + _WASTE):
        return found
    sizes = (types, areas, periods)
    for side in range(3):
        for at in _cuts(sizes[side]):
            one, other = list(sizes), list(sizes)
            one[side], other[side] = at, sizes[side] - at
            first = _best(one[0], one[1], one[2], room, depth - 1)
            second = _best(other[0], other[1], other[2], room, 0)
            if first[0] + second[0] < found[0]:
                found = (first[0] + second[0], _Cut(side, at, first[1], second[1]))
    return found


def _cuts(size: int) -> list[int]:
    """Return where to try to cut a side: everywhere on a short one, at even shares of a long one."""
    return list(range(1, size)) if size <= 64 else sorted({size * n // 64 for n in range(1, 64)})


@lru_cache(maxsize=65536)
def _even(types: int, areas: int, periods: int, room: int) -> tuple[int, _Even]:
    """Divide a box into equal parts of at most ``room`` cells, in as few as possible."""
    best: tuple[int, int, _Even] | None = None
    for by_type in _divisions(types):
        wide = math.ceil(types / by_type)
        if wide > room:
            continue
        for by_period in _divisions(periods):
            slab = wide * math.ceil(periods / by_period)
            if slab > room:
                continue
            by_area = math.ceil(areas / min(areas, room // slab))
            count = by_type * by_period * by_area
            # Among equally few, short stretches of time: the newest figures come first, all of them.
            if best is None or (count, -by_period) < best[:2]:
                best = (count, -by_period, _Even((types, areas, periods), (by_type, by_area, by_period)))
    if best is None:
        raise ValueError(f"a query must hold at least one cell, not {room}")
    return best[0], best[2]


@lru_cache(maxsize=1024)
def _divisions(size: int) -> tuple[int, ...]:
    """Return the numbers of parts that give different largest parts."""
    widest = {math.ceil(size / parts): parts for parts in range(size, 0, -1)}
    return tuple(sorted(widest.values()))
