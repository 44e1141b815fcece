"""What tests of the pipelines share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lagesbild.config import Settings
from pipelines import run
from pipelines.publish import single_writer
from pipelines.run import prepare
from tests import world


@pytest.fixture(autouse=True)
def answers_only_where_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the working out of everybody's answers, half of an ingest's time, but in tests marked ``answers``."""
    if request.node.get_closest_marker("answers") is None:
        monkeypatch.setattr(run, "_work_out", lambda settings: None)
        monkeypatch.setattr(run, "_tell", lambda settings: None)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, invented_snapshot: Path) -> Path:
    """A home with the warehouse that the first ingest makes of the snapshot before it asks anybody."""
    settings = Settings(
        home=tmp_path_factory.mktemp("prepared"),
        snapshot_folder=invented_snapshot,
        home_municipality=world.HOME,
    )
    with single_writer(settings):
        prepare(settings)
    return settings.home


@pytest.fixture
def settings(settings: Settings, prepared: Path) -> Settings:
    """Settings of an installation in the invented world that has its snapshot: copied, for it is always the same."""
    shutil.copytree(prepared, settings.home, symlinks=True)
    return settings
