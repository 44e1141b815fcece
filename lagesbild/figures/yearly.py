"""Charts of yearly figures: against a group, over the years, the funnel, all measures at once, and what drives a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.all_groups import all_groups
from lagesbild.charts.all_of_them import all_of_them
from lagesbild.charts.contribution import contribution_chart
from lagesbild.charts.funnel import funnel_chart
from lagesbild.charts.group_dots import about, described, group_dots
from lagesbild.charts.heat_map import MOST_MEMBERS, heat_map
from lagesbild.charts.trend import trend_chart
from lagesbild.comparison import benchmark, outliers, robustness, words
from lagesbild.comparison.funnel import WARNING, funnel_of
from lagesbild.comparison.groups import groups
from lagesbild.data.crimes import parts_of
from lagesbild.figures.model import (
    ChartError,
    Column,
    Drawn,
    Fact,
    Table,
    source_of_indicator,
    sources_of_indicators,
)
from lagesbild.figures.register import ChartContext, registered
from lagesbild.statistics.rule import Level
from lagesbild.swedish import genitive, inside, number
from lagesbild.trends import words as trend_words
from lagesbild.trends.contribution import contribution, part_names, years_of

if TYPE_CHECKING:
    from lagesbild.comparison.benchmark import Comparison, Facts, Value
    from lagesbild.comparison.funnel import Funnel
    from lagesbild.data.indicators import Indicator
    from lagesbild.statistics.intervals import Interval
    from lagesbild.trends.contribution import Contribution

#: More rows than this are too many to see.
_MOST_ROWS = 30
#: What no figure of reported crimes can say.
REPORTED = "Siffrorna gäller brott som anmälts, inte alla brott som begåtts, och påverkas av hur polisen arbetar och vad som anmäls."
SURVEY = "Siffrorna bygger på svar från ett urval av invånarna och har därför en felmarginal."
_JUDGED = (
    "95-procentiga felmarginaler efter hur mycket antalet brukar ändra sig från år till år; nivån prövas mot gruppens median, och "
    "avståndet mot hur långt kommuner brukar ligga från sina grupper."
)


def limits_of(indicator: Indicator) -> str:
    """Return what figures of this indicator cannot say."""
    return SURVEY if indicator.is_survey else REPORTED


def compared(
    context: ChartContext, home: str, group: str | None, indicator: str, year: int | None
) -> Comparison:
    """Return one comparison, or raise `ChartError`; without a group the municipality's first."""
    context.name(home)
    found = benchmark.single(context.panel, home, indicator, group, year)
    if found is None:
        raise ChartError("Nyckeltalet saknar uppgifter för den valda gruppen.")
    return found


@registered(
    "group",
    "Kommunen bland de jämförda",
    "Hur ligger kommunen till bland de kommuner den jämförs med?",
    reads="Varje punkt är en kommun: ju längre till höger, desto högre värde. Den röda romben är kommunen, och "
    "strecket genom den är felmarginalen. Det grå bandet är gruppens mittersta hälft. Den prickade linjen "
    "är medianen, som hälften ligger över och hälften under.",
)
def group_chart(
    context: ChartContext, home: str, indicator: str, group: str | None = None, year: int | None = None
) -> Drawn:
    """Draw the municipality beside each member of its group."""
    main = compared(context, home, group, indicator, year)
    name, names, facts = context.names[home], context.names, main.facts
    places = words.decimals(facts.unit)
    values = [(rate, names[code]) for code, rate in main.assessed.members.items()]
    ordered = sorted([*values, (main.home.rate, name)], key=lambda row: (-row[0], row[1]))
    return Drawn(
        pinned={"group": main.group.key, "year": main.home.year},
        title=f"{facts.short}: {words.group_finding(main, name)}",
        subtitle=about(main),
        figure=group_dots(main, name, names),
        table=Table(
            (Column("Kommun"), Column("År"), Column("Värde", places, words.unit_text(facts.unit))),
            tuple((who, main.home.year, rate) for rate, who in ordered),
            2,
        ),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method=f"Metod: {_JUDGED}",
        alt=described(main, name),
        said=(
            words.finding(main, name, benchmark.without_police(context.panel, home, main)),
            words.certainty(main, name),
        ),
        limits=limits_of(facts.indicator),
        facts=_comparison_facts(main),
    )


