"""What only a coordinator sees on Medborgarlöften: promises written, changed, removed and brought back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.signals import promises
from lagesbild.signals.database import ChangedMeanwhileError
from lagesbild.signals.promises import (
    LONGEST_FUNCTION,
    LONGEST_NOTE,
    LONGEST_TEXT,
    MUNICIPALITY,
    POLICE,
    SIGNALS,
    Activity,
    Direction,
    Promise,
    PromiseError,
)
from lagesbild.swedish import long_date
from lagesbild.trends import followed, promise_words
from pages.parts import choices, markup, names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.panel import Panel
    from pages.parts.who import Here

#: What has been opened: the promise as it was then, so that what is typed is held against that and stays.
_OPENED = "promise_opened"
_TURN, _TOLD, _UNDO, _OTHER, _ROWS = (f"promise_{name}" for name in ("turn", "told", "undo", "other", "rows"))
_DIRECTIONS = {
    None: "Sägs inte",
    Direction.FEWER: "Färre",
    Direction.MORE: "Fler",
    Direction.UNCHANGED: "Oförändrat",
}
_NEW = ""
_DAY = "YYYY-MM-DD"


@dataclass(frozen=True)
class _Opened:
    """Which promise is open, as the fields began, and as it is saved against (None: as a new one)."""

    chosen: str
    began: Promise | None
    against: Promise | None


def shown(here: Here) -> None:
    """Show the coordinator's part of the page; the page stands even if the local file is damaged."""
    markup.section("Skriv och ändra löften", "andra")
    try:
        _told(here)
        kept = promises.promises(here.store, here.home)
        _edit(here, {promise.id: promise for promise in kept})
        _removed(here)
    except ExplainedError as error:
        st.error(str(error))


def _told(here: Here) -> None:
    """Say what was done last, and offer to undo it."""
    if told := st.session_state.pop(_TOLD, ""):
        st.success(told)
    names.shown()
    undo = st.session_state.get(_UNDO)
    if undo and st.button("Ångra borttagningen", key="promise_undo_button"):
        _bring_back(here, undo)


def _bring_back(here: Here, promise_id: str) -> None:
    promises.restore(here.store, promise_id, here.person.actor)
    _done("Löftet är tillbaka.")


