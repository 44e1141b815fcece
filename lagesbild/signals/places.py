"""Places that a signal can name: the municipality's localities, and those that the coordinator has added."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.signals import writing
from lagesbild.signals.positions import longitude_latitude, sweref
from lagesbild.signals.store import LONGEST_NAME, SignalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lagesbild.signals.database import Actor, LocalFile

KIND = "place"
#: A position farther than this (metres) from every locality's middle is in none of them.
NEAR_LOCALITY = 3_000.0
OUTSIDE = "utanför tätort"
#: What can be reported where the municipality has not made a list of its own.
DEFAULT_KINDS = (
    "Skadegörelse",
    "Klotter",
    "Störande ungdomar",
    "Bråk eller hot",
    "Narkotika",
    "Buller",
    "Farlig körning",
    "Nedskräpning",
    "Inbrott eller stöld",
    "Otrygg plats",
    "Annat",
)


@dataclass(frozen=True, kw_only=True)
class KnownPlace:
    """A place with a name, in a locality; ``x`` and ``y`` in SWEREF 99 TM (metres). ``id`` of an own one, else empty."""

    name: str
    locality: str
    x: float
    y: float
    id: str = ""
    version: int = 0


def known(
    local: LocalFile, code: str, localities: Iterable[tuple[str, float, float]]
) -> tuple[KnownPlace, ...]:
    """Return the places of a municipality: its own first, then localities (name, latitude, longitude)."""
    given = list(localities)
    x, y = sweref([one[2] for one in given], [one[1] for one in given])
    towns = tuple(
        KnownPlace(name=name, locality=name, x=east, y=north)
        for (name, _, _), east, north in zip(given, x, y, strict=True)
    )
    own = tuple(
        KnownPlace(
            name=record.data["name"],
            locality=record.data["locality"],
            x=record.data["x"],
            y=record.data["y"],
            id=record.id,
            version=record.version,
        )
        for record in local.records(code, KIND)
    )
    return (*own, *towns)


def names(places: Sequence[KnownPlace]) -> dict[str, str]:
    """Return the right spelling of every name by the name in small letters."""
    return {place.name.casefold(): place.name for place in reversed(places)}


def locality_at(places: Sequence[KnownPlace], x: float, y: float) -> str:
    """Return the locality of a position: the nearest one, or that it is in none."""
    towns = [place for place in places if not place.id]
    if not towns:
        return OUTSIDE
    nearest = min(towns, key=lambda place: math.hypot(place.x - x, place.y - y))
    return nearest.name if math.hypot(nearest.x - x, nearest.y - y) <= NEAR_LOCALITY else OUTSIDE


def add(
    local: LocalFile, code: str, name: str, x: float, y: float, places: Sequence[KnownPlace], actor: Actor
) -> None:
    """Add a place of one's own.

    Raises
    ------
    SignalError
        If it has no name, the name is taken, or it points out a person.
    """
    name = writing.checked(name, "Platsens namn", LONGEST_NAME, needed=True, one_line=True, error=SignalError)
    if name.casefold() in names(places):
        raise SignalError(f"{name} finns redan.")
    local.create(code, KIND, {"name": name, "locality": locality_at(places, x, y), "x": x, "y": y}, actor)


def metres(latitude: float, longitude: float) -> tuple[float, float]:
    """Return a position (degrees) in SWEREF 99 TM, whole metres."""
    x, y = sweref([longitude], [latitude])
    return round(x[0]), round(y[0])


def degrees(places: Sequence[KnownPlace]) -> list[tuple[float, float]]:
    """Return (longitude, latitude) of places."""
    longitudes, latitudes = longitude_latitude([p.x for p in places], [p.y for p in places])
    return list(zip(longitudes, latitudes, strict=True))


def kinds(local: LocalFile, code: str) -> tuple[str, ...]:
    """Return what can be reported in a municipality."""
    kept = local.setting(_kinds_name(code))
    return tuple(kept.split("\n")) if kept else DEFAULT_KINDS


def set_kinds(local: LocalFile, code: str, given: Sequence[str], before: Sequence[str]) -> None:
    """Keep what can be reported.

    Raises
    ------
    SignalError
        If nothing is left, or a kind is too long or points out a person.
    ChangedMeanwhileError
        If the list is no longer ``before``.
    """
    chosen = list(dict.fromkeys(filter(None, map(_kind, given))))
    if not chosen:
        raise SignalError("Skriv minst ett slag.")
    kept = (
        None if tuple(before) == DEFAULT_KINDS and not local.setting(_kinds_name(code)) else "\n".join(before)
    )
    local.replace_setting(_kinds_name(code), kept, "\n".join(chosen))


def _kind(given: str) -> str:
    what = f"Slaget ”{writing.cleaned(given, one_line=True)[:20]}”"
    return writing.checked(given, what, LONGEST_NAME, one_line=True, error=SignalError)


def _kinds_name(code: str) -> str:
    return f"kinds:{code}"
