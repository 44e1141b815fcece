"""What people write into the local file: cleaned, not too long, and without what points out a person."""

from __future__ import annotations

import re

from lagesbild import ExplainedError

#: A personal identity number, an e-mail address: neither belongs in minutes or a public document.
_PERSONAL = (
    (re.compile(r"\b(?:\d{2})?\d{6}[-+]?\d{4}\b"), "ett personnummer"),
    (re.compile(r"\S+@\S+\.\S+"), "en e-postadress"),
)
#: Word files hold no control characters.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class WritingError(ExplainedError):
    """What was written cannot be kept as it is; the message says what to change."""


def checked(text: str, what: str, longest: int, *, needed: bool = False) -> str:
    """Return a text as it is kept: without control characters, and without space around it.

    Parameters
    ----------
    what
        What it is called, in Swedish and with a capital: ``Beslutet``.
    longest
        Letters.

    Raises
    ------
    WritingError
        If it is too long, is missing though ``needed``, or holds an identity number or an address.
    """
    found = _CONTROL.sub("", text).strip()
    if needed and not found:
        raise WritingError(f"{what} saknas.")
    if len(found) > longest:
        raise WritingError(f"{what} får vara högst {longest} tecken, och är {len(found)}.")
    for pattern, name in _PERSONAL:
        if pattern.search(found):
            raise WritingError(f"{what} ser ut att innehålla {name}. Skriv funktioner, inte personer.")
    return found


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
