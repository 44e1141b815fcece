"""The answer to "does it stand out?": level against the group, change, direction, each with its certainty.

Pure functions. Each takes one municipality (numbers) or many (arrays that broadcast); the scalar forms
give one object with names. Counts vary from year to year by more than chance, so every certainty here
rests on `statistics.overdispersion`. Nothing depends on what else is stored or looked at.

- **Level**: higher or lower if certain (95 %) and at least a tenth; level if it is certain (95 %, two
  one-sided tests; Schuirmann 1987, J Pharmacokinet Biopharm 15:657) that it is less than half as much
  again and more than two thirds; else undecided, for want of cases.
- **ChangeWord**: unusual if larger than what a municipality's figure usually changes by, common change
  taken away, and at least a tenth; ordinary if only more than pure chance; else chance.
- **Direction** over five years: a slope that year-to-year variation does not explain.
- **Survey shares**: the level's logic in percentage points with the survey's own margins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.statistics.change import e_test
from lagesbild.statistics.comparison import MINIMUM_MEMBERS
from lagesbild.statistics.overdispersion import SHIFT
from lagesbild.statistics.series import MARKER_YEARS, Direction

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lagesbild.statistics.overdispersion import Dispersion, Dispersions

    Floats = NDArray[np.float64]
    Words = NDArray[np.object_]

#: Raised whenever an answer may come out another: stored ones are then worked out anew.
VERSION = 1
#: The smallest difference that is called one: a tenth more, or as much less.
LEAST_RATIO = 1.10
#: What lies certainly within this ratio of the group, up and down, is level with it.
EQUIVALENT_RATIO = 1.5
#: The same for survey shares, in percentage points; for shares (or their complements) below 20 and
#: 10 per cent a tenth and a half of the share, as a few points are then a manifold difference.
LEAST_POINTS, EQUIVALENT_POINTS = 2.0, 5.0
_Z, _Z_ONE_SIDED = 1.959963984540054, 1.6448536269514722
# Two-sided 0.5 %: with counts, and a dispersion that is estimated, the false rate is then below 1 %.
_Z_DIRECTION = 2.8070337683438042
# pi / 2: a median of k normal values has about this times the variance of their mean.
_MEDIAN = 1.57
_CHANCE = 0.05


class Level(StrEnum):
    """How a municipality lies against its group."""

    HIGHER = "higher"
    LOWER = "lower"
    LEVEL = "level"
    UNDECIDED = "undecided"


class ChangeWord(StrEnum):
    """What a change between two years is; `NONE` where nothing changed or the years cannot be compared."""

    UNUSUAL_INCREASE = "unusual_increase"
    UNUSUAL_DECREASE = "unusual_decrease"
    ORDINARY = "ordinary"
    CHANCE = "chance"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Levels of n municipalities (or one, in arrays without axes).

    ``ratio`` is observed over expected; ``z`` the distance from the group in standard errors;
    ``detectable`` the smallest ratio that would have been called higher (infinite where nothing is
    expected); ``detectable_lower`` the largest that would have been called lower, nan where not even
    zero cases would.
    """

    verdict: Words
    ratio: Floats
    z: Floats
    detectable: Floats
    detectable_lower: Floats


@dataclass(frozen=True, kw_only=True)
class LevelOf:
    """The level of one municipality; see `Levels`. None: not even zero cases would be called lower."""

    verdict: Level
    ratio: float
    z: float
    detectable: float
    detectable_lower: float | None


@dataclass(frozen=True, kw_only=True)
class ChangeOf:
    """The change of one municipality between two years.

    ``difference`` is after minus before in counts; ``ratio`` the count after over what it would have
    been with everybody's change (``factor`` times before); ``z`` in standard errors of what such a
    figure usually changes by; ``p_chance`` of the e-test that chance alone made it, None where it was
    not needed.
    """

    verdict: ChangeWord
    difference: float | None
    factor: float | None
    ratio: float | None
    z: float | None
    p_chance: float | None


@dataclass(frozen=True)
class Directions:
    """Five-year directions of n series: the word, z, and the slope as a ratio a year."""

    verdict: Words
    z: Floats
    yearly_ratio: Floats


