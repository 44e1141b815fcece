"""A municipality that takes lists in: its places, kinds and outline, and what would come of a file."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from lagesbild.data.reference import outlines
from lagesbild.signals import importing, tables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lagesbild.signals.importing import Content, Field, Preview

TODAY = date(2026, 11, 29)
PLACES = {
    name.casefold(): name
    for name in ("Hallsberg", "Pålsboda", "Sköllersta", "Vretstorp", "Östansjö", "Hjortkvarn")
} | {"centrum": "Hallsberg", "hallsberg c": "Hallsberg"}
KINDS = ("Skadegörelse", "Klotter", "Buller", "Narkotika")
HALLSBERG = outlines()["1861"].rings


def screened(text: str) -> str:
    """Return what a screening would say of a text that names a telephone."""
    return "Texten har ett telefonnummer. Ta bort det." if "070" in text else ""


def salted(text: str) -> str:
    return sha256(b"salt" + text.encode()).hexdigest()[:16]


def judged(
    table: tables.Table,
    fields: Sequence[Field] | None = None,
    *,
    known: Mapping[str, Content] | None = None,
    answers: Mapping[str, str] | None = None,
    kinds: Collection[str] = KINDS,
    sender: str = "kommunen",
) -> Preview:
    """Return what would come of a table in Hallsberg."""
    return importing.preview(
        table,
        fields or importing.guess(table.columns, table.rows),
        place_names=PLACES,
        kinds=kinds,
        rings=HALLSBERG,
        today=TODAY,
        screen=screened,
        known=known or {},
        sender=sender,
        key=salted,
        answers=answers,
    )


def table(*rows: str) -> tables.Table:
    """Return a table of rows with semicolons, the headings first."""
    return tables.read("\n".join(rows).encode(), "lista.csv")


def taken(found: Preview) -> dict[str, Content]:
    """Return what is stored when the candidates are taken in."""
    return {candidate.key: candidate for candidate in found.candidates}
