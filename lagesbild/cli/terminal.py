"""What is written on standard output and standard error, on terminals of any encoding.

A terminal, a log or a file that a script redirects to may hold no more than ASCII or Latin-1. Text is then
written with signs that mean the same (``−`` as ``-``, ``…`` as ``...``), JSON with escapes that lose nothing,
and CSV without quotation marks that would end a field.
"""

from __future__ import annotations

import codecs
import json
import sys
import unicodedata
from typing import TextIO

_ERRORS = "lagesbild.readable"
_QUOTES = dict.fromkeys(map(ord, "“”„‟″«»"), "'")
_PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "―": "-",
    "─": "-",
    "━": "-",
    "╸": "-",
    "╺": "-",
    "“": '"',
    "”": '"',
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "″": '"',
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‛": "'",
    "′": "'",
    "´": "'",
    "…": "...",
    "≈": "~",
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
    "±": "+/-",
    "×": "x",
    "÷": "/",
    "→": "->",
    "←": "<-",
    "•": "*",
    "·": "*",
    "│": "|",
    "§": "paragraf ",
    "€": "EUR",
    "°": " grader",
    "æ": "ae",
    "Æ": "AE",
    "ø": "o",
    "Ø": "O",
    "α": "alfa",
    "χ": "chi",
    "λ": "lambda",
    "μ": "my",
    "µ": "my",
    "σ": "sigma",
    "ρ": "rho",
    "φ": "fi",
    "\u00ad": "",
    "\u200b": "",
    "\ufeff": "",
}


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding cannot hold by what it can, for `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_plain(sign, error.encoding) for sign in error.object[error.start : error.end])
    return text, error.end


def _plain(sign: str, encoding: str) -> str:
    # å becomes a; no-break spaces become spaces, superscript digits digits.
    apart = unicodedata.normalize("NFKD", sign)
    stripped = "".join(one for one in apart if not unicodedata.combining(one))
    candidates = (_PLAIN.get(sign), stripped)
    return next((text for text in candidates if text is not None and _holds(encoding, text)), "?")


def _holds(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


codecs.register_error(_ERRORS, _readable)


def adapt(*streams: TextIO | None) -> None:
    """Let streams replace what their encoding cannot hold, where they would raise or write escapes."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)  # a stand-in for a stream may have none
        if reconfigure is not None:
            reconfigure(errors=_ERRORS)


def show(text: str, form: str = "text") -> None:
    """Write a result on standard output.

    Parameters
    ----------
    form
        ``json`` and ``csv`` stay what they are whatever the stream's encoding holds; all else is text.
    """
    if not _holds(sys.stdout.encoding or "utf-8", text):
        if form == "json":  # only its strings hold such signs, and there an escape means the same
            text = "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
        elif form == "csv":
            text = text.translate(_QUOTES)
    sys.stdout.write(text)
