"""Hotspots from police notices: the county's volume taken out, planted outbreaks found, quiet months left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lagesbild.charts.spot_map import spot_map
from lagesbild.config import ROOT, Settings
from lagesbild.data import reference
from lagesbild.data.reference import Geography, Outline
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms, county, week, week_words
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots import exports as hotspot_exports
from lagesbild.hotspots.categories import Category
from lagesbild.hotspots.cube import Spot
from lagesbild.hotspots.scan import Cluster
from lagesbild.hotspots.words import NAMES, cluster_text, means, recurrence_text, spot_name
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Decided, Signal, SignalStore
from pages.parts import who
from tests import world
from tests.local import log_in, log_out
from tests.test_pages import text
from tests.traces import traces

SIDE = 6
GRID = {
    f"{county}{n:02d}": (float(n % SIDE), 58.0 + 3 * c + n // SIDE / 4)
    for c, county in enumerate(("01", "03"))
    for n in range(1, SIDE * SIDE + 1)
}
MONTHS = [date(2023 + n // 12, n % 12 + 1, 1) for n in range(38)]


@pytest.fixture(autouse=True)
def grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two invented counties of 36 municipalities in rows, 15-30 km apart."""
    places = {code: (x / 4, y) for code, (x, y) in GRID.items()}

    def near(code: str) -> tuple[str, ...]:
        x, y = places[code]
        return tuple(
            o for o, (ox, oy) in places.items() if o != code and abs(ox - x) < 0.3 and abs(oy - y) < 0.3
        )

    geography = {code: Geography(500.0, "Prov", near(code)) for code in places}
    outlines = {
        code: Outline(
            (x, y), (((x - 0.1, y - 0.1), (x + 0.1, y - 0.1), (x + 0.1, y + 0.1), (x - 0.1, y - 0.1)),)
        )
        for code, (x, y) in places.items()
    }
    monkeypatch.setattr(reference, "geography", lambda: geography)
    monkeypatch.setattr(reference, "outlines", lambda: outlines)


def quiet(seed: int = 1, level: float = 6.0) -> np.ndarray:
    """Return notices by month and municipality; counties differ, and one has editors who tell more each year."""
    rng = np.random.default_rng(seed)
    busy = np.array([1.0 if code.startswith("01") else 0.5 for code in GRID])
    size = rng.lognormal(0, 0.5, len(GRID))
    growing = np.where(
        [[code.startswith("01") for code in GRID]], np.linspace(1, 2, len(MONTHS))[:, None], 1.0
    )
    return rng.poisson(level * busy * size * growing)


@contextmanager
def warehouse(counts: np.ndarray, category: str = "tillgrepp") -> Iterator[Warehouse]:
    with world.known({code: f"Prov{code}" for code in GRID}) as connection:
        rows = [
            [code, code[:2], MONTHS[m], "event", category, int(counts[m, n]), "f"]
            for n, code in enumerate(GRID)
            for m in range(len(MONTHS))
            if counts[m, n]
        ]
        if rows:
            columns = "code, county_code, month, kind, category, notices, fetch_id"
            world.insert(connection, "police_month", columns, rows)
            collected(connection, MONTHS[0], MONTHS[-1])
        yield Warehouse.being_built(connection)


def collected(connection: duckdb.DuckDBPyConnection, first: date, end: date) -> None:
    """Note that the days before ``end`` were collected."""
    connection.execute(
        "INSERT INTO notice_day SELECT CAST(day AS DATE), true, now(), 'f' FROM range(?::DATE, ?::DATE, INTERVAL 1 DAY) AS days(day)",
        [first, end],
    )


def test_a_countys_volume_and_editors_are_taken_out() -> None:
    with warehouse(quiet()) as store:
        cube = cubes.notice_cube(store)
    assert cube.months[-1] == MONTHS[-2]  # the last month may not be over
    counties = np.array([code[:2] for code in cube.codes])
    for code in ("01", "03"):
        assert cube.expected[:, counties == code].sum(axis=1) == pytest.approx(
            cube.counts[:, counties == code].sum(axis=1)
        )
    assert cube.residuals.std() == pytest.approx(1, abs=0.1)


def test_quiet_months_have_no_spots() -> None:
    found = []
    for seed in range(5):
        with warehouse(quiet(seed)) as store:
            found += [spot for spot in cubes.spots(cubes.notice_cube(store)) if spot.sign]
    assert len(found) <= 10  # of 5 x 72


