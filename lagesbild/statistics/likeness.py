"""The municipalities that are most alike: standardised characteristics, weighted distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def standardised(characteristics: ArrayLike) -> NDArray[np.float64]:
    """Return the characteristics in standard deviations from their mean, shape (n, k); nan stays nan."""
    values = np.asarray(characteristics, dtype=float)
    scale = np.nanstd(values, axis=0)
    centred: NDArray[np.float64] = (values - np.nanmean(values, axis=0)) / np.where(scale > 0, scale, 1.0)
    return centred


def most_alike(
    characteristics: ArrayLike, weights: ArrayLike, number: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return, for each municipality, the ``number`` most alike, nearest first, and their distances.

    The distance is Euclidean over the standardised characteristics, each times the square root of its
    weight: a weight of 2 counts as if the characteristic stood twice. An unknown value counts as the
    mean, and of two that are as near the first row comes first. By scipy's `cdist`: scikit-learn's `NearestNeighbors`
    finds the same, but takes more than a second to load in every command that compares.

    Parameters
    ----------
    characteristics
        Shape (n, k), nan where unknown.
    weights
        Shape (k,), not negative, at least one positive.

    Raises
    ------
    ValueError
        If the weights are negative or all zero, or ``number`` is not below n.
    """
    weighed = np.asarray(weights, dtype=float)
    if not np.all(weighed >= 0) or not weighed.any():
        raise ValueError("weights cannot be negative, and one must be positive")
    points = np.nan_to_num(standardised(characteristics)) * np.sqrt(weighed)
    if not 0 < number < points.shape[0]:
        raise ValueError(f"there are not {number} others among {points.shape[0]}")
    apart = scipy.spatial.distance.cdist(points, points)
    np.fill_diagonal(apart, np.inf)  # nobody is its own neighbour
    places = np.argsort(apart, axis=1, kind="stable")[:, :number]
    return places, np.take_along_axis(apart, places, axis=1)
