"""Files made by the tests: workbooks of several makes, text in several encodings, and such as are none."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADS = ["Löpnr", "Datum", "Klockslag", "Händelse", "Ort"]
ROWS = [
    ["1", "2026-11-03", "22:15", "Skadegörelse", "Pålsboda"],
    ["2", "2026-11-04", "", "Klotter", "Hallsberg"],
]


def text(rows: Sequence[Sequence[str]], delimiter: str = ";", end: str = "\r\n") -> str:
    """Return rows as a program writes them that never quotes."""
    return "".join(delimiter.join(row) + end for row in rows)


LIST = text([HEADS, *ROWS])


def xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]], at: tuple[int, int] = (1, 1)) -> bytes:
    """Return a workbook as openpyxl writes it, the tables at a row and column."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.cell(at[0] + r, at[1] + c, cell)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def excel(rows: Sequence[Sequence[Any]], **options: Any) -> bytes:
    """Return a workbook as xlsxwriter writes it, with dates as Excel has them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm", **options}
    ) as book:
        sheet = book.add_worksheet("Blad1")
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return buffer.getvalue()


def archive(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=1) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def _relation(kind: str, target: str) -> str:
    one = f'<Relationship Id="r1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{one}</Relationships>'


def sheet_of(cells: str) -> bytes:
    """Return a workbook whose one sheet has these cells, as XML: what no program would write."""
    sheet = '<sheet name="Blad1" sheetId="1" r:id="r1"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheet}</sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    return archive(parts)


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an OpenDocument spreadsheet, with the million empty rows below that LibreOffice writes."""
    shown = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    below = f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    spaces = " ".join(f'xmlns:{name}="{_OPEN}:{name}:1.0"' for name in ("office", "table", "text"))
    table = f'<table:table table:name="Blad1">{shown}{below}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {spaces}>{body}</office:document-content>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0"/>',
        }
    )


def _ods_cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def with_said_sizes(content: bytes, size: int) -> bytes:
    """Return a zip in which every part says that it is ``size`` bytes when it is unfolded, whatever it is."""
    changed = bytearray(content)
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        found = content.find(mark)
        while found >= 0:
            changed[found + at : found + at + 4] = struct.pack("<I", size)
            found = content.find(mark, found + 4)
    return bytes(changed)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600
#: A workbook of two cells, the second in the last corner that there is: calamine would ask for 500 gigabytes.
CORNERS = sheet_of(
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
)
