"""SCB: finding the tables, asking within the limit, and refusing anything but a whole true answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import requests

from lagesbild.config import Settings
from lagesbild.data.warehouse import create_schema
from pipelines.archive import RawArchive
from pipelines.contract import Batch, Document, Request, RunContext, SourceError, ends_early
from pipelines.http import Client
from pipelines.registry import SOURCES
from pipelines.sources import scb, scb_tables
from pipelines.sources.scb import Scb
from tests.sources import scb_server
from tests.sources.scb_server import (
    BASE,
    ScbRoutes,
    Table,
    Variable,
    population_table,
    population_tables,
    successor_table,
)
from tests.sources.server import StandIn

NOW = datetime(2026, 3, 1, tzinfo=UTC)
#: 290 invented municipalities.
AREAS = {f"{1000 + number}": f"Provby {number}" for number in range(290)}
YEARS = ("2023", "2024")


def figures(years: tuple[str, ...] = YEARS) -> dict[tuple[str, str], float | str]:
    return {(code, year): int(code) * 10 + int(year) for code in AREAS for year in years}


def localities(**changes: Any) -> Table:
    options: dict[str, Any] = {
        "id": "TAB4060",
        "label": "Folkmängd per tätort. År 2020-2023",
        "contents": {"A": "Folkmängd", "B": "Folkmängd per kvadratkilometer", "C": "Landareal"},
        "areas": {
            "00": "Riket",
            "10": "Provlän",
            "1000": "Provby 0",
            "1000TB101": "Provtuna",
            "1000TB102": "1000TB102 Provåker",
            "1001TB101": "Provvik",
        },
        "years": ["2000", "2020", "2023"],
        "values": {
            ("1000TB101", "2020"): 900,
            ("1000TB101", "2023"): 950,
            ("1000TB102", "2020"): 300,
            ("1001TB101", "2020"): 0,
            ("1001TB101", "2023"): 210,
        },
        **changes,
    }
    return Table(**options)


def whole(**changes: Any) -> ScbRoutes:
    return ScbRoutes([population_table(AREAS, figures()), localities()], **changes)


def context(url: str, stored: duckdb.DuckDBPyConnection | None = None) -> RunContext:
    return RunContext(
        settings=Settings(home=Path("/nowhere")), base_url=url, now=NOW, since=None, stored=stored
    )


def ask(request: Request) -> Document:
    if request.body is None:
        response = requests.get(request.url, timeout=5)
    else:
        response = requests.post(request.url, json=dict(request.body), timeout=5)
    if response.status_code != 200:
        raise SourceError("scb", f"{request.url} svarade med felkod {response.status_code}")
    digest = hashlib.sha256(response.content).hexdigest()
    return Document(
        request=request, fetch_id=f"scb-{digest[:8]}", fetched_at=NOW, sha256=digest, content=response.content
    )


def read(
    routes: Callable[..., Any], stored: duckdb.DuckDBPyConnection | None = None
) -> tuple[Batch, StandIn]:
    with StandIn(routes) as server:
        where = context(server.url + BASE, stored)
        batch = Scb().parse(Scb().fetch(where, ask, lambda done, known: None), where)
    return batch, server


def altered(change: Callable[[dict[str, Any]], object], part: str = "/data") -> Callable[..., Any]:
    """Routes that answer as they should, except that ``change`` is made to the answers of one part."""
    routes = whole()

    def answer(method: str, path: str, query: Any, body: Any) -> Any:
        status, headers, content = routes(method, path, query, body)
        if path.endswith(part) and "TAB4060" not in path:
            payload = json.loads(content)
            change(payload)
            content = json.dumps(payload).encode()
        return status, headers, content

    return answer


def replaced(content: bytes, part: str = "/data") -> Callable[..., Any]:
    routes = whole()

    def answer(method: str, path: str, query: Any, body: Any) -> Any:
        return (200, {}, content) if path.endswith(part) else routes(method, path, query, body)

    return answer


def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_schema(connection)
    connection.executemany(
        "INSERT INTO municipality VALUES (?, ?, '10', 'Provlän', 'f')", [list(item) for item in AREAS.items()]
    )
    return connection


def test_population_is_one_row_a_municipality_and_year() -> None:
    batch, _ = read(whole())
    frame = batch.tables["population"]
    assert frame.height == 290 * 2
    row = frame.filter((frame["code"] == "1007") & (frame["year"] == 2024)).to_dicts()[0]
    assert row["population"] == 10070 + 2024
    assert (row["kind"], row["basis"]) == ("year_end", "published")


def test_counties_are_not_asked_for_and_the_country_is_not_stored() -> None:
    batch, server = read(whole())
    assert set(batch.tables["population"]["code"].to_list()) == set(AREAS)
    body = next(call.body for call in server.calls if call.path == f"{BASE}/tables/TAB638/data")
    selection = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
    assert selection["Region"] == ["00", *AREAS], "the country is the check of the sum"
    assert selection["ContentsCode"] == ["BE0101N1"]
    assert set(selection) == {"Region", "ContentsCode", "Tid"}, (
        "variables that can be eliminated are left out"
    )


def test_a_renumbered_table_is_found_by_its_title() -> None:
    table = population_table(AREAS, figures())
    table.id = "TAB9001"
    other = population_table(AREAS, figures())
    other.id, other.label = "TAB638", "Flyttningar efter region"
    batch, server = read(ScbRoutes([other, table]))
    assert batch.tables["population"].height == 580
    assert f"{BASE}/tables/TAB9001/data" in [call.path for call in server.calls]


def test_the_known_table_is_preferred_and_a_discontinued_one_is_the_last_resort() -> None:
    other, known = (
        population_table(AREAS, figures()),
        population_table(AREAS, figures(("2022", "2023", "2024"))),
    )
    other.id = "TAB1"
    assert asked_years(read(ScbRoutes([other, known]))[1]) == {"TAB638": ["2022", "2023", "2024"]}
    known.discontinued = True
    batch, server = read(ScbRoutes([other, known]))
    assert asked_years(server) == {"TAB1": ["2023", "2024"], "TAB638": ["2022"]}
    assert "tabell TAB638 är avslutad hos SCB; 2022 läses ändå ur den" in batch.remarks


def asked_years(server: StandIn) -> dict[str, list[str]]:
    """The years that each table of population was asked for, in the order asked."""
    return {
        call.path.split("/")[-2]: next(
            i["valueCodes"] for i in call.body["selection"] if i["variableCode"] == "Tid"
        )
        for call in server.calls
        if call.path.endswith("/data") and "TAB4060" not in call.path
    }


def test_the_year_that_only_the_successor_has_is_read_from_it_with_its_own_codes() -> None:
    batch, server = read(ScbRoutes(population_tables(AREAS, figures(("1995", "2024", "2025")))))
    assert asked_years(server) == {"TAB638": ["1995", "2024"], "TAB5557": ["2025"]}
    body = next(call.body for call in server.calls if call.path == f"{BASE}/tables/TAB5557/data")
    chosen = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
    assert chosen["Alder"] == ["TotSA"]
    assert chosen["Civilstand"] == ["SC"]
    assert chosen["ContentsCode"] == ["000007ME"]
    assert "Kon" not in chosen
    frame = batch.tables["population"]
    assert dict(frame.filter(code="1007").select("year", "population").iter_rows()) == {
        1995: 10070 + 1995,
        2024: 10070 + 2024,
        2025: 10070 + 2025,
    }
    assert not any("folkmängd finns bara" in remark for remark in batch.remarks)


def test_of_two_tables_with_the_same_year_the_known_one_gives_it_and_the_newest_comes_next() -> None:
    first = population_table(AREAS, figures(("2022", "2023")))
    older, newer = (
        successor_table(AREAS, figures(("2021", "2022"))),
        successor_table(AREAS, figures(("2022", "2025"))),
    )
    older.id, newer.id = "TAB1", "TAB2"
    _, server = read(ScbRoutes([older, newer, first]))
    assert list(asked_years(server).items()) == [
        ("TAB638", ["2022", "2023"]),
        ("TAB2", ["2025"]),
        ("TAB1", ["2021"]),
    ]


def test_two_tables_that_were_both_read_and_differ_are_told_and_the_preferred_stands() -> None:
    def cells(value: float, fetch_id: str) -> list[Any]:
        return [scb._Cell(code="1000", name="Provby 0", year=2024, value=value, fetch_id=fetch_id)]

    batch = Batch(rows_by_document={"a": 0, "b": 0})
    merged: dict[tuple[str, int], Any] = {}
    Scb._merge("TAB638", cells(5000, "a"), merged, batch)
    Scb._merge("TAB1", cells(5001, "b"), merged, batch)
    assert merged["1000", 2024].value == 5000
    assert batch.remarks == ["tabell TAB1 har andra siffror för 2024 än den som läses först"]


def unfit() -> list[Table]:
    """Tables with a fitting title that cannot give municipalities' population."""
    regional = population_table(dict(list(AREAS.items())[:26]), figures(("2024", "2025")))
    regional.id, regional.label = "TAB7", "Folkmängden efter region och stadsdel. År 2024-2025"
    without = successor_table(AREAS, figures(("2025",)))
    without.id, without.extra["Fodelseland"] = (
        "TAB8",
        Variable("födelseland", {"1": "Sverige", "2": "utlandet"}, False),
    )
    quarters = population_table(AREAS, figures())
    quarters.id, quarters.years = "TAB9", ["2025K1", "2025K2"]
    return [regional, without, quarters]


