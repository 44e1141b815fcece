"""What the reader chooses: municipality, group, measure, weights, own list. Choices stand in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.comparison import groups
from lagesbild.comparison.characteristics import ChoiceError, Weights
from lagesbild.comparison.panel import Panel
from pages.parts.stored import default_municipality, names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.data.warehouse import Warehouse

_PARAMETER = "kommun"
_CHOICE = "chosen_municipality"
_GROUP, _WEIGHTS, _OWN, _MEASURE = "grupp", "vikter", "egen", "nyckeltal"


def choose_municipality(warehouse: Warehouse) -> str:
    """Let the reader choose the home municipality; the choice stands in the address.

    An address with an unknown code gives a message and the municipality of the settings.
    """
    available = names(warehouse)
    codes = list(available)
    asked = st.query_params.get(_PARAMETER)
    default = default_municipality(warehouse)
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


def home_in_address(warehouse: Warehouse) -> str:
    """Return the municipality that was chosen on another page, else that of the settings; nothing is asked."""
    available = names(warehouse)
    wanted = (st.session_state.get(_CHOICE), st.query_params.get(_PARAMETER), default_municipality(warehouse))
    return next((code for code in wanted if code in available), next(iter(available)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _panel(
    vintage: str,
    weights: tuple[tuple[str, float], ...],
    own: tuple[tuple[str, tuple[str, ...]], ...],
    _warehouse: Warehouse,
) -> Panel:
    del vintage  # only a key
    return Panel(_warehouse, dict(weights), dict(own))


def panel(warehouse: Warehouse, home: str) -> Panel:
    """Return all municipalities with the reader's own weights and own list."""
    own = own_list(warehouse, home)
    return _panel(
        warehouse.vintage, tuple(weights().chosen.items()), ((home, own),) if own else (), warehouse
    )


def weights() -> Weights:
    """Return the weights of characteristics that the reader has changed: ``?vikter=unga:2,tathet:0``."""
    try:
        return Weights.parse(st.query_params.get(_WEIGHTS, ""))
    except ChoiceError as error:
        _refuse(_WEIGHTS, f"Vikterna i adressen används inte. {error}")
        return Weights({})


def _refuse(name: str, told: str) -> None:
    """Take what cannot be used out of the address, and say so."""
    _keep(name, "")
    st.session_state.get("address", {}).pop(name, None)  # else the next page would be given it again
    st.warning(told)


def group_settings() -> tuple[str, str]:
    """Return the reader's weights and own list as they stand in the address."""
    return st.query_params.get(_WEIGHTS, ""), st.query_params.get(_OWN, "")


def set_weights(chosen: Mapping[str, float]) -> None:
    """Keep the weights that differ from the default ones in the address."""
    _keep(_WEIGHTS, Weights(chosen).text)


def own_list(warehouse: Warehouse, home: str) -> tuple[str, ...]:
    """Return the reader's own list of municipalities: ``?egen=1880,1881``."""
    try:
        return groups.own_list(st.query_params.get(_OWN, ""), names(warehouse), home)
    except ChoiceError as error:
        _refuse(_OWN, f"Den egna listan i adressen används inte: {error}")
        return ()


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
