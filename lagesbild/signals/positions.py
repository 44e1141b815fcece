"""Positions of signals: SWEREF 99 TM (metres), as municipalities have them, and WGS 84, as maps do.

What a file has is read in every way that it can be read: the systems that are in use in Sweden, both orders of the axes,
commas as decimals and as thousands. What lies in Sweden is kept, of that what lies in the municipality, and where two
readings still remain a question is asked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING

from lagesbild.signals.unclear import Unclear
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyproj import Transformer
    from shapely import MultiPolygon

    from lagesbild.signals.tables import Cell

#: A ring of an outline: longitudes and latitudes (degrees), the last point the first again or not.
Ring = tuple[tuple[float, float], ...]
#: Metres outside the outline that may still be inside the municipality: outlines are simplified by about a kilometre.
NEAR = 2_000.0
#: Under this key it is answered what is done with a position that cannot be taken for granted.
ASK_POSITION = "position"
KEEP, WITHOUT = "ta med", "utan position"
_SWEREF99_TM, _WGS84 = 3006, 4326
_HOW = "Skriv den som 59,0664 15,1096 (latitud och longitud) eller 6547500 506300 (SWEREF 99 TM), eller lämna cellen tom."


class System(StrEnum):
    """A system of coordinates in use in Sweden; the value is its name."""

    SWEREF99_TM = "SWEREF 99 TM"
    WGS84 = "WGS 84"
    RT90 = "RT 90 2,5 gon V"
    LOCAL = "SWEREF 99, lokal zon"


@dataclass(frozen=True)
class _Range:
    """What north (or latitude) and east (or longitude) may be in Sweden, with the EPSG codes that it may be."""

    system: System
    codes: tuple[int, ...]
    north: tuple[float, float]
    east: tuple[float, float]


_RANGES = (
    _Range(System.SWEREF99_TM, (_SWEREF99_TM,), (6_050_000, 7_750_000), (250_000, 950_000)),
    _Range(System.WGS84, (_WGS84,), (55.0, 69.5), (10.5, 24.5)),
    _Range(System.RT90, (3021,), (6_100_000, 7_750_000), (1_200_000, 1_900_000)),
    # The zones of municipalities' own maps, 12 00 to 23 15: the same northings, eastings around 150 000.
    _Range(System.LOCAL, tuple(range(3007, 3019)), (6_050_000, 7_750_000), (50_000, 250_000)),
)


#: The country: west, south, east, north (degrees).
SWEDEN = (10.5, 55.0, 24.5, 69.5)


@dataclass(frozen=True, kw_only=True)
class Position:
    """A position, east and north (metres, SWEREF 99 TM), and what was understood of how it was written.

    ``swapped`` is whether the axes stood in the other order than the columns or the system's custom say; ``outside``
    is the distance to the municipality's outline (metres), 0 inside it.
    """

    x: float
    y: float
    system: System
    swapped: bool = False
    outside: float = 0.0


@cache
def _transformer(source: int, target: int) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 - only who has signals needs it

    return Transformer.from_crs(source, target, always_xy=True)


def longitude_latitude(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return longitudes and latitudes (degrees) of points east and north (metres, SWEREF 99 TM)."""
    longitudes, latitudes = _transformer(_SWEREF99_TM, _WGS84).transform(list(x), list(y))
    return list(longitudes), list(latitudes)


