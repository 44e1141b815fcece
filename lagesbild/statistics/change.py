"""The change between two counts: could it be chance, and how large."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, pdtr, pdtrc, xlogy

from lagesbild.statistics.intervals import Interval, check_confidence, check_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# What lies outside the mean +- (8 standard deviations + 30) has a probability below 1e-14.
_WIDTH_IN_SD = 8
_WIDTH_ADDED = 30
# Outcomes exactly as extreme as the observed one count as such in spite of rounding.
_TIE = 1 - 1e-12


def e_test(before: int, after: int, exposure_before: float = 1.0, exposure_after: float = 1.0) -> float:
    """Return the two-sided p value of the hypothesis that the rate of two independent Poisson counts has not changed.

    Krishnamoorthy & Thomson 2004 (J Stat Plan Inference 119:23).

    Parameters
    ----------
    before, after
        The counts.
    exposure_before, exposure_after
        What the counts are in proportion to (persons, days), in the same unit.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or an exposure is not positive and finite.
    """
    check_count(before)
    check_count(after)
    for exposure in (exposure_before, exposure_after):
        if not (math.isfinite(exposure) and exposure > 0):
            raise ValueError(f"the exposure must be a positive finite number, not {exposure}")
    return _e_test(before, after, exposure_before, exposure_after)


def difference_interval(before: int, after: int, confidence: float = 0.95) -> Interval:
    """Return the limits of the difference (after minus before) between two Poisson counts.

    Each count's own limits put together (MOVER; Li, Tang, Poon & Tang 2011, *Confidence intervals
    for difference between two Poisson rates*, Comm Stat Simul Comput 40:1478), by statsmodels.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or ``confidence`` is outside (0, 1).
    """
    from statsmodels.stats.rates import confint_poisson_2indep  # noqa: PLC0415 - a second to load

    check_count(before)
    check_count(after)
    check_confidence(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):  # it computes a ratio too, of zeros
        lower, upper = confint_poisson_2indep(
            after, 1, before, 1, method="mover", compare="diff", alpha=1 - confidence
        )
    return Interval(float(lower), float(upper))


def _e_test(before: int, after: int, exposure_before: float, exposure_after: float) -> float:
    """Return the two-sided p-value of the e-test.

    With the pooled rate in place of the unknown one, it is the probability of all pairs of counts
    whose standardised difference is at least as large as the observed. For a fixed first count
    the standardised difference falls as the second count rises, so the extreme second counts are
    two tails, and the sum over the grid of pairs becomes one sum over the first count. The first
    count is kept within 8 standard deviations (and 30) of its mean; a p-value below about 1e-14
    therefore only means "very small".
    """

    def standardised(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        variance = first / exposure_before**2 + second / exposure_after**2
        gap = first / exposure_before - second / exposure_after
        # Two zeros: no variance and no difference.
        return np.asarray(gap / np.sqrt(np.where(variance > 0, variance, 1.0)), dtype=np.float64)

    observed = float(np.abs(standardised(np.array([before]), np.array([after])))[0]) * _TIE
    if observed == 0:
        return 1.0
    pooled = (before + after) / (exposure_before + exposure_after)
    mean_first, mean_second = pooled * exposure_before, pooled * exposure_after
    low, high = _window(mean_first)
    first = np.arange(low, high + 1)
    end = _window(mean_second)[1] + 1

    above = _first_true(lambda second: standardised(first, second) <= -observed, first.size, end)
    below = _first_true(lambda second: standardised(first, second) < observed, first.size, end)
    # pdtr and pdtrc of -1 are not defined: those tails are empty and full.
    upper_tail = np.where(above > 0, pdtrc(np.maximum(above - 1, 0), mean_second), 1.0)
    lower_tail = np.where(below > 0, pdtr(np.maximum(below - 1, 0), mean_second), 0.0)
    weights = np.exp(xlogy(first, mean_first) - mean_first - gammaln(first + 1))
    return min(1.0, float(np.sum(weights * (upper_tail + lower_tail))))


def _window(mean: float) -> tuple[int, int]:
    """Return the whole numbers between which practically all of a Poisson distribution lies."""
    width = _WIDTH_IN_SD * math.sqrt(mean) + _WIDTH_ADDED
    return max(0, math.floor(mean - width)), math.ceil(mean + width)


def _first_true(
    holds: Callable[[NDArray[np.int64]], NDArray[np.bool_]], size: int, end: int
) -> NDArray[np.int64]:
    """Return, per element, the first whole number in [0, end] from which ``holds`` is true.

    ``holds`` takes and gives arrays of shape (size,) and, per element, goes once from false to
    true; ``end`` stands for "nowhere before the end". Found by bisection.
    """
    low = np.zeros(size, dtype=np.int64)
    high = np.full(size, end, dtype=np.int64)
    for _ in range(end.bit_length() + 1):
        middle = (low + high) // 2
        found = holds(middle)
        high = np.where(found, middle, high)
        low = np.where(found | (low == high), low, np.minimum(middle + 1, high))
    return high
