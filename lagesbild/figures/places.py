"""Charts of where notices and crimes gather: the map of patterns and the months behind a municipality's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.evidence import evidence_chart
from lagesbild.charts.spot_map import spot_map
from lagesbild.data.warehouse import queries
from lagesbild.figures.counted import NOTICES, month_of
from lagesbild.figures.model import (
    ChartError,
    Column,
    Drawn,
    Fact,
    FigureSource,
    Table,
    source_of_indicator,
    source_of_notices,
)
from lagesbild.figures.register import ChartContext, registered
from lagesbild.figures.yearly import REPORTED
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.alone import alone, stand_in_text
from lagesbild.hotspots.words import means, spot_name
from lagesbild.swedish import did_you_mean, inside, number

if TYPE_CHECKING:
    from lagesbild.hotspots.cube import Cube, Patterns

_RULES = "Gi* med grannkommuner och steget före (Getis & Ord), rättat för många jämförelser, och reglerna för framväxande hotspots."
_METHOD = f"Metod: kommunens andel av länets notiser varje månad, {_RULES}"
_METHOD_OF_CRIMES = (
    "Metod: kommunens vanliga andel av rikets anmälda brott, med hänsyn till hur mycket antalet brukar variera; "
    f"{_RULES}"
)


def _patterns(context: ChartContext, category: str, until: str | None) -> tuple[Cube, Patterns]:
    known = cubes.categories(context.warehouse)
    if category not in known:
        raise ChartError(f"Okänd kategori: {category}.{did_you_mean(category, known)}")
    cube, found = cubes.patterned(context.warehouse, category, month_of(until) if until else None)
    if found is None:
        raise ChartError(
            f"Underlaget är för litet för mönster: färre än en av {cube.counted} per kommun och {cube.each}, eller mindre än "
            "ett år (för kvartal två)."
        )
    return cube, found


_PLURAL = {"månad": "månader", "kvartal": "kvartal"}


def _titled(context: ChartContext, category: str) -> str:
    """Return what is counted, to begin a title with."""
    crime = cubes.crime_of(category)
    if category == cubes.TOTAL:
        return "Anmälda brott"
    if crime in context.panel.indicators:
        return context.panel.indicators[crime].short
    return cubes.categories(context.warehouse)[category].partition(", per")[0]


def _levels(context: ChartContext, cube: Cube) -> dict[str, float]:
    """Return reported crimes a year per 1 000 inhabitants over the whole cube: the ground of the map; none for notices."""
    people = queries.populations(context.warehouse)
    if not cube.crimes or not people:
        return {}
    living = people[max(people)]
    years = len(cube.months) / cube.per_year
    return {
        code: 1000 * float(count) / years / living[code]
        for code, count in zip(cube.codes, cube.counts.sum(axis=0), strict=True)
        if code in living
    }


def _ground(cube: Cube) -> str:
    return " Grå ton: ju mörkare, desto fler anmälda brott per invånare i genomsnitt." if cube.crimes else ""


def _hole(cube: Cube) -> str:
    return f" {cube.told_missing}" if cube.missing else ""


def _source(context: ChartContext, category: str) -> FigureSource:
    if cubes.crime_of(category):
        return source_of_indicator(context.warehouse, cubes.crime_of(category))
    return source_of_notices(context.warehouse)


def _instead_of_county(cube: Cube, home: str, name: str) -> str:
    """Say, after a sentence, that the country stands in for the county; empty where it does not."""
    return f" {stand_in_text(name)}" if not cube.crimes and home in alone(cube.codes) else ""


@registered(
    "spot-map",
    "Karta över mönster",
    "Var är brotten fler än vanligt, och hur ändras det?",
    reads="Kommunen har en svart kant. Röda kommuner med ▲ har fler fall än sin vanliga andel, och blå med ▼ "
    "har färre. Stark färg är nytt eller växande, svag färg är sådant som har gått över eller kommer och "
    "går. Grått är inget mönster.",
)
def pattern_map(
    context: ChartContext,
    home: str,
    category: str = cubes.TOTAL,
    until: str | None = None,
    scope: str = "county",
) -> Drawn:
    """Draw every municipality of the county, or of the whole country (``scope`` country), by its pattern."""
    if scope not in {"county", "country"}:
        raise ChartError("scope är county (länet) eller country (hela landet).")
    name = context.name(home)
    cube, found = _patterns(context, category, until)
    own = next((spot for spot in found.spots if spot.code == home), None)
    if own is None:
        raise ChartError(f"Siffrorna för {name} är inte publicerade för alla {_PLURAL[cube.each]}.")
    shown = [spot for spot in found.spots if scope == "country" or spot.code[:2] == home[:2]]
    marked = [spot for spot in shown if spot.sign != 0]
    pattern = spot_name(own).lower() if own.sign == 0 else spot_name(own)
    title = f"{_titled(context, category)} {inside(name)}: {pattern}"
    last = cube.last
    rows = sorted(
        (
            (
                context.names[s.code],
                spot_name(s),
                f"{s.since:%Y-%m}" if s.since else None,
                s.count,
                s.expected,
                s.score,
            )
            for s in shown
        ),
        key=lambda row: (-abs(row[5]), row[0]),
    )
    columns = (
        Column("Kommun"),
        Column("Mönster"),
        Column("Sedan"),
        Column(f"{cube.counted.capitalize()} på ett år", 0),
        Column("Väntade", 0),
        Column("Gi*", 2),
    )
    whole, instead = cube.share_of(home), _instead_of_county(cube, home, name)
    return Drawn(
        pinned={"until": f"{cube.last_month:%Y-%m}"},
        title=title,
        subtitle=f"Siffrorna når till och med {last}. {name} {means(own.category, cube.each)}. "
        f"{number(own.count)} {cube.counted} på ett år, {number(own.expected)} väntade "
        f"av {whole}.{instead}{_ground(cube)}{_hole(cube)}",
        figure=spot_map(shown, home, context.names, cube.counted, _levels(context, cube), cube.each),
        table=Table(columns, tuple(rows)),
        sources=(_source(context, category),),
        method=_METHOD_OF_CRIMES if cube.crimes else _METHOD,
        alt=f"Karta: {title}{_so_many(len(marked), len(shown))}.",
        said=(
            f"{name} {means(own.category, cube.each)}: {number(own.count)} {cube.counted} på ett år till och med {last}, "
            f"mot {number(own.expected)} väntade av kommunens vanliga andel av {whole}.{instead}",
        ),
        limits=REPORTED if cube.crimes else NOTICES,
        facts=(Fact("Kommuner som utmärker sig", len(marked)), Fact("Kommuner på kartan", len(shown))),
    )


def _so_many(marked: int, shown: int) -> str:
    """Say how many municipalities of the map stand out; nothing where it has one alone, which the title tells of."""
    if shown == 1:
        return ""
    return f"; {number(marked) if marked else 'ingen'} av {number(shown)} kommuner utmärker sig"


@registered(
    "spot-months",
    "Stegen bakom ett mönster",
    "När var brotten fler eller färre än kommunens vanliga andel?",
    reads="Varje stapel är en månad eller ett kvartal. Den prickade linjen är det väntade: kommunens vanliga "
    "andel. Röda staplar med ▲ är fler än väntat, och blå med ▼ är färre, när grannarna räknas med.",
)
def pattern_months(
    context: ChartContext, home: str, category: str = cubes.TOTAL, until: str | None = None
) -> Drawn:
    """Draw the months behind a municipality's pattern."""
    name = context.name(home)
    cube, found = _patterns(context, category, until)
    if home not in cube.codes:
        raise ChartError(f"Siffrorna för {name} är inte publicerade för alla {_PLURAL[cube.each]}.")
    at = cube.codes.index(home)
    rows = tuple(
        (f"{month:%Y-%m}", int(count), float(expected), float(z), {1: "fler", -1: "färre"}.get(int(sign), ""))
        for month, count, expected, z, sign in zip(
            cube.months,
            cube.counts[:, at],
            cube.expected[:, at],
            found.z[:, at],
            found.bins[:, at],
            strict=True,
        )
    )
    out = sum(row[4] != "" for row in rows)
    so_many = f"{'inget' if cube.each == 'kvartal' else 'ingen'}" if not out else number(out)
    title = f"{_titled(context, category)} {inside(name)}: {so_many} av {number(len(rows))} {_PLURAL[cube.each]} utmärker sig"
    columns = (
        Column(cube.each.capitalize()),
        Column(cube.counted.capitalize(), 0),
        Column("Väntade", 1),
        Column("Gi*", 2),
        Column("Utmärker sig"),
    )
    return Drawn(
        pinned={"until": f"{cube.last_month:%Y-%m}"},
        title=title,
        subtitle=f"{cube.counted.capitalize()} per {cube.each} mot kommunens vanliga andel (prickad linje). ▲ fler, ▼ färre "
        f"än väntat, när grannarna "
        f"räknas med.{_hole(cube)}",
        figure=evidence_chart(cube, found, home),
        table=Table(columns, rows),
        sources=(_source(context, category),),
        method=_METHOD_OF_CRIMES if cube.crimes else _METHOD,
        alt=f"Stapeldiagram: {title}.",
        said=(f"{title}.",),
        limits=REPORTED if cube.crimes else NOTICES,
        facts=(
            Fact(f"{_PLURAL[cube.each].capitalize()} som utmärker sig", out),
            Fact(_PLURAL[cube.each].capitalize(), len(rows)),
        ),
    )
