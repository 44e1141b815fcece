"""Signals as rows of a table, in the one order that every list and export has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.signals.store import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lagesbild.signals.store import Signal

SEVERITIES: Mapping[Severity, str] = {
    Severity.MILD: "Lindrigt",
    Severity.SERIOUS: "Allvarligt",
    Severity.ACUTE: "Mycket allvarligt",
}
HEADS = ("Dag", "Kl.", "Slag", "Plats", "Ort", "Allvar", "Text", "Ledde till", "Öst", "Nord", "Nummer")


def rows_of(signals: Iterable[Signal]) -> list[tuple[str | float | None, ...]]:
    """Return signals as rows under `HEADS`; positions in SWEREF 99 TM (metres)."""
    return [
        (
            one.day.isoformat(),
            None if one.hour is None else f"{one.hour:02d}",
            one.kind,
            one.place if one.place != one.locality else "",
            one.locality,
            SEVERITIES[one.severity] if one.severity else "",
            one.text,
            one.outcome,
            one.x,
            one.y,
            one.id,
        )
        for one in signals
    ]
