"""The fact sheet: one page whatever the municipality and measure, everything on it, nothing cut, and made once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import sync_playwright
from streamlit.testing.v1 import AppTest

from lagesbild.answers import fact_sheet as made_by
from lagesbild.answers.fact_sheet import FactSheetError, Sheet, address_of, contents, fact_sheet, laid_out
from lagesbild.cli.main import main
from lagesbild.comparison import benchmark, words
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import render
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import Renderer
from tests.serving import ARGUMENTS, CHROMIUM

BASE = "https://exempel.invalid"
#: Municipality, measure, group: from the least to the largest, a whole country, a survey, undecided ones, long names.
ASKED = [
    ("Hallsberg", "N07540", None),
    ("Hallsberg", "N07403", "skr"),
    ("Stockholm", "N07540", "country"),
    ("Stockholm", "SOL_SKADEGORELSE", None),
    ("Bjurholm", "N07540", None),
    ("Bjurholm", "SOL_NARKOTIKA_VAPEN", "neighbours"),
    ("Gotland", "N07540", None),
    ("Malmö", "SOL_PERSON", None),
    ("Malmö", "N07540", "county"),
    ("Upplands-Bro", "SOL_UTAN_POLISENS", "labour_market"),
    ("Ludvika", "NTU_OTRYGG", "county"),
    ("Malung-Sälen", "BI_BARN_UTE_F", None),
]
UNDECIDED, SURVEY = ("Bjurholm", "N07540", None), ("Ludvika", "NTU_OTRYGG", "county")
A4 = (595, 842)
#: Texts of charts that reach outside their picture or stand on each other, and elements wider than what holds them.
FAULTS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('.chart > svg')) {
    const edge = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
      .map(t => ({what: t.textContent, box: t.getBoundingClientRect(), value: !!t.closest('.textpoint')})).filter(t => t.box.width > 0);
    for (const {what, box} of texts)
      if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
        found.push(`cut: ${what}`);
    texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
      const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (w > 2 && h > 4) found.push(`overlap: ${a.what} / ${b.what}`);
    }));
  }
  for (const box of document.querySelectorAll('main, main section, main p, main table, main dl > div, main footer > div'))
    if (box.scrollWidth > box.clientWidth + 1) found.push(`too wide: ${box.textContent.slice(0, 60)}`);
  const page = document.querySelector('main').getBoundingClientRect(), foot = document.querySelector('footer').getBoundingClientRect();
  if (foot.bottom > page.bottom) found.push('below the page');
  return found;
}"""


@dataclass(frozen=True)
class Made:
    sheet: Sheet
    html: str
    pdf: bytes


@pytest.fixture(scope="module")
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


def code(context: ChartContext, name: str) -> str:
    return next(code for code, known in context.names.items() if known == name)


@pytest.fixture(scope="module")
def made(context: ChartContext) -> Iterator[dict[tuple[str, str, str | None], Made]]:
    renderer = Renderer()
    found = {}
    for name, measure, group in ASKED:
        sheet = contents(context, code(context, name), measure, group, base=BASE)
        html = laid_out(sheet, renderer)
        found[name, measure, group] = Made(sheet, html, renderer.printed(html))
    yield found
    renderer.close()


def squeezed(text: str) -> str:
    """Return a text without spaces and without what the end of a line adds or takes."""
    return re.sub(r"[\s\u00a0\u00ad\u0002\ufffe-]", "", text)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_it_is_one_page_of_a4_with_every_text_on_it(
    asked: tuple[str, str, str | None], made: dict[tuple[str, str, str | None], Made]
) -> None:
    sheet, document = made[asked].sheet, pypdfium2.PdfDocument(made[asked].pdf)
    assert len(document) == 1
    assert tuple(map(round, document[0].get_size())) == pytest.approx(A4, abs=1)
    text = squeezed(document[0].get_textpage().get_text_range())
    assert [told for told in sheet.texts if squeezed(told) not in text] == []
    assert len(sheet.texts) > 40
    edge = np.asarray(document[0].render(scale=1, grayscale=True).to_numpy()).squeeze() < 250
    assert not edge[:14].any()
    assert not edge[-14:].any()
    assert not edge[:, :24].any()
    assert not edge[:, -24:].any()


def test_nothing_in_the_charts_is_cut_or_covered(made: dict[tuple[str, str, str | None], Made]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 794, "height": 1123})
        page.emulate_media(media="print")
        faults = {}
        for asked, one in made.items():
            page.set_content(one.html)
            faults[asked] = page.evaluate(FAULTS)
        browser.close()
    assert {asked: found for asked, found in faults.items() if found} == {}


def test_a_screen_reader_knows_its_language_title_and_pictures(
    made: dict[tuple[str, str, str | None], Made],
) -> None:
    one = made["Hallsberg", "N07540", None]
    assert pypdfium2.PdfDocument(one.pdf).get_metadata_dict()["Title"] == one.sheet.title
    assert b"/Lang (sv)" in one.pdf
    assert b"/StructTreeRoot" in one.pdf
    assert one.pdf.count(b"/Alt ") >= len(one.sheet.charts) + 1  # and the code


def test_the_answer_and_its_sentences_are_those_of_the_page(
    context: ChartContext, made: dict[tuple[str, str, str | None], Made]
) -> None:
    home = code(context, "Hallsberg")
    main = benchmark.single(context.panel, home, "N07540")
    assert main is not None
    sheet = made["Hallsberg", "N07540", None].sheet
    assert sheet.heading == words.answer(main, "Hallsberg")
    without = benchmark.without_police(context.panel, home, main)
    assert sheet.lead[0] == words.headline(main, "Hallsberg", without)
    assert words.certainty(main, "Hallsberg") in sheet.certain
    assert len(sheet.groups) == len(benchmark.of_measure(context.panel, home, "N07540")) == 8
    assert [fact.label for fact in sheet.facts][1:] == [
        "Plats bland kommunerna",
        "Gruppens median",
        "Väntat antal brott",
        "Mot året innan",
    ]


