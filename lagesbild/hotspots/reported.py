"""Reported crimes by quarter and month, every municipality watched against the rest of the country.

What a municipality is expected to hold is its usual share of what the rest of the country reports in that very
quarter, by Farrington's method without a trend (`surveillance.expected_of_many`). That takes out the season, what
is common to all, and that the newest figures are not complete. How much more than chance counts vary around that
is learnt from all municipalities together (`overdispersion.of_residuals`), for each year from the years before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy
from scipy.special import ndtr

from lagesbild.data import reference
from lagesbild.data.collected import months_from
from lagesbild.data.crimes import SOL_TOTAL, Tree
from lagesbild.data.warehouse import queries
from lagesbild.hotspots.surveillance import MONTHS_OF_MANY, QUARTERLY, Setting, expected_of_many
from lagesbild.hotspots.watching import FEWEST_EVENTS, KEPT, Finding, Look, WatchMethod
from lagesbild.statistics.overdispersion import SHIFT, Dispersion, of_residuals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse

    Floats = NDArray[np.float64]

#: A series that is expected to hold fewer than this in a step is not watched by itself.
FEWEST_EXPECTED = 5.0
#: A county of fewer municipalities has no rest to be held against.
_FEWEST_IN_COUNTY = 3
#: The dispersion is learnt from the years before; the first of them from these many years together.
_FIRST_YEARS = 2
#: How much of what counts vary is common to the municipalities of a county: measured on the totals by quarter,
#: 2019-2026 (intraclass correlation of the standardised residuals).
IN_COMMON = 0.11
_SETTINGS: dict[int, Setting] = {4: QUARTERLY, 12: MONTHS_OF_MANY}


def last_month_of(step: date, per_year: int) -> date:
    """Return the first day of the last month of a step, by the first day of the step."""
    return step.replace(month=step.month + 12 // per_year - 1)


@dataclass(frozen=True, kw_only=True)
class ReportedCrimes:
    """A crime type in all municipalities: ``counts`` of shape (places, steps), nan where missing.

    ``steps`` are the first days of quarters (``per_year`` 4) or months (12), without a gap between the first
    and the last; ``preliminary`` which of them are so; ``breaks`` the days from which figures are not comparable
    with those before.
    """

    key: str
    per_year: int
    codes: tuple[str, ...]
    steps: tuple[date, ...]
    counts: Floats
    preliminary: NDArray[np.bool_]
    breaks: tuple[date, ...] = ()

    @property
    def setting(self) -> Setting:
        """How a series of these steps is watched."""
        return _SETTINGS[self.per_year]

    def through(self, step: date) -> ReportedCrimes:
        """Return the steps up to and with one (its first day)."""
        n = sum(start <= step for start in self.steps)
        return replace(
            self, steps=self.steps[:n], counts=self.counts[:, :n], preliminary=self.preliminary[:n]
        )

    def in_county(self, county: str) -> ReportedCrimes:
        """Return the municipalities of a county (two digits) alone: what is the rest of them is the rest of it."""
        rows = [n for n, code in enumerate(self.codes) if code[:2] == county]
        return replace(self, codes=tuple(self.codes[n] for n in rows), counts=self.counts[rows])

    def comparable_from(self, step: int) -> int:
        """Return the index of the first step that a step (index) can be held against: none before a break."""
        broken = [day for day in self.breaks if day <= self.steps[step]]
        return sum(start < max(broken) for start in self.steps) if broken else 0

    def by_quarter(self) -> ReportedCrimes:
        """Return months as whole quarters; one with a missing month is missing."""
        first = next((n for n, step in enumerate(self.steps) if step.month % 3 == 1), len(self.steps))
        quarters = (len(self.steps) - first) // 3
        months = slice(first, first + 3 * quarters)
        early: NDArray[np.bool_] = np.any(self.preliminary[months].reshape(quarters, 3), axis=1)
        return replace(
            self,
            per_year=4,
            steps=self.steps[months][::3],
            counts=self.counts[:, months].reshape(len(self.codes), quarters, 3).sum(axis=2),
            preliminary=early,
        )

    def last_month(self, step: int) -> date:
        """Return the first day of the last month of a step (index)."""
        return last_month_of(self.steps[step], self.per_year)

    def rest(self) -> Floats:
        """Return the crimes of all others among these for each municipality, shape (places, steps); 0 where unknown.

        Of the municipalities that are published in every step that any is.
        """
        published: NDArray[np.bool_] = np.any(np.isfinite(self.counts), axis=0)
        whole: NDArray[np.bool_] = np.all(np.isfinite(self.counts[:, published]), axis=1)
        total = np.nansum(np.where(whole[:, None], self.counts, 0.0), axis=0)
        own = np.where(whole[:, None], np.nan_to_num(self.counts), 0.0)
        return np.where(published, total - own, 0.0)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Every step of every municipality against what was expected, all of shape (places, steps), nan where not known.

    ``spread``: variance over mean of the count around ``expected``; ``p`` the one-sided probability of so
    many or more; ``z`` how far out in standard deviations (on the scale of the square root).
    """

    crimes: ReportedCrimes
    expected: Floats
    spread: Floats
    p: Floats
    z: Floats

    def of(self, code: str) -> int | None:
        """Return a municipality's index; None where it is not among them."""
        return self.crimes.codes.index(code) if code in self.crimes.codes else None

    def until(self, month: date) -> Judged:
        """Return the steps that were over with a month: what was known then, told as now."""
        n = sum(self.crimes.last_month(step) <= month for step in range(len(self.crimes.steps)))
        return Judged(
            crimes=self.crimes.through(self.crimes.steps[n - 1] if n else date.min),
            expected=self.expected[:, :n],
            spread=self.spread[:, :n],
            p=self.p[:, :n],
            z=self.z[:, :n],
        )

    def finding(self, at: int, step: int) -> Finding:
        """Return what a municipality (index) held in a step (index), whatever it was."""
        return Finding(
            places=(self.crimes.codes[at],),
            length=1,
            observed=int(self.crimes.counts[at, step]),
            expected=float(self.expected[at, step]),
            p_value=float(self.p[at, step]),
            spread=float(self.spread[at, step]),
        )


