"""Flags: a budget of false alarms that holds, planted outbreaks found at once, and a life from new to closed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks import outbreaks
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms, clusters, county
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.backtest import Backtest, backtest
from lagesbild.hotspots.clusters import Phase, Point
from lagesbild.hotspots.flags import (
    Flag,
    FlagStatus,
    Levels,
    false_alarms,
    flags,
    level_for,
)
from lagesbild.hotspots.quiet import QuietYears
from lagesbild.hotspots.surveillance import monthly, watch
from lagesbild.hotspots.watching import ALL, Finding, LocalSeries, Look, WatchMethod
from lagesbild.hotspots.words import STATUSES, flag_text, since_text, unusual_text

TWENTY = tuple(n / 20 for n in range(1, 11))


def look(step: int, *findings: Finding, attainable: tuple[float, ...] = TWENTY, key: str = ALL) -> Look:
    when = date(2024 + step // 12, step % 12 + 1, 1)
    return Look(
        method=WatchMethod.COUNTY,
        key=key,
        watched="99",
        step=step,
        when=when,
        per_year=12,
        findings=findings,
        attainable=np.array(attainable),
    )


def finding(p_value: float, *places: str) -> Finding:
    return Finding(places=places or ("9901",), length=1, observed=9, expected=3.2, p_value=p_value)


def at(level: float) -> Levels:
    """Every method's level."""
    return Levels(dict.fromkeys(WatchMethod, level))


def test_only_attainable_p_values_count_as_chances_of_an_alarm() -> None:
    one = look(0, attainable=(0.01, 0.2))
    assert [one.by_chance(level) for level in (0.005, 0.01, 0.19, 0.2)] == [0.0, 0.01, 0.01, 0.2]
    assert false_alarms([one, look(1, attainable=(0.05,))], 0.05) == pytest.approx(12 * (0.01 + 0.05) / 2)


@pytest.mark.parametrize("budget", [0.5, 2.0, 6.0])
def test_the_level_follows_the_budget_and_the_number_of_series(budget: float) -> None:
    fine = tuple(n / 1000 for n in range(1, 500))
    few = [look(n, attainable=fine) for n in range(12)]
    many = few + [look(n, attainable=fine, key=f"k{k}") for n in range(12) for k in range(3)]
    # Four flags come of five alarms.
    assert level_for(few, budget) == pytest.approx(min(0.25, budget / 0.8 / 12), abs=0.002)
    assert level_for(many, budget) == pytest.approx(budget / 0.8 / 48, abs=0.002)
    assert level_for([], budget) < 0.001


@pytest.mark.parametrize("base", [3.0, 6.0])
def test_quiet_years_hold_the_budget(base: float) -> None:
    assert outbreaks.realised(base) == pytest.approx(6, rel=0.5)


@pytest.mark.parametrize("scenario", list(outbreaks.SCENARIOS))
def test_four_planted_outbreaks_of_five_are_flagged_in_their_first_month(scenario: str) -> None:
    """Four notices a month are what Hallsberg has."""
    assert outbreaks.power(scenario, 4.0) >= 0.8


def test_a_flag_lives_from_new_to_closed() -> None:
    looks = [look(n) for n in range(6)]
    looks[1] = look(1, finding(0.01, "9901", "9902"))
    looks[2] = look(2, finding(0.04, "9902", "9903"))
    life = []
    for last in range(1, 6):
        (flag,) = flags(looks[: last + 1], at(0.05))
        life.append((flag.id, flag.status))
    assert len({key for key, _ in life}) == 1
    assert [status for _, status in life] == [
        FlagStatus.NEW,
        FlagStatus.CONTINUING,
        FlagStatus.FADING,
        FlagStatus.OVER,
        FlagStatus.OVER,
    ]
    assert flag.places == ("9901", "9902", "9903")
    assert [when for when, _ in flag.seen] == [date(2024, 2, 1), date(2024, 3, 1)]
    assert flag.years_between == pytest.approx(1 / (0.01 * 12))  # of what is told: the most unusual


def test_elsewhere_or_much_later_is_another_flag() -> None:
    looks = [
        look(0, finding(0.01, "9901"), finding(0.03, "9909")),
        *(look(n) for n in range(1, 4)),
        look(4, finding(0.02, "9901")),
    ]
    found = flags(looks, at(0.05))
    assert sorted(flag.places for flag in found) == [("9901",), ("9901",), ("9909",)]
    assert found[0].since == date(2024, 5, 1)  # the newest first
    assert len({flag.id for flag in found}) == 3
    assert flags(looks, at(0.005)) == []


def test_only_what_was_known_then_is_looked_at() -> None:
    county = outbreaks.county(6.0, 1)
    later = county.counts.copy()
    later[:, 31:] *= 4
    changed = replace(county, counts=later)
    assert [repr(one) for one in county.looks(30, 99)] == [repr(one) for one in changed.looks(30, 99)]


