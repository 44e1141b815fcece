"""What a broken source does to an ingest: one line, and no harm to the rest."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from lagesbild.config import Settings
from pipelines.policy import Policy
from pipelines.registry import SOURCES
from tests import world
from tests.pipelines.ingesting import Start, contents, run
from tests.sources.server import StandIn


@pytest.fixture(scope="session")
def ingested(
    tmp_path_factory: pytest.TempPathFactory, invented_snapshot: Path
) -> Callable[[str, Settings], None]:
    """Give an installation a home in which Kolada and another source are read (once for all tests)."""

    @cache
    def home(source: str) -> Path:
        folder = tmp_path_factory.mktemp(f"ingested-{source}") / "home"
        settings = Settings(home=folder, snapshot_folder=invented_snapshot, home_municipality=world.HOME)
        with world.World() as served:
            outcomes = run(replace(settings, base_urls=served.urls), "kolada", source)
        assert {outcome.outcome for outcome in outcomes.values()} == {"ok"}
        return folder

    def copy(source: str, settings: Settings) -> None:
        shutil.rmtree(settings.home)
        shutil.copytree(home(source), settings.home, symlinks=True)

    return copy


@pytest.mark.parametrize("fault", [*world.FAULTS, "down", "slow", "error 500", "refused 403"])
@pytest.mark.parametrize("source", list(SOURCES))
def test_a_broken_source_gives_one_line_and_harms_nothing(
    source: str,
    fault: str,
    quick: Policy,
    served: Start,
    ingested: Callable[[str, Settings], None],
) -> None:
    settings = served()
    ingested(source, settings)
    untouched = {"kolada": "comparison_group", "scb": "locality", "polisen": "police_event"}.get(
        source, "observation"
    )
    before = contents(settings, untouched)
    other = "scb" if source != "scb" else "polisen"
    sound = world.routes()[source]

    def broken(
        method: str, path: str, query: dict[str, str], body: object
    ) -> tuple[int, dict[str, str], bytes]:
        if fault == "slow":
            time.sleep(2.5)
        if fault.startswith(("error", "refused")):
            return int(fault.split()[1]), {}, b""
        status, headers, content = sound(method, path, query, body)
        return status, headers, world.FAULTS[fault](path, content) if fault in world.FAULTS else content

    with StandIn(broken) as server:
        url = "http://127.0.0.1:9" if fault == "down" else world.base_url(source, server)
        outcomes = run(replace(settings, base_urls={**settings.base_urls, source: url}), source, other)
    assert outcomes[source].outcome in {"failed", "unreachable"}, outcomes[source]
    assert outcomes[source].message.startswith(f"{source}: ")
    assert "\n" not in outcomes[source].message
    assert "oväntat fel" not in outcomes[source].message
    assert outcomes[other].outcome == "ok"
    assert before[untouched]
    assert contents(settings, untouched) == before
    recovered = run(settings, source)[source]
    assert recovered.outcome == "ok", recovered.message
