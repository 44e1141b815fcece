"""Tables that are longer than anybody reads: searched, and turned page by page on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from lagesbild.swedish import number, plain
from pages.parts import choices, markup

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rows that are shown at once.
ON_A_PAGE = 20
#: From so many rows on a table is searched.
_LONG = 25
_Row = TypeVar("_Row")


def turned(rows: Sequence[_Row], parameter: str, listed: str) -> Sequence[_Row]:
    """Let the reader turn the pages of a list, and say where in it one is; returns the rows of the page.

    Parameters
    ----------
    parameter
        Where the page stands in the address.
    listed
        What the list is: another list, or another order, begins on its first page.
    """
    pages = -(-len(rows) // ON_A_PAGE)
    if st.session_state.setdefault(f"{parameter}_of", listed) != listed:
        st.session_state[f"{parameter}_of"] = listed
        choices.set_choice(parameter, "")
    page = 1
    if pages > 1:
        page = choices.choose("Sida", {n: f"{n} av {pages}" for n in range(1, pages + 1)}, parameter)
    return _page(rows, page, pages)


def table(heads: Sequence[tuple[str, ...]], rows: Sequence[Sequence[str]], caption: str, key: str) -> None:
    """Show a table; a long one with a search and pages of its own, which do not stand in the address."""
    if len(rows) <= _LONG:
        markup.table(heads, rows, caption)
        return
    sought = plain(st.text_input(f"Sök i tabellen: {caption}", max_chars=40, key=f"{key}_sought"))
    found = [row for row in rows if sought in plain(" ".join(map(str, row)))] if sought else rows
    if not found:
        markup.below_heading("Ingen rad har det du söker.")
        return
    pages = -(-len(found) // ON_A_PAGE)
    page = 1
    if pages > 1:
        page = st.selectbox(
            f"Sida i tabellen: {caption}", list(range(1, pages + 1)), key=f"{key}_page_{pages}"
        )
    markup.table(heads, _page(found, page, pages), caption)


def _page(rows: Sequence[_Row], page: int, pages: int) -> Sequence[_Row]:
    first = (page - 1) * ON_A_PAGE
    shown = rows[first : first + ON_A_PAGE]
    markup.below_heading(
        f"Visar {number(first + 1)}–{number(first + len(shown))} av {number(len(rows))}"
        f"{f', sida {page} av {pages}' if pages > 1 else ''}."
    )
    return shown
