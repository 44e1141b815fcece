"""The glossary: what its words mean, and texts in which a word shows its meaning where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import streamlit as st
from markupsafe import Markup, escape

from lagesbild.data.reference import read_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

#: The page that explains them all; each has an anchor there: ``/ordlista#felmarginal``.
PAGE = "ordlista"
_TAG = re.compile(r"(<[^>]*>)")
#: What already leads somewhere or is a heading stays as it is.
_LEFT_ALONE = re.compile(r"</?(a|button|summary|h[1-6]|style|script|textarea|option)\b", flags=re.IGNORECASE)
#: What stays as it is in Markdown: headings, the heads of tables, links, code, formulas, HTML; and the marks of emphasis.
_MARKS = re.compile(
    r"(^#[^\n]*|^\|[^\n]*(?=\n\|[ :|-]+$)|\[[^\]]*\]\([^)]*\)|<a\b.*?</a>|```.*?```|`[^`]*`|\$[^$]+\$|<[^>]*>|\*+)",
    flags=re.MULTILINE | re.DOTALL,
)
#: What may not be parted from a word that is pressed: a button is a box, and lines break beside boxes.
_OPENS, _CLOSES = re.compile(r"[(”*]$"), re.compile(r"[.,:;)”!?]+")
_BUTTON = Markup("<button type='button' class='lb-term' popovertarget='{}'>{}</button>")
_MEANING = Markup(
    "<span popover id='{}' role='note' class='lb-meaning'><b>{}</b> {} <a href='{}'>Mer i ordlistan</a></span>"
)


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of the glossary.

    Parameters
    ----------
    anchor
        Its name in the address, which does not change.
    forms
        How it is written in running text; none for a word that is explained in the glossary alone.
    explanation
        At most two sentences.
    """

    anchor: str
    term: str
    forms: tuple[str, ...]
    explanation: str

    @property
    def address(self) -> str:
        """Where the glossary has it, from any page."""
        return f"{PAGE}#{self.anchor}"


@cache
def glossary() -> tuple[Term, ...]:
    """Return every term in Swedish alphabetical order, as kept in ``ordlista.csv``."""
    return tuple(
        Term(
            anchor=row["anchor"],
            term=row["term"],
            forms=tuple(form for form in row["forms"].split(";") if form),
            explanation=row["explanation"],
        )
        for row in read_csv("ordlista.csv")
    )


@cache
def _by_form() -> dict[str, Term]:
    return {form.lower(): term for term in glossary() for form in term.forms}


@cache
def _any_form() -> re.Pattern[str]:
    """Match any form as whole words, the longest first; a space may be one that does not break."""
    longest = sorted(_by_form(), key=len, reverse=True)
    forms = "|".join(re.escape(form).replace("\\ ", "[ \u00a0]") for form in longest)
    return re.compile(rf"(?<![\w-])(?:{forms})(?![\w*-])", flags=re.IGNORECASE)


def find(text: str) -> Iterator[tuple[re.Match[str], Term]]:
    """Give the first occurrence of each term in a text without tags."""
    seen: set[str] = set()
    for match in _any_form().finditer(text):
        term = _by_form()[match[0].lower().replace("\u00a0", " ")]
        if term.anchor not in seen:
            seen.add(term.anchor)
            yield match, term


def matching(asked: str) -> list[Term]:
    """Return the terms in whose name or forms what is asked for occurs, else those that explain by it."""
    wanted = asked.strip().lower()
    named = [term for term in glossary() if wanted in " ".join([term.term, *term.forms]).lower()]
    return named or [term for term in glossary() if wanted in term.explanation.lower()]


def show(shown: Sequence[Term], *, jump: bool) -> None:
    """List terms with their meanings, each under a heading that an address can name; ``jump`` to the one it names."""
    word = Markup("<h2 id='{}' class='lb-word' tabindex='-1'>{}</h2><p>{}</p>")
    listed = Markup().join(
        word.format(term.anchor, term.term, explained(term.explanation, besides=term.anchor))
        for term in shown
    )
    script = _beside("terms.js") if jump else ""
    st.html(f"{listed}<script>{script}</script>", unsafe_allow_javascript=True)


# A text that is `Markup` is not the same as one that is not, though they are equal: typed.
@lru_cache(maxsize=2048, typed=True)
def explained(text: str, key: str = "", besides: str = "") -> Markup:
    """Return a text in which the first occurrence of each known word can be pressed for what it means.

    The word is a button that opens a popover of the browser's own: by touch, mouse and keyboard, closed by Escape or
    by pressing elsewhere, without a run of the page. Streamlit's ``st.html`` lets both through (1.67, DOMPurify 3).

    Parameters
    ----------
    text
        Escaped unless it is `Markup`; inside links, buttons and headings nothing is marked.
    key
        Tells apart two equal texts on a page, if one of them may be hidden.
    besides
        The anchor of a term that is not marked: the one that the text explains.
    """
    place = _place(f"{key}{text}")
    pieces = _TAG.split(str(escape(text)))
    shown, inside = [], 0
    seen = {besides}
    for piece in pieces:
        if _TAG.fullmatch(piece):
            if _LEFT_ALONE.match(piece) and not piece.endswith("/>"):
                inside += -1 if piece.startswith("</") else 1
            shown.append(piece)
            continue
        marked = piece if inside else _marked(piece, place, seen)
        shown.append(marked)
    return Markup("".join(shown)) + _meanings(seen - {besides}, place)  # noqa: S704 - escaped above, or markup already


def show_markdown(text: str) -> None:
    """Show Markdown in which the first occurrence of each known word can be pressed; else it is shown as it is."""
    marked, meanings = in_markdown(text)
    st.markdown(marked, unsafe_allow_html=True)
    if meanings:
        st.html(meanings)


@lru_cache(maxsize=256)
def in_markdown(text: str) -> tuple[str, Markup]:
    """Return Markdown with a button around the first occurrence of each known word, and what the buttons open.

    Headings, the heads of tables, links, code and formulas stay as they are.
    """
    place, seen = _place(text), set[str]()
    # Every second piece is one that stays as it is.
    pieces = [piece if n % 2 else _marked(piece, place, seen) for n, piece in enumerate(_MARKS.split(text))]
    return "".join(pieces), _meanings(seen, place)


def _place(text: str) -> str:
    return f"{crc32(text.encode()):08x}"


def _meanings(anchors: Collection[str], place: str) -> Markup:
    """Return what the buttons of a place open."""
    return Markup().join(
        _MEANING.format(f"ord-{term.anchor}-{place}", f"{term.term}:", term.explanation, term.address)
        for term in glossary()
        if term.anchor in anchors
    )


def _marked(piece: str, place: str, seen: set[str]) -> str:
    """Return escaped text with a button around each term that has not been ``seen``."""
    made, at = "", 0
    for match, term in find(piece):
        if term.anchor in seen:
            continue
        seen.add(term.anchor)
        button = str(_BUTTON.format(f"ord-{term.anchor}-{place}", Markup(match[0])))  # noqa: S704 - part of an escaped text
        before, after = _OPENS.search(piece, at, match.start()), _CLOSES.match(piece, match.end())
        opening, closing = before[0] if before else "", after[0] if after else ""
        if opening or closing:
            button = f"<span class='lb-together'>{opening}{button}{closing}</span>"
        made += piece[at : match.start() - len(opening)] + button
        at = match.end() + len(closing)
    return made + piece[at:]


def style() -> str:
    """Return the style sheet of the words that can be pressed."""
    return _beside("terms.css")


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
