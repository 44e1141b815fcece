"""Does a statement hold? What the figures say, how sure, which comparisons disagree, and how it is told fairly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lagesbild.comparison import benchmark, words
from lagesbild.comparison.benchmark import Value
from lagesbild.comparison.groups import groups
from lagesbild.data import reference
from lagesbild.data.indicators import Unit
from lagesbild.figures.model import ChartError, Fact
from lagesbild.figures.yearly import compared, limits_of
from lagesbild.statistics.rule import Level
from lagesbild.statistics.series import Direction
from lagesbild.statistics.standing import PER
from lagesbild.swedish import genitive, number
from lagesbild.trends import words as trend_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.comparison.benchmark import Change
    from lagesbild.figures.register import ChartContext
    from lagesbild.statistics.overdispersion import Dispersion

_CERTAIN = 1.959964
_SIGNIFICANT = words.SIGNIFICANT
_POOLED = 3


class ClaimKind(StrEnum):
    """What a statement says."""

    STANDS_OUT = "stands-out"
    DOES_NOT = "does-not-stand-out"
    RISEN = "risen"
    FALLEN = "fallen"
    MORE_THAN = "more-than"
    FEWER_THAN = "fewer-than"


#: How a statement is worded when it is chosen instead of typed.
WORDING = {
    ClaimKind.STANDS_OUT: "{home} sticker ut: {indicator}",
    ClaimKind.DOES_NOT: "{home} sticker inte ut: {indicator}",
    ClaimKind.RISEN: "{indicator} har ökat i {home}",
    ClaimKind.FALLEN: "{indicator} har minskat i {home}",
    ClaimKind.MORE_THAN: "{indicator} är fler i {home} än i {other}, räknat på folkmängden",
    ClaimKind.FEWER_THAN: "{indicator} är färre i {home} än i {other}, räknat på folkmängden",
}


class ClaimOutcome(StrEnum):
    """What the figures say of a statement, in the words shown."""

    HOLDS = "Stämmer"
    FAILS = "Stämmer inte"
    DEPENDS = "Beror på jämförelsen"
    UNDECIDED = "Kan inte avgöras"


@dataclass(frozen=True)
class Claim:
    """A statement about a municipality: its kind, the measure, and whom it is compared with (``MORE_THAN``, ``FEWER_THAN``)."""

    kind: ClaimKind
    home: str
    indicator: str
    other: str = ""


@dataclass(frozen=True)
class View:
    """One way to look at it, and what it says of the statement."""

    name: str
    outcome: ClaimOutcome
    why: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A statement and what the figures say; ``charts`` are those it rests on, as the register draws them."""

    claim: Claim
    wording: str
    outcome: ClaimOutcome
    said: str
    certainty: str
    views: tuple[View, ...]
    press: str
    fair: str
    limits: str
    charts: tuple[tuple[str, Mapping[str, str | int]], ...]
    facts: tuple[Fact, ...] = field(default=())

    @property
    def disagree(self) -> tuple[View, ...]:
        """The views that say something else than the answer."""
        return tuple(view for view in self.views if view.outcome is not self.outcome)


def wording(context: ChartContext, claim: Claim) -> str:
    """Return a statement in words; shares are higher or lower, crimes more or fewer."""
    facts = context.panel.indicators[claim.indicator]
    short = facts.short
    words = WORDING[claim.kind]
    if facts.is_survey:
        words = (
            words.replace("är fler", "är högre")
            .replace("är färre", "är lägre")
            .replace(", räknat på folkmängden", "")
        )
    return words.format(
        home=context.names[claim.home], indicator=short, other=context.names.get(claim.other, "")
    )


