"""The rule of level, change and direction: right words, stated error rates and power, and the real 290."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration import WORLDS, Errors, errors
from lagesbild.comparison.panel import Panel
from lagesbild.statistics import rule
from lagesbild.statistics.overdispersion import (
    CHANCE_ALONE,
    Dispersion,
    Dispersions,
    estimate_each,
    typical_changes_each,
)
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.statistics.series import Direction
from lagesbild.statistics.standing import Peers
from tests.statistics.shared_counts import Counts, kolada

TOTAL, VIOLENCE = WORLDS[1500], WORLDS[150]
SEVEN = [1_500.0] * 7


@cache
def simulated(expected: int) -> Errors:
    return errors(expected, WORLDS[expected])


# --- error rates and power of the whole rule: 4 000 decisions in 40 simulated countries -------------


@pytest.mark.parametrize("expected", WORLDS)
def test_false_verdicts_are_rare(expected: int) -> None:
    found = simulated(expected)
    print(found)
    assert found.decisions >= 2_000
    assert found.false_higher <= 0.04
    assert found.false_lower <= 0.04
    assert found.false_increase <= 0.04
    assert found.false_decrease <= 0.04
    assert found.false_direction <= 0.01


# Shared verdict.md: found at true ratio x1.25 / 1.5 / 2 / 3.
@pytest.mark.parametrize(
    ("expected", "shares"),
    [(5, (6, 12, 27, 67)), (50, (16, 44, 90, 100)), (150, (37, 82, 100, 100)), (1500, (72, 99, 100, 100))],
)
def test_what_is_higher_is_found(expected: int, shares: tuple[int, ...]) -> None:
    found = [100 * share for share in simulated(expected).higher.values()]
    assert all(share >= wanted - 3 for share, wanted in zip(found, shares, strict=True)), found


@pytest.mark.parametrize(
    ("expected", "wanted"), [(1500, {1.25: 48, 1.5: 95}), (150, {1.25: 22, 1.5: 62, 2.0: 99})]
)
def test_an_unusual_increase_is_found(expected: int, wanted: dict[float, int]) -> None:
    found = simulated(expected).increase
    assert all(100 * found[ratio] >= share - 3 for ratio, share in wanted.items()), found


def test_a_rise_of_a_tenth_a_year_is_found_in_a_large_count_and_of_a_fifth_in_a_small_one() -> None:
    assert simulated(1500).direction[1.1] >= 0.8
    assert simulated(150).direction[1.2] >= 0.95
    assert simulated(50).direction[1.2] >= 0.5


# --- the real 290 ------------------------------------------------------------------------------------


def placed(known: Counts, panel: Panel) -> tuple[rule.Levels, Dispersions]:
    """The levels of 2025 against Kolada's groups, the counts and populations from the shared files."""
    members = Peers.of(known.codes, panel.kinds["kolada"].members_of).members
    rates = np.where(members >= 0, (known.cases[-1] / known.persons[-1])[members], np.nan)
    counts = np.where(members >= 0, known.cases[-1][members], np.nan)
    dispersions = estimate_each(known.cases, known.persons)
    expected = np.nanmedian(rates, axis=1) * known.persons[-1]
    return rule.levels(known.cases[-1], expected, counts, dispersions), dispersions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "wanted"), [("total", (57, 58, 162, 13)), ("violence", (39, 42, 103, 106))]
)
def test_the_levels_of_all_municipalities_2025(
    shared: Path, panel: Panel, measure: str, wanted: tuple[int, ...]
) -> None:
    found, _ = placed(kolada(shared, measure), panel)
    counted = Counter(found.verdict.tolist())
    print(measure, counted)
    for word, number in zip(Level, wanted, strict=True):
        assert abs(counted[word] - number) <= 3


