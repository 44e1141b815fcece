"""The hand-kept tables: whole, consistent, and able to find any spelling of a municipality."""

from __future__ import annotations

import pytest

from lagesbild import reference
from lagesbild.config import SNAPSHOT_FOLDER
from pipelines.registry import SOURCES


def test_every_source_is_described_and_every_description_has_a_source() -> None:
    assert set(reference.ingested_sources()) == set(SOURCES)
    for info in reference.sources().values():
        assert info.licence
        assert info.page.startswith("https://")
        assert info.base_url.startswith("https://")


def test_there_are_21_counties() -> None:
    assert len(reference.counties()) == 21
    assert reference.counties()["18"] == "Örebro län"


def test_ids_of_indicators_are_unique_over_all_tables() -> None:
    ids = [
        row["id"]
        for name in ("kolada_indicators.csv", "bra_indicators.csv")
        for row in reference.read_csv(name)
    ]
    assert len(ids) == len(set(ids))


def test_short_names_tell_indicators_apart() -> None:
    shorts = [
        row["short"]
        for name in ("kolada_indicators.csv", "bra_indicators.csv")
        for row in reference.read_csv(name)
    ]
    assert len(shorts) == len(set(shorts))


def test_every_place_of_the_gazetteer_lies_in_a_known_county() -> None:
    for code, places in reference.gazetteer().items():
        assert code[:2] in reference.counties()
        assert all(place.inside in {"ja", "nej", "väg"} for place in places), code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Upplands-Bro", "1"), ("Upplands-bro", "1"), ("UPPLANDS–BRO", "1"), ("Upplands Bro kommun", "1"),
        ("Malmö stad", "2"), ("Arjeplogs kommun", "3"), ("Ale kommun", "4"), ("  Ale ", "4"), ("Region Gotland", "5"),
        ("Borås", "6"), ("Borås Stad", "6"), ("Atlantis", None), ("", None), ("kommun", None),
    ],
)  # fmt: skip
def test_any_spelling_of_a_municipality_is_found(written: str, code: str | None) -> None:
    names = reference.MunicipalityNames(
        [
            ("1", "Upplands-Bro"),
            ("2", "Malmö"),
            ("3", "Arjeplog"),
            ("4", "Ale"),
            ("5", "Gotland"),
            ("6", "Borås"),
        ]
    )
    assert names.code(written) == code


def test_a_place_is_found_on_word_boundaries_only() -> None:
    place = reference.Place("1861", "Ås", ("ås",), "ja")
    assert place.named_in("Brand i Ås.")
    assert not place.named_in("Brand i Åsbro")


def test_the_snapshot_is_shipped() -> None:
    assert (SNAPSHOT_FOLDER / "manifest.json").is_file()
