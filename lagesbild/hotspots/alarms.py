"""What is flagged for a municipality right now: everything watched, one budget of false alarms, local signals included."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from lagesbild import __version__
from lagesbild.data.collected import last_day
from lagesbild.hotspots import county
from lagesbild.hotspots.flags import BUDGET, LEAST_BUDGET, MOST_BUDGET, Flag, FlagStatus, flags, level_for
from lagesbild.hotspots.quiet import YEARS, quiet_years
from lagesbild.hotspots.watching import LEAST_UNUSUAL, LocalSeries, WatchMethod
from lagesbild.signals.store import Decided

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.watching import Look, Watched
    from lagesbild.signals.store import Decision, Signal, SignalStore

#: What a coordinator can choose between: false alarms a year.
BUDGETS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 24.0)


def budget_of(store: SignalStore, code: str) -> float:
    """Return the false alarms a year that the coordinator accepts."""
    kept = store.setting(_budget_name(code))
    try:
        budget = float(kept) if kept else BUDGET
    except ValueError:
        return BUDGET
    return budget if LEAST_BUDGET <= budget <= MOST_BUDGET else BUDGET


def set_budget(store: SignalStore, code: str, budget: float) -> None:
    """Keep the budget.

    Raises
    ------
    ValueError
        If it is outside what is possible; in Swedish.
    """
    if not LEAST_BUDGET <= budget <= MOST_BUDGET:
        raise ValueError("Larmbudgeten måste ligga mellan 0,5 och 24 om året.")
    store.set(_budget_name(code), str(budget))


def _budget_name(code: str) -> str:
    return f"alarm_budget:{code}"


def watched_with(
    warehouse: Warehouse, signals: Sequence[Signal], home: str, until: date | None, today: date
) -> Watched | None:
    """Return what is watched, local signals as localities week by week; None without notices."""
    found = county.watched(warehouse, home, until)
    if found is None or not signals:
        return found
    end = min(today - timedelta(days=1), last_day(until)) if until else today - timedelta(days=1)
    local = LocalSeries.of([(signal.day, signal.locality) for signal in signals], end, WatchMethod.SIGNALS)
    return replace(found, local=(*found.local, local)) if local else found


@dataclass(frozen=True)
class Overview:
    """The flags at a budget, the level of p values it gives, and what can be flagged at all (method and whose)."""

    budget: float
    level: float
    flags: tuple[Flag, ...]
    watches: frozenset[tuple[WatchMethod, str]] = frozenset()

    @classmethod
    def of(cls, looks: Sequence[Look], budget: float) -> Overview:
        """Return the flags of a year of looks."""
        level = level_for(looks, budget)
        watches = frozenset((look.method, look.watched) for look in looks if look.attainable.size)
        return cls(budget, level, tuple(flags(looks, level)), watches)

    @property
    def spent(self) -> bool:
        """Whether all of the budget can be used: False where even the mildest level gives fewer false alarms."""
        return self.level < LEAST_UNUSUAL

    def public(self) -> tuple[Flag, ...]:
        """Return the flags that anyone may see: none from local signals."""
        return tuple(flag for flag in self.flags if flag.method is not WatchMethod.SIGNALS)


def status_of(flag: Flag, decisions: Sequence[Decision]) -> FlagStatus:
    """Return where a flag is in its life; closed when the coordinator has closed or dismissed it."""
    if decisions and decisions[0].decision in {Decided.CLOSE, Decided.DISMISS}:
        return FlagStatus.CLOSED
    return flag.status


Measured = dict[float, tuple[float, float, float]]


def measured(watched: Watched, vintage: str, folder: Path, years: int = YEARS) -> Measured:
    """Return false alarms a year and their 95 % interval, by budget, on simulated quiet years.

    Slow (a second or more a year), so kept in a file of the vintage, the code version and what is watched.
    """
    file = folder / f"{_fingerprint(watched, vintage, years)}.json"
    kept = _kept(file)
    if kept is not None:
        return kept
    quiet = quiet_years(watched, years)
    found = {budget: quiet.false_alarms(budget) for budget in BUDGETS}
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(found), "utf-8")
    part.replace(file)
    return found


def is_measured(watched: Watched, vintage: str, folder: Path, years: int = YEARS) -> bool:
    """Tell whether `measured` has its answer ready."""
    return _kept(folder / f"{_fingerprint(watched, vintage, years)}.json") is not None


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


def _fingerprint(watched: Watched, vintage: str, years: int) -> str:
    local = [(one.method, one.last, one.weeks.tobytes(), one.where.tobytes()) for one in watched.local]
    told = repr((__version__, vintage, years, watched.home, watched.months[-1], local))
    return f"quiet-{watched.home}-{sha256(told.encode()).hexdigest()[:12]}"
