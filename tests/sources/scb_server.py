"""A stand-in of SCB's PxWebApi v2, modelled on what the real service answered in February 2026.

Real: the answer to the search for "folkmängden efter region, civilstånd, ålder och kön" (both tables), and
the metadata of TAB638 (1968-2024) and TAB5557 (2025), as kept in ``data/formats/cases/scb_tab5557`` of the
shared folder, where the regions and the single ages are cut. Ids, titles, codes, texts, order and which
variables may be left out are the files'; `tests.pipelines.test_scb` holds them together. The limit of 150 000
cells and the two base paths are SCB's own. Figures are the tests'.

Confirmed by others' notes on the live service, not seen by us: a value that does not exist gives 400
"Non-existent value"; locality codes look like ``0380TB108``; TAB4060 is yearly, 2005-2025. Not confirmed: the
status and text of the other refusals (403 over the limit, 400 for a variable that must be given, 404 for an
unknown table), the field ``discontinued`` of a search, and TAB4060's title, variables and content codes.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_CELLS = 150_000
#: The newer address and the older one; nothing else is served.
BASES = ("/api/v2", "/OV0104/v2beta/api/v2")
BASE = BASES[0]
Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json; charset=utf-8"}
_COUNTIES = {"00": "Riket", "18": "Örebro län"}
_STATUSES = {"OG": "ogifta", "G": "gifta", "SK": "skilda", "ÄNKL": "änkor/änklingar"}
_SEXES = {"1": "män", "2": "kvinnor"}
_ALL_AGES = "totalt, samtliga åldrar"
_FIVES = {"-4": "0–4 år", **{f"{n}-{n + 4}": f"{n}–{n + 4} år" for n in range(5, 100, 5)}}


@dataclass(frozen=True)
class Variable:
    """A variable of a table: texts by code; ``total`` is the code of all together, if there is one.

    ``can_be_left_out``: the service then answers for all together (elimination).
    """

    label: str
    texts: dict[str, str]
    can_be_left_out: bool = True
    total: str | None = None


#: Variables between region and contents, and the contents, of the two real tables.
TAB638 = {
    "Civilstand": Variable("civilstånd", _STATUSES),
    "Alder": Variable(
        "ålder", {"0": "0 år", "1": "1 år", "100+": "100+ år", "tot": "totalt ålder"}, total="tot"
    ),
    "Kon": Variable("kön", _SEXES),
}
TAB638_CONTENTS = {"BE0101N1": "Folkmängd", "BE0101N2": "Folkökning"}
TAB5557 = {
    "Civilstand": Variable("civilstånd", {"SC": "totalt, samtliga civilstånd", **_STATUSES}, False, "SC"),
    "Alder": Variable(
        "ålder",
        {
            "TotSA": _ALL_AGES,
            "0": "0 år",
            "1": "1 år",
            **_FIVES,
            "100+1": "100+ år",
            "100+5": "100+ år",
            "100+10": "100+ år",
            "TOT1": _ALL_AGES,
            "TOT10": _ALL_AGES,
            "TOT5": _ALL_AGES,
        },
        False,
        "TotSA",
    ),
    "Kon": Variable("kön", {"TotSa": "totalt, samtliga män och kvinnor", **_SEXES}, True, "TotSa"),
}
TAB5557_CONTENTS = {"000007ME": "Folkmängd", "000007MG": "Folkökning"}


@dataclass(kw_only=True)
class Table:
    """One table of the stand-in.

    ``values`` maps (area, year) to the figure of the first content for all together; a text such as ``..`` is
    a status without a figure. A part (one sex, one age) or another content has a figure that would be noticed.
    """

    id: str
    label: str
    contents: dict[str, str]
    areas: dict[str, str]
    years: list[str]
    values: Mapping[tuple[str, str], float | str]
    region: str = "Region"
    extra: dict[str, Variable] = field(default_factory=dict)
    sparse: bool = False
    discontinued: bool = False

    @property
    def variables(self) -> dict[str, Variable]:
        """The variables in the order of the cells."""
        return {
            self.region: Variable(self.region.casefold(), self.areas),
            **self.extra,
            "ContentsCode": Variable("tabellinnehåll", self.contents, can_be_left_out=False),
            "Tid": Variable("år", {year: year for year in self.years}, can_be_left_out=False),
        }

    def value(self, cell: Mapping[str, str]) -> float | str:
        """Return the figure of a cell: codes by variable, those left out not named."""
        found = self.values.get((cell[self.region], cell["Tid"]), "..")
        parts = [n for n, variable in self.extra.items() if cell.get(n, variable.total) != variable.total]
        if isinstance(found, str) or not (parts or cell["ContentsCode"] != next(iter(self.contents))):
            return found
        return int(found) // 10


@dataclass
class ScbRoutes:
    """Answers like SCB from plain Python data."""

    tables: list[Table]
    page_size: int = 100
    max_cells: int = MAX_CELLS

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        base = next((base for base in BASES if path.startswith(f"{base}/")), None)
        if base is None:
            return _problem(404, "Not Found")
        inside = path.removeprefix(base)
        if inside == "/tables" and method == "GET":
            return self._search(query)
        match = re.fullmatch(r"/tables/([^/]+)/(metadata|data)", inside)
        table = next((t for t in self.tables if match and t.id == match[1]), None)
        if match is None or table is None:
            return _problem(404, "Non-existent table" if match else "Not Found")
        if (method, match[2]) == ("GET", "metadata"):
            return 200, JSON, json.dumps(_metadata(table)).encode()
        if (method, match[2]) == ("POST", "data") and query.get("outputFormat") == "json-stat2":
            return self._data(table, body)
        return _problem(400, "Unsupported output format")

    def _search(self, query: Mapping[str, str]) -> Answer:
        """Answer with any table that shares a word with the query, as SCB's index does."""
        words = set(re.findall(r"\w{4,}", query.get("query", "").casefold()))
        hits = [t for t in self.tables if not words or words & set(re.findall(r"\w{4,}", t.label.casefold()))]
        size = min(int(query.get("pageSize", "20")), self.page_size)
        number = int(query.get("pageNumber", "1"))
        page = [
            {
                "id": t.id,
                "label": t.label,
                "description": "",
                "updated": "2026-02-24T07:00:00Z",
                "firstPeriod": "",
                "lastPeriod": "",
                "category": "public",
                "variableNames": [],
                "source": "SCB",
                "timeUnit": "Annual",
                "paths": [],
                "links": [],
                **({"discontinued": True} if t.discontinued else {}),
            }
            for t in hits[(number - 1) * size : number * size]
        ]
        pages = {
            "pageNumber": number,
            "pageSize": size,
            "totalElements": len(hits),
            "totalPages": math.ceil(len(hits) / size),
            "links": [],
        }
        answer = {"language": query.get("lang", "sv"), "tables": page, "page": pages, "links": []}
        return 200, JSON, json.dumps(answer).encode()

    def _data(self, table: Table, body: Any) -> Answer:
        chosen = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
        if set(chosen) - set(table.variables):
            return _problem(400, "Non-existent variable")
        kept: dict[str, Variable] = {}
        for name, variable in table.variables.items():
            if name not in chosen:
                if not variable.can_be_left_out:
                    return _problem(400, "Missing selection for mandatory variable")
                continue
            if not chosen[name] or not set(chosen[name]) <= set(variable.texts):
                return _problem(400, "Non-existent value")
            texts = {code: text for code, text in variable.texts.items() if code in set(chosen[name])}
            kept[name] = Variable(variable.label, texts, variable.can_be_left_out)
        if math.prod(len(variable.texts) for variable in kept.values()) > self.max_cells:
            return _problem(403, "Too many cells selected")
        return 200, JSON, json.dumps(_figures(table, kept)).encode()


