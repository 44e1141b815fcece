"""Swedish sentences made from what the figures say of a promise. None says that the promise is the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lagesbild.signals.promises import Direction, Every
from lagesbild.statistics.periods import Moved
from lagesbild.swedish import capital, inside, joined, long_date, number, quarter_and_year, spelled
from lagesbild.trends.followed import FEWEST_SIGNALS, Reason, Status, Wanted, Where, status_of, wanted_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lagesbild.data.indicators import Indicator
    from lagesbild.signals.promises import Activity, Promise
    from lagesbild.statistics.periods import Against
    from lagesbild.trends.followed import Followed, Part

#: What is said of every promise that figures are shown beside.
NOT_WHY = "Siffrorna säger inte varför: de visar inte om löftet är orsaken."
#: What is said of an activity that nobody has told of.
UNKNOWN = "uppgift saknas"
#: Pure chance gives a difference as large less often than this.
_SIGNIFICANT = 0.05
_DIRECTIONS = {Direction.FEWER: "färre", Direction.MORE: "fler", Direction.UNCHANGED: "oförändrat"}
PLACES = {
    Where.EARLIER: "tidigare",
    Where.BEFORE: "före",
    Where.PARTLY: "delvis under",
    Where.DURING: "under perioden",
    Where.AFTER: "efter",
}
_SURVEY_STATUSES = {
    Status.FEWER: "Lägre andel under perioden, mer än felmarginalen förklarar",
    Status.MORE: "Högre andel under perioden, mer än felmarginalen förklarar",
}
_STATUSES = {
    Status.FEWER: "Färre under perioden, mer än slumpen förklarar",
    Status.MORE: "Fler under perioden, mer än slumpen förklarar",
    Status.NO_CERTAIN: "Ingen säker skillnad under perioden",
    Status.NOT_IN_FIGURES: "Kan inte följas i siffror",
    Status.ONGOING: "Perioden pågår",
    Status.WAITING: "Siffrorna för perioden har inte kommit",
}


@dataclass(frozen=True)
class Told:
    """Where a promise stands, in a few words and in sentences (none where there is nothing more to say)."""

    short: str
    why: str


def status_text(status: Status, *, survey: bool = False) -> str:
    """Say in a few words where a promise stands."""
    return (_SURVEY_STATUSES if survey else {}).get(status, _STATUSES[status])


def standing(promise: Promise, found: Followed | None, today: date, *, survey: bool = False) -> Told:
    """Say where a promise stands: in a few words, and what there is to say beside them."""
    status = status_of(promise, found, today)
    why = reason_text(found) if found and status is Status.NOT_IN_FIGURES else ""
    target = wanted_text(promise, wanted_of(promise, found))
    return Told(
        status_text(status, survey=survey),
        " ".join(part for part in (beside_group(found), target, why) if part),
    )


def reason_text(found: Followed) -> str:
    """Say why a period cannot be followed; empty where it can."""
    each = {Every.YEAR: "år", Every.QUARTER: "kvartal", Every.DAY: "dag"}[found.every]
    shortest = {Every.YEAR: "ett halvt år", Every.QUARTER: "ett halvt kvartal", Every.DAY: "en dag"}[
        found.every
    ]
    if found.reason is None:
        return ""
    return {
        Reason.NO_FIGURES: "Det finns inga siffror för kommunen.",
        Reason.TOO_SHORT: f"Perioden täcker inte minst {shortest} av något {each}.",
        Reason.NO_BEFORE: "Det finns inte jämförbara siffror från minst två år före perioden."
        if found.every is not Every.DAY
        else "Det finns inga signaler från samma tid före perioden.",
        Reason.BREAK: "Räknesättet ändrades under perioden, och siffrorna före och efter går inte att jämföra.",
        Reason.WAITING: "Siffrorna för hela perioden har inte kommit än.",
        Reason.MISSING: f"Uppgift saknas för något {each} i perioden.",
        Reason.TOO_FEW: f"Antalet är färre än {spelled(FEWEST_SIGNALS)} och för litet för att säga något."
        if found.every is Every.DAY
        else "Inga brott anmäldes tiden före, och då finns inget att jämföra med.",
    }[found.reason]


def span_text(first: date, last: date, every: Every) -> str:
    """Write the years or quarters of a stretch: ``2019``, ``2020–2021``, ``fjärde kvartalet 2018 till tredje kvartalet 2019``."""
    if every is Every.YEAR:
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if every is Every.DAY:
        return f"{long_date(first)} till {long_date(last)}"
    start, end = quarter_and_year(first), quarter_and_year(last)
    return start if start == end else f"{start} till {end}"


def title(indicator: Indicator, name: str, status: Status) -> str:
    """State in a chart's title what the figures say of the period."""
    told = status_text(status, survey=indicator.is_survey)
    return f"{indicator.short} {inside(name)}: {told[0].lower()}{told[1:]}"


