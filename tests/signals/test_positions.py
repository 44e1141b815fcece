"""Positions as they are written in Sweden: the system and the order of the axes are found out, or asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from lagesbild.data.reference import outlines
from lagesbild.signals import positions
from lagesbild.signals.positions import NEAR, Position, System, parse, parse_one
from lagesbild.signals.unclear import Unclear

if TYPE_CHECKING:
    from lagesbild.signals.tables import Cell

HALLSBERG = outlines()["1861"].rings
#: A point in the town, in degrees and in metres.
LATITUDE, LONGITUDE = 59.0664, 15.1096
EAST, NORTH = 506284.645, 6547450.889


def _in(code: int) -> tuple[float, float]:
    """Return east and north of the point in a system."""
    east, north = Transformer.from_crs(4326, code, always_xy=True).transform(LONGITUDE, LATITUDE)
    return float(east), float(north)


def _is_the_point(found: object, metres: float = 30.0) -> bool:
    return isinstance(found, Position) and abs(found.x - EAST) < metres and abs(found.y - NORTH) < metres


def test_the_central_meridian_of_sweref_99_tm_is_15_degrees_and_its_easting_500_000() -> None:
    """The definition of the projection, from Lantmäteriet."""
    (longitude,), (latitude,) = positions.longitude_latitude([500_000.0], [6_547_450.0])
    assert longitude == pytest.approx(15.0, abs=1e-9)
    assert latitude == pytest.approx(59.066, abs=0.001)


@pytest.mark.parametrize(
    "cell",
    [
        "59.0664, 15.1096",
        "59,0664, 15,1096",
        "59,0664 15,1096",
        "59,0664; 15,1096",
        "59.0664,15.1096",
        "59,0664,15,1096",
        "59.0664/15.1096",
        "(59.0664, 15.1096)",
        "59.0664 N, 15.1096 E",
        "N 59.0664 Ö 15.1096",
        "59,0664° 15,1096°",
        "lat: 59.0664 long: 15.1096",
        "59°03'59,0\"N 15°06'34,6\"E",
        "59° 03′ 59,0″ N, 15° 06′ 34,6″ E",
        "N 59° 3.984' E 15° 6.576'",
    ],
)
def test_degrees_in_one_cell(cell: str) -> None:
    found = parse_one(cell, HALLSBERG)
    assert _is_the_point(found), found
    assert isinstance(found, Position)
    assert (found.system, found.swapped, found.outside) == (System.WGS84, False, 0.0)


@pytest.mark.parametrize(
    "cell",
    [
        "6547450 506284",
        "6547450, 506284",
        "6547450,506284",
        "6 547 450 506 284",
        "6\u00a0547\u00a0450; 506\u00a0284",
        "6.547.450, 506.284",
        "6547450.9 506284.6",
        "6547450,9; 506284,6",
        "N 6547450 E 506284",
        "E 506284 N 6547450",
    ],
)
def test_metres_in_one_cell(cell: str) -> None:
    found = parse_one(cell, HALLSBERG)
    assert _is_the_point(found, 1.5), found
    assert isinstance(found, Position)
    assert (found.system, found.swapped) == (System.SWEREF99_TM, False)


def test_well_known_text_has_the_longitude_first() -> None:
    assert _is_the_point(parse_one("POINT(15.1096 59.0664)", HALLSBERG))


@pytest.mark.parametrize(
    ("north", "east"),
    [
        (LATITUDE, LONGITUDE),
        ("59,0664", "15,1096"),
        ("59.0664 N", "15.1096 E"),
        ("59°03'59\"", "15°06'34,6\""),
        (NORTH, EAST),
        ("6 547 450,9", "506 284,6"),
        ("6547450.9", "506284.6"),
    ],
)
def test_two_cells_in_either_order(north: Cell, east: Cell) -> None:
    right, swapped = parse(north, east, HALLSBERG), parse(east, north, HALLSBERG)
    assert _is_the_point(right)
    assert _is_the_point(swapped)
    assert isinstance(right, Position)
    assert not right.swapped


def test_swapped_axes_are_told_but_not_where_letters_say_which_is_which() -> None:
    plain, lettered = parse(EAST, NORTH, HALLSBERG), parse("15.1096 E", "59.0664 N", HALLSBERG)
    assert isinstance(plain, Position)
    assert isinstance(lettered, Position)
    assert (plain.swapped, lettered.swapped) == (True, False)


def test_letters_that_contradict_the_numbers_are_not_believed() -> None:
    assert isinstance(parse_one("59.0664 E, 15.1096 N", HALLSBERG), Unclear)


@pytest.mark.parametrize("swapped", [False, True])
def test_rt_90_is_moved_to_sweref_99(swapped: bool) -> None:
    east, north = _in(3021)
    found = parse(east, north, HALLSBERG) if swapped else parse(north, east, HALLSBERG)
    assert _is_the_point(found, 1.0)
    assert isinstance(found, Position)
    assert (found.system, found.swapped) == (System.RT90, swapped)


def test_a_municipalitys_own_zone_is_told_by_where_it_lies() -> None:
    east, north = _in(3009)  # SWEREF 99 15 00
    found = parse(north, east, HALLSBERG)
    assert _is_the_point(found, 1.0)
    assert isinstance(found, Position)
    assert found.system is System.LOCAL


def test_two_zones_in_a_wide_municipality_are_asked_about() -> None:
    """A made up one, all of central Sweden: 150 000 east is the middle of several zones."""
    wide = (((12.0, 58.0), (18.0, 58.0), (18.0, 61.0), (12.0, 61.0)),)
    found = parse(6_550_000.0, 150_000.0, wide)
    assert isinstance(found, Unclear)
    assert " eller " in found.text
    assert found.ask == positions.ASK_POSITION


@pytest.mark.parametrize(
    ("north", "east"),
    [
        (0.0, 0.0),
        (590664.0, 151096.0),
        (-59.0, -15.0),
        (float("nan"), 15.0),
        (float("inf"), 506284.0),
        (1e300, 1e300),
        (True, False),
        ("vid torget", "15.1"),
        ("59°75'00\"", "15°06'00\""),
        ("=1+1", "@x"),
    ],
)
def test_what_is_no_position_in_sweden_is_said(north: Cell, east: Cell) -> None:
    found = parse(north, east, HALLSBERG)
    assert isinstance(found, Unclear)
    assert "är ingen position i Sverige. Skriv den som 59,0664 15,1096" in found.text
    assert found.suggestions == (positions.WITHOUT,)


@pytest.mark.parametrize("cell", ["vid torget", "1,2,3,4,5,6,7", "5 " * 900, 59.0664, "59.0664"])
def test_a_cell_with_no_pair_is_said(cell: Cell) -> None:
    assert isinstance(parse_one(cell, HALLSBERG), Unclear)


def test_no_position_is_none_and_half_a_position_is_said() -> None:
    assert parse(None, None, HALLSBERG) is None
    assert parse_one(None, HALLSBERG) is None
    found = parse(59.0664, None, HALLSBERG)
    assert isinstance(found, Unclear)
    assert "Bara den ena" in found.text


@pytest.mark.parametrize(
    ("latitude", "longitude", "kilometres"), [(59.3293, 18.0686, 150), (57.0, 20.5, 361), (55.0, 12.0, 473)]
)
def test_elsewhere_is_told_in_metres(latitude: float, longitude: float, kilometres: int) -> None:
    found = parse(latitude, longitude, HALLSBERG)
    assert isinstance(found, Position)
    assert found.outside / 1000 == pytest.approx(kilometres, abs=1.0)


def test_a_point_on_the_border_and_just_outside_it() -> None:
    square = (((15.0, 59.0), (15.2, 59.0), (15.2, 59.1), (15.0, 59.1), (15.0, 59.0)),)
    middle, east_of_it = parse(59.05, 15.1, square), parse(59.05, 15.22, square)
    assert isinstance(middle, Position)
    assert isinstance(east_of_it, Position)
    assert middle.outside == 0.0
    assert 1100 < east_of_it.outside < 1200 < NEAR  # a fiftieth of a degree here is 1 147 metres
    assert positions.inside(square, middle.x, middle.y)
    assert not positions.inside(square, east_of_it.x, east_of_it.y)


def test_a_municipality_of_islands_has_all_of_them() -> None:
    varmdo = outlines()["0120"].rings
    assert len(varmdo) > 3
    for ring in varmdo:
        middle = shapely.point_on_surface(shapely.Polygon(ring))
        found = parse(middle.y, middle.x, varmdo)
        assert isinstance(found, Position)
        assert found.outside == 0.0


def test_without_an_outline_nothing_is_outside() -> None:
    found = parse(LATITUDE, LONGITUDE, ())
    assert isinstance(found, Position)
    assert found.outside == 0.0


@given(north=st.text(max_size=90) | st.floats(), east=st.text(max_size=20) | st.floats())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_cells_are_too_much(north: str | float, east: str | float) -> None:
    for found in (parse(north, east, HALLSBERG), parse_one(north, HALLSBERG)):
        assert isinstance(found, Position | Unclear)
