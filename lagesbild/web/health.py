"""Two addresses for whoever watches over an installation: ``/halsa`` and ``/redo``.

``/halsa`` says that the process answers; whoever restarts it asks that. ``/redo`` says that there are figures to
show, and how old they are: 200, or 503 and why not. Neither tells anything that is not on the public pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lagesbild import ExplainedError, __version__
from lagesbild.data import freshness
from lagesbild.data.warehouse import Warehouse, current_vintage
from lagesbild.signals.database import LocalFile

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from lagesbild.config import Settings

ALIVE, READY = "/halsa", "/redo"
_HEADERS = {"Cache-Control": "no-store"}
#: Why an installation is not ready, by what hinders: never the error's own words, which name folders.
_NO_FIGURES = "Datalagret går inte att öppna eller har inga uppgifter."
_NO_LOCAL = "De lokala uppgifterna går inte att läsa."


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether figures can be shown. ``days`` is the age of the newest figures; None where there are none."""

    vintage: str | None
    municipalities: int
    days: int | None
    hindrances: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing hinders."""
        return not self.hindrances


def readiness(settings: Settings, now: datetime) -> Readiness:
    """Open what the pages open, and say what was found."""
    vintage, municipalities, days = _figures(settings.warehouse_folder, now)
    hindrances = [] if municipalities else [_NO_FIGURES]
    try:
        LocalFile(settings.local_file).setting("salt")
    except ExplainedError:
        hindrances.append(_NO_LOCAL)
    return Readiness(vintage=vintage, municipalities=municipalities, days=days, hindrances=tuple(hindrances))


def _figures(folder: Path, now: datetime) -> tuple[str | None, int, int | None]:
    """Return the vintage, how many municipalities have figures, and the newest figures' age in days."""
    try:
        file = current_vintage(folder)
        with Warehouse(file) as warehouse:
            sources = freshness.of_sources(warehouse, None)
    except (ExplainedError, duckdb.Error):
        return None, 0, None
    dates = [one.data_date for one in sources if one.data_date and one.rows]
    most = max((one.municipalities for one in sources), default=0)
    return file.name, most, (now.date() - max(dates)).days if dates else None


def routes(settings: Settings) -> list[Route]:
    """Return the two routes; what was found is asked for anew every time, a tenth of a second at most."""

    async def alive(request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "version": __version__}, headers=_HEADERS)

    async def ready(request: Request) -> Response:
        del request
        found = await run_in_threadpool(readiness, settings, datetime.now(UTC))
        told = {
            "status": "ok" if found.ready else "inte redo",
            "version": __version__,
            "datalager": found.vintage,
            "kommuner": found.municipalities,
            "dagar_sedan_hamtning": found.days,
            "hinder": list(found.hindrances),
        }
        return JSONResponse(told, 200 if found.ready else 503, _HEADERS)

    return [Route(ALIVE, alive), Route(READY, ready)]