def finding(found: Followed, indicator: Indicator) -> list[str]:
    """Say what the figures say of the period: here, how sure it is, in the group, and after it."""
    if found.during is None:
        return [reason_text(found)]
    if indicator.is_survey:
        return _survey(found, found.during)
    said = [_period(found, found.during), _how_sure(found.during), _group(found.during)]
    if found.after is not None:
        said.append(_later(found, found.after))
    return [text for text in said if text]


def signals_finding(found: Followed) -> list[str]:
    """Say what local signals say of a period."""
    if found.during is None:
        return [reason_text(found)]
    own = found.during.own
    return [
        f"{number(own.observed)} signaler under perioden, {_share(own)} samma dagar {_ago(found)} ({number(own.expected)}). "
        f"Felmarginalen är {_margin(own)}.",
        _how_sure(found.during),
        "Antalet signaler beror också på hur många som rapporterar.",
    ]


def _ago(found: Followed) -> str:
    years = (found.first - found.before[0]).days // 364 if found.before else 1
    return "året före" if years == 1 else f"{spelled(years)} år före"


def _period(found: Followed, part: Part) -> str:
    own = part.own
    early = " (preliminärt)" if found.preliminary else ""
    return (
        f"{capital(_when(part, found.every))}{early} anmäldes {number(own.observed)} brott, "
        f"{_share(own)} {_years_before(found)} ({number(own.expected, _places(own))} med kommunens folkmängd). "
        f"Felmarginalen är {_margin(own)}."
    )


def _when(part: Part, every: Every) -> str:
    told = span_text(part.first, part.last, every)
    return f"år {told}" if every is Every.YEAR else told


