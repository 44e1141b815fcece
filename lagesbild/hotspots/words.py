"""What hotspots are called in Swedish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.hotspots.categories import Category
from lagesbild.swedish import number, spelled

if TYPE_CHECKING:
    from lagesbild.hotspots.cube import Spot
    from lagesbild.hotspots.scan import Cluster

NAMES = {
    Category.NEW: "Ny",
    Category.CONSECUTIVE: "Sammanhängande",
    Category.INTENSIFYING: "Växande",
    Category.PERSISTENT: "Bestående",
    Category.DIMINISHING: "Avtagande",
    Category.SPORADIC: "Återkommande",
    Category.OSCILLATING: "Växlande",
    Category.HISTORICAL: "Tidigare",
    Category.NONE: "Inget mönster",
}
MEANS = {
    Category.NEW: "utmärker sig den senaste månaden, aldrig tidigare",
    Category.CONSECUTIVE: "utmärker sig flera månader i rad fram till nu, aldrig före dem",
    Category.INTENSIFYING: "utmärker sig nästan alltid, och allt mer",
    Category.PERSISTENT: "utmärker sig nästan alltid, varken mer eller mindre",
    Category.DIMINISHING: "utmärker sig nästan alltid, men allt mindre",
    Category.SPORADIC: "utmärker sig nu och till och från förut",
    Category.OSCILLATING: "utmärker sig nu, men har tidigare utmärkt sig åt andra hållet",
    Category.HISTORICAL: "utmärkte sig nästan alltid, men inte nu",
    Category.NONE: "utmärker sig inte",
}


def spot_name(spot: Spot) -> str:
    """Return a symbol and a word: ``▲ Växande``, ``▼ Ny``, ``Inget mönster``."""
    return {1: "▲ ", -1: "▼ ", 0: ""}[spot.sign] + NAMES[spot.category]


def recurrence_text(cluster: Cluster) -> str:
    """Say how seldom chance alone gives such a cluster, looked for once a month."""
    months = cluster.recurrence
    if months < 2:
        return "så mycket ses nästan varje månad av en slump"
    if months < 24:
        return f"så mycket ses av en slump ungefär var {_ordinal(round(months))} månad"
    return f"så mycket ses av en slump ungefär en gång på {spelled(round(months / 12))} år"


def _ordinal(value: int) -> str:
    words = {2: "annan", 3: "tredje", 4: "fjärde", 5: "femte", 6: "sjätte", 7: "sjunde", 8: "åttonde", 9: "nionde",
             10: "tionde", 11: "elfte", 12: "tolfte"}  # fmt: skip
    return words.get(value, f"{value}:e")


def cluster_text(cluster: Cluster, names: list[str]) -> str:
    """Say where and how much: ``Kumla och Hallsberg: 14 notiser på två månader, 6 väntade``."""
    where = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"
    span = "den senaste månaden" if cluster.steps == 1 else f"de senaste {_months(cluster.steps)} månaderna"
    return f"{where}: {number(cluster.cases)} notiser {span}, {number(cluster.expected, 1)} väntade"


def _months(value: int) -> str:
    return {2: "två", 3: "tre"}.get(value, number(value))
