"""Build the next warehouse beside the current one and swap it in atomically.

A vintage is a closed file that never changes. Steps: copy the current vintage, change the copy in
one transaction, close and flush it, give it its name, point ``current`` at it by one rename. A kill
between any two steps leaves ``current`` as it was; left-overs are removed by the next build.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import duckdb

from lagesbild import ExplainedError, __version__
from lagesbild.data import freshness
from lagesbild.data.state import now
from lagesbild.data.warehouse.access import (
    CURRENT,
    LOCK,
    SCHEMA_VERSION,
    DamagedError,
    WarehouseError,
    create_schema,
    current_vintage,
    first_line,
    opened,
    row_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lagesbild.config import Settings


_LOG = logging.getLogger(__name__)
#: How often a held lock is tried, and the seconds between: whoever only asks whether somebody writes holds it for far less.
_TRIES, _GLANCE = 5, 0.01


class BusyError(ExplainedError):
    """Another ingest is running."""


class Unchanged(Exception):  # noqa: N818 - a signal, not an error
    """Raised inside `next_vintage` to leave without publishing."""


@contextmanager
def single_writer(settings: Settings) -> Iterator[None]:
    """Hold the lock that only one ingest may have; released by the system if we are killed.

    Raises
    ------
    BusyError
        If another process holds it.
    """
    settings.warehouse_folder.mkdir(parents=True, exist_ok=True)
    with (settings.warehouse_folder / LOCK).open("w") as lock:
        if not _taken(lock):
            raise BusyError("En annan inläsning pågår redan. Vänta tills den är klar.")
        for leftover in settings.warehouse_folder.glob("build-*"):
            if leftover.is_file() or leftover.is_symlink():
                leftover.unlink()
        yield


def _taken(lock: TextIO) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_GLANCE)
        else:
            return True
    return False


def usable_vintage(settings: Settings) -> Path | None:
    """Return the current vintage if it has our schema version, None if it is another, damaged or not there.

    Raises
    ------
    LockedError, DeniedError
        If the vintage cannot be looked at now; nothing may be built or restored because of that.
    """
    vintage = _current(settings)
    return vintage if vintage is not None and _is_usable(vintage) else None


def opened_usable(settings: Settings) -> duckdb.DuckDBPyConnection | None:
    """Open what `usable_vintage` returns for reading; None and errors as there.

    While it is held open, opening the same vintage again takes a tenth of the time.
    """
    vintage = _current(settings)
    if vintage is None:
        return None
    try:
        connection = opened(vintage)
    except DamagedError:
        return None
    if _schema_in(connection) == str(SCHEMA_VERSION):
        return connection
    connection.close()
    return None


def _current(settings: Settings) -> Path | None:
    try:
        return current_vintage(settings.warehouse_folder)
    except WarehouseError:
        return None


def _is_usable(vintage: Path) -> bool:
    return _schema_of(vintage) == str(SCHEMA_VERSION)


def _schema_of(vintage: Path) -> str | None:
    """Return the schema version of a vintage, None if it is damaged; raises as `usable_vintage` does."""
    try:
        with opened(vintage) as connection:
            return _schema_in(connection)
    except (DamagedError, duckdb.Error):
        return None


def _schema_in(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = row_of(connection, "SELECT value FROM meta WHERE key = 'schema_version'")
    return str(row[0]) if row else None


def restore(settings: Settings) -> bool:
    """Point at the newest vintage that can be used if the current one is damaged; tell if it was done.

    One of another schema version is not damaged: it is rebuilt. One that is locked is not either: `LockedError`
    is raised, of older ones too, so that nothing goes further back than it must. The caller holds
    `single_writer`.
    """
    current = _current(settings)
    if current is not None and _schema_of(current) is not None:
        return False
    for vintage in _vintages(settings):
        if _is_usable(vintage):
            point_at(settings, vintage)
            _LOG.warning(
                "Datalagret %s är skadat eller borta; det senaste hela, %s, används i stället.",
                current.name if current else CURRENT,
                vintage.name,
            )
            return True
    return False


@contextmanager
def next_vintage(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a writable copy of the current vintage (or an empty one); publish it at the end.

    The caller holds `single_writer`. An exception discards the copy; `Unchanged` does so silently.
    """
    build = settings.warehouse_folder / f"build-{os.getpid()}.duckdb"
    basis = usable_vintage(settings)
    if basis is not None:
        _copy(basis, build)
    try:
        with duckdb.connect(str(build)) as connection:
            connection.execute("BEGIN")
            if basis is None:
                create_schema(connection)
            yield connection
            name = _vintage_name(settings)
            facts = {
                "vintage": name,
                "built_at": now().isoformat(),
                "code_version": __version__,
                freshness.COUNTED: freshness.counted(connection),
            }
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(facts.items()))
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
        _swap_in(settings, build, name)
    except Unchanged:
        pass
    except duckdb.Error as error:
        raise WarehouseError(f"Datalagret kunde inte skrivas: {first_line(error)}") from error
    finally:
        for leftover in settings.warehouse_folder.glob(f"{build.name}*"):
            leftover.unlink(missing_ok=True)


def _copy(basis: Path, build: Path) -> None:
    """Copy a vintage that nobody writes in meanwhile; the copy can be written though the vintage cannot."""
    with opened(basis):
        shutil.copyfile(basis, build)


def _vintage_name(settings: Settings) -> str:
    stamp = now().strftime("%Y%m%dT%H%M%SZ")
    taken = {path.stem for path in settings.warehouse_folder.glob("*.duckdb")}
    return next(name for name in (stamp, *(f"{stamp}-{n}" for n in range(2, 1000))) if name not in taken)


def _swap_in(settings: Settings, build: Path, name: str) -> None:
    folder = settings.warehouse_folder
    _flush(build)
    vintage = folder / f"{name}.duckdb"
    # Programs that open for writing when nothing else is said do not get to lock or change what is published.
    build.chmod(build.stat().st_mode & ~0o222)
    build.rename(vintage)
    _LOG.debug("Nytt datalager: %s", vintage)
    point_at(settings, vintage)
    _prune(settings, keep=vintage)


def point_at(settings: Settings, vintage: Path) -> None:
    """Make a whole vintage the current one, by one rename; the caller holds `single_writer`."""
    folder = settings.warehouse_folder
    pointer = folder / f"build-{os.getpid()}.link"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(vintage.name)
    pointer.replace(folder / CURRENT)
    _flush(folder)


def _vintages(settings: Settings) -> list[Path]:
    """Return all vintages, the newest first."""
    found = [path for path in settings.warehouse_folder.glob("*.duckdb") if not path.is_symlink()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _flush(path: Path) -> None:
    """Make sure the disk has it before anything points at it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(settings: Settings, keep: Path) -> None:
    others = [path for path in _vintages(settings) if path != keep]
    for old in others[max(0, settings.vintages_kept - 1) :]:
        old.unlink()
