"""SCB (PxWebApi v2): population by municipality and year, and localities (tätorter).

Tables are renumbered and succeeded now and then, so they are sought by their text and recognised by
their title; the id in ``scb_tables.toml`` only decides which is preferred. See `scb_tables`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb
import polars as pl

from pipelines.contract import (
    Batch,
    Document,
    Request,
    RunContext,
    Source,
    SourceError,
    UnreachableError,
    ends_early,
)
from pipelines.policy import Policy
from pipelines.sources.scb_tables import (
    COUNTRY,
    Plan,
    after_search,
    dimensions,
    labels,
    payload_of,
    plan,
    reason,
    search,
    tables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MUNICIPALITIES = 290
#: Municipalities merge and split: so many must be there for a year to be read.
_FEWEST, _MOST = 280, 300
_MOST_INHABITANTS = 3_000_000
_MOST_IN_THE_COUNTRY = 30_000_000
#: From 2025 SCB adds a little noise to each cell (Cell Key Method): sums are off by some ten persons.
_MOST_OFF = 0.0005
_NO_VALUE = frozenset({".", ".."})
_NAMED = 5
_POPULATION = {
    "code": pl.String,
    "year": pl.Int32,
    "kind": pl.String,
    "basis": pl.String,
    "population": pl.Float64,
    "fetch_id": pl.String,
}
_LOCALITY = {
    "locality_code": pl.String,
    "year": pl.Int32,
    "name": pl.String,
    "municipality_code": pl.String,
    "population": pl.Int64,
    "fetch_id": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """One figure: area code and name, year, the value (None = not there) and the answer it came in."""

    code: str
    name: str
    year: int
    value: float | None
    fetch_id: str


class Scb(Source):
    """Seeks the tables, reads what they hold, then asks each for the years that no preferred one gives."""

    id: ClassVar[str] = "scb"
    #: SCB allows 30 calls in ten seconds.
    policy: ClassVar[Policy] = Policy(min_interval=0.4)

    def discover(self, context: RunContext) -> list[Request]:
        """Seek the tables by their text."""
        return [search(context.base_url, part, 1) for part in tables()]

    def follow(self, document: Document, context: RunContext) -> list[Request]:
        """Go from a search to the metadata of all tables found."""
        return after_search(document, context.base_url) if document.request.part == "search" else []

    def fetch(
        self,
        context: RunContext,
        ask: Callable[[Request], Document],
        progress: Callable[[int, int], None],
    ) -> list[Document]:
        """Ask what the tables hold, then for the figures; a table that is refused does not stop the others."""
        known: dict[str, Request] = {}
        documents: list[Document] = []
        refusals: list[SourceError] = []

        def pursue(requests: Iterable[Request]) -> None:
            waiting = list(requests)
            known.update({request.key: request for request in waiting})
            for asked in waiting:  # grows while we go
                try:
                    document = ask(asked)
                    found = self.follow(document, context)
                except UnreachableError:
                    raise
                except SourceError as error:
                    refusals.append(error)
                    continue
                documents.append(document)
                waiting.extend(request for request in found if request.key not in known)
                known.update({request.key: request for request in found})
                progress(len(documents), len(known))

        pursue(self.discover(context))
        for part in tables():
            try:
                pursue(plan(part, documents, context).questions)
            except SourceError as error:
                refusals.append(error)
        if not any(d.request.part == "data" and d.request.tags["table"] == "population" for d in documents):
            raise refusals[0]
        return documents

    def parse(self, documents: Iterable[Document], context: RunContext) -> Batch:
        """Return population and localities; what could not be read of them is told, and not stored."""
        batch = Batch()
        given = list(documents)
        batch.rows_by_document = {document.fetch_id: 0 for document in given}
        cells = self._read(plan("population", given, context), given, batch)
        batch.tables["population"] = self._population(cells, context, batch.remarks)
        try:
            found = self._read(plan("localities", given, context), given, batch)
        except SourceError as error:
            found = []
            batch.remarks.append(f"tätorter uppdateras inte: {reason(error)}")
        batch.tables["locality"] = self._localities(found, context, batch.remarks)
        return batch

    def _read(self, planned: Plan, documents: list[Document], batch: Batch) -> list[_Cell]:
        """Return the cells of the planned tables, the preferred first; a table that cannot be read is told."""
        batch.remarks += planned.remarks
        cells: dict[tuple[str, int], _Cell] = {}
        faults: list[SourceError] = []
        for table in planned.order:
            answers = [d for d in documents if d.request.part == "data" and d.request.tags["id"] == table]
            asked = sum(question.tags["id"] == table for question in planned.questions)
            try:
                if len(answers) < asked:
                    raise self.error(f"{len(answers)} av {asked} frågor om tabell {table} fick svar")
                found = self._table(answers)
            except SourceError as error:
                faults.append(error)
                continue
            self._merge(table, found, cells, batch)
        if not cells:
            raise faults[0] if faults else self.error("svaret har inga rader")
        batch.remarks += [f"hoppas över: {reason(error)}" for error in faults]
        return list(cells.values())

    def _table(self, answers: list[Document]) -> list[_Cell]:
        """Return all cells of one table, each area and year once."""
        found: dict[tuple[str, int], _Cell] = {}
        for document in answers:
            for cell in self._cells(document):
                if (cell.code, cell.year) in found:
                    raise self.error(f"område {cell.code} år {cell.year} finns flera gånger i svaren")
                found[cell.code, cell.year] = cell
        return list(found.values())

    @staticmethod
    def _merge(table: str, found: list[_Cell], cells: dict[tuple[str, int], _Cell], batch: Batch) -> None:
        """Add a table's cells to those of preferred tables, which stand; tell where they differ."""
        differ = set()
        for cell in found:
            batch.rows_by_document[cell.fetch_id] += 1
            if cells.setdefault((cell.code, cell.year), cell).value != cell.value:
                differ.add(cell.year)
        if differ:
            batch.remarks.append(
                f"tabell {table} har andra siffror för {', '.join(map(str, sorted(differ)))} än den som läses först"
            )

    def _cells(self, document: Document) -> Iterator[_Cell]:
        """Give the cells of a json-stat2 answer, which must hold just what was asked for."""
        tags, payload = document.request.tags, payload_of(document)
        place = f"tabell {tags['id']}"
        found = dimensions(payload, place)
        codes = {name: list(labels(dimension)) for name, dimension in found.items()}
        self._check_selection(document, codes, place)
        size = [len(values) for values in codes.values()]
        if payload.get("size") != size:
            raise self.error(f"{place}: fältet size är {payload.get('size')}, variablerna har {size} värden")
        values = self._values(payload, math.prod(size), place)
        names = labels(found[tags["region"]])
        order = list(codes)
        region, time = order.index(tags["region"]), order.index(tags["time"])
        for position, key in enumerate(product(*codes.values())):
            area, year = key[region], key[time]
            most = _MOST_IN_THE_COUNTRY if area == COUNTRY else _MOST_INHABITANTS
            cell = f"{place} rad {position + 1} ({area}, {year})"
            number = self._number(values[position], cell, most)
            yield _Cell(code=area, name=names[area], year=int(year), value=number, fetch_id=document.fetch_id)

    def _check_selection(self, document: Document, codes: dict[str, list[str]], place: str) -> None:
        """Refuse an answer with other values than those asked for, or more than one of the other variables."""
        tags = document.request.tags
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

    def _number(self, value: Any, place: str, most: int) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
            raise self.error(f"{place}: fältet value är inget antal: {value!r}")
        if value > most:
            raise self.error(f"{place}: fältet value är orimligt stort: {value}")
        return float(value)

    def _population(self, cells: list[_Cell], context: RunContext, remarks: list[str]) -> pl.DataFrame:
        """Return rows of ``population``; a year that cannot be whole and a municipality not known are left out."""
        country = {cell.year: cell.value for cell in cells if cell.code == COUNTRY}
        figures = [cell for cell in cells if cell.code != COUNTRY]
        remarks += _gaps(figures)
        by_year: defaultdict[int, list[_Cell]] = defaultdict(list)
        lacking = {cell.year for cell in figures if not cell.value}
        for cell in figures:
            if cell.value:
                by_year[cell.year].append(cell)
        known = {code for (code,) in _rows(context, "SELECT code FROM municipality")}
        stored = _stored(context, "population", "kind = 'year_end' AND code <> '0000'")
        rows, refused = [], []
        for year, found in sorted(by_year.items()):
            ours = [cell for cell in found if cell.code in known] if known else found
            fault = _faulty_year(len(ours), stored.get(year, 0)) or _faulty_sum(
                found, country.get(year), whole=year not in lacking
            )
            if fault:
                refused.append(f"folkmängd {year}: {fault}; året läses inte in")
            else:
                rows += [(c.code, year, "year_end", "published", c.value, c.fetch_id) for c in ours]
        if not rows:
            raise self.error(refused[0] if refused else "folkmängd: svaret har inga rader")
        remarks += refused
        newest = max(year for _, year, *_ in rows)
        remarks += _one_sided(known, by_year[newest], newest) + ends_early(
            "folkmängd 31 december", newest, context.now, 3
        )
        return pl.DataFrame(rows, schema=_POPULATION, orient="row")

    def _localities(self, cells: list[_Cell], context: RunContext, remarks: list[str]) -> pl.DataFrame:
        """Return rows of ``locality``, those of unknown municipalities and of far too small years left out."""
        known = {code for (code,) in _rows(context, "SELECT code FROM municipality")}
        strangers = sorted({cell.code[:4] for cell in cells} - known) if known else []
        if strangers:
            remarks.append(f"tätorter i okända kommuner hoppas över: {', '.join(strangers[:_NAMED])}")
        by_year: defaultdict[int, list[_Cell]] = defaultdict(list)
        for cell in cells:
            if cell.code[:4] not in strangers:
                by_year[cell.year].append(cell)
        stored = _stored(context, "locality", "true")
        rows = []
        for year, found in sorted(by_year.items()):
            if _far_fewer(len(found), stored.get(year, 0)):
                remarks.append(
                    f"tätorter {year}: {len(found)} men {stored[year]} är lagrade; året läses inte in"
                )
            else:
                rows += [(c.code, year, _plain_name(c), c.code[:4], c.value, c.fetch_id) for c in found]
        frame = pl.DataFrame(rows, schema={**_LOCALITY, "population": pl.Float64}, orient="row")
        return frame.with_columns(pl.col("population").cast(pl.Int64))

    def validate(self, batch: Batch, context: RunContext) -> None:
        """Refuse a batch without population; `parse` has left out the years that cannot be whole."""
        del context
        if batch.tables["population"].is_empty():
            raise self.error("folkmängd: svaret har inga rader")


