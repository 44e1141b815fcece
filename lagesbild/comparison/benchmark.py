"""Does a municipality stand out? Figures from the warehouse, judged by the statistics.

One `Comparison` is one indicator against one group in one year; `Facts` is what is known of the
indicator whatever it is compared with. The home municipality is never a member of its own group.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.comparison.groups import Group, groups
from lagesbild.comparison.panel import MARGIN_TO_ERROR, Panel
from lagesbild.data.reference import COUNTRY_CODE
from lagesbild.data.warehouse import queries
from lagesbild.statistics.comparison import MINIMUM_MEMBERS, GroupSpread, group_spread, rank_from_top
from lagesbild.statistics.expected import Expected, expected_count
from lagesbild.statistics.intervals import Interval
from lagesbild.statistics.overdispersion import Dispersion, rate_interval_overdispersed
from lagesbild.statistics.rule import ChangeWord, Level, change, directions, level, share_levels
from lagesbild.statistics.series import (
    MARKER_YEARS,
    Direction,
    MannKendall,
    Marker,
    mann_kendall,
    trend_marker,
)
from lagesbild.statistics.shrinkage import shrink
from lagesbild.statistics.standing import PER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from lagesbild.data.indicators import Indicator, Unit
    from lagesbild.data.reference import SeriesBreak
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.statistics.standing import Standing

#: The total without crimes that the police find.
WITHOUT = "SOL_UTAN_POLISENS"
#: The change over so many years is told beside that of one.
LONG_AGO = 5
#: So many years together, where one is too thin.
POOLED_YEARS = 3
#: Two-sided 95 %.
_CERTAIN = 1.959964
#: What fewer than one municipality in twenty exceeds is unusual.
UNUSUAL = 0.05
#: A series shorter than this gets no trend test.
FEWEST_YEARS = 5
#: Smoothing needs this many municipalities to know what is common.
_FEWEST_TO_SMOOTH = 30
#: Which official deviation from an expected value answers to which of our indicators.
_OFFICIAL = {"N07403": "U00489", "U07417": "U00490"}


class NotFoundError(LookupError):
    """A municipality, group, indicator or year that does not exist; the message is Swedish."""


class Reason(StrEnum):
    """Why a level was judged as it was."""

    ABOVE = "above"
    BELOW = "below"
    SMALL_DIFFERENCE = "small_difference"
    EQUIVALENT = "equivalent"
    TOO_FEW_CASES = "too_few_cases"
    TOO_FEW_MEMBERS = "too_few_members"
    NO_INTERVAL = "no_interval"
    NO_LEVEL = "no_level"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A level against a group: the word, why, the ratio to the group's median, and its distance ``z``.

    ``detectable`` is the smallest ratio that would have been called higher (for surveys the smallest difference, in
    percentage points). None where nothing can be worked out.
    """

    level: Level
    reason: Reason
    ratio: float | None = None
    z: float | None = None
    detectable: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change between two counts: the word, z, the counts, and the ratio of the rates (None from none to none).

    ``p_chance``: how likely pure chance is to make it, None for what is unusual.
    """

    word: ChangeWord
    z: float
    before: int
    after: int
    ratio: float | None
    p_chance: float | None

    @property
    def difference(self) -> int:
        """After minus before, in counts."""
        return self.after - self.before

    @property
    def unusual(self) -> bool:
        """Whether it is more than the figure usually changes by."""
        return self.word in {ChangeWord.UNUSUAL_INCREASE, ChangeWord.UNUSUAL_DECREASE}


@dataclass(frozen=True, kw_only=True)
class Value:
    """An area's value in a year: rate (the indicator's unit), count behind it, 95 % interval.

    ``exposure`` is the persons behind the rate, None where they are not known. ``count_basis``: published,
    recovered or approximate. The interval allows for what the count usually moves by from year to year.
    """

    year: int
    rate: float
    count: int | None
    count_basis: str | None
    exposure: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Official:
    """Kolada's own comparison with a modelled value: 2 fewer than expected, 1 as many, 0 more.

    ``ours`` is the same code from our model; None where we have none.
    """

    indicator_id: str
    year: int
    code: int
    ours: int | None


@dataclass(frozen=True)
class Modelled:
    """What a model of all municipalities' characteristics says of one of them, and what Kolada's says; None where none does."""

    expected: Expected | None = None
    official: Official | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of an indicator for the home municipality, whatever it is compared with.

    ``change`` is since the year before, ``five_years`` since five years before. ``rank`` is among all
    ``ranked`` municipalities with a value, 1 the highest. ``country`` is the published value of the whole
    country. ``pooled`` is `POOLED_YEARS` years together. ``smoothed`` is the value drawn towards the common one
    (empirical Bayes). ``values`` are all years. The changes are None also where nobody asked for them. ``modelled``
    works out what `expected` and `official` are, when somebody asks: the first page says neither.
    """

    indicator: Indicator
    home: Value
    values: tuple[Value, ...]
    rank: int
    ranked: int
    country: float | None
    pooled: Value | None
    smoothed: float | None
    change: Change | None = None
    five_years: Change | None = None
    modelled: Callable[[], Modelled] = field(default=Modelled, compare=False, repr=False)

    @property
    def expected(self) -> Expected | None:
        """What the municipality's characteristics lead one to expect; None also where nobody asked for a model."""
        return self.modelled().expected

    @property
    def official(self) -> Official | None:
        """Kolada's own comparison with what is expected; None as for `expected`."""
        return self.modelled().official

    @property
    def short(self) -> str:
        """The indicator's name in a few words."""
        return self.indicator.short

    @property
    def unit(self) -> Unit:
        """What the values are counted in."""
        return self.indicator.unit


