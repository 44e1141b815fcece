"""The sheets of Brå's indicator workbooks: each cell with its area, year and measure.

Two layouts are known: areas as rows with a column for each year and measure (reported crimes), and
years as rows with a block of columns for each area (the National Crime Survey, NTU). A column or row
that is not understood is told through ``odd`` and passed over.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook

from lagesbild.data import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:\s*[/–-]\s*(\d{2,4}))?(?!\d)")
_WITHHELD = {"..": "suppressed", "-": "suppressed", "–": "suppressed", "": "missing"}
_MOST_YEARS_POOLED = 5
#: Rows among which the names of areas as columns are sought, after the heading.
_HEADING_ROWS = 8
#: The measures of each kind of indicator, by the words that tell them; the first that fits is meant.
_WORDS = {
    "reported": (("per 100", "rate"), ("antal", "count")),
    "respondents": (("antal", "count"), ("svarande", "count")),
    "survey": (("undre", "lower"), ("övre", "upper"), ("ki ", ""), ("andel", "rate"), ("%", "rate")),
}
#: What each kind of indicator must have, with the words for what is lacking.
NEEDED = {
    "reported": {"count": "antal", "rate": "antal per 100 000"},
    "respondents": {"count": "antal"},
    "survey": {"rate": "andel", "lower": "undre gräns", "upper": "övre gräns"},
}


class Areas:
    """Finds the code of a municipality, a county (00NN) or the country (0000) by its name.

    The same few names stand on every sheet, so what was found is remembered.
    """

    def __init__(self, names: reference.MunicipalityNames) -> None:
        counties = {
            reference.normalise_name(title): f"00{code}" for code, title in reference.counties().items()
        }
        self._wider = {"hela landet": reference.COUNTRY_CODE, **counties}
        self._names = names
        self._found: dict[str, str | None] = {"": None}

    def code(self, name: str) -> str | None:
        """Return the code, or None for a name that is none of these."""
        if name not in self._found:
            self._found[name] = self._wider.get(reference.normalise_name(name)) or self._names.code(name)
        return self._found[name]


class WorkbookError(Exception):
    """The file is no whole workbook; the message is Swedish."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: the name on its tab, its heading, and all its rows."""

    name: str
    heading: str
    rows: list[list[Any]]


