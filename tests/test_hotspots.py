"""Hotspots from police notices: the county's volume taken out, planted outbreaks found, quiet months left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lagesbild import hotspot_exports, reference
from lagesbild.charts.spot_map import spot_map
from lagesbild.config import REPOSITORY, Settings
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.categories import Category
from lagesbild.hotspots.cube import Cube, Spot
from lagesbild.hotspots.scan import Cluster
from lagesbild.hotspots.words import MEANS, NAMES, cluster_text, recurrence_text, spot_name
from lagesbild.reference import Geography, Outline
from lagesbild.warehouse import Warehouse
from tests import world
from tests.test_pages import text

SIDE = 6
GRID = {f"{county}{n:02d}": (float(n % SIDE), 58.0 + 3 * c + n // SIDE / 4)
        for c, county in enumerate(("01", "03")) for n in range(1, SIDE * SIDE + 1)}  # fmt: skip
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
    chance = np.random.default_rng(seed)
    busy = np.array([1.0 if code.startswith("01") else 0.5 for code in GRID])
    size = chance.lognormal(0, 0.5, len(GRID))
    growing = np.where(
        [[code.startswith("01") for code in GRID]], np.linspace(1, 2, len(MONTHS))[:, None], 1.0
    )
    return chance.poisson(level * busy * size * growing)


@contextmanager
def warehouse(counts: np.ndarray, category: str = "tillgrepp") -> Iterator[Warehouse]:
    with world.known({code: f"Prov{code}" for code in GRID}) as connection:
        rows = [[code, code[:2], MONTHS[m], "event", category, int(counts[m, n]), "f"]
                for n, code in enumerate(GRID) for m in range(len(MONTHS)) if counts[m, n]]  # fmt: skip
        if rows:
            connection.executemany("INSERT INTO police_month VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        yield _Open(connection)


class _Open(Warehouse):
    """A warehouse on an open connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection


def test_a_countys_volume_and_editors_are_taken_out() -> None:
    with warehouse(quiet()) as store:
        cube = cubes.notice_cube(store)
    assert cube.months[-1] == MONTHS[-2]  # the last month may not be over
    counties = np.array([code[:2] for code in cube.codes])
    for county in ("01", "03"):
        assert cube.expected[:, counties == county].sum(axis=1) == pytest.approx(
            cube.counts[:, counties == county].sum(axis=1)
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
    assert recurrence_text(first).startswith("så mycket ses av en slump ungefär en gång på")
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


def test_notices_never_become_rates_or_places_within_a_municipality() -> None:
    """No population and no coordinate of a notice is read anywhere under the hotspots of notices."""
    folder = REPOSITORY / "lagesbild" / "hotspots"
    for file in [
        *folder.glob("*.py"),
        REPOSITORY / "pages" / "hotspots.py",
        REPOSITORY / "lagesbild/hotspot_exports.py",
    ]:
        source = file.read_text("utf-8")
        assert "population" not in source, file
        assert "100_000" not in source, file
        assert "per 100" not in source, file
        assert "locality" not in source, file
    assert set(Cube.__dataclass_fields__) == {"codes", "months", "counts", "expected"}


@pytest.mark.parametrize(
    ("p_value", "told"),
    [(1.0, "nästan varje månad"), (0.5, "var annan månad"), (0.2, "var femte månad"), (1 / 15, "var 15:e månad"),
     (1 / 108, "en gång på nio år"), (1 / 1000, "en gång på 83 år")],
)  # fmt: skip
def test_how_unusual_is_told_in_plain_words(p_value: float, told: str) -> None:
    assert told in recurrence_text(Cluster((0,), 0.0, 1, 5, 1.0, 3.0, p_value, p_value))


def test_where_and_how_much_is_told() -> None:
    cluster = Cluster((0, 1), 20.0, 2, 14, 6.04, 3.0, 0.01, 0.01)
    assert (
        cluster_text(cluster, ["Provby", "Provås"])
        == "Provby och Provås: 14 notiser de senaste två månaderna, 6,0 väntade"
    )
    assert "den senaste månaden" in cluster_text(Cluster((0,), 0, 1, 3, 1.0, 1, 0.5, 0.5), ["Provby"])


def test_every_category_has_a_name_and_a_meaning() -> None:
    assert set(NAMES) == set(MEANS) == set(Category)
    assert spot_name(Spot("0101", Category.NEW, -1, None, -4, 1, 5.0)) == "▼ Ny"


def test_the_map_has_every_municipality_and_marks_the_home() -> None:
    spots = [
        Spot(code, Category.NEW if code == "0108" else Category.NONE, int(code == "0108"), None, 0, 1, 1.0)
        for code in GRID
    ]
    figure = spot_map(spots, "0101", {code: f"Prov{code}" for code in GRID})
    written = [label for trace in figure.data if trace.text is not None for label in trace.text]
    assert written == ["▲ Prov0108"]
    assert not any("http" in str(trace) for trace in figure.data)


@pytest.fixture
def opened(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real borders
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))


def page(**chosen: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "pages" / "hotspots.py"), default_timeout=60).run()
    for label, value in chosen.items():
        next(box for box in app.selectbox if box.label == label).select(value).run()
    assert not app.exception
    return app


@pytest.mark.usefixtures("opened")
def test_the_page_shows_the_map_what_builds_up_and_that_notices_are_no_crimes() -> None:
    said = text(page())
    for words in (
        "aldrig hur mycket brott det finns",
        "Är något på väg upp?",
        "notiser på ett år",
        "Källa: Polisen",
    ):
        assert words in said, words
    assert "per 100 000" not in said


@pytest.mark.usefixtures("opened")
def test_a_sparse_category_says_that_patterns_say_nothing() -> None:
    assert "säger mönster ingenting" in text(page(Händelser="ran"))


@pytest.mark.usefixtures("opened")
def test_an_earlier_month_can_be_looked_at() -> None:
    app = page()
    box = next(box for box in app.selectbox if box.label == "Till och med")
    box.select_index(len(box.options) - 1).run()
    assert not app.exception


@pytest.mark.usefixtures("opened")
def test_the_flags_as_json_and_csv(shipped: Settings) -> None:
    with Warehouse.current(shipped.warehouse_folder) as store:
        found = hotspot_exports.flags(store, "1861")
        with pytest.raises(LookupError, match="Okänd kategori"):
            hotspot_exports.flags(store, "1861", "trolleri")
        with pytest.raises(LookupError, match="ingen kommun"):
            hotspot_exports.flags(store, "9999")
        with pytest.raises(LookupError, match="inga hela månader"):
            hotspot_exports.flags(store, "1861", None, date(1999, 1, 1))
    read = json.loads(hotspot_exports.to_json(found))
    assert read["spots"][-1]["code"] == "1861" or any(spot["code"] == "1861" for spot in read["spots"])
    assert all(0 < cluster["p_value"] <= 1 for cluster in read["clusters"])
    lines = hotspot_exports.to_csv(found).splitlines()
    assert len(lines) == 1 + len(read["spots"]) + len(read["clusters"])
