"""Is one municipality higher than another? The judgement that the page of pairs and the claims both rest on.

The same whichever is named first: the dispersion is everybody's, and each count has its own persons behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.comparison import benchmark
from lagesbild.comparison.benchmark import NotFoundError, Value
from lagesbild.comparison.groups import COUNTRY, NEAREST_KEY, groups
from lagesbild.comparison.panel import MARGIN_TO_ERROR
from lagesbild.data import municipality
from lagesbild.statistics.likeness import standardised
from lagesbild.statistics.multiplicity import holm
from lagesbild.statistics.pairwise import Difference, of_counts, of_shares
from lagesbild.statistics.rule import LEAST_POINTS, LEAST_RATIO
from lagesbild.statistics.standing import PER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.panel import Panel
    from lagesbild.statistics.overdispersion import Dispersion

#: So many municipalities, the home one among them, are put beside each other: more lines cannot be told apart.
MOST = 6
SIGNIFICANT = 0.05


class Apart(StrEnum):
    """What a difference between two municipalities is."""

    CERTAIN = "certain"  # more than chance and than such figures usually move by, and at least a tenth
    SMALL = "small"  # as certain, and less than a tenth
    SEVERAL = "several"  # certain by itself, not when all that are compared are counted
    USUAL = "usual"  # more than pure chance, not than such figures usually move by
    CHANCE = "chance"
    UNKNOWN = "unknown"  # cannot be tested


#: The differences that can be stated.
SURE = frozenset({Apart.CERTAIN, Apart.SMALL})


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two values of the same year, ``mine`` and ``theirs``, and what their difference is.

    ``test`` is None where it cannot be tested. ``p_value`` is corrected for ``of`` comparisons made at once (Holm).
    """

    mine: Value
    theirs: Value
    survey: bool
    test: Difference | None
    p_value: float | None
    of: int = 1

    @property
    def apart(self) -> Apart:
        """What the difference is."""
        if self.test is None or self.p_value is None:
            return Apart.UNKNOWN
        if self.p_value <= SIGNIFICANT:
            return Apart.CERTAIN if self._large else Apart.SMALL
        if self.test.p_value <= SIGNIFICANT:
            return Apart.SEVERAL
        return Apart.USUAL if self.test.p_chance <= SIGNIFICANT else Apart.CHANCE

    @property
    def sure(self) -> bool:
        """Whether the one that is higher certainly is."""
        return self.apart in SURE

    @property
    def higher(self) -> bool:
        """Whether the first value is the higher."""
        return self.mine.rate > self.theirs.rate

    @property
    def ratio(self) -> float | None:
        """The first value over the second; None where that is none."""
        return self.mine.rate / self.theirs.rate if self.theirs.rate else None

    @property
    def _large(self) -> bool:
        """Whether the difference is as large as is called one anywhere: see `rule.LEAST_RATIO`."""
        low, high = sorted((self.mine.rate, self.theirs.rate))
        if self.survey:
            return high - low >= min(LEAST_POINTS, min(low, 100 - low) / 10)
        return high >= LEAST_RATIO * low


def of_values(mine: Value, theirs: Value, dispersion: Dispersion | None) -> Pair:
    """Compare two values; ``dispersion`` is everybody's (`Panel.dispersion`), None for surveys."""
    survey = dispersion is None
    test = _of_margins(mine, theirs) if dispersion is None else _of_counts(mine, theirs, dispersion)
    return Pair(mine=mine, theirs=theirs, survey=survey, test=test, p_value=test.p_value if test else None)


def _of_counts(mine: Value, theirs: Value, dispersion: Dispersion) -> Difference | None:
    if mine.count is None or theirs.count is None or not mine.exposure or not theirs.exposure:
        return None
    return of_counts(mine.count, theirs.count, mine.exposure, theirs.exposure, dispersion)


def _of_margins(mine: Value, theirs: Value) -> Difference | None:
    if mine.interval is None or theirs.interval is None:
        return None
    own, their = (
        (limits.upper - limits.lower) / MARGIN_TO_ERROR for limits in (mine.interval, theirs.interval)
    )
    return of_shares(mine.rate, theirs.rate, own, their)


def dispersion_of(panel: Panel, key: str) -> Dispersion | None:
    """Return what `of_values` needs of a measure."""
    return None if panel.indicators[key].is_survey else panel.dispersion(key)


def years_of(panel: Panel, key: str, codes: Sequence[str]) -> list[int]:
    """Return the years that all of some municipalities have a value for, in order.

    Raises
    ------
    NotFoundError
        For an unknown measure; in Swedish.
    """
    if key not in panel.indicators:
        raise NotFoundError(f"Okänt nyckeltal: {key}.")
    common = set(panel.years(key, codes[0])).intersection(*(panel.years(key, code) for code in codes[1:]))
    return sorted(common)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The home municipality beside others on a measure, in the last year that they share.

    ``pairs`` by the others' codes. ``without``: those with no year in common with the home. ``newest``: the newest
    year that any of the municipalities that are compared has.
    """

    indicator: str
    home: str
    year: int
    newest: int
    pairs: dict[str, Pair]
    without: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """All that are compared, the home first."""
        return (self.home, *self.pairs)

    @property
    def values(self) -> dict[str, Value]:
        """Everybody's value by code, the home first."""
        first = next(iter(self.pairs.values()))
        return {self.home: first.mine} | {code: pair.theirs for code, pair in self.pairs.items()}