@dataclass(frozen=True)
class Assessed:
    """A value against a group: members' values by code, their spread, its level, and how rare the distance is.

    ``standing`` is where the distance lies among all municipalities' distances from their own groups.
    """

    members: dict[str, float]
    spread: GroupSpread
    standing: Standing | None
    judgement: Judgement

    @property
    def unusual(self) -> bool:
        """Whether at most one municipality in twenty lies as far from its own group."""
        return self.standing is not None and self.standing.p_value <= UNUSUAL


@dataclass(frozen=True)
class Comparison:
    """One indicator against one group in one year; rates in the indicator's unit."""

    facts: Facts
    group: Group
    assessed: Assessed

    @property
    def level(self) -> Level:
        """How the level stands against the group's."""
        return self.assessed.judgement.level

    @property
    def stands_out(self) -> bool:
        """Whether it is higher or lower, and unusually far."""
        return self.level in {Level.HIGHER, Level.LOWER} and self.assessed.unusual

    @property
    def indicator_id(self) -> str:
        """The indicator's id."""
        return self.facts.indicator.id

    @property
    def home(self) -> Value:
        """The home municipality's value."""
        return self.facts.home

    @property
    def more_than_group(self) -> float | None:
        """How many more cases than at the group's median level; None where counts are unknown."""
        home = self.home
        if self.facts.indicator.is_survey or home.count is None or not home.exposure:
            return None
        return home.count - self.assessed.spread.median * home.exposure / PER


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """All comparisons asked for, with what identifies them: municipality, vintage, code version."""

    code: str
    name: str
    vintage: str
    code_version: str
    facts: Mapping[str, Facts]
    comparisons: tuple[Comparison, ...]


