"""A clock that is set back or ahead, the hour that comes twice, and New Year: nothing is lost, and nobody is shut out.

A server whose clock was wrong for a while has kept moments that have not come yet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from lagesbild.answers import drafts
from lagesbild.answers.spec import Spec
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.public import PublicRoom
from lagesbild.news import alarm
from lagesbild.news.entries import NewsFile
from lagesbild.signals import access
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Decided, SignalStore
from pipelines.publish import next_vintage, single_writer
from tests.figures.plain import Plain, chart
from tests.news.written import entry
from tests.signals.test_database import one

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
#: Moments in the order in which they are lived; in the autumn half past two in Sweden comes twice.
LIVED: dict[str, tuple[datetime, datetime, datetime]] = {
    "set back a year": (NOW, NOW - timedelta(days=365), NOW - timedelta(days=364)),
    "set back an hour": (NOW, NOW - timedelta(hours=1), NOW - timedelta(minutes=30)),
    "was ahead for a while": (NOW, NOW + timedelta(days=20_000), NOW + timedelta(minutes=1)),
    "out of summer time": (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    ),
    "into summer time": (
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 1, tzinfo=UTC),
    ),
    "New Year": (
        datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 0, 1, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC),
    ),
}


@pytest.fixture(params=LIVED)
def lived(request: pytest.FixtureRequest) -> Sequence[datetime]:
    """Three moments, in the order in which they are lived."""
    found: Sequence[datetime] = LIVED[request.param]
    return found


def living(moments: Sequence[datetime]) -> Iterator[int]:
    """Go through the moments, with the whole process's clock at each."""
    for n, moment in enumerate(moments):
        with time_machine.travel(moment, tick=False):
            yield n


def test_decisions_are_told_in_the_order_they_were_made(lived: Sequence[datetime], tmp_path: Path) -> None:
    store = SignalStore(tmp_path / "local.sqlite")
    for n in living(lived):
        store.decide("1861", "flagga", Decided.FOLLOW, f"Skäl {n}.", {})
        assert store.decisions("1861")["flagga"][0].reason == f"Skäl {n}."
        assert len(store.logged()) == n + 1
    assert [made.reason for made in store.decisions("1861")["flagga"]] == ["Skäl 2.", "Skäl 1.", "Skäl 0."]


def test_signals_stay_and_are_taken_away_and_brought_back(lived: Sequence[datetime], tmp_path: Path) -> None:
    store, kept = SignalStore(tmp_path / "local.sqlite"), []
    for _ in living(lived):
        signal = one(day=lived[0].date())
        store.report("1861", [signal], COMMAND_LINE)
        store.delete_signals([signal.id], COMMAND_LINE)
        store.restore_signals([signal.id], COMMAND_LINE)
        kept.append(signal.id)
    assert [store.signal(signal_id) is not None for signal_id in kept] == [True, True, True]


def test_drafts_keep_what_was_written_at_each_moment(lived: Sequence[datetime], tmp_path: Path) -> None:
    draft, other = drafts.new_id(), drafts.new_id()
    for n in living(lived):
        drafts.save(tmp_path, draft, Spec(kommun="1861", inledning=f"Skrivet {n}."))
        drafts.save(tmp_path, other, Spec(kommun="1861", inledning="En annans."))
        drafts.remove(tmp_path, other)
        assert [one.id for one in drafts.removed_drafts(tmp_path)] in ([other], [])
        drafts.restore(tmp_path, other)
        assert drafts.opened(tmp_path, draft).spec.inledning == f"Skrivet {n}."
    assert drafts.opened(tmp_path, draft).version == 3


def test_a_figure_cited_at_each_moment_opens_with_its_own_day(
    lived: Sequence[datetime], tmp_path: Path
) -> None:
    archive = FigureArchive(tmp_path, Plain())
    found = {archive.freeze(chart(n)).id: lived[n] for n in living(lived)}
    assert {figure_id: archive.open(figure_id).frozen_at for figure_id in found} == found
    for n in living(lived):
        archive.freeze(chart(n))  # the same chart on the same day is the same figure
    assert {one.id for one in archive.listed()} == set(found)


