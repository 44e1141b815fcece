"""Is the rule right? False verdicts and power in simulated countries where years differ as they really do.

Counts are negative binomial with the variance of `statistics.overdispersion`, and the whole rule is
run: the dispersion is estimated from the simulated country with the home left out, the level is taken
against the median of seven members. Usage: ``python -m benchmarks.calibration [countries]``.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.statistics import rule
from lagesbild.statistics.overdispersion import Dispersion, Dispersions, estimate_each, typical_changes_each
from lagesbild.statistics.series import MARKER_YEARS, Direction
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

COUNTRIES = 40
#: Expected cases, and the dispersion of a real measure of about that size (damage, violence, total).
WORLDS = {
    5: Dispersion(1.4, 0.130**2, 1),
    50: Dispersion(2.8, 0.023**2, 1),
    150: Dispersion(2.8, 0.023**2, 1),
    1500: Dispersion(7.7, 0.040**2, 1),
}
RATIOS = (1.25, 1.5, 2.0, 3.0)
#: A yearly rise of the rate, as a ratio.
RISES = (1.05, 1.1, 1.2)
_SEED = 1861
_YEARS, _MUNICIPALITIES, _HOMES, _MEMBERS = 7, 290, 100, 7


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Shares (0 to 1) of homes told something in a world, and at which ratio where it was true."""

    decisions: int
    false_higher: float
    false_lower: float
    false_increase: float
    false_decrease: float
    false_direction: float
    higher: dict[float, float]
    increase: dict[float, float]
    direction: dict[float, float]


def draw(rng: np.random.Generator, mean: ArrayLike, dispersion: Dispersion) -> Floats:
    """Draw counts with the variance ``mean (phi + tau2 mean)``."""
    wanted = np.asarray(mean, dtype=np.float64)
    spread = (dispersion.phi - 1) / wanted + dispersion.tau2
    levels = rng.gamma(1 / spread, spread) if np.all(spread > 0) else np.ones_like(wanted)
    return rng.poisson(wanted * levels).astype(np.float64)


def errors(expected: float, dispersion: Dispersion, countries: int = COUNTRIES, seed: int = _SEED) -> Errors:
    """Simulate countries in which nobody stands out, and homes in them that do.

    290 municipalities, 100 of them (the homes) with ``expected`` cases a year; all rates are alike and
    stable but for a common change every year.
    """
    rng = np.random.default_rng(seed)
    tally: Counter[tuple[str, float]] = Counter()
    for _ in range(countries):
        _one_country(rng, expected, dispersion, tally)
    n = countries * _HOMES

    def shares(what: str, at: tuple[float, ...]) -> dict[float, float]:
        return {ratio: tally[what, ratio] / n for ratio in at}

    return Errors(
        decisions=n,
        false_higher=tally["higher", 1.0] / n,
        false_lower=tally["lower", 1.0] / n,
        false_increase=tally["increase", 1.0] / n,
        false_decrease=tally["decrease", 1.0] / n,
        false_direction=tally["direction", 1.0] / n,
        higher=shares("higher", RATIOS),
        increase=shares("increase", RATIOS),
        direction=shares("direction", RISES),
    )


def _one_country(
    rng: np.random.Generator, expected: float, truth: Dispersion, tally: Counter[tuple[str, float]]
) -> None:
    sizes = np.concatenate([np.ones(_HOMES), rng.lognormal(0, 1, _MUNICIPALITIES - _HOMES)])
    persons = np.tile(sizes, (_YEARS, 1))
    common = rng.lognormal(0, 0.03, _YEARS)[:, None]
    counts = draw(rng, expected * common * sizes, truth)
    found = estimate_each(counts, persons)
    homes = Dispersions(found.phi[:_HOMES], found.tau2[:_HOMES], found.pairs[:_HOMES])
    members = np.array(
        [rng.choice(np.delete(np.arange(_HOMES), home), _MEMBERS, False) for home in range(_HOMES)]
    )
    usual = np.median(counts[-1, members], axis=1)
    factor = typical_changes_each(counts, persons)[-1, :_HOMES]
    for ratio in (1.0, *RATIOS):
        own = draw(rng, np.full(_HOMES, expected * common[-1, 0] * ratio), truth)
        level = rule.levels(own, usual, counts[-1, members], homes).verdict
        tally["higher", ratio] += int((level == rule.Level.HIGHER).sum())
        tally["lower", ratio] += int((level == rule.Level.LOWER).sum())
        change = rule.unusual_changes(counts[-2, :_HOMES], own, factor, homes)
        tally["increase", ratio] += int((change == rule.ChangeWord.UNUSUAL_INCREASE).sum())
        tally["decrease", ratio] += int((change == rule.ChangeWord.UNUSUAL_DECREASE).sum())
    for rise in (1.0, *RISES):
        mean = expected * np.repeat(rise ** np.arange(MARKER_YEARS)[:, None], _HOMES, axis=1)
        way = rule.directions(draw(rng, mean, truth), np.ones_like(mean), homes).verdict
        tally["direction", rise] += int((way != Direction.NONE).sum())


def lines(countries: int = COUNTRIES) -> Iterator[str]:
    """Yield the lines to print."""
    yield f"Kalibrering: {countries} simulerade länder med {_HOMES} hemkommuner vardera, hela regeln"
    for expected, dispersion in WORLDS.items():
        yield from _world(expected, dispersion, countries)


def _world(expected: float, dispersion: Dispersion, countries: int) -> Iterator[str]:
    found = errors(expected, dispersion, countries)
    yield (
        f"  väntat {expected:5} (phi {number(dispersion.phi, 1)}, tau {number(dispersion.tau2**0.5, 3)}): falskt högre "
        f"{_percent(found.false_higher)}, lägre {_percent(found.false_lower)}, ovanlig ökning "
        f"{_percent(found.false_increase)}, minskning {_percent(found.false_decrease)}, riktning "
        f"{_percent(found.false_direction, 2)}"
    )
    for name, shares in (
        ("högre", found.higher),
        ("ovanlig ökning", found.increase),
        ("riktning, per år", found.direction),
    ):
        told = ", ".join(f"x{number(ratio, 2)}: {_percent(share, 0)}" for ratio, share in shares.items())
        yield f"    hittas som {name}: {told}"


def _percent(share: float, decimals: int = 1) -> str:
    return f"{number(100 * share, decimals)} %"


if __name__ == "__main__":
    for text in lines(int(sys.argv[1]) if len(sys.argv) > 1 else COUNTRIES):
        print(text, flush=True)
