"""The actions on the page: written, followed up, changed by two at once, removed and brought back; guards and cameras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.config import Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import followed
from lagesbild.signals import access, actions, guards
from lagesbild.signals.access import Role
from lagesbild.signals.actions import REST_OF_COUNTY, ActionKind
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.guards import GuardError, Guards
from lagesbild.signals.store import SignalStore
from pages.parts.guards import rows_of, shifts_of
from tests.signals.test_actions import BEFORE, CODE, EVENINGS, OVER, REPORTED, START, WHO, action, by, counted
from tests.test_pages import text


def page(file: str, folder: str, role: str, today: str) -> None:
    """A page that is nothing but the actions."""
    from datetime import date
    from pathlib import Path

    from lagesbild.data.warehouse import Warehouse
    from lagesbild.signals.access import Person, Role
    from lagesbild.signals.store import SignalStore
    from pages.parts import actions, who

    person = Person(id="p1", name="samordnare", roles=frozenset({Role(role)}))
    with Warehouse.current(Path(folder)) as warehouse:
        here = who.Here(
            store=SignalStore(Path(file)),
            warehouse=warehouse,
            home="1861",
            name="Hallsberg",
            person=person,
            today=date.fromisoformat(today),
        )
        actions.shown(here)


Opened = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path) -> SignalStore:
    """Signals of before and after, by three persons; they are of the latest year, or they would be deleted."""
    store = SignalStore(tmp_path / "local.sqlite")
    signals = [
        replace(one, hour=21, id=str(n)) for n, one in enumerate(by("abc", counted((60, 20), (50, 52))))
    ]
    store.report(CODE, signals, WHO)
    return store


@pytest.fixture
def opened(shipped: Settings, store: SignalStore) -> Opened:
    def open_it(today: date = OVER, role: str = "coordinator") -> AppTest:
        values = {
            "file": str(store.file),
            "folder": str(shipped.warehouse_folder),
            "role": role,
            "today": today.isoformat(),
        }
        app = AppTest.from_function(page, default_timeout=60, kwargs=values).run()
        assert not app.exception, app.exception
        return app

    return open_it


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception, app.exception
    return app


def field(app: AppTest, label: str) -> Any:
    every: list[Any] = [
        *app.text_input,
        *app.text_area,
        *app.selectbox,
        *app.multiselect,
        *app.date_input,
        *app.radio,
    ]
    return next(one for one in every if one.label.startswith(label))


def told(app: AppTest) -> str:
    return text(app) + " ".join(one.value for one in (*app.success, *app.info, *app.error, *app.warning))


def test_an_action_is_written_with_what_can_be_seen_before_it_is_saved(
    opened: Opened, store: SignalStore
) -> None:
    app = opened(START - timedelta(days=1))
    assert "Inga åtgärder är inlagda" in told(app)
    field(app, "Rubrik").set_value("Kvällspass")
    field(app, "Syfte").set_value("Lugnare kvällar")
    field(app, "Startar").set_value(START)
    field(app, "Slag av signaler").set_value(["buller"])
    field(app, "Plats").set_value("Hallsberg").run()
    assert "De 12 senaste veckorna" in told(app)
    assert actions.all_of(store, CODE) == []
    press(app, "Spara åtgärden")
    (kept,) = actions.all_of(store, CODE)
    assert (kept.title, kept.kinds, kept.control, kept.planned_in_advance) == (
        "Kvällspass",
        ("buller",),
        actions.REST,
        True,
    )
    assert kept.smallest_share is not None
    assert "Kvällspass är sparad" in told(app)


def test_reported_crimes_can_be_what_is_judged(opened: Opened, store: SignalStore) -> None:
    app = opened(date(2026, 6, 1))
    field(app, "Vad ska räknas").set_value("Anmälda brott").run()
    field(app, "Rubrik").set_value("Samverkan med polisen")
    field(app, "Syfte").set_value("Färre brott")
    field(app, "Veckor före").set_value(53).run()
    assert "anmälda brott på platsen" in told(app)
    press(app, "Spara åtgärden")
    (kept,) = actions.all_of(store, CODE)
    assert (kept.place, kept.control, kept.kinds) == ("Hallsberg", REST_OF_COUNTY, ())
    assert kept.measure
    assert kept.smallest_share is not None


def test_what_is_missing_is_told_and_what_is_typed_stays(opened: Opened, store: SignalStore) -> None:
    app = opened()
    field(app, "Rubrik").set_value("Kvällspass")
    press(app, "Spara åtgärden")
    assert "Skriv syftet" in told(app)
    assert field(app, "Rubrik").value == "Kvällspass"
    assert actions.all_of(store, CODE) == []


def test_the_list_says_what_an_action_led_to(opened: Opened, store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    app = opened()
    assert "Före: 60 signaler på 12 veckor. Efter: 20. I Pålsboda, som jämförs: 50 och 52." in told(app)
    assert "Färre än väntat, mer än slumpen ger" in told(app)
    field(app, "Visa, ändra").set_value(kept.id).run()
    assert "varför" in told(app)
    assert field(app, "Jämför med").disabled
    assert not field(app, "Anteckning").disabled


def test_two_who_write_at_once_see_each_others_words_and_lose_none(
    opened: Opened, store: SignalStore
) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    app = opened()
    field(app, "Visa, ändra").set_value(kept.id).run()
    field(app, "Anteckning").set_value("Mitt ord").run()
    actions.change(store, replace(kept, owner="Fritidschef", result="Annans ord"), WHO, OVER)
    press(app, "Spara åtgärden")
    assert "har sparat åtgärden medan du skrev" in told(app)
    assert "Annans ord" in told(app)
    assert field(app, "Anteckning").value == "Mitt ord"
    assert actions.all_of(store, CODE)[0].result == "Annans ord"
    press(app, "Spara det jag skrivit i stället")
    assert actions.all_of(store, CODE)[0].result == "Mitt ord"
    assert "har sparat åtgärden medan" not in told(app)


def test_who_has_typed_nothing_sees_the_newest_without_a_warning(opened: Opened, store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    app = opened()
    field(app, "Visa, ändra").set_value(kept.id).run()
    actions.change(store, replace(kept, result="Annans ord"), WHO, OVER)
    app.run()
    assert field(app, "Anteckning").value == "Annans ord"
    assert not app.warning


def test_the_others_words_can_be_taken_instead(opened: Opened, store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    app = opened()
    field(app, "Visa, ändra").set_value(kept.id).run()
    field(app, "Anteckning").set_value("Mitt ord").run()
    actions.change(store, replace(kept, result="Annans ord"), WHO, OVER)
    press(press(app, "Spara åtgärden"), "Ta det som är sparat")
    assert field(app, "Anteckning").value == "Annans ord"


def test_a_removed_action_is_confirmed_and_can_be_brought_back(opened: Opened, store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(), WHO, BEFORE)
    app = opened()
    field(app, "Visa, ändra").set_value(kept.id).run()
    press(app, "Ja, ta bort")
    assert actions.all_of(store, CODE) == []
    press(app, "Ångra")
    assert [one.id for one in actions.all_of(store, CODE)] == [kept.id]
    assert "är tillbaka" in told(app)
    assert not app.warning
    field(app, "Anteckning").set_value("Kvar")
    press(app, "Spara åtgärden")
    assert actions.all_of(store, CODE)[0].result == "Kvar"


def test_the_camera_text_can_be_copied(opened: Opened, store: SignalStore) -> None:
    kept = actions.add(store, CODE, action(kind=ActionKind.CAMERAS), WHO, BEFORE)
    app = opened()
    field(app, "Visa, ändra").set_value(kept.id).run()
    assert "Här saknas: ett område intill" in field(app, "Underlag om kamerabevakning").value


def test_guarded_hours_are_marked_in_words_too(opened: Opened, store: SignalStore) -> None:
    guards.keep(store, CODE, Guards(shifts=(EVENINGS,)), WHO)
    app = opened()
    assert "Behövs fler väktare?" in told(app)
    html = " ".join(one.proto.body for one in app.get("html"))
    assert html.count("aria-label='väktare'") == 12
    assert "fredag kl. 21: " in html


def test_shifts_written_by_another_meanwhile_are_shown(opened: Opened, store: SignalStore) -> None:
    app = opened()
    guards.keep(store, CODE, Guards(shifts=(EVENINGS,)), WHO)
    press(app, "Spara passen")
    assert "Någon annan har sparat passen medan du skrev" in told(app)
    assert "fredag och lördag kl. 20–02" in told(app)
    press(app, "Ta det som är sparat")
    assert guards.kept(store, CODE).shifts == (EVENINGS,)


def test_the_editors_rows_are_read_as_they_were_written() -> None:
    assert shifts_of(rows_of([EVENINGS])) == (EVENINGS,)
    empty = dict.fromkeys(rows_of([EVENINGS])[0])
    assert shifts_of([empty]) == ()
    with pytest.raises(GuardError, match="Rad 2: fyll i från kl"):
        shifts_of([*rows_of([EVENINGS]), {**empty, "Plats": "Hallsberg"}])


def test_whom_it_does_not_concern_sees_no_figures(opened: Opened, store: SignalStore) -> None:
    actions.add(store, CODE, action(), WHO, BEFORE)
    assert "60 signaler" not in told(opened(role="viewer"))


def test_reported_crimes_come_by_whole_quarters_beside_the_rest_of_the_county(real: Warehouse) -> None:
    names = {"1861": "Hallsberg", "1881": "Kumla"}
    (total, *_) = followed.measures(real)
    found = followed.periods_of(real, replace(REPORTED, measure=total), "1861", names)
    since = [one for one in found if one.first.year >= 2015]  # two quarters of 2014 were never published
    assert len(since) > 40
    assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(since))
    assert all(one.control > 5 * one.place > 0 for one in found)
    kumla = followed.periods_of(real, replace(REPORTED, measure=total, control="kumla"), "1861", names)
    assert 0 < kumla[-1].control < found[-1].control
    assert (
        followed.periods_of(real, replace(REPORTED, measure=total, control="Ankeborg"), "1861", names) == []
    )
    assert REPORTED.control == REST_OF_COUNTY


def test_guards_who_report_can_be_chosen_among_those_who_are_let_in(
    opened: Opened, store: SignalStore
) -> None:
    access.add(store, "väktarbolaget", [Role.REPORTER], COMMAND_LINE)
    app = opened()
    chosen = field(app, "Rapporterar som väktare")
    assert chosen.options == ["väktarbolaget"]
