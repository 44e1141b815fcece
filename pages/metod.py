"""Metod: every figure explained, for a politician first and a statistician below."""

from collections import Counter

import streamlit as st

from lagesbild.comparison import benchmark, verdicts
from lagesbild.comparison.panel import Panel
from lagesbild.comparison.words import LEVELS
from lagesbild.config import ROOT
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.hotspots import alarms, forecast, hindsight, reported, words
from lagesbild.hotspots.flags import BUDGET
from lagesbild.statistics.expected import Model
from lagesbild.statistics.rule import Level
from lagesbild.swedish import interval, number
from pages.parts import choices, stored

#: The broadest measures; all others are judged in the same way.
_SHOWN = ("N07540", "N07403")
_NAMES = {"county": "Länets andra kommuner"}


def _recovery(warehouse: Warehouse) -> str:
    frame = queries.count_bases(warehouse)
    found = dict(zip(frame["count_basis"], frame["values"], strict=True))
    return (
        f"I det här datalagret är {number(found.get('recovered', 0))} antal återskapade exakt och "
        f"{number(found.get('approximate', 0))} ungefärliga."
    )


@st.cache_data(max_entries=3, show_spinner="Räknar ut alla kommuners bedömningar ...")
def _levels(vintage: str, _panel: Panel) -> list[tuple[str, str, int, dict[str, int]]]:
    """Count the levels of all municipalities: indicator, group, year and how many of each."""
    del vintage  # only a key
    found = []
    for key in _SHOWN:
        rows = _panel.values[key] if key in _panel.indicators else None
        if rows is None or not rows.height:
            continue
        year = int(rows["year"].max())  # type: ignore[arg-type]
        for kind, one in _panel.kinds.items():
            if one.counted and (judged := verdicts.levels(_panel, key, kind, year)):
                found.append((key, kind, year, dict(Counter(level.value for level in judged.values()))))
    return found


def _level_table(warehouse: Warehouse, panel: Panel) -> str:
    found = _levels(warehouse.vintage, panel)
    lines = ["| Nyckeltal | Jämfört med | Kommuner | " + " | ".join(LEVELS[level] for level in Level) + " |"]
    lines.append("|---|---|" + "---:|" * (len(Level) + 1))
    for key, kind, year, counted in found:
        name = _NAMES.get(kind) or panel.kinds[kind].label.replace(" {}", "")
        cells = [number(counted.get(level.value, 0)) for level in Level]
        lines.append(
            f"| {panel.indicators[key].short} {year} | {name} | {number(sum(counted.values()))} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) if found else "Det här datalagret saknar uppgifter för en sådan tabell."


@st.cache_data(max_entries=8, show_spinner=False)
def _models(vintage: str, home: str, _panel: Panel) -> dict[str, Model]:
    """Return the fitted models behind a municipality's expected values, by indicator."""
    del vintage  # only a key
    usual = [key for key in _panel.standard if key in queries.FIRST_MEASURES and _panel.years(key, home)]
    found = (
        benchmark.compare(_panel.warehouse, home, indicators=usual, panel=_panel, changes=False)
        if usual
        else None
    )
    if found is None:
        return {}
    return {key: facts.expected.model for key, facts in found.facts.items() if facts.expected is not None}


def _model_table(warehouse: Warehouse, panel: Panel) -> str:
    home = stored.default_municipality(warehouse)
    if home not in panel.place or not (models := _models(warehouse.vintage, home, panel)):
        return "Det här datalagret saknar uppgifter för en modell."
    used = next(iter(models.values())).names
    heads = ["Nyckeltal", "Kommuner", *used, "Spridning (α)", "Pearson", "Utanför sitt spann"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for key, model in models.items():
        ratios = [f"{number(r, 2)} ({interval(low, high, 2)})" for r, low, high in model.ratios]
        cells = [
            panel.indicators[key].short,
            number(model.n),
            *ratios,
            number(model.dispersion, 3),
            number(model.pearson, 2),
            f"{number(100 * model.outside, 1)} %",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return f"Modellerna utan {panel.names[home]}:\n\n" + "\n".join(lines)


@st.cache_data(max_entries=4, show_spinner=False)
def _hindsight(vintage: str, home: str, _warehouse: Warehouse) -> str:
    """Tell what flags on reported crimes would have been worth, in all municipalities."""
    del vintage  # only a key
    found = hindsight.of_reported(alarms.watch_of(_warehouse, home), BUDGET)
    return hindsight.told_reported(found) if found else "Det finns för få kvartal att pröva i efterhand."


@st.cache_data(max_entries=4, show_spinner="Spelar upp flaggorna i efterhand ...")
def _notices_in_hindsight(vintage: str, county: str, _warehouse: Warehouse) -> str:
    """Tell what flags on notices would have been worth in a county."""
    del vintage  # only a key
    found = hindsight.of_counties(_warehouse, BUDGET, county)
    return (
        hindsight.told_notices(found, BUDGET)
        if found
        else "Det finns för få månader med notiser att pröva i efterhand."
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _forecasts(vintage: str, _warehouse: Warehouse) -> str:
    """Tell how the forecasts of past quarters went."""
    del vintage  # only a key
    crimes = reported.of_warehouse(_warehouse)
    found = forecast.forecast(crimes) if crimes else None
    return words.tried_text(found.tried) if found else "Det finns för få kvartal för en prognos."


def _page() -> None:
    warehouse = stored.warehouse()
    panel = choices.panel(warehouse, stored.default_municipality(warehouse))
    text = (ROOT / "docs" / "metod.md").read_text("utf-8")
    filled = {
        "återskapade": _recovery(warehouse),
        "utfall": _level_table(warehouse, panel),
        "modeller": _model_table(warehouse, panel),
        "efterhand": _hindsight(warehouse.vintage, stored.default_municipality(warehouse), warehouse),
        "prognos": _forecasts(warehouse.vintage, warehouse),
    }
    for name, found in filled.items():
        text = text.replace("{{" + name + "}}", found)
    st.markdown(text)
    county = stored.default_municipality(warehouse)[:2]
    if st.button("Pröva larm på polisens notiser i efterhand (några sekunder)", key="hindsight_notices"):
        told = _notices_in_hindsight(warehouse.vintage, county, warehouse)
        st.markdown(f"{reference.counties()[county]}: {told}")


_page()
