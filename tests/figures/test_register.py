"""The register: every chart has a title, an alt text, a source and numbers, and its sentences state no other numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest

from lagesbild.answers.numbers import not_in_figures, stated
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.register import ChartContext
from tests import reading, world

#: Hallsberg, Stockholm (large), Dorotea (small), Gotland (one municipality in its county).
HOMES = ("1861", "0180", "2425", "0980")
#: These need figures by month from BRÅ, which are not shipped.
MONTHLY = {"crime-months", "crime-wheel"}


@pytest.fixture
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


def every(context: ChartContext, home: str, indicators: tuple[str, ...]) -> Iterator[Chart]:
    """Draw all that can be drawn of a municipality."""
    for entry in all_definitions():
        needs = any(parameter.name == "indicator" for parameter in entry.parameters)
        for indicator in indicators if needs else ("",):
            try:
                yield build(context, entry.id, {"home": home, "indicator": indicator})
            except ChartError as error:
                assert str(error).endswith("."), error


@pytest.mark.parametrize("home", HOMES)
def test_every_chart_says_what_it_shows_and_where_it_comes_from(context: ChartContext, home: str) -> None:
    drawn = list(every(context, home, ("N07540", "N07403")))
    kinds = {chart.id for chart in drawn}
    assert kinds >= {"group", "trend", "funnel", "contribution"}
    for chart in drawn:
        told = f"{chart.id} {home}"
        assert chart.title, told
        assert chart.subtitle.endswith("."), told
        assert len(chart.alt) > 15, told
        assert chart.limits, told
        assert chart.method.startswith("Metod: "), told
        assert chart.source_line.startswith("Källa: "), told
        assert chart.source_line.endswith("Egen bearbetning."), told
        assert chart.table.rows, told
        for text in (chart.title, chart.subtitle, chart.alt, chart.method, chart.limits, *chart.said):
            reading.tidy(text)
            assert text[0].isupper() or text[0].isdigit(), text
        reading.tidy(" | ".join(column.name for column in chart.table.columns))
        assert all(len(row) == len(chart.table.columns) for row in chart.table.rows), told
        keys = [row[: chart.table.keys] for row in chart.table.rows]
        assert len(set(keys)) == len(keys), told
        assert all(
            not isinstance(cell, float) or math.isfinite(cell) for row in chart.table.rows for cell in row
        ), told


def letters(part: object) -> Iterator[float]:
    """Give the size of every text that a figure sets."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in {"font", "textfont", "tickfont", "insidetextfont"} and isinstance(value, dict):
                size = value.get("size", 14)
                yield from size if isinstance(size, list | tuple) else [size]
            yield from letters(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from letters(one)


@pytest.mark.parametrize("home", ["1861", "0180"])
def test_no_text_of_a_chart_is_too_small_and_large_numbers_are_written_in_swedish(
    context: ChartContext, home: str
) -> None:
    for chart in every(context, home, ("N07540",)):
        drawn = chart.figure.to_dict()
        drawn["layout"].pop("template", None)
        sizes = list(letters(drawn))
        assert min(sizes) >= 13, (chart.id, sizes)
        assert drawn["layout"]["separators"] == ",\u00a0"
        for name, axis in drawn["layout"].items():
            if name.startswith(("xaxis", "yaxis")) and axis.get("tickvals") is None:
                assert axis["exponentformat"] == "none", (chart.id, name)  # else 60 000 is 60k
                assert axis["separatethousands"], (chart.id, name)


def test_all_charts_can_be_drawn_of_the_home_municipality(context: ChartContext) -> None:
    drawn = {chart.id for chart in every(context, "1861", ("N07540",))}
    assert drawn == {entry.id for entry in all_definitions()} - MONTHLY


def test_the_charts_by_month_can_be_drawn_where_there_are_months(with_crime_types: Settings) -> None:
    with Warehouse.current(with_crime_types.warehouse_folder) as warehouse:
        context = ChartContext(warehouse)
        monthly = next(key for key, one in context.tree.types.items() if one.monthly)
        for step in ("month", "quarter"):
            chart = build(context, "crime-months", {"home": world.HOME, "indicator": monthly, "step": step})
            assert chart.table.columns[-1].name == "Med gruppens nivå"
            assert not not_in_figures(" ".join(chart.said), [chart])
        with pytest.raises(ChartError, match="ÅÅÅÅ-MM"):
            build(context, "crime-months", {"home": world.HOME, "indicator": monthly, "until": "nu"})


@pytest.mark.parametrize("home", HOMES)
def test_every_number_in_the_sentences_is_a_number_of_the_chart(context: ChartContext, home: str) -> None:
    numbers = 0
    for chart in every(context, home, ("N07540", "N07403")):
        for text in (*chart.said, chart.title, chart.alt):
            numbers += len(stated(text))
            assert not_in_figures(text, [chart]) == [], f"{chart.id}: {text}"
    assert numbers > 20


def test_the_period_is_pinned_so_that_the_same_figure_can_be_drawn_later(context: ChartContext) -> None:
    for chart in every(context, "1861", ("N07540",)):
        again = build(context, chart.id, chart.pinned)
        assert again.table == chart.table
        assert again.pinned == chart.pinned


@pytest.mark.parametrize(
    ("chart", "parameters", "told"),
    [
        ("pie", {"home": "1861"}, "inget diagram som heter pie"),
        ("trend", {"home": "1861"}, "behöver också indicator"),
        ("trend", {"home": "1861", "indicator": "N07540", "colour": "red"}, "ingen uppgift colour"),
        ("trend", {"home": "0000", "indicator": "N07540"}, "ingen kommun med koden 0000"),
        ("trend", {"home": "1861", "indicator": "X"}, "Okänt nyckeltal"),
        ("group", {"home": "1861", "indicator": "N07540", "group": "x"}, "Okänd jämförelsegrupp"),
        ("group", {"home": "1861", "indicator": "N07540", "year": "1950"}, "1950"),
        ("group", {"home": "1861", "indicator": "N07540", "year": "snart"}, "måste vara ett heltal"),
        ("funnel", {"home": "1861", "indicator": "N07540", "scope": "x"}, "scope är"),
        (
            "contribution",
            {"home": "1861", "indicator": "N07540", "first": 2025, "last": 2020},
            "två år i ordning",
        ),
        ("crime-months", {"home": "1861", "indicator": "N07540"}, "inte publicerad månad för månad"),
        ("spot-map", {"home": "1861", "until": "2026"}, "ÅÅÅÅ-MM"),
        ("spot-map", {"home": "1861", "scope": "x"}, "scope är"),
        ("spot-map", {"home": "1861", "category": "finns-inte"}, "Okänd kategori: finns-inte"),
        ("spot-map", {"home": "1861", "category": "ran"}, "för litet"),
        ("notice-clock", {"home": "1861", "subject": "x"}, "subject är"),
        ("notice-clock", {"home": "0180"}, "inga klockslag"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_swedish(
    context: ChartContext, chart: str, parameters: dict[str, str | int], told: str
) -> None:
    with pytest.raises(ChartError, match=told):
        build(context, chart, parameters)


def test_the_readers_own_weights_and_list_belong_to_the_figure(real: Warehouse) -> None:
    asked = {"home": "1861", "indicator": "N07540", "group": "egen", "own": "1880,1881,1882"}
    chart = build(ChartContext.of(real, asked), "group", asked)
    assert {row[0] for row in chart.table.rows} == {"Hallsberg", "Örebro", "Kumla", "Askersund"}
    assert chart.pinned["own"] == "1880,1881,1882"
    again = build(ChartContext.of(real, chart.pinned), "group", chart.pinned)
    assert again.table == chart.table


@pytest.mark.parametrize("asked", [{"weights": "unga:²"}, {"weights": "okänd:1"}, {"own": "1880,9999,1882"}])
def test_settings_that_are_not_understood_draw_nothing(asked: dict[str, str], real: Warehouse) -> None:
    with pytest.raises(ChartError):
        ChartContext.of(real, {"home": "1861"} | asked)


def test_no_page_draws_a_chart_past_the_register() -> None:
    pages = {file.name: file.read_text("utf-8") for file in (ROOT / "pages").rglob("*.py")}
    drawers = {name for name, text in pages.items() if re.search(r"\.(plotly|line|bar|altair)_chart\(", text)}
    # The municipality's own signals, behind its password, are in no register and cannot be cited.
    assert drawers == {"figure.py", "signals.py", "week.py"}
    plotters = {name for name, text in pages.items() if "lagesbild.charts." in text}
    assert plotters == {
        "figure.py",
        "signals.py",
        "week.py",
        "evidence.py",
    }  # the plot settings, the maps of signals, and the glyphs inside tables
