"""Swedish sentences made from the numbers of a comparison. The wording follows the verdict."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lagesbild.comparison.benchmark import LONG_AGO, Reason
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.statistics.series import Direction
from lagesbild.swedish import between, genitive, number, ordinal, spelled
from lagesbild.trends.contribution import REST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import AgainstGroup, Change, Comparison, Facts, Official, Value
    from lagesbild.comparison.outliers import Answer
    from lagesbild.comparison.robustness import Count
    from lagesbild.statistics.intervals import Interval
    from lagesbild.statistics.series import Marker
    from lagesbild.trends.contribution import Contribution

#: Shape as well as colour and word tell the levels apart.
SYMBOLS = {
    Level.HIGHER: "▲",
    Level.LOWER: "▼",
    Level.LEVEL: "●",
    Level.UNDECIDED: "?",
}
LEVELS = {
    Level.HIGHER: "högre",
    Level.LOWER: "lägre",
    Level.LEVEL: "i nivå",
    Level.UNDECIDED: "kan inte avgöras",
}
#: Whom a level is compared with, after "högre än" and "i nivå med".
OTHERS = {
    "kolada": "liknande kommuner",
    "kolada_socioekonomi": "kommuner med liknande socioekonomi",
    "skr": "de andra kommunerna i samma SKR-grupp",
    "nearest": "de kommuner som liknar den mest",
    "neighbours": "grannkommunerna",
    "labour_market": "de andra kommunerna i samma arbetsmarknadsregion",
    "county": "länets andra kommuner",
    "country": "landets andra kommuner",
    "egen": "kommunerna i den egna listan",
}
#: Below this a trend over the years may well be chance.
SIGNIFICANT = 0.05
#: From this share of the municipalities on, "n of 10" is easier to grasp than "1 of n".
_COMMON, _NEARLY_ALL, _RAREST = 0.2, 0.9, 500


def decimals(unit: str) -> int:
    """Return how many decimals a value in this unit is shown with."""
    return 1 if unit == "percent" else 0


def unit_text(unit: str) -> str:
    """Return the unit in words."""
    return "procent" if unit == "percent" else "per 100\u00a0000 invånare"


def answer(comparison: Comparison, name: str) -> str:
    """Answer "does it stand out?" in a few words: the level against the group, and how rare the distance is."""
    than = others(comparison)
    if comparison.level is Level.LEVEL:
        return f"Nej, {name} ligger i nivå med {than}"
    if comparison.level is Level.UNDECIDED:
        if comparison.assessed.judgement.reason is Reason.TOO_FEW_CASES:
            return f"Osäkert: {name} kan ligga i nivå med eller {_side(comparison)} än {than}"
        return f"Uppgifterna räcker inte för att jämföra {name} med {than}"
    word = LEVELS[comparison.level]
    if comparison.stands_out:
        side = "uppåt" if comparison.level is Level.HIGHER else "nedåt"
        return f"Ja, {name} sticker ut {side}: {word} än {than}, och ovanligt långt från dem"
    if comparison.assessed.standing is None:
        return f"{name} ligger {word} än {than}"
    return f"{name} ligger {word} än {than}, men inte ovanligt långt från dem"


def others(comparison: Comparison) -> str:
    """Return whom the municipality is compared with, to stand after "än" and "med"."""
    return OTHERS.get(comparison.group.key, f"kommunerna i gruppen {comparison.group.label}")


def headline(comparison: Comparison, name: str, without: Comparison | None = None) -> str:
    """Say in one or two sentences what the figures mean: measure, level, change; and without what the police find.

    Parameters
    ----------
    without
        The same comparison of the total without crimes that follow the police's effort, where there is one.
    """
    subject = _subject(comparison.facts)
    told = f"{subject[0].upper()}{subject[1:]} {comparison.home.year}: {name} {_level_clause(comparison)}"
    change = _change_clause(comparison)
    text = f"{told}, {change}." if change else f"{told}."
    return f"{text} {without_text(without)}" if without is not None else text


def finding(comparison: Comparison, name: str, without: Comparison | None = None) -> str:
    """Say in a written answer what the figures mean: measure, level, rarity and change, nothing twice; see `headline`."""
    subject = _subject(comparison.facts)
    said = answer(comparison, name)
    for word in ("Ja, ", "Nej, ", "Osäkert: "):
        said = said.removeprefix(word)
    change = _change_clause(comparison).removeprefix("och ").removeprefix("men ")
    parts = [
        f"{subject[0].upper()}{subject[1:]} {comparison.home.year}: {said}.",
        f"{change[0].upper()}{change[1:]}." if change else "",
        without_text(without) if without is not None else "",
    ]
    return " ".join(part for part in parts if part)


def _level_clause(comparison: Comparison) -> str:
    than = others(comparison)
    return {
        Level.HIGHER: f"ligger högre än {than}",
        Level.LOWER: f"ligger lägre än {than}",
        Level.LEVEL: f"ligger i nivå med {than}",
        Level.UNDECIDED: _unsure(comparison, than),
    }[comparison.level]


def _unsure(comparison: Comparison, than: str) -> str:
    if comparison.assessed.judgement.reason is Reason.TOO_FEW_CASES:
        return f"kan ligga i nivå med eller {_side(comparison)} än {than}"
    return f"går inte att jämföra med {than}"


def _side(comparison: Comparison) -> str:
    ratio = comparison.assessed.judgement.ratio
    return "lägre" if ratio is not None and ratio < 1 else "högre"


def _change_clause(comparison: Comparison) -> str:
    """Return the change since the year before, as a clause after the level; empty where it cannot be tested."""
    change = comparison.facts.change
    if change is None or change.word is ChangeWord.NONE:
        return ""
    word = "ökningen" if change.difference > 0 else "minskningen"
    if not change.unusual:
        return f"och {word} på ett år är inte ovanlig"
    against = (comparison.level is Level.HIGHER) == (change.difference < 0) and comparison.level in _APART
    joined = "men" if against or comparison.level is Level.LEVEL else "och"
    return f"{joined} {word} på ett år är ovanlig"


_APART = frozenset({Level.HIGHER, Level.LOWER})


def without_text(without: Comparison) -> str:
    """Say how the level is when crimes that follow the police's effort are left out."""
    told = {
        Level.HIGHER: "ligger kommunen högre än gruppen",
        Level.LOWER: "ligger kommunen lägre än gruppen",
        Level.LEVEL: "ligger kommunen i nivå",
        Level.UNDECIDED: f"är det osäkert om kommunen ligger i nivå eller {_side(without)}",
    }[without.level]
    return f"Utan narkotika- och vapenbrott, som mest upptäcks av polisen, {told}."


