"""Entries that are written by hand, for tests of what is done with entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lagesbild.news.entries import Entry, Kind, id_of

WHEN = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def entry(
    title: str, *codes: str, days: int = 0, kind: Kind = Kind.VERDICT, page: str = "datakallor"
) -> Entry:
    return Entry(
        id=id_of(kind, title, *codes),
        at=WHEN + timedelta(days=days),
        kind=kind,
        title=title,
        text=f"{title} har skrivits för hand, till läsare av <nyheter> & brev.",
        page=page,
        codes=codes,
    )


NEWS = entry("Nya siffror: anmälda brott 2025", kind=Kind.FIGURES)