@dataclass(frozen=True)
class WorkbookPeriod:
    """A year, or the last of the years that a value holds for (``pooled``)."""

    year: int
    pooled: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: area, period, measure (count, rate, lower or upper), what it holds and where it stands."""

    code: str
    period: WorkbookPeriod
    measure: str
    value: Any
    place: str


@dataclass
class Oddities:
    """What was not understood, with the sheets and files it concerns, told once for all of them."""

    found: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, reason: str, book: str, sheet: str = "") -> None:
        """Note an oddity of a sheet, or of a whole file."""
        sheets = self.found.setdefault(reason, {}).setdefault(book, [])
        if sheet not in sheets:
            sheets.append(sheet)

    def remarks(self, most: int = 12) -> list[str]:
        """Return a remark for each oddity; how many there are more where there are more than ``most``."""
        told = [_told(reason, books) for reason, books in self.found.items()]
        more = [f"{len(told) - most} anmärkningar till om blad och filer"] if len(told) > most else []
        return told[:most] + more


def _told(reason: str, books: dict[str, list[str]]) -> str:
    names = list(books)
    sheets = list(dict.fromkeys(sheet for found in books.values() for sheet in found if sheet))
    shown = names[:1] if sheets else names[:5]
    files = ", ".join(shown)
    if len(names) > len(shown):
        files += f" och {len(names) - len(shown)} filer till"
    return f"{files}, blad {', '.join(sheets)}: {reason}" if sheets else f"{files}: {reason}"


def read_sheets(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook.

    Raises
    ------
    WorkbookError
        If the file is cut off or no workbook at all.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        read = [(name, _rows(book, name)) for name in book.sheet_names]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise WorkbookError(f"filen är ingen hel Excelfil ({type(error).__name__})") from error
    return [Sheet(name, _heading(rows), rows) for name, rows in read]


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    """Return the rows of a sheet, none where it holds no cells (a diagram) or is damaged."""
    try:
        return book.get_sheet_by_name(name).to_python()
    except (CalamineError, ValueError):
        return []


def cells(sheet: Sheet, kind: str, known: Areas, odd: Callable[[str], None]) -> list[Cell]:
    """Return the cells of a sheet whose area, period and measure are all understood.

    Parameters
    ----------
    sheet
        In either layout.
    kind
        ``reported``, ``respondents`` or ``survey``: which measures there are.
    known
        Finds areas.
    odd
        Is told of each column and row that is not understood.
    """
    areas = {
        number: code
        for number, row in enumerate(sheet.rows)
        if number and row and (code := known.code(_text(row[0])))
    }
    if areas:
        return _areas_as_rows(sheet.rows, kind, areas, odd)
    columns = _area_columns(sheet.rows, known)
    if columns is None:
        odd(f"ingen kommun, inget län och inte Hela landet finns på bladet ”{sheet.heading[:60]}”")
        return []
    return _years_as_rows(sheet.rows, kind, *columns, odd)


def _areas_as_rows(
    rows: list[list[Any]], kind: str, areas: dict[int, str], odd: Callable[[str], None]
) -> list[Cell]:
    first = min(areas)
    heads = [
        _fill_forward(row) if number < first - 1 else [_text(cell) for cell in row]
        for number, row in list(enumerate(rows))[min(1, first - 1) : first][-3:]
    ]
    columns = {}
    for index in range(1, _width(rows)):
        text = " ".join(_text(_at(row, index)) for row in heads).strip()
        period, measure = _period(_YEAR.search(text)), _measure(_YEAR.sub(" ", text), kind)
        if period and measure:
            columns[index] = {"period": period, "measure": measure}
        elif text or any(_text(_at(rows[number], index)) for number in areas):
            odd(f"kolumn {index + 1} med rubriken ”{text}” förstås inte")
    _tell_other_rows(rows, first, areas, columns, "inget känt område", odd)
    by_row = {number: {"code": code} for number, code in areas.items()}
    return _cells(rows, by_row, columns)


def _tell_other_rows(
    rows: list[list[Any]],
    first: int,
    known: Container[int],
    columns: Iterable[int],
    what: str,
    odd: Callable[[str], None],
) -> None:
    """Say which rows have numbers and are not understood."""
    for number in range(first, len(rows)):
        if number not in known and any(_is_number(_at(rows[number], index)) for index in columns):
            odd(f"rad {number + 1} är {what}: ”{_text(rows[number][0])}”")


def _cells(
    rows: list[list[Any]], by_row: dict[int, dict[str, Any]], by_column: dict[int, dict[str, Any]]
) -> list[Cell]:
    """Return the cells where rows and columns cross; what each says of a cell is code, period or measure."""
    return [
        Cell(**row, **column, value=_at(rows[number], index), place=_place(number, index))
        for number, row in by_row.items()
        for index, column in by_column.items()
    ]


def _area_columns(
    rows: list[list[Any]], known: Areas
) -> tuple[int, dict[int, tuple[str, str | None]]] | None:
    """Return the number of the row that names areas, and (name, code) by column; None without one."""
    best = None
    for number in range(1, min(_HEADING_ROWS, len(rows))):
        if not any(isinstance(cell, str) and cell for cell in rows[number][1:]):
            continue
        texts = ["", *_fill_forward(rows[number][1:])]
        found = {index: (text, known.code(text)) for index, text in enumerate(texts) if text}
        many = sum(code is not None for _, code in found.values())
        if many and (best is None or many > best[0]):
            best = (many, number, found)
    return best[1:] if best else None


def _years_as_rows(
    rows: list[list[Any]],
    kind: str,
    named: int,
    areas: dict[int, tuple[str, str | None]],
    odd: Callable[[str], None],
) -> list[Cell]:
    periods = {
        number: period
        for number in range(named + 1, len(rows))
        if (period := _period(_YEAR.fullmatch(_text(_at(rows[number], 0)))))
    }
    first = min(periods, default=len(rows))
    columns = {}
    for index in range(1, _width(rows)):
        name, code = areas.get(index, ("", None))
        head = " ".join(_text(_at(row, index)) for row in rows[named + 1 : first]).strip()
        measure = _measure(head, kind)
        if code and measure:
            columns[index] = {"code": code, "measure": measure}
        elif head or any(_text(_at(rows[number], index)) for number in periods):
            odd(f"kolumn {index + 1} med rubriken ”{f'{name} {head}'.strip()}” förstås inte")
    _tell_other_rows(rows, first, periods, columns, "inget år", odd)
    by_row = {number: {"period": period} for number, period in periods.items()}
    return _cells(rows, by_row, columns)


def value_of(cell: Any) -> float | str | None:
    """Return the number in a cell, the status that its sign stands for, or None for anything else."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
    else:
        text = re.sub(r"\s", "", _text(cell)).replace(",", ".")
        if text in _WITHHELD:
            return _WITHHELD[text]
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            return None
        number = float(text)
    return number if 0 <= number < 1e9 else None


def _heading(rows: list[list[Any]]) -> str:
    return next((_text(cell) for row in rows[:3] for cell in row if _text(cell)), "")


def _period(found: re.Match[str] | None) -> WorkbookPeriod | None:
    """Return the period of ``2024``, ``2023/2024`` or ``2023-24``: the last year; None for other years."""
    if found is None:
        return None
    first, last = found[1], found[2]
    if not last:
        return WorkbookPeriod(int(first), pooled=False)
    year = int(first[: 4 - len(last)] + last)
    return WorkbookPeriod(year, pooled=True) if 0 < year - int(first) < _MOST_YEARS_POOLED else None


def _measure(text: str, kind: str) -> str | None:
    folded = text.casefold()
    return next((measure for word, measure in _WORDS[kind] if word in folded), None) or None


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _fill_forward(row: list[Any]) -> list[str]:
    """Give every cell of a merged range the text of its first cell."""
    filled, last = [], ""
    for cell in row:
        last = _text(cell) or last
        filled.append(last)
    return filled


def _at(row: list[Any], index: int) -> Any:
    return row[index] if index < len(row) else ""


def _width(rows: list[list[Any]]) -> int:
    return max((len(row) for row in rows), default=0)


def _place(number: int, index: int) -> str:
    return f"rad {number + 1} kolumn {index + 1}"
