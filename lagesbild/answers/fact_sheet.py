"""A measure of a municipality on one page of A4: the answer, its facts and charts, how sure it is, and where it comes from.

The page is HTML that the machine's own chromium prints, so that charts stay lines and text stays text. How much room
the charts get is found by laying the page out: it is never more than one. Every sentence is one that the pages say.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from bisect import bisect
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import segno
from markupsafe import Markup

from lagesbild import ExplainedError, __version__
from lagesbild.charts.contribution import MOST_BARS
from lagesbild.charts.group_dots import MOST_NAMED
from lagesbild.charts.theme import ACCENT, FONT, GRID, INK, MUTED
from lagesbild.comparison import benchmark, robustness, words
from lagesbild.data import reference
from lagesbild.data.crimes import parts_of
from lagesbild.figures.catalogue import build
from lagesbild.figures.model import Chart, ChartError
from lagesbild.figures.render import RENDERER, NoBrowserError, Renderer
from lagesbild.figures.yearly import compared
from lagesbild.files.whole import write_whole
from lagesbild.swedish import between, interval, joined, long_date, number
from lagesbild.trends.contribution import years_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from lagesbild.comparison.benchmark import Comparison
    from lagesbild.figures.register import ChartContext

#: Changed with the page's looks, so that a kept sheet of before is not given.
_LAYOUT = 1
_TEMPLATE = Path(__file__).with_name("fact_sheet.html")
_SWEDEN = ZoneInfo("Europe/Stockholm")
#: Pixels of A4's height at 96 an inch, less than one millimetre for what print rounds otherwise than the screen.
_PAGE_HEIGHT = 1119.0
#: A chart is drawn so wide and shown in a column of 341 pixels, so that its text is in proportion to the page's.
_DRAWN, _SHOWN = 430, 341
#: The name of the municipality stands above so many of its last years; a letter of a label is about so many pixels wide.
_UNDER_NAME, _LETTER = 3, 7.2
#: The group's name stands above its band where it would else stand on the axis: below this part of the highest value.
_NEAR_AXIS = 0.3
#: An axis that ends so far beyond the interval has room for a value after it.
_AFTER_INTERVAL = 1.22
#: More members than this are not listed.
_MOST_LISTED = 24
#: So many sheets are kept of a vintage; the oldest go first.
_MOST_KEPT = 500
_FOLDER = "fact-sheets"
NO_BROWSER = "Faktabladet kan inte göras: webbläsaren chromium saknas på servern. Den som sköter servern kan installera den."


class FactSheetError(ExplainedError):
    """A fact sheet that cannot be made; the message is Swedish."""


@dataclass(frozen=True)
class _Fit:
    """How a page is tried: the text's size, and where charts are between their least and their natural height (0 to 1)."""

    points: float
    roominess: float


#: Sizes of the text in points, each with how roomy the charts are then at most and at least, in tenths: text is made
#: smaller only when charts would else be low, and charts low only when text would else be small.
_SIZES = ((8.8, 10, 5), (8.4, 8, 3), (8.0, 6, 1), (7.6, 4, 0), (7.2, 2, 0))


@dataclass(frozen=True)
class Fact:
    """A number with what it is, and what is to be known of it."""

    label: str
    value: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Room:
    """A chart and the heights it may have, in pixels of the page."""

    chart: Chart
    least: float
    natural: float

    def height(self, fit: _Fit) -> float:
        return round(self.least + fit.roominess * max(0.0, self.natural - self.least))


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands on a fact sheet, before it is laid out."""

    title: str
    municipality: str
    about: str
    symbol: str
    heading: str
    lead: tuple[str, ...]
    facts: tuple[Fact, ...]
    charts: tuple[_Room, ...]
    certain: tuple[str, ...]
    whom: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...]
    address: str
    logo: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sentence and cell that a reader is to find on the page."""
        facts = [text for fact in self.facts for text in (fact.label, fact.value, *fact.notes)]
        charts = [text for room in self.charts for text in (room.chart.title, room.chart.subtitle)]
        cells = [cell for row in self.groups for cell in row]
        told = (self.heading, *self.lead, *facts, *charts, *self.certain, *self.whom, *cells)
        return tuple(text for text in (*told, *self.foot, self.address) if text)


