"""The local file: nothing confirmed is lost, nobody is overwritten unseen, and it can be put back."""

from __future__ import annotations

import random
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from lagesbild.hotspots import alarms
from lagesbild.signals import database, migrations
from lagesbild.signals.database import COMMAND_LINE, Actor, ChangedMeanwhileError, LocalDataError
from lagesbild.signals.store import (
    DELETED_DAYS,
    KEPT_DAYS,
    TEXT_DAYS,
    Decided,
    Severity,
    Signal,
    SignalStore,
    new_id,
)
from tests.kills import killed_often

TODAY = date(2026, 11, 23)
ANNA, BO = Actor(person_id="a", name="anna"), Actor(person_id="b", name="bo")
#: The local file as the program made it before files had a version.
OLD = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE signal (code TEXT NOT NULL, id TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL,
    locality TEXT NOT NULL, x REAL, y REAL, PRIMARY KEY (code, id));
CREATE TABLE decision (decision_id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, flag_id TEXT NOT NULL,
    decided_at TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL, flag TEXT NOT NULL);
CREATE TABLE failed_login (at TEXT NOT NULL);
INSERT INTO setting VALUES ('password', '00:11'), ('alarm_budget:1861', '6.0');
INSERT INTO signal VALUES ('1861', 'abc', '2026-11-01', 'klotter', 'Provort', NULL, NULL);
INSERT INTO decision VALUES (1, '1861', 'f', '2026-11-02T10:00:00+00:00', 'follow', 'Skäl', '{}');
"""


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "home" / "local.sqlite")


def one(**changed: object) -> Signal:
    values: dict[str, object] = {"id": new_id(), "day": TODAY, "kind": "klotter", "locality": "Provort"}
    return Signal(**{**values, **changed})  # type: ignore[arg-type]


def test_a_file_of_an_older_version_keeps_all_that_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "local.sqlite"
    with closing(sqlite3.connect(file)) as old:
        old.executescript(OLD)
    store = SignalStore(file)
    (kept,) = store.signals("1861", TODAY)
    assert (kept.id, kept.kind, kept.outside_key, kept.version) == ("abc", "klotter", "abc", 1)
    (decided,) = store.decisions("1861")["f"]
    assert (decided.reason, decided.owner, decided.follow_up) == ("Skäl", "", None)
    assert alarms.budget_of(store, "1861") == 6
    with store.opened(reading=True) as opened:
        (person,) = opened.execute("SELECT name, roles, password FROM person").fetchall()
        assert opened.execute("PRAGMA user_version").fetchone()[0] == len(migrations.STEPS)
    assert tuple(person) == ("samordnare", "administrator coordinator", "00:11")


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "local.sqlite"
    with closing(sqlite3.connect(file)) as old:
        old.executescript(OLD)

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE setting")
        connection.execute("SELECT * FROM there_is_no_such_table")

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
        with pytest.raises(LocalDataError):
            SignalStore(file).signals("1861", TODAY)
    assert alarms.budget_of(SignalStore(file), "1861") == 6


def test_a_file_of_a_newer_version_is_told_and_left(store: SignalStore) -> None:
    store.set("a", "b")
    with closing(sqlite3.connect(store.file)) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(LocalDataError, match="nyare version"):
        store.set("a", "c")


def test_twelve_bring_a_new_file_up_to_date_at_once(store: SignalStore) -> None:
    threads = [threading.Thread(target=store.set, args=(f"n{n}", "x")) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.setting(f"n{n}") == "x" for n in range(12))


# --- what several people change ---


def test_who_changes_what_was_changed_meanwhile_is_told_and_overwrites_nothing(store: SignalStore) -> None:
    record_id = store.create("1861", "action", {"title": "Ljus"}, ANNA)
    store.change(record_id, 1, {"title": "Mer ljus"}, BO)
    with pytest.raises(ChangedMeanwhileError, match="bo"):
        store.change(record_id, 1, {"title": "Mindre ljus"}, ANNA)
    (kept,) = store.records("1861", "action")
    assert (kept.data, kept.version, kept.changed_by) == ({"title": "Mer ljus"}, 2, "bo")
    assert [version.data["title"] for version in store.versions(record_id)] == ["Mer ljus", "Ljus"]


def test_what_is_deleted_comes_back(store: SignalStore) -> None:
    record_id = store.create("1861", "action", {"title": "Ljus"}, ANNA)
    store.delete(record_id, 1, ANNA)
    assert store.records("1861", "action") == []
    assert [gone.id for gone in store.records("1861", "action", deleted=True)] == [record_id]
    with pytest.raises(ChangedMeanwhileError):
        store.change(record_id, 2, {"title": "Annat"}, BO)
    store.restore_record(record_id, ANNA)
    assert store.records("1861", "action")[0].data == {"title": "Ljus"}


def test_a_hundred_interleavings_of_two_coordinators_lose_nothing(store: SignalStore) -> None:
    """Budget, decision and edit in any order by two who do not see each other's screen."""
    store.report("1861", [one(id="s")], ANNA)
    alarms.set_budget(store, "1861", 2.0)
    rng, decided, told = random.Random(1), 0, 0
    seen = {who: (2.0, store.signal("s")) for who in (ANNA, BO)}
    last = {"budget": 2.0, "text": ""}
    for turn in range(100):
        who, what = rng.choice((ANNA, BO)), rng.choice(("budget", "decision", "edit", "look"))
        budget, known = seen[who]
        assert known
        if what == "look":
            seen[who] = (alarms.budget_of(store, "1861"), store.signal("s"))
        elif what == "decision":
            store.decide("1861", "f", Decided.FOLLOW, f"skäl {turn}", {}, actor=who)
            decided += 1
        elif what == "budget":
            chosen = rng.choice(alarms.BUDGETS)
            try:
                alarms.set_budget(store, "1861", chosen, before=budget)
            except ChangedMeanwhileError:
                told += 1
                assert budget != last["budget"]  # told only when there was something to tell
            else:
                last["budget"] = chosen
            seen[who] = (alarms.budget_of(store, "1861"), known)
        else:
            text = f"turn {turn}"
            try:
                store.change_signal(one(**{**vars(known), "text": text}), who)
            except ChangedMeanwhileError:
                told += 1
            else:
                last["text"] = text
            seen[who] = (seen[who][0], store.signal("s"))
        now = store.signal("s")
        assert now
        assert now.text == last["text"]
        assert alarms.budget_of(store, "1861") == last["budget"]
        assert len(store.decisions("1861").get("f", [])) == decided
    assert told > 5


