"""``lagesbild hotspots``: where reported crimes rise, what is flagged, and what has been decided of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lagesbild.cli import terminal
from lagesbild.cli.options import OK, add_municipality, month, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import exports
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser)
    parser.add_argument("--until", type=month, metavar="ÅÅÅÅ-MM", help="till och med denna månad")
    parser.add_argument(
        "--kategori",
        metavar="KATEGORI",
        help="bara en brottstyp (som SOL_TOTALT) eller ett slag av notiser (som vald)",
    )
    parser.add_argument("--format", choices=("json", "csv", "text"), default="json")
    parser.add_argument(
        "--tabell", choices=exports.TABLES, default="flaggor", help="vilken tabell, med --format csv"
    )
    parser.add_argument(
        "--measure", action="store_true", help="mät hur ofta det larmar i onödan, på simulerade lugna år"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    local = exports.LocalFiles(
        SignalStore(settings.local_file), datetime.now(UTC).date(), settings.derived_folder, options.measure
    )
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = municipality_of(warehouse, settings, options)
        try:
            found = exports.found(warehouse, home, options.kategori, options.until, local)
        except LookupError as error:
            raise SettingsError(str(error.args[0])) from None
    if options.format == "csv":
        text = exports.to_csv(found, options.tabell)
    else:
        text = exports.to_json(found) if options.format == "json" else exports.to_text(found)
    terminal.show(text, options.format)
    return OK
