"""Oroshärdar: where signals gather, how that changes week by week, and what is said about it."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import markup, signals, stored, who

warehouse = stored.warehouse()
markup.page_title("Oroshärdar")
st.title("Oroshärdar")
here = who.here(warehouse, Right.WORK)
markup.below_heading(
    f"{here.name}. Vad lokala signaler säger: klungor i tid och rum, när på dygnet, och om fler rapporterar eller mer händer. "
    "Flaggor på signaler står på Hotspots, tillsammans med alla andra."
)
signals.shown(here)
