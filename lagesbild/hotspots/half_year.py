"""Signals of half a year for documents that anybody may read: by kind and by locality, without small counts.

Half-years do not overlap, and counts are rounded to fives: else what the weeks' pictures hide could be worked out from
a longer span that is shown whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lagesbild.hotspots.week import OTHER_KINDS, OTHER_LOCALITIES, Counted, gathered
from lagesbild.statistics.suppression import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.signals.store import Signal

#: Counts are told to the nearest of these.
ROUNDED = 5


@dataclass(frozen=True, kw_only=True)
class HalfYear:
    """The signals of half a year. ``total`` is None where there were too few to be shown; all counts are rounded."""

    first: date
    last: date
    total: int | None
    kinds: tuple[Counted, ...]
    localities: tuple[Counted, ...]


def half_year_before(today: date) -> tuple[date, date]:
    """Return the first and last day of the last half-year that is over."""
    last = date(today.year, 7, 1) if today.month > 6 else date(today.year, 1, 1)
    first = date(last.year, 1, 1) if last.month == 7 else date(last.year - 1, 7, 1)
    return first, last - timedelta(days=1)


def half_year(signals: Sequence[Signal], today: date) -> HalfYear | None:
    """Return the last whole half-year's signals; None where signals began after it, or within it."""
    first, last = half_year_before(today)
    if not any(one.day < first for one in signals):
        return None
    inside = [one for one in signals if first <= one.day <= last]
    kinds = gathered(_counted(inside, lambda s: s.kind), OTHER_KINDS)
    localities = gathered(_counted(inside, lambda s: s.locality), OTHER_LOCALITIES)
    return HalfYear(
        first=first,
        last=last,
        total=_rounded(len(inside)) if len(inside) >= LEAST else None,
        kinds=tuple(replace(one, now=_rounded(one.now)) for one in kinds),
        localities=tuple(replace(one, now=_rounded(one.now)) for one in localities),
    )


def _counted(signals: Sequence[Signal], of: Callable[[Signal], str]) -> list[Counted]:
    return [
        Counted(name=name, now=n, before=None, usual=None, reporters=None)
        for name, n in sorted(Counter(map(of, signals)).items())
    ]


def _rounded(value: int | None) -> int | None:
    return None if value is None else ROUNDED * round(value / ROUNDED)
