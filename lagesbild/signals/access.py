"""Who may do what with local data: persons, roles, rights, passwords, links of one's own, sessions.

A password is kept as a salted scrypt hash, a link or a session as a hash of its secret. Wrong passwords are counted by
name and address together: a stranger elsewhere cannot lock anybody out of the own account.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lagesbild import ExplainedError
from lagesbild.signals.database import Actor, ChangedMeanwhileError, LocalFile, log, now
from lagesbild.signals.store import LONGEST_NAME, new_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping

SHORTEST = 12
#: After so many failures within the time, no password is tried: of one name from one address, and of one address.
MOST_FAILURES, MOST_OF_ADDRESS, FAILURES_COUNT_FOR = 5, 30, timedelta(minutes=15)
#: Who was not let in stands in the log for so long.
REFUSALS_KEPT_FOR = timedelta(days=90)
_REFUSED, _SOMEBODY = "nekades", Actor(person_id="", name="någon")
SESSION_LASTS = timedelta(hours=12)
#: What the coordinator is called who has chosen a password and no name.
FIRST_NAME = "samordnare"
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}


class Role(StrEnum):
    """What a person is to the local data; a person may be several."""

    REPORTER = "reporter"
    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What may be done."""

    REPORT = "report"
    SEE_OWN = "see_own"
    SEE_WEEK = "see_week"
    WORK = "work"
    MANAGE = "manage"


#: A viewer sees the weekly picture with places on a grid; only a coordinator sees single signals; an administrator
#: sees to people, log and backup, and sees no signals.
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.REPORTER: frozenset({Right.REPORT, Right.SEE_OWN}),
    Role.VIEWER: frozenset({Right.SEE_WEEK}),
    Role.COORDINATOR: frozenset({Right.REPORT, Right.SEE_OWN, Right.SEE_WEEK, Right.WORK}),
    Role.ADMINISTRATOR: frozenset({Right.MANAGE}),
}


class AccessError(ExplainedError):
    """What was asked for about a person cannot be done; the message says why."""


class TooManyAttemptsError(Exception):
    """Too many wrong passwords have been tried lately."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone who may do something. ``address`` is the e-mail address that the municipality's own login tells."""

    id: str
    name: str
    roles: frozenset[Role]
    address: str = ""
    has_password: bool = False
    has_link: bool = False
    version: int = 1

    @property
    def actor(self) -> Actor:
        """The person, as the log tells."""
        return Actor(person_id=self.id, name=self.name)

    def may(self, right: Right) -> bool:
        """Tell whether one of the person's roles has a right."""
        return any(right in RIGHTS[role] for role in self.roles)


def people(local: LocalFile) -> list[Person]:
    """Return those who may do something, by name."""
    if not local.exists:
        return []
    with local.opened(reading=True) as opened:
        rows = opened.execute("SELECT * FROM person WHERE ended_at IS NULL ORDER BY name").fetchall()
    return [_person(row) for row in rows]


def add(local: LocalFile, name: str, roles: Collection[Role], actor: Actor, *, address: str = "") -> Person:
    """Let somebody in.

    Raises
    ------
    AccessError
        If there is no name or role, or the name is taken.
    """
    name = _name(name)
    if not roles:
        raise AccessError("Välj minst en roll.")
    person_id = new_id()
    with local.opened() as opened:
        if _named(opened, name):
            raise AccessError(f"{name} finns redan. Välj ett annat namn.")
        opened.execute(
            "INSERT INTO person (person_id, name, roles, address, created_at) VALUES (?, ?, ?, ?, ?)",
            [person_id, name, _joined(roles), address.strip().casefold(), now()],
        )
        log(opened, actor, "lade till", "person", person_id, _joined(roles))
    return Person(id=person_id, name=name, roles=frozenset(roles), address=address.strip().casefold())


