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
from lagesbild.statistics.intervals import Interval

SPREAD = GroupSpread(n=7, minimum=10, lower_quartile=20, median=25, upper_quartile=30, maximum=40)


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


@pytest.mark.parametrize(
    ("value", "limits", "detectable", "verdict", "reason"),
    [
        (50, (41, 60), 1.1, Verdict.HIGHER, Reason.ABOVE_ALL),
        (50, (40, 60), 1.1, Verdict.HIGHER, Reason.ABOVE_QUARTILE),
        (35, (31, 39), 9.0, Verdict.HIGHER, Reason.ABOVE_QUARTILE),
        (5, (2, 9), 1.1, Verdict.LOWER, Reason.BELOW_ALL),
        (5, (2, 10), 1.1, Verdict.LOWER, Reason.BELOW_QUARTILE),
        (15, (12, 19), None, Verdict.LOWER, Reason.BELOW_QUARTILE),
        (35, (30, 45), 1.1, Verdict.UNDECIDED, Reason.INTERVAL_REACHES_IN),
        (15, (9, 20), 1.1, Verdict.UNDECIDED, Reason.INTERVAL_REACHES_IN),
        (35, (5, 90), 9.0, Verdict.UNDECIDED, Reason.INTERVAL_REACHES_IN),
        (25, (5, 90), 2.1, Verdict.UNDECIDED, Reason.TOO_FEW_CASES),
        (25, (22, 28), 2.0, Verdict.LEVEL, Reason.WITHIN_QUARTILES),
        (25, (22, 28), None, Verdict.LEVEL, Reason.WITHIN_QUARTILES),
        (20, (18, 22), 1.1, Verdict.LEVEL, Reason.WITHIN_QUARTILES),
        (30, (28, 32), 1.1, Verdict.LEVEL, Reason.WITHIN_QUARTILES),
    ],
)
def test_rule(
    value: float,
    limits: tuple[float, float],
    detectable: float | None,
    verdict: Verdict,
    reason: Reason,
) -> None:
    assert judge(value, Interval(*limits), SPREAD, detectable) == Judgement(verdict, reason)


def test_too_few_members_comes_first() -> None:
    pair = group_spread([1, 2])
    expected = Judgement(Verdict.UNDECIDED, Reason.TOO_FEW_MEMBERS)
    assert judge(50, Interval(41, 60), pair, 1.1) == expected
    assert judge(50, None, pair, None) == expected
    assert judge(50, Interval(41, 60), group_spread([1, 2, 3]), 1.1).verdict is Verdict.HIGHER


def test_without_interval_nothing_is_said() -> None:
    assert judge(50, None, SPREAD, 1.1) == Judgement(Verdict.UNDECIDED, Reason.NO_INTERVAL)


def test_words_and_keys_are_stable() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        "högre",
        "lägre",
        "i nivå",
        "kan inte avgöras",
    ]
    assert all(str(reason) == reason.name.lower() for reason in Reason)


@given(
    others=st.lists(st.floats(0, 1000), min_size=3, max_size=30),
    value=st.floats(0, 1000),
    below=st.floats(0, 500),
    above=st.floats(0, 500),
    detectable=st.none() | st.floats(1, 10),
)
def test_higher_and_lower_are_never_said_of_a_value_inside_the_quartiles(
    others: list[float], value: float, below: float, above: float, detectable: float | None
) -> None:
    spread = group_spread(others)
    found = judge(value, Interval(value - below, value + above), spread, detectable)
    if spread.lower_quartile <= value <= spread.upper_quartile:
        assert found.verdict in (Verdict.LEVEL, Verdict.UNDECIDED)
    else:
        assert found.verdict is not Verdict.LEVEL
    if found.reason is Reason.ABOVE_ALL:
        assert rank_from_top(value, others) == 1
