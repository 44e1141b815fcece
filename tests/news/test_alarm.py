"""Telling that something failed: by mail and webhook, once a day, without a word of what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lagesbild.cli import ingest as ingest_command
from lagesbild.cli.main import main
from lagesbild.config import Settings, SettingsError, load_settings
from lagesbild.data.state import Ended
from lagesbild.news import alarm
from pipelines.run import SourceOutcome
from tests.serving import free_port

NOW = datetime(2026, 11, 29, 4, 30, tzinfo=UTC)


class Taken:
    """A mail server on this machine, that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.mails.append((*envelope.rcpt_tos, str(mail["Subject"]), mail.get_content()))
        return "250 OK"


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Take JSON as Teams, Mattermost and Slack do: an object with a text, posted."""
    taken: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/json"
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("location", "/annanstans")
            self.end_headers()

        def log_message(self, *told: object) -> None:
            del told

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hemlig", taken
        server.shutdown()


@pytest.fixture
def post() -> Iterator[tuple[int, Taken]]:
    taken, port = Taken(), free_port()
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    yield port, taken
    server.stop()


def settings(home: Path, port: int = 0, hook: str = "") -> Settings:
    if not port:
        return Settings(home=home, webhook=hook)
    return Settings(
        home=home,
        mail_server="127.0.0.1",
        mail_port=port,
        mail_tls="none",
        mail_from="lagesbild@kommun.invalid",
        alarm_to="drift@kommun.invalid",
        webhook=hook,
    )


def test_both_are_told_once_a_day_and_at_once_after_it_has_worked(
    post: tuple[int, Taken], tmp_path: Path
) -> None:
    port, mails = post
    with webhook() as (address, hooked):
        ours = settings(tmp_path, port, address)
        assert alarm.tell(ours, "säkerhetskopian", "Säkerhetskopian misslyckades.", NOW) == []
        assert (
            alarm.tell(ours, "säkerhetskopian", "Säkerhetskopian misslyckades.", NOW + timedelta(hours=3))
            == []
        )
        assert [one[:2] for one in mails.mails] == [
            ("drift@kommun.invalid", "Lägesbild: säkerhetskopian misslyckades")
        ]
        assert hooked == [{"text": "Lägesbild: Säkerhetskopian misslyckades."}]
        alarm.tell(ours, "hämtningen", "Hämtningen gick inte.", NOW)
        alarm.tell(ours, "säkerhetskopian", "Igen.", NOW + timedelta(hours=24))
        alarm.works_again(ours, "säkerhetskopian")
        alarm.tell(ours, "säkerhetskopian", "Och igen.", NOW + timedelta(hours=25))
        assert len(hooked) == len(mails.mails) == 4


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_could_not_be_told_is_said_and_tried_again(status: int, tmp_path: Path) -> None:
    with webhook(status) as (address, hooked):
        ours = settings(tmp_path, free_port(), address)
        for told in (1, 2):
            failed = alarm.tell(ours, "hämtningen", "Hämtningen gick inte.", NOW)
            assert failed == [
                "larmet kunde inte mejlas till drift@kommun.invalid: servern kan inte nås.",
                f"webhooken svarade {status}.",
            ]
            assert len(hooked) == told
        assert address not in "".join(failed)


def test_a_home_that_cannot_be_written_is_told_all_the_same(tmp_path: Path) -> None:
    with webhook() as (address, hooked):
        assert alarm.tell(settings(tmp_path / "nowhere", hook=address), "skivan", "Full.", NOW) == []
        assert len(hooked) == 1


def test_an_ingest_tells_which_sources_could_not_be_read_and_none_of_what_they_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = [
        SourceOutcome(source_id="kolada", outcome=Ended.OK, message="klar"),
        SourceOutcome(source_id="polisen", outcome=Ended.FAILED, message="rad 3: En man i 40-årsåldern"),
    ]
    monkeypatch.setattr(ingest_command, "ingest", lambda *told: failed)
    monkeypatch.setattr(ingest_command, "play_out", lambda settings: None)
    with webhook() as (address, hooked):
        monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
        monkeypatch.setenv("LAGESBILD_WEBHOOK", address)
        assert main(["ingest"]) == 1
        # The service that runs it fails too, and need not be told of again.
        assert main(["alarm", "lagesbild-hamta.service"]) == 0
        (told,) = hooked
        assert "Polisen" in told["text"]
        assert "40-års" not in told["text"]
        assert "Kolada" not in told["text"]
        failed.pop()
        assert main(["ingest"]) == 0
        assert main(["alarm", "lagesbild-hamta.service"]) == 0
        assert len(hooked) == 2


def test_a_service_is_told_by_what_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as (address, hooked):
        monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
        monkeypatch.setenv("LAGESBILD_WEBHOOK", address)
        assert main(["alarm", "lagesbild-kopia.service"]) == 0
        assert hooked[0]["text"] == (
            "Lägesbild: Säkerhetskopian misslyckades. Mer säger kommandot: journalctl -u lagesbild-kopia"
        )
        assert main(["alarm", "a b"]) == 2


def test_without_anybody_to_tell_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGESBILD_HOME", str(tmp_path))
    assert main(["alarm", "lagesbild.service"]) == 0
    assert "ingen larmas" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"LAGESBILD_ALARM_TO": "drift@kommun.se"}, "behövs också mail_server, mail_from"),
        ({"LAGESBILD_WEBHOOK": "teams"}, "inte en giltig"),
        (
            {
                "LAGESBILD_ALARM_TO": "drift",
                "LAGESBILD_MAIL_SERVER": "smtp.kommun.se",
                "LAGESBILD_MAIL_FROM": "l@kommun.se",
            },
            "alarm_to: 'drift'",
        ),
    ],
)
def test_settings_that_nobody_can_be_told_by_are_refused(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(environment=given)
    assert "hemlig" not in repr(Settings(home=Path("x"), webhook="https://x.se/hemlig"))
