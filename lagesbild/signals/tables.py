"""A table in any spreadsheet file: the heading row and the rows below it, with the numbers that Excel shows.

Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) and text (.csv, .txt) are known by what they hold, not by their names.
What is no such table is refused with one sentence that says what to do; nothing that a file holds is run.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NoReturn

from lagesbild import ExplainedError
from lagesbild.signals import workbook_child
from lagesbild.swedish import number as written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Cell = str | float | datetime | date | time | bool | None

#: Bytes of a file, and of all that a compressed one unfolds to.
LARGEST, LARGEST_UNFOLDED = 20_000_000, 200_000_000
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 100_000, 200, 2_000
#: Among so many rows that hold something the heading row is sought; titles stand above it.
_TOP = 25
_LONGEST_HEADING = 120
_MOST_PARTS = 2_000
_PATIENCE = 60.0
_SAVE = "Öppna den i Excel och spara som Excelarbetsbok (.xlsx)."
#: How files that are no tables begin, and what they are.
_OTHERS = (
    (b"%PDF", "en PDF-fil. Be om underlaget som Excelfil."),
    (b"\x89PNG", "en bild. Be om underlaget som Excelfil."),
    (b"\xff\xd8\xff", "en bild. Be om underlaget som Excelfil."),
    (b"GIF8", "en bild. Be om underlaget som Excelfil."),
    (b"BM", ""),
    (b"II*\x00", "en bild. Be om underlaget som Excelfil."),
    (b"MM\x00*", "en bild. Be om underlaget som Excelfil."),
    (b"RIFF", "en bild eller ett ljud. Be om underlaget som Excelfil."),
    (b"{\\rtf", "ett textdokument (RTF). Be om underlaget som Excelfil."),
    (b"\x1f\x8b", "en komprimerad fil. Packa upp den först."),
    (b"7z\xbc\xaf", "en komprimerad fil. Packa upp den först."),
    (b"Rar!", "en komprimerad fil. Packa upp den först."),
    (b"MZ", ""),
    (b"\x7fELF", "ett program. Välj en Excelfil eller en csv-fil."),
    (b"PAR1", "en Parquetfil. Välj en Excelfil eller en csv-fil."),
    (b"SQLite format 3", "en databas. Välj en Excelfil eller en csv-fil."),
)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "är skyddad med lösenord. Öppna den i Excel, ta bort lösenordet (Arkiv, Info, Skydda arbetsboken) och spara den på nytt."
_BROKEN = f"är skadad eller ingen hel Excelfil. {_SAVE}"
#: What is written with digits alone is no heading: 2026-11-03, 22.15, 6 542 000, 59,0664.
_DATA = re.compile(r"[\d\s.,:/+−°'′″\"TZ-]*\d[\d\s.,:/+−°'′″\"TZNEÖS-]*")
_DELIMITERS = (";", "\t", ",", "|")
#: Letters of old DOS files (code page 850) and what they are in Windows-1252.
_DOS, _WINDOWS = b"\x84\x86\x8e\x8f\x94\x99", b"\xe5\xe4\xf6\xc5\xc4\xd6"
_END = "\x00slut\x00"


class SignalFileError(ExplainedError):
    """A file of signals cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """A row: its number in the file as Excel shows it, and a cell for each column of the table.

    ``ragged`` tells that the row of a text file has more fields than the heading row: they may be in the wrong columns.
    """

    number: int
    cells: tuple[Cell, ...]
    ragged: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: unique names of columns, rows that hold something, and the sheets that could be chosen instead.

    ``heading`` is the number of the heading row; ``sheet`` is empty where the file is text.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    heading: int
    sheets: tuple[str, ...] = ()
    sheet: str = ""


@dataclass(frozen=True)
class _Sheet:
    rows: list[Row]
    sheets: tuple[str, ...] = ()
    name: str = ""
    #: How many fields each row of a text file has.
    widths: Mapping[int, int] = field(default_factory=dict)


def read(content: bytes, name: str, sheet: str | None = None) -> Table:
    """Return the table of a file.

    Rows without content are passed over but counted. A quoted field may hold line breaks: its row has the number that
    Excel shows, which counts rows and not lines. The line ``sep=;`` is not counted, as Excel does not show it.

    Parameters
    ----------
    name
        The file's name, to be told in messages.
    sheet
        The sheet of a workbook; None for the first that has rows.

    Raises
    ------
    SignalFileError
        For anything else than a table within the limits.
    """
    told = cleaned(Path(name).name)[:80] or "Filen"
    try:
        return _table(_opened(content, sheet))
    except _Refused as error:
        raise SignalFileError(f"{told} {error}") from error


