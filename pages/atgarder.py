"""Åtgärder: what is done, where and why, and what it led to."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import actions, stored, who

st.title("Åtgärder")
actions.shown(who.here(stored.warehouse(), Right.WORK))
