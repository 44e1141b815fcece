"""How sure the difference between two municipalities in a year is: against chance, and what such figures usually move by.

Two municipalities are seldom of the same size, so the test of a change between two years (`rule.change`) does not
hold for them: its variance is that of two counts with the same persons behind them. Here each count has its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtr

from lagesbild.statistics.change import e_test
from lagesbild.statistics.overdispersion import SHIFT

if TYPE_CHECKING:
    from lagesbild.statistics.overdispersion import Dispersion


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A tested difference: ``z`` (the first minus the second) and two-sided p values.

    ``p_value`` is that of chance and what such figures usually move by; ``p_chance`` that of pure chance alone.
    """

    z: float
    p_value: float
    p_chance: float


def of_counts(
    first: float, second: float, persons_first: float, persons_second: float, dispersion: Dispersion
) -> Difference:
    """Test whether two counts of the same year have different rates.

    ``z = 2 (sqrt((a + 3/8) / A) - sqrt((b + 3/8) / B)) / sqrt(phi (1 / A + 1 / B) + tau2 (a / A + b / B))``: Anscombe's
    root (1948, Biometrika 35:246) of each rate, with the variance that the dispersion gives a count. With equal
    populations it is `rule.changes_z`. The greater of its p value and that of the e-test (`change.e_test`), which is
    exact where counts are small.

    Parameters
    ----------
    first, second
        Counts.
    persons_first, persons_second
        The persons behind them.
    dispersion
        The measure's year-to-year variation.

    Raises
    ------
    ValueError
        As `change.e_test` does.
    """
    p_chance = e_test(round(first), round(second), persons_first, persons_second)
    gap = math.sqrt((first + SHIFT) / persons_first) - math.sqrt((second + SHIFT) / persons_second)
    chance = dispersion.phi * (1 / persons_first + 1 / persons_second)
    moves = dispersion.tau2 * (first / persons_first + second / persons_second)
    z = 2 * gap / math.sqrt(chance + moves)
    return Difference(z=z, p_value=max(_two_sided(z), p_chance), p_chance=p_chance)


def of_shares(first: float, second: float, error_first: float, error_second: float) -> Difference:
    """Test whether two independent shares of samples differ, in the unit of both; errors are standard errors."""
    gap, error = first - second, math.hypot(error_first, error_second)
    z = gap / error if error else math.copysign(math.inf, gap) if gap else 0.0
    p_value = _two_sided(z)
    return Difference(z=z, p_value=p_value, p_chance=p_value)


def _two_sided(z: float) -> float:
    return 2 * float(ndtr(-abs(z)))
