"""Entry of the dashboard: page configuration and navigation, nothing else."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import cited, figure, markup, who

st.set_page_config(page_title="Lägesbild", page_icon="◆", layout="wide", initial_sidebar_state="auto")
markup.apply_style()
answers = st.Page("pages/svar.py", title="Svar och diagram", url_path="svar")
public = [
    st.Page("pages/sticker_vi_ut.py", title="Sticker vi ut?", default=True),
    st.Page("pages/vad_sticker_ut.py", title="Vad sticker ut?", url_path="vad-sticker-ut"),
    st.Page("pages/jamforelsegrupp.py", title="Jämförelsegrupp", url_path="jamforelsegrupp"),
    st.Page("pages/trender.py", title="Trender", url_path="trender"),
    st.Page("pages/hotspots.py", title="Hotspots", url_path="hotspots"),
    answers,
    st.Page("pages/datakallor.py", title="Datakällor", url_path="datakallor"),
    st.Page("pages/metod.py", title="Metod", url_path="metod"),
    st.Page("pages/diagram.py", title="Citerat diagram", url_path=figure.SHORT, visibility="hidden"),
]
# Every local page has an address for everybody, and tells who may not see it why; the menu has only what one may see.
local = [
    (Right.WORK, "pages/oroshardar.py", "Oroshärdar", "oroshardar"),
    (Right.WORK, "pages/signaler.py", "Signaler", "signaler"),
    (Right.MANAGE, "pages/administration.py", "Administration", "administration"),
]
work = [
    st.Page(
        file,
        title=title,
        url_path=path,
        visibility="visible"
        if who.may(right) or (right is Right.MANAGE and who.may(Right.WORK))
        else "hidden",
    )
    for right, file, title, path in local
]
page = st.navigation(
    {
        "": public,
        "Kommunens arbete": [*work, st.Page("pages/logga_in.py", title="Logga in", url_path="logga-in")],
    }
)
if cited.PARAMETER in st.query_params and page != answers:  # the address of a cited chart has no page in it
    st.switch_page(answers, query_params={cited.PARAMETER: st.query_params[cited.PARAMETER]})
markup.sidebar()
page.run()
