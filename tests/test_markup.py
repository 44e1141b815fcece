"""The HTML of the pages: cells that are read on a phone, headings that have words, and numbers with their units."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from markupsafe import Markup

from lagesbild.comparison.characteristics import known
from pages.parts import markup


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    found: list[str] = []
    monkeypatch.setattr(st, "html", lambda body: found.append(str(body)))
    yield found


def test_what_does_not_fit_beside_its_name_on_a_phone_is_told_from_values_and_names(
    written: list[str],
) -> None:
    long = Markup("<b>Uppgiften</b> räknas om varje år, och kan ändras")
    markup.table(
        [("Vad", ""), ("Antal", "n"), ("Läge", ""), ("Varför", "")], [("Rån", "12", "Ny", long)], "Rån"
    )
    (html,) = written
    assert f"<td class='long' data-label='Varför'><span>{long}</span></td>" in html
    assert "<td class='' data-label='Läge'>" in html
    assert "<td class='n' data-label='Antal'>" in html


def test_a_corner_without_words_is_no_heading(written: list[str]) -> None:
    markup.grid(["", "mån"], [("kl. 00–03", "4")], [(1.0,)], "Timmar")
    assert "<tr><td></td><th scope='col'" in written[0]


def test_what_can_be_pressed_is_told_apart_so_that_paper_leaves_it_out(written: list[str]) -> None:
    markup.press("Tryck på en kommun.")
    assert "lb-press" in written[0]


def test_a_share_has_its_unit_and_what_is_not_known_is_no_number() -> None:
    by_key = {one.key: one for one in known()}
    assert by_key["unga"].told(24.24) == "24,2\u00a0%"
    assert by_key["folkmangd"].told(16082.0) == "16\u00a0082"
    assert by_key["tathet"].told(0.24) == "0,2"
    assert by_key["arbetslosa"].told(2.9) == "2,9"  # its name says per 100
    assert by_key["unga"].told(float("nan")) == "–"
