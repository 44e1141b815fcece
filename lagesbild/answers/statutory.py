"""The documents that law 2023:196 asks of a municipality: the picture of its crime, and its plan of measures.

Lag (2023:196) om kommuners ansvar för brottsförebyggande arbete: kartläggning of how much crime there is, what it
leads to and what else is needed to know, and an analysis; then the measures, who answers for them and how they are
followed up. What figures say is written from cited charts; what a person must write is taken as it was written, and
named as missing where it was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.answers.document import TEMPLATE
from lagesbild.answers.paper import Paper
from lagesbild.data import reference
from lagesbild.data.municipality import names_of
from lagesbild.figures.archive import ArchiveError
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import followed as of_action
from lagesbild.hotspots import half_year as halves
from lagesbild.hotspots import week_words
from lagesbild.signals import action_words, actions, documents, meetings, promises
from lagesbild.signals.actions import Status
from lagesbild.signals.database import INVENTED
from lagesbild.signals.documents import SECTIONS, Name, Written
from lagesbild.swedish import joined, long_date, number
from lagesbild.trends import promise_words
from lagesbild.trends.followed import of_promise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import FigureArchive, Frozen
    from lagesbild.hotspots.half_year import HalfYear
    from lagesbild.signals.actions import Action
    from lagesbild.signals.promises import Promise
    from lagesbild.signals.store import Signal, SignalStore

TITLES = {
    Name.SITUATION: "Lägesbild av brottsligheten",
    Name.PLAN: "Åtgärdsplan för det brottsförebyggande arbetet",
}
_LAW = "lagen (2023:196) om kommuners ansvar för brottsförebyggande arbete"
#: The charts of all reported crimes that stand in the document as pictures, the most telling first.
_OF_TOTAL: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("comparisons", {}),
    ("trend", {}),
    ("contribution", {}),
    ("crime-months", {"step": "quarter"}),
)
_MOST_SURVEYS = 6
_PICTURE_CM = 12.5
NOT_WRITTEN = "Inte skrivet än."
_NO_SURVEYS = (
    "Hur trygga invånarna känner sig finns det inga siffror om här. Anmälda brott är inget mått på otrygghet."
)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the picture of crime is made from: frozen figures in the parts of the law, local signals, written texts.

    ``lacking``: what could not be drawn, and why.
    """

    written: Written
    total: tuple[Frozen, ...]
    all_measures: tuple[Frozen, ...]
    by_type: tuple[Frozen, ...]
    safety: tuple[Frozen, ...]
    signals: HalfYear | None
    lacking: tuple[str, ...]

    @property
    def figures(self) -> list[Frozen]:
        """Every figure once, in the order it stands in the document."""
        every = (*self.total, *self.all_measures, *self.by_type, *self.safety)
        return list({figure.id: figure for figure in every}.values())


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An action or a promise as the plan tells it: its facts are (what, said), in the order they stand."""

    title: str
    owner: str
    ends: date | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the plan of measures is made from."""

    written: Written
    actions: tuple[Measure, ...]
    promises: tuple[Measure, ...]
    meetings: int
    open_decisions: int
    decided_since: date | None