def fact_sheet(
    context: ChartContext,
    home: str,
    indicator: str,
    group: str | None = None,
    *,
    base: str = "",
    folder: Path | None = None,
    logo: Path | None = None,
    renderer: Renderer = RENDERER,
) -> bytes:
    """Return the fact sheet of a measure as a tagged PDF of one page.

    Parameters
    ----------
    home, indicator, group
        Municipality code, indicator id and group key; without a group the municipality's first.
    base
        Where readers reach the dashboard (`Settings.public_address`); without it the sheet has no code to scan.
    folder
        `Settings.derived_folder`: a sheet that was made before of the same vintage is given again. None keeps none.
    logo
        The municipality's own, PNG.

    Raises
    ------
    ChartError
        Where there are no figures for that.
    FactSheetError
        Without chromium, or if it fails.
    """
    chosen = _compared(context, home, indicator, group).group.key
    file = folder and folder / _FOLDER / _name(context, (home, indicator, chosen, base, _raw(logo)))
    with _ONE_AT_A_TIME:
        if file and file.is_file():
            return file.read_bytes()
        made = _pdf(contents(context, home, indicator, chosen, base=base, logo=logo), renderer)
        if file:
            _keep(file, made)
    return made


_ONE_AT_A_TIME = threading.Lock()


def _compared(context: ChartContext, home: str, indicator: str, group: str | None) -> Comparison:
    try:
        return compared(context, home, group, indicator, None)
    except benchmark.NotFoundError as error:
        raise ChartError(str(error)) from error


def _raw(logo: Path | None) -> str:
    return base64.b64encode(logo.read_bytes()).decode() if logo else ""


def _name(context: ChartContext, asked: tuple[str, ...]) -> str:
    """Return the name of the file that a sheet is kept in: its vintage, and what it was asked for."""
    told = json.dumps([_LAYOUT, __version__, repr(context.chosen), *asked])
    return f"{context.warehouse.vintage}-{hashlib.sha256(told.encode()).hexdigest()[:24]}.pdf"


def _keep(file: Path, made: bytes) -> None:
    """Write a sheet whole or not at all, and take those of other vintages and the oldest away; a full disk is no error."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        vintage = file.name.rsplit("-", 1)[0]
        kept = sorted(file.parent.glob("*.pdf"), key=lambda one: one.stat().st_mtime, reverse=True)
        others = [one for one in kept if one.name.rsplit("-", 1)[0] != vintage]
        for old in {*others, *kept[_MOST_KEPT - 1 :]}:
            old.unlink(missing_ok=True)
        write_whole(file, made)


def file_name(context: ChartContext, home: str, indicator: str) -> str:
    """Return what a reader's file is called: ``faktablad-hallsberg-anmalda-brott-totalt.pdf``."""
    text = f"faktablad {context.names[home]} {context.panel.indicators[indicator].short}".lower()
    plain = text.translate(str.maketrans("åäöé", "aaoe"))
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')}.pdf"


def address_of(context: ChartContext, home: str, indicator: str, group: str, base: str) -> str:
    """Return the address of the page with the same answer; empty without a base."""
    if not base:
        return ""
    own = {
        "vikter": context.weights if group == "nearest" else "",
        "egen": context.own if group == "egen" else "",
    }
    asked = {"kommun": home, "nyckeltal": indicator, "grupp": group} | {k: v for k, v in own.items() if v}
    return f"{base.rstrip('/')}/?{urlencode(asked, safe=',:')}"


