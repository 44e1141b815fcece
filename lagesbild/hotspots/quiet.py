"""How many false alarms there are a year: played out on histories in which nothing happens but chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots.flags import flags, level_for
from lagesbild.statistics.intervals import poisson_interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from lagesbild.hotspots.watching import Look, Watched

YEARS = 10
#: Fewer shuffles than for real looks: ten years are many looks.
_SHUFFLES = 199


@dataclass(frozen=True)
class Quiet:
    """The looks of each simulated quiet year."""

    years: tuple[tuple[Look, ...], ...]

    def false_alarms(self, budget: float) -> tuple[float, float, float]:
        """Return flags a year at a budget, with an exact 95 % Poisson interval (Garwood 1936)."""
        found = sum(len(flags(looks, level_for(looks, budget))) for looks in self.years)
        years = len(self.years)
        limits = poisson_interval(found)
        return found / years, limits.lower / years, limits.upper / years


def quiet_years(
    watched: Watched, years: int = YEARS, seed: int = 1, told: Callable[[], None] = lambda: None
) -> Quiet:
    """Play out quiet years of what is watched: each place keeps its share, each month its volume."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(years):
        found.append(tuple(watched.quiet(rng).history(shuffles=_SHUFFLES)))
        told()
    return Quiet(tuple(found))
