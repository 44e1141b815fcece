"""The week's map, drawn on the municipality's outline: signals and trouble spots, or cells of half a kilometre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lagesbild.charts.theme import ACCENT, GREY, MUTED, blank, styled
from lagesbild.data import reference
from lagesbild.hotspots.week import GRID_METRES
from lagesbild.signals.positions import longitude_latitude

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from lagesbild.hotspots.week import Spot, Week

#: Degrees of latitude around what is shown, and the least that is shown across.
_MARGIN, _LEAST = 0.012, 0.07
_HEIGHT = 300

_Point = tuple[float, float]


def week_map(home: str, week: Week) -> go.Figure | None:
    """Draw where the week's signals and the trouble spots are; None where no position is known or shown.

    Trouble spots have their numbers in `Week.spots`, 1 the first.
    """
    spots = [(n, spot) for n, spot in enumerate(week.spots, start=1) if spot.at is not None]
    at = [(one.x, one.y) for one in week.placed] + [spot.at for _, spot in spots if spot.at is not None]
    if not at:
        return None
    figure = blank()
    places = _degrees(at)
    view = _view(places)
    outline(figure, home, GREY, 2)
    if week.coarse:
        _cells(figure, [(one.x, one.y) for one in week.placed])
    else:
        _signals(figure, week, places[: len(week.placed)])
    _localities(figure, home, view)
    _spots(figure, [spot for _, spot in spots], [n for n, _ in spots], places[len(week.placed) :])
    styled(figure, height=_HEIGHT)
    (west, east), (south, north) = view
    figure.update_layout(showlegend=True, legend={"orientation": "h", "x": 0, "y": -0.04})
    figure.update_xaxes(visible=False, range=[west, east])
    ratio = 1 / math.cos(math.radians((south + north) / 2))
    figure.update_yaxes(visible=False, range=[south, north], scaleanchor="x", scaleratio=ratio)
    return figure


def _degrees(points: Sequence[_Point]) -> list[_Point]:
    if not points:
        return []
    return list(zip(*longitude_latitude([x for x, _ in points], [y for _, y in points]), strict=True))


def _view(places: Sequence[_Point]) -> tuple[_Point, _Point]:
    found = []
    for values, margin in (([x for x, _ in places], 2 * _MARGIN), ([y for _, y in places], _MARGIN)):
        middle = (min(values) + max(values)) / 2
        half = max((max(values) - min(values)) / 2 + margin, _LEAST / 2)
        found.append((middle - half, middle + half))
    return found[0], found[1]


def outline(figure: go.Figure, home: str, colour: str, width: float) -> None:
    """Draw a municipality's outline, in pixels and in degrees."""
    outlines = reference.outlines()
    for ring in outlines[home].rings if home in outlines else ():
        figure.add_scatter(
            x=[x for x, _ in ring],
            y=[y for _, y in ring],
            mode="lines",
            line={"color": colour, "width": width},
            hoverinfo="skip",
            showlegend=False,
        )


def _localities(figure: go.Figure, home: str, view: tuple[_Point, _Point]) -> None:
    """Name the localities in view, so that one sees where it is."""
    (west, east), (south, north) = view
    named = [
        (float(row["lon"]), float(row["lat"]), row["locality"])
        for row in reference.read_csv("localities.csv")
        if row["code"] == home
    ]
    inside = [(x, y, name) for x, y, name in named if west < x < east and south < y < north]
    figure.add_scatter(
        x=[x for x, _, _ in inside],
        y=[y for _, y, _ in inside],
        mode="markers+text",
        marker={"color": MUTED, "size": 5, "symbol": "square"},
        text=[name for _, _, name in inside],
        textposition="bottom center",
        textfont={"size": 13, "color": MUTED},
        hoverinfo="skip",
        showlegend=False,
    )


def _signals(figure: go.Figure, week: Week, places: Sequence[_Point]) -> None:
    if not places:
        return
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers",
        marker={"color": GREY, "size": 8, "line": {"color": "white", "width": 1}},
        hovertext=[f"{one.kind}, {one.locality}" for one in week.placed],
        hovertemplate="%{hovertext}<extra></extra>",
        name="Signal under veckan",
    )


def _cells(figure: go.Figure, middles: Sequence[_Point]) -> None:
    half = GRID_METRES / 2
    corners = ((-half, -half), (half, -half), (half, half), (-half, half), (-half, -half))
    for n, (x, y) in enumerate(middles):
        ring = _degrees([(x + dx, y + dy) for dx, dy in corners])
        figure.add_scatter(
            x=[x for x, _ in ring],
            y=[y for _, y in ring],
            mode="lines",
            fill="toself",
            fillcolor="rgba(138,144,153,0.45)",
            line={"color": GREY, "width": 1},
            hoverinfo="skip",
            name="Ruta med minst fem signaler",
            showlegend=not n,
        )


def _spots(
    figure: go.Figure, spots: Sequence[Spot], numbers: Sequence[int], places: Sequence[_Point]
) -> None:
    if not spots:
        return
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers+text",
        marker={"color": ACCENT, "size": 22, "line": {"color": "white", "width": 1}},
        text=[str(n) for n in numbers],
        textfont={"size": 13, "color": "white"},
        hovertext=[f"{n}. {spot.locality}" for n, spot in zip(numbers, spots, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
        name="Plats i tabellen",
    )
