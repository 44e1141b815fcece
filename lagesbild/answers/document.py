"""An answer as a Word file from the municipality's own template, and as a tagged PDF of that very file."""

from __future__ import annotations

import io
import json
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
from lagesbild.swedish import did_you_mean, joined, long_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document as Book

    from lagesbild.answers.compose import Answered, WrittenAnswer
    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Column

TEMPLATE = REFERENCE_FOLDER / "svar.docx"
#: A table longer than this is in the figure's XLSX instead.
MOST_ROWS = 16
#: Columns that a page has room for.
MOST_COLUMNS = 7
#: What is left out first where there are more: it stands in the picture, and in the figure's XLSX.
_LESS_TOLD = ("kvartil", "grund", "Ovanligt långt")
#: In the answer itself a picture is smaller than in the appendix.
_IN_ANSWER_CM, _IN_APPENDIX_CM, _LOGO_WIDTH_CM = 11.5, 12.0, 3.5
_TEXT_WIDTH_CM = 16.0
#: A column of a table is as wide as its longest cell asks for, within this many letters.
_NARROW, _WIDE = 9, 30
_WHO = "Lägesbild"
_SECONDS = 120
#: LibreOffice takes a few hundred megabytes each.
_ONE_AT_A_TIME = threading.Lock()
_NUMERIC = re.compile(r"[−-]?\d[\d\u00a0,]*|–")
_FILTER = "pdf:writer_pdf_Export:" + json.dumps(
    {
        # The comments are for who writes the answer, and stand in the Word file.
        name: {"type": "boolean", "value": "false" if name == "ExportNotes" else "true"}
        for name in ("UseTaggedPDF", "PDFUACompliance", "ExportNotes")
    },
    separators=(",", ":"),
)


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
    placed = answer.in_answer
    return {
        "logotyp": image(logo.read_bytes(), _LOGO_WIDTH_CM) if logo else "",
        "kommun": answer.municipality,
        "titel": spec.titel,
        "uppgifter": _facts(answer),
        **{name: getattr(spec, name) for name in ("till", "diarienummer", "fragestallare", "ort")},
        "datum": _day(spec.datum),
        "inkom": _day(spec.inkom) if spec.inkom else "",
        "arende": _paragraphs(spec.arende),
        "inledning": _paragraphs(spec.inledning),
        "avslutning": _paragraphs(spec.avslutning),
        "fragor": [_question(one, numbers, placed, image) for one in answer.answered],
        "ort_datum": ", ".join(part for part in (spec.ort, _day(spec.datum)) if part),
        "undertecknare": spec.undertecknare,
        "fran": spec.fran,
        "bilagor": [
            _figure(figure, numbers[figure.id], image, None if figure.id in placed else _IN_APPENDIX_CM)
            for figure in answer.figures
        ],
        "kallor": _sources(answer.figures, numbers),
        "begransningar": list(
            dict.fromkeys(figure.content["limits"] for figure in answer.figures if figure.content["limits"])
        ),
        "metoder": [
            {
                "figur": f"Figur {numbers[figure.id]}",
                "text": f"{figure.content['method'].removeprefix('Metod: ')} Diagram {figure.id}, "
                f"citerat {long_date(figure.frozen_at.date())} med "
                f"Lägesbild {figure.code_version}, datalager {figure.content['vintage']}.",
            }
            for figure in answer.figures
        ],
    }


def _facts(answer: WrittenAnswer) -> list[dict[str, str]]:
    """Return what stands above the answer, label and text; what is not known is left out."""
    spec = answer.spec
    told = (
        ("Till", spec.till),
        ("Från", spec.fran),
        ("Frågeställare", spec.fragestallare),
        ("Interpellationen kom in", _day(spec.inkom) if spec.inkom else ""),
        ("Diarienummer", spec.diarienummer),
        ("Datum", _day(spec.datum)),
    )
    return [{"namn": label, "text": text} for label, text in told if text.strip()]


def _sources(figures: Sequence[Frozen], numbers: Mapping[str, int]) -> list[str]:
    """Return every source once, with the figures it is behind."""
    behind: dict[str, list[str]] = {}
    for figure in figures:
        behind.setdefault(figure.source_line.removeprefix("Källa: "), []).append(str(numbers[figure.id]))
    return [f"Figur {joined(of)}: {source}" for source, of in behind.items()]


