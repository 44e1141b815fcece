"""How unusual a municipality's level is among all: a funnel plot around the typical municipality.

The centre is the median municipality, not the country: crimes gather in large cities, so most
municipalities lie below the country's rate. The limits allow for how much municipalities really
differ (`statistics.funnel`), estimated without the municipality that is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.statistics.funnel import (
    Overdispersion,
    adjusted_limits,
    adjusted_p_value,
    spread_between,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PER = 100_000
#: Fewer municipalities than this say too little about how much municipalities differ.
FEWEST = 30
WARNING, ALARM = 0.95, 0.998


@dataclass(frozen=True)
class Funnel:
    """One indicator and year: all municipalities, the typical rate, the spread, and the home's place.

    ``municipalities`` has columns code, population (mean of the year, persons), rate (per 100 000);
    ``p_value`` is two-sided, against the adjusted limits.
    """

    year: int
    home: str
    centre: float
    dispersion: Overdispersion
    municipalities: pl.DataFrame
    p_value: float

    @property
    def home_rate(self) -> float:
        """The home municipality's rate, per 100 000."""
        return float(self.municipalities.filter(code=self.home)["rate"][0])

    @property
    def ratio(self) -> float:
        """The home municipality's rate over the typical one."""
        return self.home_rate / self.centre

    def limits(
        self, populations: ArrayLike, confidence: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the limits of the rate (per 100 000) for municipalities of these populations."""
        expected = np.asarray(populations, dtype=float) * self.centre / PER
        lower, upper = adjusted_limits(expected, self.dispersion, confidence)
        return lower * self.centre, upper * self.centre

    def outside(self, confidence: float) -> pl.DataFrame:
        """Return the municipalities outside the limits."""
        lower, upper = self.limits(self.municipalities["population"].to_numpy(), confidence)
        rate = self.municipalities["rate"].to_numpy()
        return self.municipalities.filter(pl.Series((rate < lower) | (rate > upper)))


def funnel_of(values: pl.DataFrame, home: str, year: int) -> Funnel | None:
    """Place a municipality among all for an indicator of reported crimes.

    Parameters
    ----------
    values
        A frame as `warehouse.queries.yearly` returns it.

    Returns
    -------
    Funnel or None
        None where too few municipalities have counts, the home one has none, or the typical
        municipality has no cases.
    """
    known = values.filter(
        (pl.col("year") == year)
        & pl.col("count").is_not_null()
        & (pl.col("rate") > 0)
        & ~pl.col("code").str.starts_with("00")
    ).select(
        "code",
        "count",
        "rate",
        # The rate's own denominator where the population itself is not stored.
        population=pl.coalesce("population", pl.col("count") * PER / pl.col("rate")),
    )
    others = known.filter(pl.col("code") != home)
    own = known.filter(pl.col("code") == home)
    if others.height < FEWEST or own.is_empty():
        return None
    centre = float(np.median(others["rate"].to_numpy()))
    expected = others["population"].to_numpy() * centre / PER
    dispersion = spread_between(others["count"].to_numpy(), expected)
    row = own.row(0, named=True)
    p_value = adjusted_p_value(row["count"], row["population"] * centre / PER, dispersion)
    return Funnel(year, home, centre, dispersion, known.drop("count"), p_value)
