"""Taking a sender's list of signals in: what is stored already, what each column means, and the import that can be undone."""

from __future__ import annotations

import hmac
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from lagesbild.signals import importing, places, screening, writing
from lagesbild.signals.fields import Field, guess
from lagesbild.signals.importing import Content, Judged, Preview, State
from lagesbild.signals.store import LONGEST_NAME, TEXT_DAYS, Severity, Signal, SignalError, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.signals.database import Actor
    from lagesbild.signals.places import KnownPlace
    from lagesbild.signals.positions import Ring
    from lagesbild.signals.store import Batch, SignalStore
    from lagesbild.signals.tables import Table


def sender_of(given: str) -> str:
    """Return the name of who sends lists as it is kept; empty where there is none.

    Raises
    ------
    SignalError
        If it is too long, or points out a person.
    """
    return writing.checked(given, "Avsändaren", LONGEST_NAME, one_line=True, error=SignalError)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What lists are held against: a municipality's stored signals, its places and outline, and today.

    ``names_allowed`` says that words that look like names of persons are none; numbers and addresses are refused anyhow.
    """

    store: SignalStore
    code: str
    places: Sequence[KnownPlace]
    rings: Sequence[Ring]
    today: date
    names_allowed: bool = False

    def columns(self, table: Table, sender: str) -> tuple[Field, ...]:
        """Return what each column means: as it was chosen last for this sender, else as it seems."""
        kept = self.store.mapping(self.code, sender)
        if kept and set(kept) >= set(table.columns):
            return tuple(Field(kept[name]) for name in table.columns)
        return guess(table.columns, table.rows)

    def preview(
        self, table: Table, fields: Sequence[Field], sender: str, answers: Mapping[str, str] | None = None
    ) -> Preview:
        """Judge every row against what is stored; nothing is written."""
        found = importing.preview(
            table,
            fields,
            place_names=places.names(self.places),
            kinds=self._kinds,
            rings=self.rings,
            today=self.today,
            screen=self._screened,
            known=self._known,
            sender=sender,
            key=self._key,
            answers=answers,
        )
        return replace(found, rows=tuple(map(self._without_old_text, found.rows)))

    def take_in(
        self, found: Preview, table: Table, fields: Sequence[Field], sender: str, actor: Actor
    ) -> Batch:
        """Store what is new and what is changed as one import, and remember what the columns mean.

        Raises
        ------
        SignalError
            As for `sender_of`.
        """
        sender = sender_of(sender)
        self.store.keep_mapping(
            self.code, sender, {name: str(one) for name, one in zip(table.columns, fields, strict=True)}
        )
        return self.store.take_in(self.code, sender, map(self._signal, found.candidates), actor)

    @cached_property
    def _stored(self) -> list[Signal]:
        return self.store.signals(self.code, self.today)

    @cached_property
    def _kinds(self) -> list[str]:
        """Kinds in use: those on the list, and those of signals that are stored."""
        used = Counter(signal.kind for signal in self._stored)
        return list(dict.fromkeys([*places.kinds(self.store, self.code), *used]))

    @cached_property
    def _known(self) -> dict[str, Content]:
        return {
            one.outside_key: Content(
                day=one.day,
                hour=one.hour,
                kind=one.kind,
                place=one.place,
                x=one.x,
                y=one.y,
                severity=one.severity,
                text=one.text,
            )
            for one in self._stored
            if one.outside_key
        }

    @cached_property
    def _salt(self) -> bytes:
        return self.store.salt()

    def _key(self, told: str) -> str:
        return hmac.digest(self._salt, f"{self.code}\x1f{told}".encode(), "sha256").hex()[:32]

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return frozenset(place.name for place in self.places)

    def _screened(self, text: str) -> str:
        found = screening.screen(text, allowed=self._allowed)
        return screening.told([one for one in found if one.certain or not self.names_allowed])

    def _without_old_text(self, judged: Judged) -> Judged:
        """Leave out a text whose time is over: it would be deleted at once, and would change a row that says the same."""
        if judged.candidate.day >= self.today - timedelta(days=TEXT_DAYS):
            return judged
        same = judged.state is State.CHANGED and judged.changed == (Field.TEXT,)
        return replace(
            judged,
            candidate=replace(judged.candidate, text=""),
            state=State.UNCHANGED if same else judged.state,
        )

    def _signal(self, one: importing.Candidate) -> Signal:
        known = next((place for place in self.places if place.name == one.place), None)
        x, y = one.x, one.y
        if x is None and known and known.id:
            x, y = known.x, known.y
        positioned = x is not None and y is not None
        locality = known.locality if known else ""
        if not locality and positioned:
            locality = places.locality_at(self.places, float(x or 0), float(y or 0))
        return Signal(
            id=new_id(),
            day=one.day,
            hour=one.hour,
            kind=one.kind,
            locality=locality or places.OUTSIDE,
            place=one.place,
            x=x,
            y=y,
            severity=Severity(one.severity) if one.severity else None,
            text=one.text,
            outside_key=one.key,
        )
