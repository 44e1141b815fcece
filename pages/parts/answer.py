"""The answer builder: paste the questions, take or choose charts, write, fetch Word or PDF. All that is typed is saved."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from markupsafe import Markup

from lagesbild import ExplainedError
from lagesbild.answers import compose, drafts
from lagesbild.answers.document import logo_in, template_in, to_docx, to_pdf
from lagesbild.answers.drafts import DraftError
from lagesbild.answers.leads import lead
from lagesbild.answers.numbers import not_in_figures
from lagesbild.answers.sentences import DoubtKind, doubts
from lagesbild.answers.spec import LONGEST_TEXT, Question, Spec, Wanted, file_name, split_questions
from lagesbild.comparison.groups import groups
from lagesbild.figures.catalogue import all_definitions, definition
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.register import ChartContext
from pages.parts import choices, coordinator, figure, markup, stored, visitor, who

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.answers.leads import Lead
    from lagesbild.answers.sentences import Doubt
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import Frozen

#: The secret link of a draft, in the address.
PARAMETER = "utkast"
_DRAFT, _SEEN, _BEGUN, _UNSAVED = "answer_draft", "answer_seen", "answer_begun", "answer_unsaved"
_SUGGESTED, _TOLD, _ASKED = "answer_suggested", "answer_told", "answer_asked"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEAD = [
    "namn",
    "titel",
    "till",
    "fran",
    "fragestallare",
    "diarienummer",
    "ort",
    "undertecknare",
    "arende",
    "inledning",
    "avslutning",
]
_DATES = {"inkom": "Interpellationen kom in", "datum": "Svarets datum"}


def builder(warehouse: Warehouse) -> None:
    """Show the answer that is being written."""
    home = choices.home_in_address(warehouse)
    st.html(
        f"<script>{Path(__file__).with_name('typed.js').read_text('utf-8')}</script>",
        unsafe_allow_javascript=True,
    )
    _told()
    _lists()
    spec = _current()
    if spec is None:
        _start(home)
        return
    # As the document is made: everybody's groups, unless a chart names its own.
    drawn_from = ChartContext(warehouse, choices.usual_panel(warehouse))
    _saved_where(spec)
    _head(spec)
    for n in range(len(spec.fragor)):
        _question(drawn_from, spec, n)
    _further(drawn_from, spec)
    _say_saved(spec)
    _fetch(warehouse)


def is_begun() -> bool:
    """Tell whether an answer is being written, in this session or by the address."""
    return PARAMETER in st.query_params or _DRAFT in st.session_state


# --- what is being written: in the file, and in the fields


def _folder() -> Path:
    return stored.settings().drafts_folder


def _current() -> Spec | None:
    """Return the draft as it is stored, with what others have written since the last time; None where there is none."""
    asked = st.query_params.get(PARAMETER) or st.session_state.get(_DRAFT)
    if not asked:
        return None
    try:
        spec = drafts.opened(_folder(), asked).spec
    except DraftError as error:
        st.error(str(error))
        _forget()
        return None
    if st.session_state.get(_DRAFT) != asked:
        # In this order: the page may be drawn anew, and so end here, between the two.
        st.session_state[_SEEN] = spec
        st.session_state[_DRAFT] = asked
    elif spec != st.session_state.setdefault(_SEEN, spec):
        _, theirs, _ = drafts.merge(st.session_state[_SEEN], st.session_state[_SEEN], spec)
        st.session_state[_SEEN] = spec
        st.info(f"Någon annan skriver också i utkastet. Ändrat nu: {', '.join(theirs)}.")
    if st.query_params.get(PARAMETER) != asked:
        st.query_params[PARAMETER] = asked
    return spec


def _forget() -> None:
    st.query_params.pop(PARAMETER, None)
    for name in (_DRAFT, _SEEN, _BEGUN, _UNSAVED):
        st.session_state.pop(name, None)


def _field(name: str) -> str:
    """Return the key of a field's widget, of this draft and since it was last filled from the draft."""
    turn, _ = st.session_state.get(_BEGUN, {}).get(name, (0, None))
    return f"answer_{st.session_state[_DRAFT]}_{name}_{turn}"


