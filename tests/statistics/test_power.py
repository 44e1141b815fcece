"""What a count can show: known orders of size and the definition itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from lagesbild.statistics.power import critical_count, detectable_ratio


# Orders of size for 95 % limits and 80 % power, and hand-checked Poisson tails:
# P(X >= 18 | 10) = .0143 and P(X >= 17 | 10) = .0270.
@pytest.mark.parametrize(("expected", "ratio"), [(10, 2.1), (100, 1.3)])
def test_known_ratios(expected: float, ratio: float) -> None:
    assert detectable_ratio(expected) == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize(("expected", "count"), [(0, 1), (0.02, 1), (1, 4), (10, 18), (15, 24)])
def test_critical_count(expected: float, count: int) -> None:
    assert critical_count(expected) == count


@given(
    expected=st.floats(1e-3, 50_000),
    confidence=st.floats(0.5, 0.999),
    power=st.floats(0.5, 0.99),
)
def test_definition_holds(expected: float, confidence: float, power: float) -> None:
    tail = (1 - confidence) / 2
    count = critical_count(expected, confidence)
    assert poisson.sf(count - 1, expected) <= tail * (1 + 1e-9)
    assert count == 1 or poisson.sf(count - 2, expected) > tail * (1 - 1e-9)
    mean = detectable_ratio(expected, confidence, power) * expected
    assert poisson.sf(count - 1, mean) == pytest.approx(power, rel=1e-6)


def test_more_cases_show_smaller_differences() -> None:
    ratios = [detectable_ratio(expected) for expected in (1, 5, 25, 125, 625, 3125)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] > 1


def test_nothing_expected_shows_nothing() -> None:
    assert detectable_ratio(0) == math.inf


@pytest.mark.parametrize("expected", [-1, math.nan, math.inf])
def test_impossible_expectation_is_refused(expected: float) -> None:
    with pytest.raises(ValueError, match="count"):
        detectable_ratio(expected)


@pytest.mark.parametrize("share", [0, 1, 1.5, math.nan])
def test_impossible_confidence_and_power_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        detectable_ratio(10, confidence=share)
    with pytest.raises(ValueError, match="power"):
        detectable_ratio(10, power=share)
