"""The municipalities that are most alike: standardised characteristics, weighted distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    mean. By scikit-learn's `NearestNeighbors`.

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
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 - takes half a second to load

    weighed = np.asarray(weights, dtype=float)
    if not np.all(weighed >= 0) or not weighed.any():
        raise ValueError("weights cannot be negative, and one must be positive")
    points = np.nan_to_num(standardised(characteristics)) * np.sqrt(weighed)
    if not 0 < number < points.shape[0]:
        raise ValueError(f"there are not {number} others among {points.shape[0]}")
    search = NearestNeighbors(n_neighbors=number).fit(points)
    distances, places = search.kneighbors()  # without arguments a point is not its own neighbour
    return places.astype(np.int64), distances
