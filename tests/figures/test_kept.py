"""Charts that are kept in files are the charts that were drawn, to the letter, and never stand in the way of drawing."""

from __future__ import annotations

import copy
import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse, queries
from lagesbild.figures import archive, catalogue, kept
from lagesbild.figures.catalogue import all_definitions, build
from lagesbild.figures.kept import KeptCharts
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.register import ChartContext

ASKED = {"home": "1861", "indicator": "N07540"}


@pytest.fixture
def context(real: Warehouse, panel: Panel) -> ChartContext:
    return ChartContext(real, panel)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """How often a chart has been drawn."""
    counted = Mock(wraps=build)
    monkeypatch.setattr(catalogue, "build", counted)
    return counted


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def both(context: ChartContext, folder: Path, home: str) -> Iterator[tuple[Chart, Chart]]:
    """Give every chart of a municipality as it is drawn, and as another process reads it."""
    for entry in all_definitions():
        for indicator in ("N07540", "SOL_INBROTT"):
            asked = {"home": home, "indicator": indicator, "others": "1881,1882"}
            asked = {one.name: asked[one.name] for one in entry.parameters if one.name in asked}
            try:
                chart = build(context, entry.id, asked)
            except ChartError:
                continue
            KeptCharts(folder).chart(context, entry.id, asked)
            yield chart, KeptCharts(folder).chart(context, entry.id, asked)


@pytest.mark.parametrize("home", ["1861", "0180", "2425", "0980"])
def test_a_chart_that_is_read_is_the_one_that_was_drawn(
    context: ChartContext, tmp_path: Path, home: str
) -> None:
    now, seen = datetime.now(UTC), set()
    for made, read in both(context, tmp_path, home):
        assert archive._content(read, now) == archive._content(
            made, now
        )  # what a citation's number is made from
        assert read.figure.to_json() == made.figure.to_json()
        assert {**vars(read), "figure": None} == {**vars(made), "figure": None}
        assert read.table.texts == made.table.texts
        assert read.figure.layout.height == made.figure.layout.height  # pictures ask for parts
        assert len(read.figure.data) == len(made.figure.data)
        seen.add(made.id)
    assert len(seen) >= 12


def test_what_one_process_has_drawn_another_only_reads(
    context: ChartContext, tmp_path: Path, drawn: Mock
) -> None:
    first = KeptCharts(tmp_path).chart(context, "group", ASKED)
    other = KeptCharts(tmp_path).chart(context, "group", dict(reversed(ASKED.items())))
    assert drawn.call_count == 1
    assert first.figure.to_json() == other.figure.to_json()
    KeptCharts(tmp_path).chart(context, "group", ASKED | {"home": "1880"})
    KeptCharts(tmp_path).chart(context, "trend", ASKED)
    assert drawn.call_count == 3


def test_other_code_draws_anew(
    context: ChartContext, tmp_path: Path, drawn: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeptCharts(tmp_path).chart(context, "group", ASKED)
    monkeypatch.setattr(kept, "_code", lambda: "another")
    KeptCharts(tmp_path).chart(context, "group", ASKED)
    assert drawn.call_count == 2


def test_code_is_told_by_its_files_and_by_what_it_draws_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "reference").mkdir()
    monkeypatch.setattr(kept, "REFERENCE_FOLDER", tmp_path / "reference")
    file = tmp_path / "charts" / "theme.py"
    file.write_text("ACCENT = 'red'\n")
    monkeypatch.setattr(kept, "files", lambda _: tmp_path / "charts")
    before = kept._code.__wrapped__()
    file.write_text("ACCENT = 'blue'\n")
    after = kept._code.__wrapped__()
    (tmp_path / "charts" / "theme.cpython-311.pyc").touch()
    assert kept._code.__wrapped__() == after
    (tmp_path / "reference" / "series_breaks.csv").write_text("indicator_id,year\n")
    corrected = kept._code.__wrapped__()
    monkeypatch.setattr(kept, "version", lambda name: "99")
    assert len({before, after, corrected, kept._code.__wrapped__()}) == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no such thing",
        zlib.compress(b""),
        zlib.compress(b"{}\n{}"),
        zlib.compress(b"[]\n[]"),
        zlib.compress(b"\xff\n{}"),
        None,
    ],
)
def test_a_damaged_file_is_drawn_and_written_anew(
    context: ChartContext, tmp_path: Path, drawn: Mock, content: bytes | None
) -> None:
    whole = KeptCharts(tmp_path).chart(context, "group", ASKED)
    (file,) = files_in(tmp_path)
    file.write_bytes(file.read_bytes()[:-50] if content is None else content)
    assert KeptCharts(tmp_path).chart(context, "group", ASKED).figure.to_json() == whole.figure.to_json()
    assert drawn.call_count == 2
    KeptCharts(tmp_path).chart(context, "group", ASKED)
    assert drawn.call_count == 2


@pytest.mark.parametrize("own", [{"weights": "unga:2"}, {"own": "1880,1881,1882"}])
def test_what_a_reader_has_chosen_for_themselves_is_kept_nowhere(
    real: Warehouse, tmp_path: Path, own: dict[str, str]
) -> None:
    chosen = ChartContext.of(real, ASKED | own)
    chart = KeptCharts(tmp_path).chart(chosen, "group", ASKED)
    assert chart.figure.to_json() == build(chosen, "group", ASKED).figure.to_json()
    assert not files_in(tmp_path)


