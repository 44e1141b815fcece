"""Is this month more than this series leads one to expect? Farrington's method in its flexible form.

Farrington, Andrews, Beale & Catchpole (1996), *A statistical algorithm for the early detection of outbreaks
of infectious disease* (J R Stat Soc A 159:547); Noufaily, Enki, Farrington, Garthwaite, Andrews & Charlett
(2013), *An improved algorithm for outbreak detection in multiple surveillance systems* (Stat Med 32:1206).
A quasi-Poisson regression on the same time of earlier years, in which earlier outbreaks weigh less, gives
what is expected and how much is too much. Proved against the R package surveillance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from scipy.stats import rv_discrete

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Limit(StrEnum):
    """How the upper limit is computed: a normal limit on the 2/3 power, or a negative binomial quantile."""

    POWER = "delta"
    NEGATIVE_BINOMIAL = "nbPlugin"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How a series is watched; the defaults are those of Noufaily et al. for weeks.

    ``per_year`` steps a year, ``years`` back, ``half_width`` steps on each side of the same time of
    year; ``seasons`` levels of the season (1: only the same time of year is used, as in 1996);
    ``left_out`` steps before the judged one that are not learnt from; ``outlying`` the residual above which earlier
    values weigh less; ``trend_level`` how significant a trend must be to be kept (1: always);
    ``level`` the one-sided probability of an alarm; fewer than ``fewest`` cases in the ``recent``
    newest steps give none. ``own_error``: the limit also allows for how uncertain the expected count is,
    which matters with few steps behind it (Noufaily's plug-in limit does not). ``relative_error``: that error
    and the trend's are taken from relative residuals, as the R package surveillance (1.20 to at least 1.26)
    in effect does, to compare with its figures; ours are the regression's own.
    """

    per_year: int = 52
    years: int = 5
    half_width: int = 3
    seasons: int = 10
    left_out: int = 26
    outlying: float = 2.58
    trend_level: float = 1.0
    level: float = 0.05
    limit: Limit = Limit.NEGATIVE_BINOMIAL
    fewest: int = 5
    recent: int = 4
    own_error: bool = False
    relative_error: bool = False


#: For months: one on each side, no more than three of the newest left out, small counts.
MONTHLY = Setting(per_year=12, years=3, half_width=1, seasons=4, left_out=3, recent=2, own_error=True)
#: A month needs so many years behind it, and uses no more than so many.
FEWEST_YEARS, MOST_YEARS = 2, 5


