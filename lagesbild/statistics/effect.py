"""What an action did: before and after, beside what happened where nothing was done.

Sources: Wheeler & Ratcliffe 2018 (*A simple weighted displacement difference test to evaluate place based crime
interventions*, Crime Science 7:11), with periods of unequal length as in Wheeler's crimepy; the exact odds ratio of
Cornfield 1956 for the ratio of small counts, which is that of two before/after pairs of Poisson counts given their
sums. Counts that vary beyond chance widen every interval by the root of their dispersion (quasi-Poisson).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import scipy
from scipy.special import betaincinv, ndtri

from lagesbild.statistics.intervals import (
    EXACT_BELOW,
    Interval,
    check_confidence,
    check_count,
    garwood_limits,
    normal_quantile,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

#: As in the published test: an action that does harm is as interesting as one that helps, so both sides.
CONFIDENCE, POWER = 0.9, 0.8
#: What cannot show even this share fewer is too small to show anything.
HALVED = 0.5
#: Added to counts whose logarithm is taken, when one of them is none (Haldane 1956, Anscombe 1956).
_HALF = 0.5


class Seen(StrEnum):
    """What the counts say of an action."""

    FEWER = "fewer"
    MORE = "more"
    NOT_SEEN = "not_seen"
    TOO_SMALL = "too_small"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an area held before and after.

    ``weight_before`` and ``weight_after`` are what the counts are divided by: the length of the period before in
    lengths of the one after, the size of a control area in sizes of the treated.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or a weight is not positive and finite.
    """

    before: float
    after: float
    weight_before: float = 1.0
    weight_after: float = 1.0

    def __post_init__(self) -> None:
        check_count(self.before)
        check_count(self.after)
        for weight in (self.weight_before, self.weight_after):
            if not (math.isfinite(weight) and weight > 0):
                raise ValueError(f"a weight must be a positive finite number, not {weight}")

    @property
    def change(self) -> float:
        """After minus before, both divided by their weights."""
        return self.after / self.weight_after - self.before / self.weight_before


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How many more after than expected (negative: fewer), with standard error and limits."""

    estimate: float
    error: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as many after as expected, with limits; an upper limit may be infinite."""

    estimate: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Smallest:
    """The smallest drop that would be seen: as a count, and as a share of what is expected (above 1: none would)."""

    count: float
    share: float

    @property
    def shows_a_halving(self) -> bool:
        """Whether a halving would be seen."""
        return self.share <= HALVED


def difference(
    treated: Counts,
    control: Counts | None = None,
    displaced: Counts | None = None,
    displaced_control: Counts | None = None,
    *,
    dispersion: float = 1.0,
    confidence: float = CONFIDENCE,
) -> Difference:
    """Return the weighted displacement difference (Wheeler & Ratcliffe 2018).

    ``(T1 - T0) - (C1 - C0)``, and the same of the areas next to them if given; the variance is the sum of the counts,
    each divided by its weight squared, times the dispersion. Where a count is below ten the limits are put together
    from each count's exact ones (MOVER; Li, Tang, Poon & Tang 2011, Garwood 1936): they are not symmetric then,
    and hold also where all counts are zero.

    Parameters
    ----------
    treated, control, displaced, displaced_control
        Areas; without a control the plain change.
    dispersion
        Variance over mean of the counts, 1 for chance alone.

    Raises
    ------
    ValueError
        If the dispersion is below 1 or ``confidence`` is outside (0, 1).
    """
    terms = [*_terms(treated, 1.0), *_terms(displaced, 1.0)]
    terms += [*_terms(control, -1.0), *_terms(displaced_control, -1.0)]
    return _combined(terms, dispersion, confidence)


def scaled_difference(
    treated: Counts, control: Counts, *, dispersion: float = 1.0, confidence: float = CONFIDENCE
) -> Difference:
    """Return how many more than if the treated area had changed in proportion to the control.

    ``T1 - T0 C1 / C0``: for a control of another size than the treated, where a difference of counts would say that
    a season that moves both by a tenth has moved them unequally. The limits are those of `ratio`, times the
    expected count, so that the two never disagree on which side of nothing they lie; ``error`` is by the delta method.

    Raises
    ------
    ValueError
        If the control had nothing before or nothing is expected after, or as for `difference`.
    """
    expected = expected_after(treated, control)
    if not (math.isfinite(expected) and expected > 0):
        raise ValueError("nothing is expected: the treated area had none before, or the control had none")
    times = ratio(treated, control, dispersion=dispersion, confidence=confidence)
    after = treated.after / treated.weight_after
    relative = sum(1 / n for n in (treated.before, control.before, control.after))
    error = math.sqrt(dispersion * (after / treated.weight_after + expected**2 * relative))
    limits = Interval(expected * (times.interval.lower - 1), expected * (times.interval.upper - 1))
    return Difference(estimate=after - expected, error=error, interval=limits)


