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
from scipy.special import ndtri, pdtr, pdtrc, stdtr, stdtrit

from lagesbild.statistics.comparison import MINIMUM_MEMBERS
from lagesbild.statistics.intervals import garwood_limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PER = 100_000
#: With fewer municipalities than this, how much they usually differ is not known.
FEWEST = 10
#: Where the search for the variance between areas begins (of the sum of squares), and when it has settled.
_START, _SETTLED, _ROUNDS = 1e-9, 1e-13, 100
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

    def limits(self, reference: Floats, half: Floats) -> tuple[Floats, Floats]:
        """Return the values that lie ``half`` (on the deviation's scale) from ``reference``."""
        if self.survey:
            return np.maximum(0.0, reference - half), np.minimum(100.0, reference + half)
        return reference * np.maximum(0.0, 1 - half) ** 2, reference * (1 + half) ** 2


@dataclass(frozen=True, kw_only=True)
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
    by_chance = (squared / np.where(chance > 0, chance, np.inf)).sum(axis=1) <= wanted
    by_chance &= np.all(chance > 0, axis=1)
    # Newton's method on one over the sum, which is concave in the variance: from below, never past the root.
    found = np.where(by_chance, 0.0, squared.sum(axis=1) * _START)
    left = np.flatnonzero(~by_chance & (wanted > 0))
    for _ in range(_ROUNDS):
        total = chance[left] + found[left, None]
        shares = squared[left] / total
        height, slope = shares.sum(axis=1), (shares / total).sum(axis=1)
        step = (height - wanted[left]) * height / (wanted[left] * slope)
        found[left] += step
        left = left[np.abs(step) > _SETTLED * found[left]]
        if not left.size:
            break
    return found


@dataclass(frozen=True, kw_only=True)
class Standings:
    """`Standing` of h homes, each field of shape (h,); only rows that are ``known`` say anything."""

    known: NDArray[np.bool_]
    reference: Floats
    members: NDArray[np.int64]
    between: Floats
    learnt_from: NDArray[np.int64]
    ratio: Floats
    z: Floats
    p_value: Floats
    lower: Floats
    upper: Floats
    far_lower: Floats
    far_upper: Floats
    outlying: Floats


def standings_of(
    measure: Measure,
    peers: Peers,
    homes: Sequence[int] | NDArray[np.int64],
    spread_peers: Peers | None = None,
) -> Standings:
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
    Standings
        Not known where the home has no value, its group fewer than three with values, the group's median
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
    deviation, own_chance = _own(measure, reference, index)
    members = np.isfinite(np.where(peers.members >= 0, measure.values[peers.members], np.nan)).sum(axis=1)
    size, value = measure.sizes[index], measure.values[index]
    known = (learnt_from >= FEWEST) & np.isfinite(deviation) & np.isfinite(own_chance)
    freedom = np.where(known, learnt_from - 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(own_chance + variance)
        z = np.where(scale > 0, deviation / scale, 0.0)
        expected = reference * size / PER
        exact = (variance == 0) & (not measure.survey)
        p_value = np.where(exact, _poisson_p(value * size / PER, expected), 2 * stdtr(freedom, -np.abs(z)))
        near, far = (
            np.where(
                exact,
                _poisson_limits(expected, reference, confidence),
                measure.limits(
                    reference, np.asarray(stdtrit(freedom, (1 + confidence) / 2) * scale, dtype=np.float64)
                ),
            )
            for confidence in (0.95, 0.998)
        )
        seen = measure.limits(reference, _POWER_Z * scale)[1]
        ratio, outlying = (np.where(reference > 0, part / reference, np.inf) for part in (value, seen))
    return Standings(
        known=known,
        reference=reference,
        members=members[index],
        between=np.sqrt(variance),
        learnt_from=learnt_from,
        ratio=ratio,
        z=z,
        p_value=np.minimum(1.0, p_value),
        lower=near[0],
        upper=near[1],
        far_lower=far[0],
        far_upper=far[1],
        outlying=outlying,
    )


def standings(
    measure: Measure,
    peers: Peers,
    homes: Sequence[int],
    spread_peers: Peers | None = None,
) -> list[Standing | None]:
    """Return `standings_of` as an object for each home, None where it is not known."""
    found = standings_of(measure, peers, homes, spread_peers)
    columns = {name: getattr(found, name).tolist() for name in Standing.__dataclass_fields__}
    return [
        Standing(**{name: column[n] for name, column in columns.items()}) if known else None
        for n, known in enumerate(found.known)
    ]


def _own(measure: Measure, reference: Floats, index: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the homes' own deviations from their references, and the variance that chance gives them."""
    return Measure(measure.values[index], measure.sizes[index], measure.survey).deviations(reference)


def _poisson_p(count: Floats, expected: Floats) -> Floats:
    whole = np.round(count)
    above = np.where(whole > 0, pdtrc(np.maximum(whole - 1, 0), expected), 1.0)
    p_value: Floats = np.minimum(1.0, 2 * np.minimum(pdtr(whole, expected), above))
    return p_value


def _poisson_limits(expected: Floats, reference: Floats, confidence: float) -> tuple[Floats, Floats]:
    lower, upper = garwood_limits(expected, confidence)
    return lower / expected * reference, upper / expected * reference
