"""The benchmark on the shipped real figures: values as published, the home never in its own group."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import polars as pl
import pytest

from lagesbild import benchmark
from lagesbild.benchmark import Comparison, NotFoundError
from lagesbild.funnel import funnel_of
from lagesbild.reference import SeriesBreak
from lagesbild.statistics.comparison import Verdict
from lagesbild.statistics.series import Direction
from lagesbild.warehouse import Warehouse, queries

TOTAL = "N07540"


def one(
    real: Warehouse, group: str = "kolada", indicator: str = TOTAL, year: int | None = None
) -> Comparison:
    return benchmark.compare(real, "1861", [group], [indicator], year).comparisons[0]


@pytest.mark.parametrize(
    ("year", "rate", "count", "population"),
    [(2022, 10_416.79, 1692, 16_243), (2023, 9_833.34, 1599, 16_261), (2024, 11_467.61, 1855, 16_176),
     (2025, 14_657.47, 2360, 16_101)],
)  # fmt: skip
def test_hallsberg_as_in_kolada_with_the_counts_behind(
    year: int, rate: float, count: int, population: int, real: Warehouse
) -> None:
    home = one(real, year=year).home
    assert (round(home.rate, 2), home.count, home.count_basis, home.population) == (
        rate,
        count,
        "recovered",
        population,
    )


def test_hallsberg_2025_is_the_eighth_highest_of_290(real: Warehouse) -> None:
    found = one(real)
    assert (found.home.year, found.rank, found.ranked) == (2025, 8, 290)
    assert found.verdict is Verdict.HIGHER
    assert found.home.interval is not None
    assert round(found.home.interval.lower) == 14_072
    assert round(found.home.interval.upper) == 15_261


def test_the_rise_of_505_crimes_is_no_chance(real: Warehouse) -> None:
    change = one(real).change
    assert change is not None
    assert (change.before, change.after, change.difference) == (1855, 2360, 505)
    assert change.p_value < 1e-12


def test_the_official_group_is_koladas_for_2025(real: Warehouse) -> None:
    members = one(real).members
    assert sorted(members) == ["1060", "1435", "1442", "1763", "1862", "1961", "2083"]
    assert round(members["2083"], 2) == 10_664.55


def test_the_country_is_shown_but_never_ranked(real: Warehouse) -> None:
    found = one(real, group="country")
    assert found.country is not None
    assert found.country > found.spread.median
    assert "0000" not in found.members
    assert len(found.members) == 289


@pytest.mark.parametrize("code", ["1861", "0180", "2506", "0980", "1480"])
def test_the_home_municipality_is_never_in_its_own_group(code: str, real: Warehouse) -> None:
    found = benchmark.compare(real, code)
    assert found.comparisons
    for comparison in found.comparisons:
        assert code not in comparison.members
        assert len(comparison.members) == comparison.spread.n


def test_gotland_is_alone_in_its_county_and_has_no_county_group(real: Warehouse) -> None:
    assert "county" not in {c.group.key for c in benchmark.compare(real, "0980").comparisons}


def test_every_municipality_can_be_compared(real: Warehouse) -> None:
    codes = queries.municipalities(real)["code"].to_list()
    assert len(codes) == 290
    for code in codes[::29]:
        assert {c.indicator_id for c in benchmark.compare(real, code).comparisons} >= {TOTAL, "N07403"}


def test_municipalities_are_listed_in_swedish_order(real: Warehouse) -> None:
    names = queries.municipalities(real)["name"].to_list()
    assert names[-1].startswith("Ö")
    assert names.index("Åmål") < names.index("Älmhult") < names.index("Örebro")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("9999",), "Det finns ingen kommun med koden 9999"),
        (("1861", ["grannar"]), "Okänd jämförelsegrupp: grannar. Välj bland kolada, "),
        (("1861", None, ["X1"]), "Okänt nyckeltal: X1. Välj bland N07540, "),
        (("1861", None, [TOTAL], 1999), "N07540 har inget värde för Hallsberg år 1999"),
        (("1861", None, None, 1999), "Inga uppgifter för Hallsberg år 1999"),
    ],
)
def test_what_does_not_exist_is_told(arguments: tuple[object, ...], told: str, real: Warehouse) -> None:
    with pytest.raises(NotFoundError, match=told):
        benchmark.compare(real, *arguments)  # type: ignore[arg-type]


def test_the_trend_has_the_groups_quartiles_for_every_year(real: Warehouse) -> None:
    found = one(real)
    values, group = benchmark.trend(queries.yearly(real, TOTAL), "1861", list(found.members), "reported")
    assert [value.year for value in values] == list(range(2019, 2026))
    assert group["n"].to_list() == [7] * 7
    last = group.filter(pl.col("year") == 2025).row(0, named=True)
    assert last["median"] == found.spread.median
    assert last["lower_quartile"] == found.spread.lower_quartile


def test_json_has_every_number_and_the_vintage(real: Warehouse) -> None:
    read = json.loads(benchmark.to_json(benchmark.compare(real, "1861", ["kolada"], [TOTAL])))
    assert read["vintage"] == real.vintage
    assert read["comparisons"][0]["home"]["count"] == 2360
    assert read["comparisons"][0]["judgement"]["verdict"] == "högre"


def test_csv_keeps_leading_zeros_and_unrounded_values(real: Warehouse) -> None:
    rows = list(csv.DictReader(io.StringIO(benchmark.to_csv(benchmark.compare(real, "0180")))))
    assert {row["kommun"] for row in rows} == {"0180"}
    total = next(row for row in rows if row["nyckeltal"] == TOTAL and row["år"] == "2025")
    assert "." in total["värde"]
    assert len(total["värde"].split(".")[1]) >= 4


def test_markdown_is_swedish(real: Warehouse) -> None:
    text = benchmark.to_markdown(benchmark.compare(real, "1861", ["kolada"], [TOTAL]))
    assert text.startswith("# Hallsbergs kommun")
    assert "| 14\u00a0657 | 14\u00a0072–15\u00a0261 |" in text
    assert "| 8 av 290 | högre |" in text


def test_the_marker_of_hallsbergs_five_years(real: Warehouse) -> None:
    """Two falls, two rises: the direction stays the same whichever year is left out."""
    values, _ = benchmark.trend(queries.yearly(real, TOTAL), "1861", ["2083"], "reported")
    found = benchmark.marker(values, [])
    assert found is not None
    assert found.direction is Direction.UP
    assert found.chi_square > 9.55


def test_no_trend_over_a_break_or_a_gap(real: Warehouse) -> None:
    values, _ = benchmark.trend(queries.yearly(real, TOTAL), "1861", ["2083"], "reported")
    assert benchmark.marker(values, [SeriesBreak(date(2023, 1, 1), "prov")]) is None
    assert benchmark.marker(values, [SeriesBreak(date(2021, 1, 1), "prov")]) is not None
    assert benchmark.marker(values[-4:], []) is None
    assert benchmark.marker([*values[:3], *values[4:]], []) is None


def test_how_unusual_among_all_with_the_typical_municipality_as_centre(real: Warehouse) -> None:
    found = funnel_of(queries.yearly(real, TOTAL), "1861", 2025)
    assert found is not None
    assert found.centre == pytest.approx(9_782, abs=1)
    assert found.ratio == pytest.approx(1.498, abs=0.001)
    assert 0.05 < found.p_value < 0.1
    assert 0.03 < found.outside(0.95).height / found.municipalities.height < 0.07
    assert found.outside(0.998).height <= 3


def test_the_home_does_not_widen_its_own_limits(real: Warehouse) -> None:
    values = queries.yearly(real, TOTAL)
    inflated = values.with_columns(
        pl.when((pl.col("code") == "1861") & (pl.col("year") == 2025))
        .then(50_000.0)
        .otherwise("rate")
        .alias("rate")
    )
    before, after = (funnel_of(frame, "1861", 2025) for frame in (values, inflated))
    assert before is not None
    assert after is not None
    assert (before.dispersion, before.centre) == (after.dispersion, after.centre)


def test_without_counts_or_with_too_few_there_is_no_funnel(real: Warehouse) -> None:
    values = queries.yearly(real, TOTAL)
    assert funnel_of(values.filter(pl.col("code").str.starts_with("18")), "1861", 2025) is None
    assert funnel_of(values.with_columns(count=pl.lit(None, pl.Int64)), "1861", 2025) is None
    assert funnel_of(values, "1861", 1999) is None


def test_many_indicators_make_each_less_surprising(real: Warehouse) -> None:
    unusual = benchmark.compare(real, "0180").unusual
    assert set(unusual) == {TOTAL, "N07403"}
    assert all(u.q_value >= u.p_value for u in unusual.values())
    alone = benchmark.compare(real, "0180", None, [TOTAL]).unusual[TOTAL]
    assert alone.q_value == alone.p_value < 0.002
