"""Police notices that are odd one by one, and the days nobody collected: told, and never taken for silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lagesbild.config import Settings
from lagesbild.data.state import connect
from lagesbild.data.warehouse import Warehouse, create_schema, queries
from pipelines import http
from pipelines import run as running
from pipelines.contract import Batch, Document, Request, RunContext, SourceError
from pipelines.policy import Policy
from pipelines.publish import single_writer
from pipelines.registry import SOURCES
from pipelines.run import SourceOutcome, ingest, prepare
from pipelines.sources.polisen import Polisen, redact
from tests import world
from tests.conftest import FakeClock, Silent, set_policy
from tests.sources.polisen_server import PolisenRoutes
from tests.sources.server import StandIn
from tests.world import notice

NAMES = {
    "1861": "Hallsberg",
    "1880": "Örebro",
    "1427": "Sotenäs",
    "1737": "Torsby",
    "0767": "Markaryd",
    "0643": "Habo",
    "0305": "Håbo",
}
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CASES = (
    "polisen_one_null_summary",
    "polisen_title_without_place",
    "polisen_event_after_publication",
    "polisen_county_without_lan",
)


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with world.known(NAMES) as connection:
        yield connection


def document(
    notices: Any, number: int = 1, part: str = "newest", at: datetime = NOW, **tags: str
) -> Document:
    content = notices if isinstance(notices, bytes) else json.dumps(notices).encode()
    return Document(
        request=Request(url="http://x/api/events", part=part, tags=tags),
        fetch_id=f"f{number}",
        fetched_at=at,
        sha256="0",
        content=content,
    )


def parsed(store: duckdb.DuckDBPyConnection, *documents: Document) -> Batch:
    source, there = (
        Polisen(),
        RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        ),
    )
    batch = source.parse(documents, there)
    source.validate(batch, there)
    return batch


def rows(batch: Batch) -> list[dict[str, Any]]:
    return batch.tables["police_event"].to_dicts()


def many(
    count: int,
    newest: datetime,
    apart: timedelta = timedelta(minutes=20),
    place: str = "Hallsberg",
    **changed: Any,
) -> list[dict[str, Any]]:
    """Notices newest first; a clock in UTC+1."""
    local = newest + timedelta(hours=1)
    return [notice(9_000 - n, local - n * apart, "Stöld", place, **changed) for n in range(count)]


def collected(batch: Batch) -> list[str]:
    days = batch.tables["notice_day"]
    return [str(day) for day in days.filter(days["collected"])["day"]]


# --- odd notices


def case(shared: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        (shared / "data/formats/cases" / name / "answer.json").read_text("utf-8")
    )
    return found


def test_a_null_summary_costs_one_notice(shared: Path, store: duckdb.DuckDBPyConnection) -> None:
    batch = parsed(store, document(case(shared, "polisen_one_null_summary")))
    assert [row["code"] for row in rows(batch)] == ["1737", "0767"]
    assert "1 oläsliga notiser utelämnade: notis 1 (id 990000)" in batch.remarks[0]
    assert "fältet summary saknas" in batch.remarks[0]


def test_a_title_that_lost_its_place_has_it_from_the_address(
    shared: Path, store: duckdb.DuckDBPyConnection
) -> None:
    batch = parsed(store, document(case(shared, "polisen_title_without_place")))
    assert [row["code"] for row in rows(batch)] == ["1427", "1737", "0767"]
    assert "3 av 3 notiser fick sin kommun ur adressen" in batch.remarks[0]


def test_a_clock_time_after_publication_is_of_the_day_before(
    shared: Path, store: duckdb.DuckDBPyConnection
) -> None:
    (row,) = rows(parsed(store, document(case(shared, "polisen_event_after_publication"))))
    assert row["occurred_at"] == datetime(2026, 4, 13, 18, 54, tzinfo=UTC)


def test_a_clock_a_few_minutes_fast_is_the_time_of_publication(store: duckdb.DuckDBPyConnection) -> None:
    one = notice(
        1,
        NOW,
        "Brand",
        "Hallsberg",
        datetime="2026-04-14 9:27:31 +02:00",
        name="14 april 09.40, Brand, Hallsberg",
    )
    (row,) = rows(parsed(store, document([one])))
    assert row["occurred_at"] == row["published_at"]


def test_a_county_without_lan_is_no_municipality_where_the_title_says_the_county(
    shared: Path, store: duckdb.DuckDBPyConnection
) -> None:
    (row,) = rows(parsed(store, document(case(shared, "polisen_county_without_lan"))))
    assert (row["code"], row["county_code"], row["precision"]) == (None, "18", "county")


def test_names_alike_in_an_address_are_told_apart_by_the_county(store: duckdb.DuckDBPyConnection) -> None:
    def lost(number: int, county: str) -> dict[str, Any]:
        return notice(
            number,
            NOW,
            "Brand",
            "",
            name="25 november 08.00, Brand",
            url="/x/25-november-08.00-brand-habo/",
            location={"name": county, "gps": ""},
        )

    counties = ("Jönköpings län", "Uppsala län", "Sverige")
    found = rows(parsed(store, document([lost(n, county) for n, county in enumerate(counties)])))
    assert [row["code"] for row in found] == ["0643", "0305", None]


@pytest.mark.parametrize(
    "moment", ["2026-11-24T09:15:00+01:00", "2026-11-24T08:15:00Z", "2026-11-24T9:15:00.5+0100"]
)
def test_iso_8601_is_read(moment: str, store: duckdb.DuckDBPyConnection) -> None:
    found = rows(parsed(store, document(many(500, NOW, datetime=moment))))
    assert len(found) == 500
    assert found[0]["published_at"].replace(microsecond=0) == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["2026-11-24T09:15:00", "24/11 2026 09:15", "", "i går"])
def test_a_moment_without_a_zone_or_of_another_form_is_refused_by_name(
    moment: str, store: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(SourceError, match=r"fältet datetime har oväntad form: .* 500 av 500"):
        parsed(store, document(many(500, NOW, datetime=moment)))


def test_when_hardly_any_notice_has_a_municipality_it_is_said_and_at_last_refused(
    store: duckdb.DuckDBPyConnection,
) -> None:
    feed = many(100, NOW)
    for one in feed[:75]:
        one |= {"name": "25 november 08.00, Stöld", "url": "/x/1/"}
    assert (
        "bara 25 procent av 100 notiser har en kommun, mot vanliga 71"
        in parsed(store, document(feed)).remarks
    )
    for one in feed[75:]:
        one |= {"name": "25 november 08.00, Stöld", "url": "/x/1/"}
    with pytest.raises(SourceError, match="bara 0 procent av 100 notiser har en kommun"):
        parsed(store, document(feed))


def test_half_a_character_or_a_number_too_large_costs_one_notice(store: duckdb.DuckDBPyConnection) -> None:
    feed = many(20, NOW)
    feed[3]["summary"] = "\ud800"
    feed[4]["id"] = 1 << 70
    batch = parsed(store, document(feed))
    assert len(rows(batch)) == 18
    assert batch.remarks[0].startswith("2 oläsliga notiser utelämnade")


# --- the same event under several ids


def test_an_event_told_of_twice_is_counted_once_and_both_ids_are_kept(
    store: duckdb.DuckDBPyConnection,
) -> None:
    moment = NOW - timedelta(days=1)
    title = "24 november 08.30, Stöld, Hallsberg"
    twins = [notice(n, moment + timedelta(minutes=n), "Stöld", "Hallsberg", name=title) for n in (7, 5, 6)]
    other = notice(8, moment, "Stöld", "Hallsberg", name=title, summary="En annan händelse.")
    year = notice(4, moment - timedelta(days=365), "Stöld", "Hallsberg", name=title)
    source = Polisen()
    for number, part in enumerate(([twins[0], other], [*twins[1:], year])):
        source.load(parsed(store, document(part, number)), store)
    found = store.execute("SELECT id, same_as FROM police_event ORDER BY id").fetchall()
    assert found == [(4, None), (5, None), (6, 5), (7, 5), (8, None)]
    counted = Warehouse.being_built(store)
    assert queries.notices_by_place(counted)["notices"].sum() == 3
    assert queries.notices_per_month(counted, "18")["notices"].sum() == 3
    assert queries.notices_by_clock(counted, "1861", date(2025, 1, 1), date(2027, 1, 1))["notices"].sum() == 3
    edited = {**twins[0], "summary": "Rättad."}
    source.load(parsed(store, document([edited], 3)), store)
    assert store.execute("SELECT same_as FROM police_event WHERE id = 7").fetchall() == [(None,)]


def test_the_same_event_is_known_after_its_text_has_expired(store: duckdb.DuckDBPyConnection) -> None:
    moment = NOW - timedelta(days=60)
    pair = [
        notice(n, moment, "Stöld", "Hallsberg", name="26 september 08.00, Stöld, Hallsberg") for n in (1, 2)
    ]
    other = {**pair[0], "id": 3, "summary": "Något annat."}
    before = parsed(store, document([*pair, other])).tables["police_event"]["event_hash"].to_list()
    content, _ = redact(json.dumps([*pair, other]).encode(), NOW)
    assert b"handelse" not in content.replace(b"/aktuellt/handelser/", b"")
    assert parsed(store, document(content)).tables["police_event"]["event_hash"].to_list() == before


def test_redaction_keeps_a_notice_beside_one_that_cannot_be_read() -> None:
    sound = notice(1, NOW - timedelta(days=90), "Stöld", "Hallsberg", summary="En man i Pålsboda")
    odd = [
        {**sound, "id": 2, "summary": None},
        {**sound, "id": 3, "datetime": "i går"},
        "x",
        {**sound, "summary": ["En man"]},
    ]
    content, following = redact(json.dumps([sound, *odd]).encode(), NOW)
    left = json.loads(content)
    assert following is None
    assert [one.get("summary") for one in left] == ["pålsboda", None, "pålsboda", None, None]
    assert "En man" not in content.decode()


# --- which days are collected


def test_the_feed_covers_the_whole_days_between_its_oldest_notice_and_the_asking(
    store: duckdb.DuckDBPyConnection,
) -> None:
    batch = parsed(store, document(many(500, NOW)))  # 500 x 20 minutes: from 18 November
    assert collected(batch) == [f"2026-11-{day}" for day in range(19, 25)]


def test_an_old_notice_that_comes_up_again_is_no_limit_of_the_feed(store: duckdb.DuckDBPyConnection) -> None:
    feed = [*many(499, NOW), notice(1, NOW - timedelta(days=300), "Stöld", "Hallsberg")]
    assert collected(parsed(store, document(feed)))[0] == "2026-11-19"


def test_a_feed_that_stands_still_tells_nothing_of_the_silence(store: duckdb.DuckDBPyConnection) -> None:
    batch = parsed(store, document(many(500, NOW - timedelta(days=100))))
    assert collected(batch)[-1] == "2026-08-16"


@pytest.mark.parametrize(
    ("part", "period", "count", "expected"),
    [
        ("day", "2026-11-20", 60, ["2026-11-20"]),
        ("day", "2026-11-20", 500, []),  # full: there may be more
        ("day", "2026-11-20", 0, []),  # the service forgets; the country is never silent
        ("day", "2026-11-25", 60, []),  # the day is not over
        ("month", "2026-10", 0, []),
    ],
)
def test_a_period_that_is_over_and_not_full_is_collected(
    part: str, period: str, count: int, expected: list[str], store: duckdb.DuckDBPyConnection
) -> None:
    newest = datetime.fromisoformat(f"{period[:10]:-<7}" if part == "day" else f"{period}-28").replace(
        hour=20, tzinfo=UTC
    )
    batch = parsed(store, document(many(count, newest, timedelta(minutes=2)), 1, part, period=period))
    found = collected(batch) if "notice_day" in batch.tables else []
    assert found == expected


def test_a_month_is_collected_from_where_the_services_memory_begins(store: duckdb.DuckDBPyConnection) -> None:
    newest = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
    remembered = many(400, newest, timedelta(minutes=30))  # 8 days and 8 hours
    batch = parsed(store, document(remembered, 1, "month", period="2026-10"))
    assert collected(batch) == [f"2026-10-{day}" for day in range(24, 32)]
    assert batch.tables["notice_day"].height == 31  # the others were asked for, and are not collected


def test_a_day_asked_hour_by_hour_is_collected_when_all_hours_are(store: duckdb.DuckDBPyConnection) -> None:
    hours = [document([], n, "hour", period=f"2026-11-20 {n:02d}") for n in range(24)]
    assert collected(parsed(store, *hours)) == ["2026-11-20"]
    assert collected(parsed(store, *hours[:-1])) == []


def test_a_collected_day_stays_collected(store: duckdb.DuckDBPyConnection) -> None:
    source = Polisen()
    day = many(60, datetime(2026, 11, 20, 21, 0, tzinfo=UTC), timedelta(minutes=2))
    for number, content in enumerate((day, [], b"")):
        source.load(parsed(store, document(content, number, "day", period="2026-11-20")), store)
    assert store.execute("SELECT collected, fetch_id FROM notice_day").fetchall() == [(True, "f0")]


def test_the_day_on_which_the_feed_begins_is_asked_for_where_the_day_before_is_collected(
    store: duckdb.DuckDBPyConnection,
) -> None:
    source = Polisen()
    there = RunContext(
        settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
    )
    first = many(500, NOW - timedelta(days=6))  # asked on 19 November at nine
    source.load(parsed(store, document(first, 1, at=NOW - timedelta(days=6))), store)
    later = many(500, NOW)  # from 18 November: no notice is missed, but the 18th is whole in neither
    store.execute("DELETE FROM notice_day WHERE day >= '2026-11-18'")
    asked = source.follow(document(later, 2), there)
    assert [request.tags["period"] for request in asked] == ["2026-11-18"]
    store.execute("INSERT INTO notice_day VALUES ('2026-11-18', true, now(), 'f')")
    assert source.follow(document(later, 2), there) == []


# --- an installation with a gap


class Forgetful:
    """The stand-in, for which days before a date are forgotten in some way: empty, gone (404) or web page."""

    def __init__(self, notices: list[dict[str, Any]], before: str, way: str) -> None:
        self._sound, self._before, self.way = PolisenRoutes(notices), before, way
        self.asked: list[str] = []

    def __call__(
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> tuple[int, dict[str, str], bytes]:
        period = query.get("DateTime", "")
        self.asked.append(period)
        if period and period < self._before and self.way != "healed":
            return {"empty": (200, {}, b""), "gone": (404, {}, b"Not found"), "page": (200, {}, b"<html>")}[
                self.way
            ]
        return self._sound(method, path, query, body)


Run = Callable[..., SourceOutcome]


@pytest.fixture
def forgetting(
    settings: Settings, quick: Policy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], tuple[Forgetful, Run]]]:
    """Start a forgetful service: notices every seven minutes for the last nine days, days before five days ago forgotten."""
    set_policy(monkeypatch, replace(quick, permanent_404=True), "polisen")
    servers: list[StandIn] = []

    def start(way: str) -> tuple[Forgetful, Run]:
        now = datetime.now(UTC)
        notices = many(
            1800, now - timedelta(minutes=30), timedelta(minutes=7), world.municipalities()[world.HOME]
        )
        served = Forgetful(notices, (now - timedelta(days=5)).date().isoformat(), way)
        server = StandIn(served).__enter__()
        servers.append(server)
        there = replace(settings, base_urls={"polisen": server.url})
        with single_writer(there):
            prepare(there)

        def run(since: date | None = None) -> SourceOutcome:
            (outcome,) = ingest(there, Silent(), ["polisen"], since)
            return outcome

        return served, run

    yield start
    for server in servers:
        server.__exit__()


@pytest.mark.parametrize("way", ["empty", "gone", "page"])
def test_an_old_day_that_gives_nothing_is_named_and_the_feed_is_stored(
    way: str, forgetting: Callable[[str], tuple[Forgetful, Run]], settings: Settings
) -> None:
    _, run = forgetting(way)
    outcome = run()
    assert outcome.outcome == "ok", outcome.message
    assert outcome.count.new > 500
    gone = (datetime.now(UTC) - timedelta(days=7)).date()
    assert "inga notiser gavs för" in outcome.message
    assert "lagesbild ingest polisen --since" in outcome.message
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        days = dict(warehouse.frame("SELECT day, collected FROM notice_day").iter_rows())
        before = warehouse.frame("SELECT * FROM notice_day ORDER BY day")
    assert days[gone] is False
    assert days[(datetime.now(UTC) - timedelta(days=3)).date()] is True
    for file in settings.warehouse_folder.iterdir():  # an older schema: rebuilt from the archive alike
        file.unlink()
    with single_writer(settings):
        prepare(settings)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.frame("SELECT * FROM notice_day ORDER BY day").rows() == before.rows()


def test_a_404_is_left_alone_until_somebody_asks_for_that_time(
    forgetting: Callable[[str], tuple[Forgetful, Run]], settings: Settings
) -> None:
    served, run = forgetting("gone")
    run()
    served.way, served.asked = "healed", []
    since = (datetime.now(UTC) - timedelta(days=8)).date()
    outcome = run(since)
    assert outcome.outcome == "ok", outcome.message
    with connect(settings.state_file) as state:
        assert state.execute("SELECT count(*) FROM gone").fetchone()[0] > 0
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        days = dict(warehouse.frame("SELECT day, collected FROM notice_day").iter_rows())
    assert days[(datetime.now(UTC) - timedelta(days=7)).date()] is True


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The police's own rules, kept on this machine too, under a clock that the limiter and the service share."""
    clock = FakeClock(datetime.now(UTC).timestamp())
    monkeypatch.setattr(http, "is_loopback", lambda _host: False)
    monkeypatch.setattr(running, "Client", partial(http.Client, clock=clock))
    return clock


