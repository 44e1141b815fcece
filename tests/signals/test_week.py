"""The week's picture: what is counted, what is new, who reported; and a coarse one that gives nobody away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.optimize import linprog

from lagesbild.hotspots import week_words
from lagesbild.hotspots.clusters import Phase
from lagesbild.hotspots.flags import Levels, flags
from lagesbild.hotspots.local import LocalSignals
from lagesbild.hotspots.watching import WatchMethod
from lagesbild.hotspots.week import (
    BANDS,
    GRID_METRES,
    OTHER_LOCALITIES,
    Counted,
    NoSpots,
    Week,
    coarse,
    gathered,
    last_whole,
    week_of,
)
from lagesbild.signals.pending import Kind, Pending
from lagesbild.signals.store import Signal
from tests.signals.invented import MONDAY, SPOT, signal, town

SEVEN = timedelta(days=7)


@pytest.fixture(scope="module")
def signals() -> list[Signal]:
    return town()


@pytest.fixture(scope="module")
def week(signals: list[Signal]) -> Week:
    return week_of(signals, MONDAY, senders={"b1": "Bostadsbolaget"})


@pytest.fixture(scope="module")
def public(week: Week) -> Week:
    return coarse(week)


def within(signals: list[Signal], first: date, weeks: int = 1) -> list[Signal]:
    return [one for one in signals if first <= one.day < first + weeks * SEVEN]


def test_the_week_is_counted_against_the_one_before_and_the_mean_of_eight(
    week: Week, signals: list[Signal]
) -> None:
    assert week.total == len(within(signals, MONDAY))
    assert week.before == len(within(signals, MONDAY - SEVEN))
    assert week.usual is not None
    assert week.usual.mean == len(within(signals, MONDAY - 8 * SEVEN, 8)) / 8
    assert week.usual.lower < week.usual.mean < week.usual.upper


def test_a_usual_week_is_inside_the_interval_nineteen_times_of_twenty() -> None:
    inside = []
    for seed in range(12):
        drawn = [replace(one, x=None, y=None) for one in town(weeks=24, seed=seed)]
        for back in (4, 6, 8, 10, 12):
            found = week_of(drawn, MONDAY - back * SEVEN)
            assert found.usual is not None
            inside.append(found.usual.lower <= (found.total or 0) <= found.usual.upper)
    assert 0.88 <= np.mean(inside) <= 1.0


def test_kinds_and_localities_add_up(week: Week) -> None:
    for counted in (week.kinds, week.localities):
        assert sum(one.now or 0 for one in counted) == week.total
        assert sum(one.before or 0 for one in counted) == week.before


def test_the_trouble_spot_is_new_in_its_first_week_and_grows_after(signals: list[Signal]) -> None:
    here = [
        one
        for one in signals
        if one.x and one.y and np.hypot(one.x - SPOT[0], one.y - SPOT[1]) < 150 and one.kind == "skadegörelse"
    ]
    others = [signal(90_000 + n, MONDAY - n * SEVEN, x=505_000.0 + n, y=6_541_000.0) for n in range(56, 60)]
    found = [week_of([*others, *here], MONDAY - back * SEVEN).spots for back in (3, 2, 1, 0)]
    told = [[(spot.phase, spot.now, spot.before) for spot in some] for some in found]
    assert told == [[], [(Phase.NEW, 5, 0)], [(Phase.GROWING, 9, 5)], [(Phase.GROWING, 15, 9)]]


def test_a_spot_that_is_gone_is_named_by_what_it_was() -> None:
    there = [signal(n, MONDAY - 8 * SEVEN + timedelta(days=n % 3), x=500.0 + n, y=0.0) for n in range(8)]
    before = week_of(there, MONDAY - SEVEN)
    assert [spot.now for spot in before.spots] == [8]
    now = week_of([*there, *(signal(50 + n, MONDAY, x=9_000.0, y=0.0) for n in range(4))], MONDAY)
    assert [(spot.phase, spot.locality, spot.now, spot.before) for spot in now.spots] == [
        (Phase.GONE, "Provby", 0, 8)
    ]


def test_without_positions_or_with_few_signals_it_is_said_why_no_spots_are_shown() -> None:
    bare = week_of([signal(1, MONDAY)], MONDAY)
    assert bare.no_spots is NoSpots.NO_POSITIONS
    assert "känd plats" in week_words.spots_text(bare)
    spread = week_of([signal(n, MONDAY, x=3_000.0 * n, y=0.0) for n in range(6)], MONDAY)
    assert spread.no_spots is NoSpots.SPARSE


def test_a_flagged_locality_is_a_place_that_grows() -> None:
    calm = [signal(n, MONDAY - (n // 2) * SEVEN - 5 * SEVEN, locality="Provtorp") for n in range(80)]
    surge = [signal(500 + n, MONDAY + timedelta(days=n % 7), locality="Provtorp") for n in range(12)]
    events = [(one.day, one.locality, one.kind) for one in [*calm, *surge]]
    local = LocalSignals.of(events, MONDAY + timedelta(days=6))
    assert local is not None
    flagged = flags(local.looks(), Levels({WatchMethod.SIGNALS: 0.01}))
    found = week_of([*calm, *surge], MONDAY, flags=flagged)
    assert found.growing == ["Provtorp"]
    assert week_words.three_numbers(found)[1].value == "1"
    assert week_of([*calm, *surge], MONDAY + SEVEN, flags=flagged).growing == []


def test_nothing_known_is_not_nothing_happened() -> None:
    found = week_of([], MONDAY)
    assert (found.total, found.before, found.usual) == (None, None, None)
    assert week_words.total_text(found) == "Inga signaler har kommit in än. Det säger inget om hur det är."
    assert week_words.three_numbers(found)[0].value == "–"
    first = week_of([signal(1, MONDAY), signal(2, MONDAY + SEVEN)], MONDAY)
    assert (first.total, first.before, first.known) == (1, None, 1)  # the later one is not looked at
    assert "går en vecka tillbaka" in week_words.total_text(first)


def test_a_week_without_signals_after_the_first_is_a_zero() -> None:
    found = week_of([signal(1, MONDAY - 9 * SEVEN)], MONDAY)
    assert (found.total, found.before) == (0, 0)
    assert found.usual is not None
    assert found.usual.mean == 0


# --- who reported ---


def test_reporters_are_persons_and_senders() -> None:
    told = [
        signal(1, MONDAY, reporter_id="a"),
        signal(2, MONDAY, reporter_id="a"),
        signal(3, MONDAY, reporter_id="", batch_id="b1"),
        signal(4, MONDAY, reporter_id="", batch_id="b2"),
        signal(5, MONDAY - SEVEN, reporter_id="a"),
    ]
    found = week_of(told, MONDAY, senders={"b1": "Bostadsbolaget", "b2": "Bostadsbolaget"}).reporting
    assert (found.active, found.before, found.new) == (2, 1, 1)
    assert found.each == 2.0


def test_who_has_reported_from_elsewhere_is_not_new_at_a_place_and_its_empty_weeks_are_zeros() -> None:
    here = [signal(1, MONDAY, reporter_id="a"), signal(2, MONDAY, reporter_id="b")]
    elsewhere = [signal(3, MONDAY - 9 * SEVEN, reporter_id="a", locality="Provtorp")]
    alone, beside = week_of(here, MONDAY), week_of(here, MONDAY, everywhere=[*elsewhere, *here])
    assert (alone.before, alone.usual, alone.reporting.new) == (None, None, None)
    assert (beside.before, beside.known, beside.reporting.new) == (0, 10, 1)
    assert beside.usual is not None
    assert beside.usual.mean == 0
    later = week_of([], MONDAY, everywhere=[signal(4, MONDAY + SEVEN)])
    assert later.total is None
    assert week_words.signals_text(later) == "uppgift saknas."


def test_hours_can_be_of_a_longer_span() -> None:
    told = [signal(n, MONDAY - n * SEVEN, hour=20) for n in range(30)]
    assert week_of(told, MONDAY).rhythm.total == 8
    longer = week_of(told, MONDAY, rhythm_weeks=26)
    assert (longer.rhythm.total, longer.rhythm.by_weekday[0], longer.rhythm.first) == (
        26,
        26,
        MONDAY - 25 * SEVEN,
    )
    assert coarse(longer).rhythm == coarse(week_of(told, MONDAY)).rhythm


def test_a_week_in_which_many_report_is_said_to_be_one() -> None:
    told = [
        signal(100 * n + who, MONDAY - n * SEVEN, reporter_id=f"p{who}")
        for n in range(18)
        for who in range(8 if n in {0, 3} else 4)
    ]
    found = week_of(told, MONDAY)
    assert found.reporting.campaign
    assert found.reporting.campaigns == (MONDAY - 3 * SEVEN,)
    assert found.reporting.usual == 4.5
    said = " ".join(week_words.reporting_text(found))
    assert "8 rapportörer var aktiva, mot 4 veckan före och 4,5 i snitt." in said
    assert "kan bero på att fler rapporterar" in said
    assert "vecka 44 2026" in said
    assert not week_of(told, MONDAY - SEVEN).reporting.campaign


# --- the coarse picture ---


def _solved(values: list[int | None], sums: list[tuple[int, list[int]]]) -> list[tuple[float, float]]:
    """Return what a reader can work out of each hidden cell: a linear program of its own, not that of the program."""
    rows, right = [], []
    for total, parts in sums:
        row = np.zeros(len(values))
        row[total] = 1
        row[parts] = -1
        rows.append(row)
        right.append(0.0)
    limits = [(0, None) if value is None else (value, value) for value in values]
    found = []
    for n, value in enumerate(values):
        if value is None:
            ends = []
            for sign in (1, -1):
                wanted = np.zeros(len(values))
                wanted[n] = sign
                solved = linprog(wanted, A_eq=rows, b_eq=right, bounds=limits)
                ends.append(np.inf if solved.status == 3 else sign * float(solved.fun or 0.0))
            found.append((ends[0], ends[1]))
    return found


def counted(*counts: int) -> list[Counted]:
    return [
        Counted(name="abcdefgh"[n], now=count, before=None, usual=None, reporters=None)
        for n, count in enumerate(counts)
    ]


def picture(*counts: int) -> tuple[tuple[str, int | None], ...]:
    return tuple((one.name, one.now) for one in gathered(counted(*counts), "övriga"))


def test_what_is_small_is_gathered_with_the_least_of_the_others() -> None:
    assert picture(20, 8, 3, 0) == (("a", 20), ("övriga", 11))
    assert picture(20, 8, 8, 3) == (("a", 20), ("övriga", 19))
    assert picture(4, 4, 4) == ()
    assert picture(20, 3) == ()  # with the total that is shown, the one that is named would tell of the other
    assert picture() == ()


def test_no_small_number_can_be_worked_out_by_who_knows_all_names_and_how_they_are_gathered() -> None:
    """Every world of four kinds is tried: those that look the same must disagree on each kind that is not named."""
    looks: dict[tuple[int, tuple[tuple[str, int | None], ...]], list[tuple[int, ...]]] = {}
    for world in product(range(11), repeat=4):
        looks.setdefault((sum(world), picture(*world)), []).append(world)
    for (total, shown), worlds in looks.items():
        if not shown:
            continue
        assert sum(count or 0 for _, count in shown) == total
        assert all((count or 0) >= 5 for _, count in shown)
        for n in range(4):
            possible = {world[n] for world in worlds}
            assert max(possible) >= 5
            assert len(possible) > 1 or min(possible) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_no_small_number_of_kinds_or_localities_is_named(seed: int) -> None:
    week = week_of([replace(one, x=None, y=None) for one in town(weeks=12, each=30, seed=seed)], MONDAY)
    public = coarse(week)
    assert public.total == week.total
    assert public.kinds
    for full, some in ((week.kinds, public.kinds), (week.localities, public.localities)):
        counts = {one.name: one.now or 0 for one in full}
        assert not some or sum(one.now or 0 for one in some) == week.total
        assert all((one.now or 0) >= 5 for one in some)
        assert all(counts[one.name] == one.now for one in some[:-1])
        said = repr((week_words.counted_rows(public, some), week_words.spot_rows(public)))
        assert not [name for name, n in counts.items() if n < 5 and name in said]


def test_no_small_number_of_hours_and_weekdays_can_be_read_or_worked_out(week: Week, public: Week) -> None:
    found = public.rhythm
    inner = [value for row in found.counts for value in row]
    n = len(inner)
    values = [*inner, *found.by_band, *found.by_weekday, found.total, found.without_hour]
    whole = (week.fixed.total or 0) + (
        week.fixed.without_hour or 0
    )  # it can be added up from the weeks' totals
    values.append(whole)
    assert all(value is None or value >= 5 for value in values)
    assert any(value is not None for value in inner)
    bands, days = range(n, n + BANDS), range(n + BANDS, n + BANDS + 7)
    total = n + BANDS + 7
    sums = [(band, list(range(7 * b, 7 * b + 7))) for b, band in enumerate(bands)]
    sums += [(day, list(range(d, n, 7))) for d, day in enumerate(days)]
    sums += [(total, list(bands)), (total, list(days)), (total + 2, [total, total + 1])]
    solved = _solved(values, sums)
    assert solved
    for lower, upper in solved:
        assert upper - lower >= 1 - 1e-6
        assert upper >= 5 - 1e-6


@pytest.mark.parametrize("back", range(0, 24, 3))
def test_the_total_is_hidden_only_by_its_own_smallness(signals: list[Signal], back: int) -> None:
    """Else two weeks' pictures would show different things of the same week, and so tell what one hides."""
    thin = [replace(one, x=None, y=None) for one in signals if int(one.id[1:]) % 3 == 0]
    own = coarse(week_of(thin, MONDAY - back * SEVEN))
    later = coarse(week_of(thin, MONDAY - back * SEVEN + SEVEN))
    assert own.total == later.before
    assert (own.total is None) == (len(within(thin, MONDAY - back * SEVEN)) < 5)


