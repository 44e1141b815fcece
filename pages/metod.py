"""Metod: every figure explained, in short parts; the contents first, and one part at a time by its address."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

import streamlit as st
from markupsafe import Markup

from lagesbild.comparison import benchmark, verdicts
from lagesbild.comparison.panel import Panel
from lagesbild.comparison.words import LEVELS
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.hotspots import alarms, forecast, hindsight, reported, words
from lagesbild.hotspots.flags import BUDGET
from lagesbild.statistics.expected import Model
from lagesbild.statistics.rule import Level
from lagesbild.swedish import interval, number
from pages.parts import choices, markup, stored, terms
from pages.parts.method import PAGE, PARAMETER, Part, contents, parts, with_links

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


def _levels_told(warehouse: Warehouse) -> str:
    # It tells of the rule, not of a reader's choice.
    return _level_table(warehouse, choices.usual_panel(warehouse))


def _models_told(warehouse: Warehouse) -> str:
    return _model_table(warehouse, choices.usual_panel(warehouse))


def _flags_told(warehouse: Warehouse) -> str:
    return _hindsight(warehouse.vintage, stored.default_municipality(warehouse), warehouse)


def _forecasts_told(warehouse: Warehouse) -> str:
    return _forecasts(warehouse.vintage, warehouse)


#: What the placeholders of the texts are filled with: worked out for the part that is shown alone.
_FILLED: dict[str, Callable[[Warehouse], str]] = {
    "återskapade": _recovery,
    "utfall": _levels_told,
    "modeller": _models_told,
    "efterhand": _flags_told,
    "prognos": _forecasts_told,
}


def _filled(text: str) -> str:
    return re.sub(r"{{(\w+)}}", lambda found: _FILLED[found[1]](stored.warehouse()), text)


def _list(shown: Iterable[Part]) -> None:
    st.html(
        Markup("<ul>{}</ul>").format(
            Markup().join(
                Markup("<li style='padding:.25rem 0'><a href='{}'>{}</a><br>{}</li>").format(
                    part.address, part.title, part.about
                )
                for part in shown
            )
        )
    )


def _contents() -> None:
    markup.page_title("Metod")
    st.title("Metod")
    st.markdown(
        "Här står hur varje siffra räknas, i korta delar. Ord som du inte känner igen finns i "
        + with_links("[ordlistan](ordlista)."),
        unsafe_allow_html=True,
    )
    for heading, shown in contents().items():
        st.header(heading)
        _list(shown)


def _part(part: Part) -> None:
    markup.page_title("Metod", part.title)
    st.title(part.title)
    st.html(Markup("<p><a href='{}' target='_self'>Metod: alla delar</a></p>").format(PAGE))
    terms.show_markdown(with_links(_filled(part.text)))
    if part.key == "notiser":
        _try_notices()
    _next(part)


def _try_notices() -> None:
    """Let the reader see for the own county what alarms on notices would have been worth."""
    if st.button("Pröva larm på polisens notiser i efterhand (några sekunder)", key="hindsight_notices"):
        warehouse = stored.warehouse()
        county = stored.default_municipality(warehouse)[:2]
        told = _notices_in_hindsight(warehouse.vintage, county, warehouse)
        st.markdown(f"{reference.counties()[county]}: {told}")


def _next(part: Part) -> None:
    """Link to the part before and the one after it."""
    order = list(parts().values())
    at = order.index(part)
    beside = [("Förra delen", order[at - 1])] if at else []
    beside += [("Nästa del", order[at + 1])] if at + 1 < len(order) else []
    st.html(
        Markup("<p>{}</p>").format(
            Markup("<br>").join(
                Markup("{}: <a href='{}'>{}</a>").format(told, other.address, other.title)
                for told, other in beside
            )
        )
    )


def _page() -> None:
    asked = st.query_params.get(PARAMETER)
    if asked in parts():
        _part(parts()[asked])
        return
    if asked:
        st.warning("Den delen av Metod finns inte. Välj en av dem nedan.")
    _contents()


_page()
