"""Signals from a file: day, kind, locality and, if known, position. No names, no free text.

Columns (semicolon or comma): ``id``, ``dag`` (ÅÅÅÅ-MM-DD), ``slag``, ``ort``, and ``x`` (east) and ``y``
(north) in SWEREF 99 TM. A column that is none of these is refused: what is not needed is not stored.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.signals.store import Signal

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = ("id", "dag", "slag", "ort")
_OPTIONAL = ("x", "y")
#: Sweden in SWEREF 99 TM, with a margin (metres).
_EAST, _NORTH = (200_000.0, 950_000.0), (6_050_000.0, 7_750_000.0)
_LONGEST = 60
#: What looks like a personal identity number never goes in.
_PERSONAL = re.compile(r"\b(\d{2})?\d{6}[-+ ]?\d{4}\b")


class SignalFileError(ExplainedError):
    """A file of signals cannot be used; the message says which row and column."""


def read(file: Path, today: date) -> list[Signal]:
    """Return the signals of a file, or raise without having taken any in.

    Raises
    ------
    SignalFileError
        For a file that is no such table, or a row with something missing, impossible or personal.
    """
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        text = file.read_text("cp1252", errors="replace")
    except OSError as error:
        raise SignalFileError(f"{file} kan inte läsas ({error.strerror}).") from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") >= head.count(",") else ",")
    columns = [(name or "").strip().lower() for name in rows.fieldnames or []]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise SignalFileError(
            f"{file.name}: kolumnen {missing[0]} saknas. Kolumnerna är {', '.join(_NEEDED + _OPTIONAL)}."
        )
    unknown = [name for name in columns if name not in _NEEDED + _OPTIONAL]
    if unknown:
        raise SignalFileError(
            f"{file.name}: kolumnen {unknown[0]!r} tas inte emot. Fritext, namn och annat som inte behövs lagras inte."
        )
    rows.fieldnames = columns
    found = [_signal(row, f"{file.name}, rad {n}", today) for n, row in enumerate(rows, start=2)]
    if len({signal.id for signal in found}) != len(found):
        raise SignalFileError(f"{file.name}: samma id förekommer flera gånger.")
    return found


def _signal(row: dict[str, str | None], where: str, today: date) -> Signal:
    values = {name: (row.get(name) or "").strip() for name in _NEEDED + _OPTIONAL}
    if None in row:
        raise SignalFileError(f"{where}: raden har fler fält än rubriken.")
    for name in _NEEDED:
        if not values[name]:
            raise SignalFileError(f"{where}: {name} saknas.")
        if len(values[name]) > _LONGEST:
            raise SignalFileError(f"{where}: {name} är längre än {_LONGEST} tecken. Fritext lagras inte.")
        if name in {"slag", "ort"} and _PERSONAL.search(values[name]):
            raise SignalFileError(f"{where}: {name} ser ut att innehålla ett personnummer.")
    try:
        day = date.fromisoformat(values["dag"])
    except ValueError:
        raise SignalFileError(f"{where}: dag är {values['dag']!r}, inte ett datum ÅÅÅÅ-MM-DD.") from None
    if day > today:
        raise SignalFileError(f"{where}: dag {day} ligger i framtiden.")
    x, y = (_metres(values, name, limits, where) for name, limits in (("x", _EAST), ("y", _NORTH)))
    if (x is None) != (y is None):
        raise SignalFileError(f"{where}: x och y ska båda finnas, eller ingen.")
    return Signal(
        id=_unreadable(values["id"]), day=day, kind=values["slag"], locality=values["ort"], x=x, y=y
    )


def _unreadable(given: str) -> str:
    """Return what knows the same signal again but does not tell the other system's number."""
    return sha256(given.encode()).hexdigest()[:16]


def _metres(values: dict[str, str], name: str, limits: tuple[float, float], where: str) -> float | None:
    text = values[name]
    if not text:
        return None
    try:
        value = float(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        raise SignalFileError(f"{where}: {name} är {text!r}, inte ett tal.") from None
    if not limits[0] <= value <= limits[1]:
        raise SignalFileError(f"{where}: {name} är {text}, utanför Sverige i SWEREF 99 TM.")
    return value
