"""What every page needs: the warehouse, the chosen municipality, the look, tables and source lines."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import freshness, reference
from lagesbild.config import Settings, SettingsError, load_settings
from lagesbild.state import StateError
from lagesbild.swedish import long_date
from lagesbild.warehouse import Warehouse, WarehouseError, current_vintage, queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import plotly.graph_objects as go
    import polars as pl

_PARAMETER = "kommun"
_CHOICE = "chosen_municipality"


def apply_style() -> None:
    """Add the style sheet; every page is in Swedish for screen readers too."""
    css = Path(__file__).with_name("style.css").read_text("utf-8")
    st.html(f"<style>{css}</style>")


def settings() -> Settings:
    """Return the settings, or stop the page with what is wrong in them."""
    try:
        return load_settings()
    except SettingsError as error:
        st.error(str(error))
        st.stop()


def warehouse() -> Warehouse:
    """Return the current vintage, opened once; stop the page if there is none."""
    try:
        return _open(str(current_vintage(settings().warehouse_folder)))
    except WarehouseError as error:
        st.error(str(error))
        st.stop()


@st.cache_resource(max_entries=3, show_spinner=False)
def _open(file: str) -> Warehouse:
    return Warehouse(Path(file))


@st.cache_data(max_entries=8, show_spinner=False)
def _municipalities(vintage: str, _warehouse: Warehouse) -> pl.DataFrame:
    del vintage  # only a key: another vintage, another list
    return queries.municipalities(_warehouse)


def names(store: Warehouse) -> dict[str, str]:
    """Return the names of all municipalities by code, in Swedish alphabetical order."""
    frame = _municipalities(store.vintage, store)
    return dict(zip(frame["code"], frame["name"], strict=True))


def sidebar() -> None:
    """Show what this is and how old the figures are."""
    with st.sidebar:
        st.markdown(
            "**Lägesbild**  \nAnmälda brott i svenska kommuner, jämförda på ett sätt som går att granska."
        )


def choose_municipality(store: Warehouse) -> str:
    """Let the reader choose the home municipality; the choice stands in the address.

    An address with an unknown code gives a message and the municipality of the settings.
    """
    available = names(store)
    codes = list(available)
    asked = st.query_params.get(_PARAMETER)
    default = settings().home_municipality
    if asked is not None and asked not in available:
        # The address is anybody's text: only what could be a code is repeated.
        told = f"koden ”{asked}”" if re.fullmatch(r"\w{1,10}", asked) else "den koden"
        st.warning(
            f"Det finns ingen kommun med {told}. Här visas {available.get(default, 'den första')} i stället."
        )
    start = next(
        (code for code in (st.session_state.get(_CHOICE), asked, default) if code in available),
        codes[0],
    )
    if asked in available and st.session_state.get("asked_municipality") != asked:
        start = asked
    chosen = st.selectbox(
        "Kommun",
        codes,
        index=codes.index(start),
        format_func=available.__getitem__,
        key=f"kommun_{start}",
    )
    st.session_state[_CHOICE] = chosen
    st.session_state["asked_municipality"] = chosen
    if st.query_params.get(_PARAMETER) != chosen:
        st.query_params[_PARAMETER] = chosen
    if chosen != start:
        st.rerun()
    return chosen


def source_line(store: Warehouse, indicator_id: str, *, processed: bool = True) -> None:
    """Show source, date and, for our own calculations, that they are ours."""
    found = queries.provenance(store, indicator_id)
    info = reference.sources()[found.source_id]
    text = (processed and info.processed_attribution) or info.attribution
    st.html(
        f"<p class='lb-source'>{escape(text)}. Uppgifterna är från {from_when(found.fetched_on, found.shipped)}. "
        f"Datalager {escape(store.vintage)}.</p>"
    )


def from_when(fetched_on: date, shipped: bool) -> str:
    """Say from when figures are; shipped ones were compiled from copies of the source."""
    day_sv = long_date(fetched_on)
    return f"en kopia som följer med programmet, sammanställd {day_sv}" if shipped else day_sv


def sources(store: Warehouse) -> list[freshness.SourceFreshness]:
    """Return how fresh each source is; the figures are shown even if the log of runs is unreadable."""
    try:
        return freshness.of_sources(store, settings().state_file)
    except StateError as error:
        st.warning(str(error))
        return freshness.of_sources(store, None)


def stale_notice(store: Warehouse) -> None:
    """Tell when a source could not be read the last time, and that older figures are shown."""
    for source in sources(store):
        if source.outcome in {"failed", "unreachable"} and source.source_id == "kolada" and source.data_date:
            when = from_when(source.data_date, source.shipped)
            st.html(
                f"<p class='lb-source'>{escape(source.title)} {escape(source.state_sv)}. Uppgifterna är från {when}.</p>"
            )


def chart(figure: go.Figure, key: str) -> None:
    """Show a figure in the page's width."""
    from lagesbild.charts.theme import CONFIG  # noqa: PLC0415 - plotly loads only where it draws

    st.plotly_chart(figure, width="stretch", config=CONFIG, key=key, theme=None)


def table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], caption: str) -> None:
    """Show a table that becomes a list of cards on a phone.

    Parameters
    ----------
    heads
        Pairs of (heading, class): class ``n`` for numbers.
    rows
        Cells as HTML; the caller escapes what is not its own.
    caption
        What the table shows, for screen readers.
    """
    head = "".join(f"<th scope='col' class='{kind}'>{escape(text)}</th>" for text, kind in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td class='{kind}' data-label='{escape(text)}'><span>{cell}</span></td>"
            for (text, kind), cell in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    st.html(
        f"<table class='lb' aria-label='{escape(caption, quote=True)}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def day(value: date | None) -> str:
    """Return a date in words, or a dash."""
    return long_date(value) if value else "–"
