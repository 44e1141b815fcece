"""A warehouse that somebody has open for writing is not a damaged one: it is waited for, said, and left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from lagesbild.config import ROOT, Settings, environment_of
from lagesbild.data.warehouse import DamagedError, LockedError, Warehouse, access, current_vintage
from pipelines import publish
from pipelines.policy import Policy
from pipelines.publish import next_vintage, restore, single_writer, usable_vintage
from pipelines.run import ingest, prepare
from tests.conftest import Silent

_HOLDS = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


class Sleeps:
    """Counts the waits, and may do something in one of them."""

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self.seconds: list[float] = []
        self._then = then

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._then:
            self._then()


@contextmanager
def held(vintage: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program, which has a vintage open for writing as DuckDB does when nothing else is said."""
    vintage.chmod(0o644)
    command = [sys.executable, "-c", _HOLDS, str(vintage)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> Sleeps:
    waits = Sleeps()
    monkeypatch.setattr(access, "PATIENCE", access.Patience(sleep=waits))
    return waits


@pytest.fixture
def two(settings: Settings) -> Settings:
    """An installation with two vintages."""
    with single_writer(settings):
        prepare(settings)
        with next_vintage(settings) as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('prov', '1')")
    return settings


def test_who_holds_it_and_how_to_read_it_are_said_after_some_tries(two: Settings, sleeps: Sleeps) -> None:
    with held(current_vintage(two.warehouse_folder)) as holder, pytest.raises(LockedError) as told:
        Warehouse.current(two.warehouse_folder)
    text = str(told.value)
    assert f"(PID {holder.pid})" in text
    assert "python" in text
    assert "read_only=True" in text
    assert "Inget är skadat" in text
    for english in ("lock", "IO Error", "duckdb.org", "\n"):
        assert english not in text
    assert sleeps.seconds == [1.0] * 4


def test_somebody_who_is_done_soon_is_waited_for(two: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(current_vintage(two.warehouse_folder)) as holder:

        def leave() -> None:
            holder.kill()
            holder.wait()

        waits = Sleeps(leave)
        monkeypatch.setattr(access, "PATIENCE", access.Patience(sleep=waits))
        with Warehouse.current(two.warehouse_folder) as warehouse:
            assert warehouse.meta("prov") == "1"
    assert len(waits.seconds) == 1


def test_nothing_goes_back_and_nothing_is_rebuilt_because_of_a_lock(two: Settings, sleeps: Sleeps) -> None:
    vintage = current_vintage(two.warehouse_folder)
    with held(vintage), single_writer(two):
        for attempt in (usable_vintage, restore, prepare):
            with pytest.raises(LockedError):
                attempt(two)
        with pytest.raises(LockedError), next_vintage(two):
            raise AssertionError("nothing to build on")
        assert not list(two.warehouse_folder.glob("build-*"))
    assert current_vintage(two.warehouse_folder) == vintage
    assert len(list(two.warehouse_folder.glob("*.duckdb"))) == 3


def test_a_locked_older_vintage_is_not_passed_over_for_a_still_older_one(
    two: Settings, sleeps: Sleeps
) -> None:
    with single_writer(two):
        with next_vintage(two):
            pass
        newest, second, _ = publish._vintages(two)
        newest.chmod(0o644)
        newest.write_bytes(b"no database" * 500)
        with held(second), pytest.raises(LockedError):
            restore(two)
        assert current_vintage(two.warehouse_folder) == newest
        assert restore(two)
    assert current_vintage(two.warehouse_folder) == second


def test_a_lock_that_comes_in_the_middle_fails_that_source_and_its_answers_are_used_next_time(
    two: Settings,
    sleeps: Sleeps,
    quick: Policy,
    served: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replace(served(), home=two.home)
    vintage = current_vintage(settings.warehouse_folder)
    locked = LockedError("Datalagret är öppet för skrivning i DBeaver (PID 7).")
    with monkeypatch.context() as patched:

        def refuse(*_: object) -> None:
            raise locked

        patched.setattr(publish, "_copy", refuse)
        (outcome,) = ingest(settings, Silent(), ["scb"])
    assert (outcome.outcome, outcome.message) == ("failed", f"scb: {locked}")
    assert current_vintage(settings.warehouse_folder) == vintage
    (again,) = ingest(settings, Silent(), ["scb"])
    assert again.outcome == "ok"
    assert again.count.new > 0


@pytest.mark.parametrize(
    "command", [["status"], ["benchmark"], ["ingest", "scb"], ["serve", "--port", "8593"]]
)
def test_every_command_says_it_in_one_line_and_ends_with_one(
    command: list[str], two: Settings, tmp_path: Path
) -> None:
    vintage = current_vintage(two.warehouse_folder)
    hurry = tmp_path / "sitecustomize.py"  # the process itself, only without its waits
    hurry.write_text(
        "from lagesbild.data.warehouse import access\naccess.PATIENCE = access.Patience(tries=2, pause=0.01)\n"
    )
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    with held(vintage) as holder:
        done = subprocess.run(
            [sys.executable, "-m", "lagesbild.cli", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **environment_of(two), "PYTHONPATH": path},
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"lagesbild: Datalagret {vintage.name} är öppet för skrivning i python")
    assert f"(PID {holder.pid})" in done.stderr
    assert done.stdout == ""
    assert current_vintage(two.warehouse_folder) == vintage


def test_what_is_published_cannot_be_written_in_and_what_is_built_can(two: Settings) -> None:
    vintages = [path for path in two.warehouse_folder.glob("*.duckdb") if not path.is_symlink()]
    assert [path.stat().st_mode & 0o222 for path in vintages] == [0, 0]
    few = replace(two, vintages_kept=1)
    with single_writer(few), next_vintage(few) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('prov', '2')")
    (kept,) = (path for path in few.warehouse_folder.glob("*.duckdb") if not path.is_symlink())
    with Warehouse(kept) as warehouse:
        assert warehouse.meta("prov") == "2"


def test_a_damaged_warehouse_is_left_for_the_one_before_and_that_is_said(
    two: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = current_vintage(two.warehouse_folder)
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:100_000])
    with single_writer(two):
        prepare(two)
    now = current_vintage(two.warehouse_folder)
    assert now != damaged
    assert (
        f"Datalagret {damaged.name} är skadat eller borta; det senaste hela, {now.name}, används"
        in caplog.text
    )


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            duckdb.IOException('IO Error: Cannot open file "x": Permission denied'),
            access.DeniedError,
            "får inte läsa",
        ),
        (
            duckdb.IOException("IO Error: Could not read from file: Input/output error"),
            access.DeniedError,
            "just nu",
        ),
        (
            duckdb.ConnectionException("Connection Error: different configuration"),
            LockedError,
            "ett annat program",
        ),
        (
            duckdb.IOException(
                'IO Error: Could not set lock on file "x": Conflicting lock is held in /opt/My Apps/dbeaver (PID 12) by user a. See'
            ),
            LockedError,
            r"i dbeaver \(PID 12\) och",
        ),
        (
            duckdb.IOException('Could not set lock on file "x": Resource busy'),
            LockedError,
            "ett annat program",
        ),
        (
            duckdb.IOException(
                'Cannot open file "x": it is being used by another process.\n\nFile is already open in \nC:\\dbeaver.exe (PID 9)'
            ),
            LockedError,
            r"dbeaver\.exe \(PID 9\)",
        ),
        (duckdb.Error("Corrupt database file: computed checksum 1"), DamagedError, "kan inte öppnas"),
        (duckdb.CatalogException("Catalog Error: no meta"), DamagedError, "kan inte öppnas"),
    ],
)
def test_what_hinders_is_told_apart(
    error: duckdb.Error, kind: type[Exception], told: str, sleeps: Sleeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(duckdb, "connect", fails)
    with pytest.raises(kind, match=told):
        access.opened(Path("x.duckdb"))