def of_warehouse(warehouse: Warehouse, key: str = SOL_TOTAL, per_year: int = 4) -> ReportedCrimes | None:
    """Return a crime type by quarter or month as stored; None where nothing is."""
    rows = queries.monthly(warehouse, key, "quarter" if per_year == 4 else "month")
    if not rows.height:
        return None
    named = queries.indicators(warehouse).filter(pl.col("id") == key)
    breaks = [
        reference.breaks_of(row["source_id"], f"{row['source_key']} {row['title_sv']}")
        for row in named.iter_rows(named=True)
    ]
    return replace(_arranged(rows, key, per_year), breaks=tuple(one.date for part in breaks for one in part))


def by_quarter(warehouse: Warehouse, key: str) -> ReportedCrimes | None:
    """Return a crime type by quarter, as published or else its months put together; None where there are neither."""
    published = of_warehouse(warehouse, key)
    months = of_warehouse(warehouse, key, 12) if published is None else None
    return published if months is None else months.by_quarter()


def _arranged(rows: pl.DataFrame, key: str, per_year: int) -> ReportedCrimes:
    codes = tuple(sorted(rows["code"].unique()))
    starts = sorted(rows["month"].unique())
    steps = tuple(m for m in months_from(starts[0], starts[-1]) if (m.month - 1) % (12 // per_year) == 0)
    place, step = {c: n for n, c in enumerate(codes)}, {s: n for n, s in enumerate(steps)}
    counts = np.full((len(codes), len(steps)), np.nan)
    preliminary = np.zeros(len(steps), dtype=bool)
    for code, start, count, status in rows.iter_rows():
        if count is not None:
            counts[place[code], step[start]] = count
        preliminary[step[start]] |= status == "preliminary"
    return ReportedCrimes(
        key=key, per_year=per_year, codes=codes, steps=steps, counts=counts, preliminary=preliminary
    )


def judged(crimes: ReportedCrimes, known: Dispersion | None = None) -> Judged:
    """Judge every step with only what was known before it.

    Parameters
    ----------
    known
        The dispersion, where it is not to be learnt from these counts.
    """
    rest = crimes.rest()
    expected = np.full(crimes.counts.shape, np.nan)
    error = np.full(crimes.counts.shape, np.nan)
    for step in range(1, len(crimes.steps)):
        first = crimes.comparable_from(step)
        found = expected_of_many(crimes.counts[:, first:], rest[:, first:], step - first, crimes.setting)
        expected[:, step], error[:, step] = found.expected, found.error
    expected[expected < FEWEST_EXPECTED] = np.nan
    spread = np.full(expected.shape, np.nan)
    for year, dispersion in _learnt(crimes, expected, known).items():
        at = [n for n, step in enumerate(crimes.steps) if step.year == year]
        spread[:, at] = dispersion.variance(expected[:, at])
    # A usual share that rests on little is itself uncertain: more than those that the spread is learnt from.
    spread *= (1 + error) / (1 + _usual_error(crimes))
    spread = np.maximum(spread, 1 + 1e-6)
    size = expected / (spread - 1)
    p = scipy.stats.nbinom.sf(crimes.counts - 1, size, size / (size + expected))
    z = 2 * (np.sqrt(crimes.counts + SHIFT) - np.sqrt(expected + SHIFT)) / np.sqrt(spread)
    return Judged(crimes=crimes, expected=expected, spread=spread, p=p, z=z)


def against_county(found: Judged, county: str) -> Judged | None:
    """Judge a county's municipalities against the rest of it, with the dispersion of all of the country.

    Nearly calibrated: on the shipped totals 5.3 % of p values are .05 or less. None for a county of one or two.
    """
    crimes = found.crimes.in_county(county)
    return judged(crimes, learnt(found)) if len(crimes.codes) >= _FEWEST_IN_COUNTY else None


def _learnt(crimes: ReportedCrimes, expected: Floats, known: Dispersion | None) -> dict[int, Dispersion]:
    """Return the dispersion to use in each year."""
    years = np.array([step.year for step in crimes.steps])
    judged_years = sorted({int(year) for year in years[np.isfinite(expected).any(axis=0)]})
    found = {}
    for n, year in enumerate(judged_years):
        if known is not None:
            found[year] = known
            continue
        learnt_from = years < judged_years[min(max(n, _FIRST_YEARS), len(judged_years) - 1)]
        if not learnt_from.any():
            learnt_from = years <= year
        found[year] = of_residuals(crimes.counts[:, learnt_from], expected[:, learnt_from])
    return found


def learnt(found: Judged) -> Dispersion:
    """Return how much the counts vary around what was expected, of all steps together."""
    return of_residuals(found.crimes.counts, found.expected)


def monthly_types(warehouse: Warehouse) -> list[str]:
    """Return the crime types that are stored by month and hold no other such type, in the order of BRÅ's tree.

    A type and what lies under it count the same crimes; the total comes by quarter.
    """
    tree, stored = Tree.of(warehouse), queries.stored_by_month(warehouse)
    holding = {above for key in stored for above in tree.above(key)}
    return [key for key in stored if key not in holding and key != SOL_TOTAL]


def quiet(judged_now: Judged, rng: np.random.Generator, years: int) -> ReportedCrimes:
    """Draw years in which every municipality keeps its share, with five before them to learn from.

    Each place has its usual share, by season, of what the country usually reports; counts are negative binomial
    with the dispersion learnt, and the municipalities of a county have `IN_COMMON` of it in common (a Gaussian
    copula). What is common to the country is taken out by the rest of it, and is not drawn.
    """
    crimes = judged_now.crimes
    per_year = crimes.per_year
    first = len(crimes.steps) % per_year
    known = crimes.counts[:, first:].reshape(len(crimes.codes), -1, per_year)
    with np.errstate(invalid="ignore"):
        usual = np.nanmean(known[:, -5:], axis=1) if known.size else np.zeros((len(crimes.codes), per_year))
    usual = np.where(np.isfinite(usual), usual, 0.0)
    steps = per_year * (years + crimes.setting.years)
    mean = np.tile(usual, (1, years + crimes.setting.years))
    now = learnt(judged_now)
    # The residuals hold what the usual share is uncertain by, too; these years will have that by themselves.
    sure = 1 + _usual_error(crimes)
    own = Dispersion(max(now.phi / sure, 1.0), now.tau2 / sure)
    spread = np.maximum(own.variance(mean), 1 + 1e-6)
    counties = np.array([code[:2] for code in crimes.codes])
    each = rng.standard_normal(mean.shape)
    common = np.zeros_like(mean)
    for county in np.unique(counties):
        common[counties == county] = rng.standard_normal(steps)
    chance = ndtr(np.sqrt(IN_COMMON) * common + np.sqrt(1 - IN_COMMON) * each)
    size = np.maximum(mean, 1e-9) / (spread - 1)
    drawn = scipy.stats.nbinom.ppf(chance, size, size / (size + np.maximum(mean, 1e-9)))
    last = crimes.steps[-1].year
    starts = [
        step.replace(year=last - years - crimes.setting.years + 1 + n)
        for n in range(years + crimes.setting.years)
        for step in crimes.steps[first : first + per_year]
    ]
    return ReportedCrimes(
        key=crimes.key,
        per_year=per_year,
        codes=crimes.codes,
        steps=tuple(starts),
        counts=np.where(mean > 0, drawn, 0.0),
        preliminary=np.zeros(steps, dtype=bool),
    )


def _usual_error(crimes: ReportedCrimes) -> float:
    """Return how much the uncertainty of the usual share adds to the variance: one over the steps that it rests on."""
    return 1 / max(crimes.setting.years - 1, 1)


def looks(found: Judged, codes: Sequence[str]) -> list[Look]:
    """Return the looks at some municipalities' own series, in every step that can be judged."""
    made = []
    for code in codes:
        at = found.of(code)
        if at is None:
            continue
        for step in np.flatnonzero(np.isfinite(found.p[at])):
            finding = found.finding(at, int(step))
            worth = finding.p_value <= KEPT and finding.observed >= FEWEST_EVENTS
            made.append(
                Look(
                    method=WatchMethod.REPORTED,
                    key=found.crimes.key,
                    watched=code,
                    step=int(step),
                    when=found.crimes.steps[step],
                    per_year=found.crimes.per_year,
                    findings=(finding,) if worth else (),
                    preliminary=bool(found.crimes.preliminary[step]),
                )
            )
    return made
