"""What the command line shows: progress bars for people, plain lines for logs, closing tables."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from lagesbild.cli import terminal
from lagesbild.data import freshness, log
from lagesbild.data.state import Ended, StateError, now
from lagesbild.data.warehouse import Warehouse
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rich.progress import TaskID

    from lagesbild.config import Settings
    from lagesbild.data.freshness import SourceFreshness
    from pipelines.run import Reporter, SourceOutcome

_WORDS = {
    Ended.OK: "klar",
    Ended.FRESH: "redan aktuell",
    Ended.UNREACHABLE: "nås inte",
    Ended.FAILED: "fel",
}


class _Lines:
    """Plain lines, for logs, with the time left where there are many answers to wait for."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def started(self, source_id: str) -> None:
        self._since[source_id] = time.monotonic()
        _line(f"{source_id}: hämtar")

    def progressed(self, source_id: str, done: int, known: int) -> None:
        if done == known or done % 25 == 0:
            seconds = (
                (time.monotonic() - self._since.get(source_id, time.monotonic())) / done * (known - done)
            )
            left = f", ungefär {max(1, round(seconds / 60))} min kvar" if seconds > 30 else ""
            _line(f"{source_id}: {done} av {known} svar{left}")

    def finished(self, outcome: SourceOutcome) -> None:
        went_well = outcome.outcome.well
        _line(_result(outcome), sys.stdout if went_well else sys.stderr)


class _Bars:
    """A progress bar a source, for people at a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def started(self, source_id: str) -> None:
        self._tasks[source_id] = self._progress.add_task(source_id, total=None)

    def progressed(self, source_id: str, done: int, known: int) -> None:
        self._progress.update(self._tasks[source_id], completed=done, total=known)

    def finished(self, outcome: SourceOutcome) -> None:
        if outcome.source_id in self._tasks:
            self._progress.stop_task(self._tasks[outcome.source_id])
        self._progress.console.print(_result(outcome), markup=False, highlight=False)


def _result(outcome: SourceOutcome) -> str:
    if outcome.outcome.well:
        remark = f" ({outcome.message})" if outcome.message and outcome.outcome is Ended.OK else ""
        return f"{outcome.source_id}: {_WORDS[outcome.outcome]}{remark}"
    return f"{outcome.message} [{_WORDS[outcome.outcome]}; senast inläst: {_age(outcome.last_success_at)}]"


@contextmanager
def reporter() -> Iterator[Reporter]:
    """Give the reporter that suits where standard output goes."""
    if not sys.stdout.isatty():
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        yield _Bars(progress)


def summary(outcomes: Sequence[SourceOutcome]) -> None:
    """Print the closing table of an ingest."""
    rows = [
        (
            o.source_id,
            number(o.fetched),
            number(o.count.new),
            number(o.count.changed),
            number(o.count.unchanged),
            _age(o.last_success_at),
            _WORDS[o.outcome],
        )
        for o in outcomes
    ]
    _table(("källa", "hämtade rader", "nya", "ändrade", "oförändrade", "ålder", "utfall"), rows)


def print_status(settings: Settings, *, as_json: bool) -> None:
    """Print how fresh each source is.

    Raises
    ------
    WarehouseError
        If there is no warehouse yet.
    """
    with Warehouse.current(settings.warehouse_folder) as warehouse:
        try:
            sources = freshness.of_sources(warehouse, settings.state_file)
        except StateError as error:
            _line(f"lagesbild: {error}", sys.stderr)
            sources = freshness.of_sources(warehouse, None)
        vintage = warehouse.vintage
    if as_json:
        _status_json(settings, vintage, sources)
    else:
        _status_text(settings, vintage, sources)


def _status_json(settings: Settings, vintage: str, sources: Sequence[SourceFreshness]) -> None:
    at = log.last_unexpected(settings.home)
    told = {"file": str(log.file_of(settings.home)), "last_unexpected_error": at.isoformat() if at else None}
    content = {"vintage": vintage, "log": told, "sources": [source.as_dict() for source in sources]}
    terminal.show(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "json")


def _status_text(settings: Settings, vintage: str, sources: Sequence[SourceFreshness]) -> None:
    _line(f"Datalager: {vintage} ({settings.warehouse_folder})")
    rows = [
        (
            s.source_id,
            number(s.rows),
            (s.data_date.isoformat() if s.data_date else "–") + (" (medföljer)" if s.shipped else ""),
            s.coverage or "–",
            number(s.municipalities),
            s.state_sv,
        )
        for s in sources
    ]
    _table(("källa", "rader", "uppgifterna är från", "täcker", "kommuner", "läge"), rows)
    at = log.last_unexpected(settings.home)
    told = f"senaste oväntade felet {at.astimezone():%Y-%m-%d %H:%M}" if at else "inga oväntade fel"
    _line(f"Logg: {log.file_of(settings.home)} ({told})")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 140, markup=False, highlight=False).print(table)


def _age(moment: datetime | None) -> str:
    if moment is None:
        return "aldrig"
    seconds = (now() - moment).total_seconds()
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} tim" if seconds < 48 * 3600 else f"{int(seconds // 86400)} dygn"


def _line(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    stream.write(text + "\n")
    stream.flush()
