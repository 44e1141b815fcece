"""The funnel plot: all municipalities by population and rate, with limits for the unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED, blank, styled
from lagesbild.comparison.funnel import ALARM, WARNING
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from lagesbild.comparison.funnel import Funnel

_TICKS = (10_000, 100_000, 1_000_000)


def funnel_chart(funnel: Funnel, names: Mapping[str, str]) -> go.Figure:
    """Draw one dot a municipality, the group as rings, its median, and the 95 and 99.8 % limits.

    Parameters
    ----------
    names
        Names by code.
    """
    figure = blank()
    people = funnel.municipalities["population"].to_numpy()
    grid = np.geomspace(people.min() * 0.9, people.max() * 1.1, 60)
    lower, upper = funnel.limits(grid, WARNING)
    figure.add_scatter(
        x=[*grid, *grid[::-1]],
        y=[*upper, *lower[::-1]],
        fill="toself",
        fillcolor=BAND,
        mode="lines",
        line={"color": GREY, "width": 1},
        hoverinfo="skip",
    )
    for limit in funnel.limits(grid, ALARM):
        figure.add_scatter(
            x=grid, y=limit, mode="lines", line={"color": MUTED, "width": 1, "dash": "dash"}, hoverinfo="skip"
        )
    figure.add_hline(y=funnel.standing.reference, line={"color": MUTED, "dash": "dot", "width": 1.5})
    for member, size, opacity, symbol in ((False, 6, 0.75, "circle"), (True, 9, 0.95, "circle-open")):
        dots = funnel.municipalities.filter((pl.col("member") == member) & (pl.col("code") != funnel.home))
        figure.add_scatter(
            x=dots["population"].to_list(),
            y=dots["rate"].to_list(),
            mode="markers",
            marker={
                "color": INK if member else MUTED,
                "size": size,
                "opacity": opacity,
                "symbol": symbol,
                "line": {"width": 2},
            },
            text=[_told(names, *row) for row in dots.select("code", "rate", "population").iter_rows()],
            hovertemplate="%{text}<extra></extra>",
        )
    home = funnel.municipalities.filter(code=funnel.home).row(0, named=True)
    figure.add_scatter(
        x=[home["population"]],
        y=[home["rate"]],
        mode="markers+text",
        text=[f"<b>{names[funnel.home]}</b>"],
        textposition="top center",
        textfont={"color": ACCENT, "size": 14},
        marker={"color": ACCENT, "size": 14, "symbol": "diamond"},
        hovertemplate=_told(names, funnel.home, home["rate"], home["population"]) + "<extra></extra>",
    )
    styled(figure, height=400, y_title="Per 100\u00a0000 invånare")
    figure.update_xaxes(
        type="log",
        title={
            "text": "Medelfolkmängd under året (tio gånger fler för varje steg)",
            "font": {"size": 13, "color": MUTED},
        },
        tickmode="array",
        tickvals=list(_TICKS),
        ticktext=[number(tick) for tick in _TICKS],
    )
    figure.update_yaxes(rangemode="tozero", tickformat=",.0f")
    return figure


def _told(names: Mapping[str, str], code: str, rate: float, population: float) -> str:
    return f"{names[code]}: {number(rate)}, {number(population)} invånare"
