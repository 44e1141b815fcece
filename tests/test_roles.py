"""Who sees what: every page, route and export as the public and as each role, with a local file full of telltales."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.elements.widgets.button import ButtonMixin
from streamlit.proto.Delta_pb2 import Delta
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.element_tree import parse_tree_from_messages

from lagesbild.cli.main import COMMANDS, main
from lagesbild.config import ROOT, Settings
from lagesbild.data.warehouse import Warehouse
from lagesbild.figures import render
from lagesbild.figures.render import Pictures
from lagesbild.hotspots import week as weekly
from lagesbild.news.entries import NewsFile
from lagesbild.signals import access
from lagesbild.signals.access import Role
from lagesbild.statistics.suppression import LEAST
from lagesbild.web import account, feed, health, phone, shell
from pages.parts import who
from tests.answers.test_week_document import PNG
from tests.conftest import NOON, all_unfolded
from tests.news.written import NEWS
from tests.telltale import (
    HOME,
    MANAGE,
    SEEN_BY,
    WEEK,
    WORK,
    Planted,
    found_in,
    parts,
    planted,
    single_positions,
)

pytestmark = pytest.mark.usefixtures("at_noon")

TODAY = NOON.date()
PUBLIC = None
READERS = (PUBLIC, *Role)
EVERYBODY = frozenset(READERS)

#: Who may see each page; a new one needs a line here. Whom it is not for sees that it is not, and nothing else.
PAGES: dict[str, frozenset[Role | None]] = {
    "sticker_vi_ut": EVERYBODY,
    "vad_sticker_ut": EVERYBODY,
    "jamfor": EVERYBODY,
    "alla": EVERYBODY,
    "jamforelsegrupp": EVERYBODY,
    "trender": EVERYBODY,
    "hotspots": EVERYBODY,
    "loften": EVERYBODY,
    "svar": EVERYBODY,
    "datakallor": EVERYBODY,
    "metod": EVERYBODY,
    "ordlista": EVERYBODY,
    "tillganglighet": EVERYBODY,
    "diagram": EVERYBODY,
    "logga_in": EVERYBODY,
    "veckan": frozenset(WEEK),
    "oroshardar": frozenset(WORK),
    "signaler": frozenset(WORK),
    "atgarder": frozenset(WORK),
    "dokument": frozenset(WORK),
    "administration": frozenset(WORK | MANAGE),
}
#: The public pages that show a coordinator more.
MORE_FOR_COORDINATORS = {"hotspots", "loften", "svar"}


def names(role: Role | None) -> str:
    return role or "public"


@dataclass
class Seen:
    """What reached a reader's browser: every element, every file to download, the charts and tables among them."""

    sent: list[bytes] = field(default_factory=list)
    #: The part of it that came before anything was done on the page.
    first: list[bytes] = field(default_factory=list)
    first_files: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    charts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    menu: set[str] = field(default_factory=set)

    def take(self, delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "download_button":  # the number that a file is fetched by is drawn anew each time
            element.download_button.ClearField("deferred_file_id")
        if kind == "plotly_chart":
            self.charts.append(element.plotly_chart.spec)
        if kind == "html":
            self.html.append(element.html.body)
        if delta.WhichOneof("type") != "new_transient":  # tells the first reader that something is worked out
            self.sent.append(delta.SerializeToString(deterministic=True))

    def add(self, more: Seen) -> None:
        self.sent += more.sent
        self.charts += more.charts
        self.html += more.html
        self.files |= more.files

    @property
    def telltales(self) -> set[str]:
        return {word for raw in (*self.sent, *self.files.values()) for word in found_in(raw)}

    @property
    def said(self) -> str:
        return re.sub(r"<[^>]+>", "", unescape("\n".join(self.html)))


@pytest.fixture(scope="module")
def home(shipped: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("roles")
    (home / "warehouse").symlink_to(shipped.home / "warehouse")
    NewsFile.of(Settings(home=home)).add([NEWS], {})
    return home


@pytest.fixture(scope="module")
def local(home: Path, real: Warehouse) -> Planted:
    return planted(Settings(home=home).local_file, real, TODAY)


def installation(patched: pytest.MonkeyPatch, home: Path) -> None:
    """Let the pages and commands be of this installation; pictures are not drawn."""
    patched.setenv("LAGESBILD_HOME", str(home))
    patched.delenv("LAGESBILD_KOMMUN", raising=False)
    patched.setattr(render.RENDERER, "plain", lambda figure, width: PNG)
    patched.setattr(render.RENDERER, "lines", lambda *_: b"<svg/>")
    patched.setattr(render.RENDERER, "height", lambda *_: 0.0)
    patched.setattr(render.RENDERER, "printed", lambda html: b"%PDF" + html.encode())
    patched.setattr(render.RENDERER, "available", lambda: True)
    patched.setattr(render.RENDERER, "pictures", lambda *_: Pictures(b"<svg/>", PNG, b"%PDF"))


Walked = dict[tuple[Role | None, str], Seen]


@contextmanager
def hearing(patched: pytest.MonkeyPatch) -> Iterator[Seen]:
    """Keep all that is sent to the browser."""
    found = Seen()
    parse = parse_tree_from_messages
    button = ButtonMixin._download_button

    def heard(messages: Any) -> Any:
        for one in messages:
            if one.WhichOneof("type") == "delta":
                found.take(one.delta)
            if one.WhichOneof("type") == "navigation":
                found.menu = {page.url_pathname for page in one.navigation.app_pages if not page.is_hidden}
        return parse(messages)

    def offered(self: Any, label: str, data: Any, *rest: Any, **more: Any) -> bool:
        given = data() if callable(data) else data
        found.files[f"{label} {len(found.files)}"] = (
            given.encode() if isinstance(given, str) else bytes(given)
        )
        return bool(button(self, label, data, *rest, **more))

    with patched.context() as now:
        now.setattr(local_script_runner, "parse_tree_from_messages", heard)
        now.setattr(ButtonMixin, "_download_button", offered)
        yield found


@pytest.fixture(scope="module")
def walked(home: Path, local: Planted) -> Walked:
    """What every reader meets on every page, and on the first one the menu."""
    found = {}
    with pytest.MonkeyPatch.context() as patched, all_unfolded():
        installation(patched, home)
        for role in READERS:
            secret = access.begin_session(local.store, local.people[role]) if role else ""
            patched.setattr(who, "cookie", lambda secret=secret: secret)
            for name, readers in PAGES.items():
                with hearing(patched) as found[role, name]:
                    opened(name)
                found[role, name].first = list(found[role, name].sent)
                found[role, name].first_files = dict(found[role, name].files)
                # Public pages that began alike go on alike.
                if (
                    role in readers
                    and name in DONE
                    and (PUBLIC not in readers or role in {PUBLIC, Role.COORDINATOR})
                ):
                    with hearing(patched) as more:
                        DONE[name]()
                    found[role, name].add(more)
    return found


# --- what a reader can do on a page, beyond looking at it ---


def _part_for_files() -> None:
    opened("signaler", signals_part="Läs in en fil")


def _earlier_weeks_and_the_document() -> None:
    monday = weekly.last_whole(TODAY)
    for back in (1, 2):
        opened("veckan", week_monday=monday - timedelta(days=7 * back))
    coarse = opened("veckan", week_details=False)
    press(coarse, "Gör Word")


def _every_tab() -> None:
    for label in ("Skriv ett svar", "Pröva ett påstående"):
        opened("svar", flik=label)


def _an_action() -> None:
    app = opened("atgarder")
    ran(app.selectbox(key="action_chosen").select_index(1))


def _asking_about_a_person() -> None:
    opened("administration", person_sought="qtextq")


DONE: Mapping[str, Callable[[], None]] = {
    "signaler": _part_for_files,
    "veckan": _earlier_weeks_and_the_document,
    "svar": _every_tab,
    "atgarder": _an_action,
    "administration": _asking_about_a_person,
}


def opened(page: str, **state: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for key, value in state.items():
        app.session_state[key] = value
    return ran(app)


def ran(changed: Any) -> AppTest:
    """Run a page, anew after something on it was changed."""
    app: AppTest = changed.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    return ran(next(button for button in app.button if button.label == label).click())


# --- pages ---


def test_every_page_has_a_line_that_says_who_may_see_it() -> None:
    assert {file.stem for file in (ROOT / "pages").glob("*.py")} - {"__init__"} == set(PAGES)


@pytest.mark.parametrize("role", READERS, ids=names)
def test_a_reader_meets_all_local_data_that_the_role_gives_and_no_other(
    role: Role | None, walked: Walked, local: Planted
) -> None:
    mine = [walked[role, name] for name in PAGES]
    met = {word for seen in mine for word in seen.telltales}
    assert met == {word for word, roles in SEEN_BY.items() if role in roles}
    near = single_positions(local.signals, [chart for seen in mine for chart in seen.charts])
    assert bool(near) == (role is Role.COORDINATOR), f"{near} single positions"


@pytest.mark.parametrize("role", READERS, ids=names)
def test_a_page_that_is_not_for_a_reader_says_so_and_nothing_else(role: Role | None, walked: Walked) -> None:
    for name in (name for name, readers in PAGES.items() if role not in readers):
        told = walked[role, name].html
        assert "Logga in för att se den." in told[0] if role is PUBLIC else "Din roll ger inte" in told[0]
        assert len(walked[role, name].sent) == (3 if role is PUBLIC else 2)  # heading, sentence, link


@pytest.mark.parametrize("name", [name for name, readers in PAGES.items() if PUBLIC in readers])
def test_a_public_page_is_the_same_to_the_byte_for_all_who_do_not_work_with_signals(
    name: str, walked: Walked
) -> None:
    public = walked[PUBLIC, name]
    own = name == "logga_in"  # tells everybody by name
    for role in (Role.REPORTER, Role.VIEWER, Role.ADMINISTRATOR):
        assert (walked[role, name].first == public.first) is not own
        assert contents(walked[role, name].first_files) == contents(public.first_files)
    more = walked[Role.COORDINATOR, name].sent != public.sent
    assert more is (own or name in MORE_FOR_COORDINATORS)


def test_no_count_below_five_can_be_read_by_a_viewer(walked: Walked) -> None:
    seen = walked[Role.VIEWER, "veckan"]
    counted = [one for one in seen.html if ">Signaler efter" in one]
    assert len(counted) >= 2 * 4  # kinds or localities, and hours, of every week that was looked at
    cells = [_number(cell) for table in counted for cell in re.findall(r"<td[^>]*>(.*?)</td>", table)]
    assert all(cell is None or cell >= LEAST for cell in cells)
    assert sum(cell is not None for cell in cells) > 10
    told = [int(number) for number in re.findall(r"(\d+) (?:signal|rapportör)", seen.said)]
    assert min(told, default=LEAST) >= LEAST
    tables = Document(io.BytesIO(seen.files["Hämta Word 0"])).tables
    counted_in = [one for one in tables if one.rows[0].cells[0].text in {"Slag och ort", ""}]
    assert {len(one.columns) for one in counted_in} == {2, 9}
    for table in counted_in:
        numbers = [_number(cell.text) for row in table.rows[1:] for cell in row.cells[1:]]
        assert any(numbers)
        assert all(number is None or number >= LEAST for number in numbers)


MOMENT = rb"\d{4}-\d\d-\d\d[T ](kl. )?\d\d[.:]\d\d"


def contents(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return the parts of files, without the moment that they were made."""
    return {
        label: {name: re.sub(MOMENT, b"", part) for name, part in parts(raw).items()}
        for label, raw in files.items()
    }


def _number(cell: str) -> int | None:
    digits = re.sub(r"<[^>]+>|[\s\u00a0]", "", unescape(cell))
    return int(digits) if digits.isdigit() else None


MENU = {
    PUBLIC: {"logga-in"},
    Role.REPORTER: {"logga-in"},
    Role.VIEWER: {"logga-in", "veckan"},
    Role.COORDINATOR: {
        "logga-in", "veckan", "oroshardar", "signaler", "atgarder", "dokument", "administration",
    },
    Role.ADMINISTRATOR: {"logga-in", "administration"},
}  # fmt: skip


@pytest.mark.parametrize("role", READERS, ids=names)
def test_the_menu_has_the_pages_of_the_role(
    role: Role | None, home: Path, local: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation(monkeypatch, home)
    secret = access.begin_session(local.store, local.people[role]) if role else ""
    monkeypatch.setattr(who, "cookie", lambda: secret)
    with hearing(monkeypatch) as seen:
        ran(AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60))
    assert {name for name in seen.menu if name in MENU[Role.COORDINATOR]} == MENU[role]


# --- routes ---

#: Who gets an answer of each route, with the link of one's own where it has one; a new route needs a line here.
REPORTS = frozenset({Role.REPORTER, Role.COORDINATOR})
ROUTES: dict[str, frozenset[Role | None]] = {
    account.IN: EVERYBODY,
    account.OUT: EVERYBODY,
    "/skal/{name}": EVERYBODY,
    feed.PATH: EVERYBODY,
    health.ALIVE: EVERYBODY,
    health.READY: EVERYBODY,
    "/rapportera/fil/{name}": EVERYBODY,
    "/rapportera/{secret}": frozenset(REPORTS),
    "/rapportera/{secret}/mina": frozenset(REPORTS),
    "/rapportera/{secret}/signaler": frozenset(REPORTS),
}


@pytest.fixture
def app(home: Path) -> Starlette:
    settings = Settings(home=home)
    return Starlette(
        routes=[
            *account.routes(settings),
            *health.routes(settings),
            *shell.routes(),
            *phone.routes(settings, HOME, "Hallsbergs kommun"),
            *feed.routes(settings, HOME, {HOME: "Hallsberg"}),
        ]
    )


@pytest.mark.parametrize("role", READERS, ids=names)
def test_a_link_opens_what_its_role_gives_and_no_other(
    role: Role | None, app: Starlette, local: Planted
) -> None:
    secret = local.links[role] if role else "ingen-lank"
    routes = [route for route in app.routes if isinstance(route, Route)]
    assert {route.path for route in routes} == set(ROUTES)
    with TestClient(app, follow_redirects=False) as client:
        for route in routes:
            path = route.path.format(
                secret=secret, name="phone.js" if route.path.startswith(phone.PREFIX) else shell.script()[0]
            )
            for method in route.methods or ():
                answer = client.request(method, path, json=[{}] if method == "POST" else None)
                assert (answer.status_code != 404) is (role in ROUTES[route.path]), (method, path)
                met = found_in(answer.content)
                if role not in ROUTES[route.path]:
                    assert not met
                # What can be reported and where; of the own signals also what they led to. Never a word of others'.
                assert met <= {"qkindq", "qrarekindq", "qplaceq", "qoutcomeq"}


def test_a_reporter_is_told_of_the_own_signals_alone(app: Starlette, local: Planted) -> None:
    with TestClient(app) as client:
        own = client.get(f"/rapportera/{local.links[Role.REPORTER]}/mina").json()
        assert {one["what"] for one in own} == {"qrarekindq"}
        assert client.get(f"/rapportera/{local.links[Role.COORDINATOR]}/mina").json() == []


@pytest.mark.parametrize("wrong", ["", "x", "{}x", "x{}", "%00", "..%2f{}"])
def test_a_link_that_is_nearly_right_opens_nothing(wrong: str, app: Starlette, local: Planted) -> None:
    path = f"/rapportera/{wrong.format(local.links[Role.COORDINATOR])}"
    with TestClient(app) as client:
        for answer in (
            client.get(path),
            client.get(f"{path}/mina"),
            client.post(f"{path}/signaler", json=[{}]),
        ):
            assert answer.status_code == 404
            assert not found_in(answer.content)


# --- commands ---

#: Every command that writes something to be passed on, what it is told, and the telltales that may be in it.
ALL = frozenset(SEEN_BY)
GOES_TO_ANYBODY: frozenset[str] = frozenset()
EXPORTS: dict[tuple[str, ...], frozenset[str]] = {
    ("benchmark",): GOES_TO_ANYBODY,
    ("status",): GOES_TO_ANYBODY,
    ("backtest", "--format", "csv"): GOES_TO_ANYBODY,
    ("claim", "Brotten har ökat i Hallsberg"): GOES_TO_ANYBODY,
    ("news", "--format", "json"): GOES_TO_ANYBODY,
    ("chart", "trend", "--indicator", "N07540", "--out", "{}/a.csv"): GOES_TO_ANYBODY,
    ("factsheet", "--indicator", "N07540", "--out", "{}/g.pdf"): GOES_TO_ANYBODY,
    ("week", "--utan-detaljer", "--out", "{}/b.docx"): frozenset(
        {word for word, r in SEEN_BY.items() if r >= WEEK}
    ),
    ("week", "--out", "{}/c.docx"): ALL,
    ("lagesbild", "--out", "{}/d.docx"): ALL,
    ("lagesbild", "--atgardsplan", "--out", "{}/e.docx"): ALL,
    ("hotspots",): ALL,
    ("signals", "list"): ALL,
    ("signals", "export", "--out", "{}/f.csv"): ALL,
}
#: These write nothing to be passed on; a backup is all of the local file, for whoever runs the program.
WRITE_NOTHING = {"alarm", "demo", "ingest", "probe", "replay", "serve", "password", "backup", "restore"}
#: Made of cited charts alone, which know nothing of local data (tests/figures).
OF_CITED = {"answer"}


def test_every_command_has_a_line_that_says_what_may_be_in_what_it_writes() -> None:
    assert {command for command, *_ in EXPORTS} | WRITE_NOTHING | OF_CITED == set(COMMANDS)


@pytest.mark.parametrize("command", EXPORTS, ids=" ".join)
def test_a_command_writes_no_local_data_that_it_is_not_for(
    command: tuple[str, ...],
    home: Path,
    local: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    installation(monkeypatch, home)
    assert main([part.format(tmp_path) for part in command]) == 0
    written = [capfd.readouterr().out.encode(), *(file.read_bytes() for file in tmp_path.iterdir())]
    met = {word for raw in written for word in found_in(raw)}
    assert sum(map(len, written)) > 100
    assert met <= EXPORTS[command]
    assert bool(met) == bool(EXPORTS[command])


def test_no_other_file_of_the_installation_holds_local_data(walked: Walked, home: Path) -> None:
    """Neither the log nor what is kept because it takes long to work out."""
    others = [file for file in home.rglob("*") if file.is_file() and not file.name.startswith("local.sqlite")]
    assert {word for file in others for word in found_in(file.read_bytes())} <= {"qdraftq"}
    assert found_in(b"".join(file.read_bytes() for file in home.glob("local.sqlite*"))) >= {"qtextq"}
