"""Everybody by all measures: one thin column a municipality, so that the whole country is seen in one look."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from lagesbild.charts.heat_map import HIGH, LABEL, LOW, MIDDLE
from lagesbild.charts.theme import ACCENT, INK, blank, styled
from lagesbild.statistics.rule import Level
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lagesbild.comparison.outliers import CountryCell

#: The colours end at a third of the group's median and at three times it.
_ENDS = 3.0


def all_of_them(
    answers: Sequence[CountryCell], home: str, names: Mapping[str, str], titles: Mapping[str, str]
) -> go.Figure:
    """Draw one row a measure and one column a municipality, in order of the first measure; marks where it stands out.

    Parameters
    ----------
    answers
        As `outliers.of_country` returns them.
    home
        The code whose column is pointed out.
    titles
        Names of the measures by indicator id.
    """
    measures = list(dict.fromkeys(answer.indicator_id for answer in answers))
    cells = {(answer.indicator_id, answer.code): answer for answer in answers}
    first = {answer.code: answer.ratio or 0.0 for answer in answers if answer.indicator_id == measures[0]}
    codes = sorted({answer.code for answer in answers}, key=lambda code: (-first.get(code, 0.0), code))
    labels = ["<br>".join(wrap(titles[key], LABEL)) for key in measures]
    grid = [[cells.get((key, code)) for code in codes] for key in measures]
    figure = blank(
        go.Heatmap(
            z=[[_shade(answer) for answer in row] for row in grid],
            x=list(range(len(codes))),
            y=labels,
            ygap=3,
            zmin=-np.log(_ENDS),
            zmax=np.log(_ENDS),
            colorscale=[(0, LOW), (0.5, MIDDLE), (1, HIGH)],
            showscale=False,
            customdata=[[_told(answer, names) for answer in row] for row in grid],
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    )
    for level, symbol in ((Level.HIGHER, "triangle-up"), (Level.LOWER, "triangle-down")):
        out = [
            (column, labels[row])
            for row, answers_of in enumerate(grid)
            for column, answer in enumerate(answers_of)
            if answer is not None and answer.stands_out and answer.level is level
        ]
        figure.add_scatter(
            x=[column for column, _ in out],
            y=[label for _, label in out],
            mode="markers",
            hoverinfo="skip",
            marker={"symbol": symbol, "size": 7, "color": INK, "line": {"width": 0}},
        )
    styled(figure, height=150 + 52 * len(measures))
    if home in codes:
        at = codes.index(home)
        figure.add_vrect(x0=at - 0.5, x1=at + 0.5, line={"color": ACCENT, "width": 1.5})
        figure.add_annotation(
            x=at,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"<b>{names[home]}</b>",
            showarrow=False,
            font={"color": ACCENT},
            xanchor="left" if at < len(codes) / 5 else "right" if at > 0.8 * len(codes) else "center",
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showticklabels=False, ticks="", title=None)
    figure.update_layout(margin={"t": 36})
    return figure


def _shade(answer: CountryCell | None) -> float | None:
    if answer is None or answer.ratio is None:
        return None
    return float(np.log(max(answer.ratio, 1 / _ENDS)))


def _told(answer: CountryCell | None, names: Mapping[str, str]) -> str:
    if answer is None:
        return "saknas"
    ratio = "okänd kvot" if answer.ratio is None else f"{number(answer.ratio, 2)} gånger gruppens median"
    return f"{names[answer.code]}: {ratio}{', sticker ut' if answer.stands_out else ''}"
