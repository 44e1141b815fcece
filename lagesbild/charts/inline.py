"""Small pictures inside table cells: a row of years, and a place among the group.

Each carries its meaning in words, for the pointer and for screen readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from lagesbild.charts.theme import ACCENT, BAND, GREY, INK
from lagesbild.comparison.words import decimals, unit_text
from lagesbild.swedish import between, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.comparison.benchmark import Comparison, Value
    from lagesbild.data.indicators import Unit

_WIDTH, _HEIGHT, _EDGE = 110, 26, 4


def sparkline(values: Sequence[Value], unit: Unit) -> str:
    """Draw the values of all years as a line, the latest as a diamond; from zero upwards."""
    if len(values) < 2:
        return "–"
    top = max(value.rate for value in values) or 1.0
    years = [value.year for value in values]
    span = years[-1] - years[0]

    def at(value: Value) -> tuple[float, float]:
        x = _EDGE + (_WIDTH - 2 * _EDGE) * (value.year - years[0]) / span
        return x, _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * value.rate / top

    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, values))
    places = decimals(unit)
    told = ", ".join(f"{value.year}: {number(value.rate, places)}" for value in values)
    return _svg(
        f"<polyline points='{points}' fill='none' stroke='{GREY}' stroke-width='1.5'/>"
        + _diamond(*at(values[-1])),
        f"{told} {unit_text(unit)}",
    )


def place_in_group(comparison: Comparison) -> str:
    """Draw the usual span, the group's middle half and median, and the home with its 95 % interval."""
    home, spread, standing = comparison.home, comparison.assessed.spread, comparison.assessed.standing
    ends = [spread.minimum, spread.maximum, home.rate]
    ends += [home.interval.lower, home.interval.upper] if home.interval else []
    ends += [standing.lower, standing.upper] if standing else []
    low, high = min(ends), max(ends)

    def x(value: float) -> float:
        return _EDGE + (_WIDTH - 2 * _EDGE) * ((value - low) / (high - low) if high > low else 0.5)

    middle = _HEIGHT / 2
    parts = [
        f"<rect x='{x(spread.lower_quartile):.1f}' y='5' width='{max(1.0, x(spread.upper_quartile) - x(spread.lower_quartile)):.1f}' "
        f"height='{_HEIGHT - 10}' fill='{BAND}' stroke='{GREY}'/>",
        f"<line x1='{x(spread.median):.1f}' x2='{x(spread.median):.1f}' y1='5' y2='{_HEIGHT - 5}' stroke='{INK}' stroke-width='1.5'/>",
    ]
    places = decimals(comparison.facts.unit)
    told = f"Gruppens median {number(spread.median, places)}"
    if standing:
        parts.append(
            f"<line x1='{x(standing.lower):.1f}' x2='{x(standing.upper):.1f}' y1='{_HEIGHT - 3}' y2='{_HEIGHT - 3}' "
            f"stroke='{GREY}' stroke-width='2'/>"
        )
        told += f". Det vanliga ligger {between(standing.lower, standing.upper, places)}"
    if home.interval:
        parts.append(
            f"<line x1='{x(home.interval.lower):.1f}' x2='{x(home.interval.upper):.1f}' y1='{middle}' y2='{middle}' "
            f"stroke='{ACCENT}' stroke-width='2'/>"
        )
    parts.append(_diamond(x(home.rate), middle))
    return _svg("".join(parts), f"Kommunen {number(home.rate, places)}. {told}")


def _diamond(x: float, y: float) -> str:
    return f"<path d='M{x:.1f},{y - 4:.1f} l4,4 l-4,4 l-4,-4 z' fill='{ACCENT}'/>"


def _svg(content: str, told: str) -> Markup:
    """Return an image: Streamlit lets no SVG element through, but an image of one."""
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{_HEIGHT}' "
        f"viewBox='0 0 {_WIDTH} {_HEIGHT}'>{content}</svg>"
    )
    return Markup(
        '<img class="lb-inline" width="{0}" height="{1}" alt="{2}" title="{2}" src="data:image/svg+xml,{3}">'
    ).format(_WIDTH, _HEIGHT, told, quote(picture))
