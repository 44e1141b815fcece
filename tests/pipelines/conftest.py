"""What tests of the pipelines share."""

from __future__ import annotations

import pytest

from pipelines import run


@pytest.fixture(autouse=True)
def answers_only_where_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the working out of everybody's answers, half of an ingest's time, but in tests marked ``answers``."""
    if request.node.get_closest_marker("answers") is None:
        monkeypatch.setattr(run, "_work_out", lambda settings: None)
