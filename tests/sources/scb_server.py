"""A stand-in of SCB's PxWebApi v2: search, metadata and json-stat2 data, with SCB's limit on cells."""

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
Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass
class Table:
    """One table of the stand-in.

    ``values`` maps (area, year) to a figure; a text such as ``..`` is a status without a figure.
    ``extra`` variables hold a total first and can be left out unless ``mandatory`` names them.
    """

    id: str
    label: str
    contents: dict[str, str]
    areas: dict[str, str]
    years: list[str]
    values: Mapping[tuple[str, str], float | str]
    region: str = "Region"
    extra: dict[str, dict[str, str]] = field(default_factory=dict)
    mandatory: frozenset[str] = frozenset()
    sparse: bool = False
    discontinued: bool = False

    @property
    def variables(self) -> dict[str, dict[str, str]]:
        """Texts by code for each variable, in the order of the cells."""
        return {
            self.region: self.areas,
            **self.extra,
            "ContentsCode": self.contents,
            "Tid": {year: year for year in self.years},
        }


@dataclass
class ScbRoutes:
    """Answers like SCB from plain Python data."""

    tables: list[Table]
    page_size: int = 100
    max_cells: int = MAX_CELLS

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        if path == "/tables" and method == "GET":
            return self._search(query)
        match = re.fullmatch(r"/tables/([^/]+)/(metadata|data)", path)
        table = next((t for t in self.tables if match and t.id == match[1]), None)
        if match is None or table is None:
            return _problem(404, "Not Found")
        if (method, match[2]) == ("GET", "metadata"):
            return 200, JSON, json.dumps(_dataset(table, table.variables, with_values=False)).encode()
        if (method, match[2]) == ("POST", "data") and query.get("outputFormat") == "json-stat2":
            return self._data(table, body)
        return _problem(400, "Unsupported format")

    def _search(self, query: Mapping[str, str]) -> Answer:
        """Answer with any table that shares a word with the query, as SCB's index does."""
        words = set(re.findall(r"\w{4,}", query.get("query", "").casefold()))
        hits = [t for t in self.tables if not words or words & set(re.findall(r"\w{4,}", t.label.casefold()))]
        size = min(int(query.get("pageSize", "20")), self.page_size)
        number = int(query.get("pageNumber", "1"))
        page = [
            {"type": "Table", "id": t.id, "label": t.label, "description": "", "firstPeriod": t.years[0],
             "lastPeriod": t.years[-1], "discontinued": t.discontinued}
            for t in hits[(number - 1) * size : number * size]
        ]  # fmt: skip
        pages = {"pageNumber": number, "pageSize": size, "totalElements": len(hits),
                 "totalPages": math.ceil(len(hits) / size)}  # fmt: skip
        return 200, JSON, json.dumps({"language": "sv", "tables": page, "page": pages}).encode()

    def _data(self, table: Table, body: Any) -> Answer:
        chosen = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
        kept: dict[str, dict[str, str]] = {}
        for name, texts in table.variables.items():
            if name not in chosen:
                if name not in table.extra or name in table.mandatory:
                    return _problem(400, f"Missing selection for mandatory variable {name}")
                continue
            if not set(chosen[name]) <= set(texts):
                return _problem(400, f"Non-existent value for {name}")
            kept[name] = {code: texts[code] for code in texts if code in set(chosen[name])}
        if set(chosen) - set(kept):
            return _problem(400, "Non-existent variable")
        if math.prod(len(texts) for texts in kept.values()) > self.max_cells:
            return _problem(403, "Too many cells selected")
        return 200, JSON, json.dumps(_dataset(table, kept, with_values=True)).encode()


def _dataset(table: Table, variables: dict[str, dict[str, str]], *, with_values: bool) -> dict[str, Any]:
    names = list(variables)
    found: list[float | None] = []
    status: dict[str, str] = {}
    if with_values:
        region, time = names.index(table.region), names.index("Tid")
        for position, key in enumerate(product(*variables.values())):
            value = table.values.get((key[region], key[time]), "..")
            found.append(None if isinstance(value, str) else value)
            if isinstance(value, str):
                status[str(position)] = value
    values: Any = found
    if table.sparse:
        values = {str(position): value for position, value in enumerate(found) if value is not None}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.label,
        "source": "SCB",
        "role": {"time": ["Tid"], "geo": [table.region], "metric": ["ContentsCode"]},
        "id": names,
        "size": [len(texts) for texts in variables.values()],
        "dimension": {
            name: {
                "label": {"Tid": "år", "ContentsCode": "tabellinnehåll"}.get(name, name.casefold()),
                "category": {"index": {code: n for n, code in enumerate(texts)}, "label": texts},
                "extension": {"elimination": name in table.extra and name not in table.mandatory},
            }
            for name, texts in variables.items()
        },
        **({"value": values} if with_values else {}),
        **({"status": status} if status else {}),
    }


def _problem(status: int, title: str) -> Answer:
    return status, {"Content-Type": "application/problem+json"}, json.dumps({"title": title}).encode()


def population_table(areas: dict[str, str], values: Mapping[tuple[str, str], float | str]) -> Table:
    """A table like TAB638, with the country and a county beside the municipalities."""
    years = sorted({year for _, year in values})
    return Table(
        id="TAB638",
        label=f"Folkmängden efter region, civilstånd, ålder och kön. År {years[0]} - {years[-1]}",
        contents={"BE0101N1": "Folkmängd", "BE0101N2": "Folkökning"},
        areas={"00": "Riket", "01": "Stockholms län", **areas},
        years=years,
        values=values,
        extra={"Civilstand": {"OG": "ogifta", "G": "gifta"}, "Kon": {"1": "män", "2": "kvinnor"}},
    )


def from_shared(folder: Path) -> ScbRoutes:
    """Serve the real population in ``shared/data/scb`` (31 December of 2017, 2021 and 2024; no localities there)."""
    rows = pl.read_csv(folder / "population_2024.csv", infer_schema=False)
    areas = dict(rows.select("kommun_kod", "kommun_namn").iter_rows())
    values: dict[tuple[str, str], float | str] = {
        (code, "2024"): int(count) for code, count in rows.select("kommun_kod", "population").iter_rows()
    }
    # The shared table by age and sex has two broken names and other sums; this one has codes. It gives
    # the election years' 1 January: its sums are the country's known 10 120 242 and 10 452 326 of
    # 31 December 2017 and 2021.
    earlier = pl.read_csv(folder / "municipality_population_age_education.csv", infer_schema=False)
    for code, year, count in earlier.select("municip_code", "year", "pop").iter_rows():
        if year in {"2018", "2022"}:
            values[code, str(int(year) - 1)] = int(count)
    return ScbRoutes([population_table(areas, values)])
