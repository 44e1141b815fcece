"""Brå's yearly CSV files of reported crimes per municipality, in all the shapes they have had."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urljoin

import polars as pl

from lagesbild import reference
from lagesbild.warehouse import frame_of, row_of
from pipelines.contract import Batch, Context, Document, Request, Source, require_rows
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

INDICATOR = "BO_TOTALT"
_LINK = re.compile(r"""href=["']([^"']+\.csv)["']""", re.IGNORECASE)
_FILE = re.compile(r"anm[aä]lda[ _]?brott.*kommun.*?(\d{4})\.csv$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f]")


class BraOpenData(Source):
    """Reads every yearly file that the open-data page links to."""

    id: ClassVar[str] = "bra_open_data"

    def discover(self, context: Context) -> list[Request]:
        """Ask for the page with the links, whose ids change."""
        return [Request(f"{context.base_url}/statistik/oppna-data.html", "page")]

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Ask for each file of reported crimes per municipality."""
        if document.request.part != "page":
            return []
        page = document.content.decode("utf-8", errors="replace")
        files: dict[str, str] = {}
        for link in _LINK.findall(page):
            found = _FILE.search(unquote(link.rsplit("/", maxsplit=1)[-1]))
            if found and 2000 <= int(found[1]) <= context.now.year:
                files.setdefault(found[1], urljoin(context.base_url + "/", link.replace(" ", "%20")))
        if not files:
            raise self.error(f"{document.request.url}: sidan har inga länkar till anmälda brott per kommun")
        return [
            Request(url, "year", tags={"year": year}) for year, url in sorted(files.items(), reverse=True)
        ]

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return the indicator and its observations, count and rate as published."""
        names = reference.MunicipalityNames(context.municipalities())
        wanted = dict(context.municipalities())
        rows: list[dict[str, Any]] = []
        batch = Batch()
        fetch_id = ""
        for document in documents:
            if document.request.part != "year":
                continue
            found = self._file(document, names)
            missing = sorted(set(wanted) - {row["code"] for row in found})
            if missing or not found:
                listed = ", ".join(wanted[code] for code in missing[:5]) or "alla"
                raise self.error(
                    f"{document.request.tags['year']}: {len(missing)} kommuner saknas ({listed})"
                )
            batch.rows_by_document[document.fetch_id] = len(found)
            fetch_id = fetch_id or document.fetch_id
            rows += found
        batch.tables["indicator"] = _indicator(fetch_id)
        batch.tables["observation"] = pl.DataFrame(rows).with_columns(
            indicator_id=pl.lit(INDICATOR), period_kind=pl.lit("year"), count_basis=pl.lit("published"),
            lower=pl.lit(None, pl.Float64), upper=pl.lit(None, pl.Float64), status=pl.lit("final"),
        )  # fmt: skip
        return batch

    def _file(self, document: Document, names: reference.MunicipalityNames) -> list[dict[str, Any]]:
        year = int(document.request.tags["year"])
        text = decode(self.id, document, "CSV")
        lines = [
            line
            for line in csv.reader(io.StringIO(text), delimiter=";")
            if any(cell.strip() for cell in line)
        ]
        if lines and not any(character.isdigit() for character in "".join(lines[0][1:2])):
            self._check_header(lines.pop(0), year)
        rows: dict[str, dict[str, Any]] = {}
        for number, line in enumerate(lines, 1):
            if len(line) < 3:
                raise self.error(
                    f"{year} rad {number}: {len(line)} fält, väntade 3 (Kommun;Antal;Per 100 000 inv.)"
                )
            code = names.code(line[0])
            if code is None:  # city districts stand among the municipalities in some years
                continue
            if code in rows:
                raise self.error(f"{year} rad {number}: {line[0].strip()} finns flera gånger")
            rows[code] = {
                "code": code,
                "period_start": date(year, 1, 1),
                "count": self._count(line[1], year, number),
                "rate": self._number(line[2], "Per 100 000 inv.", year, number),
                "fetch_id": document.fetch_id,
            }
        return list(rows.values())

    def _check_header(self, header: list[str], year: int) -> None:
        expected = ("kommun", "antal", "per 100")
        if len(header) < 3 or not all(e in h.casefold() for e, h in zip(expected, header, strict=False)):
            raise self.error(
                f"{year}: rubrikraden är {';'.join(header)!r}, väntade Kommun;Antal;Per 100 000 inv."
            )

    def _count(self, text: str, year: int, row: int) -> int:
        value = self._number(text, "Antal", year, row)
        if not value.is_integer():
            raise self.error(f"{year} rad {row}: fältet Antal är inget heltal: {text!r}")
        return int(value)

    def _number(self, text: str, field: str, year: int, row: int) -> float:
        plain = _SPACES.sub("", text).replace(",", ".")
        if not re.fullmatch(r"\d+(\.\d+)?", plain):
            raise self.error(f"{year} rad {row}: fältet {field} är inget tal: {text!r}")
        return float(plain)

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse files whose counts and rates do not belong together, or that have shrunk."""
        observations = batch.tables["observation"]
        implied = observations.with_columns(people=pl.col("count") / pl.col("rate") * 1e5)
        odd = implied.filter(
            (pl.col("count") == 0) | (pl.col("rate") == 0) | ~pl.col("people").is_between(1_500, 2_000_000)
        )
        if odd.height:
            row = odd.row(0, named=True)
            raise self.error(
                f"kommun {row['code']}: antal {row['count']} och {row['rate']} per 100 000 hör inte ihop"
            )
        self._check_years(observations)
        if context.stored is not None:
            self._check_people(implied, context.stored)
            stored = row_of(
                context.stored, "SELECT count(*) FROM observation WHERE indicator_id = ?", [INDICATOR]
            )
            require_rows(self, int(stored[0]) if stored else 0, observations.height, "värden")

    def _check_years(self, observations: pl.DataFrame) -> None:
        seen: dict[tuple[int, ...], int] = {}
        for (start,), part in observations.group_by("period_start"):
            year = start.year if isinstance(start, date) else 0
            other = seen.setdefault(tuple(part.sort("code")["count"]), year)
            if other != year:
                raise self.error(
                    f"filerna för {min(year, other)} och {max(year, other)} har samma antal i alla kommuner"
                )

    def _check_people(self, implied: pl.DataFrame, stored: duckdb.DuckDBPyConnection) -> None:
        """Compare the population that count and rate imply with the known one, where it is known."""
        known = frame_of(stored, "SELECT code, max(population) AS known FROM population GROUP BY code")
        both = implied.join(known, on="code")
        far = both.filter(~(pl.col("people") / pl.col("known")).is_between(0.6, 1.6))
        if far.height > 0.05 * both.height:
            row = far.row(0, named=True)
            raise self.error(
                f"{far.height} värden stämmer inte med folkmängden, t.ex. kommun {row['code']}: antal {row['count']} och "
                f"{row['rate']} per 100 000"
            )


def _indicator(fetch_id: str) -> pl.DataFrame:
    return pl.DataFrame(
        [{"id": INDICATOR, "source_id": BraOpenData.id, "source_key": "anmalda_brott_kommuner",
          "title_sv": "Anmälda brott totalt", "short_sv": "Anmälda brott totalt (Brå, öppna data)",
          "category": "brott", "kind": "reported", "unit": "per_100k", "direction": "lower",
          "definition_sv": "Samtliga brott som anmälts under året, efter den kommun där brottet begicks. "
                           "Antal och antal per 100 000 invånare av medelfolkmängden.",
          "fetch_id": fetch_id}]
    )  # fmt: skip
