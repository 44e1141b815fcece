"""The day and the hour of a signal, from whatever a spreadsheet has in the cell.

A day may be a date, Excel's number of days since 1900, or text as Swedes, computers and Americans write it. Where day
and month could be either way around, the other rows of the column decide, or a question is asked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from lagesbild.signals.unclear import Unclear
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lagesbild.signals.tables import Cell

#: Signals are of these years; a day before is a slip of the pen or a cell that is no date.
FIRST_YEAR = 2000
#: Under these keys the order of day and month, the year and the lack of an hour are answered.
ASK_ORDER, ASK_YEAR, ASK_HOUR = "order", "year", "hour"
NO_HOUR = "utan klockslag"
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: Day zero of the 1900 system, for every day after February 1900 (Excel counts a 29 February that never was).
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=UTC).replace(tzinfo=None)
_LAST_SERIAL = 2_958_466
#: Characters of a day or an hour; longer ones are text, and slow to try.
_LONGEST = 60
_HOW_DAY, _HOW_HOUR = "Skriv dagen som 2026-11-03.", "Skriv till exempel 22:15, eller lämna cellen tom."


class Order(StrEnum):
    """In what order day, month and year stand; the value is what a reader sees and answers."""

    YEAR_FIRST = "år-månad-dag"
    DAY_FIRST = "dag-månad-år"
    MONTH_FIRST = "månad-dag-år"


@dataclass(frozen=True)
class Moment:
    """A day, and the hour (0 to 23) where the same cell tells it."""

    day: date
    hour: int | None = None


@dataclass(frozen=True)
class Hour:
    """An hour (0 to 23), or None and why."""

    hour: int | None = None
    remark: str = ""


@dataclass(frozen=True)
class _Dated:
    """What a text may mean: a day for each order that gives one; day and month where the year is not written."""

    days: Mapping[Order, date] = field(default_factory=dict)
    yearless: tuple[int, int] | None = None
    hour: int | None = None


def order(cells: Iterable[Cell]) -> Order | None:
    """Return the one order in which every cell of a column is a day; None where there are several or none."""
    possible = set(Order)
    for cell in cells:
        if isinstance(cell, str) and (read := _dated(cell)) and read.days:
            possible &= set(read.days)
    return possible.pop() if len(possible) == 1 else None


def has_hours(cells: Iterable[Cell]) -> bool:
    """Tell whether a column of days has hours: midnight in every row is how a program writes that it has none."""
    return any(_has_hour(cell) for cell in cells)


def _has_hour(cell: Cell) -> bool:
    if isinstance(cell, datetime):
        return cell.time() != time(0)
    if isinstance(cell, float):
        return FIRST_YEAR * 10 < cell < _LAST_SERIAL and cell % 1 > 0
    read = _dated(cell) if isinstance(cell, str) else None
    return bool(read and read.hour)


def day(cell: Cell, today: date, settled: Order | None = None, year: int | None = None) -> Moment | Unclear:
    """Return the day of a cell, and the hour if it is there too.

    Parameters
    ----------
    settled
        The order of day and month where the cell alone does not tell it, from `order` or an answer.
    year
        The year of days that are written without one, from an answer.
    """
    found = _moment(cell, today, settled, year)
    if isinstance(found, Unclear):
        return found
    if found.day > today:
        return Unclear(f"Dagen {long_date(found.day)} har inte varit än. Rätta den.")
    if found.day.year < FIRST_YEAR:
        return Unclear(f"Dagen är år {found.day.year}, före år {FIRST_YEAR}. Rätta den.")
    return found


def _moment(cell: Cell, today: date, settled: Order | None, year: int | None) -> Moment | Unclear:
    if isinstance(cell, datetime):
        local = cell.astimezone(_STOCKHOLM) if cell.tzinfo else cell
        return Moment(local.date(), local.hour)
    if isinstance(cell, date):
        return Moment(cell)
    if isinstance(cell, float) and not isinstance(cell, bool):
        return _of_number(cell)
    if isinstance(cell, str):
        return _of_text(cell, today, settled, year)
    return Unclear(f"Dagen saknas. {_HOW_DAY}" if cell is None else f"Cellen är inget datum. {_HOW_DAY}")


def _of_number(cell: float) -> Moment | Unclear:
    if not math.isfinite(cell) or cell < 1:
        return Unclear(f"Cellen är ett tal och inget datum. {_HOW_DAY}")
    if 1900 <= cell <= 2100 and cell % 1 == 0:
        return Unclear(f"{cell:.0f} är bara ett år. {_HOW_DAY}")
    if cell < 100_000:
        moment = _EXCEL_ZERO + timedelta(seconds=round(cell * 86_400))
        return Moment(moment.date(), moment.hour if cell % 1 else None)
    read = _dated(f"{cell:.0f}") if cell % 1 == 0 and cell < 1e9 else None
    if read is None or len(set(read.days.values())) != 1:
        return Unclear(f"{cell:.12g} är inget datum. {_HOW_DAY}")
    return Moment(next(iter(read.days.values())))


def _of_text(cell: str, today: date, settled: Order | None, year: int | None) -> Moment | Unclear:
    read = _dated(cell)
    if read is None:
        return Unclear(f"”{cell[:40]}” är inget datum som går att läsa. {_HOW_DAY}")
    if read.yearless:
        return _with_year(cell, read, today, year)
    if settled and settled in read.days:
        return Moment(read.days[settled], read.hour)
    if len(set(read.days.values())) == 1 and (settled is None or len(read.days) == 1):
        return Moment(next(iter(read.days.values())), read.hour)
    if settled:
        return Unclear(f"”{cell[:40]}” är inget datum när ordningen är {settled}. {_HOW_DAY}")
    meant = [f"{long_date(found)} ({one})" for one, found in read.days.items()]
    return Unclear(
        f"”{cell[:40]}” kan läsas som {', '.join(meant[:-1])} eller {meant[-1]}. Hur står datumen i kolumnen?",
        tuple(read.days),
        ASK_ORDER,
    )


def _with_year(cell: str, read: _Dated, today: date, year: int | None) -> Moment | Unclear:
    month, number = read.yearless or (0, 0)
    if year is not None and (found := _date(year, month, number)):
        return Moment(found, read.hour)
    passed = (month, number) <= (today.month, today.day)
    likely = today.year if passed else today.year - 1
    return Unclear(
        f"”{cell[:40]}” har inget år. Vilket år gäller dagar utan år?",
        (str(likely), str(likely - 1)),
        ASK_YEAR,
    )


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _year(text: str) -> int:
    """Return a year; two digits are of this century."""
    return int(text) + (FIRST_YEAR if len(text) <= 2 else 0)


def _months() -> dict[str, int]:
    return {
        name.rstrip("."): number
        for locale in ("en", "sv_SE")
        for width in ("wide", "abbreviated")
        for number, name in (
            (n, text.casefold()) for n, text in get_month_names(width, locale=locale).items()
        )
    } | {"sept": 9, "maj": 5, "mars": 3, "juni": 6, "juli": 7}


_MONTHS = _months()
_WEEKDAYS = "|".join(
    sorted(
        {
            name.rstrip(".").casefold()
            for locale in ("sv_SE", "en")
            for width in ("wide", "abbreviated")
            for name in get_day_names(width, locale=locale).values()
        },
        key=len,
        reverse=True,
    )
)
_BEFORE = re.compile(rf"(?:(?:{_WEEKDAYS})(?:en)?\.?,?\s+)?(?:den\s+|d\.\s*)?")
_CLOCK = r"\d{1,2}[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?"
_WITH_CLOCK = re.compile(
    rf"(?P<day>.*?\d.*?|.*[a-zåäö].*?)(?:\s*,)?(?:\s+|t)(?:kl\.?|klockan)?\s*(?P<clock>{_CLOCK})"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?\s*(?P<zone>z|[+-]\d\d(?::?\d\d)?)?")
_ALL = tuple(Order)
_Y, _D, _M = Order.YEAR_FIRST, Order.DAY_FIRST, Order.MONTH_FIRST
#: Ways to write a day with digits, and the orders that each may have.
_DIGITS: tuple[tuple[re.Pattern[str], tuple[Order, ...]], ...] = tuple(
    (re.compile(pattern), orders)
    for pattern, orders in (
        (r"(\d{4})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{1,2})", (_Y,)),
        (r"(\d{4})(\d\d)(\d\d)", (_Y,)),
        (r"(\d\d)(\d\d)(\d\d)", (_Y,)),
        (r"(\d{1,2})\s*/\s*(\d{1,2})(?:\s*[-,]\s*|\s+)(?:20|')?(\d\d)", (_D,)),
        (r"(\d{1,2})\.\s*(\d{1,2})\.?\s*(\d{4}|\d\d)", (_D,)),
        (r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", (_D, _M)),
        (r"(\d\d)-(\d\d)-(\d\d)", _ALL),
        (r"(\d{1,2})[/-](\d{1,2})[/-](\d\d)", (_D, _M, _Y)),
    )
)
_NAMED = re.compile(r"(\d{1,2})(?::?[ea]|st|nd|rd|th)?\.?[\s-]*([a-zåäö]{3,})\.?[\s,-]*(\d{4}|'?\d\d)?")
_NAME_FIRST = re.compile(r"([a-z]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_NO_YEAR = re.compile(r"(\d{1,2})\s*/\s*(\d{1,2})")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")


@lru_cache(maxsize=65_536)
def _dated(cell: str) -> _Dated | None:
    """Return what a text may mean as a day; None if it is none."""
    if len(cell) > _LONGEST:
        return None
    text = re.sub(r"[‐‑‒–—−]", "-", cell.casefold()).strip()
    if found := _ISO.fullmatch(text):
        return _of_iso(text, found["zone"] or "")
    if _SERIAL.fullmatch(text):
        moment = _of_number(float(text.replace(",", ".")))
        return _certain(moment.day, moment.hour) if isinstance(moment, Moment) else None
    hour = None
    if with_clock := _WITH_CLOCK.fullmatch(text):
        clock = _of_clock(with_clock["clock"])
        if isinstance(clock, Unclear):
            return None
        text, hour = with_clock["day"], clock.hour
    return _of_words(_BEFORE.sub("", text, count=1).strip(" ."), hour)


def _certain(found: date | None, hour: int | None) -> _Dated | None:
    return _Dated(dict.fromkeys(Order, found), hour=hour) if found else None


def _of_iso(text: str, zone: str) -> _Dated | None:
    try:
        moment = datetime.fromisoformat(text.upper().replace(" " + zone.upper(), zone.upper(), bool(zone)))
        local = moment.astimezone(_STOCKHOLM) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
    return _certain(local.date(), local.hour)


def _of_words(text: str, hour: int | None) -> _Dated | None:
    for pattern, orders in _DIGITS:
        if found := pattern.fullmatch(text):
            return _in_orders(found.groups(), orders, hour)
    if found := _NAME_FIRST.fullmatch(text):
        return _named(found[2], found[1], found[3], hour)
    if found := _NAMED.fullmatch(text):
        return _named(found[1], found[2], found[3], hour)
    if found := _NO_YEAR.fullmatch(text):
        return _without_year(int(found[2]), int(found[1]), hour)
    return None


def _in_orders(numbers: tuple[str | None, ...], orders: tuple[Order, ...], hour: int | None) -> _Dated | None:
    a, b, c = (one or "" for one in numbers)
    by_order = {_Y: (a, b, c), _D: (c, b, a), _M: (c, a, b)}
    read = {one: (_year(y), int(m), int(d)) for one, (y, m, d) in by_order.items() if one in orders}
    days = {one: found for one, (y, m, d) in read.items() if (found := _date(y, m, d))}
    if len(orders) == 1 and days:
        return _certain(days[orders[0]], hour)
    return _Dated(days, hour=hour) if days else None


def _named(number: str, name: str, year: str | None, hour: int | None) -> _Dated | None:
    month = _MONTHS.get(name)
    if month is None:
        return None
    if year is None:
        return _without_year(month, int(number), hour)
    return _certain(_date(_year(year.lstrip("'")), month, int(number)), hour)


def _without_year(month: int, number: int, hour: int | None) -> _Dated | None:
    leap = 2024
    return _Dated(yearless=(month, number), hour=hour) if _date(leap, month, number) else None


#: Words before an hour that do not change it.
_ABOUT = re.compile(r"(?:(?:ca|cirka|c:a|omkring|runt|vid|klockan|kl)\b\.?\s*)+|~\s*")
_AFTER = re.compile(r"\s*-?\s*(?:tiden|h|hrs|uhr)$")
_HM = re.compile(r"(\d{1,2})(?:[:.,](\d\d)(?:[:.]\d\d(?:[.,]\d+)?)?)?\s*([ap])?\.?(?:m\.?)?")
_SPAN = re.compile(r"(?:mellan\s+)?\d{1,2}(?:[:.]?\d\d)?\s*(?:-|och|till|/)\s*\d{1,2}(?:[:.]?\d\d)?")
_VAGUE = re.compile(
    r"(?:.*(?:kväll|natt|morgon|middag|lunch|gryning|skymning|dygn|dagtid|okän|oklar|vet ej|vet inte|saknas|uppgift|unknown).*"
    r"|(?:på |under )?dagen|dag|(?:före|efter|innan|sedan)\s.*|-|\?|n/a|null|none)"
)


def hour(cell: Cell) -> Hour | Unclear:
    """Return the hour of a cell; a word such as ``kväll`` and a span of hours give none, and a remark that says so."""
    if cell is None:
        return Hour()
    if isinstance(cell, datetime | time):
        return Hour(cell.hour)
    if isinstance(cell, str):
        return _hour_of_text(cell)
    if isinstance(cell, date):
        return Hour(None, "Cellen är ett datum utan klockslag.")
    return _unreadable("cellen") if isinstance(cell, bool) else _hour_of_number(cell)


def _unreadable(what: str) -> Unclear:
    return Unclear(f"{what[:1].upper()}{what[1:]} är inget klockslag. {_HOW_HOUR}", (NO_HOUR,), ASK_HOUR)


def _hour_of_number(cell: float) -> Hour | Unclear:
    """Return the hour of a part of a day (0.927), an hour (22 or 22.15), 2215, or a day with a part (46329.927)."""
    if not math.isfinite(cell) or cell < 0:
        return _unreadable("talet")
    if cell < 1 or FIRST_YEAR * 10 < cell < 100_000:
        return Hour(min(round(cell % 1 * 86_400), 86_399) // 3600)
    if cell < 24:
        return Hour(int(cell)) if cell % 1 < 0.6 else _unreadable(f"{cell:.4g}".replace(".", ","))
    if cell % 1 == 0 and 100 <= cell < 2400:
        return _clock(int(cell) // 100, int(cell) % 100, f"{cell:.0f}")
    return _clock(24, 0, "") if cell in {24, 2400} else _unreadable(f"{cell:.6g}".replace(".", ","))


def _hour_of_text(cell: str) -> Hour | Unclear:
    if len(cell) > _LONGEST:
        return _unreadable(f"”{cell[:40]}”")
    text = re.sub(r"[‐‑‒–—−]", "-", cell.casefold()).strip()
    found = _of_clock(_AFTER.sub("", _ABOUT.sub("", text, count=1)))
    if isinstance(found, Hour):
        return found
    if _VAGUE.fullmatch(text):
        return Hour(None, f"”{cell[:40]}” är inget klockslag: timmen lämnas tom.")
    if _SPAN.fullmatch(_ABOUT.sub("", text, count=1)):
        return Hour(None, f"”{cell[:40]}” är en tid mellan två klockslag: timmen lämnas tom.")
    read = _dated(cell)
    return Hour(read.hour) if read and read.hour is not None else found


@lru_cache(maxsize=8_192)
def _of_clock(text: str) -> Hour | Unclear:
    if re.fullmatch(r"\d{3,4}", text):
        return _clock(int(text[:-2]), int(text[-2:]), text)
    if re.fullmatch(r"0?[.,]\d+", text) and not re.fullmatch(r"0[.,][0-5]\d", text):
        return _hour_of_number(float(text.replace(",", ".")))
    if re.fullmatch(r"\d{5}[.,]\d+", text):
        return _hour_of_number(float(text.replace(",", ".")))
    found = _HM.fullmatch(text)
    if not found:
        return _unreadable(f"”{text[:40]}”")
    whole, half = int(found[1]), found[3]
    if half and not 1 <= whole <= 12:
        return _unreadable(f"”{text[:40]}”")
    return _clock(whole % 12 + (12 if half == "p" else 0) if half else whole, int(found[2] or 0), text)


def _clock(whole: int, minute: int, told: str) -> Hour | Unclear:
    if (whole, minute) == (24, 0):
        return Unclear("Klockan 24:00 är dagen efter. Skriv 00:00 och dagen efter.", (NO_HOUR,), ASK_HOUR)
    return Hour(whole) if whole < 24 and minute < 60 else _unreadable(f"”{told[:40]}”")
