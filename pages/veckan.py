"""Veckans lägesbild: what is new, what grows and fades, what was decided, and the meeting."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import markup, stored, week, who

markup.page_title("Veckans lägesbild")
st.title("Veckans lägesbild")
week.shown(who.here(stored.warehouse(), Right.SEE_WEEK))
