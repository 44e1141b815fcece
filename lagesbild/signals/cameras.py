"""The facts that a decision on camera surveillance asks for: how large the problem is, when and where, and what was tried."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lagesbild.signals.actions import same
from lagesbild.signals.evaluation import in_area
from lagesbild.signals.store import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.actions import Action
    from lagesbild.signals.store import Signal

#: How far back the problem is told, and in how long stretches of the day.
TOLD_DAYS, STRETCH = 365, 6


@dataclass(frozen=True, kw_only=True)
class Problem:
    """How large the problem at a place was before an action, as signals tell.

    Parameters
    ----------
    kinds, weekdays, stretches, places
        How many by kind, weekday (0 Monday), stretch of the day (its first hour) and name of the place, most first
        or in the order of time; signals without an hour or a name are not in those.
    with_hour, with_severity
        Of how many the hour and the severity are known.
    serious
        How many are serious or acute.
    earliest
        The first signal of the municipality in the period: before it nothing may have been collected.
    """

    since: date
    until: date
    total: int
    kinds: tuple[tuple[str, int], ...]
    weekdays: tuple[tuple[int, int], ...]
    stretches: tuple[tuple[int, int], ...]
    places: tuple[tuple[str, int], ...]
    with_hour: int
    with_severity: int
    serious: int
    earliest: date | None


def problem(action: Action, signals: Sequence[Signal], today: date) -> Problem:
    """Return what signals tell of the year before an action, or before today if it has not started."""
    until = min(action.before[1], today)
    since = until - timedelta(days=TOLD_DAYS - 1)
    inside = in_area(action, action.place)
    everything = [signal for signal in signals if since <= signal.day <= until]
    there = [
        signal
        for signal in everything
        if inside(signal) and (signal.kind in action.kinds or not action.kinds)
    ]
    hours = [signal.hour for signal in there if signal.hour is not None]
    severities = [signal.severity for signal in there if signal.severity is not None]
    return Problem(
        since=since,
        until=until,
        total=len(there),
        kinds=tuple(Counter(signal.kind for signal in there).most_common()),
        weekdays=tuple(sorted(Counter(signal.day.weekday() for signal in there).items())),
        stretches=tuple(sorted(Counter(hour // STRETCH * STRETCH for hour in hours).items())),
        places=tuple(Counter(signal.place for signal in there if signal.place).most_common()),
        with_hour=len(hours),
        with_severity=len(severities),
        serious=sum(severity >= Severity.SERIOUS for severity in severities),
        earliest=min((signal.day for signal in everything), default=None),
    )


def tried_there(action: Action, every: Sequence[Action], today: date) -> list[Action]:
    """Return other actions at the same place that have started, oldest first."""
    there = [
        one
        for one in every
        if one.id != action.id and same(one.place, action.place) and not one.cancelled and one.starts <= today
    ]
    return sorted(there, key=lambda one: one.starts)
