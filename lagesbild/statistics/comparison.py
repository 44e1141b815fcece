"""Where a municipality stands among those it is compared with: the group's spread, and its rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Fewer members than this have no quartiles worth the name.
MINIMUM_MEMBERS = 3


@dataclass(frozen=True, kw_only=True)
class GroupSpread:
    """How the values of a comparison group spread, in their own unit; ``n`` is the members."""

    n: int
    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float


def group_spread(values: ArrayLike) -> GroupSpread:
    """Summarise the values of a comparison group.

    Quartiles are interpolated linearly between the ordered values (numpy's default; type 7 of
    Hyndman & Fan 1996).

    Parameters
    ----------
    values
        Shape (n,), one value per member, without the municipality that is judged.

    Raises
    ------
    ValueError
        If there are no values, or some value is not finite.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    if array.size == 0:
        raise ValueError("a group without values has no spread")
    if not np.isfinite(array).all():
        raise ValueError("every value of the group must be a finite number")
    marks = np.quantile(array, [0, 0.25, 0.5, 0.75, 1], method="linear")
    minimum, lower, median, upper, maximum = (float(mark) for mark in marks)
    return GroupSpread(
        n=int(array.size),
        minimum=minimum,
        lower_quartile=lower,
        median=median,
        upper_quartile=upper,
        maximum=maximum,
    )


def rank_from_top(value: float, others: ArrayLike) -> int:
    """Return the place of ``value`` among ``others`` and itself, 1 being the highest.

    Competition ranking: equal values share the best place.

    Parameters
    ----------
    value
        The value to place.
    others
        Shape (n,), the values of the others, in the same unit; it may be empty.

    Raises
    ------
    ValueError
        If some value is not finite.
    """
    array = np.asarray(others, dtype=np.float64)
    if not (np.isfinite(value) and np.isfinite(array).all()):
        raise ValueError("only finite numbers can be ranked")
    return 1 + int(np.count_nonzero(array > value))
