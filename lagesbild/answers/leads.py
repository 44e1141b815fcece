"""What a question of an interpellation is about, which charts say something of it, and what no figure can say.

The words stand in ``data/reference/question_words.csv``. An answer is written from the sentences of its charts
(`compose.paragraph`); here stand only those of what has no figures, and what the author has to add.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from lagesbild.answers import statement
from lagesbild.answers.claims import indicator_of
from lagesbild.answers.spec import Wanted
from lagesbild.answers.statement import Relation, Statement
from lagesbild.data import reference
from lagesbild.figures.model import ChartError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lagesbild.figures.register import ChartContext

_TOTAL = "total"


class Topic(StrEnum):
    """What a question asks for."""

    STANDING = "standing"
    CHANGE = "change"
    FEELING = "feeling"
    ACTION = "action"
    GUARDS = "guards"
    CAMERAS = "cameras"
    PLACES = "places"


#: What the figures cannot say, in the answer itself; a place for the municipality's name in each.
UNTOLD = {
    Topic.FEELING: "Hur trygga invånarna i {} känner sig finns det inga siffror om här. Anmälda brott är inget mått på otrygghet.",
    Topic.GUARDS: "Siffrorna säger när på året brotten anmäls, men inte vilken timme eller plats. De kan därför inte styra enskilda "
    "pass.",
    Topic.CAMERAS: "Siffror för hela kommunen kan inte visa om kameror har effekt. Det kräver uppgifter från själva platsen, före "
    "och efter, och från en liknande plats utan kamera.",
    Topic.PLACES: "Siffrorna gäller hela kommunen och visar inga enskilda platser.",
}
#: What the author has to write: shown beside the answer, never in it.
ASKED = {
    Topic.ACTION: "Vad som görs vet inte siffrorna. Skriv själv: vilka åtgärder, sedan när, vem som ansvarar och hur de följs upp. "
    "Diagrammen visar läget före och efter.",
    Topic.GUARDS: "Skriv själv hur bemanningen är i dag. Ska timmarna höjas, bestäm först vad som ska mätas och hur länge. När och "
    "var det händer kan era egna signaler visa (Hotspots, inloggad).",
    Topic.CAMERAS: "Skriv själv om ni har eller vill ha kameror, var och varför. Ställ antalet signaler på platsen före mot efter.",
    Topic.PLACES: "Platserna kan era egna signaler visa (Hotspots, inloggad). Ta bara med platser som inte pekar ut någon.",
}
_NONE = "Frågan känns inte igen. Välj själv diagram, eller skriv svaret utan."


@dataclass(frozen=True, kw_only=True)
class Lead:
    """Where an answer can begin: charts that say something (where they can be drawn), what has no figures, hints."""

    topics: tuple[Topic, ...]
    charts: tuple[Wanted, ...]
    untold: tuple[str, ...]
    hints: tuple[str, ...]


@cache
def _forms() -> list[tuple[re.Pattern[str], Topic]]:
    rows = reference.read_csv("question_words.csv")
    return [(re.compile(rf"\b{re.escape(row['form'])}\b"), Topic(row["topic"])) for row in rows]


def topics_of(question: str) -> tuple[Topic, ...]:
    """Return what a question is about, in the order of `Topic`; empty where no word of it is known."""
    text = " ".join(question.lower().split())
    asked = {topic for form, topic in _forms() if form.search(text)}
    if re.search(r"\bsticker\b.{0,40}\but\b", text):
        asked.add(Topic.STANDING)
    return tuple(topic for topic in Topic if topic in asked)


def lead(context: ChartContext, home: str, question: str) -> Lead:
    """Return where the answer to a question can begin.

    Raises
    ------
    ChartError
        For a municipality that does not exist.
    """
    name = context.name(home)
    total = ""
    named = list(dict.fromkeys(statement.measures_named(question, context.names)))
    topics = topics_of(question) or ((Topic.STANDING,) if named else ())
    indicators, missing = [], []
    for measure in named or [_TOTAL]:
        try:
            indicators.append(_indicator(context, home, measure))
        except ChartError as error:
            missing.append(str(error))
    with suppress(ChartError):
        total = _indicator(context, home, _TOTAL)
    charts = [
        Wanted(diagram=chart, parameters=dict(parameters))
        for chart, parameters in dict.fromkeys(_wanted(topics, indicators, total))
    ]
    feels = [key for key in context.panel.standard if context.panel.indicators[key].is_survey]
    known = [key for key in feels if context.panel.years(key, home)]
    if Topic.FEELING in topics and known:
        charts += [Wanted(diagram="trend", parameters={"indicator": key}) for key in known[:1]]
    untold = [
        UNTOLD[topic].format(name)
        for topic in topics
        if topic in UNTOLD and not (topic is Topic.FEELING and known)
    ]
    hints = [ASKED[topic] for topic in topics if topic in ASKED] or ([] if topics else [_NONE])
    return Lead(topics=topics, charts=tuple(charts), untold=(*missing, *untold), hints=tuple(hints))


def _indicator(context: ChartContext, home: str, measure: str) -> str:
    asked = Statement(relation=Relation.STANDS_OUT, home=home, measure=measure)
    return indicator_of(context, asked)


_Chart = tuple[str, tuple[tuple[str, str], ...]]


def _wanted(topics: tuple[Topic, ...], indicators: list[str], total: str) -> Iterator[_Chart]:
    """Yield the charts that say something of the topics, the most telling first."""
    quarters: _Chart = ("crime-months", (("indicator", total), ("step", "quarter")))
    for topic in topics:
        if topic is Topic.STANDING:
            yield from (("comparisons", (("indicator", key),)) for key in indicators)
        elif topic is Topic.CHANGE:
            for key in indicators:
                yield "trend", (("indicator", key),)
                yield "contribution", (("indicator", key),)
        elif topic is Topic.ACTION:
            yield from (("contribution", (("indicator", key),)) for key in indicators)
            yield quarters
        elif topic in {Topic.GUARDS, Topic.CAMERAS}:
            yield quarters
        elif topic is Topic.PLACES:
            yield "spot-map", ()


def own_sentences(name: str) -> list[str]:
    """Return what is said here of a municipality without any figure: never to be doubted."""
    return [text.format(name) for text in UNTOLD.values()]
