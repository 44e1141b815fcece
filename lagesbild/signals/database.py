"""The local file (SQLite, WAL): opened, kept up to date, backed up and restored; settings and the log of who did what.

It is the municipality's own: never swapped with the warehouse, never fetched, never published. What several people
change has a version: who changes what has been changed meanwhile is told, and overwrites nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError
from lagesbild.files.sqlite import remedy, write_ahead
from lagesbild.signals import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class LocalDataError(ExplainedError):
    """The local file cannot be read or written."""


class ChangedMeanwhileError(ExplainedError):
    """Someone else has changed it since it was read; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something: an identity and a name, for the log."""

    person_id: str
    name: str


#: Stands on everything that is made of a demonstration.
INVENTED = "DEMONSTRATION: signaler, åtgärder, möten och personer är påhittade."
#: Who does what a command or the program itself does.
COMMAND_LINE = Actor(person_id="", name="kommandoraden")


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A line of the log: who did what with which object, and when. ``detail`` names fields, never their content."""

    at: datetime
    name: str
    did: str
    kind: str
    object_id: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """Something that is kept with its earlier versions: an action, a promise, a meeting, a document, a place."""

    id: str
    kind: str
    version: int
    data: Mapping[str, Any]
    changed_at: datetime
    changed_by: str


class LocalFile:
    """The local file; made when first written to."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def opened(self, *, reading: bool = False) -> Iterator[sqlite3.Connection]:
        """Open the file; commits at the end, rolls back on an exception.

        Parameters
        ----------
        reading
            Nothing will be written, so that nobody need wait.

        Raises
        ------
        LocalDataError
            If the file is damaged, locked for long, of a newer version, or cannot be written.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self.file.exists():
                self.file.touch(mode=0o600)  # crime data of one's own: for this user alone
            with closing(_connected(self.file)) as connection:
                migrations.carry_out(connection)
                with connection:
                    # Taken at once: two that read, think and write would else both fail, or one overwrite the other.
                    connection.execute("BEGIN" if reading else "BEGIN IMMEDIATE")
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise _unusable(self.file, error) from error

    @property
    def exists(self) -> bool:
        """Whether anything has been written yet."""
        return self.file.exists()

    @property
    def invented(self) -> bool:
        """Whether this is a demonstration, of invented data."""
        return self.setting("invented") == "ja"

    def setting(self, name: str) -> str | None:
        """Return a setting; None if it has not been set."""
        if not self.exists:
            return None
        with self.opened(reading=True) as local:
            row = local.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return None if row is None else str(row["value"])

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self.opened() as local:
            local.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])

    def replace_setting(self, name: str, before: str | None, value: str) -> None:
        """Keep a setting that was ``before`` when it was read.

        Raises
        ------
        ChangedMeanwhileError
            If it is something else by now.
        """
        with self.opened() as local:
            row = local.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
            if (None if row is None else str(row["value"])) != before:
                raise ChangedMeanwhileError("Någon annan har ändrat inställningen under tiden.")
            local.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])

    def salt(self) -> bytes:
        """Return this installation's own salt, made when first asked for."""
        with self.opened() as local:
            local.execute("INSERT OR IGNORE INTO setting VALUES ('salt', ?)", [secrets.token_hex(32)])
            row = local.execute("SELECT value FROM setting WHERE name = 'salt'").fetchone()
        return bytes.fromhex(row["value"])

    # --- what is kept with its versions ---

    def create(self, code: str, kind: str, data: Mapping[str, Any], actor: Actor) -> str:
        """Keep something new of a municipality; return its id."""
        record_id = secrets.token_hex(8)
        with self.opened() as local:
            local.execute(
                "INSERT INTO record VALUES (?, ?, ?, 1, ?, ?, ?, NULL)",
                [record_id, code, kind, _json(data), now(), actor.name],
            )
            _keep_version(local, record_id)
            log(local, actor, "skapade", kind, record_id)
        return record_id

    def change(self, record_id: str, version: int, data: Mapping[str, Any], actor: Actor) -> None:
        """Write the next version of something; the earlier ones stay.

        Raises
        ------
        ChangedMeanwhileError
            If ``version`` is no longer the newest, or it has been deleted.
        """
        with self.opened() as local:
            kind = _step(local, record_id, version, actor, _json(data))
            log(local, actor, "ändrade", kind, record_id)

    def delete(self, record_id: str, version: int, actor: Actor) -> None:
        """Hide something; `restore_record` brings it back.

        Raises
        ------
        ChangedMeanwhileError
            As for `change`.
        """
        with self.opened() as local:
            kind = _step(local, record_id, version, actor, None)
            local.execute("UPDATE record SET deleted_at = ? WHERE record_id = ?", [now(), record_id])
            log(local, actor, "tog bort", kind, record_id)

    def restore_record(self, record_id: str, actor: Actor) -> None:
        """Bring back something that was deleted."""
        with self.opened() as local:
            row = local.execute("SELECT kind FROM record WHERE record_id = ?", [record_id]).fetchone()
            local.execute("UPDATE record SET deleted_at = NULL WHERE record_id = ?", [record_id])
            log(local, actor, "tog tillbaka", row["kind"], record_id)

    def records(self, code: str, kind: str, *, deleted: bool = False) -> list[Record]:
        """Return what a municipality has of a kind, oldest first; with ``deleted`` what has been deleted instead."""
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute(
                f"SELECT * FROM record WHERE code = ? AND kind = ? AND deleted_at IS {'NOT' if deleted else ''} NULL"
                " ORDER BY rowid",
                [code, kind],
            ).fetchall()
        return [_record(row) for row in rows]

    def record(self, record_id: str) -> Record | None:
        """Return one thing, deleted or not; None if there is none."""
        if not self.exists:
            return None
        with self.opened(reading=True) as local:
            row = local.execute("SELECT * FROM record WHERE record_id = ?", [record_id]).fetchone()
        return None if row is None else _record(row)

    def versions(self, record_id: str) -> list[Record]:
        """Return every version of something, the newest first."""
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT v.*, r.kind FROM record_version v JOIN record r USING (record_id) WHERE record_id = ?"
                " ORDER BY v.version DESC",
                [record_id],
            ).fetchall()
        return [_record(row) for row in rows]

    # --- the log ---

    def note(self, actor: Actor, did: str, kind: str, object_id: str = "", detail: str = "") -> None:
        """Write a line in the log."""
        with self.opened() as local:
            log(local, actor, did, kind, object_id, detail)

    def logged(self, limit: int = 200) -> list[Logged]:
        """Return the newest lines of the log, the newest first."""
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute("SELECT * FROM audit ORDER BY audit_id DESC LIMIT ?", [limit]).fetchall()
        return [
            Logged(
                at=datetime.fromisoformat(row["at"]),
                name=row["name"],
                did=row["did"],
                kind=row["kind"],
                object_id=row["object_id"],
                detail=row["detail"],
            )
            for row in rows
        ]

    # --- backup ---

    def back_up(self, target: Path) -> None:
        """Write a whole copy while others read and write; the copy replaces ``target`` when it is complete.

        Raises
        ------
        LocalDataError
            If either file cannot be used.
        """
        if not self.exists:
            raise LocalDataError("Det finns inga lokala uppgifter att säkerhetskopiera.")
        part = target.with_name(f".{target.name}.part")
        try:
            part.unlink(missing_ok=True)
            part.touch(mode=0o600)
            with closing(_connected(self.file)) as source, closing(sqlite3.connect(part)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can be moved
            _check(part)
            part.replace(target)
        except (sqlite3.Error, OSError) as error:
            raise _unusable(target, error) from error
        finally:
            part.unlink(missing_ok=True)

    def restore(self, source: Path) -> Path | None:
        """Put a copy in the place of what there is, also while others use it; return where that was put aside.

        Raises
        ------
        LocalDataError
            If the copy is none of ours or damaged; what there is then stays.
        """
        try:
            _check(source)
            aside = (
                self.file.with_name(f"{self.file.stem}-fore-{now(compact=True)}.sqlite")
                if self.exists
                else None
            )
            if aside:
                self.back_up(aside)
            with self.opened():
                pass
            with closing(_read_only(source)) as copy, closing(_connected(self.file)) as target:
                copy.backup(target)
            with self.opened():
                pass  # a copy of an older version is brought up to date
        except (sqlite3.Error, OSError) as error:
            raise _unusable(source, error) from error
        return aside


def now(*, compact: bool = False) -> str:
    """Return the time in UTC, as it is kept."""
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%d-%H%M%S}" if compact else moment.isoformat(timespec="seconds")


