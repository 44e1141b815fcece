"""The months behind a municipality's pattern: notices, what its usual share would give, and when it stood out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.theme import ACCENT, GREY, INK, blank, styled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lagesbild.hotspots.cube import Cube, Patterns

_COLD = "#5E84A1"


def evidence_chart(cube: Cube, patterns: Patterns, code: str) -> go.Figure:
    """Draw a municipality's counts by month against its usual share; months that stand out are marked."""
    at = cube.codes.index(code)
    months = list(cube.months)
    signs = patterns.bins[:, at]
    what, whole = cube.counted.capitalize(), cube.share_of(code)
    figure = blank()
    figure.add_bar(
        x=months,
        y=cube.counts[:, at],
        name=what,
        hovertemplate="%{x|%Y-%m}: %{y} " + cube.counted + "<extra></extra>",
        marker={
            "color": [{1: ACCENT, -1: _COLD}.get(int(sign), "#D9D6D0") for sign in signs],
            "line": {"color": GREY, "width": 1},
        },
    )
    figure.add_scatter(
        x=months,
        y=cube.expected[:, at],
        mode="lines",
        line={"color": INK, "width": 1.5, "dash": "dot"},
        name=f"Kommunens vanliga andel av {whole}",
        hovertemplate="%{x|%Y-%m}: %{y:.1f} väntade<extra></extra>",
    )
    marked = [
        (month, count, sign)
        for month, count, sign in zip(months, cube.counts[:, at], signs, strict=True)
        if sign
    ]
    if marked:
        figure.add_scatter(
            x=[month for month, _, _ in marked],
            y=[count for _, count, _ in marked],
            mode="text",
            showlegend=False,
            text=["▲" if sign > 0 else "▼" for _, _, sign in marked],
            textposition="top center",
            hoverinfo="skip",
        )
    styled(figure, height=280, y_title=f"{what} per {cube.each}")
    figure.update_layout(showlegend=True, legend={"orientation": "h", "x": 0, "y": -0.15})
    figure.update_xaxes(tickformat="%Y", dtick="M12")
    figure.update_yaxes(rangemode="tozero")
    return figure
