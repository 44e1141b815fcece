"""The check of numbers: every number of a text is looked up in the figures; years, references and how sure are not."""

from __future__ import annotations

import pytest

from lagesbild.answers.numbers import not_in_figures, stated
from tests.figures.plain import chart


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Det anmäldes 2 360 brott.", ["2 360"]),  # as people type it
        ("Åren 2024 360 brott.", ["360"]),
        ("Det anmäldes 2\u00a0360 brott.", ["2\u00a0360"]),
        ("Nivån är 14\u202f657,5 per 100\u00a0000 invånare.", ["14\u202f657,5"]),
        ("År 2025, se Figur 3, LB-1861-7QK4M2 och § 14.", []),
        ("Med 95 procents säkerhet ungefär 1 av 8 kommuner.", ["8"]),
        ("Mötet den 24 november 2026 kl. 18.", []),
        ("2025 brott.", ["2025"]),
        ("En minskning med −12 och en ökning med +7.", ["12", "7"]),
        ("Väg E20 och 35-åringar.", ["35"]),
        ("Mellan 36 procent färre och 295 procent fler, med 95 procents säkerhet", ["36", "295"]),
        ("", []),
    ],
)
def test_what_counts_as_a_stated_number(text: str, found: list[str]) -> None:
    assert stated(text) == found


def test_a_number_is_compared_at_the_decimals_it_is_written_with() -> None:
    figure = chart()  # 101, 90.5 and the fact 12.4
    assert (
        not_in_figures(
            "Värdet är 101, mot 90,5 och 91. Skillnaden är 12 procent, närmare bestämt 12,4.", [figure]
        )
        == []
    )
    assert not_in_figures("Värdet är 102, mot 90,6. Skillnaden är 13 procent, eller 12,40.", [figure]) == [
        "102",
        "90,6",
        "13",
    ]


def test_without_figures_every_number_is_unchecked() -> None:
    assert not_in_figures("3 väktare i 40 timmar", []) == ["3", "40"]
