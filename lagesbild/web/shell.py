"""Streamlit's one HTML page, made Swedish before anything runs: language, title, words without scripts, and our script.

Streamlit serves the same English page at every address and has no translation of its own words (streamlit#1353,
#15726). Here the page says its language and the title of what is asked for, and loads `swedish.js` and `shell.js`,
which keep it so while Streamlit draws.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from markupsafe import escape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Route

from lagesbild.swedish import inside
from lagesbild.web.first_words import first_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lagesbild.config import Settings

NAME = "Lägesbild"
#: Under this our script is served.
PREFIX = "/skal"
_FILES = Path(__file__).with_name("static")
#: Each part shares no names with the others.
_SCRIPTS = (("swedish.js", "shell.js"), ("address.js",), ("first_words.js",), ("print.js",))
#: What pages are called, by their address; ``{}`` is the municipality, ``{inside}`` where that is. The pages say the
#: same (`markup.page_title`).
TITLES = {
    "": "Sticker {} ut?",
    "vad-sticker-ut": "Vad sticker ut {inside}?",
    "jamfor": "Jämför kommuner, {}",
    "alla-kommuner": "Alla kommuner",
    "jamforelsegrupp": "Jämförelsegrupp, {}",
    "trender": "Trender, {}",
    "hotspots": "Hotspots, {}",
    "medborgarloften": "Medborgarlöften, {}",
    "svar": "Svar och diagram",
    "datakallor": "Datakällor",
    "metod": "Metod",
    "ordlista": "Ordlista",
    "tillganglighet": "Tillgänglighet",
    "d": "Citerat diagram",
    "logga-in": "Logga in",
    "veckan": "Veckans lägesbild",
    "oroshardar": "Oroshärdar",
    "signaler": "Signaler",
    "atgarder": "Åtgärder",
    "dokument": "Dokument enligt lag",
    "administration": "Administration",
}
_NO_SCRIPT = (
    "<p>Lägesbild behöver JavaScript för att visa sina siffror. Slå på det i webbläsaren och ladda om sidan.</p>"
    "<p>Går det inte? Hör av dig till kommunen, så skickas siffrorna på annat sätt.</p>"
)
#: What Streamlit and we serve that is no page.
_NO_PAGES = (
    "/static/",
    "/_stcore/",
    "/media/",
    "/component/",
    "/rapportera/",
    "/konto/",
    "/nyheter.xml",
    "/halsa",
    "/redo",
    f"{PREFIX}/",
)
_FEED = '<link rel="alternate" type="application/atom+xml" title="Nyheter" href="./nyheter.xml">'
#: Where Streamlit draws.
_ROOT = '<div id="root">'
#: Set once somebody has been given a page: what else a start has to do waits for that.
GIVEN = threading.Event()
_FOREVER = "public, immutable, max-age=31536000"


@cache
def script() -> tuple[str, bytes]:
    """Return the name of our script, which changes with its content, and the script."""
    parts = ["\n".join((_FILES / name).read_text("utf-8") for name in names) for names in _SCRIPTS]
    body = "".join(f"(() => {{\n{part}\n}})();\n" for part in parts).encode()
    return f"shell.{_tag(body)}.js", body


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def routes() -> list[Route]:
    """Return the route of the script."""

    async def served(request: Request) -> Response:
        name, body = script()
        tag = f'"{_tag(body)}"'
        asked = request.path_params["name"]
        # Whoever has an older page open gets today's script, and asks again the next time.
        headers = {"ETag": tag, "Cache-Control": _FOREVER if asked == name else "no-cache"}
        if not re.fullmatch(r"shell\.[0-9a-f]{16}\.js", asked):
            return Response(status_code=404)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/javascript", headers=headers)

    return [Route(f"{PREFIX}/{{name}}", served)]


def title_of(path: str, query: str, home: str, names: Mapping[str, str]) -> str:
    """Return what the page at an address is called.

    Parameters
    ----------
    path, query
        Of the address; the municipality stands in the query as a code.
    home
        Code of the municipality that is shown where none is asked for, or an unknown one.
    names
        Municipalities by code.
    """
    page = path.strip("/")
    asked = parse_qs(query).get("kommun", [""])[0]
    shown = TITLES.get(page, TITLES[""])  # at an unknown address Streamlit shows the first page
    if "diagram" in parse_qs(query) and not page:  # the address of a cited chart has no page in it
        shown = TITLES["svar"]
    name = names.get(asked, names[home])
    return f"{shown.format(name, inside=inside(name))} – {NAME}"


def swedish(page: str, title: str, words: str = "") -> str:
    """Return Streamlit's page in Swedish, under a title, with our script before all others and ``words`` to be read first."""
    page = page.replace('<html lang="en">', '<html lang="sv">', 1)
    page = re.sub(r"<title>.*?</title>", lambda _: f"<title>{escape(title)}</title>", page, count=1)
    page = re.sub(r"<noscript>.*?</noscript>", f"<noscript>{_NO_SCRIPT}</noscript>", page, flags=re.DOTALL)
    page = page.replace(_ROOT, f"{words}{_ROOT}", 1)
    # Relative, as Streamlit's own: it works behind a proxy that puts a folder before every address.
    return page.replace(
        "<head>", f'<head>\n    <script src=".{PREFIX}/{script()[0]}"></script>\n    {_FEED}', 1
    )


class SpeaksSwedish:
    """Answer with Streamlit's page in Swedish wherever Streamlit answers with its page."""

    def __init__(self, app: ASGIApp, home: str, names: Mapping[str, str], settings: Settings) -> None:
        self._app, self._home, self._names, self._settings = app, home, names, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, but for its page."""
        other = scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(_NO_PAGES)
        if other:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        title = title_of(scope["path"], query, self._home, self._names)

        async def words() -> str:
            if scope["path"].strip("/"):
                return ""
            return await run_in_threadpool(first_words, self._settings, self._home, query)

        # The whole page, as it is: not compressed, and not "as you have it", which is judged of ours below.
        asked = _without(scope, b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        await self._app(asked, receive, _Rewriter(send, Headers(scope=scope), title, words))


def _without(scope: Scope, *names: bytes) -> Scope:
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in names]}


class _Rewriter:
    """Pass messages on; a page of HTML is kept until it is whole, and then sent in Swedish."""

    def __init__(self, send: Send, asked: Headers, title: str, words: Callable[[], Awaitable[str]]) -> None:
        self._send, self._asked, self._title, self._words = send, asked, title, words
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers, body = MutableHeaders(raw=list(start["headers"])), self._body
        if _ROOT.encode() in body:
            body = swedish(body.decode(), self._title, await self._words()).encode()
            headers["etag"] = f'W/"{_tag(body)}"'
            del headers["last-modified"], headers["accept-ranges"]
        status = start["status"]
        if headers.get("etag") and headers["etag"] == self._asked.get("if-none-match"):
            status, body = 304, b""
        elif "gzip" in self._asked.get("accept-encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["content-encoding"] = "gzip"
        headers.add_vary_header("Accept-Encoding")
        headers["content-length"] = str(len(body))
        await self._send({**start, "status": status, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})
        GIVEN.set()


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    html = headers.get("content-type", "").startswith("text/html")
    return bool(html and message["status"] == 200 and "content-encoding" not in headers)
