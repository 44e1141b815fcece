"""The page that a phone reports with, and what it sends.

Every reporter has a link of one's own; its secret is all that is needed, and opens nothing but reporting and what
became of the own signals. What is answered "kept" is on the disk.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lagesbild.data import reference
from lagesbild.signals import access, map_lines, places, reporting
from lagesbild.signals.access import Person, Right
from lagesbild.signals.database import LocalDataError
from lagesbild.signals.exports import SEVERITIES
from lagesbild.signals.reporting import Outcome, Reply
from lagesbild.signals.store import LONGEST_TEXT, Signal, SignalStore
from lagesbild.swedish import long_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from lagesbild.config import Settings

#: Under this every phone page lives: the worker that makes it work without a connection sees nothing else.
PREFIX = "/rapportera"
_FILES = Path(__file__).with_name("static")
_SWEDEN = ZoneInfo("Europe/Stockholm")
#: Bytes and reports in one request at most.
_MOST_BYTES, _MOST_REPORTS = 100_000, 50
#: So many of the own signals a reporter sees, the newest.
_OWN_SHOWN = 50
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


def routes(settings: Settings, home: str, name: str) -> list[Route]:
    """Return the routes of reporting to a municipality of that code and name."""
    served = _Served(settings, home, name)
    return [
        Route(f"{PREFIX}/fil/{{name}}", served.file),
        Route(f"{PREFIX}/{{secret}}", served.page),
        Route(f"{PREFIX}/{{secret}}/mina", served.own),
        Route(f"{PREFIX}/{{secret}}/signaler", served.take, methods=["POST"]),
    ]


class _Served:
    def __init__(self, settings: Settings, home: str, name: str) -> None:
        self.store = SignalStore(settings.local_file)
        self.home, self.name = home, name

    async def file(self, request: Request) -> Response:
        """Serve a script or style sheet: from the worker's folder, so that it may watch over the pages beside it."""
        name = request.path_params["name"]
        if name not in {"phone.js", "phone.css", "worker.js"}:
            return Response(status_code=404)
        # The folder above the script's: wherever that is, below the folder of a site too.
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "../"}
        return FileResponse(_FILES / name, headers=headers)

    async def page(self, request: Request) -> Response:
        """Show the form."""
        person = await self._who(request)
        if not isinstance(person, Person):
            return person
        return HTMLResponse(await run_in_threadpool(self._html, person), headers=_HEADERS)

    async def own(self, request: Request) -> Response:
        """Tell what became of the reporter's own signals."""
        person = await self._who(request)
        if not isinstance(person, Person):
            return person
        found = await run_in_threadpool(self.store.reported_by, person.id)
        return JSONResponse([_told(one) for one in found[:_OWN_SHOWN]], headers=_HEADERS)

    async def take(self, request: Request) -> Response:
        """Take in reports; each is answered on its own."""
        person = await self._who(request)
        if not isinstance(person, Person):
            return person
        sent = await _sent(request)
        if sent is None:
            return JSONResponse({"message": "Rapporten går inte att läsa."}, 400, _HEADERS)
        try:
            replies = await run_in_threadpool(self._keep, sent, person)
        except LocalDataError:
            return JSONResponse(
                {"message": "Rapporten kunde inte sparas just nu. Den ligger kvar i telefonen."},
                503,
                _HEADERS,
            )
        return JSONResponse([asdict(reply) for reply in replies], headers=_HEADERS)

    async def _who(self, request: Request) -> Person | Response:
        try:
            person = await run_in_threadpool(access.by_link, self.store, request.path_params["secret"])
        except LocalDataError:
            return Response("Tjänsten kan inte nås just nu.", 503, _HEADERS)
        if person is None or not person.may(Right.REPORT):
            return HTMLResponse(_page("gone.html"), 404, _HEADERS)
        return person

    def _keep(self, sent: Sequence[dict[str, Any]], person: Person) -> list[Reply]:
        outline = reference.outlines().get(self.home)
        around = reporting.Around(
            kinds=places.kinds(self.store, self.home),
            places=self._places(),
            rings=outline.rings if outline else (),
            now=datetime.now(_SWEDEN).replace(tzinfo=None),
        )
        read = [(str(one.get("id", ""))[:64], reporting.read(one, person, around)) for one in sent]
        signals = [one for _, one in read if isinstance(one, Signal)]
        if signals:
            self.store.report(self.home, signals, person.actor)
        return [one if isinstance(one, Reply) else Reply(id=own, outcome=Outcome.KEPT) for own, one in read]

    def _places(self) -> tuple[places.KnownPlace, ...]:
        return places.known(self.store, self.home, reference.middles(self.home))

    def _html(self, person: Person) -> str:
        known = self._places()
        outline = reference.outlines().get(self.home)
        told = {
            "kinds": places.kinds(self.store, self.home),
            "places": [
                {"name": place.name, "own": bool(place.id), "at": [round(x, 5), round(y, 5)]}
                for place, (x, y) in zip(known, places.degrees(known), strict=True)
            ],
            "rings": outline.rings if outline else [],
            "lines": map_lines.kept(self.store, self.home),
            "severities": {str(int(key)): text for key, text in SEVERITIES.items()},
            "longest": LONGEST_TEXT,
            "oldest": reporting.OLDEST_DAYS,
        }
        # "<" would end the element that holds it.
        data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
        return (
            _page("phone.html")
            .replace("{{kommun}}", _escaped(self.name))
            .replace("{{namn}}", _escaped(person.name))
            .replace("{{uppgifter}}", data)
        )


@cache
def _page(name: str) -> str:
    return (_FILES / name).read_text("utf-8")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


async def _sent(request: Request) -> list[dict[str, Any]] | None:
    """Return the reports of a request; None if they are none."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BYTES:
                return None
        sent = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect):
        return None
    good = (
        isinstance(sent, list) and 0 < len(sent) <= _MOST_REPORTS and all(isinstance(o, dict) for o in sent)
    )
    return sent if good else None


def _told(signal: Signal) -> dict[str, str]:
    clock = "" if signal.hour is None else f" kl. {signal.hour:02d}"
    return {
        "what": signal.kind,
        "when": f"{long_date(signal.day)}{clock}",
        "where": signal.place or signal.locality,
        "outcome": signal.outcome,
    }
