"""Opening the current vintage for reading.

``current`` is a symbolic link to an immutable vintage file. It is resolved before opening: a
reader holds on to its vintage, and a swap is seen at the next opening.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCHEMA_VERSION = 4
CURRENT = "current.duckdb"


class WarehouseError(ExplainedError):
    """The warehouse is missing or of another schema version; the message says what to do."""


def create_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables of `SCHEMA_VERSION` on a writable connection."""
    connection.execute(files("lagesbild.warehouse").joinpath("schema.sql").read_text("utf-8"))
    connection.execute(
        "INSERT INTO meta VALUES ('schema_version', ?), ('vintage', 'unpublished')",
        [str(SCHEMA_VERSION)],
    )


def current_vintage(folder: Path) -> Path:
    """Return the file of the current vintage.

    Raises
    ------
    WarehouseError
        If there is none yet.
    """
    pointer = folder / CURRENT
    try:
        vintage = pointer.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a link that points at itself
        raise WarehouseError("Det finns inget datalager ännu. Kör kommandot: lagesbild ingest") from None
    return vintage


class Warehouse:
    """One vintage, open for reading; safe to share between threads.

    Parameters
    ----------
    file
        A published vintage, as `current_vintage` returns it.

    Raises
    ------
    WarehouseError
        If the file cannot be opened or has another schema version.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            # Read-only and without settings of its own: several processes may open it at once.
            self._connection = duckdb.connect(str(file), read_only=True)
            version = self.meta("schema_version")
        except duckdb.Error as error:
            raise WarehouseError(f"Datalagret {file.name} kan inte öppnas: {first_line(error)}") from error
        if version != str(SCHEMA_VERSION):
            raise WarehouseError(
                f"Datalagret har version {version}, programmet väntar version {SCHEMA_VERSION}. "
                "Kör kommandot: lagesbild ingest"
            )

    @classmethod
    def current(cls, folder: Path) -> Warehouse:
        """Open the current vintage in ``folder``; tries again if it was pruned at that moment."""
        vintage = current_vintage(folder)
        try:
            return cls(vintage)
        except WarehouseError:
            if current_vintage(folder) == vintage:
                raise
            return cls(current_vintage(folder))

    @property
    def vintage(self) -> str:
        """Name of the vintage, as cited with figures."""
        return self.meta("vintage")

    def meta(self, key: str) -> str:
        """Return a fact about the vintage."""
        row = row_of(self._connection.cursor(), "SELECT value FROM meta WHERE key = ?", [key])
        return str(row[0]) if row else ""

    def frame(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Run a query and return its rows as a polars frame."""
        return frame_of(self._connection.cursor(), sql, parameters)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def frame_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> pl.DataFrame:
    """Run a query on any connection and return its rows as a polars frame."""
    result = connection.sql(sql, params=parameters or None)
    frame = pl.from_arrow(result.to_arrow_table())
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def row_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> tuple[Any, ...] | None:
    """Run a query and return its first row, leaving no unread result on the connection."""
    rows = connection.execute(sql, parameters or None).fetchall()
    return rows[0] if rows else None


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return str(error).strip().split("\n", maxsplit=1)[0]