def test_large_and_certain_is_never_undecided(shared: Path, panel: Panel) -> None:
    known = kolada(shared, "total")
    found, _ = placed(known, panel)
    told = {panel.names[code]: word for code, word in zip(known.codes, found.verdict, strict=True)}
    assert {told[name] for name in ("Stockholm", "Malmö", "Hallsberg")} == {Level.HIGHER}


def test_the_unusual_changes_of_2025(shared: Path, panel: Panel) -> None:
    known = kolada(shared, "total")
    dispersions = estimate_each(known.cases, known.persons)
    factor = known.persons[-1] / known.persons[-2] * typical_changes_each(known.cases, known.persons)[-1]
    z = rule.changes_z(known.cases[-2], known.cases[-1], factor, dispersions)
    words = rule.unusual_changes(known.cases[-2], known.cases[-1], factor, dispersions)
    named = {
        panel.names[code]: (word, round(float(at), 2))
        for code, word, at in zip(known.codes, words, z, strict=True)
    }
    unusual = {name: told for name, told in named.items() if told[0] != ChangeWord.NONE}
    print(unusual)
    up = {name for name, (word, _) in unusual.items() if word == ChangeWord.UNUSUAL_INCREASE}
    assert up >= {"Vansbro", "Hallsberg", "Nacka", "Älvkarleby", "Rättvik"}
    # The others are on the very border, and the maintainers' count left them on the other side.
    assert all(
        unusual[name][1] < 2.01 for name in up - {"Vansbro", "Hallsberg", "Nacka", "Älvkarleby", "Rättvik"}
    )
    assert {name for name, (word, _) in unusual.items() if word == ChangeWord.UNUSUAL_DECREASE} == {
        "Sigtuna",
        "Danderyd",
    }
    assert named["Hallsberg"][1] == pytest.approx(2.42, abs=0.1)


def test_five_year_directions_are_told_of_a_minority(shared: Path) -> None:
    known = kolada(shared, "total")
    dispersions = estimate_each(known.cases, known.persons)
    found = rule.directions(known.cases[-5:], known.persons[-5:], dispersions)
    counted = Counter(found.verdict.tolist())
    print(counted)
    assert counted[Direction.NONE] > 145


# --- level -------------------------------------------------------------------------------------------


def test_the_level_by_hand() -> None:
    found = rule.level(2_000, 1_500, SEVEN, TOTAL)
    noise = 1.57 / 7 * (7.7 / 1_500 + 0.0016)
    z = 2 * (math.sqrt(2_000.375) - math.sqrt(1_500.375)) / math.sqrt(7.7 + (0.0016 + noise) * 1_500)
    assert found.verdict is Level.HIGHER
    assert found.z == pytest.approx(z)
    assert found.ratio == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("observed", "expected", "verdict"),
    [
        (2_000, 1_500, Level.HIGHER),
        (1_000, 1_500, Level.LOWER),
        (1_500, 1_500, Level.LEVEL),
        (1_560, 1_500, Level.LEVEL),
        (5, 5, Level.UNDECIDED),
        (0, 5, Level.UNDECIDED),
        (40, 5, Level.HIGHER),
        (0, 0, Level.UNDECIDED),
    ],
)
def test_the_words(observed: float, expected: float, verdict: Level) -> None:
    assert rule.level(observed, expected, [max(expected, 1.0)] * 7, TOTAL).verdict is verdict


def test_certain_but_less_than_a_tenth_is_level() -> None:
    found = rule.level(190_000 * 1.06, 190_000, [190_000.0] * 40, Dispersion(1.5, 1e-6, 1))
    assert found.z > 1.96
    assert found.verdict is Level.LEVEL


def test_at_the_detectable_ratio_it_is_higher_and_just_below_it_is_not() -> None:
    for expected in (5.0, 150.0, 1_500.0):
        members = [expected] * 7
        shown = rule.level(expected, expected, members, VIOLENCE)
        assert (
            rule.level(expected * shown.detectable * 1.001, expected, members, VIOLENCE).verdict
            is Level.HIGHER
        )
        assert (
            rule.level(expected * shown.detectable * 0.999, expected, members, VIOLENCE).verdict
            is not Level.HIGHER
        )
        if shown.detectable_lower is not None:
            below = expected * shown.detectable_lower * 0.999
            assert rule.level(below, expected, members, VIOLENCE).verdict is Level.LOWER
    assert rule.level(2, 2, [2.0] * 7, TOTAL).detectable_lower is None


