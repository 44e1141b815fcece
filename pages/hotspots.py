"""Hotspots: where police notices concentrate, what is flagged, and how sure that is."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.places import CRIME, EVERY
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.alone import alone
from lagesbild.hotspots.cube import Cube, Patterns, Spot
from lagesbild.hotspots.scan import Cluster
from lagesbild.hotspots.watching import LONGEST_SCAN
from lagesbild.hotspots.words import MEANS, NAMES, cluster_text, recurrence_text, spot_name
from lagesbild.swedish import month_and_year, number, spelled
from pages.parts import choices, figure, markup, sources, stored
from pages.parts.flag import watch
from pages.parts.trend import tree_of

_SHOWN_FOR = "evidence_for"


@st.cache_data(max_entries=32, show_spinner="Letar efter mönster ...")
def _found(
    vintage: str, category: str, until: date | None, county: str, _warehouse: Warehouse
) -> tuple[Cube, Patterns | None, list[tuple[Cluster, tuple[str, ...]]]]:
    del vintage  # only a key
    cube = _cube(_warehouse, category, until)
    return cube, cubes.patterns(cube), cubes.building_up(cube, county)


def _cube(warehouse: Warehouse, category: str, until: date | None = None) -> Cube:
    if category.startswith(CRIME):
        return cubes.crime_cube(warehouse, category.removeprefix(CRIME), until)
    return cubes.notice_cube(warehouse, None if category == EVERY else [category], until)


def _choose(warehouse: Warehouse) -> tuple[str, str, date | None, bool]:
    picks = st.columns([2, 2, 2])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    titles = {EVERY: "Alla händelser"} | {
        row["category"]: row["title"]
        for row in reference.read_csv("police_categories.csv")
        if row["is_crime"] == "ja"
    }
    tree = tree_of(warehouse)
    titles |= {
        f"{CRIME}{key}": f"Anmälda brott: {one.short}" for key, one in tree.types.items() if one.monthly
    }
    with picks[1]:
        category = st.selectbox(
            "Händelser", list(titles), format_func=titles.__getitem__, key="spot_category"
        )
    with picks[2]:
        wide = st.radio("Karta", ["Länet", "Hela landet"], horizontal=True, key="spot_scope") == "Hela landet"
    every = _cube(warehouse, category).months
    months = every[min(cubes.FEWEST_MONTHS, max(len(every) - 1, 0)) :]
    until = months[-1] if months else None
    if len(months) > 1:
        until = st.select_slider(
            "Till och med månaden",
            months,
            value=months[-1],
            format_func=month_and_year,
            key=f"until_{category}",
        )
    return home, category, until, wide


def _map(
    warehouse: Warehouse,
    cube: Cube,
    patterns: Patterns,
    home: str,
    category: str,
    names: dict[str, str],
    *,
    wide: bool,
) -> None:
    shown = [spot for spot in patterns.spots if wide or spot.code[:2] == home[:2]]
    drawn_from = ChartContext(warehouse, choices.panel(warehouse, home))
    asked: dict[str, str | int] = {"home": home, "category": category, "until": f"{cube.months[-1]:%Y-%m}"}
    try:
        chart = figure.built(drawn_from, "spot-map", asked | {"scope": "country" if wide else "county"})
    except ChartError as error:
        st.info(str(error))
        return
    figure.heading(chart)
    markup.below_heading("Tryck på en kommun för att se månaderna bakom.")
    event = figure.plot(chart, f"spot_map_{home}_{wide}", on_select="rerun", selection_mode="points")
    figure.below(chart, "spot_map")
    _marked(shown, names, cube.counted)
    _evidence(drawn_from, shown, asked, names, _clicked(event))


def _clicked(event: object) -> str | None:
    """Return the municipality that was pressed on the map just now; an old press does not come back."""
    points = getattr(getattr(event, "selection", None), "points", None) or []
    code = points[0].get("customdata") if points else None
    code = code[0] if isinstance(code, list) else code
    if code == st.session_state.get("map_pressed"):
        return None
    st.session_state["map_pressed"] = code
    return code


def _marked(shown: Sequence[Spot], names: dict[str, str], counted: str) -> None:
    marked = sorted((s for s in shown if s.sign != 0), key=lambda s: (-s.sign, -abs(s.score)))
    if not marked:
        markup.below_heading(f"Ingen kommun på kartan utmärker sig: {counted} varierar som slumpen gör.")
        return
    heads = [
        ("Kommun", ""),
        ("Mönster", ""),
        ("Sedan", "w"),
        (f"{counted.capitalize()} på ett år", "n"),
        ("Väntade", "n"),
    ]
    rows = [
        (
            names[s.code],
            markup.with_why(markup.verdict(spot_name(s), up=s.sign > 0), MEANS[s.category]),
            month_and_year(s.since) if s.since else "–",
            number(s.count),
            number(s.expected),
        )
        for s in marked[:40]
    ]
    markup.table(heads, rows, "Kommuner som utmärker sig")


def _evidence(
    drawn_from: ChartContext,
    shown: Sequence[Spot],
    asked: dict[str, str | int],
    names: dict[str, str],
    pressed: str | None,
) -> None:
    home = str(asked["home"])
    codes = sorted((spot.code for spot in shown), key=lambda code: (code != home, names[code]))
    if pressed in codes:
        st.session_state[_SHOWN_FOR] = pressed
    elif st.session_state.get(_SHOWN_FOR) not in codes:
        st.session_state[_SHOWN_FOR] = home
    code = st.selectbox("Månaderna bakom", codes, format_func=names.__getitem__, key=_SHOWN_FOR)
    figure.show(drawn_from, "spot-months", f"evidence_{code}", asked | {"home": code})


def _building_up(
    found: list[tuple[Cluster, tuple[str, ...]]], names: dict[str, str], home: str, cube: Cube
) -> None:
    counted, county = cube.counted, reference.counties()[home[:2]]
    last = month_and_year(cube.months[-1]) if cube.months else ""
    st.subheader(f"Är något på väg upp, till och med {last}?" if cube.missing else "Är något på väg upp?")
    markup.below_heading(
        f"{spelled(LONGEST_SCAN).capitalize()} månader till och med {last} i {county}: kommuner och "
        f"grannar där {counted} blivit fler än plats och månad var för sig leder till att vänta."
    )
    if not cube.crimes and home in alone(cube.codes):
        markup.below_heading(
            f"{names[home]} är eget län: det finns ingen grannkommun i länet att söka bland. Kommunens egen "
            "serie bevakas mot riket, se ovan."
        )
        return
    if not found:
        markup.below_heading("Inget har blivit fler än väntat, eller så är underlaget för litet.")
        return
    told = [
        cluster_text(cluster, [names[code] for code in codes], cube.months[-1], counted)
        for cluster, codes in found[:3]
    ]
    if cube.crimes:
        markup.table([("Var och hur mycket", "")], [(text,) for text in told], "Möjliga utbrott")
        markup.note(
            "Anmälda brott varierar mer än ren slump. Hur ovanligt det är går därför inte att säga med den här "
            "metoden."
        )
        return
    rows = [(text, recurrence_text(cluster)) for text, (cluster, _) in zip(told, found, strict=False)]
    markup.table([("Var och hur mycket", ""), ("Hur ovanligt", "")], rows, "Möjliga utbrott")


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Hotspots")
    st.markdown(
        "Var polisens notiser samlas, och om något är på väg upp. Notiserna är ett urval som polisen gör: kartan visar vad som "
        "berättas och hur det ändras, **aldrig hur mycket brott det finns**, och aldrig platser som notisen inte nämner."
    )
    home, category, until, wide = _choose(warehouse)
    names = stored.names(warehouse)
    if until is None:
        st.info("Det finns ännu för få månader. Kör kommandot: lagesbild ingest")
        return
    whole = _cube(warehouse, category)
    latest = whole.months[-1]
    sources.told_missing(warehouse)
    if whole.crimes and whole.missing:
        markup.loud_note(whole.told_missing)
    watched = watch(warehouse, home, None if until == latest else until, names)
    if watched:
        watched.show_flags()
    cube, patterns, building = _found(warehouse.vintage, category, until, home[:2], warehouse)
    if patterns:
        _map(warehouse, cube, patterns, home, category, names, wide=wide)
    else:
        st.info(
            f"Det är i genomsnitt {number(cube.per_bin, 2)} {cube.counted} per kommun och månad av det här slaget, i "
            f"{number(len(cube.months))} månader. Under {number(cubes.FEWEST_PER_BIN)}, eller med mindre än ett år, säger mönster "
            "ingenting. Välj alla händelser, eller se nedan om något är på väg upp."
        )
    _building_up(building, names, home, cube)
    if watched:
        watched.show_rest()
    with st.expander("Så läses mönstren", key="spot_words"):
        rows = [(NAMES[category], MEANS[category]) for category in NAMES]
        markup.table([("Mönster", ""), ("Betyder", "")], rows, "Mönstren")
        markup.note(
            "▲ fler notiser än kommunens vanliga andel av länets (för en kommun som är eget län: rikets), ▼ färre. "
            "Kommunen räknas ihop med sina grannar, den "
            "här månaden och den förra, och jämförs med alla kommuner och månader. Kartan visar "
            "det som ändrats: den som alltid haft många notiser har det som sin vanliga andel. Växande, bestående, avtagande och tidigare "
            "förekommer därför nästan aldrig, och en kommun utan sina grannar sällan. "
            "Metod beskriver hur."
        )
    # Notices are watched whatever the map shows.
    sources.own_work(warehouse, "polisen", *(["bra_sol"] if cube.crimes else []))


_page()
