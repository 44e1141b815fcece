"""``lagesbild news``: what is new for a municipality, and mailing it to those of the settings."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from lagesbild.cli import terminal
from lagesbild.cli.options import FAILED, OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse
from lagesbild.news.entries import NewsFile
from lagesbild.news.mail import send_due

if TYPE_CHECKING:
    import argparse

    from lagesbild.news.entries import Entry


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_municipality(parser, "visa nyheterna om en annan kommun än hemkommunen")
    parser.add_argument("--antal", type=int, default=20, metavar="N", help="så många av de senaste")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument(
        "--skicka",
        action="store_true",
        help="mejla det som inte är mejlat om hemkommunen, enligt inställningarna",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command; 1 where something could not be mailed."""
    if options.antal < 1:
        raise SettingsError("--antal måste vara minst 1.")
    if options.skicka:
        if options.kommun:
            raise SettingsError("--skicka gäller hemkommunen: utelämna --kommun.")
        if not settings.mail_server:
            raise SettingsError("ange mail_server, mail_from och mail_to i inställningarna först.")
        return mail(settings)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = municipality_of(warehouse, settings, options)
    found = NewsFile.of(settings).latest(code, options.antal)
    terminal.show(_json(found) if options.format == "json" else _text(found), options.format)
    return OK


def mail(settings: Settings) -> int:
    """Mail what is due, and tell on standard error what could not be; 1 where something could not."""
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        names = municipality.names_of(warehouse)
    home = municipality.code_of(settings.home_municipality, names)
    failed = send_due(settings, home, names[home])
    for line in failed:
        sys.stderr.write(f"lagesbild: {line}\n")
    return FAILED if failed else OK


def _text(found: list[Entry]) -> str:
    if not found:
        return "Inga nyheter än: de skrivs när nya uppgifter har hämtats.\n"
    return "".join(f"{one.at:%Y-%m-%d}  {one.title}\n            {one.text}\n" for one in found)


def _json(found: list[Entry]) -> str:
    return json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str) + "\n"
