"""The tree of crime types: what lies under what, and what a reader must know of a type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lagesbild.data import reference
from lagesbild.data.warehouse import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lagesbild.data.warehouse import Warehouse

#: The widest measure in each source; they count the same crimes.
KOLADA_TOTAL, SOL_TOTAL = "N07540", "SOL_TOTALT"
NOTES = {
    "effort": "Brottet upptäcks mest genom polisens eget arbete: fler anmälda brott kan betyda fler kontroller, inte fler brott.",
    "undercount": "Brottet saknar ofta känd plats och räknas då bara i riket: kommunens siffra är för låg.",
}


@dataclass(frozen=True, kw_only=True)
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
        return cls(
            [
                CrimeType(
                    id=row["id"],
                    parent_id=row["parent_id"],
                    title=row["title_sv"],
                    short=shorts.get(row["path"], row["title_sv"]),
                    path=row["path"],
                    level=row["level"],
                    monthly=row["monthly"],
                )
                for row in rows
            ]
        )

    def above(self, key: str) -> list[str]:
        """Return what a type lies under, the nearest first; empty for one that is not in the tree."""
        found: list[str] = []
        parent = self.types[key].parent_id if key in self.types else None
        while parent is not None and parent in self.types:
            found.append(parent)
            parent = self.types[parent].parent_id
        return found

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
        """Return the nearest chosen types below a type; below the total, all other roots.

        Types that say little, such as all crimes against the penal code, are split further.
        """
        found: list[str] = []
        for child in self._children.get(None if whole == SOL_TOTAL else whole, ()):
            if child == whole:
                continue
            inner = self.parts(child, chosen)
            is_part = child in chosen and (not inner or self.types[child].path not in _split_further())
            found += [child] if is_part else inner
        return found

    def note(self, key: str) -> str:
        """Return what a reader must know of a measure or of the type it lies under; empty if nothing."""
        return NOTES.get(self._kind_of_note(key), "")

    def by_police(self, key: str) -> bool:
        """Tell whether a crime is found mostly by the police's own work."""
        return self._kind_of_note(key) == "effort"

    def _kind_of_note(self, key: str) -> str:
        if (own := reference.composites().get(key)) is not None:
            return "effort" if own["police_driven"] == "ja" else ""
        item = self.types.get(key)
        while item is not None:
            if known := _note_of_path().get(item.path):
                return known
            item = self.types.get(item.parent_id or "")
        return _note_of_indicator().get(key, "")


@cache
def _split_further() -> frozenset[str]:
    return frozenset(row["path"] for row in reference.read_csv("crime_types.csv") if row["split"])


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
    own = reference.composites()
    if (made := own.get(whole)) is not None and made["minus"]:
        kept, removed = made["plus"], {made["minus"], *own.get(made["minus"], made)["plus"].split()}
        return whole, [key for key in parts_of(tree, kept, chosen)[1] if key not in removed]
    parts = tree.parts(whole, chosen) if whole in tree.types else []
    for key, row in own.items():
        members = set(row["plus"].split())
        if (
            row["minus"]
            or key not in chosen
            or not (key in parts or set(tree.parts(whole, members)) == members)
        ):
            continue
        # A sum stands for its members only where they are not known one by one; never beside one of them.
        parts = [part for part in parts if part != key and (part not in members or members <= set(parts))]
        if not members <= set(parts):
            parts.append(key)
    if not parts:
        listed = reference.read_csv("kolada_indicators.csv")
        parts = [row["id"] for row in listed if row["part_of"] == whole and row["id"] in chosen]
    return whole, parts
