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
from lagesbild.warehouse import create_schema
from pipelines import scb
from pipelines.archive import Archive
from pipelines.contract import Batch, Context, Document, Request, SourceError
from pipelines.http import Client
from pipelines.scb import Scb
from tests.sources import scb_server
from tests.sources.scb_server import ScbRoutes, Table, population_table
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
        "label": "Folkmängd per tätort och småort. År 2020 - 2023",
        "contents": {"A": "Folkmängd"},
        "areas": {"1000TB101": "Provtuna", "1000TB102": "1000TB102 Provåker", "1001TB101": "Provvik"},
        "years": ["2000", "2020", "2023"],
        "values": {("1000TB101", "2020"): 900, ("1000TB101", "2023"): 950, ("1000TB102", "2020"): 300,
                   ("1001TB101", "2020"): 0, ("1001TB101", "2023"): 210},
        **changes,
    }  # fmt: skip
    return Table(**options)


def whole(**changes: Any) -> ScbRoutes:
    return ScbRoutes([population_table(AREAS, figures()), localities()], **changes)


def context(url: str, stored: duckdb.DuckDBPyConnection | None = None) -> Context:
    return Context(Settings(home=Path("/nowhere")), url, NOW, None, stored)


def ask(request: Request) -> Document:
    if request.body is None:
        response = requests.get(request.url, timeout=5)
    else:
        response = requests.post(request.url, json=dict(request.body), timeout=5)
    if response.status_code != 200:
        raise SourceError("scb", f"{request.url} svarade med felkod {response.status_code}")
    digest = hashlib.sha256(response.content).hexdigest()
    return Document(request, f"scb-{digest[:8]}", NOW, digest, response.content)


def read(
    routes: Callable[..., Any], stored: duckdb.DuckDBPyConnection | None = None
) -> tuple[Batch, StandIn]:
    with StandIn(routes) as server:
        where = context(server.url, stored)
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


def test_the_country_and_the_counties_are_not_asked_for() -> None:
    _, server = read(whole())
    body = next(call.body for call in server.calls if call.path == "/tables/TAB638/data")
    selection = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
    assert selection["Region"] == list(AREAS)
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
    assert "/tables/TAB9001/data" in [call.path for call in server.calls]


def test_the_known_table_is_preferred_and_a_discontinued_one_avoided() -> None:
    older, known = population_table(AREAS, figures()), population_table(AREAS, figures())
    older.id = "TAB1"
    assert "/tables/TAB638/data" in [call.path for call in read(ScbRoutes([older, known]))[1].calls]
    known.discontinued = True
    assert "/tables/TAB1/data" in [call.path for call in read(ScbRoutes([older, known]))[1].calls]


def test_the_search_turns_pages() -> None:
    decoy = population_table(AREAS, figures())
    decoy.id, decoy.label = "TAB2", "Utrikes födda efter region"
    batch, server = read(ScbRoutes([decoy, population_table(AREAS, figures())], page_size=1))
    assert batch.tables["population"].height == 580
    assert {"1", "2"} <= {call.query["pageNumber"] for call in server.calls if call.path == "/tables"}


def test_no_population_table_is_an_error_that_names_the_search() -> None:
    with pytest.raises(SourceError, match="ingen tabell vars titel passar"):
        read(ScbRoutes([localities()]))


def test_without_a_table_of_localities_the_population_is_still_read() -> None:
    batch, _ = read(ScbRoutes([population_table(AREAS, figures())]))
    assert batch.tables["locality"].is_empty()
    assert any("tätorter" in remark for remark in batch.remarks)
    Scb().validate(batch, context("http://x", duckdb.connect()))


def test_no_call_asks_for_more_cells_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scb, "MAX_CELLS", 100)
    batch, server = read(whole(max_cells=100))
    asked = [call for call in server.calls if call.path == "/tables/TAB638/data"]
    assert len(asked) == 6
    assert batch.tables["population"].height == 580
    assert batch.rows_by_document.keys() >= set(batch.tables["population"]["fetch_id"].to_list())


def test_localities_carry_their_municipality_and_a_missing_figure_is_not_zero() -> None:
    frame = read(whole())[0].tables["locality"]
    rows = {(r["locality_code"], r["year"]): r for r in frame.to_dicts()}
    assert set(rows) == {(c, y) for c in localities().areas for y in (2020, 2023)}, (
        "2000 is before the first year"
    )
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


def test_a_mandatory_variable_is_asked_for_with_its_total() -> None:
    table = population_table(AREAS, figures())
    table.extra = {"Alder": {"0": "0 år", "tot": "totalt ålder"}}
    table.mandatory = frozenset({"Alder"})
    _, server = read(ScbRoutes([table]))
    body = next(call.body for call in server.calls if call.path.endswith("/data"))
    assert {"variableCode": "Alder", "valueCodes": ["tot"]} in body["selection"]


