"""Swedish sentences made from the numbers of a comparison. The wording follows the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.statistics.comparison import Reason, Verdict
from lagesbild.statistics.series import Direction
from lagesbild.swedish import between, genitive, number, ordinal, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.benchmark import Comparison, Unusual, Value
    from lagesbild.funnel import Funnel
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
    "county": "länets andra kommuner",
    "country": "landets andra kommuner",
}
#: "Långt över" is said when even the lower limit is this many times the group's median.
FAR = 1.25
#: Below this a change between two years may well be chance.
SIGNIFICANT = 0.05
#: Outside the 99.8 % limits; and near enough the 95 % limits to be called high or low.
_EXTREME, _NEAR = 0.002, 0.2


def decimals(unit: str) -> int:
    """Return how many decimals a value in this unit is shown with."""
    return 1 if unit == "percent" else 0


def unit_text(unit: str) -> str:
    """Return the unit in words."""
    return "procent" if unit == "percent" else "per 100\u00a0000 invånare"


def answer(comparison: Comparison, name: str) -> str:
    """Answer "does it stand out?" in a few words."""
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
    parts = [f"År {comparison.home.year} {_place(comparison, name)}", _against_group(comparison)]
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


def _place(comparison: Comparison, name: str) -> str:
    from_bottom = comparison.ranked - comparison.rank + 1
    high = comparison.rank <= from_bottom
    place = comparison.rank if high else from_bottom
    if place > _FROM_AN_END:
        return f"låg {name} på plats {comparison.rank} {_of_all(comparison)} i {_subject(comparison)} (1 är högst)"
    word = _ORDINALS[place] if place < len(_ORDINALS) else f"{ordinal(place)} "
    measure = "andelen för" if comparison.kind == "survey" else "nivån av"
    return f"hade {name} den {word}{'högsta' if high else 'lägsta'} {measure} {_subject(comparison)} {_of_all(comparison)}"


def _of_all(comparison: Comparison) -> str:
    if comparison.ranked >= 290:
        return f"bland Sveriges {number(comparison.ranked)} kommuner"
    return f"bland de {number(comparison.ranked)} kommuner som har uppgifter"


def _subject(comparison: Comparison) -> str:
    if comparison.kind == "survey":
        return f"”{comparison.short}”"
    if comparison.short.startswith("Anmälda brott totalt"):
        return "anmälda brott"
    return comparison.short[0].lower() + comparison.short[1:]


def _against_group(comparison: Comparison) -> str:
    group = GROUP_IN_SENTENCE.get(comparison.group.key, comparison.group.label)
    words = {
        Reason.ABOVE_ALL: f"över alla i {group}",
        Reason.ABOVE_QUARTILE: f"högre än de flesta i {group}",
        Reason.BELOW_ALL: f"under alla i {group}",
        Reason.BELOW_QUARTILE: f"lägre än de flesta i {group}",
        Reason.WITHIN_QUARTILES: f"i nivå med {group}",
        Reason.INTERVAL_REACHES_IN: f"men slumpen kan förklara avståndet till {group}".replace(
            " sin ", " dess "
        ),
        Reason.TOO_FEW_CASES: f"men fallen är för få för en säker jämförelse med {group}".replace(
            " sin ", " dess "
        ),
        Reason.TOO_FEW_MEMBERS: "men jämförelsegruppen är för liten för ett svar",
        Reason.NO_INTERVAL: "men osäkerheten i värdet är inte känd",
    }
    if _is_far(comparison):
        return f"långt {'över' if comparison.verdict is Verdict.HIGHER else 'under'} {group}"
    text = words[comparison.judgement.reason]
    if group.startswith(("de ", "länets", "landets")):  # several municipalities, not one group
        return text.replace("flesta i ", "flesta av ").replace("alla i ", "alla ")
    return text


def _is_far(comparison: Comparison) -> bool:
    """Tell whether the whole interval lies at least a quarter above (or below) the group's median."""
    limits, median = comparison.home.interval, comparison.spread.median
    if limits is None or comparison.verdict not in {Verdict.HIGHER, Verdict.LOWER}:
        return False
    return limits.lower >= FAR * median or limits.upper * FAR <= median


def _change(comparison: Comparison) -> str:
    change = comparison.change
    if change is None or change.difference == 0 or change.p_value >= SIGNIFICANT:
        return ""
    word = "en ökning" if change.difference > 0 else "en minskning"
    against = Verdict.LOWER if change.difference > 0 else Verdict.HIGHER
    return f"{'trots' if comparison.verdict is against else 'efter'} {word} med {number(abs(change.difference))} brott på ett år"


