"""Follow up: what an action's place held before and after, beside what it is compared with.

No verdict is given until the period that was chosen in advance is over: who looks every week and stops when it looks
good finds effects that are not there. Signals come from people, so how many who report is followed beside them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.signals.actions import REST, WEEK, same
from lagesbild.signals.store import KEPT_DAYS
from lagesbild.statistics import effect
from lagesbild.statistics.effect import Counts, Difference, Ratio, Seen, Smallest
from lagesbild.statistics.intervals import EXACT_BELOW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.signals.actions import Action
    from lagesbild.signals.store import Signal

#: A control this many times larger or smaller is scaled to the place's size.
ALIKE = 2.0
#: When the number of those who report has changed by more than this share, the comparison is shaky.
MOST_CHANGE = 0.5
#: The dispersion is learnt from so many weeks before the start.
LEARNT_WEEKS = 52
#: Of the place's signals this share must have a known reporter for a figure per reporter.
KNOWN_SHARE = 0.5


class Stage(StrEnum):
    """How far the follow-up has come."""

    NOT_STARTED = "not_started"
    EARLY = "early"
    NO_BEFORE = "no_before"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A quarter or month of reported crimes: its first and last day, and how many in the place and the control."""

    first: date
    last: date
    place: int
    control: int


class Basis(StrEnum):
    """What an area is expected to have done: changed by as many as the control, in proportion to it, or not at all.

    In proportion where the control is of another size; not at all where it is, and either had nothing before.
    """

    AS_MANY = "as_many"
    IN_PROPORTION = "in_proportion"
    ALONE = "alone"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An area's change beside the control's: how many more than expected, and how many times as many."""

    difference: Difference
    ratio: Ratio
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Reporters:
    """How many have reported anything at all in the municipality before and after, and at the place."""

    before: int
    after: int
    place_before: int
    place_after: int

    @property
    def shaky(self) -> bool:
        """Whether so many more or fewer report that the comparison is shaky.

        At the place only more of them count: fewer may be what the action was for.
        """
        more_there = self.place_before and self.place_after > (1 + MOST_CHANGE) * self.place_before
        return bool(_changed(self.before, self.after) or more_there)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What is known of an action's effect.

    Parameters
    ----------
    weeks_before, weeks_after
        Whole weeks that are counted; fewer after than planned while the stage is `Stage.EARLY`.
    place, control, near
        What was counted; None before there is anything to count.
    effect
        Of the place; None before, and where the counts cannot carry it.
    moved, together
        Of the near area, and of the place and the near area as one.
    per_reporter
        As ``effect``, with before brought to as many who report as after; None where reporters are not known.
    smallest
        The smallest drop that would be seen: as it was stated in advance, else from the counts before.
    verdict
        None until the period is over.
    """

    action: Action
    stage: Stage
    weeks_before: float
    weeks_after: float
    place: Counts | None = None
    control: Counts | None = None
    near: Counts | None = None
    effect: Effect | None = None
    moved: Effect | None = None
    together: Effect | None = None
    per_reporter: Effect | None = None
    reporters: Reporters | None = None
    dispersion: float = 1.0
    smallest: Smallest | None = None
    verdict: Seen | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What can be seen, before anything is done: the counts of a period as long as the one before, and the smallest drop."""

    place: int
    control: int
    weeks: float
    dispersion: float
    smallest: Smallest


def in_area(action: Action, name: str) -> Callable[[Signal], bool]:
    """Return what tells whether a signal lies in a place, or in the rest of the municipality."""
    known: dict[tuple[str, str], bool] = {}  # there are thousands of signals, and few names

    def inside(signal: Signal) -> bool:
        names = signal.locality, signal.place
        if names not in known:
            known[names] = _lies_in(action, name, names)
        return known[names]

    return inside


def _lies_in(action: Action, name: str, names: tuple[str, str]) -> bool:
    def one_is(place: str) -> bool:
        return bool(place) and any(same(one, place) for one in names)

    if name == REST:
        return not one_is(action.place) and not one_is(action.near)
    # What lies inside the action's own place is that place's, also where it lies in the control or the near area.
    return one_is(name) and (same(name, action.place) or not one_is(action.place))


def evaluate(action: Action, signals: Sequence[Signal], today: date) -> Evaluation:
    """Return what signals say of an action.

    The week that the action starts in is left out. Of the period after only whole weeks that are over are counted.

    Parameters
    ----------
    signals
        All of the municipality's, of every kind.
    """
    until = _counted_until(action, today)
    weeks_after = max(0, (until - action.after[0]).days + 1) // WEEK
    stage = _stage(action, [signal.day for signal in signals], weeks_after, today)
    weeks_before = action.before_days / WEEK
    if stage in {Stage.NOT_STARTED, Stage.NO_BEFORE} or not weeks_after:
        return Evaluation(action=action, stage=stage, weeks_before=weeks_before, weeks_after=weeks_after)
    counted = [signal for signal in signals if signal.kind in action.kinds]
    areas = [action.place, action.control, *([action.near] if action.near else [])]
    length = weeks_before / weeks_after
    counts = [_counts(action, counted, name, until, length) for name in areas]
    reporters = _reporters(action, signals, until)
    return _judged(
        Evaluation(
            action=action,
            stage=stage,
            weeks_before=weeks_before,
            weeks_after=weeks_after,
            place=counts[0],
            control=counts[1],
            near=counts[2] if action.near else None,
            dispersion=dispersion_before(action.starts, counted),
            reporters=reporters,
            per_reporter=_per_reporter(action, counted, until, reporters, length),
        )
    )


def evaluate_reported(
    action: Action, periods: Sequence[Period], today: date, dispersion: float | None = None
) -> Evaluation:
    """Return what reported crimes say of an action, by whole quarters or months within its periods.

    Parameters
    ----------
    periods
        All that are published, oldest first.
    dispersion
        Variance over mean; from the periods before the start if not given.
    """
    first, last = action.after
    before = [p for p in periods if p.first >= action.before[0] and p.last <= action.before[1]]
    after = [p for p in periods if p.first >= first and p.last <= last]
    days_before, days_after = _days(before), _days(after)
    bare = Evaluation(
        action=action,
        stage=Stage.NOT_STARTED,
        weeks_before=days_before / WEEK,
        weeks_after=days_after / WEEK,
    )
    if today < action.starts:
        return bare
    if not before or not after:
        return replace(bare, stage=Stage.EARLY if before else Stage.NO_BEFORE)
    step = max(p.last - p.first for p in after) + timedelta(days=1)
    over = after[-1].last + step > last and today > last  # no later period would fit
    learnt = [p for p in periods if p.last < action.starts]
    found = effect.dispersion([[p.place for p in learnt], [p.control for p in learnt]])
    length = days_before / days_after
    return _judged(
        replace(
            bare,
            stage=Stage.OVER if over else Stage.EARLY,
            place=_of_periods([p.place for p in before], [p.place for p in after], length),
            control=_of_periods([p.control for p in before], [p.control for p in after], length),
            dispersion=found if dispersion is None else dispersion,
        )
    )


def preview(action: Action, signals: Sequence[Signal], today: date) -> Preview:
    """Return the smallest drop that would be seen, from the latest weeks before the start."""
    until = min(action.before[1], today - timedelta(days=1))
    since = until - timedelta(days=action.before_days - 1)
    counted = [signal for signal in signals if signal.kind in action.kinds]
    place, control = (
        sum(since <= signal.day <= until for signal in counted if in_area(action, name)(signal))
        for name in (action.place, action.control)
    )
    spread = dispersion_before(until + timedelta(days=1), counted)
    return Preview(
        place=place,
        control=control,
        weeks=action.before_days / WEEK,
        dispersion=spread,
        smallest=_smallest(place, control, action.after_days / action.before_days, spread),
    )


def preview_reported(action: Action, periods: Sequence[Period]) -> Preview | None:
    """Return what `preview` does from the latest reported crimes before the start; None where no period fits."""
    known = [period for period in periods if period.last < action.starts]
    latest = [p for p in known if (known[-1].last - p.first).days < action.before_days]
    if not latest:
        return None
    place, control = sum(p.place for p in latest), sum(p.control for p in latest)
    spread = effect.dispersion([[p.place for p in known], [p.control for p in known]])
    return Preview(
        place=place,
        control=control,
        weeks=_days(latest) / WEEK,
        dispersion=spread,
        smallest=_smallest(place, control, action.after_days / action.before_days, spread),
    )


def dispersion_before(day: date, counted: Sequence[Signal]) -> float:
    """Return how much weekly counts vary beyond chance in the year before a day, all localities together."""
    earliest = min((signal.day for signal in counted), default=day)
    weeks = min(LEARNT_WEEKS, (day - earliest).days // WEEK)
    localities = sorted({signal.locality for signal in counted})
    weekly = np.zeros((len(localities), max(weeks, 0)))
    at = {name: n for n, name in enumerate(localities)}
    for signal in counted:
        back = (day - signal.day).days - 1
        if 0 <= back < WEEK * weeks:
            weekly[at[signal.locality], back // WEEK] += 1
    return effect.dispersion(weekly) if weekly.size else 1.0


def _of_periods(before: Sequence[int], after: Sequence[int], length: float) -> Counts:
    return Counts(before=sum(before), after=sum(after), weight_before=length)


def _counted_until(action: Action, today: date) -> date:
    """Return the last day of the whole weeks after that are over."""
    first, last = action.after
    whole = (today - first).days // WEEK * WEEK
    return min(last, first + timedelta(days=whole - 1))


def _stage(action: Action, days: Sequence[date], weeks_after: int, today: date) -> Stage:
    if today < action.starts:
        return Stage.NOT_STARTED
    first = action.before[0]
    # A quiet week or so at the beginning is no proof that signals were not collected.
    known_from = min(days, default=today) - timedelta(days=WEEK)
    if first < max(known_from, today - timedelta(days=KEPT_DAYS)):
        return Stage.NO_BEFORE
    return Stage.OVER if weeks_after * WEEK == action.after_days else Stage.EARLY


def _counts(action: Action, counted: Sequence[Signal], name: str, until: date, length: float) -> Counts:
    inside = in_area(action, name)
    days = Counter(signal.day for signal in counted if inside(signal))
    return Counts(
        before=_between(days, *action.before),
        after=_between(days, action.after[0], until),
        weight_before=length,
    )


def _between(days: Counter[date], first: date, last: date) -> int:
    return sum(count for day, count in days.items() if first <= day <= last)


def _reporters(action: Action, signals: Sequence[Signal], until: date) -> Reporters:
    here = in_area(action, action.place)

    def persons(first: date, last: date, there: bool) -> int:
        return len(
            {
                signal.reporter_id
                for signal in signals
                if signal.reporter_id and first <= signal.day <= last and (not there or here(signal))
            }
        )

    after = action.after[0], until
    return Reporters(
        before=persons(*action.before, there=False),
        after=persons(*after, there=False),
        place_before=persons(*action.before, there=True),
        place_after=persons(*after, there=True),
    )


def _per_reporter(
    action: Action, counted: Sequence[Signal], until: date, reporters: Reporters, length: float
) -> Effect | None:
    """Return the effect if as many had reported before as after, of the signals whose reporter is known."""
    if not reporters.before or not reporters.after:
        return None
    here = in_area(action, action.place)
    there = [signal for signal in counted if here(signal)]
    known = [signal for signal in counted if signal.reporter_id]
    if sum(bool(signal.reporter_id) for signal in there) < KNOWN_SHARE * len(there) or not there:
        return None
    weight = length * reporters.before / reporters.after
    place, control = (_counts(action, known, name, until, weight) for name in (action.place, action.control))
    return _effect(place, control, dispersion_before(action.starts, counted))


def _judged(found: Evaluation) -> Evaluation:
    """Add what the counts say."""
    if found.place is None or found.control is None:
        return found
    own = _effect(found.place, found.control, found.dispersion)
    smallest = _stated(found.action, found.place, found.control, found.dispersion)
    verdict = effect.seen(own.difference, smallest) if found.stage is Stage.OVER else None
    near = found.near
    both = _put_together(found.place, near) if near else None
    return replace(
        found,
        effect=own,
        smallest=smallest,
        verdict=verdict,
        moved=_effect(near, found.control, found.dispersion) if near else None,
        together=_effect(both, found.control, found.dispersion) if both else None,
    )


def _effect(place: Counts, control: Counts, dispersion: float) -> Effect:
    """Return the effect; which basis it has is judged by what was before alone, but for a control with none after."""
    basis = _basis(place.before, control.before)
    if basis is Basis.IN_PROPORTION and not control.after:
        basis = Basis.ALONE
    beside = None if basis is Basis.ALONE else control
    found = (
        effect.scaled_difference(place, control, dispersion=dispersion)
        if basis is Basis.IN_PROPORTION
        else effect.difference(place, beside, dispersion=dispersion)
    )
    return Effect(difference=found, ratio=effect.ratio(place, beside, dispersion=dispersion), basis=basis)


def _basis(place: float, control: float) -> Basis:
    few, many = sorted((place, control))
    if few * ALIKE >= many or many < EXACT_BELOW:
        return Basis.AS_MANY
    return Basis.IN_PROPORTION if few else Basis.ALONE


def _smallest(place: float, control: float, length: float, dispersion: float) -> Smallest:
    basis = _basis(place, control)
    return effect.smallest_effect(
        place,
        None if basis is Basis.ALONE else control,
        length=length,
        scaled=basis is Basis.IN_PROPORTION,
        dispersion=dispersion,
    )


def _stated(action: Action, place: Counts, control: Counts, dispersion: float) -> Smallest:
    """Return the smallest drop that would be seen, as stated in advance if it was."""
    length, share = 1 / place.weight_before, action.smallest_share
    if share is not None and action.planned_in_advance:
        return Smallest(count=share * place.before * length, share=share)
    return _smallest(place.before, control.before, length, dispersion)


def _put_together(one: Counts, other: Counts) -> Counts:
    return Counts(
        before=one.before + other.before,
        after=one.after + other.after,
        weight_before=one.weight_before,
        weight_after=one.weight_after,
    )


def _changed(before: int, after: int) -> bool:
    return bool(before or after) and abs(after - before) > MOST_CHANGE * before


def _days(periods: Sequence[Period]) -> int:
    return sum((period.last - period.first).days + 1 for period in periods)
