"""What the columns of a list of signals mean: told by their headings, Swedish or English, and by what they hold."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from lagesbild.signals import moments, positions
from lagesbild.signals.unclear import Unclear

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lagesbild.signals.tables import Cell, Row


class Field(StrEnum):
    """What a column holds."""

    ID = "id"
    DAY = "day"
    HOUR = "hour"
    KIND = "kind"
    PLACE = "place"
    EAST = "east"
    NORTH = "north"
    POSITION = "position"
    SEVERITY = "severity"
    TEXT = "text"
    IGNORED = "ignored"


FIELD_TITLES: Mapping[Field, str] = {
    Field.ID: "Löpnummer",
    Field.DAY: "Datum",
    Field.HOUR: "Klockslag",
    Field.KIND: "Händelse",
    Field.PLACE: "Ort eller område",
    Field.EAST: "Öst (longitud)",
    Field.NORTH: "Nord (latitud)",
    Field.POSITION: "Position, båda talen i en cell",
    Field.SEVERITY: "Allvar",
    Field.TEXT: "Beskrivning",
    Field.IGNORED: "Tas inte med",
}

#: The words of headings, the surest first: where two columns could be the same field, the earlier word wins.
_WORDS: Mapping[Field, str] = {
    Field.ID: "id löpnr löpnummer lopnr ärendenr ärendenummer ärende diarienr diarienummer dnr rapportnr händelsenr"
    " händelseid ärendeid referensnr referens ref nr nummer case number",
    Field.DAY: "händelsedatum brottsdatum datum dag dat händelsedag date day incidentdate occurred tidpunkt händelsetid när"
    " upptäckt inträffade datumtid datetime timestamp rapportdatum anmälningsdatum registrerad skapad created",
    Field.HOUR: "klockslag klockan kl tid timme tidpunkt händelsetid time hour starttid",
    Field.KIND: "slag händelsetyp brottstyp ärendetyp brottskod typ kategori händelsekategori händelse brott rubricering"
    " type category kind crime incident offence offense rubrik vad",
    Field.PLACE: "ort tätort kommundel stadsdel bostadsområde delområde område plats brottsplats händelseplats platsnamn"
    " place locality area district neighbourhood neighborhood town location var objekt adress gatuadress gata address street",
    Field.EAST: "öst east easting longitud longitude long lon lng e ö o x xkoordinat koordinatx östkoordinat",
    Field.NORTH: "nord norr north northing latitud latitude lat n y ykoordinat koordinaty nordkoordinat",
    Field.POSITION: "position koordinat koordinater gps latlong latlon latlng coordinates coordinate kartposition wgs84 sweref",
    Field.SEVERITY: "allvar allvarlighet allvarlighetsgrad allvarsgrad svårighetsgrad prioritet prio severity priority grad",
    Field.TEXT: "beskrivning händelsebeskrivning anmärkning anm fritext kommentar notering text noteringar detaljer info"
    " description comment comments notes note details händelse övrigt",
}
_SAMPLE = 50
_MOST_OF = 0.7
_LATE = date(2999, 1, 1)


@cache
def _ranks() -> Mapping[str, Mapping[Field, int]]:
    """Return the fields of each word, with the word's place in the field's list."""
    found: dict[str, dict[Field, int]] = {}
    for field, words in _WORDS.items():
        for rank, word in enumerate(words.split()):
            found.setdefault(word, {})[field] = rank
    return found


def guess(columns: Sequence[str], rows: Sequence[Row]) -> tuple[Field, ...]:
    """Return what each column holds; every field at most once, `Field.IGNORED` where it is not told.

    A whole heading is surer than its first word (``Datum för händelsen``) or the last part of a compound
    (``Uppdateringsdatum``), and that is surer than any other word. Contents tell positions, days and hours that headings do not.
    """
    held = [[value for row in rows if (value := row.cells[n]) is not None] for n in range(len(columns))]
    samples = [tuple(islice(values, _SAMPLE)) for values in held]
    claims = [claim for n, name in enumerate(columns) for claim in _claims(n, name, samples[n])]
    found: dict[int, Field] = {}
    for _, _, column, field in sorted(claims):
        if column not in found and field not in found.values() and not _clashes(field, found):
            found[column] = field
    _complete(found, samples)
    return tuple(found.get(n, Field.IGNORED) for n in range(len(columns)))


def _clashes(field: Field, found: Mapping[int, Field]) -> bool:
    """Tell whether a position is already told in the other way: in one cell or in two."""
    taken = set(found.values())
    if field is Field.POSITION:
        return bool(taken & {Field.EAST, Field.NORTH})
    return field in {Field.EAST, Field.NORTH} and Field.POSITION in taken


def _claims(column: int, name: str, sample: Sequence[Cell]) -> list[tuple[int, int, int, Field]]:
    """Return what a column may be: how unsure (0 is surest), rank of the word, column and field."""
    found = [(unsure, rank, column, field) for unsure, rank, field in _of_name(name)]
    fits = {field for field, test in _CONTENTS.items() if _mostly(sample, test)}
    if Field.POSITION in fits:
        return [(0, 0, column, Field.POSITION)]
    found = [claim for claim in found if claim[3] not in _CHECKED or claim[3] in fits or not sample]
    return found + [(4, 0, column, field) for field in fits & {Field.DAY, Field.HOUR}]


def _of_name(name: str) -> list[tuple[int, int, Field]]:
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", name.casefold())
    words = re.findall(r"[^\W_]+", plain) or re.findall(r"[^\W_]+", name.casefold())
    found = [(1, rank, field) for field, rank in _ranks().get("".join(words), {}).items()]
    for at, word in enumerate(words):
        found += [(2 if at == 0 else 3, rank, field) for field, rank in _ranks().get(word, {}).items()]
    ends = (word for word in _ranks() if words and len(word) > 2 and words[0].endswith(word))
    longest = max(ends, key=len, default="")
    return found + [(2, rank, field) for field, rank in _ranks().get(longest, {}).items()]


def _mostly(sample: Sequence[Cell], test: Callable[[Cell], bool]) -> bool:
    return bool(sample) and sum(map(test, sample)) >= _MOST_OF * len(sample)


def _is_day(cell: Cell) -> bool:
    if isinstance(cell, bool | time):
        return False
    if isinstance(cell, float) and not 36_526 <= cell < 80_000 and not 19e6 < cell < 21e6:
        return False
    found = moments.day(cell, _LATE)
    return not isinstance(found, Unclear) or bool(found.ask)


def _is_hour(cell: Cell) -> bool:
    """Tell whether a cell is an hour and can hardly be something else, as a bare number can."""
    if isinstance(cell, str):
        found = moments.hour(cell) if re.search(r"\d[:.]\d\d|\bkl\b", cell.casefold()) else None
        return found is not None and not isinstance(found, Unclear)
    return isinstance(cell, time | datetime) or (isinstance(cell, float) and 0 < cell < 1)


def _is_pair(cell: Cell) -> bool:
    return isinstance(cell, str) and isinstance(positions.parse_one(cell, ()), positions.Position)


#: What contents must look like, for the fields that they can tell.
_CONTENTS: Mapping[Field, Callable[[Cell], bool]] = {
    Field.DAY: _is_day,
    Field.HOUR: _is_hour,
    Field.POSITION: _is_pair,
}
#: Fields that a heading alone does not make: a column ``Position`` of names of squares is none.
_CHECKED = {Field.POSITION}


def _complete(found: dict[int, Field], samples: Sequence[Sequence[Cell]]) -> None:
    """Let a column of times be the day too where there is no other, and two columns of coordinates be the position."""
    taken = {field: column for column, field in found.items()}
    hours = taken.get(Field.HOUR)
    if Field.DAY not in taken and hours is not None and _mostly(samples[hours], _is_day):
        found[hours] = Field.DAY
    free = [n for n in range(len(samples)) if n not in found]
    if taken.keys() & {Field.EAST, Field.NORTH, Field.POSITION}:
        return
    for north in free:
        for east in free:
            pairs = list(zip(samples[north], samples[east], strict=False))
            if north != east and pairs and all(_is_position(*pair) for pair in pairs):
                found[north], found[east] = Field.NORTH, Field.EAST
                return


def _is_position(north: Cell, east: Cell) -> bool:
    read = positions.parse(north, east, ())
    return isinstance(read, positions.Position) and not read.swapped
