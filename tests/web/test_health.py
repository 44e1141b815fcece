"""What is told to whoever watches over an installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lagesbild import __version__
from lagesbild.config import Settings
from lagesbild.data import freshness
from lagesbild.data.warehouse import Warehouse
from lagesbild.web import health


def client(settings: Settings) -> TestClient:
    return TestClient(Starlette(routes=health.routes(settings)))


def test_an_installation_with_figures_is_ready_and_says_how_old_they_are(shipped: Settings) -> None:
    answer = client(shipped).get("/redo")
    told = answer.json()
    assert answer.status_code == 200
    assert told["status"] == "ok"
    assert told["kommuner"] == 290
    assert told["dagar_sedan_hamtning"] >= 0
    assert told["datalager"].endswith(".duckdb")
    assert told["hinder"] == []
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_vintage_keeps_of_its_sources_is_what_a_count_of_it_gives(
    shipped: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Warehouse.current(shipped.warehouse_folder) as warehouse:
        kept = freshness.of_sources(warehouse, None)
        assert warehouse.meta(freshness.COUNTED)
        monkeypatch.setattr(freshness, "COUNTED", "as a vintage of an older version, that has none")
        assert freshness.of_sources(warehouse, None) == kept
    assert {one.municipalities for one in kept} >= {290}
    assert sum(one.rows for one in kept) > 50_000


def test_without_figures_it_lives_but_is_not_ready(tmp_path: Path) -> None:
    asked = client(Settings(home=tmp_path))
    assert asked.get("/halsa").json() == {"status": "ok", "version": __version__}
    answer = asked.get("/redo")
    assert answer.status_code == 503
    assert answer.json()["status"] == "inte redo"
    assert answer.json()["dagar_sedan_hamtning"] is None
    assert len(answer.json()["hinder"]) == 1


def test_a_warehouse_or_local_file_that_is_damaged_is_told_without_the_servers_folders(
    shipped: Settings, tmp_path: Path
) -> None:
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "x.duckdb").write_bytes(b"not a warehouse")
    (tmp_path / "warehouse" / "current.duckdb").symlink_to("x.duckdb")
    (tmp_path / "local.sqlite").write_bytes(b"not a database, and long enough to be read as one" * 40)
    answer = client(Settings(home=tmp_path)).get("/redo")
    assert answer.status_code == 503
    assert len(answer.json()["hinder"]) == 2
    assert str(tmp_path) not in answer.text
