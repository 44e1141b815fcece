"""The glossary: whole, in order, short and easy; and texts in which its words can be pressed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT
from pages.parts.method import Part, contents, parts, with_links
from pages.parts.terms import Term, explained, find, glossary, in_markdown, matching
from tests.reading import lix

_LETTERS = "abcdefghijklmnopqrstuvwxyzåäö"


def named(term: Term) -> str:
    return term.anchor


def test_the_words_stand_in_swedish_alphabetical_order() -> None:
    words = [[_LETTERS.find(letter) for letter in term.term.lower()] for term in glossary()]
    assert words == sorted(words)
    assert len(words) > 80


def test_no_address_and_no_form_belongs_to_two_words() -> None:
    anchors = [term.anchor for term in glossary()]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in anchors)
    forms = [form.lower() for term in glossary() for form in term.forms]
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize("term", glossary(), ids=named)
def test_a_meaning_is_one_or_two_whole_sentences(term: Term) -> None:
    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", term.explanation)) <= 2
    assert term.explanation.endswith(".")
    assert len(term.explanation) <= 180
    assert lix(term.explanation) < 60


def test_the_meanings_together_are_easy_to_read() -> None:
    assert lix(" ".join(term.explanation for term in glossary())) < 40


@pytest.mark.parametrize(
    "word",
    [
        "felmarginal",
        "medianen",
        "jämförelsegruppen",
        "per 100\xa0000 invånare",
        "nyckeltal",
        "notiser",
        "citerade diagram",
        "det vanliga",
        "preliminära",
        "avbrott i tidsserien",
        "flaggas",
        "e-testet",
        "anmälda brott",
        "brottstyper",
        "medborgarlöfte",
        "oroshärdar",
        "lokala signaler",
    ],
)
def test_what_a_council_member_may_not_know_is_found_in_running_text(word: str) -> None:
    assert [match[0] for match, _ in find(f"Här står {word}, och mer.")] == [word]


def test_a_form_inside_another_word_is_left() -> None:
    assert not list(find("Medianenkät och notisblock, omedian."))


class _Read(HTMLParser):
    """What a reader sees before anything is pressed, and what the buttons open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen, self.opens, self.ids, self._hidden = "", list[str](), list[str](), 0
        self.feed(str(html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "button":
            self.opens.append(given["popovertarget"] or "")
        if "popover" in given:
            self.ids.append(given["id"] or "")
        self._hidden += "popover" in given or (self._hidden > 0 and tag != "br")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= self._hidden > 0

    def handle_data(self, data: str) -> None:
        self.seen += "" if self._hidden else data


@pytest.mark.parametrize(
    "text",
    [
        "Felmarginalen är stor (medianen). Felmarginalen igen, och gruppens median.",
        "Per 100\u00a0000 invånare: <script>alert(1)</script> & ”nyckeltal”.",
        "Inget att förklara.",
        "",
    ],
)
def test_a_text_reads_as_before_and_each_button_opens_a_meaning_that_is_there(text: str) -> None:
    read = _Read(explained(text))
    assert read.seen == text
    assert sorted(read.opens) == sorted(read.ids)
    assert len(set(read.ids)) == len(read.ids) == len(list(find(text)))


def test_nothing_is_marked_inside_links_headings_and_attributes() -> None:
    text = Markup("<h3>Medianen</h3><a href='ordlista#median' title='notiser'>median</a> och <b>notiser</b>")
    marked = explained(text)
    assert marked.startswith(
        "<h3>Medianen</h3><a href='ordlista#median' title='notiser'>median</a> och <b><button"
    )
    assert _Read(marked).opens == [_Read(marked).ids[0]]


def test_two_equal_texts_can_be_told_apart() -> None:
    assert _Read(explained("median", key="1")).ids != _Read(explained("median", key="2")).ids


MARKDOWN = """\
### Medianen

| Median | Notis |
|---|---:|
| **Kvartil** | `median` ([nyckeltal](metod?del=kort)), <a href='x'>notiser</a> |

Här står $median$, *notiser* och nyckeltal.
"""


def test_in_markdown_headings_heads_of_tables_links_code_and_formulas_stay_as_they_are() -> None:
    marked, meanings = in_markdown(MARKDOWN)
    assert _Read(marked).seen == _Read(MARKDOWN).seen
    pressed = re.findall(r"<button[^>]*>([^<]*)</button>", marked)
    assert pressed == ["Kvartil", "notiser", "nyckeltal"]
    assert "| **<button" in marked
    assert sorted(_Read(marked).opens) == sorted(_Read(meanings).ids)


@pytest.mark.parametrize("part", parts().values(), ids=lambda part: part.key)
def test_the_first_use_of_each_word_in_a_part_of_metod_can_be_pressed_and_the_part_reads_as_before(
    part: Part,
) -> None:
    text = with_links(part.text)
    marked, meanings = in_markdown(text)
    assert re.sub(r"</?(?:button|span)[^>]*>", "", marked) == text
    opens = _Read(marked).opens
    assert sorted(opens) == sorted(_Read(meanings).ids)
    assert len(set(opens)) == len(opens)
    # Words that are left stand in headings, links and the like alone.
    bare = re.sub(
        r"(?m)^#.*$|^\|.*$(?=\n\|[ :|-]+$)|<a\b.*?</a>|\[[^\]]*\]\([^)]*\)|`[^`]*`|\$[^$]+\$", "", part.text
    )
    bare = re.sub(r"\*+", "|", bare)  # a form of several words is not sought across emphasis
    assert {one.removeprefix("ord-").rpartition("-")[0] for one in opens} >= {
        term.anchor for match, term in find(bare)
    }


def test_what_explains_a_word_does_not_mark_it() -> None:
    assert [one[:8] for one in _Read(explained("Median och kvartil.", besides="median")).ids] == ["ord-kvar"]


def test_a_search_finds_by_name_then_by_meaning() -> None:
    assert "median" in {term.anchor for term in matching(" MEDIAN ")}
    assert {term.anchor for term in matching("vapen")} >= {"narkotika-och-vapenbrott"}
    assert matching("myndigheter") == [term for term in glossary() if "myndigheter" in term.explanation]
    assert not matching("xyzzy")


def test_the_page_shows_all_words_or_those_that_are_asked_for() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "ordlista.py"), default_timeout=30).run()
    assert not app.exception
    shown = "".join(element.proto.body for element in app.get("html"))
    assert re.findall(r"<h2 id='([\w-]+)'", shown) == [term.anchor for term in glossary()]
    app.text_input[0].set_value("felmarginal").run()
    shown = "".join(element.proto.body for element in app.get("html"))
    assert re.findall(r"<h2 id='([\w-]+)'", shown) == [term.anchor for term in matching("felmarginal")]
    app.text_input[0].set_value("xyzzy").run()
    assert "Inget ord i listan passar" in app.info[0].value


def test_metod_uses_no_word_for_a_measure_but_nyckeltal() -> None:
    texts = [part.text for part in parts().values()] + [part.about for g in contents().values() for part in g]
    for text in texts:
        assert not re.search(
            r"\b(?:[Mm]åttet|[Ii]ndikator\w*|händelsenotis\w*|blickar|leder till att vänta)\b", text
        )