def test_twice_as_much_told_of_everywhere_is_no_alarm_but_here_alone_it_is() -> None:
    rng = np.random.default_rng(1)
    others, own = rng.poisson(60, 36), rng.poisson(10, 36)
    others[-1], own[-1] = 120, 20
    setting = monthly(35)
    assert setting is not None
    assert setting.years == 2
    (with_volume,) = watch(own, [35], setting, others)
    (without,) = watch(own, [35], setting)
    assert with_volume is not None
    assert without is not None
    assert with_volume.p_value > 0.1
    assert without.p_value < 0.02
    assert monthly(24) is None
    with pytest.raises(ValueError, match="exposure"):
        watch(own, [35], setting, others[:-1])
    assert watch(own, [35], setting, np.append(others[:-1], 0)) == [None]  # nothing told at all that month


def test_weeks_are_whole_and_begin_on_mondays() -> None:
    events = [(date(2026, 3, 4), "Provort"), (date(2026, 3, 29), "Annanort"), (date(2026, 4, 2), "Provort")]
    local = LocalSeries.of(events, date(2026, 4, 1))  # a Wednesday
    assert local is not None
    assert local.start == date(2026, 3, 2)
    assert local.last == 3
    assert local.weeks.tolist() == [0, 3]
    assert local.week(local.last) == date(2026, 3, 23)
    assert LocalSeries.of([], date(2026, 4, 1)) is None


def test_flags_are_told_in_plain_swedish() -> None:
    flag = flags([look(0, finding(1 / 108, "9901", "9902"))], at(0.05))[0]
    names = {"9901": "Provby", "9902": "Provås"}
    assert flag_text(flag, names) == "Provby och Provås: 9 notiser i januari 2024, 3,2 väntade"
    assert unusual_text(flag) == "så många väntas en gång på nio år"
    rare = flags([look(0, finding(1e-9, "9901"))], at(0.05))[0]
    assert unusual_text(rare) == "så många väntas mer sällan än en gång på tio år"
    assert since_text(flag) == "sedan januari 2024"
    weekly = replace(
        flag, per_year=52, seen=((date(2026, 3, 23), replace(finding(0.02, "Provort"), length=4)),)
    )
    assert (
        flag_text(weekly, {}) == "Provort: 9 notiser på fyra veckor till och med vecka 13 2026, 3,2 väntade"
    )
    assert unusual_text(weekly) == "så många väntas ungefär en gång om året"
    assert unusual_text(replace(weekly, seen=((date(2026, 3, 23), finding(0.1)),))) == (
        "så många väntas ungefär fem gånger om året"
    )
    signals = replace(weekly, method=WatchMethod.SIGNALS)
    assert "9 signaler" in flag_text(signals, {})
    assert set(STATUSES) == set(FlagStatus)


def test_false_alarms_are_told_with_their_own_uncertainty() -> None:
    alarm = (look(0, finding(0.001), attainable=(0.001,)),)
    rate, low, high = QuietYears((), (alarm, alarm, (look(0),)), 3).false_alarms(at(0.25))
    assert rate == pytest.approx(2 / 3)
    assert (3 * low, 3 * high) == pytest.approx((0.242, 7.225), abs=0.001)  # Garwood 1936 for 2


# --- in hindsight


def test_a_lasting_rise_is_a_hit_and_is_flagged_before_it_is_over() -> None:
    county = outbreaks.county(10.0, 3)
    counts = county.counts.copy()
    at = county.codes.index(county.home)
    counts[:, 28:33, at] *= 3
    areas = dict.fromkeys(county.codes, 100.0)
    found = backtest(replace(county, counts=counts), areas, 2.0)
    assert found.months == 8
    assert found.hits >= 1
    assert found.rises >= 1
    assert max(found.lead) >= 1
    quiet = backtest(county, areas, 2.0)
    assert quiet.rises <= 1
    assert quiet.flags <= 4


def test_the_indices_are_the_published_ones() -> None:
    """PAI = (n / N) / (a / A); PEI = n / n* (NIJ's challenge of 2017)."""
    found = Backtest(
        months=3,
        flags=2,
        hits=1,
        caught=20,
        naive=30,
        best=40,
        all_notices=100,
        area=10,
        whole_area=200,
        rises=1,
        lead=(2,),
    )
    assert found.pai(found.caught) == pytest.approx(4)
    assert found.pai(found.naive) == pytest.approx(6)
    assert found.pei(found.caught) == pytest.approx(0.5)
    both = found + found
    assert (both.months, both.lead) == (6, (2, 2))
    assert both.pai(both.caught) == pytest.approx(4)
    nothing = replace(found, all_notices=0, area=0, best=0)
    assert nothing.pai(1) is None
    assert nothing.pei(1) is None


# --- clusters of points, followed

SUNDAY = date(2026, 3, 29)


