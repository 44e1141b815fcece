"""Streamlit's page in Swedish before anything runs, its bundles compressed, and the table of words."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_assets_routes

from lagesbild.cli import start
from lagesbild.config import ROOT, Settings
from lagesbild.web import shell
from lagesbild.web.compressed import CompressedBundles

NAMES = {"1861": "Hallsberg", "1882": "Askersund", "0980": "Gotland"}
STATIC = Path(streamlit.__file__).parent / "static"
BUNDLES = sorted((STATIC / "static" / "js").glob("*.js"), key=lambda file: file.stat().st_size)
WORDS = (ROOT / "lagesbild" / "web" / "static" / "swedish.js").read_text("utf-8")


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """What Streamlit serves of files, behind ours."""

    async def ours(request: object) -> HTMLResponse:
        return HTMLResponse('<html lang="en"><title>Annat</title></html>')

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hej")
        await websocket.close()

    app = Starlette(
        routes=[
            *shell.routes(),
            Route("/annat", ours),
            WebSocketRoute("/static/stream", socket),
            *create_streamlit_static_assets_routes(None),
        ],
        middleware=[
            Middleware(CompressedBundles),
            Middleware(
                shell.SpeaksSwedish, home="1861", names=NAMES, settings=Settings(home=Path("/nowhere"))
            ),
        ],
    )
    with TestClient(app) as found:
        yield found


# --- the page ---


@pytest.mark.parametrize("page", ["/", "/hotspots", "/?kommun=1880"])
def test_what_pages_are_drawn_with_is_imported_when_the_first_page_has_been_given(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    imported: list[str] = []
    monkeypatch.setattr(start, "import_module", imported.append)
    monkeypatch.setattr(start, "_ANSWERED", 60)
    given = threading.Event()
    for module in (start, shell):
        monkeypatch.setattr(module, "GIVEN", given)
    waits = threading.Thread(target=start._import_when_answered, daemon=True)
    waits.start()
    assert client.get(f"/skal/{shell.script()[0]}").status_code == 200
    assert not given.is_set()
    assert imported == []
    assert client.get(page).status_code == 200
    waits.join(30)
    assert "lagesbild.figures.catalogue" in imported


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "Sticker Hallsberg ut? – Lägesbild"),
        ("/trender?kommun=1882", "Trender, Askersund – Lägesbild"),
        ("/trender?kommun=9999", "Trender, Hallsberg – Lägesbild"),
        ("/vad-sticker-ut?grupp=county&kommun=1882", "Vad sticker ut i Askersund? – Lägesbild"),
        ("/vad-sticker-ut?kommun=0980", "Vad sticker ut på Gotland? – Lägesbild"),
        ("/metod", "Metod – Lägesbild"),
        ("/logga-in", "Logga in – Lägesbild"),
        ("/d?nr=LB-1861-7QK4M2", "Citerat diagram – Lägesbild"),
        ("/?diagram=LB-1861-7QK4M2", "Svar och diagram – Lägesbild"),
        ("/finns-inte", "Sticker Hallsberg ut? – Lägesbild"),
        ("/trender?kommun=%3Cscript%3E", "Trender, Hallsberg – Lägesbild"),
    ],
)
def test_the_page_says_language_and_title_before_anything_runs(
    client: TestClient, address: str, title: str
) -> None:
    answer = client.get(address)
    assert '<html lang="sv">' in answer.text
    assert f"<title>{title}</title>" in answer.text
    assert 'lang="en"' not in answer.text
    assert "Streamlit</title>" not in answer.text


def test_without_scripts_the_page_says_so_in_swedish(client: TestClient) -> None:
    (told,) = re.findall(r"<noscript>(.*?)</noscript>", client.get("/").text, re.DOTALL)
    assert "JavaScript" in told
    assert "You need" not in told
    assert "_stcore" not in told


def test_our_script_comes_before_all_others_and_is_there(client: TestClient) -> None:
    scripts = re.findall(r"<script[^>]*src=\"([^\"]+)\"", client.get("/trender").text)
    assert scripts[0] == f".{shell.PREFIX}/{shell.script()[0]}"
    answer = client.get(scripts[0].removeprefix("."))
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    assert "MutationObserver" in answer.text
    tag = answer.headers["etag"]
    assert client.get(scripts[0].removeprefix("."), headers={"if-none-match": tag}).status_code == 304


def test_an_older_page_gets_todays_script_but_must_ask_again(client: TestClient) -> None:
    answer = client.get(f"{shell.PREFIX}/shell.0123456789abcdef.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert client.get(f"{shell.PREFIX}/annat.js").status_code == 404


def test_a_page_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/trender?kommun=1882")
    assert first.headers["cache-control"] == "no-cache"
    tag = {"if-none-match": first.headers["etag"]}
    again = client.get("/trender?kommun=1882", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/trender?kommun=1861", headers=tag).status_code == 200  # another title


def test_other_pages_are_left_as_they_are(client: TestClient) -> None:
    assert client.get("/annat").text == '<html lang="en"><title>Annat</title></html>'


def test_every_page_of_the_menu_has_its_title_here() -> None:
    menu = (ROOT / "dashboard.py").read_text("utf-8")
    paths = set(re.findall(r"url_path=\"([^\"]+)\"", menu)) | {"d", ""}
    paths |= {found[0] for found in re.findall(r"_local\(\"\w+\", \"[^\"]+\", \"([^\"]+)\"()", menu)}
    assert set(shell.TITLES) == paths


@pytest.mark.parametrize(
    "page",
    sorted((ROOT / "pages").glob("[a-z]*.py")),
    ids=lambda file: file.stem,
)
def test_every_page_says_the_same_title_when_it_is_shown(page: Path) -> None:
    said = re.findall(r"markup\.page_title\(f?\"([^\"]+)\"(, [^\n]+)?\)", page.read_text("utf-8"))
    assert said
    for name, municipality in said:
        told = name.replace("{inside(names[home])}", "{inside}")
        title = re.sub(r"\{(?!inside).*\}", "{}", told) + (", {}" if municipality else "")
        # A part of the method is no municipality: before it is drawn the page says what it is a part of.
        assert (told if page.stem == "metod" else title) in shell.TITLES.values()


# --- bundles ---


@pytest.mark.parametrize(
    ("taken", "coding", "opened", "part"),
    [
        ("gzip", "gzip", gzip.decompress, 0.33),
        ("gzip, deflate, br, zstd", "br", brotli.decompress, 0.27),
        ("br;q=1.0, gzip;q=0.8", "br", brotli.decompress, 0.27),
    ],
)
def test_a_bundle_is_sent_compressed_and_is_the_same(
    taken: str, coding: str, opened: Callable[[bytes], bytes], part: float, client: TestClient
) -> None:
    largest = BUNDLES[-1]
    address = f"/static/js/{largest.name}"
    with client.stream("GET", address, headers={"accept-encoding": taken}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == coding
    assert opened(raw) == largest.read_bytes()
    assert len(raw) < part * largest.stat().st_size
    assert int(answer.headers["content-length"]) == len(raw)
    assert "immutable" in answer.headers["cache-control"]
    assert "Accept-Encoding" in answer.headers["vary"]
    tag = answer.headers["etag"]
    again = client.get(address, headers={"accept-encoding": taken, "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_who_takes_nothing_compressed_gets_the_file(client: TestClient) -> None:
    file = BUNDLES[-3]
    answer = client.get(f"/static/js/{file.name}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == file.read_bytes()


def test_a_part_of_a_file_is_a_part_of_the_file(client: TestClient) -> None:
    file = BUNDLES[-2]
    answer = client.get(f"/static/js/{file.name}", headers={"range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, file.read_bytes()[10:20])


def test_fonts_are_not_compressed_twice(client: TestClient) -> None:
    font = next((STATIC / "static" / "media").glob("*.woff2"))
    answer = client.get(f"/static/media/{font.name}")
    assert "content-encoding" not in answer.headers
    assert answer.content == font.read_bytes()


def test_the_websocket_is_left_alone(client: TestClient) -> None:
    with client.websocket_connect("/static/stream") as socket:
        assert socket.receive_text() == "hej"


# --- words ---


def texts() -> dict[str, str]:
    """What is said instead of each of Streamlit's texts."""
    block = WORDS[WORDS.index("const TEXTS = {") : WORDS.index("};")]
    return dict(re.findall(r"^  (\"(?:[^\"\\]|\\.)+\"):\s+(\"(?:[^\"\\]|\\.)+\"),$", block, re.MULTILINE))


def test_every_text_in_the_table_is_one_that_streamlit_says() -> None:
    """A text that a new version says in another way is found here, not by a reader."""
    said = "\n".join(file.read_text("utf-8") for file in BUNDLES)
    assert len(texts()) > 100
    quotes = "`\"'"
    known = [json.loads(text) for text in texts()]
    assert [
        one
        for one in known
        if not any(f"{q}{one}{q}" in said for q in quotes) and f"`{one}" not in said and f"{one}`" not in said
    ] == []


def test_no_swedish_text_is_itself_translated() -> None:
    """Else what is written would be written again."""
    assert set(texts()) & set(texts().values()) <= {'"Alternativ"'}
