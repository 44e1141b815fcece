"""The week's local picture for the meeting of the Swedish EST method: how many signals, where, what has changed.

Everything is told beside how many reported it: more signals from more reporters need not be more events. For readers
who are not coordinators there is a coarse picture, in which no count below five can be read or worked out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.hotspots import alarms, clusters
from lagesbild.hotspots.clusters import Phase, Point
from lagesbild.hotspots.flags import FlagStatus
from lagesbild.hotspots.local import LocalSignals
from lagesbild.hotspots.watching import WatchMethod
from lagesbild.signals import pending as pending_things
from lagesbild.signals.pending import Kind, Pending
from lagesbild.statistics.suppression import LEAST, Sum, suppressed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.hotspots.clusters import Tracked
    from lagesbild.hotspots.flags import Flag
    from lagesbild.signals.store import Signal, SignalStore

#: What is usual is the mean of so many weeks before; the table of hours has as many, the week itself among them.
BEFORE = RHYTHM_WEEKS = 8
CONFIDENCE = 0.95
#: Reporters more than so many times as many as usual make a campaign week; fewer than the least never do.
CAMPAIGN, FEWEST_REPORTERS = 1.5, 3
#: A band of the day, in hours.
BAND_HOURS = 3
BANDS = 24 // BAND_HOURS
#: The coarse picture's cells of the map, in metres.
GRID_METRES = 500.0
#: What the coarse picture calls the kinds and localities that it does not name.
OTHER_KINDS, OTHER_LOCALITIES = "övriga slag", "övriga kommunen"
_SEVEN = timedelta(days=7)
_KINDS_TOLD = 3


class NoSpots(StrEnum):
    """Why trouble spots are not looked for."""

    NO_POSITIONS = "no_positions"
    SPARSE = "sparse"


@dataclass(frozen=True, kw_only=True)
class Usual:
    """The mean of the weeks before, and what a week like them holds with 95 % probability (signals a week)."""

    mean: float
    lower: int
    upper: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Signals of a kind or locality, this week and the week before, and the mean of those before.

    ``None`` is what is not known or, in the coarse picture, not shown.
    """

    name: str
    now: int | None
    before: int | None
    usual: float | None
    reporters: int | None


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A trouble spot: a cluster of signals, its phase against last week, its signals in the window now and a week ago.

    ``inside``: how many of its signals are in the locality that it is named by.
    """

    id: str
    phase: Phase
    since: date
    locality: str
    kinds: tuple[str, ...]
    now: int | None
    before: int | None
    at: tuple[float, float] | None
    points: tuple[Point, ...] = ()
    inside: int = 0


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """Signals by band of the day and weekday: ``counts[band][weekday]``, the sums beside; ``None`` is not shown."""

    first: date
    last: date
    counts: tuple[tuple[int | None, ...], ...]
    by_band: tuple[int | None, ...]
    by_weekday: tuple[int | None, ...]
    total: int | None
    without_hour: int | None


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """Who reported: persons and senders of files. ``campaigns``: the Mondays before with unusually many reporters."""

    active: int | None
    before: int | None
    usual: float | None
    new: int | None
    each: float | None
    campaign: bool
    campaigns: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A signal of the week on the map (metres, SWEREF 99 TM); in the coarse picture a cell's middle, and no kind."""

    x: float
    y: float
    kind: str = ""
    locality: str = ""


@dataclass(frozen=True, kw_only=True)
class Week:
    """The picture of a week.

    ``known`` is how many weeks signals go back, this one among them: 0 where there are none yet, which says nothing of
    how it is. ``history``: signals in each of the weeks before and this one, oldest first, as far as they go.
    ``rising``: localities that are flagged this week; ``fixed``: hours and weekdays of a span that does not move from
    week to week. ``invented``: of a demonstration.
    """

    monday: date
    today: date
    known: int
    history: tuple[int, ...]
    total: int | None
    before: int | None
    usual: Usual | None
    kinds: tuple[Counted, ...]
    localities: tuple[Counted, ...]
    spots: tuple[Spot, ...]
    no_spots: NoSpots | None
    rising: tuple[Flag, ...]
    rhythm: Rhythm
    fixed: Rhythm
    reporting: Reporting
    pending: tuple[Pending, ...]
    placed: tuple[Placed, ...]
    coarse: bool = False
    invented: bool = False

    @property
    def sunday(self) -> date:
        """The last day of the week."""
        return self.monday + timedelta(days=6)

    @property
    def growing(self) -> list[str]:
        """The places that are new or grow: spots, and flagged localities that hold none of them."""
        found = [spot.locality for spot in self.spots if spot.phase in {Phase.NEW, Phase.GROWING}]
        return found + [flag.places[0] for flag in self.rising if flag.places[0] not in found]

    @property
    def overdue(self) -> list[Pending]:
        """What should have been done and is not."""
        return pending_things.overdue(self.pending, self.today)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def last_whole(today: date) -> date:
    """Return the Monday of the last week that is over."""
    return monday_of(today) - _SEVEN


