"""What browsers are told to refuse."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from lagesbild.web.protection import Protected, checksums, may_be_framed

PAGE = "<head><script>\n  window.x = 1\n</script><script src='./a.js'></script></head>"


async def page(request: Request) -> Response:
    return PlainTextResponse("hej")


async def strict(request: Request) -> Response:
    return PlainTextResponse("hej", headers={"Content-Security-Policy": "default-src 'none'"})


@pytest.fixture
def client() -> TestClient:
    ours = Middleware(Protected, scripts=checksums(PAGE, "window.y = 2"))
    return TestClient(
        Starlette(routes=[Route("/strikt", strict), Route("/{p:path}", page)], middleware=[ours])
    )


def rules(answer: Response | object) -> dict[str, str]:
    policy = answer.headers["content-security-policy"]  # type: ignore[union-attr]
    return {rule.split(" ", 1)[0]: rule.split(" ", 1)[1] for rule in policy.split("; ")}


def test_only_the_scripts_of_the_page_itself_and_our_own_are_allowed_by_their_checksums(
    client: TestClient,
) -> None:
    allowed = rules(client.get("/metod"))["script-src"]
    for script in ("\n  window.x = 1\n", "window.y = 2"):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in allowed
    assert allowed.count("sha256-") == 2
    assert "unsafe" not in allowed
    assert "http" not in allowed


@pytest.mark.parametrize(
    "address", ["/", "/svar?diagram=LB-1861-7QK4M2&embed=true", "/d?nr=LB-1861-7QK4M2", "/d?embed=false"]
)
def test_no_other_site_may_show_a_page_in_a_frame(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert rules(answer)["frame-ancestors"] == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"


def test_but_a_cited_chart_that_is_asked_for_so(client: TestClient) -> None:
    answer = client.get("/d?nr=LB-1861-7QK4M2&embed=true")
    assert rules(answer)["frame-ancestors"] == "*"
    assert "x-frame-options" not in answer.headers
    assert may_be_framed("/d", "embed=true")
    assert not may_be_framed("/logga-in", "embed=true")


def test_every_answer_says_the_rest(client: TestClient) -> None:
    headers = client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "geolocation=(self)" in headers["permissions-policy"]


def test_an_answer_that_is_stricter_keeps_its_own_words(client: TestClient) -> None:
    assert client.get("/strikt").headers["content-security-policy"] == "default-src 'none'"
