"""Makes ``data/reference/svar.docx``, the template of answers that a municipality may replace with its own."""

from __future__ import annotations

from docx import Document
from docx.document import Document as Book
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from lagesbild.answers.document import TEMPLATE

#: The columns of the facts above the answer: label and text.
_FACTS_CM = (4.8, 11.2)
INK, MUTED = RGBColor(0x1F, 0x23, 0x28), RGBColor(0x5B, 0x61, 0x68)


def main() -> None:
    """Write the template."""
    book = Document()
    section = book.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.2)
    for name, base in (
        ("Picture", "Normal"),
        ("Table title", "Caption"),
        ("Signature", "Normal"),
        ("Signed", "Normal"),
        ("Appendix", "Heading 1"),
        ("Small", "Normal"),
    ):
        if name not in [style.name for style in book.styles]:
            book.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        book.styles[name].base_style = book.styles[base]
    for name, size, bold, colour, before, after in (
        ("Normal", 10.5, False, INK, 0, 6),
        ("Title", 18, True, INK, 6, 8),
        ("Heading 1", 15, True, INK, 0, 6),
        ("Heading 2", 11.5, True, INK, 10, 3),
        ("Caption", 9, False, MUTED, 2, 8),
        ("Picture", 10.5, False, INK, 4, 0),
        ("Table title", 9, False, MUTED, 8, 3),
        ("Signature", 10.5, False, INK, 16, 28),
        ("Signed", 10.5, False, INK, 0, 0),
        ("Appendix", 15, True, INK, 0, 6),
        ("Small", 9, False, INK, 0, 4),
        ("List Bullet", 9, False, INK, 0, 3),
    ):
        _style(book.styles[name], size, bold, colour, before, after)
    for name in ("Heading 2", "Picture", "Table title", "Signature"):
        book.styles[name].paragraph_format.keep_with_next = True
    book.styles["Appendix"].paragraph_format.page_break_before = True
    _language(book)
    header = section.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    header.add_run("{{ logotyp }}")
    footer = section.footer.paragraphs[0]
    footer.text = "{{ kommun }}. {{ titel }}. Sida "
    _field(footer, "PAGE")
    footer.add_run(" av ")
    _field(footer, "NUMPAGES")
    for text, style in (("{{ kommun }}", "Caption"), ("{{ titel }}", "Title")):
        book.add_paragraph(text, style)
    _rows(
        book,
        ("{%tr for u in uppgifter %}", ""),
        ("{{ u.namn }}", "{{ u.text }}"),
        ("{%tr endfor %}", ""),
    )
    for text, style in (
        ("{%p if arende %}", "Normal"),
        ("Ärendet", "Heading 2"),
        ("{%p for stycke in arende %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p endif %}", "Normal"),
        ("{%p for stycke in inledning %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for f in fragor %}", "Normal"),
        ("{{ loop.index }}. {{ f.fraga }}", "Heading 2"),
        ("{%p for stycke in f.stycken %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for figur in f.figurer %}", "Normal"),
        ("{{ figur.bild }}", "Picture"),
        ("{{ figur.bildtext }}", "Caption"),
        ("{%p endfor %}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for stycke in avslutning %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{{ ort_datum }}", "Signature"),
        ("{%p if undertecknare %}", "Normal"),
        ("{{ undertecknare }}", "Signed"),
        ("{%p endif %}", "Normal"),
        ("{{ fran }}", "Signed"),
        ("Bilaga. Diagram, siffror och källor", "Appendix"),
        (
            "Varje diagram har ett nummer och är fryst: numret ger tillbaka samma bild och samma tal, och visar om uppgifterna har "
            "reviderats sedan dess.",
            "Normal",
        ),
        ("{%p for figur in bilagor %}", "Normal"),
        ("{%p if figur.bild %}", "Normal"),
        ("{{ figur.bild }}", "Picture"),
        ("{{ figur.bildtext }}", "Caption"),
        ("{%p endif %}", "Normal"),
        ("{%p if figur.tabell %}", "Normal"),
        ("{{ figur.tabell.rubrik }}", "Table title"),
    ):
        book.add_paragraph(text, style)
    _table(book)
    for text, style in (
        ("{%p endif %}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("Källor", "Heading 2"),
        ("{%p for kalla in kallor %}", "Normal"),
        ("{{ kalla }}", "List Bullet"),
        ("{%p endfor %}", "Normal"),
        ("Vad siffrorna inte säger", "Heading 2"),
        ("{%p for text in begransningar %}", "Normal"),
        ("{{ text }}", "List Bullet"),
        ("{%p endfor %}", "Normal"),
        ("Så är siffrorna gjorda", "Heading 2"),
        ("{%p for metod in metoder %}", "Normal"),
        ("{{ metod.figur }}: {{ metod.text }}", "Small"),
        ("{%p endfor %}", "Normal"),
    ):
        book.add_paragraph(text, style)
    book.save(str(TEMPLATE))


def _rows(book: Book, *rows: tuple[str, str]) -> None:
    """Add a table of two columns: labels and texts."""
    table = book.add_table(rows=0, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, _FACTS_CM, strict=True):
        column.width = Cm(width)
    for texts in rows:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, texts, _FACTS_CM, strict=True):
            cell.text, cell.width = text, Cm(width)
            cell.paragraphs[0].paragraph_format.space_after = Pt(1)
        cells[0].paragraphs[0].runs[0].bold = True


def _field(paragraph: Paragraph, name: str) -> None:
    """Add a field that Word works out, as the number of the page."""
    run = paragraph.add_run()
    for kind in ("begin", None, "end"):
        part = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            part.text = name
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)  # type: ignore[arg-type]


def _style(
    style: ParagraphStyle, size: float, bold: bool, colour: RGBColor, before: float, after: float
) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = "Arial", Pt(size), bold, colour
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), "Arial")
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 1.08
    for border in style.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)


def _language(book: Book) -> None:
    for language in book.styles.element.iter(qn("w:lang")):
        for kind in ("w:val", "w:eastAsia"):
            language.set(qn(kind), "sv-SE")


def _table(book: Book) -> None:
    table = book.add_table(rows=4, cols=3, style="Table Grid")
    for row, texts in zip(
        table.rows,
        (
            ("{%tc for rubrik in figur.tabell.huvud %}", "{{ rubrik }}", "{%tc endfor %}"),
            ("{%tr for rad in figur.tabell.rader %}", "", ""),
            ("{%tc for cell in rad %}", "{{ cell }}", "{%tc endfor %}"),
            ("{%tr endfor %}", "", ""),
        ),
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)
    for cell in table.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)


if __name__ == "__main__":
    main()
