"""Which days and months of notices were collected. A hole in the calendar is a hole: missing, never zero.

A month is whole when at most `MOST_MISSING` of its days were not collected, and collection did not stop
before it was over. Everything that looks back works on an unbroken run of whole months (`latest_run`).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.data.warehouse import queries
from lagesbild.swedish import calendar_month, joined, month_and_year

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lagesbild.data.warehouse import Warehouse

#: Two days of thirty are less than chance alone moves a municipality's month by.
MOST_MISSING = 2


class MonthStatus(StrEnum):
    """How much of a month was collected."""

    WHOLE = "whole"
    PARTLY = "partly"
    MISSING = "missing"


@dataclass(frozen=True)
class Calendar:
    """The months of notices without a break, from the first whole one to the last that was over when last asked.

    ``days`` are the days whose notices are all here.
    """

    months: tuple[date, ...]
    statuses: tuple[MonthStatus, ...]
    days: frozenset[date]

    @classmethod
    def of(cls, asked: Iterable[tuple[date, bool]]) -> Calendar:
        """Return the calendar of days that were asked for, each with whether it is collected."""
        known = dict(asked)
        days = frozenset(day for day, collected in known.items() if collected)
        if not days:
            return cls((), (), days)
        months = [month for month in months_from(min(days), max(known)) if last_day(month) <= max(known)]
        statuses = [_status(month, days) for month in months]
        first = statuses.index(MonthStatus.WHOLE) if MonthStatus.WHOLE in statuses else len(months)
        return cls(tuple(months[first:]), tuple(statuses[first:]), days)

    @property
    def whole(self) -> tuple[date, ...]:
        """The whole months."""
        return tuple(m for m, s in zip(self.months, self.statuses, strict=True) if s is MonthStatus.WHOLE)

    @property
    def missing(self) -> tuple[date, ...]:
        """The months that are not whole."""
        return tuple(m for m, s in zip(self.months, self.statuses, strict=True) if s is not MonthStatus.WHOLE)

    @property
    def told(self) -> str:
        """What is missing, in Swedish; empty where nothing is."""
        return missing_text(self.missing)


def calendar_of(warehouse: Warehouse) -> Calendar:
    """Return the calendar of the notices in a warehouse, worked out once."""
    return warehouse.worked_out("calendar", lambda whole: Calendar.of(queries.notice_days(whole).iter_rows()))


def _status(month: date, days: frozenset[date]) -> MonthStatus:
    last = last_day(month)
    every = [month + timedelta(days=n) for n in range(last.day)]
    there = sum(day in days for day in every)
    goes_on = last in days or last + timedelta(days=1) in days
    if last.day - there <= MOST_MISSING and goes_on:
        return MonthStatus.WHOLE
    return MonthStatus.PARTLY if there else MonthStatus.MISSING


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def months_from(first: date, last: date) -> list[date]:
    """Return the first day of each month from that of ``first`` to that of ``last``."""
    steps = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    return [date(step // 12, step % 12 + 1, 1) for step in steps]


def runs(months: Sequence[date], months_each: int = 1) -> list[tuple[date, ...]]:
    """Return the unbroken runs of months (or quarters, of ``months_each`` 3), the earliest first."""
    found: list[list[date]] = []
    for month in months:
        if found and _number(month) - _number(found[-1][-1]) == months_each:
            found[-1].append(month)
        else:
            found.append([month])
    return [tuple(run) for run in found]


def _number(month: date) -> int:
    return 12 * month.year + month.month


def latest_run(months: Sequence[date], fewest: int, months_each: int = 1) -> tuple[date, ...]:
    """Return the latest unbroken run of at least ``fewest`` months (or quarters, of ``months_each`` 3).

    Where none is so long, the longest, of equals the latest.
    """
    every = runs(months, months_each)[::-1]
    return next((run for run in every if len(run) >= fewest), max(every, key=len, default=()))


def latest_weeks(days: Iterable[date], fewest: int, until: date) -> tuple[date, date] | None:
    """Return the first Monday and the last Sunday of the latest unbroken run of whole weeks, up to a day.

    Parameters
    ----------
    days
        The days collected.
    fewest
        Weeks a run should have; where none has, the longest is taken.

    Returns
    -------
    tuple or None
        None without a single whole week.
    """
    known = {day for day in days if day <= until}
    week = timedelta(days=7)
    mondays = sorted(
        day for day in known if day.weekday() == 0 and all(day + timedelta(days=n) in known for n in range(7))
    )
    found: list[list[date]] = []
    for monday in mondays:
        if found and monday - found[-1][-1] == week:
            found[-1].append(monday)
        else:
            found.append([monday])
    latest = found[::-1]
    run = next((run for run in latest if len(run) >= fewest), max(latest, key=len, default=[]))
    return (run[0], run[-1] + timedelta(days=6)) if run else None


def span_text(months: Sequence[date]) -> str:
    """Name months in Swedish: ``maj–september 2026``, ``november 2025–januari 2026 och maj 2026``."""
    return joined([_run_text(run) for run in runs(months)])


def _run_text(run: Sequence[date]) -> str:
    first, last = run[0], run[-1]
    if first == last:
        return month_and_year(first)
    begins = calendar_month(first.month - 1) if first.year == last.year else month_and_year(first)
    return f"{begins}–{month_and_year(last)}"


def missing_text(months: Sequence[date], what: str = "Notiser", why: str = " De samlades inte in.") -> str:
    """Say which months are missing: ``Notiser saknas för maj–september 2026. De samlades inte in.``; empty for none."""
    return f"{what} saknas för {span_text(months)}.{why}" if months else ""
