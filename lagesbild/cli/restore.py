"""``lagesbild restore FIL``: put a copy in the place of the local data, also while the dashboard is shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK
from lagesbild.signals.database import LocalFile

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("file", metavar="FIL", type=Path)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    aside = LocalFile(settings.local_file).restore(options.file)
    told = f" Det som fanns ligger i {aside}." if aside else ""
    sys.stdout.write(f"De lokala uppgifterna är återställda ur {options.file}.{told}\n")
    return OK