def _begun_with(name: str, value: Any) -> tuple[str, Any]:
    """Return a field's key, and what it began with.

    A field that is to show something else than what stands in it (another has written, the suggestion is a new one)
    is another field: what a reader types while the page is drawn is then never taken for it.
    """
    begun: dict[str, tuple[int, Any]] = st.session_state.setdefault(_BEGUN, {})
    turn, first = begun.get(name, (0, value))
    if st.session_state.get(_field(name), first) != value and not st.session_state.get(_UNSAVED):
        turn, first = turn + 1, value
    begun[name] = (turn, first)
    return _field(name), first


def _typed() -> Spec:
    """Return the draft with what stands in the fields now."""
    seen: Spec = st.session_state[_SEEN]
    found = {name: st.session_state.get(_field(name)) or "" for name in _HEAD}
    found |= {name: getattr(seen, name) for name in _HEAD if st.session_state.get(_field(name)) is None}
    for name in _DATES:
        day = st.session_state.get(_field(name), getattr(seen, name))
        found[name] = day.isoformat() if isinstance(day, date) else day or ""
    return replace(seen, fragor=tuple(_question_typed(q) for q in seen.fragor), **found)


def _question_typed(question: Question) -> Question:
    def text(name: str, before: str) -> str:
        # None: a field that is emptied while the page is drawn.
        typed = st.session_state.get(_field(f"{name}_{question.key}"))
        return before if typed is None else str(typed)

    suggested = st.session_state.get(_SUGGESTED, {}).get(question.key)
    answer = text("svar", question.svar or suggested or "")
    return replace(
        question,
        fraga=text("fraga", question.fraga),
        svar="" if answer == suggested else answer,
        own=text("eget", question.own),
    )


def _keep(change: Callable[[Spec], Spec] | None = None, removed: str = "") -> None:
    """Save what has been typed, and a change; called by every field and button, before the page is drawn."""
    seen: Spec | None = st.session_state.get(_SEEN)
    if seen is None or _DRAFT not in st.session_state:
        return  # left meanwhile
    typed = _typed()
    try:
        if change is None:
            saved = drafts.save(_folder(), st.session_state[_DRAFT], typed, seen, lasting=who.known())
        else:
            saved = drafts.save(_folder(), st.session_state[_DRAFT], typed, seen, lasting=who.known())
            before = saved.draft.spec
            saved = drafts.save(_folder(), st.session_state[_DRAFT], change(before), before, removed)
    except DraftError as error:
        _tell(f"{error} Det du har skrivit står kvar på sidan.")
        st.session_state[_UNSAVED] = True
        return
    if saved.both:
        _tell(
            f"Någon annan ändrade samtidigt: {', '.join(saved.both)}. Båda texterna står kvar. Ta bort det som inte ska vara med."
        )
    st.session_state[_UNSAVED] = False
    st.session_state[_SEEN] = saved.draft.spec


def _tell(text: str) -> None:
    st.session_state.setdefault(_TOLD, []).append(text)


def _told() -> None:
    for text in st.session_state.pop(_TOLD, []):
        st.warning(text)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# --- beginning, and the drafts there are


def _start(home: str) -> None:
    st.text_area(
        "Klistra in interpellationens frågor",
        height=180,
        key="answer_paste",
        max_chars=LONGEST_TEXT,
        placeholder="1. Sticker kommunen ut?\n2. Har våldet ökat?",
        help="En fråga per rad, eller numrerade. Skriv inga namn på enskilda: svaret är en allmän handling.",
    )
    st.button("Börja svara", type="primary", key="answer_start", on_click=_begin, args=(home,))


