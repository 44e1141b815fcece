"""Entry of the dashboard: page configuration and navigation, nothing else."""

import streamlit as st

from lagesbild.signals.access import Right
from pages.parts import choices, cited, figure, markup, ready, stored, who

st.set_page_config(page_icon="◆", layout="wide", initial_sidebar_state="auto")
markup.apply_style()
ready.in_advance()
answers = st.Page("pages/svar.py", title="Svar och diagram", url_path="svar")
public = [
    st.Page("pages/sticker_vi_ut.py", title="Sticker vi ut?", default=True),
    st.Page("pages/vad_sticker_ut.py", title="Vad sticker ut?", url_path="vad-sticker-ut"),
    st.Page("pages/jamfor.py", title="Jämför kommuner", url_path="jamfor"),
    st.Page("pages/alla.py", title="Alla kommuner", url_path="alla-kommuner"),
    st.Page("pages/jamforelsegrupp.py", title="Jämförelsegrupp", url_path="jamforelsegrupp"),
    st.Page("pages/trender.py", title="Trender", url_path="trender"),
    st.Page("pages/hotspots.py", title="Hotspots", url_path="hotspots"),
    st.Page("pages/loften.py", title="Medborgarlöften", url_path="medborgarloften"),
    answers,
    st.Page("pages/datakallor.py", title="Datakällor", url_path="datakallor"),
    st.Page("pages/metod.py", title="Metod", url_path="metod"),
    st.Page("pages/ordlista.py", title="Ordlista", url_path="ordlista"),
    st.Page("pages/tillganglighet.py", title="Tillgänglighet", url_path="tillganglighet"),
    st.Page("pages/diagram.py", title="Citerat diagram", url_path=figure.SHORT, visibility="hidden"),
]


reader = who.reader_if_any()


def _local(file: str, title: str, path: str, *rights: Right) -> st.Page:
    """Return a page that the menu shows to those who have one of the rights; to others it tells why they may not."""
    seen = reader is not None and any(reader.may(right) for right in rights)
    return st.Page(f"pages/{file}.py", title=title, url_path=path, visibility="visible" if seen else "hidden")


work = [
    _local("veckan", "Veckans lägesbild", "veckan", Right.SEE_WEEK),
    _local("oroshardar", "Oroshärdar", "oroshardar", Right.WORK),
    _local("signaler", "Signaler", "signaler", Right.WORK),
    _local("atgarder", "Åtgärder", "atgarder", Right.WORK),
    _local("dokument", "Dokument enligt lag", "dokument", Right.WORK),
    _local("administration", "Administration", "administration", Right.WORK, Right.MANAGE),
    st.Page("pages/logga_in.py", title="Min inloggning" if reader else "Logga in", url_path="logga-in"),
]
# Expanded: a long menu is else cut short, behind a button in English.
page = st.navigation({"": public, "Kommunens arbete": work}, expanded=True)
if cited.PARAMETER in st.query_params and page != answers:  # the address of a cited chart has no page in it
    st.switch_page(answers, query_params={cited.PARAMETER: st.query_params[cited.PARAMETER]})
if page in public:
    choices.remember_address()
if stored.settings().demo:
    markup.demonstration()
try:
    page.run()
finally:  # a page that has nothing more to say stops the run
    markup.footer(stored.settings().sender)
