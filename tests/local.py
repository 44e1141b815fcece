"""Local data for tests: somebody who is logged in, without a browser."""

from __future__ import annotations

import pytest

from lagesbild.signals import access
from lagesbild.signals.access import Person, Role
from lagesbild.signals.database import COMMAND_LINE, LocalFile
from pages.parts import who


def log_in(
    monkeypatch: pytest.MonkeyPatch, local: LocalFile, *roles: Role, name: str = "provperson"
) -> Person:
    """Let the reader of the pages be somebody with these roles (a coordinator, if none are given)."""
    person = access.add(local, name, roles or (Role.COORDINATOR,), COMMAND_LINE)
    secret = access.begin_session(local, person)
    monkeypatch.setattr(who, "cookie", lambda: secret)
    return person


def log_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reader be the public again."""
    monkeypatch.setattr(who, "cookie", lambda: "")
