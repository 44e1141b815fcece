"""Real counts and populations of all 290 from the shared folder, as arrays (years, municipalities)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS = ("total", "person", "theft", "burglary", "drugs_weapons", "vandalism")


@dataclass(frozen=True)
class Counts:
    """Codes in order, years in order, counts and persons of shape (years, municipalities)."""

    codes: list[str]
    years: list[int]
    cases: NDArray[np.float64]
    persons: NDArray[np.float64]


def kolada(shared: Path, measure: str) -> Counts:
    """Return the whole counts behind Kolada's rates: "total" 2019-2025 or "violence" 2020-2025."""
    rows = _read(shared / "data" / "kolada" / "counts_total_violence_2019_2025.csv")
    rows = rows.filter(pl.col("year") >= (2019 if measure == "total" else 2020))
    codes, years = sorted(rows["code"].unique()), sorted(rows["year"].unique())
    cells = (_grid(rows, name, codes, years) for name in (f"{measure}_count", "population_used_by_kolada"))
    return Counts(codes, years, *cells)


def sol(shared: Path, group: str) -> Counts:
    """Return a group's counts 2015-2025 over the mean population of each year."""
    rows = _read(shared / "data" / "bra" / "sol_six_groups.csv")
    rows = rows.filter((pl.col("group") == group) & (pl.col("year") >= 2015))
    codes, years = sorted(rows["code"].unique()), sorted(rows["year"].unique())
    ends = _read(shared / "data" / "scb" / "population_31dec_2010_2025.csv")
    people = _grid(ends, "population", codes, [years[0] - 1, *years])
    return Counts(codes, years, _grid(rows, "count", codes, years), (people[1:] + people[:-1]) / 2)


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, schema_overrides={"code": pl.String})


def _grid(rows: pl.DataFrame, column: str, codes: list[str], years: list[int]) -> NDArray[np.float64]:
    found = np.full((len(years), len(codes)), np.nan)
    for code, year, value in rows.select("code", "year", column).drop_nulls().iter_rows():
        if year in years and code in codes:
            found[years.index(year), codes.index(code)] = value
    return found
