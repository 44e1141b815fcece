"""A new vintage is got ready before readers see it: what all pages need, and the charts that were asked for lately."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from lagesbild.comparison import everyone
from lagesbild.comparison.benchmark import NotFoundError
from lagesbild.data.warehouse import queries
from lagesbild.data.warehouse.shown import SHOWN
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from lagesbild.hotspots import cube as cubes
from lagesbild.hotspots.reported import last_month_of
from pages.parts import choices, figure, flag, stored, trend

if TYPE_CHECKING:
    from pathlib import Path

    from lagesbild.comparison.panel import Panel
    from lagesbild.data.warehouse import Warehouse

#: Streamlit's name of the threads that draw readers' pages, each for as long as it takes.
_DRAWING = "ScriptRunner.scriptThread"
#: Seconds that a chart waits until no page is being drawn, at most, and between the looks.
_PATIENCE, _LOOK = 0.5, 0.01


def in_advance() -> None:
    """Let every new vintage be got ready; it costs nothing to ask again."""
    SHOWN.prepare_with("sidorna", _get_ready)


def _get_ready(vintage: Path) -> None:
    warehouse = stored.opened(vintage)
    stored.names(warehouse)
    trend.tree_of(warehouse)
    flag.every_judged(warehouse)
    _hotspots(warehouse)
    queries.notices_by_place(warehouse)  # not when a reader first wants them on the map
    panel = choices.usual_panel(warehouse)
    _everybody(panel)
    drawn_from = ChartContext(warehouse, panel)
    asked = figure.asked_lately()
    # In any order: of processes that serve beside each other one draws what another then only reads.
    random.shuffle(asked)
    for chart_id, parameters in asked:
        _let_readers_first()
        with suppress(ChartError):  # what could be drawn in the vintage before need not be there in this one
            figure.built(drawn_from, chart_id, parameters)


def _everybody(panel: Panel) -> None:
    """Work out the list of all municipalities as it is before anything is chosen."""
    measure = next(iter(panel.standard), "")
    kind = next((key for key, kind in panel.kinds.items() if kind.counted), "")
    with suppress(NotFoundError):
        everyone.of_measure(panel, measure, kind)


def _hotspots(warehouse: Warehouse) -> None:
    """Work out what is shown before anything is chosen."""
    category = next(iter(cubes.categories(warehouse)), None)
    if category:
        whole, ends = cubes.whole_of(warehouse, category)
        if ends:
            cubes.patterned(warehouse, category, last_month_of(ends[-1], whole.per_year))


def _let_readers_first() -> None:
    patience = time.monotonic() + _PATIENCE
    while _is_drawing() and time.monotonic() < patience:
        time.sleep(_LOOK)


def _is_drawing() -> bool:
    """Tell whether a reader waits for a page in this process."""
    return any(thread.name == _DRAWING for thread in threading.enumerate())