def _comparison_facts(main: Comparison) -> tuple[Fact, ...]:
    """Return the numbers that sentences about a comparison state."""
    facts, home, assessed = main.facts, main.home, main.assessed
    places = words.decimals(facts.unit)
    found: list[tuple[str, float | None, int]] = [
        ("Antal", home.count, 0),
        ("Plats bland kommunerna (1 är högst)", facts.rank, 0),
        ("Plats från andra hållet", facts.ranked - facts.rank + 1, 0),
        ("Kommuner med uppgifter", facts.ranked, 0),
        ("Kommuner i gruppen", assessed.spread.n, 0),
        ("Gruppens median", assessed.spread.median, places),
        ("Gruppens nedre kvartil", assessed.spread.lower_quartile, places),
        ("Gruppens övre kvartil", assessed.spread.upper_quartile, places),
        ("Fler brott än med gruppens median", main.more_than_group, 0),
        ("Minsta upptäckbara kvot", assessed.judgement.detectable, 1),
    ]
    if assessed.judgement.ratio is not None:
        found.append(("Skillnad mot gruppens median, procent", 100 * (assessed.judgement.ratio - 1), 0))
    found += _ends("95 %-intervall", home.interval, places)
    if assessed.standing is not None:
        p = assessed.standing.p_value
        found += [
            ("Vanligt spann, nedre", assessed.standing.lower, places),
            ("Vanligt spann, övre", assessed.standing.upper, places),
            ("Så långt ligger en kommun av", 1 / p if p > 0 else None, 0),
            ("Så långt ligger av 10 kommuner", 10 * p, 0),
        ]
    if facts.change is not None:
        found.append(("Förändring mot året innan, antal", facts.change.difference, 0))
    return tuple(
        Fact(label, float(value), digits)
        for label, value, digits in found
        if value is not None and abs(value) < 1e12
    )


def _ends(label: str, limits: Interval | None, places: int) -> list[tuple[str, float | None, int]]:
    if limits is None:
        return []
    return [(f"{label}, nedre", limits.lower, places), (f"{label}, övre", limits.upper, places)]


