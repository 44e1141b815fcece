"""Colours, type and layout of every chart: one accent for the home municipality, grey for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

ACCENT = "#B5472F"
INK = "#1F2328"
MUTED = "#5B6168"
#: 3.2:1 against white: what must be seen on white. On `BAND` it is too pale (2.4:1), there `MUTED` is used.
GREY = "#8A9099"
#: A pale ground, itself only 1.3:1 against white: where its ends say something, it has an edge of `GREY`.
BAND = "#E3E0DA"
GRID = "#ECE9E4"
FONT = "Source Sans Pro, Source Sans, Liberation Sans, DejaVu Sans, sans-serif"

#: Plotly's own settings for Swedish readers: no logo, no tools that a first reader trips over.
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
}


#: Numbers are written as in Swedish: 60 000, neither 60k nor 60000.
_WHOLE: dict[str, Any] = {"separatethousands": True, "exponentformat": "none"}


def styled(figure: go.Figure, height: int, y_title: str = "") -> go.Figure:
    """Give a figure the common look.

    Parameters
    ----------
    height
        Pixels.
    y_title
        Shown above the axis, horizontally, so that it needs no turning of the head.
    """
    # Set, not updated: else it is that of who draws, and the same figure has another number on the page than by command.
    figure.layout.template = "plotly"
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 34 if y_title else 10, "b": 8},
        font={"family": FONT, "size": 14, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        separators=",\u00a0",
        hoverlabel={"bgcolor": "white", "font": {"family": FONT, "size": 14, "color": INK}},
        showlegend=False,
        dragmode=False,
    )
    figure.update_xaxes(
        showgrid=False,
        linecolor=GREY,
        tickcolor=GREY,
        ticks="outside",
        automargin=True,
        fixedrange=True,
        **_WHOLE,
    )
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True, **_WHOLE)
    if y_title:
        figure.add_annotation(
            text=y_title,
            xref="paper",
            yref="paper",
            x=0,
            y=1,
            yshift=26,
            xanchor="left",
            showarrow=False,
            font={"size": 13, "color": MUTED},
        )
    return figure
