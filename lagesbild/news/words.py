"""The Swedish of news: what has come, what it became, and what changed. What is found is said as the pages say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.comparison import words
from lagesbild.hotspots.flags import FlagStatus
from lagesbild.hotspots.words import flag_text, since_text, unusual_text
from lagesbild.statistics.rule import Level
from lagesbild.swedish import capital, joined, long_date, month_and_year, number, quarter_and_year, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.data.indicators import Indicator
    from lagesbild.hotspots.flags import Flag

#: More measures than this are counted, not named.
_NAMED = 8
FLAGS = {
    FlagStatus.NEW: "Ny flagga",
    FlagStatus.GROWING: "En flagga växer",
    FlagStatus.OVER: "En flagga är över",
}


def period(start: date, kind: str) -> str:
    """Write a period: ``2025``, ``tredje kvartalet 2026``, ``oktober 2026``."""
    if kind == "year":
        return str(start.year)
    return quarter_and_year(start) if kind == "quarter" else month_and_year(start)


def figures_title(measures: Sequence[Indicator], start: date, kind: str, source: str) -> str:
    """Say what came: ``Nya siffror: anmälda brott 2025``; several measures without a total by their source."""
    if any(measure.is_total for measure in measures):
        return f"Nya siffror: anmälda brott {period(start, kind)}"
    if len(measures) == 1:
        return f"Nya siffror: {words.lowered(measures[0].short)} {period(start, kind)}"
    return f"Nya siffror: {source} {period(start, kind)}"


def figures_text(measures: Sequence[Indicator], municipalities: int, attribution: str) -> str:
    """Say which measures, for how many municipalities, and whose they are."""
    names = [measure.short for measure in measures]
    if len(names) > _NAMED:
        names = [*names[: _NAMED - 1], f"{number(len(names) - _NAMED + 1)} nyckeltal till"]
    one = "Nyckeltalet är" if len(measures) == 1 else "Nyckeltalen är"
    who = "en kommun" if municipalities == 1 else f"{number(municipalities)} kommuner"
    return f"{one} {joined(names)}. Siffrorna gäller {who}. {attribution.rstrip('.')}."


def verdict_title(found: Comparison, name: str) -> str:
    """Say what the verdict became: the first sentence of what the pages say of the comparison."""
    return words.finding(found, name).split(". ", maxsplit=1)[0].rstrip(".")


def verdict_text(
    found: Comparison, name: str, before: tuple[int, Level, bool] | None, without: Comparison | None
) -> str:
    """Say all that the pages say of it, and whether it was another with the figures of before (year, level, unusually far)."""
    return " ".join(text for text in (words.headline(found, name, without), _changed(found, before)) if text)


def _changed(found: Comparison, before: tuple[int, Level, bool] | None) -> str:
    if before is None:
        return ""
    year, level, out = before
    when = f"för {year}" if year != found.home.year else "som nu har ändrats"
    if (level, out) == (found.level, found.stands_out):
        return f"Bedömningen är densamma som med siffrorna {when}."
    if level is Level.UNDECIDED:
        return f"Med siffrorna {when} gick det inte att avgöra."
    far = ", och ovanligt långt från gruppen" if out else ", men inte ovanligt långt från gruppen"
    far = "" if level is Level.LEVEL else far
    return f"Med siffrorna {when} var bedömningen {words.LEVELS[level]}{far}."


def flag_title(flag: Flag, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Say that something is flagged, grows or is over, and what."""
    return f"{FLAGS[flag.status]}: {flag_text(flag, names, titles)}"


def flag_story(flag: Flag) -> str:
    """Say since when and how unusual it is."""
    told = [capital(since_text(flag)), capital(unusual_text(flag))]
    told += ["Siffrorna är preliminära"] if flag.preliminary else []
    return f"{'. '.join(told)}."


def break_title(title: str, day: date) -> str:
    """Name a break in a source's series."""
    return f"Avbrott i serien: {title}, {long_date(day)}"


def revision_title(what: str, when: str) -> str:
    """Say which final figures were corrected."""
    return f"Rättade siffror: {words.lowered(what)} {when}"


def revision_text(figures: int, municipalities: int, day: date) -> str:
    """Say how many figures were corrected, and when."""
    one = "Ett värde" if figures == 1 else f"{capital(spelled(figures))} värden"
    where = "en kommun" if municipalities == 1 else f"{spelled(municipalities)} kommuner"
    return f"{one} för {where} har rättats av källan och byttes här {long_date(day)}."
