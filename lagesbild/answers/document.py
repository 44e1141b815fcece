"""An answer as a Word file from the municipality's own template, and as a tagged PDF of that very file."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from lagesbild import ExplainedError
from lagesbild.config import REFERENCE_FOLDER
from lagesbild.swedish import did_you_mean, long_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docx.document import Document as Book

    from lagesbild.answers.compose import Answered, WrittenAnswer
    from lagesbild.figures.archive import Frozen

TEMPLATE = REFERENCE_FOLDER / "svar.docx"
#: A table longer than this is in the figure's XLSX instead.
MOST_ROWS = 16
#: Columns that a page has room for.
MOST_COLUMNS = 7
_PICTURE_WIDTH_CM, _LOGO_WIDTH_CM = 14.5, 3.5
_SECONDS = 120
#: LibreOffice takes a few hundred megabytes each.
_ONE_AT_A_TIME = threading.Lock()
_NUMERIC = re.compile(r"[−-]?\d[\d\u00a0,]*|–")
_FILTER = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},"PDFUACompliance":{"type":"boolean","value":"true"}}'


class DocumentError(ExplainedError):
    """A document that cannot be made; the message says what to do."""


def template_in(folder: Path) -> Path:
    """Return the municipality's own template (``svar.docx`` in the folder), or the one that comes with the program."""
    own = folder / "svar.docx"
    return own if own.is_file() else TEMPLATE


def logo_in(folder: Path) -> Path | None:
    """Return the municipality's own logo (``logo.png`` in the folder), if there is one."""
    own = folder / "logo.png"
    return own if own.is_file() else None


