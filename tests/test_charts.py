"""Charts carry the figures they are given, tell the home apart by shape, and speak Swedish."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import polars as pl
import pytest

from lagesbild.charts.funnel import funnel_chart
from lagesbild.charts.group_dots import MOST_NAMED, group_dots
from lagesbild.charts.heat_map import heat_map
from lagesbild.charts.inline import place_in_group, sparkline
from lagesbild.charts.notices import notices_chart
from lagesbild.charts.theme import ACCENT, FONT, GREY, GRID, INK, MUTED, blank, styled
from lagesbild.charts.trend import trend_chart
from lagesbild.comparison import benchmark
from lagesbild.comparison.funnel import funnel_of
from lagesbild.comparison.panel import Panel
from lagesbild.data.indicators import Unit
from lagesbild.data.reference import SeriesBreak
from lagesbild.statistics.comparison import group_spread
from tests.traces import traces


def compared(panel: Panel, group: str, home: str = "1861") -> benchmark.Comparison:
    return benchmark.compare(panel.warehouse, home, [group], ["N07540"], panel=panel).comparisons[0]


def test_group_dots_show_every_member_and_the_home_with_its_interval(panel: Panel) -> None:
    found = compared(panel, "kolada")
    others, home = traces(group_dots(found, "Hallsberg", panel.names))
    assert sorted(others.x) == sorted(found.assessed.members.values())
    assert "Hedemora" in others.y
    assert list(home.x) == [found.home.rate]
    assert home.marker.symbol == "diamond"
    assert others.marker.symbol != "diamond"
    assert found.home.interval is not None
    assert found.home.rate - home.error_x.arrayminus[0] == pytest.approx(found.home.interval.lower)


def test_a_large_group_is_drawn_without_names_but_can_be_read(panel: Panel) -> None:
    found = compared(panel, "country")
    others = traces(group_dots(found, "Hallsberg", panel.names))[0]
    assert len(others.x) == 289 > MOST_NAMED
    assert any(text.startswith("Stockholm: ") for text in others.text)


def test_the_same_picture_every_time(panel: Panel) -> None:
    found = compared(panel, "country")
    drawn = [group_dots(found, "Hallsberg", panel.names).to_json() for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_the_trend_shows_home_median_and_band(panel: Panel) -> None:
    found = compared(panel, "kolada")
    values, group = benchmark.trend(panel, "N07540", "1861", list(found.assessed.members))
    band, median, home = traces(trend_chart("Hallsberg", values, group, Unit.PER_100K))
    assert list(home.y) == [value.rate for value in values]
    assert list(median.y) == group["median"].to_list()
    assert band.fill == "toself"
    assert "2\u00a0360 brott" in home.text[-1]


def test_breaks_inside_the_years_are_drawn_others_not(panel: Panel) -> None:
    values, group = benchmark.trend(panel, "N07540", "1861", ["2083"])
    breaks = [SeriesBreak(date(2021, 1, 1), "inne"), SeriesBreak(date(2015, 1, 1), "före")]
    figure = trend_chart("Hallsberg", values, group, Unit.PER_100K, breaks)
    assert [shape.x0 for shape in figure.layout.shapes] == [2020.5]


def test_notices_are_drawn_by_month() -> None:
    months = pl.DataFrame(
        {
            "month": [date(2025, n, 1) for n in (1, 2, 3, 4)],
            "home": [1, 2, 0, None],
            "county": [10, 12, 3, None],
            "whole": [True, True, False, False],
        }
    )
    figure = notices_chart(months, [date(2025, 4, 1)])
    county, partly, home, _ = traces(figure)
    assert list(county.y) == [10, 12]
    assert list(home.y) == [1, 2]
    assert (list(partly.y), partly.marker.color) == ([3, None], "white")  # hollow: not collected whole
    assert len(figure.layout.shapes) == 1  # and what is missing is shaded


def test_numbers_on_axes_have_decimal_comma_and_no_break_space(panel: Panel) -> None:
    assert group_dots(compared(panel, "kolada"), "Hallsberg", panel.names).layout.separators == ",\u00a0"


@pytest.mark.parametrize("colour", [ACCENT, INK, MUTED])
def test_text_colours_have_the_contrast_of_wcag_aa(colour: str) -> None:
    """At least 4.5:1 against white (WCAG 2.1, 1.4.3)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_funnel_shows_every_municipality_between_its_limits(panel: Panel) -> None:
    comparison = compared(panel, "kolada")
    funnel = funnel_of(panel, "1861", comparison)
    assert funnel is not None
    *_, others, members, home = traces(funnel_chart(funnel, panel.names))
    assert len(others.x) + len(members.x) == 289
    assert len(members.x) == 7
    assert members.marker.symbol != others.marker.symbol
    assert list(home.y) == [comparison.home.rate]
    assert any(text.startswith("Stockholm: ") for text in others.text)
    own = traces(funnel_chart(funnel.of_group(), panel.names))
    assert len(own[-3].x) == 0
    assert len(own[-2].x) == 7