def change(local: LocalFile, person: Person, roles: Collection[Role], address: str, actor: Actor) -> None:
    """Give somebody other roles or another e-mail address.

    Raises
    ------
    AccessError
        If nobody would be left who sees to people.
    ChangedMeanwhileError
        If somebody else has changed the person since.
    """
    with local.opened() as opened:
        done = opened.execute(
            "UPDATE person SET roles = ?, address = ?, version = version + 1"
            " WHERE person_id = ? AND version = ? AND ended_at IS NULL",
            [_joined(roles), address.strip().casefold(), person.id, person.version],
        ).rowcount
        if not done:
            raise ChangedMeanwhileError("Någon annan har ändrat personen under tiden. Inget är skrivet över.")
        _see_that_someone_is_left(opened, person)
        log(opened, actor, "ändrade", "person", person.id, _joined(roles))


def end(local: LocalFile, person: Person, actor: Actor) -> None:
    """Let somebody in no more; what the person has reported stays. `bring_back` undoes it until the name is erased.

    Raises
    ------
    AccessError
        If nobody would be left who sees to people.
    """
    with local.opened() as opened:
        opened.execute("UPDATE person SET ended_at = ? WHERE person_id = ?", [now(), person.id])
        opened.execute("DELETE FROM session WHERE person_id = ?", [person.id])
        _see_that_someone_is_left(opened, person)
        log(opened, actor, "avslutade", "person", person.id)


def ended(local: LocalFile) -> list[Person]:
    """Return those who are let in no more and can still be brought back, the last ended first."""
    if not local.exists:
        return []
    with local.opened(reading=True) as opened:
        rows = opened.execute(
            "SELECT * FROM person WHERE ended_at IS NOT NULL AND erased = 0 ORDER BY ended_at DESC"
        ).fetchall()
    return [_person(row) for row in rows]


def bring_back(local: LocalFile, person: Person, actor: Actor) -> None:
    """Let somebody in again who was let in no more, with the same roles, password and link.

    Raises
    ------
    AccessError
        If somebody else has the name now, or the name has been erased meanwhile.
    """
    with local.opened() as opened:
        if _named(opened, person.name):
            raise AccessError(
                f"{person.name} finns redan. Byt namn på den personen först, eller lägg till en ny."
            )
        done = opened.execute(
            "UPDATE person SET ended_at = NULL, version = version + 1"
            " WHERE person_id = ? AND ended_at IS NOT NULL AND erased = 0",
            [person.id],
        ).rowcount
        if not done:
            raise AccessError("Personen går inte att ta tillbaka längre. Lägg till en ny.")
        log(opened, actor, "tog tillbaka", "person", person.id)


def set_password(
    local: LocalFile,
    name: str,
    password: str,
    actor: Actor,
    roles: Collection[Role] = (Role.COORDINATOR, Role.ADMINISTRATOR),
) -> None:
    """Choose a password of a person, who is let in with the roles if not there yet; open sessions end.

    Raises
    ------
    ValueError
        If it is too short; in Swedish.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"Lösenordet måste ha minst {SHORTEST} tecken.")
    name = _name(name)
    if all(one.name != name for one in people(local)):
        add(local, name, roles, actor)
    with local.opened() as opened:
        person_id = _named(opened, name)
        opened.execute("UPDATE person SET password = ? WHERE name = ?", [_kept(password), name])
        opened.execute("DELETE FROM session WHERE person_id = ?", [person_id])
        log(opened, actor, "valde lösenord", "person", person_id)


def new_link(local: LocalFile, person: Person, actor: Actor) -> str:
    """Give a person a new secret link; the one before no longer works. Returns its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(18)
    with local.opened() as opened:
        opened.execute("UPDATE person SET link = ? WHERE person_id = ?", [_of_secret(secret), person.id])
        log(opened, actor, "gav en ny länk", "person", person.id)
    return secret


def by_link(local: LocalFile, secret: str) -> Person | None:
    """Return whose link it is; None if nobody's."""
    return _by(local, "link", _of_secret(secret)) if secret else None


