"""The pages Veckans lägesbild and Lagens dokument, as a coordinator and as a viewer see them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from lagesbild.figures import render
from lagesbild.figures.render import Pictures
from lagesbild.signals import documents, meetings
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.store import SignalStore
from tests.answers.test_week_document import PNG
from tests.signals.invented import town
from tests.test_pages import text

HARNESS = ROOT / "tests" / "signals" / "local_pages.py"


@pytest.fixture
def store(shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignalStore:
    home = tmp_path / "home"
    home.mkdir()
    (home / "warehouse").symlink_to(shipped.home / "warehouse")
    monkeypatch.setenv("LAGESBILD_HOME", str(home))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)
    monkeypatch.setattr(render.RENDERER, "plain", lambda figure, width: PNG)
    monkeypatch.setattr(render.RENDERER, "available", lambda: True)
    monkeypatch.setattr(render.RENDERER, "pictures", lambda *_: Pictures(b"<svg/>", PNG, b"%PDF"))
    found = SignalStore(Settings(home=home).local_file)
    found.report("1861", town(weeks=30), COMMAND_LINE)
    return found


def opened(monkeypatch: pytest.MonkeyPatch, page: str, roles: str = "coordinator") -> AppTest:
    monkeypatch.setenv("PROVSIDA", page)
    monkeypatch.setenv("PROVROLLER", roles)
    app = AppTest.from_file(str(HARNESS), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def test_the_week_begins_with_three_numbers_and_the_coordinator_sees_places(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, "week")
    assert [metric.label for metric in app.metric] == [
        "Signaler i veckan",
        "Platser som växer",
        "Beslut och åtgärder som är försenade",
    ]
    assert app.selectbox(key="week_monday").value == date(2026, 11, 16)
    assert "Provby: skadegörelse" in text(app)
    assert "rapportörer var aktiva" in text(app)


def test_a_viewer_sees_the_coarse_week_and_no_form(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Taken(text="Klipp buskarna", owner="gatuchefen", due=None)
    minutes = Meeting(day=date(2026, 11, 24), notes="Bilder på tre unga", decisions=(taken,))
    meetings.add(store, "1861", minutes, COMMAND_LINE)
    app = opened(monkeypatch, "week", "viewer")
    assert "Antal under fem visas inte" in text(app)
    assert "Provby: skadegörelse" not in text(app)
    assert "Bilder på tre unga" not in text(app)
    assert "Klipp buskarna" in text(app)
    assert not app.toggle
    assert not app.text_area
    press(app, "Gör Word")
    raw = app.session_state["week_files"][1]["docx"]
    told = "\n".join(one.text for one in Document(io.BytesIO(raw)).paragraphs)
    assert "Antal under fem" in told
    assert "Bilder på tre unga" not in told


def test_a_meeting_is_written_changed_taken_away_and_brought_back(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, "week")
    app.text_area[0].set_value("samordnaren\nrektorn")
    app.text_area[2].set_value("Lugnt.")
    press(app, "Spara mötet")
    (kept,) = meetings.meetings(store, "1861")
    assert (kept.day, kept.present, kept.notes) == (date(2026, 11, 24), ("samordnaren", "rektorn"), "Lugnt.")
    assert "Senast sparat av anna, version 1" in text(app)
    app.text_area[2].set_value("Skriv till nils@example.se")
    press(app, "Spara mötet")
    assert "e-postadress" in app.error[0].value
    press(app, "Ta bort mötet")
    assert meetings.meetings(store, "1861") == []
    press(app, "Ta tillbaka mötet 24 november 2026")
    assert [one.notes for one in meetings.meetings(store, "1861")] == ["Lugnt."]


def test_who_saves_a_meeting_that_somebody_else_has_saved_is_told(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = meetings.add(store, "1861", Meeting(day=date(2026, 11, 24)), COMMAND_LINE)
    app = opened(monkeypatch, "week")
    app.text_area[2].set_value("Mitt")
    # Between the moment the page was shown and the click:
    changed = meetings.change
    monkeypatch.setattr(
        meetings,
        "change",
        lambda local, one, actor: (
            changed(local, replace(kept, notes="Deras"), actor),
            changed(local, one, actor),
        ),
    )
    press(app, "Spara mötet")
    assert "Någon annan (kommandoraden)" in app.error[0].value or "Någon annan (anna)" in app.error[0].value
    assert meetings.meetings(store, "1861")[0].notes == "Deras"


def test_last_meetings_decisions_are_followed_up(store: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken(text="Klipp buskarna", owner="gatuchefen", due=date(2026, 11, 20))
    meetings.add(store, "1861", Meeting(day=date(2026, 11, 17), decisions=(taken,)), COMMAND_LINE)
    app = opened(monkeypatch, "week")
    assert "Beslut på mötet 17 november 2026" in [one.value for one in app.header]
    assert "20 november 2026 (försenat)" in text(app)
    assert app.metric[2].value == "1"


def test_what_looks_like_a_name_is_asked_about_once_after_it_is_saved(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, "week")
    app.text_area[2].set_value("Anna Karlsson visade bilder från Hallsberg.")
    press(app, "Spara mötet")
    assert meetings.meetings(store, "1861")[0].notes == "Anna Karlsson visade bilder från Hallsberg."
    asked = "Ser ut som ett namn: Anna Karlsson. Skriv funktionen i stället, om det är en person."
    assert asked in text(app)
    assert asked not in text(app.run())
    documented = opened(monkeypatch, "documents")
    next(area for area in documented.text_area if area.label == "Analys").set_value("Anna Karlsson, Bo Ek")
    press(documented, "Spara")
    assert "Ser ut som namn: Anna Karlsson och Bo Ek." in text(documented)


# --- the law's documents ---


def test_texts_are_written_and_what_is_missing_is_named(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(monkeypatch, "documents")
    assert (
        "Inte skrivet än: ”Brottslighetens konsekvenser”, ”Annan information som behövs” och ”Analys”."
        in text(app)
    )
    next(area for area in app.text_area if area.label == "Analys").set_value("Unga utan fritid.")
    press(app, "Spara")
    assert documents.written(store, "1861", Name.SITUATION).text("analys") == "Unga utan fritid."
    assert "Inte skrivet än: ”Brottslighetens konsekvenser” och ”Annan information som behövs”." in text(app)


def test_the_reminder_stands_first(store: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Written(name=Name.SITUATION, decided=date(2024, 10, 1), decided_by="kommunfullmäktige")
    documents.keep(store, "1861", old, COMMAND_LINE)
    app = opened(monkeypatch, "documents")
    assert "skulle ha följts upp" in app.warning[0].value


def test_the_situation_is_made_and_what_its_figures_say_is_shown(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = press(opened(monkeypatch, "documents"), "Gör Word")
    raw = app.session_state["situation_files"][1]["docx"]
    assert Document(io.BytesIO(raw)).core_properties.title == "Lägesbild av brottsligheten"
    assert "Hallsberg ligger högre än liknande kommuner" in text(app)
