"""Which of SCB's tables give which years: read from the answers to searches and from the tables' metadata.

Statistics of one kind may lie in several tables: when SCB changes how figures are made, the old table
ends and a successor begins, with the same title but its own codes (TAB638 to 2024, TAB5557 from 2025).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lagesbild.data import reference
from pipelines.contract import Document, Request, SourceError
from pipelines.http import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.contract import RunContext

SOURCE = "scb"
MAX_CELLS = 150_000
#: SCB's code of the country, asked for beside the municipalities as a check of their sum.
COUNTRY = "00"
_MOST_PAGES = 10
_FEWEST_AREAS = {"population": 280, "localities": 1}
_AREA_CODES = {"population": r"\d{4}", "localities": r"\d{4}[A-Z]+\d+"}
_TOTAL_LABEL = re.compile(r"(totalt?|samtliga)\b", re.IGNORECASE)
#: Where several values are labelled as the total (TAB5557 has one for each grouping of ages).
_TOTAL_CODES = frozenset({"tot", "totsa", "total"})


@dataclass(frozen=True, kw_only=True)
class ScbTable:
    """Tables we read, as ``scb_tables.toml`` describes them; ``id`` is the one preferred."""

    id: str
    query: str
    title_pattern: str
    region: str
    contents_pattern: str
    first_year: int


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one table can give: areas and years, and the values that must be chosen of its other variables."""

    id: str
    discontinued: bool
    region: str
    time: str
    areas: tuple[str, ...]
    years: tuple[str, ...]
    fixed: Mapping[str, list[str]]


@dataclass
class Plan:
    """The questions for figures, tables in the order they are preferred, and what was passed over (Swedish)."""

    order: list[str] = field(default_factory=list)
    questions: list[Request] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@cache
def tables() -> Mapping[str, ScbTable]:
    """Return what is read: ``population`` and ``localities``."""
    return {name: ScbTable(**entry) for name, entry in reference.read_toml("scb_tables.toml").items()}


def search(base_url: str, part: str, page: int) -> Request:
    """Return the question for tables by their text."""
    text = quote(tables()[part].query)
    url = f"{base_url}/tables?lang=sv&query={text}&pageSize=100&pageNumber={page}"
    return Request(url=url, part="search", tags={"table": part, "page": str(page)})


def after_search(document: Document, base_url: str) -> list[Request]:
    """Return questions for the metadata of every table that fits, and for the next page."""
    part, page = document.request.tags["table"], int(document.request.tags["page"])
    requests = [
        Request(
            url=f"{base_url}/tables/{quote(table)}/metadata?lang=sv",
            part="metadata",
            tags={"table": part, "id": table},
        )
        for table in _fits(document)
    ]
    pages = (payload_of(document).get("page") or {}).get("totalPages", 1)
    if isinstance(pages, int) and page < min(pages, _MOST_PAGES):
        requests.append(search(base_url, part, page + 1))
    return requests


def plan(part: str, documents: Iterable[Document], context: RunContext) -> Plan:
    """Share the years between the tables that fit: the known one first, then those that reach furthest.

    Raises
    ------
    SourceError
        If no table can be read; the message says why.
    """
    about = [document for document in documents if document.request.tags["table"] == part]
    searches = [document for document in about if document.request.part == "search"]
    ended = {table: gone for document in searches for table, gone in _fits(document).items()}
    found, faults = Plan(), {}
    offers = []
    for document in about:
        if document.request.part == "metadata":
            table = document.request.tags["id"]
            try:
                offers.append(_offer(part, document, discontinued=ended.get(table, False)))
            except SourceError as error:
                faults[table] = error
    read = {offer.id for offer in offers} | set(faults)
    found.remarks += [
        f"tabell {table}: SCB svarar inte på vad den innehåller" for table in ended if table not in read
    ]
    found.remarks += [f"tabell {table} hoppas över: {reason(error)}" for table, error in faults.items()]
    if not offers:
        raise _nothing(part, searches, faults)
    taken: set[str] = set()
    for offer in sorted(
        offers, key=lambda o: (o.discontinued, o.id != tables()[part].id, -int(max(o.years)), o.id)
    ):
        years = [year for year in offer.years if year not in taken]
        if years:
            taken.update(years)
            found.order.append(offer.id)
            found.questions += _questions(part, offer, years, context.base_url)
            if offer.discontinued:
                found.remarks.append(
                    f"tabell {offer.id} är avslutad hos SCB; {_span(years)} läses ändå ur den"
                )
    return found


def _nothing(part: str, searches: list[Document], faults: Mapping[str, SourceError]) -> SourceError:
    if faults:
        return SourceError(SOURCE, "; ".join(reason(error) for error in faults.values()))
    where = searches[0].request.url if searches else "sökningen"
    return SourceError(
        SOURCE, f"ingen tabell vars titel passar {tables()[part].title_pattern!r} finns i {where}"
    )


def reason(error: SourceError) -> str:
    """Return what an error says, without the source's name."""
    return str(error).removeprefix(f"{SOURCE}: ")


def _span(years: list[str]) -> str:
    return years[0] if len(years) == 1 else f"{min(years)}–{max(years)}"


def _fits(document: Document) -> dict[str, bool]:
    """Return the tables of a search whose title fits, each with whether SCB has ended it."""
    entries = payload_of(document).get("tables")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceError(
            SOURCE,
            f"sökning efter tabell ({document.request.url}): fältet tables saknas eller är ingen lista",
        )
    pattern = tables()[document.request.tags["table"]].title_pattern
    return {
        str(entry.get("id")): bool(entry.get("discontinued"))
        for entry in entries
        if re.search(pattern, str(entry.get("label", "")), re.IGNORECASE)
    }


