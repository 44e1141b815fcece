"""What would come of taking a list of signals in: every row judged, every problem told, nothing stored.

A row is known again by the sender's own number, or, where the list has none, by what it says: day, hour, kind, place and
position (to the metre), and its running number among equal rows of the file. A list that is sent again, or that has grown,
thus gives the same keys; a row whose day is corrected is a new one where there are no numbers. What is neither in the key
nor the same as stored (severity, text) makes a row changed. A field that the file has no column for says nothing: what is
stored of it stays.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from lagesbild.signals import moments, positions
from lagesbild.signals.fields import FIELD_TITLES, Field, guess
from lagesbild.signals.unclear import Unclear
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from lagesbild.signals.tables import Cell, Row, Table

__all__ = [
    "FIELD_TITLES",
    "Candidate",
    "Content",
    "Field",
    "Judged",
    "Preview",
    "Problem",
    "Remark",
    "State",
    "guess",
    "preview",
]

#: Characters of a kind; longer ones are descriptions in the wrong column.
LONGEST_KIND = 60
#: How it is answered what is done with rows that are alike, and with what can be left out.
TWO, SAME = "två händelser", "samma händelse"
WITHOUT_TEXT, WITHOUT_SEVERITY = "utan beskrivning", "utan allvar"
#: Distinct words for which likely ones are sought: it takes a millisecond each.
_MOST_SUGGESTED = 300
_SEVERITIES = {
    word: degree
    for degree, words in (
        (1, "1 lindrig lindrigt låg lågt liten mindre grön low minor"),
        (2, "2 allvarlig allvarligt medel mellan måttlig måttligt medelhög gul orange medium moderate"),
        (3, "3 akut hög högt stor kritisk kritiskt röd high critical urgent severe"),
    )
    for word in words.split()
}


class State(StrEnum):
    """What a row is to what is stored, or to the rows above it."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a signal says. Position east and north in metres (SWEREF 99 TM); severity 1 (mild) to 3 (acute)."""

    day: date
    hour: int | None = None
    kind: str
    place: str = ""
    x: float | None = None
    y: float | None = None
    severity: int | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate(Content):
    """A signal that can be taken in, with the key under which it is known again."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row that was understood: what would be stored, and what it is to what is stored already.

    ``changed`` are the fields that differ from what is stored; ``same_as`` is the row of the file that a duplicate repeats.
    """

    row: int
    candidate: Candidate
    state: State
    changed: tuple[Field, ...] = ()
    same_as: int | None = None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a row is not taken in: the file's row number and column, and a sentence that says what to do.

    Attributes
    ----------
    suggestions
        What may have been meant; for a question the answers that are offered.
    question
        Whether an answer helps; otherwise the file has to be corrected.
    ask
        The key of the answer. Where it ends with ``:`` and the row's number, the key without them answers for all rows.
    """

    row: int
    column: str
    text: str
    suggestions: tuple[str, ...] = ()
    question: bool = False
    ask: str = ""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What was understood in a way that should be known, once for all rows that it concerns."""

    rows: tuple[int, ...]
    column: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would come of taking the list in. ``rows`` have no problems; the others stay outside until they have none."""

    rows: tuple[Judged, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Return what is to be stored: the new and the changed."""
        return tuple(row.candidate for row in self.rows if row.state in {State.NEW, State.CHANGED})

    @cached_property
    def counts(self) -> Mapping[State, int]:
        """Return how many rows are in each state."""
        return Counter(row.state for row in self.rows)

    @cached_property
    def held_back(self) -> tuple[int, ...]:
        """Return the numbers of the rows that have problems."""
        return tuple(sorted({problem.row for problem in self.problems}))

    @cached_property
    def questions(self) -> Mapping[str, Problem]:
        """Return each thing that is asked once, by the key of its answer."""
        return {one.ask: one for one in reversed(self.problems) if one.question}


