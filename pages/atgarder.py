"""Åtgärder: what is done, where and why, and what it led to."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import actions, markup, stored, who

markup.page_title("Åtgärder")
st.title("Åtgärder")
actions.shown(who.here(stored.warehouse(), Right.WORK))
