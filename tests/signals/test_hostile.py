"""Two hundred hostile inputs: each is refused, told as a problem, or stored as plain text that nothing runs."""

from __future__ import annotations

import csv
import io
import math
import random
import re
from typing import TYPE_CHECKING

import pytest

from lagesbild.signals import positions, tables
from lagesbild.signals.importing import LONGEST_KIND, Preview
from lagesbild.signals.tables import SignalFileError
from lagesbild.swedish import spreadsheet
from tests.signals import made
from tests.signals.listed import HALLSBERG, PLACES, TODAY, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS = ["Löpnr", "Datum", "Klockslag", "Händelse", "Ort", "Lat", "Long", "Allvar", "Beskrivning"]
FINE = ["1", "2026-11-03", "22:15", "Klotter", "Pålsboda", "59,0664", "15,1096", "låg", "text"]
TEXTS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org?x="&A1,"Klicka")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "  =1+1",
    "＝1+1",
    "'=1+1",
    '=IMPORTXML("http://example.org","//a")',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "javascript:alert(1)",
    "[klicka](javascript:alert(1))",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE signal; --",
    "../../../../etc/passwd",
    "\x00\x00Klotter\x00",
    "\u202eottolK\u202c",
    "K\u200bl\u200bo\u200bt\u200bt\u200ber",
    "Kl\u0336\u0489o" + "\u0300" * 60 + "tter",
    "x" * 1999,
    "9" * 400,
    "1e999",
    "nan",
    "-inf",
    "-1",
    "-22:15",
    "99:99",
    "0001-01-01",
    "9999-12-31",
    "2026-11-31",
    "0000-00-00",
    "1900-02-29",
    "60",
    "2958466",
    "0",
    "6 547 450 506 284",
    "90,0",
    "-59,0664",
    "180,0 90,0",
    "٣/١١/٢٠٢٦",
    "²²:¹⁵",
    "🔥" * 30,
    "\ud83d".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
    "%s%n%x",
    "${jndi:ldap://example.org/a}",
    "TRUE",
]
NUMBERS = [
    float("nan"), float("inf"), -float("inf"), -0.0, 1e308, -1e308, 5e-324, -1.0, 2.0**63, 0.9999999999, 24.0, 1e15, 6e6, 2026.0
]  # fmt: skip
#: The columns that a hostile cell is put into, every other text by turns: three for each text.
SPOTS = [(text, (n + k * 3) % len(HEADS)) for n, text in enumerate(TEXTS) for k in range(3)]
NUMBER_SPOTS = [(value, (n + k * 2) % len(HEADS)) for n, value in enumerate(NUMBERS) for k in range(2)]


def _holds_only_what_may_be_stored(found: Preview) -> None:
    """Assert what every candidate must fulfil, whatever the file held."""
    for one in found.candidates:
        assert 2000 <= one.day.year <= TODAY.year
        assert one.day <= TODAY
        assert one.hour is None or 0 <= one.hour <= 23
        assert one.place in {"", *PLACES.values()}
        assert 0 < len(one.kind) <= LONGEST_KIND
        assert one.severity in {None, 1, 2, 3}
        assert f"{one.kind}{one.text}".isprintable()
        assert (one.x is None) == (one.y is None)
        if one.x is not None and one.y is not None:
            assert math.isfinite(one.x + one.y)
            assert positions.outside(HALLSBERG, one.x, one.y) <= positions.NEAR


def _exports_no_formula(found: Preview) -> None:
    cells = [(one.kind, one.place, one.text, one.x) for one in found.candidates]
    exported = spreadsheet(("Slag", "Ort", "Text", "X"), cells).removeprefix("\ufeff")
    for row in csv.reader(io.StringIO(exported, newline=""), delimiter=";"):
        for cell in row[:3]:
            is_number = re.fullmatch(r"-?\d+(,\d+)?", cell)
            assert is_number or not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))


