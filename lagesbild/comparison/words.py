"""Swedish sentences made from the numbers of a comparison. The wording follows the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.comparison.benchmark import LONG_AGO, Reason
from lagesbild.comparison.groups import COUNTRY
from lagesbild.data.indicators import Unit
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.swedish import between, genitive, joined, number, ordinal, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import Change, Comparison, Facts, Official
    from lagesbild.comparison.outliers import CountryCell
    from lagesbild.comparison.robustness import Count

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

#: With values for fewer municipalities than this, the others are not the country's.
_MOST_OF_THE_COUNTRY = 200

#: What the groups are called where there is little room; the label with its year stands in the table.
GROUPS = {
    "kolada": "Liknande (Kolada)",
    "kolada_socioekonomi": "Liknande socioekonomi",
    "skr": "Samma SKR-grupp",
    "nearest": "Närmast i egenskaper",
    "neighbours": "Grannkommunerna",
    "labour_market": "Arbetsmarknaden",
    "county": "Länet",
    "country": "Hela landet",
    "egen": "Egen lista",
}

#: Below this a trend over the years may well be chance.
SIGNIFICANT = 0.05

#: From this share of the municipalities on, "n of 10" is easier to grasp than "1 of n".
_COMMON, _NEARLY_ALL, _RAREST = 0.2, 0.9, 500


def decimals(unit: Unit) -> int:
    """Return how many decimals a value in this unit is shown with."""
    return 1 if unit is Unit.PERCENT else 0


def unit_text(unit: Unit) -> str:
    """Return the unit in words."""
    return "procent" if unit is Unit.PERCENT else "per 100\u00a0000 invånare"


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
    if comparison.group.key == COUNTRY and comparison.facts.ranked < _MOST_OF_THE_COUNTRY:
        return f"de {number(comparison.assessed.spread.n)} andra kommuner som har uppgifter"
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
        Level.UNDECIDED: "är nivån osäker",
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
    article, measure = ("det", "värdet för") if facts.indicator.is_survey else ("den", "nivån av")
    return f"hade {name} {article} {word}{'högsta' if high else 'lägsta'} {measure} {_subject(facts)} {_of_all(facts)}"


def _of_all(facts: Facts) -> str:
    if facts.ranked >= 290:
        return f"bland Sveriges {number(facts.ranked)} kommuner"
    return f"bland de {number(facts.ranked)} kommuner som har uppgifter"


def _subject(facts: Facts) -> str:
    if facts.indicator.is_survey:
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
        unknown = (
            "källan inte anger någon felmarginal"
            if facts.indicator.is_survey
            else "antalet brott inte är känt"
        )
        return f"Hur säkert värdet är går inte att beräkna, eftersom {unknown}."
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
        return f"Så stora avstånd är vanliga: {_of_ten(p)} kommuner ligger minst så långt från sin grupp."
    text = f"Så långt från sin grupp ligger {_one_of(p)} kommuner"
    return (
        f"{text}, och det är ovanligt." if comparison.assessed.unusual else f"{text}. Det är inte ovanligt."
    )


def _of_ten(p: float) -> str:
    """Write a large share, to stand before what it is of."""
    return "ungefär hälften av alla" if number(10 * p) == "5" else f"ungefär {number(10 * p)} av 10"


def _one_of(p: float) -> str:
    return f"ungefär 1 av {number(1 / p)}" if p * _RAREST >= 1 else f"färre än 1 av {_RAREST}"


def share_text(p: float | None) -> str:
    """Say in a few words, for tables, how many municipalities lie as far from their own group."""
    if p is None:
        return "går inte att säga"
    if p >= _NEARLY_ALL:
        return "nästan alla"
    return _of_ten(p).removesuffix(" av alla") if p >= _COMMON else _one_of(p)


def _few(comparison: Comparison) -> str:
    judgement = comparison.assessed.judgement
    seen = judgement.detectable
    if judgement.reason is not Reason.TOO_FEW_CASES or seen is None or comparison.facts.indicator.is_survey:
        return ""
    if seen == float("inf"):
        return "I gruppen väntas inga brott alls."
    return f"Så få brott väntas att nivån måste vara {number(seen, 1)} gånger gruppens för att säkert märkas."


def count_text(found: Count) -> str:
    """Say what the comparisons say together, as "Högre i 2 av 8 jämförelser"."""
    first, *rest = [(level, times) for level, times in found.by_level.items() if times]
    text = f"{LEVELS[first[0]].capitalize()} i {first[1]} av {found.of} jämförelser"
    return text + "".join(f", {LEVELS[level]} i {times}" for level, times in rest) + "."


def groups_text(found: Sequence[Comparison]) -> str:
    """Say in one or two sentences how the level is against every group that is counted up, and how rare the distance is.

    Empty where fewer than two can be counted; see `robustness.count`.
    """
    counted = [one for one in found if one.group.counted and one.assessed.standing is not None]
    if len(counted) < 2:
        return ""
    of = f"{spelled(len(counted))} jämförelser"
    by_level = {level: some for level in Level if (some := [one for one in counted if one.level is level])}
    unsure = by_level.pop(Level.UNDECIDED, [])
    if not by_level:
        return f"I ingen av {of} går nivån att avgöra."
    if len(by_level) == 1 and not unsure:
        told = f"Kommunen ligger {_LIES[next(iter(by_level))]} i alla {of}"
    else:
        parts = [
            f"{_LIES[level]} i {_so_many(some)}{_against(some, level)}" for level, some in by_level.items()
        ]
        told = f"Av {of} ligger kommunen {joined(parts)}"
        told += f"; i {_so_many(unsure)} går det inte att avgöra" if unsure else ""
    if set(by_level) == {Level.LEVEL}:
        return f"{told}."
    far = [one for one in counted if one.stands_out]
    if not far:
        return f"{told}. I ingen av dem är avståndet ovanligt långt."
    where = "alla" if len(far) == len(counted) else f"{_so_many(far)} av dem"
    return f"{told}. I {where} är avståndet ovanligt långt."


_LIES = {Level.HIGHER: "högre", Level.LOWER: "lägre", Level.LEVEL: "i nivå"}


def _so_many(some: Sequence[Comparison]) -> str:
    return "en" if len(some) == 1 else spelled(len(some))


def _against(some: Sequence[Comparison], level: Level) -> str:
    """Name the groups, where they are few enough to be read."""
    if len(some) > 2:
        return ""
    return f" ({'med' if level is Level.LEVEL else 'än'} {joined([others(one) for one in some])})"


def expected_text(facts: Facts, name: str) -> str:
    """Say how many crimes a municipality with such characteristics usually has."""
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
        f"En kommun med {genitive(name)} egenskaper ({used}) väntas ha ungefär {number(found.expected)} brott på ett år, "
        f"vanligen {limits}. Det anmäldes {number(count)}, {difference}. Det är {side} för en sådan kommun."
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
    so_many = [{0: "ingen", 1: "en"}.get(count, spelled(count)) for count in (below, above)]
    return f"{name} ligger över {so_many[0]} och under {so_many[1]} av de {spelled(len(rates))} jämförda kommunerna"


def everybody_finding(answers: Sequence[CountryCell], home: str, name: str, titles: Mapping[str, str]) -> str:
    """State in a chart's title how many cells stand out in the country, and which of them are the municipality's."""
    out = [answer for answer in answers if answer.stands_out]
    own = [lowered(titles[answer.indicator_id]) for answer in out if answer.code == home]
    told = f"{number(len(out))} av {number(len(answers))} rutor sticker ut"
    return f"{told}, {genitive(name)} {'bland dem: ' + joined(own) if own else 'inte bland dem'}"


def home_finding(answers: Sequence[CountryCell], name: str, titles: Mapping[str, str]) -> str:
    """Say which of a municipality's measures stand out, when one looks through them all."""
    out = [answer for answer in answers if answer.stands_out]
    if not answers:
        return f"Det finns inget att jämföra för {name}."
    if not out:
        if len(answers) == 1:
            return f"{genitive(name)} enda nyckeltal här sticker inte ut."
        return f"Inget av {genitive(name)} {number(len(answers))} nyckeltal sticker ut."
    told = [
        f"{lowered(titles[a.indicator_id])} ({number(a.ratio, 1)} gånger gruppens median)"
        if a.ratio is not None
        else lowered(titles[a.indicator_id])
        for a in out
    ]
    count = (
        f"{spelled(len(out)).capitalize()} av {genitive(name)} {number(len(answers))} nyckeltal sticker ut"
    )
    if len(answers) == 1:
        count = f"{genitive(name)} enda nyckeltal här sticker ut"
    return f"{count}: {joined(told)}."


