"""Would the flags on police notices have been of use? Month by month with only what was known then.

Chainey, Tompson & Uhlig (2008) for the predictive accuracy index, Hunt (2016) for the predictive efficiency
index; always beside the plain map of the last twelve months.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.hotspots.flags import NOTICES, Levels, flags, level_for
from lagesbild.hotspots.surveillance import FEWEST_YEARS, MONTHLY, monthly
from lagesbild.hotspots.watching import Look, Watched, WatchMethod, totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: A flag is judged by so many following months; the plain map shows so many past ones.
AHEAD, BEHIND = 3, 12
#: The months of a series that can be judged (`monthly`), and those after it, need so many without a break.
FEWEST_REPLAYED = 12 * FEWEST_YEARS + MONTHLY.half_width + AHEAD + 1
#: A rise is what turns out, when its months are over, to have had this probability by chance.
_RISE = 0.001
_SHUFFLES = 199


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What came of the flags.

    ``hits`` flags were followed by more notices than usual in their places, of ``flags``. ``caught``,
    ``naive`` and ``best``: notices of the following months in the flagged municipalities, in as large an
    area of the plain map, and in the best area of that size; ``all_notices`` and the areas (km2) belong to
    the months with a flag. ``rises`` and how many were flagged, ``lead`` months before they were over.
    """

    months: int
    flags: int
    hits: int
    caught: float
    naive: float
    best: float
    all_notices: float
    area: float
    whole_area: float
    rises: int
    lead: tuple[int, ...]

    def pai(self, caught: float) -> float | None:
        """Return the predictive accuracy index: share of the notices over share of the area."""
        if not self.all_notices or not self.area:
            return None
        return (caught / self.all_notices) / (self.area / self.whole_area)

    def pei(self, caught: float) -> float | None:
        """Return the predictive efficiency index: of what the best area of the size would have held."""
        return caught / self.best if self.best else None

    def __add__(self, other: Backtest) -> Backtest:
        """Return two counties' together."""
        together = {
            name: getattr(self, name) + getattr(other, name) for name in Backtest.__dataclass_fields__
        }
        return Backtest(**together)


def backtest(
    watched: Watched, areas: Mapping[str, float], budget: float, shuffles: int = _SHUFFLES
) -> Backtest:
    """Replay the months that have three months after them.

    Parameters
    ----------
    areas
        Each municipality's area (km2).
    budget
        False alarms a year that are accepted.
    """
    area = np.array([areas[code] for code in watched.codes])
    first = next((n for n in range(len(watched.months)) if monthly(n)), len(watched.months))
    steps = range(first, len(watched.months) - AHEAD)
    looks: list[Look] = []
    known: dict[tuple[str, date], int] = {}
    sums = np.zeros(6)
    hits = 0
    flagged_at: dict[int, list[int]] = {}
    for step in steps:
        looks += [
            look
            for look in watched.looks(step, shuffles)
            if look.method in {WatchMethod.SERIES, WatchMethod.COUNTY}
        ]
        now = [
            flag for flag in flags(looks, _levels(looks, budget)) if flag.latest[0] == watched.months[step]
        ]
        new = [flag for flag in now if (flag.id, flag.since) not in known]
        known |= {(flag.id, flag.since): step for flag in now}
        hits += sum(_hit(watched, step, flag.key, flag.latest[1].places) for flag in new)
        places = sorted({watched.codes.index(place) for flag in now for place in flag.latest[1].places})
        for place in places:
            flagged_at.setdefault(place, []).append(step)
        if places:
            sums += _areas(watched.counts.sum(axis=0), area, step, places)
    rises, lead = _rises(watched.counts.sum(axis=0), steps, flagged_at)
    caught, naive, best, everything, size, whole = (float(value) for value in sums)
    return Backtest(
        months=len(steps),
        flags=len(known),
        hits=hits,
        caught=caught,
        naive=naive,
        best=best,
        all_notices=everything,
        area=size,
        whole_area=whole,
        rises=rises,
        lead=lead,
    )


def _levels(looks: Sequence[Look], budget: float) -> Levels:
    return Levels(dict.fromkeys(NOTICES, level_for(looks, budget)))


def _usual(counts: Ints, step: int) -> Floats:
    """Return each place's usual share of the county's notices, as known at a step."""
    past = counts[: step + 1].sum(axis=0)
    shares: Floats = past / max(int(past.sum()), 1)
    return shares


def _hit(watched: Watched, step: int, key: str, places: Sequence[str]) -> bool:
    """Tell whether the following months held more in the places than their usual share of the county's."""
    counts = totals(watched.counts, watched.categories, key)
    at = [watched.codes.index(place) for place in places]
    after = counts[step + 1 : step + 1 + AHEAD]
    return bool(after[:, at].sum() > _usual(counts, step)[at].sum() * after.sum())


def _areas(counts: Ints, area: Floats, step: int, places: Sequence[int]) -> Floats:
    """Return what the following months held in the flagged, in the plain and the best area of that size, in all, and the sizes."""
    after = counts[step + 1 : step + 1 + AHEAD].sum(axis=0).astype(float)
    past = counts[max(0, step + 1 - BEHIND) : step + 1].sum(axis=0)
    size = float(area[list(places)].sum())
    return np.array(
        [
            after[list(places)].sum(),
            _filled(past / area, after, area, size),
            _filled(after / area, after, area, size),
            after.sum(),
            size,
            area.sum(),
        ]
    )


def _filled(order: Floats, held: Floats, area: Floats, size: float) -> float:
    """Return what the first places in an order hold within an area, the last of them in part."""
    total, left = 0.0, size
    for place in np.argsort(-order, kind="stable"):
        part = min(1.0, left / area[place])
        total += part * held[place]
        left -= part * area[place]
        if left <= 0:
            break
    return total


def _rises(
    counts: Ints, steps: range, flagged_at: Mapping[int, Sequence[int]]
) -> tuple[int, tuple[int, ...]]:
    """Return how many rises of three months there were, and for each flagged one how long before its end that was."""
    rises, lead = 0, []
    for place in range(counts.shape[1]):
        step = steps.start
        while step + AHEAD <= counts.shape[0] and step < steps.stop:
            window = counts[step : step + AHEAD]
            expected = _usual(counts, step - 1)[place] * window.sum()
            if scipy.stats.poisson.sf(window[:, place].sum() - 1, max(expected, 1e-9)) < _RISE:
                rises += 1
                end = step + AHEAD - 1
                seen = [at for at in flagged_at.get(place, ()) if step <= at <= end]
                lead += [end - seen[0]] if seen else []
                step += AHEAD
            else:
                step += 1
    return rises, tuple(lead)