def _done(told: str, undo: str = "") -> None:
    """Open everything anew and say what was done."""
    st.session_state[_TOLD] = told
    st.session_state[_UNDO] = undo
    for name in (_OPENED, _OTHER, _ROWS):
        st.session_state.pop(name, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def _edit(here: Here, kept: Mapping[str, Promise]) -> None:
    turn = st.session_state.get(_TURN, 0)
    opened: _Opened | None = st.session_state.get(_OPENED)
    # One that somebody else removes stays in the list while it is open: else what is typed would go with it.
    open_now = {opened.chosen: opened.began} if opened and opened.began else {}
    listed = {**open_now, **kept}
    chosen = st.selectbox(
        "Löfte",
        [_NEW, *listed],
        format_func=lambda key: _label(listed[key]) if key else "Nytt löfte",
        key=f"promise_chosen_{turn}",
    )
    if opened is None or opened.chosen != chosen:
        began = kept.get(chosen)
        st.session_state[_OPENED] = opened = _Opened(chosen, began, began)
        st.session_state.pop(_OTHER, None)
        st.session_state[_ROWS] = len(began.activities) if began else 0
    before = opened.against
    panel = choices.panel(here.warehouse, here.home)
    typed = _typed(here, panel, opened.began, f"promise_{chosen}_{turn}")
    _how_followed(panel, here, typed)
    _conflict(typed)
    saved, gone = st.columns(2)
    if saved.button("Spara löftet", type="primary", key="promise_save"):
        _save(here, before, typed)
    if before and gone.button("Ta bort löftet", key="promise_remove"):
        _remove(here, before)


def _label(promise: Promise) -> str:
    text = promise.text if len(promise.text) <= 60 else f"{promise.text[:59]}…"
    return f"{text} ({promise_words.period_text(promise.first, promise.last)})"


def _typed(here: Here, panel: Panel, before: Promise | None, key: str) -> dict[str, Any]:
    """Ask for every part of a promise; returns what stands in the fields, complete or not."""
    typed: dict[str, Any] = {
        "text": st.text_area(
            "Vad som lovas (inga namn på personer)",
            before.text if before else "",
            max_chars=LONGEST_TEXT,
            key=f"{key}_text",
        )
    }
    first, last = st.columns(2)
    typed["first"] = first.date_input(
        "Periodens första dag", before.first if before else None, format=_DAY, key=f"{key}_first"
    )
    typed["last"] = last.date_input(
        "Periodens sista dag", before.last if before else None, format=_DAY, key=f"{key}_last"
    )
    typed["by"] = _by(before, key)
    typed |= _measure(here, panel, before, key)
    typed["note"] = st.text_input(
        "Anmärkning", before.note if before else "", max_chars=LONGEST_NOTE, key=f"{key}_note"
    )
    typed["activities"] = _activities(before.activities if before else (), key)
    return typed


def _by(before: Promise | None, key: str) -> tuple[str, ...]:
    usual = (MUNICIPALITY, POLICE)
    had = before.by if before else usual
    left, right = st.columns(2)
    picked = left.multiselect(
        "Vem som lovar", usual, [one for one in usual if one in had], key=f"{key}_by", placeholder="Välj"
    )
    other = right.text_input(
        "Annan funktion",
        ", ".join(one for one in had if one not in usual),
        max_chars=LONGEST_FUNCTION,
        key=f"{key}_by_other",
    )
    return (*picked, *(part.strip() for part in other.split(",") if part.strip()))


def _measure(here: Here, panel: Panel, before: Promise | None, key: str) -> dict[str, Any]:
    labels = _measures(here, panel)
    had = before.indicator if before else ""
    labels.setdefault(had, had)
    left, middle, right = st.columns([3, 2, 2])
    ways = list(_DIRECTIONS)
    return {
        "indicator": left.selectbox(
            "Mått",
            list(labels),
            list(labels).index(had),
            format_func=labels.__getitem__,
            key=f"{key}_measure",
        ),
        "direction": middle.selectbox(
            "Åt vilket håll",
            ways,
            ways.index(before.direction if before else None),
            format_func=_DIRECTIONS.__getitem__,
            key=f"{key}_direction",
        ),
        "size": right.number_input(
            "Med minst (inom) procent",
            min_value=0.0,
            max_value=1000.0,
            value=before.size if before else None,
            step=1.0,
            format="%g",
            key=f"{key}_size",
        ),
    }


def _measures(here: Here, panel: Panel) -> dict[str, str]:
    """Return what a promise can be followed with: the municipality's measures, and kinds of local signal."""
    kinds = sorted({signal.kind for signal in here.store.signals(here.home, here.today)})
    return (
        {"": "Inget nyckeltal: följs som gjort eller inte gjort"}
        | {key: panel.indicators[key].short for key in panel.standard if panel.years(key, here.home)}
        | {f"{SIGNALS}{kind}": f"Lokala signaler: {kind}" for kind in kinds}
    )


def _activities(had: Sequence[Activity], key: str) -> tuple[Activity, ...]:
    """Ask for the activities; one whose text is emptied is left out."""
    markup.section("Aktiviteter", "aktiviteter-andra", 3)
    rows = st.session_state.get(_ROWS, len(had))
    found = [_activity(had[n] if n < len(had) else None, n, f"{key}_{n}") for n in range(rows)]
    if rows < promises.MOST_ACTIVITIES and st.button("Lägg till en aktivitet", key="promise_more"):
        st.session_state[_ROWS] = rows + 1
        st.rerun()
    return tuple(one for one in found if one.text.strip() or one.note.strip())


def _activity(had: Activity | None, n: int, key: str) -> Activity:
    had = had or Activity(text="")
    text, first, last, done, note = st.columns([4, 2, 2, 2, 3])
    return Activity(
        text=text.text_input(f"Aktivitet {n + 1}", had.text, max_chars=LONGEST_NOTE, key=f"{key}_text"),
        first=first.date_input("Planerad från", had.first, format=_DAY, key=f"{key}_first"),
        last=last.date_input("till", had.last, format=_DAY, key=f"{key}_last"),
        done=done.date_input("Gjord", had.done, format=_DAY, key=f"{key}_done"),
        note=note.text_input("Anteckning", had.note, max_chars=LONGEST_NOTE, key=f"{key}_note"),
    )


def _promise(typed: Mapping[str, Any], before: Promise | None) -> Promise:
    """Return what is typed as a promise.

    Raises
    ------
    PromiseError
        If a day of the period is missing.
    """
    if typed["first"] is None or typed["last"] is None:
        raise PromiseError("Välj periodens första och sista dag.")
    return Promise(
        id=before.id if before else "",
        version=before.version if before else 0,
        **{**typed, "size": typed["size"] or None},
    )


def _how_followed(panel: Panel, here: Here, typed: Mapping[str, Any]) -> None:
    """Say, before it is saved, whether the promise can be measured as it is written."""
    if not typed["text"].strip() or typed["first"] is None or typed["last"] is None:
        return
    promise = _promise(typed, None)
    told = promises.measurable(promise, followed.every_of(panel, here.home, promise.indicator))
    if told:
        st.warning(told)
    else:
        st.info("Löftet kan följas i siffror som det är skrivet.")


def _save(here: Here, before: Promise | None, typed: Mapping[str, Any]) -> None:
    try:
        promise = promises.checked(_promise(typed, before))
        promises.check_done(promise, here.today)
        if before is None:
            promises.add(here.store, here.home, promise, here.person.actor)
        else:
            promises.change(here.store, promise, here.person.actor)
    except PromiseError as error:
        st.error(str(error))
    except ChangedMeanwhileError as error:
        _meanwhile(here, before, str(error))
    else:
        activities = [text for one in promise.activities for text in (one.text, one.note)]
        names.remember(promise.text, promise.note, *promise.by, *activities, store=here.store, home=here.home)
        _done("Löftet är sparat.")


def _meanwhile(here: Here, before: Promise | None, told: str) -> None:
    """Keep what somebody else has written, to be shown beside what is typed here."""
    theirs = promises.newest(here.store, before.id) if before else None
    gone = theirs is not None and all(one.id != theirs.id for one in promises.promises(here.store, here.home))
    st.session_state[_OTHER] = (theirs, gone, told)
    st.rerun()


def _conflict(typed: Mapping[str, Any]) -> None:
    """Show the other's values beside one's own, and let the reader choose; nothing that is typed goes away."""
    if _OTHER not in st.session_state:
        return
    theirs, gone, told = st.session_state[_OTHER]
    st.error(f"{told} Det du har skrivit står kvar i fälten.")
    if theirs is None:
        return
    if gone:
        markup.paragraph(
            "Löftet är borttaget. Ta tillbaka det nedan under Borttagna löften, eller spara ditt som ett nytt löfte."
        )
        if st.button("Spara mitt som ett nytt löfte", key="promise_as_new"):
            st.session_state[_OPENED] = replace(st.session_state[_OPENED], against=None)
            del st.session_state[_OTHER]
            st.rerun()
        return
    mine = {**typed, "by": tuple(typed["by"])}
    rows = [
        (label, _cell(getattr(theirs, name)), _cell(mine[name]))
        for name, label in _FIELDS.items()
        if _cell(getattr(theirs, name)) != _cell(mine[name])
    ]
    if rows:
        markup.table([("Fält", ""), ("Sparat av någon annan", ""), ("Ditt", "")], rows, "Skillnader")
    left, right = st.columns(2)
    if left.button("Behåll mitt (spara sedan igen)", key="promise_mine"):
        st.session_state[_OPENED] = replace(st.session_state[_OPENED], against=theirs)
        del st.session_state[_OTHER]
        st.rerun()
    if right.button("Ta det andra", key="promise_theirs"):
        _done("Nu visas det som någon annan sparade.")


_FIELDS = {
    "text": "Löfte",
    "first": "Första dag",
    "last": "Sista dag",
    "by": "Vem som lovar",
    "indicator": "Mått",
    "direction": "Åt vilket håll",
    "size": "Procent",
    "note": "Anmärkning",
    "activities": "Aktiviteter",
}


def _cell(value: object) -> str:
    """Return a field as it is shown beside another's."""
    if value is None or value in {"", 0.0}:
        return "–"
    if isinstance(value, Direction):
        return _DIRECTIONS[value]
    if isinstance(value, tuple):
        return (
            "; ".join(_activity_text(one) if isinstance(one, Activity) else str(one) for one in value) or "–"
        )
    return long_date(value) if isinstance(value, date) else str(value).strip()


def _activity_text(activity: Activity) -> str:
    planned = promise_words.planned_text(activity)
    parts = [
        activity.text,
        planned if planned != "–" else "",
        f"gjort: {promise_words.done_text(activity)}",
        activity.note,
    ]
    return ", ".join(part for part in parts if part)


def _remove(here: Here, promise: Promise) -> None:
    try:
        promises.remove(here.store, promise, here.person.actor)
    except ChangedMeanwhileError as error:
        _meanwhile(here, promise, str(error))
    else:
        _done("Löftet är borttaget.", undo=promise.id)


def _removed(here: Here) -> None:
    gone = promises.removed(here.store, here.home)
    if not gone:
        return
    with st.expander("Borttagna löften", key="promise_removed"):
        for promise in gone:
            markup.paragraph(_label(promise))
            if st.button("Ta tillbaka", key=f"promise_back_{promise.id}"):
                _bring_back(here, promise.id)
