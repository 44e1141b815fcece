"""Days and hours as Swedes, computers, Excel and Americans write them; what is not understood is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lagesbild.signals import moments
from lagesbild.signals.moments import Hour, Moment, Order
from lagesbild.signals.unclear import Unclear

if TYPE_CHECKING:
    from lagesbild.signals.tables import Cell

TODAY = date(2026, 11, 29)
THIRD = date(2026, 11, 3)


def naive(*parts: int) -> datetime:
    """Return the local time that a workbook has in a cell."""
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2026-11-03", None),
        ("2026–11–03", None),
        ("2026/11/3", None),
        ("3/11-26", None),
        ("3/11 2026", None),
        ("3/11 26", None),
        ("03.11.2026", None),
        ("3.11.26", None),
        ("20261103", None),
        ("261103", None),
        ("3 nov 2026", None),
        ("3-nov-26", None),
        ("den 3 november 2026", None),
        ("tisdagen den 3 november 2026", None),
        ("tis 3/11-26", None),
        ("den 3:e nov -26", None),
        ("November 3, 2026", None),
        ("2026-11-03T22:15", 22),
        ("2026-11-03 22:15:30", 22),
        ("2026-11-03 kl. 22.15", 22),
        ("3/11-26 22:15", 22),
        ("3 nov 2026 kl 22:15", 22),
        ("2026-11-03 10:15 PM", 22),
        ("2026-11-03T21:15Z", 22),
        ("2026-11-03T21:15:00.000Z", 22),
        ("2026-11-03 22:15 +01:00", 22),
        ("2026-11-02T23:30:00+00:00", 0),
        (46329.0, None),
        ("46329", None),
        (46329.927, 22),
        ("46329,927", 22),
        (20261103.0, None),
        (261103.0, None),
        (date(2026, 11, 3), None),
        (naive(2026, 11, 3, 22, 15), 22),
        (datetime(2026, 11, 3, 12, 15, tzinfo=timezone(timedelta(hours=-9))), 22),
    ],
)
def test_a_day_is_read_and_the_hour_with_it(cell: Cell, hour: int | None) -> None:
    assert moments.day(cell, TODAY) == Moment(THIRD, hour)


def test_summer_time_is_two_hours_from_utc() -> None:
    assert moments.day("2026-07-01T22:30Z", TODAY) == Moment(date(2026, 7, 2), 0)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (None, "saknas"),
        (True, "inget datum"),
        (time(22, 15), "inget datum"),
        ("i går", "inget datum som går att läsa"),
        ("v. 45", "inget datum som går att läsa"),
        ("november 2026", "inget datum som går att läsa"),
        ("2026-02-30", "inget datum som går att läsa"),
        ("2026-11-03 25:00", "inget datum som går att läsa"),
        ("x" * 2000, "inget datum som går att läsa"),
        ("2026-11-30", "30 november 2026 har inte varit än"),
        ("1999-12-31", "år 1999, före år 2000"),
        ("0001-01-01", "år 1, före"),
        ("0001-01-01T00:00+12:00", "inget datum som går att läsa"),
        (2026.0, "bara ett år"),
        (0.927, "inget datum"),
        (-4.0, "inget datum"),
        (1e300, "inget datum"),
        (float("nan"), "inget datum"),
        (float("inf"), "inget datum"),
    ],
)
def test_what_is_no_day_of_a_signal_is_said(cell: Cell, told: str) -> None:
    found = moments.day(cell, TODAY)
    assert isinstance(found, Unclear)
    assert told in found.text
    assert "2026-11-03" in found.text or "Rätta den." in found.text


def test_day_and_month_that_can_change_places_are_asked_about() -> None:
    found = moments.day("11/03/2026", TODAY)
    assert isinstance(found, Unclear)
    assert found.text == (
        "”11/03/2026” kan läsas som 11 mars 2026 (dag-månad-år) eller 3 november 2026 (månad-dag-år). Hur står datumen i kolumnen?"
    )
    assert (found.ask, found.suggestions) == (moments.ASK_ORDER, (Order.DAY_FIRST, Order.MONTH_FIRST))
    assert moments.day("11/03/2026", TODAY, Order.MONTH_FIRST) == Moment(THIRD)
    assert moments.day("11/03/2026", TODAY, Order.DAY_FIRST) == Moment(date(2026, 3, 11))


@pytest.mark.parametrize("cell", ["03/03/2026", "03-03-2026"])
def test_nobody_is_asked_where_both_ways_are_the_same_day(cell: str) -> None:
    assert moments.day(cell, TODAY) == Moment(date(2026, 3, 3))


@pytest.mark.parametrize(
    ("column", "settled"),
    [
        (["11/03/2026", "13/03/2026"], Order.DAY_FIRST),
        (["11/03/2026", "03/25/2026"], Order.MONTH_FIRST),
        (["11/03/2026", "03/11/2026"], None),
        (["25/03/2026", "03/25/2026"], None),
        (["99/03/11", "26-11-03"], Order.YEAR_FIRST),
        ([None, "okänt", 46329.0], None),
    ],
)
def test_a_day_above_twelve_settles_the_order_of_the_column(
    column: list[Cell], settled: Order | None
) -> None:
    assert moments.order(column) is settled


def test_in_a_column_of_both_orders_only_what_is_sure_is_read() -> None:
    assert moments.day("25/03/2026", TODAY) == Moment(date(2026, 3, 25))
    assert moments.day("03/25/2026", TODAY) == Moment(date(2026, 3, 25))


def test_two_figures_of_a_year_are_asked_about() -> None:
    assert isinstance(moments.day("26-11-03", TODAY), Unclear)
    assert moments.day("26-11-03", TODAY, Order.YEAR_FIRST) == Moment(THIRD)


@pytest.mark.parametrize("cell", ["den 3 november", "3 nov", "3/11", "tis 3/11"])
def test_a_day_without_a_year_is_asked_about(cell: str) -> None:
    found = moments.day(cell, TODAY)
    assert isinstance(found, Unclear)
    assert (found.ask, found.suggestions) == (moments.ASK_YEAR, ("2026", "2025"))
    assert moments.day(cell, TODAY, year=2026) == Moment(THIRD)


def test_the_likely_year_is_one_in_which_the_day_has_been() -> None:
    found = moments.day("24 december", TODAY)
    assert isinstance(found, Unclear)
    assert found.suggestions == ("2025", "2024")


@pytest.mark.parametrize(
    ("column", "there_are"),
    [
        ([naive(2026, 11, 3), naive(2026, 11, 4)], False),
        ([naive(2026, 11, 3), naive(2026, 11, 4, 22)], True),
        (["2026-11-03 00:00", "2026-11-04"], False),
        (["2026-11-03 00:00", "2026-11-04 07:00"], True),
        ([46329.0, 46329.5], True),
        ([46329.0, None, 20261103.0], False),
    ],
)
def test_midnight_in_every_row_is_no_hour(column: list[Cell], there_are: bool) -> None:
    assert moments.has_hours(column) is there_are


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        (None, None),
        ("22:15", 22),
        ("22.15", 22),
        ("22:15:59", 22),
        ("2215", 22),
        ("915", 9),
        ("22", 22),
        ("0", 0),
        ("00:00", 0),
        ("kl 22", 22),
        ("kl. 22.15", 22),
        ("klockan 22", 22),
        ("ca 22", 22),
        ("Ca kl. 22.15", 22),
        ("cirka 22", 22),
        ("22-tiden", 22),
        ("10:15 PM", 22),
        ("12 am", 0),
        ("0,927", 22),
        (0.927, 22),
        (0.0, 0),
        (0.99999999, 23),
        (22.0, 22),
        (22.15, 22),
        (2215.0, 22),
        (46329.927, 22),
        (time(22, 15), 22),
        (naive(2026, 11, 3, 22, 15), 22),
        ("2026-11-03 22:15", 22),
    ],
)
def test_an_hour_is_read(cell: Cell, hour: int | None) -> None:
    assert moments.hour(cell) == Hour(hour)


@pytest.mark.parametrize(
    "cell",
    [
        "kväll",
        "på natten",
        "natt",
        "förmiddag",
        "okänt",
        "efter 22",
        "22-23",
        "22:00–02:00",
        "mellan 22 och 02",
    ],
)
def test_a_part_of_the_day_is_no_hour_and_that_is_said(cell: str) -> None:
    found = moments.hour(cell)
    assert isinstance(found, Hour)
    assert found.hour is None
    assert cell in found.remark
    assert "timmen lämnas tom" in found.remark


@pytest.mark.parametrize(
    "cell",
    [
        "25:00",
        "22:75",
        "24:00",
        "-3",
        "99",
        "13 pm",
        "x",
        "=1+1",
        -1.0,
        24.0,
        2575.0,
        float("nan"),
        float("inf"),
        True,
    ],
)
def test_what_is_no_hour_is_a_question(cell: Cell) -> None:
    found = moments.hour(cell)
    assert isinstance(found, Unclear)
    assert (found.ask, found.suggestions) == (moments.ASK_HOUR, (moments.NO_HOUR,))
    assert "Skriv " in found.text


@given(
    cell=st.text(max_size=70) | st.floats() | st.from_regex(r"[0-9]{1,5}[-/. ][0-9]{1,3}[-/. T][0-9:]{1,9}")
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_cell_is_too_much(cell: str | float) -> None:
    found, hour = moments.day(cell, TODAY), moments.hour(cell)
    assert isinstance(found, Unclear) or date(moments.FIRST_YEAR, 1, 1) <= found.day <= TODAY
    assert isinstance(hour, Unclear) or hour.hour is None or 0 <= hour.hour <= 23
