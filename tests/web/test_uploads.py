"""Files are taken from who has a page with a field for files open, and from nobody else."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from lagesbild.web import uploads
from lagesbild.web.pace import Pace
from lagesbild.web.uploads import LARGEST_MB, Uploads, expect

TAKEN: list[int] = []


async def take(request: Request) -> Response:
    TAKEN.append(len(await request.body()))
    return Response(status_code=204)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    TAKEN.clear()
    monkeypatch.setattr(uploads, "_expected", type(uploads._expected)())
    path = "/_stcore/upload_file/{session}/{file}"
    app = Starlette(
        routes=[Route(path, take, methods=["PUT", "OPTIONS", "DELETE"])], middleware=[Middleware(Uploads)]
    )
    with TestClient(app) as opened:
        yield opened


def test_a_session_without_a_field_for_files_puts_nothing_in_memory(client: TestClient) -> None:
    answer = client.put("/_stcore/upload_file/abc/1", content=b"x" * 1_000)
    assert (answer.status_code, answer.text) == (403, "Sidan tar inte emot filer.")
    assert TAKEN == []


def test_the_session_whose_page_has_one_gets_its_file_through_and_no_other(client: TestClient) -> None:
    expect("abc")
    assert client.put("/_stcore/upload_file/abc/1", content=b"x" * 1_000).status_code == 204
    assert client.put("/_stcore/upload_file/other/1", content=b"x").status_code == 403
    assert TAKEN == [1_000]


def test_a_page_that_was_shown_long_ago_counts_no_more(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_EXPECTED_FOR", -1.0)
    expect("abc")
    assert client.put("/_stcore/upload_file/abc/1", content=b"x").status_code == 403


def test_a_file_that_is_too_large_or_of_no_known_size_is_refused_before_it_is_read(
    client: TestClient,
) -> None:
    expect("abc")
    large = {"content-length": str((LARGEST_MB + 2) * 1_000_000)}
    assert client.put("/_stcore/upload_file/abc/1", content=b"x", headers=large).status_code == 413
    assert client.put("/_stcore/upload_file/abc/1", content=iter([b"x"])).status_code == 411
    assert TAKEN == []


def test_one_session_sends_so_many_files_an_hour(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_PACE", Pace(2, 3600))
    expect("abc")
    answers = [client.put(f"/_stcore/upload_file/abc/{n}", content=b"x").status_code for n in range(3)]
    assert answers == [204, 204, 429]


def test_so_many_sessions_are_remembered(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MOST_SESSIONS", 2)
    for session in "abc":
        expect(session)
    assert client.put("/_stcore/upload_file/a/1", content=b"x").status_code == 403
    assert client.put("/_stcore/upload_file/c/1", content=b"x").status_code == 204
