"""Heavy work in turn."""

import threading

import pytest

from lagesbild.files import turns as turns_module
from lagesbild.files.turns import BusyError, Turns
from tests.waiting import until


class Work:
    """Something that lasts until it is told to end, in a thread of its own."""

    def __init__(self, turns: Turns, who: str, order: list[str], *, first: bool = False) -> None:
        self.begun, self.may_end, self.told = threading.Event(), threading.Event(), list[int]()
        self._thread = threading.Thread(target=self._do, args=(turns, who, order, first))
        self._thread.start()

    def _do(self, turns: Turns, who: str, order: list[str], first: bool) -> None:
        with turns.turn(who, self.told.append, first=first):
            order.append(who)
            self.begun.set()
            assert self.may_end.wait(10)

    def end(self) -> None:
        assert self.begun.wait(10)
        self.may_end.set()
        self._thread.join()


@pytest.fixture(autouse=True)
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "AGAIN", 0.02)


def test_one_works_at_a_time_in_the_order_they_came_and_each_knows_its_place() -> None:
    turns, order = Turns(at_once=1, most=10, most_of_one=2), list[str]()
    works = []
    for who in "abc":
        works.append(Work(turns, who, order))
        until(lambda: works[0].begun.is_set() if len(works) == 1 else bool(works[-1].told))
    assert (works[1].told[0], works[2].told[0]) == (1, 2)
    works[0].end()
    until(lambda: works[2].told[-1] == 1)
    works[1].end()
    works[2].end()
    assert order == ["a", "b", "c"]
    assert works[0].told == []


def test_who_is_logged_in_goes_before_the_public_but_interrupts_nobody() -> None:
    turns, order = Turns(at_once=1, most=10, most_of_one=2), list[str]()
    works = [Work(turns, "public 1", order)]
    until(works[0].begun.is_set)
    works.append(Work(turns, "public 2", order))
    until(lambda: bool(works[1].told))
    works.append(Work(turns, "staff", order, first=True))
    until(lambda: bool(works[2].told) and works[1].told[-1] == 2)
    for work in (works[0], works[2], works[1]):
        work.end()
    assert order == ["public 1", "staff", "public 2"]


def test_nobody_takes_more_than_a_few_places_and_others_still_get_one() -> None:
    turns, order = Turns(at_once=1, most=3, most_of_one=2), list[str]()
    works = [Work(turns, "greedy", order), Work(turns, "greedy", order)]
    until(lambda: any(work.begun.is_set() for work in works) and any(work.told for work in works))
    with pytest.raises(BusyError, match="redan har begärt"), turns.turn("greedy"):
        pass
    works.append(Work(turns, "other", order))
    until(lambda: bool(works[2].told))
    with pytest.raises(BusyError, match="Många begär"), turns.turn("late"):
        pass
    for work in sorted(works, key=lambda one: not one.begun.is_set()):
        work.end()
    assert order == ["greedy", "greedy", "other"]


def test_who_leaves_the_line_gives_the_place_to_the_next() -> None:
    turns, order = Turns(at_once=1, most=2, most_of_one=2), list[str]()

    def leaves(before: int) -> None:
        raise ConnectionError(before)

    work = Work(turns, "works", order)
    until(work.begun.is_set)
    with pytest.raises(ConnectionError), turns.turn("leaves", leaves):
        pass
    after = Work(turns, "after", order)  # there was room for two
    until(lambda: bool(after.told))
    work.end()
    after.end()
    assert order == ["works", "after"]


def test_what_fails_gives_its_turn_away() -> None:
    turns = Turns(at_once=1, most=1, most_of_one=1)
    with pytest.raises(ValueError, match="fell"), turns.turn("a"):
        raise ValueError("fell")
    with turns.turn("a"):
        pass
