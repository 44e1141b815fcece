"""Who may do what: passwords, links, sessions, the municipality's own login, and what each role may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lagesbild.signals import access
from lagesbild.signals.access import AccessError, Right, Role
from lagesbild.signals.database import COMMAND_LINE, ChangedMeanwhileError, LocalFile
from lagesbild.signals.store import DELETED_DAYS, SignalStore

WORD = "ett långt lösenord"
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def local(tmp_path: Path) -> LocalFile:
    return LocalFile(tmp_path / "local.sqlite")


def test_a_password_is_kept_as_a_hash_and_lets_in_by_name(local: LocalFile) -> None:
    with pytest.raises(ValueError, match="minst 12 tecken"):
        access.set_password(local, "anna", "kort", COMMAND_LINE)
    access.set_password(local, "Anna", WORD, COMMAND_LINE)
    assert b"ett l\xc3\xa5ngt" not in local.file.read_bytes()
    person = access.by_password(local, " ANNA ", WORD, HERE)
    assert person
    assert person.roles == {Role.COORDINATOR, Role.ADMINISTRATOR}
    assert access.by_password(local, "anna", "", HERE) is None
    assert access.by_password(local, "bo", WORD, HERE) is None


def test_who_was_not_let_in_stands_in_the_log_without_what_was_typed(local: LocalFile) -> None:
    access.set_password(local, "anna", WORD, COMMAND_LINE)
    (anna,) = access.people(local)
    access.by_password(local, "anna", "min hemlighet", HERE)
    access.by_password(local, "min hemlighet", "x", "2001:db8::17")
    unknown, known = local.logged()[:2]
    assert (known.did, known.kind, known.object_id) == ("nekades", "inloggning", anna.id)
    assert (known.detail, unknown.detail) == ("från 192.0.2.*", "från 2001:db8::*")
    assert unknown.object_id == ""
    assert not any("hemlighet" in str(row) for row in local.logged())


def test_the_log_forgets_who_was_not_let_in_and_nothing_else(
    local: LocalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.set_password(local, "anna", WORD, COMMAND_LINE)
    access.by_password(local, "anna", "fel", HERE)
    monkeypatch.setattr(access, "REFUSALS_KEPT_FOR", timedelta(seconds=-1))
    access.by_password(local, "anna", "fel", THERE)
    did = [row.did for row in local.logged()]
    assert did.count("nekades") == 1
    assert "valde lösenord" in did


def test_a_stranger_is_slowed_and_locks_nobody_out(local: LocalFile) -> None:
    access.set_password(local, "anna", WORD, COMMAND_LINE)
    for _ in range(access.MOST_FAILURES):
        assert access.by_password(local, "anna", "fel", THERE) is None
    with pytest.raises(access.TooManyAttemptsError):
        access.by_password(local, "anna", WORD, THERE)
    assert access.by_password(local, "anna", WORD, HERE)  # from another address it works as ever
    with local.opened() as opened:
        opened.execute("UPDATE failed_login SET at = '2026-01-01T00:00:00+00:00'")
    assert access.by_password(local, "anna", WORD, THERE)


def test_a_stranger_who_tries_many_names_is_slowed_too(
    local: LocalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_hash", lambda password, salt: "never right")
    for n in range(access.MOST_OF_ADDRESS):
        assert access.by_password(local, f"namn {n}", "fel", THERE) is None
    with pytest.raises(access.TooManyAttemptsError):
        access.by_password(local, "ännu ett", "fel", THERE)


def test_the_right_password_begins_the_count_anew(local: LocalFile) -> None:
    access.set_password(local, "anna", WORD, COMMAND_LINE)
    for _ in range(3):
        for _ in range(access.MOST_FAILURES - 1):
            assert access.by_password(local, "anna", "fel", HERE) is None
        assert access.by_password(local, "anna", WORD, HERE)


def test_a_session_lasts_until_it_is_ended_or_over(local: LocalFile) -> None:
    person = access.add(local, "anna", [Role.VIEWER], COMMAND_LINE)
    secret = access.begin_session(local, person)
    found = access.by_session(local, secret)
    assert found
    assert found.id == person.id
    assert access.by_session(local, secret[:-1]) is None
    access.end_session(local, secret)
    assert access.by_session(local, secret) is None
    old = access.begin_session(local, person)
    with local.opened() as opened:
        opened.execute("UPDATE session SET until = '2026-01-01T00:00:00+00:00'")
    assert access.by_session(local, old) is None


def test_no_secret_stands_in_the_file(local: LocalFile) -> None:
    person = access.add(local, "anna", [Role.REPORTER], COMMAND_LINE)
    secrets = [access.new_link(local, person, COMMAND_LINE), access.begin_session(local, person)]
    with local.opened() as opened:
        opened.execute("SELECT 1")
    raw = b"".join(file.read_bytes() for file in local.file.parent.iterdir())
    assert not [secret for secret in secrets if secret.encode() in raw]


def test_a_new_link_ends_the_one_before(local: LocalFile) -> None:
    person = access.add(local, "väktare 1", [Role.REPORTER], COMMAND_LINE)
    first = access.new_link(local, person, COMMAND_LINE)
    second = access.new_link(local, person, COMMAND_LINE)
    assert access.by_link(local, first) is None
    found = access.by_link(local, second)
    assert found
    assert found.id == person.id
    assert access.by_link(local, "") is None


def test_who_is_let_in_no_more_has_no_way_in_and_after_a_month_no_name(local: LocalFile) -> None:
    access.set_password(local, "chefen", WORD, COMMAND_LINE)
    person = access.add(local, "Anna Ek", [Role.COORDINATOR], COMMAND_LINE, address="anna@example.se")
    access.set_password(local, "anna ek", WORD, COMMAND_LINE)
    link, session = access.new_link(local, person, COMMAND_LINE), access.begin_session(local, person)
    claims = {"iss": "i", "sub": "s", "email": "anna@example.se", "email_verified": True}
    access.end(local, person, COMMAND_LINE)
    assert access.by_link(local, link) is None
    assert access.by_session(local, session) is None
    assert access.by_password(local, "anna ek", WORD, "here") is None
    assert access.by_claims(local, claims, "roles", {}) is None
    assert [one.name for one in access.people(local)] == ["chefen"]
    day = datetime.now(UTC).date()
    SignalStore(local.file).expire(day + timedelta(days=DELETED_DAYS - 1))
    assert [one.name for one in access.ended(local)] == ["anna ek"]
    SignalStore(local.file).expire(day + timedelta(days=DELETED_DAYS + 1))
    with local.opened(reading=True) as opened:
        (row,) = opened.execute("SELECT * FROM person WHERE person_id = ?", [person.id]).fetchall()
    assert "anna" not in " ".join(map(str, row))
    assert access.ended(local) == []
    with pytest.raises(AccessError, match="går inte att ta tillbaka"):
        access.bring_back(local, person, COMMAND_LINE)


def test_who_was_let_in_no_more_by_mistake_is_brought_back_with_the_same_link(local: LocalFile) -> None:
    access.set_password(local, "chefen", WORD, COMMAND_LINE)
    person = access.add(local, "väktare 1", [Role.REPORTER], COMMAND_LINE)
    link = access.new_link(local, person, COMMAND_LINE)
    access.end(local, person, COMMAND_LINE)
    (gone,) = access.ended(local)
    access.bring_back(local, gone, COMMAND_LINE)
    found = access.by_link(local, link)
    assert found == replace(person, has_link=True, version=2)
    assert access.ended(local) == []
    access.end(local, found, COMMAND_LINE)
    access.add(local, "väktare 1", [Role.REPORTER], COMMAND_LINE)
    with pytest.raises(AccessError, match="finns redan"):  # somebody else is called that by now
        access.bring_back(local, gone, COMMAND_LINE)


def test_somebody_always_sees_to_people(local: LocalFile) -> None:
    access.set_password(local, "chefen", WORD, COMMAND_LINE)
    (chief,) = access.people(local)
    with pytest.raises(AccessError, match="administratör"):
        access.change(local, chief, [Role.VIEWER], "", COMMAND_LINE)
    with pytest.raises(AccessError, match="administratör"):
        access.end(local, chief, COMMAND_LINE)
    assert access.people(local) == [chief]


def test_names_are_each_persons_own_and_changes_meet_no_other_unseen(local: LocalFile) -> None:
    person = access.add(local, "väktare 1", [Role.REPORTER], COMMAND_LINE)
    for name, why in (("Väktare  1", "finns redan"), ("  ", "Skriv ett namn"), ("x" * 61, "högst 60")):
        with pytest.raises(AccessError, match=why):
            access.add(local, name, [Role.REPORTER], COMMAND_LINE)
    with pytest.raises(AccessError, match="roll"):
        access.add(local, "ny", [], COMMAND_LINE)
    access.change(local, person, [Role.VIEWER], "", COMMAND_LINE)
    with pytest.raises(ChangedMeanwhileError):
        access.change(local, person, [Role.COORDINATOR], "", COMMAND_LINE)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"roles": ["trygghet"]}, {Role.COORDINATOR}),
        ({"roles": "lasare"}, {Role.VIEWER}),
        ({"roles": ["trygghet", "lasare", "annat"]}, {Role.COORDINATOR, Role.VIEWER}),
        ({"email": "Anna@Example.se"}, {Role.ADMINISTRATOR}),
        ({"email": "anna@example.se", "email_verified": False}, None),
        ({"email": "okand@example.se", "roles": ["annat"]}, None),
        ({"roles": None}, None),
        ({}, None),
    ],
)
def test_roles_come_from_claims_or_from_the_list(
    local: LocalFile, claims: dict[str, object], roles: set[Role] | None
) -> None:
    access.add(local, "anna", [Role.ADMINISTRATOR], COMMAND_LINE, address="anna@example.se")
    told = {"iss": "https://login.example.se", "sub": "1", "name": "Någon", **claims}
    meant = access.roles_of("trygghet=coordinator lasare=viewer")
    person = access.by_claims(local, told, "roles", meant)
    assert (person.roles if person else None) == roles


@pytest.mark.parametrize("text", ["trygghet", "trygghet=chef", "=viewer"])
def test_a_list_of_roles_that_is_none_is_told(text: str) -> None:
    with pytest.raises(AccessError, match="GRUPP=ROLL"):
        access.roles_of(text)


def test_each_role_may_what_it_must_and_no_more() -> None:
    def rights(*roles: Role) -> set[Right]:
        person = access.Person(id="x", name="x", roles=frozenset(roles))
        return {right for right in Right if person.may(right)}

    assert rights(Role.REPORTER) == {Right.REPORT, Right.SEE_OWN}
    assert rights(Role.VIEWER) == {Right.SEE_WEEK}
    assert Right.MANAGE not in rights(Role.COORDINATOR)
    assert rights(Role.ADMINISTRATOR) == {Right.MANAGE}
    assert rights(Role.COORDINATOR, Role.ADMINISTRATOR) == set(Right)


@pytest.mark.parametrize(
    ("made", "holds"),
    [(0, True), (-11, True), (-13, False), (-24 * 30, False), (None, False), ("nu", False), (True, False)],
)
def test_what_the_municipalitys_login_told_holds_as_long_as_a_session(made: object, holds: bool) -> None:
    moment = datetime(2026, 11, 29, 12, tzinfo=UTC)
    hours = isinstance(made, int) and not isinstance(made, bool)
    told = {"iat": moment.timestamp() + 3600 * made if hours else made}  # type: ignore[operator]
    assert access.is_current(told, moment) is holds
    assert not access.is_current({}, moment)
