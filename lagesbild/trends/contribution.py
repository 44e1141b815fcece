"""What drives a change: the difference between two years split into crime types, with uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.data.crimes import parts_of
from lagesbild.statistics.overdispersion import difference_interval_overdispersed

if TYPE_CHECKING:
    from lagesbild.comparison.panel import Panel
    from lagesbild.data.crimes import Tree
    from lagesbild.statistics.intervals import Interval

REST = "rest"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One crime type's part of a change: counts before and after, and the limits of the difference.

    ``key`` is `REST` for what is in none of the parts. ``crosses_break``: the years are not comparable.
    """

    key: str
    before: int
    after: int
    limits: Interval
    crosses_break: bool = False

    @property
    def difference(self) -> int:
        """After minus before, in crimes."""
        return self.after - self.before

    @property
    def certain(self) -> bool:
        """Whether the difference is more than the figure usually moves by (95 %)."""
        return self.limits.lower > 0 or self.limits.upper < 0


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """A change split into parts that add up to it, the largest difference first."""

    whole: Part
    first: int
    last: int
    parts: tuple[Part, ...]
    overlapping: tuple[str, ...]


def years_of(panel: Panel, home: str, whole: str) -> list[int]:
    """Return the years a municipality has counts of a measure for."""
    return panel.grid(whole).known(home, "count")


def part_names(panel: Panel, found: Contribution) -> dict[str, str]:
    """Return what the parts of a change are called in a few words, those left out included."""
    keys = [*(part.key for part in found.parts if part.key != REST), *found.overlapping]
    return {key: panel.indicators[key].short for key in keys} | {REST: "Övriga brott"}


def contribution(
    panel: Panel, tree: Tree, home: str, measure: str, first: int, last: int
) -> Contribution | None:
    """Split the change of a municipality's crimes between two years into crime types.

    Parts whose counts together exceed the whole's overlap with those before them and are left out,
    named in ``overlapping``. What no part holds is `REST`.

    Returns
    -------
    Contribution or None
        None where a count is missing or the measure has no parts with counts in both years.
    """
    whole_key, keys = parts_of(tree, measure, panel.indicators.keys())
    whole = _counts(panel, home, whole_key, first, last)
    if whole is None:
        return None
    parts: list[Part] = []
    overlapping: list[str] = []
    left = whole
    for key in keys:
        counts = _counts(panel, home, key, first, last)
        if counts is None:
            continue
        if counts[0] > left[0] or counts[1] > left[1]:
            overlapping.append(key)
            continue
        left = (left[0] - counts[0], left[1] - counts[1])
        parts.append(_part(panel, home, key, counts, first, last))
    if not parts:
        return None
    if any(left):
        # What nobody has named is as hard to foresee as the whole it is a rest of.
        limits = difference_interval_overdispersed(*left, panel.dispersion(whole_key, home))
        parts.append(Part(key=REST, before=left[0], after=left[1], limits=limits))
    ordered = sorted(parts, key=lambda part: (-abs(part.difference), part.key))
    return Contribution(
        whole=_part(panel, home, whole_key, whole, first, last),
        first=first,
        last=last,
        parts=tuple(ordered),
        overlapping=tuple(overlapping),
    )


def _part(panel: Panel, home: str, key: str, counts: tuple[int, int], first: int, last: int) -> Part:
    broken = any(first < item.date.year <= last for item in panel.breaks(key))
    return Part(
        key=key,
        before=counts[0],
        after=counts[1],
        limits=difference_interval_overdispersed(*counts, panel.dispersion(key, home)),
        crosses_break=broken,
    )


def _counts(panel: Panel, home: str, key: str, first: int, last: int) -> tuple[int, int] | None:
    grid = panel.grid(key)
    if not {first, last} <= set(grid.known(home, "count")):
        return None
    column = grid.count[:, grid.place[home]]
    return int(column[first - grid.years[0]]), int(column[last - grid.years[0]])
