"""What hotspots are called in Swedish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.data.crimes import SOL_TOTAL
from lagesbild.hotspots.categories import Category
from lagesbild.hotspots.clusters import Phase
from lagesbild.hotspots.flags import LOCAL, FlagStatus
from lagesbild.hotspots.forecast import CONFIDENCE
from lagesbild.hotspots.watching import ALL, MOST_LEVEL, WatchMethod
from lagesbild.signals.store import Decided
from lagesbild.swedish import inside, joined, month_and_year, number, quarter_and_year, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lagesbild.hotspots.cube import Cube, Spot
    from lagesbild.hotspots.flags import Flag
    from lagesbild.hotspots.forecast import Ahead, Tried
    from lagesbild.hotspots.near_repeat import Band
    from lagesbild.hotspots.scan import Cluster
    from lagesbild.hotspots.watching import Finding

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
#: The last step is named beside them: it may be long ago.
_MEANS = {
    Category.NEW: "utmärker sig {last}, aldrig tidigare",
    Category.CONSECUTIVE: "utmärker sig flera {several} i rad fram till {end}, aldrig före dem",
    Category.INTENSIFYING: "utmärker sig nästan alltid, och allt mer",
    Category.PERSISTENT: "utmärker sig nästan alltid, varken mer eller mindre",
    Category.DIMINISHING: "utmärker sig nästan alltid, men allt mindre",
    Category.SPORADIC: "utmärker sig {last} och till och från förut",
    Category.OSCILLATING: "utmärker sig {last}, men har tidigare utmärkt sig åt andra hållet",
    Category.HISTORICAL: "utmärkte sig nästan alltid, men inte {last}",
    Category.NONE: "utmärker sig inte",
}
_STEPS = {
    "månad": {"last": "den sista månaden", "several": "månader", "end": "den sista"},
    "kvartal": {"last": "det sista kvartalet", "several": "kvartal", "end": "det sista"},
}


def means(category: Category, each: str = "månad") -> str:
    """Say what a category means, of months or quarters (``each``, in Swedish)."""
    return _MEANS[category].format(**_STEPS[each])


METHODS = {
    WatchMethod.REPORTED: "Anmälda brott, kommunen för sig",
    WatchMethod.TOGETHER: "Anmälda brott, grannkommuner tillsammans",
    WatchMethod.SERIES: "Polisens notiser, kommunen för sig",
    WatchMethod.COUNTY: "Polisens notiser, länet i rum och tid",
    WatchMethod.LOCAL: "Polisens notiser, orter vecka för vecka",
    WatchMethod.SIGNALS: "Lokala signaler vecka för vecka",
    WatchMethod.CLUSTER: "Klunga av lokala signaler",
}
STATUSES = {
    FlagStatus.NEW: "Ny",
    FlagStatus.CONTINUING: "Fortsätter",
    FlagStatus.GROWING: "Växer",
    FlagStatus.FADING: "Avtar",
    FlagStatus.OVER: "Över",
}
DECISIONS = {
    Decided.FOLLOW: "Följs upp",
    Decided.ACT: "Åtgärd påbörjad",
    Decided.DISMISS: "Avfärdas",
    Decided.CLOSE: "Avslutas",
    Decided.WITHDRAW: "Beslutet tas tillbaka",
}
PHASES = {
    Phase.NEW: "Ny",
    Phase.GROWING: "Växer",
    Phase.STEADY: "Oförändrad",
    Phase.FADING: "Avtar",
    Phase.GONE: "Borta",
}
_COUNTED = {
    WatchMethod.REPORTED: "anmälda brott",
    WatchMethod.TOGETHER: "anmälda brott",
    WatchMethod.SIGNALS: "signaler",
    WatchMethod.CLUSTER: "signaler nära varandra",
}
_QUARTERS = 4


def reach_text(cube: Cube, today: date | None = None) -> str:
    """Say how far the figures reach, and how long ago that was: ``Siffrorna når till och med andra kvartalet 2026``."""
    told = f"Siffrorna når till och med {cube.last}"
    if today is None:
        return f"{told}."
    months = 12 * (today.year - cube.last_month.year) + today.month - cube.last_month.month - 1
    if months < 1:
        return f"{told}."
    ago = "en månad" if months == 1 else f"{spelled(months)} månader"
    return f"{told}, för {ago} sedan."


def spot_name(spot: Spot) -> str:
    """Return a symbol and a word: ``▲ Växande``, ``▼ Ny``, ``Inget mönster``."""
    return {1: "▲ ", -1: "▼ ", 0: ""}[spot.sign] + NAMES[spot.category]


#: Beyond this the tails are not known well enough to say more: the spread is itself an estimate of a few years.
_MOST_YEARS = 10


def recurrence_text(cluster: Cluster) -> str:
    """Say how seldom chance alone gives such a cluster, looked for once a month."""
    months = cluster.recurrence
    if months < 2:
        return "så mycket ger slumpen nästan varje månad"
    if months < 24:
        return f"så mycket ger slumpen ungefär {_every_so_many(round(months))}"
    if months >= 12 * _MOST_YEARS:
        return f"så mycket ger slumpen mer sällan än en gång på {spelled(_MOST_YEARS)} år"
    return f"så mycket ger slumpen ungefär en gång på {spelled(round(months / 12))} år"


def _every_so_many(months: int) -> str:
    """Say how often: ``var tredje månad``, ``en gång på 20 månader``."""
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
    return f"var {words[months]} månad" if months in words else f"en gång på {number(months)} månader"


def cluster_text(cluster: Cluster, names: list[str], last: date, counted: str = "notiser") -> str:
    """Say where and how much: ``Kumla och Hallsberg: 14 notiser på två månader till och med mars 2026, 6 väntade``.

    ``last`` is the last month that was scanned; months are named, since it may be long ago.
    """
    when = _span(last, cluster.steps, 12)
    return f"{joined(names)}: {number(cluster.cases)} {counted} {when}, {number(cluster.expected, 1)} väntade"


def _months(value: int) -> str:
    return {2: "två", 3: "tre"}.get(value, number(value))


def flag_text(flag: Flag, names: Mapping[str, str], titles: Mapping[str, str] | None = None) -> str:
    """Say what was flagged, where it was most unusual: ``Kumla: 542 anmälda brott första kvartalet 2025, 404 väntade``.

    ``titles``: what crime types and categories are called, for those that are not everything.
    """
    when, finding = flag.most
    places = joined([names.get(place, place) for place in finding.places])
    observed, expected = (
        number(finding.observed),
        number(finding.expected, 0 if finding.expected >= 20 else 1),
    )
    return (
        f"{places}: {observed} {counted_as(flag, titles or {})} {_span(when, finding.length, flag.per_year)}, "
        f"{expected} väntade"
    )


def county_text(finding: Finding | None) -> str:
    """Say what the rest of the county made one expect, and whether it is unusual against that, too."""
    if finding is None:
        return ""
    expected = number(finding.expected, 0 if finding.expected >= 20 else 1)
    if finding.p_value <= MOST_LEVEL:
        return f"Efter övriga länet väntades {expected}: ovanligt även mot det"
    return f"Efter övriga länet väntades {expected}: inte ovanligt mot det"


def counted_as(flag: Flag, titles: Mapping[str, str]) -> str:
    """Say what a flag counts: ``anmälda brott``, ``anmälda brott (bostadsinbrott)``, ``notiser``."""
    counted = _COUNTED.get(flag.method, "notiser")
    kind = titles.get(flag.key, flag.key if flag.method in LOCAL else "")
    whole = flag.key in {ALL, SOL_TOTAL} or not kind
    return counted if whole else f"{counted} ({kind[0].lower()}{kind[1:]})"


def told_together(group: Sequence[Flag], names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Tell flags that rise together as one: ``Anmälda brott ökar i Kumla, Hallsberg och Askersund sedan första kvartalet 2025``.

    A flag that is over is told as what it was.
    """
    places = list(dict.fromkeys(place for flag in group for place in flag.latest[1].places))
    counted = list(dict.fromkeys(counted_as(flag, titles) for flag in group))
    first = min(group, key=lambda flag: flag.since)
    last = max(group, key=lambda flag: flag.latest[0])
    if all(flag.method in LOCAL for flag in group):
        return _signals_together(group, names)
    what = joined(counted)
    shown = [names.get(place, place) for place in places]
    where = inside(shown[0]) if len(shown) == 1 else f"i {joined(shown)}"
    begun = _span(first.since, 1, first.per_year)
    if all(flag.status is FlagStatus.OVER for flag in group):
        end = _span(last.latest[0], 1, last.per_year)
        when = begun if begun == end else f"från {_from(begun)} till och med {_from(end)}"
        return f"{what[0].upper()}{what[1:]} var fler än väntat {where} {when}. Det är över."
    return f"{what[0].upper()}{what[1:]} är fler än väntat {where} sedan {_from(begun)}."


