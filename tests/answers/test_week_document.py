"""The week's document: what is in it, that it fits, and that the coarse one gives nobody away."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document

from lagesbild.answers import paper, week_document
from lagesbild.answers.document import DocumentError
from lagesbild.answers.paper import Paper
from lagesbild.charts.week_map import week_map
from lagesbild.cli.main import main
from lagesbild.config import Settings
from lagesbild.figures import render
from lagesbild.hotspots import week as weekly
from lagesbild.hotspots.week import Week, week_of
from lagesbild.signals import meetings
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.pending import Kind, Pending
from lagesbild.signals.store import SignalStore
from tests.signals.invented import MONDAY, town
from tests.traces import traces

TUESDAY = MONDAY + timedelta(days=8)
TAKEN = Taken(text="Klipp buskarna", owner="gatuchefen", due=date(2026, 12, 1))
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc"
    b"\xf8\xff\xff?\x00\x05\xfe\x02\xfe\r\xefF\xb8\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture(scope="module")
def week() -> Week:
    open_one = Pending(kind=Kind.ACTION, text="Belysning", owner="gatuchefen", due=MONDAY, since=None)
    return week_of(town(), MONDAY, pending=[open_one])


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of one dot: chromium is tried by the tests of pictures."""
    monkeypatch.setattr(render.RENDERER, "plain", lambda figure, width: PNG)


def told(raw: bytes) -> str:
    """Return all text of a Word file."""
    book = Document(io.BytesIO(raw))
    cells = [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in book.paragraphs), *cells])


def test_it_begins_with_three_numbers_and_who_reported(week: Week) -> None:
    book = Document(io.BytesIO(week_document.to_docx(week, "1861", "Hallsbergs kommun")))
    first = [[cell.text for cell in row.cells] for row in book.tables[0].rows]
    assert [row[:2] for row in first[1:]] == [
        ["Signaler i veckan", str(week.total)],
        ["Platser som växer", str(len(week.growing))],
        ["Beslut och åtgärder som är försenade", "1"],
    ]
    assert any("Vilka som rapporterat. 6 rapportörer" in paragraph.text for paragraph in book.paragraphs)
    assert book.core_properties.title == "Veckans lägesbild, vecka 47 2026"
    assert (
        "Hallsbergs kommun. Veckans lägesbild, vecka 47 2026. Sida"
        in book.sections[0].footer.paragraphs[0].text
    )


def test_without_a_meeting_there_is_room_to_write_one(week: Week) -> None:
    raw = week_document.to_docx(week, "1861", "Hallsbergs kommun")
    book = Document(io.BytesIO(raw))
    assert [cell.text for cell in book.tables[-1].rows[-1].cells] == [""] * 4
    assert "Analysera: varför här och nu?" in told(raw)


def test_the_minutes_of_the_meeting_and_the_decisions_of_the_last_one_are_filled_in(week: Week) -> None:
    held = Meeting(day=TUESDAY, present=("rektorn", "polisen"), notes="Lugnt.", decisions=(TAKEN,))
    last = Meeting(day=TUESDAY - timedelta(days=7), decisions=(replace(TAKEN, text="Lampan", done=MONDAY),))
    text = told(week_document.to_docx(week, "1861", "Hallsbergs kommun", held, last))
    for part in (
        "rektorn och polisen",
        "Lugnt.",
        "Klipp buskarna",
        "1 december 2026",
        "Lampan",
        "16 november 2026",
    ):
        assert part in text
    assert "____" not in text


def test_the_coarse_document_says_so_and_names_no_kind_of_a_spot(week: Week) -> None:
    full, public = (
        told(week_document.to_docx(week, "1861", "Hallsbergs kommun", coarse=own)) for own in (False, True)
    )
    assert "Innehåller enskilda platser" in full
    assert "Antal under fem visas inte" in public
    assert "Provby: skadegörelse" in full
    assert "Provby: " not in public
    assert "Rapportörer" not in public


def test_pictures_have_alt_texts_and_the_map_says_what_it_shows(week: Week) -> None:
    book = Document(io.BytesIO(week_document.to_docx(week, "1861", "Hallsbergs kommun")))
    (picture,) = book.element.body.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
    )
    assert picture.get("descr").startswith("Karta: 20 signaler")


