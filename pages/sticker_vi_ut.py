"""Sticker vi ut? The answer in one sentence, then the evidence."""

from contextlib import suppress

import streamlit as st
from markupsafe import Markup

from lagesbild.charts.inline import place_in_group, sparkline
from lagesbild.comparison import benchmark, robustness, words
from lagesbild.comparison.benchmark import Comparison
from lagesbild.comparison.groups import groups
from lagesbild.comparison.panel import Panel
from lagesbild.data.crimes import SOL_TOTAL, Tree, parts_of
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.statistics.rule import Level
from lagesbild.swedish import between, genitive, interval, number
from lagesbild.trends import words as trend_words
from lagesbild.trends.contribution import years_of
from pages.parts import choices, figure, markup, sources, stored
from pages.parts.trend import choose_indicator, tree_of, yearly


@st.cache_resource(max_entries=64, show_spinner="Räknar ut tidigare års bedömningar ...")
def _by_year(
    key: tuple[str, ...], home: str, indicator: str, last: int, _panel: Panel
) -> dict[int, dict[str, Level]]:
    del key
    return robustness.by_year(_panel, home, groups(_panel.kinds.values(), home), indicator, last)


_OUT = {Level.HIGHER, Level.LOWER}


def _level(level: Level) -> Markup:
    return markup.verdict(f"{words.SYMBOLS[level]} {words.LEVELS[level]}", up=level is Level.HIGHER)


def _level_cell(comparison: Comparison) -> Markup:
    return markup.with_why(_level(comparison.level), words.explain_level(comparison))


def _answer(
    comparison: Comparison, without: Comparison | None, name: str, counted: robustness.Count | None
) -> None:
    markup.answer(
        words.answer(comparison, name),
        words.headline(comparison, name, without),
        symbol=words.SYMBOLS[comparison.level],
        count=words.count_text(counted) if counted else "",
    )


def _facts(comparison: Comparison) -> None:
    facts, home, places = comparison.facts, comparison.home, words.decimals(comparison.facts.unit)
    limits = (
        f"Felmarginal: {interval(home.interval.lower, home.interval.upper, places)}"
        if home.interval
        else "Felmarginalen är inte känd"
    )
    about = "ungefär " if home.count_basis == "approximate" else ""
    counted = f"{about}{number(home.count)} brott. " if home.count is not None else ""
    spread, change = comparison.assessed.spread, facts.change
    cells = [
        (
            f"{facts.short} {home.year}, {words.unit_text(facts.unit)}",
            number(home.rate, places),
            counted + limits,
        ),
        ("Plats bland kommunerna", f"{facts.rank} av {facts.ranked}", "1 är högst"),
        (
            "Gruppens mittersta kommun (median)",
            number(spread.median, places),
            f"hälften av gruppen ligger {between(spread.lower_quartile, spread.upper_quartile, places)}",
        ),
        (
            "Mot året innan",
            number(change.difference, sign=True) if change else "–",
            words.change_text(facts),
        ),
    ]
    shown = Markup().join(
        Markup("<div><dt>{}</dt><dd>{}<span class='lb-note'>{}</span></dd></div>").format(head, value, note)
        for head, value, note in cells
    )
    st.html(Markup("<dl class='lb-facts'>{}</dl>").format(shown))


def _by_group(found: list[Comparison], years: dict[int, dict[str, Level]]) -> None:
    places = words.decimals(found[0].facts.unit)
    earlier = list(years)[1:]
    heads = [
        ("Jämfört med", "", "Grupperna förklaras på sidan Jämförelsegrupp"),
        ("Kommuner", "n", "Så många i gruppen har ett värde"),
        ("Median", "n", "Gruppens mittersta kommun"),
        ("Det vanliga", "n", "Så långt från en sådan grupp brukar 19 av 20 kommuner av den storleken ligga"),
        (f"Bedömning {found[0].home.year}", ""),
        ("Tidigare år", "w", "Bedömningen de föregående åren, det senaste först"),
    ]
    rows = []
    for c in found:
        standing = c.assessed.standing
        usual = interval(standing.lower, standing.upper, places) if standing else "–"
        history = Markup(" ").join(
            Markup("<span title='{}' class='lb-year'>{} {}</span>").format(
                words.LEVELS[level], year, words.SYMBOLS[level]
            )
            for year in earlier
            if (level := years[year].get(c.group.key)) is not None
        )
        median = number(c.assessed.spread.median, places)
        rows.append(
            (
                c.group.label,
                number(c.assessed.spread.n),
                median,
                usual,
                _level_cell(c),
                history or "–",
            )
        )
    markup.table(heads, rows, "Bedömning mot varje jämförelsegrupp")
    markup.note("▲ högre, ▼ lägre, ● i nivå, ? kan inte avgöras.")
    country = words.country_text(found[0].facts)
    if country:
        markup.note(country)


