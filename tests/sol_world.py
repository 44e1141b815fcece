"""BRÅ's crime types in the invented world: figures that add up, with a rise at home in the last year."""

from __future__ import annotations

import zlib
from functools import cache

import numpy as np

from lagesbild.data import reference
from tests import world
from tests.sol_plain import municipality_of, sol
from tests.sources.sol_server import Node, Sol

YEARS = range(2013, 2026)
#: What rises at home from the year before the last to the last.
RISING = "12 kap. Skadegörelsebrott"


def served() -> Sol:
    """Return the stand-in with the standard crime types."""
    found = sol(YEARS, range(2025, 2026), all_monthly=True)
    yearly = {
        row["month_path"]: row["path"] for row in reference.read_csv("crime_types.csv") if row["month_path"]
    }
    by_name = {", ".join(node.path): node.path for node in found.tables[101].nodes}
    paths = [node.path for node in found.tables[101].nodes]
    children = {path: [other for other in paths if other[:-1] == path] for path in paths}

    @cache
    def count(path: tuple[str, ...], area: str, year: int) -> int:
        if path == ("Totalt antal brott",):
            return sum(count(root, area, year) for root in paths if len(root) == 1 and root != path)
        if area == "Hela landet":
            names = [name for name, _ in found.tables[101].areas]
            return sum(count(path, name, year) for name in names if (_code(name) or "0000") != "0000")
        rng = np.random.default_rng(zlib.crc32(repr((path, area, year)).encode()))
        level = np.random.default_rng(zlib.crc32(repr(path).encode())).lognormal(-7, 0.8) * _people(area)
        if RISING in path and year == YEARS[-1] and _code(area) == world.HOME:
            level *= 3
        return int(rng.poisson(level)) + sum(count(child, area, year) for child in children.get(path, ()))

    def value(node: Node, area: str, year: int, month: int | None) -> int | str:
        if "Prov" in area and ("stadsdel" in area):
            return ".."
        name = ", ".join(node.path)
        whole = count(by_name.get(yearly.get(name, name), node.path), area, min(year, YEARS[-1]))
        parts = 12 if (month or 0) > 0 else 4
        return whole * abs(month) // parts - whole * (abs(month) - 1) // parts if month else whole

    for table in found.tables.values():
        table.value = value
        table.people = _mean
    return found


@cache
def _code(area: str) -> str | None:
    return municipality_of(area)[0]


@cache
def _people(area: str) -> float:
    code = _code(area)
    return world.people().get((code or "", 2024), 10_000_000)


def _mean(area: str, year: int) -> float:
    code = _code(area)
    return world.mean(code, year) if code and code != "0000" and year >= 2021 else _people(area)
