"""How many crimes the next quarter is expected to hold, and between which limits: tried on the quarters that have been.

Simple exponential smoothing (Brown 1956) of quarters with the season taken out; the season is the municipality's
own of five years, drawn towards the country's. The limits are as wide as the same forecasts have missed before,
in all municipalities (`overdispersion.of_residuals`). The naive forecast is the same quarter of the year before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.statistics.overdispersion import SHIFT, Dispersion, of_residuals

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.hotspots.reported import ReportedCrimes

    Floats = NDArray[np.float64]

#: How much the newest quarter weighs, how many years the season is learnt from, and how many years of the country's
#: season it is drawn towards: chosen on 2019-2022, where any value near them does about as well.
_WEIGHT, _YEARS, _TOWARDS = 0.3, 5, 8.0
CONFIDENCE = 0.90
#: Coverage is measured from this year on, with limits learnt from the years before each quarter.
FIRST_YEAR = 2019
_SEASONS = 4


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How the forecasts of past quarters went, all municipalities together.

    ``covered``: the share inside the limits; ``error`` and ``naive_error``: mean absolute error, of this forecast
    and of the naive one.
    """

    forecasts: int
    covered: float
    error: float
    naive_error: float

    @property
    def worth_showing(self) -> bool:
        """Whether it beats the naive forecast; what does not is not shown."""
        return self.error < self.naive_error


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What a municipality's next quarter is expected to hold, with 90 % limits."""

    start: date
    expected: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The next quarter of every municipality, shape (places,), nan where it is not known; and how it has gone before."""

    codes: tuple[str, ...]
    start: date
    expected: Floats
    lower: Floats
    upper: Floats
    tried: Tried

    def of(self, code: str) -> Ahead | None:
        """Return a municipality's; None where it is unknown, or such forecasts are no better than the naive one."""
        at = self.codes.index(code) if code in self.codes else None
        if at is None or not self.tried.worth_showing or not np.isfinite(self.expected[at]):
            return None
        return Ahead(
            start=self.start,
            expected=float(self.expected[at]),
            lower=float(self.lower[at]),
            upper=float(self.upper[at]),
        )


def forecast(crimes: ReportedCrimes) -> Forecast | None:
    """Forecast the quarter after the last, and try the same on those before; None with too few quarters."""
    years = np.array([step.year for step in crimes.steps])
    first = _first(crimes)
    if first is None:
        return None
    made = np.full((len(crimes.codes), len(crimes.steps) + 1), np.nan)
    for step in range(first, made.shape[1]):
        made[:, step] = _next(crimes.counts[:, :step])
    counts = crimes.counts
    inside, errors, naive = [], [], []
    for step in range(int(np.searchsorted(years, FIRST_YEAR)), len(years)):
        if step <= first + _SEASONS:
            continue
        learnt = of_residuals(counts[:, first:step], made[:, first:step])
        lower, upper = _limits(made[:, step], learnt)
        known = np.isfinite(counts[:, step]) & np.isfinite(made[:, step]) & np.isfinite(counts[:, step - 4])
        inside.append(((counts[:, step] >= lower) & (counts[:, step] <= upper))[known])
        errors.append(np.abs(counts[:, step] - made[:, step])[known])
        naive.append(np.abs(counts[:, step] - counts[:, step - 4])[known])
    if not inside:
        return None
    tried = Tried(
        forecasts=sum(part.size for part in inside),
        covered=float(np.concatenate(inside).mean()),
        error=float(np.concatenate(errors).mean()),
        naive_error=float(np.concatenate(naive).mean()),
    )
    learnt = of_residuals(counts[:, first:], made[:, first:-1])
    lower, upper = _limits(made[:, -1], learnt)
    last = crimes.steps[-1]
    start = last.replace(year=last.year + (last.month > 9), month=(last.month + 2) % 12 + 1)
    return Forecast(
        codes=crimes.codes, start=start, expected=made[:, -1], lower=lower, upper=upper, tried=tried
    )


def _first(crimes: ReportedCrimes) -> int | None:
    """Return the first quarter with two whole years before it in which every quarter is published."""
    published = np.isfinite(crimes.counts).any(axis=0)
    gaps = np.flatnonzero(~published)
    first = (int(gaps[-1]) + 1 if gaps.size else 0) + 2 * _SEASONS
    return first if first < len(crimes.steps) else None


def _next(counts: Floats) -> Floats:
    """Forecast the step after the last of some counts, shape (places, steps), from their latest whole years."""
    gaps = np.flatnonzero(~np.isfinite(counts).any(axis=0))
    since = int(gaps[-1]) + 1 if gaps.size else 0
    years = min(_YEARS, (counts.shape[1] - since) // _SEASONS)
    seen = counts[:, counts.shape[1] - years * _SEASONS :].reshape(len(counts), years, _SEASONS)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (seen / seen.mean(axis=2, keepdims=True)).mean(axis=1)
        whole = np.nansum(seen, axis=0)
        country = (whole / whole.mean(axis=1, keepdims=True)).mean(axis=0)
        # The first of the year's four is the season of the step to come.
        season = (years * np.where(np.isfinite(own), own, country) + _TOWARDS * country) / (years + _TOWARDS)
        even = (seen / season[:, None, :]).reshape(len(counts), -1)
    weights = (1 - _WEIGHT) ** np.arange(even.shape[1])[::-1]
    found: Floats = (even * weights).sum(axis=1) / weights.sum() * season[:, 0]
    return found


def _limits(expected: Floats, learnt: Dispersion) -> tuple[Floats, Floats]:
    half = scipy.stats.norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(learnt.variance(expected)) / 2
    root = np.sqrt(expected + SHIFT)
    lower = np.maximum(np.maximum(root - half, 0) ** 2 - SHIFT, 0.0)
    return lower, (root + half) ** 2 - SHIFT