def test_a_tripled_month_in_three_neighbours_is_a_new_spot_since_then() -> None:
    counts = quiet(2, 12.0)
    codes = list(GRID)
    hit = [codes.index(code) for code in ("0115", "0116", "0121")]
    counts[-2, hit] *= 4
    with warehouse(counts) as store:
        cube = cubes.notice_cube(store)
        found = {spot.code: spot for spot in cubes.spots(cube)}
    middle = found["0115"]
    assert (middle.category, middle.sign, middle.since) == (Category.NEW, 1, MONTHS[-2])
    assert middle.count > middle.expected
    assert found["0335"].sign == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_rise_in_one_municipality_is_found_by_the_scan_in_its_first_month(seed: int) -> None:
    counts = quiet(seed, 10.0)
    counts[-2, list(GRID).index("0108")] += 35
    with warehouse(counts) as store:
        (first, codes), *_ = cubes.building_up(cubes.notice_cube(store), "01")
        elsewhere = cubes.building_up(cubes.notice_cube(store), "03")
    assert "0108" in codes
    assert first.p_value <= 0.01
    assert recurrence_text(first).startswith("så mycket ger slumpen mer sällan än en gång på tio år")
    assert not elsewhere or elsewhere[0][0].p_value > 0.01


def test_too_few_notices_have_no_patterns_and_say_so() -> None:
    with warehouse(quiet(3, 0.3)) as store:
        cube = cubes.notice_cube(store)
    assert cube.per_bin < cubes.FEWEST_PER_BIN
    assert cubes.spots(cube) == []


def test_no_notices_at_all() -> None:
    with warehouse(np.zeros((len(MONTHS), len(GRID)), dtype=int)) as store:
        cube = cubes.notice_cube(store)
    assert cube.months == ()
    assert cubes.spots(cube) == []
    assert cubes.building_up(cube, "01") == []


@contextmanager
def crimes(
    counts: np.ndarray, withheld: tuple[int, int] | None = None, preliminary: int = 0
) -> Iterator[Warehouse]:
    """A warehouse with a monthly crime type; ``preliminary`` last months."""
    with world.known({code: f"Prov{code}" for code in GRID}) as connection:
        rows = []
        for n, code in enumerate(GRID):
            for m in range(len(MONTHS)):
                hidden = withheld == (m, n)
                status = (
                    "suppressed" if hidden else "preliminary" if m >= len(MONTHS) - preliminary else "final"
                )
                rows.append(
                    ["PROV", code, MONTHS[m], "month", None if hidden else int(counts[m, n]), status, "f"]
                )
        columns = "indicator_id, code, period_start, period_kind, count, status, fetch_id"
        world.insert(connection, "observation", columns, rows)
        yield Warehouse.being_built(connection)


def test_reported_crimes_by_month_are_a_cube_with_the_countrys_season_taken_out() -> None:
    season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(len(MONTHS)) / 12)
    rng = np.random.default_rng(5)
    counts = rng.poisson(20 * season[:, None] * np.ones(len(GRID)))
    counts[-1, list(GRID).index("0108")] += 40
    with crimes(counts, withheld=(3, 5)) as store:
        cube = cubes.crime_cube(store, "PROV")
        earlier = cubes.crime_cube(store, "PROV", MONTHS[20])
    assert (cube.crimes, cube.counted) == (True, "anmälda brott")
    assert list(GRID)[5] not in cube.codes  # a withheld month is no zero
    assert len(cube.codes) == len(GRID) - 1
    assert cube.months[-1] == MONTHS[-1]
    assert earlier.months[-1] == MONTHS[20]
    assert cube.residuals.std() == pytest.approx(1, abs=0.1)


def test_only_what_was_known_then_is_used() -> None:
    counts = quiet(4)
    later = counts.copy()
    later[-6:] *= 5
    until = MONTHS[-8]
    with warehouse(counts) as before, warehouse(later) as after:
        first, second = cubes.notice_cube(before, None, until), cubes.notice_cube(after, None, until)
    assert first.months == second.months
    assert first.months[-1] == until
    assert (first.counts == second.counts).all()


