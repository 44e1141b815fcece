"""Heavy work in turn: so many at once, a line of bounded length, nobody with more than a few places in it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BusyError", "Turns"]

#: Seconds between two tellings of one's place: a visit that has ended is found out then.
AGAIN = 1.0


class BusyError(ExplainedError):
    """There is no place left in the line; the message is Swedish."""


@dataclass(eq=False)
class _Ticket:
    who: str
    first: bool


@dataclass(frozen=True, kw_only=True)
class Turns:
    """A line before something heavy, in this process; safe to use from many threads.

    Attributes
    ----------
    at_once
        How many work at the same time.
    most, most_of_one
        How many may wait and work, together and of one key.
    """

    at_once: int
    most: int
    most_of_one: int
    _line: list[_Ticket] = field(default_factory=list, repr=False, compare=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False, compare=False)

    @contextmanager
    def turn(
        self, who: str, told: Callable[[int], None] = lambda _: None, *, first: bool = False
    ) -> Iterator[None]:
        """Wait for one's turn, and have it.

        Parameters
        ----------
        who
            Whose place it is.
        told
            Called again and again while one waits, with how many are before one (1 or more); what it raises gives up the
            place.
        first
            Before those who are not, though never before who works already.

        Raises
        ------
        BusyError
            If the line is full, or who has too many places in it.
        """
        ticket = self._placed(who, first=first)
        try:
            self._wait(ticket, told)
            yield
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _placed(self, who: str, *, first: bool) -> _Ticket:
        with self._changed:
            if sum(ticket.who == who for ticket in self._line) >= self.most_of_one:
                raise BusyError("Det du redan har begärt görs just nu. Vänta tills det är klart.")
            if len(self._line) >= self.most:
                raise BusyError("Många begär dokument och bilder just nu. Försök igen om en stund.")
            ticket = _Ticket(who, first)
            at = len(self._line)
            if first:
                waiting = (n for n in range(self.at_once, at) if not self._line[n].first)
                at = next(waiting, at)
            self._line.insert(at, ticket)
            return ticket

    def _wait(self, ticket: _Ticket, told: Callable[[int], None]) -> None:
        while True:
            with self._changed:
                before = self._line.index(ticket) - self.at_once + 1
            if before <= 0:
                return
            told(before)  # outside the lock: it may take its time, and may end the reader's visit
            with self._changed:
                if self._line.index(ticket) - self.at_once + 1 == before:
                    self._changed.wait(AGAIN)
