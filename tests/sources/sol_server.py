"""A stand-in of BRÅ's SOL that is as strict as the real one: sessions, one menu each, limits, echoes.

Modelled on: the address steps and form fields that public clients use in 2026, the pages and results in
``shared/data/formats/cases/sol_*`` (flat list of areas, "X kommun" without genitive, Heby twice with its years in
the label, "År, 2025" and "2026 prel., Kvartal 1" as full names of periods, rows ending in a semicolon), and the
whole month menu in ``shared/data/formats``. Not confirmed: the wording of refusals, whether the real database
counts measures among the 10 000 cells, and in which order it writes rows.

It is a WSGI-like function for `StandIn` with cookies, so it takes the headers too.
"""

from __future__ import annotations

import html
import random
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_CELLS = 10_000
NBSP = "\u00a0"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Maj", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dec")
ROOT = "/solwebb/action"


@dataclass(frozen=True)
class Node:
    """A crime type of the stand-in: its path from the root, outermost first."""

    path: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.path[-1]


#: value(node, area name, year, month, minus the quarter, or None) -> count, or a mark such as ".."
Value = Callable[[Node, str, int, int | None], int | str]


@dataclass(kw_only=True)
class Table:
    """A menu: its crime types, areas (name, parent; flat where nobody has one) and years.

    When ``monthly``: years, quarters and months instead of years.
    """

    nodes: Sequence[Node]
    areas: Sequence[tuple[str, str]]
    years: Sequence[int]
    value: Value
    people: Callable[[str, int], float]
    monthly: bool = False
    preliminary: frozenset[int] = frozenset()
    months_until: int = 12
    months_since: int = 0
    shift: int = 0

    def ids(self, seed: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return nodes, areas and periods by id; ids change with the seed, as between pages."""
        base = 5000 + 977 * (seed % 7)
        nodes = {str(base + n): node for n, node in enumerate(self.nodes)}
        areas = {str(base + 3000 + n): area for n, area in enumerate(self.areas)}
        periods: dict[str, Any] = {}
        for year in sorted(self.years, reverse=True):
            if not self.monthly:
                periods[str(len(periods) + 2874 + seed)] = (year, None)
                continue
            last = self.months_until if year == max(self.years) else 12
            months = range(1, last + 1) if year >= self.months_since else ()
            for month in (None, *range(-1, -(last // 3) - 1, -1), *months):
                periods[str(len(periods) + 2874 + seed)] = (year, month)
        return nodes, areas, periods

    def year_label(self, year: int) -> str:
        return f"{year} prel." if year in self.preliminary else str(year)


@dataclass
class _Session:
    menu: int | None = None
    ids: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None = None
    posted: dict[str, str] | None = None
    result: bytes | None = None


@dataclass(kw_only=True)
class Sol:
    """The whole stand-in. ``faults`` is asked before every answer and may return what to do instead.

    Ids change with every page, unless it is ``steady``.
    """

    tables: dict[int, Table]
    faults: Callable[[str], str | None] = lambda _path: None
    asked: list[str] = field(default_factory=list)
    queries: list[tuple[int, int, int, int]] = field(default_factory=list)
    refuse: str = ""
    steady: bool = False
    spoil: Callable[[str], str] = lambda text: text
    _sessions: dict[str, _Session] = field(default_factory=dict)
    _seed: int = 0

    def answer(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str], cookie: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(f"{method} {path}")
        step = path.removeprefix(ROOT)
        if method == "GET" and step == "/start":
            token = secrets.token_hex(8)
            self._sessions[token] = _Session()
            return _page("<frameset></frameset>", {"Set-Cookie": f"JSESSIONID={token}; Path=/"})
        session = self._sessions.get(cookie)
        if session is None:
            return _error("En obefintlig menyrad har valts")
        if method == "GET" and step == "/anmalda/urval/urval":
            return self._open(session, query)
        if session.ids is None:
            return _error("En obefintlig menyrad har valts")
        if method == "POST" and step == "/anmalda/urval/vantapopup":
            session.posted, session.result = dict(form), None
            return _page("<html>V&auml;nta ...</html>")
        if method == "GET" and step == "/anmalda/urval/sok":
            return self._run(session)
        if method == "POST" and step == "/anmalda/resultat/dbfil":
            if session.result is None:
                return _error("Inget urval är gjort")
            return 200, {"Content-Type": "text/plain;charset=ISO-8859-1"}, session.result
        return 404, {}, b""

    def forget(self) -> None:
        """Lose all sessions, as the real server does now and then."""
        self._sessions.clear()

    def _open(self, session: _Session, query: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        number = int(query.get("menyid", "0"))
        if number not in self.tables or session.menu not in {None, number}:
            return _error("En obefintlig menyrad har valts")
        self._seed += not self.steady
        session.menu, session.ids = number, self.tables[number].ids(self._seed)
        return _page(_selection_page(self.tables[number], session.ids))

    def _run(self, session: _Session) -> tuple[int, dict[str, str], bytes]:
        posted = session.posted
        if self.refuse:
            return _error(self.refuse)
        assert session.ids is not None
        assert session.menu is not None
        if posted is None:
            return _error("Inget urval är gjort")
        expected = {
            "brottstyp_id_string",
            "region_id_string",
            "period_id_string",
            "fordelning_id_string",
            "antal",
            "antal_100k",
        }
        if set(posted) != expected or posted["antal"] != "1" or posted["antal_100k"] not in "01":
            return _error("Felaktiga parametrar")
        table = self.tables[session.menu]
        chosen = []
        for name, known in zip(("brottstyp", "region", "period"), session.ids, strict=True):
            wanted = posted[f"{name}_id_string"].split("*")
            if not set(wanted) <= set(known):
                return _error(f"Okänt urval av {name}")
            chosen.append([known[one] for one in wanted])
        nodes, areas, periods = chosen
        measures = 2 if posted["antal_100k"] == "1" else 1
        self.queries.append((len(nodes), len(areas), len(periods), measures))
        if len(nodes) * len(areas) * len(periods) * measures > MAX_CELLS:
            return _error("Antalet celler överstiger 10 000. Minska urvalet.")
        text = _dbfil(table, nodes, areas, periods, rates=measures == 2)
        session.result = self.spoil(text).encode("iso-8859-1")
        return _page("<html>Resultat</html>")


def _page(text: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    head = {"Content-Type": "text/html;charset=ISO-8859-1"} | (headers or {})
    return 200, head, text.encode("iso-8859-1")


def _error(text: str) -> tuple[int, dict[str, str], bytes]:
    written = html.escape(text).replace("ö", "&ouml;").replace("ä", "&auml;").replace("å", "&aring;")
    return _page(f"<html><h1>Fel/Error</h1><p><b>Felmeddelande:</b> {written}</p></html>")


def _selection_page(table: Table, ids: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> str:
    """Write the arrays as SOL does: a group stands by itself ("X totalt") and among its parent's members."""
    nodes, areas, periods = ids
    number = {node.path: key for key, node in nodes.items()}
    inner = {node.path[:-1] for node in nodes.values()} & set(number)
    lines = []
    for key, node in nodes.items():
        depth = NBSP * 2 * (len(node.path) - 1)
        if node.path in inner or node.path[:-1] not in number:
            lines.append(("arrayNivaett", f"{key}*{depth}{node.label}"))
            lines.append(("arrayNivatva", f"{key}*{node.label} totalt*{key}*{', '.join(node.path)}"))
        parent = number.get(node.path[:-1])
        if parent is not None:
            indent = "\\xA0\\xA0"
            lines.append(("arrayNivatva", f"{key}*{indent}{node.label} *{parent}*{' , '.join(node.path)}"))
    lines += _area_lines(areas)
    for key, (year, month) in periods.items():
        label = table.year_label(year)
        if not table.monthly:
            lines.append(("arrayPeriod", f"{key}*{label}*{key}*År, {label}*-1"))
            continue
        name, kind = _period_name(month), 2 if month and month > 0 else 1 if month else 0
        lines.append(("arrayPeriod", f"{key}*{name}*{year}*{label}, {name}*{kind}"))
    counted: dict[str, int] = {}
    script = []
    for name, text in lines:
        script.append(f'{name}[{counted.setdefault(name, 0)}]="{text}";')
        counted[name] += 1
    return "<html><script>\r\n" + "\r\n".join(script) + "\r\n</script></html>"


def _area_lines(areas: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Write the areas: in one flat list, as menu 101 has them, or under the areas they lie in."""
    parents = sorted({parent for _, parent in areas.values()})
    if parents == [""]:
        return [("arrayRegionNivaEtt", f"{key}*{name}") for key, (name, _) in areas.items()]
    return [("arrayRegionNivaEtt", f"{n}*{parent}") for n, parent in enumerate(parents)] + [
        ("arrayRegionNivaTva", f"{key}*{NBSP}{name}*{parents.index(parent)}*{name}, {parent}")
        for key, (name, parent) in areas.items()
    ]


def _period_name(month: int | None) -> str:
    if month is None:
        return "Helår"
    return MONTHS[month - 1] if month > 0 else f"Kvartal {-month}"


def _dbfil(
    table: Table,
    nodes: Sequence[Node],
    areas: Sequence[tuple[str, str]],
    periods: Sequence[tuple[int, int | None]],
    *,
    rates: bool,
) -> str:
    """Write the result, with the ancestors of the chosen types echoed without values."""
    shown: dict[tuple[str, ...], bool] = {}
    for node in nodes:
        for depth in range(1, len(node.path)):
            shown.setdefault(node.path[:depth], False)
        shown[node.path] = True
    lines = ["Region;Brott;År;Period;Antal;/100 000 inv" if rates else "Region;Brott;År;Period;Antal"]
    for name, _ in areas:
        for path, chosen in shown.items():
            for year, month in periods:
                label = table.year_label(year)
                when = f"{label};{NBSP}{_period_name(month)}" if month else f"År;{label}"
                value = table.value(Node(path), name, year, month) if chosen else ".."
                cells = [_written(value)]
                if rates:
                    cells.append(
                        value
                        if isinstance(value, str)
                        else _written(round(1e5 * value / table.people(name, year)))
                    )
                lines.append(f"{name};{path[-1]};{when};{';'.join(cells)};")
    return "\r\n".join(lines) + "\r\n"


def _written(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}".replace(",", NBSP if value % 2 else " ")


class SolRoutes:
    """A `Sol` for `StandIn`, which knows no cookies: one visitor at a time."""

    def __init__(self, sol: Sol) -> None:
        self.sol = sol
        self.sol.steady = True  # so that the same answers come twice
        self._cookie = ""

    def __call__(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[int, dict[str, str], bytes]:
        status, headers, content = self.sol.answer(method, path, query, body or {}, self._cookie)
        if "Set-Cookie" in headers:
            self._cookie = headers["Set-Cookie"].removeprefix("JSESSIONID=").split(";")[0]
        return status, headers, content


class SolStandIn:
    """Serves a `Sol` on this machine; ``faults`` may lose sessions, drop connections or answer slowly."""

    def __init__(self, sol: Sol) -> None:
        self.sol = sol
        self._lock = threading.Lock()

    def __enter__(self) -> SolStandIn:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._serve("GET", {})

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode("ascii")
                self._serve("POST", dict(parse_qsl(content, keep_blank_values=True)))

            def _serve(self, method: str, form: dict[str, str]) -> None:
                parts = urlsplit(self.path)
                cookie = self.headers.get("Cookie", "").removeprefix("JSESSIONID=").split(";")[0]
                fault = outer.sol.faults(parts.path)
                if fault == "drop":
                    self.close_connection = True
                    return
                if fault == "lose":
                    outer.sol.forget()
                if fault == "slow":
                    sleep(0.3)
                with outer._lock:
                    status, headers, content = outer.sol.answer(
                        method, parts.path, dict(parse_qsl(parts.query)), form, cookie
                    )
                self.send_response(503 if fault == "busy" else status)
                for name, value in headers.items():
                    self.send_header(name, value)
                cut = fault == "half" and len(content) > 10
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if cut else content)
                self.close_connection = self.close_connection or cut

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address as in ``sources.toml``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{ROOT}"


def sometimes(kinds: Sequence[str], share: float, seed: int, most: int) -> Callable[[str], str | None]:
    """Return faults that strike at random, at most so many times."""
    chance, left = random.Random(seed), [most]

    def fault(_path: str) -> str | None:
        if left[0] and chance.random() < share:
            left[0] -= 1
            return chance.choice(list(kinds))
        return None

    return fault
