"""``lagesbild answer``: an interpellation answer from a specification, as Word or PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.answers.compose import composed
from lagesbild.answers.document import logo_in, template_in, to_docx, to_pdf
from lagesbild.answers.spec import SpecError, file_name, read_toml
from lagesbild.cli.options import OK
from lagesbild.config import Settings, SettingsError
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import archive_of
from lagesbild.figures.ids import IdError
from lagesbild.figures.render import RENDERER

if TYPE_CHECKING:
    import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("spec", type=Path, metavar="SPEC.toml")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FIL",
        help="fil som slutar på .docx eller .pdf; eller en mapp, då heter Word-filen efter ärendet",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out the command."""
    form = ".docx" if options.out.is_dir() else options.out.suffix.lower()
    if form not in {".docx", ".pdf"}:
        raise SettingsError("--out: filens namn slutar på .docx eller .pdf.")
    try:
        spec = read_toml(options.spec, settings.home_municipality)
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            answer = composed(spec, archive_of(settings), warehouse)
        raw = to_docx(answer, template_in(settings.templates_folder), logo_in(settings.templates_folder))
        out = options.out / f"{file_name(spec)}{form}" if options.out.is_dir() else options.out
        out.write_bytes(to_pdf(raw) if form == ".pdf" else raw)
    except (SpecError, IdError) as error:
        raise SettingsError(str(error)) from error
    finally:
        RENDERER.close()
    for n, number in answer.unchecked:
        where = f"fråga {n}" if n else "inledning eller avslutning"
        sys.stderr.write(f"lagesbild: {where}: talet {number} finns inte i svarets diagram.\n")
    for n, doubt in answer.doubts:
        where = f"fråga {n}" if n else "inledning eller avslutning"
        sys.stderr.write(f"lagesbild: {where}: {doubt.kind.value}: ”{doubt.sentence}” {doubt.why}\n")
    for n in answer.unanswered:
        sys.stderr.write(f"lagesbild: fråga {n}: har inget svar, varken text eller diagram.\n")
    for figure in answer.figures:
        sys.stdout.write(f"{figure.id}: {figure.title}\n")
    return OK