def place_text(facts: Facts, name: str) -> str:
    """Say which place the municipality has among all."""
    return f"År {facts.home.year} {_place(facts, name)}."


_ORDINALS = (
    "",
    "",
    "näst ",
    "tredje ",
    "fjärde ",
    "femte ",
    "sjätte ",
    "sjunde ",
    "åttonde ",
    "nionde ",
    "tionde ",
)
#: Further than this from both ends a place is told as a number.
_FROM_AN_END = 20


def _place(facts: Facts, name: str) -> str:
    from_bottom = facts.ranked - facts.rank + 1
    high = facts.rank <= from_bottom
    place = facts.rank if high else from_bottom
    if place > _FROM_AN_END:
        return f"låg {name} på plats {facts.rank} {_of_all(facts)} i {_subject(facts)} (1 är högst)"
    word = _ORDINALS[place] if place < len(_ORDINALS) else f"{ordinal(place)} "
    measure = "andelen för" if facts.kind == "survey" else "nivån av"
    return (
        f"hade {name} den {word}{'högsta' if high else 'lägsta'} {measure} {_subject(facts)} {_of_all(facts)}"
    )


def _of_all(facts: Facts) -> str:
    if facts.ranked >= 290:
        return f"bland Sveriges {number(facts.ranked)} kommuner"
    return f"bland de {number(facts.ranked)} kommuner som har uppgifter"


def _subject(facts: Facts) -> str:
    if facts.kind == "survey":
        return f"”{facts.short}”"
    if facts.short.startswith("Anmälda brott totalt"):
        return "anmälda brott"
    return facts.short[0].lower() + facts.short[1:]


def is_above(comparison: Comparison) -> bool:
    """Tell whether the value lies above the group's median."""
    return comparison.home.rate > comparison.assessed.spread.median


