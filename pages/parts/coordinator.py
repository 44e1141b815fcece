"""What only the safety coordinator sees and does on Hotspots: the alarm budget, decisions, local signals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.data import reference
from lagesbild.hotspots import alarms, hindsight
from lagesbild.hotspots.exports import flag_row
from lagesbild.hotspots.words import DECISIONS, STATUSES, flag_text
from lagesbild.signals import access
from lagesbild.signals.store import LONGEST_FUNCTION, LONGEST_REASON, LocalDataError, SignalStore
from lagesbild.swedish import long_date, number
from pages.parts import markup, signals, stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.flags import Flag
    from lagesbild.signals.store import Decision

_IN = "coordinator"


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


def tools(
    warehouse: Warehouse,
    home: str,
    found: alarms.Overview,
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> None:
    """Show the coordinator's own part of the page."""
    store = local_store()
    _budget(store, home, found.budget)
    _notices(warehouse, store, home, found.budget)
    decided = store.decisions(home)
    _decide(store, home, found.flags, names, titles)
    _decisions(decided)
    signals.shown(home, store.signals(home, today()), today())


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
    wanted = st.toggle(
        f"Larma även på polisens notiser. {notices_worth(warehouse, home, budget)}",
        value=now,
        key=f"notices_{home}",
    )
    if wanted != now:
        alarms.watch_notices(store, home, wanted=wanted)
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
        who = parts[0].text_input(
            "Beslutat av (funktion eller initialer)", max_chars=LONGEST_FUNCTION, key="decide_who"
        )
        owner = parts[1].text_input("Ansvarig (funktion)", max_chars=LONGEST_FUNCTION, key="decide_owner")
        follow_up = parts[2].date_input("Följs upp senast", value=None, key="decide_follow_up")
        pressed = st.form_submit_button("Spara beslutet")
    if pressed:
        try:
            store.decide(
                home,
                chosen,
                decision,
                reason,
                flag_row(by_id[chosen], names, titles),
                decided_by=who,
                owner=owner,
                follow_up=follow_up,
            )
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
    with st.expander("Samordnaren", expanded=logged_in(), key="coordinator_part"):
        try:
            login()
            if logged_in():
                tools(warehouse, home, found, names, titles)
        except LocalDataError as error:
            st.error(str(error))
