"""From looks to flags: how unusual a finding must be for a budget of false alarms, and how a flag lives on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots.watching import LEAST_UNUSUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from lagesbild.hotspots.watching import Finding, Look, WatchMethod

#: False alarms a year that a coordinator who has chosen nothing accepts.
BUDGET = 6.0
LEAST_BUDGET, MOST_BUDGET = 0.5, 24.0
_LOWEST = 1e-4
#: A flag may be seen in several looks but is one, and the limits allow for what is uncertain: on simulated
#: quiet years of six counties, from Arjeplog's to Stockholm's, four flags came of five alarms.
_FLAGS_PER_ALARM = 0.8
#: A flag that is not seen for so many looks is fading; for more, closed.
_FADES_AFTER = {12: 2, 52: 4}


class FlagStatus(StrEnum):
    """Where a flag is in its life."""

    NEW = "new"
    CONTINUING = "continuing"
    FADING = "fading"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Flag:
    """What has been flagged, and when it was seen.

    ``places`` are all that it has reached; ``seen`` each finding with the step's first day, oldest first.
    """

    id: str
    method: WatchMethod
    key: str
    places: tuple[str, ...]
    status: FlagStatus
    seen: tuple[tuple[date, Finding], ...]
    per_year: int
    preliminary: bool

    @property
    def since(self) -> date:
        """The first step in which it was flagged."""
        return self.seen[0][0]

    @property
    def latest(self) -> tuple[date, Finding]:
        """The latest step in which it was flagged, and what was found."""
        return self.seen[-1]

    @property
    def years_between(self) -> float:
        """How many years between findings like the latest by chance, in that series."""
        return 1 / (self.latest[1].p_value * self.per_year)


def level_for(looks: Sequence[Look], budget: float) -> float:
    """Return the p value at or below which a finding is flagged, for a number of false alarms a year.

    All looks share one level. Counts are whole, so that the real chance of an alarm is below the level; the
    level is raised by as much.

    Parameters
    ----------
    looks
        The looks of about a year; each series weighs by how often it is looked at a year.
    budget
        False alarms a year, over everything.
    """
    if not looks:
        return _LOWEST
    low, high = _LOWEST, LEAST_UNUSUAL
    budget /= _FLAGS_PER_ALARM
    if false_alarms(looks, high) <= budget:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if false_alarms(looks, middle) <= budget else (low, middle)
    return low


def false_alarms(looks: Sequence[Look], level: float) -> float:
    """Return how many looks a year chance alone makes alarms of at a level."""
    grouped: defaultdict[tuple[WatchMethod, str, str], list[Look]] = defaultdict(list)
    for look in looks:
        grouped[look.method, look.key, look.watched].append(look)
    return sum(
        group[0].per_year * float(np.mean([look.by_chance(level) for look in group]))
        for group in grouped.values()
    )


def flags(looks: Iterable[Look], level: float) -> list[Flag]:
    """Return what has been flagged, newest first; findings of one series that follow on each other are one flag.

    Those of a scan follow on each other when they share a place.
    """
    grouped: defaultdict[tuple[WatchMethod, str, str], list[Look]] = defaultdict(list)
    for look in looks:
        grouped[look.method, look.key, look.watched].append(look)
    found = []
    for group in grouped.values():
        found += _of_series(sorted(group, key=lambda look: look.step), level)
    return sorted(found, key=lambda flag: (flag.latest[0], flag.since, flag.id), reverse=True)


def _of_series(group: Sequence[Look], level: float) -> list[Flag]:
    running: list[tuple[list[tuple[Look, Finding]], set[str]]] = []
    for look in group:
        for finding in look.findings:
            if finding.p_value > level:
                continue
            for seen, places in running:
                recent = look.step - seen[-1][0].step <= _FADES_AFTER[look.per_year]
                if recent and places & set(finding.places):
                    if seen[-1][0].step != look.step:
                        seen.append((look, finding))
                    places.update(finding.places)
                    break
            else:
                running.append(([(look, finding)], set(finding.places)))
    return [_flag(seen, places, group[-1].step) for seen, places in running]


def _flag(seen: Sequence[tuple[Look, Finding]], places: set[str], now: int) -> Flag:
    first, last = seen[0][0], seen[-1][0]
    since = now - last.step
    if since == 0:
        status = FlagStatus.NEW if len(seen) == 1 else FlagStatus.CONTINUING
    else:
        status = FlagStatus.FADING if since <= _FADES_AFTER[last.per_year] else FlagStatus.CLOSED
    name = "|".join([first.method, first.key, first.watched, first.when.isoformat(), *seen[0][1].places])
    return Flag(
        id=sha256(name.encode()).hexdigest()[:8],
        method=first.method,
        key=first.key,
        places=tuple(sorted(places)),
        status=status,
        seen=tuple((look.when, finding) for look, finding in seen),
        per_year=first.per_year,
        preliminary=last.preliminary,
    )
