"""``lagesbild demo fill|empty``: invented local data to try the pages with, in a file of their own."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lagesbild import ExplainedError
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.signals import demo
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("part", metavar="VAD", choices=("fill", "empty"), help="fill eller empty")
    add_municipality(parser)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    file = replace(settings, demo=True).local_file
    if options.part == "empty":
        for part in (file, *file.parent.glob(f"{file.name}-*")):
            part.unlink(missing_ok=True)
        sys.stdout.write("Demonstrationen är tom.\n")
        return OK
    if file.exists():
        raise ExplainedError("Demonstrationen är redan fylld. Töm den först: lagesbild demo empty")
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = municipality_of(warehouse, settings, options)
    towns = reference.middles(code)
    if not towns:
        raise ExplainedError("Det finns inga kända orter i kommunen att hitta på signaler för.")
    made = demo.fill(SignalStore(file), code, towns, datetime.now(ZoneInfo("Europe/Stockholm")).date())
    sys.stdout.write(
        f"{made.signals} påhittade signaler. Visa dem: lagesbild serve --demo\n"
        f"Logga in som {made.name} med lösenordet {made.password}\n"
        f"Rapportera med länken /rapportera/{made.link}\n"
    )
    return OK
