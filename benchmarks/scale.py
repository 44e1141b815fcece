"""A warehouse a hundred times as large: start, pages, publishing, memory and disk; beside it plain questions.

``python -m benchmarks.scale`` fills the shipped figures up with invented ones (crime types by month, in all
municipalities, as BRÅ's whole tree would be; notices) to so many rows in a folder that is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.dashboard import started
from benchmarks.load import OTHERS, PAGES, SETTLED, server_of
from benchmarks.visit import Drawn, Visit
from lagesbild.config import Settings
from lagesbild.figures.kept import FOLDER as CHARTS
from pipelines.publish import next_vintage, single_writer, usable_vintage
from pipelines.run import prepare
from pipelines.work_out import work_out_if_needed
from tests.serving import ARGUMENTS, CHROMIUM, dashboard_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OBSERVATIONS, NOTICES = 10_000_000, 1_500_000
_YEARS = 12
#: A process's time is told in hundredths of a second, and a page that has been shown takes a few.
_TIMES = 10
_ROUNDS = 3
#: A municipality that no other measure has opened.
_ELSEWHERE = "1283"
#: The question that is put to plain tools: a crime type's latest twelve months by municipality.
_QUESTION = """
    SELECT code, sum(count) AS crimes FROM {} WHERE indicator_id = 'X00017' AND period_kind = 'month'
       AND period_start >= DATE '2025-01-01' GROUP BY code ORDER BY code
"""


def fill(connection: duckdb.DuckDBPyConnection, observations: int, notices: int) -> None:
    """Add invented rows to a vintage that is being built."""
    (fetch,) = _one(connection, "SELECT fetch_id FROM observation LIMIT 1")
    types = observations // (290 * 12 * _YEARS)
    connection.execute(
        f"""
        INSERT INTO observation (indicator_id, code, period_start, period_kind, count, count_basis, rate, status, fetch_id)
        SELECT printf('X%05d', t.i), m.code, make_date((2014 + y.i)::INTEGER, n.i::INTEGER, 1), 'month',
               hash(t.i, m.code, y.i, n.i) % 40, 'published', hash(t.i, m.code, y.i, n.i) % 40 / 1.7, 'final', ?
          FROM range({types}) t(i), municipality m, range({_YEARS}) y(i), range(1, 13) n(i)
         ORDER BY 1, 2, 3
        """,
        [fetch],
    )
    connection.execute(
        f"""
        INSERT INTO police_event
        SELECT 100000000 + i, TIMESTAMPTZ '2016-01-01 12:00:00+00' + to_hours((i % 90000)::INTEGER),
               TIMESTAMPTZ '2016-01-01 13:00:00+00' + to_hours((i % 90000)::INTEGER), 'Stöld', 'stold', 'event',
               m.code, substr(m.code, 1, 2), NULL, 'municipality', 'https://example.invalid/' || i, 1, md5(i::VARCHAR),
               md5(i::VARCHAR), NULL, DATE '2016-01-01', ?
          FROM range({notices}) r(i) JOIN (SELECT code, row_number() OVER () - 1 AS n FROM municipality) m ON m.n = i % 290
        """,
        [fetch],
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row


def lines(observations: int = OBSERVATIONS, notices: int = NOTICES, rounds: int = _ROUNDS) -> Iterator[str]:
    """Give the benchmark's lines."""
    with tempfile.TemporaryDirectory() as folder:
        small = Settings(home=Path(folder) / "small", vintages_kept=2)
        with single_writer(small):
            prepare(small)
            work_out_if_needed(small)
        large = replace(small, home=Path(folder) / "large")
        shutil.copytree(small.home, large.home, symlinks=True)
        begun = time.perf_counter()
        with single_writer(large), next_vintage(large) as connection:
            fill(connection, observations, notices)
        yield f"fyllt på {time.perf_counter() - begun:.0f} s"
        found: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for _ in range(rounds):
            # By turns: the machine is not as fast all the time.
            for place, settings in enumerate((small, large)):
                for what, value in _measured(settings):
                    found[what][place].append(value)
        for place, settings in enumerate((small, large)):
            found["publicera (en gång), s"][place].append(_published(settings))
        yield f"Medel av {rounds} omgångar, de medföljande -> {observations} rader"
        for what, values in found.items():
            before, now = map(fmean, values)
            yield f"  {what}: {before:.3f} -> {now:.3f} ({now / before:.2f} gånger)"
        yield from _plain(large, Path(folder))


