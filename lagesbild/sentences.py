"""Swedish sentences made from the numbers of a comparison. The wording follows the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.statistics.comparison import Reason, Verdict
from lagesbild.statistics.series import Direction
from lagesbild.swedish import between, genitive, number, ordinal, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.benchmark import AgainstGroup, Comparison, Facts, Official, Value
    from lagesbild.contribution import Contribution
    from lagesbild.robustness import Count
    from lagesbild.statistics.series import Marker

#: Shape as well as colour and word tell the verdict apart.
SYMBOLS = {
    Verdict.HIGHER: "▲",
    Verdict.LOWER: "▼",
    Verdict.LEVEL: "●",
    Verdict.UNDECIDED: "?",
}
GROUP_IN_SENTENCE = {
    "kolada": "sin officiella jämförelsegrupp",
    "kolada_socioekonomi": "de kommuner som liknar den socioekonomiskt",
    "skr": "de andra kommunerna i samma SKR-grupp",
    "nearest": "de kommuner som liknar den mest",
    "neighbours": "sina grannkommuner",
    "labour_market": "de andra kommunerna i samma arbetsmarknadsregion",
    "county": "länets andra kommuner",
    "country": "landets andra kommuner",
    "egen": "kommunerna i den egna listan",
}
#: "Långt över" is said when even the lower limit is this many times the group's median.
FAR = 1.25
#: Below this a change between two years may well be chance.
SIGNIFICANT = 0.05
#: From this share of the municipalities on, "n of 10" is easier to grasp than "1 of n".
_COMMON, _RAREST = 0.2, 500


def decimals(unit: str) -> int:
    """Return how many decimals a value in this unit is shown with."""
    return 1 if unit == "percent" else 0


def unit_text(unit: str) -> str:
    """Return the unit in words."""
    return "procent" if unit == "percent" else "per 100\u00a0000 invånare"


def answer(comparison: Comparison, name: str) -> str:
    """Answer "does it stand out?" in a few words."""
    reason = comparison.assessed.judgement.reason
    if reason in {Reason.HIGH_NOT_RARE, Reason.LOW_NOT_RARE}:
        word = "högt" if reason is Reason.HIGH_NOT_RARE else "lågt"
        return f"{name} ligger {word}, men det går inte att avgöra om kommunen sticker ut"
    if comparison.verdict is Verdict.UNDECIDED:
        return f"Det går inte att avgöra om {name} sticker ut"
    if comparison.verdict is Verdict.LEVEL:
        return f"Nej, {name} sticker inte ut"
    return f"Ja, {name} sticker ut {'uppåt' if comparison.verdict is Verdict.HIGHER else 'nedåt'}"


def headline(comparison: Comparison, name: str) -> str:
    """Say in one sentence what the figures mean.

    Rank among all municipalities, place against the group, and the change since the year before
    where it is more than chance explains.
    """
    parts = [f"År {comparison.home.year} {_place(comparison.facts, name)}", _against_group(comparison)]
    change = _change(comparison)
    return ", ".join([*parts, change] if change else parts) + "."


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


def _against_group(comparison: Comparison) -> str:
    group = GROUP_IN_SENTENCE.get(comparison.group.key, comparison.group.label)
    theirs = group.replace("sin ", "dess ").replace("sina ", "dess ")
    reason = comparison.assessed.judgement.reason
    side = "över" if is_above(comparison) else "under"
    if reason in _OUTSIDE:
        return f"{'långt ' if _is_far(comparison) else ''}{side} {group}"
    return {
        Reason.SMALL_DIFFERENCE: f"mindre än en tiondel {side} {group}",
        Reason.WITHIN_USUAL: f"inom det vanliga jämfört med {group}",
        Reason.TOO_FEW_CASES: f"men fallen är för få för en säker jämförelse med {theirs}",
        Reason.TOO_FEW_MEMBERS: "men jämförelsegruppen är för liten för ett svar",
        Reason.NO_INTERVAL: "men osäkerheten i värdet är inte känd",
        Reason.NO_SPREAD: f"men det går inte att mäta avståndet till {theirs}",
    }[reason]


_OUTSIDE = {Reason.ABOVE_USUAL, Reason.BELOW_USUAL, Reason.HIGH_NOT_RARE, Reason.LOW_NOT_RARE}


def is_above(comparison: Comparison) -> bool:
    """Tell whether the value lies above the group's median."""
    return comparison.home.rate > comparison.assessed.spread.median


