"""Ask the sources a few questions and say of each assumption of the pipelines whether it holds."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from lagesbild.data import reference
from lagesbild.data.warehouse import create_schema
from pipelines.archive import RawArchive
from pipelines.contract import RunContext
from pipelines.http import Client
from pipelines.probe import of_bra, of_kolada, of_polisen, of_scb, of_sol
from pipelines.probe.asking import Asker, Recorder
from pipelines.probe.check import AssumptionResult, find
from pipelines.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from lagesbild.config import Settings
    from pipelines.probe.check import Assumption

_CHECKS: dict[str, Callable[[RunContext], list[Assumption]]] = {
    "kolada": lambda _context: of_kolada.checks(),
    "scb": of_scb.checks,
    "polisen": of_polisen.checks,
    "bra_open_data": of_bra.yearly_checks,
    "bra_indicators": of_bra.workbook_checks,
    "bra_sol": of_sol.checks,
}


def probe(
    settings: Settings, chosen: Iterable[str] = (), out: Path | None = None
) -> Iterator[AssumptionResult]:
    """Ask the sources (default all) a few questions and give what came of each assumption.

    Parameters
    ----------
    out
        A folder for the answers as they came; notices without what they tell. Default: they are not kept.
    """
    recorder = Recorder(out, _screened) if out is not None else None
    with _known_municipalities() as stored:
        # The calls are counted where those of an ingest are: the sources' limits hold for both together.
        archive = RawArchive(settings)
        for source_id, checks in _CHECKS.items():
            if source_id not in (set(chosen) or set(_CHECKS)):
                continue
            base_url = settings.base_urls.get(source_id, reference.sources()[source_id].base_url).rstrip("/")
            client = Client(
                source_id, archive, settings.state_file, settings.organisation, SOURCES[source_id].policy
            )
            context = RunContext(
                settings=settings, base_url=base_url, now=datetime.now(UTC), since=None, stored=stored
            )
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
            [
                [code, name, code[:2], reference.counties()[code[:2]]]
                for code, name in reference.municipality_names().items()
            ],
        )
        yield connection


def _screened(source_id: str, content: bytes) -> bytes:
    return of_polisen.screened(content) if source_id == "polisen" else content