def _faulty_year(known: int, stored: int) -> str:
    """Tell why a year with so many known municipalities cannot be whole; empty if it can."""
    if known < _FEWEST or known > _MOST:
        return f"{known} kända kommuner, väntade {MUNICIPALITIES}"
    return f"{known} kommuner men {stored} är lagrade" if _far_fewer(known, stored) else ""


def _faulty_sum(found: list[_Cell], country: float | None, *, whole: bool) -> str:
    """Tell that the municipalities are not the country; where a figure is missing they may be fewer people."""
    if not country:
        return ""
    total = sum(cell.value or 0 for cell in found)
    off = abs(total - country) if whole else total - country
    return (
        f"kommunernas summa är {total:.0f} men riket har {country:.0f}" if off > _MOST_OFF * country else ""
    )


def _far_fewer(fetched: int, stored: int) -> bool:
    return fetched < 0.9 * stored


def _gaps(cells: list[_Cell]) -> list[str]:
    """Tell which figures are missing: between a municipality's first and last years, or outside them."""
    lived: defaultdict[str, list[int]] = defaultdict(list)
    for cell in cells:
        if cell.value:
            lived[cell.code].append(cell.year)
    missing, outside = [], set()
    for cell in cells:
        years = lived[cell.code]
        if not cell.value and years and min(years) < cell.year < max(years):
            missing.append(f"{cell.name} ({cell.code}) år {cell.year}")
        elif not cell.value:
            outside.add(cell.name)
    told = [f"{len(missing)} folkmängder saknas: {', '.join(missing[:_NAMED])}"] if missing else []
    if outside:
        names = ", ".join(sorted(outside)[:_NAMED])
        told.append(f"saknar folkmängd för år då kommunen inte fanns: {names}")
    return told


