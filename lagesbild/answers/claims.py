"""Does a statement hold? What the figures say, how sure, which comparisons disagree, and how it is told fairly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from lagesbild.answers.statement import Area, Relation, Statement, measures
from lagesbild.comparison import benchmark, pairs, words
from lagesbild.comparison.groups import groups
from lagesbild.comparison.pairs import Apart
from lagesbild.data.indicators import Unit
from lagesbild.figures.model import ChartError, Fact
from lagesbild.figures.yearly import compared, limits_of
from lagesbild.statistics.intervals import poisson_interval
from lagesbild.statistics.rule import Level
from lagesbild.statistics.series import Direction
from lagesbild.statistics.standing import PER
from lagesbild.swedish import genitive, inside, number
from lagesbild.trends import words as trend_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import Change, Value
    from lagesbild.comparison.pairs import Pair
    from lagesbild.figures.register import ChartContext
    from lagesbild.statistics.overdispersion import Dispersion

_CERTAIN = 1.959964
_SIGNIFICANT = words.SIGNIFICANT
_POOLED = 3
#: A stated percentage holds when the figure is within so many points of it, or this share of it.
_POINTS, _SHARE = 1.0, 0.05
#: Two years closer than this, and within what the figure usually moves by, are unchanged.
_UNCHANGED = 0.05
#: A place among fewer than this is none.
_FEWEST_RANKED = 2
_SIDES = {Relation.MORE: True, Relation.FEWER: False, Relation.RISEN: True, Relation.FALLEN: False}


class ClaimOutcome(StrEnum):
    """What the figures say of a statement, in the words shown."""

    HOLDS = "Stämmer"
    FAILS = "Stämmer inte"
    DEPENDS = "Beror på jämförelsen"
    UNDECIDED = "Kan inte avgöras"


_TURNED = {ClaimOutcome.HOLDS: ClaimOutcome.FAILS, ClaimOutcome.FAILS: ClaimOutcome.HOLDS}


@dataclass(frozen=True)
class View:
    """One way to look at it, and what it says of the statement."""

    name: str
    outcome: ClaimOutcome
    why: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A statement and what the figures say; ``charts`` are those it rests on, as the register draws them.

    ``wording`` is how it was read, ``typed`` the words that were typed (empty where it was chosen).
    """

    statement: Statement
    indicator: str
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
    typed: str = ""

    @property
    def disagree(self) -> tuple[View, ...]:
        """The views that say something else than the answer."""
        return tuple(view for view in self.views if view.outcome is not self.outcome)

    @property
    def sentence(self) -> str:
        """The answer in one sentence: ``Stämmer inte: Anmälda brott totalt i Kumla är fler ...``."""
        return f"{self.outcome.value}: {self.wording}. {self.said}"


def indicator_of(context: ChartContext, statement: Statement) -> str:
    """Return the indicator that a statement's measure means: the first that all who are compared have figures of.

    Raises
    ------
    ChartError
        If there are no such figures; in Swedish.
    """
    panel = context.panel
    if statement.measure in panel.indicators:
        keys, told = [statement.measure], panel.indicators[statement.measure].short
    else:
        row = measures()[statement.measure]
        keys, told = row["keys"].split(), row["told"]
    wanted = [code for code in (statement.home, statement.other) if code]
    asked = {year for year in (statement.first, statement.last) if year is not None}
    if statement.last is not None and statement.first is None and _is_change(statement):
        asked.add(statement.last - 1)
    with_figures = [
        key for key in keys if key in panel.indicators and all(panel.years(key, code) for code in wanted)
    ]
    if not with_figures:
        names = " och ".join(context.name(code) for code in wanted)
        raise ChartError(f"Det finns inga siffror om {told} för {names}.")
    for key in with_figures:
        if all(asked <= set(panel.years(key, code)) for code in wanted):
            return key
    known = panel.years(with_figures[0], statement.home)
    raise ChartError(
        f"Siffror om {told} saknas för {' och '.join(str(year) for year in sorted(asked))}. De finns för "
        f"{known[0]}–{known[-1]}."
    )


