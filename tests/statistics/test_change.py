"""The change of a count: published e-test values and an independent full grid."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from lagesbild.statistics.change import e_test

FIXTURE = Path(__file__).parents[2].parent / "shared" / "fixtures" / "wdd_poisson" / "wdd_etest_naus.json"


def grid_e_test(before: int, after: int, exposure_before: float, exposure_after: float) -> float:
    """The e-test of Krishnamoorthy & Thomson 2004 as the double sum they give, kept apart."""
    rate = (before + after) / (exposure_before + exposure_after)
    end = int(12 * math.sqrt(rate * max(exposure_before, exposure_after)) + 60)
    end += int(rate * max(exposure_before, exposure_after))
    x, y = np.arange(end)[:, None], np.arange(end)[None, :]
    with np.errstate(invalid="ignore"):
        statistic = np.abs(x / exposure_before - y / exposure_after) / np.sqrt(
            x / exposure_before**2 + y / exposure_after**2
        )
    statistic[0, 0] = 0
    weight = poisson.pmf(x, rate * exposure_before) * poisson.pmf(y, rate * exposure_after)
    return float(weight[statistic >= statistic[before, after] * (1 - 1e-12)].sum())


# Printed in the notebook WDD_Examples of apwheele/crimepy (MIT).
@pytest.mark.parametrize(
    ("before", "after", "p_value", "tolerance"),
    [(10, 5, 0.206, 5e-4), (15, 5, 0.0250, 5e-5), (0, 3, 0.0884, 5e-5)],
)
def test_published_p_values(before: int, after: int, p_value: float, tolerance: float) -> None:
    assert e_test(before, after) == pytest.approx(p_value, abs=tolerance)
    assert e_test(after, before) == pytest.approx(p_value, abs=tolerance)


def test_p_values_match_the_fixture_file() -> None:
    if not FIXTURE.exists():
        pytest.skip(f"the shared fixture {FIXTURE} is not here")
    cases = json.loads(FIXTURE.read_text(encoding="utf-8"))["poisson_etest"]
    usable = [case for case in cases if "warning" not in case]
    assert len(usable) == 3
    for case in usable:
        assert e_test(case["k1"], case["k2"]) == pytest.approx(case["p"], rel=1e-9)


def test_unequal_exposures_match_the_fixture_readme() -> None:
    # 100 in 10 against 25 in 5: the own computation noted in the fixture's README.
    assert e_test(100, 25, 10, 5) == pytest.approx(0.000575, abs=5e-7)


@settings(deadline=None)
@given(
    before=st.integers(0, 150),
    after=st.integers(0, 150),
    exposure_before=st.sampled_from([1.0, 2.0, 3.0, 0.1, 16_101.0]),
    times=st.sampled_from([1.0, 0.5, 3.0, 1.01, 1 / 3]),
)
def test_p_value_is_the_double_sum(before: int, after: int, exposure_before: float, times: float) -> None:
    found = e_test(before, after, exposure_before, exposure_before * times)
    slow = grid_e_test(before, after, exposure_before, exposure_before * times)
    assert found == pytest.approx(slow, rel=1e-8, abs=1e-12)


def test_large_counts_are_exact() -> None:
    assert e_test(2360, 1855, 16_101, 16_176) < 1e-13
    assert e_test(2360, 2290) == pytest.approx(grid_e_test(2360, 2290, 1, 1), rel=1e-8)


def test_national_counts_agree_with_the_normal_distribution() -> None:
    # At this size the normal approximation is as good as exact.
    z = 3000 / math.sqrt(3_003_000)
    assert e_test(1_500_000, 1_503_000) == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-3)


def test_equal_counts_have_p_value_one() -> None:
    assert e_test(7, 7) == 1
    assert e_test(10, 20, 1, 2) == 1


def test_zeros() -> None:
    assert e_test(0, 0) == 1


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        e_test(-1, 5)
    with pytest.raises(ValueError, match="count"):
        e_test(5, -1)
    for exposure in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="exposure"):
            e_test(5, 5, exposure, 1)
        with pytest.raises(ValueError, match="exposure"):
            e_test(5, 5, 1, exposure)
