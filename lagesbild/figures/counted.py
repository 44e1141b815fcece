"""Charts of counts by month, and of when in the year and the week they fall."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from lagesbild.charts.months import DAY_NAMES, clock_chart, months_chart, wheel_chart
from lagesbild.charts.notices import notices_chart
from lagesbild.data import reference
from lagesbild.data.collected import calendar_of, months_from, span_text
from lagesbild.data.warehouse import queries
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
from lagesbild.hotspots import forecast, reported
from lagesbild.hotspots.words import ahead_text
from lagesbild.swedish import SHORT_MONTHS, calendar_month, inside, month_and_year, number
from lagesbild.trends import rhythm

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from lagesbild.data.reference import SeriesBreak
    from lagesbild.hotspots.forecast import Ahead, Forecast
    from lagesbild.trends.rhythm import Series

#: What no figure of notices can say.
NOTICES = "Antalet visar vad polisen väljer att berätta om, inte hur många brott som begås."
#: Which notices are counted by the clock: those of crimes, or all, traffic and rescue too.
CRIMES, _ALL = "brott", "alla"
_LINES = {"Trend": "utan säsong", "Medel av tolv månader": "i genomsnitt över tolv månader"}
_MONTHLY = "Metod: säsongsrensat med STL (Cleveland m.fl. 1990) bara där året säkert är ojämnt; tolvmånaderssumma delad med tolv."


@registered(
    "crime-months",
    "Anmälda brott månad för månad",
    "Hur många brott anmäls varje månad eller kvartal?",
    reads="Varje stapel är en månad eller ett kvartal, och ofyllda staplar är preliminära. Den tjocka röda "
    "linjen är trenden, och den tunna röda är antalet utan säsong. Den prickade linjen är medelvärdet av "
    "tolv månader, och den grå linjen visar hur många brott gruppens nivå skulle ge. En streckad lodrät "
    "linje är ett avbrott i serien, och ett grått fält är det väntade eller uppgifter som saknas.",
)
def crime_months(
    context: ChartContext,
    home: str,
    indicator: str,
    group: str | None = None,
    step: str = "month",
    until: str | None = None,
) -> Drawn:
    """Draw a crime type by ``step`` month or quarter, with the group's level."""
    if step not in {"month", "quarter"}:
        raise ChartError("step är month (månad) eller quarter (kvartal).")
    ahead = None
    if step == "quarter" and rhythm.has_quarters(context.warehouse, indicator, home):
        published = rhythm.quarters_under(indicator)
        shown = _crimes(context, home, published, group, until, rhythm.QUARTER)
        ahead = _ahead(context, published, home, shown)
        source = source_of_indicator(context.warehouse, published)
    else:
        series = _crimes(context, home, indicator, group, until)
        shown = rhythm.by_quarter(series) if step == "quarter" else series
        ahead = _ahead(context, indicator, home, shown) if step == "quarter" else None
        source = source_of_indicator(context.warehouse, indicator)
    if not shown.starts:
        raise ChartError("Det finns inte tillräckligt många månader.")
    title = context.panel.indicators[indicator].short
    return _months(
        shown,
        f"{title} {inside(context.names[home])}",
        "brott",
        context.panel.breaks(indicator),
        source,
        REPORTED,
        ahead,
    )


def _ahead(context: ChartContext, indicator: str, home: str, shown: Series) -> Ahead | None:
    """Return the forecast of the quarter after those shown; None where it is unknown or not worth showing."""

    def made() -> Forecast | None:
        crimes = reported.by_quarter(context.warehouse, indicator)
        return forecast.forecast(crimes.through(shown.starts[-1])) if crimes else None

    if not shown.starts:
        return None
    found = context.panel.kept(("forecast", indicator, shown.starts[-1]), made)
    return found.of(home) if found else None


