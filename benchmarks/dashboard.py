"""Seconds from ``lagesbild serve`` to the first chart, milliseconds a rerun, peak memory."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.sync_api import Browser, sync_playwright
from streamlit.testing.v1 import AppTest

from lagesbild.config import ROOT, Settings
from lagesbild.swedish import number
from pipelines.publish import single_writer
from pipelines.run import prepare
from tests.serving import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Notes in the page itself when the answer and a chart are there, in the first words and in the drawn page: asking from
#: outside waits for the browser's main thread.
_WATCH = """
window.seen = {};
new MutationObserver(() => {
    for (const [name, found] of [["words", "#lb-first-words h2"], ["picture", "#lb-first-words figure"],
        ["answer", ".lb-answer"], ["chart", ".js-plotly-plot .main-svg"]])
        if (!window.seen[name] && document.querySelector(found)) window.seen[name] = Date.now();
}).observe(document, {childList: true, subtree: true});
"""
#: A slow line, and a slow phone: bytes a second each way, milliseconds there and back, times slower.
_LINE, _AWAY, _SLOWER = 200_000, 150, 4
PAGES = ("pages/sticker_vi_ut.py", "pages/datakallor.py", "pages/metod.py")


def lines() -> Iterator[str]:
    """Yield the lines to print."""
    yield "Instrumentpanelen, de medföljande uppgifterna"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for kind in ("första starten, tomt datalager", "andra starten", "tredje starten"):
            yield f"  {kind}: {started(Path(folder), browser).told}"
        yield from _last(Path(folder), browser)
        browser.close()
    with tempfile.TemporaryDirectory() as folder:
        yield from _reruns(Path(folder))


def _slow(port: int, browser: Browser) -> str:
    """Open the first page for the first time on a slow line with a slow phone; return its times and bytes in words."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(_WATCH)
    devtools = context.new_cdp_session(page)
    received = [0.0]
    devtools.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    devtools.send("Network.enable")
    line = {"offline": False, "latency": _AWAY, "downloadThroughput": _LINE, "uploadThroughput": _LINE}
    devtools.send("Network.emulateNetworkConditions", line)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    began = time.time()
    page.goto(f"http://localhost:{port}", wait_until="commit", timeout=120_000)
    page.wait_for_function("() => window.seen?.chart", timeout=120_000)
    seen = page.evaluate("() => window.seen")
    context.close()
    at = {name: number(when / 1000 - began, 1) for name, when in seen.items()}
    return (
        f"1,6 Mbit/s och fyra gånger långsammare dator: svaret efter {at['words']} s och det första diagrammet efter "
        f"{at['picture']} s, i den färdiga sidan efter {at['answer']} och {at['chart']} s; {number(sum(received) / 1e6, 2)} MB"
    )


@dataclass(frozen=True, kw_only=True)
class Start:
    """Seconds from ``serve`` until the server answers, and until a reader sees what (`_WATCH`)."""

    server: float
    words: float
    picture: float
    answer: float
    chart: float

    @property
    def told(self) -> str:
        """In words."""
        return (
            f"svarar efter {number(self.server, 2)} s, svaret syns efter {number(self.words, 2)} s och det första "
            f"diagrammet efter {number(self.picture, 2)} s, i den färdiga sidan efter {number(self.answer, 2)} och "
            f"{number(self.chart, 2)} s"
        )


def started(home: Path, browser: Browser) -> Start:
    """Start the program and open its first page as soon as it answers."""
    began, wall = time.perf_counter(), time.time()
    with _served(home) as (_, port):
        # Opened before: a reader's browser is.
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(_WATCH)
        _wait_for(port)
        answers = time.perf_counter() - began
        page.goto(f"http://localhost:{port}", wait_until="commit")
        page.wait_for_function("() => window.seen?.chart", timeout=60_000)
        seen = page.evaluate("() => window.seen")
        page.close()
    return Start(server=answers, **{name: when / 1000 - wall for name, when in seen.items()})


def _last(home: Path, browser: Browser) -> Iterator[str]:
    """Tell what one more start takes of memory once the first page has been shown, here and on a slow telephone."""
    with _served(home) as (server, port):
        _wait_for(port)
        slow = _slow(port, browser)
        yield f"  minne {number(_peak(server))} MB"
        yield f"  {slow}"


@contextmanager
def _served(home: Path) -> Iterator[tuple[int, int]]:
    """Serve an installation as a user does; gives the process and the port, which need not answer yet."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lagesbild.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "LAGESBILD_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            yield server.pid, port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(3000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("the dashboard did not start")


def _peak(pid: int) -> float:
    """Return the summed peak resident size (MB) of the program and its children."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    total = 0
    for process in processes:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peaks = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        total += next(peaks, 0)  # one that has just ended has none
    return total / 1000


def _reruns(home: Path) -> Iterator[str]:
    settings = Settings(home=home)
    with single_writer(settings):
        prepare(settings)
    os.environ["LAGESBILD_HOME"] = str(home)
    for page in PAGES:
        app = AppTest.from_file(str(ROOT / page), default_timeout=60)
        started = time.perf_counter()
        app.run()
        first = time.perf_counter() - started
        times = []
        for _ in range(10):
            started = time.perf_counter()
            app.run()
            times.append(time.perf_counter() - started)
        yield (
            f"  {page}: första körningen {number(1000 * first)} ms, "
            f"omkörning {number(1000 * statistics.median(times))} ms"
        )
