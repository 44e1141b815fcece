"""Brå's yearly CSV files of reported crimes per municipality, in all the shapes they have had."""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urljoin

import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of
from pipelines.contract import Batch, Document, Request, RunContext, SourceError, ends_early
from pipelines.http import decode
from pipelines.policy import Policy
from pipelines.sources.linked_files import LinkedFiles, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

INDICATOR = "BO_TOTALT"
#: Where the page with the links is or has been; the first two are known to live (they link the newest year).
PAGES = (
    "/statistik/kriminalstatistik/anmalda-brott.html",
    "/statistik/statistik-fran-rattsvasendet/anmalda-brott",
    "/statistik/oppna-data.html",
)
_LINK = re.compile(r"""href=["']([^"']+\.csv)["']""", re.IGNORECASE)
_FILE = re.compile(r"anm[aä]lda[ _]?brott.*kommun.*?(\d{4})\.csv$", re.IGNORECASE)
_SPACES = re.compile(r"\s")
#: The final figures of a year come at the end of March.
_PUBLISHED_IN = 5
#: A year with a smaller share of the municipalities than this is refused: 280 of 290.
_FEWEST = 280 / 290
#: The populations that a count and its rate, rounded to three digits, may imply.
_PEOPLE = (1_500, 2_000_000)
_SCHEMA = {
    "code": pl.String,
    "period_start": pl.Date,
    "count": pl.Int64,
    "rate": pl.Float64,
    "fetch_id": pl.String,
}


@dataclass
class _Year:
    """What the file of a year says: rows by code, what was wrong with others, rows that are no municipality."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Counts by code."""
        return {code: row["count"] for code, row in self.rows.items()}


