"""The drawn lines and bars of a chart, as what they are: plotly's own types know only that they are traces."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


def traces(figure: go.Figure) -> list[Any]:
    return list(figure.data)