def _signals_together(group: Sequence[Flag], names: Mapping[str, str]) -> str:
    places = dict.fromkeys(names.get(place, place) for flag in group for place in flag.latest[1].places)
    kinds = dict.fromkeys(kind for flag in group if flag.key != ALL for kind in flag.key.split(", "))
    first = min(group, key=lambda flag: flag.since)
    begun = _from(_span(first.since, 1, first.per_year))
    told = f": {joined(list(kinds))}" if kinds else ""
    if all(flag.status is FlagStatus.OVER for flag in group):
        return f"Fler signaler än väntat i {joined(list(places))} från {begun}{told}. Det är över."
    return f"Fler signaler än väntat i {joined(list(places))} sedan {begun}{told}."


def _from(span: str) -> str:
    return span.removeprefix("i ")


def _span(last: date, length: int, per_year: int) -> str:
    if per_year == _QUARTERS:
        quarter = quarter_and_year(last)
        return quarter if length == 1 else f"på {_months(length)} kvartal till och med {quarter}"
    if per_year == 12:
        month = month_and_year(last)
        return f"i {month}" if length == 1 else f"på {_months(length)} månader till och med {month}"
    week = f"vecka {last.isocalendar().week} {last.isocalendar().year}"
    return week if length == 1 else f"på {spelled(length)} veckor till och med {week}"


