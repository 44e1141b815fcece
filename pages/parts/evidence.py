"""The evidence behind the first page's answer, one question a tab."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.answers.leads import UNTOLD, Topic
from lagesbild.charts.inline import place_in_group, sparkline
from lagesbild.comparison import benchmark, robustness, words
from lagesbild.comparison.groups import groups
from lagesbild.data.crimes import SOL_TOTAL, parts_of
from lagesbild.data.warehouse import queries
from lagesbild.figures.model import ChartError
from lagesbild.statistics.rule import Level
from lagesbild.swedish import between, genitive, interval, number
from lagesbild.trends import words as trend_words
from lagesbild.trends.contribution import years_of
from pages.parts import choices, figure, markup, sources
from pages.parts.trend import yearly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from markupsafe import Markup

    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.comparison.panel import Panel
    from lagesbild.data.crimes import Tree
    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.register import ChartContext

_OUT = {Level.HIGHER, Level.LOWER}
#: Larger groups are not named one by one.
_MOST_NAMED = 63
_SURVEY_TEXT = (
    "Brå frågar varje år i Nationella trygghetsundersökningen (NTU), och redovisar svaren för polisregioner och "
    "lokalpolisområden på bra.se. Många kommuner frågar också själva: be kommunens trygghetssamordnare om den senaste mätningen."
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the first page is about: the municipality, the chosen comparison, and the same measure with all groups.

    ``key`` is what answers are kept under: vintage, weights, own list.
    """

    warehouse: Warehouse
    drawn_from: ChartContext
    tree: Tree
    home: str
    main: Comparison
    same: list[Comparison]
    key: tuple[str, ...]

    @property
    def panel(self) -> Panel:
        """All municipalities."""
        return self.drawn_from.panel

    @property
    def name(self) -> str:
        """The municipality's name."""
        return self.drawn_from.names[self.home]


def development(shown: Shown) -> None:
    """Show the years with the group, five years back, the quarters so far, and the long view."""
    main = shown.main
    told = [words.five_years_text(main.facts)]
    if main.facts.indicator.is_total:
        long_view = SOL_TOTAL in shown.panel.indicators
        values = benchmark.values_of(shown.panel, SOL_TOTAL, shown.home) if long_view else []
        told += [
            trend_words.quarters_text(queries.quarterly(shown.warehouse, SOL_TOTAL, shown.home)),
            trend_words.long_view_text(values),
        ]
    markup.paragraph(" ".join(text for text in told if text))
    yearly(
        shown.drawn_from,
        main.indicator_id,
        shown.home,
        main.group.key,
        already_said=words.change_text(main.facts),
    )
    sources.source_line(shown.warehouse, main.indicator_id)
    markup.link("Fler brottstyper, kvartal och månader finns på sidan Trender", "trender")


def drivers(shown: Shown) -> None:
    """Split the change between two years that the reader chooses into crime types."""
    indicator = shown.main.indicator_id
    whole, _ = parts_of(shown.tree, indicator, shown.panel.indicators.keys())
    years = years_of(shown.panel, shown.home, whole)
    if len(years) < 2:
        markup.paragraph("Det finns inte två år med antal att jämföra.")
        return
    now = shown.main.home.year if shown.main.home.year in years[1:] else years[-1]
    drawn = st.container()  # the answer is seen first, then what else can be asked
    picks = st.container(key="picks_years").columns(2)
    with picks[0]:
        earlier = {year: str(year) for year in years[:-1]}
        first = choices.choose("Från år", earlier, "fran", default=years[years.index(now) - 1])
    later = {year: str(year) for year in years if year > first}
    with picks[1]:
        last = choices.choose("Till år", later, "till", default=now)
    asked: dict[str, str | int] = {"home": shown.home, "indicator": indicator}
    try:
        chart = figure.built(shown.drawn_from, "contribution", asked | {"first": first, "last": last})
    except ChartError as error:
        markup.paragraph(str(error))
        return
    with drawn:
        figure.heading(chart)
        figure.plot(chart, "contribution_chart")
    figure.below(chart, "contribution")
    long_ago = last - benchmark.LONG_AGO
    if first != long_ago:
        with suppress(ChartError):
            longer = figure.built(shown.drawn_from, "contribution", asked | {"first": long_ago, "last": last})
            markup.paragraph(f"På fem år: {longer.title}.")
    if not shown.tree.types:
        markup.note(
            "Vilka de övriga brotten är går inte att säga än: brottstyperna ur Brås databas är inte hämtade."
        )
    sources.source_line(shown.warehouse, whole)


@st.cache_resource(max_entries=512, show_spinner="Räknar ut tidigare års bedömningar ...")
def _by_year(
    *, key: tuple[str, ...], home: str, indicator: str, last: int, _panel: Panel
) -> dict[int, dict[str, Level]]:
    del key
    return robustness.by_year(_panel, home, groups(_panel.kinds.values(), home), indicator, last)


def _level(level: Level) -> Markup:
    return markup.verdict(f"{words.SYMBOLS[level]} {words.LEVELS[level]}", up=level is Level.HIGHER)


