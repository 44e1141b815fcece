"""The claim check: what the figures say of a statement, and that it never says more than they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lagesbild.answers.claim_page import html
from lagesbild.answers.claims import ClaimOutcome, check, wording
from lagesbild.answers.statement import Area, Relation, Statement
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext


@pytest.fixture
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


def stated(
    relation: Relation, home: str, measure: str, other: str = "", *, negated: bool = False
) -> Statement:
    return Statement(relation=relation, home=home, measure=measure, other=other, negated=negated)


def test_does_not_stand_out_depends_on_whom_one_compares_with(context: ChartContext) -> None:
    found = check(context, stated(Relation.STANDS_OUT, "1861", "N07540", negated=True))
    assert found.outcome is ClaimOutcome.DEPENDS
    assert len(found.views) == 8
    assert sum(view.outcome is ClaimOutcome.FAILS for view in found.views) == 4
    assert {view.name for view in found.disagree} >= {"Arbetsmarknadsregionen Örebro"}
    assert "plats 8 av 290" in found.press
    assert "37 procent högre än gruppens median" in found.fair
    turned = check(context, stated(Relation.STANDS_OUT, "1861", "N07540"))
    assert [view.outcome for view in turned.views].count(ClaimOutcome.HOLDS) == 4


def test_an_increase_that_may_be_chance_is_not_called_one(context: ChartContext) -> None:
    found = check(context, stated(Relation.RISEN, "1861", "N07403"))
    assert found.outcome is ClaimOutcome.UNDECIDED
    assert found.certainty == "161 brott år 2024 och 173 år 2025. Skillnaden kan vara en slump."
    assert found.press == "”Våldsbrott ökar med 8 procent i Hallsberg”"


def test_more_than_another_municipality_is_judged_per_inhabitant(context: ChartContext) -> None:
    found = check(context, stated(Relation.MORE, "1861", "N07403", "1881"))
    # 2025 went the other way by more than chance, and three years together by more than the figure usually moves.
    assert found.outcome is ClaimOutcome.FAILS
    assert (found.views[0].outcome, found.views[-1].outcome) == (ClaimOutcome.FAILS, ClaimOutcome.FAILS)
    fewer = check(context, stated(Relation.FEWER, "1861", "N07403", "1881"))
    assert fewer.views[-1].outcome is ClaimOutcome.HOLDS
    with pytest.raises(ChartError, match="Välj en annan kommun"):
        check(context, stated(Relation.MORE, "1861", "N07403", "1861"))


def test_shares_from_surveys_are_told_as_shares(context: ChartContext) -> None:
    falun, borlange = "2080", "2081"
    found = check(context, stated(Relation.MORE, falun, "NTU_OTRYGG", borlange))
    assert found.outcome is ClaimOutcome.FAILS
    assert found.wording == "Otrygg ute sent, Brås indikator i Falun är högre än i Borlänge 2025"
    assert found.press == "”Lägre i Falun än i Borlänge: 19,0 mot 33,0 procent”"
    assert found.certainty == "Felmarginalerna går isär mellan kommunerna."
    assert found.limits.startswith("Siffrorna bygger på svar från ett urval")
    change = check(context, stated(Relation.RISEN, falun, "NTU_OTRYGG"))
    assert change.outcome is ClaimOutcome.UNDECIDED
    assert "från 18,0 till 19,0 procent" in change.press


def test_opposite_statements_never_both_hold_or_both_fail(context: ChartContext) -> None:
    pairs = ((Relation.RISEN, Relation.FALLEN), (Relation.MORE, Relation.FEWER))
    for home in ("1861", "0180", "2425", "0980", "1480"):
        for indicator in ("N07540", "N07403"):
            for pair in pairs:
                outcomes = [check(context, stated(kind, home, indicator, "1881")).outcome for kind in pair]
                assert set(outcomes) != {ClaimOutcome.HOLDS}, (home, indicator, pair)
                assert set(outcomes) != {ClaimOutcome.FAILS}, (home, indicator, pair)


def test_a_reading_is_told_as_a_sentence_with_its_years(context: ChartContext) -> None:
    for made, told in (
        (stated(Relation.RISEN, "1861", "N07540", negated=True), "har inte ökat från 2024 till 2025"),
        (stated(Relation.UNCHANGED, "1861", "N07540"), "ligger på samma nivå 2025 som 2024"),
        (stated(Relation.MORE, "1881", "N07540", "1861"), "i Kumla är fler per invånare än i Hallsberg 2025"),
        (
            replace(stated(Relation.RANK, "1861", "N07540"), rank=8),
            "ligger på plats 8 i riket, räknat per invånare, 2025",
        ),
        (
            replace(stated(Relation.LOWEST, "1861", "N07540"), area=Area.COUNTY),
            "ligger lägst i länet, räknat per invånare, 2025",
        ),
        (
            replace(stated(Relation.MORE, "1861", "N07540", "1881"), times=2.0),
            "är minst 2 gånger så många per invånare som i Kumla 2025",
        ),
        (
            replace(stated(Relation.RISEN, "1861", "N07540"), percent=7.5, at_least=True),
            "har ökat med minst 7,5 procent från 2024 till 2025",
        ),
        (
            replace(stated(Relation.FALLEN, "1861", "N07540"), times=0.5, first=2020, last=2024),
            "har minskat till högst 0,5 gånger så många från 2020 till 2024",
        ),
    ):
        assert told in wording(context, made)


def test_words_of_size_without_a_measure_are_told_beside_the_size(context: ChartContext) -> None:
    made = replace(stated(Relation.RISEN, "1861", "N07540"), vague=("lavinartat",))
    assert "”lavinartat” har inget mått: storleken står här." in check(context, made).said


def test_years_on_each_side_of_a_break_are_not_compared(context: ChartContext) -> None:
    made = replace(stated(Relation.RISEN, "1861", "U07417"), first=2012, last=2020)
    with pytest.raises(ChartError, match="2012 och 2020 går inte att jämföra"):
        check(context, made)


def test_the_page_says_it_all_and_escapes_what_it_is_given(context: ChartContext) -> None:
    found = check(context, stated(Relation.RISEN, "1861", "N07403"))
    page = html(found, [], [])
    for text in (
        "Alla jämförelser",
        "Så skulle en rubrik kunna lyda",
        "Så låter det rättvist",
        found.limits,
        'lang="sv"',
    ):
        assert text in page
    assert all(build(context, chart, parameters) for chart, parameters in found.charts)
