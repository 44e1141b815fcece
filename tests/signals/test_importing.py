"""What would come of a list: every row judged against what is stored, every problem told with the file's row number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lagesbild.signals import importing
from lagesbild.signals.fields import Field
from lagesbild.signals.importing import Content, Problem, State
from tests.signals.listed import judged, salted, table, taken

HEAD = "Löpnr;Datum;Klockslag;Händelse;Ort;Lat;Long;Allvar;Beskrivning"
FINE = "1;2026-11-03;22:15;klotter;pålsboda;59,0664;15,1096;låg;På väggen"


def _only(found: importing.Preview) -> Problem:
    (problem,) = found.problems
    assert not found.candidates
    return problem


def test_a_row_without_problems_becomes_a_candidate() -> None:
    (row,) = judged(table(HEAD, FINE)).rows
    said = row.candidate
    assert (row.row, row.state, said.key) == (2, State.NEW, salted("kommunen\x1fid\x1f1"))
    assert (said.day, said.hour, said.kind, said.place) == (date(2026, 11, 3), 22, "Klotter", "Pålsboda")
    assert (said.x, said.y, said.severity, said.text) == (506284.6, 6547450.9, 1, "På väggen")


def test_what_is_not_written_is_none() -> None:
    (row,) = judged(table("Datum;Händelse;Ort", "2026-11-03;Klotter;Pålsboda")).rows
    said = row.candidate
    assert (said.hour, said.x, said.y, said.severity, said.text) == (None, None, None, None, "")


def test_all_problems_of_all_rows_are_told_and_the_others_go_in() -> None:
    found = judged(table(HEAD, ";2026-13-03;25;;;59;;9;070", "", FINE, "2;2027-01-01;;Klotter;Pålsboda;;;;"))
    assert [(one.row, one.column) for one in found.problems] == [
        (2, "Klockslag"),
        (2, "Datum"),
        (2, "Händelse"),
        (2, "Lat"),
        (2, "Ort"),
        (2, "Allvar"),
        (2, "Beskrivning"),
        (5, "Datum"),
    ]
    assert found.held_back == (2, 5)
    assert [row.row for row in found.rows] == [4]
    assert all(one.text.endswith((".", "?")) for one in found.problems)


@pytest.mark.parametrize(
    ("head", "row", "column", "told"),
    [
        ("Datum;Händelse;Ort", ";Klotter;Pålsboda", "Datum", "Dagen saknas. Skriv dagen som 2026-11-03."),
        ("Datum;Händelse;Ort", "2026-11-30;Klotter;Pålsboda", "Datum", "Dagen 30 november 2026 har inte varit än. Rätta den."),
        ("Datum;Händelse;Ort", "2026-11-03;;Pålsboda", "Händelse", "Det står inte vad som hände. Fyll i cellen."),
        ("Datum;Händelse;Ort", f"2026-11-03;{'x' * 61};Pålsboda", "Händelse", "längre än 60 tecken"),
        ("Datum;Händelse;Ort", "2026-11-03;Klotter;", "Ort", "Det står inte var det hände. Fyll i orten."),
        ("Datum;Händelse;Ort", "2026-11-03;Ring 0701;Pålsboda", "Händelse", "Texten har ett telefonnummer. Ta bort det."),
        ("Datum;Händelse;Ort", "2026-11-03;Klotter;torget; Pålsboda", "", "Raden har fler fält än rubrikraden"),
        ("Nr;Datum;Händelse;Ort", ";2026-11-03;Klotter;Pålsboda", "Nr", "Löpnumret saknas. Fyll i det, eller ta in listan utan löpnummer."),
    ],
)  # fmt: skip
def test_what_has_to_be_corrected_in_the_file(head: str, row: str, column: str, told: str) -> None:
    problem = _only(judged(table(head, row)))
    assert (problem.row, problem.column, problem.question) == (2, column, False)
    assert told in problem.text


@pytest.mark.parametrize(
    ("row", "ask", "told", "answer", "becomes"),
    [
        (
            "2026-11-03;;Klotter;Palsboda;;;;",
            "place:palsboda",
            "”Palsboda” är ingen ort som är känd. Menar du Pålsboda?",
            "Pålsboda",
            {"place": "Pålsboda"},
        ),
        (
            "2026-11-03;;Klotter;Storgatan 3, Vretstorp;;;;",
            "place:storgatan 3, vretstorp",
            "”Storgatan 3, Vretstorp” är ingen ort som är känd. Menar du Vretstorp?",
            "vretstorp",
            {"place": "Vretstorp"},
        ),
        (
            "2026-11-03;;klottr;Pålsboda;;;;",
            "kind:klottr",
            "”klottr” är inget slag som används. Menar du Klotter, eller ska det läggas till?",
            "Klotter",
            {"kind": "Klotter"},
        ),
        (
            "2026-11-03;;Fyrverkerier;Pålsboda;;;;",
            "kind:fyrverkerier",
            "”Fyrverkerier” är inget slag som används. Ska det läggas till?",
            "Fyrverkerier",
            {"kind": "Fyrverkerier"},
        ),
        ("11/03/2026;;Klotter;Pålsboda;;;;", "order", "kan läsas som 11 mars 2026", "månad-dag-år", {"day": date(2026, 11, 3)}),
        ("11/03/2026;;Klotter;Pålsboda;;;;", "order", "kan läsas som 11 mars 2026", "dag-månad-år", {"day": date(2026, 3, 11)}),
        ("den 3 november;;Klotter;Pålsboda;;;;", "year", "har inget år", "2025", {"day": date(2025, 11, 3)}),
        ("2026-11-03;25:00;Klotter;Pålsboda;;;;", "hour:2", "är inget klockslag", "utan klockslag", {"hour": None}),
        (
            "2026-11-03;;Klotter;Pålsboda;59,3293;18,0686;;",
            "position:2",
            "Positionen ligger 151 km utanför kommunen. Rätta den, eller ta in raden utan position.",
            "utan position",
            {"x": None, "y": None},
        ),
        ("2026-11-03;;Klotter;Pålsboda;torget;;;", "position:2", "Bara den ena av koordinaterna", "utan position", {"x": None}),
        ("2026-11-03;;Klotter;Pålsboda;;;mycket;", "severity:2", "är ingen grad av allvar", "utan allvar", {"severity": None}),
        ("2026-11-03;;Klotter;Pålsboda;;;;ring 070", "text:2", "telefonnummer", "utan beskrivning", {"text": ""}),
    ],
)  # fmt: skip
def test_a_question_is_answered_and_the_row_goes_in(
    row: str, ask: str, told: str, answer: str, becomes: dict[str, object]
) -> None:
    asked = table("Datum;Tid;Händelse;Ort;Lat;Long;Allvar;Text", row)
    problem = _only(judged(asked))
    assert problem.question
    assert problem.ask == ask
    assert told in problem.text
    assert judged(asked).questions == {ask: problem}
    (candidate,) = judged(asked, answers={ask: answer}).candidates
    assert {name: getattr(candidate, name) for name in becomes} == becomes
    assert _only(judged(asked, answers={ask: "hej"})) == problem  # what is no answer changes nothing


def test_a_suggestion_that_is_offered_is_an_answer() -> None:
    asked = table(
        "Datum;Tid;Händelse;Ort;Allvar;Text",
        "11/03/2026;99;klottr;Palsboda;9;070",
        "11/03/2026;99;Okänd sak;Palsboda;9;070",
    )
    answers = {ask: one.suggestions[0] for ask, one in judged(asked).questions.items()}
    assert len(judged(asked, answers=answers).candidates) == 2


def test_near_the_border_is_asked_and_may_be_kept() -> None:
    """The westernmost point of the outline, and some hundred metres beyond it."""
    asked = table("Datum;Händelse;Ort;N;E", "2026-11-03;Klotter;Vretstorp;58,995;14,6485")
    problem = _only(judged(asked))
    assert "meter utanför kommunens gräns, som är förenklad här. Ska den tas med?" in problem.text
    assert problem.suggestions == ("ta med", "utan position")
    (kept,) = judged(asked, answers={"position": "ta med"}).candidates
    assert kept.x is not None
    (without,) = judged(asked, answers={"position": "utan position"}).candidates
    assert without.x is None


def test_a_position_far_away_cannot_be_kept() -> None:
    asked = table("Datum;Händelse;Ort;N;E", "2026-11-03;Klotter;Vretstorp;57;20,5")
    assert _only(judged(asked, answers={"position": "ta med"})).suggestions == ("utan position",)


def test_one_answer_for_all_rows_or_one_for_each() -> None:
    asked = table(
        "Datum;Händelse;Ort;Text", "2026-11-03;Klotter;Pålsboda;070", "2026-11-04;Klotter;Pålsboda;0701"
    )
    assert len(judged(asked, answers={"text": "utan beskrivning"}).candidates) == 2
    assert [one.row for one in judged(asked, answers={"text:3": "utan beskrivning"}).problems] == [2]


def test_other_rows_settle_which_way_a_day_is_written() -> None:
    found = judged(table("Datum;Händelse;Ort", "11/03/2026;Klotter;Pålsboda", "10/25/2026;Klotter;Pålsboda"))
    assert [one.day for one in found.candidates] == [date(2026, 11, 3), date(2026, 10, 25)]


def test_midnight_everywhere_is_no_hour() -> None:
    head, day, clock = (
        "Tidpunkt;Händelse;Ort",
        "2026-11-03 00:00;Klotter;Pålsboda",
        "2026-11-04 22:15;Buller;Pålsboda",
    )
    assert [one.hour for one in judged(table(head, day)).candidates] == [None]
    assert [one.hour for one in judged(table(head, day, clock)).candidates] == [0, 22]


def test_what_was_understood_in_its_own_way_is_told_once_for_all_rows() -> None:
    rows = [f"2026-11-0{n};natt;Klotter;Pålsboda;1460099;6549643" for n in range(1, 5)]
    found = judged(table("Datum;Tid;Händelse;Ort;Nord;Öst", *rows))
    assert len(found.candidates) == 4
    assert {(one.column, one.text): one.rows for one in found.remarks} == {
        ("Tid", "”natt” är inget klockslag: timmen lämnas tom."): (2, 3, 4, 5),
        ("Nord", "Positionen är läst som RT 90 2,5 gon V."): (2, 3, 4, 5),
        ("Nord", "Nord och öst har bytt plats: talen säger vilket som är vilket."): (2, 3, 4, 5),
    }


def test_headings_that_stand_again_are_passed_over() -> None:
    head, row = "Nr;Datum;Händelse;Ort", "2026-11-03;Klotter;Pålsboda"
    found = judged(table(head, f"1;{row}", head, f"2;{row}"))
    assert [one.row for one in found.rows] == [2, 4]
    assert [one.rows for one in found.remarks] == [(3,)]


def test_the_position_alone_is_a_place() -> None:
    (row,) = judged(table("Datum;Händelse;Läge", "2026-11-03;Klotter;59,0664 15,1096")).rows
    assert (row.candidate.place, row.candidate.x) == ("", 506284.6)


def test_without_kinds_in_use_all_are_taken_and_the_first_spelling_stays() -> None:
    found = judged(
        table("Nr;Datum;Händelse;Ort", "1;2026-11-03;Bråk;Pålsboda", "2;2026-11-03;BRÅK;Pålsboda"), kinds=()
    )
    assert [one.kind for one in found.candidates] == ["Bråk", "Bråk"]


@pytest.mark.parametrize(
    ("word", "degree"),
    [
        ("lindrig", 1), ("Låg", 1), ("1", 1), ("allvarlig", 2), ("medel", 2), ("2", 2), ("AKUT", 3), ("hög", 3), ("3 - akut", 3), ("", None)
    ],
)  # fmt: skip
def test_severity_is_a_word_or_a_number(word: str, degree: int | None) -> None:
    (row,) = judged(table("Datum;Händelse;Ort;Allvar", f"2026-11-03;Klotter;Pålsboda;{word}")).rows
    assert row.candidate.severity == degree


# ---- the same list again


def test_a_list_that_is_sent_again_is_unchanged_and_a_correction_is_told() -> None:
    stored = taken(judged(table(HEAD, FINE, FINE.replace("1;2026", "2;2026", 1))))
    again = table(
        HEAD, FINE.replace("pålsboda", "Vretstorp").replace("låg", "hög"), FINE.replace("1;", "2;", 1)
    )
    found = judged(again, known=stored)
    assert [(one.state, one.changed) for one in found.rows] == [
        (State.CHANGED, (Field.PLACE, Field.SEVERITY)),
        (State.UNCHANGED, ()),
    ]
    assert found.counts == {State.CHANGED: 1, State.UNCHANGED: 1}
    assert [one.place for one in found.candidates] == ["Vretstorp"]


def test_a_metre_is_no_change_and_ten_are() -> None:
    stored = taken(judged(table(HEAD, FINE)))
    ((key, said),) = stored.items()
    assert said.x is not None
    near, far = ({key: replace(said, x=said.x + more)} for more in (0.9, 10.0))
    assert judged(table(HEAD, FINE), known=near).rows[0].state is State.UNCHANGED
    assert judged(table(HEAD, FINE), known=far).rows[0].changed == (Field.POSITION,)


def test_a_column_that_is_not_there_takes_nothing_away() -> None:
    stored = taken(judged(table(HEAD, FINE)))
    found = judged(table("Löpnr;Datum;Händelse;Ort", "1;2026-11-04;Klotter;Pålsboda"), known=stored)
    (row,) = found.rows
    assert row.changed == (Field.DAY,)
    assert (row.candidate.hour, row.candidate.severity, row.candidate.text, row.candidate.x) == (
        22,
        1,
        "På väggen",
        506284.6,
    )


def test_an_emptied_cell_is_a_change() -> None:
    stored = taken(judged(table(HEAD, FINE)))
    (row,) = judged(table(HEAD, FINE.replace("På väggen", "")), known=stored).rows
    assert (row.changed, row.candidate.text) == ((Field.TEXT,), "")


def test_two_senders_may_have_the_same_number() -> None:
    stored = taken(judged(table(HEAD, FINE), sender="kommunen"))
    assert judged(table(HEAD, FINE), known=stored, sender="bostadsbolaget").counts == {State.NEW: 1}


def test_the_same_number_twice_is_a_duplicate_or_a_contradiction() -> None:
    found = judged(table(HEAD, FINE, FINE, FINE.replace("22:15", "23:15")))
    assert [(one.state, one.same_as) for one in found.rows] == [(State.NEW, None), (State.DUPLICATE, 2)]
    assert [(one.row, one.text) for one in found.problems] == [
        (4, "Löpnumret finns redan på rad 2, med andra uppgifter. Rätta den ena raden.")
    ]
    assert len(found.candidates) == 1


HEAD_WITHOUT, ROW_WITHOUT = "Datum;Tid;Händelse;Ort;Text", "2026-11-03;22:15;Klotter;Pålsboda;"


def test_without_numbers_two_equal_rows_are_asked_about() -> None:
    twice = table(HEAD_WITHOUT, ROW_WITHOUT, ROW_WITHOUT)
    (problem,) = judged(twice).problems
    assert (
        problem.text
        == "Raden har samma dag, klockslag, händelse och plats som rad 2. Är det två händelser eller samma?"
    )
    assert (problem.ask, problem.suggestions) == ("duplicate:3", ("två händelser", "samma händelse"))
    two = judged(twice, answers={"duplicate": "två händelser"})
    assert len({one.key for one in two.candidates}) == 2
    one = judged(twice, answers={"duplicate:3": "samma händelse"})
    assert [(row.state, row.same_as) for row in one.rows] == [(State.NEW, None), (State.DUPLICATE, 2)]


def test_without_numbers_what_was_stored_as_two_is_two() -> None:
    twice = table(HEAD_WITHOUT, ROW_WITHOUT, ROW_WITHOUT)
    stored = taken(judged(twice, answers={"duplicate": "två händelser"}))
    assert judged(twice, known=stored).counts == {State.UNCHANGED: 2}


def test_without_numbers_a_list_that_has_grown_is_known_again_however_it_is_written() -> None:
    stored = taken(
        judged(table("Datum;Tid;Händelse;Ort;Lat;Long", "2026-11-03;22:15;Klotter;Pålsboda;59,0664;15,1096"))
    )
    grown = table(
        "Tid;Datum;Händelse;Ort;Koordinater;Text",
        "07:00;4/11-26;Buller;Vretstorp;;",
        "kl 22;3/11-26;KLOTTER;pålsboda;506284,6 6547450,9;Ny text",
    )
    found = judged(grown, known=stored)
    assert [(one.state, one.changed) for one in found.rows] == [
        (State.NEW, ()),
        (State.CHANGED, (Field.TEXT,)),
    ]


def test_without_numbers_a_corrected_day_is_a_new_signal() -> None:
    stored = taken(judged(table(HEAD_WITHOUT, ROW_WITHOUT)))
    assert judged(table(HEAD_WITHOUT, ROW_WITHOUT.replace("-03", "-02")), known=stored).counts == {
        State.NEW: 1
    }


def test_a_key_does_not_tell_the_number() -> None:
    (one,) = judged(table(HEAD, FINE.replace("1;", "Ärende-4711;", 1))).candidates
    assert "4711" not in repr(one)


# ---- columns


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ((Field.IGNORED, Field.KIND, Field.PLACE, Field.TEXT), "Ingen kolumn är vald som Datum. Välj den kolumn som har det."),
        ((Field.DAY, Field.IGNORED, Field.PLACE, Field.TEXT), "Ingen kolumn är vald som Händelse. Välj den kolumn som har det."),
        ((Field.DAY, Field.KIND, Field.IGNORED, Field.TEXT), "Ingen kolumn säger var det hände. Välj en kolumn som ort eller position."),
        ((Field.DAY, Field.KIND, Field.EAST, Field.PLACE), "Bara den ena av koordinaterna har en kolumn. Välj båda, eller ingen."),
        ((Field.DAY, Field.KIND, Field.PLACE, Field.PLACE), "Två kolumner är valda som Ort eller område. Välj en."),
    ],
)  # fmt: skip
def test_a_choice_of_columns_that_cannot_be_is_told(fields: tuple[Field, ...], told: str) -> None:
    found = judged(table("A;B;C;D", "2026-11-03;Klotter;Pålsboda;x"), fields)
    assert told in [one.text for one in found.problems]
    assert {one.row for one in found.problems} == {1}
    assert not found.rows


def test_a_field_for_each_column() -> None:
    with pytest.raises(ValueError, match="1 fields for 2 columns"):
        judged(table("A;B", "1;2"), (Field.DAY,))


def test_content_and_candidate_have_the_same_fields() -> None:
    (one,) = judged(table(HEAD, FINE)).candidates
    assert isinstance(one, Content)
