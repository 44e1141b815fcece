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
    account.NOT_LET_IN: "Inloggningen med kommunens konto gick inte. Försök igen, eller säg till den som sköter programmet.",
    account.BROKEN: "De lokala uppgifterna kan inte användas just nu. Säg till den som sköter programmet.",
}
ROLES = {
    access.Role.REPORTER: "rapportör",
    access.Role.VIEWER: "läsare av veckans lägesbild",
    access.Role.COORDINATOR: "samordnare",
    access.Role.ADMINISTRATOR: "administratör",
}

markup.page_title("Logga in")
st.title("Logga in")
settings = stored.settings()
try:
    person, anyone = who.reader(), access.people(who.store())
except ExplainedError as error:
    st.error(str(error))
    st.stop()

if person and account.JUST_IN in st.query_params and account.first_page(person) != account.PAGE:
    st.switch_page(f"pages{account.first_page(person)}.py")

if person:
    roles = ", ".join(sorted(ROLES[role] for role in person.roles))
    markup.paragraph(f"Du är inloggad som {person.name} ({roles}).")
    if who.told_by_login() and not who.cookie():
        st.button("Logga ut", on_click=st.logout)
    else:
        st.html(
            Markup(
                "<form class='lb-form' method='post' action='{}' target='_top'><button type='submit'>Logga ut</button></form>"
            ).format(account.OUT)
        )
    st.stop()

if who.told_by_login():
    markup.paragraph(
        "Du är inloggad med kommunens konto, men det har ingen roll här. Den som sköter programmet kan ge dig en."
    )
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
