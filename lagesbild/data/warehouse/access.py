"""Opening the current vintage for reading.

``current`` is a symbolic link to an immutable vintage file. It is resolved before opening: a
reader holds on to its vintage, and a swap is seen at the next opening.
"""

from __future__ import annotations

import fcntl
import logging
import re
import threading
import time
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
from cachetools import LRUCache, cached

from lagesbild import ExplainedError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

_T = TypeVar("_T")
SCHEMA_VERSION = 5
CURRENT = "current.duckdb"
#: The file whose lock is held by the one who writes.
LOCK = "ingest.lock"
#: Bytes of answers that a vintage remembers: what the pages of some dozens of municipalities ask for.
REMEMBERED_BYTES = 64_000_000
_LOG = logging.getLogger(__name__)
#: How duckdb says that another process has the file open for writing, on Linux and macOS, and on Windows.
_LOCKED = re.compile(r"Could not set lock on file|Conflicting lock is held|being used by another process")
_DAMAGED = re.compile(r"not a valid DuckDB|enough bytes|[Cc]orrupt|version number")
_HOLDER = re.compile(r"(?:held in|open in)\s+(?P<program>\S[^\n]*?)?\s*\(PID (?P<pid>\d+)\)")


class WarehouseError(ExplainedError):
    """The warehouse is missing or of another schema version; the message says what to do."""


class LockedError(WarehouseError):
    """Somebody has a vintage open for writing: nothing is damaged, and it can be read when they are done."""


class DeniedError(WarehouseError):
    """The system does not let us read a vintage now; nothing is known to be wrong with its content."""


class DamagedError(WarehouseError):
    """A file that is no warehouse, or no longer one."""


@dataclass(frozen=True)
class Patience:
    """How often a locked vintage is tried, and the seconds between."""

    tries: int = 5
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep


#: For every opening that says nothing else; somebody who only has a look is often done in seconds.
PATIENCE = Patience()


def create_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables of `SCHEMA_VERSION` on a writable connection."""
    connection.execute(files("lagesbild.data.warehouse").joinpath("schema.sql").read_text("utf-8"))
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


def is_written(folder: Path) -> bool:
    """Tell whether somebody is about to publish more: an ingest holds its lock until it has worked out everybody's answers."""
    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # nobody has written here, or the disk knows no locks
        return False
    return False


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a vintage for reading; one that is locked is tried again for a while, see `PATIENCE`.

    Raises
    ------
    LockedError, DeniedError, DamagedError
        By what hinders; only the last says that something is wrong with the file.
    """
    for left in range(PATIENCE.tries - 1, -1, -1):
        try:
            return _opened(file)
        except LockedError as error:
            if not left:
                raise
            _LOG.debug("%s Försöker igen.", error)
            PATIENCE.sleep(PATIENCE.pause)
    raise AssertionError("at least one try")


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    connection = None
    try:
        # Read-only and without settings of its own: several processes may open it at once.
        connection = duckdb.connect(str(file), read_only=True)
        connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchall()
    except duckdb.Error as error:
        if connection is not None:
            connection.close()
        raise _hindrance(file, error) from error
    return connection


def _hindrance(file: Path, error: duckdb.Error) -> WarehouseError:
    """Tell from duckdb's error what hinders; only what it says of the content means damage."""
    # ConnectionException: this very process has it open for writing.
    if isinstance(error, duckdb.ConnectionException) or _LOCKED.search(str(error)):
        return LockedError(_locked_text(file, str(error)))
    if not isinstance(error, duckdb.IOException) or _DAMAGED.search(str(error)):
        return DamagedError(f"Datalagret {file.name} kan inte öppnas: {first_line(error)}")
    if "Permission denied" in str(error):
        return DeniedError(
            f"Den som kör Lägesbild får inte läsa datalagret {file.name}. Ändra filens rättigheter."
        )
    return DeniedError(f"Datalagret {file.name} kan inte läsas just nu: {first_line(error)}")


def _locked_text(file: Path, told: str) -> str:
    return (
        f"Datalagret {file.name} är öppet för skrivning i {_holder(told)} och kan inte läsas så länge. "
        "Inget är skadat eller ändrat. Stäng det där, eller öppna det där bara för läsning "
        "(duckdb -readonly, read_only=True, i DBeaver Read-only connection), och försök igen."
    )


