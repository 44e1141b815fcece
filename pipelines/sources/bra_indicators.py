"""Brå's indicators for municipalities' situational picture: one workbook a municipality.

The layout of a sheet may shift; its meaning may not (`bra_workbook`). A sheet's heading says which
indicator it is. What is not understood is named in a remark and stops nothing else.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote, urljoin

import polars as pl

from lagesbild.data import reference
from pipelines.contract import Batch, Document, Request, RunContext
from pipelines.policy import Policy
from pipelines.sources.bra_workbook import (
    NEEDED,
    Areas,
    Cell,
    Oddities,
    Sheet,
    WorkbookError,
    cells,
    read_sheets,
    value_of,
)
from pipelines.sources.linked_files import LinkedFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LINK = re.compile(r"""href=["']([^"']*/download/18\.[^"']+/\d+/([^"'/]+)\.xlsx)["']""", re.IGNORECASE)
#: What may follow an indicator's title in a heading, folded; anything else is another indicator.
_CONTINUED = re.compile(
    r"(i (kommun|län|hela)|anmälda brott|enligt|bland hushåll|andel|antal|per 100|20\d\d)"
)
#: A workbook that has fewer than this share of the values its last one had is refused.
_LEAST_KEPT = 0.9
_SCHEMA = {
    "indicator_id": pl.String,
    "code": pl.String,
    "period_start": pl.Date,
    "period_kind": pl.String,
    "count": pl.Int64,
    "count_basis": pl.String,
    "rate": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "status": pl.String,
    "fetch_id": pl.String,
}
_VALUES = ("count", "rate", "lower", "upper", "status")
_Key = tuple[str, str, int]


@dataclass(kw_only=True)
class _Reading:
    """What has been read so far, over all workbooks."""

    areas: Areas
    stored: dict[str, int]
    rows: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    disputed: dict[_Key, str] = field(default_factory=dict)
    pooled: set[str] = field(default_factory=set)
    odd: Oddities = field(default_factory=Oddities)
    by_document: dict[str, int] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def add(self, found: dict[_Key, dict[str, Any]], book: str) -> int:
        """Keep one row an area; return how many are new.

        Counties and the country stand in many workbooks. Where those disagree, nobody knows which is
        right, and none is kept.
        """
        before = len(self.rows)
        for key, row in found.items():
            other = self.rows.setdefault(key, row)
            if any(other[name] != row[name] for name in _VALUES):
                self.disputed.setdefault(key, book)
        return len(self.rows) - before

    def agreed(self) -> list[dict[str, Any]]:
        """Return the rows about which no two workbooks disagree."""
        return [row for key, row in self.rows.items() if key not in self.disputed]


class BraIndicators(LinkedFiles):
    """Reads the workbooks of all municipalities that the page links to."""

    id: ClassVar[str] = "bra_indicators"
    policy: ClassVar[Policy] = Policy(min_interval=1, max_bytes=5_000_000)
    partial: ClassVar[bool] = True

    def discover(self, context: RunContext) -> list[Request]:
        """Ask for the page with the links, whose ids change with every publication."""
        return [Request(url=f"{context.base_url}/statistik/indikatorer-for-kommuners-lagesbild", part="page")]

    def follow(self, document: Document, context: RunContext) -> list[Request]:
        """Ask for the workbook of each municipality that is linked."""
        if document.request.part != "page":
            return []
        books, unknown = _linked(document, context)
        if not books:
            told = f"ingen av sidans {len(unknown)} länkar är" if unknown else "sidan har ingen länk till"
            raise self.error(f"{document.request.url}: {told} en känd kommuns fil")
        return list(books.values())

    def by_hand(self, name: str, content: bytes, context: RunContext) -> Request | None:
        """Return the municipality that a workbook is named after, as on the page."""
        del content
        stem, _, kind = name.rpartition(".")
        names = reference.MunicipalityNames(context.municipalities())
        if kind.casefold() != "xlsx" or names.code(stem) is None:
            return None
        return Request(url=f"file:manual/{self.id}/{name}", part="workbook", tags={"municipality": stem})

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return indicators and observations of municipalities, counties (00NN) and the country (0000)."""
        reading = _Reading(
            areas=Areas(reference.MunicipalityNames(context.municipalities())), stored=self._stored(context)
        )
        pages = []
        for document in documents:
            if document.request.part == "page":
                pages.append(document)
            elif document.request.part == "workbook":
                self._book(document, reading)
        rows = reading.agreed()
        batch = Batch(rows_by_document=reading.by_document)
        batch.tables["indicator"] = _indicators(rows, reading.pooled)
        batch.tables["observation"] = pl.DataFrame(rows, schema=_SCHEMA)
        for page in pages[-1:]:
            batch.remarks += _of_links(page, context, reading.asked)
        batch.remarks += [*reading.odd.remarks(), *_of_disputed(reading.disputed), *_of_lacking(rows)]
        return batch

    def _stored(self, context: RunContext) -> dict[str, int]:
        """Return how many values the last workbook of each municipality gave (older years fall out of them)."""
        if context.stored is None:
            return {}
        rows = context.stored.execute(
            """
            SELECT code, max(n) FROM (
                SELECT code, count(*) AS n FROM observation JOIN indicator ON id = indicator_id
                 WHERE source_id = ? AND coalesce(rate, count) IS NOT NULL GROUP BY code, observation.fetch_id)
             GROUP BY code
            """,
            [self.id],
        ).fetchall()
        return dict(rows)

    def _book(self, document: Document, reading: _Reading) -> None:
        book = f"{_name(document)}.xlsx"
        code = reading.areas.code(_name(document))
        if code is None or code.startswith("00"):
            reading.odd.add("filnamnet är ingen känd kommun", book)
            return
        if code in reading.asked:
            reading.odd.add("kommunen har två filer, bara den första läses", book)
            return
        reading.asked.add(code)
        try:
            sheets = read_sheets(document.content)
        except WorkbookError as error:
            reading.odd.add(str(error), book)
            return
        found: dict[_Key, dict[str, Any]] = {}
        for sheet in sheets:
            rows = self._sheet(sheet, code, document, reading)
            if found.keys() & rows.keys():
                reading.odd.add("indikatorn står på ett blad till, bara det första läses", book, sheet.name)
            found = rows | found
        own = sum(row["status"] == "final" for key, row in found.items() if key[1] == code)
        if own < _LEAST_KEPT * reading.stored.get(code, 0):
            reading.odd.add(
                f"filen läses inte, den har {own} värden men {reading.stored[code]} lästes ur den förra", book
            )
        elif found:
            reading.by_document[document.fetch_id] = reading.add(found, book)
        else:
            reading.odd.add("inget blad i filen kunde läsas", book)

    def _sheet(
        self, sheet: Sheet, own: str, document: Document, reading: _Reading
    ) -> dict[_Key, dict[str, Any]]:
        """Return the observations of a sheet by indicator, area and year; none if it is not understood."""

        def odd(reason: str) -> None:
            reading.odd.add(reason, f"{_name(document)}.xlsx", sheet.name)

        entry = _entry(sheet.heading)
        if entry is None:
            odd(f"rubriken ”{sheet.heading[:80]}” är ingen känd indikator")
            return {}
        found = cells(sheet, entry["kind"], reading.areas, odd)
        if found and own not in {cell.code for cell in found}:
            odd("kommunen finns inte på bladet")
            return {}
        if any(cell.period.pooled for cell in found):
            reading.pooled.add(entry["id"])
        rows = {}
        for (code, year), values in _by_area(found, document.fetched_at.year, odd).items():
            row = _observation(entry, values, odd)
            if row:
                place = {"indicator_id": entry["id"], "code": code, "period_start": date(year, 1, 1)}
                rows[entry["id"], code, year] = {
                    **place,
                    "period_kind": "year",
                    **row,
                    "fetch_id": document.fetch_id,
                }
        _tell_lacking(entry, found, odd)
        return rows

    def validate(self, batch: Batch, context: RunContext) -> None:  # noqa: ARG002
        """Refuse an answer in which nothing at all could be read."""
        if batch.tables["observation"].is_empty():
            told = batch.remarks[:3] or ["det fanns ingen"]
            raise self.error(f"ingen arbetsbok kunde läsas: {'; '.join(told)}")


def _linked(page: Document, context: RunContext) -> tuple[dict[str, Request], list[str]]:
    """Return the question for each linked municipality's file by code, and links to anything else."""
    text = html.unescape(page.content.decode("utf-8", errors="replace"))
    names = reference.MunicipalityNames(context.municipalities())
    books: dict[str, Request] = {}
    unknown = []
    for link, file_name in _LINK.findall(text):
        name = unquote(file_name)
        code = names.code(name)
        if code is None:
            unknown.append(f"{name}.xlsx")
        else:
            url = urljoin(context.base_url + "/", quote(link, safe="/:%"))
            books.setdefault(code, Request(url=url, part="workbook", tags={"municipality": name}))
    return dict(sorted(books.items())), list(dict.fromkeys(unknown))


def _of_links(page: Document, context: RunContext, read: set[str]) -> list[str]:
    """Return what the page does not link to, and what it links to that could not be used."""
    books, unknown = _linked(page, context)
    known = dict(context.municipalities())
    remarks = []
    missing = [name for code, name in known.items() if code not in books and code not in read]
    if missing:
        remarks.append(
            f"sidan länkar till {len(books)} av {len(known)} kommuner; saknas: {_some(missing)}; "
            f"lägg filerna i mappen manual/{BraIndicators.id} i hemmappen så läses de"
        )
    if gone := [known[code] for code in books if code not in read]:
        remarks.append(f"filer som sidan länkar till men som inte kunde hämtas: {_some(gone)}")
    if unknown:
        remarks.append(f"länkar som inte är någon känd kommun: {_some(unknown)}")
    return remarks


def _of_disputed(disputed: dict[_Key, str]) -> list[str]:
    if not disputed:
        return []
    (indicator, code, year), book = next(iter(disputed.items()))
    return [
        f"{len(disputed)} värden är olika i två filer och läses inte in, t.ex. {_titles()[indicator]} "
        f"för {_area_name(code)} {year} ({book})"
    ]


def _area_name(code: str) -> str:
    return "hela landet" if code == reference.COUNTRY_CODE else reference.counties().get(code[2:], code)


def _of_lacking(rows: list[dict[str, Any]]) -> list[str]:
    lacking = [title for indicator, title in _titles().items() if indicator not in _ids(rows)]
    return [f"indikatorer som inte finns i någon fil: {'; '.join(lacking)}"] if rows and lacking else []


def _some(names: list[str]) -> str:
    more = f" och {len(names) - 5} till" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


@cache
def _entries() -> tuple[dict[str, str], ...]:
    return tuple(reference.read_csv("bra_indicators.csv"))


@cache
def _entry(heading: str) -> dict[str, str] | None:
    """Return the indicator with the longest title that the heading begins with and goes on as one does."""
    folded = _fold(heading)
    fitting = [row for row in _entries() if _is_title(_fold(row["title"]), folded)]
    return max(fitting, key=lambda row: len(row["title"]), default=None)


def _is_title(title: str, heading: str) -> bool:
    rest = heading.removeprefix(title)
    return heading.startswith(title) and (not rest or bool(_CONTINUED.match(rest.removeprefix(" "))))


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _by_area(
    found: list[Cell], this_year: int, odd: Callable[[str], None]
) -> dict[tuple[str, int], dict[str, float | str]]:
    """Return the values by measure of each area and year, without those that cannot be right."""
    values: dict[tuple[str, int], dict[str, float | str]] = {}
    spoiled = set()
    for cell in found:
        key = (cell.code, cell.period.year)
        value = value_of(cell.value)
        if cell.period.year > this_year:
            odd(f"år {cell.period.year} ligger i framtiden")
            spoiled.add(key)
        elif value is None:
            odd(f"{cell.place}: ”{cell.value}” är inget rimligt tal")
            spoiled.add(key)
        elif cell.measure in values.setdefault(key, {}):
            odd(f"år {cell.period.year} har samma mått två gånger")
            spoiled.add(key)
        else:
            values[key][cell.measure] = value
    return {key: measures for key, measures in values.items() if key not in spoiled}


def _tell_lacking(entry: dict[str, str], found: list[Cell], odd: Callable[[str], None]) -> None:
    """Tell which measures a sheet lacks, and in which years."""
    years = {cell.period.year for cell in found}
    for measure, words in NEEDED[entry["kind"]].items():
        lacking = sorted(years - {cell.period.year for cell in found if cell.measure == measure})
        if lacking or not years:
            odd(f"{words} saknas" + (f" för år {', '.join(map(str, lacking))}" if lacking else ""))


def _observation(
    entry: dict[str, str], values: dict[str, float | str], odd: Callable[[str], None]
) -> dict[str, Any] | None:
    """Return an observation's values and status, or None where they cannot be right or are not all there."""
    if NEEDED[entry["kind"]].keys() - values.keys():
        return None
    numbers = {name: value for name, value in values.items() if isinstance(value, float)}
    words = [value for value in values.values() if isinstance(value, str)]
    main = "count" if entry["kind"] == "respondents" else "rate"
    if main not in numbers:
        return dict.fromkeys(("count", "count_basis", "rate", "lower", "upper")) | {"status": words[0]}
    wrong = _wrong(entry, numbers)
    if wrong:
        odd(wrong)
        return None
    count = numbers.get("count")
    return {
        "count": int(count) if count is not None else None,
        "count_basis": "published" if count is not None else None,
        "rate": numbers.get("rate"),
        "lower": numbers.get("lower"),
        "upper": numbers.get("upper"),
        "status": "final",
    }


def _wrong(entry: dict[str, str], numbers: dict[str, float]) -> str:
    """Return what is wrong with an observation's numbers, or nothing."""
    rate, lower, upper = (numbers.get(name) for name in ("rate", "lower", "upper"))
    if rate is not None and not (lower or 0) <= rate <= (rate if upper is None else upper):
        return f"värdet {rate:g} ligger utanför sin felmarginal"
    if entry["unit"] == "percent" and rate is not None and rate > 100:
        return f"andelen {rate:g} är större än 100 procent"
    if not numbers.get("count", 0.0).is_integer():
        return f"antalet {numbers['count']:g} är inget heltal"
    return ""


def _titles() -> dict[str, str]:
    return {row["id"]: row["title"] for row in _entries()}


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["indicator_id"] for row in rows}


def _indicators(rows: list[dict[str, Any]], pooled: set[str]) -> pl.DataFrame:
    """Return the indicators that were read; ``pooled`` are those whose values hold for several years."""
    first_seen = {row["indicator_id"]: row["fetch_id"] for row in reversed(rows)}
    several_years = " Värdet gäller flera år tillsammans; året är det sista."
    return pl.DataFrame(
        [
            {
                "id": row["id"],
                "source_id": BraIndicators.id,
                "source_key": row["title"],
                "title_sv": row["title"],
                "short_sv": row["short"],
                "category": row["category"],
                "kind": row["kind"],
                "unit": row["unit"],
                "direction": row["direction"],
                "definition_sv": row["title"] + "." + (several_years if row["id"] in pooled else ""),
                "fetch_id": first_seen[row["id"]],
            }
            for row in _entries()
            if row["id"] in first_seen
        ]
    )


def _name(document: Document) -> str:
    return document.request.tags["municipality"]
