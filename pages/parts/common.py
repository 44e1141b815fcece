"""What every page needs: the warehouse, the chosen municipality, the look, tables and source lines."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.comparison import characteristics, groups
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings, SettingsError, load_settings
from lagesbild.data import freshness, municipality, reference
from lagesbild.data.collected import calendar_of
from lagesbild.data.state import StateError
from lagesbild.data.warehouse import Warehouse, WarehouseError, current_vintage, queries
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import polars as pl

_PARAMETER = "kommun"
_CHOICE = "chosen_municipality"
_GROUP, _WEIGHTS, _OWN, _MEASURE = "grupp", "vikter", "egen", "nyckeltal"


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


def default_municipality(store: Warehouse) -> str:
    """Return the code of the settings' municipality, or stop the page if there is none such."""
    try:
        return municipality.code_of(settings().home_municipality, names(store))
    except municipality.UnknownMunicipalityError as error:
        st.error(f"Inställningen home_municipality: {error}")
        st.stop()


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
    default = default_municipality(store)
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


def home_in_address(store: Warehouse) -> str:
    """Return the municipality that was chosen on another page, else that of the settings; nothing is asked."""
    available = names(store)
    wanted = (st.session_state.get(_CHOICE), st.query_params.get(_PARAMETER), default_municipality(store))
    return next((code for code in wanted if code in available), next(iter(available)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _panel(vintage: str, weights: tuple[tuple[str, float], ...], own: tuple[tuple[str, tuple[str, ...]], ...],
           _store: Warehouse) -> Panel:  # fmt: skip
    del vintage  # only a key
    return Panel(_store, dict(weights), dict(own))


def panel(store: Warehouse, home: str) -> Panel:
    """Return all municipalities with the reader's own weights and own list."""
    own = own_list(store, home)
    return _panel(store.vintage, tuple(weights().items()), ((home, own),) if own else (), store)


def weights() -> dict[str, float]:
    """Return the weights of characteristics that the reader has changed: ``?vikter=unga:2,tathet:0``."""
    found = {}
    for part in st.query_params.get(_WEIGHTS, "").split(","):
        key, _, value = part.partition(":")
        if key in {item.key for item in characteristics.known()} and re.fullmatch(r"[0-3](\.\d)?", value):
            found[key] = float(value)
    return found


def group_settings() -> tuple[str, str]:
    """Return the reader's weights and own list as they stand in the address."""
    return st.query_params.get(_WEIGHTS, ""), st.query_params.get(_OWN, "")


def set_weights(chosen: Mapping[str, float]) -> None:
    """Keep the weights that differ from the default ones in the address."""
    default = {item.key: item.weight for item in characteristics.known()}
    _keep(_WEIGHTS, ",".join(f"{key}:{value:g}" for key, value in chosen.items() if value != default[key]))


def own_list(store: Warehouse, home: str) -> tuple[str, ...]:
    """Return the reader's own list of municipalities: ``?egen=1880,1881``; too short a list is none."""
    known = names(store)
    asked = st.query_params.get(_OWN, "").split(",")
    found = tuple(code for code in dict.fromkeys(asked) if code in known and code != home)
    return found if len(found) >= groups.FEWEST_OWN else ()


def set_own_list(codes: Sequence[str]) -> None:
    """Keep the reader's own list in the address."""
    _keep(_OWN, ",".join(codes))


def choose_group(available: Sequence[groups.Group]) -> str:
    """Let the reader choose a group; the choice stands in the address."""
    labels = {group.key: group.label for group in available}
    asked = st.query_params.get(_GROUP)
    start = asked if asked in labels else next(iter(labels))
    chosen = st.selectbox(
        "Jämför med",
        list(labels),
        index=list(labels).index(start),
        format_func=labels.__getitem__,
        key=f"group_{start}_{len(labels)}",
    )
    _keep(_GROUP, "" if chosen == next(iter(labels)) else chosen)
    return chosen


def choose_measure(labels: Mapping[str, str]) -> str:
    """Let the reader choose a measure by its label; the choice stands in the address."""
    asked = st.query_params.get(_MEASURE)
    keys = list(labels)
    start = asked if asked is not None and asked in labels else keys[0]
    chosen = st.selectbox(
        "Nyckeltal",
        keys,
        index=keys.index(start),
        format_func=labels.__getitem__,
        key=f"measure_{start}",
    )
    _keep(_MEASURE, "" if chosen == keys[0] else chosen)
    return chosen


def _keep(name: str, value: str) -> None:
    """Keep a choice in the address, or take it away when it is empty."""
    if not value:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def remember_address() -> None:
    """Carry the choices over when another page is opened: Streamlit empties the address then."""
    kept = st.session_state.setdefault("address", {})
    page = st.session_state.get("page_shown")
    now = st.context.url if hasattr(st.context, "url") else None
    if page is not None and now != page:
        for name in (_GROUP, _WEIGHTS, _OWN):
            if name not in st.query_params and kept.get(name):
                st.query_params[name] = kept[name]
    st.session_state["page_shown"] = now
    st.session_state["address"] = {n: st.query_params.get(n, "") for n in (_GROUP, _WEIGHTS, _OWN)}


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


def told_missing(store: Warehouse) -> None:
    """Say which months of notices were not collected, where there are any."""
    if told := calendar_of(store).told:
        st.html(f"<p class='lb-source'><strong>{escape(told)}</strong></p>")


def table(heads: Sequence[tuple[str, ...]], rows: Sequence[Sequence[str]], caption: str) -> None:
    """Show a table that becomes a list of cards on a phone.

    Parameters
    ----------
    heads
        (heading, class) or (heading, class, explanation): class ``n`` for numbers; the explanation
        shows when the pointer rests on the heading.
    rows
        Cells as HTML; the caller escapes what is not its own.
    caption
        What the table shows, for screen readers.
    """
    head = "".join(
        f"<th scope='col' class='{kind}' title='{escape(' '.join(told), quote=True)}'>{escape(text)}</th>"
        for text, kind, *told in heads
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td class='{kind}' data-label='{escape(text)}'><span>{cell}</span></td>"
            for (text, kind, *_), cell in zip(heads, row, strict=True)
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
