"""Citizens' promises (medborgarlöften): what municipality and police have promised in writing, kept in the local file.

A promise names functions, never persons. Whether it can be followed is said when it is written (`measurable`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError
from lagesbild.signals import writing
from lagesbild.signals.database import day_of, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.signals.database import Actor, LocalFile, Record

#: What the records are called in the local file.
KIND = "promise"
#: Who usually promises.
MUNICIPALITY, POLICE = "kommunen", "polisen"
LONGEST_TEXT, LONGEST_NOTE, LONGEST_FUNCTION = 500, 300, 60
#: A longer period is no promise that anybody can follow.
LONGEST_YEARS = 10
MOST_ACTIVITIES = 30
#: An indicator that is a kind of local signal is written so, with the kind after it.
SIGNALS = "signal:"
_EARLIEST = date(1996, 1, 1)


class Direction(StrEnum):
    """Which way the indicator is meant to go."""

    FEWER = "fewer"
    MORE = "more"
    UNCHANGED = "unchanged"


class Every(StrEnum):
    """How often the figures of an indicator come."""

    YEAR = "year"
    QUARTER = "quarter"
    DAY = "day"


class PromiseError(ExplainedError):
    """A promise cannot be kept as it is written; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What is to be done: the text, the planned day or period, the day it was done (None: not told), and a note."""

    text: str
    first: date | None = None
    last: date | None = None
    done: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A promise of a period, both its days included.

    Parameters
    ----------
    id, version
        As in the local file; empty and 0 for one that is not kept there.
    by
        Functions: ``kommunen``, ``polisen``.
    indicator
        The id of a measure in the warehouse, ``signal:`` and a kind of local signal, or empty.
    direction
        Which way it was promised to go; None where the promise does not say.
    size
        By at least so many per cent (with `Direction.UNCHANGED`: within so many); None where it does not say.
    """

    id: str = ""
    version: int = 0
    text: str
    first: date
    last: date
    by: tuple[str, ...]
    indicator: str = ""
    direction: Direction | None = None
    size: float | None = None
    activities: tuple[Activity, ...] = ()
    note: str = ""

    @property
    def signal_kind(self) -> str:
        """The kind of local signal that follows it; empty where none does."""
        return self.indicator.removeprefix(SIGNALS) if self.indicator.startswith(SIGNALS) else ""

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1


def promises(local: LocalFile, code: str) -> list[Promise]:
    """Return a municipality's promises, the latest period first."""
    return _in_order([_promise(record) for record in local.records(code, KIND)])


def removed(local: LocalFile, code: str) -> list[Promise]:
    """Return the promises that have been removed and can be brought back."""
    return _in_order([_promise(record) for record in local.records(code, KIND, deleted=True)])


def newest(local: LocalFile, promise_id: str) -> Promise | None:
    """Return a promise as it is now, to be shown beside what somebody else has typed; None if there is none."""
    record = local.record(promise_id)
    return None if record is None or record.kind != KIND else _promise(record)


def earlier(local: LocalFile, promise_id: str) -> list[tuple[Promise, str, date]]:
    """Return every version of a promise with who wrote it and when, the newest first."""
    return [
        (_promise(record), record.changed_by, record.changed_at.date())
        for record in local.versions(promise_id)
    ]


def add(local: LocalFile, code: str, promise: Promise, actor: Actor) -> str:
    """Keep a new promise; return its id.

    Raises
    ------
    PromiseError
        If it cannot be kept as it is.
    """
    return local.create(code, KIND, _data(checked(promise)), actor)


def change(local: LocalFile, promise: Promise, actor: Actor) -> None:
    """Write the next version of a promise.

    Raises
    ------
    PromiseError
        If it cannot be kept as it is.
    ChangedMeanwhileError
        If somebody else has changed or removed it since it was read.
    """
    local.change(promise.id, promise.version, _data(checked(promise)), actor)


def remove(local: LocalFile, promise: Promise, actor: Actor) -> None:
    """Hide a promise; `restore` brings it back.

    Raises
    ------
    ChangedMeanwhileError
        As for `change`.
    """
    local.delete(promise.id, promise.version, actor)


def restore(local: LocalFile, promise_id: str, actor: Actor) -> None:
    """Bring back a promise that was removed."""
    local.restore_record(promise_id, actor)


def checked(promise: Promise) -> Promise:
    """Return a promise that can be kept, its texts trimmed.

    Raises
    ------
    PromiseError
        Saying the first thing that must be changed.
    """
    text = _text(promise.text, "Löftet", LONGEST_TEXT)
    if not text:
        raise PromiseError("Skriv vad som lovas.")
    _check_period(promise)
    by = tuple(_text(one, "Den som lovar", LONGEST_FUNCTION) for one in promise.by if one.strip())
    if not by:
        raise PromiseError("Välj vem som lovar, till exempel kommunen och polisen.")
    if promise.size is not None:
        _check_size(promise.size, promise.direction)
    if len(promise.activities) > MOST_ACTIVITIES:
        raise PromiseError(f"Ett löfte kan ha högst {MOST_ACTIVITIES} aktiviteter. Dela det i flera löften.")
    return Promise(
        id=promise.id,
        version=promise.version,
        text=text,
        first=promise.first,
        last=promise.last,
        by=by,
        indicator=promise.indicator.strip(),
        direction=promise.direction,
        size=promise.size,
        activities=tuple(_activity(one) for one in promise.activities),
        note=_text(promise.note, "Anmärkningen", LONGEST_NOTE),
    )


