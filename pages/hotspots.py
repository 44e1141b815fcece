"""Hotspots: where police notices concentrate, what is building up, and how sure that is."""

from datetime import date
from html import escape

import streamlit as st

from lagesbild import reference
from lagesbild.charts.spot_map import spot_map
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.cube import Cube, Spot
from lagesbild.hotspots.scan import Cluster
from lagesbild.hotspots.words import MEANS, NAMES, cluster_text, recurrence_text, spot_name
from lagesbild.swedish import number
from lagesbild.warehouse import Warehouse
from pages import common

_ALL = "alla"


@st.cache_data(max_entries=32, show_spinner="Letar efter mönster ...")
def _found(
    vintage: str, category: str, until: date | None, county: str, _store: Warehouse
) -> tuple[Cube, list[Spot], list[tuple[Cluster, tuple[str, ...]]]]:
    del vintage  # only a key
    cube = cubes.notice_cube(_store, None if category == _ALL else [category], until)
    return cube, cubes.spots(cube), cubes.building_up(cube, county)


def _month(value: date) -> str:
    return f"{value:%Y-%m}"


def _choose(store: Warehouse) -> tuple[str, str, date | None, bool]:
    picks = st.columns([2, 2, 2, 2])
    with picks[0]:
        home = common.choose_municipality(store)
    titles = {_ALL: "Alla händelser"} | {
        row["category"]: row["title"]
        for row in reference.read_csv("police_categories.csv")
        if row["is_crime"] == "ja"
    }
    with picks[1]:
        category = st.selectbox(
            "Händelser", list(titles), format_func=titles.__getitem__, key="spot_category"
        )
    months = cubes.notice_cube(store).months[cubes.FEWEST_MONTHS :]
    with picks[2]:
        until = (
            st.selectbox("Till och med", months[::-1], format_func=_month, key="spot_until")
            if months
            else None
        )
    with picks[3]:
        wide = st.radio("Karta", ["Länet", "Hela landet"], horizontal=True, key="spot_scope") == "Hela landet"
    return home, category, until, wide


def _map(spots: list[Spot], home: str, names: dict[str, str], *, wide: bool) -> None:
    shown = spots if wide else [spot for spot in spots if spot.code[:2] == home[:2]]
    own = next(spot for spot in spots if spot.code == home)
    st.subheader(f"{names[home]}: {spot_name(own).lower() if own.sign == 0 else spot_name(own)}")
    st.html(
        f"<p class='lb-sub'>{escape(names[home])} {MEANS[own.category]}. {number(own.count)} notiser på ett år, "
        f"{number(own.expected)} väntade av länets notiser.</p>"
    )
    common.chart(spot_map(shown, home, names), "spot_map")
    marked = sorted((s for s in shown if s.sign != 0), key=lambda s: (-s.sign, -abs(s.score)))
    if not marked:
        st.html(
            "<p class='lb-sub'>Ingen kommun på kartan utmärker sig: notiserna varierar som slumpen gör.</p>"
        )
        return
    heads = [("Kommun", ""), ("Mönster", ""), ("Sedan", "w"), ("Notiser på ett år", "n"), ("Väntade", "n")]
    rows = [
        (
            escape(names[s.code]),
            f"<span class='lb-verdict {'up' if s.sign > 0 else ''}'>{spot_name(s)}</span>"
            f"<span class='lb-why'>{MEANS[s.category]}</span>",
            _month(s.since) if s.since else "–", number(s.count), number(s.expected),
        )
        for s in marked[:40]
    ]  # fmt: skip
    common.table(heads, rows, "Kommuner som utmärker sig")


def _building_up(found: list[tuple[Cluster, tuple[str, ...]]], names: dict[str, str], county: str) -> None:
    st.subheader("Är något på väg upp?")
    st.html(
        f"<p class='lb-sub'>De senaste {cubes.LONGEST_SCAN} månaderna i {escape(county)}: kommuner och grannar vars notiser blivit fler än "
        "plats och månad var för sig leder till att vänta.</p>"
    )
    if not found:
        st.html("<p class='lb-sub'>För få notiser för att leta.</p>")
        return
    rows = [
        (escape(cluster_text(cluster, [names[code] for code in codes])), escape(recurrence_text(cluster)))
        for cluster, codes in found[:3]
    ]
    common.table([("Var och hur mycket", ""), ("Hur ovanligt", "")], rows, "Möjliga utbrott")


def _page() -> None:
    store = common.warehouse()
    st.title("Hotspots")
    st.markdown(
        "Var polisens notiser samlas, och om något är på väg upp. Notiserna är ett urval som polisen gör: kartan visar vad som "
        "berättas och hur det ändras, **aldrig hur mycket brott det finns**, och aldrig platser inom en kommun."
    )
    home, category, until, wide = _choose(store)
    names = common.names(store)
    if until is None:
        st.info("Det finns ännu för få månader med notiser. Kör kommandot: lagesbild ingest polisen")
        return
    county = reference.counties()[home[:2]]
    cube, spots, building = _found(store.vintage, category, until, home[:2], store)
    if spots:
        _map(spots, home, names, wide=wide)
    else:
        st.info(
            f"Det är i genomsnitt {number(cube.per_bin, 2)} notiser per kommun och månad av det här slaget. Under "
            f"{number(cubes.FEWEST_PER_BIN)} säger mönster ingenting. Välj alla händelser, eller se nedan om något är på väg upp."
        )
    _building_up(building, names, county)
    with st.expander("Så läses mönstren", key="spot_words"):
        rows = [(NAMES[category], MEANS[category]) for category in NAMES]
        common.table([("Mönster", ""), ("Betyder", "")], rows, "Mönstren")
        st.html(
            "<p class='lb-source'>▲ fler notiser än kommunens vanliga andel av länets, ▼ färre. Kommunen räknas ihop med sina grannar, den "
            "här månaden och den förra, och jämförs med alla kommuner och månader. Metod beskriver hur.</p>"
        )
    st.html(
        f"<p class='lb-source'>{reference.sources()['polisen'].attribution}. Egen bearbetning. Datalager {escape(store.vintage)}.</p>"
    )


_page()
