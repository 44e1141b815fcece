"""A report from a phone: what was sent is checked and screened before any of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild.signals import places as known_places
from lagesbild.signals import positions
from lagesbild.signals.screening import Finding, masked, screen, told
from lagesbild.signals.store import LONGEST_TEXT, Severity, Signal, new_id
from lagesbild.signals.writing import cleaned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.signals.access import Person
    from lagesbild.signals.places import KnownPlace
    from lagesbild.signals.positions import Ring

#: How long ago something may have been seen that is reported by phone; older things come in by file or by hand.
OLDEST_DAYS = 60
#: A phone's clock may be a little ahead.
_AHEAD = timedelta(minutes=10)


class Outcome(StrEnum):
    """What became of a report."""

    KEPT = "kept"
    #: Something in it must be changed.
    REFUSED = "refused"
    #: A word may be a person's name: the one who reports says whether it is.
    ASKED = "asked"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered to one report: its own id, what became of it, why, and its text without what was found."""

    id: str
    outcome: Outcome
    message: str = ""
    field: str = ""
    text: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Around:
    """What reports are checked against: kinds, places, the municipality's outline, and the time.

    ``rings`` of (longitude, latitude); without any, every position is taken. ``now`` is Swedish time without time zone.
    """

    kinds: Sequence[str]
    places: Sequence[KnownPlace]
    rings: Sequence[Ring]
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)


class _RefusedError(Exception):
    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def read(sent: Mapping[str, Any], person: Person, around: Around) -> Signal | Reply:
    """Return the signal of a report, or what is to be answered instead.

    Parameters
    ----------
    sent
        ``id`` (made by the phone, so that what is sent twice is kept once), ``kind``, ``day`` and ``hour``, ``place``
        or ``latitude`` and ``longitude``, ``severity``, ``text``, and ``no_person``: the words that are no names.
    """
    own = str(sent.get("id", ""))[:64]
    try:
        if len(own) < 8:
            raise _RefusedError("id", "Rapporten saknar nummer. Ladda om sidan och försök igen.")
        text, question = _text(sent, around)
        if question:
            return question
        day, hour = _moment(sent, around.now)
        place, locality, x, y = _place(sent, around)
        return Signal(
            id=new_id(),
            day=day,
            hour=hour,
            kind=_kind(sent, around),
            locality=locality,
            place=place,
            x=x,
            y=y,
            severity=_severity(sent),
            text=text,
            reporter_id=person.id,
            outside_key=f"{person.id}:{own}",
        )
    except _RefusedError as error:
        return Reply(id=own, outcome=Outcome.REFUSED, message=str(error), field=error.name)


def _kind(sent: Mapping[str, Any], around: Around) -> str:
    kind = str(sent.get("kind", ""))
    if kind not in around.kinds:
        raise _RefusedError("kind", "Välj vad som har hänt.")
    return kind


def _severity(sent: Mapping[str, Any]) -> Severity:
    try:
        return Severity(int(sent.get("severity", 0)))
    except (ValueError, TypeError):
        raise _RefusedError("severity", "Välj hur allvarligt det är.") from None


def _moment(sent: Mapping[str, Any], now: datetime) -> tuple[date, int]:
    try:
        day = date.fromisoformat(str(sent.get("day", "")))
        hour = int(sent.get("hour", -1))
        moment = datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001 - Swedish time, as reported
    except (ValueError, TypeError):
        raise _RefusedError("day", "Ange dag och klockslag.") from None
    if moment > now + _AHEAD:
        raise _RefusedError("day", "Tiden har inte varit än. Ange när det hände.")
    if day < now.date() - timedelta(days=OLDEST_DAYS):
        raise _RefusedError(
            "day", f"Det är mer än {OLDEST_DAYS} dagar sedan. Kontakta samordnaren i stället."
        )
    return day, hour


def _place(sent: Mapping[str, Any], around: Around) -> tuple[str, str, float | None, float | None]:
    """Return the place's name, its locality, and where it is."""
    named = str(sent.get("place", "")).strip()
    if sent.get("latitude") is not None and sent.get("longitude") is not None:
        x, y = _position(sent, around)
        return _own_name(named, around), known_places.locality_at(around.places, x, y), x, y
    right = around.names.get(named.casefold()) or known_places.names(around.places).get(named.casefold())
    found = next((place for place in around.places if place.name == right), None)
    if found is None:
        raise _RefusedError("place", "Välj en plats ur listan, peka på kartan eller använd din position.")
    # The middle of a whole locality is no position; that of a place of one's own is.
    return (found.name, found.locality, found.x, found.y) if found.id else ("", found.locality, None, None)


def _own_name(named: str, around: Around) -> str:
    return known_places.names(around.places).get(named.casefold(), "")


def _position(sent: Mapping[str, Any], around: Around) -> tuple[float, float]:
    try:
        latitude, longitude = float(sent["latitude"]), float(sent["longitude"])
    except (ValueError, TypeError):
        raise _RefusedError("place", "Positionen går inte att läsa. Välj en plats ur listan.") from None
    west, south, east, north = positions.SWEDEN
    if south <= latitude <= north and west <= longitude <= east:  # beyond it there is nothing to transform
        x, y = known_places.metres(latitude, longitude)
        if positions.outside(around.rings, x, y) <= positions.NEAR:
            return x, y
    raise _RefusedError("place", "Positionen ligger utanför kommunen. Välj en plats ur listan.")


def _text(sent: Mapping[str, Any], around: Around) -> tuple[str, Reply | None]:
    """Return the text, and what must be asked or told about it first."""
    text = cleaned(str(sent.get("text", "")), one_line=True)
    if len(text) > LONGEST_TEXT:
        raise _RefusedError("text", f"Texten är för lång. Högst {LONGEST_TEXT} tecken.")
    not_names = sent.get("no_person")
    said = [str(word) for word in not_names] if isinstance(not_names, list) else []
    found = screen(text, allowed=[*(place.name for place in around.places), *said])
    if not found:
        return text, None
    certain = any(one.kind is not Finding.NAME for one in found)
    reply = Reply(
        id=str(sent.get("id", ""))[:64],
        outcome=Outcome.REFUSED if certain else Outcome.ASKED,
        message=told(found),
        field="text",
        text=masked(text, found),
        words=tuple(one.text for one in found),
    )
    return text, reply
