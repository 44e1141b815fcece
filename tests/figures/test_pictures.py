"""The pictures themselves, drawn by the machine's own chromium: whole, legible, traceable, and one browser for all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import psutil
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser

from lagesbild.charts.theme import ACCENT, GREY
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import render
from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.counted import _wheel
from lagesbild.figures.model import Chart
from lagesbild.figures.picture import SIZES, Stamp
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import NoBrowserError, NoFontsError, Renderer, RenderError
from lagesbild.trends.rhythm import Series
from tests import world
from tests.figures.plain import SOURCE, chart
from tests.figures.test_register import MONTHLY

STAMP = Stamp(
    "LB-1861-7QK4M2",
    "https://exempel.invalid/?diagram=LB-1861-7QK4M2",
    "Lägesbild LB-1861-7QK4M2, fryst 2026-11-24.",
)
#: Pairs of texts whose boxes overlap by more than a pixel, and texts that reach outside the picture.
FAULTS = """() => {
  const svg = document.querySelector('svg'), edge = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim() && getComputedStyle(t).opacity !== '0'
    && getComputedStyle(t).visibility !== 'hidden');
  const boxes = texts.map(t => ({what: t.textContent, box: t.getBoundingClientRect(), turned: !!t.closest('.xtick, .ytick') &&
    /rotate\\((?!0)/.test(t.getAttribute('transform') || '')})).filter(b => b.box.width > 0);
  const found = [];
  for (const {what, box} of boxes)
    if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
      found.push(`cut: ${what}`);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    if (a.turned && b.turned) return;  // turned labels have boxes larger than themselves
    const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    if (w > 1.5 && h > 4) found.push(`overlap: ${a.what} / ${b.what}`);
  }));
  return found;
}"""


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    found = Renderer()
    yield found
    found.close()


@pytest.fixture(scope="module")
def drawn(real: Warehouse, panel: Panel, with_crime_types: Settings) -> dict[str, Chart]:
    """Every chart of the register: Hallsberg's, and those by month from the invented world."""
    found = {
        entry.id: build(
            ChartContext(real, panel),
            entry.id,
            {"home": "1861"}
            | ({"indicator": "N07540"} if any(p.name == "indicator" for p in entry.parameters) else {}),
        )
        for entry in all_definitions()
        if entry.id not in MONTHLY
    }
    found["spot-map of a crowded county"] = build(ChartContext(real, panel), "spot-map", {"home": "0180"})
    with Warehouse.current(with_crime_types.warehouse_folder) as warehouse:
        context = ChartContext(warehouse)
        monthly = next(key for key, one in context.tree.types.items() if one.monthly)
        found["crime-months"] = build(context, "crime-months", {"home": world.HOME, "indicator": monthly})
    # The invented world has a year of months, and the wheel needs two.
    months = tuple(date(2023 + n // 12, n % 12 + 1, 1) for n in range(36))
    counts = np.random.default_rng(1).poisson(9, 36).astype(float)
    series = Series(starts=months, counts=counts, preliminary=np.zeros(36, dtype=bool))
    drawn = _wheel(series, "Provbrott i Provkdby", SOURCE, "Påhittat.")
    found["crime-wheel"] = Chart(id="crime-wheel", parameters={}, vintage="", **vars(drawn))
    return found


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_no_text_overlaps_or_is_cut_on_any_chart(
    drawn: dict[str, Chart], renderer: Renderer, browser: Browser, size: str
) -> None:
    assert set(drawn) >= {entry.id for entry in all_definitions()}
    page = browser.new_page(viewport={"width": SIZES[size], "height": 1200})
    faults = {}
    for name, one in drawn.items():
        page.set_content(f"<body style='margin:0'>{renderer.pictures(one, STAMP, size).svg.decode()}</body>")
        found = page.evaluate(FAULTS)
        if found:
            faults[name] = found
    page.close()
    assert faults == {}


@pytest.mark.browser
def test_a_picture_that_is_cut_would_be_found(renderer: Renderer, browser: Browser) -> None:
    svg = renderer.pictures(chart(), STAMP).svg.decode()
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.set_content(svg.replace("</svg>", "<text x='790' y='30' font-size='20'>utanför</text></svg>"))
    assert any("cut: utanför" in fault for fault in page.evaluate(FAULTS))
    page.set_content(
        svg.replace(
            "<text x='16'", "<text x='16' y='33' font-size='20'>dubbelt dubbelt</text><text x='16'", 1
        )
    )
    assert any("overlap" in fault for fault in page.evaluate(FAULTS))
    page.close()


@pytest.mark.browser
def test_the_png_is_for_print_and_the_pdf_is_tagged_in_swedish_with_its_text(
    drawn: dict[str, Chart], renderer: Renderer
) -> None:
    one = drawn["trend"]
    found = renderer.pictures(one, STAMP)
    with Image.open(io.BytesIO(found.png)) as image:
        assert image.width == round(800 * render.PRINT_SCALE)
        assert image.info["dpi"][0] == pytest.approx(304.8, abs=0.5)
    for mark in (b"/StructTreeRoot", b"/Lang (sv)", b"/Figure", b"/Alt"):
        assert mark in found.pdf
    book = pypdfium2.PdfDocument(found.pdf)
    assert len(book) == 1
    text = " ".join(book[0].get_textpage().get_text_range().split())
    assert one.title.replace("\u00a0", " ")[:30] in text.replace("\u00a0", " ")
    assert "LB-1861-7QK4M2" in text
    for told in (one.source_line, one.limits, "felmarginaler"):  # wherever the lines are broken
        assert told.replace(" ", "") in text.replace(" ", "")
    svg = found.svg.decode()
    assert one.title in svg
    assert f"<desc>{one.alt}</desc>" in svg
    assert "QR-kod: https://exempel.invalid/?diagram=LB-1861-7QK4M2" in svg


@pytest.mark.browser
def test_hostile_text_stays_text(renderer: Renderer) -> None:
    hostile = chart(title="<script>document.title='x'</script> & \"citat\" ' ]]>")
    svg = renderer.pictures(hostile, STAMP).svg.decode()
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


@pytest.mark.browser
def test_twenty_at_once_use_one_browser(renderer: Renderer) -> None:
    renderer.pictures(chart())
    before = _browsers()
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda n: renderer.pictures(chart(n), STAMP), range(20)))
    assert all(one.png.startswith(b"\x89PNG") for one in found)
    assert len({one.svg for one in found}) == 20
    assert _browsers() == before


