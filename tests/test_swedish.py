"""Numbers, dates and words as Swedish readers expect them."""

from __future__ import annotations

from datetime import date

import pytest

from lagesbild.swedish import (
    calendar_month,
    genitive,
    harmless,
    interval,
    long_date,
    month_and_year,
    number,
    ordinal,
    spelled,
    spreadsheet,
    weekday,
)

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, f"1{NBSP}000"),
        (14657.47469, 0, f"14{NBSP}657"),
        (14657.47469, 2, f"14{NBSP}657,47"),
        (-3.25, 1, "−3,3"),
        (50.5, 0, "51"),
        (49.5, 0, "50"),
        (-0.4, 0, "0"),
        (1e7, 0, f"10{NBSP}000{NBSP}000"),
    ],
)
def test_numbers_have_decimal_comma_and_no_break_spaces(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(505, "+505"), (-505, "−505"), (0, "0")])
def test_a_change_has_its_sign(value: float, text: str) -> None:
    assert number(value, sign=True) == text


def test_months_and_weekdays_have_their_swedish_names() -> None:
    assert month_and_year(date(2026, 3, 1)) == "mars 2026"
    assert [calendar_month(0), calendar_month(11)] == ["januari", "december"]
    assert [weekday(0), weekday(6)] == ["måndag", "söndag"]


def test_an_interval_has_an_en_dash() -> None:
    assert interval(14072.3, 15260.7) == f"14{NBSP}072–15{NBSP}261"


@pytest.mark.parametrize(
    ("rank", "text"),
    [(1, "1:a"), (2, "2:a"), (3, "3:e"), (11, "11:e"), (12, "12:e"), (21, "21:a"), (111, "111:e")],
)
def test_ordinals(rank: int, text: str) -> None:
    assert ordinal(rank) == text


def test_small_counts_are_spelled() -> None:
    assert [spelled(n) for n in (0, 1, 7, 12, 13)] == ["noll", "ett", "sju", "tolv", "13"]


def test_dates_in_words() -> None:
    assert long_date(date(2026, 1, 20)) == "20 januari 2026"


@pytest.mark.parametrize(
    ("name", "text"),
    [("Hallsberg", "Hallsbergs"), ("Borås", "Borås"), ("Mora", "Moras"), ("Växjö", "Växjös")],
)
def test_genitives_of_place_names(name: str, text: str) -> None:
    assert genitive(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1+1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "＝1+1",
        "-",
        "=cmd|' /C calc'!A0",
        "-1-1",
    ],
)
def test_no_text_is_a_live_formula_in_a_spreadsheet(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Klotter", "a=b", "-3,5", "+46", "-3.5", "'=1+1", "−3,2"])
def test_other_texts_and_numbers_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_a_spreadsheet_has_no_live_formula_in_headings_or_cells_and_numbers_stay_numbers() -> None:
    assert spreadsheet(["=A1", "Värde"], [["@x", -3.5], [None, -3], ["ja", True]]) == (
        "\ufeff'=A1;Värde\r\n'@x;-3,5\r\n;-3\r\nja;ja\r\n"
    )
