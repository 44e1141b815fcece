"""Medborgarlöften as a reader meets it, and as a coordinator writes: nothing that is typed goes away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from lagesbild.signals import promises
from lagesbild.signals.access import Person, Role
from lagesbild.signals.database import Actor
from lagesbild.signals.promises import Activity, Direction, Promise
from lagesbild.signals.store import Signal, SignalStore
from pages.parts import who
from tests.test_pages import text

HOME = "1861"
BO = Actor(person_id="b", name="bo")
ANNA = Person(id="a", name="anna", roles=frozenset({Role.COORDINATOR}))


@pytest.fixture
def store(shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignalStore:
    """The local file of an installation of its own, with the shipped figures."""
    shutil.copytree(shipped.home, tmp_path / "home", symlinks=True)
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)
    return SignalStore(replace(shipped, home=tmp_path / "home").local_file)


@pytest.fixture
def opened(store: SignalStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def open_page(person: Person | None = None, **query: str) -> AppTest:
        monkeypatch.setattr(who, "reader", lambda: person)
        app = AppTest.from_file(str(ROOT / "pages/loften.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return open_page


def own(**changed: object) -> Promise:
    given: dict[str, object] = {
        "text": "Färre cykelstölder vid stationen.",
        "first": date(2023, 1, 1),
        "last": date(2023, 12, 31),
        "by": ("kommunen", "polisen", "Trafikverket"),
        "indicator": "SOL_STOLD",
        "direction": Direction.FEWER,
        "activities": (Activity(text="Cykelmärkning", first=date(2023, 5, 1)),),
    }
    return Promise(**{**given, **changed})  # type: ignore[arg-type]


def field(app: AppTest, label: str) -> object:
    every = [*app.text_area, *app.text_input, *app.date_input, *app.selectbox, *app.number_input]
    return next(one for one in every if one.label == label)


def write(app: AppTest, **fields: object) -> AppTest:
    for label, value in fields.items():
        field(app, label.replace("_", " ")).set_value(value)  # type: ignore[attr-defined]
    return app.run()


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return app


def choose(app: AppTest, promise_id: str) -> AppTest:
    field(app, "Löfte").set_value(promise_id)  # type: ignore[attr-defined]
    return app.run()


TEXT = "Vad som lovas (inga namn på personer)"


def test_the_public_reads_hallsbergs_promises_and_is_asked_nothing(opened: Callable[..., AppTest]) -> None:
    app = opened()
    assert not app.exception
    said = text(app)
    assert "Fler ska vara med i grannsamverkan mot inbrott." in said
    assert "Inbrottsstöld i Hallsberg: ingen säker skillnad under perioden" in said
    assert "År 2020 anmäldes 135 brott, 31 procent färre än i snitt de tre åren före" in said
    assert "Målet var färre. Siffrorna räcker inte för att säga om det blev så." in said
    assert "Brottet upptäcks mest genom polisens eget arbete" in said
    assert "medborgarlöften så som de återges i kommunens svar" in said
    assert said.count("Uppgift saknas") == 7
    assert "Skriv och ändra löften" not in said
    assert "promise_save" not in [one.key for one in app.button]


def test_another_municipality_has_none(opened: Callable[..., AppTest]) -> None:
    assert "Det finns inga medborgarlöften inlagda för Kumla." in text(opened(kommun="1881"))


def test_promises_of_the_local_file_are_shown_with_what_is_done(
    store: SignalStore, opened: Callable[..., AppTest]
) -> None:
    promises.add(store, HOME, own(), BO)
    said = text(opened())
    assert "Färre cykelstölder vid stationen." in said
    assert "Kommunen, polisen och Trafikverket. Perioden är slut." in said
    assert "Om aktiviteten är gjord: uppgift saknas." in said
    assert "Cykelmärkning" in said


def test_a_promise_followed_by_local_signals_tells_sums_alone(
    store: SignalStore, opened: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(who, "today", lambda: date(2026, 8, 1))
    seen = [Signal(id="s", day=date(2024, 12, 5), kind="klotter", locality="Hallsberg")]
    seen += [
        Signal(id=f"t{year}{n}", day=date(year, 1 + n % 6, 3 + n // 6), kind="klotter", locality="Hallsberg")
        for year, times in ((2025, 48), (2026, 9))
        for n in range(times)
    ]
    store.report(HOME, seen, BO)
    followed = own(indicator="signal:klotter", first=date(2026, 1, 1), last=date(2026, 6, 30))
    promises.add(store, HOME, followed, BO)
    said = text(opened())
    assert "Lokala signaler: klotter" in said
    assert "9 signaler under perioden" in said
    assert "Antalet signaler beror också på hur många som rapporterar." in said


def test_the_coordinator_is_told_whether_it_can_be_measured_before_it_is_saved(
    store: SignalStore, opened: Callable[..., AppTest]
) -> None:
    app = opened(ANNA)
    assert not app.exception, app.exception
    app = write(
        app,
        **{
            TEXT: "Färre stölder.",
            "Periodens första dag": date(2027, 1, 1),
            "Periodens sista dag": date(2027, 12, 31),
        },
    )
    assert "varken mått eller aktiviteter" in text(app)
    app = write(app, Mått="SOL_STOLD")
    assert "åt vilket håll" in text(app)
    app = write(app, **{"Åt vilket håll": Direction.FEWER, "Periodens sista dag": date(2027, 3, 31)})
    assert "kortare än ett år" in text(app)
    app = write(app, **{"Periodens sista dag": date(2027, 12, 31), "Med minst (inom) procent": 10.0})
    assert "Löftet kan följas i siffror som det är skrivet." in text(app)
    assert promises.promises(store, HOME) == []
    app = press(app, "promise_more")
    app = write(app, **{"Aktivitet 1": "Cykelmärkning"})
    app = press(app, "promise_save")
    assert app.success[0].value == "Löftet är sparat."
    (kept,) = promises.promises(store, HOME)
    assert (kept.text, kept.indicator, kept.direction, kept.size) == (
        "Färre stölder.",
        "SOL_STOLD",
        Direction.FEWER,
        10.0,
    )
    assert [one.text for one in kept.activities] == ["Cykelmärkning"]
    assert kept.by == ("kommunen", "polisen")


def test_what_is_missing_is_told_and_what_is_typed_stays(opened: Callable[..., AppTest]) -> None:
    app = press(write(opened(ANNA), **{TEXT: "Synlig polis."}), "promise_save")
    assert "Välj periodens första och sista dag." in [one.value for one in app.error]
    assert field(app, TEXT).value == "Synlig polis."  # type: ignore[attr-defined]


def test_another_who_saved_first_is_shown_and_nothing_is_lost(
    store: SignalStore, opened: Callable[..., AppTest]
) -> None:
    made = promises.add(store, HOME, own(), BO)
    app = choose(opened(ANNA), made)
    (read,) = promises.promises(store, HOME)
    promises.change(store, replace(read, text="Bos ord."), BO)
    app = press(write(app, **{TEXT: "Annas ord."}), "promise_save")
    said = text(app)
    assert "Någon annan (bo) har ändrat det under tiden." in said
    assert "Bos ord." in said
    assert field(app, TEXT).value == "Annas ord."  # type: ignore[attr-defined]
    assert promises.promises(store, HOME)[0].text == "Bos ord."
    app = press(press(app, "promise_mine"), "promise_save")
    assert promises.promises(store, HOME)[0].text == "Annas ord."
    assert [one.text for one, _, _ in promises.earlier(store, made)] == [
        "Annas ord.",
        "Bos ord.",
        "Färre cykelstölder vid stationen.",
    ]


def test_the_others_words_can_be_taken(store: SignalStore, opened: Callable[..., AppTest]) -> None:
    made = promises.add(store, HOME, own(), BO)
    app = choose(opened(ANNA), made)
    promises.change(store, replace(promises.promises(store, HOME)[0], text="Bos ord."), BO)
    app = press(press(write(app, **{TEXT: "Annas ord."}), "promise_save"), "promise_theirs")
    app = choose(app, made)
    assert field(app, TEXT).value == "Bos ord."  # type: ignore[attr-defined]


def test_one_that_was_removed_meanwhile_can_be_saved_as_new(
    store: SignalStore, opened: Callable[..., AppTest]
) -> None:
    made = promises.add(store, HOME, own(), BO)
    app = choose(opened(ANNA), made)
    app = write(app, **{TEXT: "Annas ord."})
    promises.remove(store, promises.promises(store, HOME)[0], BO)
    app = press(app, "promise_save")
    assert "Annas ord." in str(field(app, TEXT).value)  # type: ignore[attr-defined]
    assert "Löftet är borttaget." in text(app)
    app = press(press(app, "promise_as_new"), "promise_save")
    assert [one.text for one in promises.promises(store, HOME)] == ["Annas ord."]


def test_a_removal_can_be_undone(store: SignalStore, opened: Callable[..., AppTest]) -> None:
    made = promises.add(store, HOME, own(), BO)
    app = press(choose(opened(ANNA), made), "promise_remove")
    assert promises.promises(store, HOME) == []
    app = press(app, "promise_undo_button")
    assert [one.id for one in promises.promises(store, HOME)] == [made]
    app = press(choose(app, made), "promise_remove")
    press(app, f"promise_back_{made}")
    assert [one.id for one in promises.promises(store, HOME)] == [made]


def test_only_a_coordinator_writes_and_only_in_the_own_municipality(opened: Callable[..., AppTest]) -> None:
    viewer = replace(ANNA, roles=frozenset({Role.VIEWER}))
    assert not [one for one in opened(viewer).header if one.value == "Skriv och ändra löften"]
    assert not [one for one in opened(ANNA, kommun="1881").header if one.value == "Skriv och ändra löften"]
    assert [one for one in opened(ANNA).header if one.value == "Skriv och ändra löften"]


def test_a_damaged_local_file_hides_no_public_page(
    store: SignalStore, opened: Callable[..., AppTest]
) -> None:
    store.file.parent.mkdir(parents=True, exist_ok=True)
    store.file.write_bytes(b"inget sqlite" * 100)
    app = opened()
    assert not app.exception
    assert "kan inte användas" in app.warning[0].value
    assert "Fler ska vara med i grannsamverkan" in text(app)
