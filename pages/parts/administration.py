"""What only administrators and coordinators see to: people and their links, kinds, places, a person's data, the log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import persons
from lagesbild.data import reference
from lagesbild.signals import access, map_lines, positions, privacy
from lagesbild.signals import places as known
from lagesbild.signals.access import Role
from lagesbild.signals.store import DELETED_DAYS
from lagesbild.swedish import long_date, number
from lagesbild.web import phone
from pages.parts import markup, signal_list, stored, visitor

if TYPE_CHECKING:
    from lagesbild.signals.access import Person
    from pages.parts.who import Here

ROLES = {
    Role.REPORTER: "Rapportör",
    Role.VIEWER: "Läsare",
    Role.COORDINATOR: "Samordnare",
    Role.ADMINISTRATOR: "Administratör",
}
_LINK = "new_link"
_LOGGED = 200
#: So many of those that were taken away last are offered to be brought back.
_BACK = 3


def people(here: Here) -> None:
    """Let people in, give them other roles, and let them in no more."""
    markup.section("Personer", "personer")
    markup.below_heading(
        "Rapportören rapporterar med en egen länk. Läsaren ser veckans lägesbild utan detaljer. Samordnaren arbetar med "
        "signaler, åtgärder och beslut. Administratören sköter personer och logg, och ser inga signaler."
    )
    found = access.people(here.store)
    rows = [
        (
            one.name,
            ", ".join(ROLES[role] for role in sorted(one.roles)),
            one.address or "–",
            "Ja" if one.has_password else "Nej",
            "Ja" if one.has_link else "Nej",
        )
        for one in found
    ]
    heads = [("Namn", ""), ("Roll", ""), ("E-post", ""), ("Lösenord", "w"), ("Länk", "w")]
    markup.table(heads, rows, "Personer som kommer in")
    _add(here, list(Role))
    if found:
        _change(here, found)
    for one in access.ended(here.store)[:_BACK]:
        if st.button(f"Ta tillbaka {one.name}", key=f"person_back_{one.id}"):
            _done(partial(access.bring_back, here.store, one, here.person.actor))


def reporters(here: Here) -> None:
    """Let a coordinator give reporters their links."""
    markup.section("De som rapporterar", "rapportorer")
    found = [one for one in access.people(here.store) if one.may(access.Right.REPORT)]
    markup.below_heading(
        f"{number(len(found))} kan rapportera. En ny länk gör den gamla ogiltig. Länken visas bara en gång."
    )
    _add(here, [Role.REPORTER], key="reporter")
    if not found:
        return
    with st.form("give_link", border=False):
        chosen = st.selectbox("Ny länk till", found, format_func=lambda one: one.name, key="link_for")
        pressed = st.form_submit_button("Gör en ny länk")
    if pressed:
        secret = access.new_link(here.store, chosen, here.person.actor)
        st.session_state[_LINK] = (chosen.name, secret)
    if st.session_state.get(_LINK):
        name, secret = st.session_state[_LINK]
        markup.paragraph(f"Länk till {name}. Skicka den bara till den personen:")
        st.code(f"{stored.public_address()}{phone.PREFIX}/{secret}", language=None, wrap_lines=True)
        if st.button("Klart, visa inte länken mer", key="link_done"):
            st.session_state[_LINK] = None
            st.rerun()


def _add(here: Here, roles: list[Role], key: str = "person") -> None:
    with st.expander("Lägg till någon", key=f"{key}_add"), st.form(f"{key}_new", border=False):
        name = st.text_input("Namn eller funktion", max_chars=60, key=f"{key}_name")
        chosen, address, password = _more(roles, key) if len(roles) > 1 else (roles, "", "")
        if st.form_submit_button("Lägg till"):
            try:
                if password and len(password) < access.SHORTEST:
                    raise access.AccessError(f"Lösenordet måste ha minst {access.SHORTEST} tecken.")
                access.add(here.store, name, chosen, here.person.actor, address=address)
                if password:
                    access.set_password(here.store, name, password, here.person.actor)
            except ExplainedError as error:
                st.error(str(error))
            else:
                st.rerun()


def _more(roles: list[Role], key: str) -> tuple[list[Role], str, str]:
    """Ask for roles, e-mail address and password."""
    return (
        st.multiselect("Roller", roles, format_func=ROLES.__getitem__, key=f"{key}_roles"),
        st.text_input("E-post, om kommunens inloggning används", key=f"{key}_address"),
        st.text_input("Lösenord, om det behövs", type="password", key=f"{key}_password"),
    )


def _change(here: Here, found: list[Person]) -> None:
    with st.expander("Ändra eller avsluta", key="person_change"):
        chosen = st.selectbox("Person", found, format_func=lambda one: one.name, key="person_chosen")
        with st.form(f"person_{chosen.id}_{chosen.version}", border=False):
            roles = st.multiselect(
                "Roller",
                list(Role),
                sorted(chosen.roles),
                format_func=ROLES.__getitem__,
                key=f"roles_{chosen.id}",
            )
            address = st.text_input("E-post", chosen.address, key=f"address_{chosen.id}")
            pressed = st.form_submit_button("Spara")
        if pressed:
            _done(lambda: access.change(here.store, chosen, roles, address, here.person.actor))
        with st.popover(f"Avsluta {chosen.name} ..."):
            markup.paragraph(
                f"Personen kommer inte in mer, men kan tas tillbaka i {DELETED_DAYS} dagar. Sedan försvinner namnet. Det som "
                "rapporterats finns kvar."
            )
            if st.button("Ja, avsluta", key="person_end", type="primary"):
                _done(lambda: access.end(here.store, chosen, here.person.actor))


def _done(action: object) -> None:
    try:
        action()  # type: ignore[operator]
    except ExplainedError as error:
        st.error(str(error))
    else:
        st.rerun()


def kinds(here: Here) -> None:
    """Let the kinds that can be reported be chosen."""
    markup.section("Vad som kan rapporteras", "slag")
    now = known.kinds(here.store, here.home)
    with st.form("kinds", border=False):
        typed = st.text_area("Ett slag per rad", "\n".join(now), height=240, key=f"kinds_{len(now)}")
        if st.form_submit_button("Spara listan"):
            _done(lambda: known.set_kinds(here.store, here.home, typed.split("\n"), now))


def places_of(here: Here) -> None:
    """Let places of one's own be added and removed."""
    markup.section("Egna platser", "platser")
    markup.below_heading(
        "Ställen som ofta nämns: torget, stationen, skolgården. De går att välja i telefonen."
    )
    places = signal_list.known_places(here)
    own = [place for place in places if place.id]
    if own:
        markup.table(
            [("Plats", ""), ("Ort", "")], [(place.name, place.locality) for place in own], "Egna platser"
        )
    west, south, east, north = positions.SWEDEN
    with st.form("place_new", border=False, clear_on_submit=False):
        parts = st.columns(3)
        name = parts[0].text_input("Platsens namn", max_chars=60, key="place_name")
        latitude = parts[1].number_input("Latitud", south, north, None, format="%.5f", key="place_latitude")
        longitude = parts[2].number_input("Longitud", west, east, None, format="%.5f", key="place_longitude")
        pressed = st.form_submit_button("Lägg till platsen")
    if pressed:
        if latitude is None or longitude is None:
            st.error("Skriv latitud och longitud, som 59,06640 och 15,10960.")
        else:
            x, y = known.metres(latitude, longitude)
            _done(lambda: known.add(here.store, here.home, name, x, y, places, here.person.actor))
    if own:
        chosen = st.selectbox(
            "Ta bort en plats", own, None, format_func=lambda one: one.name, key="place_gone"
        )
        if chosen and st.button(f"Ta bort {chosen.name}", key="place_remove"):
            _done(lambda: here.store.delete(chosen.id, chosen.version, here.person.actor))
    for record in here.store.records(here.home, known.KIND, deleted=True)[-_BACK:]:
        if st.button(f"Ta tillbaka {record.data['name']}", key=f"place_back_{record.id}"):
            here.store.restore_record(record.id, here.person.actor)
            st.rerun()


