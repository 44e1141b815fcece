"""The local part in the real page: logging in by form, and reporting by phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, expect

from lagesbild.signals import access
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Signal
from lagesbild.web import phone
from tests.serving import PASSWORD, Line, Shown, Window

pytestmark = pytest.mark.browser
HALLSBERG: Geolocation = {"latitude": 59.0646, "longitude": 15.1099}


@pytest.fixture
def page(window: Window) -> Page:
    return window(1280, 900)


def menu(page: Page, title: str) -> None:
    expect(page.get_by_role("link", name=title, exact=True)).to_be_visible(timeout=20_000)


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=20_000)


# --- logging in ---


def test_a_form_lets_in_and_f5_does_not_let_out(shown: Shown, page: Page) -> None:
    page.goto(f"{shown.url}/logga-in")
    page.get_by_label("Namn eller funktion").fill("anna")
    page.get_by_label("Lösenord").fill("fel lösenord")
    page.get_by_role("button", name="Logga in", exact=True).click()
    expect(page.get_by_text("Fel namn eller lösenord.")).to_be_visible(timeout=20_000)
    page.get_by_label("Namn eller funktion").fill("anna")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_label("Lösenord").press("Enter")
    heading(page, "Oroshärdar")
    page.reload()
    heading(page, "Oroshärdar")
    menu(page, "Administration")
    page.goto(f"{shown.url}/logga-in")
    page.get_by_role("button", name="Logga ut").click()
    heading(page, "Logga in")
    page.goto(f"{shown.url}/signaler")
    expect(page.get_by_text("Logga in för att se den")).to_be_visible(timeout=20_000)


# --- the phone ---


@pytest.fixture
def at_phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
        geolocation=HALLSBERG,
        permissions=["geolocation"],
    )
    yield context
    context.close()


def link(shown: Shown, name: str) -> str:
    person = access.add(shown.store, name, [Role.REPORTER], COMMAND_LINE)
    return f"{shown.url}{phone.PREFIX}/{access.new_link(shown.store, person, COMMAND_LINE)}"


def kept(shown: Shown, name: str) -> list[Signal]:
    person = next(one for one in access.people(shown.store) if one.name == name)
    return shown.store.reported_by(person.id)


def told(page: Page, text: str) -> None:
    expect(page.locator("#told")).to_contain_text(text, timeout=15_000)


def test_four_taps_report_where_one_stands(shown: Shown, at_phone: BrowserContext) -> None:
    page = at_phone.new_page()
    page.goto(link(shown, "fyra tryck"))
    page.get_by_role("radio", name="Klotter").tap()
    page.get_by_role("button", name="Här, där jag är").tap()
    expect(page.locator("#chosen-place")).to_have_text("Plats: Hallsberg")
    page.get_by_role("radio", name="Lindrigt").tap()
    page.get_by_role("button", name="Skicka").tap()
    told(page, "Tack! Rapporten är mottagen.")
    (one,) = kept(shown, "fyra tryck")
    assert (one.kind, one.locality) == ("Klotter", "Hallsberg")
    assert one.hour is not None
    assert abs(one.day - date.today()) <= timedelta(days=1)  # noqa: DTZ011 - the phone's day
    expect(page.locator("#mine")).to_contain_text("Klotter, Hallsberg")
    shown.store.change_signal(type(one)(**{**vars(one), "outcome": "Väggen tvättades"}), COMMAND_LINE)
    page.reload()
    expect(page.locator("#mine")).to_contain_text("Det ledde till: Väggen tvättades")


def test_the_keyboard_alone_reports(shown: Shown, page: Page) -> None:
    page.goto(link(shown, "tangentbord"))

    def to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached")

    to("#kinds input")
    page.keyboard.press("Space")
    to("#place")
    page.keyboard.type("Pålsboda")
    to("#severities input")
    page.keyboard.press("Space")
    to(".send")
    page.keyboard.press("Enter")
    told(page, "Tack!")
    (one,) = kept(shown, "tangentbord")
    assert (one.kind, one.locality) == ("Skadegörelse", "Pålsboda")


def test_the_map_is_pressed_or_walked_with_arrows(shown: Shown, at_phone: BrowserContext) -> None:
    page = at_phone.new_page()
    page.goto(link(shown, "kartan"))
    page.get_by_text("Peka på kartan").tap()
    page.locator("#map").tap()
    expect(page.locator("#chosen-place")).to_contain_text("från")
    before = page.locator("#chosen-place").inner_text()
    page.locator("#map").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#chosen-place")).not_to_have_text(before)
    page.keyboard.press("+")
    page.get_by_role("radio", name="Buller").tap()
    page.get_by_role("radio", name="Lindrigt").tap()
    page.get_by_role("button", name="Skicka").tap()
    told(page, "Tack!")
    (one,) = kept(shown, "kartan")
    assert one.x is not None


def test_without_a_connection_it_waits_in_the_phone_and_is_kept_once(
    shown: Shown, at_phone: BrowserContext
) -> None:
    page, there = at_phone.new_page(), urlsplit(link(shown, "utan kontakt"))
    line = Line(there.port or 0)
    address = there._replace(netloc=f"localhost:{line.port}").geturl()
    page.goto(address)
    expect(page.locator("#mine")).to_contain_text("Inga än")
    page.wait_for_function(
        "async path => { await navigator.serviceWorker.ready; return (await caches.match(path)) !== undefined; }",
        arg=there.path,
    )
    line.cut()
    at_phone.set_offline(True)
    for kind in ("Buller", "Klotter"):
        page.get_by_role("radio", name=kind).tap()
        page.get_by_role("radio", name="Hallsberg").tap()
        page.get_by_role("radio", name="Lindrigt").tap()
        page.get_by_role("button", name="Skicka").tap()
        told(page, "sparad i telefonen")
    page.close()
    again = at_phone.new_page()
    again.goto(address)  # opens without a connection
    expect(again.locator("#queue li")).to_have_count(2)
    assert kept(shown, "utan kontakt") == []
    line.mend()
    at_phone.set_offline(False)
    again.evaluate("dispatchEvent(new Event('online'))")
    told(again, "Tack! 2 händelser är mottagna.")
    again.reload()
    expect(again.locator("#mine li")).to_have_count(2)
    assert sorted(one.kind for one in kept(shown, "utan kontakt")) == ["Buller", "Klotter"]
    line.cut()


def test_several_events_and_a_name_that_is_asked_about(shown: Shown, at_phone: BrowserContext) -> None:
    page = at_phone.new_page()
    page.goto(link(shown, "flera"))
    page.get_by_role("radio", name="Buller").tap()
    page.get_by_role("radio", name="Hallsberg").tap()
    page.get_by_role("radio", name="Lindrigt").tap()
    page.get_by_role("button", name="Lägg till en händelse till").tap()
    page.get_by_role("radio", name="Klotter").tap()
    page.get_by_role("radio", name="Allvarligt", exact=True).tap()
    page.locator("#text").fill("Ahmed och Kristina bråkade")
    page.get_by_role("button", name="Skicka 2 händelser").tap()
    expect(page.locator("#questions")).to_contain_text("namn", timeout=15_000)
    assert [one.kind for one in kept(shown, "flera")] == ["Buller"]
    page.get_by_role("button", name="Skicka så").tap()
    told(page, "Tack!")
    (asked,) = [one for one in kept(shown, "flera") if one.kind == "Klotter"]
    assert "Ahmed" not in asked.text


@pytest.mark.parametrize("width", [320, 390, 820])
def test_the_page_fits_and_can_be_heard_and_hit(shown: Shown, window: Window, width: int) -> None:
    page = window(width, 844)
    page.goto(link(shown, f"bredd {width}"))
    page.get_by_text("Peka på kartan").click()
    found = page.evaluate(
        """() => {
            const lum = c => {
                const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const rgb = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
            const ground = e => {
                for (; e; e = e.parentElement) {
                    const c = rgb(getComputedStyle(e).backgroundColor);
                    if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
                }
                return [255, 255, 255];
            };
            const pale = [...document.querySelectorAll("h1, h2, p, label, legend, span, button, li, summary, a")]
                .filter(e => e.offsetParent && e.textContent.trim())
                .filter(e => {
                    const [a, b] = [lum(rgb(getComputedStyle(e).color).slice(0, 3)), lum(ground(e))].sort((x, y) => y - x);
                    return (a + 0.05) / (b + 0.05) < 4.5;
                }).map(e => e.textContent);
            const small = [...document.querySelectorAll("button, select, summary, textarea, input:not([type=radio]), .choices span")]
                .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.id || e.textContent);
            const unnamed = [...document.querySelectorAll("input, select, textarea, button, svg[tabindex]")]
                .filter(e => !(e.labels && e.labels.length) && !e.textContent.trim() && !e.getAttribute("aria-label"))
                .filter(e => e.id !== "text").map(e => e.id);
            return { wide: document.documentElement.scrollWidth - innerWidth, pale, small, unnamed,
                     lang: document.documentElement.lang, title: document.title };
        }"""
    )
    assert found["wide"] <= 0
    assert found["pale"] == found["small"] == found["unnamed"] == []
    assert found["lang"] == "sv"
    assert "Hallsbergs kommun" in found["title"]
