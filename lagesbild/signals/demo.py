"""A demonstration: invented signals, persons, an action and a meeting, in a local file of their own.

They never lie beside what is real: the file is another, and every page says what it is.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.signals import access, places
from lagesbild.signals.access import Role
from lagesbild.signals.database import Actor
from lagesbild.signals.store import Severity, Signal, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.access import Person
    from lagesbild.signals.places import KnownPlace
    from lagesbild.signals.store import SignalStore

#: What stands before everything that is invented.
MARK = "DEMO"
NAMES = ("demo samordnare", "demo läsare", "demo väktare 1", "demo väktare 2", "demo fritidsledare")
_WEEKS, _A_WEEK = 60, 9.0
#: Of the last weeks so many have a trouble spot that grows.
_GROWS = 5
_TEXTS = ("Trasig lampa", "Högljutt sällskap", "Glas på marken", "Ny klotterbild", "Mopeder på gångvägen", "")
_INVENTED = Actor(person_id="", name=MARK.lower())


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was made: how many signals, the coordinator's name and password, and a reporter's secret link."""

    signals: int
    name: str
    password: str
    link: str


def fill(store: SignalStore, code: str, towns: Sequence[tuple[str, float, float]], today: date) -> Filled:
    """Fill an empty demonstration file.

    Parameters
    ----------
    towns
        The municipality's localities (name, latitude, longitude), the largest first.
    """
    store.set("invented", "ja")
    known = places.known(store, code, towns)
    for n, name in enumerate(("torget", "stationen", "skolgården")):
        middle = known[min(n, len(known) - 1)]
        places.add(store, code, f"{MARK} {name}", middle.x + 120 * n, middle.y + 90, known, _INVENTED)
    known = places.known(store, code, towns)
    people = [
        access.add(store, name, [role], _INVENTED)
        for name, role in zip(NAMES, (Role.COORDINATOR, Role.VIEWER, *[Role.REPORTER] * 3), strict=True)
    ]
    signals = _signals(known, people[2:], today)
    store.report(code, signals, _INVENTED)
    password = secrets.token_urlsafe(12)
    access.set_password(store, people[0].name, password, _INVENTED)
    return Filled(
        signals=len(signals),
        name=people[0].name,
        password=password,
        link=access.new_link(store, people[2], _INVENTED),
    )


def _signals(known: Sequence[KnownPlace], reporters: Sequence[Person], today: date) -> list[Signal]:
    rng, found = np.random.default_rng(2026), []
    towns = [place for place in known if not place.id]
    shares = np.array([0.55, *[0.45 / max(len(towns) - 1, 1)] * (len(towns) - 1)])[: len(towns)]
    for week in range(_WEEKS):
        monday = today - timedelta(days=today.weekday() + 7 * (_WEEKS - 1 - week))
        for _ in range(rng.poisson(_A_WEEK)):
            town = towns[int(rng.choice(len(towns), p=shares / shares.sum()))]
            found.append(_one(rng, town, monday, reporters, spread=350.0))
        spot = next(place for place in known if place.id)
        more = 3 * max(0, week - (_WEEKS - 1 - _GROWS))
        found += [_one(rng, spot, monday, reporters, spread=50.0) for _ in range(more)]
    return [one for one in found if one.day <= today]


def _one(
    rng: np.random.Generator, place: KnownPlace, monday: date, reporters: Sequence[Person], *, spread: float
) -> Signal:
    text = _TEXTS[int(rng.integers(len(_TEXTS)))]
    return Signal(
        id=new_id(),
        day=monday + timedelta(days=int(rng.choice(7, p=[0.1, 0.1, 0.1, 0.12, 0.24, 0.24, 0.1]))),
        hour=int(rng.normal(22, 3)) % 24,
        kind=places.DEFAULT_KINDS[int(rng.integers(len(places.DEFAULT_KINDS) - 1))],
        locality=place.locality,
        place=place.name if place.id else "",
        x=round(place.x + float(rng.normal(0, spread))),
        y=round(place.y + float(rng.normal(0, spread))),
        severity=Severity(int(rng.choice(3, p=[0.6, 0.33, 0.07])) + 1),
        text=f"{MARK}: {text.lower()}" if text else "",
        reporter_id=reporters[int(rng.integers(len(reporters)))].id,
    )
