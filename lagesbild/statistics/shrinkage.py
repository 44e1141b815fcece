"""Empirical Bayes: rates of small areas drawn towards the common rate by how little they weigh.

Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators* (Applied
Statistics 40:283), the global form. esda has it too, but brings a geographic stack that takes longer
to load than a page may take; the values are proved against the same fixture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.statistics.overdispersion import SHIFT
from lagesbild.statistics.standing import between_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lagesbild.statistics.overdispersion import Dispersion


@dataclass(frozen=True)
class Shrinkage:
    """The common rate, the variance between areas (cases per person), and each area's shrunken rate."""

    common: float
    variance: float
    rates: NDArray[np.float64]


def shrink(counts: ArrayLike, populations: ArrayLike) -> Shrinkage:
    """Return each area's rate drawn towards the common one.

    ``m + a / (a + m / n_i) * (r_i - m)`` with ``a = max(0, s2 - m / mean(n))``.

    Parameters
    ----------
    counts, populations
        Cases and persons, shape (n,); rates come back as cases per person.

    Raises
    ------
    ValueError
        If the shapes differ, a count is negative or a population is not positive.
    """
    cases = np.asarray(counts, dtype=float)
    persons = np.asarray(populations, dtype=float)
    if cases.shape != persons.shape or cases.size == 0:
        raise ValueError("counts and populations must have the same shape and hold something")
    if not (np.all(cases >= 0) and np.all(persons > 0)):
        raise ValueError("counts cannot be negative and populations must be positive")
    raw = cases / persons
    common = float(cases.sum() / persons.sum())
    spread = float((persons * (raw - common) ** 2).sum() / persons.sum())
    variance = max(0.0, spread - common / float(persons.mean()))
    if variance == 0:
        return Shrinkage(common, 0.0, np.full(raw.shape, common))
    weight = variance / (variance + common / persons)
    return Shrinkage(common, variance, common + weight * (raw - common))


def shrink_usual(counts: ArrayLike, exposures: ArrayLike, dispersion: Dispersion) -> NDArray[np.float64]:
    """Return rates drawn towards the common one by how much a year's count usually moves.

    As `shrink`, on the scale of the root of the rate, where the variance of a year is known
    (`overdispersion`); the variance between areas is Paule and Mandel's.

    Parameters
    ----------
    counts, exposures
        Cases and persons, shape (n,); rates come back as cases per person.
    dispersion
        Of the measure.
    """
    cases, persons = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float)
    root = 2 * np.sqrt((cases + SHIFT) / persons)
    chance = (dispersion.phi + dispersion.tau2 * cases) / persons
    between = float(
        between_variance((root - np.average(root, weights=1 / chance))[None, :], chance[None, :])[0]
    )
    weights = 1 / (chance + between)
    common = float(np.average(root, weights=weights))
    drawn = (root * between + common * chance) / (between + chance)
    found: NDArray[np.float64] = np.maximum((drawn / 2) ** 2 - SHIFT / persons, 0.0)
    return found