def _is_change(statement: Statement) -> bool:
    return statement.relation in {Relation.RISEN, Relation.FALLEN, Relation.UNCHANGED}


def years_of(context: ChartContext, statement: Statement, indicator: str) -> tuple[int, int]:
    """Return the two years that a change is judged between, or the same year twice for what is told of one year."""
    known = context.panel.years(indicator, statement.home)
    if statement.other:
        known = [year for year in known if year in set(context.panel.years(indicator, statement.other))]
    if not known:
        raise ChartError("Kommunerna har inga siffror för samma år.")
    last = statement.last if statement.last is not None else known[-1]
    if statement.first is not None and statement.first >= last:
        raise ChartError(
            f"Siffrorna når till {last}: det finns inget senare år att jämföra {statement.first} med."
        )
    if not _is_change(statement):
        return last, last
    if statement.first is not None:
        return statement.first, last
    before = [year for year in known if year < last]
    if not before:
        raise ChartError("Det finns inte två år att jämföra.")
    return before[-1], last


def wording(context: ChartContext, statement: Statement) -> str:
    """Return how a statement is read, as a sentence without its stop."""
    key = indicator_of(context, statement)
    facts = context.panel.indicators[key]
    first, last = years_of(context, statement, key)
    home, no = context.name(statement.home), "inte " if statement.negated else ""
    short = re.sub(r" \([^)]*\)", "", facts.short)
    if statement.relation is Relation.STANDS_OUT:
        return f"{home} sticker {no}ut bland liknande kommuner {last}: {short}"
    if _is_change(statement):
        return _change_wording(statement, f"{short} i {home}", no, first, last)
    per = "" if facts.is_survey else " i antal" if statement.by_number else " per invånare"
    if statement.relation in {Relation.RANK, Relation.HIGHEST, Relation.LOWEST}:
        scope = _within(statement.area)
        if statement.relation is Relation.RANK:
            return f"{home} ligger {no}på plats {statement.rank} {scope}, räknat{per}, {last}: {short}"
        most = "högst" if statement.relation is Relation.HIGHEST else "lägst"
        return f"{home} ligger {no}{most} {scope}, räknat{per}, {last}: {short}"
    than = context.name(statement.other) if statement.other else _AREAS[statement.area or Area.SIMILAR]
    more = statement.relation is Relation.MORE
    side = ("högre" if more else "lägre") if facts.is_survey else ("fler" if more else "färre")
    how = f"{_size(statement, change=False)}{side}{per} än"
    if statement.times is not None:
        least = "minst" if statement.times > 1 else "högst"
        how = f"{least} {_times(statement.times)} gånger så många{per} som"
    return f"{short} i {home} är {no}{how} i {than} {last}"


def _within(area: Area | None) -> str:
    return "bland liknande kommuner" if area is Area.SIMILAR else f"i {_AREAS[area or Area.COUNTRY]}"


def _change_wording(statement: Statement, what: str, no: str, first: int, last: int) -> str:
    if statement.relation is Relation.UNCHANGED:
        return f"{what} ligger {no}på samma nivå {last} som {first}"
    verb = "ökat" if statement.relation is Relation.RISEN else "minskat"
    return f"{what} har {no}{verb}{_size(statement, change=True)} från {first} till {last}"


def _times(value: float) -> str:
    return number(value, 1 if value % 1 else 0)


_AREAS = {Area.COUNTRY: "riket", Area.COUNTY: "länet", Area.SIMILAR: "liknande kommuner"}


def _size(statement: Statement, *, change: bool) -> str:
    if statement.times is not None:
        return (
            f" till {'minst' if statement.times > 1 else 'högst'} {_times(statement.times)} gånger så många"
        )
    if statement.percent is None:
        return ""
    least = "minst " if statement.at_least else ""
    told = f"{least}{_times(statement.percent)} procent"
    return f" med {told}" if change else f"{told} "


