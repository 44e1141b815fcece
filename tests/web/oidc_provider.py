"""A small OpenID Connect provider that is as strict as a municipality's: OpenID Connect Core 1.0, code flow with PKCE.

It runs in a thread of the test. ``spoil`` makes it sign what no honest provider would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CODE_LASTS, TOKEN_LASTS = 60, 600


@dataclass(frozen=True, kw_only=True)
class _Grant:
    """What a code stands for; it can be used once."""

    redirect_uri: str
    nonce: str
    challenge: str
    person: str
    until: float


@dataclass
class Provider:
    """The provider: one client, and people by their name with the claims that are told of each.

    ``spoil`` is how the next tokens are wrong: ``signature``, ``audience``, ``issuer``, ``nonce``, ``expired`` or
    ``unsigned``; empty for right ones.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    people: Mapping[str, Mapping[str, Any]]
    spoil: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))
    #: What was refused, and why, for the test to look at.
    refused: list[str] = field(default_factory=list)
    ended: int = 0
    _grants: dict[str, _Grant] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/jwks", self.keys),
                Route("/authorize", self.authorize),
                Route("/login", self.login, methods=["POST"]),
                Route("/token", self.token, methods=["POST"]),
                Route("/userinfo", self.userinfo),
                Route("/end_session", self.end_session),
            ]
        )

    async def discovery(self, _: Request) -> Response:
        ends = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks",
            "end_session_endpoint": "end_session",
        }
        return JSONResponse(
            {
                "issuer": self.issuer,
                **{name: f"{self.issuer}/{path}" for name, path in ends.items()},
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "email", "profile"],
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        """Ask who it is; what is wrong about the client or its address is told here, never there."""
        asked = dict(request.query_params)
        if len(asked) != len(request.query_params.multi_items()):
            return self._no("a parameter twice")
        if asked.get("client_id") != self.client_id:
            return self._no("unknown client")
        if asked.get("redirect_uri") != self.redirect_uri:
            return self._no("unknown redirect_uri")
        wrong = self._wrong(asked)
        if wrong:
            self.refused.append(wrong)
            told = {"error": "invalid_request", "error_description": wrong, "state": asked.get("state", "")}
            return RedirectResponse(f"{self.redirect_uri}?{urlencode(told)}", 302)
        hidden = "".join(
            f"<input type='hidden' name='{escape(name)}' value='{escape(value)}'>"
            for name, value in asked.items()
        )
        buttons = "".join(
            f"<button name='person' value='{escape(one)}'>{escape(one)}</button>" for one in self.people
        )
        return HTMLResponse(f"<form method='post' action='/login'>{hidden}{buttons}</form>")

    @staticmethod
    def _wrong(asked: Mapping[str, str]) -> str:
        if asked.get("response_type") != "code":
            return "response_type is not code"
        if "openid" not in asked.get("scope", "").split():
            return "scope has no openid"
        if not asked.get("state") or not asked.get("nonce"):
            return "state and nonce are needed"
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return "PKCE with S256 is needed"
        return ""

    async def login(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if form["person"] not in self.people or self._wrong(form):
            return self._no("not what was asked")
        code = secrets.token_urlsafe(24)
        self._grants[code] = _Grant(
            redirect_uri=form["redirect_uri"],
            nonce=form["nonce"],
            challenge=form["code_challenge"],
            person=form["person"],
            until=time.time() + CODE_LASTS,
        )
        query = urlencode({"code": code, "state": form["state"]})
        return RedirectResponse(f"{self.redirect_uri}?{query}", 303)

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not self._is_client(request, form):
            self.refused.append("invalid_client")
            return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
        grant = self._grants.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        good = (
            form.get("grant_type") == "authorization_code"
            and grant is not None
            and grant.until > time.time()
            and form.get("redirect_uri") == grant.redirect_uri
            and base64.urlsafe_b64encode(verifier).decode().rstrip("=") == grant.challenge
        )
        if not good or grant is None:
            self.refused.append("invalid_grant")
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(24)
        self._tokens[access] = grant.person
        told = {"access_token": access, "token_type": "Bearer", "expires_in": TOKEN_LASTS}
        return JSONResponse(
            told | {"id_token": self.id_token(grant.person, grant.nonce)},
            headers={"Cache-Control": "no-store"},
        )

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        kind, _, basic = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            if "client_secret" in form:  # one way only
                return False
            name, _, secret = base64.b64decode(basic).decode().partition(":")
            name, secret = unquote(name), unquote(secret)
        else:
            name, secret = form.get("client_id", ""), form.get("client_secret", "")
        return name == self.client_id and hmac.compare_digest(secret, self.client_secret)

    def id_token(self, person: str, nonce: str) -> str:
        """Return who it is, signed; wrong in the way that `spoil` says."""
        now = int(time.time())
        old = 3600 if self.spoil == "expired" else 0
        claims = {
            "iss": "https://annan.example" if self.spoil == "issuer" else self.issuer,
            "aud": "annan" if self.spoil == "audience" else self.client_id,
            "iat": now - old,
            "exp": now - old + TOKEN_LASTS,
            "nonce": "annan" if self.spoil == "nonce" else nonce,
            **self.people[person],
        }
        key = RSAKey.generate_key(2048, {"kid": "1"}) if self.spoil == "signature" else self.key
        told = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        if self.spoil == "unsigned":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
            return f"{head}.{told.split('.')[1]}."
        return told

    async def userinfo(self, request: Request) -> Response:
        person = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if person is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(dict(self.people[person]))

    async def end_session(self, request: Request) -> Response:
        asked = request.query_params
        hint = asked.get("id_token_hint")
        if hint:
            jwt.decode(hint, self.key)  # ours, or an error
        if (
            asked.get("client_id") != self.client_id
            or asked.get("post_logout_redirect_uri") != self.redirect_uri
        ):
            return self._no("unknown post_logout_redirect_uri")
        self.ended += 1
        return RedirectResponse(self.redirect_uri, 302)

    def _no(self, why: str) -> Response:
        self.refused.append(why)
        return Response(why, 400)


@contextmanager
def running(provider: Provider, port: int) -> Iterator[Provider]:
    """Let a provider answer on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(provider.app(), "127.0.0.1", port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=10)
