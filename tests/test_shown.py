"""A new vintage is read by nobody before what readers will ask for first has been worked out in it."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import requests
import streamlit as st
from streamlit.testing.v1 import AppTest

import lagesbild.data.warehouse.access as access
from lagesbild.cli import start
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data import log
from lagesbild.data.warehouse.shown import Shown
from lagesbild.figures import catalogue, kept
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from pages.parts import figure, ready, stored
from pipelines.publish import next_vintage, single_writer
from pipelines.work_out import forget, work_out_if_needed
from tests.serving import dashboard_alone
from tests.waiting import until


def publish(folder: Path, name: str) -> Path:
    """Let a vintage of that name be the newest."""
    file = folder / f"{name}.duckdb"
    file.touch()
    link = folder / "next"
    link.symlink_to(file.name)
    link.replace(folder / "current.duckdb")
    return file


@pytest.fixture
def shown() -> Shown:
    found = Shown()
    found.in_advance = True
    return found


def test_readers_see_the_one_before_until_the_new_one_is_ready(shown: Shown, tmp_path: Path) -> None:
    may_go, begun = threading.Event(), []

    def prepare(file: Path) -> None:
        begun.append(file)
        may_go.wait(10)

    shown.prepare_with("provet", prepare)
    old = publish(tmp_path, "a")
    assert shown.vintage(tmp_path) == old  # there is nothing else to show
    assert begun == []
    new = publish(tmp_path, "b")
    assert [shown.vintage(tmp_path) for _ in range(20)] == [old] * 20
    may_go.set()
    until(lambda: shown.vintage(tmp_path) == new)
    assert begun == [new]  # once, however many asked
    assert shown.vintage(tmp_path) == new


def test_a_start_gets_ready_what_is_shown_though_a_newer_one_has_come(shown: Shown, tmp_path: Path) -> None:
    done: list[Path] = []
    shown.prepare_with("provet", done.append)
    old = publish(tmp_path, "a")
    assert shown.vintage(tmp_path) == old
    new = publish(tmp_path, "b")
    shown.prepare(tmp_path)
    assert done == [old]
    assert shown.vintage(tmp_path) == old  # until the newer one has been got ready, as every new one is
    until(lambda: shown.vintage(tmp_path) == new)
    assert done == [old, new]


def test_what_a_start_got_ready_is_what_the_first_reader_sees_though_they_come_after_the_next(
    shown: Shown, tmp_path: Path
) -> None:
    done: list[Path] = []
    shown.prepare_with("provet", done.append)
    old = publish(tmp_path, "a")
    shown.prepare(tmp_path)
    new = publish(tmp_path, "b")
    assert shown.vintage(tmp_path) == old  # the new one is cold
    until(lambda: shown.vintage(tmp_path) == new)
    assert done == [old, new]


def test_figures_that_come_by_night_have_been_got_ready_when_the_first_reader_comes(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "SHOWN", shown)
    monkeypatch.setattr(start, "import_all", lambda: None)
    monkeypatch.setattr(start, "_LOOK", 0.01)
    done: list[Path] = []
    shown.prepare_with("provet", done.append)
    settings = Settings(home=tmp_path)
    settings.warehouse_folder.mkdir(parents=True)
    # There is nothing to show yet: that ends nothing.
    threading.Thread(target=start._keep_ready, args=(settings,), daemon=True).start()
    first = publish(settings.warehouse_folder, "a")
    until(lambda: shown._now.get(settings.warehouse_folder) == first)
    second = publish(settings.warehouse_folder, "b")
    until(lambda: shown._now[settings.warehouse_folder] == second)
    assert done[-1] == second
    assert shown.vintage(settings.warehouse_folder) == second


def test_a_page_that_cannot_be_imported_is_told_and_the_rest_got_ready(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ImportError("half an upgrade")

    monkeypatch.setattr(start, "SHOWN", shown)
    monkeypatch.setattr(start, "import_all", lambda: None)
    monkeypatch.setattr(ready, "in_advance", broken)
    done: list[Path] = []
    shown.prepare_with("provet", done.append)
    settings = Settings(home=tmp_path)
    settings.warehouse_folder.mkdir(parents=True)
    new = publish(settings.warehouse_folder, "a")
    log.start(tmp_path, verbose=False)
    start._get_ready(settings)
    log.stop()
    assert done == [new]
    assert "förberedelse av sidorna: oväntat fel" in log.file_of(tmp_path).read_text("utf-8")


def test_one_that_cannot_be_got_ready_is_shown_all_the_same_and_the_log_says_why(
    shown: Shown, tmp_path: Path
) -> None:
    log.start(tmp_path, verbose=False)
    shown.prepare_with("provet", lambda file: 1 / 0)
    publish(tmp_path, "a")
    shown.vintage(tmp_path)
    new = publish(tmp_path, "b")
    until(lambda: shown.vintage(tmp_path) == new)
    log.stop()
    assert "förberedelse av provet: oväntat fel" in log.file_of(tmp_path).read_text("utf-8")


def test_one_that_is_gone_is_not_waited_in(shown: Shown, tmp_path: Path) -> None:
    shown.prepare_with("provet", lambda file: time.sleep(60))
    old = publish(tmp_path, "a")
    shown.vintage(tmp_path)
    new = publish(tmp_path, "b")
    assert shown.vintage(tmp_path) == old
    old.unlink()
    assert shown.vintage(tmp_path) == new


def test_where_no_readers_are_served_the_newest_is_shown_at_once(tmp_path: Path) -> None:
    plain = Shown()
    plain.prepare_with("provet", lambda file: pytest.fail("nobody asked for it"))
    for name in "abc":
        new = publish(tmp_path, name)
        assert plain.vintage(tmp_path) == new


@pytest.fixture
def settings(ready: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(ready.warehouse_folder, tmp_path / "warehouse", symlinks=True)
    return replace(ready, home=tmp_path)


def publish_again(settings: Settings) -> None:
    with single_writer(settings), next_vintage(settings) as connection:
        connection.execute("UPDATE municipality SET name = 'Hallsbergs stad' WHERE code = '1861'")


def publish_unanswered(settings: Settings) -> Path:
    with next_vintage(settings) as connection:
        forget(connection)
    return access.current_vintage(settings.warehouse_folder)


def test_what_an_ingest_has_not_answered_yet_is_neither_shown_nor_got_ready(
    shown: Shown, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lagesbild.data.warehouse.shown._LOOK", 0.01)
    looked, prepared = Mock(wraps=access.is_written), Mock()
    monkeypatch.setattr("lagesbild.data.warehouse.shown.is_written", looked)
    shown.prepare_with("provet", prepared)
    folder = settings.warehouse_folder
    before = shown.vintage(folder)
    with single_writer(settings):
        for _ in range(2):
            publish_unanswered(settings)
            looked.reset_mock()
            until(lambda: shown.vintage(folder) == before and looked.call_count > 5)
        assert prepared.call_count == 0
        work_out_if_needed(settings)
        answered = access.current_vintage(folder)
        until(lambda: shown.vintage(folder) == answered)
    prepared.assert_called_once_with(answered)


def test_what_an_ingest_that_has_ended_left_unanswered_is_shown(
    shown: Shown, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lagesbild.data.warehouse.shown._LOOK", 0.01)
    before = shown.vintage(settings.warehouse_folder)
    with single_writer(settings):
        unanswered = publish_unanswered(settings)
        assert shown.vintage(settings.warehouse_folder) == before
    until(lambda: shown.vintage(settings.warehouse_folder) == unanswered)


def test_new_figures_wait_for_their_answers_some_minutes_and_no_longer(
    shown: Shown, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lagesbild.data.warehouse.shown._LOOK", 0.01)
    monkeypatch.setattr("lagesbild.data.warehouse.shown._LONGEST", 0.3)
    before = shown.vintage(settings.warehouse_folder)
    with single_writer(settings):
        unanswered = publish_unanswered(settings)
        assert shown.vintage(settings.warehouse_folder) == before
        until(lambda: shown.vintage(settings.warehouse_folder) == unanswered)


def test_where_there_is_no_room_for_a_thread_the_next_reader_asks_again(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown.prepare_with("provet", lambda file: None)
    old = publish(tmp_path, "a")
    shown.vintage(tmp_path)
    new = publish(tmp_path, "b")
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        assert shown.vintage(tmp_path) == old
    until(lambda: shown.vintage(tmp_path) == new)


def test_to_ask_whether_somebody_writes_hinders_nobody_from_writing(settings: Settings) -> None:
    over = threading.Event()

    def asking() -> None:
        while not over.is_set():
            access.is_written(settings.warehouse_folder)
            time.sleep(0.001)

    asker = threading.Thread(target=asking)
    asker.start()
    try:
        for _ in range(100):
            with single_writer(settings):
                assert access.is_written(settings.warehouse_folder)
    finally:
        over.set()
        asker.join()
    assert not access.is_written(settings.warehouse_folder)


def test_the_first_page_of_a_vintage_that_was_got_ready_draws_nothing_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(settings.home))
    st.cache_resource.clear()

    def page() -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "sticker_vi_ut.py"), default_timeout=60)
        app.query_params["kommun"] = "1861"
        return app.run()

    assert not page().exception
    publish_again(settings)
    ready._get_ready(access.current_vintage(settings.warehouse_folder))
    drawn = Mock(wraps=build)
    asked = Mock(wraps=access.frame_of)
    monkeypatch.setattr(catalogue, "build", drawn)
    monkeypatch.setattr(access, "frame_of", asked)
    app = page()
    assert not app.exception
    assert "Sticker Hallsbergs stad ut?" in [title.value for title in app.title]
    assert drawn.call_count == 0
    assert asked.call_count <= 3  # what concerns this municipality alone


def test_charts_are_sent_as_they_were_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plotly makes no parts of a figure to send it: that takes longer than all the rest."""
    monkeypatch.setenv("LAGESBILD_HOME", str(settings.home))
    st.cache_resource.clear()
    monkeypatch.setattr(kept._Sent, "__getattr__", lambda self, name: pytest.fail(f"{name} was asked for"))
    app = AppTest.from_file(str(ROOT / "pages" / "sticker_vi_ut.py"), default_timeout=60)
    app.query_params["kommun"] = "1861"
    assert not app.run().exception
    assert len(app.get("plotly_chart")) >= 2


