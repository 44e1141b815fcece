"""Make ``data/snapshot`` from the real data in ``../shared/data``, with the project's own pipelines.

The data is served by local stand-ins of the sources, ingested as on any machine, compared with the
source files (sums, spot values) and exported. Nothing is written if a comparison fails.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from lagesbild.config import ROOT, SNAPSHOT_FOLDER, Settings
from lagesbild.data import reference
from lagesbild.data.state import held_open
from lagesbild.data.warehouse import create_schema, frame_of, row_of
from pipelines import snapshot
from pipelines.archive import RawArchive
from pipelines.contract import Document, Request, RunContext, Source
from pipelines.derive import derive
from pipelines.http import Client
from pipelines.loading import upsert
from pipelines.registry import SOURCES
from pipelines.run import fetch_rows
from scripts import shipped_characteristics, shipped_crimes
from tests.sources import dalarna, kolada_server, polisen_server, scb_server
from tests.sources.server import Routes, StandIn

HOME = "1861"
_SINCE = {"polisen": date(2022, 9, 1), "kolada": date(2010, 1, 1)}
#: See `collected_by_count`: three weeks on each side, a fifth of the usual, ten in the evening.
_AROUND, _OF_USUAL, _LATE = 21, 0.2, 22
ORIGINS = {
    "kolada": "nyckeltal och grupper ur Kolada 2026, serverade lokalt",
    "scb": "folkmängd ur SCB:s statistikdatabas, serverad lokalt",
    "polisen": "notiser ur polisens API, insamlade 2023–2026 av ett öppet arkiv, serverade lokalt",
    "bra_indicators": "Brås indikatorer för kommunerna i Dalarna, ur Brås arbetsböcker",
}


def main() -> int:
    """Make the snapshot; return the exit code."""
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        sys.stderr.write(f"make snapshot: {shared} saknas; där ska källornas data ligga\n")
        return 1
    with tempfile.TemporaryDirectory() as home, duckdb.connect() as connection:
        settings = Settings(home=Path(home))
        create_schema(connection)
        _ingest(settings, connection, shared)
        shipped_crimes.load(
            connection,
            RunContext(settings=settings, base_url="", now=_today(), since=None, stored=connection),
            RawArchive(settings),
            shared / "bra",
        )
        tally = derive(connection)
        if tally["contradicted"]:
            raise AssertionError(f"{tally['contradicted']} kommunår vars folkmängd inte kan ge värdet")
        days = collected_by_count(connection)
        characteristics = shipped_characteristics.load(connection, shared / "scb")
        checks = compare(connection, shared) | {f"Återskapade antal: {k}": n for k, n in tally.items()}
        checks |= days | shipped_crimes.compare(connection, shared / "bra")
        checks |= {f"Egenskaper: {name}": count for name, count in sorted(characteristics.items())}
        snapshot.export(connection, HOME, checks, SNAPSHOT_FOLDER)
    size = sum(path.stat().st_size for path in SNAPSHOT_FOLDER.iterdir())
    print(f"data/snapshot: {size / 1e6:.2f} MB")
    for text, value in checks.items():
        print(f"  {text}: {value}")
    return 0


def _ingest(settings: Settings, connection: duckdb.DuckDBPyConnection, shared: Path) -> None:
    routes: dict[str, Routes] = {
        "kolada": kolada_server.from_shared(shared / "kolada"),
        "scb": scb_server.from_shared(shared / "scb"),
        "polisen": polisen_server.PolisenRoutes(
            polisen_server.notices_from_shared(shared / "polisen" / "events.parquet")
        ),
    }
    with ExitStack() as stack, held_open(settings.state_file):
        for source_id, answers in routes.items():
            server = stack.enter_context(StandIn(answers))
            source = SOURCES[source_id]
            since = _SINCE.get(source_id)
            now = datetime(2026, 5, 1, tzinfo=UTC) if source_id == "polisen" else datetime.now(UTC)
            address = server.url + (scb_server.BASE if source_id == "scb" else "")
            context = RunContext(settings=settings, base_url=address, now=now, since=since, stored=connection)
            client = Client(
                source_id, RawArchive(settings), settings.state_file, "Lagesbild make snapshot", source.policy
            )
            documents = source.fetch(context, client.ask, partial(_progress, source_id))
            if source_id == "polisen":
                documents = _as_collected(documents, shared)
            _load(source, documents, context, connection, address)
    books = dalarna.workbooks(shared / "bra" / "kommunindikatorer_dalarna.csv")
    indicators = SOURCES["bra_indicators"]
    page = reference.sources()["bra_indicators"].page
    archive = RawArchive(settings)
    documents = [
        archive.put(
            "bra_indicators",
            Request(url=f"{page}/{name}.xlsx", part="workbook", tags={"municipality": name}),
            book,
            _today(),
        )
        for name, book in books.items()
    ]
    _load(
        indicators,
        documents,
        RunContext(settings=settings, base_url=page, now=_today(), since=None, stored=connection),
        connection,
        page,
    )


def collected_by_count(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Put what the notices themselves show in the place of ``notice_day``, and return what was found, for the manifest.

    The stand-in knows only what the public archive collected: its silence says nothing. A day is taken as collected if
    the country has at least a fifth of the usual: the median of the six weeks around, and that of all days (the archive
    began slowly). The last day also needs a notice of its last two hours.
    """
    told = frame_of(
        connection,
        """
        SELECT CAST(timezone('Europe/Stockholm', published_at) AS DATE) AS day, count(*) AS notices,
               max(hour(timezone('Europe/Stockholm', published_at))) AS latest, max(fetch_id) AS fetch_id
          FROM police_event GROUP BY ALL ORDER BY ALL
        """,
    )
    first, last = told["day"][0], told["day"][-1]
    usual = pl.max_horizontal(
        pl.col("notices").rolling_median(2 * _AROUND + 1, min_samples=_AROUND, center=True),
        pl.col("notices").median(),
    )
    days = (
        pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
        .join(told, on="day", how="left")
        .with_columns(pl.col("notices", "latest").fill_null(0), pl.col("fetch_id").forward_fill())
        .with_columns(
            collected=(pl.col("notices") >= _OF_USUAL * usual)
            & ((pl.col("day") < last) | (pl.col("latest") >= _LATE))
        )
    )
    begun = days.filter("collected")["day"][0]
    days = days.filter(pl.col("day") >= begun)
    asked = frame_of(
        connection, "SELECT fetch_id, fetched_at AS asked_at FROM provenance WHERE source_id = 'polisen'"
    )
    connection.execute("DELETE FROM notice_day")
    upsert(
        connection,
        "notice_day",
        days.join(asked, on="fetch_id").select("day", "collected", "asked_at", "fetch_id").sort("day"),
    )
    there = int(days["collected"].sum())
    return {"Polisen: insamlade dagar": there, "Polisen: dagar som saknas": days.height - there}


