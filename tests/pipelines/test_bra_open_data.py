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
from pipelines.archive import RawArchive
from pipelines.contract import Batch, Document, Request, RunContext, SourceError
from pipelines.registry import SOURCES
from pipelines.sources.bra_open_data import PAGES, BraOpenData
from tests import world
from tests.sources import bra_server
from tests.sources.server import Answer, Routes, StandIn

NAMES = {"1801": "Ale", "1802": "Arjeplog", "1803": "Malung-Sälen", "1804": "Borås", "1805": "Malmö"}
NOW = datetime(2026, 4, 1, tzinfo=UTC)
HEADER = "Kommun;Antal;Per 100 000 inv.\r\n"


@pytest.fixture
def where() -> Iterator[RunContext]:
    with world.known(NAMES) as store:
        yield RunContext(
            settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
        )


def document(text: str, year: int = 2024, encoding: str = "utf-8-sig") -> Document:
    request = Request(url=f"http://x/{year}.csv", part="year", tags={"year": str(year)})
    return Document(
        request=request,
        fetch_id=f"bra-{year}",
        fetched_at=NOW,
        sha256="0" * 64,
        content=text.encode(encoding),
    )


def rows(*names: str, count: str = "950", rate: str = "9 500") -> str:
    return "".join(f"{name};{count};{rate}\r\n" for name in (names or NAMES.values()))


def read(where: RunContext, *documents: Document) -> Batch:
    source = BraOpenData()
    batch = source.parse(documents, where)
    source.validate(batch, where)
    return batch


def test_the_shape_of_2024_with_header_byte_order_mark_and_spaces_in_thousands(where: RunContext) -> None:
    text = HEADER + rows(*list(NAMES.values())[1:]) + "Ale;1\u00a0005;10 050\r\n"
    found = read(where, document(text)).tables["observation"].filter(code="1801").row(0, named=True)
    assert (found["count"], found["rate"], found["status"]) == (1005, 10_050.0, "final")
    assert found["count_basis"] == "published"


