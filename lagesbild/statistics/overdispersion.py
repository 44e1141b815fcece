"""How much a count usually changes from one year to the next, beyond pure chance.

The variance of twice the square root of a year's count n is taken as phi + tau^2 n: with pure chance it would
be 1. Both are estimated for each measure from all municipalities' pairs of consecutive comparable years, so that
a single municipality's own jump is not what it is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri

from lagesbild.statistics.intervals import Interval, check_confidence, check_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PER = 100_000
#: Anscombe's shift, which makes the variance of a root even for small counts.
SHIFT = 0.375
#: A squared difference counts as at most this many variances: single outliers do not set what is usual.
_CAP = float(chdtri(1, 0.01))
_ROUNDS, _SETTLED = 200, 1e-9
_FEWEST_PAIRS = 30


@dataclass(frozen=True)
class Dispersion:
    """Variance of twice the root of a count n: ``phi + tau2 * n``; learnt from ``pairs`` of years."""

    phi: float
    tau2: float
    pairs: int

    @property
    def known(self) -> bool:
        """Whether it is learnt from the measure itself."""
        return self.pairs >= _FEWEST_PAIRS

    def of_years(self, years: int) -> Dispersion:
        """Return the dispersion of the sum of so many years, each moving by itself."""
        return Dispersion(self.phi, self.tau2 / years, self.pairs)

    def variance(self, count: float) -> float:
        """Return the variance of twice the root of a count."""
        return self.phi + self.tau2 * count


@dataclass(frozen=True)
class Dispersions:
    """The dispersions of many municipalities, each left out of its own: ``phi`` and ``tau2`` of shape (n,)."""

    phi: Floats
    tau2: Floats

    @classmethod
    def of(cls, each: Sequence[Dispersion]) -> Dispersions:
        """Put single ones together."""
        return cls(np.array([one.phi for one in each]), np.array([one.tau2 for one in each]))


#: What is taken for a measure without enough pairs of years.
UNKNOWN = Dispersion(3.0, 0.01, 0)
#: Pure chance, for statisticians.
CHANCE = Dispersion(1.0, 0.0, 0)


@dataclass(frozen=True)
class Pairs:
    """Consecutive comparable years: half squared differences and mean counts, each with its municipality (index)."""

    squared: Floats
    mean: Floats
    where: NDArray[np.int64]


def pairs_of(counts: Floats, persons: Floats, comparable: NDArray[np.bool_]) -> Pairs:
    """Return how far each municipality moved against the median municipality between consecutive years.

    Parameters
    ----------
    counts, persons
        Shape (years, municipalities), nan where missing; the years are consecutive.
    comparable
        Shape (years - 1,): whether no series break lies between a year and the one after.
    """
    before, after = counts[:-1], counts[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        people = persons[1:] / persons[:-1]
        ratio = np.where(before > 0, after / before / people, np.nan)
    known = np.isfinite(before) & np.isfinite(after) & np.isfinite(people) & comparable[:, None]
    common = np.array([
        np.median(row[ok & np.isfinite(row)]) if np.any(ok & np.isfinite(row)) else 1.0
        for row, ok in zip(ratio, known, strict=True)
    ])  # fmt: skip
    scale = people * np.where(common > 0, common, 1.0)[:, None]
    with np.errstate(invalid="ignore"):
        moved = 2 * (np.sqrt((after + SHIFT) / scale) - np.sqrt(before + SHIFT))
    _, where = np.nonzero(known)
    return Pairs(moved[known] ** 2, ((before + after) / 2)[known], where.astype(np.int64))


def estimate(pairs: Pairs) -> Dispersion:
    """Estimate the dispersion of a measure; `UNKNOWN` with too few pairs of years.

    Half the squared differences are regressed on (1, mean count) with weights 1/v, v = 2 (phi + tau^2 mean), and
    capped at 6.635 v, until it settles; phi is at least 1 and tau^2 at least 0.
    """
    if pairs.squared.size < _FEWEST_PAIRS:
        return UNKNOWN
    phi, tau2 = _settled(pairs)
    return Dispersion(phi, tau2, pairs.squared.size)


def estimate_without(pairs: Pairs, municipalities: int) -> list[Dispersion]:
    """Return the estimate with each municipality left out, in order.

    The weights and the cap are those of the estimate with everybody: one municipality moves them by less than the
    tolerance that matters (see the tests), and all are then solved at once.
    """
    if pairs.squared.size < _FEWEST_PAIRS:
        return [UNKNOWN] * municipalities
    phi, tau2 = _settled(pairs)
    design, target = _equations(pairs, phi, tau2)
    own = np.zeros((municipalities, 3))
    right = np.zeros((municipalities, 2))
    count = np.bincount(pairs.where, minlength=municipalities)
    for column, values in enumerate((design[:, 0] ** 2, design[:, 0] * design[:, 1], design[:, 1] ** 2)):
        own[:, column] = np.bincount(pairs.where, values, municipalities)
    for column in range(2):
        right[:, column] = np.bincount(pairs.where, design[:, column] * target, municipalities)
    left, rest = own.sum(axis=0) - own, right.sum(axis=0) - right
    found = []
    for (aa, ab, bb), (ya, yb), n in zip(left, rest, count, strict=True):
        extra, slope = _bounded(float(aa), float(ab), float(bb), float(ya), float(yb))
        found.append(Dispersion(1 + extra, slope, pairs.squared.size - int(n)))
    return found


def _settled(pairs: Pairs) -> tuple[float, float]:
    phi, tau2 = UNKNOWN.phi, UNKNOWN.tau2
    for _ in range(_ROUNDS):
        design, target = _equations(pairs, phi, tau2)
        a, b = design[:, 0], design[:, 1]
        extra, slope = _bounded(
            float(a @ a), float(a @ b), float(b @ b), float(a @ target), float(b @ target)
        )
        before, phi, tau2 = (phi, tau2), 1 + extra, slope
        if abs(phi - before[0]) < _SETTLED * phi and abs(tau2 - before[1]) < _SETTLED:
            break
    return phi, tau2


def _equations(pairs: Pairs, phi: float, tau2: float) -> tuple[Floats, Floats]:
    """Return the weighted regression of what is above pure chance on (1, mean)."""
    variance = 2 * (phi + tau2 * pairs.mean)
    weight = 1 / variance
    half = np.minimum(pairs.squared, _CAP * variance) / 2
    return np.column_stack([weight, weight * pairs.mean]), (half - 1) * weight


def _bounded(aa: float, ab: float, bb: float, ya: float, yb: float) -> tuple[float, float]:
    """Solve two normal equations with both unknowns at least zero (NNLS of two columns, in closed form)."""
    determinant = aa * bb - ab * ab
    if determinant > 0:
        first, second = (ya * bb - yb * ab) / determinant, (yb * aa - ya * ab) / determinant
        if first >= 0 and second >= 0:
            return first, second
    only_first, only_second = max(0.0, ya / aa), max(0.0, yb / bb)
    # Of the two borders the one that leaves the smaller rest.
    gain_first, gain_second = only_first * ya, only_second * yb
    return (only_first, 0.0) if gain_first >= gain_second else (0.0, only_second)


def rate_interval(
    count: float, exposure: float, dispersion: Dispersion, confidence: float = 0.95
) -> Interval:
    """Return the limits of a rate per 100 000, wide enough for what a year's count usually moves by.

    Parameters
    ----------
    count
        The year's count, zero or more.
    exposure
        The persons behind the rate.
    dispersion
        Of the measure.

    Raises
    ------
    ValueError
        For an impossible count, exposure or confidence.
    """
    check_count(count)
    check_confidence(confidence)
    if not exposure > 0:
        raise ValueError(f"the exposure must be positive, not {exposure}")
    lower, upper = count_limits(np.array([count]), dispersion, confidence)
    return Interval(float(lower[0]) * PER / exposure, float(upper[0]) * PER / exposure)


def count_limits(counts: Floats, dispersion: Dispersion, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the lower and upper limits of counts, each of the shape given."""
    quantile = float(np.sqrt(chdtri(1, 1 - confidence)))
    half = quantile * np.sqrt(dispersion.phi + dispersion.tau2 * counts) / 2
    root = np.sqrt(counts + SHIFT)
    lower = np.maximum(np.maximum(root - half, 0.0) ** 2 - SHIFT, 0.0)
    return np.minimum(lower, counts), np.maximum((root + half) ** 2 - SHIFT, counts)
