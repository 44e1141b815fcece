"""What the figures say of a promise: the indicator before, during and after the period, here and in the group.

Nothing here says why: a promise and a change at the same time are two things that happened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.comparison.panel import MARGIN_TO_ERROR
from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.hotspots import reported
from lagesbild.signals.promises import SIGNALS, Direction, Every, Promise, ended
from lagesbild.statistics.change import e_test
from lagesbild.statistics.periods import (
    ASSUMED,
    Against,
    Moved,
    against,
    expected_counts,
    learnt_from,
    shares_against,
)
from lagesbild.statistics.rule import median_noise
from lagesbild.statistics.suppression import LEAST
from lagesbild.trends.rhythm import quarters_under

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from lagesbild.comparison.groups import Group
    from lagesbild.comparison.panel import Panel
    from lagesbild.signals.store import Signal
    from lagesbild.statistics.overdispersion import Dispersion

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

#: So many years before the period are learnt from, and at least so many: one alone may be the bad year that the promise was made after.
YEARS_BEFORE, FEWEST_BEFORE = 3, 2
_FEWEST_MEMBERS = 3
#: A survey's value is of two years together: the one before must be so many years older.
_SURVEY_YEARS = 2
#: Fewer local signals than this are not told of on a public page.
FEWEST_SIGNALS = LEAST


class Where(StrEnum):
    """Where a step lies: in the period when at least half of its days are; `PARTLY` when fewer are."""

    EARLIER = "earlier"
    BEFORE = "before"
    PARTLY = "partly"
    DURING = "during"
    AFTER = "after"


class Status(StrEnum):
    """What can be said of a promise's indicator."""

    FEWER = "fewer"
    MORE = "more"
    NO_CERTAIN = "no_certain"
    NOT_IN_FIGURES = "not_in_figures"
    ONGOING = "ongoing"
    WAITING = "waiting"


class Reason(StrEnum):
    """Why figures do not tell."""

    NO_FIGURES = "no_figures"
    TOO_SHORT = "too_short"
    NO_BEFORE = "no_before"
    BREAK = "break"
    WAITING = "waiting"
    MISSING = "missing"
    TOO_FEW = "too_few"


class Wanted(StrEnum):
    """Whether the figures went the way that was promised."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A year or quarter: its first and last day, the count (or share), and what the group's median rate would give."""

    first: date
    last: date
    where: Where
    value: float | None
    group: float | None = None
    preliminary: bool = False


@dataclass(frozen=True, kw_only=True)
class GroupMove:
    """What the group's middle municipality did (ratio to what was expected of it), and the home against that."""

    members: int
    ratio: float
    home: Against | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """The period (or as long a time after it) against the years before it.

    ``p_chance``: how likely pure chance makes such a difference; None where nobody needs to know.
    """

    first: date
    last: date
    own: Against
    group: GroupMove | None = None
    p_chance: float | None = None


@dataclass(frozen=True, kw_only=True)
class Followed:
    """An indicator around a period. ``reason`` where ``during`` is None.

    ``before``: the first and last day learnt from; ``breaks``: the days from which figures are not comparable.
    """

    indicator: str
    every: Every
    first: date
    last: date
    steps: tuple[Step, ...] = ()
    breaks: tuple[date, ...] = ()
    before: tuple[date, date] | None = None
    during: Part | None = None
    after: Part | None = None
    reason: Reason | None = None

    @property
    def preliminary(self) -> bool:
        """Whether any step of the period is still to be revised."""
        return any(step.preliminary for step in self.steps if step.where is Where.DURING)


@dataclass(frozen=True)
class _Data:
    """Everybody's figures by step: arrays of shape (steps, municipalities); and the days of known breaks."""

    starts: tuple[date, ...]
    counts: Floats
    people: Floats
    preliminary: Mask
    breaks: tuple[date, ...]

    def between(self, oldest: date, until: date) -> _Data:
        """Return the steps that begin between two days, both included."""
        kept = [n for n, start in enumerate(self.starts) if oldest <= start <= until]
        return replace(
            self,
            starts=tuple(self.starts[n] for n in kept),
            counts=self.counts[kept],
            people=self.people[kept],
            preliminary=self.preliminary[kept],
        )


