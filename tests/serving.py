"""``lagesbild serve`` as a process of its own, and the browser that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Browser, Error, Page

from lagesbild.config import ROOT
from lagesbild.signals.store import SignalStore
from lagesbild.web.health import ALIVE

#: The same engine without windows, tabs and extensions around it draws a page in two thirds of the processor time.
#: `make test` installs it; where it is missing the whole browser does the same.
_SHELL = "/usr/bin/chromium-headless-shell"
#: What a person prints from: its PDFs keep the space between two elements, the other's do not.
WHOLE_CHROMIUM = "/usr/bin/chromium"
CHROMIUM = _SHELL if Path(_SHELL).exists() else WHOLE_CHROMIUM
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Fewer threads: two workers have a processor each, and what threads do beside is done over again.
    "--in-process-gpu",
    "--num-raster-threads=1",
    "--js-flags=--single-threaded",
]


#: Of anna, who is let in where the dashboard is shown.
PASSWORD = "ett långt lösenord"


@dataclass(frozen=True)
class Shown:
    """A dashboard that is served, its local file, and the number of a chart that has been cited in it."""

    url: str
    store: SignalStore
    cited: str


class Window:
    """A browser's window that is opened once and shows one page after the other: half the work of a new one each time.

    The programs of the page stay compiled. What else a reader leaves behind, cookies and what pages keep, `forget`
    takes away.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[str, Page] = {}

    def __call__(self, width: int = 1440, height: int = 900, locale: str = "sv-SE") -> Page:
        """Return the window of a reader who has been nowhere yet; the same one each time."""
        page = self._pages.get(locale)
        if page is None or page.is_closed():
            # Nothing slides or fades in: what is asked of the page need not wait for that.
            context = self._browser.new_context(locale=locale, reduced_motion="reduce")
            page = self._pages[locale] = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    def forget(self) -> None:
        """Take away what was kept; a window in which that fails is closed."""
        for page in self._pages.values():
            try:
                # An empty page of the same server: for another site's the browser begins a new process, which has
                # compiled nothing.
                page.goto(f"{page.evaluate('location.origin')}{ALIVE}")
                page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
                page.context.clear_cookies()
            except Error:
                page.context.close()


class Line:
    """A line to a server that can be cut: nothing comes through and nobody is answered until it is mended."""

    def __init__(self, port: int) -> None:
        self._port, self.port = port, free_port()
        self._open: list[socket.socket] = []
        self._listening: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        """Let everything through."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def cut(self) -> None:
        """Break off what is under way, and let nothing more through."""
        assert self._listening
        self._listening.shutdown(socket.SHUT_RDWR)  # whoever waits in accept is woken
        self._listening.close()
        for one in self._open:
            _end(one)
        self._open.clear()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                ours, _ = listening.accept()
                theirs = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            self._open += [ours, theirs]
            for one, other in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    _end(one)
    _end(other)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def dashboard_alone(
    home: Path, port: int | None = None, environment: Mapping[str, str] | None = None, first: str = ""
) -> Iterator[str]:
    """Show an installation that is ready, as ``serve`` does but without what it works out beside; gives its address.

    Parameters
    ----------
    port
        Where; a free one if left out.
    environment
        Variables beside those of this process.
    first
        Python to carry out before, in the process of the dashboard.
    """
    port = port or free_port()
    starts = f"{first}\nfrom lagesbild.cli import start\nstart.main('127.0.0.1', '{port}')"
    with subprocess.Popen(
        [sys.executable, "-c", starts],
        cwd=ROOT,
        env={**os.environ, **(environment or {}), "LAGESBILD_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdin
            server.stdin.write("visa\n")
            server.stdin.flush()
            _wait_for(f"http://localhost:{port}")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


@contextmanager
def serving(home: Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve an installation, started in a folder; gives its address when it answers."""
    port = free_port()
    command = [sys.executable, "-m", "lagesbild.cli", "serve", "--port", str(port)]
    variables = {**(os.environ if environment is None else environment), "LAGESBILD_HOME": str(home)}
    with subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://localhost:{port}")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            if requests.get(f"{url}/_stcore/health", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the dashboard did not start")