@registered(
    "comparisons",
    "Alla jämförelser på en gång",
    "Blir svaret ett annat med en annan jämförelse?",
    reads="Varje rad är en grupp som kommunen jämförs med. Den röda linjen är kommunen, och det ljusröda fältet "
    "är felmarginalen. Det grå bandet är gruppens mittersta hälft, det svarta strecket är medianen och "
    "den smala grå linjen är det vanliga. Når den smala linjen inte fram till den röda är avståndet "
    "ovanligt.",
)
def every_group(context: ChartContext, home: str, indicator: str, year: int | None = None) -> Drawn:
    """Draw the municipality against every group it has, and say what they say together."""
    context.name(home)
    found = list(benchmark.of_measure(context.panel, home, indicator, year))
    if not found:
        raise ChartError("Nyckeltalet saknar uppgifter för kommunens grupper.")
    main = found[0]
    name, facts = context.names[home], main.facts
    places = words.decimals(facts.unit)
    rows = tuple(
        (
            one.group.label,
            one.home.year,
            one.assessed.spread.n,
            one.assessed.spread.median,
            one.assessed.spread.lower_quartile,
            one.assessed.spread.upper_quartile,
            one.assessed.standing.lower if one.assessed.standing else None,
            one.assessed.standing.upper if one.assessed.standing else None,
            words.LEVELS[one.level],
            "ja" if one.stands_out else "nej",
        )
        for one in found
    )
    unit = words.unit_text(facts.unit)
    together = words.groups_text(found)
    counted = robustness.count(found)
    verdicts = words.count_text(counted).rstrip(".").lower() if counted else "mot varje grupp"
    return Drawn(
        # It is drawn again with the same groups: a list that is gone would be told as a row that disappeared.
        pinned={"year": main.home.year, **context.settings},
        title=f"{facts.short} {main.home.year}, {name}: {verdicts}",
        subtitle=f"{facts.short} {main.home.year}, {unit}. Röd linje: {name}, ljusrött: felmarginalen. En rad för varje grupp. Tjockt "
        "band: gruppens mittersta hälft. Streck på tvären: medianen. Smal linje: det vanliga.",
        figure=all_groups(found),
        table=Table(
            (
                Column("Jämfört med"),
                Column("År"),
                Column("Kommuner", 0),
                Column("Median", places, unit),
                Column("Nedre kvartil", places, unit),
                Column("Övre kvartil", places, unit),
                Column("Vanligt från", places, unit),
                Column("Vanligt till", places, unit),
                Column("Nivå"),
                Column("Ovanligt långt"),
            ),
            rows,
        ),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method=f"Metod: {_JUDGED}",
        alt=f"Diagram med en rad för varje jämförelsegrupp: {name} har {number(main.home.rate, places)} {unit} {main.home.year}. "
        f"{together}",
        said=tuple(
            text
            for text in (
                words.finding(main, name, benchmark.without_police(context.panel, home, main)),
                together,
                words.five_years_text(facts),
                words.expected_text(facts, name),
            )
            if text
        ),
        limits=limits_of(facts.indicator),
        facts=(
            *_comparison_facts(main),
            Fact("Kommunens värde", main.home.rate, places),
            *_further_facts(facts),
            *((Fact("Jämförelser", counted.of), *_verdict_facts(counted)) if counted else ()),
        ),
    )


def _verdict_facts(counted: robustness.Count) -> tuple[Fact, ...]:
    return tuple(
        Fact(f"Jämförelser: {words.LEVELS[level]}", times)
        for level, times in counted.by_level.items()
        if times
    )


def _further_facts(facts: Facts) -> tuple[Fact, ...]:
    """Return the numbers of the five-year change and of what is expected."""
    found: list[tuple[str, float]] = []
    if facts.five_years is not None:
        found.append(("Förändring på fem år, antal", facts.five_years.difference))
        if facts.five_years.before:
            share = facts.five_years.difference / facts.five_years.before
            found.append(("Förändring på fem år, procent", 100 * share))
    if facts.expected is not None and facts.home.count is not None:
        found += [
            ("Väntat antal", facts.expected.expected),
            ("Väntat, lägst", facts.expected.lower),
            ("Väntat, högst", facts.expected.upper),
            ("Skillnad mot väntat", facts.home.count - facts.expected.expected),
        ]
    return tuple(Fact(label, float(value)) for label, value in found)