@pytest.mark.usefixtures("opened")
def test_notices_never_become_rates_or_get_a_place_they_do_not_name(shipped: Settings) -> None:
    """No population is read anywhere under the hotspots, and no table of notices has a coordinate."""
    code = [
        *(ROOT / "lagesbild" / "hotspots").glob("*.py"),
        ROOT / "pages" / "parts" / "flag.py",
        ROOT / "pages" / "parts" / "notices.py",
    ]
    assert len(code) > 14
    for file in code:
        source = file.read_text("utf-8")
        for word in ("population", "100_000", "per 100", "invånare"):
            assert word not in source, (file, word)
    with Warehouse.current(shipped.warehouse_folder) as warehouse:
        for table in ("police_event", "police_month", "police_home"):
            columns = set(warehouse.frame(f"DESCRIBE {table}")["column_name"])
            assert not columns & {
                "x",
                "y",
                "lat",
                "lon",
                "latitude",
                "longitude",
                "gps",
                "population",
                "rate",
            }
        found = hotspot_exports.found(warehouse, "1861", "alla")
        named = {place.locality for place in reference.gazetteer()["1861"]}
        local = county.watched(warehouse, "1861")
    assert local is not None
    assert set(local.local[0].localities) <= named
    assert local.local[0].weeks.size < 140  # a notice that names no locality gets none
    told = json.dumps(found)
    assert not any(word in told for word in ("latitude", "longitude", "per_100", "rate"))


@pytest.mark.parametrize(
    ("p_value", "told"),
    [
        (1.0, "nästan varje månad"),
        (0.5, "var annan månad"),
        (0.2, "var femte månad"),
        (1 / 15, "en gång på 15 månader"),
        (1 / 108, "en gång på nio år"),
        (1 / 1000, "mer sällan än en gång på tio år"),
    ],
)
def test_how_unusual_is_told_in_plain_words(p_value: float, told: str) -> None:
    assert told in recurrence_text(
        Cluster(
            places=(0,),
            radius=0.0,
            steps=1,
            cases=5,
            expected=1.0,
            statistic=3.0,
            p_value=p_value,
            gumbel=p_value,
        )
    )


def test_where_and_how_much_is_told() -> None:
    cluster = Cluster(
        places=(0, 1), radius=20.0, steps=2, cases=14, expected=6.04, statistic=3.0, p_value=0.01, gumbel=0.01
    )
    assert (
        cluster_text(cluster, ["Provby", "Provås"], date(2026, 3, 1))
        == "Provby och Provås: 14 notiser på två månader till och med mars 2026, 6,0 väntade"
    )
    one = Cluster(places=(0,), radius=0, steps=1, cases=3, expected=1.0, statistic=1, p_value=0.5, gumbel=0.5)
    assert "3 notiser i mars 2026" in cluster_text(one, ["Provby"], date(2026, 3, 1))


def test_every_category_has_a_name_and_a_meaning() -> None:
    assert set(NAMES) == set(Category)
    for each in ("månad", "kvartal"):
        assert all(means(category, each) for category in Category)
    assert (
        spot_name(
            Spot(code="0101", category=Category.NEW, sign=-1, since=None, score=-4, count=1, expected=5.0)
        )
        == "▼ Ny"
    )


def test_the_map_has_every_municipality_and_marks_the_home() -> None:
    spots = [
        Spot(
            code=code,
            category=Category.NEW if code == "0108" else Category.NONE,
            sign=int(code == "0108"),
            since=None,
            score=0,
            count=1,
            expected=1.0,
        )
        for code in GRID
    ]
    figure = spot_map(spots, "0101", {code: f"Prov{code}" for code in GRID})
    written = [label for trace in traces(figure) if trace.text is not None for label in trace.text]
    assert written == ["▲ Prov0108"]
    assert not any("http" in str(trace) for trace in traces(figure))


@pytest.fixture
def opened(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real borders
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))


def page(name: str = "hotspots.py", **chosen: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / name), default_timeout=60).run()
    for label, value in chosen.items():
        next(box for box in app.selectbox if box.label == label).select(value).run()
    assert not app.exception
    return app


@pytest.mark.usefixtures("opened")
def test_reported_crimes_lead_and_notices_are_what_the_police_told() -> None:
    said = text(page())
    for words in (
        "Var ökar de anmälda brotten mer än vanligt?",
        "Siffrorna når till och med andra kvartalet 2026",
        "Bevakas: anmälda brott i Hallsberg",
        "av rikets",
        "Hur mycket är en flagga värd?",
        "var brotten fler än vanligt även halvåret efter",
        "på tio simulerade lugna år",
        "Vad polisen har berättat",
        "inget larm bygger på dem",
        "om trafik",
        "Källa: Polisen",
    ):
        assert words in said, words
    assert said.index("Bevakas:") < said.index("Vad polisen har berättat")
    assert "just nu" not in said.lower()
    assert "Flest notiser på" not in said


