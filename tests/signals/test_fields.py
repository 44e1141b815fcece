"""Columns are known by their headings, Swedish and English, and by what they hold."""

from __future__ import annotations

import pytest

from lagesbild.signals.fields import FIELD_TITLES, Field, guess
from tests.signals.listed import table

#: A letter for each field, so that a list of headings is told in a word.
LETTERS = {
    "i": Field.ID,
    "d": Field.DAY,
    "h": Field.HOUR,
    "k": Field.KIND,
    "p": Field.PLACE,
    "e": Field.EAST,
    "n": Field.NORTH,
    "b": Field.POSITION,
    "s": Field.SEVERITY,
    "t": Field.TEXT,
    "-": Field.IGNORED,
}


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        ("id;dag;slag;ort;x;y", "idkpen"),
        ("Löpnr;Datum;Klockslag;Händelse;Ort", "idhkp"),
        ("LÖPNUMMER;DATUM;KL.;TYP;OMRÅDE", "idhkp"),
        ("Ärendenr;Dag;Klockan;Vad;Var;Kommentar", "idhkpt"),
        ("Ärendenummer;Brottsdatum;Brottstyp;Brottsplats;Anmärkning", "idkpt"),
        ("Datum (ÅÅÅÅ-MM-DD);Tid (tt:mm);Typ av händelse;Plats för händelsen", "dhkp"),
        ("Datum för händelsen;Slag;X-koordinat;Y-koordinat", "dken"),
        ("Date;Time;Type;Location;Latitude;Longitude;Comments", "dhkpnet"),
        ("date;category;lat;lng", "dkne"),
        ("Datum;Slag;N (SWEREF99);E (SWEREF99)", "dkne"),
        ("Datum;Slag;Nord;Öst", "dkne"),
        ("Anmälningsdatum;Händelsedatum;Händelsetyp;Ort;Gatuadress;Allvarlighetsgrad", "-dkp-s"),
        ("Händelsedatum;Händelse;Typ;Område", "dtkp"),
        ("Datum;Händelse;Adress;Prio", "dkps"),
        ("Datum;Datum (2);Händelse;Ort;Ort (2)", "d-kp-"),
        ("foo;bar;;", "--"),
    ],
)
def test_headings_say_what_columns_hold(headings: str, told: str) -> None:
    columns = [heading for heading in headings.split(";") if heading]
    assert guess(columns, ()) == tuple(LETTERS[letter] for letter in told)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            ("Tidpunkt;Slag;Ort", "2026-11-03 22:15;Klotter;Pålsboda"), "dkp", id="a time that is a day too"
        ),
        pytest.param(("Datum;Tidpunkt;Slag", "2026-11-03;22:15;Klotter"), "dhk", id="a time beside a day"),
        pytest.param(("A;B;C", "2026-11-03;22:15;Klotter"), "dh-", id="headings that say nothing"),
        pytest.param(("A;B;C", "2026-11-03;59,0664;15,1096"), "dne", id="coordinates that no heading tells"),
        pytest.param(
            ("Datum;Slag;Läge", "2026-11-03;Klotter;59,0664 15,1096"),
            "dkb",
            id="a position that no heading tells",
        ),
        pytest.param(("Datum;Slag;Lat/Long", "2026-11-03;Klotter;59,0664, 15,1096"), "dkb", id="both in one"),
        pytest.param(
            ("Datum;Slag;Plats", "2026-11-03;Klotter;6547450 506284"), "dkb", id="a place that is a position"
        ),
        pytest.param(
            ("Datum;Slag;Position", "2026-11-03;Klotter;Torget"), "dk-", id="a position that is a place"
        ),
        pytest.param(
            ("Nr;Datum;Slag;Antal", "1;2026-11-03;Klotter;2"), "idk-", id="numbers are no coordinates"
        ),
    ],
)
def test_contents_say_what_headings_do_not(rows: tuple[str, ...], told: str) -> None:
    found = table(*rows)
    assert guess(found.columns, found.rows) == tuple(LETTERS[letter] for letter in told)


def test_every_field_has_a_title() -> None:
    assert set(FIELD_TITLES) == set(Field)
    assert len(set(FIELD_TITLES.values())) == len(Field)
