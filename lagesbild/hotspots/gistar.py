"""Getis-Ord Gi* over places, or over a cube of places and time steps.

Ord & Getis (1995), *Local spatial autocorrelation statistics* (Geographical Analysis 27:286). esda has it
for one variable at a time, and brings a geographic stack that takes longer to load than a page may take;
this is the same formula for many variables at once, proved against esda's and spdep's values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def neighbourhoods(codes: Sequence[str], neighbours: Mapping[str, Sequence[str]]) -> csr_array:
    """Return binary weights, shape (n, n): 1 for each place's neighbours and itself."""
    place = {code: n for n, code in enumerate(codes)}
    pairs = {
        (n, place[other]) for code, n in place.items() for other in neighbours.get(code, ()) if other in place
    }
    pairs |= {(n, n) for n in place.values()}
    rows, columns = zip(*sorted(pairs), strict=True)
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(codes), len(codes)))


def over_time(weights: csr_array, steps: int, back: int = 1) -> csr_array:
    """Return weights over a cube, shape (steps * n, steps * n), ordered by step: neighbours now and ``back`` steps before."""
    reach = sum((eye_array(steps, k=-lag) for lag in range(1, back + 1)), start=eye_array(steps))
    return csr_array(kron(reach, weights))


def gi_star(values: ArrayLike, weights: csr_array) -> Floats:
    """Return the z score of each bin's neighbourhood against all bins.

    Parameters
    ----------
    values
        Shape (m,) or (k, m): k variables over m bins, none missing.
    weights
        Shape (m, m), each bin's own place included.

    Returns
    -------
    array
        Of the shape of ``values``; 0 where all bins are equal or the neighbourhood is everything.

    Raises
    ------
    ValueError
        If a value is not finite, or the shapes do not agree.
    """
    x = np.atleast_2d(np.asarray(values, dtype=float))
    bins = x.shape[1]
    if weights.shape != (bins, bins) or not np.isfinite(x).all():
        raise ValueError("every bin needs a finite value and a row of weights")
    mean = x.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.maximum((x**2).mean(axis=1, keepdims=True) - mean**2, 0.0))
    total = np.asarray(weights.sum(axis=1)).ravel()
    squared = np.asarray((weights**2).sum(axis=1)).ravel()
    scale = spread * np.sqrt(np.maximum(bins * squared - total**2, 0.0) / max(bins - 1, 1))
    local = (weights @ x.T).T - mean * total
    z: Floats = np.divide(
        local, scale, out=np.zeros_like(local), where=scale > 1e-12 * np.maximum(np.abs(mean), 1e-300)
    )
    found: Floats = z.reshape(np.shape(values))
    return found