def check(context: ChartContext, statement: Statement, typed: str = "") -> Checked:
    """Check a statement.

    Raises
    ------
    ChartError
        If the figures for it are not there.
    """
    context.name(statement.home)
    key = indicator_of(context, statement)
    plain = replace(statement, negated=False)
    if statement.relation is Relation.STANDS_OUT:
        found = _standing_out(context, plain, key)
    elif _is_change(statement):
        found = _change(context, plain, key)
    elif statement.relation in {Relation.HIGHEST, Relation.LOWEST, Relation.RANK}:
        found = _ranked(context, plain, key)
    elif statement.other:
        found = _beside(context, plain, key)
    else:
        found = _beside_area(context, plain, key)
    return _as_stated(context, found, statement, typed)


def _as_stated(context: ChartContext, found: Checked, statement: Statement, typed: str) -> Checked:
    """Turn the answer where the statement denies, and tell of words of size that no figure has."""
    outcome, views = found.outcome, found.views
    if statement.negated:
        outcome = _TURNED.get(outcome, outcome)
        views = tuple(replace(view, outcome=_TURNED.get(view.outcome, view.outcome)) for view in views)
    vague = ""
    if statement.vague:
        vague = f" ”{' '.join(statement.vague)}” har inget mått: storleken står här."
    fair = f"{_counted(views)} {found.fair}".strip() if len(views) > 1 else found.fair
    return replace(
        found,
        statement=statement,
        wording=wording(context, statement),
        outcome=outcome,
        views=views,
        said=f"{found.said}{vague}",
        fair=fair,
        typed=typed,
    )


def _overall(views: list[View]) -> ClaimOutcome:
    """Return what the views say together: a plain answer only where most can decide, and all that can agree."""
    decided = [view.outcome for view in views if view.outcome is not ClaimOutcome.UNDECIDED]
    if not decided:
        return ClaimOutcome.UNDECIDED
    agree = len(set(decided)) == 1 and 2 * len(decided) > len(views)
    return decided[0] if agree else ClaimOutcome.DEPENDS


def _standing_out(context: ChartContext, statement: Statement, key: str) -> Checked:
    home, name = statement.home, context.names[statement.home]
    main = compared(context, home, None, key, statement.last)
    keys = [group.key for group in groups(context.panel.kinds.values(), home) if group.counted]
    found = benchmark.compare(context.warehouse, home, keys, [key], statement.last, context.panel).comparisons
    views = [
        View(
            c.group.label,
            ClaimOutcome.UNDECIDED
            if c.level is Level.UNDECIDED
            else ClaimOutcome.HOLDS
            if c.stands_out
            else ClaimOutcome.FAILS,
            ("" if c.level is Level.UNDECIDED else f"{words.LEVELS[c.level]}: ") + words.explain_level(c),
        )
        for c in found
    ]
    place = f"{main.facts.rank} av {main.facts.ranked}"
    side = "fler" if words.is_above(main) else "färre"
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=_overall(views),
        said=words.headline(main, name),
        certainty=words.certainty(main, name),
        views=tuple(views),
        press=f"”{name} på plats {place} i landet: {main.facts.short[0].lower()}{main.facts.short[1:]}”",
        fair=f"{words.distance(main)} {words.rarity(main)}".strip()
        + (
            f" Det är {side} än i gruppen, men bara en av flera tänkbara jämförelser."
            if _overall(views) is ClaimOutcome.DEPENDS
            else ""
        ),
        limits=limits_of(main.facts.indicator),
        charts=tuple((chart, {"home": home, "indicator": key}) for chart in ("group", "funnel")),
    )


