"""Actions: what is done where and by whom, what it led to, and how it is planned so that it can be followed up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from lagesbild.hotspots import followed
from lagesbild.signals import action_words as words
from lagesbild.signals import actions, cameras, evaluation
from lagesbild.signals.access import Right
from lagesbild.signals.actions import REST, REST_OF_COUNTY, Action, ActionError, ActionKind, Status
from lagesbild.signals.database import ChangedMeanwhileError, LocalDataError
from lagesbild.signals.store import LONGEST_FUNCTION, LONGEST_NAME, LONGEST_REASON
from lagesbild.swedish import long_date, number
from pages.parts import guards, markup, names, stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lagesbild.signals.evaluation import Evaluation, Period, Preview
    from lagesbild.signals.store import Signal
    from pages.parts.who import Here

_NEW, _REMOVED, _SAVED, _TURN = "", "action_removed", "action_saved", "action_turn"
_WEEKS = (2, 4, 8, 12, 16, 26, 53)
_SIGNALS, _REPORTED = "Signaler", "Anmälda brott"
#: What is told of a change that somebody else made meanwhile.
_FIELDS = {
    "title": "Rubrik",
    "kind": "Slag",
    "place": "Plats",
    "kinds": "Räknas",
    "measure": "Räknas",
    "control": "Jämförs med",
    "near": "Intill",
    "purpose": "Syfte",
    "owner": "Ansvarig",
    "starts": "Start",
    "ends": "Slut",
    "before_days": "Veckor före",
    "after_days": "Veckor efter",
    "cancelled": "Inställd",
    "result": "Anteckning",
}


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What a run of the page has read: actions, signals, and the names that can be chosen."""

    here: Here
    every: Sequence[Action]
    signals: Sequence[Signal]
    measures: dict[str, str]

    @property
    def places(self) -> list[str]:
        """Localities and named places of the signals, those with most signals first."""
        named = Counter(name for one in self.signals for name in (one.locality, one.place) if name)
        return [name for name, _ in named.most_common()]

    @property
    def kinds(self) -> list[str]:
        """Kinds of the signals, the most frequent first."""
        return [kind for kind, _ in Counter(one.kind for one in self.signals).most_common()]

    def evaluated(self, action: Action) -> Evaluation:
        """Return what is known of an action's effect."""
        here = self.here
        names = stored.names(here.warehouse)
        return followed.evaluated(action, self.signals, here.warehouse, here.home, here.today, names)

    def previewed(self, action: Action) -> Preview | None:
        """Return the smallest effect that could be seen of an action; None where too little is chosen or stored."""
        if not action.place or not action.control or not (action.kinds or action.measure):
            return None
        if action.measure:
            return evaluation.preview_reported(action, self.periods(action))
        return evaluation.preview(action, self.signals, self.here.today)

    def periods(self, action: Action) -> list[Period]:
        """Return the reported crimes of an action's measure and control."""
        names = stored.names(self.here.warehouse)
        return followed.periods_of(self.here.warehouse, action, self.here.home, names)


def shown(here: Here) -> None:
    """Show the actions, and let whom works with them add, change and remove; the page stands if the file is damaged."""
    if not here.person.may(Right.WORK):
        markup.paragraph("Åtgärderna visas för den som är samordnare.")
        return
    try:
        known = _Known(
            here=here,
            every=actions.all_of(here.store, here.home),
            signals=here.store.signals(here.home, here.today),
            measures=followed.measures(here.warehouse),
        )
        _told()
        _undo(here)
        _list(known)
        _chosen(known)
        guards.shown(here, known.signals, known.places)
    except LocalDataError as error:
        st.error(str(error))


def _told() -> None:
    if told := st.session_state.pop(_SAVED, ""):
        st.success(told)
    names.shown()


def _undo(here: Here) -> None:
    """Offer to bring back what was just removed."""
    removed = st.session_state.get(_REMOVED)
    if removed is None:
        return
    st.info(f"{removed.title} är borttagen.")
    if st.button("Ångra", key="action_undo"):
        actions.restore(here.store, removed.id, here.person.actor)
        st.session_state["action_chosen"] = removed.id
        _begin_anew(f"{removed.title} är tillbaka.")


