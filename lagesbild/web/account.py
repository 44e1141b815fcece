"""Logging in with name and password, and out: a form is posted, a cookie comes back; and where other logins land.

The cookie holds the secret of a session, is read by no script, and goes to no other site. A form that another site
posts is refused by where it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lagesbild.signals import access
from lagesbild.signals.database import LocalDataError, LocalFile

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lagesbild.config import Settings

COOKIE = "lagesbild_session"
#: Where the form is posted to, where it is shown, and where to go from there.
IN, OUT, PAGE = "/konto/in", "/konto/ut", "/logga-in"
#: Told in the address of the page, in words that the page knows.
WRONG, TOO_MANY, BROKEN, NOT_LET_IN = "fel", "vanta", "lokalt", "konto"
#: In the address of the page, when somebody has just come in by the municipality's own login.
JUST_IN = "inloggad"
#: Where the municipality's own login sends people back to, and the cookie that Streamlit then gives (`st.login`).
_CALLBACK, _USER_COOKIE = "/oauth2callback", b"_streamlit_user="


def routes(settings: Settings) -> list[Route]:
    """Return the routes of logging in and out."""

    async def log_in(request: Request) -> Response:
        if not from_ourselves(request):
            return Response("Formuläret kom från en annan webbplats.", status_code=403)
        form = await request.form(max_fields=4, max_files=0)
        name, password = str(form.get("namn", ""))[:200], str(form.get("losenord", ""))[:500]
        local = LocalFile(settings.local_file)
        try:
            secret = await run_in_threadpool(_session, local, name, password, address_of(request))
        except access.TooManyAttemptsError:
            return _back(TOO_MANY)
        except LocalDataError:
            return _back(BROKEN)
        if not secret:
            return _back(WRONG)
        person = await run_in_threadpool(access.by_session, local, secret)
        return with_session(RedirectResponse(first_page(person), 303), secret, request)

    async def log_out(request: Request) -> Response:
        if not from_ourselves(request):
            return Response("Formuläret kom från en annan webbplats.", status_code=403)
        secret = request.cookies.get(COOKIE, "")
        if secret:
            await run_in_threadpool(access.end_session, LocalFile(settings.local_file), secret)
        answer = RedirectResponse(PAGE, 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return [Route(IN, log_in, methods=["POST"]), Route(OUT, log_out, methods=["POST"])]


class LandsOnPage:
    """Send whom the municipality's own login sends back to the page of logging in, not to the first public page.

    Streamlit always goes to the first page, whether somebody was let in, was not, or has logged out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, but for where to go."""
        if scope["type"] != "http" or scope["path"] != _CALLBACK:
            await self._app(scope, receive, send)
            return

        async def landing(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                MutableHeaders(scope=message)["location"] = _landing(scope, message)
            await send(message)

        await self._app(scope, receive, landing)


def _landing(scope: Scope, message: Message) -> str:
    given = [value for name, value in message["headers"] if name.lower() == b"set-cookie"]
    if any(one.startswith(_USER_COOKIE) and b"max-age=0" not in one.lower() for one in given):
        return f"{PAGE}?{JUST_IN}=1"
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    return (
        f"{PAGE}?fel={NOT_LET_IN}" if asked else PAGE
    )  # without a question it is somebody who has logged out


def with_session(answer: Response, secret: str, request: Request) -> Response:
    """Give an answer the cookie of a session."""
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(access.SESSION_LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https",
    )
    return answer


def from_ourselves(request: Request) -> bool:
    """Tell whether a form was posted by a page of our own."""
    origin = request.headers.get("origin")
    if origin is None:  # an old browser: the cookie's own rule stands
        return True
    return urlsplit(origin).netloc == request.headers.get("host")


def address_of(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""


def first_page(person: access.Person | None) -> str:
    """Return where somebody who has logged in begins; the page of logging in where a role gives nothing to see."""
    firsts = (
        (access.Right.WORK, "/oroshardar"),
        (access.Right.SEE_WEEK, "/veckan"),
        (access.Right.MANAGE, "/administration"),
    )
    return next((page for right, page in firsts if person and person.may(right)), PAGE)


def _session(local: LocalFile, name: str, password: str, address: str) -> str:
    person = access.by_password(local, name, password, address)
    return access.begin_session(local, person) if person else ""


def _back(why: str) -> RedirectResponse:
    return RedirectResponse(f"{PAGE}?fel={why}", 303)
