"""From a specification to an answer: the charts frozen, the paragraphs written, the numbers checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lagesbild.answers.leads import lead
from lagesbild.answers.numbers import not_in_figures
from lagesbild.answers.sentences import doubts
from lagesbild.answers.spec import SpecError
from lagesbild.data import reference
from lagesbild.data.municipality import UnknownMunicipalityError, code_of, in_parameters
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.swedish import joined

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lagesbild.answers.sentences import Doubt
    from lagesbild.answers.spec import Question, Spec, Wanted
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import FigureArchive, Frozen
    from lagesbild.figures.model import Chart


@dataclass(frozen=True)
class Answered:
    """A question with its answer and figures, the numbers that no figure of the answer holds, and the doubtful sentences.

    ``in_answer``: the ids of the figures that are to stand under the answer itself.
    """

    question: str
    text: str
    figures: tuple[Frozen, ...]
    unchecked: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    in_answer: tuple[str, ...] = ()


@dataclass(frozen=True)
class WrittenAnswer:
    """A whole answer, ready to become a document; ``municipality`` is its full name.

    ``around``: the doubtful sentences of the introduction and the end.
    """

    spec: Spec
    municipality: str
    answered: tuple[Answered, ...]
    around: tuple[Doubt, ...] = ()

    @property
    def figures(self) -> list[Frozen]:
        """Every figure once, in the order it first appears."""
        return list({figure.id: figure for one in self.answered for figure in one.figures}.values())

    @property
    def in_answer(self) -> dict[str, Answered]:
        """The figures (by id) that stand under an answer, the first that wants them there; the others in the appendix."""
        placed: dict[str, Answered] = {}
        for one in self.answered:
            for figure in one.in_answer:
                placed.setdefault(figure, one)
        return placed

    @property
    def unchecked(self) -> list[tuple[int, str]]:
        """Question (1 the first; 0 the introduction and the end) and number, for numbers in no figure."""
        around = not_in_figures(
            f"{self.spec.arende} {self.spec.inledning} {self.spec.avslutning}", self.figures
        )
        return [(0, number) for number in around] + [
            (n, number) for n, one in enumerate(self.answered, start=1) for number in one.unchecked
        ]

    @property
    def doubts(self) -> list[tuple[int, Doubt]]:
        """Question (1 the first; 0 the introduction and the end) and sentence that says something else, or is unchecked."""
        return [(0, doubt) for doubt in self.around] + [
            (n, doubt) for n, one in enumerate(self.answered, start=1) for doubt in one.doubts
        ]

    @property
    def unanswered(self) -> list[int]:
        """Questions (1 the first) with neither text nor figure."""
        return [n for n, one in enumerate(self.answered, start=1) if not one.text and not one.figures]


def composed(spec: Spec, archive: FigureArchive, warehouse: Warehouse) -> WrittenAnswer:
    """Freeze an answer's charts and write its paragraphs.

    Raises
    ------
    SpecError
        For an unknown municipality, no questions, or a chart that cannot be drawn or found, named by its question.
    ArchiveError, RenderError
        If a figure cannot be frozen.
    """
    drawn_from = ChartContext(warehouse)
    try:
        spec = replace(spec, kommun=code_of(spec.kommun, drawn_from.names))
    except UnknownMunicipalityError as error:
        raise SpecError(f"kommun: {error}") from error
    name = drawn_from.names[spec.kommun]
    if not spec.fragor:
        raise SpecError("fragor: det finns ingen fråga att svara på.")
    figures = [
        [_frozen(w, archive, drawn_from, spec.kommun, n) for w in q.diagram]
        for n, q in enumerate(spec.fragor, start=1)
    ]
    every = [figure for some in figures for figure in some]
    told: dict[str, int] = {}
    answered = []
    for n, (question, some) in enumerate(zip(spec.fragor, figures, strict=True), start=1):
        answered.append(_answered(question, some, every, told, drawn_from, spec.kommun))
        told |= {figure.id: n for figure in some if figure.id not in told}
    around = doubts(f"{spec.arende}\n{spec.inledning}\n{spec.avslutning}", every, drawn_from, spec.kommun)
    return WrittenAnswer(spec, reference.full_name(spec.kommun, name), tuple(answered), tuple(around))


def paragraph(figures: Sequence[Frozen | Chart]) -> str:
    """Return what the figures say, in whole sentences, a paragraph each and nothing twice: the draft of an answer."""
    seen: set[str] = set()
    parts = []
    for figure in figures:
        parts.append(" ".join(said for said in _said(figure) if said not in seen))
        seen.update(_said(figure))
    return "\n".join(part for part in parts if part)


def drafted(
    question: Question,
    figures: Sequence[Frozen | Chart],
    drawn_from: ChartContext,
    home: str,
    told: Collection[int] = (),
) -> str:
    """Return the answer to a question: as it is written, or what its charts say and what has no figures; then the own words.

    ``told``: the earlier questions (1 the first) that have told what others of its charts say.
    """
    text = question.svar.strip()
    if not text:
        untold = lead(drawn_from, home, question.fraga).untold if figures or told or not question.own else ()
        before = f"Siffrorna står i svaret på fråga {joined([str(n) for n in sorted(told)])}." if told else ""
        text = "\n".join(filter(None, [paragraph(figures), before, " ".join(untold)]))
    return f"{text}\n{question.own.strip()}".strip()


def _said(figure: Frozen | Chart) -> Sequence[str]:
    content = getattr(figure, "content", None)
    return content["said"] if content is not None else figure.said  # type: ignore[union-attr]


def _answered(
    question: Question,
    figures: Sequence[Frozen],
    every: Sequence[Frozen],
    told: Mapping[str, int],
    drawn_from: ChartContext,
    home: str,
) -> Answered:
    new = [figure for figure in figures if figure.id not in told]
    text = drafted(question, new, drawn_from, home, {told[f.id] for f in figures if f.id in told})
    # A number may rest on any figure of the answer: texts refer to each other's.
    return Answered(
        question.fraga,
        text,
        tuple(figures),
        tuple(not_in_figures(text, every)),
        tuple(doubts(text, every, drawn_from, home)),
        tuple(f.id for wanted, f in zip(question.diagram, figures, strict=True) if wanted.in_answer),
    )


def _frozen(wanted: Wanted, archive: FigureArchive, drawn_from: ChartContext, home: str, n: int) -> Frozen:
    found = _opened_or_frozen(wanted, archive, drawn_from, home, n)
    archive.keep(found.id)  # an answer stands on it
    return found


def _opened_or_frozen(
    wanted: Wanted, archive: FigureArchive, drawn_from: ChartContext, home: str, n: int
) -> Frozen:
    if wanted.id:
        return archive.open(wanted.id)
    try:
        parameters = in_parameters({"home": home, **wanted.parameters}, drawn_from.names)
        return archive.freeze(build(drawn_from.asked_for(parameters), wanted.diagram, parameters))
    except (ChartError, UnknownMunicipalityError) as error:
        raise SpecError(f"fråga {n}: {error}") from error
