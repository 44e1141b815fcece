"""Brå's indicator workbooks: the layout may shift, the meaning may not; real figures come back equal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from openpyxl import Workbook

from lagesbild.config import Settings
from lagesbild.data import reference
from pipelines import http
from pipelines.archive import RawArchive
from pipelines.contract import Batch, Document, Request, RunContext, SourceError, UnreachableError
from pipelines.policy import Policy
from pipelines.registry import SOURCES
from pipelines.sources.bra_indicators import BraIndicators
from pipelines.sources.bra_workbook import read_sheets
from tests import world
from tests.sources import bra_server, dalarna
from tests.sources.server import Answer, Call, Routes, StandIn

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HOME = "Provås"
NAMES = {"1801": HOME, "1802": "Provby"}
CRIME: list[list[Any]] = [
    ["Bilbrott"],
    [None, 2023, None, 2024, None],
    ["Område", "Antal", "Antal per 100 000 inv", "Antal", "Antal per 100 000 inv"],
    [HOME, 12, 120.5, 15, 150],
    ["Örebro län", 300, 98, 310, 101.5],
    ["Hela landet", 9000, 90, 9100, 91],
]
SURVEY: list[list[Any]] = [
    ["Oro för att utsättas för bostadsinbrott enligt NTU. Andel (%) i befolkningen (16–84 år)."],
    [None, "2023/2024", None, None],
    ["Område", "Andel (%)", "KI (95 %) undre gräns", "KI (95 %) övre gräns"],
    [HOME, 14.5, 11.2, 17.8],
    ["Hela landet", 13, 12.9, 13.1],
]


@pytest.fixture
def where() -> Iterator[RunContext]:
    with world.known(NAMES) as store:
        yield RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        )


def book(*sheets: list[list[Any]]) -> bytes:
    made = Workbook(write_only=True)
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"Blad{number}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def document(content: bytes, name: str = HOME) -> Document:
    request = Request(url=f"http://x/{name}.xlsx", part="workbook", tags={"municipality": name})
    return Document(request=request, fetch_id=f"bra-{name}", fetched_at=NOW, sha256="0" * 64, content=content)


def read(where: RunContext, *sheets: list[list[Any]]) -> Batch:
    return BraIndicators().parse([document(book(*sheets))], where)


def row(batch: Batch, code: str = "1801", year: int = 2024) -> dict[str, Any]:
    found = batch.tables["observation"].filter(
        (pl.col("code") == code) & (pl.col("period_start").dt.year() == year)
    )
    return found.row(0, named=True)


def test_counts_and_rates_of_municipality_county_and_country(where: RunContext) -> None:
    batch = read(where, CRIME)
    assert (row(batch)["count"], row(batch)["rate"]) == (15, 150.0)
    assert (row(batch, year=2023)["count"], row(batch, year=2023)["rate"]) == (12, 120.5)
    assert row(batch, "0018")["rate"] == 101.5
    assert row(batch, "0000")["count"] == 9100


def test_a_survey_value_comes_with_its_limits_and_its_last_year(where: RunContext) -> None:
    found = row(read(where, SURVEY))
    assert (found["rate"], found["lower"], found["upper"]) == (14.5, 11.2, 17.8)
    assert found["count"] is None


@pytest.mark.parametrize("years", ["2023/2024", "2023/24", "2023-2024", "2023–2024"])
def test_every_way_of_writing_two_years_is_read(years: str, where: RunContext) -> None:
    sheet = [SURVEY[0], [None, years, None, None], *SURVEY[2:]]
    assert row(read(where, sheet))["period_start"].year == 2024


def test_year_and_measure_may_stand_in_one_row_of_headings(where: RunContext) -> None:
    sheet: list[list[Any]] = [
        ["Bilbrott"],
        ["Område", "Antal 2024", "Antal per 100 000 inv 2024"],
        [HOME, 15, 150],
        ["Hela landet", 9100, 91],
    ]
    assert row(read(where, sheet))["count"] == 15


def test_rows_above_and_below_the_areas_are_passed_over(where: RunContext) -> None:
    sheet = [*CRIME[:1], ["Anmälda brott"], [], *CRIME[1:], [], ["Källa: Brå"]]
    assert row(read(where, sheet))["count"] == 15


def test_a_page_of_text_is_named_too(where: RunContext) -> None:
    batch = read(where, [["Om tabellerna"], ["Text"]], CRIME)
    assert row(batch)["count"] == 15
    assert "blad Blad0: rubriken ”Om tabellerna” är ingen känd indikator" in batch.remarks[0]


@pytest.mark.parametrize(
    ("sign", "status"), [("..", "suppressed"), ("-", "suppressed"), ("–", "suppressed"), (None, "missing")]
)
def test_signs_are_statuses_never_zeros(sign: str | None, status: str, where: RunContext) -> None:
    sheet = [*CRIME[:3], [HOME, 12, 120.5, sign, sign], CRIME[5]]
    found = row(read(where, sheet))
    assert (found["status"], found["count"], found["rate"]) == (status, None, None)


def test_a_true_zero_is_a_zero(where: RunContext) -> None:
    found = row(read(where, [*CRIME[:3], [HOME, 12, 120.5, 0, 0], CRIME[5]]))
    assert (found["status"], found["count"], found["rate"]) == ("final", 0, 0.0)


def test_text_numbers_with_spaces_and_comma_are_numbers(where: RunContext) -> None:
    found = row(read(where, [*CRIME[:3], [HOME, 12, 120.5, "1 015", "10\u00a0150,5"], CRIME[5]]))
    assert (found["count"], found["rate"]) == (1015, 10150.5)


def told(where: RunContext, *sheets: list[list[Any]]) -> str:
    """What is said of a workbook with these sheets, of which the first is sound."""
    batch = read(where, *sheets)
    assert row(batch)["count"] == 15
    return "; ".join(batch.remarks)


def test_an_unknown_sheet_is_named_and_stops_no_other(where: RunContext) -> None:
    said = told(where, CRIME, [["Något nytt mått"], *CRIME[1:]])
    assert f"{HOME}.xlsx, blad Blad1: rubriken ”Något nytt mått” är ingen känd indikator" in said


@pytest.mark.parametrize(
    "heading",
    [
        "Bilbrott, stöld ur bil",
        "Våld i nära relationer",
        "Oro för att utsättas för misshandel bland kvinnor",
        "",
        None,
    ],
)
def test_a_heading_that_is_nearly_an_indicators_is_no_indicator(
    heading: str | None, where: RunContext
) -> None:
    other = [[heading], *CRIME[1:]] if heading is not None else []
    found = read(where, [["Bostadsinbrott"], *CRIME[1:]], other)
    assert set(found.tables["observation"]["indicator_id"]) == {"BI_BOSTAD"}
    assert "blad Blad1: rubriken ”" in found.remarks[0]


def test_an_indicator_on_two_sheets_is_read_once_and_told(where: RunContext) -> None:
    other = [["Bilbrott (anmälda brott)"], *CRIME[1:3], [HOME, 1, 1, 1, 1], *CRIME[4:]]
    assert "blad Blad1: indikatorn står på ett blad till, bara det första läses" in told(where, CRIME, other)


def test_the_longest_fitting_title_wins(where: RunContext) -> None:
    girls = [["Våld i offentlig miljö mot barn och unga, flickor"], *CRIME[1:]]
    adults = [["Våld i offentlig miljö mot vuxna"], *CRIME[1:]]
    found = set(read(where, girls, adults).tables["observation"]["indicator_id"])
    assert found == {"BI_BARN_UTE_F", "BI_VALD_VUXNA"}


NTU: list[list[Any]] = [
    ["Oro för att utsättas för misshandel, enligt NTU 2017–2025. Andel (%) i befolkningen (16–84 år)."],
    [None, HOME, None, None, "Örebro län", None, None, "Hela landet", None, None],
    [None, *["Andel", "KI (95 %) undre gräns", "KI (95 %) övre gräns"] * 3],
    ["2023", 8, 5, 11, 8.2, 6.9, 9.6, 9.25, 8.98, 9.54],
    ["2024", 7, 5, 10, 6.05, 4.94, 7.33, 8.31, 8.05, 8.59],
]


def test_years_as_rows_and_areas_as_blocks_of_columns(where: RunContext) -> None:
    batch = read(where, NTU)
    assert [row(batch)[name] for name in ("rate", "lower", "upper")] == [7.0, 5.0, 10.0]
    assert [row(batch, "0018", 2023)[name] for name in ("rate", "lower", "upper")] == [8.2, 6.9, 9.6]
    assert row(batch, "0000")["upper"] == 8.59
    assert not [remark for remark in batch.remarks if "inte finns i någon fil" not in remark]


def test_the_number_of_respondents_is_a_count(where: RunContext) -> None:
    sheet: list[list[Any]] = [
        ["Antal svarande i NTU., enligt NTU 2017–2025. "],
        [None, HOME, "Hela landet"],
        [None, "Antal", "Antal"],
        ["2024", 118, 64751],
    ]
    found = row(read(where, sheet))
    assert (found["count"], found["count_basis"], found["rate"]) == (118, "published", None)


def test_two_years_together_are_told_in_the_definition_and_single_years_are_not(where: RunContext) -> None:
    pooled = [*NTU[:3], ["2022/2023", *NTU[3][1:]], ["2023/2024", *NTU[4][1:]]]
    both = "Värdet gäller flera år tillsammans"
    assert both in read(where, pooled).tables["indicator"]["definition_sv"][0]
    assert both not in read(where, NTU).tables["indicator"]["definition_sv"][0]
    assert row(read(where, pooled))["rate"] == 7.0


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ([NTU[0], [None, "Provort", *NTU[1][2:]], *NTU[2:]], "blad Blad1: kommunen finns inte på bladet"),
        (
            [*NTU[:2], [None, "Andel", "KI", "KI (95 %) övre gräns", *NTU[2][4:]], *NTU[3:]],
            f"kolumn 3 med rubriken ”{HOME} KI” förstås inte",
        ),
        (
            [NTU[0], [*NTU[1], "Storområde"], [*NTU[2], "Andel"], *([*line, 3] for line in NTU[3:])],
            "kolumn 11 med rubriken ”Storområde Andel” förstås inte",
        ),
        ([*NTU, ["Summa", *NTU[4][1:]]], "rad 6 är inget år: ”Summa”"),
        ([*NTU, ["2024", *NTU[4][1:]]], "år 2024 har samma mått två gånger"),
        ([*NTU, ["2031", *NTU[4][1:]]], "år 2031 ligger i framtiden"),
        ([*NTU[:4], ["2024", 12, *NTU[4][2:]]], "värdet 12 ligger utanför sin felmarginal"),
        ([*NTU[:4], ["2024", 107, 5, 110, *NTU[4][4:]]], "andelen 107 är större än 100 procent"),
        ([NTU[0], ["Text"], ["2024", 1, 2]], "ingen kommun, inget län och inte Hela landet finns på bladet"),
    ],
)
def test_an_odd_survey_sheet_is_named_and_stops_no_other(
    sheet: list[list[Any]], told: str, where: RunContext
) -> None:
    batch = read(where, CRIME, sheet)
    assert batch.tables["observation"].filter(indicator_id="BI_BIL").height == 6
    assert told in "; ".join(batch.remarks)


def test_what_stands_beside_an_odd_column_or_row_is_read(where: RunContext) -> None:
    sheet: list[list[Any]] = [
        NTU[0],
        [*NTU[1], "Storområde"],
        [*NTU[2], "Andel"],
        *([*line, 3] for line in NTU[3:]),
        ["Källa: Brå"],
    ]
    assert row(read(where, sheet))["rate"] == 7.0
    odd_value = [*NTU[:3], ["2023", "många", *NTU[3][2:]], NTU[4]]
    batch = read(where, odd_value)
    assert row(batch)["rate"] == 7.0
    assert batch.tables["observation"].filter(pl.col("code") == "1801").height == 1
    assert row(batch, "0018", 2023)["rate"] == 8.2


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (
            [*CRIME[:2], ["Område", "Stycken", "Antal per 100 000 inv"], *CRIME[3:]],
            "kolumn 2 med rubriken ”2023 Stycken” förstås inte",
        ),
        ([CRIME[0], [], CRIME[2], *CRIME[3:]], "kolumn 2 med rubriken ”Antal” förstås inte"),
        (
            [CRIME[0], [None, 2024], ["Område", "Antal"], [HOME, 3], ["Hela landet", 4]],
            "antal per 100 000 saknas för år 2024",
        ),
        (
            [
                CRIME[0],
                [None, 2024, 2024, 2024],
                ["Område", "Antal", "Antal", "Antal per 100 000 inv"],
                [HOME, 3, 3, 30],
                ["Hela landet", 4, 4, 4],
            ],
            "år 2024 har samma mått två gånger",
        ),
        ([*CRIME[:3], *CRIME[4:]], "kommunen finns inte på bladet"),
        (
            [*CRIME[:3], [HOME, 12, 120.5, "många", 150], *CRIME[4:]],
            "rad 4 kolumn 4: ”många” är inget rimligt tal",
        ),
        ([*CRIME[:3], [HOME, 12, 120.5, -3, 150], *CRIME[4:]], "rad 4 kolumn 4: ”-3.0” är inget rimligt tal"),
        ([*CRIME[:3], [HOME, 12, 120.5, 3.5, 150], *CRIME[4:]], "antalet 3.5 är inget heltal"),
        (
            [*CRIME[:4], ["Polisregion Bergslagen", 1, 2, 3, 4], *CRIME[4:]],
            "rad 5 är inget känt område: ”Polisregion Bergslagen”",
        ),
        ([*SURVEY[:3], [HOME, 14.5, 15.0, 17.8], SURVEY[4]], "värdet 14.5 ligger utanför sin felmarginal"),
        ([["Bilbrott"], [HOME, 1, 2]], "antal saknas"),
    ],
)
def test_what_is_odd_on_a_sheet_is_named_and_stops_no_other(
    sheet: list[list[Any]], told: str, where: RunContext
) -> None:
    sound = [["Bostadsinbrott"], *CRIME[1:]]
    batch = read(where, sheet, sound)
    assert batch.tables["observation"].filter(indicator_id="BI_BOSTAD").height == 6
    assert f"{HOME}.xlsx, blad Blad0: {told}" in "; ".join(batch.remarks)


@pytest.mark.parametrize("content", [b"", b"<html>fel</html>", book(CRIME)[:500]])
def test_what_is_no_whole_excel_file_is_named_and_stops_no_other(content: bytes, where: RunContext) -> None:
    other = [*CRIME[:3], ["Provby", *CRIME[3][1:]], *CRIME[4:]]
    batch = BraIndicators().parse([document(content), document(book(other), "Provby")], where)
    assert row(batch, "1802")["count"] == 15
    assert f"{HOME}.xlsx: filen är ingen hel Excelfil" in batch.remarks[0]


@pytest.mark.parametrize("content", [b"<html>fel</html>", book([["Om"], ["Text"]])])
def test_when_nothing_at_all_can_be_read_the_source_fails(content: bytes, where: RunContext) -> None:
    with pytest.raises(
        SourceError, match=r"bra_indicators: ingen arbetsbok kunde läsas: .*Provås\.xlsx"
    ) as error:
        BraIndicators().validate(BraIndicators().parse([document(content)], where), where)
    assert "\n" not in str(error.value)


def test_what_two_files_disagree_about_is_left_out_and_told(where: RunContext) -> None:
    other = [*CRIME[:3], ["Provby", *CRIME[3][1:]], ["Hela landet", 9000, 90, 9999, 91]]
    batch = BraIndicators().parse([document(book(CRIME)), document(book(other), "Provby")], where)
    country = batch.tables["observation"].filter(code="0000")["period_start"].dt.year().to_list()
    assert country == [2023]
    assert (
        "1 värden är olika i två filer och läses inte in, t.ex. Bilbrott för hela landet 2024 (Provby.xlsx)"
        in "; ".join(batch.remarks)
    )


def test_two_files_of_one_municipality_are_told_and_the_first_is_read(where: RunContext) -> None:
    other = [*CRIME[:3], [HOME, 1, 1, 1, 1], *CRIME[4:]]
    batch = BraIndicators().parse([document(book(CRIME)), document(book(other))], where)
    assert row(batch)["count"] == 15
    assert f"{HOME}.xlsx: kommunen har två filer, bara den första läses" in batch.remarks


def test_the_real_workbook_of_avesta_is_read_in_whole(shared: Path) -> None:
    """15 crime sheets and 21 of the survey, three areas: 240 and 185 values for each area."""
    content = (
        shared / "data" / "formats" / "cases" / "bra_indicators_ntu_layout" / "Avesta.xlsx"
    ).read_bytes()
    with world.known({"2084": "Avesta"}) as store:
        where = RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        )
        batch = BraIndicators().parse([document(content, "Avesta")], where)
    assert batch.remarks == []
    found = batch.tables["observation"]
    assert found["indicator_id"].n_unique() == 36
    assert dict(found.group_by("code").len().iter_rows()) == dict.fromkeys(
        ("2084", "0020", "0000"), 120 + 185
    )
    assert set(found["status"]) == {"final"}
    worry = row(Batch({"observation": found.filter(indicator_id="NTU_ORO_MISSHANDEL")}), "2084")
    assert (worry["rate"], worry["lower"], worry["upper"]) == (7.0, 5.0, 10.0)
    answered = row(Batch({"observation": found.filter(indicator_id="NTU_SVARANDE")}), "2084")
    assert answered["count"] == 118
    surveys = found.filter(
        pl.col("indicator_id").str.starts_with("NTU_") & (pl.col("indicator_id") != "NTU_SVARANDE")
    )
    assert surveys.select("rate", "lower", "upper").null_count().sum_horizontal().item() == 0


def test_the_workbooks_of_the_stand_in_are_as_the_real_one(shared: Path) -> None:
    real = (shared / "data" / "formats" / "cases" / "bra_indicators_ntu_layout" / "Avesta.xlsx").read_bytes()
    ours = dalarna.workbooks(shared / "data" / "bra" / "kommunindikatorer_dalarna.csv")["Avesta"]
    assert read_sheets(ours) == read_sheets(real)


def fetched(home: Path, routes: Routes, store: duckdb.DuckDBPyConnection) -> tuple[Batch, list[Call]]:
    """Ask the stand-in over HTTP, read and check what it answers; with the calls it got."""
    settings = Settings(home=home)
    client = http.Client(
        "bra_indicators", RawArchive(settings), settings.state_file, "Prov", SOURCES["bra_indicators"].policy
    )
    with StandIn(routes) as server:
        where = RunContext(settings=settings, base_url=server.url, now=NOW, since=None, stored=store)
        documents = BraIndicators().fetch(where, client.ask, lambda done, known: None)
        batch = BraIndicators().parse(documents, where)
        BraIndicators().validate(batch, where)
    return batch, server.calls


@pytest.fixture
def country() -> Iterator[duckdb.DuckDBPyConnection]:
    with world.known(world.municipalities()) as store:
        yield store


def some_books(count: int, sheets: int = 99) -> dict[str, bytes]:
    first = list(world.municipalities().items())[:count]
    return {name: world.workbook(code, sheets) for code, name in first}


def test_all_290_workbooks_are_found_and_read(tmp_path: Path, country: duckdb.DuckDBPyConnection) -> None:
    batch, calls = fetched(tmp_path, world.bra(), country)
    found = batch.tables["observation"]
    assert set(world.municipalities()) <= set(found["code"])
    assert found.height == 36 * (290 + 21 + 1)
    assert len(calls) == 291
    assert batch.remarks == []


def test_a_page_with_twelve_links_gives_twelve_municipalities_and_names_the_rest(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    batch, calls = fetched(tmp_path, world.bra(books=some_books(12)), country)
    assert batch.tables["observation"].filter(~pl.col("code").str.starts_with("00"))["code"].n_unique() == 12
    assert len(calls) == 13
    (remark,) = batch.remarks
    assert remark.startswith("sidan länkar till 12 av 290 kommuner; saknas: Prov")
    assert remark.endswith(
        "och 273 till; lägg filerna i mappen manual/bra_indicators i hemmappen så läses de"
    )


def test_the_real_pages_links_are_found(shared: Path) -> None:
    content = (
        shared
        / "data"
        / "formats"
        / "cases"
        / "bra_indicators_page"
        / "indikatorer-for-kommuners-lagesbild.html"
    ).read_bytes()
    page = Document(
        request=Request(url="http://x/p", part="page"),
        fetch_id="p",
        fetched_at=NOW,
        sha256="0",
        content=content,
    )
    with world.known({"0114": "Upplands Väsby", "0139": "Upplands-Bro", "0180": "Stockholm"}) as store:
        where = RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        )
        asked = BraIndicators().follow(page, where)
    assert [request.tags["municipality"] for request in asked] == ["Upplands Väsby", "Upplands-Bro"]
    assert asked[0].url == (
        "http://x/download/18.9040d26195b246441f3000/1743687281700/Upplands%20V%C3%A4sby.xlsx"
    )


def test_a_link_that_is_no_municipality_is_named_and_not_asked_for(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    books = some_books(2) | {"Atlantis": b"", "Metodbeskrivning": b""}
    batch, calls = fetched(tmp_path, world.bra(books=books), country)
    assert "länkar som inte är någon känd kommun: Atlantis.xlsx, Metodbeskrivning.xlsx" in batch.remarks
    assert len(calls) == 3


def test_a_file_that_is_gone_is_named_and_the_others_are_read(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    books = some_books(4)
    first = next(iter(books))
    batch, _ = fetched(tmp_path, world.bra(books=books, gone=frozenset({f"{first}.xlsx"})), country)
    assert f"filer som sidan länkar till men som inte kunde hämtas: {first}" in batch.remarks
    assert batch.tables["observation"].filter(~pl.col("code").str.starts_with("00"))["code"].n_unique() == 3


@pytest.mark.parametrize("names", [[], ["Atlantis"]])
def test_a_page_without_a_single_link_to_a_known_municipality_fails(
    names: list[str], tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(SourceError, match=r"bra_indicators: http.*känd kommuns fil"):
        fetched(tmp_path, world.bra(books=dict.fromkeys(names, b"")), country)


def test_when_all_linked_files_are_gone_the_source_fails(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    books = some_books(3)
    with pytest.raises(SourceError, match="svarade med felkod 404"):
        fetched(tmp_path, world.bra(books=books, gone=frozenset(f"{name}.xlsx" for name in books)), country)


@pytest.mark.parametrize(("silent", "outcome"), [(3, "named"), (4, "unreachable")])
def test_a_few_files_without_an_answer_are_named_but_many_mean_that_the_site_is_down(
    silent: int, outcome: str, tmp_path: Path, quick: Policy, country: duckdb.DuckDBPyConnection
) -> None:
    sound = world.bra(books=some_books(6))
    down = {bra_server.book_link(n, name) for n, name in list(enumerate(sound.books))[:silent]}

    def partly(method: str, path: str, query: dict[str, str], body: object) -> Answer:
        return (503, {}, b"") if path in down else sound(method, path, query, body)

    if outcome == "unreachable":
        with pytest.raises(UnreachableError, match="svarade med felkod 503"):
            fetched(tmp_path, partly, country)
        return
    batch, _ = fetched(tmp_path, partly, country)
    names = ", ".join(list(sound.books)[:silent])
    assert f"filer som sidan länkar till men som inte kunde hämtas: {names}" in batch.remarks


def test_the_stand_in_refuses_a_workbook_under_another_address_than_the_linked_one(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    """It used to serve any address that ended with the municipality's name."""
    routes = world.bra(books=some_books(2))
    first, second = routes.books
    settings = Settings(home=tmp_path)
    client = http.Client(
        "bra_indicators", RawArchive(settings), settings.state_file, "Prov", SOURCES["bra_indicators"].policy
    )
    with StandIn(routes) as server:
        client.ask(Request(url=server.url + bra_server.book_link(1, second), part="workbook"))
        for path in (
            f"/download/18.9b/17/{second}.xlsx",
            bra_server.book_link(0, second),
            f"/{first}.xlsx",
            f"{bra_server.INDICATORS}.html",
            f"{bra_server.INDICATORS}?query={first}",
            "/",
        ):
            with pytest.raises(SourceError, match="svarade med felkod 404"):
                client.ask(Request(url=server.url + path, part="workbook"))


