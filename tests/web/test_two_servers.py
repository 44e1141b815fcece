"""Two processes show one installation while an ingest publishes: both answer all the time, and both show the new figures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import requests

from lagesbild.config import Settings
from lagesbild.data.warehouse import current_vintage
from pipelines import publish
from tests.serving import dashboard_alone

pytestmark = pytest.mark.slow


@pytest.fixture
def ours(shipped: Settings, tmp_path: Path) -> Settings:
    vintage = current_vintage(shipped.warehouse_folder)
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / vintage.name).hardlink_to(vintage)
    (tmp_path / "warehouse" / "current.duckdb").symlink_to(vintage.name)
    return Settings(home=tmp_path)


def shown(url: str) -> str:
    """The vintage that a server shows; its first page has the answer in it."""
    assert "lb-first-words" in requests.get(f"{url}/?kommun=1861", timeout=30).text
    answer = requests.get(f"{url}/redo", timeout=30)
    assert answer.status_code == 200
    return str(answer.json()["datalager"])


def asked(url: str, until: Event) -> set[str]:
    found = {shown(url)}
    while not until.is_set():
        found.add(shown(url))
    return found | {shown(url)}


def test_both_answer_all_the_time_and_show_the_new_figures_without_being_restarted(ours: Settings) -> None:
    before, published = current_vintage(ours.warehouse_folder).name, Event()
    with (
        dashboard_alone(ours.home) as one,
        dashboard_alone(ours.home) as other,
        ThreadPoolExecutor(2) as asking,
    ):
        assert shown(one) == shown(other) == before
        seen = [asking.submit(asked, url, published) for url in (one, other)]
        with publish.single_writer(ours), publish.next_vintage(ours) as warehouse:
            warehouse.execute("INSERT INTO meta VALUES ('tried', 'yes')")
        after = current_vintage(ours.warehouse_folder).name
        published.set()
        assert after != before
        for found in seen:
            assert found.result() <= {before, after}
        assert shown(one) == shown(other) == after
