"""Start Streamlit: first what tells the answer, then what draws the first page, and a little later all that pages need.

``lagesbild serve`` runs this beside the building of the warehouse: a line on standard input says that
there is something to show. Without it (the input just ends) nothing is started.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from lagesbild.cli import without_theme  # noqa: F401 - before Streamlit

# isort: split
from streamlit import delta_generator
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager

from lagesbild.config import ROOT, load_settings
from lagesbild.data import log
from lagesbild.data.warehouse import WarehouseError
from lagesbild.data.warehouse.shown import SHOWN
from lagesbild.web.app import app
from lagesbild.web.shell import GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from lagesbild.config import Settings

#: What the first page is drawn with.
_FIRST = (
    "lagesbild.web.answer_html",
    "streamlit.emojis",
    "pyarrow",
    "lagesbild.figures.catalogue",
    "lagesbild.figures.archive",
    "lagesbild.hotspots.alarms",
    "lagesbild.answers.fact_sheet",
    "lagesbild.answers.leads",
)
#: What its tabs and the other pages are drawn with.
_NEXT = (
    "babel.dates",
    "babel.numbers",
    "scipy.stats",
    "statsmodels.genmod.generalized_linear_model",
    "statsmodels.tsa.seasonal",
    "sklearn.neighbors",
    "pyproj",
)
#: Seconds after a start: what the first page is drawn with waits no longer for somebody to have the answer, and whoever
#: opened the page as it started has the whole of it by the other.
_ANSWERED, _DRAWN = 2.0, 15.0
#: Seconds between the looks for a new vintage where nobody reads.
_LOOK = 60.0


def _import(*names: str) -> None:
    for name in names:
        import_module(name)


def import_all() -> None:
    """Import what the pages need, and let the garbage collector leave it alone.

    Streamlit collects all garbage after every page: looking through what is imported, and never goes, takes a tenth
    of a second each time.
    """
    _import(*_FIRST, *_NEXT)
    gc.freeze()
    atexit.register(gc.unfreeze)


def _import_while_waiting() -> None:
    """Import what will be needed, for as long as there is nothing to show."""
    for name in (*_FIRST, *_NEXT):
        if select.select([sys.stdin], [], [], 0)[0]:
            return
        import_module(name)


def _get_ready(settings: Settings) -> None:
    import_all()
    try:
        from pages.parts import ready  # noqa: PLC0415 - with all that pages need

        ready.in_advance()  # else the first reader would wait for what only later vintages had beforehand
    except Exception as error:  # the pages say what is wrong, and the rest is got ready all the same
        log.unexpected("förberedelse av sidorna", error)
    with suppress(WarehouseError):  # whoever opens a page is told
        SHOWN.prepare(settings.warehouse_folder)


def _keep_ready(settings: Settings) -> None:
    """Get each new vintage ready though nobody reads: by night figures come, and in the morning readers."""
    _get_ready(settings)
    while True:
        time.sleep(_LOOK)
        with suppress(WarehouseError):
            SHOWN.vintage(settings.warehouse_folder)


def _import_when_answered() -> None:
    GIVEN.wait(_ANSWERED)
    _import(*_FIRST)
    from lagesbild.charts import theme  # noqa: PLC0415 - with what draws

    theme.blank()  # what all charts begin with is made once


def _after(seconds: float, work: Callable[[], None]) -> None:
    later = threading.Timer(seconds, work)
    later.daemon = True
    later.start()


def _end_with_the_starter() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(address: str, port: str) -> None:
    """Serve the dashboard there as soon as a line comes in on standard input; garbage is looked for from then on."""
    _import_while_waiting()
    if not sys.stdin.readline():
        return
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    sys.path.append(str(ROOT))  # where the pages are, also where Python does not look in the working folder
    # Streamlit takes a folder named pages for a menu of its own until the first run of dashboard.py: a
    # reader who opened another page first would get it without menu and style.
    PagesManager.uses_pages_directory = False
    # It looks for parts of pages in all installed packages, half a second; we have none of that kind.
    manifest_scanner.scan_component_manifests = lambda *_: []
    # It looks through the sources of all modules for whether a console runs it: a quarter of the first page.
    delta_generator._use_warning_has_been_displayed = True
    SHOWN.in_advance = True
    # A new vintage is got ready outside any reader's page, which Streamlit would warn of each time.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    settings = replace(load_settings(), port=int(port))
    served = app(settings)
    _after(0, _import_when_answered)
    _after(_DRAWN, lambda: _keep_ready(settings))
    gc.freeze()
    gc.enable()
    served.run(config={"server.address": address, "server.port": int(port)})
