"""``lagesbild benchmark``: one municipality against its groups, or everybody against theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.cli import terminal
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.comparison import benchmark, exports, groups
from lagesbild.comparison.characteristics import ChoiceError
from lagesbild.comparison.panel import Panel
from lagesbild.config import Settings, SettingsError
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser)
    parser.add_argument("--group", action="append", metavar="GRUPP")
    parser.add_argument("--egen", metavar="KOMMUNER", help="en egen lista av kommuner: 1880,Kumla,1882")
    parser.add_argument("--indicator", action="append", metavar="NYCKELTAL")
    parser.add_argument("--year", type=int, metavar="ÅR")
    parser.add_argument(
        "--alla",
        action="store_true",
        help="en rad för varje kommun, mot gruppen av det slag som --group säger",
    )
    parser.add_argument("--format", choices=("json", "csv", "md"), default="md")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        try:
            text = _everyone(warehouse, options) if options.alla else _one(warehouse, settings, options)
        except benchmark.NotFoundError as error:
            raise SettingsError(str(error)) from None
    terminal.show(text, options.format)
    return OK


def _one(warehouse: Warehouse, settings: Settings, options: argparse.Namespace) -> str:
    home = municipality_of(warehouse, settings, options)
    try:
        own = groups.own_list(options.egen or "", municipality.names_of(warehouse), home)
    except ChoiceError as error:
        raise SettingsError(f"--egen: {error}") from None
    panel = Panel(warehouse, own={home: own} if own else None)
    wanted = options.group or ([groups.CUSTOM] if own else None)
    found = benchmark.compare(warehouse, home, wanted, options.indicator, options.year, panel)
    if options.format == "json":
        return exports.to_json(found, panel)
    return exports.to_csv(found) if options.format == "csv" else exports.to_markdown(found)


def _everyone(warehouse: Warehouse, options: argparse.Namespace) -> str:
    """Return one row a municipality for one indicator."""
    if options.kommun or options.egen or len(options.indicator or []) != 1 or len(options.group or []) > 1:
        raise SettingsError(
            "--alla: ange ett nyckeltal med --indicator och högst en --group, och ingen kommun."
        )
    if options.format == "md":
        raise SettingsError("--alla: välj --format json eller csv.")
    group = (options.group or ["kolada"])[0]
    rows = exports.of_everyone(Panel(warehouse), options.indicator[0], group, options.year)
    return exports.everyone_as_json(rows) if options.format == "json" else exports.everyone_as_csv(rows)
