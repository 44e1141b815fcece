"""Clusters of dated points inside a municipality, followed from week to week.

DBSCAN in space and time (Ester, Kriegel, Sander & Xu 1996; Birant & Kut 2007) by scikit-learn: points are
near when both their distance and their days apart are. HDBSCAN was tried and takes in scattered points
kilometres away when there is but one true cluster. A cluster keeps its identity as long as it shares points
with itself of the week before, or lies where it lay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import scipy

from lagesbild.hotspots.flags import Flag, FlagStatus
from lagesbild.hotspots.watching import Finding, WatchMethod

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

#: The latest days that are clustered, and how far and long count as near.
WINDOW_DAYS, NEAR_METRES, NEAR_DAYS = 56, 250.0, 14.0
SMALLEST = 5
#: Below so many events per cell of half a kilometre and four weeks, a cluster is no more than chance.
CELL_METRES, STEP_DAYS, FEWEST_PER_CELL = 500.0, 28, 1.0
#: Clusters are followed over so many weeks; what is usual is what the year before held.
FOLLOWED_WEEKS, YEAR_DAYS = 52, 364
#: A cluster this near an earlier one is the same, even when the points have passed out of the window.
_SAME_METRES = 250.0
_NEVER = 1e6


class Phase(StrEnum):
    """How a cluster has changed since the half window before."""

    NEW = "new"
    GROWING = "growing"
    STEADY = "steady"
    FADING = "fading"
    GONE = "gone"


_STATUS = {
    Phase.NEW: FlagStatus.NEW,
    Phase.GROWING: FlagStatus.GROWING,
    Phase.STEADY: FlagStatus.CONTINUING,
    Phase.FADING: FlagStatus.FADING,
    Phase.GONE: FlagStatus.OVER,
}


@dataclass(frozen=True)
class Point:
    """A dated point: metres east and north."""

    id: str
    day: date
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """A cluster: its points, middle, the week it was first seen, and its phase; no points when gone."""

    id: str
    since: date
    phase: Phase
    points: tuple[Point, ...]
    middle: tuple[float, float]


def per_cell(points: Sequence[Point], week: date) -> float:
    """Return the events per occupied cell and step of four weeks in the window that ends with a week's Monday."""
    inside = _window(points, week)
    if not inside:
        return 0.0
    cells = {(int(p.x // CELL_METRES), int(p.y // CELL_METRES)) for p in inside}
    return len(inside) / len(cells) / (WINDOW_DAYS / STEP_DAYS)


def _window(points: Sequence[Point], week: date) -> list[Point]:
    return [p for p in points if 0 <= (week - p.day).days < WINDOW_DAYS]


def cluster(points: Sequence[Point], week: date) -> list[tuple[Point, ...]]:
    """Return the clusters of the window that ends with a day, each of at least five points."""
    from sklearn.cluster import DBSCAN  # noqa: PLC0415 - slow to load

    inside = _window(points, week)
    if len(inside) < SMALLEST:
        return []
    x, y, day = (
        np.array(v, dtype=float) for v in zip(*((p.x, p.y, p.day.toordinal()) for p in inside), strict=True)
    )
    space = np.hypot(x[:, None] - x, y[:, None] - y) / NEAR_METRES
    time = np.abs(day[:, None] - day) / NEAR_DAYS
    labels = DBSCAN(eps=1.0, min_samples=SMALLEST - 1, metric="precomputed").fit_predict(
        np.maximum(space, time)
    )
    found = [
        tuple(p for p, own in zip(inside, labels, strict=True) if own == label)
        for label in sorted(set(labels.tolist()) - {-1})
    ]
    return [members for members in found if len(members) >= SMALLEST]


def _middle(members: Sequence[Point]) -> tuple[float, float]:
    return float(np.median([p.x for p in members])), float(np.median([p.y for p in members]))


def follow(before: Sequence[Tracked], found: Sequence[tuple[Point, ...]], week: date) -> list[Tracked]:
    """Return the clusters of a week with the identities of those before; those no longer found are gone, once.

    Parameters
    ----------
    before
        The week before's.
    found
        This week's, as `cluster` returns them.
    week
        The day this week's window ends.
    """
    alive = [old for old in before if old.phase is not Phase.GONE]
    cost = np.array([[_unlike(old, new) for new in found] for old in alive]).reshape(len(alive), len(found))
    rows, columns = scipy.optimize.linear_sum_assignment(cost)
    same = {int(c): alive[r] for r, c in zip(rows, columns, strict=True) if cost[r, c] < _NEVER}
    now = []
    for n, members in enumerate(found):
        old = same.get(n)
        since = old.since if old else week
        phase = _phase(members, week) if old else Phase.NEW
        now.append(
            Tracked(
                id=old.id if old else _name(members),
                since=since,
                phase=phase,
                points=members,
                middle=_middle(members),
            )
        )
    kept = {one.id for one in now}
    gone = [
        Tracked(id=old.id, since=old.since, phase=Phase.GONE, points=(), middle=old.middle)
        for old in alive
        if old.id not in kept
    ]
    return now + gone


def _unlike(old: Tracked, new: Sequence[Point]) -> float:
    mine, theirs = {p.id for p in old.points}, {p.id for p in new}
    shared = len(mine & theirs) / len(mine | theirs)
    middle = _middle(new)
    near = np.hypot(old.middle[0] - middle[0], old.middle[1] - middle[1]) <= _SAME_METRES
    return 1 - shared if shared > 0 or near else _NEVER


def _phase(members: Sequence[Point], week: date) -> Phase:
    """Compare the newer half of the window with the older: more than chance differs is growing or fading."""
    newer = sum((week - p.day).days < WINDOW_DAYS // 2 for p in members)
    older = len(members) - newer
    if abs(newer - older) <= np.sqrt(newer + older):
        return Phase.STEADY
    return Phase.GROWING if newer > older else Phase.FADING


def _name(members: Sequence[Point]) -> str:
    return sha256("|".join(sorted(p.id for p in members)).encode()).hexdigest()[:8]


def tracked(points: Sequence[Point], weeks: Sequence[date]) -> list[Tracked]:
    """Return the clusters of the last of some consecutive weeks, followed through all of them."""
    found: list[Tracked] = []
    for week in weeks:
        found = follow(found, cluster([p for p in points if p.day <= week], week), week)
    return found


def weeks_until(last: date, weeks: int = FOLLOWED_WEEKS) -> list[date]:
    """Return the Sundays of so many weeks up to the last that was whole by a day."""
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return [sunday - timedelta(days=7 * n) for n in range(weeks - 1, -1, -1)]


def as_flags(
    found: Sequence[Tracked], points: Sequence[Point], told: Mapping[str, tuple[str, str]], week: date
) -> list[Flag]:
    """Return clusters as flags, to stand in the list of all others.

    Expected is what lay within `NEAR_METRES` of the middle in the year before the window, and half a signal. How
    unusual a cluster is cannot be said from that, since it was looked for where signals are many: its p value is 1.

    Parameters
    ----------
    told
        Each signal's locality and kind, by id.
    week
        The day the window ends.
    """
    made = []
    for one in found:
        if not one.points:
            continue
        usual = (_before(one, points, week) + 0.5) * WINDOW_DAYS / YEAR_DAYS
        localities = Counter(told[point.id][0] for point in one.points)
        kinds = Counter(told[point.id][1] for point in one.points)
        finding = Finding(
            places=(localities.most_common(1)[0][0],),
            length=WINDOW_DAYS // 7,
            observed=len(one.points),
            expected=usual,
            p_value=1.0,
        )
        monday = week - timedelta(days=6)
        made.append(
            Flag(
                id=one.id,
                method=WatchMethod.CLUSTER,
                key=", ".join(kind for kind, _ in kinds.most_common(3)),
                places=finding.places,
                status=_STATUS[one.phase],
                seen=tuple((day, finding) for day in sorted({one.since - timedelta(days=6), monday})),
                per_year=52,
                preliminary=False,
            )
        )
    return made


def _before(one: Tracked, points: Sequence[Point], week: date) -> int:
    """Return how many signals lay where a cluster lies in the year before its window."""
    first, last = week - timedelta(days=WINDOW_DAYS + YEAR_DAYS), week - timedelta(days=WINDOW_DAYS)
    return sum(
        first < p.day <= last and np.hypot(p.x - one.middle[0], p.y - one.middle[1]) <= NEAR_METRES
        for p in points
    )