@cache
def shipped(code: str) -> tuple[Promise, ...]:
    """Return a municipality's promises that come with the program, the latest period first."""
    rows = [row for row in reference.read_csv("promises.csv") if row["code"] == code]
    found = [
        Promise(
            id=row["id"],
            text=row["text"],
            first=date.fromisoformat(row["first"]),
            last=date.fromisoformat(row["last"]),
            by=tuple(row["by"].split("|")),
            indicator=row["indicator"],
            direction=Direction(row["direction"]) if row["direction"] else None,
            note=row["note"],
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (one.last, one.first), reverse=True))


def shipped_source(code: str) -> str:
    """Return where a municipality's shipped promises are taken from; empty where it has none."""
    return next((row["source"] for row in reference.read_csv("promises.csv") if row["code"] == code), "")


def every_of(panel: Panel, home: str, indicator: str) -> Every | None:
    """Return how often an indicator's figures come for a municipality, the shortest; None where it has none."""
    if indicator.startswith(SIGNALS):
        return Every.DAY
    if indicator not in panel.indicators:
        return None
    if _quarters(panel, indicator, home) is not None:
        return Every.QUARTER
    return Every.YEAR if panel.years(indicator, home) else None


def of_promise(
    panel: Panel, home: str, promise: Promise, signals: Iterable[Signal], today: date
) -> Followed | None:
    """Return what a promise's indicator shows, by the shortest step that it has; None where it has none.

    Parameters
    ----------
    signals
        All of the municipality's, oldest first.
    """
    if promise.signal_kind:
        days = [signal.day for signal in signals if signal.kind == promise.signal_kind]
        return follow_signals(days, promise, today)
    every = every_of(panel, home, promise.indicator) if promise.indicator else None
    if every is None:
        return None
    return follow(panel, home, promise.indicator, promise.first, promise.last, every)


def follow(
    panel: Panel,
    home: str,
    indicator: str,
    first: date,
    last: date,
    every: Every = Every.YEAR,
    group: Group | None = None,
    until: date | None = None,
) -> Followed:
    """Return an indicator before, during and after a period.

    Parameters
    ----------
    group
        Whom the municipality is held beside; default its first.
    until
        No step that begins later is looked at.
    """
    if group is None:
        group = next((found for kind in panel.kinds.values() if (found := kind.group(home))), None)
    key = ("followed", home, indicator, first, last, every, group.key if group else "", until)
    return panel.kept(key, lambda: _follow(panel, home, indicator, first, last, every, group, until))


def _follow(
    panel: Panel,
    home: str,
    indicator: str,
    first: date,
    last: date,
    every: Every,
    group: Group | None,
    until: date | None,
) -> Followed:
    data = _data(panel, home, indicator, every)
    if data is not None:
        data = data.between(date(first.year - YEARS_BEFORE, 1, 1), until or date.max)
    if data is None or not data.starts:
        return Followed(indicator=indicator, every=every, first=first, last=last, reason=Reason.NO_FIGURES)
    ends = [_end(start, every) for start in data.starts]
    where = split(data.starts, ends, first, last, data.breaks)
    at = panel.place[home]
    survey = panel.indicators[indicator].is_survey
    members = [panel.place[code] for code in group.members if code in panel.place] if group else []
    theirs = _median_rate(data, members) if not survey and members else np.full(len(where), np.nan)
    steps = tuple(
        Step(
            first=start,
            last=end,
            where=place,
            value=_known(data.counts[n, at]),
            group=_known(theirs[n] * data.people[n, at]),
            preliminary=bool(data.preliminary[n]),
        )
        for n, (start, end, place) in enumerate(zip(data.starts, ends, where, strict=True))
    )
    breaks = tuple(day for day in data.breaks if steps[0].first < day <= steps[-1].last)
    found = Followed(indicator=indicator, every=every, first=first, last=last, steps=steps, breaks=breaks)
    reason = _why_not(found, data.breaks, 1 if survey else FEWEST_BEFORE)
    if reason is not None:
        return replace(found, reason=reason)
    before, during, after = (
        np.array([one is which for one in where]) for which in (Where.BEFORE, Where.DURING, Where.AFTER)
    )
    if survey:
        return _survey(panel, found, at)
    now = _part(data, at, before, during, members, every, tested=True)
    if now is None:
        return replace(found, reason=Reason.TOO_FEW)
    later = _after(data, during, after)
    then = None if later is None else _part(data, at, before, later, members, every, tested=False)
    learnt = [step for step in steps if step.where is Where.BEFORE]
    return replace(found, before=(learnt[0].first, learnt[-1].last), during=now, after=then)


