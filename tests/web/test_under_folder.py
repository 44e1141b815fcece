"""Under a folder of another site every public page is whole: nothing is missing, nothing is refused, nothing complains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

from lagesbild.config import Settings
from lagesbild.signals import access
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import SignalStore
from lagesbild.web.shell import TITLES
from tests.serving import dashboard_alone, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOLDER = "/lagesbild"
WORD = "ett långt lösenord"
LOCAL = {"veckan", "oroshardar", "signaler", "atgarder", "dokument", "administration"}
PUBLIC = sorted(TITLES.keys() - LOCAL)


@dataclass
class Shown:
    """A dashboard under a folder, with one reporter's link."""

    url: str
    link: str


@dataclass
class Wrong:
    """What a browser complained of."""

    told: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.told.append(message.text)

    def answer(self, response: Response) -> None:
        if response.status >= 400:
            self.told.append(f"{response.status} {response.url}")

    def listen(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("response", self.answer)
        page.on("pageerror", lambda error: self.told.append(str(error)))


@pytest.fixture(scope="module")
def shown(shipped: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home, port = tmp_path_factory.mktemp("under_folder"), free_port()
    (home / "warehouse").symlink_to(shipped.home / "warehouse")
    store = SignalStore(home / "local.sqlite")
    access.set_password(store, "anna", WORD, COMMAND_LINE)
    link = access.new_link(store, access.add(store, "bo", {Role.REPORTER}, COMMAND_LINE), COMMAND_LINE)
    address = f"http://localhost:{port}{FOLDER}"
    with dashboard_alone(home, port, {"LAGESBILD_PUBLIC_ADDRESS": address}):
        yield Shown(address, link)


@pytest.fixture
def wrong() -> Wrong:
    return Wrong()


@pytest.fixture
def page(browser: Browser, wrong: Wrong) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    opened = context.new_page()
    wrong.listen(opened)
    yield opened
    context.close()


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stMain] :is(h1, h2, [role=alert])").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0, timeout=60_000)
    page.wait_for_load_state("networkidle")  # what is cut off while it loads complains, too


def test_every_public_page_is_whole(shown: Shown, page: Page, wrong: Wrong) -> None:
    for name in PUBLIC:
        page.goto(f"{shown.url}/{name}")
        settled(page)
        assert page.url.startswith(shown.url), name
        assert not wrong.told, name
    page.get_by_role("link", name="Trender", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Trender", timeout=60_000)
    assert page.url.startswith(f"{shown.url}/trender")
    assert not wrong.told


def test_logging_in_leads_to_a_page_in_the_folder_and_the_cookie_stays_there(
    shown: Shown, page: Page, wrong: Wrong
) -> None:
    page.goto(f"{shown.url}/logga-in")
    page.get_by_label("Namn eller funktion").fill("anna")
    page.get_by_label("Lösenord").fill(WORD)
    page.get_by_label("Lösenord").press("Enter")
    expect(page.get_by_role("heading", name="Oroshärdar", exact=True)).to_be_visible(timeout=60_000)
    assert page.url.startswith(f"{shown.url}/oroshardar")
    (session,) = [one for one in page.context.cookies() if one.get("name") == "lagesbild_session"]
    assert session.get("path") == f"{FOLDER}/"
    assert not wrong.told


def test_the_phones_page_has_its_files_and_its_worker(shown: Shown, page: Page, wrong: Wrong) -> None:
    page.goto(f"{shown.url}/rapportera/{shown.link}")
    expect(page.get_by_text("Inga än.")).to_be_visible(timeout=60_000)
    scope = page.evaluate("navigator.serviceWorker.ready.then((found) => new URL(found.scope).pathname)")
    assert scope == f"{FOLDER}/rapportera/"
    assert not wrong.told


def test_the_first_answer_stands_in_the_page_before_any_script(shown: Shown, page: Page) -> None:
    answer = page.request.get(f"{shown.url}/?kommun=1861")
    assert "lb-first-words" in answer.text()
    assert page.request.get(f"{shown.url}/nyheter.xml").ok
    assert page.request.get(f"{shown.url}/redo").json()["kommuner"] == 290


@contextmanager
def another_site(page: str) -> Iterator[str]:
    """Serve a page at an address that is another site than ours."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *told: object) -> None:
            del told

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_another_site_may_show_a_cited_chart_and_nothing_else(shown: Shown, page: Page, wrong: Wrong) -> None:
    asked = ("d?nr=LB-1861-7QK4M2&embed=true", "logga-in")
    frames = "".join(f"<iframe src='{shown.url}/{one}'></iframe>" for one in asked)
    with another_site(frames) as other:
        page.goto(other)
        cited = page.frame_locator("iframe >> nth=0")
        expect(cited.locator("[data-testid=stMain]")).to_be_visible(timeout=60_000)
        assert page.frames[2].url == "chrome-error://chromewebdata/"
        assert "frame-ancestors 'none'" in " ".join(wrong.told)
