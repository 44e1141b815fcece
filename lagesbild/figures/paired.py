"""Charts of municipalities beside each other: two to six of them, and all at once on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.pair_levels import pair_levels
from lagesbild.charts.pair_trends import pair_trends
from lagesbild.charts.verdict_map import verdict_map
from lagesbild.comparison import benchmark, everyone, pair_words, pairs, words
from lagesbild.comparison.benchmark import POOLED_YEARS
from lagesbild.comparison.groups import groups
from lagesbild.data.municipality import UnknownMunicipalityError
from lagesbild.figures.model import ChartError, Column, Drawn, Fact, Table, source_of_indicator
from lagesbild.figures.register import ChartContext, registered
from lagesbild.figures.yearly import limits_of
from lagesbild.statistics.rule import Level
from lagesbild.swedish import joined, number

if TYPE_CHECKING:
    from lagesbild.comparison.benchmark import Value
    from lagesbild.comparison.everyone import Everyone, One
    from lagesbild.comparison.pairs import Beside
    from lagesbild.data.indicators import Indicator

_METHOD = (
    "Metod: 95-procentiga felmarginaler efter hur mycket antalet brukar ändra sig från år till år. Två kommuner prövas med sina "
    "antal och folkmängder (Anscombes rot och e-testet), enkäter med sina felmarginaler; flera på en gång rättas med Holms metod."
)


def _others(context: ChartContext, home: str, text: str | None) -> list[str]:
    context.name(home)
    if not text:
        alike = pairs.most_alike(context.panel, home)
        if alike is None:
            raise ChartError("Det finns ingen annan kommun att jämföra med.")
        return [alike]
    try:
        found = pairs.chosen_others(text, context.names, home)
    except UnknownMunicipalityError as error:
        raise ChartError(str(error)) from error
    if not found:
        raise ChartError("Välj en annan kommun att jämföra med.")
    return found


def beside(context: ChartContext, home: str, others: list[str], indicator: str, year: int | None) -> Beside:
    """Return the comparison that both charts and the page show, or raise `ChartError`."""
    found = pairs.beside(context.panel, home, others, indicator, year)
    if found is None:
        told = joined([context.names[code] for code in (home, *others)])
        when = f" {year}" if year is not None else ""
        raise ChartError(f"Det finns inga uppgifter{when} att jämföra {told} med.")
    return found


@registered(
    "pair-levels",
    "Några kommuner sida vid sida",
    "Har den ena kommunen fler anmälda brott än den andra?",
    reads="En rad för varje kommun, den högsta överst. Röd romb: din kommun. Svarta cirklar: de andra. "
    "Strecket genom märket är felmarginalen.",
)
def levels(
    context: ChartContext, home: str, indicator: str, others: str | None = None, year: int | None = None
) -> Drawn:
    """Draw the municipality's value beside those of others (codes or names, default the one most alike)."""
    found = beside(context, home, _others(context, home, others), indicator, year)
    measure, names = context.panel.indicators[indicator], context.names
    places, unit = words.decimals(measure.unit), words.unit_text(measure.unit)
    told = pair_words.several(found, measure, names)
    notes = (pair_words.year_told(found, names), pair_words.without_told(found, names))
    shown = joined([f"{names[code]} {number(value.rate, places)}" for code, value in found.values.items()])
    return Drawn(
        pinned={"others": ",".join(found.pairs), "year": found.year},
        title=pair_words.title(found, measure, names),
        subtitle=" ".join(
            text
            for text in (
                f"{measure.short} {found.year}, {unit}. Streck: 95-procentiga felmarginaler. De kan överlappa lite fast skillnaden "
                "är säker.",
                *notes,
            )
            if text
        ),
        figure=pair_levels(found.values, home, names, measure.unit),
        table=_levels_table(found, measure, context),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method=_METHOD,
        alt=f"Punktdiagram med felmarginaler, {unit} {found.year}: {shown}.",
        said=(told,),
        limits=limits_of(measure),
        facts=_facts(found),
    )


def _levels_table(found: Beside, measure: Indicator, context: ChartContext) -> Table:
    places = words.decimals(measure.unit)
    home = context.names[found.home]
    columns = (
        Column("Kommun"),
        Column("År"),
        Column("Antal", 0),
        Column("Värde", places, words.unit_text(measure.unit)),
        Column("Nedre 95 %", places),
        Column("Övre 95 %", places),
        Column("Mot hemkommunen"),
        Column("p", 4),
    )
    rows = [
        (*_value_cells(context.names[code], value), *_verdict_cells(found, code, home))
        for code, value in found.values.items()
    ]
    return Table(columns, tuple(rows), 2)


