"""Medborgarlöften: what municipality and police have promised, and what the figures say of the time before, during and after."""

from itertools import groupby

import streamlit as st

from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.signals import promises
from lagesbild.signals.access import Right
from lagesbild.signals.database import LocalDataError
from lagesbild.signals.promises import Every, Promise
from lagesbild.swedish import number
from lagesbild.trends import followed, promise_words
from pages.parts import choices, figure, markup, promise_editor, sources, stored, who
from pages.parts.trend import tree_of

_STEPS = {Every.YEAR: "År", Every.QUARTER: "Kvartal"}
#: All crimes, shown beside every period; BRÅ's quarters are those of the total.
_TOTAL = "N07540"


def _kept(home: str) -> list[Promise]:
    """Return the municipality's own promises; the page stands even if the local file is damaged."""
    try:
        return promises.promises(who.store(), home)
    except LocalDataError as error:
        st.warning(str(error))
        return []


def _found(panel: Panel, home: str, promise: Promise) -> followed.Followed | None:
    """Return what a promise's indicator shows, by the shortest step that it has."""
    signals = who.store().signals(home, who.today()) if promise.signal_kind else []
    return followed.of_promise(panel, home, promise, signals, who.today())


def _row(panel: Panel, home: str, promise: Promise) -> tuple[str, ...]:
    measure = panel.indicators.get(promise.indicator)
    survey = measure is not None and measure.is_survey
    told = promise_words.standing(promise, _found(panel, home, promise), who.today(), survey=survey)
    return (
        markup.with_why(promise.text, promise.note) if promise.note else promise.text,
        promise_words.followed_by(promise, measure.short if measure else promise.indicator),
        markup.with_why(told.short, told.why),
        promise_words.done_count(promise.activities) or promise_words.UNKNOWN.capitalize(),
    )


def _table(panel: Panel, home: str, some: list[Promise], period: str) -> None:
    heads = [("Löfte", ""), ("Följs med", ""), ("I siffrorna", ""), ("Gjort", "")]
    markup.table(heads, [_row(panel, home, one) for one in some], f"Löften {period}")


def _activities(some: list[Promise]) -> None:
    rows = [
        (
            activity.text,
            promise_words.planned_text(activity),
            promise_words.done_text(activity).capitalize()
            if activity.done is None
            else promise_words.done_text(activity),
            activity.note or "–",
        )
        for promise in some
        for activity in promise.activities
    ]
    if rows:
        markup.section("Aktiviteter", markup.anchor_of(f"aktiviteter-{some[0].first}-{some[0].last}"), 3)
        heads = [("Aktivitet", ""), ("Planerad", ""), ("Gjord", ""), ("Anteckning", "")]
        markup.table(heads, rows, "Aktiviteter")


def _measure(context: ChartContext, home: str, promise: Promise) -> None:
    """Show a promise's measure around its period, by year or quarter."""
    key = f"promise_{promise.id}"
    finest = followed.every_of(context.panel, home, promise.indicator)
    if finest is None or promise.signal_kind:
        return
    # The newest first: what the table states is by the shortest step.
    steps = [Every.QUARTER, Every.YEAR] if finest is Every.QUARTER else [Every.YEAR]
    step = Every(
        choices.choose_button("Steg", {str(one): _STEPS[one] for one in steps}, f"steg_{promise.id}")
    )
    _chart(context, home, promise, promise.indicator, step, key)


def _chart(context: ChartContext, home: str, promise: Promise, indicator: str, step: Every, key: str) -> None:
    period = {"begins": promise.first.isoformat(), "ends": promise.last.isoformat()}
    asked = {"home": home, "indicator": indicator, "step": str(step), **period}
    try:
        chart = figure.built(context, "promise", asked)
    except ChartError as error:
        st.info(str(error))
        return
    of = f"{context.panel.indicators[indicator].short}, {promise.first.year}–{promise.last.year}"
    figure.heading(chart, 3, of)
    markup.paragraph(" ".join(text for text in chart.said if text != promise_words.NOT_WHY))
    if note := tree_of(context.warehouse).note(indicator):
        markup.loud_note(note)
    figure.plot(chart, f"{key}_chart")
    figure.below(chart, key, of)


def _signals(panel: Panel, home: str, promise: Promise) -> None:
    found = _found(panel, home, promise)
    if found is not None:
        markup.section(promise_words.followed_by(promise, ""), markup.anchor_of(f"lofte-{promise.id}"), 3)
        markup.paragraph(" ".join(promise_words.signals_finding(found)))


def _period(context: ChartContext, home: str, some: list[Promise]) -> None:
    first, last = some[0].first, some[0].last
    period = promise_words.period_text(first, last)
    markup.section(period, f"{first}-{last}")
    by = list(dict.fromkeys(one for promise in some for one in promise.by))
    over = "Perioden är slut." if promises.ended(some[0], who.today()) else "Perioden pågår."
    markup.below_heading(f"{promise_words.by_text(by)}. {over}")
    _table(context.panel, home, some, period)
    _activities(some)
    by_indicator = {promise.indicator: promise for promise in some if promise.indicator}
    for promise in by_indicator.values():
        if promise.signal_kind:
            _signals(context.panel, home, promise)
        else:
            _measure(context, home, promise)
    if _TOTAL not in by_indicator and followed.every_of(context.panel, home, _TOTAL) is Every.QUARTER:
        _beside(context, home, some[0], period)


@st.fragment
def _beside(context: ChartContext, home: str, promise: Promise, period: str) -> None:
    span = f"total_{promise.first}_{promise.last}"
    total = markup.folded(f"Alla anmälda brott {period} (inget löfte)", span)
    if total.open:
        with total:
            _chart(context, home, promise, _TOTAL, Every.QUARTER, f"promise_{span}")


def _editor(warehouse: Warehouse, home: str) -> None:
    if home == stored.default_municipality(warehouse) and who.may(Right.WORK):
        promise_editor.shown(who.here(warehouse, Right.WORK))


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Medborgarlöften")
    home = choices.choose_municipality(warehouse)
    name = stored.names(warehouse)[home]
    markup.page_title("Medborgarlöften", name)
    shipped = followed.shipped(home)
    every = sorted([*shipped, *_kept(home)], key=lambda one: (one.last, one.first), reverse=True)
    markup.below_heading(
        "Vad kommunen och polisen skriftligt har lovat invånarna, och vad siffrorna säger om tiden före, under och efter. "
        f"{promise_words.NOT_WHY}"
    )
    if not every:
        st.info(f"Det finns inga medborgarlöften inlagda för {name}.")
    context = figure.context(warehouse, choices.panel(warehouse, home))
    for _, some in groupby(every, key=lambda one: (one.first, one.last)):
        _period(context, home, list(some))
    if shipped:
        markup.note(
            f"Källa till {number(len(shipped))} av löftena: {followed.shipped_source(home)}, i egen ordalydelse. Om det som "
            "lovades blev gjort framgår inte där: uppgift saknas."
        )
    if every:
        sources.own_work("bra_sol", "kolada")
    _editor(warehouse, home)


_page()
