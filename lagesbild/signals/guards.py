"""Guards: which hours are bought where, and whether signals come then.

What guards themselves report says when guards are there, not when they are needed: it is counted apart.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import pdtrc

from lagesbild import ExplainedError
from lagesbild.signals import writing
from lagesbild.signals.actions import same
from lagesbild.signals.database import ChangedMeanwhileError, day_of, iso
from lagesbild.signals.store import LONGEST_NAME
from lagesbild.statistics import effect
from lagesbild.statistics.effect import Counts
from lagesbild.statistics.intervals import poisson_interval, wilson_interval
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from lagesbild.signals.database import Actor, LocalFile, Record
    from lagesbild.signals.store import Signal
    from lagesbild.statistics.effect import Ratio
    from lagesbild.statistics.intervals import Interval

RECORD = "guards"
DAYS, HOURS = 7, 24
#: Unguarded time is looked through in stretches of so many hours: single hours hold too few.
STRETCH = 3
#: With fewer signals whose hour is known nothing is said of what hours guards are needed.
FEWEST = 20
#: A stretch is said to have unusually many when chance gives one such among all of them this seldom.
UNUSUAL = 0.05


class GuardError(ExplainedError):
    """Shifts cannot be kept as they are; the message says what to change."""


class Need(StrEnum):
    """What signals say of the guards' hours."""

    TOO_FEW = "too_few"
    ELSEWHERE = "elsewhere"
    WELL_PLACED = "well_placed"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Hours that are bought, week after week.

    Parameters
    ----------
    place
        A locality or the name of a place; empty for all of the municipality.
    weekdays
        0 for Monday; a shift past midnight belongs to the day that it begins.
    from_hour, to_hour
        From the beginning of one hour to the beginning of the other (24 for midnight); past midnight if it is not later.
    from_day, to_day
        First and last day; no last day if it goes on.
    """

    place: str
    weekdays: tuple[int, ...]
    from_hour: int
    to_hour: int
    from_day: date
    to_day: date | None = None

    def cells(self, day: date) -> Iterable[tuple[date, int]]:
        """Return (day, hour) of what a day's shift covers; nothing on a day without one."""
        if day.weekday() not in self.weekdays or not self.runs(day):
            return
        length = (self.to_hour - self.from_hour) % HOURS or HOURS
        for hour in range(self.from_hour, self.from_hour + length):
            yield day + timedelta(days=hour // HOURS), hour % HOURS

    def runs(self, day: date) -> bool:
        """Tell whether the shift is bought on a day."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    @property
    def hours_a_week(self) -> int:
        """How many hours a week are bought."""
        return len(self.weekdays) * ((self.to_hour - self.from_hour) % HOURS or HOURS)


@dataclass(frozen=True, kw_only=True)
class Guards:
    """A municipality's guards: their shifts, and the persons who report as guards. ``version`` 0: not kept yet."""

    id: str = ""
    version: int = 0
    shifts: tuple[Shift, ...] = ()
    reporters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Unguarded hours of a weekday: how many signals came then, with limits, and how likely chance gives so many."""

    weekday: int
    from_hour: int
    count: int
    interval: Interval
    unusual: bool

    @property
    def to_hour(self) -> int:
        """The hour that it ends before."""
        return self.from_hour + STRETCH


@dataclass(frozen=True, kw_only=True)
class Load:
    """Signals beside the guards' hours, without what guards reported.

    Parameters
    ----------
    counts, guarded
        Shape (7, 24), Monday first: signals, and which part of those hours was guarded (0 to 1).
    inside, outside
        Signals while guards were there, and not.
    guarded_hours, open_hours
        Hours of the period with guards and without.
    without_hour
        Signals whose hour is not known; they are in nothing else.
    own_inside, own_outside
        What guards reported themselves.
    places
        How many places have guards; an hour in each counts.
    """

    since: date
    until: date
    counts: NDArray[np.int64]
    guarded: NDArray[np.float64]
    inside: int
    outside: int
    guarded_hours: int
    open_hours: int
    without_hour: int
    own_inside: int
    own_outside: int
    places: int

    @property
    def total(self) -> int:
        """Signals whose hour is known."""
        return self.inside + self.outside

    @property
    def share(self) -> Interval:
        """Limits of the share of signals that come while guards are there (Wilson)."""
        return wilson_interval(self.inside, self.total, effect.CONFIDENCE)

    @property
    def expected_inside(self) -> float:
        """Signals there would be in the guarded hours at the rate of the others."""
        return self.outside * self.guarded_hours / self.open_hours if self.open_hours else float("nan")

    @cached_property
    def times(self) -> Ratio | None:
        """How many times as many signals an hour with guards as without; None where either has no hours."""
        if not self.guarded_hours or not self.open_hours:
            return None
        return effect.ratio(
            Counts(
                before=self.outside,
                after=self.inside,
                weight_before=self.open_hours,
                weight_after=self.guarded_hours,
            )
        )

    @cached_property
    def stretches(self) -> list[Stretch]:
        """Wholly unguarded stretches with most signals, at most three."""
        free = [
            (day, start)
            for day in range(DAYS)
            for start in range(0, HOURS, STRETCH)
            if not self.guarded[day, start : start + STRETCH].any()
        ]
        counted = [int(self.counts[day, start : start + STRETCH].sum()) for day, start in free]
        usual = sum(counted) / max(len(counted), 1)
        found = [
            Stretch(
                weekday=day,
                from_hour=start,
                count=count,
                interval=poisson_interval(count, effect.CONFIDENCE),
                unusual=bool(pdtrc(count - 1, usual) * len(free) < UNUSUAL),
            )
            for (day, start), count in zip(free, counted, strict=True)
            if count
        ]
        return sorted(found, key=lambda one: (-one.count, one.weekday, one.from_hour))[:3]

    @property
    def need(self) -> Need:
        """What signals say: whether an unguarded stretch has unusually many, and no fewer an hour than guarded ones."""
        if self.total < FEWEST or self.times is None:
            return Need.TOO_FEW
        hours = STRETCH * self.places * ((self.until - self.since).days + 1) / DAYS
        guarded_rate = self.inside / self.guarded_hours
        if any(one.unusual and one.count / hours >= guarded_rate for one in self.stretches):
            return Need.ELSEWHERE
        return Need.WELL_PLACED if self.times.interval.lower > 1 else Need.NOT_SHOWN


def kept(store: LocalFile, code: str) -> Guards:
    """Return a municipality's guards; none if nothing is kept."""
    records = store.records(code, RECORD)
    return _guards(records[-1]) if records else Guards()


def keep(store: LocalFile, code: str, guards: Guards, actor: Actor) -> Guards:
    """Keep shifts and who reports as a guard; return them as they are kept.

    Raises
    ------
    GuardError
        For a shift that is impossible, or a place that cannot be kept as it is.
    ChangedMeanwhileError
        If somebody else has changed them since.
    """
    shifts = [_checked(shift, n) for n, shift in enumerate(guards.shifts, start=1)]
    if len({bool(shift.place) for shift in shifts}) > 1:
        raise GuardError(
            "Skriv en plats på varje rad, eller ingen på någon. Annars räknas timmar två gånger."
        )
    if not guards.version and kept(store, code).version:
        raise ChangedMeanwhileError("Någon annan har skrivit in passen under tiden. Inget är skrivet över.")
    data = {
        "shifts": [_data(shift) for shift in shifts],
        "reporters": sorted(guards.reporters),
    }
    if guards.version:
        store.change(guards.id, guards.version, data, actor)
    else:
        store.create(code, RECORD, data, actor)
    return kept(store, code)


def beside_load(
    shifts: Sequence[Shift],
    signals: Sequence[Signal],
    since: date,
    until: date,
    guards: Collection[str] = (),
) -> Load:
    """Count signals of the places that have guards, while guards are there and not.

    Parameters
    ----------
    since, until
        First and last day.
    guards
        The persons who report as guards.
    """
    places = {shift.place for shift in shifts}
    covered = {place: _covered(shifts, place, since, until) for place in places}
    everywhere: set[tuple[date, int]] = set().union(*covered.values())
    there = [signal for signal in signals if since <= signal.day <= until and _places_of(signal, places)]
    timed = [(signal, signal.hour) for signal in there if signal.hour is not None]
    counts = np.zeros((DAYS, HOURS), dtype=np.int64)
    inside = {True: 0, False: 0}
    own = {True: 0, False: 0}
    for signal, hour in timed:
        guarded = any((signal.day, hour) in covered[place] for place in _places_of(signal, places))
        if signal.reporter_id and signal.reporter_id in guards:
            own[guarded] += 1
            continue
        inside[guarded] += 1
        counts[signal.day.weekday(), hour] += 1
    days = (until - since).days + 1
    return Load(
        since=since,
        until=until,
        counts=counts,
        guarded=_share_guarded(everywhere, since, days),
        inside=inside[True],
        outside=inside[False],
        guarded_hours=sum(len(cells) for cells in covered.values()),
        open_hours=days * HOURS * len(places) - sum(len(cells) for cells in covered.values()),
        without_hour=len(there) - len(timed),
        own_inside=own[True],
        own_outside=own[False],
        places=len(places),
    )


def _places_of(signal: Signal, places: Iterable[str]) -> list[str]:
    return [
        place for place in places if not place or same(signal.locality, place) or same(signal.place, place)
    ]


def _covered(shifts: Sequence[Shift], place: str, since: date, until: date) -> set[tuple[date, int]]:
    """Return (day, hour) that a place is guarded within the period."""
    before = since - timedelta(days=1)  # its night reaches into the first day
    days = [before + timedelta(days=n) for n in range((until - before).days + 1)]
    cells = {cell for shift in shifts if shift.place == place for day in days for cell in shift.cells(day)}
    return {(day, hour) for day, hour in cells if since <= day <= until}


def _share_guarded(cells: Iterable[tuple[date, int]], since: date, days: int) -> NDArray[np.float64]:
    guarded, there = np.zeros((DAYS, HOURS)), np.zeros((DAYS, 1))
    for n in range(days):
        there[(since + timedelta(days=n)).weekday()] += 1
    for day, hour in cells:
        guarded[day.weekday(), hour] += 1
    return np.asarray(guarded / np.maximum(there, 1), dtype=np.float64)


def _checked(shift: Shift, n: int) -> Shift:
    """Return a shift as it is kept; ``n`` is its row in what is said of it."""
    if not shift.weekdays:
        raise GuardError(f"Rad {number(n)}: välj minst en veckodag.")
    if not 0 <= shift.from_hour < HOURS or not 0 <= shift.to_hour <= HOURS:
        raise GuardError(f"Rad {number(n)}: timmarna ska vara mellan 0 och 24.")
    if shift.from_hour == shift.to_hour:
        raise GuardError(
            f"Rad {number(n)}: passet börjar och slutar samma timme. Ett helt dygn är 0 till 24."
        )
    if shift.to_day is not None and shift.to_day < shift.from_day:
        raise GuardError(f"Rad {number(n)}: sista dagen ligger före första dagen.")
    place = writing.checked(
        shift.place, f"Platsen på rad {number(n)}", LONGEST_NAME, one_line=True, error=GuardError
    )
    return replace(shift, place=place)


def _data(shift: Shift) -> dict[str, Any]:
    return asdict(shift) | {
        "weekdays": list(shift.weekdays),
        "from_day": shift.from_day.isoformat(),
        "to_day": iso(shift.to_day),
    }


def _guards(record: Record) -> Guards:
    return Guards(
        id=record.id,
        version=record.version,
        shifts=tuple(_shift(values) for values in record.data["shifts"]),
        reporters=tuple(record.data["reporters"]),
    )


def _shift(values: Mapping[str, Any]) -> Shift:
    return Shift(
        place=values["place"],
        weekdays=tuple(values["weekdays"]),
        from_hour=values["from_hour"],
        to_hour=values["to_hour"],
        from_day=date.fromisoformat(values["from_day"]),
        to_day=day_of(values["to_day"]),
    )
