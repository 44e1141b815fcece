"""Reported crimes are watched by quarter: flags that foretell something, keep their number, and hold the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lagesbild.config import Settings
from lagesbild.data import reference
from lagesbild.data.crimes import Tree
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms, forecast, hindsight, reported, together
from lagesbild.hotspots.alarms import Watch
from lagesbild.hotspots.exports import flag_row
from lagesbild.hotspots.flags import Flag, FlagStatus, Levels, flags, gathered, grows_since, levels_for
from lagesbild.hotspots.replay import replay
from lagesbild.hotspots.reported import Judged, ReportedCrimes
from lagesbild.hotspots.scan import Zones, scan, straight
from lagesbild.hotspots.surveillance import (
    MONTHS_OF_MANY,
    QUARTERLY,
    Setting,
    expected_of_many,
    watch,
)
from lagesbild.hotspots.watching import MOST_LEVEL, Finding, Look, WatchMethod
from lagesbild.hotspots.words import counted_as, county_text, reach_text, told_together
from lagesbild.signals.store import Decided, Signal, SignalError, SignalStore
from lagesbild.statistics.overdispersion import Dispersion, of_residuals
from tests import world

HALLSBERG, KUMLA, ASKERSUND = "1861", "1881", "1882"
NAMES = {HALLSBERG: "Hallsberg", KUMLA: "Kumla", ASKERSUND: "Askersund"}
ALL_AT = Levels(dict.fromkeys(WatchMethod, MOST_LEVEL))


@pytest.fixture(scope="module")
def total(real: Warehouse) -> Judged:
    """The shipped totals by quarter of all municipalities, judged."""
    crimes = reported.of_warehouse(real)
    assert crimes is not None
    return reported.judged(crimes)


def quarter(found: Judged, when: date) -> int:
    return found.crimes.steps.index(when)


# --- the method


@pytest.mark.parametrize("setting", [QUARTERLY, MONTHS_OF_MANY], ids=["quarters", "months"])
def test_many_series_at_once_are_expected_as_each_is_by_the_regression(setting: Setting) -> None:
    rng = np.random.default_rng(1)
    steps = 7 * setting.per_year
    exposure = rng.poisson(4_000, (6, steps)).astype(float)
    counts = rng.negative_binomial(20, 1 / 3, (6, steps)) * (1 + (np.arange(steps) % setting.per_year == 2))
    counts[2, 11] *= 5  # an outlier, to be weighed down
    step = steps - 1
    found = expected_of_many(counts, exposure, step, setting)
    for n in range(6):
        (alone,) = watch(counts[n], [step], setting, exposure[n])
        assert alone is not None
        assert found.expected[n] == pytest.approx(alone.expected, rel=1e-9)


def test_a_short_series_is_watched_without_a_season_and_a_missing_count_teaches_nothing() -> None:
    counts = np.array([[10.0, np.nan, 10, 10, 10, 90, 40], [10, 10, 10, 10, 10, 10, 10]])
    exposure = np.array([[100.0, 0, 100, 100, 100, 100, 200], [100, 100, 100, 100, 100, 100, 200]])
    found = expected_of_many(counts, exposure, 6, QUARTERLY)  # the three newest are left out
    assert found.expected[1] == pytest.approx(20)
    assert found.error[1] == pytest.approx(2 / 3)
    assert np.isnan(found.expected[0])  # two known are too few
    assert np.isnan(expected_of_many(counts[:, :3], exposure[:, :3], 2, QUARTERLY).expected).all()


def test_the_dispersion_of_residuals_is_found_again() -> None:
    rng = np.random.default_rng(2)
    mean = rng.uniform(50, 3_000, 20_000)
    variance_over_mean = Dispersion(6.0, 0.005).variance(mean)
    size = mean / (variance_over_mean - 1)
    found = of_residuals(rng.negative_binomial(size, size / (size + mean)), mean)
    assert found.phi == pytest.approx(6, rel=0.1)
    assert found.tau2 == pytest.approx(0.005, rel=0.1)
    assert not of_residuals([np.nan], [1.0]).known
    with pytest.raises(ValueError, match="one shape"):
        of_residuals([1.0], [1.0, 2.0])


def test_only_what_was_known_then_is_used(total: Judged) -> None:
    later = total.crimes.counts.copy()
    at = quarter(total, date(2024, 1, 1))
    later[:, at + 1 :] *= 3
    changed = reported.judged(replace(total.crimes, counts=later))
    assert changed.p[:, : at + 1] == pytest.approx(total.p[:, : at + 1], nan_ok=True)


def test_nominal_probabilities_hold_in_quiet_years(total: Judged) -> None:
    """Nominal p values were two to four times too small with chance alone."""
    drawn = reported.judged(reported.quiet(total, np.random.default_rng(3), 10), reported.learnt(total))
    judged = drawn.p[:, -40:]
    for level in (0.05, 0.02, 0.01):
        assert np.nanmean(judged <= level) == pytest.approx(level, rel=0.3)


def test_preliminary_quarters_are_held_against_others_that_are_so_too(total: Judged) -> None:
    """When a quarter is not complete anywhere, nobody stands out for having few."""
    counts = total.crimes.counts.copy()
    counts[:, -1] = np.round(counts[:, -1] * 0.8)
    fewer = reported.judged(replace(total.crimes, counts=counts))
    assert np.nanmedian(fewer.expected[:, -1] / total.expected[:, -1]) == pytest.approx(0.8, abs=0.01)
    assert total.crimes.preliminary[-1]


# --- what it sees in the real figures


def test_hallsberg_is_flagged_for_the_first_quarter_of_2025(total: Judged) -> None:
    (flag,) = [flag for flag in flags(reported.looks(total, [HALLSBERG]), ALL_AT) if flag.since.year == 2025]
    assert flag.since == date(2025, 1, 1)
    assert flag.seen[0][1].observed == 642
    assert flag.seen[0][1].p_value < 0.005
    assert flag.latest[0] == date(2025, 10, 1)
    assert flag.status is FlagStatus.OVER


def test_a_flag_is_held_against_the_rest_of_the_county_too(real: Warehouse, total: Judged) -> None:
    watch = alarms.watch_of(real, HALLSBERG, everything=[total])
    (flag,) = [one for one in flags(reported.looks(total, [HALLSBERG]), ALL_AT) if one.since.year == 2025]
    beside = watch.against_county(flag)
    assert beside is not None
    assert beside.observed == flag.most[1].observed
    assert beside.expected != flag.most[1].expected
    assert county_text(beside).endswith("ovanligt även mot det")


def test_when_the_whole_county_rises_it_is_unusual_against_the_country_and_not_against_the_county(
    total: Judged,
) -> None:
    crimes = total.crimes
    at, step = [n for n, code in enumerate(crimes.codes) if code[:2] == "18"], 30
    counts = crimes.counts.copy()
    counts[at, step] *= 1.6
    risen = reported.judged(replace(crimes, counts=counts), reported.learnt(total))
    beside = reported.against_county(risen, "18")
    assert beside is not None
    home, home_in_county = risen.of(HALLSBERG), beside.of(HALLSBERG)
    assert home is not None
    assert home_in_county is not None
    assert risen.p[home, step] < 0.01
    assert beside.p[home_in_county, step] > MOST_LEVEL
    assert county_text(beside.finding(home_in_county, step)).endswith("inte ovanligt mot det")


def test_the_countys_exposure_is_nearly_calibrated_and_gotland_has_none(total: Judged) -> None:
    counties = sorted({code[:2] for code in total.crimes.codes})
    found = [beside for county in counties if (beside := reported.against_county(total, county)) is not None]
    assert len(found) == len(counties) - 1
    assert reported.against_county(total, "09") is None
    p = np.concatenate([one.p[np.isfinite(one.p)] for one in found])
    assert float((p <= MOST_LEVEL).mean()) == pytest.approx(0.053, abs=0.003)


@pytest.mark.parametrize(
    ("code", "when", "observed"),
    [
        ("1862", date(2024, 10, 1), 769),  # Degerfors
        ("1884", date(2024, 10, 1), 529),  # Nora
        ("1863", date(2015, 10, 1), 431),  # Hällefors
        ("1961", date(2018, 1, 1), 1121),  # Hallstahammar
    ],
)
def test_a_jump_of_one_quarter_is_flagged_and_told_to_be_over_a_quarter_later(
    total: Judged, code: str, when: date, observed: int
) -> None:
    then = total.until(when.replace(month=when.month + 2))
    (flag,) = [flag for flag in flags(reported.looks(then, [code]), ALL_AT) if flag.latest[0] == when]
    assert flag.latest[1].observed == observed
    assert flag.latest[1].p_value < 1e-4
    next_end = date(when.year + (when.month == 10), {10: 3, 1: 6}[when.month], 1)
    after = total.until(next_end)
    again = {flag.id: flag for flag in flags(reported.looks(after, [code]), ALL_AT)}
    assert again[flag.id].status is FlagStatus.OVER


def test_three_flags_of_four_are_followed_by_more_than_usual_and_the_naive_rules_are_not(
    total: Judged,
) -> None:
    found = replay(total, MOST_LEVEL)
    assert found is not None
    assert (found.municipalities, found.steps) == (290, 28)
    assert found.flags.pointed > 250
    assert found.flags.share is not None
    assert found.flags.share >= 0.75
    assert found.flags.median_ratio == pytest.approx(1.12, abs=0.03)
    for naive in (found.highest, found.largest_rise):
        assert naive.pointed == found.flags.pointed
        assert naive.share is not None
        assert naive.share < 0.65
    assert found.any_hit == pytest.approx(0.5, abs=0.05)
    assert "fler än vanligt även halvåret efter" in hindsight.told_reported(found)


def test_a_place_of_which_nothing_was_flagged_says_so(total: Judged) -> None:
    found = replay(total, 1e-9, frozenset({HALLSBERG}))
    assert found is not None
    assert found.flags.share is None
    assert hindsight.told_reported(found).endswith("i 1 kommuner: inga flaggor.")
    assert replay(total.until(date(2019, 6, 1)), MOST_LEVEL) is None


# --- the budget


@pytest.mark.parametrize("home", [HALLSBERG, "1880", "0180", "2584"])
@pytest.mark.parametrize("budget", [0.5, 1.0])
def test_quiet_years_hold_the_budget(real: Warehouse, total: Judged, home: str, budget: float) -> None:
    """Forty years, so that the share is known better than the half that is allowed."""
    watched = alarms.watch_of(real, home, everything=[total])
    levels, spent = alarms.levels_of(watched, budget)
    rate, _, _ = alarms.quiet_years(watched, 40).false_alarms(levels)
    if spent:
        assert rate == pytest.approx(budget, rel=0.5)
    else:  # few series: nothing milder than one in twenty is flagged
        assert rate <= 1.5 * budget


def test_what_one_cannot_spend_the_others_have() -> None:
    looks = [look_at(n, 0.5) for n in range(4)]
    levels, spent = levels_for(looks, 2.0, lambda budget: (0.001 * budget, budget))
    assert levels[WatchMethod.REPORTED] == MOST_LEVEL  # four looks a year can give a fifth of a false alarm
    assert levels[WatchMethod.SIGNALS] == pytest.approx(0.001 * 1.8)
    assert spent
    alone, all_of_it = levels_for(looks, 2.0)
    assert (alone[WatchMethod.REPORTED], all_of_it) == (MOST_LEVEL, False)


def look_at(step: int, p_value: float, ratio: float = 1.5, code: str = HALLSBERG) -> Look:
    finding = Finding(
        places=(code,), length=1, observed=round(400 * ratio), expected=400.0, p_value=p_value, spread=4.0
    )
    return Look(
        method=WatchMethod.REPORTED,
        key="SOL_TOTALT",
        watched=code,
        step=step,
        when=date(2024 + step // 4, 3 * (step % 4) + 1, 1),
        per_year=4,
        findings=(finding,) if p_value <= 0.15 else (),
    )


# --- one thing from birth to end


def test_a_flags_number_is_the_same_whatever_the_budget_and_however_far_one_looks(
    real: Warehouse, total: Judged
) -> None:
    numbers = set()
    for until in (date(2025, 3, 1), date(2025, 6, 1), date(2025, 9, 1), None):
        watched = alarms.watch_of(real, HALLSBERG, until, everything=[total])
        for budget in (2.0, 6.0, 18.0):
            own = [flag for flag in alarms.Overview.of(watched, budget).flags if flag.places == (HALLSBERG,)]
            numbers |= {flag.id for flag in own}
    assert len(numbers) == 1


def test_a_flag_is_new_grows_goes_on_fades_and_is_over() -> None:
    history = [(0.04, 1.2), (0.001, 1.6), (0.001, 1.62), (0.1, 1.3), (0.6, 1.0)]
    life = []
    for last in range(1, 6):
        looks = [look_at(n, p, ratio) for n, (p, ratio) in enumerate(history[:last])]
        (flag,) = flags(looks, ALL_AT)
        life.append((flag.id, flag.status))
    assert len({key for key, _ in life}) == 1
    assert [status for _, status in life] == [
        FlagStatus.NEW,
        FlagStatus.GROWING,
        FlagStatus.CONTINUING,
        FlagStatus.FADING,
        FlagStatus.OVER,
    ]


def test_a_run_that_begins_mildly_is_no_flag_until_it_is_unusual_enough() -> None:
    mild = [look_at(0, 0.04), look_at(1, 0.002)]
    strict = Levels({WatchMethod.REPORTED: 0.01})
    assert flags(mild[:1], strict) == []
    (flag,) = flags(mild, strict)
    assert flag.since == date(2024, 1, 1)
    assert flag.id == flags(mild, ALL_AT)[0].id


def test_a_dismissed_flag_that_grows_comes_back_and_a_decision_can_be_taken_back(tmp_path: Path) -> None:
    store = SignalStore(tmp_path / "local.sqlite")
    (young,) = flags([look_at(0, 0.04, 1.2)], ALL_AT)
    (same,) = flags([look_at(0, 0.04, 1.2), look_at(1, 0.04, 1.21)], ALL_AT)
    (grown,) = flags([look_at(0, 0.04, 1.2), look_at(1, 0.001, 1.8)], ALL_AT)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    store.decide(
        HALLSBERG,
        young.id,
        Decided.DISMISS,
        "Ett evenemang",
        flag_row(young, NAMES, {}),
        decided_by="Samordnaren",
        owner="Fritid",
        follow_up=tomorrow,
    )
    (decided,) = store.decisions(HALLSBERG).values()
    assert (decided[0].decided_by, decided[0].owner, decided[0].follow_up) == (
        "Samordnaren",
        "Fritid",
        tomorrow,
    )
    assert not alarms.is_open(same, decided)
    assert alarms.comes_back(grown, decided)
    assert alarms.is_open(grown, decided)
    row = flag_row(grown, NAMES, {}, decided)
    assert (row["comes_back"], row["decisions"][0]["decision_sv"]) == (True, "Avfärdas")
    store.decide(HALLSBERG, young.id, Decided.WITHDRAW, "Fel flagga", flag_row(young, NAMES, {}))
    (decided,) = store.decisions(HALLSBERG).values()
    assert alarms.is_open(same, decided)
    assert [one.decision for one in decided] == [Decided.WITHDRAW, Decided.DISMISS]  # a trace is left
    with pytest.raises(SignalError, match="redan varit"):
        store.decide(HALLSBERG, young.id, Decided.FOLLOW, "x", {}, follow_up=date(2020, 1, 1))
    with pytest.raises(SignalError, match="Ansvarig får vara högst 60"):
        store.decide(HALLSBERG, young.id, Decided.FOLLOW, "x", {}, owner="x" * 61)
    assert not grows_since(grown, None)


def test_a_decision_without_the_flags_numbers_cannot_be_said_to_have_grown(tmp_path: Path) -> None:
    store = SignalStore(tmp_path / "local.sqlite")
    store.decide(HALLSBERG, "abc", Decided.CLOSE, "Klart", {"observed": 3})
    (decided,) = store.decisions(HALLSBERG).values()
    (flag,) = flags([look_at(0, 0.001, 3.0)], ALL_AT)
    assert not alarms.is_open(flag, decided)


# --- told as one


def test_neighbours_that_rise_together_are_told_as_one() -> None:
    looks = [look_at(n, 0.01, code=code) for code in (HALLSBERG, KUMLA, ASKERSUND, "2584") for n in (0, 1)]
    found = flags(looks, ALL_AT)
    neighbours = {code: place.neighbours for code, place in reference.geography().items()}
    groups = gathered(found, neighbours)
    assert sorted(len(group) for group in groups) == [1, 3]
    (told,) = [told_together(group, NAMES, {}) for group in groups if len(group) == 3]
    assert told.startswith("Anmälda brott är fler än väntat i ")
    assert told.endswith(" sedan första kvartalet 2024.")
    assert all(name in told for name in NAMES.values())
    apart = [
        replace(flag, seen=((date(2019, 1, 1), flag.seen[0][1]),)) if flag.places == (KUMLA,) else flag
        for flag in found
    ]
    assert sorted(len(group) for group in gathered(apart, neighbours)) == [1, 1, 2]  # another time
    assert gathered([], neighbours) == []


def test_signals_that_rise_together_are_told_by_locality_and_kinds() -> None:
    (flag,) = flags([look_at(0, 0.01)], ALL_AT)
    weekly = replace(flag, method=WatchMethod.SIGNALS, per_year=52, key="klotter", places=("Provby",))
    weekly = replace(weekly, seen=((date(2026, 11, 2), replace(flag.seen[0][1], places=("Provby",))),))
    every = replace(weekly, key="alla")
    assert (
        told_together([every, weekly], {}, {})
        == "Fler signaler än väntat i Provby sedan vecka 45 2026: klotter."
    )
    over = [replace(one, status=FlagStatus.OVER) for one in (every,)]
    assert told_together(over, {}, {}) == "Fler signaler än väntat i Provby från vecka 45 2026. Det är över."


def test_what_a_flag_counts_is_named() -> None:
    (flag,) = flags([look_at(0, 0.01)], ALL_AT)
    assert counted_as(flag, {}) == "anmälda brott"
    burglary = replace(flag, key="X")
    assert counted_as(burglary, {"X": "Bostadsinbrott"}) == "anmälda brott (bostadsinbrott)"


# --- the scan over neighbours


def planted(total: Judged, codes: list[str], times: float, at: int) -> Judged:
    counts = total.crimes.counts.copy()
    rows = [total.crimes.codes.index(code) for code in codes]
    counts[rows, at] = np.round(total.expected[rows, at] * times)
    return reported.judged(replace(total.crimes, counts=counts))


def test_neighbours_are_found_together_though_none_stands_out_alone(total: Judged) -> None:
    at = quarter(total, date(2023, 1, 1))
    found = planted(total, [HALLSBERG, KUMLA, ASKERSUND, "1860"], 1.45, at)
    alone = [look for look in reported.looks(found, [HALLSBERG, KUMLA, ASKERSUND]) if look.step == at]
    assert all(look.findings == () or look.findings[0].p_value > 0.005 for look in alone)
    (look,) = together.looks(found, "18", [at])
    assert look.findings[0].p_value <= 0.01
    assert len(set(look.findings[0].places) & {HALLSBERG, KUMLA, ASKERSUND, "1860"}) >= 3


def test_one_jump_is_no_cluster_of_neighbours(total: Judged) -> None:
    at = quarter(total, date(2024, 10, 1))
    (look,) = together.looks(planted(total, [HALLSBERG], 6.0, at), "18", [at])
    quiet = planted(total, [HALLSBERG], 1.0, at)
    (without,) = together.looks(quiet, "18", [at])
    lowest = min((one.p_value for one in look.findings if HALLSBERG in one.places), default=1.0)
    assert lowest > 0.05 or without.findings


def test_a_county_of_one_has_no_neighbours_to_rise_with(total: Judged) -> None:
    assert together.looks(total, "09") == []


def test_chance_alone_finds_neighbours_as_often_as_stated(total: Judged) -> None:
    drawn = reported.judged(reported.quiet(total, np.random.default_rng(5), 30), reported.learnt(total))
    steps = range(len(drawn.crimes.steps) - 120, len(drawn.crimes.steps))
    found = [
        min((one.p_value for one in look.findings), default=1.0) <= 0.05
        for county in ("18", "17", "05")
        for look in together.looks(drawn, county, steps)
    ]
    assert np.mean(found) == pytest.approx(0.05, abs=0.03)


def test_a_circle_is_limited_by_what_is_expected_there_not_by_what_was_seen() -> None:
    """SaTScan's rule: with a baseline, a circle with most of the cases but half of the expected is tried."""
    spots = np.array([0.0, 1.0, 2.0, 3.0])
    zones = Zones(straight(spots, np.zeros(4)), 0.5)
    baseline = np.full((4, 2), 2.0)
    places, steps = np.array([0] * 12 + [1, 2, 3]), np.array([1] * 12 + [0, 0, 0])
    found = scan(places, steps, zones, 1, last=1, baseline=baseline, shuffles=99)
    assert found.clusters[0].places == (0,)
    assert scan(places, steps, zones, 1, last=1, shuffles=99).clusters == []


