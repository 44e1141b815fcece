"""The pages on paper: from every width of window, upright and lying, each chart whole and on one page, and no controls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.serving import ARGUMENTS, WHOLE_CHROMIUM, Shown
from tests.test_browser import drawn

WIDTHS = (390, 1000, 1280, 1920)
#: Each with how many charts it has at least.
PAGES = {"": 2, "trender": 3, "hotspots": 1, "vad-sticker-ut": 1}
#: Points of A4, and of the margin that nothing may stand in.
A4, MARGIN = (595, 842), 28
#: The first words on the paper.
CHOSEN = "Kommun: Hallsberg"
CHARTS = """() => [...document.querySelectorAll('.js-plotly-plot')].filter(c => !c.closest('details:not([open])')).map(chart =>
  [...chart.querySelectorAll('svg.main-svg text')].filter(t => t.getBoundingClientRect().width > 0).map(t => t.textContent))"""


@dataclass(frozen=True)
class Printed:
    page: str
    width: int
    landscape: bool
    charts: list[list[str]]
    pdf: bytes


def settled(page: Page, least: int) -> list[list[str]]:
    """Return the charts' texts, once there are so many and they no longer change."""
    before: list[list[str]] = []
    for _ in range(120):
        page.wait_for_timeout(400)
        drawn(page)
        now = page.evaluate(CHARTS)
        if len(now) >= least and now == before and not page.locator("[data-testid=stSpinner]").count():
            return list(now)
        before = now
    raise AssertionError("the charts never settled")


@pytest.fixture(scope="module")
def printed(shown: Shown) -> Iterator[list[Printed]]:
    found = []
    address = shown.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=WHOLE_CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(locale="sv-SE")
        for name, least in PAGES.items():
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            page.goto(f"{address}/{name}?kommun=1861")
            page.wait_for_function(
                "n => document.querySelectorAll('.js-plotly-plot .main-svg').length >= n",
                arg=least,
                timeout=90_000,
            )
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                charts = settled(page, least)
                for landscape in (False, True):
                    pdf = page.pdf(format="A4", landscape=landscape, print_background=True)
                    found.append(Printed(name, width, landscape, charts, pdf))
                left = "document.querySelectorAll('.lb-paper, .svg-container > svg[viewBox]').length"
                assert page.evaluate(left) == 0  # the screen is as it was
        browser.close()
    yield found


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad\u0002\ufffe-]", "", text)


def texts(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.browser
@pytest.mark.slow
def test_every_chart_is_whole_and_on_one_page(printed: list[Printed]) -> None:
    divided = []
    for one in printed:
        pages = [squeezed(text) for text in texts(one.pdf)]
        for chart in one.charts:
            wanted = {squeezed(text) for text in chart} - {""}
            if not any(all(text in page for text in wanted) for page in pages):
                divided.append((one.page, one.width, one.landscape, sorted(wanted)[:6]))
    assert divided == []
    assert len(printed) == len(PAGES) * len(WIDTHS) * 2


@pytest.mark.browser
@pytest.mark.slow
def test_nothing_reaches_beyond_the_paper(printed: list[Printed]) -> None:
    beyond = []
    for one in printed:
        for n, page in enumerate(pypdfium2.PdfDocument(one.pdf)):
            width, height = page.get_size()
            assert sorted((width, height)) == pytest.approx(sorted(A4), abs=1)
            told = page.get_textpage()
            boxes = [told.get_rect(rect) for rect in range(told.count_rects())]
            for left, bottom, right, top in boxes:
                if left < MARGIN or bottom < MARGIN or right > width - MARGIN or top > height - MARGIN:
                    beyond.append(
                        (
                            one.page,
                            one.width,
                            one.landscape,
                            n,
                            told.get_text_bounded(left, bottom, right, top),
                        )
                    )
    assert beyond == []


@pytest.mark.browser
@pytest.mark.slow
def test_what_was_chosen_stands_on_the_paper_and_no_controls(printed: list[Printed]) -> None:
    for one in printed:
        first, *_ = pages = texts(one.pdf)
        told = f"{one.page} {one.width}"
        assert CHOSEN in first, told
        assert re.search(r"utskrivet \d{1,2} \w+ \d{4}", first), told
        assert f"/{one.page}?kommun=1861" in squeezed(first).replace("%3F", "?") or one.page in {
            "",
            "vad-sticker-ut",
        }, told
        for control in (
            "Citera och ladda ned",
            "Tabell: ",
            "Kopiera länken",
            "Jämför med en annan kommun",
            "Tryck på en kommun",
            "logga in",
            "Kommunens arbete",
            "Deploy",
        ):
            assert not any(control in page for page in pages), (told, control)


@pytest.mark.browser
@pytest.mark.slow
def test_text_is_as_large_on_paper_whatever_the_window(printed: list[Printed]) -> None:
    """A chart that is too wide makes the browser shrink the whole page until it fits."""
    found = {}
    for one in printed:
        told = pypdfium2.PdfDocument(one.pdf)[0].get_textpage()
        at = told.get_text_range().index(CHOSEN)
        left, right = told.get_charbox(at)[0], told.get_charbox(at + len(CHOSEN) - 1)[2]
        found[one.page, one.width, one.landscape] = round(right - left)
    assert set(found.values()) == {max(found.values())}, found
    assert max(found.values()) >= 95  # points: text of ten
