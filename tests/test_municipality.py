"""Which municipality somebody means, by code or name; what is only alike is told, never taken."""

from __future__ import annotations

import pytest

from lagesbild.data.municipality import UnknownMunicipalityError, code_of, codes_of, in_parameters

NAMES = {
    "0139": "Upplands-Bro",
    "0180": "Stockholm",
    "0512": "Habo",
    "0305": "Håbo",
    "1462": "Lilla Edet",
    "1861": "Hallsberg",
}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("180", "0180"),
        ("0180", "0180"),
        (" 1861 ", "1861"),
        ("Stockholm", "0180"),
        ("hallsberg", "1861"),
        ("Hallsbergs kommun", "1861"),
        ("Stockholms stad", "0180"),
        ("Upplands-Bro", "0139"),
        ("upplands bro", "0139"),
        ("Upplands–Bro", "0139"),
        ("Lilla  Edet", "1462"),
        ("Habo", "0512"),
        ("Håbo", "0305"),
    ],
)
def test_a_code_or_a_name_is_understood(text: str, code: str) -> None:
    assert code_of(text, NAMES) == code


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9999", r"ingen kommun med koden 9999\.$"),
        ("1816", r"koden 1816\. Menade du Hallsberg \(1861\)\?"),
        ("18610", "ingen kommun med koden 18610"),
        ("hallsbreg", r"som heter hallsbreg\. Menade du Hallsberg \(1861\)\?"),
        ("Xyzzy", r"som heter Xyzzy\.$"),
        ("a\nb", "som heter a b"),
        ("", "ingen kommun"),
        ("²", "ingen kommun"),
    ],
)
def test_what_is_not_understood_is_said_with_the_nearest(text: str, told: str) -> None:
    with pytest.raises(UnknownMunicipalityError, match=told):
        code_of(text, NAMES)


def test_a_list_may_mix_codes_and_names() -> None:
    assert codes_of("180, Lilla Edet,0180,habo,", NAMES) == ["0180", "1462", "0512"]


def test_a_charts_parameters_get_codes_and_the_others_are_left() -> None:
    asked: dict[str, str | int] = {"home": "hallsberg", "own": "180,Habo", "year": 2025, "indicator": "180"}
    assert in_parameters(asked, NAMES) == {**asked, "home": "1861", "own": "0180,0512"}
