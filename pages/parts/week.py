"""The page Veckans lägesbild: the week's picture, its documents, and the meeting that talks about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import week_document
from lagesbild.charts.theme import CONFIG
from lagesbild.charts.week_map import week_map
from lagesbild.data import reference
from lagesbild.hotspots import week as weekly
from lagesbild.hotspots import week_words as words
from lagesbild.signals import meetings
from lagesbild.signals.access import Right
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.writing import lines
from lagesbild.swedish import long_date
from pages.parts import files, markup, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.week import Week
    from lagesbild.signals.store import SignalStore
    from pages.parts.who import Here

#: Weeks that can be chosen.
_WEEKS = 26
_COLUMNS = {"text": "Beslut", "owner": "Ansvarig (funktion)", "due": "Klart senast", "done": "Klart"}


def shown(here: Here) -> None:
    """Show the week: to a coordinator in full, to others coarse."""
    latest = weekly.last_whole(here.today)
    mondays = [latest - timedelta(days=7 * n) for n in range(_WEEKS)]
    monday = st.selectbox("Vecka", mondays, format_func=_week_label, key="week_monday")
    works = here.person.may(Right.WORK)
    week = _week(here, monday)
    details = works and st.toggle(
        "Visa enskilda platser och små antal", value=True, key="week_details", help=words.COARSE
    )
    _picture(here, week if details else weekly.coarse(week))
    held = meetings.meetings(here.store, here.home)
    meeting, last = meetings.around(held, words.next_monday(week))
    _documents(here, week, meeting, last, coarse=not details)
    _last(last)
    if works:
        _meeting(here, week, meeting)
        _removed(here)
    elif meeting is not None:
        _minutes(meeting)


def _week(here: Here, monday: date) -> Week:
    """Return the week, worked out anew when the local file or the figures have changed."""
    file = here.store.file
    parts = (file, file.with_name(f"{file.name}-wal"))
    seen = tuple((part.stat().st_mtime_ns, part.stat().st_size) for part in parts if part.exists())
    return _worked_out(
        here.warehouse.vintage,
        here.home,
        monday,
        here.today,
        seen,
        _store=here.store,
        _warehouse=here.warehouse,
    )


@st.cache_data(max_entries=8, show_spinner="Räknar veckan ...")
def _worked_out(
    vintage: str,
    home: str,
    monday: date,
    today: date,
    seen: tuple[tuple[int, int], ...],
    *,
    _store: SignalStore,
    _warehouse: Warehouse,
) -> Week:
    del vintage, seen  # only keys
    return weekly.of_store(_store, _warehouse, home, monday, today)


def _week_label(monday: date) -> str:
    return f"{words.week_name(monday).capitalize()} ({words.span(monday, monday + timedelta(days=6))})"


# --- the picture ---


def _picture(here: Here, week: Week) -> None:
    told = words.three_numbers(week)
    for column, one in zip(st.columns(3), told, strict=True):
        column.metric(one.name, one.value)
        with column:
            markup.note(one.text)
    markup.paragraph(" ".join(words.reporting_text(week)))
    if week.coarse:
        markup.note(words.COARSE)
    _places(here, week)
    _counts(week)
    hours(week)
    _open(week)


def hours(week: Week) -> None:
    """Show at which hours and weekdays the signals of the last weeks came."""
    markup.below_heading(words.rhythm_text(week.rhythm))
    most = max((value or 0 for row in week.rhythm.counts for value in row), default=0) or 1
    shades = [[(value or 0) / most for value in row] for row in week.rhythm.counts]
    markup.grid(
        [head for head, _ in words.rhythm_heads()],
        words.rhythm_rows(week.rhythm),
        [*shades, []],
        "Signaler efter veckodag och klockslag",
    )


def _places(here: Here, week: Week) -> None:
    markup.section("Vad är nytt, växer eller avtar?", "nytt")
    markup.paragraph(words.spots_text(week))
    rows = words.spot_rows(week)
    if rows:
        markup.table(words.spot_heads(week), rows, "Platser som utmärker sig")
    figure = week_map(here.home, week)
    if figure is not None:
        markup.chart_text(words.map_text(week), "week_map")
        st.plotly_chart(figure, width="stretch", key="week_map", theme=None, config=CONFIG)


def _counts(week: Week) -> None:
    for name, counted in (("Slag", week.kinds), ("Ort", week.localities)):
        if counted:
            caption = f"Signaler efter {name.lower()}"
            markup.below_heading(caption)
            markup.table(words.counted_heads(week, name), words.counted_rows(week, counted), caption)


def _open(week: Week) -> None:
    markup.section("Öppna beslut och åtgärder", "oppet")
    if week.pending:
        rows = words.pending_rows(week.pending, week.today)
        markup.table(words.PENDING_HEADS, rows, "Öppna beslut och åtgärder")
    else:
        markup.paragraph("Inget är öppet.")


def _documents(
    here: Here, week: Week, meeting: Meeting | None, last: Meeting | None, *, coarse: bool
) -> None:
    markup.section("Dokument till mötet", "dokument")
    template, logo = files.letterhead()

    def made() -> bytes:
        return week_document.to_docx(
            week,
            here.home,
            reference.full_name(here.home, here.name),
            meeting,
            last,
            coarse=coarse,
            template=template,
            logo=logo,
        )

    year, number, _ = week.monday.isocalendar()
    name = f"veckans-lagesbild-{year}-v{number:02d}{'-utan-detaljer' if coarse else ''}"
    files.offered("week", name, (week, meeting, last, coarse), made)


# --- the meeting ---


def _last(last: Meeting | None) -> None:
    if last is not None and last.decisions:
        markup.section(f"Beslut på mötet {long_date(last.day)}", "beslut")
        _decisions(last.decisions)


def _decisions(decisions: Sequence[Taken]) -> None:
    rows = [
        (
            one.text,
            one.owner,
            long_date(one.due) if one.due else words.HIDDEN,
            long_date(one.done) if one.done else "nej",
        )
        for one in decisions
    ]
    markup.table([(name, "") for name in _COLUMNS.values()], rows, "Beslut")


def _minutes(meeting: Meeting) -> None:
    """Show a meeting's decisions; its notes are for those who work with it."""
    markup.section(f"Möte {long_date(meeting.day)}", "motet")
    if meeting.decisions:
        _decisions(meeting.decisions)