# --- the list ---


def _list(known: _Known) -> None:
    if not known.every:
        markup.below_heading("Inga åtgärder är inlagda än.")
        return
    today, order = known.here.today, list(Status)
    rows = [
        (
            markup.with_why(one.title, words.KINDS[one.kind]),
            words.STATUSES[one.status(today)],
            one.place,
            words.dates_text(one),
            one.owner or "–",
            markup.with_why(words.verdict(found), words.effect_text(found)),
        )
        for one in sorted(known.every, key=lambda one: order.index(one.status(today)))
        for found in (known.evaluated(one),)
    ]
    heads = [("Åtgärd", ""), ("Läge", ""), ("Plats", ""), ("Tid", ""), ("Ansvarig", ""), ("Effekt", "")]
    markup.table(heads, rows, "Åtgärder")


def _chosen(known: _Known) -> None:
    by_id = {one.id: one for one in known.every}
    st.session_state.setdefault("action_chosen", _NEW)
    if st.session_state["action_chosen"] not in by_id:
        st.session_state["action_chosen"] = _NEW
    chosen = st.selectbox(
        "Visa, ändra eller lägg till",
        [_NEW, *by_id],
        format_func=lambda key: by_id[key].title if key else "Ny åtgärd",
        key="action_chosen",
    )
    if chosen:
        _followed(known, by_id[chosen])
        _permit(known, by_id[chosen])
    with st.expander("Ändra åtgärden" if chosen else "Ny åtgärd", key="action_form"):
        _form(known, by_id.get(chosen))
    if chosen:
        _removal(known.here, by_id[chosen])


def _followed(known: _Known, action: Action) -> None:
    found = known.evaluated(action)
    markup.answer(words.verdict(found), words.effect_text(found), words.moved_text(found))
    for told in words.cautions(found):
        markup.note(told)
    if action.result:
        markup.paragraph(f"Anteckning: {action.result}")


def _permit(known: _Known, action: Action) -> None:
    if action.kind is not ActionKind.CAMERAS:
        return
    here = known.here
    tried = [
        (one, words.verdict(known.evaluated(one)))
        for one in cameras.tried_there(action, known.every, here.today)
    ]
    text = words.permit_text(
        action, cameras.problem(action, known.signals, here.today), tried, f"{here.name} kommun"
    )
    st.text_area(
        "Underlag om kamerabevakning, att kopiera",
        text,
        height=360,
        key=f"action_permit_{action.id}_{action.version}",
    )
    markup.note("Det som står efter ”Här saknas” behöver du själv fylla i.")


# --- the form ---


def _form(known: _Known, current: Action | None) -> None:
    """Ask for an action; what is typed stays until it has been saved, whatever others do meanwhile."""
    base: Action | None = st.session_state.setdefault(_base_key(current), current)
    locked = base is not None and base.starts <= known.here.today
    if base is not None and locked:
        markup.below_heading(
            f"Åtgärden startade {long_date(base.starts)}. Det som styr uppföljningen är låst. Övrigt kan ändras."
        )
    typed = _fields(known, base, locked)
    if typed is None:
        return
    if not locked:
        typed = _with_preview(known, typed)
    _conflict(known, base, typed)
    if st.button("Spara åtgärden", type="primary", key=_key(base, "save")):
        _save(known.here, typed)


def _key(base: Action | None, field: str) -> str:
    return f"action_{base.id if base else 'new'}_{field}_{st.session_state.get(_TURN, 0)}"


def _base_key(current: Action | None) -> str:
    return _key(current, "base")