def certainty(comparison: Comparison, name: str) -> str:
    """Say how sure the answer is, in plain words: the distance, how common it is, and chance."""
    facts, home = comparison.facts, comparison.home
    if home.interval is None:
        return "Hur säkert värdet är går inte att beräkna, eftersom antalet fall inte är känt."
    limits = between(home.interval.lower, home.interval.upper, decimals(facts.unit))
    margin = f"Siffran varierar från år till år: felmarginalen är {limits} {unit_text(facts.unit)}."
    parts = [place_text(facts, name), distance(comparison), rarity(comparison), margin, _few(comparison)]
    return " ".join(part for part in parts if part)


def distance(comparison: Comparison) -> str:
    """Say how far the value lies from the group's median: as a share, and in cases a year."""
    ratio = comparison.assessed.judgement.ratio
    if ratio is None:
        return ""
    percent = number(100 * abs(ratio - 1))
    if percent == "0":
        return "Nivån är densamma som gruppens median."
    text = f"Nivån är {percent} procent {'högre' if ratio > 1 else 'lägre'} än gruppens median"
    more = comparison.more_than_group
    if more is None or round(abs(more)) == 0:
        return text + "."
    return text + f", ungefär {number(abs(more))} {'fler' if more > 0 else 'färre'} brott på ett år."


def rarity(comparison: Comparison) -> str:
    """Say how many municipalities lie as far from their own group."""
    standing = comparison.assessed.standing
    if standing is None:
        return ""
    p = standing.p_value
    if p >= _NEARLY_ALL:
        return "Nästan alla kommuner ligger minst så långt från sin grupp."
    if p >= _COMMON:
        return f"Så stora avstånd är vanliga: ungefär {number(10 * p)} av 10 kommuner ligger minst så långt från sin grupp."
    text = f"Så långt från sin grupp ligger {_one_of(p)} kommuner"
    return (
        f"{text}, och det är ovanligt." if comparison.assessed.unusual else f"{text}. Det är inte ovanligt."
    )


def _one_of(p: float) -> str:
    return f"ungefär 1 av {number(1 / p)}" if p * _RAREST >= 1 else f"färre än 1 av {_RAREST}"


def share_text(p: float | None) -> str:
    """Say in a few words, for tables, how many municipalities lie as far from their own group."""
    if p is None:
        return "går inte att säga"
    if p >= _NEARLY_ALL:
        return "nästan alla"
    return f"ungefär {number(10 * p)} av 10" if p >= _COMMON else _one_of(p)


def _few(comparison: Comparison) -> str:
    judgement = comparison.assessed.judgement
    seen = judgement.detectable
    if judgement.reason is not Reason.TOO_FEW_CASES or seen is None or comparison.facts.kind == "survey":
        return ""
    if seen == float("inf"):
        return "I gruppen väntas inga fall alls."
    return f"Så få fall väntas att nivån hade behövt vara {number(seen, 1)} gånger gruppens för att säkert märkas."


def count_text(found: Count) -> str:
    """Say what the comparisons say together, as "Högre i 2 av 8 jämförelser"."""
    first, *rest = [(level, times) for level, times in found.by_level.items() if times]
    text = f"{LEVELS[first[0]].capitalize()} i {first[1]} av {found.of} jämförelser"
    return text + "".join(f", {LEVELS[level]} i {times}" for level, times in rest) + "."


def expected_text(facts: Facts, name: str) -> str:
    """Say how many cases the municipality's characteristics would lead one to expect."""
    found, count = facts.expected, facts.home.count
    if found is None or count is None:
        return ""
    limits = between(found.lower, found.upper)
    used = ", ".join(label[0].lower() + label[1:] for label in found.model.names)
    more = count - found.expected
    outside = "fler än vad som är vanligt" if found.above else "färre än vad som är vanligt"
    side = outside if found.above or found.below else "inom det vanliga"
    apart = f"ungefär {number(abs(more))} {'fler' if more > 0 else 'färre'}"
    difference = apart if round(abs(more)) else "lika många"
    return (
        f"Med {genitive(name)} egenskaper ({used}) väntas ungefär {number(found.expected)} fall på ett år, "
        f"vanligen {limits}. Det anmäldes {number(count)}, {difference}. Det är {side}."
    )


def official_text(official: Official) -> str:
    """Give Kolada's own comparison with a modelled value, and whether ours agrees."""
    said = {2: "färre än väntat", 1: "lika många som väntat", 0: "fler än väntat"}
    text = f"Koladas egen modell ({official.indicator_id}, treårsmedelvärde {official.year}): {said[official.code]}."
    if official.ours is None:
        return text
    if official.ours == official.code:
        return text + " Vår modell säger detsamma."
    return text + f" Vår modell säger {said[official.ours]}."