def preview(
    table: Table,
    fields: Sequence[Field],
    *,
    place_names: Mapping[str, str],
    kinds: Collection[str],
    rings: Sequence[positions.Ring],
    today: date,
    screen: Callable[[str], str],
    known: Mapping[str, Content],
    sender: str,
    key: Callable[[str], str],
    answers: Mapping[str, str] | None = None,
) -> Preview:
    """Judge every row of a table.

    Parameters
    ----------
    fields
        What each column holds, as `guess` says or somebody has chosen.
    place_names
        The right name of a place by each way to write it (casefolded).
    kinds
        The kinds that are in use; without any, every kind is taken as it is.
    rings
        The municipality's outline: rings of (longitude, latitude).
    screen
        Returns a sentence on what may not be stored in a text, or nothing.
    known
        What is stored, by key.
    sender
        Who sends the list: the same number from two senders is two signals.
    key
        A salted hash, so that a key does not tell the sender's number.
    answers
        Answers to the questions of an earlier preview, by `Problem.ask`.

    Raises
    ------
    ValueError
        If there is not one field for each column.
    """
    if len(fields) != len(table.columns):
        raise ValueError(f"{len(fields)} fields for {len(table.columns)} columns")
    lacking = tuple(Problem(row=table.heading, column="", text=text) for text in _lacking(fields))
    if lacking:
        return Preview(problems=lacking)
    columns: dict[Field, int] = {one: n for n, one in enumerate(fields) if one is not Field.IGNORED}
    days = [row.cells[columns[Field.DAY]] for row in table.rows]
    task = _Task(
        table=table,
        columns=columns,
        place_names=place_names,
        kinds={kind.casefold(): kind for kind in kinds},
        rings=tuple(rings),
        today=today,
        screen=screen,
        answers=answers or {},
        order=moments.order(days),
        hours=moments.has_hours(days),
    )
    read = [(row, _RowReader(task, row).read()) for row in table.rows if not task.is_heading(row)]
    judge = _Judge(task, known, sender, key)
    rows = [judged for row, content in read if content and (judged := judge.judged(row, content))]
    return Preview(
        rows=tuple(rows),
        problems=tuple(sorted(task.problems, key=lambda one: one.row)),
        remarks=task.remarks(),
    )


def _lacking(chosen: Sequence[Field]) -> list[str]:
    """Return what is lacking or too much among the chosen fields."""
    times = Counter(chosen)
    told = [
        f"Två kolumner är valda som {FIELD_TITLES[one]}. Välj en."
        for one in Field
        if times[one] > 1 and one is not Field.IGNORED
    ]
    told += [
        f"Ingen kolumn är vald som {FIELD_TITLES[one]}. Välj den kolumn som har det."
        for one in (Field.DAY, Field.KIND)
        if not times[one]
    ]
    if times[Field.EAST] != times[Field.NORTH]:
        told.append("Bara den ena av koordinaterna har en kolumn. Välj båda, eller ingen.")
    if times[Field.POSITION] and times[Field.EAST]:
        told.append(
            "Positionen är vald två gånger. Välj antingen en kolumn med båda talen eller två kolumner."
        )
    if not times[Field.PLACE] + times[Field.POSITION] + times[Field.EAST]:
        told.append("Ingen kolumn säger var det hände. Välj en kolumn som ort eller position.")
    return told


@dataclass(kw_only=True)
class _Task:
    """What all rows share, and what is collected of them."""

    table: Table
    columns: Mapping[Field, int]
    place_names: Mapping[str, str]
    kinds: dict[str, str]
    rings: tuple[positions.Ring, ...]
    today: date
    screen: Callable[[str], str]
    answers: Mapping[str, str]
    order: moments.Order | None
    hours: bool
    problems: list[Problem] = field(default_factory=list)
    noted: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    suggested: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kinds_given = bool(self.kinds)
        self.right_names = {name.casefold(): name for name in self.place_names.values()}
        self.order = next(
            (one for one in moments.Order if one == self.answers.get(moments.ASK_ORDER)), self.order
        )
        told_year = self.answers.get(moments.ASK_YEAR, "")
        self.year = int(told_year) if re.fullmatch(r"[12]\d{3}", told_year) else None

    def is_heading(self, row: Row) -> bool:
        """Tell whether a row repeats the headings, as where lists are pasted below each other; it is remarked on."""
        again = row.cells == self.table.columns
        if again:
            self.note(row.number, "", "Rubrikraden står en gång till och hoppas över.")
        return again

    def name(self, one: Field) -> str:
        """Return the file's own name of the column that has a field."""
        return self.table.columns[self.columns[one]] if one in self.columns else ""

    def note(self, row: int, column: str, text: str) -> None:
        """Remark on a row."""
        self.noted.setdefault((column, text), []).append(row)

    def remarks(self) -> tuple[Remark, ...]:
        """Return what was remarked on, once for all rows that it concerns."""
        return tuple(Remark(rows=tuple(rows), column=c, text=text) for (c, text), rows in self.noted.items())

    def place(self, folded: str) -> str | None:
        """Return the right name of a place."""
        return self.place_names.get(folded) or self.right_names.get(folded)

    def like(self, folded: str, names: Mapping[str, str]) -> tuple[str, ...]:
        """Return up to three known names that a word is like: those that it contains, then those spelled alike."""
        if folded not in self.suggested:
            words = re.findall(r"\w+", folded)
            parts = [*(" ".join(pair) for pair in pairwise(words)), *words]
            found = [names[part] for part in parts if part in names]
            if len(self.suggested) < _MOST_SUGGESTED and len(folded) <= LONGEST_KIND:
                found += [names[one] for one in get_close_matches(folded, names, n=3, cutoff=0.6)]
            self.suggested[folded] = tuple(dict.fromkeys(found))[:3]
        return self.suggested[folded]


