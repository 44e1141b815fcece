"""A benchmark as JSON (everything), CSV (one row a comparison) and Markdown (to read)."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lagesbild.comparison import benchmark as comparing
from lagesbild.comparison import robustness, words
from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.statistics.rule import ChangeWord, Level
from lagesbild.swedish import interval as format_interval
from lagesbild.swedish import number, spreadsheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.comparison.benchmark import Benchmark, Change, Comparison, Facts
    from lagesbild.comparison.everyone import Everyone
    from lagesbild.comparison.panel import Panel


def to_json(found: Benchmark, panel: Panel) -> str:
    """Return everything a page shows, with all its numbers; what is not finite becomes null."""
    content = {
        "code": found.code,
        "name": found.name,
        "vintage": found.vintage,
        "code_version": found.code_version,
        "indicators": {key: _indicator(found, panel, facts) for key, facts in found.facts.items()},
        "comparisons": [_comparison(found, panel, c) for c in found.comparisons],
    }
    return json.dumps(_finite(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _indicator(found: Benchmark, panel: Panel, facts: Facts) -> dict[str, Any]:
    same = [c for c in found.comparisons if c.indicator_id == facts.indicator.id]
    counted = robustness.count(same)
    source = queries.provenance(panel.warehouse, facts.indicator.id)
    years = robustness.by_year(
        panel, found.code, [c.group for c in same], facts.indicator.id, facts.home.year
    )
    known = asdict(facts) | asdict(facts.modelled())
    del known["indicator"], known["modelled"]
    one = facts.indicator
    return {
        "indicator_id": one.id,
        "short": one.short,
        "title": one.title,
        "unit": one.unit,
        "kind": one.kind,
        **known,
        "dispersion": asdict(panel.dispersion(facts.indicator.id, found.code)),
        "levels": counted and {"of": counted.of, **{level.value: n for level, n in counted.by_level.items()}},
        "levels_by_year": years,
        "expected_text": words.expected_text(facts, found.name),
        "source": {**asdict(source), "fetched_on": source.fetched_on.isoformat()},
    }


def _comparison(found: Benchmark, panel: Panel, c: Comparison) -> dict[str, Any]:
    breaks = panel.breaks(c.indicator_id)
    values, group = comparing.trend(panel, c.indicator_id, found.code, list(c.assessed.members))
    dispersion = panel.dispersion(c.indicator_id, found.code)
    marker = comparing.marker(values, breaks, None if c.facts.indicator.is_survey else dispersion)
    against = comparing.against_group(values, group, breaks)
    return {
        "indicator_id": c.indicator_id,
        "title": c.facts.indicator.title,
        "unit": c.facts.unit,
        "home": asdict(c.home),
        "rank": c.facts.rank,
        "ranked": c.facts.ranked,
        "group": asdict(c.group),
        **verdict(c),
        **asdict(c.assessed),
        "more_than_group": c.more_than_group,
        "answer": words.answer(c, found.name),
        "headline": words.headline(c, found.name, comparing.without_police(panel, found.code, c)),
        "certainty": words.certainty(c, found.name),
        "trend": marker and asdict(marker),
        "trend_against_group": against and asdict(against),
        "methods": [asdict(m) for m in robustness.methods(panel, found.code, c)],
    }


def verdict(c: Comparison) -> dict[str, Any]:
    """Return the answer to one comparison: level, ratio, rarity and change, with their numbers."""
    standing = c.assessed.standing
    return {
        "level": c.level.value,
        "ratio": c.assessed.judgement.ratio,
        "rarity": {"p": standing.p_value if standing else None, "unusual": c.assessed.unusual},
        "change": _change(c.facts.change),
        "change_five_years": _change(c.facts.five_years),
        "rank": c.facts.rank,
        "ranked": c.facts.ranked,
    }


def _change(change: Change | None) -> dict[str, Any]:
    return {
        "word": change.word.value if change else ChangeWord.NONE.value,
        "z": change.z if change else None,
        "difference": change.difference if change else None,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def flat_rows(found: Benchmark) -> list[dict[str, Any]]:
    """Return one flat row a comparison, for tables and CSV; codes are text, rates unrounded."""
    return [_flat_row(found, c) for c in found.comparisons]


def _flat_row(found: Benchmark, c: Comparison) -> dict[str, Any]:
    facts, home, assessed, standing = c.facts, c.home, c.assessed, c.assessed.standing
    return {
        "kommun": found.code,
        "kommunnamn": found.name,
        "kod": found.code,
        "nyckeltal": facts.indicator.id,
        "titel": facts.indicator.title,
        "enhet": facts.unit,
        "år": home.year,
        "antal": home.count,
        "antal_grund": home.count_basis,
        "medelfolkmängd": home.exposure,
        "värde": home.rate,
        "nedre_95": home.interval.lower if home.interval else None,
        "övre_95": home.interval.upper if home.interval else None,
        "rang": facts.rank,
        "rang_av": facts.ranked,
        "utjämnat_värde": facts.smoothed,
        "tre_år_värde": facts.pooled.rate if facts.pooled else None,
        "väntat_antal": facts.expected.expected if facts.expected else None,
        "väntat_nedre_95": facts.expected.lower if facts.expected else None,
        "väntat_övre_95": facts.expected.upper if facts.expected else None,
        "grupp": c.group.key,
        "gruppnamn": c.group.label,
        "gruppens_antal": assessed.spread.n,
        "gruppens_lägsta": assessed.spread.minimum,
        "gruppens_nedre_kvartil": assessed.spread.lower_quartile,
        "gruppens_median": assessed.spread.median,
        "gruppens_övre_kvartil": assessed.spread.upper_quartile,
        "gruppens_högsta": assessed.spread.maximum,
        "riket": facts.country,
        "kvot_mot_gruppen": assessed.judgement.ratio,
        "fler_än_gruppen": c.more_than_group,
        "vanligt_nedre_95": standing.lower if standing else None,
        "vanligt_övre_95": standing.upper if standing else None,
        "vanligt_nedre_998": standing.far_lower if standing else None,
        "vanligt_övre_998": standing.far_upper if standing else None,
        "p": standing.p_value if standing else None,
        "ovanligt_långt": assessed.unusual,
        "minsta_upptäckbara_kvot": _finite(assessed.judgement.detectable),
        "bedömning": words.LEVELS[c.level],
        "z": assessed.judgement.z,
        "skäl": assessed.judgement.reason.value,
        "förändring_antal": facts.change.difference if facts.change else None,
        "förändring": facts.change.word.value if facts.change else None,
        "förändring_z": facts.change.z if facts.change else None,
        "datalager": found.vintage,
    }


def to_csv(found: Benchmark) -> str:
    """Return one row a comparison, as Swedish spreadsheets open it."""
    rows = flat_rows(found)
    heads = list(rows[0]) if rows else ["kommun"]
    return spreadsheet(heads, (list(row.values()) for row in rows))


def to_markdown(found: Benchmark) -> str:
    """Return Swedish sentences and a table in Markdown."""
    lines = [f"# {reference.full_name(found.code, found.name)}", "", f"Datalager {found.vintage}", ""]
    for key, facts in found.facts.items():
        same = [c for c in found.comparisons if c.indicator_id == key]
        if not same:
            continue
        counted = robustness.count(same)
        lines += [
            f"## {facts.short}",
            "",
            f"{words.answer(same[0], found.name)}. {words.headline(same[0], found.name)}",
            "",
        ]
        told = [words.count_text(counted) if counted else "", words.expected_text(facts, found.name)]
        lines += [text for part in told if part for text in (part, "")]
        lines += _table(found, same)
    return "\n".join(lines) + "\n"


def _table(found: Benchmark, comparisons: list[Comparison]) -> list[str]:
    heads = (
        "Kommun",
        "Kod",
        "Jämfört med",
        "Kommuner",
        "År",
        "Antal",
        "Värde",
        "95 %-intervall",
        "Gruppens median",
        "Det vanliga",
        "1 av",
        "Plats",
        "Bedömning",
    )
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for c in comparisons:
        home, standing, places = c.home, c.assessed.standing, words.decimals(c.facts.unit)
        cells = (
            found.name,
            found.code,
            c.group.label,
            number(c.assessed.spread.n),
            str(home.year),
            number(home.count) if home.count is not None else "–",
            number(home.rate, places),
            format_interval(home.interval.lower, home.interval.upper, places) if home.interval else "–",
            number(c.assessed.spread.median, places),
            format_interval(standing.lower, standing.upper, places) if standing else "–",
            number(1 / standing.p_value) if standing and standing.p_value else "–",
            f"{c.facts.rank} av {c.facts.ranked}",
            words.LEVELS[c.level],
        )
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def of_everyone(panel: Panel, indicator: str, group: str, year: int | None = None) -> list[dict[str, Any]]:
    """Return the answer for every municipality on one indicator against its group of a kind, one entry each.

    Those without a value of the year, or without such a group, are left out.

    Raises
    ------
    benchmark.NotFoundError
        For an unknown indicator or kind of group.
    """
    if group not in panel.kinds:
        raise comparing.NotFoundError(f"Okänd jämförelsegrupp: {group}. Välj bland {', '.join(panel.kinds)}.")
    rows = []
    for home, name in panel.names.items():
        years = panel.years(indicator, home) if indicator in panel.indicators else [0]
        if not years or (year is not None and year not in years) or home not in panel.kinds[group].members_of:
            continue
        found = comparing.compare(panel.warehouse, home, [group], [indicator], year, panel).comparisons
        rows += [
            {
                "code": home,
                "name": name,
                "indicator": indicator,
                "group": group,
                "year": c.home.year,
                "count": c.home.count,
                "value": c.home.rate,
                **verdict(c),
            }
            for c in found
        ]
    return rows


def rows_of(found: Everyone) -> list[dict[str, Any]]:
    """Return `of_everyone`'s rows from answers that are already there; what cannot be judged is left out."""
    return [
        {
            "code": one.code,
            "name": one.name,
            "indicator": found.indicator,
            "group": found.kind,
            "year": found.year,
            "count": one.value.count,
            "value": one.value.rate,
            "level": one.level.value,
            "ratio": one.ratio,
            "rarity": {"p": one.p_value, "unusual": one.unusual},
            "change": _change(one.change),
            "rank": one.rank,
            "ranked": found.ranked,
        }
        for one in found.ones
        if one.value is not None and one.level is not None
    ]


