"""``lagesbild serve``: the dashboard, and beside it, if asked, an ingest that the dashboard picks up when done."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from lagesbild.config import ROOT, Settings, SettingsError, environment_of

if TYPE_CHECKING:
    import argparse

#: Seconds to wait for another process that builds the first warehouse.
_LONGEST_WAIT = 60
#: Seconds that the dashboard has for itself: whoever opens the page as it starts is not kept waiting by what goes on beside.
_BESIDE_AFTER = 5.0
#: Without looking for garbage: what is imported stays, and looking through it takes up to a fifth of a start.
_START = "import gc, sys; gc.disable(); from lagesbild.cli import start; start.main(*sys.argv[1:])"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("--port", type=int)
    parser.add_argument("--demo", action="store_true", help="visa påhittade signaler i stället för kommunens")
    parser.add_argument("--ingest", action="store_true", help="hämta nya uppgifter i bakgrunden")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Serve the dashboard until stopped; return its exit code."""
    port = settings.port if options.port is None else options.port
    if not 1 <= port <= 65535:
        raise SettingsError("Porten måste ligga mellan 1 och 65535.")
    return _serve(replace(settings, demo=settings.demo or options.demo), port, with_ingest=options.ingest)


def _serve(settings: Settings, port: int, *, with_ingest: bool) -> int:
    hindrance = _hindrance(settings.address, port)
    if hindrance:
        sys.stderr.write(f"lagesbild: {hindrance}\n")
        return 1
    signal.signal(signal.SIGTERM, _stop)  # as a service is stopped: the children go too
    environment = {**os.environ, **environment_of(settings)}
    beside = None
    # It imports what it needs while the warehouse is made ready here, then waits for the line.
    command = [sys.executable, "-c", _START, settings.address, str(port)]
    dashboard = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    try:
        _prepare(settings)
        if dashboard.stdin:
            dashboard.stdin.write("visa\n")
            dashboard.stdin.flush()  # left open: when we are gone, however it happened, it ends too
        sys.stdout.write(f"Lägesbild visas på http://localhost:{port} (avsluta med Ctrl-C)\n")
        sys.stdout.flush()
        with suppress(subprocess.TimeoutExpired):
            return dashboard.wait(_BESIDE_AFTER)
        beside = _start_beside(environment, with_ingest=with_ingest)
        return dashboard.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in (dashboard, beside):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(timeout=10)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _prepare(settings: Settings) -> None:
    """See that there is something to show, and that expired texts are gone."""
    # Imported here, while the dashboard's process is already importing its own.
    from lagesbild.data.state import now  # noqa: PLC0415
    from lagesbild.signals.store import SignalStore  # noqa: PLC0415
    from pipelines.archive import RawArchive  # noqa: PLC0415
    from pipelines.publish import BusyError, single_writer, usable_vintage  # noqa: PLC0415
    from pipelines.sources import polisen  # noqa: PLC0415

    SignalStore(settings.local_file).expire_now()
    for _ in range(_LONGEST_WAIT):
        try:
            with single_writer(settings):
                if usable_vintage(settings) is None:
                    from pipelines.run import prepare  # noqa: PLC0415 - a second, and only the first time

                    sys.stdout.write("Bygger datalagret av de medföljande uppgifterna ...\n")
                    prepare(settings)
                RawArchive(settings).expire_texts(polisen.Polisen.id, now(), polisen.redact)
            return
        except BusyError:
            if usable_vintage(settings) is not None:
                return
            time.sleep(1)  # another start is building it
    raise BusyError("En annan inläsning pågår sedan länge och det finns inget datalager ännu.")


def _start_beside(environment: dict[str, str], *, with_ingest: bool) -> subprocess.Popen[bytes]:
    """Start what goes on while the dashboard is shown: an ingest, or only the working out of everybody's answers."""
    work = ["lagesbild.cli", "ingest", "--if-stale"] if with_ingest else ["pipelines.work_out"]
    # nice: the dashboard has the processor first.
    command = ["nice", "-n", "10", sys.executable, "-m", *work]
    return subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 - our own program


def _hindrance(address: str, port: int) -> str:
    """Say why nothing can listen there; empty if it can."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"port {port} används redan. Välj en annan: lagesbild serve --port N"
            return f"det går inte att lyssna på {address}, port {port} ({error.strerror})"
    return ""
