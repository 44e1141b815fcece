"""The benchmark on the shipped real figures: values as published, the home never in its own group."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest

from lagesbild import benchmark
from lagesbild.benchmark import Comparison, NotFoundError
from lagesbild.statistics.comparison import Verdict
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
