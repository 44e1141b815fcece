"""The real pages as they are heard, reached by keyboard and seen with weak sight: walked once at each width, then asked.

The browser is set to English, as many are: nothing of that may be met.
"""

from __future__ import annotations

import inspect
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from starlette.middleware.sessions import SessionMiddleware
from streamlit.web.server.starlette.starlette_server_config import (
    AUTH_COOKIE_MAX_AGE_SECONDS,
    SESSION_COOKIE_NAME,
    TOKENS_COOKIE_NAME,
    USER_COOKIE_NAME,
)

from lagesbild.config import ROOT
from pages.parts import terms
from tests.serving import PASSWORD, Shown, Window
from tests.test_browser import drawn, fits
from tests.web.test_reading_shell import contrast

pytestmark = pytest.mark.browser

ENGLISH = "en-US"
PAGES = (
    "",
    "vad-sticker-ut",
    "jamfor",
    "alla-kommuner",
    "jamforelsegrupp",
    "trender",
    "hotspots",
    "medborgarloften",
    "svar",
    "datakallor",
    "metod",
    "ordlista",
    "tillganglighet",
    "logga-in",
)
#: Pages in other states: each tab, what was chosen, a part of Metod with a table, and addresses that are not as they should be.
STATES = (
    *(f"?flik={tab}" for tab in ("utveckling", "driver", "jamfort", "typer", "trygghet", "sakerhet")),
    *(f"svar?flik={tab}" for tab in ("citerade", "svar", "prova")),
    "jamfor?med=1881",
    "metod?del=siffror",
    "metod?del=statistik-prov",
    "metod?del=statistik-flaggor",
    "?kommun=9999",
    "metod?del=finns-inte",
    "svar?diagram=LB-1861-XXXXXX",
)
WIDTHS = {1440: 900, 390: 844}
#: With the menu as it is on a desk, down to a telephone, where it goes away; at 200 % a window of 1 440 is as wide as one
#: of 720, and its letters are twice as large; then an iPad without the menu.
ACROSS = ((1920, 900), (1440, 900), (1280, 900), (1180, 900), (1024, 900), (820, 900), (768, 900), (641, 900), (390, 900),
          (320, 900), (720, 450), (820, 1180))  # fmt: skip