def test_tables_that_do_not_fit_are_named_and_passed_over() -> None:
    batch, server = read(ScbRoutes([*unfit(), population_table(AREAS, figures()), localities()]))
    assert asked_years(server) == {"TAB638": list(YEARS)}
    told = [remark for remark in batch.remarks if "hoppas över" in remark]
    assert told == [
        "tabell TAB7 hoppas över: metadata TAB7: variabeln Region har bara 26 kommuner, väntade 290",
        "tabell TAB8 hoppas över: metadata TAB8: variabeln Fodelseland kan inte utelämnas och har ingen summa",
        "tabell TAB9 hoppas över: metadata TAB9: variabeln Tid har inga värden av väntad form",
    ]
    with pytest.raises(SourceError, match=r"26 kommuner.*; .*Fodelseland.*; .*TAB9"):
        read(ScbRoutes(unfit()))


@pytest.mark.parametrize("part", ["metadata", "data"])
def test_a_successor_that_is_refused_leaves_the_years_of_the_old_table(part: str) -> None:
    routes = ScbRoutes(population_tables(AREAS, figures(("2024", "2025"))))

    def answer(method: str, path: str, query: Any, body: Any) -> Any:
        return (403, {}, b"") if path.endswith(f"TAB5557/{part}") else routes(method, path, query, body)

    batch, _ = read(answer)
    assert set(batch.tables["population"]["year"].to_list()) == {2024}
    assert any("TAB5557" in remark for remark in batch.remarks)


