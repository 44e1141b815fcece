"""News by mail: what concerns the home municipality, once to each recipient, in plain text.

A mail that cannot be sent now is sent with what comes next. Each recipient gets a mail of one's own, so that one
wrong address keeps nobody else from theirs. What is older than a month is not mailed: who sets up mail today wants
no backlog, and who has been away reads the pages.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from lagesbild.news.entries import NewsFile
from lagesbild.swedish import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lagesbild.config import Settings
    from lagesbild.news.entries import Entry

_SECONDS = 30
_OLDEST = timedelta(days=31)


def send_due(settings: Settings, home: str, name: str, now: datetime | None = None) -> list[str]:
    """Mail each recipient what concerns the municipality and has not been mailed; return Swedish lines on what failed.

    Nothing is raised for a mail that fails: it is tried again the next time. Without the settings nothing is done.

    Parameters
    ----------
    home, name
        The municipality's code and name.

    Raises
    ------
    NewsError
        If the file of news cannot be used.
    """
    if not settings.mail_server:
        return []
    news, failed = NewsFile.of(settings), []
    since = (now or datetime.now(UTC)) - _OLDEST
    for recipient in settings.mail_recipients:
        try:
            with news.to_mail(home, recipient, since) as due:
                if due:
                    deliver(settings, recipient, message(settings, recipient, name, due))
        except (smtplib.SMTPException, OSError) as error:
            failed.append(
                f"nyheterna kunde inte mejlas till {recipient}: {why(error)}. De skickas nästa gång."
            )
    return failed


def message(settings: Settings, recipient: str, name: str, entries: Sequence[Entry]) -> EmailMessage:
    """Return the mail with entries, the oldest first; sent again it has the same number, so that mail programs see it is one."""
    mail = EmailMessage()
    first = entries[0].title if len(entries) == 1 else f"{number(len(entries))} nyheter"
    mail["Subject"] = f"Lägesbild {name}: {first}"
    mail["From"], mail["To"] = settings.mail_from, recipient
    mail["Date"] = format_datetime(entries[-1].at)
    told = sha256("".join([recipient, *(one.id for one in entries)]).encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{told}@{settings.mail_from.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    told_where = (
        f"Allt står på {settings.public_address}" if settings.public_address else "Allt står i Lägesbild."
    )
    mail.set_content(
        "\n\n".join([*(_plain(one, settings.public_address) for one in entries), told_where]) + "\n"
    )
    return mail


def _plain(entry: Entry, base: str) -> str:
    link = f"\n{base}/{entry.page}" if base else ""
    return f"{entry.title}\n{entry.text}{link}"


def deliver(settings: Settings, recipient: str, mail: EmailMessage) -> None:
    """Give a mail to the server of the settings, encrypted as they say; raises what `smtplib` does, or `OSError`."""
    trusted = ssl.create_default_context()
    if settings.mail_tls == "tls":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.mail_server, settings.mail_port, timeout=_SECONDS, context=trusted
        )
    else:
        opened = smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=_SECONDS)
    with opened as server:
        if settings.mail_tls == "starttls":
            server.starttls(context=trusted)
        if settings.mail_password:
            server.login(settings.mail_user or settings.mail_from, settings.mail_password)
        server.send_message(mail, settings.mail_from, [recipient])


def why(error: Exception) -> str:
    """Say in a few words why; a server's own words may quote what was sent, and are left out."""
    known: list[tuple[type[Exception], str]] = [
        (smtplib.SMTPAuthenticationError, "servern godtar inte namnet och lösenordet"),
        (smtplib.SMTPRecipientsRefused, "servern godtar inte mottagaren"),
        (smtplib.SMTPSenderRefused, "servern godtar inte avsändaren"),
        (
            smtplib.SMTPNotSupportedError,
            "servern har inte det som inställningarna begär (kryptering eller inloggning)",
        ),
        (ssl.SSLError, "krypteringen kunde inte upprättas"),
        (smtplib.SMTPResponseException, "servern tog inte emot brevet"),
        (TimeoutError, "servern svarar inte"),
        (OSError, "servern kan inte nås"),
    ]
    told = next(text for kind, text in known if isinstance(error, kind))
    code = getattr(error, "smtp_code", None)
    return f"{told} (svar {code})" if code else told