def map_of(here: Here) -> None:
    """Let roads be added to the phone's map."""
    markup.section("Vägar på telefonens karta", "vagar")
    now = map_lines.kept(here.store, here.home)
    markup.below_heading(
        f"{number(len(now)) if now else 'Inga'} vägar visas. Hämta kommunens vägar ur kommunens eget kartsystem eller "
        "Trafikverkets öppna data, i formatet GeoJSON, och lägg filen här."
    )
    visitor.expect_files()
    file = st.file_uploader("Fil med vägar (GeoJSON)", ["geojson", "json"], key="map_file")
    if file is not None and st.button("Visa vägarna på kartan", key="map_keep"):
        outline = reference.outlines().get(here.home)
        limits = outline.limits if outline else positions.SWEDEN
        _done(
            lambda: map_lines.keep(
                here.store, here.home, map_lines.read(file.getvalue(), limits), here.person.actor
            )
        )
    if now:
        with st.popover("Ta bort vägarna ..."):
            markup.paragraph("De kan tas tillbaka tills andra vägar har lästs in.")
            if st.button("Ja, ta bort dem", key="map_remove"):
                _done(lambda: map_lines.keep(here.store, here.home, [], here.person.actor))
    if map_lines.before(here.store, here.home) and st.button("Ta tillbaka de förra vägarna", key="map_back"):
        _done(lambda: map_lines.take_back(here.store, here.home, here.person.actor))


