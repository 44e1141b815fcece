"""A local HTTP server that stands in for a source: a routing function, and a record of the calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, dict[str, str], bytes]
Routes = Callable[[str, str, dict[str, str], Any], Answer]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class StandIn:
    """Serves ``routes(method, path, query, body) -> (status, headers, bytes)`` on this machine."""

    routes: Routes
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> StandIn:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # no waiting for delayed acknowledgements

            def do_GET(self) -> None:
                self._answer("GET", None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                content = self.rfile.read(length)
                is_form = "form-urlencoded" in self.headers.get("Content-Type", "")
                body = dict(parse_qsl(content.decode("ascii"), keep_blank_values=True)) if is_form else None
                self._answer("POST", body if is_form else json.loads(content or b"null"))

            def _answer(self, method: str, body: Any) -> None:
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                stand_in.calls.append(
                    Call(method=method, path=parts.path, query=query, body=body, headers=dict(self.headers))
                )
                refusal = getattr(stand_in.routes, "refusal", None)
                refused = refusal(dict(self.headers)) if refusal else None
                status, headers, content = refused or stand_in.routes(method, parts.path, query, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address without trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"
