"""Jämför kommuner: whether one municipality has more reported crimes than another, beyond chance."""

import streamlit as st

from lagesbild.comparison import pair_words
from lagesbild.figures.model import ChartError
from lagesbild.figures.paired import beside
from lagesbild.swedish import number
from pages.parts import choices, figure, markup, pairs, sources, stored
from pages.parts.trend import choose_indicator, tree_of


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Jämför kommuner")
    markup.paragraph("Två till sex kommuner mot varandra. Skillnaden prövas mot vad slumpen brukar ge.")
    picks = st.columns([2, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    panel, tree = choices.panel(warehouse, home), tree_of(warehouse)
    with picks[1]:
        indicator = choose_indicator(warehouse, panel, tree, home)
    markup.page_title("Jämför kommuner", stored.names(warehouse)[home])
    if indicator is None:
        st.info("Det finns ännu inga uppgifter om kommunen.")
        return
    others = pairs.choose_others(panel, home)
    pairs.neighbours(panel, home, indicator)
    if not others:
        st.info("Det finns ingen annan kommun att jämföra med.")
        return
    drawn_from = figure.context(warehouse, panel)
    try:
        found = beside(drawn_from, home, others, indicator, None)
    except ChartError as error:
        st.info(f"{error} Välj ett annat nyckeltal eller en annan kommun.")
        return
    names, measure = panel.names, panel.indicators[indicator]
    markup.answer(
        pair_words.short_of_several(found, measure, names),
        pair_words.several(found, measure, names),
        pair_words.NO_RISK_SURVEY if measure.is_survey else pair_words.NO_RISK,
    )
    for text in (
        pair_words.year_told(found, names),
        pair_words.without_told(found, names),
        pair_words.multiplicity(found, names[home]),
        tree.note(indicator),
    ):
        markup.note(text)
    asked: dict[str, str | int] = {"home": home, "indicator": indicator, "others": ",".join(found.pairs)}
    figure.show(drawn_from, "pair-levels", "pair_levels", asked | {"year": found.year})
    chart = figure.show(drawn_from, "pair-trends", "pair_trends", asked)
    if chart is not None and len(chart.said) > 1:
        markup.paragraph(" ".join(chart.said[1:]))
    sources.source_line(warehouse, indicator)
    markup.section("Andra nyckeltal", "andra")
    made = pairs.measures(panel, tree, home, others, indicator)
    if made:
        markup.note(
            f"Varje nyckeltal prövas för sig{', och kommunerna med Holms metod' if len(others) > 1 else ''}. "
            f"Av {number(made)} prövningar kan någon enstaka se säker ut av en slump."
        )
    markup.section("Går kommunerna att jämföra?", "lika")
    pairs.alike(panel, home, others)
    pairs.first_pages(names, (home, *others), indicator)


_page()
