"""Season, trend and the rest of a series: STL (Cleveland, Cleveland, McRae & Terpenning 1990), by statsmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

#: With fewer whole seasons a season cannot be told from chance.
FEWEST_SEASONS = 3
#: Inner and outer rounds, as R's stl.
_ROUNDS, _ROBUST_ROUNDS = (2, 0), (1, 15)


@dataclass(frozen=True)
class Parts:
    """A series in parts that add up to it, each of the series' shape."""

    seasonal: Floats
    trend: Floats
    rest: Floats

    @property
    def adjusted(self) -> Floats:
        """The series without its season."""
        return self.trend + self.rest


def decompose(
    values: ArrayLike,
    period: int = 12,
    seasonal: int = 7,
    trend: int | None = None,
    low_pass: int | None = None,
    *,
    robust: bool = False,
) -> Parts | None:
    """Divide a series without gaps into season, trend and rest.

    Parameters
    ----------
    values
        Shape (n,), one value a step.
    period
        Steps a season.
    seasonal, trend, low_pass
        Lengths of the smoothers (odd); the defaults are Cleveland's.
    robust
        Let outlying values weigh less.

    Returns
    -------
    Parts or None
        None with fewer than three whole seasons.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415 - a second to load

    series = np.asarray(values, dtype=float)
    if not np.isfinite(series).all():
        raise ValueError("every value must be a finite number")
    if series.size < FEWEST_SEASONS * period:
        return None
    model = STL(series, period=period, seasonal=seasonal, trend=trend, low_pass=low_pass, robust=robust)
    found = model.fit(*_ROBUST_ROUNDS if robust else _ROUNDS)
    return Parts(np.asarray(found.seasonal), np.asarray(found.trend), np.asarray(found.resid))


def moving_sum(values: ArrayLike, steps: int = 12) -> Floats:
    """Return the sum of each step and those before it, shape (n,).

    nan where there are fewer than ``steps`` of them, or any is nan: a step that is missing is not zero.
    """
    series = np.asarray(values, dtype=float)
    found = np.full(series.size, np.nan)
    if series.size >= steps:
        found[steps - 1 :] = np.lib.stride_tricks.sliding_window_view(series, steps).sum(axis=1)
    return found
