"""BRÅ's SOL: sessions, plans, trees and results, against a stand-in that refuses what the real one refuses."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data import consistency, reference
from lagesbild.data.crimes import Tree
from lagesbild.data.warehouse import Warehouse
from pipelines.policy import Policy
from pipelines.publish import next_vintage
from pipelines.run import SourceOutcome, ingest
from pipelines.sources import bra_sol
from pipelines.sources.bra_sol import type_id
from pipelines.sources.sol.areas import Crosswalk, code_of
from pipelines.sources.sol.dbfil import read_dbfil
from pipelines.sources.sol.menu import read_menu
from tests import world
from tests.conftest import set_policy
from tests.sol_plain import MOVED, monthly_nodes, municipality_of, sol
from tests.sources.sol_server import Sol, SolStandIn, sometimes


class Quiet:
    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.outcomes: list[SourceOutcome] = []

    def started(self, source_id: str) -> None: ...

    def progressed(self, source_id: str, done: int, known: int) -> None:
        self.seen.append((done, known))

    def finished(self, outcome: SourceOutcome) -> None:
        self.outcomes.append(outcome)


@contextmanager
def serving(served: Sol) -> Iterator[str]:
    with SolStandIn(served) as stand_in:
        yield stand_in.url


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between calls to this machine, and short waits for what fails."""
    policy = Policy(min_interval=0, backoff=0.01, attempts=3, read_timeout=2)
    set_policy(monkeypatch, policy, "bra_sol")


@pytest.fixture(autouse=True)
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven crime types are enough to see how most things work; `all_types` has the standard ones."""
    if "all_types" not in request.fixturenames:
        keys = {"totalt", "brottsbalken", "person", "liv", "misshandel", "special", "trafik"}
        known = {path: row for path, row in bra_sol.standard_types().items() if row["key"] in keys}
        monkeypatch.setattr(bra_sol, "standard_types", lambda: known)


@pytest.fixture
def all_types() -> None:
    """All the standard crime types."""


def load(settings: Settings, url: str, **changed: Any) -> tuple[SourceOutcome, Quiet]:
    quiet = Quiet()
    since = changed.pop("since", None)
    (outcome,) = ingest(replace(settings, base_urls={"bra_sol": url}, **changed), quiet, ["bra_sol"], since)
    return outcome, quiet


def stored(settings: Settings, sql: str = "") -> dict[tuple[str, str, date, str], tuple[Any, ...]]:
    """Return the stored figures of BRÅ's own types by key: count, rate and status."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        rows = warehouse.frame(
            "SELECT indicator_id, code, period_start, period_kind, count, rate, status FROM observation "
            "WHERE starts_with(indicator_id, 'SOL_') AND NOT list_contains(?, indicator_id)",
            [list(reference.composites())],
        )
    return {row[:4]: row[4:] for row in rows.rows()}


def expected(served: Sol) -> dict[tuple[str, str, date, str], tuple[Any, ...]]:
    """Return what the stand-in holds for municipalities and the country, by our keys."""
    found: dict[tuple[str, str, date, str], tuple[Any, ...]] = {}
    marks = {"..": "suppressed", "-": "missing"}
    for table in served.tables.values():
        periods = list(table.ids(0)[2].values())
        for (area, _), node in product(table.areas, table.nodes):
            code, first, last = municipality_of(area)
            if code is None:
                continue
            indicator, total = type_id(", ".join(node.path)), node.path == ("Totalt antal brott",)
            for year, month in periods:
                kind = _kind(month)
                if (
                    not first <= year <= last
                    or (kind == "year") == table.monthly
                    or (kind == "quarter" and not total)
                ):
                    continue
                count = table.value(node, area, year, month)
                rate = round(1e5 * count / table.people(area, year)) if isinstance(count, int) else None
                status = "preliminary" if year in table.preliminary else "final"
                start = date(year, month if month and month > 0 else -3 * (month or 0) - 2 if month else 1, 1)
                found[indicator, code, start, kind] = (
                    (count, None if month else rate, status)
                    if isinstance(count, int)
                    else (None, None, marks[count])
                )
    return found


