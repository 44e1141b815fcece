"""Where a municipality stands among those it is compared with, and the rule for saying so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lagesbild.statistics.standing import Standing

# Fewer members than this have no quartiles worth the name.
MINIMUM_MEMBERS = 3
# If not even a doubling would be noticed, being like the others says nothing.
LARGEST_DETECTABLE = 2.0
# The share of false findings that is accepted among the findings.
SIGNIFICANT = 0.05
# What fewer than one municipality in five exceeds is not called level.
RARE = 0.2
# The smallest difference that matters: a tenth more, or as much less.
SMALLEST_RATIO = 1.1


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
    NO_SPREAD = "no_spread"
    ABOVE_USUAL = "above_usual"
    BELOW_USUAL = "below_usual"
    SMALL_DIFFERENCE = "small_difference"
    TOO_FEW_CASES = "too_few_cases"
    HIGH_NOT_RARE = "high_not_rare"
    LOW_NOT_RARE = "low_not_rare"
    WITHIN_USUAL = "within_usual"


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
    standing: Standing | None,
    q_value: float | None,
    *,
    members: int,
    certain: bool,
    detectable: float | None,
) -> Judgement:
    """Say whether a municipality stands out from its comparison group.

    This is the only place where the rule stands. In plain words, the first that applies:

    1. With fewer than three members in the group nothing can be said.
    2. Without a count or an error margin nothing can be said.
    3. If the group's median is zero, or it is not known how far municipalities usually lie from
       such groups, nothing can be said.
    4. *Higher* or *lower*: outside the adjusted limits also when it is allowed for how many
       indicators are looked at (q at most 0.05), and by at least a tenth. By less than a tenth it
       is certain but too small to matter: *level*.
    5. Cases are so few that not even a doubling would be seen above chance: being like the others
       is then no finding, so it cannot be decided.
    6. So far out that fewer than one municipality in five lies as far from its group (p below 0.2),
       but not proved unusual: it cannot be decided.
    7. *Level*: everything else.

    Parameters
    ----------
    standing
        Where the municipality lies (`statistics.standing`), None if it cannot be placed.
    q_value
        The standing's p value adjusted for the indicators looked at.
    members
        How many members of the group have a value.
    certain
        Whether the value has a confidence interval.
    detectable
        Smallest ratio to the expected count that chance would not hide
        (`lagesbild.statistics.power.detectable_ratio`), None if not known.
    """
    if standing is None or q_value is None or members < MINIMUM_MEMBERS or not certain:
        return Judgement(Verdict.UNDECIDED, _why_not_judged(members, certain))
    if q_value <= SIGNIFICANT:
        return _outside(standing.ratio)
    if detectable is not None and detectable > LARGEST_DETECTABLE:
        return Judgement(Verdict.UNDECIDED, Reason.TOO_FEW_CASES)
    if standing.p_value < RARE:
        high = standing.ratio > 1
        return Judgement(Verdict.UNDECIDED, Reason.HIGH_NOT_RARE if high else Reason.LOW_NOT_RARE)
    return Judgement(Verdict.LEVEL, Reason.WITHIN_USUAL)


def _why_not_judged(members: int, certain: bool) -> Reason:
    if members < MINIMUM_MEMBERS:
        return Reason.TOO_FEW_MEMBERS
    return Reason.NO_SPREAD if certain else Reason.NO_INTERVAL


def _outside(ratio: float) -> Judgement:
    """Judge what is certainly outside the usual by whether the difference matters."""
    if ratio >= SMALLEST_RATIO:
        return Judgement(Verdict.HIGHER, Reason.ABOVE_USUAL)
    if ratio * SMALLEST_RATIO <= 1:
        return Judgement(Verdict.LOWER, Reason.BELOW_USUAL)
    return Judgement(Verdict.LEVEL, Reason.SMALL_DIFFERENCE)