def split(
    starts: Sequence[date], ends: Sequence[date], first: date, last: date, breaks: Sequence[date] = ()
) -> list[Where]:
    """Say where each step lies around a period (both days included).

    Before are the `YEARS_BEFORE` years that end where the first step that touches the period begins, from the latest
    series break on; what is older is `Where.EARLIER`.
    """
    broken = max((day for day in breaks if day <= first), default=date.min)
    touched = [
        n
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
        if _days_in(start, end, first, last)
    ]
    oldest = starts[touched[0]] if touched else first
    oldest = max(oldest.replace(year=oldest.year - YEARS_BEFORE), broken)
    found = []
    for start, end in zip(starts, ends, strict=True):
        inside = _days_in(start, end, first, last)
        if end < first:
            found.append(Where.BEFORE if start >= oldest else Where.EARLIER)
        elif start > last:
            found.append(Where.AFTER)
        else:
            found.append(Where.DURING if 2 * inside >= (end - start).days + 1 else Where.PARTLY)
    return found


def _days_in(start: date, end: date, first: date, last: date) -> int:
    return max(0, (min(end, last) - max(start, first)).days + 1)


def _end(start: date, every: Every) -> date:
    months = 12 if every is Every.YEAR else 3
    return date(
        start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, 1
    ) - timedelta(1)


def _why_not(found: Followed, breaks: Sequence[date], fewest: int) -> Reason | None:
    """Say why a period cannot be followed; None where it can."""
    during, before = (
        [step for step in found.steps if step.where is one] for one in (Where.DURING, Where.BEFORE)
    )
    known = [step for step in found.steps if step.value is not None]
    learnt = Counter(_season(step.first) for step in before if step.value is not None)
    lacking = (
        (not known, Reason.NO_FIGURES),
        (bool(known) and _lacks_the_end(found, known[-1]), Reason.WAITING),
        (not during, Reason.TOO_SHORT),
        (any(step.value is None for step in during), Reason.MISSING),
        (any(during[0].first < day <= during[-1].last for day in breaks if during), Reason.BREAK),
        (any(learnt[_season(step.first)] < fewest for step in during), Reason.NO_BEFORE),
    )
    return next((reason for holds, reason in lacking if holds), None)


def _lacks_the_end(found: Followed, newest: Step) -> bool:
    """Tell whether a step that would be of the period comes after the newest that is known."""
    start = newest.last + timedelta(1)
    end = _end(start, found.every)
    return 2 * _days_in(start, end, found.first, found.last) >= (end - start).days + 1


def _season(start: date) -> int:
    return (start.month - 1) // 3


def _after(data: _Data, during: Mask, after: Mask) -> Mask | None:
    """Return as many steps after the period as it has, where they are all there and comparable; else None."""
    at = np.flatnonzero(after)[: int(during.sum())]
    if at.size < during.sum():
        return None
    first = data.starts[int(np.flatnonzero(during)[0])]
    if any(first < day <= data.starts[int(at[-1])] for day in data.breaks):
        return None
    chosen = np.zeros(after.size, dtype=np.bool_)
    chosen[at] = True
    return chosen


def _part(
    data: _Data, at: int, before: Mask, during: Mask, members: Sequence[int], every: Every, *, tested: bool
) -> Part | None:
    """Judge a stretch of steps against the years before; None where nothing was expected or it is not known."""
    seasons = [_season(start) for start in data.starts]
    observed, expected = expected_counts(data.counts, data.people, seasons, before, during)
    dispersion = learnt_from(observed, expected, at)
    own = against(float(observed[at]), float(expected[at]), dispersion)
    if own is None:
        return None
    steps = np.flatnonzero(during)
    return Part(
        first=data.starts[int(steps[0])],
        last=_end(data.starts[int(steps[-1])], every),
        own=own,
        group=_group(observed, expected, at, members, own, dispersion),
        p_chance=_p_chance(float(np.nansum(data.counts[before, at])), own) if tested else None,
    )


