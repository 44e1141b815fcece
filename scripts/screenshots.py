"""Take the screenshots of README and docs: every page at 1440 and 390 pixels, on the shipped figures."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from lagesbild.config import ROOT
from tests.serving import ARGUMENTS, CHROMIUM, serving
from tests.test_browser import WIDTHS

PAGES = {
    "sticker-vi-ut": "",
    "vad-sticker-ut": "vad-sticker-ut",
    "jamfor": "jamfor?kommun=1861&med=1881",
    "alla-kommuner": "alla-kommuner",
    "jamforelsegrupp": "jamforelsegrupp",
    "trender": "trender",
    "hotspots": "hotspots",
    "medborgarloften": "medborgarloften",
    "svar": "svar",
    "datakallor": "datakallor",
    "metod": "metod",
    "ordlista": "ordlista",
    "tillganglighet": "tillganglighet",
}


def shoot(browser: Browser, address: str, width: str, file: Path, *, whole: bool) -> None:
    """Save one page; ``whole`` takes all of it, else what a reader sees first."""
    pixels, height = WIDTHS[width]
    page = browser.new_page(viewport={"width": pixels, "height": height}, locale="sv-SE")
    page.goto(address)
    page.wait_for_selector("h1", timeout=60_000)
    if address.endswith("/"):  # the first page
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    page.wait_for_timeout(1500)
    page.wait_for_selector(
        "[data-testid=stSpinner], [data-testid=stStatusWidget]", state="detached", timeout=60_000
    )
    if whole:
        tall = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": pixels, "height": tall + 40})
        page.wait_for_timeout(1500)
    page.screenshot(path=file)
    page.close()


def main(folder: Path) -> None:
    """Write the screenshots into ``folder``: all pages at both widths, and the README's own."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, path in PAGES.items():
            for width in WIDTHS:
                shoot(browser, f"{url}/{path}", width, folder / f"{name}-{width}.png", whole=True)
        shoot(browser, f"{url}/", "desk", ROOT / "docs" / "sticker-vi-ut.png", whole=False)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots")
