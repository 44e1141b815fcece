"""Everything watched for a municipality, one budget of false alarms, local signals included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from lagesbild import __version__
from lagesbild.data import reference
from lagesbild.data.collected import last_day
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.files.whole import write_whole
from lagesbild.hotspots import clusters, county, reported, together
from lagesbild.hotspots.clusters import Point
from lagesbild.hotspots.flags import (
    BUDGET,
    LEAST_BUDGET,
    LOCAL,
    MOST_BUDGET,
    Flag,
    FlagStatus,
    Levels,
    flags,
    gathered,
    grows_since,
    levels_for,
)
from lagesbild.hotspots.local import LocalSignals
from lagesbild.hotspots.quiet import YEARS, QuietYears
from lagesbild.hotspots.watching import Finding, WatchMethod
from lagesbild.signals.database import ChangedMeanwhileError
from lagesbild.signals.store import Decided

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.reported import Judged
    from lagesbild.hotspots.watching import Look, Watched
    from lagesbild.signals.store import Decision, Signal, SignalStore

#: What a coordinator can choose between: false alarms a year.
BUDGETS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 24.0)
#: Flags that were over longer ago than this are not listed.
_LISTED = timedelta(days=366)


def budget_of(store: SignalStore, code: str) -> float:
    """Return the false alarms a year that the coordinator accepts."""
    kept = store.setting(_budget_name(code))
    try:
        budget = float(kept) if kept else BUDGET
    except ValueError:
        return BUDGET
    return budget if LEAST_BUDGET <= budget <= MOST_BUDGET else BUDGET


def set_budget(store: SignalStore, code: str, budget: float, before: float | None = None) -> None:
    """Keep the budget; with ``before`` only if that is still the one that holds.

    Raises
    ------
    ValueError
        If it is outside what is possible; in Swedish.
    ChangedMeanwhileError
        If somebody else has chosen another.
    """
    if not LEAST_BUDGET <= budget <= MOST_BUDGET:
        raise ValueError("Larmbudgeten måste ligga mellan 0,5 och 24 om året.")
    if before is None:
        store.set(_budget_name(code), str(budget))
        return
    kept = store.setting(_budget_name(code))
    if budget_of(store, code) != before:
        raise ChangedMeanwhileError("Någon annan har just valt ett annat antal larm.")
    store.replace_setting(_budget_name(code), kept, str(budget))


def _budget_name(code: str) -> str:
    return f"alarm_budget:{code}"


def notices_watched(store: SignalStore, code: str) -> bool:
    """Tell whether the coordinator wants flags on police notices, too, though they foretell nothing."""
    return store.setting(_notices_name(code)) == "ja"


def watch_notices(store: SignalStore, code: str, *, wanted: bool) -> None:
    """Keep whether notices are to be flagged."""
    store.set(_notices_name(code), "ja" if wanted else "nej")


def _notices_name(code: str) -> str:
    return f"notice_alarms:{code}"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """All that is watched for a municipality up to a month.

    ``reported``: the total by quarter first, then crime types by month; ``neighbours``: whose totals are watched
    beside its own; ``notices`` only where they are asked for. ``clusters`` of signals: in the list, outside the budget.
    """

    home: str
    neighbours: tuple[str, ...]
    reported: tuple[Judged, ...]
    signals: LocalSignals | None = None
    notices: Watched | None = None
    clusters: tuple[Flag, ...] = ()

    @property
    def total(self) -> Judged | None:
        """The reported crimes in total, by quarter; None where they are not there."""
        return next((one for one in self.reported if one.crimes.per_year == 4), None)

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """Every look at everything, back to where the series begin (notices: two years)."""
        found: list[Look] = []
        for one in self.reported:
            found += reported_looks(one, self.home, self.neighbours)
        if self.notices is not None:
            found += self.notices.history(24)
        if self.signals is not None:
            found += self.signals.looks()
        return tuple(found)

    @cached_property
    def _in_county(self) -> dict[str, Judged | None]:
        return {one.crimes.key: reported.against_county(one, self.home[:2]) for one in self.reported}

    def against_county(self, flag: Flag) -> Finding | None:
        """Return a flag's most unusual step against the rest of the county instead of the country's.

        Tells whether it is the municipality or its county that rises. None for what is not a municipality's
        reported crimes, for another county's, and where the rest of the county says too little.
        """
        found = self._in_county.get(flag.key) if flag.method is WatchMethod.REPORTED else None
        at = found.of(flag.places[0]) if found is not None else None
        if found is None or at is None:
            return None
        step = found.crimes.steps.index(flag.most[0])
        return found.finding(at, step) if np.isfinite(found.p[at, step]) else None


def reported_looks(found: Judged, home: str, neighbours: Sequence[str]) -> list[Look]:
    """Return the looks at reported crimes: totals for the neighbours and the county's circles, too."""
    if found.crimes.per_year == 12:
        return reported.looks(found, [home])
    return [*reported.looks(found, [home, *neighbours]), *together.looks(found, home[:2])]


