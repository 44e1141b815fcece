"""Prospective space-time scan, for whether something is building up now, and where.

Kulldorff, Heffernan, Hartman, Assunção & Mostashari (2005), *A space-time permutation scan statistic for
disease outbreak detection* (PLoS Med 2:e59): cylinders of places around each place and of the last days
are compared with what place and time alone lead one to expect; chance is what shuffled dates give. With a
``baseline`` the expected counts are given (Poisson) and chance is a redistribution by them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: Shuffles whose statistics are computed at once.
_AT_ONCE = 64
_EULER = 0.5772156649015329
FEWEST_CASES = 2
#: Circles with a larger share of all cases say more of the rest than of themselves.
MOST_SHARE = 0.5
#: Attainable p values above this are of no use to anyone.
_HIGHEST_LEVEL = 0.5


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cylinder: places (indices, nearest the centre first), how many of the last steps, and how unusual.

    ``radius`` is in the distances' unit. ``p_value`` is the rank among shuffles; ``recurrence`` the
    number of steps between such findings by chance. ``gumbel`` is the p value by a Gumbel distribution
    fitted to the shuffles, for what is rarer than they can show.
    """

    places: tuple[int, ...]
    radius: float
    steps: int
    cases: int
    expected: float
    statistic: float
    p_value: float
    gumbel: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.cases / self.expected

    @property
    def recurrence(self) -> float:
        """How many steps between findings as unusual as this, by chance alone."""
        return 1 / self.p_value


class Zones:
    """Circles of places: every set of a place's nearest within a radius.

    Parameters
    ----------
    distances
        Shape (n, n).
    radius
        The widest circle, in the distances' unit.
    """

    def __init__(self, distances: ArrayLike, radius: float) -> None:
        apart = np.asarray(distances, dtype=float)
        self.circles: list[Ints] = []
        self.radii: list[float] = []
        seen: set[bytes] = set()
        for centre in range(apart.shape[0]):
            order = np.argsort(apart[centre], kind="stable")
            near = order[apart[centre][order] <= radius]
            ends = np.flatnonzero(np.append(np.diff(apart[centre][near]) > 0, True)) + 1
            for end in ends:  # places equally far off come together
                key = np.sort(near[:end]).tobytes()
                if key not in seen:
                    seen.add(key)
                    self.circles.append(near[:end])
                    self.radii.append(float(apart[centre][near[end - 1]]))
        self.sizes = np.array([len(circle) for circle in self.circles])
        rows = np.repeat(np.arange(len(self.circles)), self.sizes)
        columns = np.concatenate(self.circles)
        self.matrix = csr_array(
            (np.ones(columns.size), (rows, columns)), shape=(len(self.circles), apart.shape[0])
        )


@dataclass(frozen=True)
class Scan:
    """What a scan found, and the p values (shape (n,), rising, up to one half) that its cases can give at all.

    With few cases many arrangements are equally unusual: a p value between two attainable ones never occurs.
    """

    clusters: list[Cluster]
    attainable: Floats


