"""The one polite HTTP client: identifies itself, keeps to each source's limits, archives all.

TLS is verified against the operating system's trust store (package truststore); intermediate
certificates that a server leaves out are fetched (`tls`). There is no way to switch verification off.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter

from lagesbild import __version__
from lagesbild.data.state import connect
from pipelines.contract import Document, GoneError, Request, SourceError, UnreachableError
from pipelines.tls import missing_issuers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.archive import RawArchive
    from pipelines.policy import Policy

_RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_CHUNK = 1 << 16
#: polisen.se calls a 404 permanent. A page that was down for an hour must not be lost for ever.
GONE_FOR = timedelta(days=30)


class Clock(Protocol):
    """The passing of time, so that tests need not wait."""

    def time(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class RateLimiter:
    """Keeps calls to a host apart, remembered in the state file between runs.

    Addresses on this machine have no terms to keep: stand-ins are asked without waiting.
    """

    def __init__(self, state_file: Path, policy: Policy, clock: Clock) -> None:
        self._state_file = state_file
        self._policy = policy
        self._clock = clock

    def wait_for_turn(self, host: str) -> None:
        """Reserve the next allowed moment and wait for it.

        Raises
        ------
        TimeoutError
            If that moment is further off than the policy's longest wait.
        """
        if is_loopback(host):
            return
        with connect(self._state_file) as state:
            state.execute("BEGIN IMMEDIATE")
            now = self._clock.time()
            # A call from the future was noted while the clock was wrong.
            state.execute("DELETE FROM call WHERE called_at > ?", [now + self._policy.longest_wait + 3600])
            turn = max(now, self._next_turn(self._calls(state, host, now - 86_400)))
            if turn - now > self._policy.longest_wait:
                when = datetime.fromtimestamp(turn).astimezone().strftime("%H:%M")
                raise TimeoutError(
                    f"gränsen för antal anrop är nådd, nästa får göras kl. {when}; det som kom är sparat, "
                    "och samma kommando går då vidare därifrån"
                )
            state.execute("DELETE FROM call WHERE called_at < ?", [now - 86_400])
            state.execute("INSERT INTO call VALUES (?, ?)", [host, turn])
        self._clock.sleep(turn - now)

    @staticmethod
    def _calls(state: Any, host: str, since: float) -> list[float]:
        rows = state.execute(
            "SELECT called_at FROM call WHERE host = ? AND called_at > ? ORDER BY called_at",
            [host, since],
        )
        return [row[0] for row in rows]

    def _next_turn(self, calls: list[float]) -> float:
        turns = [calls[-1] + self._policy.min_interval] if calls else [0.0]
        for limit, seconds in (
            (self._policy.max_per_hour, 3600),
            (self._policy.max_per_day, 86_400),
        ):
            if limit is not None and len(calls) >= limit:
                turns.append(calls[-limit] + seconds)
        return max(turns)


def is_loopback(host: str) -> bool:
    """Tell whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _SystemTrustAdapter(HTTPAdapter):
    """Verifies certificates with the operating system's trust store, and with ``links`` to its roots."""

    def __init__(self, links: str = "") -> None:
        self._links = links
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # A link is no root: the chain must go on to one the system has.
        context.verify_flags &= ~ssl.VERIFY_X509_PARTIAL_CHAIN
        if self._links:
            context.load_verify_locations(cadata=self._links)
        kwargs["ssl_context"] = context
        super().init_poolmanager(*args, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Keep requests from adding its own certificate bundle or from switching checks off."""
        if url.lower().startswith("https"):
            if not verify:
                raise ValueError("TLS verification cannot be switched off")
            conn.cert_reqs = "CERT_REQUIRED"


@dataclass
class HttpAnswer:
    """What a server said, as it came."""

    status: int
    headers: dict[str, str]
    content: bytes


class Client:
    """Asks one source, politely, and archives what it says.

    Parameters
    ----------
    source_id
        Named in errors and in the archive.
    archive, state_file
        Where answers and calls are remembered.
    organisation
        Named in the User-Agent, as polisen.se's rules require.
    inspect
        Gets each answer before it is kept; raises where it is none (`Source.inspect`).
    may_be_gone
        Tells of which questions a 404 is remembered (`Source.may_be_gone`); default all.
    ask_gone
        Ask also what was answered with a 404 not long ago: somebody wants it now.
    """

    def __init__(
        self,
        source_id: str,
        archive: RawArchive,
        state_file: Path,
        organisation: str,
        policy: Policy,
        clock: Clock = time,
        inspect: Callable[[Request, bytes], None] | None = None,
        may_be_gone: Callable[[Request], bool] = lambda _request: True,
        *,
        ask_gone: bool = False,
    ) -> None:
        self._source_id = source_id
        self._archive = archive
        self._state_file = state_file
        self._policy = policy
        self._clock = clock
        self._inspect = inspect or (lambda _request, _content: None)
        self._may_be_gone = may_be_gone
        self._ask_gone = ask_gone
        self._limiter = RateLimiter(state_file, self._policy, clock)
        self._run_bytes = 0
        self._completed = False
        self._session = requests.Session()
        self._session.mount("https://", _SystemTrustAdapter())
        agent = f"Lagesbild/{__version__} ({organisation})".encode("ascii", "replace").decode()
        self._session.headers.update({"User-Agent": agent, "Accept-Encoding": "gzip, deflate"})

    def ask(self, request: Request) -> Document:
        """Return the answer to a request, archived.

        Raises
        ------
        UnreachableError
            If the source gives no usable answer after the policy's attempts.
        GoneError
            If it answers 404, or did so not long ago.
        SourceError
            If it refuses (4xx), or the answer breaks a limit.
        """
        self._refuse_if_gone(request)
        for step in request.before:
            self._inspect(step, self._try(step, {}).content)
        stored = self._archive.latest(request)
        validators = {}
        if stored and stored[1]:
            validators["If-None-Match"] = stored[1]
        if stored and stored[2]:
            validators["If-Modified-Since"] = stored[2]
        answer = self._try(request, validators)
        now = datetime.fromtimestamp(self._clock.time(), UTC).replace(microsecond=0)
        if answer.status == 304 and stored:
            self._archive.confirm(stored[0].fetch_id, now)
            return stored[0]
        self._inspect(request, answer.content)
        return self._archive.put(self._source_id, request, answer.content, now, answer.headers)

    def answer(self, request: Request) -> HttpAnswer:
        """Return what the server says, a refusal too, without keeping it (for probes).

        Raises
        ------
        UnreachableError
            As `ask` does.
        SourceError
            If a certificate cannot be approved or a limit is broken.
        """
        return self._try(request, {}, whatever=True)

    def _refuse_if_gone(self, request: Request) -> None:
        if self._ask_gone or not self._remembers_404(request):
            return
        with connect(self._state_file) as state:
            gone = state.execute("SELECT seen_at FROM gone WHERE url = ?", [request.url]).fetchone()
        if gone is None:
            return
        again = datetime.fromisoformat(gone["seen_at"]) + GONE_FOR
        if again > datetime.fromtimestamp(self._clock.time(), UTC):
            raise self._gone(
                f"{request.url} finns inte (404 den {gone['seen_at'][:10]}), frågas inte igen förrän den "
                f"{again:%Y-%m-%d} eller med lagesbild ingest {self._source_id} --since DATUM"
            )

    def _remembers_404(self, request: Request) -> bool:
        return self._policy.permanent_404 and self._may_be_gone(request)

    def _try(self, request: Request, validators: dict[str, str], *, whatever: bool = False) -> HttpAnswer:
        problem = ""
        for attempt in range(1, self._policy.attempts + 1):
            wait = self._policy.backoff * 2 ** (attempt - 1)
            try:
                answer = self._once(request, validators)
            except _TransientError as error:
                problem = str(error)
                if isinstance(error, _NoSuchHostError):  # without a network, waiting does not help
                    raise self._unreachable(problem) from None
            else:
                if answer.status not in _RETRY_STATUSES:
                    return answer if whatever else self._accepted(request, answer)
                problem = f"svarade med felkod {answer.status}"
                wait = max(wait, _retry_after(answer.headers.get("Retry-After"), self._clock.time()))
            if wait > self._policy.longest_wait:
                raise self._unreachable(f"{problem} och ber oss vänta {wait:.0f} s")
            if attempt < self._policy.attempts:
                self._clock.sleep(wait)
        raise self._unreachable(f"{problem} ({self._policy.attempts} försök)")

    def _once(self, request: Request, validators: dict[str, str]) -> HttpAnswer:
        host = urlsplit(request.url).hostname or ""
        try:
            self._limiter.wait_for_turn(host)
        except TimeoutError as error:
            raise self._unreachable(str(error)) from None
        deadline = time.monotonic() + self._policy.total_timeout
        try:
            with closing(self._send(request, validators)) as response:
                content = self._read(response, deadline)
        except requests.exceptions.SSLError as error:
            raise self._error(f"certifikatet för {host} kan inte godkännas: {_reason(error)}") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _transient(error, host) from error
        return HttpAnswer(response.status_code, dict(response.headers), content)

    def _send(self, request: Request, validators: dict[str, str]) -> requests.Response:
        try:
            return self._send_once(request, validators)
        except requests.exceptions.SSLError as error:
            parts = urlsplit(request.url)
            if self._completed or "unable to get local issuer" not in str(error):
                raise
            self._completed = True
            links = missing_issuers(parts.hostname or "", parts.port or 443, self._policy.connect_timeout)
            if not links:
                raise
            self._session.mount("https://", _SystemTrustAdapter(links))
            return self._send_once(request, validators)

    def _send_once(self, request: Request, validators: dict[str, str]) -> requests.Response:
        return self._session.request(
            "GET" if request.body is None and request.form is None else "POST",
            request.url,
            json=request.body,
            data=request.form,
            headers=validators,
            timeout=(self._policy.connect_timeout, self._policy.read_timeout),
            stream=True,
        )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        # read1 returns what has arrived, so that a slow drip cannot outlast the deadline.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(chunk)
            size += len(chunk)
            if size > self._policy.max_bytes:
                raise self._error(f"svaret är större än gränsen {self._policy.max_bytes // 1_000_000} MB")
            if self._run_bytes + size > self._policy.max_run_bytes:
                raise self._error("svaren är tillsammans större än gränsen för en körning")
            if time.monotonic() > deadline:
                raise _TransientError(f"svaret tog mer än {self._policy.total_timeout:g} s")
        if response.raw.length_remaining:
            raise _TransientError(f"svaret bröts av, {response.raw.length_remaining} byte saknas")
        self._run_bytes += size
        return b"".join(parts)

    def _accepted(self, request: Request, answer: HttpAnswer) -> HttpAnswer:
        if answer.status == 404 and self._remembers_404(request):
            seen_at = datetime.fromtimestamp(self._clock.time(), UTC)
            with connect(self._state_file) as state:
                state.execute("INSERT OR REPLACE INTO gone VALUES (?, ?)", [request.url, seen_at.isoformat()])
        if answer.status == 404:
            raise self._gone(f"{request.url} svarade med felkod 404")
        if answer.status not in {200, 304}:
            raise self._error(f"{request.url} svarade med felkod {answer.status}")
        return answer

    def _error(self, text: str) -> SourceError:
        return SourceError(self._source_id, text)

    def _gone(self, text: str) -> GoneError:
        return GoneError(self._source_id, text)

    def _unreachable(self, text: str) -> UnreachableError:
        return UnreachableError(self._source_id, text)


class _TransientError(Exception):
    """Worth another attempt."""


class _NoSuchHostError(_TransientError):
    """The name cannot be found: usually there is no network at all."""


def _retry_after(value: str | None, now: float) -> float:
    """Return the seconds a Retry-After header asks for, given as a number or a date."""
    if not value:
        return 0.0
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return 0.0


def _transient(error: Exception, host: str) -> _TransientError:
    if "NameResolution" in str(error) or "getaddrinfo" in str(error):
        return _NoSuchHostError(f"{host} går inte att hitta (ingen internetanslutning?)")
    return _TransientError(_describe(error, host))


def _describe(error: Exception, host: str) -> str:
    name = type(error).__name__
    text = str(error)
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return f"{host} svarade inte i tid"
    if "IncompleteRead" in text or isinstance(error, urllib3.exceptions.ProtocolError):
        return f"svaret från {host} bröts av"
    if isinstance(error, requests.ConnectionError):
        return f"{host} går inte att nå"
    return f"{host}: {name}"


def _reason(error: Exception) -> str:
    return str(error).rsplit(":", maxsplit=1)[-1].strip(" )'(")


def decode(source_id: str, document: Document, what: str) -> str:
    """Return a document as text, or raise `SourceError` if it is not UTF-8 or is a web page.

    Parameters
    ----------
    what
        The format expected, for the message: ``JSON``, ``CSV``.
    """
    try:
        text = document.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            source_id,
            f"svaret är inte UTF-8 (byte {error.start}), väntade {what} från {document.request.url}",
        ) from error
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")):
        raise SourceError(
            source_id,
            f"svarade med en webbsida (HTML) i stället för {what}: {document.request.url}",
        )
    return text
