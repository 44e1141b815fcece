"""What many tests share: an invented world, a snapshot of it, settings in a temporary home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from lagesbild.config import REPOSITORY, Settings
from lagesbild.panel import Panel
from lagesbild.state import held_open
from lagesbild.warehouse import Warehouse, create_schema
from pipelines import http, snapshot
from pipelines.archive import Archive
from pipelines.contract import Context
from pipelines.derive import recover_kolada_counts
from pipelines.loading import upsert
from pipelines.publish import single_writer
from pipelines.registry import SOURCES
from pipelines.run import fetch_rows, prepare
from tests import world

SHARED = REPOSITORY.parent / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder with real data and fixtures beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("needs the sibling folder shared/, which holds the real data")
    return SHARED


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> http.Policy:
    """Short waits, so that a source that is down or slow is given up on soon."""
    policy = http.Policy(
        min_interval=0, backoff=0.01, attempts=2, read_timeout=1.0, total_timeout=4, max_bytes=5_000_000
    )
    monkeypatch.setattr(http, "POLICIES", dict.fromkeys(SOURCES, policy))
    return policy


@pytest.fixture(scope="session")
def invented_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the invented world, made with the project's own pipelines."""
    folder = tmp_path_factory.mktemp("snapshot")
    settings = Settings(home=tmp_path_factory.mktemp("maker"))
    with world.World() as served, duckdb.connect() as connection, held_open(settings.state_file):
        create_schema(connection)
        for source_id in ("kolada", "scb", "polisen"):
            source = SOURCES[source_id]
            client = http.Client(source_id, Archive(settings), settings.state_file, "Prov")
            context = Context(
                settings,
                served.urls[source_id],
                datetime(2026, 1, 20, tzinfo=UTC),
                None,
                connection,
            )
            documents = source.fetch(context, client.ask, lambda done, known: None)
            batch = source.parse(documents, context)
            upsert(connection, "provenance", fetch_rows(source_id, documents, batch))
            source.load(batch, connection)
        recover_kolada_counts(connection)
        snapshot.export(connection, world.HOME, {}, folder)
    return folder


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A new installation with the shipped snapshot of real figures."""
    settings = Settings(home=tmp_path_factory.mktemp("shipped"))
    with single_writer(settings):
        prepare(settings)
    return settings


@pytest.fixture(scope="session")
def real(shipped: Settings) -> Iterator[Warehouse]:
    """The warehouse of the shipped figures."""
    with Warehouse.current(shipped.warehouse_folder) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def panel(real: Warehouse) -> Panel:
    """All municipalities of the shipped figures."""
    return Panel(real)


@pytest.fixture
def settings(tmp_path: Path, invented_snapshot: Path) -> Settings:
    """Settings of a new installation in the invented world."""
    return Settings(home=tmp_path / "home", snapshot_folder=invented_snapshot, home_municipality=world.HOME)


@pytest.fixture
def served(settings: Settings) -> Iterator[Callable[..., Settings]]:
    """Start the world, with some sources changed; gives settings that point at it."""
    running: list[world.World] = []

    def start(**changed: object) -> Settings:
        found = world.World(dict(changed)).__enter__()
        running.append(found)
        return replace(settings, base_urls=found.urls)

    yield start
    for found in running:
        found.__exit__()