def _p_chance(learnt: float, own: Against) -> float | None:
    """Return how likely pure chance makes such a difference; None where it is certain without asking."""
    if own.certain or not learnt:
        return None
    return e_test(round(learnt), round(own.observed), 1.0, own.expected / learnt)


def _group(
    observed: Floats, expected: Floats, at: int, members: Sequence[int], own: Against, dispersion: Dispersion
) -> GroupMove | None:
    there = [
        n
        for n in members
        if n != at and np.isfinite(observed[n]) and np.isfinite(expected[n]) and expected[n] > 0
    ]
    if len(there) < _FEWEST_MEMBERS:
        return None
    ratio = float(np.median(observed[there] / expected[there]))
    if not ratio > 0:
        return None
    noise = float(median_noise(expected[there], dispersion))
    return GroupMove(
        members=len(there),
        ratio=ratio,
        home=against(own.observed, own.expected * ratio, dispersion, noise),
    )


def _median_rate(data: _Data, members: Sequence[int]) -> Floats:
    """Return the members' median rate in every step, shape (steps,); nan with fewer than three."""
    rates = data.counts[:, members] / data.people[:, members]
    enough = np.isfinite(rates).sum(axis=1) >= _FEWEST_MEMBERS
    found = np.full(len(rates), np.nan)
    found[enough] = np.nanmedian(rates[enough], axis=1)
    return found


def _survey(panel: Panel, found: Followed, at: int) -> Followed:
    """Hold the last survey value of the period against the newest that shares no year with it."""
    grid = panel.grid(found.indicator)

    def judged(step: Step, before: Step) -> Part | None:
        errors = [
            float(grid.row("upper", one.first.year)[at] - grid.row("lower", one.first.year)[at])
            / MARGIN_TO_ERROR
            for one in (step, before)
        ]
        own = shares_against(step.value or 0.0, errors[0], before.value or 0.0, errors[1])
        return None if own is None else Part(first=step.first, last=step.last, own=own)

    known = [step for step in found.steps if step.value is not None]
    now = [step for step in known if step.where is Where.DURING][-1]
    earliest = min(step.first.year for step in known if step.where is Where.DURING)
    then = [
        step for step in known if step.where is Where.BEFORE and earliest - step.first.year >= _SURVEY_YEARS
    ]
    during = judged(now, then[-1]) if then else None
    if during is None:
        return replace(found, reason=Reason.NO_BEFORE)
    later = [
        step
        for step in known
        if step.where is Where.AFTER and step.first.year - now.first.year >= _SURVEY_YEARS
    ]
    after = judged(later[0], then[-1]) if later else None
    return replace(found, before=(then[-1].first, then[-1].last), during=during, after=after)


def _data(panel: Panel, home: str, indicator: str, every: Every) -> _Data | None:
    if indicator not in panel.indicators or home not in panel.place:
        return None
    if every is Every.QUARTER:
        return _quarters(panel, indicator, home)
    return panel.kept(("followed years", indicator), lambda: _years(panel, indicator))


def _years(panel: Panel, indicator: str) -> _Data | None:
    grid = panel.grid(indicator)
    if not len(grid.years):
        return None
    survey = panel.indicators[indicator].is_survey
    rows = [
        (grid.row("rate", year), np.ones(len(panel.codes))) if survey else panel.counts(indicator, year)[:2]
        for year in grid.years
    ]
    counts, people = (np.array([row[n] for row in rows], dtype=np.float64) for n in (0, 1))
    if not survey:
        exact = np.array([grid.basis[n, : grid.n] != "approximate" for n in range(len(grid.years))])
        counts = np.where(exact, counts, np.nan)  # only whole counts can be tested
    return _Data(
        starts=tuple(date(year, 1, 1) for year in grid.years),
        counts=counts,
        people=people,
        preliminary=np.zeros(len(grid.years), dtype=np.bool_),
        breaks=tuple(item.date for item in panel.breaks(indicator)),
    )


