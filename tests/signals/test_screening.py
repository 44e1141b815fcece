"""What points at a person is found before it is stored, however it is written; what only looks so may stay."""

from __future__ import annotations

import random
import string
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagesbild.signals.screening import TITLES, Finding, Found, masked, screen, told
from tests.signals import planted

if TYPE_CHECKING:
    from collections.abc import Iterable


def kinds(text: str, *allowed: str) -> list[Finding]:
    return [found.kind for found in screen(text, allowed=allowed)]


def texts(text: str, *allowed: str) -> list[str]:
    return [found.text for found in screen(text, allowed=allowed)]


def names_in(text: str, *allowed: str) -> list[str]:
    return [found.text for found in screen(text, allowed=allowed) if found.kind is Finding.NAME]


def enough_found(kind: Finding, material: Iterable[planted.Planted], least: float) -> None:
    """Fail with each spelling's share, so that one sees which is missed."""
    shares = planted.found_by_spelling(kind, material)
    found, count = (sum(column) for column in zip(*shares.values(), strict=True))
    assert found / count >= least, {spelling: f"{right} av {of}" for spelling, (right, of) in shares.items()}
    # a spelling that is never found would not show in the whole
    assert all(right / of >= 0.9 for right, of in shares.values()), shares


# The numbers asked for ------------------------------------------------------------------------------------------


def test_98_of_100_personal_numbers_are_found_in_every_spelling() -> None:
    enough_found(
        Finding.PERSONAL_NUMBER,
        planted.planted(Finding.PERSONAL_NUMBER, planted.PERSONAL_NUMBERS, 2_000, 1),
        0.98,
    )


def test_98_of_100_telephone_numbers_are_found_in_every_spelling() -> None:
    enough_found(Finding.PHONE, planted.planted(Finding.PHONE, planted.PHONES, 2_000, 1), 0.98)


def test_98_of_100_local_numbers_are_found_after_a_word_for_a_telephone() -> None:
    words = ("ring mig på ", "tel ", "tel. ", "telefon: ", "mobil ", "tfn ", "hen nås på ")
    material = planted.planted(Finding.PHONE, planted.LOCAL_PHONES, 400, 1, told=words)
    enough_found(Finding.PHONE, material, 0.98)


def test_98_of_100_registration_numbers_are_found_in_every_spelling() -> None:
    enough_found(Finding.REGISTRATION, planted.planted(Finding.REGISTRATION, planted.PLATES, 2_000, 1), 0.98)


def test_98_of_100_registration_numbers_are_found_without_a_word_for_a_car() -> None:
    enough_found(Finding.REGISTRATION, planted.bare_plates(2_000, 1), 0.98)


def test_fewer_than_one_in_100_ordinary_texts_are_taken_for_something_certain() -> None:
    ordinary = list(planted.ordinary(10_000, 3))
    false = [text for text in ordinary if any(found.certain for found in screen(text))]
    assert len(false) < 0.01 * len(ordinary), false[:20]


def test_hardly_any_real_notice_is_taken_for_something() -> None:
    """Real notices name a person about as often as one in five thousand: the missing, and the police's own."""
    notices = random.Random(1).sample(planted.real_notices() or pytest.skip("utan verkliga notiser"), 12_000)
    found = [screen(text, allowed=planted.places()) for text in notices]
    assert sum(any(one.certain for one in each) for each in found) < 0.001 * len(notices)
    assert sum(bool(each) for each in found) < 0.005 * len(notices)


def test_most_names_are_found() -> None:
    assert planted.share_found(Finding.NAME, planted.with_names(500, 5, surname=True)) >= 0.97
    assert planted.share_found(Finding.NAME, planted.with_names(500, 5, surname=False)) >= 0.97
    assert planted.share_found(Finding.NAME, planted.with_names(500, 5, surname=True, given=False)) >= 0.9


