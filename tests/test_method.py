"""Metod: every part is there, short, easy to read, at its own address, and works out no more than it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from pages.parts.method import PAGE, PARAMETER, Part, contents, parts
from tests.reading import lix

PARTS = list(parts().values())
FOLDER = ROOT / "docs" / "metod"
#: As many words as a table of them needs six screens of a phone for, with room to spare (siffror: 4,4 for 552).
MOST_WORDS = 700


def prose(text: str) -> str:
    """Return what is read of a part: without the marks of Markdown, formulas, and the addresses of links."""
    text = re.sub(r"\$[^$]+\$|{{\w+}}|^\|[-:|]+\|$", " ", text, flags=re.MULTILINE)
    return re.sub(r"\]\([^)]+\)|[*`#|\[]", " ", text)


def named(part: Part) -> str:
    return part.key


def test_the_contents_and_the_files_are_the_same_parts() -> None:
    assert set(parts()) == {file.stem for file in FOLDER.glob("*.md")}
    assert len(parts()) == sum(map(len, contents().values()))
    assert next(iter(parts())) == "kort"
    first, last = PARTS[0], PARTS[-1]
    assert not first.statistical
    assert last.statistical


@pytest.mark.parametrize("part", PARTS, ids=named)
def test_a_part_is_short_and_easy_to_read(part: Part) -> None:
    text = prose(part.text)
    assert len(text.split()) <= MOST_WORDS
    assert part.statistical or lix(text) < 40
    assert "# " not in part.text.replace("## ", "")


@pytest.mark.parametrize("part", PARTS, ids=named)
def test_a_link_leads_to_a_part_that_is_there(part: Part) -> None:
    for address, parameter, key in re.findall(r"\]\((\w+)\?(\w+)=([\w-]+)", part.text):
        assert (address, parameter) == (PAGE, PARAMETER)
        assert key in parts()


Opened = Callable[..., AppTest]


@pytest.fixture
def opened(shipped: Settings, monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.setenv("LAGESBILD_HOME", str(shipped.home))
    monkeypatch.delenv("LAGESBILD_KOMMUN", raising=False)

    def run(**query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "metod.py"), default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return run


def test_the_old_address_shows_the_contents_with_a_link_to_every_part(opened: Opened) -> None:
    app = opened()
    assert [title.value for title in app.title] == ["Metod"]
    linked = re.findall(
        rf"href='{PAGE}\?{PARAMETER}=([\w-]+)'", "".join(e.proto.body for e in app.get("html"))
    )
    assert linked == list(parts())


def test_what_the_rule_gives_for_all_does_not_follow_a_readers_weights(opened: Opened) -> None:
    def told(**query: str) -> list[str]:
        st.cache_data.clear()
        return [one.value for one in opened(**{PARAMETER: "sticker-ut"}, **query).markdown]

    usual = told()
    assert any("| Nyckeltal | Jämfört med |" in text for text in usual)
    assert told(vikter="unga:3,tathet:0") == usual


def test_an_address_of_no_part_says_so_above_the_contents(opened: Opened) -> None:
    app = opened(**{PARAMETER: "<b>"})
    assert [one.value for one in app.warning] == ["Den delen av Metod finns inte. Välj en av dem nedan."]
    assert [title.value for title in app.title] == ["Metod"]


@pytest.mark.parametrize("part", [part for part in PARTS if "{{" not in part.text], ids=named)
def test_a_part_without_figures_of_its_own_needs_none(
    part: Part, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path / "empty"))
    shown = opened(**{PARAMETER: part.key})
    assert [title.value for title in shown.title] == [part.title]
    assert part.text.split()[0].strip("*") in shown.markdown[0].value


@pytest.mark.parametrize("part", [part for part in PARTS if "{{" in part.text], ids=named)
def test_a_part_with_figures_of_its_own_shows_them(part: Part, opened: Opened) -> None:
    shown = opened(**{PARAMETER: part.key}).markdown[0].value
    assert "{{" not in shown
    assert "saknar uppgifter" not in shown
    assert "för få kvartal" not in shown
