"""A text as the patterns read it, one kind of digit, dash and space, and the way back to what was typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: What needs no reading: most texts have nothing else.
_USUAL = re.compile(r"[\n\x20-\x7eåäöéüÅÄÖÉÜ]*")
#: A character and the marks that are put on it.
_CLUSTER = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]{0,8}|[\u0300-\u036f]")


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The text to read, and where each of its characters begins and ends in the text typed; None: just there."""

    text: str
    begins: tuple[int, ...] | None = None
    ends: tuple[int, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the text, of at least one character, stands in what was typed."""
        return (start, end) if self.begins is None else (self.begins[start], self.ends[end - 1])


def plain(text: str) -> Plain:
    """Return a text with ordinary digits, dashes, spaces and letters; what has no width is left out.

    Full-width and other writing systems' digits would hide a number from a pattern, and so would a soft hyphen
    within it. Letters with separate marks (as macOS writes file names) become one character.
    """
    if _USUAL.fullmatch(text):
        return Plain(text=text)
    pieces: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        read = _read(cluster[0])
        pieces.append(read)
        begins.extend([cluster.start()] * len(read))
        ends.extend([cluster.end()] * len(read))
    return Plain(text="".join(pieces), begins=tuple(begins), ends=tuple(ends))


def _read(cluster: str) -> str:
    character = unicodedata.normalize("NFKC", cluster)
    if len(character) != 1:
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Cf":
        return ""
    return " " if category == "Zs" else character