# Personal identity numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "850101-1236", "19850101-1236", "8501011236", "198501011236", "850101 1236", "19 850101 - 1236", "1985-01-01-1236",
        "1985 01 01 1236", "850101–1236", "850101+1236", "８５０１０１-１２３６", "٨٥٠١٠١-١٢٣٦", "850161-1239", "850101\u00ad-1236",
        "850101-1234", "198501011234", "1985-01-01-1234", "850101 1234", "19 850101 - 1234",
    ],
)  # fmt: skip
def test_a_personal_number_is_found_whole_even_if_it_is_mistyped(written: str) -> None:
    assert texts(f"Han har nr {written}, säger grannen.") == [written]
    assert kinds(written) == [Finding.PERSONAL_NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        "Det hände 2026-11-03 22:15.", "Mätt 2026-11-03 2215.", "Larm 261103-2215.", "SWEREF 99: 6552345, 512345", "Dnr 2024/123",
        "KS 2018-00412", "5000-K123456-26", "Order 4711004711", "Org.nr 556012-5790", "8501011234", "991332-1234",
        "Perioden 2024-01-01–2024-06-30",
        "20261103221530", "12345678901234", "bankgiro 123-4567",
    ],
)  # fmt: skip
def test_other_numbers_are_no_personal_number(text: str) -> None:
    assert kinds(text) == []


def test_ten_figures_with_a_wrong_check_digit_are_one_where_the_text_says_so() -> None:
    assert kinds("personnummer 8501011234") == [Finding.PERSONAL_NUMBER]


# Telephone numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "070-123 45 67", "0701234567", "+46 70 123 45 67", "+46701234567", "0046701234567", "+46 (0)70 123 45 67", "(070) 123 45 67",
        "070.123.45.67", "070/123 45 67", "0582-61 11 11", "0582 611111", "08-123 456 78", "019-12 34 56", "+47 912 34 567",
    ],
)  # fmt: skip
def test_a_telephone_number_is_found_whole(written: str) -> None:
    assert texts(f"Hen nås via {written} efter 17.") == [written]
    assert kinds(written) == [Finding.PHONE]


def test_a_local_number_needs_a_word_for_a_telephone() -> None:
    assert texts("tel 61 11 11") == ["61 11 11"]
    assert kinds("det kostade 61 11 11") == []


@pytest.mark.parametrize(
    "text",
    [
        "Ring 112.", "ring 114 14", "Ring 1177 eller 116 111", "Öppet 08.00-16.30", "0830-1630", "Den 08-12-2024", "Det kostade 12 500 kr",
        "2026 08 12 22 15", "Storgatan 112", "020-50 50 50", "klockan 07.15", "åren 2019-2024", "59.0662, 15.1098",
    ],
)  # fmt: skip
def test_public_numbers_prices_and_times_are_no_telephone_number(text: str) -> None:
    assert kinds(text) == []


# E-mail -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "anna.karlsson@hallsberg.se", "a+b@example.com", "anna snabel-a kommun punkt se", "anna punkt karlsson snabela kommun punkt se",
        "anna (at) kommun.se", "anna[at]kommun[dot]se", "anna @ kommun.se", "anna＠kommun.se", "kalle99@gmail",
    ],
)  # fmt: skip
def test_an_e_mail_address_is_found_whole(written: str) -> None:
    assert texts(f"skriv: {written}, så svarar jag") == [written]
    assert kinds(written) == [Finding.EMAIL]


def test_a_price_each_is_no_e_mail_address() -> None:
    assert kinds("3 lås @ 250 kr") == []


# Registration numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["ABC123", "ABC 123", "ABC-123", "ABC12D", "ABC 12D", "abc123", "ＡＢＣ１２３"]
)
def test_a_registration_number_is_found_by_its_form(written: str) -> None:
    assert texts(f"De for i väg, {written}, mot skolan") == [written]
    assert kinds(written) == [Finding.REGISTRATION]


