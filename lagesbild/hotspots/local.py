"""Local signals week by week: each locality, and each kind in it, against itself.

What a window of one, two or four weeks is expected to hold is what the same locality had in the year before the
last eight weeks; how much it varies beyond chance is learnt from all of the municipality's series together. The
level that a budget gives is read from simulated years in which nothing happens, since windows overlap from week to
week. No locality is compared with the others': where most signals come from the main town, a share of all says
nothing of a surge there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.hotspots.watching import ALL, FEWEST_EVENTS, KEPT, MOST_LEVEL, Finding, Look, WatchMethod

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WINDOWS = (1, 2, 4)
#: What is usual is learnt from so many weeks, the newest left out; fewer than the least say nothing.
LEARNT_WEEKS, LEFT_OUT, FEWEST_WEEKS = 52, 8, 12
#: Three overlapping windows find by chance about twice what one does.
_TRIES = 2.0
#: Years that a level is read from.
_YEARS = 60
_LEVELS = np.geomspace(1e-5, MOST_LEVEL, 60)


@dataclass(frozen=True, kw_only=True)
class LocalSignals:
    """Signals by week: ``counts`` of shape (series, weeks); ``series`` each one's locality and kind (`ALL` for all).

    ``start`` is the Monday of the first week.
    """

    series: tuple[tuple[str, str], ...]
    start: date
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, events: Iterable[tuple[date, str, str]], until: date) -> LocalSignals | None:
        """Gather signals (day, locality, kind) up to and with a day, by whole weeks; None without any.

        A kind is a series of its own in a locality that has other kinds, too.
        """
        dated = [event for event in events if event[0] <= until]
        if not dated:
            return None
        first = min(day for day, _, _ in dated)
        start = first - timedelta(days=first.weekday())
        weeks = (until + timedelta(days=1) - start).days // 7
        kinds = Counter(locality for locality, _ in {(locality, kind) for _, locality, kind in dated})
        series = tuple(
            sorted(
                {(locality, ALL) for _, locality, _ in dated}
                | {(locality, kind) for _, locality, kind in dated if kinds[locality] > 1}
            )
        )
        at = {name: n for n, name in enumerate(series)}
        counts = np.zeros((len(series), weeks), dtype=np.int64)
        for day, locality, kind in dated:
            week = (day - start).days // 7
            if week < weeks:
                for name in {(locality, ALL), (locality, kind)} & set(at):
                    counts[at[name], week] += 1
        return cls(series=series, start=start, counts=counts) if weeks else None

    def week(self, step: int) -> date:
        """Return the Monday of a week."""
        return self.start + timedelta(days=7 * step)

    @cached_property
    def spread(self) -> float:
        """Variance over mean of a week's count beyond slow changes: of all series together, 1 or more."""
        weeks = self.counts.shape[1]
        if weeks < FEWEST_WEEKS:
            return 1.0
        whole = np.array([kind == ALL for _, kind in self.series])
        counts = self.counts[whole].astype(float)
        # From week to week, so that a surge of a month is not taken for the usual spread.
        squared = (counts[:, 1:] - counts[:, :-1]) ** 2 / 2
        return max(1.0, float(squared.sum() / max((counts[:, 1:] + counts[:, :-1]).sum() / 2, 1.0)))

    def looks(self) -> list[Look]:
        """Look at every series in every week that has enough behind it."""
        p, expected, spread, window = _judged(self.counts, self.spread)
        found = []
        for n, (locality, kind) in enumerate(self.series):
            for step in np.flatnonzero(np.isfinite(p[n])):
                length = int(window[n, step])
                observed = int(self.counts[n, step + 1 - length : step + 1].sum())
                finding = Finding(
                    places=(locality,),
                    length=length,
                    observed=observed,
                    expected=float(expected[n, step]),
                    p_value=float(p[n, step]),
                    spread=float(spread[n, step]),
                )
                found.append(
                    Look(
                        method=WatchMethod.SIGNALS,
                        key=kind,
                        watched=locality,
                        step=int(step),
                        when=self.week(int(step)),
                        per_year=52,
                        findings=(finding,) if p[n, step] <= KEPT else (),
                    )
                )
        return found

    def quiet(self, rng: np.random.Generator, years: int) -> LocalSignals:
        """Draw years in which every series has what it has had on average, spread as theirs are.

        The kinds of a locality are drawn, and are together what all of it has.
        """
        weeks = LEARNT_WEEKS + LEFT_OUT + 52 * years
        rate = self.counts.mean(axis=1)
        drawn = np.zeros((len(self.series), weeks), dtype=np.int64)
        at = {name: n for n, name in enumerate(self.series)}
        # In the order of the series: a set's order differs between processes, and the draws with it.
        for locality in dict.fromkeys(locality for locality, _ in self.series):
            parts = [n for (where, kind), n in at.items() if where == locality and kind != ALL]
            for n in parts or [at[locality, ALL]]:
                drawn[n] = _draw(rng, float(rate[n]), self.spread, weeks)
            if parts:
                drawn[at[locality, ALL]] = drawn[parts].sum(axis=0)
        return LocalSignals(series=self.series, start=self.start, counts=drawn)

    @cached_property
    def _by_level(self) -> Floats:
        """Flags a year at each of `_LEVELS`, in simulated quiet years."""
        counts = self.quiet(np.random.default_rng(0), _YEARS).counts
        p = _judged(counts, self.spread)[0][:, -52 * _YEARS :]
        lowest = np.concatenate([_lowest_of_runs(row) for row in p])
        found: Floats = (lowest[None, :] <= _LEVELS[:, None]).sum(axis=1) / _YEARS
        return found

    def level_for(self, budget: float) -> tuple[float, float]:
        """Return the level that gives so many flags a year by chance, and how many of them it gives."""
        rates = self._by_level
        level = float(np.interp(budget, rates, _LEVELS)) if rates[0] < budget else float(_LEVELS[0])
        return level, min(budget, float(np.interp(level, _LEVELS, rates)))