def contents(
    context: ChartContext,
    home: str,
    indicator: str,
    group: str | None = None,
    *,
    base: str = "",
    logo: Path | None = None,
    made: date | None = None,
) -> Sheet:
    """Return what stands on a fact sheet; parameters and `ChartError` as `fact_sheet`. ``made``: default today."""
    main = _compared(context, home, indicator, group)
    name, facts = context.names[home], main.facts
    same = list(benchmark.of_measure(context.panel, home, indicator))
    counted = robustness.count(same)
    lead = (
        words.headline(main, name, benchmark.without_police(context.panel, home, main)),
        words.groups_text(same) or (words.count_text(counted) if counted else ""),
    )
    charts = _charts(context, main, home)
    address = address_of(context, home, indicator, main.group.key, base)
    own = _raw(logo)
    return Sheet(
        title=f"Faktablad: {facts.short}, {name} {main.home.year}",
        municipality=reference.full_name(home, name),
        about=f"{facts.short} {main.home.year}",
        symbol=words.SYMBOLS[main.level],
        heading=words.answer(main, name),
        lead=tuple(text for text in lead if text),
        facts=_facts(main),
        charts=charts,
        certain=_certain(context, main, name),
        whom=_whom(context, main),
        groups=tuple(_group_row(one) for one in same),
        foot=_foot(context, [room.chart for room in charts], base, made),
        address=address,
        logo=f"data:image/png;base64,{own}" if own else "",
    )


def _facts(main: Comparison) -> tuple[Fact, ...]:
    facts, home, places = main.facts, main.home, words.decimals(main.facts.unit)
    spread, change = main.assessed.spread, facts.change
    about = "ungefär " if home.count_basis == "approximate" else ""
    counted = (f"{about}{number(home.count)} brott",) if home.count is not None else ()
    limits = (
        f"Felmarginal: {interval(home.interval.lower, home.interval.upper, places)}"
        if home.interval
        else "Felmarginalen är inte känd"
    )
    middle = between(spread.lower_quartile, spread.upper_quartile, places)
    found = [
        Fact(f"{home.year}, {words.unit_text(facts.unit)}", number(home.rate, places), (*counted, limits)),
        Fact("Plats bland kommunerna", f"{facts.rank} av {facts.ranked}", ("1 är högst",)),
        Fact("Gruppens median", number(spread.median, places), (f"hälften av gruppen ligger {middle}",)),
    ]
    if facts.expected is not None:
        usual = between(facts.expected.lower, facts.expected.upper)
        found.append(Fact("Väntat antal brott", number(facts.expected.expected), (f"vanligen {usual}",)))
    moved = number(change.difference, sign=True) if change else "–"
    return (*found, Fact("Mot året innan", moved, (words.change_text(facts),)))


def _charts(context: ChartContext, main: Comparison, home: str) -> tuple[_Room, ...]:
    """Return the charts of the sheet: the group, the years, and what drives the change where that can be drawn."""
    asked: dict[str, str | int] = {"home": home, "indicator": main.indicator_id, "group": main.group.key}
    group = build(context, "group", asked | {"year": main.home.year})
    years = build(context, "trend", asked)
    # Both stand side by side, and are as high as the one that needs more.
    rows = len(main.assessed.members) + 1 if len(main.assessed.members) <= MOST_NAMED else 4
    least, natural = max(170.0, 50 + 15.0 * rows), max(250.0, 60 + 22.0 * rows)
    found = [_Room(group, least, natural), _Room(years, least, natural)]
    drivers = _drivers(context, main, home)
    if drivers is not None:
        bars = min(len(drivers.table.rows) - 1, MOST_BARS)  # the first row is the whole
        found.append(_Room(drivers, 48 + 14.0 * bars, 60 + 24.0 * bars))
    return tuple(found)


def _drivers(context: ChartContext, main: Comparison, home: str) -> Chart | None:
    """Return what drives the change to the year of the answer, else to the newest year that has parts."""
    panel = context.panel
    whole, _ = parts_of(context.tree, main.indicator_id, panel.indicators.keys())
    later = years_of(panel, home, whole)[1:]
    asked: dict[str, str | int] = {"home": home, "indicator": main.indicator_id}
    if main.home.year in later:
        asked["last"] = main.home.year
    with suppress(ChartError):
        return build(context, "contribution", asked)
    return None


