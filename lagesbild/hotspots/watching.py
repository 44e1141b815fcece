"""What is watched month by month and week by week, with only what was known then.

Three ways of looking: the home municipality's and its neighbours' own series (Farrington), the county as a
whole (space-time permutation scan), and the home municipality's localities week by week (the same scan).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.hotspots.scan import MOST_SHARE, Scan, Zones, scan
from lagesbild.hotspots.surveillance import chance_of, monthly, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ALL = "alla"
#: The scan over the county knows so many months and looks for what has built up over at most so many.
SCAN_MONTHS, LONGEST_SCAN = 24, 3
#: And the one over localities so many weeks.
SCAN_WEEKS, LONGEST_LOCAL = 52, 4
#: A series with fewer than this a month, or a scan with fewer events than this, is not watched by itself.
FEWEST_A_MONTH, FEWEST_IN_SCAN, FEWEST_LOCAL = 1.0, 48, 12
#: Fewer events than this are never flagged (Farrington et al. 1996).
FEWEST_EVENTS = 5
SHUFFLES = 999
#: What chance gives in more than one look of four is not kept, whatever the budget allows.
LEAST_UNUSUAL = 0.25
#: Reported crimes and signals: what chance gives in more than one look of twenty is never flagged, and what it
#: gives in more than 15 of a hundred ends a flag.
MOST_LEVEL, KEPT = 0.05, 0.15


class WatchMethod(StrEnum):
    """How something was found."""

    REPORTED = "reported_crimes"
    TOGETHER = "reported_crimes_together"
    SERIES = "farrington"
    COUNTY = "scan_county"
    LOCAL = "scan_localities"
    SIGNALS = "local_signals"
    CLUSTER = "signal_clusters"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What stands out in a look: places (codes or localities), over how many steps, and how unusual.

    ``spread``: variance over mean of the count by chance.
    """

    places: tuple[str, ...]
    length: int
    observed: int
    expected: float
    p_value: float
    spread: float = 1.0

    @property
    def deviation(self) -> float:
        """The standard deviation, by chance, of observed over expected."""
        return float(np.sqrt(self.spread / self.expected)) if self.expected else 0.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """One series or scan at one step, whatever it showed.

    ``key`` is the category or crime type; ``watched`` whose series; ``per_year`` looks a year.
    ``attainable``, rising: the p values that chance can give at all, where counts are few; None: any.
    """

    method: WatchMethod
    key: str
    watched: str
    step: int
    when: date
    per_year: int
    findings: tuple[Finding, ...]
    attainable: Floats | None = None
    preliminary: bool = False

    @property
    def usable(self) -> bool:
        """Whether chance can give any p value worth flagging."""
        return self.attainable is None or bool(self.attainable.size)

    def by_chance(self, level: float) -> float:
        """Return how likely chance alone is to give a p value at or below a level."""
        if self.attainable is None:
            return level
        at = int(np.searchsorted(self.attainable, level, side="right"))
        return float(self.attainable[at - 1]) if at else 0.0