def check(context: ChartContext, claim: Claim) -> Checked:
    """Check a statement.

    Raises
    ------
    ChartError
        If the figures for it are not there.
    """
    context.name(claim.home)
    if claim.indicator not in context.panel.indicators:
        raise ChartError(f"Okänt nyckeltal: {claim.indicator}.")
    if claim.kind in {ClaimKind.STANDS_OUT, ClaimKind.DOES_NOT}:
        return _standing_out(context, claim)
    if claim.kind in {ClaimKind.RISEN, ClaimKind.FALLEN}:
        return _change(context, claim)
    return _beside(context, claim)


def _overall(views: list[View]) -> ClaimOutcome:
    """Return what the views say together: a plain answer only where most can decide, and all that can agree."""
    decided = [view.outcome for view in views if view.outcome is not ClaimOutcome.UNDECIDED]
    if not decided:
        return ClaimOutcome.UNDECIDED
    agree = len(set(decided)) == 1 and 2 * len(decided) > len(views)
    return decided[0] if agree else ClaimOutcome.DEPENDS


def _standing_out(context: ChartContext, claim: Claim) -> Checked:
    out = claim.kind is ClaimKind.STANDS_OUT
    home, name = claim.home, context.names[claim.home]
    main = compared(context, home, None, claim.indicator, None)
    keys = [group.key for group in groups(context.panel.kinds.values(), home) if group.counted]
    found = benchmark.compare(
        context.warehouse, home, keys, [claim.indicator], None, context.panel
    ).comparisons
    views = [
        View(
            c.group.label,
            ClaimOutcome.UNDECIDED
            if c.level is Level.UNDECIDED
            else ClaimOutcome.HOLDS
            if c.stands_out == out
            else ClaimOutcome.FAILS,
            ("" if c.level is Level.UNDECIDED else f"{words.LEVELS[c.level]}: ") + words.explain_level(c),
        )
        for c in found
    ]
    place = f"{main.facts.rank} av {main.facts.ranked}"
    side = "fler" if words.is_above(main) else "färre"
    return Checked(
        claim=claim,
        wording=wording(context, claim),
        outcome=_overall(views),
        said=words.headline(main, name),
        certainty=words.certainty(main, name),
        views=tuple(views),
        press=f"”{name} på plats {place} i landet: {main.facts.short[0].lower()}{main.facts.short[1:]}”",
        fair=f"{_counted(views)} {words.distance(main)} {words.rarity(main)}".strip()
        + (
            f" Det är {side} än i gruppen, men bara en av flera tänkbara jämförelser."
            if _overall(views) is ClaimOutcome.DEPENDS
            else ""
        ),
        limits=limits_of(main.facts.indicator),
        charts=tuple((chart, {"home": home, "indicator": claim.indicator}) for chart in ("group", "funnel")),
    )


def _counted(views: list[View]) -> str:
    tally = {outcome: sum(view.outcome is outcome for view in views) for outcome in ClaimOutcome}
    told = [f"{outcome.value.lower()} i {times}" for outcome, times in tally.items() if times]
    return f"Påståendet: {', '.join(told)} av {len(views)} jämförelser."


