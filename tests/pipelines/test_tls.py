"""A server that leaves out its intermediate certificate is trusted if, and only if, the system trusts the root."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from pipelines.contract import Request, SourceError
from tests.pipelines.test_http import answers, client, raw_server
from tests.sources.server import StandIn


@dataclass
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def write(self, file: Path) -> Path:
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(self.certificate.public_bytes(Encoding.PEM) + private)
        return file


def issue(name: str, by: Holder | None = None, *, is_ca: bool = True, issuer_at: str = "") -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .issuer_name(by.certificate.subject if by else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((by.key if by else key).public_key()),
            critical=False,
        )
    )
    if is_ca:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        made = made.add_extension(usage, critical=True)
    else:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    if issuer_at:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_at)
        )
        made = made.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    return Holder(made.sign((by.key if by else key), hashes.SHA256()), key)


@contextmanager
def incomplete_server(tmp_path: Path, root: Holder, offered: Holder | None = None) -> Iterator[str]:
    """Serve ``ok`` with a leaf certificate only; its issuer's certificate (or another) is offered beside."""
    middle = issue("Provmellanled", root)
    given = (offered or middle).der
    with StandIn(answers((200, {}, given))) as beside:
        leaf = issue("localhost", middle, is_ca=False, issuer_at=f"{beside.url}/issuer.der")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf.write(tmp_path / "leaf.pem"))

        def answer(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        with raw_server(answer, context) as port:
            yield f"https://localhost:{port}/"


def trust(root: Holder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a root the only one that the system trusts."""
    file = tmp_path / "roots.pem"
    file.write_bytes(root.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


def test_a_missing_intermediate_certificate_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = issue("Provrot")
    trust(root, tmp_path, monkeypatch)
    with incomplete_server(tmp_path, root) as url:
        assert client(tmp_path).ask(Request(url=url, part="x")).content == b"ok"


def test_what_is_fetched_is_not_trusted_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(issue("En annan rot"), tmp_path, monkeypatch)
    with (
        incomplete_server(tmp_path, issue("Provrot")) as url,
        pytest.raises(SourceError, match="certifikatet"),
    ):
        client(tmp_path).ask(Request(url=url, part="x"))


def test_a_root_offered_as_a_link_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = issue("Provrot")
    trust(issue("En annan rot"), tmp_path, monkeypatch)
    with (
        incomplete_server(tmp_path, root, offered=root) as url,
        pytest.raises(SourceError, match="certifikatet"),
    ):
        client(tmp_path).ask(Request(url=url, part="x"))


def test_rubbish_offered_as_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, stranger = issue("Provrot"), issue("Främling", issue("Främmande rot"))
    trust(root, tmp_path, monkeypatch)
    with (
        incomplete_server(tmp_path, root, offered=stranger) as url,
        pytest.raises(SourceError, match="certifikatet"),
    ):
        client(tmp_path).ask(Request(url=url, part="x"))
