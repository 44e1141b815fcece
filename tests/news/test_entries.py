"""The file of news: what is written stays as it is, and everybody reads what concerns them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lagesbild.news.entries import NewsError, NewsFile
from tests.news.written import NEWS, WHEN, entry

HERE, THERE = entry("Hallsberg", "1861"), entry("Kumla", "1881", "1882")


@pytest.fixture
def news(tmp_path: Path) -> NewsFile:
    found = NewsFile(tmp_path / "news.sqlite")
    found.add([NEWS, HERE, THERE], {"vintage": "A"})
    return found


def test_a_municipality_reads_its_own_and_what_concerns_all_newest_first(news: NewsFile) -> None:
    assert news.latest("1861", 10) == [HERE, NEWS]
    assert news.latest("1882", 10) == [THERE, NEWS]
    assert news.latest("0180", 10) == [NEWS]
    assert news.latest("1861", 1) == [HERE]


def test_news_that_come_again_change_nothing(news: NewsFile) -> None:
    news.add([replace(HERE, at=WHEN + timedelta(days=9), title="Ändrad", codes=("0180",))], {"vintage": "B"})
    assert news.latest("1861", 10) == [HERE, NEWS]
    assert news.latest("0180", 10) == [NEWS]
    assert news.known() == {"vintage": "B"}


@pytest.mark.parametrize("sql", ["UPDATE entry SET at = ''", "DELETE FROM entry", "DELETE FROM place"])
def test_the_database_itself_refuses_to_change_an_entry(news: NewsFile, tmp_path: Path, sql: str) -> None:
    with sqlite3.connect(tmp_path / "news.sqlite") as direct, pytest.raises(sqlite3.IntegrityError):
        direct.execute(sql)


def test_entries_and_what_is_known_are_written_together_or_not_at_all(news: NewsFile) -> None:
    with pytest.raises(NewsError):
        news.add([entry("Ny")], {"vintage": None})  # type: ignore[dict-item]
    assert news.latest("0180", 10) == [NEWS]
    assert news.known() == {"vintage": "A"}


def test_before_the_first_news_there_is_nothing_and_no_file_is_made(tmp_path: Path) -> None:
    none = NewsFile(tmp_path / "news.sqlite")
    assert none.latest("1861", 10) == []
    assert none.known() == {}
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_told_in_swedish(tmp_path: Path) -> None:
    (tmp_path / "news.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(NewsError, match="flytta undan den"):
        NewsFile(tmp_path / "news.sqlite").latest("1861", 10)
