"""Swedish sentences about municipalities beside each other. Never which is more dangerous: the figures do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.comparison.pairs import Apart
from lagesbild.comparison.words import decimals
from lagesbild.data.indicators import Unit
from lagesbild.swedish import capital, joined, number, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.pairs import Beside, Pair, Shared
    from lagesbild.data.indicators import Indicator

#: What a difference in reported crimes is not, in one line.
NO_RISK = (
    "Det gäller anmälda brott per invånare, inte hur stor risken är för en person. Besökare, handel och polisens arbete "
    "påverkar också siffran."
)
#: The same for surveys.
NO_RISK_SURVEY = "Det gäller svar från ett urval av invånarna, inte hur stor risken är för en person."

_CERTAINTY = {
    Apart.CERTAIN: "Skillnaden är större än slumpen brukar ge",
    Apart.SMALL: "Skillnaden är större än slumpen brukar ge, men liten",
    Apart.SEVERAL: "Skillnaden är säker för sig, men inte när alla jämförelserna räknas in",
    Apart.USUAL: "Det är mer än ren slump, men inte mer än vad som brukar skilja från år till år",
    Apart.CHANCE: "Skillnaden kan vara en slump",
    Apart.UNKNOWN: "Skillnaden kan inte prövas, eftersom antalet bakom inte är känt",
}
#: From twice as many on, times are easier to grasp than per cent.
_TIMES = 2.0

#: What the other has more and less of, by characteristic (`data/reference/characteristics.csv`), after "har".
_HAS = {
    "folkmangd": ("fler invånare", "färre invånare"),
    "tathet": ("tätare bebyggelse", "glesare bebyggelse"),
    "forandring": ("en folkmängd som växer mer", "en folkmängd som växer mindre"),
    "unga": ("större andel unga", "mindre andel unga"),
    "aldre": ("större andel äldre", "mindre andel äldre"),
    "eftergymnasial": (
        "större andel med eftergymnasial utbildning",
        "mindre andel med eftergymnasial utbildning",
    ),
    "grundskola": ("större andel med högst grundskola", "mindre andel med högst grundskola"),
    "arbetslosa": ("fler arbetslösa", "färre arbetslösa"),
}


def subject(measure: Indicator) -> str:
    """Return a measure to begin a sentence with: ``Anmälda brott``, else its name and a colon."""
    if measure.short.startswith("Anmälda brott totalt"):
        return "Anmälda brott"
    if measure.is_survey:
        return f"”{measure.short}”: andelen"
    return f"{measure.short}: anmälda brott"


def answer(pair: Pair, measure: Indicator, home: str, other: str) -> str:
    """Answer which of two municipalities has more, in a few words."""
    if pair.sure and not pair.survey and subject(measure) == "Anmälda brott":
        return f"{capital(_side(pair, 'anmälda brott '))} i {home} än i {other}"
    return f"{_without_colon(measure)}: {_found(pair, home, other)}"


def _found(pair: Pair, home: str, other: str) -> str:
    if pair.apart is Apart.UNKNOWN:
        return f"skillnaden mellan {home} och {other} kan inte prövas"
    if not pair.sure:
        return f"ingen säker skillnad mellan {home} och {other}"
    return f"{_side(pair)} i {home} än i {other}"


def _side(pair: Pair, what: str = "") -> str:
    some = "något " if pair.apart is Apart.SMALL else ""
    return f"{some}{_more(pair)} {what}{'' if pair.survey else 'per invånare'}".rstrip()


def _more(pair: Pair) -> str:
    if pair.survey:
        return "högre" if pair.higher else "lägre"
    return "fler" if pair.higher else "färre"


def finding(pair: Pair, measure: Indicator, home: str, other: str) -> str:
    """Say in two or three sentences which of two has more in the pair's year, how much, and how sure it is."""
    parts = [_values(pair, measure, home, other), how_much(pair), f"{certainty(pair)}."]
    return " ".join(part for part in parts if part)