def test_hours_are_of_spans_that_do_not_overlap(signals: list[Signal]) -> None:
    bare = [replace(one, x=None, y=None) for one in signals]
    pictures = [week_of(bare, MONDAY - n * SEVEN) for n in range(16)]
    spans = {(found.fixed.first, found.fixed.last) for found in pictures}
    ordered = sorted(spans)
    assert 2 <= len(ordered) <= 3
    assert all(one[1] < other[0] for one, other in pairwise(ordered))
    assert all((last - first).days == 55 for first, last in ordered)


def test_cells_of_the_map_hold_five_and_leave_five_outside(week: Week, public: Week) -> None:
    def cell(x: float, y: float) -> tuple[int, int]:
        return int(x // GRID_METRES), int(y // GRID_METRES)

    assert public.placed
    for one in public.placed:
        assert (one.x / GRID_METRES) % 1 == (one.y / GRID_METRES) % 1 == 0.5
        assert sum(cell(own.x, own.y) == cell(one.x, one.y) for own in week.placed) >= 5
        assert (one.kind, one.locality) == ("", "")
    assert (public.total or 0) - 5 * len(public.placed) >= 5


def test_a_cell_with_nearly_all_of_a_locality_is_not_shown() -> None:
    """Nine in the locality, seven in the cell: who sees both knows that there are few elsewhere."""
    told = [signal(n, MONDAY, x=100.0, y=100.0) for n in range(7)]
    told += [signal(10 + n, MONDAY, x=9_000.0, y=100.0) for n in range(2)]
    assert coarse(week_of(told, MONDAY)).placed == ()


def test_a_spot_is_named_by_a_locality_with_five_of_its_signals_only() -> None:
    there = [
        signal(n, MONDAY, x=500.0 + n, y=0.0, locality="Provby" if n < 4 else f"Provtorp {n}")
        for n in range(8)
    ]
    (spot,) = week_of(there, MONDAY).spots
    assert (spot.locality, spot.inside) == ("Provby", 4)
    found = coarse(week_of(there, MONDAY))
    assert [one.locality for one in found.spots] == [OTHER_LOCALITIES]
    assert "Provby" not in " ".join(told.text for told in week_words.three_numbers(found))


def test_spots_are_coarse_too(week: Week, public: Week) -> None:
    assert len(public.spots) == len(week.spots)
    for spot in public.spots:
        assert (spot.now, spot.before, spot.kinds, spot.points) == (None, None, (), ())
        assert spot.at is None or (spot.at[0] / GRID_METRES) % 1 == 0.5


def test_few_signals_and_few_reporters_are_not_counted() -> None:
    told = [signal(n, MONDAY, reporter_id=f"p{n}") for n in range(4)]
    found = coarse(week_of(told, MONDAY))
    assert (found.total, found.reporting.active, found.reporting.each, found.reporting.new) == (None,) * 4
    assert week_words.total_text(found) == "Färre än fem signaler."
    assert "4" not in " ".join(week_words.reporting_text(found))


def test_a_flags_numbers_are_not_told_with_what_is_to_be_done(week: Week) -> None:
    flag = Pending(
        kind=Kind.FLAG, text="Provby: 3 signaler, 1,2 väntade", owner="samordnaren", due=MONDAY, since=None
    )
    action = replace(flag, kind=Kind.ACTION, text="Vakter vid Storgatan 4")
    decision = replace(flag, kind=Kind.MEETING, text="Klipp buskarna")
    found = coarse(replace(week, pending=(flag, action, decision)))
    assert [one.text for one in found.pending] == ["Beslut om en flagga", "En åtgärd", "Klipp buskarna"]
    assert len(found.overdue) == 3
    assert coarse(found) is found


def test_the_week_that_is_over_is_the_last_one() -> None:
    assert last_whole(date(2026, 11, 23)) == MONDAY
    assert last_whole(date(2026, 11, 29)) == MONDAY
    with pytest.raises(ValueError, match="no Monday"):
        week_of([], MONDAY + timedelta(days=1))
