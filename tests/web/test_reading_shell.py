"""What readers with screen reader, keyboard or weak sight were told to be missing: markup and colours, without a browser."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from lxml import html
from streamlit.testing.v1 import AppTest

from lagesbild.charts import spot_map, theme
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from pages.parts import figure, markup

WHITE = "#FFFFFF"


@pytest.fixture
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


def shown(page: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / page), default_timeout=30).run()
    assert not app.exception
    return app


# --- markup ---


class Kept:
    """Stands where Streamlit would, and keeps the HTML."""

    def __init__(self) -> None:
        self.body = ""

    def html(self, body: str) -> None:
        self.body += body


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    found = Kept()
    monkeypatch.setattr(markup, "st", found)
    return found


def test_the_first_cell_of_a_row_says_what_the_row_is_about(kept: Kept) -> None:
    markup.table([("Kommun", ""), ("Brott", "n")], [("Kumla", "12"), ("Laxå", "7")], "Brott i två kommuner")
    (table,) = html.fromstring(f"<div>{kept.body}</div>").xpath("//table")
    assert [cell.text_content() for cell in table.xpath(".//tbody//th[@scope='row']")] == ["Kumla", "Laxå"]
    assert [cell.text_content() for cell in table.xpath(".//th[@scope='col']")] == ["Kommun", "Brott"]
    assert [caption.text_content() for caption in table.xpath("./caption")] == ["Brott i två kommuner"]


def test_what_a_heading_means_can_be_unfolded_without_a_mouse(kept: Kept) -> None:
    markup.table([("Kommun", ""), ("Avstånd", "n", "0 är likadan")], [("Kumla", "1,2")], "Egenskaper")
    page = html.fromstring(f"<div>{kept.body}</div>")
    assert not page.xpath("//*[@title]")
    (told,) = page.xpath("//details")
    assert told.xpath("./summary")[0].text_content() == "Vad kolumnerna betyder: Egenskaper"
    assert [one.text_content() for one in told.xpath(".//dt | .//dd")] == ["Avstånd", "0 är likadan"]


def test_a_table_whose_headings_explain_themselves_has_nothing_to_unfold(kept: Kept) -> None:
    markup.table([("Kommun", "")], [("Kumla",)], "Kommuner")
    assert "<details" not in kept.body


def test_the_verdict_is_a_heading_and_is_told_when_it_changes(kept: Kept) -> None:
    markup.answer("Högre än vanligt", "Därför.", symbol="▲")
    page = html.fromstring(f"<div>{kept.body}</div>")
    (verdict,) = page.xpath("//*[@role='status']//h2")
    assert verdict.text_content() == "▲Högre än vanligt"
    assert verdict.xpath("./span/@aria-hidden") == ["true"]


def test_what_others_wrote_is_shown_as_text(kept: Kept) -> None:
    markup.table([("<i>", "", "<b>")], [("<script>",)], "<u>")
    markup.chart_text("<img src=x>", "a'b")
    markup.footer("<script>")
    assert not re.search(r"<(i|b|u|img|script)>", kept.body)
    assert "data-lb-chart='a&#39;b'" in kept.body


@pytest.mark.parametrize(
    ("name", "anchor"),
    [("Karta över mönster", "karta-over-monster"), ("Trend, 2018–2019", "trend-20182019"), ("Å?", "a")],
)
def test_a_heading_has_a_short_address_of_plain_letters(name: str, anchor: str) -> None:
    assert markup.anchor_of(name) == anchor


def test_addresses_of_headings_do_not_change_with_the_figures(
    shipped: Settings, context: ChartContext
) -> None:
    for code in ("1861", "0180"):
        chart = build(context, "trend", {"home": code, "indicator": "N07540"})
        assert markup.anchor_of(figure._called(chart, "")) == "ar-for-ar-mot-gruppen"


def test_a_chart_says_what_it_shows_and_where_its_numbers_are(context: ChartContext) -> None:
    for entry in ("trend", "group", "funnel"):
        chart = build(context, entry, {"home": "1861", "indicator": "N07540"})
        name = figure.named(chart)
        assert chart.alt in name
        assert name.endswith("Talen står i tabellen under diagrammet.")
        assert chart.title in name or chart.title.rstrip(".?") in name


# --- headings ---


@pytest.mark.parametrize(
    "page",
    ["vad_sticker_ut", "jamforelsegrupp", "trender", "hotspots", "loften", "datakallor", "tillganglighet"],
)
def test_headings_go_down_one_step_at_a_time(
    page: str, shipped: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    app = shown(f"{page}.py")
    levels: list[int] = []
    for element in app.main:
        if element.type in {"title", "header", "subheader"}:
            levels.append({"title": 1, "header": 2, "subheader": 3}[element.type])
        elif element.type == "html":
            levels += [int(level) for level in re.findall(r"<h([1-6])", element.proto.body)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert len(levels) > 1
    assert all(later - before <= 1 for before, later in pairwise(levels)), levels


# --- the page on accessibility ---


def said(app: AppTest) -> str:
    return re.sub(r"<[^>]+>", " ", "\n".join(element.proto.body for element in app.get("html")))


def test_the_statement_says_who_answers_or_that_nobody_has_said(
    shipped: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    assert said(shown("tillganglighet.py")).count("inte angivet") == 3
    monkeypatch.setenv("LAGESBILD_ORGANISATION", "Kumla kommun")
    monkeypatch.setenv("LAGESBILD_CONTACT_EMAIL", "kontakt@kumla.example")
    told = said(shown("tillganglighet.py"))
    assert "Kumla kommun" in told
    assert told.count("kontakt@kumla.example") == 2  # who answers, and where to report
    assert told.count("inte angivet") == 1
    for word in ("digg.se", "axe", "tangentbord", "_streamlit_xsrf", "lagesbild_session", "aldrig enskilda"):
        assert word in told


# --- colours, by WCAG's formula for contrast ---


def rgb(colour: str) -> tuple[float, float, float]:
    if colour == "white":
        return 255, 255, 255
    if colour.startswith("#"):
        return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return red, green, blue


def luminance(colour: str | tuple[float, float, float]) -> float:
    parts = [part / 255 for part in (rgb(colour) if isinstance(colour, str) else colour)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str | tuple[float, float, float], other: str | tuple[float, float, float]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_is_wcags() -> None:
    assert math.isclose(contrast("#000000", "#FFFFFF"), 21)
    assert round(contrast("#6F92A9", "#FFFFFF"), 2) == 3.3  # the reader's own measurement of the old heat map


def cells(heat: Any) -> list[tuple[float, float, float]]:
    """Return the colour of every cell that has one."""
    values = [float(v) for row in heat.z for v in row if v is not None and math.isfinite(v)]
    low = heat.zmin if heat.zmin is not None else min(values)
    high = heat.zmax if heat.zmax is not None else max(values)
    stops = [(float(at), rgb(colour)) for at, colour in heat.colorscale]

    def colour(value: float) -> tuple[float, float, float]:
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        (a, first), (b, last) = next(pair for pair in pairwise(stops) if share <= pair[1][0])
        part = (share - a) / (b - a)
        red, green, blue = (x + (y - x) * part for x, y in zip(first, last, strict=True))
        return red, green, blue

    return [colour(value) for value in values]


def traces(context: ChartContext, chart_id: str, **asked: str) -> list[Any]:
    return list(build(context, chart_id, {"home": "1861", **asked}).figure.data)


def shapes(context: ChartContext, chart_id: str) -> list[Any]:
    return list(build(context, chart_id, {"home": "1861", "indicator": "N07540"}).figure.layout.shapes)


def test_numbers_in_heat_maps_can_be_read_on_every_colour(context: ChartContext) -> None:
    for chart_id in ("heat-map", "notice-clock"):
        (heat,) = (trace for trace in traces(context, chart_id) if trace.type == "heatmap")
        assert min(contrast(heat.textfont.color, cell) for cell in cells(heat)) >= 4.5


def test_marks_in_the_look_at_the_country_can_be_seen_on_every_colour(context: ChartContext) -> None:
    heat, *marks = traces(context, "stands-out")
    assert marks
    assert min(contrast(mark.marker.color, cell) for mark in marks for cell in cells(heat)) >= 3


def test_the_groups_median_is_seen_on_the_band_and_the_band_on_white(context: ChartContext) -> None:
    band, median, *_ = traces(context, "trend", indicator="N07540")
    assert contrast(median.line.color, band.fillcolor) >= 3
    assert contrast(band.line.color, WHITE) >= 3
    assert band.line.width
    edge, middle = shapes(context, "group")
    assert contrast(edge.line.color, WHITE) >= 3
    assert contrast(middle.line.color, edge.fillcolor) >= 3
    ground = traces(context, "funnel", indicator="N07540")[0]
    assert contrast(shapes(context, "funnel")[0].line.color, ground.fillcolor) >= 3


def test_borders_on_the_map_are_seen_against_every_ground(context: ChartContext) -> None:
    areas = [trace for trace in traces(context, "spot-map", scope="country") if trace.fill == "toself"]
    assert areas
    for area in areas:
        assert contrast(area.line.color, area.fillcolor) >= 3
    everything = [*spot_map._GROUNDS, spot_map._NEW, spot_map._HOT, spot_map._COLD, spot_map._NONE]
    assert min(contrast(theme.INK, colour) for colour in everything) >= 4.5  # names on them


def test_greys_of_text_are_read_on_white_and_on_the_band() -> None:
    assert contrast(theme.MUTED, WHITE) >= 4.5
    assert contrast(theme.MUTED, theme.BAND) >= 4.5
    assert contrast(theme.ACCENT, WHITE) >= 4.5
    assert contrast(theme.GREY, WHITE) >= 3