def scan(
    places: ArrayLike,
    steps: ArrayLike,
    zones: Zones,
    longest: int,
    *,
    last: int | None = None,
    baseline: ArrayLike | None = None,
    shuffles: int = 999,
    seed: int = 0,
    most_share: float = MOST_SHARE,
    fewest: int = FEWEST_CASES,
) -> Scan:
    """Return the most unusual cylinders that end in the last step, without places in common.

    Parameters
    ----------
    places, steps
        Shape (cases,): each case's place (index into the zones' places) and step (0 the first).
    zones
        The circles to try.
    longest
        The longest cylinder, in steps.
    last
        The last step; default the last with a case.
    baseline
        Shape (places, last + 1): cases to expect, up to a factor. Default: place and step independent.
    shuffles
        How often chance is played out.
    most_share
        Circles with a larger share of all cases (with ``baseline``: of all expected ones) are not tried.
    fewest
        Cylinders with fewer cases are not tried.

    Returns
    -------
    Scan
        The most unusual cluster first, none with fewer than two cases; and the p values that there can be.

    Raises
    ------
    ValueError
        If a place or step is out of range, or ``longest`` is not between 1 and the number of steps.
    """
    where, when = np.asarray(places, dtype=np.int64), np.asarray(steps, dtype=np.int64)
    number = zones.matrix.shape[1]
    final = int(when.max()) if last is None and when.size else int(last or 0)
    if when.size and (when.min() < 0 or when.max() > final or where.min() < 0 or where.max() >= number):
        raise ValueError("a case lies outside the places or the steps")
    if not 1 <= longest <= final + 1:
        raise ValueError(f"the longest cylinder must be 1 to {final + 1} steps, not {longest}")
    if when.size < FEWEST_CASES:
        return Scan([], np.zeros(0))
    model = _Model(where, when, zones, longest, final, baseline, most_share, fewest)
    observed = model.recent(when[None, :], where[None, :])
    statistic = model.statistic(observed)[0]
    rng = np.random.default_rng(seed)
    highest = model.highest_by_chance(rng, shuffles)
    return Scan(_clusters(model, observed[0], statistic, highest), _attainable(highest))


class _Model:
    """What the cases lead one to expect in each cylinder."""

    def __init__(
        self,
        where: Ints,
        when: Ints,
        zones: Zones,
        longest: int,
        final: int,
        baseline: ArrayLike | None,
        most_share: float,
        fewest: int,
    ) -> None:
        self.fewest = fewest
        self.where, self.when, self.zones, self.longest, self.final = where, when, zones, longest, final
        self.cases = where.size
        number = zones.matrix.shape[1]
        in_place = zones.matrix @ np.bincount(where, minlength=number).astype(float)
        self.baseline: Floats | None = None
        if baseline is None:
            in_steps = np.bincount(when, minlength=final + 1)[::-1][:longest].cumsum()
            self.expected = np.outer(in_place, in_steps) / self.cases
        else:
            base = np.asarray(baseline, dtype=float)
            self.baseline = base * self.cases / base.sum()
            self.expected = zones.matrix @ self.baseline[:, ::-1][:, :longest].cumsum(axis=1)
        # What a circle may hold is limited by what is expected there, as in SaTScan: with a baseline that is
        # given, a circle that has much more than expected would else be left out for having it.
        size = in_place if self.baseline is None else zones.matrix @ self.baseline.sum(axis=1)
        self.tried = size <= most_share * self.cases

    def recent(self, when: Ints, where: Ints) -> Floats:
        """Return cases by circle and length for each of several arrangements, shape (r, zones, longest)."""
        rounds, number = when.shape[0], self.zones.matrix.shape[1]
        age = self.final - when
        row, case = np.nonzero(age < self.longest)
        flat = (where[row, case] * rounds + row) * self.longest + age[row, case]
        counts = np.bincount(flat, minlength=number * rounds * self.longest)
        return self._in_circles(counts.reshape(number, rounds, self.longest))

    def _in_circles(self, by_age: Ints) -> Floats:
        """Sum cases by place, round and age, shape (places, r, longest), to cylinders."""
        number, rounds, _ = by_age.shape
        by_length = by_age.cumsum(axis=2, dtype=float)
        summed = self.zones.matrix @ by_length.reshape(number, rounds * self.longest)
        arranged: Floats = summed.reshape(-1, rounds, self.longest).transpose(1, 0, 2)
        return arranged

    def statistic(self, cases: Floats) -> Floats:
        """Return the log likelihood ratio of each cylinder; 0 where there are too few or too many expected."""
        found = np.zeros_like(cases)
        expected = np.broadcast_to(self.expected, cases.shape)
        worth = (cases >= self.fewest) & (cases > expected) & (expected > 0) & self.tried[None, :, None]
        c, e, total = cases[worth], expected[worth], self.cases
        rest = total - c
        outside = np.where(rest > 0, rest * np.log(np.where(rest > 0, rest, 1) / (total - e)), 0.0)
        found[worth] = c * np.log(c / e) + outside
        return found

    def highest_by_chance(self, rng: np.random.Generator, shuffles: int) -> Floats:
        """Return the highest statistic of each shuffle."""
        found = []
        for start in range(0, shuffles, _AT_ONCE):
            by_chance = self._by_chance(rng, min(_AT_ONCE, shuffles - start))
            found.append(self.statistic(by_chance).max(axis=(1, 2)))
        return np.concatenate(found) if found else np.zeros(0)

    def _by_chance(self, rng: np.random.Generator, rounds: int) -> Floats:
        if self.baseline is None:
            when = rng.permuted(np.tile(self.when, (rounds, 1)), axis=1)
            return self.recent(when, np.broadcast_to(self.where, (rounds, self.cases)))
        share = (self.baseline / self.baseline.sum()).ravel()
        drawn = rng.multinomial(self.cases, share, rounds).reshape(rounds, *self.baseline.shape)
        return self._in_circles(drawn[:, :, ::-1][:, :, : self.longest].transpose(1, 0, 2))