def _counted(views: Sequence[View]) -> str:
    tally = {outcome: sum(view.outcome is outcome for view in views) for outcome in ClaimOutcome}
    told = [f"{outcome.value.lower()} i {times}" for outcome, times in tally.items() if times]
    return f"Påståendet: {', '.join(told)} av {len(views)} jämförelser."


def _change(context: ChartContext, statement: Statement, key: str) -> Checked:
    panel, home = context.panel, statement.home
    facts = panel.indicators[key]
    name, short = context.names[home], facts.short
    first, last = years_of(context, statement, key)
    every = {value.year: value for value in benchmark.values_of(panel, key, home)}
    breaks = panel.breaks(key)
    broken = [item for item in breaks if first < item.date.year <= last]
    if broken:
        raise ChartError(f"{first} och {last} går inte att jämföra. {broken[-1].text}")
    dispersion = panel.dispersion(key, home)
    before, after = every[first], every[last]
    rise = statement.relation is not Relation.FALLEN
    span = f"Från {first} till {last}"
    if statement.relation is Relation.UNCHANGED:
        views = [_unmoved(dispersion, before, after, span)]
    elif statement.percent is not None or statement.times is not None:
        views = _moved_by(statement, before, after, span)
    else:
        views = [_between(dispersion, before, after, span, rise=rise)]
        if statement.first is None and statement.last is None:
            views += _longer(context, key, home, rise=rise)
    percent = 100 * (after.rate / before.rate - 1) if before.rate else 0.0
    word = "ökar" if after.rate > before.rate else "minskar"
    places = words.decimals(facts.unit)
    press = f"”{short} {word} med {number(abs(percent))} procent {inside(name)}”"
    if facts.unit is Unit.PERCENT:
        press = f"”{short} {word} {inside(name)}: från {number(before.rate, places)} till {number(after.rate, places)} procent”"
    said = (
        f"{short} {inside(name)}: {number(before.rate, places)} år {first} och {number(after.rate, places)} år {last} "
        f"({words.unit_text(facts.unit)})."
    )
    if before.count is not None and after.count is not None and not facts.is_survey:
        said += f" I antal: {number(before.count)} och {number(after.count)}."
    outcome = _first_of(views) if statement.percent is None and statement.times is None else _overall(views)
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=outcome,
        said=said,
        certainty=views[0].why,
        views=tuple(views),
        press=press,
        fair=views[0].why,
        limits=limits_of(facts),
        charts=(("trend", {"home": home, "indicator": key}),),
        facts=(Fact("Förändring, procent", percent),),
    )


def _first_of(views: Sequence[View]) -> ClaimOutcome:
    """Return what the first view says, unless another says the opposite for sure."""
    (main, *others) = [view.outcome for view in views]
    against = _TURNED.get(main)
    return ClaimOutcome.DEPENDS if against is not None and against in others else main


def _longer(context: ChartContext, key: str, home: str, *, rise: bool) -> list[View]:
    """Return the longer views of a change: the direction of five years, and against the group."""
    panel = context.panel
    facts, breaks = panel.indicators[key], panel.breaks(key)
    values = benchmark.since_break(benchmark.values_of(panel, key, home), breaks)
    views = []
    marker = benchmark.marker(values, breaks, None if facts.is_survey else panel.dispersion(key, home))
    if marker is not None:
        text = trend_words.marker_text(marker, values[-5].year, values[-1].year)
        views.append(View("De fem senaste årens riktning", _direction(marker.direction, rise=rise), text))
    main = compared(context, home, None, key, None)
    _, quartiles = benchmark.trend(panel, key, home, list(main.assessed.members))
    against = benchmark.against_group(values, quartiles, breaks)
    if against is not None:
        sure = against.test.p_value < _SIGNIFICANT and against.test.slope != 0
        outcome = ClaimOutcome.UNDECIDED if not sure else _held((against.test.slope > 0) == rise)
        views.append(View("Mot gruppens utveckling", outcome, trend_words.against_group_text(against)))
    return views


