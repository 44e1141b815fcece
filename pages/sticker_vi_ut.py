"""Sticker vi ut? The answer first; the evidence one tab away; the method a page away."""

from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lagesbild.comparison import benchmark, robustness
from lagesbild.comparison.first import FirstScreen, first_screen, shown_first
from lagesbild.comparison.groups import groups
from lagesbild.trends import words as trend_words
from lagesbild.web.answer_html import facts_html
from pages.parts import choices, evidence, fact_sheet, figure, markup, share, sources, stored, terms
from pages.parts.evidence import Shown
from pages.parts.trend import choose_indicator, tree_of


def _chosen() -> tuple[Shown, DeltaGenerator] | None:
    """Let the reader choose; returns it and where the answer stands. None where there is nothing to show, which is said."""
    warehouse = stored.warehouse()
    title = st.empty()
    with st.columns([2, 3])[0]:
        home = choices.choose_municipality(warehouse)
    # The answer stands before what else can be chosen: who reads or listens from top to bottom comes to it first.
    answer = st.container(key="first")
    picks = st.container(key="picks").columns(2)
    name = stored.names(warehouse)[home]
    title.title(f"Sticker {name} ut?", anchor=False)
    markup.page_title(f"Sticker {name} ut?")
    panel = choices.panel(warehouse, home)
    tree = tree_of(warehouse)
    with picks[0]:
        group = choices.choose_group(groups(panel.kinds.values(), home))
    with picks[1]:
        indicator = choose_indicator(warehouse, panel, tree, home)
    if indicator is None:
        st.info(f"Det finns ännu inga uppgifter om {name}.")
        return None
    with st.spinner("Jämför kommunen med sina grupper ..."):
        same = list(benchmark.of_measure(panel, home, indicator))
    if not same:
        st.info(f"Nyckeltalet saknar uppgifter för {name} eller för alla grupper. Välj ett annat nyckeltal.")
        return None
    main = shown_first(same, group if choices.group_asked() else "")
    if main.group.key != group:
        st.info(f"För få kommuner i den gruppen har uppgifter. Här är gruppen {main.group.label}.")
    shown = Shown(
        warehouse=warehouse,
        drawn_from=figure.context(warehouse, panel),
        tree=tree,
        home=home,
        main=main,
        same=same,
        key=(warehouse.vintage, repr(choices.weights()), repr(choices.own_list(warehouse, home))),
    )
    return shown, answer


def _first(screen: FirstScreen) -> None:
    markup.answer(screen.answer, *filter(None, [screen.below]), symbol=screen.symbol)
    st.html(terms.explained(facts_html(screen)))


def _onwards(shown: Shown) -> dict[str, str]:
    """Return where a reader goes on who asks of another municipality, or of all of them."""
    asked = urlencode({"kommun": shown.home, "nyckeltal": shown.main.indicator_id})
    return {
        "Jämför med en annan kommun": f"jamfor?{asked}",
        "Alla kommuner på karta": f"alla-kommuner?{asked}",
    }


def _page() -> None:
    chosen = _chosen()
    if chosen is None:
        return
    shown, answer = chosen
    main = shown.main
    without = benchmark.without_police(shown.panel, shown.home, main)
    screen = first_screen(
        main,
        shown.name,
        without,
        robustness.count(shown.same),
        trend_words.driven_text(shown.panel, shown.tree, shown.home, main),
    )
    with answer:
        told, drawn = st.columns([6, 5], gap="large")
        with told:
            _first(screen)
            sources.age(shown.warehouse, main.indicator_id, survey=main.facts.indicator.is_survey)
        with drawn:
            asked: dict[str, str | int] = {
                "home": shown.home,
                "indicator": main.indicator_id,
                "group": main.group.key,
                "year": main.home.year,
            }
            figure.show(shown.drawn_from, "group", "group_chart", asked)
    with st.container(horizontal=True, vertical_alignment="center"):
        share.row(_onwards(shown))
        fact_sheet.offer(shown.warehouse, shown.drawn_from, main, shown.name)
    tab, where = choices.choose_tab({key: label for key, (label, _) in evidence.TABS.items()})
    with where:
        evidence.TABS[tab][1](shown)


_page()
