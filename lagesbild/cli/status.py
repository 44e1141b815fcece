"""``lagesbild status``: how fresh the figures of each source are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.cli.options import OK
from lagesbild.cli.report import print_status

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    print_status(settings, as_json=options.format == "json")
    return OK