def test_an_ingest_keeps_to_the_pace_of_the_police(paced: FakeClock, settings: Settings) -> None:
    now = datetime.now(UTC)
    old = many(520, now - timedelta(days=6), place=world.municipalities()[world.HOME])
    feed = [*many(1_000, now, timedelta(minutes=7), world.municipalities()[world.HOME]), *old]
    for number, one in enumerate(feed):
        one["id"] = number + 1
    with StandIn(PolisenRoutes(feed, clock=paced.time)) as server:
        there = replace(settings, base_urls={"polisen": server.url})
        (outcome,) = ingest(there, Silent(), ["polisen"], (now - timedelta(days=3)).date())
    assert outcome.outcome == "ok", outcome.message
    assert paced.slept == [0, *[10] * (len(server.calls) - 1)]  # never told to slow down, never asked sooner
    assert len(server.calls) > 20


def test_a_pace_that_is_too_quick_is_noticed(
    paced: FakeClock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What shows that the test above can fail."""
    set_policy(monkeypatch, replace(SOURCES["polisen"].policy, min_interval=4, backoff=1), "polisen")
    feed = many(600, datetime.now(UTC), timedelta(minutes=7), world.municipalities()[world.HOME])
    with StandIn(PolisenRoutes(feed, clock=paced.time)) as server:
        there = replace(settings, base_urls={"polisen": server.url})
        (outcome,) = ingest(there, Silent(), ["polisen"], datetime.now(UTC).date())
    assert outcome.outcome == "unreachable"
    assert "felkod 429" in outcome.message


def test_a_long_way_back_goes_on_after_the_limit_of_an_hour_and_asks_nothing_twice(
    paced: FakeClock, settings: Settings
) -> None:
    """Seventy days of full months are up to 105 questions; sixty an hour are allowed."""
    now = datetime.now(UTC)
    since = (now - timedelta(days=70)).date()
    feed = many(7_500, now, timedelta(minutes=20), world.municipalities()[world.HOME])
    with StandIn(PolisenRoutes(feed, clock=paced.time)) as server:
        there = replace(settings, base_urls={"polisen": server.url})
        (first,) = ingest(there, Silent(), ["polisen"], since)
        calls = list(server.calls)
        paced.now += 3600
        (between,) = ingest(there, Silent(), ["polisen"])  # as the nightly run does
        paced.now += 3600
        nightly = len(server.calls)
        (second,) = ingest(there, Silent(), ["polisen"], since)
    assert (first.outcome, between.outcome, second.outcome) == ("unreachable", "ok", "ok")
    assert "samma kommando går då vidare därifrån" in first.message
    calls += server.calls[nightly:]
    asked = Counter(call.query.get("DateTime", "") for call in calls)
    over = {
        period: n for period, n in asked.items() if period and not now.strftime("%Y-%m-%d").startswith(period)
    }
    assert set(over.values()) == {1}
    assert 60 < len(calls) < 110
    with Warehouse.current(there.warehouse_folder) as warehouse:
        days = warehouse.frame("SELECT count(*) AS n FROM notice_day WHERE collected AND day >= ?", [since])
    assert days["n"][0] >= 70


def test_a_404_of_the_feed_itself_is_told_and_asked_again(
    settings: Settings, quick: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_policy(monkeypatch, replace(quick, permanent_404=True), "polisen")
    status = [404]
    sound = PolisenRoutes(many(40, datetime.now(UTC), place=world.municipalities()[world.HOME]))

    def answers(
        method: str, path: str, query: dict[str, str], body: Any
    ) -> tuple[int, dict[str, str], bytes]:
        return (404, {}, b"") if status[0] == 404 else sound(method, path, query, body)

    with StandIn(answers) as server:
        there = replace(settings, base_urls={"polisen": server.url})
        (first,) = ingest(there, Silent(), ["polisen"])
        status[0] = 200
        (second,) = ingest(there, Silent(), ["polisen"])
    assert (first.outcome, second.outcome) == ("failed", "ok")
    assert "felkod 404" in first.message


def test_the_schema_holds_what_is_loaded() -> None:
    with duckdb.connect() as connection:
        create_schema(connection)
        assert connection.execute("SELECT count(*) FROM notice_day").fetchall() == [(0,)]
