"""Figures of readers who are not logged in: within a room of their own, and never at others' cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lagesbild.figures.archive import ArchiveError, FigureArchive
from lagesbild.figures.public import FRESH_SECONDS, PublicRoom
from tests.figures.plain import Plain, chart

#: So much each of these figures takes, about; the room kept for the next is 2 MB.
LARGE, NONE = 1_000_000_000, 0


def public(
    folder: Path, unused: int = LARGE, most: int = LARGE, admit: Callable[[], bool] | None = None
) -> FigureArchive:
    room = PublicRoom(folder=folder, most_unused=unused, most=most, admit=admit or (lambda: True))
    return FigureArchive(folder, Plain(), public=room)


def aged(folder: Path, figure_id: str, days: float) -> None:
    """Let a figure have been cited so many days ago."""
    then = time.time() - days * 24 * 3600
    for file in folder.glob(f"{figure_id}.*"):
        os.utime(file, (then, then))


def test_one_reader_who_has_cited_too_many_is_refused_and_others_are_not(tmp_path: Path) -> None:
    left = {"greedy": 2, "other": 2}

    def admit(who: str) -> bool:
        left[who] -= 1
        return left[who] >= 0

    greedy = public(tmp_path, admit=lambda: admit("greedy"))
    first = greedy.freeze(chart(1))
    greedy.freeze(chart(2))
    with pytest.raises(ArchiveError, match="många diagram på kort tid"):
        greedy.freeze(chart(3))
    assert greedy.freeze(chart(1)).id == first.id  # what is there already costs nothing
    assert public(tmp_path, admit=lambda: admit("other")).freeze(chart(3)).listed


def test_where_the_room_is_full_the_oldest_that_nobody_used_goes_and_says_so(tmp_path: Path) -> None:
    archive = public(tmp_path)
    ids = [archive.freeze(chart(n)).id for n in range(3)]
    archive.keep(ids[1])
    for n, figure_id in enumerate(ids):
        aged(tmp_path, figure_id, 10 - n)
    new = public(tmp_path, unused=2_000_000).freeze(chart(9))
    assert new.listed
    with pytest.raises(ArchiveError, match="ingen hade öppnat det, och utrymmet behövdes"):
        archive.open(ids[0])
    assert archive.open(ids[1]).listed  # somebody had used it


def test_what_was_cited_lately_is_never_removed_and_then_the_public_is_told(tmp_path: Path) -> None:
    archive = public(tmp_path)
    fresh = archive.freeze(chart(1))
    aged(tmp_path, fresh.id, 0.9 * FRESH_SECONDS / 86400)
    with pytest.raises(ArchiveError, match="Utrymmet för citerade diagram är fullt"):
        public(tmp_path, unused=NONE).freeze(chart(2))
    assert archive.open(fresh.id).listed
    assert FigureArchive(tmp_path, Plain()).freeze(chart(2)).listed  # who is logged in still cites


def test_what_an_answer_or_somebody_logged_in_uses_is_kept_for_ever(tmp_path: Path) -> None:
    archive = public(tmp_path)
    same = archive.freeze(chart(1))
    FigureArchive(tmp_path, Plain()).freeze(chart(1))  # the very same chart, cited by the coordinator
    aged(tmp_path, same.id, 1_000)
    with pytest.raises(ArchiveError, match="fullt"):
        public(tmp_path, most=NONE).freeze(chart(2))
    assert archive.open(same.id).listed


def test_a_removed_figure_can_be_cited_anew(tmp_path: Path) -> None:
    old = public(tmp_path).freeze(chart(1))
    aged(tmp_path, old.id, 2)
    public(tmp_path, unused=2_000_000).freeze(chart(2))
    assert not (tmp_path / f"{old.id}.zip").exists()
    again = public(tmp_path).freeze(chart(1))
    assert again.id == old.id
    assert public(tmp_path).open(again.id).listed
