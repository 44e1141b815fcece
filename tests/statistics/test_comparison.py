"""The spread of a group, ranks, and every branch of the rule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.statistics.comparison import (
    GroupSpread,
    Judgement,
    Reason,
    Verdict,
    group_spread,
    judge,
    rank_from_top,
)
from lagesbild.statistics.standing import Standing


def test_spread_by_linear_interpolation() -> None:
    found = group_spread([4, 1, 3, 2])
    assert found == GroupSpread(4, 1, 1.75, 2.5, 3.25, 4)
    assert group_spread(np.array([5.0])) == GroupSpread(1, 5, 5, 5, 5, 5)


@pytest.mark.parametrize("values", [[], [1, math.nan], [math.inf]])
def test_spread_refuses_nothing_and_gaps(values: list[float]) -> None:
    with pytest.raises(ValueError, match="value"):
        group_spread(values)


@pytest.mark.parametrize(
    ("value", "others", "rank"),
    [(9, [1, 2, 3], 1), (2, [1, 2, 3], 2), (3, [3, 3, 1], 1), (0, [3, 3, 1], 4), (5, [], 1)],
)
def test_rank_from_top(value: float, others: list[float], rank: int) -> None:
    assert rank_from_top(value, others) == rank


def test_rank_refuses_gaps() -> None:
    with pytest.raises(ValueError, match="finite"):
        rank_from_top(math.nan, [1])
    with pytest.raises(ValueError, match="finite"):
        rank_from_top(1, [math.nan])


def standing(ratio: float, p_value: float) -> Standing:
    return Standing(100.0, 7, 0.1, 289, ratio, 0.0, p_value, 60.0, 150.0, 50.0, 180.0, 1.6)


@pytest.mark.parametrize(
    ("ratio", "p", "q", "detectable", "verdict", "reason"),
    [
        (1.6, 0.01, 0.05, 1.1, Verdict.HIGHER, Reason.ABOVE_USUAL),
        (1.1, 0.01, 0.04, 1.1, Verdict.HIGHER, Reason.ABOVE_USUAL),
        (3.0, 0.01, 0.04, 9.0, Verdict.HIGHER, Reason.ABOVE_USUAL),
        (0.6, 0.01, 0.04, None, Verdict.LOWER, Reason.BELOW_USUAL),
        (1.09, 0.01, 0.04, 1.1, Verdict.LEVEL, Reason.SMALL_DIFFERENCE),
        (0.92, 0.01, 0.04, 1.1, Verdict.LEVEL, Reason.SMALL_DIFFERENCE),
        (1.6, 0.01, 0.051, 1.1, Verdict.UNDECIDED, Reason.HIGH_NOT_RARE),
        (1.4, 0.199, 0.4, 1.1, Verdict.UNDECIDED, Reason.HIGH_NOT_RARE),
        (0.7, 0.1, 0.2, 1.1, Verdict.UNDECIDED, Reason.LOW_NOT_RARE),
        (1.4, 0.1, 0.2, 2.1, Verdict.UNDECIDED, Reason.TOO_FEW_CASES),
        (1.0, 0.9, 0.9, 2.01, Verdict.UNDECIDED, Reason.TOO_FEW_CASES),
        (1.0, 0.9, 0.9, 2.0, Verdict.LEVEL, Reason.WITHIN_USUAL),
        (1.3, 0.2, 0.2, None, Verdict.LEVEL, Reason.WITHIN_USUAL),
    ],
)
def test_rule(
    ratio: float, p: float, q: float, detectable: float | None, verdict: Verdict, reason: Reason
) -> None:
    found = judge(standing(ratio, p), q, members=7, certain=True, detectable=detectable)
    assert found == Judgement(verdict, reason)


def test_what_cannot_be_placed_is_not_judged_and_the_first_reason_is_told() -> None:
    far = standing(3.0, 1e-9)
    assert judge(far, 0.0, members=2, certain=False, detectable=9.0).reason is Reason.TOO_FEW_MEMBERS
    assert judge(far, 0.0, members=3, certain=False, detectable=9.0).reason is Reason.NO_INTERVAL
    assert judge(None, None, members=3, certain=True, detectable=9.0).reason is Reason.NO_SPREAD


@given(
    ratio=st.floats(0, 10), p=st.floats(0, 1), more=st.floats(0, 1), detectable=st.none() | st.floats(1, 10)
)
def test_not_standing_out_is_never_said_where_a_doubling_could_hide(
    ratio: float, p: float, more: float, detectable: float | None
) -> None:
    found = judge(standing(ratio, p), min(1.0, p + more), members=7, certain=True, detectable=detectable)
    if found.reason is Reason.WITHIN_USUAL:
        assert detectable is None or detectable <= 2
        assert p >= 0.2
    if found.verdict is Verdict.HIGHER:
        assert ratio >= 1.1
        assert p <= 0.05


def test_words_and_keys_are_stable() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        "högre",
        "lägre",
        "i nivå",
        "kan inte avgöras",
    ]
    assert all(str(reason) == reason.name.lower() for reason in Reason)