def test_without_a_browser_the_document_is_made_and_says_what_is_missing(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(figure: object, width: int) -> bytes:
        raise render.NoBrowserError(render.MISSING)

    monkeypatch.setattr(render.RENDERER, "plain", missing)
    assert "Kartan kunde inte ritas." in told(week_document.to_docx(week, "1861", "Hallsbergs kommun"))


def test_a_template_without_our_styles_will_do_and_a_broken_one_is_named(week: Week, tmp_path: Path) -> None:
    own = tmp_path / "svar.docx"
    Document().save(str(own))
    assert "Tre tal" in told(week_document.to_docx(week, "1861", "Hallsbergs kommun", template=own))
    own.write_bytes(b"nonsense")
    with pytest.raises(DocumentError, match=r"Mallen svar\.docx"):
        Paper("Hallsbergs kommun", "Titel", own)


def test_what_is_shaded_is_darker_the_more_it_is() -> None:
    written = Paper("Hallsbergs kommun", "Titel")
    written.table([("a", ""), ("b", "n")], [["x", "1"], ["y", "2"]], shades={(0, 1): 0.5, (1, 1): 1.0})
    book = Document(io.BytesIO(written.docx()))
    fills = [
        [
            shade.get(f"{{{cell._tc.nsmap['w']}}}fill")
            for shade in cell._tc.iter(f"{{{cell._tc.nsmap['w']}}}shd")
        ]
        for row in book.tables[0].rows
        for cell in row.cells
    ]
    assert fills == [[], [], [], ["F0D8CA"], [], ["E2B296"]]
    assert paper._DARK == (0xE2, 0xB2, 0x96)


# --- the map ---


def test_the_map_of_the_working_group_has_every_signal_and_the_public_one_cells(week: Week) -> None:
    full, public = week_map("1861", week), week_map("1861", weekly.coarse(week))
    assert full is not None
    assert public is not None
    by_name = {trace.name: trace for trace in traces(full)}
    assert len(by_name["Signal under veckan"].x) == len(week.placed)
    assert list(by_name["Plats i tabellen"].text) == [str(n + 1) for n in range(len(week.spots))]
    names = [trace.name for trace in traces(public)]
    assert "Signal under veckan" not in names
    assert names.count("Ruta med minst fem signaler") == len(weekly.coarse(week).placed)
    assert week_map("1861", week_of([], MONDAY)) is None


# --- the command ---


@pytest.fixture
def installed(shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The shipped figures, and a local file with invented signals and a meeting."""
    home = tmp_path / "home"
    home.mkdir()
    for part in ("warehouse",):
        (home / part).symlink_to(shipped.home / part)
    monkeypatch.setenv("LAGESBILD_HOME", str(home))
    settings = Settings(home=home)
    store = SignalStore(settings.local_file)
    store.report("1861", town(), COMMAND_LINE)
    meetings.add(store, "1861", Meeting(day=TUESDAY, decisions=(TAKEN,)), COMMAND_LINE)
    return settings


def test_the_command_writes_the_week_with_its_meeting(
    installed: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "vecka.docx"
    assert main(["week", "--vecka", "2026-V47", "--out", str(out)]) == 0
    assert "Signaler i veckan: 20." in capsys.readouterr().out
    assert "Klipp buskarna" in told(out.read_bytes())
    assert main(["week", "--vecka", "2026-W47", "--utan-detaljer", "--out", str(out)]) == 0
    assert "Antal under fem visas inte" in told(out.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--vecka", "2026-V47", "--out", "v.odt"], ".docx eller .pdf"),
        (["--vecka", "2026-V54", "--out", "v.pdf"], "är ingen vecka"),
        (["--vecka", "9999-V01", "--out", "v.pdf"], "är inte slut än"),
        (["--vecka", "förra", "--out", "v.pdf"], "är ingen vecka"),
    ],
)
def test_a_faulty_call_is_told_in_one_line(
    installed: Settings, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    try:
        code = main(["week", *arguments])
    except SystemExit as error:
        code = int(str(error.code))
    assert code == 2
    assert why in capsys.readouterr().err