class _RowReader:
    """Reads one row: every cell that is not understood becomes a problem of the row."""

    def __init__(self, task: _Task, row: Row) -> None:
        self.task, self.row = task, row
        self.fine = True

    def read(self) -> Content | None:
        """Return what the row says; None where there are problems, all of which have been told."""
        if self.row.ragged:
            self._problem(
                None,
                "Raden har fler fält än rubrikraden, så uppgifterna kan stå i fel kolumn. Sätt citattecken om text som har skiljetecken.",
            )
            return None
        moment = self._moment()
        kind, position = self._kind(), self._position()
        place, severity, text = self._place(position), self._severity(), self._text()
        if not self.fine or moment is None:
            return None
        return Content(
            day=moment.day,
            hour=moment.hour,
            kind=kind,
            place=place,
            x=round(position.x, 1) if position else None,
            y=round(position.y, 1) if position else None,
            severity=severity,
            text=text,
        )

    def _cell(self, one: Field) -> Cell:
        at = self.task.columns.get(one)
        return None if at is None else self.row.cells[at]

    def _problem(self, one: Field | None, text: str, suggestions: Sequence[str] = (), ask: str = "") -> None:
        self.fine = False
        self.task.problems.append(
            Problem(
                row=self.row.number,
                column=self.task.name(one) if one else "",
                text=text,
                suggestions=tuple(suggestions),
                question=bool(ask),
                ask=ask,
            )
        )

    def _answer(self, ask: str) -> str | None:
        """Return the answer for this row, or for all."""
        return self.task.answers.get(f"{ask}:{self.row.number}", self.task.answers.get(ask))

    def _moment(self) -> moments.Moment | None:
        task = self.task
        found = moments.day(self._cell(Field.DAY), task.today, task.order, task.year)
        hour = self._hour()
        if isinstance(found, Unclear):
            self._problem(Field.DAY, found.text, found.suggestions, found.ask)
            return None
        if self._cell(Field.HOUR) is None:
            hour = found.hour if task.hours else None
        return moments.Moment(found.day, hour)

    def _hour(self) -> int | None:
        found = moments.hour(self._cell(Field.HOUR))
        if isinstance(found, Unclear):
            if self._answer(found.ask) != moments.NO_HOUR:
                self._problem(Field.HOUR, found.text, found.suggestions, f"{found.ask}:{self.row.number}")
            return None
        if found.remark:
            self.task.note(self.row.number, self.task.name(Field.HOUR), found.remark)
        return found.hour

    def _kind(self) -> str:
        text = _written(self._cell(Field.KIND))
        folded, task = text.casefold(), self.task
        if not text:
            self._problem(Field.KIND, "Det står inte vad som hände. Fyll i cellen.")
        elif len(text) > LONGEST_KIND:
            told = f"Händelsen är längre än {LONGEST_KIND} tecken. Är det en beskrivning? Välj en kolumn med korta namn."
            self._problem(Field.KIND, told)
        elif folded not in task.kinds:
            self._new_kind(text, folded)
        return task.kinds.get(folded, text)

    def _new_kind(self, text: str, folded: str) -> None:
        """Take in a kind that is not in use, if there are none, or if it is answered; it is then a kind for all rows."""
        task, ask = self.task, f"kind:{folded}"
        if refused := task.screen(text):
            self._problem(Field.KIND, refused)
            return
        answer = (task.answers.get(ask) or "").casefold()
        if not task.kinds_given or answer == folded:
            task.kinds[folded] = text
        elif answer in task.kinds:
            task.kinds[folded] = task.kinds[answer]
        else:
            like = task.like(folded, task.kinds)
            meant = (
                f"Menar du {' eller '.join(like)}, eller ska det läggas till"
                if like
                else "Ska det läggas till"
            )
            self._problem(Field.KIND, f"”{text}” är inget slag som används. {meant}?", (*like, text), ask)

    def _place(self, position: positions.Position | None) -> str:
        text = _written(self._cell(Field.PLACE))
        if not text:
            if position is None:
                told = "Det står inte var det hände. Fyll i orten."
                self._problem(Field.PLACE if Field.PLACE in self.task.columns else None, told)
            return ""
        folded, task = text.casefold(), self.task
        ask = f"place:{folded}"
        name = task.place(folded) or task.place((task.answers.get(ask) or "").casefold())
        if name is None:
            names = {**task.place_names, **task.right_names}
            like = task.like(folded, names)
            meant = f"Menar du {' eller '.join(like)}?" if like else "Vilken ort är det?"
            self._problem(
                Field.PLACE, f"”{text[:LONGEST_KIND]}” är ingen ort som är känd. {meant}", like, ask
            )
        return name or ""

    def _position(self) -> positions.Position | None:
        task = self.task
        column = Field.POSITION if Field.POSITION in task.columns else Field.NORTH
        if column is Field.POSITION:
            found = positions.parse_one(self._cell(Field.POSITION), task.rings)
        else:
            found = positions.parse(self._cell(Field.NORTH), self._cell(Field.EAST), task.rings)
        if found is None or self._answer(positions.ASK_POSITION) == positions.WITHOUT:
            return None
        ask = f"{positions.ASK_POSITION}:{self.row.number}"
        if isinstance(found, Unclear):
            self._problem(column, found.text, found.suggestions, ask)
            return None
        return self._inside(found, column, ask)

    def _inside(self, found: positions.Position, column: Field, ask: str) -> positions.Position | None:
        if found.outside > positions.NEAR:
            told = f"Positionen ligger {number(found.outside / 1000)} km utanför kommunen. Rätta den, eller ta in raden utan position."
            self._problem(column, told, (positions.WITHOUT,), ask)
            return None
        if found.outside and self._answer(positions.ASK_POSITION) != positions.KEEP:
            told = f"Positionen ligger {number(found.outside)} meter utanför kommunens gräns, som är förenklad här. Ska den tas med?"
            self._problem(column, told, (positions.KEEP, positions.WITHOUT), ask)
            return None
        self._tell_system(found, column)
        return found

    def _tell_system(self, found: positions.Position, column: Field) -> None:
        name = self.task.name(column)
        if found.system not in {positions.System.SWEREF99_TM, positions.System.WGS84}:
            self.task.note(self.row.number, name, f"Positionen är läst som {found.system}.")
        if found.swapped and column is not Field.POSITION:
            self.task.note(
                self.row.number, name, "Nord och öst har bytt plats: talen säger vilket som är vilket."
            )

    def _severity(self) -> int | None:
        text = _written(self._cell(Field.SEVERITY)).casefold()
        if not text or self._answer("severity") == WITHOUT_SEVERITY:
            return None
        found = _SEVERITIES.get(text) or next((_SEVERITIES[w] for w in text.split()[:1] if w in "123"), None)
        if found is None:
            told = f"”{text[:40]}” är ingen grad av allvar. Skriv lindrig, allvarlig eller akut (1, 2 eller 3), eller lämna cellen tom."
            self._problem(Field.SEVERITY, told, (WITHOUT_SEVERITY,), f"severity:{self.row.number}")
        return found

    def _text(self) -> str:
        text = _written(self._cell(Field.TEXT))
        if not text or self._answer("text") == WITHOUT_TEXT:
            return ""
        if refused := self.task.screen(text):
            self._problem(Field.TEXT, refused, (WITHOUT_TEXT,), f"text:{self.row.number}")
        return text


