"""Positions of signals: SWEREF 99 TM (metres), as municipalities have them, and WGS 84, as maps do."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import Transformer

_SWEREF99_TM, _WGS84 = 3006, 4326


@cache
def _to_wgs84() -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 - only who has signals needs it

    return Transformer.from_crs(_SWEREF99_TM, _WGS84, always_xy=True)


def longitude_latitude(x: Sequence[float], y: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return longitudes and latitudes (degrees) of points east and north (metres, SWEREF 99 TM)."""
    longitudes, latitudes = _to_wgs84().transform(list(x), list(y))
    return list(longitudes), list(latitudes)


@cache
def _to_sweref() -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415 - only who has signals needs it

    return Transformer.from_crs(_WGS84, _SWEREF99_TM, always_xy=True)


def sweref(longitudes: Sequence[float], latitudes: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return metres east and north (SWEREF 99 TM) of longitudes and latitudes (degrees)."""
    x, y = _to_sweref().transform(list(longitudes), list(latitudes))
    return list(x), list(y)
