"""One place checks whatever people write into the local file: minutes, actions, promises, documents, decisions, places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lagesbild import ExplainedError
from lagesbild.signals import actions, documents, guards, intake, meetings, places, promises
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.guards import Guards, Shift
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.store import Decided, SignalStore
from lagesbild.signals.writing import WritingError, checked, cleaned
from tests.signals.test_actions import action
from tests.signals.test_promises import promise

TODAY = date(2026, 11, 24)


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "local.sqlite")


def shift(place: str) -> Shift:
    return Shift(place=place, weekdays=(4,), from_hour=20, to_hour=2, from_day=TODAY)


#: Every place where somebody writes, with a text put into it.
WRITTEN: dict[str, Callable[[SignalStore, str], object]] = {
    "a meeting's notes": lambda store, text: meetings.add(
        store, "1861", Meeting(day=TODAY, notes=text), COMMAND_LINE
    ),
    "a meeting's decision": lambda store, text: meetings.add(
        store,
        "1861",
        Meeting(day=TODAY, decisions=(Taken(text=text, owner="rektorn", due=None),)),
        COMMAND_LINE,
    ),
    "an action": lambda store, text: actions.add(
        store, "1861", action(purpose=text), COMMAND_LINE, date(2025, 1, 1)
    ),
    "a promise": lambda store, text: promises.add(store, "1861", promise(text=text), COMMAND_LINE),
    "an activity": lambda store, text: promises.add(
        store,
        "1861",
        promise(activities=(replace(promise().activities[0], note=text),)),
        COMMAND_LINE,
    ),
    "a public document": lambda store, text: documents.keep(
        store, "1861", Written(name=Name.PLAN, sections={"samverkan": text}), COMMAND_LINE
    ),
    "why a flag is dismissed": lambda store, text: store.decide("1861", "f", Decided.DISMISS, text, {}),
    "who sees to a flag": lambda store, text: store.decide("1861", "f", Decided.ACT, "x", {}, owner=text),
    "where guards are": lambda store, text: guards.keep(
        store, "1861", Guards(shifts=(shift(text),)), COMMAND_LINE
    ),
    "a kind": lambda store, text: places.set_kinds(store, "1861", ["Klotter", text], places.DEFAULT_KINDS),
    "a place": lambda store, text: places.add(store, "1861", text, 0.0, 0.0, (), COMMAND_LINE),
    "a sender": lambda _, text: intake.sender_of(text),
}
#: What by its form alone points out a person, and what it is called.
PERSONS = {
    "Fråga 19850101-1234": "ett personnummer",
    "Växeln 0582-68 50 00": "ett telefonnummer",
    "Skriv till nils@example.se": "en e-postadress",
    "Bilen ABC 123": "ett registreringsnummer",
    "Bor i lgh 1203": "ett lägenhetsnummer",
}


@pytest.mark.parametrize("where", WRITTEN)
@pytest.mark.parametrize("text", PERSONS)
def test_what_points_out_a_person_is_refused_everywhere_with_what_to_do(
    store: SignalStore, where: str, text: str
) -> None:
    with pytest.raises(ExplainedError, match=f"innehåller {PERSONS[text]}: ta bort det, .* i stället"):
        WRITTEN[where](store, text)
    assert not store.exists or not (store.records("1861", "meeting") or store.decisions("1861"))


@pytest.mark.parametrize("where", WRITTEN)
def test_an_ordinary_text_is_kept_and_so_is_a_name_since_it_is_a_guess(
    store: SignalStore, where: str
) -> None:
    WRITTEN[where](store, "Anna Karlsson har nattpass")


def test_laws_case_numbers_dates_and_roads_point_out_nobody() -> None:
    text = "Enligt lagen (2023:196), dnr KS 2026/123, § 45 KF 2026-06-15, väg E20 och rv 50. Ring 112 eller 114 14."
    assert checked(text, "Texten", 300) == text


def test_control_characters_are_taken_out_and_lines_stay() -> None:
    assert cleaned(" Ett\x00\x1b\r\ntvå\u202e\x85 ") == "Ett\ntvå"
    assert cleaned("Ett\n  två\tord", one_line=True) == "Ett två ord"
    with pytest.raises(WritingError, match="Beslutet innehåller ett personnummer"):
        checked("1985\x000101-1234", "Beslutet", 300)


def test_a_text_that_is_missing_or_too_long_is_said_to_be() -> None:
    with pytest.raises(WritingError, match=r"Beslutet saknas\."):
        checked(" \x07 ", "Beslutet", 300, needed=True)
    with pytest.raises(WritingError, match="Beslutet får vara högst 3 tecken, och är 4"):
        checked("fyra", "Beslutet", 3)
