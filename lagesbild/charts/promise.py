"""A measure around a promise: bars by year or quarter, the promise's period shaded, and what was expected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED, blank, styled
from lagesbild.signals.promises import Every
from lagesbild.swedish import number, quarter_and_year
from lagesbild.trends.followed import Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from lagesbild.trends.followed import Followed, Part, Step

_OTHER = "#D9D6D0"
#: More years than this on the axis would run into each other on a phone.
_MOST_TICKS = 7
_DAY = 86_400_000


def promise_chart(found: Followed, y_title: str, *, share: bool = False) -> go.Figure:
    """Draw a measure by step, the steps of the period in the accent colour and its days shaded.

    Parameters
    ----------
    y_title
        What the bars count, above the axis.
    share
        Whether the values are shares, which are not spread over the steps.
    """
    figure, places = blank(), int(share)
    steps = [step for step in found.steps if step.value is not None]
    figure.add_bar(
        x=[_middle(step) for step in steps],
        y=[step.value for step in steps],
        width=[0.8 * _DAY * ((step.last - step.first).days + 1) for step in steps],
        name="Kommunen",
        text=[f"{_when(step, found.every)}: {number(step.value or 0, places)}" for step in steps],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        marker={
            "color": [_colour(step) for step in steps],
            "line": {"color": [ACCENT if step.where is Where.DURING else GREY for step in steps], "width": 1},
        },
    )
    grouped = [step for step in steps if step.group is not None]
    if grouped:
        figure.add_scatter(
            x=[_middle(step) for step in grouped],
            y=[step.group for step in grouped],
            mode="lines",
            line={"color": MUTED, "dash": "dot", "width": 2},
            name="Gruppens median",
            text=[
                f"{_when(step, found.every)} med gruppens median: {number(step.group or 0, 1)}"
                for step in grouped
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    for part, name in ((found.during, "Väntat"), (found.after, "Väntat efter")):
        if part is not None and found.before is not None:
            _expected(figure, part, name, 1 if share else _steps_in(steps, part))
    _shade(figure, found)
    for day in found.breaks:
        figure.add_vline(
            x=day.isoformat(),  # type: ignore[arg-type] # plotly takes dates
            line={"color": INK, "dash": "dash", "width": 1},
        )
    styled(figure, height=340, y_title=y_title)
    figure.update_layout(bargap=0)
    figure.update_yaxes(rangemode="tozero", tickformat=",.0f")
    years = len({step.first.year for step in steps})
    figure.update_xaxes(
        tickformat="%Y",
        dtick=f"M{12 * max(1, -(-years // _MOST_TICKS))}",
        ticklabelmode="period",
        tickangle=0,
    )
    return figure


def _middle(step: Step) -> str:
    return (step.first + (step.last - step.first) / 2).isoformat()


def _when(step: Step, every: Every) -> str:
    return str(step.first.year) if every is Every.YEAR else quarter_and_year(step.first)


def _colour(step: Step) -> str:
    if step.preliminary:
        return "white"
    return ACCENT if step.where is Where.DURING else _OTHER


def _steps_in(steps: Sequence[Step], part: Part) -> int:
    return sum(part.first <= step.first <= part.last for step in steps)


def _expected(figure: go.Figure, part: Part, name: str, steps: int) -> None:
    """Draw what the time before leads one to expect, as a mean of the steps."""
    level = part.own.expected / steps
    figure.add_scatter(
        x=[part.first.isoformat(), (part.last + timedelta(1)).isoformat()],
        y=[level, level],
        mode="lines",
        line={"color": INK, "dash": "dash", "width": 2},
        name=name,
        hovertemplate=f"Som före perioden: {number(level, 1)}<extra></extra>",
    )


def _shade(figure: go.Figure, found: Followed) -> None:
    figure.add_vrect(
        x0=found.first.isoformat(),  # type: ignore[arg-type] # plotly takes dates
        x1=(found.last + timedelta(1)).isoformat(),  # type: ignore[arg-type] # plotly takes dates
        fillcolor=BAND,
        line_width=0,
        layer="below",
    )
