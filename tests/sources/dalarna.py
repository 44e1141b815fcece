"""Brå's indicator workbooks for Dalarna, rebuilt from the real figures in long form."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

from openpyxl import Workbook

COUNTY, COUNTRY = "Dalarnas län", "Hela landet"
Figures = dict[str, dict[tuple[str, str, str], str]]


def read(file: Path) -> Figures:
    """Return, by indicator, the figures by (area, year, unit) as the file writes them."""
    found: Figures = defaultdict(dict)
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["variabel"]][row["geografi"], row["ar"], row["enhet"] or "Antal svarande"] = row[
                "varde"
            ]
    return found


def workbook(figures: Figures, municipality: str, county: str = COUNTY) -> bytes:
    """Return a workbook as Brå publishes it: a sheet an indicator; area, county and country as rows."""
    book = Workbook(write_only=True)
    for number, (title, values) in enumerate(figures.items(), 1):
        sheet = book.create_sheet(f"Blad {number}")
        heads = sorted({(year, unit) for _, year, unit in values})
        sheet.append([title])
        # Two heading rows: the year stands once over its measures, as in a merged cell.
        years = [year if n == 0 or heads[n - 1][0] != year else None for n, (year, _) in enumerate(heads)]
        sheet.append([None, *years])
        sheet.append(["Område", *(unit for _, unit in heads)])
        for area in (municipality, county, COUNTRY):
            sheet.append([area, *(_cell(values.get((area, *head), "")) for head in heads)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(text: str) -> float | str | None:
    try:
        return float(text)
    except ValueError:
        return text or None


def workbooks(file: Path) -> dict[str, bytes]:
    """Return the workbooks of the fifteen municipalities of Dalarna by name."""
    figures = read(file)
    areas = {area for values in figures.values() for area, _, _ in values} - {COUNTY, COUNTRY}
    return {area: workbook(figures, area) for area in sorted(areas)}