@pytest.mark.usefixtures("opened")
def test_a_rise_that_is_over_is_told_as_over() -> None:
    said = text(page())
    assert "Inget är flaggat i siffrorna till och med andra kvartalet 2026" in said
    assert (
        "Anmälda brott var fler än väntat i Hallsberg från första kvartalet 2025 till och med fjärde kvartalet 2025. "
        "Det är över."
    ) in said


@pytest.mark.usefixtures("opened")
def test_a_sparse_category_says_that_patterns_say_nothing() -> None:
    assert "säger mönster ingenting" in text(page(**{"Karta över": "ran"}))


@pytest.mark.usefixtures("opened")
def test_notices_can_be_mapped_but_are_no_alarm() -> None:
    said = text(page(**{"Karta över": "alla"}))
    assert "Blir notiserna fler någonstans?" in said
    assert "notiser på ett år" in said
    assert "per 100 000" not in said


@pytest.mark.usefixtures("opened")
def test_any_whole_quarter_can_be_looked_at_as_it_was_then() -> None:
    app = page()
    box = next(box for box in app.selectbox if box.label == "Till och med")
    assert box.options[0] == "Andra kvartalet 2026"
    box.select("2025-01").run()
    assert not app.exception
    assert app.query_params["till"] == "2025-01"
    said = text(app).split("Polisens egna notiser")[0]
    assert "En sak är flaggad i siffrorna till och med första kvartalet 2025" in text(app)
    assert "Hallsberg: 642 anmälda brott första kvartalet 2025, 404 väntade" in said
    assert "2026" not in said[said.index("Bevakas") :]
    assert "Här visas vad som var känt till och med första kvartalet 2025." in text(app)


@pytest.mark.usefixtures("opened")
def test_the_quarters_behind_another_municipality() -> None:
    said = text(page(**{"Kvartalen bakom": "1862"}))
    assert "Degerfors: " in said


@pytest.mark.usefixtures("opened")
def test_what_is_measured_on_quiet_years_is_kept(shipped: Settings) -> None:
    text(page())
    assert list(shipped.derived_folder.glob("quiet-1861-*.json"))