# --- the forecast


def test_forecasts_cover_what_they_say_and_beat_the_naive_one(total: Judged) -> None:
    found = forecast.forecast(total.crimes)
    assert found is not None
    assert found.start == date(2026, 7, 1)
    assert found.tried.forecasts == 290 * 30
    assert 0.85 <= found.tried.covered <= 0.95
    assert found.tried.error < 0.8 * found.tried.naive_error
    ahead = found.of(HALLSBERG)
    assert ahead is not None
    assert ahead.lower < ahead.expected < ahead.upper
    assert found.of("0000") is None


def test_what_does_not_beat_the_naive_forecast_is_not_shown(total: Judged) -> None:
    found = forecast.forecast(total.crimes)
    assert found is not None
    worse = replace(found, tried=replace(found.tried, error=found.tried.naive_error + 1))
    assert worse.of(HALLSBERG) is None


def test_a_series_too_short_has_no_forecast() -> None:
    steps = tuple(date(2024 + n // 4, 3 * (n % 4) + 1, 1) for n in range(8))
    crimes = ReportedCrimes(
        key="X",
        per_year=4,
        codes=("0101",),
        steps=steps,
        counts=np.full((1, 8), 10.0),
        preliminary=np.zeros(8, dtype=bool),
    )
    assert forecast.forecast(crimes) is None


def test_months_are_put_together_to_quarters_and_a_missing_one_is_no_zero() -> None:
    steps = tuple(date(2024 + (n + 1) // 12, (n + 1) % 12 + 1, 1) for n in range(8))  # from February
    counts = np.arange(8, dtype=float)[None, :]
    counts[0, 6] = np.nan
    crimes = ReportedCrimes(
        key="X",
        per_year=12,
        codes=("0101",),
        steps=steps,
        counts=counts,
        preliminary=np.arange(8) == 4,
    )
    found = crimes.by_quarter()
    assert (found.per_year, found.steps) == (4, (date(2024, 4, 1), date(2024, 7, 1)))
    assert found.counts[0, 0] == 2 + 3 + 4
    assert np.isnan(found.counts[0, 1])
    assert found.preliminary.tolist() == [True, False]


# --- said honestly


def test_how_far_the_figures_reach_is_said_with_how_long_ago_that_was(real: Warehouse) -> None:
    from lagesbild.hotspots.cube import crime_cube

    cube = crime_cube(real, "SOL_TOTALT", per_year=4)
    assert reach_text(cube) == "Siffrorna når till och med andra kvartalet 2026."
    assert reach_text(cube, date(2026, 11, 28)) == (
        "Siffrorna når till och med andra kvartalet 2026, för fyra månader sedan."
    )
    assert reach_text(cube, date(2026, 7, 20)) == "Siffrorna når till och med andra kvartalet 2026."


def test_everything_watched_is_found_for_any_municipality(real: Warehouse, total: Judged) -> None:
    for code in ("0980", "0140", "2505"):
        watched = alarms.watch_of(real, code, everything=[total])
        assert isinstance(watched, Watch)
        assert watched.looks
        assert all(isinstance(flag, Flag) for flag in alarms.Overview.of(watched, 2.0).flags)


def test_crime_types_by_month_are_watched_where_they_are_fetched(with_crime_types: Settings) -> None:
    with Warehouse.current(with_crime_types.warehouse_folder) as warehouse:
        types = reported.monthly_types(warehouse)
        tree = Tree.of(warehouse)
        everything = alarms.every_judged(warehouse)
        watched = alarms.watch_of(warehouse, world.HOME, everything=everything)
    assert types
    assert "SOL_TOTALT" not in types
    assert not {above for key in types for above in tree.above(key)} & set(types)  # none is counted twice
    assert {one.crimes.key for one in everything if one.crimes.per_year == 12} == set(types)
    keys = {look.key for look in watched.looks if look.per_year == 12}
    assert keys <= set(types)
    assert all(look.watched == world.HOME for look in watched.looks if look.per_year == 12)


def test_signals_that_go_on_do_not_hide_what_the_quarters_flagged(real: Warehouse, total: Judged) -> None:
    today = date(2027, 3, 1)
    signals = [
        Signal(id=f"s{n}", day=today - timedelta(days=1 + 3 * n), kind="buller", locality="Provby")
        for n in range(200)
    ]
    without = alarms.Overview.of(alarms.watch_of(real, HALLSBERG, everything=[total]), 2.0)
    watched = alarms.watch_of(real, HALLSBERG, None, signals, today, everything=[total])
    found = alarms.Overview.of(watched, 2.0)
    assert {flag.id for flag in without.flags} == {flag.id for flag in found.public()}
    assert (WatchMethod.REPORTED, HALLSBERG) in found.watches
    assert WatchMethod.SIGNALS in {method for method, _ in found.watches}
