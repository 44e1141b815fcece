"""News by mail, to a strict server: once to each, in plain text, and what fails is told and tried again."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lagesbild.cli import ingest as ingest_command
from lagesbild.cli.main import main
from lagesbild.config import Settings, SettingsError, environment_of, load_settings
from lagesbild.news.entries import NewsFile
from lagesbild.news.mail import send_due
from tests.news.written import NEWS, WHEN, entry
from tests.serving import free_port

HERE, THERE = entry("Hallsberg ligger högre än gruppen", "1861", page="?kommun=1861"), entry("Kumla", "1881")
PASSWORD = "hemligt ord"


class Strict:
    """Takes mail only encrypted, from who has logged in, to those it knows, in seven-bit headers and no lone line ends."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.unknown: set[str] = set()
        self.broken = False

    async def handle_RCPT(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        assert session.ssl is not None
        assert session.authenticated
        assert raw.replace(b"\r\n", b"").count(b"\n") == 0
        assert raw.partition(b"\r\n\r\n")[0].isascii()
        if self.broken:
            return "451 4.3.0 Try again later"
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        (recipient,) = envelope.rcpt_tos
        self.taken.append((recipient, mail))
        return "250 OK"


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    knows = given.login == b"lagesbild@kommun.invalid" and given.password == PASSWORD.encode()
    return AuthResult(success=knows, handled=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Strict, int]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    strict, port = Strict(), free_port()
    running = Controller(
        strict,
        hostname="localhost",
        port=port,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_knows,
    )
    running.start()
    yield strict, port
    running.stop()


@pytest.fixture
def settings(server: tuple[Strict, int], tmp_path: Path) -> Settings:
    found = Settings(
        home=tmp_path,
        public_address="https://exempel.invalid",
        mail_server="localhost",
        mail_port=server[1],
        mail_from="lagesbild@kommun.invalid",
        mail_to="anna@kommun.invalid, bo@kommun.invalid",
        mail_password=PASSWORD,
    )
    NewsFile.of(found).add([NEWS, HERE, THERE], {})
    return found


NOW = WHEN + timedelta(days=3)


def sent(settings: Settings) -> list[str]:
    return send_due(settings, "1861", "Hallsberg", NOW)


def test_each_recipient_gets_one_mail_with_what_concerns_the_municipality(
    settings: Settings, server: tuple[Strict, int]
) -> None:
    assert sent(settings) == []
    assert [to for to, _ in server[0].taken] == ["anna@kommun.invalid", "bo@kommun.invalid"]
    mail = server[0].taken[0][1]
    text = mail.get_content()
    assert mail.get_content_type() == "text/plain"
    assert mail["To"] == "anna@kommun.invalid"
    assert mail["Subject"] == "Lägesbild Hallsberg: 2 nyheter"
    for part in (NEWS.title, NEWS.text, HERE.title, HERE.text, "https://exempel.invalid/?kommun=1861"):
        assert part in text
    assert THERE.title not in text
    assert PASSWORD not in mail.as_string()


def test_nothing_is_mailed_twice(settings: Settings, server: tuple[Strict, int]) -> None:
    for _ in range(3):
        assert sent(settings) == []
    assert len(server[0].taken) == 2
    NewsFile.of(settings).add([entry("Nytt", "1861", days=1)], {})
    assert sent(settings) == []
    assert [mail["Subject"] for _, mail in server[0].taken[2:]] == ["Lägesbild Hallsberg: Nytt"] * 2


def test_a_server_that_refuses_is_told_and_tried_again(
    settings: Settings, server: tuple[Strict, int]
) -> None:
    server[0].broken = True
    failed = sent(settings)
    assert len(failed) == 2
    assert "servern tog inte emot brevet (svar 451). De skickas nästa gång." in failed[0]
    assert not server[0].taken
    server[0].broken = False
    assert sent(settings) == []
    assert len(server[0].taken) == 2


def test_a_wrong_address_keeps_nobody_else_from_theirs(
    settings: Settings, server: tuple[Strict, int]
) -> None:
    server[0].unknown = {"anna@kommun.invalid"}
    (told,) = sent(settings)
    assert "anna@kommun.invalid: servern godtar inte mottagaren" in told
    server[0].unknown = set()
    assert sent(settings) == []
    assert [to for to, _ in server[0].taken] == ["bo@kommun.invalid", "anna@kommun.invalid"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mail_password": "fel"}, "godtar inte namnet och lösenordet"),
        ({"mail_tls": "none", "mail_password": ""}, "godtar inte avsändaren"),
        ({"mail_tls": "tls"}, "krypteringen kunde inte upprättas"),
        ({"mail_port": 1}, "servern kan inte nås"),
        ({"mail_server": "finns-inte.invalid"}, "servern kan inte nås"),
    ],
)
def test_what_hinders_is_told_in_plain_words(settings: Settings, changed: dict[str, Any], told: str) -> None:
    failed = sent(replace(settings, **changed))
    assert len(failed) == 2
    assert all(told in line for line in failed), failed


