"""How large a difference must be before a count of this size can show it."""

from __future__ import annotations

import math
from bisect import bisect_left

from scipy.special import gammaincinv, pdtrc

from lagesbild.statistics.intervals import check_confidence, check_count


def critical_count(expected: float, confidence: float = 0.95) -> int:
    """Return the smallest count that is significantly above what is expected.

    It is the smallest whole c with ``P(X >= c) <= (1 - confidence) / 2`` for X Poisson with mean
    ``expected``: the upper tail of a two-sided exact test.

    Parameters
    ----------
    expected
        Expected count, such as the comparison group's rate times the population.
    confidence
        Two-sided confidence level.

    Raises
    ------
    ValueError
        If ``expected`` is negative or not finite, or ``confidence`` is outside (0, 1).
    """
    check_count(expected)
    check_confidence(confidence)
    tail = (1 - confidence) / 2

    def is_above(count: int) -> bool:
        return bool(pdtrc(count - 1, expected) <= tail)

    high = math.ceil(expected) + 1
    while not is_above(high):
        high *= 2
    return bisect_left(range(high + 1), True, lo=1, key=is_above)


def detectable_ratio(expected: float, confidence: float = 0.95, power: float = 0.8) -> float:
    """Return the smallest true ratio to the expected count that would be noticed.

    Noticed means that the observed Poisson count reaches `critical_count` with probability
    ``power``. The mean m that gives this solves ``P(X >= c | m) = power``, which is the quantile
    of a gamma distribution of shape c (Garwood 1936). About 2.1 at ten expected cases and 1.3
    at one hundred.

    Parameters
    ----------
    expected
        Expected count, such as the comparison group's rate times the population.
    confidence
        Two-sided confidence level of the funnel limits.
    power
        Wanted probability that the count falls above the upper limit.

    Returns
    -------
    float
        Ratio of the true to the expected mean; infinite when nothing is expected.

    Raises
    ------
    ValueError
        If ``expected`` is negative or not finite, or ``confidence`` or ``power`` is outside
        (0, 1).
    """
    if not 0 < power < 1:
        raise ValueError(f"the power must lie between 0 and 1, not {power}")
    count = critical_count(expected, confidence)
    if expected == 0:
        return math.inf
    return float(gammaincinv(count, power)) / expected