def group_finding(comparison: Comparison, name: str) -> str:
    """State in a chart's title where the municipality lies among those compared."""
    rates = comparison.assessed.members.values()
    above = sum(rate > comparison.home.rate for rate in rates)
    below = sum(rate < comparison.home.rate for rate in rates)
    if len(rates) == below:
        return f"{name} ligger högst bland de {spelled(len(rates) + 1)} kommunerna"
    if len(rates) == above:
        return f"{name} ligger lägst bland de {spelled(len(rates) + 1)} kommunerna"
    return (
        f"{name} ligger över {spelled(below)} och under {spelled(above)} av de {spelled(len(rates))} jämförda"
    )


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


def everybody_finding(answers: Sequence[Answer], home: str, name: str, titles: Mapping[str, str]) -> str:
    """State in a chart's title how many cells stand out in the country, and which of them are the municipality's."""
    out = [answer for answer in answers if answer.stands_out]
    own = [_lowered(titles[answer.indicator_id]) for answer in out if answer.code == home]
    told = f"{number(len(out))} av {number(len(answers))} rutor sticker ut"
    return f"{told}, {genitive(name)} {'bland dem: ' + _and(own) if own else 'inte bland dem'}"


def home_finding(answers: Sequence[Answer], name: str, titles: Mapping[str, str]) -> str:
    """Say which of a municipality's measures stand out, when one looks through them all."""
    out = [answer for answer in answers if answer.stands_out]
    if not answers:
        return f"Det finns inget att jämföra för {name}."
    if not out:
        return f"Inget av {genitive(name)} {number(len(answers))} nyckeltal sticker ut."
    told = [
        f"{_lowered(titles[a.indicator_id])} ({number(a.ratio, 1)} gånger gruppens median)"
        if a.ratio is not None
        else _lowered(titles[a.indicator_id])
        for a in out
    ]
    count = (
        f"{spelled(len(out)).capitalize()} av {genitive(name)} {number(len(answers))} nyckeltal sticker ut"
    )
    return f"{count}: {_and(told)}."


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"


def contribution_finding(found: Contribution, names: Mapping[str, str]) -> str:
    """State in a chart's title what drives a change: the largest part in its own direction."""
    change = found.whole.difference
    if change == 0:
        return f"Antalet brott är lika stort {found.first} och {found.last}"
    word = "Ökningen" if change > 0 else "Minskningen"
    told = f"{word} med {number(abs(change))} brott {found.first}–{found.last}"
    if not found.whole.certain:
        return f"{told} är inte mer än siffran brukar ändra sig"
    way = 1 if change > 0 else -1
    drivers = [part for part in found.parts if part.certain and part.difference * way > 0]
    named = [part for part in drivers if part.key != REST]
    if not drivers:
        return f"{told} har ingen enskild brottstyp som säkert drivit den"
    shown = [*named[:1], *(part for part in drivers if part.key == REST)]
    parts = [
        f"{names[part.key][0].lower()}{names[part.key][1:]} ({number(part.difference, sign=True)})"
        for part in shown
    ]
    return f"{told}: mest {' och '.join(parts)}"


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
    return _and([_lowered(name) for name in names])


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


def country_text(facts: Facts) -> str:
    """Give the whole country's value, and why it is no average of the municipalities."""
    if facts.country is None:
        return ""
    value = number(facts.country, decimals(facts.unit))
    why = " Där ingår även brott utan känd kommun." if facts.kind == "reported" else ""
    return f"Hela riket: {value} {unit_text(facts.unit)} år {facts.home.year}.{why}"


def against_group_text(found: AgainstGroup) -> str:
    """Say whether the municipality moves away from its group."""
    if found.test.p_value >= SIGNIFICANT or found.test.slope == 0:
        return f"Jämfört med gruppen {found.first}–{found.last} går nivån inte säkert åt något håll."
    word = "ökat" if found.test.slope > 0 else "minskat"
    return (
        f"Jämfört med gruppen har nivån {word} {found.first}–{found.last}, med ungefär "
        f"{number(100 * abs(found.test.slope), 1)} procent av gruppens median om året."
    )


