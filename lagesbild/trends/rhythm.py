"""The rhythm of a municipality: months and quarters, the wheel of the year, and days and hours of the notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy

from lagesbild.data.collected import calendar_of, last_day, latest_run, months_from, runs
from lagesbild.data.crimes import KOLADA_TOTAL, SOL_TOTAL
from lagesbild.data.warehouse import queries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: Hours together in the table of days and hours; single hours would be too few notices each.
HOURS_TOGETHER = 4
#: A wheel of the year needs this many whole years.
FEWEST_YEARS = 2
#: A year as uneven as this by chance is told as chance, and no season is taken out.
SIGNIFICANT = 0.05
QUARTER = 3
#: Notices of so many months in a row are preferred for the weekday and the hour.
MONTHS_OF_CLOCK = 12
_NO_CLOCK = np.zeros((7, 24 // HOURS_TOGETHER), dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Series:
    """Counts by month or quarter without a break (nan where withheld or missing), and which are preliminary.

    ``missing``: the steps that nobody collected or published. ``months_each`` is 1 or 3. ``group`` is what the
    comparison group's rate would give with the municipality's own population; nan where too few of its members are
    published.
    """

    starts: tuple[date, ...]
    counts: Floats
    preliminary: NDArray[np.bool_]
    group: Floats | None = None
    months_each: int = 1
    missing: tuple[date, ...] = ()

    def unbroken(self, fewest: int) -> slice | None:
        """Return the latest run of at least ``fewest`` known counts; None where there is none.

        What looks back looks back over such a run, never over a step that is missing.
        """
        known = [start for start, count in zip(self.starts, self.counts, strict=True) if np.isfinite(count)]
        run = next((run for run in runs(known, self.months_each)[::-1] if len(run) >= fewest), None)
        if run is None:
            return None
        first = self.starts.index(run[0])
        return slice(first, first + len(run))

    def end_of(self, step: int) -> date:
        """Return the first day of the last month of a step (index)."""
        start = self.starts[step]
        return start.replace(month=start.month + self.months_each - 1)

    @property
    def per_year(self) -> int:
        """Steps a year."""
        return 12 // self.months_each

    @property
    def ends(self) -> date:
        """The first day of the last month."""
        return self.end_of(-1)


def of_crime_type(
    warehouse: Warehouse, indicator: str, code: str, members: Collection[str] = (), months_each: int = 1
) -> Series:
    """Return a municipality's monthly counts of a crime type, with its group's; empty where none are published.

    With ``months_each`` 3 the quarters that BRÅ publishes of themselves. A month (quarter) that is published for no
    municipality is missing.
    """
    rows = queries.monthly(warehouse, indicator, "month" if months_each == 1 else "quarter")
    own = {row["month"]: row for row in rows.filter(pl.col("code") == code).iter_rows(named=True)}
    months = tuple(months_from(min(own), max(own)))[::months_each] if own else ()
    published = set(rows.filter(pl.col("count").is_not_null())["month"])
    counts = [own[month]["count"] if month in own else None for month in months]
    return Series(
        starts=months,
        counts=np.array(counts, dtype=float),
        preliminary=np.array(
            [month in own and own[month]["status"] == "preliminary" for month in months], dtype=bool
        ),
        group=_group(warehouse, rows, months, code, members) if members and months else None,
        months_each=months_each,
        missing=tuple(month for month in months if month not in published),
    )


def quarters_under(indicator: str) -> str:
    """Return the indicator under which BRÅ's quarters are stored: those of Kolada's total are BRÅ's own total's."""
    return SOL_TOTAL if indicator == KOLADA_TOTAL else indicator


def has_quarters(warehouse: Warehouse, indicator: str, code: str) -> bool:
    """Tell whether BRÅ publishes a measure by quarter for a municipality."""
    return bool(queries.quarterly(warehouse, quarters_under(indicator), code))


def _group(
    warehouse: Warehouse, rows: pl.DataFrame, months: tuple[date, ...], code: str, members: Collection[str]
) -> Floats:
    people = queries.populations(warehouse)
    latest = max(people)
    by_month = {
        month[0]: part
        for month, part in rows.filter(
            pl.col("code").is_in(list(members)) & pl.col("count").is_not_null()
        ).group_by("month")
    }
    found = np.full(len(months), np.nan)
    for n, month in enumerate(months):
        living = people.get(month.year, people[latest])
        part = by_month.get(month)
        # Half the group, or the comparison would be of another group each month.
        if part is not None and 2 * part.height >= len(members) and code in living:
            known = [
                (count, living[member])
                for member, count in part.select("code", "count").iter_rows()
                if member in living
            ]
            if known:
                found[n] = sum(c for c, _ in known) / sum(p for _, p in known) * living[code]
    return found


def of_notices(warehouse: Warehouse, code: str) -> Series:
    """Return a municipality's event notices by month; months that were not collected whole are missing."""
    calendar = calendar_of(warehouse)
    months = calendar.months if code in set(queries.municipalities(warehouse)["code"]) else ()
    own = queries.notices_by_place(warehouse).filter(pl.col("code") == code)
    told = dict(own.group_by("month").agg(pl.col("notices").sum()).iter_rows())
    missing = tuple(month for month in calendar.missing if month in months)
    counts = np.array([np.nan if month in missing else told.get(month, 0) for month in months], dtype=float)
    return Series(
        starts=months, counts=counts, preliminary=np.zeros(counts.size, dtype=bool), missing=missing
    )


