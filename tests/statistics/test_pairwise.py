"""Two municipalities of any size: no more than one in twenty chance differences is called certain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind_from_stats

from lagesbild.statistics.change import e_test
from lagesbild.statistics.overdispersion import Dispersion
from lagesbild.statistics.pairwise import of_counts, of_shares
from lagesbild.statistics.rule import changes_z

CHANCE = Dispersion(1.0, 0.0, 0)
COUNTS = st.integers(0, 3000)
PEOPLE = st.integers(2_400, 990_000)


@given(COUNTS, COUNTS, st.floats(1, 3), st.floats(0, 0.05))
def test_with_equal_populations_it_is_the_test_of_a_change(a: int, b: int, phi: float, tau2: float) -> None:
    dispersion = Dispersion(phi, tau2, 100)
    found = of_counts(a, b, 16_000, 16_000, dispersion)
    assert found.z == pytest.approx(float(changes_z(b, a, 1.0, dispersion)))


@given(COUNTS, COUNTS, PEOPLE, PEOPLE)
def test_it_is_the_same_whichever_is_named_first(a: int, b: int, mine: int, theirs: int) -> None:
    dispersion = Dispersion(1.5, 0.01, 100)
    one, other = of_counts(a, b, mine, theirs, dispersion), of_counts(b, a, theirs, mine, dispersion)
    assert one.z == pytest.approx(-other.z)
    assert one.p_value == pytest.approx(other.p_value, abs=1e-9)


@pytest.mark.parametrize("people", [(16_000, 16_000), (16_000, 160_000), (2_500, 950_000), (950_000, 2_500)])
@pytest.mark.parametrize("rate", [2e-4, 2e-3, 0.02])
@pytest.mark.parametrize("moves", [(1.0, 0.0), (1.5, 0.01)])
def test_what_is_the_same_is_seldom_called_different(
    people: tuple[int, int], rate: float, moves: tuple[float, float]
) -> None:
    rng = np.random.default_rng(1861)
    phi, tau2 = moves

    def drawn(persons: int) -> np.ndarray:
        mean = rate * persons * rng.lognormal(-tau2 / 2, np.sqrt(tau2), 600)
        return rng.negative_binomial(mean / (phi - 1), 1 / phi) if phi > 1 else rng.poisson(mean)

    dispersion = Dispersion(phi, tau2, 100)
    tests = [
        of_counts(int(a), int(b), *people, dispersion)
        for a, b in zip(drawn(people[0]), drawn(people[1]), strict=True)
    ]
    assert np.mean([one.p_value <= 0.05 for one in tests]) <= 0.075  # 5 % and three standard errors


def test_what_is_twice_as_common_is_found_in_a_small_municipality_too() -> None:
    found = of_counts(300, 15_000, 16_000, 1_600_000, CHANCE)
    assert found.z > 5
    assert found.p_value < 1e-6


def test_pure_chance_is_the_e_test() -> None:
    assert of_counts(9, 3, 5_000, 5_000, CHANCE).p_chance == e_test(9, 3, 5_000, 5_000)


def test_none_and_none_differ_by_nothing() -> None:
    assert of_counts(0, 0, 5_000, 5_000, CHANCE).p_value == 1


def test_shares_are_tested_as_two_means_with_known_errors() -> None:
    found = of_shares(30.0, 25.0, 2.0, 1.5)
    large = 10**6
    known = ttest_ind_from_stats(
        30.0, 2.0 * np.sqrt(large), large, 25.0, 1.5 * np.sqrt(large), large, equal_var=False
    )
    assert found.p_value == pytest.approx(known.pvalue, abs=1e-6)
    assert of_shares(30.0, 30.0, 0.0, 0.0).p_value == 1
    assert of_shares(30.0, 20.0, 0.0, 0.0).p_value == 0
