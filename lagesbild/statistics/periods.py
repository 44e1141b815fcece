"""A period against the time before it: what the time before leads one to expect, and how far that usually is from it.

The expected count of a period is what the same seasons of the years before give with the period's own population. How
far a period usually falls from that is learnt from everybody else over the very same steps
(`overdispersion.of_residuals`), what is common to all taken away: so it holds the uncertainty of the expected count,
and what years and neighbouring quarters differ by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.statistics.overdispersion import (
    DEFAULT_PHI,
    DEFAULT_TAU2,
    SHIFT,
    Dispersion,
    of_residuals,
)
from lagesbild.statistics.rule import LEAST_POINTS, LEAST_RATIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_Z = 1.959963984540054
#: Fewer others than this tell too little of how far a period usually falls from what was expected.
FEWEST_OTHERS = 30
#: What is assumed then: as of one year against the mean of three.
ASSUMED = Dispersion(DEFAULT_PHI * 4 / 3, DEFAULT_TAU2 * 4 / 3)


class Moved(StrEnum):
    """What a period was against what was expected of it; `NONE` where it is not certain, or less than a tenth."""

    FEWER = "fewer"
    MORE = "more"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Against:
    """A period's count (or share) against what was expected, with 95 % limits of what the count stands for.

    ``z`` is the distance in standard errors of what such a figure usually is from what was expected.
    """

    observed: float
    expected: float
    lower: float
    upper: float
    z: float
    moved: Moved

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected

    @property
    def certain(self) -> bool:
        """Whether the limits leave out what was expected, however small the difference."""
        return abs(self.z) > _Z


def expected_counts(
    counts: ArrayLike, people: ArrayLike, seasons: Sequence[int], before: Mask, during: Mask
) -> tuple[Floats, Floats]:
    """Return how many cases a period had, and how many the same seasons before it lead one to expect.

    Parameters
    ----------
    counts, people
        Shape (steps, n), nan where missing.
    seasons
        Which time of the year each step is.
    before, during
        Shape (steps,): which steps are learnt from, and which are the period.

    Returns
    -------
    tuple
        Observed and expected, of shape (n,); nan where a step of the period or all of its season before is missing.
    """
    cases, persons = np.asarray(counts, dtype=np.float64), np.asarray(people, dtype=np.float64)
    known = np.isfinite(cases) & np.isfinite(persons)
    season = np.asarray(seasons)
    expected = np.zeros(cases.shape[1])
    for each in np.unique(season[during]):
        learnt = known & (before & (season == each))[:, None]
        living = np.where(learnt, persons, 0.0).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(learnt, cases, 0.0).sum(axis=0) / np.where(living > 0, living, np.nan)
        expected = expected + rate * persons[during & (season == each)].sum(axis=0)
    return cases[during].sum(axis=0), expected


def learnt_from(observed: ArrayLike, expected: ArrayLike, leave_out: int) -> Dispersion:
    """Return how far others' counts fall from what was expected of them, what is common to all taken away.

    Parameters
    ----------
    observed, expected
        Shape (n,), nan where missing.
    leave_out
        The municipality that is to be judged.
    """
    found, usual = (np.delete(np.asarray(part, dtype=np.float64), leave_out) for part in (observed, expected))
    there = np.isfinite(found) & np.isfinite(usual) & (usual > 0)
    if there.sum() < FEWEST_OTHERS:
        return ASSUMED
    found, usual = found[there], usual[there]
    common = float(np.median(found / usual))
    return of_residuals(found, usual * (common if common > 0 else 1.0))


def against(observed: float, expected: float, dispersion: Dispersion, noise: float = 0.0) -> Against | None:
    """Hold a count against what was expected; None where nothing was, or something is missing.

    ``z = 2 (sqrt(O + 3/8) - sqrt(E + 3/8)) / sqrt(phi + (tau2 + noise) E)``. Fewer or more: ``|z| > 1.96`` and at
    least a tenth.

    Parameters
    ----------
    noise
        Relative variance of what the expected count was multiplied by (`rule.median_noise`).
    """
    if not (math.isfinite(observed) and math.isfinite(expected) and expected > 0):
        return None
    spread = math.sqrt(dispersion.phi + (dispersion.tau2 + noise) * expected)
    root, half = math.sqrt(observed + SHIFT), _Z * spread / 2
    z = 2 * (root - math.sqrt(expected + SHIFT)) / spread
    ratio = observed / expected
    return Against(
        observed=observed,
        expected=expected,
        lower=max(0.0, max(0.0, root - half) ** 2 - SHIFT),
        upper=(root + half) ** 2 - SHIFT,
        z=z,
        moved=_moved(z, ratio >= LEAST_RATIO, ratio <= 1 / LEAST_RATIO),
    )


def shares_against(now: float, error: float, before: float, error_before: float) -> Against | None:
    """Hold a survey share against an earlier one, in per cent, with the survey's own standard errors.

    Lower or higher: certain (95 %) and at least `rule.LEAST_POINTS` percentage points, or a tenth of a rare share.
    """
    scale = math.hypot(error, error_before)
    if not (math.isfinite(scale) and scale > 0 and before > 0):
        return None
    difference, z = now - before, (now - before) / scale
    least = min(LEAST_POINTS, min(before, 100 - before) / 10)
    return Against(
        observed=now,
        expected=before,
        lower=max(0.0, now - _Z * scale),
        upper=min(100.0, now + _Z * scale),
        z=z,
        moved=_moved(z, difference >= least, difference <= -least),
    )


def _moved(z: float, up: bool, down: bool) -> Moved:
    if z > _Z and up:
        return Moved.MORE
    return Moved.FEWER if z < -_Z and down else Moved.NONE
