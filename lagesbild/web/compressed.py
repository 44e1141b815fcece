"""Streamlit's bundles compressed: once each, and kept in memory, for they never change while the program runs.

Streamlit sends them as they are (`starlette_gzip_middleware`): compressing anew at every request costs more than it
gains, and a proxy is thought to do it. Many municipalities have none; a first visit was 7.6 megabytes.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Only what is text: fonts and pictures are compressed already. HTML is what Streamlit answers for unknown files.
_TEXTS = ("text/javascript", "application/javascript", "text/css", "application/json", "image/svg+xml")
_LEAST_BYTES = 1000
#: Where the bundles are; their names have a hash in them.
_BUNDLES = "/static/"
#: What a browser may take, the smallest first. Brotli at 9: a sixth smaller than gzip, in a third of a second for the
#: largest; at 11 a quarter, in eight. Browsers take it by https, and from this very machine.
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=9),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


@dataclass(frozen=True)
class _Kept:
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class CompressedBundles:
    """Answer with a bundle's compressed form where the browser takes it; the websocket is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str], _Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, but smaller."""
        coding = _coding(scope)
        if coding is None:
            await self._app(scope, receive, send)
        elif (scope["path"], coding) in self._kept:
            await _answer(self._kept[scope["path"], coding], Headers(scope=scope), send)
        else:
            await self._first(coding, scope, receive, send)

    async def _first(self, coding: str, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_text(message):
                start.update(message)
            elif not start:
                await send(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self._app(scope, receive, gather)
        if start:
            kept = await run_in_threadpool(_compressed, coding, start, bytes(body))
            self._kept[scope["path"], coding] = kept
            await _answer(kept, Headers(scope=scope), send)


def _coding(scope: Scope) -> str | None:
    """Return how an answer is compressed; None where it is not."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_BUNDLES):
        return None
    asked = Headers(scope=scope)
    # A part of a file, or "has it changed", is answered of the file itself.
    if "range" in asked or "if-modified-since" in asked:
        return None
    taken = {one.split(";")[0].strip() for one in asked.get("accept-encoding", "").split(",")}
    return next((coding for coding in _CODINGS if coding in taken), None)


def _is_text(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    text = headers.get("content-type", "").split(";")[0] in _TEXTS
    return bool(text and message["status"] == 200 and int(headers.get("content-length", "0")) >= _LEAST_BYTES)


def _compressed(coding: str, start: Message, body: bytes) -> _Kept:
    small = _CODINGS[coding](body)
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-encoding"] = coding
    headers["content-length"] = str(len(small))
    headers.add_vary_header("Accept-Encoding")
    if "etag" in headers:
        headers["etag"] = f"W/{headers['etag'].removeprefix('W/')}"
    del headers["accept-ranges"], headers["last-modified"]
    return _Kept(tuple(headers.raw), small)


async def _answer(kept: _Kept, asked: Headers, send: Send) -> None:
    tag = Headers(raw=list(kept.headers)).get("etag")
    known = tag is not None and asked.get("if-none-match") == tag
    headers = [one for one in kept.headers if not known or one[0] != b"content-length"]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if known else kept.body})