def iso(day: date | None) -> str | None:
    """Return a day as it is kept."""
    return day.isoformat() if day else None


def day_of(text: str | None) -> date | None:
    """Return a day that is kept; None where there is none."""
    return date.fromisoformat(text) if text else None


def log(
    local: sqlite3.Connection, actor: Actor, did: str, kind: str, object_id: str = "", detail: str = ""
) -> None:
    """Write a line in the log, in the same transaction as what it tells of."""
    local.execute(
        "INSERT INTO audit (at, person_id, name, did, kind, object_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [now(), actor.person_id, actor.name, did, kind, object_id, detail],
    )


def _connected(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")  # what is confirmed is on the disk
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _unusable(file: Path, error: Exception) -> LocalDataError:
    what_to_do = remedy(error, "Är filen skadad: återställ den ur säkerhetskopian.")
    return LocalDataError(f"De lokala uppgifterna i {file} kan inte användas ({error}). {what_to_do}")


def _check(file: Path) -> None:
    """See that a file is a sound local file of a version that is known."""
    if not os.access(file, os.R_OK):
        raise LocalDataError(f"{file} finns inte eller går inte att läsa.")
    with closing(_read_only(file)) as copy:
        sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        version = copy.execute("PRAGMA user_version").fetchone()[0]
    if not sound or not {"setting", "signal", "decision"} <= tables or version > len(migrations.STEPS):
        raise LocalDataError(
            f"{file} är ingen säkerhetskopia som den här versionen kan läsa. Inget är ändrat."
        )


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def _step(local: sqlite3.Connection, record_id: str, version: int, actor: Actor, data: str | None) -> str:
    """Write the next version; return its kind."""
    row = local.execute("SELECT * FROM record WHERE record_id = ?", [record_id]).fetchone()
    if row is None or row["deleted_at"] or row["version"] != version:
        by = f" ({row['changed_by']})" if row else ""
        raise ChangedMeanwhileError(f"Någon annan{by} har ändrat det under tiden. Inget är skrivet över.")
    local.execute(
        "UPDATE record SET version = version + 1, data = ?, changed_at = ?, changed_by = ? WHERE record_id = ?",
        [row["data"] if data is None else data, now(), actor.name, record_id],
    )
    _keep_version(local, record_id)
    return str(row["kind"])


def _keep_version(local: sqlite3.Connection, record_id: str) -> None:
    local.execute(
        "INSERT INTO record_version SELECT record_id, version, data, changed_at, changed_by FROM record WHERE record_id = ?",
        [record_id],
    )


def _record(row: sqlite3.Row) -> Record:
    return Record(
        id=row["record_id"],
        kind=row["kind"],
        version=row["version"],
        data=json.loads(row["data"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        changed_by=row["changed_by"],
    )
