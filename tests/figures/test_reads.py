"""How a chart is read: told of every chart, in few and plain sentences, and true of what is drawn."""

from __future__ import annotations

import json
import re

import pytest

from lagesbild.charts.evidence import _COLD
from lagesbild.charts.heat_map import HIGH, LOW
from lagesbild.charts.spot_map import _STRENGTH, _colour
from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED
from lagesbild.comparison.panel import Panel
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures.catalogue import all_definitions, build, definition
from lagesbild.figures.register import ChartContext, Definition
from pages.parts.reading import how_to_read
from tests.reading import lix

#: What a word of an explanation is in a figure's JSON.
SIGNS = {
    r"\b(?:[Rr]öd|ljusröd)": (ACCENT, *(_colour(category, 1) for category in _STRENGTH)),
    r"\b[Gg]r[åä]": (GREY, BAND, MUTED, "#D9D6D0", "#F4F2EE"),
    r"\b[Oo]range": (HIGH,),
    r"\b[Bb]lå": (LOW, _COLD, *(_colour(category, -1) for category in _STRENGTH)),
    r"\bsvart": (INK,),
    r"\b[Rr]omb": ('"symbol":"diamond"',),
    r"\b[Rr]ingarna": ('"symbol":"circle-open"',),
    r"\b[Tt]riang": ('"symbol":"triangle-up"',),
    r"▲": ("▲",),
    r"\b[Pp]rick(?:ad|at)": ('"dash":"dot"',),
    r"\b[Ss]treckad": ('"dash":"dash"',),
    r"\b[Oo]fylld": ('"white"',),
}
#: Where a figure has this, its explanation must speak of it; each in the words of the same row above.
TOLD = (r"\b[Rr]omb", r"\b[Tt]riang", r"\b[Pp]rick(?:ad|at)", r"\b[Ss]treckad", r"\b[Rr]ingarna")
#: Drawings of the shipped figures in which a chart has all that it can have.
DRAWINGS: dict[str, tuple[dict[str, str], ...]] = {
    "crime-months": ({"step": "quarter"},),
    "spot-map": ({"scope": "country"}, {"scope": "country", "until": "2025-01"}),
    "spot-months": ({}, {"home": "0180"}, {"home": "0686"}, {"home": "1280"}, {"home": "2460"}),
    "promise": ({"step": "quarter"}, {}),
    "trend": ({}, {"indicator": "SOL_STOLD"}),
    "county-notices": ({},),
}


def named(entry: Definition) -> str:
    return entry.id


@pytest.mark.parametrize("entry", all_definitions(), ids=named)
def test_every_chart_is_explained_in_two_to_four_plain_sentences(entry: Definition) -> None:
    told = how_to_read(entry.id)
    assert told == entry.reads
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", told)) <= 4
    assert told.endswith(".")
    assert lix(told) < 40
    assert not re.search(r"  |\d\.\d|median(?:en)? .*kvartil", told)


@pytest.mark.parametrize("entry", all_definitions(), ids=named)
def test_what_is_said_of_colours_and_symbols_is_what_is_drawn(
    entry: Definition, real: Warehouse, panel: Panel
) -> None:
    if (
        entry.id == "crime-wheel"
    ):  # needs months that are not shipped; drawn by the same function as the other wheel
        assert entry.reads.replace("brott", "notiser") == definition("notice-wheel").reads
        return
    drawn = " ".join(_drawn(entry, real, panel))
    for word, signs in SIGNS.items():
        said = re.search(word, entry.reads)
        if said and word not in _MAY_BE_ABSENT.get(entry.id, ()):
            assert any(sign.lower() in drawn.lower() for sign in signs), f"{said[0]} is not drawn"
        if word in TOLD and any(sign in drawn for sign in signs):
            assert said, f"{signs} is not told"


#: What a chart has where the figures give cause: a season is taken out only where there is one.
_MAY_BE_ABSENT = {"notice-months": (r"\b(?:[Rr]öd|ljusröd)",)}


def _drawn(entry: Definition, warehouse: Warehouse, panel: Panel) -> list[str]:
    found = []
    for more in DRAWINGS.get(entry.id, ({},)):
        asked: dict[str, str | int] = {"home": "1861"}
        if any(parameter.name == "indicator" for parameter in entry.parameters):
            asked["indicator"] = "N07540"
        chart = build(ChartContext(warehouse, panel), entry.id, asked | more)
        figure = json.loads(str(chart.figure.to_json()))
        figure["layout"].pop("template", None)
        found.append(json.dumps(figure, ensure_ascii=False, separators=(",", ":")))
    return found
