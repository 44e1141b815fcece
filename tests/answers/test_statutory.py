"""The documents of law 2023:196: the parts the law asks for, real figures, and nothing made up."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from lagesbild.answers import statutory
from lagesbild.cli.main import main
from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import FigureArchive
from lagesbild.hotspots.half_year import half_year, half_year_before
from lagesbild.signals import documents, meetings
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.meetings import Meeting
from lagesbild.signals.store import SignalStore
from tests.answers.test_week_document import PNG, told
from tests.figures.plain import Plain, Without
from tests.signals.invented import MONDAY, signal, town

TODAY = date(2026, 11, 24)


class Dot(Plain):
    """Draws a dot, which a Word file takes."""

    def pictures(self, *arguments: object, **named: object):  # type: ignore[no-untyped-def]
        from lagesbild.figures.render import Pictures

        return Pictures(b"<svg/>", PNG, b"%PDF")


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    return SignalStore(tmp_path / "local.sqlite")


@pytest.fixture
def situation(store: SignalStore, real: Warehouse, tmp_path: Path) -> statutory.Situation:
    store.report("1861", town(), COMMAND_LINE)
    return statutory.situation_of(store, real, FigureArchive(tmp_path / "citations", Dot()), "1861", TODAY)


def heads(raw: bytes) -> list[str]:
    return [
        one.text
        for one in Document(io.BytesIO(raw)).paragraphs
        if one.style and one.style.name.startswith("Heading")
    ]


def test_the_picture_of_crime_has_the_parts_of_the_law(situation: statutory.Situation) -> None:
    raw = statutory.situation_docx(situation, "1861", "Hallsberg", TODAY)
    assert heads(raw)[:7] == [
        "Kartläggning",
        "Brottslighetens omfattning",
        "Brottstyp för brottstyp",
        "Brottslighetens konsekvenser",
        "Annan information som behövs",
        "Analys",
        "Källor och metod",
    ]


def test_it_says_what_frozen_figures_say_with_their_numbers(situation: statutory.Situation) -> None:
    text = told(statutory.situation_docx(situation, "1861", "Hallsberg", TODAY))
    assert "Hallsberg ligger högre än liknande kommuner" in text
    assert "14\u00a0657" in text
    assert len(situation.figures) >= 10
    for figure in situation.figures:
        assert figure.id in text
        assert f"{figure.frozen_at:%Y-%m-%d}" in text
    assert {figure.chart for figure in situation.total} == {
        "comparisons",
        "trend",
        "contribution",
        "crime-months",
    }


def test_what_nobody_has_written_is_named_and_what_somebody_has_is_taken_as_it_is(
    store: SignalStore, real: Warehouse, tmp_path: Path
) -> None:
    written = Written(name=Name.SITUATION, sections={"analys": "Unga utan fritid.\nMörka stråk."})
    documents.keep(store, "1861", written, COMMAND_LINE)
    found = statutory.situation_of(store, real, FigureArchive(tmp_path / "c", Without()), "1861", TODAY)
    text = told(statutory.situation_docx(found, "1861", "Hallsberg", TODAY))
    assert "Inte skrivet än: ”Brottslighetens konsekvenser” och ”Annan information som behövs”." in text
    assert text.count("Inte skrivet än.") == 2
    assert "Unga utan fritid." in text
    assert "Utkast, inte beslutat." in text
    assert "frystes utan bilder" in text  # no chromium: the words and numbers stand all the same
    assert "signaler" not in text


def test_a_decided_document_says_so(store: SignalStore) -> None:
    decided = Written(name=Name.PLAN, decided=date(2026, 6, 15), decided_by="kommunfullmäktige")
    documents.keep(store, "1861", decided, COMMAND_LINE)
    text = told(statutory.plan_docx(statutory.plan_of(store, "1861"), "1861", "Hallsberg", TODAY))
    assert "Beslutad 15 juni 2026 av kommunfullmäktige." in text


def test_the_plan_tells_measures_who_answers_when_and_how_they_are_followed_up(store: SignalStore) -> None:
    store.create(
        "1861",
        "action",
        {
            "title": "Belysning",
            "purpose": "Trygghet",
            "owner": "gatuchefen",
            "starts": "2026-10-01",
            "ends": "2027-03-31",
        },
        COMMAND_LINE,
    )
    store.create("1861", "promise", {"title": "Polisen på torget", "due": "2026-12-31"}, COMMAND_LINE)
    meetings.add(store, "1861", Meeting(day=date(2026, 11, 17)), COMMAND_LINE)
    raw = statutory.plan_docx(statutory.plan_of(store, "1861"), "1861", "Hallsberg", TODAY)
    assert [head for head in heads(raw) if head != "Löften till invånarna"] == [
        "Utgångspunkter",
        "Åtgärder",
        "Samverkan",
        "Uppföljning",
    ]
    first = [[cell.text for cell in row.cells] for row in Document(io.BytesIO(raw)).tables[0].rows]
    assert first[1:] == [
        ["Syfte", "Trygghet"],
        ["Ansvarig", "gatuchefen"],
        ["När", "1 oktober 2026–31 mars 2027"],
        ["Följs upp", "anges inte"],
    ]
    text = told(raw)
    assert "Polisen på torget" in text
    assert "återkommande möten: 1 sedan 17 november 2026" in text


def test_without_measures_that_is_said(store: SignalStore) -> None:
    text = told(statutory.plan_docx(statutory.plan_of(store, "1861"), "1861", "Hallsberg", TODAY))
    assert "Inga åtgärder är inlagda än." in text
    assert "Löften" not in text


# --- signals in a public document ---


@pytest.mark.parametrize(
    ("today", "span"),
    [
        (date(2026, 6, 30), (date(2025, 7, 1), date(2025, 12, 31))),
        (date(2026, 7, 1), (date(2026, 1, 1), date(2026, 6, 30))),
        (date(2027, 1, 1), (date(2026, 7, 1), date(2026, 12, 31))),
    ],
)
def test_the_half_year_is_the_last_that_is_over(today: date, span: tuple[date, date]) -> None:
    assert half_year_before(today) == span


def test_signals_of_half_a_year_are_rounded_and_small_counts_hidden() -> None:
    spring = [signal(n, date(2026, 3, 1), kind="klotter" if n < 41 else "buller") for n in range(44)]
    found = half_year([signal(99, date(2025, 12, 1)), *spring], TODAY)
    assert found is not None
    assert found.total == 45
    assert {one.name: one.now for one in found.kinds} == {"klotter": None, "buller": None}
    assert {one.name: one.now for one in found.localities} == {"Provby": 45}


def test_signals_that_began_within_the_half_year_are_not_told_as_one() -> None:
    assert half_year([signal(1, date(2026, 3, 1))], TODAY) is None
    assert half_year([signal(1, MONDAY)], TODAY) is None


# --- the command ---


def test_the_command_names_what_is_missing(
    shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "warehouse").symlink_to(shipped.home / "warehouse")
    monkeypatch.setenv("LAGESBILD_HOME", str(home))
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "ingen-sadan")
    out = tmp_path / "plan.docx"
    assert main(["lagesbild", "--atgardsplan", "--out", str(out), "--kommun", "Kumla"]) == 0
    assert "Inte skrivet än: ”Utgångspunkter”, ”Samverkan” och ”Uppföljning”." in capsys.readouterr().out
    assert "Kumla kommun" in told(out.read_bytes())
    assert main(["lagesbild", "--out", str(out), "--kommun", "Kumla"]) == 0
    assert "Kumla" in told(out.read_bytes())
    assert main(["lagesbild", "--out", "plan.txt"]) == 2
