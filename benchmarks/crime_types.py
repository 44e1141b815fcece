"""SOL's result files: cells a second against the csv module and against the HTML table; memory for a whole year."""

from __future__ import annotations

import csv
import html
import io
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.config import Settings
from lagesbild.swedish import number
from pipelines.sources.bra_sol import standard_types
from pipelines.sources.sol.dbfil import read_dbfil
from pipelines.sources.sol.menu import ENCODING, SolCrimeType
from pipelines.sources.sol.plan import MAX_CELLS, plan
from tests.pipelines.test_sol_parts import areas, years
from tests.snapshots import make_snapshot
from tests.sol_plain import sol
from tests.sources.sol_server import SolStandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TYPES, _AREAS = 1_149, 290
_ROUNDS = 5


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    rows = _rows(3, 37, 45)
    text, page = _dbfil(rows), _table(rows)
    cells = 2 * len(rows)
    ours = _seconds(lambda: read_dbfil(text))
    by_csv = _seconds(lambda: _with_csv(text))
    by_lxml = _seconds(lambda: _with_lxml(page))
    yield (
        f"SOL, en databasfil med {number(cells)} celler: {number(cells / ours / 1e6, 2)} miljoner celler/s; csv-modulen "
        f"{number(by_csv / ours, 1)} gånger så lång tid, lxml på HTML-tabellen {number(by_lxml / ours, 1)} gånger"
    )
    whole = _dbfil(_rows(_TYPES, _AREAS, 1))
    seconds = _seconds(lambda: read_dbfil(whole), 2)
    cells = 2 * _TYPES * _AREAS
    yield f"SOL, hela trädet ett år ({number(cells)} celler): {number(cells / seconds / 1e6, 2)} miljoner celler/s"
    yield f"SOL, hela trädet ett år hämtat, tolkat och inläst: högst {_peak_of_ingest()} MB minne"
    for types, first in ((55, 1996), (_TYPES, 2025)):
        chosen = [
            SolCrimeType(id=str(n), label=f"Brott {n}", path=f"Brott {n}", parent=None, level=0)
            for n in range(types)
        ]
        queries = plan(chosen, areas(_AREAS + 1), years(first, 2025), rates=True)
        fewest = -(-sum(query.cells for query in queries) // MAX_CELLS)
        yield f"SOL, {types} brottstyper {first}–2025: {len(queries)} frågor, minst möjliga {fewest}"


def _peak_of_ingest() -> int:
    """Ingest a whole year of the whole tree from a stand-in; return the process's peak memory in MB."""
    extra = [("Brott mot brottsbalken", f"Provslag {n}") for n in range(_TYPES - len(standard_types()))]
    years_served = range(2025, 2026)
    with (
        tempfile.TemporaryDirectory() as folder,
        SolStandIn(sol(years_served, years_served, extra)) as stand_in,
    ):
        make_snapshot(Path(folder) / "snapshot", Settings(home=Path(folder) / "maker"))
        places = {"LAGESBILD_HOME": f"{folder}/home", "LAGESBILD_SNAPSHOT": f"{folder}/snapshot"}
        command = ["ingest", "bra_sol", "--alla-brottstyper", "--base-url", f"bra_sol={stand_in.url}"]
        subprocess.run(
            [sys.executable, "-m", "lagesbild.cli", *command],
            check=True,
            capture_output=True,
            env=os.environ | places,
        )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def _rows(types: int, places: int, periods: int) -> list[tuple[str, ...]]:
    rng = random.Random(1)
    found: list[tuple[str, ...]] = []
    for area in range(places):
        for crime in range(types):
            for year in range(2025, 2025 - periods, -1):
                count = rng.randint(0, 3000)
                written = ".." if count % 50 == 0 else f"{count:,}".replace(",", "\u00a0")
                rate = ".." if count % 50 == 0 else str(3 * count)
                found.append(
                    (f"Provort {area} kommun", f"Brott {crime} (1, 2 §)", "År", str(year), written, rate)
                )
    return found


def _dbfil(rows: list[tuple[str, ...]]) -> bytes:
    body = "".join(";".join(row) + ";\r\n" for row in rows)
    return f"Region;Brott;År;Period;Antal;/100 000 inv\r\n{body}".encode(ENCODING)


def _table(rows: list[tuple[str, ...]]) -> bytes:
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\r\n" for row in rows
    )
    return f"<html><body><table>{body}</table></body></html>".encode(ENCODING)


def _with_csv(text: bytes) -> list[tuple[str, str, str, str, float | None, float | None]]:
    reader = csv.reader(io.StringIO(text.decode(ENCODING)), delimiter=";")
    next(reader)
    return [
        (row[0].strip(), row[1].strip(), row[2], row[3], _value(row[4]), _value(row[5])) for row in reader
    ]


def _with_lxml(page: bytes) -> list[tuple[str, str, str, str, float | None, float | None]]:
    from lxml import html as parser

    found = []
    for row in parser.fromstring(page.decode(ENCODING)).iter("tr"):
        cells = [str(cell.text_content()) for cell in row]
        found.append(
            (cells[0].strip(), cells[1].strip(), cells[2], cells[3], _value(cells[4]), _value(cells[5]))
        )
    return found


def _value(text: str) -> float | None:
    plain = text.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return None if plain in {"..", "-"} else float(plain)


def _seconds(run: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """Return the shortest of several runs, in seconds."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)