def _question(
    one: Answered, numbers: dict[str, int], placed: Mapping[str, Answered], image: Any
) -> dict[str, Any]:
    here = [figure for figure in one.figures if figure.id in placed and placed[figure.id] is one]
    others = [str(numbers[figure.id]) for figure in one.figures if figure not in here]
    see = [f"Se figur {joined(others)}."] if others else []
    return {
        "fraga": one.question,
        "stycken": [*_paragraphs(one.text), *see],
        "figurer": [_figure(figure, numbers[figure.id], image, _IN_ANSWER_CM) for figure in here],
        "tabell": next((t for figure in here if (t := _table(figure, numbers[figure.id]))), None),
    }


def _figure(figure: Frozen, number: int, image: Any, width: float | None) -> dict[str, Any]:
    """Return a figure's picture and caption (without a ``width`` none: it stands in the answer), and its table."""
    return {
        "bild": image(figure.file("png"), width) if width else "",
        "bildtext": f"Figur {number}. {figure.title}. Diagram {figure.id}.",
        "tabell": _table(figure, number),
    }


def _table(figure: Frozen, number: int) -> dict[str, Any] | None:
    table = figure.table
    if len(table.rows) > MOST_ROWS:
        return None
    columns = [n for n, _ in enumerate(table.columns) if any(row[n] is not None for row in table.rows)]
    told = ""
    for n in [n for n in columns if n and len(table.rows) > 1 and table.columns[n].name == "År"]:
        if len({row[n] for row in table.rows}) == 1:  # said once, above the table
            told = f" År {table.rows[0][n]}."
            columns.remove(n)
    if len(columns) > MOST_COLUMNS:
        columns = [n for n in columns if not any(part in table.columns[n].name for part in _LESS_TOLD)]
    return {
        "rubrik": f"Tabell till figur {number}. {figure.title}.{told}",
        "huvud": [_head(table.columns[n]) for n in columns[:MOST_COLUMNS]],
        "rader": [
            [table.shown(row[n], table.columns[n]) for n in columns[:MOST_COLUMNS]] for row in table.rows
        ],
    }


def _head(column: Column) -> str:
    return f"{column.name}, {column.unit}" if column.unit else column.name


def _paragraphs(text: str) -> list[str]:
    # Space is made even, but for the no-break spaces inside numbers.
    return [re.sub(r"[^\S\u00a0\u202f]+", " ", part).strip() for part in text.split("\n") if part.strip()]


def _day(text: str) -> str:
    return long_date(date.fromisoformat(text) if text else date.today())  # noqa: DTZ011 - the writer's day


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
    for picture, (number, alt) in zip(pictures, _alts(answer), strict=False):
        picture.set("descr", alt)
        picture.set("title", f"Figur {number}")
    _fit_tables(book, answer)
    _comment(book, answer)
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def _fit_tables(book: Book, answer: WrittenAnswer) -> None:
    """Give the figures' tables' columns room after what they hold, or Word draws them wider than the page; numbers to the right."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Cm  # noqa: PLC0415

    heads = [made["huvud"] for n, figure in enumerate(answer.figures) if (made := _table(figure, n))]
    for table in book.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0] not in heads:
            continue  # the template's own
        asked = [
            min(max(_NARROW, _longest_word(column[0]) + 2, *(len(text) for text in column[1:])), _WIDE)
            for column in zip(*rows, strict=True)
        ]
        table.autofit = False
        for row in table.rows:
            for cell, letters in zip(row.cells, asked, strict=True):
                cell.width = Cm(_TEXT_WIDTH_CM * letters / sum(asked))
                if _NUMERIC.fullmatch(cell.text):
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for column, letters in zip(table.columns, asked, strict=True):
            column.width = Cm(_TEXT_WIDTH_CM * letters / sum(asked))


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _alts(answer: WrittenAnswer) -> list[tuple[int, str]]:
    """Return each picture's number and alt text, in the order they stand in the document: the answer, then the appendix."""
    placed = answer.in_answer
    numbered = list(enumerate(answer.figures, start=1))
    ordered = [one for one in numbered if one[1].id in placed] + [
        one for one in numbered if one[1].id not in placed
    ]
    return [(n, str(figure.content["alt"])) for n, figure in ordered]


def _comment(book: Book, answer: WrittenAnswer) -> None:
    """Mark in the margin what the figures do not say: sentences against them or unchecked, and numbers that none has."""
    told = [(doubt.sentence, f"{doubt.kind.value.capitalize()}. {doubt.why}") for _, doubt in answer.doubts]
    told += [(number, f"Talet {number} finns inte i svarets diagram.") for _, number in answer.unchecked]
    for sought, why in told:
        plain = " ".join(sought.split())
        for paragraph in book.paragraphs:
            if paragraph.runs and plain in " ".join(paragraph.text.split()):
                book.add_comment(paragraph.runs, f"”{sought}”: {why}", _WHO, "LB")
                break


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
