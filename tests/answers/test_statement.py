"""Statements as people type them: every word has a place in the reading, or nothing is judged."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lagesbild.answers import claims
from lagesbild.answers.claims import ClaimOutcome
from lagesbild.answers.statement import WHY, Area, Reading, Relation, Statement, measures, read
from lagesbild.comparison.panel import Panel
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext

HOME, KUMLA, MALMO, VASBY = "1861", "1881", "1280", "0114"
YEAR = 2026


@pytest.fixture(scope="module")
def names(real: Warehouse) -> dict[str, str]:
    return dict(queries.municipalities(real).select("code", "name").iter_rows())


@pytest.fixture(scope="module")
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


def said(relation: Relation, measure: str = "total", home: str = HOME, **more: object) -> Statement:
    return Statement(relation=relation, home=home, measure=measure, **more)  # type: ignore[arg-type]


#: The crimes, in the forms people use, and the measure that is meant.
CRIMES = {
    "brotten": "total",
    "brottsligheten": "total",
    "de anmälda brotten": "total",
    "våldet": "våld",
    "våldsbrotten": "våld",
    "inbrotten": "inbrott",
    "stölderna": "stöld",
    "skadegörelsen": "skadegörelse",
    "narkotikabrotten": "narkotika",
}
#: How a place is named as the one that it is about, and who that is.
PLACES = {"i Kumla": KUMLA, "i Upplands Väsby": VASBY, "här": HOME, "hos oss": HOME, "": HOME}
#: Changes: what is put after the crimes, and what it says.
CHANGES: dict[str, tuple[Relation, dict[str, Any]]] = {
    "har ökat": (Relation.RISEN, {}),
    "har inte ökat": (Relation.RISEN, {"negated": True}),
    "minskar": (Relation.FALLEN, {}),
    "minskar inte": (Relation.FALLEN, {"negated": True}),
    "har gått ner sedan 2020": (Relation.FALLEN, {"first": 2020}),
    "ökade från 2020 till 2024": (Relation.RISEN, {"first": 2020, "last": 2024}),
    "ökade under 2024": (Relation.RISEN, {"last": 2024}),
    "har ökat med 20 procent": (Relation.RISEN, {"percent": 20.0}),
    "har ökat med minst 7,5 %": (Relation.RISEN, {"percent": 7.5, "at_least": True}),
    "har fördubblats sedan 2019": (Relation.RISEN, {"first": 2019, "times": 2.0}),
    "har halverats": (Relation.FALLEN, {"times": 0.5}),
    "är oförändrade": (Relation.UNCHANGED, {}),
    "är inte oförändrade": (Relation.UNCHANGED, {"negated": True}),
}
CORPUS: list[tuple[str, Statement]] = [
    (f"{crime} {change} {place}".strip(), said(relation, measure, home, **more))
    for (crime, measure), (change, (relation, more)), (place, home) in product(
        list(CRIMES.items())[:6:2], CHANGES.items(), PLACES.items()
    )
] + [
    (f"{place} har {crime} ökat".strip(), said(Relation.RISEN, measure, home))
    for (crime, measure), (place, home) in product(CRIMES.items(), [("I Kumla", KUMLA), ("I Malmö", MALMO)])
]
#: Comparisons, places in the order, and what stands out.
CORPUS += [
    ("Kumla har fler brott än Hallsberg", said(Relation.MORE, home=KUMLA, other=HOME)),
    ("Kumla har inte fler brott än Hallsberg", said(Relation.MORE, home=KUMLA, other=HOME, negated=True)),
    ("Hallsberg har färre inbrott än Kumla", said(Relation.FEWER, "inbrott", other=KUMLA)),
    ("Våldet är högre än i Kumla", said(Relation.MORE, "våld", other=KUMLA)),
    ("Våldet är inte högre än i Kumla", said(Relation.MORE, "våld", other=KUMLA, negated=True)),
    ("I Kumla är våldet högre än här", said(Relation.MORE, "våld", KUMLA, other=HOME)),
    ("Brotten per invånare är högre i Malmö än i Hallsberg", said(Relation.MORE, home=MALMO, other=HOME)),
    ("Vi har fler stölder än Upplands Väsby", said(Relation.MORE, "stöld", other=VASBY)),
    ("Vi hade fler stölder än Kumla 2024", said(Relation.MORE, "stöld", other=KUMLA, last=2024)),
    ("Brotten är fler än i riket", said(Relation.MORE, area=Area.COUNTRY)),
    ("Brotten är färre än rikssnittet", said(Relation.FEWER, area=Area.COUNTRY)),
    ("Brotten i Kumla är fler än i länet", said(Relation.MORE, home=KUMLA, area=Area.COUNTY)),
    ("Hallsberg har mer brott än snittet i länet", said(Relation.MORE, area=Area.COUNTY)),
    ("Vi har fler brott än liknande kommuner", said(Relation.MORE, area=Area.SIMILAR)),
    ("Vi har 20 procent fler brott än Kumla", said(Relation.MORE, other=KUMLA, percent=20.0)),
    ("Hallsberg har dubbelt så många brott som Kumla", said(Relation.MORE, other=KUMLA, times=2.0)),
    ("Hallsberg har tre gånger så många brott som Kumla", said(Relation.MORE, other=KUMLA, times=3.0)),
    ("Kumla har hälften så många brott som vi", said(Relation.FEWER, home=KUMLA, other=HOME, times=0.5)),
    ("Hallsberg har flest brott i länet", said(Relation.HIGHEST, area=Area.COUNTY)),
    ("Hallsberg har lägst antal brott i länet", said(Relation.LOWEST, area=Area.COUNTY, by_number=True)),
    (
        "Antalet brott är högre i Göteborg än i Malmö",
        said(Relation.MORE, home="1480", other=MALMO, by_number=True),
    ),
    ("Antalet brott har ökat", said(Relation.RISEN)),
    ("Brotten i Sala har ökat", said(Relation.RISEN, home="1981")),
    ("Brotten är fler än normalt i landet", said(Relation.MORE, area=Area.COUNTRY)),
    (
        "Kumla har inte flest inbrott i landet",
        said(Relation.HIGHEST, "inbrott", KUMLA, area=Area.COUNTRY, negated=True),
    ),
    ("Vi har minst våld i länet", said(Relation.LOWEST, "våld", area=Area.COUNTY)),
    ("Hallsberg ligger på plats 8 i landet", said(Relation.RANK, area=Area.COUNTRY, rank=8)),
    (
        "Kumla ligger inte på plats 3 i länet",
        said(Relation.RANK, home=KUMLA, area=Area.COUNTY, rank=3, negated=True),
    ),
    ("I dialog med polisen så sticker inte vår kommun ut", said(Relation.STANDS_OUT, negated=True)),
    ("Vår kommun sticker ut", said(Relation.STANDS_OUT)),
    ("Kumla utmärker sig inte", said(Relation.STANDS_OUT, home=KUMLA, negated=True)),
    ("Vi har inte ökat brottsligheten", said(Relation.RISEN, negated=True)),
    ("Brotten ökar inte längre", said(Relation.RISEN, negated=True)),
    ("Det har blivit fler brott", said(Relation.RISEN)),
    ("Det blir färre inbrott", said(Relation.FALLEN, "inbrott")),
    ("Brotten är fler än förr", said(Relation.RISEN)),
    ("BROTTEN HAR MINSKAT!", said(Relation.FALLEN)),
    ("Brotten ökade i fjol", said(Relation.RISEN, last=2025)),
    ("Brotten har ökat de senaste fem åren", said(Relation.RISEN, first=2020)),
    ("Brotten ökade 2020–2025", said(Relation.RISEN, first=2020, last=2025)),
    ("Brotten ökade mellan 2020 och 2025", said(Relation.RISEN, first=2020, last=2025)),
    ("Brotten har mer än fördubblats sedan 2019", said(Relation.RISEN, first=2019, times=2.0)),
    ("Hallsberg har mer än dubbelt så många brott som Kumla", said(Relation.MORE, other=KUMLA, times=2.0)),
    ("Det anmäls fler brott i Hallsberg än i Kumla", said(Relation.MORE, other=KUMLA)),
    ("Falu kommun har färre brott än Region Gotland", said(Relation.FEWER, home="2080", other="0980")),
    ("Malmö stad har fler brott än Hallsbergs kommun", said(Relation.MORE, home=MALMO, other=HOME)),
    ("Under 2025 hade Hallsberg fler brott än Kumla", said(Relation.MORE, other=KUMLA, last=2025)),
    ("Inte fler brott i Hallsberg än i Kumla", said(Relation.MORE, other=KUMLA, negated=True)),
    ("Brotten har ökat lavinartat", said(Relation.RISEN, vague=("lavinartat",))),
]
#: What the figures cannot answer, and the reason that is given.
UNANSWERABLE = {
    "Tryggheten har ökat": "trygghet",
    "Vi är länets otryggaste kommun": "trygghet",
    "Fler känner sig otrygga": "trygghet",
    "Hallsberg är inte värst": "fara",
    "Örebro är värre än Hallsberg": "fara",
    "Hallsberg är en av Sveriges farligaste kommuner": "fara",
    "Skjutningarna har ökat": "skjutningar",
    "Gängkriminaliteten har ökat": "gäng",
    "Bilbränderna ökar i Hällefors": "bilbränder",
    "Polisen har blivit färre": "poliser",
    "Kamerorna har minskat brotten": "orsak",
    "Var femte invånare utsätts för brott": "utsatthet",
    "Ungdomsbrottsligheten har ökat": "personer",
    "Brotten kommer att öka 2030": "future",
    "Brotten har ökat i år": "thisyear",
}
#: What is not understood, and a part of what is said.
UNCLEAR = {
    "asdfgh": "förrän alla ord förstås",
    "Crime has increased in Hallsberg": "förrän alla ord förstås",
    "Brotten har ökat i Kumlla": "förrän alla ord förstås",
    "Anmälningarna ökar men brotten minskar": "förrän alla ord förstås",
    "Brotten ökar och våldet minskar": "flera påståenden",
    "Hallsberg har fler brott": "än vad",
    "Brotten i Hallsberg": "sägs inte vad som gäller",
    "Brotten har ökat i länet": "Bara kommuner",
    "Brotten har ökat i landet": "Bara kommuner",
    "Brotten i Kumla i Malmö har ökat": "oklart vilken",
    "Hallsberg har fler brott än Hallsberg": "Samma kommun",
    "Brotten har inte inte ökat": "Två nekande ord",
    "Brotten och inbrotten har ökat": "flera påståenden",
    "Brotten ökade 2027": "inte slut",
    "Brotten ökade från 2024 till 2020": "fel ordning",
    "Brotten ökade 2020 2024": "Två olika tider",
    "Brotten är oförändrade med 5 procent": "vad procenten gäller",
    "Brotten har ökat de senaste åren": "Hur många år",
    "Brotten har aldrig varit fler": "förrän alla ord förstås",
    "Hallsberg har näst flest brott i länet": "förrän alla ord förstås",
    "Hallsberg har minst hälften så många brott som Kumla": "hur många gånger",
    "Brotten har inte ökat kraftigt": "har inget mått",
    "Brotten är inte mycket fler än i Kumla": "har inget mått",
    "Brotten har ökat, inte mycket": "flera påståenden",
    "Brotten ökar, inte?": "flera påståenden",
    "Brotten har inte ökat med mer än 50 procent": "vad som förnekas",
    "Vi har fler brott än Kumla sedan 2020": "ett år i taget",
    "Vi hade flest brott i länet 2020-2025": "ett år i taget",
    "Vi har fler brott än Kumla hade 2020": "Två olika tider",
    "Brottsligheten är högre än snittet i Kumla": "kommunens egen nivå",
    "Kumla är större än Hallsberg": "Vilka brott",
    "Hallsberg växer": "Vilka brott",
    "Vi är fler än Kumla": "Vilka brott",
    "Var ökar brotten?": "fråga om var",
    "Brotten har ökat med >10 procent": "storleken med ord",
    "Brotten har ökat med -5 procent": "storleken med ord",
    "Hallsberg ligger på plats 2,5 i landet": "inget helt tal",
    "Hallsberg ligger på plats 0 i landet": "inget helt tal",
    "Brotten har minskat i dialog med polisen": "förrän alla ord förstås",
    "Andel våldsbrott har ökat": "förrän alla ord förstås",
    "Brotten i sala har ökat": "förrän alla ord förstås",
    "Villainbrotten har ökat": "förrän alla ord förstås",
    f"Brotten har ökat {'ju ' * 120}": "för långt",
    "Hallsberg har lika många brott som Kumla": "förrän alla ord förstås",
    "Brotten har knappast ökat": "förrän alla ord förstås",
    "Ingen kommun i länet har fler brott än Hallsberg": "förrän alla ord förstås",
    "Det kan vara fler brott här än i Kumla": "förrän alla ord förstås",
    "Brotten har ökat mer än i riket": "förrän alla ord förstås",
    "Brotten ökade mer i Kumla än i Hallsberg": "flera påståenden",
    "Brotten har ökat mest i länet": "flera påståenden",
    "Brotten har ökat med högst 10 procent": "inte vad de säger",
    "Brotten har ökat varje år sedan 2020": "förrän alla ord förstås",
    "Brotten ökar, men inte i Hallsberg": "förrän alla ord förstås",
    "": "Skriv ett påstående",
}


@pytest.mark.parametrize(("text", "meant"), CORPUS, ids=[text for text, _ in CORPUS])
def test_what_people_type_is_read_as_it_was_meant(text: str, meant: Statement, names: dict[str, str]) -> None:
    for typed in (text, f"{text}.", text[0].upper() + text[1:]):
        found = read(typed, HOME, names, YEAR)
        assert found.statement == meant, (typed, found)
        assert found.unknown == ()


def test_the_corpus_is_large_and_of_many_kinds() -> None:
    assert len(CORPUS) + len(UNANSWERABLE) + len(UNCLEAR) >= 260
    assert {meant.relation for _, meant in CORPUS} == set(Relation)


@pytest.mark.parametrize(("text", "reason"), list(UNANSWERABLE.items()))
def test_what_the_figures_cannot_answer_is_said_and_never_judged(
    text: str, reason: str, names: dict[str, str]
) -> None:
    found = read(text, HOME, names, YEAR)
    assert found.statement is None
    assert found.why == WHY[reason].format(home="Hallsberg")
    assert found.unknown


@pytest.mark.parametrize(("text", "why"), list(UNCLEAR.items()))
def test_what_is_not_understood_is_said_and_never_guessed(text: str, why: str, names: dict[str, str]) -> None:
    found = read(text, HOME, names, YEAR)
    assert found.statement is None
    assert why in found.why


def test_the_words_that_were_not_understood_are_named(names: dict[str, str]) -> None:
    assert read("Brotten har ökat tokmycket i Hallsberg", HOME, names, YEAR).unknown == ("tokmycket",)


def test_every_municipality_is_known_by_its_name_and_genitive(names: dict[str, str]) -> None:
    for code, name in names.items():
        for text in (f"Brotten har ökat i {name}", f"{name} har fler brott än Hallsberg"):
            if code == HOME and "än" in text:
                continue
            found = read(text, HOME, names, YEAR)
            assert found.statement is not None, (text, found)
            assert found.statement.home == code
    possessive = read("Malmös brott har minskat", HOME, names, YEAR)
    assert possessive.statement == said(Relation.FALLEN, home=MALMO)


def test_every_word_for_a_crime_has_a_measure() -> None:
    named = {row["value"] for row in reference.read_csv("claim_words.csv") if row["class"] == "measure"}
    assert named == set(measures())
    reasons = {row["value"] for row in reference.read_csv("claim_words.csv") if row["class"] == "nofigures"}
    assert reasons | {"future", "thisyear"} == set(WHY)


def outcome(context: ChartContext, found: Reading) -> ClaimOutcome | None:
    if found.statement is None:
        return None
    try:
        return claims.check(context, found.statement, found.typed).outcome
    except ChartError:
        return None


def test_a_denied_statement_is_never_answered_as_what_it_denies(
    context: ChartContext, names: dict[str, str]
) -> None:
    """Every change and comparison of the corpus, with and without ``inte``."""
    turned = {ClaimOutcome.HOLDS: ClaimOutcome.FAILS, ClaimOutcome.FAILS: ClaimOutcome.HOLDS}
    pairs = [
        ("har ökat", "har inte ökat"),
        ("minskar", "minskar inte"),
        ("är fler än i Kumla", "är inte fler än i Kumla"),
        ("är färre än i riket", "är inte färre än i riket"),
        ("är oförändrade", "är inte oförändrade"),
    ]
    judged = 0
    for crime, (plain, denied), home in product(CRIMES, pairs, (HOME, "0180", MALMO, "2425", "0980")):
        one = outcome(context, read(f"{crime} {plain}", home, names, YEAR))
        other = outcome(context, read(f"{crime} {denied}", home, names, YEAR))
        if one is None:
            assert other is None
            continue
        assert other is turned.get(one, one), (crime, plain, home)
        judged += 1
    assert judged > 150


def test_two_municipalities_swapped_never_both_have_more(
    context: ChartContext, names: dict[str, str]
) -> None:
    for crime, other in product(
        ("brott", "våld", "inbrott"), ("Kumla", "Degerfors", "Malmö", "Upplands Väsby")
    ):
        one = outcome(context, read(f"Hallsberg har fler {crime} än {other}", HOME, names, YEAR))
        two = outcome(context, read(f"{other} har fler {crime} än Hallsberg", HOME, names, YEAR))
        assert {one, two} != {ClaimOutcome.HOLDS}, (crime, other)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Brotten har ökat med 27 procent", ClaimOutcome.HOLDS),
        ("Brotten har ökat med 72 procent", ClaimOutcome.FAILS),
        ("Våldsbrotten har ökat med 300 procent", ClaimOutcome.FAILS),
        ("Brottsligheten har fördubblats sedan 2019", ClaimOutcome.FAILS),
        ("Brotten har inte ökat", ClaimOutcome.FAILS),
        ("Brottsligheten sjönk under 2025", ClaimOutcome.FAILS),
        ("Brotten ökade 2018", ClaimOutcome.FAILS),
        ("Kumla har fler brott än Hallsberg", ClaimOutcome.FAILS),
        ("Hallsberg har fler inbrott än Kumla", ClaimOutcome.HOLDS),
        ("Hallsberg har dubbelt så många brott som Kumla", ClaimOutcome.FAILS),
        ("Hallsberg har lägst antal brott i länet", ClaimOutcome.FAILS),
        ("Hallsberg har flest brott i länet", ClaimOutcome.HOLDS),
        ("Hallsberg ligger på plats 8 i landet", ClaimOutcome.HOLDS),
        ("Hallsberg ligger på plats 9 i landet", ClaimOutcome.FAILS),
        ("Hallsberg har flest antal brott i länet", ClaimOutcome.FAILS),
        ("Örebro har flest antal brott i länet", ClaimOutcome.HOLDS),
        ("Antalet brott är högre i Göteborg än i Malmö", ClaimOutcome.HOLDS),
        ("Tibro har färre brott än Skövde", ClaimOutcome.DEPENDS),
        ("Brotten är oförändrade", ClaimOutcome.FAILS),
        ("Brotten i Hallsberg är fler än i riket", ClaimOutcome.HOLDS),
        ("Hallsberg har mer brott än snittet i länet", ClaimOutcome.HOLDS),
        ("Brotten per invånare är högre i Malmö än i Hallsberg", ClaimOutcome.HOLDS),
        ("Våldsbrotten är färre än i Degerfors", ClaimOutcome.UNDECIDED),
        ("Narkotikabrotten ökar i Hallsberg", ClaimOutcome.HOLDS),
    ],
)
def test_known_answers(text: str, right: ClaimOutcome, context: ChartContext, names: dict[str, str]) -> None:
    assert outcome(context, read(text, HOME, names, YEAR)) is right


def test_what_there_are_no_figures_of_is_never_answered_by_the_total(
    context: ChartContext, names: dict[str, str]
) -> None:
    found = read("Sexualbrotten har ökat", HOME, names, YEAR)
    assert found.statement is not None
    with pytest.raises(ChartError, match="inga siffror om sexualbrott för Hallsberg"):
        claims.check(context, found.statement)
    long_ago = read("Våldsbrotten ökade 2012", HOME, names, YEAR)
    assert long_ago.statement is not None
    with pytest.raises(ChartError, match="saknas för 2011 och 2012"):
        claims.check(context, long_ago.statement)


def test_the_shared_statements_are_all_read_or_said(shared: Path, names: dict[str, str]) -> None:
    lines = [
        line.partition("|")[0].strip()
        for line in (shared / "data" / "claims.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    found = [read(line, HOME, names, YEAR) for line in lines]
    assert len(lines) >= 39
    assert all(one.statement or one.why for one in found)
    assert sum(one.statement is not None for one in found) >= 25


def test_a_county_of_one_has_no_places_and_a_year_no_later_one(
    context: ChartContext, names: dict[str, str]
) -> None:
    for text, told in (
        ("Gotland har flest brott i länet", "ensam i länet"),
        ("Brotten har ökat sedan 2025", "inget senare år"),
    ):
        found = read(text, HOME, names, YEAR)
        assert found.statement is not None
        with pytest.raises(ChartError, match=told):
            claims.check(context, found.statement)
