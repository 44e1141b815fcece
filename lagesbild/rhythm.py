"""The rhythm of a municipality: months and quarters, the wheel of the year, and days and hours of the notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.stats import chisquare

from lagesbild.hotspots.cube import notice_cube
from lagesbild.warehouse import queries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: Hours together in the table of days and hours; single hours would be too few notices each.
HOURS_TOGETHER = 4
#: A wheel of the year needs this many whole years.
FEWEST_YEARS = 2
#: A year as uneven as this by chance is told as chance, and no season is taken out.
SIGNIFICANT = 0.05
QUARTER = 3


@dataclass(frozen=True)
class Series:
    """Counts by month or quarter (nan where withheld), and which are preliminary.

    ``months_each`` is 1 or 3. ``group`` is what the comparison group's rate would give with the
    municipality's own population; nan where too few of its members are published.
    """

    starts: tuple[date, ...]
    counts: Floats
    preliminary: NDArray[np.bool_]
    group: Floats | None = None
    months_each: int = 1

    @property
    def per_year(self) -> int:
        """Steps a year."""
        return 12 // self.months_each

    @property
    def ends(self) -> date:
        """The first day of the last month counted."""
        last = self.starts[-1]
        return last.replace(month=last.month + self.months_each - 1)


def of_crime_type(warehouse: Warehouse, indicator: str, code: str, members: Collection[str] = ()) -> Series:
    """Return a municipality's monthly counts of a crime type, with its group's; empty where none are published."""
    rows = queries.monthly(warehouse, indicator)
    own = rows.filter(pl.col("code") == code)
    months = tuple(own["month"].to_list())
    return Series(
        months, np.array(own["count"].to_list(), dtype=float),
        np.array([status == "preliminary" for status in own["status"]], dtype=bool),
        _group(warehouse, rows, months, code, members) if members and months else None,
    )  # fmt: skip


def _group(
    warehouse: Warehouse, rows: pl.DataFrame, months: tuple[date, ...], code: str, members: Collection[str]
) -> Floats:
    people = queries.populations(warehouse)
    latest = max(people)
    by_month = {
        month[0]: part
        for month, part in rows.filter(pl.col("code").is_in(list(members)) & pl.col("count").is_not_null())
        .group_by("month")
    }  # fmt: skip
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
    """Return a municipality's event notices by whole month."""
    cube = notice_cube(warehouse)
    if code not in cube.codes or not cube.months:
        return Series((), np.zeros(0), np.zeros(0, dtype=bool))
    counts = cube.counts[:, cube.codes.index(code)].astype(float)
    return Series(cube.months, counts, np.zeros(counts.size, dtype=bool))


def by_quarter(series: Series) -> Series:
    """Return whole quarters of a monthly series."""
    starts = series.starts
    first = next((n for n, month in enumerate(starts) if month.month % QUARTER == 1), len(starts))
    whole = (len(starts) - first) // QUARTER
    shape = (whole, QUARTER)
    end = first + whole * QUARTER
    return Series(
        starts[first:end:QUARTER],
        series.counts[first:end].reshape(shape).sum(axis=1),
        np.asarray(series.preliminary[first:end].reshape(shape).any(axis=1), dtype=bool),
        None if series.group is None else series.group[first:end].reshape(shape).sum(axis=1),
        QUARTER,
    )


@dataclass(frozen=True)
class Wheel:
    """Each step of the year's share of the cases, shape (steps a year,), and how likely chance alone makes them so uneven."""

    shares: Floats
    p_value: float

    @property
    def uneven(self) -> bool:
        """Whether chance alone would seldom make the year so uneven."""
        return self.p_value < SIGNIFICANT


def year_wheel(series: Series) -> Wheel | None:
    """Return the wheel of the year over the latest whole years, January first; chance by Pearson's chi-square test.

    None with fewer than two years without gaps, or without cases.
    """
    steps = series.per_year
    years = len(series.starts) // steps
    counts = series.counts[len(series.starts) - steps * years :]
    if years < FEWEST_YEARS or not np.isfinite(counts).all() or counts.sum() == 0:
        return None
    first = (series.starts[len(series.starts) - steps * years].month - 1) // series.months_each
    by_step = np.roll(counts.reshape(years, steps).sum(axis=0), first)
    return Wheel(by_step / by_step.sum(), float(chisquare(by_step).pvalue))


def days_and_hours(warehouse: Warehouse, code: str) -> NDArray[np.int64]:
    """Return event notices by weekday (Monday first) and part of the day, shape (7, 24 / `HOURS_TOGETHER`)."""
    found = np.zeros((7, 24 // HOURS_TOGETHER), dtype=np.int64)
    for weekday, hour, notices in queries.notices_by_clock(warehouse, code).iter_rows():
        found[weekday - 1, hour // HOURS_TOGETHER] += notices
    return found
