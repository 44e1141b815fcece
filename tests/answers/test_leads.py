"""A question is met with the charts that say something of it, and with what no figure can say."""

from __future__ import annotations

import pytest

from lagesbild.answers.leads import ASKED, UNTOLD, Topic, lead, topics_of
from lagesbild.answers.sentences import doubts
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext


@pytest.fixture(scope="module")
def context(real: Warehouse) -> ChartContext:
    return ChartContext(real)


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Sticker kommunen ut?", (Topic.STANDING,)),
        ("Hur ligger vi till jämfört med andra kommuner?", (Topic.STANDING,)),
        ("Har våldet ökat de senaste åren?", (Topic.CHANGE,)),
        ("Vad görs åt händelserna?", (Topic.ACTION,)),
        ("Räcker väktarna, eller behövs fler?", (Topic.GUARDS,)),
        ("Är det dags för utökad kameraövervakning?", (Topic.CAMERAS,)),
        ("Hur ser de styrande på otryggheten, och vilka lösningar finns?", (Topic.FEELING, Topic.ACTION)),
        ("Finns det oroshärdar i centrum?", (Topic.PLACES,)),
        ("Vilken dag är det?", ()),
    ],
)
def test_what_a_question_asks_for_is_recognised(question: str, topics: tuple[Topic, ...]) -> None:
    assert topics_of(question) == topics


def test_the_charts_are_of_what_is_named(context: ChartContext) -> None:
    found = lead(context, "1861", "Sticker vi ut när det gäller brott och våld?")
    assert [(one.diagram, one.parameters["indicator"]) for one in found.charts] == [
        ("comparisons", "N07540"),
        ("comparisons", "N07403"),
    ]
    changed = lead(context, "1861", "Har våldet ökat?")
    assert [(one.diagram, one.parameters["indicator"]) for one in changed.charts] == [
        ("trend", "N07403"),
        ("contribution", "N07403"),
    ]


def test_what_has_no_figures_is_said_and_the_rest_left_to_the_author(context: ChartContext) -> None:
    guards = lead(context, "1861", "Behövs fler väktare?")
    assert [one.diagram for one in guards.charts] == ["crime-months"]
    assert "inte vilken timme eller plats" in guards.untold[0]
    assert guards.hints == (ASKED[Topic.GUARDS],)
    feeling = lead(context, "1861", "Hur är det med tryggheten?")
    assert feeling.charts == ()
    assert feeling.untold == (UNTOLD[Topic.FEELING].format("Hallsberg"),)
    burglary = lead(context, "1861", "Har bostadsinbrotten ökat?")
    assert burglary.untold == ("Det finns inga siffror om bostadsinbrott för Hallsberg.",)
    assert "känns inte igen" in lead(context, "1861", "Vilken dag är det?").hints[0]


def test_a_municipality_that_does_not_exist_is_told(context: ChartContext) -> None:
    with pytest.raises(ChartError, match="9999"):
        lead(context, "9999", "Sticker vi ut?")


def test_what_is_said_without_figures_is_never_doubted(context: ChartContext) -> None:
    text = " ".join(sentence.format("Hallsberg") for sentence in UNTOLD.values())
    assert doubts(text, [], context, "1861") == []
