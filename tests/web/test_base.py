"""Served under a folder of another site: what is asked for, where readers are sent, and how far cookies go."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from lagesbild.config import Settings
from lagesbild.web.base import UnderFolder


async def told(request: Request) -> Response:
    return PlainTextResponse(f"{request.url.path}?{request.url.query}")


async def sent_on(request: Request) -> Response:
    answer = RedirectResponse(request.query_params["till"], 303)
    answer.set_cookie("hemlig", "x", path="/", httponly=True)
    answer.set_cookie("annan", "y", path="/annat")
    return answer


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.url.path)
    await websocket.close()


def client(folder: str) -> TestClient:
    routes = [
        Route("/vidare", sent_on),
        Route("/slutar/", told),
        WebSocketRoute("/_stcore/stream", socket),
        Route("/{rest:path}", told),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(UnderFolder, folder=folder)])
    return TestClient(app, base_url="https://kommun.se", follow_redirects=False)


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://kommun.se/lagesbild/", "/lagesbild"),
        ("https://kommun.se/a/b", "/a/b"),
        ("https://kommun.se", ""),
        ("", ""),
    ],
)
def test_the_folder_is_that_of_the_public_address(address: str, folder: str) -> None:
    assert Settings(home=Path("unused"), public_address=address).base_path == folder


@pytest.mark.parametrize("asked", ["/lagesbild/metod?del=citat", "/metod?del=citat"])
def test_a_proxy_may_pass_the_folder_on_or_take_it_away(asked: str) -> None:
    assert client("/lagesbild").get(asked).text == "/metod?del=citat"


def test_a_page_whose_name_begins_like_the_folder_is_itself() -> None:
    assert client("/lagesbild").get("/lagesbilden").text == "/lagesbilden?"


def test_the_folder_itself_gets_its_slash_so_that_the_pages_files_are_found() -> None:
    answer = client("/lagesbild").get("/lagesbild?kommun=1881")
    assert (answer.status_code, answer.headers["location"]) == (301, "/lagesbild/?kommun=1881")


@pytest.mark.parametrize(
    ("to", "told_to_go"),
    [
        ("/logga-in?fel=fel", "/lagesbild/logga-in?fel=fel"),
        ("https://kommun.se/vidare", "https://kommun.se/lagesbild/vidare"),
        ("/lagesbild/redan", "/lagesbild/redan"),
        ("../bredvid", "../bredvid"),
        ("https://inloggning.example/x", "https://inloggning.example/x"),
    ],
)
def test_readers_are_sent_to_places_in_the_folder(to: str, told_to_go: str) -> None:
    answer = client("/lagesbild").get("/lagesbild/vidare", params={"till": to})
    assert answer.headers["location"] == told_to_go
    assert client("").get("/vidare", params={"till": to}).headers["location"] == to


def test_cookies_stay_in_the_folder() -> None:
    answer = client("/lagesbild").get("/lagesbild/vidare", params={"till": "/"})
    hidden, other = answer.headers.get_list("set-cookie")
    assert "Path=/lagesbild/;" in f"{hidden};"
    assert "HttpOnly" in hidden
    assert "Path=/annat" in other


def test_the_websocket_is_found_too() -> None:
    with client("/lagesbild").websocket_connect("/lagesbild/_stcore/stream") as opened:
        assert opened.receive_text() == "/_stcore/stream"