def _held(yes: bool) -> ClaimOutcome:
    return ClaimOutcome.HOLDS if yes else ClaimOutcome.FAILS


def _unmoved(dispersion: Dispersion, before: Value, after: Value, name: str) -> View:
    """Judge that nothing has changed: a sure change denies it, a small and unsure one confirms it."""
    moved = _between(dispersion, before, after, name, rise=True)
    ratio = after.rate / before.rate - 1 if before.rate else float("inf")
    if moved.outcome is not ClaimOutcome.UNDECIDED:
        return View(name, ClaimOutcome.FAILS, moved.why)
    outcome = ClaimOutcome.HOLDS if abs(ratio) <= _UNCHANGED else ClaimOutcome.UNDECIDED
    return View(name, outcome, moved.why)


def _moved_by(statement: Statement, before: Value, after: Value, name: str) -> list[View]:
    """Judge by how much: in number and per inhabitant, as reported."""
    views = []
    pairs = [("per invånare", before.rate, after.rate)]
    if before.count is not None and after.count is not None:
        pairs.insert(0, ("i antal", before.count, after.count))
    for how, then, now in pairs:
        if not then:
            views.append(View(f"{name}, {how}", ClaimOutcome.UNDECIDED, "Från noll går det inte att räkna."))
            continue
        told = f"{number(100 * (now / then - 1), sign=True)} procent {how}."
        views.append(View(f"{name}, {how}", _held(_as_much(statement, now / then)), told))
    return views


def _as_much(statement: Statement, ratio: float) -> bool:
    """Tell whether a ratio is what a statement says: at least so many times, or so many per cent."""
    more = _SIDES[statement.relation]
    if statement.times is not None:
        return ratio >= statement.times if more else ratio <= statement.times
    stated = statement.percent or 0.0
    moved = 100 * (ratio - 1) * (1 if more else -1)
    if moved <= 0:
        return False
    if statement.at_least:
        return moved >= stated
    return abs(moved - stated) <= max(_POINTS, _SHARE * stated)


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
    """Confirm only what is more than the figure usually moves by; deny also what went the other way by more than chance."""
    if change.ratio is None:
        return ClaimOutcome.UNDECIDED
    if abs(change.z) > _CERTAIN:
        return _held((change.z > 0) == more)
    other_way = (change.z > 0) != more and (change.p_chance or 1.0) < _SIGNIFICANT
    return ClaimOutcome.FAILS if other_way else ClaimOutcome.UNDECIDED


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


