"""Swedish sentences made from the numbers of a series of years or quarters, and of what drives a change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lagesbild.comparison.words import SIGNIFICANT, decimals, lowered
from lagesbild.statistics.series import Direction
from lagesbild.swedish import genitive, joined, number, spelled
from lagesbild.trends.contribution import REST, contribution, part_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import AgainstGroup, Change, Comparison, Facts, Value
    from lagesbild.comparison.panel import Panel
    from lagesbild.data.crimes import Tree
    from lagesbild.statistics.intervals import Interval
    from lagesbild.statistics.series import Marker
    from lagesbild.trends.contribution import Contribution


def trend_finding(values: Sequence[Value], name: str, facts: Facts, moved: Change | None) -> str:
    """State in a chart's title how the level has moved from the first to the last year shown.

    Parameters
    ----------
    values
        Comparable years, in order.
    moved
        The change between the first and the last of them; None where it cannot be tested, as of surveys: then their
        margins decide.
    """
    if len(values) < 2:
        return f"{genitive(name)} nivå"
    first, last = values[0], values[-1]
    places = decimals(facts.unit)
    span = (
        f"från {number(first.rate, places)} år {first.year} till {number(last.rate, places)} år {last.year}"
    )
    if number(first.rate, places) == number(last.rate, places):
        return f"{genitive(name)} nivå är densamma år {first.year} och år {last.year}"
    if not _has_moved(values, moved):
        return f"{genitive(name)} nivå var {number(first.rate, places)} år {first.year} och {number(last.rate, places)} år {last.year}"
    return f"{genitive(name)} nivå har {'stigit' if last.rate > first.rate else 'sjunkit'} {span}"


def _has_moved(values: Sequence[Value], moved: Change | None) -> bool:
    """Tell whether the last year differs from the first by more than the figure usually changes by."""
    if moved is not None:
        return moved.unusual and moved.ratio is not None and (moved.ratio > 1) == (moved.z > 0)
    first, last = values[0].interval, values[-1].interval
    return not (first is None or last is None or _overlap(first, last))


def _overlap(one: Interval, other: Interval) -> bool:
    return one.lower <= other.upper and other.lower <= one.upper


def contribution_finding(found: Contribution, names: Mapping[str, str]) -> str:
    """State in a chart's title what drives a change: the largest part in its own direction."""
    change = found.whole.difference
    if change == 0:
        return f"Antalet brott är lika stort {found.first} och {found.last}"
    word = "Ökningen" if change > 0 else "Minskningen"
    told = f"{word} med {number(abs(change))} brott {found.first}–{found.last}"
    if not found.whole.certain:
        return f"{told} är inte mer än siffran brukar ändra sig"
    drivers = drivers_text(found, names)
    if not drivers:
        return f"Ingen enskild brottstyp står säkert för {lowered(told)}"
    return f"{told} är mest {drivers}"


def drivers_text(found: Contribution, names: Mapping[str, str]) -> str:
    """Name the largest certain part in a change's own direction, and what is left if that is certain too; else empty."""
    way = 1 if found.whole.difference > 0 else -1
    certain = [part for part in found.parts if part.certain and part.difference * way > 0]
    named = [part for part in certain if part.key != REST]
    shown = [*named[:1], *(part for part in certain if part.key == REST)]
    parts = [f"{lowered(names[part.key])} ({number(part.difference, sign=True)})" for part in shown]
    return " och ".join(parts)


def driven_text(panel: Panel, tree: Tree, home: str, comparison: Comparison) -> str:
    """Say what drove an unusual change since the year before; empty where nothing is sure."""
    change, last = comparison.facts.change, comparison.home.year
    if change is None or not change.unusual:
        return ""
    found = contribution(panel, tree, home, comparison.indicator_id, last - 1, last)
    if found is None or found.whole.difference != change.difference:  # the parts are another source's
        return ""
    told = drivers_text(found, part_names(panel, found))
    return f"Mest {told}." if told else ""


