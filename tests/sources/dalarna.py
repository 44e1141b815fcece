"""Brå's indicator workbooks, rebuilt from the real figures of Dalarna in long form.

Modelled on the real workbook of Avesta (shared, ``bra_indicators_ntu_layout``), cell by cell: names of
the sheets, headings, both layouts, years as text, no merged cells (an area's name stands over the first
of its columns). A test compares the two. Not confirmed: how the workbooks of other municipalities look,
how two years together (``2023/2024``) and withheld values are written - the real one has neither - and
what Brå's own file looks like, for Avesta's had been saved by another program before we got it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from functools import cache
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

COUNTY, COUNTRY = "Dalarnas län", "Hela landet"
RESPONDENTS = "Antal svarande"
LIMITS = ("KI (95 %) undre gräns", "KI (95 %) övre gräns")
Figures = dict[str, dict[tuple[str, str, str], str]]


def read(file: Path) -> Figures:
    """Return, by indicator, the figures by (area, year, unit) as the file writes them."""
    found: Figures = defaultdict(dict)
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["variabel"]][row["geografi"], row["ar"], row["enhet"] or RESPONDENTS] = row["varde"]
    return found


def workbook(figures: Figures, municipality: str, county: str = COUNTY) -> bytes:
    """Return a workbook as Brå publishes it: a sheet an indicator, reported crimes before the survey's."""
    book = Workbook(write_only=True)
    areas = (municipality, county, COUNTRY)
    crimes = {title: values for title, values in figures.items() if "Antal" in _units(values)}
    survey = {title: values for title, values in figures.items() if title not in crimes}
    for number, (title, values) in enumerate({**crimes, **survey}.items(), 1):
        kind, write = ("anmälda", _crimes) if title in crimes else ("NTU", _survey)
        write(book.create_sheet(f"{number} ({kind})"), title, values, areas)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _crimes(
    sheet: WriteOnlyWorksheet, title: str, values: dict[tuple[str, str, str], str], areas: tuple[str, ...]
) -> None:
    """Areas as rows; a column for each measure and year."""
    heads = [(unit, year) for unit in _units(values) for year in _years(values)]
    explained = title if title.endswith("anmälda brott") else f"{title} (anmälda brott)"
    sheet.append([f"{explained} i kommunen, länet och hela landet, 2017–2024."])
    sheet.append([None, *(f"{unit} {year}" for unit, year in heads)])
    for area in areas:
        sheet.append([area, *(_cell(values.get((area, year, unit), "")) for unit, year in heads)])


def _survey(
    sheet: WriteOnlyWorksheet, title: str, values: dict[tuple[str, str, str], str], areas: tuple[str, ...]
) -> None:
    """Years as rows; a block of columns for each area, whose name stands over the first."""
    (unit,) = set(_units(values)) - set(LIMITS)
    units = (unit,) if unit == RESPONDENTS else (unit, *LIMITS)
    told = "" if unit == RESPONDENTS else unit
    sheet.append([title if "enligt NTU" in title else f"{title}, enligt NTU 2017–2025. {told}"])
    sheet.append([None, *(area if n == 0 else None for area in areas for n in range(len(units)))])
    sheet.append(
        [None, *[{RESPONDENTS: "Antal"}.get(u, u if u in LIMITS else "Andel") for u in units] * len(areas)]
    )
    for year in _years(values):
        sheet.append([year, *(_cell(values.get((area, year, u), "")) for area in areas for u in units)])


def _units(values: dict[tuple[str, str, str], str]) -> list[str]:
    return list(dict.fromkeys(unit for _, _, unit in values))


def _years(values: dict[tuple[str, str, str], str]) -> list[str]:
    return sorted({year for _, year, _ in values})


def _cell(text: str) -> float | str | None:
    try:
        number = float(text)
    except ValueError:
        return text or None
    return int(number) if number.is_integer() else number


@cache
def workbooks(file: Path) -> dict[str, bytes]:
    """Return the workbooks of the fifteen municipalities of Dalarna by name."""
    figures = read(file)
    areas = {area for values in figures.values() for area, _, _ in values} - {COUNTY, COUNTRY}
    return {area: workbook(figures, area) for area in sorted(areas)}


def renamed(book: bytes, names: dict[str, str]) -> bytes:
    """Return a workbook with other texts in its cells: much quicker than writing it anew."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part.startswith("xl/worksheets/"):
                for name, other in names.items():
                    content = content.replace(_xml(name), _xml(other))
            new.writestr(part, content, compresslevel=1)
    return stream.getvalue()


def _xml(text: str) -> bytes:
    return f">{text}<".encode("ascii", "xmlcharrefreplace")
