"""Files that are there whole or not at all, also when their writer is killed or the power goes."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

__all__ = ["write_whole"]

#: What a writer that was killed left behind is removed when it is so old, in seconds; nobody writes for so long.
LEFT_BEHIND = 3600
_PART = ".part"


def write_whole(file: Path, content: bytes, *, over: bool = True) -> bool:
    """Write a file, readable by its owner alone, in one step; when this returns it is on the disk.

    Parameters
    ----------
    over
        Replace what is there; else what is there stays, and False is returned.

    Raises
    ------
    OSError
        If it cannot be written; what was there is as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    _sweep(file.parent)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=_PART)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if over:
            part.replace(file)
        else:
            file.hardlink_to(part)  # fails where there is one: of two who write at once, one does
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _sweep(folder: Path) -> None:
    oldest = time.time() - LEFT_BEHIND
    for part in folder.glob(f"*{_PART}"):
        try:
            if part.stat().st_mtime < oldest:
                part.unlink(missing_ok=True)
        except FileNotFoundError:  # somebody else was first
            continue
