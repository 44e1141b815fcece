"""The spread of a group, and ranks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lagesbild.statistics.comparison import GroupSpread, group_spread, rank_from_top


def test_spread_by_linear_interpolation() -> None:
    found = group_spread([4, 1, 3, 2])
    assert found == GroupSpread(
        n=4, minimum=1, lower_quartile=1.75, median=2.5, upper_quartile=3.25, maximum=4
    )
    assert group_spread(np.array([5.0])) == GroupSpread(
        n=1, minimum=5, lower_quartile=5, median=5, upper_quartile=5, maximum=5
    )


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