def _change(context: ChartContext, claim: Claim) -> Checked:
    rise = claim.kind is ClaimKind.RISEN
    panel, home = context.panel, claim.home
    facts = panel.indicators[claim.indicator]
    name, short = context.names[home], facts.short
    breaks = panel.breaks(claim.indicator)
    values = benchmark.since_break(benchmark.values_of(panel, claim.indicator, home), breaks)
    if len(values) < 2:
        raise ChartError(f"Det finns inte två jämförbara år av {short} för {name}.")
    main = compared(context, home, None, claim.indicator, None)
    last, dispersion = values[-1], panel.dispersion(claim.indicator, home)
    views = [_between(dispersion, values[-2], last, "Mot året före", rise=rise)]
    if len(values) > _POOLED:
        views.append(
            _between(
                dispersion, values[0], last, f"Mot det första jämförbara året, {values[0].year}", rise=rise
            )
        )
    marker = benchmark.marker(values, breaks, None if facts.is_survey else dispersion)
    if marker is not None:
        text = trend_words.marker_text(marker, values[-5].year, last.year)
        views.append(View("De fem senaste årens riktning", _direction(marker.direction, rise=rise), text))
    _, quartiles = benchmark.trend(panel, claim.indicator, home, list(main.assessed.members))
    against = benchmark.against_group(values, quartiles, breaks)
    if against is not None:
        sure = against.test.p_value < _SIGNIFICANT and against.test.slope != 0
        outcome = (
            ClaimOutcome.UNDECIDED
            if not sure
            else ClaimOutcome.HOLDS
            if (against.test.slope > 0) == rise
            else ClaimOutcome.FAILS
        )
        views.append(View("Mot gruppens utveckling", outcome, trend_words.against_group_text(against)))
    before = values[-2]
    percent = 100 * (last.rate / before.rate - 1) if before.rate else 0.0
    word = "ökar" if last.rate > before.rate else "minskar"
    first = values[0]
    places = words.decimals(facts.unit)
    press = f"”{short} {word} med {number(abs(percent))} procent i {name}”"
    if facts.unit is Unit.PERCENT:
        press = f"”{short} {word} i {name}: från {number(before.rate, places)} till {number(last.rate, places)} procent”"
    said = (
        f"{short} i {name}: {number(first.rate, places)} år {first.year}, {number(before.rate, places)} år {before.year} och "
        f"{number(last.rate, places)} år {last.year} ({words.unit_text(facts.unit)})."
    )
    return Checked(
        claim=claim,
        wording=wording(context, claim),
        outcome=_overall(views),
        said=said,
        certainty=views[0].why,
        views=tuple(views),
        press=press,
        fair=f"{_counted(views)} {views[0].why}",
        limits=limits_of(facts),
        charts=(("trend", {"home": home, "indicator": claim.indicator}),),
        facts=(Fact("Förändring mot året före, procent", percent),),
    )


def _direction(direction: Direction, *, rise: bool) -> ClaimOutcome:
    if direction is Direction.NONE:
        return ClaimOutcome.UNDECIDED
    return ClaimOutcome.HOLDS if (direction is Direction.UP) == rise else ClaimOutcome.FAILS


def _between(dispersion: Dispersion, before: Value, after: Value, name: str, *, rise: bool) -> View:
    """Compare two years: by their counts where they are known, else by their intervals."""
    change = benchmark.change_of(before, after, 1.0, dispersion)
    if change is not None:
        return View(name, _tested(change, more=rise), _told(change, f"år {before.year}", f"år {after.year}"))
    return _by_margins(before, after, name, f"mellan {before.year} och {after.year}", more=rise)


def _by_margins(before: Value, after: Value, name: str, between_what: str, *, more: bool) -> View:
    if not (before.interval and after.interval):
        return View(name, ClaimOutcome.UNDECIDED, "Osäkerheten är inte känd.")
    if after.interval.lower <= before.interval.upper and before.interval.lower <= after.interval.upper:
        return View(name, ClaimOutcome.UNDECIDED, f"Felmarginalerna överlappar {between_what}.")
    outcome = ClaimOutcome.HOLDS if (after.rate > before.rate) == more else ClaimOutcome.FAILS
    return View(name, outcome, f"Felmarginalerna går isär {between_what}.")


def _tested(change: Change, *, more: bool) -> ClaimOutcome:
    if abs(change.z) <= _CERTAIN or change.ratio is None:
        return ClaimOutcome.UNDECIDED
    return ClaimOutcome.HOLDS if (change.z > 0) == more else ClaimOutcome.FAILS


def _told(change: Change, before: str, after: str) -> str:
    text = f"{number(change.before)} brott {before} och {number(change.after)} {after}."
    ratio = (
        f" Nivån är {number(change.ratio, 2)} gånger den första." if change.ratio and change.before else ""
    )
    if abs(change.z) > _CERTAIN:
        return f"{text}{ratio} Skillnaden är större än vad siffran brukar variera."
    if (change.p_chance or 0.0) < _SIGNIFICANT:
        return f"{text}{ratio} Det är mer än ren slump, men så mycket brukar siffran variera."
    return f"{text} Skillnaden kan vara en slump."


