"""Taking a file of signals in: which column is what, what would come of it, what is asked, and how it is undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.data import reference
from lagesbild.signals import tables
from lagesbild.signals.fields import FIELD_TITLES, Field
from lagesbild.signals.importing import State
from lagesbild.signals.intake import Intake, sender_of
from lagesbild.signals.store import DELETED_DAYS, LONGEST_NAME
from lagesbild.swedish import long_date, number
from pages.parts import markup, signal_list, visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.signals.importing import Preview
    from lagesbild.signals.store import Batch
    from lagesbild.signals.tables import Cell, Table
    from pages.parts.who import Here

_STATES = {
    State.NEW: "Ny",
    State.CHANGED: "Ändrad",
    State.UNCHANGED: "Finns redan",
    State.DUPLICATE: "Står två gånger",
}
_DONE = "import_done"
_NEW_SENDER = "Ny avsändare"
#: More than so many rows are not drawn; all are taken in.
_SHOWN = 200
_NO_ANSWER = "Inget svar: raden hoppas över"
#: What the first suggestion may answer unseen; what is about persons, positions and duplicates is answered one by one.
_GUESSED = ("place:", "kind:")


def shown(here: Here) -> None:
    """Show all that is needed to take in a file, and the imports that there have been."""
    _told_done(here)
    markup.below_heading(
        "Excel eller csv. Filen behöver dag, vad som hände och var. Inget läses in förrän du har sett vad det blir."
    )
    visitor.expect_files()
    file = st.file_uploader("Fil", ["xlsx", "xlsm", "xls", "ods", "csv", "txt"], key="import_file")
    if file is not None:
        try:
            _file(here, file.getvalue(), file.name)
        except ExplainedError as error:
            st.error(str(error))
    _earlier(here)


def _file(here: Here, content: bytes, name: str) -> None:
    table = tables.read(content, name)
    if len(table.sheets) > 1:
        sheet = st.selectbox("Blad", table.sheets, table.sheets.index(table.sheet), key=f"sheet_{name}")
        table = tables.read(content, name, sheet)
    sender = _sender(here)
    if not sender:
        st.info("Skriv vem listan kommer från, så minns programmet kolumnerna till nästa gång.")
        return
    outline = reference.outlines().get(here.home)
    intake = Intake(
        store=here.store,
        code=here.home,
        places=signal_list.known_places(here),
        rings=outline.rings if outline else (),
        today=here.today,
        names_allowed=st.checkbox(
            "Ord som liknar namn pekar inte ut någon person i den här listan", key=f"import_names_{name}"
        ),
    )
    key = f"{name}_{table.sheet}_{sender}"
    fields = _columns(intake, table, sender, key)
    asked = intake.preview(table, fields, sender)
    answers = _answers(asked, key)
    found = intake.preview(table, fields, sender, answers) if answers else asked
    _result(found)
    if not found.candidates:
        return
    held = f" {_many(len(found.held_back), 'rad', 'rader')} lämnas utanför." if found.held_back else ""
    if st.button(
        f"Läs in {_taken(found.counts.get(State.NEW, 0), found.counts.get(State.CHANGED, 0))}.{held}",
        type="primary",
        key="import_do",
    ):
        st.session_state[_DONE] = intake.take_in(found, table, fields, sender, here.person.actor)
        st.rerun()


def _sender(here: Here) -> str:
    known = here.store.senders(here.home)
    chosen = st.selectbox("Avsändare", [*known, _NEW_SENDER], key="import_known") if known else _NEW_SENDER
    if chosen != _NEW_SENDER:
        return chosen
    return sender_of(
        st.text_input(
            "Vem kommer listan från?",
            max_chars=LONGEST_NAME,
            key="import_sender",
            placeholder="bevakningsbolaget, skolan ...",
        )
    )


def _columns(intake: Intake, table: Table, sender: str, key: str) -> list[Field]:
    guessed = intake.columns(table, sender)
    with st.expander("Så läses kolumnerna", expanded=Field.IGNORED in guessed, key=f"columns_{key}"):
        first = table.rows[0].cells if table.rows else ()
        return [_column(n, name, first, guessed[n], key) for n, name in enumerate(table.columns)]


def _column(n: int, name: str, first: Sequence[Cell], guess: Field, key: str) -> Field:
    example = f", som ”{first[n]}”" if first and first[n] is not None else ""
    every = list(Field)
    chosen = st.selectbox(
        f"{name}{example}",
        every,
        every.index(guess),
        format_func=FIELD_TITLES.__getitem__,
        key=f"column_{key}_{n}",
    )
    return chosen or guess


def _answers(found: Preview, key: str) -> dict[str, str]:
    """Ask each thing once, and return what was answered."""
    if not found.questions:
        return {}
    rows: dict[str, list[int]] = {}
    for problem in found.problems:
        if problem.question:
            rows.setdefault(problem.ask, []).append(problem.row)
    asked = sorted(found.questions.items(), key=lambda pair: rows[pair[0]][0])
    st.markdown(f"**{_many(len(asked), 'sak', 'saker')} att svara på**")
    first = st.toggle(
        "Ta det första förslaget på slag och platser där jag inte väljer något", key=f"first_{key}"
    )
    answers = {
        ask: st.selectbox(
            f"{_rows(rows[ask])}: {problem.text}",
            [_NO_ANSWER, *problem.suggestions],
            1 if first and problem.suggestions and ask.startswith(_GUESSED) else 0,
            accept_new_options=ask.startswith("place:"),
            key=f"answer_{key}_{ask}_{first}",
        )
        for ask, problem in asked[:_SHOWN]
    }
    return {ask: answer for ask, answer in answers.items() if answer and answer != _NO_ANSWER}


def _many(count: int, one: str, several: str) -> str:
    return f"{number(count)} {one if count == 1 else several}"


def _taken(added: int, changed: int) -> str:
    return f"{_many(added, 'ny', 'nya')} och {_many(changed, 'ändrad', 'ändrade')}"


def _rows(numbers: Sequence[int]) -> str:
    told = ", ".join(str(n) for n in numbers[:5])
    more = f" och {number(len(numbers) - 5)} till" if len(numbers) > 5 else ""
    return f"Rad {told}{more}"


def _result(found: Preview) -> None:
    for remark in found.remarks:
        markup.note(f"{_rows(remark.rows)}{f', {remark.column}' if remark.column else ''}: {remark.text}")
    if found.problems:
        st.markdown(f"**{_many(len(found.held_back), 'rad', 'rader')} kan inte läsas in som de är**")
        markup.table(
            [("Rad", "n"), ("Kolumn", ""), ("Vad som är fel", "")],
            [(str(one.row), one.column or "–", one.text) for one in found.problems[:_SHOWN]],
            "Fel och frågor per rad",
        )
        if len(found.problems) > _SHOWN:
            markup.note(f"De första {_SHOWN} av {number(len(found.problems))} visas.")
    if found.rows:
        st.markdown(f"**{_many(len(found.rows), 'rad', 'rader')} som går att läsa in**")
        rows = [
            (
                str(one.row),
                _STATES[one.state]
                + (f" ({', '.join(FIELD_TITLES[f].lower() for f in one.changed)})" if one.changed else ""),
                f"{one.candidate.day}",
                "–" if one.candidate.hour is None else f"{one.candidate.hour:02d}",
                one.candidate.kind,
                one.candidate.place or "–",
            )
            for one in found.rows[:_SHOWN]
        ]
        heads = [("Rad", "n"), ("Blir", ""), ("Dag", "w"), ("Kl.", "w"), ("Slag", ""), ("Plats", "")]
        with st.expander("Visa raderna", key="import_rows"):
            markup.table(heads, rows, "Rader som läses in")


def _told_done(here: Here) -> None:
    batch: Batch | None = st.session_state.get(_DONE)
    if batch is None:
        return
    st.success(f"Inläst: {_taken(batch.added, batch.changed)}.")
    if st.button("Ångra inläsningen", key="import_undo"):  # and taken back in the list of imports
        here.store.undo(batch.id, here.person.actor)
        st.session_state[_DONE] = None
        st.rerun()


def _earlier(here: Here) -> None:
    batches = here.store.batches(here.home)
    if not batches:
        return
    markup.section("Tidigare inläsningar", "tidigare")
    rows = [
        (
            long_date(one.taken_in_at.date()),
            one.sender,
            number(one.added),
            number(one.changed),
            one.taken_in_by,
            f"Ångrad {long_date(one.undone_at.date())}" if one.undone_at else "Gäller",
        )
        for one in batches
    ]
    heads = [("Dag", "w"), ("Från", ""), ("Nya", "n"), ("Ändrade", "n"), ("Av", ""), ("Läge", "")]
    markup.table(heads, rows, "Inläsningar")
    _one_of(here, [one for one in batches if one.undone_at is None], undo=True)
    limit = datetime.now(UTC) - timedelta(days=DELETED_DAYS)
    _one_of(here, [one for one in batches if one.undone_at and one.undone_at > limit], undo=False)


def _one_of(here: Here, batches: Sequence[Batch], *, undo: bool) -> None:
    """Let one of the imports be undone, or one that was undone be taken back."""
    if not batches:
        return
    chosen = st.selectbox(
        "Ångra en inläsning" if undo else "Ta tillbaka en ångrad inläsning",
        batches,
        None,
        format_func=lambda one: (
            f"{one.sender}, {long_date(one.taken_in_at.date())}: {_taken(one.added, one.changed)}"
        ),
        placeholder="Välj",
        key="import_old" if undo else "import_gone",
    )
    if chosen is None:
        return
    told, key = (
        ("Ja, ångra hela inläsningen", "import_old_undo") if undo else ("Ja, ta tillbaka den", "import_back")
    )
    if st.button(told, key=key):
        (here.store.undo if undo else here.store.take_back)(chosen.id, here.person.actor)
        st.rerun()
