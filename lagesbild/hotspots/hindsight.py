"""The flags of whole counties in hindsight: read from the warehouse, replayed, told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from statsmodels.stats.proportion import proportion_confint

from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.hotspots import county
from lagesbild.hotspots.backtest import FEWEST_REPLAYED, Backtest, backtest
from lagesbild.swedish import interval, number

if TYPE_CHECKING:
    from lagesbild.data.warehouse import Warehouse


def of_counties(warehouse: Warehouse, budget: float, county_code: str | None = None) -> Backtest | None:
    """Return the backtest of one county or of all together, every municipality's own series watched.

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


def told(found: Backtest, budget: float) -> str:
    """Return a backtest in Swedish, without varnish, beside what chance alone gives."""
    hits = proportion_confint(found.hits, found.flags, method="wilson") if found.flags else (0.0, 0.0)
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


def to_json(found: Backtest, warehouse: Warehouse, budget: float) -> str:
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