#: In these states a page has the same parts as in another.
NOT_ACROSS = frozenset({
    "jamfor", "svar", "logga-in", "?flik=utveckling", "?kommun=9999", "metod?del=statistik-prov", "metod?del=finns-inte",
    "svar?diagram=LB-1861-XXXXXX",
})  # fmt: skip
HEADINGS = {
    "vad-sticker-ut": "Vad sticker ut i Hallsberg?",
    "jamfor": "Jämför kommuner",
    "alla-kommuner": "Alla kommuner",
    "jamforelsegrupp": "Jämförelsegrupp",
    "trender": "Trender",
    "hotspots": "Hotspots",
    "medborgarloften": "Medborgarlöften",
    "svar": "Svar och diagram",
    "datakallor": "Datakällor",
    "metod": "Metod",
    "metod?del=siffror": "Varje siffra på Sticker vi ut?",
    "metod?del=statistik-flaggor": "Hur flaggas anmälda brott?",
    "ordlista": "Ordlista",
    "tillganglighet": "Tillgänglighet",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What axe finds that is Streamlit's own: rule, a part of the selector, and why it is let be.
STREAMLITS = (
    ("region", "react-aria", "an open list of choices hangs at the end of the body, outside all landmarks"),
    (
        "presentation-role-conflict",
        "stFileUploaderDropzone",
        "the area to drop files on has a name, and its button another",
    ),
)
#: Every visible text, and every name and description that is spoken, of all that is on the page.
SPOKEN = """() => {
    const SILENT = "script, style, noscript, code, [aria-hidden=true], [data-testid=stIconMaterial]";
    const said = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const holder = node.parentElement;
        if (!node.data.trim() || holder.closest(SILENT)) continue;
        if (holder.checkVisibility({ visibilityProperty: true })) said.push(node.data.trim());
    }
    for (const element of document.body.querySelectorAll("*"))
        for (const name of ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "title", "alt"])
            if (element.getAttribute(name)) said.push(element.getAttribute(name));
    return said;
}"""
CHARTS = """() => [...document.querySelectorAll(".js-plotly-plot")].map(chart => {
    const named = [...chart.querySelectorAll("svg[role=img]")];
    const bare = [...chart.querySelectorAll("svg text")].filter(e => !e.closest("[role=img], [aria-hidden=true]")).length;
    const heard = [...chart.querySelectorAll("svg[role=img] > *")].filter(e => e.getAttribute("aria-hidden") !== "true").length;
    return { names: named.map(e => e.getAttribute("aria-label")), bare: bare + heard };
})"""


def english() -> set[str]:
    """Words of the texts that are translated, and the commonest English ones, but for those that are Swedish too."""
    table = (ROOT / "lagesbild" / "web" / "static" / "swedish.js").read_text("utf-8")
    pairs = re.findall(r"^  (\"(?:[^\"\\]|\\.)+\"):\s+(\"(?:[^\"\\]|\\.)+\"),$", table, re.MULTILINE)
    ours = words(" ".join(json.loads(swedish) for _, swedish in pairs))
    theirs = words(" ".join(json.loads(theirs) for theirs, _ in pairs))
    common = "the of and to with from are was were not you your this that has have there which when what where it its"
    both = "app apply all alt april by form format minute rand alert data in man per is no on or so up stop index error kopia var just as"
    return (
        (theirs | set(common.split()) | {"press", "select", "choose", "month", "page"})
        - ours
        - set(f"{both} kb mb gb enter ctrl csv r s".split())
    )


def words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\b[^\W\d_]{2,}\b", text)}


def met(page: Page) -> list[str]:
    """Return the texts with English words that are met on a page."""
    known = english()
    return [
        said for said in page.evaluate(SPOKEN) if not re.fullmatch(r"LB-\S+", said) and words(said) & known
    ]


@dataclass
class Seen:
    """What one page was like, with everything unfolded."""

    address: str
    width: int
    titles: tuple[str, str]
    language: str
    headings: list[int]
    heading_names: list[str]
    charts: list[dict[str, Any]]
    names: list[str]
    rows_without_name: int
    unreachable: int
    english: list[str]
    fits: bool
    small_text: int
    broken: list[str]
    footer: str
    errors: int
    cut: dict[str, list[str]] = field(default_factory=dict)
    axe: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return f"{self.width} /{self.address}"


def go(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1, [data-testid=stImage]").first).to_be_visible(timeout=60_000)
    settled(page)


def log_in(page: Page, shown: Shown) -> None:
    go(page, f"{shown.url}/logga-in")
    page.get_by_label("Namn eller funktion").fill("anna")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_label("Lösenord").press("Enter")
    expect(page.get_by_role("heading", name="Oroshärdar", exact=True)).to_be_visible(timeout=30_000)


def settled(page: Page) -> None:
    """Wait until nothing is worked out, and every chart that is on the page is drawn and named."""
    drawn(page)
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
            .every(e => e.querySelector("svg[role=img]") || !e.checkVisibility())""",
        timeout=60_000,
    )
    page.wait_for_timeout(150)  # our script waits 60 milliseconds for more


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach(e => e.click())")
    page.wait_for_timeout(300)
    settled(page)


def faults(page: Page, where: str) -> list[str]:
    """Return what axe finds that is ours."""
    # Each chart is one picture; its some thousand parts are hidden from readers, and their colours are tried in-process.
    without = {"exclude": [[".main-svg > *"]]}
    # To tell what is well takes longer than to look for what is not.
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context=without, options=options).response["violations"]
    return [
        f"{where}: {rule['id']} ({rule['impact']}) {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
        if not any(rule["id"] == known and part in node["html"] for known, part, _ in STREAMLITS)
    ]


#: Waits until two looks in a row, 80 milliseconds apart, find everything where it was: the menu slides, and charts are
#: drawn anew.
STILL = """async () => {
    const seen = () => [...document.querySelectorAll("[data-testid=stMain], [data-testid=stSidebar], .main-svg, table, h1")]
        .flatMap(e => Object.values(e.getBoundingClientRect().toJSON())).join();
    for (let before = "", n = 0; n < 100; n++) {
        await new Promise(done => setTimeout(done, 80));
        const now = seen();
        if (now === before) return;
        before = now;
    }
}"""


def what_is_cut(page: Page) -> list[str]:
    """Return what does not fit once the page stands still."""
    trouble: list[str] = []
    for _ in range(20):
        page.evaluate(STILL)
        trouble = cut_texts(page) or ([] if fits(page) else ["wider than the window"])
        if not trouble:
            break
        page.wait_for_timeout(200)
    return trouble[:3]


def cut_texts(page: Page) -> list[str]:
    """Return the texts in tables and paragraphs that reach outside the window."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("table.lb td, table.lb span, .lb-source, .lb-sub")]
                .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
                .map(e => e.textContent)"""
        )
    )


def look(page: Page, address: str, width: int, first: str, broken: list[str]) -> Seen:
    shown = "e => e.checkVisibility({ visibilityProperty: true })"
    headings = page.evaluate(
        f"() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter({shown}).map(e => [+e.tagName[1], e.innerText.trim()])"
    )
    return Seen(
        address=address,
        width=width,
        titles=(first, page.title()),
        language=page.evaluate("document.documentElement.lang"),
        headings=[level for level, _ in headings],
        heading_names=[name for _, name in headings],
        charts=page.evaluate(CHARTS),
        names=page.evaluate(
            """() => [...document.querySelectorAll("summary, button, a[href]")].filter(e => e.checkVisibility({ visibilityProperty: true }))
                .filter(e => !e.closest("nav, .lb-footer, [data-testid=stMarkdownContainer], table, [data-testid=stElementToolbar]"))
                .map(e => (e.getAttribute("aria-label") || e.innerText).replace(/^keyboard_arrow_\\w+/, "").trim())"""
        ),
        rows_without_name=page.evaluate(
            "() => [...document.querySelectorAll('table.lb tbody tr')].filter(e => !e.querySelector('th[scope=row]')).length"
        ),
        unreachable=page.evaluate(
            """() => [...document.querySelectorAll("table, [class*=scroll]")]
                .filter(e => e.checkVisibility() && getComputedStyle(e).overflowX === "auto" && e.scrollWidth > e.clientWidth + 1)
                .filter(e => e.tabIndex < 0).length"""
        ),
        english=met(page),
        fits=fits(page),
        small_text=page.evaluate(
            """() => innerWidth > 640 ? 0 : [...document.querySelectorAll("input, textarea")]
                .filter(e => e.checkVisibility() && !["radio", "checkbox", "range", "file"].includes(e.type))
                .filter(e => parseFloat(getComputedStyle(e).fontSize) < 16).length"""
        ),
        broken=broken,
        footer=page.locator(".lb-footer").inner_text() if page.locator(".lb-footer").count() else "",
        errors=page.locator("[data-testid=stException]").count(),
    )


@pytest.fixture(scope="module")
def walked(_window: Window, shown: Shown) -> list[Seen]:
    """Every public page and state with everything unfolded: drawn once, and seen at each width."""
    page = _window(locale=ENGLISH)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    found = []
    for address in (*PAGES, *STATES, f"svar?diagram={shown.cited}", f"d?nr={shown.cited}"):
        answer = page.request.get(f"{shown.url}/{address}").text()
        (first,) = re.findall(r"<title>(.*?)</title>", answer)
        for n, (width, height) in enumerate(WIDTHS.items()):
            page.set_viewport_size({"width": width, "height": height})
            if n:
                settled(page)
            else:
                go(page, f"{shown.url}/{address}")
                unfold(page)
            seen = look(page, address, width, first, broken)
            seen.axe = faults(page, seen.where)
            found.append(seen)
        for width, height in ACROSS if address not in NOT_ACROSS else ():
            page.set_viewport_size({"width": width, "height": height})
            if trouble := what_is_cut(page):
                seen.cut[f"{width} x {height}"] = trouble
    _window.forget()
    return found


# --- what was found by hand, each asked of every page ---


def test_every_page_says_that_it_is_swedish(walked: list[Seen]) -> None:
    assert {seen.language for seen in walked} == {"sv"}


def test_every_page_has_a_title_of_its_own_before_and_after_it_is_drawn(walked: list[Seen]) -> None:
    for seen in walked:
        if seen.address in PAGES[1:]:  # the first page says its own title when its text is rewritten
            assert seen.titles[0] == seen.titles[1], seen.where
        assert all(title.endswith(" – Lägesbild") for title in seen.titles), seen.where
    alone = {seen.address: seen.titles[0] for seen in walked if seen.address in PAGES}
    assert len(set(alone.values())) == len(alone) == len(PAGES)


def test_headings_go_down_one_step_at_a_time(walked: list[Seen]) -> None:
    for seen in walked:
        if seen.address.startswith("d?"):  # a picture in a frame of another page
            continue
        assert seen.headings[0] == 1, seen.where
        assert seen.headings.count(1) == 1, seen.where
        assert all(later - before <= 1 for before, later in pairwise(seen.headings)), (
            seen.where,
            seen.headings,
        )


def test_the_verdict_is_a_heading(walked: list[Seen]) -> None:
    first = walked[0]
    assert first.headings[1] == 2
    assert "liknande kommuner" in first.heading_names[1]


def test_every_chart_is_one_picture_with_a_name(walked: list[Seen]) -> None:
    assert sum(len(seen.charts) for seen in walked) > 10
    for seen in walked:
        for chart in seen.charts:
            assert len(chart["names"]) == 1, seen.where
            assert len(chart["names"][0]) > 60, seen.where
            assert "tabellen" in chart["names"][0], seen.where
            assert chart["bare"] == 0, seen.where


def test_every_row_of_a_table_has_a_name(walked: list[Seen]) -> None:
    assert {seen.rows_without_name for seen in walked} == {0}


def test_controls_of_one_page_have_different_names(walked: list[Seen]) -> None:
    # Of one cited chart two files of each form are offered, of then and of today, each under its own heading.
    alike = {"Citera", "CSV", "XLSX", "PNG", "SVG", "PDF", "Kopiera", "Länk till rubriken", "Helskärm"}
    for seen in walked:
        # A word that is explained is the same button, with the same meaning, wherever it stands.
        words = {form.lower() for term in terms.glossary() for form in term.forms}
        named = [name for name in seen.names if name.replace("\u00a0", " ").lower() not in words]
        twice = [name for name, n in Counter(named).items() if n > 1 and name not in alike]
        assert twice == [], seen.where


def test_tables_that_scroll_are_reached_by_keyboard(walked: list[Seen]) -> None:
    assert {seen.unreachable for seen in walked} == {0}


def test_no_english_is_seen_or_heard(walked: list[Seen]) -> None:
    assert [(seen.where, seen.english) for seen in walked if seen.english] == []


def test_phones_do_not_zoom_into_fields(walked: list[Seen]) -> None:
    assert {seen.small_text for seen in walked} == {0}


def test_nothing_is_wider_than_the_window(walked: list[Seen]) -> None:
    assert [seen.where for seen in walked if not seen.fits] == []


def test_nothing_is_cut_at_any_width_or_magnified(walked: list[Seen]) -> None:
    assert {seen.address: seen.cut for seen in walked if seen.cut} == {}


def test_every_page_says_what_it_is_and_shows_no_error(walked: list[Seen]) -> None:
    for seen in walked:
        assert seen.errors == 0, seen.where
        if seen.address in HEADINGS:
            assert HEADINGS[seen.address] in seen.heading_names, seen.where


def test_every_page_ends_with_who_answers_and_the_way_to_the_statement(walked: list[Seen]) -> None:
    for seen in walked:
        if not seen.address.startswith("d?"):
            assert "Tillgänglighet" in seen.footer, seen.where
            assert "Om kakor" in seen.footer, seen.where


def test_no_script_breaks(walked: list[Seen]) -> None:
    assert walked[-1].broken == []


def test_axe_finds_nothing_of_ours(walked: list[Seen]) -> None:
    assert [fault for seen in walked for fault in seen.axe] == []


# --- what is kept ---

KEPT = """async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
    ...(await indexedDB.databases()).map(one => one.name)]"""


def kept(page: Page) -> dict[str, float]:
    """Return what the browser keeps by now, and for how many hours; -1 for what goes when it is closed or cleared."""
    cookies = {
        one.get("name", ""): (one["expires"] - time.time()) / 3600 if one["expires"] > 0 else -1.0
        for one in page.context.cookies()
    }
    return cookies | dict.fromkeys(page.evaluate(KEPT), -1.0)


def test_the_statement_names_all_that_is_kept_in_the_browser_of_a_reader_and_of_who_logs_in(
    window: Window, shown: Shown
) -> None:
    page = window(locale=ENGLISH)
    go(page, f"{shown.url}/tillganglighet")
    rows = page.locator("table.lb", has=page.get_by_text("Det som sparas hos dig")).locator("tbody tr").all()
    told = {row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in rows}
    named = re.compile("|".join(re.escape(one).replace("\\ …", ".*") for one in told))
    go(page, shown.url)
    page.get_by_role("tab", name="Jämfört med").click()
    settled(page)
    page.evaluate("document.querySelector('[data-testid=stSidebarCollapseButton] button').click()")
    go(page, f"{shown.url}/svar?flik=svar")
    page.get_by_role("textbox", name="Klistra in").fill("1. Sticker vi ut?")
    page.wait_for_function("() => sessionStorage.length > 0")
    reader = kept(page)
    assert [name for name in reader if not named.fullmatch(name)] == []
    for name in ("_streamlit_xsrf", "stActiveTheme …", "stSidebar …", "st-key-answer_ …"):
        assert any(re.fullmatch(re.escape(name).replace("\\ …", ".*"), one) for one in reader), (name, reader)
    assert reader["_streamlit_xsrf"] == -1
    assert told["_streamlit_xsrf"] == "Tills webbläsaren stängs"
    log_in(page, shown)
    known = kept(page)
    assert [name for name in known if not named.fullmatch(name)] == []
    assert told["lagesbild_session"].startswith("Tolv timmar")
    assert known["lagesbild_session"] == pytest.approx(12, abs=0.5)


def test_the_statement_says_how_long_the_cookies_of_the_municipalitys_own_login_stay() -> None:
    text = (ROOT / "pages" / "tillganglighet.py").read_text("utf-8")
    assert AUTH_COOKIE_MAX_AGE_SECONDS == 30 * 24 * 3600
    assert "30 dagar" in text
    default = inspect.signature(SessionMiddleware).parameters["max_age"].default
    assert default == 14 * 24 * 3600
    assert "två veckor" in text
    for name in (USER_COOKIE_NAME, TOKENS_COOKIE_NAME):
        assert name.startswith("_streamlit_user")
    assert SESSION_COOKIE_NAME in text


def test_the_statement_names_what_our_own_scripts_keep() -> None:
    text = (ROOT / "pages" / "tillganglighet.py").read_text("utf-8")
    scripts = [
        *(ROOT / "lagesbild" / "web" / "static").glob("*.js"),
        *(ROOT / "pages" / "parts").glob("*.js"),
    ]
    keeping = [
        file.name
        for file in scripts
        if re.search(r"(?:local|session)Storage\.setItem|caches\.open", file.read_text("utf-8"))
    ]
    assert sorted(keeping) == ["phone.js", "typed.js", "worker.js"]
    phone = (ROOT / "lagesbild" / "web" / "static" / "phone.js").read_text("utf-8")
    names = re.findall(r"[`\"](lagesbild-[a-z]+)-", phone)
    assert set(names) == {"lagesbild-ko", "lagesbild-platser", "lagesbild-rapportera"}
    assert all(f'"{name} …"' in text for name in names)
    assert "document.cookie" not in "".join(file.read_text("utf-8") for file in scripts)


# --- states ---


def test_the_check_for_english_finds_it_where_our_script_is_kept_away(browser: Browser, shown: Shown) -> None:
    page = browser.new_page(locale=ENGLISH)
    page.route("**/skal/**", lambda route: route.abort())
    page.goto(f"{shown.url}/jamforelsegrupp")
    expect(page.locator("h1")).to_be_visible(timeout=60_000)
    drawn(page)
    found = met(page)
    assert "Skip to main content" in found
    assert "App pages" in found
    page.close()


def test_lists_fields_and_unknown_addresses_speak_swedish(window: Window, shown: Shown) -> None:
    page = window(locale=ENGLISH)
    go(page, f"{shown.url}/jamforelsegrupp")
    page.get_by_role("combobox", name="Kommun").first.click()
    expect(page.get_by_role("listbox")).to_be_visible()
    page.wait_for_timeout(200)
    assert met(page) == []
    assert faults(page, "list") == []
    page.keyboard.type("qqq")
    expect(page.get_by_role("option", name="Sök: qqq")).to_be_visible()
    assert met(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Jämför med").first.click()
    page.keyboard.type("qqq")
    expect(page.get_by_text("Inget stämmer med det du skrev").first).to_be_visible()
    assert met(page) == []
    page.keyboard.press("Escape")
    page.locator("summary", has_text="Gör en egen lista").click()
    settled(page)  # what opens is drawn anew, and with it the field
    page.get_by_role("combobox", name="Kommuner").click()
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.type("Kumla")
    expect(page.get_by_role("option", name="Kumla")).to_be_visible()
    assert met(page) == []
    page.wait_for_timeout(400)  # the list fades in
    assert faults(page, "several") == []
    page.keyboard.press("Escape")
    page.locator("summary", has_text="Ändra vad som ska vara lika").click()
    expect(page.get_by_role("slider", name="Folkmängd", exact=True)).to_have_attribute("aria-valuetext", "1")
    go(page, f"{shown.url}/svar")
    page.get_by_label("Diagrammets nummer").fill("x")
    expect(page.get_by_text("Tryck på Enter så används det")).to_be_visible()
    assert met(page) == []
    page.get_by_role("tab", name="Pröva ett påstående").click()
    page.get_by_role("textbox", name="Skriv påståendet").fill("Kumla har inte fler brott än Hallsberg")
    page.get_by_role("textbox", name="Skriv påståendet").press("Enter")
    page.get_by_role("button", name="Ja, pröva det").click()
    expect(page.get_by_role("heading", name="Så låter det rättvist")).to_be_visible(timeout=30_000)
    settled(page)
    assert met(page) == []
    assert faults(page, "claim") == []
    go(page, f"{shown.url}/finns-inte")
    expect(page.get_by_role("dialog")).to_contain_text("Sidan finns inte")
    assert met(page) == []
    page.wait_for_timeout(400)  # it fades in
    assert faults(page, "no such page") == []


def test_a_lost_connection_is_told_in_swedish(browser: Browser, shown: Shown) -> None:
    page = browser.new_page(locale=ENGLISH)
    page.route_web_socket("**/_stcore/stream", lambda socket: socket.close())
    page.route("**/_stcore/health", lambda route: route.abort())
    page.goto(f"{shown.url}/trender")
    expect(page.get_by_text("Ingen kontakt med servern")).to_be_visible(timeout=60_000)
    assert met(page) == []
    page.wait_for_timeout(400)  # it fades in
    assert faults(page, "no connection") == []
    page.close()


def test_dates_and_files_are_asked_for_in_swedish(window: Window, shown: Shown) -> None:
    page = window(locale=ENGLISH)
    log_in(page, shown)
    go(page, f"{shown.url}/dokument")
    page.get_by_role("button", name="Välj datum").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile("Gå mellan dagarna"))
    page.wait_for_timeout(200)
    assert met(page) == []
    page.keyboard.press("Escape")
    go(page, f"{shown.url}/signaler")
    page.get_by_text("Läs in en fil").first.click()
    expect(page.get_by_text("Högst 20 MB per fil").first).to_be_visible()
    assert met(page) == []
    assert faults(page, "file") == []
    page.locator("input[type=file]").first.set_input_files(
        {"name": "x.exe", "mimeType": "application/x", "buffer": b"x"}
    )
    expect(page.get_by_text("kan inte läsas").first).to_be_visible()
    assert met(page) == []


def test_the_menu_of_a_phone_is_called_menu_and_a_new_page_is_told(window: Window, shown: Shown) -> None:
    page = window(390, 844, ENGLISH)
    go(page, f"{shown.url}/trender")
    menu = page.get_by_role("button", name="Meny")
    box = menu.bounding_box()
    assert box
    assert box["height"] >= 24
    menu.click()
    expect(page.get_by_role("button", name="Stäng menyn")).to_be_visible()
    page.wait_for_timeout(400)
    assert met(page) == []
    assert faults(page, "menu") == []
    page.get_by_role("link", name="Metod", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Metod")).to_be_visible(timeout=30_000)
    expect(page.locator(".lb-news[role=status]")).to_have_text("Metod – Lägesbild")


def test_a_word_in_metod_is_pressed_by_finger_and_by_key_and_its_meaning_is_closed_again(
    browser: Browser, shown: Shown
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    go(page, f"{shown.url}/metod?del=siffror")
    first, second, *_ = page.locator(".lb-term").all()
    opened_one = page.locator("[popover]:popover-open")
    first.tap()
    expect(opened_one).to_contain_text("Mer i ordlistan")
    assert fits(page)
    assert faults(page, "meaning") == []
    second.focus()
    page.keyboard.press("Enter")
    expect(opened_one).to_have_count(1)
    expect(opened_one).to_contain_text(re.compile(second.inner_text(), re.IGNORECASE))
    page.keyboard.press("Tab")
    expect(opened_one.get_by_role("link", name="Mer i ordlistan")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opened_one).to_have_count(0)
    expect(second).to_be_focused()
    assert (
        page.evaluate("() => document.querySelectorAll(':is(a, code, th, h2, h3, .katex) .lb-term').length")
        == 0
    )
    context.close()


def test_focus_is_seen_on_every_control(browser: Browser, shown: Shown) -> None:
    """The ring is at least two pixels, around something that can be seen, and 3:1 against what it lies on."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale=ENGLISH)
    go(page, f"{shown.url}/trender")
    page.locator("summary", has_text="Citera och ladda ned").first.click()
    settled(page)
    page.evaluate("document.activeElement.blur()")
    kinds = set()
    for _ in range(70):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
                const focused = document.activeElement;
                if (focused === document.body) return null;
                const ground = e => {
                    for (let at = e.parentElement; at; at = at.parentElement) {
                        const colour = getComputedStyle(at).backgroundColor;
                        if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
                    }
                    return "rgb(255, 255, 255)";
                };
                for (let at = focused, n = 0; at && n < 6; at = at.parentElement, n++) {
                    const style = getComputedStyle(at), box = at.getBoundingClientRect();
                    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width >= 16 && box.height >= 16)
                        return { kind: focused.tagName + (focused.getAttribute("role") || focused.type || ""),
                            colour: style.outlineColor, ground: ground(at) };
                }
                return { kind: focused.outerHTML.slice(0, 200), colour: "", ground: "" };
            }"""
        )
        if ring is None:
            continue
        assert ring["colour"], f"no ring: {ring['kind']}"
        assert contrast(ring["colour"], ring["ground"]) >= 3, ring
        kinds.add(ring["kind"])
    assert len(kinds) >= 5, kinds
    page.close()


def test_nothing_moves_for_whom_movement_is_trouble(browser: Browser, shown: Shown) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    go(page, f"{shown.url}/jamforelsegrupp")
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("*")].flatMap(e => [getComputedStyle(e).animationDuration,
            getComputedStyle(e).transitionDuration]).flatMap(t => t.split(",")).map(t => parseFloat(t) * (/ms/.test(t) ? 0.001 : 1)))"""
    )
    assert longest <= 0.001
    context.close()


