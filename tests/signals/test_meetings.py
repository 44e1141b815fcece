"""Meetings and the decisions that stay open, the texts of the law's documents, and what is to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lagesbild.signals import actions, documents, meetings, pending, promises
from lagesbild.signals.database import Actor, ChangedMeanwhileError
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.pending import Kind
from lagesbild.signals.store import Decided, SignalStore
from lagesbild.signals.writing import WritingError
from tests.signals.test_actions import action
from tests.signals.test_promises import promise

ANNA = Actor(person_id="1", name="anna")
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "local.sqlite")


def meeting(**fields: object) -> Meeting:
    told = {
        "day": TUESDAY,
        "present": ("samordnaren", "kommunpolisen"),
        "decisions": (Taken(text="Klipp buskarna", owner="gatuchefen", due=date(2026, 12, 1)),),
    }
    return Meeting(**(told | fields))  # type: ignore[arg-type]


def test_a_meeting_is_kept_as_it_was_written(store: SignalStore) -> None:
    kept = meetings.add(store, "1861", meeting(notes=" Lugnt. "), ANNA)
    (found,) = meetings.meetings(store, "1861")
    assert found == kept
    assert (found.notes, found.version, found.changed_by) == ("Lugnt.", 1, "anna")
    assert meetings.of_week([found], date(2026, 11, 23)) == found
    assert meetings.of_week([found], date(2026, 11, 30)) is None
    assert meetings.meetings(store, "1880") == []


def test_who_changes_what_has_been_changed_overwrites_nothing(store: SignalStore) -> None:
    kept = meetings.add(store, "1861", meeting(), ANNA)
    meetings.change(store, replace(kept, notes="Först"), ANNA)
    with pytest.raises(ChangedMeanwhileError):
        meetings.change(store, replace(kept, notes="Sedan"), ANNA)
    assert meetings.meetings(store, "1861")[0].notes == "Först"


def test_a_meeting_that_is_taken_away_can_be_brought_back(store: SignalStore) -> None:
    kept = meetings.add(store, "1861", meeting(), ANNA)
    meetings.remove(store, kept, ANNA)
    assert meetings.meetings(store, "1861") == []
    (gone,) = meetings.removed(store, "1861")
    meetings.restore(store, gone.id, ANNA)
    (back,) = meetings.meetings(store, "1861")
    meetings.change(store, back, ANNA)  # its version is the one to write with


def test_decisions_of_all_meetings_are_open_until_they_are_done(store: SignalStore) -> None:
    meetings.add(store, "1861", meeting(), ANNA)
    later = meeting(
        day=date(2026, 12, 1),
        decisions=(
            Taken(text="Rond", owner="fritidschefen", due=None),
            Taken(text="Lampor", owner="gatuchefen", due=date(2026, 12, 2), done=date(2026, 12, 1)),
            Taken(text="Samtal", owner="rektorn", due=date(2026, 12, 3)),
        ),
    )
    meetings.add(store, "1861", later, ANNA)
    found = meetings.open_decisions(meetings.meetings(store, "1861"))
    assert [(one.meeting.day, one.decision.text) for one in found] == [
        (24, "Klipp buskarna"),
        (1, "Samtal"),
        (1, "Rond"),
    ]
    assert [one.decision.overdue(date(2026, 12, 2)) for one in found] == [True, False, False]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"decisions": (Taken(text=" ", owner="x", due=None),)}, "Beslutet saknas"),
        ({"decisions": (Taken(text="Rond", owner="", due=None),)}, "Ansvarig för beslutet ”Rond” saknas"),
        ({"decisions": (Taken(text="Rond", owner="x", due=date(2026, 11, 1)),)}, "ska vara klart före mötet"),
        (
            {"decisions": (Taken(text="Rond", owner="x", due=None, done=date(2026, 11, 1)),)},
            "kan inte vara klart",
        ),
        ({"decisions": (Taken(text="Tala med 19900101-1234", owner="x", due=None),)}, "personnummer"),
        ({"notes": "Skriv till nils@example.se"}, "e-postadress"),
        ({"notes": "x" * 4001}, "högst 4000 tecken, och är 4001"),
        ({"present": ("x" * 61,)}, "Deltagarens funktion får vara högst 60"),
        ({"agenda": ("x",) * 41}, "högst 40"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_change(
    store: SignalStore, wrong: dict[str, object], why: str
) -> None:
    with pytest.raises(WritingError, match=why):
        meetings.add(store, "1861", meeting(**wrong), ANNA)
    assert meetings.meetings(store, "1861") == []


# --- what is to be done ---


def test_all_that_is_to_be_done_stands_in_one_list(store: SignalStore) -> None:
    meetings.add(store, "1861", meeting(), ANNA)
    flag = {"text": "Provby: 9 signaler vecka 47 2026, 3,1 väntade"}
    store.decide("1861", "f1", Decided.FOLLOW, "Växer", flag, owner="samordnaren")
    store.decide("1861", "f2", Decided.DISMISS, "Kampanj", flag)
    lit = action(title="Belysning", starts=date(2026, 10, 1), ends=date(2026, 12, 2))
    actions.add(store, "1861", lit, ANNA, date(2026, 9, 1))
    actions.add(store, "1861", action(title="Slut", ends=date(2026, 11, 23)), ANNA, date(2026, 9, 1))
    actions.add(store, "1861", action(title="Inställd", cancelled=True), ANNA, date(2026, 9, 1))
    promises.add(store, "1861", promise(text="Trygghetsvandring", last=date(2027, 1, 10)), ANNA)
    promises.add(store, "1861", promise(text="Förra årets"), ANNA)
    found = pending.pending(store, "1861", TUESDAY)
    assert [(one.kind, one.text, one.owner) for one in found] == [
        (Kind.MEETING, "Klipp buskarna", "gatuchefen"),
        (Kind.ACTION, "Belysning", "Trygghetssamordnare"),
        (Kind.PROMISE, "Trygghetsvandring", "kommunen och polisen"),
        (Kind.FLAG, flag["text"], "samordnaren"),
    ]
    assert pending.overdue(found, TUESDAY) == []
    assert [one.text for one in pending.overdue(found, date(2026, 12, 2))] == ["Klipp buskarna"]


# --- the law's documents ---


def test_what_is_written_is_kept_with_its_versions(store: SignalStore) -> None:
    assert documents.written(store, "1861", Name.PLAN) == Written(name=Name.PLAN)
    first = documents.keep(
        store, "1861", Written(name=Name.PLAN, sections={"samverkan": " Med polisen. "}), ANNA
    )
    second = documents.keep(store, "1861", replace(first, sections={"samverkan": "Med skolan."}), ANNA)
    assert documents.written(store, "1861", Name.PLAN) == second
    assert [one.text("samverkan") for one in documents.versions(store, second)] == [
        "Med skolan.",
        "Med polisen.",
    ]
    assert second.missing == ["Utgångspunkter", "Uppföljning"]
    assert documents.written(store, "1861", Name.SITUATION).id == ""
    with pytest.raises(ChangedMeanwhileError):
        documents.keep(store, "1861", replace(first, sections={"samverkan": "Ingen."}), ANNA)


def test_two_who_begin_at_once_do_not_overwrite_each_other(store: SignalStore) -> None:
    documents.keep(store, "1861", Written(name=Name.SITUATION, sections={"analys": "Ett"}), ANNA)
    with pytest.raises(ChangedMeanwhileError):
        documents.keep(store, "1861", Written(name=Name.SITUATION, sections={"analys": "Två"}), ANNA)
    assert documents.written(store, "1861", Name.SITUATION).text("analys") == "Ett"


def test_a_decided_document_says_by_whom(store: SignalStore) -> None:
    with pytest.raises(WritingError, match="vem som beslutat"):
        documents.keep(store, "1861", Written(name=Name.PLAN, decided=TUESDAY), ANNA)


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 8, 28), []),
        (date(2026, 8, 29), ["ska följas upp senast 29 november 2026"]),
        (date(2026, 11, 29), ["ska följas upp senast 29 november 2026"]),
        (date(2026, 11, 30), ["skulle ha följts upp och vid behov reviderats senast 29 november 2026"]),
    ],
)
def test_a_reminder_comes_three_months_before_two_years_have_passed(
    store: SignalStore, today: date, told: list[str]
) -> None:
    decided = Written(name=Name.SITUATION, decided=date(2024, 11, 29), decided_by="kommunfullmäktige")
    documents.keep(store, "1861", decided, ANNA)
    found = documents.due(store, "1861", today)
    assert len(found) == len(told)
    assert all(part in text for part, text in zip(told, found, strict=True))


def test_a_leap_day_has_a_day_two_years_later(store: SignalStore) -> None:
    decided = Written(name=Name.PLAN, decided=date(2024, 2, 29), decided_by="kommunfullmäktige")
    documents.keep(store, "1861", decided, ANNA)
    assert "28 februari 2026" in documents.due(store, "1861", date(2026, 1, 1))[0]


def test_nothing_is_said_of_what_nobody_has_begun(store: SignalStore) -> None:
    assert documents.due(store, "1861", TUESDAY) == []
    documents.keep(store, "1861", Written(name=Name.PLAN, sections={"samverkan": "x"}), ANNA)
    assert documents.due(store, "1861", TUESDAY) == ["Åtgärdsplanen är inte beslutad."]