def funnel_finding(comparison: Comparison, name: str) -> str:
    """State in the funnel chart's title how unusual the level is."""
    standing = comparison.assessed.standing
    if standing is None:
        return f"{genitive(name)} nivå går inte att placera"
    high = standing.ratio > 1
    if standing.p_value < NEAR_CERTAIN:
        return f"{genitive(name)} nivå är mycket ovanligt {'hög' if high else 'låg'}"
    if standing.p_value <= SIGNIFICANT:
        return f"{genitive(name)} nivå är ovanligt {'hög' if high else 'låg'}"
    if standing.p_value < _COMMON:
        return f"{genitive(name)} nivå är {'hög' if high else 'låg'}, men inte ovanligt {'hög' if high else 'låg'}"
    return f"{genitive(name)} nivå är vanlig"


#: Outside the 99.8 % limits.
NEAR_CERTAIN = 0.002


def funnel_text(outside: int, of_all: int) -> str:
    """Explain the funnel in plain words."""
    return (
        "En prick för varje kommun. Det grå fältet rymmer de avstånd från gruppen som är vanliga för en kommun av "
        f"den storleken: {number(outside)} av {number(of_all)} kommuner ligger utanför. Streckade linjer visar gränsen "
        "för det mycket ovanliga."
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
    told = _and([f"{number(value.rate)} år {value.year}" for value in as_high])
    return f"Det är ingen rekordnivå: den var {told} per 100\u00a0000 invånare."


#: With fewer years than this there is no long view.
FEWEST_FOR_LONG_VIEW = 8


def change_text(facts: Facts) -> str:
    """Describe the change since the year before: how large, and whether the figure usually moves so much."""
    change = facts.change
    if change is None:
        return "Förändringen mot året innan kan inte prövas."
    if change.word is ChangeWord.NONE:
        return "Lika många fall som året innan."
    return f"{_fewer_or_more(change)} än året innan{_share(change)}. {CHANGES[change.word]}"


def _fewer_or_more(change: Change) -> str:
    return f"{number(abs(change.difference))} brott {'fler' if change.difference > 0 else 'färre'}"


def _share(change: Change) -> str:
    """Return the change in per cent in brackets; nothing where it would be none, or of nothing."""
    percent = _percent(change.difference / change.before) if change.before else ""
    return f" ({percent})" if percent else ""


def _percent(share: float) -> str:
    """Write a share as per cent with its sign; empty where that would say none."""
    text = number(100 * share, sign=True)
    return "" if text.strip("+−") == "0" else f"{text} procent"


def five_years_text(facts: Facts) -> str:
    """Say how the count has changed since five years before; empty where it cannot be tested."""
    change = facts.five_years
    if change is None:
        return ""
    since = f"Sedan {facts.home.year - LONG_AGO}"
    if change.difference == 0:
        return f"{since} är antalet oförändrat."
    told = f"{since} är det {_fewer_or_more(change)}{_share(change)}."
    if change.unusual:
        return f"{told} Det är mer än siffran brukar variera från år till år, även när landets förändring räknas bort."
    return f"{told} Det är inte mer än siffran brukar variera från år till år, när landets förändring räknas bort."


CHANGES = {
    ChangeWord.UNUSUAL_INCREASE: "Det är en ovanlig ökning.",
    ChangeWord.UNUSUAL_DECREASE: "Det är en ovanlig minskning.",
    ChangeWord.ORDINARY: "Det är mer än ren slump, men så mycket brukar siffran ändra sig.",
    ChangeWord.CHANCE: "Det kan vara en slump.",
    ChangeWord.NONE: "Ingen skillnad.",
}


def explain_level(comparison: Comparison) -> str:
    """Explain the level of one comparison, for tables."""
    judgement = comparison.assessed.judgement
    percent = "" if judgement.ratio is None else _percent(judgement.ratio - 1) or "som medianen"
    apart = "ovanligt långt från gruppen" if comparison.assessed.unusual else "inte ovanligt långt"
    return {
        Reason.ABOVE: f"{percent}, {apart}",
        Reason.BELOW: f"{percent}, {apart}",
        Reason.SMALL_DIFFERENCE: f"{percent}: säker skillnad, men liten",
        Reason.EQUIVALENT: f"{percent}: ingen säker skillnad, och ingen stor",
        Reason.TOO_FEW_CASES: f"{percent}: för osäkert för ett svar",
        Reason.TOO_FEW_MEMBERS: "färre än tre kommuner att jämföra med",
        Reason.NO_INTERVAL: "antalet fall bakom värdet är inte känt",
        Reason.NO_LEVEL: "gruppens mittersta kommun har inga fall",
    }[judgement.reason]
