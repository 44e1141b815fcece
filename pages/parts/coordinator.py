"""What only the safety coordinator sees and does on Hotspots: the alarm budget, decisions, local signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.data import reference
from lagesbild.hotspots import alarms, hindsight
from lagesbild.hotspots.exports import flag_row
from lagesbild.hotspots.words import DECISIONS, STATUSES, flag_text
from lagesbild.signals.access import Right
from lagesbild.signals.database import COMMAND_LINE, ChangedMeanwhileError, LocalDataError
from lagesbild.signals.store import LONGEST_FUNCTION, LONGEST_REASON, SignalError
from lagesbild.swedish import long_date, number
from pages.parts import markup, who
from pages.parts import names as names_in_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.flags import Flag
    from lagesbild.signals.store import Decision, SignalStore

_TOLD = "told_of_another"


def logged_in() -> bool:
    """Tell whether the reader works with local data."""
    return who.may(Right.WORK)


def tools(
    warehouse: Warehouse,
    home: str,
    found: alarms.Overview,
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> None:
    """Show the coordinator's own part of the page."""
    store = who.store()
    _budget(store, home, found.budget)
    _notices(warehouse, store, home, found.budget)
    decided = store.decisions(home)
    _decide(store, home, found.flags, names, titles)
    names_in_text.shown()
    _decisions(decided)
    markup.link("Lokala signaler och klungor står på Oroshärdar", "oroshardar")


def _budget(store: SignalStore, home: str, budget: float) -> None:
    key = f"budget_{home}_{budget}"  # what somebody else has chosen shows: it is another slider then
    st.select_slider(
        "Falska larm om året som är godtagbara, över allt som bevakas",
        alarms.BUDGETS,
        value=budget if budget in alarms.BUDGETS else alarms.BUDGETS[5],
        format_func=lambda value: number(value, 1 if value % 1 else 0),
        key=key,
        on_change=_keep_budget,
        args=(store, home, budget, key),
    )
    told = st.session_state.pop(_TOLD, "")
    if told:
        st.warning(told)


def _keep_budget(store: SignalStore, home: str, before: float, key: str) -> None:
    """Keep the budget that was chosen, unless somebody else has chosen another since it was shown."""
    try:
        alarms.set_budget(store, home, st.session_state[key], before=before)
    except ChangedMeanwhileError as error:
        st.session_state[_TOLD] = f"{error} Här visas den som gäller nu."


def notices_worth(warehouse: Warehouse, home: str, budget: float) -> str:
    """Say what alarms on police notices would have been worth in the municipality's county."""
    told = _in_hindsight(warehouse.vintage, home[:2], budget, _warehouse=warehouse)
    return f"{reference.counties()[home[:2]]} i efterhand: {told}"


@st.cache_data(max_entries=4, show_spinner="Prövar notiserna i efterhand ...")
def _in_hindsight(vintage: str, county: str, budget: float, *, _warehouse: Warehouse) -> str:
    del vintage  # only a key
    found = hindsight.of_counties(_warehouse, budget, county)
    return (
        hindsight.told_notices(found, budget) if found else "det finns för få månader med notiser att pröva."
    )


def _notices(warehouse: Warehouse, store: SignalStore, home: str, budget: float) -> None:
    """Let alarms on police notices be turned on, with what they have been worth beside it."""
    now = alarms.notices_watched(store, home)
    key = f"notices_{home}_{now}"
    st.toggle(
        f"Larma även på polisens notiser. {notices_worth(warehouse, home, budget)}",
        value=now,
        key=key,
        on_change=lambda: alarms.watch_notices(store, home, wanted=st.session_state[key]),
    )


def _decide(
    store: SignalStore, home: str, flags: Sequence[Flag], names: Mapping[str, str], titles: Mapping[str, str]
) -> None:
    if not flags:
        return
    markup.section("Beslut om en flagga", "beslut", 3)
    by_id = {flag.id: flag for flag in flags}
    with st.form("decide", border=False, clear_on_submit=True):
        chosen = st.selectbox(
            "Flagga",
            list(by_id),
            format_func=lambda key: (
                f"{flag_text(by_id[key], names, titles)} ({STATUSES[by_id[key].status].lower()}, {key})"
            ),
            key="decide_flag",
        )
        decision = st.radio(
            "Beslut", list(DECISIONS), format_func=DECISIONS.__getitem__, horizontal=True, key="decide_what"
        )
        reason = st.text_input("Skäl (inga namn på personer)", max_chars=LONGEST_REASON, key="decide_why")
        parts = st.columns(3)
        by = parts[0].text_input(
            "Beslutat av (funktion eller initialer)", max_chars=LONGEST_FUNCTION, key="decide_who"
        )
        owner = parts[1].text_input("Ansvarig (funktion)", max_chars=LONGEST_FUNCTION, key="decide_owner")
        follow_up = parts[2].date_input("Följs upp senast", value=None, key="decide_follow_up")
        pressed = st.form_submit_button("Spara beslutet")
    if pressed:
        person = who.reader()
        try:
            store.decide(
                home,
                chosen,
                decision,
                reason,
                flag_row(by_id[chosen], names, titles),
                decided_by=by,
                owner=owner,
                follow_up=follow_up,
                actor=person.actor if person else COMMAND_LINE,
            )
        except SignalError as error:
            st.error(str(error))
        else:
            names_in_text.remember(reason, by, owner, store=store, home=home)
            st.rerun()


def _decisions(decided: Mapping[str, Sequence[Decision]]) -> None:
    rows = [
        (
            flag_id,
            str(one.flag.get("text", "")),
            DECISIONS[one.decision],
            one.reason,
            one.decided_by or "–",
            one.owner or "–",
            long_date(one.follow_up) if one.follow_up else "–",
            long_date(one.decided_at.date()),
        )
        for flag_id, every in decided.items()
        for one in every
    ]
    if rows:
        heads = [
            ("Flagga", ""),
            ("Då", ""),
            ("Beslut", "w"),
            ("Skäl", ""),
            ("Av", ""),
            ("Ansvarig", ""),
            ("Följs upp", "w"),
            ("Dag", "w"),
        ]
        markup.table(heads, rows, "Beslut")
        markup.note(
            "Det senaste beslutet om en flagga gäller. Ett nytt beslut rättar ett äldre, och Beslutet tas tillbaka öppnar "
            "flaggan igen. Äldre beslut står kvar."
        )


def guarded(
    warehouse: Warehouse,
    home: str,
    found: alarms.Overview,
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> None:
    """Show the login and, behind it, the coordinator's part; the page stands even if the local file is damaged."""
    if not logged_in():
        markup.link("För samordnaren: logga in", "logga-in")
        return
    with st.expander("Samordnaren", expanded=True, key="coordinator_part"):
        try:
            tools(warehouse, home, found, names, titles)
        except LocalDataError as error:
            st.error(str(error))
