"""Signals and decisions in the local file.

A signal is what someone saw: what kind, where, when, how serious. Its text is kept for a short time, what it says in
fields longer; a deleted one can be brought back until it is purged.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError
from lagesbild.signals import writing
from lagesbild.signals.database import (
    COMMAND_LINE,
    Actor,
    ChangedMeanwhileError,
    LocalDataError,
    LocalFile,
    day_of,
    iso,
    log,
    now,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COMMAND_LINE", "Actor", "ChangedMeanwhileError", "LocalDataError"]

#: Signals older than this are deleted: longer than a backtest of a year needs, no longer.
KEPT_DAYS = 730
#: The text of a signal is deleted after so many days; a deleted signal is gone for good after so many.
TEXT_DAYS, DELETED_DAYS = 90, 30
#: The longest text of a signal, and the longest reason; longer ones tend to become case notes.
LONGEST_TEXT = LONGEST_REASON = 300
#: And the longest function or initials, kind or name of a place.
LONGEST_FUNCTION = LONGEST_NAME = 60


class Severity(IntEnum):
    """How serious the one who reports finds it."""

    MILD = 1
    SERIOUS = 2
    ACUTE = 3


class Decided(StrEnum):
    """What the coordinator decided on a flag."""

    FOLLOW = "follow"
    ACT = "act"
    DISMISS = "dismiss"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class SignalError(ExplainedError):
    """A signal, or what belongs to it, cannot be kept as it is; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A dated local signal.

    Parameters
    ----------
    hour
        Of the day in Swedish time, 0-23; None if not known.
    locality, place
        The locality it is counted in, and the name of the place in it if one was given.
    x, y
        Where, in SWEREF 99 TM (metres), if known.
    text
        A few words, screened; empty when there were none or their time is over.
    reporter_id
        Who reported it; empty for what a file brought.
    outside_key
        What knows it again when it comes a second time: a salted hash.
    outcome
        What it led to, for the one who reported it.
    """

    id: str
    day: date
    kind: str
    locality: str
    x: float | None = None
    y: float | None = None
    hour: int | None = None
    place: str = ""
    severity: Severity | None = None
    text: str = ""
    reporter_id: str = ""
    batch_id: str = ""
    outside_key: str | None = None
    received_at: str = ""
    outcome: str = ""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Batch:
    """An import: who sent it, when it was taken in and by whom, and what became of it."""

    id: str
    sender: str
    taken_in_at: datetime
    taken_in_by: str
    added: int
    changed: int
    undone_at: datetime | None


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


_COLUMNS = (
    "id", "day", "kind", "locality", "x", "y", "hour", "place", "severity", "text", "reporter_id", "batch_id",
    "outside_key", "received_at", "outcome", "version",
)  # fmt: skip
_INSERT = f"INSERT INTO signal (code, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
#: What may be changed of a signal that has been taken in.
CHANGEABLE = ("day", "kind", "locality", "x", "y", "hour", "place", "severity", "text", "outcome")


def new_id() -> str:
    """Return an identity that tells nothing."""
    return secrets.token_hex(8)


class SignalStore(LocalFile):
    """The local file, as far as signals and decisions go."""

    def signals(self, code: str, today: date) -> list[Signal]:
        """Return a municipality's signals, oldest first; what has been kept too long is deleted first."""
        if not self.exists:
            return []
        self.expire(today)
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT * FROM signal WHERE code = ? AND deleted_at IS NULL ORDER BY day, hour, id", [code]
            ).fetchall()
        return [_signal(row) for row in rows]

    def reported_by(self, reporter_id: str) -> list[Signal]:
        """Return what one person has reported, the newest first."""
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT * FROM signal WHERE reporter_id = ? AND deleted_at IS NULL ORDER BY day DESC, hour DESC",
                [reporter_id],
            ).fetchall()
        return [_signal(row) for row in rows]

    def deleted_signals(self, code: str) -> list[Signal]:
        """Return the deleted signals that can still be brought back one by one, the last deleted first.

        What went with an import comes back with it: `take_back`.
        """
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT * FROM signal WHERE code = ? AND deleted_at IS NOT NULL AND undone_batch = ''"
                " ORDER BY deleted_at DESC",
                [code],
            ).fetchall()
        return [_signal(row) for row in rows]

    def signal(self, signal_id: str) -> Signal | None:
        """Return one signal; None if there is none, or it is deleted."""
        with self.opened(reading=True) as local:
            row = local.execute(
                "SELECT * FROM signal WHERE id = ? AND deleted_at IS NULL", [signal_id]
            ).fetchone()
        return None if row is None else _signal(row)

    def report(self, code: str, signals: Sequence[Signal], actor: Actor) -> int:
        """Store new signals, all or none; those whose ``outside_key`` is there already are left as they are.

        Returns how many were new.
        """
        with self.opened() as local:
            there = _keys(local, code)
            fresh = [s for s in signals if s.outside_key is None or s.outside_key not in there]
            for one in fresh:
                _insert(local, code, replace(one, received_at=now()))
                log(local, actor, "rapporterade", "signal", one.id)
        return len(fresh)

    def take_in(self, code: str, sender: str, signals: Iterable[Signal], actor: Actor) -> Batch:
        """Store a file's signals as one import, all or none.

        One whose ``outside_key`` is known is changed if it says something else, and left if it says the same; a
        person's words on what it led to stay, and one that was deleted stays deleted.
        """
        batch_id, added, changed = new_id(), 0, 0
        with self.opened() as local:
            there = _keys(local, code)
            for one in signals:
                old = there.get(one.outside_key or "")
                signal = replace(one, batch_id=batch_id, received_at=now())
                if old is None:
                    _insert(local, code, signal)
                    added += 1
                elif _said(old) != _said(signal):
                    local.execute(
                        "INSERT INTO batch_before VALUES (?, ?, ?, ?)",
                        [batch_id, old.id, old.version + 1, _json_of(old)],
                    )
                    _write(local, replace(signal, id=old.id, outcome=old.outcome), old.version)
                    changed += 1
            if added or changed:
                local.execute(
                    "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                    [batch_id, code, sender, now(), actor.name, added, changed],
                )
                log(local, actor, "läste in", "import", batch_id, f"{added} nya, {changed} ändrade")
        return Batch(
            id=batch_id,
            sender=sender,
            taken_in_at=datetime.now(UTC),
            taken_in_by=actor.name,
            added=added,
            changed=changed,
            undone_at=None,
        )

    def batches(self, code: str) -> list[Batch]:
        """Return a municipality's imports, the newest first."""
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT * FROM batch WHERE code = ? ORDER BY taken_in_at DESC, rowid DESC", [code]
            ).fetchall()
        return [_batch(row) for row in rows]

    def undo(self, batch_id: str, actor: Actor) -> int:
        """Take back a whole import: what it added goes, what it changed is as it was; return how many were touched.

        What a person has changed since stays as that person left it. `take_back` undoes the undoing.
        """
        with self.opened() as local:
            touched = _exchange(local, batch_id)
            touched += local.execute(
                "UPDATE signal SET deleted_at = ?, undone_batch = batch_id"
                " WHERE batch_id = ? AND version = 1 AND deleted_at IS NULL",
                [now(), batch_id],
            ).rowcount
            local.execute("UPDATE batch SET undone_at = ? WHERE batch_id = ?", [now(), batch_id])
            log(local, actor, "ångrade", "import", batch_id, f"{touched} signaler")
        return touched

    def take_back(self, batch_id: str, actor: Actor) -> int:
        """Let an import hold again that was undone; return how many signals were touched.

        What has been changed or taken in again since stays, and what was undone too long ago is gone.
        """
        with self.opened() as local:
            touched = _exchange(local, batch_id)
            touched += local.execute(
                "UPDATE signal SET deleted_at = NULL, undone_batch = '' WHERE undone_batch = ?", [batch_id]
            ).rowcount
            local.execute("UPDATE batch SET undone_at = NULL WHERE batch_id = ?", [batch_id])
            log(local, actor, "tog tillbaka", "import", batch_id, f"{touched} signaler")
        return touched

    def change_signal(self, changed: Signal, actor: Actor) -> None:
        """Write a changed signal.

        Raises
        ------
        ChangedMeanwhileError
            If ``changed.version`` is no longer the newest.
        """
        with self.opened() as local:
            row = local.execute("SELECT * FROM signal WHERE id = ?", [changed.id]).fetchone()
            if row is None or row["deleted_at"] or not _write_if(local, changed, changed.version):
                raise ChangedMeanwhileError(
                    "Någon annan har ändrat signalen under tiden. Inget är skrivet över."
                )
            old = _signal(row)
            fields = [name for name in CHANGEABLE if getattr(old, name) != getattr(changed, name)]
            log(local, actor, "ändrade", "signal", changed.id, ", ".join(fields))

    def delete_signals(self, ids: Sequence[str], actor: Actor) -> int:
        """Hide signals until they are purged; return how many."""
        return self._mark(ids, now(), actor, "tog bort")

    def restore_signals(self, ids: Sequence[str], actor: Actor) -> int:
        """Bring back deleted signals; return how many."""
        return self._mark(ids, None, actor, "tog tillbaka")

    def _mark(self, ids: Sequence[str], moment: str | None, actor: Actor, did: str) -> int:
        found = 0
        with self.opened() as local:
            for signal_id in ids:
                found += local.execute(
                    "UPDATE signal SET deleted_at = ?, version = version + 1 WHERE id = ?",
                    [moment, signal_id],
                ).rowcount
                log(local, actor, did, "signal", signal_id)
        return found

    def expire_now(self) -> None:
        """Delete what has been kept too long by today."""
        if self.exists:
            self.expire(datetime.now(UTC).date())

    def expire(self, today: date) -> None:
        """Delete what has been kept too long: old signals, texts whose time is over, what was deleted long ago."""
        limits = [(today - timedelta(days=days)).isoformat() for days in (KEPT_DAYS, TEXT_DAYS, DELETED_DAYS)]
        with self.opened(reading=True) as local:
            old = local.execute(
                "SELECT EXISTS (SELECT 1 FROM signal WHERE day < ? OR (day < ? AND text != '') OR deleted_at < ?)"
                " OR EXISTS (SELECT 1 FROM batch_before JOIN batch USING (batch_id) WHERE taken_in_at < ?)"
                " OR EXISTS (SELECT 1 FROM person WHERE ended_at < ? AND erased = 0)",
                [*limits, limits[2], limits[2]],
            ).fetchone()[0]
        if not old:
            return
        with self.opened() as local:
            local.execute("DELETE FROM signal WHERE day < ? OR deleted_at < ?", [limits[0], limits[2]])
            local.execute("UPDATE signal SET text = '' WHERE day < ? AND text != ''", [limits[1]])
            local.execute(
                "DELETE FROM batch_before WHERE batch_id IN (SELECT batch_id FROM batch WHERE taken_in_at < ?)",
                [limits[2]],
            )
            _erase_ended(local, limits[2])

    # --- how a sender's columns are read ---

    def mapping(self, code: str, sender: str) -> dict[str, str]:
        """Return what each column of a sender's files means, as it was chosen last."""
        if not self.exists:
            return {}
        with self.opened(reading=True) as local:
            row = local.execute(
                "SELECT columns FROM mapping WHERE code = ? AND sender = ?", [code, sender]
            ).fetchone()
        return dict(json.loads(row["columns"])) if row else {}

    def keep_mapping(self, code: str, sender: str, columns: Mapping[str, str]) -> None:
        """Remember what each column of a sender's files means."""
        with self.opened() as local:
            local.execute(
                "INSERT OR REPLACE INTO mapping VALUES (?, ?, ?)",
                [code, sender, json.dumps(columns, ensure_ascii=False)],
            )

    def senders(self, code: str) -> list[str]:
        """Return the senders whose columns are known."""
        if not self.exists:
            return []
        with self.opened(reading=True) as local:
            rows = local.execute(
                "SELECT sender FROM mapping WHERE code = ? ORDER BY sender", [code]
            ).fetchall()
        return [row["sender"] for row in rows]

    # --- decisions on flags ---

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
        actor: Actor = COMMAND_LINE,
    ) -> None:
        """Record a decision. Earlier ones are kept, so that a correction or a withdrawal leaves a trace.

        Raises
        ------
        SignalError
            If the reason is empty, a text is too long or points out a person, or the day to follow up has passed.
        """
        given = writing.checked(reason, "Skälet", LONGEST_REASON, error=SignalError)
        if not given:
            raise SignalError("Skriv ett skäl.")
        decided_by, owner = (
            writing.checked(text, what, LONGEST_FUNCTION, one_line=True, error=SignalError)
            for text, what in ((decided_by, "Vem som beslutat"), (owner, "Ansvarig"))
        )
        moment = datetime.now(UTC)
        if follow_up is not None and follow_up < moment.date():
            raise SignalError("Dagen för uppföljning har redan varit.")
        with self.opened() as local:
            local.execute(
                "INSERT INTO decision (code, flag_id, decided_at, decision, reason, flag, decided_by, owner, follow_up)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    code,
                    flag_id,
                    moment.isoformat(timespec="seconds"),
                    decision,
                    given,
                    json.dumps(flag),
                    decided_by,
                    owner,
                    iso(follow_up),
                ],
            )
            log(local, actor, "beslutade om", "flagga", flag_id)

    def decisions(self, code: str) -> dict[str, list[Decision]]:
        """Return the decisions of a municipality by flag, the newest first."""
        if not self.exists:
            return {}
        with self.opened(reading=True) as local:
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
                    follow_up=day_of(row["follow_up"]),
                )
            )
        return found


