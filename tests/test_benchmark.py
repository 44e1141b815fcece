"""The benchmark on the shipped real figures: values as published, the home never in its own group."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import polars as pl
import pytest

from lagesbild.comparison import benchmark, exports
from lagesbild.comparison.benchmark import Benchmark, Comparison, NotFoundError, Reason
from lagesbild.comparison.funnel import funnel_of
from lagesbild.comparison.panel import Panel
from lagesbild.data.reference import SeriesBreak
from lagesbild.data.warehouse import queries
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.statistics.series import Direction
from lagesbild.statistics.standing import Measure, standings

TOTAL = "N07540"


def one(
    panel: Panel, group: str = "kolada", indicator: str = TOTAL, year: int | None = None, home: str = "1861"
) -> Comparison:
    return compare(panel, home, [group], [indicator], year).comparisons[0]


def compare(
    panel: Panel,
    home: str,
    groups: list[str] | None = None,
    indicators: list[str] | None = None,
    year: int | None = None,
) -> Benchmark:
    return benchmark.compare(panel.warehouse, home, groups, indicators, year, panel=panel)


@pytest.mark.parametrize(
    ("year", "rate", "count", "population"),
    [
        (2022, 10_416.79, 1692, 16_243),
        (2023, 9_833.34, 1599, 16_261),
        (2024, 11_467.61, 1855, 16_176),
        (2025, 14_657.47, 2360, 16_101),
    ],
)
def test_hallsberg_as_in_kolada_with_the_counts_behind(
    year: int, rate: float, count: int, population: int, panel: Panel
) -> None:
    home = one(panel, year=year).home
    assert (round(home.rate, 2), home.count, home.count_basis, home.exposure) == (
        rate,
        count,
        "recovered",
        population,
    )


def test_hallsberg_2025_is_the_eighth_highest_of_290(panel: Panel) -> None:
    found = one(panel)
    assert (found.home.year, found.facts.rank, found.facts.ranked) == (2025, 8, 290)
    assert found.home.interval is not None
    assert round(found.home.interval.lower, -2) == 12_700
    assert round(found.home.interval.upper, -2) == 16_700


def test_the_rise_of_505_crimes_is_unusual(panel: Panel) -> None:
    change = one(panel).facts.change
    assert change is not None
    assert (change.before, change.after, change.difference) == (1855, 2360, 505)
    assert change.word is ChangeWord.UNUSUAL_INCREASE
    assert change.z == pytest.approx(2.48, abs=0.02)


def test_the_official_group_is_koladas_for_2025(panel: Panel) -> None:
    members = one(panel).assessed.members
    assert sorted(members) == ["1060", "1435", "1442", "1763", "1862", "1961", "2083"]
    assert round(members["2083"], 2) == 10_664.55


def test_the_country_is_shown_but_never_ranked(panel: Panel) -> None:
    found = one(panel, group="country")
    assert found.facts.country is not None
    assert found.facts.country > found.assessed.spread.median
    assert "0000" not in found.assessed.members
    assert len(found.assessed.members) == 289


@pytest.mark.parametrize("code", ["1861", "0180", "2506", "0980", "1480"])
def test_the_home_municipality_is_never_in_its_own_group(code: str, panel: Panel) -> None:
    found = compare(panel, code)
    assert found.comparisons
    for comparison in found.comparisons:
        assert code not in comparison.assessed.members
        assert len(comparison.assessed.members) == comparison.assessed.spread.n


def test_gotland_is_alone_in_its_county_and_has_no_county_group(panel: Panel) -> None:
    assert "county" not in {c.group.key for c in compare(panel, "0980").comparisons}


@pytest.mark.slow
def test_every_municipality_can_be_compared(panel: Panel) -> None:
    codes = queries.municipalities(panel.warehouse)["code"].to_list()
    assert len(codes) == 290
    for code in codes[::29]:
        assert {c.indicator_id for c in compare(panel, code).comparisons} >= {TOTAL, "N07403"}


def test_municipalities_are_listed_in_swedish_order(panel: Panel) -> None:
    names = queries.municipalities(panel.warehouse)["name"].to_list()
    assert names[-1].startswith("Ö")
    assert names.index("Åmål") < names.index("Älmhult") < names.index("Örebro")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("9999",), "Det finns ingen kommun med koden 9999"),
        (("1861", ["grannar"]), "Okänd jämförelsegrupp: grannar. Välj bland kolada, "),
        (("1861", None, ["X1"]), "Okänt nyckeltal: X1. Välj bland N07540, "),
        (("1861", None, [TOTAL], 1999), "N07540 har inget värde för Hallsberg år 1999"),
        (("1861", None, None, 1989), "Inga uppgifter för Hallsberg år 1989"),
    ],
)
def test_what_does_not_exist_is_told(arguments: tuple[object, ...], told: str, panel: Panel) -> None:
    with pytest.raises(NotFoundError, match=told):
        compare(panel, *arguments)  # type: ignore[arg-type]


def test_the_trend_has_the_groups_quartiles_for_every_year(panel: Panel) -> None:
    found = one(panel)
    values, group = benchmark.trend(panel, TOTAL, "1861", list(found.assessed.members))
    assert [value.year for value in values] == list(range(2019, 2026))
    assert group["n"].to_list() == [7] * 7
    last = group.filter(pl.col("year") == 2025).row(0, named=True)
    assert last["median"] == found.assessed.spread.median
    assert last["lower_quartile"] == found.assessed.spread.lower_quartile


def test_the_five_years_of_hallsberg_have_no_sure_direction(panel: Panel) -> None:
    """One high year is not a direction when figures usually move so much."""
    values, _ = benchmark.trend(panel, TOTAL, "1861", ["2083"])
    found = benchmark.marker(values, [])
    assert found is not None
    assert found.direction is Direction.NONE


def test_no_trend_over_a_break_or_a_gap(panel: Panel) -> None:
    values, _ = benchmark.trend(panel, TOTAL, "1861", ["2083"])
    assert benchmark.marker(values, [SeriesBreak(date(2023, 1, 1), "prov")]) is None
    assert benchmark.marker(values, [SeriesBreak(date(2021, 1, 1), "prov")]) is not None
    assert benchmark.marker(values[-4:], []) is None
    assert benchmark.marker([*values[:3], *values[4:]], []) is None


def test_hallsberg_is_higher_than_its_official_group_but_not_unusually_far(panel: Panel) -> None:
    found = one(panel)
    standing = found.assessed.standing
    assert standing is not None
    assert standing.reference == found.assessed.spread.median
    assert found.assessed.judgement.ratio == pytest.approx(1.374, abs=0.001)
    assert 0.1 < standing.p_value < 0.13
    assert (found.level, found.assessed.judgement.reason, found.stands_out) == (
        Level.HIGHER,
        Reason.ABOVE,
        False,
    )
    assert found.more_than_group == pytest.approx(643, abs=1)


def test_without_what_the_police_find_hallsberg_is_level(panel: Panel) -> None:
    without = benchmark.without_police(panel, "1861", one(panel))
    assert without is not None
    assert (without.home.count, without.facts.rank, without.level) == (1_692, 66, Level.LEVEL)
    drugs = one(panel, indicator="SOL_NARKOTIKA_VAPEN")
    assert (drugs.home.count, drugs.facts.rank, drugs.stands_out) == (668, 1, True)
    assert drugs.assessed.judgement.ratio == pytest.approx(7.6, abs=0.1)
    assert benchmark.without_police(panel, "1861", drugs) is None


def test_a_verdict_does_not_depend_on_what_else_is_asked_for(panel: Panel) -> None:
    both = {c.indicator_id: c.assessed for c in compare(panel, "1861", ["skr"]).comparisons}
    assert both[TOTAL] == one(panel, "skr").assessed


@pytest.mark.slow
def test_five_municipalities_rose_unusually(panel: Panel) -> None:
    found = {panel.names[home]: one(panel, home=home).facts.change for home in panel.codes}
    rose = {name for name, change in found.items() if change and change.word is ChangeWord.UNUSUAL_INCREASE}
    assert rose >= {"Vansbro", "Hallsberg", "Nacka", "Älvkarleby", "Rättvik"}
    assert len(rose) <= 8


def test_the_home_does_not_widen_its_own_limits(panel: Panel) -> None:
    measure = panel.measure(TOTAL, 2025)
    inflated = measure.values.copy()
    inflated[panel.place["1861"]] *= 5
    for key in ("kolada", "county", "country"):
        before, after = (
            standings(Measure(values, measure.sizes), panel.peers(key), [panel.place["1861"]])[0]
            for values in (measure.values, inflated)
        )
        assert before is not None
        assert after is not None
        assert (before.reference, before.between, before.upper) == (
            after.reference,
            after.between,
            after.upper,
        )


def test_the_funnel_of_all_has_about_one_in_twenty_outside(panel: Panel) -> None:
    found = funnel_of(panel, "1861", one(panel, "country"))
    assert found is not None
    assert found.standing.reference == pytest.approx(9_782, abs=1)
    assert 0.03 < found.outside(0.95).height / found.municipalities.height < 0.07
    assert found.outside(0.998).height <= 3
    own = found.standing
    lower, upper = found.limits([16_101.0], 0.95)
    assert (lower[0], upper[0]) == pytest.approx((own.lower, own.upper))


def test_the_funnel_of_the_group_shows_the_group_and_the_home(panel: Panel) -> None:
    comparison = one(panel)
    found = funnel_of(panel, "1861", comparison)
    assert found is not None
    assert set(found.of_group().municipalities["code"]) == {"1861", *comparison.assessed.members}


def test_what_the_characteristics_lead_one_to_expect(panel: Panel) -> None:
    expected = one(panel).facts.expected
    assert expected is not None
    assert 1_300 < expected.expected < 1_700
    assert expected.above
    assert expected.model.n == 289
    assert 0.02 < expected.model.outside < 0.08


def test_three_years_together_and_the_smoothed_value(panel: Panel) -> None:
    facts = one(panel).facts
    assert facts.pooled is not None
    assert facts.pooled.count == 1_599 + 1_855 + 2_360
    assert facts.smoothed is not None
    assert 14_000 < facts.smoothed < facts.home.rate


def test_the_trend_against_the_group_never_crosses_a_break(panel: Panel) -> None:
    found = one(panel)
    values, group = benchmark.trend(panel, TOTAL, "1861", list(found.assessed.members))
    whole = benchmark.against_group(values, group, [])
    assert whole is not None
    assert (whole.first, whole.last) == (2019, 2025)
    after = benchmark.against_group(values, group, [SeriesBreak(date(2021, 1, 1), "prov")])
    assert after is not None
    assert after.first == 2021
    assert benchmark.against_group(values, group, [SeriesBreak(date(2022, 1, 1), "prov")]) is None


def test_years_on_both_sides_of_a_break_are_neither_compared_nor_put_together(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for day in (date(2025, 1, 1), date(2024, 1, 1)):
        broken = Panel(panel.warehouse)
        monkeypatch.setattr(broken, "breaks", lambda _indicator, day=day: (SeriesBreak(day, "prov"),))
        found.append(one(broken).facts)
    assert (found[0].change, found[0].pooled) == (None, None)
    facts = found[1]
    assert facts.change is not None
    assert facts.pooled is None


def test_kumla_lies_lower_than_its_neighbours_or_not_but_is_always_answered(panel: Panel) -> None:
    for code in ("1881", "0180", "2506", "0980", "1407", "0319"):
        for comparison in compare(panel, code).comparisons:
            assert comparison.level in Level
            assert comparison.assessed.judgement.reason in Reason


def test_json_has_every_number_and_the_vintage(panel: Panel) -> None:
    read = json.loads(exports.to_json(compare(panel, "1861", ["kolada"], [TOTAL]), panel))
    assert read["vintage"] == panel.warehouse.vintage
    assert read["indicators"][TOTAL]["home"]["count"] == 2360
    assert read["indicators"][TOTAL]["expected"]["model"]["n"] == 289
    assert read["indicators"][TOTAL]["levels_by_year"]["2024"]["kolada"] == "level"
    (found,) = read["comparisons"]
    assert (found["level"], found["rarity"]["unusual"]) == ("higher", False)
    assert found["change"]["word"] == "unusual_increase"
    assert found["change"]["difference"] == 505
    assert (found["rank"], found["ranked"]) == (8, 290)
    assert found["standing"]["reference"] == found["spread"]["median"]
    assert {method["name"] for method in found["methods"]} >= {"Vår regel", "SHMI", "CQC", "Väntat antal"}


def test_csv_keeps_leading_zeros_and_unrounded_values(panel: Panel) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(exports.to_csv(compare(panel, "0180")).removeprefix("\ufeff")), delimiter=";"
        )
    )
    assert {row["kommun"] for row in rows} == {"0180"}
    total = next(row for row in rows if row["nyckeltal"] == TOTAL and row["år"] == "2025")
    assert len(total["värde"].split(",")[1]) >= 4
    assert total["bedömning"] == "högre"
    assert total["ovanligt_långt"] == "nej"


def test_markdown_is_swedish(panel: Panel) -> None:
    text = exports.to_markdown(compare(panel, "1861", ["kolada"], [TOTAL]))
    assert text.startswith("# Hallsbergs kommun")
    assert "| 14\u00a0657 | 12\u00a07" in text
    assert "| 8 av 290 | högre |" in text
