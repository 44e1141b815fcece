"""Answers that are being written: one JSON file each, that several may write in at once and nobody overwrites.

Who saves says what they had seen; what others have changed since then stays. A text that two have changed is kept in
both wordings. What is taken away is kept beside, so that it can be put back.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from lagesbild import ExplainedError
from lagesbild.answers.spec import MOST_QUESTIONS, Question, Spec, SpecError, from_mapping, to_mapping
from lagesbild.files.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence
    from pathlib import Path

#: More drafts, or larger ones, than any municipality writes: a guard against who would fill the disk.
MOST_DRAFTS, LARGEST = 500, 400_000
#: Signs of all texts of an answer together, some twenty-five pages: each sentence is read and held against the figures.
LONGEST_ANSWER = 60_000
#: Where there are so many, what nobody who is logged in has saved is laid aside, the longest untouched first; so many
#: are kept aside, and come back when their link is opened.
_MOST_ASIDE = 2_000
_MOST_REMOVED = 20
#: A removed draft can be put back for so long.
_KEPT_REMOVED = timedelta(days=30)
_REMOVED, _ASIDE = "borttagna", "undanlagda"
_T = TypeVar("_T", bound="Hashable")


class DraftError(ExplainedError):
    """A draft that cannot be read or written."""


@dataclass(frozen=True)
class Draft:
    """A saved draft: its id, when it was saved, the answer so far, and how often it has been saved."""

    id: str
    saved_at: datetime
    spec: Spec
    version: int = 1
    removed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called among drafts."""
        return self.spec.namn or self.spec.titel


@dataclass(frozen=True)
class Saved:
    """A draft as it now is; what others had changed meanwhile, and which texts were changed by both (Swedish)."""

    draft: Draft
    theirs: tuple[str, ...]
    both: tuple[str, ...]


def new_id() -> str:
    """Return an id for a new draft: long enough to be a secret."""
    return secrets.token_hex(12)


def new_key() -> str:
    """Return what tells a question from the others of its draft."""
    return secrets.token_hex(4)


def save(
    folder: Path,
    draft_id: str,
    spec: Spec,
    seen: Spec | None = None,
    removed: str = "",
    *,
    lasting: bool = False,
) -> Saved:
    """Save a draft under its id, together with what others have changed since it was last seen.

    Parameters
    ----------
    seen
        The draft as who saves had last seen it; None for a new one.
    removed
        What has been taken away (Swedish): what stood before is kept to be put back.
    lasting
        Who saves is logged in: the draft is never laid aside.

    Raises
    ------
    DraftError
        If it cannot be written, is too large, or there are too many.
    """
    spec = _keyed(spec)
    if _length(spec) > LONGEST_ANSWER:
        raise DraftError(f"Svaret är för långt: högst {LONGEST_ANSWER // 1000} 000 tecken. Dela upp det.")
    if len(spec.fragor) > MOST_QUESTIONS:
        raise DraftError(f"Ett svar har högst {MOST_QUESTIONS} frågor. Dela upp det.")
    with alone(folder):
        file = _file(folder, draft_id)
        stored = _content(file) if file.exists() else None
        if stored is None:
            _make_room(folder)
        theirs: tuple[str, ...] = ()
        both: tuple[str, ...] = ()
        mine = spec
        if stored is not None:
            now = from_mapping(stored["spec"], "")
            spec, theirs, both = merge(seen or now, mine, now)
        earlier = list(stored.get("earlier", [])) if stored else []
        if removed and seen is not None:
            kept = {"what": removed, "before": to_mapping(_keyed(seen)), "after": to_mapping(mine)}
            earlier = [*earlier, kept][-_MOST_REMOVED:]
        lasting = lasting or bool((stored or {}).get("lasting"))
        draft = _write(file, spec, (stored or {}).get("version", 0) + 1, earlier, lasting=lasting)
        return Saved(draft, theirs, both)


def put_back(folder: Path, draft_id: str) -> Draft:
    """Put back what was taken away last; what has been written since stays."""
    with alone(folder):
        file = _file(folder, draft_id)
        stored = _content(file)
        earlier = list(stored.get("earlier", []))
        if not earlier:
            raise DraftError("Det finns inget att ångra.")
        last, now = earlier.pop(), from_mapping(stored["spec"], "")
        before, after = from_mapping(last["before"], ""), from_mapping(last["after"], "")
        spec = merge(after, before, now)[0]
        return _write(file, spec, stored["version"] + 1, earlier, lasting=bool(stored.get("lasting")))


