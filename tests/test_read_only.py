"""A home that nobody may write in: what is there is read as before, and who would write is told so in Swedish."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from lagesbild import ExplainedError
from lagesbild.answers import drafts
from lagesbild.answers.spec import Spec
from lagesbild.cli.main import main
from lagesbild.config import Settings
from lagesbild.data import log
from lagesbild.figures.archive import FigureArchive
from lagesbild.news import alarm
from lagesbild.news.entries import NewsFile
from lagesbild.signals import access
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Decided, SignalStore
from tests.figures.plain import Plain, chart
from tests.news.written import NEWS, entry
from tests.signals.test_database import one

NOBODY = 65_534
DRAFT = "0" * 24


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody whom the rights of files hold for, where the tests are run by root."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def allow(home: Path, folders: int, files: int) -> None:
    for path in (home, *home.rglob("*")):
        path.chmod(folders if path.is_dir() else files)


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A home with a signal, a decision, a draft, a figure and a piece of news, that can be read only."""
    home = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    settings = Settings(home=home)
    store = SignalStore(settings.local_file)
    store.report("1861", [one(id="a")], COMMAND_LINE)
    store.decide("1861", "flagga", Decided.FOLLOW, "Skälet.", {})
    access.set_password(store, "anna", "ett långt lösenord", COMMAND_LINE)
    drafts.save(settings.drafts_folder, DRAFT, Spec(kommun="1861", inledning="Skrivet."))
    FigureArchive(settings.citations_folder, Plain()).freeze(chart(1))
    NewsFile.of(settings).add([NEWS], {"vintage": "1"})
    allow(home, 0o555, 0o444)
    yield settings
    allow(home, 0o755, 0o644)
    shutil.rmtree(home)


def test_all_that_is_there_is_read(settings: Settings) -> None:
    (file,) = settings.citations_folder.glob("LB-*.zip")
    with as_nobody():
        assert drafts.opened(settings.drafts_folder, DRAFT).spec.inledning == "Skrivet."
        assert FigureArchive(settings.citations_folder, Plain()).open(file.stem).listed


def test_files_that_are_written_beside_when_they_are_read_are_said_to_be_there_still(
    settings: Settings,
) -> None:
    """SQLite's write-ahead logging: they are whole, and nobody is to put an old copy over them."""
    with as_nobody():
        for reads in (
            lambda: SignalStore(settings.local_file).signal("a"),
            lambda: NewsFile.of(settings).latest("1861", 9),
        ):
            with pytest.raises(ExplainedError, match="Filen är kvar, men mappen går inte att skriva i"):
                reads()
    allow(settings.home, 0o755, 0o644)
    assert SignalStore(settings.local_file).signal("a")
    assert [news.id for news in NewsFile.of(settings).latest("1861", 9)] == [NEWS.id]


WRITES: dict[str, Callable[[Settings], object]] = {
    "a signal": lambda settings: SignalStore(settings.local_file).report("1861", [one(id="b")], COMMAND_LINE),
    "a decision": lambda settings: SignalStore(settings.local_file).decide(
        "1861", "f", Decided.DISMISS, "Nej.", {}
    ),
    "a login": lambda settings: access.by_password(
        SignalStore(settings.local_file), "anna", "ett långt lösenord", "192.0.2.1"
    ),
    "a draft": lambda settings: drafts.save(settings.drafts_folder, DRAFT, Spec(kommun="1861", titel="Ny")),
    "a removed draft": lambda settings: drafts.remove(settings.drafts_folder, DRAFT),
    "a figure": lambda settings: FigureArchive(settings.citations_folder, Plain()).freeze(chart(2)),
    "news": lambda settings: NewsFile.of(settings).add([entry("Nytt", "1861")], {}),
}


@pytest.mark.parametrize("what", WRITES)
def test_who_would_write_is_told_and_nothing_is_changed(what: str, settings: Settings) -> None:
    before = contents(settings.home)
    with as_nobody(), pytest.raises(ExplainedError) as told:
        WRITES[what](settings)
    assert str(told.value)[0].isupper()
    assert str(told.value).rstrip().endswith(".")
    assert contents(settings.home) == before


def test_a_fetch_is_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(settings.home))
    import_module("lagesbild.cli.ingest")  # while the library can be read
    with as_nobody():
        assert main(["ingest", "scb"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(settings.home) in said


def test_what_is_written_beside_stops_nothing(settings: Settings) -> None:
    with as_nobody():
        log.start(settings.home, verbose=False)
        assert log.unexpected("scb", KeyError("x")).startswith("oväntat fel")
        assert "kan inte skrivas" in log.whereabouts()
        log.stop()
        assert alarm.tell(settings, "hämtning", "Det gick inte.") == []
        alarm.works_again(settings, "hämtning")


def contents(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
