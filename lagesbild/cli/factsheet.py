"""``lagesbild factsheet``: a measure of a municipality on one page, as PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.answers.document import logo_in
from lagesbild.answers.fact_sheet import fact_sheet
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser)
    parser.add_argument("--indicator", required=True, metavar="NYCKELTAL")
    parser.add_argument(
        "--group", metavar="GRUPP", help="vilka det jämförs med; annars kommunens första grupp"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FIL", help="fil som slutar på .pdf")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    if options.out.suffix.lower() != ".pdf":
        raise SettingsError("--out: filens namn slutar på .pdf.")
    try:
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            made = fact_sheet(
                ChartContext(warehouse),
                municipality_of(warehouse, settings, options),
                options.indicator,
                options.group,
                base=settings.public_address,
                folder=settings.derived_folder,
                logo=logo_in(settings.templates_folder),
            )
        options.out.write_bytes(made)
    except ChartError as error:
        raise SettingsError(str(error)) from error
    finally:
        RENDERER.close()
    if not settings.public_address:
        sys.stderr.write("lagesbild: faktabladet har ingen QR-kod, eftersom public_address inte är satt.\n")
    return OK
