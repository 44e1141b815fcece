"""``lagesbild lagesbild``: the documents of law 2023:196, the picture of crime and the plan of measures, as Word or PDF."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.answers import statutory
from lagesbild.answers.document import logo_in, template_in, to_pdf
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import archive_of
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER
from lagesbild.signals import documents
from lagesbild.signals.store import SignalStore

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FIL", help="fil som slutar på .docx eller .pdf"
    )
    parser.add_argument("--atgardsplan", action="store_true", help="åtgärdsplanen i stället för lägesbilden")
    add_municipality(parser)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    form = options.out.suffix.lower()
    if form not in {".docx", ".pdf"}:
        raise SettingsError("--out: filens namn slutar på .docx eller .pdf.")
    today = datetime.now(UTC).date()
    store = SignalStore(settings.local_file)
    letterhead = template_in(settings.templates_folder), logo_in(settings.templates_folder)
    try:
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            code = municipality_of(warehouse, settings, options)
            name = municipality.names_of(warehouse)[code]
            if options.atgardsplan:
                plan = statutory.plan_of(store, ChartContext(warehouse), code, today)
                written, raw = plan.written, statutory.plan_docx(plan, code, name, today, *letterhead)
            else:
                found = statutory.situation_of(store, warehouse, archive_of(settings), code, today)
                written, raw = found.written, statutory.situation_docx(found, code, name, today, *letterhead)
        options.out.write_bytes(to_pdf(raw) if form == ".pdf" else raw)
    finally:
        RENDERER.close()
    for line in filter(None, [statutory.missing(written), *documents.due(store, code, today)]):
        sys.stdout.write(f"{line}\n")
    return OK