def _verdict_cells(found: Beside, code: str, home: str) -> tuple[str | None, float | None]:
    if code == found.home:
        return None, None
    return pair_words.verdict(found.pairs[code], home), found.pairs[code].p_value


def _value_cells(name: str, value: Value) -> tuple[str, int, int | None, float, float | None, float | None]:
    ends = (value.interval.lower, value.interval.upper) if value.interval else (None, None)
    return (name, value.year, value.count, value.rate, *ends)


def _facts(found: Beside) -> tuple[Fact, ...]:
    """Return the numbers that the sentences state and the table does not hold."""
    facts = [Fact("Jämförelser", len(found.pairs)), Fact("Säkra skillnader", _sure(found))]
    for pair in found.pairs.values():
        if pair.ratio:
            facts += [
                Fact("Skillnad, procent", 100 * (pair.ratio - 1)),
                Fact("Gånger så många", pair.ratio, 1),
                Fact("Värde med en decimal", pair.mine.rate, 1),
                Fact("Den andras värde med en decimal", pair.theirs.rate, 1),
            ]
    return tuple(facts)


def _sure(found: Beside) -> int:
    return sum(pair.sure for pair in found.pairs.values())


@registered(
    "pair-trends",
    "Några kommuner genom åren",
    "Hur har kommunerna legat till mot varandra genom åren?",
    reads="Röd tjock linje med romber: din kommun. De andra har var sitt märke och sitt namn i slutet av linjen. Där linjen är "
    "borta saknas uppgift.",
)
def trends(
    context: ChartContext, home: str, indicator: str, others: str | None = None, year: int | None = None
) -> Drawn:
    """Draw the years (up to ``year``) of the municipality and of others (codes or names)."""
    panel, chosen = context.panel, _others(context, home, others)
    found = beside(context, home, chosen, indicator, year)
    measure, names = panel.indicators[indicator], context.names
    series = {
        code: [
            value
            for value in benchmark.values_of(panel, indicator, code)
            if year is None or value.year <= year
        ]
        for code in found.codes
    }
    common = [one for one in pairs.years_of(panel, indicator, found.codes) if year is None or one <= year]
    by_year = {code: {value.year: value.rate for value in values} for code, values in series.items()}
    highest = sum(by_year[home][one] > max(by_year[code][one] for code in found.pairs) for one in common)
    rest = [names[code] for code in found.pairs]
    title = pair_words.order_told(highest, len(common), measure, names[home], rest)
    last = max(values[-1].year for values in series.values())
    breaks = panel.breaks(indicator)
    first = min(values[0].year for values in series.values())
    seen = [item for item in breaks if first < item.date.year <= last]
    told = "".join(f" Avbrott {item.date.year}: {item.text}" for item in seen)
    places = words.decimals(measure.unit)
    return Drawn(
        pinned={"others": ",".join(found.pairs), "year": last},
        title=title,
        subtitle=f"{measure.short} per år, {words.unit_text(measure.unit)}. Tjock linje: {names[home]}. Andra: "
        f"{joined(rest)}. År då någon saknar uppgift räknas inte.{told}",
        figure=pair_trends(series, home, names, measure.unit, breaks),
        table=Table(
            (
                Column("Kommun"),
                Column("År"),
                Column("Antal", 0),
                Column("Värde", places, words.unit_text(measure.unit)),
                Column("Nedre 95 %", places),
                Column("Övre 95 %", places),
            ),
            tuple(_value_cells(names[code], value) for code, values in series.items() for value in values),
            2,
        ),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method="Metod: värdena som i källan; felmarginaler efter hur mycket antalet brukar ändra sig. Åren räknas utan prövning.",
        alt=f"Linjediagram med {number(len(series))} kommuner: {title}.",
        said=(f"{title}.", *_together(context, found)),
        limits=limits_of(measure),
        facts=(
            Fact("År då kommunen låg högst", highest),
            Fact("År med uppgifter för alla", len(common)),
            Fact("Kommuner", len(series)),
            *_together_facts(context, found),
        ),
    )


def _together(context: ChartContext, found: Beside) -> tuple[str, ...]:
    """Say what the latest years together say, of two municipalities."""
    if len(found.pairs) > 1:
        return ()
    (other,) = found.pairs
    pair = pairs.together_of(context.panel, found.home, other, found.indicator, found.year)
    if pair is None:
        return ()
    first = found.year - POOLED_YEARS + 1
    return (
        pair_words.together_told(pair, context.names[found.home], context.names[other], first, found.year),
    )