def _fields(known: _Known, base: Action | None, locked: bool) -> Action | None:
    """Show the fields; None while a date is missing."""

    def key(field: str) -> str:
        return _key(base, field)

    def was(field: str, otherwise: Any) -> Any:
        return getattr(base, field) if base else otherwise

    kinds = list(ActionKind)
    title = st.text_input("Rubrik", was("title", ""), max_chars=LONGEST_NAME, key=key("title"))
    kind = st.selectbox(
        "Slag av åtgärd",
        kinds,
        index=kinds.index(was("kind", ActionKind.OPERATION)),
        format_func=words.KINDS.__getitem__,
        key=key("kind"),
    )
    purpose = st.text_area(
        "Syfte: vad ska bli bättre? (inga namn på personer)",
        was("purpose", ""),
        max_chars=LONGEST_REASON,
        height=80,
        key=key("purpose"),
    )
    owner = st.text_input(
        "Ansvarig (funktion)", was("owner", ""), max_chars=LONGEST_FUNCTION, key=key("owner")
    )
    starts, ends = _dates(known.here.today, base, locked)
    outcome = _outcome(known, base, locked)
    result = st.text_area(
        "Anteckning: vad hände? (inga namn på personer)",
        was("result", ""),
        max_chars=LONGEST_REASON,
        height=80,
        key=key("result"),
    )
    cancelled = base is not None and st.checkbox("Inställd", base.cancelled, key=key("cancelled"))
    if starts is None:
        st.warning("Välj en startdag.")
        return None
    return Action(
        id=was("id", ""),
        version=was("version", 0),
        title=title,
        kind=kind,
        purpose=purpose,
        owner=owner,
        starts=starts,
        ends=ends,
        result=result,
        cancelled=cancelled,
        smallest_share=was("smallest_share", None),
        planned_on=was("planned_on", None),
        **outcome,
    )


def _dates(today: date, base: Action | None, locked: bool) -> tuple[date | None, date | None]:
    left, right = st.columns(2)
    starts = left.date_input(
        "Startar",
        base.starts if base else today,
        format="YYYY-MM-DD",
        key=_key(base, "starts"),
        disabled=locked,
    )
    ends = right.date_input(
        "Slutar (om det är känt)", base.ends if base else None, format="YYYY-MM-DD", key=_key(base, "ends")
    )
    return starts, ends


def _outcome(known: _Known, base: Action | None, locked: bool) -> dict[str, Any]:
    """Ask how the action is to be judged."""

    def key(field: str) -> str:
        return _key(base, field)

    counted = st.radio(
        "Vad ska räknas?",
        [_SIGNALS, _REPORTED],
        index=int(bool(base and base.measure)),
        horizontal=True,
        key=key("counted"),
        disabled=locked,
    )
    asked = _reported(known, base, locked) if counted == _REPORTED else _signals(known, base, locked)
    left, right = st.columns(2)
    for name, box, label in (("before_days", left, "Veckor före"), ("after_days", right, "Veckor efter")):
        now = getattr(base, name) // actions.WEEK if base else 12
        weeks = sorted({*_WEEKS, now})
        asked[name] = actions.WEEK * box.selectbox(
            label, weeks, index=weeks.index(now), key=key(name), disabled=locked
        )
    return asked


def _signals(known: _Known, base: Action | None, locked: bool) -> dict[str, Any]:
    chosen = list(base.kinds) if base else []
    kinds = st.multiselect(
        "Slag av signaler",
        sorted({*known.kinds, *chosen}),
        default=chosen,
        placeholder="Välj ett eller flera",
        key=_key(base, "kinds"),
        disabled=locked,
    )
    place = _place("Plats", base.place if base else "", known.places, _key(base, "place"), locked)
    control = _place(
        "Jämför med",
        base.control if base and not base.measure else REST,
        [REST, *known.places],
        _key(base, "control"),
        locked,
    )
    near = _place(
        "Område intill, dit problemet kan flytta (om något)",
        base.near if base else "",
        known.places,
        _key(base, "near"),
        locked,
    )
    return {"kinds": tuple(kinds), "measure": "", "place": place, "control": control, "near": near}


def _reported(known: _Known, base: Action | None, locked: bool) -> dict[str, Any]:
    measures = list(known.measures)
    if base and base.measure and base.measure not in measures:
        measures.append(base.measure)
    measure = st.selectbox(
        "Anmälda brott i hela kommunen",
        measures,
        index=measures.index(base.measure) if base and base.measure else 0,
        format_func=lambda one: known.measures.get(one, one),
        key=_key(base, "measure"),
        disabled=locked,
    )
    others = [name for code, name in stored.names(known.here.warehouse).items() if code != known.here.home]
    control = _place(
        "Jämför med",
        base.control if base and base.measure else REST_OF_COUNTY,
        [REST_OF_COUNTY, *others],
        _key(base, "beside"),
        locked,
    )
    return {"kinds": (), "measure": measure, "place": known.here.name, "control": control, "near": ""}