def _clusters(model: _Model, observed: Floats, statistic: Floats, highest: Floats) -> list[Cluster]:
    taken = np.zeros(model.zones.matrix.shape[1], dtype=bool)
    left = statistic.copy()
    found: list[Cluster] = []
    while left.max(initial=0.0) > 0:
        # Of equals, the one with the fewest places, then the shortest.
        best = np.argwhere(left >= left.max() - 1e-12)
        zone, length = min(best.tolist(), key=lambda at: (len(model.zones.circles[at[0]]), at[1]))
        members = model.zones.circles[zone]
        value = float(statistic[zone, length])
        found.append(
            Cluster(
                places=tuple(int(place) for place in members),
                radius=model.zones.radii[zone],
                steps=length + 1,
                cases=round(observed[zone, length]),
                expected=float(model.expected[zone, length]),
                statistic=value,
                p_value=(1 + int((highest >= value - 1e-12).sum())) / (highest.size + 1),
                gumbel=_gumbel(value, highest),
            )
        )
        taken[members] = True
        left[np.asarray(model.zones.matrix @ taken.astype(float)) > 0] = 0
    return found


def _attainable(highest: Floats) -> Floats:
    """Return the p values that the shuffles can give, rising."""
    values, counts = np.unique(np.round(highest[highest > 0], 9), return_counts=True)
    if not values.size:
        return np.zeros(0)
    # A finding counts as one of the shuffles itself, also here.
    levels = (np.concatenate([[0], counts[::-1].cumsum()]) + 1) / (highest.size + 1)
    found: Floats = levels[levels <= _HIGHEST_LEVEL]
    return found


def _gumbel(value: float, highest: Floats) -> float:
    """Return the p value by a Gumbel distribution with the shuffles' mean and variance."""
    if highest.size < 2 or highest.std() == 0:
        return 1.0
    scale = float(highest.std(ddof=1)) * math.sqrt(6) / math.pi
    middle = float(highest.mean()) - _EULER * scale
    return -math.expm1(-math.exp(-(value - middle) / scale))


def great_circle(latitude: ArrayLike, longitude: ArrayLike) -> Floats:
    """Return the distances between places in km, shape (n, n), on a sphere of radius 6 371 km."""
    lat, lon = np.radians(np.asarray(latitude, dtype=float)), np.radians(np.asarray(longitude, dtype=float))
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    distances: Floats = 2 * 6371.0 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distances


def straight(x: ArrayLike, y: ArrayLike) -> Floats:
    """Return the distances between places in the plane, shape (n, n), in the unit of the coordinates."""
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    distances: Floats = np.hypot(points[:, None, 0] - points[:, 0], points[:, None, 1] - points[:, 1])
    return distances
