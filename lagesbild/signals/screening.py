"""What in a text points at a person, found before anything is stored (the GDPR's article 10).

The texts are shown back to who typed them, with what was found. A name is a guess, and may be said to be no
person; everything else is told by its form and is never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from lagesbild.signals import names, personal
from lagesbild.signals.plain import plain
from lagesbild.swedish import joined, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence


class Finding(StrEnum):
    """What points at a person."""

    PERSONAL_NUMBER = "personal_number"
    PHONE = "phone"
    EMAIL = "email"
    REGISTRATION = "registration"
    FLAT = "flat"
    NAME = "name"


#: What a reader calls them.
TITLES: Mapping[Finding, str] = {
    Finding.PERSONAL_NUMBER: "Personnummer",
    Finding.PHONE: "Telefonnummer",
    Finding.EMAIL: "E-postadress",
    Finding.REGISTRATION: "Registreringsnummer",
    Finding.FLAT: "Lägenhetsnummer",
    Finding.NAME: "Namn",
}
_MASKS: Mapping[Finding, str] = {
    Finding.PERSONAL_NUMBER: "[personnummer]",
    Finding.PHONE: "[telefon]",
    Finding.EMAIL: "[e-post]",
    Finding.REGISTRATION: "[regnummer]",
    Finding.FLAT: "[lägenhet]",
    Finding.NAME: "[namn]",
}
#: In the order in which they claim what they share: an address holds a name, a flat's number looks like a plate.
_FINDERS: Mapping[Finding, Callable[[str], Iterable[personal.Span]]] = {
    Finding.EMAIL: personal.emails,
    Finding.PERSONAL_NUMBER: personal.personal_numbers,
    Finding.PHONE: personal.phones,
    Finding.FLAT: personal.flats,
    Finding.REGISTRATION: personal.registrations,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """A part of a text that points at a person: ``text[start:end]`` as it was typed."""

    kind: Finding
    start: int
    end: int
    text: str

    @property
    def certain(self) -> bool:
        """Tell whether the form alone says what it is; a name may be said to be no person."""
        return self.kind is not Finding.NAME


def screen(text: str, *, allowed: Collection[str] = ()) -> tuple[Found, ...]:
    """Return what in a text points at a person, in order and without overlaps.

    Parameters
    ----------
    text
        Free text as it was typed, of any length; the time grows with the length and no faster.
    allowed
        Names that are no persons (localities, streets, what the reporter said was no person), in any case; also
        with a genitive s.
    """
    read = plain(text)
    taken: list[tuple[int, int, Finding]] = []
    for kind, spans in _FINDERS.items():
        _claim(taken, kind, spans(read.text))
    no_persons = _folded(frozenset(allowed))
    persons = names.find(read.text, no_persons)
    _claim(taken, Finding.NAME, (at for at in persons if read.text[slice(*at)].casefold() not in no_persons))
    return tuple(
        Found(kind=kind, start=start, end=end, text=text[start:end])
        for start, end, kind in ((*read.span(start, end), kind) for start, end, kind in sorted(taken))
    )


@lru_cache(maxsize=64)  # a municipality's thousand places are the same for every text
def _folded(allowed: frozenset[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in allowed)


def _claim(taken: list[tuple[int, int, Finding]], kind: Finding, spans: Iterable[personal.Span]) -> None:
    """Add what a finder found, except where something before it lies."""
    # one pass of two sorted rows: a hostile text has thousands of findings
    others = iter(sorted(taken))
    other = next(others, None)
    free_from = 0
    for start, end in sorted(spans):
        while other is not None and other[1] <= start:
            other = next(others, None)
        if start >= free_from and (other is None or end <= other[0]):
            taken.append((start, end, kind))
            free_from = end


def masked(text: str, found: Sequence[Found]) -> str:
    """Return the text with what was found replaced by what it is: ``[personnummer]``."""
    pieces: list[str] = []
    at = 0
    for one in sorted(found, key=lambda one: one.start):
        pieces += [text[at : one.start], _MASKS[one.kind]]
        at = one.end
    return "".join([*pieces, text[at:]])


#: One of them, and the word for several.
_COUNTED: Mapping[Finding, tuple[str, str]] = {
    Finding.PERSONAL_NUMBER: ("ett personnummer", "personnummer"),
    Finding.PHONE: ("ett telefonnummer", "telefonnummer"),
    Finding.EMAIL: ("en e-postadress", "e-postadresser"),
    Finding.REGISTRATION: ("ett registreringsnummer", "registreringsnummer"),
    Finding.FLAT: ("ett lägenhetsnummer", "lägenhetsnummer"),
}
_MOST_NAMES = 3


def told(found: Sequence[Found], *, subject: str = "Texten", instead: str = "beskriv platsen") -> str:
    """Return one Swedish sentence to who typed it: what was found, and what to do; nothing if nothing was.

    Only names are repeated, since they are to be judged.

    Parameters
    ----------
    subject
        What the text is called, with a capital.
    instead
        What to write instead: an imperative and what it is about.
    """
    counts = {kind: sum(one.kind is kind for one in found) for kind in _COUNTED}
    certain = [_counted(kind, count) for kind, count in counts.items() if count]
    persons = list(dict.fromkeys(one.text for one in found if one.kind is Finding.NAME))
    if not certain and not persons:
        return ""
    parts = [*certain, f"kanske {_named(persons)}"] if persons else certain
    return f"{subject} innehåller {joined(parts)}: {_what_to_do(bool(certain), len(persons), instead)}."


def _what_to_do(certain: bool, persons: int, instead: str) -> str:
    if not persons:
        return f"ta bort det, eftersom det pekar ut en person, och {instead} i stället"
    if certain:
        return (
            "ta bort det som pekar ut en person, men ett namn som inte är en person får stå om du svarar det"
        )
    if persons == 1:
        return "ta bort det, eller svara att det inte är någon person"
    return "ta bort dem, eller svara att de inte är personer"


def _counted(kind: Finding, count: int) -> str:
    one, several = _COUNTED[kind]
    return one if count == 1 else f"{spelled(count)} {several}"


def _named(persons: Sequence[str]) -> str:
    shown = [f"”{person}”" for person in persons[:_MOST_NAMES]]
    if len(persons) > _MOST_NAMES:
        shown.append("fler")
    return f"{'ett namn' if len(persons) == 1 else 'namn'} ({joined(shown)})"
