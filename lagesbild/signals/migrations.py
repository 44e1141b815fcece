"""How the local file has grown: each step is carried out once, in order, and the file's ``user_version`` tells how far.

A step is never changed once it has been released; what is to be otherwise is a new step.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signal (
    code TEXT NOT NULL, id TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, locality TEXT NOT NULL,
    x REAL, y REAL, PRIMARY KEY (code, id)
);
CREATE TABLE IF NOT EXISTS decision (
    decision_id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, flag_id TEXT NOT NULL, decided_at TEXT NOT NULL,
    decision TEXT NOT NULL, reason TEXT NOT NULL, flag TEXT NOT NULL, decided_by TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '', follow_up TEXT
);
CREATE INDEX IF NOT EXISTS decision_flag ON decision (code, flag_id);
CREATE TABLE IF NOT EXISTS failed_login (at TEXT NOT NULL)
"""
#: Columns that a file lacks that was made before files had a version.
_DECISION_COLUMNS = {
    "decided_by": "TEXT NOT NULL DEFAULT ''",
    "owner": "TEXT NOT NULL DEFAULT ''",
    "follow_up": "TEXT",
}
_COLLABORATION = """
ALTER TABLE signal ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE signal ADD COLUMN hour INTEGER;
ALTER TABLE signal ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN severity INTEGER;
ALTER TABLE signal ADD COLUMN text TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN reporter_id TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN batch_id TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN outside_key TEXT;
ALTER TABLE signal ADD COLUMN received_at TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN deleted_at TEXT;
UPDATE signal SET outside_key = id;
CREATE UNIQUE INDEX signal_outside ON signal (code, outside_key);
CREATE INDEX signal_reporter ON signal (reporter_id);
CREATE TABLE batch (
    batch_id TEXT PRIMARY KEY, code TEXT NOT NULL, sender TEXT NOT NULL, taken_in_at TEXT NOT NULL,
    taken_in_by TEXT NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL, undone_at TEXT
);
CREATE TABLE batch_before (
    batch_id TEXT NOT NULL, signal_id TEXT NOT NULL, version INTEGER NOT NULL, before TEXT NOT NULL,
    PRIMARY KEY (batch_id, signal_id)
);
CREATE TABLE mapping (code TEXT NOT NULL, sender TEXT NOT NULL, columns TEXT NOT NULL, PRIMARY KEY (code, sender));
CREATE TABLE person (
    person_id TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, address TEXT NOT NULL DEFAULT '',
    password TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, ended_at TEXT,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX person_name ON person (name) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX person_link ON person (link) WHERE link != '';
CREATE TABLE session (token TEXT PRIMARY KEY, person_id TEXT NOT NULL, until TEXT NOT NULL);
DROP TABLE failed_login;
CREATE TABLE failed_login (at TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL);
CREATE TABLE record (
    record_id TEXT PRIMARY KEY, code TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL,
    changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, deleted_at TEXT
);
CREATE INDEX record_kind ON record (code, kind);
CREATE TABLE record_version (
    record_id TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL, changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL, PRIMARY KEY (record_id, version)
);
CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, person_id TEXT NOT NULL, name TEXT NOT NULL,
    did TEXT NOT NULL, kind TEXT NOT NULL, object_id TEXT NOT NULL, detail TEXT NOT NULL DEFAULT ''
)
"""


def _script(connection: sqlite3.Connection, statements: str) -> None:
    """Carry out statements one by one: `executescript` would commit half of a step."""
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(statement)


def _first(connection: sqlite3.Connection) -> None:
    _script(connection, _FIRST)
    there = {row["name"] for row in connection.execute("PRAGMA table_info(decision)")}
    for name, kind in _DECISION_COLUMNS.items():
        if name not in there:
            connection.execute(f"ALTER TABLE decision ADD COLUMN {name} {kind}")


def _collaboration(connection: sqlite3.Connection) -> None:
    _script(connection, _COLLABORATION)
    # The one password that there was becomes a person's.
    row = connection.execute("SELECT value FROM setting WHERE name = 'password'").fetchone()
    if row:
        connection.execute(
            "INSERT INTO person (person_id, name, roles, password, created_at) VALUES"
            " (lower(hex(randomblob(8))), 'samordnare', 'administrator coordinator', ?, datetime('now'))",
            [row["value"]],
        )
        connection.execute("DELETE FROM setting WHERE name = 'password'")


def _undone(connection: sqlite3.Connection) -> None:
    """Hide what an undone import added, and know for a while who is let in no more: both can be taken back."""
    connection.execute("ALTER TABLE signal ADD COLUMN undone_batch TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE person ADD COLUMN erased INTEGER NOT NULL DEFAULT 0")
    connection.execute("UPDATE person SET erased = 1 WHERE ended_at IS NOT NULL")


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first, _collaboration, _undone)


def carry_out(connection: sqlite3.Connection) -> None:
    """Bring a file to the newest version; all or nothing, and only one process at a time.

    Raises
    ------
    sqlite3.NotSupportedError
        If the file was written by a newer version of the program; in Swedish.
    """
    if _version(connection) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        done = _version(connection)  # another process may have been first
        if done > len(STEPS):
            raise sqlite3.NotSupportedError("filen är skriven av en nyare version av programmet")
        for step in STEPS[done:]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