def compared(shown: Shown) -> None:
    """Show who is in the chosen group and why, all groups in one picture, and the verdicts of earlier years."""
    main = shown.main
    markup.section("Vilka jämförs vi med, och varför?", "vilka")
    members = [shown.drawn_from.names[code] for code in main.assessed.members]
    listed = f" Kommunerna är {', '.join(members)}." if len(members) <= _MOST_NAMED else ""
    markup.paragraph(f"{main.group.label}.{listed} {main.group.why}")
    markup.link("Mer om grupperna, och egna val, finns på sidan Jämförelsegrupp", "jamforelsegrupp")
    figure.show(
        shown.drawn_from, "comparisons", "comparisons", {"home": shown.home, "indicator": main.indicator_id}
    )
    markup.paragraph(words.groups_text(shown.same))
    markup.note(words.country_text(main.facts))
    _earlier(shown)


@st.fragment
def _earlier(shown: Shown) -> None:
    earlier = markup.folded("Tidigare års bedömningar", "earlier")
    if earlier.open:
        with earlier:
            _year_by_year(shown)


def _year_by_year(shown: Shown) -> None:
    main = shown.main
    years = _by_year(
        key=shown.key, home=shown.home, indicator=main.indicator_id, last=main.home.year, _panel=shown.panel
    )
    heads = [("Jämfört med", ""), *((str(year), "w") for year in years)]
    rows = [
        (
            one.group.label,
            *(
                f"{words.SYMBOLS[level]} {words.LEVELS[level]}" if level is not None else "–"
                for level in (found.get(one.group.key) for found in years.values())
            ),
        )
        for one in shown.same
    ]
    markup.table(heads, rows, "Bedömning mot varje jämförelsegrupp, år för år")


def types(shown: Shown) -> None:
    """Show every measure against the chosen group."""
    main, tree = shown.main, shown.tree
    of_group = list(benchmark.of_group(shown.panel, shown.home, main.group.key))
    of_group += [main] * (main.indicator_id not in shown.panel.standard)
    seen = [c for c in of_group if not c.facts.indicator.is_survey or c.indicator_id == main.indicator_id]
    first = [
        c
        for c in seen
        if c.indicator_id not in tree.types or c.level in _OUT or c.indicator_id == main.indicator_id
    ]
    _by_indicator(shown, first, "Brottstyperna mot den valda gruppen")
    others = [c for c in seen if c not in first]
    if others:
        title = f"Brottstyper som inte säkert skiljer sig från gruppen ({len(others)})"
        with st.expander(title, key="others"):
            _by_indicator(shown, others, "Brottstyper som inte säkert skiljer sig från gruppen")
    markup.note(
        "I gruppen: romben är kommunen med felmarginal, det ljusa fältet gruppens mittersta hälft, det lodräta strecket "
        "medianen och strecket underst det vanliga." + _starred(shown, seen)
    )
    asked: dict[str, str | int] = {"home": shown.home, "group": main.group.key}
    beside = markup.folded("Gruppens kommuner sida vid sida", "beside")
    if beside.open:
        with beside:
            figure.show(shown.drawn_from, "heat-map", "heat_map", asked)
    markup.link("Alla kommuners nyckeltal finns på sidan Vad sticker ut?", "vad-sticker-ut")


def _starred(shown: Shown, found: list[Comparison]) -> str:
    """Explain the star, where there is one."""
    told = " * Upptäcks mest genom polisens eget arbete."
    return told if any(shown.tree.by_police(c.indicator_id) for c in found) else ""


def _by_indicator(shown: Shown, found: list[Comparison], caption: str) -> None:
    heads = [
        ("Brottstyp", ""),
        ("År", "n"),
        ("Antal", "n"),
        ("Värde, med felmarginal", "n"),
        ("I gruppen", ""),
        ("Plats", "n"),
        ("Bedömning", ""),
        ("Alla år", ""),
    ]
    rows = []
    for c in found:
        facts, home, places = c.facts, c.home, words.decimals(c.facts.unit)
        limits = interval(home.interval.lower, home.interval.upper, places) if home.interval else "okänd"
        rows.append(
            (
                facts.short + ("*" if shown.tree.by_police(c.indicator_id) else ""),
                str(home.year),
                number(home.count) if home.count is not None else "–",
                markup.with_why(number(home.rate, places), limits),
                place_in_group(c),
                f"{facts.rank} av {facts.ranked}",
                markup.with_why(_level(c.level), words.explain_level(c)),
                sparkline(facts.values, facts.unit),
            )
        )
    markup.table(heads, rows, caption)