@registered(
    "trend",
    "År för år mot gruppen",
    "Hur har nivån ändrats genom åren, mot gruppen?",
    reads="Den röda linjen är kommunen, år för år. Strecket genom varje romb är felmarginalen. Det grå bandet "
    "är gruppens mittersta hälft, och den prickade linjen är medianen. En streckad lodrät linje är ett "
    "avbrott: före och efter går inte att jämföra rakt av.",
)
def trend(
    context: ChartContext, home: str, indicator: str, group: str | None = None, year: int | None = None
) -> Drawn:
    """Draw the municipality's years with its group's middle half."""
    main = compared(context, home, group, indicator, None)
    panel, name, facts = context.panel, context.names[home], main.facts
    values, quartiles = benchmark.trend(panel, indicator, home, list(main.assessed.members))
    if year is not None:
        values, quartiles = [v for v in values if v.year <= year], quartiles.filter(quartiles["year"] <= year)
    breaks = panel.breaks(indicator)
    dispersion = None if facts.indicator.is_survey else panel.dispersion(indicator, home)
    marker = benchmark.marker(values, breaks, dispersion)
    against = benchmark.against_group(values, quartiles, breaks)
    whole = benchmark.since_break(values, breaks)
    moved = (
        benchmark.change_of(whole[0], whole[-1], 1.0, dispersion) if dispersion and len(whole) > 1 else None
    )
    finding = f"{facts.short}: {trend_words.trend_finding(whole, name, facts, moved)}"
    said = [f"{finding} ({words.unit_text(facts.unit)})."]
    latest = facts.change if year in {None, main.home.year} else None
    said += [f"År {main.home.year}: {words.change_text(facts)}"] if latest is not None else []
    said += (
        [trend_words.marker_text(marker, values[-5].year, values[-1].year, whole, moved)] if marker else []
    )
    said += [trend_words.against_group_text(against)] if against else []
    seen = [item for item in breaks if values and values[0].year < item.date.year <= values[-1].year]
    told = "".join(f" Avbrott {item.date.year}: {item.text}" for item in seen)
    by_year = {row["year"]: row for row in quartiles.to_dicts()}
    moves: list[Fact] = []
    if against:
        moves.append(Fact("Förändring mot gruppen, procent om året", 100 * abs(against.test.slope), 1))
    if latest is not None:
        moves.append(Fact("Förändring mot året innan, antal", latest.difference))
        if latest.before:
            share = 100 * latest.difference / latest.before
            moves.append(Fact("Förändring mot året innan, procent", share))
    last = values[-1].year if values else 0
    return Drawn(
        pinned={"group": main.group.key, "year": last},
        title=finding,
        subtitle=f"{facts.short} per år, {words.unit_text(facts.unit)}. Grått band: mittersta hälften av gruppen ({main.group.label}). "
        f"Lodräta streck: felmarginaler.{told}",
        figure=trend_chart(name, values, quartiles, facts.unit, breaks),
        table=_years(values, by_year, facts),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method="Metod: felmarginaler, förändring och femårsriktning efter hur mycket antalet brukar ändra sig; "
        "Mann-Kendalls test av kvoten mot "
        "gruppen.",
        alt=f"Linjediagram: {finding}, {words.unit_text(facts.unit)}, med gruppens mittersta hälft som band.",
        said=tuple(said),
        limits=limits_of(facts.indicator),
        facts=tuple(moves),
    )


def _years(values: list[Value], group: dict[int, dict[str, float]], facts: Facts) -> Table:
    places = words.decimals(facts.unit)
    columns = (
        Column("År"),
        Column("Antal", 0),
        Column("Antalets grund"),
        Column("Värde", places, words.unit_text(facts.unit)),
        Column("Nedre 95 %", places),
        Column("Övre 95 %", places),
        Column("Gruppens nedre kvartil", places),
        Column("Gruppens median", places),
        Column("Gruppens övre kvartil", places),
    )
    basis = {
        "published": "publicerat",
        "recovered": "räknat ur värdet",
        "approximate": "ungefärligt",
        None: None,
    }
    rows = []
    for value in values:
        theirs = group.get(value.year, {})
        ends = (value.interval.lower, value.interval.upper) if value.interval else (None, None)
        quartiles = (theirs.get(key) for key in ("lower_quartile", "median", "upper_quartile"))
        rows.append((value.year, value.count, basis[value.count_basis], value.rate, *ends, *quartiles))
    return Table(columns, tuple(rows))


