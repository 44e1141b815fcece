"""A stand-in of SCB's PxWebApi v2: search, metadata and selections as json-stat2, limits included."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

Answer = tuple[int, dict[str, str], bytes]
MOST_CELLS = 150_000


@dataclass
class Table:
    """A table of one content by region and year."""

    id: str
    label: str
    region: str
    regions: dict[str, str]
    contents: dict[str, str]
    values: dict[tuple[str, int], int | None]
    years: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.years = sorted({year for _, year in self.values})

    def dataset(self, regions: list[str], years: list[str], *, with_values: bool) -> dict[str, Any]:
        dimensions = {
            self.region: {code: self.regions[code] for code in regions},
            "ContentsCode": self.contents,
            "Tid": {year: year for year in years},
        }
        payload: dict[str, Any] = {
            "version": "2.0",
            "class": "dataset",
            "label": self.label,
            "id": list(dimensions),
            "size": [len(labels) for labels in dimensions.values()],
            "dimension": {
                name: {"category": {"index": {code: n for n, code in enumerate(labels)}, "label": labels}}
                for name, labels in dimensions.items()
            },
        }
        if with_values:
            payload["value"] = [self.values.get((code, int(year))) for code in regions for year in years]
        return payload


class ScbRoutes:
    """Answers for the given tables."""

    def __init__(self, *tables: Table) -> None:
        self._tables = {table.id: table for table in tables}

    def __call__(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        parts = path.strip("/").split("/")
        if parts == ["tables"]:
            words = query.get("query", "").casefold().replace(",", "").split()
            found = [t for t in self._tables.values() if all(word in t.label.casefold() for word in words)]
            return _json({"tables": [{"id": t.id, "label": t.label} for t in found]})
        table = self._tables.get(parts[1]) if len(parts) == 3 and parts[0] == "tables" else None
        if table is None:
            return 404, {}, b""
        if parts[2] == "metadata" and method == "GET":
            return _json(table.dataset(list(table.regions), [str(y) for y in table.years], with_values=False))
        if parts[2] == "data" and method == "POST" and query.get("outputFormat") == "json-stat2":
            chosen = {item["variableCode"]: item["valueCodes"] for item in body["selection"]}
            regions, years = chosen[table.region], chosen["Tid"]
            if len(regions) * len(years) > MOST_CELLS:
                return 403, {}, b"Too many cells"
            if not set(regions) <= set(table.regions):
                return 400, {}, b"Bad selection"
            return _json(table.dataset(regions, years, with_values=True))
        return 404, {}, b""


def _json(payload: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(payload).encode()


def population_table(
    regions: dict[str, str], values: dict[tuple[str, int], int | None], **changed: Any
) -> Table:
    fields: dict[str, Any] = {
        "id": "TAB638",
        "label": "Folkmängden efter region, civilstånd, ålder och kön. År 1968-2024",
        "region": "Region",
        "contents": {"BE0101N1": "Folkmängd"},
    }
    return Table(**{**fields, **changed}, regions=regions, values=values)


def localities_table(regions: dict[str, str], values: dict[tuple[str, int], int | None]) -> Table:
    return Table(
        id="TAB4060", label="Folkmängd per tätort. År 2005-2025", region="Region", regions=regions,
        contents={"BE0101A": "Folkmängd"}, values=values,
    )  # fmt: skip


def from_shared(folder: Path) -> ScbRoutes:
    """Serve the real populations in ``shared/data/scb``: the year ends 2018, 2022 and 2024."""
    latest = pl.read_csv(folder / "population_2024.csv", schema_overrides={"kommun_kod": pl.String})
    regions = dict(zip(latest["kommun_kod"], latest["kommun_namn"], strict=True))
    values: dict[tuple[str, int], int | None] = {
        (code, 2024): people for code, people in latest.select("kommun_kod", "population").iter_rows()
    }
    by_age = pl.read_parquet(folder / "population_age_sex_2018_2022.parquet")
    for year in (2018, 2022):
        total = by_age.group_by("municipality").agg(
            pl.col(f"population_{year}").cast(pl.Int64).sum().alias("people")
        )
        codes = {name: code for code, name in regions.items()}
        for name, persons in total.iter_rows():
            values[codes[name], year] = persons
    # The shared files hold no localities of real figures; the table is there, without municipalities' rows.
    return ScbRoutes(
        population_table(regions, values), localities_table({"0000TB000": "–"}, {("0000TB000", 2024): None})
    )
