"""What the police have told: notices with their links, counts, and when they fall. Context, no measure of crime."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from lagesbild.data import reference
from lagesbild.data.warehouse import queries
from lagesbild.swedish import long_date, number
from pages.parts import choices, figure, markup

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.figures.register import ChartContext

#: So many are listed; all are counted.
_LISTED = 25
_SITE = "https://polisen.se"
_DAYS = 365
#: What the notices are about: crimes, or traffic and the rest, which say nothing of crime.
_CRIME, _TRAFFIC, _OTHER = "Brott", "Trafik", "Annat"


def shown(warehouse: Warehouse, drawn_from: ChartContext, home: str, name: str) -> None:
    """Show the notices of a municipality's last year: crimes apart from traffic and rescue."""
    markup.section("Vad polisen har berättat", "notiser")
    listed = queries.notices_of(warehouse, home)
    if listed.is_empty():
        markup.below_heading(
            f"Här finns inga enskilda notiser om {name}: de samlas från den dag de börjar hämtas. "
            "Finns det antal för varje månad står de på sidan Trender."
        )
        return
    last = queries.notices_through(warehouse) or listed["day"].max()
    year = listed.filter(listed["day"] > last - timedelta(days=_DAYS))  # type: ignore[operator]
    apart = kinds_apart(year)
    markup.below_heading(
        f"Polisens egna notiser, ett urval som polisen gör. De visar vad som berättas, inte hur mycket brott det finns, "
        f"och inget larm bygger på dem om inte samordnaren slagit på det. Ett år till och med {long_date(last)}: "  # type: ignore[arg-type]
        f"{number(apart[_CRIME])} om brott, {number(apart[_TRAFFIC])} om trafik och {number(apart[_OTHER])} om annat, som "
        "bränder och räddning."
    )
    kinds = {name.lower(): name for name in (_CRIME, _TRAFFIC, _OTHER)}
    choice = kinds[choices.choose_button("Visa notiser om", kinds, "notiser")]
    chosen = year.filter(year["category"].replace_strict(_kind_of(), default=_OTHER) == choice)
    _table(chosen, choice)
    _when(drawn_from, home)


@st.fragment
def _when(drawn_from: ChartContext, home: str) -> None:
    when = markup.folded("Veckodag och klockslag, och månad för månad", "notice_time")
    if when.open:
        with when:
            figure.show(drawn_from, "notice-clock", f"clock_{home}", {"home": home}, level=3)
            figure.show(drawn_from, "notice-months", f"notice_months_{home}", {"home": home}, level=3)


def kinds_apart(notices: pl.DataFrame) -> dict[str, int]:
    """Return how many notices are of crimes, of traffic and of other things."""
    kinds = notices["category"].replace_strict(_kind_of(), default=_OTHER).to_list()
    return {name: kinds.count(name) for name in (_CRIME, _TRAFFIC, _OTHER)}


def _kind_of() -> Mapping[str, str]:
    return dict.fromkeys(reference.crime_notices(), _CRIME) | dict.fromkeys(reference.TRAFFIC, _TRAFFIC)


def _table(chosen: pl.DataFrame, what: str) -> None:
    if chosen.is_empty():
        markup.below_heading("Inga.")
        return
    titles = {row["category"]: row["title"] for row in reference.read_csv("police_categories.csv")}
    rows = [
        (
            long_date(row["day"]),
            "" if row["hour"] is None else f"kl. {row['hour']:02d}",
            row["type"] or titles.get(row["category"], row["category"]),
            row["locality"] or "–",
            _link(row["url"]),
        )
        for row in chosen.head(_LISTED).iter_rows(named=True)
    ]
    heads = [("Dag", "w"), ("Tid", "w"), ("Händelse", ""), ("Ort eller väg", ""), ("Hos polisen", "w")]
    markup.table(heads, rows, f"Notiser: {what.lower()}")
    if chosen.height > _LISTED:
        markup.note(f"De {number(_LISTED)} senaste av {number(chosen.height)}.")
    if chosen["url"].is_null().any():
        markup.note("Notiser som följde med programmet har ingen länk: polisen tar bort dem från sin plats.")


def _link(url: str | None) -> str:
    if not url:
        return "–"
    address = url if url.startswith("https://polisen.se/") else f"{_SITE}{url}"
    if not address.startswith("https://polisen.se/"):
        return "–"  # no other address is followed, whatever the source says
    return Markup('<a href="{}" rel="noopener">läs notisen</a>').format(address)
