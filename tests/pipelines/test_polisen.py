"""Police notices: every trap of the feed, on invented notices and on the real ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
import requests

from lagesbild.config import Settings
from lagesbild.data import reference
from lagesbild.data.warehouse import create_schema
from pipelines.contract import Document, Request, RunContext, SourceError
from pipelines.sources.polisen import TEXT_KEPT, Polisen, redact
from tests import world
from tests.sources import kolada_server
from tests.sources.polisen_server import PolisenRoutes, notices_from_shared
from tests.sources.server import StandIn
from tests.world import notice

NAMES = {"1801": "Provinge", "1802": "Upplands-Prov", "1803": "Östra Provby", "1861": "Provsberg"}
MOMENT = datetime(2026, 1, 14, 8, 9, 54, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with world.known(NAMES) as connection:
        yield connection


def document(notices: Any, number: int = 1, part: str = "newest", **tags: str) -> Document:
    content = notices if isinstance(notices, bytes) else json.dumps(notices).encode()
    return Document(
        request=Request(url="http://x/api/events", part=part, tags=tags),
        fetch_id=f"f{number}",
        fetched_at=MOMENT,
        sha256="0",
        content=content,
    )


def context(store: duckdb.DuckDBPyConnection, **changed: Any) -> RunContext:
    return replace(
        RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=MOMENT, since=None, stored=store
        ),
        **changed,
    )


def parsed(store: duckdb.DuckDBPyConnection, *notices: dict[str, Any]) -> list[dict[str, Any]]:
    later = context(store, now=MOMENT + timedelta(days=200))
    frame = Polisen().parse([document(list(notices))], later).tables["police_event"]
    return frame.to_dicts()


def test_an_hour_without_leading_zero_is_read(store: duckdb.DuckDBPyConnection) -> None:
    row = parsed(store, notice(1, MOMENT, "Stöld", "Provinge"))[0]
    assert row["published_at"] == datetime(2026, 1, 14, 7, 9, 54, tzinfo=UTC)


def test_the_events_own_clock_time_comes_from_the_title(store: duckdb.DuckDBPyConnection) -> None:
    row = parsed(store, notice(1, MOMENT, "Stöld", "Provinge", name="14 januari 07.29, Stöld, Provinge"))[0]
    assert (
        row["occurred_at"].astimezone(ZoneInfo("Europe/Stockholm")).strftime("%Y-%m-%d %H:%M")
        == "2026-01-14 07:29"
    )


def test_a_notice_of_new_years_day_about_new_years_eve_keeps_the_old_year(
    store: duckdb.DuckDBPyConnection,
) -> None:
    row = parsed(
        store,
        notice(
            1,
            MOMENT,
            "Brand",
            "Provinge",
            datetime="2026-01-01 0:05:56 +01:00",
            name="31 december 23.08, Brand, Provinge",
        ),
    )[0]
    assert row["occurred_at"] == datetime(2025, 12, 31, 22, 8, tzinfo=UTC)


def test_a_clock_time_that_does_not_exist_falls_back_to_publication(store: duckdb.DuckDBPyConnection) -> None:
    for title in ("29 mars 02.30, Stöld, Provinge", "30 februari 10.00, Stöld, Provinge", "Stöld, Provinge"):
        row = parsed(
            store, notice(1, MOMENT, "Stöld", "Provinge", datetime="2026-03-29 9:00:00 +02:00", name=title)
        )[0]
        assert row["occurred_at"] == row["published_at"]


def test_a_type_with_a_comma_is_one_type(store: duckdb.DuckDBPyConnection) -> None:
    row = parsed(store, notice(1, MOMENT, "Trafikolycka, personskada", "Provinge"))[0]
    assert (row["category"], row["kind"], row["code"]) == ("trafikolycka", "event", "1801")


@pytest.mark.parametrize(
    ("title_place", "location", "expected"),
    [
        ("Provinge", "Provinge", ("1801", "18", "municipality")),  # until January 2026
        ("Provinge", "Örebro län", ("1801", "18", "municipality")),  # since then
        ("Upplands-prov", "Örebro län", ("1802", "18", "municipality")),  # sentence case
        ("Upplands–Prov", "Örebro län", ("1802", "18", "municipality")),  # en dash
        ("Östra provby", "Örebro län", ("1803", "18", "municipality")),
        ("Örebro län", "Örebro län", (None, "18", "county")),
        ("Örebro län", "Provinge", ("1801", "18", "municipality")),  # the location second
        ("", "Örebro län", (None, "18", "county")),
    ],
)
def test_the_place_is_the_titles_last_part_first_and_the_location_second(
    title_place: str, location: str, expected: tuple[str | None, str, str], store: duckdb.DuckDBPyConnection
) -> None:
    row = parsed(store, notice(1, MOMENT, "Stöld", title_place, location={"name": location, "gps": ""}))[0]
    assert (row["code"], row["county_code"], row["precision"]) == expected


@pytest.mark.parametrize(
    ("summary", "locality"),
    [
        ("Singelolycka på Rv 51 strax söder om Pålsboda.", "Pålsboda"),
        ("En olycka på länsväg 530", "Länsväg 530"),
        ("Bilist stoppad på Lv 529 i Kumla.", None),  # a place over the border
        ("Olycka på E20 mellan Laxå och Vretstorp.", "Vretstorp"),
        ("Man omhändertagen vid resecentrum", "Hallsberg (tätort)"),
        ("Ringa narkotikabrott.", None),
        ("Ett svennevadsbarn", None),  # only whole words
    ],
)
def test_a_locality_is_read_from_the_summary_through_the_gazetteer(
    summary: str, locality: str | None, store: duckdb.DuckDBPyConnection
) -> None:
    row = parsed(store, notice(1, MOMENT, "Stöld", "Provsberg", summary=summary))[0]
    assert row["locality"] == locality
    assert row["precision"] == ("locality" if locality else "municipality")


def test_summaries_and_information_are_never_events(store: duckdb.DuckDBPyConnection) -> None:
    kinds = ("Sammanfattning natt", "Sammanfattning jul", "Information", "Övrigt", "Trafikkontroll", "Stöld")
    rows = parsed(store, *(notice(n, MOMENT, kind, "Provinge") for n, kind in enumerate(kinds)))
    assert [row["kind"] for row in rows] == [
        "summary",
        "summary",
        "information",
        "information",
        "information",
        "event",
    ]


def test_an_unknown_type_is_kept_counted_and_reported(store: duckdb.DuckDBPyConnection) -> None:
    batch = Polisen().parse([document([notice(1, MOMENT, "Rymdbrott", "Provinge")])], context(store))
    assert batch.tables["police_event"]["category"].to_list() == ["okand"]
    assert "Rymdbrott (1)" in batch.remarks[0]


def test_no_text_of_a_notice_reaches_the_warehouse(store: duckdb.DuckDBPyConnection) -> None:
    row = parsed(store, notice(1, MOMENT, "Stöld", "Provinge", summary="En man i 40-årsåldern"))[0]
    assert "40-årsåldern" not in str(row)
    assert row["text_expires_on"] == date(2026, 2, 13)


def test_an_edited_notice_is_replaced_and_its_versions_counted(store: duckdb.DuckDBPyConnection) -> None:
    source = Polisen()
    first, second, third = (notice(1, MOMENT, "Stöld", "Provinge", summary=text) for text in ("a", "b", "c"))
    for documents in (
        [document([first], 1), document([second], 2)],
        [document([second], 3)],
        [document([third], 4)],
    ):
        source.load(source.parse(documents, context(store)), store)
    assert store.execute("SELECT count(*), max(versions), max(fetch_id) FROM police_event").fetchall() == [
        (1, 3, "f4")
    ]


def test_the_same_notice_in_many_answers_is_stored_once(store: duckdb.DuckDBPyConnection) -> None:
    source = Polisen()
    notices = [notice(n, MOMENT, "Stöld", "Provinge") for n in range(50)]
    count = source.load(
        source.parse([document(notices, 1), document(notices[10:], 2)], context(store)), store
    )
    assert (count.new, count.changed) == (50, 0)
    assert store.execute("SELECT count(*), sum(versions) FROM police_event").fetchall() == [(50, 50)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "x"),
        ("id", None),
        ("datetime", None),
        ("name", 5),
        ("type", None),
        ("location", "Örebro"),
        ("location", {}),
    ],
)
def test_a_faulty_notice_is_named_and_the_others_kept(
    field: str, value: object, store: duckdb.DuckDBPyConnection
) -> None:
    notices = [
        notice(1, MOMENT, "Stöld", "Provinge"),
        {**notice(2, MOMENT, "Stöld", "Provinge"), field: value},
        notice(3, MOMENT, "Stöld", "Provinge"),
    ]
    batch = Polisen().parse([document(notices)], context(store))
    assert batch.tables["police_event"]["id"].to_list() == [1, 3]
    assert re.search(rf"^1 oläsliga notiser utelämnade: notis 2 .*fältet {field}", batch.remarks[0])


@pytest.mark.parametrize("spoiled", [101, 500])
def test_a_field_that_is_faulty_in_more_than_a_fifth_has_changed_form(
    spoiled: int, store: duckdb.DuckDBPyConnection
) -> None:
    notices = [
        notice(n, MOMENT, "Stöld", "Provinge", **({"summary": None} if n < spoiled else {}))
        for n in range(500)
    ]
    with pytest.raises(SourceError, match=rf"fältet summary .* {spoiled} av 500 .* ändrat form"):
        Polisen().parse([document(notices)], context(store))


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"[]", b"{}", b'[{"id": 1', b"<html>", b"\xff\xfe[\x00", b"[1, 2]"]
)
def test_an_answer_that_is_no_list_of_notices_is_refused(
    content: bytes, store: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(SourceError, match=r"^polisen: "):
        Polisen().parse([document(content)], context(store))


def test_a_date_of_another_form_is_refused(store: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SourceError, match=r"fältet datetime har oväntad form"):
        parsed(store, notice(1, MOMENT, "Stöld", "Provinge", datetime="14/1 2026 08:09"))


def test_when_places_vanish_the_answer_is_refused(store: duckdb.DuckDBPyConnection) -> None:
    odd = [notice(n, MOMENT, "Stöld", "Okänd", location={"name": "Sverige", "gps": ""}) for n in range(50)]
    batch = Polisen().parse([document(odd)], context(store))
    with pytest.raises(SourceError, match="saknar plats"):
        Polisen().validate(batch, context(store))


def test_a_gap_since_the_last_answer_is_filled_day_by_day(store: duckdb.DuckDBPyConnection) -> None:
    source = Polisen()
    source.load(source.parse([document([notice(1, MOMENT, "Stöld", "Provinge")])], context(store)), store)
    later = MOMENT + timedelta(days=5)
    newest = [notice(100 + n, later + timedelta(minutes=n), "Stöld", "Provinge") for n in range(500)]
    asked = source.follow(document(newest), context(store, now=later + timedelta(days=1)))
    assert [request.tags["period"] for request in asked] == [
        f"2026-01-{day}" for day in (19, 18, 17, 16, 15, 14)
    ]


def test_no_gap_no_further_questions(store: duckdb.DuckDBPyConnection) -> None:
    source = Polisen()
    newest = [notice(100 + n, MOMENT + timedelta(minutes=n), "Stöld", "Provinge") for n in range(500)]
    source.load(source.parse([document(newest[:1])], context(store)), store)
    assert source.follow(document(newest), context(store)) == []


def test_redaction_leaves_place_names_only_and_only_of_expired_notices() -> None:
    old = notice(1, MOMENT, "Stöld", "Hallsberg", summary="Kvinna i 65-årsåldern, Östansjö")
    new = notice(2, MOMENT + timedelta(days=20), "Stöld", "Hallsberg", summary="En man")
    content, following = redact(json.dumps([old, new]).encode(), MOMENT + TEXT_KEPT)
    summaries = [item["summary"] for item in json.loads(content)]
    assert summaries == ["östansjö", "En man"]
    assert following is not None
    content, following = redact(content, MOMENT + timedelta(days=60))
    assert [item["summary"] for item in json.loads(content)] == ["östansjö", ""]
    assert following is None


def test_every_type_of_the_reference_table_has_a_known_category() -> None:
    assert {category for category, _ in reference.police_types().values()} <= set(
        reference.police_categories()
    )


@pytest.mark.slow
def test_the_real_notices_in_pieces_of_500(shared: Path) -> None:
    """77 974 notices: every id once, 99.5 % of the named municipalities found, before and after January 2026.

    211 of them tell of an event already told of under another id.
    """
    figures = kolada_server.from_shared(shared / "data" / "kolada")
    real = notices_from_shared(shared / "data" / "polisen" / "events.parquet")
    with (
        duckdb.connect() as connection,
        StandIn(PolisenRoutes(real)) as server,
        requests.Session() as session,
    ):
        session.headers["User-Agent"] = "Lagesbild (prov)"
        create_schema(connection)
        for item in figures.municipalities:
            if item["type"] == "K":
                connection.execute(
                    "INSERT INTO municipality VALUES (?, ?, ?, '', 'f')",
                    [item["id"], item["title"], item["id"][:2]],
                )
        asked = 0

        def ask(request: Request) -> Document:
            nonlocal asked
            asked += 1
            return Document(
                request=request,
                fetch_id=f"f{asked}",
                fetched_at=MOMENT,
                sha256="0",
                content=session.get(request.url, timeout=10).content,
            )

        now = datetime(2026, 5, 1, tzinfo=UTC)
        there = context(connection, base_url=server.url, now=now, since=date(2022, 9, 1))
        source = Polisen()
        batch = source.parse(source.fetch(there, ask, lambda done, known: None), there)
        source.validate(batch, there)
        count = source.load(batch, connection)
        events = batch.tables["police_event"]
        (repeated,) = connection.execute(
            "SELECT count(*), count(*) FILTER (kind = 'event') FROM police_event WHERE same_as IS NOT NULL"
        ).fetchall()
    (remark,) = batch.remarks
    assert remark.startswith("inga notiser gavs för 2023-03-05, 2023-03-13;")
    assert (count.new, events["id"].n_unique()) == (77_974, 77_974)
    names = {
        reference.normalise_name(i["title"]): i["id"] for i in figures.municipalities if i["type"] == "K"
    }
    named = pl.DataFrame(
        {
            "id": [n["id"] for n in real],
            "true": [names.get(reference.normalise_name(n["name"].split(",")[-1])) for n in real],
        }
    )
    joined = events.join(named.drop_nulls(), on="id")
    change = datetime(2026, 1, 20, tzinfo=UTC)
    for part in (
        joined.filter(pl.col("published_at") < change),
        joined.filter(pl.col("published_at") >= change),
    ):
        assert part.height > 4_000
        assert part.filter(pl.col("code") == pl.col("true")).height >= 0.995 * part.height
    assert repeated == (211, 139)
    summaries = {n["id"] for n in real if n["type"].startswith("Sammanfattning")}
    assert events.filter((pl.col("kind") == "event") & pl.col("id").is_in(list(summaries))).is_empty()
    assert events.filter(pl.col("category") == "okand").is_empty()
    assert events.filter(pl.col("code") == "1861").height == 146


@pytest.mark.parametrize(
    "moment", ["2099-01-14 8:09:54 +01:00", "9999-12-31 23:09:54 +01:00", "1871-01-14 8:09:54 +01:00"]
)
def test_a_notice_from_another_century_is_refused(moment: str, store: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SourceError, match="fältet datetime är en omöjlig tid"):
        parsed(store, notice(1, MOMENT, "Brand", "Provinge", datetime=moment))


def test_what_can_be_read_can_be_redacted() -> None:
    """A byte order mark and two spaces are read; they must not empty the archive."""
    kept = json.dumps(
        [notice(1, MOMENT, "Brand", "Provinge", datetime="2026-01-14  8:09:54 +01:00")]
    ).encode()
    after, _ = redact(b"\xef\xbb\xbf" + kept, MOMENT + timedelta(days=90))
    assert json.loads(after)[0]["summary"] == ""
    assert json.loads(after)[0]["name"]


def test_the_stand_in_refuses_one_without_a_name_and_one_in_a_hurry() -> None:
    moments = iter([0.0, 9.9, 25.0])
    with StandIn(PolisenRoutes([], clock=lambda: next(moments))) as server:
        address = f"{server.url}/api/events"
        assert requests.get(address, timeout=5).status_code == 403
        told = [
            requests.get(address, headers={"User-Agent": "Lagesbild (prov)"}, timeout=5) for _ in range(3)
        ]
    assert [answer.status_code for answer in told] == [200, 429, 200]