def compare(
    warehouse: Warehouse,
    home: str,
    groups: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    year: int | None = None,
    panel: Panel | None = None,
    models: Collection[str] | None = None,
    *,
    changes: bool = True,
) -> Benchmark:
    """Compare a municipality with its groups.

    No verdict depends on what else is stored or looked at.

    Parameters
    ----------
    home
        Four-digit municipality code.
    groups
        Group keys (see `groups.GroupKind`); default all the municipality has.
    indicators
        Indicator ids; default all standard ones that can be compared (reported crimes and survey answers).
    year
        Default: the latest year that the municipality has, for each indicator.
    panel
        What to compute from, where it is already made.
    models
        Indicators whose expected value is modelled, which takes some twenty milliseconds each; default all.
    changes
        Whether changes are tested, which takes a millisecond each: a list of levels needs none.

    Raises
    ------
    NotFoundError
        For a municipality, group, indicator or year that is not in the warehouse.
    """
    panel = panel or Panel(warehouse)
    name = municipality_name(panel, home)
    chosen = _chosen_groups(panel, home, groups)
    wanted = _chosen_indicators(panel, indicators)
    years = latest_years(panel, home, year, wanted)
    if indicators:
        for missing in (key for key in wanted if key not in years):
            when = f" år {year}" if year else ""
            raise NotFoundError(f"{missing} har inget värde för {name}{when}.")
    if year and not years:
        raise NotFoundError(f"Inga uppgifter för {name} år {year}.")
    shown = {key: when for key, when in years.items() if key in wanted}
    facts = {
        key: facts_of(panel, home, key, when, modelled=models is None or key in models, changes=changes)
        for key, when in shown.items()
    }
    values = {key: known.home for key, known in facts.items()}
    by_group = [(group, assess(panel, home, group, values)) for group in chosen]
    ordered = tuple(
        Comparison(known, group, found[key])
        for key, known in facts.items()
        for group, found in by_group
        if key in found
    )
    return Benchmark(
        code=home,
        name=name,
        vintage=warehouse.vintage,
        code_version=warehouse.meta("code_version"),
        facts=facts,
        comparisons=ordered,
    )


def of_measure(panel: Panel, home: str, indicator: str, year: int | None = None) -> tuple[Comparison, ...]:
    """Compare a value of an indicator (default the latest) with every group; made once, for a page and all its charts."""
    if panel.years(indicator, home)[-1:] == [year]:
        year = None
    return panel.kept(
        ("of_measure", home, indicator, year),
        lambda: compare(panel.warehouse, home, None, [indicator], year, panel).comparisons,
    )


def of_group(panel: Panel, home: str, group: str, year: int | None = None) -> tuple[Comparison, ...]:
    """Compare all standard indicators (default their latest values) with a group, without changes; made once."""
    return panel.kept(
        ("of_group", home, group, year),
        lambda: (
            compare(panel.warehouse, home, [group], None, year, panel, models=(), changes=False).comparisons
        ),
    )


def single(
    panel: Panel, home: str, indicator: str, group: str | None = None, year: int | None = None
) -> Comparison | None:
    """Compare an indicator with one group (default the municipality's first); None where the group has no values.

    Raises
    ------
    NotFoundError
        As `compare` does.
    """
    if year is None or panel.years(indicator, home)[-1:] == [year]:
        latest = of_measure(panel, home, indicator)
        chosen = next((c for c in latest if group in {None, c.group.key}), None)
        if chosen is not None:
            return chosen
    found = compare(
        panel.warehouse, home, [group] if group else None, [indicator], year, panel, models=()
    ).comparisons
    return found[0] if found else None


def without_police(panel: Panel, home: str, comparison: Comparison) -> Comparison | None:
    """Return the same comparison of the total without crimes that follow the police's effort.

    None for other measures than the total, and where it is not known.
    """
    if not comparison.facts.indicator.is_total or WITHOUT not in panel.indicators:
        return None
    own = {value.year: value for value in values_of(panel, WITHOUT, home)}
    if comparison.home.year not in own:
        return None
    found = assess(panel, home, comparison.group, {WITHOUT: own[comparison.home.year]})
    if WITHOUT not in found:
        return None
    return Comparison(facts_of(panel, home, WITHOUT, comparison.home.year), comparison.group, found[WITHOUT])