def test_a_server_that_is_not_trusted_gets_nothing(
    settings: Settings, server: tuple[Strict, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert all("krypteringen kunde inte upprättas" in line for line in sent(settings))
    assert not server[0].taken


def test_what_is_more_than_a_month_old_is_not_mailed(settings: Settings, server: tuple[Strict, int]) -> None:
    assert send_due(settings, "1861", "Hallsberg", WHEN + timedelta(days=40)) == []
    assert not server[0].taken


def test_without_settings_nothing_is_done(tmp_path: Path) -> None:
    assert send_due(Settings(home=tmp_path), "1861", "Hallsberg") == []
    assert not list(tmp_path.iterdir())


def test_the_command_shows_sends_and_ends_as_promised(
    settings: Settings,
    shipped: Settings,
    server: tuple[Strict, int],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (settings.home / "warehouse").symlink_to(shipped.warehouse_folder)
    for variable, value in environment_of(settings).items():
        monkeypatch.setenv(variable, value)
    NewsFile.of(settings).add([replace(entry("Alldeles nyss", "1861"), at=NOW.replace(year=2100))], {})
    assert main(["news", "--antal", "1"]) == 0
    assert "Alldeles nyss" in capfd.readouterr().out
    assert main(["news", "--kommun", "Kumla", "--format", "json"]) == 0
    assert '"title": "Kumla"' in capfd.readouterr().out
    server[0].broken = True
    assert main(["news", "--skicka"]) == 1
    assert "De skickas nästa gång." in capfd.readouterr().err
    server[0].broken = False
    assert main(["news", "--skicka"]) == 0
    assert len(server[0].taken) == 2
    assert main(["news", "--skicka", "--kommun", "Kumla"]) == 2
    assert main(["news", "--antal", "0"]) == 2


def test_an_ingest_mails_and_does_not_fail_for_a_mail(
    settings: Settings,
    shipped: Settings,
    server: tuple[Strict, int],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (settings.home / "warehouse").symlink_to(shipped.warehouse_folder)
    for variable, value in environment_of(settings).items():
        monkeypatch.setenv(variable, value)
    written = replace(entry("Alldeles nyss", "1861"), at=NOW.replace(year=2100))

    def ingested(*_: object) -> list[object]:
        NewsFile.of(settings).add([written], {})
        return []

    monkeypatch.setattr(ingest_command, "ingest", ingested)
    monkeypatch.setattr(ingest_command, "play_out", lambda _: None)
    server[0].broken = True
    assert main(["ingest"]) == 0
    assert "nyheterna kunde inte mejlas" in capfd.readouterr().err
    server[0].broken = False
    assert main(["ingest"]) == 0
    assert main(["ingest"]) == 0
    assert len(server[0].taken) == 2
    (settings.home / "news.sqlite").write_bytes(b"damaged" * 999)
    monkeypatch.setattr(ingest_command, "ingest", lambda *_: [])
    assert main(["ingest"]) == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"MAIL_SERVER": "smtp.invalid"}, "behövs också mail_from, mail_to"),
        ({"MAIL_FROM": "inte en adress"}, "ingen mejladress"),
        ({"MAIL_TO": "a@b.invalid, c"}, "'c' är ingen mejladress"),
        ({"MAIL_TO": "a@b.invalid\r\nBcc: x@y.invalid"}, "måste vara text"),
        ({"MAIL_TLS": "ssl"}, "starttls, tls eller none"),
        ({"MAIL_PORT": "0"}, "mail_port måste ligga mellan"),
        ({"MAIL_TLS": "none", "MAIL_PASSWORD": "x"}, "skickas inte okrypterat"),
    ],
)
def test_settings_that_no_mail_can_be_sent_with_are_refused(given: dict[str, str], told: str) -> None:
    whole = {"MAIL_SERVER": "smtp.invalid", "MAIL_FROM": "a@b.invalid", "MAIL_TO": "a@b.invalid"}
    asked = given if "MAIL_SERVER" in given else whole | given
    with pytest.raises(SettingsError, match=told):
        load_settings(environment={f"LAGESBILD_{name}": value for name, value in asked.items()})


def test_settings_are_handed_on_whole_and_the_password_is_never_shown(settings: Settings) -> None:
    assert load_settings(environment=environment_of(settings)) == settings
    assert load_settings(environment=environment_of(Settings(home=settings.home))).mail_server == ""
    assert PASSWORD not in repr(settings)
