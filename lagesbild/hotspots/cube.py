"""Police notices, or reported crimes, as a cube of municipalities and months, with the common volume taken out.

Notices are what the police choose to tell. How many there are of a month depends on the county's editors;
what is looked at here is how a county's notices are spread over its municipalities, never how many crimes
there are. A place's count is compared with its usual share of the county's notices of the month; a county of
one municipality (Gotland) with its usual share of the rest of the country's (`alone`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.data import reference
from lagesbild.data.collected import calendar_of, latest_run, missing_text, months_from
from lagesbild.data.warehouse import queries
from lagesbild.hotspots.alone import alone, with_country
from lagesbild.hotspots.categories import Category, categorise, significant
from lagesbild.hotspots.gistar import gi_star, neighbourhoods, over_time
from lagesbild.hotspots.scan import Cluster, Zones, great_circle
from lagesbild.hotspots.watching import SCAN_MONTHS, SHUFFLES, county_scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: Below this many notices per municipality and month, categories say nothing.
FEWEST_PER_BIN = 1.0
#: A category needs as many months as this.
FEWEST_MONTHS = 12
#: A scan looks for what has built up within this many km.
SCAN_RADIUS = 60.0


@dataclass(frozen=True, kw_only=True)
class Cube:
    """Cases by municipality and month: ``counts`` and ``expected`` of shape (months, places).

    The months follow on each other without a break. ``crimes``: reported crimes, whose expected counts are a base for
    the scan; else police notices. ``missing``: the months that nobody collected or published, before or after them.
    """

    codes: tuple[str, ...]
    months: tuple[date, ...]
    counts: NDArray[np.int64]
    expected: Floats
    crimes: bool = False
    missing: tuple[date, ...] = ()

    @property
    def counted(self) -> str:
        """What is counted, in Swedish."""
        return "anmälda brott" if self.crimes else "notiser"

    def share_of(self, code: str) -> str:
        """Return whose count a municipality's usual share is of: the county's, or the country's (Swedish genitive)."""
        return "rikets" if self.crimes or code in alone(self.codes) else "länets"

    @property
    def told_missing(self) -> str:
        """Which months are missing, in Swedish; empty where none is."""
        return missing_text(self.missing, "Månadssiffror", "") if self.crimes else missing_text(self.missing)

    @property
    def per_bin(self) -> float:
        """Mean number of notices per municipality and month."""
        return float(self.counts.mean()) if self.counts.size else 0.0

    @property
    def residuals(self) -> Floats:
        """Counts against expected ones, in standard deviations of chance."""
        found: Floats = (self.counts - self.expected) / np.sqrt(np.maximum(self.expected, 0.5))
        return found


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A municipality's category: ``sign`` 1 hot, -1 cold; the run of months it has been so; counts of the last year."""

    code: str
    category: Category
    sign: int
    since: date | None
    score: float
    count: int
    expected: float


def notice_cube(
    warehouse: Warehouse, categories: Sequence[str] | None = None, until: date | None = None
) -> Cube:
    """Return the cube of event notices over the latest unbroken run of whole months that is a year or more.

    Parameters
    ----------
    categories
        Notice categories to count; default all.
    until
        The last month to include (its first day); default the last whole month.

    Where no run of whole months is a year, the longest is taken.
    """
    rows = queries.notices_by_place(warehouse)
    if categories is not None:
        rows = rows.filter(pl.col("category").is_in(list(categories)))
    codes = tuple(sorted(queries.municipalities(warehouse)["code"]))
    months = whole_months(warehouse, until)
    missing = tuple(m for m in calendar_of(warehouse).missing if until is None or m <= until)
    place, step = {code: n for n, code in enumerate(codes)}, {month: n for n, month in enumerate(months)}
    counts = np.zeros((len(months), len(codes)), dtype=np.int64)
    for month, code, _, notices in rows.iter_rows():
        if code in place and month in step:
            counts[step[month], place[code]] += notices
    expected = with_country(_expected(counts, codes), counts, codes)
    return Cube(codes=codes, months=months, counts=counts, expected=expected, missing=missing)


def crime_cube(warehouse: Warehouse, indicator: str, until: date | None = None) -> Cube:
    """Return the cube of a crime type that BRÅ publishes by month, municipalities with a withheld month left out.

    Over the latest unbroken run of months, of a year or more, that are published for any municipality. Expected is each
    municipality's usual share of the country's crimes of the month, which takes the season out.
    """
    rows = queries.monthly(warehouse, indicator)
    if until is not None:
        rows = rows.filter(pl.col("month") <= until)
    published = sorted(set(rows.filter(pl.col("count").is_not_null())["month"]))
    months = latest_run(published, FEWEST_MONTHS)
    rows = rows.filter(pl.col("month").is_in(months))
    whole = (
        rows.filter(pl.col("count").is_not_null()).group_by("code").len().filter(pl.col("len") == len(months))
    )
    codes = tuple(sorted(whole["code"]))
    place, step = {code: n for n, code in enumerate(codes)}, {month: n for n, month in enumerate(months)}
    counts = np.zeros((len(months), len(codes)), dtype=np.int64)
    for code, month, count, _ in rows.iter_rows():
        if code in place:
            counts[step[month], place[code]] = count
    total = max(int(counts.sum()), 1)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    missing = (
        tuple(m for m in months_from(published[0], published[-1]) if m not in published) if published else ()
    )
    return Cube(codes=codes, months=months, counts=counts, expected=expected, crimes=True, missing=missing)


