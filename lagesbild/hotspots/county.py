"""What is watched for a municipality, read from the warehouse."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.data import reference
from lagesbild.data.collected import calendar_of, last_day, latest_weeks
from lagesbild.data.warehouse import queries
from lagesbild.hotspots.cube import FEWEST_MONTHS, whole_months, zones_of
from lagesbild.hotspots.watching import SCAN_WEEKS, LocalSeries, Watched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse


def watched(
    warehouse: Warehouse, home: str, until: date | None = None, fewest: int = FEWEST_MONTHS
) -> Watched | None:
    """Return what is watched for a municipality up to a month; None without whole months of notices or outlines.

    The notices are those of the latest unbroken run of ``fewest`` whole months or more (`whole_months`).
    """
    rows = queries.notices_by_place(warehouse)
    months = whole_months(warehouse, until, fewest)
    codes = tuple(
        code
        for code in sorted(queries.municipalities(warehouse)["code"])
        if code[:2] == home[:2] and code in reference.outlines()
    )
    if not months or home not in codes:
        return None
    categories = tuple(sorted(set(rows["category"])))
    place, step, kind = (
        {value: n for n, value in enumerate(values)} for values in (codes, months, categories)
    )
    counts = np.zeros((len(categories), len(months), len(codes)), dtype=np.int64)
    for month, code, category, notices in rows.iter_rows():
        if code in place and month in step:
            counts[kind[category], step[month], place[code]] += notices
    crime = {
        row["category"] for row in reference.read_csv("police_categories.csv") if row["is_crime"] == "ja"
    }
    return Watched(
        home=home,
        codes=codes,
        neighbours=tuple(code for code in reference.geography()[home].neighbours if code in place),
        months=months,
        categories=categories,
        crimes_only=tuple(key for key in categories if key in crime),
        counts=counts,
        zones=zones_of(codes),
        local=_local(warehouse, home, until),
        rest=_rest_of_country(rows, months, home) if codes == (home,) else None,
    )


def _rest_of_country(rows: pl.DataFrame, months: tuple[date, ...], home: str) -> NDArray[np.int64]:
    """Return the notices of the other municipalities by month, shape (months,), for a county of one."""
    totals = rows.filter(pl.col("code") != home).group_by("month").agg(pl.col("notices").sum())
    found = dict(totals.iter_rows())
    return np.array([found.get(month, 0) for month in months], dtype=np.int64)


def _local(warehouse: Warehouse, home: str, until: date | None) -> tuple[LocalSeries, ...]:
    """Return the notices that name a locality inside the municipality, over the latest whole weeks up to a month.

    An unbroken run of weeks, each with all its days collected: of a year, or else the longest there is.
    """
    end = last_day(until) if until else date.max
    weeks = latest_weeks(calendar_of(warehouse).days, SCAN_WEEKS, end)
    if weeks is None:
        return ()
    inside = {place.locality for place in reference.gazetteer().get(home, ()) if place.inside != "nej"}
    events = [
        (day, name)
        for day, name in queries.notices_by_locality(warehouse, home).iter_rows()
        if name in inside
    ]
    local = LocalSeries.of(events, weeks[1], since=weeks[0])
    return (local,) if local else ()
