"""Guards: the hours that are bought, beside the hours when signals come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st
from markupsafe import Markup

from lagesbild.signals import access, guards
from lagesbild.signals import action_words as words
from lagesbild.signals.database import ChangedMeanwhileError
from lagesbild.signals.guards import DAYS, HOURS, GuardError, Guards, Load, Shift
from lagesbild.swedish import number, weekday
from pages.parts import markup
from pages.parts import names as looked_like

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.signals.store import Signal
    from pages.parts.who import Here

_TURN, _SAVED = "guards_turn", "guards_saved"
_WEEKDAYS = tuple(weekday(day)[:3] for day in range(DAYS))
_SCHEMA = pl.Schema(
    {
        "Plats": pl.String,
        **dict.fromkeys(_WEEKDAYS, pl.Boolean),
        "Från kl.": pl.Int64,
        "Till kl.": pl.Int64,
        "Första dag": pl.Date,
        "Sista dag": pl.Date,
    }
)
#: How far back signals are held beside the shifts.
_WEEKS = (8, 12, 26, 52)
_MARK = "▣"


def shown(here: Here, signals: Sequence[Signal], places: Sequence[str]) -> None:
    """Show the guards' hours, let them be changed, and say what signals tell of them."""
    with st.expander("Väktare: timmar och behov", key="guards_part"):
        if told := st.session_state.pop(_SAVED, ""):
            st.success(told)
            looked_like.shown()
        kept = guards.kept(here.store, here.home)
        base = st.session_state.setdefault(f"guards_base_{_turn()}", kept)
        _editor(here, base, kept, places)
        if kept.shifts:
            _beside(here, kept, signals)


def shifts_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Shift, ...]:
    """Read shifts from the editor's rows; empty rows are left out.

    Raises
    ------
    GuardError
        For a row where an hour or the first day is missing.
    """
    return tuple(
        _shift(row, n) for n, row in enumerate(rows, start=1) if any(_there(value) for value in row.values())
    )