def _is_far(comparison: Comparison) -> bool:
    """Tell whether the whole interval lies at least a quarter above (or below) the group's median."""
    limits, median = comparison.home.interval, comparison.assessed.spread.median
    if limits is None:
        return False
    return limits.lower >= FAR * median or limits.upper * FAR <= median


def _change(comparison: Comparison) -> str:
    change = comparison.facts.change
    if change is None or change.difference == 0 or change.p_value >= SIGNIFICANT:
        return ""
    word = "en ökning" if change.difference > 0 else "en minskning"
    outside = comparison.assessed.judgement.reason in _OUTSIDE
    against = outside and is_above(comparison) != (change.difference > 0)
    return f"{'trots' if against else 'efter'} {word} med {number(abs(change.difference))} brott på ett år"


def certainty(comparison: Comparison, name: str) -> str:
    """Say how sure the answer is, in plain words: the distance, how common it is, and chance."""
    facts, home = comparison.facts, comparison.home
    if home.interval is None:
        return "Hur säkert värdet är går inte att beräkna, eftersom antalet fall inte är känt."
    limits = between(home.interval.lower, home.interval.upper, decimals(facts.unit))
    chance = (
        f"Slumpen gör att siffran varierar: med 95 procents säkerhet ligger {genitive(name)} nivå "
        f"{limits} {unit_text(facts.unit)}."
    )
    parts = [distance(comparison), rarity(comparison), chance, _few(comparison)]
    return " ".join(part for part in parts if part)


def distance(comparison: Comparison) -> str:
    """Say how far the value lies from the group's median: as a share, and in cases a year."""
    standing = comparison.assessed.standing
    if standing is None:
        return ""
    percent = round(100 * (standing.ratio - 1))
    if percent == 0:
        return "Nivån är densamma som gruppens median."
    text = f"Nivån är {number(abs(percent))} procent {'högre' if percent > 0 else 'lägre'} än gruppens median"
    more = comparison.more_than_group
    if more is None or round(abs(more)) == 0:
        return text + "."
    return (
        text + f", ungefär {number(abs(more))} {'fler' if more > 0 else 'färre'} brott på ett år än med den."
    )


def rarity(comparison: Comparison) -> str:
    """Say how many municipalities lie as far from their own group."""
    standing, q_value = comparison.assessed.standing, comparison.assessed.q_value
    if standing is None or q_value is None:
        return ""
    p = standing.p_value
    if p >= _COMMON:
        return f"Så stora skillnader är vanliga: ungefär {number(10 * p)} av 10 kommuner ligger minst så långt från sin grupp."
    share = f"ungefär 1 av {number(1 / p)}" if p * _RAREST >= 1 else f"färre än 1 av {_RAREST}"
    text = f"Så långt från sin grupp ligger {share} kommuner"
    if q_value <= SIGNIFICANT:
        return text + "."
    if p <= SIGNIFICANT:
        return text + ", men när flera nyckeltal jämförs kan ett så ovanligt värde vara en tillfällighet."
    return text + ", så skillnaden är inte säkert ovanlig."


def _few(comparison: Comparison) -> str:
    detectable = comparison.assessed.detectable
    if comparison.assessed.judgement.reason is not Reason.TOO_FEW_CASES or detectable is None:
        return ""
    if detectable == float("inf"):
        return "I gruppen väntas inga fall alls."
    return f"Så få fall väntas att nivån hade behövt vara {number(detectable, 1)} gånger gruppens för att märkas."


def count_text(found: Count) -> str:
    """Say what the comparisons say together, as "Högre i 2 av 8 jämförelser"."""
    first, *others = [(v, n) for v, n in found.by_verdict.items() if n]
    text = f"{first[0].value.capitalize()} i {first[1]} av {found.of} jämförelser"
    return text + "".join(f", {verdict.value} i {times}" for verdict, times in others) + "."


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