def _values(pair: Pair, measure: Indicator, home: str, other: str) -> str:
    mine, theirs = shown(pair, measure)
    when, unit = pair.mine.year, "procent" if measure.unit is Unit.PERCENT else "per 100\u00a0000"
    if pair.mine.rate == pair.theirs.rate == 0:
        return (
            f"{_without_colon(measure)}: noll i både {home} och {other} {when}."
            if measure.is_survey
            else f"{_without_colon(measure)}: inga anmälda brott i vare sig {home} eller {other} {when}."
        )
    if mine == theirs:
        same = "ungefär densamma" if measure.is_survey else "ungefär lika många per invånare"
        return f"{subject(measure)} är {same} i {home} och {other} {when}: {mine} {unit}."
    per = "" if measure.is_survey else " per invånare"
    return (
        f"{subject(measure)} är {_more(pair)}{per} i {home} än i {other} {when}: {mine} mot {theirs} {unit}."
    )


def _without_colon(measure: Indicator) -> str:
    return f"”{measure.short}”" if measure.is_survey else measure.short


def shown(pair: Pair, measure: Indicator) -> tuple[str, str]:
    """Return the two values as a reader sees them; with a decimal where else the same whole number would stand."""
    places = decimals(measure.unit)
    mine, theirs = (number(value.rate, places) for value in (pair.mine, pair.theirs))
    if mine == theirs and not places and pair.mine.rate != pair.theirs.rate:
        return number(pair.mine.rate, 1), number(pair.theirs.rate, 1)
    return mine, theirs


def how_much(pair: Pair) -> str:
    """Say how much more or less it is, where it certainly is: per cent, or times; nothing of shares and of none."""
    ratio = pair.ratio
    if pair.survey or not pair.sure or not ratio:
        return ""
    if ratio >= _TIMES:
        return f"Det är {number(ratio, 1)} gånger så många."
    percent = number(100 * abs(ratio - 1))
    return "" if percent == "0" else f"Det är {percent} procent {_more(pair)}."


def certainty(pair: Pair) -> str:
    """Say how sure the difference is, without a stop."""
    if pair.apart is Apart.UNKNOWN and pair.survey:
        return "Skillnaden kan inte prövas, eftersom felmarginalen inte är känd"
    if pair.mine.rate == pair.theirs.rate:
        return "Det finns ingen skillnad att pröva"
    return _CERTAINTY[pair.apart]


def year_told(found: Beside, names: Mapping[str, str]) -> str:
    """Say that the year is the last that all have, where any has a later one; empty otherwise."""
    if found.newest == found.year:
        return ""
    all_of = joined([names[code] for code in found.codes])
    return f"{found.year} är det senaste året med uppgifter för {all_of}."


def without_told(found: Beside, names: Mapping[str, str]) -> str:
    """Say which of the chosen municipalities have no value; empty where all have."""
    if not found.without:
        return ""
    return f"Uppgift saknas för {joined([names[code] for code in found.without])}. Det betyder inte noll."


def several(found: Beside, measure: Indicator, names: Mapping[str, str]) -> str:
    """Say of which others the home certainly differs, and of which not; of one other as `finding`."""
    home = names[found.home]
    if len(found.pairs) == 1:
        ((code, pair),) = found.pairs.items()
        return finding(pair, measure, home, names[code])
    per = "" if measure.is_survey else " per invånare"
    words = ("högre", "lägre") if measure.is_survey else ("fler", "färre")
    sides = [
        f"{word}{per} än i {joined(some)}"
        for word, higher in zip(words, (True, False), strict=True)
        if (some := _named(found, names, sure=True, higher=higher))
    ]
    parts = [f"{subject(measure)} i {home} är {' men '.join(sides)} {found.year}."] if sides else []
    unsure = [names[code] for code, pair in found.pairs.items() if not pair.sure and pair.test is not None]
    if unsure:
        told = f"killnaden mot {joined(unsure)} är inte säker"
        parts.append(f"S{told}." if sides else f"{_without_colon(measure)} {found.year}: s{told}.")
    unknown = [names[code] for code, pair in found.pairs.items() if pair.test is None]
    if unknown:
        parts.append(f"Skillnaden mot {joined(unknown)} kan inte prövas.")
    return " ".join(parts)


def _named(found: Beside, names: Mapping[str, str], *, sure: bool, higher: bool) -> list[str]:
    return [names[code] for code, pair in found.pairs.items() if pair.sure is sure and pair.higher is higher]


