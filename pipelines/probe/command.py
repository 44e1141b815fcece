"""``lagesbild probe`` and ``lagesbild replay``."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from lagesbild.data import reference
from lagesbild.data.warehouse import create_schema
from pipelines.archive import Archive
from pipelines.contract import Context
from pipelines.http import Client
from pipelines.probe import of_bra, of_kolada, of_polisen, of_scb, of_sol
from pipelines.probe.asking import INDEX, Asker, Recorder
from pipelines.probe.check import Finding, State, find
from pipelines.probe.replay import Recording, RecordingError, server

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from lagesbild.config import Settings
    from pipelines.probe.check import Check

_CHECKS: dict[str, Callable[[Context], list[Check]]] = {
    "kolada": lambda _context: of_kolada.checks(),
    "scb": of_scb.checks,
    "polisen": of_polisen.checks,
    "bra_open_data": of_bra.yearly_checks,
    "bra_indicators": of_bra.workbook_checks,
    "bra_sol": of_sol.checks,
}


def probe(settings: Settings, chosen: Iterable[str] = (), out: Path | None = None) -> Iterator[Finding]:
    """Ask the sources (default all) a few questions and give what came of each assumption.

    Parameters
    ----------
    out
        A folder for the answers as they came; notices without what they tell. Default: they are not kept.
    """
    recorder = Recorder(out, _screened) if out is not None else None
    with _known_municipalities() as stored:
        # The calls are counted where those of an ingest are: the sources' limits hold for both together.
        archive = Archive(settings)
        for source_id, checks in _CHECKS.items():
            if source_id not in (set(chosen) or set(_CHECKS)):
                continue
            base_url = settings.base_urls.get(source_id, reference.sources()[source_id].base_url).rstrip("/")
            client = Client(source_id, archive, settings.state_file, settings.organisation)
            context = Context(settings, base_url, datetime.now(UTC), None, stored)
            asker = Asker(source_id, base_url, client, recorder)
            for check in checks(context):
                yield find(check, asker)


@contextmanager
def _known_municipalities() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an empty warehouse that knows the municipalities' names, which the parsers need."""
    with duckdb.connect() as connection:
        create_schema(connection)
        connection.executemany(
            "INSERT INTO municipality VALUES (?, ?, ?, ?, 'probe')",
            [[code, name, code[:2], reference.counties()[code[:2]]]
             for code, name in reference.municipality_names().items()],
        )  # fmt: skip
        yield connection


def _screened(source_id: str, content: bytes) -> bytes:
    return of_polisen.screened(content) if source_id == "polisen" else content


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print a line for each assumption; 1 where one differs."""
    tally = dict.fromkeys(State, 0)
    for finding in probe(settings, options.sources, options.out):
        tally[finding.state] += 1
        sys.stdout.write(finding.line + "\n")
        sys.stdout.flush()
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in tally.items()) + "\n")
    if options.out is not None and (options.out / INDEX).is_file():
        sys.stdout.write(
            f"Svaren ligger i {options.out}. Skicka mappen till den som utvecklar om något skiljer sig.\n"
        )
    return 1 if tally[State.DIFFERS] else 0


def replay(_settings: Settings, options: argparse.Namespace) -> int:
    """Serve recorded answers until stopped, and say how to ask them."""
    recording = Recording(options.folder)
    try:
        served = server(recording, options.port)
    except OSError as error:
        raise RecordingError(f"port {options.port} kan inte användas ({error.strerror})") from None
    with closing(served.socket):
        urls = recording.base_urls(served.server_address[1])
        told = " ".join(f"--base-url {source}={url}" for source, url in urls.items())
        sys.stdout.write(
            f"Spelar upp {options.folder} (avsluta med Ctrl-C). Fråga med:\nlagesbild probe {' '.join(urls)} {told}\n"
        )
        sys.stdout.flush()
        served.serve_forever(0.1)
    return 0
