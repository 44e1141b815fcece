"""A snapshot of the invented world, made with the project's own pipelines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from lagesbild.config import Settings
from lagesbild.data.state import held_open
from lagesbild.data.warehouse import create_schema
from pipelines import http, snapshot
from pipelines.archive import RawArchive
from pipelines.contract import RunContext
from pipelines.derive import recover_kolada_counts
from pipelines.loading import upsert
from pipelines.registry import SOURCES
from pipelines.run import fetch_rows
from tests import world


def make_snapshot(folder: Path, settings: Settings) -> None:
    """Write the snapshot into ``folder``; ``settings`` name a home to work in."""
    with world.World() as served, duckdb.connect() as connection, held_open(settings.state_file):
        create_schema(connection)
        for source_id in ("kolada", "scb", "polisen"):
            source = SOURCES[source_id]
            client = http.Client(source_id, RawArchive(settings), settings.state_file, "Prov", source.policy)
            now = datetime(2026, 1, 20, tzinfo=UTC)
            context = RunContext(
                settings=settings, base_url=served.urls[source_id], now=now, since=None, stored=connection
            )
            documents = source.fetch(context, client.ask, lambda done, known: None)
            batch = source.parse(documents, context)
            upsert(connection, "provenance", fetch_rows(source_id, documents, batch))
            source.load(batch, connection)
        recover_kolada_counts(connection)
        snapshot.export(connection, world.HOME, {}, folder)
