"""Files are taken from who has a page with a field for files open, and from nobody else.

Streamlit takes a file from every session, whether a page asks for one or not, and keeps it in memory.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from lagesbild.web.pace import Pace

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Bytes of a file at most, in megabytes; Streamlit is told the same.
LARGEST_MB = 20
#: Files of one session within an hour.
_PACE = Pace(60, 3600)
_EXPECTED_FOR, _MOST_SESSIONS = 3600.0, 1_000
_FORMS = 1_000_000
_ADDRESS = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+/?")
_expected: OrderedDict[str, float] = OrderedDict()


def expect(session: str) -> None:
    """Take files of a session for an hour: a page with a field for files is shown to it."""
    _expected[session] = time.monotonic() + _EXPECTED_FOR
    _expected.move_to_end(session)
    while len(_expected) > _MOST_SESSIONS:
        _expected.popitem(last=False)


class Uploads:
    """Refuse files that no page has asked for, and those that are too large, before they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, but for files that are refused."""
        found = _ADDRESS.search(scope["path"]) if scope["type"] == "http" else None
        why = _refused(scope, found["session"]) if found and scope["method"] == "PUT" else None
        if why is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(why[1], why[0])(scope, receive, send)


def _refused(scope: Scope, session: str) -> tuple[int, str] | None:
    if _expected.get(session, 0.0) < time.monotonic():
        return 403, "Sidan tar inte emot filer."
    size = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    if not size.isdigit():
        return 411, "Filens storlek saknas."
    if int(size) > LARGEST_MB * 1_000_000 + _FORMS:
        return 413, f"Filen är för stor. Högst {LARGEST_MB} megabyte."
    if not _PACE.take(session):
        return 429, "Många filer på kort tid. Försök igen om en stund."
    return None
