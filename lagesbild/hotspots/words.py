"""What hotspots are called in Swedish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.hotspots.categories import Category
from lagesbild.hotspots.clusters import Phase
from lagesbild.hotspots.flags import FlagStatus
from lagesbild.hotspots.watching import WatchMethod
from lagesbild.swedish import joined, month_and_year, number, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.hotspots.cube import Spot
    from lagesbild.hotspots.flags import Flag
    from lagesbild.hotspots.near_repeat import Band
    from lagesbild.hotspots.scan import Cluster

NAMES = {
    Category.NEW: "Ny",
    Category.CONSECUTIVE: "Sammanhängande",
    Category.INTENSIFYING: "Växande",
    Category.PERSISTENT: "Bestående",
    Category.DIMINISHING: "Avtagande",
    Category.SPORADIC: "Återkommande",
    Category.OSCILLATING: "Växlande",
    Category.HISTORICAL: "Tidigare",
    Category.NONE: "Inget mönster",
}
#: The last month is named beside them: it may be long ago.
MEANS = {
    Category.NEW: "utmärker sig den sista månaden, aldrig tidigare",
    Category.CONSECUTIVE: "utmärker sig flera månader i rad fram till den sista, aldrig före dem",
    Category.INTENSIFYING: "utmärker sig nästan alltid, och allt mer",
    Category.PERSISTENT: "utmärker sig nästan alltid, varken mer eller mindre",
    Category.DIMINISHING: "utmärker sig nästan alltid, men allt mindre",
    Category.SPORADIC: "utmärker sig den sista månaden och till och från förut",
    Category.OSCILLATING: "utmärker sig den sista månaden, men har tidigare utmärkt sig åt andra hållet",
    Category.HISTORICAL: "utmärkte sig nästan alltid, men inte den sista månaden",
    Category.NONE: "utmärker sig inte",
}
METHODS = {
    WatchMethod.SERIES: "Kommunens egen serie",
    WatchMethod.CRIMES: "Kommunens egen serie av anmälda brott",
    WatchMethod.COUNTY: "Länet i rum och tid",
    WatchMethod.LOCAL: "Orter vecka för vecka",
    WatchMethod.SIGNALS: "Lokala signaler vecka för vecka",
}
STATUSES = {
    FlagStatus.NEW: "Ny",
    FlagStatus.CONTINUING: "Fortsätter",
    FlagStatus.FADING: "Avtar",
    FlagStatus.CLOSED: "Avslutad",
}
PHASES = {
    Phase.NEW: "Ny",
    Phase.GROWING: "Växer",
    Phase.STEADY: "Oförändrad",
    Phase.FADING: "Avtar",
    Phase.GONE: "Borta",
}
_COUNTED = {WatchMethod.CRIMES: "anmälda brott", WatchMethod.SIGNALS: "signaler"}


def spot_name(spot: Spot) -> str:
    """Return a symbol and a word: ``▲ Växande``, ``▼ Ny``, ``Inget mönster``."""
    return {1: "▲ ", -1: "▼ ", 0: ""}[spot.sign] + NAMES[spot.category]


#: Beyond this the tails are not known well enough to say more: the spread is itself an estimate of a few years.
_MOST_YEARS = 10


def recurrence_text(cluster: Cluster) -> str:
    """Say how seldom chance alone gives such a cluster, looked for once a month."""
    months = cluster.recurrence
    if months < 2:
        return "så mycket ses nästan varje månad av en slump"
    if months < 24:
        return f"så mycket ses av en slump ungefär var {_ordinal(round(months))} månad"
    if months >= 12 * _MOST_YEARS:
        return f"så mycket ses av en slump mer sällan än en gång på {spelled(_MOST_YEARS)} år"
    return f"så mycket ses av en slump ungefär en gång på {spelled(round(months / 12))} år"


def _ordinal(value: int) -> str:
    words = {
        2: "annan",
        3: "tredje",
        4: "fjärde",
        5: "femte",
        6: "sjätte",
        7: "sjunde",
        8: "åttonde",
        9: "nionde",
        10: "tionde",
        11: "elfte",
        12: "tolfte",
    }
    return words.get(value, f"{value}:e")


def cluster_text(cluster: Cluster, names: list[str], last: date, counted: str = "notiser") -> str:
    """Say where and how much: ``Kumla och Hallsberg: 14 notiser på två månader till och med mars 2026, 6 väntade``.

    ``last`` is the last month that was scanned; months are named, since it may be long ago.
    """
    when = _span(last, cluster.steps, 12)
    return f"{joined(names)}: {number(cluster.cases)} {counted} {when}, {number(cluster.expected, 1)} väntade"


def _months(value: int) -> str:
    return {2: "två", 3: "tre"}.get(value, number(value))


def flag_text(flag: Flag, names: Mapping[str, str]) -> str:
    """Say what was flagged: ``Kumla och Lekeberg: 8 notiser i mars 2026, 2,5 väntade``."""
    when, finding = flag.latest
    places = joined([names.get(place, place) for place in finding.places])
    counted = _COUNTED.get(flag.method, "notiser")
    observed, expected = number(finding.observed), number(finding.expected, 1)
    return f"{places}: {observed} {counted} {_span(when, finding.length, flag.per_year)}, {expected} väntade"


def _span(last: date, length: int, per_year: int) -> str:
    if per_year == 12:
        month = month_and_year(last)
        return f"i {month}" if length == 1 else f"på {_months(length)} månader till och med {month}"
    week = f"vecka {last.isocalendar().week} {last.isocalendar().year}"
    return week if length == 1 else f"på {spelled(length)} veckor till och med {week}"


def unusual_text(flag: Flag) -> str:
    """Say how seldom chance gives so much: ``så här mycket väntas en gång på nio år``."""
    years = flag.years_between
    if years < 0.75:
        return f"så här mycket väntas ungefär {spelled(round(1 / years))} gånger om året"
    if years < 1.25:
        return "så här mycket väntas ungefär en gång om året"
    if years < 2:
        return f"så här mycket väntas ungefär var {_ordinal(round(12 * years))} månad"
    if years >= _MOST_YEARS:
        return f"så här mycket väntas mer sällan än en gång på {spelled(_MOST_YEARS)} år"
    return f"så här mycket väntas en gång på {spelled(round(years))} år"


def since_text(flag: Flag) -> str:
    """Say since when: ``sedan mars 2026`` or ``sedan vecka 12 2026``."""
    return f"sedan {_span(flag.since, 1, flag.per_year).removeprefix('i ')}"


def metres_apart(band: Band) -> str:
    """Say how far apart: ``samma plats``, ``annan plats, högst 100 meter``, ``100–200 meter``."""
    if not band.to_metres:
        return "samma plats"
    if not band.over_metres:
        return f"annan plats, högst {number(band.to_metres)} meter"
    return f"{number(band.over_metres)}–{number(band.to_metres)} meter"


def days_apart(band: Band) -> str:
    """Say how long apart, in whole days: ``0–7``, ``8–14``."""
    return f"{band.over_days + 1 if band.over_days else 0}–{band.to_days}"


def repeats_text(bands: Sequence[Band]) -> str:
    """Say whether events repeat near each other, by the band that stands out the most."""
    found = [band for band in bands if band.stands_out]
    if not found:
        return "Det syns inte: signalerna följer inte på varandra oftare än slumpen ger."
    most = max(found, key=lambda band: band.ratio or 0.0)
    where = f"{number(most.over_metres)}–{number(most.to_metres)} meter bort"
    if not most.over_metres:
        where = (
            f"på en annan plats högst {number(most.to_metres)} meter bort"
            if most.to_metres
            else "på samma plats"
        )
    return (
        f"Ja. Mest utmärker sig {days_apart(most)} dagar efter en signal, {where}: {number(most.pairs)} par av signaler, "
        f"{number(most.expected, 1)} väntade."
    )