def test_the_shape_of_2021_without_header_with_genitives_districts_and_an_en_dash(where: RunContext) -> None:
    text = rows("Ale kommun", "Arjeplogs kommun", "Malung–Sälens kommun", "Borås stad", "Malmö stad") + rows(
        "Malmö Söder stadsområde", "Rosengård"
    )
    assert sorted(read(where, document(text, 2021)).tables["observation"]["code"]) == sorted(NAMES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_other_encodings_that_have_been_used_are_read_right(encoding: str, where: RunContext) -> None:
    if encoding in {"latin-1", "cp1252"}:  # nobody promised them: refused rather than guessed
        with pytest.raises(SourceError, match="UTF-8"):
            read(where, document(HEADER + rows(), encoding=encoding))
    else:
        assert read(where, document(HEADER + rows(), encoding=encoding)).rows == len(NAMES) + 1


def test_blank_lines_mean_nothing(where: RunContext) -> None:
    assert read(where, document("\r\n" + HEADER + rows() + ";;\r\n\r\n")).tables["observation"].height == 5


def fetched(home: Path, routes: Routes, store: duckdb.DuckDBPyConnection) -> tuple[Batch, list[str]]:
    """Ask the stand-in over HTTP, read and check what it answers; with the addresses asked."""
    settings = Settings(home=home)
    client = http.Client(
        "bra_open_data", RawArchive(settings), settings.state_file, "Prov", SOURCES["bra_open_data"].policy
    )
    with StandIn(routes) as server:
        where = RunContext(settings=settings, base_url=server.url, now=NOW, since=None, stored=store)
        documents = BraOpenData().fetch(where, client.ask, lambda done, known: None)
        batch = read(where, *documents)
    return batch, [call.path for call in server.calls]


@pytest.fixture
def country() -> Iterator[duckdb.DuckDBPyConnection]:
    with world.known(world.municipalities()) as store:
        yield store


def years(batch: Batch) -> list[int]:
    return sorted(batch.tables["observation"]["period_start"].dt.year().unique())


def test_every_year_linked_from_the_page_is_read(tmp_path: Path, country: duckdb.DuckDBPyConnection) -> None:
    batch, _ = fetched(tmp_path, world.bra(), country)
    counted = {(c, y): n for (c, y), n in world.crimes("N07540", 0.1).items() if y in {2024, 2025}}
    ours = batch.tables["observation"].select("code", pl.col("period_start").dt.year(), "count").iter_rows()
    assert {(code, year): count for code, year, count in ours} == counted
    assert batch.remarks == []


@pytest.mark.parametrize("page", [bra_server.REPORTED, bra_server.REPORTED_TOO, bra_server.OPEN_DATA])
def test_the_page_is_found_wherever_it_is(
    page: str, tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    batch, asked = fetched(tmp_path, world.bra(pages=(page,)), country)
    assert years(batch) == [2024, 2025]
    assert asked[: -len(years(batch))] == list(PAGES[: PAGES.index(page) + 1])


def test_a_page_without_links_is_passed_over_for_the_next(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    sound = world.bra()

    def moved(method: str, path: str, query: dict[str, str], body: object) -> Answer:
        return (
            (200, {}, b"<html>Sidan har flyttat</html>")
            if path == PAGES[0]
            else sound(method, path, query, body)
        )

    assert years(fetched(tmp_path, moved, country)[0]) == [2024, 2025]


def test_when_no_address_has_the_page_one_line_tells_of_all(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(SourceError) as error:
        fetched(tmp_path, world.bra(pages=()), country)
    assert all(path in str(error.value) for path in PAGES)
    assert "svarade med felkod 404" in str(error.value)
    assert "\n" not in str(error.value)


def test_the_stand_in_refuses_the_doubtful_page_and_files_that_are_not_linked(tmp_path: Path) -> None:
    """It used to answer `oppna-data.html` and any address that ended with the year."""
    settings = Settings(home=tmp_path)
    client = http.Client(
        "bra_open_data", RawArchive(settings), settings.state_file, "Prov", SOURCES["bra_open_data"].policy
    )
    with StandIn(world.bra()) as server:
        client.ask(Request(url=server.url + bra_server.yearly_link(2024), part="year"))
        for path in (
            bra_server.OPEN_DATA,
            "/download/18.1a/17/Anm%C3%A4lda%20brott%20kommunerna%202024.csv",
            bra_server.yearly_link(2023),
            f"{bra_server.REPORTED}?year=2024",
        ):
            with pytest.raises(SourceError, match="svarade med felkod 404"):
                client.ask(Request(url=server.url + path, part="year"))


def test_the_real_pages_link_is_found(shared: Path, where: RunContext) -> None:
    content = (
        shared / "data" / "formats" / "cases" / "bra_open_data_page" / "anmalda-brott.html"
    ).read_bytes()
    (found,) = BraOpenData().follow(
        Document(
            request=Request(url="http://x/p", part="page"),
            fetch_id="p",
            fetched_at=NOW,
            sha256="0",
            content=content,
        ),
        where,
    )
    assert found.tags == {"year": "2025"}
    assert found.url.endswith("/1774625599791/Anm%C3%A4lda%20brott%20kommunerna%202025.csv")


def test_one_year_on_the_page_is_added_to_those_stored(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    older = {year: world.bra_csv(year) for year in (2021, 2022, 2023, 2024)}
    BraOpenData().load(fetched(tmp_path, world.bra(csv_files=older), country)[0], country)
    batch, _ = fetched(tmp_path, world.bra(csv_files={2025: world.bra_csv(2025)}), country)
    assert BraOpenData().load(batch, country).new == 290
    assert country.execute("SELECT count(*) FROM observation").fetchone() == (5 * 290,)


def test_a_file_that_is_gone_is_named_and_the_other_years_are_read(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    gone = frozenset({"Anmälda brott kommunerna 2024.csv"})
    batch, _ = fetched(tmp_path, world.bra(gone=gone), country)
    assert years(batch) == [2025]
    assert batch.remarks == ["2024: filen kunde inte hämtas"]


def lines(year: int, keep: int = 290) -> list[str]:
    """The rows of a year's file, the header first."""
    return world.bra_csv(year).decode("utf-8-sig").splitlines()[: keep + 1]


def a_file(rows: list[str]) -> bytes:
    return "\r\n".join(rows).encode("utf-8-sig")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (a_file(lines(2024, 279)), "2024: 11 kommuner saknas"),
        (a_file(["Område;Siffra;Tal", *lines(2024)[1:]]), "2024: rubrikraden är"),
        (a_file(lines(2024)).decode().encode("utf-16"), "UTF-8"),
        (a_file(lines(2025)), "2024: filen har samma antal i alla kommuner som 2025"),
        (b"<html>fel</html>", "2024"),
        (b"", "2024: 290 kommuner saknas"),
    ],
)
def test_a_faulty_year_is_named_and_the_other_years_are_read(
    content: bytes, told: str, tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    BraOpenData().load(
        fetched(tmp_path, world.bra(csv_files={2025: world.bra_csv(2025)}), country)[0], country
    )
    batch, _ = fetched(tmp_path, world.bra(csv_files={2024: content, 2025: world.bra_csv(2025)}), country)
    assert years(batch) == [2025]
    (remark,) = batch.remarks
    assert told in remark
    assert remark.endswith("året läses inte in")


def test_a_municipality_that_is_missing_is_named_and_the_others_are_read(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    batch, _ = fetched(tmp_path, world.bra(csv_files={2024: a_file(lines(2024, 288))}), country)
    missing = list(world.municipalities().values())[288:]
    assert batch.tables["observation"].height == 288
    assert batch.remarks == [f"2024: 2 kommuner saknas ({', '.join(missing)})"]


def test_a_faulty_row_is_named_and_the_others_are_read(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    rows = lines(2024)
    rows[7] = rows[7].split(";")[0] + ";..;.."
    batch, _ = fetched(tmp_path, world.bra(csv_files={2024: a_file(rows)}), country)
    assert batch.tables["observation"].height == 289
    assert batch.remarks[0] == "2024 rad 7: fältet Antal är inget tal: '..'"


def test_a_year_with_fewer_municipalities_than_stored_is_named_and_the_stored_stay(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    BraOpenData().load(fetched(tmp_path, world.bra(), country)[0], country)
    fewer = {2024: a_file(lines(2024, 285)), 2025: world.bra_csv(2025)}
    batch, _ = fetched(tmp_path, world.bra(csv_files=fewer), country)
    assert years(batch) == [2025]
    assert "2024: 285 kommuner men 290 är lagrade; saknas: Prov" in batch.remarks[0]
    BraOpenData().load(batch, country)
    assert country.execute("SELECT count(*) FROM observation").fetchone() == (2 * 290,)


def test_an_old_years_file_under_a_new_name_is_refused(
    tmp_path: Path, country: duckdb.DuckDBPyConnection
) -> None:
    BraOpenData().load(
        fetched(tmp_path, world.bra(csv_files={2024: world.bra_csv(2024)}), country)[0], country
    )
    with pytest.raises(SourceError, match="2025: filen har samma antal i alla kommuner som 2024"):
        fetched(tmp_path, world.bra(csv_files={2025: world.bra_csv(2024)}), country)


def test_the_real_names_are_all_found_falun_and_heby_too(shared: Path) -> None:
    """Brå's file of 2021 has official names, as `shared` cases rebuild it; SOL writes Heby's at length."""
    codes = pl.read_csv(shared / "data" / "kolada" / "municipality.csv", infer_schema=False)
    names = {
        code: name
        for code, name in codes.select("id", "title").iter_rows()
        if code[:2] != "00" and len(code) == 4
    }
    assert len(names) == 290
    text = (shared / "data" / "cases" / "08-falu-stops-source" / "falu.csv").read_text("utf-8-sig")
    assert "Falu kommun;" in text
    text = text.replace("Heby kommun;", "Heby kommun (Uppsala län from 2007);") + rows(
        "Rosengård", "Hisingen"
    )
    with world.known(names) as store:
        batch = read(
            RunContext(
                settings=Settings(home=Path("unused")), base_url="http://x", now=NOW, since=None, stored=store
            ),
            document(text, 2021),
        )
    assert set(batch.tables["observation"]["code"]) == set(names)
    assert batch.remarks == [
        "2021: 2 rader är stadsdelar eller annat som inte är kommuner (Rosengård, Hisingen)",
        "årsfilen finns bara till 2021; 2022–2024 saknas hos källan",
    ]


def test_rates_rounded_to_three_digits_are_no_contradiction(where: RunContext) -> None:
    assert where.stored is not None
    for code in NAMES:
        where.stored.execute(
            "INSERT INTO population VALUES (?, 2024, 'year_end', 'published', 2349, 'f')", [code]
        )
    text = HEADER + rows(count="83", rate="3 530")  # 83 of 2 349 is 3 533.4
    assert read(where, document(text)).tables["observation"]["rate"].to_list() == [3530.0] * 5


@pytest.mark.parametrize(
    ("link", "year"),
    [
        ("/download/18.1/1/anmalda_brott_kommuner_2021.csv", "2021"),
        ("/download/18.1/1/Anmalda%20brott%20i%20kommunerna%202023.csv", "2023"),
        ("/download/18.1/1/Anm%C3%A4lda%20brott%20kommunerna%202024.csv", "2024"),
        ("/download/18.1/1/Anmälda brott kommunerna 2025.csv", "2025"),
    ],
)
def test_every_file_name_that_has_been_used_is_known(link: str, year: str, where: RunContext) -> None:
    page = f'<a href="{link}">fil</a><a href="/annat_2020.csv">annat</a>'.encode()
    found = BraOpenData().follow(
        Document(
            request=Request(url="http://x/p", part="page"),
            fetch_id="p",
            fetched_at=NOW,
            sha256="0",
            content=page,
        ),
        where,
    )
    assert [request.tags["year"] for request in found] == [year]
    assert " " not in found[0].url


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Område;Siffra;Tal\r\n" + rows(), "2024: rubrikraden är 'Område;Siffra;Tal'"),
        (
            HEADER + rows("Ale;5;9", "Arjeplog", "Malung-Sälen", "Borås") + "Malmö;5\r\n",
            "2024 rad 5: 2 fält, väntade 3",
        ),
        (HEADER + rows() + "Ale;5\r\n", "2024 rad 6: Ale finns flera gånger"),
        (HEADER + rows(count="x"), "2024 rad 1: fältet Antal är inget tal: 'x'"),
        (HEADER + rows(count="-4"), "fältet Antal är inget tal: '-4'"),
        (HEADER + rows(rate=".."), "2024 rad 1: fältet Per 100 000 inv. är inget tal: '..'"),
        (HEADER + rows() + rows("Ale"), "2024 rad 6: Ale finns flera gånger"),
        (HEADER + rows("Ale", "Arjeplog"), r"2024: 3 kommuner saknas \(Malung-Sälen, Borås, Malmö\)"),
        (HEADER, "2024: 5 kommuner saknas"),
        ("", "2024: 5 kommuner saknas"),
        (HEADER.replace(";", ",") + rows().replace(";", ","), "2024"),
        (HEADER + rows(count="5", rate="90000"), "antal 5 och 90000 per 100 000 hör inte ihop"),
        (HEADER + rows(count="0", rate="0"), "antal 0 och 0 per 100 000 hör inte ihop"),
        (HEADER + rows(count="5", rate="0"), "antal 5 och 0 per 100 000 hör inte ihop"),
        (HEADER + rows(count="701.9"), "2024 rad 1: fältet Antal är inget heltal: '701.9'"),
    ],
)
def test_a_faulty_file_is_told_by_year_row_and_field(text: str, told: str, where: RunContext) -> None:
    with pytest.raises(SourceError, match=told):
        read(where, document(text))


def test_one_years_file_in_place_of_anothers_is_refused(where: RunContext) -> None:
    text = HEADER + rows()
    with pytest.raises(SourceError, match="2023: filen har samma antal i alla kommuner som 2024"):
        read(where, document(text, 2023), document(text, 2024))


def test_columns_in_the_wrong_order_do_not_fit_the_known_population(where: RunContext) -> None:
    assert isinstance(where.stored, duckdb.DuckDBPyConnection)
    for code in NAMES:
        where.stored.execute(
            "INSERT INTO population VALUES (?, 2024, 'year_end', 'published', 10000, 'f')", [code]
        )
    read(where, document(HEADER + rows()))
    with pytest.raises(SourceError, match="stämmer inte med folkmängden"):
        read(where, document(HEADER + rows(count="9500", rate="950")))


def test_a_link_to_a_year_to_come_is_not_followed(where: RunContext) -> None:
    page = b'<a href="/download/18.1/1/anmalda_brott_kommuner_9999.csv">x</a>'
    with pytest.raises(SourceError, match="har inga länkar"):
        BraOpenData().follow(
            Document(
                request=Request(url="http://x/p", part="page"),
                fetch_id="p",
                fetched_at=NOW,
                sha256="0",
                content=page,
            ),
            where,
        )