def median_noise(members: ArrayLike, dispersion: Dispersion | Dispersions) -> Floats:
    """Return the relative variance (of 2 sqrt n, per case expected) of the group's median rate.

    ``1.57 / k`` times the mean of ``phi / n_j + tau2`` over the k members.

    Parameters
    ----------
    members
        Counts of the members, shape (widest group,) or (n, widest group), nan where there is none.
        None counts as one: its noise is not infinite.
    dispersion
        One for all, or one for each of the n.

    Returns
    -------
    ndarray
        Shape () or (n,); nan for groups of fewer than three.
    """
    counts = np.asarray(members, dtype=np.float64)
    there = np.isfinite(counts)
    size = there.sum(axis=-1)
    inverse = np.where(there, 1 / np.maximum(np.where(there, counts, 1.0), 1.0), 0.0).sum(axis=-1)
    enough = np.where(size >= MINIMUM_MEMBERS, size, np.nan)
    return np.asarray(
        _MEDIAN / enough * (dispersion.phi * inverse / enough + dispersion.tau2), dtype=np.float64
    )


def levels(
    observed: ArrayLike, expected: ArrayLike, members: ArrayLike, dispersion: Dispersion | Dispersions
) -> Levels:
    """Say how each municipality lies against its group.

    ``z(c) = 2 (sqrt(O + 3/8) - sqrt(c E + 3/8)) / sqrt(phi + (tau2 + s2) c E)``, s2 the median's noise.
    Higher: z(1) > 1.96 and O / E >= 1.10. Lower: mirrored. Level: z(1.5) < -1.645 and z(1 / 1.5) > 1.645.

    Parameters
    ----------
    observed, expected
        Counts, and the group's median rate times the own population; shape () or (n,).
    members
        Counts of the group's members, shape (widest group,) or (n, widest group), nan pads.
    dispersion
        The measure's year-to-year variation, the home left out.

    Returns
    -------
    Levels
        `UNDECIDED` with nan where a number or three members are missing.
    """
    own, usual = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    noise = median_noise(members, dispersion)

    def scale(mean: Floats) -> Floats:
        return np.asarray(np.sqrt(dispersion.phi + (dispersion.tau2 + noise) * mean), dtype=np.float64)

    def z(times: float) -> Floats:
        mean = times * usual
        return np.asarray(2 * (np.sqrt(own + SHIFT) - np.sqrt(mean + SHIFT)) / scale(mean), dtype=np.float64)

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = own / usual
        # Nothing can be said of how far something lies from nothing.
        far = np.where(usual > 0, z(1.0), np.nan)
        equivalent = (
            (usual > 0) & (z(EQUIVALENT_RATIO) < -_Z_ONE_SIDED) & (z(1 / EQUIVALENT_RATIO) > _Z_ONE_SIDED)
        )
        root, reach = np.sqrt(usual + SHIFT), _Z * scale(usual) / 2
        above = ((root + reach) ** 2 - SHIFT) / usual
        below = np.where(root > reach, (root - reach) ** 2 - SHIFT, -1.0) / usual
    known = np.isfinite(far)
    # Comparisons with nan are false: what is not known is undecided.
    verdict = _verdicts(far > _Z, far < -_Z, ratio, equivalent)
    return Levels(
        verdict=verdict,
        ratio=np.where(known, ratio, np.nan),
        z=far,
        detectable=np.where(known, np.maximum(above, LEAST_RATIO), np.nan),
        detectable_lower=np.where(known & (below >= 0), np.minimum(below, 1 / LEAST_RATIO), np.nan),
    )


def level(observed: float, expected: float, members: ArrayLike, dispersion: Dispersion) -> LevelOf:
    """Return the level of one municipality; see `levels`."""
    return _one_level(levels(observed, expected, members, dispersion))


def _verdicts(above: ArrayLike, below: ArrayLike, ratio: ArrayLike, equivalent: ArrayLike) -> Words:
    high = np.asarray(above) & (np.asarray(ratio) >= LEAST_RATIO)
    low = np.asarray(below) & (np.asarray(ratio) <= 1 / LEAST_RATIO)
    return _chosen(high, low, equivalent)


def _chosen(high: ArrayLike, low: ArrayLike, equivalent: ArrayLike) -> Words:
    words = _either(equivalent, Level.LEVEL, Level.UNDECIDED)
    return _either(high, Level.HIGHER, _either(low, Level.LOWER, words))


def _either(condition: ArrayLike, word: StrEnum, other: StrEnum | Words) -> Words:
    """Return ``word`` where the condition holds, as the member itself: numpy would make it plain text."""
    return np.where(condition, np.array(word, dtype=object), np.array(other, dtype=object))


def _one_level(found: Levels) -> LevelOf:
    lower = float(found.detectable_lower)
    return LevelOf(
        verdict=Level(found.verdict.item()),
        ratio=float(found.ratio),
        z=float(found.z),
        detectable=float(found.detectable),
        detectable_lower=None if math.isnan(lower) else lower,
    )


@dataclass(frozen=True)
class ShareLevels:
    """Levels of n survey shares: difference from the group in percentage points, and its z.

    ``detectable`` is the smallest difference that would have been called one.
    """

    verdict: Words
    difference: Floats
    z: Floats
    detectable: Floats


