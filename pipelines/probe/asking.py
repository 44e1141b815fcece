"""Asking a source a few questions as it stands, and keeping what it said so that it can be played back.

Unlike an ingest, a probe wants to see refusals too (404, 422), keeps nothing in the archive and stores nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lagesbild.data import reference
from lagesbild.data.state import now
from pipelines.contract import Document, Request, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pipelines.http import Client, HttpAnswer

INDEX = "index.json"
_KEPT_HEADERS = ("Content-Type", "Set-Cookie", "Retry-After")


@dataclass(frozen=True)
class Said:
    """One answer: status, content type and bytes."""

    status: int
    content: bytes

    def json(self) -> Any:
        """Return the answer as JSON; None where it is none."""
        try:
            return json.loads(self.content.decode("utf-8-sig"))
        except ValueError:
            return None


@dataclass
class Recorder:
    """Writes answers into a folder: ``index.json`` names each question and the file with its answer.

    The folder is meant to be sent to a developer, so ``screened`` takes what people wrote out of an answer.
    """

    folder: Path
    screened: Callable[[str, bytes], bytes] = lambda _source, content: content
    entries: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, source_id: str, base_url: str, request: Request, answer: HttpAnswer) -> None:
        """Write one answer and the index."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = self.screened(source_id, answer.content)
        name = f"{len(self.entries) + 1:03d}-{source_id}"
        (self.folder / name).write_bytes(content)
        headers = {key: answer.headers[key] for key in _KEPT_HEADERS if key in answer.headers}
        self.entries.append(
            {
                "source": source_id,
                "question": question_of(source_id, base_url, request),
                "status": answer.status,
                "headers": headers,
                "file": name,
            }
        )
        index = {"asked_at": now().isoformat(), "answers": self.entries}
        (self.folder / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", "utf-8")


def question_of(source_id: str, base_url: str, request: Request) -> list[Any]:
    """Return what tells a question from others whatever the host: method, path with query, and body.

    Under another base address (a mirror) the path is the one it would have at the source itself.
    """
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if request.url.startswith(base_url):
        own = urlsplit(reference.sources()[source_id].base_url).path.rstrip("/")
        path = own + path.removeprefix(urlsplit(base_url).path)
    body = request.form if request.form is not None else request.body
    return ["GET" if body is None else "POST", path, body]


class Asker:
    """Asks one source; the same question is asked once. Sources with sessions get their steps before each."""

    def __init__(self, source_id: str, base_url: str, client: Client, recorder: Recorder | None) -> None:
        self.source_id, self.base_url = source_id, base_url
        self._client, self._recorder = client, recorder
        self._said: dict[str, Said | UnreachableError] = {}

    def get(self, path: str) -> Said:
        """Ask for an address under the source's own, or a whole one."""
        return self.ask(Request(url=path if "://" in path else f"{self.base_url}{path}", part="probe"))

    def post(self, path: str, body: Mapping[str, Any]) -> Said:
        """Ask with JSON."""
        return self.ask(Request(url=f"{self.base_url}{path}", part="probe", body=body))

    def ask(self, request: Request) -> Said:
        """Return the answer, whatever its status.

        Raises
        ------
        UnreachableError
            If there is none; the next question to a source that cannot be reached is not tried.
        """
        lost = next((said for said in self._said.values() if isinstance(said, UnreachableError)), None)
        if lost is not None:
            raise lost
        if request.key not in self._said:
            try:
                for step in request.before:
                    self._one(step)
                self._said[request.key] = self._one(request)
            except UnreachableError as error:
                self._said[request.key] = error
        found = self._said[request.key]
        if isinstance(found, UnreachableError):
            raise found
        return found

    def document(self, request: Request) -> Document:
        """Return the answer as the pipelines take it."""
        said = self.ask(request)
        digest = sha256(said.content).hexdigest()
        return Document(
            request=request,
            fetch_id=f"{self.source_id}-probe",
            fetched_at=now(),
            sha256=digest,
            content=said.content,
        )

    def _one(self, request: Request) -> Said:
        answer = self._client.answer(request)
        if self._recorder is not None:
            self._recorder.keep(self.source_id, self.base_url, request, answer)
        return Said(answer.status, answer.content)