def test_what_is_stored_of_municipalities_not_in_the_answer_stays(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    batch, _ = fetched(tmp_path, world.bra(books=some_books(5)), country)
    BraIndicators().load(batch, country)
    again, _ = fetched(tmp_path, world.bra(books=some_books(1)), country)
    count = BraIndicators().load(again, country)
    assert (count.new, count.changed) == (0, 0)
    assert country.execute("SELECT count(DISTINCT code) FROM observation").fetchone() == (5 + 1 + 1,)


def test_a_workbook_that_has_lost_many_of_its_own_values_is_refused_and_the_others_are_read(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    whole = some_books(3)
    BraIndicators().load(fetched(tmp_path, world.bra(books=whole), country)[0], country)
    first, second, third = whole
    lost = {first: some_books(3, 20)[first], second: whole[second], third: some_books(3, 33)[third]}
    batch, _ = fetched(tmp_path, world.bra(books=lost), country)
    said = "; ".join(batch.remarks)
    assert f"{first}.xlsx: filen läses inte, den har 20 värden men 36 lästes ur den förra" in said
    assert f"{third}.xlsx" not in said
    codes = {name: code for code, name in world.municipalities().items()}
    own = batch.tables["observation"].filter(pl.col("code").is_in([codes[name] for name in whole]))
    assert dict(own.group_by("code").len().iter_rows()) == {codes[second]: 36, codes[third]: 33}


def test_years_that_fall_out_of_the_workbook_stay_stored_and_refuse_nothing(where: RunContext) -> None:
    """Each publication drops its oldest year: what has left the files is no loss in the next one."""
    assert where.stored is not None
    for year in range(2015, 2025):
        sheet = [
            CRIME[0],
            [None, *(f"{word} {y}" for y in (year - 1, year) for word in ("Antal", "Antal per 100 000"))],
            [HOME, 1, 10.5, 2, 20.5],
            ["Hela landet", 5, 5.5, 6, 6.5],
        ]
        found = Document(
            request=document(b"").request,
            fetch_id=f"bra-{year}",
            fetched_at=NOW,
            sha256="0" * 64,
            content=book(sheet),
        )
        batch = BraIndicators().parse([found], where)
        assert "filen läses inte" not in "; ".join(batch.remarks)
        BraIndicators().load(batch, where.stored)
    kept = where.stored.execute("SELECT count(*) FROM observation WHERE code = '1801'").fetchone()
    assert kept == (11,)


def test_indicators_that_no_file_has_are_named(where: RunContext) -> None:
    remark = read(where, SURVEY).remarks[-1]
    assert remark.startswith("indikatorer som inte finns i någon fil: Totalt antal anmälda brott; ")
    assert "Oro för att utsättas för bostadsinbrott" not in remark


def test_the_real_figures_of_dalarna_come_back_equal(shared: Path) -> None:
    file = shared / "data" / "bra" / "kommunindikatorer_dalarna.csv"
    published = dalarna.read(file)
    books = dalarna.workbooks(file)
    codes = pl.read_csv(shared / "data" / "kolada" / "municipality.csv", infer_schema=False)
    names = {code: name for code, name in codes.select("id", "title").iter_rows() if name in books}
    assert len(names) == 15
    with world.known(names) as store:
        where = RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        )
        batch = BraIndicators().parse([document(content, name) for name, content in books.items()], where)
    assert not batch.remarks
    ours = batch.tables["observation"]
    known = {name: code for code, name in names.items()} | {"Dalarnas län": "0020", "Hela landet": "0000"}
    entries = reference.read_csv("bra_indicators.csv")
    compared = 0
    for title, figures in published.items():
        entry = max((e for e in entries if title.startswith(e["title"])), key=lambda e: len(e["title"]))
        stored = {
            (code, start.year): values
            for code, start, *values in ours.filter(indicator_id=entry["id"])
            .select("code", "period_start", "count", "rate", "lower", "upper")
            .iter_rows()
        }
        for (area, year, unit), value in figures.items():
            place = (
                0
                if unit in {"Antal", "Antal svarande"}
                else 2
                if "undre" in unit
                else 3
                if "övre" in unit
                else 1
            )
            # openpyxl writes sixteen digits
            assert stored[known[area], int(year)][place] == pytest.approx(float(value), rel=1e-12), (
                title,
                area,
                year,
            )
            compared += 1
    assert compared == sum(len(figures) for figures in published.values())
