"""``lagesbild signals``: take in local signals from a file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.data.warehouse import Warehouse
from lagesbild.signals import intake
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("file", metavar="FIL", type=Path)
    add_municipality(parser)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = municipality_of(warehouse, settings, options)
    found = intake.read(options.file, datetime.now(UTC).date())
    new, replaced = SignalStore(settings.local_file).add_signals(code, found)
    sys.stdout.write(f"Signaler: {len(found)} lästa, {new} nya, {replaced} fanns redan.\n")
    return OK
