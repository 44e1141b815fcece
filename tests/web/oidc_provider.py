"""A login provider (OpenID Connect) that refuses what a real one refuses: strict about client, address, code and PKCE."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "lagesbild", "en-hemlighet-som-bara-de-tva-vet"
#: Whoever has no role here gets no roles claim at all.
USERS: dict[str, dict[str, Any]] = {
    "samordnaren": {"name": "Anna Prov", "email": "anna@example.se", "roles": ["trygghet"]},
    "någon": {"name": "Bo Prov", "email": "bo@example.se"},
}


@dataclass
class Provider:
    """The provider; ``tamper`` makes it sign with a key that its key set does not have."""

    url: str
    redirect_uri: str
    tamper: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    )

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/authorize", self.authorize),
                Route("/login", self.login),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "email", "profile"],
            }
        )

    async def keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Ask who it is, if the question is one that may be asked."""
        asked = dict(request.query_params)
        wrong = (
            asked.get("client_id") != CLIENT
            or asked.get("redirect_uri") != self.redirect_uri
            or asked.get("response_type") != "code"
            or "openid" not in asked.get("scope", "").split()
            or not asked.get("state")
            or not asked.get("nonce")
        )
        if wrong:
            self.asked.append(f"refused {asked}")
            return PlainTextResponse("invalid_request", 400)
        links = "".join(
            f"<p><a href='/login?{urlencode({**asked, 'user': user})}'>{user}</a></p>" for user in USERS
        )
        return HTMLResponse(f"<!doctype html><meta charset='utf-8'><h1>Vem är du?</h1>{links}")

    async def login(self, request: Request) -> Response:
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(request.query_params)
        back = {"code": code, "state": self.codes[code]["state"]}
        return RedirectResponse(f"{self.redirect_uri}?{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        """Give an identity for a code, once, to the one who asked for it."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not self._is_client(request, form):
            self.asked.append("wrong client")
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form.get("code", ""), None)
        if (
            form.get("grant_type") != "authorization_code"
            or asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or not _proved(asked.get("code_challenge"), form.get("code_verifier"))
        ):
            self.asked.append("wrong grant")
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            **USERS[asked["user"]],
            "iss": self.url,
            "sub": hashlib.sha256(asked["user"].encode()).hexdigest(),
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email_verified": True,
        }
        key = RSAKey.generate_key(2048, {"kid": "1"}) if self.tamper else self.key
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": jwt.encode({"alg": "RS256", "kid": "1"}, claims, key),
            }
        )

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        header = request.headers.get("authorization", "")
        if header.startswith("Basic "):
            name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            name, secret = unquote(name), unquote(secret)
        else:
            name, secret = form.get("client_id", ""), form.get("client_secret", "")
        return hmac.compare_digest(f"{name}:{secret}", f"{CLIENT}:{SECRET}")


def _proved(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return challenge == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@contextmanager
def serving(port: int, redirect_uri: str) -> Iterator[Provider]:
    """Serve a provider that knows one client, which may be led back to one address."""
    provider = Provider(f"http://localhost:{port}", redirect_uri)
    server = uvicorn.Server(
        uvicorn.Config(provider.app(), host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=10)
