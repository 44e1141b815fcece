"""Charts are cited, found again, revised, answered with and checked: the pages and the commands as they are used."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea

from lagesbild.answers import drafts
from lagesbild.answers.spec import Spec
from lagesbild.cli.main import main
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import Chart
from lagesbild.figures.register import ChartContext
from lagesbild.figures.render import RENDERER
from lagesbild.signals.store import SignalStore
from tests.figures.plain import Plain, Without
from tests.local import log_in
from tests.test_pages import text


@pytest.fixture
def home(shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with the shipped warehouse."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "warehouse").symlink_to(shipped.home / "warehouse")
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)
    return tmp_path / "home"


@pytest.fixture
def drawn(home: Path, real: Warehouse) -> Chart:
    return build(ChartContext(real), "trend", {"home": "1861", "indicator": "N07540"})


WRITE, CHECK = "svar", "prova"


def opened(page: str = "svar", tab: str = "", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    if tab:
        app.query_params["flik"] = tab
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def told(app: AppTest) -> str:
    return text(app) + " ".join(one.value for one in (*app.success, *app.header))


@pytest.mark.usefixtures("unfolded")
def test_a_chart_is_cited_on_its_page_and_found_again_by_its_number(home: Path) -> None:
    app = opened("sticker_vi_ut")
    app.button(key="trend_freeze").click().run()
    assert not app.exception
    (file,) = (home / "citations").glob("LB-1861-*.zip")
    assert any(file.stem in code.value for code in app.code)
    assert "Egen bearbetning" in app.code[0].value
    found = opened(diagram=file.stem.lower())
    assert "Ingenting har ändrats" in told(found)
    assert "Hallsbergs nivå har stigit från 8 273 år 2019 till 14 657 år 2025" in told(found)
    assert len(found.get("download_button")) >= 5


def test_a_chart_that_has_been_revised_shows_then_and_now(home: Path, drawn: Chart) -> None:
    before = {2024: 11475.0}
    rows = tuple((*row[:3], before.get(int(row[0] or 0), row[3]), *row[4:]) for row in drawn.table.rows)
    older = replace(drawn, table=replace(drawn.table, rows=rows[:-1]))
    frozen = FigureArchive(home / "citations", Without()).freeze(older)
    app = opened(diagram=frozen.id)
    assert (
        "Uppgifterna har reviderats sedan dess: ett värde har ändrats. Nya uppgifter har tillkommit: en rad."
        in told(app)
    )
    assert "11 475" in told(app)
    assert "11 468" in told(app)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("hej", "är inget diagramnummer"),
        ("LB-1861-7QK4M3", "kontrolltecknet på slutet stämmer inte"),
        ("LB-1861-7QK4M2", "finns inte i det här arkivet"),
        ("<script>alert(1)</script>", "är inget diagramnummer"),
        ("../../local.sqlite", "är inget diagramnummer"),
    ],
)
def test_a_wrong_number_gets_a_clear_answer(home: Path, asked: str, answer: str) -> None:
    app = opened(diagram=asked)
    assert answer in app.error[0].value
    assert "<script>" not in app.error[0].value


def test_a_tampered_figure_is_not_shown(home: Path, drawn: Chart) -> None:
    frozen = FigureArchive(home / "citations", Plain()).freeze(drawn)
    file = home / "citations" / f"{frozen.id}.zip"
    file.write_bytes(file.read_bytes().replace(b"PNG", b"GNP"))
    app = opened(diagram=frozen.id)
    assert "ändrat sedan det sparades" in app.error[0].value
    assert "Som det citerades" not in told(app)


def begun(*questions: str) -> AppTest:
    """An answer that is being written."""
    app = opened(tab=WRITE)
    app.text_area(key="answer_paste").set_value(
        "\n".join(f"{n}. {q}" for n, q in enumerate(questions, start=1))
    )
    app.button(key="answer_start").click().run()
    assert not app.exception
    return app


def area(app: AppTest, label: str, n: int = 0) -> TextArea:
    return [one for one in app.text_area if one.label == label][n]


def press(app: AppTest, label: str, n: int = 0) -> AppTest:
    [one for one in app.button if one.label == label][n].click().run()
    assert not app.exception
    return app


def draft_of(home: Path) -> Spec:
    (draft,) = drafts.drafts(home / "drafts")
    return draft.spec


def test_an_answer_is_written_with_charts_and_its_numbers_checked(home: Path) -> None:
    app = opened(tab=WRITE)
    app.button(key="answer_start").click().run()
    assert any("minst en fråga" in one.value for one in app.warning)
    app = begun("Sticker vi ut?", "Har våldet ökat?", "Vilken dag är det?")
    press(app, "Lägg till det föreslagna", 1)
    answer = area(app, "Svar på fråga 2")
    assert "Hallsbergs nivå var 871 år 2020" in str(answer.value)
    answer.set_value(f"{answer.value} Det var 4711 brott.").run()
    assert any("Tal som inte finns i frågans diagram: 4711." in one.value for one in app.warning)
    app.selectbox(key="answer_chart").set_value("crime-wheel").run()
    assert any("inte publicerad månad för månad" in one.value for one in app.warning)
    app.button(key="answer_word").click().run()
    assert not app.exception
    assert not app.error
    assert any("Fråga 3 har inget svar" in one.value for one in app.warning)
    assert any("kommentarer i Word-filen" in one.value for one in app.info)
    assert len(list((home / "citations").glob("*.zip"))) == 1
    assert "Det var 4711 brott." in draft_of(home).fragor[1].svar


def test_what_the_page_suggests_is_what_the_document_gets_whatever_groups_the_reader_has_made(
    home: Path,
) -> None:
    written = []
    for query in ({}, {"egen": "1880,1881,1882", "vikter": "unga:3,tathet:0"}):
        app = opened(tab=WRITE, **query)
        app.text_area(key="answer_paste").set_value("Sticker vi ut?")
        app.button(key="answer_start").click().run()
        press(
            app,
            next(
                one.label
                for one in app.button
                if one.label.startswith(("Lägg till alla ", "Lägg till det före"))
            ),
        )
        written.append(area(app, "Svar på fråga 1").value)
    assert written[0] == written[1]


def test_seven_charts_are_chosen_in_at_most_twelve_clicks(home: Path) -> None:
    questions = (
        "Sticker vi ut i brott och våld?",
        "Vad görs åt händelserna?",
        "Har brotten ökat?",
        "Fler väktare?",
    )
    app = begun(*questions)
    clicks = 1
    for label in ("Lägg till alla 2", "Lägg till alla 2", "Lägg till alla 2", "Lägg till det föreslagna"):
        press(app, label)
        clicks += 1
    assert sum(len(question.diagram) for question in draft_of(home).fragor) == 7
    assert clicks <= 12
    assert str(area(app, "Svar på fråga 4").value).startswith("Siffrorna står i svaret på fråga 2.")


def test_all_that_is_typed_is_kept_through_clicks_reload_and_another_page(home: Path) -> None:
    app = begun("Sticker vi ut?", "Vad görs?")
    area(app, "Egna ord, efter det", 1).set_value("Vi har en samordnare.").run()
    area(app, "Ärendet i korthet").set_value("En fråga ställdes.")
    area(app, "Fråga 1").set_value("Sticker kommunen ut?")
    press(app, "Lägg till det föreslagna")  # typed, and then straight to a button
    kept = draft_of(home)
    assert kept.arende == "En fråga ställdes."
    assert kept.fragor[0].fraga == "Sticker kommunen ut?"
    assert kept.fragor[0].diagram[0].diagram == "comparisons"
    assert kept.fragor[1].own == "Vi har en samordnare."
    (draft,) = drafts.drafts(home / "drafts")
    again = opened(utkast=draft.id)  # another browser, with the link
    assert area(again, "Ärendet i korthet").value == "En fråga ställdes."
    assert area(again, "Egna ord, efter det", 1).value == "Vi har en samordnare."
    assert "Allt du skriver sparas" in told(again)


def test_two_who_write_are_told_and_nobody_is_overwritten(home: Path) -> None:
    mine = begun("Ett?", "Två?")
    (draft,) = drafts.drafts(home / "drafts")
    theirs = opened(utkast=draft.id)
    area(theirs, "Egna ord, efter det", 1).set_value("Andras ord.").run()
    area(mine, "Egna ord, efter det").set_value("Mina ord.").run()
    assert area(mine, "Egna ord, efter det", 1).value == "Andras ord."
    assert [question.own for question in draft_of(home).fragor] == ["Mina ord.", "Andras ord."]
    theirs.run()
    assert any("Någon annan skriver också" in one.value and "fråga 1" in one.value for one in theirs.info)
    assert area(theirs, "Egna ord, efter det").value == "Mina ord."
    area(theirs, "Egna ord, efter det").set_value("Mina ord, ändrade.").run()
    area(mine, "Egna ord, efter det").set_value("Helt andra.").run()
    assert any("Båda texterna står kvar" in one.value for one in mine.warning)
    assert draft_of(home).fragor[0].own == "Mina ord, ändrade.\nHelt andra."


def test_what_is_taken_away_is_asked_about_and_can_be_put_back(home: Path) -> None:
    app = begun("Ett?", "Har våldet ökat?")
    press(app, "Lägg till det föreslagna")
    press(app, "Ta bort frågan", 1)
    assert len(draft_of(home).fragor) == 2  # only asked
    press(app, "Nej")
    press(press(app, "Ta bort frågan", 1), "Ja")
    assert [question.fraga for question in draft_of(home).fragor] == ["Ett?"]
    area(app, "Egna ord, efter det").set_value("Skrivet efteråt.").run()
    press(app, "Ångra: fråga 2")
    kept = draft_of(home)
    assert [question.fraga for question in kept.fragor] == ["Ett?", "Har våldet ökat?"]
    assert kept.fragor[0].own == "Skrivet efteråt."
    assert len(kept.fragor[1].diagram) == 1
    press(app, "Ta bort")
    assert draft_of(home).fragor[1].diagram == ()
    press(app, "Ångra: diagrammet")
    assert len(draft_of(home).fragor[1].diagram) == 1


def test_any_chart_of_any_municipality_group_and_year_can_be_chosen_or_one_that_is_cited(
    home: Path, drawn: Chart
) -> None:
    frozen = FigureArchive(home / "citations", Plain()).freeze(drawn)
    app = begun("Ett?")
    app.selectbox(key="answer_chart").set_value("group").run()
    app.selectbox(key="answer_home").set_value("1881").run()
    app.selectbox(key="answer_group").set_value("county").run()
    app.selectbox(key="answer_year").set_value("2023").run()
    app.button(key="answer_add").click().run()
    app.text_input(key="answer_cited").set_value(frozen.id.replace("-", "–")).run()
    app.button(key="answer_add_cited").click().run()
    assert not app.exception
    first, second = draft_of(home).fragor[0].diagram
    assert first.parameters == {"home": "1881", "indicator": "N07540", "group": "county", "year": 2023}
    assert second.id == frozen.id
    app.text_input(key="answer_cited").set_value("hej").run()
    app.button(key="answer_add_cited").click().run()
    assert any("är inget diagramnummer" in one.value for one in app.warning)
    app.text_area(key="answer_new_question").set_value("En fråga till?").run()
    app.button(key="answer_more").click().run()
    assert [question.fraga for question in draft_of(home).fragor] == ["Ett?", "En fråga till?"]


def test_the_coordinator_finds_drafts_by_name_and_removes_and_restores_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = begun("Hur går det?")
    next(one for one in app.text_input if one.label == "Utkastets namn").set_value("Tryggheten 2026").run()
    (file,) = (home / "drafts").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = opened(tab=WRITE)
    assert not [
        box for box in again.selectbox if box.label == "Utkast"
    ]  # only with the password, or by the link
    log_in(monkeypatch, SignalStore(home / "local.sqlite"))
    again.run()
    assert "Tryggheten 2026" in again.selectbox(key="answer_saved").options[0]
    again.button(key="answer_open").click().run()
    assert area(again, "Fråga 1").value == "Hur går det?"
    press(press(again, "Ta bort utkastet"), "Ja")
    assert drafts.drafts(home / "drafts") == []
    press(again, "Lägg tillbaka")
    assert draft_of(home).namn == "Tryggheten 2026"


def test_a_link_to_a_draft_that_is_not_there_is_told(home: Path) -> None:
    for secret, said in (("0" * 24, "Utkastet finns inte"), ("../../x", "länk är inte giltig")):
        app = opened(tab=WRITE, utkast=secret)
        assert any(said in one.value for one in app.error)
        assert app.text_area(key="answer_paste").value == ""


def test_a_statement_is_checked_and_printed_on_a_page(home: Path) -> None:
    app = opened(tab=CHECK)
    app.text_input(key="pastaende").set_value("våldsbrotten har ökat").run()
    said = told(app)
    assert "Jag läser det så här: Våldsbrott i Hallsberg har ökat från 2024 till 2025." in said
    assert "Du skrev: ”våldsbrotten har ökat”" in said
    assert "Kan inte avgöras" not in said  # nothing is judged before the reading is confirmed
    app.button(key="claim_yes").click().run()
    said = told(app)
    assert "Kan inte avgöras: ”Våldsbrott i Hallsberg har ökat från 2024 till 2025”" in said
    assert "”Våldsbrott ökar med 8 procent i Hallsberg”" in said
    app.text_input(key="pastaende").set_value("hej").run()
    assert any("Förstår inte: ”hej”." in one.value for one in app.info)
    assert "sticker inte ut bland" not in told(app)  # nothing is judged instead of what was typed
    app.button(key="claim_instead").click().run()
    assert "Hallsberg sticker inte ut bland liknande kommuner 2025" in told(app)
    app.text_input(key="pastaende").set_value("Kumla har fler brott än Hallsberg").run()
    assert "Anmälda brott totalt i Kumla är fler per invånare än i Hallsberg 2025." in told(app)
    app.button(key="claim_yes").click().run()
    assert "Stämmer inte: ”Anmälda brott totalt i Kumla är fler per invånare än i Hallsberg 2025”" in told(
        app
    )
    app.text_input(key="pastaende").set_value("bostadsinbrotten är fler än i Kumla").run()
    assert any("inga siffror om bostadsinbrott" in one.value for one in app.warning)
    app.text_input(key="pastaende").set_value("").run()
    app.button(key="claim_pdf").click().run()
    assert not app.error
    assert "Diagrammen är citerade: LB-1861-" in told(app)


@pytest.mark.usefixtures("unfolded")
def test_without_chromium_the_page_says_what_to_install_and_still_offers_the_numbers(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RENDERER.close()
    monkeypatch.setenv("LAGESBILD_CHROMIUM", "finns-inte")
    app = opened("trender")
    assert any("apt-get install chromium" in one.value for one in app.warning)
    plots = [one.proto for one in app.get("plotly_chart")]
    assert '"toImage"' in plots[0].config
    app.button(key="trend_freeze").click().run()
    assert {one.proto.label for one in app.get("download_button")} == {"CSV", "XLSX"}


def test_the_command_freezes_a_chart_and_gives_the_very_same_back(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "a.png", tmp_path / "b.png"
    arguments = [
        "chart",
        "trend",
        "--indicator",
        "N07540",
        "--set",
        "group=kolada",
        "--cite",
        "--out",
        str(first),
    ]
    assert main(arguments) == 0
    figure_id = capsys.readouterr().out.strip()
    assert figure_id.startswith("LB-1861-")
    assert main(["chart", figure_id, "--out", str(again)]) == 0
    assert first.read_bytes() == again.read_bytes()
    with Image.open(again) as image:
        assert image.width == 1920
    assert main(["chart", figure_id]) == 0
    assert "Ingenting har ändrats" in capsys.readouterr().out
    assert main(["chart"]) == 0
    listed = capsys.readouterr().out
    assert "trend: Hur har nivån ändrats" in listed
    assert figure_id in listed


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "csv", "xlsx"])
def test_the_command_draws_without_freezing(home: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"x.{form}"
    assert main(["chart", "notice-clock", "--out", str(file)]) == 0
    starts = {
        "png": b"\x89PNG",
        "svg": b"<svg",
        "pdf": b"%PDF",
        "csv": b"\xef\xbb\xbfVeckodag;",
        "xlsx": b"PK",
    }
    assert file.read_bytes().startswith(starts[form])
    assert not (home / "citations").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chart", "trend", "--indicator", "N07540"], 2, "ange --out FIL, --cite eller båda"),
        (["chart", "trend", "--indicator", "N07540", "--out", "x.gif"], 2, "slutar på .png"),
        (["chart", "pie", "--out", "x.png"], 2, "inget diagram som heter pie"),
        (["chart", "trend", "--set", "x", "--out", "x.png"], 2, "skriv NAMN=VÄRDE"),
        (["chart", "LB-1861-7QK4M3"], 2, "fel avskrivet"),
        (["chart", "LB-1861-7QK4M2"], 1, "finns inte i det här arkivet"),
        (
            ["chart", "group", "--kommun", "0000", "--indicator", "N07540", "--cite"],
            2,
            "ingen kommun med koden 0000",
        ),
        (["answer", "saknas.toml", "--out", "x.docx"], 2, "kan inte läsas"),
        (["answer", "saknas.toml", "--out", "x.odt"], 2, "slutar på .docx eller .pdf"),
    ],
)
def test_a_wrong_call_is_one_line_and_an_exit_code(
    home: Path, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_the_command_answers_an_interpellation_and_points_at_what_is_missing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "svar.toml"
    spec.write_text(
        'titel = "Svar om prov"\n[[fragor]]\nfraga = "Hur många?"\nsvar = "Det var 12345 brott."\n'
        '[[fragor.diagram]]\ndiagram = "notice-clock"\n[[fragor]]\nfraga = "Varför?"\n',
        encoding="utf-8",
    )
    out = tmp_path / "svar.pdf"
    assert main(["answer", str(spec), "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.err == (
        "lagesbild: fråga 1: talet 12345 finns inte i svarets diagram.\n"
        "lagesbild: fråga 1: ej kontrollerat: ”Det var 12345 brott.” Meningen följer inget diagram.\n"
        "lagesbild: fråga 2: har inget svar, varken text eller diagram.\n"
    )
    assert captured.out.startswith("LB-1861-")
    found = pypdfium2.PdfDocument(out.read_bytes())
    assert "Svar om prov" in found[0].get_textpage().get_text_range()
    assert main(["answer", str(spec), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "svar-om-prov.docx").is_file()  # named after the matter
    capsys.readouterr()
    spec.write_text('datum = "i går"\n[[fragor]]\nfraga = "Hur många?"\n', "utf-8")
    assert main(["answer", str(spec), "--out", str(out)]) == 2
    assert capsys.readouterr().err.endswith("datum: 'i går' är inget datum. Skriv som 2026-11-24.\n")


def test_cited_charts_can_be_searched_and_cut_to_a_municipality(
    home: Path, drawn: Chart, real: Warehouse
) -> None:
    archive = FigureArchive(home / "citations", Without())
    one = archive.freeze(drawn)
    other = archive.freeze(build(ChartContext(real), "trend", {"home": "1881", "indicator": "N07403"}))
    app = opened()
    assert {one.id, other.id} <= set(re.findall(r"LB-\d{4}-\w{6}", told(app)))
    app.text_input(key="cited_search").set_value("hallsbergs").run()
    assert one.id in told(app)
    assert other.id not in told(app)
    app.text_input(key="cited_search").set_value("").run()
    app.selectbox(key="cited_place").set_value("1881").run()
    assert other.id in told(app)
    assert one.id not in told(app)
    app.text_input(key="cited_search").set_value("finns inte").run()
    assert "Inget citerat diagram stämmer med det du söker." in told(app)


def test_a_cited_chart_has_a_short_address_and_can_be_shown_in_another_page(home: Path, drawn: Chart) -> None:
    frozen = FigureArchive(home / "citations", Without()).freeze(drawn)
    app = opened(diagram=frozen.id)
    codes = [one.value for one in app.code]
    assert any(code.endswith(f"/d?nr={frozen.id}") for code in codes)
    (embed,) = [code for code in codes if code.startswith("<iframe")]
    assert f"/d?nr={frozen.id}&amp;embed=true" in embed
    assert f'title="{frozen.title}"' in embed
    alone = opened("diagram", nr=frozen.id)
    assert frozen.source_line in told(alone)
    assert frozen.id in told(alone)
    assert "finns inte i det här arkivet" in opened("diagram", nr="LB-1861-7QK4M2").error[0].value
    assert "är inget diagramnummer" in opened("diagram").error[0].value


def test_a_mistaken_chart_is_marked_and_kept(
    home: Path, drawn: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = FigureArchive(home / "citations", Without())
    frozen = archive.freeze(drawn)
    app = opened(diagram=frozen.id)
    assert not [one for one in app.button if one.key == "withdraw_do"]  # for the coordinator alone
    log_in(monkeypatch, SignalStore(home / "local.sqlite"))
    app.run()
    app.text_input(key=f"withdraw_{frozen.id}").set_value("Fel grupp.").run()
    app.button(key="withdraw_do").click().run()
    assert any("ska inte användas. Skäl: Fel grupp." in one.value for one in app.error)
    assert "(märkt som misstag)" in told(opened())
    assert any("Fel grupp." in one.value for one in opened("diagram", nr=frozen.id).error)
    assert archive.open(frozen.id).files == frozen.files  # the figure itself is as it was
    app.text_input(key=f"withdraw_{frozen.id}").set_value("").run()
    app.button(key="withdraw_do").click().run()
    assert archive.open(frozen.id).withdrawn == ""
