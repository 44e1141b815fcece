"""``lagesbild week``: the week's picture as Word or PDF, for a schedule."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from lagesbild.answers import week_document
from lagesbild.answers.document import logo_in, template_in, to_pdf
from lagesbild.cli.options import OK, add_municipality, municipality_of
from lagesbild.config import Settings, SettingsError
from lagesbild.data import municipality, reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.render import RENDERER
from lagesbild.hotspots import week as weekly
from lagesbild.hotspots import week_words
from lagesbild.signals import meetings
from lagesbild.signals.store import SignalStore

_FORMS = (".docx", ".pdf")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FIL", help="fil som slutar på .docx eller .pdf"
    )
    parser.add_argument(
        "--vecka", type=_monday, metavar="ÅÅÅÅ-VNN", help="vilken vecka; annars den senaste som är slut"
    )
    parser.add_argument(
        "--utan-detaljer",
        action="store_true",
        help="platser i rutor och inga små antal, för läsare utanför arbetsgruppen",
    )
    add_municipality(parser)


def _monday(text: str) -> date:
    """Read ``ÅÅÅÅ-VNN`` (or -WNN, as ISO 8601 writes it) as the week's Monday."""
    found = re.fullmatch(r"(\d{4})-[VvWw]?(\d{1,2})", text.strip())
    try:
        if found:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} är ingen vecka (ÅÅÅÅ-VNN, som 2026-V47)")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    form = options.out.suffix.lower()
    if form not in _FORMS:
        raise SettingsError("--out: filens namn slutar på .docx eller .pdf.")
    today = datetime.now(UTC).date()
    monday = options.vecka or weekly.last_whole(today)
    if monday > weekly.last_whole(today):
        raise SettingsError(f"--vecka: {week_words.week_name(monday)} är inte slut än.")
    store = SignalStore(settings.local_file)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = municipality_of(warehouse, settings, options)
        name = reference.full_name(code, municipality.names_of(warehouse)[code])
        week = weekly.of_store(store, warehouse, code, monday, today)
    held = meetings.meetings(store, code)
    meeting, last = meetings.around(held, week_words.next_monday(week))
    try:
        raw = week_document.to_docx(
            week,
            code,
            name,
            meeting,
            last,
            coarse=options.utan_detaljer,
            template=template_in(settings.templates_folder),
            logo=logo_in(settings.templates_folder),
        )
        options.out.write_bytes(to_pdf(raw) if form == ".pdf" else raw)
    finally:
        RENDERER.close()
    for told in week_words.three_numbers(weekly.coarse(week) if options.utan_detaljer else week):
        sys.stdout.write(f"{told.name}: {told.value}. {told.text}\n")
    return OK
