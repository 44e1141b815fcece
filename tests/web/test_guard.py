"""What only somebody without a browser sends is refused before anything else sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from lagesbild.web import guard
from lagesbild.web.guard import LARGEST_MESSAGE, LONGEST_QUERY, Guard
from lagesbild.web.pace import Pace

_OTHER = "192.0.2.7"


def rerun(query: str = "kommun=1861") -> bytes:
    asked = BackMsg()
    asked.rerun_script.query_string = query
    return bytes(asked.SerializeToString())


def clear() -> bytes:
    asked = BackMsg()
    asked.clear_cache = True
    return bytes(asked.SerializeToString())


class Application:
    """Streamlit's place: keeps what reaches it."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.asked: list[bytes] = []
        self.hold: asyncio.Event | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.asked.append(scope["query_string"])
            return
        while True:
            message = await receive()
            self.received.append(message)
            if message["type"] == "websocket.disconnect":
                return
            if self.hold:
                await self.hold.wait()


async def connect(app: Guard, sent: Iterable[bytes], client: str = _OTHER) -> list[dict[str, Any]]:
    """Let a browser connect, send and leave; returns what it was answered."""
    incoming = iter(
        [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "bytes": one} for one in sent),
            {"type": "websocket.disconnect", "code": 1001},
        ]
    )
    answered: list[dict[str, Any]] = []

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        answered.append(message)

    await app({"type": "websocket", "client": (client, 1)}, receive, send)
    return answered


def reached(*sent: bytes) -> list[dict[str, Any]]:
    behind = Application()
    asyncio.run(connect(Guard(behind), sent))
    return behind.received


def test_what_a_page_sends_goes_on_as_it_is() -> None:
    assert [one.get("bytes") for one in reached(rerun("a=1"), rerun("b=2"))] == [
        None,
        rerun("a=1"),
        rerun("b=2"),
        None,
    ]


def test_nobody_empties_what_is_kept_for_everybody() -> None:
    assert [one["type"] for one in reached(clear(), rerun())] == [
        "websocket.connect",
        "websocket.receive",
        "websocket.disconnect",
    ]


@pytest.mark.parametrize(
    "sent", [rerun("a" * (LONGEST_QUERY + 1)), b"\0" * (LARGEST_MESSAGE + 1)], ids=["address", "message"]
)
def test_what_is_larger_than_any_page_makes_ends_the_connection(sent: bytes) -> None:
    behind = Application()
    answered = asyncio.run(connect(Guard(behind), [sent, rerun()]))
    assert [one["type"] for one in behind.received] == ["websocket.connect", "websocket.disconnect"]
    assert [one["type"] for one in answered] == ["websocket.close"]


def test_what_is_no_message_is_left_to_streamlit_which_refuses_it() -> None:
    assert reached(b"\xff\xff")[1]["bytes"] == b"\xff\xff"


def test_who_asks_faster_than_a_hand_waits_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        app._runs = Pace(guard.RUNS, guard.WITHIN)  # time has passed
        held._runs = app._runs

    behind = Application()
    app = Guard(behind)
    held = guard._Connection(app._runs, None, None)  # type: ignore[arg-type]
    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def many() -> None:
        for _ in range(guard.RUNS + 1):
            await held._in_pace()

    asyncio.run(many())
    assert len(waited) == 1


def test_one_address_opens_so_many_connections_and_others_still_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "MOST_OF_ADDRESS", 2)

    async def three() -> tuple[list[Any], list[Any]]:
        behind = Application()
        behind.hold = asyncio.Event()
        app = Guard(behind)
        open_ones = [asyncio.create_task(connect(app, [rerun()])) for _ in range(2)]
        await asyncio.sleep(0)
        refused = await connect(app, [rerun()])
        reached_before = len(behind.received)
        other = asyncio.create_task(connect(app, [rerun()], client="198.51.100.1"))
        await asyncio.sleep(0)
        assert len(behind.received) == reached_before + 1
        behind.hold.set()
        await asyncio.gather(*open_ones)
        again = await connect(app, [rerun()])  # those that ended are not counted
        await other
        return refused, again

    refused, again = asyncio.run(three())
    assert refused == [{"type": "websocket.close", "code": 1008}]
    assert again == []


def test_a_too_long_address_is_answered_in_swedish_and_reaches_no_page() -> None:
    behind = Application()
    answered: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        answered.append(message)

    async def ask(query: bytes) -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": []}
        await Guard(behind)(scope, None, send)  # type: ignore[arg-type]

    asyncio.run(ask(b"vikter=" + b"a" * LONGEST_QUERY))
    assert answered[0]["status"] == 414
    assert answered[1]["body"].decode() == "Adressen är för lång."
    assert behind.asked == []
    asyncio.run(ask(b"kommun=1861"))
    assert behind.asked == [b"kommun=1861"]


@pytest.mark.parametrize(
    ("client", "status"),
    [("127.0.0.1", None), ("::1", None), ("198.51.100.1", 404), ("2001:db8::1", 404), (None, 404)],
)
def test_measurements_are_for_who_sits_at_the_server(client: str | None, status: int | None) -> None:
    behind = Application()
    answered: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        answered.append(message)

    async def ask() -> None:
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/_stcore/metrics", "query_string": b"", "headers": [],
            "client": client and (client, 1),
        }  # fmt: skip
        await Guard(behind)(scope, None, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert [one["status"] for one in answered if "status" in one] == ([status] if status else [])
    assert len(behind.asked) == (status is None)
