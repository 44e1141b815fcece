"""Documents that are made when somebody asks for them: Word or PDF, to be fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers.document import logo_in, template_in, to_pdf
from pages.parts import stored, visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def letterhead() -> tuple[Path, Path | None]:
    """Return the municipality's own template and logo, or the program's."""
    folder = stored.settings().templates_folder
    return template_in(folder), logo_in(folder)


def offered(key: str, name: str, of: object, made: Callable[[], bytes]) -> None:
    """Offer a document as Word and as PDF; each is made when asked for, and is then there to be fetched.

    Parameters
    ----------
    key
        Of this document on the page.
    name
        What the file is called, without its ending.
    of
        What the document is of: where it is something else, what was made before is no longer offered.
    made
        Returns the Word file.
    """
    held = st.session_state.get(f"{key}_files")
    files: dict[str, bytes] = held[1] if held and held[0] == of else {}
    for column, form in zip(st.columns(2), _KINDS, strict=True):
        told = "Word" if form == "docx" else "PDF"
        with column:
            if form not in files and st.button(f"Gör {told}", key=f"{key}_{form}", width="stretch"):
                try:
                    with visitor.heavy("Gör dokumentet ..."):
                        raw = files.get("docx") or made()
                        files = {**files, "docx": raw} | ({"pdf": to_pdf(raw)} if form == "pdf" else {})
                    st.session_state[f"{key}_files"] = (of, files)
                    st.rerun()
                except ExplainedError as error:
                    st.error(str(error))
            if form in files:
                st.download_button(
                    f"Hämta {told}",
                    files[form],
                    f"{name}.{form}",
                    _KINDS[form],
                    key=f"{key}_{form}_file",
                    on_click="ignore",
                    width="stretch",
                )
