"""The real dashboard in headless Chromium, at the width of a desk and of a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.serving import Shown, Window

MENU = {
    "Jämför kommuner": "Jämför kommuner",
    "Alla kommuner": "Alla kommuner",
    "Jämförelsegrupp": "Jämförelsegrupp",
    "Trender": "Trender",
    "Hotspots": "Hotspots",
    "Medborgarlöften": "Medborgarlöften",
    "Svar och diagram": "Svar och diagram",
    "Datakällor": "Datakällor",
    "Metod": "Metod",
    "Ordlista": "Ordlista",
    "Tillgänglighet": "Tillgänglighet",
    "Sticker vi ut?": "Sticker Hallsberg ut?",
}
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}

pytestmark = pytest.mark.browser


@pytest.fixture
def address(shown: Shown) -> str:
    """Where the dashboard shows the shipped figures."""
    return shown.url


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, window: Window) -> Page:
    return window(*WIDTHS[request.param])


def fits(page: Page) -> bool:
    """Nothing is wider than the window, nor than the part of it that scrolls by itself."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= window.innerWidth + 1
                && [...document.querySelectorAll("[data-testid=stMain]")].every(e => e.scrollWidth <= e.clientWidth)"""
        )
    )


def drawn(page: Page) -> None:
    """Wait until the page is no longer being worked out and no part is still fetched, so that every text is there for good."""
    expect(page.locator("[data-testid=stAppViewContainer]")).to_be_visible(timeout=30_000)
    page.wait_for_function(
        """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
            && !document.querySelector("[data-testid=stSkeleton]")"""
    )


def test_the_first_page_shows_answer_charts_and_tables(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="Sticker Hallsberg ut?")).to_be_visible(timeout=30_000)
    drawn(page)
    expect(
        page.get_by_text("Hallsberg ligger högre än liknande kommuner, men inte ovanligt långt")
    ).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=30_000)  # one, and one in the open tab
    page.get_by_role("tab", name="Alla brottstyper").click()
    expect(page.locator("img.lb-inline").first).to_be_visible(timeout=30_000)
    page.wait_for_url("**flik=typer**")
    assert fits(page)
    page.screenshot(path=tmp_path / "sticker.png", full_page=True)
    assert (tmp_path / "sticker.png").stat().st_size > 20_000


def test_a_municipality_in_the_address_is_shown(page: Page, address: str) -> None:
    page.goto(f"{address}/?kommun=1880")
    expect(page.get_by_role("heading", name="Sticker Örebro ut?")).to_be_visible(timeout=30_000)


def test_choosing_a_municipality_changes_answer_and_address(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="Sticker Hallsberg ut?")).to_be_visible(timeout=30_000)
    page.get_by_role("combobox", name="Kommun").click()
    page.keyboard.type("Laxå")
    page.get_by_role("option", name="Laxå").click()
    expect(page.get_by_role("heading", name="Sticker Laxå ut?")).to_be_visible(timeout=30_000)
    page.wait_for_url("**/?kommun=1860")


def test_a_municipality_is_found_by_plain_letters_code_and_misspelt_and_opened_from_the_map(
    window: Window, address: str
) -> None:
    page = window(1440, 900)
    page.goto(f"{address}/alla-kommuner?kommun=1882")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=60_000)
    for typed, code in (("ore", "1880"), ("1861", "1861"), ("malmo", "1280"), ("Hallsbrg", "1861")):
        drawn(page)
        page.get_by_role("combobox", name="Kommun", exact=True).click()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/alla-kommuner?kommun={code}")
    drawn(page)
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')?.layout?.annotations?.[0]?.text.includes('Hallsberg')"
    )
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    # The middle of Kiruna: it lies by itself, and so is pressed whatever the width.
    at = page.evaluate(
        """() => {
            const plot = document.querySelector('.js-plotly-plot'), box = plot.getBoundingClientRect(), size = plot._fullLayout;
            const mark = plot.data.find(t => t.customdata && t.customdata.length === 290), n = mark.customdata.indexOf('2584');
            const x = size.xaxis.l2p(mark.x[n]) + size._size.l, y = size.yaxis.l2p(mark.y[n]) + size._size.t;
            return {x: box.left + x, y: box.top + y};
        }"""
    )
    page.mouse.move(at["x"], at["y"])
    expect(page.locator(".hoverlayer .hovertext")).to_be_visible()
    page.mouse.click(at["x"], at["y"])
    expect(page.get_by_role("heading", name="Sticker Kiruna ut?")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("part", ["siffror", "sticker-ut", "statistik-flaggor"])
def test_the_longest_parts_of_metod_are_six_screens_of_a_phone_at_most(
    part: str, window: Window, address: str
) -> None:
    page = window(390, 844)
    page.goto(f"{address}/metod?del={part}")
    expect(page.get_by_text("Nästa del:")).to_be_visible(timeout=30_000)
    drawn(page)
    height = page.evaluate(
        "() => document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().height"
    )
    assert 844 < height <= 6 * 844


def test_a_word_is_found_at_its_address_and_the_words_in_its_meaning_can_be_pressed(
    window: Window, address: str
) -> None:
    page = window(390, 844)
    page.goto(f"{address}/ordlista#narkotika-och-vapenbrott")
    expect(page.get_by_role("heading", name="Narkotika- och vapenbrott")).to_be_in_viewport(timeout=30_000)
    page.goto(f"{address}/ordlista#kvartil")
    page.reload()
    heading = page.get_by_role("heading", name="Kvartil", exact=True)
    expect(heading).to_be_in_viewport(timeout=30_000)
    drawn(page)
    word = page.locator("#kvartil + p .lb-term").first
    box = word.bounding_box()
    assert box
    assert box["height"] >= 24
    word.press("Enter")  # in one: a page that is drawn anew between the two lets go of what has focus
    opened = page.locator("[popover]:popover-open")
    expect(opened).to_contain_text("Mer i ordlistan")
    assert fits(page)
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(word).to_be_focused()


def test_a_group_chosen_on_one_page_is_kept_on_the_other(window: Window, address: str) -> None:
    page = window(1440, 900)
    page.goto(f"{address}/jamforelsegrupp?kommun=1880&grupp=county")
    expect(page.get_by_role("heading", name="Örebro län: 11 kommuner")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Sticker vi ut?", exact=True).click()
    expect(page.get_by_role("heading", name="Sticker Örebro ut?")).to_be_visible(timeout=30_000)
    drawn(page)
    expect(page.get_by_text("Örebro ligger högre än länets andra kommuner")).to_be_visible(timeout=30_000)


def test_the_menu_leads_to_every_page_in_swedish(window: Window, address: str) -> None:
    page = window(1440, 900)
    page.goto(address)
    for name, heading in MENU.items():
        page.get_by_role("navigation", name="Sidor").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible(timeout=30_000)


def test_a_chart_is_cited_and_its_address_brings_it_back(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("summary", has_text="Citera och ladda ned").first.click(timeout=60_000)
    page.get_by_role("button", name="Citera", exact=True).first.click()
    link = page.get_by_role("link", name="Öppna LB-1861-")
    link.wait_for(timeout=60_000)
    figure_id = (link.text_content() or "").removeprefix("Öppna ").strip()
    page.goto(f"{address}/?diagram={figure_id}")
    expect(page.get_by_text("Ingenting har ändrats")).to_be_visible(timeout=60_000)
    picture = page.locator("[data-testid=stImage] img").first
    expect(picture).to_be_visible()
    assert page.evaluate("() => document.querySelector('[data-testid=stImage] img').naturalWidth") > 1000
    assert figure_id in page.url
    wide = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]


def pressed(page: Page, what: Locator) -> None:
    """Press as a person does: the button of the mouse is down for a moment."""
    at = what.bounding_box()
    assert at
    page.mouse.move(at["x"] + 20, at["y"] + 10)
    page.mouse.down()
    page.wait_for_timeout(100)
    page.mouse.up()


def test_what_is_typed_in_an_answer_is_kept_though_the_field_is_never_left(
    address: str, browser: Browser, window: Window
) -> None:
    page = window(1440, 900)
    page.goto(f"{address}/svar")
    page.get_by_role("tab", name="Skriv ett svar").click()
    pasted = page.get_by_role("textbox", name="Klistra in")
    pasted.fill("1. Sticker vi ut?\n2. Behövs fler väktare?")
    page.reload()
    page.get_by_role("tab", name="Skriv ett svar").click()
    expect(pasted).to_have_value("1. Sticker vi ut?\n2. Behövs fler väktare?")
    page.get_by_role("button", name="Börja svara").click()
    own = page.get_by_role("textbox", name="Egna ord, efter det")
    expect(own).to_have_count(2)
    own.first.press_sequentially("Skrivet och genast omladdat.")
    page.reload()
    expect(own.first).to_have_value("Skrivet och genast omladdat.")
    own.nth(1).press_sequentially("Skrivet före en annan sida.")
    pressed(page, page.get_by_role("link", name="Metod").first)
    expect(page.get_by_role("heading", level=1, name="Metod")).to_be_visible()
    pressed(page, page.get_by_role("link", name="Svar och diagram").first)
    expect(own.nth(1)).to_have_value("Skrivet före en annan sida.")
    own.first.press("Control+End")
    own.first.press_sequentially(" Mer.")
    pressed(page, page.get_by_role("button", name="Lägg till det föreslagna").first)
    expect(own.first).to_have_value("Skrivet och genast omladdat. Mer.")
    other = browser.new_page(viewport={"width": 390, "height": 844}, locale="sv-SE")
    other.goto(page.url)
    theirs = other.get_by_role("textbox", name="Egna ord, efter det")
    expect(theirs.first).to_have_value("Skrivet och genast omladdat. Mer.")
    assert fits(other)
    other.close()


def at_rest(page: Page, heading: str) -> None:
    """Wait until a page with that heading stands still."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible(timeout=30_000)
    drawn(page)


