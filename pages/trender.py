"""Trender: years, quarters and months of a crime type; the wheel of the year; when notices fall."""

import streamlit as st

from lagesbild.comparison.groups import groups
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.trends import rhythm
from pages.parts import choices, figure, markup, sources, stored
from pages.parts.trend import choose_indicator, tree_of, yearly

_YEAR, _QUARTER, _MONTH = "ar", "kvartal", "manad"
_STEPS = {_YEAR: "År", _QUARTER: "Kvartal", _MONTH: "Månad"}


def _crimes(warehouse: Warehouse, panel: Panel, home: str, name: str, group: str) -> None:
    tree = tree_of(warehouse)
    indicator = choose_indicator(warehouse, panel, tree, home)
    if indicator is None:
        st.info(f"Det finns ännu inga uppgifter om {name}.")
        return
    drawn_from = figure.context(warehouse, panel)
    monthly = bool(rhythm.of_crime_type(warehouse, indicator, home).starts)
    quarterly = monthly or rhythm.has_quarters(warehouse, indicator, home)
    there = {_YEAR, *([_QUARTER] if quarterly else []), *([_MONTH] if monthly else [])}
    step = choices.choose_button("Steg", {key: _STEPS[key] for key in _STEPS if key in there}, "steg")
    note = tree.note(indicator)
    if step == _YEAR:
        yearly(drawn_from, indicator, home, group)
        if not quarterly:
            note += " Brå publicerar få brottstyper månad för månad och kommun; den här finns bara år för år."
    else:
        each = "quarter" if step == _QUARTER else "month"
        asked: dict[str, str | int] = {"home": home, "indicator": indicator}
        figure.show(drawn_from, "crime-months", "crimes_chart", asked | {"group": group, "step": each})
        if step == _MONTH:
            figure.show(drawn_from, "crime-wheel", "crimes_wheel", asked)
    if note:
        markup.below_heading(note)
    published = step == _QUARTER and rhythm.has_quarters(warehouse, indicator, home)
    sources.source_line(warehouse, rhythm.quarters_under(indicator) if published else indicator)


def _notices(warehouse: Warehouse, panel: Panel, home: str, name: str) -> None:
    markup.section("Polisens notiser", "notiser")
    sources.told_missing(warehouse)
    drawn_from = figure.context(warehouse, panel)
    if figure.show(drawn_from, "notice-months", "notices_chart", {"home": home}, level=3) is None:
        markup.below_heading(f"Det finns inga notiser om {name}.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        figure.show(drawn_from, "notice-wheel", "notices_wheel", {"home": home}, level=3)
    with right:
        if figure.show(drawn_from, "notice-clock", "clock_chart", {"home": home}, level=3) is None:
            markup.below_heading(
                "Klockslag följer bara med för den medföljande hemkommunen. För andra kommuner samlas de från den "
                "dag notiserna börjar hämtas."
            )
    sources.own_work("polisen")


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Trender")
    picks = st.columns([2, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    panel = choices.panel(warehouse, home)
    with picks[1]:
        key = choices.choose_group(groups(panel.kinds.values(), home))
    name = stored.names(warehouse)[home]
    markup.page_title("Trender", name)
    _crimes(warehouse, panel, home, name, key)
    _notices(warehouse, panel, home, name)


_page()
