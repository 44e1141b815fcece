"""A stand-in of api.kolada.se/v3, as strict as the real one is known to be.

Modelled on: the recorded requests in ``shared/data/formats/cases/kolada_*`` (``municipality_groups`` with an
underscore, 422 for more than 25 ids in a segment, data without a municipality segment for all areas), the real
catalogue's entries and order, the real groups and titles in ``shared/data/kolada``. Not confirmed: the wording
of error bodies, what more than 5 000 rows a page answers (422 here), and whether the years' segment counts its
ids too (it does here).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE, MOST_IDS = 5000, 25
Answer = tuple[int, dict[str, str], bytes]
_JSON = {"Content-Type": "application/json"}
#: Where a segment of the data address stands, by what it holds.
_DATA = ({1: "kpi", 3: "municipality", 5: "year"}, {1: "kpi", 3: "year"}, {1: "kpi", 3: "municipality"})


@dataclass(kw_only=True)
class KoladaRoutes:
    """Answers like Kolada from plain Python data.

    ``values`` maps a key figure to rows of (area, year, value, status). ``asked`` are the paths, in order.
    """

    municipalities: list[dict[str, str]]
    groups: list[dict[str, Any]]
    catalogue: list[dict[str, Any]]
    values: dict[str, list[tuple[str, int, float | None, str]]]
    page: int = PAGE
    base: str = "https://api.kolada.se/v3"
    asked: list[str] = field(default_factory=list)

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        if method != "GET" or body is not None:
            return 405, _JSON, b'{"detail":"Method Not Allowed"}'
        self.asked.append(path)
        if not set(query) <= {"per_page", "page", "title"} or int(query.get("per_page", "1")) > PAGE:
            return 422, _JSON, b'{"detail":[{"type":"query"}]}'
        parts = [unquote(part) for part in path.strip("/").split("/")]
        listings = {
            "municipality": self.municipalities,
            "municipality_groups": self.groups,
            "kpi": self.catalogue,
        }
        if len(parts) == 1 and parts[0] in listings:
            wanted = query.get("title", "").casefold()
            return self._paged(
                [e for e in listings[parts[0]] if wanted in e["title"].casefold()], path, query
            )
        segments = {parts[at]: parts[at + 1].split(",") for at in range(1, len(parts) - 1, 2)}
        if parts[0] == "data" and any(
            list(segments) == list(form.values()) and len(parts) == 2 * len(form) + 1 for form in _DATA
        ):
            return self._data(segments, path, query)
        return 404, _JSON, b'{"detail":"Not Found"}'

    def _data(self, asked: Mapping[str, list[str]], path: str, query: Mapping[str, str]) -> Answer:
        if any(len(ids) > MOST_IDS for ids in asked.values()):
            return 422, _JSON, b'{"detail":[{"type":"too_long"}]}'
        areas, years = (set(asked.get(name, ())) for name in ("municipality", "year"))
        rows = [
            {
                "kpi": kpi,
                "municipality": area,
                "period": year,
                "values": [{"gender": "T", "count": 1, "status": status, "value": value, "isdeleted": False}],
            }
            for kpi in asked["kpi"]
            for area, year, value, status in self.values.get(kpi, [])
            if (not areas or area in areas) and (not years or str(year) in years)
        ]
        return self._paged(rows, path, query)

    def _paged(self, items: list[dict[str, Any]], path: str, query: Mapping[str, str]) -> Answer:
        number, size = int(query.get("page", "1")), min(self.page, int(query.get("per_page", str(self.page))))
        part = items[(number - 1) * size : number * size]
        kept = "&".join(f"{key}={value}" for key, value in query.items() if key != "page")
        more = number * size < len(items)
        following = f"{self.base}{path}?{kept}{'&' if kept else ''}page={number + 1}" if more else None
        payload = {"values": part, "count": len(part), "next_url": following, "previous_url": None}
        return 200, _JSON, json.dumps(payload).encode()


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
    longer = pl.read_csv(folder / "theft_damage_2010_2023.csv", schema_overrides={"code": pl.String})
    for kpi, column in (("U07417", "U07417_theft_per_100k"), ("U07452", "U07452_damage_per_100k")):
        values[kpi] = [
            (code, year, value, "") for code, year, value in longer.select("code", "year", column).iter_rows()
        ]
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
