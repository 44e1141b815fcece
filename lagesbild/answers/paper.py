"""A document of headings, paragraphs, tables and pictures, on the municipality's own letterhead.

The template of answers gives the styles, the logo and the foot of the page; what stands in it is left out. A style
that the municipality's own template has not got is the ordinary one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from lagesbild.answers.document import TEMPLATE, DocumentError
from lagesbild.signals.writing import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from docx.document import Document as Book
    from docx.table import Table, _Cell

_WIDTH_CM, _LOGO_CM = 16.0, 3.5
_SMALL, _PLACE_FOR_WRITING_PT, _BETWEEN_PT = 9, 18, 4
#: What is shaded is lightest at nothing and this at the most.
_LIGHT, _DARK = (255, 255, 255), (226, 178, 150)
#: A column of a table is as wide as what it holds asks for, within this many letters.
_NARROW, _BROAD = 6, 42


class Paper:
    """A document while it is being written.

    Parameters
    ----------
    municipality, title
        Above the text and at the foot of every page.
    template, logo
        The municipality's own, or those of the program.

    Raises
    ------
    DocumentError
        If the template or the logo cannot be used.
    """

    def __init__(
        self, municipality: str, title: str, template: Path = TEMPLATE, logo: Path | None = None
    ) -> None:
        self._book = _letterhead(municipality, title, template, logo)
        self._pictures: list[str] = []
        self.small(municipality)
        self._add(title, "Title")

    def heading(self, text: str, level: int = 2) -> None:
        """Add a heading; 1 is a part's, 2 a section's."""
        self._add(text, f"Heading {level}").paragraph_format.keep_with_next = True

    def text(self, text: str, *, bold: str = "", together: bool = False) -> None:
        """Add paragraphs, one a line; ``bold`` stands first, ``together`` keeps them with what follows."""
        for n, line in enumerate(lines(text) or (("",) if bold else ())):
            paragraph = self._add("", "Normal")
            if bold and not n:
                paragraph.add_run(f"{bold} ").bold = True
            paragraph.add_run(line)
            paragraph.paragraph_format.keep_with_next = together

    def missing(self, text: str) -> None:
        """Add what is missing, so that it is seen: a section that nobody has written."""
        paragraph = self._add("", "Normal")
        run = paragraph.add_run(text)
        run.italic = run.bold = True

    def small(self, text: str) -> None:
        """Add a remark in small print; nothing where there is nothing to say."""
        if text:
            self._add(text, "Caption")

    def points(self, texts: Sequence[str]) -> None:
        """Add a list."""
        for text in texts:
            self._add(text, "List Bullet")

    def table(
        self,
        heads: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[str]],
        *,
        shades: Mapping[tuple[int, int], float] | None = None,
        widths: Sequence[float] | None = None,
        caption: str = "",
        together: bool = False,
    ) -> None:
        """Add a table whose headings are repeated on the next page.

        Parameters
        ----------
        heads
            (heading, class): class ``n`` for numbers, to the right.
        shades
            How dark cells are, 0 to 1, by row (0 the first below the headings) and column.
        widths
            Of the columns, in proportion; else after what they hold.
        caption
            What the table shows: above it, and told to those who listen.
        together
            On one page.
        """
        if caption:
            paragraph = self._add(caption, "Table title")
            paragraph.paragraph_format.keep_with_next = True
        table = self._book.add_table(
            rows=1 + len(rows), cols=len(heads), style=self._style("Table Grid", "Normal Table")
        )
        _described(table, caption)
        for r, texts in enumerate([[head for head, _ in heads], *rows]):
            for c, text in enumerate(texts):
                cell = table.cell(r, c)
                _fill(cell, text, bold=not r, right=heads[c][1] == "n")
                _shade(cell, (shades or {}).get((r - 1, c), 0.0))
        for row in table.rows[:-1] if together else ():
            row.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
        _size(table, widths or _asked(heads, rows))
        _repeat(table)
        space = self._add("", "Normal")
        space.paragraph_format.space_after = _points(0)
        space.add_run(" ").font.size = _points(_BETWEEN_PT)

    def form(self, heads: Sequence[tuple[str, str]], count: int, widths: Sequence[float]) -> None:
        """Add a table to write in by hand or on the screen: empty rows."""
        self.table(heads, [[""] * len(heads)] * count, widths=widths)
        for row in self._book.tables[-1].rows[1:]:
            row.height = _points(_PLACE_FOR_WRITING_PT)

    def picture(self, raw: bytes, alt: str, caption: str = "", width_cm: float = 12.0) -> None:
        """Add a picture (PNG) with its alt text, and a caption below it."""
        from docx.shared import Cm  # noqa: PLC0415 - a second to load, and only for documents

        paragraph = self._add("", "Picture")
        paragraph.paragraph_format.keep_with_next = bool(caption)
        paragraph.add_run().add_picture(io.BytesIO(raw), width=Cm(width_cm))
        self._pictures.append(alt)
        if caption:
            self._add(caption, "Caption")

    def docx(self) -> bytes:
        """Return the document as a Word file."""
        pictures = self._book.element.body.iter(
            "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
        )
        for n, (picture, alt) in enumerate(zip(pictures, self._pictures, strict=True), start=1):
            picture.set("descr", alt)
            picture.set("title", f"Bild {n}")
        found = io.BytesIO()
        self._book.save(found)
        return found.getvalue()

    def _add(self, text: str, style: str):  # type: ignore[no-untyped-def]
        return self._book.add_paragraph(text, style=self._style(style, "Normal"))

    def _style(self, name: str, otherwise: str) -> str | None:
        names = {style.name for style in self._book.styles}
        return name if name in names else otherwise if otherwise in names else None


def _letterhead(municipality: str, title: str, template: Path, logo: Path | None) -> Book:
    """Return the template without its text, its head and foot filled in."""
    from docx import Document  # noqa: PLC0415
    from docx.shared import Cm  # noqa: PLC0415
    from docxtpl import DocxTemplate, InlineImage  # noqa: PLC0415
    from jinja2 import TemplateError  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415 - a template is text that somebody else wrote

    try:
        book = Document(str(template))
        body = book.element.body
        for element in list(body):
            if not element.tag.endswith("}sectPr"):
                body.remove(element)
        emptied = io.BytesIO()
        book.save(emptied)
        filled = DocxTemplate(emptied)
        image = InlineImage(filled, io.BytesIO(logo.read_bytes()), width=Cm(_LOGO_CM)) if logo else ""
        # What else a letterhead may name, as a registration number, a document of this kind has not got.
        filled.render(
            {"logotyp": image, "kommun": municipality, "titel": title}, SandboxedEnvironment(autoescape=True)
        )
        raw = io.BytesIO()
        filled.save(raw)
        found = Document(raw)
    except (TemplateError, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DocumentError(f"Mallen {template.name} eller logotypen kan inte användas: {error}.") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in {"docx", "docxtpl", "lxml"}:
            raise
        raise DocumentError(f"Mallen {template.name} eller logotypen kan inte användas: {error}.") from error
    found.core_properties.title, found.core_properties.author = title, municipality
    found.core_properties.language = "sv-SE"
    return found


def _points(size: float):  # type: ignore[no-untyped-def]
    from docx.shared import Pt  # noqa: PLC0415

    return Pt(size)


def _fill(cell: _Cell, text: str, *, bold: bool, right: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, _points(_SMALL)
    paragraph.paragraph_format.space_after = _points(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _shade(cell: _Cell, part: float) -> None:
    if part <= 0:
        return
    colour = "".join(
        f"{round(light + (dark - light) * part):02X}" for light, dark in zip(_LIGHT, _DARK, strict=True)
    )
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=colour))


def _element(name: str, **attributes: str):  # type: ignore[no-untyped-def]
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    found = OxmlElement(name)
    for key, value in attributes.items():
        found.set(qn(f"w:{key}"), value)
    return found


def _described(table: Table, caption: str) -> None:
    if caption:
        table._tbl.tblPr.append(_element("w:tblCaption", val=caption))


def _repeat(table: Table) -> None:
    """Repeat the headings on each page, and break no row between pages."""
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))


def _asked(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> list[float]:
    longest: Callable[[str], int] = lambda text: max(map(len, text.split()), default=0)  # noqa: E731
    return [
        float(min(max(_NARROW, longest(head) + 2, *(len(row[n]) for row in rows), 0), _BROAD))
        for n, (head, _) in enumerate(heads)
    ]


def _size(table: Table, widths: Sequence[float]) -> None:
    from docx.shared import Cm  # noqa: PLC0415

    table.autofit = False
    for n, width in enumerate(widths):
        own = Cm(_WIDTH_CM * width / sum(widths))
        table.columns[n].width = own
        for row in table.rows:
            row.cells[n].width = own