@pytest.mark.parametrize(
    ("day", "remark"),
    [
        ((2026, 2, 10), None),
        ((2026, 3, 1), "folkmängd 31 december finns bara till 2024; 2025 saknas hos källan"),
        ((2027, 3, 1), "folkmängd 31 december finns bara till 2024; 2025 och 2026 saknas hos källan"),
    ],
)
def test_a_year_end_that_should_be_there_is_told(day: tuple[int, int, int], remark: str | None) -> None:
    told = ends_early("folkmängd 31 december", 2024, datetime(*day, tzinfo=UTC), 3)
    assert told == ([remark] if remark else [])
    assert "folkmängd 31 december finns bara till 2024; 2025 saknas hos källan" in read(whole())[0].remarks


def test_the_search_turns_pages() -> None:
    decoy = population_table(AREAS, figures())
    decoy.id, decoy.label = "TAB2", "Utrikes födda efter region"
    batch, server = read(ScbRoutes([decoy, population_table(AREAS, figures())], page_size=1))
    assert batch.tables["population"].height == 580
    assert {"1", "2"} <= {call.query["pageNumber"] for call in server.calls if call.path == f"{BASE}/tables"}


def test_no_population_table_is_an_error_that_names_the_search() -> None:
    with pytest.raises(SourceError, match="ingen tabell vars titel passar"):
        read(ScbRoutes([localities()]))


def test_without_a_table_of_localities_the_population_is_still_read() -> None:
    batch, _ = read(ScbRoutes([population_table(AREAS, figures())]))
    assert batch.tables["locality"].is_empty()
    assert any("tätorter" in remark for remark in batch.remarks)
    Scb().validate(batch, context("http://x", duckdb.connect()))


def test_no_call_asks_for_more_cells_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scb_tables, "MAX_CELLS", 100)
    batch, server = read(whole(max_cells=100))
    asked = [call for call in server.calls if call.path == f"{BASE}/tables/TAB638/data"]
    assert len(asked) == 6
    assert batch.tables["population"].height == 580
    assert batch.rows_by_document.keys() >= set(batch.tables["population"]["fetch_id"].to_list())


