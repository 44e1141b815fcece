"""As quick after a full fetch as on the first day: everybody's answers, the first page, a click, another municipality."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

from lagesbild.cli.start import import_all
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.swedish import number
from pipelines.policy import Policy
from pipelines.publish import next_vintage, single_writer
from pipelines.registry import SOURCES
from pipelines.run import ingest, prepare
from pipelines.work_out import work_out
from tests import world
from tests.conftest import Silent
from tests.snapshots import make_snapshot
from tests.sol_plain import sol
from tests.sources.sol_server import SolRoutes

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "pages/sticker_vi_ut.py"
_YEARS, _MONTHLY = range(2015, 2026), range(2025, 2027)


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    import_all()  # as `serve` does before the first reader comes
    AppTest.from_string("import streamlit").run()
    with tempfile.TemporaryDirectory() as folder:
        shipped = Settings(home=Path(folder) / "shipped")
        with single_writer(shipped):
            prepare(shipped)
        full = _full_fetch(Path(folder))
        for name, settings in (("de medföljande uppgifterna", shipped), ("allt hämtat, påhittade tal", full)):
            yield f"{name.capitalize()}: {_worked_out(settings)}"
            yield f"  första sidan: {_clicks(settings)}"


def _full_fetch(folder: Path) -> Settings:
    """Fetch all six sources from stand-ins, with the 55 standard crime types."""
    patient = Policy(min_interval=0, attempts=2, read_timeout=60, total_timeout=100, max_bytes=50_000_000)
    for source in SOURCES.values():
        type(source).policy = patient
    make_snapshot(folder / "snapshot", Settings(home=folder / "maker"))
    served = SolRoutes(sol(_YEARS, _MONTHLY, all_monthly=True))
    with world.World({"bra_sol": served}) as running:
        settings = Settings(
            home=folder / "full",
            snapshot_folder=folder / "snapshot",
            home_municipality=world.HOME,
            base_urls=running.urls,
        )
        ingest(settings, Silent())
    return replace(settings, base_urls={})


def _worked_out(settings: Settings) -> str:
    with single_writer(settings), next_vintage(settings) as connection:
        start = time.perf_counter()
        answers = work_out(connection)
        seconds = time.perf_counter() - start
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        panel = Panel(warehouse)
        kinds = sum(kind.counted for kind in panel.kinds.values())
        return (
            f"{number(answers)} bedömningar ({len(panel.codes)} kommuner, {len(panel.standard)} nyckeltal, {kinds} grupper, fem år) "
            f"på {number(seconds, 1)} s"
        )


def _clicks(settings: Settings) -> str:
    os.environ |= {
        "LAGESBILD_HOME": str(settings.home),
        "LAGESBILD_SNAPSHOT": str(settings.snapshot_folder),
        "LAGESBILD_KOMMUN": settings.home_municipality,
    }
    app = AppTest.from_file(str(ROOT / PAGE), default_timeout=120)
    cold = _seconds(app)
    again = _seconds(app)
    others = []
    for choice in (30, 60, 90):
        app.selectbox[0].select_index(choice)
        others.append(_seconds(app))
    app.selectbox[1].select_index(1)
    group = _seconds(app)
    app.selectbox[2].select_index(2)
    measure = _seconds(app)
    return (
        f"kall {number(cold, 2)} s, igen {number(again, 2)} s, en annan kommun {number(sorted(others)[1], 2)} s, en annan grupp "
        f"{number(group, 2)} s, ett annat nyckeltal {number(measure, 2)} s"
    )


def _seconds(app: AppTest) -> float:
    start = time.perf_counter()
    app.run()
    if app.exception:
        raise RuntimeError(str(app.exception))
    return time.perf_counter() - start


if __name__ == "__main__":
    for text in lines():
        print(text, flush=True)