def _metadata(table: Table) -> dict[str, Any]:
    return {**_dataset(table, table.variables), "extension": {"px": {"tableid": table.id}}, "value": []}


def _figures(table: Table, variables: dict[str, Variable]) -> dict[str, Any]:
    found: list[float | None] = []
    status: dict[str, str] = {}
    for position, key in enumerate(product(*(variable.texts for variable in variables.values()))):
        value = table.value(dict(zip(variables, key, strict=True)))
        found.append(None if isinstance(value, str) else value)
        if isinstance(value, str):
            status[str(position)] = value
    values: Any = found
    if table.sparse:
        values = {str(position): value for position, value in enumerate(found) if value is not None}
    return {**_dataset(table, variables), "value": values, **({"status": status} if status else {})}


def _dataset(table: Table, variables: dict[str, Variable]) -> dict[str, Any]:
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.label,
        "source": "SCB",
        "updated": "2026-02-24T07:00:00Z",
        "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
        "id": list(variables),
        "size": [len(variable.texts) for variable in variables.values()],
        "dimension": {
            name: {
                "label": variable.label,
                "category": {
                    "index": {code: n for n, code in enumerate(variable.texts)},
                    "label": variable.texts,
                },
                "extension": {"elimination": variable.can_be_left_out, "show": "value", "codelists": []},
            }
            for name, variable in variables.items()
        },
    }


