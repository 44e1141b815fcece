"""Counts behind rates: exact where one population fits, approximate where more do, never silently wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.derive import recover_kolada_counts
from tests import world

CODE = "1801"


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with world.known({CODE: "Provaby"}) as connection:
        for name in ("N07540", "N07403", "C"):
            connection.execute(
                "INSERT INTO indicator VALUES (?, 'kolada', ?, '', '', '', 'reported', 'per_100k', 'lower', '', 'f')",
                [name, name],
            )
        yield connection


def publish(store: duckdb.DuckDBPyConnection, year: int, mean: float, **counts: int) -> None:
    """Store rates as Kolada publishes them: single precision, five decimals."""
    for name, count in counts.items():
        store.execute(
            "INSERT INTO observation VALUES (?, ?, ?, 'year', NULL, NULL, ?, NULL, NULL, 'final', 'f')",
            [name, CODE, date(year, 1, 1), world.rate(count, mean)],
        )


def people(store: duckdb.DuckDBPyConnection, kind: str, **years: float) -> None:
    for year, count in years.items():
        store.execute(
            "INSERT INTO population VALUES (?, ?, ?, 'published', ?, 'f')", [CODE, int(year[1:]), kind, count]
        )


def counts(store: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int, str]]:
    return store.execute(
        "SELECT indicator_id, year(period_start), count, count_basis FROM observation ORDER BY ALL"
    ).fetchall()


def test_with_both_year_ends_the_count_is_exact(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "year_end", y2023=16_200, y2024=16_153)
    publish(store, 2024, 16_176.5, N07540=1855)
    assert recover_kolada_counts(store)["recovered"] == 1
    assert counts(store) == [("N07540", 2024, 1855, "recovered")]


def test_two_rates_share_a_population_that_is_found_and_kept(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "year_end", y2024=16_122)
    publish(store, 2025, 16_101, N07540=2360, N07403=173)
    recover_kolada_counts(store)
    assert [count for _, _, count, _ in counts(store)] == [173, 2360]
    assert store.execute("SELECT population, basis FROM population WHERE kind = 'mean'").fetchall() == [
        (16_101.0, "recovered")
    ]


def test_where_several_populations_fit_the_count_is_called_approximate(
    store: duckdb.DuckDBPyConnection,
) -> None:
    people(store, "year_end", y2018=980_000)
    publish(store, 2025, 1_000_000.5, N07540=100)
    assert recover_kolada_counts(store)["approximate"] == 1
    (_, _, count, basis) = counts(store)[0]
    assert basis == "approximate"
    assert abs(count - 100) <= 5


def test_a_rate_no_population_can_give_is_counted_as_contradicted(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "year_end", y2024=16_000)
    publish(store, 2025, 19_000.5, N07540=2000, N07403=171)  # a fifth more people in a year
    assert recover_kolada_counts(store)["contradicted"] == 1
    assert {basis for *_, basis in counts(store)} == {"approximate"}


def test_without_any_population_nothing_is_made_up(store: duckdb.DuckDBPyConnection) -> None:
    publish(store, 2025, 16_101, N07540=2360)
    recover_kolada_counts(store)
    assert store.execute("SELECT count(*) FROM observation WHERE count IS NULL").fetchall() == [(1,)]


def test_a_published_mean_stands(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "mean", y2025=16_101)
    publish(store, 2025, 16_101, N07540=2360, N07403=173)
    recover_kolada_counts(store)
    assert store.execute("SELECT basis FROM population").fetchall() == [("published",)]


def test_again_is_the_same(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "year_end", y2024=16_122)
    publish(store, 2025, 16_101, N07540=2360, N07403=173)
    first = recover_kolada_counts(store), counts(store)
    assert (recover_kolada_counts(store), counts(store)) == first


def test_a_rarer_crime_rounded_by_the_source_is_approximate_alone(store: duckdb.DuckDBPyConnection) -> None:
    people(store, "year_end", y2024=16_122)
    publish(store, 2025, 16_101, N07540=2360, N07403=173)
    store.execute(
        "INSERT INTO observation VALUES ('C', ?, DATE '2025-01-01', 'year', NULL, NULL, 49.7, NULL, NULL, 'final', 'f')",
        [CODE],
    )
    assert recover_kolada_counts(store) == {
        "recovered": 2,
        "approximate": 1,
        "contradicted": 0,
        "area_years": 1,
    }
    assert counts(store)[0] == ("C", 2025, 8, "approximate")
