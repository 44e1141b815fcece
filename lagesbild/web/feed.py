"""The news of a municipality as an Atom feed (RFC 4287): ``/nyheter.xml``, ``/nyheter.xml?kommun=1881``.

The entries are those that were written when the figures were published: asking changes neither their ids nor dates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lagesbild.data import municipality, reference
from lagesbild.news.entries import NewsError, NewsFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from lagesbild.config import Settings
    from lagesbild.news.entries import Entry

PATH = "/nyheter.xml"
MEDIA_TYPE = "application/atom+xml"
#: So many of the newest entries are in a feed.
MOST = 50
#: What a feed without entries was updated: readers want a date, and it must not change.
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)


def routes(settings: Settings, home: str, names: Mapping[str, str]) -> list[Route]:
    """Return the route of the feed; without a municipality asked for it is the home municipality's.

    Parameters
    ----------
    names
        Of all municipalities by code.
    """
    news = NewsFile.of(settings)

    async def feed(request: Request) -> Response:
        try:
            code = municipality.code_of(request.query_params.get("kommun") or home, names)
        except municipality.UnknownMunicipalityError:
            # Anybody's text is not given back.
            return PlainTextResponse("Det finns ingen sådan kommun. Skriv ?kommun= och kod eller namn.", 404)
        base = settings.public_address or str(request.base_url).rstrip("/")
        try:
            entries = await run_in_threadpool(news.latest, code, MOST)
        except NewsError:
            return PlainTextResponse("Nyheterna kan inte läsas just nu. Försök igen senare.", 503)
        return _answer(request, atom(entries, code, reference.full_name(code, names[code]), base))

    return [Route(PATH, feed)]


def _answer(request: Request, raw: bytes) -> Response:
    """Return a feed, or nothing where the reader has it."""
    headers = {"ETag": f'"{sha256(raw).hexdigest()[:32]}"', "Cache-Control": "max-age=900"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(raw, media_type=MEDIA_TYPE, headers=headers)


def atom(entries: Sequence[Entry], code: str, name: str, base: str) -> bytes:
    """Return a municipality's feed.

    Parameters
    ----------
    entries
        The newest first.
    base
        Where the dashboard is reached.
    """
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - a third of a second to load

    made = FeedGenerator()
    made.id(uuid5(NAMESPACE_URL, f"lagesbild nyheter {code}").urn)
    made.title(f"Lägesbild: {name}")
    made.subtitle("Nya siffror, vad de betyder för kommunen, flaggor, avbrott och rättelser.")
    made.author(name="Lägesbild")
    made.language("sv")
    made.generator("Lägesbild")
    made.link(href=f"{base}{PATH}?kommun={code}", rel="self", type=MEDIA_TYPE)
    made.link(href=f"{base}/?kommun={code}", rel="alternate", type="text/html")
    made.updated(max((entry.at for entry in entries), default=_NEVER))
    for entry in entries:
        one = made.add_entry(order="append")
        one.id(entry.id)
        one.title(entry.title)
        one.content(entry.text, type="text")
        one.published(entry.at)
        one.updated(entry.at)
        one.category(term=str(entry.kind))
        one.link(href=f"{base}/{_page(entry, code)}", rel="alternate", type="text/html")
    found: bytes = made.atom_str(pretty=True)
    return found


def _page(entry: Entry, code: str) -> str:
    return entry.page if "kommun=" in entry.page else f"{entry.page}?kommun={code}"