def test_fewer_than_three_members_or_a_missing_number_is_undecided() -> None:
    assert rule.level(2_000, 1_500, [1_500.0, 1_500.0, math.nan], TOTAL).verdict is Level.UNDECIDED
    assert rule.level(math.nan, 1_500, SEVEN, TOTAL).verdict is Level.UNDECIDED
    assert math.isnan(rule.level(math.nan, 1_500, SEVEN, TOTAL).ratio)


def test_many_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(4)
    members = rng.poisson(150, (20, 7)).astype(float)
    members[3, 5:] = np.nan
    observed, expected = rng.poisson(170, 20).astype(float), np.nanmedian(members, axis=1)
    each = Dispersions(np.linspace(2, 4, 20), np.full(20, 0.001), np.full(20, 9))
    found = rule.levels(observed, expected, members, each)
    for n in range(20):
        one = rule.level(float(observed[n]), float(expected[n]), members[n], each[n])
        assert one.verdict == found.verdict[n]
        assert one.detectable == pytest.approx(found.detectable[n])
        assert one.z == pytest.approx(found.z[n])


# --- change ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "factor", "verdict"),
    [
        (1_500, 2_300, 1.0, ChangeWord.UNUSUAL_INCREASE),
        (2_300, 1_500, 1.0, ChangeWord.UNUSUAL_DECREASE),
        (1_500, 1_650, 1.0, ChangeWord.ORDINARY),
        (1_500, 1_520, 1.0, ChangeWord.CHANCE),
        # Everybody's rose as much.
        (1_500, 2_300, 1.5, ChangeWord.CHANCE),
        (1_500, 1_500, 1.0, ChangeWord.NONE),
        (0, 0, 1.0, ChangeWord.NONE),
        (0, 60, 1.0, ChangeWord.UNUSUAL_INCREASE),
        (10, 0, 1.0, ChangeWord.ORDINARY),
        (None, 5, 1.0, ChangeWord.NONE),
        (5, None, 1.0, ChangeWord.NONE),
        (5, 9, None, ChangeWord.NONE),
    ],
)
def test_the_words_of_a_change(
    before: float | None, after: float | None, factor: float | None, verdict: ChangeWord
) -> None:
    found = rule.change(before, after, factor, TOTAL)
    assert found.verdict is verdict
    if before is not None and after is not None:
        assert found.difference == after - before


def test_the_change_by_hand() -> None:
    found = rule.change(1_855, 2_360, 0.99, TOTAL)
    z = 2 * (math.sqrt(2_360 / 0.99 + 0.375) - math.sqrt(1_855.375)) / math.sqrt(2 * (7.7 + 0.0016 * 2_107.5))
    assert found.z == pytest.approx(z)
    assert found.ratio == pytest.approx(2_360 / 1_855 / 0.99)
    assert found.p_chance is None


def test_years_on_either_side_of_a_break_are_not_compared() -> None:
    found = rule.change(1_500, 2_300, 1.0, TOTAL, comparable=False)
    assert (found.verdict, found.z, found.difference) == (ChangeWord.NONE, None, None)
    assert set(rule.changes([1_500], [2_300], [1.0], TOTAL, comparable=False)) == {ChangeWord.NONE}


def test_an_unusual_change_of_less_than_a_tenth_is_ordinary() -> None:
    assert rule.change(190_000, 200_000, 1.0, CHANCE_ALONE).verdict is ChangeWord.ORDINARY


# --- direction ---------------------------------------------------------------------------------------


