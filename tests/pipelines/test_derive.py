"""Counts behind rates: exact where one population fits, approximate where more do, never silently wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.derive import derive, recover_kolada_counts
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
            "INSERT INTO observation VALUES (?, ?, ?, 'year', NULL, NULL, ?, NULL, NULL, NULL, 'final', 'f')",
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
        "INSERT INTO observation VALUES ('C', ?, DATE '2025-01-01', 'year', NULL, NULL, 49.7, NULL, NULL, NULL, 'final', 'f')",
        [CODE],
    )
    assert recover_kolada_counts(store) == {
        "recovered": 2,
        "approximate": 1,
        "contradicted": 0,
        "area_years": 1,
    }
    assert counts(store)[0] == ("C", 2025, 8, "approximate")


def test_the_denominator_is_the_one_that_makes_nearly_all_counts_whole() -> None:
    """One year divides by the mean of two year-ends, another by the last: decided from all municipalities together."""
    with world.known({f"18{n:02d}": f"P{n}" for n in range(40)}) as store:
        store.execute(
            "INSERT INTO indicator VALUES ('N07540', 'kolada', '', '', '', '', 'reported', 'per_100k', 'lower', '', 'f')"
        )
        for n in range(40):
            code, before, after, later = f"18{n:02d}", 9_000 + 731 * n, 9_130 + 739 * n, 9_201 + 745 * n
            for year, persons in ((2018, before), (2019, after), (2020, later)):
                store.execute(
                    "INSERT INTO population VALUES (?, ?, 'year_end', 'published', ?, 'f')",
                    [code, year, persons],
                )
            for year, divisor in ((2019, float(after)), (2020, (after + later) / 2)):
                # One municipality's rate of 2019 is of neither population.
                rate = world.rate(900 + n, divisor) + (7.7 if (n, year) == (3, 2019) else 0)
                store.execute(
                    "INSERT INTO observation VALUES ('N07540', ?, ?, 'year', NULL, NULL, ?, NULL, NULL, NULL, 'final', 'f')",
                    [code, date(year, 1, 1), rate],
                )
        tally = recover_kolada_counts(store)
        rows = store.execute(
            "SELECT code, year(period_start), count, count_basis, exposure FROM observation"
        ).fetchall()
    found = {(code, year): tuple(rest) for code, year, *rest in rows}
    for n in set(range(40)) - {3}:
        after, later = 9_130 + 739 * n, 9_201 + 745 * n
        assert found[f"18{n:02d}", 2019] == (900 + n, "recovered", after)
        assert found[f"18{n:02d}", 2020] == (900 + n, "recovered", (after + later) / 2)
    assert tally["recovered"] >= 79


@pytest.fixture
def sol(store: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Three of BRÅ's measures that may get figures."""
    for name in ("SOL_TOTALT", "SOL_NARKOTIKA", "SOL_VAPEN"):
        store.execute(
            "INSERT INTO indicator VALUES (?, 'bra_sol', '', '', '', '', 'reported', 'per_100k', 'lower', '', 'f')",
            [name],
        )
    return store


def count(
    store: duckdb.DuckDBPyConnection, name: str, number: int | None, status: str = "final", year: int = 2024
) -> None:
    """Store a published count, with the rounded rate of 16 000 persons."""
    rate = None if number is None else round(number * 1e5 / 16_000)
    store.execute(
        "INSERT OR REPLACE INTO observation VALUES (?, ?, ?, 'year', ?, ?, ?, NULL, NULL, NULL, ?, 'f')",
        [name, CODE, date(year, 1, 1), number, None if number is None else "published", rate, status],
    )


def ours(store: duckdb.DuckDBPyConnection) -> dict[str, tuple[object, ...]]:
    rows = store.execute(
        "SELECT indicator_id, count, count_basis, status, exposure FROM observation"
        " WHERE indicator_id IN ('SOL_NARKOTIKA_VAPEN', 'SOL_UTAN_POLISENS')"
    ).fetchall()
    return {name: tuple(rest) for name, *rest in rows}


