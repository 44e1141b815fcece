"""Entry of the dashboard: page configuration and navigation, nothing else."""

import streamlit as st

from pages.parts import cited, figure, markup

st.set_page_config(page_title="Lägesbild", page_icon="◆", layout="wide", initial_sidebar_state="auto")
markup.apply_style()
answers = st.Page("pages/svar.py", title="Svar och diagram", url_path="svar")
page = st.navigation(
    [
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
)
if cited.PARAMETER in st.query_params and page != answers:  # the address of a cited chart has no page in it
    st.switch_page(answers, query_params={cited.PARAMETER: st.query_params[cited.PARAMETER]})
markup.sidebar()
page.run()
