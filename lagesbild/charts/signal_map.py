"""A small map of a municipality's signals, drawn on its outline: no map server is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lagesbild.charts.theme import ACCENT, GREY, INK, blank, styled
from lagesbild.charts.week_map import outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

#: Degrees around the points that are shown.
_MARGIN = 0.02


def signal_map(
    home: str,
    points: Sequence[tuple[float, float, str]],
    inside: Sequence[bool],
    middles: Sequence[tuple[float, float, str]],
) -> go.Figure:
    """Draw signals (longitude, latitude, what is told of them) and the clusters' middles with their names.

    Parameters
    ----------
    inside
        Whether each signal is in a cluster.
    """
    figure = blank()
    outline(figure, home, INK, 1.5)
    for chosen, colour, name in ((False, GREY, "Signal"), (True, ACCENT, "Signal i en klunga")):
        shown = [point for point, own in zip(points, inside, strict=True) if own is chosen]
        if shown:
            figure.add_scatter(
                x=[x for x, _, _ in shown],
                y=[y for _, y, _ in shown],
                mode="markers",
                marker={"color": colour, "size": 8, "line": {"color": "white", "width": 1}},
                hovertext=[told for _, _, told in shown],
                hovertemplate="%{hovertext}<extra></extra>",
                name=name,
            )
    figure.add_scatter(
        x=[x for x, _, _ in middles],
        y=[y for _, y, _ in middles],
        mode="text",
        text=[name for _, _, name in middles],
        textposition="top center",
        textfont={"size": 13, "color": INK},
        hoverinfo="skip",
        showlegend=False,
    )
    styled(figure, height=380)
    longitudes, latitudes = [x for x, _, _ in points], [y for _, y, _ in points]
    middle = sum(latitudes) / max(len(latitudes), 1)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "x": 0, "y": -0.05})
    figure.update_xaxes(visible=False, range=[min(longitudes) - 2 * _MARGIN, max(longitudes) + 2 * _MARGIN])
    figure.update_yaxes(
        visible=False,
        range=[min(latitudes) - _MARGIN, max(latitudes) + _MARGIN],
        scaleanchor="x",
        scaleratio=1 / math.cos(math.radians(middle)),
    )
    return figure