def by_quarter(series: Series) -> Series:
    """Return whole quarters of a monthly series; one with a missing month is missing."""
    starts = series.starts
    first = next((n for n, month in enumerate(starts) if month.month % QUARTER == 1), len(starts))
    whole = (len(starts) - first) // QUARTER
    shape = (whole, QUARTER)
    end = first + whole * QUARTER
    return Series(
        starts=starts[first:end:QUARTER],
        counts=series.counts[first:end].reshape(shape).sum(axis=1),
        preliminary=np.asarray(series.preliminary[first:end].reshape(shape).any(axis=1), dtype=bool),
        group=None if series.group is None else series.group[first:end].reshape(shape).sum(axis=1),
        months_each=QUARTER,
        missing=tuple(
            starts[n]
            for n in range(first, end, QUARTER)
            if set(starts[n : n + QUARTER]) & set(series.missing)
        ),
    )


@dataclass(frozen=True)
class Wheel:
    """Each step of the year's share of the cases, shape (steps a year,), and how likely chance alone makes them so uneven.

    Of the whole years from the month ``first`` to the month ``last``.
    """

    shares: Floats
    p_value: float
    first: date
    last: date

    @property
    def uneven(self) -> bool:
        """Whether chance alone would seldom make the year so uneven."""
        return self.p_value < SIGNIFICANT


def year_wheel(series: Series) -> Wheel | None:
    """Return the wheel of the year over the latest whole years, January first; chance by Pearson's chi-square test.

    Years in a row: None with fewer than two without gaps, or without cases.
    """
    steps = series.per_year
    run = series.unbroken(FEWEST_YEARS * steps)
    if run is None:
        return None
    years = (run.stop - run.start) // steps
    begins = run.stop - steps * years
    counts = series.counts[begins : run.stop]
    if counts.sum() == 0:
        return None
    first = (series.starts[begins].month - 1) // series.months_each
    by_step = np.roll(counts.reshape(years, steps).sum(axis=0), first)
    return Wheel(
        by_step / by_step.sum(),
        float(scipy.stats.chisquare(by_step).pvalue),
        series.starts[begins],
        series.end_of(run.stop - 1),
    )


@dataclass(frozen=True)
class NoticeClock:
    """Event notices by weekday (Monday first) and part of the day, shape (7, 24 / `HOURS_TOGETHER`), of some months in a row."""

    counts: NDArray[np.int64]
    months: tuple[date, ...]


def days_and_hours(
    warehouse: Warehouse,
    code: str,
    categories: Collection[str] | None = None,
    until: date | None = None,
) -> NoticeClock:
    """Return when a municipality's event notices fall in the week, over the latest run of whole months of a year or more.

    Of some categories (default all).

    Where that has none with a clock time, over the latest run that has: for most municipalities they come only with
    what this installation has collected itself.
    """
    whole = [month for month in calendar_of(warehouse).whole if until is None or month <= until]
    long = latest_run(whole, MONTHS_OF_CLOCK)
    for months in (long, *(run for run in runs(whole)[::-1] if run != long)):
        counts = _by_clock(warehouse, code, months, categories) if months else _NO_CLOCK
        if counts.any():
            return NoticeClock(counts, months)
    return NoticeClock(_NO_CLOCK, ())


def uneven_hours(counts: NDArray[np.int64]) -> bool:
    """Tell whether notices are spread over the day more unevenly than chance does (Pearson's chi-square test).

    Parameters
    ----------
    counts
        Shape (days, parts of the day).
    """
    parts = counts.sum(axis=0)
    # Five expected a part, or the test says nothing.
    return bool(parts.sum() >= 5 * parts.size and scipy.stats.chisquare(parts).pvalue < SIGNIFICANT)


def _by_clock(
    warehouse: Warehouse, code: str, months: tuple[date, ...], categories: Collection[str] | None
) -> NDArray[np.int64]:
    found = _NO_CLOCK.copy()
    wanted = None if categories is None else sorted(categories)
    rows = queries.notices_by_clock(warehouse, code, months[0], last_day(months[-1]), wanted)
    for weekday, hour, notices in rows.iter_rows():
        found[weekday - 1, hour // HOURS_TOGETHER] += notices
    return found
