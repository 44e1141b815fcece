"""Charts carry the figures they are given, tell the home apart by shape, and speak Swedish."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lagesbild import benchmark
from lagesbild.charts.funnel import funnel_chart
from lagesbild.charts.group_dots import MOST_NAMED, group_dots
from lagesbild.charts.notices import notices_chart
from lagesbild.charts.theme import ACCENT, INK, MUTED
from lagesbild.charts.trend import trend_chart
from lagesbild.funnel import funnel_of
from lagesbild.reference import SeriesBreak
from lagesbild.warehouse import Warehouse, queries


def compared(real: Warehouse, group: str) -> benchmark.Comparison:
    return benchmark.compare(real, "1861", [group], ["N07540"]).comparisons[0]


def names(real: Warehouse) -> dict[str, str]:
    return dict(queries.municipalities(real).select("code", "name").iter_rows())


def test_group_dots_show_every_member_and_the_home_with_its_interval(real: Warehouse) -> None:
    found = compared(real, "kolada")
    others, home = group_dots(found, "Hallsberg", names(real)).data
    assert sorted(others.x) == sorted(found.members.values())
    assert "Hedemora" in others.y
    assert list(home.x) == [found.home.rate]
    assert home.marker.symbol == "diamond"
    assert others.marker.symbol != "diamond"
    assert found.home.interval is not None
    assert found.home.rate - home.error_x.arrayminus[0] == pytest.approx(found.home.interval.lower)


def test_a_large_group_is_drawn_without_names_but_can_be_read(real: Warehouse) -> None:
    found = compared(real, "country")
    others = group_dots(found, "Hallsberg", names(real)).data[0]
    assert len(others.x) == 289 > MOST_NAMED
    assert any(text.startswith("Stockholm: ") for text in others.text)


def test_the_same_picture_every_time(real: Warehouse) -> None:
    found = compared(real, "country")
    drawn = [group_dots(found, "Hallsberg", names(real)).to_json() for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_the_trend_shows_home_median_and_band(real: Warehouse) -> None:
    found = compared(real, "kolada")
    values, group = benchmark.trend(queries.yearly(real, "N07540"), "1861", list(found.members), "reported")
    band, median, home = trend_chart("Hallsberg", values, group, "per_100k").data
    assert list(home.y) == [value.rate for value in values]
    assert list(median.y) == group["median"].to_list()
    assert band.fill == "toself"
    assert "2\u00a0360 fall" in home.text[-1]


def test_breaks_inside_the_years_are_drawn_others_not(real: Warehouse) -> None:
    values, group = benchmark.trend(queries.yearly(real, "N07540"), "1861", ["2083"], "reported")
    breaks = [SeriesBreak(date(2021, 1, 1), "inne"), SeriesBreak(date(2015, 1, 1), "före")]
    figure = trend_chart("Hallsberg", values, group, "per_100k", breaks)
    assert [shape.x0 for shape in figure.layout.shapes] == [2020.5]


def test_notices_are_drawn_by_month() -> None:
    months = pl.DataFrame({"month": [date(2025, 1, 1), date(2025, 2, 1)], "home": [1, 2], "county": [10, 12]})
    county, home = notices_chart(months).data
    assert list(county.y) == [10, 12]
    assert list(home.y) == [1, 2]


def test_numbers_on_axes_have_decimal_comma_and_no_break_space(real: Warehouse) -> None:
    assert group_dots(compared(real, "kolada"), "Hallsberg", names(real)).layout.separators == ",\u00a0"


@pytest.mark.parametrize("colour", [ACCENT, INK, MUTED])
def test_text_colours_have_the_contrast_of_wcag_aa(colour: str) -> None:
    """At least 4.5:1 against white (WCAG 2.1, 1.4.3)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_funnel_shows_every_municipality_between_its_limits(real: Warehouse) -> None:
    funnel = funnel_of(queries.yearly(real, "N07540"), "1861", 2025)
    assert funnel is not None
    *_, others, home = funnel_chart(funnel, names(real)).data
    assert len(others.x) == 289
    assert list(home.y) == [funnel.home_rate]
    assert any(text.startswith("Stockholm: ") for text in others.text)