def _place(label: str, now: str, known: Sequence[str], key: str, locked: bool) -> str:
    options = list(dict.fromkeys([*known, *([now] if now else [])]))
    chosen = st.selectbox(
        label,
        options,
        index=options.index(now) if now else None,
        placeholder="Välj, eller skriv ett namn",
        accept_new_options=True,
        key=key,
        disabled=locked,
    )
    return chosen or ""


def _with_preview(known: _Known, typed: Action) -> Action:
    """Show the smallest effect that could be seen, and return the action with it stated."""
    found = known.previewed(typed)
    if found is None:
        markup.note("Välj vad som räknas, plats och jämförelse, så visas vilken effekt som kan synas.")
        return replace(typed, smallest_share=None)
    markup.paragraph(words.preview_text(found, typed))
    return replace(typed, smallest_share=min(found.smallest.share, actions.NONE_WOULD))


def _save(here: Here, typed: Action) -> None:
    actor = here.person.actor
    try:
        if typed.id:
            actions.change(here.store, typed, actor, here.today)
        else:
            actions.add(here.store, here.home, typed, actor, here.today)
    except ActionError as error:
        st.error(str(error))
    except ChangedMeanwhileError:
        st.rerun()  # the conflict is shown by what is stored
    else:
        names.remember(
            typed.title,
            typed.purpose,
            typed.owner,
            typed.result,
            typed.place,
            typed.near,
            store=here.store,
            home=here.home,
        )
        _begin_anew(f"{typed.title} är sparad.")


def _begin_anew(told: str) -> None:
    """Show all fields as they are stored."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state[_SAVED] = told
    st.session_state.pop(_REMOVED, None)
    st.rerun()


def _conflict(known: _Known, base: Action | None, typed: Action) -> None:
    """Show what somebody else has saved since beside what is typed, and let one choose."""
    if base is None:
        return
    here, newest = known.here, actions.of_record(known.here.store, base.id)
    if newest is None or newest.version == base.version:
        return
    if replace(typed, smallest_share=base.smallest_share) == base:
        _begin_anew("")  # nothing is typed that could be lost
    record = here.store.record(base.id)
    st.warning(
        f"{record.changed_by if record else 'Någon annan'} har sparat åtgärden medan du skrev. Det du skrivit står kvar."
    )
    rows = [
        (called, _told_of(known, typed, name), _told_of(known, newest, name))
        for name, called in _FIELDS.items()
        if getattr(typed, name) != getattr(newest, name)
    ]
    if rows:
        markup.table([("Fält", ""), ("Du har skrivit", ""), ("Sparat", "")], rows, "Skillnader")
    if st.button("Spara det jag skrivit i stället", key=_key(base, "mine")):
        _save(here, replace(typed, version=newest.version))
    if st.button("Ta det som är sparat", key=_key(base, "theirs")):
        _begin_anew("Det sparade visas.")


def _told_of(known: _Known, action: Action, name: str) -> str:
    value = getattr(action, name)
    if name == "kind":
        return words.KINDS[action.kind]
    if name == "measure":
        return known.measures.get(value, value) or "–"
    if name in {"before_days", "after_days"}:
        return number(value // actions.WEEK)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, tuple):
        return ", ".join(value) or "–"
    return (long_date(value) if hasattr(value, "isoformat") else value) or "–"


# --- removal ---


def _removal(here: Here, action: Action) -> None:
    """Remove in two steps; it can be brought back."""
    with st.expander("Ta bort åtgärden", key="action_remove"):
        markup.paragraph(f"Tar bort {action.title}. Det går att ångra.")
        if not st.button("Ja, ta bort", key=f"action_remove_{action.id}"):
            return
        try:
            actions.remove(here.store, action, here.person.actor)
        except ChangedMeanwhileError as error:
            st.error(str(error))
            return
        st.session_state[_REMOVED] = action
        st.rerun()
