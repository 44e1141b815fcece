"""The claim check: a statement typed or chosen, and what the figures say of it on one page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import claim_page, claims
from lagesbild.answers.claims import Claim, ClaimKind, ClaimOutcome
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER
from pages.parts import choices, figure, markup

if TYPE_CHECKING:
    from lagesbild.answers.claims import Checked
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import FigureArchive, Frozen
    from lagesbild.figures.model import Chart

_KINDS = {
    ClaimKind.DOES_NOT: "sticker inte ut",
    ClaimKind.STANDS_OUT: "sticker ut",
    ClaimKind.RISEN: "har ökat",
    ClaimKind.FALLEN: "har minskat",
    ClaimKind.MORE_THAN: "fler än i en annan kommun",
    ClaimKind.FEWER_THAN: "färre än i en annan kommun",
}
_SYMBOLS = {
    ClaimOutcome.HOLDS: "✓",
    ClaimOutcome.FAILS: "✗",
    ClaimOutcome.DEPENDS: "≈",
    ClaimOutcome.UNDECIDED: "?",
}


def checker(warehouse: Warehouse, archive: FigureArchive) -> None:
    """Let the reader state something, and show what the figures say."""
    home = choices.home_in_address(warehouse)
    context = ChartContext(warehouse, choices.panel(warehouse, home))
    typed = st.text_input(
        "Skriv påståendet",
        placeholder="Vår kommun sticker inte ut",
        max_chars=300,
        key="claim_text",
        help="Till exempel: våldsbrotten har ökat, eller: brotten är fler än i Kumla.",
    )
    try:
        claim = claims.understood(context, typed, home) if typed.strip() else None
    except ChartError as error:
        st.warning(str(error))
        return
    if typed.strip() and claim is None:
        st.info("Påståendet gick inte att tolka. Välj i stället här nedanför.")
    claim = claim or _chosen(context, home)
    if claim is None:
        return
    try:
        checked = claims.check(context, claim)
    except ChartError as error:
        st.warning(str(error))
        return
    _show(checked)
    drawn = _charts(context, checked)
    _fetch(checked, drawn, archive)


def _chosen(context: ChartContext, home: str) -> Claim | None:
    usual = {
        key: context.panel.indicators[key].short
        for key in context.panel.standard
        if context.panel.years(key, home)
    }
    if not usual:
        st.info("Det finns inga uppgifter att pröva påståenden mot. Kör kommandot: lagesbild ingest")
        return None
    first, second, third = st.columns(3)
    indicator = first.selectbox(
        "Nyckeltal", list(usual), format_func=usual.__getitem__, key="claim_indicator"
    )
    kind = second.selectbox("Påståendet", list(_KINDS), format_func=_KINDS.__getitem__, key="claim_kind")
    other = ""
    if kind in {ClaimKind.MORE_THAN, ClaimKind.FEWER_THAN}:
        codes = [code for code in context.names if code != home]
        other = third.selectbox("Kommun", codes, format_func=context.names.__getitem__, key="claim_other")
    return Claim(kind, home, indicator, other)


def _show(checked: Checked) -> None:
    markup.answer(
        f"{checked.outcome.value}: ”{checked.wording}”",
        checked.said,
        symbol=_SYMBOLS[checked.outcome],
        count=checked.certainty,
    )
    rows = [
        (
            view.name,
            markup.verdict(f"{_SYMBOLS[view.outcome]} {view.outcome.value}"),
            view.why,
        )
        for view in checked.views
    ]
    markup.table(
        [("Jämförelse", ""), ("Påståendet", "w"), ("Varför", "")], rows, "Påståendet i olika jämförelser"
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Så skulle en rubrik kunna lyda**")
        markup.paragraph(checked.press)
    with right:
        st.markdown("**Så låter det rättvist**")
        markup.paragraph(checked.fair)
    markup.note(checked.limits)


def _charts(context: ChartContext, checked: Checked) -> list[Chart]:
    drawn = []
    for chart_id, parameters in checked.charts:
        try:
            drawn.append(build(context, chart_id, parameters))
        except ChartError:  # a survey has no funnel
            continue
    for n, (chart, column) in enumerate(
        zip(drawn, st.columns(max(len(drawn), 1), gap="large"), strict=False)
    ):
        with column:
            figure.heading(chart)
            figure.plot(chart, f"claim_{n}")
            figure.below(chart, f"claim_{n}")
    return drawn


def _fetch(checked: Checked, drawn: list[Chart], archive: FigureArchive) -> None:
    if not st.button("Gör en sida att skriva ut (PDF)", key="claim_pdf"):
        return
    try:
        with st.spinner("Citerar diagrammen och gör sidan ..."):
            figures = [archive.freeze(chart) for chart in drawn]
            page = RENDERER.printed(
                claim_page.html(checked, figures, [_picture(frozen) for frozen in figures])
            )
    except ExplainedError as error:
        st.error(str(error))
        return
    st.download_button(
        "Hämta sidan", page, "pastaende.pdf", "application/pdf", key="claim_file", on_click="ignore"
    )
    markup.below_heading(f"Diagrammen är citerade: {', '.join(frozen.id for frozen in figures)}.")


def _picture(frozen: Frozen) -> str:
    return "data:image/png;base64," + base64.b64encode(frozen.file("png")).decode()
