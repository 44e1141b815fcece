"""A visit without a browser: what Streamlit's page sends over its connection, and what comes back.

Used by the load generator and by the tests of what a stranger could do. It obeys the protocol as a browser does, unless
it is told what else to send (`Visit.send`).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from streamlit.proto.Element_pb2 import Element

_TEXTS = {"html": "body", "markdown": "body", "heading": "body", "alert": "body", "code": "code_text"}
#: What of a widget's state is sent, by what it is.
_TEXT_FIELDS = frozenset({"text_input", "text_area", "selectbox"})


@dataclass(kw_only=True)
class Drawn:
    """What one run of a page gave: seconds until it stood still, until the first element and chart, and what it shows."""

    seconds: float = 0.0
    first: float | None = None
    chart: float | None = None
    texts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: int = 0

    @property
    def text(self) -> str:
        """All that is written on it."""
        return "\n".join(self.texts)


class Visit:
    """One session. Not safe to use from several tasks."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._page, self._query = "", ""
        self._widgets: dict[str, tuple[str, str]] = {}
        self._states: dict[str, str | bool] = {}
        self.session = ""

    @staticmethod
    @asynccontextmanager
    async def begin(base: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Visit]:
        """Open a session at an address (``http://localhost:8501``), with headers beside the usual ones.

        Like a browser it asks first whether the server is there, and brings the cookie along that it is given.
        """
        given = await asyncio.to_thread(requests.get, f"{base}/_stcore/health", timeout=60)
        own = given.cookies.get("_streamlit_xsrf", "")
        connection = await websockets.connect(
            base.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"_streamlit_xsrf={own}", **(headers or {})},
            max_size=None,
            compression=None,
            open_timeout=60,
            ping_interval=None,
        )
        try:
            yield Visit(connection)
        finally:
            await connection.close()

    async def go(self, page: str, query: str = "", timeout: float = 120) -> Drawn:
        """Open a page with what stands after the question mark; widgets begin anew."""
        self._page, self._query = page, query
        self._states, self._widgets = {}, {}
        return await self._run(timeout=timeout)

    async def press(self, key: str, timeout: float = 120) -> Drawn:
        """Press the button of a key, or of a key that ends so."""
        widget = self.widget(key)
        return await self._run(trigger=widget, fragment=self._widgets[widget][1], timeout=timeout)

    async def write(self, key: str, text: str, timeout: float = 120) -> Drawn:
        """Write in a field, or choose, and leave it."""
        widget = self.widget(key)
        self._states[widget] = text
        return await self._run(fragment=self._widgets[widget][1], timeout=timeout)

    async def unfold(self, key: str, timeout: float = 120) -> Drawn:
        """Open what is folded, and see what is in it."""
        widget = self.widget(key)
        self._states[widget] = True
        return await self._run(fragment=self._widgets[widget][1], timeout=timeout)

    def widget(self, key: str) -> str:
        """Return the id of the widget whose key ends so."""
        return next(one for one in self._widgets if one.endswith(key))

    @property
    def widgets(self) -> tuple[str, ...]:
        """The ids of what is on the page."""
        return tuple(self._widgets)

    async def send(self, message: BackMsg) -> None:
        """Send something else than a browser would."""
        await self._connection.send(message.SerializeToString())

    async def closed(self, timeout: float = 10) -> int | None:
        """Wait until the server closes; returns its code."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await self._connection.recv()
        except websockets.ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code

    async def _run(self, trigger: str = "", fragment: str = "", timeout: float = 120) -> Drawn:
        asked = BackMsg()
        run = asked.rerun_script
        run.query_string, run.page_name, run.fragment_id = self._query, self._page, fragment
        for widget, value in self._states.items():
            state = run.widget_states.widgets.add()
            state.id = widget
            if isinstance(value, bool):
                state.bool_value = value
            else:
                state.string_value = value
        if trigger:
            state = run.widget_states.widgets.add()
            state.id, state.trigger_value = trigger, True
        begun = time.perf_counter()
        await self.send(asked)
        async with asyncio.timeout(timeout):
            return await self._drawn(begun)

    async def _drawn(self, begun: float) -> Drawn:
        drawn = Drawn()
        while True:
            raw = await self._connection.recv()
            drawn.received += len(raw)
            message = ForwardMsg()
            message.ParseFromString(raw)
            drawn.seconds = time.perf_counter() - begun
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._see(message.delta, drawn)
            elif kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "page_not_found":
                drawn.errors.append("page not found")
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return drawn

    def _see(self, delta: Any, drawn: Drawn) -> None:
        drawn.first = drawn.first or drawn.seconds
        if delta.WhichOneof("type") == "add_block":
            kind = delta.add_block.WhichOneof("type")
            own = delta.add_block.id or (getattr(getattr(delta.add_block, kind), "id", "") if kind else "")
            if own:
                self._widgets[own] = (kind or "", delta.fragment_id)
        elif delta.WhichOneof("type") == "new_element":
            self._see_element(delta.new_element, delta.fragment_id, drawn)

    def _see_element(self, element: Element, fragment: str, drawn: Drawn) -> None:
        kind = element.WhichOneof("type")
        if kind is None:
            return
        shown = getattr(element, kind)
        if kind in _TEXTS:
            drawn.texts.append(getattr(shown, _TEXTS[kind]))
        elif kind == "exception":
            drawn.errors.append(shown.message)
        elif kind == "plotly_chart":
            drawn.chart = drawn.chart or drawn.seconds
        if getattr(shown, "id", ""):
            self._widgets[shown.id] = (kind, fragment)