def _beside(context: ChartContext, statement: Statement, key: str) -> Checked:
    more = statement.relation is Relation.MORE
    panel, home, other = context.panel, statement.home, statement.other
    name, theirs = context.name(home), context.name(other)
    if home == other:
        raise ChartError("Välj en annan kommun att jämföra med.")
    facts = panel.indicators[key]
    own, their = ({v.year: v for v in benchmark.values_of(panel, key, code)} for code in (home, other))
    last, _ = years_of(context, statement, key)
    years = [year for year in sorted(set(own) & set(their)) if year <= last]
    dispersion = pairs.dispersion_of(panel, key)
    mine, yours = own[last], their[last]
    if statement.percent is not None or statement.times is not None:
        views = _moved_by(statement, yours, mine, f"År {last}")
        outcome = next(view.outcome for view in views if "per invånare" in view.name)
    else:
        chosen = [last] if statement.last is not None else years[-1 : -_POOLED - 1 : -1]
        views = [
            _two(pairs.of_values(own[year], their[year], dispersion), f"År {year}", (name, theirs), more=more)
            for year in chosen
        ]
        whole = years[-_POOLED:]
        mine_of, their_of = ([of[year] for year in whole] for of in (own, their))
        together = (
            pairs.together(mine_of, their_of, dispersion) if dispersion and len(whole) == _POOLED else None
        )
        if together is not None and statement.last is None:
            views.append(_two(together, f"Åren {whole[0]}–{last} tillsammans", (name, theirs), more=more))
        if statement.by_number:
            views = [_by_number(mine, yours, last, more=more)]
        outcome = _overall_or_pooled(views)
        went = mine.rate > yours.rate
        if (
            outcome in _TURNED
            and not statement.by_number
            and (outcome is ClaimOutcome.HOLDS) != (went == more)
        ):
            outcome = ClaimOutcome.DEPENDS  # the years together say one thing, the year that is told another
    places = words.decimals(facts.unit)
    said = (
        f"{facts.short} {last}: {number(mine.rate, places)} {inside(name)} och {number(yours.rate, places)} {inside(theirs)} "
        f"({words.unit_text(facts.unit)})."
    )
    if mine.count is not None and yours.count is not None and not facts.is_survey:
        said += f" I antal: {number(mine.count)} och {number(yours.count)}."
    percent = 100 * (mine.rate / yours.rate - 1) if yours.rate else 0.0
    higher = mine.rate > yours.rate
    press = (
        f"”{number(abs(percent))} procent {'fler' if higher else 'färre'} {inside(name)} än {inside(theirs)}”"
    )
    if facts.unit is Unit.PERCENT:
        values_told = f"{number(mine.rate, places)} mot {number(yours.rate, places)} procent"
        press = f"”{'Högre' if higher else 'Lägre'} {inside(name)} än {inside(theirs)}: {values_told}”"
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=outcome,
        said=said,
        certainty=views[0].why,
        views=tuple(views),
        press=press,
        fair=f"{genitive(name)} och {genitive(theirs)} invånare, pendling och läge skiljer sig åt: två kommuner säger mindre "
        "än en jämförelsegrupp.",
        limits=limits_of(facts),
        charts=(
            ("group", {"home": home, "indicator": key, "group": "country", "year": last}),
            ("trend", {"home": home, "indicator": key}),
        ),
        facts=(Fact("Skillnad, procent", percent),),
    )


def _by_number(mine: Value, yours: Value, year: int, *, more: bool) -> View:
    if mine.count is None or yours.count is None:
        return View(f"Antal {year}", ClaimOutcome.UNDECIDED, "Antalet är inte känt.")
    told = f"{number(mine.count)} mot {number(yours.count)}. Kommunerna är olika stora."
    return View(f"Antal {year}", _held((mine.count > yours.count) == more), told)


def _overall_or_pooled(views: Sequence[View]) -> ClaimOutcome:
    """Return what the latest year says; where that cannot be decided, what several together do."""
    decided = [view.outcome for view in views if view.outcome is not ClaimOutcome.UNDECIDED]
    if not decided:
        return ClaimOutcome.UNDECIDED
    return decided[0] if len(set(decided)) == 1 else ClaimOutcome.DEPENDS