def _written(cell: Cell) -> str:
    """Return a cell as text: a number without needless decimals, a day as 2026-11-03. A formula is text like any other."""
    if isinstance(cell, bool):
        return "ja" if cell else "nej"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell % 1 == 0 and abs(cell) < 1e15 else repr(cell).replace(".", ",")
    return cell.isoformat() if isinstance(cell, datetime | date | time) else cell or ""


class _Judge:
    """Gives each row that was understood its key, and compares it with what is stored and with the rows above."""

    def __init__(
        self, task: _Task, known: Mapping[str, Content], sender: str, key: Callable[[str], str]
    ) -> None:
        self.task, self.known, self.sender, self.key = task, known, sender, key
        self.seen: dict[str, tuple[int, Content]] = {}
        self.equal: Counter[str] = Counter()

    def judged(self, row: Row, content: Content) -> Judged | None:
        """Return the row with its key; None where there is a problem with its number or it may be a duplicate."""
        if Field.ID not in self.task.columns:
            return self._without_id(row, content)
        return self._with_id(row, content, _written(row.cells[self.task.columns[Field.ID]]))

    def _key(self, kind: str, *told: object) -> str:
        return self.key("\x1f".join((self.sender, kind, *map(str, told))))

    def _with_id(self, row: Row, content: Content, given: str) -> Judged | None:
        if not given:
            self._problem(row, "Löpnumret saknas. Fyll i det, eller ta in listan utan löpnummer.")
            return None
        key = self._key("id", given)
        above, said = self.seen.setdefault(key, (row.number, content))
        if above == row.number:
            return self._compared(row, content, key)
        if said == content:
            candidate = _candidate(content, key)
            return Judged(row=row.number, candidate=candidate, state=State.DUPLICATE, same_as=above)
        self._problem(row, f"Löpnumret finns redan på rad {above}, med andra uppgifter. Rätta den ena raden.")
        return None

    def _problem(self, row: Row, text: str) -> None:
        self.task.problems.append(Problem(row=row.number, column=self.task.name(Field.ID), text=text))

    def _without_id(self, row: Row, content: Content) -> Judged | None:
        x, y = (None if one is None else round(one) for one in (content.x, content.y))
        told = (content.day, content.hour, content.kind.casefold(), content.place, x, y)
        alike = "\x1f".join(map(str, told))
        above = self.seen.setdefault(alike, (row.number, content))[0]
        key = self._key("content", *told, self.equal[alike] + 1)
        ask = f"duplicate:{row.number}"
        answer = self.task.answers.get(ask, self.task.answers.get("duplicate"))
        if above == row.number or key in self.known or answer == TWO:
            self.equal[alike] += 1
            return self._compared(row, content, key)
        if answer == SAME:
            first = _candidate(content, self._key("content", *told, 1))
            return Judged(row=row.number, candidate=first, state=State.DUPLICATE, same_as=above)
        text = f"Raden har samma dag, klockslag, händelse och plats som rad {above}. Är det två händelser eller samma?"
        self.task.problems.append(
            Problem(row=row.number, column="", text=text, suggestions=(TWO, SAME), question=True, ask=ask)
        )
        return None

    def _compared(self, row: Row, content: Content, key: str) -> Judged:
        stored = self.known.get(key)
        if stored is None:
            return Judged(row=row.number, candidate=_candidate(content, key), state=State.NEW)
        whole = replace(content, **{name: getattr(stored, name) for name in self._untold()})
        changed = _changed(whole, stored)
        state = State.CHANGED if changed else State.UNCHANGED
        return Judged(row=row.number, candidate=_candidate(whole, key), state=state, changed=changed)

    def _untold(self) -> list[str]:
        """Return the names of what the file has no column for, and so says nothing of."""
        told = self.task.columns.keys()
        hours = Field.HOUR in told or self.task.hours
        placed = told & {Field.POSITION, Field.EAST}
        lacking = [one.value for one in (Field.PLACE, Field.SEVERITY, Field.TEXT) if one not in told]
        return lacking + ([] if hours else ["hour"]) + ([] if placed else ["x", "y"])


_FIELDS = {"x": Field.POSITION, "y": Field.POSITION}


def _changed(new: Content, stored: Content) -> tuple[Field, ...]:
    """Return the fields that differ; positions within a metre are the same."""
    found = []
    for one in fields(Content):
        now, before = getattr(new, one.name), getattr(stored, one.name)
        near = isinstance(now, float) and isinstance(before, float) and abs(now - before) <= 1.0
        if now != before and not near:
            found.append(_FIELDS.get(one.name) or Field(one.name))
    return tuple(dict.fromkeys(found))


def _candidate(content: Content, key: str) -> Candidate:
    return Candidate(key=key, **{one.name: getattr(content, one.name) for one in fields(Content)})
