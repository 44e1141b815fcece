"""A stand-in of api.kolada.se/v3: pages of at most 5 000, values for asked areas and years only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE = 5000
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class KoladaRoutes:
    """Answers like Kolada from plain Python data.

    ``values`` maps a key figure to rows of (area, year, value, status).
    """

    municipalities: list[dict[str, str]]
    groups: list[dict[str, Any]]
    catalogue: list[dict[str, Any]]
    values: dict[str, list[tuple[str, int, float | None, str]]]
    page: int = PAGE
    base: str = "https://api.kolada.se/v3"
    asked: list[str] = field(default_factory=list)

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        assert method == "GET", "Kolada is only read"
        assert body is None
        self.asked.append(path)
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts == ["municipality"]:
            return self._paged(self.municipalities, path, query)
        if parts == ["municipality-groups"]:
            return self._paged(self.groups, path, query)
        if parts == ["kpi"]:
            text = query.get("title", "").casefold()
            return self._paged([k for k in self.catalogue if text in k["title"].casefold()], path, query)
        if len(parts) == 7 and [parts[0], parts[1], parts[3], parts[5]] == [
            "data",
            "kpi",
            "municipality",
            "year",
        ]:
            return self._paged(
                self._data(parts[2], set(parts[4].split(",")), set(parts[6].split(","))),
                path,
                query,
            )
        return 404, {}, b'{"detail":"Not Found"}'

    def _data(self, kpi: str, areas: set[str], years: set[str]) -> list[dict[str, Any]]:
        return [
            {
                "kpi": kpi,
                "municipality": area,
                "period": year,
                "values": [
                    {
                        "gender": "T",
                        "count": 1,
                        "status": status,
                        "value": value,
                        "isdeleted": False,
                    }
                ],
            }
            for area, year, value, status in self.values.get(kpi, [])
            if area in areas and str(year) in years
        ]

    def _paged(self, items: list[dict[str, Any]], path: str, query: Mapping[str, str]) -> Answer:
        number = int(query.get("page", "1"))
        part = items[(number - 1) * self.page : number * self.page]
        kept = "&".join(f"{key}={value}" for key, value in query.items() if key != "page")
        more = number * self.page < len(items)
        following = f"{self.base}{path}?{kept}{'&' if kept else ''}page={number + 1}" if more else None
        payload = {"values": part, "count": len(part), "next_url": following, "previous_url": None}
        return 200, {"Content-Type": "application/json"}, json.dumps(payload).encode()


def from_shared(folder: Path) -> KoladaRoutes:
    """Serve the real figures in ``shared/data/kolada``."""
    municipalities = pl.read_csv(folder / "municipality.csv", infer_schema=False).to_dicts()
    groups = pl.read_parquet(folder / "municipality_groups.parquet").group_by(
        "group_id", "group_title", maintain_order=True
    )
    figures = pl.read_csv(
        folder / "crime_per_100k.csv", schema_overrides={"code": pl.String, "year": pl.Int64}
    )
    values: dict[str, list[tuple[str, int, float | None, str]]] = {}
    for kpi, code, year, value in figures.select("kpi", "code", "year", "value").iter_rows():
        values.setdefault(kpi, []).append((code, year, value, ""))
    catalogue = pl.read_csv(folder / "kpi_metadata_crime.csv", infer_schema=False)
    return KoladaRoutes(
        municipalities=municipalities,
        groups=[
            {
                "id": group_id,
                "title": title,
                "members": [
                    {"member_id": m["member_id"], "member_title": m["member_title"]} for m in part.to_dicts()
                ],
            }
            for (group_id, title), part in groups
        ],
        catalogue=catalogue.select("id", "title", "description").to_dicts(),
        values=values,
    )