def municipality_name(panel: Panel, code: str) -> str:
    """Return the name of a municipality, or raise `NotFoundError`."""
    if code not in panel.names:
        raise NotFoundError(f"Det finns ingen kommun med koden {code}.")
    return panel.names[code]


def latest_years(
    panel: Panel, home: str, year: int | None = None, also: Sequence[str] = ()
) -> dict[str, int]:
    """Return the year to compare for each standard indicator: the one asked for, or the municipality's latest.

    ``also`` are indicators to include that are not standard.
    """
    found = {}
    for key in dict.fromkeys([*panel.standard, *also]):
        own = panel.years(key, home)
        if own and (year is None or year in own):
            found[key] = year or own[-1]
    return found


def _chosen_groups(panel: Panel, home: str, keys: Sequence[str] | None) -> list[Group]:
    available = groups(panel.kinds.values(), home)
    if keys is None:
        return available
    by_key = {group.key: group for group in available}
    missing = [key for key in keys if key not in by_key]
    if missing:
        raise NotFoundError(f"Okänd jämförelsegrupp: {', '.join(missing)}. Välj bland {', '.join(by_key)}.")
    return [by_key[key] for key in keys]


def _chosen_indicators(panel: Panel, ids: Sequence[str] | None) -> list[str]:
    missing = [wanted for wanted in ids or () if wanted not in panel.indicators]
    if missing:
        raise NotFoundError(f"Okänt nyckeltal: {', '.join(missing)}. Välj bland {', '.join(panel.standard)}.")
    return list(ids or panel.standard)


def assess(panel: Panel, home: str, group: Group, values: Mapping[str, Value]) -> dict[str, Assessed]:
    """Judge a municipality's values (by indicator) against one group; those without members are left out."""
    found = {}
    for key, value in values.items():
        kept = ("assessed", home, group.key, key, value.year)
        assessed = panel.kept(kept, lambda key=key, value=value: _assess(panel, home, group, key, value))  # type: ignore[misc]
        if assessed is not None:
            found[key] = assessed
    return found


def _assess(panel: Panel, home: str, group: Group, key: str, value: Value) -> Assessed | None:
    members = _members(panel, group, key, value.year)
    if not members:
        return None
    standing = panel.standings(key, value.year, group.key, [home])[0]
    judgement = judge(panel, home, key, value, list(members))
    return Assessed(members, group_spread(list(members.values())), standing, judgement)


def judge(panel: Panel, home: str, key: str, value: Value, members: Sequence[str]) -> Judgement:
    """Judge one value against members (codes that have a value); the rule itself is `statistics.rule`."""
    measure = panel.measure(key, value.year)
    places = [panel.place[code] for code in members]
    median = float(np.median(measure.values[places]))
    ratio = value.rate / median if median else None
    if len(members) < MINIMUM_MEMBERS:
        return Judgement(level=Level.UNDECIDED, reason=Reason.TOO_FEW_MEMBERS, ratio=ratio)
    if value.interval is None:
        return Judgement(level=Level.UNDECIDED, reason=Reason.NO_INTERVAL, ratio=ratio)
    if measure.survey:
        error = (value.interval.upper - value.interval.lower) / MARGIN_TO_ERROR
        share = share_levels(value.rate, error, median, measure.sizes[places])
        verdict, z = Level(share.verdict.item()), float(share.z)
        return Judgement(
            level=verdict, reason=_reason(verdict, z), ratio=ratio, z=z, detectable=float(share.detectable)
        )
    if value.count is None or not value.exposure:
        return Judgement(level=Level.UNDECIDED, reason=Reason.NO_INTERVAL, ratio=ratio)
    if not median:
        return Judgement(level=Level.UNDECIDED, reason=Reason.NO_LEVEL)
    cases, expected = panel.cases(key, value.year)[places], median * value.exposure / PER
    found = level(value.count, expected, cases, panel.dispersion(key, home))
    return Judgement(
        level=found.verdict,
        reason=_reason(found.verdict, found.z),
        ratio=found.ratio,
        z=found.z,
        detectable=found.detectable,
    )


