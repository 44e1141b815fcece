"""Jämför kommuner and Alla kommuner as a reader meets them, and the box that municipalities are searched in."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.config import Settings
from tests.test_pages import opened, text

PAIR, ALL = "pages/jamfor.py", "pages/alla.py"


@pytest.fixture(autouse=True)
def _environment(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(ready.home))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def chosen(app: AppTest, label: str, option: str) -> AppTest:
    next(one for one in app.selectbox if one.label == label).set_value(option).run()
    assert not app.exception, app.exception
    return app


def typed(app: AppTest, label: str, words: str) -> AppTest:
    """Type what is no option, and press Enter."""
    box = next(one for one in app.selectbox if one.label == label)
    box.options.append(words)  # AppTest knows only what is in the list; the page does not get this one
    return chosen(app, label, words)


def address(app: AppTest, name: str) -> str:
    value = app.query_params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


# --- the box ---


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ore", "1880"),
        ("1861", "1861"),
        ("Hallsbrg", "1861"),
        ("Halsberg", "1861"),
        ("malmo", "1280"),
        ("Goteborg", "1480"),
        ("Kumla kommun", "1881"),
        ("kumla", "1881"),
    ],
)
def test_a_municipality_is_found_however_it_is_typed(words: str, code: str) -> None:
    app = typed(opened("pages/vad_sticker_ut.py", kommun="1882"), "Kommun", words)
    assert address(app, "kommun") == code
    assert not app.warning


def test_one_that_was_chosen_before_can_be_chosen_again() -> None:
    app = opened("pages/vad_sticker_ut.py", kommun="1861")
    for words, code in (("malmo", "1280"), ("Hallsbrg", "1861"), ("malmo", "1280"), ("1861", "1861")):
        assert address(typed(app, "Kommun", words), "kommun") == code


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("upplands", "”upplands” kan vara Upplands Väsby eller Upplands-Bro."),
        ("ör", "”ör” kan vara Örebro, Örkelljunga eller Örnsköldsvik."),
        ("v", "Det finns ingen kommun som heter eller har koden ”v”."),
        ("va", "kommuner börjar på ”va”. Skriv fler bokstäver."),
        ("9999", "Det finns ingen kommun som heter eller har koden ”9999”."),
        ("<b>[x](http://127.0.0.1)", "Det finns ingen kommun som heter eller har koden ”bxhttp127001”."),
    ],
)
def test_what_cannot_be_read_is_told_and_the_former_stays(words: str, told: str) -> None:
    app = typed(opened("pages/vad_sticker_ut.py", kommun="1882"), "Kommun", words)
    assert told in text(app)
    assert address(app, "kommun") == "1882"
    assert "Vad sticker ut i Askersund?" in text(app)
    assert told not in text(chosen(app, "Kommun", "1881"))


@pytest.mark.parametrize("named", ["Malmö", "malmo", "1280", "Malmö stad"])
def test_an_address_may_have_the_name_and_gets_the_code(named: str) -> None:
    app = opened("pages/vad_sticker_ut.py", kommun=named)
    assert "Vad sticker ut i Malmö?" in text(app)
    assert address(app, "kommun") == "1280"


# --- two to six ---


def test_two_municipalities_are_answered_in_a_sentence_without_danger() -> None:
    app = opened(PAIR, kommun="1861", med="1881")
    said = text(app)
    assert "Fler anmälda brott per invånare i Hallsberg än i Kumla" in said
    assert (
        "Anmälda brott är fler per invånare i Hallsberg än i Kumla 2025: 14 657 mot 9 796 per 100 000. Det är 50 procent fler. "
        "Skillnaden är större än slumpen brukar ge."
    ) in said
    assert "inte hur stor risken är för en person" in said
    assert "Åren 2023–2025 tillsammans: 11 978 i Hallsberg mot 9 888 i Kumla" in said
    assert "Kumla är inte bland de kommuner som liknar Hallsberg mest" in said
    assert "farlig" not in said.lower()
    assert "./?kommun=1881" in html(app)
    assert "ingen säker skillnad" in said


def test_several_are_chosen_in_the_address_by_name_and_told_with_the_correction() -> None:
    app = opened(PAIR, kommun="Hallsberg", med="Kumla,ÖREBRO,1882", nyckeltal="SOL_STOLD")
    assert address(app, "med") == "1881,1880,1882"
    said = text(app)
    assert "Hallsberg skiljer sig säkert från alla tre andra" in said
    assert "fler per invånare än i Kumla och Askersund men färre per invånare än i Örebro 2025." in said
    assert "Hallsberg prövas mot tre andra samtidigt. Kraven är därför högre" in said


def test_municipalities_are_added_changed_and_taken_away() -> None:
    app = opened(PAIR, kommun="1861", med="1881")
    next(one for one in app.button if one.label == "Lägg till en kommun").click().run()
    added = address(app, "med").split(",")
    assert len(added) == 2
    typed(app, "Jämför med, 2", "ore")
    assert address(app, "med") == "1881,1880"
    typed(app, "Jämför med, 2", "kumla")
    assert "Kumla är redan med. Välj en annan kommun." in text(app)
    assert address(app, "med") == "1881,1880"
    next(one for one in app.button if one.label == "Ta bort Örebro").click().run()
    assert address(app, "med") == "1881"


def test_what_the_address_has_wrong_is_told() -> None:
    many = "1881,1880,1882,1860,1862,1863,1864"
    said = text(opened(PAIR, kommun="1861", med=f"<script>,{many}"))
    assert "En av kommunerna i adressen finns inte" in said
    assert "Högst 6 kommuner visas samtidigt." in said
    assert "<script" not in said
    assert "Jämför kommuner" in text(opened(PAIR, kommun="1861", med="1861"))


def test_a_measure_that_one_lacks_is_said_never_guessed() -> None:
    app = opened(PAIR, kommun="2080", med="0180,2081", nyckeltal="NTU_OTRYGG")
    said = text(app)
    assert "Uppgift saknas för Stockholm. Det betyder inte noll." in said
    assert "andelen är lägre i Falun än i Borlänge 2025: 19,0 mot 33,0 procent." in said
    alone = text(opened(PAIR, kommun="2080", med="0180", nyckeltal="NTU_OTRYGG"))
    assert "Det finns inga uppgifter att jämföra Falun och Stockholm med." in alone


# --- everybody ---


def test_everybody_is_in_a_list_of_twenty_with_links() -> None:
    app = opened(ALL)
    said = text(app)
    assert "59 kommuner ligger högre än sin grupp och 59 lägre" in said
    assert "Visar 1–20 av 290, sida 1 av 15." in said
    assert html(app).count("nyckeltal=N07540&amp;grupp=kolada") == 21  # and the one below the map
    assert "19 159" in said
    assert "8 av 290" in said


def test_order_search_and_page_stand_in_the_address() -> None:
    app = opened(ALL, sortera="varde_lagst", sida="15")
    assert "Visar 281–290 av 290, sida 15 av 15." in text(app)
    assert "Stockholm " in text(app)
    app = opened(ALL, sok="orebro lan", sortera="namn")
    said = text(app)
    assert "Visar 1–12 av 12." in said
    assert said.index("Askersund") < said.index("Örebro län", said.index("Askersund"))
    app = opened(ALL)
    for order in ("namn", "kvot", "lan"):
        assert address(chosen(app, "Sortera efter", order), "sortera") == order
    app.selectbox(key="sida").set_value(3).run()
    assert address(app, "sida") == "3"
    chosen(app, "Sortera efter", "namn")
    assert address(app, "sida") == ""
    app.text_input(key="sok").set_value("hallsb").run()
    assert address(app, "sok") == "hallsb"
    assert "Visar 1–1 av 1." in text(app)
    app.text_input(key="sok").set_value("qqqq").run()
    assert "Ingen kommun och inget län stämmer" in text(app)


@pytest.mark.parametrize(
    "query", [{"sortera": "x"}, {"sida": "99"}, {"sida": "²"}, {"sida": "-1"}, {"grupp": "egen"}]
)
def test_nonsense_in_the_address_shows_the_list_all_the_same(query: dict[str, str]) -> None:
    assert "av 290" in text(opened(ALL, **query))


def test_a_measure_that_few_have_shows_who_lacks_it() -> None:
    said = text(opened(ALL, kommun="2080", nyckeltal="NTU_OTRYGG", grupp="county", sortera="namn"))
    assert "Uppgift saknas för 275." in said
    assert "uppgift saknas" in said
