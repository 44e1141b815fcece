"""Whether the answer would be another with another group, year or method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.benchmark import POOLED_YEARS, Comparison, assess, latest_years, values_of
from lagesbild.statistics.comparison import (
    LARGEST_DETECTABLE,
    MINIMUM_MEMBERS,
    SIGNIFICANT,
    SMALLEST_RATIO,
    Verdict,
    judge,
)
from lagesbild.statistics.funnel import Overdispersion, Scale, adjusted_p_value, overdispersion
from lagesbild.statistics.power import detectable_ratio
from lagesbild.statistics.standing import PER, peer_medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.groups import Group
    from lagesbild.panel import Panel

#: How many of the latest years the panel shows.
YEARS = 5


@dataclass(frozen=True)
class Method:
    """What another method says: Swedish name, what it does in plain words, and its verdict."""

    name: str
    how: str
    verdict: Verdict


@dataclass(frozen=True)
class Count:
    """How many of the comparisons give each verdict; those that cannot be made are not counted."""

    verdict: Verdict
    of: int
    by_verdict: dict[Verdict, int]


def count(comparisons: Sequence[Comparison]) -> Count | None:
    """Count the verdicts over the groups that are counted up; None if there are none.

    ``verdict`` is the most common one (the first of equals in the order higher, lower, level,
    undecided).
    """
    counted = [c.verdict for c in comparisons if c.group.counted and c.assessed.standing is not None]
    if not counted:
        return None
    tally = {verdict: counted.count(verdict) for verdict in Verdict}
    return Count(max(tally, key=tally.__getitem__), len(counted), tally)


def by_year(
    panel: Panel, home: str, groups: Sequence[Group], indicator: str, last: int
) -> dict[int, dict[str, Verdict]]:
    """Return the verdict of the rule for each year and group (by key), the latest year first."""
    values = values_of(panel.values[indicator], home, panel.indicators[indicator]["kind"])
    found: dict[int, dict[str, Verdict]] = {}
    for value in sorted(values, key=lambda value: -value.year):
        if not last - YEARS < value.year <= last:
            continue
        years = latest_years(panel, home, value.year)
        judged = {group.key: assess(panel, home, group, years, {indicator: value}) for group in groups}
        found[value.year] = {
            key: assessed[indicator].judgement.verdict
            for key, assessed in judged.items()
            if indicator in assessed
        }
    return found


def methods(panel: Panel, home: str, comparison: Comparison) -> list[Method]:
    """Judge one comparison by other methods; those that cannot be used are left out.

    Only for reported crimes: the published methods are for counts.
    """
    facts = comparison.facts
    if facts.kind != "reported" or comparison.assessed.standing is None or facts.home.count is None:
        return []
    key, year = facts.indicator_id, facts.home.year
    found = [
        Method("Vår regel", "Avståndet till gruppen mot hur långt kommuner brukar ligga från sina grupper.",
               comparison.verdict),
    ]  # fmt: skip
    found += _published(panel, home, comparison)
    if facts.expected is not None:
        outside = facts.expected.above or facts.expected.below
        found.append(
            Method("Förväntat antal", "Antalet mot vad kommunens egenskaper leder till att vänta.",
                   _plain(outside, facts.expected.ratio, facts.expected.expected))
        )  # fmt: skip
    pooled = panel.standings(key, year, comparison.group.key, [home], POOLED_YEARS)[0]
    if pooled is not None and facts.pooled is not None and facts.pooled.population:
        expected = pooled.reference * facts.pooled.population / PER
        judged = judge(
            pooled,
            pooled.p_value,
            members=pooled.members,
            certain=True,
            detectable=detectable_ratio(expected),
        )
        how = "Vår regel på tre års brott tillsammans, så att slumpen väger mindre."
        found.append(Method("Tre år tillsammans", how, judged.verdict))
    return found


def _published(panel: Panel, home: str, comparison: Comparison) -> list[Method]:
    """Judge by the published ways to allow for how areas differ, and by chance alone."""
    facts, standing = comparison.facts, comparison.assessed.standing
    if standing is None or facts.home.count is None or not facts.home.population:
        return []
    measure = panel.measure(facts.indicator_id, facts.home.year)
    place = panel.place[home]
    spread_from = panel.kinds[comparison.group.key].spread_from or comparison.group.key
    medians = peer_medians(measure.values, panel.peers(spread_from), np.array([place]))[0]
    expected = medians * measure.sizes / PER
    usable = np.isfinite(expected) & (expected > 0) & np.isfinite(measure.values)
    usable[place] = False
    observed = measure.values * measure.sizes / PER
    if usable.sum() < MINIMUM_MEMBERS:
        return []
    own = standing.reference * facts.home.population / PER
    ways = [
        ("Bara slumpen", "Som om kommuner annars vore lika: nästan alla sticker då ut.",
         Overdispersion(1.0, 0.0, 1, Scale.ROOT)),
        ("SHMI", "Brittiska sjukvårdens sätt: logaritmer, de yttersta tiondelarna bort; stora kommuner väger mest.",
         overdispersion(observed[usable], expected[usable], Scale.LOG)),
        ("CQC", "Ursprunglig variant: kvadratrötter, de yttersta tiondelarna indragna; stora kommuner väger mest.",
         overdispersion(observed[usable], expected[usable], Scale.ROOT)),
    ]  # fmt: skip
    return [
        Method(name, how, _plain(adjusted_p_value(facts.home.count, own, spread) <= SIGNIFICANT, standing.ratio, own))
        for name, how, spread in ways
    ]  # fmt: skip


def _plain(outside: bool, ratio: float, expected: float) -> Verdict:
    if outside and ratio >= SMALLEST_RATIO:
        return Verdict.HIGHER
    if outside and ratio * SMALLEST_RATIO <= 1:
        return Verdict.LOWER
    return Verdict.UNDECIDED if detectable_ratio(expected) > LARGEST_DETECTABLE else Verdict.LEVEL
