"""Empirical Bayes: rates of small areas drawn towards the common rate by how little they weigh.

Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators* (Applied
Statistics 40:283), the global form. esda has it too, but brings a geographic stack that takes longer
to load than a page may take; the values are proved against the same fixture. Marshall takes the noise of
a rate to be Poisson chance; with a `Dispersion` it is what years really differ by, and an area weighs
accordingly less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lagesbild.statistics.overdispersion import Dispersion


@dataclass(frozen=True)
class Shrinkage:
    """The common rate, the variance between areas (cases per person), and each area's shrunken rate."""

    common: float
    variance: float
    rates: NDArray[np.float64]


def shrink(counts: ArrayLike, populations: ArrayLike, dispersion: Dispersion | None = None) -> Shrinkage:
    """Return each area's rate drawn towards the common one.

    ``m + a / (a + v_i) * (r_i - m)`` with ``v_i = phi m / n_i + tau2 m^2`` the noise of a rate and
    ``a = max(0, s2 - phi m / mean(n) - tau2 m^2)`` the variance between areas.

    Parameters
    ----------
    counts, populations
        Cases and persons, shape (n,); rates come back as cases per person.
    dispersion
        Year-to-year variation of the measure; chance alone (phi 1, tau2 0: Marshall's) if not given.

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
    phi, tau2 = (1.0, 0.0) if dispersion is None else (dispersion.phi, dispersion.tau2)
    always = tau2 * common**2
    variance = max(0.0, spread - phi * common / float(persons.mean()) - always)
    if variance == 0:
        return Shrinkage(common, 0.0, np.full(raw.shape, common))
    weight = variance / (variance + phi * common / persons + always)
    return Shrinkage(common, variance, common + weight * (raw - common))