def test_small_letters_with_a_gap_need_a_car() -> None:
    assert texts("en röd volvo abc 123") == ["abc 123"]
    assert kinds("se bilaga abc 123") == []


@pytest.mark.parametrize(
    "words",
    ["rum 123", "väg 456", "buss 701", "riksväg 50", "E20", "kl 123", "max 200", "sal 101", "typ 200", "hus 12b", "SEK 500", "AIK 123"],
)  # fmt: skip
def test_words_with_numbers_are_no_registration_number(words: str) -> None:
    for written in (words, words.upper(), words.capitalize()):
        assert Finding.REGISTRATION not in kinds(f"Det var {written} som gällde"), written


def test_a_swedish_word_is_a_plate_right_after_a_word_for_one() -> None:
    assert texts("regnr MAX 200") == ["MAX 200"]
    assert kinds("bilen körde max 200") == []


# Flats ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bor i lgh 1102", "lgh 1102"), ("i lägenhet 1203 på", "lägenhet 1203"), ("LGH1102", "LGH1102"), ("lght 1102", "lght 1102"),
        ("lgh nr 12", "lgh nr 12"), ("lägenhetsnummer: 1102", "lägenhetsnummer: 1102"), ("Storgatan 12, 3 tr", "3 tr"),
        ("Storgatan 12 B 3 tr", "3 tr"), ("Södra vägen 4, två trappor upp", "två trappor upp"), ("ingång B lgh 3", "ingång B lgh 3"),
        ("Storgatan 12 nb", "nb"),
    ],
)  # fmt: skip
def test_a_flat_is_found(text: str, found: str) -> None:
    assert texts(text) == [found]
    assert kinds(text) == [Finding.FLAT]


@pytest.mark.parametrize(
    "text",
    ["Storgatan 12", "Storgatan 12 B, ingång C", "en lägenhet på 3 rum", "Brand i lägenhet 2024-05-01", "I en lägenhet 3 personer",
     "lägenheterna på Storgatan 12"],
)  # fmt: skip
def test_a_street_address_alone_is_no_person(text: str) -> None:
    assert kinds(text) == []


# Names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jag såg Anna vid stationen", "Anna"), ("Anna Karlsson sa nej", "Anna Karlsson"), ("det är Mohamed Hassan", "Mohamed Hassan"),
        ("Hos Karl-Johan Bergström", "Karl-Johan Bergström"), ("Annas bil", "Annas"), ("Enligt A. Karlsson", "A. Karlsson"),
        ("rektor Qvarnberg sa", "Qvarnberg"), ("läraren Sven von Essen", "Sven von Essen"), ("en kille som heter Zorbas", "Zorbas"),
        ("han som kallas Räven", "Räven"), ("anna karlsson slog honom", "anna karlsson"), ("Vi såg Per Berg", "Per Berg"),
        ("det var Ha\u030akan", "Ha\u030akan"), ("följ @kalle_99", "@kalle_99"), ("Johansson bråkar", "Johansson"),
        ("jag såg Xhemaljo där", "Xhemaljo"),
    ],
)  # fmt: skip
def test_a_name_is_found_and_is_uncertain(text: str, name: str) -> None:
    assert names_in(text) == [name]
    assert not any(found.certain for found in screen(text))


@pytest.mark.parametrize(
    "text",
    [
        "Ungdomar samlas på Storgatan.", "Polisen kom i måndags.", "Bråk vid Ica och Coop i december.", "Klotter på Gustav Adolfs torg",
        "Vid Karl Johansgatan", "Skadegörelse på Engelbrektsskolan", "Per kväll kommer tio. Max tjugo. Vi ser dem. Hans bil stod kvar.",
        "Björn i skogen", "Platsen heter Storgatan", "Kommunen och Socialtjänsten", "En så kallad EPA", "Sankt Olofs kapell",
        "Polis kallas till platsen",
    ],
)  # fmt: skip
def test_what_is_no_person_is_left(text: str) -> None:
    assert kinds(text) == []