def test_news_are_read_in_the_order_they_came_and_mailed_once(
    lived: Sequence[datetime], tmp_path: Path
) -> None:
    news, mailed = NewsFile(tmp_path / "news.sqlite"), []
    for n in living(lived):
        news.add([replace(entry(f"Nyhet {n}", "1861"), at=lived[n])], {"vintage": str(n)})
        with news.to_mail("1861", "a@example.org", datetime.now(UTC) - timedelta(days=31)) as due:
            mailed += [one.title for one in due]
    assert [one.title for one in news.latest("1861", 9)] == ["Nyhet 2", "Nyhet 1", "Nyhet 0"]
    assert mailed == ["Nyhet 0", "Nyhet 1", "Nyhet 2"]


def test_what_is_published_last_is_shown_and_what_is_shown_is_never_pruned(
    lived: Sequence[datetime], shipped: Settings, tmp_path: Path
) -> None:
    shutil.copytree(shipped.home, tmp_path, dirs_exist_ok=True, symlinks=True)
    settings = replace(shipped, home=tmp_path, vintages_kept=2)
    for n in living(lived):
        with single_writer(settings), next_vintage(settings) as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('n', ?)", [str(n)])
        with Warehouse.current(settings.warehouse_folder) as warehouse:
            assert warehouse.meta("n") == str(n)
    assert len(list(settings.warehouse_folder.glob("2*.duckdb"))) == 2


# --- moments that have not come yet, kept by a clock that was ahead ---


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_who_was_mistaken_while_the_clock_was_ahead_is_not_shut_out_until_then(settings: Settings) -> None:
    local = SignalStore(settings.local_file)
    access.set_password(local, "anna", "ett långt lösenord", COMMAND_LINE)
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        for _ in range(access.MOST_FAILURES):
            access.by_password(local, "anna", "fel", "192.0.2.1")
        with pytest.raises(access.TooManyAttemptsError):
            access.by_password(local, "anna", "ett långt lösenord", "192.0.2.1")
    with time_machine.travel(NOW, tick=False):
        assert access.by_password(local, "anna", "ett långt lösenord", "192.0.2.1")


def test_a_session_begun_while_the_clock_was_ahead_lasts_no_longer_than_another(settings: Settings) -> None:
    local = SignalStore(settings.local_file)
    access.set_password(local, "anna", "ett långt lösenord", COMMAND_LINE)
    (anna,) = access.people(local)
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        ahead = access.begin_session(local, anna)
        assert access.by_session(local, ahead)
    with time_machine.travel(NOW, tick=False):
        assert access.by_session(local, ahead) is None
        assert access.by_session(local, access.begin_session(local, anna))


def test_a_failure_told_while_the_clock_was_ahead_is_told_anew(settings: Settings) -> None:
    asked = replace(settings, webhook="http://127.0.0.1:9/ingen")
    (settings.home / "alarm.json").write_text(f'{{"hämtning": "{(NOW + timedelta(days=400)).isoformat()}"}}')
    assert alarm.tell(asked, "hämtning", "Det gick inte.", NOW)  # it was tried: nobody answers there


def test_figures_cited_while_the_clock_was_ahead_give_room_as_others_do(tmp_path: Path) -> None:
    room = PublicRoom(folder=tmp_path, most_unused=2_000_000, most=10**9, admit=lambda: True)
    archive = FigureArchive(tmp_path, Plain(), public=room)
    first = archive.freeze(chart(1)).id
    ahead = (NOW + timedelta(days=20_000)).timestamp()
    os.utime(tmp_path / f"{first}.unused", (ahead, ahead))
    assert archive.freeze(chart(2)).listed
    assert {one.id for one in archive.listed()} != {first}