def share_levels(
    share: ArrayLike, error: ArrayLike, group_share: ArrayLike, member_errors: ArrayLike
) -> ShareLevels:
    """Say how survey shares lie against their group, in percentage points.

    A survey has margins of its own, so no dispersion is needed: the variance of the difference is the
    own standard error squared plus ``1.57 / k`` times the members' mean squared error. Higher or lower:
    certain (95 %) and at least 2 points; level: certainly (95 %) less than 5 points away. For shares
    below 20 (10) per cent, or as far from 100, the least difference (the equivalence) is a tenth
    (a half) of the group's share.

    Parameters
    ----------
    share, error, group_share
        Per cent, shape () or (n,): own share, its standard error, the group's median.
    member_errors
        Standard errors of the members, shape (widest group,) or (n, widest group), nan pads.
    """
    own, usual = np.asarray(share, dtype=np.float64), np.asarray(group_share, dtype=np.float64)
    errors = np.asarray(member_errors, dtype=np.float64)
    size = np.isfinite(errors).sum(axis=-1)
    enough = np.where(size >= MINIMUM_MEMBERS, size, np.nan)
    noise = _MEDIAN / enough * np.nansum(errors**2, axis=-1) / enough
    scale = np.sqrt(np.asarray(error, dtype=np.float64) ** 2 + noise)
    rarer = np.minimum(usual, 100 - usual)
    least, most = np.minimum(LEAST_POINTS, rarer / 10), np.minimum(EQUIVALENT_POINTS, rarer / 2)
    difference = own - usual
    with np.errstate(divide="ignore", invalid="ignore"):
        z = difference / scale
    certain = np.isfinite(z) & (np.abs(z) > _Z) & (np.abs(difference) >= least)
    equivalent = np.isfinite(z) & (np.abs(difference) + _Z_ONE_SIDED * scale < most)
    verdict = _chosen(certain & (difference > 0), certain & (difference < 0), equivalent)
    return ShareLevels(verdict, difference, z, np.maximum(_Z * scale, least))


def changes_z(
    before: ArrayLike, after: ArrayLike, factor: ArrayLike, dispersion: Dispersion | Dispersions
) -> Floats:
    """Return changes in standard errors of what the figure usually changes by; nan where unknown.

    ``2 (sqrt(n1 / f + 3/8) - sqrt(n0 + 3/8)) / sqrt(2 (phi + tau2 mean n))``.

    Parameters
    ----------
    before, after
        Counts, shape () or (n,).
    factor
        Ratio of the populations times the median municipality's change of rate, the home left out
        (`overdispersion.typical_changes`).
    """
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = 2 * (np.sqrt(second / np.asarray(factor) + SHIFT) - np.sqrt(first + SHIFT))
        z = gap / np.sqrt(2 * dispersion.variance((first + second) / 2))
    return np.asarray(np.where(np.isfinite(z), z, np.nan), dtype=np.float64)


def unusual_changes(
    before: ArrayLike, after: ArrayLike, factor: ArrayLike, dispersion: Dispersion | Dispersions
) -> Words:
    """Return which changes are unusual, and `ChangeWord.NONE` for all others; see `change`. Shape (n,)."""
    first, second, times = (np.asarray(part, dtype=np.float64) for part in (before, after, factor))
    z = changes_z(first, second, times, dispersion)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = second / (times * first)
    up, down = (z > _Z) & (ratio >= LEAST_RATIO), (z < -_Z) & (ratio <= 1 / LEAST_RATIO)
    changed = first != second
    words = _either(changed & down, ChangeWord.UNUSUAL_DECREASE, ChangeWord.NONE)
    return _either(changed & up, ChangeWord.UNUSUAL_INCREASE, words)


def changes(
    before: ArrayLike,
    after: ArrayLike,
    factor: ArrayLike,
    dispersion: Dispersion | Dispersions,
    comparable: bool = True,
) -> Words:
    """Return what each change is; see `change`, whose words these are. Shape (n,).

    The e-test takes a millisecond or so for each that is not unusual; `unusual_changes` is without it.
    """
    first, second, times = np.broadcast_arrays(
        np.asarray(before, float), np.asarray(after, float), np.asarray(factor, float)
    )
    if not comparable:
        return np.full(first.shape, ChangeWord.NONE, dtype=object)
    words = unusual_changes(first, second, times, dispersion)
    known = np.isfinite(changes_z(first, second, times, dispersion))
    for place in np.flatnonzero(known & (first != second) & (words == ChangeWord.NONE)):
        p_value = _e_test(float(first[place]), float(second[place]), float(times[place]))
        words[place] = ChangeWord.ORDINARY if p_value < _CHANCE else ChangeWord.CHANCE
    return words