def _beside(context: ChartContext, claim: Claim) -> Checked:
    more = claim.kind is ClaimKind.MORE_THAN
    panel, home, other = context.panel, claim.home, claim.other
    name, theirs = context.name(home), context.name(other)
    if home == other:
        raise ChartError("Välj en annan kommun att jämföra med.")
    facts = panel.indicators[claim.indicator]
    own, their = (
        {v.year: v for v in benchmark.values_of(panel, claim.indicator, code)} for code in (home, other)
    )
    years = sorted(set(own) & set(their))
    if not years:
        raise ChartError(f"{facts.short} finns inte för både {name} och {theirs} samma år.")
    last = years[-1]
    dispersion = panel.dispersion(claim.indicator, home)
    views = [
        _two(dispersion, own[year], their[year], f"År {year}", (name, theirs), more=more)
        for year in years[-1 : -_POOLED - 1 : -1]
    ]
    together = _together(
        dispersion, [own[year] for year in years[-_POOLED:]], [their[year] for year in years[-_POOLED:]]
    )
    if together is not None and len(years) >= _POOLED:
        told = _told(together, f"i {theirs}", f"i {name}")
        views.append(View(f"Åren {years[-_POOLED]}–{last} tillsammans", _tested(together, more=more), told))
    places = words.decimals(facts.unit)
    mine, yours = own[last], their[last]
    said = (
        f"{facts.short} {last}: {number(mine.rate, places)} i {name} och {number(yours.rate, places)} i {theirs} "
        f"({words.unit_text(facts.unit)})."
    )
    percent = 100 * (mine.rate / yours.rate - 1) if yours.rate else 0.0
    higher = mine.rate > yours.rate
    press = f"”{number(abs(percent))} procent {'fler' if higher else 'färre'} i {name} än i {theirs}”"
    if facts.unit is Unit.PERCENT:
        values_told = f"{number(mine.rate, places)} mot {number(yours.rate, places)} procent"
        press = f"”{'Högre' if higher else 'Lägre'} i {name} än i {theirs}: {values_told}”"
    return Checked(
        claim=claim,
        wording=wording(context, claim),
        outcome=_overall(views),
        said=said,
        certainty=views[0].why,
        views=tuple(views),
        press=press,
        fair=f"{_counted(views)} {genitive(name)} och {genitive(theirs)} invånare, pendling och läge skiljer sig åt: "
        f"två kommuner säger mindre "
        "än en jämförelsegrupp.",
        limits=limits_of(facts),
        charts=(
            ("group", {"home": home, "indicator": claim.indicator, "group": "country", "year": last}),
            ("trend", {"home": home, "indicator": claim.indicator}),
        ),
        facts=(Fact("Skillnad, procent", percent),),
    )


def _two(
    dispersion: Dispersion, mine: Value, theirs: Value, label: str, names: tuple[str, str], *, more: bool
) -> View:
    change = benchmark.change_of(theirs, mine, 1.0, dispersion)
    if change is None:
        return _by_margins(theirs, mine, label, "mellan kommunerna", more=more)
    return View(label, _tested(change, more=more), _told(change, f"i {names[1]}", f"i {names[0]}"))


def _together(dispersion: Dispersion, mine: list[Value], theirs: list[Value]) -> Change | None:
    """Compare the sums of several years; None where a count or the persons behind it are not known."""
    sums: list[Value] = []
    for some in (theirs, mine):
        counts = [v.count for v in some if v.count is not None and v.exposure]
        if len(counts) < len(some) or any(v.count_basis == "approximate" for v in some):
            return None
        count, people = sum(counts), sum(v.exposure or 0.0 for v in some)
        sums.append(
            Value(
                year=some[-1].year,
                rate=count * PER / people,
                count=count,
                count_basis=some[-1].count_basis,
                exposure=people,
                interval=None,
            )
        )
    return benchmark.change_of(sums[0], sums[1], 1.0, benchmark.of_years(dispersion, len(mine)))