def _reason(verdict: Level, z: float) -> Reason:
    certain = abs(z) > _CERTAIN
    return {
        Level.HIGHER: Reason.ABOVE,
        Level.LOWER: Reason.BELOW,
        Level.LEVEL: Reason.SMALL_DIFFERENCE if certain else Reason.EQUIVALENT,
        Level.UNDECIDED: Reason.TOO_FEW_CASES,
    }[verdict]


def of_years(dispersion: Dispersion, years: int) -> Dispersion:
    """Return the dispersion of the sum of so many years, each moving by itself."""
    return Dispersion(dispersion.phi, dispersion.tau2 / years, dispersion.pairs)


def _members(panel: Panel, group: Group, indicator: str, year: int) -> dict[str, float]:
    values = panel.measure(indicator, year).values
    known = {code: float(values[panel.place[code]]) for code in group.members if code in panel.place}
    return {code: value for code, value in known.items() if np.isfinite(value)}


def facts_of(
    panel: Panel, home: str, key: str, year: int, *, modelled: bool = False, changes: bool = True
) -> Facts:
    """Return what is known of an indicator for a municipality and year that it has a value for.

    With ``modelled`` it can tell what its characteristics lead one to expect, with ``changes`` its tested changes.
    """
    facts = panel.kept(("facts", home, key, year), lambda: _facts(panel, home, key, year))
    if changes:
        one, five = panel.kept(
            ("changes", home, key, year),
            lambda: tuple(_change_over(panel, home, key, facts, ago) for ago in (1, LONG_AGO)),
        )
        facts = replace(facts, change=one, five_years=five)
    if not modelled or facts.indicator.is_survey:
        return facts
    model = ("modelled", home, key, year)
    return replace(facts, modelled=lambda: panel.kept(model, lambda: _modelled(panel, home, key, year)))


def _modelled(panel: Panel, home: str, key: str, year: int) -> Modelled:
    expected = _expected(panel, home, key, year)
    return Modelled(expected, _official(panel, home, key, expected))


def _facts(panel: Panel, home: str, key: str, year: int) -> Facts:
    indicator = panel.indicators[key]
    own = values_of(panel, key, home)
    here = next(value for value in own if value.year == year)
    country = next((v.rate for v in values_of(panel, key, COUNTRY_CODE) if v.year == year), None)
    values = panel.measure(key, year).values
    others = np.delete(values, panel.place[home])
    others = others[np.isfinite(others)]
    breaks = panel.breaks(key)
    return Facts(
        indicator=indicator,
        home=here,
        values=tuple(own),
        rank=rank_from_top(here.rate, others),
        ranked=others.size + 1,
        country=country,
        pooled=_pooled(panel, key, own, year)
        if not indicator.is_survey and not crosses(breaks, year - POOLED_YEARS + 1, year)
        else None,
        smoothed=None if indicator.is_survey else _smoothed(panel, home, key, year),
    )


def values_of(panel: Panel, key: str, code: str) -> list[Value]:
    """Return an area's values of an indicator in order of year; years without a value are left out.

    Reported crimes get intervals as wide as what their counts usually move by, surveys their own margins.
    """
    return list(panel.kept(("values", key, code), lambda: _values(panel, key, code)))


