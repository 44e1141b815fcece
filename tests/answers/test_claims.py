"""The claim check: what the figures say of a statement, and that it never says more than they do."""

from __future__ import annotations

import pytest

from lagesbild.answers.claim_page import html
from lagesbild.answers.claims import Claim, ClaimKind, ClaimOutcome, check, understood
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext


@pytest.fixture
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("I dialog med polisen så sticker inte vår kommun ut", Claim(ClaimKind.DOES_NOT, "1861", "N07540")),
        ("Vår kommun sticker ut", Claim(ClaimKind.STANDS_OUT, "1861", "N07540")),
        ("våldsbrotten har ökat", Claim(ClaimKind.RISEN, "1861", "N07403")),
        ("BROTTEN HAR MINSKAT!", Claim(ClaimKind.FALLEN, "1861", "N07540")),
        ("Våldet är högre än i Kumla", Claim(ClaimKind.MORE_THAN, "1861", "N07403", "1881")),
        ("färre brott här än i Örebro", Claim(ClaimKind.FEWER_THAN, "1861", "N07540", "1880")),
        ("brotten är fler än förr", Claim(ClaimKind.RISEN, "1861", "N07540")),
        ("hej på dig", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_statements_people_make_are_understood(context: ChartContext, text: str, claim: Claim | None) -> None:
    assert understood(context, text, "1861") == claim


def test_a_statement_about_crimes_without_figures_is_told(context: ChartContext) -> None:
    with pytest.raises(ChartError, match="inga siffror om bostadsinbrott"):
        understood(context, "bostadsinbrotten är fler än i Kumla", "1861")


@pytest.mark.parametrize(
    ("said", "measure"),
    [
        ("inbrotten är fler än i Kumla", "SOL_INBROTT"),
        ("narkotikabrotten ökar", "SOL_NARKOTIKA_VAPEN"),
        ("stölderna ökar", "SOL_STOLD"),
        ("brotten ökar", "N07540"),
    ],
)
def test_crimes_are_the_shipped_groups(said: str, measure: str, context: ChartContext) -> None:
    claim = understood(context, said, "1861")
    assert claim is not None
    assert claim.indicator == measure


def test_does_not_stand_out_depends_on_whom_one_compares_with(context: ChartContext) -> None:
    found = check(context, Claim(ClaimKind.DOES_NOT, "1861", "N07540"))
    assert found.outcome is ClaimOutcome.DEPENDS
    assert len(found.views) == 8
    assert sum(view.outcome is ClaimOutcome.FAILS for view in found.views) == 4
    assert {view.name for view in found.disagree} >= {"Arbetsmarknadsregionen Örebro"}
    assert "plats 8 av 290" in found.press
    assert "37 procent högre än gruppens median" in found.fair
    turned = check(context, Claim(ClaimKind.STANDS_OUT, "1861", "N07540"))
    assert [view.outcome for view in turned.views].count(ClaimOutcome.HOLDS) == 4


def test_an_increase_that_may_be_chance_is_not_called_one(context: ChartContext) -> None:
    found = check(context, Claim(ClaimKind.RISEN, "1861", "N07403"))
    assert found.outcome is ClaimOutcome.UNDECIDED
    assert found.certainty == "161 brott år 2024 och 173 år 2025. Skillnaden kan vara en slump."
    assert found.press == "”Våldsbrott ökar med 8 procent i Hallsberg”"


def test_more_than_another_municipality_is_judged_per_inhabitant(context: ChartContext) -> None:
    found = check(context, Claim(ClaimKind.MORE_THAN, "1861", "N07403", "1881"))
    # One year is within what the figure usually moves by; three together are not.
    assert [view.outcome for view in found.views] == [ClaimOutcome.UNDECIDED] * 3 + [ClaimOutcome.FAILS]
    fewer = check(context, Claim(ClaimKind.FEWER_THAN, "1861", "N07403", "1881"))
    assert fewer.views[-1].outcome is ClaimOutcome.HOLDS
    with pytest.raises(ChartError, match="Välj en annan kommun"):
        check(context, Claim(ClaimKind.MORE_THAN, "1861", "N07403", "1861"))


def test_shares_from_surveys_are_told_as_shares(context: ChartContext) -> None:
    falun, borlange = "2080", "2081"
    found = check(context, Claim(ClaimKind.MORE_THAN, falun, "NTU_OTRYGG", borlange))
    assert found.outcome is ClaimOutcome.FAILS
    assert found.wording == "Otrygg ute sent, Brås indikator är högre i Falun än i Borlänge"
    assert found.press == "”Lägre i Falun än i Borlänge: 19,0 mot 33,0 procent”"
    assert found.certainty == "Felmarginalerna går isär mellan kommunerna."
    assert found.limits.startswith("Siffrorna bygger på svar från ett urval")
    change = check(context, Claim(ClaimKind.RISEN, falun, "NTU_OTRYGG"))
    assert change.outcome is ClaimOutcome.UNDECIDED
    assert "från 18,0 till 19,0 procent" in change.press


def test_opposite_statements_never_both_hold(context: ChartContext) -> None:
    pairs = (
        (ClaimKind.STANDS_OUT, ClaimKind.DOES_NOT),
        (ClaimKind.RISEN, ClaimKind.FALLEN),
        (ClaimKind.MORE_THAN, ClaimKind.FEWER_THAN),
    )
    for home in ("1861", "0180", "2425", "0980", "1480"):
        for indicator in ("N07540", "N07403"):
            for one, other in pairs:
                outcomes = [
                    check(context, Claim(kind, home, indicator, "1881")).outcome for kind in (one, other)
                ]
                flipped = {ClaimOutcome.HOLDS: ClaimOutcome.FAILS, ClaimOutcome.FAILS: ClaimOutcome.HOLDS}
                assert outcomes[1] is flipped.get(outcomes[0], outcomes[0]), (home, indicator, one)


def test_the_page_says_it_all_and_escapes_what_it_is_given(context: ChartContext) -> None:
    found = check(context, Claim(ClaimKind.RISEN, "1861", "N07403"))
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
