"""Invented signals: a small town with a trouble spot that grows, reported by a few people and a housing company."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from lagesbild.signals.store import Severity, Signal

MONDAY = date(2026, 11, 16)
#: The middle of the trouble spot, in SWEREF 99 TM.
SPOT = (511_600.0, 6_547_200.0)
KINDS = ("klotter", "buller", "nedskräpning", "skadegörelse", "otrygg plats")
PLACES = {
    "Provby": (511_000.0, 6_547_000.0),
    "Provtorp": (516_000.0, 6_550_000.0),
    "Provåsen": (505_000.0, 6_541_000.0),
}


def signal(n: int, day: date, **fields: object) -> Signal:
    """Return an invented signal."""
    told = {
        "kind": "klotter",
        "locality": "Provby",
        "reporter_id": "a",
        "hour": 20,
        "severity": Severity.MILD,
    }
    return Signal(id=f"s{n:05d}", day=day, **(told | fields))  # type: ignore[arg-type]


def town(weeks: int = 60, each: int = 14, seed: int = 3) -> list[Signal]:
    """Return signals of so many weeks up to and with that of `MONDAY`; the trouble spot begins four weeks before its end."""
    rng = np.random.default_rng(seed)
    found: list[Signal] = []
    for back in range(weeks - 1, -1, -1):
        monday = MONDAY - timedelta(days=7 * back)
        for _ in range(int(rng.poisson(each))):
            found.append(_scattered(rng, len(found), monday))
        for _ in range({3: 2, 2: 3, 1: 4, 0: 6}.get(back, 0)):
            day = monday + timedelta(days=int(rng.integers(7)))
            x, y = (float(at + rng.normal(0, 40)) for at in SPOT)
            found.append(
                signal(len(found), day, kind="skadegörelse", x=x, y=y, hour=int(rng.integers(18, 24)))
            )
    return found


def _scattered(rng: np.random.Generator, n: int, monday: date) -> Signal:
    locality = str(rng.choice(list(PLACES), p=[0.7, 0.2, 0.1]))
    x, y = (float(at + rng.normal(0, 450)) for at in PLACES[locality])
    who = int(rng.integers(7))
    return signal(
        n,
        monday + timedelta(days=int(rng.integers(7))),
        kind=str(rng.choice(KINDS, p=[0.35, 0.25, 0.2, 0.12, 0.08])),
        locality=locality,
        x=x,
        y=y,
        hour=int(rng.choice([9, 14, 18, 20, 22, 23])) if rng.random() < 0.8 else None,
        reporter_id=f"person{who}" if who < 6 else "",
        batch_id="" if who < 6 else "b1",
    )
