"""Crime types on the pages: the tree, what drives a change, breaks and marks, sums that are checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.charts.contribution import contribution_chart
from lagesbild.comparison import benchmark
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data import consistency
from lagesbild.data.crimes import SOL_TOTAL, CrimeType, Tree, parts_of
from lagesbild.data.warehouse import Warehouse
from lagesbild.statistics.change import difference_interval
from lagesbild.statistics.intervals import Interval
from lagesbild.trends import words as trend_words
from lagesbild.trends.contribution import REST, Contribution, Part, contribution, years_of
from tests import world
from tests.test_pages import text
from tests.traces import traces

PENAL, SPECIAL, TRAFFIC = "SOL_BROTTSBALKEN", "SOL_SPECIAL", "SOL_TRAFIK"


@pytest.fixture(scope="module")
def crimes(with_crime_types: Settings) -> Iterator[Panel]:
    with Warehouse.current(with_crime_types.warehouse_folder) as warehouse:
        yield Panel(warehouse)


@pytest.fixture(scope="module")
def tree(crimes: Panel) -> Tree:
    return Tree.of(crimes.warehouse)


def small(*rows: tuple[str, str | None]) -> Tree:
    return Tree(
        [
            CrimeType(id=key, parent_id=parent, title=key, short=key, path=key, level=0, monthly=False)
            for key, parent in rows
        ]
    )


def test_parts_are_the_nearest_chosen_types_below() -> None:
    tree = small(("A", None), ("B", "A"), ("C", "B"), ("D", "B"), ("E", "A"))
    assert tree.parts("A", {"B", "C", "D", "E"}) == ["B", "E"]
    assert tree.parts("A", {"C", "D"}) == ["C", "D"]
    assert tree.parts("E", {"B"}) == []


def test_the_parts_of_the_total_are_the_other_roots_and_those_that_say_little_are_split(tree: Tree) -> None:
    chosen = set(tree.types)
    parts = tree.parts(SOL_TOTAL, chosen)
    assert not {SOL_TOTAL, PENAL, SPECIAL, "SOL_PERSON", "SOL_FORMOGENHET"} & set(parts)
    assert {"SOL_LIV", "SOL_STOLD", "SOL_SKADEGORELSE", "SOL_STATEN", TRAFFIC, "SOL_NARKOTIKA"} <= set(parts)


def test_the_official_total_is_split_by_bras_tree_where_it_is_known(crimes: Panel, tree: Tree) -> None:
    whole, parts = parts_of(tree, "N07540", crimes.indicators.keys())
    assert whole == SOL_TOTAL
    assert len(parts) > 10


def test_without_the_tree_the_total_is_split_into_what_kolada_tells(panel: Panel) -> None:
    kolada = [key for key in panel.indicators if not key.startswith("SOL_")]
    assert parts_of(Tree([]), "N07540", kolada) == ("N07540", ["N07403", "U07452"])


def test_parts_add_up_to_the_change_and_the_driver_is_found(crimes: Panel, tree: Tree) -> None:
    found = contribution(crimes, tree, world.HOME, "N07540", 2024, 2025)
    assert found is not None
    assert sum(part.difference for part in found.parts) == found.whole.difference
    assert sum(part.before for part in found.parts) == found.whole.before
    assert found.parts[0].key == "SOL_SKADEGORELSE"
    assert found.parts[0].certain
    assert all(p.limits.lower <= p.difference <= p.limits.upper for p in found.parts)
    names = {part.key: part.key.title() for part in found.parts}
    assert f"mest sol_Skadegorelse (+{found.parts[0].difference})" in trend_words.contribution_finding(
        found, names
    )


def test_years_on_both_sides_of_a_break_are_marked(crimes: Panel, tree: Tree) -> None:
    across = contribution(crimes, tree, world.HOME, "N07540", 2014, 2025)
    after = contribution(crimes, tree, world.HOME, "N07540", 2020, 2025)
    assert across is not None
    assert after is not None
    assert all(part.crosses_break for part in across.parts if part.key != REST)
    assert not any(part.crosses_break for part in after.parts)
    fraud = contribution(crimes, tree, world.HOME, "SOL_FORMOGENHET", 2017, 2025)
    assert fraud is not None
    assert [part.key for part in fraud.parts if part.crosses_break] == ["SOL_BEDRAGERI"]
    names = {part.key: crimes.indicators[part.key].short for part in fraud.parts if part.key != REST} | {
        REST: "Övriga"
    }
    assert "inte fullt jämförbara för bedrägeri och annan oredlighet" in trend_words.contribution_text(
        fraud, names
    )


def test_overlapping_parts_are_left_out_and_named(
    crimes: Panel, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "lagesbild.trends.contribution.parts_of", lambda *_: (SOL_TOTAL, [PENAL, "SOL_STOLD", SPECIAL])
    )
    found = contribution(crimes, tree, world.HOME, "N07540", 2024, 2025)
    assert found is not None
    assert found.overlapping == ("SOL_STOLD",)
    assert {part.key for part in found.parts} == {PENAL, SPECIAL}


def test_a_year_without_a_count_has_no_contribution(crimes: Panel, tree: Tree) -> None:
    assert contribution(crimes, tree, world.HOME, "N07540", 1990, 2025) is None
    assert contribution(crimes, tree, world.HOME, "N07609", 2024, 2025) is None
    assert years_of(crimes, world.HOME, SOL_TOTAL) == list(range(2013, 2026))


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 5), (5, 0), (1_855, 2_360), (161, 173)])
def test_the_difference_lies_within_its_limits_which_are_each_counts_own(before: int, after: int) -> None:
    found = difference_interval(before, after)
    assert found.lower <= after - before <= found.upper
    wider = difference_interval(before, after, 0.99)
    assert wider.lower <= found.lower
    assert wider.upper >= found.upper
    turned = difference_interval(after, before)
    assert (turned.lower, turned.upper) == pytest.approx((-found.upper, -found.lower))


def drivers(*parts: tuple[str, int, int]) -> Contribution:
    made = [
        Part(key=key, before=before, after=after, limits=difference_interval(before, after))
        for key, before, after in parts
    ]
    whole = Part(
        key="alla",
        before=sum(p.before for p in made),
        after=sum(p.after for p in made),
        limits=Interval(0, 0),
    )
    whole = Part(
        key="alla",
        before=whole.before,
        after=whole.after,
        limits=difference_interval(whole.before, whole.after),
    )
    return Contribution(whole=whole, first=2024, last=2025, parts=tuple(made), overlapping=())


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            drivers(("stöld", 100, 200), ("rån", 50, 20)),
            "Ökningen med 70 brott 2024–2025 är mest stöld (+100)",
        ),
        (
            drivers(("stöld", 200, 100), ("rån", 20, 50)),
            "Minskningen med 70 brott 2024–2025 är mest stöld (−100)",
        ),
        (drivers(("stöld", 100, 102), ("rån", 50, 51)), "är inte mer än siffran brukar ändra sig"),
        (drivers(("stöld", 100, 100)), "Antalet brott är lika stort 2024 och 2025"),
    ],
)
def test_the_title_says_what_drives_the_change(found: Contribution, told: str) -> None:
    names = {part.key: part.key.title() for part in found.parts}
    assert told in trend_words.contribution_finding(found, names).replace("\u00a0", " ")


def test_the_chart_has_a_bar_for_each_part_and_hollow_ones_for_the_uncertain() -> None:
    figure = contribution_chart(
        drivers(("Stöld", 100, 200), ("Rån", 50, 51)), {"Stöld": "Stöld", "Rån": "Rån"}
    )
    (bars,) = traces(figure)
    assert list(bars.x) == [1, 100]
    assert [colour == "white" for colour in bars.marker.color] == [True, False]


def test_a_sum_of_our_own_never_stands_beside_its_members() -> None:
    tree = small(("SOL_TOTALT", None), ("A", None), ("SOL_NARKOTIKA", "A"), ("SOL_VAPEN", "A"), ("C", None))
    both, one = "SOL_NARKOTIKA_VAPEN", "SOL_NARKOTIKA"
    assert parts_of(tree, SOL_TOTAL, {both, "C"}) == (SOL_TOTAL, ["C", both])
    assert parts_of(tree, SOL_TOTAL, {both, one, "C"}) == (SOL_TOTAL, ["C", both])
    assert parts_of(tree, SOL_TOTAL, {both, one, "SOL_VAPEN", "C"}) == (SOL_TOTAL, [one, "SOL_VAPEN", "C"])
    assert parts_of(tree, "SOL_UTAN_POLISENS", {SOL_TOTAL, both, one, "SOL_VAPEN", "C"})[1] == ["C"]


def test_what_should_be_split_further_is_a_part_itself_where_nothing_below_it_is_known(tree: Tree) -> None:
    assert tree.parts(SOL_TOTAL, {"SOL_PERSON", "SOL_STOLD"}) == ["SOL_PERSON", "SOL_STOLD"]


def test_the_shipped_total_is_split_into_its_groups(panel: Panel) -> None:
    found = contribution(panel, Tree.of(panel.warehouse), "1861", "N07540", 2024, 2025)
    assert found is not None
    assert {part.key: part.difference for part in found.parts} == {
        "SOL_NARKOTIKA_VAPEN": 318,
        "SOL_PERSON": 40,
        "SOL_STOLD": -162,
        "SOL_SKADEGORELSE": -55,
        REST: 364,
    }
    without = contribution(panel, Tree.of(panel.warehouse), "1861", "SOL_UTAN_POLISENS", 2024, 2025)
    assert without is not None
    assert (without.whole.difference, "SOL_NARKOTIKA_VAPEN" in {part.key for part in without.parts}) == (
        187,
        False,
    )


def test_the_shipped_figures_pass_every_check(panel: Panel) -> None:
    assert [check.deviating for check in consistency.checks(panel.warehouse)] == [0, 0, 0]


def test_a_reader_meets_the_total_and_the_groups_first(panel: Panel) -> None:
    assert panel.standard[:8] == (
        "N07540",
        "SOL_UTAN_POLISENS",
        "SOL_PERSON",
        "N07403",
        "SOL_STOLD",
        "SOL_INBROTT",
        "SOL_SKADEGORELSE",
        "SOL_NARKOTIKA_VAPEN",
    )
    assert not {SOL_TOTAL, "U07417", "U07452"} & set(panel.standard)  # the same crimes in another source


def test_crimes_found_by_the_police_are_told_as_such(tree: Tree) -> None:
    assert "polisens eget arbete" in tree.note("SOL_NARKOTIKA_BRUK")
    assert "polisens eget arbete" in Tree([]).note("N07544")
    assert "räknas då bara i riket" in tree.note("SOL_BEDRAGERI")
    assert tree.note("SOL_STOLD") == ""
    assert tree.by_police(TRAFFIC)
    assert not tree.by_police("SOL_BEDRAGERI")


def test_breaks_concern_only_the_types_they_are_about(crimes: Panel) -> None:
    assert [item.date.year for item in crimes.breaks("SOL_STOLD")] == [2015]
    assert [item.date.year for item in crimes.breaks("SOL_BEDRAGERI")] == [2015, 2019]
    assert [item.date.year for item in crimes.breaks("SOL_VALDTAKT")] == [2005, 2013, 2015, 2018]


def test_types_of_the_whole_tree_are_compared_only_when_asked_for(crimes: Panel) -> None:
    assert SOL_TOTAL not in crimes.standard  # the same crimes as Kolada's total
    assert SOL_TOTAL in crimes.indicators
    found = benchmark.compare(crimes.warehouse, world.HOME, ["country"], [SOL_TOTAL], panel=crimes)
    assert found.facts[SOL_TOTAL].home.year == 2025


def test_rounded_rates_are_given_without_their_rounding(crimes: Panel) -> None:
    values = (
        crimes.values["SOL_KNIV"]
        .filter(pl.col("code") == world.HOME, pl.col("year") == 2024)
        .row(0, named=True)
    )
    assert values["rate"] == pytest.approx(values["count"] * 1e5 / values["exposure"], rel=1e-12)


def test_figures_that_add_up_pass_every_check(crimes: Panel) -> None:
    found = consistency.checks(crimes.warehouse)
    assert len(found) == 3
    assert [check.deviating for check in found] == [0, 0, 0]
    assert all(check.tried > 100 for check in found)


def test_sums_that_do_not_add_up_are_listed(with_crime_types: Settings, tmp_path: Path) -> None:
    import shutil

    import duckdb

    file = tmp_path / "broken.duckdb"
    shutil.copyfile((with_crime_types.warehouse_folder / "current.duckdb").resolve(), file)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "UPDATE observation SET count = count + 1000000 WHERE indicator_id = 'SOL_KNIV' AND code = ? "
            "AND period_start = DATE '2024-01-01'",
            [world.HOME],
        )
    with Warehouse(file) as warehouse:
        found = consistency.checks(warehouse)
    assert [check.deviating for check in found] == [1, 1, 1]
    assert "Brott mot specialstraffrättsliga författningar" in found[0].examples["what"][0]


@pytest.fixture
def opened(with_crime_types: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of(with_crime_types).items():
        monkeypatch.setenv(name, value)


def page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=90)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


@pytest.mark.usefixtures("opened")
def test_the_first_page_explains_the_change_and_puts_what_stands_out_first() -> None:
    app = page("sticker_vi_ut", flik="driver")
    assert not app.exception
    said = text(app)
    assert re.search(
        r"Provkdbys anmälda brott: ökningen med [\d ]+ brott 2024–2025 är mest skadegörelsebrott", said
    )
    app = page("sticker_vi_ut", flik="typer")
    said = text(app)
    assert "Trafikbrott" in said
    assert "* Upptäcks mest genom polisens eget arbete" in said
    assert re.search(
        r"Brottstyper som inte säkert skiljer sig från gruppen \(\d+\)",
        " ".join(e.label for e in app.expander),
    )


@pytest.mark.usefixtures("opened")
def test_a_crime_type_is_chosen_in_the_tree_and_stands_in_the_address() -> None:
    app = page("sticker_vi_ut", nyckeltal="SOL_VALDTAKT")
    assert not app.exception
    assert "Avbrott 2018" in text(app)
    sure = text(page("sticker_vi_ut", nyckeltal="SOL_VALDTAKT", flik="sakerhet"))
    assert "nivån av våldtäkt" in sure or "i våldtäkt" in sure
    box = next(box for box in app.selectbox if box.label == "Nyckeltal")
    depth = {option.strip("\u2003"): len(option) - len(option.lstrip("\u2003")) for option in box.options}
    assert (
        depth["Brottstyp: Brott mot brottsbalken"]
        < depth["Brottstyp: Brott mot person"]
        < depth["Brottstyp: Sexualbrott"]
    )
    assert depth["Brottstyp: Sexualbrott"] < depth["Brottstyp: Våldtäkt"]


@pytest.mark.usefixtures("opened")
def test_the_data_page_shows_that_the_sums_were_checked() -> None:
    app = page("datakallor")
    assert not app.exception
    assert "Kommunerna har tillsammans inte fler brott än riket" in text(app)