def group(name: str, days_ago: list[int], x: float = 512_000.0, y: float = 6_548_000.0) -> list[Point]:
    rng = np.random.default_rng(len(name))
    return [
        Point(
            f"{name}{n}",
            SUNDAY - timedelta(days=ago),
            x + float(rng.normal(0, 40)),
            y + float(rng.normal(0, 40)),
        )
        for n, ago in enumerate(days_ago)
    ]


def scattered(number: int = 30, seed: int = 1) -> list[Point]:
    rng = np.random.default_rng(seed)
    return [
        Point(
            f"s{n}",
            SUNDAY - timedelta(days=int(rng.integers(0, 56))),
            float(rng.uniform(500_000, 520_000)),
            float(rng.uniform(6_540_000, 6_560_000)),
        )
        for n in range(number)
    ]


def weeks(number: int, until: date = SUNDAY) -> list[date]:
    return [until - timedelta(days=7 * n) for n in range(number - 1, -1, -1)]


def test_a_group_of_points_is_a_cluster_and_scattered_ones_are_not() -> None:
    (found,) = clusters.cluster([*group("a", [1, 3, 5, 8, 9, 12]), *scattered()], SUNDAY)
    assert {point.id[0] for point in found} == {"a"}
    assert clusters.cluster(scattered(), SUNDAY) == []
    assert clusters.cluster(group("a", [1, 2, 3, 4]), SUNDAY) == []


def test_a_cluster_keeps_its_name_from_new_through_growing_and_fading_to_gone() -> None:
    points = [
        *group("a", [53, 52, 51, 50, 49, 48]),
        *group("bb", [34, 33, 32, 31, 30, 29, 28, 27, 26, 25]),
        *group("ccc", [2, 9, 16], 500_000.0),
    ]
    life: dict[str, list[Phase]] = {}
    found: list[clusters.Tracked] = []
    for week in [*weeks(9), *(SUNDAY + timedelta(days=7 * n) for n in range(1, 9))]:
        found = clusters.follow(found, clusters.cluster([p for p in points if p.day <= week], week), week)
        for one in found:
            life.setdefault(one.id, []).append(one.phase)
    (phases,) = life.values()
    assert phases[0] is Phase.NEW
    assert Phase.GROWING in phases
    assert Phase.FADING in phases[phases.index(Phase.GROWING) :]
    assert phases[-1] is Phase.GONE
    assert phases.count(Phase.GONE) == 1


def test_the_same_place_is_the_same_cluster_with_new_points() -> None:
    first = clusters.follow([], [tuple(group("a", [50] * 6))], SUNDAY)
    second = clusters.follow(first, [tuple(group("bb", [1] * 6))], SUNDAY + timedelta(days=7))
    assert [one.id for one in second] == [first[0].id]
    assert second[0].since == SUNDAY
    far = clusters.follow(first, [tuple(group("bb", [1] * 6, 515_000.0))], SUNDAY + timedelta(days=7))
    assert [one.phase for one in far] == [Phase.NEW, Phase.GONE]


def test_too_few_per_cell_is_told_from_enough() -> None:
    assert clusters.per_cell(scattered(), SUNDAY) < clusters.FEWEST_PER_CELL
    assert clusters.per_cell(group("a", [1] * 12, 512_250, 6_548_250), SUNDAY) == 6
    assert clusters.per_cell([], SUNDAY) == 0


def test_a_flag_holds_nothing_that_json_cannot() -> None:
    flag = flags(outbreaks.county(6.0, 2).history(shuffles=99), at(0.2))[0]
    assert isinstance(flag, Flag)
    assert json.dumps([flag.places, flag.years_between, flag.since.isoformat()])


@pytest.mark.parametrize("raw", ["", "{broken", "[1, 2]", '{"6.0": 3}', '{"6.0": [1, 2, 3]}', "null"])
def test_a_damaged_measurement_is_made_anew(real: Warehouse, tmp_path: Path, raw: str) -> None:
    watched = alarms.watch_of(real, "1861")
    found = alarms.measured(watched, "v1", tmp_path, years=1)
    (file,) = tmp_path.iterdir()
    file.write_text(raw, "utf-8")
    assert not alarms.is_measured(watched, "v1", tmp_path, years=1)
    assert alarms.measured(watched, "v1", tmp_path, years=1) == found
    assert alarms.is_measured(watched, "v1", tmp_path, years=1)


def test_a_month_is_told_alike_as_a_flag_and_as_what_builds_up(real: Warehouse) -> None:
    watched = county.watched(real, "1861")
    assert watched is not None
    last = len(watched.months) - 2  # March 2026
    (look,) = [one for one in watched.looks(last) if one.method is WatchMethod.COUNTY and one.key == ALL]
    (first, codes), *_ = cubes.building_up(cubes.notice_cube(real, until=watched.months[last]), "18")
    told = look.findings[0]
    assert (set(told.places), told.observed, told.p_value) == (set(codes), first.cases, first.p_value)
