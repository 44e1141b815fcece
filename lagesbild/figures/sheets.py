"""A chart's numbers as CSV and as XLSX with a sheet of where they come from."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.figures.model import Cell, Chart, Fact, Table

#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: Table) -> bytes:
    """Return the table as Swedish spreadsheets open it: semicolons, decimal commas, UTF-8 with a mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell).replace(".", ",")
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text


def to_xlsx(chart: Chart, provenance: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook: the values, the key figures of the text, and where they come from.

    Parameters
    ----------
    provenance
        Label and text, a row each.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        # A fixed day: the same numbers are the same file.
        book.set_properties(
            {"title": chart.title, "subject": chart.subtitle, "created": datetime(2000, 1, 1, tzinfo=UTC)}
        )
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        values = book.add_worksheet("Värden")
        values.freeze_panes(1, 0)
        for n, column in enumerate(chart.table.columns):
            values.write_string(0, n, column.name, bold)
            width = max(
                [len(column.name), *(len(chart.table.shown(row[n], column)) for row in chart.table.rows)]
            )
            form = book.add_format(
                {"num_format": "#,##0" + ("." + "0" * column.places if column.places else "")}
            )
            values.set_column(n, n, min(width + 2, 40), form if column.places is not None else None)
            for m, row in enumerate(chart.table.rows, start=1):
                cell = row[n]
                if isinstance(cell, str):
                    values.write_string(m, n, cell)
                elif cell is not None:
                    values.write_number(m, n, cell)
        if chart.facts:
            _pairs(book.add_worksheet("Nyckeltal i texten"), chart.facts, bold)
        origin = book.add_worksheet("Ursprung")
        origin.set_column(0, 0, 26, bold)
        origin.set_column(1, 1, 100, wrapped)
        for m, (label, text) in enumerate(provenance):
            origin.write_string(m, 0, label)
            origin.write_string(m, 1, text)
    return buffer.getvalue()


def _pairs(sheet: xlsxwriter.worksheet.Worksheet, facts: Sequence[Fact], bold: object) -> None:
    sheet.set_column(0, 0, 44)
    sheet.write_string(0, 0, "Uppgift", bold)
    sheet.write_string(0, 1, "Värde", bold)
    for m, fact in enumerate(facts, start=1):
        sheet.write_string(m, 0, fact.name)
        sheet.write_number(m, 1, fact.value)
