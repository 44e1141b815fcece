"""What tests of whole ingests share: running one, and all that a reader can see of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data.warehouse import current_vintage
from pipelines.run import SourceOutcome, ingest
from tests.conftest import Silent

Start = Callable[..., Settings]


def run(settings: Settings, *sources: str) -> dict[str, SourceOutcome]:
    return {outcome.source_id: outcome for outcome in ingest(settings, Silent(), sources)}


_SEEN = {
    "observation": "indicator_id, code, period_start, count, count_basis, rate, lower, upper, status",
    "population": "code, year, kind, basis, population",
    "police_event": "id, occurred_at::VARCHAR, type, category, kind, code, county_code, precision, versions",
    "comparison_group": "group_id, member_code",
    "locality": "locality_code, year, name, population",
}


def contents(settings: Settings, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything a reader can see of tables (default all), without times of fetching."""
    with duckdb.connect(str(current_vintage(settings.warehouse_folder)), read_only=True) as connection:
        return {
            table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()
            for table, columns in _SEEN.items()
            if not tables or table in tables
        }


def cli(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lagesbild.cli", *arguments],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **environment_of(settings)}


def writable(settings: Settings) -> Path:
    """The current vintage, which nobody is meant to write in, made so that a test can."""
    vintage = current_vintage(settings.warehouse_folder)
    vintage.chmod(0o644)
    return vintage
