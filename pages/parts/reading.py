"""How each kind of chart is read, in plain words, for below the chart."""

from __future__ import annotations

from lagesbild.figures.catalogue import definition

#: What the explanation is called where it can be opened.
HEADING = "Hur läser man diagrammet?"


def how_to_read(chart_id: str) -> str:
    """Return two to four sentences on what a chart's marks, lines and colours are.

    They are kept with the chart, in the register.

    Raises
    ------
    ChartError
        For a chart that does not exist.
    """
    return definition(chart_id).reads