# --- signals ---


def test_what_is_reported_twice_is_kept_once(store: SignalStore) -> None:
    assert store.report("1861", [one(outside_key="p:1"), one(outside_key="p:2")], ANNA) == 2
    assert store.report("1861", [one(outside_key="p:1"), one(outside_key="p:3")], ANNA) == 1
    assert len(store.signals("1861", TODAY)) == 3


def test_a_whole_import_is_undone_but_not_what_a_person_changed_since(store: SignalStore) -> None:
    first = store.take_in("1861", "bolaget", [one(outside_key=key, kind="buller") for key in "abc"], ANNA)
    second = store.take_in(
        "1861",
        "bolaget",
        [one(outside_key="a", kind="klotter"), one(outside_key="b", kind="buller"), one(outside_key="d")],
        ANNA,
    )
    assert (first.added, first.changed, second.added, second.changed) == (3, 0, 1, 1)
    assert store.undo(second.id, ANNA) == 2
    assert sorted((s.outside_key, s.kind) for s in store.signals("1861", TODAY)) == [
        ("a", "buller"),
        ("b", "buller"),
        ("c", "buller"),
    ]
    changed = next(s for s in store.signals("1861", TODAY) if s.outside_key == "c")
    store.change_signal(one(**{**vars(changed), "outcome": "Lampan lagades"}), BO)
    store.undo(first.id, ANNA)
    # What was changed by hand stays; "a" was touched by the second import and its undoing.
    assert {s.outside_key for s in store.signals("1861", TODAY)} >= {"c"}
    newest, oldest = store.batches("1861")
    assert newest.undone_at and oldest.undone_at


def test_an_undone_import_can_be_taken_back(store: SignalStore) -> None:
    def said() -> list[tuple[str | None, str]]:
        return sorted((s.outside_key, s.kind) for s in store.signals("1861", TODAY))

    store.take_in("1861", "bolaget", [one(outside_key=key, kind="buller") for key in "abc"], ANNA)
    second = store.take_in(
        "1861",
        "bolaget",
        [one(outside_key="a", kind="klotter"), one(outside_key="b", kind="klotter"), one(outside_key="d")],
        ANNA,
    )
    after = said()
    for _ in range(3):  # there and back, as often as one likes
        assert store.undo(second.id, ANNA) == 3
        assert said() == [("a", "buller"), ("b", "buller"), ("c", "buller")]
        assert store.deleted_signals("1861") == []  # they come back with their import, not one by one
        assert store.take_back(second.id, ANNA) == 3
        assert said() == after
        assert store.batches("1861")[0].undone_at is None
    store.undo(second.id, ANNA)
    changed = next(s for s in store.signals("1861", TODAY) if s.outside_key == "a")
    store.change_signal(one(**{**vars(changed), "kind": "skadegörelse"}), BO)
    assert store.take_back(second.id, ANNA) == 2  # not what a person changed meanwhile
    assert dict(said())["a"] == "skadegörelse"


def test_a_file_whose_import_was_undone_can_be_taken_in_anew(store: SignalStore) -> None:
    first = store.take_in("1861", "bolaget", [one(outside_key="a"), one(outside_key="b")], ANNA)
    store.undo(first.id, ANNA)
    again = store.take_in("1861", "bolaget", [one(outside_key="a", kind="klotter")], ANNA)
    assert (again.added, again.changed) == (1, 0)
    assert store.take_back(first.id, ANNA) == 1  # "b": "a" belongs to the later import
    assert sorted((s.outside_key, s.batch_id) for s in store.signals("1861", TODAY)) == [
        ("a", again.id),
        ("b", first.id),
    ]


