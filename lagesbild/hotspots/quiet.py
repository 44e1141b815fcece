"""How many false alarms there are a year: played out on histories in which nothing happens but chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.hotspots.flags import flags
from lagesbild.statistics.intervals import poisson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from lagesbild.hotspots.flags import Levels
    from lagesbild.hotspots.watching import Look, Watched

YEARS = 10
#: Fewer shuffles than for real looks: ten years are many looks.
_SHUFFLES = 199


@dataclass(frozen=True)
class QuietYears:
    """The looks of so many simulated quiet years: reported crimes and signals as one history, notices year by year."""

    together: tuple[Look, ...]
    notices: tuple[tuple[Look, ...], ...]
    years: int

    @classmethod
    def of(
        cls, together: Sequence[Look], notices: Watched | None, years: int, rng: np.random.Generator
    ) -> QuietYears:
        """Add the notices' quiet years, where they are watched, to the others'."""
        told: tuple[tuple[Look, ...], ...] = ()
        if notices is not None:
            told = tuple(tuple(notices.quiet(rng).history(shuffles=_SHUFFLES)) for _ in range(years))
        return cls(tuple(together), told, years)

    def false_alarms(self, levels: Levels) -> tuple[float, float, float]:
        """Return flags a year at some levels, with an exact 95 % Poisson interval (Garwood 1936)."""
        found = len(flags(self.together, levels)) + sum(len(flags(year, levels)) for year in self.notices)
        limits = poisson_interval(found)
        return found / self.years, limits.lower / self.years, limits.upper / self.years