def _meeting(here: Here, week: Week, kept: Meeting | None) -> None:
    """Show the meeting's form; what is saved is refused if somebody else has saved meanwhile."""
    markup.section("Mötet", "motet-nu")
    names.shown()
    tuesday = words.next_monday(week) + timedelta(days=1)
    meeting = kept or Meeting(day=tuesday)
    # A form of its own for each version: else what was typed into an older one would stay in it.
    key = f"meeting_{week.monday}_{meeting.id}_{meeting.version}"
    with st.form(key):
        day = st.date_input("Dag", meeting.day, format="YYYY-MM-DD", key=f"{key}_day")
        present = st.text_area(
            "Närvarande: en funktion per rad, inga namn", "\n".join(meeting.present), key=f"{key}_present"
        )
        agenda = st.text_area("Dagordning: en punkt per rad", "\n".join(meeting.agenda), key=f"{key}_agenda")
        notes = st.text_area("Anteckningar", meeting.notes, key=f"{key}_notes")
        st.markdown("Beslut: skriv funktioner, inte namn på personer")
        edited = st.data_editor(
            [_row(one) for one in meeting.decisions] or [_row(None)],
            placeholder="",  # else an empty cell says None
            key=f"{key}_decisions",
            num_rows="dynamic",
            width="stretch",
            column_config={
                "due": st.column_config.DateColumn(_COLUMNS["due"], format="YYYY-MM-DD"),
                "done": st.column_config.DateColumn(_COLUMNS["done"], format="YYYY-MM-DD"),
                "text": st.column_config.TextColumn(
                    _COLUMNS["text"], max_chars=meetings.LONGEST_DECISION, width="large"
                ),
                "owner": st.column_config.TextColumn(_COLUMNS["owner"], max_chars=meetings.LONGEST_FUNCTION),
            },
        )
        pressed = st.form_submit_button("Spara mötet", type="primary")
    if pressed:
        changed = replace(
            meeting,
            day=day,
            present=lines(present),
            agenda=lines(agenda),
            notes=notes,
            decisions=_taken(edited),
        )
        _saved(here, changed)
    if kept is not None:
        markup.note(f"Senast sparat av {kept.changed_by}, version {kept.version}.")
        if st.button("Ta bort mötet", key=f"{key}_remove"):
            _done(lambda: meetings.remove(here.store, kept, here.person.actor))


def _row(one: Taken | None) -> dict[str, Any]:
    if one is None:
        return {"text": "", "owner": "", "due": None, "done": None}
    return {"text": one.text, "owner": one.owner, "due": one.due, "done": one.done}


def _taken(rows: Sequence[dict[str, Any]]) -> tuple[Taken, ...]:
    """Return the decisions of the table; a row without anything in it is none."""
    return tuple(
        Taken(
            text=row.get("text") or "",
            owner=row.get("owner") or "",
            due=_day(row.get("due")),
            done=_day(row.get("done")),
        )
        for row in rows
        if any(row.get(name) for name in _COLUMNS)
    )


def _day(value: Any) -> date | None:
    """Return a day of the table: streamlit gives days that somebody typed as text."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) and value else value or None


def _saved(here: Here, meeting: Meeting) -> None:
    def save() -> None:
        if meeting.id:
            meetings.change(here.store, meeting, here.person.actor)
        else:
            meetings.add(here.store, here.home, meeting, here.person.actor)
        decisions = [text for one in meeting.decisions for text in (one.text, one.owner)]
        names.remember(
            *meeting.present, *meeting.agenda, meeting.notes, *decisions, store=here.store, home=here.home
        )

    _done(save)


def _done(work: Any) -> None:
    """Carry out a change and show the page anew; say what was wrong with it, and keep what was typed."""
    try:
        work()
    except ExplainedError as error:
        st.error(str(error))
    else:
        st.rerun()


def _removed(here: Here) -> None:
    gone = meetings.removed(here.store, here.home)
    if not gone:
        return
    with st.expander("Borttagna möten", key="meetings_removed"):
        for one in gone:
            if st.button(f"Ta tillbaka mötet {long_date(one.day)}", key=f"restore_{one.id}"):
                _done(lambda one=one: meetings.restore(here.store, one.id, here.person.actor))
