"""Indicators by municipalities: how far each lies from the middle of the group."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from lagesbild.charts.theme import INK, blank, styled
from lagesbild.comparison.words import decimals
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.benchmark import Comparison

#: Larger groups would give cells too small to read.
MOST_MEMBERS = 16
#: Light enough at both ends for numbers in ink.
LOW, MIDDLE, HIGH = "#6E9DBD", "#F7F5F1", "#D8984A"
#: The colours end at a third of the middle and at three times it.
_ENDS = 3.0
#: Characters of a row's name before it goes on in another line: longer ones leave the figures no room on a phone.
LABEL = 20


def heat_map(comparisons: Sequence[Comparison], home_name: str, names: Mapping[str, str]) -> go.Figure:
    """Draw one row an indicator and one column a municipality, coloured and labelled by the ratio to the group's median.

    Parameters
    ----------
    comparisons
        One an indicator, all against the same group.
    """
    members = sorted({code for c in comparisons for code in c.assessed.members}, key=names.__getitem__)
    columns = [f"<b>{home_name}</b>", *(names[code] for code in members)]
    ratios, texts = [], []
    for comparison in comparisons:
        median = comparison.assessed.spread.median
        found = [comparison.home.rate, *(comparison.assessed.members.get(code) for code in members)]
        row = [value / median if value is not None and median else None for value in found]
        ratios.append([np.log(max(r, 1 / _ENDS)) if r is not None else None for r in row])
        texts.append(["" if r is None else number(r, 1) for r in row])
    hover = [
        [
            f"{column}: {number(value, decimals(c.facts.unit))}" if value is not None else f"{column}: saknas"
            for column, value in zip(
                columns, [c.home.rate, *(c.assessed.members.get(m) for m in members)], strict=True
            )
        ]
        for c in comparisons
    ]
    figure = blank(
        go.Heatmap(
            z=ratios,
            x=columns,
            y=["<br>".join(wrap(c.facts.short, LABEL)) for c in comparisons],
            text=texts,  # type: ignore[arg-type] # plotly takes a cell's text
            customdata=hover,
            texttemplate="%{text}",
            textfont={"size": 13, "color": INK},
            xgap=2,
            ygap=2,
            zmin=-np.log(_ENDS),
            zmax=np.log(_ENDS),
            colorscale=[(0, LOW), (0.5, MIDDLE), (1, HIGH)],
            showscale=False,
            hovertemplate="%{y}<br>%{customdata}<br>%{text} gånger medianen<extra></extra>",
        )
    )
    styled(figure, height=130 + 44 * len(comparisons))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickangle=-60, ticks="", side="bottom")
    return figure