def _certain(context: ChartContext, main: Comparison, name: str) -> tuple[str, ...]:
    facts = main.facts
    official = words.official_text(facts.official) if facts.official else ""
    told = (
        words.certainty(main, name),
        context.tree.note(main.indicator_id),
        words.five_years_text(facts),
        words.expected_text(facts, name),
        official,
    )
    return tuple(text for text in told if text)


def _whom(context: ChartContext, main: Comparison) -> tuple[str, ...]:
    members = [context.names[code] for code in main.assessed.members]
    listed = f"Kommunerna är {joined(members)}." if len(members) <= _MOST_LISTED else ""
    return (f"{main.group.label}. {main.group.why} {listed}".strip(),)


def _group_row(one: Comparison) -> tuple[str, ...]:
    places, standing = words.decimals(one.facts.unit), one.assessed.standing
    return (
        one.group.label,
        number(one.assessed.spread.n),
        number(one.assessed.spread.median, places),
        interval(standing.lower, standing.upper, places) if standing else "–",
        f"{words.SYMBOLS[one.level]} {words.LEVELS[one.level]}",
        words.explain_level(one),
    )


def _foot(context: ChartContext, charts: Sequence[Chart], base: str, made: date | None) -> tuple[str, ...]:
    """Return where the figures come from and of when they are, how they were worked out, and what they do not say."""
    day = made or datetime.now(_SWEDEN).date()
    where = f"{base.rstrip('/')}/metod" if base else "sidan Metod i Lägesbild"
    return (
        " ".join(dict.fromkeys(chart.source_line for chart in charts)),
        f"{vintage_text(context)} Faktabladet gjordes {long_date(day)}.",
        f"{charts[0].method} Mer om metoden: {where}.",
        charts[0].limits,
    )


def vintage_text(context: ChartContext) -> str:
    """Say in words which state of the figures this is: the day that they were last changed here."""
    built = datetime.fromisoformat(context.warehouse.meta("built_at")).astimezone(_SWEDEN)
    return f"Siffrorna är de som fanns i Lägesbild {long_date(built.date())} kl. {built:%H.%M}."


def laid_out(sheet: Sheet, renderer: Renderer = RENDERER) -> str:
    """Return a sheet as the HTML page that is printed, with as large text and charts as one page has room for.

    Raises
    ------
    FactSheetError
        Where there is no room.
    """
    fit = _largest(sheet, renderer)
    heights = [room.height(fit) for room in sheet.charts]
    empty = _html(sheet, fit)
    if len(heights) > 2:  # as high as the text beside it, where that is higher
        heights[2] += max(0.0, renderer.height(empty, ".beside") - renderer.height(empty, ".drivers"))
    plots = [
        renderer.lines(_for_paper(room.chart), _DRAWN, round(height * _DRAWN / _SHOWN)).decode()
        for room, height in zip(sheet.charts, heights, strict=True)
    ]
    return _html(sheet, fit, plots, heights)


def _largest(sheet: Sheet, renderer: Renderer) -> _Fit:
    """Return the largest text, and with that the roomiest charts, that stand on one page; raises as `laid_out`."""

    def fits(tenths: int) -> bool:
        return renderer.height(_html(sheet, _Fit(points, tenths / 10))) <= _PAGE_HEIGHT

    for points, most, least in _SIZES:
        if fits(least):
            # Bisected: a page of lower charts is never higher.
            first_too_high = bisect(range(least + 1, most + 1), x=False, key=lambda tenths: not fits(tenths))
            return _Fit(points, (least + first_too_high) / 10)
    raise FactSheetError("Faktabladet får inte plats på en sida. Välj en mindre grupp att jämföra med.")


def _pdf(sheet: Sheet, renderer: Renderer) -> bytes:
    try:
        return renderer.printed(laid_out(sheet, renderer))
    except NoBrowserError:
        raise FactSheetError(NO_BROWSER) from None


