"""What many tests share: an invented world, a snapshot of it, settings in a temporary home."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
import time_machine
from playwright.sync_api import Browser, expect, sync_playwright
from streamlit.components.v2 import manifest_scanner
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import archive_of
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from lagesbild.signals import access
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import SignalStore
from pages.parts import markup
from pipelines import run
from pipelines.policy import Policy
from pipelines.publish import single_writer
from pipelines.registry import SOURCES
from pipelines.run import SourceOutcome, ingest, prepare
from pipelines.work_out import work_out_if_needed
from tests import sol_world, world
from tests.serving import ARGUMENTS, CHROMIUM, PASSWORD, Shown, Window, dashboard_alone
from tests.snapshots import make_snapshot
from tests.sources.sol_server import SolStandIn

#: What is waited for in a browser comes at once, but for a machine that has much else to do.
expect.set_options(timeout=30_000)
SHARED = ROOT.parent / "shared"
#: The longest first.
LONGEST = (
    "test_reading_in_browser.py",
    "test_browser.py",
    "test_every_sentence.py",
    "test_ingest.py",
    "test_bra_sol.py",
    "test_pictures.py",
    "test_faults.py",
    "test_print.py",
    "test_terminal.py",
    "test_local_signals.py",
    "test_roles.py",
    "test_flags.py",
    "test_fact_sheet.py",
    "test_cli.py",
    "test_archive.py",
    "test_oidc.py",
    "test_in_browser.py",
    "test_register.py",
    "test_kolada.py",
    "test_statement.py",
    "test_wheel.py",
)


#: Tomorrow at noon in Sweden: what is made while the tests run is made before.
NOON = datetime.now(ZoneInfo("Europe/Stockholm")).replace(hour=12, minute=0) + timedelta(days=1)


@pytest.fixture(scope="module")
def at_noon() -> Iterator[None]:
    """Let the tests of a file be run on one day: at midnight pages show another than the tests ask for."""
    with time_machine.travel(NOON):
        yield


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(scope="session", autouse=True)
def components_sought_once() -> Iterator[None]:
    """Let Streamlit read the names of all installed packages once, not anew for every page that a test opens."""
    with pytest.MonkeyPatch.context() as patched:
        sought = cache(manifest_scanner.scan_component_manifests)
        patched.setattr(manifest_scanner, "scan_component_manifests", sought)
        yield


@pytest.fixture
def shared() -> Path:
    """The folder with real data and fixtures beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("needs the sibling folder shared/, which holds the real data")
    return SHARED


def set_policy(monkeypatch: pytest.MonkeyPatch, policy: Policy, *source_ids: str) -> None:
    """Let sources (default all) allow something else than they do."""
    for source_id in source_ids or SOURCES:
        monkeypatch.setattr(type(SOURCES[source_id]), "policy", policy)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Policy:
    """Short waits, so that a source that is down or slow is given up on soon."""
    policy = Policy(
        min_interval=0, backoff=0.01, attempts=2, read_timeout=1.0, total_timeout=4, max_bytes=5_000_000
    )
    set_policy(monkeypatch, policy)
    return policy