def certainty(comparison: Comparison, name: str) -> str:
    """Say how sure the answer is, in plain words."""
    home, spread = comparison.home, comparison.spread
    places = decimals(comparison.unit)
    members = spelled(spread.n)
    span = between(spread.minimum, spread.maximum, places)
    group = f"De {members} jämförda kommunerna ligger {span}" if spread.n > 1 else "Gruppen har en kommun"
    if home.interval is None:
        return f"Hur säkert värdet är går inte att beräkna, eftersom antalet fall inte är känt. {group}."
    limits = between(home.interval.lower, home.interval.upper, places)
    text = (
        f"Slumpen gör att siffran varierar. Med 95 procents säkerhet ligger {genitive(name)} nivå "
        f"{limits} {unit_text(comparison.unit)}. {group}."
    )
    if comparison.judgement.reason is Reason.TOO_FEW_CASES and comparison.detectable is not None:
        text += f" Så få fall väntas att nivån hade behövt vara {number(comparison.detectable, 1)} gånger gruppens för att märkas."
    return text


def group_finding(comparison: Comparison, name: str) -> str:
    """State in a chart's title where the municipality lies among those compared."""
    rates = comparison.members.values()
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


def marker_text(marker: Marker, first: int, last: int) -> str:
    """Say which way five years go."""
    if marker.direction is Direction.NONE:
        return f"Över de fem åren {first}–{last} går nivån inte säkert åt något håll."
    word = "stiger" if marker.direction is Direction.UP else "sjunker"
    return f"Över de fem åren {first}–{last} {word} nivån, och gör det vilket enskilt år som än tas bort."


def country_text(comparison: Comparison) -> str:
    """Give the whole country's value, and why it is no average of the municipalities."""
    if comparison.country is None:
        return ""
    value = number(comparison.country, decimals(comparison.unit))
    why = " Där ingår även brott utan känd kommun." if comparison.kind == "reported" else ""
    return f"Hela riket: {value} {unit_text(comparison.unit)} år {comparison.home.year}.{why}"


def is_unusual(unusual: Unusual) -> bool:
    """Tell whether the level is called unusual, allowing for how many indicators are looked at."""
    return unusual.q_value <= SIGNIFICANT


def unusual_short(unusual: Unusual) -> str:
    """Say in two or three words whether the level is unusual among all municipalities."""
    if not is_unusual(unusual):
        return "inom det vanliga"
    return "ovanligt högt" if unusual.ratio > 1 else "ovanligt lågt"


def funnel_finding(funnel: Funnel, name: str) -> str:
    """State in the funnel chart's title how unusual the level is among all municipalities."""
    high = funnel.ratio > 1
    if funnel.p_value <= _EXTREME:
        return f"Bland alla kommuner är {genitive(name)} nivå mycket ovanligt {'hög' if high else 'låg'}"
    if funnel.p_value <= SIGNIFICANT:
        return f"Bland alla kommuner är {genitive(name)} nivå ovanligt {'hög' if high else 'låg'}"
    if funnel.p_value <= _NEAR:
        return f"Bland alla kommuner är {genitive(name)} nivå {'hög' if high else 'låg'}, men inom det vanliga spannet"
    return f"Bland alla kommuner är {genitive(name)} nivå vanlig"


def funnel_text(funnel: Funnel) -> str:
    """Explain the funnel in plain words: how far from the typical municipality, and how rare that is."""
    outside, of_all = funnel.outside(1 - SIGNIFICANT).height, funnel.municipalities.height
    return (
        f"Nivån är {number(funnel.ratio, 2)} gånger den typiska kommunens ({number(funnel.centre)}). Kommuner skiljer sig "
        f"åt mer än slumpen, och det grå fältet rymmer de skillnader som är vanliga: {number(outside)} av {number(of_all)} "
        "kommuner ligger utanför. Streckade linjer visar gränsen för det mycket ovanliga."
    )


def change_text(comparison: Comparison) -> str:
    """Describe the change since the year before, and whether chance may explain it."""
    change = comparison.change
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
    """Explain the verdict of one comparison, for tables that show the quartiles too."""
    reasons = {
        Reason.ABOVE_ALL: "hela felmarginalen ligger över gruppens högsta kommun",
        Reason.ABOVE_QUARTILE: "hela felmarginalen ligger över det vanliga i gruppen",
        Reason.BELOW_ALL: "hela felmarginalen ligger under gruppens lägsta kommun",
        Reason.BELOW_QUARTILE: "hela felmarginalen ligger under det vanliga i gruppen",
        Reason.WITHIN_QUARTILES: "värdet ligger inom det vanliga i gruppen",
        Reason.INTERVAL_REACHES_IN: "felmarginalen når in i det vanliga i gruppen",
        Reason.TOO_FEW_CASES: "så få fall väntas att inte ens en fördubbling säkert hade märkts",
        Reason.TOO_FEW_MEMBERS: "färre än tre kommuner att jämföra med",
        Reason.NO_INTERVAL: "antalet fall bakom värdet är inte känt",
    }
    return reasons[comparison.judgement.reason]
