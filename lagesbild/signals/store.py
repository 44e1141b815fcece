"""The local file (SQLite, WAL): signals without text or names, decisions, settings, and the coordinator's password.

It is the municipality's own: never swapped with the warehouse, never fetched, never published.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: Signals older than this are deleted: longer than a backtest of a year needs, no longer.
KEPT_DAYS = 730
#: The longest reason that is stored; longer ones tend to become case notes.
LONGEST_REASON = 300
#: And the longest function or initials.
LONGEST_FUNCTION = 60
_SCHEMA = """
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
CREATE TABLE IF NOT EXISTS failed_login (at TEXT NOT NULL);
"""


#: Columns that a local file of an older version lacks.
_ADDED = {
    "decided_by": "TEXT NOT NULL DEFAULT ''",
    "owner": "TEXT NOT NULL DEFAULT ''",
    "follow_up": "TEXT",
}


class LocalDataError(ExplainedError):
    """The local file cannot be read or written."""


class Decided(StrEnum):
    """What the coordinator decided on a flag."""

    FOLLOW = "follow"
    ACT = "act"
    DISMISS = "dismiss"
    CLOSE = "close"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A dated local signal: what kind, in which locality, and where (SWEREF 99 TM, metres) if known."""

    id: str
    day: date
    kind: str
    locality: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision on a flag, with the flag's numbers as they were then.

    ``decided_by`` and ``owner`` are functions or initials, of who decided and who is to see to it; ``follow_up``
    the day by which it is looked at again.
    """

    flag_id: str
    decided_at: datetime
    decision: Decided
    reason: str
    flag: Mapping[str, Any]
    decided_by: str = ""
    owner: str = ""
    follow_up: date | None = None


class SignalStore:
    """The local file; made when first written to."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file; commits at the end, rolls back on an exception.

        Raises
        ------
        LocalDataError
            If the file is damaged, locked for long, or cannot be written.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self.file.exists():
                self.file.touch(mode=0o600)  # crime data of one's own: for this user alone
            with closing(sqlite3.connect(self.file, timeout=30)) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA secure_delete=ON")
                connection.executescript(_SCHEMA)
                _add_columns(connection)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise LocalDataError(
                f"De lokala uppgifterna i {self.file} kan inte användas ({error}). Är filen skadad: återställ den ur säkerhetskopian."
            ) from error

    def setting(self, name: str) -> str | None:
        """Return a setting; None if it has not been set."""
        if not self.file.exists():
            return None
        with self.opened() as local:
            row = local.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self.opened() as local:
            local.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])

    def add_signals(self, code: str, signals: Iterable[Signal]) -> tuple[int, int]:
        """Store signals of a municipality, all or none; return how many were new and how many replaced."""
        rows = [(code, s.id, s.day.isoformat(), s.kind, s.locality, s.x, s.y) for s in signals]
        with self.opened() as local:
            before = local.execute("SELECT count(*) FROM signal").fetchone()[0]
            local.executemany("INSERT OR REPLACE INTO signal VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            new = local.execute("SELECT count(*) FROM signal").fetchone()[0] - before
        return new, len({row[1] for row in rows}) - new

    def signals(self, code: str, today: date) -> list[Signal]:
        """Return a municipality's signals, oldest first; those kept too long are deleted."""
        if not self.file.exists():
            return []
        with self.opened() as local:
            oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
            local.execute("DELETE FROM signal WHERE day < ?", [oldest])
            rows = local.execute("SELECT * FROM signal WHERE code = ? ORDER BY day, id", [code]).fetchall()
        return [
            Signal(
                id=r["id"],
                day=date.fromisoformat(r["day"]),
                kind=r["kind"],
                locality=r["locality"],
                x=r["x"],
                y=r["y"],
            )
            for r in rows
        ]

    def decide(
        self,
        code: str,
        flag_id: str,
        decision: Decided,
        reason: str,
        flag: Mapping[str, Any],
        *,
        decided_by: str = "",
        owner: str = "",
        follow_up: date | None = None,
    ) -> None:
        """Record a decision. Earlier ones are kept, so that a correction or a withdrawal leaves a trace.

        Raises
        ------
        ValueError
            If the reason is empty or too long, a name of a function is too long, or the day to follow up has
            passed; in Swedish.
        """
        given = reason.strip()
        now = datetime.now(UTC)
        if not given:
            raise ValueError("Skriv ett skäl.")
        if len(given) > LONGEST_REASON:
            raise ValueError(f"Skälet får vara högst {LONGEST_REASON} tecken, och ska inte nämna personer.")
        if max(len(decided_by.strip()), len(owner.strip())) > LONGEST_FUNCTION:
            raise ValueError(f"Skriv en funktion eller initialer, högst {LONGEST_FUNCTION} tecken.")
        if follow_up is not None and follow_up < now.date():
            raise ValueError("Dagen för uppföljning har redan varit.")
        with self.opened() as local:
            local.execute(
                "INSERT INTO decision (code, flag_id, decided_at, decision, reason, flag, decided_by, owner, follow_up)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    code,
                    flag_id,
                    now.isoformat(timespec="seconds"),
                    decision,
                    given,
                    json.dumps(flag),
                    decided_by.strip(),
                    owner.strip(),
                    follow_up.isoformat() if follow_up else None,
                ],
            )

    def decisions(self, code: str) -> dict[str, list[Decision]]:
        """Return the decisions of a municipality by flag, the newest first."""
        if not self.file.exists():
            return {}
        with self.opened() as local:
            rows = local.execute(
                "SELECT * FROM decision WHERE code = ? ORDER BY decision_id DESC", [code]
            ).fetchall()
        found: dict[str, list[Decision]] = {}
        for row in rows:
            found.setdefault(row["flag_id"], []).append(
                Decision(
                    flag_id=row["flag_id"],
                    decided_at=datetime.fromisoformat(row["decided_at"]),
                    decision=Decided(row["decision"]),
                    reason=row["reason"],
                    flag=json.loads(row["flag"]),
                    decided_by=row["decided_by"],
                    owner=row["owner"],
                    follow_up=date.fromisoformat(row["follow_up"]) if row["follow_up"] else None,
                )
            )
        return found


def _add_columns(connection: sqlite3.Connection) -> None:
    """Give a local file of an older version the columns that it lacks; what it holds stays as it is."""
    there = {row["name"] for row in connection.execute("PRAGMA table_info(decision)")}
    for name, kind in _ADDED.items():
        if name not in there:
            connection.execute(f"ALTER TABLE decision ADD COLUMN {name} {kind}")