def _by_method(panel: Panel, home: str, comparison: Comparison) -> None:
    found = robustness.methods(panel, home, comparison)
    if not found:
        return
    with st.expander("Blir svaret ett annat med en annan metod?", key="methods"):
        rows = [(m.name, _level(m.level), m.how) for m in found]
        markup.table(
            [("Metod", ""), ("Bedömning", "w"), ("Vad den gör", "")], rows, "Bedömning med andra metoder"
        )


def _by_indicator(tree: Tree, found: list[Comparison], caption: str) -> None:
    heads = [
        ("Nyckeltal", ""),
        ("År", "n"),
        ("Antal", "n", "Antal anmälda brott"),
        ("Värde", "n", "Per 100 000 invånare eller procent, med 95 procents felmarginal"),
        (
            "I gruppen",
            "",
            "Romb: kommunen. Ljust fält: gruppens mittersta hälft, lodrätt streck: medianen. Streck underst: det vanliga.",
        ),
        ("Plats", "n", "Bland alla kommuner, 1 är högst"),
        ("Bedömning", ""),
        ("Utveckling", "", "Alla år, från noll"),
    ]
    rows = []
    for c in found:
        facts, home, places = c.facts, c.home, words.decimals(c.facts.unit)
        limits = interval(home.interval.lower, home.interval.upper, places) if home.interval else "okänd"
        mark = "*" if tree.by_police(c.indicator_id) else ""
        rows.append(
            (
                facts.short + mark,
                str(home.year),
                number(home.count) if home.count is not None else "–",
                markup.with_why(number(home.rate, places), limits),
                place_in_group(c),
                f"{facts.rank} av {facts.ranked}",
                _level_cell(c),
                sparkline(facts.values, facts.unit),
            )
        )
    markup.table(heads, rows, caption)


def _heat_map(drawn_from: ChartContext, home: str, group: str) -> None:
    figure.show(drawn_from, "heat-map", "heat_map", {"home": home, "group": group})


def _funnel(warehouse: Warehouse, drawn_from: ChartContext, comparison: Comparison, home: str) -> None:
    asked: dict[str, str | int] = {
        "home": home,
        "indicator": comparison.indicator_id,
        "group": comparison.group.key,
        "year": comparison.home.year,
    }
    try:
        whole = figure.built(drawn_from, "funnel", asked)
    except ChartError:  # surveys have none
        return
    st.subheader(whole.title)
    scope = st.radio("Visa", ["Alla kommuner", "Bara gruppen"], horizontal=True, key="funnel_scope")
    shown = (
        figure.built(drawn_from, "funnel", asked | {"scope": "group"}) if scope == "Bara gruppen" else whole
    )
    markup.below_heading(shown.subtitle)
    figure.plot(shown, "funnel_chart")
    figure.below(shown, "funnel")
    sources.source_line(warehouse, comparison.indicator_id)


def _expected(comparison: Comparison, name: str) -> None:
    facts = comparison.facts
    if facts.expected is None:
        return
    st.subheader("Vad leder kommunens egenskaper till att vänta?")
    st.markdown(words.expected_text(facts, name))
    if facts.official:
        st.markdown(words.official_text(facts.official))
    with st.expander("Så hänger egenskaperna samman med antalet", key="model"):
        model = facts.expected.model
        rows = [
            (
                label,
                f"{number(100 * (ratio - 1), 0, sign=True)} procent",
                f"{number(100 * (low - 1), 0, sign=True)} till {number(100 * (high - 1), 0, sign=True)}",
            )
            for label, (ratio, low, high) in zip(model.names, model.ratios, strict=True)
        ]
        markup.table(
            [("Egenskap", ""), ("När den är en standardavvikelse högre", "n"), ("95 procents säkerhet", "n")],
            rows,
            "Modellens egenskaper",
        )
        markup.note(
            f"Beräknat på {number(model.n)} andra kommuner. {number(100 * model.outside, 0)} procent av dem "
            "ligger utanför sitt eget vanliga spann; ungefär 5 procent väntas."
        )


