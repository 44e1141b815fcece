"""BRÅ's SOL with invented figures that are different everywhere, for the invented municipalities."""

from __future__ import annotations

import zlib
from typing import Any

from lagesbild import reference
from pipelines import bra_sol
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
    seed = zlib.crc32(repr((node.path, area.removesuffix(" kommun"), year, month)).encode()) & 0xFFFF
    return ".." if seed % 97 == 0 else "-" if seed % 101 == 0 else seed % 3000


def areas_of(municipalities: dict[str, str]) -> list[tuple[str, str]]:
    suffix = (" kommun", "s kommun", "")
    found = [
        (name + (" kommun" if name.endswith("s") else suffix[n % 2]), reference.counties()[code[:2]])
        for n, (code, name) in enumerate(municipalities.items())
    ]
    return [("Hela landet", ""), *found, ("Provstad, norra stadsdelen (Prv)", "Provlän"),
            ("Provhamn stadsdel (upphörde 2021-01-01)", "Provlän")]  # fmt: skip


def sol(years: range, monthly_years: range = range(2025, 2027), extra: Any = (), shift: int = 0) -> Sol:
    people = {name: world.people()[code, 2024] for code, name in world.municipalities().items()}

    def persons(area: str, year: int) -> float:
        plain = area.removesuffix(" kommun")
        return people.get(plain) or people.get(plain.removesuffix("s")) or 10_000_000

    def moved(node: Node, area: str, year: int, month: int | None) -> int | str:
        found = value(node, area, year, month)
        return found + shift if isinstance(found, int) else found

    nodes = nodes_of(list(bra_sol.standard_types()), list(extra))
    areas = areas_of(world.municipalities())
    return Sol({
        101: Table(nodes, areas, years, moved, persons),
        90: Table(nodes[2:4], areas, monthly_years, moved, persons, monthly=True,
                  preliminary=frozenset({max(monthly_years)}), months_until=10),
    })  # fmt: skip
