"""Do neighbouring municipalities rise together? A scan over circles of municipalities on how far out each is.

The spatial scan's idea (Kulldorff 1997, *A spatial scan statistic*, Commun Stat Theory Methods 26:1481) on counts that
vary more than chance: in each circle and the last one or two steps the standardised residuals are summed (Stouffer),
none counting more than `MOST_Z`, so that one jump makes no cluster. Chance is the same sums of normal residuals that
have as much in common within a county as the reported crimes have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.data import reference
from lagesbild.hotspots.cube import zones_of
from lagesbild.hotspots.reported import IN_COMMON
from lagesbild.hotspots.watching import KEPT, Finding, Look, WatchMethod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lagesbild.hotspots.reported import Judged
    from lagesbild.hotspots.scan import Zones

    Floats = NDArray[np.float64]

#: No municipality's residual counts for more than this.
MOST_Z = 3.0
#: The scan looks for what has built up over at most so many steps.
LONGEST = 2
SHUFFLES = 1999


def looks(found: Judged, county: str, steps: Sequence[int] | None = None) -> list[Look]:
    """Scan a county's municipalities in each step (default all): circles of two or more.

    Steps in which some of the county's municipalities cannot be judged are scanned without them (as if usual).
    """
    outlines = reference.outlines()
    at = [n for n, code in enumerate(found.crimes.codes) if code[:2] == county and code in outlines]
    if len(at) < 2:
        return []
    codes = [found.crimes.codes[n] for n in at]
    zones, several, highest = _circles(tuple(codes))
    if not several.any():
        return []
    residuals = np.clip(np.nan_to_num(found.z[at]), -MOST_Z, MOST_Z)
    made = []
    for step in range(LONGEST - 1, residuals.shape[1]) if steps is None else steps:
        if not np.isfinite(found.z[at, step]).any():
            continue
        sums = _sums(zones, residuals[None, :, step + 1 - LONGEST : step + 1])[0]
        sums[~several] = -np.inf
        made.append(_look(found, step, county, codes, zones, sums, highest))
    return made


@lru_cache(maxsize=32)  # the counties: every municipality of one, and every month, asks for the same
def _circles(codes: tuple[str, ...]) -> tuple[Zones, NDArray[np.bool_], Floats]:
    """Return the circles of a county's municipalities, which of them hold several, and what chance makes of those."""
    zones = zones_of(codes)
    several = zones.sizes > 1
    return zones, several, _by_chance(zones, several, len(codes)) if several.any() else np.zeros(0)


def _sums(zones: Zones, residuals: Floats) -> Floats:
    """Return Stouffer's sum of each circle over the last 1 to `LONGEST` steps, shape (rounds, circles, `LONGEST`)."""
    rounds, places, _ = residuals.shape
    by_length = residuals[:, :, ::-1].cumsum(axis=2)
    summed = zones.matrix @ by_length.transpose(1, 0, 2).reshape(places, rounds * LONGEST)
    each = summed.reshape(-1, rounds, LONGEST).transpose(1, 0, 2)
    scaled: Floats = each / np.sqrt(zones.sizes[None, :, None] * np.arange(1, LONGEST + 1))
    return scaled


def _by_chance(zones: Zones, several: NDArray[np.bool_], places: int) -> Floats:
    """Return the highest sum of each round of chance, shape (`SHUFFLES`,), rising; the same every time."""
    rng = np.random.default_rng(places)
    own = rng.standard_normal((SHUFFLES, places, LONGEST))
    common = rng.standard_normal((SHUFFLES, 1, LONGEST))
    drawn = np.sqrt(1 - IN_COMMON) * own + np.sqrt(IN_COMMON) * common
    sums = _sums(zones, np.clip(drawn, -MOST_Z, MOST_Z))[:, several]
    found: Floats = np.sort(sums.max(axis=(1, 2)))
    return found


def _look(
    found: Judged, step: int, county: str, codes: Sequence[str], zones: Zones, sums: Floats, highest: Floats
) -> Look:
    """Return the most unusual circles of a step that share no municipality."""
    findings = []
    left = sums.copy()
    while True:
        circle, length = np.unravel_index(int(left.argmax()), left.shape)
        value = left[circle, length]
        p_value = (1 + highest.size - int(np.searchsorted(highest, value - 1e-12))) / (highest.size + 1)
        if p_value > KEPT:
            break
        members = zones.circles[int(circle)]
        at = [found.crimes.codes.index(codes[m]) for m in members]
        part = slice(step - int(length), step + 1)
        expected = float(np.nansum(found.expected[at, part]))
        variance = float(np.nansum(found.expected[at, part] * found.spread[at, part]))
        findings.append(
            Finding(
                places=tuple(codes[m] for m in members),
                length=int(length) + 1,
                observed=int(np.nansum(found.crimes.counts[at, part])),
                expected=expected,
                p_value=p_value,
                spread=variance / expected,
            )
        )
        taken = np.zeros(len(codes))
        taken[members] = 1
        left[np.asarray(zones.matrix @ taken) > 0] = -np.inf
    return Look(
        method=WatchMethod.TOGETHER,
        key=found.crimes.key,
        watched=county,
        step=step,
        when=found.crimes.steps[step],
        per_year=found.crimes.per_year,
        findings=tuple(findings),
        preliminary=bool(found.crimes.preliminary[step]),
    )
