"""The flags in hindsight, read from the warehouse, replayed and told: on reported crimes, and on police notices."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.data.warehouse import queries
from lagesbild.hotspots import alarms, county
from lagesbild.hotspots.backtest import FEWEST_REPLAYED, Backtest, backtest
from lagesbild.hotspots.cube import step_name
from lagesbild.hotspots.replay import Replay, Rule, replay
from lagesbild.hotspots.watching import WatchMethod
from lagesbild.swedish import interval, number, spreadsheet

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.alarms import Watch


def of_reported(
    watch: Watch, budget: float, key: str = SOL_TOTAL, county_code: str | None = None
) -> Replay | None:
    """Return what flags on reported crimes would have been worth, at the level that a home's budget gives.

    Parameters
    ----------
    watch
        All that is watched for the home.
    key
        The crime type.
    county_code
        Whose municipalities are replayed; default the country's.

    Returns
    -------
    Replay or None
        None where the type is not watched, or there are too few steps.
    """
    found = next((one for one in watch.reported if one.crimes.key == key), None)
    if found is None:
        return None
    level = round(alarms.levels_of(watch, budget)[0][WatchMethod.REPORTED], 3)
    codes = frozenset(code for code in found.crimes.codes if county_code in {None, code[:2]})
    return replay(found, level, codes)


def _interval(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), 0 to 1."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - a second to load

    low, high = proportion_confint(hits, of, method="wilson")
    return float(low), float(high)


def told_reported(found: Replay) -> str:
    """Return what came of flags on reported crimes in Swedish, beside the naive rules."""
    span = f"{step_name(found.first, found.per_year)} till {step_name(found.last, found.per_year)}"
    start = f"Från {span}, i {number(found.municipalities)} kommuner: "
    if not found.flags.pointed:
        return f"{start}inga flaggor."
    low, high = _interval(found.flags.hits, found.flags.pointed)
    return (
        f"{start}{number(found.flags.pointed)} flaggor. Efter {number(found.flags.hits)} av dem, {_percent(found.flags)} "
        f"({interval(100 * low, 100 * high)}), var brotten fler än vanligt även halvåret efter, i mitten "
        f"{number(100 * ((found.flags.median_ratio or 1) - 1))} procent fler. Att peka ut dem med störst andel av brotten "
        f"året före träffar rätt i {_percent(found.highest)}, dem som ökat mest på ett år i {_percent(found.largest_rise)}, "
        f"och vem som helst i {number(100 * found.any_hit)} procent."
    )


def _percent(rule: Rule) -> str:
    return f"{number(100 * (rule.share or 0.0))} procent"


def reported_as_json(found: Replay, warehouse: Warehouse, budget: float) -> str:
    """Return the replay as JSON."""
    told: dict[str, Any] = {"vintage": warehouse.vintage, "false_alarms_a_year": budget, **asdict(found)}
    for name in ("flags", "highest", "largest_rise"):
        told[name]["share"] = getattr(found, name).share
    told |= {"first": f"{found.first:%Y-%m}", "last": f"{found.last:%Y-%m}"}
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def reported_as_csv(found: Replay) -> str:
    """Return the flags and the naive rules, a row each, as Swedish spreadsheets open it."""
    named = {
        "flaggor": found.flags,
        "störst andel året före": found.highest,
        "ökat mest på ett år": found.largest_rise,
    }
    rows = [
        {
            "regel": name,
            "utpekade": rule.pointed,
            "fler än vanligt efteråt": rule.hits,
            "andel": rule.share,
            "gånger det vanliga, median": rule.median_ratio,
        }
        for name, rule in named.items()
    ]
    return spreadsheet(list(rows[0]), (list(row.values()) for row in rows))


def of_counties(warehouse: Warehouse, budget: float, county_code: str | None = None) -> Backtest | None:
    """Return what flags on notices would have been worth, in one county or in all together, every own series watched.

    None where there are too few months.
    """
    codes = sorted(queries.municipalities(warehouse)["code"])
    first = {code[:2]: code for code in reversed(codes) if county_code in {None, code[:2]}}
    areas = {code: place.area for code, place in reference.geography().items()}
    found = None
    for home in first.values():
        watched = county.watched(warehouse, home, fewest=FEWEST_REPLAYED)
        if watched is None:
            continue
        everyone = replace(
            watched, neighbours=tuple(code for code in watched.codes if code != home), local=()
        )
        result = backtest(everyone, areas, budget)
        if result.months:
            found = result if found is None else found + result
    return found


def told_notices(found: Backtest, budget: float) -> str:
    """Return a backtest in Swedish, without varnish, beside what chance alone gives."""
    hits = _interval(found.hits, found.flags) if found.flags else (0.0, 0.0)
    precision = (
        f"{number(found.flags)} flaggor; med den budgeten ger ren slump ungefär {number(budget * found.months / 12)}. Av dem följdes "
        f"{number(found.hits)} av fler notiser än vanligt på platsen under de tre månaderna efter, "
        f"{number(100 * found.hits / found.flags)} procent ({interval(100 * hits[0], 100 * hits[1])}); ren slump skulle ge hälften."
        if found.flags
        else "Inga flaggor."
    )
    rises = (
        f"I efterhand syns {number(found.rises)} tydliga uppgångar över tre månader; {number(len(found.lead))} av dem flaggades under "
        "någon av de tre."
    )
    return f"{number(found.months)} månader gav {precision} {rises} {_indices(found)}"


def _indices(found: Backtest) -> str:
    values = [
        found.pai(found.caught),
        found.pai(found.naive),
        found.pei(found.caught),
        found.pei(found.naive),
    ]
    if any(value is None for value in values):
        return ""
    ours, plain, share, plain_share = (number(value or 0, 2) for value in values)
    return (
        f"De flaggade kommunerna hade {ours} gånger så många notiser per yta som genomsnittet (PAI), en vanlig karta över de senaste tolv "
        f"månaderna {plain}. Av det högsta möjliga på den ytan (PEI): {share} mot {plain_share}."
    )


def notices_as_json(found: Backtest, warehouse: Warehouse, budget: float) -> str:
    """Return a backtest as JSON, with its indices."""
    told = {
        "vintage": warehouse.vintage,
        "false_alarms_a_year": budget,
        **asdict(found),
        "pai": found.pai(found.caught),
        "pai_last_twelve_months": found.pai(found.naive),
        "pei": found.pei(found.caught),
        "pei_last_twelve_months": found.pei(found.naive),
    }
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def notices_as_csv(found: Backtest) -> str:
    """Return the backtest of notices as a table of one row."""
    row = {
        "månader": found.months,
        "flaggor": found.flags,
        "fler än vanligt efteråt": found.hits,
        "PAI": found.pai(found.caught),
        "PAI, tolv månader": found.pai(found.naive),
        "PEI": found.pei(found.caught),
        "PEI, tolv månader": found.pei(found.naive),
        "uppgångar": found.rises,
        "varav flaggade": len(found.lead),
    }
    return spreadsheet(list(row), [list(row.values())])
