"""Logging in by a form: a cookie that no script reads, nothing for another site, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lagesbild.config import Settings
from lagesbild.signals import access
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from lagesbild.web import account

WORD = "ett långt lösenord"


@pytest.fixture
def local(tmp_path: Path) -> LocalFile:
    local = LocalFile(Settings(home=tmp_path).local_file)
    access.set_password(local, "anna", WORD, COMMAND_LINE)
    return local


@pytest.fixture
def client(tmp_path: Path, local: LocalFile) -> Iterator[TestClient]:
    app = Starlette(routes=account.routes(Settings(home=tmp_path)))
    with TestClient(app, base_url="http://lagesbild.example", follow_redirects=False) as found:
        yield found


def test_the_right_words_give_a_cookie_and_lead_to_the_work(client: TestClient, local: LocalFile) -> None:
    answer = client.post(account.IN, data={"namn": "Anna", "losenord": WORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/oroshardar")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    person = access.by_session(local, client.cookies[account.COOKIE])
    assert person
    assert person.name == "anna"


def test_over_https_the_cookie_goes_no_other_way(client: TestClient) -> None:
    answer = client.post(
        account.IN, data={"namn": "anna", "losenord": WORD}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("role", "page"), [(Role.VIEWER, "/veckan"), (Role.ADMINISTRATOR, "/administration")]
)
def test_each_role_begins_where_it_has_something_to_see(
    client: TestClient, local: LocalFile, role: Role, page: str
) -> None:
    access.set_password(local, "bo", WORD, COMMAND_LINE, [role])
    answer = client.post(account.IN, data={"namn": "bo", "losenord": WORD})
    assert answer.headers["location"] == page


@pytest.mark.parametrize("given", [{}, {"namn": "anna"}, {"namn": "anna", "losenord": "fel"}])
def test_wrong_words_give_none(client: TestClient, given: dict[str, str]) -> None:
    answer = client.post(account.IN, data=given)
    assert answer.headers["location"] == "/logga-in?fel=fel"
    assert "set-cookie" not in answer.headers


def test_too_many_tries_are_told(client: TestClient) -> None:
    for _ in range(access.MOST_FAILURES):
        client.post(account.IN, data={"namn": "anna", "losenord": "fel"})
    answer = client.post(account.IN, data={"namn": "anna", "losenord": WORD})
    assert answer.headers["location"] == "/logga-in?fel=vanta"


@pytest.mark.parametrize(
    "origin", ["https://annan.example", "null", "http://lagesbild.example.annan.example"]
)
def test_another_sites_form_is_refused(client: TestClient, origin: str) -> None:
    for path in (account.IN, account.OUT):
        answer = client.post(path, data={"namn": "anna", "losenord": WORD}, headers={"Origin": origin})
        assert answer.status_code == 403


def test_out_ends_the_session_for_good(client: TestClient, local: LocalFile) -> None:
    client.post(account.IN, data={"namn": "anna", "losenord": WORD})
    secret = client.cookies[account.COOKIE]
    answer = client.post(account.OUT, headers={"Origin": "http://lagesbild.example"})
    assert answer.headers["location"] == "/logga-in"
    assert access.by_session(local, secret) is None
    assert account.COOKIE not in client.cookies


def test_a_damaged_local_file_is_told(client: TestClient, local: LocalFile) -> None:
    local.file.write_bytes(b"not a database" * 500)
    answer = client.post(account.IN, data={"namn": "anna", "losenord": WORD})
    assert answer.headers["location"] == "/logga-in?fel=lokalt"
