"""The picture of a chart: title, subtitle, plot, source, method, id and QR code in one SVG.

The browser that draws the plot also measures the text, so that lines are broken where they really end.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import segno
from markupsafe import escape

from lagesbild.charts.theme import FONT, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lagesbild.figures.model import Chart

    #: Width in pixels of each text in a size and weight: (texts, pixels, bold) -> widths.
    Measure = Callable[[Sequence[str], int, bool], Sequence[float]]

#: Widths in pixels: a column, a page, a screen.
SIZES = {"spalt": 440, "sida": 800, "bild": 1200}
_EDGE, _QR = 16, 84
#: Another machine's fonts may be a little wider than those that were measured.
_SLACK = 0.94


@dataclass(frozen=True)
class Stamp:
    """What makes a picture traceable: the id, what the QR code holds, and the line beside it."""

    id: str
    address: str
    line: str


@dataclass(frozen=True)
class _Text:
    lines: Sequence[str]
    size: int
    colour: str
    bold: bool = False

    @property
    def height(self) -> int:
        return round(len(self.lines) * self.size * 1.35)

    def drawn(self, x: float, y: float) -> str:
        weight = " font-weight='700'" if self.bold else ""
        return "".join(
            f"<text x='{x}' y='{y + self.size + n * self.size * 1.35:.1f}' font-size='{self.size}' fill='{self.colour}'{weight}>"
            f"{escape(line)}</text>"
            for n, line in enumerate(self.lines)
        )


def broken(text: str, width: float, size: int, measure: Measure, *, bold: bool = False) -> list[str]:
    """Return a text's lines, broken between words so that none is wider than ``width`` pixels."""
    words = text.split(" ")
    space, *widths = measure([" ", *words], size, bold)
    lines: list[str] = []
    used = 0.0
    for word, wide in zip(words, widths, strict=True):
        if lines and used + space + wide <= width * _SLACK:
            lines[-1] += f" {word}"
            used += space + wide
        else:
            lines.append(word)
            used = wide
    return lines


def plot_size(chart: Chart, size: str) -> tuple[int, int]:
    """Return width and height in pixels of the plot itself."""
    return SIZES[size] - 2 * _EDGE, int(chart.figure.layout.height or 360)


def footnotes(chart: Chart) -> list[str]:
    """Return what stands under the plot: the source, the method, and what the figures do not say."""
    limits = "" if chart.limits in chart.subtitle else chart.limits
    return [text for text in (chart.source_line, chart.method, limits) if text]


def compose(chart: Chart, plot: bytes, size: str, stamp: Stamp | None, measure: Measure) -> str:
    """Return the whole picture as SVG.

    Parameters
    ----------
    plot
        The plot as SVG, of `plot_size`.
    stamp
        None for a picture that is not frozen.
    """
    width = SIZES[size]
    inner = width - 2 * _EDGE
    small = size == "spalt"
    heading = _Text(
        broken(chart.title, inner, 17 if small else 20, measure, bold=True),
        17 if small else 20,
        INK,
        bold=True,
    )
    below = _Text(broken(chart.subtitle, inner, 13, measure), 13, MUTED)
    beside = inner - (_QR + _EDGE if stamp else 0)
    foot = [_Text(broken(text, beside, 12, measure), 12, MUTED) for text in footnotes(chart)]
    if stamp:
        foot.append(_Text(broken(stamp.line, beside, 12, measure), 12, INK, bold=True))
    wide, high = plot_size(chart, size)
    parts = []
    y = float(_EDGE)
    for text in (heading, below):
        parts.append(text.drawn(_EDGE, y))
        y += text.height + 6
    parts.append(f"<g transform='translate({_EDGE},{y})'>{_nested(plot, wide, high)}</g>")
    y += high + 10
    top = y
    for text in foot:
        parts.append(text.drawn(_EDGE, y))
        y += text.height + 3
    if stamp:
        parts.append(_code(stamp, width - _EDGE - _QR, top))
        y = max(y, top + _QR)
    height = round(y + _EDGE)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='{width}' height='{height}' "
        f"viewBox='0 0 {width} {height}' role='img' lang='sv' xml:lang='sv' font-family='{escape(FONT)}'>"
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.alt)}</desc>"
        f"<rect width='{width}' height='{height}' fill='white'/>{''.join(parts)}</svg>"
    )


def _nested(plot: bytes, width: int, height: int) -> str:
    """Return the plot as an inner SVG; its random ids stay its own."""
    text = plot.decode("utf-8")
    text = re.sub(r"^<\?xml[^>]*\?>", "", text)
    return re.sub(r"width=\"\d+\" height=\"\d+\"", f'width="{width}" height="{height}"', text, count=1)


def _code(stamp: Stamp, x: float, y: float) -> str:
    buffer = io.BytesIO()
    code = segno.make(stamp.address, error="m", micro=False)
    code.save(buffer, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, dark=INK)
    inside = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", buffer.getvalue().decode())
    side = code.symbol_size(border=0)[0]
    return (
        f"<g transform='translate({x},{y}) scale({_QR / side:.4f})' role='img' aria-label='QR-kod: {escape(stamp.address)}'>"
        f"{inside}</g>"
    )


def page(svg: str, chart: Chart) -> str:
    """Return the HTML page whose print is the PDF: Swedish, with a title and the chart's alt text."""
    return (
        f"<!doctype html><html lang='sv'><head><meta charset='utf-8'><title>{escape(chart.title)}</title>"
        "<style>html,body{margin:0;padding:0}svg{display:block}@page{margin:0}</style></head><body>"
        f"<div role='img' aria-label='{escape(chart.alt)}'>{svg}</div></body></html>"
    )
