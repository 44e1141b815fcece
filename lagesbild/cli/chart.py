"""``lagesbild chart``: the register, a chart drawn now, or a frozen figure exactly as it was."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK, add_municipality
from lagesbild.config import Settings, SettingsError
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import sheets
from lagesbild.figures.archive import FORMATS, archive_of, provenance
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.ids import IdError
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER
from lagesbild.figures.revisions import drawn_now, revision_text, revisions

if TYPE_CHECKING:
    import argparse

    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Chart


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument(
        "chart",
        nargs="?",
        metavar="DIAGRAM",
        help="ur registret, eller ett nummer som LB-1861-...; utan: visa allt",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FIL", help="fil som slutar på .png, .svg, .pdf, .csv eller .xlsx"
    )
    parser.add_argument(
        "--cite", action="store_true", help="citera diagrammet: spara det och skriv ut dess nummer"
    )
    add_municipality(parser)
    parser.add_argument("--indicator", metavar="NYCKELTAL")
    parser.add_argument("--group", metavar="GRUPP")
    parser.add_argument("--year", type=int, metavar="ÅR")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAMN=VÄRDE", help="diagrammets övriga uppgifter"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    try:
        if options.chart is None:
            _list(settings)
        elif options.chart.upper().startswith("LB-"):
            _frozen(settings, options)
        else:
            _drawn(settings, options)
    except (ChartError, IdError) as error:
        raise SettingsError(str(error)) from error
    finally:
        RENDERER.close()
    return OK


def _list(settings: Settings) -> None:
    for entry in all_definitions():
        names = " ".join(p.name if p.needed else f"[{p.name}]" for p in entry.parameters)
        sys.stdout.write(f"{entry.id}: {entry.question} ({names})\n")
    for item in archive_of(settings).listed():
        sys.stdout.write(f"{item.id}: {item.title} (citerat {item.frozen_at:%Y-%m-%d})\n")


def _form(out: Path) -> str:
    form = out.suffix.lstrip(".").lower()
    if form not in FORMATS:
        raise SettingsError(f"--out: filens namn slutar på {', '.join(f'.{name}' for name in FORMATS)}.")
    return form


def _frozen(settings: Settings, options: argparse.Namespace) -> None:
    if options.out is not None:
        _form(options.out)
    frozen = archive_of(settings).open(options.chart)
    if options.out is not None:
        options.out.write_bytes(frozen.file(_form(options.out)))
        return
    _tell(frozen)
    try:
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            now = drawn_now(frozen, warehouse)
        sys.stdout.write(f"{revision_text(revisions(frozen.table, now.table))}\n")
    except ChartError as error:
        sys.stdout.write(f"Dagens motsvarighet kan inte ritas: {error}\n")


def _tell(frozen: Frozen) -> None:
    sys.stdout.write(
        f"{frozen.id}: {frozen.title}\n{frozen.source_line}\nCiterat {frozen.frozen_at:%Y-%m-%d} med Lägesbild {frozen.code_version}, "
        f"datalager {frozen.content['vintage']}.\n"
    )


def _drawn(settings: Settings, options: argparse.Namespace) -> None:
    if options.out is None and not options.cite:
        raise SettingsError("ange --out FIL, --cite eller båda.")
    form = _form(options.out) if options.out else None
    asked = _parameters(settings, options)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        parameters = municipality.in_parameters(asked, municipality.names_of(warehouse))
        chart = build(ChartContext.of(warehouse, parameters), options.chart, parameters)
    if options.cite:
        frozen = archive_of(settings).freeze(chart)
        if form:
            options.out.write_bytes(frozen.file(form))
        sys.stdout.write(f"{frozen.id}\n")
    elif form:
        options.out.write_bytes(_file(chart, form))


def _file(chart: Chart, form: str) -> bytes:
    if form == "csv":
        return sheets.to_csv(chart, "inte citerat")
    if form == "xlsx":
        return sheets.to_xlsx(chart, provenance(chart, "inte citerat", datetime.now(UTC)))
    drawn: bytes = getattr(RENDERER.pictures(chart), form)
    return drawn


def _parameters(settings: Settings, options: argparse.Namespace) -> dict[str, str | int]:
    found: dict[str, str | int] = {"home": options.kommun or settings.home_municipality}
    for name in ("indicator", "group", "year"):
        value = getattr(options, name)
        if value is not None:
            found[name] = value
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingsError(f"--set: skriv NAMN=VÄRDE, inte {pair!r}.")
        found[name] = value
    return found