def _offer(part: str, document: Document, *, discontinued: bool) -> Offer:
    """Read a table's metadata; refuse one that is of something else or has no total where one must be chosen."""
    table, table_id = tables()[part], document.request.tags["id"]
    payload, place = payload_of(document), f"metadata {table_id}"
    label = str(payload.get("label", ""))
    if not re.search(table.title_pattern, label, re.IGNORECASE):
        raise SourceError(SOURCE, f"{place}: fältet label är {label!r}, väntade {table.title_pattern!r}")
    found = dimensions(payload, place)
    region, time, contents = _variables(table, payload, found, place)
    areas = [code for code in labels(found[region]) if re.fullmatch(_AREA_CODES[part], code)]
    years = [c for c in labels(found[time]) if re.fullmatch(r"\d{4}", c) and int(c) >= table.first_year]
    wanted = [
        code
        for code, text in labels(found[contents]).items()
        if re.search(table.contents_pattern, text, re.IGNORECASE)
    ]
    for name, codes in ((region, areas), (time, years), (contents, wanted)):
        if not codes:
            raise SourceError(SOURCE, f"{place}: variabeln {name} har inga värden av väntad form")
    if len(areas) < _FEWEST_AREAS[part]:
        raise SourceError(SOURCE, f"{place}: variabeln {region} har bara {len(areas)} kommuner, väntade 290")
    fixed = {contents: wanted[:1]} | {
        name: [_only(name, dimension, place)]
        for name, dimension in found.items()
        if name not in {region, time, contents} and not _can_be_left_out(dimension)
    }
    checked = (COUNTRY,) if part == "population" and COUNTRY in labels(found[region]) else ()
    return Offer(
        id=table_id,
        discontinued=discontinued,
        region=region,
        time=time,
        areas=(*checked, *areas),
        years=tuple(years),
        fixed=fixed,
    )


def _variables(
    table: ScbTable, payload: dict[str, Any], found: Mapping[str, Mapping[str, Any]], place: str
) -> tuple[str, str, str]:
    """Return the names of the variables for area, time and contents."""
    region = next((name for name, dimension in found.items() if _named(table.region, name, dimension)), "")
    time, contents = _role(payload, "time", "Tid"), _role(payload, "metric", "ContentsCode")
    for name, variable in (("region", region), ("år", time), ("innehåll", contents)):
        if variable not in found:
            raise SourceError(SOURCE, f"{place}: variabeln för {name} saknas")
    return region, time, contents


def _questions(part: str, offer: Offer, years: list[str], base_url: str) -> list[Request]:
    """Return the questions for a table's areas over the years, each within the limit on cells."""
    step = max(1, MAX_CELLS // len(years))
    url = f"{base_url}/tables/{quote(offer.id)}/data?lang=sv&outputFormat=json-stat2"
    tags = {"table": part, "id": offer.id, "region": offer.region, "time": offer.time}
    portions = [list(offer.areas[first : first + step]) for first in range(0, len(offer.areas), step)]
    return [
        Request(
            url=url,
            part="data",
            body={
                "selection": [
                    {"variableCode": name, "valueCodes": codes}
                    for name, codes in {offer.region: areas, **offer.fixed, offer.time: years}.items()
                ]
            },
            tags=tags,
        )
        for areas in portions
    ]


def _only(name: str, dimension: Mapping[str, Any], place: str) -> str:
    """Return the one value, or the total, of a variable that must be given."""
    texts = labels(dimension)
    totals = [code for code, text in texts.items() if _TOTAL_LABEL.match(text)] or list(texts)
    if len(totals) > 1:
        totals = [code for code in totals if code.casefold() in _TOTAL_CODES]
    if len(totals) != 1:
        raise SourceError(SOURCE, f"{place}: variabeln {name} kan inte utelämnas och har ingen summa")
    return totals[0]


def payload_of(document: Document) -> dict[str, Any]:
    """Return an answer's JSON object.

    Raises
    ------
    SourceError
        If it is none.
    """
    url = document.request.url
    if not document.content.strip():
        raise SourceError(SOURCE, f"tomt svar (0 byte) från {url}")
    try:
        payload = json.loads(decode(SOURCE, document, "JSON"))
    except json.JSONDecodeError as error:
        raise SourceError(SOURCE, f"svaret är inte hel JSON (tecken {error.pos}): {url}") from error
    if not isinstance(payload, dict):
        raise SourceError(SOURCE, f"väntade ett JSON-objekt från {url}, fick {type(payload).__name__}")
    return payload


def dimensions(payload: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
    """Return the variables in the order of the cells, each checked."""
    names, found = payload.get("id"), payload.get("dimension")
    if not isinstance(names, list) or not isinstance(found, dict):
        raise SourceError(SOURCE, f"{place}: fältet id eller dimension saknas")
    for name in names:
        category = (found.get(name) or {}).get("category")
        if not isinstance(category, dict) or not isinstance(category.get("index"), (dict, list)):
            raise SourceError(SOURCE, f"{place}: variabeln {name} saknar fältet category.index")
    return {str(name): found[name] for name in names}


def labels(dimension: Mapping[str, Any]) -> dict[str, str]:
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
