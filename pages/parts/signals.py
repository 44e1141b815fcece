"""The coordinator's local signals: how many there are, their clusters, and whether they repeat near each other."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.charts.signal_map import signal_map
from lagesbild.hotspots import clusters, week_words
from lagesbild.hotspots import week as weekly
from lagesbild.hotspots.clusters import Point, Tracked
from lagesbild.hotspots.near_repeat import FEWEST_POINTS, Band, near_repeats
from lagesbild.hotspots.words import PHASES, days_apart, metres_apart, repeats_text
from lagesbild.signals.positions import longitude_latitude
from lagesbild.swedish import inside, long_date, number
from pages.parts import markup, who
from pages.parts.week import hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.signals.store import Signal
    from pages.parts.who import Here

_EVERY = "Alla slag"
_EVERYWHERE = "Hela kommunen"
#: How many weeks the hours and weekdays can be of.
_WEEKS = (weekly.RHYTHM_WEEKS, 26)


def shown(here: Here) -> None:
    """Show what the signals with a known position say, as far as they are enough to say it."""
    who.saw(here, "oroshärdar")
    home, today = here.home, here.today
    signals = here.store.signals(home, today)
    if not signals:
        markup.below_heading(
            "Inga signaler än. Ge någon en egen länk under Administration, eller läs in en fil."
        )
        return
    placed = [(s, Point(s.id, s.day, s.x, s.y)) for s in signals if s.x is not None and s.y is not None]
    known = "alla" if len(placed) == len(signals) else number(len(placed))
    markup.below_heading(
        f"{number(len(signals))} signaler, {known} med känd plats, den senaste {long_date(signals[-1].day)}."
    )
    _when(here, signals)
    if placed:
        _clusters(home, placed, clusters.weeks_until(today - timedelta(days=1)))
        _repeats([(signal.kind, point) for signal, point in placed])


def _when(here: Here, signals: Sequence[Signal]) -> None:
    """Show when signals come, at all places or at one, and whether more people report or more happens."""
    places = Counter(signal.locality for signal in signals) + Counter(
        signal.place for signal in signals if signal.place and signal.place != signal.locality
    )
    left, right = st.columns(2)
    chosen = left.selectbox(
        "Plats", [_EVERYWHERE, *(place for place, _ in places.most_common())], key="rhythm_place"
    )
    weeks = right.selectbox(
        "Veckodagar och klockslag för de senaste",
        _WEEKS,
        format_func=lambda n: f"{number(n)} veckorna",
        key="rhythm_weeks",
    )
    shown = [one for one in signals if chosen in {_EVERYWHERE, one.locality, one.place}]
    senders = {batch.id: batch.sender for batch in here.store.batches(here.home)}
    week = weekly.week_of(
        shown,
        weekly.last_whole(here.today),
        senders=senders,
        today=here.today,
        everywhere=signals,
        rhythm_weeks=weeks,
    )
    total = f"{week_words.week_name(week.monday).capitalize()}: {week_words.signals_text(week)}"
    markup.paragraph(" ".join([total, week_words.total_text(week), *week_words.reporting_text(week)]))
    hours(week)


def _clusters(home: str, placed: Sequence[tuple[Signal, Point]], weeks: Sequence[date]) -> None:
    points = [point for _, point in placed]
    last = weeks[-1]
    first = last - timedelta(days=clusters.WINDOW_DAYS - 1)
    span = f"{long_date(first)}–{long_date(last)}"
    dense = clusters.per_cell(points, last)
    if dense < clusters.FEWEST_PER_CELL:
        markup.below_heading(
            f"{span}: {number(dense, 2)} signaler per ruta om en halv kilometer och fyra veckor. Under "
            "en är klungor inom orten mest slump, och visas inte; orterna bevakas vecka för vecka i stället."
        )
        return
    found = clusters.tracked(points, weeks)
    if not found:
        markup.below_heading(f"Inga klungor, {span}.")
        return
    signal = {one.id: one for one, _ in placed}
    names = {one.id: _name(one, signal) for one in found}
    rows = [
        (f"{n}. {names[one.id]}", PHASES[one.phase], long_date(one.since), number(len(one.points)), one.id)
        for n, one in enumerate(found, start=1)
    ]
    heads = [("Klunga", ""), ("Läge", ""), ("Sedan", "w"), ("Signaler", "n"), ("Nummer", "w")]
    markup.table(heads, rows, f"Klungor av signaler, {span}")
    _map(home, [point for point in points if first <= point.day <= last], found, signal)
    for one in found:
        if one.points:
            with st.expander(f"Signalerna bakom {names[one.id]}", key=f"cluster_{one.id}"):
                behind = sorted(one.points, key=lambda point: point.day, reverse=True)
                markup.table(
                    [("Dag", "w"), ("Slag", ""), ("Ort", "")],
                    [(long_date(p.day), signal[p.id].kind, signal[p.id].locality) for p in behind],
                    f"Signaler {inside(names[one.id])}",
                )


def _name(one: Tracked, signal: Mapping[str, Signal]) -> str:
    """Name a cluster by its locality and kinds; by its number when it is gone."""
    if not one.points:
        return f"klunga {one.id}"
    localities = Counter(signal[point.id].locality for point in one.points)
    kinds = Counter(signal[point.id].kind for point in one.points)
    return f"{localities.most_common(1)[0][0]}: {', '.join(kind for kind, _ in kinds.most_common(3))}"


def _map(
    home: str,
    points: Sequence[Point],
    found: Sequence[Tracked],
    signal: Mapping[str, Signal],
) -> None:
    clustered = {point.id for one in found for point in one.points}
    x, y = longitude_latitude([p.x for p in points], [p.y for p in points])
    told = [f"{long_date(p.day)}, {signal[p.id].kind}" for p in points]
    alive = [one for one in found if one.points]
    across, up = longitude_latitude([one.middle[0] for one in alive], [one.middle[1] for one in alive])
    figure = signal_map(
        home,
        list(zip(x, y, told, strict=True)),
        [p.id in clustered for p in points],
        list(zip(across, up, [str(found.index(one) + 1) for one in alive], strict=True)),
    )
    markup.chart_text(
        f"Karta över {number(len(points))} signaler, {number(len(clustered))} av dem i klungor. Siffrorna är klungornas i "
        "tabellen.",
        "signal_map",
    )
    st.plotly_chart(figure, width="stretch", key="signal_map", theme=None, config={"displayModeBar": False})


def _repeats(placed: Sequence[tuple[str, Point]]) -> None:
    markup.section("Kommer fler signaler på samma ställe?", "samma-stalle")
    if len(placed) < FEWEST_POINTS:
        markup.below_heading(f"Med färre än {FEWEST_POINTS} signaler med läge går det inte att se.")
        return
    kinds = Counter(kind for kind, _ in placed)
    enough = [kind for kind, n in kinds.most_common() if FEWEST_POINTS <= n < len(placed)]
    chosen = st.selectbox("Slag av signal", [_EVERY, *enough], key="repeat_kind") if enough else _EVERY
    points = [point for kind, point in placed if chosen in {_EVERY, kind}]
    bands = _bands([p.x for p in points], [p.y for p in points], [p.day.toordinal() for p in points])
    markup.paragraph(repeats_text(bands))
    rows = [
        (
            metres_apart(band).capitalize(),
            days_apart(band),
            number(band.pairs),
            number(band.expected, 1),
            "–" if band.ratio is None else number(band.ratio, 1),
            "Ja" if band.stands_out else "Nej",
        )
        for band in bands
    ]
    heads = [
        ("Avstånd", "w", "Öst–väst och nord–syd tillsammans, som gator går"),
        ("Dagar emellan", "w"),
        ("Par", "n"),
        ("Väntat", "n", "Om dagarna blandas mellan platserna"),
        ("Gånger så många", "n"),
        ("Mer än slump", ""),
    ]
    markup.table(heads, rows, "Par av signaler efter avstånd och tid")


@st.cache_data(max_entries=4, show_spinner="Räknar par av signaler ...")
def _bands(x: Sequence[float], y: Sequence[float], days: Sequence[int]) -> list[Band]:
    return near_repeats(x, y, days)