def by_password(local: LocalFile, name: str, password: str, address: str) -> Person | None:
    """Return the person of a name and a password; None if they do not belong together.

    Raises
    ------
    TooManyAttemptsError
        After five wrong ones of that name from that address within a quarter of an hour, or thirty from the address.
    """
    moment = datetime.now(UTC)
    name = name.strip().casefold()
    who = [_of_secret(name), _of_secret(address)]
    with local.opened() as opened:
        # Also those of a clock that was ahead, which would else shut out until then.
        opened.execute(
            "DELETE FROM failed_login WHERE at < ? OR at > ?",
            [(moment - FAILURES_COUNT_FOR).isoformat(), moment.isoformat()],
        )
        both, elsewhere = (
            opened.execute(f"SELECT count(*) FROM failed_login WHERE {where}", values).fetchone()[0]
            for where, values in (("name = ? AND address = ?", who), ("address = ?", who[1:]))
        )
        if both >= MOST_FAILURES or elsewhere >= MOST_OF_ADDRESS:
            raise TooManyAttemptsError
        # Counted before it is tried: fifty at once would else all be tried.
        attempt = opened.execute(
            "INSERT INTO failed_login VALUES (?, ?, ?)", [moment.isoformat(), *who]
        ).lastrowid
        row = opened.execute(
            "SELECT * FROM person WHERE name = ? AND ended_at IS NULL AND password != ''", [name]
        ).fetchone()
    # Tried against nothing for a name that is none, so that the time it takes does not tell which names there are.
    if not _is_right(password, row["password"] if row else f"{'00' * 16}:"):
        _note_refused(local, row["person_id"] if row else "", address)
        return None
    with local.opened() as opened:
        opened.execute(
            "DELETE FROM failed_login WHERE rowid = ? OR (name = ? AND address = ?)", [attempt, *who]
        )
    return _person(row)


def _note_refused(local: LocalFile, person_id: str, address: str) -> None:
    """Write in the log that somebody was not let in: never the name that was typed, which may be a password."""
    before = (datetime.now(UTC) - REFUSALS_KEPT_FOR).isoformat()
    with local.opened() as opened:
        opened.execute("DELETE FROM audit WHERE did = ? AND at < ?", [_REFUSED, before])
        log(opened, _SOMEBODY, _REFUSED, "inloggning", person_id, f"från {_region(address)}")


def _region(address: str) -> str:
    """Return an address without its last part, which tells whose it is."""
    parts = re.split(r"([.:])", address)
    return "".join([*parts[:-1], "*"]) if len(parts) > 1 else "okänd adress"


def by_claims(
    local: LocalFile, claims: Mapping[str, Any], claim: str, roles: Mapping[str, Role]
) -> Person | None:
    """Return who has come in by the municipality's own login.

    Parameters
    ----------
    claims
        What the provider tells of the person.
    claim, roles
        Which of them holds roles or groups, and what each of those is here.
    """
    address = str(claims.get("email", "")).casefold() if claims.get("email_verified", True) else ""
    listed = _by(local, "address", address) if address and local.exists else None
    told = claims.get(claim, ())
    given = {
        roles[str(one)] for one in ([told] if isinstance(told, str) else told or ()) if str(one) in roles
    }
    if not given and listed is None:
        return None
    name = str(claims.get("name") or claims.get("preferred_username") or address or "okänd")[:LONGEST_NAME]
    # The provider's identity of the person, which is not its address: an address may be given to somebody else.
    own = _of_secret(f"{claims.get('iss', '')} {claims.get('sub', '')}")[:16]
    return Person(
        id=listed.id if listed else own,
        name=listed.name if listed else name,
        roles=frozenset(given) | (listed.roles if listed else frozenset()),
        address=address,
    )


def is_current(claims: Mapping[str, Any], moment: datetime) -> bool:
    """Tell whether what the municipality's own login told still holds: as long as a session does, and no longer.

    Roles and people change there, and nothing tells us. A token that does not say when it was made holds never.
    """
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        return False
    return made >= 0 and made + SESSION_LASTS.total_seconds() > moment.timestamp()


