"""The count that a municipality's structure would lead one to expect: negative binomial regression.

Fitted by statsmodels on all other municipalities; the dispersion by moments (Breslow 1984,
*Extra-Poisson variation in log-linear models*, Applied Statistics 33:38).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Fewer municipalities for each characteristic than this make no model.
FEWEST_PER_TERM = 10
_ROUNDS, _CLOSE = 12, 1e-3
_SMALLEST_DISPERSION = 1e-5


@dataclass(frozen=True, kw_only=True)
class Model:
    """A fitted model: rate ratios for one standard deviation more of each characteristic.

    ``dispersion`` is alpha of the negative binomial variance mu + alpha mu^2; ``pearson`` the mean
    squared Pearson residual (1 when the variance is right); ``outside`` the share of the fitted
    municipalities that lie outside their own 95 % prediction interval.
    """

    names: tuple[str, ...]
    ratios: tuple[tuple[float, float, float], ...]
    n: int
    dispersion: float
    pearson: float
    outside: float


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The expected count of one municipality, its 95 % prediction interval, and observed / expected."""

    expected: float
    lower: float
    upper: float
    ratio: float
    model: Model

    @property
    def above(self) -> bool:
        """More than expected: above the prediction interval."""
        return self.ratio * self.expected > self.upper

    @property
    def below(self) -> bool:
        """Fewer than expected: below the prediction interval."""
        return self.ratio * self.expected < self.lower


def expected_count(
    counts: Floats, populations: Floats, characteristics: Floats, names: Sequence[str], home: int
) -> Expected | None:
    """Expect a municipality's count from its characteristics.

    Parameters
    ----------
    counts, populations
        Cases and persons, shape (n,), nan where unknown.
    characteristics
        Shape (n, k), nan where unknown; standardised here.
    names
        The k characteristics' names.
    home
        Index of the municipality, which the model is fitted without.

    Returns
    -------
    Expected or None
        None where the home lacks a value or too few municipalities have all.
    """
    # The statistics library takes a second to load: only where a model is asked for.
    from statsmodels.genmod.families import NegativeBinomial  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    known = np.isfinite(counts) & (populations > 0) & np.isfinite(characteristics).all(axis=1)
    used = known.copy()
    used[home] = False
    if not known[home] or used.sum() < FEWEST_PER_TERM * (len(names) + 1) or not counts[used].any():
        return None
    centre, scale = characteristics[used].mean(axis=0), characteristics[used].std(axis=0)
    if not np.all(scale > 0):
        return None
    design = np.column_stack([np.ones(counts.size), (characteristics - centre) / scale])
    offset = np.log(np.where(known, populations, 1.0))
    dispersion, start = 0.05, None
    for _ in range(_ROUNDS):
        family = NegativeBinomial(alpha=dispersion)
        fit = GLM(counts[used], design[used], family=family, offset=offset[used]).fit(start_params=start)
        start = fit.params
        pearson = float(fit.pearson_chi2 / fit.df_resid)
        if abs(pearson - 1) < _CLOSE or dispersion <= _SMALLEST_DISPERSION:
            break
        dispersion = _next_dispersion(counts[used], fit.mu, fit.df_resid, dispersion)
    mean = np.exp(design @ fit.params + offset)
    # What the coefficients are uncertain by is added to the variance between municipalities.
    uncertain = np.einsum("ij,jk,ik->i", design, fit.cov_params(), design)
    total = dispersion + uncertain
    lower, upper = (scipy.stats.nbinom.ppf(q, 1 / total, 1 / (1 + total * mean)) for q in (0.025, 0.975))
    limits = np.exp(fit.conf_int())[1:]
    model = Model(
        names=tuple(names),
        ratios=tuple(
            (float(np.exp(b)), float(a), float(c)) for b, (a, c) in zip(fit.params[1:], limits, strict=True)
        ),
        n=int(used.sum()),
        dispersion=float(dispersion),
        pearson=pearson,
        outside=float(np.mean((counts[used] < lower[used]) | (counts[used] > upper[used]))),
    )
    return Expected(
        expected=float(mean[home]),
        lower=float(lower[home]),
        upper=float(upper[home]),
        ratio=float(counts[home] / mean[home]),
        model=model,
    )


def _next_dispersion(counts: Floats, mean: Floats, freedom: float, dispersion: float) -> float:
    """One secant-like step towards the dispersion whose Pearson statistic equals its degrees of freedom."""
    low, high = _SMALLEST_DISPERSION, max(1.0, 100 * dispersion)
    for _ in range(60):
        middle = (low * high) ** 0.5
        pearson = ((counts - mean) ** 2 / (mean + middle * mean**2)).sum()
        low, high = (middle, high) if pearson > freedom else (low, middle)
    return high