def _measured(settings: Settings) -> Iterator[tuple[str, float]]:
    file = usable_vintage(settings)
    assert file is not None
    yield "datalager, MB", file.stat().st_size / 1e6
    # The charts of an earlier round: what is seen for the first time is to be that.
    shutil.rmtree(settings.derived_folder / CHARTS, ignore_errors=True)
    with dashboard_alone(settings.home) as address:
        process = server_of(int(address.rsplit(":", 1)[1]))
        time.sleep(SETTLED)  # what a process does by itself after its start is no page's
        yield "byte av kommun, s", asyncio.run(_changes(address))
        yield "Hotspots första gången, s", asyncio.run(_visited(address, "hotspots", ""))
        for kind, times in (("första gången", 1), ("igen", _TIMES)):
            for page, query in PAGES:
                before = sum(process.cpu_times()[:2])
                for _ in range(times):
                    asyncio.run(_visited(address, page, query, code=_ELSEWHERE))
                spent = (sum(process.cpu_times()[:2]) - before) / times
                yield f"{page or 'första'}?{query} {kind}, processor-s", spent
        yield "minne, MB", process.memory_info().rss / 1e6
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        start = started(settings.home, browser)
        browser.close()
    for what, value in (
        ("svaret", start.words),
        ("första diagrammet", start.picture),
        ("färdig sida", start.answer),
    ):
        yield f"från serve till {what}, s", value


async def _changes(address: str) -> float:
    """Return the seconds that a change of municipality takes on the first page, on average of those never seen before."""
    async with Visit.begin(address) as visit:
        await visit.go("", "kommun=1861")
        return fmean([_whole(await visit.go("", f"kommun={code}")) for code in OTHERS])


def _published(settings: Settings) -> float:
    begun = time.perf_counter()
    with single_writer(settings), next_vintage(settings) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('tried', 'yes')")
    return time.perf_counter() - begun


async def _visited(address: str, page: str, query: str, code: str = "1861") -> float:
    """Open a page; returns the seconds until it stood still."""
    async with Visit.begin(address) as visit:
        return _whole(await visit.go(page, f"kommun={code}&{query}"))


def _whole(drawn: Drawn) -> float:
    if drawn.errors:
        raise RuntimeError(drawn.errors[0])
    return drawn.seconds


def _plain(settings: Settings, folder: Path) -> Iterator[str]:
    """Put one question to the warehouse, to DuckDB over parquet, and to pandas."""
    file = usable_vintage(settings)
    assert file is not None
    parquet = folder / "observation.parquet"
    with duckdb.connect(str(file), read_only=True) as warehouse:
        warehouse.execute(f"COPY observation TO '{parquet}' (FORMAT parquet)")
        stored = _QUESTION.format("observation")
        yield f"  datalagret: {_timed(lambda: warehouse.execute(stored).fetchall()):.3f} s"
    with duckdb.connect() as plain:
        over = _QUESTION.format(f"'{parquet}'")
        yield f"  DuckDB över parquet: {_timed(lambda: plain.execute(over).fetchall()):.3f} s"
    yield f"  pandas över parquet: {_timed(lambda: _by_pandas(parquet)):.3f} s"


def _by_pandas(parquet: Path) -> object:
    rows = pd.read_parquet(parquet, columns=["indicator_id", "code", "period_kind", "period_start", "count"])
    wanted = rows[(rows["indicator_id"] == "X00017") & (rows["period_kind"] == "month")]
    late = wanted[pd.to_datetime(wanted["period_start"]) >= pd.Timestamp(2025, 1, 1)]
    return late.groupby("code")["count"].sum()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Run it by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=OBSERVATIONS)
    parser.add_argument("--notices", type=int, default=NOTICES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args()
    for line in lines(options.observations, options.notices, options.rounds):
        print(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
