"""BRÅ's SOL with invented figures that are different everywhere, for the invented municipalities."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

from lagesbild.data import reference
from pipelines.sources import bra_sol
from tests import world
from tests.sources.sol_server import Node, Sol, Table


def nodes_of(paths: list[str], extra: list[tuple[str, ...]] = []) -> list[Node]:  # noqa: B006
    """Return the tree that the paths span; names may hold commas, so known paths tell the parts."""
    known = sorted(paths, key=len)
    found: dict[str, tuple[str, ...]] = {}
    for path in known:
        parents = [p for p in found if path.startswith(p + ", ")]
        above = max(parents, key=len, default=None)
        found[path] = (*found[above], path[len(above) + 2 :]) if above else (path,)
    return [Node(path) for path in [*found.values(), *extra]]


def value(node: Node, area: str, year: int, month: int | None) -> int | str:
    """Invented figures: stable, different everywhere, with some withheld."""
    seed = zlib.crc32(f"{year!r}, {month!r})".encode(), _seed(node.path, area)) & 0xFFFF
    return ".." if seed % 97 == 0 else "-" if seed % 101 == 0 else seed % 3000


@cache
def _seed(path: tuple[str, ...], area: str) -> int:
    """The checksum so far: hundreds of thousands of figures begin alike."""
    return zlib.crc32(f"({path!r}, {area!r}, ".encode())


#: A municipality that has changed county, as Heby has, and the year from which it is in the new one.
MOVED, MOVED_IN = "0102", 2007
_MONTH_ONLY: list[tuple[str, ...]] = [("Brott mot brottsbalken", "22 kap. Om landsförräderi m.m.")]


def areas_of(municipalities: dict[str, str]) -> list[tuple[str, str]]:
    """Return the areas of menu 101 and 90: flat, "X kommun", one municipality twice, districts among them."""
    found = [f"{name} kommun" for code, name in municipalities.items() if code != MOVED]
    if MOVED in municipalities:
        moved = municipalities[MOVED]
        found += [
            f"{moved} kommun (Uppsala län from {MOVED_IN})",
            f"{moved} kommun (Västmanlands län tom {MOVED_IN - 1})",
        ]
    districts = ["Provstad, norra stadsdelen (Prv)", "Provhamn stadsdel (upphörde 2021-01-01)"]
    return [(name, "") for name in ("Hela landet", *found, *districts)]


@cache
def municipality_of(area: str) -> tuple[str | None, int, int]:
    """Return the code that an area stands for (0000 = the country, None for others) and its first and last year."""
    name, _, years = area.partition(" (")
    first, last = (MOVED_IN, 9999) if "from" in years else (0, MOVED_IN - 1) if "tom" in years else (0, 9999)
    return _codes().get(name), first, last


@cache
def _persons(area: str) -> float:
    code, _, _ = municipality_of(area)
    return world.people().get((code or "", 2024), 10_000_000)


@cache
def _codes() -> dict[str, str]:
    names = world.municipalities()
    return {f"{name} kommun": code for code, name in names.items()} | {"Hela landet": "0000"}


def monthly_nodes(*, everything: bool) -> list[Node]:
    """Return the types of the month menu: nine of them under other names than in the yearly menu."""
    rows = [row for row in reference.read_csv("crime_types.csv") if row["month_id"]]
    known = bra_sol.standard_types()
    rows = [row for row in rows if row["path"] in known]
    if not everything:
        rows = [
            row for row in rows if row["key"] in {"totalt", "brottsbalken", "person", "liv", "misshandel"}
        ]
    return nodes_of([row["month_path"] or row["path"] for row in rows], _MONTH_ONLY)


def sol(
    years: range,
    monthly_years: range = range(2025, 2027),
    extra: Any = (),
    shift: int = 0,
    *,
    all_monthly: bool = False,
) -> Sol:
    """Return the stand-in with menu 101 (years) and 90 (months and quarters)."""

    def persons(area: str, year: int) -> float:
        return _persons(area)

    def moved(node: Node, area: str, year: int, month: int | None) -> int | str:
        found = value(node, area, year, month)
        return found + shift if isinstance(found, int) else found

    nodes = nodes_of(list(bra_sol.standard_types()), list(extra))
    areas = areas_of(world.municipalities())
    return Sol(
        tables={
            101: Table(nodes=nodes, areas=areas, years=years, value=moved, people=persons),
            90: Table(
                nodes=monthly_nodes(everything=all_monthly),
                areas=areas,
                years=monthly_years,
                value=moved,
                people=persons,
                monthly=True,
                preliminary=frozenset({max(monthly_years)}),
                months_until=10,
            ),
        }
    )