def _begin(home: str) -> None:
    found = split_questions(st.session_state.get("answer_paste", ""))
    if not found:
        _tell("Skriv minst en fråga.")
        return
    if not visitor.may_begin():
        _tell("Du har börjat många utkast på kort tid. Försök igen om en stund.")
        return
    spec = Spec(
        kommun=home,
        datum=datetime.now(UTC).date().isoformat(),
        fragor=tuple(Question(text, key=drafts.new_key()) for text in found),
    )
    try:
        draft = drafts.save(_folder(), drafts.new_id(), spec, lasting=who.known()).draft
    except DraftError as error:
        _tell(str(error))
        return
    _open(draft.id)


def _open(draft_id: str) -> None:
    _forget()
    st.query_params[PARAMETER] = draft_id


def _saved_where(spec: Spec) -> None:
    draft = drafts.opened(_folder(), st.session_state[_DRAFT])
    markup.note(
        f"Sparat {draft.saved_at.astimezone():%H.%M.%S}. Allt du skriver sparas. Sidans adress är utkastets hemliga länk: spara "
        "den, och dela den bara med dem som ska skriva."
    )
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    _line(left, "Utkastets namn", "namn", spec.namn)
    if draft.removed:
        middle.button(f"Ångra: {draft.removed[-1]}", key="answer_undo", on_click=_put_back)
    _ask_first(
        right, "Börja om", "Lämna det här utkastet? Det finns kvar under sin länk.", _forget, key="clear"
    )


def _say_saved(spec: Spec) -> None:
    """Tell `typed.js` what is saved of each field: until then it keeps what was typed."""
    texts = {name: getattr(spec, name) for name in _HEAD}
    for question in spec.fragor:
        suggested = st.session_state.get(_SUGGESTED, {}).get(question.key, "")
        texts |= {
            f"fraga_{question.key}": question.fraga,
            f"eget_{question.key}": question.own,
            f"svar_{question.key}": question.svar or suggested,
        }
    saved = {f"st-key-answer_{st.session_state[_DRAFT]}_{name}_": text for name, text in texts.items()}
    st.html(Markup("<div id='lagesbild-saved' hidden>{}</div>").format(json.dumps(saved)))


def _put_back() -> None:
    _keep()
    try:
        st.session_state[_SEEN] = drafts.put_back(_folder(), st.session_state[_DRAFT]).spec
    except DraftError as error:
        _tell(str(error))


def _ask_first(
    where: st.delta_generator.DeltaGenerator,
    label: str,
    question: str,
    act: Callable[[], None],
    *,
    key: str,
) -> None:
    """Show a button that asks before it acts."""
    asked: str | None = st.session_state.get(_ASKED)
    if asked != key:
        where.button(label, key=f"answer_{key}", on_click=_ask, args=(key,))
        return
    where.markdown(question)
    where.button("Ja", key=f"answer_{key}_yes", on_click=_do, args=(act,), type="primary")
    where.button("Nej", key=f"answer_{key}_no", on_click=_ask, args=(None,))


def _ask(key: str | None) -> None:
    if _DRAFT in st.session_state:
        _keep()
    st.session_state[_ASKED] = key


def _do(act: Callable[[], None]) -> None:
    st.session_state[_ASKED] = None
    act()


def _lists() -> None:
    """Show the coordinator all drafts by name; others reach theirs by its link."""
    if not coordinator.logged_in():
        return
    saved = {draft.id: draft for draft in drafts.drafts(_folder())}
    gone = {draft.id: draft for draft in drafts.removed_drafts(_folder())}
    if not saved and not gone:
        return
    with st.expander(f"Alla utkast ({len(saved)})", key="answer_drafts"):
        if saved:
            chosen = st.selectbox(
                "Utkast",
                list(saved),
                key="answer_saved",
                format_func=lambda key: f"{saved[key].name}, sparat {saved[key].saved_at:%Y-%m-%d %H.%M}",
            )
            left, right, _ = st.columns([2, 3, 3])
            left.button("Öppna utkastet", key="answer_open", on_click=_open, args=(chosen,))
            _ask_first(right, "Ta bort utkastet", "Ta bort utkastet?", lambda: _remove(chosen), key="remove")
        if gone:
            back = st.selectbox(
                "Borttagna utkast (finns kvar i 30 dagar)",
                list(gone),
                key="answer_gone",
                format_func=lambda key: gone[key].name,
            )
            st.button("Lägg tillbaka", key="answer_restore", on_click=drafts.restore, args=(_folder(), back))


