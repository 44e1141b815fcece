"""The municipality's own data: signals without text, decisions that stay, what is kept too long is gone."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lagesbild.hotspots import alarms
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import (
    KEPT_DAYS,
    LONGEST_REASON,
    Decided,
    LocalDataError,
    Signal,
    SignalError,
    SignalStore,
)

TODAY = date(2026, 11, 23)


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "home" / "local.sqlite")


def take_in(store: SignalStore, code: str, signals: Iterable[Signal]) -> tuple[int, int]:
    """Take in signals as an import; gives how many were new and how many changed."""
    keyed = [replace(signal, outside_key=signal.id) for signal in signals]
    batch = store.take_in(code, "prov", keyed, COMMAND_LINE)
    return batch.added, batch.changed


def test_old_signals_are_deleted_from_the_file_itself(store: SignalStore) -> None:
    old = Signal(id="a", day=TODAY - timedelta(days=KEPT_DAYS + 1), kind="gammalt", locality="Provort")
    kept = Signal(id="b", day=TODAY - timedelta(days=KEPT_DAYS), kind="nyare", locality="Provort")
    take_in(store, "1861", [old, kept])
    assert [signal.kind for signal in store.signals("1861", TODAY)] == ["nyare"]
    with sqlite3.connect(store.file) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert raw.execute("SELECT count(*) FROM signal").fetchone() == (1,)
    assert b"gammalt" not in store.file.read_bytes()


def test_the_file_is_for_its_owner_alone(store: SignalStore) -> None:
    assert store.setting("nothing") is None
    assert not store.file.exists()  # reading makes no file
    store.set("a", "b")
    assert stat.S_IMODE(store.file.stat().st_mode) == 0o600
    assert store.setting("a") == "b"


def test_decisions_stay_with_the_flag_as_it_was(store: SignalStore) -> None:
    store.decide("1861", "abc", Decided.FOLLOW, " Ring polisen ", {"text": "Provort: 9 notiser"})
    store.decide("1861", "abc", Decided.DISMISS, "Ett evenemang", {"text": "Provort: 9 notiser"})
    newest, oldest = store.decisions("1861")["abc"]
    assert (newest.decision, oldest.decision, oldest.reason) == (
        Decided.DISMISS,
        Decided.FOLLOW,
        "Ring polisen",
    )
    assert oldest.flag == {"text": "Provort: 9 notiser"}
    assert store.decisions("1862") == {}
    for reason in ("  ", "x" * (LONGEST_REASON + 1)):
        with pytest.raises(SignalError, match=r"Skälet får vara högst|Skriv ett skäl"):
            store.decide("1861", "abc", Decided.ACT, reason, {})


def test_a_damaged_file_is_explained(store: SignalStore) -> None:
    store.set("a", "b")
    store.file.write_bytes(b"not a database" * 500)
    with pytest.raises(LocalDataError, match="lokala uppgifterna"):
        store.signals("1861", TODAY)


def test_the_budget_is_each_municipalitys_own(store: SignalStore) -> None:
    assert alarms.budget_of(store, "1861") == 2
    alarms.set_budget(store, "1861", 6.0)
    assert (alarms.budget_of(store, "1861"), alarms.budget_of(store, "1862")) == (6, 2)
    for budget in (0, 25, float("nan")):
        with pytest.raises(ValueError, match=r"mellan 0,5 och 24"):
            alarms.set_budget(store, "1861", budget)
    for nonsense in ("mycket", "-3", "nan", ""):
        store.set("alarm_budget:1861", nonsense)
        assert alarms.budget_of(store, "1861") == 2
