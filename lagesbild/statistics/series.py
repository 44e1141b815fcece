"""Trends over a few years: the Fingertips marker, Mann-Kendall's test and Sen's slope.

The marker is that of the British Office for Health Improvement and Disparities (five years, weighted
slope, and the same sign when any one year is left out). Mann (1945), Kendall (1975), Sen (1968).
None of scipy, statsmodels and scikit-learn has Mann-Kendall's test.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri, ndtr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: The marker looks at this many years.
MARKER_YEARS = 5
_MARKER_ALPHA = 0.002


class Direction(StrEnum):
    """Which way a series goes, in the words shown."""

    UP = "ökar"
    DOWN = "minskar"
    NONE = "ingen tydlig förändring"


@dataclass(frozen=True)
class Marker:
    """The Fingertips trend marker: direction, and the chi-square of the weighted slope."""

    direction: Direction
    chi_square: float


@dataclass(frozen=True, kw_only=True)
class MannKendall:
    """Mann-Kendall's test and Sen's slope (units of the values a step)."""

    s: float
    variance: float
    z: float
    p_value: float
    tau: float
    slope: float


def trend_marker(values: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> Marker:
    """Return the five-year trend marker.

    Parameters
    ----------
    values, lower, upper
        Five consecutive years' values with their 95 % limits, shape (5,), oldest first.

    Raises
    ------
    ValueError
        If there are not five of each, or an interval has no width.
    """
    v, low, high = (np.asarray(part, dtype=float) for part in (values, lower, upper))
    if not v.shape == low.shape == high.shape == (MARKER_YEARS,):
        raise ValueError(f"the marker needs {MARKER_YEARS} values with limits")
    if not np.all(high > low):
        raise ValueError("every interval must have a width")
    weights = ((high - low) / 3.92) ** -2.0
    years = np.arange(1.0, MARKER_YEARS + 1)
    slope, spread = _weighted_slope(years, v, weights)
    chi_square = slope**2 * spread
    others = [
        _weighted_slope(np.delete(years, out), np.delete(v, out), np.delete(weights, out))[0]
        for out in range(MARKER_YEARS)
    ]
    steady = all(np.sign(other) == np.sign(slope) for other in others)
    if chi_square <= float(chdtri(1, _MARKER_ALPHA)) or not steady:
        return Marker(Direction.NONE, chi_square)
    return Marker(Direction.UP if slope > 0 else Direction.DOWN, chi_square)


def _weighted_slope(
    years: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the weighted least-squares slope and the inverse of its variance."""
    total = weights.sum()
    centred = (weights * years**2).sum() - (weights * years).sum() ** 2 / total
    slope = (
        (weights * years * values).sum() - (weights * years).sum() * (weights * values).sum() / total
    ) / centred
    return float(slope), float(centred)


def mann_kendall(values: ArrayLike) -> MannKendall:
    """Test a series for a monotone trend; missing values (nan) are left out.

    ``S`` sums the signs of all later-minus-earlier differences; its variance allows for ties; z has
    the continuity correction. Sen's slope keeps the distance in time between the values.

    Raises
    ------
    ValueError
        If fewer than three values are there.
    """
    v = np.asarray(values, dtype=float)
    at = np.flatnonzero(~np.isnan(v))
    x = v[at]
    n = x.size
    if n < 3:
        raise ValueError("a trend needs at least three values")
    first, second = np.triu_indices(n, 1)
    differences = x[second] - x[first]
    s = float(np.sign(differences).sum())
    ties = np.unique(x, return_counts=True)[1].astype(float)
    variance = float((n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18)
    z = 0.0 if variance == 0 else float((s - np.sign(s)) / np.sqrt(variance))
    slope = float(np.median(differences / (at[second] - at[first])))
    return MannKendall(
        s=s, variance=variance, z=z, p_value=float(2 * ndtr(-abs(z))), tau=s / (n * (n - 1) / 2), slope=slope
    )