def _problem(status: int, title: str) -> Answer:
    return status, {"Content-Type": "application/problem+json"}, json.dumps({"title": title}).encode()


Values = dict[tuple[str, str], float | str]


def _with_country(areas: dict[str, str], values: Mapping[tuple[str, str], float | str]) -> Values:
    """Add the country's figures: the sum of the municipalities."""
    years = {year for _, year in values}
    sums: Values = {
        ("00", year): sum(
            n for (c, y), n in values.items() if y == year and c in areas and not isinstance(n, str)
        )
        for year in years
    }
    return {**sums, **values}


def population_table(areas: dict[str, str], values: Mapping[tuple[str, str], float | str]) -> Table:
    """TAB638, which ends with 2024 in reality; its region list holds the country and the counties too."""
    years = sorted({year for _, year in values})
    return Table(
        id="TAB638",
        label=f"Folkmängden efter region, civilstånd, ålder och kön.  År {years[0]}-{years[-1]}",
        contents=TAB638_CONTENTS,
        areas={**_COUNTIES, **areas},
        years=years,
        values=_with_country(areas, values),
        extra=dict(TAB638),
    )


def successor_table(areas: dict[str, str], values: Mapping[tuple[str, str], float | str]) -> Table:
    """TAB5557, which holds 2025 in reality: other codes, and marital status and age must be chosen."""
    years = sorted({year for _, year in values})
    return Table(
        id="TAB5557",
        label=f"Folkmängden efter region, civilstånd, ålder och kön. År {'-'.join(dict.fromkeys((years[0], years[-1])))}",
        contents=TAB5557_CONTENTS,
        areas={**_COUNTIES, **areas},
        years=years,
        values=_with_country(areas, values),
        extra=dict(TAB5557),
    )


def population_tables(areas: dict[str, str], values: Mapping[tuple[str, str], float | str]) -> list[Table]:
    """The years to 2024 in the old table, those from 2025 in its successor, as at SCB."""
    parts = [
        {key: value for key, value in values.items() if (key[1] >= "2025") == late} for late in (False, True)
    ]
    makers = (population_table, successor_table)
    return [make(areas, part) for make, part in zip(makers, parts, strict=True) if part]


def from_shared(folder: Path) -> ScbRoutes:
    """Serve SCB's real population of 31 December 2010-2025 in ``shared/data/scb`` (no localities there)."""
    rows = pl.read_csv(folder / "population_31dec_2010_2025.csv", infer_schema=False)
    areas = dict(rows.select("code", "municipality").iter_rows())
    values = {(code, year): int(n) for code, year, n in rows.select("code", "year", "population").iter_rows()}
    return ScbRoutes(list(population_tables(areas, values)))
