"""How every chart is shown: title, explanation, plot, the table behind it, and how to cite and fetch it."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st
from markupsafe import Markup

from lagesbild import ExplainedError
from lagesbild.charts.theme import CONFIG
from lagesbild.figures import sheets
from lagesbild.figures.archive import FORMATS, archive_of, provenance
from lagesbild.figures.catalogue import definition
from lagesbild.figures.ids import IdError
from lagesbild.figures.kept import KeptCharts
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext, names_own
from lagesbild.figures.render import MISSING, RenderError, browser_path
from pages.parts import choices, coordinator, long_table, markup, stored, visitor
from pages.parts.reading import HEADING, how_to_read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lagesbild.comparison.panel import Panel
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import FigureArchive, Frozen
    from lagesbild.figures.model import Chart, Table

#: The latest charts that were asked for, often the same: some pages of some municipalities.
_ASKED: deque[tuple[str, tuple[tuple[str, str | int], ...]]] = deque(maxlen=400)
#: Charts of a vintage that are at hand; the others are read anew.
_CHARTS = 256
#: The page that shows one cited chart alone.
SHORT = "d"
_MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def archive() -> FigureArchive:
    """Return the archive of frozen figures; readers who are not logged in fill it at a measured pace."""
    return archive_of(stored.settings(), None if coordinator.logged_in() else visitor.may_freeze)


def used(text: str) -> Frozen:
    """Return a frozen figure that somebody has asked for by its number, and keep it for ever; raises as `FigureArchive.open`."""
    found = archive().open(text)
    archive().keep(found.id)
    return found


def context(warehouse: Warehouse, panel: Panel) -> ChartContext:
    """Return what charts are drawn from, with the reader's own weights and list."""
    return ChartContext(warehouse, panel, *choices.group_settings())


def built(drawn_from: ChartContext, chart_id: str, parameters: Mapping[str, str | int]) -> Chart:
    """Return a chart of the register, drawn once for all readers who ask for the same.

    Raises
    ------
    ChartError
        As `catalogue.build` does.
    """
    asked = tuple(sorted(parameters.items()))
    if not (drawn_from.chosen or names_own(parameters)):  # what one has chosen nobody else will ask for
        _ASKED.append((chart_id, asked))
    kept = _kept(stored.settings().derived_folder)
    return drawn_from.warehouse.worked_out(
        "charts",
        lambda _: kept.chart(drawn_from, chart_id, parameters),
        (chart_id, asked, drawn_from.chosen),
        _CHARTS,
    )


@cache
def _kept(folder: Path) -> KeptCharts:
    return KeptCharts(folder)


def asked_lately() -> list[tuple[str, dict[str, str | int]]]:
    """Return the charts, of any vintage, that readers asked for lately: each one's name in the register and parameters."""
    return [(chart_id, dict(parameters)) for chart_id, parameters in dict.fromkeys(_ASKED.copy())]


def show(
    drawn_from: ChartContext,
    chart_id: str,
    key: str,
    parameters: Mapping[str, str | int],
    level: int = 2,
) -> Chart | None:
    """Draw a chart of the register; where it cannot be drawn, say nothing and return None.

    ``level`` is that of its heading, as in `markup.section`.
    """
    try:
        chart = built(drawn_from, chart_id, parameters)
    except ChartError:
        return None
    heading(chart, level)
    plot(chart, key)
    below(chart, key)
    return chart


def heading(chart: Chart, level: int = 2, of: str = "") -> None:
    """Show a chart's title and explanation.

    The heading's address is what the register calls the chart: the title states what is found, and a link to it would
    lead nowhere after the next figures. ``of`` tells apart what a page shows more than once.
    """
    markup.section(chart.title, markup.anchor_of(_called(chart, of)), level)
    markup.below_heading(chart.subtitle)


def _called(chart: Chart, of: str) -> str:
    name = definition(chart.id).name
    return f"{name}, {of}" if of else name


def named(chart: Chart) -> str:
    """Return what a chart shows, for those who cannot see it: its title, what is drawn, and where the numbers are."""
    title = "" if chart.title in chart.alt else f"{chart.title.rstrip('.?')}. "
    return f"{title}{chart.alt} Talen står i tabellen under diagrammet."


def frozen_name(frozen: Frozen) -> str:
    """Return what a cited chart's picture shows, for those who cannot see it."""
    alt = str(frozen.content["alt"])
    return alt if frozen.title in alt else f"{frozen.title.rstrip('.?')}. {alt}"


def plot(chart: Chart, key: str, **choices: Any) -> Any:
    """Show the plot in the page's width, with what it shows as its name; returns what was pressed."""
    markup.chart_text(named(chart), key)
    config = dict(CONFIG)
    if browser_path() is None:  # then the reader's own browser makes the picture
        config |= {
            "displayModeBar": True,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {"format": "svg"},
        }
    return st.plotly_chart(chart.figure, width="stretch", config=config, key=key, theme=None, **choices)


