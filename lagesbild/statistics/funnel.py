"""Funnel limits around an expected count, widened by how much municipalities really differ.

Spiegelhalter (2005), *Funnel plots for comparing institutional performance* (Stat Med 24:1185), and
*Handling over-dispersion of performance indicators* (Qual Saf Health Care 14:347): municipalities
differ by more than Poisson chance, so an additive between-area variance is estimated and put into
the limits. Two published variants: on the log scale with the extreme tenths left out (SHMI, NHS
Digital), and on the square-root scale with the extreme tenths pulled in (Care Quality Commission).

Both weigh areas by their precision. With counts as large as all reported crimes in a city the few
largest then decide, and the limits come out too narrow: on the totals of 2025 a fifth of all
municipalities would lie outside "95 %". `spread_between` (Paule & Mandel 1982, J Res Natl Bur Stand
87:377) lets every area weigh alike where the spread is much larger than chance; about 5 % lie outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from lagesbild.statistics.intervals import check_confidence, garwood_limits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_TENTHS = 10


class Scale(StrEnum):
    """The scale on which the spread between areas is estimated."""

    LOG = "log"
    ROOT = "sqrt"


@dataclass(frozen=True)
class Overdispersion:
    """How much areas differ beyond chance.

    ``phi`` is the mean squared z score of the ``n`` areas kept (1 = chance alone); ``tau2`` is the
    variance between areas on ``scale`` (0 = no more than chance).
    """

    phi: float
    tau2: float
    n: int
    scale: Scale


def exact_limits(
    expected: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Poisson funnel limits of the ratio observed / expected.

    ``chi2_p(2E) / 2E`` and ``chi2_{1-p}(2E + 2) / 2E`` (Spiegelhalter 2005).

    Parameters
    ----------
    expected
        Expected counts, positive, shape (n,).

    Raises
    ------
    ValueError
        If an expected count is not positive, or ``confidence`` is outside (0, 1).
    """
    wanted = _positive(expected)
    check_confidence(confidence)
    lower, upper = garwood_limits(wanted, confidence)
    return lower / wanted, upper / wanted


def overdispersion(observed: ArrayLike, expected: ArrayLike, scale: Scale = Scale.ROOT) -> Overdispersion:
    """Estimate how much areas differ beyond chance.

    Parameters
    ----------
    observed, expected
        Counts, shape (n,); the municipality that is judged must not be among them. On the log scale
        half a case is added to both where nothing was observed.

    Raises
    ------
    ValueError
        If the shapes differ, an observed count is negative or an expected one is not positive.
    """
    counts, wanted = _checked(observed, expected)
    if scale is Scale.LOG:
        none = counts == 0
        wanted = np.where(none, wanted + 0.5, wanted)
        deviation = np.sqrt(1 / wanted)
        z = np.log(np.where(none, 0.5, counts) / wanted) / deviation
        ranks = np.argsort(np.argsort(z, kind="stable"), kind="stable") + 1
        tenth = ranks * _TENTHS // (z.size + 1)
        kept = (tenth >= 1) & (tenth <= _TENTHS - 2)
        if not kept.any():
            kept = np.ones(z.shape, dtype=bool)
        z, deviation = z[kept], deviation[kept]
    else:
        deviation = 0.5 / np.sqrt(wanted)
        z = (np.sqrt(counts / wanted) - 1) / deviation
        z = np.clip(z, *np.quantile(z, [1 / _TENTHS, 1 - 1 / _TENTHS]))
    return _between(z, deviation, scale)


def spread_between(observed: ArrayLike, expected: ArrayLike) -> Overdispersion:
    """Estimate the spread between areas by Paule and Mandel, on the square-root scale.

    The variance for which the squared deviations, each over its own total variance, sum to n - 1.
    statsmodels has it too (the tests compare) but takes a second to load.

    Parameters
    ----------
    observed, expected
        Counts, shape (n,), n >= 2; the municipality that is judged must not be among them.

    Raises
    ------
    ValueError
        If the shapes differ, fewer than two areas are given, an observed count is negative or an
        expected one is not positive.
    """
    counts, wanted = _checked(observed, expected)
    if counts.size < 2:
        raise ValueError("observed counts of at least two areas are needed")
    squared = (np.sqrt(counts / wanted) - 1) ** 2
    chance = 0.25 / wanted
    phi = float(np.mean(squared / chance))
    low, high = 0.0, float(squared.max())
    if (squared / chance).sum() <= counts.size - 1:
        return Overdispersion(phi, 0.0, counts.size, Scale.ROOT)
    while (squared / (chance + high)).sum() > counts.size - 1:
        high *= 2
    for _ in range(100):  # the sum falls steadily with the variance
        middle = (low + high) / 2
        above = (squared / (chance + middle)).sum() > counts.size - 1
        low, high = (middle, high) if above else (low, middle)
    return Overdispersion(phi, high, counts.size, Scale.ROOT)


def _between(z: NDArray[np.float64], deviation: NDArray[np.float64], scale: Scale) -> Overdispersion:
    n = z.size
    phi = float(np.mean(z**2))
    weights = deviation**-2.0
    room = weights.sum() - (weights**2).sum() / weights.sum()
    if n * phi < n - 1 or not room > 0:
        return Overdispersion(phi, 0.0, n, scale)
    return Overdispersion(phi, float((n * phi - (n - 1)) / room), n, scale)


def adjusted_limits(
    expected: ArrayLike, dispersion: Overdispersion, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return funnel limits of observed / expected that allow for the spread between areas.

    Without spread beyond chance they are the exact Poisson limits.
    """
    wanted = _positive(expected)
    check_confidence(confidence)
    if dispersion.tau2 == 0:
        return exact_limits(wanted, confidence)
    z = float(ndtri((1 + confidence) / 2))
    if dispersion.scale is Scale.LOG:
        half = z * np.sqrt(1 / wanted + dispersion.tau2)
        return np.exp(-half), np.exp(half)
    half = z * np.sqrt(0.25 / wanted + dispersion.tau2)
    return np.maximum(0.0, 1 - half) ** 2, (1 + half) ** 2


def adjusted_p_value(observed: float, expected: float, dispersion: Overdispersion) -> float:
    """Return the two-sided p value of a count against what is expected, allowing for the spread.

    Raises
    ------
    ValueError
        If ``observed`` is negative or ``expected`` is not positive.
    """
    (wanted,) = _positive([expected])
    if not observed >= 0:
        raise ValueError("observed counts cannot be negative")
    if dispersion.scale is Scale.LOG:
        if observed == 0:
            observed, wanted = 0.5, wanted + 0.5
        z = np.log(observed / wanted) / np.sqrt(1 / wanted + dispersion.tau2)
    else:
        z = (np.sqrt(observed / wanted) - 1) / np.sqrt(0.25 / wanted + dispersion.tau2)
    return float(2 * ndtr(-abs(z)))


def _checked(observed: ArrayLike, expected: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    counts = np.asarray(observed, dtype=float)
    wanted = _positive(expected)
    if counts.shape != wanted.shape or counts.size == 0:
        raise ValueError("observed and expected must have the same shape and hold something")
    if not np.all(counts >= 0):
        raise ValueError("observed counts cannot be negative")
    return counts, wanted


def _positive(expected: ArrayLike) -> NDArray[np.float64]:
    found = np.atleast_1d(np.asarray(expected, dtype=float))
    if not np.all(np.isfinite(found) & (found > 0)):
        raise ValueError("expected counts must be positive and finite")
    return found