def test_what_is_not_known_is_left_out_and_not_filled_in(
    made: dict[tuple[str, str, str | None], Made],
) -> None:
    survey = made[SURVEY].sheet
    assert len(survey.charts) == 2  # answers have no crimes to split a change into
    assert survey.facts[-1].value == "–"
    assert "?" in made[UNDECIDED].sheet.symbol
    assert made[UNDECIDED].sheet.heading.startswith("Osäkert")


def test_the_address_leads_to_the_very_same_choices(context: ChartContext) -> None:
    assert address_of(context, "1861", "N07540", "skr", f"{BASE}/") == (
        f"{BASE}/?kommun=1861&nyckeltal=N07540&grupp=skr"
    )
    own = ChartContext(context.warehouse, context.panel, own="1860,1882")
    assert address_of(own, "1861", "N07540", "egen", BASE).endswith("&grupp=egen&egen=1860,1882")
    assert address_of(own, "1861", "N07540", "skr", BASE).endswith("&grupp=skr")
    assert address_of(context, "1861", "N07540", "skr", "") == ""
    assert "QR-kod" not in made_by._html(contents(context, "1861", "N07540"), made_by._Fit(8.0, 0.5))


class Counting(Renderer):
    """Draws nothing, and counts how often it is asked to print."""

    def __init__(self) -> None:
        super().__init__()
        self.prints = 0

    def height(self, html: str, selector: str = "main") -> float:
        return 100.0

    def lines(self, *_: object) -> bytes:
        return b"<svg/>"

    def printed(self, html: str) -> bytes:
        self.prints += 1
        return f"%PDF {self.prints}".encode()


def test_the_same_sheet_is_not_made_twice(
    context: ChartContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = Counting()

    def ask(measure: str = "N07540", group: str | None = None, base: str = "") -> bytes:
        return fact_sheet(context, "1861", measure, group, base=base, folder=tmp_path, renderer=renderer)

    first = ask()
    folder = tmp_path / "fact-sheets"
    (folder / "20200101T000000Z-abc.pdf").write_bytes(b"of another vintage")
    assert ask() == first
    assert ask(group="kolada") == first  # which is the first group
    assert renderer.prints == 1
    assert len({ask("N07403"), ask(group="skr"), ask(base=BASE)} | {first}) == 4
    assert not (folder / "20200101T000000Z-abc.pdf").exists()
    assert len(list(folder.iterdir())) == 4
    monkeypatch.setattr(made_by, "_MOST_KEPT", 2)
    ask(group="county")
    assert len(list(folder.iterdir())) == 2


def test_a_page_that_is_too_full_is_refused_not_cut(context: ChartContext) -> None:
    class Full(Counting):
        def height(self, html: str, selector: str = "main") -> float:
            return 2000.0

    with pytest.raises(FactSheetError, match="får inte plats på en sida"):
        fact_sheet(context, "1861", "N07540", renderer=Full())


def test_without_chromium_it_is_said(context: ChartContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "finns-inte")
    with pytest.raises(FactSheetError, match="chromium saknas på servern"):
        fact_sheet(context, "1861", "N07540", renderer=Renderer())


def test_an_unknown_measure_or_municipality_is_told(context: ChartContext) -> None:
    for home, measure, told in (("9999", "N07540", "ingen kommun"), ("1861", "NTU_OTRYGG", "inget värde")):
        with pytest.raises(ChartError, match=told):
            fact_sheet(context, home, measure, renderer=Counting())


def test_the_command_writes_the_file_and_refuses_what_is_no_pdf(
    shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    monkeypatch.setenv("LAGESBILD_PUBLIC_ADDRESS", BASE)
    counting = Counting()
    for name in ("height", "lines", "printed"):
        monkeypatch.setattr(render.RENDERER, name, getattr(counting, name))
    out = tmp_path / "blad.pdf"
    asked = ["factsheet", "--kommun", "Hallsberg", "--indicator", "N07403"]
    assert main([*asked, "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert main([*asked, "--out", str(tmp_path / "blad.docx")]) == 2
    assert main([*asked[:-1], "FINNSINTE", "--out", str(out)]) == 2
    assert main([*asked, "--group", "finns-inte", "--out", str(out)]) == 2
    told = capfd.readouterr().err
    assert "slutar på .pdf" in told
    assert "FINNSINTE" in told


def _page() -> None:
    from lagesbild.comparison import benchmark
    from pages.parts import choices, fact_sheet, figure, stored

    warehouse = stored.warehouse()
    panel = choices.panel(warehouse, "1861")
    main = benchmark.single(panel, "1861", "N07540")
    assert main is not None
    fact_sheet.offer(warehouse, figure.context(warehouse, panel), main, "Hallsberg")


def test_the_page_offers_it_or_says_why_not(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    (button,) = AppTest.from_function(_page, default_timeout=60).run().get("download_button")
    assert button.proto.label == "Faktablad (PDF)"
    assert button.proto.deferred_file_id  # made when it is pressed
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "finns-inte")
    without = AppTest.from_function(_page, default_timeout=60).run()
    assert not without.get("download_button")
    assert "chromium saknas" in without.get("html")[0].proto.body