def contribution_text(found: Contribution, names: Mapping[str, str]) -> str:
    """Say how to read the parts: which may be chance, and which cannot be compared."""
    unsure = [names[part.key] for part in found.parts if not part.certain]
    parts = []
    if unsure and len(unsure) < len(found.parts):
        parts.append(
            f"Ofyllda staplar är inte mer än siffran brukar ändra sig ({len(unsure)} av {len(found.parts)})."
        )
    broken = [names[part.key] for part in found.parts if part.crosses_break]
    if len(broken) > 2:
        parts.append("Åren är inte fullt jämförbara: räknesättet eller lagen ändrades.")
    elif broken:
        parts.append(
            f"Åren är inte fullt jämförbara för {_listed(broken)}: räknesättet eller lagen ändrades."
        )
    if found.overlapping:
        parts.append(
            f"Överlappar de andra och visas inte: {_listed([names[key] for key in found.overlapping])}."
        )
    return " ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return joined([lowered(name) for name in names])


def marker_text(
    marker: Marker, first: int, last: int, values: Sequence[Value] = (), moved: Change | None = None
) -> str:
    """Say which way five years go; where the ``values`` of a longer time have moved, how that goes together."""
    if marker.direction is Direction.NONE:
        if len(values) > 1 and _has_moved(values, moved):
            return f"Ändringen är inte jämn: de fem åren {first}–{last} för sig går nivån inte säkert åt något håll."
        return f"Över de fem åren {first}–{last} går nivån inte säkert åt något håll."
    word = "stiger" if marker.direction is Direction.UP else "sjunker"
    return f"Över de fem åren {first}–{last} {word} nivån, och gör det vilket enskilt år som än tas bort."


def against_group_text(found: AgainstGroup) -> str:
    """Say whether the municipality moves away from its group."""
    if found.test.p_value >= SIGNIFICANT or found.test.slope == 0:
        return f"Jämfört med gruppen {found.first}–{found.last} går nivån inte säkert åt något håll."
    word = "ökat" if found.test.slope > 0 else "minskat"
    return (
        f"Jämfört med gruppen har nivån {word} {found.first}–{found.last}, med ungefär "
        f"{number(100 * abs(found.test.slope), 1)} procent av gruppens median om året."
    )


def quarters_text(quarters: Mapping[date, tuple[int, bool]]) -> str:
    """Say whether it has gone on this year: the quarters so far, and the same quarters of the two years before.

    Parameters
    ----------
    quarters
        Count and whether it is preliminary, by the first day of the quarter.
    """
    if not quarters:
        return ""
    year = max(quarters).year
    months = sorted(day.month for day in quarters if day.year == year)
    sums = {
        each: sum(quarters[day][0] for day in quarters if day.year == each and day.month in months)
        for each in (year, year - 1, year - 2)
        if all(day in quarters for day in (date(each, month, 1) for month in months))
    }
    if len(sums) < 3:
        return ""
    early = " (preliminärt)" if any(quarters[day][1] for day in quarters if day.year == year) else ""
    span = {1: "Första kvartalet", 2: "Första halvåret", 3: "De tre första kvartalen", 4: "Hela året"}[
        len(months)
    ]
    return (
        f"{span} {year}{early} anmäldes {number(sums[year])} brott, mot {number(sums[year - 1])} samma tid {year - 1} och "
        f"{number(sums[year - 2])} samma tid {year - 2}."
    )


def long_view_text(values: Sequence[Value]) -> str:
    """Say whether the latest year is the highest, as far back as the figures go."""
    if len(values) < FEWEST_FOR_LONG_VIEW:
        return ""
    last, before = values[-1], values[:-1]
    top = max(before, key=lambda value: value.rate)
    since = f"sedan {values[0].year}"
    if top.rate < last.rate:
        return f"Nivån {last.year} är den högsta {since}."
    as_high = [value for value in before if value.rate >= last.rate]
    if len(as_high) > 3:
        return (
            f"{spelled(len(as_high)).capitalize()} av åren {since} hade en nivå som var lika hög eller högre."
        )
    told = joined([f"{number(value.rate)} år {value.year}" for value in as_high])
    return f"Det är ingen rekordnivå: den var {told} per 100\u00a0000 invånare."


#: With fewer years than this there is no long view.
FEWEST_FOR_LONG_VIEW = 8