@registered(
    "funnel",
    "Alla kommuner efter storlek",
    "Är nivån ovanlig för en kommun av den storleken?",
    reads="Varje prick är en kommun: till höger finns de stora, och högst upp de som har flest brott per "
    "invånare. Den röda romben är kommunen, ringarna är gruppen och den prickade linjen är gruppens "
    "median. I det grå fältet är avståndet till gruppen vanligt. Utanför de streckade linjerna är det "
    "mycket ovanligt.",
)
def funnel(
    context: ChartContext,
    home: str,
    indicator: str,
    group: str | None = None,
    year: int | None = None,
    scope: str = "all",
) -> Drawn:
    """Draw all municipalities (``scope`` all) or the group's (``group``) in a funnel plot."""
    if scope not in {"all", "group"}:
        raise ChartError("scope är all (alla kommuner) eller group (bara gruppen).")
    main = compared(context, home, group, indicator, year)
    found = funnel_of(context.panel, home, main)
    if found is None:
        raise ChartError("Trattdiagrammet finns bara för anmälda brott i en grupp som går att mäta.")
    shown = found.of_group() if scope == "group" else found
    name, facts = context.names[home], main.facts
    outside = shown.outside(WARNING)
    return Drawn(
        pinned={"group": main.group.key, "year": found.year},
        title=f"{facts.short}: {words.funnel_finding(main, name)}",
        subtitle=f"{facts.short} {found.year}, {words.unit_text(facts.unit)}. Ringar: gruppen ({main.group.label}). "
        f"Prickad linje: gruppens "
        f"median. {words.funnel_text(outside.height, shown.municipalities.height)}",
        figure=funnel_chart(shown, context.names),
        table=_funnel_table(shown, context, facts),
        sources=(source_of_indicator(context.warehouse, indicator),),
        method="Metod: trattdiagram (Spiegelhalter 2005) med gränser på rotskala, vidgade med hur mycket kommuner utöver slumpen "
        "skiljer sig från sådana grupper.",
        alt=f"Trattdiagram: {words.funnel_finding(main, name)}; {number(outside.height)} av "
        f"{number(shown.municipalities.height)} kommuner ligger utanför det vanliga spannet.",
        said=(
            f"{facts.short} {found.year}: {words.funnel_finding(main, name)} för en kommun av den storleken.",
        ),
        limits=limits_of(facts.indicator),
        facts=(
            Fact("Kommuner utanför det vanliga", outside.height),
            Fact("Kommuner", shown.municipalities.height),
            *_comparison_facts(main),
        ),
    )


def _funnel_table(shown: Funnel, context: ChartContext, facts: Facts) -> Table:
    people, rates = shown.municipalities["population"].to_numpy(), shown.municipalities["rate"].to_numpy()
    lower, upper = shown.limits(people, WARNING)
    rows = sorted(
        (
            (
                context.names[code],
                shown.year,
                float(p),
                float(rate),
                float(low),
                float(high),
                "över" if rate > high else "under" if rate < low else "",
            )
            for code, p, rate, low, high in zip(
                shown.municipalities["code"], people, rates, lower, upper, strict=True
            )
        ),
        key=lambda row: (row[6] == "", -row[3]),
    )
    columns = (
        Column("Kommun"),
        Column("År"),
        Column("Folkmängd", 0),
        Column("Värde", 0, words.unit_text(facts.unit)),
        Column("Vanligt från", 0),
        Column("Vanligt till", 0),
        Column("Utanför det vanliga"),
    )
    return Table(columns, tuple(rows), 2)


