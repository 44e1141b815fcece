"""A figure about an invented municipality, and a renderer that needs no browser."""

from __future__ import annotations

import plotly.graph_objects as go

from lagesbild.figures.model import Chart, Column, Fact, FigureSource, Table
from lagesbild.figures.picture import Stamp
from lagesbild.figures.render import NoBrowserError, Pictures, Renderer

SOURCE = FigureSource(
    title="Provkällan",
    attribution="Provverket",
    fetched_on="2026-01-02",
    shipped=False,
    licence="CC0",
    url="https://example.invalid",
)


def chart(
    n: int = 1, *, title: str = "Provkdby ligger högst", rows: tuple[tuple[str, int, float | None], ...] = ()
) -> Chart:
    rows = rows or (("Provkdby", 2025, 100.0 + n), ("Exby", 2025, 90.5), ("Saknby", 2025, None))
    columns = (Column("Kommun"), Column("År"), Column("Värde", 1, "per 100\u00a0000 invånare"))
    return Chart(
        id="group",
        parameters={"home": "9901", "indicator": f"X{n}"},
        pinned={"home": "9901", "indicator": f"X{n}", "year": 2025},
        title=title,
        subtitle="Provbrott 2025, per 100 000 invånare. En rad till.",
        figure=go.Figure(go.Scatter(x=[1, 2], y=[n, 3])),
        table=Table(columns, rows, 2),
        sources=(SOURCE,),
        method="Metod: räkning.",
        alt="Punktdiagram över prov.",
        said=(f"{title}: {100 + n}.",),
        limits="Siffrorna är påhittade.",
        facts=(Fact("Skillnad, procent", 12.4),),
        vintage="20260101T000000Z",
    )


class Plain(Renderer):
    """Draws nothing: its pictures are the stamp's own text."""

    def available(self) -> bool:
        return True

    def pictures(self, chart: Chart, stamp: Stamp | None = None, size: str = "sida") -> Pictures:
        text = f"{chart.title} {stamp.id if stamp else ''} {stamp.address if stamp else ''} {size}".encode()
        return Pictures(b"<svg>" + text, b"PNG" + text, b"PDF" + text)


class Without(Renderer):
    """A machine without chromium."""

    def available(self) -> bool:
        return False

    def pictures(self, chart: Chart, stamp: Stamp | None = None, size: str = "sida") -> Pictures:
        raise NoBrowserError("ingen webbläsare")
