"""The same figure is the same figure: drawn again from a later warehouse, on a page or by command, with what was chosen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import plotly.io as pio
import pytest

from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse, current_vintage
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.revisions import revision_text, revisions

HOME = "1861"
ASKED = {
    name: {"indicator": "N07540"}
    for name in (
        "group",
        "comparisons",
        "trend",
        "funnel",
        "contribution",
        "promise",
        "pair-levels",
        "pair-trends",
        "verdict-map",
    )
} | {"crime-months": {"indicator": "SOL_TOTALT", "step": "quarter"}}
#: What the shipped figures have no months for.
NOT_SHIPPED = {"crime-wheel"}


def drawn(context: ChartContext) -> dict[str, Chart]:
    """Every chart that can be drawn of the home municipality."""
    found = {}
    for entry in all_definitions():
        if entry.id not in NOT_SHIPPED:
            found[entry.id] = build(context, entry.id, {"home": HOME, **ASKED.get(entry.id, {})})
    return found


@pytest.fixture(scope="module")
def first(real: Warehouse) -> dict[str, Chart]:
    return drawn(ChartContext(real))


@pytest.fixture
def copied(shipped: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the shipped vintage to change; `opened` reads it."""
    file = tmp_path / "later.duckdb"
    shutil.copy(current_vintage(shipped.warehouse_folder), file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        yield connection


def redrawn(file: Path, first: dict[str, Chart]) -> dict[str, str]:
    """Return what is said of each chart, drawn again from a later vintage."""
    with Warehouse(file) as later:
        return {
            name: revision_text(
                revisions(chart.table, build(ChartContext.of(later, chart.pinned), name, chart.pinned).table)
            )
            for name, chart in first.items()
        }


def test_a_year_a_month_and_a_new_group_revise_no_chart(
    copied: duckdb.DuckDBPyConnection, tmp_path: Path, first: dict[str, Chart]
) -> None:
    copied.execute(
        """
        INSERT INTO observation
        SELECT indicator_id, code, period_start + INTERVAL 1 YEAR, period_kind, count + 7, count_basis, rate * 1.03, lower, upper,
               exposure, status, fetch_id
          FROM observation AS o WHERE period_kind = 'year' AND period_start =
               (SELECT max(period_start) FROM observation AS p WHERE p.indicator_id = o.indicator_id AND p.period_kind = 'year')
        """
    )
    copied.execute(
        "INSERT INTO population SELECT code, year + 1, kind, basis, population * 1.01, fetch_id FROM population AS p "
        "WHERE year = (SELECT max(year) FROM population AS q WHERE q.kind = p.kind)"
    )
    copied.execute(
        "INSERT INTO observation SELECT indicator_id, code, DATE '2026-07-01', period_kind, count + 11, count_basis, rate, lower, "
        "upper, exposure, status, fetch_id FROM observation WHERE period_kind = 'quarter' AND period_start = DATE '2026-04-01'"
    )
    copied.execute(
        "INSERT INTO police_month SELECT code, county_code, DATE '2026-05-01', kind, category, notices + 1, fetch_id "
        "FROM police_month WHERE month = DATE '2026-03-01'"
    )
    copied.execute(
        "INSERT INTO notice_day SELECT CAST(day AS DATE), true, now(), 'f' FROM range(DATE '2026-05-01', DATE '2026-06-02', "
        "INTERVAL 1 DAY) AS days(day) WHERE CAST(day AS DATE) NOT IN (SELECT day FROM notice_day)"
    )
    copied.execute(
        "INSERT INTO police_home SELECT code, day + 61, hour, kind, category, locality, fetch_id FROM police_home "
        "WHERE day BETWEEN DATE '2026-03-01' AND DATE '2026-03-30'"
    )
    copied.execute(
        "INSERT INTO comparison_group SELECT 'N' || group_id, kind, theme, title, year + 1, home_code, member_code, fetch_id "
        "FROM comparison_group WHERE kind = 'kolada' AND year = (SELECT max(year) FROM comparison_group WHERE kind = 'kolada') "
        "AND member_code NOT IN ('0563', '1862', '1882')"
    )
    copied.close()
    said = redrawn(tmp_path / "later.duckdb", first)
    assert len(said) >= 12
    assert set(said.values()) == {"Ingenting har ändrats: dagens uppgifter ger samma tal."}, said


def test_one_revised_value_revises_the_charts_that_show_it(
    copied: duckdb.DuckDBPyConnection, tmp_path: Path, first: dict[str, Chart]
) -> None:
    copied.execute(
        "UPDATE observation SET count = count - 100, rate = rate * (count - 100) / count WHERE indicator_id = 'N07540' "
        f"AND code = '{HOME}' AND period_start = DATE '2025-01-01'"
    )
    copied.execute("DELETE FROM meta WHERE key = 'verdicts'")  # as publishing does when a figure has changed
    copied.close()
    said = redrawn(tmp_path / "later.duckdb", first)
    revised = {name for name, text in said.items() if text.startswith("Uppgifterna har reviderats")}
    shown_in = {"group", "comparisons", "trend", "funnel", "heat-map", "stands-out", "promise"}
    assert revised == shown_in | {"pair-levels", "pair-trends", "verdict-map"}, said


def test_new_rows_alone_are_no_revision(first: dict[str, Chart]) -> None:
    from dataclasses import replace

    table = first["trend"].table
    found = revisions(replace(table, rows=table.rows[:-1]), table)
    assert not found.revised
    assert revision_text(found) == "Inget värde har ändrats. Nya uppgifter har tillkommit: en rad."


def test_a_figure_does_not_depend_on_who_draws_it(real: Warehouse, first: dict[str, Chart]) -> None:
    """The page's own template once gave the same chart another number than the command did."""
    before = pio.templates.default
    pio.templates.default = "plotly_dark"
    try:
        again = drawn(ChartContext(real))
    finally:
        pio.templates.default = before
    for name, chart in first.items():
        assert again[name].figure.to_json() == chart.figure.to_json(), name


def test_weights_and_lists_that_no_group_is_made_by_belong_to_no_figure(real: Warehouse) -> None:
    weighed = ChartContext.of(real, {"home": HOME, "weights": "unga:2", "own": "1880,1881,1882"})
    plain = build(weighed, "group", {"home": HOME, "indicator": "N07540"})
    assert not {"weights", "own"} & {*plain.parameters, *plain.pinned}
    nearest = build(weighed, "group", {"home": HOME, "indicator": "N07540", "group": "nearest"})
    assert (nearest.pinned["weights"], "own" in nearest.pinned) == ("unga:2", False)
    own = build(weighed, "group", {"home": HOME, "indicator": "N07540", "group": "egen"})
    assert (own.pinned["own"], "weights" in own.pinned) == ("1880,1881,1882", False)


@pytest.mark.parametrize("own", [{"weights": "unga:3"}, {"own": "1880,1881,1882"}])
def test_a_chart_of_every_group_is_drawn_again_with_those_that_a_reader_has_made(
    real: Warehouse, own: dict[str, str]
) -> None:
    asked = {"home": HOME, "indicator": "N07540"}
    first = build(ChartContext.of(real, asked | own), "comparisons", asked)
    again = build(ChartContext.of(real, first.pinned), "comparisons", first.pinned)
    assert again.table == first.table
    usual = build(ChartContext(real), "comparisons", asked)
    assert usual.table != first.table
    assert not {"weights", "own"} & usual.pinned.keys()


def test_a_horizon_that_is_none_is_told(real: Warehouse) -> None:
    with pytest.raises(ChartError, match="fyra år"):
        ChartContext.of(real, {"home": HOME, "horizon": "snart"})
