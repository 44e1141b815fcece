"""Farrington's method against the R package surveillance: single values, the golden series, and its own rules."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lagesbild.hotspots.surveillance import MONTHLY, Limit, Setting, limits, reweighted, season_groups, watch


@pytest.fixture
def units(shared: Path) -> Any:
    return json.loads((shared / "fixtures/surveillance/threshold_unit_values.json").read_text())


@pytest.mark.parametrize(("scale", "power"), [("none", 1.0), ("1/2", 0.5), ("2/3", 2 / 3)])
def test_the_normal_limit_on_every_scale(units: Any, scale: str, power: float) -> None:
    case = units["farrington1996_delta"]
    upper, p_value = limits(case["mu"], case["se_mu"], case["phi"], case["y"], 0.05, Limit.POWER, power)
    assert upper == pytest.approx(case["expected_lower_upper"][scale][1], abs=1e-6)
    expected_p, expected_score = case["third_and_fourth_values"][scale]
    assert p_value == pytest.approx(expected_p, abs=1e-6)
    assert (case["y"] - case["mu"]) / (upper - case["mu"]) == pytest.approx(expected_score, abs=1e-6)


def test_the_negative_binomial_limit(units: Any) -> None:
    for case in units["noufaily_nbPlugin"]:
        upper, p_value = limits(
            case["mu"], 0.1, case["phi"], case["y"], case["alpha"], Limit.NEGATIVE_BINOMIAL
        )
        assert upper == case["upper"]
        assert p_value == pytest.approx(case["p"], abs=1e-6)
        # The package takes the logarithm of the mean here; the method's own score does not.
        log_mean = math.log(case["mu"])
        assert (case["y"] - log_mean) / (upper - log_mean) == pytest.approx(case["score"], abs=1e-6)


def test_earlier_outbreaks_weigh_less(units: Any) -> None:
    case = units["reweighting"]
    assert reweighted(case["anscombe_residuals"], case["threshold"]) == pytest.approx(
        case["expected_weights"]
    )


def test_the_windows_of_the_same_time_of_year_hold_what_they_should(units: Any) -> None:
    case = units["reference_window_size"]
    setting = Setting(per_year=case["freq"], years=case["b"], half_width=case["w"], seasons=1, left_out=0)
    groups = season_groups(200, setting)
    assert groups is not None
    assert (groups[:-1] >= 0).sum() + 1 == 25  # the judged step itself is never learnt from
    assert groups[-1] == -1


def salmonella(folder: Path) -> list[int]:
    rows = csv.DictReader((folder / "salmonella_agona_observed.csv").open())
    return [int(row["observed"]) for row in rows]


#: What the golden series was made with; the level stands in its name.
GOLDEN = Setting(years=4, half_width=3, seasons=10, left_out=26, outlying=2.58, trend_level=1.0, level=0.05)


def test_the_golden_series_of_the_flexible_method(shared: Path) -> None:
    folder = shared / "fixtures/surveillance"
    expected = list(csv.DictReader((folder / "agona_flexible_nbPlugin_alpha0.05.csv").open()))
    found = watch(salmonella(folder), [int(row["t"]) - 1 for row in expected], GOLDEN)
    for one, row in zip(found, expected, strict=True):
        assert one is not None
        assert one.upper == float(row["upperbound"])
        assert one.expected == pytest.approx(float(row["expected"]), rel=1e-5)
        assert one.dispersion == pytest.approx(float(row["phi"]), rel=1e-5)
        log_mean = math.log(one.expected)  # as above
        assert (one.observed - log_mean) / (one.upper - log_mean) == pytest.approx(
            float(row["score"]), abs=1e-5
        )
        assert one.score == pytest.approx((one.observed - one.expected) / (one.upper - one.expected))
        assert one.p_value == pytest.approx(float(row["pvalue"]), abs=1e-5)
        assert one.alarm == (row["alarm"] == "1")


#: The golden series with the normal limit, and R's own standard error (see decision 0009).
GOLDEN_POWER = Setting(
    years=4,
    half_width=3,
    seasons=1,
    left_out=3,
    outlying=1,
    trend_level=0.05,
    level=0.1,
    limit=Limit.POWER,
    relative_error=True,
)


def test_the_golden_series_with_the_normal_limit(shared: Path) -> None:
    folder = shared / "fixtures/surveillance"
    expected = list(csv.DictReader((folder / "agona_farringtonFlexible_control1.csv").open()))
    steps = [int(row["t"]) - 1 for row in expected]
    for one, row in zip(watch(salmonella(folder), steps, GOLDEN_POWER), expected, strict=True):
        assert one is not None
        assert one.upper == pytest.approx(float(row["upperbound"]), abs=1e-4)
        assert one.expected == pytest.approx(float(row["expected"]), abs=1e-5)
        assert one.dispersion == pytest.approx(float(row["phi"]), rel=1e-4)
        assert one.score == pytest.approx(float(row["score"]), abs=1e-3)
        assert one.p_value == pytest.approx(float(row["pvalue"]), abs=1e-4)
        assert one.alarm == (row["alarm"] == "1")


def test_the_regressions_own_error_is_the_wider_one_where_counts_are_above_one(shared: Path) -> None:
    """Why the package's error is not ours: it does not grow with the count."""
    series = salmonella(shared / "fixtures/surveillance")
    (theirs,) = watch([20 * n for n in series], [300], GOLDEN_POWER)
    (ours,) = watch([20 * n for n in series], [300], replace(GOLDEN_POWER, relative_error=False))
    assert theirs is not None
    assert ours is not None
    assert ours.upper > theirs.upper


def months(level: float, years: int = 6, seed: int = 1) -> list[int]:
    rng = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(12 * years) / 12)
    return [int(n) for n in rng.poisson(level * season)]


def test_a_tripled_month_is_an_alarm_and_a_quiet_series_seldom_is() -> None:
    series = months(20)
    risen = [*series[:-1], 3 * series[-1]]
    (found,) = watch(risen, [len(series) - 1], MONTHLY)
    assert found is not None
    assert found.alarm
    assert found.score > 1.5
    alarms = [one.alarm for seed in range(40) for one in watch(months(20, seed=seed), [71], MONTHLY) if one]
    assert len(alarms) == 40
    assert sum(alarms) <= 6  # 2 expected at 5 %; more than 6 has a probability below 1 %


def test_only_what_was_known_before_is_used() -> None:
    series = months(20)
    (before,) = watch(series, [60], MONTHLY)
    (after,) = watch([*series[:61], *[500] * 11], [60], MONTHLY)
    assert before == after


def test_too_short_empty_or_impossible_series() -> None:
    assert watch([5] * 30, [29], MONTHLY) == [None]
    assert watch([0] * 60, [59], MONTHLY) == [None]
    with pytest.raises(ValueError, match="whole number"):
        watch([1.5] * 60, [59], MONTHLY)
    with pytest.raises(ValueError, match="outside"):
        watch([1] * 60, [60], MONTHLY)


def test_few_cases_never_alarm() -> None:
    series = [1, 0] * 30 + [4]
    (found,) = watch(series, [60], MONTHLY)
    assert found is not None
    assert found.observed > found.upper
    assert not found.alarm
    (eager,) = watch(series, [60], replace(MONTHLY, fewest=1))
    assert eager is not None
    assert eager.alarm


def test_a_constant_series_is_judged_by_poisson() -> None:
    (found,) = watch([10] * 60 + [25], [60], MONTHLY)
    assert found is not None
    assert found.expected == pytest.approx(10)
    assert found.dispersion == 1
    assert found.alarm