def _check_period(promise: Promise) -> None:
    if promise.last < promise.first:
        raise PromiseError("Periodens sista dag ligger före den första. Byt plats på dem.")
    if promise.first < _EARLIEST:
        raise PromiseError(f"Perioden börjar före {_EARLIEST.year}. Så gamla löften kan inte följas.")
    if promise.days > 366 * LONGEST_YEARS:
        raise PromiseError(f"Perioden är längre än {LONGEST_YEARS} år. Dela löftet i kortare perioder.")


def _check_size(size: float, direction: Direction | None) -> None:
    if direction is None:
        raise PromiseError("Välj åt vilket håll, eller ta bort storleken.")
    if not 0 < size <= 1000:
        raise PromiseError("Storleken är i procent och större än noll. Skriv till exempel 10.")
    if direction is Direction.FEWER and size > 100:
        raise PromiseError("Mer än 100 procent färre går inte. Skriv ett mindre tal.")


def _activity(activity: Activity) -> Activity:
    text = _text(activity.text, "Aktiviteten", LONGEST_NOTE)
    if not text:
        raise PromiseError("Skriv vad aktiviteten är, eller ta bort raden.")
    first = activity.first or activity.last
    last = activity.last or activity.first
    if first and last and last < first:
        raise PromiseError(f"Aktiviteten ”{text}”: sista dagen ligger före den första. Byt plats på dem.")
    return Activity(
        text=text,
        first=first,
        last=last,
        done=activity.done,
        note=_text(activity.note, "Anteckningen", LONGEST_NOTE),
    )


def check_done(promise: Promise, today: date) -> None:
    """See that nothing is told as done before its day.

    Raises
    ------
    PromiseError
        If an activity is done later than today.
    """
    for activity in promise.activities:
        if activity.done and activity.done > today:
            raise PromiseError(
                f"Aktiviteten ”{activity.text}” är gjord en dag som inte har varit. Ändra dagen eller lämna den tom."
            )


def _text(given: str, what: str, longest: int) -> str:
    return writing.checked(given, what, longest, one_line=True, error=PromiseError)


#: The shortest period that figures that come so often can say something of, in days; and what it is called.
_SHORTEST = {Every.YEAR: (365, "år"), Every.QUARTER: (90, "kvartal"), Every.DAY: (28, "fyra veckor")}


def measurable(promise: Promise, every: Every | None = None) -> str:
    """Say why a promise cannot be measured as it is written; empty where it can.

    Parameters
    ----------
    every
        How often the indicator's figures come; None where it is not known, and the period is then not judged.
    """
    if not promise.indicator:
        return _UNFOLLOWED if promise.activities else _NOTHING
    if promise.direction is None:
        return _NO_DIRECTION
    if promise.direction is Direction.UNCHANGED and promise.size is None:
        return _NO_LIMIT
    return "" if every is None else _too_short(promise, every)


_UNFOLLOWED = (
    "Löftet har inget mått: det kan bara följas som gjort eller inte gjort, aktivitet för aktivitet."
)
_NOTHING = "Löftet har varken mått eller aktiviteter och kan inte följas. Välj ett mått, eller skriv vad som ska göras."
_NO_DIRECTION = (
    "Löftet säger inte åt vilket håll siffran ska gå: siffrorna kan visas, men inte om löftet nåddes. Välj färre, fler "
    "eller oförändrat."
)
_NO_LIMIT = "Löftet säger oförändrat utan gräns. Skriv inom hur många procent som räknas som oförändrat."


def _too_short(promise: Promise, every: Every) -> str:
    shortest, name = _SHORTEST[every]
    if promise.days >= shortest:
        return ""
    if every is Every.DAY:
        return (
            f"Perioden är kortare än {name}: så få dagars signaler säger inget säkert. Välj en längre period."
        )
    return (
        f"Perioden är kortare än ett {name}, och siffrorna kommer en gång per {name}. Välj en längre period eller "
        "ett annat mått."
    )


def _in_order(found: list[Promise]) -> list[Promise]:
    return sorted(found, key=lambda promise: (promise.last, promise.first), reverse=True)


def ended(promise: Promise, today: date) -> bool:
    """Tell whether the period is over."""
    return promise.last + timedelta(days=1) <= today


def _data(promise: Promise) -> dict[str, Any]:
    return {
        "text": promise.text,
        "first": promise.first.isoformat(),
        "last": promise.last.isoformat(),
        "by": list(promise.by),
        "indicator": promise.indicator,
        "direction": promise.direction,
        "size": promise.size,
        "activities": [
            {
                "text": one.text,
                "first": iso(one.first),
                "last": iso(one.last),
                "done": iso(one.done),
                "note": one.note,
            }
            for one in promise.activities
        ],
        "note": promise.note,
    }


def _promise(record: Record) -> Promise:
    data: Mapping[str, Any] = record.data
    return Promise(
        id=record.id,
        version=record.version,
        text=data["text"],
        first=date.fromisoformat(data["first"]),
        last=date.fromisoformat(data["last"]),
        by=tuple(data["by"]),
        indicator=data["indicator"],
        direction=Direction(data["direction"]) if data["direction"] else None,
        size=None if data["size"] is None else float(data["size"]),
        activities=tuple(
            Activity(
                text=one["text"],
                first=day_of(one["first"]),
                last=day_of(one["last"]),
                done=day_of(one["done"]),
                note=one["note"],
            )
            for one in data["activities"]
        ),
        note=data["note"],
    )