def short_of_several(found: Beside, measure: Indicator, names: Mapping[str, str]) -> str:
    """Answer in a few words from how many others the home certainly differs."""
    home = names[found.home]
    if len(found.pairs) == 1:
        ((code, pair),) = found.pairs.items()
        return answer(pair, measure, home, names[code])
    return f"{_without_colon(measure)}: {_from_how_many(found, home)}"


def _from_how_many(found: Beside, home: str) -> str:
    sure, of = sum(pair.sure for pair in found.pairs.values()), len(found.pairs)
    if not sure:
        return f"ingen säker skillnad mellan {home} och de {spelled(of)} andra"
    if sure == of:
        return f"{home} skiljer sig säkert från alla {spelled(of)} andra"
    return f"{home} skiljer sig säkert från {'en' if sure == 1 else spelled(sure)} av de {spelled(of)} andra"


def multiplicity(found: Beside, home: str) -> str:
    """Say how many comparisons are made at once, and what is done about it; empty for one."""
    tested = max((pair.of for pair in found.pairs.values()), default=1)
    if tested == 1:
        return ""
    return (
        f"{home} prövas mot {spelled(tested)} andra samtidigt. Kraven är därför högre än för en enda jämförelse "
        "(Holms metod). De andra prövas inte mot varandra."
    )


def together_told(pair: Pair, home: str, other: str, first: int, last: int) -> str:
    """Say what several years together say of two municipalities."""
    mine, theirs = number(pair.mine.rate), number(pair.theirs.rate)
    return (
        f"Åren {first}–{last} tillsammans: {mine} i {home} mot {theirs} i {other} per 100\u00a0000 invånare och år. "
        f"{certainty(pair)}."
    )


def verdict(pair: Pair, home: str) -> str:
    """Say in a table's cell how the other municipality lies against the home."""
    if pair.apart is Apart.UNKNOWN:
        return "kan inte prövas"
    if not pair.sure:
        return "ingen säker skillnad"
    some = "något " if pair.apart is Apart.SMALL else ""
    return f"{some}{'lägre' if pair.higher else 'högre'} än {home}"


def likeness(alike: Sequence[Shared], differences: Sequence[tuple[str, bool]], home: str, other: str) -> str:
    """Say whether two municipalities are comparable: whether one is among those most like the other, else why not.

    Parameters
    ----------
    differences
        Keys of the characteristics that differ most, and whether the other has more.
    """
    chosen = {one.key: one for one in alike if one.key in _ALIKE}
    inside = [one.label for one in chosen.values() if one.theirs_in_mine]
    if inside:
        text = f"{other} är bland de kommuner som liknar {home} mest ({joined(inside)})."
    else:
        reasons = [_HAS[key][not more] for key, more in differences if key in _HAS]
        told = f": {other} har {joined(reasons)}" if reasons else ""
        text = f"{other} är inte bland de kommuner som liknar {home} mest{told}."
    near = [_NEAR[one.key] for one in alike if one.theirs_in_mine and one.key in _NEAR]
    return f"{text} {home} och {other} {joined(near)}." if near else text


_ALIKE = frozenset({"kolada", "kolada_socioekonomi", "nearest"})
_NEAR = {
    "skr": "hör till samma SKR-grupp",
    "neighbours": "gränsar till varandra",
    "labour_market": "hör till samma arbetsmarknad",
    "county": "ligger i samma län",
}


def title(found: Beside, measure: Indicator, names: Mapping[str, str]) -> str:
    """Return a chart's title: the measure and what is found, without a stop."""
    home = names[found.home]
    if len(found.pairs) > 1:
        return f"{measure.short} {found.year}: {_from_how_many(found, home)}"
    ((code, pair),) = found.pairs.items()
    return f"{measure.short} {found.year}: {_found(pair, home, names[code])}"


def order_told(highest: int, years: int, measure: Indicator, home: str, others: Sequence[str]) -> str:
    """Say in how many of the years they share the home lay highest: a title of the years."""
    how = "över" if len(others) == 1 else "högst av dem"
    against = f" {others[0]}" if len(others) == 1 else ""
    if years == 1:
        return f"{measure.short}: ett år med uppgifter för alla"
    told = f"{how}{against}"
    if highest == 0:
        return f"{measure.short}: {home} låg aldrig {told} under {spelled(years)} år"
    when = f"alla {spelled(years)}" if highest == years else f"{spelled(highest)} av {spelled(years)}"
    return f"{measure.short}: {home} låg {told} {when} år"
