"""Completes the certificate chain of a server that leaves out its intermediate certificates.

A certificate names where its issuer's certificate is (RFC 5280, authority information access); browsers
fetch it there. What is fetched is only a link: the chain must still end at a root that the operating
system trusts.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Links between a server's certificate and a root; more than this is no honest chain.
_MOST_LINKS = 4
_MAX_BYTES = 100_000


def missing_issuers(host: str, port: int, timeout: float) -> str:
    """Return the certificates (PEM) above a server's own, fetched from where each says its issuer's is.

    Empty where the server cannot be asked or its certificate names no such place.
    """
    try:
        own = x509.load_pem_x509_certificate(
            ssl.get_server_certificate((host, port), timeout=timeout).encode("ascii")
        )
        return "".join(_issuers(own, timeout))
    except (OSError, ValueError, requests.RequestException):
        return ""


def _issuers(certificate: x509.Certificate, timeout: float) -> Iterator[str]:
    for _ in range(_MOST_LINKS):
        address = _issuer_address(certificate)
        if address is None:
            return
        certificate = _fetched(address, timeout)
        if certificate.issuer == certificate.subject:
            return  # a root is trusted only if the system has it
        yield certificate.public_bytes(Encoding.PEM).decode("ascii")


def _issuer_address(certificate: x509.Certificate) -> str | None:
    try:
        known = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except x509.ExtensionNotFound:
        return None
    assert isinstance(known, x509.AuthorityInformationAccess)  # noqa: S101 - what the id promises
    places = [
        item.access_location
        for item in known
        if item.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    ]
    urls = [place.value for place in places if isinstance(place, x509.UniformResourceIdentifier)]
    return next((url for url in urls if url.startswith("http://")), None)


def _fetched(address: str, timeout: float) -> x509.Certificate:
    with requests.get(address, timeout=timeout, stream=True) as response:
        response.raise_for_status()
        content = response.raw.read(_MAX_BYTES, decode_content=True)
    pem = content.lstrip().startswith(b"-----BEGIN")
    return x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
