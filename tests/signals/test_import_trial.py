"""The import trial: shapes that lists have when they come, each by its trait, from bytes to what would be stored.

A shape is accepted rightly, asked about, or refused with a sentence that says what to do. Makes of files are told in
`test_tables`; here the whole way is gone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import pytest

from lagesbild.signals import importing, tables
from lagesbild.signals.importing import State
from lagesbild.signals.tables import SignalFileError
from tests.signals import made
from tests.signals.listed import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

Said = tuple[date, int | None, str, str, bool]
THIRD, FOURTH = date(2026, 11, 3), date(2026, 11, 4)
#: Day, hour, kind, place and whether there is a position.
TWO: list[Said] = [
    (THIRD, None, "Skadegörelse", "Pålsboda", False),
    (FOURTH, None, "Klotter", "Vretstorp", False),
]
TIMED = [(*TWO[0][:1], 22, *TWO[0][2:]), (*TWO[1][:1], 7, *TWO[1][2:])]
PLACED = [(*one[:4], True) for one in TWO]
STRICT = ("id;dag;slag;ort;x;y", "A1;2026-11-03;Skadegörelse;Pålsboda;;", "A2;2026-11-04;Klotter;Vretstorp;;")


def _text(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def _dated(*days: object) -> bytes:
    return made.excel(
        [
            ["Datum", "Händelse", "Ort"],
            [days[0], "Skadegörelse", "Pålsboda"],
            [days[1], "Klotter", "Vretstorp"],
        ]
    )


def _timed(head: str, *times: object) -> bytes:
    rows = [
        ["2026-11-03", times[0], "Skadegörelse", "Pålsboda"],
        ["2026-11-04", times[1], "Klotter", "Vretstorp"],
    ]
    return made.excel([["Datum", head, "Händelse", "Ort"], *rows])


def _placed(heads: Sequence[str], *cells: Sequence[object]) -> bytes:
    rows = [
        ["2026-11-03", "Skadegörelse", "Pålsboda", *cells[0]],
        ["2026-11-04", "Klotter", "Vretstorp", *cells[1]],
    ]
    return made.excel([["Datum", "Händelse", "Ort", *heads], *rows])


def _moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC).replace(tzinfo=None)


ACCEPTED = [
    ("the strict form of before", _text(*STRICT), TWO),
    ("two empty rows last", _text(*STRICT, ";;;;;", ";;;;;"), TWO),
    ("an empty column last", _text(*(line + ";" for line in STRICT)), TWO),
    ("empty rows in the middle", _text(*STRICT[:2], "", "", STRICT[2]), TWO),
    ("says its separator", _text("sep=;", *STRICT), TWO),
    ("Unicode text of Excel", b"\xff\xfe" + _text(*STRICT, encoding="utf-16-le").replace(b";\0", b"\t\0"), TWO),
    ("UTF-16 with semicolons", b"\xff\xfe" + _text(*STRICT, encoding="utf-16-le"), TWO),
    ("Windows-1252", _text(*STRICT, encoding="cp1252"), TWO),
    ("DOS", _text(*STRICT, encoding="cp850"), TWO),
    ("UTF-8 with its mark and commas", _text(*STRICT, encoding="utf-8-sig").replace(b";", b","), TWO),
    ("a title and when it was drawn", _text("Händelser, Hallsberg", "Uttag;2026-11-29", "", *STRICT), TWO),
    ("headings in capitals", _text(STRICT[0].upper(), *STRICT[1:]), TWO),
    ("places in capitals, kinds in small letters", _text(*STRICT).replace(b"Vretstorp", b"VRETSTORP").replace(b"Klotter", b"klotter"), TWO),
    ("headings again in the middle", _text(*STRICT[:2], STRICT[0], STRICT[2]), TWO),
    ("English headings", _text("Date;Type;Location", "2026-11-03;Skadegörelse;Pålsboda", "2026-11-04;Klotter;Vretstorp"), TWO),
    ("a workbook of LibreOffice", made.ods([line.split(";") for line in STRICT]), TWO),
    ("columns that are not needed", _text(*(f"{a};{b}" for a, b in zip(STRICT, ("Handläggare", "NN", "NN"), strict=True))), TWO),
    ("days of Excel", _dated(_moment(THIRD, 0), _moment(FOURTH, 0)), TWO),
    ("numbers of days", _dated(46329, 46330), TWO),
    ("numbers of days as text", _dated("46329", "46330"), TWO),
    ("days without marks", _dated(20261103, "20261104"), TWO),
    ("days with strokes", _dated("3/11-26", "4/11 2026"), TWO),
    ("days with points", _dated("03.11.2026", "4.11.26"), TWO),
    ("days in words", _dated("3 nov 2026", "onsdagen den 4 november 2026"), TWO),
    ("midnight in each row", _dated("2026-11-03 00:00:00", "2026-11-04T00:00:00"), TWO),
    ("day and hour in one cell", _dated(_moment(THIRD, 22, 15), _moment(FOURTH, 7)), TIMED),
    ("day and hour in a number", _dated(46329.927, 46330.3), TIMED),
    ("day and hour of another zone", _dated("2026-11-03T21:15Z", "2026-11-04T07:30+01:00"), TIMED),
    ("hours with points", _timed("Kl.", "22.15", "07.30"), TIMED),
    ("hours without marks", _timed("Tid", "2215", 730), TIMED),
    ("hours as parts of a day", _timed("Tid", 0.927, 0.3), TIMED),
    ("hours that are about", _timed("Klockslag", "ca kl 22", "7-tiden"), TIMED),
    ("hours that are parts of the day", _timed("Klockslag", "kväll", "natt"), TWO),
    ("degrees", _placed(["Lat", "Long"], [59.0664, 15.1096], [59.03, 14.87]), PLACED),
    ("degrees with decimal commas", _placed(["Lat", "Long"], ["59,0664", "15,1096"], ["59,03", "14,87"]), PLACED),
    ("degrees, minutes and seconds", _placed(["Position"], ["59°03'59\"N 15°06'35\"E"], ["59°01'48\" N, 14°52'12\" E"]), PLACED),
    ("both degrees in a cell", _placed(["Koordinat"], ["59.0664, 15.1096"], ["59,03 14,87"]), PLACED),
    ("degrees in the wrong columns", _placed(["Lat", "Long"], [15.1096, 59.0664], [14.87, 59.03]), PLACED),
    ("metres, x to the north as in RT 90", _placed(["X", "Y"], [6549643, 1460099], [6546000, 1446000]), PLACED),
    ("metres of SWEREF 99 TM with spaces", _placed(["N", "E"], ["6 547 450", "506 284"], ["6 543 000", "492 500"]), PLACED),
    ("metres of the local zone", _placed(["N", "E"], [6550070.9, 156287.2], [6546000, 142600]), PLACED),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [pytest.param(c, s, id=trait) for trait, c, s in ACCEPTED])
def test_accepted_rightly(content: bytes, said: list[Said]) -> None:
    found = judged(tables.read(content, "lista"))
    assert found.problems == ()
    assert [(o.day, o.hour, o.kind, o.place, o.x is not None) for o in found.candidates] == said


ASKED = [
    ("a day that may be a month", _dated("11/03/2026", "10/04/2026"), {"order"}, "månad-dag-år"),
    ("a year of two figures first", _dated("26-11-03", "26-11-04"), {"order"}, "år-månad-dag"),
    ("days without a year", _dated("den 3 november", "4/11"), {"year"}, "2026"),
    ("a place spelled wrong", _text(*STRICT).replace("Pålsboda".encode(), "Pålsbåda".encode()), {"place:pålsbåda"}, "Pålsboda"),
    ("a kind spelled wrong", _text(*STRICT).replace(b"Klotter", b"Kloter"), {"kind:kloter"}, "Klotter"),
    ("a position elsewhere", _placed(["Lat", "Long"], [59.33, 18.07], ["", ""]), {"position:2"}, "utan position"),
    ("equal rows without numbers", _text("Datum;Händelse;Ort", *["2026-11-03;Klotter;Vretstorp"] * 2), {"duplicate:3"}, "två händelser"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "asks", "answer"), [pytest.param(c, a, s, id=trait) for trait, c, a, s in ASKED]
)
def test_asked_about_and_then_accepted(content: bytes, asks: set[str], answer: str) -> None:
    table = tables.read(content, "lista")
    asked = judged(table)
    assert set(asked.questions) == asks
    answered = judged(table, answers=dict.fromkeys(asks, answer))
    assert answered.problems == ()
    assert len(answered.candidates) == 2


HELD_BACK = [
    ("a day that is none, after empty rows", _text(*STRICT[:2], "", "", STRICT[2].replace("11-04", "11-44")), 5, "är inget datum"),
    ("a day to come", _text(*STRICT[:2], STRICT[2].replace("11-04", "12-04")), 3, "har inte varit än"),
    ("a separator in a text", _text("Dag,Slag,Ort", "2026-11-03,Klotter,Vretstorp", "2026-11-04,Buller,på, x"), 3, "fler fält"),
    ("the same number with other content", _text(*STRICT[:2], STRICT[2].replace("A2", "A1")), 3, "Löpnumret finns redan på rad 2"),
    ("a sum below", _text(*STRICT[:2], "Summa;1;;;;"), 3, "är inget datum"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "row", "told"), [pytest.param(c, r, s, id=trait) for trait, c, r, s in HELD_BACK]
)
def test_one_row_is_held_back_and_the_other_goes_in(content: bytes, row: int, told: str) -> None:
    found = judged(tables.read(content, "lista"))
    assert found.held_back == (row,)
    assert told in " ".join(one.text for one in found.problems)
    assert [one.row for one in found.rows] == [2]


def test_a_corrected_list_is_told_as_one_changed_and_one_unchanged() -> None:
    first = judged(tables.read(_text(*STRICT), "lista"))
    stored = {one.key: one for one in first.candidates}
    again = judged(
        tables.read(_text(STRICT[0], STRICT[1].replace("Pålsboda", "Sköllersta"), STRICT[2]), "l"),
        known=stored,
    )
    assert again.counts == {State.CHANGED: 1, State.UNCHANGED: 1}


REFUSED = [
    ("nothing", b"", "är tom"),
    ("headings alone", _text(STRICT[0]), "rubriker men inga rader"),
    ("a list without headings", _text(*STRICT[1:]), "har ingen rubrikrad"),
    ("a web page called xls", b"<html><body><table></table></body></html>", "är en webbsida"),
    ("a workbook with a password", made.ENCRYPTED, "skyddad med lösenord"),
    ("a PDF", b"%PDF-1.4 ...", "är en PDF-fil"),
    ("a photograph", b"\xff\xd8\xff\xe1" + bytes(99), "är en bild"),
]


@pytest.mark.parametrize(("content", "told"), [pytest.param(c, s, id=trait) for trait, c, s in REFUSED])
def test_refused_with_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(SignalFileError, match=rf"^lista.xls .*{told}.*\. .*\.$|^lista.xls .*{told}.*\.$"):
        tables.read(content, "lista.xls")


def test_there_are_at_least_44_shapes() -> None:
    assert len({trait for trait, *_ in (*ACCEPTED, *ASKED, *HELD_BACK, *REFUSED)}) >= 44


def test_columns_that_say_too_little_are_told_and_not_guessed() -> None:
    table = tables.read(_text("A;B", "Klotter;Pålsboda"), "lista")
    found = judged(table)
    assert [one.text for one in found.problems] == [
        "Ingen kolumn är vald som Datum. Välj den kolumn som har det.",
        "Ingen kolumn är vald som Händelse. Välj den kolumn som har det.",
        "Ingen kolumn säger var det hände. Välj en kolumn som ort eller position.",
    ]
    assert importing.guess(table.columns, table.rows) == (importing.Field.IGNORED, importing.Field.IGNORED)
