"""The coordinator's local signals: how many there are, their clusters, and whether they repeat near each other."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.hotspots import clusters
from lagesbild.hotspots.clusters import Point
from lagesbild.hotspots.near_repeat import FEWEST_POINTS, Band, near_repeats
from lagesbild.hotspots.words import PHASES, days_apart, metres_apart, repeats_text
from lagesbild.swedish import long_date, number
from pages.parts import markup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lagesbild.signals.store import Signal

_WEEKS = 52
_EVERY = "Alla slag"


def shown(signals: Sequence[Signal], today: date) -> None:
    """Show what the signals with a known position say, as far as they are enough to say it."""
    st.markdown("**Lokala signaler**")
    if not signals:
        markup.below_heading(
            "Inga signaler är inlästa. På datorn där programmet körs: lagesbild signals FIL.csv, med kolumnerna id, "
            "dag, slag, ort och, om läget är känt, x och y i SWEREF 99 TM."
        )
        return
    placed = [(s.kind, Point(s.id, s.day, s.x, s.y)) for s in signals if s.x is not None and s.y is not None]
    markup.below_heading(
        f"{number(len(signals))} signaler, {number(len(placed))} med känt läge, den senaste "
        f"{long_date(signals[-1].day)}."
    )
    if placed:
        _clusters([point for _, point in placed], today - timedelta(days=today.weekday() + 1))
        _repeats(placed)


def _clusters(points: Sequence[Point], week: date) -> None:
    dense = clusters.per_cell(points, week)
    if dense < clusters.FEWEST_PER_CELL:
        markup.below_heading(
            f"De senaste åtta veckorna: {number(dense, 1)} signaler per ruta om en halv kilometer och fyra veckor. Under "
            "en är klungor inom orten mest slump, och visas inte; orterna bevakas vecka för vecka i stället."
        )
        return
    weeks = [week - timedelta(days=7 * n) for n in range(_WEEKS - 1, -1, -1)]
    found = clusters.tracked(points, weeks)
    rows = [
        (
            one.id,
            PHASES[one.phase],
            long_date(one.since),
            number(len(one.points)),
            f"{number(one.middle[0])}, {number(one.middle[1])}",
        )
        for one in found
    ]
    if rows:
        heads = [("Klunga", ""), ("Läge", ""), ("Sedan", "w"), ("Signaler", "n"), ("Mitt (öst, nord)", "n")]
        markup.table(heads, rows, "Klungor av signaler")
    else:
        markup.below_heading("Inga klungor just nu.")


def _repeats(placed: Sequence[tuple[str, Point]]) -> None:
    st.markdown("**Kommer fler signaler på samma ställe?**")
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
