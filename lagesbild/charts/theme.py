"""Colours, type and layout of every chart: one accent for the home municipality, grey for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import plotly.io as pio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plotly.basedatatypes import BasePlotlyType, BaseTraceType

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


#: The look, in the order in which it stands in a cited figure: its checksum is of what is written.
_FONT: dict[str, Any] = {"family": FONT, "size": 14, "color": INK}
_LOOK: dict[str, Any] = {"font": _FONT, "hoverlabel": {"font": _FONT, "bgcolor": "white"}}
_GROUND: dict[str, Any] = {
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "separators": ",\u00a0",
    "showlegend": False,
    "dragmode": False,
}
_X: dict[str, Any] = {"showgrid": False, "linecolor": GREY, "tickcolor": GREY, "ticks": "outside"}
_Y: dict[str, Any] = {"gridcolor": GRID, "zeroline": False}
#: Numbers are written as in Swedish: 60 000, neither 60k nor 60000.
_EVERY_AXIS: dict[str, Any] = {
    "automargin": True,
    "fixedrange": True,
    "separatethousands": True,
    "exponentformat": "none",
}
#: What plotly knows our template by: its own, looked through once.
_TEMPLATE = "lagesbild"


def blank(*traces: BaseTraceType) -> go.Figure:
    """Return a figure with plotly's own template: what every chart begins with.

    A figure takes the template that is the default when it is made, which Streamlit changes: the same chart would have
    another number on the page than by command. To set one afterwards has plotly look through all of it, half of what a
    chart costs.
    """
    if pio.templates.default != _TEMPLATE:
        named = go.Figure()
        named.layout.template = "plotly"
        pio.templates[_TEMPLATE] = named.layout.template
        pio.templates.default = _TEMPLATE
    return go.Figure(traces)


def styled(figure: go.Figure, height: int, y_title: str = "") -> go.Figure:
    """Give a figure that began as `blank` the common look.

    Parameters
    ----------
    height
        Pixels.
    y_title
        Shown above the axis, horizontally, so that it needs no turning of the head.
    """
    margin = {"l": 8, "r": 12, "t": 34 if y_title else 10, "b": 8}
    _set(figure.layout, {"margin": margin, **_LOOK, "height": height, **_GROUND})
    for axis in figure.select_xaxes():
        _set(axis, {**_X, **_EVERY_AXIS})
    for axis in figure.select_yaxes():
        _set(axis, {**_Y, **_EVERY_AXIS})
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


def _set(part: BasePlotlyType, values: Mapping[str, Any]) -> None:
    """Write values that are known to be right into a part, and into parts of it.

    Plotly would look at each, and its `update` tell the figure of each, which takes a third of what a chart costs.
    """
    part._validate = False
    for name, value in values.items():
        if isinstance(value, dict):
            _set(part[name], value)
        else:
            part[name] = value
    part._validate = True