def _one_sided(known: set[str], found: list[_Cell], year: int) -> list[str]:
    """Tell which municipalities only SCB has, or only we, in the newest year."""
    names = {cell.code: cell.name for cell in found}
    only_theirs, only_ours = sorted(set(names) - known), sorted(known - set(names))
    told = []
    if known and only_theirs:
        listed = ", ".join(f"{names[code]} ({code})" for code in only_theirs[:_NAMED])
        told.append(f"kommuner som finns hos SCB men inte hos Kolada hoppas över: {listed}")
    if only_ours:
        told.append(f"folkmängd {year} saknas hos SCB för kommunkod {', '.join(only_ours[:_NAMED])}")
    return told


def _plain_name(cell: _Cell) -> str:
    """Return a locality's name without the code SCB may write before it."""
    return cell.name.removeprefix(cell.code).strip()


def _rows(context: RunContext, sql: str) -> list[tuple[Any, ...]]:
    if context.stored is None:
        return []
    try:
        return context.stored.execute(sql).fetchall()
    except duckdb.CatalogException:  # an empty warehouse has no tables yet
        return []


def _stored(context: RunContext, table: str, condition: str) -> dict[int, int]:
    """Return how many rows are stored by year."""
    return dict(_rows(context, f"SELECT year, count(*) FROM {table} WHERE {condition} GROUP BY year"))
