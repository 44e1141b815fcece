"""Administration: who may do what, kinds and places, what is known about a person, the log."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import administration, markup, stored, who

warehouse = stored.warehouse()
markup.page_title("Administration")
st.title("Administration")
if who.may(Right.MANAGE):
    here = who.here(warehouse, Right.MANAGE)
    administration.people(here)
    administration.log(here)
else:
    here = who.here(warehouse, Right.WORK)
if here.person.may(Right.WORK):
    administration.reporters(here)
    administration.kinds(here)
    administration.places_of(here)
    administration.map_of(here)
    administration.about_a_person(here)