@registered(
    "notice-months",
    "Polisens notiser månad för månad",
    "Hur många händelser berättar polisen om varje månad?",
    reads="Varje stapel är antalet notiser en månad. Den prickade linjen är medelvärdet av tolv månader. Röda "
    "linjer är antalet utan säsong, och ritas bara när månaderna säkert skiljer sig åt. En streckad "
    "lodrät linje är ett avbrott i serien.",
)
def notice_months(context: ChartContext, home: str, until: str | None = None) -> Drawn:
    """Draw a municipality's event notices by month."""
    series = _until(rhythm.of_notices(context.warehouse, home), until)
    if not series.starts or not series.counts.any():
        raise ChartError(f"Det finns inga notiser om {context.name(home)}.")
    breaks = reference.sources()["polisen"].breaks
    return _months(
        series,
        f"Polisens notiser om {context.name(home)}",
        "notiser",
        breaks,
        source_of_notices(context.warehouse),
        NOTICES,
    )


def _crimes(
    context: ChartContext,
    home: str,
    indicator: str,
    group: str | None,
    until: str | None = None,
    months_each: int = 1,
) -> Series:
    name = context.name(home)
    if indicator not in context.panel.indicators:
        raise ChartError(f"Okänt nyckeltal: {indicator}.")
    if group is not None and group not in context.panel.kinds:
        raise ChartError(f"Okänd jämförelsegrupp: {group}.")
    kind = context.panel.kinds[group] if group else next(iter(context.panel.kinds.values()))
    members = kind.group(home)
    others = list(members.members) if members else []
    series = rhythm.of_crime_type(context.warehouse, indicator, home, others, months_each)
    if not series.starts:
        raise ChartError(f"Brottstypen är inte publicerad månad för månad för {name}.")
    return _until(series, until)


def _until(series: Series, until: str | None) -> Series:
    if until is None:
        return series
    last = month_of(until)
    kept = sum(start <= last for start in series.starts)
    group = None if series.group is None else series.group[:kept]
    return rhythm.Series(
        starts=series.starts[:kept],
        counts=series.counts[:kept],
        preliminary=series.preliminary[:kept],
        group=group,
        months_each=series.months_each,
        missing=tuple(start for start in series.missing if start <= last),
    )