def roles_of(text: str) -> dict[str, Role]:
    """Read what the provider's roles or groups are here: ``grupp=coordinator annan=viewer``.

    Raises
    ------
    AccessError
        For what is no such list, or a role that is none.
    """
    found = {}
    for part in text.split():
        told, _, role = part.rpartition("=")
        if not told or role not in set(Role):
            raise AccessError(
                f"Inställningen login_roles: {part!r} är inte GRUPP=ROLL, där rollen är {', '.join(Role)}."
            )
        found[told] = Role(role)
    return found


def begin_session(local: LocalFile, person: Person) -> str:
    """Return the secret of a new session."""
    secret = secrets.token_urlsafe(32)
    until = (datetime.now(UTC) + SESSION_LASTS).isoformat()
    with local.opened() as opened:
        opened.execute("DELETE FROM session WHERE until < ?", [now()])
        opened.execute("INSERT INTO session VALUES (?, ?, ?)", [_of_secret(secret), person.id, until])
        log(opened, person.actor, "loggade in", "person", person.id)
    return secret


def by_session(local: LocalFile, secret: str) -> Person | None:
    """Return whose session it is; None if it is none, or over."""
    if not secret or not local.exists:
        return None
    moment = datetime.now(UTC)
    with local.opened(reading=True) as opened:
        row = opened.execute(
            "SELECT p.* FROM person p JOIN session s USING (person_id)"
            " WHERE s.token = ? AND s.until > ? AND s.until <= ? AND p.ended_at IS NULL",
            # No longer than a new one: it may have begun while the clock was ahead.
            [_of_secret(secret), moment.isoformat(), (moment + SESSION_LASTS).isoformat()],
        ).fetchone()
    return None if row is None else _person(row)


def end_session(local: LocalFile, secret: str) -> None:
    """End a session."""
    with local.opened() as opened:
        opened.execute("DELETE FROM session WHERE token = ?", [_of_secret(secret)])


def _by(local: LocalFile, column: str, value: str) -> Person | None:
    if not local.exists:
        return None
    with local.opened(reading=True) as opened:
        row = opened.execute(
            f"SELECT * FROM person WHERE {column} = ? AND ended_at IS NULL", [value]
        ).fetchone()
    return None if row is None else _person(row)


def _named(opened: sqlite3.Connection, name: str) -> str:
    row = opened.execute(
        "SELECT person_id FROM person WHERE name = ? AND ended_at IS NULL", [name]
    ).fetchone()
    return row["person_id"] if row else ""


def _see_that_someone_is_left(opened: sqlite3.Connection, person: Person) -> None:
    if Role.ADMINISTRATOR not in person.roles:
        return
    rows = opened.execute("SELECT roles FROM person WHERE ended_at IS NULL").fetchall()
    if not any(Role.ADMINISTRATOR in row["roles"].split() for row in rows):
        raise AccessError("Någon måste vara administratör. Inget är ändrat.")


def _name(name: str) -> str:
    plain = " ".join(name.split()).casefold()
    if not plain or len(plain) > LONGEST_NAME:
        raise AccessError(f"Skriv ett namn eller en funktion, högst {LONGEST_NAME} tecken.")
    return plain


def _joined(roles: Collection[Role]) -> str:
    return " ".join(sorted(roles))


def _person(row: sqlite3.Row) -> Person:
    return Person(
        id=row["person_id"],
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"].split()),
        address=row["address"],
        has_password=bool(row["password"]),
        has_link=bool(row["link"]),
        version=row["version"],
    )


def _of_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _kept(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_hash(password, salt)}"


def _is_right(password: str, kept: str) -> bool:
    salt, _, expected = kept.partition(":")
    return hmac.compare_digest(_hash(password, bytes.fromhex(salt)), expected)


def _hash(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST).hex()