def _erase_ended(local: sqlite3.Connection, limit: str) -> None:
    """Erase what points out those who were let in no more before a moment."""
    local.execute(
        "UPDATE person SET name = 'avslutad ' || person_id, password = '', link = '', address = '', erased = 1"
        " WHERE ended_at < ? AND erased = 0",
        [limit],
    )


def _keys(local: sqlite3.Connection, code: str) -> dict[str, Signal]:
    """Return what is there by what knows it again; what went with an undone import is not there."""
    rows = local.execute(
        "SELECT * FROM signal WHERE code = ? AND outside_key IS NOT NULL AND undone_batch = ''", [code]
    ).fetchall()
    return {row["outside_key"]: _signal(row) for row in rows}


def _insert(local: sqlite3.Connection, code: str, signal: Signal) -> None:
    """Store a new signal; it takes the place of one that went with an undone import."""
    local.execute(
        "DELETE FROM signal WHERE code = ? AND outside_key = ? AND undone_batch != ''",
        [code, signal.outside_key],
    )
    local.execute(_INSERT, _row(code, signal))


def _exchange(local: sqlite3.Connection, batch_id: str) -> int:
    """Exchange what an import changed with what was before, and keep what went: done twice, it is as it was.

    Returns how many were exchanged; what somebody has changed since is not.
    """
    exchanged = 0
    for row in local.execute("SELECT * FROM batch_before WHERE batch_id = ?", [batch_id]).fetchall():
        other = _signal_of(json.loads(row["before"]))
        there = local.execute("SELECT * FROM signal WHERE id = ?", [other.id]).fetchone()
        if there is None or not _write_if(local, other, row["version"]):
            continue
        local.execute(
            "UPDATE batch_before SET before = ?, version = version + 1 WHERE batch_id = ? AND signal_id = ?",
            [_json_of(_signal(there)), batch_id, other.id],
        )
        exchanged += 1
    return exchanged


