"""Brå's indicators for municipalities' situational picture: one workbook a municipality.

The layout of a sheet may shift; its meaning may not. A sheet's heading says which indicator it is,
the rows above the first area are its column headings, and each column must say year and measure.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote, urljoin

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from lagesbild import reference
from lagesbild.warehouse import row_of
from pipelines.contract import Batch, Context, Document, Request, Source, require_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINK = re.compile(r"""href=["']([^"']*/download/18\.[^"']+/\d+/([^"'/]+)\.xlsx)["']""", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:\s*[/–-]\s*(\d{2,4}))?(?!\d)")
_WITHHELD = {"..": "suppressed", "-": "suppressed", "–": "suppressed", "": "missing"}
_FEWEST_WORKBOOKS = 280
_SCHEMA = {
    "indicator_id": pl.String, "code": pl.String, "period_start": pl.Date, "period_kind": pl.String,
    "count": pl.Int64, "count_basis": pl.String, "rate": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
    "status": pl.String, "fetch_id": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class _Column:
    """What a column holds: the (last) year and count, rate, lower or upper."""

    year: int
    measure: str


class BraIndicators(Source):
    """Reads the workbooks of all municipalities."""

    id: ClassVar[str] = "bra_indicators"

    def discover(self, context: Context) -> list[Request]:
        """Ask for the page with the links, whose ids change with every publication."""
        return [Request(f"{context.base_url}/statistik/indikatorer-for-kommuners-lagesbild", "page")]

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Ask for each municipality's workbook."""
        if document.request.part != "page":
            return []
        page = html.unescape(document.content.decode("utf-8", errors="replace"))
        names = reference.MunicipalityNames(context.municipalities())
        books: dict[str, Request] = {}
        for link, file_name in _LINK.findall(page):
            name = unquote(file_name)
            code = names.code(name)
            if code is None:
                raise self.error(f"{document.request.url}: länken {name}.xlsx är ingen känd kommun")
            url = urljoin(context.base_url + "/", quote(link, safe="/:%"))
            books.setdefault(code, Request(url, "workbook", tags={"municipality": name}))
        if len(books) < _FEWEST_WORKBOOKS:
            raise self.error(
                f"{document.request.url}: sidan länkar till {len(books)} kommuners filer, väntade 290"
            )
        return [books[code] for code in sorted(books)]

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return indicators and observations of municipalities, counties (00NN) and the country (0000)."""
        names = reference.MunicipalityNames(context.municipalities())
        batch = Batch()
        rows: dict[tuple[str, str, int], dict[str, Any]] = {}
        unknown: set[str] = set()
        first_seen: dict[str, str] = {}
        for document in documents:
            if document.request.part != "workbook":
                continue
            before = len(rows)
            for title, sheet in self._sheets(document):
                entry = _entry(title)
                if entry is None:
                    unknown.add(title[:60])
                    continue
                first_seen.setdefault(entry["id"], document.fetch_id)
                for row in self._sheet(entry, sheet, document, names):
                    self._add(rows, row, document)
            batch.rows_by_document[document.fetch_id] = len(rows) - before
        batch.tables["indicator"] = _indicators(first_seen)
        batch.tables["observation"] = pl.DataFrame(list(rows.values()), schema=_SCHEMA)
        if unknown:
            batch.remarks.append(f"blad som inte känns igen: {'; '.join(sorted(unknown)[:5])}")
        return batch

    def _sheets(self, document: Document) -> list[tuple[str, list[list[Any]]]]:
        """Return (heading, rows) of each sheet that holds areas."""
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(document.content))
            sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
            raise self.error(
                f"{_book(document)}: filen är ingen hel Excelfil ({type(error).__name__})"
            ) from error
        found = []
        for rows in sheets:
            heading = next((str(cell).strip() for row in rows[:3] for cell in row if str(cell).strip()), "")
            if any(_text(row[0]) == "Hela landet" for row in rows if row):
                found.append((heading, rows))
        if not found:
            raise self.error(f"{_book(document)}: inget blad har raden Hela landet")
        return found

    def _sheet(
        self,
        entry: dict[str, str],
        rows: list[list[Any]],
        document: Document,
        names: reference.MunicipalityNames,
    ) -> list[dict[str, Any]]:
        place = f"{_book(document)}, blad {entry['title']}"
        areas = [(number, _area(_text(row[0]), names)) for number, row in enumerate(rows) if row]
        first = next((number for number, code in areas if code), None)
        if first is None:
            raise self.error(f"{place}: ingen rad är en kommun, ett län eller Hela landet")
        columns = self._columns(entry, rows[1:first] or rows[:first], place)
        last = max(column.year for column in columns.values())
        if last > document.fetched_at.year:
            raise self.error(f"{place}: kolumnen för år {last} ligger i framtiden")
        own = names.code(document.request.tags["municipality"])
        if own not in {code for _, code in areas}:
            raise self.error(f"{place}: raden för {document.request.tags['municipality']} saknas")
        found = []
        for number, code in areas:
            if code:
                found += self._row(
                    entry, code, rows[number], columns, f"{place} rad {number + 1}", document.fetch_id
                )
        return found

    def _columns(self, entry: dict[str, str], heads: list[list[Any]], place: str) -> dict[int, _Column]:
        """Return what each column holds, from up to three heading rows with merged cells."""
        filled = [
            _fill_forward(row) if number < len(heads) - 1 else [_text(c) for c in row]
            for number, row in enumerate(heads[-3:])
        ]
        columns = {}
        for index in range(1, max((len(row) for row in filled), default=0)):
            text = " ".join(row[index] for row in filled if index < len(row))
            year, measure = _YEAR.search(text), _measure(_YEAR.sub(" ", text), entry)
            if year and measure:
                columns[index] = _Column(_last_year(year), measure)
            elif text.strip():
                raise self.error(f"{place}: kolumn {index + 1} har rubriken {text!r}, väntade år och mått")
        needed = (
            {"count", "rate"}
            if entry["kind"] == "reported"
            else {"count"}
            if entry["kind"] == "respondents"
            else {"rate", "lower", "upper"}
        )
        lacking = sorted(needed - {column.measure for column in columns.values()})
        if lacking:
            raise self.error(f"{place}: kolumner för {', '.join(lacking)} saknas")
        if len(set(columns.values())) < len(columns):
            raise self.error(f"{place}: två kolumner har samma år och mått")
        return columns

    def _row(
        self,
        entry: dict[str, str],
        code: str,
        row: list[Any],
        columns: dict[int, _Column],
        place: str,
        fetch_id: str,
    ) -> list[dict[str, Any]]:
        by_year: dict[int, dict[str, Any]] = {}
        for index, column in columns.items():
            value = self._value(row[index] if index < len(row) else "", f"{place} kolumn {index + 1}")
            by_year.setdefault(column.year, {})[column.measure] = value
        return [
            self._observation(entry, code, year, values, place, fetch_id) for year, values in by_year.items()
        ]

    def _observation(
        self, entry: dict[str, str], code: str, year: int, values: dict[str, Any], place: str, fetch_id: str
    ) -> dict[str, Any]:
        numbers = {name: value for name, value in values.items() if isinstance(value, float)}
        words = [value for value in values.values() if isinstance(value, str)]
        main = "rate" if "rate" in values else "count"
        status = "final" if main in numbers else (words[0] if words else "missing")
        if status != "final":
            numbers = {}
        limits = (numbers.get("lower"), numbers.get("upper"))
        if status == "final" and None not in limits and not limits[0] <= numbers["rate"] <= limits[1]:  # type: ignore[operator]
            raise self.error(f"{place} år {year}: värdet {numbers['rate']} ligger utanför sin felmarginal")
        count = numbers.get("count")
        return {
            "indicator_id": entry["id"], "code": code, "period_start": date(year, 1, 1), "period_kind": "year",
            "count": int(count) if count is not None else None,
            "count_basis": "published" if count is not None else None,
            "rate": numbers.get("rate"), "lower": limits[0], "upper": limits[1],
            "status": status, "fetch_id": fetch_id,
        }  # fmt: skip

    def _value(self, cell: Any, place: str) -> float | str:
        """Return the number in a cell, or the status that its sign stands for."""
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            number = float(cell)
        else:
            text = re.sub(r"[\s\u00a0\u202f]", "", _text(cell)).replace(",", ".")
            if text in _WITHHELD:
                return _WITHHELD[text]
            try:
                number = float(text)
            except ValueError:
                raise self.error(f"{place}: {cell!r} är inget tal") from None
        if not 0 <= number < 1e9:
            raise self.error(f"{place}: {cell!r} är orimligt")
        return number

    def _add(
        self, rows: dict[tuple[str, str, int], dict[str, Any]], row: dict[str, Any], document: Document
    ) -> None:
        """Keep one row an area; counties and the country stand in many workbooks and must agree."""
        key = (row["indicator_id"], row["code"], row["period_start"].year)
        other = rows.setdefault(key, row)
        same = all(other[name] == row[name] for name in ("count", "rate", "lower", "upper", "status"))
        if not same:
            raise self.error(
                f"{_book(document)}: {key[0]} för område {key[1]} år {key[2]} är olika i två filer"
            )

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse an answer without the crime indicators or with far fewer values than are stored."""
        observations = batch.tables["observation"]
        crimes = {row["id"] for row in reference.read_csv("bra_indicators.csv") if row["kind"] == "reported"}
        lacking = sorted(crimes - set(observations["indicator_id"].to_list()))
        if lacking:
            raise self.error(f"indikatorer saknas i alla filer: {', '.join(lacking)}")
        if context.stored is not None and context.municipalities():
            row = row_of(
                context.stored,
                "SELECT count(*) FROM observation JOIN indicator ON id = indicator_id WHERE source_id = ?",
                [self.id],
            )
            require_rows(self, int(row[0]) if row else 0, observations.height, "värden")


def _entry(heading: str) -> dict[str, str] | None:
    """Return the indicator whose title the heading begins with, the longest one first."""
    folded = _fold(heading)
    fitting = [
        row for row in reference.read_csv("bra_indicators.csv") if folded.startswith(_fold(row["title"]))
    ]
    return max(fitting, key=lambda row: len(row["title"]), default=None)


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _fill_forward(row: list[Any]) -> list[str]:
    """Give every cell of a merged range the text of its first cell."""
    filled, last = [], ""
    for cell in row:
        last = _text(cell) or last
        filled.append(last)
    return filled


def _area(name: str, names: reference.MunicipalityNames) -> str | None:
    if name.casefold() == "hela landet":
        return reference.COUNTRY_CODE
    counties = {reference.normalise_name(title): code for code, title in reference.counties().items()}
    county = counties.get(reference.normalise_name(name))
    return f"00{county}" if county else names.code(name)


def _measure(text: str, entry: dict[str, str]) -> str | None:
    folded = text.casefold()
    if entry["kind"] == "respondents":
        return "count"
    for word, measure in (
        ("undre", "lower"),
        ("övre", "upper"),
        ("per 100", "rate"),
        ("andel", "rate"),
        ("antal", "count"),
    ):
        if word in folded:
            return measure
    return "rate" if "%" in folded else None


def _last_year(found: re.Match[str]) -> int:
    if not found[2]:
        return int(found[1])
    return int(found[1][: 4 - len(found[2])] + found[2])


def _indicators(first_seen: dict[str, str]) -> pl.DataFrame:
    two_years = " Värdet gäller två år tillsammans; året är det senare."
    return pl.DataFrame(
        [
            {"id": row["id"], "source_id": BraIndicators.id, "source_key": row["title"], "title_sv": row["title"],
             "short_sv": row["short"], "category": row["category"], "kind": row["kind"], "unit": row["unit"],
             "direction": row["direction"],
             "definition_sv": row["title"] + "." + (two_years if row["id"].startswith("NTU_") else ""),
             "fetch_id": first_seen[row["id"]]}
            for row in reference.read_csv("bra_indicators.csv")
            if row["id"] in first_seen
        ]
    )  # fmt: skip


def _book(document: Document) -> str:
    return f"{document.request.tags['municipality']}.xlsx"
