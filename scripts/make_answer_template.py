"""Makes ``data/reference/svar.docx``, the template of answers that a municipality may replace with its own."""

from __future__ import annotations

from docx import Document
from docx.document import Document as Book
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from lagesbild.answers.document import TEMPLATE

INK, MUTED = RGBColor(0x1F, 0x23, 0x28), RGBColor(0x5B, 0x61, 0x68)


def main() -> None:
    """Write the template."""
    book = Document()
    section = book.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.2)
    for name, size, bold, colour, before, after in (
        ("Normal", 11, False, INK, 6, 6),
        ("Title", 22, True, INK, 12, 10),
        ("Heading 1", 15, True, INK, 20, 6),
        ("Heading 2", 12.5, True, INK, 16, 4),
        ("Caption", 9, False, MUTED, 2, 12),
    ):
        _style(book.styles[name], size, bold, colour, before, after)
    book.styles["Heading 2"].paragraph_format.keep_with_next = True
    _language(book)
    header = section.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    header.add_run("{{ logotyp }}")
    section.footer.paragraphs[0].text = "{{ kommun }}. {{ titel }}"
    for text, style in (("{{ kommun }}", "Caption"), ("{{ titel }}", "Title")):
        book.add_paragraph(text, style)
    facts = book.add_table(rows=0, cols=2)
    for label, value in (
        ("Till", "{{ till }}"),
        ("Från", "{{ fran }}"),
        ("Datum", "{{ datum }}"),
        ("Diarienummer", "{{ diarienummer }}"),
    ):
        cells = facts.add_row().cells
        cells[0].text, cells[1].text = label, value
        cells[0].paragraphs[0].runs[0].bold = True
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.5)
    for text, style in (
        ("{%p for stycke in inledning %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for f in fragor %}", "Normal"),
        ("Fråga {{ loop.index }}. {{ f.fraga }}", "Heading 2"),
        ("{%p for stycke in f.stycken %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for figur in f.figurer %}", "Normal"),
        ("{{ figur.bild }}", "Normal"),
        ("{{ figur.bildtext }}", "Caption"),
        ("{%p endfor %}", "Normal"),
        ("{%p if f.tabell %}", "Normal"),
        ("{{ f.tabell.rubrik }}", "Caption"),
    ):
        paragraph = book.add_paragraph(text, style)
        paragraph.paragraph_format.keep_with_next = text in {"{{ figur.bild }}", "{{ f.tabell.rubrik }}"}
    _table(book)
    for text, style in (
        ("{%p endif %}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{%p for stycke in avslutning %}", "Normal"),
        ("{{ stycke }}", "Normal"),
        ("{%p endfor %}", "Normal"),
        ("{{ fran }}", "Normal"),
        ("Källor", "Heading 1"),
        ("{%p for kalla in kallor %}", "Normal"),
        ("{{ kalla }}", "List Bullet"),
        ("{%p endfor %}", "Normal"),
        ("Vad siffrorna inte säger", "Heading 1"),
        ("{%p for text in begransningar %}", "Normal"),
        ("{{ text }}", "List Bullet"),
        ("{%p endfor %}", "Normal"),
        ("Bilaga: så är siffrorna gjorda", "Heading 1"),
        (
            "Varje diagram har ett nummer och är fryst: numret ger tillbaka samma bild och samma tal, och visar om uppgifterna har "
            "reviderats sedan dess.",
            "Normal",
        ),
        ("{%p for metod in metoder %}", "Normal"),
        ("{{ metod.figur }}: {{ metod.text }}", "Normal"),
        ("{%p endfor %}", "Normal"),
    ):
        book.add_paragraph(text, style)
    book.save(str(TEMPLATE))


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
    style.paragraph_format.line_spacing = 1.15
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
            ("{%tc for rubrik in f.tabell.huvud %}", "{{ rubrik }}", "{%tc endfor %}"),
            ("{%tr for rad in f.tabell.rader %}", "", ""),
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
