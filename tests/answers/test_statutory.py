"""The documents of law 2023:196: the parts the law asks for, real figures, and nothing made up."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document

from lagesbild.answers import statutory
from lagesbild.cli.main import main
from lagesbild.config import Settings
from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots.half_year import half_year, half_year_before
from lagesbild.signals import action_words, actions, documents, meetings, promises
from lagesbild.signals.actions import REST_OF_COUNTY
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.meetings import Meeting
from lagesbild.signals.store import SignalStore
from lagesbild.trends import promise_words
from tests.answers.test_week_document import PNG, told
from tests.figures.plain import Plain, Without
from tests.signals.invented import MONDAY, signal, town
from tests.signals.test_actions import BEFORE, OVER, START, action, counted
from tests.signals.test_promises import promise

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
    assert "sparades utan bilder" in text  # no chromium: the words and numbers stand all the same
    assert "signaler" not in text


def test_a_decided_document_says_so(store: SignalStore, real: Warehouse) -> None:
    decided = Written(name=Name.PLAN, decided=date(2026, 6, 15), decided_by="kommunfullmäktige")
    documents.keep(store, "1861", decided, COMMAND_LINE)
    text = told(plan(store, real))
    assert "Beslutad 15 juni 2026 av kommunfullmäktige." in text


def plan(store: SignalStore, real: Warehouse, today: date = TODAY) -> bytes:
    found = statutory.plan_of(store, ChartContext(real), "1861", today)
    return statutory.plan_docx(found, "1861", "Hallsberg", today)


def facts(raw: bytes, nth: int = 0) -> dict[str, str]:
    """Return a table of the document as what and said."""
    rows = Document(io.BytesIO(raw)).tables[nth].rows[1:]
    return {row.cells[0].text: row.cells[1].text for row in rows}


def test_the_plan_has_the_parts_of_the_law(store: SignalStore, real: Warehouse) -> None:
    actions.add(store, "1861", action(), COMMAND_LINE, START)
    promises.add(store, "1861", promise(), COMMAND_LINE)
    meetings.add(store, "1861", Meeting(day=date(2026, 11, 17)), COMMAND_LINE)
    raw = plan(store, real)
    assert heads(raw) == [
        "Utgångspunkter",
        "Åtgärder",
        "Löften till invånarna",
        "Samverkan",
        "Uppföljning",
    ]
    assert "återkommande möten: 1 sedan 17 november 2026" in told(raw)


def test_an_action_tells_why_where_who_when_and_how_it_is_followed_up(
    store: SignalStore, real: Warehouse
) -> None:
    planned = action(starts=date(2026, 12, 1), ends=date(2027, 3, 31), near="Sköllersta", smallest_share=0.4)
    actions.add(store, "1861", planned, COMMAND_LINE, TODAY)
    assert facts(plan(store, real)) == {
        "Syfte": "Mindre buller på kvällarna",
        "Vad": "Insats",
        "Plats": "Hallsberg",
        "Ansvarig": "Trygghetssamordnare",
        "När": "1 december 2026–31 mars 2027",
        "Läge": "Planerad",
        "Följs upp": "Signaler om buller räknas 12 veckor före och 12 veckor efter, jämfört med Pålsboda. Svaret finns efter "
        "1 mars 2027. Om problemet flyttar ses i Sköllersta. En minskning med 40 procent eller mer syns i fyra fall av fem. "
        "En mindre syns sällan.",
    }


def test_an_action_that_is_over_tells_its_effect_and_that_it_is_no_proof(
    store: SignalStore, real: Warehouse
) -> None:
    store.report("1861", counted((60, 20), (50, 52)), COMMAND_LINE)
    actions.add(store, "1861", action(ends=START + timedelta(days=60)), COMMAND_LINE, BEFORE)
    said = facts(plan(store, real, OVER))["Effekt"]
    assert said.startswith("Färre än väntat, mer än slumpen ger. Före: 60 signaler på 12 veckor. Efter: 20.")
    assert said.endswith(action_words.WHY_NOT_PROOF)
    assert facts(plan(store, real, OVER))["Läge"] == "Avslutad"


def test_small_numbers_of_signals_are_not_told_in_a_public_document(
    store: SignalStore, real: Warehouse
) -> None:
    store.report("1861", counted((60, 3), (50, 52)), COMMAND_LINE)
    actions.add(store, "1861", action(ends=START + timedelta(days=60)), COMMAND_LINE, BEFORE)
    said = facts(plan(store, real, OVER))["Effekt"]
    assert "Antalen är för små för att visas." in said
    assert "60" not in said
    assert "3" not in said


def test_an_action_judged_by_reported_crimes_names_them(store: SignalStore, real: Warehouse) -> None:
    measured = action(
        place="Hallsberg",
        kinds=(),
        measure=SOL_TOTAL,
        control=REST_OF_COUNTY,
        starts=date(2024, 1, 1),
        ends=date(2024, 6, 30),
        before_days=364,
        after_days=364,
        owner="",
    )
    actions.add(store, "1861", measured, COMMAND_LINE, date(2023, 12, 1))
    found = facts(plan(store, real))
    assert found["Följs upp"].startswith("Anmälda brott (")
    assert "jämfört med resten av länet" in found["Följs upp"]
    assert "anmälda brott på" in found["Effekt"]
    assert found["Ansvarig"] == "anges inte"


def test_an_action_that_is_called_off_has_no_effect(store: SignalStore, real: Warehouse) -> None:
    actions.add(store, "1861", action(cancelled=True), COMMAND_LINE, BEFORE)
    found = facts(plan(store, real, OVER))
    assert found["Läge"] == "Inställd"
    assert "Effekt" not in found


def test_a_promise_tells_its_period_and_what_the_figures_say(store: SignalStore, real: Warehouse) -> None:
    promises.add(
        store,
        "1861",
        promise(indicator="N07540", first=date(2023, 1, 1), last=date(2023, 12, 31)),
        COMMAND_LINE,
    )
    raw = plan(store, real)
    found = facts(raw)
    assert found["Period"] == "1 januari 2023–31 december 2023"
    assert found["Ansvarig"] == "Kommunen och polisen"
    assert "under perioden" in found["I siffrorna"]
    assert "Målet var minst 10 procent färre." in found["I siffrorna"]
    assert found["Gjort"] == "En av två aktiviteter är gjord; för resten saknas uppgift."
    assert promise_words.NOT_WHY in told(raw)


def test_without_measures_that_is_said(store: SignalStore, real: Warehouse) -> None:
    text = told(plan(store, real))
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


def kind_of(n: int) -> str:
    return "klotter" if n < 41 else "nedskräpning" if n < 61 else "buller"


def test_signals_of_half_a_year_are_rounded_and_small_counts_hidden() -> None:
    spring = [signal(n, date(2026, 3, 1), kind=kind_of(n)) for n in range(64)]
    found = half_year([signal(99, date(2025, 12, 1)), *spring], TODAY)
    assert found is not None
    assert found.total == 65
    assert [(one.name, one.now) for one in found.kinds] == [("klotter", 40), ("övriga slag", 25)]
    assert found.localities == ()  # all are in one: to name it would tell that none are elsewhere


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
