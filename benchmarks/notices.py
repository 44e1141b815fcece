"""Police notices a second: from the API's answers into the warehouse, and over HTTP as well."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks import plain_pandas
from lagesbild.config import ROOT, Settings
from lagesbild.data.state import held_open
from lagesbild.data.warehouse import create_schema
from lagesbild.swedish import number
from pipelines import http, snapshot
from pipelines.archive import RawArchive
from pipelines.contract import Document, RunContext
from pipelines.loading import upsert
from pipelines.registry import SOURCES
from pipelines.run import fetch_rows
from pipelines.sources.polisen import Polisen
from tests import world
from tests.sources import polisen_server
from tests.sources.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REAL = ROOT.parent / "shared" / "data" / "polisen" / "events.parquet"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
SINCE = date(2022, 9, 1)


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    given = polisen_server.notices_from_shared(REAL) if REAL.is_file() else world.notices(78_000)
    yield f"Notiser: {number(len(given))} {'verkliga' if REAL.is_file() else 'påhittade'}, i bitar om högst 500"
    with (
        tempfile.TemporaryDirectory() as home,
        StandIn(polisen_server.PolisenRoutes(given)) as server,
    ):
        memory = _peak_of_reading(server.url)
        settings = Settings(home=Path(home))
        started = time.perf_counter()
        documents = _fetched(settings, server.url)
        fetching = time.perf_counter() - started
        count, ours = _timed(lambda: _pipeline(settings, documents))
        answers = [document.content for document in documents]
        with _warehouse() as connection:
            municipalities = RunContext(
                settings=settings, base_url="", now=NOW, since=None, stored=connection
            ).municipalities()
        plain, theirs = _timed(lambda: plain_pandas.run(answers, municipalities))
    yield f"  hämtade över HTTP, kontrollerade och arkiverade: {number(count / fetching)} notiser/s ({len(documents)} svar)"
    yield f"  tolkade och inlästa: {number(count / ours)} notiser/s ({number(ours, 2)} s)"
    yield f"  samma arbete i ren pandas: {number(plain / theirs)} notiser/s ({number(theirs, 2)} s)"
    yield f"  kvot mot pandas: {number(theirs / ours, 1)} gånger så fort; {number(count)} mot {number(plain)} lagrade"
    yield f"  största minne för läsning av alla notiser: {number(memory)} MB"


def _timed(job: Callable[[], int]) -> tuple[int, float]:
    """Return the result and the best of three times (seconds)."""
    times = []
    result = 0
    for _ in range(3):
        started = time.perf_counter()
        result = job()
        times.append(time.perf_counter() - started)
    return result, min(times)


def _warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_schema(connection)
    snapshot.load(connection, Settings(home=Path()).snapshot_folder)
    return connection


def _fetched(settings: Settings, url: str) -> list[Document]:
    with held_open(settings.state_file):
        context = RunContext(settings=settings, base_url=url, now=NOW, since=SINCE)
        client = http.Client(
            "polisen",
            RawArchive(settings),
            settings.state_file,
            "Lagesbild make bench",
            SOURCES["polisen"].policy,
        )
        return Polisen().fetch(context, client.ask, lambda _done, _known: None)


def _pipeline(settings: Settings, documents: list[Document]) -> int:
    source = Polisen()
    with _warehouse() as connection:
        context = RunContext(settings=settings, base_url="", now=NOW, since=SINCE, stored=connection)
        batch = source.parse(documents, context)
        source.validate(batch, context)
        upsert(connection, "provenance", fetch_rows(source.id, documents, batch))
        return source.load(batch, connection).new


def _peak_of_reading(url: str) -> float:
    """Return the largest resident size (MB) of a process that reads all notices once."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.notices", url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def _read_once(url: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        _pipeline(settings, _fetched(settings, url))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


if __name__ == "__main__":
    _read_once(sys.argv[1])