def _said(signal: Signal) -> tuple[object, ...]:
    """Return what a signal says, without who took it in and when."""
    return tuple(getattr(signal, name) for name in CHANGEABLE if name != "outcome")


def _row(code: str, signal: Signal) -> list[object]:
    return [code, *_values(signal, _COLUMNS)]


def _values(signal: Signal, names: Iterable[str]) -> list[object]:
    values = (getattr(signal, name) for name in names)
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _write(local: sqlite3.Connection, signal: Signal, version: int) -> None:
    _write_if(local, signal, version)


def _write_if(local: sqlite3.Connection, signal: Signal, version: int) -> int:
    """Write what a signal says if its version is still that; return 1 if it was."""
    names = (*CHANGEABLE, "batch_id")
    assignments = ", ".join(f"{name} = ?" for name in names)
    return local.execute(
        f"UPDATE signal SET {assignments}, version = version + 1 WHERE id = ? AND version = ?",
        [*_values(signal, names), signal.id, version],
    ).rowcount


def _json_of(signal: Signal) -> str:
    return json.dumps(asdict(signal) | {"day": signal.day.isoformat()}, ensure_ascii=False)


def _signal_of(values: Mapping[str, Any]) -> Signal:
    severity = values["severity"]
    return Signal(
        **{
            **{name: values[name] for name in _COLUMNS},
            "day": date.fromisoformat(values["day"]),
            "severity": None if severity is None else Severity(severity),
        }
    )


def _signal(row: sqlite3.Row) -> Signal:
    return _signal_of(dict(row))


def _batch(row: sqlite3.Row) -> Batch:
    return Batch(
        id=row["batch_id"],
        sender=row["sender"],
        taken_in_at=datetime.fromisoformat(row["taken_in_at"]),
        taken_in_by=row["taken_in_by"],
        added=row["added"],
        changed=row["changed"],
        undone_at=datetime.fromisoformat(row["undone_at"]) if row["undone_at"] else None,
    )
