"""The coordinator's password: kept as a salted scrypt hash, and guessed at only slowly."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lagesbild.signals.store import SignalStore

SHORTEST = 12
#: After so many failures within the time, no password is tried.
MOST_FAILURES, FAILURES_COUNT_FOR = 5, timedelta(minutes=15)
_SETTING = "password"
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}


class TooManyAttemptsError(Exception):
    """Too many wrong passwords have been tried lately."""


def is_set(store: SignalStore) -> bool:
    """Tell whether there is a password at all."""
    return store.setting(_SETTING) is not None


def set_password(store: SignalStore, password: str) -> None:
    """Keep a password's hash.

    Raises
    ------
    ValueError
        If it is too short; in Swedish.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"Lösenordet måste ha minst {SHORTEST} tecken.")
    salt = secrets.token_bytes(16)
    store.set(_SETTING, f"{salt.hex()}:{_hash(password, salt)}")


def is_right(store: SignalStore, password: str) -> bool:
    """Check a password.

    Raises
    ------
    TooManyAttemptsError
        After five wrong ones within a quarter of an hour.
    """
    kept = store.setting(_SETTING)
    if kept is None:
        return False
    now = datetime.now(UTC)
    with store.opened() as local:
        local.execute("DELETE FROM failed_login WHERE at < ?", [(now - FAILURES_COUNT_FOR).isoformat()])
        if local.execute("SELECT count(*) FROM failed_login").fetchone()[0] >= MOST_FAILURES:
            raise TooManyAttemptsError
    salt, _, expected = kept.partition(":")
    right = hmac.compare_digest(_hash(password, bytes.fromhex(salt)), expected)
    with store.opened() as local:
        if right:
            local.execute("DELETE FROM failed_login")
        else:
            local.execute("INSERT INTO failed_login VALUES (?)", [now.isoformat()])
    return right


def _hash(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST).hex()
