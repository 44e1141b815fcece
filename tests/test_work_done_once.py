"""A page does its work once: what it has read and compared is not read and compared again on a click."""

from __future__ import annotations

import gc
import shutil
import time
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import lagesbild.data.warehouse.access as access
from lagesbild.cli import start
from lagesbild.comparison import benchmark
from lagesbild.comparison.groups import Group
from lagesbild.config import ROOT, Settings, load_settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.data.warehouse.queries import horizon
from lagesbild.data.warehouse.shown import Shown
from lagesbild.hotspots import cube as cubes
from pages.parts import choices, figure, ready, stored


@pytest.fixture
def home(shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the shipped warehouse that no page of this process has opened, so that everything is cold."""
    shutil.copytree(shipped.warehouse_folder, tmp_path / "warehouse", symlinks=True)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each query about notices has been put to DuckDB."""
    counted: Counter[str] = Counter()
    original = access.frame_of

    def counting(connection: object, sql: str, *arguments: object) -> object:
        if "police_" in sql or "notice_day" in sql:
            counted[sql] += 1
        return original(connection, sql, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(access, "frame_of", counting)
    return counted


def test_hotspots_asks_for_the_notices_once_and_not_again_on_a_click(home: None, asked: Counter[str]) -> None:
    ready._get_ready(access.current_vintage(load_settings().warehouse_folder))  # as the server does
    app = opened("hotspots", kommun="1861")
    assert not app.exception
    assert asked
    assert set(asked.values()) == {1}
    cold = asked.total()
    app.radio(key="omfang").set_value("landet").run()
    app.selectbox(key="karta").set_value("vald").run()
    assert not app.exception
    assert asked.total() == cold


@pytest.mark.parametrize(
    ("page", "work"),
    [
        ("hotspots", "lagesbild.hotspots.cube.cube_of"),
        ("hotspots", "lagesbild.hotspots.alarms.every_judged"),
        ("alla", "lagesbild.comparison.everyone._of_measure"),
    ],
)
def test_what_a_page_shows_before_anything_is_chosen_has_been_worked_out_when_its_first_reader_comes(
    home: None, monkeypatch: pytest.MonkeyPatch, page: str, work: str
) -> None:
    room, _, name = work.rpartition(".")
    module = import_module(room)
    worked = Mock(wraps=getattr(module, name))
    monkeypatch.setattr(module, name, worked)
    ready._get_ready(access.current_vintage(load_settings().warehouse_folder))
    assert worked.call_count
    worked.reset_mock()
    app = opened(page, kommun="1861")
    assert not app.exception
    assert worked.call_count == 0


def test_a_start_gets_ready_what_pages_need_before_anybody_has_opened_one(
    home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Shown()
    monkeypatch.setattr(start, "SHOWN", shown)
    monkeypatch.setattr(ready, "SHOWN", shown)
    monkeypatch.setattr(start, "import_all", lambda: None)
    prepared: list[Path] = []
    monkeypatch.setattr(ready, "_get_ready", prepared.append)
    settings = load_settings()
    start._get_ready(settings)
    assert prepared == [access.current_vintage(settings.warehouse_folder)]


def test_what_is_folded_below_a_chart_is_worked_out_when_it_is_opened(
    home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Mock(wraps=figure.table)
    monkeypatch.setattr(figure, "table", shown)
    app = opened("trender", kommun="1861")
    assert not app.exception
    assert shown.call_count == 0
    assert not [button for button in app.button if button.label == "Citera"]
    app.session_state["trend_table"] = app.session_state["trend_cite"] = True
    app.run()
    assert shown.call_count == 1
    assert [button.key for button in app.button if button.label == "Citera"] == ["trend_freeze"]


def test_hotspots_draws_what_few_look_at_when_it_is_opened(home: None) -> None:
    app = opened("hotspots", kommun="1861")
    first = len(app.get("plotly_chart"))
    app.session_state["notice_time"] = True
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == first + 2


def test_hotspots_looks_for_patterns_once_for_all_municipalities(
    home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[cubes.Cube] = []
    patterns = cubes.patterns

    def looking(cube: cubes.Cube) -> object:
        looked.append(cube)
        return patterns(cube)

    monkeypatch.setattr(cubes, "patterns", looking)
    for code in ("1861", "0180", "2506"):
        assert not opened("hotspots", kommun=code).exception
    assert len(looked) == 1


def test_the_first_page_compares_each_measure_with_each_group_once(
    home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: Counter[tuple[object, ...]] = Counter()
    calls: Counter[str] = Counter()
    assess, compare = benchmark._assess, benchmark.compare

    def assessing(panel: object, home: str, group: Group, key: str, value: benchmark.Value) -> object:
        compared[home, group.key, key, value.year] += 1
        return assess(panel, home, group, key, value)  # type: ignore[arg-type]

    def comparing(*arguments: object, **named: object) -> object:
        calls["compare"] += 1
        return compare(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(benchmark, "_assess", assessing)
    monkeypatch.setattr(benchmark, "compare", comparing)
    app = opened("sticker_vi_ut", kommun="1861", flik="sakerhet")
    assert not app.exception
    assert calls["compare"] == 1  # the measure with all groups
    app = opened("sticker_vi_ut", kommun="1861", flik="typer")
    assert calls["compare"] == 2  # and all measures with the group
    assert set(compared.values()) == {1}
    app = opened("sticker_vi_ut", kommun="1861", flik="sakerhet")
    cold = compared.total()
    app.radio(key="omfang").set_value("gruppen").run()
    assert not app.exception
    assert (compared.total(), calls["compare"]) == (cold, 2)


def test_a_vintage_answers_the_same_question_once_within_its_memory(
    shipped: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = access.frame_of

    def counting(connection: object, sql: str, *arguments: object) -> object:
        asked.append(sql)
        return original(connection, sql, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(access, "frame_of", counting)
    one = "SELECT name FROM municipality WHERE code = ?"
    with access.Warehouse.current(shipped.warehouse_folder) as warehouse:
        assert [warehouse.frame(one, [code]).item() for code in ("1861", "1880", "1861")] == [
            "Hallsberg",
            "Örebro",
            "Hallsberg",
        ]
        assert asked == [one, one]
        assert warehouse.within(horizon(warehouse)).frame(one, ["1861"]).item() == "Hallsberg"
        assert (
            len(asked) == len([sql for sql in asked if sql != one]) + 2
        )  # whatever the horizon asked, not this
    monkeypatch.setattr(access, "REMEMBERED_BYTES", 0)
    with access.Warehouse.current(shipped.warehouse_folder) as forgetful:
        asked.clear()
        assert [forgetful.frame(one, ["1861"]).item() for _ in range(2)] == ["Hallsberg"] * 2
        assert asked == [one, one]


def test_what_is_being_built_is_asked_every_time() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE a AS SELECT 1 AS n")
        building = access.Warehouse.being_built(connection)
        assert building.frame("SELECT n FROM a").item() == 1
        connection.execute("UPDATE a SET n = 2")
        assert building.frame("SELECT n FROM a").item() == 2


def test_what_is_worked_out_of_a_vintage_is_worked_out_once_however_many_ask(real: Warehouse) -> None:
    worked = Counter[str]()

    def slowly(whole: Warehouse) -> str:
        worked["slowly"] += 1
        time.sleep(0.05)
        return whole.vintage

    with access.Warehouse(real.file) as warehouse, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: warehouse.worked_out("slowly", slowly), range(8)))
        assert found == [real.vintage] * 8
        assert worked["slowly"] == 1
        within = warehouse.within(horizon(warehouse))
        assert within.worked_out("slowly", slowly) == real.vintage
        assert worked["slowly"] == 1


def test_the_latest_that_were_asked_for_are_kept_and_what_fails_is_not(real: Warehouse) -> None:
    worked = Counter[int]()

    def of(number: int) -> Callable[[Warehouse], int]:
        def work(whole: Warehouse) -> int:
            worked[number] += 1
            return 100 // number

        return work

    with access.Warehouse(real.file) as warehouse:
        for number in (1, 2, 1, 3, 1, 2):  # 2 is asked for last when 3 comes
            assert warehouse.worked_out("hundredths", of(number), number, most=2) == 100 // number
        assert worked == {1: 1, 2: 2, 3: 1}
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                warehouse.worked_out("hundredths", of(0), 0, most=2)
        assert worked[0] == 2


def test_a_vintage_that_nobody_is_shown_any_more_is_let_go(shipped: Settings, tmp_path: Path) -> None:
    st.cache_resource.clear()
    vintages = [tmp_path / f"{name}.duckdb" for name in "abc"]
    for file in vintages:
        shutil.copy(access.current_vintage(shipped.warehouse_folder), file)
    first = stored.opened(vintages[0])
    of_first = weakref.ref(choices.usual_panel(first))
    for file in vintages[1:]:
        choices.usual_panel(stored.opened(file))
    gc.collect()
    assert of_first() is None
    assert stored.opened(vintages[2]).file == vintages[2]
    assert choices.usual_panel(first).names["1861"] == "Hallsberg"  # who still reads it asks anew
    first.close()
