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
    note(
        f"{text}. Uppgifterna är från {from_when(found.fetched_on, found.shipped)}. Datalager {warehouse.vintage}."
    )


def own_work(warehouse: Warehouse, *source_ids: str) -> None:
    """Show the sources of what is worked out from several of them, and the vintage."""
    told = ". ".join(reference.sources()[key].attribution for key in source_ids)
    note(f"{told}. Egen bearbetning. Datalager {warehouse.vintage}.")


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


def stale_notice(warehouse: Warehouse) -> None:
    """Tell when a source could not be read the last time, and that older figures are shown."""
    for source in of_all(warehouse):
        went_wrong = source.outcome is not None and not source.outcome.well
        if went_wrong and source.source_id == "kolada" and source.data_date:
            when = from_when(source.data_date, source.shipped)
            note(f"{source.title} {source.state_sv}. Uppgifterna är från {when}.")


def told_missing(warehouse: Warehouse) -> None:
    """Say which months of notices were not collected, where there are any."""
    loud_note(calendar_of(warehouse).told)
