"""Police notices a month: what the collection covers, never a measure of crime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lagesbild.charts.months import mark_missing
from lagesbild.charts.theme import ACCENT, GREY, blank, styled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import plotly.graph_objects as go
    import polars as pl


def notices_chart(months: pl.DataFrame, missing: Sequence[date] = ()) -> go.Figure:
    """Draw bars a month: the county's notices in grey, the home municipality's in the accent colour.

    Parameters
    ----------
    months
        Columns month (date), home and county (notices; null where missing) and whole: hollow bars where not.
    missing
        The months without any notices collected, shaded.
    """
    figure = blank()
    for column, colour, name in (("county", GREY, "Länet"), ("home", ACCENT, "Kommunen")):
        for whole in (True, False):
            shown = months.filter(months["whole"] == whole)
            partly = "" if whole else ", inte helt insamlad"
            figure.add_bar(
                x=shown["month"].to_list(),
                y=shown[column].to_list(),
                name=name,
                showlegend=whole,
                marker={
                    "color": colour if whole else "white",
                    "line": {"color": "white" if whole else colour, "width": 1},
                },
                hovertemplate=name + " %{x|%Y-%m}: %{y}" + partly + "<extra></extra>",
            )
    mark_missing(figure, missing)
    styled(figure, height=280, y_title="Notiser per månad")
    figure.update_layout(
        barmode="overlay",
        showlegend=True,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.12},
    )
    figure.update_xaxes(tickformat="%Y", dtick="M12")
    return figure
