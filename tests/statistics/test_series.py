"""Trend marker, Mann-Kendall and Sen's slope against the published values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from lagesbild.statistics.series import Direction, mann_kendall, trend_marker


def test_the_marker_on_fingertips_own_examples(shared: Path) -> None:
    cases = json.loads((shared / "fixtures" / "fingertips" / "fingertips_tests.json").read_text())
    up = trend_marker(*(cases["set1"][name] for name in ("value", "lower95", "upper95")))
    assert up.direction is Direction.UP
    assert up.chi_square == pytest.approx(46.77, abs=0.005)
    none = trend_marker(*(cases["set2"][name] for name in ("value", "lower95", "upper95")))
    assert none.direction is Direction.NONE


def test_a_slope_that_hangs_on_one_year_is_no_trend() -> None:
    values = np.array([10.0, 10.0, 10.0, 10.0, 40.0])
    found = trend_marker(values, values - 1, values + 1)
    assert found.chi_square > 9.55
    assert found.direction is Direction.NONE


def test_a_fall_is_a_fall() -> None:
    values = np.array([50.0, 40.0, 30.0, 20.0, 10.0])
    assert trend_marker(values, values - 1, values + 1).direction is Direction.DOWN


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6]])
def test_the_marker_needs_five_years(values: list[float]) -> None:
    with pytest.raises(ValueError, match="5"):
        trend_marker(values, np.array(values) - 1.0, np.array(values) + 1.0)


def test_an_interval_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="width"):
        trend_marker([1] * 5, [1] * 5, [1] * 5)


def test_mann_kendall_on_the_series_of_pymannkendall(shared: Path) -> None:
    data = json.loads((shared / "fixtures" / "pymannkendall" / "mk_fixture.json").read_text())
    values = [np.nan if x is None else x for x in data["arbitrary_1d_data"]]
    found = mann_kendall(values)
    assert found.s == -1959
    assert found.variance == pytest.approx(4889800.3333333, rel=1e-12)
    assert found.z == pytest.approx(-0.885456, abs=1e-6)
    assert found.p_value == pytest.approx(0.375911, abs=1e-6)
    assert found.tau == pytest.approx(-0.031532, abs=1e-6)


@pytest.mark.parametrize(
    ("s", "tau", "p"), [(37, 0.822, 0.00128), (-45, -1.0, 0.0000830), (17, 0.378, 0.152)]
)
def test_the_values_on_sfdeps_page(s: int, tau: float, p: float) -> None:
    """Ten values; a series with the wanted S is built by swapping neighbours from the sorted one."""
    order = list(range(10)) if s > 0 else list(range(9, -1, -1))
    wanted, position = (45 - abs(s)) // 2, 0
    while wanted:
        for i in range(9):
            if wanted and (order[i] < order[i + 1]) == (s > 0):
                order[i], order[i + 1] = order[i + 1], order[i]
                wanted -= 1
        position += 1
    found = mann_kendall(order)
    assert (found.s, found.variance) == (s, 125.0)
    assert found.tau == pytest.approx(tau, abs=1e-3)
    assert found.p_value == pytest.approx(p, rel=5e-3)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30))
def test_sens_slope_is_scipys(values: list[float]) -> None:
    assert mann_kendall(values).slope == pytest.approx(theilslopes(values)[0], abs=1e-9)


def test_a_gap_keeps_its_length_in_the_slope() -> None:
    assert mann_kendall([1, 2, np.nan, np.nan, 5]).slope == 1.0


def test_a_flat_series_has_no_trend() -> None:
    found = mann_kendall([3, 3, 3, 3])
    assert (found.s, found.z, found.p_value) == (0, 0, 1)


def test_two_values_are_no_series() -> None:
    with pytest.raises(ValueError, match="three"):
        mann_kendall([1, np.nan, 2])
