"""Svar och diagram: cited charts by their number, the answer builder, and the claim check."""

import streamlit as st

from pages.parts import answer, choices, cited, claim, figure, stored

TABS = ("Citerade diagram", "Skriv ett svar", "Pröva ett påstående")


def _page() -> None:
    warehouse = stored.warehouse()
    choices.remember_address()
    st.title("Svar och diagram")
    st.markdown(
        "Diagram som går att citera, svar som bygger på dem, och påståenden som prövas. Varje citerat diagram har ett "
        "nummer som ger tillbaka samma bild och samma tal."
    )
    cited.ask(warehouse)
    if answer.is_begun():  # the link of a draft leads to it, and so does coming back from another page
        st.session_state.setdefault("svar_tab", TABS[1])
    look, write, check = st.tabs(TABS, key="svar_tab", on_change="rerun")  # only the open one is worked out
    if look.open:
        with look:
            cited.listed(warehouse)
    if write.open:
        with write:
            answer.builder(warehouse)
    if check.open:
        with check:
            claim.checker(warehouse, figure.archive())


_page()
