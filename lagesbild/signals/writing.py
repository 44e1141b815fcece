"""What people write into the local file: cleaned, not too long, and without what points out a person.

Every text that is kept goes through `checked`, but the words of signals, which are asked about where they are written.
"""

from __future__ import annotations

import re

from lagesbild import ExplainedError
from lagesbild.signals import screening

#: Word files hold no control characters; those that turn the direction of writing make a text look like another one.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


class WritingError(ExplainedError):
    """What was written cannot be kept as it is; the message says what to change."""


def cleaned(text: str, *, one_line: bool = False) -> str:
    """Return a text without control characters and without space around it; ``one_line`` makes every space a single one."""
    found = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return " ".join(found.split()) if one_line else found.strip()


def checked(
    text: str,
    what: str,
    longest: int,
    *,
    needed: bool = False,
    one_line: bool = False,
    error: type[ExplainedError] = WritingError,
) -> str:
    """Return a text as it is kept: `cleaned`, and screened.

    A name is a guess and is let through; the pages ask about it. Everything else that points out a person is refused,
    also a function's telephone: it is written where such things are looked up.

    Parameters
    ----------
    what
        What it is called, in Swedish and with a capital: ``Beslutet``.
    longest
        Letters.
    error
        What is raised.

    Raises
    ------
    ExplainedError
        If it is too long, is missing though ``needed``, or holds what by its form alone points out a person.
    """
    found = cleaned(text, one_line=one_line)
    if needed and not found:
        raise error(f"{what} saknas.")
    if len(found) > longest:
        raise error(f"{what} får vara högst {longest} tecken, och är {len(found)}.")
    persons = [one for one in screening.screen(found) if one.certain]
    if persons:
        raise error(screening.told(persons, subject=what, instead="skriv funktionen"))
    return found


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
