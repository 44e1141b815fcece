"""The coordinator's pages: signals are searched, added, changed, deleted, brought back, exported and taken in from files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from lagesbild.signals import access, map_lines, places
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Severity, Signal, SignalStore
from tests.conftest import NOON
from tests.local import log_in
from tests.test_pages import text

pytestmark = pytest.mark.usefixtures("at_noon")

TODAY = NOON.date()


@pytest.fixture
def store(tmp_path: Path, shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignalStore]:
    """A coordinator's installation with three invented signals."""
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    store = SignalStore(tmp_path / "local.sqlite")
    told = (("a", "Klotter", "Hallsberg"), ("b", "Buller", "Pålsboda"), ("c", "Klotter", "Pålsboda"))
    signals = [
        Signal(id=key, day=TODAY - timedelta(days=n), hour=22, kind=kind, locality=place)
        for n, (key, kind, place) in enumerate(told)
    ]
    store.report("1861", signals, COMMAND_LINE)
    log_in(monkeypatch, store, Role.COORDINATOR, name="samordnaren")
    yield store


def page(name: str = "signaler") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60).run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_the_list_is_searched(store: SignalStore) -> None:
    app = page()
    assert "3 signaler" in text(app)
    app.text_input(key="signal_search").set_value("klotter pålsboda").run()
    assert "1 signal, de senaste först" in text(app)
    app.text_input(key="signal_search").set_value("trolleri").run()
    assert "Inga signaler passar det du söker" in text(app)


def test_a_signal_is_added_by_hand(store: SignalStore) -> None:
    app = page()
    app.selectbox(key="add_0_kind").select("Narkotika")
    app.selectbox(key="add_0_at").select("Vretstorp")
    app.selectbox(key="add_0_hour").select(3)
    app.text_input(key="add_0_text").set_value("Bakom stationen")
    press(app, "Lägg till")
    (added,) = [one for one in store.signals("1861", TODAY) if one.kind == "Narkotika"]
    assert (added.locality, added.hour, added.text) == ("Vretstorp", 3, "Bakom stationen")
    assert added.reporter_id


def test_what_points_at_a_person_is_told_and_what_was_typed_stays(store: SignalStore) -> None:
    app = page()
    app.selectbox(key="add_0_kind").select("Narkotika")
    app.selectbox(key="add_0_at").select("Vretstorp")
    app.text_input(key="add_0_text").set_value("Ring 070-123 45 67")
    press(app, "Lägg till")
    assert "telefon" in app.error[0].value
    assert app.text_input(key="add_0_text").value == "Ring 070-123 45 67"
    assert len(store.signals("1861", TODAY)) == 3


def test_a_signal_is_changed_and_tells_what_it_led_to(store: SignalStore) -> None:
    app = page()
    app.selectbox(key="signal_change").select("a").run()
    app.text_input(key="change_a_outcome").set_value("Väggen tvättades")
    app.radio(key="change_a_severity").set_value(Severity.SERIOUS)
    press(app, "Spara")
    kept = store.signal("a")
    assert kept
    assert (kept.outcome, kept.severity, kept.version) == ("Väggen tvättades", Severity.SERIOUS, 2)


def test_two_who_change_the_same_signal_are_told_and_nothing_is_lost(store: SignalStore) -> None:
    app = page()
    app.selectbox(key="signal_change").select("a").run()
    app.text_input(key="change_a_outcome").set_value("Mitt svar")
    first = store.signal("a")
    assert first
    store.change_signal(replace(first, outcome="Den andres svar"), COMMAND_LINE)
    press(app, "Spara")
    assert "Den andres svar" in app.warning[0].value
    assert app.text_input(key="change_a_outcome").value == "Mitt svar"
    assert store.signal("a").outcome == "Den andres svar"  # type: ignore[union-attr]
    press(app, "Spara")
    assert store.signal("a").outcome == "Mitt svar"  # type: ignore[union-attr]


def test_signals_are_deleted_when_it_is_confirmed_and_come_back(store: SignalStore) -> None:
    app = page()
    app.multiselect(key="signal_gone").set_value(["a", "b"]).run()
    assert len(store.signals("1861", TODAY)) == 3  # asked first
    press(app, "Ja, ta bort 2 signaler")
    assert [one.id for one in store.signals("1861", TODAY)] == ["c"]
    press(app, "Ångra: ta tillbaka 2 borttagna")
    assert len(store.signals("1861", TODAY)) == 3


def test_a_deleted_signal_is_found_on_a_later_visit_too(store: SignalStore) -> None:
    store.delete_signals(["a"], COMMAND_LINE)
    app = page()
    app.multiselect(key="signals_back").set_value(["a"]).run()
    press(app, "Ta tillbaka")
    assert len(store.signals("1861", TODAY)) == 3


def test_who_saw_the_list_stands_in_the_log_once_a_visit(store: SignalStore) -> None:
    app = page()
    app.run()
    lines = [line for line in store.logged() if line.did == "såg"]
    assert [line.name for line in lines] == ["samordnaren"]


# --- files ---

LIST = "Datum;Kl;Händelse;Plats\n2026-11-03;22.15;klotter;Hallsberg\n2026-11-04;;Buller;Halsberg\ni går;;Buller;Hallsberg\n"


def uploaded(content: str = LIST) -> AppTest:
    app = page()
    app.segmented_control(key="signals_part").set_value("Läs in en fil").run()
    app.file_uploader(key="import_file").set_value(("vecka.csv", content.encode(), "text/csv")).run()
    app.text_input(key="import_sender").set_value("bolaget").run()
    assert not app.exception
    return app


