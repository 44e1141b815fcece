"""Signaler: the list, the import of files, and what has been imported."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import importing, markup, signal_list, stored, who

LIST, FILE = "Lista", "Läs in en fil"

warehouse = stored.warehouse()
markup.page_title("Signaler")
st.title("Signaler")
here = who.here(warehouse, Right.WORK)
chosen = st.segmented_control(
    "Del", [LIST, FILE], default=LIST, label_visibility="collapsed", key="signals_part"
)
if chosen == FILE:
    importing.shown(here)
else:
    signal_list.shown(here)
