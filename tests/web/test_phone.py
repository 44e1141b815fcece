"""Reporting by phone: what is answered "kept" is kept once, what points at a person is not, and a link opens nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lagesbild.config import Settings
from lagesbild.signals import access, database, places
from lagesbild.signals.access import Role
from lagesbild.signals.database import COMMAND_LINE
from lagesbild.signals.store import Severity, SignalStore
from lagesbild.web import phone

NOW = datetime.now(ZoneInfo("Europe/Stockholm"))
#: In the middle of Hallsberg, and in Stockholm.
HALLSBERG, STOCKHOLM = (59.0646, 15.1099), (59.33, 18.06)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def store(settings: Settings) -> SignalStore:
    return SignalStore(settings.local_file)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    app = Starlette(routes=phone.routes(settings, "1861", "Hallsbergs kommun"))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


def linked(store: SignalStore, name: str = "väktare 1", role: Role = Role.REPORTER) -> str:
    """A new person's address."""
    person = access.add(store, name, [role], COMMAND_LINE)
    return f"{phone.PREFIX}/{access.new_link(store, person, COMMAND_LINE)}"


def report(**changed: Any) -> dict[str, Any]:
    return {
        "id": "0123456789ab",
        "kind": "Klotter",
        "day": f"{NOW:%Y-%m-%d}",
        "hour": NOW.hour,
        "severity": 1,
        "place": "Pålsboda",
        "latitude": None,
        "longitude": None,
        "text": "",
        **changed,
    }