def change(
    before: float | None,
    after: float | None,
    factor: float | None,
    dispersion: Dispersion,
    comparable: bool = True,
) -> ChangeOf:
    """Say what the change between two years is, the common change taken away.

    Unusual: ``|z| > 1.96`` (`changes_z`) and at least a tenth. Otherwise the e-test of Krishnamoorthy
    and Thomson (`statistics.change`) says whether it is more than pure chance: `ORDINARY`, as
    such a figure usually changes so much, or `CHANCE`.

    Parameters
    ----------
    before, after
        Counts of the two years, None where missing.
    factor
        Ratio of the populations times the median municipality's change of rate, the home left out.
    dispersion
        The measure's year-to-year variation, the home left out.
    comparable
        Whether no series break lies between the years.
    """
    if before is None or after is None or factor is None or not comparable or not factor > 0:
        difference = after - before if before is not None and after is not None and comparable else None
        return ChangeOf(
            verdict=ChangeWord.NONE, difference=difference, factor=None, ratio=None, z=None, p_chance=None
        )
    z = float(changes_z(before, after, factor, dispersion))
    verdict = ChangeWord(changes([before], [after], [factor], dispersion)[0])
    ratio = after / (factor * before) if before else (math.inf if after else None)
    asked = verdict in {ChangeWord.ORDINARY, ChangeWord.CHANCE}
    return ChangeOf(
        verdict=verdict,
        difference=after - before,
        factor=factor,
        ratio=ratio,
        z=z,
        p_chance=_e_test(before, after, factor) if asked else None,
    )


@lru_cache(maxsize=4096)  # asked for the word and for the number
def _e_test(before: float, after: float, factor: float) -> float:
    return e_test(round(before), round(after), 1.0, factor)


def directions(counts: ArrayLike, persons: ArrayLike, dispersion: Dispersion | Dispersions) -> Directions:
    """Say which way rates have gone over five years, beyond what years usually differ.

    A weighted line through ``2 sqrt(rate)`` with the variance ``phi + tau2 n`` of each year, n what the
    five years' common rate gives. A direction needs a slope of more than 2.81 standard errors (0.5 %),
    the same sign when any one year is left out (as the Fingertips marker: one odd year is no direction) and
    a tenth between the line's ends.

    Parameters
    ----------
    counts, persons
        Shape (5, n), consecutive comparable years, oldest first, nan where missing.

    Returns
    -------
    Directions
        Shape (n,); `Direction.NONE` with nan where a year is missing.

    Raises
    ------
    ValueError
        If there are not five years of both.
    """
    cases, people = np.asarray(counts, dtype=np.float64), np.asarray(persons, dtype=np.float64)
    if cases.shape != people.shape or cases.ndim != 2 or len(cases) != MARKER_YEARS:
        raise ValueError(f"a direction needs counts and persons of {MARKER_YEARS} years")
    common = people.mean(axis=0)
    heights = 2 * np.sqrt((cases + SHIFT) * common / people)
    expected = cases.sum(axis=0) / people.sum(axis=0) * people
    weights = people / common / dispersion.variance(expected)
    slope, information = _slopes(heights, weights)
    steady = np.ones(slope.shape, dtype=np.bool_)
    for out in range(MARKER_YEARS):
        kept = weights.copy()
        kept[out] = 0.0
        steady &= np.sign(_slopes(heights, kept)[0]) == np.sign(slope)
    middle = np.average(heights, axis=0, weights=np.where(np.isfinite(weights), weights, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.maximum(middle + 2 * slope, 0.0) / np.maximum(middle - 2 * slope, 0.0)
        total = np.where(np.isfinite(middle), ends**2, np.nan)
    z = slope * np.sqrt(information)
    told = steady & (np.abs(z) > _Z_DIRECTION)
    up, down = told & (z > 0) & (total >= LEAST_RATIO), told & (z < 0) & (total <= 1 / LEAST_RATIO)
    verdict = _either(up, Direction.UP, _either(down, Direction.DOWN, Direction.NONE))
    return Directions(verdict, z, total ** (1 / (MARKER_YEARS - 1)))


def _slopes(heights: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weighted slopes a year and their information (inverse variance), shapes (n,)."""
    years = np.arange(float(len(heights)))[:, None]
    middle = (weights * years).sum(axis=0) / weights.sum(axis=0)
    centred = weights * (years - middle)
    information = (centred * (years - middle)).sum(axis=0)
    return (centred * heights).sum(axis=0) / information, information
