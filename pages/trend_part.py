"""What two pages share: the choice of a measure in the tree of crime types, and its years."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import benchmark, sentences
from lagesbild.charts.trend import trend_chart
from lagesbild.crimes import Tree
from lagesbild.swedish import interval, number
from lagesbild.warehouse import queries
from pages import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.panel import Panel
    from lagesbild.warehouse import Warehouse


@st.cache_resource(max_entries=3, show_spinner=False)
def _tree(vintage: str, _store: Warehouse) -> Tree:
    del vintage  # only a key
    return Tree.of(_store)


def tree_of(store: Warehouse) -> Tree:
    """Return the tree of crime types, read once a vintage."""
    return _tree(store.vintage, store)


def choose_indicator(store: Warehouse, panel: Panel, tree: Tree, home: str) -> str | None:
    """Let the reader choose a measure: the usual ones first, then the tree of crime types, indented."""
    known = set(queries.indicators_of(store, home)) & panel.indicators.keys()
    labels = {
        key: panel.indicators[key]["short_sv"] for key in panel.standard if key in known - tree.types.keys()
    }
    labels |= {
        key: "\u2003" * depth + f"Brottstyp: {tree.types[key].short}" for key, depth in tree.in_order(known)
    }
    if not labels:
        return None
    return common.choose_measure(labels)


def yearly(panel: Panel, indicator: str, home: str, name: str, members: Sequence[str]) -> None:
    """Show the years of a municipality with its group's middle half, as chart and table."""
    facts = panel.indicators[indicator]
    unit = facts["unit"]
    values, group = benchmark.trend(panel.values[indicator], home, members, facts["kind"])
    breaks = panel.breaks(indicator)
    st.subheader(sentences.trend_finding(benchmark.since_break(values, breaks), name, unit))
    seen = [item for item in breaks if values and values[0].year < item.date.year <= values[-1].year]
    told = "".join(f" Avbrott {item.date.year}: {escape(item.text)}" for item in seen)
    st.html(
        f"<p class='lb-sub'>{escape(facts['short_sv'])} per år. Grått band: gruppens mittersta hälft. Lodräta "
        f"streck: 95-procentiga felmarginaler.{told}</p>"
    )
    marker = benchmark.marker(values, breaks)
    against = benchmark.against_group(values, group, breaks)
    said = [sentences.marker_text(marker, values[-5].year, values[-1].year)] if marker else []
    said += [sentences.against_group_text(against)] if against else []
    if said:
        st.html(f"<p class='lb-sub'>{escape(' '.join(said))}</p>")
    common.chart(trend_chart(name, values, group, unit, breaks), "trend_chart")
    with st.expander("Tabell bakom diagrammet", key="trend_table"):
        medians = {row["year"]: row for row in group.to_dicts()}
        places = sentences.decimals(unit)
        heads = [
            ("År", ""),
            ("Antal", "n"),
            ("Värde", "n"),
            ("95 %-intervall", "n"),
            ("Gruppens 25–75 %", "n"),
        ]
        rows = [
            (str(v.year),
             ("ungefär " if v.count_basis == "approximate" else "") + number(v.count) if v.count is not None else "–",
             number(v.rate, places),
             interval(v.interval.lower, v.interval.upper, places) if v.interval else "–",
             interval(medians[v.year]["lower_quartile"], medians[v.year]["upper_quartile"], places) if v.year in medians else "–")
            for v in values
        ]  # fmt: skip
        common.table(heads, rows, "Värden per år")