def _together_facts(context: ChartContext, found: Beside) -> tuple[Fact, ...]:
    if len(found.pairs) > 1:
        return ()
    (other,) = found.pairs
    pair = pairs.together_of(context.panel, found.home, other, found.indicator, found.year)
    if pair is None:
        return ()
    return (
        Fact("Åren tillsammans", pair.mine.rate),
        Fact("Åren tillsammans, den andra", pair.theirs.rate),
    )


@registered(
    "verdict-map",
    "Alla kommuner på kartan",
    "Var i landet är siffran högre eller lägre än väntat?",
    reads="Fylld yta är högre än den egna gruppen och randig yta lägre. Ljus yta är i nivå, och en yta med punkter kan inte "
    "avgöras. Triangel upp eller ned betyder att avståndet också är ovanligt långt.",
)
def everybody(context: ChartContext, home: str, indicator: str, group: str | None = None) -> Drawn:
    """Draw every municipality by its level against its own group of a kind (default the home's first)."""
    name, panel = context.name(home), context.panel
    available = groups(panel.kinds.values(), home)
    kind = group or (available[0].key if available else "")
    found = everyone.of_measure(panel, indicator, kind)
    measure = panel.indicators[indicator]
    counted = {level: sum(one.level is level for one in found.ones) for level in Level}
    out = sum(one.stands_out for one in found.ones)
    missing = len(found.ones) - found.ranked
    title = (
        f"{measure.short} {found.year}: {number(counted[Level.HIGHER])} kommuner ligger högre än sin grupp och "
        f"{number(counted[Level.LOWER])} lägre"
    )
    told = f" Uppgift saknas för {number(missing)}." if missing else ""
    home_one = next(one for one in found.ones if one.code == home)
    return Drawn(
        pinned={"group": kind},
        title=title,
        subtitle=f"Varje kommun mot sin egen grupp. Fylld: högre. Randig: lägre. Ljus: i nivå. Prickig: kan inte avgöras. "
        f"Trianglar: också ovanligt långt från gruppen, {number(out)} kommuner.{told} "
        f"Jämfört med: {panel.kinds[kind].label.replace(' {}', '').replace('{}', 'Länet')}.",
        figure=verdict_map(found, home, measure.unit),
        table=_everybody_table(found, measure),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method="Metod: nivån och ovanligheten som i alla svar, en kommun i taget mot sin grupp. Bland så många kommuner är ungefär "
        "1 av 20 ovanligt långt från sin grupp utan särskilt skäl.",
        alt=f"Karta över Sveriges kommuner: {title}. {name}: {_level_of(home_one)}.",
        said=(f"{title}.",),
        limits=limits_of(measure),
        facts=(
            *(Fact(f"Kommuner: {words.LEVELS[level]}", times) for level, times in counted.items()),
            Fact("Kommuner ovanligt långt från sin grupp", out),
            Fact("Kommuner utan uppgift", missing),
        ),
    )


def _level_of(one: One) -> str:
    return words.LEVELS[one.level] if one.level is not None else "uppgift saknas"


def _everybody_table(found: Everyone, measure: Indicator) -> Table:
    places = words.decimals(measure.unit)
    columns = (
        Column("Kommun"),
        Column("Län"),
        Column("År"),
        Column("Antal", 0),
        Column("Värde", places, words.unit_text(measure.unit)),
        Column("Nedre 95 %", places),
        Column("Övre 95 %", places),
        Column("Plats", 0),
        Column("Gånger gruppens median", 2),
        Column("Nivå"),
        Column("p", 4),
        Column("Ovanligt långt"),
        Column("Förändring i antal", 0),
    )
    return Table(columns, tuple(_everybody_cells(one, found.year) for one in found.ones))


def _everybody_cells(one: One, year: int) -> tuple[str | int | float | None, ...]:
    value = one.value
    ends = (value.interval.lower, value.interval.upper) if value and value.interval else (None, None)
    return (
        one.name,
        one.county,
        year,
        value.count if value else None,
        value.rate if value else None,
        *ends,
        one.rank,
        one.ratio,
        _level_of(one),
        one.p_value,
        ("ja" if one.unusual else "nej") if one.p_value is not None else None,
        one.change.difference if one.change else None,
    )
