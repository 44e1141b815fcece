"""The effect of an action: published values, error rates by simulation, and what is too small to be seen."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lagesbild.statistics import effect
from lagesbild.statistics.effect import Counts, Seen, Smallest, difference, ratio, scaled_difference

FIXTURE = Path(__file__).parents[2].parent / "shared" / "fixtures" / "wdd_poisson" / "wdd_etest_naus.json"
TREATED, CONTROL = Counts(before=120, after=100), Counts(before=130, after=150)


def test_the_published_example() -> None:
    """Wheeler & Ratcliffe 2018; with displacement as in the notebook WDD_Examples of apwheele/crimepy (MIT)."""
    found = difference(TREATED, CONTROL)
    assert found.estimate == -40
    assert found.error == pytest.approx(22.36, abs=0.005)
    assert (found.interval.lower, found.interval.upper) == pytest.approx((-76.8, -3.2), abs=0.05)
    found = difference(TREATED, CONTROL, Counts(before=40, after=25), Counts(before=30, after=25))
    assert found.estimate == -50
    assert found.error == pytest.approx(24.9, abs=0.005)


def test_every_published_case_with_weights_of_periods_and_areas() -> None:
    if not FIXTURE.exists():
        pytest.skip(f"the shared fixture {FIXTURE} is not here")
    cases = json.loads(FIXTURE.read_text(encoding="utf-8"))["wdd"]
    assert len(cases) == 4
    for case in cases:
        times, sizes = case.get("time_weights", [1, 1]), case.get("area_weights", [1, 1, 1, 1])
        names = ("control", "treated", "disp_control", "disp_treated")  # whose sizes the notebook gives so
        areas = {
            name: Counts(
                before=case[name][0],
                after=case[name][1],
                weight_before=size * times[0],
                weight_after=size * times[1],
            )
            for name, size in zip(names, sizes, strict=True)
            if name in case
        }
        found = difference(
            areas["treated"], areas["control"], areas.get("disp_treated"), areas.get("disp_control")
        )
        assert found.estimate == case["wdd"]
        assert found.error == pytest.approx(case["se"], abs=0.05)
        assert [found.interval.lower, found.interval.upper] == pytest.approx(case["ci90"], abs=0.08)


def drawn(
    rng: np.random.Generator, mean: float, spread: float, shape: int | tuple[int, ...]
) -> NDArray[np.int64]:
    """Counts with a mean and that times ``spread`` as variance."""
    if spread == 1:
        return rng.poisson(mean, shape)
    return rng.negative_binomial(mean / (spread - 1), 1 / spread, shape)


@pytest.mark.parametrize("spread", [1.0, 2.0])
@pytest.mark.parametrize(("mean", "effect_there"), [(60, 1.0), (60, 0.5), (25, 1.0)])
def test_nine_of_ten_intervals_hold_the_truth(mean: float, effect_there: float, spread: float) -> None:
    rng = np.random.default_rng(1)
    before, control, control_after = drawn(rng, mean, spread, (3, 3000))
    after = drawn(rng, mean * effect_there, spread, 3000)
    held = 0
    for t0, t1, c0, c1 in zip(before, after, control, control_after, strict=True):
        found = difference(Counts(before=t0, after=t1), Counts(before=c0, after=c1), dispersion=spread)
        held += found.interval.lower <= mean * (effect_there - 1) <= found.interval.upper
    assert held / 3000 == pytest.approx(0.9, abs=0.017)  # three standard errors


def test_what_ignores_overdispersion_is_wrong_too_often() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for t0, t1, c0, c1 in drawn(rng, 60, 2.0, (1500, 4)):
        found = difference(Counts(before=t0, after=t1), Counts(before=c0, after=c1))
        held += found.interval.lower <= 0 <= found.interval.upper
    assert held / 1500 < 0.8


@pytest.mark.parametrize("mean", [1.0, 4.0, 9.0])
def test_few_signals_give_intervals_that_rather_hold_too_often(mean: float) -> None:
    rng = np.random.default_rng(3)
    held = 0
    for t0, t1, c0, c1 in rng.poisson(mean, (800, 4)):
        found = difference(Counts(before=t0, after=t1), Counts(before=c0, after=c1))
        held += found.interval.lower <= 0 <= found.interval.upper
    assert held / 800 >= 0.88


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_a_ratio_beside_a_larger_control_is_held_nine_times_of_ten(spread: float) -> None:
    """Both fall by a third with the season, and the treated by a fifth of that beside."""
    rng = np.random.default_rng(4)
    t0, t1 = drawn(rng, 50, spread, 2500), drawn(rng, 50 * 0.8 * 2 / 3, spread, 2500)
    c0, c1 = drawn(rng, 300, spread, 2500), drawn(rng, 200, spread, 2500)
    held = 0
    for one, two, three, four in zip(t0, t1, c0, c1, strict=True):
        if min(one, two) < 10:  # the exact ones take longer, and have their own test
            held += 1
            continue
        found = ratio(
            Counts(before=one, after=two), Counts(before=three, after=four), dispersion=spread
        ).interval
        held += found.lower <= 0.8 <= found.upper
    assert held / 2500 == pytest.approx(0.9, abs=0.02)


def test_a_season_that_moves_a_large_control_is_no_effect_when_scaled() -> None:
    treated, control = Counts(before=40, after=32), Counts(before=400, after=320)
    assert difference(treated, control).interval.lower > 0
    assert scaled_difference(treated, control).estimate == pytest.approx(0)
    interval = scaled_difference(treated, control).interval
    assert interval.lower < 0 < interval.upper


def test_the_dispersion_is_learnt_from_the_weeks_before() -> None:
    rng = np.random.default_rng(5)
    assert effect.dispersion(drawn(rng, 6, 2.0, (4, 500))) == pytest.approx(2, abs=0.2)
    assert effect.dispersion(drawn(rng, 6, 1.0, (4, 500))) == pytest.approx(1, abs=0.1)
    rising = rng.poisson(np.linspace(2, 30, 300))
    assert effect.dispersion(rising) < 1.3  # a slow rise is no spread
    assert effect.dispersion([[3, 3, 3]]) == effect.dispersion([[0, 0]]) == effect.dispersion([[5]]) == 1


@pytest.mark.parametrize(("before", "spread", "length"), [(100, 1.0, 1.0), (200, 2.0, 0.5)])
def test_the_smallest_effect_is_seen_four_times_of_five(before: float, spread: float, length: float) -> None:
    smallest = effect.smallest_effect(before, before, length=length, dispersion=spread)
    rng = np.random.default_rng(6)
    t0, c0 = drawn(rng, before, spread, (2, 1500))
    c1 = drawn(rng, before * length, spread, 1500)
    t1 = drawn(rng, before * length - smallest.count, spread, 1500)
    found = 0
    for one, two, three, four in zip(t0, t1, c0, c1, strict=True):
        areas = [Counts(before=a, after=b, weight_before=1 / length) for a, b in ((one, two), (three, four))]
        found += difference(*areas, dispersion=spread).interval.upper < 0
    assert found / 1500 == pytest.approx(0.8, abs=0.035)


def test_fifty_in_each_area_show_a_drop_of_about_thirty() -> None:
    assert 25 <= effect.smallest_effect(50, 50).count <= 33  # as Wheeler & Ratcliffe note


def test_a_larger_control_that_is_scaled_shows_smaller_effects() -> None:
    alike, large = effect.smallest_effect(50, 50), effect.smallest_effect(50, 500, scaled=True)
    assert large.count < alike.count
    assert effect.smallest_effect(50, 500).count > large.count


def test_what_cannot_show_a_halving_is_too_small_and_says_so() -> None:
    few = Counts(before=8, after=5)
    smallest = effect.smallest_effect(8, 8)
    assert not smallest.shows_a_halving
    assert effect.seen(difference(few, Counts(before=8, after=8)), smallest) is Seen.TOO_SMALL
    assert effect.smallest_effect(0, 20) == Smallest(count=math.inf, share=math.inf)
    many = effect.smallest_effect(200, 200)
    assert many.shows_a_halving
    same = Counts(before=200, after=195)
    assert effect.seen(difference(same, Counts(before=200, after=200)), many) is Seen.NOT_SEEN
    assert effect.seen(difference(Counts(before=200, after=100), same), many) is Seen.FEWER
    assert effect.seen(difference(Counts(before=100, after=200), same), many) is Seen.MORE


def test_zeros_give_limits_rather_than_errors() -> None:
    nothing = Counts(before=0, after=0)
    found = difference(nothing, nothing)
    assert found.interval.lower < 0 < found.interval.upper
    gone = ratio(Counts(before=6, after=0), Counts(before=6, after=5))
    assert gone.interval.lower == 0
    assert 1 < gone.interval.upper < math.inf
    assert ratio(Counts(before=0, after=6)).interval.upper == math.inf
    assert ratio(nothing, Counts(before=6, after=5)).interval.lower == 0
    with pytest.raises(ValueError, match="nothing is expected"):
        scaled_difference(Counts(before=4, after=4), Counts(before=0, after=4))


def test_the_exact_limits_of_a_pair_are_those_of_a_binomial_share() -> None:
    """Clopper & Pearson of 3 in 10: 8.73 % and 60.66 % (90 %), as odds; a period twice as long halves them."""
    found = ratio(Counts(before=7, after=3)).interval
    assert (found.lower, found.upper) == pytest.approx((0.0873 / 0.9127, 0.6066 / 0.3934), rel=2e-3)
    twice = ratio(Counts(before=7, after=3, weight_before=0.5)).interval
    assert twice.upper == pytest.approx(found.upper / 2)


def test_more_dispersion_never_narrows() -> None:
    for before, after in ((4, 2), (40, 20)):
        one = ratio(Counts(before=before, after=after), CONTROL)
        two = ratio(Counts(before=before, after=after), CONTROL, dispersion=2)
        assert (
            two.interval.lower < one.interval.lower < one.estimate < one.interval.upper < two.interval.upper
        )


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf])
def test_impossible_counts_and_weights_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="count"):
        Counts(before=wrong, after=1)
    with pytest.raises(ValueError, match="weight"):
        Counts(before=1, after=1, weight_before=wrong)


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="dispersion"):
        difference(TREATED, dispersion=0.5)
    with pytest.raises(ValueError, match="confidence"):
        ratio(TREATED, confidence=1)
    with pytest.raises(ValueError, match="power"):
        effect.smallest_effect(5, power=1)
