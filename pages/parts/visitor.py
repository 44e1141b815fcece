"""What a visit may ask for that costs: by the reader's address, so that nobody shuts others out; heavy work in turn."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lagesbild import ExplainedError
from lagesbild.files.turns import Turns
from lagesbild.web import uploads
from lagesbild.web.pace import Pace, network_of
from pages.parts import markup, who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Documents and pictures are made one at a time: the browser and LibreOffice that make them each take a core.
TURNS = Turns(at_once=1, most=30, most_of_one=3)
#: New cited charts, documents and drafts from one address; a whole town hall may share one.
FIGURES, FIGURES_A_DAY = Pace(60, 3600), Pace(300, 24 * 3600)
DOCUMENTS, DRAFTS = Pace(60, 3600), Pace(30, 3600)
_T = TypeVar("_T")


def key() -> str:
    """Return whose budget the visit draws on: the person's who is logged in, else the address's."""
    person = who.reader_if_any()
    return person.id if person else network_of(st.context.ip_address)


def may_freeze() -> bool:
    """Count one more chart that this address cites; False where it is one too many."""
    own = key()
    return FIGURES.take(own) and FIGURES_A_DAY.take(own)


def may_begin() -> bool:
    """Count one more draft that this address begins; False where it is one too many."""
    return who.known() or DRAFTS.take(key())


@contextmanager
def heavy(doing: str) -> Iterator[None]:
    """Do something that takes a core for a while, in turn; the place in the line is shown.

    Parameters
    ----------
    doing
        What is shown while it is done.

    Raises
    ------
    ExplainedError
        If the line is full, or the address has asked for too many documents.
    """
    staff = who.known()
    own = key()
    _counted(own, staff=staff)
    place = st.empty()

    def told(before: int) -> None:
        with place:
            markup.status(f"Före dig i kön: {before}.")

    with st.spinner(doing), TURNS.turn(own, told, first=staff):
        place.empty()
        yield


def in_turn(made: Callable[[], _T]) -> Callable[[], _T]:
    """Return the making of a file that is asked for later, when no page is drawn: in turn, too; raises as `heavy`."""
    staff, own = who.known(), key()

    def waited() -> _T:
        _counted(own, staff=staff)
        with TURNS.turn(own, first=staff):
            return made()

    return waited


def expect_files() -> None:
    """Take files of this visit: the page that is drawn has a field for them."""
    context = get_script_run_ctx()
    if context is not None:
        uploads.expect(context.session_id)


def _counted(own: str, *, staff: bool) -> None:
    if not staff and not DOCUMENTS.take(own):
        raise ExplainedError("Du har begärt många dokument på kort tid. Försök igen om en stund.")
