"""What drives a change: a bar for each crime type's part of it, with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, GREY, INK, MUTED, blank, styled
from lagesbild.swedish import interval, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.trends.contribution import Contribution, Part

#: More parts than this are told in the table alone.
MOST_BARS = 14


def contribution_chart(found: Contribution, names: Mapping[str, str]) -> go.Figure:
    """Draw the parts of a change, the largest at the top; certain ones are filled, uncertain ones hollow.

    Parameters
    ----------
    names
        What each part is called, by its key.
    """
    shown = found.parts[:MOST_BARS][::-1]
    colours = [ACCENT if part.difference > 0 else GREY for part in shown]
    figure = blank(
        go.Bar(
            x=[part.difference for part in shown],
            y=[names[part.key] for part in shown],
            orientation="h",
            marker={
                "color": [
                    colour if part.certain else "white" for part, colour in zip(shown, colours, strict=True)
                ],
                "line": {"color": colours, "width": 1.5},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [p.limits.upper - p.difference for p in shown],
                "arrayminus": [p.difference - p.limits.lower for p in shown],
                "color": INK,
                "thickness": 1,
                "width": 4,
            },
            hovertext=[_told(part, names[part.key], found) for part in shown],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    for part in shown:
        end = part.limits.upper if part.difference >= 0 else part.limits.lower
        figure.add_annotation(
            x=end,
            y=names[part.key],
            text=number(part.difference, sign=True),
            showarrow=False,
            xanchor="left" if part.difference >= 0 else "right",
            xshift=6 if part.difference >= 0 else -6,
            font={"color": MUTED, "size": 13},
        )
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    styled(figure, height=90 + 34 * len(shown))
    ends = [end for part in shown for end in (part.limits.lower, part.limits.upper)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = 0.18 * (high - low)
    figure.update_xaxes(
        title={
            "text": f"Fler eller färre brott {found.last} än {found.first}",
            "font": {"size": 13, "color": MUTED},
        },
        range=[low - 2.2 * room * (low < 0), high + room],
        tickformat=",.0f",
        nticks=6,
    )
    figure.update_yaxes(showgrid=False, automargin=True)
    return figure


def _told(part: Part, name: str, found: Contribution) -> str:
    return (
        f"{name}: {number(part.before)} brott {found.first}, {number(part.after)} brott {found.last}<br>"
        f"{number(part.difference, sign=True)} (95 %: {interval(part.limits.lower, part.limits.upper)})"
    )
