"""Whether BRÅ's figures add up: parts and wholes, municipalities and the country, counts and rates.

Nothing is corrected; what does not add up is listed with what is known to cause it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.data import reference
from lagesbild.data.warehouse import queries

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from lagesbild.data.warehouse import Warehouse

#: Rates are published rounded to whole numbers, by a mean population we may know to a half person.
_ROUNDING = 0.6
_SHOWN = 20
#: The rates of this year rest on another population than the mean of its two ends, at most this far from it.
_OTHER_PEOPLE, _OTHER_BY = 2024, 0.004
#: Months and quarters may differ this much from the year they make (under half a per cent has been seen).
_SETTLED = 0.02


@dataclass(frozen=True, kw_only=True)
class ConsistencyCheck:
    """One check: its Swedish name, how many figures were tried and did not agree, and why some do not.

    ``examples`` has columns what, expected, found, one row for each of the largest deviations.
    """

    name: str
    tried: int
    deviating: int
    why: str
    examples: pl.DataFrame


def checks(warehouse: Warehouse) -> list[ConsistencyCheck]:
    """Check the stored figures of SOL; empty where it has not been fetched."""
    found = [_parts(warehouse), _municipalities(warehouse), _rates(warehouse), *_within_year(warehouse)]
    return [check for check in found if check.tried]


def _parts(warehouse: Warehouse) -> ConsistencyCheck:
    rows = warehouse.frame(
        """
        SELECT whole.title_sv || ', ' || coalesce(m.name, 'hela landet') || ' ' || year(o.period_start) AS what,
               any_value(o.count) AS expected, sum(part_o.count)::BIGINT AS found
          FROM crime_type AS part JOIN crime_type AS whole ON whole.id = part.parent_id
          JOIN observation AS part_o ON part_o.indicator_id = part.id AND part_o.period_kind = 'year'
          JOIN observation AS o ON o.indicator_id = whole.id AND o.code = part_o.code
                               AND o.period_start = part_o.period_start AND o.period_kind = 'year'
          LEFT JOIN municipality AS m ON m.code = o.code
         WHERE o.count IS NOT NULL AND part_o.count IS NOT NULL
         GROUP BY whole.id, whole.title_sv, o.code, o.period_start, m.name
        """
    )
    return _check(
        "Delarna är tillsammans inte fler än det hela",
        rows,
        rows["found"] - rows["expected"] > 0,
        "Brottstyper som delas in på flera sätt samtidigt (efter ålder, plats, relation) överlappar varandra.",
    )


def _municipalities(warehouse: Warehouse) -> ConsistencyCheck:
    rows = warehouse.frame(
        """
        SELECT i.title_sv || ' ' || year(o.period_start) AS what,
               any_value(country.count) AS expected, sum(o.count)::BIGINT AS found
          FROM observation AS o JOIN indicator AS i ON i.id = o.indicator_id AND i.source_id = 'bra_sol'
          JOIN observation AS country ON country.indicator_id = o.indicator_id AND country.code = '0000'
                                     AND country.period_start = o.period_start AND country.period_kind = 'year'
         WHERE o.period_kind = 'year' AND o.code NOT LIKE '00%' AND o.count IS NOT NULL AND country.count IS NOT NULL
         GROUP BY i.id, i.title_sv, o.period_start
        """
    )
    return _check(
        "Kommunerna har tillsammans inte fler brott än riket",
        rows,
        rows["found"] - rows["expected"] > 0,
        "Att kommunerna tillsammans har färre än riket är väntat: brott utan känd plats räknas bara i riket.",
    )


def _rates(warehouse: Warehouse) -> ConsistencyCheck:
    rows = warehouse.frame(
        f"""
        SELECT i.title_sv || ', ' || m.name || ' ' || year(o.period_start) AS what,
               o.count * 1e5 / o.exposure AS expected, o.rate AS found,
               abs(o.count * 1e5 / o.exposure - o.rate) > {_ROUNDING}
                 + if(year(o.period_start) = {_OTHER_PEOPLE}, {_OTHER_BY} * o.rate, 0) AS off
          FROM observation AS o JOIN indicator AS i ON i.id = o.indicator_id AND i.source_id = 'bra_sol'
          JOIN municipality AS m ON m.code = o.code
          -- Where the population is not known it is what the largest count and rate imply, and proves nothing.
          JOIN {queries.MEAN_POPULATION} AS known ON known.code = o.code AND known.year = year(o.period_start)
         WHERE o.period_kind = 'year' AND o.count IS NOT NULL AND o.rate IS NOT NULL
           AND NOT list_contains(?, o.indicator_id)
        """,
        [list(reference.composites())],
    )
    return _check(
        "Antal per 100 000 stämmer med antal och medelfolkmängd",
        rows,
        rows["off"],
        f"Brå kan ha räknat med en annan folkmängd, till exempel när en kommun har delats. För {_OTHER_PEOPLE} har Brå räknat "
        "med en folkmängd som skiljer sig upp till 0,4 procent från medelvärdet av årets början och slut; det räknas inte som avvikelse.",
    )


def _within_year(warehouse: Warehouse) -> list[ConsistencyCheck]:
    """Compare twelve months, and four quarters, with the year, country and municipalities together by type."""
    checks = []
    for kind, whole, name in (
        ("month", 12, "Tolv månader är tillsammans årets siffra"),
        ("quarter", 4, "Fyra kvartal är tillsammans årets siffra"),
    ):
        rows = warehouse.frame(
            """
            WITH parts AS (
                SELECT indicator_id, code, year(period_start) AS year, sum(count) AS count FROM observation
                 WHERE period_kind = ? AND status = 'final' AND indicator_id LIKE 'SOL_%'
                 GROUP BY ALL HAVING count(count) = ?
            )
            SELECT i.short_sv || ' ' || parts.year AS what, sum(o.count)::BIGINT AS expected, sum(parts.count)::BIGINT AS found
              FROM parts JOIN indicator AS i ON i.id = parts.indicator_id
              JOIN observation AS o ON o.indicator_id = parts.indicator_id AND o.code = parts.code
                   AND o.period_kind = 'year' AND year(o.period_start) = parts.year
             WHERE o.count IS NOT NULL GROUP BY i.id, i.short_sv, parts.year
            """,
            [kind, whole],
        )
        off = (rows["found"] - rows["expected"]).abs() > _SETTLED * rows["expected"]
        why = (
            "Årets siffror fastställs senare än månadernas. En större skillnad kan betyda att månadernas brottstyp "
            "inte är helt densamma som årets."
        )
        checks.append(_check(name, rows, off, why))
    return checks


def _check(name: str, rows: pl.DataFrame, off: pl.Series, why: str) -> ConsistencyCheck:
    wrong = rows.filter(off)
    worst = (wrong["found"] - wrong["expected"]).abs().arg_sort(descending=True)[:_SHOWN]
    return ConsistencyCheck(
        name=name,
        tried=rows.height,
        deviating=wrong.height,
        why=why,
        examples=wrong[worst].select("what", "expected", "found"),
    )


@dataclass(frozen=True, kw_only=True)
class Settling:
    """How much a month moved from its first preliminary figures until its final ones, over all areas and types."""

    month: date
    figures: int
    moved: int
    preliminary: int
    final: int

    @property
    def change(self) -> float | None:
        """Relative change of the sum; None where the preliminary sum is zero."""
        return self.final / self.preliminary - 1 if self.preliminary else None


def settlings(warehouse: Warehouse) -> list[Settling]:
    """Return how far preliminary months have moved until final, the newest first."""
    rows = warehouse.frame(
        """
        WITH first_seen AS (
            SELECT indicator_id, code, period_start, arg_min(count, replaced_at) AS count
              FROM revision WHERE period_kind = 'month' AND status = 'preliminary' AND code NOT LIKE '00%' GROUP BY ALL
        )
        SELECT period_start AS month, count(*) AS figures, count(*) FILTER (p.count IS DISTINCT FROM o.count) AS moved,
               coalesce(sum(p.count), 0)::BIGINT AS preliminary, coalesce(sum(o.count), 0)::BIGINT AS final
          FROM first_seen AS p JOIN observation AS o USING (indicator_id, code, period_start)
         WHERE o.period_kind = 'month' AND o.status = 'final'
         GROUP BY period_start ORDER BY period_start DESC
        """
    )
    return [Settling(**row) for row in rows.iter_rows(named=True)]


def corrections(warehouse: Warehouse) -> pl.DataFrame:
    """Return final figures that have been corrected: what, code, period_start, period_kind, before, after, replaced_on."""
    return warehouse.frame(
        """
        SELECT i.short_sv AS what, r.code, r.period_start, r.period_kind, coalesce(r.count, r.rate) AS before,
               coalesce(o.count, o.rate) AS after, CAST(r.replaced_at AS DATE) AS replaced_on
          FROM revision AS r JOIN observation AS o USING (indicator_id, code, period_start, period_kind)
          JOIN indicator AS i ON i.id = r.indicator_id
         WHERE r.status = 'final'
         ORDER BY r.replaced_at DESC, abs(coalesce(o.count, o.rate) - coalesce(r.count, r.rate)) DESC NULLS LAST
        """
    )
