"""An answer's sentences are held against the figures: a changed direction, number, year, place or answer is found."""

from __future__ import annotations

import random
import re

import pytest

from lagesbild.answers import sentences
from lagesbild.answers.compose import paragraph
from lagesbild.answers.sentences import DoubtKind, doubts, split
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import Chart
from lagesbild.figures.register import ChartContext

HOMES = ("1861", "1880", "1280", "0180", "2425", "0980", "1715", "2505")
ASKED = (
    ("group", "N07540"),
    ("group", "N07403"),
    ("trend", "N07540"),
    ("trend", "N07403"),
    ("contribution", "N07540"),
)
_TURNED = {
    "stigit": "sjunkit", "sjunkit": "stigit", "högre": "lägre", "lägre": "högre", "fler": "färre", "färre": "fler",
    "ökningen": "minskningen", "minskningen": "ökningen", "ökat": "minskat", "minskat": "ökat", "Nej": "Ja", "Ja": "Nej",
    "inte": "", "högsta": "lägsta", "lägsta": "högsta", "åttonde": "sjunde", "andra": "tredje", "tredje": "andra",
}  # fmt: skip


@pytest.fixture(scope="module")
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


@pytest.fixture(scope="module")
def answers(context: ChartContext) -> list[tuple[str, str, list[Chart]]]:
    """The program's own answers for some municipalities: home, text and figures."""
    found = []
    for home in HOMES:
        figures = [build(context, chart, {"home": home, "indicator": key}) for chart, key in ASKED]
        found.append((home, paragraph(figures), figures))
    return found


def test_what_the_program_writes_itself_is_never_doubted(
    context: ChartContext, answers: list[tuple[str, str, list[Chart]]]
) -> None:
    read = 0
    for home, text, figures in answers:
        assert doubts(text, figures, context, home) == [], home
        read += len(split(text))
    assert read > 100


def mutations(sentence: str, rng: random.Random) -> list[str]:
    """Return a sentence with one decisive thing changed, in each way that it has."""
    found = []
    words = sentence.split(" ")
    for n, word in enumerate(words):
        bare = word.strip(".,:;()”")
        if bare in _TURNED:
            changed = word.replace(bare, _TURNED[bare])
            found.append(" ".join([*words[:n], *([changed] if changed.strip(".,") else []), *words[n + 1 :]]))
        elif re.fullmatch(r"20\d\d", bare):
            found.append(" ".join([*words[:n], word.replace(bare, str(int(bare) - 1)), *words[n + 1 :]]))
        elif re.fullmatch(r"\d{2,3}", bare):
            other = str(int(bare) + rng.randint(1, 8))
            found.append(" ".join([*words[:n], word.replace(bare, other), *words[n + 1 :]]))
        elif bare == "Hallsbergs":
            found.append(" ".join([*words[:n], word.replace(bare, "Kumlas"), *words[n + 1 :]]))
    return found


def test_nineteen_of_twenty_changed_sentences_are_found(
    context: ChartContext, answers: list[tuple[str, str, list[Chart]]]
) -> None:
    rng = random.Random(1)
    tried = missed = 0
    for home, text, figures in answers:
        for sentence in split(text):
            for changed in mutations(sentence, rng):
                tried += 1
                missed += not any(
                    doubt.kind is DoubtKind.CONTRADICTS for doubt in doubts(changed, figures, context, home)
                )
    assert tried >= 200
    assert missed <= 0.05 * tried, (missed, tried)


def test_a_sentence_of_ones_own_is_judged_as_a_statement(context: ChartContext) -> None:
    (wrong,) = doubts("Brotten har minskat i Hallsberg.", [], context, "1861")
    assert wrong.kind is DoubtKind.CONTRADICTS
    assert wrong.why.startswith("Stämmer inte: ")
    assert doubts("Brotten har ökat i Hallsberg.", [], context, "1861") == []
    (unsure,) = doubts("Våldet har ökat.", [], context, "1861")
    assert unsure.kind is DoubtKind.UNCHECKED


def test_what_cannot_be_checked_is_told_and_what_says_nothing_is_left_alone(context: ChartContext) -> None:
    (unchecked,) = doubts("Fler väktare behövs på torget.", [], context, "1861")
    assert (unchecked.kind, unchecked.why) == (DoubtKind.UNCHECKED, "Meningen följer inget diagram.")
    assert doubts("Kommunen tackar för frågan.", [], context, "1861") == []
    assert doubts("", [], context, "1861") == []


def test_the_difference_is_told(context: ChartContext) -> None:
    figure = build(context, "trend", {"home": "1861", "indicator": "N07540"})
    own = next(one for one in split(" ".join(figure.said)) if "stigit" in one)
    (found,) = doubts(own.replace("stigit", "sjunkit"), [figure], context, "1861")
    assert "riktning: sjunkit i stället för stigit" in found.why


def test_sentences_are_split_as_they_are_read() -> None:
    assert split("Det var 12. Nej, kl. 12 var det. År 2025 kom.\nSlut") == [
        "Det var 12.",
        "Nej, kl. 12 var det.",
        "År 2025 kom.",
        "Slut",
    ]
    assert sentences.split("") == []
