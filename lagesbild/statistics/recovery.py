"""Recover whole counts from published rates.

A published rate is ``100 000 x count / mean population``. The mean population is the mean of two
whole year-end figures, so it is a multiple of one half. Kolada's values carry single precision
(24 bits), so a rate r pins the count to ``count = r x population / 100 000`` within a relative
2^-24. Rates of the same area and year share the population, and must all give whole counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PER = 100_000
# Half a unit in the last place of single precision, and of the five decimals shown.
_RELATIVE_ROUNDING = 2.0**-24
_ABSOLUTE_ROUNDING = 0.5e-5


@dataclass(frozen=True)
class Recovery:
    """Counts behind rates of one area and year.

    ``basis`` is ``recovered`` when exactly one population makes every rate a whole count, else
    ``approximate``: the counts are then the nearest whole numbers at the estimated population.
    ``population`` is persons (mean of the year); ``candidates`` is how many populations fit.
    """

    counts: tuple[int, ...]
    population: float
    basis: str
    candidates: int


def whole_count_populations(rates: Sequence[float], low: float, high: float) -> NDArray[np.float64]:
    """Return the populations in [low, high], in steps of one half, that make all rates whole counts.

    Parameters
    ----------
    rates
        Per 100 000 inhabitants, all of the same area and year.
    low, high
        Bounds of the mean population, persons.
    """
    populations = np.arange(np.ceil(low * 2), np.floor(high * 2) + 1) / 2
    fits = np.ones(populations.shape, dtype=bool)
    for rate in rates:
        counts = rate * populations / PER
        tolerance = (rate * _RELATIVE_ROUNDING + _ABSOLUTE_ROUNDING) * populations / PER
        fits &= np.abs(counts - np.rint(counts)) <= tolerance
    return populations[fits]


def whole_over(rates: NDArray[np.float64], populations: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rates are whole counts of populations that are known, as `recover_counts` does with no spread.

    Parameters
    ----------
    rates
        Shape (n,): per 100 000 inhabitants.
    populations
        Shape (n,): persons, in steps of one half; NaN where they are not known, and then nothing is whole.
    """
    counts = rates * populations / PER
    tolerance = (rates * _RELATIVE_ROUNDING + _ABSOLUTE_ROUNDING) * populations / PER
    whole: NDArray[np.bool_] = (
        (populations > 0)
        & (2 * populations == np.rint(2 * populations))
        & (np.abs(counts - np.rint(counts)) <= tolerance)
    )
    return whole


def recover_counts(rates: Sequence[float], estimate: float, spread: float) -> Recovery:
    """Recover the counts behind rates that share one unknown population.

    Parameters
    ----------
    rates
        Per 100 000 inhabitants, all of the same area and year.
    estimate
        Best guess of the mean population, persons.
    spread
        Relative half-width of the range the true population surely lies in (0 = known exactly).

    Raises
    ------
    ValueError
        If ``estimate`` is not positive.
    """
    if not estimate > 0:
        raise ValueError("the population must be positive")
    margin = estimate * spread
    found = whole_count_populations(rates, estimate - margin, estimate + margin)
    population = float(found[0]) if found.size == 1 else estimate
    return Recovery(
        counts=tuple(round(rate * population / PER) for rate in rates),
        population=population,
        basis="recovered" if found.size == 1 else "approximate",
        candidates=int(found.size),
    )