def expected_after(treated: Counts, control: Counts | None) -> float:
    """Return what the treated area would have held after, had it changed in proportion to the control.

    Nan where the control had nothing before.
    """
    usual = treated.before / treated.weight_before
    if control is None:
        return usual
    if control.before == 0:
        return math.nan
    return usual * (control.after / control.weight_after) / (control.before / control.weight_before)


def ratio(
    treated: Counts,
    control: Counts | None = None,
    *,
    dispersion: float = 1.0,
    confidence: float = CONFIDENCE,
) -> Ratio:
    """Return the rate ratio after/before, divided by the control's.

    From ten of each up, log ratio with variance dispersion times the sum of 1 / count. With fewer the conditional
    exact odds ratio (Fisher, Cornfield), its limits' distances in logarithms times the root of the dispersion: a count
    of zero has a limit, not an error. The estimate then has half a case added to each count.

    Raises
    ------
    ValueError
        As for `difference`.
    """
    _check(dispersion, confidence)
    weights = _weights(treated, control)
    counts = [treated.after, treated.before, *((control.before, control.after) if control else ())]
    if min(counts) >= EXACT_BELOW:
        middle = _log_ratio(counts)
        half = normal_quantile(confidence) * math.sqrt(dispersion * sum(1 / n for n in counts))
        return _times(middle, middle - half, middle + half, weights)
    middle = _log_ratio([n + _HALF for n in counts] if min(counts) == 0 else counts)
    lower, upper = _exact(counts, confidence)
    widened = math.sqrt(dispersion)
    return _times(
        middle,
        middle - widened * (middle - _log(lower)),
        middle + widened * (_log(upper) - middle),
        weights,
    )


def dispersion(weekly: ArrayLike) -> float:
    """Estimate the variance over the mean of counts that nothing was done about.

    From week to week (von Neumann's mean square successive difference), so that a slow rise is not taken for spread:
    ``sum (x_t - x_{t-1})^2 / sum (x_t + x_{t-1})`` over all areas together, at least 1.

    Parameters
    ----------
    weekly
        Shape (areas, weeks), of before the action.
    """
    counts = np.atleast_2d(np.asarray(weekly, dtype=np.float64))
    if counts.shape[1] < 2:
        return 1.0
    both = float((counts[:, 1:] + counts[:, :-1]).sum())
    return max(1.0, float(((counts[:, 1:] - counts[:, :-1]) ** 2).sum()) / both) if both else 1.0


def smallest_effect(
    before: float,
    control_before: float | None = None,
    *,
    length: float = 1.0,
    scaled: bool = False,
    dispersion: float = 1.0,
    confidence: float = CONFIDENCE,
    power: float = POWER,
) -> Smallest:
    """Return the smallest drop that would be seen with a power, fixed before anything is known of after.

    Solves ``d = (z_confidence + z_power) sqrt(dispersion (V - d))``, V the variance of the difference if nothing
    happens: the drop itself makes the counts after, and so the variance, smaller.

    Parameters
    ----------
    before, control_before
        The counts of before; the same rate is expected after in both.
    length
        The period after in lengths of the one before.
    scaled
        For `scaled_difference` rather than `difference`.

    Raises
    ------
    ValueError
        If a count is negative, or ``length``, ``power`` or another parameter is outside its bounds.
    """
    _check(dispersion, confidence)
    check_count(before)
    if not 0 < power < 1 or not (math.isfinite(length) and length > 0):
        raise ValueError("the power must lie between 0 and 1, and the length be positive")
    expected = before * length
    if expected == 0:
        return Smallest(count=math.inf, share=math.inf)
    variance = _variance_of(expected, length) + _control_variance(expected, control_before, length, scaled)
    widened = dispersion * (normal_quantile(confidence) + float(ndtri(power))) ** 2
    count = (math.sqrt(widened**2 + 4 * widened * variance) - widened) / 2
    return Smallest(count=count, share=count / expected)


