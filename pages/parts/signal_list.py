"""The coordinator's list of signals: search, add, change, delete, bring back, export."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from lagesbild.data import reference
from lagesbild.signals import places, screening
from lagesbild.signals.database import ChangedMeanwhileError
from lagesbild.signals.exports import HEADS, SEVERITIES, rows_of
from lagesbild.signals.store import LONGEST_TEXT, Severity, Signal, new_id
from lagesbild.signals.writing import cleaned
from lagesbild.swedish import long_date, number, spreadsheet
from pages.parts import markup, who

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.signals.database import LocalFile
    from lagesbild.signals.places import KnownPlace
    from pages.parts.who import Here

_ALL = "Alla"
_UNKNOWN = "Okänt"
_UNDO = "signals_deleted"
_SHOWN_DAYS = 90


def known_places(here: Here) -> tuple[KnownPlace, ...]:
    """Return the places that a signal can be at."""
    return places_in(here.store, here.home)


def places_in(store: LocalFile, home: str) -> tuple[KnownPlace, ...]:
    """Return the places of a municipality."""
    return places.known(store, home, reference.middles(home))


def shown(here: Here) -> None:
    """Show the list with all that can be done to it."""
    who.saw(here, "signaler")
    signals = here.store.signals(here.home, here.today)
    reporters = _reporters(here)
    _add(here)
    found = _search(signals, here)
    _undo(here)
    if not signals:
        markup.below_heading("Inga signaler än. Lägg till en, läs in en fil eller ge någon en egen länk.")
    elif not found:
        markup.below_heading("Inga signaler passar det du söker.")
    else:
        _table(here, found, reporters)
    _deleted(here)


def _reporters(here: Here) -> dict[str, str]:
    from lagesbild.signals import access  # noqa: PLC0415 - names of reporters, for the list alone

    return {person.id: person.name for person in access.people(here.store)}


def _search(signals: Sequence[Signal], here: Here) -> list[Signal]:
    parts = st.columns([3, 2, 2, 2])
    sought = (
        parts[0].text_input("Sök", key="signal_search", placeholder="ord, plats, slag").casefold().split()
    )
    kind = parts[1].selectbox("Slag", [_ALL, *sorted({s.kind for s in signals})], key="signal_kind")
    locality = parts[2].selectbox(
        "Ort", [_ALL, *sorted({s.locality for s in signals})], key="signal_locality"
    )
    days = parts[3].selectbox(
        "Tid", [7, 28, _SHOWN_DAYS, 730], 2, format_func=lambda n: f"{n} dagar", key="signal_days"
    )
    first = here.today - timedelta(days=days)
    return [
        s
        for s in reversed(signals)
        if s.day > first
        and kind in {_ALL, s.kind}
        and locality in {_ALL, s.locality}
        and all(word in f"{s.kind} {s.place} {s.locality} {s.text} {s.outcome}".casefold() for word in sought)
    ]


def _table(here: Here, found: Sequence[Signal], reporters: Mapping[str, str]) -> None:
    markup.below_heading(
        f"{number(len(found))} {'signal' if len(found) == 1 else 'signaler'}, de senaste först."
    )
    st.dataframe(
        _frame(found, reporters), hide_index=True, width="stretch", key="signal_table", placeholder=""
    )
    st.download_button(
        "Hämta som kalkylblad (csv)",
        lambda: _exported(here, found),
        file_name=f"signaler-{here.today}.csv",
        mime="text/csv",
        key="signal_export",
        on_click="ignore",
    )
    # Chosen in lists and not in the table, which is a picture: it cannot be reached by keyboard or by ear.
    by_id = {one.id: one for one in found}
    chosen = st.selectbox(
        "Ändra en signal",
        list(by_id),
        None,
        format_func=lambda key: _named(by_id[key]),
        placeholder="Välj",
        key="signal_change",
    )
    if chosen:
        _form(here, by_id[chosen], f"change_{chosen}")
    gone = st.multiselect(
        "Ta bort signaler",
        list(by_id),
        format_func=lambda key: _named(by_id[key]),
        placeholder="Välj",
        key="signal_gone",
    )
    if gone:
        _delete(here, gone)


def _named(one: Signal) -> str:
    clock = "" if one.hour is None else f" kl. {one.hour:02d}"
    return f"{long_date(one.day)}{clock}: {one.kind}, {one.place or one.locality} ({one.id[:4]})"


def _frame(found: Sequence[Signal], reporters: Mapping[str, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows_of(found), list(HEADS), orient="row", infer_schema_length=None)
    senders = [reporters.get(one.reporter_id, "fil" if one.batch_id else "") for one in found]
    return frame.drop("Öst", "Nord", "Nummer").insert_column(7, pl.Series("Från", senders))


def _exported(here: Here, found: Sequence[Signal]) -> str:
    here.store.note(here.person.actor, "exporterade", "signaler", detail=f"{len(found)} rader")
    return spreadsheet(HEADS, rows_of(found))


def _delete(here: Here, ids: Sequence[str]) -> None:
    told = "signalen" if len(ids) == 1 else f"{number(len(ids))} signaler"
    markup.paragraph(f"Ta bort {told}? De kan tas tillbaka i 30 dagar, sedan är de borta för gott.")
    st.button(
        f"Ja, ta bort {told}",
        key="signal_delete",
        type="primary",
        on_click=_deleted_now,
        args=(here, list(ids)),
    )


def _deleted_now(here: Here, ids: list[str]) -> None:
    here.store.delete_signals(ids, here.person.actor)
    st.session_state[_UNDO] = ids
    st.session_state["signal_gone"] = []


def _undo(here: Here) -> None:
    ids = st.session_state.get(_UNDO)
    if ids and st.button(f"Ångra: ta tillbaka {number(len(ids))} borttagna", key="signal_undo"):
        here.store.restore_signals(ids, here.person.actor)
        st.session_state[_UNDO] = None
        st.rerun()


def _deleted(here: Here) -> None:
    gone = here.store.deleted_signals(here.home)
    if not gone:
        return
    with st.expander(f"Borttagna de senaste 30 dagarna ({number(len(gone))})", key="signals_gone"):
        names = {one.id: _named(one) for one in gone}
        chosen = st.multiselect("Ta tillbaka", list(names), format_func=names.__getitem__, key="signals_back")
        if st.button("Ta tillbaka", key="signals_back_do", disabled=not chosen):
            here.store.restore_signals(chosen, here.person.actor)
            st.rerun()


def _add(here: Here) -> None:
    with st.expander("Lägg till en signal", key="signal_add"):
        blank = Signal(id="", day=here.today, kind="", locality="", version=0)
        _form(here, blank, f"add_{st.session_state.get('signals_added', 0)}")


def _form(here: Here, one: Signal, key: str) -> None:
    """Let a signal be written; what is typed stays when it cannot be kept."""
    st.session_state.setdefault(f"{key}_version", one.version)
    kinds, known = places.kinds(here.store, here.home), known_places(here)
    at = list(dict.fromkeys([*(place.name for place in known), *([one.locality] if one.locality else [])]))
    now = one.place or one.locality
    with st.form(key, border=True):
        parts = st.columns(4)
        typed: dict[str, Any] = {
            "day": parts[0].date_input("Dag", one.day, max_value=here.today, key=f"{key}_day"),
            "hour": parts[1].selectbox(
                "Klockan",
                [None, *range(24)],
                0 if one.hour is None else one.hour + 1,
                format_func=lambda hour: _UNKNOWN if hour is None else f"{hour:02d}–{(hour + 1) % 24:02d}",
                key=f"{key}_hour",
            ),
            "kind": parts[2].selectbox(
                "Vad",
                list(dict.fromkeys([*kinds, *([one.kind] if one.kind else [])])),
                kinds.index(one.kind) if one.kind in kinds else (len(kinds) if one.kind else None),
                placeholder="Välj",
                key=f"{key}_kind",
            ),
            "at": parts[3].selectbox(
                "Var", at, at.index(now) if now in at else None, placeholder="Välj", key=f"{key}_at"
            ),
        }
        typed["severity"] = st.radio(
            "Hur allvarligt",
            [None, *Severity],
            0 if one.severity is None else int(one.severity),
            format_func=lambda value: _UNKNOWN if value is None else SEVERITIES[value],
            horizontal=True,
            key=f"{key}_severity",
        )
        typed["text"] = st.text_input(
            "Text (inget som pekar ut en person)", one.text, max_chars=LONGEST_TEXT, key=f"{key}_text"
        )
        typed["outcome"] = st.text_input(
            "Ledde till (den som rapporterade ser det)",
            one.outcome,
            max_chars=LONGEST_TEXT,
            key=f"{key}_outcome",
        )
        no_person = st.checkbox("Orden i texten pekar inte ut någon person", key=f"{key}_no_person")
        pressed = st.form_submit_button("Spara" if one.id else "Lägg till")
    if pressed:
        _keep(here, one, typed, known, key, no_person=no_person)


def _keep(
    here: Here,
    one: Signal,
    typed: Mapping[str, Any],
    known: Sequence[KnownPlace],
    key: str,
    *,
    no_person: bool,
) -> None:
    if not typed["kind"] or not typed["at"]:
        st.error("Välj vad som har hänt och var.")
        return
    problem = _person_in(typed, known, no_person=no_person)
    if problem:
        st.error(problem)
        return
    place = next((p for p in known if p.name == typed["at"]), None)
    moved = typed["at"] != (one.place or one.locality)
    written = replace(
        one,
        day=typed["day"],
        hour=typed["hour"],
        kind=typed["kind"],
        severity=typed["severity"],
        text=cleaned(typed["text"]),
        outcome=cleaned(typed["outcome"]),
        version=st.session_state[f"{key}_version"],
        **(_where(place) if moved and place else {}),
    )
    try:
        if one.id:
            here.store.change_signal(written, here.person.actor)
        else:
            added = replace(written, id=new_id(), version=1, reporter_id=here.person.id)
            here.store.report(here.home, [added], here.person.actor)
            st.session_state["signals_added"] = st.session_state.get("signals_added", 0) + 1
    except ChangedMeanwhileError as error:
        _told_of_another(here, one, key, str(error))
        return
    st.session_state.pop(f"{key}_version", None)
    st.rerun()


def _where(place: KnownPlace) -> dict[str, Any]:
    if place.id:
        return {"place": place.name, "locality": place.locality, "x": place.x, "y": place.y}
    return {"place": "", "locality": place.locality, "x": None, "y": None}


def _person_in(typed: Mapping[str, Any], known: Sequence[KnownPlace], *, no_person: bool) -> str:
    """Say what in the words points at a person; empty if nothing does, or only names that are said to be none."""
    allowed = [place.name for place in known]
    for name in ("text", "outcome"):
        found = screening.screen(cleaned(typed[name]), allowed=allowed)
        if no_person:
            found = tuple(one for one in found if one.certain)
        if found:
            return screening.told(found)
    return ""


def _told_of_another(here: Here, one: Signal, key: str, why: str) -> None:
    """Show what somebody else has written meanwhile; one's own words stay in the form."""
    other = here.store.signal(one.id)
    if other is None:
        st.warning("Någon annan har tagit bort signalen under tiden. Inget är skrivet.")
        return
    st.session_state[f"{key}_version"] = other.version
    told = ", ".join(
        text
        for text in (str(other.day), other.kind, other.place or other.locality, other.text, other.outcome)
        if text
    )
    st.warning(f"{why} Nu står det: {told}. Spara igen om ditt ska gälla i stället.")
