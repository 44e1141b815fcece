"""The claim check: how a typed statement is read, and what the figures say of it once the reading is confirmed."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild import ExplainedError
from lagesbild.answers import claim_page, claims, statement
from lagesbild.answers.claims import ClaimOutcome
from lagesbild.answers.statement import Area, Relation, Statement
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER
from pages.parts import choices, figure, markup, visitor

if TYPE_CHECKING:
    from lagesbild.answers.claims import Checked
    from lagesbild.answers.statement import Reading
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.archive import FigureArchive, Frozen
    from lagesbild.figures.model import Chart

#: What can be chosen: the relation, whether it is denied, and its words.
_KINDS = {
    (Relation.STANDS_OUT, True): "sticker inte ut",
    (Relation.STANDS_OUT, False): "sticker ut",
    (Relation.RISEN, False): "har ökat",
    (Relation.RISEN, True): "har inte ökat",
    (Relation.FALLEN, False): "har minskat",
    (Relation.FALLEN, True): "har inte minskat",
    (Relation.UNCHANGED, False): "är oförändrat",
    (Relation.UNCHANGED, True): "är inte oförändrat",
    (Relation.MORE, False): "är fler än",
    (Relation.MORE, True): "är inte fler än",
    (Relation.FEWER, False): "är färre än",
    (Relation.FEWER, True): "är inte färre än",
    (Relation.HIGHEST, False): "är högst i",
    (Relation.HIGHEST, True): "är inte högst i",
    (Relation.LOWEST, False): "är lägst i",
    (Relation.LOWEST, True): "är inte lägst i",
    (Relation.RANK, False): "har platsen",
    (Relation.RANK, True): "har inte platsen",
}
_BESIDE = frozenset({Relation.MORE, Relation.FEWER})
_ORDERED = frozenset({Relation.HIGHEST, Relation.LOWEST, Relation.RANK})
_AREAS = {Area.COUNTRY: "riket", Area.COUNTY: "länet", Area.SIMILAR: "liknande kommuner"}
_SYMBOLS = {
    ClaimOutcome.HOLDS: "✓",
    ClaimOutcome.FAILS: "✗",
    ClaimOutcome.DEPENDS: "≈",
    ClaimOutcome.UNDECIDED: "?",
}
_CONFIRMED = "claim_confirmed"


def checker(warehouse: Warehouse, archive: FigureArchive) -> None:
    """Let the reader state something, show how it is read, and what the figures say of a confirmed reading."""
    home = choices.home_in_address(warehouse)
    context = ChartContext(warehouse, choices.panel(warehouse, home))
    typed = choices.typed(
        "Skriv påståendet",
        "pastaende",
        placeholder="Vår kommun sticker inte ut",
        max_chars=300,
        help="Till exempel: våldsbrotten har ökat, eller: Kumla har färre brott än Hallsberg.",
    )
    read = statement.read(typed, home, context.names, datetime.now(UTC).year) if typed else None
    start = read.statement if read else None
    if read is not None and start is None:
        _not_understood(read)
    try:
        if read is None:
            made = _chosen(context, home, None, "")
        else:
            made = _read_as(context, read, start) if start else _instead(context, read, home)
        if made is None:
            return
        checked = claims.check(context, made, typed)
    except ChartError as error:
        st.warning(str(error))
        return
    _show(checked)
    drawn = _charts(context, checked)
    _fetch(checked, drawn, archive)


def _not_understood(read: Reading) -> None:
    words = ", ".join(f"”{word}”" for word in read.unknown)
    told = f"Förstår inte: {words}. " if words else ""
    st.info(f"{told}{read.why} Välj i stället här nedanför, om du vill.")


def _instead(context: ChartContext, read: Reading, home: str) -> Statement | None:
    """Let something else be chosen than what was not understood, and return it once that is asked for."""
    made = _chosen(context, home, None, "_instead")
    if made is not None and st.button("Pröva det valda", key="claim_instead"):
        st.session_state[_CONFIRMED] = (read.typed, made)
    return made if st.session_state.get(_CONFIRMED) == (read.typed, made) else None


def _read_as(context: ChartContext, read: Reading, start: Statement) -> Statement | None:
    """Show how the words were read, let it be changed, and return it once it is confirmed."""
    digest = sha256(read.typed.encode()).hexdigest()[:8]
    markup.paragraph(f"Du skrev: ”{read.typed}”")
    told = st.empty()
    with st.expander("Ändra hur det läses", key="claim_change"):
        made = _chosen(context, start.home, start, digest)
    if made is None:
        return None
    with told:
        markup.answer(f"Jag läser det så här: {claims.wording(context, made)}.", "Stämmer det?")
    if st.button("Ja, pröva det", key="claim_yes", type="primary"):
        st.session_state[_CONFIRMED] = (read.typed, made)
    return made if st.session_state.get(_CONFIRMED) == (read.typed, made) else None


def _chosen(context: ChartContext, home: str, start: Statement | None, key: str) -> Statement | None:
    """Let the parts of a statement be chosen, from those it was read with."""
    usual = _measures(context, home, start)
    if not usual:
        st.info("Det finns inga uppgifter att pröva påståenden mot.")
        return None
    first, second, third, fourth = st.columns(4)
    codes = list(context.names)
    place = first.selectbox(
        "Kommun",
        codes,
        index=codes.index(start.home if start else home),
        format_func=context.names.__getitem__,
        key=f"claim_home_{key}",
    )
    measure = second.selectbox(
        "Nyckeltal", list(usual), format_func=usual.__getitem__, key=f"claim_indicator{key}"
    )
    kinds = list(_KINDS)
    if start is None or start.relation is not Relation.RANK:
        kinds = [kind for kind in kinds if kind[0] is not Relation.RANK]
    relation, negated = third.selectbox(
        "Påståendet",
        kinds,
        index=kinds.index((start.relation, start.negated)) if start else 0,
        format_func=_KINDS.__getitem__,
        key=f"claim_kind{key}",
    )
    made = replace(
        start or Statement(relation=relation, home=place, measure=measure),
        home=place,
        measure=measure,
        negated=negated,
    )
    if start is None or relation is not start.relation:
        made = replace(made, relation=relation, percent=None, times=None, rank=None, at_least=False)
    with fourth:
        return _compared(context, made, key)


def _measures(context: ChartContext, home: str, start: Statement | None) -> dict[str, str]:
    usual = {
        name: context.panel.indicators[name].short
        for name in context.panel.standard
        if context.panel.years(name, home)
    }
    if start is None:
        return usual
    own = claims.indicator_of(context, start)
    return {own: context.panel.indicators[own].short} | usual


def _compared(context: ChartContext, made: Statement, key: str) -> Statement:
    if made.relation in _ORDERED:
        areas = list(_AREAS)
        area = st.selectbox(
            "Bland",
            areas,
            index=areas.index(made.area or Area.COUNTRY),
            format_func=_AREAS.__getitem__,
            key=f"claim_area{key}",
        )
        return replace(made, area=area, other="")
    if made.relation not in _BESIDE:
        return replace(made, area=None, other="")
    told = {area.value: name for area, name in _AREAS.items()} | {
        code: name for code, name in context.names.items() if code != made.home
    }
    before = made.other or (made.area.value if made.area else "")
    against = list(told)
    other = st.selectbox(
        "Jämfört med",
        against,
        index=against.index(before) if before in told else 0,
        format_func=told.__getitem__,
        key=f"claim_other{key}",
    )
    if other in context.names:
        return replace(made, other=other, area=None)
    return replace(made, other="", area=Area(other))


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
        markup.section("Så skulle en rubrik kunna lyda", "rubrik", 3)
        markup.paragraph(checked.press)
    with right:
        markup.section("Så låter det rättvist", "rattvist", 3)
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
            figure.heading(chart, 3)
            figure.plot(chart, f"claim_{n}")
            figure.below(chart, f"claim_{n}")
    return drawn


def _fetch(checked: Checked, drawn: list[Chart], archive: FigureArchive) -> None:
    if not st.button("Gör en sida att skriva ut (PDF)", key="claim_pdf"):
        return
    try:
        with visitor.heavy("Citerar diagrammen och gör sidan ..."):
            figures = [archive.freeze(chart) for chart in drawn]
            for frozen in figures:
                archive.keep(frozen.id)
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