def test_localities_carry_their_municipality_and_a_missing_figure_is_not_zero() -> None:
    frame = read(whole())[0].tables["locality"]
    rows = {(r["locality_code"], r["year"]): r for r in frame.to_dicts()}
    places = [code for code in localities().areas if "TB" in code]
    assert set(rows) == {(c, y) for c in places for y in (2020, 2023)}, "2000 is before the first year"
    assert rows["1000TB102", 2020]["name"] == "Provåker"
    assert rows["1001TB101", 2020]["municipality_code"] == "1001"
    assert rows["1001TB101", 2020]["population"] == 0
    assert rows["1000TB102", 2023]["population"] is None


def test_values_may_be_sparse() -> None:
    table = population_table(AREAS, figures())
    table.sparse = True
    assert (
        read(ScbRoutes([table]))[0]
        .tables["population"]
        .equals(
            read(ScbRoutes([population_table(AREAS, figures())]))[0]
            .tables["population"]
            .with_columns(fetch_id=read(ScbRoutes([table]))[0].tables["population"]["fetch_id"])
        )
    )


def test_index_may_be_a_list_and_status_may_be_a_list() -> None:
    def change(payload: dict[str, Any]) -> None:
        category = payload["dimension"]["Region"]["category"]
        category["index"] = list(category["index"])
        payload["status"] = [None] * len(payload["value"])

    assert read(altered(change))[0].tables["population"].height == 580


def test_cells_are_read_in_row_major_order_whatever_the_order_of_the_variables() -> None:
    def turn(payload: dict[str, Any]) -> None:
        areas, years = payload["size"][0], payload["size"][2]
        payload["id"] = ["Tid", "ContentsCode", "Region"]
        payload["size"] = [years, 1, areas]
        payload["value"] = [payload["value"][a * years + y] for y in range(years) for a in range(areas)]

    def sorted_rows(batch: Batch) -> list[Any]:
        return sorted(batch.tables["population"].drop("fetch_id").rows())

    assert sorted_rows(read(altered(turn))[0]) == sorted_rows(read(whole())[0])


def test_a_mandatory_variable_without_a_total_is_an_error() -> None:
    table = population_table(AREAS, figures())
    table.extra["Kon"] = Variable("kön", {"1": "män", "2": "kvinnor"}, can_be_left_out=False)
    with pytest.raises(SourceError, match="variabeln Kon kan inte utelämnas"):
        read(ScbRoutes([table]))


def test_a_municipality_formed_later_has_no_rows_for_the_years_before() -> None:
    values = figures(("2001", "2002", "2003"))
    values["1000", "2001"] = 0
    values["1001", "2001"] = ".."
    batch, _ = read(ScbRoutes([population_table(AREAS, values)]))
    assert batch.tables["population"].filter(year=2001).height == 288
    assert any("Provby 0" in remark for remark in batch.remarks)
    Scb().validate(batch, context("http://x"))


@pytest.mark.parametrize("gap", [0, ".."])
def test_a_gap_between_two_years_is_told_and_is_no_row(gap: float | str) -> None:
    values = figures(("2021", "2022", "2023"))
    values["1003", "2022"] = gap
    batch, _ = read(ScbRoutes([population_table(AREAS, values)]))
    assert "1 folkmängder saknas: Provby 3 (1003) år 2022" in batch.remarks
    assert batch.tables["population"].height == 3 * 290 - 1


def test_a_zero_marked_as_missing_is_missing() -> None:
    values = figures(("2021", "2022", "2023"))

    def change(payload: dict[str, Any]) -> None:
        payload["value"][2] = 0  # after the country's two years
        payload["status"] = {"2": ".."}

    frame = read(altered(change))[0].tables["population"]
    assert frame.height == 579
    assert values


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "tomt svar"),
        (b"<!DOCTYPE html><html><body>Underh\xc3\xa5ll</body></html>", "webbsida"),
        ('{"label": "Folkmängd"'.encode("latin-1"), "inte UTF-8"),
        (b'{"version":"2.0","class":"dataset","value":[1,2', "inte hel JSON"),
        (b"[]", "väntade ett JSON-objekt"),
        (b"{}", "fältet id eller dimension saknas"),
    ],
)
@pytest.mark.parametrize("part", ["/data", "/tables", "/metadata"])
def test_an_answer_that_is_no_whole_json_is_an_error(content: bytes, message: str, part: str) -> None:
    if content == b"{}" and part != "/data":
        message = "fältet tables saknas" if part == "/tables" else "fältet label"
    with pytest.raises(SourceError, match=message) as caught:
        read(replaced(content, part))
    assert "\n" not in str(caught.value)