def of_store(store: SignalStore, warehouse: Warehouse, code: str, monday: date, today: date) -> Week:
    """Return a week's picture from the local file, flagged as the page Hotspots flags with what was known then."""
    signals = store.signals(code, today)
    budget = alarms.budget_of(store, code)
    watch = alarms.watch_of(warehouse, code, signals=signals, today=monday + _SEVEN)
    found = week_of(
        signals,
        monday,
        flags=alarms.Overview.of(watch, budget).flags,
        pending=pending_things.pending(store, code, today),
        senders={batch.id: batch.sender for batch in store.batches(code)},
        today=today,
    )
    return replace(found, invented=store.invented)


def week_of(
    signals: Sequence[Signal],
    monday: date,
    *,
    flags: Iterable[Flag] = (),
    pending: Sequence[Pending] = (),
    senders: Mapping[str, str] | None = None,
    today: date | None = None,
    everywhere: Sequence[Signal] | None = None,
    rhythm_weeks: int = RHYTHM_WEEKS,
) -> Week:
    """Return the picture of a week; later signals are not looked at.

    Parameters
    ----------
    signals
        All there are, of all weeks.
    monday
        The week's first day.
    flags
        What is flagged, of which local signals' are used.
    pending
        What is to be done.
    senders
        Who sent each import, by its id.
    today
        The day by which something is overdue; the day after the week where it is left out.
    everywhere
        The signals of all places, where ``signals`` are those of one: weeks without any there are zeros as far as these go
        back, and who has reported from elsewhere is not new.
    rhythm_weeks
        How many weeks the hours and weekdays are of.

    Raises
    ------
    ValueError
        If ``monday`` is none.
    """
    if monday.weekday():
        raise ValueError(f"{monday} is no Monday")
    told = sorted((s for s in signals if s.day < monday + _SEVEN), key=lambda s: (s.day, s.id))
    weeks = _Weeks(told, monday, senders or {}, told if everywhere is None else everywhere)
    spots, no_spots = _spots(told, monday)
    return Week(
        monday=monday,
        today=today or monday + _SEVEN,
        known=weeks.known,
        history=weeks.history,
        total=len(weeks.of(0)) if weeks.known else None,
        before=len(weeks.of(1)) if weeks.known > 1 else None,
        usual=_usual(weeks),
        kinds=weeks.counted(lambda s: s.kind),
        localities=weeks.counted(lambda s: s.locality),
        spots=spots,
        no_spots=no_spots,
        rising=tuple(
            flag
            for flag in flags
            if flag.method is WatchMethod.SIGNALS
            and flag.latest[0] == monday
            and flag.status in {FlagStatus.NEW, FlagStatus.GROWING}
        ),
        rhythm=_rhythm(told, monday, rhythm_weeks),
        fixed=_rhythm(told, _block_end(monday)),
        reporting=weeks.reporting(),
        pending=tuple(pending),
        placed=tuple(
            Placed(x=s.x, y=s.y, kind=s.kind, locality=s.locality)
            for s in weeks.of(0)
            if s.x is not None and s.y is not None
        ),
    )


