"""The file of news: entries that are only ever added, what was known when they were written, and what has been mailed.

An entry keeps its id and date however often it is asked for: the database itself refuses to change or remove one.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from lagesbild import ExplainedError
from lagesbild.files.sqlite import remedy, write_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lagesbild.config import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, page TEXT NOT NULL
);
-- Whom an entry concerns: a municipality a row; none for what concerns all of them.
CREATE TABLE IF NOT EXISTS place (id TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (id, code));
CREATE INDEX IF NOT EXISTS place_code ON place (code);
CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mailed (
    id TEXT NOT NULL, recipient TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (id, recipient)
);
CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE UPDATE ON entry BEGIN SELECT raise(ABORT, 'never changed'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE DELETE ON entry BEGIN SELECT raise(ABORT, 'never removed'); END;
CREATE TRIGGER IF NOT EXISTS place_stays BEFORE UPDATE ON place BEGIN SELECT raise(ABORT, 'never changed'); END;
CREATE TRIGGER IF NOT EXISTS place_kept BEFORE DELETE ON place BEGIN SELECT raise(ABORT, 'never removed'); END;
"""


class NewsError(ExplainedError):
    """The file of news cannot be used; the message is Swedish."""


class Kind(StrEnum):
    """What an entry is about."""

    FIGURES = "figures"
    VERDICT = "verdict"
    FLAG = "flag"
    BREAK = "break"
    REVISION = "revision"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A piece of news; ``title`` and ``text`` are Swedish.

    ``page`` is where it is read, below the dashboard's address. ``codes``: the municipalities that it concerns,
    none for all.
    """

    id: str
    at: datetime
    kind: Kind
    title: str
    text: str
    page: str
    codes: tuple[str, ...] = ()


def id_of(kind: Kind, *named: str) -> str:
    """Return the id of an entry: the same for the same news, an IRI as Atom wants it."""
    return uuid5(NAMESPACE_URL, json.dumps(["lagesbild", kind, *named])).urn


class NewsFile:
    """The news of an installation."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def of(cls, settings: Settings) -> NewsFile:
        """Return the news of an installation."""
        return cls(settings.home / "news.sqlite")

    @contextmanager
    def _open(self, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """Open the file, made if needed; writers wait for each other, and an exception undoes all."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=30, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                write_ahead(connection)
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            what_to_do = remedy(error, "Är filen skadad: flytta undan den.")
            raise NewsError(f"Nyheterna i {self._file} kan inte användas ({error}). {what_to_do}") from error

    def known(self) -> dict[str, str]:
        """Return what was known when news were last looked for; empty the first time."""
        if not self._file.exists():
            return {}
        with self._open() as news:
            return dict(news.execute("SELECT name, value FROM known").fetchall())

    def add(self, entries: Sequence[Entry], known: Mapping[str, str]) -> None:
        """Add entries and replace what is known, both or neither; an entry that is there stays as it is."""
        with self._open(writing=True) as news:
            for entry in entries:
                row = [entry.id, entry.at.isoformat(), entry.kind, entry.title, entry.text, entry.page]
                sql = (
                    "INSERT OR IGNORE INTO entry (id, at, kind, title, text, page) VALUES (?, ?, ?, ?, ?, ?)"
                )
                if news.execute(sql, row).rowcount:
                    places = [(entry.id, code) for code in entry.codes]
                    news.executemany("INSERT INTO place VALUES (?, ?)", places)
            news.execute("DELETE FROM known")
            news.executemany("INSERT INTO known VALUES (?, ?)", list(known.items()))

    def latest(self, code: str, most: int) -> list[Entry]:
        """Return what concerns a municipality, or all of them, the newest first."""
        if not self._file.exists():
            return []
        with self._open() as news:
            return _entries(news, code, "ORDER BY n DESC LIMIT ?", [most])

    @contextmanager
    def to_mail(self, code: str, recipient: str, since: datetime) -> Iterator[list[Entry]]:
        """Give what a recipient has not been mailed since a time, oldest first; it counts as mailed if nothing is raised.

        Others who want to mail wait until it is done.
        """
        with self._open(writing=True) as news:
            due = _entries(
                news,
                code,
                "AND at >= ? AND NOT EXISTS (SELECT 1 FROM mailed WHERE mailed.id = entry.id AND recipient = ?) ORDER BY n",
                [since.isoformat(), recipient],
            )
            yield due
            at = datetime.now(since.tzinfo).isoformat()
            news.executemany("INSERT INTO mailed VALUES (?, ?, ?)", [(one.id, recipient, at) for one in due])

    def mailed_to(self) -> list[str]:
        """Return every address that has been mailed."""
        if not self._file.exists():
            return []
        with self._open() as news:
            return [
                row[0] for row in news.execute("SELECT DISTINCT recipient FROM mailed ORDER BY recipient")
            ]

    def forget(self, recipients: Sequence[str]) -> None:
        """Forget addresses; one that still stands in the settings is mailed the last month's news anew."""
        with self._open(writing=True) as news:
            news.executemany("DELETE FROM mailed WHERE recipient = ?", [(one,) for one in recipients])


def _entries(news: sqlite3.Connection, code: str, further: str, values: list[str | int]) -> list[Entry]:
    rows = news.execute(
        f"""
        SELECT entry.*, (SELECT group_concat(code) FROM place WHERE place.id = entry.id) AS codes FROM entry
         WHERE (NOT EXISTS (SELECT 1 FROM place WHERE place.id = entry.id)
                OR EXISTS (SELECT 1 FROM place WHERE place.id = entry.id AND code = ?)) {further}
        """,
        [code, *values],
    )
    return [
        Entry(
            id=row["id"],
            at=datetime.fromisoformat(row["at"]),
            kind=Kind(row["kind"]),
            title=row["title"],
            text=row["text"],
            page=row["page"],
            codes=tuple((row["codes"] or "").split(",")) if row["codes"] else (),
        )
        for row in rows
    ]
