"""How far a municipality lies from its group, measured by how far municipalities usually do.

Each municipality has a group of its own. Every municipality's deviation from the median of its own
group says how large such deviations usually are: chance plus a variance between municipalities
(Paule & Mandel 1982, as in `statistics.funnel`). The home municipality is judged against that spread,
with Student's t for how well the spread is known (Higgins, Thompson & Spiegelhalter 2009, *A
re-evaluation of random-effects meta-analysis*, J R Stat Soc A 172:137). It is left out of all of
it: of the spread, and of the other municipalities' groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincinv, ndtri, pdtr, pdtrc, stdtr, stdtrit

from lagesbild.statistics.comparison import MINIMUM_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PER = 100_000
#: With fewer municipalities than this, how much they usually differ is not known.
FEWEST = 10
_HALVINGS = 60
_POWER_Z = float(ndtri(0.975) + ndtri(0.8))


@dataclass(frozen=True)
class Peers:
    """Whom each municipality is compared with: row i of ``members`` indexes the peers of i, -1 pads.

    Shape (n, widest group). A municipality is never its own peer.
    """

    members: NDArray[np.int64]

    @classmethod
    def of(cls, codes: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Peers:
        """Return the peers by the codes of ``groups``; members that have no place among ``codes`` are left out."""
        place = {code: n for n, code in enumerate(codes)}
        rows = [[place[c] for c in groups.get(code, ()) if c in place and c != code] for code in codes]
        members = np.full((len(rows), max(map(len, rows), default=0) or 1), -1, dtype=np.int64)
        for n, row in enumerate(rows):
            members[n, : len(row)] = row
        return cls(members)


@dataclass(frozen=True)
class Measure:
    """One indicator and year over all municipalities, shape (n,), nan where there is no value.

    With ``survey`` false, ``values`` are cases per 100 000 and ``sizes`` persons; deviations are
    taken on the square-root scale of the ratio, where Poisson chance is even. With ``survey`` true,
    values are per cent and ``sizes`` their standard errors.
    """

    values: Floats
    sizes: Floats
    survey: bool = False

    def deviations(self, reference: Floats) -> tuple[Floats, Floats]:
        """Return the deviations from ``reference`` (broadcast) and the variance that chance gives them."""
        if self.survey:
            return self.values - reference, np.broadcast_to(self.sizes**2, np.shape(reference)).astype(float)
        usable = np.where(reference > 0, reference, np.nan)
        return np.sqrt(self.values / usable) - 1, PER / (4 * usable * self.sizes)

    def limits(self, reference: float, half: float) -> tuple[float, float]:
        """Return the values that lie ``half`` (on the deviation's scale) from ``reference``."""
        if self.survey:
            return max(0.0, reference - half), min(100.0, reference + half)
        return reference * max(0.0, 1 - half) ** 2, reference * (1 + half) ** 2


@dataclass(frozen=True)
class Standing:
    """Where the home municipality stands against its group.

    ``reference`` is the group's median, ``lower`` to ``far_upper`` the adjusted 95 and 99.8 %
    limits (all in the indicator's unit); ``between`` the standard deviation between municipalities
    on the deviation's scale, learnt from ``learnt_from`` municipalities. ``p_value`` is two-sided.
    ``outlying`` is the ratio to the group at which a municipality of this size would be called
    unusual with 80 % probability.
    """

    reference: float
    members: int
    between: float
    learnt_from: int
    ratio: float
    z: float
    p_value: float
    lower: float
    upper: float
    far_lower: float
    far_upper: float
    outlying: float


def peer_medians(values: Floats, peers: Peers, homes: NDArray[np.int64]) -> Floats:
    """Return every municipality's group median with each home left out of all groups.

    Parameters
    ----------
    values
        Shape (n,), nan where there is no value.
    homes
        Indices of the homes, shape (h,).

    Returns
    -------
    ndarray
        Shape (h, n); nan where fewer than three members are left.
    """
    padded = np.where(peers.members >= 0, values[peers.members], np.nan)
    order = np.argsort(padded, axis=1)
    ordered = np.take_along_axis(padded, order, axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    rank = np.full((values.size, values.size + 1), -1, dtype=np.int64)
    places = np.broadcast_to(np.arange(padded.shape[1]), padded.shape)
    who = np.take_along_axis(peers.members, order, axis=1)
    np.put_along_axis(rank, who, np.where(np.isfinite(ordered), places, -1), axis=1)
    removed = rank[:, homes].T
    left = count - (removed >= 0)
    rows = np.arange(values.size)

    def at(position: NDArray[np.int64]) -> Floats:
        shifted = position + ((removed >= 0) & (position >= removed))
        picked: Floats = ordered[rows, np.clip(shifted, 0, ordered.shape[1] - 1)]
        return picked

    medians = (at((left - 1) // 2) + at(left // 2)) / 2
    return np.where(left >= MINIMUM_MEMBERS, medians, np.nan)


def between_variance(deviations: Floats, chance: Floats) -> Floats:
    """Return Paule and Mandel's variance between areas for each row, nan cells left out.

    The variance for which the squared deviations, each over its own total variance, sum to one less
    than their number; 0 where chance alone is enough. Shapes (h, n) and (h,).
    """
    squared = np.where(np.isfinite(deviations), deviations, 0.0) ** 2
    chance = np.where(np.isfinite(chance) & np.isfinite(deviations), chance, np.inf)
    wanted = np.isfinite(chance).sum(axis=1) - 1
    low = np.zeros(squared.shape[0])
    # With the sum of squares itself as variance each share is below one and all sum to one at most.
    high = squared.sum(axis=1) + 1e-12
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = (squared / (chance + middle[:, None])).sum(axis=1) > wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    by_chance = (squared / np.where(chance > 0, chance, np.inf)).sum(axis=1) <= wanted
    return np.where(by_chance & np.all(chance > 0, axis=1), 0.0, high)


def standings(
    measure: Measure,
    peers: Peers,
    homes: Sequence[int],
    spread_peers: Peers | None = None,
) -> list[Standing | None]:
    """Place each home municipality against its own group.

    Parameters
    ----------
    measure
        The indicator's values of one year.
    peers
        Everybody's group.
    homes
        Indices of the municipalities to place.
    spread_peers
        Whose groups the usual spread is learnt from, where only the home has such a group.

    Returns
    -------
    list
        None where the home has no value, its group fewer than three with values, the group's median
        is zero, or too few municipalities have groups to learn the spread from.
    """
    index = np.asarray(homes, dtype=np.int64)
    rows = np.arange(index.size)
    medians = peer_medians(measure.values, peers, index)
    reference = medians[rows, index]
    others = medians if spread_peers is None else peer_medians(measure.values, spread_peers, index)
    deviations, chance = measure.deviations(others)
    deviations[rows, index] = np.nan
    learnt_from = (np.isfinite(deviations) & np.isfinite(chance)).sum(axis=1)
    variance = between_variance(deviations, chance)
    own, own_chance = measure.deviations(np.broadcast_to(reference[:, None], medians.shape))
    members = np.isfinite(np.where(peers.members >= 0, measure.values[peers.members], np.nan)).sum(axis=1)
    found: list[Standing | None] = []
    for row, home in enumerate(index):
        cell = own[row, home], own_chance[row, home]
        if learnt_from[row] < FEWEST or not np.all(np.isfinite(cell)):
            found.append(None)
            continue
        found.append(
            _standing(measure, int(home), float(reference[row]), int(members[home]), float(cell[0]),
                      float(cell[1]), float(variance[row]), int(learnt_from[row]))
        )  # fmt: skip
    return found


def _standing(
    measure: Measure, home: int, reference: float, members: int, deviation: float, chance: float,
    variance: float, learnt_from: int,
) -> Standing:  # fmt: skip
    size = float(measure.sizes[home])
    value = float(measure.values[home])
    freedom = learnt_from - 2
    scale = float(np.sqrt(chance + variance))
    z = deviation / scale if scale else 0.0
    exact = variance == 0 and not measure.survey
    if exact:
        expected = reference * size / PER
        p_value = _poisson_p(value * size / PER, expected)
        near, far = (_poisson_limits(expected, reference, confidence) for confidence in (0.95, 0.998))
    else:
        p_value = float(2 * stdtr(freedom, -abs(z)))
        near, far = (
            measure.limits(reference, float(stdtrit(freedom, (1 + confidence) / 2)) * scale)
            for confidence in (0.95, 0.998)
        )
    seen = measure.limits(reference, _POWER_Z * scale)[1]
    return Standing(
        reference, members, float(np.sqrt(variance)), learnt_from,
        value / reference if reference else float("inf"), z, min(1.0, p_value), *near, *far,
        seen / reference if reference else float("inf"),
    )  # fmt: skip


def _poisson_p(count: float, expected: float) -> float:
    whole = round(count)
    return min(1.0, 2 * float(min(pdtr(whole, expected), pdtrc(whole - 1, expected) if whole else 1.0)))


def _poisson_limits(expected: float, reference: float, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    lower, upper = gammaincinv(expected, tail) / expected, gammaincinv(expected + 1, 1 - tail) / expected
    return float(lower) * reference, float(upper) * reference
