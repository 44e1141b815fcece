"""What the hotspots page shows as JSON, CSV and text, with all its numbers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.data.warehouse import queries
from lagesbild.hotspots import alarms
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.flags import BUDGET
from lagesbild.hotspots.quiet import YEARS
from lagesbild.hotspots.watching import ALL
from lagesbild.hotspots.words import (
    DECISIONS,
    METHODS,
    NAMES,
    STATUSES,
    county_text,
    flag_text,
    reach_text,
    told_together,
    unusual_text,
)
from lagesbild.swedish import number, spreadsheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.flags import Flag
    from lagesbild.hotspots.watching import Finding
    from lagesbild.signals.store import Decision, SignalStore

#: The tables there are, one a file.
TABLES = ("flaggor", "mönster", "beslut")


def found(
    warehouse: Warehouse,
    home: str,
    category: str | None = None,
    until: date | None = None,
    local: LocalFiles | None = None,
) -> dict[str, Any]:
    """Return what is flagged for a municipality and which municipalities stand out in the country.

    Parameters
    ----------
    category
        One of `cube.categories`, for the pattern and the flags alike; default everything that is watched, and the
        pattern of reported crimes in total.
    until
        The last month that is used; default all there is.
    local
        The municipality's own data, and where what takes long is kept; without it there are no signals
        or decisions, and the false alarms are not measured.

    Raises
    ------
    LookupError
        For a municipality or category that does not exist, or a month that the figures do not reach; in Swedish.
    """
    names = dict(queries.municipalities(warehouse).select("code", "name").iter_rows())
    if home not in names:
        raise LookupError(f"Det finns ingen kommun med koden {home}.")
    known = cubes.categories(warehouse)
    category = cubes.category_of(category, known)
    shown = category or cubes.TOTAL
    cube = cubes.cube_of(warehouse, shown)
    if not cube.months:
        raise LookupError(f"Det finns inga siffror för {known[shown]}.")
    _check_reach(cube, until)
    cube = cubes.cube_of(warehouse, shown, until) if until else cube
    if not cube.months:
        raise LookupError("Det finns inga hela månader eller kvartal till och med då.")
    spots = cubes.spots(cube)
    return {
        "vintage": warehouse.vintage,
        "municipality": {"code": home, "name": names[home]},
        "source": reference.sources()["bra_sol" if cube.crimes else "polisen"].attribution,
        "category": category or "allt",
        "pattern_of": shown,
        "pattern_of_sv": known[shown],
        "first": f"{cube.months[0]:%Y-%m}",
        "last": f"{cube.months[-1]:%Y-%m}",
        "step": cube.each,
        "reaches_sv": reach_text(cube),
        "missing_months": [f"{month:%Y-%m}" for month in cube.missing],
        "missing_text": cube.told_missing,
        "cases_per_municipality_and_step": cube.per_bin,
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
        **_flagged(warehouse, home, category, until, local, names),
    }


def _check_reach(cube: cubes.Cube, until: date | None) -> None:
    if until is not None and until > cube.last_month:
        raise LookupError(f"Siffrorna når till {cube.last_month:%Y-%m}. Välj den månaden eller en tidigare.")


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
        {ALL: "Alla händelser", SOL_TOTAL: "Alla anmälda brott"}
        | categories
        | {
            key: short
            for key, short in queries.indicators(warehouse).select("id", "short_sv").iter_rows()
            if key != SOL_TOTAL
        }
    )


def _flagged(
    warehouse: Warehouse,
    home: str,
    category: str | None,
    until: date | None,
    local: LocalFiles | None,
    names: Mapping[str, str],
) -> dict[str, Any]:
    titles = titles_of(warehouse)
    signals = local.store.signals(home, local.today) if local else []
    watch = alarms.watch_of(
        warehouse,
        home,
        until,
        signals,
        local.today if local else None,
        notices=bool(local and alarms.notices_watched(local.store, home)),
    )
    budget = alarms.budget_of(local.store, home) if local else BUDGET
    overview = alarms.Overview.of(watch, budget)
    decisions = local.store.decisions(home) if local else {}
    told: dict[str, Any] = {
        "false_alarms_a_year": budget,
        "all_of_it_spent": overview.spent,
        "levels": {method.value: level for method, level in overview.levels.of.items()},
        "looks": len(watch.looks),
        "measured_on_quiet_years": None,
    }
    if local and local.measure:
        rate, low, high = alarms.measured(watch, warehouse.vintage, local.derived)[budget]
        told["measured_on_quiet_years"] = {"years": YEARS, "a_year": rate, "lower_95": low, "upper_95": high}
    key = (cubes.crime_of(category) or category) if category else None
    chosen = [flag for flag in overview.flags if key in {None, flag.key}]
    groups = alarms.together_in(chosen)
    at = {flag.id: n for n, group in enumerate(groups, start=1) for flag in group}
    return {
        "alarm_budget": told,
        "findings": [
            {"number": n, "text": told_together(group, names, titles), "flags": [flag.id for flag in group]}
            for n, group in enumerate(groups, start=1)
        ],
        "flags": [
            {
                "finding": at[flag.id],
                **flag_row(flag, names, titles, decisions.get(flag.id, [])),
                **_of_county(watch.against_county(flag)),
            }
            for flag in chosen
        ],
    }


def _of_county(finding: Finding | None) -> dict[str, Any]:
    return {
        "most_unusual_expected_by_county": finding.expected if finding else None,
        "most_unusual_p_by_county": finding.p_value if finding else None,
        "by_county_sv": county_text(finding),
    }


def flag_row(
    flag: Flag, names: Mapping[str, str], titles: Mapping[str, str], decided: Sequence[Decision] = ()
) -> dict[str, Any]:
    """Return a flag with all its numbers, and what has been decided of it."""
    when, finding = flag.latest
    return {
        "id": flag.id,
        "method": flag.method.value,
        "method_sv": METHODS[flag.method],
        "key": flag.key,
        "key_sv": titles.get(flag.key, flag.key),
        "places": list(finding.places),
        "places_sv": [names.get(place, place) for place in finding.places],
        "status": flag.status.value,
        "status_sv": STATUSES[flag.status],
        "open": alarms.is_open(flag, decided),
        "comes_back": alarms.comes_back(flag, decided),
        "since": flag.since.isoformat(),
        "latest": when.isoformat(),
        "looks_a_year": flag.per_year,
        "steps": finding.length,
        "observed": finding.observed,
        "expected": finding.expected,
        "spread": finding.spread,
        "p_value": finding.p_value,
        "lowest_p_value": flag.most[1].p_value,
        "years_between": flag.years_between,
        "preliminary": flag.preliminary,
        "text": flag_text(flag, names, titles),
        "how_unusual": unusual_text(flag),
        "seen": [{"from": step.isoformat(), **asdict(one)} for step, one in flag.seen],
        "decisions": [
            {
                "at": one.decided_at.isoformat(),
                "decision": one.decision.value,
                "decision_sv": DECISIONS[one.decision],
                "reason": one.reason,
                "by": one.decided_by,
                "owner": one.owner,
                "follow_up": one.follow_up.isoformat() if one.follow_up else None,
            }
            for one in decided
        ],
    }


def to_json(told: dict[str, Any]) -> str:
    """Return all of it as JSON."""
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def to_csv(told: dict[str, Any], table: str) -> str:
    """Return one of `TABLES` as Swedish spreadsheets open it: semicolons and decimal commas."""
    rows = {"flaggor": _flag_rows, "mönster": _spot_rows, "beslut": _decision_rows}[table](told)
    heads = list(rows[0]) if rows else _HEADS[table]
    return spreadsheet(heads, (list(row.values()) for row in rows))


_HEADS = {
    "flaggor": ("flagga", "fynd", "vad", "var", "koder", "läge", "sedan", "senast"),
    "mönster": ("kommun", "kod", "mönster", "sedan"),
    "beslut": ("flagga", "tid", "beslut", "skäl", "av", "ansvarig", "följs upp"),
}


def _flag_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for flag in told["flags"]:
        last = flag["decisions"][0] if flag["decisions"] else {}
        rows.append(
            {
                "flagga": flag["id"],
                "fynd": flag["finding"],
                "vad": flag["key_sv"],
                "var": ", ".join(flag["places_sv"]),
                "koder": ", ".join(flag["places"]),
                "metod": flag["method_sv"],
                "läge": flag["status_sv"],
                "öppen": "ja" if flag["open"] else "nej",
                "sedan": flag["since"],
                "senast": flag["latest"],
                "antal": flag["observed"],
                "väntat": flag["expected"],
                "p": flag["p_value"],
                "efter länet": flag["by_county_sv"],
                "år mellan": flag["years_between"],
                "beslut": last.get("decision_sv", ""),
                "skäl": last.get("reason", ""),
                "av": last.get("by", ""),
                "ansvarig": last.get("owner", ""),
                "följs upp": last.get("follow_up") or "",
            }
        )
    return rows


def _spot_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "kommun": spot["name"],
            "kod": spot["code"],
            "mönster": spot["category_sv"],
            "riktning": {1: "fler", -1: "färre", 0: ""}[spot["sign"]],
            "sedan": spot["since"] or "",
            "antal på ett år": spot["count"],
            "väntat": spot["expected"],
            "Gi*": spot["score"],
        }
        for spot in told["spots"]
    ]


def _decision_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "flagga": flag["id"],
            "tid": one["at"],
            "beslut": one["decision_sv"],
            "skäl": one["reason"],
            "av": one["by"],
            "ansvarig": one["owner"],
            "följs upp": one["follow_up"] or "",
        }
        for flag in told["flags"]
        for one in flag["decisions"]
    ]


def to_text(told: dict[str, Any]) -> str:
    """Return the findings as sentences, to read."""
    home = told["municipality"]["name"]
    lines = [f"{home}. {told['reaches_sv']}", ""]
    lines += [one["text"] for one in told["findings"]] or ["Inget är flaggat."]
    lines += [
        f"  {flag['id']} {flag['text']}; {flag['how_unusual']}. {flag['status_sv']}."
        + (f" {flag['by_county_sv']}." if flag["by_county_sv"] else "")
        + "".join(f" {one['decision_sv']}: {one['reason']}" for one in flag["decisions"][:1])
        for flag in told["flags"]
    ]
    standing = [spot for spot in told["spots"] if spot["sign"]]
    lines += ["", f"{told['pattern_of_sv']}: {number(len(standing))} kommuner i landet utmärker sig."]
    lines += [
        f"  {spot['name']}: {spot['category_sv'].lower()}, {number(spot['count'])} på ett år, {number(spot['expected'])} väntade"
        for spot in standing
    ]
    budget = told["alarm_budget"]
    lines += ["", f"Godtagbara falska larm: {number(budget['false_alarms_a_year'], 1)} om året."]
    if budget["measured_on_quiet_years"]:
        lines.append(
            f"Uppmätt på lugna år: {number(budget['measured_on_quiet_years']['a_year'], 1)} om året."
        )
    return "\n".join(lines) + "\n"