def whole_months(
    warehouse: Warehouse, until: date | None = None, fewest: int = FEWEST_MONTHS
) -> tuple[date, ...]:
    """Return the latest unbroken run of whole months of notices, up to a month, that has ``fewest`` months or more.

    Where none is so long, the longest. Months that were not collected are never stepped over.
    """
    whole = calendar_of(warehouse).whole
    return latest_run([month for month in whole if until is None or month <= until], fewest)


def _expected(counts: NDArray[np.int64], codes: Sequence[str]) -> Floats:
    """Return each place's usual share of its county's notices of the month."""
    expected = np.zeros(counts.shape)
    counties = np.array([code[:2] for code in codes])
    for county in np.unique(counties):
        inside = counts[:, counties == county]
        total = inside.sum()
        if total:
            expected[:, counties == county] = np.outer(inside.sum(axis=1), inside.sum(axis=0)) / total
    return expected


@dataclass(frozen=True)
class Patterns:
    """Every municipality's category, and what it comes from: Gi* and 1 hot, -1 cold, 0 neither, both of the cube's shape."""

    spots: tuple[Spot, ...]
    z: Floats
    bins: NDArray[np.int64]


def patterns(cube: Cube) -> Patterns | None:
    """Return the category of every municipality; None where the cube is too sparse or too short for any.

    Gi* over the whole cube (neighbours by border, this month and the one before), corrected over all
    bins, and the published rules.
    """
    if cube.per_bin < FEWEST_PER_BIN or len(cube.months) < FEWEST_MONTHS:
        return None
    neighbours = {code: place.neighbours for code, place in reference.geography().items()}
    weights = over_time(neighbourhoods(cube.codes, neighbours), len(cube.months))
    z = gi_star(cube.residuals.ravel(), weights).reshape(cube.counts.shape)
    bins = significant(z)
    found = categorise(bins.T, z.T)
    year = slice(-12, None)
    spots = tuple(
        Spot(
            code=code,
            category=category,
            sign=sign,
            since=_since(bins[:, n], sign, cube.months),
            score=float(z[-1, n]),
            count=int(cube.counts[year, n].sum()),
            expected=float(cube.expected[year, n].sum()),
        )
        for n, (code, (category, sign)) in enumerate(zip(cube.codes, found, strict=True))
    )
    return Patterns(spots, z, bins)


def spots(cube: Cube) -> list[Spot]:
    """Return the category of every municipality as `patterns` does; empty where there are none."""
    found = patterns(cube)
    return list(found.spots) if found else []


def _since(bins: NDArray[np.int64], sign: int, months: Sequence[date]) -> date | None:
    """Return the month from which a place has been hot (or cold) without a break until now."""
    if sign == 0 or bins[-1] != sign:
        return None
    other = np.flatnonzero(bins != sign)
    return months[int(other[-1]) + 1] if other.size else months[0]


def building_up(cube: Cube, county: str, shuffles: int = SHUFFLES) -> list[tuple[Cluster, tuple[str, ...]]]:
    """Scan a county for what has built up in its last months: clusters with their municipalities' codes.

    Notices by shuffled months; reported crimes against their expected counts (Poisson). The same shuffles as the
    county's flags have, so that a month is told alike in both places.
    """
    inside = [n for n, code in enumerate(cube.codes) if code[:2] == county]
    outlines = reference.outlines()
    known = [n for n in inside if cube.codes[n] in outlines]
    if not known:
        return []
    zones = zones_of([cube.codes[n] for n in known])
    base = cube.expected[-SCAN_MONTHS:, known].T if cube.crimes else None
    found = county_scan(cube.counts[-SCAN_MONTHS:, known], zones, len(cube.months) - 1, shuffles, base)
    clusters = found.clusters if found else []
    return [(cluster, tuple(cube.codes[known[place]] for place in cluster.places)) for cluster in clusters]


def zones_of(codes: Sequence[str]) -> Zones:
    """Return circles of municipalities, by the middles of their outlines, up to `SCAN_RADIUS` wide."""
    centres = [reference.outlines()[code].centre for code in codes]
    return Zones(great_circle([c[1] for c in centres], [c[0] for c in centres]), SCAN_RADIUS)
