"""Series without their season, the wheel of the year, days and hours, and the page that shows them."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.charts.months import clock_chart, months_chart, wheel_chart
from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data.reference import SeriesBreak
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.statistics.seasonal import decompose, moving_sum
from lagesbild.trends import rhythm
from lagesbild.trends.rhythm import Series
from tests import world
from tests.reading import plain
from tests.test_pages import text
from tests.traces import traces


def months_from(first: date, counts: list[float]) -> Series:
    start = first.year * 12 + first.month - 1
    months = tuple(date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(len(counts)))
    return Series(
        starts=months, counts=np.array(counts, dtype=float), preliminary=np.zeros(len(counts), dtype=bool)
    )


@pytest.mark.parametrize(
    ("name", "robust", "tolerance"), [("nonrobust", False, 1e-9), ("robust", True, 0.05)]
)
def test_stl_is_that_of_r(shared: Path, name: str, robust: bool, tolerance: float) -> None:
    rows = list(csv.DictReader((shared / f"fixtures/stl/nottem_stl_R_s7_t23_l13_{name}.csv").open()))
    found = decompose([float(row["y"]) for row in rows], 12, 7, 23, 13, robust=robust)
    assert found is not None
    for part, column in ((found.seasonal, "seasonal"), (found.trend, "trend"), (found.rest, "remainder")):
        assert part == pytest.approx([float(row[column]) for row in rows], abs=tolerance)
    assert found.adjusted + found.seasonal == pytest.approx([float(row["y"]) for row in rows])


def test_too_short_a_series_has_no_season_and_gaps_are_refused() -> None:
    assert decompose([1.0] * 35) is None
    with pytest.raises(ValueError, match="finite"):
        decompose([1.0] * 40 + [float("nan")])


def test_twelve_months_together() -> None:
    found = moving_sum(range(1, 15))
    assert np.isnan(found[:11]).all()
    assert found[11:].tolist() == [78, 90, 102]
    assert np.isnan(moving_sum([1, 2])).all()


def test_the_wheel_begins_in_january_whatever_the_series_begins_with() -> None:
    summer = [30.0 if (3 + n) % 12 == 6 else 5.0 for n in range(26)]  # from April; July is month 7
    found = rhythm.year_wheel(months_from(date(2023, 4, 1), summer))
    assert found is not None
    assert int(found.shares.argmax()) == 6
    assert found.shares.sum() == pytest.approx(1)
    assert found.p_value < 0.001


def test_an_even_or_short_year_has_no_top_or_no_wheel() -> None:
    even = rhythm.year_wheel(months_from(date(2023, 1, 1), [4.0] * 24))
    assert even is not None
    assert even.p_value == pytest.approx(1)
    assert rhythm.year_wheel(months_from(date(2023, 1, 1), [4.0] * 23)) is None
    assert rhythm.year_wheel(months_from(date(2023, 1, 1), [0.0] * 24)) is None
    assert rhythm.year_wheel(months_from(date(2023, 1, 1), [float("nan")] * 24)) is None


def test_days_and_hours_are_the_notices_own(real: Warehouse) -> None:
    found = rhythm.days_and_hours(real, "1861")
    assert found.counts.shape == (7, 6)
    assert found.counts.sum() == 139  # the 140th is of March 2023, which was not collected whole
    assert (found.months[0], found.months[-1]) == (date(2023, 4, 1), date(2026, 4, 1))
    assert rhythm.days_and_hours(real, "0180").counts.sum() == 0  # only the shipped home has its clock times


def test_the_months_of_notices_are_those_of_the_data_page(real: Warehouse) -> None:
    series = rhythm.of_notices(real, "1861")
    assert series.starts[0] == date(2023, 4, 1)
    assert series.starts[-1] == date(2026, 4, 1)
    assert series.missing == ()
    assert 100 < series.counts.sum() < 140
    assert rhythm.of_notices(real, "9999").starts == ()


def test_the_charts_mark_preliminary_months_and_draw_every_cell() -> None:
    series = months_from(date(2022, 1, 1), [5.0 + n % 12 for n in range(48)])
    series = Series(starts=series.starts, counts=series.counts, preliminary=np.arange(48) >= 44)
    bars, adjusted, trend, year = traces(months_chart(series, "brott"))
    assert list(bars.marker.color[-5:]) == ["#D9D6D0", "white", "white", "white", "white"]
    assert (adjusted.name, trend.name) == ("Säsongsrensat", "Trend")
    assert year.y[-1] == pytest.approx(sum(5 + n for n in range(12)) / 12)
    even = months_chart(months_from(date(2022, 1, 1), [5.0] * 48), "brott")
    assert [trace.name for trace in traces(even)] == [
        "Antal",
        "Medel av tolv månader",
    ]  # no season is made of chance
    short = months_chart(months_from(date(2025, 1, 1), [1.0, float("nan")]), "brott")
    assert len(traces(short)) == 1  # with a withheld month nothing is smoothed over it
    assert traces(wheel_chart(np.full(12, 1 / 12)))[0].r.tolist() == pytest.approx([1] * 12)
    assert traces(clock_chart(np.arange(42).reshape(7, 6)))[0].z.shape == (7, 6)


def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    app = AppTest.from_file(str(ROOT / "pages" / "trender.py"), default_timeout=60).run()
    assert not app.exception
    return app


def test_quarters_are_whole_and_keep_what_is_preliminary() -> None:
    series = months_from(date(2024, 2, 1), [float(n) for n in range(11)])  # February to December
    series = Series(
        starts=series.starts,
        counts=series.counts,
        preliminary=np.arange(11) == 10,
        group=np.arange(11, dtype=np.float64) * 2,
    )
    found = rhythm.by_quarter(series)
    assert found.starts == (date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1))
    assert found.counts.tolist() == [2 + 3 + 4, 5 + 6 + 7, 8 + 9 + 10]
    assert found.preliminary.tolist() == [False, False, True]
    assert found.group is not None
    assert found.group.tolist() == [18, 36, 54]
    assert found.per_year == 4
    assert found.ends == found.starts[-1].replace(month=found.starts[-1].month + 2)
    assert rhythm.by_quarter(months_from(date(2024, 2, 1), [1.0])).starts == ()


def test_a_break_is_drawn_where_it_falls_inside() -> None:
    series = months_from(date(2022, 1, 1), [5.0] * 24)
    breaks = [SeriesBreak(date(2023, 1, 1), "x"), SeriesBreak(date(2015, 1, 1), "y")]
    assert len(months_chart(series, "brott", breaks).layout.shapes) == 1


def test_the_page_shows_years_and_the_notices(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(shipped, monkeypatch)
    said = text(app)
    assert next(radio for radio in app.radio if radio.label == "Steg").options == ["År", "Kvartal"]
    assert "den här finns bara år för år" not in said
    assert "notiser om brott i Hallsberg efter klockslaget i notisen, april 2023–april 2026." in said
    assert re.search(r"Notiser om brott: (flest kl\. \d\d–\d\d|inget klockslag sticker säkert ut)", said)
    assert "Linje: i genomsnitt över tolv månader." in said  # without a sure season, no line without it
    assert "inte hur många brott som begås" in said
    next(radio for radio in app.radio if radio.label == "Steg").set_value("kvartal").run()
    assert "Anmälda brott totalt i Hallsberg, kvartal för kvartal" in text(app)
    assert re.search(r"väntat tredje kvartalet 2026: \d+ till \d+ brott, med 90 procents säkerhet", text(app))
    next(box for box in app.selectbox if box.label == "Nyckeltal").select("SOL_STOLD").run()
    assert not any(radio.label == "Steg" for radio in app.radio)  # one step is no choice
    assert "den här finns bara år för år" in text(app)


@pytest.mark.usefixtures("unfolded")
def test_crime_types_by_month_and_quarter_are_compared_with_the_group(
    with_crime_types: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(with_crime_types, monkeypatch)
    next(box for box in app.selectbox if box.label == "Nyckeltal").select("SOL_PERSON").run()
    radio = next(radio for radio in app.radio if radio.label == "Steg")
    assert radio.options == ["År", "Kvartal", "Månad"]
    for step, first in (("manad", "2025-10"), ("kvartal", "2025-07")):
        next(radio for radio in app.radio if radio.label == "Steg").set_value(step).run()
        assert not app.exception
        assert re.search(rf"{first}.{{0,200}}preliminär", text(app), re.S)
        assert "Med gruppens nivå" in text(app)


def test_the_published_quarters_of_the_total_are_shown_with_their_gap(real: Warehouse) -> None:
    """BRÅ's quarters come with the program; the second half of 2014 is not among them."""
    for indicator in ("N07540", "SOL_TOTALT"):
        assert rhythm.has_quarters(real, indicator, "1861")
    series = rhythm.of_crime_type(real, "SOL_TOTALT", "1861", ["1860", "1881", "1882"], rhythm.QUARTER)
    assert (series.starts[0], series.starts[-1]) == (date(2014, 1, 1), date(2026, 4, 1))
    assert [str(start) for start in series.missing] == ["2014-07-01", "2014-10-01"]
    assert series.counts[-6:].tolist() == [642, 629, 555, 534, 394, 476]
    assert series.preliminary[-3:].tolist() == [False, True, True]
    assert series.group is not None
    assert np.isfinite(series.group[-1])
    chart = build(
        ChartContext(real), "crime-months", {"home": "1861", "indicator": "N07540", "step": "quarter"}
    )
    assert "1 959 brott de senaste tolv månaderna (till och med juni 2026), mot 2 205" in plain(chart.said[0])
    assert "Uppgifter saknas för juli–december 2014." in chart.subtitle
    assert "Brå" in chart.source_line
    assert not rhythm.has_quarters(real, "N07403", "1861")
    with pytest.raises(ChartError, match="månad för månad"):
        build(ChartContext(real), "crime-months", {"home": "1861", "indicator": "N07403", "step": "quarter"})


def test_the_groups_level_is_its_rate_times_the_municipalitys_people(with_crime_types: Settings) -> None:
    with Warehouse.current(with_crime_types.warehouse_folder) as warehouse:
        known = queries.populations(warehouse)
        people = known.get(2025, known[max(known)])
        twin = next(code for code in people if code != world.HOME)
        alone = rhythm.of_crime_type(warehouse, "SOL_PERSON", twin)
        series = rhythm.of_crime_type(warehouse, "SOL_PERSON", world.HOME, [twin])
    assert len(series.starts) == 10
    assert series.preliminary.all()
    assert series.group is not None
    assert series.group == pytest.approx(alone.counts / people[twin] * people[world.HOME])
