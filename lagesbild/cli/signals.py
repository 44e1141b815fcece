"""``lagesbild signals``: take signals in from a file, list them, export them, and erase what is known about a person."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lagesbild import ExplainedError
from lagesbild.answers import persons
from lagesbild.cli.options import FAILED, OK, add_municipality, municipality_of
from lagesbild.config import SettingsError
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.signals import places, tables
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.exports import HEADS, rows_of
from lagesbild.signals.fields import FIELD_TITLES, Field
from lagesbild.signals.importing import State
from lagesbild.signals.intake import Intake, sender_of
from lagesbild.signals.store import LONGEST_NAME, SignalStore
from lagesbild.swedish import did_you_mean, spreadsheet

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import date

    from lagesbild.config import Settings
    from lagesbild.signals.importing import Preview

_STATES = {
    State.NEW: "nya",
    State.CHANGED: "ändrade",
    State.UNCHANGED: "oförändrade",
    State.DUPLICATE: "dubbletter",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parts = parser.add_subparsers(required=True, metavar="VAD", dest="part", parser_class=type(parser))
    take_in = parts.add_parser("import", help="läs in en fil (xlsx eller csv)")
    take_in.add_argument("file", metavar="FIL", type=Path)
    take_in.add_argument("--avsandare", default="", help="vem listan kommer från; annars filens namn")
    take_in.add_argument("--blad", help="bladets namn i en arbetsbok")
    take_in.add_argument("--kolumn", action="append", default=[], metavar="NAMN=FÄLT")
    take_in.add_argument("--svar", action="append", default=[], metavar="FRÅGA=SVAR")
    take_in.add_argument("--prova", action="store_true", help="visa vad som skulle läsas in, och läs inte in")
    take_in.add_argument(
        "--delvis", action="store_true", help="läs in de rader som går, även om andra inte går"
    )
    take_in.add_argument(
        "--ej-namn", action="store_true", help="ord som liknar namn pekar inte ut någon person"
    )
    listed = parts.add_parser("list", help="visa de senaste signalerna")
    listed.add_argument("--antal", type=int, default=20)
    exported = parts.add_parser("export", help="skriv alla signaler till en fil (csv)")
    exported.add_argument("--out", metavar="FIL", type=Path, required=True)
    erased = parts.add_parser("erase", help="radera allt som nämner en person, även i äldre versioner")
    erased.add_argument("text", metavar="TEXT")
    erased.add_argument("--ja", action="store_true", help="radera på riktigt; annars visas vad som finns")
    for part in (take_in, listed, exported):
        add_municipality(part)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    store, today = SignalStore(settings.local_file), datetime.now(ZoneInfo("Europe/Stockholm")).date()
    if options.part == "erase":
        return _erase(settings, store, options.text, really=options.ja)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        code = municipality_of(warehouse, settings, options)
    if options.part == "import":
        return _import(store, code, today, options)
    signals = store.signals(code, today)
    if options.part == "export":
        options.out.write_text(spreadsheet(HEADS, rows_of(signals)), "utf-8", newline="")
        store.note(COMMAND_LINE, "exporterade", "signaler", detail=f"{len(signals)} rader")
        sys.stdout.write(f"{len(signals)} signaler skrivna till {options.out}.\n")
        return OK
    for row in rows_of(signals[-options.antal :] if options.antal > 0 else []):
        sys.stdout.write("  ".join(str(cell) for cell in row if cell is not None and cell != "") + "\n")
    sys.stdout.write(f"{len(signals)} signaler.\n")
    return OK


def _erase(settings: Settings, store: SignalStore, text: str, *, really: bool) -> int:
    found = persons.find(settings, store, text)
    told = ", ".join(f"{n} {what}" for what, n in Counter(trace.what for trace in found).items())
    if not found:
        sys.stdout.write("Inget finns om det.\n")
    elif really:
        sys.stdout.write(f"Raderat: {persons.erase(settings, store, text, COMMAND_LINE)} texter ({told}).\n")
    else:
        sys.stdout.write(f"Finns: {told}. Lägg till --ja för att radera. Det går inte att ångra.\n")
    return OK


def _import(store: SignalStore, code: str, today: date, options: argparse.Namespace) -> int:
    table = tables.read(_content(options.file), options.file.name, options.blad)
    sender = sender_of(options.avsandare or options.file.stem[:LONGEST_NAME])
    outline = reference.outlines().get(code)
    intake = Intake(
        store=store,
        code=code,
        places=places.known(store, code, reference.middles(code)),
        rings=outline.rings if outline else (),
        today=today,
        names_allowed=options.ej_namn,
    )
    fields = _chosen(table.columns, intake.columns(table, sender), options.kolumn)
    found = intake.preview(table, fields, sender, dict(_pairs(options.svar, "--svar")))
    _tell(found)
    if found.problems and not (options.delvis or options.prova):
        sys.stdout.write("Inget är inläst. Rätta filen, svara med --svar, eller ta in resten med --delvis.\n")
        return FAILED
    if not options.prova:
        batch = intake.take_in(found, table, fields, sender, COMMAND_LINE)
        sys.stdout.write(f"Inläst: {batch.added} nya, {batch.changed} ändrade.\n")
    return FAILED if found.problems else OK


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > tables.LARGEST:
            raise tables.SignalFileError(f"{file.name} är för stor. Dela upp den.")
        return file.read_bytes()
    except OSError as error:
        raise ExplainedError(f"{file} kan inte läsas ({error.strerror}).") from error


def _pairs(given: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = [(name, value) for name, equals, value in (one.rpartition("=") for one in given) if equals]
    if len(pairs) != len(given):
        raise SettingsError(f"{option}: skriv namn, likhetstecken och värde.")
    return pairs


def _chosen(columns: Sequence[str], guessed: Sequence[Field], given: Sequence[str]) -> list[Field]:
    """Return what the columns mean, with what was said of some of them."""
    fields, words = (
        dict(zip(columns, guessed, strict=True)),
        {t.casefold(): f for f, t in FIELD_TITLES.items()},
    )
    for name, told in _pairs(given, "--kolumn"):
        if name not in fields:
            raise SettingsError(f"--kolumn: filen har ingen kolumn {name!r}.{did_you_mean(name, fields)}")
        field = words.get(told.casefold()) or next((one for one in Field if one == told), None)
        if field is None:
            known = ", ".join(FIELD_TITLES.values())
            raise SettingsError(f"--kolumn: {told!r} är inget fält. Fälten är {known}.")
        fields[name] = field
    return list(fields.values())


def _tell(found: Preview) -> None:
    counts = ", ".join(f"{found.counts.get(state, 0)} {word}" for state, word in _STATES.items())
    held = f", {len(found.held_back)} rader med fel eller frågor" if found.problems else ""
    sys.stdout.write(f"Signaler: {counts}{held}.\n")
    for remark in found.remarks:
        sys.stdout.write(f"{remark.column or 'Filen'}: {remark.text} ({len(remark.rows)} rader)\n")
    for problem in found.problems:
        column = f", {problem.column}" if problem.column else ""
        ask = f" [{problem.ask}={' | '.join(problem.suggestions)}]" if problem.question else ""
        sys.stdout.write(f"rad {problem.row}{column}: {problem.text}{ask}\n")
