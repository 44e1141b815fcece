"""What the figures say of a promise: the period and the years before it, and every sentence of all municipalities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from lagesbild.answers.numbers import not_in_figures
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.signals.promises import Activity, Direction, Every, Promise
from lagesbild.statistics.periods import Against, Moved
from lagesbild.trends import followed, promise_words
from lagesbild.trends.followed import Part, Reason, Status, Wanted, Where
from tests import reading
from tests.traces import traces

FIRST = (date(2018, 10, 1), date(2019, 9, 30))
SECOND = (date(2019, 11, 28), date(2021, 5, 31))
PERIODS = {"2018-2019": FIRST, "2019-2021": SECOND}
#: What the shipped promises are followed with, and all crimes by quarter.
MEASURES = [
    ("N07540", Every.QUARTER),
    ("SOL_INBROTT", Every.YEAR),
    ("SOL_NARKOTIKA_VAPEN", Every.YEAR),
]
#: By hand: which steps are the period, and which are the three years before.
YEARS = {"2018-2019": ([2019], [2015, 2016, 2017]), "2019-2021": ([2020], [2016, 2017, 2018])}
QUARTERS = {
    "2018-2019": ([(2018, 4), (2019, 1), (2019, 2), (2019, 3)], (2015, 4)),
    "2019-2021": ([(2020, 1), (2020, 2), (2020, 3), (2020, 4), (2021, 1), (2021, 2)], (2016, 4)),
}


def promise(**changed: object) -> Promise:
    given: dict[str, object] = {
        "text": "Färre inbrott.",
        "first": SECOND[0],
        "last": SECOND[1],
        "by": ("kommunen",),
        "indicator": "SOL_INBROTT",
        "direction": Direction.FEWER,
    }
    return Promise(**{**given, **changed})  # type: ignore[arg-type]


# --- which steps are the period ---


def steps(first: date, last: date, every: Every, breaks: Sequence[date] = ()) -> dict[date, Where]:
    months = range(1, 13, 12 if every is Every.YEAR else 3)
    starts = [date(year, month, 1) for year in range(2014, 2024) for month in months]
    ends = [followed._end(start, every) for start in starts]
    return dict(zip(starts, followed.split(starts, ends, first, last, breaks), strict=True))


def of(found: dict[date, Where], where: Where) -> list[date]:
    return [start for start, one in found.items() if one is where]


def test_a_year_is_in_the_period_when_half_of_it_is_and_else_in_neither() -> None:
    found = steps(*SECOND, Every.YEAR)
    assert of(found, Where.DURING) == [date(2020, 1, 1)]
    assert of(found, Where.PARTLY) == [date(2019, 1, 1), date(2021, 1, 1)]
    assert of(found, Where.BEFORE) == [date(2016, 1, 1), date(2017, 1, 1), date(2018, 1, 1)]
    assert of(found, Where.AFTER) == [date(2022, 1, 1), date(2023, 1, 1)]


def test_quarters_are_held_against_three_whole_years() -> None:
    found = steps(*FIRST, Every.QUARTER)
    assert of(found, Where.DURING) == [
        date(2018, 10, 1),
        date(2019, 1, 1),
        date(2019, 4, 1),
        date(2019, 7, 1),
    ]
    assert (len(of(found, Where.BEFORE)), of(found, Where.BEFORE)[0]) == (12, date(2015, 10, 1))
    assert of(found, Where.PARTLY) == []


def test_nothing_before_a_break_is_learnt_from() -> None:
    found = steps(*SECOND, Every.YEAR, [date(2018, 1, 1)])
    assert of(found, Where.BEFORE) == [date(2018, 1, 1)]


# --- all municipalities ---


@cache
def _plain(warehouse: Warehouse, indicator: str, every: Every) -> dict[tuple[str, int, int], float]:
    """Return counts by code, year and quarter (0 for a year), straight from the warehouse."""
    if every is Every.YEAR:
        rows = queries.yearly(warehouse, indicator).select("code", "year", "count").iter_rows()
        return {(code, year, 0): count for code, year, count in rows if count is not None}
    rows = queries.monthly(warehouse, "SOL_TOTALT", "quarter").select("code", "month", "count").iter_rows()
    return {(code, day.year, (day.month + 2) // 3): count for code, day, count in rows if count is not None}


@cache
def _people(warehouse: Warehouse, every: Every) -> dict[tuple[str, int], float]:
    if every is Every.QUARTER:
        return {
            (code, year): n for year, by in queries.populations(warehouse).items() for code, n in by.items()
        }
    rows = queries.yearly(warehouse, "SOL_TOTALT").filter(pl.col("exposure").is_not_null())
    return {(code, year): n for code, year, n in rows.select("code", "year", "exposure").iter_rows()}


def by_hand(
    warehouse: Warehouse, code: str, indicator: str, every: Every, period: str
) -> tuple[list[float], float]:
    """Return the counts of a period and what is expected of them, worked out step by step."""
    counts, people = _plain(warehouse, indicator, every), _people(warehouse, every)
    if every is Every.YEAR:
        during, before = ([(year, 0) for year in part] for part in YEARS[period])
    else:
        during, begins = QUARTERS[period]
        every_quarter = [(year, quarter) for year in range(2015, 2020) for quarter in (1, 2, 3, 4)]
        before = every_quarter[every_quarter.index(begins) :][:12]
    own, usual = [], 0.0
    for year, quarter in during:
        own.append(counts[code, year, quarter])
        same = [(y, q) for y, q in before if q == quarter and (code, y, q) in counts]
        rate = sum(counts[code, y, q] for y, q in same) / sum(people[code, y] for y, _ in same)
        usual += rate * people[code, year]
    return own, usual


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize(("indicator", "every"), MEASURES, ids=str)
def test_every_sentence_of_every_municipality_says_what_its_figures_are(
    indicator: str, every: Every, period: str, panel: Panel
) -> None:
    warehouse, measure = panel.warehouse, panel.indicators[indicator]
    hand = {code: by_hand(warehouse, code, indicator, every, period) for code in panel.codes}
    read = Counter[Status]()
    for home in panel.codes:
        found = followed.follow(panel, home, indicator, *PERIODS[period], every)
        members = next(kind.group(home) for kind in panel.kinds.values() if kind.group(home)).members  # type: ignore[union-attr]
        ratios = [sum(hand[code][0]) / hand[code][1] for code in members if hand[code][1] > 0]
        try:
            status = reading.promise(found, measure, panel.names[home], *hand[home], float(np.median(ratios)))
        except AssertionError as error:
            raise AssertionError(f"{panel.names[home]}, {indicator}, {every}, {period}") from error
        read[status] += 1
    assert sum(read.values()) == 290
    assert set(read) == {Status.FEWER, Status.MORE, Status.NO_CERTAIN}
    # What differs from the own group is rarer than what differs from the own years: about one in twenty.
    apart = sum(_against_group(panel, home, indicator, every, period) for home in panel.codes)
    assert 10 <= apart <= 25


def _against_group(panel: Panel, home: str, indicator: str, every: Every, period: str) -> bool:
    during = followed.follow(panel, home, indicator, *PERIODS[period], every).during
    return bool(during and during.group and during.group.home and during.group.home.moved is not Moved.NONE)


def test_survey_answers_are_told_with_the_years_margins(panel: Panel) -> None:
    read = 0
    for home in panel.codes:
        found = followed.follow(panel, home, "NTU_OTRYGG", *SECOND)
        if found.during is None:
            continue
        measure = panel.indicators["NTU_OTRYGG"]
        said = [reading.plain(text) for text in promise_words.finding(found, measure)]
        for text in said:
            reading.clean(text)
        status = followed.status_in_figures(found)
        assert ("mer än felmarginalen förklarar" in said[1]) == (status is not Status.NO_CERTAIN)
        assert found.before is not None
        assert found.during.first.year - found.before[0].year >= 2
        read += 1
    assert read >= 15


# --- what cannot be told ---


@pytest.mark.parametrize(
    ("indicator", "period", "every", "reason"),
    [
        ("N07540", FIRST, Every.YEAR, Reason.NO_BEFORE),  # Kolada's total begins in 2019
        ("SOL_INBROTT", (date(2020, 5, 1), date(2020, 8, 31)), Every.YEAR, Reason.TOO_SHORT),
        ("SOL_INBROTT", (date(2025, 1, 1), date(2026, 12, 31)), Every.YEAR, Reason.WAITING),
        ("SOL_INBROTT", (date(2030, 1, 1), date(2030, 12, 31)), Every.YEAR, Reason.NO_FIGURES),
        ("BI_BOSTAD", SECOND, Every.YEAR, Reason.NO_FIGURES),
        ("SOL_INBROTT", (date(2016, 1, 1), date(2016, 12, 31)), Every.YEAR, Reason.NO_BEFORE),
    ],
)
def test_what_cannot_be_followed_says_why(
    indicator: str, period: tuple[date, date], every: Every, reason: Reason, panel: Panel
) -> None:
    found = followed.follow(panel, "1861", indicator, *period, every)
    assert (found.during, found.reason) == (None, reason)
    (said,) = promise_words.finding(found, panel.indicators[indicator])
    assert said.endswith(".")
    status = followed.status_in_figures(found)
    assert status is (Status.WAITING if reason is Reason.WAITING else Status.NOT_IN_FIGURES)


def test_a_period_that_goes_on_is_not_judged(panel: Panel) -> None:
    found = followed.follow(panel, "1861", "SOL_INBROTT", *SECOND)
    assert followed.status_of(promise(), found, SECOND[1]) is Status.ONGOING
    assert followed.status_of(promise(), found, SECOND[1] + timedelta(1)) is Status.NO_CERTAIN
    assert followed.status_of(promise(), None, SECOND[1] + timedelta(1)) is Status.NOT_IN_FIGURES


# --- what was promised ---


def part(observed: float, lower: float, upper: float, moved: Moved) -> followed.Followed:
    own = Against(observed=observed, expected=100, lower=lower, upper=upper, z=0.0, moved=moved)
    during = Part(first=date(2020, 1, 1), last=date(2020, 12, 31), own=own)
    return followed.Followed(indicator="x", every=Every.YEAR, first=SECOND[0], last=SECOND[1], during=during)


FEWER, MORE = part(60, 45, 80, Moved.FEWER), part(150, 120, 185, Moved.MORE)
SAME = part(99, 96, 103, Moved.NONE)
UNSURE = part(80, 60, 105, Moved.NONE)


@pytest.mark.parametrize(
    ("direction", "size", "found", "wanted"),
    [
        (Direction.FEWER, None, FEWER, Wanted.YES),
        (Direction.FEWER, None, MORE, Wanted.NO),
        (Direction.FEWER, None, UNSURE, Wanted.UNSURE),
        (Direction.FEWER, 10.0, FEWER, Wanted.YES),
        (Direction.FEWER, 30.0, FEWER, Wanted.UNSURE),
        (Direction.FEWER, 60.0, FEWER, Wanted.NO),
        (Direction.MORE, None, MORE, Wanted.YES),
        (Direction.MORE, 10.0, MORE, Wanted.YES),
        (Direction.MORE, 50.0, MORE, Wanted.UNSURE),
        (Direction.MORE, 10.0, FEWER, Wanted.NO),
        (Direction.UNCHANGED, 5.0, SAME, Wanted.YES),
        (Direction.UNCHANGED, 5.0, MORE, Wanted.NO),
        (Direction.UNCHANGED, 5.0, UNSURE, Wanted.UNSURE),
        (Direction.UNCHANGED, None, SAME, None),
        (None, None, FEWER, None),
    ],
)
def test_a_target_is_reached_or_missed_only_when_the_whole_margin_says_so(
    direction: Direction | None, size: float | None, found: followed.Followed, wanted: Wanted | None
) -> None:
    asked = promise(direction=direction, size=size)
    assert followed.wanted_of(asked, found) is wanted
    said = promise_words.wanted_text(asked, wanted)
    assert bool(said) == (wanted is not None)
    assert ("räcker inte" in said) == (wanted is Wanted.UNSURE)
    assert ("inte åt det hållet" in said or "blev det inte" in said) == (wanted is Wanted.NO)


def test_activities_that_nobody_has_told_of_are_missing_and_not_undone() -> None:
    told = [Activity(text="a", done=date(2020, 1, 1)), Activity(text="b")]
    assert promise_words.done_text(told[1]) == "uppgift saknas"
    assert promise_words.done_count(told) == "En av två aktiviteter är gjord; för resten saknas uppgift."
    assert promise_words.done_count(told[:1]) == "Aktiviteten är gjord."
    assert promise_words.done_count(told[1:]) == "Om aktiviteten är gjord: uppgift saknas."
    assert promise_words.done_count([told[1]] * 3) == "Om de tre aktiviteterna är gjorda: uppgift saknas."
    assert promise_words.done_count([]) == ""
    assert promise_words.done_count([replace(told[0]), told[0]]) == "Båda aktiviteterna är gjorda."


# --- local signals ---


def days(first: date, last: date, each: int) -> list[date]:
    return [first + timedelta(n) for n in range(0, (last - first).days + 1, each)]


def test_local_signals_are_held_against_the_same_days_a_year_before() -> None:
    asked = promise(indicator="signal:klotter", first=date(2026, 1, 1), last=date(2026, 6, 30))
    seen = days(date(2024, 12, 1), date(2025, 12, 31), 1) + days(date(2026, 1, 1), date(2026, 6, 30), 4)
    found = followed.follow_signals(seen, asked, date(2026, 8, 1))
    assert followed.status_of(asked, found, date(2026, 8, 1)) is Status.FEWER
    assert found.during is not None
    assert (found.during.own.observed, found.during.own.expected) == (46, 181)
    (first, *_) = promise_words.signals_finding(found)
    assert "46 signaler under perioden, 75 procent färre än samma dagar året före (181)" in first


@pytest.mark.parametrize(
    ("seen", "today", "reason"),
    [
        ([], date(2026, 8, 1), Reason.NO_FIGURES),
        (days(date(2026, 1, 1), date(2026, 6, 30), 2), date(2026, 8, 1), Reason.NO_BEFORE),
        (days(date(2024, 12, 1), date(2026, 6, 30), 60), date(2026, 8, 1), Reason.TOO_FEW),
        (days(date(2024, 12, 1), date(2026, 6, 30), 2), date(2026, 5, 1), Reason.WAITING),
    ],
)
def test_few_or_unknown_signals_are_not_told_of(seen: list[date], today: date, reason: Reason) -> None:
    asked = promise(indicator="signal:klotter", first=date(2026, 1, 1), last=date(2026, 6, 30))
    found = followed.follow_signals(seen, asked, today)
    assert (found.during, found.reason) == (None, reason)
    assert promise_words.signals_finding(found)[0].endswith(".")


# --- what comes with the program, and the chart ---


def test_hallsbergs_promises_come_with_the_program_and_invent_no_doings(panel: Panel) -> None:
    shipped = followed.shipped("1861")
    assert [(one.first, one.last) for one in shipped] == [SECOND] * 3 + [FIRST] * 4
    for one in shipped:
        assert one.activities == ()
        assert one.indicator in {"", *panel.indicators}
        assert one.by == ("kommunen", "polisen")
    # Operations against drugs are followed by what is done: their figure has no wanted direction.
    assert all(one.direction is None for one in shipped if one.indicator == "SOL_NARKOTIKA_VAPEN")
    assert "medborgarlöften" in followed.shipped_source("1861")
    assert followed.shipped("1880") == ()


def test_the_chart_shades_the_period_and_its_bars_are_the_table(panel: Panel) -> None:
    context = ChartContext(panel.warehouse, panel)
    asked = {"home": "1861", "indicator": "SOL_INBROTT", "begins": "2019-11-28", "ends": "2021-05-31"}
    chart = build(context, "promise", asked)
    assert chart.title == "Inbrottsstöld i Hallsberg: ingen säker skillnad under perioden"
    (shade,) = chart.figure.layout.shapes
    assert (shade.x0, shade.x1) == ("2019-11-28", "2021-06-01")
    bars = next(trace for trace in traces(chart.figure) if trace.type == "bar")
    assert list(bars.y) == [row[2] for row in chart.table.rows]
    during = [row for row in chart.table.rows if row[3] == "under perioden"]
    assert [(row[0], row[2]) for row in during] == [("2020-01-01", 135)]
    assert not not_in_figures(" ".join((*chart.said, chart.title)), [chart])
    quarters = build(context, "promise", {**asked, "indicator": "N07540", "step": "quarter"})
    assert sum(row[3] == "under perioden" for row in quarters.table.rows) == 6


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"step": "week"}, "year .* eller quarter"),
        ({"begins": "i fjol"}, "ÅÅÅÅ-MM-DD"),
        ({"begins": "2022-01-01"}, "före den första"),
        ({"ends": ""}, "både begins och ends"),
        ({"indicator": "X"}, "Okänt nyckeltal"),
        ({"group": "x"}, "Okänd jämförelsegrupp"),
        ({"indicator": "SOL_INBROTT", "step": "quarter"}, "inga siffror per kvartal"),
    ],
)
def test_a_chart_that_cannot_be_drawn_says_why(changed: dict[str, str], told: str, panel: Panel) -> None:
    asked = {"home": "1861", "indicator": "SOL_INBROTT", "begins": "2019-11-28", "ends": "2021-05-31"}
    with pytest.raises(ChartError, match=told):
        build(ChartContext(panel.warehouse, panel), "promise", {**asked, **changed})
