"""Reported crimes by quarter or month, as the follow-up of an action needs them: a municipality beside its control."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.hotspots import reported
from lagesbild.hotspots.exports import titles_of
from lagesbild.signals import evaluation
from lagesbild.signals.actions import REST_OF_COUNTY, same
from lagesbild.signals.evaluation import Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.reported import ReportedCrimes
    from lagesbild.signals.actions import Action
    from lagesbild.signals.evaluation import Evaluation
    from lagesbild.signals.store import Signal


def measures(warehouse: Warehouse) -> dict[str, str]:
    """Return the measures of reported crime that can be followed, with their titles."""
    titles = titles_of(warehouse)
    return {key: titles.get(key, key) for key in (SOL_TOTAL, *reported.monthly_types(warehouse))}


def evaluated(
    action: Action,
    signals: Sequence[Signal],
    warehouse: Warehouse,
    home: str,
    today: date,
    names: Mapping[str, str],
) -> Evaluation:
    """Return what is known of an action's effect, by the signals or by the reported crimes that it is judged by.

    Parameters
    ----------
    signals
        All of the municipality's.
    names
        Of all municipalities by code.
    """
    if not action.measure:
        return evaluation.evaluate(action, signals, today)
    return evaluation.evaluate_reported(action, periods_of(warehouse, action, home, names), today)


def periods_of(warehouse: Warehouse, action: Action, home: str, names: Mapping[str, str]) -> list[Period]:
    """Return a municipality's reported crimes beside an action's control, oldest first; without what either lacks.

    Empty where the measure or the control is not stored.
    """
    per_year = 4 if action.measure == SOL_TOTAL else 12
    crimes = reported.of_warehouse(warehouse, action.measure, per_year)
    control = None if crimes is None else _control(crimes, action.control, home, names)
    if crimes is None or control is None or home not in crimes.codes:
        return []
    own = crimes.counts[crimes.codes.index(home)]
    return [
        Period(first=step, last=_last(step, 12 // per_year), place=int(place), control=int(beside))
        for step, place, beside in zip(crimes.steps, own, control, strict=True)
        if np.isfinite(place) and np.isfinite(beside)
    ]


def _control(
    crimes: ReportedCrimes, name: str, home: str, names: Mapping[str, str]
) -> NDArray[np.float64] | None:
    if name == REST_OF_COUNTY:
        county = crimes.in_county(home[:2])
        beside = [n for n, code in enumerate(county.codes) if code != home]
        return county.counts[beside].sum(axis=0) if beside else None  # nan where one of them is missing
    code = next((code for code, known in names.items() if same(known, name)), "")
    return crimes.counts[crimes.codes.index(code)] if code in crimes.codes else None


def _last(first: date, months: int) -> date:
    """Return the last day of a period of so many months."""
    beyond = first.month - 1 + months
    return date(first.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
