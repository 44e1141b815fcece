"""``lagesbild backup FIL``: copy the local data to a file while others read and write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("file", metavar="FIL", type=Path)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    local = SignalStore(settings.local_file)
    local.expire_now()  # what is to be gone is not in the copy either
    local.back_up(options.file)
    sys.stdout.write(f"De lokala uppgifterna är kopierade till {options.file}. Förvara filen lika säkert.\n")
    return OK
