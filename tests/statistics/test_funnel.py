"""Funnel limits and overdispersion against the published values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.statistics.funnel import (
    Overdispersion,
    Scale,
    adjusted_limits,
    adjusted_p_value,
    exact_limits,
    overdispersion,
    spread_between,
)
from lagesbild.statistics.intervals import poisson_interval


def test_exact_limits_as_published_with_funnelplotr() -> None:
    lower, upper = exact_limits([15, 20, 30], 0.95)
    assert lower == pytest.approx([0.5596924, 0.6108260, 0.6746958], abs=1e-6)
    assert upper == pytest.approx([1.649348, 1.544419, 1.427562], abs=1e-6)
    lower, upper = exact_limits([15, 20, 30], 0.998)
    assert lower == pytest.approx([0.3862650, 0.4479107, 0.5289724], abs=1e-6)
    assert upper == pytest.approx([2.082907, 1.902094, 1.702771], abs=1e-6)


def test_phe_ratio_limits(shared: Path) -> None:
    """Drawn the other way round: the expected count for which the observed one lies on the limit."""
    file = shared / "fixtures" / "PHEindicatormethods" / "testdata_funnel_ratio_outputs.csv"
    told = pl.read_csv(file, infer_schema_length=None)
    told = told.rename({told.columns[0]: "observed"})
    for row in told.iter_rows(named=True):
        for sigma, confidence in (("2s", 0.95), ("3s", 0.998)):
            found = poisson_interval(row["observed"], confidence)
            assert found.upper == pytest.approx(row[f"lower_{sigma}_exp_events"], abs=2e-4)
            assert found.lower == pytest.approx(row[f"upper_{sigma}_exp_events"], abs=2e-4)


def medpar(shared: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    frame = pl.read_csv(shared / "fixtures" / "funnelplotr" / "medpar_expected_by_provider.csv")
    return (
        frame["los"].to_numpy().astype(float),
        frame["expected"].to_numpy(),
        frame["provnum"].cast(pl.String).to_list(),
    )


def test_shmi_overdispersion_of_the_hospital_stays(shared: Path) -> None:
    observed, expected, names = medpar(shared)
    found = overdispersion(observed, expected, Scale.LOG)
    assert found.n == 44
    assert found.phi == pytest.approx(8.532851, abs=1e-5)
    assert found.tau2 == pytest.approx(0.02841023, abs=1e-5)
    lower, upper = adjusted_limits(expected, found, 0.998)
    ratio = observed / expected
    outside = [name for name, r, a, b in zip(names, ratio, lower, upper, strict=True) if not a <= r <= b]
    assert outside == ["30017", "30035", "30037", "30044", "30060", "30067", "30068", "30073", "32003"]


def test_unadjusted_limits_flag_many_more(shared: Path) -> None:
    observed, expected, _ = medpar(shared)
    lower, upper = exact_limits(expected, 0.998)
    ratio = observed / expected
    assert int(((ratio < lower) | (ratio > upper)).sum()) == 25


def test_winsorised_root_overdispersion(shared: Path) -> None:
    observed, expected, _ = medpar(shared)
    found = overdispersion(observed, expected, Scale.ROOT)
    assert found.phi == pytest.approx(9.3025, abs=1e-3)
    assert found.tau2 == pytest.approx(0.0078631, abs=1e-5)


def test_chance_alone_gives_the_exact_limits() -> None:
    rng = np.random.default_rng(1861)
    expected = rng.uniform(20, 400, 289)
    found = overdispersion(rng.poisson(expected), expected)
    assert found.tau2 < 2e-4
    none = Overdispersion(0.9, 0.0, 289, Scale.ROOT)
    assert adjusted_limits([10.0], none) == exact_limits([10.0])


def test_a_known_spread_is_found_again() -> None:
    rng = np.random.default_rng(7)
    expected = rng.uniform(200, 4000, 20_000)
    ratio = (1 + rng.normal(0, 0.1, expected.size)) ** 2  # spread 0.1 on the root scale
    found = overdispersion(rng.poisson(expected * ratio), expected)
    # Pulling in the extreme tenths makes the spread look smaller: by 0.66 for a normal one.
    assert found.tau2 == pytest.approx(0.66 * 0.1**2, rel=0.1)


@pytest.mark.parametrize("scale", list(Scale))
def test_zero_counts_are_no_obstacle(scale: Scale) -> None:
    found = overdispersion([0, 0, 3, 5, 2, 1, 0, 4, 2, 3, 1], np.full(11, 2.0), scale)
    assert np.isfinite(found.phi)
    assert 0 <= adjusted_p_value(0, 2.0, found) <= 1


@pytest.mark.parametrize(
    ("observed", "expected"), [([1], [0.0]), ([-1], [1.0]), ([1, 2], [1.0]), ([], []), ([1], [np.nan])]
)
def test_impossible_counts_are_refused(observed: list[float], expected: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected|observed"):
        overdispersion(observed, expected)


@given(expected=st.floats(0.5, 5000), tau2=st.floats(0, 0.2), scale=st.sampled_from(list(Scale)))
def test_more_spread_never_narrows_the_limits(expected: float, tau2: float, scale: Scale) -> None:
    narrow = adjusted_limits([expected], Overdispersion(2, tau2 + 1e-9, 9, scale))
    wide = adjusted_limits([expected], Overdispersion(2, tau2 + 0.05, 9, scale))
    assert wide[0][0] <= narrow[0][0] <= 1 <= narrow[1][0] <= wide[1][0]


@given(expected=st.floats(5, 5000), tau2=st.floats(1e-6, 0.2), scale=st.sampled_from(list(Scale)))
def test_the_p_value_at_the_limit_is_one_minus_confidence(expected: float, tau2: float, scale: Scale) -> None:
    spread = Overdispersion(2, tau2, 9, scale)
    upper = adjusted_limits([expected], spread, 0.95)[1][0]
    assert adjusted_p_value(upper * expected, expected, spread) == pytest.approx(0.05, rel=1e-6)


def test_paule_and_mandel_is_statsmodels_where_the_mean_is_the_same() -> None:
    """statsmodels estimates the mean as well: pairs above and below one make it the known one."""
    from statsmodels.stats.meta_analysis import combine_effects

    expected = np.repeat(np.random.default_rng(3).uniform(20, 3000, 60), 2)
    deviation = np.tile([1, -1], 60) * np.repeat(np.random.default_rng(4).uniform(0, 0.4, 60), 2)
    observed = expected * (1 + deviation) ** 2
    theirs = combine_effects(deviation, 0.25 / expected, method_re="iterated").tau2
    assert spread_between(observed, expected).tau2 == pytest.approx(theirs, rel=1e-5)


def test_the_limits_hold_what_they_promise_also_for_very_large_counts() -> None:
    rng = np.random.default_rng(1861)
    expected = 10 ** rng.uniform(2.3, 5, 4000)
    observed = rng.poisson(expected * (1 + rng.normal(0, 0.12, 4000)) ** 2)
    for found, low, high in (
        (spread_between(observed, expected), 0.04, 0.06),
        (overdispersion(observed, expected), 0.1, 0.4),  # why it is not used for these
    ):
        lower, upper = adjusted_limits(expected, found)
        outside = np.mean((observed / expected < lower) | (observed / expected > upper))
        assert low < outside < high


def test_no_spread_beyond_chance_is_none() -> None:
    assert spread_between([10, 10, 10], [10, 10, 10]).tau2 == 0


def test_one_area_has_no_spread() -> None:
    with pytest.raises(ValueError, match="two areas"):
        spread_between([1], [1])
