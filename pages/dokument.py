"""Dokument enligt lag: the lägesbild and the åtgärdsplan that law 2023:196 asks for."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import documents, markup, stored, who

markup.page_title("Dokument enligt lag")
st.title("Dokument enligt lag")
documents.shown(who.here(stored.warehouse(), Right.WORK))
