"""Whether the answer would be another with another group, year or method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.comparison.benchmark import POOLED_YEARS, Comparison, assess, of_years, values_of
from lagesbild.statistics.comparison import MINIMUM_MEMBERS
from lagesbild.statistics.funnel import Overdispersion, Scale, adjusted_p_value, overdispersion
from lagesbild.statistics.power import detectable_ratio
from lagesbild.statistics.rule import LEAST_RATIO, Level, level
from lagesbild.statistics.standing import PER, peer_medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.comparison.benchmark import Value
    from lagesbild.comparison.groups import Group
    from lagesbild.comparison.panel import Panel

SIGNIFICANT = 0.05
#: By pure chance: if not even a doubling would be noticed, being like the others says nothing.
LARGEST_DETECTABLE = 2.0
#: How many of the latest years the panel shows.
YEARS = 5


@dataclass(frozen=True)
class OtherMethod:
    """What another method says: Swedish name, what it does in plain words, and its level."""

    name: str
    how: str
    level: Level


@dataclass(frozen=True)
class Count:
    """How many of the comparisons give each verdict; those that cannot be made are not counted."""

    level: Level
    of: int
    by_level: dict[Level, int]


def count(comparisons: Sequence[Comparison]) -> Count | None:
    """Count the verdicts over the groups that are counted up; None if there are none.

    ``level`` is the most common one (the first of equals in the order higher, lower, level,
    undecided).
    """
    counted = [c.level for c in comparisons if c.group.counted and c.assessed.standing is not None]
    if not counted:
        return None
    tally = {each: counted.count(each) for each in Level}
    return Count(max(tally, key=tally.__getitem__), len(counted), tally)


def by_year(
    panel: Panel, home: str, groups: Sequence[Group], indicator: str, last: int
) -> dict[int, dict[str, Level]]:
    """Return the verdict of the rule for each year and group (by key), the latest year first."""
    values = values_of(panel, indicator, home)
    stored = panel.levels(indicator, home)
    found: dict[int, dict[str, Level]] = {}
    for value in sorted(values, key=lambda value: -value.year):
        if not last - YEARS < value.year <= last:
            continue
        known = stored.get(value.year, {})
        judged = {
            group.key: known.get(group.key) or _level(panel, home, group, indicator, value)
            for group in groups
        }
        found[value.year] = {key: level for key, level in judged.items() if level is not None}
    return found


def _level(panel: Panel, home: str, group: Group, indicator: str, value: Value) -> Level | None:
    assessed = assess(panel, home, group, {indicator: value}).get(indicator)
    return assessed.judgement.level if assessed else None


def methods(panel: Panel, home: str, comparison: Comparison) -> list[OtherMethod]:
    """Judge one comparison by other methods; those that cannot be used are left out.

    Only for reported crimes: the published methods are for counts.
    """
    facts = comparison.facts
    if facts.indicator.is_survey or comparison.assessed.standing is None or facts.home.count is None:
        return []
    found = [
        OtherMethod(
            "Vår regel",
            "Avståndet till gruppen mot hur långt kommuner brukar ligga från sina grupper.",
            comparison.level,
        ),
    ]
    found += _published(panel, home, comparison)
    if facts.expected is not None:
        outside = facts.expected.above or facts.expected.below
        found.append(
            OtherMethod(
                "Väntat antal",
                "Antalet mot vad man kan vänta sig av en kommun med sådana egenskaper.",
                _plain(outside, facts.expected.ratio, facts.expected.expected),
            )
        )
    together = _together(panel, home, comparison)
    if together is not None:
        how = "Vår regel på tre års brott tillsammans, så att slumpen väger mindre."
        found.append(OtherMethod("Tre år tillsammans", how, together))
    return found


def _together(panel: Panel, home: str, comparison: Comparison) -> Level | None:
    """Judge several years' cases together; None where they are not all known."""
    facts, key = comparison.facts, comparison.indicator_id
    if facts.pooled is None or facts.pooled.count is None or not facts.pooled.exposure:
        return None
    places = [panel.place[code] for code in comparison.assessed.members]
    years = range(facts.home.year - POOLED_YEARS + 1, facts.home.year + 1)
    cases = np.sum([panel.cases(key, year)[places] for year in years], axis=0)
    people = np.sum([panel.counts(key, year)[1][places] for year in years], axis=0)
    known = np.isfinite(cases) & np.isfinite(people)
    if known.sum() < MINIMUM_MEMBERS:
        return None
    dispersion = of_years(panel.dispersion(key, home), POOLED_YEARS)
    expected = float(np.median(cases[known] / people[known])) * facts.pooled.exposure
    return level(facts.pooled.count, expected, cases[known], dispersion).verdict


def _published(panel: Panel, home: str, comparison: Comparison) -> list[OtherMethod]:
    """Judge by the published ways to allow for how areas differ, and by chance alone."""
    facts, standing = comparison.facts, comparison.assessed.standing
    if standing is None or facts.home.count is None or not facts.home.exposure:
        return []
    measure = panel.measure(facts.indicator.id, facts.home.year)
    place = panel.place[home]
    spread_from = panel.kinds[comparison.group.key].spread_from or comparison.group.key
    medians = peer_medians(measure.values, panel.peers(spread_from), np.array([place]))[0]
    expected = medians * measure.sizes / PER
    usable = np.isfinite(expected) & (expected > 0) & np.isfinite(measure.values)
    usable[place] = False
    observed = measure.values * measure.sizes / PER
    if usable.sum() < MINIMUM_MEMBERS:
        return []
    own = standing.reference * facts.home.exposure / PER
    ways = [
        (
            "Bara slumpen",
            "Som om kommuner annars vore lika: nästan alla sticker då ut.",
            Overdispersion(1.0, 0.0, 1, Scale.ROOT),
        ),
        (
            "SHMI",
            "Brittiska sjukvårdens sätt: logaritmer, de yttersta tiondelarna bort; stora kommuner väger mest.",
            overdispersion(observed[usable], expected[usable], Scale.LOG),
        ),
        (
            "CQC",
            "Ursprunglig variant: kvadratrötter, de yttersta tiondelarna indragna; stora kommuner väger mest.",
            overdispersion(observed[usable], expected[usable], Scale.ROOT),
        ),
    ]
    return [
        OtherMethod(
            name,
            how,
            _plain(adjusted_p_value(facts.home.count, own, spread) <= SIGNIFICANT, standing.ratio, own),
        )
        for name, how, spread in ways
    ]


def _plain(outside: bool, ratio: float, expected: float) -> Level:
    if outside and ratio >= LEAST_RATIO:
        return Level.HIGHER
    if outside and ratio * LEAST_RATIO <= 1:
        return Level.LOWER
    return Level.UNDECIDED if detectable_ratio(expected) > LARGEST_DETECTABLE else Level.LEVEL