class OnceForAll:
    """Makes folders that many tests begin with: once for all workers, and a copy for each."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        base = factory.getbasetemp()
        self._root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return this worker's own copy of a folder; the worker that comes first makes it, the others wait."""
        made, done = self._root / f"made-{name}", self._root / f"made-{name}.done"
        with (self._root / f"made-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(made, ignore_errors=True)
                made.mkdir()
                make(made)
                done.touch()
        own = self._factory.mktemp(name)
        shutil.copytree(made, own, symlinks=True, dirs_exist_ok=True)
        return own


@pytest.fixture(scope="session")
def once_for_all(tmp_path_factory: pytest.TempPathFactory) -> OnceForAll:
    """What makes folders for all workers."""
    return OnceForAll(tmp_path_factory)


@pytest.fixture(scope="session")
def invented_snapshot(once_for_all: OnceForAll, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the invented world, made with the project's own pipelines."""
    return once_for_all(
        "snapshot", lambda folder: make_snapshot(folder, Settings(home=tmp_path_factory.mktemp("maker")))
    )


@pytest.fixture(scope="session")
def shipped(once_for_all: OnceForAll) -> Settings:
    """A new installation with the shipped snapshot of real figures."""

    def make(home: Path) -> None:
        settings = Settings(home=home)
        with single_writer(settings):
            prepare(settings)

    return Settings(home=once_for_all("shipped", make))


@pytest.fixture(scope="session")
def real(shipped: Settings) -> Iterator[Warehouse]:
    """The warehouse of the shipped figures."""
    with Warehouse.current(shipped.warehouse_folder) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def panel(real: Warehouse) -> Panel:
    """All municipalities of the shipped figures."""
    return Panel(real)


@pytest.fixture(scope="session")
def ready(shipped: Settings, once_for_all: OnceForAll) -> Settings:
    """An installation with the shipped figures and everybody's answers."""

    def make(home: Path) -> None:
        shutil.copytree(shipped.home, home, dirs_exist_ok=True, symlinks=True)
        settings = replace(shipped, home=home)
        with single_writer(settings):
            work_out_if_needed(settings)

    return replace(shipped, home=once_for_all("ready", make))


@pytest.fixture(scope="session")
def worked_out(ready: Settings) -> Iterator[Warehouse]:
    """The shipped figures with everybody's answers."""
    with Warehouse.current(ready.warehouse_folder) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def with_crime_types(once_for_all: OnceForAll, invented_snapshot: Path) -> Settings:
    """An installation in the invented world that has read BRÅ's crime types."""
    settings = Settings(home=Path("unused"), snapshot_folder=invented_snapshot, home_municipality=world.HOME)

    def make(home: Path) -> None:
        with SolStandIn(sol_world.served()) as stand_in, pytest.MonkeyPatch.context() as patched:
            patched.setattr(
                run, "_work_out", lambda settings: None
            )  # half of the time, and nobody here needs it
            patched.setattr(run, "_tell", lambda settings: None)
            asked = replace(settings, home=home, base_urls={"bra_sol": stand_in.url})
            (outcome,) = ingest(asked, Silent(), ["bra_sol"])
        assert outcome.outcome == "ok", outcome.message

    return replace(settings, home=once_for_all("crime_types", make))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a file."""
    assert Path(CHROMIUM).exists(), "chromium is missing; make test installs it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def _window(browser: Browser) -> Window:
    return Window(browser)


@pytest.fixture
def window(_window: Window) -> Iterator[Window]:
    """A window that the tests of a file share; each begins where nobody has been anywhere."""
    yield _window
    _window.forget()


@pytest.fixture(scope="session")
def shown(
    ready: Settings, real: Warehouse, panel: Panel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """The dashboard as it is served, with the shipped figures, for all tests that look at it in a browser."""
    home = tmp_path_factory.mktemp("shown")
    shutil.copytree(ready.home, home, dirs_exist_ok=True, symlinks=True)
    settings = replace(ready, home=home)
    store = SignalStore(settings.local_file)
    access.set_password(store, "anna", PASSWORD, COMMAND_LINE)
    chart = build(ChartContext(real, panel), "trend", {"home": "1861", "indicator": "N07540"})
    frozen = archive_of(settings).freeze(chart)
    with dashboard_alone(home) as url:
        yield Shown(url, store, frozen.id)


class Silent:
    """Hears of progress and says nothing."""

    def started(self, source_id: str) -> None: ...

    def progressed(self, source_id: str, done: int, known: int) -> None: ...

    def finished(self, outcome: SourceOutcome) -> None: ...


def _unfolded(label: str, key: str) -> ExpanderContainer:
    return st.expander(label, expanded=True, key=key, on_change="rerun")


@contextmanager
def all_unfolded() -> Iterator[None]:
    """Let all that pages fill when it is opened be open from the start, so that it is read with the rest."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(markup, "folded", _unfolded)
        yield


@pytest.fixture
def unfolded() -> Iterator[None]:
    """Pages with all that can be opened open."""
    with all_unfolded():
        yield


@pytest.fixture
def settings(tmp_path: Path, invented_snapshot: Path) -> Settings:
    """Settings of a new installation in the invented world."""
    return Settings(home=tmp_path / "home", snapshot_folder=invented_snapshot, home_municipality=world.HOME)


@pytest.fixture
def served(settings: Settings) -> Iterator[Callable[..., Settings]]:
    """Start the world, with some sources changed; gives settings that point at it."""
    running: list[world.World] = []

    def start(**changed: object) -> Settings:
        found = world.World(dict(changed)).__enter__()
        running.append(found)
        return replace(settings, base_urls=found.urls)

    yield start
    for found in running:
        found.__exit__()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first: a worker takes a whole file, and one that begins the last is waited for."""
    place = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_collection_finish() -> None:
    """Look for garbage more seldom, and not in what is imported and collected, which stays: a tenth of all the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


def pytest_unconfigure() -> None:
    """Let what was kept go at the end, as it goes otherwise."""
    gc.unfreeze()
