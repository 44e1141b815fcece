"""A period against the years before: the expected count, and how often nothing but chance is called a difference."""

from __future__ import annotations

import numpy as np
import pytest

from lagesbild.statistics.overdispersion import Dispersion
from lagesbild.statistics.periods import (
    ASSUMED,
    Moved,
    against,
    expected_counts,
    learnt_from,
    shares_against,
)


def test_what_is_expected_is_the_same_seasons_before_with_the_periods_population() -> None:
    counts = [[10.0], [40.0], [20.0], [60.0], [0.0], [12.0]]
    people = [[1000.0]] * 4 + [[2000.0]] * 2
    seasons = [0, 1, 0, 1, 0, 0]
    before, during = (np.array(mask, dtype=bool) for mask in ([1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1]))
    observed, expected = expected_counts(counts, people, seasons, before, during)
    assert observed[0] == 12
    assert expected[0] == pytest.approx(30 / 2000 * 2000)  # the first season alone: 30 of 2 000 person-steps


def test_a_missing_step_before_is_left_out_and_a_missing_one_of_the_period_is_missing() -> None:
    counts = [[10.0, 10.0], [np.nan, 10.0], [9.0, np.nan]]
    before, during = np.array([True, True, False]), np.array([False, False, True])
    observed, expected = expected_counts(counts, np.full((3, 2), 100.0), [0, 0, 0], before, during)
    assert expected[0] == pytest.approx(10)
    assert np.isnan(observed[1])


def test_limits_and_word_agree() -> None:
    found = against(98, 185, Dispersion(4.0, 0.01))
    assert found is not None
    assert found.moved is Moved.FEWER
    assert found.lower < 98 < found.upper < 185
    near = against(180, 185, Dispersion(4.0, 0.01))
    assert near is not None
    assert (near.moved, near.certain) == (Moved.NONE, False)
    assert near.lower < 185 < near.upper


def test_a_certain_difference_of_less_than_a_tenth_is_no_difference() -> None:
    found = against(105_000, 100_000, Dispersion(1.0, 0.0))
    assert found is not None
    assert (found.certain, found.moved) == (True, Moved.NONE)


@pytest.mark.parametrize(("observed", "expected"), [(5.0, 0.0), (float("nan"), 4.0), (4.0, float("nan"))])
def test_nothing_is_held_against_nothing(observed: float, expected: float) -> None:
    assert against(observed, expected, ASSUMED) is None


def test_few_others_teach_nothing_and_the_usual_is_assumed() -> None:
    assert learnt_from(np.full(20, 10.0), np.full(20, 12.0), 0) == ASSUMED


def test_one_in_twenty_of_what_only_varies_is_called_fewer_or_more() -> None:
    """Two thousand periods of municipalities whose figures vary as crimes do, with a common fall by a fifth."""
    rng = np.random.default_rng(4)
    level = rng.lognormal(5, 1, 290)
    called = tried = 0
    for _ in range(40):
        yearly = level * rng.lognormal(0, 0.12, (4, 290)) * np.array([1, 1, 1, 0.8])[:, None]
        counts = rng.poisson(yearly).astype(float)
        before, during = np.array([True] * 3 + [False]), np.array([False] * 3 + [True])
        observed, expected = expected_counts(counts, np.ones((4, 290)), [0] * 4, before, during)
        common = np.median(observed / expected)
        for home in range(0, 290, 5):
            dispersion = learnt_from(observed, expected, home)
            found = against(observed[home], expected[home] * common, dispersion)
            assert found is not None
            called += found.certain
            tried += 1
    assert 0.035 < called / tried < 0.065


def test_survey_shares_are_judged_with_their_own_margins() -> None:
    more = shares_against(24.0, 1.5, 18.0, 1.5)
    assert more is not None
    assert more.moved is Moved.MORE
    unsure = shares_against(20.0, 1.5, 18.0, 1.5)
    assert unsure is not None
    assert unsure.moved is Moved.NONE
    assert shares_against(20.0, float("nan"), 18.0, 1.5) is None
