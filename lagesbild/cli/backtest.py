"""``lagesbild backtest``: would the flags have been of use, month by month in hindsight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.cli import terminal
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms, hindsight
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser, "bara kommunens län")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = municipality_of(warehouse, settings, options)
        budget = alarms.budget_of(SignalStore(settings.local_file), home)
        found = hindsight.of_counties(warehouse, budget, home[:2] if options.kommun else None)
        if found is None:
            raise SettingsError("Det finns för få månader med notiser att pröva i efterhand.")
        text = hindsight.to_json(found, warehouse, budget)
    terminal.show(text, "json")
    return OK
