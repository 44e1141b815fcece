"""What is to be done: decisions of meetings, decisions on flags, actions and promises, whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.signals import actions, meetings, promises
from lagesbild.signals.actions import Status
from lagesbild.signals.store import Decided
from lagesbild.swedish import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.store import SignalStore


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


def pending(store: SignalStore, code: str, today: date) -> list[Pending]:
    """Return all that is not done, the first due first; what has no day last.

    An action is over when it has ended or is called off, a promise when its period is over.
    """
    found = [
        *_of_meetings(store, code),
        *_of_flags(store, code),
        *_of_actions(store, code, today),
        *_of_promises(store, code, today),
    ]
    return sorted(found, key=lambda one: (one.due or date.max, one.text))


def overdue(found: Sequence[Pending], today: date) -> list[Pending]:
    """Return what should have been done before a day."""
    return [one for one in found if one.overdue(today)]


def _of_meetings(store: SignalStore, code: str) -> list[Pending]:
    return [
        Pending(
            kind=Kind.MEETING,
            text=one.decision.text,
            owner=one.decision.owner,
            due=one.decision.due,
            since=one.meeting,
        )
        for one in meetings.open_decisions(meetings.meetings(store, code))
    ]


def _of_actions(store: SignalStore, code: str, today: date) -> list[Pending]:
    return [
        Pending(kind=Kind.ACTION, text=one.title, owner=one.owner, due=one.ends, since=one.starts)
        for one in actions.all_of(store, code)
        if one.status(today) in {Status.PLANNED, Status.GOING_ON}
    ]


def _of_promises(store: SignalStore, code: str, today: date) -> list[Pending]:
    return [
        Pending(kind=Kind.PROMISE, text=one.text, owner=joined(one.by), due=one.last, since=one.first)
        for one in promises.promises(store, code)
        if not promises.ended(one, today)
    ]


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
