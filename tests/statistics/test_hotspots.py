"""Gi*, the categories of emerging hot spots, and the space-time scan, against published and independent values."""

from __future__ import annotations

import csv
import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from scipy.special import ndtr

from lagesbild.hotspots.categories import Category, categorise, mann_kendall_many, significant, trends
from lagesbild.hotspots.gistar import gi_star, neighbourhoods, over_time
from lagesbild.hotspots.scan import Zones, great_circle, scan, straight
from lagesbild.statistics.series import mann_kendall


def band(points: list[list[float]], threshold: float) -> csr_array:
    apart = straight([p[0] for p in points], [p[1] for p in points])
    return csr_array((apart <= threshold).astype(float))


def test_gi_star_is_that_of_esda(shared: Path) -> None:
    case = json.loads((shared / "fixtures/esda/getisord.json").read_text())
    found = gi_star(case["y"], band(case["points"], 15))
    assert found == pytest.approx(case["expected"]["Gistar_binary_Zs"], rel=1e-5)


def boston(folder: Path) -> tuple[list[str], list[str], np.ndarray, csr_array]:
    expected = list(csv.DictReader((folder / "expected_gistar_z_by_year.csv").open()))
    years = [name for name in expected[0] if name != "region"]
    codes = [row["region"] for row in expected]
    neighbours: dict[str, list[str]] = {}
    for row in csv.DictReader((folder / "queen_neighbours_incl_self.csv").open()):
        neighbours.setdefault(row["i"], []).append(row["j"])
    weights = neighbourhoods(codes, neighbours)
    weights = csr_array(weights.multiply(1 / weights.sum(axis=1)[:, None]))
    values = {
        (row[".region_id"], row["year"]): float(row["value"])
        for row in csv.DictReader((folder / "bos-ecometric.csv").open())
    }
    return codes, years, np.array([[values[code, year] for code in codes] for year in years]), weights


def test_gi_star_and_its_trend_are_those_of_spdep(shared: Path) -> None:
    folder = shared / "fixtures/sfdep_boston_ehsa"
    codes, years, values, weights = boston(folder)
    z = gi_star(values, weights)
    expected = list(csv.DictReader((folder / "expected_gistar_z_by_year.csv").open()))
    assert (
        pytest.approx(np.array([[float(row[year]) for year in years] for row in expected]), abs=1e-9) == z.T
    )
    tests = {
        row["region"]: row for row in csv.DictReader((folder / "expected_mann_kendall_on_gistar.csv").open())
    }
    s, variance = mann_kendall_many(z.T)
    for n, code in enumerate(codes):
        assert s[n] == float(tests[code]["S"])
        assert variance[n] == pytest.approx(float(tests[code]["varS"]), rel=1e-9)
        score = (s[n] - np.sign(s[n])) / math.sqrt(variance[n])
        assert 2 * ndtr(-abs(score)) == pytest.approx(float(tests[code]["p"]), abs=1e-9)


def test_over_time_a_bin_has_its_neighbours_now_and_before() -> None:
    weights = neighbourhoods(["a", "b", "c"], {"a": ["b"], "b": ["a"]})
    cube = over_time(weights, 3).toarray()
    assert cube[0].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert cube[4].tolist() == [1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert cube[8].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 1]


def test_equal_values_and_whole_neighbourhoods_have_no_score() -> None:
    everything = csr_array(np.ones((4, 4)))
    assert gi_star([3.0, 3.0, 3.0, 3.0], csr_array(np.eye(4))).tolist() == [0, 0, 0, 0]
    assert gi_star([1.0, 2.0, 3.0, 4.0], everything).tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="finite"):
        gi_star([1.0, math.nan], csr_array(np.eye(2)))


def test_many_variables_at_once_are_each_by_itself() -> None:
    weights = neighbourhoods(list("abcd"), {"a": ["b"], "b": ["a", "c"], "c": ["b"]})
    values = np.array([[1.0, 5, 2, 8], [0, 0, 3, 1]])
    assert gi_star(values, weights) == pytest.approx(np.array([gi_star(row, weights) for row in values]))


