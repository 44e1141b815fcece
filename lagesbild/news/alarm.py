"""Telling who looks after the installation that something failed: by mail, by a webhook, or both.

What fails every night is told once a day, and at once again after it has worked. What is told names sources and
services, never what was read: a mail and a chat are kept by others.
"""

from __future__ import annotations

import json
import smtplib
import socket
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

import requests

from lagesbild.news.mail import deliver, why

if TYPE_CHECKING:
    from pathlib import Path

    from lagesbild.config import Settings

#: The same failure is told again after so long.
AGAIN = timedelta(hours=20)
_SECONDS = 15


def tell(settings: Settings, what: str, text: str, now: datetime | None = None) -> list[str]:
    """Tell of a failure; return Swedish lines on what could not be told, nothing where all went well.

    Parameters
    ----------
    what
        What failed, in a word that is the same each time.
    text
        What to tell, plain Swedish.
    """
    now = now or datetime.now(UTC)
    told = _told(settings.home)
    # What was told while the clock was ahead is told anew: it would else be silent until then.
    if what in told and timedelta(0) <= now - told[what] < AGAIN:
        return []
    failed = [*_mail(settings, what, text, now), *_hook(settings, text)]
    if not failed:
        _keep(settings.home, {**told, what: now})
    return failed


def works_again(settings: Settings, what: str) -> None:
    """Forget a failure: the next one is told at once."""
    told = _told(settings.home)
    if told.pop(what, None):
        _keep(settings.home, told)


def _mail(settings: Settings, what: str, text: str, now: datetime) -> list[str]:
    failed = []
    for recipient in settings.alarm_recipients:
        mail = EmailMessage()
        mail["Subject"] = f"Lägesbild: {what} misslyckades"
        mail["From"], mail["To"], mail["Date"] = settings.mail_from, recipient, format_datetime(now)
        mail["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"{text}\n\nDator: {socket.gethostname()}\nVad man gör: docs/drift.md, Om något går fel.\n"
        )
        try:
            deliver(settings, recipient, mail)
        except (smtplib.SMTPException, OSError) as error:
            failed.append(f"larmet kunde inte mejlas till {recipient}: {why(error)}.")
    return failed


def _hook(settings: Settings, text: str) -> list[str]:
    if not settings.webhook:
        return []
    try:
        # Followed nowhere: the address is a secret, and another place need not have it.
        answer = requests.post(
            settings.webhook, json={"text": f"Lägesbild: {text}"}, timeout=_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        return [f"larmet kunde inte skickas till webhooken ({type(error).__name__})."]
    return [] if answer.ok and not answer.is_redirect else [f"webhooken svarade {answer.status_code}."]


def _file(home: Path) -> Path:
    return home / "alarm.json"


def _told(home: Path) -> dict[str, datetime]:
    """Return when each failure was last told; nothing where that cannot be read: then it is told once too often."""
    try:
        return {
            what: datetime.fromisoformat(at).astimezone(UTC)
            for what, at in json.loads(_file(home).read_text("utf-8")).items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _keep(home: Path, told: dict[str, datetime]) -> None:
    part = _file(home).with_suffix(".part")
    try:
        part.write_text(json.dumps({what: at.isoformat() for what, at in told.items()}), "utf-8")
        part.replace(_file(home))
    except OSError:  # a full disk is told each time
        part.unlink(missing_ok=True)
