"""The archive: a frozen figure comes back byte for byte, or not at all and with a reason."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

import lagesbild.figures.archive as module
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import ids
from lagesbild.figures.archive import FORMATS, ArchiveError, FigureArchive, TamperedError
from lagesbild.figures.catalogue import build
from lagesbild.figures.register import ChartContext
from lagesbild.figures.revisions import drawn_now, revision_text, revisions
from pipelines.publish import next_vintage, single_writer
from pipelines.run import prepare
from tests import world
from tests.figures.plain import Plain, Without, chart


@pytest.fixture
def archive(tmp_path: Path) -> FigureArchive:
    return FigureArchive(tmp_path / "citations", Plain(), "https://exempel.invalid")


def changed(file: Path, name: str, data: bytes) -> None:
    """Replace one part of a frozen file."""
    with zipfile.ZipFile(file) as book:
        parts = {item: book.read(item) for item in book.namelist()}
    parts[name] = data
    with zipfile.ZipFile(file, "w") as book:
        for item, content in parts.items():
            book.writestr(item, content)


def test_a_frozen_figure_holds_its_numbers_its_pictures_and_where_they_come_from(
    archive: FigureArchive,
) -> None:
    frozen = archive.freeze(chart())
    assert frozen.listed
    assert frozen.id.encode() in frozen.file("png")
    assert f"https://exempel.invalid/?diagram={frozen.id}".encode() in frozen.file("svg")
    assert frozen.content["vintage"] == "20260101T000000Z"
    rows = list(csv.reader(io.StringIO(frozen.file("csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Kommun", "Kommunkod", "År", "Värde (per 100\u00a0000 invånare)", "Källa", "Diagram"]
    source = "Provverket, uttag 2026-01-02. Egen bearbetning."
    assert rows[1] == ["Provkdby", "", "2025", "101,0", source, frozen.id]  # an invented name has no code
    assert rows[3][:4] == ["Saknby", "", "2025", ""]
    book = openpyxl.load_workbook(io.BytesIO(frozen.file("xlsx")))
    assert book.sheetnames == ["Värden", "Nyckeltal i texten", "Ursprung"]
    assert book["Värden"]["D2"].value == 101
    origin = {row[0].value: row[1].value for row in book["Ursprung"].iter_rows()}
    assert origin["Nummer"] == frozen.id
    assert origin["Källa"] == "Källa: Provverket, uttag 2026-01-02. Egen bearbetning."
    assert "CC0" in str(origin["Provkällan"])


def test_a_text_that_looks_like_a_formula_is_marked_as_text_in_a_workbook_and_quoted_in_csv(
    archive: FigureArchive,
) -> None:
    frozen = archive.freeze(chart(rows=(("=1+1", 2025, -3.0), ("Exby", 2025, 90.5))))
    sheet = openpyxl.load_workbook(io.BytesIO(frozen.file("xlsx")))["Värden"]
    assert [(sheet[at].value, sheet[at].data_type, sheet[at].quotePrefix) for at in ("A2", "A3")] == [
        ("=1+1", "s", True),
        ("Exby", "s", False),
    ]
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(frozen.file("xlsx"))).read("xl/worksheets/sheet1.xml")
    rows = list(csv.reader(io.StringIO(frozen.file("csv").decode("utf-8-sig")), delimiter=";"))
    assert rows[1][0] == "'=1+1"
    assert rows[1][3] == "-3,0"


def test_the_same_chart_on_the_same_day_is_stored_once(archive: FigureArchive, tmp_path: Path) -> None:
    first, again = archive.freeze(chart()), archive.freeze(chart())
    assert (again.id, again.frozen_at) == (first.id, first.frozen_at)
    assert len(list((tmp_path / "citations").glob("*.zip"))) == 1
    assert archive.freeze(chart(2)).id != first.id


def test_two_who_freeze_at_once_get_the_same_figure(archive: FigureArchive, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {frozen.id for frozen in pool.map(lambda _: archive.freeze(chart()), range(16))}
    assert len(found) == 1
    assert [file.suffix for file in (tmp_path / "citations").iterdir() if file.name != "ledger.csv"] == [
        ".zip"
    ]
    assert archive.open(found.pop()).listed


def test_two_figures_that_would_share_an_id_get_two(
    archive: FigureArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ids.make
    monkeypatch.setattr(ids, "make", lambda home, content, turn=0: made(home, b"same", turn))
    first, second = archive.freeze(chart(1)), archive.freeze(chart(2))
    assert first.id != second.id
    assert archive.open(second.id).content["parameters"]["indicator"] == "X2"


def test_a_thousand_figures_come_back_byte_for_byte_after_a_new_warehouse_and_a_new_version(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with single_writer(settings):
        prepare(settings)
    archive = FigureArchive(settings.citations_folder, Plain())
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        context = ChartContext(warehouse)
        name = context.names[world.HOME]
        drawn = build(context, "group", {"home": world.HOME, "indicator": "N07540"})
    real = archive.freeze(drawn)
    frozen = [real, *(archive.freeze(chart(n)) for n in range(999))]
    before = {
        one.id: {form: hashlib.sha256(one.file(form)).hexdigest() for form in FORMATS} for one in frozen
    }
    assert len(before) == 1000

    with (
        single_writer(settings),
        next_vintage(settings) as connection,
    ):  # figures are revised, the file is built anew
        connection.execute("UPDATE observation SET rate = rate + 1 WHERE code = ?", [world.HOME])
    monkeypatch.setattr(module, "__version__", "0.99.0")  # the code moves on
    later = FigureArchive(settings.citations_folder, Without())  # and nothing can be drawn anew
    for figure_id, hashes in before.items():
        found = later.open(figure_id)
        assert {form: hashlib.sha256(found.file(form)).hexdigest() for form in FORMATS} == hashes
    assert sum(1 for _ in later.listed()) == 1000
    assert found.code_version != "0.99.0"
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        told = revisions(later.open(real.id).table, drawn_now(real, warehouse).table)
    assert [(one.row, one.column.name) for one in told.changed] == [
        (f"{name}, {drawn.pinned['year']}", "Värde")
    ]


@pytest.mark.parametrize(
    "part", ["picture.png", "values.csv", "content.json", "manifest.json", "figure.json"]
)
def test_a_changed_part_is_found_also_without_the_ledger(
    archive: FigureArchive, tmp_path: Path, part: str
) -> None:
    frozen = archive.freeze(chart())
    file = tmp_path / "citations" / f"{frozen.id}.zip"
    (tmp_path / "citations" / "ledger.csv").unlink()
    assert not archive.open(frozen.id).listed
    changed(
        file, part, frozen.files[part].replace(b"2025", b"2024").replace(b'_at": "20', b'_at": "19') + b" "
    )
    with pytest.raises(TamperedError, match="ändrat sedan det sparades"):
        archive.open(frozen.id)


def test_a_figure_made_anew_under_an_old_id_is_found_by_the_ledger(
    archive: FigureArchive, tmp_path: Path
) -> None:
    frozen = archive.freeze(chart())
    other = dict(frozen.files) | {"picture.png": b"another picture"}
    manifest = json.loads(other["manifest.json"])
    manifest["files"]["picture.png"] = hashlib.sha256(other["picture.png"]).hexdigest()
    other["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "citations" / f"{frozen.id}.zip", "w") as book:
        for name, data in other.items():
            book.writestr(name, data)
    with pytest.raises(TamperedError, match="inte den som sparades"):
        archive.open(frozen.id)


@pytest.mark.parametrize("raw", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 100])
def test_a_damaged_file_is_told_and_left_alone(archive: FigureArchive, tmp_path: Path, raw: bytes) -> None:
    frozen = archive.freeze(chart())
    other = archive.freeze(chart(2))
    file = tmp_path / "citations" / f"{frozen.id}.zip"
    file.write_bytes(raw)
    with pytest.raises(TamperedError):
        archive.open(frozen.id)
    assert file.read_bytes() == raw
    assert [item.id for item in archive.listed()] == [other.id]


def test_a_file_renamed_to_another_id_is_found(archive: FigureArchive, tmp_path: Path) -> None:
    frozen, folder = archive.freeze(chart()), tmp_path / "citations"
    wanted = ids.make("9901", b"something else")
    shutil.copy(folder / f"{frozen.id}.zip", folder / f"{wanted}.zip")
    with pytest.raises(TamperedError):
        archive.open(wanted)


def test_a_figure_of_another_installation_can_be_put_in(archive: FigureArchive, tmp_path: Path) -> None:
    elsewhere = FigureArchive(tmp_path / "elsewhere", Plain())
    frozen = elsewhere.freeze(chart())
    with pytest.raises(ArchiveError, match="annan installation"):
        archive.open(frozen.id)
    (tmp_path / "citations").mkdir()
    shutil.copy(tmp_path / "elsewhere" / f"{frozen.id}.zip", tmp_path / "citations")
    found = archive.open(frozen.id)
    assert not found.listed
    assert found.file("png") == frozen.file("png")


def test_without_chromium_the_numbers_are_frozen_and_the_pictures_told_missing(tmp_path: Path) -> None:
    frozen = FigureArchive(tmp_path, Without()).freeze(chart())
    assert frozen.file("xlsx")
    assert frozen.file("csv")
    with pytest.raises(ArchiveError, match="sparades utan bilder"):
        frozen.file("png")
    with pytest.raises(ArchiveError, match="Välj bland"):
        frozen.file("gif")
    assert FigureArchive(tmp_path, Without()).freeze(chart()).id == frozen.id
    again = FigureArchive(tmp_path, Plain()).freeze(chart())  # chromium has been installed the same day
    assert again.id != frozen.id
    assert again.file("png")
    assert FigureArchive(tmp_path, Plain()).freeze(chart()).id == again.id


def test_a_file_that_unfolds_to_much_is_refused_unread_and_left_out_of_the_list(
    archive: FigureArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = archive.freeze(chart())
    bomb = ids.make("1861", b"bomb")
    with zipfile.ZipFile(tmp_path / "citations" / f"{bomb}.zip", "w", zipfile.ZIP_DEFLATED) as book:
        for n in range(3):
            book.writestr(f"part{n}", b"\0" * 20_000_000)

    def unfolded(*_: object) -> bytes:
        raise AssertionError("nothing of it is to be read")

    listed = [item.id for item in archive.listed()]
    monkeypatch.setattr(zipfile.ZipFile, "read", unfolded)
    with pytest.raises(TamperedError, match="innehållet är orimligt stort"):
        archive.open(bomb)
    monkeypatch.setattr(module, "_LARGEST", 10)
    with pytest.raises(TamperedError, match="filen är orimligt stor"):
        archive.open(frozen.id)
    assert listed == [frozen.id]


def test_a_full_disk_leaves_nothing_half_written(
    archive: FigureArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArchiveError, match="kunde inte sparas: No space left"):
        archive.freeze(chart())
    assert list((tmp_path / "citations").iterdir()) == []
    monkeypatch.undo()
    assert archive.freeze(chart()).listed


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "citations").write_text("no folder")
    with pytest.raises(ArchiveError, match="kunde inte sparas"):
        FigureArchive(tmp_path / "citations", Plain()).freeze(chart())
    assert list(FigureArchive(tmp_path / "citations", Plain()).listed()) == []


def test_what_has_been_revised_is_told_cell_by_cell() -> None:
    then = chart().table
    now = chart(rows=(("Provkdby", 2025, 101.0), ("Exby", 2025, 91.0), ("Nyby", 2025, 5.0))).table
    found = revisions(then, now)
    assert [(one.row, one.column.name, one.then, one.now) for one in found.changed] == [
        ("Exby, 2025", "Värde", 90.5, 91.0)
    ]
    assert (found.added, found.gone) == (("Nyby, 2025",), ("Saknby, 2025",))
    assert revision_text(found) == (
        "Uppgifterna har reviderats sedan dess: ett värde har ändrats, en rad har försvunnit. Nya uppgifter har tillkommit: en rad."
    )
    assert not revisions(then, then)
    assert revision_text(revisions(then, then)) == "Ingenting har ändrats: dagens uppgifter ger samma tal."


def test_todays_figure_is_of_the_same_period(real: Warehouse, tmp_path: Path) -> None:
    context = ChartContext(real)
    old = build(context, "group", {"home": "1861", "indicator": "N07540", "year": 2023})
    frozen = FigureArchive(tmp_path, Plain()).freeze(old)
    now = drawn_now(frozen, real)
    assert not revisions(frozen.table, now.table)
    moved = replace(now.table, rows=tuple((*row[:2], float(row[2] or 0) + 1) for row in now.table.rows))
    assert len(revisions(frozen.table, moved).changed) == len(now.table.rows)
