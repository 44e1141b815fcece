"""Actions after the EST method (map, analyse, act, follow up): what was done where, by whom, and how it will be judged.

How an action is judged is written down before it starts and cannot be changed afterwards: who may choose the control
and the period when the figures are known can show whatever is wanted. What was learnt can always be added.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError
from lagesbild.signals import writing
from lagesbild.signals.database import ChangedMeanwhileError, day_of, iso
from lagesbild.signals.store import LONGEST_FUNCTION, LONGEST_NAME, LONGEST_REASON
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lagesbild.signals.database import Actor, LocalFile, Record

RECORD = "action"
#: What a place is compared with when it is not another place: all of the municipality but the place and the near area.
REST = "resten av kommunen"
#: And a municipality, where the outcome is a measure of reported crime.
REST_OF_COUNTY = "resten av länet"
#: The week that an action starts in belongs to neither before nor after: who starts something new also reports more.
LEFT_OUT = timedelta(days=7)
#: A window is whole weeks, so that before and after hold as many weekends; the longest holds any four quarters.
WEEK, SHORTEST_WINDOW, LONGEST_WINDOW = 7, 14, 371
#: A smallest effect beyond this share is kept as this: not even all gone would be seen.
NONE_WOULD = 9.0


class ActionKind(StrEnum):
    """What is done."""

    OPERATION = "operation"
    GUARDS = "guards"
    CAMERAS = "cameras"
    LIGHTING = "lighting"
    BUILDING = "building"
    MEETING = "meeting"
    OTHER = "other"


class Status(StrEnum):
    """How far an action has come."""

    GOING_ON = "going_on"
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class ActionError(ExplainedError):
    """An action cannot be kept as it is; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """What is done at a place, and how its effect is to be judged.

    Parameters
    ----------
    place
        A locality, or the name of a place in one; the municipality where the outcome is a measure.
    kinds, measure
        The outcome: kinds of signals, or else a measure of reported crime (its indicator).
    control
        What the place is compared with: a place, `REST` or `REST_OF_COUNTY`.
    near
        Where the problem might move to; empty if nowhere is watched.
    owner
        The function that sees to it.
    before_days, after_days
        Whole weeks that are compared, before the start and after its first week.
    smallest_share
        The smallest drop that would be seen, as a share of what is expected, as it was when the plan was written.
    planned_on
        The day the plan was last changed.
    result
        What was learnt; can be written at any time.
    """

    id: str = ""
    version: int = 0
    title: str
    kind: ActionKind
    place: str
    kinds: tuple[str, ...] = ()
    measure: str = ""
    control: str = REST
    near: str = ""
    purpose: str
    owner: str = ""
    starts: date
    ends: date | None = None
    before_days: int = 84
    after_days: int = 84
    smallest_share: float | None = None
    planned_on: date | None = None
    cancelled: bool = False
    result: str = ""

    def status(self, today: date) -> Status:
        """Return how far it has come."""
        if self.cancelled:
            return Status.CANCELLED
        if today < self.starts:
            return Status.PLANNED
        return Status.DONE if self.ends is not None and today > self.ends else Status.GOING_ON

    @property
    def before(self) -> tuple[date, date]:
        """The first and the last day of the period before."""
        return self.starts - timedelta(days=self.before_days), self.starts - timedelta(days=1)

    @property
    def after(self) -> tuple[date, date]:
        """The first and the last day of the period after; the week of the start is left out where signals are counted."""
        first = self.starts if self.measure else self.starts + LEFT_OUT
        return first, first + timedelta(days=self.after_days - 1)

    @property
    def planned_in_advance(self) -> bool:
        """Whether the plan was written no later than the start."""
        return self.planned_on is not None and self.planned_on <= self.starts


#: What is frozen when an action has started, and what it is called.
PLAN: Mapping[str, str] = {
    "place": "platsen",
    "kinds": "vad som räknas",
    "measure": "vad som räknas",
    "control": "jämförelsen",
    "near": "området intill",
    "starts": "startdagen",
    "before_days": "tiden före",
    "after_days": "tiden efter",
    "smallest_share": "minsta synliga effekt",
    "planned_on": "dagen för planen",
}
_LONGEST = {
    "title": ("Rubriken", LONGEST_NAME),
    "place": ("Platsen", LONGEST_NAME),
    "control": ("Jämförelsen", LONGEST_NAME),
    "near": ("Området intill", LONGEST_NAME),
    "owner": ("Ansvarig", LONGEST_FUNCTION),
    "purpose": ("Syftet", LONGEST_REASON),
    "result": ("Anteckningen", LONGEST_REASON),
}


def all_of(store: LocalFile, code: str, *, deleted: bool = False) -> list[Action]:
    """Return a municipality's actions, the one that starts last first; with ``deleted`` the removed ones instead."""
    found = [_action(record) for record in store.records(code, RECORD, deleted=deleted)]
    return sorted(found, key=lambda action: (action.starts, action.id), reverse=True)