def lowered(title: str) -> str:
    """Return a title as it stands inside a sentence."""
    return title[0].lower() + title[1:]


def country_text(facts: Facts) -> str:
    """Give the whole country's value, and why it is no average of the municipalities."""
    if facts.country is None:
        return ""
    value = number(facts.country, decimals(facts.unit))
    why = " Där ingår även brott utan känd kommun." if not facts.indicator.is_survey else ""
    return f"Hela riket: {value} {unit_text(facts.unit)} år {facts.home.year}.{why}"


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


def change_text(facts: Facts) -> str:
    """Describe the change since the year before: how large, and whether the figure usually moves so much."""
    change = facts.change
    if change is None:
        return "Förändringen mot året innan kan inte prövas."
    if change.word is ChangeWord.NONE:
        return "Lika många brott som året innan."
    return f"{_fewer_or_more(change)} än året innan{_share(change)}. {CHANGES[change.word]}"


def change_in_short(change: Change) -> str:
    """Describe a change where it says above it since when: how large, and whether the figure usually moves so much."""
    if change.word is ChangeWord.NONE:
        return "Lika många."
    return f"{_fewer_or_more(change)}{_share(change)}. {_IN_SHORT[change.word]}"


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


_IN_SHORT = {
    ChangeWord.UNUSUAL_INCREASE: "Det är en ovanlig ökning.",
    ChangeWord.UNUSUAL_DECREASE: "Det är en ovanlig minskning.",
    ChangeWord.ORDINARY: "Det är inte ovanligt mycket.",
    ChangeWord.CHANCE: "Det kan vara en slump.",
}

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
        Reason.NO_INTERVAL: "antalet brott bakom värdet är inte känt",
        Reason.NO_LEVEL: "gruppens mittersta kommun har inga brott",
    }[judgement.reason]
