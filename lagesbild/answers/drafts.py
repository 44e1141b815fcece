"""Answers that are being written: one JSON file each, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lagesbild import ExplainedError
from lagesbild.answers.spec import Spec, SpecError, from_mapping, to_mapping

if TYPE_CHECKING:
    from pathlib import Path


class DraftError(ExplainedError):
    """A draft that cannot be read or written."""


@dataclass(frozen=True)
class Draft:
    """A saved draft: its id, when it was saved, and the answer so far."""

    id: str
    saved_at: datetime
    spec: Spec


def new_id() -> str:
    """Return an id for a new draft."""
    return secrets.token_hex(6)


def save(folder: Path, draft_id: str, spec: Spec) -> None:
    """Save a draft under its id; an earlier version is replaced when the new one is whole.

    Raises
    ------
    DraftError
        If it cannot be written.
    """
    raw = json.dumps(
        {"saved_at": datetime.now(UTC).isoformat(), "spec": to_mapping(spec)}, ensure_ascii=False, indent=1
    )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(raw)
        os.replace(part, _file(folder, draft_id))  # noqa: PTH105 - a name from mkstemp
    except OSError as error:
        raise DraftError(f"Utkastet kunde inte sparas: {error.strerror or error}.") from error


def drafts(folder: Path) -> list[Draft]:
    """Return the saved drafts, the newest first; files that are damaged are left out and left alone."""
    found = []
    for file in folder.glob("*.json"):
        try:
            raw = json.loads(file.read_text("utf-8"))
            found.append(
                Draft(file.stem, datetime.fromisoformat(raw["saved_at"]), from_mapping(raw["spec"], ""))
            )
        except (OSError, ValueError, KeyError, TypeError, SpecError):
            continue
    return sorted(found, key=lambda draft: draft.saved_at, reverse=True)


def remove(folder: Path, draft_id: str) -> None:
    """Delete a draft."""
    try:
        _file(folder, draft_id).unlink(missing_ok=True)
    except OSError as error:
        raise DraftError(f"Utkastet kunde inte tas bort: {error.strerror or error}.") from error


def _file(folder: Path, draft_id: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{12}", draft_id):
        raise DraftError("Utkastets namn är inte giltigt.")
    return folder / f"{draft_id}.json"
