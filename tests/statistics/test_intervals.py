"""Intervals against published values and PHEindicatormethods' own test data."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.statistics.intervals import (
    Interval,
    byar_interval,
    count_interval,
    poisson_interval,
    rate_interval,
    wilson_interval,
)

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures" / "PHEindicatormethods"


def rows(name: str) -> list[dict[str, str]]:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"the shared fixture {path} is not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def level(text: str) -> float:
    return round(float(text.rstrip("%")) / 100, 6)


# Expected values printed in the tests of PHEindicatormethods 2.1.0 (testdata_Byars_Wilson,
# testdata_Rate).
@pytest.mark.parametrize(
    ("count", "confidence", "lower", "upper"),
    [
        (65, 0.95, 50.163188, 82.849139),
        (65, 0.998, 42.880261, 94.000291),
        (1045, 0.95, 982.593202, 1110.331213),
    ],
)
def test_byar_gives_published_limits(count: int, confidence: float, lower: float, upper: float) -> None:
    found = byar_interval(count, confidence)
    assert found.lower == pytest.approx(lower, abs=5e-7)
    assert found.upper == pytest.approx(upper, abs=5e-7)


@pytest.mark.parametrize(("count", "lower", "upper"), [(5, 1.623486, 11.668332), (1, 0.025318, 5.571643)])
def test_exact_gives_published_limits(count: int, lower: float, upper: float) -> None:
    found = poisson_interval(count)
    assert found.lower == pytest.approx(lower, abs=1e-6)
    assert found.upper == pytest.approx(upper, abs=1e-6)


def test_wilson_gives_published_limits() -> None:
    found = wilson_interval(65, 100)
    assert found.lower == pytest.approx(0.552544, abs=5e-7)
    assert found.upper == pytest.approx(0.736358, abs=5e-7)


def test_byar_and_wilson_match_the_fixture_file() -> None:
    checked = 0
    for row in rows("testdata_Byars_Wilson__testdata_B_W.csv"):
        confidence = level(row["confidence"])
        if row["method"] == "Wilson":
            found = wilson_interval(float(row["x"]), float(row["n"]), confidence)
        else:
            found = byar_interval(float(row["x"]), confidence)
        # The file leaves the limit blank where the formula is negative; here it is zero.
        assert found.lower == pytest.approx(float(row["lowercl"] or 0), rel=1e-9)
        assert found.upper == pytest.approx(float(row["uppercl"]), rel=1e-9)
        checked += 1
    assert checked == 13


@pytest.mark.parametrize(
    ("name", "limits", "expected_rows"),
    [
        ("testdata_Rate__testdata_Rate.csv", (("95_0cl", 0.95), ("99_8cl", 0.998)), 17),
        ("testdata_Rate__testdata_Rate_g.csv", (("cl", 0.95),), 9),
    ],
)
def test_rates_match_the_fixture_file(
    name: str, limits: tuple[tuple[str, float], ...], expected_rows: int
) -> None:
    checked = 0
    for row in rows(name):
        if not (row["Numerator"] and row["Denominator"]):
            continue
        for suffix, confidence in limits:
            found = rate_interval(
                float(row["Numerator"]),
                float(row["Denominator"]),
                confidence,
                float(row["multiplier"]),
            )
            assert found.lower == pytest.approx(float(row[f"lower{suffix}"]), rel=1e-9)
            assert found.upper == pytest.approx(float(row[f"upper{suffix}"]), rel=1e-9)
        checked += 1
    assert checked == expected_rows


def test_zero_count_has_lower_limit_zero() -> None:
    assert poisson_interval(0).lower == 0
    # The upper limit of nothing seen is -ln(alpha / 2).
    assert poisson_interval(0).upper == pytest.approx(-math.log(0.025), rel=1e-12)
    assert byar_interval(0).lower == 0
    assert count_interval(0) == poisson_interval(0)


def test_negative_byar_limit_is_clipped() -> None:
    assert byar_interval(1, 0.998).lower == 0


def test_rule_changes_from_exact_to_byar_at_ten() -> None:
    assert count_interval(9) == poisson_interval(9)
    assert count_interval(9) != byar_interval(9)
    assert count_interval(10) == byar_interval(10)
    assert count_interval(10) != poisson_interval(10)


def test_rate_is_per_hundred_thousand_by_default() -> None:
    limits = count_interval(173)
    assert rate_interval(173, 16_101) == Interval(
        limits.lower * 100_000 / 16_101, limits.upper * 100_000 / 16_101
    )


def test_wilson_stays_within_zero_and_one() -> None:
    assert wilson_interval(0, 20).lower == 0
    assert wilson_interval(20, 20).upper == 1


@pytest.mark.parametrize("count", [-1, -0.001, math.nan, math.inf])
def test_impossible_count_is_refused(count: float) -> None:
    for method in (poisson_interval, byar_interval, count_interval):
        with pytest.raises(ValueError, match="count"):
            method(count)
    with pytest.raises(ValueError, match="count"):
        rate_interval(count, 100)
    with pytest.raises(ValueError, match="count"):
        wilson_interval(count, 100)


@pytest.mark.parametrize("population", [0, -5, math.nan, math.inf])
def test_impossible_population_is_refused(population: float) -> None:
    with pytest.raises(ValueError, match="population"):
        rate_interval(5, population)
    with pytest.raises(ValueError, match="population"):
        wilson_interval(0, population)


@pytest.mark.parametrize("confidence", [0, 1, -0.1, 95, math.nan])
def test_impossible_confidence_is_refused(confidence: float) -> None:
    for method in (poisson_interval, byar_interval, count_interval):
        with pytest.raises(ValueError, match="confidence"):
            method(5, confidence)
    with pytest.raises(ValueError, match="confidence"):
        rate_interval(5, 100, confidence)
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(5, 100, confidence)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="part of"):
        wilson_interval(6, 5)


@given(count=st.integers(0, 100_000), confidence=st.floats(0.5, 0.999))
def test_interval_surrounds_the_count_and_widens_with_confidence(count: int, confidence: float) -> None:
    found = count_interval(count, confidence)
    wider = count_interval(count, confidence + (1 - confidence) / 2)
    assert wider.lower <= found.lower <= count < found.upper < wider.upper
