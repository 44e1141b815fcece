"""Near repeats: whether events follow each other, near in place and soon after, more often than chance gives.

Knox (1964, Applied Statistics 13:25) in bands, as in the Near Repeat Calculator (Ratcliffe 2009): the days are
shuffled over the places, so that neither busy places nor busy weeks are taken for repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.statistics.multiplicity import q_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]

#: Upper limits of the bands, each within its band; the first distance is the very same place.
METRES, DAYS = (0.0, 100.0, 200.0, 400.0), (7, 14, 28)
#: Fewer points than this have next to no pairs to compare.
FEWEST_POINTS = 50
SHUFFLES = 999
#: The manual's rule for what to point at: at most 5 % by chance and at least a fifth more than expected.
_SURE, _MORE = 0.05, 1.2


@dataclass(frozen=True, kw_only=True)
class Band:
    """The pairs of events of one distance and one time apart, both limits within the band.

    ``expected`` is the mean over all ways to shuffle the days, ``p`` the share of shuffles with at least as many
    pairs, and ``q`` that p adjusted for all bands (Benjamini & Hochberg 1995).
    """

    over_metres: float
    to_metres: float
    over_days: int
    to_days: int
    pairs: int
    expected: float
    p: float
    q: float

    @property
    def ratio(self) -> float | None:
        """How many times the expected pairs there are; None if none are expected."""
        return self.pairs / self.expected if self.expected else None

    @property
    def stands_out(self) -> bool:
        """Whether repeats are more than chance gives, all bands taken together."""
        return self.q <= _SURE and self.ratio is not None and self.ratio >= _MORE


def near_repeats(
    x: ArrayLike,
    y: ArrayLike,
    day: ArrayLike,
    *,
    metres: Sequence[float] = METRES,
    days: Sequence[int] = DAYS,
    manhattan: bool = True,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> list[Band]:
    """Return every band of distance and time with its pairs, nearest first.

    Parameters
    ----------
    x, y
        One position per event, metres.
    day
        One whole day number per event.
    metres, days
        Rising upper limits of the bands. The first distance holds everything from 0 metres, the first time everything
        from the same day.
    manhattan
        Distance along two axes, as the streets go, instead of the straight line.
    shuffles, seed
        How many times the days are shuffled, and the generator's seed.

    Raises
    ------
    ValueError
        If the inputs differ in length, or limits do not rise.
    """
    at, when = np.column_stack([np.asarray(x, float), np.asarray(y, float)]), np.asarray(day, np.int64)
    if when.shape != (at.shape[0],):
        raise ValueError("one day per event is needed")
    if any(np.any(np.diff(limits) <= 0) or limits[0] < 0 for limits in (metres, days)):
        raise ValueError("the limits of the bands must rise from zero")
    first, second, place = _near_in_space(at, np.asarray(metres, float), 1 if manhattan else 2)
    limits, shape = np.asarray(days), (len(metres), len(days))

    def counted(at_days: Ints) -> Ints:
        apart = np.searchsorted(limits, np.abs(at_days[first] - at_days[second]))
        return np.bincount(place * (shape[1] + 1) + apart, minlength=shape[0] * (shape[1] + 1)).reshape(
            shape[0], -1
        )[:, :-1]

    pairs = counted(when)
    rng = np.random.default_rng(seed)
    as_many = sum((counted(rng.permutation(when)) >= pairs for _ in range(shuffles)), np.zeros(shape, int))
    # Over all shuffles the mean is exact: the pairs so near, times the share of all pairs so soon after.
    near = np.bincount(place, minlength=shape[0])
    expected = np.outer(near, _share_in_time(when, limits))
    p = (1 + as_many) / (1 + shuffles)
    q = q_values(p.ravel()).reshape(shape)
    return [
        Band(
            over_metres=metres[r - 1] if r else 0.0,
            to_metres=metres[r],
            over_days=days[c - 1] if c else 0,
            to_days=days[c],
            pairs=int(pairs[r, c]),
            expected=float(expected[r, c]),
            p=float(p[r, c]),
            q=float(q[r, c]),
        )
        for r in range(shape[0])
        for c in range(shape[1])
    ]


def _near_in_space(
    at: NDArray[np.float64], limits: NDArray[np.float64], norm: int
) -> tuple[Ints, Ints, Ints]:
    """Return the pairs (first, second event) within the last limit, and each pair's band."""
    # A touch too far is asked for: the tree rounds otherwise than the bands, which decide.
    found = scipy.spatial.KDTree(at).query_pairs(
        limits[-1] * (1 + 1e-9) + 1e-9, p=norm, output_type="ndarray"
    )
    difference = np.abs(at[found[:, 0]] - at[found[:, 1]])
    apart = difference.sum(axis=1) if norm == 1 else np.hypot(*difference.T)
    place = np.searchsorted(limits, apart)
    inside = place < limits.size
    return found[inside, 0], found[inside, 1], place[inside]


def _share_in_time(day: Ints, limits: Ints) -> NDArray[np.float64]:
    """Return the share of all pairs of events whose days apart are in each band."""
    ordered = np.sort(day)
    within = [
        int(np.sum(np.searchsorted(ordered, ordered + limit, side="right") - np.arange(1, day.size + 1)))
        for limit in limits
    ]
    return np.diff(within, prepend=0) / max(1, day.size * (day.size - 1) // 2)
