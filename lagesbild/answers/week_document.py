"""The week's picture as one or two pages for the meeting, with room for minutes or the minutes themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lagesbild.answers.document import TEMPLATE
from lagesbild.answers.paper import Paper
from lagesbild.charts.week_map import week_map
from lagesbild.figures.render import RENDERER, RenderError
from lagesbild.hotspots import week as weekly
from lagesbild.hotspots import week_words as words
from lagesbild.signals.database import INVENTED
from lagesbild.signals.meetings import USUAL_AGENDA
from lagesbild.swedish import joined, long_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lagesbild.hotspots.week import Rhythm, Week
    from lagesbild.signals.meetings import Meeting, Taken

_MAP_PIXELS, _MAP_CM = 760, 13.0
_EMPTY_ROWS = 5
_MINUTES = (6.4, 3.2, 3.2, 3.2)
_NAME_AND_NUMBERS = 2.6
#: How dark the second part of a table is.
_BELOW = 0.15


def to_docx(
    week: Week,
    home: str,
    municipality: str,
    meeting: Meeting | None = None,
    last: Meeting | None = None,
    *,
    coarse: bool = False,
    template: Path = TEMPLATE,
    logo: Path | None = None,
) -> bytes:
    """Return the document of a week.

    Parameters
    ----------
    week
        The full picture, or one that is coarse.
    home, municipality
        Code and full name.
    meeting
        Where the week is talked about: its agenda, and its minutes where it has any.
    last
        The meeting before, whose decisions are followed up.
    coarse
        Places on a grid and no small counts, for readers who are not coordinators.

    Raises
    ------
    DocumentError
        If the template or the logo cannot be used.
    """
    found = weekly.coarse(week) if coarse else week
    paper = Paper(municipality, words.title(found), template, logo)
    paper.text(
        words.span(found.monday, found.sunday)
        + ("." if found.coarse else ". Innehåller enskilda platser: för arbetsgruppen.")
    )
    if found.invented:
        paper.missing(INVENTED)
    paper.small(words.COARSE if found.coarse else "")
    _numbers(paper, found)
    _places(paper, found, home)
    _counts(paper, found)
    _rhythm(paper, found.rhythm)
    _follow_up(paper, found, last)
    # Notes may tell what the coarse picture hides; decisions are screened when they are written.
    _meeting(paper, replace(meeting, notes="") if meeting is not None and found.coarse else meeting)
    return paper.docx()


def _numbers(paper: Paper, week: Week) -> None:
    paper.table(
        [("Tre tal", ""), ("Antal", "n"), ("Vad det säger", "")],
        [(told.name, told.value, told.text) for told in words.three_numbers(week)],
        widths=(3.6, 1.4, 11.0),
    )
    paper.text(" ".join(words.reporting_text(week)), bold="Vilka som rapporterat.")


def _places(paper: Paper, week: Week, home: str) -> None:
    paper.heading("Kartlägg: vad är nytt, växer eller avtar?")
    rows = words.spot_rows(week)
    paper.text(words.spots_text(week))
    if rows:
        widths = (7.0, 2.4, 3.4) if week.coarse else (6.4, 2.2, 3.2, 1.8, 2.4)
        paper.table(words.spot_heads(week), rows, widths=widths)
    figure = week_map(home, week)
    if figure is None:
        return
    try:
        paper.picture(
            RENDERER.plain(figure, _MAP_PIXELS), words.map_text(week), words.map_text(week), _MAP_CM
        )
    except RenderError as error:
        paper.small(f"Kartan kunde inte ritas. {error}")


def _counts(paper: Paper, week: Week) -> None:
    """Add kinds and localities in one table: both add up to the week's signals."""
    heads = words.counted_heads(week, "Slag och ort")
    rows = [*words.counted_rows(week, week.kinds), *words.counted_rows(week, week.localities)]
    shades = {(r, c): _BELOW for r in range(len(week.kinds), len(rows)) for c in range(len(heads))}
    if rows:
        widths = (2 * _NAME_AND_NUMBERS, *[_NAME_AND_NUMBERS] * (len(heads) - 1))
        caption = "Signaler efter slag, och efter ort (skuggade)"
        paper.table(heads, rows, shades=shades, caption=caption, widths=widths)


def _rhythm(paper: Paper, rhythm: Rhythm) -> None:
    cells = [value or 0 for row in rhythm.counts for value in row]
    most = max(cells) or 1
    shades = {
        (r, c): (value or 0) / most
        for r, row in enumerate(rhythm.counts)
        for c, value in enumerate(row, start=1)
    }
    paper.table(
        words.rhythm_heads(),
        words.rhythm_rows(rhythm),
        shades=shades,
        widths=(3.0, *[1.6] * 8),
        caption=words.rhythm_text(rhythm),
        together=True,
    )


def _follow_up(paper: Paper, week: Week, last: Meeting | None) -> None:
    paper.heading("Följ upp: beslut och åtgärder")
    if last is not None and last.decisions:
        paper.table(
            _DECISION_HEADS,
            [_decision(one) for one in last.decisions],
            caption=f"Beslut på mötet {long_date(last.day)}",
            widths=_MINUTES,
        )
    if week.pending:
        rows = words.pending_rows(week.pending, week.today)
        paper.table(words.PENDING_HEADS, rows, caption="Öppet just nu", widths=(7.4, 2.2, 3.2, 3.4))
    elif last is None or not last.decisions:
        paper.text("Inget är öppet.")


_DECISION_HEADS = [("Beslut", ""), ("Ansvarig (funktion)", ""), ("Klart senast", ""), ("Klart", "")]


def _decision(one: Taken) -> tuple[str, str, str, str]:
    due = long_date(one.due) if one.due else words.HIDDEN
    return one.text, one.owner, due, long_date(one.done) if one.done else "nej"


def _meeting(paper: Paper, meeting: Meeting | None) -> None:
    """Add the agenda and the minutes: those of the meeting, or room to write them."""
    if meeting is None:
        paper.heading("Möte")
        paper.text("____________________________", bold="Dag:")
        paper.text("____________________________", bold="Närvarande (funktioner):")
    else:
        paper.heading(f"Möte {long_date(meeting.day)}")
        paper.text(joined(meeting.present) or "____________________________", bold="Närvarande:")
    agenda: Sequence[str] = meeting.agenda if meeting else USUAL_AGENDA
    paper.text("", bold="Dagordning", together=True)
    paper.points(agenda)
    if meeting is not None and (meeting.decisions or meeting.notes):
        paper.text(meeting.notes, bold="Anteckningar.") if meeting.notes else None
        if meeting.decisions:
            paper.table(_DECISION_HEADS, [_decision(one) for one in meeting.decisions], widths=_MINUTES)
        return
    paper.text("Skriv funktioner, inte namn på personer.", bold="Beslut.", together=True)
    paper.form(_DECISION_HEADS, _EMPTY_ROWS, _MINUTES)
