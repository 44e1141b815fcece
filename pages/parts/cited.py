"""A cited chart by its number: as it was, beside what it would be today, and what has been revised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from lagesbild import ExplainedError
from lagesbild.figures.catalogue import all_definitions
from lagesbild.figures.model import ChartError
from lagesbild.figures.revisions import drawn_now, revision_text, revisions
from lagesbild.swedish import long_date
from pages.parts import coordinator, figure, markup, stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import Frozen, Listed
    from lagesbild.figures.model import Cell, Chart, Column
    from lagesbild.figures.revisions import Revisions

PARAMETER = "diagram"
_MOST_LISTED = 200
_MOST_CHANGES = 100


def ask(warehouse: Warehouse) -> None:
    """Ask for a chart's number, or take it from the address, and show that chart."""
    asked = st.query_params.get(PARAMETER, "")
    given = st.text_input(
        "Diagrammets nummer", value=asked, placeholder="LB-1861-7QK4M2", key=f"chart_id_{asked}", max_chars=40
    )
    if given.strip() != asked.strip():
        if given.strip():
            st.query_params[PARAMETER] = given.strip()
        else:
            st.query_params.pop(PARAMETER, None)
    if not given.strip():
        return
    try:
        frozen = figure.used(given)
    except ExplainedError as error:
        st.error(str(error))
        return
    _show(warehouse, frozen)


def _show(warehouse: Warehouse, frozen: Frozen) -> None:
    day = long_date(frozen.frozen_at.date())
    markup.section(frozen.title, "citerat")
    put_here = (
        ""
        if frozen.listed
        else " Filen har lagts in från en annan installation; innehållet stämmer med numret."
    )
    markup.below_heading(
        f"{frozen.id}, citerat {day} med Lägesbild {frozen.code_version}, datalager "
        f"{frozen.content['vintage']!s}.{put_here}"
    )
    if frozen.withdrawn:
        st.error(f"Diagrammet ska inte användas. Skäl: {frozen.withdrawn}")
    if coordinator.logged_in():
        _withdraw(frozen)
    try:
        now: Chart | None = drawn_now(frozen, warehouse)
        why = ""
    except ChartError as error:
        now, why = None, str(error)
    found = revisions(frozen.table, now.table) if now else None
    if found is None:
        st.warning(f"Dagens motsvarighet kan inte ritas: {why}")
    elif found.revised:
        st.warning(revision_text(found))
    else:
        st.success(revision_text(found))
    left, right = st.columns(2, gap="large")
    with left:
        markup.section(f"Som det citerades {day}", "citerat", 3)
        if "picture.png" in frozen.files:
            markup.picture(frozen.file("png"), figure.frozen_name(frozen), "frozen_picture")
        else:
            st.info(f"Bilden saknas: {frozen.remark} Talen finns nedan.")
        with st.expander("Tabell: Som det citerades", key="frozen_table"):
            figure.table(frozen.table, frozen.title, "frozen")
        figure.offer(frozen, "frozen")
    with right:
        markup.section("Med dagens uppgifter", "idag", 3)
        if now:
            markup.below_heading(f"{now.title}. {now.source_line}")
            figure.plot(now, "drawn_now")
            if found:
                _changes(frozen, found)
            figure.below(now, "drawn_now", "med dagens uppgifter")
    st.divider()


def _withdraw(frozen: Frozen) -> None:
    """Let the coordinator mark a chart as a mistake; it is kept, and can be used again."""
    with st.expander("Märk som misstag", key="withdraw"):
        why = st.text_input(
            "Skäl (syns för alla)", frozen.withdrawn, key=f"withdraw_{frozen.id}", max_chars=300
        )
        label = "Ta bort märkningen" if frozen.withdrawn and not why.strip() else "Märk diagrammet"
        if st.button(label, key="withdraw_do", disabled=not (why.strip() or frozen.withdrawn)):
            try:
                figure.archive().withdraw(frozen.id, why)
            except ExplainedError as error:
                st.error(str(error))
                return
            st.rerun()


def _changes(frozen: Frozen, found: Revisions) -> None:
    with st.expander("Vad har ändrats?", expanded=True, key="revisions"):
        rows = [
            (
                one.row,
                one.column.name,
                _cell(frozen, one.then, one.column),
                _cell(frozen, one.now, one.column),
            )
            for one in found.changed[:_MOST_CHANGES]
        ]
        rows += [(key, "hela raden", "fanns inte", "finns") for key in found.added[:_MOST_CHANGES]]
        rows += [(key, "hela raden", "fanns", "finns inte") for key in found.gone[:_MOST_CHANGES]]
        markup.table([("Rad", ""), ("Uppgift", ""), ("Då", "n"), ("Nu", "n")], rows, "Ändrade uppgifter")


def _cell(frozen: Frozen, value: Cell, column: Column) -> str:
    return frozen.table.shown(value, column)


def _sought(items: Sequence[Listed], names: Mapping[str, str]) -> list[Listed]:
    """Let the list be searched, and cut to one municipality."""
    codes = sorted({item.id.split("-")[1] for item in items}, key=lambda code: names.get(code, code))
    left, right = st.columns([3, 2])
    words = left.text_input("Sök bland citerade diagram", key="cited_search", max_chars=80).lower().split()
    chosen = right.selectbox(
        "Kommun", ["", *codes], format_func=lambda code: names.get(code, "Alla kommuner"), key="cited_place"
    )
    return [
        item
        for item in items
        if all(word in f"{item.id} {item.title}".lower() for word in words)
        and (not chosen or item.id.split("-")[1] == chosen)
    ]


def listed(warehouse: Warehouse) -> None:
    """Show what the archive holds, and which charts there are."""
    every = list(figure.archive().listed())
    names = {entry.id: entry for entry in all_definitions()}
    items = _sought(every, stored.names(warehouse)) if every else []
    if every and not items:
        markup.below_heading("Inget citerat diagram stämmer med det du söker.")
    elif items:
        rows = [
            (
                Markup("<a href='?{}={}' target='_self'>{}</a>").format(PARAMETER, item.id, item.id),
                f"{item.title} (märkt som misstag)" if item.withdrawn else item.title,
                names[item.chart].name if item.chart in names else "",
                long_date(item.frozen_at.date()),
            )
            for item in items[:_MOST_LISTED]
        ]
        if len(items) > _MOST_LISTED:
            markup.note(f"De {_MOST_LISTED} senaste av {len(items)}. Sök för att hitta äldre.")
        markup.table(
            [("Nummer", "w"), ("Vad det visar", ""), ("Diagram", ""), ("Citerat", "w")],
            rows,
            "Citerade diagram",
        )
    else:
        markup.below_heading(
            "Inget diagram är citerat ännu. Tryck på Citera och ladda ned under ett diagram på någon sida."
        )
    with st.expander("Alla slags diagram och frågan de svarar på", key="register"):
        kinds = [(entry.name, entry.question) for entry in names.values()]
        markup.table([("Diagram", ""), ("Fråga", "")], kinds, "Alla slags diagram")