def test_a_page_keeps_apart_what_its_readers_have_chosen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(settings.home))
    warehouse = stored.opened(access.current_vintage(settings.warehouse_folder))
    asked = {"home": "1861", "indicator": "N07540"}

    def table(own: dict[str, tuple[str, ...]] | None) -> object:
        return figure.built(ChartContext(warehouse, Panel(warehouse, None, own)), "comparisons", asked).table

    strangers = table({"1861": ("1880", "1881", "1882")})
    usual = table(None)
    assert usual != strangers
    assert table({"1861": ("1880", "1881", "1883")}) not in (usual, strangers)
    assert table({"1861": ("1880", "1881", "1882")}) == strangers
    assert table(None) == usual


def test_who_reads_is_served_before_what_nobody_reads_yet() -> None:
    def page() -> None:
        import streamlit

        from pages.parts.ready import _is_drawing

        streamlit.text(str(_is_drawing()))

    assert AppTest.from_function(page).run().text[0].value == "True"
    assert not ready._is_drawing()


def test_a_served_page_tells_of_the_new_vintage_a_moment_after_it_was_published(settings: Settings) -> None:
    with dashboard_alone(settings.home) as address:

        def title() -> str:
            return requests.get(f"{address}/", timeout=10).text.partition("<h1>")[2].partition("</h1>")[0]

        assert title() == "Sticker Hallsberg ut?"
        publish_again(settings)
        assert title() == "Sticker Hallsberg ut?"
        until(lambda: title() == "Sticker Hallsbergs stad ut?")
