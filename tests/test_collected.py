"""A hole in the calendar is a hole: drawn and told, never zero, and never stepped over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.charts.months import months_chart
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data import reference
from lagesbild.data.collected import (
    Calendar,
    MonthStatus,
    calendar_of,
    latest_run,
    latest_weeks,
    missing_text,
    months_from,
    runs,
    span_text,
)
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import county, hindsight, reported
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots import exports as hotspot_exports
from lagesbild.hotspots.cube import whole_months
from lagesbild.hotspots.watching import LocalSeries
from lagesbild.statistics.seasonal import moving_sum
from lagesbild.trends import rhythm
from lagesbild.trends.rhythm import Series
from pipelines.publish import single_writer
from pipelines.run import ingest, prepare
from tests import world
from tests.conftest import Silent
from tests.sources.polisen_server import PolisenRoutes
from tests.sources.server import StandIn
from tests.test_hotspots import GRID, collected, crimes, grid, quiet, warehouse
from tests.test_hotspots import MONTHS as GRID_MONTHS
from tests.test_pages import text
from tests.test_rhythm import months_from as series_from
from tests.traces import traces

__all__ = ["grid"]
HOLE = "maj–september 2026"
TOLD = f"Notiser saknas för {HOLE}. De samlades inte in."


def days(first: date, last: date, *missing: date) -> list[tuple[date, bool]]:
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [(day, day not in missing) for day in every]


# --- the calendar


def test_a_month_may_lack_two_days_and_not_three() -> None:
    asked = days(
        date(2026, 1, 1),
        date(2026, 3, 31),
        date(2026, 2, 3),
        date(2026, 2, 28),
        *[date(2026, 3, n) for n in (1, 2, 3)],
    )
    assert Calendar.of(asked).statuses == (MonthStatus.WHOLE, MonthStatus.PARTLY, MonthStatus.PARTLY)
    assert Calendar.of(
        [pair for pair in asked if pair[0] != date(2026, 3, 1)] + [(date(2026, 3, 1), True)]
    ).statuses == (
        MonthStatus.WHOLE,
        MonthStatus.WHOLE,
        MonthStatus.WHOLE,
    )


def test_a_month_in_which_collection_stopped_is_not_whole() -> None:
    stopped = days(date(2026, 1, 1), date(2026, 3, 29))
    again = days(date(2026, 6, 1), date(2026, 7, 5))
    assert Calendar.of(stopped).whole == (date(2026, 1, 1), date(2026, 2, 1))  # March is not over
    calendar = Calendar.of([*stopped, *again])
    assert calendar.missing == (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1))
    assert calendar.statuses[2:5] == (MonthStatus.PARTLY, MonthStatus.MISSING, MonthStatus.MISSING)
    assert calendar.months[-1] == date(2026, 6, 1)
    assert calendar.told == "Notiser saknas för mars–maj 2026. De samlades inte in."


def test_days_asked_for_without_an_answer_are_missing_and_nothing_collected_is_no_month() -> None:
    silent = [(day, False) for day, _ in days(date(2026, 1, 1), date(2026, 2, 28))]
    assert Calendar.of(silent).months == ()
    assert Calendar.of([]).told == ""


def test_months_are_named_in_swedish() -> None:
    months = months_from(date(2025, 11, 1), date(2026, 1, 31))
    assert span_text(months) == "november 2025–januari 2026"
    assert span_text([*months, date(2026, 5, 1)]) == "november 2025–januari 2026 och maj 2026"
    assert missing_text([]) == ""
    assert [len(run) for run in runs([date(2025, 1, 1), date(2025, 4, 1), date(2025, 10, 1)], 3)] == [2, 1]


def test_the_latest_run_that_is_long_enough_is_used() -> None:
    before, after = (
        months_from(date(2024, 1, 1), date(2025, 6, 1)),
        months_from(date(2025, 9, 1), date(2026, 1, 1)),
    )
    assert latest_run([*before, *after], 12) == tuple(before)
    assert latest_run([*before, *after], 5) == tuple(after)
    assert latest_run([*before, *after], 36) == tuple(before)  # none is: the longest
    assert latest_run([], 12) == ()


def test_weeks_with_a_day_missing_end_a_run() -> None:
    known = [day for day, there in days(date(2026, 1, 1), date(2026, 3, 31), date(2026, 2, 11)) if there]
    assert latest_weeks(known, 3, date.max) == (date(2026, 2, 16), date(2026, 3, 29))
    assert latest_weeks(known, 52, date.max) == (date(2026, 2, 16), date(2026, 3, 29))
    assert latest_weeks(known, 3, date(2026, 3, 1)) == (date(2026, 1, 5), date(2026, 2, 8))
    assert latest_weeks([date(2026, 1, 1)], 1, date.max) is None


# --- series


def gapped(first: date, counts: list[float], *missing: int) -> Series:
    series = series_from(first, counts)
    values = series.counts.copy()
    values[list(missing)] = np.nan
    return replace(series, counts=values, missing=tuple(series.starts[n] for n in missing))


def test_a_sum_of_twelve_is_absent_where_any_of_the_twelve_is() -> None:
    values = [1.0] * 12 + [np.nan] + [2.0] * 13
    found = moving_sum(values)
    assert found[11] == 12
    assert np.isnan(found[12:24]).all()
    assert found[24:].tolist() == [24, 24]


def test_a_wheel_has_years_in_a_row() -> None:
    series = gapped(date(2022, 1, 1), [5.0] * 24 + [0.0] * 3 + [50.0] * 13, 24, 25, 26)
    wheel = rhythm.year_wheel(series)
    assert wheel is not None
    assert (wheel.first, wheel.last) == (date(2022, 1, 1), date(2023, 12, 1))
    assert wheel.shares.tolist() == pytest.approx([1 / 12] * 12)
    assert rhythm.year_wheel(gapped(date(2022, 1, 1), [5.0] * 40, 20)) is None


def test_a_quarter_with_a_missing_month_is_missing() -> None:
    found = rhythm.by_quarter(gapped(date(2025, 1, 1), [1.0] * 12, 4))
    assert found.missing == (date(2025, 4, 1),)
    assert np.isnan(found.counts).tolist() == [False, True, False, False]


def test_the_gap_is_shaded_and_no_line_is_drawn_over_it() -> None:
    figure = months_chart(gapped(date(2022, 1, 1), [5.0 + n % 12 for n in range(60)], 50, 51), "notiser")
    (band,) = figure.layout.shapes
    assert (band.x0, band.x1) == ("2026-02-14", "2026-04-16")
    assert "uppgifter saknas" in [note.text for note in figure.layout.annotations]
    lines = {trace.name: trace for trace in traces(figure)}
    assert np.isnan(lines["Medel av tolv månader"].y[50:]).all()
    assert max(lines["Trend"].x) == date(2026, 2, 1)  # the season is that of the run before


# --- what looks back


def without(connection: Any, *months: date) -> None:
    for month in months:
        connection.execute("DELETE FROM notice_day WHERE date_trunc('month', day) = ?", [month])


def test_the_cube_and_what_is_watched_stop_at_the_hole() -> None:
    with warehouse(quiet(3)) as store:
        without(store._connection, GRID_MONTHS[-4], GRID_MONTHS[-3])
        cube, watched = cubes.notice_cube(store), county.watched(store, "0101")
        series = rhythm.of_notices(store, "0101")
    assert watched is not None
    assert cube.months == watched.months == tuple(GRID_MONTHS[:-4])
    assert cube.counts.shape[0] == watched.counts.shape[1] == len(GRID_MONTHS) - 4
    assert cube.told_missing == "Notiser saknas för november–december 2025. De samlades inte in."
    assert series.starts == tuple(GRID_MONTHS[:-1])
    assert np.isnan(series.counts).tolist() == [False] * 34 + [True, True, False]


def test_a_run_after_the_hole_that_is_long_enough_is_the_one_used() -> None:
    with warehouse(quiet(3)) as store:
        without(store._connection, GRID_MONTHS[20])
        assert whole_months(store) == tuple(GRID_MONTHS[21:-1])
        assert whole_months(store, GRID_MONTHS[22]) == tuple(GRID_MONTHS[:20])
        replayed = county.watched(store, "0101", fewest=29)
        assert hindsight.of_counties(store, 6.0, "01") is None  # no run is long enough to replay
    assert replayed is not None
    assert replayed.months == tuple(GRID_MONTHS[:20])


def test_a_month_that_bra_published_for_nobody_is_a_hole() -> None:
    gone = GRID_MONTHS[30]
    with crimes(np.full((len(GRID_MONTHS), len(GRID)), 20)) as store:
        store._connection.execute("DELETE FROM observation WHERE period_start = ?", [gone])
        cube, series = cubes.crime_cube(store, "PROV"), rhythm.of_crime_type(store, "PROV", "0101")
        crimes_of = reported.of_warehouse(store, "PROV", 12)
    assert cube.months == tuple(GRID_MONTHS[:30])
    assert cube.told_missing == "Månadssiffror saknas för juli 2025."
    assert series.starts == tuple(GRID_MONTHS)
    assert series.missing == (gone,)
    assert np.isnan(series.counts[30])
    assert rhythm.by_quarter(series).missing == (date(2025, 7, 1),)
    assert crimes_of is not None
    assert np.isnan(crimes_of.counts[:, 30]).all()
    judged = reported.judged(crimes_of)
    assert np.isnan(judged.p[:, 30]).all()  # nothing is said of it
    assert np.isfinite(judged.p[:, 31]).all()  # and what comes after is judged


def test_localities_are_watched_over_whole_weeks_in_a_row() -> None:
    with world.known({code: f"Prov{code}" for code in GRID} | {"1861": "Hallsberg"}) as connection:
        collected(connection, date(2024, 1, 1), date(2025, 6, 1))
        collected(connection, date(2025, 9, 1), date(2025, 11, 1))
        connection.executemany(
            "INSERT INTO police_home VALUES ('1861', ?, 12, 'event', 'tillgrepp', 'Pålsboda', 'f')",
            [[date(2024, 3, 5)], [date(2025, 7, 5)], [date(2025, 10, 5)]],
        )
        (local,) = county._local(Warehouse.being_built(connection), "1861", None)
    assert (local.start, local.week(local.last)) == (date(2024, 1, 1), date(2025, 5, 19))
    assert local.weeks.tolist() == [9]
    assert LocalSeries.of([(date(2024, 3, 5), "x")], date(2025, 1, 5), since=date(2024, 4, 1)) is None


# --- the case: shipped notices to April 2026, and a first feed of October and November


def feed() -> list[dict[str, Any]]:
    """A feed that begins on 2 October 2026, of invented notices."""
    place = "Hallsberg"
    start = datetime(2026, 10, 2, 12, 10, tzinfo=UTC)
    found = [world.notice(940_000 + n, start + timedelta(days=3 * n), "Stöld", place) for n in range(8)]
    found += [
        world.notice(940_050 + n, start + timedelta(days=2 + n), "Misshandel", "Örebro") for n in range(20)
    ]
    found += [
        world.notice(940_080 + n, start + timedelta(days=1 + 6 * n), "Stöld", "Ljusnarsberg")
        for n in range(4)
    ]
    return [*found, world.notice(940_090, start + timedelta(days=34), "Stöld", place)]


@pytest.fixture(scope="module")
def with_gap(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation with the shipped figures whose first feed came in November 2026."""
    settings = Settings(home=tmp_path_factory.mktemp("gap"))
    with single_writer(settings):
        prepare(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.archive.RawArchive.put", _dated(datetime(2026, 11, 25, 9, 0, tzinfo=UTC)))
        with StandIn(PolisenRoutes(feed())) as server:
            (outcome,) = ingest(replace(settings, base_urls={"polisen": server.url}), Silent(), ["polisen"])
    assert outcome.outcome == "ok", outcome.message
    return settings


def _dated(moment: datetime) -> Any:
    """Archive answers as of a day, so that the test is the same on every day."""
    from pipelines.archive import RawArchive

    put = RawArchive.put

    def dated(
        self: RawArchive, source_id: str, request: Any, content: bytes, _: datetime, headers: Any = None
    ) -> Any:
        return put(self, source_id, request, content, moment, headers)

    return dated


@pytest.fixture
def holed(with_gap: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    monkeypatch.undo()  # the real borders
    with Warehouse.current(with_gap.warehouse_folder) as opened:
        yield opened


def test_the_calendar_of_the_case(holed: Warehouse) -> None:
    calendar = calendar_of(holed)
    assert calendar.told == TOLD
    assert calendar.whole[-2:] == (date(2026, 4, 1), date(2026, 10, 1))


def test_charts_say_and_draw_the_hole(holed: Warehouse) -> None:
    drawn_from = ChartContext(holed, Panel(holed))
    chart = build(drawn_from, "notice-months", {"home": "1861"})
    assert f"Uppgifter saknas för {HOLE}." in chart.subtitle
    table = {row[0]: row[1:] for row in chart.table.rows}
    assert table["2026-07"] == (None, "uppgifter saknas")
    assert table["2026-10"][0] == 8
    assert "de senaste tolv månaderna" not in " ".join(chart.said)
    assert "tolv månader till och med april 2026" in " ".join(chart.said)
    county_chart = build(drawn_from, "county-notices", {"home": "1861"})
    states = {row[0]: row[3] for row in county_chart.table.rows}
    assert (states["2026-04"], states["2026-07"], states["2026-10"], states["2026-11"]) == (
        "hel",
        "uppgifter saknas",
        "hel",
        "delvis",
    )
    assert TOLD in county_chart.subtitle
    wheel = build(drawn_from, "notice-wheel", {"home": "1861"})
    assert "maj 2023–april 2026" in wheel.subtitle
    clock = build(drawn_from, "notice-clock", {"home": "1861"})
    assert "april 2023–april 2026" in clock.subtitle
    assert TOLD in build(drawn_from, "spot-map", {"home": "1861", "category": "alla"}).subtitle


#: What nobody may say of months that do not follow on each other, or of what ended long ago.
PRETENDING = re.compile(
    r"de senaste (tre|två|tolv|3) månaderna|den senaste månaden|just nu:|flagga\w* just nu", re.I
)


def test_no_exported_sentence_steps_over_the_hole(holed: Warehouse) -> None:
    found = hotspot_exports.found(holed, "1861", "alla")
    assert (found["last"], found["missing_text"]) == ("2026-04", TOLD)
    told = json.dumps(found, ensure_ascii=False)
    assert not PRETENDING.search(told)
    for flag in found["flags"]:
        assert max(one["from"] for one in flag["seen"]) < "2026-05"


@pytest.mark.parametrize("name", ["trender", "hotspots", "datakallor"])
def test_the_pages_say_what_is_missing_and_pretend_nothing(
    name: str, with_gap: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the real borders
    for key, value in environment_of(with_gap).items():
        monkeypatch.setenv(key, value)
    app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=120).run()
    assert not app.exception
    said = text(app)
    assert TOLD in said
    assert not PRETENDING.search(said), PRETENDING.search(said)
    if name == "hotspots":
        assert "till och med andra kvartalet 2026" in said
    if name == "datakallor":
        assert "2022–2026, med luckor" in said
    assert reference.sources()["polisen"].attribution in said