def test_our_script_settles_and_writes_nothing_twice(window: Window, shown: Shown) -> None:
    """A page at rest stays at rest, and what React writes anew is said in Swedish again."""
    page = window(locale=ENGLISH)
    go(page, f"{shown.url}/jamforelsegrupp")
    page.wait_for_timeout(500)
    changes = page.evaluate(
        """async () => {
            let seen = 0;
            const watch = new MutationObserver(found => { seen += found.length; });
            watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
            await new Promise(done => setTimeout(done, 600));
            watch.disconnect();
            return seen;
        }"""
    )
    assert changes == 0
    said = page.evaluate(
        """async () => {
            const told = document.createElement("p");
            document.body.append(told);
            const wait = () => new Promise(done => setTimeout(done, 20));
            const found = [];
            for (const text of ["No results", "8 options available.", "View 3 more", "Remove Kumla", "Hallsberg", "Help for Open"]) {
                told.textContent = text;
                told.setAttribute("aria-label", text);
                await wait();
                found.push([told.textContent, told.getAttribute("aria-label")]);
            }
            told.remove();
            return found;
        }"""
    )
    assert said == [
        [text, text]
        for text in (
            "Inget stämmer med det du skrev",
            "8 alternativ.",
            "Visa 3 till",
            "Ta bort Kumla",
            "Hallsberg",
            "Förklaring av Open",
        )
    ]