def test_one_step_of_the_reader_is_one_press_of_back(browser: Browser, address: str) -> None:
    page = browser.new_page(
        viewport={"width": 1280, "height": 900}, locale="sv-SE"
    )  # its history begins here
    page.goto(f"{address}/?kommun=1881&grupp=skr&nyckeltal=N07403")
    at_rest(page, "Sticker Kumla ut?")
    begun = page.evaluate("history.length")
    walked = ["Trender", "Hotspots", "Datakällor"]
    for name in walked:
        page.get_by_role("link", name=name, exact=True).first.click()
        at_rest(page, name)
        assert "grupp=skr&nyckeltal=N07403" in page.url  # chosen on one page, kept on the others
        page.wait_for_url("**kommun=1881**")
    assert page.evaluate("history.length") == begun + len(walked)
    for heading in ["Hotspots", "Trender", "Sticker Kumla ut?"]:
        page.go_back()
        at_rest(page, heading)
        assert "kommun=1881" in page.url
    page.get_by_role("tab", name="Jämfört med").click()
    page.wait_for_url("**flik=jamfort**")
    drawn(page)
    page.get_by_role("combobox", name="Kommun").click()
    page.keyboard.type("Askersund")
    page.get_by_role("option", name="Askersund").click()
    at_rest(page, "Sticker Askersund ut?")
    page.go_back()
    at_rest(page, "Sticker Kumla ut?")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Jämfört med")
    page.go_back()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Utveckling", timeout=30_000)
    page.close()


