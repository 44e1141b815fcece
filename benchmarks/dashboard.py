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
        for number_of_start, kind in enumerate(
            ("första starten, tomt datalager", "andra starten", "tredje starten")
        ):
            yield f"  {kind}: {_start(Path(folder), browser, last=number_of_start == 2)}"
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


def _start(home: Path, browser: Browser, *, last: bool) -> str:
    """Start the program; return its times in words."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lagesbild.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "LAGESBILD_HOME": str(home)}
    started, wall = time.perf_counter(), time.time()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            # Opened before: a reader's browser is.
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(_WATCH)
            _wait_for(port)
            answers = time.perf_counter() - started
            page.goto(f"http://localhost:{port}", wait_until="commit")
            page.wait_for_function("() => window.seen?.chart", timeout=60_000)
            seen = page.evaluate("() => window.seen")
            at = {name: number(when / 1000 - wall, 2) for name, when in seen.items()}
            page.close()
            memory = _peak(server.pid) if last else 0.0
            slow = _slow(port, browser) if last else ""
        finally:
            server.terminate()
    told = (
        f"svarar efter {number(answers, 2)} s, svaret syns efter {at['words']} s och det första diagrammet efter "
        f"{at['picture']} s, i den färdiga sidan efter {at['answer']} och {at['chart']} s"
    )
    return told + (f"; minne {number(memory)} MB\n  {slow}" if last else "")


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