class BraOpenData(LinkedFiles):
    """Reads every yearly file that the page of reported crimes links to, often only the newest."""

    id: ClassVar[str] = "bra_open_data"
    policy: ClassVar[Policy] = Policy(min_interval=1, max_bytes=5_000_000)
    partial: ClassVar[bool] = True

    def discover(self, context: RunContext) -> list[Request]:
        """Return the addresses where the page is or has been, in the order they are asked."""
        return [Request(url=context.base_url + path, part="page") for path in PAGES]

    def follow(self, document: Document, context: RunContext) -> list[Request]:
        """Ask for each file of reported crimes per municipality."""
        if document.request.part != "page":
            return []
        files = self._linked(document, context)
        if not files:
            raise self.error(f"{document.request.url}: sidan har inga länkar till anmälda brott per kommun")
        return files

    def by_hand(self, name: str, content: bytes, context: RunContext) -> Request | None:
        """Return the year that a file has in its name."""
        del content
        year = re.search(r"(?<!\d)20\d\d(?!\d)", name)
        if not name.casefold().endswith(".csv") or year is None or int(year[0]) > context.now.year:
            return None
        return Request(url=f"file:manual/{self.id}/{name}", part="year", tags={"year": year[0]})

    def _linked(self, page: Document, context: RunContext) -> list[Request]:
        text = html.unescape(page.content.decode("utf-8", errors="replace"))
        files: dict[str, str] = {}
        for link in _LINK.findall(text):
            name = unicodedata.normalize("NFC", unquote(link.rsplit("/", maxsplit=1)[-1]))
            found = _FILE.search(name)
            if found and 2000 <= int(found[1]) <= context.now.year:
                files.setdefault(found[1], urljoin(context.base_url + "/", link.replace(" ", "%20")))
        return [
            Request(url=url, part="year", tags={"year": year})
            for year, url in sorted(files.items(), reverse=True)
        ]

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return the indicator and its observations, count and rate as published."""
        batch = Batch()
        documents = list(documents)
        years = {int(d.request.tags["year"]): d for d in documents if d.request.part == "year"}
        read = self._years(years, context, batch.remarks)
        rows = [row for year in read.values() for row in year.rows.values()]
        for number, year in read.items():
            batch.rows_by_document[years[number].fetch_id] = len(year.rows)
        if rows:
            batch.tables["indicator"] = _indicator(rows[0]["fetch_id"])
        batch.tables["observation"] = pl.DataFrame(rows, schema=_SCHEMA).with_columns(
            indicator_id=pl.lit(INDICATOR),
            period_kind=pl.lit("year"),
            count_basis=pl.lit("published"),
            lower=pl.lit(None, pl.Float64),
            upper=pl.lit(None, pl.Float64),
            status=pl.lit("final"),
        )
        if read:
            batch.remarks += ends_early("årsfilen", max(read), context.now, _PUBLISHED_IN)
        for page in (document for document in documents if document.request.part == "page"):
            gone = [r.tags["year"] for r in self._linked(page, context) if int(r.tags["year"]) not in years]
            batch.remarks += [f"{year}: filen kunde inte hämtas" for year in gone]
        return batch

    def _years(
        self, documents: dict[int, Document], context: RunContext, remarks: list[str]
    ) -> dict[int, _Year]:
        """Return the years that can be read and believed; the others are named in ``remarks``."""
        names = reference.MunicipalityNames(context.municipalities())
        stored = _stored(context)
        people = _people(context)
        read: dict[int, _Year] = {}
        for year, document in documents.items():
            try:
                found = self._file(document, names)
                self._check(year, found, context, len(stored.get(year, {})))
                self._check_people(year, found, people)
            except SourceError as error:
                remarks.append(f"{reason(error)}; året läses inte in")
            else:
                read[year] = found
                remarks += _remarks(year, found, dict(context.municipalities()))
        copies = _copies(read, stored)
        for year, other in copies.items():
            remarks.append(f"{year}: filen har samma antal i alla kommuner som {other}; året läses inte in")
        return {year: found for year, found in read.items() if year not in copies}

    def _file(self, document: Document, names: reference.MunicipalityNames) -> _Year:
        year = int(document.request.tags["year"])
        text = decode(self.id, document, "CSV")
        lines = [
            line
            for line in csv.reader(io.StringIO(text), delimiter=";")
            if any(cell.strip() for cell in line)
        ]
        if lines and not any(character.isdigit() for character in "".join(lines[0][1:2])):
            self._check_header(lines.pop(0), year)
        found = _Year()
        times = Counter(names.code(line[0]) for line in lines)
        for number, line in enumerate(lines, 1):
            code = names.code(line[0])
            if code is None:  # city districts stand among the municipalities in some years
                found.others.append(line[0].strip())
                continue
            row, fault = _row(line, times[code])
            if fault:
                found.faults.append(f"{year} rad {number}: {fault}")
            else:
                place = {"code": code, "period_start": date(year, 1, 1), "fetch_id": document.fetch_id}
                found.rows[code] = place | row
        return found

    def _check_header(self, header: list[str], year: int) -> None:
        expected = ("kommun", "antal", "per 100")
        if len(header) < 3 or not all(e in h.casefold() for e, h in zip(expected, header, strict=False)):
            raise self.error(
                f"{year}: rubrikraden är {';'.join(header)!r}, väntade Kommun;Antal;Per 100 000 inv."
            )

    def _check(self, year: int, found: _Year, context: RunContext, stored: int) -> None:
        """Refuse a year with too few municipalities, or fewer than are stored for it."""
        known = dict(context.municipalities())
        missing = [name for code, name in known.items() if code not in found.rows]
        if not found.rows or len(found.rows) < _FEWEST * len(known):
            faults = f"; {'; '.join(found.faults[:3])}" if found.faults else ""
            raise self.error(f"{year}: {len(missing)} kommuner saknas ({_some(missing) or 'alla'}){faults}")
        if len(found.rows) < stored:
            raise self.error(
                f"{year}: {len(found.rows)} kommuner men {stored} är lagrade; saknas: {_some(missing)}"
            )

    def _check_people(self, year: int, found: _Year, known: dict[str, int]) -> None:
        """Compare the population that count and rate imply with the known one, where it is known."""
        both = {code: row for code, row in found.rows.items() if code in known}
        far = [
            row
            for code, row in both.items()
            if not 0.6 <= _implied(row["count"], row["rate"]) / known[code] <= 1.6
        ]
        if len(far) > 0.05 * len(both):
            row = far[0]
            raise self.error(
                f"{year}: {len(far)} värden stämmer inte med folkmängden, t.ex. kommun {row['code']}: "
                f"antal {row['count']} och {row['rate']:g} per 100 000"
            )

    def validate(self, batch: Batch, context: RunContext) -> None:  # noqa: ARG002
        """Refuse an answer in which no year could be read."""
        if batch.tables["observation"].is_empty():
            raise self.error("; ".join(batch.remarks) or "det finns inget år att läsa")


def _row(line: list[str], times: int) -> tuple[dict[str, Any], str]:
    """Return count and rate of a municipality's row, and what is wrong with it (nothing where all is well)."""
    if times > 1:
        return {}, f"{line[0].strip()} finns flera gånger"
    if len(line) < 3:
        return {}, f"{len(line)} fält, väntade 3 (Kommun;Antal;Per 100 000 inv.)"
    count, rate = _number(line[1]), _number(line[2])
    for title, text, value in (("Antal", line[1], count), ("Per 100 000 inv.", line[2], rate)):
        if value is None:
            return {}, f"fältet {title} är inget tal: {text!r}"
    count, rate = count or 0.0, rate or 0.0
    if not count.is_integer():
        return {}, f"fältet Antal är inget heltal: {line[1]!r}"
    if count == 0 or rate == 0 or not _PEOPLE[0] <= _implied(count, rate) <= _PEOPLE[1]:
        return {}, f"antal {count:g} och {rate:g} per 100 000 hör inte ihop"
    return {"count": int(count), "rate": rate}, ""


