"""All that an installation knows about a person, over every store: the local data, drafts of answers, who was mailed.

The others hold nobody: the warehouse and the frozen figures are made of counts, the news of the same, and the log of
places in the code. What is in copies goes with them (docs/personuppgifter.md).
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from lagesbild.answers.drafts import alone
from lagesbild.files.whole import write_whole
from lagesbild.news.entries import NewsFile
from lagesbild.signals import privacy
from lagesbild.signals.privacy import ERASED, Trace

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from pathlib import Path

    from lagesbild.config import Settings
    from lagesbild.signals.database import Actor, LocalFile

_DRAFT, _MAILED = "utkast till svar", "mottagare av nyhetsbrev"


def find(settings: Settings, local: LocalFile, sought: str) -> list[Trace]:
    """Return every text that holds ``sought`` as whole words, small and capital letters alike.

    Raises
    ------
    SignalError
        If it is too short to be anybody.
    """
    pattern = privacy.pattern(sought)
    return [*privacy.find(local, sought), *_in_drafts(settings, pattern), *_mailed(settings, pattern)]


def erase(settings: Settings, local: LocalFile, sought: str, actor: Actor) -> int:
    """Erase a text wherever it stands; return how many texts were changed.

    Raises
    ------
    SignalError
        If it is too short to be anybody.
    DraftError, NewsError, LocalDataError
        If a store cannot be written; those before it are erased already, and it can be done again.
    """
    pattern = privacy.pattern(sought)
    drafts, mailed = _in_drafts(settings, pattern), _mailed(settings, pattern)
    if drafts:
        _erase_drafts(settings.drafts_folder, pattern)
    if mailed:
        NewsFile.of(settings).forget([trace.text for trace in mailed])
    return privacy.erase(local, sought, actor, beside=len(drafts) + len(mailed))


def _files(folder: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the drafts, removed ones too; one that is damaged is left to be looked at by somebody."""
    for file in sorted(folder.rglob("*.json")):
        try:
            yield file, json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _in_drafts(settings: Settings, pattern: re.Pattern[str]) -> list[Trace]:
    # The name of a draft's file is the secret of its link: its end is enough to tell it by.
    return [
        Trace(table="drafts", what=_DRAFT, key=file.stem[-4:], column="text", text=text)
        for file, content in _files(settings.drafts_folder)
        for text in _texts(content)
        if pattern.search(text)
    ]


def _mailed(settings: Settings, pattern: re.Pattern[str]) -> list[Trace]:
    return [
        Trace(table="mailed", what=_MAILED, key="", column="recipient", text=address)
        for address in NewsFile.of(settings).mailed_to()
        if pattern.search(address)
    ]


def _erase_drafts(folder: Path, pattern: re.Pattern[str]) -> None:
    with alone(folder):
        for file, content in _files(folder):
            changed = _without(content, pattern)
            if changed != content:
                _replace(file, changed)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, dict):
        return {name: _without(one, pattern) for name, one in value.items()}
    return [_without(one, pattern) for one in value] if isinstance(value, list) else value


def _replace(file: Path, content: object) -> None:
    """Write a draft anew in one step; when it was removed stays as it was."""
    moment = file.stat().st_mtime
    write_whole(file, json.dumps(content, ensure_ascii=False, indent=1).encode())
    os.utime(file, (moment, moment))