def _remove(draft_id: str) -> None:
    drafts.remove(_folder(), draft_id)
    if st.session_state.get(_DRAFT) == draft_id:
        _forget()


# --- the matter and the questions


def _area(label: str, name: str, text: str, *, height: int) -> str:
    """Show a field of several lines that is saved as it is written."""
    key, first = _begun_with(name, text)
    return str(st.text_area(label, first, key=key, height=height, on_change=_keep, max_chars=LONGEST_TEXT))


def _line(where: st.delta_generator.DeltaGenerator, label: str, name: str, text: str) -> None:
    """Show a field of one line that is saved as it is written."""
    key, first = _begun_with(name, text)
    where.text_input(label, first, key=key, on_change=_keep, max_chars=300)


def _head(spec: Spec) -> None:
    with st.expander("Rubrik, avsändare, datum, ärendet", key="answer_head"):
        left, right = st.columns(2)
        for where, name, label in (
            (left, "titel", "Rubrik"),
            (right, "fragestallare", "Frågeställare"),
            (left, "till", "Till"),
            (right, "diarienummer", "Diarienummer"),
            (left, "fran", "Från (uppdrag, står under namnet)"),
            (right, "undertecknare", "Undertecknas av (namn)"),
            (left, "ort", "Ort"),
        ):
            _line(where, label, name, getattr(spec, name))
        for where, (name, label) in zip((right, left), _DATES.items(), strict=True):
            key, first = _begun_with(name, _day(getattr(spec, name)))
            where.date_input(
                label,
                first,
                key=key,
                on_change=_keep,
                format="YYYY-MM-DD",
                min_value=date(1990, 1, 1),
                max_value=date(2100, 1, 1),
            )
        for name, label in (
            ("arende", "Ärendet i korthet"),
            ("inledning", "Inledning"),
            ("avslutning", "Avslutning"),
        ):
            _area(label, name, getattr(spec, name), height=100)


def _question(drawn_from: ChartContext, spec: Spec, n: int) -> None:
    question = spec.fragor[n]
    with st.container(border=True, key=f"answer_box_{question.key}"):
        left, right = st.columns([6, 1], vertical_alignment="bottom")
        with left:
            _area(f"Fråga {n + 1}", f"fraga_{question.key}", question.fraga, height=68)
        _ask_first(
            right,
            "Ta bort frågan",
            "Ta bort?",
            lambda: _keep(lambda now: _without(now, question.key), f"fråga {n + 1}"),
            key=f"question_{question.key}",
        )
        found = lead(drawn_from, spec.kommun, question.fraga)
        charts = _drawn(drawn_from, spec, question)
        for m, (wanted, chart) in enumerate(charts):
            _chart(question, m, wanted, chart)
        _suggest(drawn_from, spec, question, found)
        _write(drawn_from, spec, n, charts, found)


