"""Ids of frozen figures: LB-1861-7QK4M2. The last character checks the others, as in a bank account number."""

from __future__ import annotations

import hashlib
import re

from lagesbild import ExplainedError

#: No characters that look alike in print.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 5
#: Where the check begins to count, so that these are no other system's numbers.
_START = 3
_FORM = re.compile(r"LB-(\d{4})-([0-9A-Z]{6})")


class IdError(ExplainedError):
    """An id that cannot be one of ours; the message is Swedish."""


def make(home: str, content: bytes, turn: int = 0) -> str:
    """Return the id of some content about a municipality; another ``turn`` gives another id."""
    digest = hashlib.sha256(content + (f"#{turn}".encode() if turn else b"")).digest()
    value = int.from_bytes(digest[:8], "big")
    body = "".join(ALPHABET[(value >> (5 * n)) & 31] for n in range(LENGTH))
    return f"LB-{home}-{body}{_check(home, body)}"


def read(text: str) -> str:
    """Return an id as it is written in the archive: capitals, no spaces around.

    Raises
    ------
    IdError
        If it has another form, or the last character does not check.
    """
    cleaned = re.sub(r"[\s\u2010-\u2015]+", lambda m: "" if m[0].isspace() else "-", text.strip()).upper()
    found = _FORM.fullmatch(cleaned)
    if not found:
        shown = f" ”{text.strip()}”" if re.fullmatch(r"[\w\- ]{1,30}", text.strip()) else ""
        raise IdError(
            f"Det angivna numret{shown} är inget diagramnummer. Ett sådant ser ut så här: LB-1861-7QK4M2."
        )
    home, body = found[1], found[2]
    if set(body) - set(ALPHABET) or _check(home, body[:-1]) != body[-1]:
        raise IdError(
            f"{cleaned} är fel avskrivet: kontrolltecknet på slutet stämmer inte. Tecknen 0, 1, I och O förekommer aldrig."
        )
    return cleaned


def _check(home: str, body: str) -> str:
    """Luhn's algorithm to the base 32: finds any one wrong character and nearly all swapped neighbours."""
    values = [int(digit) for digit in home] + [ALPHABET.index(character) for character in body]
    total = 0
    for n, value in enumerate(reversed(values)):
        product = value * (2 if n % 2 == 0 else 1)
        total += product // 32 + product % 32
    return ALPHABET[(_START - total) % 32]
