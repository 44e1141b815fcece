"""Svar och diagram: cited charts by their number, the answer builder, and the claim check."""

import streamlit as st

from pages import answer_part, cited_part, claim_part, common, figure_part

TABS = ("Citerade diagram", "Skriv ett svar", "Pröva ett påstående")


def _page() -> None:
    store = common.warehouse()
    common.remember_address()
    st.title("Svar och diagram")
    st.markdown(
        "Diagram som går att citera, svar som bygger på dem, och påståenden som prövas. Varje citerat diagram har ett "
        "nummer som ger tillbaka samma bild och samma tal."
    )
    cited_part.ask(store)
    look, write, check = st.tabs(TABS, key="svar_tab", on_change="rerun")  # only the open one is worked out
    if look.open:
        with look:
            cited_part.listed()
    if write.open:
        with write:
            answer_part.builder(store)
    if check.open:
        with check:
            claim_part.checker(store, figure_part.archive())


_page()
