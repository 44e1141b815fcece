"""A cited chart by itself: its picture, its source line and its number, to link to or to show in another page."""

import streamlit as st
from markupsafe import Markup

from lagesbild import ExplainedError
from pages.parts import figure, markup


def _page() -> None:
    markup.page_title("Citerat diagram")
    try:
        frozen = figure.used(st.query_params.get("nr", ""))
    except ExplainedError as error:
        st.error(str(error))
        return
    if frozen.withdrawn:
        st.error(f"Diagrammet ska inte användas. Skäl: {frozen.withdrawn}")
    if "picture.png" in frozen.files:
        markup.picture(frozen.file("png"), figure.frozen_name(frozen), "frozen_picture")
    else:
        markup.section(frozen.title, "diagram")
        figure.table(frozen.table, frozen.title, "alone")
    markup.note(f"{frozen.title}. {frozen.source_line}")
    markup.below_heading(
        Markup("Lägesbild, diagram <a href='svar?diagram={}' target='_blank' rel='noopener'>{}</a>.").format(
            frozen.id, frozen.id
        )
    )


_page()
