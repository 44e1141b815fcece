"""``lagesbild probe``: does every real service still answer as the pipelines expect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import FAILED, OK, add_sources, with_sources
from pipelines.probe.asking import INDEX
from pipelines.probe.check import State
from pipelines.probe.run import probe

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    add_sources(parser)
    parser.add_argument(
        "--out", type=Path, metavar="MAPP", help="spara svaren i en mapp att skicka till den som utvecklar"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print a line for each assumption; 1 where one differs."""
    tally = dict.fromkeys(State, 0)
    for finding in probe(with_sources(settings, options), options.sources, options.out):
        tally[finding.state] += 1
        sys.stdout.write(finding.line + "\n")
        sys.stdout.flush()
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in tally.items()) + "\n")
    if options.out is not None and (options.out / INDEX).is_file():
        sys.stdout.write(
            f"Svaren ligger i {options.out}. Skicka mappen till den som utvecklar om något skiljer sig.\n"
        )
    return FAILED if tally[State.DIFFERS] else OK
