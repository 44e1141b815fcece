"""The feed of news: Atom as its standard has it, the same whenever it is asked, and for every municipality."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lagesbild.config import Settings
from lagesbild.news.entries import NewsFile
from lagesbild.web import feed
from tests.news.written import NEWS, entry

NAMES = {"1861": "Hallsberg", "1881": "Kumla"}
HERE = entry("Hallsberg ligger högre", "1861", days=2, page="?kommun=1861&nyckeltal=N07540")
FLAG = entry("Ny flagga", "1861", "1881", days=1, page="hotspots")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(home=tmp_path, public_address="https://exempel.invalid")
    NewsFile.of(found).add([NEWS, FLAG, HERE], {})
    return found


def client(settings: Settings) -> TestClient:
    return TestClient(Starlette(routes=feed.routes(settings, "1861", NAMES)))


def texts(raw: bytes, path: str) -> list[str]:
    found = etree.fromstring(raw).findall(path.replace("a:", ATOM))
    return [one.text or "" for one in found]


def test_it_has_all_that_the_standard_asks_for(settings: Settings) -> None:
    answer = client(settings).get(feed.PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    for one in (root, *root.findall(f"{ATOM}entry")):
        for needed in ("id", "title", "updated"):  # RFC 4287, 4.1.1 and 4.1.2
            (found,) = one.findall(f"{ATOM}{needed}")
            assert found.text
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated") or "").tzinfo is not None
        rels = [link.get("rel", "alternate") for link in one.findall(f"{ATOM}link")]
        assert "alternate" in rels
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert root.find(f"{ATOM}link[@rel='self']") is not None
    assert all(found.startswith("urn:uuid:") for found in texts(answer.content, ".//a:id"))


def test_a_municipality_has_its_own_feed_and_the_home_is_the_default(settings: Settings) -> None:
    ask = client(settings)
    home = ask.get(feed.PATH).content
    assert texts(home, "a:entry/a:title") == [HERE.title, FLAG.title, NEWS.title]
    assert texts(home, "a:entry/a:content") == [HERE.text, FLAG.text, NEWS.text]
    assert ask.get(feed.PATH, params={"kommun": "1861"}).content == home
    kumla = ask.get(feed.PATH, params={"kommun": "Kumla"}).content
    assert texts(kumla, "a:entry/a:title") == [FLAG.title, NEWS.title]
    assert texts(kumla, "a:title") == ["Lägesbild: Kumla kommun"]
    assert texts(kumla, "a:id") != texts(home, "a:id")
    links = etree.fromstring(kumla).findall(f"{ATOM}entry/{ATOM}link")
    assert links[0].get("href") == "https://exempel.invalid/hotspots?kommun=1881"


def test_asking_again_changes_nothing_and_a_reader_who_has_it_gets_nothing(settings: Settings) -> None:
    ask = client(settings)
    first = ask.get(feed.PATH)
    assert ask.get(feed.PATH).content == first.content
    again = ask.get(feed.PATH, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    NewsFile.of(settings).add([entry("Nytt", "1861", days=5)], {})
    newer = ask.get(feed.PATH, headers={"If-None-Match": first.headers["etag"]})
    assert newer.status_code == 200
    for path in ("a:entry/a:id", "a:entry/a:updated"):
        assert texts(newer.content, path)[1:] == texts(first.content, path)


def test_before_there_are_news_it_is_empty_and_as_it_should_be(tmp_path: Path) -> None:
    ask = client(Settings(home=tmp_path))
    raw = ask.get(feed.PATH).content
    assert texts(raw, "a:entry/a:id") == []
    assert texts(raw, "a:updated")[0]
    assert ask.get(feed.PATH).content == raw


@pytest.mark.parametrize("wrong", ["9999", "<script>", "Ingenstans"])
def test_an_unknown_municipality_is_told_without_its_text(settings: Settings, wrong: str) -> None:
    answer = client(settings).get(feed.PATH, params={"kommun": wrong})
    assert answer.status_code == 404
    assert "ingen sådan kommun" in answer.text
    assert wrong not in answer.text


def test_a_damaged_file_is_a_fault_that_passes(settings: Settings) -> None:
    (settings.home / "news.sqlite").write_bytes(b"damaged" * 999)
    assert client(settings).get(feed.PATH).status_code == 503