def sent(client: TestClient, link: str, *reports: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(f"{link}/signaler", json=list(reports))
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_report_is_kept_with_hour_place_severity_and_reporter(
    client: TestClient, store: SignalStore
) -> None:
    link = linked(store)
    (reply,) = sent(client, link, report(text="Trasig lampa vid bänken"))
    assert (reply["id"], reply["outcome"]) == ("0123456789ab", "kept")
    (kept,) = store.signals("1861", NOW.date())
    assert (kept.kind, kept.hour, kept.locality, kept.severity) == (
        "Klotter",
        NOW.hour,
        "Pålsboda",
        Severity.MILD,
    )
    assert (kept.x, kept.text) == (None, "Trasig lampa vid bänken")
    assert kept.reporter_id == access.people(store)[0].id


def test_what_is_sent_again_is_kept_once(client: TestClient, store: SignalStore) -> None:
    link = linked(store)
    for _ in range(3):
        (reply,) = sent(client, link, report())
        assert reply["outcome"] == "kept"
    assert len(store.signals("1861", NOW.date())) == 1
    sent(client, linked(store, "väktare 2"), report())  # the same number from somebody else is another
    assert len(store.signals("1861", NOW.date())) == 2


def test_several_events_in_one_report_are_answered_each(client: TestClient, store: SignalStore) -> None:
    replies = sent(
        client,
        linked(store),
        report(id="aaaaaaaa"),
        report(id="bbbbbbbb", kind="Okänt"),
        report(id="cccccccc", kind="Buller"),
    )
    assert [reply["outcome"] for reply in replies] == ["kept", "refused", "kept"]
    assert replies[1]["field"] == "kind"
    assert sorted(s.kind for s in store.signals("1861", NOW.date())) == ["Buller", "Klotter"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": ""}, "id"),
        ({"kind": ""}, "kind"),
        ({"kind": "<script>"}, "kind"),
        ({"severity": 0}, "severity"),
        ({"severity": "akut"}, "severity"),
        ({"severity": None}, "severity"),
        ({"day": "i går"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"hour": 24}, "day"),
        ({"hour": None}, "day"),
        ({"day": f"{NOW + timedelta(days=2):%Y-%m-%d}"}, "day"),
        ({"day": f"{NOW - timedelta(days=90):%Y-%m-%d}"}, "day"),
        ({"place": "Halsberg"}, "place"),
        ({"place": ""}, "place"),
        ({"latitude": STOCKHOLM[0], "longitude": STOCKHOLM[1]}, "place"),
        ({"latitude": "norr", "longitude": 15}, "place"),
        ({"latitude": float("nan"), "longitude": 15.1}, "place"),
        ({"text": "x" * 301}, "text"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_what_to_do(
    client: TestClient, store: SignalStore, changed: dict[str, Any], field: str
) -> None:
    body = json.dumps([report(**changed)])
    answer = client.post(
        f"{linked(store)}/signaler", content=body, headers={"Content-Type": "application/json"}
    )
    (reply,) = answer.json()
    assert (reply["outcome"], reply["field"]) == ("refused", field)
    assert reply["message"].endswith(".")
    assert store.signals("1861", NOW.date()) == []


def test_a_position_gives_the_locality(client: TestClient, store: SignalStore) -> None:
    link = linked(store)
    sent(client, link, report(place="", latitude=HALLSBERG[0] + 0.002, longitude=HALLSBERG[1]))
    sent(client, link, report(id="in the woods", place="", latitude=58.95, longitude=15.5))
    town, woods = sorted(store.signals("1861", NOW.date()), key=lambda s: s.locality)
    assert (town.locality, woods.locality) == ("Hallsberg", places.OUTSIDE)
    assert town.x == pytest.approx(506_306, abs=300)
    assert town.y == pytest.approx(6_547_540, abs=400)


def test_a_place_of_ones_own_can_be_named(client: TestClient, store: SignalStore) -> None:
    x, y = places.metres(*HALLSBERG)
    towns = places.known(store, "1861", [("Hallsberg", *HALLSBERG)])
    places.add(store, "1861", "Resecentrum", x, y, towns, COMMAND_LINE)
    link = linked(store)
    assert "Resecentrum" in client.get(link).text
    sent(client, link, report(place="resecentrum"))
    (kept,) = store.signals("1861", NOW.date())
    assert (kept.place, kept.locality, kept.x) == ("Resecentrum", "Hallsberg", x)


def test_what_points_at_a_person_is_not_kept_until_it_is_changed(
    client: TestClient, store: SignalStore
) -> None:
    link = linked(store)
    (reply,) = sent(client, link, report(text="Ring 070-123 45 67"))
    assert (reply["outcome"], reply["field"]) == ("refused", "text")
    assert "070" not in reply["text"]
    assert store.signals("1861", NOW.date()) == []
    (reply,) = sent(client, link, report(text=reply["text"]))
    assert reply["outcome"] == "kept"


def test_a_word_that_may_be_a_name_is_asked_about(client: TestClient, store: SignalStore) -> None:
    link = linked(store)
    (reply,) = sent(client, link, report(text="Bråk mellan Ahmed och Kristina"))
    assert reply["outcome"] == "asked"
    assert {"Ahmed", "Kristina"} <= set(" ".join(reply["words"]).split())
    (again,) = sent(client, link, report(text="Bråk mellan Ahmed och Kristina", no_person=reply["words"]))
    assert again["outcome"] == "kept"


def test_a_reporter_sees_the_own_signals_and_what_they_led_to(client: TestClient, store: SignalStore) -> None:
    mine, other = linked(store), linked(store, "väktare 2")
    sent(client, mine, report())
    sent(client, other, report(kind="Buller"))
    (own,) = [one for one in store.signals("1861", NOW.date()) if one.kind == "Klotter"]
    store.change_signal(type(own)(**{**vars(own), "outcome": "Väggen tvättades"}), COMMAND_LINE)
    (told,) = client.get(f"{mine}/mina").json()
    assert (told["what"], told["outcome"]) == ("Klotter", "Väggen tvättades")
    assert set(told) == {"what", "when", "where", "outcome"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_a_role_that_may_not_report_has_no_page(client: TestClient, store: SignalStore, role: Role) -> None:
    link = linked(store, role=role)
    assert client.get(link).status_code == 404
    assert client.post(f"{link}/signaler", json=[report()]).status_code == 404
    assert client.get(f"{link}/mina").status_code == 404


def test_a_link_that_is_none_opens_nothing(client: TestClient, store: SignalStore) -> None:
    linked(store)
    for secret in ("x", "%00", "..%2f", "a" * 5000):
        assert client.get(f"{phone.PREFIX}/{secret}").status_code == 404
        assert client.post(f"{phone.PREFIX}/{secret}/signaler", json=[report()]).status_code == 404
    assert client.get(f"{phone.PREFIX}/fil/phone.html").status_code == 404
    assert client.get(f"{phone.PREFIX}/fil/..%2fapp.py").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"[1]",
        b"[[]]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'[{"id":"' + b"x" * 200_000 + b'"}]',
        json.dumps([report(id=f"{n:08d}") for n in range(51)]).encode(),
    ],
)
def test_a_body_that_is_no_report_is_refused(client: TestClient, store: SignalStore, body: bytes) -> None:
    answer = client.post(
        f"{linked(store)}/signaler", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert store.signals("1861", NOW.date()) == []


def test_another_sites_form_cannot_report(client: TestClient, store: SignalStore) -> None:
    """A form can post text, not JSON; a script of another site must ask first, and is not answered."""
    link = linked(store)
    answer = client.post(
        f"{link}/signaler", content=json.dumps([report()]), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400
    assert client.options(f"{link}/signaler").status_code == 405


def test_the_page_is_kept_by_nobody_on_the_way_and_runs_nobody_elses_script(
    client: TestClient, store: SignalStore
) -> None:
    person = access.add(store, "</script><b>x", [Role.REPORTER], COMMAND_LINE)
    places.set_kinds(store, "1861", ["</script><script>alert(1)</script>"], places.DEFAULT_KINDS)
    answer = client.get(f"{phone.PREFIX}/{access.new_link(store, person, COMMAND_LINE)}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<b>x" not in answer.text
    assert answer.text.count("<script") == answer.text.count("</script>") == 2


def test_a_full_disk_says_that_the_report_stays_in_the_phone(
    client: TestClient, store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = linked(store)
    usual = database._connected

    def full(file: Path) -> sqlite3.Connection:
        connection = usual(file)
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        return connection

    many = [report(id=f"{n:08d}", text="ord " * 70) for n in range(50)]
    with monkeypatch.context() as patched:
        patched.setattr(database, "_connected", full)
        answer = client.post(f"{link}/signaler", json=many)
    assert answer.status_code == 503
    assert "ligger kvar i telefonen" in answer.json()["message"]
    assert store.signals("1861", NOW.date()) == []
    assert {reply["outcome"] for reply in sent(client, link, *many)} == {"kept"}


def test_fifty_reporters_at_once_are_all_kept(client: TestClient, store: SignalStore) -> None:
    links = [linked(store, f"väktare {n}") for n in range(50)]

    def work(link: str) -> list[str]:
        return [sent(client, link, report(id=f"{n:08d}"))[0]["outcome"] for n in range(3)]

    with ThreadPoolExecutor(50) as at_once:
        outcomes = [outcome for found in at_once.map(work, links) for outcome in found]
    assert outcomes == ["kept"] * 150
    assert len(store.signals("1861", NOW.date())) == 150
