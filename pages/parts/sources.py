"""Where figures come from and how old they are, in lines below what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lagesbild.data import freshness, reference
from lagesbild.data.collected import calendar_of
from lagesbild.data.state import StateError
from lagesbild.data.warehouse import queries
from lagesbild.swedish import long_date
from pages.parts.markup import loud_note, note
from pages.parts.stored import settings

if TYPE_CHECKING:
    from datetime import date

    from lagesbild.data.warehouse import Warehouse


def source_line(warehouse: Warehouse, indicator_id: str) -> None:
    """Show source, date and that our own calculations are ours."""
    found = queries.provenance(warehouse, indicator_id)
    info = reference.sources()[found.source_id]
    text = info.processed_attribution or info.attribution
    note(f"{text}. Uppgifterna är från {from_when(found.fetched_on, found.shipped)}.")


def own_work(*source_ids: str) -> None:
    """Show the sources of what is worked out from several of them."""
    told = ". ".join(reference.sources()[key].attribution for key in source_ids)
    note(f"{told}. Egen bearbetning.")


def from_when(fetched_on: date, shipped: bool) -> str:
    """Say from when figures are; shipped ones were compiled from copies of the source."""
    day_sv = long_date(fetched_on)
    return f"en kopia som följer med programmet, sammanställd {day_sv}" if shipped else day_sv


def of_all(warehouse: Warehouse) -> list[freshness.SourceFreshness]:
    """Return how fresh each source is; the figures are shown even if the log of runs is unreadable."""
    try:
        return freshness.of_sources(warehouse, settings().state_file)
    except StateError as error:
        st.warning(str(error))
        return freshness.of_sources(warehouse, None)


def age(warehouse: Warehouse, indicator_id: str, *, survey: bool) -> None:
    """Say in a few words how old the figures are, and what reported crimes are no measure of."""
    when = long_date(queries.provenance(warehouse, indicator_id).fetched_on)
    limits = "Enkätsvar." if survey else "Bara anmälda brott, inte alla."
    note(f"{limits} Uppgifter från {when}.")


def told_missing(warehouse: Warehouse) -> None:
    """Say which months of notices were not collected, where there are any."""
    loud_note(calendar_of(warehouse).told)