def safety(shown: Shown) -> None:
    """Show what people say of their safety, or say that there are no figures and where they can be had."""
    asked = [key for key in shown.panel.standard if shown.panel.indicators[key].is_survey]
    known = [key for key in asked if shown.panel.years(key, shown.home)]
    if not known:
        markup.paragraph(UNTOLD[Topic.FEELING].format(shown.name))
        markup.paragraph(_SURVEY_TEXT)
        return
    labels = {key: shown.panel.indicators[key].short for key in known}
    first = next((key for key in known if "otrygg" in labels[key].lower()), known[0])
    key = choices.choose("Fråga", labels, "fraga", default=first)
    yearly(shown.drawn_from, key, shown.home, None)
    markup.note(
        "Svaren kommer från ett urval av invånarna. Anmälda brott säger inte hur trygga människor känner sig."
    )
    sources.source_line(shown.warehouse, key)


def certainty(shown: Shown) -> None:
    """Show how sure the answer is: margins, other methods, how unusual among all, what could be expected."""
    main = shown.main
    note = shown.tree.note(main.indicator_id)
    markup.paragraph(f"{words.certainty(main, shown.name)}{f' {note}' if note else ''}")
    markup.paragraph(_smoothed(main, shown.name))
    _by_method(shown)
    _funnel(shown)
    _expected(main, shown.name)
    markup.paragraph(
        "Svaren kommer från ett urval av invånarna."
        if main.facts.indicator.is_survey
        else "Siffrorna gäller brott som anmälts, inte alla brott som begåtts. Ett enda år kan påverkas av enstaka "
        "händelser eller av hur polisen arbetar."
    )
    markup.link("Hur allt räknas står på sidan Metod", "metod")


def _smoothed(comparison: Comparison, name: str) -> str:
    facts, parts = comparison.facts, []
    if facts.pooled is not None and facts.pooled.interval is not None:
        limits = between(facts.pooled.interval.lower, facts.pooled.interval.upper)
        parts.append(
            f"De tre åren {facts.home.year - 2}–{facts.home.year} tillsammans: "
            f"{number(facts.pooled.rate)} per 100\u00a0000 invånare ({limits})."
        )
    if facts.smoothed is not None:
        parts.append(
            f"Utjämnat värde {facts.home.year}: {number(facts.smoothed)}. Då har {genitive(name)} värde flyttats mot det "
            "som gäller i hela landet, mer ju färre brott det bygger på."
        )
    return " ".join(parts)


def _by_method(shown: Shown) -> None:
    found = robustness.methods(shown.panel, shown.home, shown.main)
    if not found:
        return
    rows = [(m.name, _level(m.level), m.how) for m in found]
    with st.expander("Blir svaret ett annat med en annan metod?", key="methods"):
        heads = [("Metod", ""), ("Bedömning", "w"), ("Vad den gör", "")]
        markup.table(heads, rows, "Bedömning med andra metoder")


def _funnel(shown: Shown) -> None:
    main = shown.main
    asked: dict[str, str | int] = {
        "home": shown.home,
        "indicator": main.indicator_id,
        "group": main.group.key,
        "year": main.home.year,
    }
    try:
        whole = figure.built(shown.drawn_from, "funnel", asked)
    except ChartError:  # surveys have none
        return
    markup.section(whole.title, "storlek")
    scopes = {"alla": "Alla kommuner", "gruppen": "Bara gruppen"}
    scope = choices.choose_button("Visa", scopes, "omfang")
    chart = whole if scope == "alla" else figure.built(shown.drawn_from, "funnel", asked | {"scope": "group"})
    markup.below_heading(chart.subtitle)
    figure.plot(chart, "funnel_chart")
    figure.below(chart, "funnel")
    sources.source_line(shown.warehouse, main.indicator_id)


def _expected(comparison: Comparison, name: str) -> None:
    facts = comparison.facts
    if facts.expected is None:
        return
    markup.section("Vad kan man vänta sig av en sådan kommun?", "vantat")
    markup.paragraph(words.expected_text(facts, name))
    if facts.official:
        markup.paragraph(words.official_text(facts.official))
    model = facts.expected.model
    with st.expander("Så hänger egenskaperna samman med antalet", key="model"):
        rows = [
            (
                label,
                f"{number(100 * (ratio - 1), 0, sign=True)} procent",
                f"{number(100 * (low - 1), 0, sign=True)} till {number(100 * (high - 1), 0, sign=True)}",
            )
            for label, (ratio, low, high) in zip(model.names, model.ratios, strict=True)
        ]
        heads = [
            ("Egenskap", ""),
            ("När den är en standardavvikelse högre", "n"),
            ("Felmarginal", "n"),
        ]
        markup.table(heads, rows, "Modellens egenskaper")
        markup.note(
            f"Beräknat på {number(model.n)} andra kommuner. {number(100 * model.outside, 0)} procent av dem "
            "ligger utanför sitt eget vanliga spann; ungefär 5 procent väntas."
        )


#: What the tabs are called, and who draws them; the key stands in the address.
TABS: Mapping[str, tuple[str, Callable[[Shown], None]]] = {
    "utveckling": ("Utveckling", development),
    "driver": ("Vad driver", drivers),
    "jamfort": ("Jämfört med", compared),
    "typer": ("Alla brottstyper", types),
    "trygghet": ("Trygghet", safety),
    "sakerhet": ("Så säkert är det", certainty),
}
