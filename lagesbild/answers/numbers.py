"""Every number in a text must be a number of the figures it cites: this finds those that are not."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lagesbild.figures.archive import Frozen
    from lagesbild.figures.model import Chart, Fact, Table

#: What looks like a figure and states none: references, measures, dates, and how sure something is.
_NOT_STATED = re.compile(
    r"LB-\d{4}-\w{6}|[Ff]igur(?:erna)? \d+(?: och \d+)?|[Ff]råg(?:a|orna) \d+|(?:[Pp]unkt|§) ?\d+"
    r"|per 100 invånare|\b\d{1,2}–\d{1,2} år\b|per 100[\u00a0\u202f ]000|(?<![\d,])95[\u00a0\u202f -]procent\w*|(?<![\d,])95 %"
    r"|25–75|N\d{5}|U\d{5}"
    r"|\(1 är högst\)|\b1 av (?=\d)|färre än 1 av 500|\bav 10 kommuner|\b\d{1,2} (?:januari|februari|mars|april|maj|juni|juli|augusti"
    r"|september|oktober|november|december)(?: \d{4})?|\b\d{4}-\d{2}(?:-\d{2})?\b|kl\. ?\d{1,2}(?:[–-]\d{1,2})?"
    # A year is no figure, unless it counts something.
    r"|\b(?:19[89]|20\d)\d\b(?!,\d| (?:anmälda|brott|fall|notiser|händelser|per|procent|invånare|kommuner|fler|färre))"
)
_NUMBER = re.compile(r"(?<![\w,])(?:\d{1,3}(?:[\u00a0\u202f ]\d{3}(?!\d))+|\d+)(?:,\d+)?(?!\w)")


def stated(text: str) -> list[str]:
    """Return the numbers that a text states, as they are written."""
    return [found[0] for found in _NUMBER.finditer(_NOT_STATED.sub(" ", text))]


def not_in_figures(text: str, figures: Iterable[Frozen | Chart]) -> list[str]:
    """Return the numbers in a text that are in none of the figures, at the decimals they are written with."""
    known = [value for figure in figures for value in _values(figure.table, figure.facts)]
    return [number for number in dict.fromkeys(stated(text)) if not _is_among(number, known)]


def _values(table: Table, facts: Iterable[Fact]) -> Iterator[float]:
    for row in table.rows:
        for cell in row:
            if isinstance(cell, int | float):
                yield float(cell)
            elif cell is not None:
                yield from (_read(part)[0] for part in re.findall(r"\d+(?:,\d+)?", cell))
    for column in table.columns:
        yield from (float(part) for part in re.findall(r"\d+", column.name))
    yield from (fact.value for fact in facts)


def _is_among(number: str, known: Iterable[float]) -> bool:
    value, places = _read(number)
    step = Decimal(1).scaleb(-places)
    wanted = Decimal(repr(value)).quantize(step)
    return any(
        Decimal(repr(abs(one))).quantize(step, ROUND_HALF_UP) == wanted for one in known if abs(one) < 1e15
    )


def _read(number: str) -> tuple[float, int]:
    plain = re.sub(r"[\u00a0\u202f ]", "", number)
    whole, _, decimals = plain.partition(",")
    return float(f"{whole}.{decimals or 0}"), len(decimals)
