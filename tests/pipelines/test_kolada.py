"""Kolada: found by title, read page by page, groups for every municipality, status never a zero."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from lagesbild.config import Settings
from lagesbild.warehouse import create_schema
from pipelines import http
from pipelines.archive import Archive
from pipelines.contract import Batch, Context, Document, Request, SourceError
from pipelines.kolada import Kolada
from tests import world
from tests.sources import kolada_server
from tests.sources.server import StandIn

NOW = datetime(2026, 4, 2, tzinfo=UTC)


def context(url: str = "http://x", stored: duckdb.DuckDBPyConnection | None = None) -> Context:
    return Context(Settings(home=Path("unused")), url, NOW, None, stored)


def fetched(routes: Any, home: Path) -> list[Document]:
    settings = Settings(home=home)
    client = http.Client("kolada", Archive(settings), settings.state_file, "Prov")
    with StandIn(routes) as server:
        return Kolada().fetch(context(server.url), client.ask, lambda done, known: None)


def read(routes: Any, home: Path) -> Batch:
    source = Kolada()
    batch = source.parse(fetched(routes, home), context())
    source.validate(batch, context())
    return batch


def document(part: str, payload: Any, **tags: str) -> Document:
    content = json.dumps(payload).encode()
    return Document(Request(f"http://x/{part}", part, tags=tags), f"kolada-{part}", NOW, "0" * 64, content)


def parts(*more: Document) -> list[Document]:
    """The smallest sound set of answers, and what the test adds."""
    areas = [{"id": "1801", "title": "Provaby", "type": "K"}, {"id": "1802", "title": "Provbby", "type": "K"}]
    return [document("municipalities", {"values": areas}), *more]


def value(**changed: Any) -> dict[str, Any]:
    total = {"gender": "T", "status": "", "value": 100.5, "isdeleted": False}
    return {"kpi": "N07540", "municipality": "1801", "period": 2025, "values": [{**total, **changed}]}


def values_of(*rows: dict[str, Any]) -> Document:
    return document("values", {"values": list(rows)}, kpi="N07540", name="N07540", role="indicator")


# --- finding and fetching ---------------------------------------------------------------------


def test_pages_are_followed_to_the_end(tmp_path: Path) -> None:
    routes = replace(world.kolada(), page=100)
    batch = read(routes, tmp_path)
    assert batch.tables["municipality"].height == 290
    assert batch.tables["observation"].filter(indicator_id="N07540").height == 290 * 5 + 1


def test_the_next_page_is_asked_of_the_address_we_were_given(tmp_path: Path) -> None:
    """Kolada writes its own address in next_url; with a mirror we stay at the mirror."""
    routes = replace(world.kolada(), page=100, base="https://elsewhere.example/v3")
    assert read(routes, tmp_path).tables["municipality"].height == 290


def test_endless_pages_are_given_up_on(tmp_path: Path) -> None:
    def endless(method: str, path: str, query: dict[str, str], body: Any) -> Any:
        payload = {"values": [], "next_url": f"http://x{path}?page={len(query)}{query.get('page', '')}"}
        return 200, {}, json.dumps(payload).encode()

    with pytest.raises(SourceError, match="fler än 60 sidor"):
        fetched(endless, tmp_path)


def test_a_key_figure_is_found_by_title_when_its_id_has_changed(tmp_path: Path) -> None:
    routes = world.kolada()
    for entry in routes.catalogue:
        if entry["id"] == "N07403":
            entry["id"] = "N99999"
    routes.values["N99999"] = routes.values.pop("N07403")
    indicator = read(routes, tmp_path).tables["indicator"].filter(id="N07403")
    assert indicator["source_key"].to_list() == ["N99999"]
    assert indicator["definition_sv"].to_list() == ["Påhittad."]


def test_small_changes_of_a_title_do_not_lose_the_key_figure(tmp_path: Path) -> None:
    routes = world.kolada()
    for entry in routes.catalogue:
        entry["title"] = entry["title"].replace("antal/100 000 inv", "antal / 100 000 inv.")
    assert "N07540" in read(routes, tmp_path).tables["indicator"]["id"].to_list()


def test_key_figures_that_are_gone_are_told_not_silently_missing(tmp_path: Path) -> None:
    remarks = " ".join(read(world.kolada(), tmp_path).remarks)
    assert "finns inte i Kolada nu" in remarks
    assert "N07546" in remarks


def test_when_the_backbone_is_gone_the_answer_is_refused(tmp_path: Path) -> None:
    routes = world.kolada()
    routes.catalogue = [entry for entry in routes.catalogue if entry["id"] != "N07540"]
    with pytest.raises(SourceError, match="nyckeltal N07540: bara 0 kommuner"):
        read(routes, tmp_path)


# --- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"value": None}, "missing"),
        ({"value": None, "status": "Missing"}, "missing"),
        ({"value": 0.0, "status": "Missing"}, "missing"),
        ({"value": None, "status": "Private"}, "suppressed"),
        ({"value": 3.0, "status": "Private"}, "suppressed"),
        ({"value": 3.0, "status": "Nytt ord"}, "suppressed"),
        ({"isdeleted": True}, "missing"),
        ({"gender": "K"}, "missing"),
        ({"value": 0.0}, "final"),
    ],
)
def test_a_withheld_value_is_a_status_never_a_number(change: dict[str, Any], status: str) -> None:
    row = (
        Kolada().parse(parts(values_of(value(**change))), context()).tables["observation"].row(0, named=True)
    )
    assert row["status"] == status
    assert (row["rate"] is None) == (status != "final")


def test_a_survey_value_gets_its_margin_as_limits(tmp_path: Path) -> None:
    rows = read(world.kolada(), tmp_path).tables["observation"].filter(indicator_id="N07609")
    row = rows.row(0, named=True)
    assert (row["lower"], row["rate"], row["upper"]) == (16.0, 20.0, 24.0)


def test_areas_that_are_no_municipality_are_left_out() -> None:
    other = {**value(), "municipality": "0001"}
    country = {**value(), "municipality": "0000"}
    codes = Kolada().parse(parts(values_of(other, country, value())), context()).tables["observation"]["code"]
    assert sorted(codes) == ["0000", "1801"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({**value(), "kpi": "N1"}, r"data N07540 rad 2: fältet kpi är 'N1'"),
        (
            {**value(), "period": "2025"},
            r"data N07540 rad 2: fältet period är inget år som frågats efter: '2025'",
        ),
        ({**value(), "period": 20255}, r"fältet period är inget år"),
        ({**value(), "period": 2027}, r"fältet period är inget år som frågats efter: 2027"),
        ({**value(), "values": value()["values"] * 2}, r"fältet values har 2 rader för båda könen"),
        ({**value(), "values": None}, r"data N07540 rad 2: fältet values saknas"),
        (value(value="12"), r"data N07540 rad 2: fältet value är inget tal: '12'"),
        (value(value=True), r"fältet value är inget tal"),
        (value(value=1e30), r"fältet value är inget tal"),
        (value(), r"data N07540: kommun 1801 år 2025 finns flera gånger"),
    ],
)
def test_a_faulty_row_is_named_with_its_field(row: dict[str, Any], told: str) -> None:
    with pytest.raises(SourceError, match=f"^kolada: .*{told}"):
        Kolada().parse(parts(values_of(value(), row)), context())


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ([], "fältet values saknas"),
        ({"values": {}}, "fältet values saknas"),
        ({"values": [1]}, "rader som inte är objekt"),
        ({"data": []}, "fältet values saknas"),
    ],
)
def test_an_answer_of_another_form_is_refused(payload: Any, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        Kolada().parse([document("groups", payload)], context())


def test_a_negative_rate_is_refused(tmp_path: Path) -> None:
    routes = world.kolada()
    area, year, _, status = routes.values["N07540"][3]
    routes.values["N07540"][3] = (area, year, -1.0, status)
    with pytest.raises(SourceError, match="negativt värde"):
        read(routes, tmp_path)


@pytest.mark.parametrize(
    ("areas", "told"),
    [
        ([{"id": "1801", "type": "K"}], "municipality rad 1: fältet title saknas"),
        ([{"id": "18x1", "title": "A", "type": "K"}], "fältet id är ingen kommunkod: '18x1'"),
        ([{"id": "9901", "title": "A", "type": "K"}], "fältet id är ingen kommunkod"),
    ],
)
def test_a_faulty_municipality_is_named(areas: list[dict[str, str]], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        Kolada().parse([document("municipalities", {"values": areas})], context())


# --- groups -----------------------------------------------------------------------------------


def group(title: str, *members: str, group_id: str = "G1") -> dict[str, Any]:
    return {
        "id": group_id,
        "title": title,
        "members": [{"member_id": m, "member_title": ""} for m in members],
    }


def groups_from(*found: dict[str, Any]) -> pl.DataFrame:
    return (
        Kolada()
        .parse(parts(document("groups", {"values": list(found)}), values_of(value())), context())
        .tables["comparison_group"]
    )


def test_a_group_of_similar_municipalities_belongs_to_its_home_theme_and_year() -> None:
    rows = groups_from(group("Liknande kommuner, övergripande, Provaby, 2025", "1802"))
    row = rows.row(0, named=True)
    assert (row["home_code"], row["theme"], row["year"], row["member_code"]) == (
        "1801",
        "övergripande",
        2025,
        "1802",
    )


def test_a_theme_with_a_comma_is_still_one_theme() -> None:
    rows = groups_from(group("Liknande kommuner, skola, gymnasium, Provaby, 2024", "1802"))
    assert rows["theme"].to_list() == ["skola, gymnasium"]


def test_other_groups_of_kolada_are_left_alone() -> None:
    assert groups_from(group("Kommuner som deltar i ett nätverk", "1801")).is_empty()


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"id": "G1", "members": []}, "municipality-groups rad 1: fältet title saknas"),
        ({"id": "G1", "title": "Liknande kommuner, x, Provaby, 2025"}, "rad 1: fältet members saknas"),
        (
            {**group("Liknande kommuner, x, Provaby, 2025"), "members": [{"member_title": "A"}]},
            "saknar member_id",
        ),
    ],
)
def test_a_faulty_group_is_named(broken: dict[str, Any], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        groups_from(broken)


def test_too_few_groups_are_refused(tmp_path: Path) -> None:
    routes = world.kolada()
    routes.groups = routes.groups[:100]
    with pytest.raises(SourceError, match="bara 100 kommuner har en grupp"):
        read(routes, tmp_path)


def test_a_municipality_that_left_a_group_is_no_longer_in_it(tmp_path: Path) -> None:
    routes = world.kolada()
    with duckdb.connect() as store:
        create_schema(store)
        Kolada().load(read(routes, tmp_path / "a"), store)
        moved = routes.groups[0]["members"].pop()["member_id"]
        Kolada().load(read(routes, tmp_path / "b"), store)
        members = store.execute("SELECT member_code FROM comparison_group WHERE group_id = 'G0'").fetchall()
    assert len(members) == 6
    assert (moved,) not in members


# --- the load ---------------------------------------------------------------------------------


def test_far_fewer_values_than_stored_are_refused(tmp_path: Path) -> None:
    routes = world.kolada()
    with duckdb.connect() as store:
        create_schema(store)
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values["N07540"] = [row for row in routes.values["N07540"] if row[1] == 2025]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        with pytest.raises(SourceError, match="svaret har 291 värden för N07540 men 1451 är lagrade"):
            Kolada().validate(batch, context(stored=store))


def test_the_real_figures_come_back_as_published(shared: Path, tmp_path: Path) -> None:
    observations = read(kolada_server.from_shared(shared / "data" / "kolada"), tmp_path).tables["observation"]
    published = pl.read_csv(
        shared / "data" / "kolada" / "crime_per_100k.csv", schema_overrides={"code": pl.String}
    )
    ours = observations.select(
        kpi="indicator_id", code="code", year=pl.col("period_start").dt.year().cast(pl.Int64), value="rate"
    )
    both = published.join(ours, on=["kpi", "code", "year"], how="left", suffix="_ours")
    assert both.filter(pl.col("value") != pl.col("value_ours")).is_empty()
    assert both["value_ours"].null_count() == 0
    home = ours.filter(kpi="N07540", code="1861").sort("year").filter(pl.col("year") >= 2022)
    assert [round(rate, 2) for rate in home["value"]] == [10_416.79, 9_833.34, 11_467.61, 14_657.47]


@pytest.mark.parametrize(
    ("kpi", "factor", "told"),
    [
        ("N07540", 1000.0, "har orimligt högt värde"),
        ("N07540", 0.001, r"värdena är 0\.001 gånger de lagrade"),
        ("N07403", 3.0, r"nyckeltal N07403: värdena är 3 gånger de lagrade"),
        ("N07609", 50.0, "har orimligt högt värde"),
        ("N07657", -1.0, "ligger utanför sin felmarginal"),
    ],
)
def test_values_that_cannot_be_are_refused(kpi: str, factor: float, told: str, tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values[kpi] = [(a, y, v * factor if v else v, s) for a, y, v, s in routes.values[kpi]]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        with pytest.raises(SourceError, match=told):
            Kolada().validate(batch, context(stored=store))


def test_a_key_figure_whose_values_all_vanish_is_refused_one_no_longer_listed_is_kept(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values["N07537"] = [(a, y, None, "") for a, y, _, _ in routes.values["N07537"]]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        with pytest.raises(SourceError, match="svaret har 0 värden för N07537"):
            Kolada().validate(batch, context(stored=store))
        routes.catalogue = [entry for entry in routes.catalogue if entry["id"] != "N07537"]
        batch = Kolada().parse(fetched(routes, tmp_path / "c"), context(stored=store))
        Kolada().validate(batch, context(stored=store))
        Kolada().load(batch, store)
        kept = store.execute("SELECT count(*) FROM observation WHERE indicator_id = 'N07537'").fetchall()
    assert kept == [(1451,)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "0199"}, r"kommunkoderna är inte de lagrade \(0101, 0199\)"),
        ({"id": "0102"}, "290 kommuner med 289 olika id"),
        ({"title": "Provabby"}, "290 kommuner med 289 olika title"),
        ({"title": "<script>"}, "fältet title är inget ortnamn: '<script>'"),
    ],
)
def test_a_changed_list_of_municipalities_is_refused(
    change: dict[str, str], told: str, tmp_path: Path
) -> None:
    routes = world.kolada()
    assert [m["title"] for m in routes.municipalities[:2]] == ["Provaaby", "Provabby"]
    routes.municipalities[0] = {**routes.municipalities[0], **change}
    with world.known(world.municipalities()) as store:
        documents = fetched(routes, tmp_path)
        with pytest.raises(SourceError, match=told):
            Kolada().validate(Kolada().parse(documents, context(stored=store)), context(stored=store))
