"""What nobody may do who speaks to the server without a browser: the first thing every request meets.

Streamlit trusts what a browser sends. A message may empty what is kept for all readers, an address may be of
megabytes, and one who opens a thousand connections gets a thousand sessions. What is refused here does no harm.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections import Counter
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from streamlit.proto.BackMsg_pb2 import BackMsg

from lagesbild.web.pace import Pace, network_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOGGER = logging.getLogger(__name__)

#: Signs in the address after the question mark, and bytes of one message: more than any page of ours makes.
LONGEST_QUERY, LARGEST_MESSAGE = 2_000, 1_000_000
#: Connections at the same time from one address (a whole town hall may share one), and all together.
MOST_OF_ADDRESS, MOST_CONNECTIONS = 100, 1_000
#: What a browser with our pages sends. Another may "clear_cache": everybody's, at every visit.
ALLOWED = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
)
#: Runs that a reader may ask for: a hand that drags a slider is slower, and what is beyond waits.
RUNS, WITHIN = 40, 10
#: For who looks after the server, on the server.
_INSIDE = re.compile(r"/_stcore/(?:metrics|agent|script-health-check)")
_POLICY, _TOO_BIG = 1008, 1009
_PAUSE = 0.25


class Guard:
    """Stand before an application and refuse what only somebody without a browser sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: Counter[str] = Counter()
        self._runs = Pace(RUNS, WITHIN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, but for what is refused."""
        if scope["type"] == "http" and len(scope.get("query_string", b"")) > LONGEST_QUERY:
            await PlainTextResponse("Adressen är för lång.", 414)(scope, receive, send)
        elif scope["type"] == "http" and _INSIDE.match(scope["path"]) and not _is_here(scope):
            await PlainTextResponse("Finns inte.", 404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connected(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _connected(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = network_of(scope["client"][0] if scope.get("client") else None)
        if self._open[who] >= MOST_OF_ADDRESS or self._open.total() >= MOST_CONNECTIONS:
            _LOGGER.warning("för många samtidiga anslutningar: en till nekades")
            await receive()  # the handshake, that is to be answered
            await send({"type": "websocket.close", "code": _POLICY})
            return
        self._open[who] += 1
        connection = _Connection(self._runs, receive, send)
        try:
            await self._app(scope, connection.receive, send)
        finally:
            self._open[who] -= 1
            self._open += Counter()  # those with none are forgotten


class _Connection:
    """What one browser sends, with what is not its to send left out."""

    def __init__(self, runs: Pace, receive: Receive, send: Send) -> None:
        self._runs, self._receive, self._send = runs, receive, send

    async def receive(self) -> Message:
        """Return the next message that may go on to Streamlit."""
        while True:
            message = await self._receive()
            data = message.get("bytes")
            if message["type"] != "websocket.receive" or data is None:
                return message
            if len(data) > LARGEST_MESSAGE:
                return await self._ended(_TOO_BIG)
            sent = _read(data)
            if sent is None:
                return message  # Streamlit ends the connection, and says why
            kind = sent.WhichOneof("type")
            if kind not in ALLOWED:
                _LOGGER.warning("ett meddelande av slaget %s togs inte emot", kind)
                continue
            if kind == "rerun_script":
                await self._in_pace()
                if len(sent.rerun_script.query_string) > LONGEST_QUERY:
                    return await self._ended(_POLICY)
            return message

    async def _ended(self, code: int) -> Message:
        """End the connection, and tell the application that it has ended."""
        _LOGGER.warning("en anslutning avslutades: den skickade mer än någon sida gör")
        await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    async def _in_pace(self) -> None:
        """Wait until one more run may begin; what comes meanwhile waits in the network, not in memory."""
        while not self._runs.take(str(id(self))):
            await asyncio.sleep(_PAUSE)


def _is_here(scope: Scope) -> bool:
    """Tell whether somebody on this very machine asks; what a proxy passes on comes from its reader."""
    try:
        return ipaddress.ip_address(scope["client"][0]).is_loopback
    except (KeyError, TypeError, ValueError):
        return False


def _read(data: bytes) -> BackMsg | None:
    sent = BackMsg()
    try:
        sent.ParseFromString(data)
    except DecodeError:
        return None
    return sent