class _Refused(Exception):  # noqa: N818 - the end of a sentence that begins with the file's name
    """Why a file is not taken in, to be said after its name."""


def cleaned(text: str) -> str:
    """Return a text on one line, without what cannot be seen: control characters and turns of direction."""
    composed = unicodedata.normalize("NFC", text)
    if not composed.isprintable():
        composed = "".join(
            " " if one.isspace() else one for one in composed if one.isspace() or _is_seen(one)
        )
    return " ".join(composed.split())


def _is_seen(one: str) -> bool:
    return unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _opened(content: bytes, sheet: str | None) -> _Sheet:
    if not content.strip(b"\x00 \t\r\n"):
        raise _Refused("är tom. Välj en fil med en rubrikrad och en rad för varje händelse.")
    if len(content) > LARGEST:
        raise _Refused("är större än 20 MB. Dela den, till exempel ett år i varje fil.")
    if content.startswith(_ZIP):
        _check_parts(content)
        return _workbook(content, sheet)
    if content.startswith(_OLE):
        _check_ole(content)
        return _workbook(content, sheet)
    _check_other(content)
    return _text(content)


def _check_other(content: bytes) -> None:
    for begins, what in _OTHERS:
        if content.startswith(begins) and (what or b"\x00" in content[:1000]):
            raise _Refused(f"är {what or 'ingen tabell. Välj en Excelfil eller en csv-fil.'}")
    if content[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        raise _Refused("är en bild. Be om underlaget som Excelfil.")
    start = content[:2000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<?xml", b"<!--")):
        raise _Refused(f"är en webbsida eller xml, vad den än heter. {_SAVE}")


def _check_ole(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _Refused(_LOCKED)
    if "WordDocument".encode("utf-16-le") in content:
        raise _Refused("är ett Worddokument. Klistra in tabellen i Excel och spara som .xlsx.")


def _check_parts(content: bytes) -> None:
    """Refuse what is no workbook, and what unfolds to more than is allowed, whatever size it says that it has."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError) as error:
        raise _Refused(_BROKEN) from error
    names = {part.filename for part in parts}
    if "word/document.xml" in names:
        raise _Refused("är ett Worddokument. Klistra in tabellen i Excel och spara som .xlsx.")
    if any(name.endswith(".iwa") for name in names):
        raise _Refused("är från Numbers. Exportera den som Excelfil.")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise _Refused("är en zipfil utan kalkylblad. Packa upp den och välj Excelfilen.")
    if any(part.flag_bits & 1 for part in parts):
        raise _Refused(_LOCKED)
    _check_size(content, parts)


def _check_size(content: bytes, parts: Sequence[zipfile.ZipInfo]) -> None:
    large = f"packar upp till mer än 200 MB. {_SAVE} Är den då lika stor: dela den."
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNFOLDED:
        raise _Refused(large)
    left = LARGEST_UNFOLDED
    for part in parts:
        left -= _unfolded(content, part, left)
        if left < 0:
            raise _Refused(large)


def _unfolded(content: bytes, part: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a part really unfolds to; counting stops above ``most``."""
    lengths = content[part.header_offset + 26 : part.header_offset + 30]
    begins = (
        part.header_offset
        + 30
        + int.from_bytes(lengths[:2], "little")
        + int.from_bytes(lengths[2:], "little")
    )
    packed = content[begins : begins + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return len(packed)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise _Refused(_BROKEN)
    unfolding, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while packed and size <= most:
            size += len(unfolding.decompress(packed, 1 << 20))
            packed = unfolding.unconsumed_tail
    except zlib.error as error:
        raise _Refused(_BROKEN) from error
    return size


def _workbook(content: bytes, sheet: str | None) -> _Sheet:
    asked = [sys.executable, "-P", workbook_child.__file__, str(MOST_ROWS + _TOP)]
    asked += [] if sheet is None else [sheet]
    try:
        # Our own file, and the sheet's name is an argument of it, never a word of a shell.
        ran = subprocess.run(asked, input=content, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise _Refused(_BROKEN) from error
    if ran.returncode == workbook_child.PASSWORD:
        raise _Refused(_LOCKED)
    if ran.returncode not in {0, workbook_child.NO_SHEET}:
        raise _Refused(_BROKEN)
    lines = iter(ran.stdout.decode().splitlines())
    sheets = json.loads(next(lines))["sheets"]
    if ran.returncode == workbook_child.NO_SHEET:
        _no_sheet(sheet, sheets)
    chosen = json.loads(next(lines))["sheet"]
    return _Sheet(_limited(_row(*json.loads(line)) for line in lines), tuple(sheets), chosen)


def _no_sheet(sheet: str | None, sheets: Sequence[str]) -> NoReturn:
    if sheet is None or not sheets:
        raise _Refused("har inget synligt blad med rader. Lägg tabellen på ett eget blad.")
    raise _Refused(f"har inget blad ”{cleaned(sheet)[:40]}”. Bladen är {', '.join(map(cleaned, sheets))}.")


def _row(number: int, cells: Sequence[Any]) -> Row:
    return Row(number, tuple(_value(cell) for cell in cells))


_KINDS: Mapping[str, Callable[[str], Cell]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def _value(told: Any) -> Cell:
    if isinstance(told, dict):
        ((kind, text),) = told.items()
        return _KINDS[kind](text)
    return told if told is None or isinstance(told, bool | str) else float(told)


def _limited(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that hold something, cells cleaned, within the limits."""
    found = []
    for row in rows:
        cells = [_plain(cell, row.number, n) for n, cell in enumerate(row.cells)]
        while cells and cells[-1] is None:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise _Refused(
                f"har mer än {MOST_COLUMNS} kolumner (rad {row.number}). Ta bort dem som inte behövs."
            )
        if cells:
            found.append(Row(row.number, tuple(cells), row.ragged))
        if len(found) > MOST_ROWS + _TOP:  # titles and headings are counted out later
            raise _Refused(_too_many())
    return found


def _plain(cell: Cell, number: int, column: int) -> Cell:
    if not isinstance(cell, str):
        return cell
    if len(cell) > LONGEST_CELL:
        raise _Refused(_too_long(number, f", kolumn {_letter(column)}"))
    return cleaned(cell) or None


def _too_many() -> str:
    return f"har mer än {written(MOST_ROWS)} rader. Dela den, till exempel ett år i varje fil."


def _too_long(row: int, column: str = "") -> str:
    what = f"{written(LONGEST_CELL)} tecken i en cell (rad {row}{column})"
    return f"har mer än {what}. Korta texten, eller ta bort kolumnen."


def _letter(column: int) -> str:
    """Return a column's name as Excel has it: A for 0, AA for 26."""
    before, last = divmod(column, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)


def _decoded(content: bytes) -> str:
    text = _by_mark(content)
    odd = sum(text.count(chr(one)) for one in range(32) if one not in {9, 10, 11, 12, 13})
    if odd > max(20, len(text) // 100):
        raise _Refused("är ingen tabell. Välj en Excelfil eller en csv-fil.")
    return text.replace("\x00", "")


def _by_mark(content: bytes) -> str:
    """Decode by the mark of Unicode, by how the zeros lie, as UTF-8, or as Windows did before Unicode."""
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return content.decode("utf-32", errors="replace")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    start = content[:4000]
    if start[1::2].count(0) > 0.4 * len(start[1::2]):
        return content.decode("utf-16-le", errors="replace")
    if start[::2].count(0) > 0.4 * len(start[::2]):
        return content.decode("utf-16-be", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        dos = sum(map(content.count, _each(_DOS))) > sum(map(content.count, _each(_WINDOWS)))
        return content.decode("cp850" if dos else "cp1252", errors="replace")


def _each(these: bytes) -> list[bytes]:
    return [bytes([one]) for one in these]


def _text(content: bytes) -> _Sheet:
    delimiter, body = _separator(_decoded(content))
    widths: dict[int, int] = {}

    def rows() -> Iterator[Row]:
        for number, fields in enumerate(_records(body, delimiter), start=1):
            if any(fields):
                widths[number] = len(fields)
                yield Row(number, tuple(fields))

    return _Sheet(_limited(rows()), widths=widths)


def _separator(text: str) -> tuple[str, str]:
    """Return what separates fields, and the text without the line that says so."""
    first, _, rest = text.partition("\n")
    # A quotation mark or the end of a line separates nothing: Python 3.13 says so, 3.11 reads it as something else.
    if told := re.fullmatch(r"\ufeff?\"?sep=([^\"\r])\"?\r?", first, re.IGNORECASE):
        return told[1], rest
    return max(_DELIMITERS, key=lambda one: _fit(text[:200_000], one)), text


def _fit(text: str, delimiter: str) -> tuple[bool, float]:
    """Return how well a delimiter fits: whether there is a row of words, and how wide most rows are."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row for row in islice(reader, 200) if any(row)]
    except csv.Error:
        return (False, 0.0)
    width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    if width < 2:
        return (False, 0.0)
    heading = any(
        len(row) >= max(2, 0.6 * width) and not any(map(_is_data, filter(None, row))) for row in rows[:_TOP]
    )
    return (heading, width * times / len(rows))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a text.

    A quotation mark without its pair would swallow the rows that follow, so a mark of our own stands last, and a
    line inside a field may not look like a row.
    """
    reader = csv.reader(io.StringIO(f"{text.rstrip()}\n{_END}\n", newline=""), delimiter=delimiter)
    width, number = 0, 0
    try:
        for number, row in enumerate(reader, start=1):
            if row == [_END]:
                return
            width = max(width, len(row)) if number <= _TOP else width
            if any(_hides_row(field, delimiter, width) for field in row):
                raise _Refused(
                    f'har ett citattecken (") utan sitt par på rad {number}. Rätta det, eller spara som Excelarbetsbok (.xlsx).'
                )
            yield row
    except csv.Error as error:
        raise _Refused(_too_long(number + 1)) from error


def _hides_row(field: str, delimiter: str, width: int) -> bool:
    return "\n" in field and (
        _END in field or any(line.count(delimiter) >= max(width - 1, 2) for line in field.splitlines())
    )


def _table(sheet: _Sheet) -> Table:
    if not sheet.rows:
        raise _Refused("har inga rader. Fyll i en rubrikrad och en rad för varje händelse.")
    heading = _heading(sheet.rows)
    below = sheet.rows[heading + 1 :]
    head = sheet.rows[heading]
    if not below:
        raise _Refused("har rubriker men inga rader under dem. Fyll i en rad för varje händelse.")
    if len(below) > MOST_ROWS:
        raise _Refused(_too_many())
    width = max(len(row.cells) for row in (head, *below))
    used = [
        n for n in range(width) if _at(head, n) is not None or any(_at(row, n) is not None for row in below)
    ]
    most = sheet.widths.get(head.number, width)
    return Table(
        columns=_unique([str(_at(head, n) or f"Kolumn {_letter(n)}") for n in used]),
        rows=tuple(Row(row.number, tuple(_at(row, n) for n in used), len(row.cells) > most) for row in below),
        heading=head.number,
        sheets=sheet.sheets,
        sheet=sheet.name,
    )


def _at(row: Row, column: int) -> Cell:
    return row.cells[column] if column < len(row.cells) else None


def _heading(rows: Sequence[Row]) -> int:
    """Return which row has the headings: the widest of words alone above the first row that holds data.

    A title row, and one that says when the list was drawn, are at most half as wide as a usual row.
    """
    top = rows[:_TOP]
    usual = median(_filled(row) for row in rows[: 2 * _TOP])
    data = [any(map(_is_data, row.cells)) for row in top]
    first = next((n for n, row in enumerate(top) if data[n] and 2 * _filled(row) > usual), len(top))
    words = [n for n in range(first) if not data[n]]
    if not words:
        raise _Refused(
            "har ingen rubrikrad. Skriv rubriker överst, till exempel Datum, Klockslag, Händelse och Ort."
        )
    return max(words, key=lambda n: (_filled(top[n]), -n))


def _filled(row: Row) -> int:
    return sum(cell is not None for cell in row.cells)


def _is_data(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(_DATA.fullmatch(cell)) or len(cell) > _LONGEST_HEADING
    return cell is not None


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, those that stand again with a number: ``Datum``, ``Datum (2)``."""
    found: list[str] = []
    for name in names:
        others = (f"{name} ({n})" for n in range(2, len(names) + 2))
        found.append(name if name not in found else next(one for one in others if one not in found))
    return tuple(found)