def month_of(text: str) -> date:
    """Return the first day of a month written ``2026-03``, or raise `ChartError`."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ChartError(f"{text!r} är ingen månad (ÅÅÅÅ-MM).") from None


def _months(
    series: Series,
    subject: str,
    what: str,
    breaks: tuple[SeriesBreak, ...],
    source: FigureSource,
    limits: str,
    ahead: Ahead | None = None,
) -> Drawn:
    each = "månad" if series.months_each == 1 else "kvartal"
    columns = [Column("Från och med"), Column(what.capitalize(), 0), Column("Läge")]
    if series.group is not None:
        columns.append(Column("Med gruppens nivå", 1))
    rows = []
    for n, start in enumerate(series.starts):
        row = [f"{start:%Y-%m}", _known(series.counts[n]), _state(series, n)]
        rows.append(tuple(row if series.group is None else [*row, _known(series.group[n])]))
    hollow = " Ofyllda staplar är preliminära och brukar bli fler." if series.preliminary.any() else ""
    said, facts = _year_on_year(series, subject, what)
    drawn = months_chart(series, what, breaks, ahead)
    if ahead is not None:
        rows.append((f"{ahead.start:%Y-%m}", None, ahead_text(ahead), *[None] * (series.group is not None)))
        said = (*said, f"{ahead_text(ahead)}.")
        facts = (
            *facts,
            Fact("Väntat nästa kvartal, lägst", float(round(ahead.lower))),
            Fact("Väntat nästa kvartal, högst", float(round(ahead.upper))),
        )
    hole = _hole(series)
    return Drawn(
        pinned={"until": f"{series.starts[-1]:%Y-%m}"},
        title=f"{subject}, {each} för {each}",
        subtitle=f"Antal {what} per {each}.{hollow}{_lines(drawn)}{_band(ahead)}{hole}"
        + (f" {limits}" if limits == NOTICES else ""),
        figure=drawn,
        table=Table(tuple(columns), tuple(rows)),
        sources=(source,),
        method=_MONTHLY,
        alt=f"Stapeldiagram: {subject}, {each} för {each}, {series.starts[0]:%Y-%m} till {series.starts[-1]:%Y-%m}.{hole}",
        said=said,
        limits=limits,
        facts=facts,
    )


def _lines(drawn: go.Figure) -> str:
    """Name the lines that are drawn; which ones depends on the counts."""
    shown = {trace["name"] for trace in drawn.data}
    named = [text for name, text in _LINES.items() if name in shown]
    return f" Linje{'r' * (len(named) > 1)}: {' och '.join(named)}." if named else ""


def _band(ahead: Ahead | None) -> str:
    return f" Grått fält: {ahead_text(ahead)[0].lower()}{ahead_text(ahead)[1:]}." if ahead else ""


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _state(series: Series, step: int) -> str:
    if series.starts[step] in series.missing:
        return "uppgifter saknas"
    return "preliminär" if series.preliminary[step] else ""


def _hole(series: Series) -> str:
    """Say which months or quarters are missing; empty where none is."""
    return f" Uppgifter saknas för {_missing_months(series)}." if series.missing else ""


def _missing_months(series: Series) -> str:
    return span_text(
        [
            month
            for start in series.missing
            for month in months_from(start, start.replace(month=start.month + series.months_each - 1))
        ]
    )


def _year_on_year(series: Series, subject: str, what: str) -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    """State the latest year's sum beside the year before: of two years in a row, never over a month that is missing."""
    steps = series.per_year
    run = series.unbroken(2 * steps)
    if run is None:
        return (f"{subject}: se diagrammet.{_hole(series)}",), ()
    known = series.counts[run]
    now, then = float(known[-steps:].sum()), float(known[-2 * steps : -steps].sum())
    end = month_and_year(series.end_of(run.stop - 1))
    if run.stop == len(series.starts):
        text = (
            f"{subject}: {number(now)} {what} de senaste tolv månaderna (till och med {end}), mot {number(then)} "
            "de tolv månaderna före."
        )
        names = ("Senaste tolv månaderna", "Tolv månaderna före")
    else:
        text = (
            f"{subject}: {number(now)} {what} på tolv månader till och med {end}, mot {number(then)} de tolv månaderna före."
            f"{_hole(series)}"
        )
        names = (f"Tolv månader till och med {end}", "Tolv månaderna före dem")
    return (text,), (Fact(names[0], now), Fact(names[1], then))


@registered(
    "crime-wheel",
    "Årshjul för anmälda brott",
    "När på året anmäls flest brott?",
    reads="Varje tårtbit är en månad, med januari överst. Ju längre bit, desto fler brott. Den prickade ringen "
    "är en vanlig månad: röda bitar når utanför den, grå bitar gör det inte.",
)
def crime_wheel(context: ChartContext, home: str, indicator: str, until: str | None = None) -> Drawn:
    """Draw each calendar month's share of whole years of a crime type."""
    series = _crimes(context, home, indicator, None, until)
    title = context.panel.indicators[indicator].short
    return _wheel(
        series,
        f"{title} {inside(context.names[home])}",
        source_of_indicator(context.warehouse, indicator),
        REPORTED,
    )


@registered(
    "notice-wheel",
    "Årshjul för polisens notiser",
    "När på året berättar polisen om flest händelser?",
    reads="Varje tårtbit är en månad, med januari överst. Ju längre bit, desto fler notiser. Den prickade "
    "ringen är en vanlig månad: röda bitar når utanför den, grå bitar gör det inte.",
)
def notice_wheel(context: ChartContext, home: str, until: str | None = None) -> Drawn:
    """Draw each calendar month's share of whole years of notices."""
    series = _until(rhythm.of_notices(context.warehouse, home), until)
    return _wheel(
        series, f"Polisens notiser om {context.name(home)}", source_of_notices(context.warehouse), NOTICES
    )


