"""Benjamini and Hochberg's own example, and the values of scipy and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from lagesbild.statistics.multiplicity import holm, q_values


def test_the_example_of_1995(shared: Path) -> None:
    example = json.loads((shared / "fixtures" / "fdr" / "bh1995.json").read_text())
    found = q_values(example["pvalues"])
    assert found == pytest.approx(example["expected"]["BH_adjusted"], abs=1e-8)
    assert int((found <= 0.05).sum()) == example["expected"]["BH_rejected"] == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_same_as_scipy_in_the_order_given(p: list[float]) -> None:
    assert q_values(p) == pytest.approx(false_discovery_control(p))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_holms_are_those_of_statsmodels_in_the_order_given(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_nothing_in_nothing_out() -> None:
    assert q_values([]).size == holm([]).size == 0


@pytest.mark.parametrize("p", [[-0.1], [1.1], [float("nan")]])
def test_what_is_no_p_value_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="p values"):
        q_values(p)
    with pytest.raises(ValueError, match="p values"):
        holm(p)