def _number(text: str) -> float | None:
    plain = _SPACES.sub("", text).replace(",", ".")
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain) else None


def _implied(count: float, rate: float) -> float:
    """Return the people whom a count and its rate per 100 000 imply."""
    return 1e5 * count / rate


def _remarks(year: int, found: _Year, known: dict[str, str]) -> list[str]:
    """Return what a reader must know of a year that was read."""
    remarks = [*found.faults[:3]]
    if len(found.faults) > 3:
        remarks.append(f"{year}: {len(found.faults) - 3} rader till med fel")
    if missing := [name for code, name in known.items() if code not in found.rows]:
        remarks.append(f"{year}: {len(missing)} kommuner saknas ({_some(missing)})")
    if found.others:
        remarks.append(
            f"{year}: {len(found.others)} rader är stadsdelar eller annat som inte är kommuner ({_some(found.others)})"
        )
    return remarks


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" och {len(names) - 5} till" if len(names) > 5 else "")


def _copies(read: dict[int, _Year], stored: dict[int, dict[str, int]]) -> dict[int, int]:
    """Return the years whose files hold another year's counts, and which; what is stored so already stands."""
    counts = stored | {year: found.counts for year, found in read.items()}
    return {
        year: other
        for year, found in read.items()
        for other, others in counts.items()
        if other != year and _same(found.counts, others) and not _same(found.counts, stored.get(year, {}))
    }


def _same(counts: dict[str, int], others: dict[str, int]) -> bool:
    """Tell whether two years have the same counts in all municipalities that both have."""
    both = counts.keys() & others.keys()
    return bool(both) and all(counts[code] == others[code] for code in both)


def _stored(context: RunContext) -> dict[int, dict[str, int]]:
    """Return the stored counts by year and code."""
    if context.stored is None:
        return {}
    found: dict[int, dict[str, int]] = {}
    rows = context.stored.execute(
        "SELECT year(period_start), code, count FROM observation WHERE indicator_id = ?", [INDICATOR]
    ).fetchall()
    for year, code, count in rows:
        found.setdefault(year, {})[code] = count
    return found


def _people(context: RunContext) -> dict[str, int]:
    """Return a known population of each municipality."""
    if context.stored is None:
        return {}
    known = frame_of(context.stored, "SELECT code, max(population) AS people FROM population GROUP BY code")
    return dict(known.iter_rows())


def _indicator(fetch_id: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "id": INDICATOR,
                "source_id": BraOpenData.id,
                "source_key": "anmalda_brott_kommuner",
                "title_sv": "Anmälda brott totalt",
                "short_sv": "Anmälda brott totalt (Brå, öppna data)",
                "category": "brott",
                "kind": "reported",
                "unit": "per_100k",
                "direction": "lower",
                "definition_sv": "Samtliga brott som anmälts under året, efter den kommun där brottet begicks. "
                "Antal och antal per 100 000 invånare av medelfolkmängden.",
                "fetch_id": fetch_id,
            }
        ]
    )