def _browsers() -> int:
    """Return how many chromium browsers this process has started."""
    found = 0
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            found += "chrom" in child.name() and child.status() != psutil.STATUS_ZOMBIE
    return found


@pytest.mark.browser
def test_a_browser_that_falls_is_started_anew(renderer: Renderer) -> None:
    renderer.pictures(chart())
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # a process of an earlier browser may be gone by now
            if "chrom" in child.name() and "--type=" not in " ".join(child.cmdline()):
                child.kill()
    assert renderer.pictures(chart()).png


def test_colours_differ_also_in_black_and_white() -> None:
    def light(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert abs(light(ACCENT) - light(GREY)) > 40


def test_without_chromium_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "finns-inte")
    with pytest.raises(NoBrowserError, match="apt-get install chromium"):
        Renderer().pictures(chart())
    frozen = FigureArchive(tmp_path, Renderer()).freeze(chart())
    assert frozen.file("csv")
    assert "chromium" in frozen.remark


def test_without_fonts_nothing_is_drawn_or_cited_without_its_texts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = tmp_path / "fonts.conf"
    none.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    renderer = Renderer()
    with monkeypatch.context() as bare:
        bare.setenv("FONTCONFIG_FILE", str(none))
        with pytest.raises(NoFontsError, match="inga typsnitt"):
            FigureArchive(tmp_path / "figures", renderer).freeze(chart())
        with pytest.raises(NoFontsError):
            renderer.printed("<p>Hej</p>")
    assert not list((tmp_path / "figures").glob("LB-*"))
    assert renderer.pictures(chart()).png  # they have been installed
    renderer.close()


def test_a_program_that_is_no_browser_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "/bin/false")
    monkeypatch.setattr(render, "_SECONDS", 5)
    with pytest.raises(RenderError, match="kunde inte ritas"):
        Renderer().pictures(chart())