def _kind(month: int | None) -> str:
    return "year" if month is None else "month" if month > 0 else "quarter"


def periods_asked(queries: list[tuple[int, int, int, int]], served: Sol, menu: int) -> float:
    """Return how many periods were asked of a menu, in all types and the 290 municipalities and the country."""
    measures = 1 if served.tables[menu].monthly else 2
    return sum(t * a * p for t, a, p, m in queries if m == measures) / len(served.tables[menu].nodes) / 291


def test_a_whole_history_is_loaded_each_value_once_and_equal_to_the_served(
    settings: Settings, all_types: None
) -> None:
    served = sol(range(1996, 2026))
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok", outcome.message
    assert stored(settings) == expected(served)
    cells = sum(t * a * p * m for t, a, p, m in served.queries)
    assert all(t * a * p * m <= 10_000 for t, a, p, m in served.queries)
    assert len(served.queries) <= 1.05 * cells / 10_000 + 2  # labels, and the two menus


def test_what_is_stored_is_not_asked_for_again_but_the_newest_years_are(settings: Settings) -> None:
    served = sol(range(2010, 2026))
    with serving(served) as url:
        load(settings, url)
        first = len(served.queries)
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok"
    again = served.queries[first:]
    assert periods_asked(again, served, 101) == 2
    # The preliminary months, and the three preliminary quarters of one type.
    assert periods_asked(again, served, 90) == 10 + 3 / len(served.tables[90].nodes)


def test_since_asks_again_for_all_from_that_day(settings: Settings) -> None:
    served = sol(range(2010, 2026))
    with serving(served) as url:
        load(settings, url)
        first = len(served.queries)
        load(settings, url, since=date(2020, 1, 1))
    assert periods_asked(served.queries[first:], served, 101) == 6


def test_a_changed_figure_is_a_new_version_with_the_old_one_kept(settings: Settings) -> None:
    with serving(sol(range(2023, 2026))) as url:
        load(settings, url)
    before = stored(settings)
    with serving(sol(range(2023, 2026), shift=5)) as url:
        outcome, _ = load(settings, url, since=date(2023, 1, 1))
    assert outcome.count.changed > 1000
    after = stored(settings)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        kept = warehouse.frame("SELECT * FROM revision WHERE starts_with(indicator_id, 'SOL_')")
    assert kept.height == sum(before[key] != after[key] for key in before)
    for row in kept.head(50).iter_rows(named=True):
        key = (row["indicator_id"], row["code"], row["period_start"], row["period_kind"])
        assert before[key] == (row["count"], row["rate"], row["status"])
        assert row["replaced_at"] is not None
        assert row["fetch_id"] != row["replaced_by"]


def test_revisions_survive_a_warehouse_built_anew_from_the_archive(settings: Settings) -> None:
    for shift in (0, 5, 9):
        with serving(sol(range(2024, 2026), shift=shift)) as url:
            load(settings, url, since=date(2024, 1, 1))
    sql = "SELECT * EXCLUDE (fetch_id, replaced_at, replaced_by) FROM revision ORDER BY ALL"
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        kept = warehouse.frame(sql)
    figures = stored(settings)
    for vintage in settings.warehouse_folder.glob("*.duckdb"):
        vintage.unlink()
    with serving(sol(range(2024, 2026), shift=9)) as url:
        load(settings, url)
    assert stored(settings) == figures
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.frame(sql).equals(kept)
    assert kept.height > 2000


