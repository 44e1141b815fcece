"""How far from its group: by hand on small worlds, against other libraries, and where nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from lagesbild.statistics.funnel import spread_between
from lagesbild.statistics.standing import (
    PER,
    Measure,
    Peers,
    between_variance,
    peer_medians,
    standings,
)

CODES = [f"{n:02d}" for n in range(40)]
RING = {code: [CODES[(n + k) % 40] for k in range(1, 8)] for n, code in enumerate(CODES)}
ALL = dict.fromkeys(CODES, CODES)


def world(
    seed: int = 1, level: float = 9_000.0, spread: float = 0.2, missing: tuple[int, ...] = ()
) -> Measure:
    rng = np.random.default_rng(seed)
    people = rng.uniform(4_000, 60_000, len(CODES))
    counts = rng.poisson(level / PER * people * rng.lognormal(0, spread, len(CODES)))
    values = counts / people * PER
    values[list(missing)] = np.nan
    return Measure(values, people)


@pytest.mark.parametrize("groups", [RING, ALL])
@pytest.mark.parametrize("home", [0, 3, 17])
def test_every_groups_median_without_the_home(groups: dict[str, list[str]], home: int) -> None:
    measure = world(missing=(5, 6))
    found = peer_medians(measure.values, Peers.of(CODES, groups), np.array([home]))[0]
    for n, code in enumerate(CODES):
        others = [CODES.index(c) for c in groups[code] if c != code and CODES.index(c) != home]
        kept = [measure.values[o] for o in others if np.isfinite(measure.values[o])]
        assert found[n] == pytest.approx(np.median(kept))


def test_the_spread_is_paule_and_mandels_as_in_statsmodels() -> None:
    measure = world()
    deviations, chance = measure.deviations(np.full((1, len(CODES)), 9_000.0))
    ours = float(between_variance(deviations, chance)[0])
    # Theirs also estimates the mean, which ours takes from the group.
    theirs = combine_effects(deviations[0], chance[0], method_re="iterated", atol=1e-12, maxiter=500).tau2
    assert ours == pytest.approx(theirs, rel=0.1)
    counts = measure.values * measure.sizes / PER
    same = spread_between(counts, 9_000.0 * measure.sizes / PER)
    assert ours == pytest.approx(same.tau2, rel=1e-9)


def test_the_p_value_and_the_limits_agree() -> None:
    measure, peers = world(), Peers.of(CODES, RING)
    for home, found in enumerate(standings(measure, peers, range(len(CODES)))):
        assert found is not None
        outside = not found.lower <= measure.values[home] <= found.upper
        assert outside == (found.p_value < 0.05)
        assert found.far_lower <= found.lower <= found.reference <= found.upper <= found.far_upper
        assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.z), found.learnt_from - 2))


def test_one_home_is_placed_as_among_all() -> None:
    measure, peers = world(), Peers.of(CODES, RING)
    together = standings(measure, peers, range(len(CODES)))
    assert standings(measure, peers, [4]) == [together[4]]


def test_the_home_is_nowhere_in_the_estimation() -> None:
    measure, peers = world(), Peers.of(CODES, RING)
    changed = measure.values.copy()
    changed[7] = 90_000.0
    before, after = (standings(Measure(v, measure.sizes), peers, [7])[0] for v in (measure.values, changed))
    assert before is not None
    assert after is not None
    assert (before.reference, before.between, before.learnt_from) == (
        after.reference,
        after.between,
        after.learnt_from,
    )


def test_without_spread_beyond_chance_the_limits_are_poisson_s() -> None:
    people = np.full(len(CODES), 20_000.0)
    values = np.full(len(CODES), 500.0)
    values[0] = 750.0
    found = standings(Measure(values, people), Peers.of(CODES, ALL), [0])[0]
    assert found is not None
    assert found.between == 0
    assert found.upper / 500 == pytest.approx(stats.chi2.ppf(0.975, 202) / 200, rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.poisson.sf(149, 100), rel=1e-9)


@pytest.mark.parametrize(
    ("groups", "missing"),
    [
        (RING, (0,)),
        (RING, (1, 2, 3, 4, 5)),
        ({"00": ["01", "02"]}, ()),
        ({"00": ["01", "02", "03"]}, ()),
        ({}, ()),
    ],
    ids=["no value", "two members left", "two members", "nobody else has a group", "no groups"],
)
def test_where_nothing_can_be_said(groups: dict[str, list[str]], missing: tuple[int, ...]) -> None:
    assert standings(world(missing=missing), Peers.of(CODES, groups), [0]) == [None]


def test_a_group_without_cases_has_no_ratio() -> None:
    values = np.zeros(len(CODES))
    values[0] = 10.0
    assert standings(Measure(values, np.full(len(CODES), 9e3)), Peers.of(CODES, RING), [0]) == [None]


def test_no_cases_at_home_is_an_ordinary_value() -> None:
    measure = world(level=60.0)
    values = measure.values.copy()
    values[2] = 0.0
    found = standings(Measure(values, measure.sizes), Peers.of(CODES, ALL), [2])[0]
    assert found is not None
    assert found.ratio == 0
    assert 0 < found.p_value <= 1


def test_a_list_of_ones_own_takes_the_spread_from_everybody() -> None:
    measure = world()
    own = Peers.of(CODES, {"00": ["05", "06", "07"]})
    found = standings(measure, own, [0], Peers.of(CODES, ALL))[0]
    everybody = standings(measure, Peers.of(CODES, ALL), [0])[0]
    assert found is not None
    assert everybody is not None
    assert found.between == everybody.between
    assert found.reference == np.median(measure.values[5:8])


def test_a_survey_is_judged_in_percentage_points() -> None:
    rng = np.random.default_rng(2)
    values, errors = rng.normal(25, 4, 40), np.full(40, 2.0)
    values[0] = 45.0
    found = standings(Measure(values, errors, survey=True), Peers.of(CODES, ALL), [0])[0]
    assert found is not None
    assert found.p_value < 0.001
    assert found.between == pytest.approx(max(0.0, float(np.var(values[1:])) - 4) ** 0.5, rel=0.3)
    assert 0 <= found.far_lower < found.upper < 45


@given(seed=st.integers(0, 10_000), level=st.sampled_from([30.0, 300.0, 9_000.0]))
def test_never_a_nonsense_number(seed: int, level: float) -> None:
    for found in standings(world(seed, level), Peers.of(CODES, RING), range(0, 40, 7)):
        if found is not None:
            assert 0 <= found.p_value <= 1
            assert 0 <= found.lower <= found.upper < np.inf
            assert found.outlying >= 1
