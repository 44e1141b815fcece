"""What a cell does not tell: a problem to correct, or a question that the one who takes the file in can answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unclear:
    """Why a cell was not understood: a Swedish sentence that says what to do.

    Attributes
    ----------
    text
        The sentence, which ends with a full stop or a question mark.
    suggestions
        What may have been meant; answers where it is a question.
    ask
        The key under which an answer is looked for; empty where the cell has to be corrected in the file.
    """

    text: str
    suggestions: tuple[str, ...] = ()
    ask: str = ""