def beside(
    panel: Panel, home: str, others: Sequence[str], key: str, year: int | None = None
) -> Beside | None:
    """Compare the home with each of the others, corrected by Holm for how many they are.

    None where the home has no year in common with any of them, or not the year that is asked for.
    """
    year_key = ("beside", home, tuple(others), key, year)
    return panel.kept(year_key, lambda: _beside(panel, home, others, key, year))


def _beside(panel: Panel, home: str, others: Sequence[str], key: str, year: int | None) -> Beside | None:
    known = [code for code in others if code != home and _shares(panel, key, home, code, year)]
    if not known:
        return None
    common = years_of(panel, key, [home, *known])
    if not common:  # they have no year all of them: that of the first, and those who have it
        last = years_of(panel, key, [home, known[0]])[-1]
        known = [code for code in known if last in panel.years(key, code)]
        common = [last]
    when = year if year is not None else common[-1]
    values = {code: _value(panel, key, code, when) for code in (home, *known)}
    dispersion = dispersion_of(panel, key)
    found = corrected([of_values(values[home], values[code], dispersion) for code in known])
    return Beside(
        indicator=key,
        home=home,
        year=when,
        newest=max(panel.years(key, code)[-1] for code in (home, *known)),
        pairs=dict(zip(known, found, strict=True)),
        without=tuple(code for code in others if code != home and code not in known),
    )


def _shares(panel: Panel, key: str, home: str, other: str, year: int | None) -> bool:
    common = years_of(panel, key, [home, other])
    return bool(common) and (year is None or year in common)


def _value(panel: Panel, key: str, code: str, year: int) -> Value:
    return next(value for value in benchmark.values_of(panel, key, code) if value.year == year)


def corrected(pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs with p values that hold for all of them at once (Holm)."""
    tested = [pair for pair in pairs if pair.test is not None]
    adjusted = iter(holm([pair.test.p_value for pair in tested if pair.test is not None]))
    return [
        pair if pair.test is None else replace(pair, p_value=float(next(adjusted)), of=len(tested))
        for pair in pairs
    ]


def together(mine: Sequence[Value], theirs: Sequence[Value], dispersion: Dispersion) -> Pair | None:
    """Compare the sums of several years; None where a count or the persons behind it are not known."""
    own, their = summed(mine), summed(theirs)
    if own is None or their is None:
        return None
    return of_values(own, their, benchmark.of_years(dispersion, len(mine)))


def summed(values: Sequence[Value]) -> Value | None:
    """Put years together: cases over person-years; None where a count is not known exactly, or no persons."""
    counts = [v.count for v in values if v.count is not None and v.exposure]
    if not counts or len(counts) < len(values) or any(v.count_basis == "approximate" for v in values):
        return None
    count, people = sum(counts), sum(v.exposure or 0.0 for v in values)
    return Value(
        year=values[-1].year,
        rate=count * PER / people,
        count=count,
        count_basis=values[-1].count_basis,
        exposure=people,
        interval=None,
    )


def together_of(panel: Panel, home: str, other: str, key: str, last: int) -> Pair | None:
    """Compare the latest years together (`benchmark.POOLED_YEARS`), up to ``last``; None for surveys and gaps."""
    dispersion, years = dispersion_of(panel, key), range(last - benchmark.POOLED_YEARS + 1, last + 1)
    if dispersion is None or not set(years) <= set(years_of(panel, key, [home, other])):
        return None
    own, their = (
        [value for value in benchmark.values_of(panel, key, code) if value.year in years]
        for code in (home, other)
    )
    return together(own, their, dispersion)


@dataclass(frozen=True)
class Shared:
    """A kind of group, and whether the other municipality is in the home's group and the home in the other's."""

    label: str
    key: str
    theirs_in_mine: bool
    mine_in_theirs: bool


def shared(panel: Panel, home: str, other: str) -> list[Shared]:
    """Return which groups two municipalities share, those with everybody left out."""
    theirs = {group.key: group.members for group in groups(panel.kinds.values(), other)}
    return [
        Shared(group.label, group.key, other in group.members, home in theirs.get(group.key, ()))
        for group in groups(panel.kinds.values(), home)
        if group.counted and group.key != COUNTRY
    ]


#: Characteristics closer than this, in standard deviations of all municipalities, do not set two apart.
_UNLIKE = 0.5
_MOST_REASONS = 2


def unlike(panel: Panel, home: str, other: str) -> list[tuple[str, bool]]:
    """Return the characteristics that set the other apart most, and whether it has more than the home."""
    profile = panel.profile
    if not profile.characteristics:
        return []
    points = np.nan_to_num(standardised(profile.scaled)) * np.sqrt(profile.weights())
    gaps = points[profile.codes.index(other)] - points[profile.codes.index(home)]
    order = np.argsort(-np.abs(gaps))[:_MOST_REASONS]
    return [(profile.characteristics[n].key, bool(gaps[n] > 0)) for n in order if abs(gaps[n]) >= _UNLIKE]


def most_alike(panel: Panel, home: str) -> str | None:
    """Return the municipality that is most like the home, to begin with; None where nobody else is there."""
    for kind in (NEAREST_KEY, "kolada", "neighbours", COUNTRY):
        members = panel.kinds[kind].members_of.get(home, ()) if kind in panel.kinds else ()
        chosen = next((code for code in members if code != home), None)
        if chosen is not None:
            return chosen
    return None


def chosen_others(text: str, names: Mapping[str, str], home: str) -> list[str]:
    """Read other municipalities, ``1881,Örebro``, as codes without the home's, at most `MOST` with it.

    Raises
    ------
    UnknownMunicipalityError
        For what is no municipality.
    """
    return [code for code in municipality.codes_of(text, names) if code != home][: MOST - 1]