def everyone_as_json(rows: list[dict[str, Any]]) -> str:
    """Return what `of_everyone` does as JSON; what is not finite becomes null."""
    return json.dumps(_finite(rows), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def everyone_as_csv(rows: list[dict[str, Any]]) -> str:
    """Return what `of_everyone` does as Swedish CSV: semicolon, decimal comma, byte order mark."""
    heads = (
        "Kod",
        "Kommun",
        "Nyckeltal",
        "Grupp",
        "År",
        "Antal",
        "Värde",
        "Plats",
        "Av",
        "Bedömning",
        "Kvot mot gruppen",
        "p",
        "Ovanligt långt",
        "Förändring",
        "Förändring, antal",
        "Förändring, z",
    )
    return spreadsheet(heads, (_everyone_cells(row) for row in rows))


def _everyone_cells(row: Mapping[str, Any]) -> tuple[Any, ...]:
    rarity, change = row["rarity"], row["change"]
    return (
        row["code"],
        row["name"],
        row["indicator"],
        row["group"],
        row["year"],
        row["count"],
        row["value"],
        row["rank"],
        row["ranked"],
        words.LEVELS[Level(row["level"])],
        row["ratio"],
        rarity["p"],
        bool(rarity["unusual"]),
        words.CHANGES[ChangeWord(change["word"])],
        change["difference"],
        change["z"],
    )
