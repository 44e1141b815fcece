"""The tree of crime types: what lies under what, and what a reader must know of a type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lagesbild import reference
from lagesbild.warehouse import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lagesbild.warehouse import Warehouse

#: The widest measure in each source; they count the same crimes.
KOLADA_TOTAL, SOL_TOTAL = "N07540", "SOL_TOTALT"
NOTES = {
    "effort": "Brottet upptäcks mest genom polisens eget arbete: fler anmälda brott kan betyda fler kontroller, inte fler brott.",
    "undercount": "Brottet saknar ofta känd plats och räknas då bara i riket: kommunens siffra är för låg.",
}


@dataclass(frozen=True)
class CrimeType:
    """A crime type: ``level`` is 0 at the root; ``short`` is its name in running text."""

    id: str
    parent_id: str | None
    title: str
    short: str
    path: str
    level: int
    monthly: bool


class Tree:
    """The crime types of a warehouse, in the order of BRÅ's tree; empty where it has not been fetched."""

    def __init__(self, types: Sequence[CrimeType]) -> None:
        self.types = {item.id: item for item in types}
        self._children: dict[str | None, list[str]] = {}
        for item in types:
            self._children.setdefault(item.parent_id, []).append(item.id)

    @classmethod
    def of(cls, warehouse: Warehouse) -> Tree:
        """Read the tree."""
        shorts = {row["path"]: row["short_sv"] for row in reference.read_csv("crime_types.csv")}
        rows = queries.crime_types(warehouse).iter_rows(named=True)
        return cls([
            CrimeType(row["id"], row["parent_id"], row["title_sv"], shorts.get(row["path"], row["title_sv"]), row["path"],
                      row["level"], row["monthly"])
            for row in rows
        ])  # fmt: skip

    def in_order(self, chosen: Collection[str]) -> list[tuple[str, int]]:
        """Return the chosen types in the tree's order, each with how many chosen ones lie above it."""
        found: list[tuple[str, int]] = []

        def walk(parent: str | None, depth: int) -> None:
            for child in self._children.get(parent, ()):
                if child in chosen:
                    found.append((child, depth))
                walk(child, depth + (child in chosen))

        walk(None, 0)
        return found

    def parts(self, whole: str, chosen: Collection[str]) -> list[str]:
        """Return the nearest chosen types below a type; below the total, all other roots."""
        if whole == SOL_TOTAL:
            roots = [key for key in self._children.get(None, ()) if key != SOL_TOTAL]
            return [
                part for root in roots for part in ([root] if root in chosen else self.parts(root, chosen))
            ]
        found: list[str] = []
        for child in self._children.get(whole, ()):
            found += [child] if child in chosen else self.parts(child, chosen)
        return found

    def note(self, key: str) -> str:
        """Return what a reader must know of a type or of the one it lies under; empty if nothing."""
        item = self.types.get(key)
        while item is not None:
            known = _note_of_path().get(item.path, "")
            if known:
                return NOTES[known]
            item = self.types.get(item.parent_id or "")
        return NOTES.get(_note_of_indicator().get(key, ""), "")


@cache
def _note_of_path() -> dict[str, str]:
    return {row["path"]: row["note"] for row in reference.read_csv("crime_types.csv") if row["note"]}


@cache
def _note_of_indicator() -> dict[str, str]:
    return {row["id"]: row["note"] for row in reference.read_csv("kolada_indicators.csv") if row["note"]}


def parts_of(tree: Tree, whole: str, chosen: Collection[str]) -> tuple[str, list[str]]:
    """Return the measure to split (BRÅ's for the total, where fetched) and the parts it can be split into."""
    if whole == KOLADA_TOTAL and SOL_TOTAL in chosen:
        whole = SOL_TOTAL
    parts = tree.parts(whole, chosen) if whole in tree.types else []
    if not parts:
        listed = reference.read_csv("kolada_indicators.csv")
        parts = [row["id"] for row in listed if row["part_of"] == whole and row["id"] in chosen]
    return whole, parts
