"""The flags of the hotspots page as JSON and CSV, with all their numbers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lagesbild import reference
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.words import NAMES, cluster_text, recurrence_text
from lagesbild.warehouse import queries

if TYPE_CHECKING:
    from datetime import date

    from lagesbild.warehouse import Warehouse


def flags(
    warehouse: Warehouse, home: str, category: str | None = None, until: date | None = None
) -> dict[str, Any]:
    """Return the municipalities that stand out in the country, and the clusters of the home's county.

    Raises
    ------
    LookupError
        For a municipality or category that does not exist, or months without notices; in Swedish.
    """
    names = dict(queries.municipalities(warehouse).select("code", "name").iter_rows())
    if home not in names:
        raise LookupError(f"Det finns ingen kommun med koden {home}.")
    known = [row["category"] for row in reference.read_csv("police_categories.csv")]
    if category is not None and category not in known:
        raise LookupError(f"Okänd kategori: {category}. Välj bland {', '.join(known)}.")
    cube = cubes.notice_cube(warehouse, [category] if category else None, until)
    if not cube.months:
        raise LookupError("Det finns inga hela månader med notiser till och med då.")
    spots = cubes.spots(cube)
    clusters = cubes.building_up(cube, home[:2])
    return {
        "vintage": warehouse.vintage,
        "municipality": {"code": home, "name": names[home]},
        "source": reference.sources()["polisen"].attribution,
        "category": category or "alla",
        "first_month": f"{cube.months[0]:%Y-%m}",
        "last_month": f"{cube.months[-1]:%Y-%m}",
        "notices_per_municipality_and_month": cube.per_bin,
        "too_sparse_for_patterns": not spots,
        "spots": [
            {**asdict(spot), "name": names[spot.code], "category": spot.category.value, "category_sv": NAMES[spot.category],
             "since": f"{spot.since:%Y-%m}" if spot.since else None}
            for spot in spots if spot.sign != 0 or spot.code == home
        ],
        "clusters": [
            {
                "codes": codes, "names": [names[code] for code in codes], "months": cluster.steps, "notices": cluster.cases,
                "expected": cluster.expected, "log_likelihood_ratio": cluster.statistic, "p_value": cluster.p_value,
                "p_value_gumbel": cluster.gumbel, "recurrence_months": cluster.recurrence,
                "text": cluster_text(cluster, [names[code] for code in codes]), "how_unusual": recurrence_text(cluster),
            }
            for cluster, codes in clusters
        ],
    }  # fmt: skip


def to_json(found: dict[str, Any]) -> str:
    """Return the flags as JSON."""
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def to_csv(found: dict[str, Any]) -> str:
    """Return one row a flag, patterns first and then clusters."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["slag", "kommuner", "mönster", "sedan", "notiser", "väntade", "mått", "p", "månader mellan"]
    )
    for spot in found["spots"]:
        writer.writerow(["mönster", spot["name"], spot["category_sv"], spot["since"] or "", spot["count"], spot["expected"],
                         spot["score"], "", ""])  # fmt: skip
    for one in found["clusters"]:
        writer.writerow(["utbrott", ", ".join(one["names"]), "", "", one["notices"], one["expected"],
                         one["log_likelihood_ratio"], one["p_value"], one["recurrence_months"]])  # fmt: skip
    return stream.getvalue()
