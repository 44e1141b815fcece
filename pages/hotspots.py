"""Hotspots: where reported crimes rise more than usual, what is flagged, and what the police have told."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import streamlit as st

from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.alone import alone
from lagesbild.hotspots.cube import Cube, Patterns, Spot
from lagesbild.hotspots.reported import last_month_of
from lagesbild.hotspots.scan import Cluster
from lagesbild.hotspots.watching import LONGEST_SCAN
from lagesbild.hotspots.words import NAMES, cluster_text, means, reach_text, recurrence_text, spot_name
from lagesbild.swedish import number, spelled
from pages.parts import choices, figure, markup, notices, sources, stored
from pages.parts.flag import watch

#: The municipality whose steps are shown, in the address.
_SHOWN_FOR = "bakom"


#: Counties of a category that are kept.
_KEPT = 16


def _built_up(
    warehouse: Warehouse, category: str, until: date | None, county: str
) -> list[tuple[Cluster, tuple[str, ...]]]:
    return warehouse.worked_out(
        "building up",
        lambda whole: cubes.building_up(cubes.patterned(whole, category, until)[0], county),
        (category, until, county),
        _KEPT,
    )


def _choose(warehouse: Warehouse) -> tuple[str, str, bool]:
    picks = st.columns([2, 2, 2])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    titles = cubes.categories(warehouse)
    with picks[1]:
        category = choices.choose("Karta över", titles, "karta")
    with picks[2]:
        scopes = {"lanet": "Länet", "landet": "Hela landet"}
        wide = choices.choose_button("Karta", scopes, "omfang") == "landet"
    return home, category, wide


def _choose_last(whole: Cube, steps: Sequence[date]) -> date:
    """Let any whole month or quarter be the last; returns its last month."""
    labels = {f"{step:%Y-%m}": cubes.step_name(step, whole.per_year).capitalize() for step in reversed(steps)}
    start = date.fromisoformat(f"{choices.choose('Till och med', labels, 'till')}-01")
    return last_month_of(start, whole.per_year)


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
    asked: dict[str, str | int] = {
        "home": home,
        "category": category,
        "until": f"{cube.last_month:%Y-%m}",
    }
    try:
        chart = figure.built(drawn_from, "spot-map", asked | {"scope": "country" if wide else "county"})
    except ChartError as error:
        st.info(str(error))
        return
    figure.heading(chart)
    markup.press(f"Tryck på en kommun för att se varje {cube.each} bakom.")
    event = figure.plot(chart, f"spot_map_{home}_{wide}", on_select="rerun", selection_mode="points")
    figure.below(chart, "spot_map")
    _marked(shown, names, cube)
    _evidence(drawn_from, shown, asked, names, _clicked(event), cube)


def _clicked(event: object) -> str | None:
    """Return the municipality that was pressed on the map just now; an old press does not come back."""
    points = getattr(getattr(event, "selection", None), "points", None) or []
    code = points[0].get("customdata") if points else None
    code = code[0] if isinstance(code, list) else code
    if code == st.session_state.get("map_pressed"):
        return None
    st.session_state["map_pressed"] = code
    return code


def _marked(shown: Sequence[Spot], names: dict[str, str], cube: Cube) -> None:
    marked = sorted((s for s in shown if s.sign != 0), key=lambda s: (-s.sign, -abs(s.score)))
    if not marked:
        varies = "de brukar" if cube.crimes else "slumpen gör"
        markup.below_heading(f"Ingen kommun på kartan utmärker sig: {cube.counted} varierar som {varies}.")
        return
    heads = [
        ("Kommun", ""),
        ("Mönster", ""),
        ("Sedan", "w"),
        (f"{cube.counted.capitalize()} på ett år", "n"),
        ("Väntade", "n"),
    ]
    rows = [
        (
            names[s.code],
            markup.with_why(markup.verdict(spot_name(s), up=s.sign > 0), means(s.category, cube.each)),
            cubes.step_name(s.since, cube.per_year) if s.since else "–",
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
    cube: Cube,
) -> None:
    home = str(asked["home"])
    codes = sorted((spot.code for spot in shown), key=lambda code: (code != home, names[code]))
    if pressed in codes:
        choices.set_choice(_SHOWN_FOR, pressed)
    label = "Månaderna bakom" if cube.each == "månad" else "Kvartalen bakom"
    code = choices.choose(label, {code: names[code] for code in codes}, _SHOWN_FOR, default=home)
    figure.show(drawn_from, "spot-months", f"evidence_{code}", asked | {"home": code}, level=3)


def _building_up(
    found: list[tuple[Cluster, tuple[str, ...]]], names: dict[str, str], home: str, cube: Cube
) -> None:
    county = reference.counties()[home[:2]]
    markup.section("Blir notiserna fler någonstans?", "notiser-vag-upp")
    markup.below_heading(
        f"{spelled(LONGEST_SCAN).capitalize()} månader till och med {cube.last}, i {county}: kommuner och grannar där notiserna "
        "blivit fler än vad som är vanligt för platsen och månaden."
    )
    if home in alone(cube.codes):
        markup.below_heading(
            f"{names[home]} är eget län: det finns ingen grannkommun i länet att söka bland."
        )
        return
    if not found:
        markup.below_heading("Inget har blivit fler än väntat, eller så är underlaget för litet.")
        return
    rows = [
        (cluster_text(cluster, [names[code] for code in codes], cube.months[-1]), recurrence_text(cluster))
        for cluster, codes in found[:3]
    ]
    markup.table([("Var och hur mycket", ""), ("Hur ovanligt", "")], rows, "Möjliga utbrott av notiser")


def _page() -> None:
    warehouse = stored.warehouse()
    st.title("Hotspots")
    st.markdown(
        "Var ökar de anmälda brotten mer än vanligt? Varje kommun jämförs med sin egen vanliga andel av rikets brott, kvartal "
        "för kvartal. Polisens notiser står för sig längst ned: de säger vad polisen berättar, inte hur mycket brott det finns."
    )
    home, category, wide = _choose(warehouse)
    names = stored.names(warehouse)
    markup.page_title("Hotspots", names[home])
    whole, ends = cubes.whole_of(warehouse, category)
    if not whole.months:
        st.info("Det finns ännu inga siffror av det här slaget.")
        return
    until = _choose_last(whole, ends)
    now = until == whole.last_month
    then = (
        "" if now else f" Här visas vad som var känt till och med {cubes.step_name(until, whole.per_year)}."
    )
    markup.paragraph(f"{reach_text(whole, datetime.now(UTC).date())}{then}")
    if whole.missing:
        markup.loud_note(whole.told_missing)
    watched = watch(warehouse, home, None if now else until, names)
    watched.show_flags()
    cube, patterns = cubes.patterned(warehouse, category, until)
    if patterns:
        _map(warehouse, cube, patterns, home, category, names, wide=wide)
    else:
        st.info(
            f"Det är i genomsnitt {number(cube.per_bin, 2)} {cube.counted} per kommun och {cube.each} av det här slaget, i "
            f"{number(len(cube.months))} steg. Under {number(cubes.FEWEST_PER_BIN)}, eller med för kort tid, säger mönster "
            "ingenting. Välj något annat att visa på kartan."
        )
    if not cube.crimes:
        _building_up(_built_up(warehouse, category, until, home[:2]), names, home, cube)
    if now:
        watched.show_worth()
    watched.show_coordinator()
    sources.told_missing(warehouse)
    drawn_from = ChartContext(warehouse, choices.panel(warehouse, home))
    notices.shown(warehouse, drawn_from, home, names[home])
    _words(cube)
    sources.own_work("bra_sol", "polisen")


def _words(cube: Cube) -> None:
    with st.expander("Så läses mönstren", key="spot_words"):
        rows = [(NAMES[category], means(category, cube.each)) for category in NAMES]
        markup.table([("Mönster", ""), ("Betyder", "")], rows, "Mönstren")
        of = cube.counted
        markup.note(
            f"▲ fler {of} än kommunens vanliga andel, ▼ färre. Kommunen räknas ihop med sina grannar, nu och steget före, och "
            "jämförs med alla kommuner och steg. Kartan visar det som ändrats: för en kommun som alltid har haft många är det "
            "den vanliga andelen. Den grå tonen visar hur många anmälda brott kommunen brukar ha per invånare."
        )


_page()
