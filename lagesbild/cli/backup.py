"""``lagesbild backup FIL``: copy everything (``.zip``) or the local data alone to a file while others read and write."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lagesbild import ExplainedError, __version__
from lagesbild.cli.options import OK
from lagesbild.data.warehouse import WarehouseError, current_vintage
from lagesbild.files import bundle
from lagesbild.signals.store import SignalStore
from lagesbild.swedish import number

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings

#: What there is of an installation that cannot be made or fetched again. Not the answers of sources (``archive``):
#: they are the largest, what was read of them is in the warehouse, and the police's texts have a time to go by.
DATABASES = ("local.sqlite", "news.sqlite", "state.sqlite")
FOLDERS = ("citations", "drafts", "templates")
WAREHOUSE = "warehouse"
EVERYTHING = (*DATABASES, *FOLDERS, WAREHOUSE)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("file", metavar="FIL", type=Path, help="slutar den på .zip kopieras allt")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    local = SignalStore(settings.local_file)
    if local.exists:
        local.expire_now()  # what is to be gone is not in the copy either
    if not bundle.is_bundle(options.file):
        local.back_up(options.file)
        sys.stdout.write(
            f"De lokala uppgifterna är kopierade till {options.file}. Förvara filen lika säkert.\n"
        )
        return OK
    with TemporaryDirectory(prefix="lagesbild-kopia-") as made:
        files = _files(settings, Path(made))
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "version": __version__}
        size = bundle.write(options.file, files, about)
    sys.stdout.write(
        f"{number(len(files))} filer är kopierade till {options.file} ({number(size / 1e6, 1)} MB). "
        "Förvara den lika säkert.\n"
    )
    return OK


def _files(settings: Settings, made: Path) -> dict[str, Path]:
    """Return what to copy, by its name in the copy; databases as they are at one moment, in ``made``."""
    files = {}
    for name in DATABASES:
        file = settings.local_file if name == "local.sqlite" else settings.home / name
        if file.exists():
            files[name] = made / name
            _copied(file, made / name)
    for folder in FOLDERS:
        for file in sorted((settings.home / folder).rglob("*")):
            if file.is_file() and not file.is_symlink() and file.suffix != ".part":
                files[file.relative_to(settings.home).as_posix()] = file
    try:
        vintage = current_vintage(settings.warehouse_folder)
        files[f"{WAREHOUSE}/{vintage.name}"] = vintage
    except WarehouseError:
        pass  # nothing has been fetched yet
    return files


def _copied(file: Path, target: Path) -> None:
    try:
        source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can be moved
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.Error as error:
        raise ExplainedError(f"{file} kan inte kopieras ({error}).") from error
    if not sound:
        raise ExplainedError(f"{file} är skadad och kopieras inte. Återställ den ur en tidigare kopia.")
