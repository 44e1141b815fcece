"""Every municipality on one map by its answer, told apart by pattern as well as colour; no map server is asked."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, INK, blank, styled
from lagesbild.comparison.words import LEVELS, SYMBOLS, decimals
from lagesbild.data import reference
from lagesbild.statistics.rule import Level
from lagesbild.swedish import capital, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.comparison.everyone import Everyone, One
    from lagesbild.data.indicators import Unit

_HEIGHT = 860
#: At least 3:1 against every fill and against white.
BORDER = "#4A5056"
#: Fill, and the pattern that is read without colours; None is no value.
FILLS: dict[Level | None, tuple[str, str]] = {
    Level.HIGHER: ("#E2987F", ""),
    Level.LOWER: ("#A9C4D8", "/"),
    Level.LEVEL: ("#F0EEEA", ""),
    Level.UNDECIDED: ("#FFFFFF", "."),
    None: ("#FFFFFF", "x"),
}
_MISSING = "uppgift saknas"


def verdict_map(found: Everyone, home: str, unit: Unit) -> go.Figure:
    """Draw all municipalities by level; triangles where it is also unusually far, the home one outlined and named.

    Each municipality has an invisible mark in its middle, with its code as ``customdata``, to press.
    """
    outlines = reference.outlines()
    by_level: defaultdict[Level | None, list[One]] = defaultdict(list)
    for one in found.ones:
        if one.code in outlines:
            by_level[one.level].append(one)
    figure = blank()
    for level in FILLS:
        if by_level[level]:
            figure.add_trace(_areas(by_level[level], level))
    drawn = [one for some in by_level.values() for one in some]
    for level, symbol in ((Level.HIGHER, "triangle-up"), (Level.LOWER, "triangle-down")):
        out = [one for one in by_level[level] if one.stands_out]
        if out:
            figure.add_trace(_marks(out, f"{LEVELS[level]}, ovanligt långt ({len(out)})", symbol))
    _outline(figure, next((one for one in drawn if one.code == home), None))
    figure.add_scatter(
        x=[outlines[one.code].centre[0] for one in drawn],
        y=[outlines[one.code].centre[1] for one in drawn],
        mode="markers",
        marker={"opacity": 0, "size": 14},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertext=[told(one, unit) for one in drawn],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
        customdata=[one.code for one in drawn],
    )
    styled(figure, height=_HEIGHT)
    _framed(figure, [one.code for one in drawn])
    return figure


def _areas(ones: Sequence[One], level: Level | None) -> go.Scatter:
    colour, pattern = FILLS[level]
    x, y = rings([one.code for one in ones])
    name = f"{SYMBOLS[level]} {LEVELS[level]}" if level is not None else _MISSING
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=colour,
        fillpattern={"shape": pattern, "fgcolor": BORDER, "bgcolor": colour, "size": 5, "solidity": 0.25}
        if pattern
        else None,
        line={"color": BORDER, "width": 0.7},
        hoverinfo="skip",
        name=f"{name} ({len(ones)})",
    )


def _marks(ones: Sequence[One], name: str, symbol: str) -> go.Scatter:
    outlines = reference.outlines()
    return go.Scatter(
        x=[outlines[one.code].centre[0] for one in ones],
        y=[outlines[one.code].centre[1] for one in ones],
        mode="markers",
        marker={"symbol": symbol, "size": 9, "color": INK, "line": {"color": "white", "width": 1}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hoverinfo="skip",
        name=name,
        customdata=[one.code for one in ones],
    )


def _outline(figure: go.Figure, home: One | None) -> None:
    if home is None:
        return
    x, y = rings([home.code])
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": ACCENT, "width": 3}, hoverinfo="skip", showlegend=False
    )
    east, middle = reference.outlines()[home.code].centre
    figure.add_annotation(
        x=east,
        y=middle,
        text=f"<b>{home.name}</b>",
        font={"color": ACCENT, "size": 15},
        bgcolor="white",
        bordercolor=ACCENT,
        borderpad=3,
        arrowcolor=ACCENT,
        arrowwidth=2,
        # Away from the nearest coast, over Norway or the sea.
        ax=-90 if middle > 62 else 90,
        ay=-40 if middle > 62 else 30,
    )


def _framed(figure: go.Figure, codes: Sequence[str]) -> None:
    limits = [reference.outlines()[code].limits for code in codes]
    south, north = min(box[1] for box in limits), max(box[3] for box in limits)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(
        visible=False, scaleanchor="x", scaleratio=1 / math.cos(math.radians((south + north) / 2))
    )
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 0,
            "xanchor": "left",
            "yanchor": "top",
            "font": {"size": 13},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def told(one: One, unit: Unit) -> str:
    """Say in a line what is shown of a municipality."""
    if one.value is None:
        return f"<b>{one.name}</b>: {_MISSING}"
    level = LEVELS[one.level] if one.level is not None else "gruppen saknar värden"
    far = ", ovanligt långt" if one.stands_out else ""
    return f"<b>{one.name}</b>: {capital(level)}{far}<br>{number(one.value.rate, decimals(unit))}"


def rings(codes: Sequence[str]) -> tuple[list[float | None], list[float | None]]:
    """Return the outlines of municipalities as one line with gaps: longitudes and latitudes."""
    x: list[float | None] = []
    y: list[float | None] = []
    for code in codes:
        for ring in reference.outlines()[code].rings:
            x += [*(point[0] for point in ring), None]
            y += [*(point[1] for point in ring), None]
    return x, y
