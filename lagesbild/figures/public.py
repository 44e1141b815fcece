"""Figures that readers who are not logged in have cited: within a room of their own on the disk.

A mark beside the figure's file tells that nobody has used it yet. Who opens it by its number, or puts it in an answer,
takes the mark away, and it is kept for ever. Where the room is full, those without use go first, the oldest first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PublicRoom", "is_removed", "mark_used"]

#: What has been cited this lately is never removed: its reader may still be reading.
FRESH_SECONDS = 24 * 3600
_UNUSED, _REMOVED = ".unused", ".removed"
#: What a new figure may take, of which the size is not known yet.
_ROOM_FOR_ONE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class PublicRoom:
    """What figures of the public may take of a folder of frozen figures.

    Attributes
    ----------
    folder
        That of the archive.
    most_unused, most
        Bytes of figures that nobody has used, and of all figures together.
    admit
        Counts one more of this reader; False where it is one too many.
    """

    folder: Path
    most_unused: int
    most: int
    admit: Callable[[], bool]

    def make_room(self) -> bool:
        """Remove what nobody has used until one more fits; False where it does not."""
        sizes = {file: file.stat().st_size for file in self.folder.glob("LB-*.zip")}
        unused = {
            file: mark.stat().st_mtime for file in sizes if (mark := file.with_suffix(_UNUSED)).exists()
        }
        taken, of_unused = sum(sizes.values()), sum(sizes[file] for file in unused)
        now = time.time()
        # One of a clock that was ahead is not fresh until then: its age is not known.
        old = [file for file, made in unused.items() if not now - FRESH_SECONDS < made <= now]
        for file in sorted(old, key=unused.__getitem__):
            if max(of_unused - self.most_unused, taken - self.most) + _ROOM_FOR_ONE <= 0:
                break
            file.with_suffix(_REMOVED).touch()
            file.unlink(missing_ok=True)
            mark_used(file)
            taken, of_unused = taken - sizes[file], of_unused - sizes[file]
        return max(of_unused - self.most_unused, taken - self.most) + _ROOM_FOR_ONE <= 0

    def mark_unused(self, file: Path) -> None:
        """Mark a figure's file as one that nobody has used."""
        file.with_suffix(_UNUSED).touch()
        file.with_suffix(_REMOVED).unlink(missing_ok=True)


def mark_used(file: Path) -> None:
    """Keep a figure's file for ever; nothing happens where it is kept already."""
    file.with_suffix(_UNUSED).unlink(missing_ok=True)


def is_removed(file: Path) -> bool:
    """Tell whether a figure was here and has been removed, since nobody had used it."""
    return file.with_suffix(_REMOVED).exists()
