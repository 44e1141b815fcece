"""The answer builder: from questions to a Word file and a tagged PDF, with every number traced."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from PIL import Image

from lagesbild.answers.compose import WrittenAnswer, composed, paragraph
from lagesbild.answers.document import TEMPLATE, DocumentError, to_docx, to_pdf
from lagesbild.answers.numbers import not_in_figures
from lagesbild.answers.spec import (
    Question,
    Spec,
    SpecError,
    Wanted,
    file_name,
    read_toml,
    split_questions,
)
from lagesbild.config import ROOT
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.archive import ArchiveError, FigureArchive
from lagesbild.figures.render import RENDERER

EXAMPLE = ROOT / "docs" / "exempel" / "interpellation-2018.toml"


@pytest.fixture(scope="module")
def answer(real: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> WrittenAnswer:
    """Four questions after the 2018 interpellation, answered with the shipped figures."""
    archive = FigureArchive(
        tmp_path_factory.mktemp("home") / "citations", RENDERER, "https://exempel.invalid"
    )
    return composed(read_toml(EXAMPLE, "1861"), archive, real)


@pytest.fixture(scope="module")
def word(answer: WrittenAnswer) -> bytes:
    return to_docx(answer)


def written(raw: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(raw)).paragraphs)


def test_the_four_questions_of_2018_are_answered_with_real_figures(answer: WrittenAnswer) -> None:
    assert len(answer.answered) == 4
    assert answer.municipality == "Hallsbergs kommun"
    first, second, third, fourth = answer.answered
    assert "Hallsberg ligger högre än liknande kommuner, men inte ovanligt långt från dem" in first.text
    assert (
        "Kommunen ligger högre i alla åtta jämförelser. I fyra av dem är avståndet ovanligt långt."
        in first.text
    )
    assert "Våldsbrott 2025: Hallsberg kan ligga i nivå med eller högre" in first.text
    assert "Utan narkotika- och vapenbrott" in first.text
    assert "Sedan 2020 är det 742 brott fler" in first.text
    assert "ungefär 845 fler. Det är fler än vad som är vanligt för en sådan kommun." in first.text
    assert "ökningen med 505 brott 2024–2025" in second.text
    assert "trygghetssamordnare på heltid" in second.text
    assert "1\u00a0959 brott de senaste tolv månaderna" in third.text
    assert "inte vilken timme eller plats" in third.text
    assert fourth.text.startswith("Siffrorna står i svaret på fråga 3.")
    assert "kan inte visa om kameror har effekt" in fourth.text
    assert not re.search("torsdag|flest notiser", "".join(one.text for one in answer.answered))
    assert all(one.figures for one in answer.answered)
    assert answer.unchecked == []


def test_every_number_in_the_written_text_is_in_the_figures(answer: WrittenAnswer, word: bytes) -> None:
    body = written(word)
    for one in answer.answered:
        for part in one.text.split("\n"):
            assert part.strip() in body
            assert not_in_figures(part, answer.figures) == []
    assert "1\u00a0959 brott" in body  # a number is not to break at the end of a line
    generated = paragraph(answer.figures)
    assert len(re.findall(r"\d", generated)) > 100
    assert not_in_figures(generated, answer.figures) == []
    assert not_in_figures(generated.replace("173", "174").replace("742", "743"), answer.figures)


def test_the_word_file_has_the_form_of_an_answer(answer: WrittenAnswer, word: bytes) -> None:
    body = written(word)
    order = (
        "Ärendet",
        "1. Sticker",
        "Figur 1. ",
        "2. Vad görs",
        "4. Är det dags",
        "Hallsberg, 24 november 2026",
        "Bilaga",
    )
    places = [body.index(part) for part in order]
    assert places == sorted(places)
    headings = (
        "Svar på interpellation om tryggheten",
        "Källor",
        "Vad siffrorna inte säger",
        "Så är siffrorna gjorda",
    )
    assert all(heading in body for heading in headings)
    for figure in answer.figures:
        assert figure.id in body
        assert body.count(f"Figur {answer.figures.index(figure) + 1}. ") == 1  # no chart twice
        assert body.count(figure.source_line.removeprefix("Källa: ")) == 1  # and each source once
    facts = Document(io.BytesIO(word)).tables[0]
    assert [row.cells[0].text for row in facts.rows] == [
        "Till",
        "Från",
        "Datum",
    ]  # what is not known is left out
    assert facts.rows[2].cells[1].text == "24 november 2026"
    assert "{" not in body
    footer = Document(io.BytesIO(word)).sections[0].footer
    assert "PAGE" in footer._element.xml
    assert "NUMPAGES" in footer._element.xml


def test_all_that_is_known_of_the_matter_stands_above_the_answer(real: Warehouse, tmp_path: Path) -> None:
    spec = Spec(
        kommun="Hallsberg",
        fragestallare="Prov Provsson (P)",
        inkom="2026-10-12",
        diarienummer="KS 2026/123",
        datum="2026-11-24",
        ort="Hallsberg",
        undertecknare="Prov Provberg",
        fragor=(Question("Vad görs?", own="Ett eget svar."),),
    )
    raw = to_docx(composed(spec, FigureArchive(tmp_path, RENDERER), real))
    book = Document(io.BytesIO(raw))
    told = {row.cells[0].text: row.cells[1].text for row in book.tables[0].rows}
    assert told == {
        "Till": "Kommunfullmäktige",
        "Från": "Kommunstyrelsens ordförande",
        "Frågeställare": "Prov Provsson (P)",
        "Interpellationen kom in": "12 oktober 2026",
        "Diarienummer": "KS 2026/123",
        "Datum": "24 november 2026",
    }
    signed = written(raw)
    assert signed.index("Hallsberg, 24 november 2026") < signed.index("Prov Provberg")
    assert "Ett eget svar." in signed
    assert file_name(spec) == "svar-pa-interpellation-ks-2026-123"
    assert file_name(Spec(kommun="1861", titel="???")) == "svar"


def test_the_example_is_two_pages_of_answer_and_an_appendix(word: bytes) -> None:
    pages = pypdfium2.PdfDocument(to_pdf(word))
    texts = [page.get_textpage().get_text_bounded() for page in pages]
    assert len(texts) <= 6
    assert "Bilaga. Diagram" in texts[2]
    assert all("Bilaga. Diagram" not in text for text in texts[:2])
    assert "Sida 2 av " in texts[1]


def test_what_could_not_be_checked_stands_as_comments_in_the_word_file(
    real: Warehouse, tmp_path: Path
) -> None:
    question = Question(
        "Har brotten ökat?",
        "Brotten har minskat i Hallsberg sedan 2020. Det var 4711 brott. Väktarna är fler än förr.",
        (Wanted(diagram="trend", parameters={"indicator": "N07540"}),),
    )
    answer = composed(Spec(kommun="1861", fragor=(question,)), FigureArchive(tmp_path, RENDERER), real)
    book = Document(io.BytesIO(to_docx(answer)))
    told = [comment.text for comment in book.comments]
    assert any("Brotten har minskat" in text and "Säger emot" in text for text in told)
    assert any("Väktarna" in text and "Ej kontrollerat" in text for text in told)
    assert any("4711" in text and "finns inte i svarets diagram" in text for text in told)
    assert {comment.author for comment in book.comments} == {"Lägesbild"}


def test_the_word_file_is_in_swedish_and_every_picture_has_an_alt_text(
    answer: WrittenAnswer, word: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as book:
        document, styles = book.read("word/document.xml").decode(), book.read("word/styles.xml").decode()
    alts = re.findall(r"<wp:docPr [^>]*descr=\"([^\"]+)\"", document)
    assert len(alts) == len(answer.figures)
    assert all(len(alt) > 15 for alt in alts)
    assert set(re.findall(r"<w:lang [^>]*w:val=\"([^\"]+)\"", styles)) == {"sv-SE"}
    ids = re.findall(r"<wp:docPr [^>]*?\bid=\"(\d+)\"", document)
    assert len(set(ids)) == len(ids)  # or Word offers to repair the file


def test_the_tables_hold_the_figures_own_numbers(answer: WrittenAnswer, word: bytes) -> None:
    tables = Document(io.BytesIO(word)).tables[1:]
    assert len(tables) >= 3
    first = [[cell.text for cell in row.cells] for row in tables[0].rows]
    table = answer.figures[0].table
    assert first[0][:3] == [
        "Jämfört med",
        "Kommuner",
        "Median, per 100\u00a0000 invånare",
    ]  # with their units
    known = {row[0]: row for row in table.rows}
    assert [row[0] for row in first[1:]] == list(known)
    for row in first[1:]:
        assert row[2] == table.shown(known[row[0]][3], table.columns[3])
        assert row[-1] == known[row[0]][8]
    parts = next(one for one in tables if one.rows[0].cells[0].text == "Brottstyp")
    assert [cell.text for cell in parts.rows[0].cells][1:4] == ["2024", "2025", "Skillnad"]


def test_no_table_is_wider_than_the_page(word: bytes) -> None:
    book = Document(io.BytesIO(word))
    section = book.sections[0]
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    for table in book.tables:
        for row in table.rows:
            assert (
                0 < sum(cell.width or 0 for cell in row.cells) <= room + 20_000
            )  # a rounding of the columns
            assert all(len(row.cells) == len(table.columns) for row in table.rows)


def test_libreoffice_opens_it_and_the_pdf_is_tagged_and_swedish(answer: WrittenAnswer, word: bytes) -> None:
    assert shutil.which("soffice"), "LibreOffice is missing; make test installs it"
    raw = to_pdf(word)
    assert b"/StructTreeRoot" in raw
    assert b"/Lang(sv-SE)" in raw
    book = pypdfium2.PdfDocument(raw)
    text = "\n".join(page.get_textpage().get_text_range() for page in book)
    for one in answer.answered:
        assert one.question.split()[0] in text
    flat = re.sub(r"\s+", "", text)
    assert all(figure.id in flat.replace("\u2011", "-") for figure in answer.figures)
    for number in range(len(book)):  # no page is empty, and nothing is drawn outside the paper's edge
        page = book[number].render(scale=0.6).to_pil().convert("L")
        assert page.getextrema()[0] < 100, f"page {number + 1} is empty"
        edge = page.crop((page.width - 8, 0, page.width, page.height))
        assert edge.getextrema()[0] > 200, f"page {number + 1} runs over its edge"


def test_the_municipalitys_own_template_and_logo_are_used(answer: WrittenAnswer, tmp_path: Path) -> None:
    own = Document(str(TEMPLATE))
    own.paragraphs[0].insert_paragraph_before("Provstadens egen mall")
    own.save(str(tmp_path / "svar.docx"))
    Image.new("RGB", (200, 80), "navy").save(tmp_path / "logo.png")
    raw = to_docx(answer, tmp_path / "svar.docx", tmp_path / "logo.png")
    assert "Provstadens egen mall" in written(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        headers = [name for name in book.namelist() if name.startswith("word/header")]
        assert any(b"<w:drawing>" in book.read(name) for name in headers)


@pytest.mark.parametrize("text", ["{{ titel", "{% for x in %}", "{{ finns.inte.alls }}"])
def test_a_template_that_is_wrong_is_told(answer: WrittenAnswer, tmp_path: Path, text: str) -> None:
    own = Document()
    own.add_paragraph(text)
    own.save(str(tmp_path / "svar.docx"))
    with pytest.raises(DocumentError, match=r"svar\.docx"):
        to_docx(answer, tmp_path / "svar.docx")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "{{ tittel }} {{ Diarienummer }}",
            "Mallen svar.docx använder namn som inte finns: Diarienummer, tittel.",
        ),
        ("{% for fraga in fragor %}{{ fraga.frga }}{% endfor %}", "frga"),
    ],
)
def test_a_template_with_a_misspelt_name_is_refused_and_the_name_told(
    answer: WrittenAnswer, tmp_path: Path, text: str, told: str
) -> None:
    own = Document(str(TEMPLATE))
    own.paragraphs[0].insert_paragraph_before(text)
    own.save(str(tmp_path / "svar.docx"))
    with pytest.raises(DocumentError, match=re.escape(told)):
        to_docx(answer, tmp_path / "svar.docx")


@pytest.mark.parametrize(("name", "raw"), [("svar.docx", b"no word file"), ("svar.docx", b"")])
def test_a_template_that_is_no_word_file_is_told(
    answer: WrittenAnswer, tmp_path: Path, name: str, raw: bytes
) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DocumentError, match="kan inte användas"):
        to_docx(answer, tmp_path / name)


def test_a_logo_that_is_no_picture_is_told(answer: WrittenAnswer, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"no picture")
    with pytest.raises(DocumentError, match="logotypen"):
        to_docx(answer, logo=tmp_path / "logo.png")


def test_text_that_looks_like_markup_stays_text(answer: WrittenAnswer) -> None:
    from dataclasses import replace

    hostile = replace(
        answer.answered[0], question="<b>&</b> {{ titel }} ]]>", text="Rad ett\n{% raw %} & <w:p/>"
    )
    raw = to_docx(replace(answer, answered=(hostile,)))
    assert "<b>&</b> {{ titel }} ]]>" in written(raw)
    assert "{% raw %} & <w:p/>" in written(raw)


@pytest.mark.parametrize("kommun", ["1861", "hallsberg", "Hallsbergs kommun"])
def test_the_municipality_is_a_code_or_a_name(kommun: str, real: Warehouse, tmp_path: Path) -> None:
    spec = Spec(kommun=kommun, fragor=(Question("Hur är läget?", "Lugnt."),))
    found = composed(spec, FigureArchive(tmp_path, RENDERER), real)
    assert (found.spec.kommun, found.municipality) == ("1861", "Hallsbergs kommun")


def test_a_municipality_that_is_misspelt_is_told_with_the_nearest(real: Warehouse, tmp_path: Path) -> None:
    spec = Spec(kommun="Halsberg", fragor=(Question("Hur är läget?", "Lugnt."),))
    with pytest.raises(SpecError, match=r"kommun: .* heter Halsberg\. Menade du Hallsberg \(1861\)\?"):
        composed(spec, FigureArchive(tmp_path, RENDERER), real)
    wanted = Wanted(diagram="trend", parameters={"home": "Kumlla", "indicator": "N07540"})
    spec = Spec(kommun="1861", fragor=(Question("Hur är läget?", "Lugnt.", (wanted,)),))
    with pytest.raises(SpecError, match=r"fråga 1: .*Menade du Kumla \(1881\)\?"):
        composed(spec, FigureArchive(tmp_path, RENDERER), real)


def test_without_libreoffice_it_says_what_to_install(word: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(DocumentError, match="apt-get install libreoffice"):
        to_pdf(word)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("titel = 3", "titel: ska vara text"),
        ("rubrik = 'x'", "okänt fält rubrik"),
        ("[[fragor]]\nsvar = 'x'", "fråga 1: fraga saknas"),
        ("fragor = 'x'", r"skriv \[\[fragor\]\]"),
        ("fragor = ['x']", "fråga 1: skriv"),
        (
            "[[fragor]]\nfraga = 'x'\n[[fragor.diagram]]\nindicator = 'N07540'",
            "fråga 1, diagram 1: ange id, eller diagram",
        ),
        (
            "[[fragor]]\nfraga = 'x'\n[[fragor.diagram]]\ndiagram = 'trend'\nyear = 1.5",
            "year: ska vara text eller ett heltal",
        ),
        ("[[fragor]]\nfraga = 'x'\ndiagram = 'trend'", r"skriv \[\[fragor.diagram\]\]"),
        ("titel = ", "ingen TOML-fil"),
    ],
)
def test_a_specification_that_is_wrong_names_the_field(tmp_path: Path, toml: str, told: str) -> None:
    file = tmp_path / "svar.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(SpecError, match=told):
        read_toml(file, "1861")


def test_a_specification_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="kan inte läsas"):
        read_toml(tmp_path / "saknas.toml", "1861")
    (tmp_path / "fel.toml").write_bytes("titel = 'å'".encode("latin-1"))
    with pytest.raises(SpecError, match="UTF-8"):
        read_toml(tmp_path / "fel.toml", "1861")


def test_charts_that_cannot_be_had_are_named_by_their_question(real: Warehouse, tmp_path: Path) -> None:
    archive = FigureArchive(tmp_path, RENDERER)
    wrong = Question("Hur?", diagram=(Wanted(diagram="trend", parameters={"indicator": "X"}),))
    with pytest.raises(SpecError, match="fråga 2: Okänt nyckeltal"):
        composed(Spec(kommun="1861", fragor=(Question("Vad?"), wrong)), archive, real)
    with pytest.raises(ArchiveError, match="finns inte i det här arkivet"):
        composed(
            Spec(kommun="1861", fragor=(Question("Hur?", diagram=(Wanted(id="LB-1861-7QK4M2"),)),)),
            archive,
            real,
        )
    with pytest.raises(SpecError, match="ingen kommun med koden 0000"):
        composed(Spec(kommun="0000"), archive, real)
    with pytest.raises(SpecError, match="ingen fråga att svara på"):
        composed(Spec(kommun="1861"), archive, real)


def test_a_question_without_text_and_figures_is_pointed_out(real: Warehouse, tmp_path: Path) -> None:
    asked = (Question("Vad?"), Question("Hur?", svar="Så här."), Question("När?", svar="  "))
    assert composed(
        Spec(kommun="1861", fragor=asked), FigureArchive(tmp_path, RENDERER), real
    ).unanswered == [1, 3]


@pytest.mark.parametrize(
    ("pasted", "questions"),
    [
        ("1. Vad görs?\n2. Vad kostar det\n   och när?", ["Vad görs?", "Vad kostar det och när?"]),
        ("Jag frågar därför:\n- Ett?\n- Två?", ["Ett?", "Två?"]),
        ("Första frågan?\n\nAndra frågan,\npå två rader?", ["Första frågan?", "Andra frågan, på två rader?"]),
        ("En rad?\nEn till?", ["En rad?", "En till?"]),
        ("   \n ", []),
    ],
)
def test_pasted_questions_are_told_apart(pasted: str, questions: list[str]) -> None:
    assert split_questions(pasted) == questions
