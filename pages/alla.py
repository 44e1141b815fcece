"""Alla kommuner: everybody on a map and in a list, each against its own group."""

from datetime import UTC, datetime

import streamlit as st

from lagesbild.comparison import everyone, exports
from lagesbild.comparison.benchmark import NotFoundError
from lagesbild.comparison.everyone import Everyone
from lagesbild.comparison.groups import groups
from lagesbild.figures import sheets
from lagesbild.figures.archive import provenance
from lagesbild.figures.model import Chart
from lagesbild.figures.register import ChartContext
from pages.parts import choices, country, figure, markup, pairs, sources, stored
from pages.parts.municipality_box import municipality_box
from pages.parts.trend import choose_indicator, tree_of

_FIRST_PAGE = "pages/sticker_vi_ut.py"
_PRESSED = "country_pressed"


def _map(drawn_from: ChartContext, home: str, indicator: str, group: str) -> Chart:
    """Show the map; a municipality that is pressed opens on the first page."""
    chart = figure.built(drawn_from, "verdict-map", {"home": home, "indicator": indicator, "group": group})
    figure.heading(chart)
    markup.press("Tryck på en kommun för att öppna den, eller välj den i listan under kartan.")
    event = figure.plot(
        chart, f"verdict_map_{home}_{indicator}_{group}", on_select="rerun", selection_mode="points"
    )
    code = _clicked(event)
    if code is not None:
        st.switch_page(_FIRST_PAGE, query_params={"kommun": code, "nyckeltal": indicator, "grupp": group})
    return chart


def _clicked(event: object) -> str | None:
    """Return the municipality that was pressed just now; an old press does not open it again."""
    points = getattr(getattr(event, "selection", None), "points", None) or []
    code = points[0].get("customdata") if points else None
    code = code[0] if isinstance(code, list) else code
    if code == st.session_state.get(_PRESSED):
        return None
    st.session_state[_PRESSED] = code
    return str(code) if code else None


def _open_one(names: dict[str, str], home: str, indicator: str, group: str) -> None:
    chosen = municipality_box("Öppna en kommun", names, home, "country_open")
    markup.link(
        f"{names[chosen]} på första sidan",
        pairs.address("./", kommun=chosen, nyckeltal=indicator, grupp=group),
    )


def _files(found: Everyone, chart: Chart) -> None:
    name = f"alla-kommuner-{found.indicator}-{found.year}"
    with st.container(horizontal=True):
        st.download_button(
            "Hämta alla som CSV",
            lambda: exports.everyone_as_csv(exports.rows_of(found)).encode(),
            f"{name}.csv",
            "text/csv",
            key="country_csv",
            on_click="ignore",
        )
        st.download_button(
            "Hämta alla som XLSX",
            lambda: sheets.to_xlsx(chart, provenance(chart, "inte citerat", datetime.now(UTC))),
            f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key="country_xlsx",
            on_click="ignore",
        )


def _page() -> None:
    warehouse = stored.warehouse()
    markup.page_title("Alla kommuner")
    st.title("Alla kommuner")
    markup.paragraph("Varje kommun mot sin egen jämförelsegrupp, på kartan och i en lista.")
    picks = st.columns([2, 3, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    panel, tree = choices.panel(warehouse, home), tree_of(warehouse)
    with picks[1]:
        group = choices.choose_group([one for one in groups(panel.kinds.values(), home) if one.counted])
    with picks[2]:
        indicator = choose_indicator(warehouse, panel, tree, home)
    if indicator is None:
        st.info("Det finns ännu inga uppgifter om kommunen.")
        return
    try:
        found = everyone.of_measure(panel, indicator, group)
    except NotFoundError as error:
        st.info(str(error))
        return
    names, measure = panel.names, panel.indicators[indicator]
    drawn_from = figure.context(warehouse, panel)
    chart = _map(drawn_from, home, indicator, group)
    _open_one(names, home, indicator, group)
    figure.below(chart, "verdict_map")
    markup.note(tree.note(indicator))
    sources.source_line(warehouse, indicator)
    markup.section("Alla kommuner i en lista", "lista")
    country.show(found, measure, group, home)
    _files(found, chart)
    markup.note(
        "En plats är ingen dom: kommuner är olika, och de som ligger nära varandra kan byta plats av en slump. Bland så många är "
        "ungefär 1 av 20 ovanligt långt från sin grupp utan särskilt skäl."
    )


_page()
