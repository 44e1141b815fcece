"""A chart's numbers as CSV and as XLSX with a sheet of where they come from."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import xlsxwriter

from lagesbild.data import reference
from lagesbild.figures.model import Column, Table
from lagesbild.swedish import harmless, spreadsheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.figures.model import Chart, Fact

#: Columns of municipalities' names, which get their codes beside them.
_NAMES = ("Kommun", "kommun")


def with_codes(table: Table) -> Table:
    """Return a table with the municipalities' codes beside their names: names are written in many ways, codes in one."""
    at = next((n for n, column in enumerate(table.columns) if column.name in _NAMES), None)
    if at is None:
        return table
    codes = {row["name"]: row["code"] for row in reference.read_csv("municipalities.csv")}
    return Table(
        (*table.columns[: at + 1], Column("Kommunkod"), *table.columns[at + 1 :]),
        tuple((*row[: at + 1], codes.get(str(row[at])), *row[at + 1 :]) for row in table.rows),
        table.keys,
    )


def to_csv(chart: Chart, number: str) -> bytes:
    """Return the table as Swedish spreadsheets open it, with units in its heads; each row names its source and number.

    Parameters
    ----------
    number
        The cited chart's number; where it is not cited, what is said instead.
    """
    table = with_codes(chart.table)
    heads = [f"{column.name} ({column.unit})" if column.unit else column.name for column in table.columns]
    told = (chart.source_line.removeprefix("Källa: "), number)
    rows = ((*row, *told) for row in table.rows)
    return spreadsheet([*heads, "Källa", "Diagram"], rows).encode()


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
        # Text in a workbook is no formula; the mark keeps it text when somebody edits the cell or saves as CSV.
        quoted = book.add_format({"quote_prefix": True})
        values = book.add_worksheet("Värden")
        values.freeze_panes(1, 0)
        table = with_codes(chart.table)
        for n, column in enumerate(table.columns):
            head = f"{column.name} ({column.unit})" if column.unit else column.name
            values.write_string(0, n, head, bold)
            width = max([len(column.name), *(len(table.shown(row[n], column)) for row in table.rows)])
            form = book.add_format(
                {"num_format": "#,##0" + ("." + "0" * column.places if column.places else "")}
            )
            values.set_column(n, n, min(width + 2, 40), form if column.places is not None else None)
            for m, row in enumerate(table.rows, start=1):
                cell = row[n]
                if isinstance(cell, str):
                    values.write_string(m, n, cell, quoted if harmless(cell) != cell else None)
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
