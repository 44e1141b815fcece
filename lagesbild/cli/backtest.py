"""``lagesbild backtest``: would the flags have been of use, step by step in hindsight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.cli import terminal
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms, hindsight
from lagesbild.hotspots import cube as cubes
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser, "bara kommunens län")
    parser.add_argument(
        "--kategori",
        metavar="KATEGORI",
        help="en brottstyp per månad; alla: polisens notiser; annars anmälda brott totalt, per kvartal",
    )
    parser.add_argument("--format", choices=("json", "csv", "text"), default="json")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        home = municipality_of(warehouse, settings, options)
        budget = alarms.budget_of(SignalStore(settings.local_file), home)
        try:
            category = cubes.category_of(options.kategori, cubes.categories(warehouse)) or cubes.TOTAL
        except LookupError as error:
            raise SettingsError(str(error.args[0])) from None
        county = home[:2] if options.kommun else None
        if cubes.crime_of(category):
            text = _of_reported(warehouse, home, budget, category, county, options.format)
        elif category == cubes.EVERY:
            text = _of_notices(warehouse, budget, county, options.format)
        else:
            raise SettingsError("Notiser prövas i efterhand alla slag tillsammans: --kategori alla.")
    terminal.show(text, options.format)
    return OK


def _of_reported(
    warehouse: Warehouse, home: str, budget: float, category: str, county: str | None, form: str
) -> str:
    watch = alarms.watch_of(warehouse, home)
    found = hindsight.of_reported(watch, budget, cubes.crime_of(category), county)
    if found is None:
        raise SettingsError("Det finns för få siffror om anmälda brott att pröva i efterhand.")
    if form == "json":
        return hindsight.reported_as_json(found, warehouse, budget)
    return hindsight.reported_as_csv(found) if form == "csv" else f"{hindsight.told_reported(found)}\n"


def _of_notices(warehouse: Warehouse, budget: float, county: str | None, form: str) -> str:
    found = hindsight.of_counties(warehouse, budget, county)
    if found is None:
        raise SettingsError("Det finns för få månader med notiser att pröva i efterhand.")
    if form == "json":
        return hindsight.notices_as_json(found, warehouse, budget)
    return hindsight.notices_as_csv(found) if form == "csv" else f"{hindsight.told_notices(found, budget)}\n"