@dataclass(frozen=True, kw_only=True)
class LocalSeries:
    """Dated events in the localities of the home municipality: ``weeks`` and ``where`` of shape (events,).

    ``start`` is the Monday of week 0, ``last`` the latest whole week.
    """

    localities: tuple[str, ...]
    start: date
    last: int
    weeks: Ints
    where: Ints
    method: WatchMethod = WatchMethod.LOCAL

    @classmethod
    def of(
        cls,
        events: Iterable[tuple[date, str]],
        until: date,
        method: WatchMethod = WatchMethod.LOCAL,
        since: date | None = None,
    ) -> LocalSeries | None:
        """Gather events up to and with a day, from a Monday (default that of the first); None without any."""
        dated = [(day, locality) for day, locality in events if (since or date.min) <= day <= until]
        if not dated:
            return None
        localities = tuple(sorted({locality for _, locality in dated}))
        first = since or min(day for day, _ in dated)
        start = first - timedelta(days=first.weekday())
        number = {locality: n for n, locality in enumerate(localities)}
        last = ((until + timedelta(days=1)) - start).days // 7 - 1
        return cls(
            localities=localities,
            start=start,
            last=last,
            weeks=np.array([(day - start).days // 7 for day, _ in dated], dtype=np.int64),
            where=np.array([number[locality] for _, locality in dated], dtype=np.int64),
            method=method,
        )

    def week(self, step: int) -> date:
        """Return the Monday of a week."""
        return self.start + timedelta(days=7 * step)

    def quiet(self, rng: np.random.Generator) -> LocalSeries:
        """Return the same events in the same localities, each in any week."""
        return replace(self, weeks=rng.integers(0, self.last + 1, self.weeks.size))


@dataclass(frozen=True, kw_only=True)
class Watched:
    """All that is watched for a municipality.

    ``counts`` has shape (categories, months, places of the county); ``zones`` circles of places. ``rest``, of
    shape (months,), is the rest of the country's notices where the county is of one municipality: what its
    own are then held against.
    """

    home: str
    codes: tuple[str, ...]
    neighbours: tuple[str, ...]
    months: tuple[date, ...]
    categories: tuple[str, ...]
    crimes_only: tuple[str, ...]
    counts: Ints
    zones: Zones
    local: tuple[LocalSeries, ...] = ()
    rest: Ints | None = None

    def quiet(self, rng: np.random.Generator) -> Watched:
        """Return a history in which nothing happens but chance.

        Every place keeps its usual share of the county's notices of each category, every month its volume.
        """
        total = np.maximum(self.counts.sum(axis=(1, 2), keepdims=True), 1)
        expected = self.counts.sum(axis=2, keepdims=True) * self.counts.sum(axis=1, keepdims=True) / total
        if self.rest is not None:
            volume = self.rest[None, :, None] / max(int(self.rest.sum()), 1)
            expected = self.counts.sum(axis=1, keepdims=True) * volume
        return replace(
            self,
            counts=rng.poisson(expected),
            local=tuple(local.quiet(rng) for local in self.local),
        )

    def too_large(self) -> tuple[str, ...]:
        """Return the codes of places that no circle of the county's scan can hold: most of its events are there."""
        recent = self.counts[:, -SCAN_MONTHS:].sum(axis=(0, 1))
        return tuple(
            code for code, n in zip(self.codes, recent, strict=True) if n > MOST_SHARE * recent.sum()
        )

    def looks(self, month: int, shuffles: int = SHUFFLES) -> list[Look]:
        """Look at one month (index), with only what was known then."""
        scanned = self._county(month, shuffles) if len(self.codes) > 1 else []  # nothing to be near to
        return [*self._series(month), *scanned]

    def history(
        self, months: int = 12, shuffles: int = SHUFFLES, told: Callable[[], None] = lambda: None
    ) -> list[Look]:
        """Look at each of the latest months of notices, and at each week of as long a time."""
        found = []
        for month in range(max(0, len(self.months) - months), len(self.months)):
            found += self.looks(month, shuffles)
            told()
        for local in self.local:
            for week in range(max(0, local.last + 1 - round(months * 52 / 12)), local.last + 1):
                found += local_looks(local, week, shuffles)
        return found

    def _series(self, month: int) -> list[Look]:
        whole = self.counts.sum(axis=0)[: month + 1]
        county = whole.sum(axis=1)
        chosen = [(code, ALL, whole[:, self.codes.index(code)]) for code in (self.home, *self.neighbours)]
        at = self.codes.index(self.home)
        chosen += [
            (self.home, key, self.counts[self.categories.index(key), : month + 1, at])
            for key in self.crimes_only
        ]
        found = []
        for code, key, counts in chosen:
            # The rest of the county is the measure of how much the police tell of a month.
            exposure = county - whole[:, self.codes.index(code)]
            if self.rest is not None:
                exposure = self.rest[: month + 1]
            look = _series_look(counts, exposure, self.months[month], month, key, code)
            found += [look] if look else []
        return found

    def _county(self, month: int, shuffles: int) -> list[Look]:
        first = max(0, month + 1 - SCAN_MONTHS)
        found = []
        for key in (ALL, *self.crimes_only):
            part = totals(self.counts, self.categories, key)[first : month + 1]
            found_now = county_scan(part, self.zones, month, shuffles)
            if found_now is None:
                continue
            findings = tuple(
                Finding(
                    places=tuple(self.codes[p] for p in c.places),
                    length=c.steps,
                    observed=c.cases,
                    expected=c.expected,
                    p_value=c.p_value,
                )
                for c in found_now.clusters
                if c.p_value <= LEAST_UNUSUAL
            )
            found.append(
                Look(
                    method=WatchMethod.COUNTY,
                    key=key,
                    watched=self.home[:2],
                    step=month,
                    when=self.months[month],
                    per_year=12,
                    findings=findings,
                    attainable=found_now.attainable,
                )
            )
        return found


def county_scan(counts: Ints, zones: Zones, month: int, shuffles: int = SHUFFLES) -> Scan | None:
    """Scan a county's places for what has built up in the last `LONGEST_SCAN` of so many months.

    Parameters
    ----------
    counts
        Shape (months, places), at most `SCAN_MONTHS` of them.
    month
        The last month's index: whoever looks at the same month shuffles alike.

    Returns
    -------
    Scan or None
        None with too few months, or fewer than `FEWEST_IN_SCAN` cases.
    """
    if len(counts) <= LONGEST_SCAN or counts.sum() < FEWEST_IN_SCAN:
        return None
    when, where = np.nonzero(counts)
    times = counts[when, where]
    return scan(
        np.repeat(where, times),
        np.repeat(when, times),
        zones,
        LONGEST_SCAN,
        last=len(counts) - 1,
        shuffles=shuffles,
        seed=month,
        fewest=FEWEST_EVENTS,
    )


def _series_look(
    counts: Ints, exposure: Floats | Ints, when: date, step: int, key: str, code: str
) -> Look | None:
    setting = monthly(step)
    if setting is None or counts[:-1].mean() < FEWEST_A_MONTH:
        return None
    (seen,) = watch(counts, [step], setting, exposure)
    if seen is None:
        return None
    findings: tuple[Finding, ...] = ()
    if seen.p_value <= LEAST_UNUSUAL and seen.observed >= FEWEST_EVENTS:
        findings = (
            Finding(
                places=(code,),
                length=1,
                observed=seen.observed,
                expected=seen.expected,
                p_value=seen.p_value,
                spread=seen.spread,
            ),
        )
    counts_from = np.arange(
        FEWEST_EVENTS, int(seen.expected + 12 * np.sqrt(seen.spread * seen.expected)) + 12
    )
    attainable = np.sort(chance_of(seen.expected, seen.spread).sf(counts_from - 1))
    return Look(
        method=WatchMethod.SERIES,
        key=key,
        watched=code,
        step=step,
        when=when,
        per_year=12,
        findings=findings,
        attainable=attainable,
    )


def local_looks(local: LocalSeries, week: int, shuffles: int = SHUFFLES) -> list[Look]:
    """Look at one week (index) of the localities, each against its share of all."""
    first = max(0, week + 1 - SCAN_WEEKS)
    inside = (local.weeks >= first) & (local.weeks <= week)
    steps = week + 1 - first
    if steps <= LONGEST_LOCAL or inside.sum() < FEWEST_LOCAL:
        return []
    number = len(local.localities)
    # Localities have no known neighbours: each is looked at by itself.
    zones = Zones(np.where(np.eye(number, dtype=bool), 0.0, np.inf), 1.0)
    found = scan(
        local.where[inside],
        local.weeks[inside] - first,
        zones,
        LONGEST_LOCAL,
        last=steps - 1,
        shuffles=shuffles,
        seed=week,
        most_share=1.0,
        fewest=FEWEST_EVENTS,
    )
    findings = tuple(
        Finding(
            places=(local.localities[c.places[0]],),
            length=c.steps,
            observed=c.cases,
            expected=c.expected,
            p_value=c.p_value,
        )
        for c in found.clusters
        if c.p_value <= LEAST_UNUSUAL
    )
    return [
        Look(
            method=local.method,
            key=ALL,
            watched="",
            step=week,
            when=local.week(week),
            per_year=52,
            findings=findings,
            attainable=found.attainable,
        )
    ]


def totals(counts: Ints, categories: Sequence[str], key: str) -> Ints:
    """Return counts of a category or of all, shape (months, places)."""
    found: Ints = counts.sum(axis=0) if key == ALL else counts[categories.index(key)]
    return found
