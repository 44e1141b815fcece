"""What the warehouse knows by putting rows together: counts behind rates, exposures, composite measures.

Runs after every load, from the stored rows alone, so that the order of sources does not matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of
from lagesbild.data.warehouse.queries import MEAN_POPULATION
from lagesbild.statistics.recovery import Recovery, recover_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

# How far a municipality's population may move from a known figure: a base for interpolation and
# what may be added for each year away (the largest yearly change since 2000 is below 3 %).
_BASE_SPREAD = 0.004
_YEARLY_SPREAD = 0.02
#: Key figures with counts large enough to pin the population.
_LEADING = ("N07540", "N07403")
#: So large a share of a key figure's counts of a year must be whole over a population for it to be the one used.
_NEARLY_ALL = 0.95


@dataclass(frozen=True)
class _Anchors:
    """Known populations of one area: decimal years and persons, in order of time."""

    years: np.ndarray
    persons: np.ndarray

    def estimate(self, year: int) -> tuple[float, float]:
        """Return the mean population of ``year`` and the relative spread it may be wrong by."""
        middle = year + 0.5
        nearest = float(np.min(np.abs(self.years - middle)))
        inside = self.years[0] <= middle <= self.years[-1]
        spread = _BASE_SPREAD + _YEARLY_SPREAD * (nearest / 2 if inside else nearest)
        return float(np.interp(middle, self.years, self.persons)), spread


def derive(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Work out all that follows from the stored rows: composite measures, counts and exposures.

    Returns the tally of `recover_kolada_counts`.
    """
    compose(connection)
    tally = recover_kolada_counts(connection)
    _fill_exposures(connection)
    return tally