def test_every_category_by_the_published_rules(shared: Path) -> None:
    cases = json.loads((shared / "fixtures/ehsa_rules/cases.json").read_text())["cases"]
    assert len(cases) >= 13
    for case in cases:
        (found,) = categorise([case["bins"]], [case["z"]])
        assert found[0].value == case["expected"], case["name"]
        if case["expected"] != "no pattern":
            assert found[1] == (-1 if case["bins"][-1] == -1 or "cold" in case["name"] else 1)


RISING, FALLING = [2.5 + n / 10 for n in range(10)], [4.5 - n / 10 for n in range(10)]


@pytest.mark.parametrize(
    ("bins", "z", "category"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 1, 1, 1], RISING, Category.CONSECUTIVE),
        ([1] * 10, RISING, Category.INTENSIFYING),
        ([1] * 10, FALLING, Category.DIMINISHING),
        ([-1, 0, 0, 1, 0, 0, 0, 1, 0, 1], RISING, Category.OSCILLATING),
        ([0] * 10, RISING, Category.NONE),
        ([0, 1, 0, 1, 0, 1, 0, 1, 0, 0], RISING, Category.NONE),
    ],
)
def test_categories_the_cases_leave_out_hot_and_cold(
    bins: list[int], z: list[float], category: Category
) -> None:
    assert categorise([bins], [z])[0] == (category, 0 if category is Category.NONE else 1)
    mirrored = categorise([[-b for b in bins]], [[-s for s in z]])[0]
    assert mirrored == (category, 0 if category is Category.NONE else -1)


@given(arrays(float, (3, 12), elements=st.integers(-3, 3).map(float)))
def test_many_trends_at_once_are_those_of_one_at_a_time(series: np.ndarray) -> None:
    s, variance = mann_kendall_many(series)
    found = trends(series)
    for n, row in enumerate(series):
        one = mann_kendall(row)
        assert s[n] == one.s
        assert variance[n] == pytest.approx(one.variance)
        assert found[n] == (np.sign(one.s) if one.p_value < 0.05 else 0)


def test_hot_and_cold_are_corrected_over_all_bins() -> None:
    z = np.zeros((10, 100))
    z[0, 0], z[0, 1] = 5.0, -5.0
    z[0, 2] = 2.5  # hot by itself, not among a thousand
    assert significant(z)[0, :3].tolist() == [1, -1, 0]


def fever(folder: Path) -> tuple[np.ndarray, np.ndarray, Zones, list[str]]:
    rows = [line.split() for line in (folder / "NYCfever.geo").read_text().splitlines() if line.strip()]
    codes = [row[0] for row in rows]
    zones = Zones(great_circle([float(r[1]) for r in rows], [float(r[2]) for r in rows]), 3.0)
    where, when = [], []
    for line in (folder / "NYCfever.cas").read_text().splitlines():
        code, count, day = line.split()
        year, month, number = map(int, day.split("/"))
        where += [codes.index(code)] * int(count)
        when += [(date(year, month, number) - date(2001, 11, 1)).days] * int(count)
    return np.array(where), np.array(when), zones, codes


def test_the_scan_finds_satscans_clusters_in_new_york(shared: Path) -> None:
    where, when, zones, codes = fever(shared / "fixtures/satscan")
    assert where.size == 194
    found = scan(where, when, zones, 7, last=23, shuffles=999, seed=1).clusters
    first, second, third = found[:3]
    assert {codes[place] for place in first.places} == {
        "11418",
        "11415",
        "11419",
        "11435",
        "11416",
        "11421",
        "11451",
        "11375",
        "11417",
    }
    assert (codes[first.places[0]], first.steps, first.cases) == ("11418", 3, 4)
    assert first.statistic == pytest.approx(3.845418, abs=1e-5)
    assert (round(first.expected, 2), round(first.ratio, 2)) == (0.67, 5.97)
    assert first.p_value == pytest.approx(0.2112, abs=3 * math.sqrt(0.2112 * 0.7888 / 999))
    assert 4 <= first.recurrence <= 6
    assert ([codes[p] for p in second.places], second.steps, second.cases) == (["11372"], 1, 2)
    assert second.statistic == pytest.approx(3.164201, abs=1e-5)
    assert ([codes[p] for p in third.places], third.steps) == (["10472"], 2)
    assert third.statistic == pytest.approx(2.137259, abs=1e-5)


