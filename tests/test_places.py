"""Places that notices name: of every municipality, told from ordinary words, and quick to look for."""

from __future__ import annotations

import pytest

from lagesbild.data import reference
from lagesbild.data.reference import Place


def names(code: str) -> list[str]:
    return [place.locality for place in reference.gazetteer()[code]]


def test_every_municipality_has_places_of_its_own() -> None:
    municipalities = reference.municipality_names()
    assert len(municipalities) == 290
    listed = {row["code"] for row in reference.read_csv("localities.csv")}
    assert listed == set(municipalities)
    assert set(reference.gazetteer()) <= set(municipalities)
    without = sorted(municipalities[code] for code in set(municipalities) - set(reference.gazetteer()))
    assert len(without) < 5, f"only where the one locality has another municipality's name: {without}"


@pytest.mark.parametrize(
    ("code", "locality"),
    [
        ("0114", "Upplands Väsby"),
        ("2584", "Kiruna"),
        ("0980", "Slite"),
        ("1715", "Kil"),
        ("1440", "Älvängen"),
        ("0187", "Rindö"),
        ("1480", "Lövgärdet"),
        ("1080", "Hasslö"),
        ("1291", "Gärsnäs"),
        ("0461", "Gnesta"),
    ],
)
def test_localities_lie_in_their_municipality_also_where_the_map_is_off(code: str, locality: str) -> None:
    assert locality in names(code)
    others = [
        other
        for other, places in reference.gazetteer().items()
        if other != code and locality in {place.locality for place in places}
    ]
    assert others == []


def test_the_five_localities_of_hallsberg_are_listed_and_its_hand_kept_places_stand_alone(
    shared: object,
) -> None:
    listed = {row["locality"] for row in reference.read_csv("localities.csv") if row["code"] == "1861"}
    assert listed == {"Hallsberg", "Pålsboda", "Sköllersta", "Vretstorp", "Östansjö"}
    by_hand = [row["locality"] for row in reference.read_csv("gazetteer.csv") if row["code"] == "1861"]
    assert names("1861") == by_hand, "nothing is added where the hand-kept places have it already"


def test_a_municipalitys_own_name_is_a_place_only_where_it_is_its_largest_locality_and_comes_last() -> None:
    assert names("1980")[-1] == "Västerås"
    assert "Sigtuna" not in names("0191"), "Märsta is larger"
    others = set(reference.municipality_names().values()) | set(reference.counties().values())
    for code, places in reference.gazetteer().items():
        assert not {p.locality for p in places if p.exact} & (others - {reference.municipality_names()[code]})


@pytest.mark.parametrize(
    ("code", "district"), [("0180", "Hägersten-Älvsjö"), ("1480", "Örgryte-Härlanda"), ("1280", "Rosengård")]
)
def test_the_districts_of_the_three_cities_are_places_of_theirs(code: str, district: str) -> None:
    (place,) = [place for place in reference.gazetteer()[code] if place.locality == district]
    assert (place.kind, place.inside) == ("stadsdel", "ja")


def test_a_district_is_found_by_its_parts_and_a_point_of_the_compass_is_no_district() -> None:
    assert reference.places_named("Rån i Frölunda", "1480")[0].locality == "Askim-Frölunda-Högsbo"
    assert reference.places_named("Polisen söker i centrum, norr om Söder", "1280") == []


VARA = Place(code="1470", locality="Vara", variants=("Vara",), inside="ja", exact=True, ordinary=True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Inbrott i Vara under natten.", True),
        ("Vara, stöld ur bil.", True),  # a place standing by itself
        ("Vara", True),  # a redacted text
        ("Stulen bil. Vara.", True),
        ("Det ska vara ett bråk.", False),
        ("Vara försiktig.", False),  # a word that begins a sentence
        ("Olycka. Vara beredd på köer.", False),
        ("Fråga: Vara eller inte?", False),
        ("Varar till kvällen", False),
        ("VARA", False),
    ],
)
def test_a_name_that_is_also_a_word_is_a_place_only_where_it_cannot_be_the_word(
    text: str, named: bool
) -> None:
    assert VARA.named_in(text) is named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Älvängen: bilbrand", True),
        ("Brand i Älvängen", True),
        ("brand i älvängen", False),
        ("Älvängens IP", False),
        ("Nya-Älvängenvägen", False),
        ("i Älvängen kommun", False),
    ],
)
def test_a_locality_must_be_spelt_exactly(text: str, named: bool) -> None:
    (place,) = [place for place in reference.gazetteer()["1440"] if place.locality == "Älvängen"]
    assert place.named_in(text) is named


@pytest.mark.parametrize(
    "word",
    ["Vara", "Bro", "Berg", "Kil", "Mora", "Åre", "By", "Ed", "Hult", "Torp", "Lund", "Vik", "Sala", "Vi"],
)
def test_common_words_are_known_as_such(word: str) -> None:
    assert word in {row["word"] for row in reference.read_csv("ordinary_words.csv")}
    places = [p for found in reference.gazetteer().values() for p in found if p.locality == word and p.exact]
    assert all(place.ordinary for place in places)


def test_the_index_finds_what_asking_every_place_finds() -> None:
    texts = [
        "Brand i Vretstorp och på E 20, Kumla.",
        "Rån i Rinkeby, två gripna i Kista",
        "Södra Innerstaden. Bråk",
        "",
        "centrala hallsberg",
        "Vara försiktig i Kvänum",
        "Norra innerstaden och Norrmalm",
        "Trafikolycka, Upplands Väsby",
    ]
    every = [place for places in reference.gazetteer().values() for place in places]
    for text in texts:
        assert set(reference.places_named(text)) == {place for place in every if place.named_in(text)}
        for code in ("0180", "1861", "1280", "0114"):
            expected = [place for place in reference.gazetteer()[code] if place.named_in(text)]
            assert reference.places_named(text, code) == expected


def test_a_municipality_without_places_names_none() -> None:
    assert reference.places_named("Brand i Vretstorp", "9999") == []
