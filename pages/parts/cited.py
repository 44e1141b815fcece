"""A cited chart by its number: as it was, beside what it would be today, and what has been revised."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import all_definitions
from lagesbild.figures.revisions import drawn_now, revision_text, revisions
from lagesbild.swedish import long_date
from pages.parts import common, figure

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Cell, Chart, Column
    from lagesbild.figures.revisions import Revisions

PARAMETER = "diagram"
_MOST_LISTED = 200
_MOST_CHANGES = 100


def ask(store: Warehouse) -> None:
    """Ask for a chart's number, or take it from the address, and show that chart."""
    asked = st.query_params.get(PARAMETER, "")
    given = st.text_input(
        "Diagrammets nummer", value=asked, placeholder="LB-1861-7QK4M2", key=f"chart_id_{asked}", max_chars=40
    )
    if given.strip() != asked.strip():
        if given.strip():
            st.query_params[PARAMETER] = given.strip()
        else:
            st.query_params.pop(PARAMETER, None)
    if not given.strip():
        return
    try:
        frozen = figure.archive().open(given)
    except ExplainedError as error:
        st.error(str(error))
        return
    _show(store, frozen)


def _show(store: Warehouse, frozen: Frozen) -> None:
    day = long_date(frozen.frozen_at.date())
    st.header(frozen.title)
    put_here = (
        ""
        if frozen.listed
        else " Filen har lagts in från en annan installation; innehållet stämmer med numret."
    )
    st.html(
        f"<p class='lb-sub'>{frozen.id}, fryst {day} av Lägesbild {escape(frozen.code_version)}, datalager "
        f"{escape(str(frozen.content['vintage']))}.{put_here}</p>"
    )
    try:
        now: Chart | None = drawn_now(frozen, store)
        why = ""
    except ChartError as error:
        now, why = None, str(error)
    found = revisions(frozen.table, now.table) if now else None
    if found is None:
        st.warning(f"Dagens motsvarighet kan inte ritas: {why}")
    elif found:
        st.warning(revision_text(found))
    else:
        st.success(revision_text(found))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"Som det frystes {day}")
        if "picture.png" in frozen.files:
            st.image(frozen.file("png"), width="stretch")
            st.html(f"<p class='lb-alt'>{escape(str(frozen.content['alt']))}</p>")
        else:
            st.info(f"Bilden saknas: {frozen.remark} Talen finns nedan.")
        with st.expander("Tabell bakom diagrammet", key="frozen_table"):
            figure.table(frozen.table, frozen.title)
        figure.offer(frozen, "frozen")
    with right:
        st.subheader("Med dagens uppgifter")
        if now:
            st.html(f"<p class='lb-sub'>{escape(now.title)}. {escape(now.source_line)}</p>")
            figure.plot(now, "drawn_now")
            if found:
                _changes(frozen, found)
            figure.below(now, "drawn_now")
    st.divider()


def _changes(frozen: Frozen, found: Revisions) -> None:
    with st.expander("Vad har ändrats?", expanded=True, key="revisions"):
        rows = [
            (
                escape(one.row),
                escape(one.column.name),
                _cell(frozen, one.then, one.column),
                _cell(frozen, one.now, one.column),
            )
            for one in found.changed[:_MOST_CHANGES]
        ]
        rows += [(escape(key), "hela raden", "fanns inte", "finns") for key in found.added[:_MOST_CHANGES]]
        rows += [(escape(key), "hela raden", "fanns", "finns inte") for key in found.gone[:_MOST_CHANGES]]
        common.table([("Rad", ""), ("Uppgift", ""), ("Då", "n"), ("Nu", "n")], rows, "Ändrade uppgifter")


def _cell(frozen: Frozen, value: Cell, column: Column) -> str:
    return escape(frozen.table.shown(value, column))


def listed() -> None:
    """Show what the archive holds, and which charts there are."""
    items = []
    for item in figure.archive().listed():
        items.append(item)
        if len(items) >= _MOST_LISTED:
            break
    names = {entry.id: entry for entry in all_definitions()}
    if items:
        rows = [
            (
                f"<a href='?{PARAMETER}={item.id}' target='_self'>{item.id}</a>", escape(item.title),
                escape(names[item.chart].name) if item.chart in names else "", f"{item.frozen_at:%Y-%m-%d}",
            )
            for item in items
        ]  # fmt: skip
        common.table(
            [("Nummer", "w"), ("Vad det visar", ""), ("Diagram", ""), ("Fryst", "w")],
            rows,
            "Citerade diagram",
        )
    else:
        st.html(
            "<p class='lb-sub'>Inget diagram är citerat ännu. Tryck på Citera och ladda ned under ett diagram på någon sida.</p>"
        )
    with st.expander("Alla slags diagram och frågan de svarar på", key="register"):
        kinds = [(escape(entry.name), escape(entry.question)) for entry in names.values()]
        common.table([("Diagram", ""), ("Fråga", "")], kinds, "Alla slags diagram")
