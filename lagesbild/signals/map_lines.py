"""Roads and other lines that the coordinator adds to the phone's map, from GeoJSON: no map server is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lagesbild.signals.database import log
from lagesbild.signals.positions import longitude_latitude
from lagesbild.signals.store import SignalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

    from lagesbild.signals.database import Actor, LocalFile

Line = tuple[tuple[float, float], ...]
#: Bytes of a file, and points on the map: a phone draws no more at once.
LARGEST, MOST_POINTS = 20_000_000, 4_000
#: Degrees that a line may be off: some 20 metres.
_OFF = 0.0002
_PLACES = 5


def read(content: bytes, limits: tuple[float, float, float, float]) -> list[Line]:
    """Return the lines of a GeoJSON file within limits, as (longitude, latitude), simplified until they are few enough.

    Parameters
    ----------
    limits
        West, south, east, north (degrees).

    Raises
    ------
    SignalError
        If it is no GeoJSON, is too large, or has no lines there.
    """
    from shapely import GEOSException, box, from_geojson, transform  # noqa: PLC0415 - only who adds lines

    if len(content) > LARGEST:
        raise SignalError("Filen är för stor. Ta bara med de större vägarna.")
    try:
        whole = from_geojson(content)
    except (GEOSException, UnicodeDecodeError, ValueError, TypeError):
        raise SignalError("Filen är ingen GeoJSON. Spara den som GeoJSON i kartprogrammet.") from None
    if whole is None or whole.is_empty:
        raise SignalError("Filen har inga linjer.")
    if max(map(abs, whole.bounds)) > 180:  # metres: SWEREF 99 TM
        whole = transform(
            whole, lambda points: [list(p) for p in zip(*longitude_latitude(*points.T), strict=True)]
        )
    inside = whole.intersection(box(*limits))
    for times in (1, 2, 4, 8, 16, 32):
        found = [line for line in _lines(inside.simplify(times * _OFF)) if len(line) > 1]
        if sum(map(len, found)) <= MOST_POINTS:
            break
    else:
        raise SignalError("Det är för många vägar. Ta bara med de större.")
    if not found:
        raise SignalError("Filen har inga linjer i kommunen.")
    return found


def _lines(geometry: BaseGeometry) -> Iterator[Line]:
    for part in getattr(geometry, "geoms", ()):
        yield from _lines(part)
    if geometry.geom_type in {"LineString", "LinearRing"}:
        yield tuple((round(p[0], _PLACES), round(p[1], _PLACES)) for p in geometry.coords)
    elif geometry.geom_type == "Polygon":
        yield from _lines(geometry.exterior)


def kept(local: LocalFile, code: str) -> list[Line]:
    """Return the lines of a municipality's map."""
    return _lines_of(local.setting(_name(code)))


def keep(local: LocalFile, code: str, lines: Iterable[Sequence[tuple[float, float]]], actor: Actor) -> None:
    """Keep the lines of a municipality's map; none takes them away. `take_back` brings those before back."""
    with local.opened() as opened:
        opened.execute(
            "INSERT OR REPLACE INTO setting SELECT ?, value FROM setting WHERE name = ?",
            [_before(code), _name(code)],
        )
        opened.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [_name(code), json.dumps(list(lines))])
        log(opened, actor, "ändrade", "kartans vägar")


def before(local: LocalFile, code: str) -> list[Line]:
    """Return the lines that were on the map before it was changed last."""
    return _lines_of(local.setting(_before(code)))


def take_back(local: LocalFile, code: str, actor: Actor) -> None:
    """Put the lines back that were on the map before it was changed last."""
    keep(local, code, before(local, code), actor)


def _lines_of(text: str | None) -> list[Line]:
    return [tuple((x, y) for x, y in line) for line in json.loads(text)] if text else []


def _name(code: str) -> str:
    return f"map_lines:{code}"


def _before(code: str) -> str:
    return f"map_lines_before:{code}"
