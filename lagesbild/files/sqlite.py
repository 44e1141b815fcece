"""SQLite files that many processes write to at once."""

import sqlite3
import time

__all__ = ["remedy", "write_ahead"]

_NOT_WRITTEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
#: Seconds between two tries; what is waited for is one small write of another process.
PAUSE = 0.01


def write_ahead(connection: sqlite3.Connection, *, patience: float = 30.0) -> None:
    """Let readers and a writer of the file work at the same time, also after a kill (write-ahead logging).

    Parameters
    ----------
    connection
        An open connection, outside a transaction.
    patience
        Seconds to wait for others.

    Raises
    ------
    sqlite3.OperationalError
        If the file is locked for longer than that, or cannot be written.

    Notes
    -----
    The first who opens a new file turns it over, which needs the file alone; SQLite answers the others with
    "locked" at once there, whatever its busy timeout says: https://www.sqlite.org/wal.html, "sometimes queries
    return SQLITE_BUSY in WAL mode".
    """
    give_up = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # The low byte is the kind of error; the rest tells which sort of waiting it was.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up:
                raise
            time.sleep(PAUSE)
        else:
            return


def remedy(error: Exception, damaged: str) -> str:
    """Return what to do when a file cannot be used, Swedish.

    Parameters
    ----------
    error
        What came when it was opened, read or written.
    damaged
        What to do with a damaged file, from which a folder that nobody may write in is told apart: also who only reads
        writes beside a file with write-ahead logging.
    """
    # The low byte is the kind of error.
    if isinstance(error, OSError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_WRITTEN:
        return "Filen är kvar, men mappen går inte att skriva i: ge tjänsten rätt till den, och se om disken är full."
    return damaged
