"""Svar och diagram: cited charts by their number, the answer builder, and the claim check."""

import streamlit as st

from pages.parts import answer, choices, cited, claim, figure, markup, stored

#: Each with its address.
TABS = {"citerade": "Citerade diagram", "svar": "Skriv ett svar", "prova": "Pröva ett påstående"}


def _page() -> None:
    markup.page_title("Svar och diagram")
    warehouse = stored.warehouse()
    choices.home_in_address(warehouse)
    st.title("Svar och diagram")
    st.markdown(
        "Diagram som går att citera, svar som bygger på dem, och påståenden som prövas. Varje citerat diagram har ett "
        "nummer som ger tillbaka samma bild och samma tal."
    )
    cited.ask(warehouse)
    # The link of a draft leads to it, and so does coming back from another page.
    tab, where = choices.choose_tab(TABS, default="svar" if answer.is_begun() else None)
    with where:
        if tab == "citerade":
            cited.listed(warehouse)
        elif tab == "svar":
            answer.builder(warehouse)
        else:
            claim.checker(warehouse, figure.archive())


_page()