def rows_of(shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    """Return shifts as rows of the editor."""
    return [
        {
            "Plats": shift.place,
            **{name: day in shift.weekdays for day, name in enumerate(_WEEKDAYS)},
            "Från kl.": shift.from_hour,
            "Till kl.": shift.to_hour,
            "Första dag": shift.from_day,
            "Sista dag": shift.to_day,
        }
        for shift in shifts
    ]


def _there(value: Any) -> bool:
    return value is not None and value is not False and value != ""


def _shift(row: Mapping[str, Any], n: int) -> Shift:
    for name in ("Från kl.", "Till kl.", "Första dag"):
        if not _there(row[name]):
            raise GuardError(f"Rad {number(n)}: fyll i {name.lower().removesuffix('.')}.")
    return Shift(
        place=(row["Plats"] or "").strip(),
        weekdays=tuple(day for day, name in enumerate(_WEEKDAYS) if _there(row[name])),
        from_hour=int(row["Från kl."]),
        to_hour=int(row["Till kl."]),
        from_day=row["Första dag"],
        to_day=row["Sista dag"],
    )


def _turn() -> int:
    return int(st.session_state.get(_TURN, 0))


def _editor(here: Here, base: Guards, kept: Guards, places: Sequence[str]) -> None:
    markup.below_heading(
        "En rad för varje pass som återkommer. Till kl. 2 betyder klockan två natten efter. Utan plats gäller passet hela kommunen."
    )
    edited = st.data_editor(
        pl.DataFrame(rows_of(base.shifts), schema=_SCHEMA),
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        placeholder="",  # else an empty cell says None
        key=f"guards_rows_{_turn()}",
        column_config={
            "Plats": st.column_config.SelectboxColumn(
                options=sorted({*places, *(one.place for one in base.shifts if one.place)})
            ),
            "Från kl.": st.column_config.NumberColumn(min_value=0, max_value=23, step=1),
            "Till kl.": st.column_config.NumberColumn(min_value=0, max_value=24, step=1),
            "Första dag": st.column_config.DateColumn(format="YYYY-MM-DD"),
            "Sista dag": st.column_config.DateColumn(format="YYYY-MM-DD"),
        },
    )
    names = {person.id: person.name for person in access.people(here.store)}
    names |= {one: names.get(one, "borttagen person") for one in base.reporters}
    reporters = st.multiselect(
        "Rapporterar som väktare",
        list(names),
        default=list(base.reporters),
        format_func=names.__getitem__,
        placeholder="Välj personer",
        key=f"guards_reporters_{_turn()}",
    )
    pressed = st.button("Spara passen", key=f"guards_save_{_turn()}")
    rows = edited.to_dicts()
    if kept.version != base.version:
        _conflict(here, rows, reporters, kept)
    elif pressed:
        _save(here, rows, reporters, base)


def _save(here: Here, rows: Sequence[Mapping[str, Any]], reporters: Sequence[str], base: Guards) -> None:
    try:
        wanted = replace(base, shifts=shifts_of(rows), reporters=tuple(reporters))
        guards.keep(here.store, here.home, wanted, here.person.actor)
    except GuardError as error:
        st.error(str(error))
    except ChangedMeanwhileError:
        st.rerun()
    else:
        looked_like.remember(*(shift.place for shift in wanted.shifts), store=here.store, home=here.home)
        _begin_anew("Passen är sparade.")


def _begin_anew(told: str) -> None:
    st.session_state[_TURN] = _turn() + 1
    st.session_state[_SAVED] = told
    st.rerun()


def _conflict(here: Here, rows: Sequence[Mapping[str, Any]], reporters: Sequence[str], kept: Guards) -> None:
    """Show what somebody else has saved since, beside the editor that still holds one's own."""
    st.warning("Någon annan har sparat passen medan du skrev. Det du skrivit står kvar i tabellen ovan.")
    markup.table(
        [("Sparat av den andra", "")],
        [(words.shift_text(one),) for one in kept.shifts] or [("Inga pass",)],
        "Sparade pass",
    )
    if st.button("Spara det jag skrivit i stället", key=f"guards_mine_{_turn()}"):
        _save(here, rows, reporters, kept)
    if st.button("Ta det som är sparat", key=f"guards_theirs_{_turn()}"):
        _begin_anew("Det sparade visas.")


def _beside(here: Here, kept: Guards, signals: Sequence[Signal]) -> None:
    markup.table(
        [("Pass", ""), ("Timmar i veckan", "n")],
        [(words.shift_text(one), number(one.hours_a_week)) for one in kept.shifts if one.runs(here.today)]
        or [("Inga pass nu", "0")],
        "Pass som gäller nu",
    )
    weeks = st.selectbox(
        "Signaler från de senaste",
        _WEEKS,
        index=1,
        format_func=lambda n: f"{number(n)} veckorna",
        key="guards_weeks",
    )
    until = here.today - timedelta(days=1)
    load = guards.beside_load(
        kept.shifts, signals, until - timedelta(days=7 * weeks - 1), until, kept.reporters
    )
    answer, _, why = words.need_text(load).partition(". ")
    markup.answer(f"{answer}.", why, words.load_text(load))
    markup.paragraph(words.stretches_text(load))
    _heat(load)
    markup.note(words.guards_own_text(load))
    if load.without_hour:
        markup.note(f"{number(load.without_hour)} signaler utan klockslag är inte med.")


def _heat(load: Load) -> None:
    """Show signals by hour and weekday; guarded hours have a mark and a frame, and are told to those who listen."""
    most = max(1, int(load.counts.max()))
    head = Markup().join(Markup("<th scope='col'>{}</th>").format(day) for day in ("kl.", *_WEEKDAYS))
    body = Markup().join(
        Markup("<tr><th scope='row'>{}</th>{}</tr>").format(
            f"{hour:02d}", Markup().join(_cell(load, day, hour, most) for day in range(DAYS))
        )
        for hour in range(HOURS)
    )
    markup.below_heading(f"Signaler per timme och veckodag. {_MARK} betyder att väktare är på plats.")
    st.html(
        Markup(
            "<table class='lb-hours' aria-label='Signaler per timme och veckodag'><thead><tr>{}</tr></thead>"
            "<tbody>{}</tbody></table>"
        ).format(head, body)
    )


def _cell(load: Load, day: int, hour: int, most: int) -> Markup:
    count, guarded = int(load.counts[day, hour]), load.guarded[day, hour] > 0
    told = f"{weekday(day)} kl. {hour}: {number(count)}" + (", väktare" if guarded else "")
    return Markup("<td class='{}' style='--share: {}%' title='{}'>{}{}</td>").format(
        "g" if guarded else "",
        round(60 * count / most),
        told,
        number(count) if count else "",
        Markup(" <span role='img' aria-label='väktare'>{}</span>").format(_MARK) if guarded else "",
    )
