"""What two pages share: the choice of a measure in the tree of crime types, and its years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.comparison.words import lowered
from lagesbild.data.crimes import Tree
from lagesbild.data.warehouse import queries
from lagesbild.figures.model import ChartError
from pages.parts import choices, figure, markup

if TYPE_CHECKING:
    from lagesbild.comparison.panel import Panel
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.register import ChartContext


def tree_of(warehouse: Warehouse) -> Tree:
    """Return the tree of crime types, read once a vintage."""
    return warehouse.worked_out("tree", Tree.of)


def choose_indicator(warehouse: Warehouse, panel: Panel, tree: Tree, home: str) -> str | None:
    """Let the reader choose a measure: the usual ones first, then the tree of crime types, indented."""
    known = set(queries.indicators_of(warehouse, home)) & panel.indicators.keys()
    labels = {key: panel.indicators[key].short for key in panel.standard if key in known - tree.types.keys()}
    labels |= {
        key: "\u2003" * depth + f"Brottstyp: {tree.types[key].short}" for key, depth in tree.in_order(known)
    }
    if not labels:
        return None
    asked = choices.measure_asked()
    chosen = choices.choose_measure(labels)
    if asked in panel.indicators and asked not in labels:
        st.info(
            f"Det finns inga uppgifter om {lowered(panel.indicators[asked].short)} i {panel.names[home]}. "
            f"Här visas {lowered(panel.indicators[chosen].short)}."
        )
    return chosen


def yearly(
    drawn_from: ChartContext, indicator: str, home: str, group: str | None, already_said: str = ""
) -> None:
    """Show the years of a municipality with its group's middle half, as chart and table.

    ``already_said`` stands on the page before, and is not repeated.
    """
    try:
        chart = figure.built(
            drawn_from, "trend", {"home": home, "indicator": indicator, "group": group or ""}
        )
    except ChartError as error:
        st.info(str(error))
        return
    figure.heading(chart)
    told = [text for text in chart.said[1:] if not already_said or already_said not in text]
    markup.below_heading(" ".join(told))
    figure.plot(chart, "trend_chart")
    figure.below(chart, "trend")