def watch_of(
    warehouse: Warehouse,
    home: str,
    until: date | None = None,
    signals: Sequence[Signal] = (),
    today: date | None = None,
    *,
    notices: bool = False,
    everything: Sequence[Judged] | None = None,
) -> Watch:
    """Return all that is watched for a municipality, up to a month (None: all there is).

    Parameters
    ----------
    signals
        Local signals, and ``today`` the day that they are looked at (weeks before it are whole).
    notices
        Whether police notices are watched, too.
    everything
        What `every_judged` returns, where somebody has it already.
    """
    judged = every_judged(warehouse) if everything is None else everything
    known = tuple(one.until(until) if until else one for one in judged if one.of(home) is not None)
    local = None
    dense: tuple[Flag, ...] = ()
    if signals and today is not None:
        end = min(today - timedelta(days=1), last_day(until)) if until else today - timedelta(days=1)
        local = LocalSignals.of([(s.day, s.locality, s.kind) for s in signals], end)
        dense = tuple(clusters_of(signals, end))
    geography = reference.geography()
    near = geography[home].neighbours if home in geography else ()
    return Watch(
        home=home,
        neighbours=tuple(near),
        reported=tuple(one for one in known if one.crimes.steps),
        signals=local,
        notices=county.watched(warehouse, home, until) if notices else None,
        clusters=dense,
    )


def clusters_of(signals: Sequence[Signal], end: date) -> list[Flag]:
    """Return the clusters of signals with a known position, up to the last whole week; none where they are too sparse."""
    points = [Point(s.id, s.day, s.x, s.y) for s in signals if s.x is not None and s.y is not None]
    weeks = clusters.weeks_until(end)
    if clusters.per_cell(points, weeks[-1]) < clusters.FEWEST_PER_CELL:
        return []
    told = {s.id: (s.locality, s.kind) for s in signals}
    return clusters.as_flags(clusters.tracked(points, weeks), points, told, weeks[-1])


def every_judged(warehouse: Warehouse) -> list[Judged]:
    """Return everything reported that is watched: the total by quarter, and each crime type by month."""
    found = []
    for key, per_year in [(SOL_TOTAL, 4), *((key, 12) for key in reported.monthly_types(warehouse))]:
        crimes = reported.of_warehouse(warehouse, key, per_year)
        if crimes is not None:
            found.append(reported.judged(crimes))
    return found


@dataclass(frozen=True)
class Overview:
    """The flags at a budget, the levels of p values it gives, whether all of it is spent, and what can be flagged.

    ``watches``: method and whose series.
    """

    budget: float
    levels: Levels
    spent: bool
    flags: tuple[Flag, ...]
    watches: frozenset[tuple[WatchMethod, str]] = frozenset()

    @classmethod
    def of(cls, watch: Watch, budget: float) -> Overview:
        """Return the flags of the last year."""
        looks = watch.looks
        if not looks:
            return cls(budget, Levels({}), spent=False, flags=watch.clusters)
        levels, spent = levels_of(watch, budget)
        # Each kind up to its own last step: signals go on after the quarters' figures have ended.
        last = _last_steps(looks)
        listed = tuple(flag for flag in flags(looks, levels) if last[flag.method] - flag.latest[0] <= _LISTED)
        recent = {
            (look.method, look.watched)
            for look in looks
            if look.usable and last[look.method] - look.when <= _LISTED
        }
        return cls(budget, levels, spent, (*listed, *watch.clusters), frozenset(recent))

    def public(self) -> tuple[Flag, ...]:
        """Return the flags that anyone may see: none from local signals."""
        return tuple(flag for flag in self.flags if flag.method not in LOCAL)


def _last_steps(looks: Sequence[Look]) -> dict[WatchMethod, date]:
    """Return the last step of each method's looks."""
    last: dict[WatchMethod, date] = {}
    for look in looks:
        last[look.method] = max(look.when, last.get(look.method, look.when))
    return last


