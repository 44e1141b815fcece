"""The categories of emerging hot spot analysis, by Esri's published rules, hot and cold.

A place is hot in a step when its Gi* is significantly high after Benjamini and Hochberg's correction over
all bins. The rules are tried in the published order; the first that holds gives the category. Where the
published wordings differ between versions, the newer one is used: a consecutive run is at least two
steps, and a sporadic hot spot is hot in the final step. The level of significance for the trend is not
published; here it is 0.05.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from lagesbild.statistics.multiplicity import q_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SIGNIFICANT = 0.05
#: "Almost always": the share of steps.
_OFTEN = 0.9


class Category(StrEnum):
    """What kind of hot (or cold) spot a place is."""

    NEW = "new"
    CONSECUTIVE = "consecutive"
    INTENSIFYING = "intensifying"
    PERSISTENT = "persistent"
    DIMINISHING = "diminishing"
    SPORADIC = "sporadic"
    OSCILLATING = "oscillating"
    HISTORICAL = "historical"
    NONE = "no pattern"


def significant(z: ArrayLike, level: float = SIGNIFICANT) -> NDArray[np.int64]:
    """Return 1 for hot, -1 for cold and 0 for other bins, corrected over all bins of the array."""
    scores = np.asarray(z, dtype=float)
    q = np.asarray(q_values((2 * ndtr(-np.abs(scores))).ravel())).reshape(scores.shape)
    return np.where(q <= level, np.sign(scores), 0).astype(np.int64)


def categorise(bins: ArrayLike, z: ArrayLike, trend_level: float = SIGNIFICANT) -> list[tuple[Category, int]]:
    """Return the category of each place and whether it is hot (1), cold (-1) or neither (0).

    Parameters
    ----------
    bins
        Shape (places, steps): 1 hot, -1 cold, 0 neither, oldest step first.
    z
        Shape (places, steps): the scores, for the trend.

    Raises
    ------
    ValueError
        If the shapes differ or there are fewer than two steps.
    """
    signs, scores = np.atleast_2d(np.asarray(bins)), np.atleast_2d(np.asarray(z, dtype=float))
    if signs.shape != scores.shape or signs.shape[1] < 2:
        raise ValueError("bins and scores must have one shape, of two steps or more")
    trend = trends(scores, trend_level)
    hot = _named(signs == 1, signs == -1, trend)
    cold = _named(signs == -1, signs == 1, -trend)
    found = []
    for place in range(signs.shape[0]):
        if hot[place] is not Category.NONE:
            found.append((hot[place], 1))
        else:
            found.append((cold[place], -1 if cold[place] is not Category.NONE else 0))
    return found


def _named(hot: Flags, cold: Flags, trend: NDArray[np.int64]) -> list[Category]:
    last, before = hot[:, -1], hot[:, :-1].any(axis=1)
    often = hot.mean(axis=1) >= _OFTEN
    # The run that ends in the final step: how long, and was it hot before?
    run = np.where(hot.all(axis=1), hot.shape[1], np.argmin(hot[:, ::-1], axis=1))
    unbroken = hot.sum(axis=1) == run
    been_cold = cold.any(axis=1)
    rules = [
        (Category.NEW, last & ~before),
        (Category.CONSECUTIVE, last & (run >= 2) & unbroken & ~often),
        (Category.INTENSIFYING, last & often & (trend > 0)),
        (Category.PERSISTENT, last & often & (trend == 0)),
        (Category.DIMINISHING, last & often & (trend < 0)),
        (Category.SPORADIC, last & ~often & ~been_cold),
        (Category.OSCILLATING, last & ~often & been_cold),
        (Category.HISTORICAL, ~last & often),
    ]
    return [
        next((name for name, holds in rules if holds[place]), Category.NONE) for place in range(hot.shape[0])
    ]


def trends(series: ArrayLike, level: float = SIGNIFICANT) -> NDArray[np.int64]:
    """Return 1, -1 or 0 for each row that rises, falls or does neither by Mann and Kendall's test.

    The test of `statistics.series.mann_kendall` for many series without gaps at once.
    """
    s, variance = mann_kendall_many(series)
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros_like(s), where=variance > 0)
    return np.where(2 * ndtr(-np.abs(z)) < level, np.sign(s), 0).astype(np.int64)


def mann_kendall_many(series: ArrayLike) -> tuple[Floats, Floats]:
    """Return Mann and Kendall's S and its variance (ties allowed for) for each row, shape (places,)."""
    x = np.atleast_2d(np.asarray(series, dtype=float))
    n = x.shape[1]
    s = np.zeros(x.shape[0])
    for lag in range(1, n):
        s += np.sign(x[:, lag:] - x[:, :-lag]).sum(axis=1)
    ordered = np.sort(x, axis=1)
    # Each value's number of equals t contributes (t-1)(2t+5) once for each of the t equals.
    equals = np.ones_like(x)
    for lag in range(1, n):
        same = ordered[:, lag:] == ordered[:, :-lag]
        if not same.any():
            break
        equals[:, lag:] += same
        equals[:, :-lag] += same
    ties = ((equals - 1) * (2 * equals + 5)).sum(axis=1)
    return s, (n * (n - 1) * (2 * n + 5) - ties) / 18
