"""A few municipalities over the years: the home one in the accent colour, the others told apart by dash, mark and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, INK, MUTED, blank, styled
from lagesbild.comparison.words import decimals, unit_text
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import Value
    from lagesbild.data.indicators import Unit
    from lagesbild.data.reference import SeriesBreak

#: How the others are drawn, in order: dash, mark and grey. No two are alike in black and white.
OTHERS = (
    ("solid", "circle", INK),
    ("dash", "square", MUTED),
    ("dot", "triangle-up", INK),
    ("dashdot", "circle-open", MUTED),
    ("longdash", "x", INK),
)
_HEIGHT = 400
#: Pixels that a line of text takes up, and a letter of a name.
_LINE, _LETTER = 19, 7.4
#: Pixels of the plot that are not the drawing itself.
_AROUND = 70
#: More years than this on the axis would run into each other on a phone.
_MOST_TICKS = 5
#: Of more years than this the marks are small, or they would hide the lines.
_MANY = 14


def pair_trends(
    series: Mapping[str, Sequence[Value]],
    home: str,
    names: Mapping[str, str],
    unit: Unit,
    breaks: Sequence[SeriesBreak] = (),
) -> go.Figure:
    """Draw one line a municipality, named at its end; years without a value are gaps.

    Parameters
    ----------
    series
        Values by code in order of year, each with at least one.
    breaks
        Drawn as dashed lines where they fall inside the years shown.
    """
    years = range(
        min(values[0].year for values in series.values()),
        max(values[-1].year for values in series.values()) + 1,
    )
    figure = blank()
    looks = dict(zip((code for code in series if code != home), OTHERS, strict=False))
    for code, values in sorted(series.items(), key=lambda item: item[0] == home):  # the home one on top
        dash, symbol, colour = looks.get(code, ("solid", "diamond", ACCENT))
        figure.add_trace(
            _line(values, years, names[code], decimals(unit), (dash, symbol, colour), code == home)
        )
    top = max((value.rate for values in series.values() for value in values), default=1.0) or 1.0
    _ends(figure, series, home, names, {code: look[2] for code, look in looks.items()}, top)
    for item in breaks:
        if years[0] < item.date.year <= years[-1]:
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
    styled(figure, height=_HEIGHT, y_title=unit_text(unit).capitalize())
    figure.update_yaxes(range=[0, top * 1.08], tickformat=",.0f")
    marked = list(years)[:: -max(1, -(-len(years) // _MOST_TICKS))]
    figure.update_xaxes(
        tickmode="array",
        tickvals=marked,
        ticktext=[str(year) for year in marked],
        tickangle=0,
        range=[years[0] - 0.3, years[-1] + 0.3],
    )
    longest = max(len(names[code]) for code in series)
    figure.update_layout(margin={"r": 16 + _LETTER * longest})
    return figure


def _line(
    values: Sequence[Value], years: range, name: str, places: int, look: tuple[str, str, str], home: bool
) -> go.Scatter:
    by_year = {value.year: value.rate for value in values}
    dash, symbol, colour = look
    return go.Scatter(
        x=list(years),
        y=[by_year.get(year) for year in years],
        name=name,
        mode="lines+markers",
        connectgaps=False,
        line={"color": colour, "dash": dash, "width": 3 if home else 1.8},
        marker={"color": colour, "symbol": symbol, "size": (9 if home else 7) if len(years) <= _MANY else 5},
        text=[number(by_year[year], places) if year in by_year else "" for year in years],
        hovertemplate=name + " %{x}: %{text}<extra></extra>",
    )


def _ends(
    figure: go.Figure,
    series: Mapping[str, Sequence[Value]],
    home: str,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    top: float,
) -> None:
    """Write each name where its line ends, moved apart where they would stand on each other."""
    codes = sorted(series, key=lambda code: series[code][-1].rate)
    least = top * 1.08 * _LINE / (_HEIGHT - _AROUND)
    heights = moved_apart([series[code][-1].rate for code in codes], least, top * 1.08)
    for code, height in zip(codes, heights, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=height,
            text=f"<b>{names[code]}</b>" if code == home else names[code],
            xanchor="left",
            xshift=6,
            showarrow=False,
            font={"color": colours.get(code, ACCENT), "size": 14},
        )


def moved_apart(heights: Sequence[float], least: float, top: float) -> list[float]:
    """Return ascending heights at least so far from each other, moved as little as their order and the top allow."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + least if found else least / 2))
    ceiling = top
    for n in range(len(found) - 1, -1, -1):
        found[n] = min(found[n], ceiling)
        ceiling = found[n] - least
    return found