def test_the_scan_finds_satscans_cluster_of_burglaries_in_chicago(shared: Path) -> None:
    folder = shared / "fixtures/satscan"
    rows = [line.split() for line in (folder / "chi_be.geo").read_text().splitlines() if line.strip()]
    codes = {row[0]: n for n, row in enumerate(rows)}
    zones = Zones(straight([float(r[1]) for r in rows], [float(r[2]) for r in rows]), 1000.0)
    cases = [line.split() for line in (folder / "chi_be.cas").read_text().splitlines() if line.strip()]
    days = [date(*map(int, row[2].split("/"))) for row in cases]
    when = [(day - min(days)).days for day in days]
    where = [codes[row[0]] for row in cases]
    assert len(where) == 970
    found = scan(where, when, zones, 14, shuffles=499, seed=2).clusters
    first = found[0]
    assert (first.cases, round(first.expected, 2)) == (5, 0.15)
    assert first.statistic == pytest.approx(12.711635, abs=1e-5)
    assert first.radius == pytest.approx(806.85, abs=0.01)
    assert first.p_value == pytest.approx(1 / 500)
    assert first.gumbel < 0.003
    assert [round(cluster.statistic, 5) for cluster in found[1:3]] == [5.58011, 5.35723]


def test_with_a_baseline_from_rows_and_columns_the_scan_is_the_same() -> None:
    """The toy example of the scanstatistics package: permutation and Poisson have the same statistic."""
    counts = np.array([[1, 0], [2, 1], [0, 20]])
    where, when = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0).T
    zones = Zones(straight([0.0, 10, 20], [0.0, 0, 0]), 5)
    base = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    plain = scan(where, when, zones, 1, shuffles=9, most_share=1).clusters
    given_base = scan(where, when, zones, 1, baseline=base, shuffles=9, most_share=1).clusters
    assert [(c.places, c.cases) for c in plain] == [(c.places, c.cases) for c in given_base]
    assert [c.statistic for c in plain] == pytest.approx([c.statistic for c in given_base])


def test_quiet_data_seldom_gives_a_rare_finding() -> None:
    rng = np.random.default_rng(4)
    zones = Zones(straight(rng.uniform(0, 10, 30), rng.uniform(0, 10, 30)), 4)
    rare = [
        scan(rng.integers(0, 30, 200), rng.integers(0, 60, 200), zones, 7, last=59, shuffles=99, seed=n)
        .clusters[0]
        .p_value
        <= 0.05
        for n in range(60)
    ]
    assert sum(rare) <= 9  # about 3 are expected; more than 9 has a probability below 0.2 %


def test_the_same_seed_gives_the_same_finding() -> None:
    zones = Zones(straight([0.0, 1, 2], [0.0, 0, 0]), 1)
    cases = ([0, 0, 1, 2, 0, 0], [0, 3, 1, 2, 3, 3])
    once, again = (scan(*cases, zones, 2, shuffles=99, seed=5).clusters for _ in range(2))
    assert once == again


def test_too_little_or_impossible_input() -> None:
    zones = Zones(straight([0.0, 1], [0.0, 0]), 1)
    assert scan([0], [0], zones, 1).clusters == []
    assert scan([], [], zones, 1, last=5).clusters == []
    with pytest.raises(ValueError, match="outside"):
        scan([0, 5], [0, 1], zones, 1)
    with pytest.raises(ValueError, match="longest"):
        scan([0, 1], [0, 1], zones, 9)


def test_places_equally_far_off_come_together() -> None:
    zones = Zones(straight([0.0, 1, -1], [0.0, 0, 0]), 1.5)
    found = sorted(sorted(map(int, members)) for members in zones.circles)
    assert found == [[0], [0, 1], [0, 1, 2], [0, 2], [1], [2]]