def _values(panel: Panel, key: str, code: str) -> list[Value]:
    grid = panel.grid(key)
    survey = panel.indicators[key].is_survey
    dispersion = panel.dispersion(key, code)
    found = []
    for year in grid.known(code):
        at = year - grid.years[0], grid.place[code]
        rate = float(grid.rate[at])
        count = int(grid.count[at]) if np.isfinite(grid.count[at]) else None
        exposure = float(grid.persons[at]) if np.isfinite(grid.persons[at]) else None
        limits = None
        if survey and np.isfinite(grid.lower[at]) and np.isfinite(grid.upper[at]):
            limits = Interval(float(grid.lower[at]), float(grid.upper[at]))
        elif not survey and count is not None and exposure:
            limits = rate_interval_overdispersed(count, exposure, dispersion)
        found.append(
            Value(
                year=year,
                rate=rate,
                count=count,
                count_basis=grid.basis[at],
                exposure=exposure,
                interval=limits,
            )
        )
    return found


def _pooled(panel: Panel, key: str, values: Sequence[Value], year: int) -> Value | None:
    """Put the last years together: cases over person-years, with the interval of the sum."""
    chosen = [v for v in values if year - POOLED_YEARS < v.year <= year]
    counts = [v.count for v in chosen if v.count is not None]
    people = [v.exposure for v in chosen if v.exposure]
    if len(counts) < POOLED_YEARS or len(people) < POOLED_YEARS:
        return None
    count, total = sum(counts), sum(people)
    basis = "approximate" if any(v.count_basis == "approximate" for v in chosen) else chosen[-1].count_basis
    limits = rate_interval_overdispersed(count, total, of_years(panel.dispersion(key), POOLED_YEARS))
    return Value(
        year=year, rate=count * PER / total, count=count, count_basis=basis, exposure=total, interval=limits
    )


def _smoothed(panel: Panel, home: str, key: str, year: int) -> float | None:
    counts, people, _ = panel.counts(key, year)
    known = np.isfinite(counts) & np.isfinite(people)
    place = panel.place[home]
    if not known[place] or known.sum() < _FEWEST_TO_SMOOTH:
        return None
    rates = shrink(counts[known], people[known], panel.dispersion(key)).rates
    return float(rates[np.count_nonzero(known[:place])]) * PER


def _expected(panel: Panel, home: str, key: str, year: int) -> Expected | None:
    labels, characteristics = panel.profile.for_model()
    if not labels:
        return None
    counts, people, _ = panel.counts(key, year)
    order = [panel.profile.codes.index(code) for code in panel.codes]
    return expected_count(counts, people, characteristics[order], labels, panel.place[home])


def _official(panel: Panel, home: str, key: str, expected: Expected | None) -> Official | None:
    if key not in _OFFICIAL:
        return None
    rows = queries.yearly(panel.warehouse, _OFFICIAL[key]).filter(
        (pl.col("code") == home) & pl.col("rate").is_in([0.0, 1.0, 2.0])
    )
    if rows.is_empty():
        return None
    last = rows.sort("year").row(-1, named=True)
    ours = None if expected is None else 0 if expected.above else 2 if expected.below else 1
    return Official(_OFFICIAL[key], last["year"], int(last["rate"]), ours)


def _change_over(panel: Panel, home: str, key: str, facts: Facts, ago: int) -> Change | None:
    before = next((value for value in facts.values if value.year == facts.home.year - ago), None)
    return change_between(panel, home, key, before, facts.home)


def change_between(panel: Panel, home: str, key: str, before: Value | None, after: Value) -> Change | None:
    """Judge the change between two years; only whole counts of comparable years can be tested."""
    if before is None or crosses(panel.breaks(key), before.year, after.year):
        return None
    common = panel.common_change(key, before.year, after.year, home)
    return change_of(before, after, common, panel.dispersion(key, home))


def change_of(before: Value, after: Value, common: float, dispersion: Dispersion) -> Change | None:
    """Judge the change between two values; None where a count or the persons behind it are not known exactly.

    Parameters
    ----------
    common
        What everybody's rate changed by, which is no change of this municipality's; 1 to take nothing away.
    """
    if before.count is None or after.count is None or not before.exposure or not after.exposure:
        return None
    if "approximate" in {before.count_basis, after.count_basis}:
        return None
    people = after.exposure / before.exposure
    found = change(before.count, after.count, people * common, dispersion)
    ratio = after.count / before.count / people if before.count else float("inf") if after.count else None
    return Change(
        word=found.verdict,
        z=found.z or 0.0,
        before=before.count,
        after=after.count,
        ratio=ratio,
        p_chance=found.p_chance,
    )


