"""The hand-kept tables: whole, consistent, and able to find any spelling of a municipality."""

from __future__ import annotations

import re

import pytest

from lagesbild.config import SNAPSHOT_FOLDER
from lagesbild.data import reference
from lagesbild.data.indicators import IndicatorKind, Unit
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


@pytest.mark.parametrize("table", ["kolada_indicators.csv", "bra_indicators.csv"])
def test_what_is_compared_has_a_unit_that_can_be_compared(table: str) -> None:
    for row in reference.read_csv(table):
        assert row["category"] in {"brott", "brottstyp", "trygghet", "modell", "underlag"}, row["id"]
        if row["kind"] in set(IndicatorKind):
            assert row["unit"] in set(Unit), row["id"]
            assert (row["kind"] == IndicatorKind.SURVEY) == (row["unit"] == Unit.PERCENT), row["id"]


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
        ("Upplands-Bro", "1"),
        ("Upplands-bro", "1"),
        ("UPPLANDS–BRO", "1"),
        ("Upplands Bro kommun", "1"),
        ("Malmö stad", "2"),
        ("Arjeplogs kommun", "3"),
        ("Ale kommun", "4"),
        ("  Ale ", "4"),
        ("Region Gotland", "5"),
        ("Borås", "6"),
        ("Borås Stad", "6"),
        ("Atlantis", None),
        ("", None),
        ("kommun", None),
    ],
)
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


OFFICIAL = {
    "2080": ("Falun", "Falu kommun"),
    "0980": ("Gotland", "Region Gotland"),
    "1280": ("Malmö", "Malmö stad"),
    "2023": ("Malung-Sälen", "Malung–Sälens kommun"),
    "2506": ("Arjeplog", "Arjeplogs kommun"),
    "0180": ("Stockholm", "Stockholms stad"),
    "1480": ("Göteborg", "Göteborgs Stad"),
    "1490": ("Borås", "Borås stad"),
    "1980": ("Västerås", "Västerås stad"),
    "0139": ("Upplands-Bro", "Upplands-bro"),
    "1438": ("Dals-Ed", "Dals-Eds kommun"),
    "1462": ("Lilla Edet", "Lilla Edets kommun"),
    "0331": ("Heby", "Heby kommun (Uppsala län from 2007)"),
    "0184": ("Solna", "Solna stad"),
    "0687": ("Tranås", "Tranås kommun"),
    "1488": ("Trollhättan", "Trollhättans Stad"),
    "2326": ("Berg", "Bergs kommun"),
    "0305": ("Håbo", "Håbo kommun"),
    "1880": ("Örebro", "O\u0308rebro"),
}


@pytest.mark.parametrize("code", OFFICIAL)
def test_every_official_spelling_is_found(code: str) -> None:
    names = reference.MunicipalityNames([(c, name) for c, (name, _) in OFFICIAL.items()])
    name, official = OFFICIAL[code]
    for written in (
        name,
        official,
        official.upper(),
        official.lower(),
        official.replace("-", "–"),
        f"{official} ",
    ):
        assert names.code(written) == code, written


def test_a_hand_kept_spelling_of_a_municipality_that_is_not_given_is_not_found() -> None:
    assert reference.MunicipalityNames([("1801", "Provås")]).code("Falu kommun") is None


def test_every_hand_kept_spelling_is_needed_and_explained() -> None:
    for row in reference.read_csv("municipality_aliases.csv"):
        assert row["why"]
        assert len(row["code"]) == 4
        plain = reference.normalise_name(row["alias"])
        name = next(n for code, (n, _) in OFFICIAL.items() if code == row["code"])
        assert plain not in {
            reference.normalise_name(f"{name}{end}") for end in ("", " kommun", "s kommun", " stad")
        }


def test_a_place_is_found_on_word_boundaries_only() -> None:
    place = reference.Place(code="1861", locality="Ås", variants=("ås",), inside="ja")
    assert place.named_in("Brand i Ås.")
    assert not place.named_in("Brand i Åsbro")


def test_the_snapshot_is_shipped() -> None:
    assert (SNAPSHOT_FOLDER / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1861", "Hallsbergs kommun"),
        ("1881", "Kumla kommun"),
        ("1880", "Örebro kommun"),
        ("1280", "Malmö stad"),
        ("1480", "Göteborgs stad"),
        ("0180", "Stockholms stad"),
        ("1490", "Borås stad"),
        ("0980", "Region Gotland"),
        ("2080", "Falu kommun"),
        ("0880", "Kalmar kommun"),
        ("1470", "Vara kommun"),
        ("0139", "Upplands-Bro kommun"),
        ("0114", "Upplands Väsby kommun"),
        ("1462", "Lilla Edets kommun"),
        ("1438", "Dals-Eds kommun"),
        ("2023", "Malung-Sälens kommun"),
        ("0687", "Tranås kommun"),
        ("1460", "Bengtsfors kommun"),
        ("1761", "Hammarö kommun"),
        ("1267", "Höörs kommun"),
    ],
)
def test_a_municipality_is_called_what_it_calls_itself(code: str, name: str) -> None:
    assert reference.full_name(code, reference.municipality_names()[code]) == name


def test_no_full_name_has_a_genitive_s_after_a_vowel() -> None:
    for code, name in reference.municipality_names().items():
        full = reference.full_name(code, name)
        first = full.rsplit(" ", 1)[0]
        assert full.endswith((" kommun", " stad")) or full == "Region Gotland"
        assert not re.search(r"[aeiouyåäö]s$", first) or name.endswith("s"), full
