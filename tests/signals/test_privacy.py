"""All that is known about a person is found, given out and erased, in earlier versions too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from lagesbild.signals import access, privacy
from lagesbild.signals.access import Role
from lagesbild.signals.database import Actor
from lagesbild.signals.store import Decided, Signal, SignalError, SignalStore

ANNA = Actor(person_id="a", name="anna ek")


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    """A local file where Kalle Prov stands in a text, a reason, a record and its earlier version."""
    store = SignalStore(tmp_path / "local.sqlite")
    signal = Signal(
        id="s", day=date(2026, 11, 1), kind="bråk", locality="Provort", text="kalle  PROV var där"
    )
    store.report("1861", [signal], ANNA)
    store.decide("1861", "f", Decided.ACT, "Prata med Kalle Prov", {}, actor=ANNA)
    record = store.create("1861", "action", {"title": "Samtal med Kalle Prov"}, ANNA)
    store.change(record, 1, {"title": "Samtal"}, ANNA)
    return store


def test_everything_is_found_and_given_out(store: SignalStore) -> None:
    found = privacy.find(store, "Kalle Prov")
    assert sorted((trace.table, trace.column) for trace in found) == [
        ("decision", "reason"),
        ("record_version", "data"),
        ("signal", "text"),
    ]
    told = json.loads(privacy.exported(found))
    assert {one["vad"] for one in told} == {"beslut om flagga", "tidigare version", "signal"}


@pytest.mark.parametrize("sought", ["Kalle Provsson", "alle Prov", "Kalle Pro"])
def test_another_name_that_holds_it_is_not_the_person(store: SignalStore, sought: str) -> None:
    assert privacy.find(store, sought) == []


def test_what_is_erased_is_gone_from_the_file_itself(store: SignalStore) -> None:
    assert privacy.erase(store, "Kalle Prov", ANNA) == 3
    assert privacy.find(store, "Kalle Prov") == []
    assert store.signals("1861", date(2026, 11, 1))[0].text == "[borttaget] var där"
    assert store.versions(store.records("1861", "action")[0].id)[1].data["title"] == "Samtal med [borttaget]"
    with closing(sqlite3.connect(store.file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"alle" not in store.file.read_bytes().lower().replace(b"alltid", b"")
    assert "Kalle" not in str(store.logged())
    assert store.logged()[0].did == "raderade uppgifter om"


def test_somebody_who_logs_in_is_erased_too(store: SignalStore) -> None:
    person = access.add(store, "Anna Ek", [Role.COORDINATOR], ANNA)
    session = access.begin_session(store, person)
    privacy.erase(store, "anna ek", ANNA)
    assert access.by_session(store, session) is None
    assert access.people(store) == []
    # The one line that tells of the erasing is by whoever did it.
    assert [trace.table for trace in privacy.find(store, "anna ek")] == ["audit"]


@pytest.mark.parametrize("sought", ["", " a ", "a b"])
def test_too_short_a_word_would_be_everybody(store: SignalStore, sought: str) -> None:
    with pytest.raises(SignalError, match="minst 3"):
        privacy.find(store, sought)
