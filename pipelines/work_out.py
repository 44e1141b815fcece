"""Everybody's answers, worked out once all sources are loaded, so that pages need only read them."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.comparison import verdicts
from lagesbild.comparison.panel import Panel
from lagesbild.config import load_settings
from lagesbild.data import log, municipality
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.statistics import rule
from pipelines.publish import BusyError, Unchanged, next_vintage, opened_usable, single_writer

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from lagesbild.config import Settings

_LOG = logging.getLogger(__name__)
#: The tables that answers rest on: the police's notices, which come every hour, change none.
BEHIND_ANSWERS = frozenset(
    {"municipality", "population", "covariate", "indicator", "observation", "comparison_group"}
)


def work_out(connection: duckdb.DuckDBPyConnection) -> int:
    """Fill ``dispersion`` and ``verdict`` from the stored rows; return how many answers there are."""
    started = time.perf_counter()
    forget(connection)
    panel = Panel(Warehouse.being_built(connection))
    _insert(connection, "dispersion", verdicts.dispersions(panel))
    for rows in verdicts.of_all(panel):
        _insert(connection, "verdict", rows)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('verdicts', ?)", [str(rule.VERSION)])
    counted = connection.execute("SELECT count(*) FROM verdict").fetchone()
    answers = int(counted[0]) if counted else 0
    _LOG.info("%d bedömningar räknades ut på %.1f s.", answers, time.perf_counter() - started)
    return answers


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty what was worked out: the rows behind it are about to change or have changed."""
    for table in ("dispersion", "verdict"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("DELETE FROM meta WHERE key = 'verdicts'")


def work_out_if_needed(settings: Settings) -> None:
    """Publish a vintage with everybody's answers, where the current one has none by the rule in use.

    The caller holds `single_writer`.
    """
    stored = opened_usable(settings)
    if stored is None:
        return
    with stored:
        row = stored.execute("SELECT value FROM meta WHERE key = 'verdicts'").fetchone()
    if row is None or row[0] != str(rule.VERSION):
        with next_vintage(settings) as connection:
            if not work_out(connection):
                raise Unchanged


def play_out(settings: Settings) -> None:
    """Play out the quiet years behind the home municipality's flags, so that no reader has to wait for them.

    If that fails the page does it itself; what hindered it stands in the log.
    """
    from lagesbild.hotspots import alarms  # noqa: PLC0415 - a second to load

    try:
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            names = dict(queries.municipalities(warehouse).select("code", "name").iter_rows())
            home = municipality.code_of(settings.home_municipality, names)
            alarms.measured(alarms.watch_of(warehouse, home), warehouse.vintage, settings.derived_folder)
    except ExplainedError as error:
        _LOG.warning("Hemkommunens flaggor spelades inte upp i förväg: %s", error)
    except Exception as error:
        log.unexpected("flaggor", error)


def main() -> int:
    """Work out what is not, beside a dashboard that is shown already; an ingest that runs will do it itself."""
    settings = load_settings()
    with suppress(BusyError), single_writer(settings):
        work_out_if_needed(settings)
    play_out(settings)
    return 0


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    if rows.height:
        connection.register("worked_out", rows.to_arrow())
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM worked_out")
        connection.unregister("worked_out")


if __name__ == "__main__":
    raise SystemExit(main())