@registered(
    "heat-map",
    "Nyckeltal för nyckeltal",
    "På vilka nyckeltal skiljer sig kommunerna i gruppen åt?",
    reads="Varje rad är ett nyckeltal, och varje kolumn är en kommun. Talet är kommunens värde delat med "
    "gruppens median: 1 är lika högt och 2 är dubbelt så högt. Orange är högre och blått är lägre. Färgen "
    "säger inte om skillnaden är säker.",
)
def measures(context: ChartContext, home: str, group: str | None = None, year: int | None = None) -> Drawn:
    """Draw every standard measure of the group's municipalities as ratios to the group's median."""
    name = context.name(home)
    panel = context.panel
    first = group or next((one.key for one in groups(panel.kinds.values(), home)), "")
    if not first:
        raise ChartError("Kommunen har ingen grupp att jämföra med.")
    shown = list(benchmark.of_group(panel, home, first, year))
    members = sorted({code for c in shown for code in c.assessed.members}, key=context.names.__getitem__)
    if not shown or len(members) > MOST_MEMBERS:
        raise ChartError(f"Diagrammet visar grupper med högst {MOST_MEMBERS} kommuner.")
    rows = []
    for c in shown:
        median = c.assessed.spread.median
        values = [(name, c.home.rate), *((context.names[m], c.assessed.members.get(m)) for m in members)]
        rows += [
            (c.facts.short, c.home.year, who, value, value / median if value is not None and median else None)
            for who, value in values
        ]
    out = [c for c in shown if c.level in {Level.HIGHER, Level.LOWER}]
    # A wall of rows says nothing: of many crime types those that differ are drawn, and the table has them all.
    drawn = (
        shown
        if len(shown) <= _MOST_ROWS
        else [c for c in shown if c in out or c.indicator_id not in context.tree.types]
    )
    left = len(shown) - len(drawn)
    untold = f" De {number(left)} brottstyper som inte säkert skiljer sig står i tabellen." if left else ""
    finding = (
        f"{name} skiljer sig säkert från gruppen på {number(len(out))} av {number(len(shown))} nyckeltal"
    )
    return Drawn(
        pinned={"group": first},
        title=finding,
        subtitle=f"Hur många gånger gruppens median varje kommun ligger på: över 1 är högre (varmt), under 1 är lägre (kallt). "
        f"Grupp: {shown[0].group.label}.{untold}",
        figure=heat_map(drawn, name, context.names),
        table=Table(
            (
                Column("Nyckeltal"),
                Column("År"),
                Column("Kommun"),
                Column("Värde", 1),
                Column("Gånger medianen", 2),
            ),
            tuple(rows),
            3,
        ),
        sources=sources_of_indicators(context.warehouse, [c.indicator_id for c in shown]),
        method=f"Metod: värdet delat med gruppens median. {_JUDGED}",
        alt=f"Rutnät: {finding}.",
        said=(f"{finding}.",),
        limits=REPORTED,
        facts=(Fact("Nyckeltal som skiljer sig", len(out)), Fact("Nyckeltal", len(shown))),
    )


@registered(
    "stands-out",
    "Vad sticker ut i landet",
    "Vilka kommuner sticker ut, och i vad?",
    reads="Varje rad är ett nyckeltal, och varje smalt streck är en kommun. Orange är högre än den egna "
    "gruppens median, och blått är lägre. Trianglarna visar vilka som sticker ut. Den röda ramen är "
    "kommunen.",
)
def everybody(context: ChartContext, home: str, group: str | None = None) -> Drawn:
    """Draw every municipality by all measures against its own group; marked where it stands out among all cells."""
    name, panel = context.name(home), context.panel
    available = groups(panel.kinds.values(), home)
    kind = group or (available[0].key if available else "")
    if kind not in panel.kinds:
        raise ChartError(f"Okänd jämförelsegrupp: {kind}. Välj bland {', '.join(panel.kinds)}.")
    if not panel.kinds[kind].counted:
        raise ChartError("Gruppen finns inte för alla kommuner. Välj en annan grupp.")
    answers = outliers.of_country(panel, kind)
    if not answers:
        raise ChartError("Det finns ännu inga nyckeltal som de flesta kommuner har.")
    titles = {key: panel.indicators[key].short for key in dict.fromkeys(a.indicator_id for a in answers)}
    out = [answer for answer in answers if answer.stands_out]
    finding = words.everybody_finding(answers, home, name, titles)
    rows = tuple(
        (
            titles[a.indicator_id],
            a.year,
            panel.names[a.code],
            a.ratio,
            words.LEVELS[a.level],
            a.p_value,
            a.q_value,
            "ja" if a.stands_out else "nej",
        )
        for a in answers
    )
    return Drawn(
        pinned={"group": kind},
        title=finding,
        subtitle=f"En kolumn för varje kommun, i ordning efter {titles[answers[0].indicator_id][0].lower()}"
        f"{titles[answers[0].indicator_id][1:]}. Varmt: över den egna gruppens median, kallt: under. Trianglar: sticker ut bland "
        f"alla {number(len(answers))} rutor. Jämfört med: {panel.kinds[kind].label.replace(' {}', '').replace('{}', 'Länet')}.",
        figure=all_of_them(answers, home, panel.names, titles),
        table=Table(
            (
                Column("Nyckeltal"),
                Column("År"),
                Column("Kommun"),
                Column("Gånger medianen", 2),
                Column("Nivå"),
                Column("p", 4),
                Column("q", 4),
                Column("Sticker ut"),
            ),
            rows,
            3,
        ),
        sources=sources_of_indicators(context.warehouse, list(titles)),
        method=f"Metod: nivån och avståndet som i alla svar; sticker ut är högre eller lägre med q högst 0,05 "
        f"(Benjamini–Hochberg över alla "
        f"{number(len(answers))} rutor).",
        alt=f"Rutnät: {finding}.",
        said=(f"{finding}.",),
        limits=REPORTED,
        facts=(
            Fact("Rutor som sticker ut", len(out)),
            Fact("Rutor", len(answers)),
            Fact("Kommunens rutor som sticker ut", sum(a.code == home for a in out)),
            Fact("Nyckeltal", len(titles)),
        ),
    )


