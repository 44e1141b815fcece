"""Numbers, dates and ordinals as Swedish readers expect them (Babel's locale data), and what a misspelt word meant."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from decimal import ROUND_HALF_UP, localcontext
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.core import Locale
from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import parse_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_LOCALE = "sv_SE"
_SWEDISH = Locale.parse(_LOCALE)
_SMALL_NUMBERS = (
    "noll",
    "ett",
    "två",
    "tre",
    "fyra",
    "fem",
    "sex",
    "sju",
    "åtta",
    "nio",
    "tio",
    "elva",
    "tolv",
)


@lru_cache(maxsize=65_536)  # Babel takes fifty microseconds, and a page writes thousands
def number(value: float, decimals: int = 0, *, sign: bool = False) -> str:
    """Format with decimal comma and no-break space as thousands separator: ``14 657,5``.

    Halves are rounded up, as readers expect (Babel's own way is to the even neighbour).
    """
    pattern = parse_pattern("#,##0" + ("." + "0" * decimals if decimals else ""))
    with localcontext(rounding=ROUND_HALF_UP):
        text = str(pattern.apply(abs(value), _SWEDISH))
    if value < 0 and any(digit in text for digit in "123456789"):
        return "−" + text
    return ("+" if sign and value > 0 else "") + text


def interval(lower: float, upper: float, decimals: int = 0) -> str:
    """Format an interval: ``14 072–15 261``."""
    return f"{number(lower, decimals)}–{number(upper, decimals)}"


def between(lower: float, upper: float, decimals: int = 0) -> str:
    """Write an interval in running text: ``mellan 14 072 och 15 261``."""
    return f"mellan {number(lower, decimals)} och {number(upper, decimals)}"


def ordinal(rank: int) -> str:
    """Return ``1:a``, ``8:e``, ``11:e``, ``21:a``."""
    ends_in_a = rank % 10 in {1, 2} and rank % 100 not in {11, 12}
    return f"{number(rank)}:{'a' if ends_in_a else 'e'}"


def spelled(value: int) -> str:
    """Spell a neuter count up to twelve (``ett``, ``tolv``), write larger ones with digits."""
    return _SMALL_NUMBERS[value] if 0 <= value < len(_SMALL_NUMBERS) else number(value)


def long_date(day: date) -> str:
    """Format a date: ``23 november 2026``."""
    return format_date(day, "d MMMM y", locale=_LOCALE)


def month_and_year(day: date) -> str:
    """Format a day's month: ``november 2026``."""
    return format_date(day, "MMMM y", locale=_LOCALE)


def quarter_and_year(day: date) -> str:
    """Write the quarter that a day is in: ``första kvartalet 2025``."""
    return f"{('första', 'andra', 'tredje', 'fjärde')[(day.month - 1) // 3]} kvartalet {day.year}"


def calendar_month(index: int) -> str:
    """Return a month's name, 0 for ``januari``."""
    return str(get_month_names("wide", "stand-alone", _LOCALE)[index + 1])


#: The months' names, January first, whole and as short as they stand in tables and on axes.
MONTHS = tuple(calendar_month(index) for index in range(12))
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)


def weekday(index: int) -> str:
    """Return a weekday's name, 0 for ``måndag``."""
    return str(get_day_names("wide", "stand-alone", _LOCALE)[index])


def capital(text: str) -> str:
    """Return a text with its first letter large, and the others as they are."""
    return text[:1].upper() + text[1:]


def joined(words: Sequence[str]) -> str:
    """List words: ``Kumla``, ``Kumla och Lekeberg``, ``Kumla, Laxå och Lekeberg``."""
    return f"{', '.join(words[:-1])} och {words[-1]}" if len(words) > 1 else "".join(words)


def genitive(name: str) -> str:
    """Return the genitive of a place name: ``Hallsbergs``, while ``Borås`` stays."""
    return name if name[-1] in "sxz" else f"{name}s"


def plain(text: str) -> str:
    """Return a text in small letters without their marks, as it is typed where there is no å: ``goteborg``, ``ostra``."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


#: Municipalities that are islands: what happens there happens on them.
_ISLANDS = frozenset({"Ekerö", "Gotland", "Lidingö", "Orust", "Tjörn", "Värmdö", "Öckerö"})


def inside(name: str) -> str:
    """Say where something happens: ``i Hallsberg``, ``på Gotland``."""
    return f"{'på' if name in _ISLANDS else 'i'} {name}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like ``word``, without regard to case; None if none is near."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Menade du kolada?`` to end a message with, or nothing when no known word is near."""
    found = nearest(word, known)
    return f" Menade du {found}?" if found else ""


#: A spreadsheet takes a cell that begins so for a formula; the wide signs do it where Asian text is typed.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def harmless(text: str) -> str:
    """Return a text as a spreadsheet does not run it: an apostrophe before what would be a formula.

    A number that is written as text is none, and stays as it is.
    """
    live = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if live and not _PLAIN_NUMBER.fullmatch(text) else text


def spreadsheet(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as Swedish spreadsheets open it: a mark of UTF-8, semicolons, decimal commas; None is empty.

    No cell, and no heading, is a live formula.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + buffer.getvalue()


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "ja" if cell else "nej"
    if isinstance(cell, float):
        return repr(cell).replace(".", ",")
    return harmless(cell) if isinstance(cell, str) else str(cell)