_WORDS = (
    (
        ClaimKind.DOES_NOT,
        r"sticker (?:inte|ej) ut|sticker inte .*\but\b|inte vår kommun ut|inte utmärker|utmärker sig inte",
    ),
    (ClaimKind.STANDS_OUT, r"sticker .*\but\b|utmärker sig|värre än|värst"),
    (ClaimKind.FEWER_THAN, r"(?:färre|lägre|mindre|tryggare) .*\bän\b"),
    (ClaimKind.MORE_THAN, r"(?:fler|högre|mer|otryggare) .*\bän\b"),
    (ClaimKind.FALLEN, r"minska|sjunk|färre|lägre|gått ner"),
    (ClaimKind.RISEN, r"öka|stig|fler|högre|gått upp|växer"),
)
#: Stems of what people call crimes, in the order they are tried, and of the measure that is meant.
_MEASURES = (
    (r"bostadsinbrott|villainbrott", ("bostadsinbrott", "inbrott i bostad")),
    (r"inbrott", ("inbrottsstöld", "bostadsinbrott")),
    (r"våld|misshand", ("våldsbrott", "misshandel")),
    (r"skadegörelse|klotter|vandal", ("skadegörelse",)),
    (r"narkotika|drog", ("narkotikabrott", "narkotika- och vapen")),
    (r"rån", ("rån",)),
    (r"bilbrott|bilstöld", ("bilbrott",)),
    (r"stöld|stjäl", ("stöld",)),
    (r"bedräger", ("bedrägeri",)),
    (r"otrygg", ("otrygg",)),
    (r"trafik|rattfyll", ("trafik",)),
)


def understood(context: ChartContext, text: str, home: str) -> Claim | None:
    """Return the statement a reader typed, or None where it is not understood; ``home`` where it names no municipality.

    Only whole names of municipalities count.

    Raises
    ------
    ChartError
        If it is about crimes that the municipality has no figures of.
    """
    lowered = " ".join(text.lower().split())[:300]
    kind = next((kind for kind, pattern in _WORDS if re.search(pattern, lowered)), None)
    if kind is None:
        return None
    named = _named(context, lowered)
    other = next((code for code in named if code != home), "")
    if kind in {ClaimKind.MORE_THAN, ClaimKind.FEWER_THAN} and not other:
        kind = ClaimKind.RISEN if kind is ClaimKind.MORE_THAN else ClaimKind.FALLEN
    indicator = _measure(context, lowered, home)
    if indicator is None:
        return None
    return Claim(kind, home, indicator, other if kind in {ClaimKind.MORE_THAN, ClaimKind.FEWER_THAN} else "")


def _named(context: ChartContext, text: str) -> list[str]:
    by_length = sorted(context.names.items(), key=lambda item: -len(item[1]))
    return [code for code, name in by_length if re.search(rf"\b{re.escape(name.lower())}s?\b", text)]


def _measure(context: ChartContext, text: str, home: str) -> str | None:
    own = reference.composites()
    known = {
        key: row.short.lower()
        for key, row in context.panel.indicators.items()
        # A measure without some crimes names them too, and is not what is meant.
        if context.panel.years(key, home) and not (key in own and own[key]["minus"])
    }
    for pattern, stems in _MEASURES:
        if re.search(pattern, text):
            found = next((key for stem in stems for key, short in known.items() if stem in short), None)
            if found is None:
                raise ChartError(
                    f"Det finns inga siffror om {stems[0]} för {context.names[home]}. Välj ett annat nyckeltal."
                )
            return found
    return next(
        (key for key, short in known.items() if short.startswith("anmälda brott totalt")),
        next(iter(known), None),
    )
