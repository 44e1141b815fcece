"""Logga in: with name and password, or by the municipality's own login; and out again."""

import streamlit as st
from markupsafe import Markup

from lagesbild import ExplainedError
from lagesbild.signals import access
from lagesbild.web import account
from pages.parts import markup, stored, who

WHY = {
    account.WRONG: "Fel namn eller lösenord.",
    account.TOO_MANY: "För många försök. Vänta en kvart.",
    account.BROKEN: "De lokala uppgifterna kan inte användas just nu. Säg till den som sköter programmet.",
}
ROLES = {
    access.Role.REPORTER: "rapportör",
    access.Role.VIEWER: "läsare av veckans lägesbild",
    access.Role.COORDINATOR: "samordnare",
    access.Role.ADMINISTRATOR: "administratör",
}

st.title("Logga in")
settings = stored.settings()
try:
    person, anyone = who.reader(), access.people(who.store())
except ExplainedError as error:
    st.error(str(error))
    st.stop()

if person:
    roles = ", ".join(sorted(ROLES[role] for role in person.roles))
    markup.paragraph(f"Du är inloggad som {person.name} ({roles}).")
    for right, title, page in account.FIRST_PAGES:
        if person.may(right):
            markup.link(title, page)
    if getattr(st.user, "is_logged_in", False):
        st.button("Logga ut", on_click=st.logout)
    else:
        st.html(
            Markup(
                "<form class='lb-form' method='post' action='{}' target='_top'><button type='submit'>Logga ut</button></form>"
            ).format(account.OUT)
        )
    st.stop()

if getattr(st.user, "is_logged_in", False):
    name = st.user.to_dict().get("name") or "Ditt konto"
    markup.paragraph(f"{name} har ingen roll här. Be administratören om en.")
    st.button("Logga ut", on_click=st.logout)
    st.stop()

markup.paragraph("För dem som arbetar med trygghet i kommunen. Allt annat går att läsa utan att logga in.")
why = WHY.get(st.query_params.get("fel", ""))
if why:
    st.error(why)
if settings.login_metadata:
    st.button("Logga in med kommunens konto", on_click=st.login, type="primary")
if anyone:
    st.html(
        Markup(
            "<form class='lb-form' method='post' action='{}' target='_top'>"
            "<label for='lb-namn'>Namn eller funktion</label><input id='lb-namn' name='namn' autocomplete='username' required>"
            "<label for='lb-losenord'>Lösenord</label>"
            "<input id='lb-losenord' name='losenord' type='password' autocomplete='current-password' required>"
            "<button type='submit'>Logga in</button></form>"
        ).format(account.IN)
    )
elif not settings.login_metadata:
    markup.below_heading(
        "Ingen kan logga in än. Den som sköter programmet väljer först ett lösenord (se README, Komma igång)."
    )
