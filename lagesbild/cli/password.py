"""``lagesbild password [NAMN]``: choose a person's password; a new one becomes coordinator and administrator."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK
from lagesbild.config import Settings, SettingsError
from lagesbild.signals import access
from lagesbild.signals.database import COMMAND_LINE, LocalFile

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("person", metavar="NAMN", nargs="?", default=access.FIRST_NAME)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Ask for the password (or read a line that is piped in) and keep it."""
    asked = getpass("Nytt lösenord: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if sys.stdin.isatty() and getpass("Samma igen: ") != asked:
        raise SettingsError("Lösenorden var inte lika. Inget är ändrat.")
    try:
        access.set_password(LocalFile(settings.local_file), options.person, asked, COMMAND_LINE)
    except (ValueError, access.AccessError) as error:
        raise SettingsError(str(error)) from None
    sys.stdout.write("Lösenordet är sparat.\n")
    return OK
