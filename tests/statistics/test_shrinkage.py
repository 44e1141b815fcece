"""Empirical Bayes rates against three implementations that agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lagesbild.statistics.shrinkage import shrink


def test_the_sudden_infant_deaths_of_north_carolina(shared: Path) -> None:
    frame = pl.read_csv(shared / "fixtures" / "empirical_bayes" / "nc_sids_1974.csv")
    found = shrink(frame["sids_SID74"].to_numpy(), frame["births_BIR74"].to_numpy())
    assert found.common == pytest.approx(0.002021445, abs=1e-9)
    assert found.variance == pytest.approx(7.692931e-07, rel=1e-6)
    assert found.rates[:5] == pytest.approx([0.0016973, 0.0017054, 0.0017731, 0.0020129, 0.0035349], abs=5e-8)
    assert found.rates == pytest.approx(frame["expected_EB_rate_marshall_global"].to_numpy(), abs=1e-9)


def test_a_large_area_keeps_its_rate_a_small_one_does_not() -> None:
    found = shrink([2_000, 4, 30_000, 100], [100_000, 100, 1_000_000, 10_000])
    raw = np.array([0.02, 0.04, 0.03, 0.01])
    drawn = np.abs(found.rates - raw) / np.abs(raw - found.common)
    assert drawn[1] > drawn[3] > drawn[0]


def test_no_spread_beyond_chance_gives_the_common_rate_to_all() -> None:
    assert set(shrink([5, 5, 5], [100, 100, 100]).rates) == {0.05}


def test_no_cases_at_all_is_no_error() -> None:
    assert list(shrink([0, 0], [10, 20]).rates) == [0.0, 0.0]


@pytest.mark.parametrize(("counts", "people"), [([1], [0]), ([-1], [1]), ([1, 2], [1]), ([], [])])
def test_impossible_input_is_refused(counts: list[float], people: list[float]) -> None:
    with pytest.raises(ValueError, match="counts"):
        shrink(counts, people)
