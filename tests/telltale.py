"""A local file in which every piece of local data can be known again wherever it turns up, and how it is looked for.

Each telltale is a word that stands nowhere else, in plain ASCII, so that it looks the same in HTML, JSON and Arrow.
"""

from __future__ import annotations

import base64
import io
import json
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lagesbild.answers import drafts
from lagesbild.answers.spec import from_mapping
from lagesbild.data.warehouse import Warehouse
from lagesbild.hotspots import alarms
from lagesbild.hotspots import week as weekly
from lagesbild.signals import access, actions, documents, meetings, places, promises
from lagesbild.signals.access import Person, Role
from lagesbild.signals.actions import ActionKind
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.documents import Name, Written
from lagesbild.signals.meetings import Meeting, Taken
from lagesbild.signals.positions import longitude_latitude
from lagesbild.signals.promises import Promise
from lagesbild.signals.store import Decided, Signal, SignalStore
from tests.signals import invented

HOME = "1861"
WORK = frozenset({Role.COORDINATOR})
WEEK = WORK | {Role.VIEWER}
MANAGE = frozenset({Role.ADMINISTRATOR})

#: Every telltale, and the roles that may see it on a page.
SEEN_BY: dict[str, frozenset[Role]] = {
    "qtextq": WORK,
    "qoutcomeq": WORK,
    "qplaceq": WORK,
    "qdeletedq": WORK,
    "qsenderq": WORK,
    "qreasonsson": WORK,
    "qdeciderq": WORK,
    "qnotesq": WORK,
    "qtakenq": WEEK,
    "qactionq": WORK,
    "qpurposeq": WORK,
    "qdocumentq": WORK,
    "qdroppedq": WORK,
    # Both are gathered as other kinds in what a viewer sees: one is rare, the other hides it.
    "qkindq": WORK,
    "qrarekindq": WORK,
    "qtownq": WEEK,
    "qreporterq": WORK | MANAGE,
    "qmailq": MANAGE,
    "qdraftq": WORK,
}


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What the local file holds: its store, the signals, and a person of every role with a secret link."""

    store: SignalStore
    signals: tuple[Signal, ...]
    people: dict[Role, Person]
    links: dict[Role, str]


def planted(file: Path, warehouse: Warehouse, today: date) -> Planted:
    """Fill a local file with telltales, in the weeks up to a day."""
    store = SignalStore(file)
    people, links = _people(store)
    signals = _signals(today, people[Role.REPORTER].id)
    store.report(HOME, signals, COMMAND_LINE)
    _imported_and_deleted(store, today)
    x, y = invented.SPOT
    places.add(store, HOME, "qplaceq", x, y, (), COMMAND_LINE)
    places.set_kinds(store, HOME, ["qkindq", "qrarekindq", "Buller"], places.DEFAULT_KINDS)
    _decisions(store, warehouse, today)
    _written(store, today)
    drafts.save(file.with_name("drafts"), drafts.new_id(), from_mapping({"titel": "qdraftq"}, ""))
    return Planted(store=store, signals=signals, people=people, links=links)


def _people(store: SignalStore) -> tuple[dict[Role, Person], dict[Role, str]]:
    people = {role: access.add(store, f"prov{role}", [role], COMMAND_LINE) for role in Role}
    extra = access.add(store, "qreporterq", [Role.REPORTER], COMMAND_LINE, address="qmailq@example.org")
    links = {role: access.new_link(store, one, COMMAND_LINE) for role, one in people.items()}
    access.new_link(store, extra, COMMAND_LINE)
    return people, links


def _signals(today: date, reporter: str) -> tuple[Signal, ...]:
    """Return the invented town's signals, moved to the weeks up to today, the newest with words and a rare kind."""
    later = weekly.last_whole(today) - invented.MONDAY
    names = {"klotter": "qkindq", "Provby": "qtownq"}
    moved = [
        replace(
            one,
            day=one.day + later,
            kind=names.get(one.kind, one.kind),
            locality=names.get(one.locality, one.locality),
            text="qtextq",
            outcome="qoutcomeq",
            place="qplaceq",
        )
        for one in invented.town(weeks=30)
    ]
    rare = [
        replace(one, id=f"r{n}", kind="qrarekindq", reporter_id=reporter) for n, one in enumerate(moved[-2:])
    ]
    return (*moved, *rare)


