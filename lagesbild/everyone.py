"""Every municipality as home at once: the same rule as `benchmark.assess`, for a whole year in moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lagesbild.benchmark import judge, values_of
from lagesbild.statistics import rule
from lagesbild.statistics.rule import Level
from lagesbild.statistics.standing import PER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lagesbild.panel import Panel

    Floats = NDArray[np.float64]


def levels(panel: Panel, key: str, kind: str, year: int) -> dict[str, Level]:
    """Judge every municipality against its own group of a kind, on an indicator and year.

    Returns
    -------
    dict
        By municipality code; those without a value, or whose group has none, are left out.
    """
    if panel.measure(key, year).survey:
        return _of_surveys(panel, key, kind, year)
    counts, people, values = panel.counts(key, year)
    members = panel.peers(kind).members
    padded = np.where(members >= 0, values[members], np.nan)
    known = np.isfinite(padded).sum(axis=1)
    shown = np.isfinite(values) & (known > 0)
    cases = np.where(np.isfinite(padded), panel.cases(key, year)[members], np.nan)
    words = rule.levels(counts, _median(padded) * people / PER, cases, panel.dispersions(key)[1]).verdict
    return {code: Level(words[n]) for n, code in enumerate(panel.codes) if shown[n]}


def _median(padded: Floats) -> Floats:
    """Return the median of each row, nan where it has no value."""
    found = np.full(padded.shape[0], np.nan)
    some = np.isfinite(padded).any(axis=1)
    found[some] = np.nanmedian(padded[some], axis=1)
    return found


def _of_surveys(panel: Panel, key: str, kind: str, year: int) -> dict[str, Level]:
    values = panel.measure(key, year).values
    found = {}
    for home, members in panel.kinds[kind].members.items():
        others = [code for code in members if code != home and code in panel.place]
        known = [code for code in others if np.isfinite(values[panel.place[code]])]
        own = [value for value in values_of(panel, key, home) if value.year == year]
        if own and known:
            found[home] = judge(panel, home, key, own[0], known).level
    return found