def direction(*counts: float, people: tuple[float, ...] = (1e4,) * 5) -> Direction:
    found = rule.directions(np.array(counts)[:, None], np.array(people)[:, None], TOTAL)
    return Direction(found.verdict[0])


def test_the_words_of_a_direction() -> None:
    assert direction(1_500, 1_700, 1_900, 2_100, 2_300) is Direction.UP
    assert direction(2_300, 2_100, 1_900, 1_700, 1_500) is Direction.DOWN
    assert direction(1_500, 1_550, 1_480, 1_530, 1_520) is Direction.NONE
    # One odd year at the end is a change, not a direction.
    assert direction(1_500, 1_500, 1_500, 1_500, 3_000) is Direction.NONE
    # As many more inhabitants.
    assert (
        direction(1_500, 1_700, 1_900, 2_100, 2_300, people=(15e3, 17e3, 19e3, 21e3, 23e3)) is Direction.NONE
    )
    assert direction(1_500, math.nan, 1_900, 2_100, 2_300) is Direction.NONE
    assert direction(0, 0, 0, 0, 0) is Direction.NONE


def test_the_slope_is_a_ratio_a_year() -> None:
    counts = 1_500 * 1.1 ** np.arange(5.0)[:, None]
    found = rule.directions(counts, np.ones_like(counts), TOTAL)
    assert found.yearly_ratio[0] == pytest.approx(1.1, abs=0.002)
    with pytest.raises(ValueError, match="5 years"):
        rule.directions(counts[:4], counts[:4], TOTAL)


# --- survey shares -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "error", "usual", "verdict"),
    [
        (40.0, 2.0, 30.0, Level.HIGHER),
        (20.0, 2.0, 30.0, Level.LOWER),
        (31.0, 1.0, 30.0, Level.LEVEL),
        (31.5, 0.2, 30.0, Level.LEVEL),
        (33.0, 4.0, 30.0, Level.UNDECIDED),
        # Of rare answers five points are a manifold: 2 and 3 per cent are not certainly alike.
        (3.0, 1.0, 2.0, Level.UNDECIDED),
        (4.0, 0.3, 2.0, Level.HIGHER),
        (96.0, 0.3, 98.0, Level.LOWER),
        (math.nan, 1.0, 30.0, Level.UNDECIDED),
        (30.0, math.nan, 30.0, Level.UNDECIDED),
    ],
)
def test_the_words_of_a_survey_share(share: float, error: float, usual: float, verdict: Level) -> None:
    assert (
        rule.share_levels(share, error, usual, [0.8] * 7 if usual > 5 else [0.3] * 7).verdict.item()
        == verdict
    )


def test_two_members_are_no_group_of_a_survey() -> None:
    assert rule.share_levels(40.0, 1.0, 30.0, [1.0, 1.0]).verdict.item() == Level.UNDECIDED


@pytest.mark.parametrize("error", [1.0, 2.0, 3.0])
def test_survey_shares_are_told_rightly(error: float) -> None:
    """20 000 surveys: false higher and lower at most 4 % each; certainly unlike is hardly ever level."""
    rng = np.random.default_rng(5)

    def told(difference: float) -> Counter[str]:
        members = rng.normal(30, error, (20_000, 7))
        own = rng.normal(30 + difference, error, 20_000)
        found = rule.share_levels(own, error, np.median(members, axis=1), np.full((20_000, 7), error))
        return Counter({word: n / 200 for word, n in Counter(found.verdict.tolist()).items()})

    alike, unlike, far = told(0.0), told(5.0), told(10.0)
    print(f"error {error}: 0 points {dict(alike)}; 5 {dict(unlike)}; 10 {dict(far)}")
    assert alike[Level.HIGHER] <= 4
    assert alike[Level.LOWER] <= 4
    assert unlike[Level.LEVEL] <= 5.5
    assert far[Level.HIGHER] >= {1.0: 99, 2.0: 97, 3.0: 75}[error]
