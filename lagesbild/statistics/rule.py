"""The rule behind "do we stand out?": level against the group, and change since another year.

Each has its own certainty, on the scale of twice the square root of the count, where the variance of a year is
`overdispersion.Dispersion.variance`. How rare such a distance is among all municipalities is a third answer
(`standing`). None of them depends on what else is stored or looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.statistics.change import count_change
from lagesbild.statistics.overdispersion import SHIFT

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lagesbild.statistics.overdispersion import Dispersion, Dispersions

    Floats = NDArray[np.float64]

#: The smallest difference that matters: a tenth more, or as much less.
SMALLEST_RATIO = 1.1
#: Level with the group: surely between two thirds and one and a half of it.
EQUIVALENT = 1.5
#: What is found with certainty: two-sided 95 %, and each side of the equivalence at 95 %.
CERTAIN, EQUIVALENCE = 1.959964, 1.644854
#: The median of k values is known with pi/2 times the variance of their mean.
MEDIAN_NOISE = 1.57
#: Found with 80 % probability.
_POWER = 0.841621
#: For surveys, in percentage points: the least difference that matters, and what still counts as level.
SMALLEST_POINTS, EQUIVALENT_POINTS = 2.0, 10.0
#: A change must be at least a tenth to be called unusual; pure chance is tested at 5 %.
_SIGNIFICANT = 0.05


class Level(StrEnum):
    """How a level stands against the comparison group's."""

    HIGHER = "higher"
    LOWER = "lower"
    LEVEL = "level"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why a level was judged as it was."""

    ABOVE = "above"
    BELOW = "below"
    SMALL_DIFFERENCE = "small_difference"
    EQUIVALENT = "equivalent"
    TOO_FEW_CASES = "too_few_cases"
    TOO_FEW_MEMBERS = "too_few_members"
    NO_INTERVAL = "no_interval"
    NO_LEVEL = "no_level"


@dataclass(frozen=True)
class Judgement:
    """A level against a group: the word, why, the distance, and the ratio that would have been seen.

    ``z`` is the distance in standard deviations; ``detectable`` the smallest true ratio found four times in five
    (for surveys the smallest difference, in percentage points). None where nothing can be worked out.
    """

    level: Level
    reason: Reason
    ratio: float | None
    z: float | None
    detectable: float | None


def unjudged(reason: Reason, ratio: float | None = None) -> Judgement:
    """Return a judgement that cannot be made."""
    return Judgement(Level.UNDECIDED, reason, ratio, None, None)


def median_noise(counts: ArrayLike, dispersion: Dispersion) -> float:
    """Return how far off a group's median may be, as a relative variance added to tau^2.

    Parameters
    ----------
    counts
        The members' own counts, shape (k,).
    """
    members = np.maximum(np.asarray(counts, dtype=np.float64), 1.0)
    return float(MEDIAN_NOISE / members.size * np.mean(dispersion.phi / members + dispersion.tau2))


def z_levels(
    observed: ArrayLike,
    expected: ArrayLike,
    noise: ArrayLike,
    dispersion: Dispersion | Dispersions,
    times: float = 1.0,
) -> Floats:
    """Return how many standard deviations counts lie from ``times`` the expected ones; shapes broadcast."""
    at = times * np.asarray(expected, dtype=np.float64)
    variance = dispersion.phi + (dispersion.tau2 + np.asarray(noise)) * at
    found: Floats = 2 * (np.sqrt(np.asarray(observed) + SHIFT) - np.sqrt(at + SHIFT)) / np.sqrt(variance)
    return found


def judge_levels(
    observed: ArrayLike, expected: ArrayLike, noise: ArrayLike, dispersion: Dispersion | Dispersions
) -> NDArray[np.str_]:
    """Judge many counts at once; the words of `Level`, of the broadcast shape."""
    counts, usual = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = counts / usual
    z = z_levels(counts, usual, noise, dispersion)
    level = (z_levels(counts, usual, noise, dispersion, EQUIVALENT) < -EQUIVALENCE) & (
        z_levels(counts, usual, noise, dispersion, 1 / EQUIVALENT) > EQUIVALENCE
    )
    return np.select(
        [(z > CERTAIN) & (ratio >= SMALLEST_RATIO), (z < -CERTAIN) & (ratio * SMALLEST_RATIO <= 1), level],
        [Level.HIGHER.value, Level.LOWER.value, Level.LEVEL.value],
        Level.UNDECIDED.value,
    )


def judge_level(observed: float, expected: float, noise: float, dispersion: Dispersion) -> Judgement:
    """Judge one count against the group's median level.

    Parameters
    ----------
    observed
        The municipality's count of the year.
    expected
        The group's median rate times the municipality's exposure.
    noise
        Of the median (`median_noise`).
    dispersion
        Of the measure, the municipality itself left out.
    """
    if not expected > 0:
        return unjudged(Reason.NO_LEVEL)
    word = Level(str(judge_levels(observed, expected, noise, dispersion)))
    z = float(z_levels(observed, expected, noise, dispersion))
    reason = {
        Level.HIGHER: Reason.ABOVE,
        Level.LOWER: Reason.BELOW,
        Level.LEVEL: Reason.SMALL_DIFFERENCE if abs(z) > CERTAIN else Reason.EQUIVALENT,
        Level.UNDECIDED: Reason.TOO_FEW_CASES,
    }[word]
    return Judgement(word, reason, observed / expected, z, detectable_ratio(expected, noise, dispersion))


def detectable_ratio(expected: float, noise: float, dispersion: Dispersion) -> float:
    """Return the smallest true ratio to the expected count that is found to be higher four times in five."""
    if not expected > 0:
        return float("inf")
    here = np.sqrt(dispersion.phi + (dispersion.tau2 + noise) * expected)
    low, high = SMALLEST_RATIO, 1e6
    for _ in range(60):
        middle = (low * high) ** 0.5
        there = np.sqrt(dispersion.variance(middle * expected))
        apart = 2 * (np.sqrt(middle * expected + SHIFT) - np.sqrt(expected + SHIFT))
        low, high = (low, middle) if apart >= CERTAIN * here + _POWER * there else (middle, high)
    return float(high)


def judge_share(value: float, error: float, median: float, errors: ArrayLike) -> Judgement:
    """Judge a share from a survey against its group's median, in percentage points.

    Parameters
    ----------
    value, error
        The municipality's share and its standard error.
    median
        The group's median share.
    errors
        The members' standard errors, shape (k,).
    """
    members = np.asarray(errors, dtype=np.float64)
    spread = float(np.sqrt(error**2 + MEDIAN_NOISE / members.size * np.mean(members**2)))
    apart = value - median
    ratio = value / median if median else None
    if not spread > 0:
        return unjudged(Reason.NO_INTERVAL, ratio)
    z, seen = apart / spread, max(SMALLEST_POINTS, (CERTAIN + _POWER) * spread)
    if abs(z) > CERTAIN and abs(apart) >= SMALLEST_POINTS:
        high = apart > 0
        return Judgement(
            Level.HIGHER if high else Level.LOWER, Reason.ABOVE if high else Reason.BELOW, ratio, z, seen
        )
    if abs(apart) + EQUIVALENCE * spread < EQUIVALENT_POINTS:
        reason = Reason.SMALL_DIFFERENCE if abs(z) > CERTAIN else Reason.EQUIVALENT
        return Judgement(Level.LEVEL, reason, ratio, z, seen)
    return Judgement(Level.UNDECIDED, Reason.TOO_FEW_CASES, ratio, z, seen)


class ChangeWord(StrEnum):
    """What a change between two years is."""

    UNUSUAL_INCREASE = "unusual_increase"
    UNUSUAL_DECREASE = "unusual_decrease"
    ORDINARY = "ordinary"
    CHANCE = "chance"
    NONE = "none"


@dataclass(frozen=True)
class Change:
    """A change between two counts: the word, z, the difference in counts, and the Poisson test's p value.

    ``ratio`` is the rate after over the rate before, infinite where the count before is zero.
    """

    word: ChangeWord
    z: float
    before: int
    after: int
    difference: int
    ratio: float | None
    p_value: float

    @property
    def unusual(self) -> bool:
        """Whether it is more than the figure usually moves by."""
        return self.word in {ChangeWord.UNUSUAL_INCREASE, ChangeWord.UNUSUAL_DECREASE}


def z_changes(before: ArrayLike, after: ArrayLike, scale: ArrayLike, dispersion: Dispersion) -> Floats:
    """Return how many standard deviations counts moved; ``scale`` is what the count would have been multiplied by."""
    first, last, times = (np.asarray(part, dtype=np.float64) for part in (before, after, scale))
    moved = 2 * (np.sqrt(last / times + SHIFT) - np.sqrt(first + SHIFT))
    found: Floats = moved / np.sqrt(2 * (dispersion.phi + dispersion.tau2 * (first + last) / 2))
    return found


def judge_change(
    before: int, after: int, exposures: tuple[float, float], common: float, dispersion: Dispersion
) -> Change:
    """Judge the change between two years.

    Parameters
    ----------
    before, after
        Counts.
    exposures
        The persons behind the rates, before and after.
    common
        The median municipality's ratio of rates, the municipality itself left out: what everybody changed by.
    dispersion
        Of the measure.
    """
    test = count_change(before, after, *exposures)
    scale = exposures[1] / exposures[0] * common
    z = float(z_changes(before, after, scale, dispersion))
    ratio = after / scale / before if before else float("inf") if after else 1.0
    if test.difference == 0:
        word = ChangeWord.NONE
    elif abs(z) > CERTAIN and (ratio >= SMALLEST_RATIO or ratio * SMALLEST_RATIO <= 1):
        word = ChangeWord.UNUSUAL_INCREASE if z > 0 else ChangeWord.UNUSUAL_DECREASE
    else:
        word = ChangeWord.ORDINARY if test.p_value < _SIGNIFICANT else ChangeWord.CHANCE
    return Change(word, z, before, after, test.difference, test.ratio, test.p_value)


def difference_limits(before: int, after: int, dispersion: Dispersion) -> tuple[float, float]:
    """Return the 95 % limits of a difference between two years' counts, with what they usually move by."""
    middle = (before + after) / 2
    # The variance of a root of n is (phi + tau2 n) / 4, and so that of n itself about n (phi + tau2 n).
    spread = float(np.sqrt(2 * max(middle, SHIFT) * dispersion.variance(middle)))
    return after - before - CERTAIN * spread, after - before + CERTAIN * spread
