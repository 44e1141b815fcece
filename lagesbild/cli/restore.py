"""``lagesbild restore FIL``: put a copy in the place of what there is, also while the dashboard is shown."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.cli.backup import EVERYTHING, FOLDERS, WAREHOUSE
from lagesbild.cli.options import OK
from lagesbild.files import bundle
from lagesbild.signals.database import LocalFile
from lagesbild.swedish import number
from pipelines import publish

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings

_AGAIN = "Har någons uppgifter raderats sedan kopian togs: radera dem igen på sidan Administration.\n"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("file", metavar="FIL", type=Path)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    if bundle.is_bundle(options.file):
        _everything(settings, options.file)
    else:
        aside = LocalFile(settings.local_file).restore(options.file)
        told = f" Det som fanns ligger i {aside}." if aside else ""
        sys.stdout.write(f"De lokala uppgifterna är återställda ur {options.file}.{told}\n")
    sys.stdout.write(_AGAIN)
    return OK


def _everything(settings: Settings, source: Path) -> None:
    """Put all of a copy in its place; what was there and is another is put aside."""
    aside = settings.home / f"fore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with bundle.opened(source, EVERYTHING) as copy:
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
            for name in copy.names:
                folder = name.split("/")[0]
                if folder == WAREHOUSE:
                    _warehouse(settings, copy, name)
                elif folder in FOLDERS:
                    _file(settings.home, copy, name, aside)
                else:
                    _database(settings, copy, name, aside)
        except OSError as error:
            raise ExplainedError(
                f"Återställningen blev inte klar ({error.strerror or error}). Kör den igen; det som fanns ligger i {aside}."
            ) from error
        told = f" Det som var annorlunda ligger i {aside}." if aside.exists() else ""
        sys.stdout.write(
            f"{number(len(copy.names))} filer är återställda ur kopian från {copy.about['at']}.{told}\n"
        )


def _file(home: Path, copy: bundle.Bundle, name: str, aside: Path) -> None:
    file = home / name
    if file.exists() and copy.same(name, file):
        return
    if file.exists():
        (aside / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(file, aside / name)
    copy.take_out(name, file)


def _database(settings: Settings, copy: bundle.Bundle, name: str, aside: Path) -> None:
    """Write a database through SQLite itself, so that those who have it open see it whole."""
    with TemporaryDirectory(prefix="lagesbild-kopia-") as made:
        copy.take_out(name, Path(made) / name)
        if name == "local.sqlite":
            kept = LocalFile(settings.local_file).restore(Path(made) / name)
            if kept:
                aside.mkdir(exist_ok=True, mode=0o700)
                kept.replace(aside / name)
            return
        file = settings.home / name
        if file.exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            _poured(file, aside / name)
        _poured(Path(made) / name, file)


def _poured(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(source)) as read,
            closing(sqlite3.connect(target, timeout=30)) as written,
        ):
            read.backup(written)
    except sqlite3.Error as error:
        raise ExplainedError(f"{target} kan inte återställas ({error}).") from error


def _warehouse(settings: Settings, copy: bundle.Bundle, name: str) -> None:
    """Take the figures out where there are none that can be used; newer ones stay."""
    with publish.single_writer(settings):
        if publish.usable_vintage(settings) is None:
            copy.take_out(name, settings.home / name)
            publish.point_at(settings, settings.home / name)
