"""The flags of the hotspots page as JSON and CSV, with all their numbers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.hotspots import alarms
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.flags import BUDGET
from lagesbild.hotspots.quiet import YEARS
from lagesbild.hotspots.watching import ALL
from lagesbild.hotspots.words import METHODS, NAMES, cluster_text, flag_text, recurrence_text, unusual_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.flags import Flag
    from lagesbild.signals.store import Decision, SignalStore


def flags(
    warehouse: Warehouse,
    home: str,
    category: str | None = None,
    until: date | None = None,
    local: LocalFiles | None = None,
) -> dict[str, Any]:
    """Return the municipalities that stand out in the country, the clusters of the home's county, and the flags.

    Parameters
    ----------
    local
        The municipality's own data, and where what takes long is kept; without it there are no signals
        or decisions, and the false alarms are not measured.

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
    titles = titles_of(warehouse)
    return {
        "vintage": warehouse.vintage,
        "municipality": {"code": home, "name": names[home]},
        "source": reference.sources()["polisen"].attribution,
        "category": category or "alla",
        "first_month": f"{cube.months[0]:%Y-%m}",
        "last_month": f"{cube.months[-1]:%Y-%m}",
        "missing_months": [f"{month:%Y-%m}" for month in cube.missing],
        "missing_text": cube.told_missing,
        "notices_per_municipality_and_month": cube.per_bin,
        "too_sparse_for_patterns": not spots,
        "spots": [
            {
                **asdict(spot),
                "name": names[spot.code],
                "category": spot.category.value,
                "category_sv": NAMES[spot.category],
                "since": f"{spot.since:%Y-%m}" if spot.since else None,
            }
            for spot in spots
            if spot.sign != 0 or spot.code == home
        ],
        "clusters": [
            {
                "codes": codes,
                "names": [names[code] for code in codes],
                "months": cluster.steps,
                "notices": cluster.cases,
                "expected": cluster.expected,
                "log_likelihood_ratio": cluster.statistic,
                "p_value": cluster.p_value,
                "p_value_gumbel": cluster.gumbel,
                "recurrence_months": cluster.recurrence,
                "text": cluster_text(cluster, [names[code] for code in codes], cube.months[-1]),
                "how_unusual": recurrence_text(cluster),
            }
            for cluster, codes in clusters
        ],
        **_flagged(warehouse, home, until, local, names, titles),
    }


@dataclass(frozen=True)
class LocalFiles:
    """The municipality's own data, today's date, and whether false alarms are measured on quiet years."""

    store: SignalStore
    today: date
    derived: Path
    measure: bool = False


def titles_of(warehouse: Warehouse) -> dict[str, str]:
    """Return what every watched category or crime type is called in Swedish."""
    categories = {row["category"]: row["title"] for row in reference.read_csv("police_categories.csv")}
    return (
        {ALL: "Alla händelser"}
        | categories
        | dict(queries.indicators(warehouse).select("id", "short_sv").iter_rows())
    )


def _flagged(
    warehouse: Warehouse,
    home: str,
    until: date | None,
    local: LocalFiles | None,
    names: Mapping[str, str],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    signals = local.store.signals(home, local.today) if local else []
    today = local.today if local else date.max
    watched = alarms.watched_with(warehouse, signals, home, until, today)
    if watched is None:
        return {"alarm_budget": None, "flags": []}
    budget = alarms.budget_of(local.store, home) if local else BUDGET
    looks = watched.history()
    found = alarms.Overview.of(looks, budget)
    decisions = local.store.decisions(home) if local else {}
    told: dict[str, Any] = {
        "false_alarms_a_year": budget,
        "level": found.level,
        "looks_in_a_year": len(looks),
        "measured_on_quiet_years": None,
    }
    if local and local.measure:
        rate, low, high = alarms.measured(watched, warehouse.vintage, local.derived)[budget]
        told["measured_on_quiet_years"] = {"years": YEARS, "a_year": rate, "lower_95": low, "upper_95": high}
    rows = [flag_row(flag, names, titles, decisions.get(flag.id, [])) for flag in found.flags]
    return {"alarm_budget": told, "flags": rows}


def flag_row(
    flag: Flag, names: Mapping[str, str], titles: Mapping[str, str], decided: Sequence[Decision] = ()
) -> dict[str, Any]:
    """Return a flag with all its numbers."""
    when, finding = flag.latest
    return {
        "id": flag.id,
        "method": flag.method.value,
        "method_sv": METHODS[flag.method],
        "key": flag.key,
        "key_sv": titles.get(flag.key, flag.key),
        "places": list(flag.places),
        "places_sv": [names.get(place, place) for place in flag.places],
        "status": alarms.status_of(flag, decided).value,
        "since": flag.since.isoformat(),
        "latest": when.isoformat(),
        "looks_a_year": flag.per_year,
        "steps": finding.length,
        "observed": finding.observed,
        "expected": finding.expected,
        "p_value": finding.p_value,
        "years_between": flag.years_between,
        "preliminary": flag.preliminary,
        "text": flag_text(flag, names),
        "how_unusual": unusual_text(flag),
        "seen": [{"from": step.isoformat(), **asdict(one)} for step, one in flag.seen],
        "decisions": [
            {"at": one.decided_at.isoformat(), "decision": one.decision.value, "reason": one.reason}
            for one in decided
        ],
    }


def to_json(found: dict[str, Any]) -> str:
    """Return the flags as JSON."""
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def to_csv(found: dict[str, Any]) -> str:
    """Return one row each: patterns, then clusters, then flags."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        ["slag", "kommuner", "kod", "mönster", "sedan", "notiser", "väntade", "mått", "p", "månader mellan"]
    )
    for spot in found["spots"]:
        writer.writerow(
            [
                "mönster",
                spot["name"],
                spot["code"],
                spot["category_sv"],
                spot["since"] or "",
                spot["count"],
                spot["expected"],
                spot["score"],
                "",
                "",
            ]
        )
    for one in found["clusters"]:
        writer.writerow(
            [
                "utbrott",
                ", ".join(one["names"]),
                ", ".join(one["codes"]),
                "",
                "",
                one["notices"],
                one["expected"],
                one["log_likelihood_ratio"],
                one["p_value"],
                one["recurrence_months"],
            ]
        )
    for flag in found["flags"]:
        names, codes = ", ".join(flag["places_sv"]), ", ".join(flag["places"])
        writer.writerow(
            [
                "flagga",
                names,
                codes,
                flag["key_sv"],
                flag["since"],
                flag["observed"],
                flag["expected"],
                flag["years_between"],
                flag["p_value"],
                12 * flag["years_between"],
            ]
        )
    return stream.getvalue()