@pytest.fixture
def own(tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignalStore]:
    """An installation with the shipped figures, a password and a cluster of invented signals."""
    monkeypatch.undo()
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    (tmp_path / "derived").symlink_to(shipped.derived_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    store = SignalStore(tmp_path / "local.sqlite")
    today = who.today()
    rng = np.random.default_rng(1)
    usual = [
        Signal(
            id=f"u{n}",
            day=today - timedelta(days=int(rng.integers(1, 300))),
            kind="klotter",
            locality=f"Provort {n % 3}",
        )
        for n in range(24)
    ]
    group = [
        Signal(
            id=f"g{n}",
            day=today - timedelta(days=8 + n),
            kind="klotter",
            locality="Påhittorp",
            x=512_000.0 + n,
            y=6_548_000.0,
        )
        for n in range(9)
    ]
    store.report("1861", [*usual, *group], COMMAND_LINE)
    monkeypatch.setattr(alarms, "measured", lambda *_: dict.fromkeys(alarms.BUDGETS, (4.0, 3.0, 5.0)))
    yield store


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def entered(monkeypatch: pytest.MonkeyPatch, own: SignalStore, name: str = "hotspots.py") -> AppTest:
    """A page as the coordinator sees it."""
    log_in(monkeypatch, own)
    return page(name)


def test_signals_are_seen_by_the_coordinator_alone(own: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Påhittorp" not in text(page())
    assert "klunga" not in text(page()).lower()
    assert "Logga in för att se den" in text(page("oroshardar.py"))
    flags = text(entered(monkeypatch, own))
    assert "Påhittorp: 9 signaler" in flags
    assert (
        "Påhittorp: 9 signaler nära varandra (klotter) på åtta veckor" in flags
    )  # in the list of flags, too
    app = page("oroshardar.py")
    said = text(app)
    assert "33 signaler, 9 med känd plats" in said
    assert "Signalerna bakom Påhittorp: klotter" in [one.label for one in app.expander]
    assert "Karta över 9 signaler, 9 av dem i klungor. Siffrorna är klungornas" in said
    assert "Klunga" in said
    assert "efter veckodag och klockslag" in said
    assert "rapportör" in said
    monday = week.last_whole(who.today())
    assert week_words.span(monday - timedelta(weeks=7), monday + timedelta(days=6)) in said
    app.selectbox(key="rhythm_weeks").select(26)
    app.selectbox(key="rhythm_place").select("Provort 1").run()
    assert not app.exception
    chosen = [
        one
        for one in own.signals("1861", who.today())
        if one.locality == "Provort 1"
        and monday - timedelta(weeks=25) <= one.day <= monday + timedelta(days=6)
    ]
    told = text(app)
    assert week_words.span(monday - timedelta(weeks=25), monday + timedelta(days=6)) in told
    # None of the invented signals has an hour.
    assert f"{len(chosen)} signaler utan klockslag är inte med" in told
    log_out(monkeypatch)
    assert "Påhittorp" not in text(page())


def test_few_signals_are_not_said_to_repeat_or_not(own: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    said = text(entered(monkeypatch, own, "oroshardar.py"))
    assert "Med färre än 50 signaler med läge går det inte att se" in said
    assert "Par av signaler" not in said


def test_signals_that_follow_each_other_on_the_same_spot_are_told(
    own: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, chance = who.today(), np.random.default_rng(7)
    signals = []
    for n in range(40):
        x, y = float(chance.uniform(511_000, 513_000)), float(chance.uniform(6_547_000, 6_549_000))
        first = today - timedelta(days=int(chance.integers(20, 300)))
        for again in (0, 3, 6) if n < 20 else (0,):
            day = first + timedelta(days=again)
            signals.append(
                Signal(id=f"{n}-{again}", day=day, kind="fönsterkross", locality="Provort 1", x=x, y=y)
            )
    own.report("1861", signals, COMMAND_LINE)
    app = entered(monkeypatch, own, "oroshardar.py")
    said = text(app)
    assert "Ja. Mest utmärker sig 0–7 dagar efter en signal, på samma plats: " in said
    box = next(box for box in app.selectbox if box.label == "Slag av signal")
    assert box.options == ["Alla slag", "fönsterkross"]
    box.select("fönsterkross").run()
    assert not app.exception
    assert "på samma plats: 60 par av signaler" in text(app)
    assert "Kommer fler signaler" not in text(page())


def test_a_decision_closes_the_flag_and_is_kept_with_its_reason(
    own: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = entered(monkeypatch, own)
    box = next(box for box in app.selectbox if box.label == "Flagga")
    chosen = next(option for option in box.options if "Påhittorp" in option)
    flag_id = chosen.rstrip(")").split()[-1]
    box.select(flag_id)
    next(radio for radio in app.radio if radio.label == "Beslut").set_value(Decided.DISMISS)
    press(app, "Spara beslutet")
    assert "Skriv ett skäl" in text(app)
    box = next(box for box in app.selectbox if box.label == "Flagga")
    box.select(flag_id)
    next(radio for radio in app.radio if radio.label == "Beslut").set_value(Decided.DISMISS)
    app.text_input(key="decide_why").set_value("Ett evenemang")
    app.text_input(key="decide_who").set_value("Samordnaren")
    app.text_input(key="decide_owner").set_value("Fritid")
    press(app, "Spara beslutet")
    ((decision,),) = own.decisions("1861").values()
    assert (decision.decision, decision.reason) == (Decided.DISMISS, "Ett evenemang")
    assert (decision.decided_by, decision.owner) == ("Samordnaren", "Fritid")
    assert decision.flag["observed"] == 9
    assert "Ett evenemang" in text(app)
    log_out(monkeypatch)
    public = text(page())
    assert "Ett evenemang" not in public


def test_the_budget_is_the_coordinators_to_set(own: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    app = entered(monkeypatch, own)
    slider = next(slider for slider in app.select_slider if slider.label.startswith("Falska larm"))
    slider.set_value(1.0).run()
    assert not app.exception
    assert alarms.budget_of(own, "1861") == 1
    assert "godtagbara: 1 om året" in text(app)


def test_a_budget_that_somebody_else_has_chosen_meanwhile_is_not_overwritten(
    own: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = entered(monkeypatch, own)
    slider = next(slider for slider in app.select_slider if slider.label.startswith("Falska larm"))
    alarms.set_budget(own, "1861", 6.0)
    slider.set_value(1.0).run()
    assert not app.exception
    assert alarms.budget_of(own, "1861") == 6
    assert any("Någon annan har just valt" in one.value for one in app.warning)


def test_a_damaged_local_file_does_not_take_the_page_down(own: SignalStore) -> None:
    own.file.write_bytes(b"not a database" * 500)
    said = text(page())
    assert "lokala uppgifterna" in said
    assert "Bevakas: anmälda brott i Hallsberg" in said


def test_alarms_on_notices_are_turned_on_with_what_they_have_been_worth_beside(
    own: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not alarms.notices_watched(own, "1861")
    app = entered(monkeypatch, own)
    (toggle,) = app.toggle
    assert "Larma även på polisens notiser. Örebro län i efterhand:" in toggle.label
    assert "följdes" in toggle.label
    toggle.set_value(True).run()
    assert not app.exception
    assert alarms.notices_watched(own, "1861")
    said = text(page())
    assert "polisens notiser" in said.split("Gränserna är satta")[0]
    assert "Larm på polisens notiser är påslagna." in said


@pytest.mark.usefixtures("opened")
def test_the_flags_as_json_csv_and_text(shipped: Settings) -> None:
    with Warehouse.current(shipped.warehouse_folder) as warehouse:
        found = hotspot_exports.found(warehouse, "1861")
        earlier = hotspot_exports.found(warehouse, "1861", "SOL_TOTALT", date(2025, 6, 1))
        of_notices = hotspot_exports.found(warehouse, "1861", "vald")
        with pytest.raises(LookupError, match="Okänd kategori: trolleri"):
            hotspot_exports.found(warehouse, "1861", "trolleri")
        with pytest.raises(LookupError, match="ingen kommun"):
            hotspot_exports.found(warehouse, "9999")
        with pytest.raises(LookupError, match="inga hela månader"):
            hotspot_exports.found(warehouse, "1861", None, date(1999, 1, 1))
        with pytest.raises(LookupError, match="Siffrorna når till 2026-06"):
            hotspot_exports.found(warehouse, "1861", None, date(2026, 7, 1))
    read = json.loads(hotspot_exports.to_json(found))
    assert any(spot["code"] == "1861" for spot in read["spots"])
    assert read["alarm_budget"]["false_alarms_a_year"] == 2
    assert earlier["last"] == "2025-04"
    assert {flag["id"] for flag in found["flags"]} & {flag["id"] for flag in earlier["flags"]}
    assert of_notices["flags"] == []
    assert "Våld" in of_notices["pattern_of_sv"] or "våld" in of_notices["pattern_of_sv"]
    flag = next(flag for flag in earlier["flags"] if flag["places"] == ["1861"])
    assert (flag["open"], flag["status"], flag["observed"]) == (True, "continuing", 629)
    for table, rows in (("flaggor", len(read["flags"])), ("mönster", len(read["spots"])), ("beslut", 0)):
        lines = hotspot_exports.to_csv(found, table).splitlines()
        assert len(lines) == 1 + rows
        assert all(line.count(";") == lines[0].count(";") for line in lines)
    assert re.search(r";403,25\d+;", hotspot_exports.to_csv(found, "flaggor"))
    assert "Det är över." in hotspot_exports.to_text(found)


def gotland() -> str:
    """The page of Gotland, which is alone in its county."""
    st.cache_data.clear()
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "pages" / "hotspots.py"), default_timeout=60)
    app.query_params["kommun"] = "0980"
    app.run()
    assert not app.exception
    st.cache_data.clear()
    st.cache_resource.clear()
    return text(app)


@pytest.mark.usefixtures("opened")
def test_a_county_of_one_is_watched_like_any_other() -> None:
    said = gotland()
    assert "Bevakas: anmälda brott på Gotland." in said
    assert "grannkommuner som ökar tillsammans" not in said


@pytest.mark.usefixtures("opened")
def test_a_municipality_without_quarters_is_not_said_to_be_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "every_judged", lambda warehouse: [])
    said = gotland()
    assert "Inget kan bevakas" in said
    assert "Inget är flaggat" not in said


def test_a_budget_that_cannot_be_spent_says_so(own: SignalStore) -> None:
    with own.opened() as local:
        local.execute("DELETE FROM signal")
    alarms.set_budget(own, "1861", 24)
    assert "Så många blir det inte här" in text(page())
    alarms.set_budget(own, "1861", 1)
    assert "Så många blir det inte här" not in text(page())
