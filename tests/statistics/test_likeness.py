"""The most alike: standardised, weighted, never oneself."""

from __future__ import annotations

import numpy as np
import pytest

from lagesbild.statistics.likeness import most_alike, standardised


def test_nearest_first_and_never_oneself() -> None:
    places, distances = most_alike([[0.0], [1.0], [3.0], [10.0]], [1.0], 2)
    assert places.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert np.all(np.diff(distances, axis=1) >= 0)


def test_a_characteristic_counts_by_its_spread_not_its_unit() -> None:
    values = np.random.default_rng(1).normal(size=(50, 2))
    first, _ = most_alike(values, [1, 1], 5)
    second, _ = most_alike(values * [1_000, 0.01], [1, 1], 5)
    assert first.tolist() == second.tolist()


def test_a_weight_of_nought_leaves_a_characteristic_out_and_two_counts_double() -> None:
    values = np.random.default_rng(2).normal(size=(50, 2))
    alone, _ = most_alike(values[:, :1], [1], 5)
    assert most_alike(values, [1, 0], 5)[0].tolist() == alone.tolist()
    twice, _ = most_alike(np.column_stack([values, values[:, 0]]), [1, 1, 1], 5)
    assert most_alike(values, [2, 1], 5)[0].tolist() == twice.tolist()


def test_an_unknown_value_counts_as_the_mean() -> None:
    assert np.isnan(standardised([[1.0], [np.nan], [3.0]])[1, 0])
    assert most_alike([[1.0], [np.nan], [2.1], [3.0]], [1.0], 1)[0][1, 0] == 2


@pytest.mark.parametrize(("weights", "number"), [([0.0], 1), ([-1.0], 1), ([1.0], 3), ([1.0], 0)])
def test_impossible_questions_are_refused(weights: list[float], number: int) -> None:
    with pytest.raises(ValueError, match=r"weights|others"):
        most_alike([[1.0], [2.0], [3.0]], weights, number)
