"""What the warehouse knows by putting sources together: counts behind Kolada's rates.

Runs after every load, from the stored rows alone, so that the order of sources does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.statistics.recovery import Recovery, recover_counts
from lagesbild.warehouse import frame_of

if TYPE_CHECKING:
    import duckdb

# How far a municipality's population may move from a known figure: a base for interpolation and
# what may be added for each year away (the largest yearly change since 2000 is below 3 %).
_BASE_SPREAD = 0.004
_YEARLY_SPREAD = 0.02
#: Key figures with counts large enough to pin the population.
_LEADING = ("N07540", "N07403")


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


def recover_kolada_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Fill ``count`` and ``count_basis`` of Kolada's reported crimes, and the mean populations.

    With SCB's year-ends on both sides the mean population is known; otherwise it is sought among
    the multiples of one half near the known figures. Returns the number of values per basis, and
    under ``contradicted`` how many of the ``area_years`` have rates that no population makes whole.
    """
    connection.execute("DELETE FROM population WHERE basis = 'recovered'")
    known = _known_populations(connection)
    exact = _exact_means(connection)
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
    counts: list[tuple[str, str, int, int, str]] = []
    means: list[tuple[str, int, float, str]] = []
    tally = {"recovered": 0, "approximate": 0, "contradicted": 0, "area_years": 0}
    for (code, year), published in _by_area_and_year(rates).items():
        # The largest counts give the population; rarer crimes, perhaps rounded more, follow it.
        leading = [rate for indicator, rate, _ in published if indicator in _LEADING]
        found = _recover(
            leading or [rate for _, rate, _ in published], exact.get((code, year)), known.get(code), year
        )
        if found is None:
            continue
        tally["area_years"] += 1
        tally["contradicted"] += found.candidates == 0
        for indicator, rate, _ in published:
            each = recover_counts([rate], found.population, 0.0)
            basis = each.basis if found.basis == "recovered" else found.basis
            tally[basis] += 1
            counts.append((indicator, code, year, each.counts[0], basis))
        if found.basis == "recovered" and (code, year) not in exact:
            means.append((code, year, found.population, published[0][2]))
    _store(connection, counts, means)
    return tally


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
    return {
        str(code): _Anchors(part["moment"].cast(pl.Float64).to_numpy(), part["population"].to_numpy())
        for (code,), part in frame.group_by("code", maintain_order=True)
    }


def _exact_means(connection: duckdb.DuckDBPyConnection) -> dict[tuple[object, object], float]:
    rows = connection.execute(
        """
        SELECT this.code, this.year, (this.population + before.population) / 2
          FROM population AS this
          JOIN population AS before ON before.code = this.code AND before.year = this.year - 1
         WHERE this.kind = 'year_end' AND before.kind = 'year_end'
        """
    ).fetchall()
    return {(code, year): mean for code, year, mean in rows}


def _store(
    connection: duckdb.DuckDBPyConnection,
    counts: list[tuple[str, str, int, int, str]],
    means: list[tuple[str, int, float, str]],
) -> None:
    if counts:
        frame = pl.DataFrame(counts, schema=["indicator_id", "code", "year", "count", "basis"], orient="row")
        connection.register("recovered_counts", frame.to_arrow())
        connection.execute(
            """
            UPDATE observation SET count = found.count, count_basis = found.basis
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
