"""The answer builder: paste the questions, choose charts, edit the paragraph, fetch Word or PDF, save the draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import compose, drafts
from lagesbild.answers.document import logo_in, template_in, to_docx, to_pdf
from lagesbild.answers.numbers import not_in_figures
from lagesbild.answers.sentences import DoubtKind, doubts
from lagesbild.answers.spec import LONGEST_TEXT, Question, Spec, Wanted, split_questions
from lagesbild.figures.catalogue import all_definitions, build, definition
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from pages.parts import choices, coordinator, figure, markup, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.answers.sentences import Doubt
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.model import Chart

_SPEC, _DRAFT, _TURN = "answer_spec", "answer_draft", "answer_turn"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def builder(warehouse: Warehouse) -> None:
    """Show the answer that is being written."""
    home = choices.home_in_address(warehouse)
    drawn_from = ChartContext(warehouse, choices.panel(warehouse, home))
    _drafts()
    spec: Spec = st.session_state.get(_SPEC) or Spec(kommun=home, datum=datetime.now(UTC).date().isoformat())
    if not spec.fragor:
        _paste(replace(spec, kommun=home))
        return
    turn = st.session_state.get(_TURN, 0)  # another draft, other fields
    spec = _head(spec, turn)
    questions = [_question(drawn_from, spec, n, turn) for n in range(len(spec.fragor))]
    spec = replace(spec, fragor=tuple(questions))
    st.session_state[_SPEC] = spec
    _add_question(spec)
    _fetch(spec, warehouse)
    _save(spec)


def _put(spec: Spec | None, draft: str | None = None) -> None:
    """Replace what is being written, and draw the page anew."""
    st.session_state[_SPEC] = spec
    st.session_state[_DRAFT] = draft
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def _paste(spec: Spec) -> None:
    pasted = st.text_area(
        "Klistra in interpellationens frågor",
        height=180,
        key="answer_paste",
        max_chars=LONGEST_TEXT,
        placeholder="1. Sticker kommunen ut?\n2. Har våldet ökat?",
        help="En fråga per rad, eller numrerade. Skriv inga namn på enskilda: svaret är en allmän handling.",
    )
    if st.button("Börja svara", type="primary", key="answer_start"):
        found = split_questions(pasted)
        if not found:
            st.warning("Skriv minst en fråga.")
            return
        _put(replace(spec, fragor=tuple(Question(text) for text in found)))


def _head(spec: Spec, turn: int) -> Spec:
    with st.expander("Rubrik, avsändare och datum", key="answer_head"):
        left, right = st.columns(2)
        return replace(
            spec,
            titel=left.text_input("Rubrik", spec.titel, key=f"answer_title_{turn}"),
            diarienummer=right.text_input("Diarienummer", spec.diarienummer, key=f"answer_number_{turn}"),
            till=left.text_input("Till", spec.till, key=f"answer_to_{turn}"),
            fran=right.text_input("Från", spec.fran, key=f"answer_from_{turn}"),
            datum=left.text_input("Datum", spec.datum, key=f"answer_day_{turn}"),
            inledning=st.text_area("Inledning", spec.inledning, key=f"answer_intro_{turn}"),
            avslutning=st.text_area("Avslutning", spec.avslutning, key=f"answer_end_{turn}"),
        )


def _question(drawn_from: ChartContext, spec: Spec, n: int, turn: int) -> Question:
    question = spec.fragor[n]
    with st.container(border=True):
        text = st.text_area(f"Fråga {n + 1}", question.fraga, key=f"answer_question_{turn}_{n}", height=68)
        charts = _drawn(drawn_from, spec, question)
        for m, (wanted, chart) in enumerate(charts):
            left, right = st.columns([6, 1])
            told = (
                chart
                if isinstance(chart, str)
                else f"{chart.title}. {chart.subtitle.split('. ')[0].rstrip('.')}."
            )
            with left:
                markup.below_heading(told)
            if right.button("Ta bort", key=f"answer_drop_{turn}_{n}_{m}"):
                kept = tuple(one for one in question.diagram if one is not wanted)
                _put(
                    _with(spec, n, replace(question, fraga=text, diagram=kept)), st.session_state.get(_DRAFT)
                )
        _choose(drawn_from, spec, n, replace(question, fraga=text), turn)
        ready = [chart for _, chart in charts if not isinstance(chart, str)]
        suggestion = compose.paragraph(ready)
        answer = st.text_area(
            "Svar",
            question.svar or suggestion,
            key=f"answer_text_{turn}_{n}_{len(question.diagram)}",
            height=170,
            help="Förslaget är skrivet ur diagrammen. Ändra fritt: tal som inte finns i diagrammen pekas ut.",
        )
        strange = not_in_figures(answer, ready)
        if strange:
            st.warning(f"Tal som inte finns i frågans diagram: {'; '.join(strange)}. Kontrollera dem.")
        _doubts(doubts(answer, ready, drawn_from, spec.kommun))
    return Question(text, "" if answer == suggestion else answer, question.diagram)


def _doubts(found: Sequence[Doubt]) -> None:
    """Show the sentences that say something else than the figures, and those that could not be checked."""
    against = [doubt for doubt in found if doubt.kind is DoubtKind.CONTRADICTS]
    if against:
        told = "\n".join(f"- ”{doubt.sentence}” {doubt.why}" for doubt in against)
        st.warning(f"Säger något annat än siffrorna:\n\n{told}")
    unchecked = [doubt.sentence for doubt in found if doubt.kind is DoubtKind.UNCHECKED]
    if unchecked:
        markup.note(f"Ej kontrollerat mot siffrorna: {' '.join(f'”{sentence}”' for sentence in unchecked)}")


def _with(spec: Spec, n: int, question: Question) -> Spec:
    return replace(spec, fragor=(*spec.fragor[:n], question, *spec.fragor[n + 1 :]))


def _drawn(drawn_from: ChartContext, spec: Spec, question: Question) -> list[tuple[Wanted, Chart | str]]:
    found: list[tuple[Wanted, Chart | str]] = []
    for wanted in question.diagram:
        try:
            found.append(
                (wanted, build(drawn_from, wanted.diagram, {"home": spec.kommun, **wanted.parameters}))
            )
        except ExplainedError as error:
            found.append((wanted, f"{wanted.id or wanted.diagram}: {error}"))
    return found


def _choose(drawn_from: ChartContext, spec: Spec, n: int, question: Question, turn: int) -> None:
    names = {entry.id: entry.name for entry in all_definitions()}
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Diagram", list(names), format_func=names.__getitem__, key=f"answer_chart_{turn}_{n}"
    )
    parameters: dict[str, str | int] = {}
    if any(p.name == "indicator" for p in definition(chosen).parameters):
        panel = drawn_from.panel
        usual = {key: panel.indicators[key].short for key in panel.standard if panel.years(key, spec.kommun)}
        if usual:
            parameters["indicator"] = middle.selectbox(
                "Nyckeltal", list(usual), format_func=usual.__getitem__, key=f"answer_indicator_{turn}_{n}"
            )
    parameters |= {
        key: text for key, text in zip(("weights", "own"), choices.group_settings(), strict=True) if text
    }
    if right.button("Lägg till diagrammet", key=f"answer_add_{turn}_{n}"):
        try:
            build(drawn_from, chosen, {"home": spec.kommun, **parameters})
        except ChartError as error:
            st.warning(str(error))
            return
        added = (*question.diagram, Wanted(diagram=chosen, parameters=parameters))
        _put(_with(spec, n, replace(question, diagram=added)), st.session_state.get(_DRAFT))


def _add_question(spec: Spec) -> None:
    left, right, _ = st.columns([2, 2, 4])
    if left.button("Lägg till en fråga", key="answer_more"):
        _put(replace(spec, fragor=(*spec.fragor, Question("Ny fråga"))), st.session_state.get(_DRAFT))
    if right.button("Börja om", key="answer_clear"):
        _put(None)


def _fetch(spec: Spec, warehouse: Warehouse) -> None:
    left, right, _ = st.columns([2, 2, 4])
    word = left.button("Gör Word-fil", type="primary", key="answer_word")
    pdf = right.button("Gör PDF", key="answer_pdf")
    if not (word or pdf):
        return
    folder = stored.settings().templates_folder
    try:
        with st.spinner("Citerar diagrammen och skriver dokumentet ..."):
            answer = compose.composed(spec, figure.archive(), warehouse)
            raw = to_docx(answer, template_in(folder), logo_in(folder))
            raw = to_pdf(raw) if pdf else raw
    except ExplainedError as error:
        st.error(str(error))
        return
    for n in answer.unanswered:
        st.warning(f"Fråga {n} har inget svar, varken text eller diagram.")
    name, kind = ("svar.pdf", "application/pdf") if pdf else ("svar.docx", _WORD)
    st.download_button(f"Hämta {name}", raw, name, kind, key="answer_file", on_click="ignore")
    if answer.figures:
        markup.below_heading(f"Citerade diagram: {', '.join(figure.id for figure in answer.figures)}.")


def _save(spec: Spec) -> None:
    if not coordinator.logged_in():
        markup.note("Utkast sparas när du är inloggad som samordnare (på sidan Hotspots).")
        return
    if st.button("Spara utkastet", key="answer_save"):
        draft_id = st.session_state.get(_DRAFT) or drafts.new_id()
        try:
            drafts.save(stored.settings().drafts_folder, draft_id, spec)
        except drafts.DraftError as error:
            st.error(str(error))
            return
        st.session_state[_DRAFT] = draft_id
        st.success("Utkastet är sparat.")


def _drafts() -> None:
    if not coordinator.logged_in():
        return
    folder = stored.settings().drafts_folder
    saved = {draft.id: draft for draft in drafts.drafts(folder)}
    if not saved:
        return
    with st.expander(f"Sparade utkast ({len(saved)})", key="answer_drafts"):
        chosen = st.selectbox(
            "Utkast",
            list(saved),
            key="answer_saved",
            format_func=lambda key: f"{saved[key].spec.titel}, sparat {saved[key].saved_at:%Y-%m-%d %H:%M}",
        )
        left, right, _ = st.columns([2, 2, 4])
        if left.button("Öppna utkastet", key="answer_open"):
            _put(saved[chosen].spec, chosen)
        if right.button("Ta bort utkastet", key="answer_remove"):
            drafts.remove(folder, chosen)
            st.rerun()