def test_what_an_undone_import_held_is_gone_for_good_after_a_month(store: SignalStore) -> None:
    batch = store.take_in("1861", "bolaget", [one(outside_key="a", text="Trasig lampa")], ANNA)
    store.undo(batch.id, ANNA)
    store.expire(date.today() + timedelta(days=DELETED_DAYS + 1))  # noqa: DTZ011 - the day it was undone
    assert store.take_back(batch.id, ANNA) == 0
    assert store.signals("1861", TODAY) == []
    assert b"Trasig lampa" not in store.file.read_bytes()


def test_deleted_signals_come_back_until_they_are_purged(store: SignalStore) -> None:
    store.report("1861", [one(id="s", text="Trasig lampa")], ANNA)
    assert store.delete_signals(["s"], ANNA) == 1
    assert store.signals("1861", TODAY) == []
    assert [gone.id for gone in store.deleted_signals("1861")] == ["s"]
    store.restore_signals(["s"], ANNA)
    assert len(store.signals("1861", TODAY)) == 1
    store.delete_signals(["s"], ANNA)
    store.expire(date.today() + timedelta(days=DELETED_DAYS + 1))  # noqa: DTZ011 - the day it was deleted
    assert store.deleted_signals("1861") == []


def test_text_goes_first_and_the_fields_later(store: SignalStore) -> None:
    day = TODAY - timedelta(days=TEXT_DAYS + 1)
    store.report("1861", [one(day=day, text="Trasig lampa", hour=23, severity=Severity.MILD)], ANNA)
    (kept,) = store.signals("1861", TODAY)
    assert (kept.text, kept.hour, kept.severity) == ("", 23, Severity.MILD)
    with closing(sqlite3.connect(store.file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Trasig" not in store.file.read_bytes()
    assert store.signals("1861", day + timedelta(days=KEPT_DAYS + 1)) == []


# --- nothing confirmed is lost ---


@pytest.mark.slow
def test_fifty_kills_in_the_middle_lose_nothing_that_was_confirmed(store: SignalStore) -> None:
    store.set("a", "b")

    def work(confirm: Callable[[str], None], turn: int) -> None:
        """Report by five threads."""
        lock = threading.Lock()

        def report(n: int) -> None:
            for count in range(1000):
                key = f"{turn}-{n}-{count}"
                SignalStore(store.file).report("1861", [one(outside_key=key)], ANNA)
                with lock:
                    confirm(key)

        for n in range(5):
            threading.Thread(target=report, args=(n,)).start()

    confirmed = killed_often(work)
    assert confirmed <= {s.outside_key for s in store.signals("1861", TODAY)}
    with store.opened(reading=True) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_full_disk_is_told_and_what_was_there_stays(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.report("1861", [one(outside_key="first")], ANNA)
    usual = database._connected

    def full(file: Path) -> sqlite3.Connection:
        connection = usual(file)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(database, "_connected", full)
        with pytest.raises(LocalDataError, match="full"):
            store.report("1861", [one(text="x" * 300) for _ in range(200)], ANNA)
    assert [s.outside_key for s in store.signals("1861", TODAY)] == ["first"]
    assert store.report("1861", [one()], ANNA) == 1


# --- backup ---


def test_a_backup_is_made_while_others_write_and_put_back_while_they_read(
    store: SignalStore, tmp_path: Path
) -> None:
    store.report("1861", [one(outside_key="before")], ANNA)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.set("n", "x")

    writer = threading.Thread(target=write)
    writer.start()
    copy = tmp_path / "kopia.sqlite"
    store.back_up(copy)
    stop.set()
    writer.join()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    store.report("1861", [one(outside_key="after")], ANNA)
    aside = store.restore(copy)
    assert [s.outside_key for s in store.signals("1861", TODAY)] == ["before"]
    assert aside
    assert {s.outside_key for s in SignalStore(aside).signals("1861", TODAY)} == {"before", "after"}


def test_what_is_no_backup_changes_nothing(store: SignalStore, tmp_path: Path) -> None:
    store.set("a", "b")
    (tmp_path / "text").write_text("inte en databas")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("CREATE TABLE setting (name)")
    half = tmp_path / "half.sqlite"
    store.back_up(half)
    half.write_bytes(half.read_bytes()[:5000])
    for name in ("text", "other.sqlite", "half.sqlite", "there-is-none"):
        with pytest.raises(LocalDataError):
            store.restore(tmp_path / name)
        assert store.setting("a") == "b"


def test_the_log_tells_who_did_what_and_never_what_it_said(store: SignalStore) -> None:
    store.report("1861", [one(id="s", text="Trasig lampa")], ANNA)
    store.change_signal(one(id="s", text="Lagad lampa", kind="buller"), BO)
    store.decide("1861", "f", Decided.ACT, "Tänd lampan", {}, actor=BO)
    lines = [(line.name, f"{line.did} {line.kind}", line.detail) for line in store.logged()]
    assert lines == [
        ("bo", "beslutade om flagga", ""),
        ("bo", "ändrade signal", "kind, text"),
        ("anna", "rapporterade signal", ""),
    ]
    assert COMMAND_LINE.name == "kommandoraden"
