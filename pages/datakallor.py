"""Datakällor: how fresh and complete each source is, its licence, and its known breaks."""

from datetime import UTC, date, datetime

import polars as pl
import streamlit as st

from lagesbild.data import consistency, freshness, reference
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures.register import ChartContext
from lagesbild.swedish import long_date, month_and_year, number
from pages.parts import choices, figure, markup, sources, stored


def _overview(found: list[freshness.SourceFreshness]) -> None:
    heads = [
        ("Källa", ""),
        ("Hämtade eller sammanställda", ""),
        ("Täcker", "w"),
        ("Kommuner", "n"),
        ("Rader", "n"),
        ("Läge", ""),
    ]
    rows = [
        (
            s.title,
            long_date(s.data_date) if s.data_date else "–",
            s.coverage or "–",
            # What has never been fetched is missing, not nought.
            number(s.municipalities) if s.rows else "–",
            number(s.rows) if s.rows else "–",
            s.state_sv,
        )
        for s in found
    ]
    markup.table(heads, rows, "Källornas färskhet och täckning")


def _details(source: freshness.SourceFreshness) -> None:
    info = reference.sources()[source.source_id]
    markup.section(info.title, markup.anchor_of(source.source_id))
    st.markdown(
        f"{info.what}\n\n**Vad uppgifterna inte säger.** {info.limits}\n\n"
        f"**Utgivare:** {info.publisher}. **Licens:** {info.licence}. **Anges som:** {info.attribution}. "
        f"[Källans egen sida]({info.page})"
    )
    if info.breaks:
        st.markdown(
            "**Kända avbrott i tidsserien.**\n"
            + "\n".join(f"- {long_date(item.date)}: {item.text}" for item in info.breaks)
        )
    if source.message:
        markup.note(f"Senaste hämtningen: {source.message}")


def _notices(warehouse: Warehouse, home: str) -> None:
    months = queries.notices_per_month(warehouse, home[:2])
    if months.is_empty():
        return
    figure.show(
        ChartContext(warehouse, choices.panel(warehouse, home)), "county-notices", "notices", {"home": home}
    )
    sources.told_missing(warehouse)
    summaries = int(months.filter(pl.col("kind") != "event")["notices"].sum())
    markup.note(
        f"{reference.sources()['polisen'].attribution}. Egen bearbetning. {number(summaries)} "
        "sammanfattningar och informationsnotiser i länet räknas inte som händelser."
    )
    unknown = queries.unknown_police_types(warehouse)
    if unknown.height:
        listed = ", ".join(f"{name} ({number(count)})" for name, count in unknown.iter_rows())
        st.warning(f"Notistyper som ännu inte har någon kategori: {listed}")


def _revisions(warehouse: Warehouse) -> None:
    """Tell how far preliminary months have moved until final, and which final figures were corrected."""
    settled = consistency.settlings(warehouse)
    corrected = consistency.corrections(warehouse)
    if not settled and corrected.is_empty():
        return
    markup.section("Så mycket har siffror ändrats i efterhand", "andrat")
    if settled:
        rows = [
            (
                month_and_year(s.month),
                number(s.preliminary),
                number(s.final),
                f"{number(100 * s.change, 1, sign=True)} %" if s.change is not None else "–",
                f"{number(s.moved)} av {number(s.figures)}",
            )
            for s in settled[:24]
        ]
        heads = [
            ("Månad", ""),
            ("Först, preliminärt", "n"),
            ("Slutligt", "n"),
            ("Ändring", "n"),
            ("Ändrade värden", "n"),
        ]
        markup.table(heads, rows, "Preliminära månader som blivit slutliga")
    if corrected.height:
        names = stored.names(warehouse) | {reference.COUNTRY_CODE: "Hela landet"}
        st.markdown(f"{number(corrected.height)} slutliga värden har rättats. De senaste:")
        listed = [
            (
                row["what"],
                names.get(row["code"], row["code"]),
                _period(row["period_start"], row["period_kind"]),
                _figure(row["before"]),
                _figure(row["after"]),
                long_date(row["replaced_on"]),
            )
            for row in corrected.head(10).iter_rows(named=True)
        ]
        heads = [
            ("Nyckeltal", ""),
            ("Område", ""),
            ("Period", ""),
            ("Tidigare", "n"),
            ("Nu", "n"),
            ("Rättat", "w"),
        ]
        markup.table(heads, listed, "Slutliga värden som rättats")


def _period(start: date, kind: str) -> str:
    return str(start.year) if kind == "year" else month_and_year(start)


def _figure(value: float | None) -> str:
    return "saknas" if value is None else number(value, 0 if float(value).is_integer() else 1)


def _sums(warehouse: Warehouse) -> None:
    """List what does not add up in BRÅ's figures; nothing is hidden or corrected."""
    found = consistency.checks(warehouse)
    if not found:
        return
    markup.section("Stämmer summorna?", "summor")
    rows = [(check.name, number(check.tried), number(check.deviating), check.why) for check in found]
    markup.table(
        [("Kontroll", ""), ("Prövade", "n"), ("Avviker", "n"), ("Känd förklaring", "")],
        rows,
        "Kontroll av summor",
    )
    for check in found:
        if check.deviating:
            with st.expander(f"De största avvikelserna: {check.name.lower()}"):
                listed = [
                    (what, _figure(round(expected)), _figure(found))
                    for what, expected, found in check.examples.iter_rows()
                ]
                markup.table([("Vad", ""), ("Väntat", "n"), ("Publicerat", "n")], listed, check.name)


def _page() -> None:
    markup.page_title("Datakällor")
    warehouse = stored.warehouse()
    st.title("Datakällor")
    st.markdown(
        "Varje siffra i Lägesbild går att följa tillbaka till det svar från källan som den lästes ur."
    )
    found = sources.of_all(warehouse)
    _overview(found)
    made = datetime.strptime(warehouse.vintage[:8], "%Y%m%d").replace(tzinfo=UTC)
    markup.note(
        f"Datalager från {long_date(made.date())}, med numret {warehouse.vintage}. Tidigare datalager sparas."
    )
    home = choices.choose_municipality(warehouse)
    markup.link(f"Nyheter om {stored.names(warehouse)[home]} som flöde (Atom)", f"nyheter.xml?kommun={home}")
    _notices(warehouse, home)
    _revisions(warehouse)
    _sums(warehouse)
    for source in found:
        _details(source)


_page()
