"""From looks to flags: how unusual a finding must be for a budget of false alarms, and how a flag lives on.

A flag is one thing from birth to end: a run of findings in one series. Where a run begins and ends is decided by
fixed levels, so that its number is the same whatever the budget is and however far one looks; the budget decides
which runs are flagged at all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lagesbild.hotspots.watching import KEPT, LEAST_UNUSUAL, MOST_LEVEL, WatchMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date

    from lagesbild.hotspots.watching import Finding, Look

#: False alarms a year that a coordinator who has chosen nothing accepts.
BUDGET = 2.0
LEAST_BUDGET, MOST_BUDGET = 0.5, 24.0
_LOWEST = 1e-5
#: A flag may be seen in several looks but is one: so many flags come of an alarm in quiet years. Months overlap
#: in the county's scan and weeks in the localities'; quarters and months of reported crimes do not.
_FLAGS_PER_ALARM = 0.8
#: A run goes on over so many steps without a finding, by how many steps a year has.
_GAP = {4: 0, 12: 1, 52: 3}
NOTICES = frozenset({WatchMethod.SERIES, WatchMethod.COUNTY, WatchMethod.LOCAL})
LOCAL = frozenset({WatchMethod.SIGNALS, WatchMethod.CLUSTER})
REPORTED = frozenset({WatchMethod.REPORTED, WatchMethod.TOGETHER})


class FlagStatus(StrEnum):
    """Where a flag is in its life, by the figures alone."""

    NEW = "new"
    CONTINUING = "continuing"
    GROWING = "growing"
    FADING = "fading"
    OVER = "over"


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
        """The first step of the run."""
        return self.seen[0][0]

    @property
    def latest(self) -> tuple[date, Finding]:
        """The latest step of the run, and what was found."""
        return self.seen[-1]

    @property
    def most(self) -> tuple[date, Finding]:
        """The most unusual step of the run, and what was found."""
        return min(self.seen, key=lambda at: at[1].p_value)

    @property
    def years_between(self) -> float:
        """How many years between findings like the most unusual by chance, in that series."""
        return 1 / (self.most[1].p_value * self.per_year)


@dataclass(frozen=True)
class Levels:
    """The p value at or below which a finding of each method is flagged."""

    of: Mapping[WatchMethod, float]

    def __getitem__(self, method: WatchMethod) -> float:
        return self.of.get(method, 0.0)


def begins(method: WatchMethod) -> float:
    """Return the level at which a run begins, which is the mildest at which anything of the method is flagged."""
    return LEAST_UNUSUAL if method in NOTICES else MOST_LEVEL


def _goes_on(method: WatchMethod) -> float:
    return LEAST_UNUSUAL if method in NOTICES else KEPT


def level_for(
    looks: Sequence[Look], budget: float, most: float = LEAST_UNUSUAL, per_alarm: float = _FLAGS_PER_ALARM
) -> float:
    """Return the p value at or below which a finding is flagged, for a number of false alarms a year.

    All looks share one level. Counts are whole, so that the real chance of an alarm is below the level; the
    level is raised by as much.

    Parameters
    ----------
    looks
        The looks of about a year; each series weighs by how often it is looked at a year.
    budget
        False alarms a year, over everything.
    most
        The highest level that may be used.
    per_alarm
        Flags that come of an alarm in quiet years.
    """
    if not looks:
        return _LOWEST
    low, high = _LOWEST, most
    budget /= per_alarm
    if false_alarms(looks, high) <= budget:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if false_alarms(looks, middle) <= budget else (low, middle)
    return low


def false_alarms(looks: Sequence[Look], level: float) -> float:
    """Return how many looks a year chance alone makes alarms of at a level."""
    return sum(
        group[0].per_year * float(np.mean([look.by_chance(level) for look in group]))
        for group in _by_series(looks).values()
    )


def levels_for(
    looks: Sequence[Look], budget: float, of_signals: Callable[[float], tuple[float, float]] | None = None
) -> tuple[Levels, bool]:
    """Share a budget between reported crimes, notices and local signals, and return each one's level.

    Each of those that are watched has an equal part; what one cannot spend at the mildest level the others have.

    Parameters
    ----------
    of_signals
        Gives the signals' level at a budget, and how much of it that spends.

    Returns
    -------
    tuple
        The levels, and whether all of the budget is spent.
    """
    spend: dict[frozenset[WatchMethod], Callable[[float], tuple[float, float]]] = {}
    for methods, most, per_alarm in ((REPORTED, MOST_LEVEL, 1.0), (NOTICES, LEAST_UNUSUAL, _FLAGS_PER_ALARM)):
        part = [look for look in looks if look.method in methods and look.usable]
        if part:
            spend[methods] = _spender(part, most, per_alarm)
    if of_signals is not None:
        spend[frozenset({WatchMethod.SIGNALS})] = of_signals
    found: dict[WatchMethod, float] = {}
    left, waiting = budget, dict(spend)
    while waiting:
        share = left / len(waiting)
        tried = {methods: of(share) for methods, of in waiting.items()}
        short = {methods for methods, (_, spent) in tried.items() if spent < 0.999 * share}
        settled = short if short and len(short) < len(waiting) else set(waiting)
        for methods in settled:
            found |= dict.fromkeys(methods, tried[methods][0])
            left -= tried[methods][1]
            del waiting[methods]
    return Levels(found), left <= 0.01 * budget


def _spender(looks: Sequence[Look], most: float, per_alarm: float) -> Callable[[float], tuple[float, float]]:
    def spend(budget: float) -> tuple[float, float]:
        level = level_for(looks, budget, most, per_alarm)
        return level, min(budget, per_alarm * false_alarms(looks, level))

    return spend


def _by_series(looks: Iterable[Look]) -> dict[tuple[WatchMethod, str, str], list[Look]]:
    grouped: defaultdict[tuple[WatchMethod, str, str], list[Look]] = defaultdict(list)
    for look in looks:
        grouped[look.method, look.key, look.watched].append(look)
    return grouped


def flags(looks: Iterable[Look], levels: Levels) -> list[Flag]:
    """Return what has been flagged, newest first; findings of one series that follow on each other are one flag.

    Those of a scan follow on each other when they share a place.
    """
    found = []
    for (method, _, _), group in _by_series(looks).items():
        found += [
            flag
            for flag in _runs(sorted(group, key=lambda look: look.step))
            if flag.most[1].p_value <= levels[method]
        ]
    return sorted(found, key=lambda flag: (flag.latest[0], flag.since, flag.id), reverse=True)


def _runs(group: Sequence[Look]) -> list[Flag]:
    """Return every run of a series, flagged or not."""
    running: list[tuple[list[tuple[Look, Finding]], set[str]]] = []
    start, keep = begins(group[0].method), _goes_on(group[0].method)
    for look in group:
        for finding in look.findings:
            if finding.p_value > keep:
                continue
            for seen, places in running:
                recent = look.step - seen[-1][0].step <= _GAP[look.per_year] + 1
                if recent and places & set(finding.places):
                    if seen[-1][0].step != look.step:
                        seen.append((look, finding))
                    places.update(finding.places)
                    break
            else:
                if finding.p_value <= start:
                    running.append(([(look, finding)], set(finding.places)))
    return [_flag(seen, places, group[-1].step) for seen, places in running]


def _flag(seen: Sequence[tuple[Look, Finding]], places: set[str], now: int) -> Flag:
    first, last = seen[0][0], seen[-1][0]
    name = "|".join([first.method, first.key, first.watched, first.when.isoformat(), *seen[0][1].places])
    return Flag(
        id=sha256(name.encode()).hexdigest()[:8],
        method=first.method,
        key=first.key,
        places=tuple(sorted(places)),
        status=_status([finding for _, finding in seen], now - last.step, last.per_year),
        seen=tuple((look.when, finding) for look, finding in seen),
        per_year=first.per_year,
        preliminary=last.preliminary,
    )


def _status(seen: Sequence[Finding], steps_ago: int, per_year: int) -> FlagStatus:
    if steps_ago:
        return FlagStatus.FADING if steps_ago <= _GAP[per_year] else FlagStatus.OVER
    if len(seen) == 1:
        return FlagStatus.NEW
    before, now = seen[-2], seen[-1]
    # By how many times as many as expected, against how much that varies from one step to the next.
    change = now.observed / now.expected - before.observed / before.expected
    noise = float(np.hypot(now.deviation, before.deviation))
    if change > noise:
        return FlagStatus.GROWING
    return FlagStatus.FADING if change < -noise else FlagStatus.CONTINUING


def grows_since(flag: Flag, dismissed: Finding | None) -> bool:
    """Tell whether a flag is more now than when it was dismissed: beyond what its figure varies."""
    now = flag.latest[1]
    if dismissed is None or flag.status is FlagStatus.OVER:
        return False
    change = now.observed / now.expected - dismissed.observed / dismissed.expected
    return change > float(np.hypot(now.deviation, dismissed.deviation))


def gathered(found: Sequence[Flag], neighbours: Mapping[str, Collection[str]]) -> list[list[Flag]]:
    """Put flags together that rise together: in neighbouring or the same places, seen in the same time.

    Two flags belong together when a place of one is or borders on a place of the other and their runs overlap;
    what belongs together is the connected parts of that. Each list has the most unusual first.
    """
    if not found:
        return []
    reach = [
        {near for place in flag.places for near in (place, *neighbours.get(place, ()))} for flag in found
    ]
    near = np.array(
        [
            [
                bool(reach[a] & set(found[b].places)) and _overlap(found[a], found[b])
                for b in range(len(found))
            ]
            for a in range(len(found))
        ]
    )
    _, label = connected_components(csr_array(near), directed=False)
    groups: defaultdict[int, list[Flag]] = defaultdict(list)
    for flag, own in zip(found, label, strict=True):
        groups[int(own)].append(flag)
    return [sorted(group, key=lambda flag: flag.most[1].p_value) for group in groups.values()]


def _overlap(one: Flag, other: Flag) -> bool:
    return one.since <= other.latest[0] and other.since <= one.latest[0]