def test_what_is_allowed_is_no_person_in_any_case_and_genitive() -> None:
    assert names_in("De möts i parken vid Stina") == ["Stina"]
    assert names_in("De möts vid Stina", "STINA") == []
    assert names_in("Vid Stinas kiosk", "stina") == []


@pytest.mark.parametrize(
    "text",
    [
        "Jag såg Anna Karlsson där",
        "anna karlsson slog",
        "Enligt A. Karlsson",
        "han som kallas Räven",
        "följ @kalle_99",
        "Vi såg Annas bil",
    ],
)
def test_what_the_reporter_says_is_no_person_is_not_found_again(text: str) -> None:
    (name,) = names_in(text)
    assert names_in(text, name) == []


# What is given back -----------------------------------------------------------------------------------------------


def test_what_is_found_is_masked_and_the_rest_stands() -> None:
    text = "Anna Karlsson, 850101-1236, 070-123 45 67, anna@ort.se, ABC123, Storgatan 12 lgh 1102."
    assert (
        masked(text, screen(text))
        == "[namn], [personnummer], [telefon], [e-post], [regnummer], Storgatan 12 [lägenhet]."
    )
    assert masked("Klotter.", ()) == "Klotter."


@given(
    st.text(
        alphabet=st.sampled_from(
            string.ascii_letters + string.digits + " -+.@()\n" + "åÅ\u00a0\u200b１a\u030a/:"
        ),
        max_size=80,
    )
)
def test_findings_are_parts_of_the_text_in_order_and_without_overlaps(text: str) -> None:
    found = screen(text)
    assert all(one.text == text[one.start : one.end] != "" for one in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_masked_text_has_nothing_left_to_find() -> None:
    for one in planted.planted(Finding.PHONE, planted.PHONES, 200, 4):
        left = screen(masked(one.text, screen(one.text)))
        assert not any(found.certain for found in left), one.text


def test_it_is_told_in_one_sentence_with_names_but_no_numbers() -> None:
    assert told(()) == ""
    text = "Anna Karlsson, 850101-1236, 070-123 45 67 eller 070-123 45 68"
    assert told(screen(text)) == (
        "Texten innehåller ett personnummer, två telefonnummer och kanske ett namn (”Anna Karlsson”): ta bort det som "
        "pekar ut en person, men ett namn som inte är en person får stå om du svarar det."
    )
    assert told(screen("lgh 1102")) == (
        "Texten innehåller ett lägenhetsnummer: ta bort det, eftersom det pekar ut en person, och beskriv platsen i stället."
    )
    assert told(screen("Vi såg Anna")) == (
        "Texten innehåller kanske ett namn (”Anna”): ta bort det, eller svara att det inte är någon person."
    )
    assert told(screen("Vi såg Anna, Erik, Sara, Omar")) == (
        "Texten innehåller kanske namn (”Anna”, ”Erik”, ”Sara” och fler): ta bort dem, eller svara att de inte är personer."
    )


def test_every_kind_has_a_title_and_only_names_are_uncertain() -> None:
    assert set(TITLES) == set(Finding)
    for kind in Finding:
        assert Found(kind=kind, start=0, end=1, text="x").certain is (kind is not Finding.NAME)


@pytest.mark.parametrize(
    "piece",
    ["1", "0 ", "07-", "a@", "a.", "A ", "A. ", "Xyz ", "Anna ", "ABC 12 ", "lgh ", "19850101-1234 ", "snabel-a ", "\u00ad1", "Aa 1 "],
)  # fmt: skip
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """A pattern that went back over the text would not come to its end within anybody's patience."""
    text = (piece * 100_000)[:100_000]
    found = screen(text)
    assert len(masked(text, found)) > 0
    assert all(a.end <= b.start for a, b in pairwise(found))
