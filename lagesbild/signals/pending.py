"""What is to be done: decisions of meetings, decisions on flags, actions and promises, whoever keeps them.

Actions and promises are read as plain records, so that what they are kept by may change: a field that is missing
or cannot be read is left out, and nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.signals import meetings
from lagesbild.signals.store import Decided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.database import LocalFile, Record
    from lagesbild.signals.store import SignalStore

ACTION, PROMISE = "action", "promise"
#: What a record may call that nothing more is to be done.
_OVER = frozenset(
    {
        "done",
        "ended",
        "finished",
        "closed",
        "cancelled",
        "kept",
        "fulfilled",
        "avslutad",
        "klar",
        "avbruten",
        "genomförd",
    }
)


class Kind(StrEnum):
    """What kind of thing is to be done."""

    MEETING = "meeting"
    FLAG = "flag"
    ACTION = "action"
    PROMISE = "promise"


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Something that is not done: what, whose, by when. ``since``: the day it was decided or began, where known."""

    kind: Kind
    text: str
    owner: str
    due: date | None
    since: date | None

    def overdue(self, today: date) -> bool:
        """Tell whether it should have been done before a day."""
        return self.due is not None and self.due < today


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action or a promise, as far as its record can be read; ``over``: whether nothing more is to be done."""

    kind: Kind
    title: str
    purpose: str
    owner: str
    place: str
    starts: date | None
    ends: date | None
    status: str
    follow_up: str
    over: bool


def actions(local: LocalFile, code: str, kind: str = ACTION) -> list[Action]:
    """Return a municipality's actions (or promises), in the order they begin; a record without a title is left out."""
    found = [made for record in local.records(code, kind) if (made := _action(record)) is not None]
    return sorted(found, key=lambda one: (one.starts or date.max, one.title))


def pending(store: SignalStore, code: str) -> list[Pending]:
    """Return all that is not done, the first due first; what has no day last."""
    found = [
        Pending(
            kind=Kind.MEETING,
            text=one.decision.text,
            owner=one.decision.owner,
            due=one.decision.due,
            since=one.meeting,
        )
        for one in meetings.open_decisions(meetings.meetings(store, code))
    ]
    found += _of_flags(store, code)
    for kind in (ACTION, PROMISE):
        found += [
            Pending(kind=one.kind, text=one.title, owner=one.owner, due=one.ends, since=one.starts)
            for one in actions(store, code, kind)
            if not one.over
        ]
    return sorted(found, key=lambda one: (one.due or date.max, one.text))


def overdue(found: Sequence[Pending], today: date) -> list[Pending]:
    """Return what should have been done before a day."""
    return [one for one in found if one.overdue(today)]


def _of_flags(store: SignalStore, code: str) -> list[Pending]:
    """Return the flags that somebody has decided to follow or act on, by the newest decision on each."""
    found = []
    for newest, *_ in store.decisions(code).values():
        if newest.decision in {Decided.FOLLOW, Decided.ACT}:
            found.append(
                Pending(
                    kind=Kind.FLAG,
                    text=str(newest.flag.get("text", "")) or f"Flagga {newest.flag_id}",
                    owner=newest.owner,
                    due=newest.follow_up,
                    since=newest.decided_at.date(),
                )
            )
    return found


def _action(record: Record) -> Action | None:
    title = _text(record, "title", "text")
    if not title:
        return None
    status = _text(record, "status")
    return Action(
        kind=Kind(record.kind),
        title=title,
        purpose=_text(record, "purpose"),
        owner=_text(record, "owner"),
        place=_text(record, "place"),
        starts=_day(record, "starts", "made"),
        ends=_day(record, "ends", "due"),
        status=status,
        follow_up=_text(record, "follow_up", "measure"),
        over=status.casefold() in _OVER or _day(record, "done", "kept") is not None,
    )


def _text(record: Record, *names: str) -> str:
    for name in names:
        value = record.data.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _day(record: Record, *names: str) -> date | None:
    for name in names:
        try:
            return date.fromisoformat(str(record.data.get(name)))
        except ValueError:
            continue
    return None