def of_record(store: LocalFile, action_id: str) -> Action | None:
    """Return one action as it is now, removed or not; None if there is none."""
    record = store.record(action_id)
    return None if record is None or record.kind != RECORD else _action(record)


def add(store: LocalFile, code: str, action: Action, actor: Actor, today: date) -> Action:
    """Keep a new action; return it as it is kept.

    Raises
    ------
    ActionError
        If something in it is missing or impossible.
    """
    kept = replace(checked(action), planned_on=today)
    return replace(kept, id=store.create(code, RECORD, _data(kept), actor), version=1)


def change(store: LocalFile, action: Action, actor: Actor, today: date) -> Action:
    """Write a changed action; return it as it is kept.

    Raises
    ------
    ActionError
        If something is missing or impossible, or the plan is changed after the start.
    ChangedMeanwhileError
        If ``action.version`` is no longer the newest.
    """
    before = of_record(store, action.id)
    if before is None or before.version != action.version:
        raise ChangedMeanwhileError("Någon annan har ändrat åtgärden under tiden. Inget är skrivet över.")
    kept = replace(checked(action), planned_on=before.planned_on)
    changed = [name for name in PLAN if getattr(kept, name) != getattr(before, name)]
    if changed and before.starts <= today:
        what = ", ".join(dict.fromkeys(PLAN[name] for name in changed))
        raise ActionError(
            f"Åtgärden startade {long_date(before.starts)}. Då är planen låst, och {what} kan inte ändras. "
            "Skriv en anteckning i stället."
        )
    if changed:
        kept = replace(kept, planned_on=today)
    store.change(action.id, action.version, _data(kept), actor)
    return replace(kept, version=action.version + 1)


def remove(store: LocalFile, action: Action, actor: Actor) -> None:
    """Hide an action; `restore` brings it back.

    Raises
    ------
    ChangedMeanwhileError
        If it has been changed since.
    """
    store.delete(action.id, action.version, actor)


def restore(store: LocalFile, action_id: str, actor: Actor) -> None:
    """Bring back a removed action."""
    store.restore_record(action_id, actor)


def checked(action: Action) -> Action:
    """Return an action with its texts as they are kept.

    Raises
    ------
    ActionError
        For the first thing that is missing or impossible; in Swedish.
    """
    sound: dict[str, Any] = {
        name: writing.checked(getattr(action, name), called, longest, one_line=True, error=ActionError)
        for name, (called, longest) in _LONGEST.items()
    }
    action = replace(action, **sound)
    for fault in _faults(action):
        raise ActionError(fault)
    return action


def _faults(action: Action) -> Iterable[str]:
    if not action.title:
        yield "Skriv en rubrik."
    if not action.purpose:
        yield "Skriv syftet: vad ska bli bättre?"
    if not action.place:
        yield "Välj en plats."
    yield from _faults_of_outcome(action)
    yield from _faults_of_time(action)


def _faults_of_outcome(action: Action) -> Iterable[str]:
    if bool(action.kinds) == bool(action.measure):
        yield "Välj vad som ska räknas: slag av signaler, eller ett anmält brott."
    if not action.control:
        yield "Välj vad platsen ska jämföras med."
    if same(action.control, action.place):
        yield "Platsen kan inte jämföras med sig själv. Välj en annan plats, eller resten av kommunen."
    if action.near and (same(action.near, action.place) or same(action.near, action.control)):
        yield "Området intill måste vara ett annat än platsen och det som den jämförs med."
    if action.control == (REST if action.measure else REST_OF_COUNTY):
        yield "Anmälda brott jämförs med en annan kommun eller resten av länet, signaler inom kommunen."


def _faults_of_time(action: Action) -> Iterable[str]:
    if action.ends is not None and action.ends < action.starts:
        yield "Slutdagen ligger före startdagen."
    for called, days in (("före", action.before_days), ("efter", action.after_days)):
        if days % WEEK or not SHORTEST_WINDOW <= days <= LONGEST_WINDOW:
            yield f"Tiden {called} ska vara hela veckor, mellan {SHORTEST_WINDOW // WEEK} och {LONGEST_WINDOW // WEEK}."


def same(one: str, other: str) -> bool:
    """Tell whether two names are of the same place."""
    return one.strip().casefold() == other.strip().casefold()


def _data(action: Action) -> dict[str, Any]:
    share = action.smallest_share
    return asdict(action) | {
        "starts": action.starts.isoformat(),
        "ends": iso(action.ends),
        "planned_on": iso(action.planned_on),
        "smallest_share": None if share is None else min(share, NONE_WOULD),
        "kinds": list(action.kinds),
    }


def _action(record: Record) -> Action:
    """Read an action; what a newer version of the program has added is left where it is."""
    known = {field.name for field in fields(Action)}
    values = {name: value for name, value in record.data.items() if name in known}
    return Action(
        **values
        | {
            "id": record.id,
            "version": record.version,
            "kind": ActionKind(values["kind"]),
            "kinds": tuple(values["kinds"]),
            "starts": date.fromisoformat(values["starts"]),
            "ends": day_of(values["ends"]),
            "planned_on": day_of(values["planned_on"]),
        }
    )
