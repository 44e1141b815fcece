"""The weekly meeting of the Swedish EST method (effektiv samordning för trygghet): who was there, what was decided.

People are told by their functions. A decision has an owner and a day by which it is done; one that is not done is
open until it is, whatever meeting it was taken at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from lagesbild.signals.database import day_of, iso
from lagesbild.signals.writing import WritingError, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lagesbild.signals.database import Actor, LocalFile, Record

KIND = "meeting"
LONGEST_POINT, LONGEST_DECISION, LONGEST_FUNCTION, LONGEST_NOTES = 200, 300, 60, 4000
MOST_POINTS = 40
#: What a meeting begins with: the steps of the method.
USUAL_AGENDA = (
    "Förra mötets beslut: vad är gjort?",
    "Kartlägg: veckans lägesbild",
    "Analysera: varför här och nu?",
    "Åtgärda: vem gör vad, till när?",
    "Följ upp: vad gav åtgärderna?",
    "Återkoppla: till dem som rapporterat",
)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A decision of a meeting: what, the function that sees to it, by when, and the day it was done."""

    text: str
    owner: str
    due: date | None
    done: date | None = None

    def overdue(self, today: date) -> bool:
        """Tell whether it should have been done before a day and is not."""
        return self.done is None and self.due is not None and self.due < today


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A meeting. ``present`` are functions; ``id`` and ``version`` are the local file's, empty before it is kept."""

    day: date
    present: tuple[str, ...] = ()
    agenda: tuple[str, ...] = USUAL_AGENDA
    decisions: tuple[Taken, ...] = ()
    notes: str = ""
    id: str = ""
    version: int = 0
    changed_by: str = ""

    @property
    def monday(self) -> date:
        """The Monday of its week."""
        return date.fromordinal(self.day.toordinal() - self.day.weekday())


@dataclass(frozen=True, kw_only=True)
class OpenDecision:
    """A decision that is not done, and the meeting it was taken at."""

    meeting: date
    decision: Taken


def meetings(local: LocalFile, code: str) -> list[Meeting]:
    """Return a municipality's meetings, the newest first."""
    return _ordered(local.records(code, KIND))


def removed(local: LocalFile, code: str) -> list[Meeting]:
    """Return the meetings that were taken away and can be brought back, the newest first."""
    return _ordered(local.records(code, KIND, deleted=True))


def of_week(found: Iterable[Meeting], monday: date) -> Meeting | None:
    """Return a week's meeting, the newest where there are several; None if there is none."""
    return next((one for one in found if one.monday == monday), None)


def around(found: Iterable[Meeting], monday: date) -> tuple[Meeting | None, Meeting | None]:
    """Return the meeting of a week, and the last one before that week; the newest must be first."""
    listed = list(found)
    return of_week(listed, monday), next((one for one in listed if one.day < monday), None)


def add(local: LocalFile, code: str, meeting: Meeting, actor: Actor) -> Meeting:
    """Keep a new meeting.

    Raises
    ------
    WritingError
        If a text is missing, too long or points out a person.
    """
    sound = validated(meeting)
    record_id = local.create(code, KIND, _data(sound), actor)
    return replace(sound, id=record_id, version=1, changed_by=actor.name)


def change(local: LocalFile, meeting: Meeting, actor: Actor) -> Meeting:
    """Write a changed meeting.

    Raises
    ------
    WritingError
        As for `add`.
    ChangedMeanwhileError
        If ``meeting.version`` is no longer the newest; nothing is then written.
    """
    sound = validated(meeting)
    local.change(sound.id, sound.version, _data(sound), actor)
    return replace(sound, version=sound.version + 1, changed_by=actor.name)


def remove(local: LocalFile, meeting: Meeting, actor: Actor) -> None:
    """Take a meeting away; `restore` brings it back.

    Raises
    ------
    ChangedMeanwhileError
        As for `change`.
    """
    local.delete(meeting.id, meeting.version, actor)


def restore(local: LocalFile, meeting_id: str, actor: Actor) -> None:
    """Bring back a meeting that was taken away."""
    local.restore_record(meeting_id, actor)


def open_decisions(found: Iterable[Meeting]) -> list[OpenDecision]:
    """Return what is not done of all meetings, the first due first; what has no day last."""
    listed = [
        OpenDecision(meeting=meeting.day, decision=one)
        for meeting in found
        for one in meeting.decisions
        if one.done is None
    ]
    return sorted(listed, key=lambda one: (one.decision.due or date.max, one.meeting))


def validated(meeting: Meeting) -> Meeting:
    """Return a meeting as it is kept.

    Raises
    ------
    WritingError
        As for `add`.
    """
    if max(len(meeting.present), len(meeting.agenda), len(meeting.decisions)) > MOST_POINTS:
        raise WritingError(f"Ett möte har högst {MOST_POINTS} deltagare, punkter och beslut.")
    return replace(
        meeting,
        present=tuple(
            checked(one, "Deltagarens funktion", LONGEST_FUNCTION, needed=True) for one in meeting.present
        ),
        agenda=tuple(checked(one, "Punkten", LONGEST_POINT, needed=True) for one in meeting.agenda),
        decisions=tuple(_sound(one, meeting.day) for one in meeting.decisions),
        notes=checked(meeting.notes, "Anteckningarna", LONGEST_NOTES),
    )


def _sound(one: Taken, day: date) -> Taken:
    text = checked(one.text, "Beslutet", LONGEST_DECISION, needed=True)
    named = f"”{text[:40]}”"
    if one.done is not None and one.done < day:
        raise WritingError(f"Beslutet {named} kan inte vara klart före mötet.")
    if one.due is not None and one.due < day:
        raise WritingError(f"Beslutet {named} ska vara klart före mötet. Välj en senare dag.")
    owner = checked(one.owner, f"Ansvarig för beslutet {named}", LONGEST_FUNCTION, needed=True)
    return replace(one, text=text, owner=owner)


def _ordered(records: Iterable[Record]) -> list[Meeting]:
    return sorted(map(_meeting, records), key=lambda one: one.day, reverse=True)


def _data(meeting: Meeting) -> dict[str, Any]:
    return {
        "day": meeting.day.isoformat(),
        "present": list(meeting.present),
        "agenda": list(meeting.agenda),
        "notes": meeting.notes,
        "decisions": [
            {"text": one.text, "owner": one.owner, "due": iso(one.due), "done": iso(one.done)}
            for one in meeting.decisions
        ],
    }


def _meeting(record: Record) -> Meeting:
    data = record.data
    return Meeting(
        id=record.id,
        version=record.version,
        changed_by=record.changed_by,
        day=date.fromisoformat(data["day"]),
        present=tuple(data["present"]),
        agenda=tuple(data["agenda"]),
        notes=data.get("notes", ""),
        decisions=tuple(map(_taken, data["decisions"])),
    )


def _taken(data: Mapping[str, Any]) -> Taken:
    return Taken(text=data["text"], owner=data["owner"], due=day_of(data["due"]), done=day_of(data["done"]))
