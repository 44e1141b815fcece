"""A box to choose a municipality in: by name with or without å, ä and ö, by code, or misspelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.data.municipality import meant

if TYPE_CHECKING:
    from collections.abc import Mapping

#: More municipalities than this are not named: whoever searches writes more letters.
_MOST_NAMED = 6


def municipality_box(label: str, available: Mapping[str, str], start: str, key: str) -> str:
    """Let the reader choose one of some municipalities by name or code; what cannot be read is told, and nothing changes.

    The browser finds what is written in the names as they are. Anything else that is typed comes here: see
    `municipality.meant`.

    Parameters
    ----------
    available
        Names by code, in the order they are shown.
    start
        The code that is chosen to begin with, and again whenever it is another.
    key
        The widget's, the same whatever is chosen: the browser remembers what was typed under each key.
    """
    # Not the index: Streamlit warns where both it and the state, which `_resolve` writes, say what to begin with.
    # Written anew unless the reader has just changed it: on another page the state seems to be there and is not.
    untouched = key not in st.session_state or st.session_state[key] == st.session_state.get(_former(key))
    if untouched or st.session_state.get(_began(key)) != start:
        st.session_state[key] = start
    st.session_state[_began(key)] = start
    chosen = st.selectbox(
        label,
        list(available),
        format_func=lambda code: available.get(code, code),
        key=key,
        accept_new_options=True,
        placeholder="Skriv namn eller kod",
        on_change=_resolve,
        args=(key, dict(available)),
    )
    told = st.session_state.pop(_told(key), "")
    if told:
        st.warning(told)
    st.session_state[_former(key)] = chosen
    return chosen


def _resolve(key: str, available: dict[str, str]) -> None:
    """Put a code in the place of what was typed, or the former choice back with a message."""
    typed = st.session_state[key]
    if typed not in available:
        found = meant(str(typed or ""), available)
        if len(found) == 1:
            typed = found[0]
        else:
            st.session_state[_told(key)] = not_found(str(typed or ""), [available[code] for code in found])
            typed = st.session_state[_former(key)]
        st.session_state[key] = typed


def take_back(key: str) -> None:
    """Let a box show what it began with the next time the page is drawn: the choice cannot be used."""
    st.session_state.pop(_began(key), None)


def not_found(typed: str, names: list[str]) -> str:
    """Return the message for what is no municipality, or may be several; anybody's text is repeated only as letters."""
    shown = "".join(letter for letter in typed if letter.isalnum() or letter in " -")[:40].strip()
    if not names:
        return f"Det finns ingen kommun som heter eller har koden ”{shown}”. Välj i listan eller skriv på ett annat sätt."
    if len(names) > _MOST_NAMED:
        return f"{len(names)} kommuner börjar på ”{shown}”. Skriv fler bokstäver."
    return f"”{shown}” kan vara {' eller '.join([', '.join(names[:-1]), names[-1]])}. Skriv fler bokstäver eller välj i listan."


def _began(key: str) -> str:
    return f"{key}_began"


def _former(key: str) -> str:
    return f"{key}_former"


def _told(key: str) -> str:
    return f"{key}_told"
