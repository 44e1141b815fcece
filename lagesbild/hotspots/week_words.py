"""The week's picture in Swedish: the same sentences on the page and in the document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lagesbild.hotspots.clusters import Phase
from lagesbild.hotspots.week import BAND_HOURS, BEFORE, GRID_METRES, NoSpots
from lagesbild.hotspots.words import PHASES
from lagesbild.signals.pending import Kind
from lagesbild.statistics.suppression import LEAST
from lagesbild.swedish import capital, joined, long_date, number, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.hotspots.week import Counted, Rhythm, Spot, Week
    from lagesbild.signals.pending import Pending

HIDDEN = "–"
PENDING = {
    Kind.MEETING: "Mötesbeslut",
    Kind.FLAG: "Flagga",
    Kind.ACTION: "Åtgärd",
    Kind.PROMISE: "Löfte",
}
#: Of tables without small counts.
GATHERED = (
    f"Slag och orter med färre än {spelled(LEAST)} signaler är samlade, tillsammans med det minsta av de andra, så att inget litet "
    "antal kan räknas ut."
)
#: What the coarse picture leaves out, said once.
COARSE = (
    f"Antal under {spelled(LEAST)} visas inte, och inte heller sådant som de skulle kunna räknas ut ur. Platser visas i rutor om "
    f"{number(GRID_METRES)} meter. {HIDDEN} betyder att antalet inte visas. {GATHERED}"
)
SHORT_DAYS = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")
_UNTOLD = {
    NoSpots.NO_POSITIONS: "Inga signaler har en känd plats på kartan. Därför går det inte att se klungor inom orterna.",
    NoSpots.SPARSE: "Signalerna är för få och utspridda för att klungor inom orterna ska vara mer än slump.",
}


@dataclass(frozen=True)
class Told:
    """One of the three numbers: what it is, the number, and a sentence."""

    name: str
    value: str
    text: str


def week_name(monday: date) -> str:
    """Return ``vecka 47 2026``, by ISO 8601."""
    year, week, _ = monday.isocalendar()
    return f"vecka {week} {year}"


def title(week: Week) -> str:
    """Return the heading of the week's picture."""
    return f"Veckans lägesbild, {week_name(week.monday)}"


def span(first: date, last: date) -> str:
    """Return ``16 november–22 november 2026``."""
    begun = long_date(first)
    if first.year == last.year:
        begun = begun.rsplit(" ", 1)[0]
    return f"{begun}–{long_date(last)}"


def three_numbers(week: Week) -> tuple[Told, Told, Told]:
    """Return the three numbers that a meeting begins with."""
    places = week.growing
    late = len(week.overdue)
    return (
        Told("Signaler i veckan", shown(week.total), total_text(week)),
        Told("Platser som växer", number(len(places)), _growing_text(places)),
        Told(
            "Beslut och åtgärder som är försenade",
            number(late),
            f"Öppna: {number(len(week.pending))}. Skulle ha varit klara: {number(late)}."
            if week.pending
            else "Inget är öppet.",
        ),
    )


def shown(value: float | None, decimals: int = 0) -> str:
    """Return a number, or a dash where it is not known or not shown."""
    return HIDDEN if value is None else number(value, decimals)


def signals_text(week: Week) -> str:
    """Return ``12 signaler.``; what is not known is said to be missing, and is no zero."""
    return "uppgift saknas." if week.total is None else f"{_many(week.total, 'signal', 'signaler')}."


def total_text(week: Week) -> str:
    """Say how many signals there were, against the week before and what is usual."""
    if not week.known:
        return "Inga signaler har kommit in än. Det säger inget om hur det är."
    if week.total is None:
        return f"Färre än {spelled(LEAST)} signaler."
    against = f"Veckan före var det {number(week.before)}" if week.before is not None else ""
    usual = week.usual
    if usual is None:
        why = (
            f"Vad som är vanligt går inte att säga: signalerna går {_weeks(week.known)} tillbaka."
            if week.known <= BEFORE
            else "Vad som är vanligt visas inte."
        )
        return f"{f'{against}. ' if against else ''}{why}"
    verdict = (
        "fler än vanligt"
        if week.total > usual.upper
        else "färre än vanligt"
        if week.total < usual.lower
        else "inom det vanliga"
    )
    return (
        f"Det är {verdict}. {f'{against}. ' if against else ''}I snitt var det {number(usual.mean, 1)} de {spelled(BEFORE)} "
        f"veckorna före. En vanlig vecka har mellan {number(usual.lower)} och {number(usual.upper)}."
    )


def reporting_text(week: Week) -> list[str]:
    """Say how many reported, and whether that alone may be why signals are more or fewer."""
    found = week.reporting
    if not week.known:
        return []
    if found.active is None:
        told = [f"Färre än {spelled(LEAST)} rapportörer var aktiva."]
    else:
        parts = [
            f"{number(found.before)} veckan före" if found.before is not None else "",
            f"{number(found.usual, 1)} i snitt" if found.usual is not None else "",
        ]
        against = " och ".join(part for part in parts if part)
        told = [
            f"{capital(_many(found.active, 'rapportör var aktiv', 'rapportörer var aktiva'))}{f', mot {against}' if against else ''}."
        ]
    if found.new:
        told.append(
            f"{capital(spelled(found.new) if found.new > 1 else 'en')} av dem rapporterade för första gången."
        )
    if found.each is not None:
        told.append(f"Signaler per rapportör: {number(found.each, 1)}.")
    if found.campaign:
        told.append(
            "Rapportörerna var mer än en och en halv gång så många som vanligt. Att signalerna är fler kan bero på att fler "
            "rapporterar, inte på att mer händer."
        )
    if found.campaigns:
        weeks = joined([week_name(monday) for monday in found.campaigns])
        told.append(
            f"Ovanligt många rapporterade {weeks}: det vanliga är räknat med {'den veckan' if len(found.campaigns) == 1 else 'dem'}."
        )
    return told


