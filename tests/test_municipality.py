"""Which municipality somebody means, by code or name; what is only alike is told, never taken."""

from __future__ import annotations

import pytest

from lagesbild.data.municipality import (
    UnknownMunicipalityError,
    code_of,
    codes_of,
    in_parameters,
    meant,
    surely_meant,
)
from lagesbild.data.reference import municipality_names
from lagesbild.swedish import plain

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


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ore", "Örebro"),
        ("1861", "Hallsberg"),
        ("861", "Mönsterås"),
        ("malmo", "Malmö"),
        ("Goteborg", "Göteborg"),
        ("Kumla kommun", "Kumla"),
        ("malmo stad", "Malmö"),
        ("Hallsbrg", "Hallsberg"),
        ("Halsberg", "Hallsberg"),
        ("Stokholm", "Stockholm"),
        ("orebo", "Örebro"),
        ("habo", "Habo"),
        ("håbo", "Håbo"),
    ],
)
def test_who_searches_is_understood_without_marks_and_misspelt(typed: str, name: str) -> None:
    names = municipality_names()
    assert [names[code] for code in meant(typed, names)] == [name]


@pytest.mark.parametrize(
    ("typed", "meant_names"),
    [
        ("upplands", {"Upplands Väsby", "Upplands-Bro"}),
        ("ör", {"Örebro", "Örkelljunga", "Örnsköldsvik"}),
        ("or", {"Örebro", "Örkelljunga", "Örnsköldsvik", "Orust", "Orsa"}),
        ("xyzzy", set()),
        ("9999", set()),
        ("18", set()),
        ("a", set()),
        ("", set()),
        ("<script>", set()),
        ("²", set()),
    ],
)
def test_what_may_be_several_is_all_of_them_and_nonsense_is_nobody(typed: str, meant_names: set[str]) -> None:
    names = municipality_names()
    assert {names[code] for code in meant(typed, names)} == meant_names


def test_every_name_is_found_without_its_marks_and_with_a_letter_lost() -> None:
    names = municipality_names()
    for code, name in names.items():
        assert meant(name, names) == (code,)
        if name != "Håbo":  # without its mark it is another
            assert meant(plain(name), names) == (code,)
    lost = [
        (code, name[:n] + name[n + 1 :])
        for code, name in names.items()
        if len(name) > 5
        for n in range(2, len(name), 3)
    ]
    found = [meant(typed, names) for _, typed in lost]
    wrong = [typed for (code, typed), who in zip(lost, found, strict=True) if who and code not in who]
    assert len(wrong) <= 2, wrong  # Avesta is one: a letter lost from Alvesta
    assert sum(who == (code,) for (code, _), who in zip(lost, found, strict=True)) > 0.97 * len(lost)


def test_an_address_takes_a_whole_name_but_no_guess() -> None:
    names = municipality_names()
    assert surely_meant("malmo", names) == surely_meant("Malmö", names) == "1280"
    assert surely_meant("ore", names) is surely_meant("Hallsbrg", names) is None