def _as_collected(documents: list[Document], shared: Path) -> list[Document]:
    """Date each answer by when the public archive last saw its notices at the police's address."""
    seen = dict(
        pl.read_parquet(shared / "polisen" / "events.parquet", columns=["id", "last_seen_unix"])
        .group_by("id")
        .agg(pl.col("last_seen_unix").max())
        .iter_rows()
    )
    dated = []
    for document in documents:
        ids = [notice["id"] for notice in json.loads(document.content)]
        last = max((seen[number] for number in ids), default=None)
        when = datetime.fromtimestamp(last, UTC) if last else document.fetched_at
        dated.append(replace(document, fetched_at=when))
    return dated


def _today() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _progress(source_id: str, done: int, known: int) -> None:
    if done == known:
        print(f"{source_id}: {done} svar")


def _load(
    source: Source,
    documents: list[Document],
    context: RunContext,
    connection: duckdb.DuckDBPyConnection,
    served_at: str,
) -> None:
    batch = source.parse(documents, context)
    if source.id != "bra_indicators":  # fifteen municipalities are all that can be shipped
        source.validate(batch, context)
    info = reference.sources()[source.id]
    origin = pl.lit(ORIGINS[source.id])
    rows = fetch_rows(source.id, documents, batch).with_columns(
        url=pl.col("url").str.replace(served_at, info.base_url, literal=True),
        note=pl.col("note") + "; " + origin,
    )
    upsert(connection, "provenance", rows)
    source.load(batch, connection)


