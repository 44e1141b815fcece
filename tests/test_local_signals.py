"""Local signals are watched in each locality against itself: surges are found, quiet years hold the budget."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks import outbreaks
from lagesbild.hotspots.flags import Levels, flags
from lagesbild.hotspots.local import FEWEST_WEEKS, LEFT_OUT, LocalSignals
from lagesbild.hotspots.watching import ALL, WatchMethod


def test_a_surge_in_the_main_town_is_found() -> None:
    """Six signals a week, 60 % of them from the main town, which has more for four weeks; a budget of six is shared."""
    assert outbreaks.surges_found(3.0) >= 0.8
    assert outbreaks.surges_found(2.0) >= 0.4
    assert outbreaks.surges_found(1.0) <= 0.3


@pytest.mark.parametrize("budget", [1.0, 3.0, 6.0])
def test_quiet_years_hold_the_budget(budget: float) -> None:
    signals = outbreaks.signals(1)
    level, spent = signals.level_for(budget)
    assert spent == pytest.approx(budget, rel=0.05)
    found = 0
    for seed in range(3):
        drawn = signals.quiet(np.random.default_rng(100 + seed), 10)
        drawn.__dict__["spread"] = signals.spread  # the one that the level was read with
        begun = drawn.week(drawn.counts.shape[1] - 520)
        found += sum(
            flag.since >= begun for flag in flags(drawn.looks(), Levels({WatchMethod.SIGNALS: level}))
        )
    assert found / 30 == pytest.approx(budget, rel=0.5)


def test_a_new_cluster_in_a_village_is_found() -> None:
    signals = outbreaks.signals(2)
    counts = signals.counts.copy()
    village = signals.series.index(("Provhult", ALL))
    counts[village, -2:] += 3
    grown = LocalSignals(series=signals.series, start=signals.start, counts=counts)
    level = signals.level_for(3.0)[0]
    assert any(
        flag.places == ("Provhult",) and flag.latest[0] >= grown.week(counts.shape[1] - 2)
        for flag in flags(grown.looks(), Levels({WatchMethod.SIGNALS: level}))
    )


def test_a_small_rise_in_a_village_is_found_as_often_as_by_a_scan_of_shares() -> None:
    own, by_scan = outbreaks.village_found(more=2)
    assert own >= by_scan - 0.05


def test_a_shorter_window_of_too_few_does_not_hide_a_longer_one_that_holds_enough() -> None:
    quiet = outbreaks.signals(2)
    counts = quiet.counts.copy()
    village = quiet.series.index(("Provhult", ALL))
    counts[village, -12:] = 0
    counts[village, -4:] = [1, 0, 2, 2]
    found = LocalSignals(series=quiet.series, start=quiet.start, counts=counts).looks()
    (last,) = [look for look in found if look.watched == "Provhult" and look.key == ALL][-1].findings
    assert (last.length, last.observed) == (4, 5)


def test_kinds_are_watched_apart_where_a_locality_has_several() -> None:
    events = [(date(2026, 3, 2), "Provby", "klotter"), (date(2026, 3, 9), "Provby", "buller")]
    events += [(date(2026, 3, 9), "Provtorp", "buller")]
    found = LocalSignals.of(events, date(2026, 3, 22))
    assert found is not None
    assert found.series == (("Provby", ALL), ("Provby", "buller"), ("Provby", "klotter"), ("Provtorp", ALL))
    assert found.counts.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0]]
    assert found.week(2) == date(2026, 3, 16)


def test_weeks_are_whole_and_too_few_of_them_say_nothing() -> None:
    assert LocalSignals.of([], date(2026, 4, 1)) is None
    first = date(2026, 3, 2)
    wednesday = LocalSignals.of([(first, "Provby", "klotter")], date(2026, 3, 11))
    assert wednesday is not None
    assert wednesday.counts.shape == (1, 1)
    weeks = FEWEST_WEEKS + LEFT_OUT - 1
    short = LocalSignals.of([(first, "Provby", "klotter")], first + timedelta(days=7 * weeks - 1))
    assert short is not None
    assert short.looks() == []


def test_only_what_was_known_then_is_used() -> None:
    signals = outbreaks.signals(3)
    counts = signals.counts.copy()
    counts[:, -4:] *= 5
    later = LocalSignals(series=signals.series, start=signals.start, counts=counts)
    later.__dict__["spread"] = signals.spread
    until = signals.counts.shape[1] - 5

    def known(found: LocalSignals) -> list[str]:
        return [repr(look) for look in found.looks() if look.step <= until]

    assert known(signals) == known(later)


def test_the_level_of_a_budget_is_the_same_in_every_process() -> None:
    """Python orders a set of names differently in each process; simulated years must not follow it."""
    asked = "from benchmarks import outbreaks; print(outbreaks.signals(1).level_for(1.0))"
    told = {
        subprocess.run(
            [sys.executable, "-c", asked],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
