"""The fact sheet of what a page shows: one page of A4 to take to a meeting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.answers.document import logo_in
from lagesbild.answers.fact_sheet import NO_BROWSER, fact_sheet, file_name
from lagesbild.figures.render import browser_path
from pages.parts import markup, stored, visitor

if TYPE_CHECKING:
    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.register import ChartContext


def offer(warehouse: Warehouse, drawn_from: ChartContext, comparison: Comparison, name: str) -> None:
    """Show the button that makes the fact sheet of a comparison when it is pressed, and gives it away.

    Parameters
    ----------
    name
        The municipality's.
    """
    if browser_path() is None:
        markup.note(NO_BROWSER)
        return
    home = next(code for code, known in drawn_from.names.items() if known == name)
    measure, group, settings = comparison.indicator_id, comparison.group.key, stored.settings()
    made = partial(
        fact_sheet,
        drawn_from,
        home,
        measure,
        group,
        base=stored.public_address(),
        folder=settings.derived_folder,
        logo=logo_in(settings.templates_folder),
    )
    st.download_button(
        "Faktablad (PDF)",
        visitor.in_turn(made),
        file_name(drawn_from, home, measure),
        "application/pdf",
        key=f"fact_sheet_{warehouse.vintage}_{home}_{measure}_{group}",
        help="En sida A4 med svaret, diagrammen, jämförelserna och källorna.",
        icon=":material/description:",
        on_click="ignore",
    )