def test_preliminary_months_become_final_and_how_far_they_moved_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(sol(range(2024, 2026), range(2025, 2027))) as url:
        load(settings, url)
    later = sol(range(2024, 2026), range(2025, 2027), shift=3)
    later.tables[90].preliminary = frozenset()
    with serving(later) as url:
        load(settings, url)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        settled = consistency.settlings(warehouse)
    assert [s.month for s in settled] == [date(2026, month, 1) for month in range(10, 0, -1)]
    for one in settled:
        assert one.final == one.preliminary + 3 * one.moved
        assert 0 < one.moved <= one.figures
    for name, known in environment_of(settings).items():
        monkeypatch.setenv(name, known)
    app = AppTest.from_file(str(ROOT / "pages" / "datakallor.py"), default_timeout=60).run()
    assert not app.exception
    said = "\n".join(element.proto.body for element in app.get("html"))
    assert "oktober 2026" in said
    assert "Så mycket har siffror ändrats i efterhand" in [element.value for element in app.header]


@pytest.mark.parametrize("seed", range(4))
def test_cut_off_at_random_the_load_ends_as_if_it_had_not_been(
    settings: Settings, seed: int, tmp_path: Any
) -> None:
    """Sessions are lost, connections dropped, answers cut short; runs are given up and started again."""
    whole = sol(range(2005, 2026))
    with serving(whole) as url:
        load(settings, url)
    uninterrupted, asked = stored(settings), len(whole.queries)
    other = replace(settings, home=tmp_path / "other")
    broken = sol(range(2005, 2026))
    broken.faults = sometimes(["drop", "half", "lose", "busy"], 0.35, seed, 20)
    with serving(broken) as url:
        for _ in range(25):
            outcome, _ = load(other, url)
            if outcome.outcome == "ok":
                break
    assert outcome.outcome == "ok", outcome.message
    assert stored(other) == uninterrupted
    assert len(broken.queries) <= asked + 20


def test_a_killed_run_goes_on_where_it_was(settings: Settings) -> None:
    served = sol(range(1996, 2026))
    killed = Killed(after=3)
    with serving(served) as url:
        with pytest.raises(KeyboardInterrupt):
            ingest(replace(settings, base_urls={"bra_sol": url}), killed, ["bra_sol"])
        done = len(served.queries)
        load(settings, url)
        total = len(served.queries)
    assert done >= 2
    fresh = sol(range(1996, 2026))
    with serving(fresh) as url:
        load(replace(settings, home=settings.home.with_name("fresh")), url)
    assert total <= len(fresh.queries) + 1  # the one under way may be asked again
    assert stored(settings) == expected(served)


