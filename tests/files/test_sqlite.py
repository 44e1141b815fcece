"""SQLite files that many processes write to at once."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from lagesbild.files.sqlite import write_ahead


def write(file: Path, together: threading.Barrier, n: int) -> None:
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
        together.wait()
        write_ahead(connection)
        connection.execute("CREATE TABLE IF NOT EXISTS written (n)")
        connection.execute("INSERT INTO written VALUES (?)", [n])


def test_all_who_open_a_new_file_at_once_may_write(tmp_path: Path) -> None:
    with ThreadPoolExecutor(12) as pool:
        for attempt in range(25):  # one in twelve failed before anybody waited
            file = tmp_path / f"{attempt}.sqlite"
            list(pool.map(partial(write, file, threading.Barrier(12)), range(12)))
            with closing(sqlite3.connect(file)) as connection:
                assert connection.execute("SELECT count(*) FROM written").fetchone() == (12,)
                assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_waits_in_vain_is_told(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)) as holder,
        closing(sqlite3.connect(tmp_path / "a.sqlite", timeout=0)) as late,
    ):
        holder.execute("CREATE TABLE a (b)")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_ahead(late, patience=0.05)


def test_a_file_that_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"not a database at all, but text" * 100)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection, pytest.raises(sqlite3.DatabaseError):
        write_ahead(connection)
