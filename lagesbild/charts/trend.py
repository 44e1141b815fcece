"""The home municipality over the years, with its group's middle half as a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED, blank, styled
from lagesbild.comparison.words import decimals, unit_text
from lagesbild.swedish import interval, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from lagesbild.comparison.benchmark import Value
    from lagesbild.data.indicators import Unit
    from lagesbild.data.reference import SeriesBreak


#: More years than this on the axis would run into each other on a phone.
_MOST_TICKS = 7


def trend_chart(
    home_name: str,
    values: Sequence[Value],
    group: pl.DataFrame,
    unit: Unit,
    breaks: Sequence[SeriesBreak] = (),
) -> go.Figure:
    """Draw the home line with 95 % intervals, the group's median and its 25-75 % band.

    Parameters
    ----------
    values, group
        As `benchmark.trend` returns them.
    breaks
        Drawn as dashed lines where they fall inside the years shown.
    """
    figure = blank()
    years = group["year"].to_list()
    figure.add_scatter(
        x=years + years[::-1],
        y=group["upper_quartile"].to_list() + group["lower_quartile"].to_list()[::-1],
        fill="toself",
        fillcolor=BAND,
        line={"color": GREY, "width": 1},
        hoverinfo="skip",
        mode="lines",
    )
    places = decimals(unit)
    figure.add_scatter(
        x=years,
        y=group["median"].to_list(),
        mode="lines",
        line={"color": MUTED, "dash": "dot", "width": 2},
        text=[number(value, places) for value in group["median"]],
        hovertemplate="Gruppens median %{x}: %{text}<extra></extra>",
    )
    figure.add_trace(_home_line(home_name, values, places))
    if values:
        _label(figure, values[-1].year, values[-1].rate, f"<b>{home_name}</b>", ACCENT, 22)
    if years:
        # The text reaches back over some years, and is to stand below the band in all of them.
        below = min(group["lower_quartile"].tail(4))
        _label(figure, years[-1], below, "Gruppen, medianen prickad", MUTED, -14)
    for item in breaks:
        if years and years[0] < item.date.year <= years[-1]:
            figure.add_vline(x=item.date.year - 0.5, line={"color": INK, "dash": "dash", "width": 1})
            figure.add_annotation(
                x=item.date.year - 0.5,
                y=1,
                yref="paper",
                yanchor="bottom",
                text="avbrott",
                showarrow=False,
                font={"color": MUTED, "size": 13},
            )
    styled(figure, height=360, y_title=unit_text(unit).capitalize())
    figure.update_yaxes(rangemode="tozero", tickformat=",.0f")
    marked = years[:: -max(1, -(-len(years) // _MOST_TICKS))]
    figure.update_xaxes(
        tickmode="array", tickvals=marked, ticktext=[str(year) for year in marked], tickangle=0
    )
    return figure


def _home_line(home_name: str, values: Sequence[Value], places: int) -> go.Scatter:
    above = [value.interval.upper - value.rate if value.interval else 0 for value in values]
    below = [value.rate - value.interval.lower if value.interval else 0 for value in values]
    size = 9 if len(values) <= 2 * _MOST_TICKS else 6
    return go.Scatter(
        x=[value.year for value in values],
        y=[value.rate for value in values],
        mode="lines+markers",
        line={"color": ACCENT, "width": size / 3},
        marker={"color": ACCENT, "size": size, "symbol": "diamond"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": above,
            "arrayminus": below,
            "color": ACCENT,
            "thickness": 1.5,
            "width": 4,
        },
        text=[_told(value, places) for value in values],
        hovertemplate=home_name + " %{x}: %{text}<extra></extra>",
    )


def _told(value: Value, places: int) -> str:
    text = number(value.rate, places)
    if value.count is not None:
        text += f", {'ungefär ' if value.count_basis == 'approximate' else ''}{number(value.count)} brott"
    if value.interval:
        text += f" (95 %: {interval(value.interval.lower, value.interval.upper, places)})"
    return text


def _label(figure: go.Figure, x: float, y: float, text: str, colour: str, shift: int) -> None:
    figure.add_annotation(
        x=x,
        y=y,
        text=text,
        xanchor="right",
        yshift=shift,
        showarrow=False,
        font={"color": colour},
    )