@registered(
    "contribution",
    "Vad driver förändringen",
    "Vilka brottstyper driver förändringen mellan två år?",
    reads="Varje stapel är en brottstyp. Röda staplar går åt höger: de brotten har blivit fler. Grå staplar går "
    "åt vänster: de har blivit färre. Det tunna strecket är felmarginalen, och en ofylld stapel är inte "
    "mer än siffran brukar ändra sig.",
)
def drivers(
    context: ChartContext, home: str, indicator: str, first: int | None = None, last: int | None = None
) -> Drawn:
    """Split a change between two years (default the latest two) into crime types."""
    name, panel, tree = context.name(home), context.panel, context.tree
    if indicator not in panel.indicators:
        raise ChartError(f"Okänt nyckeltal: {indicator}.")
    whole, _ = parts_of(tree, indicator, panel.indicators.keys())
    years = years_of(panel, home, whole)
    if len(years) < 2:
        raise ChartError(f"Det finns inte två år med antal för {name}.")
    last = last if last is not None else years[-1]
    first = first if first is not None else next((year for year in reversed(years) if year < last), years[0])
    if first >= last or first not in years or last not in years:
        raise ChartError(f"Välj två år i ordning bland {', '.join(map(str, years))}.")
    found = contribution(panel, tree, home, indicator, first, last)
    if found is None:
        raise ChartError("Det finns inga delar att dela upp förändringen i för de åren.")
    names = part_names(panel, found)
    finding = (
        f"{genitive(name)} anmälda brott: {words.lowered(trend_words.contribution_finding(found, names))}"
    )
    starred = any(tree.by_police(part.key) for part in found.parts)
    text = trend_words.contribution_text(found, names)
    labels = {key: label + ("*" if tree.by_police(key) else "") for key, label in names.items()}
    return Drawn(
        pinned={"first": first, "last": last},
        title=finding,
        subtitle=f"Fler (rött) eller färre (grått) anmälda brott av varje slag {inside(name)}. Tunna streck: felmarginaler. "
        f"{text}{' ' * bool(text)}{'* Upptäcks mest genom polisens eget arbete.' if starred else ''}",
        figure=contribution_chart(found, labels),
        table=_parts_table(found, labels, panel.indicators[whole].short),
        sources=(source_of_indicator(context.warehouse, whole),),
        method="Metod: skillnaden mellan två antal, med 95-procentigt intervall efter hur mycket sådana antal brukar ändra sig.",
        alt=f"Stapeldiagram: {finding}.",
        said=(f"{finding}.",),
        limits=REPORTED,
        facts=(Fact("Förändring", found.whole.difference),),
    )


def _parts_table(found: Contribution, names: dict[str, str], whole: str) -> Table:
    columns = (
        Column("Brottstyp"),
        Column(str(found.first), 0),
        Column(str(found.last), 0),
        Column("Skillnad", 0),
        Column("Nedre 95 %", 0),
        Column("Övre 95 %", 0),
    )
    rows = [
        (label, part.before, part.after, part.difference, part.limits.lower, part.limits.upper)
        for label, part in [(whole, found.whole), *((names[part.key], part) for part in found.parts)]
    ]
    return Table(columns, tuple(rows))
