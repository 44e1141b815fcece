"""A backup of everything: restored elsewhere, every cited figure is equal byte for byte; what is damaged changes nothing."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from lagesbild.answers import drafts
from lagesbild.answers.spec import Spec
from lagesbild.cli.backup import EVERYTHING
from lagesbild.cli.main import main
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import current_vintage
from lagesbild.figures.archive import FORMATS, archive_of
from lagesbild.news.entries import NewsFile
from lagesbild.signals import privacy
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from tests.news.written import entry

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def at(home: Path, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("LAGESBILD_HOME", str(home))
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return at


@pytest.fixture
def home(shipped: Settings, tmp_path: Path) -> Path:
    """An installation with something in every store."""
    made = tmp_path / "hemma"
    (made / "warehouse").mkdir(parents=True)
    vintage = current_vintage(shipped.warehouse_folder)
    (made / "warehouse" / vintage.name).hardlink_to(vintage)
    (made / "warehouse" / "current.duckdb").symlink_to(vintage.name)
    shutil.copytree(ROOT / "docs" / "exempel" / "citations", made / "citations")
    frozen = sorted((made / "citations").glob("LB-*.zip"))
    rows = [
        f"{one.stem},{sha256(one.read_bytes()).hexdigest()},2026-11-01T00:00:00+00:00\n" for one in frozen
    ]
    (made / "citations" / "ledger.csv").write_text("".join(rows))
    drafts.save(made / "drafts", drafts.new_id(), Spec(kommun="1861", titel="Svar om inbrott"))
    (made / "templates").mkdir()
    (made / "templates" / "logo.png").write_bytes(b"a picture")
    NewsFile(made / "news.sqlite").add([entry("Hallsberg ligger högre", "1861")], {"a": "b"})
    LocalFile(made / "local.sqlite").create("1861", "action", {"what": "Belysning"}, COMMAND_LINE)
    return made


def figures(home: Path) -> dict[str, dict[str, bytes]]:
    archive = archive_of(Settings(home=home))
    opened = [archive.open(one.id) for one in archive.listed()]
    return {
        one.id: {form: one.file(form) for form in FORMATS if FORMATS[form] in one.files} for one in opened
    }


def test_restored_in_another_home_every_cited_figure_is_equal_byte_for_byte(
    home: Path, tmp_path: Path, run: Run
) -> None:
    before, elsewhere = figures(home), tmp_path / "annan"
    assert len(before) > 3
    code, said, _ = run(home, "backup", str(tmp_path / "allt.zip"))
    assert (code, "filer är kopierade" in said) == (0, True)
    assert (tmp_path / "allt.zip").stat().st_mode & 0o077 == 0
    code, said, _ = run(elsewhere, "restore", str(tmp_path / "allt.zip"))
    assert code == 0
    assert "radera dem igen" in said
    assert figures(elsewhere) == before
    assert all(archive_of(Settings(home=elsewhere)).open(one).listed for one in before)
    for name in ("drafts", "templates"):
        files = sorted(file.relative_to(home) for file in (home / name).rglob("*") if file.is_file())
        assert files
        assert all((home / file).read_bytes() == (elsewhere / file).read_bytes() for file in files)
    assert [one.title for one in NewsFile(elsewhere / "news.sqlite").latest("1861", 5)] == [
        "Hallsberg ligger högre"
    ]
    assert [one.data for one in LocalFile(elsewhere / "local.sqlite").records("1861", "action")] == [
        {"what": "Belysning"}
    ]
    code, said, _ = run(
        elsewhere, "benchmark", "--kommun", "1861", "--indicator", "N07540", "--format", "json"
    )
    assert (code, said) == (
        0,
        run(home, "benchmark", "--kommun", "1861", "--indicator", "N07540", "--format", "json")[1],
    )


def test_what_was_there_and_is_another_is_put_aside_and_the_rest_stays(
    home: Path, tmp_path: Path, run: Run
) -> None:
    before = figures(home)
    run(home, "backup", str(tmp_path / "allt.zip"))
    spoilt, *_ = sorted((home / "citations").glob("LB-*.zip"))
    spoilt.write_bytes(b"damaged")
    (home / "citations" / "nytt.txt").write_text("added since")
    LocalFile(home / "local.sqlite").create("1861", "action", {"what": "Vakter"}, COMMAND_LINE)
    NewsFile(home / "news.sqlite").add([entry("Nytt", "1861", days=1)], {})
    code, said, _ = run(home, "restore", str(tmp_path / "allt.zip"))
    assert (code, "annorlunda ligger i" in said) == (0, True)
    assert figures(home) == before
    assert (home / "citations" / "nytt.txt").exists()
    (aside,) = home.glob("fore-*")
    assert (aside / "citations" / spoilt.name).read_bytes() == b"damaged"
    assert len(LocalFile(aside / "local.sqlite").records("1861", "action")) == 2
    assert len(LocalFile(home / "local.sqlite").records("1861", "action")) == 1
    assert len(NewsFile(home / "news.sqlite").latest("1861", 5)) == 1


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)


def _rewritten(name: str, into: bytes = b"x") -> Callable[[Path], None]:
    """Return what adds a file to a backup, listed with its right checksum."""

    def change(file: Path) -> None:
        with zipfile.ZipFile(file) as book:
            files = {one: book.read(one) for one in book.namelist()}
        about = json.loads(files.pop("innehall.json"))
        about["files"][name] = sha256(into).hexdigest()
        with zipfile.ZipFile(file, "w") as book:
            for one, raw in {**files, name: into, "innehall.json": json.dumps(about).encode()}.items():
                book.writestr(one, raw)

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _flip,
        _rewritten("../utanfor.txt"),
        _rewritten("citations/../../utanfor.txt"),
        _rewritten("/etc/passwd"),
        _rewritten("lagesbild.toml"),
        lambda file: file.write_bytes(b"no zip"),
        lambda file: file.unlink(),
    ],
    ids=[
        "cut off",
        "a bit turned",
        "outside",
        "outside by a detour",
        "root",
        "not ours",
        "no zip",
        "not there",
    ],
)
def test_a_backup_that_is_not_whole_or_names_what_it_may_not_changes_nothing(
    spoil: Callable[[Path], None], home: Path, tmp_path: Path, run: Run
) -> None:
    run(home, "backup", str(tmp_path / "allt.zip"))
    spoil(tmp_path / "allt.zip")
    elsewhere = tmp_path / "a" / "annan"
    code, _, complained = run(elsewhere, "restore", str(tmp_path / "allt.zip"))
    assert code == 1
    assert "allt.zip" in complained
    assert not [file for file in elsewhere.rglob("*") if file.is_file() and "logs" not in file.parts]
    assert not (tmp_path / "a" / "utanfor.txt").exists()


def test_a_folder_that_cannot_be_written_keeps_the_copy_that_was_there(
    home: Path, tmp_path: Path, run: Run
) -> None:
    (tmp_path / "borta").write_text("no folder")
    code, _, complained = run(home, "backup", str(tmp_path / "borta" / "allt.zip"))
    assert (code, "kunde inte skrivas" in complained) == (1, True)


def test_a_damaged_database_is_not_copied_over_sound_copies(home: Path, tmp_path: Path, run: Run) -> None:
    run(home, "backup", str(tmp_path / "allt.zip"))
    before = (tmp_path / "allt.zip").read_bytes()
    (home / "news.sqlite").write_bytes(b"damaged, and long enough to be taken for a database" * 99)
    code, _, complained = run(home, "backup", str(tmp_path / "allt.zip"))
    assert (code, "news.sqlite" in complained) == (1, True)
    assert (tmp_path / "allt.zip").read_bytes() == before


def test_every_store_stands_in_the_register_of_personal_data() -> None:
    page = (ROOT / "docs" / "personuppgifter.md").read_text("utf-8")
    for store in (*EVERYTHING, "archive", "derived", "alarm.json", "logs/lagesbild.log"):
        assert f"`{store}`" in page, store


def test_every_text_that_is_searched_for_a_person_stands_there_too() -> None:
    page = (ROOT / "docs" / "personuppgifter.md").read_text("utf-8")
    for table in set(privacy._TEXTS) - {"decision", "record_version", "batch_before", "mapping"}:
        assert f"`local.sqlite`, {table}" in page, table
