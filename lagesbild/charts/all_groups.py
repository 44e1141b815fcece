"""The municipality against every comparison group at once: a row a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED, blank, styled
from lagesbild.comparison.words import GROUPS, LEVELS, SYMBOLS, decimals, unit_text
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from lagesbild.comparison.benchmark import Comparison

_WIDE, _THIN = 16, 2


def all_groups(found: Sequence[Comparison]) -> go.Figure:
    """Draw a row a group: its middle half and median, what is usual, and the municipality as a line through all.

    ``found``: the comparisons of one measure in one year, in order; the first is drawn on top.
    """
    first = found[0]
    places = decimals(first.facts.unit)
    figure = blank()
    if first.home.interval is not None:
        figure.add_vrect(
            x0=first.home.interval.lower,
            x1=first.home.interval.upper,
            fillcolor=ACCENT,
            opacity=0.12,
            line_width=0,
            layer="below",
        )
    figure.add_vline(x=first.home.rate, line={"color": ACCENT, "width": 2})
    rows = [_label(one) for one in found]
    for row, one in zip(rows, found, strict=True):
        spread, standing = one.assessed.spread, one.assessed.standing
        if standing is not None:
            _line(figure, row, standing.lower, standing.upper, GREY, _THIN, "Det vanliga")
        for colour, width in ((GREY, _WIDE + 2), (BAND, _WIDE)):  # the band, and its edge
            ends = spread.lower_quartile, spread.upper_quartile
            _line(figure, row, *ends, colour, width, "Mittersta hälften")
    figure.add_scatter(
        x=[one.assessed.spread.median for one in found],
        y=rows,
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"color": INK, "width": 2}},
        hovertemplate=[
            f"Median {number(one.assessed.spread.median, places)}<extra></extra>" for one in found
        ],
    )
    styled(figure, height=70 + 44 * len(found))
    top = max(
        [first.home.rate * 1.05, *(one.assessed.spread.upper_quartile for one in found)]
        + [one.assessed.standing.upper for one in found if one.assessed.standing is not None]
        + ([first.home.interval.upper] if first.home.interval is not None else [])
    )
    figure.update_xaxes(
        title={"text": unit_text(first.facts.unit).capitalize(), "font": {"size": 13, "color": MUTED}},
        range=[0, top * 1.04],
        tickformat=",.0f",
        nticks=6,
    )
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1], showgrid=False)
    return figure


def _label(one: Comparison) -> str:
    name = GROUPS.get(one.group.key, one.group.label)
    return f"{name}<br>{SYMBOLS[one.level]} {LEVELS[one.level]}"


def _line(figure: go.Figure, row: str, low: float, high: float, colour: str, width: int, what: str) -> None:
    figure.add_scatter(
        x=[low, high],
        y=[row, row],
        mode="lines",
        line={"color": colour, "width": width},
        hovertemplate=what + ": %{x:,.0f}<extra></extra>",
    )