def _imported_and_deleted(store: SignalStore, today: date) -> None:
    by_file = Signal(id="f1", day=today - timedelta(days=3), kind="Buller", locality="Pålsboda")
    store.take_in(HOME, "qsenderq", [by_file], COMMAND_LINE)
    gone = Signal(id="d1", day=today - timedelta(days=3), kind="qdeletedq", locality="Pålsboda")
    store.report(HOME, [gone], COMMAND_LINE)
    store.delete_signals(["d1"], COMMAND_LINE)


def _decisions(store: SignalStore, warehouse: Warehouse, today: date) -> None:
    """Decide on every flag that there is, with a person's name in the reason, against the rules."""
    watch = alarms.watch_of(warehouse, HOME, signals=store.signals(HOME, today), today=today)
    found = alarms.Overview.of(watch, alarms.budget_of(store, HOME))
    assert {flag.id for flag in found.public()} < {
        flag.id for flag in found.flags
    }  # a local one is among them
    for flag in found.flags:
        store.decide(
            HOME,
            flag.id,
            Decided.FOLLOW,
            "Kvistolf qreasonsson bor där",
            {"text": "qkindq i qtownq" if flag not in found.public() else "Flagga"},
            decided_by="qdeciderq",
            follow_up=today,
        )


def _written(store: SignalStore, today: date) -> None:
    monday = weekly.last_whole(today) + timedelta(days=7)
    taken = Taken(text="qtakenq", owner="gatuchefen", due=None)
    meetings.add(store, HOME, Meeting(day=monday, notes="qnotesq", decisions=(taken,)), COMMAND_LINE)
    actions.add(
        store,
        HOME,
        actions.Action(
            title="qactionq",
            kind=ActionKind.MEETING,
            place="Hallsberg",
            kinds=("qkindq",),
            purpose="qpurposeq",
            starts=today - timedelta(days=30),
        ),
        COMMAND_LINE,
        today - timedelta(days=40),
    )
    documents.keep(store, HOME, Written(name=Name.SITUATION, sections={"analys": "qdocumentq"}), COMMAND_LINE)
    dropped = promises.add(
        store,
        HOME,
        Promise(text="qdroppedq", first=date(2023, 1, 1), last=date(2023, 12, 31), by=("kommunen",)),
        COMMAND_LINE,
    )
    store.delete(dropped, 1, COMMAND_LINE)
    public = Promise(
        text="Lugnare kvällar",
        first=today - timedelta(days=20),
        last=today + timedelta(days=20),
        by=("kommunen",),
    )
    promises.add(store, HOME, public, COMMAND_LINE)


# --- looking for them ---


def found_in(raw: bytes) -> set[str]:
    """Return the telltales that stand in bytes; a Word file or workbook is looked into."""
    lowered = b"\n".join(parts(raw).values()).lower()
    return {word for word in SEEN_BY if word.encode() in lowered}


def parts(raw: bytes) -> dict[str, bytes]:
    """Return the parts of a Word file or workbook; anything else is its only part."""
    if raw[:4] != b"PK\x03\x04":
        return {"": raw}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def single_positions(signals: Sequence[Signal], charts: Sequence[str]) -> int:
    """Return how many of the points in charts (Plotly's JSON) lie within ten metres of a signal."""
    located = [(s.x, s.y) for s in signals if s.x is not None and s.y is not None]
    own = np.column_stack(longitude_latitude([x for x, _ in located], [y for _, y in located]))
    points = np.array([point for chart in charts for point in _points(json.loads(chart))]).reshape(-1, 2)
    squeeze = math.cos(math.radians(own[:, 1].mean()))
    if not len(points):
        return 0
    apart = (points[:, None, :] - own[None, :, :]) * 111_320 * np.array([squeeze, 1])
    return int((np.hypot(apart[..., 0], apart[..., 1]).min(axis=1) < 10).sum())


def _points(spec: Any) -> Iterator[tuple[float, float]]:
    for trace in spec["data"]:
        for names in (("lon", "lat"), ("x", "y")):
            across, up = (_numbers(trace.get(name)) for name in names)
            yield from zip(across, up, strict=False)


def _numbers(values: Any) -> list[float]:
    """Return the numbers of one of Plotly's arrays, written out or as base64; anything else is none."""
    if isinstance(values, dict) and "bdata" in values:
        raw = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
        return [float(value) for value in raw.ravel()]
    return [math.nan if not isinstance(v, int | float) else float(v) for v in values or []]
