"""Does a municipality stand out? Figures from the warehouse, judged by the statistics.

One `Comparison` is one indicator against one group in one year. The home municipality is never a
member of its own group.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from lagesbild.funnel import funnel_of
from lagesbild.reference import COUNTRY_CODE
from lagesbild.statistics.change import CountChange, count_change
from lagesbild.statistics.comparison import (
    GroupSpread,
    Judgement,
    Verdict,
    group_spread,
    judge,
    rank_from_top,
)
from lagesbild.statistics.intervals import Interval, rate_interval
from lagesbild.statistics.multiplicity import q_values
from lagesbild.statistics.power import detectable_ratio
from lagesbild.statistics.series import MARKER_YEARS, Marker, trend_marker
from lagesbild.swedish import interval as format_interval
from lagesbild.swedish import number
from lagesbild.warehouse import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lagesbild.reference import SeriesBreak
    from lagesbild.warehouse import Warehouse
    from lagesbild.warehouse.queries import Group

PER = 100_000


class NotFoundError(LookupError):
    """A municipality, group, indicator or year that does not exist; the message is Swedish."""


@dataclass(frozen=True)
class Value:
    """An area's value in a year: rate (the indicator's unit), count behind it, 95 % interval.

    ``population`` is the mean of the year. ``count_basis``: published, recovered or approximate.
    """

    year: int
    rate: float
    count: int | None
    count_basis: str | None
    population: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Comparison:
    """One indicator against one group in one year; rates in the indicator's unit.

    ``country`` is the published value of the whole country, where there is one.
    """

    indicator_id: str
    short: str
    title: str
    unit: str
    kind: str
    group: Group
    home: Value
    members: dict[str, float]
    spread: GroupSpread
    rank: int
    ranked: int
    detectable: float | None
    judgement: Judgement
    change: CountChange | None
    country: float | None

    @property
    def verdict(self) -> Verdict:
        """The outcome of the rule."""
        return self.judgement.verdict


@dataclass(frozen=True)
class Unusual:
    """How unusual the level is among all municipalities, for one indicator.

    ``ratio`` to the typical municipality, ``p_value`` against the funnel's adjusted limits, and
    ``q_value``: the same allowing for how many indicators are looked at (Benjamini-Hochberg).
    """

    ratio: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Benchmark:
    """All comparisons asked for, with what identifies them: municipality, vintage, code version.

    ``unusual`` is by indicator id, for those that have a funnel.
    """

    code: str
    name: str
    vintage: str
    code_version: str
    comparisons: tuple[Comparison, ...]
    unusual: Mapping[str, Unusual]


def compare(
    warehouse: Warehouse,
    home: str,
    groups: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    year: int | None = None,
) -> Benchmark:
    """Compare a municipality with its groups.

    Parameters
    ----------
    home
        Four-digit municipality code.
    groups
        Group keys (see `queries.Group`); default all the municipality has.
    indicators
        Indicator ids; default all that can be compared (reported crimes and survey answers).
    year
        Default: the latest year that the municipality has, for each indicator.

    Raises
    ------
    NotFoundError
        For a municipality, group, indicator or year that is not in the warehouse.
    """
    name = municipality_name(warehouse, home)
    chosen_groups = _chosen_groups(warehouse, home, groups)
    comparisons: list[Comparison] = []
    chosen = _chosen_indicators(warehouse, indicators)
    values = queries.yearly_of(warehouse, [indicator["id"] for indicator in chosen])
    for indicator in chosen:
        found = _compare_indicator(indicator, values[indicator["id"]], home, chosen_groups, year)
        if not found and indicators:
            when = f" år {year}" if year else ""
            raise NotFoundError(f"{indicator['id']} har inget värde för {name}{when}.")
        comparisons += found
    if year and not comparisons:
        raise NotFoundError(f"Inga uppgifter för {name} år {year}.")
    return Benchmark(
        home,
        name,
        warehouse.vintage,
        warehouse.meta("code_version"),
        tuple(comparisons),
        _unusual(comparisons, values, home),
    )


def _unusual(
    comparisons: Sequence[Comparison], values: Mapping[str, pl.DataFrame], home: str
) -> dict[str, Unusual]:
    years = {c.indicator_id: c.home.year for c in comparisons if c.kind == "reported"}
    funnels = {key: funnel_of(values[key], home, year) for key, year in years.items()}
    found = {key: funnel for key, funnel in funnels.items() if funnel is not None}
    adjusted = q_values([funnel.p_value for funnel in found.values()])
    return {
        key: Unusual(funnel.ratio, funnel.p_value, float(q))
        for (key, funnel), q in zip(found.items(), adjusted, strict=True)
    }


def municipality_name(warehouse: Warehouse, code: str) -> str:
    """Return the name of a municipality, or raise `NotFoundError`."""
    rows = warehouse.frame("SELECT name FROM municipality WHERE code = ?", [code])
    if rows.is_empty():
        raise NotFoundError(f"Det finns ingen kommun med koden {code}.")
    return str(rows["name"][0])


def _chosen_groups(warehouse: Warehouse, home: str, keys: Sequence[str] | None) -> list[Group]:
    available = queries.groups(warehouse, home)
    if keys is None:
        return available
    by_key = {group.key: group for group in available}
    missing = [key for key in keys if key not in by_key]
    if missing:
        raise NotFoundError(f"Okänd jämförelsegrupp: {', '.join(missing)}. Välj bland {', '.join(by_key)}.")
    return [by_key[key] for key in keys]


def _chosen_indicators(warehouse: Warehouse, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    available = queries.indicators(warehouse).filter(pl.col("kind").is_in(["reported", "survey"]))
    if ids is None:
        return available.to_dicts()
    by_id = {row["id"]: row for row in available.to_dicts()}
    missing = [wanted for wanted in ids if wanted not in by_id]
    if missing:
        raise NotFoundError(f"Okänt nyckeltal: {', '.join(missing)}. Välj bland {', '.join(by_id)}.")
    return [by_id[wanted] for wanted in ids]


def _compare_indicator(
    indicator: dict[str, Any],
    values: pl.DataFrame,
    home: str,
    groups: Iterable[Group],
    year: int | None,
) -> list[Comparison]:
    own = values_of(values, home, indicator["kind"])
    if year is None and own:
        year = own[-1].year
    here = next((value for value in own if value.year == year), None)
    if here is None:
        return []
    known = values.filter(
        (pl.col("year") == year) & pl.col("rate").is_not_null() & ~pl.col("code").str.starts_with("00")
    )
    rates = dict(zip(known["code"], known["rate"], strict=True))
    before = next((value for value in own if value.year == here.year - 1), None)
    country = next(
        (v.rate for v in values_of(values, COUNTRY_CODE, indicator["kind"]) if v.year == here.year), None
    )
    found = []
    for group in groups:
        members = {code: rates[code] for code in group.members if code in rates}
        if not members:
            continue
        spread = group_spread(list(members.values()))
        detectable = _detectable(here, spread, indicator["kind"])
        found.append(
            Comparison(
                indicator_id=indicator["id"],
                short=indicator["short_sv"],
                title=indicator["title_sv"],
                unit=indicator["unit"],
                kind=indicator["kind"],
                group=group,
                home=here,
                members=members,
                spread=spread,
                rank=rank_from_top(here.rate, [rate for code, rate in rates.items() if code != home]),
                ranked=len(rates),
                detectable=detectable,
                judgement=judge(here.rate, here.interval, spread, detectable),
                change=_change(before, here),
                country=country,
            )
        )
    return found


def values_of(values: pl.DataFrame, code: str, kind: str) -> list[Value]:
    """Return an area's values in order of year; years without a value are left out.

    Parameters
    ----------
    values
        A frame as `queries.yearly` returns it.
    kind
        The indicator's kind: reported crimes get Poisson intervals, surveys their own margins.
    """
    rows = values.filter((pl.col("code") == code) & pl.col("rate").is_not_null()).sort("year")
    return [
        Value(
            row["year"],
            row["rate"],
            row["count"],
            row["count_basis"],
            row["population"],
            _interval(row, kind),
        )
        for row in rows.iter_rows(named=True)
    ]


def _interval(row: dict[str, Any], kind: str) -> Interval | None:
    if kind == "survey":
        limits = (row["lower"], row["upper"])
        return None if None in limits else Interval(*limits)
    count, rate = row["count"], row["rate"]
    if count is None:
        return None
    # The rate's own denominator, also where the count is approximate or the population unknown.
    population = row["population"] or (count * PER / rate if rate else None)
    return rate_interval(count, population) if population else None


def _detectable(home: Value, spread: GroupSpread, kind: str) -> float | None:
    if kind != "reported" or not home.population:
        return None
    return detectable_ratio(spread.median * home.population / PER)


def _change(before: Value | None, after: Value) -> CountChange | None:
    """Compare with the year before; only whole counts can be tested."""
    if before is None or before.count is None or after.count is None:
        return None
    if "approximate" in {before.count_basis, after.count_basis}:
        return None
    return count_change(before.count, after.count, before.population or 1.0, after.population or 1.0)


def trend(
    values: pl.DataFrame, home: str, members: Sequence[str], kind: str
) -> tuple[list[Value], pl.DataFrame]:
    """Return the home municipality's values and, by year, the group's quartiles.

    The frame has columns year, lower_quartile, median, upper_quartile, n.
    """
    group = (
        values.filter(pl.col("code").is_in(list(members)) & pl.col("rate").is_not_null())
        .group_by("year")
        .agg(
            lower_quartile=pl.col("rate").quantile(0.25, "linear"),
            median=pl.col("rate").median(),
            upper_quartile=pl.col("rate").quantile(0.75, "linear"),
            n=pl.len(),
        )
        .sort("year")
    )
    return values_of(values, home, kind), group


def marker(values: Sequence[Value], breaks: Sequence[SeriesBreak]) -> Marker | None:
    """Return the trend marker of the last five years.

    None where they are not five in a row, one has no interval, or a series break falls among them.
    """
    last = list(values)[-MARKER_YEARS:]
    years = [value.year for value in last]
    limits = [value.interval for value in last if value.interval]
    in_a_row = len(years) == MARKER_YEARS and years[-1] - years[0] == MARKER_YEARS - 1
    if not in_a_row or len(limits) < MARKER_YEARS:
        return None
    if any(years[0] < item.date.year <= years[-1] for item in breaks):
        return None
    return trend_marker([v.rate for v in last], [i.lower for i in limits], [i.upper for i in limits])


def flat_rows(benchmark: Benchmark) -> list[dict[str, Any]]:
    """Return one flat row a comparison, for tables and CSV; codes are text, rates unrounded."""
    return [_flat_row(benchmark, c, benchmark.unusual.get(c.indicator_id)) for c in benchmark.comparisons]


def _flat_row(benchmark: Benchmark, c: Comparison, unusual: Unusual | None) -> dict[str, Any]:
    return {
        "kommun": benchmark.code,
        "kommunnamn": benchmark.name,
        "nyckeltal": c.indicator_id,
        "titel": c.title,
        "enhet": c.unit,
        "år": c.home.year,
        "antal": c.home.count,
        "antal_grund": c.home.count_basis,
        "medelfolkmängd": c.home.population,
        "värde": c.home.rate,
        "nedre_95": c.home.interval.lower if c.home.interval else None,
        "övre_95": c.home.interval.upper if c.home.interval else None,
        "rang": c.rank,
        "rang_av": c.ranked,
        "grupp": c.group.key,
        "gruppnamn": c.group.label,
        "gruppens_antal": c.spread.n,
        "gruppens_lägsta": c.spread.minimum,
        "gruppens_nedre_kvartil": c.spread.lower_quartile,
        "gruppens_median": c.spread.median,
        "gruppens_övre_kvartil": c.spread.upper_quartile,
        "gruppens_högsta": c.spread.maximum,
        "riket": c.country,
        "kvot_mot_typisk_kommun": unusual.ratio if unusual else None,
        "tratt_p": unusual.p_value if unusual else None,
        "tratt_q": unusual.q_value if unusual else None,
        "minsta_upptäckbara_kvot": c.detectable,
        "bedömning": c.verdict.value,
        "skäl": c.judgement.reason.value,
        "förändring_antal": c.change.difference if c.change else None,
        "förändring_p": c.change.p_value if c.change else None,
        "datalager": benchmark.vintage,
    }


def to_json(benchmark: Benchmark) -> str:
    """Return the benchmark as JSON with all its numbers."""
    return json.dumps(asdict(benchmark), ensure_ascii=False, indent=2, default=str) + "\n"


def to_csv(benchmark: Benchmark) -> str:
    """Return one row a comparison as CSV (comma, decimal point, UTF-8)."""
    rows = flat_rows(benchmark)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]) if rows else ["kommun"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def to_markdown(benchmark: Benchmark) -> str:
    """Return a Swedish table in Markdown."""
    heads = (
        "Nyckeltal",
        "År",
        "Antal",
        "Värde",
        "95 %-intervall",
        "Jämfört med",
        "Gruppens 25–75 %",
        "Plats",
        "Bedömning",
    )
    lines = [
        f"# {queries.municipality_label(benchmark.name)}",
        "",
        f"Datalager {benchmark.vintage}",
        "",
    ]
    lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for c in benchmark.comparisons:
        decimals = 1 if c.unit == "percent" else 0
        limits = (
            format_interval(c.home.interval.lower, c.home.interval.upper, decimals)
            if c.home.interval
            else "–"
        )
        cells = (
            c.short, str(c.home.year), number(c.home.count) if c.home.count is not None else "–",
            number(c.home.rate, decimals), limits, c.group.label,
            format_interval(c.spread.lower_quartile, c.spread.upper_quartile, decimals),
            f"{c.rank} av {c.ranked}", c.verdict.value,
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
