"""What can be done with a page: its address copied, and where the reader goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping


def row(links: Mapping[str, str]) -> None:
    """Show a button that copies the page's address, and links onwards.

    Parameters
    ----------
    links
        Addresses by what they are called.
    """
    onwards = Markup().join(
        Markup("<a href='{}' target='_self'>{}</a>").format(address, told) for told, address in links.items()
    )
    st.html(
        Markup(
            "<div class='lb-share'><button type='button' class='lb-copy'>Kopiera länken</button>{}"
            "<span role='status'></span></div>"
        ).format(onwards)
    )
