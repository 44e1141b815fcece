"""Insert or update rows by key in the warehouse being built, counting what really changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.data.warehouse import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import polars as pl

KEYS = {
    "municipality": ("code",),
    "population": ("code", "year", "kind"),
    "covariate": ("code", "year", "name"),
    "locality": ("locality_code", "year"),
    "indicator": ("id",),
    "observation": ("indicator_id", "code", "period_start", "period_kind"),
    "comparison_group": ("group_id", "member_code"),
    "police_event": ("id",),
    "notice_day": ("day",),
    "crime_type": ("id",),
    "provenance": ("fetch_id",),
}
#: Columns that are computed after loading and must not count as changes of the source.
_DERIVED = {"observation": {"count", "count_basis", "exposure"}}


@dataclass(frozen=True)
class LoadCount:
    """How many rows a load added, changed and left alone."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: LoadCount) -> LoadCount:
        return LoadCount(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def upsert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> LoadCount:
    """Write ``frame`` into ``table`` by the table's key.

    Parameters
    ----------
    connection
        The warehouse being built, writable.
    frame
        Columns named as the table's; missing columns become NULL. No two rows share a key.

    Returns
    -------
    LoadCount
        A row counts as changed when a column other than ``fetch_id`` differs.
    """
    if frame.is_empty():
        return LoadCount()
    keys = KEYS[table]
    others = [column for column in frame.columns if column not in keys]
    compared = [c for c in others if c not in _ignored(table, frame)]
    match = " AND ".join(f"old.{key} = incoming.{key}" for key in keys)
    differs = " OR ".join(f"old.{c} IS DISTINCT FROM incoming.{c}" for c in compared) or "false"
    connection.register("incoming", frame.to_arrow())
    try:
        counted = row_of(
            connection,
            f"""
            SELECT count(*) FILTER (old.{keys[0]} IS NULL),
                   count(*) FILTER (old.{keys[0]} IS NOT NULL AND ({differs}))
              FROM incoming LEFT JOIN {table} AS old ON {match}
            """,
        )
        new, changed = counted or (0, 0)
        if table == "observation" and changed:
            _keep_replaced(connection, match, [c for c in compared if c != "count_basis"])
        columns = ", ".join(frame.columns)
        updates = ", ".join(f"{column} = excluded.{column}" for column in others)
        connection.execute(
            f"""
            INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming
            ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {updates}
            """
        )
    finally:
        connection.unregister("incoming")
    return LoadCount(new, changed, frame.height - new - changed)


def _keep_replaced(connection: duckdb.DuckDBPyConnection, match: str, compared: Sequence[str]) -> None:
    """Keep figures that are about to be replaced by others; the date is that of the new answer."""
    differs = " OR ".join(f"old.{c} IS DISTINCT FROM incoming.{c}" for c in compared)
    connection.execute(
        f"""
        INSERT OR IGNORE INTO revision
        SELECT old.indicator_id, old.code, old.period_start, old.period_kind, old.count, old.rate, old.status,
               old.fetch_id, provenance.fetched_at, incoming.fetch_id
          FROM incoming JOIN observation AS old ON {match}
          JOIN provenance ON provenance.fetch_id = incoming.fetch_id
         WHERE {differs}
        """
    )


def retire(connection: duckdb.DuckDBPyConnection, indicators: Sequence[str], incoming: pl.DataFrame) -> None:
    """Move stored observations of ``indicators`` that ``incoming`` does not have to the revisions."""
    connection.register("incoming", incoming.select(*KEYS["observation"], "fetch_id").to_arrow())
    gone = f"""
        FROM observation AS old
       WHERE list_contains(?, old.indicator_id)
         AND ({", ".join(f"old.{key}" for key in KEYS["observation"])})
             NOT IN (SELECT ({", ".join(KEYS["observation"])}) FROM incoming)
    """
    connection.execute(
        f"""
        INSERT OR IGNORE INTO revision
        SELECT old.indicator_id, old.code, old.period_start, old.period_kind, old.count, old.rate, old.status,
               old.fetch_id, now(), (SELECT max(fetch_id) FROM incoming WHERE indicator_id = old.indicator_id)
        {gone}
        """,
        [list(indicators)],
    )
    connection.execute(f"DELETE {gone}", [list(indicators)])
    connection.unregister("incoming")


def _ignored(table: str, frame: pl.DataFrame) -> set[str]:
    ignored = {"fetch_id"}
    for column in _DERIVED.get(table, set()) & set(frame.columns):
        if frame[column].null_count() == frame.height:
            ignored.add(column)
    return ignored
