"""Does each sentence of an answer say what the figures say? Direction, yes and no, ordinals, years and places too.

A sentence that follows one of a figure's own is held against it: what is decisive in it (numbers, years, ordinals,
direction, denial, yes and no, municipalities) has to be the same. One that follows none is read as a statement
(`statement`) and judged by the figures. What can be done with neither, though it says something of more or less, is
told to be unchecked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.answers import claims, statement
from lagesbild.answers.claims import ClaimOutcome
from lagesbild.answers.leads import own_sentences
from lagesbild.figures.model import ChartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Chart
    from lagesbild.figures.register import ChartContext

#: A sentence follows one of a figure's own when so much of the two is the same, word by word.
_FOLLOWS = 0.6
#: Words that decide what a sentence says, by what they say.
_DECISIVE = {
    "riktning": (
        "stigit stiger steg ökat ökar ökade ökning ökningen öka högre högst högsta fler flest mer över uppåt större "
        "sjunkit sjunker sjönk minskat minskar minskade minskning minskningen minska lägre lägst lägsta färre färst mindre under "
        "nedåt oförändrat oförändrad oförändrade"
    ),
    "svar": "ja nej",
    "nekande": "inte ej aldrig ingen inget inga utan varken",
    "säkerhet": "säkert slump ovanlig ovanligt ovanliga",
    "ordningstal": ("första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte tolfte näst"),
    "tal": "en ett två tre fyra fem sex sju åtta nio tio elva tolv hälften dubbelt fördubblats halverats",
    "område": "riket landet länet gruppen",
}
_KIND = {word: kind for kind, words in _DECISIVE.items() for word in words.split()}
#: Numbers spelled are too common to decide by themselves: "en" is an article.
_ARTICLES = frozenset({"en", "ett"})
_WORD = re.compile(r"\d{1,3}(?:[\u00a0\u202f ]\d{3}(?!\d))+(?:,\d+)?|\d+(?:,\d+)?|[^\W\d_]+(?:-[^\W\d_]+)*")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ”\d])")


class DoubtKind(StrEnum):
    """What is to be said of a sentence."""

    CONTRADICTS = "säger emot"
    UNCHECKED = "ej kontrollerat"


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A sentence that does not say what the figures say, or that could not be held against them, and why (Swedish)."""

    sentence: str
    kind: DoubtKind
    why: str


def split(text: str) -> list[str]:
    """Return the sentences of a text; an abbreviation of the clock ends none."""
    found: list[str] = []
    for part in (piece for line in text.splitlines() for piece in _END.split(line.strip()) if piece):
        if found and found[-1].endswith("kl."):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def doubts(text: str, figures: Iterable[Frozen | Chart], context: ChartContext, home: str) -> list[Doubt]:
    """Return the sentences of a text that say something else than the figures, or that were not checked.

    Parameters
    ----------
    figures
        Those that the text rests on.
    context
        What statements that follow no figure are judged from.
    home
        The municipality's code.
    """
    texts = [said for figure in figures for said in _said(figure)]
    known = [
        own for text_of in (*texts, *own_sentences(context.names.get(home, ""))) for own in split(text_of)
    ]
    found = [_doubt(sentence, known, context, home) for sentence in split(text)]
    return [doubt for doubt in found if doubt is not None]


def _said(figure: Frozen | Chart) -> list[str]:
    content = getattr(figure, "content", None)
    if content is not None:
        return [*content["said"], content["title"], content["subtitle"], content["alt"]]
    return [*figure.said, figure.title, figure.subtitle, figure.alt]  # type: ignore[union-attr]


def _doubt(sentence: str, known: Sequence[str], context: ChartContext, home: str) -> Doubt | None:
    names = {name.lower() for name in context.names.values()}
    decisive = _decisive(sentence, names)
    if not decisive:
        return None
    following = _followed(sentence, known)
    if following:
        differences = min((_differences(decisive, _decisive(own, names)) for own in following), key=len)
        if not differences:
            return None
        return Doubt(
            sentence=sentence,
            kind=DoubtKind.CONTRADICTS,
            why=f"Diagrammet säger: ”{following[0]}” ({'; '.join(differences)})",
        )
    return _judged(sentence, context, home)


def _judged(sentence: str, context: ChartContext, home: str) -> Doubt | None:
    read = statement.read(sentence, home, context.names, datetime.now(UTC).year)
    if read.statement is not None:
        try:
            found = claims.check(context, read.statement, sentence)
        except ChartError as error:
            return Doubt(sentence=sentence, kind=DoubtKind.UNCHECKED, why=str(error))
        if found.outcome is ClaimOutcome.HOLDS:
            return None
        kind = DoubtKind.CONTRADICTS if found.outcome is ClaimOutcome.FAILS else DoubtKind.UNCHECKED
        return Doubt(sentence=sentence, kind=kind, why=f"{found.outcome.value}: {found.said}")
    return Doubt(sentence=sentence, kind=DoubtKind.UNCHECKED, why="Meningen följer inget diagram.")


def _followed(sentence: str, known: Sequence[str]) -> list[str]:
    """Return the figures' own sentences that a sentence follows, the most alike first."""
    words = [word.lower() for word in _WORD.findall(sentence)]
    alike = []
    for own in known:
        theirs = [word.lower() for word in _WORD.findall(own)]
        ratio = SequenceMatcher(None, words, theirs, autojunk=False).ratio()
        if ratio >= _FOLLOWS:
            alike.append((ratio, own))
    return [own for _, own in sorted(alike, key=lambda pair: -pair[0])[:3]]


def _decisive(sentence: str, names: set[str]) -> Counter[tuple[str, str]]:
    """Return what decides a sentence: kind and word or number, each as often as it stands there."""
    found: Counter[tuple[str, str]] = Counter()
    for raw in _WORD.findall(sentence):
        word = raw.lower()
        if word[0].isdigit():
            found["tal", re.sub(r"[\u00a0\u202f ]", "", word)] += 1
        elif word in names or (word.endswith("s") and word[:-1] in names):
            found["kommun", word.removesuffix("s") if word[:-1] in names else word] += 1
        elif word in _KIND and word not in _ARTICLES:
            found[_KIND[word], word] += 1
    return found


def _differences(mine: Counter[tuple[str, str]], theirs: Counter[tuple[str, str]]) -> list[str]:
    """Tell what is in one and not in the other, kind by kind."""
    more, fewer = mine - theirs, theirs - mine
    told = []
    for kind in dict.fromkeys(kind for kind, _ in (*more, *fewer)):
        have = ", ".join(word for own, word in more if own == kind) or "inget"
        lack = ", ".join(word for own, word in fewer if own == kind) or "inget"
        told.append(f"{kind}: {have} i stället för {lack}")
    return told