def test_the_heat_map_has_a_row_an_indicator_and_tells_the_ratio(panel: Panel) -> None:
    found = benchmark.compare(panel.warehouse, "1861", ["kolada"], panel=panel).comparisons
    (drawn,) = traces(heat_map(found, "Hallsberg", panel.names))
    assert [name.replace("<br>", " ") for name in drawn.y] == [c.facts.short for c in found]
    assert drawn.x[0] == "<b>Hallsberg</b>"
    assert len(drawn.x) == 8
    assert drawn.text[0][0] == "1,4"
    assert drawn.z[0][0] == pytest.approx(np.log(found[0].home.rate / found[0].assessed.spread.median))


def test_pictures_in_cells_tell_their_figures_in_words(panel: Panel) -> None:
    found = compared(panel, "kolada")
    line = sparkline(found.facts.values, Unit.PER_100K).replace("\u00a0", " ")
    assert 'alt="2019: 8 273, ' in line
    assert line.count(",") >= 7
    bar = place_in_group(found).replace("\u00a0", " ")
    assert "Kommunen 14 657. Gruppens median 10 665. Det vanliga ligger mellan 6 535 och 15 801" in bar
    assert sparkline(found.facts.values[:1], Unit.PER_100K) == "–"


def test_a_picture_of_values_that_are_all_alike_is_still_drawn(panel: Panel) -> None:
    found = compared(panel, "kolada")
    value = replace(found.home, rate=0.0, interval=None)
    assert "nan" not in sparkline([value, replace(value, year=2030)], Unit.PER_100K)
    flat = replace(found.assessed, members={"1880": 0.0}, spread=group_spread([0.0]), standing=None)
    same = replace(found, facts=replace(found.facts, home=value), assessed=flat)
    assert "nan" not in place_in_group(same)


@pytest.mark.parametrize("default", ["plotly", "ggplot2", "none"])
def test_a_chart_is_the_same_to_the_byte_whatever_template_the_program_around_it_prefers(
    default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = go.Scatter(x=[1, 2], y=[3, 4])
    before = styled(blank(trace), 300, "Antal").to_json()
    monkeypatch.setattr(pio.templates, "default", default)  # as Streamlit does when it is imported
    assert styled(blank(trace), 300, "Antal").to_json() == before


def test_the_look_is_to_the_byte_what_plotlys_own_updates_give() -> None:
    # The numbers of figures that were cited before are of these bytes.
    trace = go.Scatter(x=[1, 2], y=[3, 4])
    whole: dict[str, Any] = {"separatethousands": True, "exponentformat": "none"}
    text = {"family": FONT, "size": 14, "color": INK}
    theirs = go.Figure(trace)
    theirs.layout.template = "plotly"
    theirs.update_layout(
        height=300,
        margin={"l": 8, "r": 12, "t": 10, "b": 8},
        font=text,
        paper_bgcolor="white",
        plot_bgcolor="white",
        separators=",\u00a0",
        hoverlabel={"bgcolor": "white", "font": text},
        showlegend=False,
        dragmode=False,
    )
    theirs.update_xaxes(
        showgrid=False,
        linecolor=GREY,
        tickcolor=GREY,
        ticks="outside",
        automargin=True,
        fixedrange=True,
        **whole,
    )
    theirs.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True, **whole)
    assert styled(blank(trace), 300).to_json() == theirs.to_json()