def _beside_area(context: ChartContext, statement: Statement, key: str) -> Checked:
    """Compare with the country's or county's level, all inhabitants together, or with similar municipalities."""
    panel, home = context.panel, statement.home
    facts, name = panel.indicators[key], context.names[home]
    last, _ = years_of(context, statement, key)
    area = statement.area or Area.SIMILAR
    more = statement.relation is Relation.MORE
    if area is Area.SIMILAR or facts.is_survey:
        return _beside_group(context, statement, key, last, more=more)
    mine = next(value for value in benchmark.values_of(panel, key, home) if value.year == last)
    level = _level_of(context, key, last, home[:2] if area is Area.COUNTY else None)
    if level is None or mine.count is None or not mine.exposure:
        raise ChartError(f"Det finns inga siffror att räkna ut {_AREAS[area]}s nivå av.")
    told = f"{number(mine.rate)} {inside(name)} mot {number(level)} i {_AREAS[area]}"
    expected = level * mine.exposure / PER
    limits = poisson_interval(mine.count)
    sure = not limits.lower <= expected <= limits.upper
    view = View(
        f"Nivån i {_AREAS[area]}, {last}", ClaimOutcome.UNDECIDED, f"{told}. Skillnaden kan vara slump."
    )
    if statement.percent is not None or statement.times is not None:
        held = _as_much(statement, mine.rate / level)
        view = View(
            view.name, _held(held), f"{told}: {number(100 * (mine.rate / level - 1), sign=True)} procent."
        )
    elif sure:
        view = View(view.name, _held((mine.rate > level) == more), f"{told}. Det är mer än ren slump.")
    median = _beside_group(context, replace(statement, area=Area.SIMILAR), key, last, more=more).views[0]
    percent = 100 * (mine.rate / level - 1)
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=view.outcome,
        said=f"{facts.short} {last}: {told} ({words.unit_text(facts.unit)}).",
        certainty=view.why,
        views=(view, View("Liknande kommuner (en annan fråga)", ClaimOutcome.UNDECIDED, median.why)),
        press=f"”{number(abs(percent))} procent {'fler' if percent > 0 else 'färre'} {inside(name)} än i {_AREAS[area]}”",
        fair=f"Nivån i {_AREAS[area]} är alla kommuners brott och invånare tillsammans, och de största väger mest. Brott utan "
        "känd kommun är inte med.",
        limits=limits_of(facts),
        charts=(("group", {"home": home, "indicator": key, "year": last}),),
        facts=(Fact("Skillnad, procent", percent),),
    )


def _level_of(context: ChartContext, key: str, year: int, county: str | None) -> float | None:
    """Return crimes per 100 000 inhabitants of the country, or of a county, from its municipalities' counts."""
    panel = context.panel
    counts, people, _ = panel.counts(key, year)
    inside = np.array([county is None or code[:2] == county for code in panel.codes])
    known = inside & np.isfinite(counts) & np.isfinite(people)
    if not known.any() or 2 * known.sum() < inside.sum():
        return None
    return float(PER * counts[known].sum() / people[known].sum())


def _beside_group(context: ChartContext, statement: Statement, key: str, year: int, *, more: bool) -> Checked:
    home = statement.home
    main = compared(context, home, None, key, year)
    wanted = Level.HIGHER if more else Level.LOWER
    outcome = ClaimOutcome.UNDECIDED if main.level is Level.UNDECIDED else _held(main.level is wanted)
    if statement.percent is not None or statement.times is not None:
        outcome = _held(_as_much(statement, main.home.rate / main.assessed.spread.median))
    name = context.names[home]
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=outcome,
        said=words.headline(main, name),
        certainty=words.certainty(main, name),
        views=(View(main.group.label, outcome, words.explain_level(main)),),
        press=f"”{words.headline(main, name).rstrip('.')}”",
        fair=f"{words.distance(main)} {words.rarity(main)}".strip(),
        limits=limits_of(main.facts.indicator),
        charts=(("group", {"home": home, "indicator": key, "year": year}),),
    )


