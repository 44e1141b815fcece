"""The page of the law's documents: their texts, when they were decided, and the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import statutory
from lagesbild.figures.archive import archive_of
from lagesbild.signals import documents
from lagesbild.signals.documents import CALLED, SECTIONS, Name, Written
from lagesbild.swedish import long_date
from pages.parts import choices, figure, files, markup, names, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.parts.who import Here

_TABS = {Name.SITUATION: "Lägesbild", Name.PLAN: "Åtgärdsplan"}


def shown(here: Here) -> None:
    """Show both documents, and what must be done about them."""
    markup.paragraph(
        "Lagen (2023:196) om kommuners ansvar för brottsförebyggande arbete kräver en lägesbild och en åtgärdsplan, som följs upp minst "
        "vartannat år. Siffrorna fylls i härifrån; det som en människa måste bedöma skriver ni själva."
    )
    names.shown()
    for told in documents.due(here.store, here.home, here.today):
        st.warning(told)
    for tab, name in zip(st.tabs(list(_TABS.values())), Name, strict=True):
        with tab:
            _document(here, name)


def _document(here: Here, name: Name) -> None:
    kept = documents.written(here.store, here.home, name)
    markup.loud_note(statutory.missing(kept))
    _texts(here, kept)
    _preview(here, kept)
    _versions(here, kept)


def _texts(here: Here, kept: Written) -> None:
    """Show the form of a document; what is saved is refused if somebody else has saved meanwhile."""
    key = f"document_{kept.name}_{kept.version}"
    with st.form(key):
        texts = {
            section: st.text_area(
                title, kept.text(section), help=told, placeholder=told, height=180, key=f"{key}_{section}"
            )
            for section, (title, told) in SECTIONS[kept.name].items()
        }
        day, by = st.columns(2)
        decided = day.date_input("Beslutad dag", kept.decided, format="YYYY-MM-DD", key=f"{key}_decided")
        decided_by = by.text_input(
            "Beslutad av",
            kept.decided_by,
            placeholder="kommunfullmäktige",
            max_chars=documents.LONGEST_BY,
            key=f"{key}_by",
        )
        pressed = st.form_submit_button("Spara", type="primary")
    if kept.id:
        markup.note(f"Senast sparat av {kept.changed_by}, version {kept.version}.")
    if pressed:
        changed = replace(kept, sections=texts, decided=decided, decided_by=decided_by)
        try:
            documents.keep(here.store, here.home, changed, here.person.actor)
        except ExplainedError as error:
            st.error(str(error))
        else:
            names.remember(*texts.values(), decided_by, store=here.store, home=here.home)
            st.rerun()


def _preview(here: Here, kept: Written) -> None:
    """Show what fills the document beside the texts, and let it be fetched."""
    markup.section("Förhandsvisa och hämta", "hamta")
    template, logo = files.letterhead()
    if kept.name is Name.PLAN:
        context = figure.context(here.warehouse, choices.panel(here.warehouse, here.home))
        plan = statutory.plan_of(here.store, context, here.home, here.today)
        rows = [
            (one.title, one.owner or "anges inte", long_date(one.ends) if one.ends else "anges inte")
            for one in (*plan.actions, *plan.promises)
        ]
        if rows:
            heads = [("Åtgärd eller löfte", ""), ("Ansvarig", ""), ("Till", "w")]
            markup.table(heads, rows, "Åtgärder och löften")
        else:
            markup.below_heading("Inga åtgärder är inlagda än.")
        made: Callable[[], bytes] = lambda: statutory.plan_docx(  # noqa: E731
            plan, here.home, here.name, here.today, template, logo
        )
        files.offered("plan", "atgardsplan", (kept, plan), made)
        return
    key = (here.warehouse.vintage, here.home, here.today, kept)
    files.offered("situation", "lagesbild", key, lambda: _situation(here))
    held = st.session_state.get("situation_said")
    if held and held[0] == (here.warehouse.vintage, here.home):
        with st.expander("Vad siffrorna säger", key="situation_told"):
            for told in held[1]:
                markup.paragraph(told)


def _situation(here: Here) -> bytes:
    """Return the picture of crime, and remember what its figures say, to be shown on the page."""
    archive = archive_of(stored.settings())
    found = statutory.situation_of(here.store, here.warehouse, archive, here.home, here.today)
    told: list[Any] = [" ".join(figure.content["said"]) for figure in found.figures]
    st.session_state["situation_said"] = ((here.warehouse.vintage, here.home), told)
    return statutory.situation_docx(found, here.home, here.name, here.today, *files.letterhead())


def _versions(here: Here, kept: Written) -> None:
    earlier = documents.versions(here.store, kept)[1:]
    if not earlier:
        return
    with st.expander(f"Tidigare versioner av {CALLED[kept.name]}", key=f"versions_{kept.name}"):
        for one in earlier:
            st.markdown(f"**Version {one.version}**")
            for section, (title, _) in SECTIONS[kept.name].items():
                if one.text(section):
                    markup.below_heading(title)
                    markup.paragraph(one.text(section))