def sweref(longitudes: Sequence[float], latitudes: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return metres east and north (SWEREF 99 TM) of longitudes and latitudes (degrees)."""
    x, y = _transformer(_WGS84, _SWEREF99_TM).transform(list(longitudes), list(latitudes))
    return list(x), list(y)


@lru_cache(maxsize=8)
def _area(rings: tuple[Ring, ...]) -> MultiPolygon:
    from shapely import MultiPolygon, Polygon, make_valid, prepare, union_all  # noqa: PLC0415 - only who has positions

    to_metres = _transformer(_WGS84, _SWEREF99_TM)
    outlines = []
    for ring in rings:
        east, north = to_metres.transform(
            [longitude for longitude, _ in ring], [latitude for _, latitude in ring]
        )
        outlines.append(make_valid(Polygon(list(zip(east, north, strict=True)))))
    area = union_all(outlines) if outlines else MultiPolygon()
    prepare(area)
    return area


def outside(rings: Iterable[Ring], x: float, y: float) -> float:
    """Return how far (metres) a point (metres, SWEREF 99 TM) is from a municipality's outline; 0 inside it.

    Parameters
    ----------
    rings
        The outline's rings of (longitude, latitude); without any, nothing is outside.
    """
    from shapely import Point  # noqa: PLC0415 - only who has positions

    area = _area(tuple(rings))
    return 0.0 if area.is_empty else float(area.distance(Point(x, y)))


def inside(rings: Iterable[Ring], x: float, y: float) -> bool:
    """Tell whether a point (metres, SWEREF 99 TM) is inside an outline or on it."""
    return outside(rings, x, y) == 0.0


def parse(north: Cell, east: Cell, rings: Iterable[Ring]) -> Position | Unclear | None:
    """Return the position of two cells; None where both are empty.

    Parameters
    ----------
    north, east
        The cells under north (latitude) and east (longitude); which is which is found out.
    rings
        The municipality's outline.
    """
    if north is None and east is None:
        return None
    if north is None or east is None:
        return Unclear(
            "Bara den ena av koordinaterna finns. Fyll i båda, eller ingen.", (WITHOUT,), ASK_POSITION
        )
    pairs = product(_values(north), _values(east))
    return _decided([*pairs], f"{_shown(north)} {_shown(east)}", tuple(rings))


def parse_one(cell: Cell, rings: Iterable[Ring]) -> Position | Unclear | None:
    """Return the position of a cell that has both coordinates, as ``59.0664, 15.1096``; None where it is empty."""
    if cell is None:
        return None
    if not isinstance(cell, str):
        return Unclear(f"Cellen är ingen position. {_HOW}", (WITHOUT,), ASK_POSITION)
    return _decided(_pairs(cell), cell[:60], tuple(rings))


def _shown(cell: Cell) -> str:
    return f"{cell:.12g}".replace(".", ",") if isinstance(cell, float) else str(cell)[:30]


@dataclass(frozen=True)
class _Value:
    """A number, with the axis that a letter says that it is of (``N`` or ``E``)."""

    value: float
    axis: str = ""


_LETTERS = {
    "n": "N",
    "norr": "N",
    "lat": "N",
    "latitud": "N",
    "e": "E",
    "ö": "E",
    "o": "E",
    "öst": "E",
    "east": "E",
}
_LETTERS |= {"lon": "E", "long": "E", "lng": "E", "longitud": "E", "north": "N", "x": "", "y": ""}
_NAME = "|".join(sorted(_LETTERS, key=len, reverse=True))
_NUMBER = r"-?\d[\d\s.,'’]*"
_MINUTES = r"(?P<d>\d{1,3})\s*(?:°|º|grader)\s*(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['′’´]?\s*(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|′′)?)?"
_LABELLED = re.compile(
    rf"(?:(?P<before>{_NAME})[\s:=.]*)?(?:{_MINUTES}|(?P<number>{_NUMBER})\s*(?:°|º|m)?)\s*(?P<after>{_NAME})?",
    re.IGNORECASE,
)


def _values(cell: Cell) -> list[_Value]:
    """Return the numbers that a cell may stand for."""
    if isinstance(cell, bool) or not isinstance(cell, float | str):
        return []
    if isinstance(cell, float):
        return [_Value(cell)] if math.isfinite(cell) else []
    found = _LABELLED.fullmatch(cell.strip()) if len(cell) <= _LONGEST else None
    if not found:
        return []
    axis = _LETTERS.get((found["before"] or found["after"] or "").casefold(), "")
    if found["d"]:
        return _of_minutes(found["d"], found["m"], found["s"] or "0", axis)
    return [_Value(value, axis) for value in _numbers(found["number"])]


def _of_minutes(degrees: str, minutes: str, seconds: str, axis: str) -> list[_Value]:
    m, s = (float(one.replace(",", ".")) for one in (minutes, seconds))
    return [_Value(int(degrees) + m / 60 + s / 3600, axis)] if m < 60 and s < 60 else []


def _numbers(text: str) -> list[float]:
    """Return what a number may be: ``6.547.500`` and ``6 547 500,25`` as one, ``510,123`` with decimals or thousands."""
    plain = re.sub(r"[\s'’]", "", text).rstrip(".,")
    found = []
    if re.fullmatch(r"-?\d+(?:[.,]\d+)?", plain):
        found.append(float(plain.replace(",", ".")))
    if re.fullmatch(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", plain):
        mark = "," if "," in plain and ("." not in plain or plain.index(",") < plain.index(".")) else "."
        found.append(float(plain.replace(mark, "").replace(",", ".")))
    return found


_BETWEEN = re.compile(r"\s*[;/|]\s*|,\s+|\s+|,")
#: Characters of a position; longer ones are text, and slow to try.
_LONGEST = 80


def _pairs(cell: str) -> list[tuple[_Value, _Value]]:
    """Return the pairs of numbers that a text may be: cut at each mark that can stand between two numbers."""
    text = re.sub(r"^\s*(?:point\s*)?[(\[]|[)\]]\s*$", "", cell, flags=re.IGNORECASE).strip()
    cuts = _BETWEEN.finditer(text) if len(text) <= _LONGEST else ()
    sides = [(text[: cut.start()], text[cut.end() :]) for cut in cuts]
    return [pair for first, second in sides for pair in product(_values(first), _values(second))]


def _decided(
    pairs: Sequence[tuple[_Value, _Value]], told: str, rings: tuple[Ring, ...]
) -> Position | Unclear:
    found = _distinct([one for first, second in pairs for one in _read(first, second, rings)])
    near = [one for one in found if one.outside <= NEAR]
    if len(near or found) == 1:
        return (near or found)[0]
    if not found:
        return Unclear(f"”{told}” är ingen position i Sverige. {_HOW}", (WITHOUT,), ASK_POSITION)
    if not near:  # several ways to read it, and all lie elsewhere
        return min(found, key=lambda one: one.outside)
    meant = " eller ".join(f"{number(one.y)} {number(one.x)} ({one.system})" for one in near[:3])
    return Unclear(f"”{told}” kan vara {meant}. {_HOW}", (WITHOUT,), ASK_POSITION)


def _distinct(found: Sequence[Position]) -> list[Position]:
    """Return the positions that are more than a metre from each other; of the same, the one that is not swapped."""
    kept: list[Position] = []
    for one in sorted(found, key=lambda position: position.swapped):
        if all(math.hypot(one.x - other.x, one.y - other.y) > 1 for other in kept):
            kept.append(one)
    return kept


def _read(first: _Value, second: _Value, rings: tuple[Ring, ...]) -> list[Position]:
    """Return every position that two numbers can be, with the first as north and as east."""
    found = []
    for swapped, north, east in ((False, first, second), (True, second, first)):
        if north.axis == "E" or east.axis == "N":
            continue
        for one in _RANGES:
            if _within(north.value, one.north) and _within(east.value, one.east):
                found += _in_system(
                    one, north.value, east.value, swapped and not (north.axis or east.axis), rings
                )
    return found


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _in_system(
    kind: _Range, north: float, east: float, swapped: bool, rings: tuple[Ring, ...]
) -> list[Position]:
    points = [_transformer(code, _SWEREF99_TM).transform(east, north) for code in kind.codes]
    positions = [
        Position(x=x, y=y, system=kind.system, swapped=swapped, outside=outside(rings, x, y))
        for x, y in points
    ]
    # Which local zone it is, only the municipality tells.
    return positions if kind.system is not System.LOCAL else [one for one in positions if one.outside == 0]