def test_a_link_of_the_menu_leads_to_the_same_municipality_in_a_new_tab(window: Window, address: str) -> None:
    page = window(1280, 900)
    page.goto(f"{address}/?kommun=1881")
    at_rest(page, "Sticker Kumla ut?")
    link = page.get_by_role("link", name="Trender", exact=True).first
    expect(link).to_have_attribute("href", "/trender?kommun=1881")


def test_the_address_can_be_copied(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="sv-SE")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/?kommun=1881&flik=typer")
    at_rest(page, "Sticker Kumla ut?")
    page.get_by_role("button", name="Kopiera länken").click()
    expect(page.get_by_role("status").filter(has_text="Länken är kopierad.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    context.close()


#: What is asked before a meeting; what is pressed on the first page, at most twice; and what then is read.
QUESTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Hallsberg ligger högre än liknande kommuner, men inte ovanligt långt från dem": (),
    "Hallsbergs anmälda brott: ökningen med 505 brott 2024–2025 är mest narkotika": (("tab", "Vad driver"),),
    "Sedan 2020 är det 742 brott fler": (("tab", "Utveckling"),),
    "finns det inga siffror om här": (("tab", "Trygghet"),),
    "Kommunerna är Olofström, Tanum": (("tab", "Jämfört med"),),
    "felmarginalen är mellan 12": (("tab", "Så säkert är det"),),
    "Fler anmälda brott per invånare i Hallsberg än i Kumla": (
        ("link", "Jämför med en annan kommun"),
        ("link", "Kumla"),
    ),
}


@pytest.mark.parametrize("answer", QUESTIONS)
def test_what_is_asked_before_a_meeting_is_answered_within_two_presses(
    answer: str, page: Page, address: str
) -> None:
    page.goto(f"{address}/?kommun=1861")
    at_rest(page, "Sticker Hallsberg ut?")
    presses = QUESTIONS[answer]
    assert len(presses) <= 2
    # A chart that is drawn later would push what is pressed, and its answer, further down.
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=30_000)
    for role, name in presses:
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
    expect(page.get_by_text(answer).first).to_be_visible(timeout=10_000)
    drawn(page)
    expect(page.get_by_text(answer).first).to_be_in_viewport()  # without scrolling further
    assert fits(page)


def test_who_listens_hears_the_answer_among_the_first_sixty_words(window: Window, address: str) -> None:
    page = window(1280, 900)
    page.goto(f"{address}/?kommun=1861")
    at_rest(page, "Sticker Hallsberg ut?")
    # What is named is told once, though the tree has both the name and the text that gives it.
    told = re.findall(r'"([^"]+)"|: ([^#/"].+)', page.locator("body").aria_snapshot())
    phrases = [one or other for one, other in told if not one.startswith("#")]
    first = " ".join(phrase for n, phrase in enumerate(phrases) if phrase not in phrases[max(n - 1, 0) : n])
    first = " ".join(first.split()[:60])
    assert "Hallsberg ligger högre än liknande kommuner" in first


def test_the_answer_is_read_before_any_script_has_run(browser: Browser, address: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="sv-SE"
    )
    page = context.new_page()
    page.goto(f"{address}/?kommun=1881")
    expect(page.get_by_role("heading", name="Sticker Kumla ut?")).to_be_visible()
    expect(page.get_by_text("per 100\u00a0000 invånare").first).to_be_visible()
    expect(page.get_by_role("img", name="Punktdiagram: Kumla har")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_first_words_go_when_the_page_says_them(page: Page, address: str) -> None:
    page.goto(f"{address}/?kommun=1861")
    at_rest(page, "Sticker Hallsberg ut?")
    expect(page.locator("#lb-first-words")).to_have_count(0)
    expect(page.locator(".lb-answer")).to_be_visible()