def _half(payload: dict[str, Any]) -> None:
    payload["value"] = payload["value"][:290]


def _fewer_areas(payload: dict[str, Any]) -> None:
    category = payload["dimension"]["Region"]["category"]
    category["index"] = {code: n for n, code in enumerate(list(category["index"])[:200])}


def _another_dimension(payload: dict[str, Any]) -> None:
    payload["id"].append("Kon")
    payload["size"].append(2)
    payload["dimension"]["Kon"] = {"category": {"index": {"1": 0, "2": 1}}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_half, "fältet value har 290 värden, väntade 582"),
        (lambda p: p["value"].extend(p["value"] * 9), "fältet value har 5820 värden, väntade 582"),
        (_fewer_areas, "variabeln Region har 200 värden, frågan gällde 291; 1199 saknas"),
        (_another_dimension, "variabeln Kon har 2 värden, väntade ett"),
        (lambda p: p.update(size=[290, 1, 1]), "fältet size"),
        (lambda p: p.pop("value"), "fältet value saknas"),
        (lambda p: p.update(value={"99999": 1}), "plats 99999"),
        (lambda p: p["value"].__setitem__(5, "12 000"), r"rad 6 \(1001, 2024\): fältet value är inget antal"),
        (lambda p: p["value"].__setitem__(5, -5), "inget antal: -5"),
        (lambda p: p["value"].__setitem__(5, 17.5), "inget antal"),
        (lambda p: p["value"].__setitem__(5, True), "inget antal"),
        (lambda p: p["value"].__setitem__(5, 9_000_000), "orimligt stort"),
        (lambda p: p["dimension"]["Region"].pop("category"), "Region saknar fältet category.index"),
    ],
)
def test_figures_of_another_shape_than_asked_for_are_an_error(change: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(altered(change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.update(label="Flyttningar"), "fältet label är 'Flyttningar'"),
        (
            lambda p: p["dimension"]["ContentsCode"]["category"]["label"].update(BE0101N1="Personer"),
            "ContentsCode har inga",
        ),
        (lambda p: p["id"].remove("Tid"), "variabeln för år saknas"),
        (lambda p: p["dimension"]["Tid"]["category"].update(index=["2024M01"]), "Tid har inga värden"),
        (lambda p: p["dimension"]["Region"]["category"].update(index=["00"]), "Region har inga värden"),
    ],
)
def test_changed_metadata_is_an_error(change: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(altered(change, "/metadata"))


def test_an_empty_list_of_tables_is_an_error() -> None:
    with pytest.raises(SourceError, match="ingen tabell"):
        read(altered(lambda p: p.update(tables=[]), "/tables"))


def test_the_same_document_twice_is_an_error() -> None:
    with StandIn(whole()) as server:
        where = context(server.url + BASE)
        documents = Scb().fetch(where, ask, lambda done, known: None)
        with pytest.raises(SourceError, match="finns flera gånger"):
            Scb().parse([*documents, *documents], where)


@pytest.mark.parametrize("count", [28, 2900])
def test_a_year_with_far_from_290_municipalities_is_refused(count: int) -> None:
    areas = {f"{1000 + number}": f"Provby {number}" for number in range(count)}
    with pytest.raises(SourceError, match=f"{count} .*kommuner, väntade 290"):
        read(ScbRoutes([population_table(areas, {(code, "2024"): 5000 for code in areas})]))


def test_a_year_with_few_known_municipalities_is_refused_and_named_and_the_others_stand() -> None:
    values = figures(("2023", "2024"))
    values |= {(code, "2024"): ".." for code in list(AREAS)[:20]}
    batch, _ = read(ScbRoutes([population_table(AREAS, values)]), warehouse())
    assert set(batch.tables["population"]["year"].to_list()) == {2023}
    assert "folkmängd 2024: 270 kända kommuner, väntade 290; året läses inte in" in batch.remarks


def test_municipalities_that_merge_or_are_new_are_told_and_leave_the_others_alone() -> None:
    areas = {("9999" if code == "1000" else code): name for code, name in AREAS.items()}
    batch, _ = read(
        ScbRoutes([population_table(areas, {(code, "2024"): 5000 for code in areas})]), warehouse()
    )
    codes = set(batch.tables["population"]["code"].to_list())
    assert codes == set(AREAS) - {"1000"}
    assert "kommuner som finns hos SCB men inte hos Kolada hoppas över: Provby 0 (9999)" in batch.remarks
    assert "folkmängd 2024 saknas hos SCB för kommunkod 1000" in batch.remarks
    Scb().validate(batch, context("http://x"))
    for count in (289, 291):
        areas = {f"{1000 + number}": f"Provby {number}" for number in range(count)}
        batch, _ = read(
            ScbRoutes([population_table(areas, {(code, "2024"): 5000 for code in areas})]), warehouse()
        )
        assert batch.tables["population"].height == min(count, 290)


@pytest.mark.parametrize(("off", "refused"), [(10, False), (50_000, True)])
def test_the_sum_of_the_municipalities_is_held_against_the_country(off: int, refused: bool) -> None:
    table = population_table(AREAS, figures())
    table.values = {**table.values, ("00", "2024"): int(table.values["00", "2024"]) + off}
    batch, _ = read(ScbRoutes([table]))
    assert (2024 not in batch.tables["population"]["year"].to_list()) == refused
    assert any("men riket har" in remark for remark in batch.remarks) == refused


def test_a_year_less_in_the_answer_takes_nothing_away_and_a_year_far_smaller_than_stored_is_left_out() -> (
    None
):
    stored = warehouse()
    whole_batch, _ = read(whole(), stored)
    Scb().load(whole_batch, stored)
    batch, _ = read(ScbRoutes([population_table(AREAS, figures(("2024",)))]), stored)
    Scb().validate(batch, context("http://x", stored))
    assert Scb().load(batch, stored).unchanged == 290
    assert stored.execute("SELECT count(*) FROM population").fetchone() == (580,)
    assert any(remark.startswith("tätorter uppdateras inte") for remark in batch.remarks)
    fewer = localities(areas={"1000TB101": "Provtuna", "9999TB101": "Okänd"})
    batch, _ = read(ScbRoutes([population_table(AREAS, figures()), fewer]), stored)
    assert batch.tables["locality"].is_empty()
    assert "tätorter 2023: 1 men 3 är lagrade; året läses inte in" in batch.remarks
    assert "tätorter i okända kommuner hoppas över: 9999" in batch.remarks
    assert stored.execute("SELECT count(*) FROM locality").fetchone() == (6,)


def test_localities_that_cannot_be_read_do_not_stop_the_population() -> None:
    broken = localities(contents={"A": "Landareal"})
    batch, _ = read(ScbRoutes([population_table(AREAS, figures()), broken]))
    assert batch.tables["population"].height == 580
    assert (
        "tätorter uppdateras inte: metadata TAB4060: variabeln ContentsCode har inga värden av väntad form"
        in batch.remarks
    )


def test_loading_twice_changes_nothing() -> None:
    stored = warehouse()
    batch, _ = read(whole())
    assert Scb().load(batch, stored).new == 586
    again = Scb().load(batch, stored)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 586)


