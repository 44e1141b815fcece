"""What the warehouse knows by putting rows together: counts behind rates, exposures, composite measures.

Runs after every load, from the stored rows alone, so that the order of sources does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.data import reference
from lagesbild.data.warehouse import frame_of
from lagesbild.data.warehouse.queries import MEAN_POPULATION
from lagesbild.statistics.recovery import PER, Recovery, recover_counts, whole_over

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
_COUNT_COLUMNS = ("indicator_id", "code", "year", "count", "basis", "exposure")


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
    rates = _judged(_published(connection))
    chosen = rates.filter("whole")
    tally = {"recovered": chosen.height, "approximate": 0, "contradicted": 0, "area_years": 0}
    counts = [chosen.select(*_COUNT_COLUMNS)]
    others = rates.filter(~pl.col("whole") & ~pl.col("by_year_end"))
    tally["area_years"] += _area_years(rates) - _area_years(others)
    found_means: list[tuple[str, int, float, str]] = []
    if others.height:
        sought: list[tuple[str, str, int, int, str, float]] = []
        known = _known_populations(connection)
        leading = _leading(rates)
        for (code, year), (mean, published) in _by_area_and_year(others).items():
            _seek(
                published, leading.get((code, year), []), code, year, mean, known, sought, found_means, tally
            )
        counts.append(pl.DataFrame(sought, schema=chosen.select(*_COUNT_COLUMNS).schema, orient="row"))
    _store(connection, pl.concat(counts), found_means)
    return tally


def _published(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return Kolada's rates of reported crimes, with the mean and the year-end population where those are stored."""
    return frame_of(
        connection,
        f"""
        WITH published AS (
            SELECT code, year(period_start) AS year, indicator_id, rate, observation.fetch_id
              FROM observation JOIN indicator ON indicator.id = indicator_id
             WHERE source_id = 'kolada' AND kind = 'reported' AND rate IS NOT NULL
               AND period_kind = 'year' AND code NOT LIKE '00%'
        ), year_end AS (SELECT code, year, population FROM population WHERE kind = 'year_end')
        SELECT published.*, mean.people::DOUBLE AS mean, year_end.population::DOUBLE AS year_end
          FROM published
          LEFT JOIN {MEAN_POPULATION} AS mean USING (code, year)
          LEFT JOIN year_end USING (code, year)
         ORDER BY ALL
        """,
    )


def _judged(rates: pl.DataFrame) -> pl.DataFrame:
    """Add which population each rate is of (``by_year_end``, ``exposure``), its ``count``, and whether that is ``whole``."""
    rate = rates["rate"].to_numpy()
    over = {name: whole_over(rate, rates[name].fill_null(np.nan).to_numpy()) for name in ("mean", "year_end")}
    judged = rates.with_columns(over_mean=over["mean"], over_year_end=over["year_end"])
    each = (pl.col("indicator_id"), pl.col("year"))
    asked = pl.col("year_end").is_not_null()
    at_end, at_mean = ((pl.col(name) & asked).sum().over(*each) for name in ("over_year_end", "over_mean"))
    judged = judged.with_columns(
        by_year_end=(asked.sum().over(*each) > 0)
        & (at_end >= _NEARLY_ALL * asked.sum().over(*each))
        & (at_end > at_mean)
    )
    by_end = pl.when("by_year_end")
    judged = judged.with_columns(
        whole=by_end.then("over_year_end").otherwise("over_mean"),
        exposure=by_end.then("year_end").otherwise("mean"),
    )
    return judged.with_columns(
        count=(pl.col("rate") * pl.col("exposure") / PER).round(mode="half_to_even").cast(pl.Int64),
        basis=pl.lit("recovered"),
    )


def _area_years(rates: pl.DataFrame) -> int:
    return rates.select("code", "year").n_unique()


def _leading(rates: pl.DataFrame) -> dict[tuple[str, int], list[float]]:
    """Return the rates that pin the mean population, by area and year."""
    rows = rates.filter(pl.col("indicator_id").is_in(_LEADING) & ~pl.col("by_year_end"))
    found: dict[tuple[str, int], list[float]] = {}
    for code, year, rate in rows.select("code", "year", "rate").iter_rows():
        found.setdefault((code, year), []).append(rate)
    return found


def _seek(
    published: Sequence[tuple[str, float, str]],
    leading: list[float],
    code: str,
    year: int,
    mean: float | None,
    known: Mapping[str, _Anchors],
    counts: list[tuple[str, str, int, int, str, float]],
    found_means: list[tuple[str, int, float, str]],
    tally: dict[str, int],
) -> None:
    """Seek the population of one area and year that makes its rates whole counts.

    The ``leading`` rates, those of the largest counts, give the population: all of them, so that a mixed-up one
    contradicts the others. Rarer crimes, perhaps rounded more, follow it.
    """
    found = _recover(leading or [rate for _, rate, _ in published], mean, known.get(code), year)
    if found is None:
        return
    tally["area_years"] += 1
    tally["contradicted"] += found.candidates == 0
    for indicator, rate, _ in published:
        each = _over(rate, found.population)
        basis = each.basis if found.basis == "recovered" else found.basis
        tally[basis] += 1
        counts.append((indicator, code, year, each.counts[0], basis, found.population))
    if found.basis == "recovered" and mean is None:
        found_means.append((code, year, found.population, published[0][2]))


def _over(rate: float, population: float) -> Recovery:
    """Return the count that a rate is of so many persons, and whether it is whole."""
    return recover_counts([rate], population, 0.0)


def _by_area_and_year(
    rates: pl.DataFrame,
) -> dict[tuple[str, int], tuple[float | None, list[tuple[str, float, str]]]]:
    """Return the mean population and (indicator, rate, document) by area and year; plain lists, for thousands of groups."""
    found: dict[tuple[str, int], tuple[float | None, list[tuple[str, float, str]]]] = {}
    columns = rates.select("code", "year", "mean", "indicator_id", "rate", "fetch_id")
    for code, year, mean, indicator, rate, fetch_id in columns.iter_rows():
        found.setdefault((code, year), (mean, []))[1].append((indicator, rate, fetch_id))
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


def _store(
    connection: duckdb.DuckDBPyConnection,
    counts: pl.DataFrame,
    means: list[tuple[str, int, float, str]],
) -> None:
    if counts.height:
        connection.register("recovered_counts", counts.to_arrow())
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
