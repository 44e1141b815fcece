"""Promises in the local file: kept with their versions, refused in Swedish, and told whether they can be measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lagesbild.signals import promises
from lagesbild.signals.database import Actor, ChangedMeanwhileError, LocalFile
from lagesbild.signals.promises import Activity, Direction, Every, Promise, PromiseError

ANNA, BO = Actor(person_id="a", name="anna"), Actor(person_id="b", name="bo")
HOME = "1861"


def promise(**changed: object) -> Promise:
    given: dict[str, object] = {
        "text": "Färre inbrott i Hallsberg.",
        "first": date(2025, 1, 1),
        "last": date(2025, 12, 31),
        "by": ("kommunen", "polisen"),
        "indicator": "SOL_INBROTT",
        "direction": Direction.FEWER,
        "size": 10.0,
        "activities": (
            Activity(text="Grannsamverkan i två områden", first=date(2025, 3, 1), last=date(2025, 5, 31)),
            Activity(text="Möte på torget", done=date(2025, 4, 2), note="Många kom"),
        ),
        "note": "Beslutat i nämnden",
    }
    return Promise(**{**given, **changed})  # type: ignore[arg-type]


@pytest.fixture
def local(tmp_path: Path) -> LocalFile:
    return LocalFile(tmp_path / "local.sqlite")


def test_what_is_kept_comes_back_as_it_was_written(local: LocalFile) -> None:
    made = promises.add(local, HOME, promise(), ANNA)
    (found,) = promises.promises(local, HOME)
    assert found == replace(promise(), id=made, version=1)
    assert promises.promises(local, "1880") == []


def test_a_size_is_a_number_with_decimals_however_it_was_given(local: LocalFile) -> None:
    promises.add(local, HOME, promise(size=10), ANNA)
    assert isinstance(promises.promises(local, HOME)[0].size, float)


def test_nothing_is_kept_before_anything_is_written(local: LocalFile) -> None:
    assert promises.promises(local, HOME) == []
    assert promises.removed(local, HOME) == []
    assert not local.exists


def test_the_latest_period_comes_first(local: LocalFile) -> None:
    for year in (2021, 2025, 2023):
        promises.add(local, HOME, promise(first=date(year, 1, 1), last=date(year, 12, 31)), ANNA)
    assert [one.first.year for one in promises.promises(local, HOME)] == [2025, 2023, 2021]


def test_a_change_is_a_new_version_and_the_earlier_one_stays(local: LocalFile) -> None:
    promises.add(local, HOME, promise(), ANNA)
    (found,) = promises.promises(local, HOME)
    promises.change(local, replace(found, text="Färre inbrott i hela kommunen."), BO)
    (now,) = promises.promises(local, HOME)
    assert (now.version, now.text) == (2, "Färre inbrott i hela kommunen.")
    told = [(one.text, who) for one, who, _ in promises.earlier(local, found.id)]
    assert told == [("Färre inbrott i hela kommunen.", "bo"), ("Färre inbrott i Hallsberg.", "anna")]
    assert [(line.name, line.did, line.kind) for line in local.logged()] == [
        ("bo", "ändrade", "promise"),
        ("anna", "skapade", "promise"),
    ]


def test_two_that_change_at_once_overwrite_nothing(local: LocalFile) -> None:
    promises.add(local, HOME, promise(), ANNA)
    (hers,) = promises.promises(local, HOME)
    promises.change(local, replace(hers, text="Bos ord."), BO)
    with pytest.raises(ChangedMeanwhileError, match="bo"):
        promises.change(local, replace(hers, text="Annas ord."), ANNA)
    with pytest.raises(ChangedMeanwhileError):
        promises.remove(local, hers, ANNA)
    newest = promises.newest(local, hers.id)
    assert newest is not None
    assert newest.text == "Bos ord."


def test_what_is_removed_can_be_brought_back(local: LocalFile) -> None:
    promises.add(local, HOME, promise(), ANNA)
    (found,) = promises.promises(local, HOME)
    promises.remove(local, found, ANNA)
    assert promises.promises(local, HOME) == []
    (gone,) = promises.removed(local, HOME)
    promises.restore(local, gone.id, ANNA)
    (back,) = promises.promises(local, HOME)
    assert back.text == found.text
    promises.change(local, replace(back, note=""), ANNA)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text": "  "}, "Skriv vad som lovas"),
        ({"text": "x" * 501}, "Löftet får vara högst 500 tecken, och är 501"),
        ({"text": "Polisen besöker 850101-1234 varje vecka"}, "personnummer"),
        ({"note": "Fråga anna@kommunen.se"}, "e-postadress"),
        ({"last": date(2024, 1, 1)}, "före den första"),
        ({"first": date(1990, 1, 1)}, "före 1996"),
        ({"last": date(2040, 1, 1)}, "längre än 10 år"),
        ({"by": ("", " ")}, "Välj vem som lovar"),
        ({"direction": None}, "Välj åt vilket håll"),
        ({"size": -5.0}, "större än noll"),
        ({"size": 120.0}, "Mer än 100 procent färre"),
        ({"activities": (Activity(text=" ", note="x"),)}, "Skriv vad aktiviteten är"),
        (
            {"activities": (Activity(text="Möte", first=date(2025, 5, 2), last=date(2025, 5, 1)),)},
            "sista dagen ligger före",
        ),
        ({"activities": (Activity(text="Möte"),) * 31}, "högst 30 aktiviteter"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_do(
    changed: dict[str, object], told: str, local: LocalFile
) -> None:
    with pytest.raises(PromiseError, match=told) as refused:
        promises.add(local, HOME, promise(**changed), ANNA)
    assert str(refused.value).endswith(".")
    assert promises.promises(local, HOME) == []


def test_texts_are_trimmed_to_one_line_and_a_planned_day_is_a_period_of_one() -> None:
    found = promises.checked(
        promise(text=" Synlig \n polis ", activities=(Activity(text=" Möte ", first=date(2025, 5, 1)),))
    )
    assert found.text == "Synlig polis"
    assert found.activities[0] == Activity(text="Möte", first=date(2025, 5, 1), last=date(2025, 5, 1))


def test_nothing_is_done_before_its_day() -> None:
    promises.check_done(promise(), date(2025, 4, 2))
    with pytest.raises(PromiseError, match="inte har varit"):
        promises.check_done(promise(), date(2025, 4, 1))


@pytest.mark.parametrize(
    ("changed", "every", "told"),
    [
        ({}, Every.YEAR, ""),
        ({}, None, ""),
        ({"indicator": ""}, None, "gjort eller inte gjort"),
        ({"indicator": "", "activities": ()}, None, "varken mått eller aktiviteter"),
        ({"direction": None}, Every.YEAR, "åt vilket håll"),
        ({"direction": Direction.UNCHANGED, "size": None}, Every.YEAR, "utan gräns"),
        ({"direction": Direction.UNCHANGED, "size": 5.0}, Every.YEAR, ""),
        ({"last": date(2025, 8, 31)}, Every.YEAR, "kortare än ett år"),
        ({"last": date(2025, 8, 31)}, Every.QUARTER, ""),
        ({"last": date(2025, 2, 15)}, Every.QUARTER, "kortare än ett kvartal"),
        ({"last": date(2025, 1, 20)}, Every.DAY, "fyra veckor"),
    ],
)
def test_a_promise_that_cannot_be_measured_is_told_so_when_it_is_written(
    changed: dict[str, object], every: Every | None, told: str
) -> None:
    said = promises.measurable(promise(**changed), every)
    assert told in said
    assert bool(said) == bool(told)


def test_the_promises_period_is_over_the_day_after_its_last() -> None:
    assert not promises.ended(promise(), date(2025, 12, 31))
    assert promises.ended(promise(), date(2026, 1, 1))
