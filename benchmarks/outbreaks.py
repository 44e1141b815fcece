"""Planted outbreaks in invented counties: how often they are flagged in their first month, and quiet years' false alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots.flags import BUDGET, flags, level_for
from lagesbild.hotspots.scan import Zones, straight
from lagesbild.hotspots.watching import LocalSeries, Look, Watched
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator

#: An invented county of twelve municipalities in rows 25 km apart; the home one has four neighbours.
CODES = tuple(f"99{n:02d}" for n in range(1, 13))
HOME, NEIGHBOURS = "9906", ("9902", "9905", "9907", "9910")
MONTHS = tuple(date(2023 + n // 12, n % 12 + 1, 1) for n in range(36))
SHUFFLES = 199


def county(level: float, seed: int) -> Watched:
    """Return a county where every municipality has ``level`` notices a month by chance, in three categories."""
    rng = np.random.default_rng(seed)
    share = np.array([0.2, 0.3, 0.5])[:, None, None]
    counts = rng.poisson(level * share, (3, len(MONTHS), len(CODES)))
    spots = np.array([(25.0 * (n % 4), 25.0 * (n // 4)) for n in range(len(CODES))])
    return Watched(
        home=HOME,
        codes=CODES,
        neighbours=NEIGHBOURS,
        months=MONTHS,
        categories=("stöld", "våld", "övrigt"),
        crimes_only=("stöld", "våld"),
        counts=counts,
        zones=Zones(straight(spots[:, 0], spots[:, 1]), 60.0),
        crimes=(),
        local=(signals(seed),),
    )


def signals(seed: int, a_week: float = 1.0, weeks: int = 104) -> LocalSeries:
    """Return signals by chance from eight localities."""
    rng = np.random.default_rng(seed)
    number_of = int(rng.poisson(a_week * weeks))
    return LocalSeries(
        localities=tuple(f"Provort {n}" for n in range(8)),
        start=date(2024, 1, 1),
        last=weeks - 1,
        weeks=rng.integers(0, weeks, number_of),
        where=rng.integers(0, 8, number_of),
    )


def level(found: Watched, budget: float = BUDGET) -> float:
    """Return the level that the budget gives in a county."""
    return level_for(found.history(shuffles=SHUFFLES), budget)


def tripled(found: Watched, seed: int) -> list[Look]:
    """Return the looks of the first of two months in which the home municipality has three times as many."""
    return _raised(found, [HOME], seed)


def wave(found: Watched, seed: int) -> list[Look]:
    """Return the looks of the first month of a wave that will move over three neighbours, a month in each."""
    return _raised(found, ["9902"], seed)


def _raised(found: Watched, codes: list[str], seed: int) -> list[Look]:
    rng = np.random.default_rng(seed)
    month, counts = len(MONTHS) - 1, found.counts.copy()
    usual = found.counts[:, :-1].mean(axis=(1, 2))
    for code in codes:
        counts[:, month, CODES.index(code)] = rng.poisson(3 * usual)
    return [
        look
        for look in replace(found, counts=counts).looks(month, SHUFFLES)
        if not look.findings or any(set(codes) & set(one.places) for one in look.findings)
    ]


def new_cluster(found: Watched, seed: int) -> list[Look]:
    """Return the weekly looks of a month in which six more signals come from one locality."""
    rng = np.random.default_rng(seed)
    (local,) = found.local
    weeks = np.append(local.weeks, rng.integers(local.last - 3, local.last + 1, 6))
    grown = replace(local, weeks=weeks, where=np.append(local.where, np.full(6, 3)))
    looks = [
        look
        for week in range(local.last - 3, local.last + 1)
        for look in found.local_looks(week, grown, SHUFFLES)
    ]
    return [
        replace(look, findings=tuple(f for f in look.findings if f.places == ("Provort 3",)))
        for look in looks
    ]


SCENARIOS = {
    "tre gånger så många i kommunen": tripled,
    "våg som börjar i en grannkommun": wave,
    "sex nya signaler i en ort": new_cluster,
}


def power(scenario: str, base: float, rounds: int = 200, budget: float = BUDGET) -> float:
    """Return the share of planted outbreaks that are flagged in their first month."""
    threshold = np.mean([level(county(base, 900 + n), budget) for n in range(3)])
    hits = 0
    for seed in range(rounds):
        looks = SCENARIOS[scenario](county(base, seed), 10_000 + seed)
        hits += bool(flags(looks, float(threshold)))
    return hits / rounds


def realised(base: float, years: int = 10, budget: float = BUDGET) -> float:
    """Return the flags a year of quiet years."""
    found = 0
    for seed in range(years):
        looks = county(base, 500 + seed).history(shuffles=SHUFFLES)
        found += len(flags(looks, level_for(looks, budget)))
    return found / years


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    for base in (2.0, 4.0, 6.0, 10.0):
        told = ", ".join(f"{name} {number(100 * power(name, base))} %" for name in SCENARIOS)
        quiet = number(realised(base), 1)
        yield (
            f"Larm vid {number(base)} notiser per kommun och månad och {number(BUDGET)} falska om året: {told}; "
            f"tio lugna år gav {quiet} om året"
        )
