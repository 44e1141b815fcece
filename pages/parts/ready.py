"""A new vintage is got ready before readers see it: what all pages need, and the charts that were asked for lately."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lagesbild.data.warehouse import queries
from lagesbild.data.warehouse.shown import SHOWN
from lagesbild.figures.model import ChartError
from lagesbild.figures.register import ChartContext
from pages.parts import choices, figure, flag, stored, trend

if TYPE_CHECKING:
    from pathlib import Path


def in_advance() -> None:
    """Let every new vintage be got ready; it costs nothing to ask again."""
    SHOWN.prepare_with("sidorna", _get_ready)


def _get_ready(vintage: Path) -> None:
    warehouse = stored.opened(vintage)
    stored.names(warehouse)
    trend.tree_of(warehouse)
    flag.every_judged(warehouse)
    queries.notices_by_place(warehouse)  # not when a reader first wants them on the map
    drawn_from = ChartContext(warehouse, choices.usual_panel(warehouse))
    for chart_id, parameters in figure.asked_lately():
        with suppress(ChartError):  # what could be drawn in the vintage before need not be there in this one
            figure.built(drawn_from, chart_id, parameters)
