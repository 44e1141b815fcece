"""All that is known about a person: found, given out and erased.

What is sought is a text: a name, a number, initials. It is sought in every text that anybody has written, and in the
names of those who may log in. What is erased is erased in earlier versions too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lagesbild.signals.database import log
from lagesbild.signals.store import SignalError

if TYPE_CHECKING:
    import sqlite3

    from lagesbild.signals.database import Actor, LocalFile

#: What stands where something has been erased.
ERASED = "[borttaget]"
SHORTEST = 3
#: Every text that somebody has written, by table: the key, the columns of text, and what it is called.
_TEXTS = {
    "signal": ("id", ("kind", "place", "text", "outcome"), "signal"),
    "decision": ("decision_id", ("reason", "decided_by", "owner"), "beslut om flagga"),
    "record": ("record_id", ("data", "changed_by"), "åtgärd, löfte, möte eller dokument"),
    "record_version": ("rowid", ("data", "changed_by"), "tidigare version"),
    "batch": ("batch_id", ("sender", "taken_in_by"), "import"),
    "batch_before": ("rowid", ("before",), "signal före en import"),
    "mapping": ("rowid", ("sender",), "avsändare"),
    "person": ("person_id", ("name", "address"), "person med inloggning"),
    "audit": ("audit_id", ("name",), "rad i loggen"),
}


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A text that holds what was sought: in which table and column, of which object, and the text itself."""

    table: str
    what: str
    key: str
    column: str
    text: str


def find(local: LocalFile, sought: str) -> list[Trace]:
    """Return every text that holds ``sought`` as whole words, small and capital letters alike.

    Raises
    ------
    SignalError
        If it is too short to be anybody.
    """
    words = pattern(sought)
    if not local.exists:
        return []
    with local.opened(reading=True) as opened:
        return [trace for table in _TEXTS for trace in _in_table(opened, table, words)]


def exported(traces: list[Trace]) -> str:
    """Return what was found as JSON, to be given to the person."""
    told: list[dict[str, Any]] = [
        {"vad": trace.what, "nummer": trace.key, "fält": trace.column, "text": trace.text} for trace in traces
    ]
    return json.dumps(told, ensure_ascii=False, indent=2)


def erase(local: LocalFile, sought: str, actor: Actor, *, beside: int = 0) -> int:
    """Erase a text wherever it stands, earlier versions included; return how many texts were changed.

    The log tells that it was done, and by whom, not what was erased. A person who can log in is let in no more.

    Parameters
    ----------
    beside
        How many texts have been erased in other stores, for the log.

    Raises
    ------
    SignalError
        If it is too short to be anybody.
    """
    words, changed = pattern(sought), beside
    with local.opened() as opened:
        for table, (key, _, _) in _TEXTS.items():
            for trace in _in_table(opened, table, words):
                value = words.sub(ERASED, trace.text)
                if table == "person":
                    _end(opened, trace.key)
                else:
                    opened.execute(
                        f"UPDATE {table} SET {trace.column} = ? WHERE {key} = ?", [value, trace.key]
                    )
                changed += 1
        log(opened, actor, "raderade uppgifter om", "person", detail=f"{changed} texter")
    return changed


def _end(opened: sqlite3.Connection, person_id: str) -> None:
    opened.execute(
        "UPDATE person SET name = 'raderad ' || person_id, address = '', password = '', link = '',"
        " ended_at = datetime('now'), erased = 1 WHERE person_id = ?",
        [person_id],
    )
    opened.execute("DELETE FROM session WHERE person_id = ?", [person_id])


def _in_table(opened: sqlite3.Connection, table: str, sought: re.Pattern[str]) -> list[Trace]:
    key, columns, what = _TEXTS[table]
    rows = opened.execute(f"SELECT {key} AS key, {', '.join(columns)} FROM {table}").fetchall()
    return [
        Trace(table=table, what=what, key=str(row["key"]), column=column, text=row[column])
        for row in rows
        for column in columns
        if row[column] and sought.search(row[column])
    ]


def pattern(sought: str) -> re.Pattern[str]:
    """Return what finds a text as whole words, however it is spaced; raises `SignalError` if it is too short."""
    words = sought.split()
    if len("".join(words)) < SHORTEST:
        raise SignalError(f"Skriv minst {SHORTEST} tecken.")
    spaced = r"\s+".join(map(re.escape, words))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