def _wheel(series: Series, subject: str, source: FigureSource, limits: str) -> Drawn:
    wheel = rhythm.year_wheel(series)
    if wheel is None:
        raise ChartError("Årshjulet behöver två hela år utan luckor.")
    top = int(wheel.shares.argmax())
    times = 12 * float(wheel.shares[top])
    title = "Ingen månad sticker säkert ut"
    said = "Skillnaderna mellan månader kan vara slump."
    if wheel.uneven:
        title = f"Flest i {calendar_month(top)}: {number(times, 1)} gånger en vanlig månad"
        said = f"Flest är de i {calendar_month(top)}, {number(times, 1)} gånger en vanlig månad."
    return Drawn(
        pinned={"until": f"{series.starts[-1]:%Y-%m}"},
        title=title,
        subtitle=f"{subject}: varje månads andel av hela år, {span_text(months_from(wheel.first, wheel.last))}. "
        "Prickad ring: om alla månader vore lika."
        + ("" if wheel.uneven else " Skillnaderna kan vara slump."),
        figure=wheel_chart(wheel.shares),
        table=Table(
            (Column("Månad"), Column("Procent av året", 1), Column("Gånger en vanlig månad", 1)),
            tuple(
                (SHORT_MONTHS[n], 100 * float(share), 12 * float(share))
                for n, share in enumerate(wheel.shares)
            ),
        ),
        sources=(source,),
        method="Metod: hela år sammanlagda; om månaderna är ojämna prövas med Pearsons chitvåtest.",
        alt=f"Årshjul: {title}.",
        said=(f"{subject}: {said[0].lower()}{said[1:]}",),
        limits=limits,
    )


@registered(
    "notice-clock",
    "Notiser efter veckodag och klockslag",
    "När i veckan inträffar händelserna i notiserna?",
    reads="Varje rad är en veckodag, och varje kolumn är några timmar på dygnet. Talet är antalet notiser. Ju "
    "mörkare ruta, desto fler notiser.",
)
def notice_clock(context: ChartContext, home: str, subject: str = CRIMES, until: str | None = None) -> Drawn:
    """Draw notices by weekday and part of the day: those of crimes, or all (``subject`` alla)."""
    if subject not in {CRIMES, _ALL}:
        raise ChartError(f"subject är {CRIMES} eller {_ALL}.")
    name = context.name(home)
    kinds = reference.crime_notices() if subject == CRIMES else None
    told = "notiser om brott" if subject == CRIMES else "notiser"
    clock = rhythm.days_and_hours(context.warehouse, home, kinds, month_of(until) if until else None)
    counts, period = clock.counts, span_text(clock.months)
    if not counts.sum():
        raise ChartError(
            f"Det finns inga klockslag för {name}: de följer bara med för den medföljande hemkommunen."
        )
    together = rhythm.HOURS_TOGETHER
    part = int(counts.sum(axis=0).argmax())
    hours = [f"{start:02d}–{start + together:02d}" for start in range(0, 24, together)]
    title = f"{told.capitalize()}: inget klockslag sticker säkert ut"
    if rhythm.uneven_hours(counts):
        title = f"{told.capitalize()}: flest kl. {hours[part]}"
    rows = tuple((DAY_NAMES[d], hours[h], int(counts[d, h])) for d in range(7) for h in range(len(hours)))
    total = int(counts.sum())
    return Drawn(
        pinned={"until": f"{clock.months[-1]:%Y-%m}"},
        title=title,
        subtitle=f"{number(total)} {told} {inside(name)} efter klockslaget i notisen, {period}. Få i varje ruta: läs "
        f"mönstret, inte enskilda rutor.",
        figure=clock_chart(counts),
        table=Table((Column("Veckodag"), Column("Klockan"), Column("Notiser", 0)), rows, 2),
        sources=(source_of_notices(context.warehouse),),
        method=f"Metod: notisens eget klockslag, svensk tid, i block om {together} timmar; om de är ojämna prövas med Pearsons "
        "chitvåtest. Trafik och räddning är inte med bland notiser om brott.",
        alt=f"Rutnät: {title}.",
        said=(f"{title}, av {number(total)} {told} {inside(name)}, {period}.",),
        limits=NOTICES,
        facts=(Fact("Notiser", total),),
    )