def _quoted(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows(rows)
    return buffer.getvalue().encode("utf-8", "replace")


def _row(at: int, value: object) -> list[object]:
    return [value if n == at else cell for n, cell in enumerate(FINE)]


@pytest.mark.parametrize(
    ("hostile", "column"), [pytest.param(t, c, id=f"{HEADS[c]}-{n}") for n, (t, c) in enumerate(SPOTS)]
)
def test_a_hostile_text_is_told_or_harmless(hostile: str, column: int) -> None:
    rows = [HEADS, [str(cell) for cell in _row(column, hostile)], ["2", *FINE[1:]]]
    table = tables.read(_quoted(rows), "x.csv")
    for kinds in (("Klotter",), ()):
        found = judged(table, kinds=kinds)
        _holds_only_what_may_be_stored(found)
        _exports_no_formula(found)
        assert 3 in {row.row for row in found.rows}, "the other row goes in"


def test_a_hostile_number_is_told_or_harmless() -> None:
    table = tables.read(_quoted([HEADS, FINE]), "x.csv")
    for value, column in NUMBER_SPOTS:
        cells = tuple(value if n == column else cell for n, cell in enumerate(table.rows[0].cells))
        found = judged(tables.Table(columns=table.columns, rows=(tables.Row(2, cells),), heading=1))
        _holds_only_what_may_be_stored(found)


def test_a_workbook_of_hostile_cells_is_told_or_harmless() -> None:
    printable = [text for text in TEXTS if text.isprintable() and len(text) < 1000]
    rows = [_row(n % len(HEADS), text) for n, text in enumerate(printable)]
    found = judged(
        tables.read(made.excel([HEADS, *rows], strings_to_formulas=False, strings_to_urls=False), "x.xlsx")
    )
    _holds_only_what_may_be_stored(found)
    _exports_no_formula(found)


def test_a_live_formula_in_a_workbook_is_not_run() -> None:
    cells = "".join(
        f'<c r="{c}1" t="str"><v>{h}</v></c>'
        for c, h in zip("ABC", ("Datum", "Händelse", "Ort"), strict=True)
    )
    live = '<c r="B2" t="str"><f>WEBSERVICE("http://example.org")</f><v>Klotter</v></c>'
    live = f'<c r="A2"><v>46329</v></c>{live}<c r="C2" t="str"><v>Pålsboda</v></c>'
    (row,) = judged(
        tables.read(made.sheet_of(f'<row r="1">{cells}</row><row r="2">{live}</row>'), "x.xlsx")
    ).rows
    assert row.candidate.kind == "Klotter"


_NOISE = random.Random(7)
_ENTITIES = '<!DOCTYPE x [<!ENTITY a "' + "lol" * 50 + '"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILES = {
    "a hundred megabytes": b"a;b\n" * 25_000_000,
    "a bomb that says its size": made.with_said_sizes(made.archive({"xl/workbook.xml": "x"}), 4_000_000_000),
    "17 thousand million cells": made.CORNERS,
    "a row below all rows": made.sheet_of('<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>'),
    "a row without number, a cell without place": made.sheet_of("<row><c><v>1</v></c></row>"),
    "a million rows that are said to be": made.sheet_of('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
    "another document inside": made.sheet_of('<row r="1"><c r="A1" t="str"><v>&xxe;</v></c></row>'),
    "entities of entities": made.archive({"xl/workbook.xml": f"{_ENTITIES}<workbook>&b;</workbook>"}),
    "a document of somewhere else": made.archive(
        {"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'}
    ),
    "a path out of the archive": made.archive({"xl/workbook.xml": "x", "../../../tmp/evil": "x"}),
    "zeros after the start of a zip": b"PK\x03\x04" + bytes(4000),
    "zeros after the start of an xls": made.OLE + bytes(4000),
    "noise after the start of a zip": b"PK\x03\x04" + _NOISE.randbytes(4000),
    "noise after the start of an xls": made.OLE + _NOISE.randbytes(8000),
    "noise": _NOISE.randbytes(100_000),
    "quotation marks": b'"' * 100_001,
    "separators": b";" * 1_000_000,
    "a line without end": b"x" * 1_000_000,
    "columns without end": b"Datum;" * 100_000,
    "half a letter": "Datum;Ort\n2026-11-03;Pålsboda".encode("utf-16")[:-1] + b"\xd8",
    "a separator that is a quotation mark": b'sep="\nDatum"Ort\n2026-11-03"Kumla\n',
    "a separator that is a line break": b"sep=\r\nDatum\n2026-11-03\n",
    "a carriage return alone": b"Datum;Ort\r2026-11-03;\rPumla\r",
    "a member that says that it is encrypted": made.with_said_sizes(made.archive({"xl/workbook.xml": "x"}), 1),
}  # fmt: skip


@pytest.mark.parametrize("content", [pytest.param(content, id=trait) for trait, content in FILES.items()])
def test_a_hostile_file_is_refused_or_harmless(content: bytes) -> None:
    try:
        found = judged(tables.read(content, "<b>x</b>\n=1.xlsx"))
    except SignalFileError as refused:
        assert str(refused).replace("\u00a0", " ").isprintable()
        assert str(refused).endswith(".")
    else:
        _holds_only_what_may_be_stored(found)
        assert not found.candidates


@pytest.mark.parametrize("name", TEXTS[:20])
def test_a_hostile_name_of_a_file_or_sheet_is_only_a_name(name: str) -> None:
    content = made.CORNERS if name == TEXTS[0] else b"%PDF"
    with pytest.raises(SignalFileError) as refused:
        tables.read(content, name, name)
    assert str(refused.value).isprintable()


def test_there_are_two_hundred() -> None:
    assert len(SPOTS) + len(NUMBER_SPOTS) + len(FILES) + 20 >= 200
