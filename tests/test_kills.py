"""Killed fifty times in the middle of each kind of write: what was confirmed is there, and what is there is whole."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lagesbild.answers import drafts
from lagesbild.answers.spec import Question, Spec
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.public import PublicRoom
from lagesbild.news.entries import Entry, Kind, NewsFile
from lagesbild.signals.store import Decided, SignalStore
from pipelines.publish import next_vintage, single_writer
from tests.figures.plain import Plain, chart
from tests.kills import killed_often

pytestmark = pytest.mark.slow
Confirm = Callable[[str], None]


def test_decisions_on_flags(tmp_path: Path) -> None:
    store = SignalStore(tmp_path / "local.sqlite")
    store.set("a", "b")

    def work(confirm: Confirm, turn: int) -> None:
        for n in range(1_000):
            store.decide("1861", f"{turn}-{n}", Decided.FOLLOW, "skäl", {"n": n})
            confirm(f"{turn}-{n}")

    confirmed = killed_often(work)
    assert confirmed <= set(store.decisions("1861"))


def test_drafts_of_answers(tmp_path: Path) -> None:
    name = drafts.new_id()
    drafts.save(tmp_path, name, Spec(kommun="1861", fragor=(Question("Ett?", key="a"),)))

    def work(confirm: Confirm, turn: int) -> None:
        for n in range(1_000):
            seen = drafts.opened(tmp_path, name).spec
            more = Question(f"{turn}-{n}?", key=f"{turn}-{n}")
            drafts.save(tmp_path, name, replace(seen, fragor=(*seen.fragor, more)[-20:]), seen)
            confirm(f"{turn}-{n}")

    confirmed = killed_often(work)
    kept = drafts.opened(tmp_path, name)
    assert kept.version > len(confirmed)  # each that was confirmed is a version
    assert len(kept.spec.fragor) == 20


def test_cited_charts_of_staff_and_of_the_public(tmp_path: Path) -> None:
    room = PublicRoom(folder=tmp_path, most_unused=10**9, most=10**9, admit=lambda: True)

    def work(confirm: Confirm, turn: int) -> None:
        archive = FigureArchive(tmp_path, Plain(), public=room if turn % 2 else None)
        for n in range(1_000):
            confirm(archive.freeze(chart(turn * 1_000 + n)).id)

    archive = FigureArchive(tmp_path, Plain())
    for figure_id in killed_often(work):
        assert archive.open(figure_id).listed
    for file in tmp_path.glob("LB-*.zip"):
        archive.open(file.stem)  # also what was not confirmed is whole
    old = time.time() - 7_200
    for part in tmp_path.glob("*.part"):
        os.utime(part, (old, old))
    archive.freeze(chart(999_999))
    assert list(tmp_path.glob("*.part")) == []  # what the killed left half-written goes


def test_marks_of_charts_that_are_a_mistake(tmp_path: Path) -> None:
    archive = FigureArchive(tmp_path, Plain())
    ids = [archive.freeze(chart(n)).id for n in range(3)]

    def work(confirm: Confirm, turn: int) -> None:
        for n in range(1_000):
            archive.withdraw(ids[n % 3], f"{turn}-{n}")
            confirm(f"{turn}-{n}")

    killed_often(work)
    assert all(archive.open(one).withdrawn for one in ids)


def test_news(tmp_path: Path) -> None:
    news = NewsFile.of(Settings(home=tmp_path))
    at = datetime(2026, 11, 29, tzinfo=UTC)

    def work(confirm: Confirm, turn: int) -> None:
        for n in range(1_000):
            own = f"{turn}-{n}"
            entry = Entry(id=own, at=at, kind=Kind.FIGURES, title=own, text="t", page="", codes=("1861",))
            news.add([entry], {"last": own})
            confirm(own)

    confirmed = killed_often(work)
    assert confirmed <= {one.id for one in news.latest("1861", 10**6)}
    assert news.known()["last"]


def test_publishing_a_vintage(shipped: Settings, tmp_path: Path) -> None:
    shutil.copytree(shipped.home, tmp_path, dirs_exist_ok=True, symlinks=True)
    settings = replace(shipped, home=tmp_path, vintages_kept=2)

    def work(confirm: Confirm, turn: int) -> None:
        for n in range(100):
            with single_writer(settings), next_vintage(settings) as connection:
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('n', ?)", [f"{turn:03d}-{n:02d}"])
            confirm(f"{turn:03d}-{n:02d}")

    confirmed = killed_often(work, longest=0.2)
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        assert warehouse.meta("n") >= max(confirmed)
