"""What we take for granted of the police's notices."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from lagesbild.data import reference
from pipelines.probe.check import Assumption
from pipelines.sources.polisen import PAGE_SIZE, endpoint, fault_of

if TYPE_CHECKING:
    from pipelines.contract import RunContext
    from pipelines.probe.asking import Asker

#: Of the notices, so many in a hundred end their title with a municipality (71 % over three years).
_LEAST_WITH_PLACE = 0.55
_DAYS_BACK = 20


def checks(context: RunContext) -> list[Assumption]:
    """Return the assumptions, in the order they are asked; ten seconds lie between two questions."""
    return [
        Assumption(f"flödet har de {PAGE_SIZE} nyaste notiserna", _size),
        Assumption("varje notis har de fält och den tidsform vi läser", partial(_fields, context)),
        Assumption("minst hälften av notiserna slutar sin rubrik med en kommun", _places),
        Assumption(f"en dag för {_DAYS_BACK} dagar sedan går att fråga om", partial(_old_day, context)),
    ]


def _feed(asker: Asker) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asker.get(endpoint(asker.base_url)).json()
    return found


def _size(asker: Asker) -> tuple[Any, Any]:
    return PAGE_SIZE, len(_feed(asker))


def _fields(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    return [], sorted({told for notice in _feed(asker) if (told := fault_of(notice, context.now))})


def _places(asker: Asker) -> tuple[Any, Any]:
    names = reference.MunicipalityNames(reference.municipality_names().items())
    feed = _feed(asker)
    known = sum(names.code(notice["name"].rsplit(",", 1)[-1].strip()) is not None for notice in feed)
    return True, known >= _LEAST_WITH_PLACE * len(feed) or f"{known} av {len(feed)}"


def _old_day(context: RunContext, asker: Asker) -> tuple[Any, Any]:
    day = (context.now - timedelta(days=_DAYS_BACK)).date()
    said = asker.get(f"{endpoint(asker.base_url)}?DateTime={day.isoformat()}")
    return (200, True), (said.status, isinstance(said.json(), list))


def screened(content: bytes) -> bytes:
    """Return an answer without what the notices tell: only how long each text was."""
    try:
        notices = json.loads(content)
        for notice in notices:
            if isinstance(notice.get("summary"), str):
                notice["summary"] = f"(borttagen, {len(notice['summary'])} tecken)"
    except (ValueError, TypeError, AttributeError):
        return b""
    return json.dumps(notices, ensure_ascii=False).encode()