def trend(panel: Panel, key: str, home: str, members: Sequence[str]) -> tuple[list[Value], pl.DataFrame]:
    """Return the home municipality's values and, by year, the group's quartiles.

    The frame has columns year, lower_quartile, median, upper_quartile, n.
    """
    group = (
        panel.values[key]
        .filter(pl.col("code").is_in(list(members)) & pl.col("rate").is_not_null())
        .group_by("year")
        .agg(
            lower_quartile=pl.col("rate").quantile(0.25, "linear"),
            median=pl.col("rate").median(),
            upper_quartile=pl.col("rate").quantile(0.75, "linear"),
            n=pl.len(),
        )
        .sort("year")
    )
    return values_of(panel, key, home), group


def marker(
    values: Sequence[Value], breaks: Sequence[SeriesBreak], dispersion: Dispersion | None = None
) -> Marker | None:
    """Return the direction of the last five years.

    With a dispersion, of counts that are all known: the rule's own (`rule.directions`), its chi-square the squared
    z. Otherwise the Fingertips marker, of values with margins.

    None where they are not five in a row, one has no interval, or a series break falls among them.
    """
    last = list(values)[-MARKER_YEARS:]
    years = [value.year for value in last]
    limits = [value.interval for value in last if value.interval]
    in_a_row = len(years) == MARKER_YEARS and years[-1] - years[0] == MARKER_YEARS - 1
    if not in_a_row or len(limits) < MARKER_YEARS:
        return None
    if crosses(breaks, years[0], years[-1]):
        return None
    counts = [value.count for value in last if value.count is not None]
    people = [value.exposure for value in last if value.exposure]
    if dispersion is not None and len(counts) == len(people) == MARKER_YEARS:
        found = directions(np.array([counts]).T, np.array([people]).T, dispersion)
        return Marker(Direction(found.verdict.item()), float(found.z.item()) ** 2)
    return trend_marker([v.rate for v in last], [i.lower for i in limits], [i.upper for i in limits])


def crosses(breaks: Sequence[SeriesBreak], first: int, last: int) -> bool:
    """Tell whether years from ``first`` to ``last`` lie on both sides of a series break."""
    return any(first < item.date.year <= last for item in breaks)


def since_break(values: Sequence[Value], breaks: Sequence[SeriesBreak]) -> list[Value]:
    """Return the values that are comparable with the last one: from the latest series break on."""
    last = values[-1].year if values else 0
    start = max((item.date.year for item in breaks if item.date.year <= last), default=0)
    return [value for value in values if value.year >= start]


@dataclass(frozen=True)
class AgainstGroup:
    """The trend of the value over the group's median: years used and Mann-Kendall with Sen's slope."""

    first: int
    last: int
    test: MannKendall


def against_group(
    values: Sequence[Value], group: pl.DataFrame, breaks: Sequence[SeriesBreak]
) -> AgainstGroup | None:
    """Test whether the municipality moves away from its group, since the last series break.

    None with fewer than five years.
    """
    last_break = max(
        (item.date.year for item in breaks if values and item.date.year <= values[-1].year), default=0
    )
    medians = dict(group.select("year", "median").iter_rows())
    ratios = {
        v.year: v.rate / medians[v.year] for v in values if v.year >= last_break and medians.get(v.year)
    }
    if len(ratios) < FEWEST_YEARS:
        return None
    first, last = min(ratios), max(ratios)
    series = [ratios.get(year, float("nan")) for year in range(first, last + 1)]
    return AgainstGroup(first, last, mann_kendall(series))
