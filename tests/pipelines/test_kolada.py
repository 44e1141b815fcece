"""Kolada: ids pinned with the title as a check, read page by page, groups for everyone, status never a zero."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import requests

from lagesbild.config import Settings
from lagesbild.data.warehouse import create_schema
from pipelines import http
from pipelines.archive import RawArchive
from pipelines.contract import Batch, Document, Request, RunContext, SourceError
from pipelines.registry import SOURCES
from pipelines.sources import kolada
from pipelines.sources.kolada import Kolada
from tests import world
from tests.sources import kolada_server
from tests.sources.kolada_server import KoladaRoutes
from tests.sources.server import StandIn

NOW = datetime(2026, 4, 2, tzinfo=UTC)


def context(url: str = "http://x", stored: duckdb.DuckDBPyConnection | None = None) -> RunContext:
    return RunContext(
        settings=Settings(home=Path("unused")), base_url=url, now=NOW, since=None, stored=stored
    )


def fetched(routes: Any, home: Path) -> list[Document]:
    settings = Settings(home=home)
    client = http.Client(
        "kolada", RawArchive(settings), settings.state_file, "Prov", SOURCES["kolada"].policy
    )
    with StandIn(routes) as server:
        return Kolada().fetch(context(server.url), client.ask, lambda done, known: None)


def read(routes: Any, home: Path) -> Batch:
    source = Kolada()
    batch = source.parse(fetched(routes, home), context())
    source.validate(batch, context())
    return batch


def document(part: str, payload: Any, **tags: str) -> Document:
    content = json.dumps(payload).encode()
    return Document(
        request=Request(url=f"http://x/{part}", part=part, tags=tags),
        fetch_id=f"kolada-{part}",
        fetched_at=NOW,
        sha256="0" * 64,
        content=content,
    )


def parts(*more: Document) -> list[Document]:
    """The smallest sound set of answers, and what the test adds."""
    areas = [{"id": "1801", "title": "Provaby", "type": "K"}, {"id": "1802", "title": "Provbby", "type": "K"}]
    kpi = {"id": "N07540", "title": "Anmälda brott totalt, antal/100 000 inv", "description": "Påhittad."}
    return [document("municipalities", {"values": areas}), document("catalogue", {"values": [kpi]}), *more]


def value(**changed: Any) -> dict[str, Any]:
    total = {"gender": "T", "status": "", "value": 100.5, "isdeleted": False}
    return {"kpi": "N07540", "municipality": "1801", "period": 2025, "values": [{**total, **changed}]}


def values_of(*rows: dict[str, Any]) -> Document:
    return document("values", {"values": list(rows)}, kpis="N07540,N07403", years="2024,2025")


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


def test_a_key_figure_is_found_by_title_when_its_id_has_changed_and_it_is_said(tmp_path: Path) -> None:
    routes = world.kolada()
    for entry in routes.catalogue:
        if entry["id"] == "N07403":
            entry["id"] = "N99999"
    routes.values["N99999"] = routes.values.pop("N07403")
    batch = read(routes, tmp_path)
    indicator = batch.tables["indicator"].filter(id="N07403")
    assert indicator["source_key"].to_list() == ["N99999"]
    assert indicator["definition_sv"].to_list() == ["Påhittad."]
    assert "N07403 har id N99999 i Kolada" in batch.remarks


def test_when_several_have_the_title_of_a_lost_id_none_is_guessed(tmp_path: Path) -> None:
    routes = world.kolada()
    (lost,) = [entry for entry in routes.catalogue if entry["id"] == "N07537"]
    routes.catalogue += [{**lost, "id": "N99998"}, {**lost, "id": "N99999"}]
    routes.catalogue.remove(lost)
    batch = read(routes, tmp_path)
    assert "N07537: flera nyckeltal passar (N99998, N99999); inget läses" in batch.remarks
    assert "N07537" not in batch.tables["indicator"]["id"].to_list()


def test_an_id_that_has_come_to_mean_something_else_is_not_read(tmp_path: Path) -> None:
    """U07417 held three-year means per 1 000 until January 2024 and single years per 100 000 since."""
    routes = world.kolada()
    for entry in routes.catalogue:
        if entry["id"] == "N07537":
            entry["title"] = "Anmälda sexualbrott, medelvärde tre år, antal/1 000 inv"
    batch = read(routes, tmp_path)
    assert "N07537" not in batch.tables["observation"]["indicator_id"].to_list()
    assert any(told.startswith("N07537 heter nu 'Anmälda sexualbrott, medelvärde") for told in batch.remarks)


def test_of_the_real_catalogue_the_right_key_figures_are_read(shared: Path) -> None:
    """The first match for unemployment is a measure of people born in Sweden, and so on."""
    case = shared / "data" / "formats" / "cases" / "kolada_unemployment_catalogue" / "kpi.json"
    entries = {entry["id"]: entry for entry in json.loads(case.read_text("utf-8"))["values"]}
    found, _ = kolada._read_as(entries)
    assert {kpi: wanted.name for kpi, wanted in found.items()} == {
        "N01951": "invanare",
        "N00905": "nettoinkomst_median",
        "N03920": "arbetsloshet",
        "N02926": "utrikes_fodda",
    }


def test_a_new_definition_never_stands_in_one_line_with_the_old_one(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        store.execute(
            "UPDATE observation SET period_start = DATE '2012-01-01' WHERE indicator_id = 'N07537' "
            "AND period_start = DATE '2021-01-01'"
        )
        for entry in routes.catalogue:
            if entry["id"] == "N07537":
                entry["description"] = "Påhittad, räknad på ett annat sätt."
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        Kolada().load(batch, store)
        years = store.execute(
            "SELECT min(period_start) FROM observation WHERE indicator_id = 'N07537'"
        ).fetchall()
        kept = store.execute(
            "SELECT count(*) FROM revision WHERE period_start = DATE '2012-01-01'"
        ).fetchall()
        asked = replace(context(stored=store), since=date(2024, 1, 1))
        store.execute("UPDATE indicator SET definition_sv = 'En äldre.' WHERE id = 'N07537'")
        partly = Kolada().parse(fetched(routes, tmp_path / "c"), asked)
    assert years == [(date(2021, 1, 1),)]
    assert kept == [(290,)]
    assert "N07537" not in partly.tables["observation"]["indicator_id"].to_list()
    assert any("N07537 läses inte: definitionen är ändrad" in told for told in partly.remarks)


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
        ({**value(), "kpi": "N1"}, r"data rad 2: fältet kpi är 'N1', det har vi inte frågat om"),
        (
            {**value(), "period": "2025"},
            r"data N07540 rad 2: fältet period är inget år som frågats efter: '2025'",
        ),
        ({**value(), "period": 20255}, r"fältet period är inget år"),
        ({**value(), "period": 2023}, r"fältet period är inget år som frågats efter: 2023"),
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
        ({"id": "G1", "members": []}, "municipality_groups rad 1: fältet title saknas"),
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


def test_years_that_are_gone_from_the_answer_stay_stored_and_are_named(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values["N07540"] = [row for row in routes.values["N07540"] if row[1] != 2021]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        Kolada().validate(batch, context(stored=store))
        Kolada().load(batch, store)
        left = store.execute("SELECT count(*) FROM observation WHERE indicator_id = 'N07540'").fetchall()
    assert "N07540: 2021 finns inte i svaret; lagrade värden står kvar" in batch.remarks
    assert left == [(1451,)]


def test_a_year_that_has_lost_many_municipalities_is_refused(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values["N07403"] = [
            row for n, row in enumerate(routes.values["N07403"]) if row[1] != 2022 or n % 3
        ]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        with pytest.raises(
            SourceError, match=r"N07403 läses inte: år 2022 har .* värden i svaret men 290 är lagrade"
        ):
            Kolada().validate(batch, context(stored=store))


def test_a_year_that_could_have_been_there_is_said_to_be_missing(tmp_path: Path) -> None:
    routes = world.kolada()
    documents = fetched(routes, tmp_path)
    later = replace(context(), now=datetime(2027, 6, 1, tzinfo=UTC))
    assert (
        "anmälda brott totalt finns bara till 2025; 2026 saknas hos källan"
        in Kolada().parse(documents, later).remarks
    )
    assert not [told for told in Kolada().parse(documents, context()).remarks if "bara till" in told]


@pytest.mark.parametrize("since", [date(1998, 1, 1), date(2010, 1, 1), date(2025, 6, 1)])
def test_any_year_can_be_asked_for(since: date, tmp_path: Path) -> None:
    routes = world.kolada()
    codes = list(world.municipalities())
    routes.values["N07540"] += [(code, 2010, 927.0, "") for code in codes]
    settings = Settings(home=tmp_path)
    client = http.Client(
        "kolada", RawArchive(settings), settings.state_file, "Prov", SOURCES["kolada"].policy
    )
    with StandIn(routes) as server:
        asked = replace(context(server.url), since=since)
        batch = Kolada().parse(Kolada().fetch(asked, client.ask, lambda done, known: None), asked)
    years = {day.year for day in batch.tables["observation"].filter(indicator_id="N07540")["period_start"]}
    assert years == {year for year in (2010, *range(2021, 2026)) if year >= since.year}
    assert batch.remarks == [told for told in batch.remarks if "felaktiga" not in told]


def test_no_question_names_more_than_twenty_five_ids(tmp_path: Path) -> None:
    routes = world.kolada()
    fetched(routes, tmp_path)
    data = [path for path in routes.asked if path.startswith("/data/")]
    assert max(len(part.split(",")) for path in data for part in path.split("/")) == 25
    assert len(data) == len(set(data)) <= 30


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/municipality-groups", 404),  # asked for until this was tried against the real service
        ("/municipality_groups?per_page=5000", 200),
        ("/data/kpi/N07540/municipality/" + ",".join(f"{n:04d}" for n in range(26)) + "/year/2024", 422),
        ("/data/kpi/N07540/municipality/" + ",".join(f"{n:04d}" for n in range(25)) + "/year/2024", 200),
        ("/data/kpi/N07540/year/2024", 200),
        ("/data/municipality/1861/kpi/N07540", 404),
        ("/kpi?per_page=10000", 422),
    ],
)
def test_the_stand_in_refuses_what_kolada_refuses(path: str, status: int) -> None:
    with StandIn(world.kolada()) as server:
        assert requests.get(server.url + path, timeout=5).status_code == status


def test_regions_and_groups_among_the_areas_are_no_municipalities(tmp_path: Path) -> None:
    rows = [{**value(), "municipality": other} for other in ("0001", "G37386")]
    found = Kolada().parse(parts(values_of(value(), *rows)), context()).tables["observation"]
    assert found["code"].to_list() == ["1801"]


def test_a_few_faulty_rows_are_left_out_and_the_first_is_named(tmp_path: Path) -> None:
    routes = world.kolada()
    area, year, _, status = routes.values["N07540"][3]
    routes.values["N07540"][3] = (area, year, "många", status)  # type: ignore[assignment]
    batch = read(routes, tmp_path)
    assert batch.tables["observation"].filter(indicator_id="N07540").height == 1450
    assert any("1 felaktiga rader utelämnade, den första: data N07540 rad" in told for told in batch.remarks)


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
        ("N07403", 3.0, r"N07403 läses inte: värdena är 3 gånger de lagrade"),
    ],
)
def test_values_of_the_backbone_that_cannot_be_refuse_the_answer(
    kpi: str, factor: float, told: str, tmp_path: Path
) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.values[kpi] = [(a, y, v * factor if v else v, s) for a, y, v, s in routes.values[kpi]]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        with pytest.raises(SourceError, match=told):
            Kolada().validate(batch, context(stored=store))


@pytest.mark.parametrize(
    ("kpi", "factor", "told"),
    [
        ("N07609", 50.0, "N07609 läses inte: kommun 0101 år 2021 har orimligt högt värde"),
        ("N07657", -1.0, "N07609 läses inte: .* ligger utanför sin felmarginal"),
        ("N07537", 0.1, r"N07537 läses inte: värdena är 0\.1 gånger de lagrade"),
        ("N07537", None, "N07537 läses inte: år 202. har 0 värden i svaret men"),
    ],
)
def test_one_key_figure_that_cannot_be_true_does_not_keep_the_others_out(
    kpi: str, factor: float | None, told: str, tmp_path: Path
) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        before = store.execute("SELECT * FROM observation ORDER BY ALL").fetchall()
        routes.values[kpi] = [
            (a, y, v * factor if v and factor else None, s) for a, y, v, s in routes.values[kpi]
        ]
        batch = Kolada().parse(fetched(routes, tmp_path / "b"), context(stored=store))
        Kolada().validate(batch, context(stored=store))
        Kolada().load(batch, store)
        after = store.execute("SELECT * FROM observation ORDER BY ALL").fetchall()
    assert any(re.match(told, remark) for remark in batch.remarks), batch.remarks
    assert [row[:7] for row in after] == [row[:7] for row in before]


def test_a_key_figure_no_longer_listed_is_kept(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        Kolada().load(read(routes, tmp_path / "a"), store)
        routes.catalogue = [entry for entry in routes.catalogue if entry["id"] != "N07537"]
        batch = Kolada().parse(fetched(routes, tmp_path / "c"), context(stored=store))
        Kolada().validate(batch, context(stored=store))
        Kolada().load(batch, store)
        kept = store.execute("SELECT count(*) FROM observation WHERE indicator_id = 'N07537'").fetchall()
    assert kept == [(1451,)]


def changed_list(routes: KoladaRoutes, store: duckdb.DuckDBPyConnection, home: Path) -> Batch:
    batch = Kolada().parse(fetched(routes, home), context(stored=store))
    Kolada().validate(batch, context(stored=store))
    return batch


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"id": "0199"},
            [
                "ny kommun Provaaby (0199) visas inte förrän programmet känner den",
                "Provaaby (0101) finns inte längre i Kolada; lagrade värden står kvar",
            ],
        ),
        ({"title": "Provaa"}, ["Provaaby (0101) heter Provaa i Kolada"]),
        (
            {"title": "<script>"},
            [
                "1 felaktiga rader utelämnade, den första: municipality rad 1: fältet title är inget "
                "ortnamn: '<script>'",
                "Provaaby (0101) finns inte längre i Kolada; lagrade värden står kvar",
            ],
        ),
    ],
)
def test_a_new_a_merged_or_a_renamed_municipality_is_told_and_the_rest_is_read(
    change: dict[str, str], told: list[str], tmp_path: Path
) -> None:
    routes = world.kolada()
    routes.municipalities[0] = {**routes.municipalities[0], **change}
    with world.known(world.municipalities()) as store:
        batch = changed_list(routes, store, tmp_path)
    assert [remark for remark in batch.remarks if remark in told] == told
    assert batch.tables["municipality"].height == 290 - ("id" in change or "<" in change["title"])


def test_a_municipality_more_or_less_keeps_nobody_out(tmp_path: Path) -> None:
    routes = world.kolada()
    with world.known(world.municipalities()) as store:
        routes.municipalities.append({"id": "0299", "title": "Nyby", "type": "K"})
        assert changed_list(routes, store, tmp_path / "a").tables["municipality"].height == 290
        del routes.municipalities[5]
        assert changed_list(routes, store, tmp_path / "b").tables["municipality"].height == 289


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "0102"}, "fältet id 0102 finns flera gånger"),
        ({"title": "Provabby"}, "290 kommuner med 289 olika title"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(change: dict[str, str], told: str, tmp_path: Path) -> None:
    routes = world.kolada()
    assert [m["title"] for m in routes.municipalities[:2]] == ["Provaaby", "Provabby"]
    routes.municipalities[0] = {**routes.municipalities[0], **change}
    with world.known(world.municipalities()) as store, pytest.raises(SourceError, match=told):
        changed_list(routes, store, tmp_path)
