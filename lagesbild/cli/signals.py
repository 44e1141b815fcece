"""``lagesbild signals``: take in local signals from a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.data.warehouse import Warehouse
from lagesbild.signals import intake
from lagesbild.signals.database import COMMAND_LINE
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
    keyed = [replace(signal, outside_key=signal.id) for signal in found]
    batch = SignalStore(settings.local_file).take_in(code, options.file.name, keyed, COMMAND_LINE)
    same = len(found) - batch.added - batch.changed
    sys.stdout.write(
        f"Signaler: {len(found)} lästa, {batch.added} nya, {batch.changed} ändrade, {same} oförändrade.\n"
    )
    return OK
