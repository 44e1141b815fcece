"""Roads on the phone's map: from GeoJSON in degrees or metres, few enough for a phone, only in the municipality."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from lagesbild.signals import map_lines
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from lagesbild.signals.positions import sweref
from lagesbild.signals.store import SignalError

LIMITS = (14.8, 58.9, 15.5, 59.2)
ROAD = [(15.0, 59.0), (15.1, 59.05), (15.2, 59.0)]


def geojson(*geometries: dict[str, Any]) -> bytes:
    features = [{"type": "Feature", "properties": {"name": "väg"}, "geometry": one} for one in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def line(points: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": points}


def test_roads_are_read_in_degrees_and_in_metres() -> None:
    assert map_lines.read(geojson(line(ROAD)), LIMITS) == [tuple(ROAD)]
    x, y = sweref([p[0] for p in ROAD], [p[1] for p in ROAD])
    (found,) = map_lines.read(geojson(line(list(zip(x, y, strict=True)))), LIMITS)
    for (east, north), (meant_east, meant_north) in zip(found, ROAD, strict=True):
        assert east == pytest.approx(meant_east, abs=2e-5)
        assert north == pytest.approx(meant_north, abs=2e-5)


def test_what_lies_outside_is_cut_and_points_are_left_out() -> None:
    far = line([(15.0, 59.0), (18.0, 59.0)])
    (found,) = map_lines.read(geojson(far, {"type": "Point", "coordinates": (15.0, 59.0)}), LIMITS)
    assert found == ((15.0, 59.0), (15.5, 59.0))


def test_many_points_are_made_few() -> None:
    winding = [(14.9 + n / 40_000, 59.0 + 0.002 * math.sin(n / 5)) for n in range(20_000)]
    found = map_lines.read(geojson(line(winding)), LIMITS)
    assert 1 < sum(map(len, found)) <= map_lines.MOST_POINTS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"not json",
        b"\xff\xfe\x00",
        b"[1, 2]",
        geojson(),
        geojson(line([(18.0, 59.3), (18.1, 59.3)])),
        geojson({"type": "Point", "coordinates": (15.0, 59.0)}),
        b"x" * (map_lines.LARGEST + 1),
    ],
)
def test_what_has_no_roads_is_told(content: bytes) -> None:
    with pytest.raises(SignalError, match=r"^(Filen|Det) .*\.$"):
        map_lines.read(content, LIMITS)


def test_they_are_kept_until_they_are_taken_away(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    assert map_lines.kept(local, "1861") == []
    map_lines.keep(local, "1861", [tuple(ROAD)], COMMAND_LINE)
    assert map_lines.kept(local, "1861") == [tuple(ROAD)]
    map_lines.keep(local, "1861", [], COMMAND_LINE)
    assert map_lines.kept(local, "1861") == []
    map_lines.take_back(local, "1861", COMMAND_LINE)
    assert map_lines.kept(local, "1861") == [tuple(ROAD)]
    map_lines.take_back(local, "1861", COMMAND_LINE)  # and that can be undone as well
    assert map_lines.kept(local, "1861") == []
    assert map_lines.before(local, "1861") == [tuple(ROAD)]
    assert map_lines.before(local, "1880") == []
