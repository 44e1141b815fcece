"""A demonstration is invented through and through, and everything that is made of it says so."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from lagesbild.answers import statutory, week_document
from lagesbild.data import reference
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import week as weekly
from lagesbild.signals import access, demo, positions
from lagesbild.signals.database import INVENTED
from lagesbild.signals.store import SignalStore

TODAY = date(2026, 11, 23)


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    store = SignalStore(tmp_path / "demo.sqlite")
    towns = [(one.name, one.latitude, one.longitude) for one in reference.localities()["1861"]]
    demo.fill(store, "1861", towns, TODAY)
    return store


def test_it_is_filled_with_what_is_marked_and_in_the_municipality(store: SignalStore) -> None:
    signals = store.signals("1861", TODAY)
    assert 300 < len(signals) < 1000
    assert all(signal.text == "" or signal.text.startswith(demo.MARK) for signal in signals)
    assert all(signal.day <= TODAY for signal in signals)
    rings = reference.outlines()["1861"].rings
    assert max(positions.outside(rings, s.x or 0, s.y or 0) for s in signals) <= positions.NEAR
    assert [person.name for person in access.people(store)] == sorted(demo.NAMES)


def test_documents_of_it_say_what_they_are(store: SignalStore, real: Warehouse, tmp_path: Path) -> None:
    def told(raw: bytes) -> str:
        return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(raw)).paragraphs)

    week = weekly.of_store(store, real, "1861", date(2026, 11, 16), TODAY)
    assert INVENTED in told(week_document.to_docx(week, "1861", "Hallsbergs kommun"))
    assert INVENTED in told(week_document.to_docx(week, "1861", "Hallsbergs kommun", coarse=True))
    plan = statutory.plan_of(store, ChartContext(real), "1861", TODAY)
    assert INVENTED in told(statutory.plan_docx(plan, "1861", "Hallsberg", TODAY))
    own = SignalStore(tmp_path / "local.sqlite")
    plan = statutory.plan_of(own, ChartContext(real), "1861", TODAY)
    assert INVENTED not in told(statutory.plan_docx(plan, "1861", "Hallsberg", TODAY))