def test_the_exposure_of_a_published_count_is_the_mean_of_two_year_ends(
    sol: duckdb.DuckDBPyConnection,
) -> None:
    people(sol, "year_end", y2023=16_010, y2024=16_021)
    count(sol, "SOL_TOTALT", 1855)
    derive(sol)
    assert sol.execute("SELECT exposure FROM observation").fetchall() == [(16_015.5,)]


def test_without_year_ends_the_largest_count_and_its_rate_tell_the_exposure_of_all(
    sol: duckdb.DuckDBPyConnection,
) -> None:
    count(sol, "SOL_TOTALT", 1855)
    count(sol, "SOL_VAPEN", 1)  # its rate of 6 implies 16 667
    derive(sol)
    (exposures,) = zip(*sol.execute("SELECT exposure FROM observation").fetchall(), strict=True)
    assert exposures == pytest.approx([1855e5 / 11_594] * 2)


def test_our_own_measures_are_made_of_the_stored_parts(sol: duckdb.DuckDBPyConnection) -> None:
    people(sol, "year_end", y2023=16_000, y2024=16_000)
    for name, number in (("SOL_TOTALT", 1855), ("SOL_NARKOTIKA", 300), ("SOL_VAPEN", 50)):
        count(sol, name, number, "preliminary" if name == "SOL_VAPEN" else "final")
    derive(sol)
    assert ours(sol) == {
        "SOL_NARKOTIKA_VAPEN": (350, "published", "preliminary", 16_000.0),
        "SOL_UTAN_POLISENS": (1505, "published", "preliminary", 16_000.0),
    }
    told = sol.execute("SELECT short_sv, fetch_id FROM indicator WHERE id = 'SOL_UTAN_POLISENS'").fetchall()
    assert told == [("Anmälda brott utan narkotika- och vapenbrott", "f")]
    derive(sol)
    assert sol.execute("SELECT count(*) FROM revision").fetchall() == [(0,)]


def test_a_withheld_part_makes_the_measure_withheld_and_an_absent_one_makes_it_absent(
    sol: duckdb.DuckDBPyConnection,
) -> None:
    count(sol, "SOL_TOTALT", 1855)
    count(sol, "SOL_NARKOTIKA", 300)
    derive(sol)
    assert ours(sol) == {}
    count(sol, "SOL_VAPEN", None, "suppressed")
    derive(sol)
    assert ours(sol) == dict.fromkeys(
        ("SOL_NARKOTIKA_VAPEN", "SOL_UTAN_POLISENS"), (None, None, "suppressed", None)
    )


def test_parts_that_exceed_the_whole_give_no_figure(sol: duckdb.DuckDBPyConnection) -> None:
    for name, number in (("SOL_TOTALT", 10), ("SOL_NARKOTIKA", 9), ("SOL_VAPEN", 2)):
        count(sol, name, number)
    derive(sol)
    assert ours(sol)["SOL_UTAN_POLISENS"] == (None, None, "missing", None)


def test_what_came_as_one_figure_stands_until_its_parts_are_stored(sol: duckdb.DuckDBPyConnection) -> None:
    count(sol, "SOL_TOTALT", 1855)
    count(sol, "SOL_NARKOTIKA_VAPEN", 350)
    derive(sol)
    assert (ours(sol)["SOL_NARKOTIKA_VAPEN"][0], ours(sol)["SOL_UTAN_POLISENS"][0]) == (350, 1505)
    count(sol, "SOL_NARKOTIKA", 301)
    count(sol, "SOL_VAPEN", 50)
    derive(sol)
    assert (ours(sol)["SOL_NARKOTIKA_VAPEN"][0], ours(sol)["SOL_UTAN_POLISENS"][0]) == (351, 1504)
