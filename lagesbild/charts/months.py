"""Monthly series: as counted, without the season, and twelve months together; the wheel of the year; days and hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED, blank, styled
from lagesbild.data.collected import runs
from lagesbild.statistics.seasonal import FEWEST_SEASONS, decompose, moving_sum
from lagesbild.swedish import SHORT_MONTHS, number
from lagesbild.trends.rhythm import HOURS_TOGETHER, year_wheel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from lagesbild.data.reference import SeriesBreak
    from lagesbild.hotspots.forecast import Ahead
    from lagesbild.trends.rhythm import Series

DAY_NAMES = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")
#: More years than this on the axis would run into each other on a phone.
_MOST_TICKS = 7


def months_chart(
    series: Series, what: str, breaks: Sequence[SeriesBreak] = (), ahead: Ahead | None = None
) -> go.Figure:
    """Draw counts by month or quarter: bars as counted (hollow where preliminary), without season, and as twelve months' mean.

    Missing steps are a shaded gap. The season is that of the latest run without gaps; the mean is absent where any of
    its twelve months is.

    Parameters
    ----------
    what
        What is counted, in the plural: ``brott``.
    breaks
        Drawn as dashed lines where they fall inside the months shown.
    ahead
        What the next quarter is expected to hold, drawn as a bar between its limits.
    """
    figure = blank()
    starts = list(series.starts)
    figure.add_bar(
        x=starts,
        y=series.counts,
        name="Antal",
        hovertemplate="%{x|%Y-%m}: %{y} " + what + "<extra></extra>",
        marker={
            "color": ["white" if p else "#D9D6D0" for p in series.preliminary],
            "line": {"color": GREY, "width": 1},
        },
    )
    if ahead is not None:
        figure.add_bar(
            x=[ahead.start],
            y=[ahead.upper - ahead.lower],
            base=[ahead.lower],
            name="Väntat",
            marker={"color": BAND, "line": {"color": MUTED, "width": 1}},
            hovertemplate="%{x|%Y-%m}: väntat "
            + f"{number(ahead.lower)} till {number(ahead.upper)} {what}<extra></extra>",
        )
        figure.update_layout(barmode="overlay")
    _smooth(figure, series)
    if series.group is not None and np.isfinite(series.group).any():
        figure.add_scatter(
            x=starts,
            y=series.group,
            mode="lines",
            line={"color": MUTED, "width": 1.5},
            name="Gruppen, med kommunens folkmängd",
            hovertemplate="%{x|%Y-%m} om kommunen hade gruppens nivå: %{y:.1f}<extra></extra>",
        )
    for item in breaks:
        if starts and starts[0] < item.date <= starts[-1]:
            figure.add_vline(
                x=item.date.isoformat(),  # type: ignore[arg-type] # plotly takes dates
                line={"color": INK, "dash": "dash", "width": 1},
            )
            # Above the plot, where the axis has its name at the left.
            begins = item.date - starts[0] < (starts[-1] - starts[0]) / 6
            figure.add_annotation(
                x=item.date.isoformat(),
                y=1,
                yref="paper",
                yanchor="top" if begins else "bottom",
                text="avbrott",
                showarrow=False,
                xanchor="left" if begins else "center",
                xshift=4 if begins else 0,
                font={"color": MUTED, "size": 13},
            )
    each = "månad" if series.months_each == 1 else "kvartal"
    mark_missing(figure, series.missing, series.months_each)
    styled(figure, height=370, y_title=f"{what[0].upper()}{what[1:]} per {each}")
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "font": {"size": 13}},
    )
    figure.update_yaxes(rangemode="tozero")
    # As many years as a phone has room for, unturned.
    years = -(-len(series.starts) // (series.per_year * _MOST_TICKS))
    figure.update_xaxes(tickformat="%Y", dtick=f"M{12 * max(1, years)}", tickangle=0)
    return figure


def mark_missing(figure: go.Figure, missing: Sequence[date], months_each: int = 1) -> None:
    """Shade the months (or quarters) that nobody collected or published, so that the gap is not read as none."""
    for run in runs(missing, months_each):
        # A bar stands with its middle on its first day.
        half = timedelta(days=15 * months_each)
        first, last = run[0] - half, run[-1] + half
        figure.add_vrect(
            x0=first.isoformat(),  # type: ignore[arg-type] # plotly takes dates
            x1=last.isoformat(),  # type: ignore[arg-type] # plotly takes dates
            fillcolor=BAND,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            x=(first + (last - first) / 2).isoformat(),
            y=0.5,
            yref="paper",
            text="uppgifter saknas",
            textangle=-90,
            showarrow=False,
            font={"color": MUTED, "size": 13},
        )


def _smooth(figure: go.Figure, series: Series) -> None:
    starts, steps = list(series.starts), series.per_year
    wheel, run = year_wheel(series), series.unbroken(FEWEST_SEASONS * steps)
    parts = decompose(series.counts[run], steps, robust=True) if run else None
    if (
        run and parts is not None and wheel is not None and wheel.uneven
    ):  # else the season would be made of chance
        figure.add_scatter(
            x=starts[run],
            y=parts.adjusted,
            mode="lines",
            line={"color": ACCENT, "width": 1},
            opacity=0.55,
            name="Säsongsrensat",
            hovertemplate="%{x|%Y-%m} säsongsrensat: %{y:.1f}<extra></extra>",
        )
        figure.add_scatter(
            x=starts[run],
            y=parts.trend,
            mode="lines",
            line={"color": ACCENT, "width": 3},
            name="Trend",
            hovertemplate="%{x|%Y-%m} utan säsong och tillfälligheter: %{y:.1f}<extra></extra>",
        )
    year = moving_sum(series.counts, steps)
    if not np.isfinite(year).any():
        return
    figure.add_scatter(
        x=starts,
        y=year / steps,
        mode="lines",
        line={"color": INK, "width": 1.5, "dash": "dot"},
        customdata=year,
        name="Medel av tolv månader",
        hovertemplate="Tolv månader till %{x|%Y-%m}: %{customdata:.0f}<extra></extra>",
    )


def wheel_chart(shares: NDArray[np.float64]) -> go.Figure:
    """Draw each calendar month against an even year, January at the top."""
    figure = blank(
        go.Barpolar(
            r=12 * shares,
            theta=[30 * n for n in range(12)],
            width=[28] * 12,
            marker={"color": [ACCENT if 12 * share > 1 else GREY for share in shares], "opacity": 0.85},
            hovertext=[
                f"{SHORT_MONTHS[n]}: {number(100 * share, 1)} procent av året"
                for n, share in enumerate(shares)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.add_scatterpolar(
        r=[1] * 361,
        theta=list(range(361)),
        mode="lines",
        line={"color": INK, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    styled(figure, height=360)
    figure.update_layout(
        margin={"l": 40, "r": 40, "t": 30, "b": 30},
        polar={
            "angularaxis": {
                "direction": "clockwise",
                "rotation": 90,
                "tickvals": [30 * n for n in range(12)],
                "ticktext": list(SHORT_MONTHS),
            },
            "radialaxis": {"visible": False, "range": [0, 1.12 * max(1.2, 12 * float(shares.max()))]},
            "bgcolor": "white",
        },
    )
    return figure


def clock_chart(counts: NDArray[np.int64]) -> go.Figure:
    """Draw notices by weekday and part of the day, with the number in each cell."""
    hours = [f"{start:02d}–{start + HOURS_TOGETHER:02d}" for start in range(0, 24, HOURS_TOGETHER)]
    figure = blank(
        go.Heatmap(
            z=counts,
            x=hours,
            y=list(DAY_NAMES),
            text=counts,  # type: ignore[arg-type] # plotly takes a cell's text
            texttemplate="%{text}",
            textfont={"color": INK},
            showscale=False,
            colorscale=[(0.0, "#F7F5F1"), (1.0, "#D08770")],
            xgap=2,
            ygap=2,
            hovertemplate="%{y} kl. %{x}: %{z} notiser<extra></extra>",
        )
    )
    styled(figure, height=320)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title={"text": "Klockan", "font": {"size": 13, "color": MUTED}}, type="category")
    return figure
