"""What only the safety coordinator sees and does on Hotspots: the alarm budget, decisions, local signals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.hotspots import alarms
from lagesbild.hotspots.exports import flag_row
from lagesbild.hotspots.words import flag_text
from lagesbild.signals import access
from lagesbild.signals.store import LONGEST_REASON, Decided, LocalDataError, SignalStore
from lagesbild.swedish import long_date, number
from pages.parts import markup, signals, stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.hotspots.flags import Flag
    from lagesbild.signals.store import Decision

_IN = "coordinator"
DECISIONS = {
    Decided.FOLLOW: "Följs upp",
    Decided.ACT: "Åtgärd påbörjad",
    Decided.DISMISS: "Avfärdas",
    Decided.CLOSE: "Avslutas",
}


def local_store() -> SignalStore:
    """Return the municipality's own data."""
    return SignalStore(stored.settings().local_file)


def logged_in() -> bool:
    """Tell whether this reader has given the coordinator's password."""
    return bool(st.session_state.get(_IN))


def login() -> None:
    """Ask for the password, or offer to log out."""
    store = local_store()
    if logged_in():
        if st.button("Logga ut", key="logout"):
            st.session_state[_IN] = False
            st.rerun()
        return
    if not access.is_set(store):
        markup.below_heading("Inget lösenord är valt. På datorn där programmet körs: lagesbild password")
        return
    with st.form("login", border=False):
        given = st.text_input("Lösenord", type="password", key="login_password")
        pressed = st.form_submit_button("Logga in")
    if not pressed:
        return
    try:
        if access.is_right(store, given):
            st.session_state[_IN] = True
            st.rerun()
        st.error("Fel lösenord.")
    except access.TooManyAttemptsError:
        st.error("För många försök. Vänta en kvart.")


def tools(home: str, found: alarms.Overview, names: Mapping[str, str], titles: Mapping[str, str]) -> None:
    """Show the coordinator's own part of the page."""
    store = local_store()
    _budget(store, home, found.budget)
    decided = store.decisions(home)
    _decide(store, home, found.flags, names, titles)
    _decisions(decided)
    signals.shown(store.signals(home, today()), today())


def today() -> date:
    """Return today's date in UTC."""
    return datetime.now(UTC).date()


def _budget(store: SignalStore, home: str, budget: float) -> None:
    chosen = st.select_slider(
        "Falska larm om året som är godtagbara, över allt som bevakas",
        alarms.BUDGETS,
        value=budget if budget in alarms.BUDGETS else alarms.BUDGETS[5],
        format_func=lambda value: number(value, 1 if value % 1 else 0),
        key=f"budget_{home}",
    )
    if chosen != budget:
        alarms.set_budget(store, home, chosen)
        st.rerun()


def _decide(
    store: SignalStore, home: str, flags: Sequence[Flag], names: Mapping[str, str], titles: Mapping[str, str]
) -> None:
    if not flags:
        return
    st.markdown("**Beslut om en flagga**")
    by_id = {flag.id: flag for flag in flags}
    with st.form("decide", border=False, clear_on_submit=True):
        chosen = st.selectbox(
            "Flagga",
            list(by_id),
            format_func=lambda key: f"{key} {flag_text(by_id[key], names)}",
            key="decide_flag",
        )
        decision = st.radio(
            "Beslut", list(DECISIONS), format_func=DECISIONS.__getitem__, horizontal=True, key="decide_what"
        )
        reason = st.text_input("Skäl (inga namn på personer)", max_chars=LONGEST_REASON, key="decide_why")
        pressed = st.form_submit_button("Spara beslutet")
    if pressed:
        try:
            store.decide(home, chosen, decision, reason, flag_row(by_id[chosen], names, titles))
        except ValueError as error:
            st.error(str(error))
        else:
            st.rerun()


def _decisions(decided: Mapping[str, Sequence[Decision]]) -> None:
    rows = [
        (
            flag_id,
            str(one.flag.get("text", "")),
            DECISIONS[one.decision],
            one.reason,
            long_date(one.decided_at.date()),
        )
        for flag_id, every in decided.items()
        for one in every
    ]
    if rows:
        heads = [("Flagga", ""), ("Då", ""), ("Beslut", "w"), ("Skäl", ""), ("Dag", "w")]
        markup.table(heads, rows, "Beslut")


def guarded(home: str, found: alarms.Overview, names: Mapping[str, str], titles: Mapping[str, str]) -> None:
    """Show the login and, behind it, the coordinator's part; the page stands even if the local file is damaged."""
    with st.expander("Samordnaren", expanded=logged_in(), key="coordinator_part"):
        try:
            login()
            if logged_in():
                tools(home, found, names, titles)
        except LocalDataError as error:
            st.error(str(error))
