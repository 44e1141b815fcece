"""``lagesbild replay``: serve the answers that a probe has kept, so that it can be asked again."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from lagesbild.cli.options import OK
from pipelines.probe.replay import Recording, RecordingError, server

if TYPE_CHECKING:
    import argparse

    from lagesbild.config import Settings


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be told."""
    parser.add_argument("folder", type=Path, metavar="MAPP")
    parser.add_argument("--port", type=int, default=8700)


def run(_settings: Settings, options: argparse.Namespace) -> int:
    """Serve recorded answers until stopped, and say how to ask them."""
    recording = Recording(options.folder)
    try:
        served = server(recording, options.port)
    except OSError as error:
        raise RecordingError(f"port {options.port} kan inte användas ({error.strerror})") from None
    with closing(served.socket):
        urls = recording.base_urls(served.server_address[1])
        told = " ".join(f"--base-url {source}={url}" for source, url in urls.items())
        sys.stdout.write(
            f"Spelar upp {options.folder} (avsluta med Ctrl-C). Fråga med:\nlagesbild probe {' '.join(urls)} {told}\n"
        )
        sys.stdout.flush()
        served.serve_forever(0.1)
    return OK
