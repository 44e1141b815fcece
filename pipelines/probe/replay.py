"""A server that gives the recorded answers of a probe again, for somebody without internet.

The answers to the same question come in the order they came; the last one is repeated. A question that differs
in the values of its query only (a day long gone) gets the answer to its like.
"""

from __future__ import annotations

import json
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from lagesbild import ExplainedError
from lagesbild.data import reference
from pipelines.probe.asking import INDEX

if TYPE_CHECKING:
    from pathlib import Path


class RecordingError(ExplainedError):
    """A folder is no recording; the message says what is missing."""


class Recording:
    """The answers of a folder, by question."""

    def __init__(self, folder: Path) -> None:
        try:
            entries = json.loads((folder / INDEX).read_text("utf-8"))["answers"]
            answers = [
                (e["source"], e["question"], e["status"], e["headers"], (folder / e["file"]).read_bytes())
                for e in entries
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordingError(
                f"{folder} är ingen inspelning av lagesbild probe ({type(error).__name__})"
            ) from None
        self.sources = list(dict.fromkeys(source for source, *_ in answers))
        self._waiting: defaultdict[str, list[tuple[int, dict[str, str], bytes]]] = defaultdict(list)
        self._alike: dict[str, str] = {}
        self._lock = Lock()
        for _, (method, path, body), status, headers, content in answers:
            key = _key(method, path, body)
            self._waiting[key].append((status, headers, content))
            self._alike[_shape(method, path, body)] = key

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        """Return the recorded answer: status, headers and content; 404 where nothing like it was asked."""
        key = _key(method, path, body)
        if key not in self._waiting:
            key = self._alike.get(_shape(method, path, body), "")
        with self._lock:
            waiting = self._waiting.get(key, [])
            if not waiting:
                return 404, {}, b""
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def base_urls(self, port: int) -> dict[str, str]:
        """Return what to give as ``--base-url`` for each recorded source."""
        paths = {source: urlsplit(reference.sources()[source].base_url).path for source in self.sources}
        return {source: f"http://127.0.0.1:{port}{path}".rstrip("/") for source, path in paths.items()}


def _key(method: str, path: str, body: Any) -> str:
    return json.dumps([method, path, body], sort_keys=True, ensure_ascii=False)


def _shape(method: str, path: str, body: Any) -> str:
    parts = urlsplit(path)
    return _key(method, f"{parts.path}?{sorted(name for name, _ in parse_qsl(parts.query))}", body)


def server(recording: Recording, port: int) -> ThreadingHTTPServer:
    """Return a server on this machine; port 0 takes a free one. The caller runs and closes it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", None)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if "form-urlencoded" in self.headers.get("Content-Type", ""):
                self._answer("POST", dict(parse_qsl(content.decode("ascii"), keep_blank_values=True)))
            else:
                self._answer("POST", json.loads(content) if content else {})

        def _answer(self, method: str, body: Any) -> None:
            status, headers, content = recording.answer(method, self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep quiet."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
