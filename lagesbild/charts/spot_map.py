"""A map of hotspot categories, drawn from outlines kept with the program: no map server is asked."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from lagesbild.charts.theme import INK, blank, styled
from lagesbild.charts.verdict_map import rings
from lagesbild.data import reference
from lagesbild.hotspots.categories import Category
from lagesbild.hotspots.words import means, spot_name
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go

    from lagesbild.hotspots.cube import Spot

#: On a map of more municipalities than this only those that stand out are named.
_MOST_NAMED = 35
#: Pixels that the narrowest map has, and that a letter and a line of a name take.
_ROOM, _LETTER, _LINE = (400.0, 500.0), 7.8, 17.0
#: From few to many: light enough for black names, and far from the colours of the categories.
_GROUNDS = ("#F4F2EE", "#E6E3DD", "#D6D2CA", "#C4BFB5")
#: Light enough for black names, too.
_NEW, _HOT, _COLD, _NONE = "#D2705A", "#DB8F7C", "#7B9CB5", "#F0EEEA"
#: Categories that call for attention are drawn stronger than those that have passed or come and go.
_STRENGTH = {
    Category.NEW: 1.0,
    Category.CONSECUTIVE: 0.95,
    Category.INTENSIFYING: 1.0,
    Category.PERSISTENT: 0.75,
    Category.DIMINISHING: 0.5,
    Category.SPORADIC: 0.45,
    Category.OSCILLATING: 0.45,
    Category.HISTORICAL: 0.25,
}


def spot_map(
    spots: Sequence[Spot],
    home: str,
    names: Mapping[str, str],
    counted: str = "notiser",
    levels: Mapping[str, float] | None = None,
    each: str = "månad",
) -> go.Figure:
    """Draw the municipalities coloured by category, the home one outlined; named where they stand out.

    ``levels``: each one's long-run level, the grey ground of those that have no category. ``each``: what
    a step is called.
    """
    outlines = reference.outlines()
    drawn = [spot for spot in spots if spot.code in outlines]
    figure = blank()
    together: defaultdict[tuple[Category, int, str], list[Spot]] = defaultdict(list)
    grounds = _grounds(levels or {})
    for spot in drawn:
        ground = "" if spot.sign else grounds.get(spot.code, _NONE)
        together[spot.category, spot.sign, ground].append(spot)
    for (category, sign, ground), members in together.items():
        x, y = rings([spot.code for spot in members])
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            fill="toself",
            fillcolor=ground or _colour(category, sign),
            hoverinfo="skip",
            line={"color": INK, "width": 0.8},
            name=spot_name(members[0]),
            showlegend=False,
        )
    if home in outlines:
        x, y = rings([home])
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"color": INK, "width": 2.5}, hoverinfo="skip", showlegend=False
        )
    named = len(drawn) <= _MOST_NAMED
    marked = _with_room([spot for spot in drawn if spot.sign != 0 or named], drawn, home, names)
    for group, symbols in ((marked, True), ([s for s in drawn if s not in marked], False)):
        figure.add_scatter(
            x=[outlines[s.code].centre[0] for s in group],
            y=[outlines[s.code].centre[1] for s in group],
            mode="markers+text" if symbols else "markers",
            marker={"opacity": 0, "size": 18},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}, "textfont": {"color": INK}},
            text=[_label(s, names) for s in group] if symbols else None,  # type: ignore[arg-type] # plotly takes no text
            textfont={"size": 13, "color": INK},
            hovertext=[_told(s, names, counted, each) for s in group],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
            customdata=[s.code for s in group],
        )
    styled(figure, height=520 if named else 820)
    middle = sum(outlines[s.code].centre[1] for s in drawn) / max(len(drawn), 1)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x", scaleratio=1 / math.cos(math.radians(middle)))
    return figure


def _grounds(levels: Mapping[str, float]) -> dict[str, str]:
    """Return a grey for each municipality: a quarter of them each, the darkest the highest levels."""
    order = sorted(levels, key=levels.__getitem__)
    return {code: _GROUNDS[len(_GROUNDS) * n // len(order)] for n, code in enumerate(order)}


def _with_room(
    wanted: Sequence[Spot], drawn: Sequence[Spot], home: str, names: Mapping[str, str]
) -> list[Spot]:
    """Return those whose names have room on the narrowest picture: the home one first, then those that stand out."""
    outlines = reference.outlines()
    points = [point for spot in drawn for ring in outlines[spot.code].rings for point in ring]
    if not points:
        return []
    (west, east), (south, north) = ((min(v), max(v)) for v in zip(*points, strict=True))
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min(_ROOM[0] / max((east - west) * narrow, 1e-9), _ROOM[1] / max(north - south, 1e-9))
    kept: list[tuple[float, float, float]] = []
    found = []
    for spot in sorted(wanted, key=lambda s: (s.code != home, s.sign == 0, -abs(s.score), s.code)):
        x, y = outlines[spot.code].centre
        box = (x * narrow * scale, y * scale, len(_label(spot, names)) * _LETTER)
        if all(abs(box[0] - a) > (box[2] + w) / 2 or abs(box[1] - b) > _LINE for a, b, w in kept):
            kept.append(box)
            found.append(spot)
    return found


def _label(spot: Spot, names: Mapping[str, str]) -> str:
    symbol = {1: "▲ ", -1: "▼ ", 0: ""}[spot.sign]
    return f"{symbol}{names.get(spot.code, spot.code)}"


def _told(spot: Spot, names: Mapping[str, str], counted: str, each: str) -> str:
    return (
        f"<b>{names.get(spot.code, spot.code)}</b>: {spot_name(spot)}, {means(spot.category, each)}<br>"
        f"{number(spot.count)} {counted} på ett år, {number(spot.expected)} väntade"
    )


def _colour(category: Category, sign: int) -> str:
    if sign == 0:
        return _NONE
    full = _HOT if sign > 0 else _COLD
    return _mixed(_NEW if sign > 0 and category is Category.NEW else full, _STRENGTH[category])


def _mixed(colour: str, share: float) -> str:
    parts = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * share):02X}" for part in parts)
