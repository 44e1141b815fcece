"""The polite client: what it sends, how often, what it refuses, and what it remembers."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from lagesbild.config import Settings
from pipelines.archive import RawArchive
from pipelines.contract import GoneError, Request, SourceError, UnreachableError
from pipelines.http import Client, RateLimiter
from pipelines.policy import Policy
from pipelines.registry import SOURCES
from tests.conftest import FakeClock
from tests.sources.server import StandIn

QUICK = Policy(min_interval=0, backoff=0.01, read_timeout=0.5, total_timeout=1.0, max_bytes=100_000)


def client(
    home: Path, policy: Policy = QUICK, clock: Any = None, source: str = "kolada", **extra: Any
) -> Client:
    settings = Settings(home=home)
    extra |= {"clock": clock} if clock else {}
    return Client(source, RawArchive(settings), settings.state_file, "Provkommun", policy, **extra)


def answers(
    *replies: tuple[int, dict[str, str], bytes],
) -> Callable[..., tuple[int, dict[str, str], bytes]]:
    left = list(replies)

    def route(method: str, path: str, query: Any, body: Any) -> tuple[int, dict[str, str], bytes]:
        return left.pop(0) if len(left) > 1 else left[0]

    return route


@contextmanager
def raw_server(talk: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that sends whatever bytes it likes, for answers no honest server gives."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                if context:
                    connection = context.wrap_socket(connection, server_side=True)
                connection.recv(65536)
                talk(connection)
            except OSError:
                pass
            finally:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def test_the_user_agent_names_the_program_and_its_organisation(tmp_path: Path) -> None:
    with StandIn(answers((200, {}, b"[]"))) as server:
        client(tmp_path).ask(Request(url=f"{server.url}/x", part="x"))
        assert server.calls[0].headers["User-Agent"].startswith("Lagesbild/")
        assert "Provkommun" in server.calls[0].headers["User-Agent"]


def test_an_answer_is_archived_under_its_checksum_and_read_back_unchanged(tmp_path: Path) -> None:
    with StandIn(answers((200, {}, "Hässleberg".encode()))) as server:
        request = Request(url=f"{server.url}/x", part="x")
        document = client(tmp_path).ask(request)
        stored = list((tmp_path / "archive").rglob("*.gz"))
        assert [path.stem for path in stored] == [document.sha256]
        found = RawArchive(Settings(home=tmp_path)).latest(request)
        assert found
        assert found[0].content.decode() == "Hässleberg"


def test_the_same_answer_again_is_the_same_document(tmp_path: Path) -> None:
    with StandIn(answers((200, {}, b"same"))) as server:
        first, second = (client(tmp_path).ask(Request(url=f"{server.url}/x", part="x")) for _ in range(2))
        assert first.fetch_id == second.fetch_id
        assert first.fetched_at == second.fetched_at


def test_an_unchanged_document_is_not_sent_again(tmp_path: Path) -> None:
    with StandIn(answers((200, {"ETag": '"a1"'}, b"body"), (304, {}, b""))) as server:
        first, second = (client(tmp_path).ask(Request(url=f"{server.url}/x", part="x")) for _ in range(2))
        assert server.calls[1].headers["If-None-Match"] == '"a1"'
        assert second.content == first.content == b"body"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(tmp_path: Path, status: int) -> None:
    with StandIn(answers((status, {}, b""), (200, {}, b"ok"))) as server:
        assert client(tmp_path).ask(Request(url=f"{server.url}/x", part="x")).content == b"ok"


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    clock = FakeClock()
    with StandIn(answers((429, {"Retry-After": "37"}, b""), (200, {}, b"ok"))) as server:
        client(tmp_path, clock=clock).ask(Request(url=f"{server.url}/x", part="x"))
    assert 37.0 in clock.slept


def test_a_source_that_asks_for_an_hour_is_left_alone(tmp_path: Path) -> None:
    clock = FakeClock()
    with StandIn(answers((503, {"Retry-After": "3600"}, b""))) as server:
        with pytest.raises(UnreachableError, match="ber oss vänta 3600 s"):
            client(tmp_path, clock=clock).ask(Request(url=f"{server.url}/x", part="x"))
        assert len(server.calls) == 1


def test_a_refusal_is_not_tried_again(tmp_path: Path) -> None:
    with StandIn(answers((403, {}, b""))) as server:
        with pytest.raises(SourceError, match="felkod 403"):
            client(tmp_path).ask(Request(url=f"{server.url}/x", part="x"))
        assert len(server.calls) == 1


def test_a_404_of_polisen_is_left_alone_for_thirty_days(tmp_path: Path) -> None:
    policy, clock = Policy(min_interval=0, permanent_404=True), FakeClock()
    with StandIn(answers((404, {}, b""))) as server:
        asked = Request(url=f"{server.url}/gone", part="x")
        for _ in range(3):
            with pytest.raises(GoneError, match=r"404|frågas inte igen"):
                client(tmp_path, policy, clock, source="polisen").ask(asked)
        assert len(server.calls) == 1
        clock.sleep(30 * 86_400 + 1)
        for _ in range(2):
            with pytest.raises(GoneError, match="404"):
                client(tmp_path, policy, clock, source="polisen").ask(asked)
        assert len(server.calls) == 2


def test_a_404_that_is_left_alone_says_when_and_how_it_is_asked_again(tmp_path: Path) -> None:
    policy = Policy(min_interval=0, permanent_404=True)
    with StandIn(answers((404, {}, b""), (200, {}, b"ok"))) as server:
        asked = Request(url=f"{server.url}/gone", part="x")
        for told in (
            "felkod 404",
            r"frågas inte igen förrän den \d{4}-\d\d-\d\d eller med lagesbild ingest polisen --since",
        ):
            with pytest.raises(GoneError, match=told):
                client(tmp_path, policy, source="polisen").ask(asked)
        assert client(tmp_path, policy, source="polisen", ask_gone=True).ask(asked).content == b"ok"


def test_a_404_of_what_may_not_be_gone_is_asked_every_time(tmp_path: Path) -> None:
    policy = Policy(min_interval=0, permanent_404=True)
    with StandIn(answers((404, {}, b""))) as server:
        for _ in range(2):
            with pytest.raises(SourceError, match="felkod 404"):
                client(tmp_path, policy, source="polisen", may_be_gone=lambda _: False).ask(
                    Request(url=f"{server.url}/feed", part="x")
                )
        assert len(server.calls) == 2


def test_a_source_that_is_down_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError) as caught:
        client(tmp_path).ask(Request(url=f"http://127.0.0.1:{port}/x", part="x"))
    assert "går inte att nå" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_silent_source_times_out(tmp_path: Path) -> None:
    silence = threading.Event()
    with (
        raw_server(lambda _: (silence.wait(5), None)[1]) as port,
        pytest.raises(UnreachableError, match="i tid"),
    ):
        client(tmp_path).ask(Request(url=f"http://127.0.0.1:{port}/", part="x"))
    silence.set()


def test_a_slow_drip_cannot_outlast_the_total_limit(tmp_path: Path) -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b"x")

    with raw_server(drip) as port, pytest.raises(UnreachableError, match="mer än 1 s"):
        client(tmp_path, Policy(min_interval=0, attempts=1, total_timeout=1.0)).ask(
            Request(url=f"http://127.0.0.1:{port}/", part="x")
        )
    stop.set()


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 400)

    with raw_server(half) as port, pytest.raises(UnreachableError, match="bröts av"):
        client(tmp_path).ask(Request(url=f"http://127.0.0.1:{port}/", part="x"))
    assert not list((tmp_path / "archive").rglob("*.gz"))


def test_an_answer_over_the_size_limit_is_refused(tmp_path: Path) -> None:
    with (
        StandIn(answers((200, {}, b"x" * 200_000))) as server,
        pytest.raises(SourceError, match="större än gränsen"),
    ):
        client(tmp_path).ask(Request(url=f"{server.url}/x", part="x"))


def test_polisen_is_asked_at_most_once_in_ten_seconds_and_sixty_times_an_hour(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    start = clock.now
    turns = []
    policy = Policy(**{**SOURCES["polisen"].policy.__dict__, "longest_wait": 10_000})
    for _ in range(75):
        # A new limiter each time: the memory is in the state file, not in the process.
        RateLimiter(tmp_path / "state.sqlite", policy, clock).wait_for_turn("polisen.se")
        turns.append(clock.now - start)
    gaps = [later - earlier for earlier, later in itertools.pairwise(turns)]
    assert min(gaps) >= 10
    assert all(turns[i + 60] - turns[i] >= 3600 for i in range(len(turns) - 60))


def test_when_the_hourly_limit_is_reached_the_next_time_is_told(tmp_path: Path) -> None:
    clock = FakeClock()
    limiter = RateLimiter(tmp_path / "state.sqlite", SOURCES["polisen"].policy, clock)
    for _ in range(60):
        limiter.wait_for_turn("polisen.se")
    with pytest.raises(TimeoutError, match=r"nästa får göras kl\. \d\d:\d\d"):
        limiter.wait_for_turn("polisen.se")


def test_a_call_noted_while_the_clock_was_ahead_is_forgotten(tmp_path: Path) -> None:
    clock = FakeClock()
    limiter = RateLimiter(tmp_path / "state.sqlite", SOURCES["polisen"].policy, clock)
    clock.now += 30 * 86_400
    limiter.wait_for_turn("polisen.se")
    clock.now -= 30 * 86_400
    before = clock.now
    limiter.wait_for_turn("polisen.se")
    assert clock.now - before <= 10


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with raw_server(answer, context) as port, pytest.raises(SourceError, match="certifikatet"):
        client(tmp_path).ask(Request(url=f"https://localhost:{port}/", part="x"))


def test_verification_cannot_be_switched_off(tmp_path: Path) -> None:
    session = client(tmp_path)._session
    with pytest.raises(ValueError, match="cannot be switched off"):
        session.get("https://localhost:1/", verify=False)