def _quarters(panel: Panel, indicator: str, home: str) -> _Data | None:
    found = panel.kept(("followed quarters", indicator), lambda: _all_quarters(panel, indicator))
    if found is None or not np.isfinite(found.counts[:, panel.place[home]]).any():
        return None
    return found


def _all_quarters(panel: Panel, indicator: str) -> _Data | None:
    crimes = reported.by_quarter(panel.warehouse, quarters_under(indicator))
    if crimes is None or not crimes.steps:
        return None
    people = queries.populations(panel.warehouse)
    counts = np.full((len(crimes.steps), len(panel.codes)), np.nan)
    living = np.full(counts.shape, np.nan)
    row = {code: n for n, code in enumerate(crimes.codes)}
    for code, place in panel.place.items():
        if code in row:
            counts[:, place] = crimes.counts[row[code]]
        for n, start in enumerate(crimes.steps):
            year = min(max(start.year, min(people)), max(people))  # the newest quarters: the newest known
            living[n, place] = people[year].get(code, np.nan)
    return _Data(crimes.steps, counts, living, crimes.preliminary, crimes.breaks)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def status_of(promise: Promise, found: Followed | None, today: date) -> Status:
    """Say where a promise stands: in the figures, not in them, or not over yet."""
    if found is None:
        return Status.NOT_IN_FIGURES
    if not ended(promise, today):
        return Status.ONGOING
    return status_in_figures(found)


def status_in_figures(found: Followed) -> Status:
    """Say what the figures of a period say."""
    if found.during is None:
        return Status.WAITING if found.reason is Reason.WAITING else Status.NOT_IN_FIGURES
    return {
        Moved.FEWER: Status.FEWER,
        Moved.MORE: Status.MORE,
        Moved.NONE: Status.NO_CERTAIN,
    }[found.during.own.moved]


def wanted_of(promise: Promise, found: Followed | None) -> Wanted | None:
    """Say whether the figures went the way that was promised; None where the promise or the figures do not say.

    With a size the whole interval must be on the one side or the other of it.
    """
    if found is None or found.during is None or promise.direction is None:
        return None
    own, size = found.during.own, (promise.size or 0.0) / 100
    lower, upper = own.lower / own.expected, own.upper / own.expected
    if promise.direction is Direction.UNCHANGED:
        if not size:
            return None
        return _answered(1 - size <= lower and upper <= 1 + size, lower > 1 + size or upper < 1 - size)
    fewer = promise.direction is Direction.FEWER
    if not size:
        there, opposite = (Moved.FEWER, Moved.MORE) if fewer else (Moved.MORE, Moved.FEWER)
        return _answered(own.moved is there, own.moved is opposite)
    if fewer:
        return _answered(upper <= 1 - size, lower > 1 - size)
    return _answered(lower >= 1 + size, upper < 1 + size)


def _answered(yes: bool, no: bool) -> Wanted:
    return Wanted.YES if yes else Wanted.NO if no else Wanted.UNSURE


def follow_signals(days: Sequence[date], promise: Promise, today: date) -> Followed:
    """Return a kind of local signal during a period and on the same days of the year (or years) before.

    Parameters
    ----------
    days
        The day of every signal of the kind, in order. Before the first of them nothing is known.
    """
    back = timedelta(days=364 * (-(-promise.days // 364)))
    found = Followed(indicator=promise.indicator, every=Every.DAY, first=promise.first, last=promise.last)
    if not days or promise.last >= today:
        return replace(found, reason=Reason.WAITING if days else Reason.NO_FIGURES)
    if days[0] > promise.first - back:
        return replace(found, reason=Reason.NO_BEFORE)
    now, then = (
        sum(promise.first - ago <= day <= promise.last - ago for day in days) for ago in (timedelta(0), back)
    )
    own = against(float(now), float(then), ASSUMED)
    if own is None or min(now, then) < FEWEST_SIGNALS:
        return replace(found, reason=Reason.TOO_FEW)
    part = Part(first=promise.first, last=promise.last, own=own, p_chance=e_test(then, now))
    return replace(found, before=(promise.first - back, promise.last - back), during=part)