@dataclass
class _Weeks:
    """Signals by week, counted back from the one looked at (0)."""

    signals: Sequence[Signal]
    monday: date
    senders: Mapping[str, str]
    everywhere: Sequence[Signal]
    _by_week: dict[int, list[Signal]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for one in self.signals:
            self._by_week.setdefault(self._back(one), []).append(one)

    def _back(self, one: Signal) -> int:
        return (self.monday - monday_of(one.day)).days // 7

    @cached_property
    def known(self) -> int:
        return max(0, max(map(self._back, self.everywhere), default=-1) + 1)

    @property
    def history(self) -> tuple[int, ...]:
        return tuple(len(self.of(n)) for n in range(min(self.known, BEFORE + 1) - 1, -1, -1))

    def of(self, back: int) -> list[Signal]:
        return self._by_week.get(back, [])

    def mean(self, count: Callable[[Sequence[Signal]], int], back: int = 0) -> float | None:
        """Return the mean of the eight weeks before one; None where signals do not go back so far."""
        if self.known <= back + BEFORE:
            return None
        return sum(count(self.of(back + n)) for n in range(1, BEFORE + 1)) / BEFORE

    def counted(self, of: Callable[[Signal], str]) -> tuple[Counted, ...]:
        """Return the week's signals by kind or locality, the most first; also those of the weeks before."""
        names = Counter(of(one) for n in range(BEFORE + 1) for one in self.of(n))
        found = [
            Counted(
                name=name,
                now=sum(of(one) == name for one in self.of(0)),
                before=sum(of(one) == name for one in self.of(1)) if self.known > 1 else None,
                usual=self.mean(lambda some, name=name: sum(of(one) == name for one in some)),  # type: ignore[misc]
                reporters=len(self._reporters([one for one in self.of(0) if of(one) == name])),
            )
            for name in names
        ]
        return tuple(sorted(found, key=lambda one: (-(one.now or 0), -names[one.name], one.name)))

    def reporting(self) -> Reporting:
        now = self._reporters(self.of(0))
        earlier = self._reporters([one for one in self.everywhere if one.day < self.monday])
        return Reporting(
            active=len(now) if self.known else None,
            before=len(self._reporters(self.of(1))) if self.known > 1 else None,
            usual=self.mean(lambda some: len(self._reporters(some))),
            new=len(now - earlier) if self.known > 1 else None,
            each=len(self.of(0)) / len(now) if now else None,
            campaign=self._campaign(0),
            campaigns=tuple(self.monday - n * _SEVEN for n in range(BEFORE, 0, -1) if self._campaign(n)),
        )

    def _campaign(self, back: int) -> bool:
        usual = self.mean(lambda some: len(self._reporters(some)), back)
        active = len(self._reporters(self.of(back)))
        return usual is not None and active >= FEWEST_REPORTERS and active > CAMPAIGN * usual

    def _reporters(self, some: Sequence[Signal]) -> set[tuple[str, str]]:
        return {self._who(one) for one in some}

    def _who(self, one: Signal) -> tuple[str, str]:
        """Return who a signal is from: a person, or who sent the file."""
        if one.reporter_id:
            return "person", one.reporter_id
        return "sender", self.senders.get(one.batch_id, one.batch_id)


def _usual(weeks: _Weeks) -> Usual | None:
    """Return the mean of the weeks before, and what one more like them would hold (predictive, 95 %).

    The spread beyond chance is learnt as the watching of localities learns it (`LocalSignals.spread`).
    """
    mean = weeks.mean(len)
    if mean is None:
        return None
    events = [(one.day, one.locality, one.kind) for one in weeks.signals if one.day < weeks.monday]
    series = LocalSignals.of(events, weeks.monday - timedelta(days=1))
    spread = (series.spread if series else 1.0) * (1 + 1 / BEFORE)
    tails = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    expected = mean + 0.5 / BEFORE  # half a signal more than was seen (Jeffreys)
    size = expected / (spread - 1)
    drawn = scipy.stats.nbinom(size, 1 / spread) if spread > 1 else scipy.stats.poisson(expected)
    lower, upper = (int(drawn.ppf(tail)) for tail in tails)
    return Usual(mean=mean, lower=lower, upper=upper)


def _spots(signals: Sequence[Signal], monday: date) -> tuple[tuple[Spot, ...], NoSpots | None]:
    """Return the trouble spots of the week, and those that were there the week before and are gone."""
    points = [Point(s.id, s.day, s.x, s.y) for s in signals if s.x is not None and s.y is not None]
    if not points:
        return (), NoSpots.NO_POSITIONS
    sunday = monday + timedelta(days=6)
    if clusters.per_cell(points, sunday) < clusters.FEWEST_PER_CELL:
        return (), NoSpots.SPARSE
    weeks = clusters.weeks_until(sunday)
    before = clusters.tracked([p for p in points if p.day <= weeks[-2]], weeks[:-1])
    now = clusters.follow(before, clusters.cluster(points, sunday), sunday)
    signal = {one.id: one for one in signals}
    old = {one.id: one for one in before}
    order = list(Phase)
    found = [_spot(one, old.get(one.id), signal) for one in now]
    return tuple(sorted(found, key=lambda one: (order.index(one.phase), -(one.now or 0), one.id))), None


def _spot(now: Tracked, before: Tracked | None, signal: Mapping[str, Signal]) -> Spot:
    points = now.points or (before.points if before else ())
    localities = Counter(signal[point.id].locality for point in points)
    kinds = Counter(signal[point.id].kind for point in points)
    ((locality, inside),) = localities.most_common(1)
    return Spot(
        id=now.id,
        phase=now.phase,
        since=now.since,
        locality=locality,
        inside=inside,
        kinds=tuple(kind for kind, _ in kinds.most_common(_KINDS_TOLD)),
        now=len(now.points),
        before=len(before.points) if before else 0,
        at=now.middle,
        points=now.points,
    )


def _block_end(monday: date) -> date:
    """Return the Monday of the last week of the newest span of eight whose spans never overlap."""
    weeks = monday.toordinal() // 7  # weeks since the calendar began, which a Monday did
    return monday - timedelta(days=7 * ((weeks + 1) % RHYTHM_WEEKS))


def _rhythm(signals: Sequence[Signal], monday: date, weeks: int = RHYTHM_WEEKS) -> Rhythm:
    """Return when signals come, in so many weeks that end with one."""
    first, last = monday - (weeks - 1) * _SEVEN, monday + timedelta(days=6)
    inside = [one for one in signals if first <= one.day <= last]
    counts = np.zeros((BANDS, 7), dtype=np.int64)
    for one in inside:
        if one.hour is not None:
            counts[one.hour // BAND_HOURS, one.day.weekday()] += 1
    return Rhythm(
        first=first,
        last=last,
        counts=tuple(tuple(row) for row in counts.tolist()),
        by_band=tuple(counts.sum(axis=1).tolist()),
        by_weekday=tuple(counts.sum(axis=0).tolist()),
        total=int(counts.sum()),
        without_hour=sum(one.hour is None for one in inside),
    )


# --- for readers who are not coordinators ---


def coarse(week: Week) -> Week:
    """Return the picture that anybody may see: places on a grid, and no count below five to be read or worked out.

    What the weeks' pictures say together must give nothing away either: only the week itself is counted by kind and
    locality, and hours and weekdays are of spans that do not overlap. What coordinators alone may read, as the titles of
    actions, is left out; decisions of meetings are screened when they are written, and stay. A picture that is coarse is
    returned as it is.
    """
    if week.coarse:
        return week
    total = _shown(week.total)
    kinds = gathered(week.kinds, OTHER_KINDS)
    localities = gathered(week.localities, OTHER_LOCALITIES)
    return replace(
        week,
        coarse=True,
        history=(),
        total=total,
        before=_shown(week.before),
        # The mean of weeks that are all shown says nothing new.
        usual=week.usual if week.usual and min(week.history[:BEFORE]) >= LEAST else None,
        kinds=kinds,
        localities=localities,
        spots=tuple(map(_coarse_spot, week.spots)),
        rhythm=_coarse_rhythm(week.fixed),
        fixed=_coarse_rhythm(week.fixed),
        reporting=_coarse_reporting(week.reporting),
        pending=tuple(_coarse_pending(one) for one in week.pending),
        placed=_cells(week, localities),
    )


def _shown(value: int | None) -> int | None:
    return value if value is not None and value >= LEAST else None


def gathered(counted: Sequence[Counted], others: str) -> tuple[Counted, ...]:
    """Return kinds or localities, the most first, with those below five gathered, none of them named or counted.

    The least of the others is gathered with them (and all that are as many as that): else who knows all names could
    work out what is left of the total, or that what is not named is nothing. With it the gathered are five or more
    together, and each of them may be the one that is not small, since who is gathered follows from the counts alone.
    Nothing is returned where nobody would be named: what is left is the total.

    Parameters
    ----------
    others
        What the gathered are called.
    """
    counts = {one.name: one.now or 0 for one in counted if one.name != others}
    enough = sorted({n for n in counts.values() if n >= LEAST})
    named = {name: n for name, n in counts.items() if enough and n > enough[0]}
    if not named:
        return ()
    rest = sum(one.now or 0 for one in counted) - sum(named.values())
    ordered = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Counted(name=name, now=n, before=None, usual=None, reporters=None)
        for name, n in (*ordered, (others, rest))
    )


def _coarse_spot(spot: Spot) -> Spot:
    """Return a spot without its kinds and counts; its locality is named by five of its signals or more."""
    cell = Counter(_cell(point.x, point.y) for point in spot.points)
    at = max(cell, key=lambda own: (cell[own], own)) if cell else None
    return replace(
        spot,
        now=None,
        before=None,
        inside=0,
        locality=spot.locality if spot.inside >= LEAST else OTHER_LOCALITIES,
        kinds=(),
        points=(),
        at=_middle(at) if at is not None and cell[at] >= LEAST else None,
    )


def _coarse_reporting(found: Reporting) -> Reporting:
    active = _shown(found.active)
    before = _shown(found.before)
    usual = found.usual if found.usual is not None and found.usual >= LEAST else None
    return replace(
        found, active=active, before=before, usual=usual, new=None, each=found.each if active else None
    )


def _coarse_pending(one: Pending) -> Pending:
    """Return what is to be done without the numbers of a flag, and without the title that an action has been given."""
    text = {Kind.FLAG: "Beslut om en flagga", Kind.ACTION: "En åtgärd"}.get(one.kind, one.text)
    return replace(one, text=text)


def _coarse_rhythm(rhythm: Rhythm) -> Rhythm:
    cells = [value or 0 for row in rhythm.counts for value in row]
    inner = len(cells)
    bands, days = range(inner, inner + BANDS), range(inner + BANDS, inner + BANDS + 7)
    total, without, everything = inner + BANDS + 7, inner + BANDS + 8, inner + BANDS + 9
    values = [
        *cells,
        *(value or 0 for value in rhythm.by_band),
        *(value or 0 for value in rhythm.by_weekday),
        rhythm.total or 0,
        rhythm.without_hour or 0,
        (rhythm.total or 0) + (rhythm.without_hour or 0),
    ]
    sums = [Sum(band, tuple(range(7 * n, 7 * n + 7))) for n, band in enumerate(bands)]
    sums += [Sum(day, tuple(range(n, inner, 7))) for n, day in enumerate(days)]
    sums += [Sum(total, tuple(bands)), Sum(total, tuple(days)), Sum(everything, (total, without))]
    hidden = suppressed(values, sums).tolist()
    shown = [None if hide else value for value, hide in zip(values, hidden, strict=True)]
    return replace(
        rhythm,
        counts=tuple(tuple(shown[7 * n : 7 * n + 7]) for n in range(BANDS)),
        by_band=tuple(shown[n] for n in bands),
        by_weekday=tuple(shown[n] for n in days),
        total=shown[total],
        without_hour=shown[without],
    )


def _cell(x: float, y: float) -> tuple[int, int]:
    return int(x // GRID_METRES), int(y // GRID_METRES)


def _middle(cell: tuple[int, int]) -> tuple[float, float]:
    return (cell[0] + 0.5) * GRID_METRES, (cell[1] + 0.5) * GRID_METRES


def _cells(week: Week, localities: Sequence[Counted]) -> tuple[Placed, ...]:
    """Return the cells with five signals or more, as far as what is left outside them may be five or more, too.

    A cell is shown without its number: with it and a locality's, the rest of the locality could be worked out. What lies
    in localities that are not named is held against what those have together.
    """
    named = {one.name for one in localities}
    held = Counter(_cell(one.x, one.y) for one in week.placed)
    reached: dict[tuple[int, int], set[str]] = {}
    for one in week.placed:
        reached.setdefault(_cell(one.x, one.y), set()).add(
            one.locality if one.locality in named else OTHER_LOCALITIES
        )
    left = {one.name: one.now for one in localities} | {"": week.total or 0}
    found = []
    for cell, n in sorted(held.items(), key=lambda item: (-item[1], item[0])):
        known = [name for name in ("", *sorted(reached[cell])) if left.get(name) is not None]
        if n >= LEAST and all((left[name] or 0) - LEAST >= LEAST for name in known):
            for name in known:
                left[name] = (left[name] or 0) - LEAST
            x, y = _middle(cell)
            found.append(Placed(x=x, y=y))
    return tuple(found)
