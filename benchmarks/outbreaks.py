"""Planted outbreaks in invented counties: how often they are flagged in their first month, and quiet years' false alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots.flags import NOTICES, Levels, flags, level_for
from lagesbild.hotspots.local import LocalSignals
from lagesbild.hotspots.scan import Zones, straight
from lagesbild.hotspots.watching import ALL, LocalSeries, Look, Watched, WatchMethod, local_looks
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator

#: False alarms a year, as a coordinator may choose who also has signals.
BUDGET = 6.0
#: An invented municipality's localities, what share of its signals each has, and of what kinds they are.
LOCALITIES = ("Provby", "Provtorp", "Provsta", "Provnäs", "Provåsen", "Provhult")
SHARES = (0.6, 0.1, 0.1, 0.1, 0.06, 0.04)
KINDS = ("buller", "klotter", "skadegörelse", "narkotika", "ungdomar")
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
    )


def signals(seed: int, times: float = 1.0, weeks: int = 78, a_week: float = 6.0) -> LocalSignals:
    """Return a municipality's signals, 60 % from its main town, where the last four weeks have ``times`` as many."""
    rng = np.random.default_rng(seed)
    start, events = date(2024, 1, 1), []
    for week in range(weeks):
        for place, share in zip(LOCALITIES, SHARES, strict=True):
            grown = times if place == LOCALITIES[0] and week >= weeks - 4 else 1.0
            for _ in range(rng.poisson(a_week * share * grown)):
                day = start + timedelta(days=7 * week + int(rng.integers(7)))
                events.append((day, place, KINDS[int(rng.integers(len(KINDS)))]))
    found = LocalSignals.of(events, start + timedelta(days=7 * weeks - 1))
    assert found is not None
    return found


def surges_found(times: float, rounds: int = 20, budget: float = BUDGET, shared: int = 2) -> float:
    """Return the share of surges in the main town that are flagged in their four weeks, with ``1 / shared`` of a budget."""
    hits = 0
    for seed in range(rounds):
        found = signals(seed, times)
        level = found.level_for(budget / shared)[0]
        begun = found.week(found.counts.shape[1] - 4)
        hits += any(
            flag.places == (LOCALITIES[0],) and flag.most[0] >= begun
            for flag in flags(found.looks(), Levels({WatchMethod.SIGNALS: level}))
        )
    return hits / rounds


def village_found(more: int, rounds: int = 60, budget: float = BUDGET) -> tuple[float, float]:
    """Return the share of small rises in the smallest locality that are flagged: as signals are watched, and by a scan.

    ``more`` in each of the last two weeks. The scan holds each locality against its share of all, as notices are;
    both have the whole budget.
    """
    village, hits, by_scan = LOCALITIES[-1], 0, 0
    for seed in range(rounds):
        quiet = signals(seed)
        counts = quiet.counts.copy()
        counts[quiet.series.index((village, ALL)), -2:] += more
        grown, weeks = replace(quiet, counts=counts), counts.shape[1]
        begun = grown.week(weeks - 2)
        levels = Levels({WatchMethod.SIGNALS: quiet.level_for(budget)[0]})
        hits += any(
            flag.places == (village,) and flag.latest[0] >= begun for flag in flags(grown.looks(), levels)
        )
        levels = Levels({WatchMethod.LOCAL: level_for(_scanned(quiet, range(weeks - 52, weeks)), budget)})
        by_scan += any(
            village in flag.places and flag.latest[0] >= begun
            for flag in flags(_scanned(grown, range(weeks - 4, weeks)), levels)
        )
    return hits / rounds, by_scan / rounds


def _scanned(found: LocalSignals, weeks: range) -> list[Look]:
    events = [
        (found.week(int(week)), place)
        for counts, (place, kind) in zip(found.counts, found.series, strict=True)
        if kind == ALL
        for week in np.repeat(np.arange(counts.size), counts)
    ]
    series = LocalSeries.of(events, found.week(found.counts.shape[1]) - timedelta(days=1))
    assert series is not None
    return [look for week in weeks for look in local_looks(series, week, SHUFFLES)]


def level(found: Watched, budget: float = BUDGET) -> float:
    """Return the level that the budget gives in a county."""
    return level_for(found.history(shuffles=SHUFFLES), budget)


def _levels(level: float) -> Levels:
    return Levels(dict.fromkeys(NOTICES, level))


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


SCENARIOS = {
    "tre gånger så många i kommunen": tripled,
    "våg som börjar i en grannkommun": wave,
}


def power(scenario: str, base: float, rounds: int = 200, budget: float = BUDGET) -> float:
    """Return the share of planted outbreaks that are flagged in their first month."""
    threshold, hits = _threshold(base, budget), 0
    for seed in range(rounds):
        looks = SCENARIOS[scenario](county(base, seed), 10_000 + seed)
        hits += bool(flags(looks, _levels(threshold)))
    return hits / rounds


@cache
def _threshold(base: float, budget: float) -> float:
    """Return the level that three counties have on average, the same for every scenario."""
    return float(np.mean([level(county(base, 900 + n), budget) for n in range(3)]))


def realised(base: float, years: int = 10, budget: float = BUDGET) -> float:
    """Return the flags a year of quiet years."""
    found = 0
    for seed in range(years):
        looks = county(base, 500 + seed).history(shuffles=SHUFFLES)
        found += len(flags(looks, _levels(level_for(looks, budget))))
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
    for times in (1.0, 2.0, 3.0):
        yield (
            f"Lokala signaler, {number(times)} gånger så många i huvudorten under fyra veckor: "
            f"{number(100 * surges_found(times))} % flaggas"
        )
    for more in (2, 3):
        own, by_scan = village_found(more)
        yield (
            f"Lokala signaler, {number(2 * more)} nya på två veckor i en by: {number(100 * own)} % flaggas, "
            f"{number(100 * by_scan)} % med sökning på andelar"
        )
