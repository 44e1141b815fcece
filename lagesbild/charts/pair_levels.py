"""A few municipalities side by side: a dot with its margin each, the highest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, INK, MUTED, blank, styled
from lagesbild.comparison.words import decimals, unit_text
from lagesbild.swedish import interval, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.comparison.benchmark import Value
    from lagesbild.data.indicators import Unit


def pair_levels(values: Mapping[str, Value], home: str, names: Mapping[str, str], unit: Unit) -> go.Figure:
    """Draw one row a municipality; the home one is a diamond in the accent colour, the others rings.

    Parameters
    ----------
    values
        By code, of the same year.
    """
    rows = sorted(values, key=lambda code: (values[code].rate, names[code]))
    figure = blank()
    for code in rows:
        figure.add_trace(_dot(values[code], names[code], decimals(unit), home=code == home))
    styled(figure, height=90 + 52 * len(rows))
    ends = [value.interval.upper if value.interval else value.rate for value in values.values()]
    figure.update_xaxes(
        title={"text": unit_text(unit).capitalize(), "font": {"size": 13, "color": MUTED}},
        range=[0, (max(ends) or 1) * 1.12],
        tickformat=",.0f",
        nticks=6,
    )
    # Room for the value above the highest dot.
    figure.update_yaxes(
        showgrid=False,
        categoryorder="array",
        categoryarray=[_row(names[code], home=code == home) for code in rows],
        range=[-0.6, len(rows) - 0.2],
    )
    return figure


def _row(name: str, *, home: bool) -> str:
    return f"<b>{name}</b>" if home else name


def _dot(value: Value, name: str, places: int, *, home: bool) -> go.Scatter:
    colour, limits = ACCENT if home else INK, value.interval
    shown = number(value.rate, places)
    told = f"{name}: {shown}"
    error = None
    if limits is not None:
        told += f" (95 %: {interval(limits.lower, limits.upper, places)})"
        error = {
            "type": "data",
            "symmetric": False,
            "array": [limits.upper - value.rate],
            "arrayminus": [value.rate - limits.lower],
            "color": colour,
            "thickness": 2,
            "width": 6,
        }
    return go.Scatter(
        x=[value.rate],
        y=[_row(name, home=home)],
        mode="markers+text",
        text=[f"<b>{shown}</b>" if home else shown],
        textposition="top center",
        textfont={"color": colour, "size": 14},
        marker={
            "color": colour if home else "white",
            "size": 14 if home else 12,
            "symbol": "diamond" if home else "circle",
            "line": {"color": colour, "width": 2},
        },
        error_x=error,
        hovertemplate=told + "<extra></extra>",
    )
