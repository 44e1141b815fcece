"""The chart of a promise: a measure before, during and after a period."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lagesbild.charts.promise import promise_chart
from lagesbild.figures.model import ChartError, Column, Drawn, Fact, Table, source_of_indicator
from lagesbild.figures.register import ChartContext, registered
from lagesbild.figures.yearly import limits_of
from lagesbild.signals.promises import Every
from lagesbild.trends import followed, promise_words
from lagesbild.trends.rhythm import quarters_under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lagesbild.comparison.groups import Group
    from lagesbild.trends.followed import Followed, Part

_METHOD = (
    "Metod: väntat antal ur samma årstid de tre åren före och kommunens folkmängd; osäkerheten efter hur mycket andra "
    "kommuners antal under samma tid brukar skilja sig från sina väntade. Gruppens median räknas på samma sätt."
)
_SURVEY_METHOD = "Metod: undersökningens egna felmarginaler för båda åren."


@registered(
    "promise",
    "Ett löfte i siffrorna",
    "Blev det färre eller fler under löftets period än före, här och i gruppen?",
    reads="Varje stapel är ett år eller ett kvartal, och de röda hör till löftets period. Perioden är det grå "
    "fältet. Den streckade linjen är det som väntas efter tiden före. Den prickade linjen är gruppens "
    "median, och ofyllda staplar är preliminära.",
)
def promise(
    context: ChartContext,
    home: str,
    indicator: str,
    begins: str | None = None,
    ends: str | None = None,
    step: str = "year",
    group: str | None = None,
    until: str | None = None,
) -> Drawn:
    """Draw a measure by ``step`` year or quarter around a period (default the latest whole year)."""
    name = context.name(home)
    if indicator not in context.panel.indicators:
        raise ChartError(f"Okänt nyckeltal: {indicator}.")
    every = _step(step)
    first, last = _period(context, home, indicator, begins, ends)
    compared = _group(context, home, group)
    found = followed.follow(
        context.panel, home, indicator, first, last, every, compared, _day(until) if until else None
    )
    known = [one for one in found.steps if one.value is not None]
    if not known:
        raise ChartError(
            f"Det finns inga siffror per {'kvartal' if every is Every.QUARTER else 'år'} för {name}."
        )
    measure = context.panel.indicators[indicator]
    title = promise_words.title(measure, name, followed.status_in_figures(found))
    said = promise_words.finding(found, measure)
    note = context.tree.note(indicator)
    each = "kvartal" if every is Every.QUARTER else "år"
    unit = "Procent" if measure.is_survey else f"Anmälda brott per {each}"
    source = quarters_under(indicator) if every is Every.QUARTER else indicator
    return Drawn(
        pinned={
            "begins": first.isoformat(),
            "ends": last.isoformat(),
            "until": known[-1].first.isoformat(),
            **({"group": compared.key} if compared else {}),
        },
        title=title,
        subtitle=promise_words.subtitle(found, measure, compared.label if compared else ""),
        figure=promise_chart(found, unit, share=measure.is_survey),
        table=_table(found, survey=measure.is_survey),
        sources=(source_of_indicator(context.warehouse, source),),
        method=_SURVEY_METHOD if measure.is_survey else _METHOD,
        alt=f"Stapeldiagram, ett {each} i varje stapel, med löftets period i grått. {title}.",
        said=(*said, promise_words.NOT_WHY),
        limits=f"{limits_of(measure)} {promise_words.NOT_WHY}{f' {note}' if note else ''}",
        facts=tuple(_facts(found)),
    )


def _step(step: str) -> Every:
    if step not in {Every.YEAR, Every.QUARTER}:
        raise ChartError("step är year (år) eller quarter (kvartal).")
    return Every(step)


def _period(
    context: ChartContext, home: str, indicator: str, begins: str | None, ends: str | None
) -> tuple[date, date]:
    if begins and ends:
        first, last = _day(begins), _day(ends)
        if last < first:
            raise ChartError("Periodens sista dag ligger före den första.")
        return first, last
    if begins or ends:
        raise ChartError("Ange både begins och ends, periodens första och sista dag, eller ingen av dem.")
    years = context.panel.years(indicator, home)
    if not years:
        raise ChartError("Nyckeltalet saknar uppgifter för kommunen.")
    return date(years[-1], 1, 1), date(years[-1], 12, 31)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ChartError(f"{text!r} är ingen dag (ÅÅÅÅ-MM-DD).") from None


def _group(context: ChartContext, home: str, group: str | None) -> Group | None:
    kinds = context.panel.kinds
    if group is not None and group not in kinds:
        raise ChartError(f"Okänd jämförelsegrupp: {group}. Välj bland {', '.join(kinds)}.")
    asked = [kinds[group]] if group else list(kinds.values())
    return next((found for kind in asked if (found := kind.group(home)) is not None), None)


def _table(found: Followed, *, survey: bool) -> Table:
    places = 1 if survey else 0
    columns = [
        Column("Från och med"),
        Column("Till och med"),
        Column("Procent" if survey else "Anmälda brott", places),
        Column("Läge"),
    ]
    if not survey:
        columns.append(Column("Med gruppens median", 1))
    rows = []
    for one in found.steps:
        place = promise_words.PLACES[one.where] + (" (preliminär)" if one.preliminary else "")
        row = (one.first.isoformat(), one.last.isoformat(), one.value, place)
        rows.append(row if survey else (*row, one.group))
    return Table(tuple(columns), tuple(rows))


def _facts(found: Followed) -> Iterator[Fact]:
    """Give the numbers that the sentences state."""
    for part, name in ((found.during, "under perioden"), (found.after, "efter perioden")):
        if part is not None:
            yield from _of_part(part, name)


def _of_part(part: Part, name: str) -> Iterator[Fact]:
    own = part.own
    yield Fact(f"Antal {name}", own.observed, 1)
    yield Fact(f"Väntat {name}", own.expected, 1)
    yield Fact(f"Skillnad {name}, procent", promise_words.percent(own.ratio))
    for end, value in (("lägst", own.lower), ("högst", own.upper)):
        yield Fact(f"Skillnad {name}, {end}, procent", promise_words.percent(value / own.expected))
        yield Fact(f"Värde {name}, {end}", value, 1)
    if part.group is not None:
        yield Fact(f"Gruppens skillnad {name}, procent", promise_words.percent(part.group.ratio))
        yield Fact(f"Kommuner i gruppen {name}", part.group.members)
