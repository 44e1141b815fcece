"""The regression: as statsmodels fits it with a known dispersion, without the home, honest about its spread."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.discrete.discrete_model import NegativeBinomial as MaximumLikelihood

from lagesbild.statistics.expected import expected_count

NAMES = ("första", "andra")


def world(n: int = 290, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    characteristics = rng.normal(size=(n, 2)) * [2.0, 0.5] + [10.0, -1.0]
    people = rng.uniform(4_000, 80_000, n)
    scaled = (characteristics - characteristics.mean(axis=0)) / characteristics.std(axis=0)
    mean = people * 0.05 * np.exp(0.2 * scaled[:, 0]) * rng.gamma(25, 1 / 25, n)
    return rng.poisson(mean).astype(float), people, characteristics


def test_the_fit_recovers_what_made_the_counts() -> None:
    counts, people, characteristics = world()
    found = expected_count(counts, people, characteristics, NAMES, 0)
    assert found is not None
    (first, low, high), (second, _, _) = found.model.ratios
    assert first == pytest.approx(np.exp(0.2), rel=0.05)
    assert low < first < high
    assert second == pytest.approx(1.0, abs=0.05)
    assert found.model.dispersion == pytest.approx(1 / 25, rel=0.25)
    assert found.model.pearson == pytest.approx(1.0, abs=0.01)
    assert found.model.outside == pytest.approx(0.05, abs=0.03)


def test_close_to_maximum_likelihood() -> None:
    counts, people, characteristics = world()
    found = expected_count(counts, people, characteristics, NAMES, 0)
    assert found is not None
    others = slice(1, None)
    scaled = (characteristics - characteristics[others].mean(axis=0)) / characteristics[others].std(axis=0)
    design = np.column_stack([np.ones(counts.size), scaled])
    fit = MaximumLikelihood(counts[others], design[others], offset=np.log(people[others])).fit(disp=0)
    theirs = float(np.exp(design[0] @ fit.params[:3]) * people[0])
    assert found.expected == pytest.approx(theirs, rel=0.01)


def test_the_home_is_not_in_the_fit() -> None:
    counts, people, characteristics = world()
    changed = counts.copy()
    changed[5] *= 20
    before, after = (expected_count(c, people, characteristics, NAMES, 5) for c in (counts, changed))
    assert before is not None
    assert after is not None
    assert before.expected == after.expected
    assert after.above
    assert not after.below


def test_without_spread_beyond_chance_it_still_fits() -> None:
    rng = np.random.default_rng(1)
    people = np.full(100, 10_000.0)
    counts = rng.poisson(50, 100).astype(float)
    found = expected_count(counts, people, rng.normal(size=(100, 2)), NAMES, 0)
    assert found is not None
    assert found.model.dispersion < 0.01
    assert found.expected == pytest.approx(50, rel=0.1)


@pytest.mark.parametrize("what", ["few", "home unknown", "no cases", "constant"])
def test_where_no_model_can_be_made(what: str) -> None:
    counts, people, characteristics = world(25 if what == "few" else 100)
    if what == "home unknown":
        characteristics[0, 1] = np.nan
    if what == "no cases":
        counts[:] = 0
    if what == "constant":
        characteristics[:, 1] = 4.0
    assert expected_count(counts, people, characteristics, NAMES, 0) is None