def test_through_the_real_client_and_archive(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    client = Client("scb", RawArchive(settings), settings.state_file, "Provkommun", SOURCES["scb"].policy)
    with StandIn(whole()) as server:
        where = context(server.url + BASE)
        documents = Scb().fetch(where, client.ask, lambda done, known: None)
    batch = Scb().parse(documents, where)
    assert set(batch.tables["population"]["fetch_id"].to_list()) <= {d.fetch_id for d in documents}
    assert set(batch.rows_by_document) == {d.fetch_id for d in documents}


def test_the_real_populations_come_back_whole(shared: Path) -> None:
    batch, server = read(scb_server.from_shared(shared / "data" / "scb"))
    assert asked_years(server) == {"TAB638": [str(year) for year in range(2010, 2025)], "TAB5557": ["2025"]}
    frame = batch.tables["population"]
    assert frame.group_by("year").len().sort("year").rows() == [(year, 290) for year in range(2010, 2026)]
    # The country at these year-ends as SCB publishes it.
    sums = dict(frame.group_by("year").agg(pl.col("population").sum()).iter_rows())
    assert (sums[2017], sums[2021], sums[2024]) == (10_120_242, 10_452_326, 10_587_710)


def test_the_stand_in_has_the_real_tables_titles_codes_and_rules(shared: Path) -> None:
    """Everything but the figures; the case's regions and single ages are cut."""
    case = shared / "data" / "formats" / "cases" / "scb_tab5557"
    real = {
        name: json.loads((case / f"{name}_metadata.json").read_text("utf-8"))
        for name in ("TAB638", "TAB5557")
    }
    regions = real["TAB638"]["dimension"]["Region"]["category"]["label"]
    towns = {code: name for code, name in regions.items() if len(code) == 4}
    years = {name: list(entry["dimension"]["Tid"]["category"]["index"]) for name, entry in real.items()}
    values = {(code, year): 1 for code in towns for spans in years.values() for year in spans}
    routes = ScbRoutes(population_tables(towns, values))
    for name, expected in real.items():
        status, _, content = routes("GET", f"{BASE}/tables/{name}/metadata", {"lang": "sv"}, None)
        assert status == 200
        assert json.loads(content) == expected
        assert list(json.loads(content)["dimension"]) == list(expected["dimension"])
    _, _, content = routes("GET", f"{BASE}/tables", {"query": scb_tables.tables()["population"].query}, None)
    search = json.loads((case / "search.json").read_text("utf-8"))
    assert json.loads(content) == search


def figures_asked(**chosen: list[str]) -> dict[str, Any]:
    return {"selection": [{"variableCode": name, "valueCodes": codes} for name, codes in chosen.items()]}


WHOLE = {
    "Region": ["1000"],
    "Civilstand": ["SC"],
    "Alder": ["TotSA"],
    "ContentsCode": ["000007ME"],
    "Tid": ["2025"],
}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{BASE}/tables/TAB5557/data", figures_asked(**WHOLE), 200),
        ("/OV0104/v2beta/api/v2/tables/TAB5557/data", figures_asked(**WHOLE), 200),
        # What the stand-in took until November 2026 and the service refuses:
        ("/tables/TAB5557/data", figures_asked(**WHOLE), 404),
        (
            f"{BASE}/tables/TAB5557/data",
            figures_asked(**{k: v for k, v in WHOLE.items() if k != "Civilstand"}),
            400,
        ),
        (f"{BASE}/tables/TAB5557/data", figures_asked(**{**WHOLE, "Alder": ["tot"]}), 400),
        (f"{BASE}/tables/TAB5557/data", figures_asked(**{**WHOLE, "ContentsCode": ["BE0101N1"]}), 400),
        (f"{BASE}/tables/TAB638/data", figures_asked(**{**WHOLE, "ContentsCode": ["BE0101N1"]}), 400),
        (f"{BASE}/tables/TAB5557/data", figures_asked(**WHOLE, Fodelseland=["1"]), 400),
        (f"{BASE}/tables/TAB1/data", figures_asked(**WHOLE), 404),
        (f"{BASE}/navigation", None, 404),
        (
            f"{BASE}/tables/TAB638/data",
            figures_asked(
                Region=list(AREAS),
                Alder=list(scb_server.TAB638["Alder"].texts),
                Civilstand=["OG", "G", "SK", "ÄNKL"],
                Kon=["1", "2"],
                ContentsCode=["BE0101N1", "BE0101N2"],
                Tid=[str(year) for year in range(1995, 2025)],
            ),
            403,
        ),
    ],
)
def test_the_stand_in_refuses_what_the_service_refuses(path: str, body: Any, status: int) -> None:
    routes = ScbRoutes(population_tables(AREAS, figures(tuple(str(year) for year in range(1995, 2026)))))
    query = {"lang": "sv", "outputFormat": "json-stat2"}
    assert routes("POST" if body else "GET", path, query, body)[0] == status


def test_a_part_of_the_people_is_another_figure_in_the_stand_in() -> None:
    routes = ScbRoutes(population_tables(AREAS, figures(("2025",))))
    query = {"outputFormat": "json-stat2"}
    values = [
        json.loads(
            routes("POST", f"{BASE}/tables/TAB5557/data", query, figures_asked(**WHOLE, Kon=[sex]))[2]
        )["value"]
        for sex in ("TotSa", "1")
    ]
    assert values == [[10000 + 2025], [(10000 + 2025) // 10]]