def _write(
    drawn_from: ChartContext,
    spec: Spec,
    n: int,
    charts: Sequence[tuple[Wanted, Chart | Frozen | str]],
    found: Lead,
) -> None:
    question = spec.fragor[n]
    ready = [chart for _, chart in charts if not isinstance(chart, str)]
    earlier = {_same(one): k for k in range(n, 0, -1) for one in spec.fragor[k - 1].diagram}
    new = [chart for one, chart in charts if not isinstance(chart, str) and _same(one) not in earlier]
    told = {earlier[_same(one)] for one, _ in charts if _same(one) in earlier}
    suggestion = compose.drafted(replace(question, svar="", own=""), new, drawn_from, spec.kommun, told)
    st.session_state.setdefault(_SUGGESTED, {})[question.key] = suggestion
    # As long as nobody has changed it, it follows the charts.
    answer = _area(f"Svar på fråga {n + 1}", f"svar_{question.key}", question.svar or suggestion, height=170)
    markup.note("Förslaget är skrivet ur diagrammen. Ändra fritt: tal som inte finns i dem pekas ut.")
    if question.svar and suggestion and question.svar != suggestion:
        with st.expander("Det här säger diagrammen", key=f"answer_said_{question.key}"):
            st.markdown(suggestion)
    for hint in found.hints:
        markup.note(hint)
    own = _area("Egna ord, efter det", f"eget_{question.key}", question.own, height=100)
    text = f"{answer}\n{own}"
    strange = not_in_figures(text, ready)
    if strange:
        st.warning(f"Tal som inte finns i frågans diagram: {'; '.join(strange)}. Kontrollera dem.")
    _doubts(doubts(text, ready, drawn_from, spec.kommun))


def _same(wanted: Wanted) -> tuple[str, str, tuple[tuple[str, str | int], ...]]:
    """Return what tells a chart from others, wherever it is to stand."""
    return wanted.id, wanted.diagram, tuple(sorted(wanted.parameters.items()))


def _is_among(wanted: Wanted, charts: Sequence[Wanted]) -> bool:
    return _same(wanted) in {_same(one) for one in charts}


def _doubts(found: Sequence[Doubt]) -> None:
    """Show the sentences that say something else than the figures, and those that could not be checked."""
    against = [doubt for doubt in found if doubt.kind is DoubtKind.CONTRADICTS]
    if against:
        told = "\n".join(f"- ”{doubt.sentence}” {doubt.why}" for doubt in against)
        st.warning(f"Säger något annat än siffrorna:\n\n{told}")
    unchecked = [doubt.sentence for doubt in found if doubt.kind is DoubtKind.UNCHECKED]
    if unchecked:
        markup.note(f"Ej kontrollerat mot siffrorna: {' '.join(f'”{sentence}”' for sentence in unchecked)}")


# --- charts


def _with(spec: Spec, key: str, change: Callable[[Question], Question]) -> Spec:
    return replace(spec, fragor=tuple(change(q) if q.key == key else q for q in spec.fragor))


def _without(spec: Spec, key: str) -> Spec:
    return replace(spec, fragor=tuple(q for q in spec.fragor if q.key != key))


def _drawn(
    drawn_from: ChartContext, spec: Spec, question: Question
) -> list[tuple[Wanted, Chart | Frozen | str]]:
    found: list[tuple[Wanted, Chart | Frozen | str]] = []
    for wanted in question.diagram:
        try:
            if wanted.id:
                found.append((wanted, figure.archive().open(wanted.id)))
                continue
            asked = {"home": spec.kommun, **wanted.parameters}
            found.append((wanted, figure.built(drawn_from, wanted.diagram, asked)))
        except ExplainedError as error:
            found.append((wanted, f"{wanted.id or wanted.diagram}: {error}"))
    return found


def _chart(question: Question, m: int, wanted: Wanted, chart: Chart | Frozen | str) -> None:
    """Show a chosen chart: its title, its picture if asked for, where it is to stand, and a way to take it away."""
    key = f"{question.key}_{m}"
    left, middle, right = st.columns([6, 2, 1], vertical_alignment="center")
    with left:
        title = chart if isinstance(chart, str) else chart.title
        markup.below_heading(f"{title}{f' ({wanted.id})' if wanted.id else ''}")
    middle.checkbox(
        "I svaret, inte i bilagan",
        wanted.in_answer,
        key=f"answer_place_{key}_{wanted.in_answer}",
        on_change=_keep,
        args=(lambda now: _with(now, question.key, lambda q: _placed(q, wanted)),),
    )
    right.button(
        "Ta bort",
        key=f"answer_drop_{key}",
        on_click=_keep,
        args=(
            lambda now: _with(now, question.key, lambda q: _dropped(q, wanted)),
            "diagrammet",
        ),
    )
    if not isinstance(chart, str) and st.toggle("Visa", key=f"answer_look_{key}"):
        _look(chart, f"answer_plot_{key}")