def compare(connection: duckdb.DuckDBPyConnection, shared: Path) -> dict[str, Any]:
    """Compare what was loaded with the source files; return what was compared.

    Raises
    ------
    AssertionError
        Naming the first comparison that fails.
    """

    def value(sql: str) -> Any:
        row = row_of(connection, sql)
        return row[0] if row else None

    checks: dict[str, Any] = {}

    def same(text: str, ours: Any, theirs: Any) -> None:
        equal = (
            abs(ours - theirs) <= 1e-06 * max(1.0, abs(theirs)) if isinstance(ours, float) else ours == theirs
        )
        if not equal:
            raise AssertionError(f"{text}: {ours} i datalagret, {theirs} i källan")
        checks[text] = ours

    crime = pl.read_csv(shared / "kolada" / "crime_per_100k.csv", schema_overrides={"code": pl.String})
    same(
        "Kolada: antal värden",
        value("SELECT count(*) FROM observation WHERE indicator_id IN ('N07540', 'N07403')"),
        crime.height,
    )
    same(
        "Kolada: summa av värden",
        value("SELECT sum(rate) FROM observation WHERE indicator_id IN ('N07540', 'N07403')"),
        float(crime["value"].sum()),
    )
    for year, count in {2022: 1692, 2023: 1599, 2024: 1855, 2025: 2360}.items():
        same(
            f"Hallsberg {year}: anmälda brott",
            value(
                f"SELECT count FROM observation WHERE indicator_id = 'N07540' AND code = '1861' AND year(period_start) = {year}"
            ),
            count,
        )
    groups = pl.read_parquet(shared / "kolada" / "municipality_groups.parquet")
    similar = groups.filter(pl.col("group_title").str.starts_with("Liknande kommuner")).filter(
        pl.col("group_title").str.extract(r", ([^,]+), \d{4}$").is_in(_names(connection))
    )
    same(
        "Kolada: medlemmar i liknande kommuner",
        value("SELECT count(*) FROM comparison_group WHERE kind = 'kolada'"),
        similar.height,
    )
    skr = pl.read_csv(shared / "skr" / "kommungrupper.csv", schema_overrides={"code": pl.String})
    ours = {
        tuple(row)
        for row in connection.execute(
            "SELECT group_id, member_code FROM comparison_group WHERE kind = 'skr'"
        ).fetchall()
    }
    theirs = {(f"skr:{group}", code) for group, code in skr.select("group_code", "code").iter_rows()}
    same("SKR: skillnader mot SKR:s egen lista", len(ours ^ theirs), 0)
    population = pl.read_csv(shared / "scb" / "population_31dec_2010_2025.csv")
    same(
        "SCB: folkmängd 2010-2025",
        value(
            "SELECT CAST(sum(population) AS BIGINT) FROM population WHERE year >= 2010 AND kind = 'year_end'"
        ),
        int(population["population"].sum()),
    )
    notices = pl.read_parquet(shared / "polisen" / "events.parquet", columns=["id", "type"])
    same("Polisen: notiser", value("SELECT count(*) FROM police_event"), notices["id"].n_unique())
    same(
        "Polisen: sammanfattningar",
        value("SELECT count(*) FROM police_event WHERE kind = 'summary'"),
        notices.filter(pl.col("type").str.starts_with("Sammanfattning")).height,
    )
    checks["Polisen: samma händelse under flera id"] = value(
        "SELECT count(*) FROM police_event WHERE same_as IS NOT NULL"
    )
    return checks


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM municipality").fetchall()]


if __name__ == "__main__":
    raise SystemExit(main())
