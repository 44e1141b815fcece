"""All sources, in the order they are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.sources.bra_indicators import BraIndicators
from pipelines.sources.bra_open_data import BraOpenData
from pipelines.sources.bra_sol import BraSol
from pipelines.sources.kolada import Kolada
from pipelines.sources.polisen import Polisen
from pipelines.sources.scb import Scb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.contract import Source

# Kolada first: it gives the municipalities that the others name. SOL last: it takes the longest.
SOURCES: Mapping[str, Source] = {
    source.id: source for source in (Kolada(), Scb(), Polisen(), BraOpenData(), BraIndicators(), BraSol())
}