def _look(chart: Chart | Frozen, key: str) -> None:
    if isinstance(chart, Chart):
        figure.plot(chart, key)
    elif "picture.png" in chart.files:
        markup.picture(chart.file("png"), figure.frozen_name(chart), f"{key}_picture", width=560)


def _placed(question: Question, wanted: Wanted) -> Question:
    moved = replace(wanted, in_answer=not wanted.in_answer)
    return replace(question, diagram=tuple(moved if one == wanted else one for one in question.diagram))


def _dropped(question: Question, wanted: Wanted) -> Question:
    return replace(question, diagram=tuple(one for one in question.diagram if one != wanted))


def _added(question: Question, charts: Sequence[Wanted]) -> Question:
    return replace(
        question,
        diagram=(*question.diagram, *(one for one in charts if not _is_among(one, question.diagram))),
    )


def _add(key: str, charts: Sequence[Wanted]) -> None:
    _keep(lambda now: _with(now, key, lambda q: _added(q, charts)))


def _suggest(drawn_from: ChartContext, spec: Spec, question: Question, found: Lead) -> None:
    """Offer the charts that say something of the question: one by one, or all at once."""
    new, titles = [], []
    for one in found.charts:
        if _is_among(one, question.diagram):
            continue
        with suppress(ChartError):  # not every municipality has figures for every chart
            asked = {"home": spec.kommun, **one.parameters}
            titles.append(figure.built(drawn_from, one.diagram, asked).title)
            new.append(one)
    if not new:
        return
    markup.below_heading(f"Föreslagna diagram: {'; '.join(titles)}.")
    label = "Lägg till det föreslagna" if len(new) == 1 else f"Lägg till alla {len(new)}"
    with st.container(horizontal=True):
        st.button(
            label, key=f"answer_all_{question.key}", type="primary", on_click=_add, args=(question.key, new)
        )
        if len(new) > 1:
            for m, (one, title) in enumerate(zip(new, titles, strict=True)):
                st.button(
                    title.split(":")[0].split(",")[0],
                    key=f"answer_one_{question.key}_{m}",
                    on_click=_add,
                    args=(question.key, [one]),
                )


def _further(drawn_from: ChartContext, spec: Spec) -> None:
    """Let any chart be chosen, of any municipality, group and year, or one that is cited already; and a question added."""
    with st.expander("Fler diagram och fler frågor", key="answer_further"):
        questions = {q.key: f"Fråga {n}. {q.fraga[:60]}" for n, q in enumerate(spec.fragor, start=1)}
        if questions:
            key = st.selectbox(
                "Till fråga", list(questions), format_func=questions.__getitem__, key="answer_to_which"
            )
            _choose(drawn_from, spec, key)
            left, right = st.columns([3, 2], vertical_alignment="bottom")
            number = left.text_input(
                "Nummer på ett citerat diagram",
                key="answer_cited",
                placeholder="LB-1861-7QK4M2",
                max_chars=40,
            )
            right.button("Lägg till numret", key="answer_add_cited", on_click=_cite, args=(key, number))
        st.text_area("Ny fråga", key="answer_new_question", height=68, max_chars=LONGEST_TEXT)
        st.button("Lägg till frågan", key="answer_more", on_click=_more)


