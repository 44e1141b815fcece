"""A municipality on one line among the members of its group, as SVG in the page itself: seen before any script has run."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING

from markupsafe import Markup

from lagesbild.charts.group_dots import about, described
from lagesbild.charts.theme import ACCENT, BAND, GREY, INK, MUTED
from lagesbild.comparison.words import decimals
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lagesbild.comparison.benchmark import Comparison

#: Pixels. Across, all is in per cent of the width, so that letters are as large on a phone.
_HEIGHT, _NAME, _TOP, _MIDDLE, _BOTTOM, _AXIS, _NUMBERS = 106, 18, 30, 52, 74, 82, 102
#: A name, and a number of the axis, that stands nearer an end than this, in per cent, is written inwards from there.
_NAME_NEAR_END, _NUMBER_NEAR_END = 18, 7
#: The axis has so many steps at most, each 1, 2 or 5 times a power of ten.
_STEPS = 4
#: Dots are spread up and down, the same way every time: consecutive multiples of this lie well apart.
_GOLDEN = 0.618034


def strip(comparison: Comparison, name: str) -> Markup:
    """Return a figure of HTML: a dot a member, the group's 25-75 as a band, its median, and the home with its 95 % interval."""
    home, spread = comparison.home, comparison.assessed.spread
    ends = [spread.maximum, home.rate, *([home.interval.upper] if home.interval else [])]
    top = 1.04 * max(ends) or 1.0
    parts = Markup().join([*_group(comparison, top), *_home(comparison, name, top), *_axis(top)])
    error = " med felmarginal" if home.interval else ""
    below = f"{about(comparison)} Varje punkt är en kommun. Röd romb: {name}{error}."
    picture = Markup("<svg role='img' aria-label='{}' width='100%' height='{}' font-size='14'>{}</svg>")
    return Markup("<figure>{}<figcaption class='lb-note'>{}</figcaption></figure>").format(
        picture.format(described(comparison, name), _HEIGHT, parts), below
    )


def _group(comparison: Comparison, top: float) -> Iterator[Markup]:
    spread = comparison.assessed.spread
    band = _percent(spread.upper_quartile - spread.lower_quartile, top)
    start, high = _percent(spread.lower_quartile, top), _BOTTOM - _TOP
    yield _element("rect", x=start, y=_TOP, width=band, height=high, fill=BAND, stroke=GREY)
    yield _upright(
        _percent(spread.median, top), _TOP, _BOTTOM, stroke=INK, stroke_width=2, stroke_dasharray="2 3"
    )
    for n, rate in enumerate(comparison.assessed.members.values()):
        at = _MIDDLE + ((n * _GOLDEN) % 1 - 0.5) * 0.6 * high
        yield _element("circle", cx=_percent(rate, top), cy=f"{at:.1f}", r=4, fill=MUTED, fill_opacity=0.75)


def _home(comparison: Comparison, name: str, top: float) -> Iterator[Markup]:
    home = comparison.home
    if home.interval:
        x1, x2 = (_percent(end, top) for end in (home.interval.lower, home.interval.upper))
        yield _element("line", x1=x1, x2=x2, y1=_MIDDLE, y2=_MIDDLE, stroke=ACCENT, stroke_width=2)
    # A path knows no per cent: one that begins at nought, in a picture that begins where the value is.
    diamond = _element("path", d=f"M0,{_MIDDLE - 8} l8,8 l-8,8 l-8,-8 z", fill=ACCENT)
    yield Markup("<svg x='{}' overflow='visible'>{}</svg>").format(_percent(home.rate, top), diamond)
    told = f"{name} {number(home.rate, decimals(comparison.facts.unit))}"
    yield _text(told, home.rate / top, _NAME_NEAR_END, y=_NAME, fill=ACCENT, font_weight=700)


def _axis(top: float) -> Iterator[Markup]:
    yield _element("line", x1=0, x2="100%", y1=_AXIS, y2=_AXIS, stroke=GREY)
    step = _step(top)
    for n in range(floor(top / step) + 1):
        yield _upright(_percent(n * step, top), _AXIS, _AXIS + 5, stroke=GREY)
        told = number(n * step, max(0, ceil(-log10(step))))
        yield _text(told, n * step / top, _NUMBER_NEAR_END, y=_NUMBERS, fill=MUTED)


def _step(top: float) -> float:
    power: float = 10 ** floor(log10(top / _STEPS))
    return next(times * power for times in (1, 2, 5, 10) if times * power * _STEPS >= top)


def _percent(value: float, top: float) -> str:
    return f"{100 * value / top:.2f}%"


def _upright(x: str, y1: float, y2: float, **attributes: object) -> Markup:
    return _element("line", x1=x, x2=x, y1=y1, y2=y2, **attributes)


def _text(text: str, share: float, near: int, **attributes: object) -> Markup:
    anchor = "start" if 100 * share < near else "end" if 100 * share > 100 - near else "middle"
    return _element("text", text, x=_percent(share, 1), text_anchor=anchor, **attributes)


def _element(tag: str, content: str = "", /, **attributes: object) -> Markup:
    """Return an element of SVG, all that is not markup escaped."""
    told = Markup().join(
        Markup(" {}='{}'").format(name.replace("_", "-"), value) for name, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, told, content)