def test_a_mandatory_variable_without_a_total_is_an_error() -> None:
    table = population_table(AREAS, figures())
    table.mandatory = frozenset({"Kon"})
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
def test_a_gap_between_two_years_is_an_error(gap: float | str) -> None:
    values = figures(("2021", "2022", "2023"))
    values["1003", "2022"] = gap
    with pytest.raises(SourceError, match=r"folkmängd Provby 3 \(1003\) år 2022: fältet value saknas"):
        read(ScbRoutes([population_table(AREAS, values)]))


def test_a_zero_marked_as_missing_is_missing() -> None:
    values = figures(("2021", "2022", "2023"))

    def change(payload: dict[str, Any]) -> None:
        payload["value"][0] = 0
        payload["status"] = {"0": ".."}

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
        (_half, "fältet value har 290 värden, väntade 580"),
        (lambda p: p["value"].extend(p["value"] * 9), "fältet value har 5800 värden, väntade 580"),
        (_fewer_areas, "variabeln Region har 200 värden, frågan gällde 290; 1200 saknas"),
        (_another_dimension, "variabeln Kon har 2 värden, väntade ett"),
        (lambda p: p.update(size=[290, 1, 1]), "fältet size"),
        (lambda p: p.pop("value"), "fältet value saknas"),
        (lambda p: p.update(value={"99999": 1}), "plats 99999"),
        (lambda p: p["value"].__setitem__(3, "12 000"), r"rad 4 \(1001, 2024\): fältet value är inget antal"),
        (lambda p: p["value"].__setitem__(3, -5), "inget antal: -5"),
        (lambda p: p["value"].__setitem__(3, 17.5), "inget antal"),
        (lambda p: p["value"].__setitem__(3, True), "inget antal"),
        (lambda p: p["value"].__setitem__(3, 9_000_000), "orimligt stort"),
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
        where = context(server.url)
        documents = Scb().fetch(where, ask, lambda done, known: None)
        with pytest.raises(SourceError, match="finns flera gånger"):
            Scb().parse([*documents, *documents], where)


@pytest.mark.parametrize("count", [28, 289, 2900])
def test_another_number_of_municipalities_than_290_is_refused(count: int) -> None:
    areas = {f"{1000 + number}": f"Provby {number}" for number in range(count)}
    batch, _ = read(ScbRoutes([population_table(areas, {(code, "2024"): 5000 for code in areas})]))
    with pytest.raises(SourceError, match=f"folkmängd 2024: {count} kommuner, väntade 290"):
        Scb().validate(batch, context("http://x"))


def test_an_unknown_municipality_is_refused() -> None:
    areas = {("9999" if code == "1000" else code): name for code, name in AREAS.items()}
    batch, _ = read(ScbRoutes([population_table(areas, {(code, "2024"): 5000 for code in areas})]))
    with pytest.raises(SourceError, match="kommunkod 1000"):
        Scb().validate(batch, context("http://x", warehouse()))


def test_far_fewer_rows_than_stored_are_refused() -> None:
    stored = warehouse()
    whole_batch, _ = read(whole())
    Scb().validate(whole_batch, context("http://x", stored))
    Scb().load(whole_batch, stored)
    batch, _ = read(ScbRoutes([population_table(AREAS, figures(("2024",))), localities()]))
    with pytest.raises(SourceError, match="290 folkmängder men 580 är lagrade"):
        Scb().validate(batch, context("http://x", stored))
    without, _ = read(ScbRoutes([population_table(AREAS, figures())]))
    with pytest.raises(SourceError, match="0 tätorter men 6 är lagrade"):
        Scb().validate(without, context("http://x", stored))


def test_loading_twice_changes_nothing() -> None:
    stored = warehouse()
    batch, _ = read(whole())
    assert Scb().load(batch, stored).new == 586
    again = Scb().load(batch, stored)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 586)


def test_through_the_real_client_and_archive(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    client = Client("scb", Archive(settings), settings.state_file, "Provkommun")
    with StandIn(whole()) as server:
        where = context(server.url)
        documents = Scb().fetch(where, client.ask, lambda done, known: None)
    batch = Scb().parse(documents, where)
    assert set(batch.tables["population"]["fetch_id"].to_list()) <= {d.fetch_id for d in documents}
    assert set(batch.rows_by_document) == {d.fetch_id for d in documents}


def test_the_real_populations_come_back_whole(shared: Path) -> None:
    batch, _ = read(scb_server.from_shared(shared / "data" / "scb"))
    frame = batch.tables["population"]
    Scb().validate(batch, context("http://x"))
    assert frame.group_by("year").len().sort("year").rows() == [(2017, 290), (2021, 290), (2024, 290)]
    # The country at 31 December 2017 and 2021 as SCB publishes it; 2024 as the shared file has it.
    sums = dict(frame.group_by("year").agg(pl.col("population").sum()).iter_rows())
    assert sums == {2017: 10_120_242, 2021: 10_452_326, 2024: 10_587_140}
    assert frame.filter(code="0114", year=2024)["population"].to_list() == [50295.0]