def seen(found: Difference, smallest: Smallest) -> Seen:
    """Return the verdict: an interval on one side of nothing, else whether there were enough to see anything."""
    if found.interval.upper < 0:
        return Seen.FEWER
    if found.interval.lower > 0:
        return Seen.MORE
    return Seen.NOT_SEEN if smallest.shows_a_halving else Seen.TOO_SMALL


def _variance_of(expected: float, length: float) -> float:
    """Return the variance of after minus before (scaled by ``length``), nothing having happened."""
    return expected + expected * length


def _control_variance(expected: float, control_before: float | None, length: float, scaled: bool) -> float:
    if control_before is None:
        return 0.0
    check_count(control_before)
    usual = control_before * length
    if not scaled:
        return _variance_of(usual, length)
    return expected**2 * (1 / usual + 1 / control_before) if usual else math.inf


def _check(dispersion: float, confidence: float) -> None:
    check_confidence(confidence)
    if not (math.isfinite(dispersion) and dispersion >= 1):
        raise ValueError(f"the dispersion must be 1 or more, not {dispersion}")


def _terms(area: Counts | None, sign: float) -> list[tuple[float, float]]:
    """Return (coefficient, count) of what an area's change is made of."""
    if area is None:
        return []
    return [(sign / area.weight_after, area.after), (-sign / area.weight_before, area.before)]


def _combined(terms: Sequence[tuple[float, float]], dispersion: float, confidence: float) -> Difference:
    _check(dispersion, confidence)
    estimate = sum(times * count for times, count in terms)
    error = math.sqrt(dispersion * sum(times**2 * count for times, count in terms))
    if min(count for _, count in terms) >= EXACT_BELOW:
        half = normal_quantile(confidence) * error
        return Difference(estimate=estimate, error=error, interval=Interval(estimate - half, estimate + half))
    times, counts = np.array(terms).T
    lower, upper = garwood_limits(counts, confidence)
    up = times * np.where(times > 0, upper - counts, lower - counts)
    down = times * np.where(times > 0, lower - counts, upper - counts)
    widened = math.sqrt(dispersion)
    return Difference(
        estimate=estimate,
        error=error,
        interval=Interval(
            estimate - widened * float(np.linalg.norm(down)), estimate + widened * float(np.linalg.norm(up))
        ),
    )


def _weights(treated: Counts, control: Counts | None) -> float:
    """Return what a ratio of bare counts is multiplied by."""
    own = treated.weight_before / treated.weight_after
    return own if control is None else own * control.weight_after / control.weight_before


def _log_ratio(counts: Sequence[float]) -> float:
    """Return log(T1 / T0) or log(T1 C0 / (T0 C1))."""
    after, before, *control = (math.log(n) for n in counts)
    return after - before + (control[0] - control[1] if control else 0.0)


def _times(middle: float, lower: float, upper: float, weights: float) -> Ratio:
    return Ratio(
        estimate=weights * math.exp(middle),
        interval=Interval(weights * math.exp(lower), weights * math.exp(upper)),
    )


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _exact(counts: Sequence[float], confidence: float) -> tuple[float, float]:
    """Return the exact limits of T1 / T0, or of T1 C0 / (T0 C1)."""
    if len(counts) == 2:
        return _exact_pair(counts[0], counts[1], confidence)

    after, before, control_before, control_after = (round(n) for n in counts)
    table = np.array([[after, before], [control_after, control_before]])
    if min(table.sum(axis=0).min(), table.sum(axis=1).min()) == 0:
        return 0.0, math.inf  # an area or a period without anything says nothing
    limits = scipy.stats.contingency.odds_ratio(table).confidence_interval(confidence)
    return float(limits.low), float(limits.high)


def _exact_pair(after: float, before: float, confidence: float) -> tuple[float, float]:
    """Return the limits of a ratio of two Poisson means given their sum (Clopper & Pearson 1934)."""
    tail = (1 - confidence) / 2
    low = float(betaincinv(after, before + 1, tail)) if after else 0.0
    high = float(betaincinv(after + 1, before, 1 - tail)) if before else 1.0
    return low / (1 - low), high / (1 - high) if high < 1 else math.inf
