"""Gotland is a county of one municipality: the country stands in for its county, and that is said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from lagesbild.comparison import groups
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import county, cube
from lagesbild.hotspots.alone import alone, stand_in_text, with_country
from lagesbild.hotspots.cube import Cube
from lagesbild.hotspots.watching import WatchMethod

GOTLAND = "0980"
TEXT = "Jämfört med riket, eftersom Gotland är eget län."


def test_only_a_county_of_one_among_several_counties_is_alone() -> None:
    assert alone(["0980", "1861", "1862"]) == {"0980"}
    assert alone(["1861", "1862"]) == frozenset()
    assert alone(["0980"]) == frozenset(), "of a single county nothing is known of the country"


def test_a_county_of_one_is_expected_to_have_its_usual_share_of_the_rest_of_the_country() -> None:
    codes = ("0980", "1861", "1862")
    counts = np.array([[2, 10, 10], [8, 10, 10], [2, 20, 20]])
    within = cube._expected(counts, codes)
    assert within[:, 0].tolist() == [2, 8, 2], "against itself nothing ever stands out"
    found = with_country(within, counts, codes)
    assert found[:, 0].tolist() == pytest.approx([12 * 20 / 80, 12 * 20 / 80, 12 * 40 / 80])
    assert found[:, 1:].tolist() == within[:, 1:].tolist()
    assert within[:, 0].tolist() == [2, 8, 2], "the table given is left alone"


def test_whose_share_is_named() -> None:
    months, counts = (date(2025, 1, 1),), np.ones((1, 3), dtype=np.int64)
    notices = Cube(
        codes=("0980", "1861", "1862"), months=months, counts=counts, expected=counts.astype(float)
    )
    assert (notices.share_of("0980"), notices.share_of("1861")) == ("rikets", "länets")
    assert (
        Cube(
            codes=notices.codes, months=months, counts=counts, expected=notices.expected, crimes=True
        ).share_of("1861")
        == "rikets"
    )


@pytest.fixture
def warehouse(shipped: Settings) -> Warehouse:
    return Warehouse.current(shipped.warehouse_folder)


def test_gotlands_real_notices_are_held_against_the_countrys(warehouse: Warehouse) -> None:
    with warehouse:
        notices = cube.notice_cube(warehouse)
        at = notices.codes.index(GOTLAND)
        assert not np.allclose(notices.counts[:, at], notices.expected[:, at])
        context = ChartContext(warehouse)
        chart = build(context, "spot-map", {"home": GOTLAND, "category": "alla"})
        assert TEXT in chart.subtitle
        assert "andel av rikets" in " ".join(chart.said)
        other = build(context, "spot-map", {"home": "1861", "category": "alla"})
        assert "riket" not in other.subtitle


def test_gotlands_own_series_is_watched_against_the_rest_of_the_country(warehouse: Warehouse) -> None:
    with warehouse:
        watched = county.watched(warehouse, GOTLAND)
        assert watched is not None
        assert watched.rest is not None
        assert watched.codes == (GOTLAND,)
        rows = cube.notice_cube(warehouse)
        assert watched.months == rows.months
        everyone = rows.counts.sum(axis=1) - rows.counts[:, rows.codes.index(GOTLAND)]
        assert watched.rest.tolist() == everyone.tolist()
        looks = watched.looks(len(watched.months) - 1, shuffles=19)
        assert any(look.method is WatchMethod.SERIES for look in looks)
        assert not any(look.method is WatchMethod.COUNTY for look in looks), (
            "one place has nothing to be near to"
        )
        quiet = watched.quiet(np.random.default_rng(1))
        assert quiet.counts.sum() == pytest.approx(watched.counts.sum(), rel=0.2)
        elsewhere = county.watched(warehouse, "1861")
        assert elsewhere is not None
        assert elsewhere.rest is None


def test_gotland_has_no_county_to_compare_with_and_the_country_is_among_its_groups(
    warehouse: Warehouse,
) -> None:
    with warehouse:
        keys = [group.key for group in groups.groups(groups.kinds(warehouse).values(), GOTLAND)]
    assert "county" not in keys
    assert groups.COUNTRY in keys


def test_the_sentence_names_the_municipality() -> None:
    assert stand_in_text("Gotland") == TEXT
