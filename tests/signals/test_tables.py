"""Every file that a spreadsheet program leaves: read with its own row numbers, or refused with what to do."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import statsmodels
from hypothesis import given, settings
from hypothesis import strategies as st

from lagesbild.signals import tables
from lagesbild.signals.tables import SignalFileError, read
from tests.signals import made
from tests.signals.made import HEADS, LIST, ROWS, text

EMPTY = [""] * len(HEADS)
EXPECTED = tuple(tuple(cell or None for cell in row) for row in ROWS)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(LIST.encode(), id="semicolons, UTF-8"),
        pytest.param(text([HEADS, *ROWS], ",").encode(), id="commas"),
        pytest.param(text([HEADS, *ROWS], "\t").encode(), id="tabs"),
        pytest.param(text([HEADS, *ROWS], "|").encode(), id="bars"),
        pytest.param(LIST.encode("utf-8-sig"), id="UTF-8 with its mark"),
        pytest.param(LIST.encode("cp1252"), id="Windows-1252"),
        pytest.param(LIST.encode("cp850"), id="DOS, code page 850"),
        pytest.param(
            b"\xff\xfe" + text([HEADS, *ROWS], "\t").encode("utf-16-le"), id="Unicode text of Excel"
        ),
        pytest.param(b"\xfe\xff" + LIST.encode("utf-16-be"), id="UTF-16, big-endian"),
        pytest.param(LIST.encode("utf-16-le"), id="UTF-16 without its mark"),
        pytest.param(LIST.encode("utf-16-be"), id="UTF-16, big-endian, without its mark"),
        pytest.param(b"\xff\xfe\x00\x00" + LIST.encode("utf-32-le"), id="UTF-32"),
        pytest.param(b"sep=;\r\n" + LIST.encode(), id="says its separator"),
        pytest.param(b"SEP=,\n" + text([HEADS, *ROWS], ",").encode(), id="says a comma"),
        pytest.param(LIST.replace("\r\n", "\n").encode(), id="lines as Unix ends them"),
        pytest.param(LIST.replace("\r\n", "\r").encode(), id="lines as old Macs end them"),
        pytest.param(LIST.encode() + b"\r\n;;;;\r\n;;;;\r\n", id="empty rows last"),
        pytest.param(LIST.replace("\r\n", ";;\r\n").encode(), id="empty columns last"),
        pytest.param(
            LIST.replace(";", '";"')
            .replace("\r\n", '"\r\n"')
            .rstrip('"')
            .replace("Löpnr", '"Löpnr')
            .encode(),
            id="all quoted",
        ),
        pytest.param(LIST.replace("å", "a\u030a").encode(), id="letters taken apart, as Macs do"),
        pytest.param(
            LIST.replace("Hallsberg", "\u202eHallsberg\u200b\x00").encode(), id="with what is not seen"
        ),
        pytest.param(made.xlsx({"Blad1": [HEADS, *ROWS]}), id="openpyxl"),
        pytest.param(made.excel([HEADS, *ROWS]), id="xlsxwriter"),
        pytest.param(made.excel([HEADS, *ROWS], constant_memory=True), id="xlsx without shared texts"),
        pytest.param(made.ods([HEADS, *ROWS]), id="OpenDocument"),
        pytest.param(made.xlsx({"Tomt": [], "Lista": [HEADS, *ROWS]}), id="an empty sheet first"),
    ],
)
def test_the_same_list_in_every_make(content: bytes) -> None:
    found = read(content, "lista")
    assert found.columns == tuple(HEADS)
    assert tuple(row.cells for row in found.rows) == EXPECTED
    assert [row.number for row in found.rows] == [2, 3]
    assert not any(row.ragged for row in found.rows)


@pytest.mark.parametrize("name", ["lista.csv", "lista.xlsx", "lista", "", "../../etc/passwd", "\x00.xls"])
def test_the_name_of_a_file_does_not_tell_what_it_is(name: str) -> None:
    assert read(LIST.encode(), name).columns == tuple(HEADS)
    assert read(made.excel([HEADS, *ROWS]), name).columns == tuple(HEADS)


@pytest.mark.parametrize("make", ["text", "xlsx"])
@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        pytest.param([HEADS, ROWS[0], EMPTY, EMPTY, ROWS[1]], [2, 5], id="empty rows in the middle"),
        pytest.param([["Händelser november", *EMPTY[1:]], HEADS, *ROWS], [3, 4], id="a title"),
        pytest.param(
            [
                ["Händelser, november", "", "", "", ""],
                ["Uttag", "2026-11-29", "", "", ""],
                EMPTY,
                HEADS,
                *ROWS,
            ],
            [5, 6],
            id="a title, the day it was drawn and an empty row",
        ),
        pytest.param([["Kommun", "Hallsberg", "", "", ""], HEADS, *ROWS], [3, 4], id="a title in two cells"),
        pytest.param([EMPTY, EMPTY, HEADS, *ROWS], [4, 5], id="empty rows first"),
    ],
)
def test_rows_have_the_numbers_that_excel_shows(rows: list[list[str]], numbers: list[int], make: str) -> None:
    content = text(rows).encode() if make == "text" else made.excel(rows)
    found = read(content, "lista")
    assert found.columns == tuple(HEADS)
    assert tuple(row.cells for row in found.rows) == EXPECTED
    assert [row.number for row in found.rows] == numbers
    assert found.heading == numbers[0] - 1


def test_a_row_with_line_breaks_is_one_row_of_excels() -> None:
    content = 'Datum;Anmärkning;Ort\n2026-11-03;"Rutor krossade\r\noch klotter\npå skolan";Östansjö\n'
    content += '2026-11-04;"Säger ""hej""; går";Hjortkvarn\n'
    found = read(content.encode(), "lista.csv")
    assert [(row.number, row.cells[1]) for row in found.rows] == [
        (2, "Rutor krossade och klotter på skolan"),
        (3, 'Säger "hej"; går'),
    ]


def test_decimal_commas_do_not_make_columns() -> None:
    rows = [["Datum", "Lat", "Long"], *([["2026-11-03", "59,06", "15,11"]] * 3)]
    found = read(text([["Lista, Hallsberg"], *rows]).encode(), "lista.csv")
    assert found.columns == ("Datum", "Lat", "Long")
    assert found.rows[0].cells == ("2026-11-03", "59,06", "15,11")


def test_columns_of_the_same_name_are_told_apart_and_those_without_one_are_named_by_excels_letter() -> None:
    found = read(b"Datum;Ort;Datum;;Ort\n2026-11-03;A;2026-11-04;x;B\n", "lista.csv")
    assert found.columns == ("Datum", "Ort", "Datum (2)", "Kolumn D", "Ort (2)")


def test_short_rows_are_filled_and_long_ones_are_marked() -> None:
    found = read(
        "Datum;Händelse;Ort\n2026-11-03;Klotter\n2026-11-04;Klotter;torget; Pålsboda\n2026-11-05;Klotter;Sköllersta;;\n".encode(),
        "x.csv",
    )
    assert found.rows[0].cells == ("2026-11-03", "Klotter", None, None)
    assert [row.ragged for row in found.rows] == [False, True, False]


def test_cells_of_a_workbook_keep_their_kinds() -> None:
    moment = datetime(2026, 11, 3, 22, 15, tzinfo=UTC).replace(tzinfo=None)
    row = [date(2026, 11, 3), moment, time(22, 15), 59.0664, 7, True, "text", None]
    found = read(made.xlsx({"Blad1": [[f"Kolumn {n}" for n in "abcdefgh"], row]}), "x.xlsx")
    assert found.rows[0].cells == (date(2026, 11, 3), moment, time(22, 15), 59.0664, 7.0, True, "text", None)


def test_a_formula_is_read_as_what_it_gave() -> None:
    found = read(
        made.sheet_of(
            '<row r="1"><c r="A1" t="str"><v>Datum</v></c></row><row r="2"><c r="A2"><f>1+1</f><v>46329</v></c></row>'
        ),
        "x.xlsx",
    )
    assert found.rows[0].cells == (46329.0,)


def test_an_old_workbook_of_excel_97_is_read() -> None:
    """The one that statsmodels comes with: nothing that we have writes such files any longer."""
    folder = Path(statsmodels.__file__).parent / "tsa/statespace/tests/results/frbny_nowcast/Nowcasting"
    content = (folder / "data/US/2016-06-29.xls").read_bytes()
    assert content.startswith(made.OLE)
    found = read(content, "2016-06-29.xls")
    assert found.columns[:3] == ("Date", "PAYEMS", "JTSJOL")
    assert (found.rows[0].number, found.rows[0].cells[:3]) == (2, (date(1985, 1, 1), 96373.0, None))


def test_a_table_may_stand_anywhere_on_its_sheet() -> None:
    found = read(made.xlsx({"Blad1": [HEADS, *ROWS]}, at=(5, 3)), "x.xlsx")
    assert found.columns == tuple(HEADS)
    assert [row.number for row in found.rows] == [6, 7]


def test_a_sheet_is_chosen_and_hidden_ones_are_not_offered() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(
            made.xlsx({"Dold": [["a"], ["b"]], "Ett": [HEADS, *ROWS], "Två": [["Dag", "Ort"], ["x", "y"]]})
        )
    )
    book["Dold"].sheet_state = "hidden"
    content = made.saved(book)
    first = read(content, "x.xlsx")
    assert (first.sheets, first.sheet, first.columns) == (("Ett", "Två"), "Ett", tuple(HEADS))
    assert read(content, "x.xlsx", "Två").columns == ("Dag", "Ort")
    for other in ("Dold", "Tre", "--help"):
        with pytest.raises(SignalFileError, match=f"x.xlsx har inget blad ”{other}”. Bladen är Ett, Två."):
            read(content, "x.xlsx", other)


def test_formatted_empty_cells_are_no_columns_or_rows() -> None:
    cells = "".join(f'<c r="{c}1" t="str"><v>{head}</v></c>' for c, head in zip("ABCDE", HEADS, strict=True))
    found = read(
        made.sheet_of(
            f'<row r="1">{cells}</row><row r="2"><c r="A2"><v>1</v></c></row><row r="9"><c r="ZZ9" s="0"/></row>'
        ),
        "x.xlsx",
    )
    assert found.columns == tuple(HEADS)
    assert len(found.rows) == 1


_BIG = text([HEADS, *ROWS]).encode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "är tom. Välj en fil", id="empty"),
        pytest.param(b" \r\n\t\n", "är tom. Välj en fil", id="white space"),
        pytest.param(b"\x00" * 4000, "är tom. Välj en fil", id="zeros"),
        pytest.param(b";;;\r\n;;;\r\n", "har inga rader. Fyll i", id="empty rows alone"),
        pytest.param(
            text([HEADS]).encode(), "har rubriker men inga rader under dem. Fyll i", id="headings alone"
        ),
        pytest.param(
            made.excel([HEADS]), "har rubriker men inga rader under dem. Fyll i", id="headings alone, xlsx"
        ),
        pytest.param(made.excel([]), "har inga rader. Fyll i", id="an empty workbook"),
        pytest.param(text(ROWS).encode(), "har ingen rubrikrad. Skriv rubriker överst", id="no headings"),
        pytest.param(
            b'a;b\n1;"2\n3;4\n',
            'har ett citattecken (") utan sitt par på rad 2. Rätta det',
            id="a quotation mark alone",
        ),
        pytest.param(
            b'a;b;c\n1;"x;y\n3;4;5\n6;z";7\n',
            "utan sitt par på rad 2. Rätta det",
            id="a quotation mark that swallows a row",
        ),
        pytest.param(
            made.ENCRYPTED, "är skyddad med lösenord. Öppna den i Excel, ta bort", id="encrypted xlsx"
        ),
        pytest.param(
            made.OLE + "WordDocument".encode("utf-16-le") * 9, "är ett Worddokument. Klistra in", id="doc"
        ),
        pytest.param(made.OLE + b"\x00" * 900, "är skadad eller ingen hel Excelfil. Öppna", id="broken xls"),
        pytest.param(
            b"<html><table><tr><td>Datum</td></tr></table></html>",
            "är en webbsida eller xml",
            id="HTML as xls",
        ),
        pytest.param("\ufeff\n <!DOCTYPE html>".encode(), "är en webbsida eller xml", id="HTML with a mark"),
        pytest.param("\ufeff<html>".encode("utf-16-le"), "är en webbsida eller xml", id="HTML in UTF-16"),
        pytest.param(b'<?xml version="1.0"?><Workbook/>', "är en webbsida eller xml", id="XML of Excel 2003"),
        pytest.param(b"%PDF-1.7\n", "är en PDF-fil. Be om", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "är en bild. Be om", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\x00" * 99, "är en bild. Be om", id="JPEG"),
        pytest.param(
            b"\x00\x00\x00\x18ftypheic" + b"\x01" * 99, "är en bild. Be om", id="a photograph of a phone"
        ),
        pytest.param(b"{\\rtf1 text}", "är ett textdokument (RTF)", id="RTF"),
        pytest.param(b"\x1f\x8b\x08" + b"\x00" * 20, "är en komprimerad fil. Packa upp", id="gzip"),
        pytest.param(b"MZ\x90\x00" + b"\x01" * 900, "är ingen tabell. Välj", id="a program"),
        pytest.param(random.Random(1).randbytes(4000), "är ingen tabell. Välj", id="noise"),
        pytest.param(made.archive({"word/document.xml": "x"}), "är ett Worddokument", id="docx"),
        pytest.param(made.archive({"Index/Document.iwa": "x"}), "är från Numbers. Exportera", id="Numbers"),
        pytest.param(
            made.archive({"lista.csv": LIST}), "är en zipfil utan kalkylblad. Packa upp", id="zip of csv"
        ),
        pytest.param(
            made.archive({"xl/workbook.xml": "x"}), "är skadad eller ingen hel", id="a workbook without parts"
        ),
        pytest.param(made.excel([HEADS, *ROWS])[:-600], "är skadad eller ingen hel", id="cut off"),
        pytest.param(_BIG + b"\n" * 20_000_000, "är större än 20 MB. Dela den", id="too large"),
        pytest.param(
            made.archive({"xl/workbook.xml": "x", **{f"xl/{n}": "" for n in range(2001)}}),
            "packar upp till mer än 200 MB",
            id="too many parts",
        ),
        pytest.param(
            made.with_said_sizes(made.archive({"xl/workbook.xml": "x"}), 2**31),
            "packar upp till mer än 200 MB",
            id="says that it is large",
        ),
        pytest.param(made.CORNERS, "är skadad eller ingen hel Excelfil", id="17 thousand million cells"),
        pytest.param(
            b"Datum;Ort\n" + b"x;y\n" * 100_001, "har mer än 100\u00a0000 rader. Dela den", id="too many rows"
        ),
        pytest.param(
            text([["k"] * 201, ["v"] * 201]).encode(),
            "har mer än 200 kolumner (rad 1). Ta bort",
            id="too many columns",
        ),
        pytest.param(
            f"Datum;Ort\n2026-11-03;{'x' * 2001}".encode(),
            "har mer än 2\u00a0000 tecken i en cell (rad 2, kolumn B). Korta",
            id="too long a cell",
        ),
        pytest.param(
            b"Datum;Ort\n" + b"x" * 200_000, "tecken i en cell (rad 2). Korta", id="a field that csv refuses"
        ),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(SignalFileError) as refused:
        read(content, "C:/mina filer/lista.xls")
    assert told in str(refused.value)
    assert str(refused.value).startswith("lista.xls ")
    assert str(refused.value).endswith((".", "!"))
    assert "\n" not in str(refused.value)


def test_a_zip_that_lies_about_its_size_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is lowered for the test; the parts say that they are a hundred bytes and are two millions."""
    monkeypatch.setattr(tables, "LARGEST_UNFOLDED", 3_000_000)
    bomb = made.with_said_sizes(
        made.archive({"xl/workbook.xml": b"0" * 2_000_000, "xl/b.xml": b"0" * 2_000_000}), 100
    )
    assert len(bomb) < 40_000
    with pytest.raises(SignalFileError, match="packar upp till mer än 200 MB"):
        read(bomb, "bomb.xlsx")


def test_hundreds_of_thousands_of_empty_rows_are_nothing() -> None:
    found = read(b"Datum;Ort\n" + b"\n" * 300_000 + b"2026-11-03;Hallsberg\n", "x.csv")
    assert [row.number for row in found.rows] == [300_002]


def _reads_or_refuses(content: bytes) -> None:
    try:
        found = read(content, "x")
    except SignalFileError:
        return
    assert found.columns
    assert all(len(row.cells) == len(found.columns) for row in found.rows)


@given(st.binary(max_size=400) | st.text(alphabet=';,\t"\n\rabå1=\x00\u202e', max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _reads_or_refuses(content)


@given(st.data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(
        made.sheet_of(
            '<row r="1"><c r="A1" t="str"><v>Datum</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        )
    )
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    _reads_or_refuses(bytes(whole))
