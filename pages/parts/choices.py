"""What the reader chooses: municipality, group, measure, weights, own list. Choices stand in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from lagesbild.comparison import groups
from lagesbild.comparison.characteristics import ChoiceError, Weights
from lagesbild.comparison.panel import Panel
from lagesbild.data import municipality
from pages.parts.municipality_box import municipality_box
from pages.parts.stored import default_municipality, names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from lagesbild.data.warehouse import Warehouse

_PARAMETER = "kommun"
_CHOICE = "chosen_municipality"
#: Weights and lists of readers' own that are kept, each with all municipalities.
_OWN_PANELS = 8
_GROUP, _WEIGHTS, _OWN, _MEASURE = "grupp", "vikter", "egen", "nyckeltal"
#: What goes along from page to page, and where it is remembered.
_CARRIED, _ALONG = (_GROUP, _MEASURE, _WEIGHTS, _OWN), "address"
_Key = TypeVar("_Key", str, int)


def choose_municipality(warehouse: Warehouse) -> str:
    """Let the reader choose the home municipality; the choice stands in the address.

    An address with an unknown code gives a message and the municipality of the settings.
    """
    available = names(warehouse)
    asked = st.query_params.get(_PARAMETER)
    if asked is not None:
        asked = municipality.surely_meant(asked, available) or asked
    default = default_municipality(warehouse)
    if asked is not None and asked not in available:
        # The address is anybody's text: only what could be a code is repeated.
        told = f"koden ”{asked}”" if re.fullmatch(r"\w{1,10}", asked) else "den koden"
        st.warning(
            f"Det finns ingen kommun med {told}. Här visas {available.get(default, 'den första')} i stället."
        )
    start = next(
        (code for code in (st.session_state.get(_CHOICE), asked, default) if code in available),
        next(iter(available)),
    )
    if asked in available and st.session_state.get("asked_municipality") != asked:
        start = asked
    chosen = municipality_box("Kommun", available, start, "kommun_box")
    st.session_state[_CHOICE] = chosen
    st.session_state["asked_municipality"] = chosen
    if st.query_params.get(_PARAMETER) != chosen:
        st.query_params[_PARAMETER] = chosen
    if chosen != start:
        st.rerun()
    return chosen


def home_in_address(warehouse: Warehouse) -> str:
    """Return the municipality of the address, or of another page, or of the settings; nothing is asked.

    It stands in the address afterwards, so that a reload or a shared link means the same.
    """
    available = names(warehouse)
    wanted = (st.query_params.get(_PARAMETER), st.session_state.get(_CHOICE), default_municipality(warehouse))
    home = next((code for code in wanted if code in available), next(iter(available)))
    st.session_state[_CHOICE] = home
    _keep(_PARAMETER, home)
    return home


def usual_panel(warehouse: Warehouse) -> Panel:
    """Return all municipalities as they are where the reader has chosen nothing."""
    return warehouse.worked_out("panel", Panel)


def panel(warehouse: Warehouse, home: str) -> Panel:
    """Return all municipalities with the reader's own weights and own list."""
    own, chosen = own_list(warehouse, home), weights().chosen
    if not (own or chosen):
        return usual_panel(warehouse)
    return warehouse.worked_out(
        "panels of readers' own",
        lambda whole: Panel(whole, chosen, {home: own} if own else None),
        (tuple(chosen.items()), home if own else "", own),
        _OWN_PANELS,
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
    return choose("Jämför med", {group.key: group.label for group in available}, _GROUP)


def group_asked() -> bool:
    """Tell whether the reader has asked for a group, instead of being given the first."""
    return _GROUP in st.query_params


def measure_asked() -> str:
    """Return the measure that the address asks for; empty where none."""
    return st.query_params.get(_MEASURE, "")


def choose_measure(labels: Mapping[str, str]) -> str:
    """Let the reader choose a measure by its label; the choice stands in the address."""
    return choose("Nyckeltal", labels, _MEASURE)


def choose(label: str, labels: Mapping[_Key, str], parameter: str, default: _Key | None = None) -> _Key:
    """Let the reader choose one of several in a list; the choice stands in the address unless it is the default.

    Parameters
    ----------
    labels
        What each choice is called; what stands in the address is its key.
    default
        What is chosen at first; the first one if None.
    """
    first = _followed(labels, parameter, default)
    chosen = st.selectbox(label, list(labels), format_func=labels.__getitem__, key=parameter)
    return _kept(parameter, chosen, first)


def choose_button(
    label: str, labels: Mapping[_Key, str], parameter: str, default: _Key | None = None
) -> _Key:
    """Let the reader choose one of a few that are all seen; see `choose`. One alone is chosen without asking."""
    first = _followed(labels, parameter, default)
    if len(labels) == 1:
        return first
    chosen = st.radio(label, list(labels), format_func=labels.__getitem__, horizontal=True, key=parameter)
    return _kept(parameter, chosen, first)


def choose_tab(
    labels: Mapping[str, str], default: str | None = None, parameter: str = "flik"
) -> tuple[str, DeltaGenerator]:
    """Let the reader open one of several tabs; which one stands in the address. Returns its key and where it is drawn.

    Only what is in the open one needs to be worked out. A ``default`` may hold for a moment only (a draft that is
    being written): then the address always says which tab is open.
    """
    keys = {label: key for key, label in labels.items()}
    first = _followed(labels, parameter, default, {key: label for label, key in keys.items()})
    drawn = st.tabs(list(keys), key=parameter, on_change="rerun")
    label, where = next(((one, tab) for one, tab in zip(keys, drawn, strict=True) if tab.open))
    st.session_state[f"{parameter}_last"] = label
    _keep(parameter, "" if default is None and keys[label] == first else keys[label])
    return keys[label], where


def typed(label: str, parameter: str, **told: Any) -> str:
    """Let the reader write a text that stands in the address; returns it without space around it."""
    asked = st.query_params.get(parameter, "")
    if st.session_state.get(parameter, "") == st.session_state.get(f"{parameter}_last", ""):
        st.session_state[parameter] = asked
    text = str(st.text_input(label, key=parameter, **told)).strip()
    st.session_state[f"{parameter}_last"] = text
    _keep(parameter, text)
    return text


def set_choice(parameter: str, value: str) -> None:
    """Choose for the reader, as when a map has been pressed; the control that follows the parameter shows it."""
    _keep(parameter, value)


def _followed(
    labels: Mapping[_Key, str],
    parameter: str,
    default: _Key | None,
    values: Mapping[_Key, object] | None = None,
) -> _Key:
    """Let a control follow the address, unless the reader has just changed it; returns what is chosen at first.

    The control's key never changes: what is focused stays focused. The address is changed by going back or by a link,
    and without any word in it the default holds, which may be another than before.
    """
    first = default if default is not None and default in labels else next(iter(labels))
    asked = st.query_params.get(parameter)
    wanted = next((key for key in labels if str(key) == asked), first)
    values = values or {key: key for key in labels}
    now = st.session_state.get(parameter)
    if now == st.session_state.get(f"{parameter}_last") or now not in values.values():
        st.session_state[parameter] = values[wanted]
    return first


def _kept(parameter: str, chosen: _Key, first: _Key) -> _Key:
    st.session_state[f"{parameter}_last"] = chosen
    _keep(parameter, "" if chosen == first else str(chosen))
    return chosen


def _keep(name: str, value: str) -> None:
    """Keep a choice in the address, or take it away when it is empty; what goes along is remembered."""
    if name in _CARRIED:
        st.session_state.setdefault(_ALONG, {})[name] = value
    if not value:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def remember_address() -> None:
    """Carry the choices over when another page is opened: Streamlit empties the address then.

    An address that names a municipality is whole: it was shared, kept, or is gone back to.
    """
    kept = st.session_state.get(_ALONG, {})
    if _PARAMETER not in st.query_params:
        for name in _CARRIED:
            if name not in st.query_params and kept.get(name):
                st.query_params[name] = kept[name]
    st.session_state[_ALONG] = {name: st.query_params.get(name, "") for name in _CARRIED}
