"""The home municipality beside each member of its group, in order of value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, BAND, GREY, MUTED, blank, styled
from lagesbild.comparison.words import decimals, unit_text
from lagesbild.swedish import interval, number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.comparison.benchmark import Comparison

MOST_NAMED = 16


def group_dots(comparison: Comparison, home_name: str, names: Mapping[str, str]) -> go.Figure:
    """Draw one dot a municipality; the home one with its 95 % interval, the group's 25-75 as a band.

    Groups of more than `MOST_NAMED` members are drawn as unnamed dots on one row.
    """
    named = len(comparison.assessed.members) <= MOST_NAMED
    figure = _named(comparison, home_name, names) if named else _cloud(comparison, home_name, names)
    spread = comparison.assessed.spread
    figure.add_vrect(
        x0=spread.lower_quartile,
        x1=spread.upper_quartile,
        fillcolor=BAND,
        line={"color": GREY, "width": 1},
        layer="below",
    )
    figure.add_vline(x=spread.median, line={"color": MUTED, "dash": "dot", "width": 1.5})
    rows = len(comparison.assessed.members) + 1 if named else 4
    styled(figure, height=90 + 30 * rows)
    figure.update_xaxes(
        title={"text": unit_text(comparison.facts.unit).capitalize(), "font": {"size": 13, "color": MUTED}},
        rangemode="tozero",
        tickformat=",.0f",
        nticks=6,
    )
    figure.update_yaxes(showgrid=False)
    return figure


def about(comparison: Comparison) -> str:
    """Say what is drawn, against whom, and how the group is seen in it."""
    facts = comparison.facts
    return (
        f"{facts.short} {comparison.home.year}, {unit_text(facts.unit)}. Jämfört med: {comparison.group.label}. "
        "Grått band: gruppens mittersta hälft. Prickad linje: medianen."
    )


def described(comparison: Comparison, home_name: str) -> str:
    """Say what is seen, for those who cannot see it."""
    facts, home = comparison.facts, comparison.home
    places = decimals(facts.unit)
    return (
        f"Punktdiagram: {home_name} har {number(home.rate, places)} {unit_text(facts.unit)} {home.year}, gruppens "
        f"median är {number(comparison.assessed.spread.median, places)}."
    )


def _named(comparison: Comparison, home_name: str, names: Mapping[str, str]) -> go.Figure:
    rows = sorted(
        [(rate, names[code], False) for code, rate in comparison.assessed.members.items()]
        + [(comparison.home.rate, home_name, True)]
    )
    places = decimals(comparison.facts.unit)
    figure = blank()
    others = [row for row in rows if not row[2]]
    figure.add_scatter(
        x=[rate for rate, _, _ in others],
        y=[name for _, name, _ in others],
        mode="markers+text",
        text=[number(rate, places) for rate, _, _ in others],
        textposition="middle right",
        textfont={"color": MUTED, "size": 13},
        marker={"color": MUTED, "size": 11},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.add_trace(_home_dot(comparison, home_name, home_name, places))
    # Room for the home municipality's value above its dot, also when it is the highest.
    figure.update_yaxes(
        categoryorder="array", categoryarray=[name for _, name, _ in rows], range=[-0.6, len(rows) - 0.1]
    )
    limits = comparison.home.interval
    widest = max(max(row[0] for row in rows) * 1.22, limits.upper * 1.05 if limits else 0.0)
    figure.update_xaxes(range=[0, widest])
    return figure


def _cloud(comparison: Comparison, home_name: str, names: Mapping[str, str]) -> go.Figure:
    places = decimals(comparison.facts.unit)
    codes = list(comparison.assessed.members)
    # A fixed scatter over the row, so that the picture is the same every time.
    heights = [((index * 0.618034) % 1.0 - 0.5) * 1.2 for index in range(len(codes))]
    figure = blank()
    figure.add_scatter(
        x=list(comparison.assessed.members.values()),
        y=heights,
        mode="markers",
        text=[f"{names[code]}: {number(rate, places)}" for code, rate in comparison.assessed.members.items()],
        marker={"color": MUTED, "size": 8, "opacity": 0.75},
        hovertemplate="%{text}<extra></extra>",
    )
    figure.add_trace(_home_dot(comparison, home_name, 0, places))
    figure.update_yaxes(visible=False, range=[-1, 1.1])
    figure.add_annotation(
        x=comparison.home.rate, y=0.95, text=f"<b>{home_name}</b>", showarrow=False, font={"color": ACCENT}
    )
    return figure


def _home_dot(comparison: Comparison, home_name: str, row: str | float, places: int) -> go.Scatter:
    home = comparison.home
    limits = home.interval
    error = None
    told = f"{home_name}: {number(home.rate, places)}"
    if limits is not None:
        error = {
            "type": "data",
            "symmetric": False,
            "array": [limits.upper - home.rate],
            "arrayminus": [home.rate - limits.lower],
            "color": ACCENT,
            "thickness": 2,
            "width": 6,
        }
        told += f" (95 %: {interval(limits.lower, limits.upper, places)})"
    return go.Scatter(
        x=[home.rate],
        y=[row],
        mode="markers+text" if isinstance(row, str) else "markers",
        text=[f"<b>{number(home.rate, places)}</b>"],
        textposition="top center",
        textfont={"color": ACCENT, "size": 14},
        marker={"color": ACCENT, "size": 14, "symbol": "diamond"},
        error_x=error,
        hovertemplate=told + "<extra></extra>",
    )
