"""Confidence intervals of counts, rates and proportions.

Counts are treated as Poisson. The rule for counts is that of Fingertips (Office for Health
Improvement and Disparities): exact below ten, Byar from ten and up. Sources: Garwood 1936
(Biometrika 28:437), Byar in Breslow & Day 1987 (Statistical Methods in Cancer Research II),
Wilson 1927 (JASA 22:209).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincinv, ndtri

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Below this count Fingertips uses the exact interval, from it Byar's approximation.
EXACT_BELOW = 10


@dataclass(frozen=True)
class Interval:
    """Lower and upper confidence limit, in the unit of the estimate they belong to."""

    lower: float
    upper: float


def check_confidence(confidence: float) -> None:
    """Refuse a confidence level that is not strictly between 0 and 1.

    Raises
    ------
    ValueError
        If ``confidence`` is outside (0, 1) or not a number.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"the confidence must lie between 0 and 1, not {confidence}")


def check_count(count: float) -> None:
    """Refuse a count that no observation can give.

    Raises
    ------
    ValueError
        If ``count`` is negative, infinite or not a number.
    """
    if not (math.isfinite(count) and count >= 0):
        raise ValueError(f"the count must be zero or a positive finite number, not {count}")


def _check_population(population: float) -> None:
    if not (math.isfinite(population) and population > 0):
        raise ValueError(f"the population must be a positive finite number, not {population}")


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations hold ``confidence`` of a normal distribution.

    Raises
    ------
    ValueError
        If ``confidence`` is outside (0, 1).
    """
    check_confidence(confidence)
    return float(ndtri((1 + confidence) / 2))


def poisson_interval(count: float, confidence: float = 0.95) -> Interval:
    """Return the exact (Garwood 1936) interval of a Poisson mean.

    The chi-square quantiles of the usual form, ``chi2_p(2k) / 2``, are those of a gamma
    distribution of shape k.

    Parameters
    ----------
    count
        Observed count; at zero the lower limit is zero.
    confidence
        Two-sided confidence level.

    Returns
    -------
    Interval
        Limits of the mean, as counts.

    Raises
    ------
    ValueError
        If ``count`` is negative or not finite, or ``confidence`` is outside (0, 1).
    """
    check_count(count)
    check_confidence(confidence)
    lower, upper = garwood_limits(count, confidence)
    return Interval(float(lower), float(upper))


def garwood_limits(
    counts: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `poisson_interval` does for many counts at once, whole or not: lower and upper, shape (n,)."""
    values = np.asarray(counts, dtype=np.float64)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        lower = np.where(values > 0, gammaincinv(values, tail), 0.0)
        upper = gammaincinv(values + 1, 1 - tail)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


def byar_interval(count: float, confidence: float = 0.95) -> Interval:
    """Return Byar's approximate interval of a Poisson mean (Breslow & Day 1987).

    The formula's lower limit falls below zero for very small counts and high confidence; it is
    then set to zero.

    Parameters
    ----------
    count
        Observed count.
    confidence
        Two-sided confidence level.

    Returns
    -------
    Interval
        Limits of the mean, as counts.

    Raises
    ------
    ValueError
        If ``count`` is negative or not finite, or ``confidence`` is outside (0, 1).
    """
    check_count(count)
    check_confidence(confidence)
    z = normal_quantile(confidence)
    lower = 0.0
    if count > 0:
        lower = max(0.0, count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3)
    above = count + 1
    return Interval(lower, above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3)


def count_interval(count: float, confidence: float = 0.95) -> Interval:
    """Return the interval of a count by the Fingertips rule: exact below ten, else Byar.

    Parameters
    ----------
    count
        Observed count.
    confidence
        Two-sided confidence level.

    Returns
    -------
    Interval
        Limits of the mean, as counts.

    Raises
    ------
    ValueError
        If ``count`` is negative or not finite, or ``confidence`` is outside (0, 1).
    """
    method = poisson_interval if count < EXACT_BELOW else byar_interval
    return method(count, confidence)


def rate_interval(
    count: float, population: float, confidence: float = 0.95, per: float = 100_000
) -> Interval:
    """Return the interval of a rate; the population is taken as known without error.

    Parameters
    ----------
    count
        Observed count.
    population
        Persons (or any other exposure) the count belongs to.
    confidence
        Two-sided confidence level.
    per
        The rate is given per this many persons.

    Returns
    -------
    Interval
        Limits of the rate, ``per`` persons.

    Raises
    ------
    ValueError
        If ``count`` is negative or not finite, ``population`` is not positive and finite, or
        ``confidence`` is outside (0, 1).
    """
    _check_population(population)
    limits = count_interval(count, confidence)
    return Interval(limits.lower * per / population, limits.upper * per / population)


def wilson_interval(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's (1927) score interval of a proportion.

    Parameters
    ----------
    successes
        How many of the ``n`` have the property.
    n
        How many were observed.
    confidence
        Two-sided confidence level.

    Returns
    -------
    Interval
        Limits of the proportion, between 0 and 1.

    Raises
    ------
    ValueError
        If ``successes`` is negative, not finite or larger than ``n``, ``n`` is not positive and
        finite, or ``confidence`` is outside (0, 1).
    """
    check_count(successes)
    _check_population(n)
    check_confidence(confidence)
    if successes > n:
        raise ValueError(f"{successes} cannot be a part of {n}")
    z = normal_quantile(confidence)
    middle = 2 * successes + z**2
    reach = z * math.sqrt(z**2 + 4 * successes * (1 - successes / n))
    whole = 2 * (n + z**2)
    return Interval(max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole))
