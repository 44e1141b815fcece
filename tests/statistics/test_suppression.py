"""No small count can be read from a table with sums, or worked out from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lagesbild.statistics.suppression import LEAST, Sum, bounds, exposed, suppressed


def table(counts: list[list[int]]) -> tuple[list[int], list[Sum]]:
    """Return the cells of a table with its margins, and the sums that readers know."""
    inner = np.array(counts)
    rows, columns = inner.shape
    n = rows * columns
    values = [*inner.ravel(), *inner.sum(axis=1), *inner.sum(axis=0), inner.sum()]
    sums = [Sum(n + r, tuple(range(r * columns, (r + 1) * columns))) for r in range(rows)]
    sums += [Sum(n + rows + c, tuple(range(c, n, columns))) for c in range(columns)]
    sums += [
        Sum(n + rows + columns, tuple(range(n, n + rows))),
        Sum(n + rows + columns, tuple(range(n + rows, n + rows + columns))),
    ]
    return [int(value) for value in values], sums


def test_a_small_cell_takes_a_second_one_with_it() -> None:
    """12 = 2 + 10: hiding the 2 alone would be to show it."""
    assert suppressed([17, 2, 10, 5], [Sum(0, (1, 2, 3))]).tolist() == [False, True, False, True]


def test_small_cells_that_together_are_small_take_a_larger_one_with_them() -> None:
    hidden = suppressed([33, 1, 2, 10, 20], [Sum(0, (1, 2, 3, 4))])
    assert hidden.tolist() == [False, True, True, True, False]
    assert bounds([33, 1, 2, 10, 20], hidden, [Sum(0, (1, 2, 3, 4))]) == dict.fromkeys((1, 2, 3), (0, 13))


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert not suppressed(*table([[5, 6], [7, 8]])).any()


def test_hiding_one_cell_of_a_row_and_one_of_a_column_is_not_enough() -> None:
    """A small cell in a table of two by two takes all four with it: three would give the fourth."""
    values, sums = table([[2, 9], [9, 9]])
    assert suppressed(values, sums)[:4].all()


def test_a_table_that_looks_safe_line_by_line_can_be_solved_and_is_not_left_so() -> None:
    """Each hidden cell has a hidden neighbour in its row and column, yet rows 1 and 2 less columns 1 and 2 give one."""
    values, sums = table([[3, 1, 20], [1, 3, 20], [20, 20, 1]])
    naive = np.array(values) < LEAST
    naive[[2, 6]] = True  # a second one for the last row and column
    assert any(exposed(*ends) for ends in bounds(values, naive, sums).values())
    hidden = suppressed(values, sums)
    assert not any(exposed(*ends) for ends in bounds(values, hidden, sums).values())


def test_a_total_that_is_hidden_says_nothing_of_its_parts() -> None:
    hidden = suppressed([4, 1, 3], [Sum(0, (1, 2))])
    assert hidden.all()
    assert bounds([4, 1, 3], hidden, [Sum(0, (1, 2))])[1] == (0, np.inf)


def test_sums_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="not the sum"):
        suppressed([10, 4, 5], [Sum(0, (1, 2))])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_whoever_tries_to_solve_for_hidden_cells_fails(counts: list[list[int]]) -> None:
    values, sums = table(counts)
    hidden = suppressed(values, sums)
    assert all(hide for value, hide in zip(values, hidden, strict=True) if value < LEAST)
    for place, (lower, upper) in bounds(values, hidden, sums).items():
        assert lower - 1e-6 <= values[place] <= upper + 1e-6
        assert not exposed(lower, upper)
