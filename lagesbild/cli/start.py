"""Start Streamlit with all that the pages need already imported, so that the first reader need not wait.

``lagesbild serve`` runs this beside the building of the warehouse: a line on standard input says that
there is something to show. Without it (the input just ends) nothing is started.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from importlib import import_module

from streamlit.runtime.pages_manager import PagesManager

from lagesbild.config import load_settings
from lagesbild.data.warehouse.shown import SHOWN

_NEEDED = (
    "lagesbild.comparison.benchmark",
    "lagesbild.data.freshness",
    "lagesbild.figures.yearly",
    "lagesbild.figures.archive",
    "sklearn.neighbors",
    "scipy.stats",
    "statsmodels.genmod.generalized_linear_model",
    "babel.dates",
    "babel.numbers",
    "pyarrow",
    "pyproj",
)


def import_all() -> None:
    """Import what the pages need, and let the garbage collector leave it alone.

    Streamlit collects all garbage after every page: looking through what is imported, and never goes, takes a tenth
    of a second each time.
    """
    for name in _NEEDED:
        import_module(name)
    gc.freeze()
    atexit.register(gc.unfreeze)


def _end_with_the_starter() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(address: str, port: str) -> None:
    """Serve the dashboard there as soon as a line comes in on standard input."""
    threading.Thread(target=import_all, daemon=True).start()
    if not sys.stdin.readline():
        return
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    # Streamlit takes a folder named pages for a menu of its own until the first run of dashboard.py: a
    # reader who opened another page first would get it without menu and style.
    PagesManager.uses_pages_directory = False
    from lagesbild.web.app import app  # noqa: PLC0415 - after the line, when there is a warehouse

    SHOWN.in_advance = True
    # A new vintage is got ready outside any reader's page, which Streamlit would warn of each time.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    settings = replace(load_settings(), port=int(port))
    app(settings).run(config={"server.address": address, "server.port": int(port)})


if __name__ == "__main__":
    main(*sys.argv[1:])
