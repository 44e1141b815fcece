"""The state file (SQLite, WAL): runs of each source, calls made, and the index of the archive.

Small transactional writes belong here, never in the warehouse, which is swapped whole. Readers
(the dashboard) and the writer (an ingest) may use the file at the same time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.files.sqlite import write_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT, source_id TEXT NOT NULL, started_at TEXT NOT NULL, since TEXT,
    finished_at TEXT, outcome TEXT, message TEXT,
    fetched_rows INTEGER, new_rows INTEGER, changed_rows INTEGER, skipped_rows INTEGER
);
CREATE TABLE IF NOT EXISTS call (host TEXT NOT NULL, called_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS call_host ON call (host, called_at);
CREATE TABLE IF NOT EXISTS gone (url TEXT PRIMARY KEY, seen_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    fetch_id TEXT PRIMARY KEY, source_id TEXT NOT NULL, url TEXT NOT NULL, request_key TEXT NOT NULL,
    request TEXT NOT NULL, fetched_at TEXT NOT NULL, checked_at TEXT NOT NULL, sha256 TEXT NOT NULL,
    stored_as TEXT NOT NULL, bytes INTEGER NOT NULL, etag TEXT, last_modified TEXT, text_expires_at TEXT
);
CREATE INDEX IF NOT EXISTS document_request ON document (request_key, checked_at);
CREATE TABLE IF NOT EXISTS run_document (
    run_id INTEGER NOT NULL, fetch_id TEXT NOT NULL, PRIMARY KEY (run_id, fetch_id)
);
"""


class Ended(StrEnum):
    """How an attempt to read a source ended; ``FRESH``: it was read so lately that it was not asked."""

    OK = "ok"
    FRESH = "fresh"
    UNREACHABLE = "unreachable"
    FAILED = "failed"

    @property
    def well(self) -> bool:
        """Whether the figures are as they should be."""
        return self in {Ended.OK, Ended.FRESH}


@dataclass(frozen=True, kw_only=True)
class SourceRun:
    """The latest finished run of a source: when, how it ended, and the latest that went well."""

    source_id: str
    finished_at: datetime
    outcome: Ended
    message: str
    last_success_at: datetime | None


class StateError(ExplainedError):
    """The state file cannot be read or written."""


@contextmanager
def connect(file: Path) -> Iterator[sqlite3.Connection]:
    """Open the state file, made if needed; commits at the end, rolls back on an exception.

    Raises
    ------
    StateError
        If the file is damaged, locked for long, or cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _opened(file) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StateError(
            f"Körningsloggen {file} kan inte användas ({error}). Är den skadad: flytta undan den och kör igen."
        ) from error


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        write_ahead(connection)
        # With WAL the file stays sound through a kill or a power cut; only the last moments may go.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
        if "since" not in {row["name"] for row in connection.execute("PRAGMA table_info(run)")}:
            connection.execute("ALTER TABLE run ADD COLUMN since TEXT")
        with connection:
            yield connection


@contextmanager
def held_open(file: Path) -> Iterator[None]:
    """Keep the file open for many small transactions: SQLite tidies up when the last user leaves."""
    with connect(file):
        yield


def latest_runs(file: Path) -> dict[str, SourceRun]:
    """Return the latest finished run of each source; empty where nothing has run yet."""
    if not file.exists():
        return {}
    with connect(file) as state:
        rows = state.execute(
            """
            SELECT source_id, finished_at, outcome, coalesce(message, '') AS message,
                   (SELECT max(finished_at) FROM run AS good
                     WHERE good.source_id = run.source_id AND good.outcome = 'ok') AS good_at
              FROM run
             WHERE run_id IN (SELECT max(run_id) FROM run WHERE finished_at IS NOT NULL
                               GROUP BY source_id)
            """
        ).fetchall()
    return {
        row["source_id"]: SourceRun(
            source_id=row["source_id"],
            finished_at=datetime.fromisoformat(row["finished_at"]),
            outcome=_ended(row["outcome"]),
            message=row["message"],
            last_success_at=datetime.fromisoformat(row["good_at"]) if row["good_at"] else None,
        )
        for row in rows
    }


def _ended(text: str) -> Ended:
    try:
        return Ended(text)
    except ValueError:
        raise StateError(f"Loggen över inläsningar har ett utfall som inte är känt: {text!r}.") from None


def now() -> datetime:
    """Return the present moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