def opened(folder: Path, draft_id: str) -> Draft:
    """Return a draft, which comes back where it was laid aside, or raise `DraftError`."""
    file, aside = _file(folder, draft_id), _file(folder / _ASIDE, draft_id)
    if not file.exists() and aside.exists():
        with alone(folder):
            _make_room(folder)
            _move(aside, file, "läggas tillbaka")
    if not file.exists():
        raise DraftError("Utkastet finns inte. Kontrollera länken, eller om det har tagits bort.")
    return _draft(file)


def drafts(folder: Path) -> list[Draft]:
    """Return the saved drafts, the newest first; files that are damaged are left out and left alone."""
    found = []
    for file in folder.glob("*.json"):
        try:
            found.append(_draft(file))
        except DraftError:
            continue
    return sorted(found, key=lambda draft: draft.saved_at, reverse=True)


def removed_drafts(folder: Path) -> list[Draft]:
    """Return the drafts that have been removed and can be put back; those removed long ago go for good."""
    oldest = datetime.now(UTC) - _KEPT_REMOVED
    for file in (folder / _REMOVED).glob("*.json"):
        if datetime.fromtimestamp(file.stat().st_mtime, UTC) < oldest:
            file.unlink(missing_ok=True)
    return drafts(folder / _REMOVED)


def remove(folder: Path, draft_id: str) -> None:
    """Take a draft away; it can be put back."""
    _move(_file(folder, draft_id), _file(folder / _REMOVED, draft_id), "tas bort")


def restore(folder: Path, draft_id: str) -> None:
    """Put a removed draft back."""
    _move(_file(folder / _REMOVED, draft_id), _file(folder, draft_id), "läggas tillbaka")


def _move(file: Path, to: Path, told: str) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.replace(to)
        os.utime(to)  # when it was moved
    except FileNotFoundError:
        return
    except OSError as error:
        raise DraftError(f"Utkastet kunde inte {told}: {error.strerror or error}.") from error


def _length(spec: Spec) -> int:
    texts = [spec.arende, spec.inledning, spec.avslutning]
    texts += [text for question in spec.fragor for text in (question.fraga, question.svar, question.own)]
    return sum(map(len, texts))