def to_docx(answer: WrittenAnswer, template: Path = TEMPLATE, logo: Path | None = None) -> bytes:
    """Return an answer as a Word file.

    Raises
    ------
    DocumentError
        If the template or the logo cannot be used.
    """
    from docx.shared import Cm  # noqa: PLC0415 - a second to load, and only for documents
    from docxtpl import DocxTemplate, InlineImage  # noqa: PLC0415
    from jinja2 import StrictUndefined, TemplateError  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415 - a template is text that somebody else wrote

    try:
        book = DocxTemplate(str(template))
        words = _words(answer, lambda raw, cm: InlineImage(book, io.BytesIO(raw), width=Cm(cm)), logo)
        _check_names(template, book.get_undeclared_template_variables(), words)
        # What a part of a question or table lacks is an error, too, and no empty place.
        book.render(words, SandboxedEnvironment(autoescape=True, undefined=StrictUndefined))
        first = io.BytesIO()
        book.save(first)
    except DocumentError:
        raise
    except (TemplateError, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DocumentError(f"Mallen {template.name} kan inte användas: {error}.") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in {"docx", "docxtpl", "lxml"}:
            raise
        raise DocumentError(f"Mallen {template.name} eller logotypen kan inte användas: {error}.") from error
    return _described(first.getvalue(), answer)


def _check_names(template: Path, used: set[str], words: Mapping[str, Any]) -> None:
    """Refuse a template with names that there are not: they would be empty places in a public document."""
    unknown = sorted(used - set(words))
    if unknown:
        hints = "".join(did_you_mean(name, words) for name in unknown[:1])
        raise DocumentError(
            f"Mallen {template.name} använder namn som inte finns: {', '.join(unknown)}.{hints} README räknar upp dem som finns."
        )


def _words(answer: WrittenAnswer, image: Any, logo: Path | None) -> dict[str, Any]:
    """Return what the template's names stand for; the README lists them."""
    spec = answer.spec
    numbers = {figure.id: n for n, figure in enumerate(answer.figures, start=1)}
    shown: set[str] = set()
    return {
        "logotyp": image(logo.read_bytes(), _LOGO_WIDTH_CM) if logo else "",
        "kommun": answer.municipality,
        "titel": spec.titel,
        "till": spec.till,
        "fran": spec.fran,
        "diarienummer": spec.diarienummer or "–",
        "datum": _day(spec.datum),
        "inledning": _paragraphs(spec.inledning),
        "avslutning": _paragraphs(spec.avslutning),
        "fragor": [_question(one, numbers, shown, image) for one in answer.answered],
        "kallor": sorted({figure.source_line.removeprefix("Källa: ") for figure in answer.figures}),
        "begransningar": list(
            dict.fromkeys(figure.content["limits"] for figure in answer.figures if figure.content["limits"])
        ),
        "metoder": [
            {
                "figur": f"Figur {numbers[figure.id]}",
                "text": f"{figure.content['method'].removeprefix('Metod: ')} Diagram {figure.id}, fryst {figure.frozen_at:%Y-%m-%d} av "
                f"Lägesbild {figure.code_version}, datalager {figure.content['vintage']}.",
            }
            for figure in answer.figures
        ],
    }


def _question(one: Answered, numbers: dict[str, int], shown: set[str], image: Any) -> dict[str, Any]:
    new = [figure for figure in one.figures if figure.id not in shown]
    shown |= {figure.id for figure in one.figures}
    again = [f"Figur {numbers[figure.id]}" for figure in one.figures if figure not in new]
    table = next((t for figure in new if (t := _table(figure, numbers[figure.id])) is not None), None)
    return {
        "fraga": one.question,
        "stycken": [*_paragraphs(one.text), *([f"Se även {' och '.join(again)}."] if again else [])],
        "figurer": [
            {
                "bild": image(figure.file("png"), _PICTURE_WIDTH_CM),
                "bildtext": f"Figur {numbers[figure.id]}. {figure.title}. {figure.about}. {figure.source_line} Diagram {figure.id}.",
            }
            for figure in new
        ],
        "tabell": table,
    }


def _table(figure: Frozen, number: int) -> dict[str, Any] | None:
    table = figure.table
    if len(table.rows) > MOST_ROWS:
        return None
    columns = [n for n, _ in enumerate(table.columns) if any(row[n] is not None for row in table.rows)]
    if len(columns) > MOST_COLUMNS:  # the numbers first
        numeric = [n for n in columns if n < table.keys or table.columns[n].places is not None]
        columns = numeric[:MOST_COLUMNS]
    return {
        "rubrik": f"Tabell till figur {number}. {figure.title}.",
        "huvud": [table.columns[n].name for n in columns],
        "rader": [[table.shown(row[n], table.columns[n]) for n in columns] for row in table.rows],
    }


def _paragraphs(text: str) -> list[str]:
    # Space is made even, but for the no-break spaces inside numbers.
    return [re.sub(r"[^\S\u00a0\u202f]+", " ", part).strip() for part in text.split("\n") if part.strip()]


def _day(text: str) -> str:
    try:
        return long_date(date.fromisoformat(text)) if text else long_date(date.today())  # noqa: DTZ011 - the writer's day
    except ValueError:
        return text


def _described(raw: bytes, answer: WrittenAnswer) -> bytes:
    """Give every picture its alt text and the file its title and language."""
    from docx import Document  # noqa: PLC0415

    book = Document(io.BytesIO(raw))
    book.core_properties.title = answer.spec.titel
    book.core_properties.language = "sv-SE"
    book.core_properties.author = answer.spec.fran
    pictures = book.element.body.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
    )
    for n, (picture, alt) in enumerate(zip(pictures, _alts(answer), strict=False), start=1):
        picture.set("descr", alt)
        picture.set("title", f"Figur {n}")
    _fit_tables(book)
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def _fit_tables(book: Book) -> None:
    """Give the tables' cells the widths of their columns, or Word draws them wider than the page; numbers to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415

    for table in book.tables:
        widths = [column.width for column in table.columns]
        for row in table.rows:
            wide = sum(cell.width or 0 for cell in row.cells) > sum(width or 0 for width in widths)
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width if wide else cell.width
                if _NUMERIC.fullmatch(cell.text):
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _alts(answer: WrittenAnswer) -> Iterator[str]:
    yield from (str(figure.content["alt"]) for figure in answer.figures)


def to_pdf(docx: bytes) -> bytes:
    """Return a Word file as a tagged PDF, by LibreOffice.

    Raises
    ------
    DocumentError
        Without LibreOffice, or if it fails or takes too long.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise DocumentError(
            "PDF behöver LibreOffice på servern: apt-get install libreoffice-writer-nogui. Word-filen går att göra utan."
        )
    with tempfile.TemporaryDirectory() as name, _ONE_AT_A_TIME:
        folder = Path(name).resolve()
        (folder / "svar.docx").write_bytes(docx)
        command = [
            program,
            "--headless",
            "--norestore",
            f"-env:UserInstallation={(folder / 'profil').as_uri()}",
            "--convert-to",
            _FILTER,
            "--outdir",
            str(folder),
            str(folder / "svar.docx"),
        ]
        said = _carried_out(command, folder / "utskrift.txt")
        try:
            return (folder / "svar.pdf").read_bytes()
        except OSError as error:
            raise DocumentError(f"LibreOffice gjorde ingen PDF av svaret{said}.") from error


def _carried_out(command: list[str], output: Path) -> str:
    """Run LibreOffice, with an end to all that it started; return what it said last, to end a message with.

    ``soffice`` is only a starter, and ends without ending the program: all of its session is ended here.
    """
    try:
        with output.open("wb") as said:
            process = subprocess.Popen(  # noqa: S603 - no text of others'
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        try:
            code = process.wait(_SECONDS)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"LibreOffice blev inte klar med PDF:en på {_SECONDS:g} sekunder och har avslutats{_last_line(output)}."
        ) from error
    except OSError as error:
        raise DocumentError(f"LibreOffice kunde inte startas ({error.strerror}).") from error
    if code:
        raise DocumentError(
            f"LibreOffice kunde inte göra en PDF av svaret och slutade med kod {code}{_last_line(output)}."
        )
    return _last_line(output)


def _last_line(output: Path) -> str:
    lines = [
        line.strip() for line in output.read_text("utf-8", errors="replace").splitlines() if line.strip()
    ]
    return f". Det sade: {lines[-1][:200].rstrip('.')}" if lines else ""
