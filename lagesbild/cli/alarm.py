"""``lagesbild alarm TJÄNST``: tell who looks after the installation that a service failed; systemd runs it (OnFailure=)."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from lagesbild.cli.ingest import FETCHING
from lagesbild.cli.options import FAILED, OK
from lagesbild.config import Settings, SettingsError
from lagesbild.news import alarm

if TYPE_CHECKING:
    import argparse

#: What our own services are called; any other by its own name.
_NAMES = {
    "lagesbild": "instrumentpanelen",
    "lagesbild-hamta": FETCHING,
    "lagesbild-veckan": "veckans lägesbild",
    "lagesbild-kopia": "säkerhetskopian",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument(
        "service", metavar="TJÄNST", help="som systemd kallar den, till exempel lagesbild-kopia"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command; 1 where nobody could be told."""
    unit = re.sub(r"\.service$", "", options.service)
    if not re.fullmatch(r"[A-Za-z0-9@:_.-]{1,100}", unit):
        raise SettingsError("Tjänstens namn ska vara som systemd skriver det, till exempel lagesbild-kopia.")
    if not (settings.alarm_to or settings.webhook):
        sys.stderr.write("lagesbild: ingen larmas, för varken alarm_to eller webhook är satt.\n")
        return OK
    name = _NAMES.get(unit, unit)
    text = f"{name} misslyckades. Mer säger kommandot: journalctl -u {unit}"
    failed = alarm.tell(settings, name, text[0].upper() + text[1:])
    for line in failed:
        sys.stderr.write(f"lagesbild: {line}\n")
    return FAILED if failed else OK