def _for_paper(chart: Chart) -> go.Figure:
    """Return a chart's figure for a narrow column: every row named, and labels where they cover nothing."""
    figure = go.Figure(chart.figure)
    figure.update_layout(autosize=False, font_size=13)
    figure.update_annotations(font_size=12)
    tidied: dict[str, Callable[[Any], None]] = {
        "trend": _name_above,
        "contribution": _room_for_numbers,
        "group": _value_beside,
    }
    tidied[chart.id](figure)
    return figure


def _name_above(figure: Any) -> None:
    """Put the municipality's name above its last years, not only above the very last."""
    line = figure.data[-1]
    ends = [rate + more for rate, more in zip(line.y, line.error_y.array, strict=True)][-_UNDER_NAME:]
    for label in figure.layout.annotations:
        if label.font.color == ACCENT:
            label.update(y=max(ends), yshift=10)
        elif label.y is not None and label.text.startswith("Gruppen") and label.y < _NEAR_AXIS * max(line.y):
            uppers = figure.data[0].y[: len(figure.data[0].y) // 2]
            label.update(y=max(uppers[-_UNDER_NAME - 1 :]), yshift=10)


def _value_beside(figure: Any) -> None:
    """Put the municipality's value after its interval: above its row it would stand among its neighbours' values."""
    home = figure.data[-1]
    if not isinstance(home.y[0], str):  # many dots on one row, without values
        return
    more = (home.error_x.array or [0])[0]
    label = {"x": home.x[0] + more, "y": home.y[0], "xanchor": "left", "xshift": 9, "showarrow": False}
    figure.add_annotation(**label, text=home.text[0], font={"color": ACCENT, "size": 13})
    home.mode = "markers"
    end = max(figure.layout.xaxis.range[1], (home.x[0] + more) * _AFTER_INTERVAL)
    figure.update_xaxes(range=[0, end])
    figure.update_yaxes(dtick=1)


def _room_for_numbers(figure: Any) -> None:
    """Widen the axis, so that the number of the longest bar to the left stands clear of the names."""
    low, high = figure.layout.xaxis.range
    names = max(len(name) for name in figure.data[0].y)
    for_bars = max(90.0, _DRAWN - _LETTER * names - 30)
    more = (high - low) / for_bars
    figure.update_xaxes(range=[low - 30 * more * (low < 0), high + 20 * more], nticks=4)
    figure.update_yaxes(dtick=1)


def _html(sheet: Sheet, fit: _Fit, plots: Sequence[str] = (), heights: Sequence[float] = ()) -> str:
    """Return the page; without plots their places are empty, to be measured."""
    heights = heights or [room.height(fit) for room in sheet.charts]
    pictures = [
        {
            "title": room.chart.title,
            "subtitle": room.chart.subtitle,
            "alt": room.chart.alt,
            "height": heights[n],
            "svg": _inner(plots[n]) if plots else "",
        }
        for n, room in enumerate(sheet.charts)
    ]
    colours = {"ink": INK, "muted": MUTED, "accent": ACCENT, "line": GRID, "font": FONT}
    made: str = _template().render(
        sheet=sheet, fit=fit, pictures=pictures, code=_code(sheet.address), whole=bool(plots), **colours
    )
    return made


def _inner(svg: str) -> Markup:
    """Return a plot as it stands in HTML; plotly's own words in it are made from our figures alone."""
    return Markup(re.sub(r"^<\?xml[^>]*\?>", "", svg))  # noqa: S704


def _code(address: str) -> str:
    """Return the address as a QR code, a picture of lines to stand in the page; empty without an address."""
    if not address:
        return ""
    found: str = segno.make(address, error="m", micro=False).svg_data_uri(border=0, omitsize=True, dark=INK)
    return found


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only where a sheet is made

    return Environment(autoescape=True, undefined=StrictUndefined).from_string(_TEMPLATE.read_text("utf-8"))
