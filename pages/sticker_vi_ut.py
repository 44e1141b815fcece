"""Sticker vi ut? The answer in one sentence, then the evidence."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from lagesbild import benchmark, reference, sentences
from lagesbild.charts.funnel import funnel_chart
from lagesbild.charts.group_dots import group_dots
from lagesbild.charts.trend import trend_chart
from lagesbild.funnel import WARNING, funnel_of
from lagesbild.statistics.comparison import Verdict
from lagesbild.swedish import between, interval, number
from lagesbild.warehouse import Warehouse, queries
from pages import common


@st.cache_data(max_entries=64, show_spinner=False)
def _benchmark(vintage: str, home: str, _store: Warehouse) -> benchmark.Benchmark:
    del vintage  # only a key
    return benchmark.compare(_store, home)


def _verdict_cell(comparison: benchmark.Comparison) -> str:
    kind = "up" if comparison.verdict is Verdict.HIGHER else ""
    return (
        f"<span class='lb-verdict {kind}'>{sentences.SYMBOLS[comparison.verdict]} {comparison.verdict.value}</span>"
        f"<span class='lb-why'>{escape(sentences.explain_verdict(comparison))}</span>"
    )


def _answer(comparison: benchmark.Comparison, name: str) -> None:
    st.html(
        "<div class='lb-answer' role='status'>"
        f"<div class='lb-short'><span class='lb-symbol' aria-hidden='true'>{sentences.SYMBOLS[comparison.verdict]}</span>"
        f"{escape(sentences.answer(comparison, name))}</div>"
        f"<p>{escape(sentences.headline(comparison, name))}</p></div>"
    )


def _facts(comparison: benchmark.Comparison) -> None:
    home, places = comparison.home, sentences.decimals(comparison.unit)
    limits = (
        f"95 procents säkerhet: {interval(home.interval.lower, home.interval.upper, places)}"
        if home.interval
        else "felmarginalen är inte känd"
    )
    about = "ungefär " if home.count_basis == "approximate" else ""
    counted = f"{about}{number(home.count)} brott. " if home.count is not None else ""
    quartiles = between(comparison.spread.lower_quartile, comparison.spread.upper_quartile, places)
    change = comparison.change
    facts = [
        (
            f"{comparison.short} {home.year}, {sentences.unit_text(comparison.unit)}",
            number(home.rate, places),
            counted + limits,
        ),
        ("Plats bland kommunerna", f"{comparison.rank} av {comparison.ranked}", "1 är högst"),
        (
            "Gruppens mittersta kommun (median)",
            number(comparison.spread.median, places),
            f"hälften av gruppen ligger {quartiles}",
        ),
        (
            "Mot året innan",
            number(change.difference, sign=True) if change else "–",
            sentences.change_text(comparison),
        ),
    ]
    cells = "".join(
        f"<div><dt>{escape(head)}</dt><dd>{escape(value)}<span class='lb-note'>{escape(note)}</span></dd></div>"
        for head, value, note in facts
    )
    st.html(f"<dl class='lb-facts'>{cells}</dl>")


def _by_group(found: list[benchmark.Comparison]) -> None:
    heads = [
        ("Jämfört med", ""),
        ("Kommuner", "n"),
        ("Median", "n"),
        ("Hälften ligger mellan", "n"),
        ("Bedömning", ""),
    ]
    places = sentences.decimals(found[0].unit)
    rows = [
        (escape(c.group.label), number(c.spread.n), number(c.spread.median, places),
         interval(c.spread.lower_quartile, c.spread.upper_quartile, places), _verdict_cell(c))
        for c in found
    ]  # fmt: skip
    common.table(heads, rows, "Bedömning mot varje jämförelsegrupp")
    country = sentences.country_text(found[0])
    if country:
        st.html(f"<p class='lb-source'>{escape(country)}</p>")


def _by_indicator(found: list[benchmark.Comparison], unusual: Mapping[str, benchmark.Unusual]) -> None:
    heads = [("Nyckeltal", ""), ("År", "n"), ("Antal", "n"), ("Värde", "n"), ("95 %-intervall", "n"),
             ("Gruppens mitt 25–75 %", "n"), ("Plats", "n"), ("Bedömning", "")]  # fmt: skip
    rows = []
    for c in found:
        places = sentences.decimals(c.unit)
        limits = interval(c.home.interval.lower, c.home.interval.upper, places) if c.home.interval else "–"
        rows.append((escape(c.short), str(c.home.year), number(c.home.count) if c.home.count is not None else "–",
                     number(c.home.rate, places), limits,
                     interval(c.spread.lower_quartile, c.spread.upper_quartile, places),
                     f"{c.rank} av {c.ranked}{_unusual_note(unusual.get(c.indicator_id))}", _verdict_cell(c)))  # fmt: skip
    common.table(heads, rows, "Alla nyckeltal mot den valda gruppen")


def _unusual_note(unusual: benchmark.Unusual | None) -> str:
    return f"<span class='lb-why'>{sentences.unusual_short(unusual)}</span>" if unusual else ""


def _funnel(store: Warehouse, comparison: benchmark.Comparison, home: str, names: dict[str, str]) -> None:
    funnel = funnel_of(queries.yearly(store, comparison.indicator_id), home, comparison.home.year)
    if comparison.kind != "reported" or funnel is None:
        return
    st.subheader(sentences.funnel_finding(funnel, names[home]))
    st.html(
        f"<p class='lb-sub'>{escape(comparison.short)} {funnel.year}, en prick för varje kommun. "
        f"{escape(sentences.funnel_text(funnel))}</p>"
    )
    common.chart(funnel_chart(funnel, names), "funnel_chart")
    with st.expander("Tabell bakom diagrammet: kommunerna utanför det vanliga spannet", key="funnel_table"):
        rows = [
            (escape(names[row["code"]]), number(row["population"]), number(row["rate"]))
            for row in funnel.outside(WARNING).sort("rate", descending=True).iter_rows(named=True)
        ]
        common.table(
            [("Kommun", ""), ("Folkmängd", "n"), ("Värde", "n")], rows, "Kommuner utanför det vanliga"
        )
    common.source_line(store, comparison.indicator_id)


def _trend(store: Warehouse, comparison: benchmark.Comparison, name: str, home: str) -> None:
    values, group = benchmark.trend(
        queries.yearly(store, comparison.indicator_id),
        home,
        list(comparison.members),
        comparison.kind,
    )
    st.subheader(sentences.trend_finding(values, name, comparison.unit))
    st.html(
        f"<p class='lb-sub'>{escape(comparison.short)} per år. Grått band: gruppens mittersta hälft. Lodräta "
        "streck: 95-procentiga felmarginaler.</p>"
    )
    breaks = reference.sources()[queries.provenance(store, comparison.indicator_id).source_id].breaks
    marker = benchmark.marker(values, breaks)
    if marker:
        said = sentences.marker_text(marker, values[-5].year, values[-1].year)
        st.html(f"<p class='lb-sub'>{escape(said)}</p>")
    common.chart(trend_chart(name, values, group, comparison.unit, breaks), "trend_chart")
    with st.expander("Tabell bakom diagrammet", key="trend_table"):
        medians = {row["year"]: row for row in group.to_dicts()}
        places = sentences.decimals(comparison.unit)
        heads = [
            ("År", ""),
            ("Antal", "n"),
            ("Värde", "n"),
            ("95 %-intervall", "n"),
            ("Gruppens 25–75 %", "n"),
        ]
        rows = [
            (str(v.year),
             ("ungefär " if v.count_basis == "approximate" else "") + number(v.count) if v.count is not None else "–",
             number(v.rate, places),
             interval(v.interval.lower, v.interval.upper, places) if v.interval else "–",
             interval(medians[v.year]["lower_quartile"], medians[v.year]["upper_quartile"], places) if v.year in medians else "–")
            for v in values
        ]  # fmt: skip
        common.table(heads, rows, "Värden per år")


def _group_table(comparison: benchmark.Comparison, name: str, names: dict[str, str]) -> None:
    places = sentences.decimals(comparison.unit)
    values = [(rate, names[code]) for code, rate in comparison.members.items()]
    ordered = sorted([*values, (comparison.home.rate, name)], key=lambda row: (-row[0], row[1]))
    rows = [
        (f"<b>{escape(who)}</b>" if who == name else escape(who), number(rate, places))
        for rate, who in ordered
    ]
    with st.expander("Tabell bakom diagrammet", key="group_table"):
        common.table([("Kommun", ""), ("Värde", "n")], rows, "Kommunernas värden")


def _page() -> None:
    store = common.warehouse()
    title = st.empty()
    picks = st.columns([2, 3, 3])
    with picks[0]:
        home = common.choose_municipality(store)
    names = common.names(store)
    name = names[home]
    title.title(f"Sticker {name} ut?")
    result = _benchmark(store.vintage, home, store)
    found = list(result.comparisons)
    if not found:
        st.info(f"Det finns ännu inga uppgifter om {name}. Kör kommandot: lagesbild ingest")
        return
    labels = {c.group.key: c.group.label for c in found}
    shorts = {c.indicator_id: c.short for c in found}
    with picks[1]:
        group = st.selectbox("Jämför med", list(labels), format_func=labels.__getitem__, key="group")
    with picks[2]:
        indicator = st.selectbox("Nyckeltal", list(shorts), format_func=shorts.__getitem__, key="indicator")
    of_group = [c for c in found if c.group.key == group]
    main = next((c for c in of_group if c.indicator_id == indicator), None)
    if main is None:
        st.info("Nyckeltalet saknar uppgifter för den valda gruppen. Välj en annan grupp.")
        return
    common.stale_notice(store)
    _answer(main, name)
    _facts(main)
    st.html(f"<p>{escape(sentences.certainty(main, name))}</p>")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(sentences.group_finding(main, name))
        st.html(
            f"<p class='lb-sub'>{escape(main.short)} {main.home.year}. Grått band: gruppens mittersta hälft. Prickad linje: medianen.</p>"
        )
        common.chart(group_dots(main, name, names), "group_chart")
        _group_table(main, name, names)
    with right:
        _trend(store, main, name, home)
    common.source_line(store, main.indicator_id)
    st.subheader("Blir svaret ett annat med en annan jämförelse?")
    _by_group([c for c in found if c.indicator_id == indicator])
    st.subheader("Nyckeltal för nyckeltal")
    st.html(f"<p class='lb-sub'>Jämfört med: {escape(main.group.label)}</p>")
    _by_indicator(of_group, result.unusual)
    _funnel(store, main, home, names)
    st.subheader("Vilka jämförs vi med, och varför?")
    st.markdown(
        f"{main.group.why} {'Kommunerna är ' + ', '.join(names[c] for c in main.members) + '.' if len(main.members) <= 63 else ''}"
    )
    st.info(
        "Siffrorna gäller brott som anmälts, inte alla brott som begåtts. Totalen säger inte vilka brott som "
        "ändrats, och ett enda år kan påverkas av enstaka händelser eller av hur polisen arbetar.",
        icon=":material/info:",
    )


_page()
