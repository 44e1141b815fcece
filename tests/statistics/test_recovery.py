"""Whole counts out of published rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.statistics.recovery import PER, recover_counts, whole_count_populations

# Rates per 100 000 of Hallsberg municipality as published, with the counts and population behind.
HALLSBERG = [
    pytest.param([14657.47469, 1074.46742], 16_101, (2360, 173), id="2025"),
    pytest.param([11467.60633, 995.30168], 16_176, (1855, 161), id="2024"),
]


@pytest.mark.parametrize(("rates", "population", "counts"), HALLSBERG)
@pytest.mark.parametrize("off", [0.99, 1.0, 1.01])
def test_hallsberg(rates: list[float], population: float, counts: tuple[int, ...], off: float) -> None:
    found = recover_counts(rates, population * off, 0.02)
    assert found.basis == "recovered"
    assert found.counts == counts
    assert found.population == population
    assert found.candidates == 1


def test_one_rate_that_fits_several_populations_is_approximate() -> None:
    # 159 of 15 900, 160 of 16 000, 161 of 16 100 and 162 of 16 200 have the same rate.
    found = recover_counts([1000.0], 16_040, 0.01)
    assert found.basis == "approximate"
    assert found.candidates == 4
    assert found.population == 16_040
    assert found.counts == (160,)


def test_one_rate_of_many_is_approximate_over_a_wide_range() -> None:
    found = recover_counts([14657.47469], 16_101, 0.3)
    assert found.basis == "approximate"
    assert found.candidates > 1
    assert found.counts == (2360,)
    assert 16_101 in whole_count_populations([14657.47469], 15_000, 17_000)


def test_rates_that_fit_nothing_are_approximate() -> None:
    found = recover_counts([14657.6, 1074.5], 16_101, 0.001)
    assert found.basis == "approximate"
    assert found.candidates == 0
    assert found.counts == (2360, 173)


def test_population_known_exactly() -> None:
    assert recover_counts([14657.47469], 16_101, 0).basis == "recovered"
    assert recover_counts([14657.47469], 16_101.3, 0).basis == "approximate"


@pytest.mark.parametrize("estimate", [0, -1, float("nan")])
def test_impossible_population_is_refused(estimate: float) -> None:
    with pytest.raises(ValueError, match="population"):
        recover_counts([1.0], estimate, 0.1)


@given(
    half_population=st.integers(4_000, 2_000_000),
    shares=st.lists(st.floats(0, 0.3), min_size=1, max_size=5),
    shown=st.booleans(),
)
def test_single_precision_never_loses_the_truth(
    half_population: int, shares: list[float], shown: bool
) -> None:
    population = half_population / 2
    counts = [int(share * population) for share in shares]
    rates = [float(np.float32(count * PER / population)) for count in counts]
    if shown:
        rates = [round(rate, 5) for rate in rates]
    found = whole_count_populations(rates, population * 0.99, population * 1.01)
    assert population in found
    at_truth = recover_counts(rates, population, 0)
    assert at_truth.basis == "recovered"
    assert at_truth.counts == tuple(counts)
