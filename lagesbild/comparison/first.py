"""What is seen first of a municipality and a measure: the answer, three facts, what changed, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.comparison import words
from lagesbild.comparison.benchmark import Reason
from lagesbild.statistics.rule import Level
from lagesbild.swedish import interval, number, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.comparison.robustness import Count

#: Whoever opens the page ten minutes before the meeting reads no more than this.
MOST_WORDS = 120


@dataclass(frozen=True, kw_only=True)
class FirstFact:
    """One of the three facts: what it is about, the fact in a word or a number, and what it needs said if anything."""

    head: str
    value: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FirstScreen:
    """What is seen first, in the order it is read.

    ``below`` is what the answer needs said at once, empty where nothing; ``change`` is empty where nothing can be said.
    """

    symbol: str
    answer: str
    below: str
    facts: tuple[FirstFact, FirstFact, FirstFact]
    change: str
    sure: str

    @property
    def text(self) -> str:
        """All of it, as it is read from top to bottom."""
        facts = [part for one in self.facts for part in (one.head, one.value, one.note)]
        return " ".join(part for part in (self.answer, self.below, *facts, self.change, self.sure) if part)


def shown_first(found: Sequence[Comparison], group: str = "") -> Comparison:
    """Return the comparison that is shown first: with the group that is asked for, else the first that gives an answer.

    A survey that few municipalities have leaves some groups with one or two members: nothing can be said of those.

    Parameters
    ----------
    found
        A measure with all groups; at least one.
    group
        The key of a group; empty where none is asked for.
    """
    asked = next((one for one in found if one.group.key == group), None)
    judged = (one for one in found if one.assessed.judgement.reason is not Reason.TOO_FEW_MEMBERS)
    return asked or next(judged, found[0])


def first_screen(
    comparison: Comparison,
    name: str,
    without: Comparison | None = None,
    counted: Count | None = None,
    driven: str = "",
) -> FirstScreen:
    """Return what is seen first.

    Parameters
    ----------
    without
        The same comparison of the total without crimes that follow the police's effort, where there is one.
    counted
        What all comparisons say, where they can be counted.
    driven
        What drove the change since the year before, where that is known: a sentence.
    """
    return FirstScreen(
        symbol=words.SYMBOLS[comparison.level],
        answer=words.answer(comparison, name),
        below=words.without_text(without) if without is not None else "",
        facts=(_level(comparison), _against(comparison), _rarity(comparison)),
        change=_change(comparison, driven),
        sure=_sure(comparison, counted),
    )


def _level(comparison: Comparison) -> FirstFact:
    facts, home = comparison.facts, comparison.home
    about = "Ungefär " if home.count_basis == "approximate" else ""
    counted = f" {about}{number(home.count)} brott." if home.count is not None else ""
    return FirstFact(
        head=f"{facts.short} {home.year}",
        value=number(home.rate, words.decimals(facts.unit)),
        note=f"{words.unit_text(facts.unit)}.{counted} Plats {facts.rank} av {facts.ranked} uppifrån.",
    )


def _against(comparison: Comparison) -> FirstFact:
    ratio = comparison.assessed.judgement.ratio
    median = number(comparison.assessed.spread.median, words.decimals(comparison.facts.unit))
    if ratio is None:
        value = "–"
    elif (percent := number(100 * abs(ratio - 1))) == "0":
        value = "Samma nivå"
    else:
        value = f"{percent} procent {'högre' if ratio > 1 else 'lägre'}"
    return FirstFact(head=f"Mot gruppens median, {median}", value=value)


def _rarity(comparison: Comparison) -> FirstFact:
    standing = comparison.assessed.standing
    if standing is None:
        value, note = "Går inte att säga", "Gruppen eller antalet brott är för litet."
    else:
        value = "Ovanligt" if comparison.assessed.unusual else "Inte ovanligt"
        share = words.share_text(standing.p_value)
        note = f"{share[0].upper()}{share[1:]} kommuner ligger minst så långt från sin grupp."
    return FirstFact(head="Är det ovanligt?", value=value, note=note)


def _change(comparison: Comparison, driven: str) -> str:
    change = comparison.facts.change
    return " ".join(filter(None, [words.change_in_short(change), driven])) if change is not None else ""


def _sure(comparison: Comparison, counted: Count | None) -> str:
    home = comparison.home
    parts: list[str] = []
    if counted is not None:
        parts.append(_together(counted))
    if home.interval is not None:
        limits = interval(home.interval.lower, home.interval.upper, words.decimals(comparison.facts.unit))
        parts.append(f"Felmarginal {limits}.")
    else:
        parts.append("Felmarginalen är inte känd.")
    return " ".join(parts)


def _together(counted: Count) -> str:
    levels = [level for level, times in counted.by_level.items() if times]
    if len(levels) > 1 or counted.of == 1:
        return words.count_text(counted)
    of = f"{spelled(counted.of)} jämförelser"
    if levels[0] is Level.UNDECIDED:
        return f"Går inte att avgöra i någon av {of}."
    told = words.LEVELS[levels[0]]
    return f"{told[0].upper()}{told[1:]} i alla {of}."
