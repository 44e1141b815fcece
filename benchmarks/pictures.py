"""Pictures: the first one, those that follow, twenty at once and the memory they take; freezing and finding again."""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from lagesbild.figures.archive import FigureArchive
from lagesbild.figures.render import Renderer
from lagesbild.swedish import number
from tests.figures.plain import Plain, chart

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY, _AT_ONCE, _FROZEN = 20, 20, 1_000


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    yield from _pictures()
    yield _archive()


def _pictures() -> Iterator[str]:
    renderer = Renderer()
    start = time.perf_counter()
    renderer.pictures(chart())
    first = time.perf_counter() - start
    start = time.perf_counter()
    for n in range(_MANY):
        renderer.pictures(chart(n))
    each = (time.perf_counter() - start) / _MANY
    yield f"Bilder: den första (SVG, PNG och PDF, med start av chromium) {number(first, 2)} s, de följande {number(each, 2)} s var"
    before, peak, done = _memory(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], _memory())

    threading.Thread(target=watch, daemon=True).start()
    start = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda n: renderer.pictures(chart(n)), range(_AT_ONCE)))
    took = time.perf_counter() - start
    done.set()
    renderer.close()
    yield (
        f"Bilder: {_AT_ONCE} på en gång {number(took, 1)} s, minne som mest {number(peak[0])} MB (programmet och chromium), "
        f"{number(before)} MB innan"
    )


def _memory() -> float:
    """Return the memory of this process and those it has started, shared pages counted once, in MB."""
    total = 0
    here = psutil.Process()
    for process in (here, *here.children(recursive=True)):
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


def _archive() -> str:
    with tempfile.TemporaryDirectory() as folder:
        archive = FigureArchive(Path(folder), Plain())
        start = time.perf_counter()
        frozen = [archive.freeze(chart(n)).id for n in range(_FROZEN)]
        put = (time.perf_counter() - start) / _FROZEN
        start = time.perf_counter()
        for figure_id in frozen:
            archive.open(figure_id)
        found = (time.perf_counter() - start) / _FROZEN
    return (
        f"Arkivet: {number(_FROZEN)} diagram, {number(1000 * put, 1)} ms att frysa (utan bild), "
        f"{number(1000 * found, 1)} ms att öppna och pröva"
    )
