"""SCB (PxWebApi v2): population by municipality and year, and localities (tätorter).

Tables are renumbered now and then, so they are sought by their text and recognised by their title;
the id in ``scb_tables.toml`` only decides between several that fit.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import duckdb
import polars as pl

from lagesbild import reference
from lagesbild.warehouse import row_of
from pipelines.contract import Batch, Context, Document, Request, Source, require_rows
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_CELLS = 150_000
MUNICIPALITIES = 290
_MOST_PAGES = 10
_MOST_INHABITANTS = 3_000_000
_AREA_CODES = {"population": r"\d{4}", "localities": r"\d{4}[A-Z]+\d+"}
_NO_VALUE = frozenset({".", ".."})
_POPULATION = {"code": pl.String, "year": pl.Int32, "kind": pl.String, "basis": pl.String,
               "population": pl.Float64, "fetch_id": pl.String}  # fmt: skip
_LOCALITY = {"locality_code": pl.String, "year": pl.Int32, "name": pl.String, "municipality_code": pl.String,
             "population": pl.Int64, "fetch_id": pl.String}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """A table we read, as ``scb_tables.toml`` describes it."""

    id: str
    query: str
    title_pattern: str
    region: str
    contents_pattern: str
    first_year: int


@dataclass(frozen=True)
class _Cell:
    """One figure: area code and name, year, and the value (None = not there)."""

    code: str
    name: str
    year: int
    value: float | None


class Scb(Source):
    """Seeks the tables, reads what they hold, then asks for the figures in allowed portions."""

    id: ClassVar[str] = "scb"

    def discover(self, context: Context) -> list[Request]:
        """Seek both tables by their text."""
        return [_search(context.base_url, part, 1) for part in _tables()]

    def follow(self, document: Document, context: Context) -> list[Request]:
        """Go from search to metadata to figures."""
        part = document.request.part
        if part == "search":
            return self._found(document, context)
        if part == "metadata":
            return self._figure_requests(document, context)
        return []

    def _found(self, document: Document, context: Context) -> list[Request]:
        tags = document.request.tags
        table, page = _tables()[tags["table"]], int(tags["page"])
        payload = self._payload(document)
        entries = payload.get("tables")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise self.error(
                f"sökning efter tabell ({document.request.url}): fältet tables saknas eller är ingen lista"
            )
        fits = [
            str(entry.get("id"))
            for entry in entries
            if not entry.get("discontinued")
            and re.search(table.title_pattern, str(entry.get("label", "")), re.IGNORECASE)
        ]
        if fits:
            chosen = table.id if table.id in fits else fits[0]
            url = f"{context.base_url}/tables/{quote(chosen)}/metadata?lang=sv"
            return [Request(url, "metadata", tags={"table": tags["table"], "id": chosen})]
        pages = (payload.get("page") or {}).get("totalPages", 1)
        if isinstance(pages, int) and page < min(pages, _MOST_PAGES):
            return [_search(context.base_url, tags["table"], page + 1)]
        if tags["table"] == "population":
            raise self.error(
                f"ingen tabell vars titel passar {table.title_pattern!r} finns i {document.request.url}"
            )
        return []

    def _figure_requests(self, document: Document, context: Context) -> list[Request]:
        """Return the questions for all areas and years, each within the limit on cells."""
        tags = document.request.tags
        table, place = _tables()[tags["table"]], f"metadata {tags['id']}"
        payload = self._payload(document)
        label = str(payload.get("label", ""))
        if not re.search(table.title_pattern, label, re.IGNORECASE):
            raise self.error(f"{place}: fältet label är {label!r}, väntade {table.title_pattern!r}")
        dimensions = self._dimensions(payload, place)
        region = next((n for n, d in dimensions.items() if _named(table.region, n, d)), None)
        time, contents = _role(payload, "time", "Tid"), _role(payload, "metric", "ContentsCode")
        for name, variable in (("region", region), ("år", time), ("innehåll", contents)):
            if variable not in dimensions:
                raise self.error(f"{place}: variabeln för {name} saknas")
        areas = [c for c in _labels(dimensions[str(region)]) if re.fullmatch(_AREA_CODES[tags["table"]], c)]
        years = [
            c for c in _labels(dimensions[time]) if re.fullmatch(r"\d{4}", c) and int(c) >= table.first_year
        ]
        wanted = [c for c, text in _labels(dimensions[contents]).items()
                  if re.search(table.contents_pattern, text, re.IGNORECASE)]  # fmt: skip
        for name, codes in ((str(region), areas), (time, years), (contents, wanted)):
            if not codes:
                raise self.error(f"{place}: variabeln {name} har inga värden av väntad form")
        fixed = {contents: wanted[:1]} | {
            name: [self._only(name, dimension, place)]
            for name, dimension in dimensions.items()
            if name not in {region, time, contents} and not _can_be_left_out(dimension)
        }
        step = max(1, MAX_CELLS // len(years))
        url = f"{context.base_url}/tables/{quote(tags['id'])}/data?lang=sv&outputFormat=json-stat2"
        return [
            Request(
                url,
                "data",
                {"selection": [{"variableCode": name, "valueCodes": codes} for name, codes in
                               {str(region): areas[first : first + step], **fixed, time: years}.items()]},
                {**tags, "region": str(region), "time": time},
            )
            for first in range(0, len(areas), step)
        ]  # fmt: skip

    def _only(self, name: str, dimension: Mapping[str, Any], place: str) -> str:
        """Return the one value, or the total, of a variable that must be given."""
        labels = _labels(dimension)
        totals = [
            code for code, text in labels.items() if re.match(r"(totalt?|samtliga)\b", text, re.IGNORECASE)
        ]
        found = list(labels) if len(labels) == 1 else totals
        if len(found) != 1:
            raise self.error(f"{place}: variabeln {name} kan inte utelämnas och har ingen summa")
        return found[0]

    def _payload(self, document: Document) -> dict[str, Any]:
        request = document.request
        if not document.content.strip():
            raise self.error(f"tomt svar (0 byte) från {request.url}")
        try:
            payload = json.loads(decode(self.id, document, "JSON"))
        except json.JSONDecodeError as error:
            raise self.error(f"svaret är inte hel JSON (tecken {error.pos}): {request.url}") from error
        if not isinstance(payload, dict):
            raise self.error(f"väntade ett JSON-objekt från {request.url}, fick {type(payload).__name__}")
        return payload

    def _dimensions(self, payload: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
        """Return the variables in the order of the cells, each checked."""
        names, found = payload.get("id"), payload.get("dimension")
        if not isinstance(names, list) or not isinstance(found, dict):
            raise self.error(f"{place}: fältet id eller dimension saknas")
        for name in names:
            category = (found.get(name) or {}).get("category")
            if not isinstance(category, dict) or not isinstance(category.get("index"), (dict, list)):
                raise self.error(f"{place}: variabeln {name} saknar fältet category.index")
        return {str(name): found[name] for name in names}

    def parse(self, documents: Iterable[Document], context: Context) -> Batch:
        """Return population and localities."""
        del context
        batch = Batch()
        cells: dict[str, list[tuple[_Cell, str]]] = {"population": [], "localities": []}
        for document in documents:
            if document.request.part != "data":
                batch.rows_by_document[document.fetch_id] = 0
                continue
            found = list(self._cells(document))
            batch.rows_by_document[document.fetch_id] = len(found)
            cells[document.request.tags["table"]] += [(cell, document.fetch_id) for cell in found]
        batch.tables["population"] = self._population(cells["population"], batch.remarks)
        batch.tables["locality"] = self._localities(cells["localities"])
        if not cells["localities"]:
            batch.remarks.append("ingen tabell över tätorter hittades; tätorter uppdateras inte")
        return batch

    def _cells(self, document: Document) -> Iterator[_Cell]:
        """Give the cells of a json-stat2 answer, which must hold just what was asked for."""
        tags, payload = document.request.tags, self._payload(document)
        place = f"tabell {tags['id']}"
        dimensions = self._dimensions(payload, place)
        codes = {name: list(_labels(dimension)) for name, dimension in dimensions.items()}
        for item in (document.request.body or {})["selection"]:
            name, asked = item["variableCode"], item["valueCodes"]
            lacking = [code for code in asked if code not in codes.get(name, [])]
            if lacking or len(asked) != len(codes[name]):
                raise self.error(
                    f"{place}: variabeln {name} har {len(codes.get(name, []))} värden, frågan gällde {len(asked)}"
                    + (f"; {lacking[0]} saknas" if lacking else "")
                )
        for name, values in codes.items():
            if name not in {tags["region"], tags["time"]} and len(values) != 1:
                raise self.error(f"{place}: variabeln {name} har {len(values)} värden, väntade ett")
        size = [len(values) for values in codes.values()]
        if payload.get("size") != size:
            raise self.error(f"{place}: fältet size är {payload.get('size')}, variablerna har {size} värden")
        values = self._values(payload, math.prod(size), place)
        names = _labels(dimensions[tags["region"]])
        order = list(codes)
        region, time = order.index(tags["region"]), order.index(tags["time"])
        for position, key in enumerate(product(*codes.values())):
            cell = f"{place} rad {position + 1} ({key[region]}, {key[time]})"
            yield _Cell(key[region], names[key[region]], int(key[time]), self._number(values[position], cell))

    def _values(self, payload: dict[str, Any], cells: int, place: str) -> list[Any]:
        """Return the values in order; None where the value or its status says there is none."""
        given, status = payload.get("value"), payload.get("status") or {}
        if isinstance(given, list):
            if len(given) != cells:
                raise self.error(f"{place}: fältet value har {len(given)} värden, väntade {cells}")
            values = list(given)
        elif isinstance(given, dict):
            values = [None] * cells
            for position, value in given.items():
                if not str(position).isdigit() or int(position) >= cells:
                    raise self.error(f"{place}: fältet value har plats {position}, väntade under {cells}")
                values[int(position)] = value
        else:
            raise self.error(f"{place}: fältet value saknas")
        marks = enumerate(status) if isinstance(status, list) else status.items()
        for position, mark in marks:
            if mark in _NO_VALUE and int(position) < cells:
                values[int(position)] = None
        return values

    def _number(self, value: Any, place: str) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
            raise self.error(f"{place}: fältet value är inget antal: {value!r}")
        if value > _MOST_INHABITANTS:
            raise self.error(f"{place}: fältet value är orimligt stort: {value}")
        return float(value)

    def _population(self, cells: list[tuple[_Cell, str]], remarks: list[str]) -> pl.DataFrame:
        """Return rows of ``population``; years before a municipality was formed are no rows."""
        self._refuse_twice([cell for cell, _ in cells])
        lived: dict[str, list[int]] = {}
        for cell, _ in cells:
            if cell.value:
                lived.setdefault(cell.code, []).append(cell.year)
        outside = set()
        rows = []
        for cell, fetch_id in cells:
            if cell.value:
                rows.append((cell.code, cell.year, "year_end", "published", cell.value, fetch_id))
            elif min(lived.get(cell.code, [9999])) < cell.year < max(lived.get(cell.code, [0])):
                raise self.error(
                    f"folkmängd {cell.name} ({cell.code}) år {cell.year}: fältet value saknas eller är 0"
                )
            else:
                outside.add(cell.name)
        if outside:
            remarks.append(
                f"saknar folkmängd för år då kommunen inte fanns: {', '.join(sorted(outside)[:5])}"
            )
        return pl.DataFrame(rows, schema=_POPULATION, orient="row")

    def _localities(self, cells: list[tuple[_Cell, str]]) -> pl.DataFrame:
        self._refuse_twice([cell for cell, _ in cells])
        rows = [
            (cell.code, cell.year, _plain_name(cell), cell.code[:4], cell.value, fetch_id)
            for cell, fetch_id in cells
        ]
        frame = pl.DataFrame(rows, schema={**_LOCALITY, "population": pl.Float64}, orient="row")
        return frame.with_columns(pl.col("population").cast(pl.Int64))

    def _refuse_twice(self, cells: list[_Cell]) -> None:
        seen = set()
        for cell in cells:
            if (cell.code, cell.year) in seen:
                raise self.error(f"område {cell.code} år {cell.year} finns flera gånger i svaren")
            seen.add((cell.code, cell.year))

    def validate(self, batch: Batch, context: Context) -> None:
        """Refuse a population without all municipalities, and far fewer rows than are stored."""
        population, localities = batch.tables["population"], batch.tables["locality"]
        if population.is_empty():
            raise self.error("folkmängd: svaret har inga rader")
        latest = max(population["year"].to_list())
        for year, count in population.group_by("year").len().sort("year").iter_rows():
            # Nykvarn was formed in 1999 and Knivsta in 2003: 288 municipalities before.
            least = MUNICIPALITIES if year >= 2003 else MUNICIPALITIES - 2
            if not least <= count <= MUNICIPALITIES:
                raise self.error(f"folkmängd {year}: {count} kommuner, väntade {MUNICIPALITIES}")
        known = {code for (code,) in _rows(context, "SELECT code FROM municipality")}
        got = set(population.filter(pl.col("year") == latest)["code"].to_list())
        if known and known != got:
            raise self.error(
                f"folkmängd {latest}: kommunkod {min(known ^ got)} finns bara hos en av SCB och Kolada"
            )
        strangers = set(localities["municipality_code"].to_list()) - known
        if known and len(strangers) > 2:  # Heby has had two codes
            raise self.error(f"tätorter: fältet region har okända kommunkoder, till exempel {min(strangers)}")
        require_rows(self, _stored(context, "population", "kind = 'year_end' AND code <> '0000'"),
                     population.height, "folkmängder")  # fmt: skip
        require_rows(self, _stored(context, "locality", "true"), localities.height, "tätorter")


@cache
def _tables() -> Mapping[str, _Table]:
    return {name: _Table(**entry) for name, entry in reference.read_toml("scb_tables.toml").items()}


def _search(base_url: str, table: str, page: int) -> Request:
    text = quote(_tables()[table].query)
    url = f"{base_url}/tables?lang=sv&query={text}&pageSize=100&pageNumber={page}"
    return Request(url, "search", tags={"table": table, "page": str(page)})


def _labels(dimension: Mapping[str, Any]) -> dict[str, str]:
    """Return texts by code, in the order of the cells (``index`` is a list or code -> position)."""
    category = dimension["category"]
    index, texts = category["index"], category.get("label") or {}
    codes = index if isinstance(index, list) else sorted(index, key=lambda code: index[code])
    return {str(code): str(texts.get(code, code)) for code in codes}


def _role(payload: dict[str, Any], role: str, default: str) -> str:
    named = (payload.get("role") or {}).get(role) or [default]
    return str(named[0])


def _named(pattern: str, code: str, dimension: Mapping[str, Any]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for text in (code, str(dimension.get("label", ""))))


def _can_be_left_out(dimension: Mapping[str, Any]) -> bool:
    return bool((dimension.get("extension") or {}).get("elimination"))


def _plain_name(cell: _Cell) -> str:
    """Return a locality's name without the code SCB may write before it."""
    return cell.name.removeprefix(cell.code).strip()


def _rows(context: Context, sql: str) -> list[tuple[Any, ...]]:
    if context.stored is None:
        return []
    try:
        return context.stored.execute(sql).fetchall()
    except duckdb.CatalogException:  # an empty warehouse has no tables yet
        return []


def _stored(context: Context, table: str, condition: str) -> int:
    if context.stored is None:
        return 0
    try:
        row = row_of(context.stored, f"SELECT count(*) FROM {table} WHERE {condition}")
    except duckdb.CatalogException:
        return 0
    return int(row[0]) if row else 0