def test_nobody_is_shown_what_another_reader_has_chosen(
    real: Warehouse, context: ChartContext, tmp_path: Path
) -> None:
    """A page may hand on a reader's groups and not the texts that they came from: the groups themselves tell."""
    usual = build(context, "comparisons", ASKED)
    for weights, own in (({}, {"1861": ("1880", "1881", "1882")}), ({"unga": 3.0}, {})):
        strangers = ChartContext(real, Panel(real, weights, own))
        assert KeptCharts(tmp_path).chart(strangers, "comparisons", ASKED).table != usual.table
        assert not files_in(tmp_path)
    KeptCharts(tmp_path).chart(context, "comparisons", ASKED)
    assert KeptCharts(tmp_path).chart(context, "comparisons", ASKED).table == usual.table
    strangers = ChartContext(real, Panel(real, None, {"1861": ("1880", "1881", "1882")}))
    assert KeptCharts(tmp_path).chart(strangers, "comparisons", ASKED).table != usual.table


@pytest.mark.parametrize("own", [{"weights": "unga:3"}, {"own": "1880,1881,1882"}])
def test_weights_and_lists_among_what_is_asked_for_are_those_that_are_drawn_with(
    real: Warehouse, context: ChartContext, tmp_path: Path, own: dict[str, str]
) -> None:
    asked = ASKED | own
    drawn = build(ChartContext.of(real, asked), "comparisons", asked)
    assert KeptCharts(tmp_path).chart(context, "comparisons", asked).table == drawn.table
    assert drawn.table != build(context, "comparisons", ASKED).table
    assert not files_in(tmp_path)


def test_a_chart_that_looks_no_further_than_a_year_is_not_taken_for_the_whole(
    real: Warehouse, context: ChartContext, tmp_path: Path
) -> None:
    seen = queries.horizon(real)
    earlier = real.within(replace(seen, values=seen.values - 3))
    KeptCharts(tmp_path).chart(ChartContext(earlier), "trend", ASKED)
    assert not files_in(tmp_path)
    whole = KeptCharts(tmp_path).chart(context, "trend", ASKED)
    assert whole.table == build(context, "trend", ASKED).table


def test_what_cannot_be_drawn_is_told_and_not_kept(context: ChartContext, tmp_path: Path) -> None:
    with pytest.raises(ChartError):
        KeptCharts(tmp_path).chart(context, "group", ASKED | {"indicator": "N00000"})
    assert not files_in(tmp_path)


def test_where_nothing_can_be_written_charts_are_drawn_all_the_same(
    context: ChartContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "write_whole", Mock(side_effect=OSError(28, "No space left on device")))
    charts = KeptCharts(tmp_path)
    assert [charts.chart(context, "group", ASKED).title for _ in range(2)] == [
        build(context, "group", ASKED).title
    ] * 2
    (tmp_path / "file").touch()
    assert KeptCharts(tmp_path / "file").chart(context, "group", ASKED).id == "group"


def test_nobody_fills_the_disk_by_asking(
    context: ChartContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeptCharts(tmp_path).chart(context, "group", ASKED)
    (first,) = files_in(tmp_path)
    monkeypatch.setattr(kept, "_MOST_BYTES", int(first.stat().st_size * 2.5))
    for charts in (KeptCharts(tmp_path), KeptCharts(tmp_path)):  # a process counts what another has kept
        for home in ("1880", "1881", "1882", "1883"):
            assert charts.chart(context, "group", ASKED | {"home": home}).parameters["home"] == home
    assert len(files_in(tmp_path)) == 2


def test_the_charts_of_older_vintages_go(context: ChartContext, tmp_path: Path) -> None:
    for age, name in enumerate(("c", "b", "a"), start=1):
        (tmp_path / "charts" / name).mkdir(parents=True)
        (tmp_path / "charts" / name / "x.json.z").touch()
        os.utime(tmp_path / "charts" / name, ns=(0, 10**9 * (10 - age)))
    KeptCharts(tmp_path).chart(context, "group", ASKED)
    names = {folder.name for folder in (tmp_path / "charts").iterdir()}
    assert len(names) == 2
    assert "c" in names  # the newest of those before: readers may still be shown it
    assert any(name.startswith(context.warehouse.vintage) for name in names)


def test_many_may_ask_for_the_parts_of_a_figure_at_once(context: ChartContext, tmp_path: Path) -> None:
    made = build(context, "group", ASKED)
    for _ in range(5):
        read = KeptCharts(tmp_path).chart(context, "group", ASKED)
        with ThreadPoolExecutor(8) as pool:
            heights = list(pool.map(lambda _, read=read: read.figure.layout.height, range(8)))
        assert heights == [made.figure.layout.height] * 8
        assert [trace.plotly_name for trace in read.figure.data] == [
            trace.plotly_name for trace in made.figure.data
        ]
        assert not hasattr(read.figure, "no_such_part")
        copy.deepcopy(read.figure)
        assert read.figure.to_json() == made.figure.to_json()
