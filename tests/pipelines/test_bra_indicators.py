"""Brå's indicator workbooks: the layout may shift, the meaning may not; real figures come back equal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook

from lagesbild import reference
from lagesbild.config import Settings
from pipelines import http
from pipelines.archive import Archive
from pipelines.bra_indicators import BraIndicators
from pipelines.contract import Batch, Context, Document, Request, SourceError
from tests import world
from tests.sources import dalarna
from tests.sources.server import StandIn

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
def where() -> Iterator[Context]:
    with world.known(NAMES) as store:
        yield Context(Settings(home=Path("unused")), "http://x", NOW, None, store)


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
    request = Request(f"http://x/{name}.xlsx", "workbook", tags={"municipality": name})
    return Document(request, f"bra-{name}", NOW, "0" * 64, content)


def read(where: Context, *sheets: list[list[Any]]) -> Batch:
    return BraIndicators().parse([document(book(*sheets))], where)


def row(batch: Batch, code: str = "1801", year: int = 2024) -> dict[str, Any]:
    found = batch.tables["observation"].filter(
        (pl.col("code") == code) & (pl.col("period_start").dt.year() == year)
    )
    return found.row(0, named=True)


def test_counts_and_rates_of_municipality_county_and_country(where: Context) -> None:
    batch = read(where, CRIME)
    assert (row(batch)["count"], row(batch)["rate"]) == (15, 150.0)
    assert (row(batch, year=2023)["count"], row(batch, year=2023)["rate"]) == (12, 120.5)
    assert row(batch, "0018")["rate"] == 101.5
    assert row(batch, "0000")["count"] == 9100


def test_a_survey_value_comes_with_its_limits_and_its_last_year(where: Context) -> None:
    found = row(read(where, SURVEY))
    assert (found["rate"], found["lower"], found["upper"]) == (14.5, 11.2, 17.8)
    assert found["count"] is None


@pytest.mark.parametrize("years", ["2023/2024", "2023/24", "2023-2024", "2023–2024"])
def test_every_way_of_writing_two_years_is_read(years: str, where: Context) -> None:
    sheet = [SURVEY[0], [None, years, None, None], *SURVEY[2:]]
    assert row(read(where, sheet))["period_start"].year == 2024


def test_year_and_measure_may_stand_in_one_row_of_headings(where: Context) -> None:
    sheet: list[list[Any]] = [
        ["Bilbrott"],
        ["Område", "Antal 2024", "Antal per 100 000 inv 2024"],
        [HOME, 15, 150],
        ["Hela landet", 9100, 91],
    ]
    assert row(read(where, sheet))["count"] == 15


def test_rows_above_and_below_the_areas_are_passed_over(where: Context) -> None:
    sheet = [*CRIME[:1], ["Anmälda brott"], [], *CRIME[1:], [], ["Källa: Brå"]]
    assert row(read(where, sheet))["count"] == 15


def test_a_sheet_without_areas_is_a_page_of_text(where: Context) -> None:
    assert row(read(where, [["Om tabellerna"], ["Text"]], CRIME))["count"] == 15


@pytest.mark.parametrize(
    ("sign", "status"), [("..", "suppressed"), ("-", "suppressed"), ("–", "suppressed"), (None, "missing")]
)
def test_signs_are_statuses_never_zeros(sign: str | None, status: str, where: Context) -> None:
    sheet = [*CRIME[:3], [HOME, 12, 120.5, sign, sign], CRIME[5]]
    found = row(read(where, sheet))
    assert (found["status"], found["count"], found["rate"]) == (status, None, None)


def test_a_true_zero_is_a_zero(where: Context) -> None:
    found = row(read(where, [*CRIME[:3], [HOME, 12, 120.5, 0, 0], CRIME[5]]))
    assert (found["status"], found["count"], found["rate"]) == ("final", 0, 0.0)


def test_text_numbers_with_spaces_and_comma_are_numbers(where: Context) -> None:
    found = row(read(where, [*CRIME[:3], [HOME, 12, 120.5, "1 015", "10\u00a0150,5"], CRIME[5]]))
    assert (found["count"], found["rate"]) == (1015, 10150.5)


def test_an_unknown_sheet_is_told(where: Context) -> None:
    other = [["Något nytt mått"], *CRIME[1:]]
    assert "blad som inte känns igen: Något nytt mått" in read(where, CRIME, other).remarks[0]


def test_the_longest_fitting_title_wins(where: Context) -> None:
    girls = [["Våld i offentlig miljö mot barn och unga, flickor"], *CRIME[1:]]
    adults = [["Våld i offentlig miljö mot vuxna"], *CRIME[1:]]
    found = set(read(where, girls, adults).tables["observation"]["indicator_id"])
    assert found == {"BI_BARN_UTE_F", "BI_VALD_VUXNA"}


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ([*CRIME[:2], ["Område", "Stycken", "Antal per 100 000 inv"], *CRIME[3:]], "kolumn 2 har rubriken '2023 Stycken'"),
        ([CRIME[0], [], CRIME[2], *CRIME[3:]], "kolumn 2 har rubriken"),
        ([CRIME[0], [None, 2024], ["Område", "Antal"], [HOME, 3], ["Hela landet", 4]], "kolumner för rate saknas"),
        ([CRIME[0], [None, 2024, 2024, 2024], ["Område", "Antal", "Antal", "Antal per 100 000 inv"],
          [HOME, 3, 3, 30], ["Hela landet", 4, 4, 4]], "två kolumner har samma år och mått"),
        ([*CRIME[:3], *CRIME[4:]], f"raden för {HOME} saknas"),
        ([*CRIME[:3], [HOME, 12, 120.5, "många", 150], *CRIME[4:]], "rad 4 kolumn 4: 'många' är inget tal"),
        ([*CRIME[:3], [HOME, 12, 120.5, -3, 150], *CRIME[4:]], "rad 4 kolumn 4: -3 är orimligt|-3.0 är orimligt"),
        ([*SURVEY[:3], [HOME, 14.5, 15.0, 17.8], SURVEY[4]], "värdet 14.5 ligger utanför sin felmarginal"),
        ([["Bilbrott"], [HOME, 1, 2]], "inget blad har raden Hela landet"),
    ],
)  # fmt: skip
def test_a_faulty_sheet_is_told_by_row_and_column(sheet: list[list[Any]], told: str, where: Context) -> None:
    with pytest.raises(SourceError, match=told):
        read(where, sheet)


@pytest.mark.parametrize("content", [b"", b"<html>fel</html>", book(CRIME)[:500]])
def test_what_is_no_whole_excel_file_is_refused(content: bytes, where: Context) -> None:
    with pytest.raises(SourceError, match=f"{HOME}.xlsx: filen är ingen hel Excelfil"):
        BraIndicators().parse([document(content)], where)


def test_two_files_that_disagree_about_the_country_are_refused(where: Context) -> None:
    other = [*CRIME[:3], ["Provby", *CRIME[3][1:]], ["Hela landet", 9000, 90, 9999, 91]]
    documents = [document(book(CRIME)), document(book(other), "Provby")]
    with pytest.raises(SourceError, match="BI_BIL för område 0000 år 2024 är olika i två filer"):
        BraIndicators().parse(documents, where)


def test_all_290_workbooks_are_found_and_read(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    client = http.Client("bra_indicators", Archive(settings), settings.state_file, "Prov")
    with world.known(world.municipalities()) as store, StandIn(world.BraRoutes()) as server:
        where = Context(settings, server.url, NOW, None, store)
        documents = BraIndicators().fetch(where, client.ask, lambda done, known: None)
        batch = BraIndicators().parse(documents, where)
        BraIndicators().validate(batch, where)
    codes = batch.tables["observation"]["code"]
    assert set(world.municipalities()) <= set(codes)
    assert len(documents) == 291


def test_too_few_links_and_unknown_names_are_refused(where: Context) -> None:
    def page(*names: str) -> Document:
        links = "".join(f'<a href="/download/18.1a/17/{name}.xlsx">x</a>' for name in names)
        return Document(Request("http://x/p", "page"), "p", NOW, "0", links.encode())

    with pytest.raises(SourceError, match="länkar till 1 kommuners filer, väntade 290"):
        BraIndicators().follow(page(HOME), where)
    with pytest.raises(SourceError, match=r"länken Atlantis\.xlsx är ingen känd kommun"):
        BraIndicators().follow(page(HOME, "Atlantis"), where)


def test_workbooks_without_the_crime_indicators_are_refused(where: Context) -> None:
    with pytest.raises(SourceError, match="indikatorer saknas i alla filer"):
        BraIndicators().validate(read(where, SURVEY), where)


def test_the_real_figures_of_dalarna_come_back_equal(shared: Path) -> None:
    file = shared / "data" / "bra" / "kommunindikatorer_dalarna.csv"
    published = dalarna.read(file)
    books = dalarna.workbooks(file)
    codes = pl.read_csv(shared / "data" / "kolada" / "municipality.csv", infer_schema=False)
    names = {code: name for code, name in codes.select("id", "title").iter_rows() if name in books}
    assert len(names) == 15
    with world.known(names) as store:
        where = Context(Settings(home=Path("unused")), "http://x", NOW, None, store)
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