def trend_finding(values: Sequence[Value], name: str, unit: str) -> str:
    """State in a chart's title how the level has moved from the first to the last year shown."""
    if len(values) < 2:
        return f"{genitive(name)} nivå"
    first, last = values[0], values[-1]
    places = decimals(unit)
    span = (
        f"från {number(first.rate, places)} år {first.year} till {number(last.rate, places)} år {last.year}"
    )
    if number(first.rate, places) == number(last.rate, places):
        return f"{genitive(name)} nivå är densamma år {first.year} och år {last.year}"
    return f"{genitive(name)} nivå har {'stigit' if last.rate > first.rate else 'sjunkit'} {span}"


def contribution_finding(found: Contribution, names: Mapping[str, str]) -> str:
    """State in a chart's title what drives a change: the largest part in its own direction."""
    change = found.whole.difference
    if change == 0:
        return f"Antalet brott är lika stort {found.first} och {found.last}"
    word = "Ökningen" if change > 0 else "Minskningen"
    told = f"{word} med {number(abs(change))} brott {found.first}–{found.last}"
    if not found.whole.certain:
        return f"{told} kan vara en slump"
    driver = max(found.parts, key=lambda part: part.difference * (1 if change > 0 else -1))
    if not driver.certain:
        return f"{told} har ingen enskild brottstyp som säkert drivit den"
    name = names[driver.key]
    return f"{told}: mest {name[0].lower() + name[1:]} ({number(driver.difference, sign=True)})"


def contribution_text(found: Contribution, names: Mapping[str, str]) -> str:
    """Say how to read the parts: which may be chance, and which cannot be compared."""
    unsure = [names[part.key] for part in found.parts if not part.certain]
    parts = []
    if unsure and len(unsure) < len(found.parts):
        parts.append(f"Ofyllda staplar kan vara slump ({len(unsure)} av {len(found.parts)}).")
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
    lowered = [name[0].lower() + name[1:] for name in names]
    return lowered[0] if len(lowered) == 1 else f"{', '.join(lowered[:-1])} och {lowered[-1]}"


def marker_text(marker: Marker, first: int, last: int) -> str:
    """Say which way five years go."""
    if marker.direction is Direction.NONE:
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
        return f"{genitive(name)} nivå är {'hög' if high else 'låg'}, men inom det vanliga spannet"
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
    """Describe the change since the year before, and whether chance may explain it."""
    change = facts.change
    if change is None:
        return "Förändringen mot året innan kan inte prövas."
    if change.difference == 0:
        return "Lika många fall som året innan."
    direction = "fler" if change.difference > 0 else "färre"
    share = (
        f" ({number(100 * change.difference / change.before, 0, sign=True)} procent)" if change.before else ""
    )
    verdict = (
        "Så stor skillnad är knappast en slump."
        if change.p_value < SIGNIFICANT
        else "Så stor skillnad kan vara en slump."
    )
    return f"{number(abs(change.difference))} brott {direction} än året innan{share}. {verdict}"


def explain_verdict(comparison: Comparison) -> str:
    """Explain the verdict of one comparison, for tables."""
    standing = comparison.assessed.standing
    percent = number(100 * (standing.ratio - 1), 0, sign=True) + " procent" if standing else ""
    return {
        Reason.ABOVE_USUAL: f"{percent}: längre från gruppen än kommuner brukar ligga",
        Reason.BELOW_USUAL: f"{percent}: längre från gruppen än kommuner brukar ligga",
        Reason.SMALL_DIFFERENCE: f"{percent}: säker skillnad, men mindre än en tiondel",
        Reason.HIGH_NOT_RARE: f"{percent}: högt, men inte säkert ovanligt",
        Reason.LOW_NOT_RARE: f"{percent}: lågt, men inte säkert ovanligt",
        Reason.WITHIN_USUAL: f"{percent}: så stora skillnader är vanliga",
        Reason.TOO_FEW_CASES: "så få fall väntas att inte ens en fördubbling säkert hade märkts",
        Reason.TOO_FEW_MEMBERS: "färre än tre kommuner att jämföra med",
        Reason.NO_INTERVAL: "antalet fall bakom värdet är inte känt",
        Reason.NO_SPREAD: "det är inte känt hur mycket kommuner brukar skilja sig från sådana grupper",
    }[comparison.assessed.judgement.reason]
