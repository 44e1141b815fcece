"""Where a municipality stands among those it is compared with, and the rule for saying so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lagesbild.statistics.intervals import Interval

# Fewer members than this have no quartiles worth the name.
MINIMUM_MEMBERS = 3
# If not even a doubling would be noticed, being like the others says nothing.
LARGEST_DETECTABLE = 2.0


class Verdict(StrEnum):
    """How the municipality stands against its comparison group, in the words shown."""

    HIGHER = "högre"
    LOWER = "lägre"
    LEVEL = "i nivå"
    UNDECIDED = "kan inte avgöras"


class Reason(StrEnum):
    """Why a verdict was given."""

    TOO_FEW_MEMBERS = "too_few_members"
    NO_INTERVAL = "no_interval"
    ABOVE_ALL = "above_all"
    ABOVE_QUARTILE = "above_quartile"
    BELOW_ALL = "below_all"
    BELOW_QUARTILE = "below_quartile"
    INTERVAL_REACHES_IN = "interval_reaches_in"
    TOO_FEW_CASES = "too_few_cases"
    WITHIN_QUARTILES = "within_quartiles"


@dataclass(frozen=True)
class GroupSpread:
    """How the values of a comparison group spread, in their own unit; ``n`` is the members."""

    n: int
    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    maximum: float


@dataclass(frozen=True)
class Judgement:
    """A verdict and the reason for it."""

    verdict: Verdict
    reason: Reason


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
    return GroupSpread(int(array.size), *(float(mark) for mark in marks))


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


def judge(
    value: float, interval: Interval | None, spread: GroupSpread, detectable: float | None
) -> Judgement:
    """Say whether a municipality stands out from its comparison group.

    This is the only place where the rule stands. In plain words, the first that applies:

    1. With fewer than three members in the group nothing can be said.
    2. Without a confidence interval (no count is known) nothing can be said.
    3. *Higher*: the whole interval lies above the group's upper quartile, so that even a
       cautious reading is above three quarters of the group. The reason tells whether it also
       lies above every member.
    4. *Lower*: the same downwards, below the lower quartile.
    5. The value itself lies outside the quartiles but its interval reaches in: it may be chance,
       so it cannot be decided.
    6. The value lies within the quartiles, but cases are so few that not even a doubling would
       be noticed: being like the others is then no finding, so it cannot be decided.
    7. *Level*: the value lies within the quartiles (their ends included).

    Only the municipality's own chance variation is weighed, not that of the members.

    Parameters
    ----------
    value
        The municipality's value.
    interval
        Its confidence interval, None if there is none.
    spread
        The spread of the others. ``value``, ``interval`` and ``spread`` share one unit.
    detectable
        Smallest ratio to the expected count that would be noticed
        (`lagesbild.statistics.power.detectable_ratio`), None if not known.

    Returns
    -------
    Judgement
        The verdict and the reason for it.
    """
    if spread.n < MINIMUM_MEMBERS:
        return Judgement(Verdict.UNDECIDED, Reason.TOO_FEW_MEMBERS)
    if interval is None:
        return Judgement(Verdict.UNDECIDED, Reason.NO_INTERVAL)
    if interval.lower > spread.upper_quartile:
        above_all = interval.lower > spread.maximum
        return Judgement(Verdict.HIGHER, Reason.ABOVE_ALL if above_all else Reason.ABOVE_QUARTILE)
    if interval.upper < spread.lower_quartile:
        below_all = interval.upper < spread.minimum
        return Judgement(Verdict.LOWER, Reason.BELOW_ALL if below_all else Reason.BELOW_QUARTILE)
    return _judge_overlap(value, spread, detectable)


def _judge_overlap(value: float, spread: GroupSpread, detectable: float | None) -> Judgement:
    """Judge a value whose interval touches the range between the quartiles."""
    if not spread.lower_quartile <= value <= spread.upper_quartile:
        return Judgement(Verdict.UNDECIDED, Reason.INTERVAL_REACHES_IN)
    if detectable is not None and detectable > LARGEST_DETECTABLE:
        return Judgement(Verdict.UNDECIDED, Reason.TOO_FEW_CASES)
    return Judgement(Verdict.LEVEL, Reason.WITHIN_QUARTILES)
