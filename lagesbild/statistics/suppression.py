"""Which cells of a table with sums must be hidden, so that no small count can be read or worked out.

Primary suppression hides what is smaller than a limit; secondary suppression hides more, until nobody who knows the
sums can narrow a hidden cell down to one value, or be certain that it is small. What somebody can work out is found
by linear programming (Fischetti & Salazar-González 1999, Mathematical Programming 84:283; Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4): the smallest and the largest value that a cell may have, given all that is
shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

#: A count below this is hidden.
LEAST = 5
_TOLERANCE = 1e-6
#: What scipy's solver says of a program without an end.
_UNBOUNDED = 3


@dataclass(frozen=True)
class Sum:
    """One cell is the sum of others: their places in the list of all cells."""

    total: int
    parts: tuple[int, ...]


def suppressed(values: Sequence[int], sums: Sequence[Sum], least: int = LEAST) -> Mask:
    """Return which cells must be hidden.

    Parameters
    ----------
    values
        Counts of all cells, the sums among them; shape (n,).
    sums
        All that readers know of how the cells hang together.
    least
        Counts below this are hidden.

    Returns
    -------
    NDArray
        True for hidden, shape (n,). A hidden cell has more than one possible value, and may for all that anybody can
        tell be ``least`` or more.

    Raises
    ------
    ValueError
        If a sum is not that of its parts.
    """
    counts = np.asarray(values, dtype=np.int64)
    for one in sums:
        if counts[one.total] != counts[list(one.parts)].sum():
            raise ValueError("a total is not the sum of its parts")
    hidden: Mask = counts < least
    while (found := _next(counts, hidden, sums, least)) is not None:
        hidden[found] = True
    return hidden


def bounds(values: Sequence[int], hidden: Mask, sums: Sequence[Sum]) -> dict[int, tuple[float, float]]:
    """Return the smallest and largest value that each hidden cell may have, given what is shown and that none is negative."""
    known = _Known.of(np.asarray(values, dtype=np.int64), hidden, sums)
    return {place: (known.extreme(n, 1)[0], known.extreme(n, -1)[0]) for n, place in enumerate(known.places)}


@dataclass(frozen=True)
class _Known:
    """What readers know of the hidden cells: ``rows @ x == right`` with x in the order of ``places``, none negative."""

    places: tuple[int, ...]
    rows: NDArray[np.float64]
    right: NDArray[np.float64]

    @classmethod
    def of(cls, counts: NDArray[np.int64], hidden: Mask, sums: Sequence[Sum]) -> _Known:
        signs = np.zeros((len(sums), len(counts)))
        for n, one in enumerate(sums):
            signs[n, one.total] = 1
            signs[n, list(one.parts)] = -1
        rows = signs[:, hidden]
        some = rows.any(axis=1)
        right = -(signs[:, ~hidden] @ counts[~hidden])
        return cls(tuple(np.flatnonzero(hidden).tolist()), rows[some], right[some])

    def extreme(
        self, n: int, sign: int, cap: float | None = None
    ) -> tuple[float, NDArray[np.float64] | None]:
        """Return the smallest (``sign`` 1) or largest (-1) value of a hidden cell, and all cells where it is reached.

        ``cap``: none is larger than this; without one there may be no largest, and nowhere that it is reached.
        """
        wanted = np.zeros(len(self.places))
        wanted[n] = sign
        known = (self.rows, self.right) if len(self.rows) else (None, None)
        found = scipy.optimize.linprog(wanted, A_eq=known[0], b_eq=known[1], bounds=(0, cap), method="highs")
        if found.status == _UNBOUNDED:
            return np.inf, None
        if found.x is None:
            raise ArithmeticError(f"the bounds of a cell were not found: {found.message}")
        return float(found.x[n]), np.asarray(found.x)


def exposed(lower: float, upper: float, least: int = LEAST) -> bool:
    """Tell whether bounds say too much of a hidden cell: its one value, or that it is certainly small."""
    return upper - lower < 1 - _TOLERANCE or upper < least - _TOLERANCE


def _next(counts: NDArray[np.int64], hidden: Mask, sums: Sequence[Sum], least: int) -> int | None:
    """Return the next cell to hide; None when nothing hidden is exposed."""
    for one in sums:  # what one sum alone gives away is seen without a program
        if _gives_away(counts, hidden, one, least):
            return _cheapest(counts, hidden, [one])
    place = _first_exposed(counts, hidden, sums, least)
    if place is None:
        return None
    own = [one for one in sums if place == one.total or place in one.parts]
    # All of its own sums may be hidden, and it still be held by a sum of those.
    found = _cheapest(counts, hidden, own)
    return found if found is not None else _cheapest(counts, hidden, sums)


def _first_exposed(counts: NDArray[np.int64], hidden: Mask, sums: Sequence[Sum], least: int) -> int | None:
    """Return a hidden cell of which too much is known; each program tells of many cells at once, that they may be large."""
    known = _Known.of(counts, hidden, sums)
    true = counts[list(known.places)]
    enough = np.maximum(least, true + 1)  # the true value is possible: a larger one makes two
    cap = float(counts.sum() + least + 1)
    seen = np.zeros(len(true))
    for n, place in enumerate(known.places):
        if seen[n] >= enough[n] - _TOLERANCE:
            continue
        upper, reached = known.extreme(n, -1, cap)
        seen = np.maximum(seen, reached) if reached is not None else seen
        if seen[n] < enough[n] - _TOLERANCE and exposed(known.extreme(n, 1, cap)[0], upper, least):
            return place
    return None


def _gives_away(counts: NDArray[np.int64], hidden: Mask, one: Sum, least: int) -> bool:
    parts = [part for part in one.parts if hidden[part]]
    if hidden[one.total]:
        return not parts
    return bool(parts) and (len(parts) == 1 or int(counts[parts].sum()) < least)


def _cheapest(counts: NDArray[np.int64], hidden: Mask, sums: Sequence[Sum]) -> int | None:
    """Return the smallest cell that is shown in some sums, a total only where no part is left."""
    parts = {part for one in sums for part in one.parts if not hidden[part]}
    shown = parts or {one.total for one in sums if not hidden[one.total]}
    return min(shown, key=lambda place: (counts[place], place)) if shown else None
