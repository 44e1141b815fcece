"""The texts that people write for the documents of law 2023:196, and when they were decided.

Each document of a municipality is one record with its sections; what is empty has not been written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild.signals.database import day_of, iso
from lagesbild.signals.writing import WritingError, checked
from lagesbild.swedish import capital, long_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lagesbild.signals.database import Actor, LocalFile, Record

KIND = "document"
LONGEST_SECTION, LONGEST_BY = 12_000, 120
#: The law has both followed up and revised when needed, at the least every two years.
YEARS_BETWEEN, MONTHS_AHEAD = 2, 3


class Name(StrEnum):
    """Which document."""

    SITUATION = "lagesbild"
    PLAN = "atgardsplan"


CALLED = {Name.SITUATION: "lägesbilden", Name.PLAN: "åtgärdsplanen"}
#: The sections that a person has to write, and what each is to say. What figures can say is never in them.
SECTIONS: Mapping[Name, Mapping[str, tuple[str, str]]] = {
    Name.SITUATION: {
        "konsekvenser": (
            "Brottslighetens konsekvenser",
            "Vad brotten leder till för dem som bor, arbetar och vistas i kommunen: otrygghet, kostnader, vilka som drabbas.",
        ),
        "annat": (
            "Annan information som behövs",
            "Vad annat än brottsstatistik säger: skolor, socialtjänst, bostadsbolag, räddningstjänst, polisens områdesbild, "
            "risk- och skyddsfaktorer.",
        ),
        "analys": (
            "Analys",
            "Varför brotten sker här, vilka problem som är viktigast och vad som kan förebygga dem.",
        ),
    },
    Name.PLAN: {
        "utgangspunkter": (
            "Utgångspunkter",
            "Vilka av lägesbildens problem planen svarar på, och varför just de.",
        ),
        "samverkan": (
            "Samverkan",
            "Vilka som gör det tillsammans: polisen, föreningar, företag, andra kommuner, och hur.",
        ),
        "uppfoljning": (
            "Uppföljning",
            "Hur och när planen följs upp, och vem som svarar för det.",
        ),
    },
}


@dataclass(frozen=True, kw_only=True)
class Written:
    """What has been written for a document. ``decided``: the day and by whom it was decided last, if it was.

    ``invented``: of a demonstration.
    """

    name: Name
    sections: Mapping[str, str] = field(default_factory=dict)
    decided: date | None = None
    decided_by: str = ""
    id: str = ""
    version: int = 0
    changed_by: str = ""
    invented: bool = False

    def text(self, section: str) -> str:
        """Return a section's text; empty where it has not been written."""
        return self.sections.get(section, "")

    @property
    def missing(self) -> list[str]:
        """The titles of the sections that have not been written."""
        return [title for key, (title, _) in SECTIONS[self.name].items() if not self.text(key)]


def written(local: LocalFile, code: str, name: Name) -> Written:
    """Return what has been written for a municipality's document; nothing if nobody has begun."""
    found = [one for one in local.records(code, KIND) if one.data.get("name") == name]
    return replace(_written(found[0]) if found else Written(name=name), invented=local.invented)


def keep(local: LocalFile, code: str, changed: Written, actor: Actor) -> Written:
    """Keep what has been written, as a new version.

    Raises
    ------
    WritingError
        If a text is too long or points out a person, or the day of the decision has no body that decided.
    ChangedMeanwhileError
        If somebody else has written since it was read; nothing is then written.
    """
    sound = _sound(changed)
    if sound.id:
        local.change(sound.id, sound.version, _data(sound), actor)
        return replace(sound, version=sound.version + 1, changed_by=actor.name)
    other = written(local, code, sound.name)
    if other.id:  # somebody else began while this was written
        local.change(other.id, -1, _data(sound), actor)
    record_id = local.create(code, KIND, _data(sound), actor)
    return replace(sound, id=record_id, version=1, changed_by=actor.name)


def versions(local: LocalFile, document: Written) -> list[Written]:
    """Return every version of what has been written, the newest first."""
    return [_written(one) for one in local.versions(document.id)] if document.id else []


def due(local: LocalFile, code: str, today: date) -> list[str]:
    """Return what is to be said of documents that must be revised within three months, or have never been decided.

    The law (2023:196) has both revised when needed and at the least every two years. A sentence each; none for
    what nobody has begun: the municipality may keep it elsewhere.
    """
    told = []
    for name in Name:
        found = written(local, code, name)
        if found.id and found.decided is None:
            told.append(f"{capital(CALLED[name])} är inte beslutad.")
        elif found.decided is not None and today >= _reminded(found.decided):
            until = _years_after(found.decided, YEARS_BETWEEN)
            must = "skulle ha följts upp och vid behov reviderats" if until < today else "ska följas upp"
            told.append(
                f"{capital(CALLED[name])} beslutades {long_date(found.decided)} och {must} senast {long_date(until)}: lagen "
                "kräver det minst vartannat år."
            )
    return told


def _reminded(decided: date) -> date:
    until = _years_after(decided, YEARS_BETWEEN)
    months = 12 * until.year + until.month - 1 - MONTHS_AHEAD
    return _in_month(months // 12, months % 12 + 1, until.day)


def _years_after(day: date, years: int) -> date:
    return _in_month(day.year + years, day.month, day.day)


def _in_month(year: int, month: int, day: int) -> date:
    """Return the day of a month, or the month's last where it has none such."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def _sound(changed: Written) -> Written:
    known = SECTIONS[changed.name]
    sections = {
        key: checked(text, known[key][0], LONGEST_SECTION)
        for key, text in changed.sections.items()
        if key in known
    }
    decided_by = checked(changed.decided_by, "Vem som beslutat", LONGEST_BY)
    if changed.decided is not None and not decided_by:
        raise WritingError("Skriv vem som beslutat, till exempel kommunfullmäktige.")
    return replace(changed, sections=sections, decided_by=decided_by)


def _data(document: Written) -> dict[str, Any]:
    return {
        "name": str(document.name),
        "sections": dict(document.sections),
        "decided": iso(document.decided),
        "decided_by": document.decided_by,
    }


def _written(record: Record) -> Written:
    data = record.data
    return Written(
        name=Name(data["name"]),
        sections=dict(data["sections"]),
        decided=day_of(data["decided"]),
        decided_by=data["decided_by"],
        id=record.id,
        version=record.version,
        changed_by=record.changed_by,
    )
