"""Reported crimes, or police notices, as a cube of municipalities and steps of time, with the common volume taken out.

Reported crimes come by quarter or month, and are compared with the municipality's usual share of the country's,
by season; how much they vary beyond chance is allowed for.

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
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.data.warehouse import queries
from lagesbild.hotspots.alone import alone, with_country
from lagesbild.hotspots.categories import Category, categorise, significant
from lagesbild.hotspots.gistar import gi_star, neighbourhoods, over_time
from lagesbild.hotspots.reported import ReportedCrimes, last_month_of, monthly_types, of_warehouse
from lagesbild.hotspots.scan import Cluster, Zones, great_circle
from lagesbild.hotspots.watching import SCAN_MONTHS, SHUFFLES, county_scan
from lagesbild.statistics.overdispersion import of_residuals
from lagesbild.swedish import did_you_mean, month_and_year, quarter_and_year

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: All notices; before the id of a crime type that BRÅ publishes by month, or by quarter.
EVERY, CRIME, QUARTER = "alla", "brott:", "kvartal:"
#: What is shown when nothing else is asked for: reported crimes in total, by quarter.
TOTAL = f"{QUARTER}{SOL_TOTAL}"
#: Below this many cases per municipality and step, categories say nothing.
FEWEST_PER_BIN = 1.0
#: A category needs as many months as this.
FEWEST_MONTHS = 12
#: And a cube of quarters as many of them; it holds no more than five years, since shares drift.
FEWEST_QUARTERS, MOST_YEARS = 8, 5
#: A scan looks for what has built up within this many km.
SCAN_RADIUS = 60.0
#: Cubes that a vintage keeps, and as many with their patterns, of about a megabyte each.
_KEPT = 24


@dataclass(frozen=True, kw_only=True)
class Cube:
    """Cases by municipality and month (or quarter): ``counts`` and ``expected`` of shape (months, places).

    ``months`` are the first days of the steps, ``per_year`` of them a year, and follow on each other without a break.
    ``crimes``: reported crimes, else police notices. ``missing``: the months that nobody collected or published, before
    or after them. ``spread``: variance over mean of a count by chance, of the shape of ``counts`` or 1.
    """

    codes: tuple[str, ...]
    months: tuple[date, ...]
    counts: NDArray[np.int64]
    expected: Floats
    crimes: bool = False
    missing: tuple[date, ...] = ()
    per_year: int = 12
    spread: Floats | float = 1.0

    @property
    def each(self) -> str:
        """What a step is called, in Swedish."""
        return "månad" if self.per_year == 12 else "kvartal"

    @property
    def last(self) -> str:
        """The last step, in Swedish: ``mars 2026``, ``andra kvartalet 2026``."""
        return step_name(self.months[-1], self.per_year)

    @property
    def last_month(self) -> date:
        """The first day of the last month."""
        return last_month_of(self.months[-1], self.per_year)

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
        found: Floats = (self.counts - self.expected) / np.sqrt(np.maximum(self.expected, 0.5) * self.spread)
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


def categories(warehouse: Warehouse) -> dict[str, str]:
    """Return what a cube can be made of, in Swedish: reported crimes first, then the police's notices."""
    shorts = dict(queries.indicators(warehouse).select("id", "short_sv").iter_rows())
    notices = {row["category"]: row["title"] for row in reference.read_csv("police_categories.csv")}
    return (
        {TOTAL: "Alla anmälda brott, per kvartal"}
        | {
            f"{CRIME}{key}": f"Anmälda brott per månad: {shorts.get(key, key)}"
            for key in monthly_types(warehouse)
        }
        | {EVERY: "Polisens notiser: alla"}
        | {key: f"Polisens notiser: {title[0].lower()}{title[1:]}" for key, title in notices.items()}
    )


def ends_of(warehouse: Warehouse, category: str) -> list[date]:
    """Return the first days of the steps that a cube of a category can end with, the oldest first."""
    crime = crime_of(category)
    if not crime:
        months = list(notice_cube(warehouse, None if category == EVERY else [category]).months)
        return months[min(FEWEST_MONTHS, max(len(months) - 1, 0)) :]
    crimes = of_warehouse(warehouse, crime, 4 if category.startswith(QUARTER) else 12)
    if crimes is None:
        return []
    published = [step for n, step in enumerate(crimes.steps) if np.isfinite(crimes.counts[:, n]).any()]
    behind = FEWEST_QUARTERS if category.startswith(QUARTER) else FEWEST_MONTHS
    return published[min(behind, max(len(published) - 1, 0)) :]


def category_of(asked: str | None, known: Mapping[str, str]) -> str | None:
    """Return a category by its id, with or without what says quarter or month before it; None where none is asked for.

    Raises
    ------
    LookupError
        If there is none such; in Swedish.
    """
    if asked is None:
        return None
    for candidate in (asked, f"{QUARTER}{asked}", f"{CRIME}{asked}"):
        if candidate in known:
            return candidate
    raise LookupError(f"Okänd kategori: {asked}.{did_you_mean(asked, known)} Välj bland {', '.join(known)}.")


def cube_of(warehouse: Warehouse, category: str, until: date | None = None) -> Cube:
    """Return the cube of one of `categories`, up to a month."""
    crime = crime_of(category)
    if crime:
        return crime_cube(warehouse, crime, until, 4 if category.startswith(QUARTER) else 12)
    return notice_cube(warehouse, None if category == EVERY else [category], until)


