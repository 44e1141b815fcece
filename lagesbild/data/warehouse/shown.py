"""Which vintage readers see: the newest one, once what they will ask for first has been worked out in it.

A vintage that was published a second ago has been read by nobody: its first page takes many times what the others do,
and whoever happens to come then would wait for it. While it is got ready readers go on seeing the one before.

An ingest publishes after every source, and works out everybody's answers when all are loaded. A vintage without them is
not shown while the ingest goes on, for some minutes: readers would get slower pages, and all would be got ready twice.
"""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING

from lagesbild.data import log
from lagesbild.data.warehouse.access import WarehouseError, current_vintage, is_written, opened, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["SHOWN", "Shown"]
#: Seconds between the looks whether an ingest has come to its end.
_LOOK = 1.0
#: Seconds that a vintage waits for its answers at most: BRÅ's crime types take an hour to fetch.
_LONGEST = 600.0


class Shown:
    """The vintage that is shown of each folder. Safe to use from many threads.

    Attributes
    ----------
    in_advance
        Whether vintages are got ready before they are shown: where readers are served. Else, and where nothing was
        shown before or the one before is gone, the newest is shown at once.
    """

    def __init__(self) -> None:
        self.in_advance = False
        self._prepare: dict[str, Callable[[Path], object]] = {}
        self._lock = threading.Lock()
        self._now: dict[Path, Path] = {}
        self._preparing: set[Path] = set()  # folders: of each one vintage at a time
        self._since: dict[Path, float] = {}  # when the first was seen that waits for answers

    def prepare_with(self, name: str, prepare: Callable[[Path], object]) -> None:
        """Let a function of a vintage's file be carried out before the vintage is shown; one for each name."""
        self._prepare[name] = prepare

    def vintage(self, folder: Path) -> Path:
        """Return the file of the vintage to show.

        Raises
        ------
        WarehouseError
            If there is none yet.
        """
        newest = current_vintage(folder)
        with self._lock:
            now = self._now.get(folder)
            if not self.in_advance or now is None or not now.exists():
                now = self._now[folder] = newest
            if now != newest and folder not in self._preparing:
                try:
                    threading.Thread(target=self._get_ready, args=(folder, newest), daemon=True).start()
                    self._preparing.add(folder)
                except RuntimeError as error:  # no room for a thread: the next reader asks again
                    log.unexpected("förberedelse", error)
        return now

    def prepare(self, folder: Path) -> None:
        """Get ready what readers are shown, or will be, and go on showing it until a newer one is; raises as `vintage`."""
        newest = current_vintage(folder)
        with self._lock:
            now = self._now.get(folder)
        shown = now if now is not None and now.exists() else newest
        self._carry_out(shown)
        if self.in_advance:
            with self._lock:
                self._now.setdefault(folder, shown)

    def _carry_out(self, vintage: Path) -> None:
        for name, prepare in list(self._prepare.items()):
            try:
                prepare(vintage)
            except Exception as error:  # whoever opens the page is told what is wrong
                log.unexpected(f"förberedelse av {name}", error)

    def _get_ready(self, folder: Path, newest: Path) -> None:
        try:
            if not _is_answered(newest):
                patience = self._since.setdefault(folder, time.monotonic()) + _LONGEST
                while (
                    is_written(folder) and current_vintage(folder) == newest and time.monotonic() < patience
                ):
                    time.sleep(_LOOK)
                if current_vintage(folder) != newest:
                    return  # which the next reader asks for
            self._since.pop(folder, None)
            self._carry_out(newest)
            with self._lock:
                self._now[folder] = newest
            gc.collect()  # what the one before was worked out to: nobody else looks for such garbage, or for long
        finally:
            with self._lock:
                self._preparing.discard(folder)


def _is_answered(vintage: Path) -> bool:
    """Tell whether everybody's answers are in a vintage, as in one that cannot be read: whoever opens its page is told."""
    try:
        with opened(vintage) as connection:
            return row_of(connection, "SELECT 1 FROM meta WHERE key = 'verdicts'") is not None
    except WarehouseError:
        return True


#: That of this process.
SHOWN = Shown()
