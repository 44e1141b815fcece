"""Brå's yearly CSV files: every shape they have had is read, anything else is refused by row and field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lagesbild.config import Settings
from pipelines import http
from pipelines.archive import Archive
from pipelines.bra_open_data import BraOpenData
from pipelines.contract import Batch, Context, Document, Request, SourceError
from tests import world
from tests.sources.server import StandIn

NAMES = {"1801": "Ale", "1802": "Arjeplog", "1803": "Malung-Sälen", "1804": "Borås", "1805": "Malmö"}
NOW = datetime(2026, 4, 1, tzinfo=UTC)
HEADER = "Kommun;Antal;Per 100 000 inv.\r\n"


@pytest.fixture
def where() -> Iterator[Context]:
    with world.known(NAMES) as store:
        yield Context(Settings(home=Path("unused")), "http://x", NOW, None, store)


def document(text: str, year: int = 2024, encoding: str = "utf-8-sig") -> Document:
    request = Request(f"http://x/{year}.csv", "year", tags={"year": str(year)})
    return Document(request, f"bra-{year}", NOW, "0" * 64, text.encode(encoding))


def rows(*names: str, count: str = "950", rate: str = "9 500") -> str:
    return "".join(f"{name};{count};{rate}\r\n" for name in (names or NAMES.values()))


def read(where: Context, *documents: Document) -> Batch:
    source = BraOpenData()
    batch = source.parse(documents, where)
    source.validate(batch, where)
    return batch


def test_the_shape_of_2024_with_header_byte_order_mark_and_spaces_in_thousands(where: Context) -> None:
    text = HEADER + rows(*list(NAMES.values())[1:]) + "Ale;1\u00a0005;10 050\r\n"
    found = read(where, document(text)).tables["observation"].filter(code="1801").row(0, named=True)
    assert (found["count"], found["rate"], found["status"]) == (1005, 10_050.0, "final")
    assert found["count_basis"] == "published"


def test_the_shape_of_2021_without_header_with_genitives_districts_and_an_en_dash(where: Context) -> None:
    text = rows("Ale kommun", "Arjeplogs kommun", "Malung–Sälens kommun", "Borås stad", "Malmö stad") + rows(
        "Malmö Söder stadsområde", "Rosengård"
    )
    assert sorted(read(where, document(text, 2021)).tables["observation"]["code"]) == sorted(NAMES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_other_encodings_that_have_been_used_are_read_right(encoding: str, where: Context) -> None:
    if encoding in {"latin-1", "cp1252"}:  # nobody promised them: refused rather than guessed
        with pytest.raises(SourceError, match="UTF-8"):
            read(where, document(HEADER + rows(), encoding=encoding))
    else:
        assert read(where, document(HEADER + rows(), encoding=encoding)).rows == len(NAMES) + 1


def test_blank_lines_mean_nothing(where: Context) -> None:
    assert read(where, document("\r\n" + HEADER + rows() + ";;\r\n\r\n")).tables["observation"].height == 5


def test_every_year_linked_from_the_page_is_read(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    client = http.Client("bra_open_data", Archive(settings), settings.state_file, "Prov")
    with world.known(world.municipalities()) as store, StandIn(world.BraRoutes()) as server:
        where = Context(settings, server.url, NOW, None, store)
        documents = BraOpenData().fetch(where, client.ask, lambda done, known: None)
        observations = read(where, *documents).tables["observation"]
    counted = {(c, y): n for (c, y), n in world.crimes("N07540", 0.1).items() if y in {2024, 2025}}
    ours = observations.select("code", pl.col("period_start").dt.year(), "count").iter_rows()
    assert {(code, year): count for code, year, count in ours} == counted


@pytest.mark.parametrize(
    ("link", "year"),
    [
        ("/download/18.1/1/anmalda_brott_kommuner_2021.csv", "2021"),
        ("/download/18.1/1/Anmalda%20brott%20i%20kommunerna%202023.csv", "2023"),
        ("/download/18.1/1/Anm%C3%A4lda%20brott%20kommunerna%202024.csv", "2024"),
        ("/download/18.1/1/Anmälda brott kommunerna 2025.csv", "2025"),
    ],
)
def test_every_file_name_that_has_been_used_is_known(link: str, year: str, where: Context) -> None:
    page = f'<a href="{link}">fil</a><a href="/annat_2020.csv">annat</a>'.encode()
    found = BraOpenData().follow(Document(Request("http://x/p", "page"), "p", NOW, "0", page), where)
    assert [request.tags["year"] for request in found] == [year]
    assert " " not in found[0].url


def test_a_page_without_links_is_refused(where: Context) -> None:
    page = Document(Request("http://x/p", "page"), "p", NOW, "0", b"<html></html>")
    with pytest.raises(SourceError, match="har inga länkar till anmälda brott per kommun"):
        BraOpenData().follow(page, where)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Område;Siffra;Tal\r\n" + rows(), "2024: rubrikraden är 'Område;Siffra;Tal'"),
        (HEADER + rows() + "Ale;5\r\n", "2024 rad 6: 2 fält, väntade 3"),
        (HEADER + rows(count="x"), "2024 rad 1: fältet Antal är inget tal: 'x'"),
        (HEADER + rows(count="-4"), "fältet Antal är inget tal: '-4'"),
        (HEADER + rows(rate=".."), "2024 rad 1: fältet Per 100 000 inv. är inget tal: '..'"),
        (HEADER + rows() + rows("Ale"), "2024 rad 6: Ale finns flera gånger"),
        (HEADER + rows("Ale", "Arjeplog"), r"2024: 3 kommuner saknas \(Malung-Sälen, Borås, Malmö\)"),
        (HEADER, "2024: 5 kommuner saknas"),
        ("", "2024: 5 kommuner saknas"),
        (HEADER.replace(";", ",") + rows().replace(";", ","), "2024"),
        (HEADER + rows(count="5", rate="90000"), "antal 5 och 90000.0 per 100 000 hör inte ihop"),
        (HEADER + rows(count="0", rate="0"), "antal 0 och 0.0 per 100 000 hör inte ihop"),
        (HEADER + rows(count="5", rate="0"), "antal 5 och 0.0 per 100 000 hör inte ihop"),
        (HEADER + rows(count="701.9"), "2024 rad 1: fältet Antal är inget heltal: '701.9'"),
    ],
)
def test_a_faulty_file_is_told_by_year_row_and_field(text: str, told: str, where: Context) -> None:
    with pytest.raises(SourceError, match=told):
        read(where, document(text))


def test_far_fewer_values_than_stored_are_refused(where: Context) -> None:
    assert isinstance(where.stored, duckdb.DuckDBPyConnection)
    years = [document(HEADER + rows(count=str(year)), 2022 + n) for n, year in enumerate((940, 950, 960))]
    BraOpenData().load(read(where, *years), where.stored)
    with pytest.raises(SourceError, match="5 värden men 15 är lagrade"):
        read(where, years[0])


def test_one_years_file_in_place_of_anothers_is_refused(where: Context) -> None:
    text = HEADER + rows()
    with pytest.raises(SourceError, match="filerna för 2023 och 2024 har samma antal i alla kommuner"):
        read(where, document(text, 2023), document(text, 2024))


def test_columns_in_the_wrong_order_do_not_fit_the_known_population(where: Context) -> None:
    assert isinstance(where.stored, duckdb.DuckDBPyConnection)
    for code in NAMES:
        where.stored.execute(
            "INSERT INTO population VALUES (?, 2024, 'year_end', 'published', 10000, 'f')", [code]
        )
    read(where, document(HEADER + rows()))
    with pytest.raises(SourceError, match="stämmer inte med folkmängden"):
        read(where, document(HEADER + rows(count="9500", rate="950")))


def test_a_link_to_a_year_to_come_is_not_followed(where: Context) -> None:
    page = b'<a href="/download/18.1/1/anmalda_brott_kommuner_9999.csv">x</a>'
    with pytest.raises(SourceError, match="har inga länkar"):
        BraOpenData().follow(Document(Request("http://x/p", "page"), "p", NOW, "0", page), where)
