"""Would the flags on reported crimes have been of use? Step by step, with only what was known then.

A flag is a hit when the half year after the step in which it was raised holds more, together, than is usual for
the municipality. Beside it stand two naive rules that point at as many municipalities in the same steps: those
with the highest share of the country's crimes of the last year, and those that have risen the most in a year.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots import reported
from lagesbild.hotspots.flags import REPORTED, Levels, flags

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.hotspots.reported import Judged

    Floats = NDArray[np.float64]

#: A flag is judged by the half year that follows.
_PARTS_OF_YEAR = 2
#: The first year that is replayed: five years of quarters lie behind it.
FIRST_YEAR = 2019


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What came of a way to point at municipalities: how often, how many hits, and how many times the usual after it."""

    pointed: int
    hits: int
    median_ratio: float | None

    @property
    def share(self) -> float | None:
        """Hits of all."""
        return self.hits / self.pointed if self.pointed else None


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of the flags at a level, and of two naive rules, over the steps from ``first`` to ``last``.

    ``any_hit``: the share of all municipalities and steps after which more than usual followed: what blind
    pointing gives.
    """

    key: str
    per_year: int
    level: float
    steps: int
    municipalities: int
    first: date
    last: date
    flags: Rule
    highest: Rule
    largest_rise: Rule
    any_hit: float


def replay(found: Judged, level: float, codes: frozenset[str] | None = None) -> Replay | None:
    """Replay the steps that have half a year after them, for some municipalities (default all); None without any."""
    crimes = found.crimes
    year = crimes.per_year
    ahead = year // _PARTS_OF_YEAR
    last = len(crimes.steps) - ahead
    steps = [n for n in range(last) if crimes.steps[n].year >= FIRST_YEAR]
    rows = [n for n, code in enumerate(crimes.codes) if codes is None or code in codes]
    if not steps or not rows:
        return None
    after = _after(found, ahead)
    pointed = _flagged(found, rows, steps, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = crimes.counts[:, year:] / crimes.counts[:, :-year]
    rise = np.concatenate([np.full((len(crimes.codes), year), np.nan), rise], axis=1)
    return Replay(
        key=crimes.key,
        per_year=year,
        level=level,
        steps=len(steps),
        municipalities=len(rows),
        first=crimes.steps[steps[0]],
        last=crimes.steps[steps[-1]],
        flags=_rule(pointed, after),
        highest=_rule(_highest(_last_year(crimes.counts, year), pointed, rows), after),
        largest_rise=_rule(_highest(rise, pointed, rows), after),
        any_hit=float(np.nanmean(after[np.ix_(rows, steps)] > 1)),
    )


def _after(found: Judged, steps: int) -> Floats:
    """Return the crimes of so many steps after each over what is usual then, shape (places, steps)."""
    shape = found.crimes.counts.shape
    after, usual = np.zeros(shape), np.zeros(shape)
    for ahead in range(1, steps + 1):
        after += _ahead(found.crimes.counts, ahead)
        usual += _ahead(found.expected, ahead)
    ratio: Floats = after / usual
    return ratio


def _ahead(values: Floats, steps: int) -> Floats:
    moved = np.full(values.shape, np.nan)
    moved[:, :-steps] = values[:, steps:]
    return moved


def _last_year(counts: Floats, year: int) -> Floats:
    total: Floats = counts.copy()
    for back in range(1, year):
        moved = np.full(counts.shape, np.nan)
        moved[:, back:] = counts[:, :-back]
        total = total + moved
    return total


def _flagged(found: Judged, rows: list[int], steps: list[int], level: float) -> set[tuple[int, int]]:
    """Return where (place, step) flags were raised: the first step of each run at or below the level."""
    codes = [found.crimes.codes[n] for n in rows]
    levels = Levels(dict.fromkeys(REPORTED, level))
    at = {step: n for n, step in enumerate(found.crimes.steps)}
    raised = set()
    for flag in flags(reported.looks(found, codes), levels):
        first = next(at[when] for when, finding in flag.seen if finding.p_value <= level)
        if first in steps:
            raised.add((found.crimes.codes.index(flag.places[0]), first))
    return raised


def _highest(values: Floats, pointed: set[tuple[int, int]], rows: list[int]) -> set[tuple[int, int]]:
    """Return as many places a step as the flags', those with the highest values."""
    chosen = set()
    places = np.array(rows)
    for step, wanted in Counter(step for _, step in pointed).items():
        falling = -np.nan_to_num(values[places, step], nan=-np.inf)
        chosen |= {(int(place), step) for place in places[np.argsort(falling, kind="stable")[:wanted]]}
    return chosen


def _rule(pointed: set[tuple[int, int]], after: Floats) -> Rule:
    ratios = np.array([after[at] for at in sorted(pointed)])
    ratios = ratios[np.isfinite(ratios)]
    return Rule(
        pointed=ratios.size,
        hits=int((ratios > 1).sum()),
        median_ratio=float(np.median(ratios)) if ratios.size else None,
    )