def unusual_text(flag: Flag) -> str:
    """Say how seldom chance gives so much: ``så många väntas en gång på nio år``."""
    if flag.method is WatchMethod.CLUSTER:
        return "ingår inte i larmbudgeten"
    years = flag.years_between
    if years < 0.75:
        return f"så många väntas ungefär {spelled(round(1 / years))} gånger om året"
    if years < 1.25:
        return "så många väntas ungefär en gång om året"
    if years < 2:
        return f"så många väntas ungefär {_every_so_many(round(12 * years))}"
    if years >= _MOST_YEARS:
        return f"så många väntas mer sällan än en gång på {spelled(_MOST_YEARS)} år"
    return f"så många väntas en gång på {spelled(round(years))} år"


def since_text(flag: Flag) -> str:
    """Say since when: ``sedan mars 2026`` or ``sedan vecka 12 2026``."""
    return f"sedan {_from(_span(flag.since, 1, flag.per_year))}"


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


def ahead_text(ahead: Ahead) -> str:
    """Say what the next quarter is expected to hold: ``Väntat tredje kvartalet 2026: 402 till 621 brott, med 90 procents säkerhet``."""
    return (
        f"Väntat {quarter_and_year(ahead.start)}: {number(round(ahead.lower))} till {number(round(ahead.upper))} brott, med "
        f"{number(100 * CONFIDENCE)} procents säkerhet"
    )


def tried_text(tried: Tried) -> str:
    """Say how the forecasts of past quarters went."""
    return (
        f"Av {number(tried.forecasts)} prognoser för tidigare kvartal hamnade {number(100 * tried.covered, 1)} procent inom "
        f"gränserna. Felet var i genomsnitt {number(tried.error)} brott, mot {number(tried.naive_error)} om man gissar på samma "
        "kvartal året före."
    )