def _holder(told: str) -> str:
    """Name the program that holds a lock, by duckdb's message: ``python3.11 (PID 8144)``."""
    found = _HOLDER.search(told)
    if found is None:
        return "ett annat program"
    program = re.split(r"[\\/]", found["program"] or "")[-1] or "ett program"
    return f"{program} (PID {found['pid']})"


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The newest years that are looked at: of values, populations, official groups and characteristics.

    A chart that is drawn again from a later warehouse looks no further than it did the first time: what has come
    since is no revision of it.
    """

    values: int
    people: int
    groups: int
    characteristics: int

    @classmethod
    def read(cls, text: str) -> Horizon:
        """Read what `__str__` writes.

        Raises
        ------
        ValueError
            If it is no such text.
        """
        values, people, groups, characteristics = (int(part) for part in text.split("."))
        return cls(values=values, people=people, groups=groups, characteristics=characteristics)

    def __str__(self) -> str:
        return f"{self.values}.{self.people}.{self.groups}.{self.characteristics}"


def _size(frame: pl.DataFrame) -> int:
    return int(frame.estimated_size()) + 1_000


class Warehouse:
    """One vintage, open for reading; safe to share between threads.

    Parameters
    ----------
    file
        A published vintage, as `current_vintage` returns it.

    Raises
    ------
    WarehouseError
        If the file cannot be opened (see `opened`) or has another schema version.
    """

    #: How far queries look; None: to the end.
    horizon: Horizon | None = None

    def __init__(self, file: Path) -> None:
        self.file, self.whole = file, self
        self._connection, self._alone = opened(file), False
        self._remembered: LRUCache[tuple[str, str], pl.DataFrame] = LRUCache(REMEMBERED_BYTES, _size)
        self._remembering = threading.Lock()
        self._derived: dict[str, Callable[..., Any]] = {}
        self._deriving = threading.Lock()
        version = self.meta("schema_version")
        if version != str(SCHEMA_VERSION):
            raise WarehouseError(
                f"Datalagret har version {version}, programmet väntar version {SCHEMA_VERSION}. "
                "Kör kommandot: lagesbild ingest"
            )

    @classmethod
    def being_built(cls, connection: duckdb.DuckDBPyConnection) -> Warehouse:
        """Return what a connection sees, also what is not committed yet; for the one who writes, in one thread."""
        made = cls.__new__(cls)
        made._connection, made._alone, made.whole = connection, True, made
        return made

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

    def within(self, horizon: Horizon) -> Warehouse:
        """Return the same vintage, looked at no further than a horizon; it shares the connection."""
        seen = copy(self)
        seen.horizon, seen.whole = horizon, self.whole
        return seen

    @property
    def vintage(self) -> str:
        """Name of the vintage, as cited with figures."""
        return self.meta("vintage")

    def meta(self, key: str) -> str:
        """Return a fact about the vintage."""
        if self._alone:
            row = row_of(self._connection, "SELECT value FROM meta WHERE key = ?", [key])
            return str(row[0]) if row else ""
        return self._meta.get(key, "")

    @cached_property
    def _meta(self) -> dict[str, str]:
        """All facts about the vintage, which never change."""
        return dict(self._cursor().execute("SELECT key, value FROM meta").fetchall())

    def frame(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Run a query and return its rows as a polars frame, which is not to be changed in place.

        A published vintage never changes: an answer is remembered for all who ask the same, the latest asked for within
        `REMEMBERED_BYTES`.
        """
        if self._alone:
            return frame_of(self._cursor(), sql, parameters)
        key = (sql, repr(tuple(parameters)))
        with self._remembering:
            known = self._remembered.get(key)
        if known is not None:
            return known
        found = frame_of(self._cursor(), sql, parameters)
        if _size(found) <= self._remembered.maxsize:
            with self._remembering:
                self._remembered[key] = found
        return found

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return its rows: for a few, since a frame takes a quarter of a second to import what it is made by."""
        return self._cursor().execute(sql, parameters or None).fetchall()

    def worked_out(
        self, name: str, work: Callable[[Warehouse], _T], asked: Hashable = None, most: int = 1
    ) -> _T:
        """Return what is worked out of a vintage's rows, whatever the horizon: once, and the same for all who ask.

        It is kept as long as the vintage is; who asks for the same meanwhile waits for it.

        Parameters
        ----------
        name
            Tells it from what else is worked out. What is returned is not to be changed.
        asked
            What is asked for under the name, where that differs.
        most
            So many of these are kept, the latest asked for.
        """
        if self._alone:
            return work(self)
        whole = self.whole
        with whole._deriving:
            if name not in whole._derived:
                keep = cached(LRUCache(most), key=lambda asked, _: asked, condition=threading.Condition())
                whole._derived[name] = keep(lambda _, work: work(whole))
            kept = whole._derived[name]
        found: _T = kept(asked, work)
        return found

    def let_go(self) -> None:
        """Forget all that is remembered and worked out: nobody is shown this vintage any more. Who still reads asks anew."""
        with self.whole._deriving:
            self.whole._derived.clear()
        with self._remembering:
            self._remembered.clear()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor, safe between threads; being built: the connection, as a cursor sees no open transaction."""
        return self._connection if self._alone else self._connection.cursor()

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
    import polars as pl  # noqa: PLC0415 - a quarter of a second: whoever only serves the first words does without

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
