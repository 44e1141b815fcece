"""Reads one sheet of a workbook in a process of its own, with little memory and time; run by `tables`.

A workbook of five kilobytes may declare 17 thousand million cells, for which calamine asks for memory at once: the
process that asks dies, and that must not be the one that serves the pages. The workbook comes on standard input; a
line of JSON with the sheets goes out, and then one for each row. Nothing of the program is imported: it starts quickly.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

#: Bytes of address space and seconds of processor.
_MEMORY, _SECONDS = 1_500_000_000, 40
#: Rows and columns that there can be on a sheet; who says more would have all the empty ones counted.
_ROWS, _COLUMNS = 1_048_576, 16_384
#: The exit codes; the caller takes every other for a broken file.
PASSWORD, NO_SHEET, BROKEN = 3, 4, 5


def main(most_rows: int, wanted: str | None) -> int:
    """Write the sheet that is wanted, or the first one with rows; return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    except PasswordError:
        return PASSWORD
    shown = [
        one.name
        for one in book.sheets_metadata
        if one.typ is SheetTypeEnum.WorkSheet and one.visible is SheetVisibleEnum.Visible
    ]
    _say({"sheets": shown})
    sheet = _sheet(book, shown, wanted)
    if sheet is None:
        return NO_SHEET
    _say({"sheet": sheet.name})
    return _rows(sheet, most_rows)


def _sheet(book: CalamineWorkbook, shown: list[str], wanted: str | None) -> CalamineSheet | None:
    if wanted is not None:
        return book.get_sheet_by_name(wanted) if wanted in shown else None
    sheets = (book.get_sheet_by_name(name) for name in shown)
    first = None
    for sheet in sheets:
        if sheet.height > 1:
            return sheet
        first = first or sheet
    return first


def _rows(sheet: CalamineSheet, most_rows: int) -> int:
    """Write the rows that hold something, with their numbers; one more than is allowed tells that there are more."""
    if sheet.end and (sheet.end[0] >= _ROWS or sheet.end[1] >= _COLUMNS):
        return BROKEN
    before: list[Any] = [None] * (sheet.start[1] if sheet.start else 0)
    written = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_cell(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        _say([number, before + cells])
        written += 1
        if written > most_rows:
            break
    return 0


def _cell(cell: object) -> object:
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, timedelta):
        return _length(cell)
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    return cell


def _length(cell: timedelta) -> object:
    """Return a length of time below a day as the hour that it stands for, others as text."""
    if timedelta(0) <= cell < timedelta(days=1):
        return {"time": str(datetime.fromtimestamp(cell.total_seconds(), UTC).time())}
    return str(cell)


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