def about_a_person(here: Here) -> None:
    """Let all that is known about a person be found, given out and erased."""
    markup.section("Uppgifter om en person", "uppgifter")
    markup.below_heading(
        "Den som frågar har rätt att få veta vad som finns, och att få det raderat. Sök på namnet eller numret."
    )
    sought = st.text_input("Sök efter", key="person_sought")
    if not sought.strip():
        return
    try:
        found = persons.find(stored.settings(), here.store, sought)
    except ExplainedError as error:
        st.error(str(error))
        return
    if not found:
        markup.paragraph("Inget finns om det du sökte.")
        return
    here.store.note(here.person.actor, "sökte uppgifter om", "person", detail=f"{len(found)} texter")
    markup.table(
        [("Var", ""), ("Text", "")], [(trace.what, trace.text[:200]) for trace in found], "Det som finns"
    )
    st.download_button(
        "Hämta till personen (json)",
        privacy.exported(found),
        "uppgifter.json",
        key="person_export",
        on_click="ignore",
    )
    with st.popover("Radera allt detta ..."):
        markup.paragraph("Orden raderas överallt, även i äldre versioner. Det går inte att ångra.")
        markup.paragraph("I säkerhetskopior finns de kvar tills kopiorna är gamla.")
        if st.button("Ja, radera", key="person_erase", type="primary"):
            persons.erase(stored.settings(), here.store, sought, here.person.actor)
            st.rerun()


def log(here: Here) -> None:
    """Show who has done what."""
    markup.section("Logg", "logg")
    rows = [
        (
            f"{long_date(one.at.date())} {one.at:%H.%M}",
            one.name,
            f"{one.did} {one.kind}",
            one.object_id or "–",
            one.detail or "–",
        )
        for one in here.store.logged(_LOGGED)
    ]
    heads = [("När (UTC)", "w"), ("Vem", ""), ("Vad", ""), ("Nummer", ""), ("Fält", "")]
    with st.expander(f"De senaste {number(len(rows))} raderna", key="log"):
        markup.table(heads, rows, "Vem som har gjort vad")
