"""Who reads the page: known by the cookie of a session, or by the municipality's own login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.signals import access
from lagesbild.signals.store import SignalStore
from lagesbild.web import account
from pages.parts import markup, stored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.signals.access import Person, Right

_SWEDEN = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, kw_only=True)
class Here:
    """What every part of the local pages needs: whose data, who looks, and when."""

    store: SignalStore
    warehouse: Warehouse
    home: str
    name: str
    person: Person
    today: date


def store() -> SignalStore:
    """Return the municipality's own data."""
    return SignalStore(stored.settings().local_file)


def cookie() -> str:
    """Return the secret of the reader's session; empty without one."""
    return str(st.context.cookies.get(account.COOKIE, ""))


def reader() -> Person | None:
    """Return who reads the page; None for the public."""
    secret = cookie()
    person = access.by_session(store(), secret) if secret else None
    told = told_by_login() if person is None else {}
    if not told:
        return person
    settings = stored.settings()
    roles = access.roles_of(settings.login_roles)
    return access.by_claims(store(), told, settings.login_claim, roles)


def told_by_login() -> Mapping[str, Any]:
    """Return what the municipality's own login tells of the reader; nothing where it has told nothing, or long ago."""
    # Asked only where there is such a login: Streamlit reads its file of secrets each time.
    if not stored.settings().login_metadata or not getattr(st.user, "is_logged_in", False):
        return {}
    told: Mapping[str, Any] = st.user.to_dict()
    return told if access.is_current(told, datetime.now(UTC)) else {}


def may(right: Right) -> bool:
    """Tell whether the reader may do something; a damaged local file lets nobody in, and stops no public page."""
    person = reader_if_any()
    return person is not None and person.may(right)


def known() -> bool:
    """Tell whether the reader is logged in."""
    return reader_if_any() is not None


def reader_if_any() -> Person | None:
    """Return who reads the page; None for the public, and where the local file cannot be read."""
    try:
        return reader()
    except ExplainedError:
        return None


def here(warehouse: Warehouse, right: Right) -> Here:
    """Return what the local pages need, or stop the page for whom has not the right."""
    try:
        person = reader()
    except ExplainedError as error:
        st.error(str(error))
        st.stop()
    if person is None or not person.may(right):
        markup.paragraph(
            "Sidan är för dem som arbetar med trygghet i kommunen. Logga in för att se den."
            if person is None
            else "Din roll ger inte tillgång till den här sidan."
        )
        if person is None:
            markup.link("Logga in", "logga-in")
        st.stop()
    home = stored.default_municipality(warehouse)
    return Here(
        store=store(),
        warehouse=warehouse,
        home=home,
        name=stored.names(warehouse)[home],
        person=person,
        today=today(),
    )


def saw(here: Here, what: str) -> None:
    """Write in the log that the reader has seen something, once a visit and not at every press."""
    key = f"saw_{what}"
    if not st.session_state.get(key):
        here.store.note(here.person.actor, "såg", what)
        st.session_state[key] = True


def today() -> date:
    """Return today's date in Sweden."""
    return datetime.now(_SWEDEN).date()