def _judged(counts: NDArray[np.int64], spread: float) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Return p, expected, spread and window of the most unusual window of each week, all of shape (series, weeks)."""
    weeks = counts.shape[1]
    sums = np.concatenate([np.zeros((len(counts), 1)), counts.cumsum(axis=1)], axis=1)
    ends = np.arange(weeks) + 1
    last = np.maximum(ends - LEFT_OUT, 0)
    first = np.maximum(last - LEARNT_WEEKS, 0)
    learnt = last - first
    enough = learnt >= FEWEST_WEEKS
    before = sums[:, last] - sums[:, first]
    p = np.full(counts.shape, np.inf)
    expected, spreads = np.zeros(counts.shape), np.ones(counts.shape)
    window = np.ones(counts.shape, dtype=np.int64)
    for length in WINDOWS:
        held = sums[:, ends] - sums[:, np.maximum(ends - length, 0)]
        # Half an event more than was seen (Jeffreys): nothing seen does not mean that nothing can be.
        mean = (before + 0.5) * length / np.maximum(learnt, 1)
        wide = np.broadcast_to(spread * (1 + length / np.maximum(learnt, 1)), mean.shape)
        size = mean / (wide - 1)
        # A window of too few says nothing, and hides no longer one that holds enough.
        chance = np.where(
            held >= FEWEST_EVENTS, scipy.stats.nbinom.sf(held - 1, size, size / (size + mean)), 1.0
        )
        better = enough & (chance < p)
        p = np.where(better, chance, p)
        expected, spreads = np.where(better, mean, expected), np.where(better, wide, spreads)
        window = np.where(better, length, window)
    p = np.where(np.isfinite(p), np.minimum(_TRIES * p, 1.0), np.nan)
    return p, expected, spreads, window


def _draw(rng: np.random.Generator, rate: float, spread: float, weeks: int) -> NDArray[np.int64]:
    if rate == 0:
        return np.zeros(weeks, dtype=np.int64)
    if spread <= 1:
        return rng.poisson(rate, weeks).astype(np.int64)
    size = rate / (spread - 1)
    return rng.negative_binomial(size, 1 / spread, weeks).astype(np.int64)


def _lowest_of_runs(p: Sequence[float] | Floats) -> Floats:
    """Return the lowest p value of each run, as `flags` makes runs of them."""
    lowest, gap, found = np.inf, 99, []
    for value in p:
        if not value <= KEPT:
            gap += 1
        elif gap <= 4 and np.isfinite(lowest):
            lowest, gap = min(lowest, value), 1
        elif value <= MOST_LEVEL:
            if np.isfinite(lowest):
                found.append(lowest)
            lowest, gap = value, 1
        else:
            gap += 1
    return np.array([*found, *([lowest] if np.isfinite(lowest) else [])])
