"""Municipalities beside each other: every sentence agrees with values, margins and tests; and everybody in a list."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lagesbild.answers import claims
from lagesbild.answers.claims import ClaimOutcome
from lagesbild.answers.statement import Relation, Statement
from lagesbild.charts.pair_levels import pair_levels
from lagesbild.charts.pair_trends import OTHERS, moved_apart, pair_trends
from lagesbild.charts.theme import ACCENT
from lagesbild.charts.verdict_map import BORDER, FILLS, verdict_map
from lagesbild.comparison import benchmark, everyone, exports, pair_words, pairs
from lagesbild.comparison.benchmark import NotFoundError, Value
from lagesbild.comparison.pairs import Apart
from lagesbild.comparison.panel import Panel
from lagesbild.data.indicators import Unit
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.statistics.intervals import Interval
from lagesbild.statistics.overdispersion import Dispersion
from lagesbild.statistics.rule import Level
from pages.parts import country
from tests import reading
from tests.traces import traces


@pytest.fixture(scope="module")
def everybody(worked_out: Warehouse) -> Panel:
    return Panel(worked_out)


def valued(rate: float, count: int | None = None, **more: object) -> Value:
    value = Value(
        year=2025,
        rate=rate,
        count=count,
        count_basis="published" if count is not None else None,
        exposure=100_000.0 if count is not None else None,
        interval=None,
    )
    return replace(value, **more)  # type: ignore[arg-type]


# --- sentences ---


def test_every_sentence_of_two_agrees_with_the_figures(everybody: Panel) -> None:
    rng = np.random.default_rng(1861)
    read = Counter[Apart]()
    for key in everybody.standard:
        known = [code for code in everybody.codes if everybody.years(key, code)]
        measure, dispersion = everybody.indicators[key], pairs.dispersion_of(everybody, key)
        for _ in range(60):
            home, other = (str(code) for code in rng.choice(known, 2, replace=False))
            year = int(rng.choice(pairs.years_of(everybody, key, [home, other])))
            mine, theirs = (
                next(v for v in benchmark.values_of(everybody, key, code) if v.year == year)
                for code in (home, other)
            )
            pair = pairs.of_values(mine, theirs, dispersion)
            try:
                reading.pair(pair, measure, everybody.names[home], everybody.names[other])
            except AssertionError as error:
                raise AssertionError(f"{home}, {other}, {key}, {year}") from error
            read[pair.apart] += 1
    assert sum(read.values()) > 2000
    assert set(read) >= {Apart.CERTAIN, Apart.USUAL, Apart.CHANCE}


def test_every_sentence_of_several_agrees_with_each_pair(everybody: Panel) -> None:
    rng = np.random.default_rng(1881)
    missing = 0
    for key in everybody.standard:
        known = [code for code in everybody.codes if everybody.years(key, code)]
        for _ in range(8):
            home = str(rng.choice(known))
            others = [str(code) for code in rng.choice(known, int(rng.integers(2, 6)), replace=False)]
            others = [*(code for code in others if code != home), "0180"]
            found = pairs.beside(everybody, home, others, key)
            if found is None:
                continue
            if len(found.pairs) > 1:
                reading.beside(found, everybody.indicators[key], everybody.names)
            told = pair_words.without_told(found, everybody.names)
            assert bool(told) == bool(found.without)
            missing += "Stockholm" in told
    assert missing > 50  # most surveys are of Örebro and Dalarna


@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        (valued(0, 0), valued(0, 0), "Våldsbrott: inga anmälda brott i vare sig Borås eller Kumla 2025."),
        (
            valued(10, 10),
            valued(0, 0),
            "Våldsbrott: anmälda brott är fler per invånare i Borås än i Kumla 2025: 10 mot 0 per 100 000. Skillnaden är större",
        ),
        (valued(500, 500), valued(200, 200), "500 mot 200 per 100 000. Det är 2,5 gånger så många. Skillnaden är större"),
        (valued(200, 200), valued(500, 500), "200 mot 500 per 100 000. Det är 60 procent färre. Skillnaden är större"),
        (valued(100.2, 100), valued(100.4, 100), "100,2 mot 100,4 per 100 000. Skillnaden kan vara en slump."),
        (valued(100, 100), valued(100, 100), "ungefär lika många per invånare i Borås och Kumla 2025: 100 per 100 000. Det finns"),
        (valued(900), valued(200, 200), "900 mot 200 per 100 000. Skillnaden kan inte prövas, eftersom antalet"),
    ],
)  # fmt: skip
def test_what_is_said_of_none_of_equals_and_of_the_unknown(
    mine: Value, theirs: Value, told: str, panel: Panel
) -> None:
    measure = panel.indicators["N07403"]
    pair = pairs.of_values(mine, theirs, Dispersion(1.0, 0.0, 0))
    said = reading.plain(pair_words.finding(pair, measure, "Borås", "Kumla"))
    assert told in said
    reading.pair(pair, measure, "Borås", "Kumla")


def test_small_differences_are_called_small_however_certain() -> None:
    pair = pairs.of_values(
        valued(10_500, 1_050_000, exposure=1e7), valued(10_000, 1_000_000, exposure=1e7), Dispersion(1, 0, 0)
    )
    assert pair.apart is Apart.SMALL
    mine, theirs = (valued(rate, interval=Interval(rate - 0.2, rate + 0.2)) for rate in (51.0, 50.0))
    assert pairs.of_values(mine, theirs, None).apart is Apart.SMALL


def test_the_more_one_looks_the_more_is_demanded() -> None:
    likely = pairs.of_values(valued(140, 140), valued(105, 105), Dispersion(1, 0, 0))
    assert likely.apart is Apart.CERTAIN
    chance = pairs.of_values(valued(100, 100), valued(101, 101), Dispersion(1, 0, 0))
    corrected = pairs.corrected([likely, chance, chance, chance])
    assert [one.apart for one in corrected] == [Apart.SEVERAL, *[Apart.CHANCE] * 3]
    assert all(one.of == 4 for one in corrected)


def test_the_last_year_that_all_have_is_compared_and_told(panel: Panel) -> None:
    found = pairs.beside(panel, "1861", ["1881"], "N07540", 2020)
    assert found is not None
    assert found.year == 2020
    assert (
        pair_words.year_told(found, panel.names)
        == "2020 är det senaste året med uppgifter för Hallsberg och Kumla."
    )
    assert pairs.beside(panel, "1861", ["1881"], "N07540", 1950) is None
    assert pairs.beside(panel, "1861", ["2081"], "NTU_OTRYGG") is None  # Hallsberg has no such survey


def test_different_last_years_give_the_last_common_one(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    years = panel.years
    monkeypatch.setattr(
        panel, "years", lambda key, code: [y for y in years(key, code) if code != "1881" or y < 2024]
    )
    found = pairs.beside(panel, "1861", ["1881"], "SOL_STOLD")
    assert found is not None
    assert (found.year, found.newest) == (2023, 2025)
    assert pair_words.year_told(found, panel.names).startswith("2023 är det senaste")


def test_who_is_first_does_not_matter(everybody: Panel) -> None:
    for home, other in pairwise(everybody.codes[::7]):
        one = pairs.beside(everybody, home, [other], "N07540")
        back = pairs.beside(everybody, other, [home], "N07540")
        assert one is not None
        assert back is not None
        assert one.pairs[other].apart is back.pairs[home].apart
        assert one.pairs[other].higher is not back.pairs[home].higher


def test_the_claim_and_the_page_say_the_same_of_the_year(everybody: Panel) -> None:
    context = ChartContext(everybody.warehouse, everybody)
    told = Counter[ClaimOutcome]()
    for home, other in pairwise(everybody.codes[::9]):
        found = pairs.beside(everybody, home, [other], "N07540")
        assert found is not None
        pair = found.pairs[other]
        made = Statement(relation=Relation.MORE, home=home, measure="N07540", other=other, last=found.year)
        outcome = claims.check(context, made).outcome
        told[outcome] += 1
        assert (outcome is ClaimOutcome.HOLDS) == (pair.sure and pair.higher)
        if pair.sure and not pair.higher:
            assert outcome is ClaimOutcome.FAILS
    assert set(told) == {ClaimOutcome.HOLDS, ClaimOutcome.FAILS, ClaimOutcome.UNDECIDED}


def test_whether_they_are_alike_is_told_with_what_sets_them_apart(panel: Panel) -> None:
    def told(home: str, other: str) -> str:
        return pair_words.likeness(
            pairs.shared(panel, home, other), pairs.unlike(panel, home, other), panel.names[home], panel.names[other]
        )  # fmt: skip

    kumla = told("1861", "1881")
    assert kumla.startswith(
        "Kumla är inte bland de kommuner som liknar Hallsberg mest: Kumla har tätare bebyggelse"
    )
    assert "gränsar till varandra" in kumla
    for home in ("1861", "0180", "2425"):
        other = pairs.most_alike(panel, home)
        assert other is not None
        assert f"{panel.names[other]} är bland de kommuner som liknar {panel.names[home]} mest" in told(
            home, other
        )
    for home in panel.codes[::30]:
        for other in panel.codes[1::40]:
            if home != other:
                reading.clean(told(home, other))


# --- charts ---


def test_levels_have_every_value_with_its_margin_and_the_home_another_shape(panel: Panel) -> None:
    found = pairs.beside(panel, "1861", ["1881", "1880"], "N07540")
    assert found is not None
    drawn = {
        trace.y[0].strip("<b>/"): trace
        for trace in traces(pair_levels(found.values, "1861", panel.names, Unit.PER_100K))
    }
    assert set(drawn) == {"Hallsberg", "Kumla", "Örebro"}
    assert drawn["Hallsberg"].marker.symbol == "diamond"
    assert drawn["Kumla"].marker.symbol != "diamond"
    for code, value in found.values.items():
        trace = drawn[panel.names[code]]
        assert value.interval is not None
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(value.interval.upper)


def test_lines_are_told_apart_without_colours_and_named_at_their_ends(panel: Panel) -> None:
    codes = ["1861", "1881", "1880", "1882", "1860", "0139"]
    series = {code: benchmark.values_of(panel, "SOL_STOLD", code) for code in codes}
    figure = pair_trends(series, "1861", panel.names, Unit.PER_100K)
    drawn = traces(figure)
    assert len({(trace.line.dash, trace.marker.symbol) for trace in drawn}) == 6
    assert drawn[-1].line.color == ACCENT
    assert len(OTHERS) == pairs.MOST - 1
    named = {str(note.text).strip("<b>/"): note.y for note in figure.layout.annotations}
    assert set(named) >= {panel.names[code] for code in codes}


@pytest.mark.parametrize("heights", [[1.0, 1.0, 1.0], [0.0, 99.0, 99.5, 100.0], [5.0], [0, 0, 0, 0, 0, 0]])
def test_names_are_moved_apart_and_stay_in_order(heights: list[float]) -> None:
    found = moved_apart(heights, 10, 100)
    assert all(b - a >= 10 - 1e-9 for a, b in pairwise(found))
    assert max(found) <= 100


@pytest.mark.parametrize(
    ("others", "told"),
    [("9999", "ingen kommun med koden 9999"), ("1861", "Välj en annan kommun"), ("Xyzzy", "som heter Xyzzy")],
)
def test_whom_nobody_can_be_beside_is_told(others: str, told: str, panel: Panel) -> None:
    context = ChartContext(panel.warehouse, panel)
    for chart in ("pair-levels", "pair-trends"):
        with pytest.raises(ChartError, match=told):
            build(context, chart, {"home": "1861", "indicator": "N07540", "others": others})


# --- everybody ---


def test_everybody_is_judged_as_one_at_a_time(everybody: Panel) -> None:
    found = everyone.of_measure(everybody, "N07540", "kolada")
    assert found.year == 2025
    assert len(found.ones) == found.ranked == 290
    for one in found.ones[::12]:
        single = benchmark.single(everybody, one.code, "N07540", "kolada")
        assert single is not None
        assert one.value == single.home
        assert (one.level, one.rank) == (single.level, single.facts.rank)
        assert (one.stands_out, one.change) == (single.stands_out, single.facts.change)
        assert one.ratio == pytest.approx(single.assessed.judgement.ratio)


def test_answers_that_are_not_stored_are_the_same(everybody: Panel, panel: Panel) -> None:
    stored, made = (everyone.of_measure(one, "N07403", "skr") for one in (everybody, panel))
    assert [one.level for one in stored.ones] == [one.level for one in made.ones]


def test_who_has_no_value_is_in_the_list_without_one(everybody: Panel) -> None:
    found = everyone.of_measure(everybody, "NTU_OTRYGG", "county")
    missing = [one for one in found.ones if one.value is None]
    assert len(missing) == 290 - found.ranked > 200
    assert all((one.level, one.rank, one.ratio) == (None, None, None) for one in missing)
    assert {row["code"] for row in exports.rows_of(found)}.isdisjoint(one.code for one in missing)
    for order in country.ORDERS:
        ordered = country.in_order(found.ones, order)
        assert sorted(one.code for one in ordered) == sorted(one.code for one in found.ones)
        if order in {"varde", "varde_lagst"}:
            assert {one.code for one in ordered[: found.ranked]}.isdisjoint(one.code for one in missing)


@pytest.mark.parametrize(("indicator", "kind"), [("X", "kolada"), ("N07540", "x"), ("N07540", "kolada_2019")])
def test_what_not_everybody_has_is_told(indicator: str, kind: str, panel: Panel) -> None:
    with pytest.raises(NotFoundError, match=r"\.$"):
        everyone.of_measure(panel, indicator, kind)


def test_the_list_is_sorted_and_searched(everybody: Panel) -> None:
    ones = everyone.of_measure(everybody, "N07540", "kolada").ones
    by_value = country.in_order(ones, "varde")
    assert [one.rank for one in by_value] == sorted(one.rank or 0 for one in ones)
    assert country.in_order(ones, "varde_lagst")[0].rank == 290
    assert [one.name for one in country.in_order(ones, "namn")][-3:] == [
        "Östra Göinge",
        "Överkalix",
        "Övertorneå",
    ]
    assert country.in_order(ones, "ovanligt")[0].p_value == min(one.p_value or 1 for one in ones)
    assert {one.county for one in country.sought(ones, "orebro lan")} == {"Örebro län"}
    assert [one.name for one in country.sought(ones, "1861")] == ["Hallsberg"]
    assert [one.name for one in country.sought(ones, "hallsb")] == ["Hallsberg"]
    assert len(country.sought(ones, "")) == 290


def test_the_map_has_everybody_once_told_apart_by_pattern_with_borders_that_are_seen(
    everybody: Panel,
) -> None:
    found = everyone.of_measure(everybody, "N07540", "kolada")
    drawn = traces(verdict_map(found, "1861", Unit.PER_100K))
    pressed = next(trace for trace in drawn if trace.customdata is not None and len(trace.customdata) == 290)
    assert set(pressed.customdata) == set(everybody.codes)
    areas = [trace for trace in drawn if trace.fill == "toself"]
    assert len(areas) == len({(trace.fillcolor, trace.fillpattern.shape) for trace in areas}) == len(Level)
    for colour, _ in FILLS.values():
        assert contrast(colour, BORDER) >= 3
    patterns = [
        pattern
        for level, (_, pattern) in FILLS.items()
        if level in {Level.HIGHER, Level.LOWER, Level.UNDECIDED}
    ]
    assert len(set(patterns)) == 3  # without colours, too


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.1."""

    def light(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