def test_a_file_is_shown_before_it_is_taken_in_and_can_be_undone(store: SignalStore) -> None:
    app = uploaded()
    said = text(app)
    assert "2 rader kan inte läsas in som de är" in said
    assert "Halsberg" in said
    assert len(store.signals("1861", TODAY)) == 3
    question = next(one for one in app.selectbox if "Menar du Hallsberg?" in one.label)
    question.select("Hallsberg").run()
    press(app, "Läs in 2 nya och 0 ändrade. 1 rad lämnas utanför.")
    assert len(store.signals("1861", TODAY)) == 5
    assert "Inläst: 2 nya och 0 ändrade." in app.success[0].value
    press(app, "Ångra inläsningen")
    assert len(store.signals("1861", TODAY)) == 3
    (batch,) = store.batches("1861")
    assert batch.undone_at
    app.selectbox(key="import_gone").select_index(0).run()
    press(app, "Ja, ta tillbaka den")
    assert len(store.signals("1861", TODAY)) == 5
    assert store.batches("1861")[0].undone_at is None


def test_the_columns_of_a_sender_are_remembered(store: SignalStore) -> None:
    app = uploaded("A;B;C\n2026-11-03;Buller;Hallsberg\n")
    for label, field in (("A, som", "Datum"), ("B, som", "Händelse"), ("C, som", "Ort eller område")):
        chosen = next(one for one in app.selectbox if one.label.startswith(label))
        chosen.select(next(option for option in chosen.options if option == field)).run()
    press(app, "Läs in 1 ny och 0 ändrade.")
    assert store.mapping("1861", "bolaget") == {"A": "day", "B": "kind", "C": "place"}


def test_a_file_that_is_none_is_told(store: SignalStore) -> None:
    app = page()
    app.segmented_control(key="signals_part").set_value("Läs in en fil").run()
    app.file_uploader(key="import_file").set_value(("a.csv", b"%PDF-1.7", "text/csv")).run()
    assert not app.exception
    assert "PDF" in app.error[0].value


# --- administration ---


def test_a_reporter_is_let_in_and_given_a_link_that_is_shown_once(store: SignalStore) -> None:
    app = page("administration")
    assert "Personer" not in [one.value for one in app.header]  # for administrators
    app.text_input(key="reporter_name").set_value("väktare 1")
    press(app, "Lägg till")
    reporter = next(one for one in access.people(store) if one.name == "väktare 1")
    assert reporter.roles == {Role.REPORTER}
    chosen = app.selectbox(key="link_for")
    chosen.select_index(chosen.options.index("väktare 1"))
    press(app, "Gör en ny länk")
    link = app.code[0].value
    found = access.by_link(store, link.rsplit("/", 1)[1])
    assert found
    assert found.id == reporter.id
    press(app, "Klart, visa inte länken mer")
    assert not app.code


def test_kinds_and_places_are_the_municipalitys_own(store: SignalStore) -> None:
    app = page("administration")
    app.text_area[0].set_value("Klotter\nBuller\n\nBuller\n")
    press(app, "Spara listan")
    assert places.kinds(store, "1861") == ("Klotter", "Buller")
    app.text_input(key="place_name").set_value("Torget")
    app.number_input(key="place_latitude").set_value(59.0646)
    app.number_input(key="place_longitude").set_value(15.1099)
    press(app, "Lägg till platsen")
    (kept,) = store.records("1861", places.KIND)
    assert kept.data["locality"] == "Hallsberg"
    app.selectbox(key="place_gone").select_index(0).run()
    press(app, "Ta bort Torget")
    assert store.records("1861", places.KIND) == []
    press(app, "Ta tillbaka Torget")
    assert len(store.records("1861", places.KIND)) == 1


def test_all_about_a_person_is_found_and_erased(store: SignalStore) -> None:
    first = store.signal("a")
    assert first
    store.change_signal(replace(first, text="Kalle Prov var där"), COMMAND_LINE)
    app = page("administration")
    app.text_input(key="person_sought").set_value("kalle prov").run()
    assert "Kalle Prov var där" in text(app)
    press(app, "Ja, radera")
    assert store.signal("a").text == "[borttaget] var där"  # type: ignore[union-attr]


def test_an_administrator_sees_people_and_log_but_no_signals(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, store, Role.ADMINISTRATOR, name="chefen")
    app = page("administration")
    assert [one.value for one in app.header] == ["Personer", "Logg"]
    app.text_input(key="person_name").set_value("läsaren")
    app.multiselect(key="person_roles").set_value([Role.VIEWER])
    press(app, "Lägg till")
    assert next(one for one in access.people(store) if one.name == "läsaren").roles == {Role.VIEWER}
    assert "Din roll ger inte tillgång" in text(page("signaler"))


def test_who_was_let_in_no_more_and_removed_roads_come_back(
    store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.add(store, "väktare 7", [Role.REPORTER], COMMAND_LINE)
    (gone,) = [one for one in access.people(store) if one.name == "väktare 7"]
    access.end(store, gone, COMMAND_LINE)
    map_lines.keep(store, "1861", [((15.0, 59.0), (15.1, 59.0))], COMMAND_LINE)
    map_lines.keep(store, "1861", [], COMMAND_LINE)
    log_in(monkeypatch, store, Role.ADMINISTRATOR, Role.COORDINATOR, name="chefen")
    app = page("administration")
    press(app, "Ta tillbaka väktare 7")
    assert "väktare 7" in [one.name for one in access.people(store)]
    press(app, "Ta tillbaka de förra vägarna")
    assert len(map_lines.kept(store, "1861")) == 1
