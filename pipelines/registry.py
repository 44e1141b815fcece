"""All sources, in the order they are loaded."""
from __future__ import annotations
from typing import TYPE_CHECKING
from pipelines.kolada import Kolada
from pipelines.polisen import Polisen
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pipelines.contract import Source
SOURCES: Mapping[str, Source] = {source.id: source for source in (Kolada(), Polisen())}