def _smoothed(comparison: Comparison, name: str) -> None:
    facts = comparison.facts
    parts = []
    if facts.pooled is not None and facts.pooled.interval is not None:
        limits = between(facts.pooled.interval.lower, facts.pooled.interval.upper)
        parts.append(
            f"De tre åren {facts.home.year - 2}–{facts.home.year} tillsammans: "
            f"{number(facts.pooled.rate)} per 100\u00a0000 invånare ({limits})."
        )
    if facts.smoothed is not None:
        parts.append(
            f"Utjämnat värde {facts.home.year}: {number(facts.smoothed)}. Det är {genitive(name)} värde draget mot alla kommuners "
            "gemensamma, mer ju färre fall det bygger på (empirisk Bayes)."
        )
    if parts:
        markup.note(" ".join(parts))


def _charts(warehouse: Warehouse, drawn_from: ChartContext, main: Comparison, home: str) -> None:
    left, right = st.container(key="charts").columns(2, gap="large")
    with left:
        figure.show(
            drawn_from,
            "group",
            "group_chart",
            {"home": home, "indicator": main.indicator_id, "group": main.group.key, "year": main.home.year},
        )
    with right:
        yearly(drawn_from, main.indicator_id, home, main.group.key)
    _smoothed(main, drawn_from.names[home])
    sources.source_line(warehouse, main.indicator_id)


def _drivers(warehouse: Warehouse, drawn_from: ChartContext, tree: Tree, main: Comparison, home: str) -> None:
    """Split the change between two years into crime types."""
    panel = drawn_from.panel
    whole, _ = parts_of(tree, main.indicator_id, panel.indicators.keys())
    years = years_of(panel, home, whole)
    if len(years) < 2:
        return
    last = main.home.year if main.home.year in years[1:] else years[-1]
    title = st.empty()
    picks = st.columns([1, 1, 4])
    with picks[0]:
        first = st.selectbox(
            "Från år", years[:-1], index=years.index(last) - 1, key=f"drivers_from_{whole}_{home}"
        )
    later = [year for year in years if year > first]
    with picks[1]:
        last = st.selectbox(
            "Till år",
            later,
            index=later.index(last) if last in later else 0,
            key=f"drivers_to_{whole}_{first}_{home}",
        )
    try:
        chart = figure.built(
            drawn_from,
            "contribution",
            {"home": home, "indicator": main.indicator_id, "first": first, "last": last},
        )
    except ChartError as error:
        title.subheader("Vad driver förändringen?")
        markup.below_heading(str(error))
        return
    title.subheader(chart.title)
    markup.below_heading(chart.subtitle)
    figure.plot(chart, "contribution_chart")
    figure.below(chart, "contribution")
    _five_years(drawn_from, main, home, first, last)
    if not tree.types:
        markup.note(
            "Vilka de övriga brotten är syns när brottstyperna ur Brås databas har hämtats: "
            "lagesbild ingest bra_sol"
        )
    sources.source_line(warehouse, whole)


def _five_years(drawn_from: ChartContext, main: Comparison, home: str, first: int, last: int) -> None:
    """Say what drove the change since five years before, beside the one that is drawn."""
    if first == last - benchmark.LONG_AGO:
        return
    asked: dict[str, str | int] = {
        "home": home,
        "indicator": main.indicator_id,
        "first": last - benchmark.LONG_AGO,
        "last": last,
    }
    with suppress(ChartError):
        longer = figure.built(drawn_from, "contribution", asked)
        markup.below_heading(f"På fem år. {longer.title}.")


def _since(warehouse: Warehouse, panel: Panel, home: str, main: Comparison) -> None:
    """Say how it has changed in five years; of the total also whether it has gone on, and how it was long ago."""
    told = [words.five_years_text(main.facts)]
    if main.facts.indicator.is_total:
        values = benchmark.values_of(panel, SOL_TOTAL, home) if SOL_TOTAL in panel.indicators else []
        told += [
            trend_words.quarters_text(queries.quarterly(warehouse, SOL_TOTAL, home)),
            trend_words.long_view_text(values),
        ]
    if any(told):
        markup.paragraph(" ".join(text for text in told if text))


