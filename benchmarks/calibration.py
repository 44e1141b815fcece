"""Is the rule right? False findings and power on simulated municipalities, and counts on the real ones.

Populations are the real ones, and municipalities differ as much as they really do (a gamma distribution
with the variance estimated from the totals of the latest year), but nobody stands out. Usage:
``python -m benchmarks.calibration [simulations]``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lagesbild import everyone
from lagesbild.config import Settings
from lagesbild.panel import Panel
from lagesbild.statistics.comparison import SMALLEST_RATIO, Verdict
from lagesbild.statistics.funnel import exact_limits
from lagesbild.statistics.multiplicity import q_values
from lagesbild.statistics.standing import PER, Measure, standings
from lagesbild.swedish import number
from lagesbild.warehouse import Warehouse
from pipelines.publish import single_writer
from pipelines.run import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIMULATIONS = 500
TOTAL = "N07540"
_EXPECTED = (5, 50, 1500)
_RATIOS = (1.25, 1.5, 2.0, 3.0)
_INDICATORS = 20
_SEED = 1861


def lines(simulations: int = SIMULATIONS) -> Iterator[str]:
    """Yield the lines to print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        with single_writer(settings):
            prepare(settings)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            panel = Panel(warehouse)
            yield from _false_findings(panel, simulations)
            yield from _power(panel, simulations)
            yield from _real(panel)


def _world(panel: Panel) -> tuple[NDArray[np.float64], float, int]:
    """Return real mean populations, the real variance of relative levels, and a typical municipality."""
    year = max(panel.values[TOTAL]["year"])
    people = panel.measure(TOTAL, year).sizes
    placed = panel.standings(TOTAL, year, "country", [panel.codes[0]])[0]
    assert placed is not None
    typical = int(np.argmin(np.abs(people - np.median(people))))
    # A deviation of the root is half of one of the ratio.
    return people, 4 * placed.between**2, typical


def _levels(chance: np.random.Generator, variance: float, n: int) -> NDArray[np.float64]:
    return chance.gamma(1 / variance, variance, n)


def _false_findings(panel: Panel, simulations: int) -> Iterator[str]:
    people, variance, typical = _world(panel)
    chance = np.random.default_rng(_SEED)
    yield (
        f"Kalibrering: {simulations} simuleringar av {people.size} kommuner, relativ spridning "
        f"{number(100 * variance**0.5)} %, ingen avviker (andel utpekade)"
    )
    for kind in ("country", "kolada"):
        peers = panel.peers(kind)
        for expected in _EXPECTED:
            base = expected / people[typical] * PER
            tally = np.zeros(4)
            for _ in range(simulations):
                counts = chance.poisson(base / PER * people * _levels(chance, variance, people.size))
                found = standings(Measure(counts / people * PER, people), peers, range(people.size))
                placed = [(n, s) for n, s in enumerate(found) if s is not None]
                if not placed:
                    continue
                p = np.array([s.p_value for _, s in placed])
                q = q_values(p)
                ratio = np.array([s.ratio for _, s in placed])
                lower, upper = exact_limits([s.reference * people[n] / PER for n, s in placed])
                matters = (ratio >= SMALLEST_RATIO) | (ratio * SMALLEST_RATIO <= 1)
                tally += np.array(
                    [
                        np.mean((q <= 0.05) & matters),
                        float(np.any((q <= 0.05) & matters)),
                        np.mean(p <= 0.05),
                        np.mean((ratio < lower) | (ratio > upper)),
                    ]
                )
            rule, ever, single, naive = 100 * tally / simulations
            yield (
                f"  {kind:8} väntat {expected:5}: regeln (q ≤ 0,05) {number(rule, 2)} %; någon alls i {number(ever, 1)} % av "
                f"simuleringarna; utan q {number(single, 1)} %; utan justering (bara slump) {number(naive, 1)} %"
            )


def _power(panel: Panel, simulations: int) -> Iterator[str]:
    people, variance, typical = _world(panel)
    chance = np.random.default_rng(_SEED)
    yield (
        f"Styrka: andel av {simulations} där en typisk kommun ({number(people[typical])} inv.) pekas ut; "
        f"ensamt / bland {_INDICATORS} nyckeltal"
    )
    for expected in _EXPECTED:
        cells = []
        for ratio in _RATIOS:
            alone = among = 0
            for _ in range(simulations):
                mean = expected / people[typical] * people * _levels(chance, variance, people.size)
                mean[typical] *= ratio
                counts = chance.poisson(mean)
                found = standings(Measure(counts / people * PER, people), panel.peers("country"), [typical])[
                    0
                ]
                if found is None or found.ratio < SMALLEST_RATIO:
                    continue
                alone += found.p_value <= 0.05
                others = chance.uniform(size=_INDICATORS - 1)
                among += q_values([found.p_value, *others])[0] <= 0.05
            cells.append(
                f"{number(ratio, 2)}: {number(100 * alone / simulations)}/{number(100 * among / simulations)} %"
            )
        yield f"  väntat {expected:5}: " + ", ".join(cells)


def _real(panel: Panel) -> Iterator[str]:
    """Every municipality as home: the verdicts by kind of group, and how long all of it takes."""
    year = max(panel.values[TOTAL]["year"])
    start = time.perf_counter()
    found = everyone.judgements(panel, year)
    seconds = time.perf_counter() - start
    yield f"Alla {len(panel.codes)} kommuner x alla nyckeltal x alla grupper, {year}: {number(seconds, 1)} s"
    for (key, kind), judged in found.items():
        if key in {TOTAL, "N07403"}:
            counted = Counter(judgement.verdict for judgement in judged.values())
            yield f"  {key} {kind:20} " + ", ".join(f"{v.value} {counted[v]}" for v in Verdict)


if __name__ == "__main__":
    for text in lines(int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS):
        print(text, flush=True)