def compose(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out the composite measures of ``composite_measures.csv`` from their parts, for every area and period.

    One whose parts are not all stored (the shipped sum of two crime types) stays as it was loaded. A missing part
    makes the sum missing, never less.
    """
    for row in reference.composites().values():
        plus, minus = row["plus"].split(), row["minus"].split()
        parts = [*plus, *minus]
        stored = connection.execute(
            "SELECT count(DISTINCT indicator_id) FROM observation WHERE list_contains(?, indicator_id)",
            [parts],
        ).fetchone()
        if stored is None or stored[0] < len(parts):
            continue
        connection.execute(
            """
            INSERT OR REPLACE INTO indicator
            SELECT ?, source_id, ?, ?, ?, 'brott', kind, unit, direction, ?, fetch_id FROM indicator WHERE id = ?
            """,
            [
                row["id"],
                " ".join(plus) + (f" - {' '.join(minus)}" if minus else ""),
                row["title"],
                row["short"],
                row["definition"],
                plus[0],
            ],
        )
        connection.execute(
            """
            INSERT OR REPLACE INTO observation
                (indicator_id, code, period_start, period_kind, count, count_basis, status, fetch_id)
            WITH sums AS (
                SELECT code, period_start, period_kind, count(count) AS known, max(fetch_id) AS fetch_id,
                       sum(CASE WHEN list_contains($minus, indicator_id) THEN -count ELSE count END) AS total,
                       bool_or(status = 'preliminary') AS early, bool_or(status = 'suppressed') AS withheld
                  FROM observation WHERE list_contains($parts, indicator_id)
                 GROUP BY ALL HAVING count(*) = len($parts)
            )
            SELECT $id, code, period_start, period_kind,
                   CASE WHEN known = len($parts) AND total >= 0 THEN total END,
                   CASE WHEN known = len($parts) AND total >= 0 THEN 'published' END,
                   CASE WHEN known = len($parts) AND total >= 0 THEN (CASE WHEN early THEN 'preliminary' ELSE 'final' END)
                        WHEN withheld THEN 'suppressed' ELSE 'missing' END,
                   fetch_id
              FROM sums
            """,
            {"id": row["id"], "parts": parts, "minus": minus},
        )


def _fill_exposures(connection: duckdb.DuckDBPyConnection) -> None:
    """Give published counts the persons behind their rates.

    The mean of two year-ends; without them, what the largest count of the area and year and its rate imply (a rate
    rounded to whole numbers says little of the persons behind a small count).
    """
    connection.execute(
        f"""
        UPDATE observation SET exposure = coalesce(
                   (SELECT mean.people FROM {MEAN_POPULATION} AS mean
                     WHERE mean.code = observation.code AND mean.year = year(observation.period_start)),
                   (SELECT arg_max(other.count * 1e5 / other.rate, other.count) FROM observation AS other
                     WHERE other.code = observation.code AND other.period_start = observation.period_start
                       AND other.period_kind = 'year' AND other.count_basis = 'published'
                       AND other.count > 0 AND other.rate > 0))
         WHERE period_kind = 'year' AND count_basis = 'published'
        """
    )
    # A composite has no published rate of its own.
    connection.execute(
        """
        UPDATE observation SET rate = count * 1e5 / exposure
         WHERE period_kind = 'year' AND list_contains(?, indicator_id) AND count IS NOT NULL AND exposure > 0
        """,
        [list(reference.composites())],
    )


def recover_kolada_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Fill ``count``, ``count_basis`` and ``exposure`` of Kolada's reported crimes, and the mean populations.

    Kolada divides by the mean of two year-ends, but some key figures and years by the population at the end of the
    year. Which of the two it is, all municipalities together tell: nearly all their counts must be whole. Where the
    populations are not stored, the mean is sought among the multiples of one half near the known figures. Returns
    the number of values per basis, and under ``contradicted`` how many of the ``area_years`` have rates that no
    population makes whole.
    """
    connection.execute("DELETE FROM population WHERE basis = 'recovered'")
    known = _known_populations(connection)
    means, ends = _exact_means(connection), _year_ends(connection)
    rates = frame_of(
        connection,
        """
        SELECT code, year(period_start) AS year, indicator_id, rate, observation.fetch_id
          FROM observation JOIN indicator ON indicator.id = indicator_id
         WHERE source_id = 'kolada' AND kind = 'reported' AND rate IS NOT NULL
           AND period_kind = 'year' AND code NOT LIKE '00%'
         ORDER BY ALL
        """,
    )
    areas = _by_area_and_year(rates)
    by_year_end = _divided_by_year_end(areas, means, ends)
    counts: list[tuple[str, str, int, int, str, float]] = []
    found_means: list[tuple[str, int, float, str]] = []
    tally = {"recovered": 0, "approximate": 0, "contradicted": 0, "area_years": 0}
    for (code, year), published in areas.items():
        others = []
        for indicator, rate, fetch_id in published:
            population = (ends if (indicator, year) in by_year_end else means).get((code, year))
            each = _over(rate, population) if population else None
            if population and each is not None and each.basis == "recovered":
                counts.append((indicator, code, year, each.counts[0], each.basis, population))
                tally["recovered"] += 1
            elif (indicator, year) not in by_year_end:
                others.append((indicator, rate, fetch_id))
        if others:
            leading = [
                rate for name, rate, _ in published if name in _LEADING and (name, year) not in by_year_end
            ]
            _seek(others, leading, code, year, means, known, counts, found_means, tally)
        else:
            tally["area_years"] += 1
    _store(connection, counts, found_means)
    return tally


def _seek(
    published: Sequence[tuple[str, float, str]],
    leading: list[float],
    code: str,
    year: int,
    means: Mapping[tuple[object, object], float],
    known: Mapping[str, _Anchors],
    counts: list[tuple[str, str, int, int, str, float]],
    found_means: list[tuple[str, int, float, str]],
    tally: dict[str, int],
) -> None:
    """Seek the population of one area and year that makes its rates whole counts.

    The ``leading`` rates, those of the largest counts, give the population: all of them, so that a mixed-up one
    contradicts the others. Rarer crimes, perhaps rounded more, follow it.
    """
    found = _recover(
        leading or [rate for _, rate, _ in published], means.get((code, year)), known.get(code), year
    )
    if found is None:
        return
    tally["area_years"] += 1
    tally["contradicted"] += found.candidates == 0
    for indicator, rate, _ in published:
        each = _over(rate, found.population)
        basis = each.basis if found.basis == "recovered" else found.basis
        tally[basis] += 1
        counts.append((indicator, code, year, each.counts[0], basis, found.population))
    if found.basis == "recovered" and (code, year) not in means:
        found_means.append((code, year, found.population, published[0][2]))


@lru_cache(maxsize=100_000)  # each is asked twice in a run, and is the same in the next
def _over(rate: float, population: float) -> Recovery:
    """Return the count that a rate is of so many persons, and whether it is whole."""
    return recover_counts([rate], population, 0.0)


def _divided_by_year_end(
    areas: Mapping[tuple[str, int], Sequence[tuple[str, float, str]]],
    means: Mapping[tuple[object, object], float],
    ends: Mapping[tuple[object, object], float],
) -> frozenset[tuple[str, int]]:
    """Return the (key figure, year) whose counts are whole over the population at the end of the year only."""
    asked, over_mean, over_end = (
        Counter[tuple[str, int]](),
        Counter[tuple[str, int]](),
        Counter[tuple[str, int]](),
    )
    for (code, year), published in areas.items():
        mean, end = means.get((code, year)), ends.get((code, year))
        if end is None:
            continue
        for indicator, rate, _ in published:
            asked[indicator, year] += 1
            over_mean[indicator, year] += bool(mean) and _over(rate, mean).basis == "recovered"
            over_end[indicator, year] += bool(end) and _over(rate, end).basis == "recovered"
    return frozenset(
        one
        for one, number in asked.items()
        if over_end[one] >= _NEARLY_ALL * number and over_end[one] > over_mean[one]
    )


def _by_area_and_year(rates: pl.DataFrame) -> dict[tuple[str, int], list[tuple[str, float, str]]]:
    """Return (indicator, rate, document) by area and year; plain lists, for thousands of small groups."""
    found: dict[tuple[str, int], list[tuple[str, float, str]]] = {}
    for code, year, indicator, rate, fetch_id in rates.iter_rows():
        found.setdefault((code, year), []).append((indicator, rate, fetch_id))
    return found


def _recover(rates: list[float], exact: float | None, anchors: _Anchors | None, year: int) -> Recovery | None:
    if exact is not None:
        found = recover_counts(rates, exact, 0.0)
        if found.basis == "recovered":
            return found
    if anchors is None:
        return None
    estimate, spread = anchors.estimate(year)
    found = recover_counts(rates, estimate, spread)
    # A municipality may have grown faster than most: look further off before giving up.
    return found if found.candidates else recover_counts(rates, estimate, 3 * spread)


def _known_populations(connection: duckdb.DuckDBPyConnection) -> dict[str, _Anchors]:
    frame = frame_of(
        connection,
        """
        SELECT code, CASE kind WHEN 'mean' THEN year + 0.5 ELSE year + 1.0 END AS moment, population
          FROM population WHERE basis = 'published' ORDER BY code, moment
        """,
    )
    years, persons = frame["moment"].cast(pl.Float64).to_numpy(), frame["population"].to_numpy()
    codes, starts, counts = np.unique(frame["code"].to_list(), return_index=True, return_counts=True)
    return {
        str(code): _Anchors(years[start : start + count], persons[start : start + count])
        for code, start, count in zip(codes, starts, counts, strict=True)
    }


def _exact_means(connection: duckdb.DuckDBPyConnection) -> dict[tuple[object, object], float]:
    rows = connection.execute(f"SELECT code, year, people FROM {MEAN_POPULATION}").fetchall()
    return {(code, year): mean for code, year, mean in rows}


def _year_ends(connection: duckdb.DuckDBPyConnection) -> dict[tuple[object, object], float]:
    rows = connection.execute(
        "SELECT code, year, population FROM population WHERE kind = 'year_end'"
    ).fetchall()
    return {(code, year): people for code, year, people in rows}


def _store(
    connection: duckdb.DuckDBPyConnection,
    counts: list[tuple[str, str, int, int, str, float]],
    means: list[tuple[str, int, float, str]],
) -> None:
    if counts:
        frame = pl.DataFrame(
            counts, schema=["indicator_id", "code", "year", "count", "basis", "exposure"], orient="row"
        )
        connection.register("recovered_counts", frame.to_arrow())
        connection.execute(
            """
            UPDATE observation SET count = found.count, count_basis = found.basis, exposure = found.exposure
              FROM recovered_counts AS found
             WHERE observation.indicator_id = found.indicator_id AND observation.code = found.code
               AND observation.period_kind = 'year' AND year(observation.period_start) = found.year
            """
        )
        connection.unregister("recovered_counts")
    if means:
        frame = pl.DataFrame(means, schema=["code", "year", "population", "fetch_id"], orient="row")
        connection.register("recovered_means", frame.to_arrow())
        connection.execute(
            """
            INSERT INTO population SELECT code, year, 'mean', 'recovered', population, fetch_id
              FROM recovered_means
            ON CONFLICT DO NOTHING -- a published mean stands
            """
        )
        connection.unregister("recovered_means")
