"""Hotspots: the cube with Gi*, correction, trends and categories; a thousand events scanned; plain loops beside."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.data import reference
from lagesbild.hotspots.categories import categorise, significant
from lagesbild.hotspots.gistar import gi_star, neighbourhoods, over_time
from lagesbild.hotspots.scan import Zones, scan, straight
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scipy.sparse import csr_array

_STEPS, _KINDS = 44, 8
_EVENTS, _PLACES, _DAYS, _SHUFFLES = 1_000, 300, 365, 999


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    yield _cube()
    yield _scan()


def _cube() -> str:
    codes = sorted(reference.geography())
    near = neighbourhoods(codes, {code: place.neighbours for code, place in reference.geography().items()})
    values = np.random.default_rng(1).poisson(3, (_KINDS, _STEPS * len(codes))).astype(float)
    start = time.perf_counter()
    weights = over_time(near, _STEPS)
    z = gi_star(values, weights).reshape(_KINDS, _STEPS, len(codes))
    bins = significant(z)
    for kind in range(_KINDS):
        categorise(bins[kind].T, z[kind].T)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    plain = _plain_gi(values[0], weights)
    loop = _KINDS * (time.perf_counter() - start)
    assert np.allclose(plain, z[0].ravel())
    return (
        f"Hotspots: {len(codes)} x {_STEPS} x {_KINDS} rutor med Gi*, korrigering, trend och kategorier: {number(ours, 2)} s; "
        f"bara Gi* i en vanlig slinga {number(loop / ours, 1)} gånger så lång tid"
    )


def _plain_gi(values: np.ndarray, weights: csr_array) -> np.ndarray:
    """Compute Gi* bin by bin."""
    x = values.tolist()
    n, mean = len(x), sum(x) / len(x)
    spread = (sum(v * v for v in x) / n - mean * mean) ** 0.5
    found = []
    for row in range(n):
        own = weights.indices[weights.indptr[row] : weights.indptr[row + 1]].tolist()
        total = len(own)
        found.append(
            (sum(x[other] for other in own) - mean * total)
            / (spread * ((n * total - total**2) / (n - 1)) ** 0.5)
        )
    return np.array(found)


def _scan() -> str:
    rng = np.random.default_rng(2)
    where = rng.integers(0, _PLACES, _EVENTS)
    when = rng.integers(0, _DAYS, _EVENTS)
    apart = straight(rng.uniform(0, 30, _PLACES), rng.uniform(0, 30, _PLACES))
    start = time.perf_counter()
    zones = Zones(apart, 5)
    scan(where, when, zones, 14, last=_DAYS - 1, shuffles=_SHUFFLES, seed=1)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(2):
        _plain_counts(where, rng.permutation(when), zones)
    loop = (time.perf_counter() - start) / 2 * _SHUFFLES
    return (
        f"Hotspots: {number(_EVENTS)} händelser, {len(zones.circles)} cirklar, {_SHUFFLES} permutationer: {number(ours, 1)} s; en vanlig "
        f"slinga skulle ta {number(loop / ours, 0)} gånger så lång tid"
    )


def _plain_counts(where: np.ndarray, when: np.ndarray, zones: Zones) -> int:
    """Count the cases of every cylinder one by one."""
    recent = [
        (place, _DAYS - 1 - day)
        for place, day in zip(where.tolist(), when.tolist(), strict=True)
        if _DAYS - 1 - day < 14
    ]
    most = 0
    for members in zones.circles:
        inside = set(members.tolist())
        for length in range(1, 15):
            most = max(most, sum(place in inside and age < length for place, age in recent))
    return most
