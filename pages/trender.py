"""Trender: years, quarters and months of a crime type; the wheel of the year; when notices fall."""

import math
from html import escape

import streamlit as st

from lagesbild import reference, rhythm
from lagesbild.charts.months import DAY_NAMES, MONTH_NAMES, clock_chart, months_chart, wheel_chart
from lagesbild.groups import groups
from lagesbild.panel import Panel
from lagesbild.rhythm import Series
from lagesbild.swedish import number
from lagesbild.warehouse import Warehouse
from pages import common
from pages.trend_part import choose_indicator, tree_of, yearly

_YEAR, _QUARTER, _MONTH = "År", "Kvartal", "Månad"


def _months(series: Series, what: str, key: str, breaks: tuple[reference.SeriesBreak, ...]) -> None:
    common.chart(months_chart(series, what, breaks), f"{key}_chart")
    with st.expander("Tabell bakom diagrammet", key=f"{key}_table"):
        heads = [("Från och med", ""), (what.capitalize(), "n")]
        if series.group is not None:
            heads.append(("Med gruppens nivå", "n"))
        rows = []
        for n in reversed(range(len(series.starts))):
            count = series.counts[n]
            mark = " (preliminär)" if series.preliminary[n] else ""
            row = [f"{series.starts[n]:%Y-%m}{mark}", "saknas" if math.isnan(count) else number(count)]
            if series.group is not None:
                row.append("saknas" if math.isnan(series.group[n]) else number(series.group[n], 1))
            rows.append(row)
        common.table(heads, rows, "Antal per period")


def _wheel(series: Series, key: str) -> None:
    wheel = rhythm.year_wheel(series)
    if wheel is None:
        return
    top = int(wheel.shares.argmax())
    if wheel.uneven:
        st.subheader(
            f"Flest i {MONTH_NAMES[top]}: {number(12 * wheel.shares[top], 1)} gånger en vanlig månad"
        )
        said = ""
    else:
        st.subheader("Ingen månad sticker säkert ut")
        said = " Skillnaderna kan vara slump, och därför säsongsrensas inte diagrammet ovan."
    st.html(
        f"<p class='lb-sub'>Årshjulet: varje månads andel av hela år. Prickad ring: om alla månader vore lika.{said}</p>"
    )
    common.chart(wheel_chart(wheel.shares), f"{key}_wheel")


def _crimes(store: Warehouse, panel: Panel, home: str, name: str, members: list[str]) -> None:
    tree = tree_of(store)
    indicator = choose_indicator(store, panel, tree, home)
    if indicator is None:
        st.info(f"Det finns ännu inga uppgifter om {name}. Kör kommandot: lagesbild ingest")
        return
    monthly = rhythm.of_crime_type(store, indicator, home, members)
    steps = [_YEAR, _QUARTER, _MONTH] if monthly.starts else [_YEAR]
    step = st.radio("Steg", steps, horizontal=True, key="trend_step")
    note = tree.note(indicator)
    if step == _YEAR:
        yearly(panel, indicator, home, name, members)
        if not monthly.starts:
            note += " Brå publicerar få brottstyper månad för månad och kommun; den här finns bara år för år."
    else:
        shown = panel.indicators[indicator]["short_sv"]
        breaks = panel.breaks(indicator)
        st.subheader(f"{shown} i {name}, {step.lower()} för {step.lower()}")
        st.html("<p class='lb-sub'>Ofyllda staplar är preliminära och brukar bli fler.</p>")
        _months(rhythm.by_quarter(monthly) if step == _QUARTER else monthly, "brott", "crimes", breaks)
        if step == _MONTH:
            _wheel(monthly, "crimes")
    if note:
        st.html(f"<p class='lb-sub'>{escape(note)}</p>")
    common.source_line(store, indicator)


def _notices(store: Warehouse, home: str, name: str) -> None:
    st.header("Polisens notiser")
    series = rhythm.of_notices(store, home)
    if not series.starts or not series.counts.any():
        st.html(f"<p class='lb-sub'>Det finns inga notiser om {escape(name)}.</p>")
        return
    st.html(
        f"<p class='lb-sub'>Händelser i {escape(name)} som polisen har berättat om, hela månader. Antalet visar vad polisen väljer att "
        "berätta, inte hur många brott som begås.</p>"
    )
    _months(series, "notiser", "notices", reference.sources()["polisen"].breaks)
    left, right = st.columns(2, gap="large")
    with left:
        _wheel(series, "notices")
    with right:
        _clock(store, home)
    st.html(
        f"<p class='lb-source'>{reference.sources()['polisen'].attribution}. Egen bearbetning. Datalager {escape(store.vintage)}.</p>"
    )


def _clock(store: Warehouse, home: str) -> None:
    counts = rhythm.days_and_hours(store, home)
    if not counts.sum():
        st.html(
            "<p class='lb-sub'>Klockslag följer bara med för den medföljande hemkommunen. För andra kommuner samlas de från den dag "
            "notiserna börjar hämtas.</p>"
        )
        return
    day, part = divmod(int(counts.argmax()), counts.shape[1])
    start = part * rhythm.HOURS_TOGETHER
    st.subheader(f"Flest notiser {DAY_NAMES[day]} kl. {start:02d}–{start + rhythm.HOURS_TOGETHER:02d}")
    st.html(
        f"<p class='lb-sub'>{number(int(counts.sum()))} notiser efter klockslaget i notisen. Få i varje ruta: läs mönstret, inte "
        "enskilda rutor.</p>"
    )
    common.chart(clock_chart(counts), "clock_chart")


def _page() -> None:
    store = common.warehouse()
    common.remember_address()
    st.title("Trender")
    picks = st.columns([2, 3])
    with picks[0]:
        home = common.choose_municipality(store)
    panel = common.panel(store, home)
    with picks[1]:
        key = common.choose_group(groups(panel.kinds.values(), home))
    group = panel.kinds[key].group(home)
    name = common.names(store)[home]
    _crimes(store, panel, home, name, list(group.members) if group else [])
    _notices(store, home, name)


_page()
