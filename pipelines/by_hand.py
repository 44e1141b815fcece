"""Files that somebody has fetched by hand, where a source's pages resist: taken as if they had been fetched.

They lie in ``<home>/manual/<source>``. Each run reads them anew; what a run has fetched itself goes before a file
that answers the same question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.contract import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lagesbild.config import Settings
    from pipelines.archive import RawArchive
    from pipelines.contract import Document, RunContext, Source

#: A larger file than this is no table of these sources.
_MOST_BYTES = 60_000_000
_MOST_NAMED = 5


@dataclass
class ByHand:
    """The documents of a folder, and what was wrong with other files (Swedish)."""

    documents: list[Document] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def beside(self, fetched: Sequence[Document]) -> list[Document]:
        """Return the fetched documents and those files that answer other questions."""
        asked = {(d.request.part, tuple(sorted(d.request.tags.items()))) for d in fetched}
        return [
            *fetched,
            *(
                d
                for d in self.documents
                if (d.request.part, tuple(sorted(d.request.tags.items()))) not in asked
            ),
        ]


def folder_of(settings: Settings, source_id: str) -> Path:
    """Return where files for a source are put."""
    return settings.home / "manual" / source_id


def read(settings: Settings, source: Source, context: RunContext, archive: RawArchive) -> ByHand:
    """Read the folder of a source; a file that cannot be used is named and left where it is."""
    found, refused = ByHand(), []
    for path in _files(folder_of(settings, source.id)):
        try:
            found.documents.append(_document(path, source, context, archive))
        except (SourceError, OSError) as error:
            why = getattr(error, "strerror", None) or str(error).removeprefix(f"{source.id}: ")
            refused.append(f"{path.name} ({why})")
    if found.documents:
        found.remarks.append(f"{len(found.documents)} filer ur manual/{source.id} lästa")
    if refused:
        more = f" och {len(refused) - _MOST_NAMED} till" if len(refused) > _MOST_NAMED else ""
        found.remarks.append(f"ur manual/{source.id} lästes inte: {'; '.join(refused[:_MOST_NAMED])}{more}")
    return found


def _files(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~"))
    )


def _document(path: Path, source: Source, context: RunContext, archive: RawArchive) -> Document:
    facts = path.stat()
    if facts.st_size > _MOST_BYTES:
        raise source.error(f"filen är större än {_MOST_BYTES // 1_000_000} MB")
    content = path.read_bytes()
    request = source.by_hand(path.name, content, context)
    if request is None:
        raise source.error(
            "namnet säger inte vad filen innehåller, eller så läses inga filer för den här källan"
        )
    put_there = datetime.fromtimestamp(facts.st_mtime, UTC).replace(microsecond=0)
    document = archive.put(source.id, request, content, put_there)
    if source.accumulates:  # one that cannot be read would stop what was fetched
        source.parse([document], context)
    return document