def situation_of(
    store: SignalStore, warehouse: Warehouse, archive: FigureArchive, code: str, today: date
) -> Situation:
    """Freeze the charts of a municipality's picture of crime, and gather what else it is made from.

    Raises
    ------
    ArchiveError, RenderError
        If a figure cannot be frozen.
    """
    context = ChartContext(warehouse)
    panel = context.panel
    known = [key for key in panel.standard if panel.years(key, code)]
    total = [key for key in known if panel.indicators[key].is_total][:1]
    types = [key for key in known if not panel.indicators[key].is_survey and key not in total]
    surveys = [key for key in known if panel.indicators[key].is_survey][:_MOST_SURVEYS]
    lacking: list[str] = []

    def frozen(wanted: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[Frozen, ...]:
        found = []
        for chart, parameters in wanted:
            try:
                found.append(archive.freeze(build(context, chart, {"home": code, **parameters})))
            except ChartError as error:
                lacking.append(str(error))
        return tuple(found)

    if not total:
        lacking.append("Anmälda brott totalt saknas för kommunen.")
    return Situation(
        written=documents.written(store, code, Name.SITUATION),
        total=frozen([(chart, {"indicator": key, **more}) for key in total for chart, more in _OF_TOTAL]),
        all_measures=frozen([("stands-out", {})]),
        by_type=frozen([("trend", {"indicator": key}) for key in types]),
        safety=frozen([("trend", {"indicator": key}) for key in surveys]),
        signals=halves.half_year(store.signals(code, today), today),
        lacking=tuple(dict.fromkeys(lacking)),
    )


def plan_of(store: SignalStore, context: ChartContext, code: str, today: date) -> Plan:
    """Gather what a municipality's plan of measures is made from.

    Parameters
    ----------
    context
        The figures that actions and promises are followed in.
    """
    held = meetings.meetings(store, code)
    signals = store.signals(code, today)
    order = list(Status)
    acted = sorted(
        actions.all_of(store, code), key=lambda one: (order.index(one.status(today)), one.starts, one.title)
    )
    return Plan(
        written=documents.written(store, code, Name.PLAN),
        actions=tuple(_action(one, signals, context.warehouse, code, today) for one in acted),
        promises=tuple(
            _promise(one, signals, context, code, today) for one in promises.promises(store, code)
        ),
        meetings=len(held),
        open_decisions=len(meetings.open_decisions(held)),
        decided_since=held[-1].day if held else None,
    )


def _action(
    action: Action, signals: Sequence[Signal], warehouse: Warehouse, code: str, today: date
) -> Measure:
    names = names_of(warehouse) if action.measure else {}
    found = of_action.evaluated(action, signals, warehouse, code, today, names)
    status = action.status(today)
    title = of_action.measures(warehouse).get(action.measure, "") if action.measure else ""
    known = found.verdict is not None or status is Status.DONE
    facts = (
        ("Syfte", action.purpose),
        ("Vad", action_words.KINDS[action.kind]),
        ("Plats", action.place),
        ("Ansvarig", action.owner),
        ("När", action_words.dates_text(action)),
        ("Läge", action_words.STATUSES[status]),
        ("Följs upp", action_words.followed_up_text(action, title)),
        ("Effekt", action_words.public_effect_text(found) if known and not action.cancelled else ""),
    )
    return Measure(title=action.title, owner=action.owner, ends=action.ends, facts=facts)


def _promise(
    promise: Promise, signals: Sequence[Signal], context: ChartContext, code: str, today: date
) -> Measure:
    measure = context.panel.indicators.get(promise.indicator) if promise.indicator else None
    found = of_promise(context.panel, code, promise, signals, today) if promise.indicator else None
    survey = measure is not None and measure.is_survey
    told = promise_words.standing(promise, found, today, survey=survey)
    facts = (
        ("Period", promise_words.period_text(promise.first, promise.last)),
        ("Ansvarig", promise_words.by_text(promise.by)),
        ("Följs med", promise_words.followed_by(promise, measure.short if measure else promise.indicator)),
        ("I siffrorna", " ".join(part for part in (f"{told.short}.", told.why) if part)),
        ("Gjort", promise_words.done_count(promise.activities)),
        ("Anmärkning", promise.note),
    )
    return Measure(
        title=promise.text, owner=promise_words.by_text(promise.by), ends=promise.last, facts=facts
    )


def situation_docx(
    found: Situation, code: str, name: str, today: date, template: Path = TEMPLATE, logo: Path | None = None
) -> bytes:
    """Return the picture of crime as a Word file.

    Raises
    ------
    DocumentError
        If the template or the logo cannot be used.
    """
    paper = _begun(found.written, reference.full_name(code, name), today, template, logo)
    numbers = {figure.id: n for n, figure in enumerate(found.figures, start=1)}
    paper.heading("Kartläggning", 1)
    paper.heading("Brottslighetens omfattning")
    _told(paper, found.total, numbers, pictures=True)
    _told(paper, found.all_measures, numbers, pictures=True)
    paper.heading("Brottstyp för brottstyp")
    _told(paper, found.by_type, numbers, pictures=False)
    for text in found.lacking:
        paper.small(text)
    paper.heading("Brottslighetens konsekvenser")
    _own(paper, found.written, "konsekvenser")
    if found.safety:
        _told(paper, found.safety, numbers, pictures=False)
    else:
        paper.text(_NO_SURVEYS)
    paper.heading("Annan information som behövs")
    _own(paper, found.written, "annat")
    _signals(paper, found.signals)
    paper.heading("Analys", 1)
    _own(paper, found.written, "analys")
    _appendix(paper, found.figures)
    return paper.docx()


def plan_docx(
    found: Plan, code: str, name: str, today: date, template: Path = TEMPLATE, logo: Path | None = None
) -> bytes:
    """Return the plan of measures as a Word file; errors as `situation_docx`."""
    paper = _begun(found.written, reference.full_name(code, name), today, template, logo)
    paper.heading("Utgångspunkter", 1)
    _own(paper, found.written, "utgangspunkter")
    paper.heading("Åtgärder", 1)
    _measures(paper, found.actions, "Inga åtgärder är inlagda än.")
    if found.promises:
        paper.heading("Löften till invånarna")
        _measures(paper, found.promises, "")
        paper.small(promise_words.NOT_WHY)
    paper.heading("Samverkan", 1)
    _own(paper, found.written, "samverkan")
    paper.heading("Uppföljning", 1)
    _own(paper, found.written, "uppfoljning")
    if found.meetings and found.decided_since:
        paper.text(
            f"Läget gås igenom på återkommande möten: {number(found.meetings)} sedan {long_date(found.decided_since)}. Beslut som "
            f"inte är klara: {number(found.open_decisions)}."
        )
    return paper.docx()


def missing(written: Written) -> str:
    """Say which sections nobody has written; nothing when all are."""
    return (
        f"Inte skrivet än: {joined([f'”{title}”' for title in written.missing])}." if written.missing else ""
    )


def _begun(written: Written, municipality: str, today: date, template: Path, logo: Path | None) -> Paper:
    paper = Paper(municipality, TITLES[written.name], template, logo)
    decided = (
        f"Beslutad {long_date(written.decided)} av {written.decided_by}."
        if written.decided
        else "Utkast, inte beslutat."
    )
    paper.text(f"{decided} Framtagen {long_date(today)} enligt {_LAW}.")
    if written.invented:
        paper.missing(INVENTED)
    if written.missing:
        paper.missing(missing(written))
    return paper


def _own(paper: Paper, written: Written, section: str) -> None:
    """Add what a person has written; what nobody has is named, with what it is to say, and never made up."""
    text = written.text(section)
    if text:
        paper.text(text)
    else:
        paper.missing(NOT_WRITTEN)
        paper.small(SECTIONS[written.name][section][1])


def _told(paper: Paper, figures: Sequence[Frozen], numbers: Mapping[str, int], *, pictures: bool) -> None:
    """Add what figures say, nothing twice, and their pictures; without, which cited figure says it."""
    seen: set[str] = set()
    for figure in figures:
        new = [said for said in figure.content["said"] if said not in seen]
        seen.update(new)
        n = numbers[figure.id]
        if not pictures:
            paper.text(f"{' '.join(new) or f'{figure.title}.'} (Figur {n}, {figure.id}.)")
            continue
        paper.text(" ".join(new), together=True)
        try:
            raw = figure.file("png")
        except ArchiveError as error:
            paper.small(f"Figur {n}. {figure.title}. {error}")
            continue
        paper.picture(
            raw, str(figure.content["alt"]), f"Figur {n}. {figure.title}. Diagram {figure.id}.", _PICTURE_CM
        )


def _signals(paper: Paper, found: HalfYear | None) -> None:
    if found is None:
        return
    total = f"ungefär {number(found.total)} signaler" if found.total is not None else "färre än fem signaler"
    paper.text(
        f"Till kommunens arbetsgrupp kom {total} {week_words.span(found.first, found.last)}. Signaler är vad personal och samarbetspartner "
        "har rapporterat: hur många de är beror också på hur många som rapporterar."
    )
    rows = [(one.name, week_words.shown(one.now)) for one in (*found.kinds, *found.localities)]
    shades = {(r, c): 0.15 for r in range(len(found.kinds), len(rows)) for c in (0, 1)}
    if rows and found.total is not None:
        paper.table(
            [("Slag och ort", ""), ("Signaler", "n")],
            rows,
            shades=shades,
            widths=(11, 5),
            caption=f"Signaler efter slag, och efter ort (skuggade), avrundade till närmaste {halves.ROUNDED}-tal",
            together=True,
        )
        paper.small(week_words.GATHERED)


def _measures(paper: Paper, found: Sequence[Measure], none: str) -> None:
    if not found:
        paper.missing(none)
        return
    for one in found:
        paper.text("", bold=one.title, together=True)
        rows = [(label, text or "anges inte") for label, text in one.facts if text or label in _NEEDED]
        paper.table([("Vad", ""), ("Uppgift", "")], rows, widths=(3, 13), together=True)


#: What the law asks of a measure, and is therefore named even where it is not known.
_NEEDED = frozenset({"Ansvarig", "Gjort"})


def _appendix(paper: Paper, figures: Sequence[Frozen]) -> None:
    if not figures:
        return
    paper.heading("Källor och metod", 1)
    paper.text(
        "Varje diagram är citerat och har ett nummer: numret ger tillbaka samma bild och samma tal, och visar om uppgifterna har "
        "reviderats sedan dess."
    )
    behind: dict[str, list[str]] = {}
    for n, figure in enumerate(figures, start=1):
        behind.setdefault(figure.source_line.removeprefix("Källa: "), []).append(str(n))
    paper.points([f"Figur {joined(of)}: {source}" for source, of in behind.items()])
    paper.heading("Vad siffrorna inte säger")
    paper.points(list(dict.fromkeys(f.content["limits"] for f in figures if f.content["limits"])))
    paper.heading("Så är siffrorna gjorda")
    methods: dict[str, list[str]] = {}
    for n, figure in enumerate(figures, start=1):
        methods.setdefault(figure.content["method"].removeprefix("Metod: "), []).append(str(n))
    paper.points([f"Figur {joined(of)}: {method}" for method, of in methods.items()])
    frozen = [
        (str(n), figure.title, figure.id, f"{figure.frozen_at:%Y-%m-%d}")
        for n, figure in enumerate(figures, start=1)
    ]
    paper.table(
        [("Figur", "n"), ("Diagram", ""), ("Nummer", ""), ("Citerat", "")],
        frozen,
        widths=(1.4, 8.6, 3.6, 2.4),
    )
