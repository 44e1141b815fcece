"""Ordlista: what the words on the pages mean, in alphabetical order, each at an address of its own."""

import streamlit as st

from pages.parts import markup, terms


def _page() -> None:
    markup.page_title("Ordlista")
    st.title("Ordlista")
    markup.paragraph("Ord som används i Lägesbild, och vad de betyder här.")
    asked = st.text_input(
        "Sök ett ord", placeholder="till exempel median", key="asked_term", autocomplete="off"
    )
    shown = terms.matching(asked) if asked.strip() else terms.glossary()
    if shown:
        terms.show(shown, jump=not asked)
    else:
        st.info("Inget ord i listan passar. Pröva en del av ordet, eller töm rutan för att se alla.")


_page()
