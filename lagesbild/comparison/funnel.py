"""A funnel plot: all municipalities by population and rate, around the median of the home's group.

The centre is a median municipality, not the country: crimes gather in large cities, so most
municipalities lie below the country's rate. The limits are those of `statistics.standing`, drawn for
every population.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.special import stdtrit

from lagesbild.statistics.funnel import exact_limits
from lagesbild.statistics.standing import PER, Standing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.comparison.panel import Panel

WARNING, ALARM = 0.95, 0.998


@dataclass(frozen=True)
class Funnel:
    """One indicator and year: the municipalities, the group's median and how far from it is usual.

    ``municipalities`` has columns code, population (mean of the year, persons), rate (per 100 000)
    and member (of the home's group).
    """

    year: int
    home: str
    standing: Standing
    municipalities: pl.DataFrame

    def limits(
        self, populations: ArrayLike, confidence: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the limits of the rate (per 100 000) for municipalities of these populations."""
        centre, between = self.standing.reference, self.standing.between
        expected = np.asarray(populations, dtype=float) * centre / PER
        if between == 0:
            lower, upper = exact_limits(expected, confidence)
            return lower * centre, upper * centre
        quantile = float(stdtrit(self.standing.learnt_from - 2, (1 + confidence) / 2))
        half = quantile * np.sqrt(0.25 / expected + between**2)
        return np.maximum(0.0, 1 - half) ** 2 * centre, (1 + half) ** 2 * centre

    def outside(self, confidence: float) -> pl.DataFrame:
        """Return the municipalities outside the limits."""
        lower, upper = self.limits(self.municipalities["population"].to_numpy(), confidence)
        rate = self.municipalities["rate"].to_numpy()
        return self.municipalities.filter(pl.Series((rate < lower) | (rate > upper)))

    def of_group(self) -> Funnel:
        """Return the same funnel with the home municipality and its group only."""
        kept = self.municipalities.filter(pl.col("member") | (pl.col("code") == self.home))
        return Funnel(self.year, self.home, self.standing, kept)


def funnel_of(panel: Panel, home: str, comparison: Comparison) -> Funnel | None:
    """Return the funnel of a comparison; None for surveys and where the home cannot be placed."""
    facts, standing = comparison.facts, comparison.assessed.standing
    if facts.indicator.is_survey or standing is None:
        return None
    _, people, values = panel.counts(facts.indicator.id, facts.home.year)
    members = comparison.assessed.members
    rows = pl.DataFrame(
        {
            "code": panel.codes,
            "population": people,
            "rate": values,
            "member": [code in members for code in panel.codes],
        }
    ).filter(pl.col("population").is_finite() & pl.col("rate").is_finite())
    return Funnel(facts.home.year, home, standing, rows)