def _evidence(
    warehouse: Warehouse,
    drawn_from: ChartContext,
    tree: Tree,
    same: list[Comparison],
    main: Comparison,
    asked_for: tuple[str, tuple[str, ...]],
) -> None:
    panel, names, (home, key) = drawn_from.panel, stored.names(warehouse), asked_for
    st.subheader("Blir svaret ett annat med en annan jämförelse?")
    _by_group(same, _by_year(key, home, main.indicator_id, main.home.year, panel))
    _by_method(panel, home, main)
    st.subheader("Nyckeltal för nyckeltal")
    markup.below_heading(f"Jämfört med: {main.group.label}")
    of_group = list(benchmark.of_group(panel, home, main.group.key))
    of_group += [main] * (main.indicator_id not in panel.standard)
    main_ones = [
        c
        for c in of_group
        if c.indicator_id not in tree.types or c.level in _OUT or c.indicator_id == main.indicator_id
    ]
    _by_indicator(tree, main_ones, "Nyckeltalen mot den valda gruppen")
    others = [c for c in of_group if c not in main_ones]
    if others:
        with st.expander(
            f"De {len(others)} brottstyper som inte säkert skiljer sig från gruppen", key="others"
        ):
            _by_indicator(tree, others, "Brottstyper som inte säkert skiljer sig från gruppen")
    markup.note(
        "I gruppen: romben är kommunen med felmarginal, det ljusa fältet gruppens mittersta hälft, det "
        "lodräta strecket medianen och strecket underst det vanliga spannet. * Upptäcks mest genom polisens eget arbete."
    )
    _heat_map(drawn_from, home, main.group.key)
    _funnel(warehouse, drawn_from, main, home)
    _expected(main, names[home])


def _page() -> None:
    warehouse = stored.warehouse()
    choices.remember_address()
    title = st.empty()
    picks = st.columns([2, 3, 3])
    with picks[0]:
        home = choices.choose_municipality(warehouse)
    names = stored.names(warehouse)
    title.title(f"Sticker {names[home]} ut?")
    panel = choices.panel(warehouse, home)
    key = (warehouse.vintage, repr(choices.weights()), repr(choices.own_list(warehouse, home)))
    tree = tree_of(warehouse)
    with picks[1]:
        group = choices.choose_group(groups(panel.kinds.values(), home))
    with picks[2]:
        indicator = choose_indicator(warehouse, panel, tree, home)
    if indicator is None:
        st.info(f"Det finns ännu inga uppgifter om {names[home]}. Kör kommandot: lagesbild ingest")
        return
    with st.spinner("Jämför kommunen med sina grupper ..."):
        same = list(benchmark.of_measure(panel, home, indicator))
    main = next((c for c in same if c.group.key == group), None)
    if main is None:
        st.info("Nyckeltalet saknar uppgifter för den valda gruppen. Välj en annan grupp.")
        return
    sources.stale_notice(warehouse)
    without = benchmark.without_police(panel, home, main)
    _answer(main, without, names[home], robustness.count(same))
    _facts(main)
    note = f" {tree.note(indicator)}" if tree.note(indicator) else ""
    markup.paragraph(words.certainty(main, names[home]) + note)
    _since(warehouse, panel, home, main)
    drawn_from = figure.context(warehouse, panel)
    _charts(warehouse, drawn_from, main, home)
    _drivers(warehouse, drawn_from, tree, main, home)
    _evidence(warehouse, drawn_from, tree, same, main, (home, key))
    st.subheader("Vilka jämförs vi med, och varför?")
    members = list(main.assessed.members)
    listed = f"Kommunerna är {', '.join(names[c] for c in members)}." if len(members) <= 63 else ""
    st.markdown(f"{main.group.why} {listed} Mer om grupperna finns på sidan Jämförelsegrupp.")
    st.info(
        "Siffrorna gäller brott som anmälts, inte alla brott som begåtts. Totalen säger inte vilka brott som "
        "ändrats, och ett enda år kan påverkas av enstaka händelser eller av hur polisen arbetar.",
        icon=":material/info:",
    )


_page()
