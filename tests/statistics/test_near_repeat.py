"""Near repeats: Knox's test in bands of distance and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.hotspots.near_repeat import Band, near_repeats
from lagesbild.hotspots.words import days_apart, metres_apart, repeats_text

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 60)), max_size=40)


def test_burkitts_lymphoma_in_uganda(shared: Path) -> None:
    # The observed table, and the expected pairs, as pointpats publishes them; its upper tail P(X > 13) is not P(X >= 13).
    cases = pl.read_csv(shared / "fixtures/knox_burkitt/burkitt.csv")
    found = near_repeats(
        cases["X"], cases["Y"], cases["T"].cast(pl.Int64), metres=(20, 1e6), days=(5, 10**6), manhattan=False
    )
    assert [band.pairs for band in found] == [13, 3416, 39, 14110]
    assert found[0].expected == pytest.approx(10.143816133803618, abs=1e-9)
    assert sum(band.expected for band in found) == pytest.approx(188 * 187 / 2)
    assert found[0].p == pytest.approx(0.22226667, abs=0.04)
    assert not any(band.stands_out for band in found)


def test_two_events_at_the_limits_are_in_the_band_that_ends_there() -> None:
    # A hundred metres and three days apart; the Near Repeat Calculator puts them one band later.
    found = near_repeats([0, 0], [0, 100], [0, 3], metres=(0, 100, 200), days=(3, 6))
    assert [(band.to_metres, band.to_days) for band in found if band.pairs] == [(100, 3)]


def test_distance_goes_along_the_streets_unless_asked_otherwise() -> None:
    for manhattan, pairs in ((True, [0, 1]), (False, [1, 0])):
        found = near_repeats([0, 30], [0, 40], [0, 0], metres=(50, 70), days=(1,), manhattan=manhattan)
        assert [band.pairs for band in found] == pairs


@given(EVENTS)
def test_pairs_and_what_is_expected_are_as_counted_one_by_one(events: list[tuple[int, int, int]]) -> None:
    x, y, day = (list(values) for values in zip(*events, strict=True)) if events else ([], [], [])
    metres, days = (0, 100, 400), (7, 28)
    apart = [
        (abs(x[i] - x[j]) + abs(y[i] - y[j]), abs(day[i] - day[j]))
        for i in range(len(events))
        for j in range(i)
    ]
    for band in near_repeats(x, y, day, metres=metres, days=days, shuffles=1):
        near = [band.over_metres < m <= band.to_metres or (not band.to_metres and not m) for m, _ in apart]
        soon = [band.over_days < d <= band.to_days or (not band.over_days and not d) for _, d in apart]
        assert band.pairs == sum(a and b for a, b in zip(near, soon, strict=True))
        assert band.expected == pytest.approx(sum(near) * sum(soon) / max(1, len(apart)))


def scattered(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invented events: three towns, busy and quiet places, a year, nothing that repeats."""
    x = np.round(rng.normal(rng.integers(0, 3, number) * 5000, 300) / 50) * 50
    y = np.round(rng.normal(0, 300, number) / 50) * 50
    return x, y, rng.integers(0, 365, number)


def test_busy_places_and_busy_weeks_are_not_taken_for_repeats() -> None:
    rng = np.random.default_rng(1)
    said = 0
    for seed in range(60):
        x, y, day = scattered(rng, 80)
        day[:40] = rng.integers(0, 30, 40)  # half of all in one month, everywhere
        said += any(band.stands_out for band in near_repeats(x, y, day, seed=seed))
    assert said <= 60 * 0.15


def test_one_repeat_in_ten_events_is_seen_with_the_fewest_that_are_judged() -> None:
    rng = np.random.default_rng(2)
    seen = 0
    for seed in range(40):
        x, y, day = scattered(rng, 50)
        first, then = np.split(rng.permutation(50)[:10], 2)
        x[then], y[then] = x[first], y[first]
        day[then] = day[first] + rng.integers(0, 8, 5)
        seen += any(band.stands_out for band in near_repeats(x, y, day, seed=seed))
    assert seen >= 32


def test_no_events_and_one_event_have_no_pairs() -> None:
    for events in ([], [0]):
        found = near_repeats(events, events, events)
        assert {(band.pairs, band.expected, band.ratio, band.stands_out) for band in found} == {
            (0, 0.0, None, False)
        }


@pytest.mark.parametrize(
    ("days", "limits"), [([1], (7, 14)), ([1, 2], (14, 7)), ([1, 2], (7, 7)), ([1, 2], (-1, 7))]
)
def test_input_that_cannot_be_counted_is_refused(days: list[int], limits: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"one day per event|must rise"):
        near_repeats([0, 1], [0, 1], days, days=limits)


def test_it_is_told_in_words() -> None:
    near = Band(
        over_metres=0, to_metres=100, over_days=0, to_days=7, pairs=17, expected=5.0, p=0.001, q=0.012
    )
    far = Band(over_metres=200, to_metres=400, over_days=7, to_days=14, pairs=20, expected=19.0, p=0.4, q=0.5)
    assert (metres_apart(near), days_apart(near)) == ("annan plats, högst 100 meter", "0–7")
    assert (metres_apart(far), days_apart(far)) == ("200–400 meter", "8–14")
    assert repeats_text([near, far]) == (
        "Ja. Mest utmärker sig 0–7 dagar efter en signal, på en annan plats högst 100 meter bort: 17 par av signaler, 5,0 väntade."
    )
    assert repeats_text([far]).startswith("Det syns inte")