def _choose(drawn_from: ChartContext, spec: Spec, key: str) -> None:
    names = {entry.id: entry.name for entry in all_definitions()}
    chosen = st.selectbox(
        "Diagram (skriv för att söka)", list(names), format_func=names.__getitem__, key="answer_chart"
    )
    takes = {p.name for p in definition(chosen).parameters}
    panel, parameters = choices.panel(drawn_from.warehouse, spec.kommun), dict[str, str | int]()
    first, second, third, fourth = st.columns(4)
    codes = list(drawn_from.names)
    home = first.selectbox(
        "Kommun",
        codes,
        index=codes.index(spec.kommun),
        format_func=drawn_from.names.__getitem__,
        key="answer_home",
    )
    if home != spec.kommun:
        parameters["home"] = home
    if "indicator" in takes:
        usual = {key: panel.indicators[key].short for key in panel.standard if panel.years(key, home)}
        if usual:
            parameters["indicator"] = second.selectbox(
                "Nyckeltal", list(usual), format_func=usual.__getitem__, key="answer_indicator"
            )
    if "group" in takes:
        labels = {"": "Den vanliga"} | {g.key: g.label for g in groups(panel.kinds.values(), home)}
        group = third.selectbox(
            "Jämför med", list(labels), format_func=labels.__getitem__, key="answer_group"
        )
        parameters |= {"group": group} if group else {}
    if "year" in takes and "indicator" in parameters:
        years = ["", *map(str, reversed(panel.years(str(parameters["indicator"]), home)))]
        year = fourth.selectbox(
            "År", years, format_func=lambda text: text or "Det senaste", key="answer_year"
        )
        parameters |= {"year": int(year)} if year else {}
    own = zip(("weights", "own"), choices.group_settings(), strict=True)
    parameters |= {
        name: text for name, text in own if text and parameters.get("group") in {"nearest", "egen"}
    }
    wanted = Wanted(diagram=chosen, parameters=parameters)
    try:
        chart = figure.built(drawn_from, chosen, {"home": spec.kommun, **parameters})
    except ChartError as error:
        st.warning(str(error))
        return
    markup.below_heading(chart.title)
    st.button("Lägg till diagrammet", key="answer_add", on_click=_add, args=(key, [wanted]))


def _cite(key: str, number: str) -> None:
    try:
        found = figure.used(number)
    except ExplainedError as error:
        _tell(str(error))
        return
    _add(key, [Wanted(id=found.id)])


def _more() -> None:
    text = st.session_state.get("answer_new_question", "").strip()
    if not text:
        _tell("Skriv frågan först.")
        return
    new = Question(text, key=drafts.new_key())
    _keep(lambda now: replace(now, fragor=(*now.fragor, new)))
    st.session_state["answer_new_question"] = ""


# --- the document


def _fetch(warehouse: Warehouse) -> None:
    left, right, _ = st.columns([2, 2, 4])
    word = left.button("Gör Word-fil", type="primary", key="answer_word", on_click=_keep)
    pdf = right.button("Gör PDF", key="answer_pdf", on_click=_keep)
    if not (word or pdf):
        return
    folder = stored.settings().templates_folder
    spec: Spec = st.session_state[_SEEN]
    try:
        with visitor.heavy("Citerar diagrammen och skriver dokumentet ..."):
            answer = compose.composed(spec, figure.archive(), warehouse)
            raw = to_docx(answer, template_in(folder), logo_in(folder))
            raw = to_pdf(raw) if pdf else raw
    except ExplainedError as error:
        st.error(str(error))
        return
    for n in answer.unanswered:
        st.warning(f"Fråga {n} har inget svar, varken text eller diagram.")
    marked = len(answer.doubts) + len(answer.unchecked)
    if marked:
        st.info(
            f"{marked} meningar eller tal är inte kontrollerade eller säger emot siffrorna. De står som kommentarer i Word-filen."
        )
    ending, kind = (".pdf", "application/pdf") if pdf else (".docx", _WORD)
    name = f"{file_name(spec)}{ending}"
    st.download_button(f"Hämta {name}", raw, name, kind, key="answer_file", on_click="ignore")
    links = Markup(", ").join(
        Markup("<a href='svar?diagram={}' target='_self'>{}</a>").format(one.id, one.id)
        for one in answer.figures
    )
    if answer.figures:
        markup.below_heading(Markup("Citerade diagram: {}.").format(links))
