"""Every raw response, compressed and named by its content, with an index in the state file.

Kept so that any figure can be traced back to the bytes it came from, and so that the warehouse can
be rebuilt without asking anybody. Notices' texts expire (see `expire_texts`).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lagesbild.data.state import connect
from pipelines.contract import Document, Request

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection
    from datetime import date
    from pathlib import Path

    from lagesbild.config import Settings


#: How long a file without an entry in the index is kept, so that a lost index can be put back.
_ORPHANS_KEPT = timedelta(days=30)


class RawArchive:
    """The archive of one installation."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.archive_folder
        self._state = settings.state_file

    def put(
        self,
        source_id: str,
        request: Request,
        content: bytes,
        fetched_at: datetime,
        headers: dict[str, str] | None = None,
    ) -> Document:
        """Store an answer; the same answer to the same question keeps its id and first date."""
        headers = headers or {}
        digest = hashlib.sha256(content).hexdigest()
        fetch_id = f"{source_id}-{hashlib.sha256(f'{request.key}{digest}'.encode()).hexdigest()[:16]}"
        self._write(digest, content)
        with connect(self._state) as state:
            state.execute(
                """
                INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
                ON CONFLICT (fetch_id) DO UPDATE SET checked_at = excluded.checked_at,
                    etag = excluded.etag, last_modified = excluded.last_modified
                """,
                [
                    fetch_id,
                    source_id,
                    request.url,
                    request.key,
                    request.to_json(),
                    fetched_at.isoformat(),
                    fetched_at.isoformat(),
                    digest,
                    digest,
                    len(content),
                    headers.get("ETag"),
                    headers.get("Last-Modified"),
                ],
            )
            row = state.execute("SELECT * FROM document WHERE fetch_id = ?", [fetch_id]).fetchone()
        return Document(
            request=Request.from_json(row["request"]),
            fetch_id=fetch_id,
            fetched_at=datetime.fromisoformat(row["fetched_at"]),
            sha256=digest,
            content=content,
        )

    def latest(self, request: Request) -> tuple[Document, str | None, str | None] | None:
        """Return the newest answer to a question with its ETag and Last-Modified, or None."""
        with connect(self._state) as state:
            row = state.execute(
                "SELECT * FROM document WHERE request_key = ? ORDER BY checked_at DESC, fetched_at DESC",
                [request.key],
            ).fetchone()
        document = self._document(row) if row else None
        return (document, row["etag"], row["last_modified"]) if document else None

    def confirm(self, fetch_id: str, checked_at: datetime) -> None:
        """Note that the source says an archived answer still stands."""
        with connect(self._state) as state:
            state.execute(
                "UPDATE document SET checked_at = ? WHERE fetch_id = ?",
                [checked_at.isoformat(), fetch_id],
            )

    def of_source(self, source_id: str, except_for: Collection[str] = ()) -> list[Document]:
        """Return every archived document of a source, oldest first, without those of the given ids."""
        with connect(self._state) as state:
            rows = state.execute(
                "SELECT * FROM document WHERE source_id = ? ORDER BY fetched_at, rowid", [source_id]
            ).fetchall()
        return self._documents([row for row in rows if row["fetch_id"] not in except_for])

    def of_good_runs(self, source_id: str, *, every: bool = False) -> list[list[Document]]:
        """Return the documents of the last successful whole run, and of the partial ones since.

        Each run's documents are in the order asked; the runs in the order made. With ``every``, all
        successful runs, except those that got the same answers as the one before.
        """
        with connect(self._state) as state:
            runs = state.execute(
                """
                SELECT run_id FROM run WHERE source_id = :source AND outcome = 'ok' AND (:every OR run_id >= coalesce(
                    (SELECT max(run_id) FROM run WHERE source_id = :source AND outcome = 'ok' AND since IS NULL), 0))
                 ORDER BY run_id
                """,
                {"source": source_id, "every": every},
            ).fetchall()
            rows = [
                state.execute(
                    """
                    SELECT document.* FROM run_document JOIN document USING (fetch_id)
                     WHERE run_id = ? ORDER BY run_document.rowid
                    """,
                    [run["run_id"]],
                ).fetchall()
                for run in runs
            ]
        if every:
            asked = [[row["fetch_id"] for row in part] for part in rows]
            rows = [
                part for number, part in enumerate(rows) if not number or asked[number] != asked[number - 1]
            ]
        return [self._documents(part) for part in rows]

    def of_unfinished_run(self, source_id: str, since: date | None, within: timedelta) -> dict[str, Document]:
        """Return answers by question key from the latest runs since the same day, if killed or cut off.

        Runs since another day neither continue nor end them: the nightly run may come in between.
        """
        with connect(self._state) as state:
            rows = state.execute(
                """
                SELECT document.* FROM run_document JOIN document USING (fetch_id)
                 WHERE run_id IN (
                     SELECT run_id FROM run
                      WHERE source_id = :source AND since IS :since AND (outcome IS NULL OR outcome = 'unreachable')
                        AND run_id > coalesce((SELECT max(run_id) FROM run WHERE source_id = :source
                                                AND since IS :since AND outcome IN ('ok', 'failed')), 0))
                   AND julianday(document.checked_at) > julianday('now', :within)
                """,
                {
                    "source": source_id,
                    "since": since and since.isoformat(),
                    "within": f"-{within.total_seconds()} seconds",
                },
            ).fetchall()
        return {document.request.key: document for document in self._documents(rows)}

    def expire_texts(self, source_id: str, now: datetime, redact: Redactor) -> int:
        """Replace documents whose personal texts have expired; return how many were rewritten.

        ``redact(content, now)`` gives the content without expired texts and the moment the next one
        expires (None when none is left). The index keeps the original's checksum.
        """
        with connect(self._state) as state:
            rows = state.execute(
                """
                SELECT fetch_id, stored_as, text_expires_at FROM document
                 WHERE source_id = ? AND coalesce(text_expires_at, '') <> 'done'
                """,
                [source_id],
            ).fetchall()
        self._remove_orphans(now)
        due = [row for row in rows if (row["text_expires_at"] or "") <= now.isoformat()]
        return sum(self._expire(row, now, redact) for row in due)

    def _remove_orphans(self, now: datetime) -> None:
        """Remove files the index has not named for as long as a text may be kept (a lost index, a kill)."""
        with connect(self._state) as state:
            named = {row[0] for row in state.execute("SELECT stored_as FROM document")}
        for path in self._folder.glob("*/*"):
            age = now.timestamp() - path.stat().st_mtime
            if path.name.removesuffix(".gz") not in named and age > _ORPHANS_KEPT.total_seconds():
                path.unlink(missing_ok=True)

    def _expire(self, row: sqlite3.Row, now: datetime, redact: Redactor) -> bool:
        path = self._path(row["stored_as"])
        before = self._read(row["stored_as"])
        if before is None:
            path.unlink(missing_ok=True)
            return False
        after, next_expiry = redact(before, now)
        digest = hashlib.sha256(after).hexdigest()
        self._write(digest, after)
        with connect(self._state) as state:
            state.execute(
                "UPDATE document SET stored_as = ?, text_expires_at = ? WHERE fetch_id = ?",
                [digest, next_expiry.isoformat() if next_expiry else "done", row["fetch_id"]],
            )
            used = state.execute("SELECT 1 FROM document WHERE stored_as = ?", [row["stored_as"]]).fetchone()
        if used is None:  # only after the index is safely written
            path.unlink(missing_ok=True)
        return bool(digest != row["stored_as"])

    def _documents(self, rows: list[sqlite3.Row]) -> list[Document]:
        found = (self._document(row) for row in rows)
        return [document for document in found if document is not None]

    def _document(self, row: sqlite3.Row) -> Document | None:
        content = self._read(row["stored_as"])
        if content is None:
            return None
        return Document(
            request=Request.from_json(row["request"]),
            fetch_id=row["fetch_id"],
            fetched_at=datetime.fromisoformat(row["fetched_at"]),
            sha256=row["sha256"],
            content=content,
        )

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.gz"

    def _write(self, digest: str, content: bytes) -> None:
        path = self._path(digest)
        if self._read(digest) is not None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(gzip.compress(content, 6, mtime=0))
        temporary.replace(path)

    def _read(self, digest: str) -> bytes | None:
        """Return stored content, or None if it is not there or not what its name says.

        Writes are not flushed one by one: after a power cut a file may be cut short, and is then
        as good as never fetched.
        """
        try:
            content = gzip.decompress(self._path(digest).read_bytes())
        except (OSError, EOFError, zlib.error):
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None


if TYPE_CHECKING:
    Redactor = Callable[[bytes, datetime], tuple[bytes, datetime | None]]
