"""Logging in by the municipality's own login: a strict provider, the running dashboard and a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from lagesbild.config import Settings
from tests.serving import dashboard_alone, free_port
from tests.web.oidc_provider import Provider, running

pytestmark = pytest.mark.browser

PEOPLE = {
    "samordnare": {
        "sub": "1",
        "name": "Sam Ordnare",
        "email": "sam@example.org",
        "grupper": ["trygg", "annat"],
    },
    "läsare": {"sub": "2", "name": "Las Are", "email": "las@example.org", "grupper": ["las"]},
    "ingen": {"sub": "3", "name": "Ing En", "email": "ing@example.org", "grupper": ["annat"]},
}
BUTTON = "Logga in med kommunens konto"
LONG = 30_000


@dataclass(frozen=True)
class Login:
    """The running dashboard and its provider."""

    address: str
    provider: Provider


@pytest.fixture(scope="module")
def login(shipped: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    home = tmp_path_factory.mktemp("home")
    (home / "warehouse").symlink_to(shipped.home / "warehouse")
    port, own = free_port(), free_port()
    provider = Provider(
        issuer=f"http://127.0.0.1:{own}",
        client_id="lagesbild",
        client_secret="hemligt~.med_tecken-i",
        redirect_uri=f"http://localhost:{port}/oauth2callback",
        people=PEOPLE,
    )
    environment = {
        "LAGESBILD_LOGIN_METADATA": f"{provider.issuer}/.well-known/openid-configuration",
        "LAGESBILD_LOGIN_CLIENT": provider.client_id,
        "LAGESBILD_LOGIN_SECRET": provider.client_secret,
        "LAGESBILD_LOGIN_CLAIM": "grupper",
        "LAGESBILD_LOGIN_ROLES": "trygg=coordinator las=viewer",
        "LAGESBILD_PUBLIC_ADDRESS": f"http://localhost:{port}",
    }
    with running(provider, own), dashboard_alone(home, port, environment) as address:
        yield Login(address, provider)


@pytest.fixture
def page(browser: Browser, login: Login) -> Iterator[Page]:
    login.provider.spoil = ""
    login.provider.refused.clear()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
    yield context.new_page()
    context.close()


def enter(page: Page, login: Login, person: str) -> None:
    page.goto(f"{login.address}/logga-in")
    page.get_by_role("button", name=BUTTON).click(timeout=LONG)
    page.get_by_role("button", name=person, exact=True).click(timeout=LONG)


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible(timeout=LONG)


def test_a_coordinator_comes_in_lands_where_work_begins_stays_and_goes_out(page: Page, login: Login) -> None:
    enter(page, login, "samordnare")
    heading(page, "Oroshärdar")
    for name in ("Veckans lägesbild", "Signaler", "Åtgärder", "Dokument enligt lag", "Administration"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.reload()
    heading(page, "Oroshärdar")
    page.get_by_role("link", name="Min inloggning").click()
    expect(page.get_by_text("Du är inloggad som Sam Ordnare (samordnare).")).to_be_visible(timeout=LONG)
    ended = login.provider.ended
    # The page that is left draws itself without a login first: only a new document has been to the provider.
    with page.expect_event("domcontentloaded", timeout=LONG):
        page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible(timeout=LONG)
    assert urlsplit(page.url).path == "/logga-in"
    assert login.provider.ended == ended + 1
    assert not [one for one in page.context.cookies() if one.get("name", "").startswith("_streamlit_user")]
    page.goto(f"{login.address}/oroshardar")
    expect(page.get_by_text("Logga in för att se den.")).to_be_visible(timeout=LONG)
    assert not login.provider.refused


def test_a_viewer_lands_on_the_week_and_a_person_without_a_role_is_told_so(page: Page, login: Login) -> None:
    enter(page, login, "läsare")
    heading(page, "Veckans lägesbild")
    expect(page.get_by_role("link", name="Signaler", exact=True)).to_have_count(0)
    page.context.clear_cookies()
    enter(page, login, "ingen")
    expect(page.get_by_text("det har ingen roll här")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("link", name="Veckans lägesbild", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()
    page.goto(f"{login.address}/signaler")
    expect(page.get_by_text("Logga in för att se den.")).to_be_visible(timeout=LONG)


@pytest.fixture(scope="module")
def begins(browser: Browser, login: Login) -> str:
    """Where pressing the button leads: to our own address, which leads to the provider. It holds for two minutes."""
    page = browser.new_page()
    page.goto(f"{login.address}/logga-in")
    with page.expect_request("**/auth/login?*") as asked:
        page.get_by_role("button", name=BUTTON).click(timeout=LONG)
    page.close()
    return str(asked.value.url)


@dataclass(frozen=True)
class Came:
    """Where somebody came to without a page being drawn, and whether with the cookie that lets in."""

    path: str
    let_in: bool


def came(begins: str, login: Login, person: str) -> Came:
    """Log in as a browser does, as far as the way back."""
    with requests.Session() as session:
        form = session.get(begins, timeout=10)
        asked = parse_qs(urlsplit(form.url).query)
        fields = {**{name: one for name, (one,) in asked.items()}, "person": person}
        back = session.post(f"{login.provider.issuer}/login", fields, allow_redirects=False, timeout=10)
        answer = session.get(back.headers["location"], allow_redirects=False, timeout=10)
        again = session.get(back.headers["location"], allow_redirects=False, timeout=10)
        assert again.headers["location"] == "/logga-in?fel=konto"  # what has been used is used up
        let_in = bool(answer.cookies.get("_streamlit_user"))
        return Came(answer.headers["location"], let_in)


@pytest.mark.parametrize("spoil", ["signature", "audience", "issuer", "nonce", "expired", "unsigned"])
def test_a_token_that_is_not_right_lets_nobody_in(
    spoil: str, begins: str, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert came(begins, login, "samordnare") == Came("/logga-in?inloggad=1", let_in=True)
    monkeypatch.setattr(login.provider, "spoil", spoil)
    assert came(begins, login, "samordnare") == Came("/logga-in?fel=konto", let_in=False)


def test_a_wrong_secret_lets_nobody_in(begins: str, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    login.provider.refused.clear()
    monkeypatch.setattr(login.provider, "client_secret", "en annan")
    assert came(begins, login, "samordnare") == Came("/logga-in?fel=konto", let_in=False)
    assert login.provider.refused == ["invalid_client"]


def test_a_cookie_of_ones_own_making_lets_nobody_in(page: Page, login: Login) -> None:
    enter(page, login, "läsare")
    heading(page, "Veckans lägesbild")
    (cookie,) = [one for one in page.context.cookies() if one.get("name") == "_streamlit_user"]
    changed = cookie["value"].replace(cookie["value"][20:24], "AAAA", 1)
    page.context.add_cookies([{"name": "_streamlit_user", "value": changed, "url": login.address}])
    page.goto(f"{login.address}/veckan")
    expect(page.get_by_text("Logga in för att se den.")).to_be_visible(timeout=LONG)
    page.goto(f"{login.address}/logga-in?fel=konto")
    expect(page.get_by_text("Inloggningen med kommunens konto gick inte.")).to_be_visible(timeout=LONG)


def test_a_code_is_no_use_to_another_browser(login: Login) -> None:
    where = f"{login.address}/oauth2callback?code=stulen&state=annan"
    answer = requests.get(where, allow_redirects=False, timeout=10)
    assert answer.headers["location"] == "/logga-in?fel=konto"
    assert not answer.cookies.get("_streamlit_user")


def test_the_provider_refuses_what_real_ones_refuse(login: Login) -> None:
    """Else the tests above would say nothing."""
    provider = login.provider
    good = {
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }

    def asked(**changed: str) -> requests.Response:
        return requests.get(
            f"{provider.issuer}/authorize", {**good, **changed}, allow_redirects=False, timeout=10
        )

    assert asked().status_code == 200
    for wrong in ({"client_id": "annan"}, {"redirect_uri": f"{provider.redirect_uri}/"}):
        assert asked(**wrong).status_code == 400
    for wrong in (
        {"response_type": "token"}, {"scope": "email"}, {"state": ""}, {"nonce": ""}, {"code_challenge_method": "plain"},
    ):  # fmt: skip
        sent = parse_qs(urlsplit(asked(**wrong).headers["location"]).query)
        assert sent["error"] == ["invalid_request"]
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": provider.redirect_uri}
    own = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    assert requests.post(f"{provider.issuer}/token", {**form, **own}, timeout=10).status_code == 400
    assert requests.post(f"{provider.issuer}/token", form, timeout=10).status_code == 401
