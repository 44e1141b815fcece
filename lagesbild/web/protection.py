"""What browsers are told to refuse: scripts, frames and content from elsewhere (CSP), guessed types, the place one is at.

Set here rather than by a proxy, so that they are there whatever stands in front, and so that they follow Streamlit's
page: its one script in the page itself is allowed by its checksum, and no other. Styles in the page cannot be refused:
Streamlit and plotly write theirs as they draw.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The one page that others may show in a frame, when its address asks for it (`pages.parts.figure.embedding`).
EMBEDDED = "/d"
_POLICY = (
    "default-src 'self'",
    # blob: Streamlit loads the scripts of our own small components so; plotly and Streamlit start workers so.
    "script-src 'self' blob: {scripts}",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-src 'self'",
)
_NOBODY = "'none'"
_OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}


def checksums(page: str, *scripts: str) -> str:
    """Return the checksums of the scripts that stand in a page itself, and of others that are put into it, as CSP wants them."""
    found = (*re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL), *scripts)
    sums = (hashlib.sha256(one.encode()).digest() for one in found)
    return " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in sums)


def policy(scripts: str, *, framed: bool) -> str:
    """Return the content security policy of a page.

    Parameters
    ----------
    scripts
        `checksums` of Streamlit's page.
    framed
        Any site may show it in a frame; else none may.
    """
    return f"{'; '.join(_POLICY).format(scripts=scripts)}; frame-ancestors {'*' if framed else _NOBODY}"


class Protected:
    """Say with every answer what browsers shall refuse; an answer that says so itself keeps its own words.

    Parameters
    ----------
    scripts
        `checksums` of those that may stand in a page.
    """

    def __init__(self, app: ASGIApp, scripts: str) -> None:
        self._app, self._scripts = app, scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        framed = may_be_framed(scope["path"], scope["query_string"].decode("latin-1"))
        told = {**_OTHERS, "Content-Security-Policy": policy(self._scripts, framed=framed)}
        if not framed:  # for browsers that do not know frame-ancestors
            told["X-Frame-Options"] = "DENY"

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, protected)


def may_be_framed(path: str, query: str) -> bool:
    """Tell whether an address is that of a cited chart to be shown in another page."""
    return path == EMBEDDED and parse_qs(query).get("embed") == ["true"]
