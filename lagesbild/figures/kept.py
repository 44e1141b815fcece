"""Charts that have been drawn are kept in files: for the processes that serve beside each other, and from one start to the next.

To draw a chart takes some twentieth of a second, most of it in plotly, to read one a thousandth. A file belongs to a
vintage and to the code that drew it; it holds nothing that the page does not show.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import zlib
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from lagesbild.config import REFERENCE_FOLDER
from lagesbild.figures import catalogue
from lagesbild.figures.model import Chart, Column, Fact, FigureSource, Table
from lagesbild.files.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lagesbild.figures.register import ChartContext

#: Under `Settings.derived_folder`.
FOLDER = "charts"
_DRAWN_WITH = ("plotly", "numpy", "scipy", "statsmodels", "polars", "duckdb")
#: Vintages whose charts are kept: the one that is shown, and the one that is being got ready.
_VINTAGES = 2
#: Bytes that one vintage's charts may take, some ten thousand of them; what is asked for after that is not kept.
_MOST_BYTES = 100_000_000


class KeptCharts:
    """The charts that are kept. Safe to use from many threads and processes.

    Parameters
    ----------
    folder
        `Settings.derived_folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._bytes: dict[Path, int] = {}

    def chart(self, drawn_from: ChartContext, chart_id: str, parameters: Mapping[str, str | int]) -> Chart:
        """Return a chart as `catalogue.build` does, with its errors; drawn only where it is not kept.

        What somebody's own weights or list have made, of the context or in the parameters, is drawn and not kept.
        """
        drawn_from = drawn_from.asked_for(parameters)
        if drawn_from.chosen:
            return _chart(_text(catalogue.build(drawn_from, chart_id, parameters)))
        asked = json.dumps([chart_id, sorted(parameters.items())]).encode()
        folder = self._folder / f"{drawn_from.warehouse.vintage}-{_code()}"
        file = folder / f"{hashlib.sha256(asked).hexdigest()[:32]}.json.z"
        with suppress(OSError, zlib.error, ValueError, TypeError, KeyError):  # not there, or damaged
            return _chart(zlib.decompress(file.read_bytes()))
        text = _text(catalogue.build(drawn_from, chart_id, parameters))
        with suppress(OSError):  # a full disk, or one that may not be written
            self._keep(file, zlib.compress(text, 1))
        return _chart(text)

    def _keep(self, file: Path, content: bytes) -> None:
        folder = file.parent
        if folder not in self._bytes:
            folder.mkdir(parents=True, exist_ok=True)
            self._forget_all_but_the_newest()
            self._bytes[folder] = sum(one.stat().st_size for one in folder.iterdir())
        if self._bytes[folder] + len(content) <= _MOST_BYTES:
            self._bytes[folder] += len(content)
            write_whole(file, content)

    def _forget_all_but_the_newest(self) -> None:
        kept = sorted(self._folder.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True)
        for old in kept[_VINTAGES:]:
            shutil.rmtree(old, ignore_errors=True)


def _text(chart: Chart) -> bytes:
    told = {field.name: getattr(chart, field.name) for field in fields(chart) if field.name != "figure"}
    for name in ("sources", "facts"):
        told[name] = [asdict(one) for one in told[name]]
    told |= {"table": asdict(chart.table), "parameters": dict(chart.parameters), "pinned": dict(chart.pinned)}
    # As plotly writes it, not as one value more: the bytes that a cited chart's number is made from.
    return f"{json.dumps(told, ensure_ascii=False)}\n{chart.figure.to_json()}".encode()


def _chart(text: bytes) -> Chart:
    """Return the chart of a text by `_text`; raises ValueError, TypeError or KeyError where it is none."""
    first, _, sent = text.decode().partition("\n")
    told: dict[str, Any] = json.loads(first)
    table = told["table"]
    made = {
        "table": Table(
            tuple(Column(**column) for column in table["columns"]),
            tuple(map(tuple, table["rows"])),
            table["keys"],
        ),
        "sources": tuple(FigureSource(**source) for source in told["sources"]),
        "facts": tuple(Fact(**fact) for fact in told["facts"]),
        "said": tuple(told["said"]),
        "figure": _Sent(json.loads(sent)),
    }
    return Chart(**{**told, **made})


@cache
def _code() -> str:
    """Return what tells this code, its tables and what it draws with from any other: a new one draws anew."""
    with as_file(files("lagesbild")) as code:
        parts = sorted(
            (str(one), one.stat().st_size, one.stat().st_mtime_ns)
            for folder in (code, REFERENCE_FOLDER)
            for one in folder.rglob("*")
            if one.is_file() and one.suffix != ".pyc"
        )
    told = repr((parts, [(name, version(name)) for name in _DRAWN_WITH]))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


class _Sent(go.Figure):
    """A figure that is sent as it was written; plotly makes its parts when somebody asks for one, as pictures do.

    It is never changed: all who are shown it share it.
    """

    _making = threading.RLock()

    def __init__(self, sent: dict[str, Any]) -> None:
        self._sent, self._begun = sent, False

    def to_dict(self) -> dict[str, Any]:
        return dict(self._sent)  # plotly adds to it where a figure is copied

    def __getattr__(self, name: str) -> Any:
        """Make the parts where one is asked for that is not there."""
        with self._making:
            if not self._begun:
                self._begun = True
                super().__init__(self._sent)
        return object.__getattribute__(self, name)
