"""The built package alone: what somebody gets who installs it and has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from lagesbild.config import ROOT
from tests.serving import ARGUMENTS, CHROMIUM, serving


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the wheel and unpack it into an empty folder; gives an environment in which it comes before the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LAGESBILD_")}
    return {**kept, "PYTHONPATH": str(site), "LAGESBILD_HOME": str(folder / "home")}


def test_it_is_the_package_that_runs_and_every_command_is_there(
    installed: dict[str, str], tmp_path: Path
) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import lagesbild.config as c, pipelines; print(c.ROOT, pipelines.__file__)"],
        cwd=tmp_path,
        env=installed,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    site = installed["PYTHONPATH"]
    assert where.startswith(f"{site}/lagesbild/installed {site}/pipelines/")
    helped = subprocess.run(
        [sys.executable, "-m", "lagesbild.cli", "--help"],
        cwd=tmp_path,
        env=installed,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "visa instrumentpanelen i webbläsaren" in helped


@pytest.mark.browser
def test_served_from_an_empty_folder_its_pages_show_figures(
    installed: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with (
        serving(tmp_path / "home", tmp_path / "empty", installed) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(locale="sv-SE")
        for path, told in (("", "Hallsberg ligger högre än liknande kommuner"), ("metod", "I korthet")):
            page.goto(f"{address}/{path}")
            page.get_by_text(told).first.wait_for(timeout=60_000)
        browser.close()