def spots_text(week: Week) -> str:
    """Say why no trouble spots are listed, or nothing where some are."""
    if week.no_spots is not None:
        return _UNTOLD[week.no_spots]
    return "" if week.spots or week.rising else "Ingen plats utmärker sig."


def spot_name(spot: Spot) -> str:
    """Return ``Pålsboda: klotter, buller``; the locality alone where kinds are not shown."""
    return f"{spot.locality}: {', '.join(spot.kinds)}" if spot.kinds else spot.locality


def spot_rows(week: Week) -> list[tuple[str, ...]]:
    """Return the trouble spots as rows: place, phase, since; and in the full picture signals now and a week ago."""
    rows: list[tuple[str, ...]] = []
    for n, spot in enumerate(week.spots, start=1):
        row = (f"{n}. {spot_name(spot)}", PHASES[spot.phase], long_date(spot.since))
        rows.append(row if week.coarse else (*row, shown(spot.now), shown(spot.before)))
    for flag in week.rising:
        phase = PHASES[Phase.NEW] if len(flag.seen) == 1 else PHASES[Phase.GROWING]
        row = (f"{flag.places[0]}, hela orten", phase, long_date(flag.since))
        before = [found.observed for when, found in flag.seen if when == week.monday - timedelta(days=7)]
        now = number(flag.latest[1].observed)
        rows.append(row if week.coarse else (*row, now, shown(before[0] if before else None)))
    return rows


def spot_heads(week: Week) -> list[tuple[str, str]]:
    """Return the headings of `spot_rows`, with the class of a column of numbers."""
    heads = [("Plats", ""), ("Läge", ""), ("Sedan", "w")]
    return heads if week.coarse else [*heads, ("Signaler nu", "n"), ("En vecka före", "n")]


def counted_heads(week: Week, name: str) -> list[tuple[str, str]]:
    """Return the headings of `counted_rows`."""
    if week.coarse:
        return [(name, ""), ("Veckan", "n")]
    return [(name, ""), ("Veckan", "n"), ("Veckan före", "n"), ("Vanligt", "n"), ("Rapportörer", "n")]


def counted_rows(week: Week, counted: Sequence[Counted]) -> list[tuple[str, ...]]:
    """Return kinds or localities as rows."""
    if week.coarse:
        return [(one.name, shown(one.now)) for one in counted]
    return [
        (one.name, shown(one.now), shown(one.before), shown(one.usual, 1), shown(one.reporters))
        for one in counted
    ]


def band_name(band: int) -> str:
    """Return ``kl. 18–21``."""
    return f"kl. {BAND_HOURS * band:02d}–{BAND_HOURS * (band + 1):02d}"


def rhythm_heads() -> list[tuple[str, str]]:
    """Return the headings of `rhythm_rows`."""
    return [("", ""), *((day, "n") for day in SHORT_DAYS), ("alla", "n")]


def rhythm_rows(rhythm: Rhythm) -> list[tuple[str, ...]]:
    """Return hours by weekdays as rows, the sums last."""
    rows = [
        (band_name(n), *map(shown, row), shown(whole))
        for n, (row, whole) in enumerate(zip(rhythm.counts, rhythm.by_band, strict=True))
    ]
    return [*rows, ("alla", *map(shown, rhythm.by_weekday), shown(rhythm.total))]


def rhythm_text(rhythm: Rhythm) -> str:
    """Say which weeks the hours are of, and how many signals have none, if any."""
    told = f"Signaler {span(rhythm.first, rhythm.last)}, efter veckodag och klockslag."
    if not rhythm.without_hour:
        return told
    return f"{told} {capital(_many(rhythm.without_hour, 'signal', 'signaler'))} utan klockslag är inte med."


def pending_rows(found: Sequence[Pending], today: date) -> list[tuple[str, ...]]:
    """Return what is to be done as rows: what, of what kind, whose, by when."""
    return [
        (
            one.text,
            PENDING[one.kind],
            one.owner or HIDDEN,
            f"{long_date(one.due)}{' (försenat)' if one.overdue(today) else ''}" if one.due else HIDDEN,
        )
        for one in found
    ]


PENDING_HEADS = [("Vad", ""), ("Slag", "w"), ("Ansvarig", ""), ("Klart senast", "w")]


def map_text(week: Week) -> str:
    """Say in words what the map shows."""
    if week.coarse:
        cells = _many(len(week.placed), "ruta", "rutor")
        return (
            f"Karta: {cells} om {number(GRID_METRES)} meter med minst {spelled(LEAST)} signaler under veckan."
        )
    inside = {point.id for spot in week.spots for point in spot.points}
    return (
        f"Karta: {_many(len(week.placed), 'signal', 'signaler')} under veckan med känd plats"
        f"{', och ' + _many(sum(bool(s.points) for s in week.spots), 'klunga', 'klungor') if inside else ''}. Siffrorna är "
        "platserna i tabellen."
    )


def _growing_text(places: Sequence[str]) -> str:
    return f"{joined(list(dict.fromkeys(places)))}." if places else "Ingen plats är ny eller växer."


def _many(count: int, one: str, more: str) -> str:
    return f"{'en' if count == 1 else number(count)} {one if count == 1 else more}"


def _weeks(count: int) -> str:
    return "en vecka" if count == 1 else f"{spelled(count)} veckor"


def next_monday(week: Week) -> date:
    """Return the Monday after the week: the first day that its meeting can be."""
    return week.monday + timedelta(days=7)