@registered(
    "county-notices",
    "Notiser i länet och kommunen",
    "Hur många av länets notiser handlar om kommunen?",
    reads="Varje stapel är en månad. Den grå stapeln är alla notiser i länet, och den röda är de som handlar om "
    "kommunen. En ofylld stapel är en månad som inte är helt insamlad.",
)
def county_notices(context: ChartContext, home: str, until: str | None = None) -> Drawn:
    """Draw the county's notices by month with the municipality's in front."""
    name, county = context.name(home), reference.counties()[home[:2]]
    months = queries.notices_per_month(context.warehouse, home[:2])
    events = months.filter(pl.col("kind") == "event")
    if events.is_empty():
        raise ChartError(f"Det finns inga notiser i {county}.")
    by_month, missing = _collected_months(context, events, home)
    if until:
        last = month_of(until)
        by_month, missing = by_month.filter(pl.col("month") <= last), [m for m in missing if m <= last]
    if by_month.is_empty():
        raise ChartError(f"Det finns inga notiser i {county} till och med {until}.")
    total, first = int(by_month["home"].sum()), by_month["month"][0].year
    partly = " Ofyllda staplar: månaden är inte helt insamlad." if not by_month["whole"].all() else ""
    hole = "".join(f" {text}" for text in [calendar_of(context.warehouse).told] if text)
    title = f"{number(total)} {'notis' if total == 1 else 'notiser'} om {name} sedan {first}"
    rows = tuple(
        (f"{row['month']:%Y-%m}", row["county"], row["home"], _share_collected(row))
        for row in by_month.iter_rows(named=True)
    )
    return Drawn(
        pinned={"until": f"{by_month['month'][-1]:%Y-%m}"},
        title=title,
        subtitle=f"Polisens notiser per månad i {county} och {name}. Sammanfattningar och information är "
        f"borträknade.{partly}{hole} {NOTICES}",
        figure=notices_chart(by_month, missing),
        table=Table((Column("Månad"), Column(county, 0), Column(name, 0), Column("Insamlad")), rows),
        sources=(source_of_notices(context.warehouse),),
        method="Metod: notiser som gäller en händelse, efter månaden då den inträffade.",
        alt=f"Stapeldiagram: {title}.{hole}",
        said=(f"{title}.",),
        limits=NOTICES,
        facts=(Fact("Notiser om kommunen", total),),
    )


def _collected_months(
    context: ChartContext, events: pl.DataFrame, home: str
) -> tuple[pl.DataFrame, list[date]]:
    """Return month, county, home (notices, null where none were collected) and whole, by month without a break; and the empty ones."""
    calendar = calendar_of(context.warehouse)
    told = events.group_by("month").agg(
        county=pl.col("notices").sum(), home=pl.col("notices").filter(pl.col("code") == home).sum()
    )
    months = months_from(told["month"].min(), max([told["month"].max(), *calendar.months]))  # type: ignore[arg-type, type-var]
    whole = set(calendar.whole)
    frame = pl.DataFrame({"month": months, "whole": [month in whole for month in months]}).join(
        told, on="month", how="left"
    )
    silent = pl.col("whole") & pl.col("county").is_null()
    frame = frame.with_columns(
        pl.when(silent).then(0).otherwise(pl.col(column)).alias(column) for column in ("county", "home")
    )
    empty = frame.filter(pl.col("county").is_null())["month"].to_list()
    return frame.sort("month"), [month for month in empty if month in calendar.missing]


def _share_collected(row: Mapping[str, Any]) -> str:
    if row["whole"]:
        return "hel"
    return "uppgifter saknas" if row["county"] is None else "delvis"
