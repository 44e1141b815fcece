"""What looks like a person's name in what has just been saved: asked about once, and never refused, since it is a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.signals import screening
from lagesbild.swedish import joined
from pages.parts import markup, signal_list

if TYPE_CHECKING:
    from lagesbild.signals.database import LocalFile

_LOOK_LIKE = "look_like_names"
_MOST = 5


def remember(*texts: str, store: LocalFile, home: str) -> None:
    """Remember what looks like names in texts that are saved; a municipality's places are none."""
    allowed = [place.name for place in signal_list.places_in(store, home)]
    found = [one.text for text in texts for one in screening.screen(text, allowed=allowed) if not one.certain]
    st.session_state[_LOOK_LIKE] = list(dict.fromkeys(found))


def shown() -> None:
    """Show one note on what was remembered, and forget it."""
    found = st.session_state.pop(_LOOK_LIKE, [])
    if not found:
        return
    listed = joined(found[:_MOST] + (["fler"] if len(found) > _MOST else []))
    markup.loud_note(
        f"Ser ut som ett namn: {listed}. Skriv funktionen i stället, om det är en person."
        if len(found) == 1
        else f"Ser ut som namn: {listed}. Skriv funktionerna i stället, om det är personer."
    )
