"""Actions: kept with a plan that freezes, judged by signals, with what makes a comparison shaky said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lagesbild.signals import action_words as words
from lagesbild.signals import actions, cameras, evaluation, guards
from lagesbild.signals.actions import REST, REST_OF_COUNTY, Action, ActionError, ActionKind, Status
from lagesbild.signals.database import Actor, ChangedMeanwhileError
from lagesbild.signals.evaluation import Basis, Period, Stage
from lagesbild.signals.guards import GuardError, Guards, Need, Shift
from lagesbild.signals.store import Severity, Signal, SignalStore
from lagesbild.statistics.effect import Seen
from tests import reading

CODE, WHO = "1861", Actor(person_id="p1", name="samordnare")
START = date(2026, 5, 4)  # a Monday
BEFORE, OVER = date(2026, 4, 1), date(2026, 9, 1)


def action(**changed: Any) -> Action:
    values: dict[str, Any] = {
        "title": "Ordningsvakter vid torget",
        "kind": ActionKind.OPERATION,
        "place": "Hallsberg",
        "kinds": ("buller",),
        "control": "Pålsboda",
        "purpose": "Mindre buller på kvällarna",
        "owner": "Trygghetssamordnare",
        "starts": START,
    }
    return Action(**values | changed)


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "local.sqlite")


def spread_out(count: int, first: date, days: int, locality: str, **more: Any) -> Iterator[Signal]:
    """Signals at even distances over some days."""
    for n in range(count):
        values: dict[str, Any] = {
            "id": f"{locality}{first}{n}{more}",
            "day": first + timedelta(days=n * days // count),
            "kind": "buller",
            "locality": locality,
        }
        yield Signal(**values | more)


def counted(place: tuple[int, int], control: tuple[int, int], *near: int, **more: Any) -> list[Signal]:
    """Signals before and after in Hallsberg and Pålsboda, and somewhere else since long ago."""
    found = list(spread_out(12, START - timedelta(days=400), 300, "Östansjö", kind="klotter"))
    areas = [("Hallsberg", place), ("Pålsboda", control), *([("Sköllersta", near)] if near else [])]
    for name, (before, after) in areas:
        found += spread_out(before, START - timedelta(days=84), 84, name, **more)
        found += spread_out(after, START + timedelta(days=7), 84, name, **more)
    return found


# --- what is kept ---


def test_an_action_is_kept_as_it_was_written(store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(title="  Vakter   vid torget ", ends=OVER), WHO, BEFORE)
    assert actions.all_of(store, CODE) == [kept]
    assert (kept.title, kept.version, kept.planned_on) == ("Vakter vid torget", 1, BEFORE)
    assert actions.all_of(store, "1880") == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": " "}, "Skriv en rubrik"),
        ({"purpose": ""}, "Skriv syftet"),
        ({"place": ""}, "Välj en plats"),
        ({"kinds": ()}, "vad som ska räknas"),
        ({"measure": "SOL_STOLD"}, "vad som ska räknas"),
        ({"control": " hallsberg "}, "jämföras med sig själv"),
        ({"near": "Pålsboda"}, "Området intill"),
        ({"near": "Hallsberg"}, "Området intill"),
        ({"control": REST_OF_COUNTY}, "signaler inom kommunen"),
        ({"kinds": (), "measure": "SOL_STOLD", "control": REST}, "en annan kommun eller resten av länet"),
        ({"ends": START - timedelta(days=1)}, "före startdagen"),
        ({"before_days": 80}, "hela veckor"),
        ({"after_days": 7}, "mellan 2 och 53"),
        ({"title": "x" * 61}, "Rubriken får vara högst 60"),
        ({"purpose": "x" * 301}, "Syftet får vara högst 300"),
    ],
)
def test_what_is_missing_or_impossible_is_told(store: SignalStore, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ActionError, match=told):
        actions.add(store, CODE, action(**wrong), WHO, BEFORE)
    assert actions.all_of(store, CODE) == []


def test_the_status_follows_the_dates() -> None:
    one = action(ends=START + timedelta(days=30))
    assert one.status(START - timedelta(days=1)) is Status.PLANNED
    assert one.status(START) is one.status(START + timedelta(days=30)) is Status.GOING_ON
    assert one.status(START + timedelta(days=31)) is Status.DONE
    assert replace(one, ends=None).status(START + timedelta(days=999)) is Status.GOING_ON
    assert replace(one, cancelled=True).status(START) is Status.CANCELLED


@pytest.mark.parametrize(
    "changed",
    [
        {"control": REST},
        {"kinds": ("klotter",)},
        {"place": "Östansjö"},
        {"near": "Sköllersta"},
        {"before_days": 168},
        {"after_days": 28},
        {"starts": OVER},
        {"smallest_share": 0.2},
    ],
)
def test_the_plan_is_frozen_when_the_action_has_started(store: SignalStore, changed: dict[str, Any]) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    before = actions.change(store, replace(kept, **changed), WHO, START - timedelta(days=1))
    restored = actions.change(
        store,
        replace(before, **{name: getattr(kept, name) for name in changed}),
        WHO,
        START - timedelta(days=1),
    )
    with pytest.raises(ActionError, match="planen låst"):
        actions.change(store, replace(restored, **changed), WHO, START)
    assert actions.all_of(store, CODE) == [restored]


def test_a_note_an_end_and_an_owner_can_still_be_written(store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    noted = actions.change(
        store, replace(kept, result="Lugnare enligt handlarna.", ends=OVER, owner="Fritidschef"), WHO, OVER
    )
    assert actions.all_of(store, CODE) == [noted]
    assert noted.planned_on == BEFORE
    assert [one.version for one in store.versions(kept.id)] == [2, 1]


def test_a_plan_written_after_the_start_is_known_as_such(store: SignalStore) -> None:
    assert actions.add(store, CODE, action(), WHO, BEFORE).planned_in_advance
    assert not actions.add(store, CODE, action(), WHO, OVER).planned_in_advance
    moved = actions.add(store, CODE, action(starts=OVER), WHO, BEFORE)
    backdated = actions.change(store, replace(moved, starts=START), WHO, OVER - timedelta(days=1))
    assert not backdated.planned_in_advance


def test_two_who_change_the_same_overwrite_nothing(store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    actions.change(store, replace(kept, title="Först"), WHO, BEFORE)
    with pytest.raises(ChangedMeanwhileError):
        actions.change(store, replace(kept, title="Sedan"), WHO, BEFORE)
    with pytest.raises(ChangedMeanwhileError):
        actions.remove(store, kept, WHO)
    assert [one.title for one in actions.all_of(store, CODE)] == ["Först"]


def test_a_removed_action_comes_back(store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    actions.remove(store, kept, WHO)
    assert actions.all_of(store, CODE) == []
    assert [one.title for one in actions.all_of(store, CODE, deleted=True)] == [kept.title]
    actions.restore(store, kept.id, WHO)
    (back,) = actions.all_of(store, CODE)
    assert replace(back, version=kept.version) == kept
    actions.change(store, replace(back, result="Kvar"), WHO, BEFORE)


def test_an_action_with_fields_of_a_newer_program_can_be_read(store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    record = store.record(kept.id)
    assert record is not None
    store.change(kept.id, 1, {**record.data, "unheard_of": 1}, WHO)
    assert actions.all_of(store, CODE)[0].title == kept.title


# --- what signals say ---


def test_the_week_of_the_start_is_in_neither_period() -> None:
    signals = counted((24, 11), (20, 22))
    more = [*signals, *spread_out(30, START, 7, "Hallsberg", id="start")]
    found, same = (evaluation.evaluate(action(), given, OVER) for given in (signals, more))
    assert found.place is not None
    assert (found.place.before, found.place.after) == (24, 11)
    assert found.place == same.place


def test_what_was_counted_is_said_with_the_difference_and_its_limits() -> None:
    found = evaluation.evaluate(action(planned_on=BEFORE), counted((24, 11), (20, 22)), OVER)
    assert found.stage is Stage.OVER
    assert words.effect_text(found) == (
        "Före: 24 signaler på 12 veckor. Efter: 11. I Pålsboda, som jämförs: 20 och 22. "
        "Skillnad: 15 färre än väntat (mellan 29 färre och 1 färre)."
    )
    assert found.verdict is Seen.FEWER
    assert words.verdict(found) == "Färre än väntat, mer än slumpen ger."


def test_what_is_too_small_says_so() -> None:
    found = evaluation.evaluate(action(), counted((6, 4), (5, 6)), OVER)
    assert found.verdict is Seen.TOO_SMALL
    assert words.verdict(found) == "För litet för att synas: även en halvering hade drunknat i slumpen."
    assert found.smallest is not None
    assert words.smallest_text(found.smallest).startswith(
        "För litet för att synas: inte ens om allt försvann"
    )


def test_nothing_is_said_before_the_period_is_over() -> None:
    signals = counted((60, 10), (50, 52))
    early = evaluation.evaluate(action(), signals, START + timedelta(days=7 + 30))
    assert (early.stage, early.weeks_after, early.verdict) == (Stage.EARLY, 4, None)
    assert "För tidigt att säga" in words.verdict(early)
    assert words.verdict(early).endswith("Tiden efter är slut 2 augusti 2026.")
    assert words.effect_text(early).startswith("Före: 60 signaler på 12 veckor. Efter: 4 på 4 veckor.")
    assert evaluation.evaluate(action(), signals, START - timedelta(days=1)).stage is Stage.NOT_STARTED
    assert evaluation.evaluate(action(), signals, START + timedelta(days=9)).weeks_after == 0
    last = action().after[1]
    assert evaluation.evaluate(action(), signals, last).stage is Stage.EARLY
    assert evaluation.evaluate(action(), signals, last + timedelta(days=1)).stage is Stage.OVER


def test_before_that_was_not_collected_or_is_deleted_is_no_quiet_time() -> None:
    late = [one for one in counted((24, 11), (20, 22)) if one.day >= START - timedelta(days=40)]
    assert evaluation.evaluate(action(), late, OVER).stage is Stage.NO_BEFORE
    long_after = START + timedelta(days=700)
    found = evaluation.evaluate(action(), counted((24, 11), (20, 22)), long_after)
    assert found.stage is Stage.NO_BEFORE
    assert "uppgifter saknas" in words.verdict(found)
    assert evaluation.evaluate(action(), [], OVER).stage is Stage.NO_BEFORE


def test_the_rest_of_the_municipality_is_scaled_to_the_size_of_the_place() -> None:
    signals = counted((40, 32), (400, 320))
    found = evaluation.evaluate(action(control=REST), signals, OVER)
    assert found.effect is not None
    assert found.effect.basis is Basis.IN_PROPORTION
    assert found.effect.difference.estimate == pytest.approx(0, abs=0.5)
    assert "I samma takt hade platsen fått 32" in words.effect_text(found)
    alike = evaluation.evaluate(action(control=REST), counted((40, 32), (50, 40)), OVER)
    assert alike.effect is not None
    assert alike.effect.basis is Basis.AS_MANY


def test_what_cannot_be_compared_is_held_against_itself_and_says_so() -> None:
    found = evaluation.evaluate(action(near="Sköllersta"), counted((40, 32), (400, 320), 0, 0), OVER)
    assert found.moved is not None
    assert (found.moved.basis, found.moved.difference.estimate) == (Basis.ALONE, 0)
    assert "kan inte uteslutas" in words.moved_text(found)
    own = evaluation.evaluate(action(), counted((0, 4), (400, 320)), OVER)
    assert "4 fler än före" in words.effect_text(own)
    assert "antalen är för olika" in words.effect_text(own)


def test_the_rest_holds_neither_the_place_nor_what_is_near() -> None:
    signals = counted((40, 32), (60, 50), 7, 9)
    inner = list(spread_out(3, START - timedelta(days=50), 20, "Pålsboda", place="Torget", id="inner"))
    found = evaluation.evaluate(action(control=REST, near="Sköllersta"), signals, OVER)
    assert found.control is not None
    assert found.control.before == 60
    place = evaluation.evaluate(action(place="Torget", control="Pålsboda"), [*signals, *inner], OVER)
    assert place.place is not None
    assert place.control is not None
    assert (place.place.before, place.control.before) == (3, 60)


def test_what_moved_next_door_is_seen_and_said() -> None:
    found = evaluation.evaluate(action(near="Sköllersta"), counted((60, 20), (50, 50), 20, 55), OVER)
    assert found.verdict is Seen.FEWER
    assert "Problemet kan ha flyttat" in words.moved_text(found)
    assert found.together is not None
    assert found.together.difference.interval.upper > 0
    still = evaluation.evaluate(action(near="Sköllersta"), counted((60, 20), (50, 50), 20, 21), OVER)
    assert "kan inte uteslutas" in words.moved_text(still)


def by(persons: Sequence[str], signals: Sequence[Signal]) -> list[Signal]:
    return [replace(one, reporter_id=persons[n % len(persons)]) for n, one in enumerate(signals)]


def test_a_campaign_makes_the_comparison_shaky_and_is_brought_to_as_many() -> None:
    signals = counted((30, 60), (20, 40))
    before = by("abc", [one for one in signals if one.day < START])
    after = by("abcdef", [one for one in signals if one.day >= START])
    found = evaluation.evaluate(action(), [*before, *after], OVER)
    assert found.reporters is not None
    assert (found.reporters.before, found.reporters.after, found.reporters.shaky) == (3, 6, True)
    assert found.per_reporter is not None
    assert found.effect is not None
    assert found.effect.difference.estimate == 10
    assert found.per_reporter.difference.estimate == 0
    told = " ".join(words.cautions(found))
    assert "skakig" in told
    assert "3 personer rapporterade före och 6 efter" in told
    calm = evaluation.evaluate(action(), by("abc", signals), OVER)
    assert "skakig" not in " ".join(words.cautions(calm))


def test_fewer_who_report_at_the_place_may_be_what_was_wanted() -> None:
    signals = by("abcdef", counted((60, 3), (60, 60)))
    found = evaluation.evaluate(action(), signals, OVER)
    assert found.reporters is not None
    assert found.reporters.place_after < found.reporters.place_before / 1.5
    assert not found.reporters.shaky


def test_without_known_reporters_no_figure_per_reporter_is_made_up() -> None:
    found = evaluation.evaluate(action(), counted((24, 11), (20, 22)), OVER)
    assert found.per_reporter is None
    assert "till stor del okänt" in " ".join(words.cautions(found))


def test_the_smallest_effect_is_known_before_and_holds_afterwards() -> None:
    signals = [*counted((100, 0), (90, 0))]
    ahead = evaluation.preview(action(), signals, START - timedelta(days=1))
    assert ahead.place == 99  # one of today is not over
    assert ahead.smallest.shows_a_halving
    assert "syns i fyra fall av fem" in words.preview_text(ahead, action())
    stated = action(smallest_share=0.3, planned_on=BEFORE)
    found = evaluation.evaluate(stated, signals, OVER)
    assert found.smallest is not None
    assert (found.smallest.share, found.smallest.count) == (0.3, 30)
    late = evaluation.evaluate(replace(stated, planned_on=OVER), signals, OVER)
    assert late.smallest is not None
    assert late.smallest.share != 0.3


def test_half_as_long_after_is_held_against_half_of_before() -> None:
    found = evaluation.evaluate(action(after_days=42), counted((60, 60), (60, 60)), OVER)
    assert found.effect is not None
    assert found.effect.difference.estimate == 0
    assert found.weeks_after == 6


def test_clustered_weeks_widen_the_limits() -> None:
    rng = np.random.default_rng(1)
    even = counted((60, 40), (60, 60))
    clustered = list(even)
    for week in range(1, 52):
        clustered += spread_out(
            int(rng.choice([0, 12])), START - timedelta(days=7 * week), 7, "Östansjö", id=str(week)
        )
    one, other = (evaluation.evaluate(action(), signals, OVER) for signals in (even, clustered))
    assert one.effect is not None
    assert other.effect is not None
    assert other.dispersion > 2 > one.dispersion
    assert other.effect.difference.error > one.effect.difference.error
    assert "gånger mer än slumpen" in " ".join(words.cautions(other))


# Two localities, 12 weeks, with dispersion learnt from the same few signals.
@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_nothing_is_called_an_effect_oftener_than_one_time_in_ten(spread: float) -> None:
    rng = np.random.default_rng(7)
    weekly = rng.poisson(6, (300, 2, 64)) if spread == 1 else rng.negative_binomial(6, 0.5, (300, 2, 64))
    wrong = 0
    for drawn in weekly:
        signals = [
            Signal(
                id=f"{place}{week}{n}",
                day=START + timedelta(days=7 * (week - 51)),
                kind="buller",
                locality=name,
            )
            for place, name in enumerate(("Hallsberg", "Pålsboda"))
            for week in range(64)
            for n in range(drawn[place, week])
        ]
        wrong += evaluation.evaluate(action(), signals, OVER).verdict in {Seen.FEWER, Seen.MORE}
    assert wrong / 300 <= 0.1 + 3 * 0.0173


# --- reported crimes ---


def quarters(*counts: tuple[int, int]) -> list[Period]:
    found = []
    for n, (place, control) in enumerate(counts):
        first = date(2024 + n // 4, 3 * (n % 4) + 1, 1)
        following = date(2024 + (n + 1) // 4, 3 * ((n + 1) % 4) + 1, 1)
        found.append(Period(first=first, last=following - timedelta(days=1), place=place, control=control))
    return found


REPORTED = action(
    place="Hallsberg",
    kinds=(),
    measure="SOL_STOLD",
    control=REST_OF_COUNTY,
    starts=date(2025, 1, 1),
    before_days=371,
    after_days=371,
)


def test_reported_crimes_are_counted_by_whole_quarters_within_the_windows() -> None:
    known = quarters(
        (100, 900), (100, 900), (100, 900), (100, 900), (80, 900), (60, 900), (60, 900), (60, 900)
    )
    found = evaluation.evaluate_reported(REPORTED, known, date(2026, 2, 1))
    assert found.stage is Stage.OVER
    assert found.place is not None
    assert (found.place.before, found.place.after) == (400, 260)
    assert found.verdict is Seen.FEWER
    told = words.effect_text(found)
    assert told.startswith("Före: 400 anmälda brott på 52 veckor. Efter: 260")
    assert "resten av länet" in told
    later = evaluation.evaluate_reported(replace(REPORTED, starts=date(2025, 2, 1)), known, date(2026, 3, 1))
    assert later.place is not None
    assert later.place.after == 180  # the quarter that it started in is in neither


def test_reported_crimes_that_are_not_out_yet_are_waited_for() -> None:
    known = quarters((100, 900), (100, 900), (100, 900), (100, 900), (80, 900), (60, 900))
    assert evaluation.evaluate_reported(REPORTED, known, date(2025, 8, 1)).verdict is None
    assert evaluation.evaluate_reported(REPORTED, known[:5], date(2025, 5, 1)).stage is Stage.EARLY
    assert evaluation.evaluate_reported(REPORTED, known[4:], date(2025, 8, 1)).stage is Stage.NO_BEFORE
    assert evaluation.evaluate_reported(REPORTED, known, date(2024, 8, 1)).stage is Stage.NOT_STARTED


def test_what_reported_crimes_can_show_is_known_before_too() -> None:
    ahead = evaluation.preview_reported(REPORTED, quarters(*[(100, 900)] * 6))
    assert ahead is not None
    assert (ahead.place, ahead.control) == (400, 3600)  # the four latest quarters before the start
    assert ahead.smallest.shows_a_halving
    assert "400 anmälda brott" in words.preview_text(ahead, REPORTED)
    assert evaluation.preview_reported(REPORTED, []) is None


# --- guards ---

EVENINGS = Shift(place="Hallsberg", weekdays=(4, 5), from_hour=20, to_hour=2, from_day=date(2026, 1, 1))
SINCE, UNTIL = date(2026, 2, 2), date(2026, 4, 26)  # twelve weeks, Monday to Sunday


def seen_at(count: int, weekday: int, hour: int | None, **more: Any) -> list[Signal]:
    return [
        Signal(
            id=f"{weekday}{hour}{n}{more}",
            day=SINCE + timedelta(days=7 * (n % 12) + weekday),
            kind="buller",
            locality="Hallsberg",
            hour=hour,
            **more,
        )
        for n in range(count)
    ]


def test_a_shift_past_midnight_covers_the_morning_after() -> None:
    friday = date(2026, 2, 6)
    assert list(EVENINGS.cells(friday)) == [
        *((friday, hour) for hour in (20, 21, 22, 23)),
        *((friday + timedelta(days=1), hour) for hour in (0, 1)),
    ]
    assert list(EVENINGS.cells(friday - timedelta(days=1))) == []
    assert list(EVENINGS.cells(date(2025, 12, 26))) == []
    assert EVENINGS.hours_a_week == 12
    assert words.shift_text(EVENINGS) == "Hallsberg: fredag och lördag kl. 20–02"


def test_signals_within_guarded_hours_are_held_against_an_even_spread() -> None:
    signals = [*seen_at(12, 4, 22), *seen_at(3, 6, 1), *seen_at(25, 1, 15), *seen_at(4, 2, None)]
    load = guards.beside_load([EVENINGS], signals, SINCE, UNTIL)
    assert (load.inside, load.outside, load.without_hour) == (15, 25, 4)
    assert load.guarded_hours == 12 * 12
    assert load.guarded_hours + load.open_hours == 12 * 7 * 24
    assert load.expected_inside == pytest.approx(25 * 144 / 1872)
    assert load.guarded[5, 1] == load.guarded[6, 1] == 1
    assert load.guarded[4, 1] == 0
    assert "7,1 procent av timmarna" in words.load_text(load)
    assert "15 av 40 signaler, alltså 38 procent" in words.load_text(load)


def test_the_answer_points_at_hours_where_signals_come_without_guards() -> None:
    load = guards.beside_load(
        [EVENINGS], [*seen_at(4, 4, 22), *seen_at(25, 1, 15), *seen_at(3, 3, 9)], SINCE, UNTIL
    )
    assert load.need is Need.ELSEWHERE
    assert "tisdag kl. 15–18" in words.need_text(load)
    assert "Minst en är mer än slumpen ger" in words.stretches_text(load)


def test_few_signals_answer_nothing() -> None:
    load = guards.beside_load([EVENINGS], seen_at(11, 1, 15), SINCE, UNTIL)
    assert load.need is Need.TOO_FEW
    assert "Bara 11 signaler" in words.need_text(load)
    assert guards.beside_load([], seen_at(40, 1, 15), SINCE, UNTIL).need is Need.TOO_FEW


def test_guards_where_signals_come_need_not_be_more() -> None:
    spread = [one for day in range(7) for one in seen_at(2, day, 3 * day)]
    load = guards.beside_load([EVENINGS], [*seen_at(24, 4, 22), *spread], SINCE, UNTIL)
    assert load.need is Need.WELL_PLACED
    assert "Signalerna visar inte det" in words.need_text(load)
    assert "Slumpen räcker" in words.stretches_text(load)


def test_what_guards_report_themselves_is_apart() -> None:
    own = seen_at(30, 4, 22, reporter_id="vakt")
    load = guards.beside_load([EVENINGS], [*own, *seen_at(24, 1, 15)], SINCE, UNTIL, ["vakt"])
    assert (load.inside, load.own_inside, load.own_outside) == (0, 30, 0)
    assert "själva rapporterat 30 signaler" in words.guards_own_text(load)


def test_only_places_with_guards_are_counted() -> None:
    elsewhere = [replace(one, locality="Pålsboda") for one in seen_at(9, 4, 22)]
    assert guards.beside_load([EVENINGS], elsewhere, SINCE, UNTIL).total == 0
    everywhere = replace(EVENINGS, place="")
    assert guards.beside_load([everywhere], elsewhere, SINCE, UNTIL).inside == 9


def test_shifts_are_kept_with_a_version(store: SignalStore) -> None:
    first = guards.keep(store, CODE, Guards(shifts=(EVENINGS,), reporters=("vakt",)), WHO)
    assert guards.kept(store, CODE) == first
    guards.keep(store, CODE, replace(first, reporters=()), WHO)
    with pytest.raises(ChangedMeanwhileError):
        guards.keep(store, CODE, first, WHO)
    with pytest.raises(ChangedMeanwhileError):
        guards.keep(store, CODE, Guards(), WHO)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weekdays": ()}, "minst en veckodag"),
        ({"from_hour": 24}, "mellan 0 och 24"),
        ({"to_hour": 20}, "samma timme"),
        ({"to_day": date(2025, 1, 1)}, "före första dagen"),
        ({"place": "x" * 61}, "högst 60 tecken"),
        ({"place": ""}, "eller ingen på någon"),
    ],
)
def test_impossible_shifts_are_refused_with_their_row(
    store: SignalStore, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(GuardError, match=told):
        guards.keep(store, CODE, Guards(shifts=(EVENINGS, replace(EVENINGS, **wrong))), WHO)
    assert guards.kept(store, CODE) == Guards()


# --- cameras ---


def test_the_permit_text_holds_the_facts_and_names_what_is_missing() -> None:
    signals = [
        *seen_at(9, 4, 22, place="Torget", severity=Severity.SERIOUS),
        *seen_at(3, 1, None),
    ]
    wanted = action(kind=ActionKind.CAMERAS, title="Kameror", starts=date(2026, 5, 1), owner="")
    lamps = action(
        title="Ny belysning", kind=ActionKind.LIGHTING, starts=date(2026, 1, 5), result="Lite bättre", id="b"
    )
    told = cameras.problem(wanted, signals, date(2026, 4, 28))
    tried = [(one, "Ingen säker skillnad.") for one in cameras.tried_there(wanted, [wanted, lamps], OVER)]
    text = words.permit_text(wanted, told, tried, "Hallsberg")
    for part in (
        "12 signaler",
        "Av 9 med känt allvar är 9 allvarliga",
        "kl. 18–24 9",
        "klockslag för 3",
        "Torget 9. Utan angiven plats: 3",
        "Belysning: Ny belysning",
        "Lite bättre.",
        "Här saknas: vem som är ansvarig",
        "Mindre buller på kvällarna",
        "Här saknas: när bevakningen ska sluta",
    ):
        assert part in text, part
    empty = words.permit_text(wanted, cameras.problem(wanted, [], OVER), [], "Hallsberg")
    assert "Här saknas: inga signaler" in empty
    assert "Här saknas: andra åtgärder på platsen" in empty


# --- sentences ---


def every_text() -> Iterator[str]:
    cases = [
        ((24, 11), (20, 22)),
        ((6, 4), (5, 6)),
        ((100, 20), (90, 95)),
        ((40, 32), (400, 320)),
        ((0, 0), (0, 0)),
    ]
    for near in ((), (20, 55), (0, 0)):
        for place, control in cases:
            signals = counted(place, control, *near)
            for given in (signals, by("abc", signals)):
                for today in (START - timedelta(days=1), START + timedelta(days=40), OVER):
                    one = action(near="Sköllersta" if near else "")
                    found = evaluation.evaluate(one, given, today)
                    yield words.verdict(found)
                    yield words.effect_text(found)
                    yield words.moved_text(found)
                    yield from words.cautions(found)
                    yield words.preview_text(evaluation.preview(one, given, today), one)
    for given in ([], seen_at(11, 1, 15), [*seen_at(30, 4, 22), *seen_at(9, 2, 8)], seen_at(30, 1, 15)):
        for shifts in ([EVENINGS], []):
            load = guards.beside_load(shifts, given, SINCE, UNTIL)
            yield words.load_text(load)
            yield words.need_text(load)
            yield words.stretches_text(load)
            yield words.guards_own_text(load)


def test_every_sentence_is_whole_and_without_traces_of_missing_numbers() -> None:
    texts = {text for text in every_text() if text}
    assert len(texts) > 60
    for text in texts:
        reading.clean(reading.plain(text))
        assert text.endswith("."), text


def test_the_text_is_easy_to_read() -> None:
    texts = sorted({text for text in every_text() if text})
    assert reading.lix(" ".join(texts)) < 40
    hard = [
        (round(reading.lix(text)), text)
        for text in texts
        if reading.lix(text) >= 50 and len(text.split()) > 8
    ]
    assert not hard, hard