def levels_of(watch: Watch, budget: float) -> tuple[Levels, bool]:
    """Return the levels at a budget, and whether all of it is spent."""
    looks = watch.looks
    last = _last_steps(looks)
    year = [look for look in looks if last[look.method] - look.when < _LISTED]
    return levels_for(year, budget, watch.signals.level_for if watch.signals else None)


def together_in(found: Sequence[Flag]) -> list[list[Flag]]:
    """Put flags together that rise together, in neighbouring places; local signals by their locality."""
    return gathered(found, {code: place.neighbours for code, place in reference.geography().items()})


def decided_over(flag: Flag, decisions: Sequence[Decision]) -> Decision | None:
    """Return the decision that closed or dismissed a flag; None where it stands open, or is more now than then."""
    if not decisions or decisions[0].decision not in {Decided.CLOSE, Decided.DISMISS}:
        return None
    return None if comes_back(flag, decisions) else decisions[0]


def comes_back(flag: Flag, decisions: Sequence[Decision]) -> bool:
    """Tell whether a flag was closed or dismissed and is clearly more now than it was then."""
    if not decisions or decisions[0].decision not in {Decided.CLOSE, Decided.DISMISS}:
        return False
    return grows_since(flag, _finding_then(decisions[0]))


def _finding_then(decision: Decision) -> Finding | None:
    then = decision.flag
    try:
        return Finding(
            places=tuple(then["places"]),
            length=int(then["steps"]),
            observed=int(then["observed"]),
            expected=float(then["expected"]),
            p_value=float(then["p_value"]),
            spread=float(then.get("spread", 1.0)),
        )
    except (KeyError, TypeError, ValueError):
        return None  # decided by an older version: nothing to hold the flag against


def is_open(flag: Flag, decisions: Sequence[Decision]) -> bool:
    """Tell whether a flag calls for somebody: not over, and not closed or dismissed by the coordinator."""
    return flag.status is not FlagStatus.OVER and decided_over(flag, decisions) is None


Measured = dict[float, tuple[float, float, float]]


def measured(watch: Watch, vintage: str, folder: Path, years: int = YEARS) -> Measured:
    """Return false alarms a year and their 95 % interval, by budget, on simulated quiet years.

    Takes seconds with many crime types, so kept in a file of the vintage, the code version and what is watched.
    """
    file = folder / f"{_fingerprint(watch, vintage, years)}.json"
    kept = _kept(file)
    if kept is not None:
        return kept
    quiet = quiet_years(watch, years)
    found = {budget: quiet.false_alarms(levels_of(watch, budget)[0]) for budget in BUDGETS}
    write_whole(file, json.dumps(found).encode())
    return found


def quiet_years(watch: Watch, years: int = YEARS, seed: int = 1) -> QuietYears:
    """Play out quiet years of all that is watched: each place keeps its share, each locality what it has had."""
    rng = np.random.default_rng(seed)
    found: list[Look] = []
    for one in watch.reported:
        drawn = reported.judged(reported.quiet(one, rng, years), reported.learnt(one))
        first = len(drawn.crimes.steps) - years * drawn.crimes.per_year
        found += [look for look in reported_looks(drawn, watch.home, watch.neighbours) if look.step >= first]
    if watch.signals is not None:
        drawn_signals = watch.signals.quiet(rng, years)
        first = drawn_signals.counts.shape[1] - 52 * years
        found += [look for look in drawn_signals.looks() if look.step >= first]
    return QuietYears.of(found, watch.notices, years, rng)


def is_measured(watch: Watch, vintage: str, folder: Path, years: int = YEARS) -> bool:
    """Tell whether `measured` has its answer ready."""
    return _kept(folder / f"{_fingerprint(watch, vintage, years)}.json") is not None


def _kept(file: Path) -> Measured | None:
    """Return what was measured before; None where there is nothing, or it is damaged and must be measured anew."""
    try:
        raw = json.loads(file.read_text("utf-8"))
        kept = {
            float(budget): (float(rate), float(low), float(high)) for budget, (rate, low, high) in raw.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return kept if set(kept) == set(BUDGETS) else None


def _fingerprint(watch: Watch, vintage: str, years: int) -> str:
    signals = watch.signals.counts.tobytes() if watch.signals else b""
    steps = [(one.crimes.key, one.crimes.steps[-1]) for one in watch.reported]
    told = repr((__version__, vintage, years, watch.home, steps, signals, watch.notices is not None))
    return f"quiet-{watch.home}-{sha256(told.encode()).hexdigest()[:12]}"