@st.fragment
def below(chart: Chart, key: str, of: str = "") -> None:
    """Show what stands below a plot: the table behind it, and how to cite and fetch it; ``of`` as in `heading`."""
    called = _called(chart, of)
    numbers = markup.folded(f"Tabell: {called}", f"{key}_table")
    if numbers.open:
        with numbers:
            table(chart.table, chart.title, key)
    with st.expander(f"{HEADING} ({called})", key=f"{key}_reading"):
        markup.paragraph(how_to_read(chart.id))
    # Not a popover: one that hangs over the page cannot be scrolled to when late charts push its button away.
    cite = markup.folded(f"Citera och ladda ned: {called}", f"{key}_cite")
    if cite.open:
        with cite:
            _cite(chart, key)


def table(shown: Table, caption: str, key: str) -> None:
    """Show the rows behind a chart."""
    heads = [(column.name, "" if column.places is None else "n") for column in shown.columns]
    long_table.table(heads, shown.texts, caption, key)


def _cite(chart: Chart, key: str) -> None:
    cited = f"cited_{chart.id}_{chart.vintage}_{sorted(chart.pinned.items())}"
    markup.below_heading(
        "Ett citerat diagram får ett nummer och sparas: bild, tal, källa, metod och datum. Numret ger tillbaka exakt "
        "samma diagram, även när uppgifterna har ändrats. Det sparas för alltid när det har öppnats med numret, använts i "
        "ett svar eller citerats av någon som är inloggad."
    )
    if browser_path() is None:
        st.warning(MISSING)
    if st.button("Citera", key=f"{key}_freeze", type="primary"):
        try:
            with visitor.heavy("Ritar och sparar ..."):
                st.session_state[cited] = archive().freeze(chart).id
        except (ExplainedError, RenderError) as error:
            st.error(str(error))
    if cited not in st.session_state:
        markup.below_heading("Bara talen, utan nummer:")
        with st.container(horizontal=True):
            for form, made in (
                ("csv", lambda: sheets.to_csv(chart, "inte citerat")),
                ("xlsx", lambda: _workbook(chart)),
            ):
                st.download_button(
                    form.upper(),
                    made,
                    f"{chart.id}.{form}",
                    _MIME[form],
                    key=f"{key}_only_{form}",
                    on_click="ignore",
                )
    else:
        try:
            frozen = archive().open(st.session_state[cited])
            offer(frozen, key)
            markup.below_heading(
                Markup("<a href='svar?diagram={}' target='_self'>Öppna {}</a>").format(frozen.id, frozen.id)
            )
        except (ExplainedError, IdError) as error:
            st.error(str(error))


def _workbook(chart: Chart) -> bytes:
    return sheets.to_xlsx(chart, provenance(chart, "inte citerat", datetime.now(UTC)))


def offer(frozen: Frozen, key: str) -> None:
    """Show how a frozen figure is cited, and its files to fetch."""
    st.code(citation(frozen), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        for form, name in FORMATS.items():
            if name in frozen.files:
                st.download_button(
                    form.upper(),
                    frozen.files[name],
                    f"{frozen.id}.{form}",
                    _MIME[form],
                    key=f"{key}_{form}",
                    on_click="ignore",
                )
    if frozen.remark:
        markup.below_heading(f"Utan bilder: {frozen.remark}")
    st.markdown("Kort adress, och kod för att visa diagrammet på en egen webbplats:")
    st.code(short_address(frozen.id), language=None, wrap_lines=True)
    st.code(embedding(frozen), language=None, wrap_lines=True)


def short_address(figure_id: str) -> str:
    """Return the address of a cited chart by itself."""
    return f"{_base()}/{SHORT}?nr={figure_id}"


def _base() -> str:
    """Return where the dashboard is: by the settings, or as this reader reached it."""
    known = stored.settings().public_address
    here = urlsplit(st.context.url or "")
    return (known or f"{here.scheme}://{here.netloc}").rstrip("/")


def embedding(frozen: Frozen) -> str:
    """Return the code that shows a cited chart, with its source line, in another page."""
    return str(
        Markup(
            '<iframe src="{}&amp;embed=true" title="{}" width="100%" height="640" style="border:0" loading="lazy"></iframe>'
        ).format(short_address(frozen.id), frozen.title)
    )


def citation(frozen: Frozen) -> str:
    """Return the line to put beside a figure."""
    address = stored.settings().public_address
    where = f" {address}/?diagram={frozen.id}" if address else ""
    told = f"Lägesbild, diagram {frozen.id}, citerat {frozen.frozen_at:%Y-%m-%d}."
    return f"{frozen.title}. {frozen.about}. {frozen.source_line} {told}{where}"