def whole_of(warehouse: Warehouse, category: str) -> tuple[Cube, list[date]]:
    """Return the cube of all there is of one of `categories`, and where one up to some month can end; both are kept."""
    return warehouse.worked_out(
        "cube", lambda every: (cube_of(every, category), ends_of(every, category)), category, _KEPT
    )


def patterned(warehouse: Warehouse, category: str, until: date | None = None) -> tuple[Cube, Patterns | None]:
    """Return what `cube_of` and `patterns` do: the latest of a vintage are kept, the same for every municipality."""

    def found(whole: Warehouse) -> tuple[Cube, Patterns | None]:
        cube = cube_of(whole, category, until)
        return cube, patterns(cube)

    return warehouse.worked_out("patterned", found, (category, until), _KEPT)


def crime_of(category: str) -> str:
    """Return the id of a category's crime type; empty for notices."""
    kinds = (prefix for prefix in (QUARTER, CRIME) if category.startswith(prefix))
    return next((category.removeprefix(prefix) for prefix in kinds), "")


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


def crime_cube(warehouse: Warehouse, indicator: str, until: date | None = None, per_year: int = 12) -> Cube:
    """Return the cube of a crime type by month or quarter, municipalities with a withheld step left out.

    Over the latest unbroken run of steps that are published for any municipality, five years of them at most. Expected
    is each municipality's usual share, by season for quarters, of the country's crimes of the step.

    Parameters
    ----------
    until
        The last month to include (its first day): a quarter counts from when its last month is over.
    """
    crimes = of_warehouse(warehouse, indicator, per_year)
    if crimes is None:
        return Cube(
            codes=(),
            months=(),
            counts=np.zeros((0, 0), dtype=np.int64),
            expected=np.zeros((0, 0)),
            crimes=True,
        )
    known = [n for n in range(len(crimes.steps)) if until is None or crimes.last_month(n) <= until]
    published = [n for n in known if np.isfinite(crimes.counts[:, n]).any()]
    longest = latest_run(
        [crimes.steps[n] for n in published],
        FEWEST_MONTHS if per_year == 12 else FEWEST_QUARTERS,
        12 // per_year,
    )[-MOST_YEARS * per_year :]
    at = [crimes.steps.index(step) for step in longest]
    whole: NDArray[np.bool_] = np.all(np.isfinite(crimes.counts[:, at]), axis=1)
    counts = crimes.counts[whole][:, at].T.astype(np.int64)
    expected = _usual(counts, 1 if per_year == 12 else per_year)
    dispersion = of_residuals(counts, expected)
    return Cube(
        codes=tuple(code for code, kept in zip(crimes.codes, whole, strict=True) if kept),
        months=longest,
        counts=counts,
        expected=expected,
        crimes=True,
        missing=_unpublished(crimes, [n for n in published if n >= min(at, default=0)]),
        per_year=per_year,
        spread=np.maximum(dispersion.variance(expected), 1.0),
    )


def _usual(counts: NDArray[np.int64], seasons: int) -> Floats:
    """Return each place's usual share, by season, of all cases of the step."""
    expected = np.zeros(counts.shape)
    for season in range(seasons):
        part = counts[season::seasons]
        expected[season::seasons] = np.outer(part.sum(axis=1), part.sum(axis=0)) / max(int(part.sum()), 1)
    return expected


def _unpublished(crimes: ReportedCrimes, published: Sequence[int]) -> tuple[date, ...]:
    """Return the months of the steps between the first and the last published that are published for nobody."""
    if not published:
        return ()
    gone = [n for n in range(published[0], published[-1]) if n not in set(published)]
    return tuple(month for n in gone for month in months_from(crimes.steps[n], crimes.last_month(n)))


def step_name(start: date, per_year: int) -> str:
    """Name a step in Swedish: ``mars 2026``, ``andra kvartalet 2026``."""
    return month_and_year(start) if per_year == 12 else quarter_and_year(start)


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
    fewest = FEWEST_MONTHS if cube.per_year == 12 else FEWEST_QUARTERS
    if cube.per_bin < FEWEST_PER_BIN or len(cube.months) < fewest:
        return None
    neighbours = {code: place.neighbours for code, place in reference.geography().items()}
    weights = over_time(neighbourhoods(cube.codes, neighbours), len(cube.months))
    z = gi_star(cube.residuals.ravel(), weights).reshape(cube.counts.shape)
    bins = significant(z)
    found = categorise(bins.T, z.T)
    year = slice(-cube.per_year, None)
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
    """Scan a county's notices for what has built up in the last months: clusters with their municipalities' codes.

    The same shuffles as the county's flags have, so that a month is told alike in both places.
    """
    inside = [n for n, code in enumerate(cube.codes) if code[:2] == county]
    outlines = reference.outlines()
    known = [n for n in inside if cube.codes[n] in outlines]
    if not known:
        return []
    zones = zones_of([cube.codes[n] for n in known])
    found = county_scan(cube.counts[-SCAN_MONTHS:, known], zones, len(cube.months) - 1, shuffles)
    clusters = found.clusters if found else []
    return [(cluster, tuple(cube.codes[known[place]] for place in cluster.places)) for cluster in clusters]


def zones_of(codes: Sequence[str]) -> Zones:
    """Return circles of municipalities, by the middles of their outlines, up to `SCAN_RADIUS` wide."""
    centres = [reference.outlines()[code].centre for code in codes]
    return Zones(great_circle([c[1] for c in centres], [c[0] for c in centres]), SCAN_RADIUS)