def _years_before(found: Followed) -> str:
    """Name what the period is held against: ``samma tid de tre åren före, i snitt``."""
    learnt = [step for step in found.steps if step.where is Where.BEFORE and step.value is not None]
    years = spelled(-(-len(learnt) // (1 if found.every is Every.YEAR else 4)))
    return f"{'' if found.every is Every.YEAR else 'samma tid '}i snitt de {years} åren före"


def _places(own: Against) -> int:
    """Return how many decimals an expected count is told with: few cases need one."""
    return 1 if own.expected < 10 else 0


def percent(ratio: float) -> float:
    """Return a ratio as a change in per cent."""
    return 100 * (ratio - 1)


def _share(own: Against) -> str:
    told = _change(own.ratio)
    return "lika många som" if told == _SAME else f"{told} än"


_SAME = "lika många"


def _change(ratio: float) -> str:
    """Write a change: ``12 procent färre``, ``0,4 procent fler``."""
    value = percent(ratio)
    told = number(abs(value), 1 if abs(value) < 1 else 0)
    if not any(digit in told for digit in "123456789"):
        return _SAME
    return f"{told} procent {'fler' if value > 0 else 'färre'}"


def _margin(own: Against) -> str:
    """Write the limits of the change: ``mellan 62 procent färre och 28 procent färre``."""
    low, high = own.lower / own.expected, own.upper / own.expected
    return f"från {_change(low)} till {_change(high)}"


def _how_sure(part: Part) -> str:
    if part.own.moved is not Moved.NONE:
        return "Det är mer än siffran brukar skilja sig från åren före."
    if part.own.certain:
        return "Skillnaden är säker men mindre än en tiondel, och räknas inte som en skillnad."
    if part.p_chance is not None and part.p_chance < _SIGNIFICANT:
        return "Det är inte mer än siffran brukar skilja sig från åren före."
    return "Det kan vara en slump."


def _group(part: Part) -> str:
    group = part.group
    if group is None:
        return ""
    so_many = f"{number(group.members)} {'kommun' if group.members == 1 else 'kommuner'}"
    told = f"I jämförelsegruppen ({so_many}) var det samtidigt {_change(group.ratio)} (medianen)."
    if group.home is None:
        return told
    if group.home.moved is Moved.NONE:
        return f"{told} Mot gruppen är skillnaden inte säker."
    also = "Även mot" if group.home.moved is part.own.moved else "Mot"
    return f"{told} {also} gruppen är det {_word(group.home)}, mer än slumpen förklarar."


def beside_group(found: Followed | None) -> str:
    """Say in a few words that what is fewer or more here is not so against the group; empty where it is."""
    if found is None or found.during is None or found.during.own.moved is Moved.NONE:
        return ""
    group = found.during.group
    if group is None or group.home is None or group.home.moved is found.during.own.moved:
        return ""
    return "Mot jämförelsegruppen är skillnaden inte säker."


def _word(own: Against) -> str:
    return "fler" if own.moved is Moved.MORE else "färre"


def _later(found: Followed, part: Part) -> str:
    sure = "" if part.own.moved is not Moved.NONE else ", ingen säker skillnad"
    return (
        f"Lika länge efter ({_when(part, found.every)}) anmäldes {number(part.own.observed)} brott, "
        f"{_share(part.own)} före perioden ({number(part.own.expected, _places(part.own))}){sure}."
    )


def _survey(found: Followed, part: Part) -> list[str]:
    own = part.own
    before = found.before[0].year if found.before else ""
    said = [
        f"År {part.first.year} var andelen {number(own.observed, 1)} procent, mot {number(own.expected, 1)} procent {before}. "
        f"Med felmarginal för båda ligger den mellan {number(own.lower, 1)} och {number(own.upper, 1)} procent.",
        "Det är mer än felmarginalen förklarar."
        if own.moved is not Moved.NONE
        else "Skillnaden är inte säker.",
    ]
    if found.after is not None:
        later = found.after.own
        sure = "" if later.moved is not Moved.NONE else ", ingen säker skillnad mot före"
        said.append(
            f"Efter perioden, {found.after.first.year}, var den {number(later.observed, 1)} procent{sure}."
        )
    return said


def wanted_text(promise: Promise, wanted: Wanted | None) -> str:
    """Say whether the figures went the way that was promised; empty where that is not known."""
    if wanted is None or promise.direction is None:
        return ""
    said = {
        Wanted.YES: "Siffrorna gick åt det hållet.",
        Wanted.NO: "Siffrorna gick inte åt det hållet.",
        Wanted.UNSURE: "Siffrorna räcker inte för att säga om det blev så.",
    }[wanted]
    if promise.size is not None or promise.direction is Direction.UNCHANGED:
        said = {
            Wanted.YES: "Så blev det enligt siffrorna.",
            Wanted.NO: "Så blev det inte enligt siffrorna.",
        }.get(wanted, said)
    return f"Målet var {direction_text(promise)}. {said}"


def direction_text(promise: Promise) -> str:
    """Write the promised direction: ``minst 10 procent färre``, ``oförändrat (inom 5 procent)``."""
    if promise.direction is None:
        return ""
    word = _DIRECTIONS[promise.direction]
    if promise.size is None:
        return word
    size = number(promise.size, 1 if promise.size % 1 else 0)
    if promise.direction is Direction.UNCHANGED:
        return f"{word} (inom {size} procent)"
    return f"minst {size} procent {word}"


def period_text(first: date, last: date) -> str:
    """Write a period: ``1 oktober 2018–30 september 2019``."""
    return f"{long_date(first)}–{long_date(last)}"


def planned_text(activity: Activity) -> str:
    """Write when an activity is planned; a dash where that is not told."""
    if activity.first is None:
        return "–"
    if activity.last is None or activity.last == activity.first:
        return long_date(activity.first)
    return period_text(activity.first, activity.last)


def done_text(activity: Activity) -> str:
    """Write when an activity was done; what nobody has told is said to be missing, never that it was not done."""
    return long_date(activity.done) if activity.done else UNKNOWN


def done_count(activities: Sequence[Activity]) -> str:
    """Say how many activities are told as done."""
    if not activities:
        return ""
    done = sum(one.done is not None for one in activities)
    if len(activities) == 1:
        return "Aktiviteten är gjord." if done else "Om aktiviteten är gjord: uppgift saknas."
    if done == len(activities):
        return f"{'Båda' if done == 2 else f'Alla {spelled(done)}'} aktiviteterna är gjorda."
    if not done:
        return f"Om de {spelled(len(activities))} aktiviteterna är gjorda: uppgift saknas."
    so_many = "En" if done == 1 else spelled(done).capitalize()
    are = "gjord" if done == 1 else "gjorda"
    return f"{so_many} av {spelled(len(activities))} aktiviteter är {are}; för resten saknas uppgift."


def subtitle(found: Followed, indicator: Indicator, group: str) -> str:
    """Explain the chart: the period, what counts as in it, the bars and the lines."""
    each = "år" if found.every is Every.YEAR else "kvartal"
    lines = (
        ""
        if indicator.is_survey
        else (
            " Streckat: så många som väntas efter samma tid före perioden. Prickat: med medianen för brott per invånare i "
            f"gruppen ({group or 'ingen grupp'})."
        )
    )
    return (
        f"{_counted(indicator)} per {each}. Grått fält: löftets period, {period_text(found.first, found.last)}. Röda staplar: "
        f"{each} som till minst hälften ligger i den.{lines}{_hollow(found)}{_holes(found)}{_breaks(found)}"
    )


def _counted(indicator: Indicator) -> str:
    """Say what the bars are, the measure first: ``Våldsbrott, anmälda brott``."""
    if indicator.is_survey:
        return f"{indicator.short}, andel i procent"
    crimes = "anmälda brott"
    return indicator.short if crimes in indicator.short.lower() else f"{indicator.short}, {crimes}"


def _hollow(found: Followed) -> str:
    return " Ofyllda staplar är preliminära." if any(step.preliminary for step in found.steps) else ""


def _holes(found: Followed) -> str:
    """Say which steps are missing between those that are known; empty where none is."""
    known = [n for n, step in enumerate(found.steps) if step.value is not None]
    missing = [step for step in found.steps[known[0] : known[-1]] if step.value is None] if known else []
    named = [span_text(step.first, step.last, found.every) for step in missing]
    return f" Uppgift saknas för {joined(named)}." if named else ""


def _breaks(found: Followed) -> str:
    return "".join(f" Räknesättet ändrades {long_date(day)} (streckad lodrät linje)." for day in found.breaks)


def by_text(by: Sequence[str]) -> str:
    """Write who promises: ``Kommunen och polisen``."""
    return capital(joined(by))


def followed_by(promise: Promise, short: str) -> str:
    """Say what a promise is followed with: a measure's name, a kind of signal, or what is done."""
    if promise.signal_kind:
        return f"Lokala signaler: {promise.signal_kind}"
    return short or "Gjort eller inte gjort"
