"""Serving under a folder of the municipality's own site: ``https://kommun.se/lagesbild``, by the public address alone.

Inside, everything is served at the root. This takes the folder from what is asked for, and puts it before where
readers are sent and before the path of cookies, so that no page, route or script need know of it. A proxy may pass the
folder on or take it away itself: both work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COOKIE_PATH = re.compile(rb"(;\s*path=)/(?=;|$)", re.IGNORECASE)


class UnderFolder:
    """Answer below ``folder`` as the application does at the root; with an empty folder as the application does.

    Parameters
    ----------
    folder
        As `Settings.base_path` has it: empty, or with a slash before and none after.
    """

    def __init__(self, app: ASGIApp, folder: str) -> None:
        self._app, self._folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is asked for without the folder, and the answer with it."""
        if not self._folder or scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        # Without the slash, "./static" on the page would be looked for beside the folder.
        if scope["path"] == self._folder and scope["type"] == "http":
            query = scope["query_string"].decode("latin-1")
            answer = RedirectResponse(f"{self._folder}/{'?' if query else ''}{query}", 301)
            await answer(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def outwards(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.accept"}:
                placed = [self._placed(name, value, host) for name, value in message.get("headers", ())]
                message = {**message, "headers": placed}
            await send(message)

        await self._app(self._inside(scope), receive, outwards)

    def _inside(self, scope: Scope) -> Scope:
        if not scope["path"].startswith(f"{self._folder}/"):
            return scope
        path = scope["path"].removeprefix(self._folder)
        return {**scope, "path": path, "raw_path": path.encode()}

    def _placed(self, name: bytes, value: bytes, host: str) -> tuple[bytes, bytes]:
        """Return a header that names a place, with the folder; any other as it is."""
        if name.lower() == b"set-cookie":
            return name, _COOKIE_PATH.sub(rb"\1" + self._folder.encode() + b"/", value)
        if name.lower() == b"location":
            return name, self._moved(value.decode("latin-1"), host).encode("latin-1")
        return name, value

    def _moved(self, address: str, host: str) -> str:
        parts = urlsplit(address)
        ours = parts.netloc in {"", host} and parts.path.startswith("/")
        inside = parts.path == self._folder or parts.path.startswith(f"{self._folder}/")
        return parts._replace(path=f"{self._folder}{parts.path}").geturl() if ours and not inside else address