def monthly(step: int) -> Setting | None:
    """Return how a month is watched with the years there are behind it; None with fewer than two."""
    years = min(MOST_YEARS, (step - MONTHLY.half_width) // MONTHLY.per_year)
    return replace(MONTHLY, years=years) if years >= FEWEST_YEARS else None


@dataclass(frozen=True, kw_only=True)
class WatchedStep:
    """One step of a series: what was expected, the upper limit, and how far the count goes towards it.

    ``score`` is 1 at the limit; ``dispersion`` 1 for Poisson; ``spread`` the same with the expected count's
    own error where that is allowed for. ``alarm`` is false with too few cases.
    """

    step: int
    observed: int
    expected: float
    upper: float
    score: float
    p_value: float
    dispersion: float
    alarm: bool
    spread: float


#: For quarters: a municipality's own season, and a whole year left out, so that what rises is not learnt as usual.
QUARTERLY = Setting(
    per_year=4, years=5, half_width=0, seasons=4, left_out=4, trend_level=0.0, own_error=True, recent=1
)
#: The same for months of many municipalities at once: a third of a year apart there are enough for a season.
MONTHS_OF_MANY = Setting(
    per_year=12, years=5, half_width=1, seasons=4, left_out=12, trend_level=0.0, own_error=True, recent=2
)
#: A series without the years that a season of its own takes is watched without one, from so many known steps.
FEWEST_KNOWN = 3


@dataclass(frozen=True)
class ExpectedCounts:
    """What one step of many series is expected to hold, each shape (places,), nan where that is not known.

    ``error``: the variance of the expected count over the count's own by chance (0 where it is known for certain).
    """

    expected: Floats
    error: Floats


def expected_of_many(counts: ArrayLike, exposure: ArrayLike, step: int, setting: Setting) -> ExpectedCounts:
    """Return what many series are expected to hold in a step: `watch` without a trend, for all of them at once.

    Without a trend the regression has one level a season, so that its fit is a ratio of sums: no iteration is
    needed, and a country of series takes a thousandth of the time. Series that are too short for a season of
    their own have one level for all the year, from `FEWEST_KNOWN` steps on; their newest steps are left out
    only as far as there are others.

    Parameters
    ----------
    counts, exposure
        Shape (places, steps): counts (nan where missing) and what they are expected to be proportional to.
    step
        The index of the step; nothing from it on is used but its exposure.
    """
    seen, size = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    groups = season_groups(step, replace(setting, years=min(setting.years, step // setting.per_year)))
    if groups is None or step < 3 * setting.per_year:
        groups = _without_season(seen, step, setting)
    used = np.flatnonzero(groups >= 0)
    labels = groups[used]
    there = np.isfinite(seen[:, used]) & (size[:, used] > 0)
    y, base = np.where(there, seen[:, used], 0.0), np.where(there, size[:, used], 0.0)
    inside = [labels == level for level in np.unique(labels)]
    fit = _season_fit(y, base, inside)
    weights = np.where(there, 1.0, 0.0)
    freedom = np.maximum(there.sum(axis=1) - len(inside), 1)
    spread = np.maximum(_pearson(y, fit, weights) / freedom, 1.0)
    leverage = fit / np.maximum(_season_sum(fit, inside), 1e-12)
    residuals = anscombe(y, np.maximum(fit, 1e-12), spread[:, None], leverage)
    weights = np.where(there & (residuals > setting.outlying), 1 / np.maximum(residuals, 1.0) ** 2, weights)
    weights *= (there.sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12))[:, None]
    now = labels == season_of_now(setting)
    weighed = (weights * base)[:, now].sum(axis=1)
    known = (weighed > 0) & (there.sum(axis=1) >= FEWEST_KNOWN) & (size[:, step] > 0)
    ratio = (weights * y)[:, now].sum(axis=1) / np.where(known, weighed, 1.0)
    expected = np.where(known & (ratio > 0), ratio * size[:, step], np.nan)
    return ExpectedCounts(expected, size[:, step] / np.where(known, weighed, np.nan))


def _without_season(seen: Floats, step: int, setting: Setting) -> Ints:
    known = int(np.isfinite(seen[:, :step]).any(axis=0).sum())
    groups = np.full(step + 1, season_of_now(setting), dtype=np.int64)
    groups[step - min(setting.left_out, max(known - FEWEST_KNOWN, 0)) :] = -1
    return groups


def _season_sum(values: Floats, inside: Sequence[NDArray[np.bool_]]) -> Floats:
    """Return each step's sum over its season, shape (places, steps)."""
    found = np.zeros_like(values)
    for steps in inside:
        found[:, steps] = values[:, steps].sum(axis=1, keepdims=True)
    return found


def _season_fit(y: Floats, base: Floats, inside: Sequence[NDArray[np.bool_]]) -> Floats:
    fit: Floats = base * _season_sum(y, inside) / np.maximum(_season_sum(base, inside), 1e-12)
    return fit


def _pearson(y: Floats, fit: Floats, weights: Floats) -> Floats:
    found: Floats = (weights * (y - fit) ** 2 / np.maximum(fit, 1e-12)).sum(axis=1)
    return found


def watch(
    counts: ArrayLike, steps: Sequence[int], setting: Setting, exposure: ArrayLike | None = None
) -> list[WatchedStep | None]:
    """Watch some steps of a series, each with only what was known before it.

    Parameters
    ----------
    counts
        Shape (n,): whole counts, none missing.
    steps
        Indices of the steps to judge (0 the first of the series).
    exposure
        Shape (n,): what the count is expected to be proportional to, as the volume of all
        notices; steps without any are not learnt from or judged. Default: all alike.

    Returns
    -------
    list
        None where the series does not go back far enough, or nothing was seen in what is learnt from.

    Raises
    ------
    ValueError
        If a count is negative, not whole or not finite, or a step is outside the series.
    """
    observed = np.asarray(counts, dtype=float)
    if not np.isfinite(observed).all() or (observed < 0).any() or (observed != np.round(observed)).any():
        raise ValueError("every count must be a whole number that is not negative")
    if any(not 0 <= step < observed.size for step in steps):
        raise ValueError("a step lies outside the series")
    size = np.ones(observed.size) if exposure is None else np.asarray(exposure, dtype=float)
    if size.shape != observed.shape or not np.isfinite(size).all() or (size < 0).any():
        raise ValueError("the exposure must be a finite number that is not negative for every count")
    return [_watched(observed, size, step, setting) for step in steps]


def _watched(observed: Floats, size: Floats, step: int, setting: Setting) -> WatchedStep | None:
    groups = season_groups(step, setting)
    if groups is None or size[step] == 0:
        return None
    used = np.flatnonzero((groups >= 0) & (size[: step + 1] > 0))
    if not observed[used].any():
        return None
    # Relative to the judged step, so that the intercept is a count of that step.
    model = _fitted(observed[used], used, groups[used], np.log(size[used] / size[step]), step, setting)
    if model is None:
        return None
    expected, error = model.predict(step, season_of_now(setting))
    count = observed[step]
    spread = model.dispersion + error**2 / expected if setting.own_error else model.dispersion
    upper, p_value = limits(expected, error, spread, count, setting.level, setting.limit)
    score = (count - expected) / (upper - expected) if upper > expected else float(count > expected)
    enough = observed[max(0, step - setting.recent + 1) : step + 1].sum() >= setting.fewest
    alarm = bool(enough and score >= 1) if setting.limit is Limit.POWER else bool(enough and count > upper)
    return WatchedStep(
        step=step,
        observed=int(count),
        expected=expected,
        upper=upper,
        score=score,
        p_value=p_value,
        dispersion=model.dispersion,
        alarm=alarm,
        spread=spread,
    )


def season_groups(step: int, setting: Setting) -> Ints | None:
    """Return the season of each step up to ``step`` (-1: not learnt from); None if the series is too short.

    Shape (step + 1,). The last level is the time of year of ``step`` itself; the others divide the
    time between such windows, the longer parts first.
    """
    w, p = setting.half_width, setting.seasons
    references = [step - year * setting.per_year for year in range(setting.years + 1)]
    if references[-1] - w < 0:
        return None
    groups = np.full(step + 1, -1, dtype=np.int64)
    groups[step - w : step + 1] = p - 1
    for later, reference in pairwise(references):
        groups[reference - w : reference + w + 1] = p - 1
        if p > 1:
            between = later - reference - 2 * w - 1
            sizes = np.full(p - 1, between // (p - 1))
            sizes[: between % (p - 1)] += 1
            filled = np.repeat(np.arange(p - 1), sizes)
            start = reference + w + 1
            groups[start : start + filled.size] = filled
    groups[max(0, step - setting.left_out) :] = -1
    return groups


def season_of_now(setting: Setting) -> int:
    """Return the season level of the step that is judged."""
    return setting.seasons - 1


@dataclass(frozen=True, kw_only=True)
class _Model:
    """A fitted regression: coefficients, their covariance, the dispersion, and what the columns are."""

    coefficients: Floats
    covariance: Floats
    dispersion: float
    trend: bool
    levels: tuple[int, ...]

    def predict(self, step: int, season: int) -> tuple[float, float]:
        """Return the expected count at a step and its standard error."""
        row = _columns(np.array([step]), np.array([season]), self.levels, trend=self.trend)[0]
        mean = float(np.exp(row @ self.coefficients))
        return mean, mean * float(np.sqrt(row @ self.covariance @ row))


def _columns(steps: Ints, seasons: Ints, levels: Sequence[int], *, trend: bool) -> Floats:
    parts = [np.ones(steps.size)]
    if trend:
        parts.append(steps.astype(float))
    parts += [(seasons == level).astype(float) for level in levels[1:]]
    return np.column_stack(parts)


def _fitted(
    y: Floats, steps: Ints, seasons: Ints, offset: Floats, now: int, setting: Setting
) -> _Model | None:
    levels = tuple(int(level) for level in np.unique(seasons))
    data = _Data(y, steps, seasons, offset)
    with_trend = _fit(data, levels, setting, trend=True) if setting.years >= 3 else None
    if with_trend is not None:
        model, p_value = with_trend
        expected, _ = model.predict(now, season_of_now(setting))
        # A trend is kept if it is significant, rests on three years, and does not run away.
        if p_value < setting.trend_level and expected <= (y / np.exp(offset)).max():
            return model
    without = _fit(data, levels, setting, trend=False)
    if without is None:  # a season without a single case: one level for all the year
        now_level = season_of_now(setting)
        flat = replace(data, seasons=np.full_like(seasons, now_level))
        without = _fit(flat, (now_level,), setting, trend=False)
    return without[0] if without is not None else None


@dataclass(frozen=True)
class _Data:
    """What a regression learns from, each of shape (n,); ``offset`` is the logarithm of the exposure."""

    y: Floats
    steps: Ints
    seasons: Ints
    offset: Floats


def _fit(data: _Data, levels: Sequence[int], setting: Setting, *, trend: bool) -> tuple[_Model, float] | None:
    """Fit twice, the second time with earlier outbreaks weighing less; None where it does not converge."""
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415 - a second to load
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415
    from statsmodels.tools.sm_exceptions import PerfectSeparationError  # noqa: PLC0415

    y, design = data.y, _columns(data.steps, data.seasons, levels, trend=trend)
    family = Poisson()
    try:
        first = GLM(y, design, family=family, offset=data.offset).fit()
        spread = max(float(first.pearson_chi2 / first.df_resid), 1.0)
        weights = reweighted(anscombe(y, first.mu, spread, _leverage(design, first.mu)), setting.outlying)
        fit = GLM(y, design, family=family, var_weights=weights, offset=data.offset).fit()
    except (PerfectSeparationError, np.linalg.LinAlgError, ValueError):
        return None
    if not (first.converged and fit.converged) or not np.isfinite(fit.params).all():
        return None
    scale = float(fit.pearson_chi2 / fit.df_resid)
    relative = float((weights * (y / fit.mu - 1) ** 2).sum() / fit.df_resid)
    covariance = np.asarray(fit.normalized_cov_params) * (relative if setting.relative_error else scale)
    p_value = 1.0
    if trend and scale > 0:
        p_value = float(2 * scipy.stats.t.sf(abs(fit.params[1]) / np.sqrt(covariance[1, 1]), fit.df_resid))
    # The spread around the curve is at least Poisson's; the curve is as certain as the data make it.
    return _Model(
        coefficients=np.asarray(fit.params),
        covariance=covariance,
        dispersion=max(scale, 1.0),
        trend=trend,
        levels=tuple(levels),
    ), p_value


def _leverage(design: Floats, mu: Floats) -> Floats:
    root = design * np.sqrt(mu)[:, None]
    q, _ = np.linalg.qr(root)
    diagonal: Floats = (q**2).sum(axis=1)
    return diagonal


def anscombe(y: ArrayLike, mu: ArrayLike, dispersion: ArrayLike, leverage: ArrayLike) -> Floats:
    """Return standardised Anscombe residuals of a quasi-Poisson regression."""
    seen, fitted = np.asarray(y, dtype=float), np.asarray(mu, dtype=float)
    raw = 1.5 * (seen ** (2 / 3) * fitted ** (-1 / 6) - np.sqrt(fitted))
    found: Floats = raw / np.sqrt(np.asarray(dispersion) * np.maximum(1 - np.asarray(leverage), 1e-12))
    return found


def reweighted(residuals: ArrayLike, threshold: float) -> Floats:
    """Return weights with mean one: residuals above the threshold weigh by their inverse square."""
    s = np.asarray(residuals, dtype=float)
    raw = np.where(s > threshold, 1 / np.where(s > threshold, s, 1.0) ** 2, 1.0)
    weights: Floats = raw * s.size / raw.sum()
    return weights


@dataclass(frozen=True)
class Chance:
    """The distribution of a count by chance: a distribution of scipy's and its parameters.

    scipy's own frozen distributions write documentation of themselves each time, a thousand times slower.
    """

    distribution: rv_discrete
    parameters: tuple[float, ...]

    def sf(self, count: Ints | float) -> Floats:
        """Return the probability of more than ``count``."""
        return np.asarray(self.distribution.sf(count, *self.parameters), dtype=float)

    def ppf(self, share: float) -> float:
        """Return the smallest count that is not exceeded with probability ``share``."""
        return float(self.distribution.ppf(share, *self.parameters))


def chance_of(expected: float, dispersion: float) -> Chance:
    """Return the distribution of a count by chance: Poisson, or negative binomial where the dispersion is above 1."""
    if dispersion > 1:
        size = expected / (dispersion - 1)
        return Chance(scipy.stats.nbinom, (size, size / (size + expected)))
    return Chance(scipy.stats.poisson, (expected,))


def limits(
    expected: float,
    error: float,
    dispersion: float,
    count: float,
    level: float,
    method: Limit,
    power: float = 2 / 3,
) -> tuple[float, float]:
    """Return the upper limit and the one-sided p value of a count.

    Parameters
    ----------
    expected, error
        The expected count and its standard error.
    dispersion
        Variance over mean, 1 or more.
    level
        One-sided probability above the limit.
    power
        The scale of `Limit.POWER`: 1, 1/2 or 2/3.
    """
    if method is Limit.NEGATIVE_BINOMIAL:
        chance = chance_of(expected, dispersion)
        return chance.ppf(1 - level), float(chance.sf(count - 1))
    spread = dispersion + error**2 / expected
    scale = power * np.sqrt(expected ** (2 * power - 1) * spread)
    upper = (expected**power + scipy.stats.norm.isf(level) * scale) ** (1 / power)
    return float(upper), float(scipy.stats.norm.sf(count**power, expected**power, scale))