def _ranked(context: ChartContext, statement: Statement, key: str) -> Checked:
    """Judge a place in the order of an area's municipalities: by rate, and by number beside it."""
    panel, home = context.panel, statement.home
    facts, name = panel.indicators[key], context.names[home]
    last, _ = years_of(context, statement, key)
    area = statement.area or Area.COUNTRY
    if area is Area.SIMILAR:
        members = compared(context, home, None, key, last).assessed.members
        inside = [home, *members]
    else:
        inside = [code for code in panel.codes if area is Area.COUNTRY or code[:2] == home[:2]]
    every = panel.counts(key, last)[0] if statement.by_number else panel.measure(key, last).values
    rates = {
        code: value
        for code, value in zip(panel.codes, every, strict=True)
        if code in set(inside) and np.isfinite(value)
    }
    if len(inside) < _FEWEST_RANKED:
        raise ChartError(f"{name} är ensam i länet: det finns ingen plats att ha.")
    if home not in rates:
        raise ChartError(f"Det finns inga siffror om {facts.short} för {name} {last}.")
    from_top = 1 + sum(value > rates[home] for value in rates.values())
    from_bottom = 1 + sum(value < rates[home] for value in rates.values())
    place = {
        Relation.RANK: from_top == statement.rank,
        Relation.HIGHEST: from_top == 1,
        Relation.LOWEST: from_bottom == 1,
    }[statement.relation]
    scope = _within(area)
    per = "" if facts.is_survey else " i antal" if statement.by_number else " per invånare"
    told = f"{name} ligger på plats {from_top} av {len(rates)} {scope}, räknat uppifrån{per}."
    places = 0 if statement.by_number else words.decimals(facts.unit)
    unit = "antal" if statement.by_number else words.unit_text(facts.unit)
    return Checked(
        statement=statement,
        indicator=key,
        wording="",
        outcome=_held(place),
        said=f"{facts.short} {last}: {number(rates[home], places)} ({unit}). {told}",
        certainty="Platsen gäller de anmälda brotten som de är. Kommuner nära varandra kan byta plats av slump."
        if not facts.is_survey
        else "Platsen gäller svaren i undersökningen. Kommuner nära varandra kan byta plats av slump.",
        views=(View(f"Plats {scope}, {last}", _held(place), told),),
        press=f"”{name} på plats {from_top} av {len(rates)} {scope}: {facts.short[0].lower()}{facts.short[1:]}”",
        fair=f"{told} En plats säger inte hur långt det är till grannplatserna.",
        limits=limits_of(facts),
        charts=(
            ("group", {"home": home, "indicator": key, "group": "county", "year": last})
            if area is Area.COUNTY
            else ("funnel", {"home": home, "indicator": key, "year": last}),
        ),
        facts=(Fact("Plats", from_top), Fact("Kommuner", len(rates))),
    )


def _two(pair: Pair, label: str, names: tuple[str, str], *, more: bool) -> View:
    """Say what two municipalities' values say of which is higher; the judgement is `comparison.pairs`."""
    told = _margins_told(pair) if pair.survey or pair.apart is Apart.UNKNOWN else _counts_told(pair, names)
    return View(label, _of_pair(pair, more=more), told)


def _of_pair(pair: Pair, *, more: bool) -> ClaimOutcome:
    """Confirm only what is certain; deny also what goes the other way by more than chance."""
    if pair.sure:
        return _held(pair.higher == more)
    other_way = pair.apart is Apart.USUAL and pair.higher != more
    return ClaimOutcome.FAILS if other_way else ClaimOutcome.UNDECIDED


def _counts_told(pair: Pair, names: tuple[str, str]) -> str:
    mine, theirs = pair.mine.count or 0, pair.theirs.count or 0
    text = f"{number(theirs)} brott {inside(names[1])} och {number(mine)} {inside(names[0])}."
    times = f" Nivån är {number(pair.ratio, 2)} gånger {genitive(names[1])}." if pair.ratio else ""
    return f"{text}{times} {_DIFFERENCES[pair.apart]}"


_DIFFERENCES = {
    Apart.CERTAIN: "Skillnaden är större än vad siffran brukar variera.",
    Apart.SMALL: "Skillnaden är liten, men större än vad siffran brukar variera.",
    Apart.USUAL: "Det är mer än ren slump, men så mycket brukar siffran variera.",
    Apart.CHANCE: "Skillnaden kan vara en slump.",
}


def _margins_told(pair: Pair) -> str:
    own, their = pair.mine.interval, pair.theirs.interval
    if own is None or their is None:
        return "Osäkerheten är inte känd."
    if own.upper < their.lower or their.upper < own.lower:
        return "Felmarginalerna går isär mellan kommunerna."
    if pair.sure:
        return "Felmarginalerna överlappar lite, men skillnaden mellan kommunerna är säker."
    return "Felmarginalerna överlappar mellan kommunerna."
