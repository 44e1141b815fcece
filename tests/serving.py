"""``lagesbild serve`` as a process of its own, and the browser that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from lagesbild.config import ROOT

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
