"""Every municipality as home at once: the same rule as `benchmark.assess`, for a whole year in seconds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.benchmark import detectable, values_of
from lagesbild.statistics.comparison import Judgement, judge
from lagesbild.statistics.multiplicity import q_values

if TYPE_CHECKING:
    from lagesbild.benchmark import Value
    from lagesbild.panel import Panel
    from lagesbild.statistics.standing import Standing


def judgements(panel: Panel, year: int) -> dict[tuple[str, str], dict[str, Judgement]]:
    """Judge every municipality against every group it has, on every indicator of a year.

    Returns
    -------
    dict
        By (indicator id, group key): the judgement by municipality code.
    """
    values = {key: _values(panel, key, year) for key in panel.standard}
    found: dict[tuple[str, str], dict[str, Judgement]] = {}
    for kind in panel.kinds:
        placed = {key: _placed(panel, key, year, kind, list(own)) for key, own in values.items() if own}
        q_of = _q_values(placed)
        peers = panel.peers(kind).members
        for key, standings in placed.items():
            at = panel.measure(key, year).values
            judged = found.setdefault((key, kind), {})
            for home, standing in standings.items():
                among = peers[panel.place[home]]
                members = at[among[among >= 0]]
                members = members[np.isfinite(members)]
                if members.size:
                    value = values[key][home]
                    judged[home] = judge(
                        standing, q_of.get((key, home)), members=members.size, certain=value.interval is not None,
                        detectable=detectable(value, float(np.median(members)), panel.indicators[key]["kind"]),
                    )  # fmt: skip
    return found


def _values(panel: Panel, key: str, year: int) -> dict[str, Value]:
    rows = panel.values[key]
    rows = rows.filter(rows["year"] == year)
    kind = panel.indicators[key]["kind"]
    parts = rows.partition_by("code", as_dict=True)
    found = {
        str(code): values_of(part, str(code), kind) for (code,), part in parts.items() if code in panel.place
    }
    return {code: own[0] for code, own in found.items() if own}


def _placed(panel: Panel, key: str, year: int, kind: str, homes: list[str]) -> dict[str, Standing | None]:
    return dict(zip(homes, panel.standings(key, year, kind, homes), strict=True))


def _q_values(placed: dict[str, dict[str, Standing | None]]) -> dict[tuple[str, str], float]:
    """Adjust each municipality's p values over its own indicators."""
    p_of: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for key, standings in placed.items():
        for home, standing in standings.items():
            if standing is not None:
                p_of[home][key] = standing.p_value
    return {
        (key, home): float(q)
        for home, own in p_of.items()
        for key, q in zip(own, q_values(list(own.values())), strict=True)
    }
