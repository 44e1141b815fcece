"""The answer comes with the page, before any script: worked out once, and kept from one start to the next."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lagesbild.comparison import benchmark
from lagesbild.comparison.panel import Panel
from lagesbild.config import ROOT, Settings
from lagesbild.data import municipality
from lagesbild.data.warehouse import Warehouse
from lagesbild.data.warehouse.shown import SHOWN, Shown
from lagesbild.swedish import number
from lagesbild.web import answer_html, first_words
from lagesbild.web.app import app
from lagesbild.web.first_words import Kept

HOME = "1861"


class Drawn(HTMLParser):
    """What stands in HTML: elements with their attributes, and the texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def vintage(shipped: Settings) -> Path:
    return SHOWN.vintage(shipped.warehouse_folder)


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often an answer has been worked out, by municipality."""
    counted: Counter[str] = Counter()
    original = first_words._worked_out

    def counting(vintage: Path, home: str, measure: str = "", group: str = "") -> object:
        counted[home] += 1
        return original(vintage, home, measure, group)

    monkeypatch.setattr(first_words, "_worked_out", counting)
    return counted


def test_the_next_process_tells_the_answer_without_working_it_out(
    vintage: Path, tmp_path: Path, worked_out: Counter[str]
) -> None:
    told = Kept().words(tmp_path, vintage, HOME)
    assert "Hallsberg ligger högre än liknande kommuner" in told
    assert Kept().words(tmp_path, vintage, HOME) == told
    assert worked_out == {HOME: 1}


def test_what_was_kept_by_other_code_is_told_until_this_process_has_worked_out_its_own(
    vintage: Path, tmp_path: Path
) -> None:
    Kept().words(tmp_path, vintage, HOME)
    (file,) = (tmp_path / "first-words").iterdir()
    file.write_text("<main>Som det var</main>", "utf-8")
    kept = Kept()
    assert kept.words(tmp_path, vintage, HOME) == "<main>Som det var</main>"
    kept.work_out(tmp_path, vintage, HOME)
    assert "Sticker Hallsberg ut?" in kept.words(tmp_path, vintage, HOME)
    assert "Sticker Hallsberg ut?" in file.read_text("utf-8")


def test_a_new_vintage_takes_the_place_of_the_one_before(vintage: Path, tmp_path: Path) -> None:
    later = tmp_path / "29991231T000000Z.duckdb"
    shutil.copy(vintage, later)
    kept, derived = Kept(), tmp_path / "derived"
    kept.words(derived, vintage, HOME)
    kept.words(derived, vintage, "1880")
    kept.words(derived, later, HOME)
    names = {file.name for file in (derived / "first-words").iterdir()}
    assert names == {f"{later.stem}-{HOME}.html", f"{vintage.stem}-1880.html"}


@pytest.mark.parametrize("content", [b"\xff\xfe broken", None])
def test_what_cannot_be_read_is_worked_out_anew(vintage: Path, tmp_path: Path, content: bytes | None) -> None:
    Kept().words(tmp_path, vintage, HOME)
    (file,) = (tmp_path / "first-words").iterdir()
    file.unlink()
    if content is None:
        file.mkdir()  # and there it cannot be kept either
    else:
        file.write_bytes(content)
    assert "Sticker Hallsberg ut?" in Kept().words(tmp_path, vintage, HOME)


def test_a_new_vintage_is_told_of_before_it_is_shown(
    shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worked_out: Counter[str]
) -> None:
    shown = Shown()
    monkeypatch.setattr("lagesbild.web.app.SHOWN", shown)
    monkeypatch.setattr("lagesbild.web.app.KEPT", Kept())
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    settings = Settings(home=tmp_path)
    app(settings)
    assert not worked_out
    shown.prepare(settings.warehouse_folder)
    assert worked_out == {HOME: 1}
    assert [file.name[-10:] for file in (settings.derived_folder / "first-words").iterdir()] == [
        f"-{HOME}.html"
    ]


def test_nothing_is_kept_of_what_an_address_asks_for(shipped: Settings, tmp_path: Path) -> None:
    (tmp_path / "warehouse").symlink_to(shipped.warehouse_folder)
    settings = Settings(home=tmp_path)
    for query in ("kommun=1880", f"kommun={HOME}&nyckeltal=N07540", "grupp=country"):
        assert "lb-first-words" in first_words.first_words(settings, HOME, query)
    for query in ("kommun=9999", "vikter=unga:2", "diagram=HB-1", "embed=true"):
        assert first_words.first_words(settings, HOME, query) == ""
    assert not settings.derived_folder.exists()


@pytest.mark.parametrize("home", [HOME, "0180", "2506", "0980"])
def test_the_picture_shows_the_municipality_among_the_members_of_its_group(
    shipped: Settings, vintage: Path, home: str
) -> None:
    with Warehouse(vintage) as warehouse:
        name = municipality.names_of(warehouse)[home]
        panel = Panel(warehouse)
        drawn = Drawn(answer_html.answer(str(vintage), home))
        main = benchmark.of_measure(
            panel, home, next(key for key in panel.standard if panel.years(key, home))
        )[0]
    placed = sorted(float((dot["cx"] or "").rstrip("%")) for dot in drawn.of("circle"))
    values = sorted(main.assessed.members.values())
    # As far along the axis as the values are large: the same times each.
    assert [place / value for place, value in zip(placed, values, strict=True)] == pytest.approx(
        [placed[-1] / values[-1]] * len(values), rel=0.01
    )
    assert 0 < placed[0] <= placed[-1] < 100
    (picture,) = [one for one in drawn.of("svg") if one.get("role") == "img"]
    told = f"{name} har {number(main.home.rate)} per 100\u00a0000 invånare"
    assert told in (picture["aria-label"] or "")
    assert f"{name} {number(main.home.rate)}" in drawn.texts


def test_starting_to_serve_imports_nothing_that_only_tables_charts_and_models_need() -> None:
    heavy = "{'polars', 'pyarrow', 'scipy', 'pandas', 'statsmodels', 'sklearn', 'plotly'}"
    script = f"import sys, lagesbild.cli.start; print(*{heavy} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []


def test_garbage_is_not_looked_for_while_the_program_starts_and_is_once_it_serves(shipped: Settings) -> None:
    told = """
import gc, sys
from lagesbild.cli import serve
began = serve._START.partition("start.main")[0]
exec(began)
print(gc.isenabled())
class Served:
    def run(self, config): print(gc.isenabled(), flush=True)
start.app = lambda settings: Served()
start.main("127.0.0.1", "1")
"""
    environment = {**os.environ, "LAGESBILD_HOME": str(shipped.home)}
    with subprocess.Popen(
        [sys.executable, "-c", told],
        cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as started:  # fmt: skip
        assert started.stdin
        assert started.stdout
        started.stdin.write("visa\n")
        started.stdin.flush()  # left open: at its end the program ends
        assert [started.stdout.readline().strip() for _ in range(2)] == ["False", "True"]


def test_the_first_page_works_out_no_model_before_somebody_asks(
    shipped: Settings, vintage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(benchmark, "expected_count", lambda *arguments: asked.append(arguments))
    with Warehouse(vintage) as warehouse:
        panel = Panel(warehouse)
        same = benchmark.of_measure(panel, HOME, "N07540")
        assert not asked
        assert same[0].facts.expected is None  # what the patched model says
        assert same[1].facts.expected is None
        assert len(asked) == 1