def _make_room(folder: Path) -> None:
    """Lay drafts aside until one more fits."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
    more = max(len(files) + 1 - MOST_DRAFTS, 0)
    if not more:
        return
    passing = list(islice((file for file in files if not _is_lasting(file)), more))
    for file in passing:
        _move(file, folder / _ASIDE / file.name, "läggas undan")
    if len(passing) < more:
        raise DraftError(f"Det finns redan {MOST_DRAFTS} utkast. Be samordnaren ta bort några.")
    aside = sorted((folder / _ASIDE).glob("*.json"), key=lambda file: file.stat().st_mtime)
    for file in aside[:-_MOST_ASIDE]:
        file.unlink(missing_ok=True)


def _is_lasting(file: Path) -> bool:
    try:
        return bool(_content(file).get("lasting"))
    except DraftError:
        return True  # damaged files are left alone


def _keyed(spec: Spec) -> Spec:
    return replace(spec, fragor=tuple(q if q.key else replace(q, key=new_key()) for q in spec.fragor))


_NAMES = {
    "namn": "utkastets namn",
    "titel": "rubriken",
    "arende": "ärendet",
    "inledning": "inledningen",
    "avslutning": "avslutningen",
    "fraga": "frågan",
    "svar": "svaret",
    "own": "egna ord",
    "diagram": "diagrammen",
}
_LONG = frozenset({"arende", "inledning", "avslutning", "fraga", "svar", "own"})


def merge(base: Spec, mine: Spec, theirs: Spec) -> tuple[Spec, tuple[str, ...], tuple[str, ...]]:
    """Bring together two changes of the same draft.

    Returns
    -------
    tuple
        The draft, what others had changed, and what both had: then long texts stand in both wordings, of short ones mine.
    """
    told, both = list[str](), list[str]()
    head = {
        field.name: _text(field.name, base, mine, theirs, told, both)
        for field in fields(Spec)
        if field.name != "fragor"
    }
    old = {q.key: q for q in base.fragor}
    own = {q.key: q for q in mine.fragor}
    other = {q.key: q for q in theirs.fragor}
    keys = _joined([q.key for q in base.fragor], list(own), list(other))
    # What one took away and the other went on writing in stays.
    keys += [key for key in old if key in own and key not in other and own[key] != old[key]]
    keys += [key for key in old if key in other and key not in own and other[key] != old[key]]
    questions = []
    for n, key in enumerate(dict.fromkeys(keys), start=1):
        if key not in own or key not in other or key not in old:
            questions.append(own.get(key) or other[key])
            if key in other and key not in old:
                told.append(f"fråga {n}")
            continue
        questions.append(_question(old[key], own[key], other[key], n, told, both))
    if set(old) - set(other):
        told.append("en fråga togs bort")
    return Spec(fragor=tuple(questions), **head), tuple(told), tuple(both)


def _question(
    base: Question, mine: Question, theirs: Question, n: int, told: list[str], both: list[str]
) -> Question:
    texts = {
        name: _text(name, base, mine, theirs, told, both, f" i fråga {n}")
        for name in ("fraga", "svar", "own")
    }
    charts = {_frozen(wanted): wanted for q in (base, theirs, mine) for wanted in q.diagram}
    order = _joined(*([_frozen(wanted) for wanted in q.diagram] for q in (base, mine, theirs)))
    if theirs.diagram != base.diagram:
        told.append(f"diagrammen i fråga {n}")
    return replace(mine, diagram=tuple(charts[key] for key in order), **texts)


def _frozen(wanted: Any) -> tuple[Any, ...]:
    return wanted.id, wanted.diagram, tuple(sorted(wanted.parameters.items())), wanted.in_answer


def _text(
    name: str, base: Any, mine: Any, theirs: Any, told: list[str], both: list[str], where: str = ""
) -> str:
    was, own, other = (str(getattr(one, name)) for one in (base, mine, theirs))
    if other in {was, own}:
        return own
    told.append(f"{_NAMES.get(name, name)}{where}")
    if own == was:
        return other
    both.append(f"{_NAMES.get(name, name)}{where}")
    if name not in _LONG or not other or not own:
        return own or other
    return own if other in own else other if own in other else f"{other}\n{own}"


def _joined(base: Sequence[_T], mine: Sequence[_T], theirs: Sequence[_T]) -> list[_T]:
    """Return their order with what I have added, without what either has taken away."""
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    found = [one for one in theirs if one not in gone]
    for n, one in enumerate(mine):
        if one in found or one in gone:
            continue
        before = [known for known in mine[:n] if known in found]
        found.insert(found.index(before[-1]) + 1 if before else 0, one)
    return found


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing drafts meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise DraftError(f"Utkastet kunde inte sparas: {error.strerror or error}.") from error


def _write(file: Path, spec: Spec, version: int, earlier: list[dict[str, Any]], *, lasting: bool) -> Draft:
    saved_at = datetime.now(UTC)
    content = {
        "version": version,
        "saved_at": saved_at.isoformat(),
        "spec": to_mapping(spec),
        "earlier": earlier,
        "lasting": lasting,
    }
    raw = json.dumps(content, ensure_ascii=False, indent=1)
    while len(raw) > LARGEST and earlier:
        earlier = earlier[1:]
        raw = json.dumps(content | {"earlier": earlier}, ensure_ascii=False, indent=1)
    if len(raw) > LARGEST:
        raise DraftError("Utkastet är för stort för att sparas. Dela upp svaret.")
    write_whole(file, raw.encode())
    return Draft(file.stem, saved_at, spec, version, tuple(one["what"] for one in earlier))


def _content(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        content.setdefault("version", 1)
        from_mapping(content["spec"], "")
        datetime.fromisoformat(content["saved_at"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SpecError) as error:
        raise DraftError("Utkastets fil är skadad och lämnas som den är.") from error
    return content


def _draft(file: Path) -> Draft:
    content = _content(file)
    return Draft(
        file.stem,
        datetime.fromisoformat(content["saved_at"]),
        from_mapping(content["spec"], ""),
        int(content["version"]),
        tuple(str(one.get("what", "")) for one in content.get("earlier", [])),
    )


def _file(folder: Path, draft_id: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{12}|[0-9a-f]{24}", draft_id):
        raise DraftError("Utkastets länk är inte giltig.")
    return folder / f"{draft_id}.json"
