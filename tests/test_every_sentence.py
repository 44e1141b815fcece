"""Every sentence of every municipality, measure and group on the shipped figures, read by a machine."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from lagesbild.comparison import benchmark, words
from lagesbild.comparison.panel import Panel
from lagesbild.data.crimes import Tree, parts_of
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import alarms
from lagesbild.statistics.rule import Level
from lagesbild.trends import words as trend_words
from lagesbild.trends.contribution import contribution, part_names, years_of
from tests import reading

#: The municipalities are read in so many parts, so that both processors have some.
PARTS = 10


@pytest.fixture(scope="module")
def everybody(worked_out: Warehouse) -> Panel:
    return Panel(worked_out)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_said_agrees_with_the_figures_and_with_itself(part: int, everybody: Panel) -> None:
    read = Counter[str]()
    for home in everybody.codes[part::PARTS]:
        name = everybody.names[home]
        found = benchmark.compare(everybody.warehouse, home, panel=everybody, models=())
        for comparison in found.comparisons:
            try:
                reading.read(comparison, name)
                reading.together(comparison, name)
                without = benchmark.without_police(everybody, home, comparison)
                reading.first(comparison, name, found.comparisons, without)
            except AssertionError as error:
                raise AssertionError(f"{name}, {comparison.indicator_id}, {comparison.group.key}") from error
            read[comparison.level] += 1
        for facts in found.facts.values():
            reading.changes(facts)
    assert sum(read.values()) > 29 * 60
    assert set(read) == {str(level) for level in Level}


@pytest.mark.parametrize("part", range(PARTS))
def test_the_years_and_what_drives_a_change_are_told_without_contradiction(
    part: int, everybody: Panel
) -> None:
    tree = Tree.of(everybody.warehouse)
    for home in everybody.codes[part::PARTS]:
        name = everybody.names[home]
        for key in everybody.standard:
            if everybody.years(key, home):
                _read_years(everybody, key, home, name)
        for key in ("N07540", "SOL_TOTALT"):
            whole, _ = parts_of(tree, key, everybody.indicators.keys())
            years = years_of(everybody, home, whole)
            for first in (years[-2], years[-6]):
                found = contribution(everybody, tree, home, key, first, years[-1])
                assert found is not None
                title = trend_words.contribution_finding(found, part_names(everybody, found))
                reading.drivers(found, title)


def _read_years(panel: Panel, key: str, home: str, name: str) -> None:
    values, breaks = benchmark.values_of(panel, key, home), panel.breaks(key)
    survey = panel.indicators[key].is_survey
    dispersion = None if survey else panel.dispersion(key, home)
    whole = benchmark.since_break(values, breaks)
    moved = (
        benchmark.change_of(whole[0], whole[-1], 1.0, dispersion) if dispersion and len(whole) > 1 else None
    )
    marker = benchmark.marker(values, breaks, dispersion)
    facts = benchmark.facts_of(panel, home, key, values[-1].year)
    title = trend_words.trend_finding(whole, name, facts, moved)
    told = trend_words.marker_text(marker, values[-5].year, values[-1].year, whole, moved) if marker else ""
    reading.trend(title, told, whole, marker, moved)


def test_no_title_is_without_its_measure_and_no_place_without_its_number(everybody: Panel) -> None:
    context = ChartContext(everybody.warehouse, everybody)
    from lagesbild.figures.catalogue import build

    for chart_id in ("group", "comparisons", "trend", "funnel"):
        chart = build(context, chart_id, {"home": "1861", "indicator": "SOL_STOLD"})
        assert "stöld" in chart.title.lower()


@pytest.mark.parametrize("key", ["N07540", "N07403"])
def test_all_comparisons_in_one_sentence_are_what_each_says(key: str, everybody: Panel) -> None:
    several = 0
    for home in everybody.names:
        found = benchmark.of_measure(everybody, home, key)
        text = words.groups_text(found)
        several += bool(text)
        reading.comparisons(text, found)
    assert several > 280


@pytest.mark.parametrize("until", [date(2025, 3, 1), date(2024, 12, 1), None])
def test_what_is_flagged_is_told_as_the_figures_are(until: date | None, real: Warehouse) -> None:
    names = dict(queries.municipalities(real).select("code", "name").iter_rows())
    everything = alarms.every_judged(real)
    read = 0
    for home in names:
        watch = alarms.watch_of(real, home, until, everything=everything)
        for group in alarms.together_in(alarms.Overview.of(watch, 6.0).flags):
            reading.flagged(group, names)
            read += 1
    assert read > 200