class Killed(Quiet):
    """Stops the process, as a person at the keyboard would, after some answers."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def progressed(self, source_id: str, done: int, known: int) -> None:
        if done > self.after:
            raise KeyboardInterrupt


def test_an_error_page_is_told_with_its_own_text(settings: Settings) -> None:
    served = sol(range(2024, 2026))
    served.refuse = "Databasen är stängd för uppdatering"
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "failed"
    assert "Databasen är stängd för uppdatering" in outcome.message
    assert "\n" not in outcome.message


def test_a_server_that_never_keeps_a_session_is_left_alone(settings: Settings) -> None:
    served = sol(range(2024, 2026))
    served.faults = lambda path: "lose" if "urval" in path else None
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "unreachable"
    assert len(served.asked) < 40


def test_the_stand_in_refuses_what_sol_refuses() -> None:
    """Steps out of turn, ids of another page, forms that lack a field, more than 10 000 cells."""
    served = sol(range(2015, 2026))
    first = next(iter(served.tables))
    with serving(served) as url:
        root = url

        def told(visitor: requests.Session, **form: str) -> str:
            if form:
                visitor.post(f"{root}/anmalda/urval/vantapopup", data=form, timeout=5)
            return html.unescape(visitor.get(f"{root}/anmalda/urval/sok", timeout=5).text)

        stranger, visitor = requests.Session(), requests.Session()
        assert "Felmeddelande" in stranger.get(f"{root}/anmalda/urval/urval?menyid={first}", timeout=5).text
        visitor.get(f"{root}/start", timeout=5)
        assert "Felmeddelande" in told(visitor)  # no menu chosen
        assert "Felmeddelande" in visitor.get(f"{root}/anmalda/urval/urval?menyid=7", timeout=5).text
        page = visitor.get(f"{root}/anmalda/urval/urval?menyid={first}", timeout=5).text
        kinds, areas, periods = (
            re.findall(rf'{name}\[\d+\]="(\d+)\*', page)
            for name in ("arrayNivatva", "arrayRegionNivaTva", "arrayPeriod")
        )
        areas = areas or re.findall(r'arrayRegionNivaEtt\[\d+\]="(\d+)\*', page)
        sound = {
            "brottstyp_id_string": kinds[0],
            "region_id_string": "*".join(areas[:3]),
            "period_id_string": periods[0],
            "fordelning_id_string": "",
            "antal": "1",
            "antal_100k": "1",
        }
        assert "Felmeddelande" not in told(visitor, **sound)
        result = visitor.post(f"{root}/anmalda/resultat/dbfil", data={}, timeout=5)
        assert result.text.startswith("Region;Brott")
        whole = {
            "region_id_string": "*".join(areas),
            "period_id_string": "*".join(periods),
            "brottstyp_id_string": "*".join(dict.fromkeys(kinds)),
        }
        assert len(areas) * len(periods) * len(set(kinds)) * 2 > 10_000
        assert "överstiger 10 000" in told(visitor, **sound | whole)
        assert "Okänt urval av period" in told(visitor, **sound | {"period_id_string": "1"})
        assert "Felaktiga parametrar" in told(visitor, **sound | {"antal": "0"})
        del sound["fordelning_id_string"]
        assert "Felaktiga parametrar" in told(visitor, **sound)
        assert visitor.get(f"{root}/anmalda/urval/vantapopup", timeout=5).status_code == 404
        assert visitor.get(f"{root}/anmalda/sok", timeout=5).status_code == 404
        served.forget()
        assert "Felmeddelande" in told(visitor, **sound)


def test_types_with_the_same_name_are_never_in_one_query_and_come_out_right(settings: Settings) -> None:
    special = "Brott mot specialstraffrättsliga författningar"
    extra: list[tuple[str, ...]] = [
        (root, "Provslag", "Internationell anknytning") for root in ("Brott mot brottsbalken", special)
    ]
    extra += [path[:-1] for path in extra] + [
        (special, "Internationell anknytning"),
        (special, "Vapen; innehav, (1 §)"),
    ]
    served = sol(range(2025, 2026), extra=extra)
    with serving(served) as url:
        outcome, _ = load(settings, url, all_crime_types=True)
    assert outcome.outcome == "ok", outcome.message
    assert stored(settings) == expected(served)


def test_the_tree_has_parents_levels_and_what_is_published_by_month(settings: Settings) -> None:
    with serving(sol(range(2024, 2026))) as url:
        load(settings, url)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        tree = Tree.of(warehouse)
    paths = {item.path: item for item in tree.types.values()}
    for item in tree.types.values():
        above = [path for path in paths if item.path.startswith(path + ", ")]
        assert item.level == len(above)
        assert item.parent_id == (paths[max(above, key=len)].id if above else None)
    assert sum(item.monthly for item in tree.types.values()) == len(monthly_nodes(everything=False))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("Region;Brott", "Region;Slag"), "rubrikraden"),
        (lambda text: text.replace(";2025;", ";2025;x", 1), "fältet Antal är inget tal"),
        (lambda text: text.rsplit("\r\n", 5)[0], "värden, vi frågade om"),
        (lambda text: text.replace("Provabby", "Provokändby"), "Region är ingen kommun"),
        (lambda text: text.replace("År;2025", "År;2035"), "ingen period vi frågat om"),
        (lambda text: text.replace(";\r\n", "\r\n", 3), "semikolon"),
        (lambda text: "<html>Underhåll</html>", "inte med en databasfil"),
    ],
)
def test_a_damaged_result_is_refused_and_what_was_stored_is_kept(
    settings: Settings, change: Callable[[str], str], told: str
) -> None:
    with serving(sol(range(2024, 2026))) as url:
        load(settings, url)
    before = stored(settings)
    broken = sol(range(2024, 2026), shift=1)
    broken.spoil = change
    with serving(broken) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "failed"
    assert told in outcome.message, outcome.message
    assert stored(settings) == before


def test_a_menu_without_a_few_municipalities_is_read_and_they_are_named(settings: Settings) -> None:
    served = sol(range(2024, 2026))
    gone = {name for name, _ in served.tables[101].areas[5:8]}
    served.tables[101].areas = [area for area in served.tables[101].areas if area[0] not in gone]
    served.tables[101].areas.append(("Nyby kommun", ""))
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok", outcome.message
    assert "meny för year: 3 kommuner saknas" in outcome.message
    assert "okända kommuner läses inte: Nyby kommun" in outcome.message
    yearly = {key: found for key, found in stored(settings).items() if key[3] == "year"}
    assert yearly == {key: found for key, found in expected(served).items() if key[3] == "year"}


def test_a_menu_of_other_areas_is_refused(settings: Settings) -> None:
    served = sol(range(2024, 2026))
    served.tables[101].areas = served.tables[101].areas[:200]
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "failed"
    assert "kommuner finns inte bland områdena" in outcome.message


def test_a_municipality_that_has_changed_county_is_one_series(settings: Settings) -> None:
    """Heby stands twice, with its years in the label, in the menu and in the result."""
    served = sol(range(2005, 2010))
    with serving(served) as url:
        load(settings, url)
    found = stored(settings)
    years = {key[2].year for key in found if key[:2] == ("SOL_TOTALT", MOVED)}
    assert years >= set(range(2005, 2010))
    assert found == expected(served)


def test_the_real_labels_of_heby_are_read(shared: Path) -> None:
    case = shared / "data" / "formats" / "cases" / "sol_heby"
    known = [("0331", "Heby"), ("1861", "Hallsberg"), ("0980", "Gotland")]
    names = reference.MunicipalityNames(known)
    areas = Crosswalk(read_menu((case / "urval.html").read_text("utf-8")).areas, known)
    assert [areas.of_year(year)["0331"].id for year in (1996, 2006, 2007, 2025)] == [
        "8608",
        "8608",
        "8556",
        "8556",
    ]
    rows = read_dbfil((case / "dbfil.txt").read_bytes())
    assert [code_of(name, names) for name in rows["Region"]] == ["0331", "0331", "1861"]


def test_monthly_figures_join_the_yearly_ones_of_the_same_crime(settings: Settings, all_types: None) -> None:
    served = sol(range(2024, 2026), range(2026, 2027), all_monthly=True)
    served.tables[90].months_until = 3
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok", outcome.message
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        both = warehouse.frame(
            """
            SELECT indicator_id FROM observation WHERE count IS NOT NULL AND starts_with(indicator_id, 'SOL_')
             GROUP BY ALL HAVING bool_or(period_kind = 'year') AND bool_or(period_kind = 'month')
            """
        )
        titles = dict(warehouse.frame("SELECT id, title_sv FROM indicator").iter_rows())
        tree = Tree.of(warehouse)
    twins = {
        "MISSHANDEL",
        "BILTILLGREPP",
        "CYKEL",
        "BOSTADSINBROTT",
        "RAN",
        "BUTIK",
        "UR_FORDON",
        "VAPEN",
        "STATEN",
    }
    assert {f"SOL_{key}" for key in twins} <= set(both["indicator_id"])
    assert len(set(both["indicator_id"]) - set(reference.composites())) == 27
    assert titles["SOL_MISSHANDEL"] == "Misshandel inkl. grov (5, 6 §)"
    assert tree.types["SOL_MISSHANDEL"].monthly
    assert not any("därav" in title for title in titles.values())
    assert len(tree.types) == 55 + 1  # and one that only the month menu has


def test_the_real_month_menu_has_every_alias(shared: Path) -> None:
    menu = pl.read_csv(
        shared / "data" / "formats" / "sol_month_menu90_2026-08_boden_lulea.csv",
        separator=";",
        infer_schema=False,
    )
    ids = dict(menu.select("path", "id").iter_rows())
    rows = [row for row in reference.read_csv("crime_types.csv") if row["month_id"]]
    assert {row["key"]: ids[row["month_path"] or row["path"]] for row in rows} == {
        row["key"]: row["month_id"] for row in rows
    }
    assert sum(bool(row["month_path"]) for row in rows) == 9


def test_types_that_have_left_the_month_menu_are_named(settings: Settings, all_types: None) -> None:
    served = sol(range(2025, 2026), range(2026, 2027), all_monthly=True)
    served.tables[90].months_until = 1
    served.tables[90].nodes = [n for n in served.tables[90].nodes if n.path[-1] != "Vapenlagen"]
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert "1 brottstyper finns inte i månadernas meny: Brott mot vapenlagen" in outcome.message


def test_menus_that_end_earlier_than_they_could_are_told(settings: Settings) -> None:
    served = sol(range(2022, 2024), range(2024, 2025))
    served.tables[90].nodes = served.tables[90].nodes[:1]
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert "årets brottstyper finns bara till 2023; 2024" in outcome.message
    assert "månadernas brottstyper finns bara till 2024-10" in outcome.message


def test_the_total_by_quarter_is_a_period_of_its_own_since_2014(settings: Settings) -> None:
    served = sol(range(2025, 2026), range(2013, 2027))
    served.tables[90].nodes = served.tables[90].nodes[:1]
    with serving(served) as url:
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok", outcome.message
    quarters = {
        key: row for key, row in stored(settings).items() if key[3] == "quarter" and key[1] == world.HOME
    }
    assert (
        sorted(key[2] for key in quarters)
        == [date(y, m, 1) for y in range(2014, 2027) for m in (1, 4, 7, 10)][:-1]
    )
    assert {row[2] for key, row in quarters.items() if key[2].year == 2026} <= {
        "preliminary",
        "suppressed",
        "missing",
    }
    assert {key[2].year for key in stored(settings) if key[3] == "month"} == set(range(2015, 2027))


def test_a_new_month_alone_keeps_the_tree_as_it_is(settings: Settings) -> None:
    """The yearly menu is often the same page as last time, and then only the monthly one is read anew."""
    served = sol(range(2025, 2026), range(2026, 2027))
    served.steady = True
    with serving(served) as url:
        load(settings, url)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            before = warehouse.frame("SELECT * EXCLUDE (fetch_id) FROM crime_type ORDER BY id")
        served.tables[90].months_until = 11
        outcome, _ = load(settings, url)
    assert outcome.outcome == "ok", outcome.message
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.frame("SELECT * EXCLUDE (fetch_id) FROM crime_type ORDER BY id").equals(before)
        months = warehouse.frame(
            "SELECT max(period_start) AS last FROM observation WHERE period_kind = 'month'"
        )
    assert months["last"][0] == date(2026, 11, 1)


def test_progress_is_told_for_every_answer(settings: Settings) -> None:
    with serving(sol(range(2020, 2026))) as url:
        _, quiet = load(settings, url)
    assert [done for done, _ in quiet.seen] == list(range(1, len(quiet.seen) + 1))
    assert quiet.seen[-1][0] == quiet.seen[-1][1]


def test_what_came_with_the_program_is_asked_for_all_the_same(settings: Settings) -> None:
    """It is of a few types and, in some years, of a few municipalities."""
    served = sol(range(2020, 2026))
    with serving(served) as url:
        load(settings, url)
        with next_vintage(settings) as connection:
            connection.execute("UPDATE provenance SET shipped = true WHERE source_id = 'bra_sol'")
        first = periods_asked(served.queries, served, 101)
        load(settings, url)
    assert periods_asked(served.queries, served, 101) == 2 * first
